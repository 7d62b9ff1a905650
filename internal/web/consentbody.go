package web

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"kartotek/internal/charter"
	"kartotek/internal/unit"
	"kartotek/internal/web/look"
)

// consentBodyPath is an officer's page of who was told and who agreed.
const consentBodyPath = "/consents"

func consentBodyOf(body string) string {
	if body == "" {
		return consentBodyPath
	}
	return consentBodyPath + "?" + url.Values{"unit": {body}}.Encode()
}

// consentBodyView is one body: who was told of which version, who agreed to what.
type consentBodyView struct {
	Problems look.Problems
	Body     string
	Code     string
	Told     look.Rows
	Declared bool
	Enters   bool // whoever looks enters what is signed on paper
	Missing  int  // to be told; 0 where whoever looks may not tell them
	Answers  []consentAnswers
	Shown    string // whose names are shown
	Names    []string
	More     string
	Own      bool // the body has members of its own
	Below    []consentBelow
	Pages    look.Pages
	Filters  *look.Filters
	Because  look.Because
}

// consentBelow is a body under the one that is shown.
type consentBelow struct {
	Name, URL string
	Declared  string
	Members   int
	Told, Not int
}

// consentsBelow is how many bodies a page shows: each is counted anew.
const consentsBelow = 20

// consentAnswers are how one question was answered, in numbers.
type consentAnswers struct{ Code, Name, Said string }

func consentBodyPage(v *visit) error { return v.consentBody(nil) }

func (v *visit) consentBody(problems look.Problems) error {
	body, err := v.bodyAsked(v.query().text("unit"))
	if err != nil {
		return err
	}
	if body.ID == 0 {
		body, _ = v.house.Units.Tree().Root()
	}
	o, err := v.house.Consents.Overview(v.ctx(), v.actor, body.ID)
	if err != nil {
		return err
	}
	view := consentBodyView{Problems: problems, Body: body.Name, Code: body.Code, Because: v.becauseOf("consent", o.Scope)}
	stands := v.T("consent.body.undeclared")
	if d := o.Declared; d != nil {
		own, _ := v.house.Units.Tree().ByID(d.Unit)
		view.Declared, stands = true, v.T("consent.own.standing", "body", own.Name, "number", d.Number, "date", v.day(d.At))
	}
	number := func(n int) look.Row { return look.Row{Value: look.Text(v.p.Number(n))} }
	row := func(key string, n int) look.Row {
		r := number(n)
		r.Term = v.T(key)
		return r
	}
	view.Told = look.Rows{
		{Term: v.T("consent.body.told_of"), Value: look.Text(stands)}, row("consent.body.members", o.Members),
		row("consent.body.current", int(o.Current.GetCardinality())), row("consent.body.earlier", int(o.Earlier.GetCardinality())), row("consent.body.not", int(o.Not.GetCardinality())),
	}
	view.Enters = o.Informs
	if o.Informs && o.Declared != nil {
		view.Missing = o.Members - int(o.Current.GetCardinality())
	}
	view.Own = o.Members > 0
	if err := v.consentBelow(&view, body); err != nil {
		return err
	}
	for _, a := range o.Answers {
		k, _ := v.house.Charter.Consent(a.Code)
		view.Answers = append(view.Answers, consentAnswers{
			Code: a.Code, Name: k.Name.In(v.p.Lang()), Said: v.T("consent.body.said", "yes", v.p.Number(a.Yes), "again", v.p.Number(a.Again), "back", v.p.Number(a.Back)),
		})
	}
	if err := v.consentNames(&view, body); err != nil {
		return err
	}
	if options := v.bodyOptions(charter.Search); len(options) > 1 {
		view.Filters = &look.Filters{
			Action: consentBodyPath, Label: v.T("rights.show.filters"), Button: v.T("rights.show.act"),
			Fields: fieldsOf(look.Select{Name: "unit", Label: v.T("rights.show.body"), Value: body.Code, Options: options, Submit: true}),
		}
	}
	return v.show(page{title: v.T("consent.body.title"), tab: tabMembers, body: consentBodyBody(view), failed: problems != nil})
}

// consentBelow counts the bodies under the one that is shown, a page at a time.
func (v *visit) consentBelow(view *consentBodyView, body unit.Unit) error {
	at := v.query().page()
	below, found, err := v.house.Consents.Below(v.ctx(), v.actor, body.ID, at-1, consentsBelow)
	if err != nil {
		return err
	}
	view.Pages = look.Pages{Label: v.T("consent.body.below"), Page: at, Last: max(1, (found+consentsBelow-1)/consentsBelow), URL: pageURL(consentBodyPath, "unit", body.Code)}
	for _, st := range below {
		own, _ := v.house.Units.Tree().ByID(st.Body)
		line := consentBelow{
			Name: own.Name, URL: consentBodyOf(own.Code), Members: st.Members, Declared: v.T("consent.body.none"),
			Told: int(st.Current.GetCardinality()), Not: st.Members - int(st.Current.GetCardinality()),
		}
		if d := st.Declared; d != nil {
			line.Declared = v.T("consent.body.version", "number", d.Number, "date", v.day(d.At))
		}
		view.Below = append(view.Below, line)
	}
	return nil
}

// consentNames shows names where they are asked for.
func (v *visit) consentNames(view *consentBodyView, body unit.Unit) error {
	asked := v.query().text("names")
	if asked == "" {
		return nil
	}
	code := strings.TrimPrefix(asked, "not-told")
	view.Shown = v.T("consent.body.not")
	if k, known := v.house.Charter.Consent(code); known {
		view.Shown = k.Name.In(v.p.Lang())
	}
	names, all, err := v.house.Consents.Names(v.ctx(), v.actor, body.ID, code)
	if err != nil {
		return err
	}
	for _, name := range names {
		view.Names = append(view.Names, name)
	}
	slices.Sort(view.Names)
	if all > len(names) {
		view.More = v.T("consent.body.more", "count", all-len(names))
	}
	return nil
}

// consentInform tells everybody who was not told.
func consentInform(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	body, err := v.bodyAsked(f.text("unit"))
	if err != nil {
		return err
	}
	told, err := v.house.Consents.Inform(v.ctx(), v.actor, body.ID)
	if err != nil {
		return err
	}
	if err := v.house.Informed(v.ctx(), v.actor, body.ID, told); err != nil {
		return err
	}
	return v.toWith(consentBodyOf(body.Code), "consent.notice.told", int64(told))
}

// ownReceipts gives a member the proof of what they agreed to, as ISO/IEC TS 27560 has it.
func ownReceipts(v *visit) error {
	all, err := v.house.Consents.Receipts(v.ctx(), v.actor, v.session.Person, v.public(v.session.Person), v.p.Lang())
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return v.download(v.T("consent.receipt.file")+".json", "application/json", text)
}
