package member

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"unsafe"

	"github.com/golang-sql/civil"

	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Profile is what is known about a person, apart from where they belong. Its
// values are normalised: whoever fills one in uses values.go.
type Profile struct {
	Number  string // member number, unique in the register
	Given   string // given and middle names
	Family  string
	Sex     string // a choice of the charter
	Birth   civil.Date
	Street  string // street, number, floor; lines separated by ", "
	Postal  string
	Town    string
	Country string // ISO 3166-1 alpha-2; empty is the charter's own country
	Email   string
	Phone   string // E.164
	Mobile  string // E.164
	Joined  civil.Date

	Language       string     // in which the person is written to; empty is the charter's first
	SecretAddress  bool       // covered on every list and card that does not need it to post (L8)
	SecretLevel    string     // a code of the charter's protections; empty is the first
	SecretUntil    civil.Date // the last day the person's own proof covers; empty while it has no end
	Letter, Mailed Return     // what came back
	Restricted     bool       // kept but not used (Art. 18)
	Objections     []string   // codes of the purposes objected to (Art. 21)

	Extra map[string]string // further fields the charter declares, by code (N9)

	// Of somebody who was registered twice, what is left of the other entry.
	Numbers []string         // member numbers that point here
	Merged  []vault.PersonID // ids under which they stand on lists and in the journal
}

// Profiles are records of the person, id 1: a person has one.
var Profiles = record.Declare(record.Kind[Profile]{
	Number: 1, Name: "profile", Class: vault.Membership, Retention: "membership",
	Encode: encodeProfile, Decode: decodeProfile, Words: profileWords,
})

// profileID is the id of a person's only profile.
const profileID = 1

// Numbers of the profile's fields in its binary form; never reused.
const (
	formNumber = iota + 1
	formGiven
	formFamily
	formSex
	formBirth
	formStreet
	formPostal
	formTown
	formCountry
	formEmail
	formPhone
	formMobile
	formJoined
	formLanguage
	formSecret
	formRestricted
	formObjection
	formExtra
)

// Numbers from 30 on, of what was added to the profile later.
const (
	formSecretLevel = iota + 30
	formSecretUntil
	formLetterBack
	formMailBack
)

// Numbers from 40 on, of persons registered twice.
const (
	formNumbers = iota + 40
	formMerged
)

// extra is the form of one further field, inside formExtra.
const (
	formExtraCode = iota + 1
	formExtraValue
)

func encodeProfile(dst []byte, p *Profile) []byte {
	w := record.Writer{Bytes: dst}
	w.String(formNumber, p.Number).String(formGiven, p.Given).String(formFamily, p.Family).
		String(formSex, p.Sex).Date(formBirth, p.Birth).
		String(formStreet, p.Street).String(formPostal, p.Postal).String(formTown, p.Town).String(formCountry, p.Country).
		String(formEmail, p.Email).String(formPhone, p.Phone).String(formMobile, p.Mobile).
		Date(formJoined, p.Joined).String(formLanguage, p.Language).
		Bool(formSecret, p.SecretAddress).Bool(formRestricted, p.Restricted).
		Strings(formObjection, p.Objections).
		String(formSecretLevel, p.SecretLevel).Date(formSecretUntil, p.SecretUntil).
		Blob(formLetterBack, p.Letter.encode()).Blob(formMailBack, p.Mailed.encode())
	w.Strings(formNumbers, p.Numbers)
	for _, id := range p.Merged {
		w.Uint(formMerged, uint64(id))
	}
	if len(p.Extra) > 0 {
		for _, code := range slices.Sorted(maps.Keys(p.Extra)) { // one profile, one form
			var field record.Writer
			w.Blob(formExtra, field.String(formExtraCode, code).String(formExtraValue, p.Extra[code]).Bytes)
		}
	}
	return w.Bytes
}

// decodeProfile replaces *p. All its strings share one copy of src, so that a
// million profiles cost a million allocations and not ten.
func decodeProfile(src []byte, p *Profile) error {
	*p = Profile{}
	r := record.NewReader(bytes.Clone(src))
	for r.Next() {
		switch r.Field() {
		case formNumber:
			p.Number = text(r)
		case formGiven:
			p.Given = text(r)
		case formFamily:
			p.Family = text(r)
		case formSex:
			p.Sex = text(r)
		case formBirth:
			p.Birth = r.Date()
		case formStreet:
			p.Street = text(r)
		case formPostal:
			p.Postal = text(r)
		case formTown:
			p.Town = text(r)
		case formCountry:
			p.Country = text(r)
		case formEmail:
			p.Email = text(r)
		case formPhone:
			p.Phone = text(r)
		case formMobile:
			p.Mobile = text(r)
		case formJoined:
			p.Joined = r.Date()
		case formLanguage:
			p.Language = text(r)
		case formSecret:
			p.SecretAddress = r.Bool()
		case formRestricted:
			p.Restricted = r.Bool()
		case formObjection:
			p.Objections = append(p.Objections, text(r))
		case formSecretLevel:
			p.SecretLevel = text(r)
		case formSecretUntil:
			p.SecretUntil = r.Date()
		case formLetterBack:
			if err := p.Letter.decode(r.Blob()); err != nil {
				return err
			}
		case formMailBack:
			if err := p.Mailed.decode(r.Blob()); err != nil {
				return err
			}
		case formNumbers:
			p.Numbers = append(p.Numbers, text(r))
		case formMerged:
			p.Merged = append(p.Merged, vault.PersonID(r.Uint()))
		case formExtra:
			if err := decodeExtra(r.Blob(), p); err != nil {
				return err
			}
		}
	}
	return r.Err()
}

