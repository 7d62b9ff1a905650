package app

import (
	"slices"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/member"
	"kartotek/internal/news"
	"kartotek/internal/notice"
	"kartotek/internal/report"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// reporter makes news of what the members' and the leaving's acts do.
type reporter struct{ h *House }

// Happened makes news of an act on members. Whoever is in no body but the
// association itself is news of that.
func (r reporter) Happened(tx *database.Tx, all []member.Happening) error {
	var events []news.Event
	var outside []notice.Change
	add := func(kind news.Kind, person vault.PersonID, bodies []unit.ID, fields []string) {
		for _, body := range bodies {
			events = append(events, news.Event{Kind: kind, Person: person, Unit: body, Fields: fields})
		}
	}
	if err := r.counted(tx, all); err != nil {
		return err
	}
	for i := range all {
		h := &all[i]
		if h.Lapsed { // whoever closes is asked; until then it is no news
			continue
		}
		if h.Restricted { // holders outside are told (L3)
			outside = append(outside, notice.Change{Person: h.Person, Why: notice.Restricted})
		}
		if len(h.Fields) > 0 {
			outside = append(outside, notice.Change{Person: h.Person, Why: notice.Corrected, Fields: h.Fields})
		}
		entered := news.Arrived
		if h.New {
			entered = news.Joined
		}
		add(entered, h.Person, h.Entered, nil)
		add(news.Moved, h.Person, h.Gone, nil)
		if len(h.Fields) > 0 {
			add(news.Changed, h.Person, h.In, h.Fields)
		}
	}
	if err := r.h.Notices.Changed(tx, outside...); err != nil {
		return err
	}
	tx.AfterCommit(r.h.Passing.Stir)
	return r.h.News.Happened(tx, events)
}

// Left makes news of a closing. What the charter has done in silence, a duplicate
// taken away, is none; a death is.
func (r reporter) Left(tx *database.Tx, person vault.PersonID, reason *charter.Reason) error {
	if err := r.countedLeft(tx, person, reason); err != nil {
		return err
	}
	tx.AfterCommit(r.h.Passing.Stir)
	kind := news.Left
	switch {
	case reason.OfDeath():
		kind = news.Died
	case reason.Silent:
		return nil
	}
	return r.of(tx, kind, person)
}

func (r reporter) Stayed(tx *database.Tx, person vault.PersonID) error {
	if err := r.countedOf(tx, report.Stayed, person); err != nil {
		return err
	}
	return r.of(tx, news.Stayed, person)
}

func (r reporter) of(tx *database.Tx, kind news.Kind, person vault.PersonID) error {
	var events []news.Event
	for _, body := range slices.Compact(r.h.Members.Units(person)) {
		events = append(events, news.Event{Kind: kind, Person: person, Unit: body})
	}
	return r.h.News.Happened(tx, events)
}
