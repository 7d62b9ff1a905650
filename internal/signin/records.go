package signin

import (
	"strings"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// FactorKind is what somebody proves with who they are, beside the code by mail.
type FactorKind uint8

const (
	Passkey FactorKind = 1 // a key in a phone, a computer or a security key
	App     FactorKind = 2 // six digits of an app, anew every half minute (TOTP)
)

// Factor is one second factor of a person. A passkey keeps the public half of its
// key only; an app's secret must be known to both sides.
type Factor struct {
	Kind        FactorKind
	Name        string // as its owner calls it
	Added, Used time.Time

	Credential []byte // passkey: its id
	Public     []byte
	Format     string
	Flags      uint8
	Signs      uint32
	Maker      []byte // passkey: AAGUID
	Transports []string

	Secret []byte // app
	Step   uint64 // app: the newest half minute a code was taken of; none is taken twice
}

// Codes are the printed recovery codes that are left: keyed digests of them.
type Codes struct {
	Made time.Time
	Left [][]byte
}

// Account is what the door knows of a person beside their means.
type Account struct {
	Handle    []byte    // by which passkeys know the person; opaque
	Address   string    // the person's own address, where the card's is shared
	Confirmed time.Time // when a code sent there came back
	Told      time.Time // when they were told to prepare a second factor

	// Recovery by two officers.
	First   vault.PersonID // who has seen the person
	FirstAt time.Time
	Way     []byte // the row of the open one-time code; empty when there is none
}

// Device is a browser that is let in without a code by mail.
type Device struct {
	Digest      []byte // of the cookie
	What        string // browser/system
	Added, Used time.Time
	Until       time.Time
}

// Visit is a session as its owner sees it.
type Visit struct {
	Session []byte // digest of the session's token
	What    string // browser/system
	Begun   time.Time
}

// The door's records are their person's: they go with the person (D7) and stand
// in what the person is told (GDPR Art. 15). The secrets themselves are left out
// of that: they are no knowledge about anybody, and would open the door.
var (
	Factors = record.Declare(record.Kind[Factor]{
		Number: 21, Name: "factor", Class: vault.Membership, Retention: "membership",
		Encode: func(dst []byte, f *Factor) []byte {
			w := record.Writer{Bytes: dst}
			return w.Uint(1, uint64(f.Kind)).String(2, f.Name).Time(3, f.Added).Time(4, f.Used).
				Blob(5, f.Credential).Blob(6, f.Public).String(7, f.Format).Uint(8, uint64(f.Flags)).Uint(9, uint64(f.Signs)).
				Blob(10, f.Maker).Strings(11, f.Transports).Blob(12, f.Secret).Uint(13, f.Step).Bytes
		},
		Decode: func(src []byte, f *Factor) error {
			r := record.NewReader(src)
			for r.Next() {
				switch r.Field() {
				case 1:
					f.Kind = FactorKind(r.Uint())
				case 2:
					f.Name = r.String()
				case 3:
					f.Added = r.Time()
				case 4:
					f.Used = r.Time()
				case 5:
					f.Credential = copied(r.Blob())
				case 6:
					f.Public = copied(r.Blob())
				case 7:
					f.Format = r.String()
				case 8:
					f.Flags = uint8(r.Uint())
				case 9:
					f.Signs = uint32(r.Uint())
				case 10:
					f.Maker = copied(r.Blob())
				case 11:
					f.Transports = append(f.Transports, r.String())
				case 12:
					f.Secret = copied(r.Blob())
				case 13:
					f.Step = r.Uint()
				}
			}
			return r.Err()
		},
		Words: func(f *Factor) []record.Line {
			kind := "signin.record.passkey"
			if f.Kind == App {
				kind = "signin.record.app"
			}
			return []record.Line{
				{Key: "signin.record.kind", ValueKey: kind}, {Key: "signin.record.name", Value: f.Name},
				{Key: "signin.record.added", Value: dayOf(f.Added)}, {Key: "signin.record.used", Value: dayOf(f.Used)},
			}
		},
	})

	RecoveryCodes = record.Declare(record.Kind[Codes]{
		Number: 22, Name: "recovery-codes", Class: vault.Membership, Retention: "membership",
		Encode: func(dst []byte, c *Codes) []byte {
			w := record.Writer{Bytes: dst}
			w.Time(1, c.Made)
			for _, digest := range c.Left {
				w.Blob(2, digest)
			}
			return w.Bytes
		},
		Decode: func(src []byte, c *Codes) error {
			r := record.NewReader(src)
			for r.Next() {
				switch r.Field() {
				case 1:
					c.Made = r.Time()
				case 2:
					c.Left = append(c.Left, copied(r.Blob()))
				}
			}
			return r.Err()
		},
		Words: func(c *Codes) []record.Line { return []record.Line{{Key: "signin.record.made", Value: dayOf(c.Made)}} },
	})

	Accounts = record.Declare(record.Kind[Account]{
		Number: 23, Name: "signin", Class: vault.Membership, Retention: "membership",
		Encode: func(dst []byte, a *Account) []byte {
			w := record.Writer{Bytes: dst}
			return w.Blob(1, a.Handle).String(2, a.Address).Time(3, a.Confirmed).Time(4, a.Told).
				Uint(5, uint64(a.First)).Time(6, a.FirstAt).Blob(7, a.Way).Bytes
		},
		Decode: func(src []byte, a *Account) error {
			r := record.NewReader(src)
			for r.Next() {
				switch r.Field() {
				case 1:
					a.Handle = copied(r.Blob())
				case 2:
					a.Address = r.String()
				case 3:
					a.Confirmed = r.Time()
				case 4:
					a.Told = r.Time()
				case 5:
					a.First = vault.PersonID(r.Uint())
				case 6:
					a.FirstAt = r.Time()
				case 7:
					a.Way = copied(r.Blob())
				}
			}
			return r.Err()
		},
		Words: func(a *Account) []record.Line {
			return []record.Line{
				{Key: "signin.record.address", Value: a.Address}, {Key: "signin.record.confirmed", Value: dayOf(a.Confirmed)},
				{Key: "signin.record.told", Value: dayOf(a.Told)}, {Key: "signin.record.recovery", Value: dayOf(a.FirstAt)},
			}
		},
	})

	Devices = record.Declare(record.Kind[Device]{
		Number: 24, Name: "device", Class: vault.Membership, Retention: "sign-in",
		Encode: func(dst []byte, d *Device) []byte {
			w := record.Writer{Bytes: dst}
			return w.Blob(1, d.Digest).String(2, d.What).Time(3, d.Added).Time(4, d.Used).Time(5, d.Until).Bytes
		},
		Decode: func(src []byte, d *Device) error {
			r := record.NewReader(src)
			for r.Next() {
				switch r.Field() {
				case 1:
					d.Digest = copied(r.Blob())
				case 2:
					d.What = r.String()
				case 3:
					d.Added = r.Time()
				case 4:
					d.Used = r.Time()
				case 5:
					d.Until = r.Time()
				}
			}
			return r.Err()
		},
		Words: func(d *Device) []record.Line {
			return []record.Line{
				{Key: "signin.record.what", Value: deviceText(d.What)}, {Key: "signin.record.added", Value: dayOf(d.Added)},
				{Key: "signin.record.used", Value: dayOf(d.Used)}, {Key: "signin.record.until", Value: dayOf(d.Until)},
			}
		},
	})

	Visits = record.Declare(record.Kind[Visit]{
		Number: 25, Name: "visit", Class: vault.Membership, Retention: "sign-in",
		Encode: func(dst []byte, v *Visit) []byte {
			w := record.Writer{Bytes: dst}
			return w.Blob(1, v.Session).String(2, v.What).Time(3, v.Begun).Bytes
		},
		Decode: func(src []byte, v *Visit) error {
			r := record.NewReader(src)
			for r.Next() {
				switch r.Field() {
				case 1:
					v.Session = copied(r.Blob())
				case 2:
					v.What = r.String()
				case 3:
					v.Begun = r.Time()
				}
			}
			return r.Err()
		},
		Words: func(v *Visit) []record.Line {
			return []record.Line{{Key: "signin.record.what", Value: deviceText(v.What)}, {Key: "signin.record.begun", Value: dayOf(v.Begun)}}
		},
	})
)

// deviceText is a device as its owner is told of it.
func deviceText(what string) string {
	return strings.Trim(strings.ReplaceAll(what, "/", " · "), " ·")
}

// one is the id of a record of which a person has only one.
const one = 1

func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return civil.DateOf(t).String()
}

// copied is a field's bytes of our own: the source is used again.
func copied(b []byte) []byte { return append([]byte(nil), b...) }
