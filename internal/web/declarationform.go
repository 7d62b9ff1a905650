package web

import (
	"strconv"

	"github.com/a-h/templ"

	"kartotek/internal/charter"
	"kartotek/internal/declaration"
	"kartotek/internal/web/look"
)

// declarationFields are the fields of one point's form: the body's own words in every
// language of the charter, and what the point alone asks for. What somebody typed and
// could not save stands there again.
func (v *visit) declarationFields(view *declarationView, code string, typed form) []templ.Component {
	own, again := &view.Draft.Own, view.Part == code && view.Problems != nil
	value := func(name, stored string) string {
		if again && typed.has(name) {
			return typed.text(name)
		}
		return stored
	}
	wrong := func(name string) string { return view.wrong(code, name) }
	field := func(name, label, stored string, most int) look.Field {
		return look.Field{Name: name, Label: label, Value: value(name, stored), Error: wrong(name), MaxLength: most, Autocomplete: "off"}
	}
	all := []templ.Component{look.Textarea{
		Name: "text", ID: "text-" + code, Label: v.T("declaration.page.own"), Value: value("text", own.Words[code][view.Lang]), Error: wrong("text"), MaxLength: longest,
	}}
	if others := v.otherWords(view, code, value, wrong); len(others) > 0 {
		all = append(all, inOtherLanguages(code, others))
	}
	contact := func(prefix string, c *declaration.Contact) {
		all = append(all,
			field(prefix+"function", v.T("declaration.page."+prefix+"function"), c.Function[view.Lang], 120),
			field(prefix+"phone", v.T("declaration.page.phone"), c.Phone, 30), field(prefix+"email", v.T("declaration.page.email"), c.Email, 200))
	}
	switch code {
	case "controller":
		contact("adviser_", &own.Adviser)
	case "contact":
		contact("", &own.Contact)
	case "use":
		all = append(all, field("pages", v.T("declaration.page.pages"), own.Pages, 200))
	case "collected":
		all = append(all, v.extraFields(view, value, wrong)...)
	case "sharing":
		for i := range view.Abroad {
			r := &view.Abroad[i]
			all = append(all, field("ground-"+r.Code, v.T("declaration.page.ground", "name", r.Name), own.Grounds[r.Code][view.Lang], 500))
		}
		all = append(all, v.processorFields(view, value, wrong)...)
	}
	return all
}

// reason is why somebody wanted to change a point and could not, to stand there again.
func (view *declarationView) reason(code string) string {
	if view.Part != code || view.Problems == nil {
		return ""
	}
	return view.typed.text("reason")
}

// wrong is what is wrong with a field of the point that was being written.
func (view *declarationView) wrong(code, name string) string {
	if view.Part != code {
		return ""
	}
	return view.Problems.For(name)
}

// otherWords are the same words in the charter's other languages.
func (v *visit) otherWords(view *declarationView, code string, value func(string, string) string, wrong func(string) string) []look.Textarea {
	var all []look.Textarea
	for _, lang := range v.house.Charter.Languages {
		if lang != view.Lang {
			name := "text-" + lang
			all = append(all, look.Textarea{
				Name: name, ID: name + "-" + code, Label: v.house.Charter.Printer(lang).Name(), Value: value(name, view.Draft.Own.Words[code][lang]), Error: wrong(name), MaxLength: longest,
			})
		}
	}
	return all
}

// A row of further data, or of processors, has its number behind each name; the last is
// empty, to be filled.
func rowName(name string, row int) string { return name + "-" + strconv.Itoa(row) }

// extraFields are the rows of further data that the body asks for with consent (N9).
func (v *visit) extraFields(view *declarationView, value func(string, string) string, wrong func(string) string) []templ.Component {
	all := []templ.Component{look.Soft(v.T("declaration.page.extra_hint"))}
	rows := view.Draft.Own.Extra
	for i := range len(rows) + 1 {
		var row declaration.Extra
		if i < len(rows) {
			row = rows[i]
		}
		of := i + 1
		all = append(all,
			look.Field{Name: rowName("extra_name", i), Label: v.T("declaration.page.extra_name", "number", of), Value: value(rowName("extra_name", i), row.Name[view.Lang]), Error: wrong(rowName("extra", i)), MaxLength: 120, Autocomplete: "off"},
			look.Field{Name: rowName("extra_use", i), Label: v.T("declaration.page.extra_use", "number", of), Value: value(rowName("extra_use", i), row.Use[view.Lang]), MaxLength: 500, Autocomplete: "off"},
			look.Field{Name: rowName("extra_ends", i), Label: v.T("declaration.page.extra_ends", "number", of), Value: value(rowName("extra_ends", i), row.Ends[view.Lang]), MaxLength: 120, Autocomplete: "off"})
	}
	return all
}

