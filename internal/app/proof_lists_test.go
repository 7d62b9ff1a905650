package app_test

import (
	"bytes"
	"strings"

	"kartotek/internal/extract"
)

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
