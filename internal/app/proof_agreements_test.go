package app_test

import (
	"kartotek/internal/agreement"
)

// agrees lets a chair who goes sign for the association, have it sent back, sign again,
// and say no to a sub-processor. The agreement keeps the chair's name for as long as the
// certificate says (N2, GDPR Art. 28(9)); nothing else does.
func (p *proof) agrees() {
	ctx, must, s := p.Context(), p.Must, p.Agreements
	body := p.Bodies["gentofte"]
	_, err := s.Ask(ctx, p.As("anna"))
	must(err)
	_, err = s.Remind(ctx, p.As("bo"), body)
	must(err)
	mandate := agreement.Mandate{Meeting: "board", On: p.Access.Today(), Item: "punkt 4"}
	a, err := s.Sign(ctx, p.As("chair"), body, agreement.Signing{Mandate: mandate})
	must(err)
	_, err = s.Return(ctx, p.As("bo"), a.Number, "Referatet mangler")
	must(err)
	_, err = s.Sign(ctx, p.As("chair"), body, agreement.Signing{Mandate: mandate})
	must(err)
	_, err = s.Accept(ctx, p.As("bo"), a.Number)
	must(err)
	_, err = s.Countersign(ctx, p.As("anna"), a.Number)
	must(err)
	_, err = s.Sealed(ctx, p.As("chair"), a.Number)
	must(err)
	x := agreement.Processor{Unit: body, Name: "Trykhuset", Address: "Havnegade 1", Contact: "post@trykhuset.example", Country: "DK", Transfer: "eea", Task: "trykker",
		Purposes: []string{"newsletter"}, Fields: []string{"given"}}
	_, err = s.AddProcessor(ctx, p.As("chair"), x, nil)
	must(err)
	x.Unit = p.Bodies["party"]
	x, err = s.AddProcessor(ctx, p.As("anna"), x, nil)
	must(err)
	must(s.Answer(ctx, p.As("chair"), x.ID, body, true, "Vi har selv et trykkeri"))
	against, err := s.Objections(ctx, p.As("anna"), x.ID)
	must(err)
	must(s.Settle(ctx, p.As("anna"), against[0].ID, true, "Det bruges ikke"))
}

// underAgreement reports whether a place is one where the law keeps the name of whoever
// signed an agreement, until its own end.
func underAgreement(kind string) bool {
	return kind == "agreement-dossier" || kind == "agreement-paper"
}
