package member

import (
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/golang-sql/civil"

	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/sheet"
	"kartotek/internal/vault"
)

// What columns of a found file hold beside what sheet knows.
const (
	listColumn = "list-number" // the list's own number, which every line carries
	nameWord   = "name-word"   // one word that is a name, given or family
	freeText   = "free-text"   // whatever stands in a line: addresses and numbers are picked out
)

// clue is what a row tells of whoever it is about, in the form in which it is
// compared.
type clue struct {
	line          int
	number        string
	emails        []string
	phones        []string
	births        []civil.Date // every day the cell can mean
	given, family []string     // words
	whole         []string     // words of a name of which nobody says what is which
	street        string
	postal        string
}

// empty reports whether the row tells nothing that anybody is known by.
func (c *clue) empty() bool {
	return c.number == "" && len(c.emails)+len(c.phones)+len(c.given)+len(c.family)+len(c.whole) == 0
}

// foundFile is a found file as it is read.
type foundFile struct {
	d       *Directory
	columns []foundColumn
	clues   []clue
	passed  int
	claims  map[int64]int
	names   sheet.Names
}

type foundColumn struct {
	heading string
	code    string // of sheet, of the charter, or one of the above; "" is not understood
	guessed bool
}

// told is what the columns are, for whoever found the file.
func (f *foundFile) told() []FoundColumn {
	all := make([]FoundColumn, len(f.columns))
	for i, c := range f.columns {
		all[i] = FoundColumn{Heading: c.heading, Guessed: c.guessed && c.code != ""}
		switch c.code {
		case "", listColumn, freeText:
		case nameWord:
			all[i].Fields = []string{"given", "family"}
		default:
			all[i].Fields = sheet.Parts(c.code)
		}
	}
	return all
}

func (d *Directory) readFound(x *index, src io.ReaderAt, size int64, o FoundOptions) (*foundFile, error) {
	options := document.ReadOptions{Limits: FoundLimits, Encoding: o.Encoding, Sheet: o.Sheet}
	options.Known = func(heading string) bool {
		_, known := sheet.Recognise(d.charter, heading)
		return known || isListColumn(heading)
	}
	options.Heading = func(cells []string) int { return sheet.HeadingScore(d.charter, cells) }
	table, err := document.Open(src, size, options)
	if err != nil {
		return nil, err
	}
	headed := slices.ContainsFunc(table.Columns(), func(c document.Column) bool { return options.Known(c.Name) })
	if !headed && table.HeadingLine() > 0 { // what looks like headings may be somebody
		options.Headings = document.NoHeadings
		if table, err = document.Open(src, size, options); err != nil {
			return nil, err
		}
	}
	f := &foundFile{d: d, claims: map[int64]int{}}
	rows, err := f.read(table)
	if err != nil {
		return nil, err
	}
	f.settle(x, table.Columns(), rows)
	for _, row := range rows {
		f.take(row, table.SerialDate)
	}
	if len(f.clues) == 0 {
		return nil, fault.New(fault.Invalid, "member.found.nothing")
	}
	return f, nil
}

// read takes the rows out of the file that can be somebody's.
func (f *foundFile) read(table document.Source) (rows []document.Row, err error) {
	headings := make([]string, len(table.Columns()))
	for i, c := range table.Columns() {
		headings[i] = c.Name
	}
	for row, err := range table.Rows() {
		if err != nil {
			return nil, err
		}
		if sheet.KindOf(row.Cells, headings) != sheet.Person {
			f.passed++
			continue
		}
		if len(rows) == foundRows {
			return nil, fault.New(fault.Invalid, "member.found.too_many", "line", row.Line, "limit", foundRows)
		}
		row.Cells = slices.Clone(row.Cells)
		rows = append(rows, row)
	}
	return rows, nil
}

// settle decides what each column holds: by its heading, or by most of its cells.
func (f *foundFile) settle(x *index, columns []document.Column, rows []document.Row) {
	f.columns = make([]foundColumn, len(columns))
	sample := rows[:min(len(rows), 200)]
	var words map[string]bool
	for i := range columns {
		column := &f.columns[i]
		column.heading = columns[i].Name
		if isListColumn(column.heading) {
			column.code = listColumn
			continue
		}
		if isMarkColumn(column.heading) {
			continue
		}
		if m, ok := sheet.Recognise(f.d.charter, column.heading); ok {
			column.code = m.Code
			continue
		}
		var cells []string
		for _, row := range sample {
			if i < len(row.Cells) {
				if cell := strings.TrimSpace(row.Cells[i]); cell != "" {
					cells = append(cells, cell)
				}
			}
		}
		if len(cells) == 0 || len(cells) > 4 && len(slices.Compact(slices.Clone(cells))) == 1 {
			continue // one text in every row is about the list
		}
		if words == nil {
			words = x.nameWords()
		}
		column.code, column.guessed = f.guess(cells, words), true
	}
	for _, row := range sample {
		for i := range f.columns {
			if code := f.columns[i].code; (code == sheet.FullName || code == sheet.FamilyFirst) && i < len(row.Cells) {
				f.names.Add(row.Cells[i])
			}
		}
	}
}

