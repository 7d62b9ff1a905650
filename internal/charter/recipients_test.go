package charter

import (
	"strings"
	"testing"

	"kartotek/internal/locale"
)

// A recipient of what is passed on, as a test charter has it.
const recipientText = `
[[recipients]]
code = "world"
name = { da = "Verden", en = "The world" }
country = "US"
hint = { da = "h", en = "h" }
basis = "6(1)(b)"
basis-9 = "9(2)(d)"
basis-text = { da = "aftalen", en = "the agreement" }
transfer = "45"
transfer-text = { da = "afgørelsen", en = "the decision" }
fields = ["number", "given", "family", "unit"]
refusal = "leave-out"
runs = ["office"]
source = { da = "k", en = "s" }
`

func init() { // its slips of the pen stand with the others
	slip := func(name, old, to, at string, without ...string) {
		if !strings.Contains(recipientText, old) {
			panic(name)
		}
		text := strings.Replace(recipientText, old, to, 1)
		for _, line := range without {
			text = strings.Replace(text, line+"\n", "", 1)
		}
		refusals = append(refusals, struct{ name, old, new, at string }{
			name, categoryOrdinary, categoryOrdinary + text, at,
		})
	}
	slip("a transfer to the USA without a ground", `transfer = "45"`, `transfer = "40"`, `transfer = "40"`)
	slip("a transfer inside the EEA", `country = "US"`, `country = "SE"`, `transfer = "45"`)
	slip("passing on what is no standard field", `fields = ["number", `, `fields = ["number", "shirt", `, `"shirt", "given"`)
	slip("passing on without the number", `fields = ["number", `, `fields = [`, `fields = ["given", "family", "unit"]`)
	slip("consent without its code", `basis = "6(1)(b)"`, `basis = "6(1)(a)"`, "[[recipients]]")
	slip("a consent that changes nothing", `refusal =`, `consent = "world"`+"\n"+`refusal =`, `consent = "world"`)
	slip("a consent that cannot be refused", `refusal = "leave-out"`, `transfer = "49(1)(a)"`+"\n"+`consent = "world"`+"\n"+`refusal = "impossible"`, `refusal = "impossible"`, `transfer = "45"`)
	slip("the number of whoever refuses, where membership itself is what was refused", `refusal = "leave-out"`,
		`basis-9 = "9(2)(a)"`+"\n"+`consent = "world"`+"\n"+`refusal = "number-only"`+"\n"+`refusal-basis = "6(1)(f)"`+"\n"+`refusal-text = { da = "t", en = "t" }`, `refusal = "number-only"`, `basis-9 = "9(2)(d)"`)
	slip("a number of whoever refuses, without a basis", `refusal = "leave-out"`, `refusal = "number-only"`, "[[recipients]]")
	slip("passing on more than is asked for", "[[recipients]]", `[[consents]]
code = "narrow"
name = { da = "n", en = "n" }
asked = { da = "Vil du?", en = "Will you?" }
opens = { da = "o", en = "o" }
basis = "6(1)(a)"
basis-9 = "9(2)(a)"
fields = ["number", "unit"]
changed = "rests"
source = { da = "k", en = "s" }

[[recipients]]
transfer = "49(1)(a)"
consent = "narrow"`, `fields = ["number", "given", "family", "unit"]`, `transfer = "45"`)
	slip("a run by nobody known", `runs = ["office"]`, `runs = ["baker"]`, `runs = ["baker"]`)
}

// N9, N12, L5: what is passed on is declared, in standard fields only; the basis
// agrees with whether anybody is asked, and every recipient outside the EEA has the
// ground of its transfer.
func TestN12RecipientsAreDeclared(t *testing.T) {
	c := load(t, "club-no")
	r, known := c.Receiver("international")
	if !known || !r.Asks() || !r.Outside() || r.Refusal != RefusalLeaveOut || r.EveryDays != 30 || r.AnswerDays != 14 {
		t.Fatalf("club-no: %+v", r)
	}
	for _, code := range r.Fields {
		if f, known := c.Field(code); !known || !f.Standard {
			t.Errorf("N9: %s is passed on and is no standard field", code)
		}
	}
	p, known := c.Purpose("passing-international")
	if !known || p.Set != c.FieldSet(r.Fields...) || p.Objection {
		t.Errorf("its purpose: %+v", p)
	}
	if n, known := c.Purpose("passing-international.number"); !known || len(n.Fields) != 2 {
		t.Errorf("of whoever refuses: %+v", n)
	}
	if len(load(t, "party-dk").Recipients) != 0 {
		t.Error("party-dk passes nobody on")
	}
	for _, lang := range locale.Languages() {
		words := locale.For(lang)
		for _, row := range c.Passing.rows() {
			if label := row.Label(words); strings.Contains(label, "⟦") {
				t.Errorf("%s in %s: %s", row.Code, lang, label)
			}
		}
	}
}
