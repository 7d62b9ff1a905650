package joining

import (
	"slices"
	"unicode/utf8"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/member"
)

// Event is what happens to an application.
type Event string

const (
	Prove     Event = "prove"     // the address is confirmed, and no sponsor is wanted
	Seek      Event = "seek"      // the address is confirmed, and a sponsor is asked
	Recommend Event = "recommend" // a member of the body says yes
	Ask       Event = "ask"       // whoever decides wants to know more
	Answer    Event = "answer"    //
	Accept    Event = "accept"    // whoever decides says yes
	Arrive    Event = "arrive"    // its day has come
	Refuse    Event = "refuse"    // its day has come, and it cannot be done
	Decline   Event = "decline"   //
	Lapse     Event = "lapse"     // its time is over
	Withdraw  Event = "withdraw"  // the applicant does not want to any more
)

// transition is one arrow of the package's diagram.
type transition struct {
	from State
	by   Event
	to   State
}

// transitions is every arrow there is.
var transitions = []transition{
	{Started, Prove, Waiting},
	{Started, Seek, Unsponsored},
	{Unsponsored, Recommend, Waiting},
	{Waiting, Ask, Asked},
	{Asked, Answer, Waiting},
	{Waiting, Accept, Agreed},
	{Asked, Accept, Agreed},
	{Agreed, Arrive, Accepted},
	{Agreed, Refuse, Declined},
	{Waiting, Decline, Declined},
	{Asked, Decline, Declined},
	{Started, Lapse, Ended},
	{Unsponsored, Lapse, Ended},
	{Waiting, Lapse, Ended},
	{Asked, Lapse, Ended},
	{Declined, Lapse, Ended},
	{Started, Withdraw, Ended},
	{Unsponsored, Withdraw, Ended},
	{Waiting, Withdraw, Ended},
	{Asked, Withdraw, Ended},
	{Agreed, Withdraw, Ended},
	{Declined, Withdraw, Ended},
}

// next is the state an event leads to; false where it leads nowhere.
func (s State) next(by Event) (State, bool) {
	at := slices.IndexFunc(transitions, func(t transition) bool { return t.from == s && t.by == by })
	if at < 0 {
		return s, false
	}
	return transitions[at].to, true
}

// Open reports whether anything can still happen.
func (s State) Open() bool {
	return slices.ContainsFunc(transitions, func(t transition) bool { return t.from == s })
}

// Undecided reports whether somebody has to decide.
func (s State) Undecided() bool { return s == Waiting || s == Asked }

// step moves an application on, or refuses what can no longer happen to it.
func (a *Application) step(by Event) error {
	to, ok := a.State.next(by)
	if !ok {
		return fault.New(fault.Gone, "joining.error.over")
	}
	a.State = to
	return nil
}

// ends is the last day of an application in a state, from today.
func ends(s State, j *charter.Joining, today civil.Date) civil.Date {
	switch s {
	case Started, Unsponsored:
		return today.AddDays(j.UnfinishedDays.Value)
	case Declined:
		return today.AddDays(j.DeclinedDays.Value)
	}
	return today.AddDays(j.UndecidedDays.Value)
}

// proved is what a confirmed address leads to.
func proved(j *charter.Joining) Event {
	if j.Sponsor.Value {
		return Seek
	}
	return Prove
}

// Stance is what somebody stands for.
type Stance struct {
	In     bool // decides for the body applied to
	Office bool // reaches the whole register
}

// Sees reports whether an application is any business of somebody's: finished
// ones only, and none that was taken back.
func (a *Application) Sees(s Stance) bool {
	return (s.Office || s.In) && (a.State.Undecided() || a.State == Agreed || a.State == Accepted || a.State == Declined)
}

// May reports whether somebody may do something with the application.
func (a *Application) May(by Event, s Stance) bool {
	if _, ok := a.State.next(by); !ok || !a.Sees(s) {
		return false
	}
	return slices.Contains([]Event{Accept, Decline, Ask}, by)
}

// The longest question and answer, in characters.
const (
	longestQuestion = 500
	longestAnswer   = 2000
)

// answeredOn is the day on which an accepted application makes a member, or does
// not. For a body it follows from the day the address was confirmed and from
// nothing else, so that the wait tells nothing of whom other bodies have (D11).
func (a *Application) answeredOn(today civil.Date, wait int) civil.Date {
	if on := a.Form.Confirmed.AddDays(wait); !a.Form.Confirmed.IsZero() && on.After(today) {
		return on
	}
	return today
}

// open reports whether it is to be settled still who the applicant is.
func (f *Form) open() bool { return len(f.Alike) > 0 && f.Same == 0 && !f.Distinct }

// checkText refuses an empty or endless text, and one with a national identity
// number in it (N9). field is where it was typed.
func checkText(text, field string, longest int) error {
	invalid := fault.New(fault.Invalid, "joining.error.form")
	switch {
	case text == "":
		return invalid.With(field, "joining.error.empty")
	case utf8.RuneCountInString(text) > longest:
		return invalid.With(field, "joining.error.long", "count", longest)
	case member.HoldsIdentityNumber(text):
		return invalid.With(field, "member.error.identity")
	}
	return nil
}

// checkReason refuses a reason that is not in the catalogue.
func checkReason(code string) error {
	if slices.Contains(Reasons, code) {
		return nil
	}
	return fault.New(fault.Invalid, "joining.error.form").With("reason", "joining.error.reason")
}

// spare is what stays of a form that was declined: enough to answer a question
// about it.
func (f *Form) spare() {
	for code := range f.Draft.Values {
		if code != "given" && code != "family" {
			delete(f.Draft.Values, code)
		}
	}
	f.Sought, f.Sponsor, f.Alike, f.Same, f.Denied, f.Question, f.Answer = "", 0, nil, 0, nil, "", ""
}
