// Package seal puts the house's digital seal on its own PDFs: an X.509 certificate
// that people can download, and a signature over the whole file that any reader of
// PDFs checks (ISO 32000-1, 12.8). The key is made from the keyring each time it is
// needed and stored nowhere; the register keeps the certificates, which are public.
//
// What a seal shows: the file is, byte for byte, the one that whoever holds this
// keyring sealed. It is the installation's own certificate, so a reader says "valid"
// and, until it is told to trust the certificate, "issuer unknown". The package knows
// no member.
package seal

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/pem"
	"math/big"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/document"
	"kartotek/internal/vault"
)

// Certificate is one of the seal's certificates.
type Certificate struct {
	Number     int64 // 1, 2, … the serial number
	From, Ends time.Time
	Mark       [sha256.Size]byte // of the certificate, to compare over the phone
	DER        []byte
	parsed     *x509.Certificate
}

// PEM is the certificate as programs take it in.
func (c *Certificate) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.DER})
}

const (
	life    = 3           // years of a certificate
	renewal = 60          // days before its end in which it is made anew
	purpose = "seal key." // apart from everything else the keyring answers
)

// Service seals.
type Service struct {
	DB      *database.DB
	Keyring *vault.Keyring
	Name    func() string // of the association, as the certificate tells it
	Now     func() time.Time
	// Made is told of a certificate in the transaction that keeps it.
	Made func(tx *database.Tx, number int64) error
}

// key is the key of a certificate: the first of the numbers that the keyring gives
// which is one of the curve's.
func (s *Service) key(number int64) (*ecdsa.PrivateKey, error) {
	var err error
	for try := byte(0); try < 8; try++ {
		about := append(binary.BigEndian.AppendUint64(nil, uint64(number)), try)
		seed := s.Keyring.MAC(purpose, about)
		var key *ecdsa.PrivateKey
		if key, err = ecdsa.ParseRawPrivateKey(elliptic.P256(), seed); err == nil {
			return key, nil
		}
	}
	return nil, err
}

// Certificates lists the certificates, the newest first.
func (s *Service) Certificates(ctx context.Context) (all []Certificate, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err = certificates(q)
		return err
	})
	return all, err
}

// Current is the certificate that a seal is made with today. There is one from the
// first time it is asked for, and a new one before the last ends.
func (s *Service) Current(ctx context.Context) (Certificate, error) {
	all, err := s.Certificates(ctx)
	if err != nil {
		return Certificate{}, err
	}
	if len(all) > 0 && s.stands(&all[0]) {
		return all[0], nil
	}
	return s.Renew(ctx)
}

// stands reports whether a certificate is of this keyring and lasts a while yet.
func (s *Service) stands(c *Certificate) bool {
	key, err := s.key(c.Number)
	return err == nil && key.PublicKey.Equal(c.parsed.PublicKey) && s.Now().AddDate(0, 0, renewal).Before(c.Ends)
}

// Renew makes a new certificate with a key of its own. What was sealed with the
// earlier ones stays valid: each file carries the one it was sealed with.
func (s *Service) Renew(ctx context.Context) (c Certificate, err error) {
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		all, err := certificates(tx)
		if err != nil {
			return err
		}
		number := int64(1)
		if len(all) > 0 {
			number = all[0].Number + 1
		}
		key, err := s.key(number)
		if err != nil {
			return err
		}
		from := s.Now().UTC().Truncate(24 * time.Hour) // by the clock that Seal signs by
		who := pkix.Name{CommonName: s.Name(), Organization: []string{s.Name()}}
		form := &x509.Certificate{
			SerialNumber: big.NewInt(number), Subject: who, NotBefore: from, NotAfter: from.AddDate(life, 0, 0),
			KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment, BasicConstraintsValid: true,
		}
		der, err := x509.CreateCertificate(nil, form, form, &key.PublicKey, key)
		if err != nil {
			return err
		}
		if c, err = parse(number, der); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO seal_certificate (number, certificate) VALUES ($1, $2)`, number, der); err != nil || s.Made == nil {
			return err
		}
		return s.Made(tx, number)
	})
	return c, err
}

// Seal puts the seal on a PDF that package document wrote.
func (s *Service) Seal(ctx context.Context, pdf []byte, reason string) ([]byte, error) {
	c, err := s.Current(ctx)
	if err != nil {
		return nil, err
	}
	key, err := s.key(c.Number)
	if err != nil {
		return nil, err
	}
	at := s.Now().UTC().Truncate(time.Second)
	room, err := document.MakeRoom(pdf, document.Seal{Name: s.Name(), Reason: reason, Time: at})
	if err != nil {
		return nil, err
	}
	signature, err := sign(room.Covered(), c.parsed, key, at)
	if err != nil {
		return nil, err
	}
	return room.Put(signature)
}

// Report is what a check of a sealed PDF found.
type Report struct {
	document.Seal
	Base        []byte // the file under the seal
	Mark        [sha256.Size]byte
	Number      int64 // of the certificate
	Certificate [sha256.Size]byte
	Ends        time.Time
	Sound       bool // the signature is of this file, whole, and was made while its certificate stood
}

// Verify checks a sealed PDF without a register. document.ErrNotOurs is a file that is
// not, byte for byte, in the form that Seal makes.
func Verify(file []byte) (r Report, err error) {
	taken, err := document.TakeSealed(file)
	if err != nil {
		return r, err
	}
	r.Seal, r.Base, r.Mark = taken.Seal, taken.Base, sha256.Sum256(taken.Base)
	certificate, holds, err := check(taken.Signature, taken.Covered, taken.Time)
	if err != nil {
		return r, document.ErrNotOurs
	}
	r.Number, r.Certificate, r.Ends = certificate.SerialNumber.Int64(), sha256.Sum256(certificate.Raw), certificate.NotAfter
	r.Sound = holds && !taken.Time.Before(certificate.NotBefore) && !taken.Time.After(certificate.NotAfter)
	return r, nil
}

func parse(number int64, der []byte) (Certificate, error) {
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return Certificate{}, err
	}
	return Certificate{Number: number, From: parsed.NotBefore, Ends: parsed.NotAfter, Mark: sha256.Sum256(der), DER: der, parsed: parsed}, nil
}

func certificates(q database.Querier) (all []Certificate, err error) {
	rows, err := q.Query(`SELECT number, certificate FROM seal_certificate ORDER BY number DESC`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var number int64
		var der []byte
		if err := rows.Scan(&number, &der); err != nil {
			return nil, err
		}
		c, err := parse(number, der)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, rows.Err()
}
