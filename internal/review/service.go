package review

import (
	"context"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// lookThrough is the right whose holders answer.
const lookThrough = charter.LookThrough

// Directory is what a review must know of members. A name is frozen with the evidence,
// under the person's own key.
type Directory interface {
	Name(ctx context.Context, person vault.PersonID) (string, error)
	Leaving(vault.PersonID) bool
	Count(unit.ID) int
}

// Held is under which right of whom lists were pulled in a body.
type Held struct {
	Person vault.PersonID
	Code   string
	Unit   unit.ID
}

// Lists tells in numbers what became of lists and hand-outs since a moment.
type Lists interface {
	Counted(ctx context.Context, since time.Time) (map[Held]Tally, error)
	Handouts(ctx context.Context, since time.Time) (map[unit.ID]int, error)
}

// Door tells which kinds of second factor people have.
type Door interface {
	Factors(ctx context.Context) (map[vault.PersonID][]string, error)
}

// Grants is the procedure of documented access (D9).
type Grants interface {
	Renewals(ctx context.Context) (map[int64]int, error)
	EndReviewed(tx *database.Tx, by journal.Entry, person vault.PersonID, id int64, why string) error
}

// Letter is a message prepared to be sent with an act; nil for somebody who is gone.
type Letter func(tx *database.Tx) error

// Letters writes to people in their language.
type Letters interface {
	Write(ctx context.Context, person vault.PersonID, text func(*locale.Printer) string) (Letter, error)
}

// Parts are what the room is put together from.
type Parts struct {
	Charter   *charter.Charter
	DB        *database.DB
	Keyring   *vault.Keyring
	Records   *record.Store
	Journal   *journal.Journal
	Units     *unit.Service
	Access    *access.Register
	Duties    *duty.Engine
	Directory Directory
	Lists     Lists
	Door      Door
	Grants    Grants
	Letters   Letters
	Now       func() time.Time
}

// Service does the acts of reviews.
type Service struct{ Parts }

// New makes a Service.
func New(p Parts) *Service { return &Service{p} }

// whole requires the right to answer for the whole register.
func (s *Service) whole(ctx context.Context, by access.Actor) (access.Scope, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.LookThrough})
	if err == nil && !scope.All() {
		err = s.refuse(ctx, scope, "review.denied.whole")
	}
	return scope, err
}

// over requires the right to answer for a body, or, of 0, for the secretariat.
func (s *Service) over(ctx context.Context, by access.Actor, body unit.ID) (access.Scope, error) {
	if body == 0 {
		return s.whole(ctx, by)
	}
	return s.Access.Require(ctx, by, access.Want{Act: charter.LookThrough, Unit: body})
}

// MayOver reports whether somebody can answer for a body; for offering it only.
func (s *Service) MayOver(by access.Actor, body unit.ID) bool {
	scope, err := s.Access.Decide(by, access.Want{Act: charter.LookThrough, Unit: body})
	return err == nil && (body != 0 || scope.All())
}

// refuse journals a denial that a rule, not a missing right, has caused.
func (s *Service) refuse(ctx context.Context, scope access.Scope, reason string) error {
	e := scope.Entry(journal.Denied)
	e.Reason = reason
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return err
	}
	return fault.New(fault.Denied, reason)
}

// system is the beginning of an entry of what happens by itself.
func system(act journal.Act, persons ...vault.PersonID) journal.Entry {
	e := access.Scope{}.Entry(act, persons...)
	e.Right, e.Via = string(access.System), string(access.System)
	return e
}

// OpenByHand opens a review besides the charter's, with grounds.
func (s *Service) OpenByHand(ctx context.Context, by access.Actor, grounds string) (Review, error) {
	scope, err := s.whole(ctx, by)
	if err != nil {
		return Review{}, err
	}
	if grounds == "" {
		return Review{}, fault.New(fault.Invalid, "review.error.open").With("grounds", "review.error.grounds")
	}
	entry := scope.Entry(journal.ReviewOpen)
	return s.open(ctx, Review{OpenedBy: by.Person}, entry, grounds)
}

