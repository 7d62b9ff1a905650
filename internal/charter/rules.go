package charter

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"kartotek/internal/locale"
)

var (
	codePattern   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	countryCode   = regexp.MustCompile(`^[A-Z]{2}$`)
	monthPattern  = regexp.MustCompile(`^20[0-9]{2}-(0[1-9]|1[0-2])$`)
	basisPattern  = regexp.MustCompile(`^6\(1\)\([a-f]\)$`)
	basis9Pattern = regexp.MustCompile(`^9\(2\)\([a-j]\)$`)
)

// standardFields are the fields the program itself understands, with the type
// each must have. The declared data of the requirements (N9) are all among them.
var standardFields = map[string]string{
	"number": TypeNumber, "name": TypeFullName, "given": TypeName, "family": TypeName, "sex": TypeChoice,
	"birth": TypeDate, "address": TypeAddress, "postal": TypePostal, "town": TypeText, "country": TypeCountry,
	"email": TypeEmail, "phone": TypePhone, "mobile": TypePhone, "joined": TypeDate, "unit": TypeUnit,
	"category": TypeCategory,
}

// neededFields must be in every charter: no member can be told apart without them.
var neededFields = []string{"number", "given", "family", "unit"}

// neededPurpose is what members are searched and opened for.
const neededPurpose = "administration"

var fieldTypes = []string{
	TypeText, TypeName, TypeFullName, TypeNumber, TypeDate, TypeEmail, TypePhone, TypeAddress,
	TypePostal, TypeCountry, TypeChoice, TypeUnit, TypeCategory,
}

// prerequisites: an act that makes no sense without another.
var prerequisites = []struct{ act, needs Acts }{
	{View, Search}, {Edit, View}, {Import, Create}, {Close, View}, {PassOn, View}, {Collect, View},
}

// check reports the impossible rules of a charter that could be read whole.
func check(r *reporter, c *Charter) {
	r.head(c)
	r.parameters(&c.Parameters)
	r.transfers(&c.Transfers)
	r.joining(c)
	r.dues(c)
	r.keeping(c)
	r.grants(&c.Grants)
	r.declaration(c)
	r.meetings(c)
	r.review(&c.Review)
	r.audit(c)
	r.agreements(c)
	r.mailings(c)
	r.destruction(&c.Destruction)
	r.closing(&c.Closing)
	r.levels(c)
	r.posts(c)
	r.positions(c)
	r.fields(c)
	r.purposes(c)
	r.handouts(c)
	r.recipients(c)
	r.directory(c)
	r.consents(c)
	r.checked("guard.override", c.Guard.Override.Checked)
	r.categories(c)
	r.protections(c)
	codes(r, "reasons", c.Reasons, func(k *Reason) string { return k.Code })
	for i := range c.Reasons {
		r.between(index("reasons", i)+".window-days", c.Reasons[i].WindowDays, 0, 30)
	}
}

// head checks what stands above the tables.
func (r *reporter) head(c *Charter) {
	r.code("code", c.Code)
	if !countryCode.MatchString(c.Country) {
		r.report("country", "charter.error.country")
	}
	if _, err := time.LoadLocation(c.TimeZone); err != nil || !strings.Contains(c.TimeZone, "/") {
		r.report("time-zone", "charter.error.time_zone", "zone", c.TimeZone)
	}
	if c.NumberFirst < 1 {
		r.report("number-first", "charter.error.range", "low", 1, "high", 1_000_000_000)
	}
	catalogue := false
	for i, tag := range c.Languages {
		path := index("languages", i)
		if !slices.Contains(knownLanguages, tag) {
			r.report(path, "charter.error.unknown_language", "tag", tag)
		}
		if slices.Contains(c.Languages[:i], tag) {
			r.report(path, "charter.error.twice", "code", tag)
		}
		catalogue = catalogue || slices.Contains(locale.Languages(), tag)
	}
	if !catalogue {
		r.report("languages", "charter.error.no_catalogue", "known", strings.Join(locale.Languages(), ", "))
	}
}

