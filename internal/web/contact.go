package web

import (
	"net/url"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/member"
	"kartotek/internal/web/look"
)

// What members change about themselves: how they are reached. An e-mail address
// counts once the code sent there is typed; name and birth date are asked for.

// Paths of one's own contact data.
const (
	contactPath = "/me/contact"
	emailPath   = "/me/email"
	correctPath = "/me/correct"
)

type contactView struct {
	Where, Reach []look.Field
	Hidden       []look.Value
	Language     look.Select
	Secret       secrecyView
	Problems     look.Problems
}

// secrecyView is whether an address is secret, in which way and until when.
type secrecyView struct {
	Check look.Check
	Level look.Select // none where there is one kind
	Until look.Field
}

const (
	levelField = "secret_level"
	untilField = "secret_until"
)

func (v *visit) secrecyView(s member.Secrecy, e editing) secrecyView {
	view := secrecyView{
		Check: v.secretCheck(s.Secret, e),
		Until: v.dayField(untilField, v.T("people.secret.until"), e),
	}
	view.Until.Hint = v.T("people.secret.until_hint")
	if !e.back() && !s.Until.IsZero() {
		view.Until.Value = v.written(&charter.Field{Type: charter.TypeDate}, s.Until.String())
	}
	levels := v.house.Charter.SecretLevels()
	if len(levels) > 1 {
		view.Level = look.Select{Name: levelField, Label: v.T("people.secret.level"), Hint: v.T("people.secret.level_hint"), Value: s.Level, Error: e.problems.For(levelField)}
		if e.back() {
			view.Level.Value = e.form.text(levelField)
		}
		for i := range levels {
			view.Level.Options = append(view.Level.Options, look.Option{Value: levels[i].Code, Text: levels[i].Name.In(v.p.Lang())})
		}
	}
	return view
}

// secrecy reads what a secrecyView asks. A day that is none is a problem of the
// field.
func (v *visit) secrecy(f form) (member.Secrecy, look.Problems) {
	s := member.Secrecy{Secret: f.has(secretField), Level: f.text(levelField)}
	var ok bool
	if s.Until, ok = f.date(untilField); !ok {
		return s, look.Problems{{Field: untilField, Text: v.T("fault.field.date")}}
	}
	if levels := v.house.Charter.SecretLevels(); s.Level == levels[0].Code {
		s.Level = "" // one form for the first
	}
	if !s.Secret {
		return member.Secrecy{}, nil
	}
	return s, nil
}

// contactPage is one's own contact data to change.
func contactPage(v *visit) error { return v.contactForm(editing{}) }

func (v *visit) contactForm(e editing) error {
	scope, err := v.self()
	if err != nil {
		return err
	}
	card, err := v.house.Members.Card(v.ctx(), scope, v.session.Person)
	if err != nil {
		return err
	}
	if card.Hidden {
		return v.to(mePath)
	}
	p := &card.Profile
	view := contactView{Language: v.languageSelect(p.Language, e), Secret: v.secrecyView(p.Secrecy(), e), Problems: e.problems}
	view.Secret.Check.Text, view.Secret.Check.Hint = v.T("people.me.secret"), v.T("people.me.secret_hint")
	view.Hidden = []look.Value{{Name: wasPrefix + languageField, Value: p.Language}}
	for _, f := range v.typedFields() {
		if !member.OwnField(f.Code) {
			continue
		}
		one := v.fieldView(f, p, e, fieldsFor{present: true})
		view.Hidden = append(view.Hidden, look.Value{Name: wasPrefix + f.Code, Value: one.Was})
		field, ok := one.input(v.p).(look.Field)
		if !ok {
			continue
		}
		field.Autocomplete = autocomplete[f.Code]
		if f.Type == charter.TypePhone {
			view.Reach = append(view.Reach, field)
		} else {
			view.Where = append(view.Where, field)
		}
	}
	return v.show(page{title: v.T("people.me.title"), tab: tabMe, body: contactBody(view), failed: len(e.problems) > 0})
}

// autocomplete says to a browser what a field of one's own is (WCAG 1.3.5).
var autocomplete = map[string]string{
	"address": "street-address", "postal": "postal-code", "town": "address-level2", "country": "country-name",
	"phone": "tel", "mobile": "tel", "email": "email",
}

// contactUpdate takes what one changed about how one is reached.
func contactUpdate(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	scope, err := v.self()
	if err != nil {
		return err
	}
	changes := member.Changes{Values: map[string]string{}}
	for _, field := range v.typedFields() {
		if text := f.text(field.Code); member.OwnField(field.Code) && f.has(field.Code) && text != f.text(wasPrefix+field.Code) {
			changes.Values[field.Code] = text
		}
	}
	if language := v.knownLanguage(f.text(languageField)); f.has(languageField) && language != f.text(wasPrefix+languageField) {
		changes.Language = &language
	}
	secrecy, problems := v.secrecy(f)
	if problems != nil {
		return v.contactForm(editing{f, problems})
	}
	changed, err := v.house.Members.UpdateOwn(v.ctx(), scope, changes, &secrecy)
	if problems, err = v.problems(err); err != nil {
		return err
	}
	if problems != nil {
		return v.contactForm(editing{f, problems})
	}
	if len(changed) == 0 {
		return v.toWith(mePath, "card.notice.unchanged")
	}
	return v.toWith(mePath, "web.notice.saved")
}

// emailPage asks for a new address; emailBegin sends the code there.
func emailPage(v *visit) error {
	return v.show(page{title: v.T("people.email.title"), tab: tabMe, body: emailBody("", nil)})
}

