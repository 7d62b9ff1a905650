package demo

import (
	"context"

	"kartotek/internal/mailing"
	"kartotek/internal/unit"
)

// writing is a message to members (L8, D13): with somebody who approves, sent; else it
// waits.
type writing struct {
	by, approves  string // roles of logins
	body          unit.ID
	purpose       string
	subject, text string
	replyTo       string
	letters       bool
}

// writeToMembers has messages written, approved and sent.
func (b *builder) writeToMembers(ctx context.Context, all ...writing) error {
	for _, w := range all {
		author, ok := b.loginOf(w.by)
		if !ok || w.body == 0 {
			continue
		}
		m, err := b.Mailings.Draft(ctx, console(author.Person), mailing.Draft{
			Unit: w.body, Purpose: w.purpose, Subject: w.subject, Text: w.text, ReplyTo: w.replyTo, Lang: b.language, Letters: w.letters, Households: true,
		})
		if err != nil {
			return err
		}
		if _, err := b.Mailings.Submit(ctx, console(author.Person), m.ID); err != nil {
			return err
		}
		for _, second := range b.logins {
			if second.Role != w.approves || second.Person == author.Person {
				continue
			}
			if _, err := b.Mailings.Approve(ctx, console(second.Person), m.ID); err != nil {
				return err
			}
			if err := b.Mailings.Work(ctx); err != nil {
				return err
			}
			break
		}
	}
	return nil
}

// smallest is the body with the fewest members that has some: what is sent there fills
// no mailbox.
func (b *builder) smallest() unit.ID {
	heads, err := b.Members.Heads()
	if err != nil {
		return 0
	}
	least := unit.ID(0)
	for _, u := range b.Units.Tree().All() {
		if n := heads[u.ID]; n >= 3 && (least == 0 || n < heads[least]) {
			least = u.ID
		}
	}
	return least
}

// bodyOf is the body a role's login holds a post in; 0 for none.
func (b *builder) bodyOf(role string) unit.ID {
	who, ok := b.loginOf(role)
	if !ok {
		return 0
	}
	for _, h := range b.Access.Held(who.Person) {
		if h.Basis.Unit != 0 {
			return h.Basis.Unit
		}
	}
	return 0
}
