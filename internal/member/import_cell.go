package member

import (
	"slices"
	"strings"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/locale"
	"kartotek/internal/sheet"
)

// leftovers are what the cells of a row give beyond their own fields; settled
// when all of them are read.
type leftovers struct {
	house   string
	lines   []string // of the address, beyond the first
	country string   // told by a postal code
	phones  []phoneLeft
}

// phoneLeft is a second number from a column of phone numbers.
type phoneLeft struct {
	column *Column
	number string
}

// cell reads one cell of a row; the problem is a message key.
func (f *file) cell(r *row, column *Column, cell string, rest *leftovers) (problem string) {
	if column.field == nil || column.field.Type == charter.TypeFullName {
		return f.several(r, column, cell, rest)
	}
	switch column.field.Type {
	case charter.TypeUnit:
		r.unit, problem = place(cell)
		return problem
	case charter.TypeCategory:
		r.category, problem = place(cell)
		return problem
	case charter.TypeDate:
		value, problem := f.date(column, strings.TrimSpace(cell))
		if problem == "" {
			r.profile.set(column.Field, value)
			r.gives(column.Field)
		}
		return problem
	case charter.TypeChoice:
		if code, ok := sheet.Choice(column.field, cell); ok {
			cell = code
		}
	}
	problem = f.check.set(&r.profile, column.field, cell)
	switch {
	case problem == "":
	case column.field.Type == charter.TypePhone:
		if numbers, ok := sheet.ParsePhones(cell, f.check.charter.Country); ok {
			problem = ""
			r.profile.set(column.Field, numbers[0])
			for _, number := range numbers[1:] {
				rest.phones = append(rest.phones, phoneLeft{column, number})
			}
		}
	case problem == "member.error.email":
		if all, ok := sheet.ParseMails(cell); ok && len(all) == 1 {
			problem = f.check.set(&r.profile, column.field, all[0])
		} else if ok {
			problem = "member.error.email_several"
		}
	}
	if problem == "" {
		r.gives(column.Field)
	}
	return problem
}

// several reads a cell of a column that fills more than one field, or none.
func (f *file) several(r *row, column *Column, cell string, rest *leftovers) (problem string) {
	if HoldsIdentityNumber(cell) {
		return "member.error.identity"
	}
	cell = strings.TrimSpace(cell)
	switch column.Field {
	case sheet.FullName, sheet.FamilyFirst:
		return f.name(r, column, cell)
	case sheet.Place:
		town, ok := sheet.ParseTown(cell, f.check.charter.Country)
		if !ok {
			return "member.error.postal_town"
		}
		return f.town(r, town, rest)
	case sheet.Whole:
		a, ok := sheet.ParseAddress(cell, f.check.charter.Country, countryCode)
		if !ok {
			return "member.error.full_address"
		}
		if problem := f.part(r, "address", a.Street); problem != "" {
			return problem
		}
		return f.town(r, a.Town, rest)
	case sheet.House:
		rest.house = locale.Tidy(cell)
	case sheet.MoreAddress:
		rest.lines = append(rest.lines, locale.Tidy(lines(cell)))
	case sheet.Secret:
		r.secret, problem = f.secrecy(cell)
	case sheet.Match:
		r.decided, problem = decision(cell)
	}
	return problem
}

// name reads a whole name in the order of its column.
func (f *file) name(r *row, column *Column, cell string) (problem string) {
	whole, problem := f.check.name(cell)
	if problem != "" {
		return problem
	}
	given, family, ok := column.names.Split(whole)
	if !ok {
		return "member.error.name_order"
	}
	r.profile.Given, r.profile.Family, r.whole = given, family, true
	r.gives("given")
	if family != "" {
		r.gives("family")
	}
	return ""
}

func (f *file) town(r *row, t sheet.Town, rest *leftovers) (problem string) {
	if t.Postal != "" {
		problem = f.part(r, "postal", t.Postal)
	}
	if problem == "" && t.Name != "" {
		problem = f.part(r, "town", t.Name)
	}
	rest.country = t.Country
	return problem
}

// part stores a field that a cell gives together with others.
func (f *file) part(r *row, code, value string) (problem string) {
	field, known := f.check.charter.Field(code)
	if !known || value == "" {
		return ""
	}
	if problem = f.check.set(&r.profile, field, value); problem == "" {
		r.gives(code)
	}
	return problem
}