// open freezes every access, in one transaction with the journal and the duties.
func (s *Service) open(ctx context.Context, r Review, entry journal.Entry, grounds string) (Review, error) {
	today := s.Access.Today()
	r.dates(s.Charter, today)
	last, err := s.newest(ctx)
	if err != nil {
		return r, err
	}
	if last.ID != 0 && !last.Closed() {
		return r, fault.New(fault.Conflict, "review.error.running", "number", last.ID)
	}
	if r.Since = monthsOn(today, -12/max(1, s.Charter.Parameters.ReviewsPerYear.Value)); last.ID != 0 {
		r.Since = s.Charter.Today(last.OpenedAt)
	}
	frozen, err := s.freeze(ctx, &r, last, today)
	if err != nil {
		return r, err
	}
	var opener string
	if r.OpenedBy != 0 {
		if opener, err = s.Directory.Name(ctx, r.OpenedBy); err != nil {
			return r, err
		}
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		if running, err := reviews(tx, `WHERE closed_at IS NULL OR scheduled = $1`, day(r.Scheduled)); err != nil || len(running) > 0 {
			if err == nil {
				err = fault.New(fault.Conflict, "review.error.running", "number", running[0].ID)
			}
			return err
		}
		r.OpenedAt = tx.Now()
		if r.ID, err = tx.Next("review"); err != nil {
			return err
		}
		if err := insert(tx, &r); err != nil {
			return err
		}
		if err := s.write(tx, &r, frozen); err != nil {
			return err
		}
		if r.OpenedBy != 0 {
			if err := s.note(tx, &r, r.OpenedBy, opener, grounds); err != nil {
				return err
			}
		}
		entry.Number, entry.Persons = r.ID, frozen.persons
		if _, err := s.Journal.Append(tx, &entry); err != nil {
			return err
		}
		return s.ask(tx, &r, frozen.lines)
	})
	return r, err
}

// ask makes it a duty of each body to answer for its own, and of the secretariat to
// answer for the rest and to bring the review to its end.
func (s *Service) ask(tx *database.Tx, r *Review, lines []Line) error {
	asked := map[unit.ID]bool{}
	for i := range lines {
		body := s.asked(&lines[i])
		if asked[body] {
			continue
		}
		asked[body] = true
		if err := s.ask1(tx, r, body); err != nil {
			return err
		}
	}
	_, err := s.Duties.Add(tx, duty.Duty{Kind: duty.CloseReview, Subject: r.ID, Act: charter.LookThrough.String(), DueOn: r.EndsOn})
	return err
}

// ask1 makes it a duty of one body to answer.
func (s *Service) ask1(tx *database.Tx, r *Review, body unit.ID) error {
	_, err := s.Duties.Add(tx, duty.Duty{Kind: duty.AnswerReview, Subject: r.ID, Unit: body, Act: lookThrough.String(), DueOn: r.AnswerBy})
	return err
}

// asked is the body that is asked about a line: its own, where somebody else there can
// answer; otherwise 0, the secretariat.
func (s *Service) asked(l *Line) unit.ID {
	if l.Unit == 0 {
		return 0
	}
	for _, officer := range s.Access.Officers(l.Unit, charter.LookThrough) {
		if officer != l.Person {
			return l.Unit
		}
	}
	return 0
}

// note writes down what somebody who opens or closes a review says of it, under their
// own key.
func (s *Service) note(tx *database.Tx, r *Review, person vault.PersonID, name, text string) error {
	if !s.Keyring.Holds(person, vault.Membership) {
		return nil
	}
	id, err := tx.Next("review line")
	if err != nil {
		return err
	}
	return record.Create(s.Records, tx, Evidences, person, uint64(id), &Evidence{Review: r.ID, Name: name, Note: text, Salt: salt()})
}

// newest is the review opened last; the zero Review where there was none.
func (s *Service) newest(ctx context.Context) (r Review, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err := reviews(q, `ORDER BY id DESC LIMIT 1`)
		if len(all) > 0 {
			r = all[0]
		}
		return err
	})
	return r, err
}

// get reads a review by its number.
func (s *Service) get(ctx context.Context, id int64) (r Review, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err := reviews(q, `WHERE id = $1`, id)
		if err == nil && len(all) == 0 {
			return fault.New(fault.NotFound, "review.error.gone")
		}
		if err == nil {
			r = all[0]
		}
		return err
	})
	return r, err
}

