package declaration

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
)

// How long what people write may be, in letters, and how much of it there may be.
const (
	longestWords  = 4000
	longestName   = 120
	longestReason = 500
	mostRows      = 20
)

// transitions are the arrows of the package's diagram, beside Write, which leads from
// everywhere to a draft.
var transitions = []struct{ from, to State }{
	{Drafted, Waiting}, {Drafted, Approved}, {Waiting, Drafted}, {Waiting, Approved}, {Approved, Drafted},
}

func (s State) canBecome(next State) bool {
	for _, t := range transitions {
		if t.from == s && t.to == next {
			return true
		}
	}
	return false
}

// Change is what somebody writes in one point: what is nil stays as it is.
type Change struct {
	Part       string // a point's code
	Language   string
	Words      *string
	Also       map[string]string // the same words in other languages
	Contact    *Contact          // Function of one language
	Adviser    *Contact
	Pages      *string
	Extra      *[]Extra
	Processors *[]Processor
	Grounds    map[string]string // of transfers, by the recipient's code
	Seen       int               // the revision of the part that they changed
	Reason     string            // why
}

// apply tidies a change and puts it into what a body has written, or says field by
// field what is wrong.
func (w *Change) apply(own *Content, c *charter.Charter, name string) error {
	invalid, wrong := fault.New(fault.Invalid, "declaration.error.change"), false
	field := func(name, key string, args ...any) {
		invalid, wrong = invalid.With(name, key, args...), true
	}
	fits := func(box, text string, most int) {
		if utf8.RuneCountInString(text) > most {
			field(box, "declaration.error.long", "limit", most)
		} else if locale.Mentions(text, name) {
			field(box, "declaration.error.name")
		}
	}
	w.Reason = locale.Plain(w.Reason)
	switch {
	case !slices.Contains(Codes(), w.Part):
		return fault.New(fault.NotFound, "declaration.error.part")
	case !slices.Contains(c.Languages, w.Language):
		return fault.New(fault.Invalid, "declaration.error.language", "known", c.Languages)
	case w.Reason == "":
		field("reason", "declaration.error.reason")
	}
	fits("reason", w.Reason, longestReason)
	if w.Words != nil {
		text := locale.Plain(*w.Words)
		fits("text", text, longestWords)
		own.Words = set(own.Words, w.Part, w.Language, text)
	}
	for lang, text := range w.Also {
		if !slices.Contains(c.Languages, lang) {
			return fault.New(fault.Invalid, "declaration.error.language", "known", c.Languages)
		}
		text = locale.Plain(text)
		fits("text-"+lang, text, longestWords)
		own.Words = set(own.Words, w.Part, lang, text)
	}
	contact := func(prefix string, from, into *Contact) {
		if from == nil {
			return
		}
		function := strings.TrimSpace(from.Function[w.Language])
		fits(prefix+"function", function, longestName)
		phone, email := strings.TrimSpace(from.Phone), strings.TrimSpace(from.Email)
		if known, ok := locale.ParsePhone(phone, c.Country); phone != "" && !ok {
			field(prefix+"phone", "declaration.error.phone")
		} else if phone != "" {
			phone = locale.Phone(known, c.Country)
		}
		if known, ok := locale.ParseEmail(email); email != "" && !ok {
			field(prefix+"email", "declaration.error.email")
		} else if email != "" {
			email = known
		}
		into.Function, into.Phone, into.Email = put(into.Function, w.Language, function), phone, email
	}
	contact("", w.Contact, &own.Contact)
	contact("adviser_", w.Adviser, &own.Adviser)
	if w.Pages != nil {
		own.Pages = strings.TrimSpace(*w.Pages)
		if u, err := url.Parse(own.Pages); own.Pages != "" && (err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "") {
			field("pages", "declaration.error.pages")
		}
	}
	if w.Extra != nil {
		own.Extra = w.extras(own.Extra, field)
	}
	if w.Processors != nil {
		own.Processors = w.processors(own.Processors, field)
	}
	for code, text := range w.Grounds {
		text = locale.Plain(text)
		fits("ground-"+code, text, longestWords)
		own.Grounds = set(own.Grounds, code, w.Language, text)
	}
	if wrong {
		return invalid
	}
	return nil
}

// extras are the rows of further data: the words of this language change, those of
// others stay with their row.
func (w *Change) extras(had []Extra, field func(string, string, ...any)) []Extra {
	var all []Extra
	for i, row := range *w.Extra {
		name, use, ends := row.Name[w.Language], row.Use[w.Language], row.Ends[w.Language]
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if strings.TrimSpace(use) == "" || strings.TrimSpace(ends) == "" {
			field("extra-"+strconv.Itoa(i), "declaration.error.extra")
		}
		var e Extra
		if i < len(had) {
			e = had[i]
		}
		e.Name, e.Use, e.Ends = put(e.Name, w.Language, locale.Plain(name)), put(e.Use, w.Language, locale.Plain(use)), put(e.Ends, w.Language, locale.Plain(ends))
		if all = append(all, e); utf8.RuneCountInString(name+use+ends) > longestWords || len(all) > mostRows {
			field("extra-"+strconv.Itoa(i), "declaration.error.long", "limit", longestWords)
		}
	}
	return all
}

var countryCode = regexp.MustCompile(`^[A-Z]{2}$`)