// guess tells by its cells what a column holds that no heading tells.
func (f *foundFile) guess(cells []string, names map[string]bool) string {
	home := f.d.charter.Country
	share := func(percent int, is func(cell string) bool) bool {
		n := 0
		for _, cell := range cells {
			if is(cell) {
				n++
			}
		}
		return n*100 >= percent*len(cells)
	}
	digits := func(s string) int {
		return len(s) - len(strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return -1
			}
			return r
		}, s))
	}
	has := func(code string) bool { return sheet.Declared(f.d.charter, code) }
	switch {
	case share(60, func(c string) bool { _, ok := sheet.ParseMails(c); return ok }):
		return "email"
	case share(30, func(c string) bool { return strings.Contains(c, "@") }):
		return freeText
	case has("birth") && share(80, func(c string) bool {
		return digits(c) > 4 && len(readings(c)) > 0 && strings.Trim(c, "0123456789") != ""
	}):
		return "birth"
	case share(30, f.isNumber):
		return "number"
	case share(80, func(c string) bool { _, ok := sheet.ParsePhones(c, home); return ok && digits(c) >= 8 }):
		return "phone"
	case has(sheet.Place) && share(80, func(c string) bool { t, ok := sheet.ParseTown(c, home); return ok && t.Postal != "" }):
		return sheet.Place
	case has(sheet.Whole) && share(60, func(c string) bool { _, ok := sheet.ParseAddress(c, home, countryCode); return ok }):
		return sheet.Whole
	case share(60, func(c string) bool {
		all := nameWords(strings.ReplaceAll(c, ",", " "))
		return len(all) > 1 && digits(c) == 0 && slices.ContainsFunc(all, func(w string) bool { return names[w] })
	}):
		return sheet.FullName
	case share(50, func(c string) bool { all := nameWords(c); return len(all) > 0 && digits(c) == 0 && names[all[0]] }):
		return nameWord
	case has("address") && share(60, func(c string) bool { return digits(c) > 0 && strings.ContainsFunc(c, unicode.IsLetter) }):
		return "address"
	}
	return freeText
}

// isNumber reports whether a cell is a member number that somebody has.
func (f *foundFile) isNumber(cell string) bool {
	value, problem := number(cell)
	if problem != "" {
		return false
	}
	found, err := f.d.keyring.Find(vault.ClaimNumber, claimedNumber(value))
	return err == nil && len(found) > 0
}

// nameWords are the words of all names that somebody bears.
func (x *index) nameWords() map[string]bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	all := map[string]bool{}
	for n := range x.names.all {
		if x.names.all[n].refs > 0 {
			for _, word := range nameWords(string(x.names.text(uint32(n)))) {
				all[word] = true
			}
		}
	}
	return all
}

// take reads what a row tells. One that is nothing but addresses of several persons,
// as the line of a message is, tells of each.
func (f *foundFile) take(row document.Row, serial func(string) (civil.Date, bool)) {
	c := clue{line: row.Line}
	filled, mails := 0, 0
	for i := range f.columns {
		if i >= len(row.Cells) {
			break
		}
		cell := strings.TrimSpace(row.Cells[i])
		if cell == "" {
			continue
		}
		filled++
		if strings.Contains(cell, "@") {
			mails++
		}
		f.cell(&c, f.columns[i].code, cell, serial)
	}
	if len(c.emails) > 1 && filled == mails {
		for _, cell := range row.Cells {
			f.crowd(row.Line, cell)
		}
		return
	}
	if filled == 0 {
		return
	}
	f.clues = append(f.clues, c)
}

var (
	mailInside  = regexp.MustCompile(`[^\s<>;,:"'()\[\]]+@[^\s<>;,:"'()\[\]]+`)
	phoneInside = regexp.MustCompile(`(?:\+|00)?\d[\d .()-]{6,}\d`)
)

// crowd takes a line of several addresses apart, the name of each before it.
func (f *foundFile) crowd(line int, cell string) {
	for _, part := range strings.FieldsFunc(cell, func(r rune) bool { return r == ';' || r == ',' || r == '\n' || r == '|' }) {
		if !strings.Contains(part, "@") {
			continue
		}
		c := clue{line: line}
		f.free(&c, part)
		if !c.empty() {
			f.clues = append(f.clues, c)
		}
	}
}