// Close brings a review to its end. Every line must be settled; those that nobody but
// their holder could answer for, and that were not suspended so that the register can
// be run at all, are kept and stand in the report.
func (s *Service) Close(ctx context.Context, by access.Actor, id int64, note string) (Review, error) {
	scope, err := s.whole(ctx, by)
	if err != nil {
		return Review{}, err
	}
	if err := s.settle(ctx, id); err != nil {
		return Review{}, err
	}
	r, err := s.get(ctx, id)
	if err != nil {
		return r, err
	}
	if r.Closed() {
		return r, fault.New(fault.Conflict, "review.error.closed")
	}
	name, err := s.Directory.Name(ctx, by.Person)
	if err != nil {
		return r, err
	}
	all, _, err := s.lines(ctx, id)
	if err != nil {
		return r, err
	}
	kept, waiting := map[int64]bool{}, 0
	for i := range all {
		switch l := &all[i]; {
		case l.State.Settled():
		case l.State == Open && !s.answerable(l):
			kept[l.ID] = true
			l.State = Kept
		default:
			waiting++
		}
	}
	if waiting > 0 {
		return r, fault.New(fault.Conflict, "review.error.waiting", "count", waiting)
	}
	if err := s.DB.Write(ctx, func(tx *database.Tx) error {
		now, err := bare(tx, `WHERE review = $1`, id)
		if err != nil {
			return err
		}
		for i := range now {
			if kept[now[i].ID] {
				if err := setState(tx, now[i].ID, Kept); err != nil {
					return err
				}
			} else if !now[i].State.Settled() {
				return fault.New(fault.Conflict, "review.error.waiting", "count", 1)
			}
		}
		if note != "" {
			if err := s.note(tx, &r, by.Person, name, note); err != nil {
				return err
			}
		}
		r.ClosedAt, r.ClosedBy = tx.Now(), by.Person
		if n, err := tx.Exec(`UPDATE review SET closed_at = $2, closed_by = $3 WHERE id = $1 AND closed_at IS NULL`, id, r.ClosedAt.UnixMicro(), int64(by.Person)); err != nil || n == 0 {
			return fault.New(fault.Conflict, "review.error.closed").Because(err)
		}
		for _, kind := range []duty.Kind{duty.AnswerReview, duty.CloseReview} {
			if _, err := s.Duties.Finish(tx, kind, id, by.Person, "done"); err != nil {
				return err
			}
		}
		e := scope.Entry(journal.ReviewClose)
		if e.Number, e.Persons = id, persons(all); e.Persons.IsEmpty() {
			e.Persons = nil
		}
		_, err = s.Journal.Append(tx, &e)
		return err
	}); err != nil {
		return r, err
	}
	return r, s.fix(ctx, &r)
}

// fix notes the hash of what the report of a closed review says.
func (s *Service) fix(ctx context.Context, r *Review) error {
	report, err := s.compose(ctx, r, s.Charter.Languages[0])
	if err != nil {
		return err
	}
	hash, err := report.Contents.hash()
	if err != nil {
		return err
	}
	r.Hash = hash
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`UPDATE review SET hash = $2 WHERE id = $1 AND hash IS NULL`, r.ID, hash)
		return err
	})
}

// answerable reports whether somebody other than its holder can answer for a line
// today.
func (s *Service) answerable(l *Line) bool {
	for _, k := range s.keepers() {
		if k.answers && k.person != l.Person {
			return true
		}
	}
	return s.asked(l) != 0
}

// keepers are those without whom the register can come to a standstill.
func (s *Service) keepers() []keeper {
	var all []keeper
	for _, h := range s.Access.Standing() {
		if h.May == 0 || s.Directory.Leaving(h.Person) {
			continue
		}
		actor := access.Actor{Person: h.Person, Via: access.System, As: h.Basis.ID}
		scope, err := s.Access.Decide(actor, access.Want{Act: charter.LookThrough})
		k := keeper{
			holding: h.Basis.ID, person: h.Person, answers: err == nil && scope.All() && h.May.Has(charter.LookThrough),
			appoints: h.Basis.Right == access.ByPosition && h.May.Has(charter.Staff),
		}
		if k.answers || k.appoints {
			all = append(all, k)
		}
	}
	return all
}

// moment is when a day of the charter begins.
func (s *Service) moment(d civil.Date) time.Time { return s.Charter.Midnight(d) }
