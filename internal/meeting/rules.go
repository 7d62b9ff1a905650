package meeting

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/member"
	"kartotek/internal/vault"
)

// moves are the ways a meeting can go.
var moves = map[State][]State{
	Planned: {Noticed, Held, Cancelled},
	Noticed: {Planned, Held, Cancelled}, // back, when another day or place needs another notice
	Held:    {Closed},
}

// may reports whether a meeting can go from one state to another.
func (s State) may(to State) bool { return slices.Contains(moves[s], to) }

// Over reports whether nothing more happens at a meeting.
func (s State) Over() bool { return s == Closed || s == Cancelled }

// Late reports whether the notice was, or on a day still would be, out too late.
func (m *Meeting) Late(today civil.Date) bool {
	if m.NoticedOn.IsZero() {
		return m.NoticeBy.Before(today)
	}
	return m.NoticeBy.Before(m.NoticedOn)
}

// Verdict is whether somebody has a vote, and every reason why not; or what was close.
type Verdict struct {
	Vote    bool
	Reasons []Reason
}

// Reason is one of them; words under meeting.why.
type Reason struct {
	Code     string // category, age, days, arrears, passive; days_ok, unknown where it is no hindrance
	Has      int    // of days
	Wants    int    // of days and age
	Category string // of category
}

// close is how many days over the limit are told of.
const close = 7

// judge says whether a member has a vote on a day (the charter's [meetings]).
func judge(c *charter.Charter, v *member.Voter, on civil.Date, behind bool) Verdict {
	m := &c.Meetings
	var against, notes []Reason
	if kind := c.CategoryOr(v.Category); kind.NoVote {
		against = append(against, Reason{Code: "category", Category: kind.Code})
	}
	if !m.OldEnough(v.Birth, on) {
		against = append(against, Reason{Code: "age", Wants: m.VoteAge.Value})
	}
	switch has, wants := on.DaysSince(v.Since), m.MemberDays.Value; {
	case wants == 0:
	case v.Since.IsZero():
		notes = append(notes, Reason{Code: "unknown", Wants: wants})
	case has < wants:
		against = append(against, Reason{Code: "days", Has: max(has, 0), Wants: wants})
	case has < wants+close:
		notes = append(notes, Reason{Code: "days_ok", Has: has, Wants: wants})
	}
	if m.DuesPaid.Value {
		if behind {
			against = append(against, Reason{Code: "arrears"})
		} else if v.Passive {
			against = append(against, Reason{Code: "passive"})
		}
	}
	if len(against) > 0 {
		return Verdict{Reasons: against}
	}
	return Verdict{Vote: true, Reasons: notes}
}

// Quorum is how many of those with a vote must have come.
func Quorum(m *charter.Meetings, entitled int) int {
	return (entitled*m.QuorumPercent.Value + 99) / 100
}

// Quorate reports whether enough have come for the meeting to decide.
func (n *Numbers) Quorate(m *charter.Meetings) bool {
	return n.Voting+n.Unlisted >= Quorum(m, n.Entitled+n.Unlisted)
}

// check settles what a wish says against the charter, field by field.
func (w *Wish) check(c *charter.Charter, level string, seats func(post string) int, today civil.Date) error {
	invalid := fault.New(fault.Invalid, "meeting.error.wish")
	w.Place, w.Clock = strings.TrimSpace(w.Place), strings.TrimSpace(w.Clock)
	if !c.Meetings.At(level) {
		return fault.New(fault.Invalid, "meeting.error.level")
	}
	if !slices.Contains(Kinds, w.Kind) {
		invalid = invalid.With("kind", "meeting.error.kind")
	}
	switch {
	case w.Day.IsZero() || !w.Day.IsValid():
		invalid = invalid.With("day", "meeting.error.day")
	case w.Day.Before(today):
		invalid = invalid.With("day", "meeting.error.day_past")
	case w.Day.DaysSince(today) > 550:
		invalid = invalid.With("day", "meeting.error.day_far")
	}
	if at, ok := clock(w.Clock); ok {
		w.Clock = at
	} else {
		invalid = invalid.With("clock", "meeting.error.clock")
	}
	if w.Place == "" || len(w.Place) > 300 {
		invalid = invalid.With("place", "meeting.error.place")
	}
	w.Agenda = slices.DeleteFunc(slices.Clone(w.Agenda), func(line string) bool { return strings.TrimSpace(line) == "" })
	for i, line := range w.Agenda {
		w.Agenda[i] = strings.Join(strings.Fields(line), " ")
	}
	if len(w.Agenda) == 0 || len(w.Agenda) > 60 || len(strings.Join(w.Agenda, "\n")) > 4000 {
		invalid = invalid.With("agenda", "meeting.error.agenda")
	}
	for post, n := range w.Posts {
		if n < 0 || n > seats(post) {
			invalid = invalid.With("post-"+post, "meeting.error.seats", "most", seats(post))
		}
	}
	if len(invalid.Fields) > 0 {
		return invalid
	}
	return nil
}

