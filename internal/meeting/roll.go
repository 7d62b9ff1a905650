package meeting

import (
	"context"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/member"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Roll is who has a vote at a meeting, as the charter and the register say right now: it
// is kept nowhere, so whoever pays at the door has a vote the moment it is entered.
type Roll struct {
	Meeting    Meeting
	Lines      []Line // by name
	Entitled   int
	Without    int // members without a vote
	Restricted int // on no roll, since their data are restricted (GDPR Art. 18)

	scope access.Scope
}

// Look is what of a roll is shown.
type Look struct {
	Text    string // parts of a name, or a member number
	Here    bool   // only who has come
	Page    int    // from 1
	Size    int
	Reading int64 // of the page before, so that the same names are one reading
}

// Shown is a part of a roll.
type Shown struct {
	Roll
	Total, Pages int
	Reading      int64
}

// RollScope decides whether somebody may see the roll of a meeting: it takes the right to
// pull lists of the body, for the roll's own purpose (L8).
func (s *Service) RollScope(ctx context.Context, by access.Actor, m *Meeting) (access.Scope, error) {
	if _, err := s.Access.Decide(by, access.Want{Act: charter.Search, Unit: m.Unit}); err != nil {
		return access.Scope{}, s.unseen(ctx, by, m, err)
	}
	return s.Access.Require(ctx, by, access.Want{Act: charter.Pull, Unit: m.Unit, Purpose: charter.ForRoll})
}

// roll works out who has a vote. Whoever shows anything of it journals that before.
func (s *Service) roll(ctx context.Context, by access.Actor, number int64) (*Roll, error) {
	m, err := s.read(ctx, number)
	if err != nil {
		return nil, err
	}
	scope, err := s.RollScope(ctx, by, &m)
	if err != nil {
		return nil, err
	}
	r := &Roll{Meeting: m, Restricted: s.Directory.Reach(scope).Restricted, scope: scope}
	var voters []member.Voter
	var persons []vault.PersonID
	if err := s.Directory.Voters(ctx, scope, func(v *member.Voter) error {
		voters, persons = append(voters, *v), append(persons, v.Person)
		return nil
	}); err != nil {
		return nil, err
	}
	behind := roaring.New()
	if s.Charter.Meetings.DuesPaid.Value && s.Dues != nil {
		on := m.Day
		if today := s.Access.Today(); today.Before(on) {
			on = today
		}
		if behind, err = s.Dues.Behind(ctx, persons, m.Unit, on); err != nil {
			return nil, err
		}
	}
	come, err := s.arrivals(ctx, number)
	if err != nil {
		return nil, err
	}
	for i := range voters {
		v := &voters[i]
		l := Line{
			Person: v.Person, Number: v.Number, Name: v.Name(), Arrival: come[v.Person],
			Verdict: judge(s.Charter, v, m.Day, behind.Contains(uint32(v.Person))),
		}
		if r.Lines = append(r.Lines, l); l.Vote {
			r.Entitled++
		}
	}
	r.Without = len(r.Lines) - r.Entitled
	return r, nil
}

// Scope is what the roll was read under.
func (r *Roll) Scope() access.Scope { return r.scope }

// find gives a line of the roll.
func (r *Roll) find(person vault.PersonID) *Line {
	for i := range r.Lines {
		if r.Lines[i].Person == person {
			return &r.Lines[i]
		}
	}
	return nil
}

// rollFields are what a roll shows of a member.
var rollFields = []string{"number", "given", "family"}

// Roll shows a part of the electoral roll: on a phone, one looks for a name and ticks it
// off. Nothing is downloaded; those on the page are journaled before it returns, once
// for a reading.
func (s *Service) Roll(ctx context.Context, by access.Actor, number int64, look Look) (*Shown, error) {
	r, err := s.roll(ctx, by, number)
	if err != nil {
		return nil, err
	}
	out := &Shown{Roll: *r, Reading: look.Reading}
	var fit []Line
	words := strings.Fields(locale.Fold(look.Text))
	for _, l := range r.Lines {
		if look.Here && (l.Arrival == nil || !l.Arrival.Here()) {
			continue
		}
		if named(locale.Fold(l.Name), l.Number, words) {
			fit = append(fit, l)
		}
	}
	look.Size = max(look.Size, 1)
	out.Total, out.Pages = len(fit), (len(fit)+look.Size-1)/look.Size
	from := min(max(look.Page-1, 0)*look.Size, len(fit))
	out.Lines = fit[from:min(from+look.Size, len(fit))]
	if len(out.Lines) == 0 {
		return out, nil
	}
	e := r.scope.Entry(journal.MeetingRoll)
	e.Persons, e.Number, e.Target, e.Fields = roaring.New(), number, uint32(r.Meeting.Unit), rollFields
	for _, l := range out.Lines {
		e.Persons.Add(uint32(l.Person))
	}
	out.Reading, err = s.Journal.Extend(ctx, look.Reading, &e)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// named reports whether every word begins a part of a name, or is the number's beginning.
func named(name, number string, words []string) bool {
	parts := strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '-' })
	for _, word := range words {
		found := strings.HasPrefix(number, word)
		for _, part := range parts {
			found = found || strings.HasPrefix(part, word)
		}
		if !found && !strings.Contains(name, word) {
			return false
		}
	}
	return true
}

