package web

import (
	"fmt"
	"slices"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/locale"
	"kartotek/internal/member"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// wasPrefix begins the names of hidden values that say what a field held when the
// form was made: what nobody touched is not sent on, so that two who edit one card
// do not undo each other's work.
const wasPrefix = "was-"

// Values of the forms that are no field of the charter.
const (
	languageField = "language"
	secretField   = "secret_address"
)

// editing is a form that came back, with what is wrong with it; the zero value is
// a fresh one.
type editing struct {
	form     form
	problems look.Problems
}

// back reports whether the form came back.
func (e editing) back() bool { return e.form.values != nil }

// fieldGroup is a part of the form, on a card of its own.
type fieldGroup struct {
	ID, Title string
	Note      string // why something is not here
	Fields    []fieldView
}

// fieldView is one declared field with what it holds.
type fieldView struct {
	Field    *charter.Field
	Name     string
	Hint     string
	Value    string // as it is written
	Was      string // what it held; hidden
	Kept     bool   // it stands on a card already, so Was is said even when it held nothing
	Error    string
	ReadOnly bool
	Required bool
}

// newView is the form for a new member.
type newView struct {
	Left, Right                 []fieldGroup
	Units, Categories, Language look.Select
	Choose                      bool // there is more than one body
	Secret                      look.Check
	Problems                    look.Problems
	Age                         int
}

// memberNewPage is an empty card.
func memberNewPage(v *visit) error { return v.newForm(editing{}) }

func (v *visit) newForm(e editing) error {
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Create})
	if err != nil {
		return err
	}
	today := v.house.Access.Today()
	fresh := member.Profile{Joined: today}
	view := newView{
		Problems: e.problems, Age: v.house.Charter.MinimumAge,
		Units: v.unitSelect(scope, "unit", e), Categories: v.categorySelect("category", e), Language: v.languageSelect("", e),
		Secret: v.secretCheck(false, e),
	}
	view.Left, view.Right = columns(v.fieldGroups(&fresh, e, fieldsFor{number: scope.All(), address: true}))
	view.Choose = len(view.Units.Options) > 1
	return v.show(page{title: v.T("card.new.title"), tab: tabMembers, body: newBody(view), failed: len(e.problems) > 0})
}

// memberCreate adds a member; whatever is wrong comes back at its field, with what
// was typed.
func memberCreate(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Create})
	if err != nil {
		return err
	}
	draft := member.Draft{
		Values: map[string]string{}, Category: f.text("category"), Language: v.knownLanguage(f.text(languageField)),
		Secret: member.Secrecy{Secret: f.has(secretField)},
	}
	for _, field := range v.typedFields() {
		if text := f.text(field.Code); text != "" && (field.Code != "number" || scope.All()) {
			draft.Values[field.Code] = text
		}
	}
	if scope.All() || f.has("unit") {
		var problems look.Problems
		if draft.Unit, problems, err = v.chosenUnit(f, "unit"); err != nil {
			return err
		}
		if problems != nil {
			return v.newForm(editing{f, problems})
		}
	}
	if shown, err := v.comeback(f, draft.Values); shown || err != nil {
		return err
	}
	person, _, err := v.house.Members.Create(v.ctx(), scope, draft)
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.newForm(editing{f, problems})
	}
	if person == 0 { // it waits to be confirmed
		return v.toWith(movingPath, "transfer.notice.received", int64(v.house.Charter.Transfers.AdditionDays.Value))
	}
	return v.toWith(v.cardPath(person), "card.notice.created")
}

// editView is a member's card as a form, and what else can be said about it.
type editView struct {
	Path, Name string
	Left       []fieldGroup
	Right      []fieldGroup
	Language   look.Select
	Was        string // the language it was
	Secret     secrecyView
	Too        look.Choices // the others of the household
	Keep       look.Check
	Why        look.Field
	Wish       *wishView
	Protected  bool // the address was secret
	Secretary  bool // whoever reaches the whole register
	Cover      bool // the address is covered and can be shown
	Objections []look.Choice
	Restricted bool
	Problems   look.Problems
	Because    look.Because
}

