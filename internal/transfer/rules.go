package transfer

import (
	"slices"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
)

// Event is what happens to a case.
type Event string

const (
	Look   Event = "look"   // the scheduled work finds out whom to ask
	Accept Event = "accept" // whoever was asked says yes
	Refuse Event = "refuse" // whoever was asked says no
	Cancel Event = "cancel" // whoever proposed it takes it back
	Arrive Event = "arrive" // its day has come
	Lapse  Event = "lapse"  // its day has come without a yes, or it cannot be done
)

// transition is one arrow of the package's diagrams.
type transition struct {
	from State
	by   Event
	to   State
}

// transitions is every arrow there is.
var transitions = []transition{
	{Asked, Accept, Agreed},
	{Asked, Refuse, Refused},
	{Asked, Cancel, Cancelled},
	{Asked, Lapse, Expired},
	{Agreed, Arrive, Moved},
	{Agreed, Cancel, Cancelled},
	{Agreed, Lapse, Expired},

	{Received, Look, Waiting},
	{Waiting, Accept, Confirmed},
	{Waiting, Refuse, Declined},
	{Confirmed, Refuse, Declined},
	{Confirmed, Arrive, Joined},
	{Received, Lapse, Ended},
	{Waiting, Lapse, Ended},
	{Declined, Lapse, Ended},
	{Confirmed, Lapse, Ended},
	{Received, Cancel, Ended},
	{Waiting, Cancel, Ended},
	{Confirmed, Cancel, Ended},
	{Declined, Cancel, Ended},
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

// step moves a case on, or refuses what can no longer happen to it.
func (c *Case) step(by Event) error {
	to, ok := c.State.next(by)
	if !ok {
		return fault.New(fault.Gone, "transfer.error.over")
	}
	c.State = to
	return nil
}

// Stance is what somebody stands for in a case.
type Stance struct {
	In     bool // may take members into the receiving body
	Out    bool // may let members of the sending body go
	Self   bool // is the member
	Office bool // reaches the whole register: the secretariat
}

// Shown is the state as somebody sees it. To a body an addition says nothing
// before its day (D11).
func (c *Case) Shown(s Stance) State {
	if c.Kind == Addition && !s.Office && c.State.Open() {
		return Waiting
	}
	return c.State
}

// Sees reports whether the case is any business of somebody's. The move that an
// addition asks for is hidden from the body that added.
func (c *Case) Sees(s Stance) bool {
	if c.Kind == Addition {
		return s.In || s.Office
	}
	return s.Out || s.Self || s.Office || s.In && c.Moving.Addition == 0
}

// May reports whether somebody may do something with the case.
func (c *Case) May(by Event, s Stance, rules *charter.Transfers) bool {
	if _, ok := c.State.next(by); !ok || !c.Sees(s) {
		return false
	}
	if c.Kind == Addition {
		switch by {
		case Accept, Refuse:
			return s.Office && c.Adding.Move == 0
		case Cancel:
			return s.In || s.Office
		}
		return false
	}
	switch by {
	case Accept:
		return c.answers(s, rules)
	case Refuse:
		return c.answers(s, rules) || s.Self
	case Cancel:
		return s.Office || s.Self || c.proposed(s)
	}
	return false
}

// answers reports whether somebody stands for the side that is asked.
func (c *Case) answers(s Stance, rules *charter.Transfers) bool {
	if c.Moving.Side != ByReceiver {
		return s.In || s.Office
	}
	return s.Self && rules.MayConfirm(charter.ConfirmMember) ||
		s.Out && rules.MayConfirm(charter.ConfirmBody) ||
		s.Office && rules.MayConfirm(charter.ConfirmSecretariat)
}

// proposed reports whether somebody stands for the side that proposed.
func (c *Case) proposed(s Stance) bool {
	switch c.Moving.Side {
	case BySender:
		return s.Out
	case ByReceiver:
		return s.In && c.Moving.Addition == 0
	}
	return false
}

// latest is the last day, from today, on which a move may take effect: what lies
// further ahead is proposed later.
const latestDays = 366

// checkDay says, as a message key, what is wrong with the day of a move.
func checkDay(on, today civil.Date) string {
	switch {
	case !on.IsValid():
		return "transfer.error.day"
	case on.Before(today):
		return "transfer.error.day_past"
	case on.DaysSince(today) > latestDays:
		return "transfer.error.day_far"
	}
	return ""
}

// checkReason refuses a reason that is not in the catalogue.
func checkReason(code string) error {
	if slices.Contains(Reasons, code) {
		return nil
	}
	return fault.New(fault.Invalid, "transfer.error.refused").With("reason", "transfer.error.reason")
}
