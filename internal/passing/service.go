package passing

import (
	"context"
	"encoding/base32"
	"io"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/document"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/hook"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Consents knows who has said yes. It is asked at every run and before every sending,
// and nothing here remembers an answer. Hold keeps every answer as it is until it is
// released.
type Consents interface {
	Among(ctx context.Context, scope access.Scope, code string) (*roaring.Bitmap, error)
	Hold() (release func())
}

// Lists makes the file of a batch a list, with its number, its holder and the duty to
// destroy it (D12).
type Lists interface {
	Pull(ctx context.Context, by access.Actor, l Listing) (Delivery, error)
}

// Listing is what a file is made of beside the members' fields.
type Listing struct {
	Purpose string
	Unit    unit.ID
	Lang    string
	Among   *roaring.Bitmap
	Columns []document.Column
	Cells   func(person vault.PersonID) []string
}

// Delivery is a file on its way.
type Delivery interface {
	Number() int64
	FileName() string
	ContentType() string
	Write(ctx context.Context, w io.Writer) error
}

// Parts are what passing on is put together from.
type Parts struct {
	Charter  *charter.Charter
	DB       *database.DB
	Keyring  *vault.Keyring
	Records  *record.Store
	Journal  *journal.Journal
	Access   *access.Register
	Units    *unit.Service
	Members  *member.Directory
	Duties   *duty.Engine
	Consents Consents // nil: nobody has consented
	Lists    Lists
	Hook     *hook.Client
	Webhooks map[string]hook.Target // by recipient; who has none gets files
	Now      func() time.Time
}

// Service does the acts of passing on.
type Service struct {
	Parts
	working sync.Mutex        // one look, one sending at a time
	stirred atomic.Bool       // something happened that may take somebody back
	at      func(step string) // told each step, for tests that stop there
}

// New makes a Service.
func New(p Parts) *Service {
	s := &Service{Parts: p, at: func(string) {}}
	s.stirred.Store(true) // what happened before this start is looked for once
	return s
}

// Stir has the next look find out at once whom recipients must be told of.
func (s *Service) Stir() { s.stirred.Store(true) }

// root is the association itself, whose members all are.
func (s *Service) root() unit.ID {
	root, _ := s.Units.Tree().Root()
	return root.ID
}

func (s *Service) receiver(code string) (*charter.Receiver, error) {
	r, known := s.Charter.Receiver(code)
	if !known {
		return nil, fault.New(fault.NotFound, "passing.error.recipient")
	}
	return r, nil
}

// runner decides that somebody runs the passing on to a recipient (N12): by a post or
// position the charter names, over the whole register. The Scope carries the declared
// fields and no others.
func (s *Service) runner(ctx context.Context, by access.Actor, r *charter.Receiver) (access.Actor, access.Scope, error) {
	for _, h := range s.Access.Held(by.Person) {
		if !r.MayRun(h.Basis.Code) || by.As != 0 && by.As != h.Basis.ID {
			continue
		}
		as := by
		as.As = h.Basis.ID
		scope, err := s.Access.Decide(as, access.Want{Act: charter.Pull, Unit: s.root(), Purpose: r.Purpose().Code})
		if err == nil && scope.All() {
			return as, scope, nil
		}
	}
	e := journal.Entry{
		Act: journal.Denied, Actor: uint32(by.Person), Via: string(by.Via), OSUser: by.OSUser, Purpose: r.Purpose().Code, Reason: "passing.denied",
	}
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return by, access.Scope{}, err
	}
	return by, access.Scope{}, fault.New(fault.Denied, "passing.denied")
}

// May reports whether somebody runs the passing on to any recipient. It decides nothing.
func (s *Service) May(by access.Actor) bool {
	for _, h := range s.Access.Held(by.Person) {
		for i := range s.Charter.Recipients {
			if s.Charter.Recipients[i].MayRun(h.Basis.Code) && (by.As == 0 || by.As == h.Basis.ID) && h.May.Has(charter.Pull) {
				return true
			}
		}
	}
	return false
}

// hold has whoever withdraws wait until what leaves has left: after a withdrawal is
// confirmed, nothing goes by the consent any more (GDPR Art. 7(3)).
func (s *Service) hold() (release func()) {
	if s.Consents == nil {
		return func() {}
	}
	return s.Consents.Hold()
}

// numbered is the Scope of those of whom number and body only are passed on.
func (s *Service) numbered(scope access.Scope, r *charter.Receiver) (access.Scope, error) {
	return s.Access.Decide(scope.Actor(), access.Want{Act: charter.Pull, Unit: s.root(), Purpose: r.Numbers().Code})
}

// course reads how it stands with a recipient; one that nothing was ever passed on to
// has the number 0.
func (s *Service) course(q database.Querier, r *charter.Receiver) (Recipient, error) {
	found, err := recipients(q, `WHERE code = $1`, r.Code)
	if err != nil {
		return Recipient{}, err
	}
	c := Recipient{Code: r.Code, State: Fresh}
	if len(found) > 0 {
		c = found[0]
	}
	c.Webhook = hook.Host(s.Webhooks[r.Code].URL)
	return c, nil
}

func (s *Service) courseOf(ctx context.Context, r *charter.Receiver) (c Recipient, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		c, err = s.course(q, r)
		return err
	})
	return c, err
}

// way is how batches reach a recipient now.
func (s *Service) way(code string) Way {
	if s.Webhooks[code].URL != "" && s.Hook != nil {
		return ByWebhook
	}
	return ByFile
}

var letters = base32.StdEncoding.WithPadding(base32.NoPadding)

// reference is what the recipient knows somebody by. It is made from the person's
// number and a secret of the keyring, so it is the same each time, stands nowhere that
// leads to a name, and outlives the person's key.
func (s *Service) reference(recipient string, person vault.PersonID) string {
	sum := s.Keyring.MAC("passing.reference", []byte(recipient+"\x00"+strconv.FormatUint(uint64(person), 10)))
	return strings.ToLower(letters.EncodeToString(sum[:10]))
}

// print is the keyed hash of one value.
func (s *Service) print(recipient string, person vault.PersonID, field, value string) Print {
	sum := s.Keyring.MAC("passing.print", []byte(recipient+"\x00"+strconv.FormatUint(uint64(person), 10)+"\x00"+field+"\x00"+value))
	return Print(sum[:len(Print{})])
}

// duty is one of whoever runs the passing on: of the posts of the association itself
// where the charter names one first, else of the positions.
func (s *Service) duty(tx *database.Tx, r *charter.Receiver, kind duty.Kind, subject int64, days int) error {
	if _, open, err := s.Duties.OpenAbout(tx, kind, subject); err != nil || open {
		return err
	}
	d := duty.Duty{Kind: kind, Subject: subject, Act: charter.Pull.String(), DueOn: s.Charter.Today(tx.Now()).AddDays(days)}
	if _, post := s.Charter.Post(r.Runs[0]); post {
		d.Unit = s.root()
	}
	_, err := s.Duties.Add(tx, d)
	return err
}

// note journals an act of passing on.
func (s *Service) note(tx *database.Tx, e journal.Entry, act journal.Act, number int64, reason string, persons *roaring.Bitmap) error {
	e.Act, e.Number, e.Reason, e.Persons = act, number, reason, persons
	_, err := s.Journal.Append(tx, &e)
	return err
}

// system is the beginning of an entry of what goes by itself.
func system(r *charter.Receiver) journal.Entry {
	return journal.Entry{Right: string(access.System), Via: string(access.System), Purpose: r.Purpose().Code}
}
