package app

import (
	"context"
	"slices"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/signin"
	"kartotek/internal/vault"
)

// Address is the address on a person's card and the language they are written to in.
func (d door) Address(ctx context.Context, person vault.PersonID) (email, lang string, err error) {
	scope, err := d.h.self(person)
	if err != nil {
		return "", "", err
	}
	own, err := d.h.Members.Own(ctx, scope)
	if fault.Is(err, fault.NotFound) {
		return "", d.h.Charter.Lang(), nil
	}
	if err != nil {
		return "", "", err
	}
	if lang = own.Language; lang == "" {
		lang = d.h.Charter.Lang()
	}
	return own.Email, lang, nil
}

// Officer reports whether a person holds what opens data of others.
func (d door) Officer(person vault.PersonID) bool {
	return slices.ContainsFunc(d.h.Access.Held(person), func(h access.Holding) bool { return h.May != 0 })
}

// Vouch lets those vouch for somebody who could give them what they hold: a post by
// whoever appoints in its body, a position by whoever employs. One does not vouch
// for oneself.
func (d door) Vouch(ctx context.Context, by signin.Voucher, person vault.PersonID) (journal.Entry, error) {
	actor := access.Actor{Person: by.Person, As: by.As, Via: access.Via(by.Via), OSUser: by.OSUser}
	var scope access.Scope
	needed := false
	for _, h := range d.h.Access.Held(person) {
		if h.May == 0 {
			continue
		}
		want := access.Want{Act: charter.Appoint, Unit: h.Basis.Unit}
		if h.Basis.Right == access.ByPosition {
			want = access.Want{Act: charter.Staff}
		}
		var err error
		if scope, err = d.h.Access.Require(ctx, actor, want); err != nil {
			return journal.Entry{}, err
		}
		needed = true
	}
	if !needed {
		return journal.Entry{}, fault.New(fault.Conflict, "signin.error.no_need")
	}
	if by.Person == person {
		e := scope.Entry(journal.Denied)
		e.Reason = "signin.error.vouch_self"
		if _, err := d.h.Journal.Read(ctx, &e); err != nil {
			return journal.Entry{}, err
		}
		return journal.Entry{}, fault.New(fault.Denied, "signin.error.vouch_self")
	}
	return scope.Entry(journal.Vouch, person), nil
}

// prepare tells those who were given access what the door will ask. In the demo
// nobody is told: its mailbox would hold little else.
func (h *House) prepare(ctx context.Context) error {
	if h.Demo {
		return nil
	}
	return h.SignIn.Prepare(ctx, h.Access.WithAccess())
}
