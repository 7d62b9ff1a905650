package charter

import (
	"regexp"
	"slices"
)

// Passing are the rules for passing members' data on to a body outside that members
// also belong to, an international one for instance (N12). Whom it goes to stands in
// [[recipients]], each with its own ground and fields.
type Passing struct {
	EveryDays    Number `toml:"every-days"`    // what has changed is passed on so often
	AnswerDays   Number `toml:"answer-days"`   // then the recipient has confirmed, or somebody asks
	SharePercent Number `toml:"share-percent"` // more at once than such a part waits for a second person
	ShareMinimum Number `toml:"share-minimum"` // and so many one person may pass on or take back alone
}

// Receiver is an organisation outside that gets members' data, again and again: only
// the declared fields, and only of those for whom its ground stands (N12, L5).
type Receiver struct {
	Code         string   `toml:"code" need:"yes"`
	Name         Words    `toml:"name" need:"yes"`
	Country      string   `toml:"country" need:"yes"` // ISO 3166-1 alpha-2
	Hint         Words    `toml:"hint" need:"yes"`    // what it gets the data for, in a sentence
	Basis        string   `toml:"basis" need:"yes"`   // Art. 6
	Basis9       string   `toml:"basis-9"`            // exactly where membership is special-category data
	BasisText    Words    `toml:"basis-text" need:"yes"`
	Consent      string   `toml:"consent"`       // the code that is asked; exactly where the basis is consent
	Transfer     string   `toml:"transfer"`      // GDPR Chapter V: the ground outside the EEA
	TransferText Words    `toml:"transfer-text"` // that ground, said for people
	Fields       []string `toml:"fields" need:"yes"`
	Refusal      string   `toml:"refusal" need:"yes"` // what becomes of whoever refuses
	RefusalBasis string   `toml:"refusal-basis"`      // Art. 6, of what is passed on all the same
	RefusalText  Words    `toml:"refusal-text"`       // that basis, said for people
	Runs         []string `toml:"runs" need:"yes"`    // posts and positions that reach the whole register
	EveryDays    int      `toml:"every-days"`         // 0: as [passing] says
	AnswerDays   int      `toml:"answer-days"`
	Source       Words    `toml:"source" need:"yes"`
	Checked      string   `toml:"checked"`

	purpose Purpose
	numbers Purpose // with the number and the body only
}

// What becomes of somebody who refuses (N12). It is told before they answer.
const (
	RefusalLeaveOut   = "leave-out"   // the recipient learns nothing of them
	RefusalNumberOnly = "number-only" // their number and their body, on a ground of its own
	RefusalImpossible = "impossible"  // no membership without it: so it is never asked
)

// Refusals lists what there is.
var Refusals = []string{RefusalLeaveOut, RefusalNumberOnly, RefusalImpossible}

// numberFields are what "number-only" passes on.
var numberFields = []string{"number", "unit"}

// transferPattern is what a transfer can rest on: an adequacy decision, safeguards
// such as standard clauses, or a derogation.
var transferPattern = regexp.MustCompile(`^(45|46\(2\)\([a-f]\)|46\(3\)\([ab]\)|47|49\(1\)\([a-g]\))$`)

// inEEA are the countries to which a transfer needs no ground of its own.
var inEEA = []string{
	"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL",
	"NO", "PL", "PT", "RO", "SE", "SI", "SK",
}

// PassingPrefix begins the code of the purpose of a recipient; of whoever refuses it
// ends in PassingNumbers.
const (
	PassingPrefix  = "passing-"
	PassingNumbers = ".number"
)

// Purpose is what the recipient's data are for, as access knows it: it is on no form
// where lists are pulled.
func (r *Receiver) Purpose() *Purpose { return &r.purpose }

// Numbers is the same with no more than number and body.
func (r *Receiver) Numbers() *Purpose { return &r.numbers }

// Asks reports whether members are asked for their consent.
func (r *Receiver) Asks() bool { return r.Consent != "" }

