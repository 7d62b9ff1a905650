package declaration

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"kartotek/internal/charter"
	"kartotek/internal/locale"
)

// writer writes a declaration in one language from what is known and what the body
// wrote itself.
type writer struct {
	known
	own  *Content
	p    *locale.Printer
	lang string
}

// compose writes the fourteen points (N5).
func compose(k *known, own *Content, p *locale.Printer) Text {
	w := &writer{known: *k, own: own, p: p, lang: p.Lang()}
	body := w.name()
	text := Text{Title: p.T("declaration.title", "body", body), Lead: p.T("declaration.lead", "body", body)}
	parts := [Points]func() []Block{
		w.introduction, w.basis, w.purpose, w.controller, w.personal, w.collecting, w.collected,
		w.use, w.sharing, w.protection, w.deletion, w.rights, w.changes, w.contact,
	}
	for i, code := range codes {
		text.Points = append(text.Points, Point{
			Number: i + 1, Code: code, Title: p.T("declaration." + code + ".title"),
			Blocks: append(parts[i](), w.words(code)...),
			Note:   p.T("declaration." + code + ".note"), Keeps: p.T("declaration." + code + ".keeps"),
		})
	}
	return text
}

// name is what the body is called; in a template, what stands in its place.
func (w *writer) name() string {
	if w.blank {
		return w.p.T("declaration.blank.body")
	}
	return w.body.Name
}

// say is a paragraph, and what it answers.
func (w *writer) say(key string, answers []string, pairs ...any) Block {
	return Block{Kind: Paragraph, Text: w.p.T("declaration."+key, pairs...), Answers: answers}
}

// list is a line of a list.
func (w *writer) list(key string, pairs ...any) Block {
	return Block{Kind: Entry, Text: w.p.T("declaration."+key, pairs...)}
}

// in is a name of the charter as it stands inside a sentence.
func (w *writer) in(words charter.Words) string {
	s := words.In(w.lang)
	first, size := utf8.DecodeRuneInString(s)
	if next, _ := utf8.DecodeRuneInString(s[size:]); unicode.IsUpper(next) {
		return s
	}
	return string(unicode.ToLower(first)) + s[size:]
}

// words are what the body wrote to a point, in this language or else in the first there
// is.
func (w *writer) words(code string) []Block {
	own := w.own.Words[code]
	text, lang := own[w.lang], ""
	if text == "" {
		for _, other := range append([]string{w.c.Lang()}, w.c.Languages...) {
			if own[other] != "" {
				text, lang = own[other], other
				break
			}
		}
	}
	var all []Block
	for _, paragraph := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' }) {
		all = append(all, Block{Kind: Own, Text: paragraph, Lang: lang})
	}
	return all
}

// limit is a limit of the charter in words.
func (w *writer) limit(code string) string {
	l, known := w.c.Limit(code)
	if !known {
		return ""
	}
	return l.Text(w.p)
}

// introduction: whose it is and what it covers (N6).
func (w *writer) introduction() []Block {
	return []Block{w.say("introduction.text", nil, "body", w.name()), w.say("introduction.covers", nil), w.say("introduction.manual", nil)}
}

// basis: the law as it stands, and on what each use rests (N6, L5).
func (w *writer) basis() []Block {
	act := w.p.T("declaration.blank.act")
	if w.authority != nil && !w.blank {
		act = w.authority.Act.In(w.lang)
	}
	all := []Block{w.say("basis.text", nil, "act", act), w.say("basis.each", []string{"13(1)(c)"})}
	var seen []string
	for i := range w.c.Purposes {
		p := &w.c.Purposes[i]
		if slices.Contains(seen, p.Basis+p.Basis9+p.BasisText.In(w.lang)) {
			continue
		}
		seen = append(seen, p.Basis+p.Basis9+p.BasisText.In(w.lang))
		all = append(all, Block{Kind: Entry, Text: w.ground(p)})
	}
	if w.interest() {
		all = append(all, w.say("basis.interest", []string{"13(1)(d)"}))
	} else {
		all = append(all, w.say("basis.no_interest", []string{"13(1)(d)"}))
	}
	if w.c.SpecialCategory {
		all = append(all, w.say("basis.special", nil))
	}
	all = append(all, w.say("basis.consent", nil))
	for _, q := range w.c.AsksConsent() {
		all = append(all, Block{Kind: Fact, Term: q.Name.In(w.lang), Text: w.consented(q), More: w.gets("basis.consent_fields", q.Fields)})
	}
	return all
}

