package app

import (
	"context"
	"strconv"
	"strings"

	"kartotek/internal/departure"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
)

// Resigned writes the receipt for a resignation. Its subject says nothing of what it is
// about, and the mail names no association that the address could not know (D6).
func (l letters) Resigned(ctx context.Context, person vault.PersonID, r departure.Receipt) (departure.Letter, error) {
	return l.write(ctx, person, "departure.receipt", func(p *locale.Printer) string {
		door := p.T("departure.mail.receipt_self", "date", p.Date(r.On))
		switch {
		case r.Unit != 0:
			door = p.T("departure.mail.receipt_body", "date", p.Date(r.On), "body", l.h.bodyName(r.Unit), "how", p.T("departure.heard."+r.How))
		case r.How != "self":
			door = p.T("departure.mail.receipt_office", "date", p.Date(r.On), "how", p.T("departure.heard."+r.How))
		}
		text := door + "\n\n" + p.T("departure.mail.receipt", "number", r.Number, "by", p.Date(r.By))
		if n := len(r.Lists); n > 0 {
			numbers := make([]string, n)
			for i := range r.Lists {
				numbers[i] = strconv.FormatInt(r.Lists[i].Number, 10)
			}
			text += "\n\n" + p.T("departure.mail.receipt_lists", "count", n, "lists", numbers)
		}
		return strings.TrimSpace(text) + "\n\n" + l.h.URL + "/me"
	})
}

// countReasons counts why members left in the years that are over.
func (h *House) countReasons(ctx context.Context) error {
	if err := h.Departures.Ready(ctx); err != nil || h.steady.Doubtful() {
		return err
	}
	return h.Departures.CountReasons(ctx)
}

// Withdrawn tells that a resignation was taken back. To whoever had entered it the
// number says which; nobody is named (D6).
func (l letters) Withdrawn(ctx context.Context, to vault.PersonID, number string, own bool) (departure.Letter, error) {
	key := "departure.mail.withdrawn_entered"
	if own {
		key = "departure.mail.withdrawn"
	}
	return l.write(ctx, to, "departure.receipt", func(p *locale.Printer) string { return p.T(key, "number", number) })
}
