package web

import (
	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/member"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// belongView is where a member belongs, and what can be done about it. Only the
// secretariat sees more than one body, so only it has this page.
type belongView struct {
	Path, Name       string
	Memberships      look.Table[belongs]
	Several          bool // one of them can be ended
	Unit, Category   look.Select
	From, Until      look.Field
	MoveFrom, MoveTo look.Select
	Problems         look.Problems
	Because          look.Because
}

// The act that a form of the page does; they share the page, so their fields have
// names of their own.
const (
	moveFrom = "move-from"
	moveTo   = "move-to"
)

// belongPage is where a member belongs.
func belongPage(v *visit) error { return v.belongForm(editing{}) }

func (v *visit) belongForm(e editing) error {
	card, scope, err := v.openCard(v.house.Members.Card, charter.Edit)
	if err != nil {
		return err
	}
	if !scope.All() {
		return errNotFound
	}
	path := v.cardPath(card.Person)
	view := belongView{
		Path: path, Name: card.Profile.Name(), Problems: e.problems, Several: len(card.Memberships) > 1 && v.may(charter.Close),
		Unit: v.unitSelect(scope, "unit", e), Category: v.categorySelect("category", e),
		From: v.dayField("from", v.T("card.column.from"), e), Until: v.dayField("until", v.T("card.column.until"), e),
		MoveTo:  v.unitSelect(scope, moveTo, e),
		Because: v.becauseOf("card", scope, "time", v.p.Time(v.house.Now(), v.house.Charter.Location())),
	}
	view.Until.Hint = v.T("card.until_hint")
	view.From.Hint = v.T("card.from_hint")
	view.MoveTo.Label = v.T("card.move.to")
	view.MoveFrom = look.Select{Name: moveFrom, Label: v.T("card.move.from"), Error: e.problems.For(moveFrom), Value: e.form.values.Get(moveFrom)}
	for _, m := range card.Memberships {
		view.MoveFrom.Options = append(view.MoveFrom.Options, look.Option{Value: v.unitCode(m.Unit), Text: v.memberOf(m.Unit)})
	}
	view.Memberships = membershipTable(v.p, v.memberships(card), v.endButton(view))
	return v.show(page{title: v.T("card.memberships"), tab: tabMembers, body: belongBody(view), failed: len(e.problems) > 0})
}

// dayField is a day to type.
func (v *visit) dayField(name, label string, e editing) look.Field {
	f := look.Field{Name: name, Label: label, Input: look.DateInput, Width: look.Short, Error: e.problems.For(name)}
	if e.back() {
		f.Value = e.form.text(name)
	}
	return f
}

// belongAdd makes a member belong to one more body.
func belongAdd(v *visit) error {
	return v.belong(charter.Create, "card.notice.joined", func(f form, scope access.Scope, person vault.PersonID) (look.Problems, error) {
		m := member.Membership{Category: f.text("category")}
		var wrong look.Problems
		var err error
		if m.Unit, wrong, err = v.chosenUnit(f, "unit"); err != nil {
			return nil, err
		}
		var ok bool
		if m.From, ok = f.date("from"); !ok {
			wrong = append(wrong, look.Problem{Field: "from", Text: v.T("fault.field.date")})
		}
		if m.Until, ok = f.date("until"); !ok {
			wrong = append(wrong, look.Problem{Field: "until", Text: v.T("fault.field.date")})
		}
		if wrong != nil {
			return wrong, nil
		}
		return v.problems(v.house.Members.AddMembership(v.ctx(), scope, person, m))
	})
}

// belongMove takes a membership from one body to another.
func belongMove(v *visit) error {
	return v.belong(charter.Edit, "card.notice.moved", func(f form, scope access.Scope, person vault.PersonID) (look.Problems, error) {
		from, wrong, err := v.chosenUnit(f, moveFrom)
		if err != nil || wrong != nil {
			return wrong, err
		}
		to, wrong, err := v.chosenUnit(f, moveTo)
		if err != nil || wrong != nil {
			return wrong, err
		}
		problems, err := v.problems(v.house.Members.Move(v.ctx(), scope, person, from, to))
		for i := range problems {
			if problems[i].Field == "unit" {
				problems[i].Field = moveTo
			}
		}
		return problems, err
	})
}

// belongEnd ends one of several memberships; leaving the association is another
// thing (D6).
func belongEnd(v *visit) error {
	return v.belong(charter.Close, "card.notice.ended", func(f form, scope access.Scope, person vault.PersonID) (look.Problems, error) {
		body, known := v.house.Units.Tree().ByCode(f.text("body"))
		if !known {
			return nil, errNotFound
		}
		return v.problems(v.house.Members.EndMembership(v.ctx(), scope, person, body.ID))
	})
}

// belong does one act on a member's memberships and says what came of it.
func (v *visit) belong(act charter.Acts, said string, do func(f form, scope access.Scope, person vault.PersonID) (look.Problems, error)) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	person, err := v.person("person")
	if err != nil {
		return err
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: act})
	if err != nil {
		return err
	}
	problems, err := do(f, scope, person)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.belongForm(editing{f, problems})
	}
	return v.toWith(v.cardPath(person)+"/memberships", said)
}