// processorFields are the rows of the body's own processors (N12).
func (v *visit) processorFields(view *declarationView, value func(string, string) string, wrong func(string) string) []templ.Component {
	all := []templ.Component{look.Soft(v.T("declaration.page.processor_hint"))}
	countries := []look.Option{{Text: v.T("declaration.page.no_country")}}
	for _, code := range v.p.Countries() {
		countries = append(countries, look.Option{Value: code, Text: v.p.Country(code)})
	}
	rows := view.Draft.Own.Processors
	for i := range len(rows) + 1 {
		var row declaration.Processor
		if i < len(rows) {
			row = rows[i]
		}
		of := i + 1
		all = append(all,
			look.Field{Name: rowName("processor_name", i), Label: v.T("declaration.page.processor_name", "number", of), Value: value(rowName("processor_name", i), row.Name), Error: wrong(rowName("processor", i)), MaxLength: 120, Autocomplete: "off"},
			look.Select{Name: rowName("processor_country", i), Label: v.T("declaration.page.processor_country", "number", of), Value: value(rowName("processor_country", i), row.Country), Options: countries, Width: look.Middle},
			look.Field{Name: rowName("processor_task", i), Label: v.T("declaration.page.processor_task", "number", of), Value: value(rowName("processor_task", i), row.Task[view.Lang]), MaxLength: 500, Autocomplete: "off"},
			look.Field{Name: rowName("processor_ground", i), Label: v.T("declaration.page.processor_ground", "number", of), Value: value(rowName("processor_ground", i), row.Ground[view.Lang]), MaxLength: 500, Autocomplete: "off"})
	}
	return all
}

// declarationChange reads one point's form.
func (v *visit) declarationChange(f form, desk *declaration.Desk) declaration.Change {
	words, lang := f.text("text"), f.text("language")
	say := func(name string) charter.Words { return charter.Words{lang: f.text(name)} }
	w := declaration.Change{Part: f.text("part"), Language: lang, Words: &words, Seen: int(f.number("seen")), Reason: f.text("reason"), Also: map[string]string{}, Grounds: map[string]string{}}
	for _, other := range v.house.Charter.Languages {
		if name := "text-" + other; other != lang && f.has(name) {
			w.Also[other] = f.text(name)
		}
	}
	if f.has("email") {
		w.Contact = &declaration.Contact{Function: say("function"), Phone: f.text("phone"), Email: f.text("email")}
	}
	if f.has("adviser_email") {
		w.Adviser = &declaration.Contact{Function: say("adviser_function"), Phone: f.text("adviser_phone"), Email: f.text("adviser_email")}
	}
	if f.has("pages") {
		pages := f.text("pages")
		w.Pages = &pages
	}
	if f.has("extra_name-0") {
		var rows []declaration.Extra
		for i := 0; f.has(rowName("extra_name", i)); i++ {
			rows = append(rows, declaration.Extra{Name: say(rowName("extra_name", i)), Use: say(rowName("extra_use", i)), Ends: say(rowName("extra_ends", i))})
		}
		w.Extra = &rows
	}
	if f.has("processor_name-0") {
		var rows []declaration.Processor
		for i := 0; f.has(rowName("processor_name", i)); i++ {
			rows = append(rows, declaration.Processor{
				Name: f.text(rowName("processor_name", i)), Country: f.text(rowName("processor_country", i)), Task: say(rowName("processor_task", i)), Ground: say(rowName("processor_ground", i)),
			})
		}
		w.Processors = &rows
	}
	for i := range desk.Abroad {
		if name := "ground-" + desk.Abroad[i].Code; f.has(name) {
			w.Grounds[desk.Abroad[i].Code] = f.text(name)
		}
	}
	return w
}

// declarationWrite saves one point.
func declarationWrite(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	body, err := v.declarationBody(f)
	if err != nil {
		return err
	}
	desk, err := v.house.Declarations.Desk(v.ctx(), v.actor, body.ID)
	if err != nil {
		return err
	}
	_, err = v.house.Declarations.Write(v.ctx(), v.actor, body.ID, v.declarationChange(f, &desk))
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.declarationForm(f, problems)
	}
	return v.toWith(declarationOf(declarationPath, body.Code), "declaration.notice.saved")
}

// declarationAnnounce begins a message to the members that tells what changed: a draft
// that goes the way of every message (N16).
func declarationAnnounce(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	body, err := v.declarationBody(f)
	if err != nil {
		return err
	}
	m, err := v.house.DraftAnnouncement(v.ctx(), v.actor, body.ID)
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.declarationForm(f, problems)
	}
	return v.toWith(mailingPath(m.ID)+"/edit", "declaration.notice.drafted")
}
