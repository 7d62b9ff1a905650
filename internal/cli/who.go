package cli

import (
	"context"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// asWho is the flag of every command that touches member data.
type asWho struct {
	As string `required:"" placeholder:"WHO"`
}

// actor is who acts: looked up blind in the keyring, by e-mail address or member
// number. What they may do is decided by the room, as on a page.
func (d *desk) actor(ctx context.Context, who string) (access.Actor, error) {
	kind, value := vault.ClaimNumber, strings.ToLower(strings.ReplaceAll(who, " ", ""))
	if strings.Contains(who, "@") {
		email, ok := locale.ParseEmail(who)
		if !ok {
			return access.Actor{}, fault.New(fault.Invalid, "cli.error.who_form")
		}
		kind, value = vault.ClaimEmail, email
	}
	claimed, err := d.house.Keyring.Find(kind, value)
	if err != nil {
		return access.Actor{}, err
	}
	var persons []vault.PersonID
	for _, person := range claimed {
		present, err := d.present(ctx, person)
		if err != nil {
			return access.Actor{}, err
		}
		if present {
			persons = append(persons, person)
		}
	}
	switch len(persons) {
	case 1:
		return access.Actor{Person: persons[0], Via: access.Console, OSUser: d.osUser}, nil
	case 0:
		denied := journal.Entry{Act: journal.Denied, Via: string(access.Console), OSUser: d.osUser, Reason: "cli.error.who_none"}
		if _, err := d.house.Journal.Read(ctx, &denied); err != nil {
			return access.Actor{}, err
		}
		return access.Actor{}, fault.New(fault.NotFound, "cli.error.who_none")
	}
	return access.Actor{}, fault.New(fault.Conflict, "cli.error.who_several", "count", len(persons))
}

// present reports whether a person is in the register and not leaving: whoever
// leaves acts no more.
func (d *desk) present(ctx context.Context, person vault.PersonID) (bool, error) {
	scope, err := d.house.Access.Decide(access.Actor{Person: person, Via: access.System}, access.Want{Self: true})
	if err != nil {
		return false, err
	}
	own, err := d.house.Members.Own(ctx, scope)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil && !own.Hidden, err
}

// decide finds out who acts and whether they may.
func (d *desk) decide(ctx context.Context, who string, w access.Want) (access.Scope, error) {
	actor, err := d.actor(ctx, who)
	if err != nil {
		return access.Scope{}, err
	}
	return d.house.Access.Require(ctx, actor, w)
}

// actorIn finds out who acts, and the body they name.
func (d *desk) actorIn(ctx context.Context, who, code string) (access.Actor, unit.ID, error) {
	body, err := d.body(code)
	if err != nil {
		return access.Actor{}, 0, err
	}
	actor, err := d.actor(ctx, who)
	return actor, body, err
}

// body finds a body by its code; the empty code is none.
func (d *desk) body(code string) (unit.ID, error) {
	if code == "" {
		return 0, nil
	}
	tree := d.house.Units.Tree()
	if u, ok := tree.ByCode(strings.ToLower(strings.TrimSpace(code))); ok {
		return u.ID, nil
	}
	var near []string
	for _, u := range tree.Search(code, 3) {
		near = append(near, u.Code)
	}
	if len(near) > 0 {
		return 0, fault.New(fault.NotFound, "cli.error.unit_near", "code", code, "near", near)
	}
	return 0, fault.New(fault.NotFound, "cli.error.unit", "code", code)
}

// code is a body's code; nothing for no body.
func (d *desk) unitCode(id unit.ID) string {
	u, _ := d.house.Units.Tree().ByID(id)
	return u.Code
}

// unitName is a body's name.
func (d *desk) unitName(id unit.ID) string {
	u, _ := d.house.Units.Tree().ByID(id)
	return u.Name
}
