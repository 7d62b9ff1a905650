package app_test

import (
	"kartotek/internal/audit"
)

// audits lets them stand on a roll, be answered for, be told of and be taken up again,
// and write remarks (N13).
func (p *proof) audits() {
	ctx, must := p.Context(), p.Must
	a, err := p.Audits.OpenByHand(ctx, p.As("anna"))
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
	_, err = p.Audits.Finish(p.Context(), p.As("anna"), a.ID, p.Bodies["gentofte"])
	p.Must(err)
}