func (w *Change) processors(had []Processor, field func(string, string, ...any)) []Processor {
	var all []Processor
	for i, row := range *w.Processors {
		name, country := locale.Plain(row.Name), strings.ToUpper(strings.TrimSpace(row.Country))
		if name == "" {
			continue
		}
		if task := strings.TrimSpace(row.Task[w.Language]); task == "" || !countryCode.MatchString(country) {
			field("processor-"+strconv.Itoa(i), "declaration.error.processor")
		}
		var p Processor
		if i < len(had) {
			p = had[i]
		}
		p.Name, p.Country = name, country
		p.Task, p.Ground = put(p.Task, w.Language, locale.Plain(row.Task[w.Language])), put(p.Ground, w.Language, locale.Plain(row.Ground[w.Language]))
		if all = append(all, p); utf8.RuneCountInString(name) > longestName || len(all) > mostRows {
			field("processor-"+strconv.Itoa(i), "declaration.error.long", "limit", longestName)
		}
	}
	return all
}

// ground is on what a transfer to a third country rests: what the register knows, else
// what the body wrote.
func (own *Content) ground(r *Recipient) charter.Words {
	if len(r.Ground) > 0 {
		return r.Ground
	}
	return own.Grounds[r.Code]
}

// others are a body's own processors that the register does not know already.
func (own *Content) others(known []Recipient) []Processor {
	return slices.DeleteFunc(slices.Clone(own.Processors), func(p Processor) bool {
		return slices.ContainsFunc(known, func(r Recipient) bool { return r.same(&Recipient{Name: p.Name, Country: p.Country}) })
	})
}

// put gives words with one language set, or without it.
func put(words charter.Words, lang, text string) charter.Words {
	next := charter.Words{}
	for code, other := range words {
		next[code] = other
	}
	if next[lang] = text; text == "" {
		delete(next, lang)
	}
	return next
}

func set(all map[string]charter.Words, part, lang, text string) map[string]charter.Words {
	next := map[string]charter.Words{}
	for code, words := range all {
		next[code] = words
	}
	if next[part] = put(next[part], lang, text); len(next[part]) == 0 {
		delete(next, part)
	}
	return next
}

// Lack is something that is missing, or looks wrong, in what a body has written.
type Lack struct {
	Point int
	Stops bool // it keeps the declaration from being published
	Key   string
	Args  []any
	// A country, or a language, that is said as the reader names it.
	land, tongue string
}

// Words say what is missing.
func (l *Lack) Words(p *locale.Printer) string {
	return p.T(l.Key, append(slices.Clone(l.Args), "country", p.Country(l.land), "language", p.Language(l.tongue))...)
}

// lacks are everything that is missing: what stops publishing first.
func lacks(k *known, own *Content, texts Texts) []Lack {
	var all []Lack
	if own.Contact.Empty() {
		all = append(all, Lack{Point: 14, Stops: true, Key: "declaration.lack.contact"})
	}
	text, _ := texts.In(k.c.Lang(), k.c.Languages...)
	for _, item := range text.Unanswered() {
		all = append(all, Lack{Point: answering[item], Stops: true, Key: "declaration.lack.item", Args: []any{"item", item}})
	}
	others := own.others(k.outside)
	for i := range others {
		if p := &others[i]; ThirdCountry(p.Country) && len(p.Ground) == 0 {
			all = append(all, Lack{Point: 9, Stops: true, Key: "declaration.lack.ground", Args: []any{"name", p.Name}, land: p.Country})
		}
	}
	for _, r := range k.outside {
		if ThirdCountry(r.Country) && len(own.ground(&r)) == 0 {
			all = append(all, Lack{Point: 9, Stops: true, Key: "declaration.lack.ground", Args: []any{"name", r.name(k.c.Lang())}, land: r.Country})
		}
	}
	for i, code := range codes {
		for _, lang := range k.c.Languages {
			if words := own.Words[code]; len(words) > 0 && words[lang] == "" {
				all = append(all, Lack{Point: i + 1, Key: "declaration.lack.language", tongue: lang})
			}
		}
		for _, text := range own.Words[code] {
			if private(text) {
				all = append(all, Lack{Point: i + 1, Key: "declaration.lack.private"})
				break
			}
		}
	}
	for _, c := range []*Contact{&own.Contact, &own.Adviser} {
		if private(c.Email) {
			all = append(all, Lack{Point: 14, Key: "declaration.lack.private"})
		}
	}
	return all
}

// answering is the point in which an item that is unanswered is to be answered.
var answering = map[string]int{
	"13(1)(a)": 14, "13(1)(b)": 4, "13(1)(c)": 3, "13(1)(d)": 2, "13(1)(e)": 9, "13(1)(f)": 9, "13(2)(a)": 11, "13(2)(b)": 12,
	"13(2)(c)": 6, "13(2)(d)": 12, "13(2)(e)": 6, "13(2)(f)": 8, "13(3)": 8, "14(1)(d)": 7, "14(2)(f)": 6,
}

// A person's own address: at a provider whom people have their mail with, or a first and
// a last name before the sign. An association's says what it is for.
var (
	address   = regexp.MustCompile(`(?i)([a-z0-9._%+-]+)@([a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})`)
	firstLast = regexp.MustCompile(`(?i)^[a-z]{2,}\.(?:[a-z]\.)?[a-z]{2,}[0-9]*$`)
	providers = []string{
		"gmail", "googlemail", "hotmail", "outlook", "live", "msn", "yahoo", "icloud", "me", "mac", "aol", "protonmail", "proton", "online",
		"getmail", "broadpark", "lyse", "telia", "comhem", "bredband", "tele2", "jubii", "mail", "sol", "privat", "stofanet", "webspeed", "passagen", "spray",
	}
)

// private reports whether a text holds what looks like a person's own e-mail address.
func private(text string) bool {
	for _, found := range address.FindAllStringSubmatch(text, -1) {
		host, _, _ := strings.Cut(strings.ToLower(found[2]), ".")
		if slices.Contains(providers, host) || firstLast.MatchString(found[1]) {
			return true
		}
	}
	return false
}
