package departure

import (
	"slices"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/vault"
)

// transition is one arrow of the package's diagram.
type transition struct{ from, to State }

// transitions is every arrow there is; "" is a member who is not leaving.
var transitions = []transition{
	{"", Hidden},
	{Hidden, ""},
	{Hidden, Erasing},
	{Erasing, Erased},
}

func (s State) canBecome(next State) bool {
	return slices.Contains(transitions, transition{s, next})
}

// undoable refuses what can no longer be undone: nothing comes back once the
// window has ended, since keys may be going.
func (d *Departure) undoable(now time.Time) error {
	if !d.State.canBecome("") || !now.Before(d.DueAt) {
		return fault.New(fault.Gone, "departure.error.too_late")
	}
	return nil
}

// closed sets the moment of the closing and with it the end of the window.
func (d *Departure) closed(c *charter.Charter, reason string, at time.Time) {
	d.ClosedAt, d.DueAt = at, c.EraseAtFor(reason, at)
}

// unconfirmable says, as a message key, why a person cannot end the window as
// the second pair of eyes; "" where they can (D7).
func (d *Departure) unconfirmable(c *charter.Charter, by vault.PersonID) string {
	switch {
	case d.ClosedBy == by || d.Person == by:
		return "departure.error.second"
	case !c.SecondPairEndsWindow:
		return "departure.error.window"
	}
	return ""
}

// due reports whether the erasure may begin, or has begun and must go on.
func (d *Departure) due(now time.Time) bool {
	return d.State == Erasing || d.State == Hidden && !now.Before(d.DueAt)
}

// checkResignation validates what was heard.
func checkResignation(v *Resignation, today civil.Date) error {
	invalid := fault.New(fault.Invalid, "departure.error.resignation")
	if v.How != ownWay && !slices.Contains(Ways, v.How) {
		invalid = invalid.With("how", "departure.error.how")
	}
	switch {
	case !v.On.IsValid():
		invalid = invalid.With("on", "departure.error.on_missing")
	case v.On.After(today):
		invalid = invalid.With("on", "departure.error.on_future")
	}
	if len(invalid.Fields) > 0 {
		return invalid
	}
	return nil
}

// reason finds a reason for leaving in the charter.
func reason(c *charter.Charter, code string) (*charter.Reason, error) {
	for i := range c.Reasons {
		if c.Reasons[i].Code == code {
			return &c.Reasons[i], nil
		}
	}
	return nil, fault.New(fault.Invalid, "departure.error.closing").With("reason", "departure.error.reason")
}

// checkDied validates the day somebody died; only death has one, and nobody need
// know it.
func checkDied(because *charter.Reason, died, today civil.Date) error {
	invalid := fault.New(fault.Invalid, "departure.error.closing")
	switch {
	case died.IsZero():
		return nil
	case !because.OfDeath():
		return invalid.With("died", "departure.error.died_reason")
	case !died.IsValid() || died.After(today):
		return invalid.With("died", "departure.error.died_future")
	}
	return nil
}
