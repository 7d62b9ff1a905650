package app_test

import (
	"regexp"

	"kartotek/internal/charter"
	"kartotek/internal/grant"
)

// proposed is an access for one of them, as an officer writes it.
func (p *proof) proposed(who, by string) int64 {
	today := p.Access.Today()
	c, err := p.Grants.Propose(p.Context(), p.As(by), grant.Wish{
		Person: p.Person(who), Unit: p.Bodies["gentofte"], Task: "Trykker Xylofonbladet", Ground: "Bladet sendes til Zirkonvej og omegn",
		Purposes: []string{"newsletter"}, Fields: []string{"email"}, From: today, Until: today.AddDays(30),
	})
	p.Must(err)
	return c.ID
}

// grants lets them be proposed, given, refused and deprived of documented access.
func (p *proof) grants() {
	ctx, must := p.Context(), p.Must
	decide := func(id int64, approve bool) {
		_, err := p.Grants.Decide(ctx, p.As("officer"), id, grant.Decision{
			Approve: approve, Meeting: charter.ByBoard, Met: p.Access.Today(), Minutes: "Xylofonreferatet, punkt 4", Reason: "Zirkonvej skal have bladet", Apart: true,
		})
		must(err)
	}
	id := p.proposed("neighbour", "chair")
	decide(id, true)
	_, err := p.Grants.Withdraw(ctx, p.As("treasurer"), id, "Xylofonbladet er lukket")
	must(err)
	decide(p.proposed("neighbour", "treasurer"), false)

	p.proposed("secret", "chair") // nobody answers
}

// lapse goes on after the days in which somebody could have answered.
func (p *proof) lapse() {
	p.Must(p.Grants.Daily(p.Context()))
	all, _, err := p.Grants.List(p.Context(), p.As("chair"), 0)
	p.Must(err)
	if len(all) != 4 || all[1].State != grant.Lapsed {
		p.t.Fatalf("what nobody answered is %+v", all)
	}
}

// unanswered lets a proposal lapse within the days the moves take.
var unanswered = regexp.MustCompile(`(\[grants\.answer-days\][^\n]*\s+value = )60`)