// memberEditPage is a card to write on.
func memberEditPage(v *visit) error { return v.editWith(v.house.Members.Card, editing{}) }

func (v *visit) editWith(by opener, e editing) error {
	card, scope, err := v.openCard(by, charter.Edit)
	if err != nil {
		return err
	}
	p := &card.Profile
	view := editView{
		Path: v.cardPath(card.Person), Name: p.Name(), Problems: e.problems, Secretary: scope.All(),
		Language: v.languageSelect(p.Language, e), Was: p.Language, Secret: v.secrecyView(p.Secrecy(), e), Protected: p.SecretAddress,
		Cover: card.Covered && scope.All(), Objections: v.objections(p), Restricted: p.Restricted,
		Because: v.becauseOf("card", scope, "time", v.p.Time(v.house.Now(), v.house.Charter.Location())),
	}
	view.Left, view.Right = columns(v.fieldGroups(p, e, fieldsFor{number: scope.All(), address: !card.Covered, present: true}))
	if len(card.Home) > 0 && !card.Covered {
		view.Too = v.othersToo(card.Home, e)
	}
	view.Keep = look.Check{Name: "keep", Text: v.T("people.part.keep"), Hint: v.T("people.part.keep_hint", "months", v.house.Charter.FormerNameMonths), Checked: e.back() && e.form.has("keep")}
	view.Why = look.Field{Name: "former_reason", Label: v.T("people.part.why"), MaxLength: 500, Autocomplete: "off", Error: e.problems.For("former_reason")}
	wish, err := v.house.Members.Wish(v.ctx(), scope, card.Person)
	if err != nil {
		return err
	}
	view.Wish = v.wishOf(wish)
	return v.show(page{title: v.T("card.edit"), tab: tabMembers, body: editBody(view), failed: len(e.problems) > 0})
}

// memberUpdate takes what was changed on the form.
func memberUpdate(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	person, err := v.person("person")
	if err != nil {
		return err
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Edit})
	if err != nil {
		return err
	}
	changes := member.Changes{Values: map[string]string{}}
	for _, field := range v.typedFields() {
		if text := f.text(field.Code); f.has(field.Code) && text != f.text(wasPrefix+field.Code) {
			changes.Values[field.Code] = text
		}
	}
	if language := v.knownLanguage(f.text(languageField)); f.has(languageField) && language != f.text(wasPrefix+languageField) {
		changes.Language = &language
	}
	// Whether an address is secret is the secretariat's to say: an officer who took
	// the mark away would see the address.
	if scope.All() && f.has(wasPrefix+secretField) {
		secrecy, problems := v.secrecy(f)
		if problems != nil {
			return v.editWith(v.shownBefore(f), editing{f, problems})
		}
		if secrecy.Secret || f.text(wasPrefix+secretField) == "yes" {
			changes.Secret = &secrecy
		}
	}
	if f.has("keep") {
		changes.Keep = &member.Keep{Reason: f.text("former_reason")}
	}
	changed, err := v.updateWith(scope, person, changes, f)
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.editWith(v.shownBefore(f), editing{f, problems})
	}
	if len(changed) == 0 {
		return v.toWith(v.cardPath(person), "card.notice.unchanged")
	}
	return v.toWith(v.cardPath(person), "card.notice.saved")
}

// memberObject records what a member does not want to be sent (Art. 21), as they
// have told somebody.
func memberObject(v *visit) error {
	return v.change(func(f form, scope access.Scope, person vault.PersonID) error {
		for _, ask := range v.objections(&member.Profile{}) {
			if err := v.house.Members.SetObjection(v.ctx(), scope, person, ask.Value, !f.chosen("send", ask.Value)); err != nil {
				return err
			}
		}
		return nil
	})
}

