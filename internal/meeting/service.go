package meeting

import (
	"context"
	"maps"
	"slices"
	"strings"
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

// Dues tells who has not paid what was due; app connects it.
type Dues interface {
	Behind(ctx context.Context, persons []vault.PersonID, body unit.ID, on civil.Date) (*roaring.Bitmap, error)
}

// Mailer sends the notice to everybody, by mail or letter; app connects it.
type Mailer interface {
	// Draft makes a mailing for the statutory purpose of calling a meeting, which
	// whoever may approves and sends, and gives its number.
	Draft(ctx context.Context, by access.Actor, body unit.ID, subject, text string) (int64, error)
	// Out says on which day a mailing had gone to everybody, zero while it has not, and
	// whether it still can: one that was dropped or stopped never will.
	Out(ctx context.Context, number int64) (on civil.Date, under bool, err error)
}

// Parts are what the room is put together from.
type Parts struct {
	Charter   *charter.Charter
	DB        *database.DB
	Records   *record.Store
	Journal   *journal.Journal
	Units     *unit.Service
	Access    *access.Register
	Directory *member.Directory
	Duties    *duty.Engine
	Dues      Dues
	Mailer    Mailer
	Now       func() time.Time
}

// Service does the acts of meetings.
type Service struct{ Parts }

// New makes a Service.
func New(p Parts) *Service { return &Service{p} }

// caller requires the right to call meetings of a body.
func (s *Service) caller(ctx context.Context, by access.Actor, body unit.ID) (access.Scope, error) {
	return s.Access.Require(ctx, by, access.Want{Act: s.Charter.Meetings.Caller(), Unit: body})
}

// MayCall reports whether somebody can call meetings of a body. It is for offering it
// only: every act decides for itself.
func (s *Service) MayCall(by access.Actor, body unit.ID) bool {
	scope, err := s.Access.Decide(by, access.Want{Act: s.Charter.Meetings.Caller(), Unit: body})
	if err != nil {
		return false
	}
	u, known := s.Units.Tree().ByID(body)
	return known && s.Charter.Meetings.At(u.Level) && scope.Covers(body)
}

// body settles which body is meant, one that holds meetings.
func (s *Service) body(scope access.Scope) (unit.Unit, error) {
	u, known := s.Units.Tree().ByID(scope.Unit())
	if !known || !s.Charter.Meetings.At(u.Level) {
		return u, fault.New(fault.Invalid, "meeting.error.level")
	}
	return u, nil
}

// seats is how many seats a post has in a body.
func (s *Service) seats(u unit.Unit) func(post string) int {
	return func(code string) int {
		if post, known := s.Charter.Post(code); known && post.At(u.Level) {
			return post.SeatsFor(s.Directory.Count(u.ID))
		}
		return 0
	}
}

// Plan plans a meeting of a body. Its notice has a last day, which is a duty from then
// on; whether that has passed already is told, never hidden.
func (s *Service) Plan(ctx context.Context, by access.Actor, w Wish) (Meeting, error) {
	scope, err := s.caller(ctx, by, w.Unit)
	if err != nil {
		return Meeting{}, err
	}
	u, err := s.body(scope)
	if err != nil {
		return Meeting{}, err
	}
	if err := w.check(s.Charter, u.Level, s.seats(u), s.Access.Today()); err != nil {
		return Meeting{}, err
	}
	m := Meeting{Unit: u.ID, State: Planned}
	m.take(&s.Charter.Meetings, &w)
	err = s.DB.Write(ctx, func(tx *database.Tx) (err error) {
		if m.Number, err = tx.Next("meeting"); err != nil {
			return err
		}
		m.PlannedAt = tx.Now()
		if err := insert(tx, &m); err != nil {
			return err
		}
		if err := s.fill(tx, &m, w.Posts); err != nil {
			return err
		}
		if m.Kind == Ordinary {
			if _, err := s.Duties.Finish(tx, duty.PlanMeeting, int64(u.ID), by.Person, "done"); err != nil {
				return err
			}
		}
		if err := s.noticeDuty(tx, &m); err != nil {
			return err
		}
		return s.note(tx, scope.Entry(journal.MeetingPlan), &m, "planned")
	})
	if err != nil {
		return Meeting{}, err
	}
	return s.read(ctx, m.Number)
}

// take takes over what a wish says.
func (m *Meeting) take(rules *charter.Meetings, w *Wish) {
	m.Kind, m.Day, m.Clock, m.Place, m.Agenda = w.Kind, w.Day, w.Clock, w.Place, w.Agenda
	m.NoticeBy = w.Day.AddDays(-rules.NoticeDays(w.Kind == Ordinary))
}

// fill makes the elections to posts what the wish says, in the charter's order; those
// that were counted, or in which somebody stands, stay.
func (s *Service) fill(tx *database.Tx, m *Meeting, posts map[string]int) error {
	next := 1
	for i := range m.Polls {
		next = max(next, m.Polls[i].Line+1)
	}
	for i := range s.Charter.Posts {
		code := s.Charter.Posts[i].Code
		at := slices.IndexFunc(m.Polls, func(p Poll) bool { return p.Post == code && p.Again == 0 })
		seats := posts[code]
		switch {
		case at >= 0 && m.Polls[at].State == Waiting && seats > 0 && seats != m.Polls[at].Seats:
			m.Polls[at].Seats = seats
			if err := updatePoll(tx, m.Number, &m.Polls[at]); err != nil {
				return err
			}
		case at >= 0 && m.Polls[at].State == Waiting && seats == 0:
			if err := s.dropPoll(tx, m.Number, m.Polls[at].Line); err != nil {
				return err
			}
		case at < 0 && seats > 0:
			if err := insertPoll(tx, m.Number, &Poll{Line: next, Post: code, Seats: seats, State: Waiting}); err != nil {
				return err
			}
			next++
		}
	}
	return nil
}

// noticeDuty keeps the duty to send the notice where it belongs.
func (s *Service) noticeDuty(tx *database.Tx, m *Meeting) error {
	if _, err := s.Duties.Finish(tx, duty.SendNotice, m.Number, 0, "moved"); err != nil {
		return err
	}
	if m.State != Planned {
		return nil
	}
	_, err := s.Duties.Add(tx, duty.Duty{Kind: duty.SendNotice, Subject: m.Number, Unit: m.Unit, Act: s.Charter.Meetings.Calls, DueOn: m.NoticeBy})
	return err
}

// note journals an act about a meeting.
func (s *Service) note(tx *database.Tx, e journal.Entry, m *Meeting, reason string) error {
	e.Target, e.Number, e.Reason = uint32(m.Unit), m.Number, reason
	_, err := s.Journal.Append(tx, &e)
	return err
}

// act does something to a meeting, alone in its transaction, by whoever may call it.
func (s *Service) act(ctx context.Context, by access.Actor, number int64, do func(tx *database.Tx, scope access.Scope, m *Meeting) error) (Meeting, error) {
	found, err := s.read(ctx, number)
	if err != nil {
		return Meeting{}, err
	}
	scope, err := s.callerOf(ctx, by, &found)
	if err != nil {
		return Meeting{}, err
	}
	return s.write(ctx, number, func(tx *database.Tx, m *Meeting) error { return do(tx, scope, m) })
}

// write changes a meeting as it is by then, and gives it as it is after.
func (s *Service) write(ctx context.Context, number int64, do func(tx *database.Tx, m *Meeting) error) (Meeting, error) {
	var m Meeting
	err := s.DB.Write(ctx, func(tx *database.Tx) (err error) {
		if m, err = get(tx, number); err != nil {
			return err
		}
		if err := do(tx, &m); err != nil {
			return err
		}
		if err := update(tx, &m); err != nil {
			return err
		}
		m, err = get(tx, number)
		return err
	})
	return m, err
}

// callerOf requires the right to call the meeting; of one in a body out of reach it is
// answered as if there were none (D11).
func (s *Service) callerOf(ctx context.Context, by access.Actor, m *Meeting) (access.Scope, error) {
	if _, err := s.Access.Decide(by, access.Want{Act: charter.Search, Unit: m.Unit}); err != nil {
		return access.Scope{}, s.unseen(ctx, by, m, err)
	}
	return s.caller(ctx, by, m.Unit)
}

func (s *Service) unseen(ctx context.Context, by access.Actor, m *Meeting, why error) error {
	if _, err := s.Access.Require(ctx, by, access.Want{Act: charter.Search, Unit: m.Unit}); err != nil && !fault.Is(err, fault.Denied) {
		return err // not even the denial could be journaled
	}
	return fault.New(fault.NotFound, "meeting.error.gone").Because(why)
}

// step brings a meeting to a state.
func (m *Meeting) step(to State) error {
	if !m.State.may(to) {
		return fault.New(fault.Conflict, "meeting.error.state")
	}
	m.State = to
	return nil
}

// Change plans a meeting anew. When the notice is out and day, time or place change,
// another notice is needed and the meeting waits for it.
func (s *Service) Change(ctx context.Context, by access.Actor, number int64, w Wish) (Meeting, error) {
	return s.act(ctx, by, number, func(tx *database.Tx, scope access.Scope, m *Meeting) error {
		if m.State != Planned && m.State != Noticed {
			return fault.New(fault.Conflict, "meeting.error.state")
		}
		u, err := s.body(scope)
		if err != nil {
			return err
		}
		if err := w.check(s.Charter, u.Level, s.seats(u), s.Access.Today()); err != nil {
			return err
		}
		if m.State == Noticed && (w.Day != m.Day || w.Clock != m.Clock || w.Place != m.Place) {
			m.State, m.NoticedOn, m.Mailing = Planned, civil.Date{}, 0
		}
		m.take(&s.Charter.Meetings, &w)
		if err := s.fill(tx, m, w.Posts); err != nil {
			return err
		}
		if err := s.noticeDuty(tx, m); err != nil {
			return err
		}
		return s.note(tx, scope.Entry(journal.MeetingPlan), m, "changed")
	})
}

// Cancel calls a meeting off. What was planned for it is not due any more; the ordinary
// meeting has to be planned again.
func (s *Service) Cancel(ctx context.Context, by access.Actor, number int64) (Meeting, error) {
	return s.act(ctx, by, number, func(tx *database.Tx, scope access.Scope, m *Meeting) error {
		if err := m.step(Cancelled); err != nil {
			return err
		}
		m.EndedAt = tx.Now()
		if err := s.finish(tx, m, by.Person, "cancelled", duty.SendNotice, duty.CloseMeeting, duty.EnterBoard); err != nil {
			return err
		}
		return s.note(tx, scope.Entry(journal.MeetingPlan), m, "cancelled")
	})
}

func (s *Service) finish(tx *database.Tx, m *Meeting, by vault.PersonID, outcome string, kinds ...duty.Kind) error {
	for _, kind := range kinds {
		if _, err := s.Duties.Finish(tx, kind, m.Number, by, outcome); err != nil {
			return err
		}
	}
	return nil
}

// Open opens a meeting on its day, or after it for one whose evening is entered later.
// From now on arrivals are ticked and votes counted.
func (s *Service) Open(ctx context.Context, by access.Actor, number int64) (Meeting, error) {
	r, err := s.roll(ctx, by, number)
	if err != nil {
		return Meeting{}, err
	}
	return s.act(ctx, by, number, func(tx *database.Tx, scope access.Scope, m *Meeting) error {
		if s.Access.Today().Before(m.Day) {
			return fault.New(fault.Conflict, "meeting.error.early", "date", m.Day)
		}
		if err := m.step(Held); err != nil {
			return err
		}
		m.HeldAt, m.Entitled = tx.Now(), r.Entitled
		if err := s.finish(tx, m, by.Person, "held", duty.SendNotice); err != nil {
			return err
		}
		if err := s.after(tx, m); err != nil {
			return err
		}
		return s.note(tx, scope.Entry(journal.MeetingPlan), m, "opened")
	})
}

// after opens the duties of what comes after a meeting: the minutes are noted, and
// where posts were to be filled the new board is entered.
func (s *Service) after(tx *database.Tx, m *Meeting) error {
	due := m.Day.AddDays(s.Charter.Meetings.BoardDays.Value)
	kinds := []duty.Kind{duty.CloseMeeting}
	if m.Fills() {
		kinds = append(kinds, duty.EnterBoard)
	}
	for _, kind := range kinds {
		if _, open, err := s.Duties.OpenAbout(tx, kind, m.Number); err != nil {
			return err
		} else if open {
			continue
		}
		act := s.Charter.Meetings.Calls
		if kind == duty.EnterBoard {
			act = charter.Appoint.String()
		}
		if _, err := s.Duties.Add(tx, duty.Duty{Kind: kind, Subject: m.Number, Unit: m.Unit, Act: act, DueOn: due}); err != nil {
			return err
		}
	}
	return nil
}

// Fills reports whether posts are, or were, to be filled.
func (m *Meeting) Fills() bool {
	return slices.ContainsFunc(m.Polls, func(p Poll) bool { return p.Post != "" && p.State != Dropped })
}

// Close ends a meeting: where the minutes are kept is noted, every vote was counted or
// dropped, and the numbers stand as they were (N14).
func (s *Service) Close(ctx context.Context, by access.Actor, number int64, minutes string) (Meeting, error) {
	minutes = strings.Join(strings.Fields(minutes), " ")
	if minutes == "" || len(minutes) > 300 {
		return Meeting{}, fault.New(fault.Invalid, "meeting.error.close").With("minutes", "meeting.error.minutes")
	}
	return s.act(ctx, by, number, func(tx *database.Tx, scope access.Scope, m *Meeting) error {
		for i := range m.Polls {
			if state := m.Polls[i].State; state == Waiting || state == Tied && !m.again(m.Polls[i].Line) {
				return fault.New(fault.Conflict, "meeting.error.uncounted")
			}
		}
		if err := m.step(Closed); err != nil {
			return err
		}
		m.Minutes, m.EndedAt = minutes, tx.Now()
		if err := s.finish(tx, m, by.Person, "done", duty.CloseMeeting); err != nil {
			return err
		}
		return s.note(tx, scope.Entry(journal.MeetingClose), m, "")
	})
}

// again reports whether a vote was held again.
func (m *Meeting) again(line int) bool {
	return slices.ContainsFunc(m.Polls, func(p Poll) bool { return p.Again == line })
}

func (s *Service) read(ctx context.Context, number int64) (m Meeting, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) (err error) {
		m, err = get(q, number)
		return err
	})
	return m, err
}

