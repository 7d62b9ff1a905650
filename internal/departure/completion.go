package departure

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"errors"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/certificate"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

// A certificate is handed over before the address goes, and so before keys, rows,
// copies and holders outside have confirmed. What it said then is kept sealed under
// a key made from its number, its salt and a secret of the keyring. The salt is on
// the copy handed over and nowhere here, so the register opens nothing by itself;
// whoever comes with number and salt gets the whole, signed certificate, for as
// long as the charter says. Nothing of it names anybody.

// Voice is in which language, and in whose name, a certificate speaks.
type Voice interface {
	Speaks(ctx context.Context, person vault.PersonID) (lang, organisation string, err error)
}

// Recipients are the holders outside that are told of an erasure (GDPR Art. 19).
type Recipients interface {
	// Leaving has every holder outside told by pointer, in the act's transaction.
	Leaving(tx *database.Tx, person vault.PersonID) error
	// Told is whom an erasure was told to, and what came of it.
	Told(ctx context.Context, person vault.PersonID) ([]certificate.Told, error)
}

// drawer is the cipher of a certificate's kept part.
func (s *Service) drawer(number, salt string) cipher.AEAD {
	block, err := aes.NewCipher(s.Keyring.MAC("certificate.key", []byte(number+"\x00"+salt)))
	if err != nil {
		panic(err) // 32 bytes are an AES-256 key
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // AES has the block size GCM wants
	}
	return aead
}

// statement is what the certificate says at the beginning of the erasure.
func (s *Service) statement(ctx context.Context, person vault.PersonID, c *Certificate) (certificate.Statement, error) {
	lang, organisation, err := s.Voice.Speaks(ctx, person)
	if err != nil {
		return certificate.Statement{}, err
	}
	st := certificate.Statement{
		Number: c.Number, Salt: c.Salt, Language: lang, Organisation: organisation, Zone: s.Charter.Location().String(),
		ClosedAt: c.ClosedAt, ErasedAt: c.ErasedAt, Beyond: certificate.Beyond,
	}
	for _, g := range c.Gone {
		st.Gone = append(st.Gone, certificate.Gone(g))
	}
	for _, l := range c.Lists {
		st.Lists = append(st.Lists, certificate.List(l))
	}
	for i := range c.Kept {
		k := &c.Kept[i]
		st.Kept = append(st.Kept, certificate.Kept{What: k.Body, Law: k.Law.In(lang), Until: k.Until, Count: k.Count, Unit: int64(k.Unit)})
	}
	st.Hash = st.Commitment()
	return st, nil
}

// sealDraft seals what a certificate says so far.
func (s *Service) sealDraft(st *certificate.Statement) ([]byte, error) {
	text, err := st.Draft()
	if err != nil {
		return nil, err
	}
	return s.drawer(st.Number, st.Salt).Seal(nil, nil, text, []byte(st.Number)), nil
}

// Fetch gives the certificate of a number and its salt as it stands now, signed: to
// anybody who has both, without an account (D7). What one of them does not open is
// told of as of one that never was.
func (s *Service) Fetch(ctx context.Context, number, salt string) (*certificate.Certificate, error) {
	unknown := fault.New(fault.NotFound, "departure.error.certificate")
	number, salt = certificate.Typed(number), certificate.Typed(salt)
	var k keptCertificate
	var d Departure
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		if k, err = certificateOf(q, number); err != nil {
			return err
		}
		d, err = get(q, k.person)
		return err
	})
	if errors.Is(err, database.ErrNotFound) {
		return nil, unknown.Because(err)
	}
	if err != nil {
		return nil, err
	}
	text, err := s.drawer(number, salt).Open(nil, nil, k.sealed, []byte(number))
	if err != nil {
		return nil, unknown.Because(err)
	}
	st, err := certificate.FromDraft(text)
	if err != nil {
		return nil, err
	}
	if err := s.finishStatement(ctx, &st, &d, k.completeAt); err != nil {
		return nil, err
	}
	if _, err := s.Journal.Read(ctx, &journal.Entry{
		Act: journal.Certificate, Right: string(access.System), Via: string(access.Web), Persons: roaring.BitmapOf(uint32(k.person)),
	}); err != nil {
		return nil, err
	}
	return certificate.Sign(st, s.Keyring)
}

