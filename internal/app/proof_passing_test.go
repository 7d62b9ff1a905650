package app_test

import (
	"bytes"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/extract"
	"kartotek/internal/passing"
)

// worldwide is a recipient outside that needs nobody's consent, for the proof: what it
// is passed is kept as prints, and what it is told to delete as references.
const worldwide = `
[[recipients]]
code = "world"
name = { da = "Verdensforbundet", en = "The world federation" }
country = "US"
hint = { da = "h", en = "h" }
basis = "6(1)(b)"
basis-9 = "9(2)(d)"
basis-text = { da = "aftalen", en = "the agreement" }
transfer = "46(2)(c)"
transfer-text = { da = "standardkontrakten", en = "the clauses" }
fields = ["number", "given", "family", "birth", "address", "postal", "town", "email", "phone", "mobile", "unit"]
refusal = "impossible"
runs = ["member-service"]
source = { da = "k", en = "s" }

`

func withWorldwide(source string) string {
	return strings.Replace(source, "[[purposes]]", worldwide+"[[purposes]]", 1)
}

// passedOn has somebody who goes pass everybody on as files, others taken back, and
// what the recipient has compared (N12, L3).
func (p *proof) passedOn() {
	ctx, must, by := p.Context(), p.Must, p.As("odd")
	id, err := p.Access.Employ(ctx, p.As("founder"), p.Person("odd"), access.Position{Code: "member-service", From: p.Access.Today(), Ground: "vikar i Xylofonien"})
	must(err)
	look, err := p.Passing.Preview(ctx, by, "world")
	must(err)
	_, err = p.Passing.Run(ctx, by, "world", look.Counts.Lines())
	must(err)
	settle := func() {
		shown, err := p.Passing.Show(ctx, by, "world", 1)
		must(err)
		for _, b := range shown.Batches {
			if b.State != passing.Ready {
				continue
			}
			d, err := p.Passing.Export(ctx, by, b.ID, "da")
			must(err)
			must(d.Write(ctx, new(bytes.Buffer)))
			must(p.Passing.Acknowledge(ctx, by, b.ID, "kvittering-1"))
			if d.Number() != 0 {
				for _, medium := range []extract.Medium{extract.Digital, extract.Physical} {
					_, err = p.Extracts.Attest(ctx, by, d.Number(), medium)
					must(err)
				}
			}
		}
	}
	settle()
	must(p.Members.Restrict(ctx, p.may("anna", charter.Edit), p.Person("wanda"), true))
	must(p.Passing.Work(ctx))
	settle()
	must(p.Members.Restrict(ctx, p.may("anna", charter.Edit), p.Person("wanda"), false))
	must(p.Passing.Pause(ctx, by, "world"))
	must(p.Passing.Resume(ctx, by, "world"))
	_, err = p.Passing.Against(ctx, by, "world", strings.NewReader("aaaaaaaaaaaaaaaa\n")) // it has somebody nobody knows, and nobody else
	must(err)
	_, err = p.Passing.Run(ctx, by, "world", 0) // everybody anew
	must(err)
	must(p.Passing.Work(ctx))
	settle()
	must(p.Access.EndPosition(ctx, p.As("founder"), p.Person("odd"), id, p.Access.Today().AddDays(-1)))
}