// Tick is what happened at the door.
type Tick string

const (
	Came    Tick = "came"    // and got the ballots, with a vote
	Without Tick = "without" // came, and took no ballots
	Left    Tick = "left"    // went home, and handed the ballots back
	Undone  Tick = "undone"  // was ticked by mistake
)

// Mark ticks off what somebody did. Whether they have a vote is worked out now, as the
// charter says, and stands until they come again.
func (s *Service) Mark(ctx context.Context, by access.Actor, number int64, person vault.PersonID, tick Tick) (Meeting, error) {
	r, err := s.roll(ctx, by, number)
	if err != nil {
		return Meeting{}, err
	}
	line := r.find(person)
	if line == nil {
		return Meeting{}, fault.New(fault.NotFound, "meeting.error.person")
	}
	var carried []vault.PersonID // whose vote they were to cast
	for i := range r.Lines {
		if a := r.Lines[i].Arrival; a != nil && a.For == person {
			carried = append(carried, r.Lines[i].Person)
		}
	}
	return s.write(ctx, number, func(tx *database.Tx, m *Meeting) error {
		if m.State != Held {
			return fault.New(fault.Conflict, "meeting.error.not_open")
		}
		a, err := s.arrival(tx, number, person)
		if err != nil {
			return err
		}
		if a.For != 0 && tick != Undone {
			return fault.New(fault.Conflict, "meeting.error.by_proxy")
		}
		m.Entitled = r.Entitled // who pays at the door has a vote
		m.count(&a, -1)
		switch tick {
		case Came, Without:
			if !a.Here() {
				a.At = tx.Now()
			}
			a = Arrival{Meeting: number, At: a.At, Vote: line.Vote}
			if line.Vote && tick == Came {
				a.Ballots = 1 + len(carried)
			}
		case Left:
			if !a.Here() {
				return fault.New(fault.Conflict, "meeting.error.not_here")
			}
			a.LeftAt, a.Ballots = tx.Now(), 0
		case Undone:
			if a.For != 0 {
				if err := s.takeProxyBack(tx, m, number, a.For); err != nil {
					return err
				}
			}
			a = Arrival{}
		default:
			return fault.New(fault.Invalid, "meeting.error.tick")
		}
		if tick == Left || tick == Undone { // a vote they were to cast is its owner's again
			for _, other := range carried {
				if err := record.Remove(tx, Arrivals, other, uint64(number)); err != nil {
					return err
				}
			}
		}
		m.count(&a, +1)
		if tick == Undone {
			err = record.Remove(tx, Arrivals, person, uint64(number))
		} else {
			err = record.Put(s.Records, tx, Arrivals, person, uint64(number), &a)
		}
		if err != nil {
			return err
		}
		return s.note(tx, r.scope.Entry(journal.Attend, person), m, string(tick))
	})
}