// finishStatement adds what became known after the beginning.
func (s *Service) finishStatement(ctx context.Context, st *certificate.Statement, d *Departure, completeAt time.Time) (err error) {
	if st.Entries, err = s.Keyring.Erasures(ctx, d.Person); err != nil {
		return err
	}
	for _, open := range []struct {
		step int
		word string
	}{
		{stepKeys, certificate.OpenKeys}, {stepRows, certificate.OpenRows}, {stepForgotten, certificate.OpenTraces}, {stepConfirmed, certificate.OpenCopies},
	} {
		if d.Step < open.step {
			st.Open = append(st.Open, open.word)
		}
	}
	var copies []Confirmation
	if len(st.Entries) > 0 {
		if _, copies, err = s.Confirmations(ctx, d.Person); err != nil {
			return err
		}
	}
	for _, c := range copies {
		st.Copies = append(st.Copies, certificate.Copy{Kind: copyKind(c.Place), ConfirmedAt: c.At})
	}
	if s.Recipients != nil {
		if st.Told, err = s.Recipients.Told(ctx, d.Person); err != nil {
			return err
		}
		for _, t := range st.Told {
			if t.ToldAt.IsZero() && t.DoneAt.IsZero() {
				st.Open = append(st.Open, certificate.OpenTold)
				break
			}
		}
	}
	if len(st.Open) == 0 {
		st.CompleteAt = completeAt
	}
	return nil
}

// copyKind tells what kind of place a copy lies in, and not where: a certificate
// goes to strangers.
func copyKind(address string) string {
	if scheme, _, remote := strings.Cut(address, "://"); remote && scheme != "file" {
		return "bucket"
	}
	return "directory"
}

// Standing is how a certificate stands, as the secretariat sees it: nothing of it
// says whose it is, or what it says.
type Standing struct {
	Departure
	Hash       [sha256.Size]byte
	MadeAt     time.Time // zero where no completion can be fetched
	CompleteAt time.Time
	EndsAt     time.Time // until when it can be fetched
	Entries    []vault.LedgerEntry
	Copies     []Confirmation
	Told       []certificate.Told
}

// Standing tells how the certificate of a number stands, to whoever reaches the
// whole register.
func (s *Service) Standing(ctx context.Context, by access.Actor, number string) (Standing, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Close})
	if err != nil {
		return Standing{}, err
	}
	if !scope.All() {
		return Standing{}, s.refuse(ctx, scope, "departure.error.none")
	}
	number = certificate.Typed(number)
	var st Standing
	err = s.DB.Read(ctx, func(q database.Querier) error {
		found, err := query(q, `WHERE certificate = $1`, number)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return database.ErrNotFound
		}
		st.Departure = found[0]
		var hash []byte
		if err := q.QueryRow(`SELECT certificate_hash FROM departure WHERE person = $1`, int64(st.Person)).Scan(&hash); err != nil {
			return err
		}
		copy(st.Hash[:], hash)
		k, err := certificateOf(q, number)
		if errors.Is(err, database.ErrNotFound) {
			return nil
		}
		st.MadeAt, st.CompleteAt, st.EndsAt = k.madeAt, k.completeAt, k.endsAt
		return err
	})
	if errors.Is(err, database.ErrNotFound) {
		return Standing{}, fault.New(fault.NotFound, "departure.error.certificate").Because(err)
	}
	if err != nil {
		return Standing{}, err
	}
	if st.Entries, err = s.Keyring.Erasures(ctx, st.Person); err != nil {
		return Standing{}, err
	}
	if len(st.Entries) > 0 {
		if _, st.Copies, err = s.Confirmations(ctx, st.Person); err != nil {
			return Standing{}, err
		}
	}
	if s.Recipients != nil {
		st.Told, err = s.Recipients.Told(ctx, st.Person)
	}
	return st, err
}

// keptCertificate is a row of the table certificate.
type keptCertificate struct {
	person                     vault.PersonID
	sealed                     []byte
	madeAt, completeAt, endsAt time.Time
}

// keepCertificate writes what a certificate is finished from.
func (s *Service) keepCertificate(tx *database.Tx, person vault.PersonID, number string, sealed []byte) error {
	_, err := tx.Exec(`INSERT INTO certificate (person, number, sealed, made_at, ends_at) VALUES ($1, $2, $3, $4, $5)`,
		int64(person), number, sealed, tx.Now().UnixMicro(), tx.Now().AddDate(s.Charter.CertificateYears, 0, 0).UnixMicro())
	return err
}

// completeCertificate notes when the last step of an erasure was done.
func completeCertificate(tx *database.Tx, person vault.PersonID) error {
	_, err := tx.Exec(`UPDATE certificate SET complete_at = $2 WHERE person = $1 AND complete_at IS NULL`, int64(person), tx.Now().UnixMicro())
	return err
}

func certificateOf(q database.Querier, number string) (k keptCertificate, err error) {
	var person, made, ends int64
	var complete *int64
	err = q.QueryRow(`SELECT person, sealed, made_at, complete_at, ends_at FROM certificate WHERE number = $1`, number).
		Scan(&person, &k.sealed, &made, &complete, &ends)
	k.person, k.madeAt, k.endsAt = vault.PersonID(person), time.UnixMicro(made).UTC(), time.UnixMicro(ends).UTC()
	if complete != nil {
		k.completeAt = time.UnixMicro(*complete).UTC()
	}
	return k, err
}
