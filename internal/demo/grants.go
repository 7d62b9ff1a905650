package demo

import (
	"context"
	"fmt"

	"kartotek/internal/charter"
	"kartotek/internal/grant"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// granting is a documented access in the shown body (D9): one of its members, proposed by one officer; with an officer who enters it, decided.
type granting struct {
	daysAgo            int
	member             int    // which of the members nobody was dealt as
	proposer, enters   string // roles of logins
	task, ground       string
	minutes, reason    string
	purposes, fields   []string
	firstDay, duration int // days after the proposal
}

// grantAccess goes through the board's and the association's part.
func (b *builder) grantAccess(ctx context.Context, body string, all ...granting) error {
	at, known := b.Units.Tree().ByCode(body)
	if !known {
		return nil
	}
	for _, g := range all {
		if err := b.daysAgo(ctx, g.daysAgo); err != nil {
			return err
		}
		person, ok := b.ordinary(at.ID, g.member)
		proposer, _ := b.loginOf(g.proposer)
		if !ok || proposer.Person == 0 {
			continue
		}
		from := b.Access.Today().AddDays(g.firstDay)
		c, err := b.Grants.Propose(ctx, console(proposer.Person), grant.Wish{
			Person: person, Unit: at.ID, Task: g.task, Ground: g.ground, Purposes: g.purposes, Fields: g.fields, From: from, Until: from.AddDays(g.duration),
		})
		if err != nil {
			return err
		}
		officer, _ := b.loginOf(g.enters)
		if officer.Person == 0 {
			continue
		}
		if _, err := b.Grants.Decide(ctx, console(officer.Person), c.ID, grant.Decision{
			Approve: true, Meeting: charter.ByBoard, Met: b.Access.Today(), Minutes: g.minutes, Reason: g.reason, Apart: true,
		}); err != nil {
			return err
		}
	}
	return nil
}

// ordinary finds one of the members of a body beyond those dealt to it, who hold
// nothing and are nobody to sign in as.
func (b *builder) ordinary(body unit.ID, nth int) (vault.PersonID, bool) {
	for i := b.rounds * len(b.all); i < b.count; i++ {
		found, err := b.Keyring.Find(vault.ClaimNumber, fmt.Sprint(b.first+i))
		if err != nil || len(found) != 1 || !b.Members.Belongs(found[0], body) {
			continue
		}
		if nth == 0 {
			return found[0], true
		}
		nth--
	}
	return 0, false
}
