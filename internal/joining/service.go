package joining

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Eraser takes away somebody who did not become a member, key first, with the
// letters to them that still lie here.
type Eraser interface {
	Discard(ctx context.Context, person vault.PersonID) error
}

// Letters write to those who are asked or told. None of them names anybody.
type Letters interface {
	Applicant(ctx context.Context, a *Application, kind string) ([]Letter, error)
	Officers(ctx context.Context, body unit.ID, act charter.Acts) ([]Letter, error)
	Sponsor(ctx context.Context, person vault.PersonID) ([]Letter, error)
	Member(ctx context.Context, person vault.PersonID) ([]Letter, error) // asked whether an applicant is them
}

// Moves take a member to a body that has accepted them, as the charter allows.
type Moves interface {
	Carry(ctx context.Context, person vault.PersonID, to unit.ID, also func(tx *database.Tx) error) error
}

// Letter is sealed and puts itself into the outbox in the act's own transaction.
type Letter func(tx *database.Tx) error

// Declared notes which declaration an applicant was shown (N10; Art. 13). app connects
// the room of consents.
type Declared interface {
	// Shown gives what notes it in the transaction in which they apply.
	Shown(ctx context.Context, body unit.ID, lang string) (func(*database.Tx, vault.PersonID) error, error)
}

// Limits hold back whoever sends too much, whoever they are.
type Limits interface {
	Knock(remote string) error
	Take(tx *database.Tx, address string) error
	Tidy()
}

// Parts are what joining is put together from.
type Parts struct {
	Charter  *charter.Charter
	DB       *database.DB
	Keyring  *vault.Keyring
	Records  *record.Store
	Journal  *journal.Journal
	Units    *unit.Service
	Members  *member.Directory
	Access   *access.Register
	Duties   *duty.Engine
	Eraser   Eraser
	Letters  Letters
	Moves    Moves
	Limits   Limits
	Declared Declared
	Now      func() time.Time
}

// Service does the acts of joining.
type Service struct{ Parts }

// New makes a Service.
func New(p Parts) *Service { return &Service{p} }

// Wish is what the form sends.
type Wish struct {
	Unit     unit.ID // 0: the secretariat chooses; a body's own door names it
	Values   map[string]string
	Language string
	Sponsor  string // a member's number or address, where the charter wants one
	Read     bool   // they confirm having read what is told
	Remote   string // the visitor's network address, for the limits
}

// rules are the charter's rules of joining.
func (s *Service) rules() *charter.Joining { return &s.Charter.Joining }

// Asked are the fields of the form, in the charter's order: those that say who
// somebody is and how to reach them, and no more (GDPR Art. 5(1)(c)).
func (s *Service) Asked() []*charter.Field {
	var asked []*charter.Field
	for i := range s.Charter.Fields {
		f := &s.Charter.Fields[i]
		switch f.Code {
		case "given", "family", "birth", "address", "postal", "town", "country", "email", "mobile":
			asked = append(asked, f)
		default:
			if f.Required && f.Type != charter.TypeNumber && f.Type != charter.TypeUnit && f.Type != charter.TypeCategory && f.Type != charter.TypeFullName {
				asked = append(asked, f)
			}
		}
	}
	return asked
}

// Needs reports whether an application cannot do without a field.
func (s *Service) Needs(f *charter.Field) bool {
	return f.Required && f.Code != "family" || f.Code == "email" || f.Code == "birth"
}

// Doors are the bodies one can apply to, in the tree's order.
func (s *Service) Doors() []unit.Unit {
	var all []unit.Unit
	for _, u := range s.Units.Tree().All() {
		if level, ok := s.Charter.Level(u.Level); ok && level.Members && !u.Closed {
			all = append(all, u)
		}
	}
	return all
}

