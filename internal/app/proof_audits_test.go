package app_test

import (
	"kartotek/internal/access"
	"kartotek/internal/audit"
)

// audits lets them stand on a roll, be answered for, be told of and be taken up again,
// and write remarks (N13).
func (p *proof) audits() {
	ctx, must := p.Context(), p.Must
	_, err := p.Access.Employ(ctx, p.As("founder"), p.Person("wilfred"), access.Position{Code: "member-service", From: p.Access.Today(), Ground: "passer xylofonrevisionen"})
	must(err)
	a, err := p.Audits.OpenByHand(ctx, p.As("wilfred"))
	must(err)
	body := p.Bodies["gentofte"]
	_, err = p.Audits.Show(ctx, p.As("chair"), a.ID, body)
	must(err)
	c, err := p.Audits.Tell(ctx, p.As("chair"), audit.Wish{
		Audit: a.ID, Unit: body, What: audit.Field, Person: p.Person("member"), Values: map[string]string{"address": "Zirkonstien 41"}, Note: "Xylofonkortet er forkert",
	})
	must(err)
	_, err = p.Audits.Reopen(ctx, p.As("chair"), c.ID, "Xylofonvejen alligevel")
	must(err)
	_, err = p.Audits.Settle(ctx, p.As("officer"), c.ID, audit.Refused, "Xylofonkortet passer")
	must(err)
	_, err = p.Audits.Mark(ctx, p.As("chair"), a.ID, body, p.Person("wanda"), audit.Here)
	must(err)
	v, err := p.Audits.View(ctx, p.As("chair"), a.ID, body)
	must(err)
	for _, check := range v.Checks {
		if !check.Fact.Known {
			must(p.Audits.AnswerCheck(ctx, p.As("chair"), a.ID, body, check.Code, true, "Xylofonmaskinen er ny"))
		}
	}
}

// audited ends it without the body's word, once its days are over.
func (p *proof) audited() {
	a, err := p.Audits.Newest(p.Context(), p.As("anna"))
	p.Must(err)
	_, err = p.Audits.Finish(p.Context(), p.As("wilfred"), a.ID, p.Bodies["gentofte"])
	p.Must(err)
	signed, err := p.Audits.Report(p.Context(), p.As("wilfred"), a.ID, p.Bodies["gentofte"], "da")
	p.Must(err)
	_, err = p.Audits.Paper(p.Context(), signed)
	p.Must(err)
	for _, h := range p.Access.Held(p.Person("wilfred")) {
		if h.Basis.Right == access.ByPosition {
			p.Must(p.Access.EndPosition(p.Context(), p.As("founder"), p.Person("wilfred"), h.Basis.ID, p.Access.Today().AddDays(-1)))
		}
	}
}
