package app_test

import (
	"bytes"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/extract"
)

// manyAtOnce proposes to close some of them together; a colleague says no.
func (p *proof) manyAtOnce() {
	ctx, today := p.Context(), p.Access.Today()
	id, err := p.Access.Employ(ctx, p.As("founder"), p.Person("odd"), access.Position{Code: "member-service", From: today, Ground: "vikar"})
	p.Must(err)
	b, err := p.Departures.CloseMany(ctx, p.As("odd"), []string{p.Number["wanda"], p.Number["wilfred"]}, "non-payment", true)
	p.Must(err)
	_, err = p.Departures.DecideBatch(ctx, p.As("bo"), b.ID, false)
	p.Must(err)
	p.Must(p.Access.EndPosition(ctx, p.As("founder"), p.Person("odd"), id, today.AddDays(-1)))
}

// lists lets them ask to keep a list longer, be answered both ways, and lose one.
func (p *proof) lists() {
	ctx, must := p.Context(), p.Must
	for _, granted := range []bool{true, false} {
		d, err := p.Extracts.Pull(ctx, p.As("chair"), extract.Wish{Purpose: "administration", Format: extract.CSV, Lang: "da"})
		must(err)
		must(d.Write(ctx, new(bytes.Buffer)))
		id, err := p.Extracts.AskLonger(ctx, p.As("chair"), d.List.Number, d.List.DestroyBy.AddDays(3), "Xylofonmødet på Zirkonvej er udsat")
		must(err)
		must(p.Extracts.Decide(ctx, p.As("anna"), id, granted, "Se Xylofonreferatet"))
		if granted {
			_, err = p.Extracts.AttestAll(ctx, p.As("chair"), []int64{d.List.Number})
			must(err)
			continue
		}
		_, err = p.Extracts.AttestLost(ctx, p.As("chair"), d.List.Number, strings.Repeat("Glemt på Zanzibar. ", 3))
		must(err)
	}
}
