package charter

import (
	"slices"
	"strings"
)

// Consent is something a person is asked to agree to, each on its own, where consent
// is the basis and nothing else is (L5, N11; GDPR Art. 6(1)(a), Art. 7).
type Consent struct {
	Code   string   `toml:"code" need:"yes"`
	Name   Words    `toml:"name" need:"yes"`
	Asked  Words    `toml:"asked" need:"yes"` // the whole question, in plain words
	Opens  Words    `toml:"opens" need:"yes"` // what a yes opens, and what follows from a no
	Basis  string   `toml:"basis" need:"yes"`
	Basis9 string   `toml:"basis-9"` // exactly where membership is special-category data
	Fields []string `toml:"fields"`  // what of the person it is about
	Months int      `toml:"months"`  // it lives so long; 0 = until it is withdrawn
	// Changed is what happens to a yes when the declaration it was given under changes
	// materially and nobody has answered again yet.
	Changed string `toml:"changed" need:"yes"`
	Source  Words  `toml:"source" need:"yes"` // of Changed

	// Recipient is whom it lets data be disclosed to, where it is made from a kind of
	// recipient outside the legal body (D5).
	Recipient *Recipient `toml:"-"`
}

// What happens to a consent that is asked again.
const (
	ConsentRests  = "rests"  // it opens nothing until the person has answered
	ConsentStands = "stands" // it goes on until the person has answered
)

// disclosurePrefix begins the codes of consents made from kinds of recipients.
const disclosurePrefix = "disclosure-"

// DisclosureCode is the consent to being handed to a kind of recipient that stands
// outside the legal body (Art. 9(2)(d)).
func DisclosureCode(recipient string) string { return disclosurePrefix + recipient }

// AsksConsent gives everything members are asked about: what the charter lists, and
// the kinds of recipients that can stand outside the legal body (D5).
func (c *Charter) AsksConsent() []*Consent {
	all := make([]*Consent, 0, len(c.Consents)+len(c.disclosures))
	for i := range c.Consents {
		all = append(all, &c.Consents[i])
	}
	for i := range c.disclosures {
		all = append(all, &c.disclosures[i])
	}
	return all
}

// Consent finds what a member can be asked about by code.
func (c *Charter) Consent(code string) (*Consent, bool) {
	if k, known := find(c.Consents, code, func(k *Consent) string { return k.Code }); known {
		return k, true
	}
	return find(c.disclosures, code, func(k *Consent) string { return k.Code })
}

// compileConsents makes the consents to being handed to somebody outside.
func (c *Charter) compileConsents() {
	c.disclosures = nil
	for i := range c.Handouts.Recipients {
		k := &c.Handouts.Recipients[i]
		if !k.MayBeOutside() {
			continue
		}
		basis9 := ""
		if c.Parameters.SpecialCategory.Value {
			basis9 = "9(2)(a)"
		}
		fields := FieldSet(0)
		for _, code := range k.Purposes {
			if p, known := find(c.Purposes, code, func(p *Purpose) string { return p.Code }); known {
				fields |= p.Set
			}
		}
		made := Consent{Code: DisclosureCode(k.Code), Name: k.Name, Basis: "6(1)(a)", Basis9: basis9, Changed: ConsentRests, Recipient: k}
		for j := range c.Fields {
			if fields&c.Fields[j].Bit != 0 {
				made.Fields = append(made.Fields, c.Fields[j].Code)
			}
		}
		c.disclosures = append(c.disclosures, made)
	}
}

// consents checks what members are asked: that consent is the basis, and that no
// question pretends to be another.
func (r *reporter) consents(c *Charter) {
	if len(c.Consents) > 0 {
		codes(r, "consents", c.Consents, func(k *Consent) string { return k.Code })
	}
	for i := range c.Consents {
		k, path := &c.Consents[i], index("consents", i)
		if strings.HasPrefix(k.Code, disclosurePrefix) { // made from the kinds of recipients
			r.report(path+".code", "charter.error.twice", "code", k.Code)
		}
		if k.Basis != "6(1)(a)" { // L5: asked only where it is the basis
			r.report(path+".basis", "charter.error.consent_basis")
		}
		switch {
		case (k.Basis9 != "") != c.Parameters.SpecialCategory.Value:
			r.report(path, "charter.error.joining_basis9")
		case k.Basis9 != "" && k.Basis9 != "9(2)(a)" && k.Basis9 != "9(2)(d)":
			r.report(path+".basis-9", "charter.error.basis9")
		}
		for j, code := range k.Fields {
			if _, known := c.Field(code); !known {
				r.report(index(path+".fields", j), "charter.error.unknown_field", "code", code)
			}
		}
		if !slices.Contains([]string{ConsentRests, ConsentStands}, k.Changed) {
			r.report(path+".changed", "charter.error.confirm", "known", []string{ConsentRests, ConsentStands})
		}
		r.between(path+".months", k.Months, 0, 120)
	}
}