func decodeExtra(src []byte, p *Profile) error {
	var code, value string
	r := record.NewReader(src)
	for r.Next() {
		switch r.Field() {
		case formExtraCode:
			code = text(r)
		case formExtraValue:
			value = text(r)
		}
	}
	if code != "" && value != "" {
		if p.Extra == nil {
			p.Extra = make(map[string]string, 4)
		}
		p.Extra[code] = value
	}
	return r.Err()
}

// text is the field's bytes as a string that shares them. They belong to the
// copy decodeProfile made, which nobody changes.
func text(r *record.Reader) string {
	b := r.Blob()
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// Name is the person's full name, given names first.
func (p *Profile) Name() string { return fullName(p.Given, p.Family) }

func fullName(given, family string) string {
	switch {
	case given == "":
		return family
	case family == "":
		return given
	}
	return given + " " + family
}

// Value gives a field by its code in the charter, as it is stored: dates as
// YYYY-MM-DD, phone numbers in E.164. Unit and category belong to memberships.
func (p *Profile) Value(code string) string {
	switch code {
	case "number":
		return p.Number
	case "given":
		return p.Given
	case "family":
		return p.Family
	case "sex":
		return p.Sex
	case "birth":
		return dateValue(p.Birth)
	case "address":
		return p.Street
	case "postal":
		return p.Postal
	case "town":
		return p.Town
	case "country":
		return p.Country
	case "email":
		return p.Email
	case "phone":
		return p.Phone
	case "mobile":
		return p.Mobile
	case "joined":
		return dateValue(p.Joined)
	}
	return p.Extra[code]
}

// set stores a normalised value under a field's code; "" empties the field.
func (p *Profile) set(code, value string) {
	switch code {
	case "number":
		p.Number = value
	case "given":
		p.Given = value
	case "family":
		p.Family = value
	case "sex":
		p.Sex = value
	case "birth":
		p.Birth = valueDate(value)
	case "address":
		p.Street = value
	case "postal":
		p.Postal = value
	case "town":
		p.Town = value
	case "country":
		p.Country = value
	case "email":
		p.Email = value
	case "phone":
		p.Phone = value
	case "mobile":
		p.Mobile = value
	case "joined":
		p.Joined = valueDate(value)
	default:
		switch {
		case value == "":
			delete(p.Extra, code)
		case p.Extra == nil:
			p.Extra = map[string]string{code: value}
		default:
			p.Extra[code] = value
		}
	}
}

func dateValue(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func valueDate(s string) civil.Date {
	d, err := civil.ParseDate(s)
	if err != nil {
		return civil.Date{}
	}
	return d
}

// clone is a copy that shares nothing that can change.
func (p *Profile) clone() Profile {
	c := *p
	c.Objections = slices.Clone(p.Objections)
	c.Extra = maps.Clone(p.Extra)
	c.Numbers, c.Merged = slices.Clone(p.Numbers), slices.Clone(p.Merged)
	return c
}

// coverAddress takes the address away, where it is secret and not needed (L8).
func (p *Profile) coverAddress() {
	p.Street, p.Postal, p.Town, p.Country = "", "", "", ""
}

func profileWords(p *Profile) []record.Line {
	lines := make([]record.Line, 0, 16)
	add := func(code, value string) {
		if value != "" {
			lines = append(lines, record.Line{Key: "member.field." + code, Value: value})
		}
	}
	for _, code := range [...]string{
		"number", "given", "family", "sex", "birth", "address", "postal", "town", "country",
		"email", "phone", "mobile", "joined",
	} {
		add(code, p.Value(code))
	}
	add("language", p.Language)
	for _, flag := range [...]struct {
		code string
		set  bool
	}{{"secret_address", p.SecretAddress}, {"restricted", p.Restricted}} {
		if flag.set {
			lines = append(lines, record.Line{Key: "member.field." + flag.code, ValueKey: "member.yes"})
		}
	}
	add("secret_level", p.SecretLevel)
	add("secret_until", dateValue(p.SecretUntil))
	add("letter_returned", dateValue(p.Letter.Since))
	add("mail_returned", dateValue(p.Mailed.Since))
	add("objections", strings.Join(p.Objections, ", "))
	add("numbers", strings.Join(p.Numbers, ", "))
	for _, code := range slices.Sorted(maps.Keys(p.Extra)) {
		lines = append(lines, record.Line{Key: "member.field.extra", Value: code + ": " + p.Extra[code]})
	}
	return lines
}