// memberRestrict marks a member's data as kept but not used, or used again
// (Art. 18).
func memberRestrict(v *visit) error {
	return v.change(func(f form, scope access.Scope, person vault.PersonID) error {
		if !scope.All() {
			return errNotFound
		}
		return v.house.Members.Restrict(v.ctx(), scope, person, f.text("restricted") == "yes")
	})
}

// change does one small thing to a card and goes back to it.
func (v *visit) change(act func(f form, scope access.Scope, person vault.PersonID) error) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	person, err := v.person("person")
	if err != nil {
		return err
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Edit})
	if err != nil {
		return err
	}
	if err := act(f, scope, person); err != nil {
		return err
	}
	return v.toWith(v.cardPath(person), "card.notice.saved")
}

// typedFields are the charter's fields that are typed on a card: where somebody
// belongs is no field of theirs, and a full name is known to files only.
func (v *visit) typedFields() []*charter.Field {
	var fields []*charter.Field
	for i := range v.house.Charter.Fields {
		switch f := &v.house.Charter.Fields[i]; f.Type {
		case charter.TypeUnit, charter.TypeCategory, charter.TypeFullName:
		default:
			fields = append(fields, f)
		}
	}
	return fields
}

// fieldsFor says which fields a form may change.
type fieldsFor struct{ number, address, present bool }

// groups of the form: which codes stand together; the rest stand last.
var formGroups = []struct {
	id    string
	codes []string
}{
	{"who", []string{"number", "given", "family", "sex", "birth"}},
	{"where", []string{"address", "postal", "town", "country"}},
	{"reach", []string{"email", "phone", "mobile"}},
	{"more", nil},
}

// fieldGroups are the declared fields with what a profile holds, or what was typed.
func (v *visit) fieldGroups(p *member.Profile, e editing, may fieldsFor) []fieldGroup {
	groups := make([]fieldGroup, len(formGroups))
	for i, g := range formGroups {
		groups[i] = fieldGroup{ID: g.id, Title: v.T("card.group." + g.id)}
		if g.id == "where" && !may.address {
			groups[i].Note = v.T("card.covered_edit")
		}
	}
	for _, f := range v.typedFields() {
		at := slices.IndexFunc(formGroups, func(g struct {
			id    string
			codes []string
		}) bool {
			return slices.Contains(g.codes, f.Code)
		})
		if at < 0 {
			at = len(formGroups) - 1
		}
		if formGroups[at].id == "where" && !may.address || f.Code == "number" && !may.number && !may.present {
			continue
		}
		groups[at].Fields = append(groups[at].Fields, v.fieldView(f, p, e, may))
	}
	return slices.DeleteFunc(groups, func(g fieldGroup) bool { return len(g.Fields) == 0 && g.Note == "" })
}

// columns puts who and where on the left, the rest on the right.
func columns(groups []fieldGroup) (left, right []fieldGroup) {
	at := slices.IndexFunc(groups, func(g fieldGroup) bool { return g.ID == "reach" || g.ID == "more" })
	if at < 0 {
		return groups, nil
	}
	return groups[:at], groups[at:]
}

func (v *visit) fieldView(f *charter.Field, p *member.Profile, e editing, may fieldsFor) fieldView {
	written := v.written(f, p.Value(f.Code))
	view := fieldView{
		Field: f, Name: f.Name.In(v.p.Lang()), Value: written, Was: written, Error: e.problems.For(f.Code),
		ReadOnly: f.Code == "number" && !may.number, Kept: may.present,
		Required: f.Required && f.Code != "number" && f.Code != "family", // some have one name, and numbers are given out
	}
	if !may.present {
		view.Was = ""
	}
	if e.back() && e.form.has(f.Code) {
		view.Value, view.Was = e.form.text(f.Code), e.form.text(wasPrefix+f.Code)
	}
	if v.p.Has("card.hint." + f.Code) {
		view.Hint = v.T("card.hint." + f.Code)
	} else if f.Type == charter.TypeDate {
		view.Hint = v.T("card.hint.date")
	}
	if f.Code == "number" && may.present {
		view.Hint = ""
	}
	return view
}

