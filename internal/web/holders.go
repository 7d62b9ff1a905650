package web

import (
	"strconv"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/notice"
	"kartotek/internal/unit"
	"kartotek/internal/web/look"
)

const holdersPath = "/holders"

// holdersView is the register of those outside who hold members' data.
type holdersView struct {
	Problems look.Problems
	Holders  []notice.Holder
	New      holderForm
	Because  look.Because
}

// holderForm is what is typed of a holder.
type holderForm struct {
	Problems                                 look.Problems
	Name, Country, Who, Email, Basis         string
	Role, Tells, Purposes, Fields, Languages look.Choices
	Body                                     look.Select
}

func holderPath(id int64) string { return holdersPath + "/" + strconv.FormatInt(id, 10) }

// keepsHolders reports whether the hat is one that keeps the register of holders.
func (v *visit) keepsHolders() bool {
	return v.may(charter.Edit) && v.whole(charter.Edit)
}

func holdersPage(v *visit) error { return v.holders(form{}, nil) }

func (v *visit) holders(f form, problems look.Problems) error {
	all, err := v.house.Notices.Holders(v.ctx(), v.actor)
	if err != nil {
		return err
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Edit})
	if err != nil {
		return err
	}
	view := holdersView{Problems: problems, Holders: all, New: v.holderForm(f, problems), Because: v.becauseOf("notice", scope)}
	return v.show(page{title: v.T("notice.holders.title"), tab: tabAdministration, body: holdersBody(view), failed: problems != nil})
}

func (v *visit) holderForm(f form, problems look.Problems) holderForm {
	h := holderForm{Problems: problems, Name: f.text("name"), Country: f.text("country"), Who: f.text("who"), Email: f.text("email"), Basis: f.text("basis")}
	h.Role = look.Choices{Name: "role", Legend: v.T("notice.form.role"), Error: problems.For("role")}
	for _, role := range notice.Roles {
		h.Role.Options = append(h.Role.Options, look.Choice{Value: string(role), Text: v.T("notice.role." + string(role)), Checked: f.chosen("role", string(role))})
	}
	h.Tells = look.Choices{Name: "tells", Legend: v.T("notice.form.tells"), Error: problems.For("tells")}
	for _, tells := range notice.AllTells {
		h.Tells.Options = append(h.Tells.Options, look.Choice{
			Value: string(tells), Text: v.T("notice.tells." + string(tells)), Hint: v.T("notice.tells_hint." + string(tells)), Checked: f.chosen("tells", string(tells)),
		})
	}
	h.Purposes = look.Choices{Name: "purposes", Legend: v.T("notice.form.purposes"), Many: true, Error: problems.For("purposes")}
	for i := range v.house.Charter.Purposes {
		p := &v.house.Charter.Purposes[i]
		h.Purposes.Options = append(h.Purposes.Options, look.Choice{Value: p.Code, Text: p.Name.In(v.p.Lang()), Checked: f.chosen("purposes", p.Code)})
	}
	h.Fields = look.Choices{Name: "fields", Legend: v.T("notice.form.fields"), Hint: v.T("notice.form.fields_hint"), Many: true, Error: problems.For("fields")}
	for i := range v.house.Charter.Fields {
		if field := &v.house.Charter.Fields[i]; field.List {
			h.Fields.Options = append(h.Fields.Options, look.Choice{Value: field.Code, Text: field.Name.In(v.p.Lang()), Checked: f.chosen("fields", field.Code)})
		}
	}
	h.Languages = look.Choices{Name: "language", Legend: v.T("notice.form.language"), Across: true}
	for _, code := range locale.Languages() {
		h.Languages.Options = append(h.Languages.Options, look.Choice{
			Value: code, Text: locale.For(code).Name(), Checked: f.text("language") == code || f.text("language") == "" && code == v.house.Charter.Lang(),
		})
	}
	h.Body = look.Select{Name: "unit", Label: v.T("notice.form.body"), Value: f.text("unit"), Options: v.bodyOptions(charter.Edit)}
	return h
}

// typedHolder reads a holder from its form.
func (v *visit) typedHolder(f form) notice.Holder {
	h := notice.Holder{
		Name: f.text("name"), Country: f.text("country"), Role: notice.Role(f.text("role")), Tells: notice.Tells(f.text("tells")),
		Purposes: f.values["purposes"], Fields: f.values["fields"], Contact: typedContact(f),
	}
	if u, ok := v.house.Units.Tree().ByCode(f.text("unit")); ok && u.Parent != 0 {
		h.Bodies = []unit.ID{u.ID}
	}
	return h
}

func typedContact(f form) notice.Contact {
	return notice.Contact{Who: f.text("who"), Email: f.text("email"), Language: f.text("language"), Basis: f.text("basis")}
}

func holderAdd(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	h, err := v.house.Notices.AddHolder(v.ctx(), v.actor, v.typedHolder(f))
	problems, err := v.problems(err)
	switch {
	case err != nil:
		return err
	case problems != nil:
		return v.holders(f, problems)
	}
	return v.toWith(holderPath(h.ID), "notice.done.added")
}