// Apply takes an application in and writes to the address it names. What it does,
// answers and takes is the same whether a member has the address or nobody. A
// person below the charter's age is refused before anything is kept (N9).
func (s *Service) Apply(ctx context.Context, w Wish) error {
	if !s.rules().Open() {
		return fault.New(fault.NotFound, "joining.error.closed")
	}
	if err := s.Limits.Knock(w.Remote); err != nil {
		return err
	}
	a, err := s.application(w)
	if err != nil {
		return err
	}
	address := a.Form.Draft.Values["email"]
	known, err := s.Keyring.Find(vault.ClaimEmail, address)
	if err != nil {
		return err
	}
	err = s.Keyring.Write(ctx, func(tx *vault.Tx) (err error) {
		if a.Person, err = tx.NewPerson(); err != nil {
			return err
		}
		return tx.Pending(a.Person)
	})
	if err != nil {
		return err
	}
	kind := "joining.confirm"
	if len(known) > 0 { // said in the mail only
		kind = "joining.known"
	}
	letters, err := s.Letters.Applicant(ctx, a, kind)
	var shown func(*database.Tx, vault.PersonID) error
	if err == nil {
		shown, err = s.Declared.Shown(ctx, a.Unit, w.Language)
	}
	if err == nil {
		err = s.DB.Write(ctx, func(tx *database.Tx) error { return s.begin(tx, a, w, letters, shown) })
	}
	if err != nil {
		return errors.Join(err, s.drop(context.WithoutCancel(ctx), a.Person))
	}
	return s.Keyring.Settle(context.WithoutCancel(ctx), a.Person)
}

// application checks what was sent and tells what is wrong field by field.
func (s *Service) application(w Wish) (*Application, error) {
	j := s.rules()
	var needed []string
	draft := member.Draft{Values: map[string]string{}, Unit: w.Unit, Language: w.Language}
	for _, f := range s.Asked() {
		if s.Needs(f) {
			needed = append(needed, f.Code)
		}
		if value := w.Values[f.Code]; value != "" {
			draft.Values[f.Code] = value
		}
	}
	tested, err := s.Members.Tested(draft, needed)
	if member.Refused(err) {
		age := s.Charter.MinimumAge
		return nil, fault.New(fault.Invalid, "joining.error.child", "age", age).With("birth", "joining.error.child", "age", age)
	}
	if err != nil && !fault.Is(err, fault.Invalid) {
		return nil, err
	}
	invalid := fault.New(fault.Invalid, "joining.error.form")
	if err != nil {
		invalid.Fields = fault.From(err).Fields
	}
	if w.Unit == 0 && j.Door == charter.DoorBody {
		invalid = invalid.With("unit", "joining.error.unit")
	}
	if j.Sponsor.Value && w.Sponsor == "" {
		invalid = invalid.With("sponsor", "joining.error.sponsor")
	}
	if j.Sponsor.Value && member.HoldsIdentityNumber(w.Sponsor) {
		invalid = invalid.With("sponsor", "member.error.identity")
	}
	if j.ConfirmRead && !w.Read {
		invalid = invalid.With("read", "joining.error.read")
	}
	if len(invalid.Fields) > 0 {
		return nil, invalid
	}
	a := &Application{
		State: Started, Unit: w.Unit, DueOn: ends(Started, j, s.today()),
		Form: Form{Draft: tested, Token: rand.Text()},
	}
	if j.Sponsor.Value {
		a.Form.Sought = w.Sponsor
	}
	a.hash = s.hash(a.Form.Token)
	return a, nil
}

