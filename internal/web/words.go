package web

import (
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/unit"
)

// Names of what the charter and the tree know by code, for pages of all rooms.

// unitName is a body's name; the association's own for the whole register.
func (v *visit) unitName(id unit.ID) string {
	if body, ok := v.house.Units.Tree().ByID(id); ok {
		return body.Name
	}
	return v.organisation()
}

// unitLevel is the code of a body's level, "" for no body.
func (v *visit) unitLevel(id unit.ID) string {
	body, _ := v.house.Units.Tree().ByID(id)
	return body.Level
}

// purposeName is a purpose in the visitor's language.
func (v *visit) purposeName(code string) string {
	if purpose, ok := v.house.Charter.Purpose(code); ok {
		return purpose.Name.In(v.p.Lang())
	}
	return code
}

// fieldName is a field in the visitor's language.
func (v *visit) fieldName(code string) string {
	if field, ok := v.house.Charter.Field(code); ok {
		return field.Name.In(v.p.Lang())
	}
	if v.p.Has("member.field." + code) {
		return v.T("member.field." + code)
	}
	return code
}

// categoryName is a kind of membership in the visitor's language; none is the first.
func (v *visit) categoryName(code string) string {
	if code == "" && len(v.house.Charter.Categories) > 0 {
		return v.house.Charter.Categories[0].Name.In(v.p.Lang())
	}
	if category, ok := v.house.Charter.Category(code); ok {
		return category.Name.In(v.p.Lang())
	}
	return code
}

// anyPost names a post or position of which only the code is known.
func (v *visit) anyPost(code string) string {
	if _, ok := v.house.Charter.Post(code); ok {
		return v.codeName(string(access.ByPost), code)
	}
	if k, ok := v.house.Charter.Handouts.Recipient(code); ok {
		return k.Name.In(v.p.Lang())
	}
	if code == access.GrantCode {
		return v.codeName(string(access.ByGrant), code)
	}
	return v.codeName(string(access.ByPosition), code)
}

// day is the day of a moment, where the association is.
func (v *visit) day(at time.Time) civil.Date {
	return civil.DateOf(at.In(v.house.Charter.Location()))
}

// clock is the time of day of a moment, where the association is: "kl. 14.05".
func (v *visit) clock(at time.Time) string {
	return v.T("web.clock", "time", v.p.Time(at, v.house.Charter.Location()))
}

// capitalised begins a sentence.
func capitalised(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// lowered goes on in a sentence.
func lowered(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(first)) + s[size:]
}

// unitID is a body's number as the journal writes it.
func unitID(number uint32) unit.ID { return unit.ID(number) }
