package handout

import (
	"slices"
	"strings"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
)

// transition is one arrow of the package's diagram.
type transition struct{ from, to State }

var transitions = []transition{
	{Asked, Approved}, {Asked, Refused}, {Asked, TakenBack}, {Asked, Lapsed},
	{Approved, Fetched}, {Approved, Withdrawn}, {Approved, Expired},
}

func (s State) may(next State) bool { return slices.Contains(transitions, transition{s, next}) }

// Open reports whether a requisition waits for a decision.
func (s State) Open() bool { return s == Asked }

// over reports whether nothing can come of a requisition any more.
func (s State) over() bool {
	return !s.Open() && s != Approved && s != Fetched
}

// longest texts, in bytes.
const (
	longestName = 200
	longestNeed = 1500
)

// check settles a wish against the charter; today is the day it is asked.
func (w *Wish) check(c *charter.Charter, today civil.Date, formats []string) error {
	invalid := fault.New(fault.Invalid, "handout.error.wish")
	for _, text := range []*string{&w.Need, &w.To.Name, &w.To.Function, &w.To.Email} {
		*text = strings.TrimSpace(*text)
	}
	purpose, known := c.Purpose(w.Purpose)
	kind, outside := c.Handouts.Recipient(w.As)
	switch {
	case !known:
		invalid = invalid.With("purpose", "handout.error.purpose")
	case w.For != 0 && !purpose.Requisition, w.For == 0 && outside && !kind.May(w.Purpose):
		invalid = invalid.With("purpose", "handout.error.purpose_not", "purpose", purpose.Name.In(c.Lang()))
	}
	if w.For == 0 {
		invalid = w.checkRecipient(kind, invalid)
	}
	if !slices.Contains(formats, w.Format) {
		invalid = invalid.With("format", "handout.error.format")
	}
	if w.Need == "" || len(w.Need) > longestNeed {
		invalid = invalid.With("need", "handout.error.need")
	}
	if known && !w.Until.IsZero() {
		last := today.AddDays(c.Handouts.AnswerDays.Value + c.Handouts.OpenDays.Value + c.ListDaysFor(purpose))
		switch {
		case !w.Until.IsValid() || w.Until.Before(today):
			invalid = invalid.With("until", "handout.error.until_past")
		case w.Until.After(last):
			invalid = invalid.With("until", "handout.error.until_late", "days", c.ListDaysFor(purpose))
		}
	}
	if !slices.Contains([]string{ByPage, ByPhone, ByMail}, w.Channel) {
		invalid = invalid.With("channel", "handout.error.channel")
	}
	if len(invalid.Fields) > 0 {
		return invalid
	}
	return nil
}

// checkRecipient settles who somebody without an account is.
func (w *Wish) checkRecipient(kind *charter.Recipient, invalid *fault.Error) *fault.Error {
	switch {
	case kind == nil:
		invalid = invalid.With("as", "handout.error.as")
	case kind.Outside == charter.OutsideNever:
		w.To.Outside = false
	case kind.Outside == charter.OutsideAlways:
		w.To.Outside = true
	}
	if w.To.Name == "" || len(w.To.Name) > longestName {
		invalid = invalid.With("name", "handout.error.name")
	}
	if w.To.Function == "" || len(w.To.Function) > longestName {
		invalid = invalid.With("function", "handout.error.function")
	}
	if email, ok := locale.ParseEmail(w.To.Email); ok {
		w.To.Email = email
	} else {
		invalid = invalid.With("email", "fault.field.email")
	}
	return invalid
}

// mayDecide says by which rule somebody does not decide a requisition; "" where they
// may. Nobody decides what they get themselves, or have asked for themselves.
func mayDecide(rules *charter.Handouts, c *Case, by vault.PersonID, sameAddress bool) (reason string) {
	switch {
	case by == c.Person || sameAddress:
		return "handout.denied.own"
	case rules.SecondPair.Value && by == c.AskedBy:
		return "handout.denied.second"
	}
	return ""
}

// fetchable says whether a list can be fetched at a moment: once, before its day, and
// again soon after a download that broke off.
func (c *Case) fetchable(today civil.Date, now time.Time, broke bool) error {
	switch {
	case c.State == Approved && !today.After(c.OpenUntil):
		if !c.Wish.Until.IsZero() && c.Wish.Until.Before(today) {
			return fault.New(fault.Gone, "handout.error.until_over")
		}
		return nil
	case c.State == Fetched && broke && now.Sub(c.FetchedAt) <= repeatFor && len(c.Lists) < mostLists:
		return nil
	case c.State == Fetched:
		return fault.New(fault.Gone, "handout.error.fetched")
	}
	return fault.New(fault.Gone, "handout.error.over")
}

// destroyBy is the last day of a list that is made today.
func (c *Case) destroyBy(latest civil.Date) civil.Date {
	if !c.Wish.Until.IsZero() && c.Wish.Until.Before(latest) {
		return c.Wish.Until
	}
	return latest
}