// begin writes an application, what is sealed of it, what was told, and the mail.
func (s *Service) begin(tx *database.Tx, a *Application, w Wish, letters []Letter, shown func(*database.Tx, vault.PersonID) error) (err error) {
	if err := s.Limits.Take(tx, a.Form.Draft.Values["email"]); err != nil {
		return err
	}
	if a.ID, err = database.Draw(tx, "application"); err != nil {
		return err
	}
	a.MadeAt = tx.Now()
	if err := insert(tx, a); err != nil {
		return err
	}
	if err := s.keep(tx, a); err != nil {
		return err
	}
	told := Informed{On: s.today(), Language: w.Language, Version: s.Version(), Confirmed: s.rules().ConfirmRead && w.Read}
	if err := record.Put(s.Records, tx, Told, a.Person, 1, &told); err != nil {
		return err
	}
	if err := shown(tx, a.Person); err != nil {
		return err
	}
	e := s.entry(journal.Apply, a.Person)
	e.Right, e.Via, e.Target, e.Number = "self", string(access.Web), uint32(a.Unit), a.ID
	for code := range maps.Keys(a.Form.Draft.Values) {
		e.Fields = append(e.Fields, code)
	}
	if _, err := s.Journal.Append(tx, &e); err != nil {
		return err
	}
	return enqueue(tx, letters)
}

// drop takes back the key of an application whose row does not stand. Whether it
// does only the register can tell after an error.
func (s *Service) drop(ctx context.Context, person vault.PersonID) error {
	rows := 0
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		n, err := s.Records.Count(q, person, vault.Membership)
		rows = int(n)
		return err
	})
	switch {
	case err != nil:
		return err // still marked: the next start looks again
	case rows > 0:
		return s.Keyring.Settle(ctx, person)
	}
	return s.Keyring.Write(ctx, func(tx *vault.Tx) error { return tx.Drop(person) })
}

// Status is the application that a secret of the mail belongs to. It spends
// nothing: mail scanners open links.
func (s *Service) Status(ctx context.Context, token string) (Application, error) {
	var a Application
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		a, err = s.byToken(q, token)
		return err
	})
	return a, gone(err)
}

// Confirm is the applicant's yes from the mail: the address is theirs.
func (s *Service) Confirm(ctx context.Context, token string) (Application, error) {
	return s.applicant(ctx, token, proved(s.rules()), nil, func(a *Application) error {
		a.DueOn, a.Form.Confirmed = ends(a.State, s.rules(), s.today()), s.today()
		return nil
	})
}

// Seek names another sponsor, while none has recommended.
func (s *Service) Seek(ctx context.Context, token, sponsor string) error {
	if err := checkText(sponsor, "sponsor", 254); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		a, err := s.byToken(tx, token)
		if err != nil {
			return gone(err)
		}
		if a.State != Unsponsored {
			return fault.New(fault.Gone, "joining.error.over")
		}
		if err := s.Limits.Take(tx, a.Form.Draft.Values["email"]); err != nil {
			return err
		}
		a.Form.Sought, a.Form.Sponsor, a.Looked = sponsor, 0, false
		if err := update(tx, &a); err != nil {
			return err
		}
		return s.keep(tx, &a)
	})
}

// Answer is what the applicant says to what they were asked.
func (s *Service) Answer(ctx context.Context, token, text string) (Application, error) {
	if err := checkText(text, "answer", longestAnswer); err != nil {
		return Application{}, err
	}
	return s.applicant(ctx, token, Answer, nil, func(a *Application) error {
		a.Form.Answer = text
		return nil
	})
}

// Withdraw takes an application back: it is erased with its key, at once.
func (s *Service) Withdraw(ctx context.Context, token string) error {
	e := s.entry(journal.ApplicationEnd, 0)
	e.Right, e.Via, e.Reason = "self", string(access.Web), "withdrawn"
	a, err := s.applicant(ctx, token, Withdraw, &e, nil)
	if err != nil {
		return err
	}
	return s.erase(ctx, &a)
}

// applicant carries out what an applicant does by their secret.
func (s *Service) applicant(ctx context.Context, token string, by Event, entry *journal.Entry, change func(a *Application) error) (Application, error) {
	a, err := s.Status(ctx, token)
	if err != nil {
		return a, err
	}
	letters, err := s.waits(ctx, &a, by)
	if err != nil {
		return a, err
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		if a, err = s.byToken(tx, token); err != nil {
			return gone(err)
		}
		if err := a.step(by); err != nil {
			return err
		}
		if change != nil {
			if err := change(&a); err != nil {
				return err
			}
		}
		if err := s.moved(tx, &a); err != nil {
			return err
		}
		if entry != nil {
			entry.Persons, entry.Number = roaring.BitmapOf(uint32(a.Person)), a.ID
			if _, err := s.Journal.Append(tx, entry); err != nil {
				return err
			}
		}
		return enqueue(tx, letters)
	})
	return a, err
}