// consented is that something rests on consent, and for how long a yes holds.
func (w *writer) consented(q *charter.Consent) string {
	text := w.p.T("declaration.basis.consented", "article", q.Basis)
	if q.Basis9 != "" {
		text = w.p.T("declaration.basis.consented_9", "article", q.Basis, "article9", q.Basis9)
	}
	if q.Months > 0 {
		text += ". " + w.p.T("declaration.basis.consent_ends", "months", w.p.T("charter.unit.months", "count", q.Months))
	}
	return text
}

// gets are fields in words; nothing of none.
func (w *writer) gets(key string, codes []string) string {
	var names []string
	for _, code := range codes {
		if f, known := w.c.Field(code); known && f.Type != charter.TypeFullName {
			names = append(names, w.in(f.Name))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return w.p.T("declaration."+key, "fields", w.p.List(names))
}

func (w *writer) interest() bool {
	return slices.ContainsFunc(w.c.Purposes, func(p charter.Purpose) bool { return p.Basis == "6(1)(f)" })
}

// ground is what a purpose rests on.
func (w *writer) ground(p *charter.Purpose) string {
	if p.Basis9 != "" {
		return w.p.T("declaration.basis.ground_9", "text", sentence(p.BasisText.In(w.lang)), "article", p.Basis, "article9", p.Basis9)
	}
	return w.p.T("declaration.basis.ground", "text", sentence(p.BasisText.In(w.lang)), "article", p.Basis)
}

// sentence begins with a capital.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// purpose: what the data are for (N7).
func (w *writer) purpose() []Block {
	all := []Block{w.say("purpose.text", []string{"13(1)(c)"})}
	for _, key := range []string{"administer", "identify", "reach", "deliver", "answer", "tell"} {
		all = append(all, w.list("purpose."+key))
	}
	all = append(all, w.say("purpose.lists", nil))
	for i := range w.c.Purposes {
		p := &w.c.Purposes[i]
		more := w.ground(p)
		switch {
		case p.Statutory:
			more += ". " + w.p.T("declaration.purpose.statutory")
		case p.Objection:
			more += ". " + w.p.T("declaration.purpose.objection")
		}
		all = append(all, Block{Kind: Fact, Term: p.Name.In(w.lang), Text: p.Hint.In(w.lang), More: more})
	}
	return all
}

// controller: who answers, formally and daily (N8, L10).
func (w *writer) controller() []Block {
	identity := []string(nil)
	if !w.own.Contact.Empty() || w.blank {
		identity = []string{"13(1)(a)"}
	}
	all := []Block{w.say("controller."+w.role, identity, "body", w.name(), "with", w.with)}
	if w.answers != nil {
		all = append(all, w.say("controller.answers", nil, "post", w.in(w.answers.Name)))
	}
	if w.daily != nil {
		all = append(all, w.say("controller.daily", nil, "post", w.in(w.daily.Name)))
	}
	if w.role == charter.ControllerAlone && w.with != "" {
		all = append(all, w.say("controller.register", nil, "with", w.with))
	}
	if w.own.Adviser.Empty() {
		return append(all, w.say("controller.no_adviser", []string{"13(1)(b)"}))
	}
	return append(all, w.say("controller.adviser", []string{"13(1)(b)"}, "function", w.own.Adviser.Function.In(w.lang), "reach", w.reach(&w.own.Adviser)))
}

// reach is how a function is reached.
func (w *writer) reach(c *Contact) string {
	var how []string
	if c.Phone != "" {
		how = append(how, w.p.T("declaration.contact.phone", "phone", c.Phone))
	}
	if c.Email != "" {
		how = append(how, w.p.T("declaration.contact.email", "email", c.Email))
	}
	return w.p.List(how)
}

// personal: what personal data are (N9).
func (w *writer) personal() []Block {
	return []Block{w.say("personal.text", []string{"14(1)(d)"}), w.say("personal.judgement", nil)}
}

// collecting: from whom, what one is told, and what signing means (N10, L5).
func (w *writer) collecting() []Block {
	all := []Block{w.say("collecting.text", nil), w.say("collecting.told", nil)}
	if w.c.Joining.Basis == "6(1)(a)" {
		all = append(all, w.say("collecting.signed_consent", nil))
	} else {
		all = append(all, w.say("collecting.signed", nil, "basis", w.c.Joining.BasisText.In(w.lang)))
	}
	all = append(all, w.say("collecting.consent", []string{"13(2)(c)"}), w.say("collecting.others", []string{"14(2)(f)"}))
	var needed []string
	for i := range w.c.Fields {
		if f := &w.c.Fields[i]; f.Required && f.Type != charter.TypeNumber {
			needed = append(needed, w.in(f.Name))
		}
	}
	return append(all, w.say("collecting.needed", []string{"13(2)(e)"}, "fields", w.p.List(needed)))
}

// collected: which data, and which never (N9).
func (w *writer) collected() []Block {
	all := []Block{w.say("collected.text", []string{"14(1)(d)"})}
	var further []Block
	for i := range w.c.Fields {
		f := &w.c.Fields[i]
		if f.Type == charter.TypeFullName {
			continue
		}
		need := "declaration.field.voluntary"
		if f.Required {
			need = "declaration.field.required"
		}
		block := Block{Kind: Fact, Term: f.Name.In(w.lang), Text: sentence(w.p.T(need))}
		if f.Standard {
			all = append(all, block)
		} else {
			further = append(further, block)
		}
	}
	if len(further) > 0 {
		all = append(append(all, w.say("collected.further", nil)), further...)
	}
	never := "collected.never"
	if w.c.SpecialCategory {
		never = "collected.never_special"
	}
	all = append(all, w.say(never, nil), w.say("collected.children", nil, "age", w.limit("minimum-age")))
	if len(w.own.Extra) == 0 {
		return append(all, w.say("collected.no_extra", nil))
	}
	all = append(all, w.say("collected.extra", nil))
	for i := range w.own.Extra {
		e := &w.own.Extra[i]
		all = append(all, Block{
			Kind: Fact, Term: e.Name.In(w.lang), Text: e.Use.In(w.lang), More: w.p.T("declaration.collected.ends", "ends", e.Ends.In(w.lang)),
		})
	}
	return all
}

// use: closed pages, open pages, machines, and nothing decided by machine (N11).
func (w *writer) use() []Block {
	all := []Block{w.say("use.text", nil)}
	if w.own.Pages != "" {
		all = append(all, w.say("use.pages", nil, "pages", w.own.Pages))
	}
	return append(all,
		w.say("use.closed", nil), w.say("use.open", nil), w.say("use.open_email", nil), w.say("use.machines", nil),
		w.say("use.automated", []string{"13(2)(f)"}), w.say("use.anew", []string{"13(3)"}))
}

// sharing: who gets them, here, above, outside and abroad (N12, L10).
func (w *writer) sharing() []Block {
	all := []Block{w.say("sharing.text", []string{"13(1)(e)"})}
	if w.above {
		register := w.p.T("declaration.sharing.office")
		if w.register != nil {
			register = w.in(w.register.Name)
		}
		all = append(all, w.say("sharing.register", nil, "with", w.root(), "post", register))
	}
	grounded, abroad := true, false
	more := func(role, country string, ground charter.Words) string {
		text := w.p.T("declaration.sharing.role."+role, "country", w.p.Country(country))
		if !ThirdCountry(country) {
			return text
		}
		if abroad = true; len(ground) == 0 {
			grounded = false
			return text
		}
		return text + " " + w.p.T("declaration.sharing.ground", "ground", ground.In(w.lang))
	}
	for i := range w.outside {
		r := &w.outside[i]
		text := r.Task.In(w.lang)
		if text == "" {
			text = w.p.T("declaration.sharing.task")
		}
		said := more(r.Role, r.Country, w.own.ground(r))
		if gets := w.gets("sharing.gets", r.Fields); gets != "" {
			said += " " + gets
		}
		if q, asked := w.c.Consent(r.Consent); asked {
			said += " " + w.p.T("declaration.sharing.consent", "consent", q.Name.In(w.lang))
		}
		all = append(all, Block{Kind: Fact, Term: r.name(w.lang), Text: text, More: said})
	}
	others := w.own.others(w.outside)
	for i := range others {
		r := &others[i]
		all = append(all, Block{Kind: Fact, Term: r.Name, Text: r.Task.In(w.lang), More: more("own", r.Country, r.Ground)})
	}
	if len(w.outside)+len(others) == 0 {
		all = append(all, w.say("sharing.nobody", nil))
	} else {
		all = append(all, w.say("sharing.chain", nil))
	}
	switch {
	case !abroad:
		all = append(all, w.say("sharing.at_home", []string{"13(1)(f)"}))
	case grounded:
		all = append(all, w.say("sharing.abroad", []string{"13(1)(f)"}))
	}
	return append(all, w.say("sharing.never", nil))
}

// root is the body whose register it is.
func (w *writer) root() string {
	if w.with != "" {
		return w.with
	}
	return w.c.Name.In(w.lang)
}

// protection: how data are secured, breaches, the audit, and where to ask (N13, L4).
func (w *writer) protection() []Block {
	all := []Block{
		w.say("protection.text", nil), w.list("protection.sealed"), w.list("protection.journal"), w.list("protection.access"), w.list("protection.lists"),
		w.say("protection.breach", nil, "hours", w.limit("breach-hours")),
	}
	if w.role == charter.ControllerAlone && w.with != "" {
		all = append(all, w.say("protection.processor", nil, "with", w.with))
	}
	return append(all, w.say("protection.audit", nil, "times", w.limit("reviews-per-year")), w.say("protection.copy", nil))
}

// deletion: until when (N14, L7).
func (w *writer) deletion() []Block {
	law := w.c.Law(w.country)
	years := law.Years
	if years == 0 {
		years = w.c.Parameters.BookkeepingYears.Value
	}
	all := []Block{
		w.say("deletion.text", []string{"13(2)(a)"}), w.say("deletion.leaving", nil, "days", w.limit("window-days")),
		{Kind: Fact, Term: w.p.T("declaration.deletion.accounts"), Text: w.p.T("declaration.deletion.accounts_text", "years", w.p.T("charter.unit.years", "count", years), "law", law.Cite.In(w.lang))},
	}
	for _, line := range []struct{ key, code string }{
		{"lists", "list-days"}, {"letters", "document-months"}, {"proof", "evidence-years"}, {"log", "journal-years"}, {"copies", "backup-days"},
	} {
		all = append(all, Block{
			Kind: Fact, Term: w.p.T("declaration.deletion." + line.key), Text: w.p.T("declaration.deletion."+line.key+"_text", "period", w.limit(line.code)),
		})
	}
	return append(all, w.say("deletion.history", nil), w.say("deletion.certificate", nil))
}

// rights: what one can ask, by what the use rests on, and whom to complain to (N15, L2,
// L5).
func (w *writer) rights() []Block {
	all := []Block{w.say("rights.text", []string{"13(2)(b)"})}
	for _, key := range []string{"access", "rectify", "erase", "restrict", "object", "port", "breach"} {
		all = append(all, w.list("rights."+key))
	}
	all = append(all, w.say("rights.withdraw", []string{"13(2)(c)"}),
		w.say("rights.answer", nil, "months", w.limit("answer-months"), "more", w.limit("answer-more-months")))
	switch {
	case w.blank:
		all = append(all, w.say("rights.complain", []string{"13(2)(d)"}, "authority", w.p.T("declaration.blank.authority"), "address", w.p.T("declaration.blank.address")))
	case w.authority != nil:
		complain := w.say("rights.complain", []string{"13(2)(d)"}, "authority", w.authority.Name.In(w.lang), "address", w.authority.Address)
		complain.URL = w.authority.URL
		all = append(all, complain)
	}
	return all
}

// changes: members are told (N16).
func (w *writer) changes() []Block {
	return []Block{w.say("changes.text", nil), w.say("changes.consent", nil), w.say("changes.where", nil)}
}

// contact: a function, never a person (N16).
func (w *writer) contact() []Block {
	c := &w.own.Contact
	switch {
	case w.blank:
		return []Block{
			w.say("contact.text", []string{"13(1)(a)"}, "function", w.p.T("declaration.blank.function"), "reach", w.p.T("declaration.blank.reach")),
			w.say("contact.copies", nil),
		}
	case c.Empty():
		return []Block{w.say("contact.copies", nil)}
	}
	function := c.Function.In(w.lang)
	if function == "" && w.daily != nil {
		function = w.in(w.daily.Name)
	}
	return []Block{
		w.say("contact.text", []string{"13(1)(a)"}, "function", function, "reach", w.reach(c)), w.say("contact.copies", nil),
	}
}