// Outside reports whether the recipient's country is outside the EEA.
func (r *Receiver) Outside() bool { return !slices.Contains(inEEA, r.Country) }

// MayRun reports whether a post or position runs the passing on.
func (r *Receiver) MayRun(code string) bool { return slices.Contains(r.Runs, code) }

// Receiver finds a recipient by code.
func (c *Charter) Receiver(code string) (*Receiver, bool) {
	return find(c.Recipients, code, func(r *Receiver) string { return r.Code })
}

// passingPurpose finds the purpose of a recipient by its code.
func (c *Charter) passingPurpose(code string) (*Purpose, bool) {
	for i := range c.Recipients {
		switch r := &c.Recipients[i]; code {
		case r.purpose.Code:
			return &r.purpose, true
		case r.numbers.Code:
			return &r.numbers, true
		}
	}
	return nil, false
}

// usualPassing hold where a charter says nothing.
func usualPassing() Passing {
	own := Words{
		"da": "Programmets udgangspunkt", "en": "The program's default", "nb": "Programmets utgangspunkt", "sv": "Programmets utgångspunkt",
	}
	number := func(n int) Number { return Number{Value: n, Source: own} }
	return Passing{EveryDays: number(30), AnswerDays: number(14), SharePercent: number(5), ShareMinimum: number(25)}
}

func (p *Passing) all(each func(key string, n *Number, low, high int)) {
	each("every-days", &p.EveryDays, 1, 366)
	each("answer-days", &p.AnswerDays, 1, 90)
	each("share-percent", &p.SharePercent, 1, 100)
	each("share-minimum", &p.ShareMinimum, 1, 10_000)
}

func (p *Passing) rows() []Parameter {
	var rows []Parameter
	p.all(func(key string, n *Number, _, _ int) { rows = append(rows, n.row("passing-"+key)) })
	return rows
}

// compileRecipients makes the purposes of the recipients.
func (c *Charter) compileRecipients() {
	for i := range c.Recipients {
		r := &c.Recipients[i]
		if r.EveryDays == 0 {
			r.EveryDays = c.Passing.EveryDays.Value
		}
		if r.AnswerDays == 0 {
			r.AnswerDays = c.Passing.AnswerDays.Value
		}
		r.purpose = Purpose{
			Code: PassingPrefix + r.Code, Name: r.Name, Hint: r.Hint, Basis: r.Basis, Basis9: r.Basis9, BasisText: r.BasisText, Fields: r.Fields,
			Objection: r.Basis == "6(1)(e)" || r.Basis == "6(1)(f)", // Art. 21
			Set:       c.FieldSet(r.Fields...),
		}
		r.numbers = r.purpose
		r.numbers.Code, r.numbers.Fields, r.numbers.Set = r.purpose.Code+PassingNumbers, numberFields, c.FieldSet(numberFields...)
		if r.RefusalBasis != "" {
			r.numbers.Basis, r.numbers.BasisText = r.RefusalBasis, r.RefusalText
		}
	}
}

