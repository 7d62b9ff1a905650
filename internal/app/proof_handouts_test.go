package app_test

import (
	"bytes"

	"kartotek/internal/access"
	"kartotek/internal/handout"
)

// handouts lets one of them chair a storkreds and requisition its list, and a stranger
// be handed one; members say yes and no to that (D5, D13).
func (p *proof) handouts() {
	ctx, must := p.Context(), p.Must
	stranger, err := p.Handouts.Ask(ctx, p.As("anna"), handout.Wish{
		As: "adviser", To: handout.Recipient{Name: "Xanthippe Xylander", Email: "xanthippe.xylander@example.dk", Function: "rådgiver", Outside: true},
		Unit: p.Bodies["party"], Purpose: "invitation", Format: "csv", Need: "Xylandermødet på Zirkonvej", Channel: handout.ByPhone,
	})
	must(err)
	_, err = p.Handouts.Refuse(ctx, p.As("bo"), stranger.ID, "Zirkonvej har intet med sagen at gøre")
	must(err)

	p.Appoint("paper", "regional-chair", "south")
	ask := func() int64 {
		c, err := p.Handouts.Ask(ctx, p.As("paper"), handout.Wish{
			As: "regional-chair", For: p.Person("paper"), Unit: p.Bodies["south"], Purpose: "invitation", Format: "csv", Need: "Papyrusfesten", Channel: handout.ByPage,
		})
		must(err)
		return c.ID
	}
	refused := ask()
	_, err = p.Handouts.Refuse(ctx, p.As("anna"), refused, "Papyrusfesten er aflyst")
	must(err)
	taken := ask()
	_, err = p.Handouts.Withdraw(ctx, p.As("paper"), taken, "Papyrusfesten er aflyst")
	must(err)
	approved := ask()
	_, err = p.Handouts.Approve(ctx, p.As("anna"), approved, "")
	must(err)
	_, err = p.Handouts.Again(ctx, p.As("anna"), approved)
	must(err)
	code, err := p.Handouts.ReadCode(ctx, p.As("bo"), approved)
	must(err)
	key, err := p.Handouts.Key(ctx, p.As("paper"), approved)
	must(err)
	d, err := p.Handouts.Fetch(ctx, key, code, "192.0.2.7")
	must(err)
	must(d.Write(ctx, new(bytes.Buffer)))
	last := ask() // which nobody fetches
	_, err = p.Handouts.Approve(ctx, p.As("anna"), last, "")
	must(err)
	must(p.Access.EndAppointment(ctx, p.As("anna"), p.Person("paper"), p.Access.Held(p.Person("paper"))[0].Basis.ID, p.Access.Today()))
	_, err = p.Access.Require(ctx, p.As("paper"), access.Want{Self: true})
	must(err)
}

// unfetched goes on after the days in which the last list could have been fetched.
func (p *proof) unfetched() {
	p.Must(p.Handouts.Daily(p.Context()))
	all, _, err := p.Handouts.List(p.Context(), p.As("anna"))
	p.Must(err)
	if len(all) != 5 || all[0].State != handout.Expired {
		p.t.Fatalf("what nobody fetched is %+v", all)
	}
}