// free picks out of a text what somebody is known by.
func (f *foundFile) free(c *clue, text string) {
	for _, mail := range mailInside.FindAllString(text, -1) {
		if one, ok := locale.ParseEmail(mail); ok {
			c.emails = append(c.emails, one)
		}
	}
	text = mailInside.ReplaceAllString(text, " ")
	for _, phone := range phoneInside.FindAllString(text, -1) {
		if one, ok := locale.ParsePhone(strings.TrimSpace(phone), f.d.charter.Country); ok {
			c.phones = append(c.phones, one)
		}
	}
	text = phoneInside.ReplaceAllString(text, " ")
	if strings.ContainsFunc(text, unicode.IsDigit) {
		return // an address: nobody says where the name ends
	}
	words := nameWords(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || r == '-' || r == '\'' {
			return r
		}
		return ' '
	}, text))
	if len(words) > 1 && len(words) < 6 && len(c.whole) == 0 {
		c.whole = words
	}
}

// cell reads one cell. What it cannot read tells nothing: a found file is no import,
// and nobody can correct it.
func (f *foundFile) cell(c *clue, code, cell string, serial func(string) (civil.Date, bool)) {
	home := f.d.charter.Country
	switch code {
	case listColumn:
		if n, err := strconv.ParseInt(strings.Trim(cell, "'"), 10, 64); err == nil && n > 0 {
			f.claims[n]++
		}
	case "number":
		if value, problem := number(cell); problem == "" {
			c.number = claimedNumber(value)
		}
	case "email":
		if all, ok := sheet.ParseMails(cell); ok {
			c.emails = append(c.emails, all...)
		} else {
			f.free(c, cell)
		}
	case "phone", "mobile":
		if all, ok := sheet.ParsePhones(strings.TrimPrefix(cell, "'"), home); ok {
			c.phones = append(c.phones, all...)
		}
	case "birth":
		if c.births = readings(cell); len(cell) == 5 {
			if day, ok := serial(cell); ok {
				c.births = append(c.births, day)
			}
		}
	case "given":
		c.given = append(c.given, nameWords(cell)...)
	case "family":
		c.family = append(c.family, nameWords(cell)...)
	case sheet.FullName, sheet.FamilyFirst:
		if front, behind, comma := strings.Cut(cell, ","); comma {
			c.given, c.family = append(c.given, nameWords(behind)...), append(c.family, nameWords(front)...)
		} else if given, family, ok := f.names.Order(code == sheet.FamilyFirst).Split(cell); ok && code == sheet.FamilyFirst {
			c.given, c.family = append(c.given, nameWords(given)...), append(c.family, nameWords(family)...)
		} else {
			c.whole = append(c.whole, nameWords(cell)...)
		}
	case nameWord:
		c.whole = append(c.whole, nameWords(cell)...)
	case "address":
		c.street = cell
	case sheet.House:
		c.street += " " + cell
	case "postal":
		if t, ok := sheet.ParseTown(cell, home); ok {
			c.postal = postalMark(t.Postal)
		}
	case sheet.Place:
		if t, ok := sheet.ParseTown(cell, home); ok {
			c.postal = postalMark(t.Postal)
		}
	case sheet.Whole:
		if a, ok := sheet.ParseAddress(cell, home, countryCode); ok {
			c.street, c.postal = a.Street, postalMark(a.Postal)
		}
	case freeText:
		f.free(c, cell)
	}
}

// readings are the days a cell can mean, in every order and century.
func readings(cell string) (days []civil.Date) {
	for o := sheet.DayFirst; o <= sheet.YearFirst; o++ {
		d, ok := sheet.ParseDate(cell, o)
		if !ok {
			continue
		}
		years := []int{d.Year}
		if d.Short {
			years = []int{1900 + d.Year, 2000 + d.Year}
		}
		for _, year := range years {
			if day, ok := d.Civil(year); ok && !slices.Contains(days, day) {
				days = append(days, day)
			}
		}
	}
	return days
}

// isListColumn knows the column of the list's own number, in every language.
func isListColumn(heading string) bool { return isOwn(heading, "list") }

// isMarkColumn knows the other columns that every list carries and that tell
// nothing of whoever is on it.
func isMarkColumn(heading string) bool { return isOwn(heading, "recipient", "destroy_by", "line") }

func isOwn(heading string, columns ...string) bool {
	heading = locale.Fold(strings.TrimSpace(heading))
	for _, lang := range locale.Languages() {
		for _, column := range columns {
			if heading != "" && heading == locale.Fold(locale.For(lang).T("extract.column."+column)) {
				return true
			}
		}
	}
	return false
}
