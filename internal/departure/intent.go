package departure

import (
	"context"
	"errors"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

// The first step of an erasure: from its commit on the person is unreadable to
// everyone, and every stop rolls forward.

// intents is how many first steps are one transaction: others want to write too.
const intents = 100

// begin takes many through the first step. Where one of them cannot, the others
// are tried without.
func (s *Service) begin(ctx context.Context, all []*leaver) (err error) {
	for some := range slices.Chunk(all, intents) {
		failed := s.intend(ctx, some)
		if failed != nil && len(some) > 1 {
			half := len(some) / 2
			failed = errors.Join(s.begin(ctx, some[:half]), s.begin(ctx, some[half:]))
		}
		err = errors.Join(err, failed)
	}
	return err
}

// intent is one first step, ready to be committed.
type intent struct {
	*leaver
	reason      string // of the closing
	certificate Certificate
	sealed      []byte // what the certificate is finished from
	kept        []Account
	letter      Letter
}

// intend has the certificates made, and commits for each person journal entry,
// intent, what law keeps and the letter with the certificate: for all of them or,
// with an error, for none.
func (s *Service) intend(ctx context.Context, some []*leaver) error {
	persons := make([]vault.PersonID, len(some))
	for i, l := range some {
		persons[i] = l.Person
	}
	kept, err := s.prepare(ctx, persons)
	if err != nil {
		return err
	}
	all := make([]intent, len(some))
	for i, l := range some {
		all[i] = intent{leaver: l, kept: kept[l.Person]}
	}
	if err := s.certify(ctx, all); err != nil {
		return err
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		for i := range all {
			if err := s.commit(ctx, tx, &all[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range all {
		l := all[i].leaver
		l.erasure.Certificate, l.DueAt, l.Step = all[i].certificate, s.Now(), stepIntent
	}
	return nil
}

// certify makes the certificates and the letters that hand them over. A letter that
// cannot be written keeps an erasure waiting as long as patience says.
func (s *Service) certify(ctx context.Context, all []intent) error {
	var handings []Handing
	var places []int
	patient := true
	for i := range all {
		in := &all[i]
		d, reason, silent, err := s.leaving(ctx, in.Person)
		if err != nil {
			return err
		}
		in.reason = reason
		if in.certificate, err = s.certificate(ctx, &d, in.kept); err != nil {
			return err
		}
		statement, err := s.statement(ctx, in.Person, &in.certificate)
		if err != nil {
			return err
		}
		if in.sealed, err = s.sealDraft(&statement); err != nil {
			return err
		}
		if !silent {
			handings, places = append(handings, Handing{d, in.certificate}), append(places, i)
			patient = patient && s.Now().Before(d.DueAt.Add(patience))
		}
	}
	letters, err := s.Letters.Certificates(ctx, handings)
	if err != nil && (patient || len(all) > 1) {
		return err
	}
	for i := range letters {
		all[places[i]].letter = letters[i]
	}
	return nil
}

// certificate says what will be gone of somebody, what law keeps, and who holds a
// list with them on it.
func (s *Service) certificate(ctx context.Context, d *Departure, kept []Account) (Certificate, error) {
	c := Certificate{Number: d.Certificate, ClosedAt: d.ClosedAt, ErasedAt: s.Now().UTC(), Salt: drawn()}
	c.Kept = told(s.Charter, s.Units.Tree(), kept)
	var err error
	if s.Evidence != nil {
		signed, err := s.Evidence.Kept(ctx, d.Person)
		if err != nil {
			return c, err
		}
		c.Kept = append(c.Kept, signed...)
	}
	if c.Lists, err = s.Lists.Outstanding(ctx, d.Person); err != nil {
		return c, err
	}
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err := s.Records.Tally(q, d.Person, erasedClasses...)
		c.count(all)
		return err
	})
	return c, err
}

// commit writes one first step.
func (s *Service) commit(ctx context.Context, tx *database.Tx, in *intent) error {
	person := in.Person
	if err := s.held(tx, person); err != nil {
		return err
	}
	if err := begin(tx, person, in.certificate.hash()); err != nil {
		return err
	}
	if err := s.keepCertificate(tx, person, in.certificate.Number, in.sealed); err != nil {
		return err
	}
	if s.Recipients != nil {
		if err := s.Recipients.Leaving(tx, person); err != nil {
			return err
		}
	}
	if s.Evidence != nil {
		if err := s.Evidence.Leaving(tx, person); err != nil {
			return err
		}
	}
	if err := s.keep(ctx, tx, person, in.reason, in.kept); err != nil {
		return err
	}
	if err := in.letter.enqueue(tx); err != nil {
		return err
	}
	if err := s.finish(tx, person); err != nil {
		return err
	}
	if err := s.countReason(tx, in.reason); err != nil {
		return err
	}
	_, err := s.Journal.Append(tx, &journal.Entry{
		Act: journal.Erase, Right: string(access.System), Via: string(access.System),
		Persons: roaring.BitmapOf(uint32(person)), Proof: in.certificate.hash(),
	})
	return err
}
