package app

import (
	"context"
	"maps"
	"slices"

	"kartotek/internal/charter"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// newDay brings the members to today and tells whom it concerns: a body whose
// youth has grown out of it, in a number and no names, and the secretariat of
// memberships that have run out.
func (h *House) newDay(ctx context.Context) error {
	day, err := h.Members.Daily(ctx)
	for _, body := range slices.Sorted(maps.Keys(day.Aged)) {
		h.attempt("notice", func() error { return h.tellAged(ctx, body, day.Aged[body]) })
	}
	for _, person := range day.Left {
		h.attempt("lapsed", func() error { return h.Departures.Lapsed(ctx, person) })
	}
	return err
}

// tellAged tells a body's officers how many of its members moved on by age; where
// the body has none, or is the association itself, the secretariat.
func (h *House) tellAged(ctx context.Context, body unit.ID, count int) error {
	to := h.Access.Officers(body, charter.Edit)
	if len(to) == 0 {
		to = h.Access.Employed(charter.Close)
	}
	at, _ := h.Units.Tree().ByID(body)
	told := map[vault.PersonID]bool{}
	for _, person := range to {
		if told[person] {
			continue
		}
		told[person] = true
		message, err := letters{h}.compose(ctx, person, "app.mail.aged", func(p *locale.Printer) string {
			return p.T("app.mail.aged.text", "count", count, "body", at.Name) + "\n\n" + h.URL + "/"
		})
		if err != nil {
			return err
		}
		if message == nil {
			continue
		}
		if err := h.send(ctx, *message); err != nil {
			return err
		}
	}
	return nil
}