func (r *reporter) parameters(p *Parameters) {
	for _, rule := range []struct {
		key       string
		number    *Number
		low, high int
	}{
		{"list-days", &p.ListDays, 1, 365},
		{"document-months", &p.DocumentMonths, 1, 120},
		{"text-message-days", &p.TextMessageDays, 1, 365},
		{"window-days", &p.WindowDays, 0, 30},
		{"officer-contact-days", &p.OfficerContactDays, 0, 365},
		{"non-payment-months", &p.NonPaymentMonths, 1, 24},
		{"bookkeeping-years", &p.BookkeepingYears, 0, 15},
		{"accounting-year-month", &p.AccountingYearMonth, 1, 12},
		{"reviews-per-year", &p.ReviewsPerYear, 1, 12},
		{"answer-months", &p.AnswerMonths, 1, 3},
		{"answer-more-months", &p.AnswerMoreMonths, 0, 6},
		{"breach-hours", &p.BreachHours, 1, 96},
		{"minimum-age", &p.MinimumAge, 0, 30},
		{"access-history-years", &p.AccessHistoryYears, 1, 30},
		{"cover-days", &p.CoverDays, 0, 365},
		{"letter-days", &p.LetterDays, 1, 30},
		{"letter-keep-days", &p.LetterKeepDays, 7, 90},
		{"backup-days", &p.BackupDays, 2, 3660},
		{"report-minimum", &p.ReportMinimum, 3, 100}, // D2: with less a number is a person
		{"publish-days", &p.PublishDays, 1, 180},     // D15
		{"drill-months", &p.DrillMonths, 1, 24},
		{"certificate-years", &p.CertificateYears, 1, 30},
	} {
		path := "parameters." + rule.key
		if rule.number.Value < rule.low || rule.number.Value > rule.high {
			r.report(path+".value", "charter.error.range", "low", rule.low, "high", rule.high)
		}
		r.checked(path, rule.number.Checked)
	}
	p.retention(func(key string, n *Number, _, low, high int) {
		path := "parameters." + key
		if n.Value < low || n.Value > high {
			r.report(path+".value", "charter.error.range", "low", low, "high", high)
		}
		r.checked(path, n.Checked)
	})
	r.checked("parameters.second-pair-ends-window", p.SecondPairEndsWindow.Checked)
	r.checked("parameters.special-category", p.SpecialCategory.Checked)
}

func (r *reporter) checked(path, month string) {
	if month != "" && !monthPattern.MatchString(month) {
		r.report(path+".checked", "charter.error.month")
	}
}

func (r *reporter) levels(c *Charter) {
	codes(r, "levels", c.Levels, func(l *Level) string { return l.Code })
	members := false
	for i := range c.Levels {
		level, path := &c.Levels[i], index("levels", i)
		members = members || level.Members
		switch {
		case i == 0 && level.Parent != "":
			r.report(path+".parent", "charter.error.root_parent")
		case i > 0 && level.Parent == "":
			r.report(path, "charter.error.second_root", "code", level.Code)
		case i > 0 && !slices.ContainsFunc(c.Levels[:i], func(above Level) bool { return above.Code == level.Parent }):
			// Parents stand above their children in the text, so no circle can be written.
			r.report(path+".parent", "charter.error.unknown_parent", "code", level.Parent)
		}
		switch level.Controller {
		case ControllerAlone, ControllerProcessor:
		case ControllerJoint: // L10: jointly with the level above
			if level.Parent == "" {
				r.report(path+".controller", "charter.error.joint_root")
			}
		case ControllerNone:
			if level.Members {
				r.report(path+".controller", "charter.error.nobody_controls")
			}
		default:
			r.report(path+".controller", "charter.error.controller", "code", level.Controller)
		}
		if level.Requisition && !slices.ContainsFunc(c.Purposes, func(p Purpose) bool { return p.Requisition }) {
			r.report(path+".requisition", "charter.error.no_requisition_purpose") // D13
		}
	}
	if !members {
		r.report("levels", "charter.error.no_members")
	}
}

func (r *reporter) posts(c *Charter) {
	codes(r, "posts", c.Posts, func(p *Post) string { return p.Code })
	for i := range c.Posts {
		post, path := &c.Posts[i], index("posts", i)
		if len(post.Levels) == 0 {
			r.report(path+".levels", "charter.error.empty")
		}
		for j, code := range post.Levels {
			at := index(path+".levels", j)
			level, ok := c.Level(code)
			switch {
			case !ok:
				r.report(at, "charter.error.unknown_level", "code", code)
			case slices.Contains(post.Levels[:j], code):
				r.report(at, "charter.error.twice", "code", code)
			case level.Requisition && len(post.May) > 0: // D13
				r.report(path+".may", "charter.error.no_access_there", "level", code)
			}
		}
		r.between(path+".seats", post.Seats, 1, 1000)
		r.between(path+".over-members", post.OverMembers, 0, 1_000_000)
		r.between(path+".term-months", post.TermMonths, 0, 120)
		if post.OverMembers > 0 && len(post.Source) == 0 {
			r.report(path, "charter.error.missing_key", "key", "source")
		}
		r.acts(path+".may", post.May)
		if slices.Contains(post.May, "staff") { // D4: only a position reaches that far
			r.report(path+".may", "charter.error.staff_post")
		}
	}
}

func (r *reporter) positions(c *Charter) {
	codes(r, "positions", c.Positions, func(p *Position) string { return p.Code })
	var all Acts
	for i := range c.Positions {
		r.position(c, i)
		all |= c.Positions[i].Acts
	}
	for _, act := range []Acts{Staff, Appoint, Close} {
		if !all.Has(act) {
			r.report("positions", "charter.error.nobody_may", "act", act.String())
		}
	}
}

// acts checks a `may`.
func (r *reporter) acts(path string, may []string) {
	for i, code := range may {
		if _, ok := ParseAct(code); !ok {
			r.report(index(path, i), "charter.error.unknown_act", "code", code, "known", strings.Join(actCodes[:], ", "))
		} else if slices.Contains(may[:i], code) {
			r.report(index(path, i), "charter.error.twice", "code", code)
		}
	}
	set := actsOf(may)
	for _, rule := range prerequisites {
		if set.Has(rule.act) && !set.Has(rule.needs) {
			r.report(path, "charter.error.act_needs", "act", rule.act.String(), "needs", rule.needs.String())
		}
	}
}