// recipients checks the rules of passing on: only standard fields, a basis that
// agrees with whether anybody is asked, a ground for what leaves the EEA.
func (r *reporter) recipients(c *Charter) {
	c.Passing.all(func(key string, n *Number, low, high int) {
		r.between("passing."+key+".value", n.Value, low, high)
		r.checked("passing."+key, n.Checked)
	})
	if len(c.Recipients) > 0 {
		codes(r, "recipients", c.Recipients, func(o *Receiver) string { return o.Code })
	}
	for i := range c.Recipients {
		o, path := &c.Recipients[i], index("recipients", i)
		if !countryCode.MatchString(o.Country) {
			r.report(path+".country", "charter.error.country")
		}
		r.recipientBasis(c, o, path)
		switch {
		case o.Outside() && !transferPattern.MatchString(o.Transfer):
			r.report(path+".transfer", "charter.error.recipient_transfer")
		case o.Outside() && len(o.TransferText) == 0:
			r.report(path+".transfer-text", "charter.error.empty")
		case !o.Outside() && o.Transfer != "":
			r.report(path+".transfer", "charter.error.recipient_eea", "country", o.Country)
		}
		if len(o.Fields) == 0 {
			r.report(path+".fields", "charter.error.empty")
		}
		for j, code := range o.Fields {
			switch f, known := c.Field(code); {
			case !known:
				r.report(index(path+".fields", j), "charter.error.unknown_field", "code", code)
			case !f.Standard: // N9: anything further stays inside
				r.report(index(path+".fields", j), "charter.error.recipient_field", "code", code)
			case slices.Contains(o.Fields[:j], code):
				r.report(index(path+".fields", j), "charter.error.twice", "code", code)
			}
		}
		if !slices.Contains(o.Fields, "number") || !slices.Contains(o.Fields, "unit") {
			r.report(path+".fields", "charter.error.recipient_number")
		}
		r.recipientRuns(c, o, path)
		r.between(path+".every-days", o.EveryDays, 1, 366)
		r.between(path+".answer-days", o.AnswerDays, 1, 90)
		r.checked(path, o.Checked)
	}
}

// recipientBasis checks the ground, and what becomes of whoever refuses (L5).
func (r *reporter) recipientBasis(c *Charter, o *Receiver, path string) {
	if !basisPattern.MatchString(o.Basis) {
		r.report(path+".basis", "charter.error.basis")
	}
	switch {
	case c.SpecialCategory && !basis9Pattern.MatchString(o.Basis9):
		r.report(path+".basis-9", "charter.error.basis9")
	case !c.SpecialCategory && o.Basis9 != "":
		r.report(path+".basis-9", "charter.error.basis9_needless")
	}
	asked := o.Basis == "6(1)(a)" || o.Basis9 == "9(2)(a)" || o.Transfer == "49(1)(a)"
	switch {
	case asked && o.Consent == "":
		r.report(path+".consent", "charter.error.recipient_consent")
	case !asked && o.Consent != "": // nobody is asked where the answer changes nothing
		r.report(path+".consent", "charter.error.recipient_asked")
	case o.Consent != "" && !codePattern.MatchString(o.Consent):
		r.report(path+".consent", "charter.error.code", "code", o.Consent)
	}
	if k, known := c.Consent(o.Consent); known { // a yes reaches as far as what was asked (Art. 4(11))
		for j, code := range o.Fields {
			if !slices.Contains(k.Fields, code) {
				r.report(index(path+".fields", j), "charter.error.recipient_unasked", "code", code, "consent", k.Code)
			}
		}
	}
	switch {
	case !slices.Contains(Refusals, o.Refusal):
		r.report(path+".refusal", "charter.error.confirm", "known", Refusals)
	case o.Refusal == RefusalImpossible && asked: // a yes that cannot be a no is none (Art. 7(4))
		r.report(path+".refusal", "charter.error.recipient_forced")
	case o.Refusal == RefusalNumberOnly && (!basisPattern.MatchString(o.RefusalBasis) || o.RefusalBasis == "6(1)(a)" || len(o.RefusalText) == 0):
		r.report(path+".refusal-basis", "charter.error.recipient_refusal")
	case o.Refusal == RefusalNumberOnly && o.Basis9 == "9(2)(a)": // membership itself is what was refused
		r.report(path+".refusal", "charter.error.recipient_special")
	}
}

// recipientRuns checks that whoever runs it could have pulled the data.
func (r *reporter) recipientRuns(c *Charter, o *Receiver, path string) {
	if len(o.Runs) == 0 {
		r.report(path+".runs", "charter.error.empty")
	}
	for j, code := range o.Runs {
		if acts, known := c.wearer(code, c.Levels[0].Code); !known || !acts.Has(Pull) {
			r.report(index(path+".runs", j), "charter.error.recipient_runs", "code", code)
		}
	}
}