// date reads a date in the order of its column. A year of two digits means the
// last hundred years; where that would make somebody either a child or very old
// it is not guessed.
func (f *file) date(column *Column, cell string) (value, problem string) {
	if HoldsIdentityNumber(cell) {
		return "", "member.error.identity"
	}
	d, ok := sheet.ParseDate(cell, column.Order)
	if !ok {
		return "", "member.error.date"
	}
	year := d.Year
	if d.Short {
		if year, problem = f.century(column.Field, d); problem != "" {
			return "", problem
		}
	}
	day, ok := d.Civil(year)
	if !ok {
		return "", "member.error.date"
	}
	if len(cell) == 5 { // a serial number: workbooks count from either of two days
		if counted, ok := f.table.SerialDate(cell); ok {
			day = counted
		}
	}
	return f.check.day(column.Field, day)
}

// century gives a year of two digits its century.
func (f *file) century(field string, d sheet.Date) (year int, problem string) {
	today := f.check.today
	young := 2000 + d.Year
	day := civil.Date{Year: young, Month: 1, Day: 1}
	if full, ok := d.Civil(young); ok {
		day = full
	}
	switch {
	case day.After(today):
		return young - 100, ""
	case field == "birth" && !f.check.charter.OldEnough(day, today) && young-100 >= today.Year-oldestPerson:
		return 0, "member.error.century"
	}
	return young, ""
}

// secrecy reads whether an address is secret: yes or no, or one of the charter's
// levels.
func (f *file) secrecy(cell string) (s *Secrecy, problem string) {
	for _, level := range f.check.charter.SecretLevels() {
		for _, name := range level.Name {
			if placeName(name) == placeName(cell) {
				return &Secrecy{Secret: true, Level: level.Code}, ""
			}
		}
		if placeName(level.Code) == placeName(cell) {
			return &Secrecy{Secret: true, Level: level.Code}, ""
		}
	}
	yes, ok := sheet.ParseYes(cell)
	if !ok {
		return nil, "member.error.yes_no"
	}
	return &Secrecy{Secret: yes}, ""
}

// decision reads who a row is about: a member number, somebody new, nobody.
func decision(cell string) (d *Decision, problem string) {
	switch placeName(cell) {
	case "ny", "nyt", "nytt", "new", "nyt medlem", "nytt medlem", "new member":
		return &Decision{New: true}, ""
	case "spring over", "hopp over", "hoppa oever", "skip":
		return &Decision{Skip: true}, ""
	}
	value, problem := number(cell)
	if problem != "" {
		return nil, "member.error.match"
	}
	return &Decision{Number: value}, ""
}

// settleRest puts the leftovers of a row's cells where they belong.
func (f *file) settleRest(r *row, rest *leftovers) {
	p := &r.profile
	if rest.country != "" && p.Country == "" {
		if problem := f.part(r, "country", rest.country); problem != "" {
			r.refuse(f.column("country"), problem, nil)
		}
	}
	if street := joinAddress(p.Street, rest); street != p.Street {
		if problem := f.part(r, "address", street); problem != "" {
			r.refuse(f.column("address"), problem, nil)
		}
	}
	for _, left := range rest.phones {
		if left.number == p.Phone || left.number == p.Mobile {
			continue
		}
		code := f.spare(r, left.number)
		if code == "" {
			r.refuse(left.column, "member.error.phone_several", nil)
			continue
		}
		if r.spare == nil {
			r.spare = map[string]string{}
		}
		r.spare[left.column.Field] = code
	}
}

func joinAddress(street string, rest *leftovers) string {
	if rest.house != "" && street != "" {
		street += " " + rest.house
	}
	all := slices.DeleteFunc(append([]string{street}, rest.lines...), func(s string) bool { return s == "" })
	return strings.Join(all, ", ")
}

// spare puts a second number into the phone field that the row leaves empty, and
// gives its code; "" when there is none.
func (f *file) spare(r *row, number string) string {
	for _, code := range [...]string{"mobile", "phone"} {
		field, known := f.check.charter.Field(code)
		if known && field.Type == charter.TypePhone && r.profile.Value(code) == "" {
			r.profile.set(code, number)
			r.gives(code)
			return code
		}
	}
	return ""
}

// place is the name of a body or a category, to be looked up later.
func place(cell string) (name, problem string) {
	if HoldsIdentityNumber(cell) {
		return "", "member.error.identity"
	}
	return cell, ""
}
