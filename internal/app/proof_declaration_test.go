package app_test

import (
	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/declaration"
)

// declares lets one of them work in the secretariat and carry a body's privacy
// declaration from its first words until members have been told of it.
func (p *proof) declares() {
	ctx, must := p.Context(), p.Must
	today, body := p.Access.Today(), p.Bodies["gentofte"]
	id, err := p.Access.Employ(ctx, p.As("founder"), p.Person("odd"), access.Position{Code: "member-service", From: today, Ground: "politik på Xylofonien"})
	must(err)
	words := "Vi mødes i medborgerhuset."
	desk, err := p.Declarations.Desk(ctx, p.As("odd"), body)
	must(err)
	grounds := map[string]string{}
	for _, r := range desk.Abroad {
		grounds[r.Code] = "EU-standardkontrakt"
	}
	d, err := p.Declarations.Write(ctx, p.As("odd"), body, declaration.Change{
		Part: "contact", Language: "da", Words: &words, Reason: "Hvem man spørger", Grounds: grounds,
		Contact: &declaration.Contact{Function: charter.Words{"da": "medlemsansvarlig"}, Email: "medlem@gentofte.example"},
	})
	must(err)
	if d.Writer != p.Person("odd") {
		p.t.Fatal("somebody else has written")
	}
	must(p.Declarations.Submit(ctx, p.As("odd"), body, "Hvem man spørger", false))
	must(p.Declarations.Review(ctx, p.As("chair"), body, true, ""))
	_, err = p.Declarations.Publish(ctx, p.As("odd"), body)
	must(err)
	must(p.Declarations.Announced(ctx, p.As("odd"), body, "På mødet"))
	must(p.Access.EndPosition(ctx, p.As("founder"), p.Person("odd"), id, today.AddDays(-1)))
}
