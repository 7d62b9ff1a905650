package app_test

import (
	"kartotek/internal/access"
	"kartotek/internal/procedure"
)

// publishes lets one of them work in the secretariat and edit the published procedure
// under their own name.
func (p *proof) publishes() {
	ctx, must := p.Context(), p.Must
	today := p.Access.Today()
	id, err := p.Access.Employ(ctx, p.As("founder"), p.Person("odd"), access.Position{Code: "member-service", From: today, Ground: "redaktion på Xylofonien"})
	must(err)
	must(p.Procedures.SetNotes(ctx, p.As("odd"), procedure.Procedure, []procedure.Note{{Section: "d8", Language: "da", Text: "Spørg på kontoret."}}))
	v, err := p.Procedures.Publish(ctx, p.As("odd"), procedure.Wish{Document: procedure.Procedure, Function: "Medlemsservice", Named: true, Reason: "Første udgave"})
	must(err)
	if v.Name == "" {
		p.t.Fatal("the editor is not named")
	}
	_, err = p.Procedures.YearPaper(ctx, p.As("chair"), p.Bodies["gentofte"])
	must(err)
	must(p.Access.EndPosition(ctx, p.As("founder"), p.Person("odd"), id, today.AddDays(-1)))
}
