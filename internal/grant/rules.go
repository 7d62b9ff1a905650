package grant

import (
	"strings"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
)

// moves are the ways a case can go.
var moves = map[State][]State{
	Proposed: {Approved, Refused, TakenBack, Lapsed},
	Approved: {Withdrawn},
}

// may reports whether a case can go from one state to another.
func (s State) may(to State) bool {
	for _, next := range moves[s] {
		if next == to {
			return true
		}
	}
	return false
}

// Open reports whether a case waits for its decision.
func (s State) Open() bool { return s == Proposed }

// mayDecide says by which rule somebody cannot enter the decision of a case; "" where
// they can. Nobody decides on their own access, and where the charter wants a second
// person, whoever wrote the proposal does not also enter what became of it (D9).
func mayDecide(c *charter.Charter, k *Case, by vault.PersonID) (reason string) {
	switch {
	case by == k.Person:
		return "access.denied.own"
	case c.Grants.SecondPair.Value && by == k.ProposedBy:
		return "grant.denied.second"
	}
	return ""
}

// checkDecision tells what is wrong with a decision, field by field: it was taken at a
// meeting that can, on a day that has come, is written down, has reasons of its own,
// and whoever it is about took no part.
func checkDecision(c *charter.Charter, d *Decision, k *Case, today, proposed civil.Date) error {
	invalid := fault.New(fault.Invalid, "grant.error.decision")
	d.Minutes, d.Reason = strings.TrimSpace(d.Minutes), strings.TrimSpace(d.Reason)
	if !c.Grants.MayDecide(d.Meeting) {
		invalid = invalid.With("meeting", "grant.error.meeting")
	}
	switch {
	case d.Met.IsZero() || !d.Met.IsValid():
		invalid = invalid.With("met", "grant.error.met_missing")
	case d.Met.After(today):
		invalid = invalid.With("met", "grant.error.met_future")
	case k.Wish.Renews != 0 && d.Met.Before(proposed):
		invalid = invalid.With("met", "grant.error.met_before", "date", proposed) // the old decision is not the new one
	}
	if d.Minutes == "" {
		invalid = invalid.With("minutes", "grant.error.minutes")
	}
	if d.Reason == "" {
		invalid = invalid.With("reason", "grant.error.reason")
	}
	if !d.Apart {
		invalid = invalid.With("apart", "grant.error.apart")
	}
	if d.Approve && k.Wish.Until.Before(today) {
		invalid = invalid.With("approve", "grant.error.too_late")
	}
	if len(invalid.Fields) > 0 {
		return invalid
	}
	return nil
}

// anew reports whether the grounds of a renewal were written anew.
func anew(before, after string) bool {
	return locale.Fold(strings.Join(strings.Fields(before), " ")) != locale.Fold(strings.Join(strings.Fields(after), " "))
}
