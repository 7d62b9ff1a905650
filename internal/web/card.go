package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/extract"
	"kartotek/internal/locale"
	"kartotek/internal/member"
	"kartotek/internal/record"
	"kartotek/internal/web/look"
)

// How facts about a person and the state of a list look, on every page.

// filedUnder is what stands on an index card's tab: "Holm, B."
func filedUnder(given, family string) string {
	if family == "" || given == "" {
		return joined(" ", given, family)
	}
	return family + ", " + string([]rune(given)[:1]) + "."
}

// profileRows are the facts of a profile in the charter's words and order. The
// name and the number stand in the card's head, the address on lines of its own.
func (v *visit) profileRows(p *member.Profile) []look.Row {
	var rows []look.Row
	for i := range v.house.Charter.Fields {
		f := &v.house.Charter.Fields[i]
		if value := v.factOf(f, p); value != nil {
			rows = append(rows, look.Row{Term: f.Name.In(v.p.Lang()), Value: value, Wide: f.Type == charter.TypeEmail})
		}
	}
	return rows
}

// factOf is a field's value as people read it; nil where there is none, or where
// another row holds it.
func (v *visit) factOf(f *charter.Field, p *member.Profile) templ.Component {
	switch f.Code {
	case "number", "given", "family", "postal", "town", "country":
		return nil
	case "address":
		if lines := member.AddressLines(p, v.house.Charter.Country); len(lines) > 0 {
			return look.Lines(lines...)
		}
		return nil
	}
	value := p.Value(f.Code)
	if value == "" {
		return nil
	}
	switch f.Type {
	case charter.TypeEmail:
		return look.Mail(value)
	case charter.TypePhone:
		return look.Tel(value, locale.Phone(value, v.house.Charter.Country))
	case charter.TypeDate:
		return look.Text(v.dateText(value))
	}
	return look.Text(v.choiceName(f, value))
}

// choiceName is what was chosen in a field of choices; other values stay.
func (v *visit) choiceName(f *charter.Field, value string) string {
	for i := range f.Choices {
		if f.Choices[i].Code == value {
			return f.Choices[i].Name.In(v.p.Lang())
		}
	}
	return value
}

// lineName is what a fact of a record is called: by the charter, where it is one
// of its fields.
func (v *visit) lineName(l record.Line) string {
	if code, ok := strings.CutPrefix(l.Key, "member.field."); ok {
		return v.fieldName(code)
	}
	return v.T(l.Key)
}

// lineValue is a fact of a record in words: bodies, posts, purposes and dates by
// name rather than by code.
func (v *visit) lineValue(l record.Line) string {
	if l.ValueKey != "" {
		return v.T(l.ValueKey)
	}
	switch l.Key {
	case "member.field.unit", "dues.record.unit", "transfer.record.from", "transfer.record.to":
		id, _ := strconv.ParseUint(l.Value, 10, 32)
		return v.unitName(unitID(uint32(id)))
	case "member.field.category", "dues.record.category":
		return v.categoryName(l.Value)
	case "member.field.objections":
		codes := strings.Split(l.Value, ", ")
		for i, code := range codes {
			codes[i] = v.purposeName(code)
		}
		return v.p.List(codes)
	case "member.field.language":
		return locale.For(l.Value).Name()
	case "member.field.phone", "member.field.mobile":
		return locale.Phone(l.Value, v.house.Charter.Country)
	case "access.record.post", "access.record.position":
		return v.anyPost(l.Value)
	case "member.field.secret_level":
		return v.secretLevel(l.Value)
	case "dues.record.amount":
		if amount, ok := locale.ParseAmount(l.Value); ok {
			return v.p.Amount(amount)
		}
	case "departure.record.reason":
		if reason, ok := v.house.Charter.Reason(l.Value); ok {
			return reason.Name.In(v.p.Lang())
		}
	}
	if code, ok := strings.CutPrefix(l.Key, "member.field."); ok {
		if f, ok := v.house.Charter.Field(code); ok {
			return v.dateText(v.choiceName(f, l.Value))
		}
	}
	return v.dateText(l.Value)
}

// dateText is a stored date as people read it; what is no date stays.
func (v *visit) dateText(value string) string {
	if date, err := civil.ParseDate(value); err == nil {
		return v.p.Date(date)
	}
	return value
}

// listState is how a pulled list stands: a stamp once it is destroyed.
func (v *visit) listState(l *extract.List, today civil.Date) templ.Component {
	switch l.StateOn(today) {
	case extract.Destroyed:
		last := l.DigitalAt
		if l.PhysicalAt.After(last) {
			last = l.PhysicalAt
		}
		return look.Stamp(look.OK, v.T("web.destroyed", "date", v.p.ShortDate(v.day(last))))
	case extract.Overdue:
		return look.Badge(look.Late, capitalised(v.p.Due(l.DestroyBy, today)))
	}
	tone := look.Note
	if l.DestroyBy.DaysSince(today) <= 7 {
		tone = look.Soon
	}
	return look.Badge(tone, v.T("web.destroy_by", "date", v.p.ShortDate(l.DestroyBy)))
}

// joined joins what is not empty.
func joined(separator string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), separator)
}