// written is a stored value as it is typed: a date as day.month.year in every
// language, a phone number with its spaces.
func (v *visit) written(f *charter.Field, value string) string {
	switch f.Type {
	case charter.TypeDate:
		if d, err := civil.ParseDate(value); err == nil {
			return fmt.Sprintf("%d.%d.%d", d.Day, d.Month, d.Year)
		}
	case charter.TypePhone:
		return locale.Phone(value, v.house.Charter.Country)
	}
	return value
}

// knownLanguage is a language that the house writes in, or none.
func (v *visit) knownLanguage(code string) string {
	if !known(code) {
		return ""
	}
	return code
}

func (v *visit) languageSelect(value string, e editing) look.Select {
	s := look.Select{Name: languageField, Label: v.T("card.language"), Hint: v.T("card.language_hint"), Value: value, Width: look.Middle}
	if e.back() {
		s.Value = e.form.text(languageField)
	}
	s.Options = []look.Option{{Text: v.T("card.language_usual", "language", locale.For(v.house.Charter.Lang()).Name())}}
	for _, code := range locale.Languages() {
		if code != v.house.Charter.Lang() {
			s.Options = append(s.Options, look.Option{Value: code, Text: locale.For(code).Name()})
		}
	}
	return s
}

func (v *visit) secretCheck(set bool, e editing) look.Check {
	c := look.Check{Name: secretField, Text: v.T("card.secret"), Hint: v.T("card.secret_hint"), Checked: set}
	if e.back() {
		c.Checked = e.form.has(secretField)
	}
	return c
}

// unitSelect chooses among the bodies within a Scope that take members; for the
// secretariat the association itself, for whoever has no body.
func (v *visit) unitSelect(scope access.Scope, name string, e editing) look.Select {
	s := look.Select{Name: name, Label: v.T("card.unit"), Error: e.problems.For(name)}
	tree := v.house.Units.Tree()
	for _, u := range tree.All() {
		level, ok := v.house.Charter.Level(u.Level)
		if u.Closed || !scope.Covers(u.ID) || !ok || !level.Members {
			continue
		}
		s.Options = append(s.Options, look.Option{Value: u.Code, Text: u.Name})
	}
	if root, ok := tree.Root(); ok && scope.All() {
		s.Options = append([]look.Option{{Value: root.Code, Text: v.T("search.no_body")}}, s.Options...)
	}
	if len(s.Options) > 1 { // nobody ends up somewhere because a form was sent too soon
		s.Options = append([]look.Option{{Text: v.T("card.choose")}}, s.Options...)
	}
	if e.back() {
		s.Value = e.form.text(name)
	}
	return s
}

// chosenUnit reads a unitSelect; a body that was not chosen is a problem at the field.
func (v *visit) chosenUnit(f form, name string) (unit.ID, look.Problems, error) {
	code := f.text(name)
	if code == "" {
		return 0, look.Problems{{Field: name, Text: v.T("card.error.unit")}}, nil
	}
	body, known := v.house.Units.Tree().ByCode(code)
	if !known {
		return 0, nil, errNotFound
	}
	return body.ID, nil, nil
}

func (v *visit) categorySelect(name string, e editing) look.Select {
	s := look.Select{Name: name, Label: v.T("card.category"), Error: e.problems.For(name), Width: look.Middle}
	for i := range v.house.Charter.Categories {
		c := &v.house.Charter.Categories[i]
		s.Options = append(s.Options, look.Option{Value: c.Code, Text: c.Name.In(v.p.Lang())})
	}
	if e.back() {
		s.Value = e.form.text(name)
	}
	return s
}