// Get gives a meeting to whoever searches in its body; it names nobody. Anybody else is
// answered as if there were none (D11).
func (s *Service) Get(ctx context.Context, by access.Actor, number int64) (Meeting, access.Scope, error) {
	m, err := s.read(ctx, number)
	if err != nil {
		return m, access.Scope{}, err
	}
	scope, err := s.Access.Decide(by, access.Want{Act: charter.Search, Unit: m.Unit})
	if err != nil {
		return Meeting{}, access.Scope{}, s.unseen(ctx, by, &m, err)
	}
	return m, scope, s.follow(ctx, &m)
}

// List gives the meetings of a body and those below it, or with body 0 of all that the
// actor reaches, the newest day first.
func (s *Service) List(ctx context.Context, by access.Actor, body unit.ID) ([]Meeting, access.Scope, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Search, Unit: body})
	if err != nil {
		return nil, scope, err
	}
	var all []Meeting
	err = s.DB.Read(ctx, func(q database.Querier) (err error) {
		all, err = query(q, `ORDER BY day DESC, number DESC`)
		return err
	})
	return slices.DeleteFunc(all, func(m Meeting) bool { return !scope.Covers(m.Unit) }), scope, err
}

// Posts are the posts of a body that a meeting can fill, with how many seats of each.
func (s *Service) Posts(body unit.ID) (posts []*charter.Post, seats map[string]int) {
	u, _ := s.Units.Tree().ByID(body)
	seats = map[string]int{}
	for _, post := range s.Charter.PostsAt(u.Level) {
		if n := post.SeatsFor(s.Directory.Count(body)); n > 0 {
			posts, seats[post.Code] = append(posts, post), n
		}
	}
	return posts, maps.Clone(seats)
}

// Demand is how many members of a body can demand an extraordinary meeting; 0 where the
// charter does not let them.
func (s *Service) Demand(body unit.ID) int {
	percent := s.Charter.Meetings.DemandPercent.Value
	return (s.Directory.Count(body)*percent + 99) / 100
}