// waits are the letters to whoever has to decide after an event.
func (s *Service) waits(ctx context.Context, a *Application, by Event) ([]Letter, error) {
	if to, ok := a.State.next(by); !ok || to != Waiting || !s.decided(a) {
		return nil, nil
	}
	body, act := s.deciders(a.Unit)
	return s.Letters.Officers(ctx, body, act)
}

// decided reports whether somebody has to say yes before an application is one of
// a member: as the charter has it, and wherever no body has been chosen.
func (s *Service) decided(a *Application) bool { return s.rules().Decision.Value || a.Unit == 0 }

// deciders are who decides on applications to a body: those with the right there,
// else the secretariat, which is 0, or the association's own officers.
func (s *Service) deciders(body unit.ID) (unit.ID, charter.Acts) {
	act := s.rules().Act
	if body != 0 && len(s.Access.Officers(body, act)) > 0 {
		return body, act
	}
	for i := range s.Charter.Positions {
		if s.Charter.Positions[i].Acts.Has(act) {
			return 0, act
		}
	}
	root, _ := s.Units.Tree().Root()
	return root.ID, act
}

// moved writes an application in its new state, with the duty that comes of it.
func (s *Service) moved(tx *database.Tx, a *Application) error {
	if err := update(tx, a); err != nil {
		return err
	}
	if a.State != Ended {
		if err := s.keep(tx, a); err != nil {
			return err
		}
	}
	if a.State == Waiting && s.decided(a) {
		return s.ask(tx, a)
	}
	return s.finish(tx, a, 0)
}

// ask makes an application the duty of whoever decides.
func (s *Service) ask(tx *database.Tx, a *Application) error {
	body, act := s.deciders(a.Unit)
	due := s.today().AddDays(s.rules().DecisionDays.Value)
	if due.After(a.DueOn) {
		due = a.DueOn
	}
	_, err := s.Duties.Add(tx, duty.Duty{Kind: duty.Application, Subject: a.ID, Unit: body, Act: act.String(), DueOn: due})
	return err
}

// finish closes the duty to decide, and with the application the one to look at a
// match.
func (s *Service) finish(tx *database.Tx, a *Application, by vault.PersonID) error {
	if _, err := s.Duties.Finish(tx, duty.Application, a.ID, by, "done"); err != nil {
		return err
	}
	if a.State != Declined && a.State != Ended {
		return nil
	}
	_, err := s.Duties.Finish(tx, duty.ApplicantAlike, a.ID, by, "done")
	return err
}

// Version is the digest of the rules that what is told is made from (L9).
func (s *Service) Version() string {
	sum := sha256.Sum256(s.Charter.Source())
	return s.Charter.Code + " " + hex.EncodeToString(sum[:6])
}

// hash is what the register keeps of a secret.
func (s *Service) hash(token string) []byte { return s.Keyring.MAC("joining.token", []byte(token)) }

func (s *Service) today() civil.Date { return s.Charter.Today(s.Now()) }

// entry is a journal entry of the program itself.
func (s *Service) entry(act journal.Act, person vault.PersonID) journal.Entry {
	e := journal.Entry{Act: act, Right: string(access.System), Via: string(access.System)}
	if person != 0 {
		e.Persons = roaring.BitmapOf(uint32(person))
	}
	return e
}

func enqueue(tx *database.Tx, letters []Letter) error {
	for _, letter := range letters {
		if err := letter(tx); err != nil {
			return err
		}
	}
	return nil
}

func gone(err error) error {
	if errors.Is(err, database.ErrNotFound) {
		return fault.New(fault.Gone, "joining.error.over").Because(err)
	}
	return err
}