// arrival reads whether somebody has come, inside an act.
func (s *Service) arrival(tx *database.Tx, number int64, person vault.PersonID) (a Arrival, err error) {
	all, err := record.All(s.Records, tx, Arrivals, person)
	for i := range all {
		if all[i].ID == uint64(number) {
			a = all[i].Value
		}
	}
	return a, err
}

// count takes an arrival into the numbers, or out of them.
func (n *Numbers) count(a *Arrival, by int) {
	if !a.Here() {
		return
	}
	n.Present += by
	n.Ballots += by * a.Ballots
	if a.Vote {
		n.Voting += by
	}
}

// Proxy lets somebody who has come cast the vote of somebody who has not, where the
// charter allows it and no more often than it says.
func (s *Service) Proxy(ctx context.Context, by access.Actor, number int64, absent, holder vault.PersonID) (Meeting, error) {
	limit := s.Charter.Meetings.Proxies.Value
	r, err := s.roll(ctx, by, number)
	if err != nil {
		return Meeting{}, err
	}
	if limit == 0 {
		return Meeting{}, fault.New(fault.Conflict, "meeting.error.no_proxies")
	}
	from, to := r.find(absent), r.find(holder)
	carried := 0
	for i := range r.Lines {
		if a := r.Lines[i].Arrival; a != nil && a.For == holder {
			carried++
		}
	}
	switch {
	case from == nil || to == nil || absent == holder:
		return Meeting{}, fault.New(fault.NotFound, "meeting.error.person")
	case !from.Vote || from.Arrival != nil:
		return Meeting{}, fault.New(fault.Conflict, "meeting.error.proxy_from")
	case !to.Vote || to.Arrival == nil || !to.Arrival.Here() || to.Arrival.Ballots == 0:
		return Meeting{}, fault.New(fault.Conflict, "meeting.error.proxy_to")
	case carried >= limit:
		return Meeting{}, fault.New(fault.Conflict, "meeting.error.proxy_most", "most", limit)
	}
	return s.write(ctx, number, func(tx *database.Tx, m *Meeting) error {
		if m.State != Held {
			return fault.New(fault.Conflict, "meeting.error.not_open")
		}
		a, err := s.arrival(tx, number, holder)
		if err != nil {
			return err
		}
		m.count(&a, -1)
		a.Ballots++
		m.count(&a, +1)
		if err := record.Put(s.Records, tx, Arrivals, holder, uint64(number), &a); err != nil {
			return err
		}
		given := Arrival{Meeting: number, At: tx.Now(), Vote: true, For: holder}
		if err := record.Put(s.Records, tx, Arrivals, absent, uint64(number), &given); err != nil {
			return err
		}
		return s.note(tx, r.scope.Entry(journal.Attend, absent, holder), m, "proxy")
	})
}

// takeProxyBack takes the ballots of an absent member from whoever was to cast them.
func (s *Service) takeProxyBack(tx *database.Tx, m *Meeting, number int64, holder vault.PersonID) error {
	a, err := s.arrival(tx, number, holder)
	if err != nil || a.Ballots == 0 {
		return err
	}
	m.count(&a, -1)
	a.Ballots--
	m.count(&a, +1)
	return record.Put(s.Records, tx, Arrivals, holder, uint64(number), &a)
}

// Unlisted enters how many have come with a vote who are on no roll, since their data
// are restricted: a number, and no name.
func (s *Service) Unlisted(ctx context.Context, by access.Actor, number int64, count int) (Meeting, error) {
	r, err := s.roll(ctx, by, number)
	if err != nil {
		return Meeting{}, err
	}
	if count < 0 || count > r.Restricted {
		return Meeting{}, fault.New(fault.Invalid, "meeting.error.unlisted").With("unlisted", "meeting.error.unlisted_most", "most", r.Restricted)
	}
	return s.write(ctx, number, func(tx *database.Tx, m *Meeting) error {
		if m.State != Held {
			return fault.New(fault.Conflict, "meeting.error.not_open")
		}
		m.Unlisted = count
		return s.note(tx, r.scope.Entry(journal.Attend), m, "unlisted")
	})
}