func (r *reporter) fields(c *Charter) {
	codes(r, "fields", c.Fields, func(f *Field) string { return f.Code })
	if len(c.Fields) > maxFields {
		r.report(index("fields", maxFields), "charter.error.too_many_fields", "count", maxFields)
	}
	heading := make(map[string]string) // folded → field that has it
	for i := range c.Fields {
		field, path := &c.Fields[i], index("fields", i)
		kind, standard := standardFields[field.Code]
		switch {
		case !slices.Contains(fieldTypes, field.Type):
			r.report(path+".type", "charter.error.unknown_type", "code", field.Type, "known", strings.Join(fieldTypes, ", "))
		case standard != field.Standard:
			r.report(path, "charter.error.standard", "code", field.Code)
		case standard && kind != field.Type:
			r.report(path+".type", "charter.error.standard_type", "code", field.Code, "type", kind)
		case (field.Type == TypeChoice) != (len(field.Choices) > 0):
			r.report(path, "charter.error.choices")
		case field.Type == TypeFullName && (field.List || field.Required):
			r.report(path, "charter.error.import_only", "code", field.Code)
		}
		for _, text := range field.headings() {
			key := foldHeading(text)
			if owner, taken := heading[key]; taken && owner != field.Code {
				r.report(path+".headings", "charter.error.heading_taken", "heading", text, "field", owner)
			}
			heading[key] = field.Code
		}
		codes(r, path+".choices", field.Choices, func(k *Choice) string { return k.Code })
	}
	for _, code := range neededFields {
		if _, ok := c.Field(code); !ok {
			r.report("fields", "charter.error.field_missing", "code", code)
		}
	}
}

func (r *reporter) purposes(c *Charter) {
	codes(r, "purposes", c.Purposes, func(p *Purpose) string { return p.Code })
	for i := range c.Purposes {
		p, path := &c.Purposes[i], index("purposes", i)
		r.basis(c, p, path)
		if p.Objection && p.Statutory { // L8: no objection stops a statutory notice
			r.report(path+".objection", "charter.error.objection_statutory")
		}
		if p.Statutory && p.Consent() { // L5: consent that cannot be refused is none
			r.report(path+".statutory", "charter.error.consent_statutory")
		}
		if c.ListDays > 0 {
			r.between(path+".days", p.Days, 0, c.ListDays) // D12: sooner, never later
		}
		if len(p.Fields) == 0 {
			r.report(path+".fields", "charter.error.empty")
		}
		for j, code := range p.Fields {
			field, ok := c.Field(code)
			switch {
			case !ok:
				r.report(index(path+".fields", j), "charter.error.unknown_field", "code", code)
			case !field.List:
				r.report(index(path+".fields", j), "charter.error.not_on_lists", "code", code)
			case slices.Contains(p.Fields[:j], code):
				r.report(index(path+".fields", j), "charter.error.twice", "code", code)
			}
		}
	}
	if _, ok := c.Purpose(neededPurpose); !ok {
		r.report("purposes", "charter.error.purpose_missing", "code", neededPurpose)
	}
}

// basis checks that a purpose states its legal basis, and Art. 9 exactly where
// membership itself is special-category data (L1, L5).
func (r *reporter) basis(c *Charter, p *Purpose, path string) {
	if !basisPattern.MatchString(p.Basis) {
		r.report(path+".basis", "charter.error.basis")
	} else if p.Objection && p.Basis != "6(1)(e)" && p.Basis != "6(1)(f)" { // Art. 21(1)
		r.report(path+".objection", "charter.error.objection_basis", "basis", p.Basis)
	}
	switch {
	case c.SpecialCategory && p.Basis9 == "":
		r.report(path, "charter.error.basis9_missing")
	case !c.SpecialCategory && p.Basis9 != "":
		r.report(path+".basis-9", "charter.error.basis9_needless")
	case p.Basis9 != "" && !basis9Pattern.MatchString(p.Basis9):
		r.report(path+".basis-9", "charter.error.basis9")
	}
}

// codes checks that every entry of a table has a well-formed code of its own.
func codes[T any](r *reporter, path string, table []T, codeOf func(*T) string) {
	if len(table) == 0 && !strings.HasSuffix(path, ".choices") {
		r.report(path, "charter.error.empty")
	}
	seen := make(map[string]bool, len(table))
	for i := range table {
		code := codeOf(&table[i])
		r.code(index(path, i)+".code", code)
		if seen[code] {
			r.report(index(path, i)+".code", "charter.error.twice", "code", code)
		}
		seen[code] = true
	}
}

func (r *reporter) code(path, code string) {
	if !codePattern.MatchString(code) {
		r.report(path, "charter.error.code", "code", code)
	}
}

func (r *reporter) between(path string, value, low, high int) {
	if value < low || value > high {
		r.report(path, "charter.error.range", "low", low, "high", high)
	}
}

func index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }
