package app_test

import (
	"kartotek/internal/meeting"
	"kartotek/internal/vault"
)

// meetings has them called to a general meeting, come to it, stand, count and be elected.
func (p *proof) meetings() {
	ctx, must := p.Context(), p.Must
	by := p.As("chair")
	m, err := p.Meetings.Plan(ctx, by, meeting.Wish{
		Unit: p.Bodies["gentofte"], Kind: meeting.Extraordinary, Day: p.Access.Today(), Clock: "19.30", Place: "Forsamlingshuset",
		Agenda: []string{"Valg"}, Posts: map[string]int{"membership-officer": 1},
	})
	must(err)
	_, err = p.Meetings.Noticed(ctx, by, m.Number, p.Access.Today())
	must(err)
	must(p.Meetings.Stand(ctx, by, m.Number, 1, p.Person("neighbour")))
	must(p.Meetings.Stand(ctx, by, m.Number, 1, p.Person("secret")))
	must(p.Meetings.Withdraw(ctx, by, m.Number, 1, p.Person("secret")))
	m, err = p.Meetings.Ask(ctx, by, m.Number, "Skal foreningen have en hjemmeside?", 0)
	must(err)
	_, err = p.Meetings.Open(ctx, by, m.Number)
	must(err)
	_, err = p.Meetings.Roll(ctx, by, m.Number, meeting.Look{Size: 50})
	must(err)
	for _, who := range []string{"neighbour", "secret", "treasurer"} {
		_, err = p.Meetings.Mark(ctx, by, m.Number, p.Person(who), meeting.Came)
		must(err)
	}
	counters := [2]vault.PersonID{p.Person("secret"), p.Person("treasurer")}
	m, err = p.Meetings.Count(ctx, by, m.Number, 1, meeting.Tally{Unopposed: true})
	must(err)
	m, err = p.Meetings.Count(ctx, by, m.Number, 2, meeting.Tally{Counters: counters})
	must(err)
	m, err = p.Meetings.Close(ctx, by, m.Number, "Protokollen, side 12")
	must(err)
	if m.State != meeting.Closed || m.Polls[0].State != meeting.Elected {
		p.t.Fatalf("the meeting is %+v", m)
	}
}