// holderView is one holder.
type holderView struct {
	notice.Holder
	Path     string
	Problems look.Problems
	Rows     look.Rows
	New      holderForm
}

func holderPage(v *visit) error { return v.holder(form{}, nil) }

func (v *visit) holderAsked() int64 {
	id, _ := strconv.ParseInt(v.r.PathValue("holder"), 10, 64)
	return id
}

func (v *visit) holder(f form, problems look.Problems) error {
	h, err := v.house.Notices.Holder(v.ctx(), v.actor, v.holderAsked())
	if err != nil {
		return err
	}
	view := holderView{Holder: h, Path: holderPath(h.ID), Problems: problems}
	if problems == nil {
		f = form{map[string][]string{"who": {h.Who}, "email": {h.Email}, "basis": {h.Basis}, "language": {h.Language}}}
	}
	view.New = v.holderForm(f, problems)
	var purposes, bodies []string
	for _, code := range h.Purposes {
		purposes = append(purposes, v.purposeName(code))
	}
	for _, body := range h.Bodies {
		bodies = append(bodies, v.unitName(body))
	}
	if bodies == nil {
		bodies = []string{v.T("lists.everywhere")}
	}
	fields := v.p.List(v.fieldNames(h.Fields))
	if len(h.Fields) == 0 {
		fields = v.T("notice.all_fields")
	}
	view.Rows = look.Rows{
		{Term: v.T("notice.form.role"), Value: look.Text(v.T("notice.role." + string(h.Role)))},
		{Term: v.T("notice.form.country"), Value: look.Text(h.Country)},
		{Term: v.T("notice.form.tells"), Value: look.Text(v.T("notice.tells." + string(h.Tells)))},
		{Term: v.T("notice.form.purposes"), Value: textOr(v.p.List(purposes))},
		{Term: v.T("notice.form.fields"), Value: look.Text(fields)},
		{Term: v.T("notice.form.body"), Value: look.Text(strings.Join(bodies, ", "))},
		{Term: v.T("notice.form.basis"), Value: textOr(h.Basis)},
		{Term: v.T("notice.form.who"), Value: textOr(h.Who), Note: h.Email},
		{Term: v.T("notice.holders.since"), Value: look.Date(v.day(h.Since))},
		{Term: v.T("notice.holders.lists"), Value: look.Text(v.p.Number(h.Lists))},
		{Term: v.T("notice.holders.open"), Value: look.Text(v.p.Number(h.Open))},
	}
	return v.show(page{title: h.Name, tab: tabAdministration, body: holderBody(view), failed: problems != nil})
}

func holderContact(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	problems, err := v.problems(v.house.Notices.Answers(v.ctx(), v.actor, v.holderAsked(), typedContact(f)))
	switch {
	case err != nil:
		return err
	case problems != nil:
		return v.holder(f, problems)
	}
	return v.toWith(holderPath(v.holderAsked()), "notice.done.contact")
}

func holderEnd(v *visit) error {
	problems, err := v.problems(v.house.Notices.EndHolder(v.ctx(), v.actor, v.holderAsked()))
	switch {
	case err != nil:
		return err
	case problems != nil:
		return v.holder(form{}, problems)
	}
	return v.toWith(holdersPath, "notice.done.ended")
}

// handed is whom a list was handed to outside, and the lines its own holders strike.
type handed struct {
	Choices look.Choices // holders it can be handed to
	With    []notice.Holder
	Strike  []string
}

func (v *visit) handedOf(l *listView) (h handed, err error) {
	lines, err := v.house.Notices.Strike(v.ctx(), l.Number)
	if err != nil {
		return h, err
	}
	for i := range lines {
		h.Strike = append(h.Strike, v.noticeLine(&lines[i]))
	}
	if h.With, err = v.house.Notices.With(v.ctx(), l.Number); err != nil {
		return h, err
	}
	named, err := v.house.Notices.Named(v.ctx())
	if err != nil || !l.Mine && !v.keepsHolders() {
		return h, err
	}
	h.Choices = look.Choices{Name: "holder", Legend: v.T("notice.list.choose")}
	for _, n := range named {
		h.Choices.Options = append(h.Choices.Options, look.Choice{Value: strconv.FormatInt(n.ID, 10), Text: n.Name, Hint: v.T("notice.role." + string(n.Role))})
	}
	return h, nil
}

func handList(v *visit) error {
	number, _ := strconv.ParseInt(v.r.PathValue("number"), 10, 64)
	f, err := v.form()
	if err != nil {
		return err
	}
	if f.number("holder") == 0 {
		return fault.New(fault.Invalid, "notice.list.choose")
	}
	if err := v.house.Notices.Hand(v.ctx(), v.actor, number, f.number("holder")); err != nil {
		return err
	}
	return v.toWith(listPath(number), "notice.done.handed", number)
}

func handedGone(v *visit) error {
	number, _ := strconv.ParseInt(v.r.PathValue("number"), 10, 64)
	if err := v.house.Notices.Destroyed(v.ctx(), v.actor, number, v.holderAsked()); err != nil {
		return err
	}
	return v.toWith(listPath(number), "notice.done.gone", number)
}