// clock reads a time of day: "19:00", "19.00" or "19".
func clock(text string) (string, bool) {
	text = strings.ReplaceAll(text, ".", ":")
	if n, err := strconv.Atoi(text); err == nil && n >= 0 && n < 24 && len(text) <= 2 {
		text += ":00"
	}
	for _, form := range []string{"15:04", "3:04"} {
		if at, err := time.Parse(form, text); err == nil {
			return at.Format("15:04"), true
		}
	}
	return "", false
}

// checkTally tells what does not add up in a count, field by field: there cannot be
// more ballots in the box than were handed out, nor more handed out than there are
// votes in the room, and of two ways to say the same number both must agree.
func checkTally(p *Poll, t *Tally, stand []Candidate, most int) error {
	invalid := fault.New(fault.Invalid, "meeting.error.tally")
	if t.Unopposed {
		if p.Question() || len(stand) == 0 || len(stand) > p.Seats {
			return invalid.With("unopposed", "meeting.error.unopposed")
		}
		return nil
	}
	said := map[string]int{"handed": t.Handed, "cast": t.Cast, "blank": t.Blank, "invalid": t.Invalid, "yes": t.Yes, "no": t.No}
	for _, field := range []string{"handed", "cast", "blank", "invalid", "yes", "no"} {
		if said[field] < 0 {
			invalid = invalid.With(field, "meeting.error.negative")
		}
	}
	if t.Handed > most {
		invalid = invalid.With("handed", "meeting.error.handed", "count", t.Handed, "most", most)
	}
	if t.Cast > t.Handed {
		invalid = invalid.With("cast", "meeting.error.cast", "count", t.Cast, "handed", t.Handed)
	}
	valid, sum := t.Cast-t.Blank-t.Invalid, t.Yes+t.No
	if valid < 0 {
		invalid = invalid.With("blank", "meeting.error.blank", "cast", t.Cast)
	}
	if !p.Question() {
		sum = 0
		for i := range stand {
			votes := t.Votes[stand[i].Person]
			sum += votes
			if votes < 0 || votes > max(valid, 0) {
				invalid = invalid.With("votes-"+strconv.Itoa(i), "meeting.error.votes", "valid", max(valid, 0))
			}
		}
		if len(stand) == 0 {
			invalid = invalid.With("candidates", "meeting.error.nobody_stands")
		}
	}
	switch {
	case len(invalid.Fields) > 0:
		return invalid
	case p.Seats <= 1 && sum != valid:
		return invalid.With("cast", "meeting.error.sum", "sum", sum, "valid", valid)
	case sum > valid*max(p.Seats, 1): // one ballot names no more than there are seats
		return invalid.With("cast", "meeting.error.too_many", "sum", sum, "most", valid*p.Seats)
	}
	return nil
}

// decide works out what a count means by the charter's rule: it marks who is elected
// and who is tied, and says how the vote went.
func decide(m *charter.Meetings, p *Poll, stand []Candidate) PollState {
	enough := func(votes int) bool {
		return votes > 0 && (m.Count != charter.CountAbsolute || 2*votes > p.Cast-p.Invalid)
	}
	if p.Question() {
		if p.Yes > p.No && enough(p.Yes) {
			return Carried
		}
		return Rejected // equal votes carry nothing
	}
	order := make([]int, len(stand))
	for i := range stand {
		order[i], stand[i].Elected, stand[i].Tied = i, false, false
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(stand[b].Votes, stand[a].Votes) })
	order = slices.DeleteFunc(order, func(i int) bool { return !enough(stand[i].Votes) })
	if len(order) <= p.Seats {
		for _, i := range order {
			stand[i].Elected = true
		}
		if len(order) < p.Seats {
			return Short
		}
		return Elected
	}
	last, next := stand[order[p.Seats-1]].Votes, stand[order[p.Seats]].Votes
	for place, i := range order {
		switch {
		case stand[i].Votes > last || last > next && place < p.Seats:
			stand[i].Elected = true
		case last == next && stand[i].Votes == last:
			stand[i].Tied = true
		}
	}
	if last == next {
		return Tied
	}
	return Elected
}

// open is how many seats of a tied vote are still to be settled.
func (p *Poll) open(stand []Candidate) int {
	n := p.Seats
	for i := range stand {
		if stand[i].Elected {
			n--
		}
	}
	return n
}

// of picks the candidates of a vote.
func of(all []Candidate, line int) (stand []Candidate) {
	for i := range all {
		if all[i].Line == line {
			stand = append(stand, all[i])
		}
	}
	return stand
}

// elected are the persons elected to a post, in any of its votes.
func elected(polls []Poll, all []Candidate, post string) (persons []vault.PersonID) {
	for i := range polls {
		if polls[i].Post != post {
			continue
		}
		for _, c := range of(all, polls[i].Line) {
			if c.Elected && !slices.Contains(persons, c.Person) {
				persons = append(persons, c.Person)
			}
		}
	}
	return persons
}