func emailBegin(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	request, err := v.house.ProveEmail(v.ctx(), v.actor, f.text("email"), v.p.Lang())
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.show(page{title: v.T("people.email.title"), tab: tabMe, body: emailBody(f.text("email"), problems), failed: true})
	}
	return v.to(emailPath + "/code?" + url.Values{"request": {request}}.Encode())
}

// emailCodePage asks for the code; emailCode makes the address one's own.
func emailCodePage(v *visit) error {
	request := v.query().text("request")
	if request == "" {
		return v.to(emailPath)
	}
	return v.show(page{title: v.T("people.email.title"), tab: tabMe, body: emailCodeBody(request, v.house.Demo, nil)})
}

func emailCode(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	request := f.text("request")
	err = v.house.ChangeOwnEmail(v.ctx(), v.actor, request, f.text("code"))
	if fault.Is(err, fault.Gone) {
		return v.show(page{title: v.T("people.email.title"), tab: tabMe, body: emailBody("", look.Explain(v.p, err)), failed: true})
	}
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.show(page{title: v.T("people.email.title"), tab: tabMe, body: emailCodeBody(request, v.house.Demo, problems), failed: true})
	}
	return v.toWith(mePath, "people.notice.email")
}

type correctView struct {
	Fields   []look.Field
	Why      look.Textarea
	Asked    string // the day one asked before; "" for not
	Problems look.Problems
}

// correctPage asks for what one may not change oneself; it becomes a duty of
// member service (Art. 16).
func correctPage(v *visit) error { return v.correctForm(editing{}) }

func (v *visit) correctForm(e editing) error {
	scope, err := v.self()
	if err != nil {
		return err
	}
	wish, err := v.house.Members.Wish(v.ctx(), scope, v.session.Person)
	if err != nil {
		return err
	}
	view := correctView{Problems: e.problems, Why: look.Textarea{Name: "why", Label: v.T("people.correct.why"), MaxLength: 500, Error: e.problems.For("why")}}
	if wish != nil {
		view.Asked = v.p.Date(wish.Asked)
	}
	for _, code := range []string{"given", "family", "birth"} {
		f, ok := v.house.Charter.Field(code)
		if !ok {
			continue
		}
		field := look.Field{Name: code, Label: v.T("people.correct.field", "field", lowered(f.Name.In(v.p.Lang()))), MaxLength: 100, Error: e.problems.For(code)}
		if f.Type == charter.TypeDate {
			field.Input, field.Width, field.Hint = look.DateInput, look.Short, v.T("card.hint.date")
		}
		if e.back() {
			field.Value = e.form.text(code)
		}
		view.Fields = append(view.Fields, field)
	}
	if e.back() {
		view.Why.Value = e.form.text("why")
	}
	return v.show(page{title: v.T("people.correct.title"), tab: tabMe, body: correctBody(view), failed: len(e.problems) > 0})
}

func correctAsk(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	scope, err := v.self()
	if err != nil {
		return err
	}
	values := map[string]string{}
	for _, code := range []string{"given", "family", "birth"} {
		if text := f.text(code); text != "" {
			values[code] = text
		}
	}
	problems, err := v.problems(v.house.Members.AskCorrection(v.ctx(), scope, values, f.text("why")))
	if err != nil {
		return err
	}
	if problems != nil {
		return v.correctForm(editing{f, problems})
	}
	return v.toWith(mePath, "people.notice.asked")
}

// wishView is what a member asks to have corrected, as member service sees it.
type wishView struct {
	Rows  look.Rows
	Asked civil.Date
	Keep  look.Check
	Why   look.Field
}

// wishOf is what the member of an open card asks for; nil for nothing.
func (v *visit) wishOf(w *member.Wish) *wishView {
	if w == nil {
		return nil
	}
	view := &wishView{
		Asked: w.Asked, Keep: look.Check{Name: "keep", Text: v.T("people.part.keep"), ID: "wish-keep"},
		Why: look.Field{Name: "former_reason", ID: "wish-why", Label: v.T("people.part.why"), MaxLength: 500, Autocomplete: "off"},
	}
	for _, fact := range [...]struct{ code, value string }{{"given", w.Given}, {"family", w.Family}} {
		if fact.value != "" {
			view.Rows = append(view.Rows, look.Row{Term: v.fieldName(fact.code), Value: look.Text(fact.value)})
		}
	}
	if !w.Birth.IsZero() {
		view.Rows = append(view.Rows, look.Row{Term: v.fieldName("birth"), Value: look.Date(w.Birth)})
	}
	if w.Why != "" {
		view.Rows = append(view.Rows, look.Row{Term: v.T("people.correct.why"), Value: look.Text(w.Why)})
	}
	return view
}

// memberCorrect does what a member asked for, or declines it.
func memberCorrect(v *visit) error {
	person, f, err := v.personForm()
	if err != nil {
		return err
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, accessEdit)
	if err != nil {
		return err
	}
	var keep *member.Keep
	if f.has("keep") {
		keep = &member.Keep{Reason: f.text("former_reason")}
	}
	problems, err := v.problems(v.house.Members.AnswerCorrection(v.ctx(), scope, person, f.text("accept") == "yes", keep))
	if err != nil {
		return err
	}
	if problems != nil {
		return v.editWith(v.house.Members.Card, editing{problems: problems})
	}
	return v.toWith(v.cardPath(person), "card.notice.saved")
}
