package app

import (
	"context"
	"slices"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/member"
	"kartotek/internal/report"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// connectReports makes the room that counts (D2).
func (h *House) connectReports() {
	h.Reports = report.New(report.Made{
		Charter: h.Charter, DB: h.DB, Keyring: h.Keyring, Journal: h.Journal, Units: h.Units, Access: h.Access, Directory: h.Members, Now: h.Now,
	})
}

// count counts what is over, unless the clock is in doubt: a day that never was must
// not stand in a report.
func (h *House) count(ctx context.Context) error {
	if err := h.Reports.Ready(ctx); err != nil || h.steady.Doubtful() {
		return err
	}
	return h.Reports.Count(ctx)
}

// counted puts an act on members down for the reports.
func (r reporter) counted(tx *database.Tx, all []member.Happening) error {
	var events []report.Event
	add := func(kind report.Kind, bodies []unit.ID) {
		for _, body := range bodies {
			events = append(events, report.Event{Unit: body, Kind: kind})
		}
	}
	for i := range all {
		h := &all[i]
		switch {
		case h.Backlog:
			add(report.Other, h.Entered)
		case h.New:
			add(report.Joined, h.Entered)
		default:
			add(report.Arrived, h.Entered)
		}
		if h.Lapsed {
			add(report.Left, h.Gone)
		} else {
			add(report.Moved, h.Gone)
		}
	}
	return r.h.Reports.Happened(tx, events...)
}

// countedLeft puts a closing down. What the charter has done in silence, a duplicate
// taken away, is nobody's leaving.
func (r reporter) countedLeft(tx *database.Tx, person vault.PersonID, reason *charter.Reason) error {
	kind := report.Left
	if reason.Silent && !reason.OfDeath() {
		kind = report.Other
	}
	return r.countedOf(tx, kind, person)
}

func (r reporter) countedOf(tx *database.Tx, kind report.Kind, person vault.PersonID) error {
	var events []report.Event
	for _, body := range slices.Compact(r.h.Members.Units(person)) {
		events = append(events, report.Event{Unit: body, Kind: kind})
	}
	return r.h.Reports.Happened(tx, events...)
}
