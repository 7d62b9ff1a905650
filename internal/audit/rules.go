package audit

import (
	"slices"
	"strings"
	"time"

	"kartotek/internal/charter"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// entry is one member on a roll.
type entry struct {
	person vault.PersonID
	state  State
	by     vault.PersonID
	at     time.Time
	matter int64
}

// roll is whom a body's part names, fixed when the audit opened: nobody is added, and
// nobody is taken off.
type roll []entry

func (all roll) counts() (c Counts) {
	for i := range all {
		c[all[i].state]++
	}
	return c
}

// find gives a member's place; -1 for somebody who is not on the roll.
func (all roll) find(person vault.PersonID) int {
	return slices.IndexFunc(all, func(e entry) bool { return e.person == person })
}

// next gives who is to be answered for next, by somebody: the first whom nobody else is
// looking at, else the first. -1: nobody waits.
func (all roll) next(busy func(vault.PersonID) bool) int {
	first := -1
	for i := range all {
		if all[i].state != Waiting {
			continue
		}
		if !busy(all[i].person) {
			return i
		}
		if first < 0 {
			first = i
		}
	}
	return first
}

// last gives what somebody answered last; -1 for nothing.
func (all roll) last(by vault.PersonID) int {
	at := -1
	for i := range all {
		e := &all[i]
		if e.by == by && (e.state == Here || e.state == Left || e.state == Wrong) && (at < 0 || !e.at.Before(all[at].at)) {
			at = i
		}
	}
	return at
}

// mark answers for a member on the roll. Whoever was answered for meanwhile is not
// answered for again unknowingly.
func (all roll) mark(at int, to State, by vault.PersonID, when time.Time, matter int64) error {
	if all[at].state != Waiting {
		return fault.New(fault.Conflict, "audit.error.answered")
	}
	all[at].state, all[at].by, all[at].at, all[at].matter = to, by, when, matter
	return nil
}

// undo takes an answer back.
func (all roll) undo(at int) error {
	switch all[at].state {
	case Here, Left, Wrong:
	default:
		return fault.New(fault.Conflict, "audit.error.nothing")
	}
	all[at] = entry{person: all[at].person}
	return nil
}

// leave settles who is on the roll and no member of the body any more. It says whether
// anything changed. Whoever was reported to have left stays so.
func (all roll) leave(member func(vault.PersonID) bool) (changed bool) {
	for i := range all {
		e := &all[i]
		switch there := member(e.person); {
		case e.state == Waiting && !there:
			e.state, changed = Gone, true
		case e.state == Gone && there: // a closing was undone
			e.state, changed = Waiting, true
		}
	}
	return changed
}

// fall makes findings of those nobody confirmed.
func (all roll) fall() {
	for i := range all {
		if all[i].state == Waiting {
			all[i].state = Silent
		}
	}
}

// Fields of the roll's binary form.
const formEntry = 1

const (
	formPerson = iota + 1
	formState
	formBy
	formAt
	formCase
)

func (all roll) encode() []byte {
	var w record.Writer
	for _, e := range all {
		var one record.Writer
		one.Uint(formPerson, uint64(e.person)).Uint(formState, uint64(e.state)).Uint(formBy, uint64(e.by)).Uint(formCase, uint64(e.matter))
		if !e.at.IsZero() {
			one.Uint(formAt, uint64(e.at.UnixMicro()))
		}
		w.Blob(formEntry, one.Bytes)
	}
	return w.Bytes
}

func decode(plain []byte) (all roll, err error) {
	r := record.NewReader(plain)
	for r.Next() {
		if r.Field() != formEntry {
			continue
		}
		var e entry
		one := record.NewReader(r.Blob())
		for one.Next() {
			switch one.Field() {
			case formPerson:
				e.person = vault.PersonID(one.Uint())
			case formState:
				e.state = State(one.Uint())
			case formBy:
				e.by = vault.PersonID(one.Uint())
			case formAt:
				e.at = time.UnixMicro(int64(one.Uint())).UTC()
			case formCase:
				e.matter = int64(one.Uint())
			}
		}
		if err := one.Err(); err != nil {
			return nil, err
		}
		if e.state > Silent {
			return nil, record.ErrForm
		}
		all = append(all, e)
	}
	return all, r.Err()
}

// Plan is how a body is told of its part: so many days before, on the day, and, when it
// is late, whoever keeps the register as well.
func Plan(c *charter.Charter) duty.Plan {
	return duty.Plan{
		Steps: []duty.Step{{After: -c.Audit.RemindDays.Value}, {After: 0}, {After: 1, Circle: duty.Office}},
		Every: c.Audit.RemindDays.Value,
	}
}

// missing says what keeps a body from confirming, or the register's side from doing so
// before the days are over: the first thing there is.
func missing(counts *Counts, heads []Head, checks []Check) *fault.Error {
	if n := counts[Waiting]; n > 0 {
		return fault.New(fault.Conflict, "audit.error.waiting", "count", n)
	}
	for i := range heads {
		if heads[i].Counted && heads[i].Answer == Unsaid {
			return fault.New(fault.Conflict, "audit.error.heads")
		}
	}
	for i := range checks {
		if c := &checks[i]; !c.Fact.Known && c.Answer == "" {
			return fault.New(fault.Conflict, "audit.error.checks")
		}
	}
	return nil
}

// Holds is the answer that stands: what the register knows, else what the body says.
func (c *Check) Holds() string {
	switch {
	case c.Fact.Known && c.Fact.Holds:
		return Yes
	case c.Fact.Known:
		return No
	}
	return c.Answer
}

// ends reports whether an outcome can end a case of a kind.
func ends(what, outcome string) bool {
	of := map[string][]string{
		Field: {Applied}, Leaving: {PassedOn, Closed}, Joining: {Added, AtDoor}, Office: {Appointed}, Count: {Upheld, Corrected},
	}
	return slices.Contains(of[what], outcome) || outcome == Refused || outcome == Withdrawn
}

// final says why a case cannot be taken up again: what it did has gone further, by doors
// of its own. Somebody has left where leaving says so, or nobody is on record.
func final(c *Case, leaving bool) *fault.Error {
	switch {
	case c.Outcome == Withdrawn:
		return fault.New(fault.Conflict, "audit.error.final_withdrawn")
	case c.Outcome == Appointed:
		return fault.New(fault.Conflict, "audit.error.final_appointed")
	case c.Outcome == Added, c.Outcome == AtDoor:
		return fault.New(fault.Conflict, "audit.error.final_added")
	case c.Outcome == Vanished, c.What != Count && c.What != Joining && (leaving || c.Person == 0):
		return fault.New(fault.Conflict, "audit.error.final_gone")
	}
	return nil
}

// undone says why an answer cannot be taken back: its case was carried out.
func undone(c *Case) *fault.Error {
	if c.Outcome == PassedOn || c.Outcome == Closed {
		return fault.New(fault.Conflict, "audit.error.carried", "number", c.ID)
	}
	return nil
}

// Longest is how many letters somebody may write in one place.
const Longest = 1000

// text tidies what somebody wrote; the problem says why it cannot stand.
func text(said string) (tidy, problem string) {
	tidy = strings.TrimSpace(said)
	if len([]rune(tidy)) > Longest {
		return tidy, "audit.error.long"
	}
	return tidy, ""
}
