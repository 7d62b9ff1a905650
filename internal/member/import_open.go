package member

import (
	"context"
	"io"
	"io/fs"
	"iter"
	"slices"
	"strconv"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/document"
	"kartotek/internal/locale"
	"kartotek/internal/sheet"
)

// file is a file being imported: its columns, the rows read ahead to settle
// them, and the rest.
type file struct {
	table    document.Source
	again    func() (document.Source, error) // opens the file once more; nil where it can be read once only
	check    *checker
	headings []string
	columns  []Column
	mapping  *Mapping // the saved one that was used
	sample   []document.Row
	next     func() (document.Row, error, bool)
	stop     func()
}

// openFile begins to read a file and settles its columns.
func (d *Directory) openFile(ctx context.Context, s access.Scope, src io.Reader, o Options) (*file, error) {
	options := document.ReadOptions{Separator: o.Separator, Encoding: o.Encoding, Sheet: o.Sheet}
	options.Known = func(heading string) bool {
		_, chosen := o.Map[heading]
		if chosen && heading != "" {
			return true
		}
		_, known := sheet.Recognise(d.charter, heading)
		return known
	}
	options.Heading = func(cells []string) int { return sheet.HeadingScore(d.charter, cells) }
	f := &file{check: newChecker(d.charter, d.charter.Today(d.now()))}
	var err error
	if at, size, ok := leaps(src); ok {
		f.again = func() (document.Source, error) { return document.Open(at, size, options) }
		f.table, err = f.again()
	} else {
		f.table, err = document.ReadCSV(src, options)
	}
	if err != nil {
		return nil, err
	}
	for _, column := range f.table.Columns() {
		f.headings = append(f.headings, column.Name)
	}
	if f.mapping, err = d.mappingFor(ctx, s, f.headings, o); err != nil {
		return nil, err
	}
	if f.mapping != nil {
		d.use(f.mapping, f.headings, &o)
	}
	if err := f.readSample(); err != nil {
		return nil, err
	}
	if err := f.settle(d.charter, o); err != nil {
		return nil, err
	}
	return f, nil
}

// leaps reports whether a file can be read from anywhere in it, as workbooks
// must be: a file on disk or in memory, and no pipe.
func leaps(src io.Reader) (at io.ReaderAt, size int64, ok bool) {
	at, ok = src.(io.ReaderAt)
	if !ok {
		return nil, 0, false
	}
	switch sized := src.(type) {
	case interface{ Size() int64 }:
		return at, sized.Size(), true
	case interface{ Stat() (fs.FileInfo, error) }:
		info, err := sized.Stat()
		if err != nil || !info.Mode().IsRegular() {
			return nil, 0, false
		}
		return at, info.Size(), true
	}
	return nil, 0, false
}

// readSample reads the first rows and keeps them.
func (f *file) readSample() error {
	f.next, f.stop = iter.Pull2(f.table.Rows())
	for len(f.sample) < sampleRows {
		row, err, ok := f.next()
		if !ok {
			break
		}
		if err != nil {
			f.stop()
			return err
		}
		row.Cells = slices.Clone(row.Cells)
		f.sample = append(f.sample, row)
	}
	return nil
}

// settle decides what each column is: a field of the charter, by its heading or
// by choice, or dropped as a whole (N9).
func (f *file) settle(c *charter.Charter, o Options) error {
	taken := map[string]bool{}
	kept := 0
	for i, heading := range f.headings {
		out := Column{Heading: heading}
		meaning, known := sheet.Recognise(c, heading)
		out.Order = meaning.Order
		if isMatchColumn(heading) {
			meaning, known = sheet.Meaning{Code: sheet.Match}, true
		}
		if code, ok := choice(o.Map, heading, i); ok {
			meaning.Code, meaning.Likely = code, false
			known = sheet.Declared(c, code)
		} else if known && meaning.Likely && f.explains(c, meaning.Code, o) {
			known = false // another heading says so without a doubt
		}
		field, _ := c.Field(meaning.Code)
		switch {
		case isOwnColumn(heading):
			out.Dropped = "member.import.dropped.own"
		case heading == "" && !known:
			out.Dropped = "member.import.dropped.unnamed"
		case f.holdsIdentity(i, field), !known && sheet.Identity(heading):
			out.Dropped = "member.import.dropped.identity"
		case !known:
			out.Dropped = "member.import.dropped.undeclared"
		case taken[meaning.Code] && meaning.Code != sheet.MoreAddress:
			out.Dropped = "member.import.dropped.twice"
		default:
			taken[meaning.Code] = true
			out.Field, out.field, out.Likely = meaning.Code, field, meaning.Likely
			kept++
		}
		f.columns = append(f.columns, out)
	}
	if kept == 0 {
		f.stop()
		return errColumns()
	}
	f.orderNames()
	return f.orderDates(o)
}

// explains reports whether some heading is the field without a doubt.
func (f *file) explains(c *charter.Charter, code string, o Options) bool {
	for i, heading := range f.headings {
		if chosen, ok := choice(o.Map, heading, i); ok {
			if chosen == code {
				return true
			}
			continue
		}
		if m, known := sheet.Recognise(c, heading); known && !m.Likely && m.Code == code {
			return true
		}
	}
	return false
}

// choice is what was chosen for a column, by heading or number.
func choice[T any](chosen map[string]T, heading string, at int) (told T, ok bool) {
	if told, ok = chosen[heading]; !ok || heading == "" {
		told, ok = chosen[strconv.Itoa(at+1)]
	}
	return told, ok
}

// orderNames tells how the whole names of each column are written.
func (f *file) orderNames() {
	for i := range f.columns {
		column := &f.columns[i]
		if column.Field != sheet.FullName && column.Field != sheet.FamilyFirst {
			continue
		}
		var names sheet.Names
		for _, row := range f.sample {
			if f.passes(row) == "" {
				names.Add(row.Cells[i])
			}
		}
		column.names = names.Order(column.Field == sheet.FamilyFirst)
	}
}

// orderDates tells the order of the dates of each column: by what was chosen, by
// its heading, by all of its values. Where those do not tell, and could mean
// several days, the order must be asked for.
func (f *file) orderDates(o Options) error {
	var asked []int
	dates := make([]sheet.Dates, len(f.columns))
	for i := range f.columns {
		column := &f.columns[i]
		if column.field == nil || column.field.Type != charter.TypeDate {
			column.Order = sheet.AnyOrder
			continue
		}
		column.Dates = true
		told, ok := choice(o.Dates, column.Heading, i)
		if !ok || told == sheet.AnyOrder {
			told = o.Dates[""]
		}
		if told != sheet.AnyOrder {
			column.Order, column.answer = told, true
			continue
		}
		for _, row := range f.sample {
			dates[i].Add(row.Cells[i])
		}
		if order, verdict := dates[i].Verdict(); column.Order == sheet.AnyOrder {
			column.Order, column.Ask = order, verdict
		}
		if column.Ask == sheet.Open {
			asked = append(asked, i)
		}
	}
	if len(asked) > 0 && len(f.sample) == sampleRows && f.again != nil { // a day above twelve may stand further down
		if err := f.survey(asked, dates); err != nil {
			f.stop()
			return err
		}
	}
	f.likeOthers(dates)
	for i := range f.columns {
		if f.columns[i].Ask != sheet.Told {
			f.columns[i].Orders = dates[i].Possible()
		}
	}
	return nil
}

// likeOthers reads a column of dates that does not tell like the other columns of
// the file that do, where those agree: one program wrote them all. Such a column
// is worth a look.
func (f *file) likeOthers(dates []sheet.Dates) {
	common := sheet.AnyOrder
	for i := range f.columns {
		column := &f.columns[i]
		if !column.Dates || column.Ask != sheet.Told || !column.answer && !dates[i].Decided() {
			continue
		}
		if common != sheet.AnyOrder && common != column.Order {
			return
		}
		common = column.Order
	}
	if common == sheet.AnyOrder {
		return
	}
	for i := range f.columns {
		column := &f.columns[i]
		if column.Ask == sheet.Open && slices.Contains(dates[i].Possible(), common) {
			column.Order, column.Ask, column.Likely = common, sheet.Told, true
		}
	}
}

// survey reads the whole file once, for what its columns of dates allow.
func (f *file) survey(columns []int, dates []sheet.Dates) error {
	table, err := f.again()
	if err != nil {
		return err
	}
	for _, at := range columns {
		dates[at] = sheet.Dates{}
	}
	for row, err := range table.Rows() {
		if err != nil {
			return err
		}
		for _, at := range columns {
			if at < len(row.Cells) {
				dates[at].Add(row.Cells[at])
			}
		}
	}
	for _, at := range columns {
		f.columns[at].Order, f.columns[at].Ask = dates[at].Verdict()
	}
	return nil
}

// asks is the first column whose order of dates must be told; nil when all is
// settled.
func (f *file) asks() *Column {
	for i := range f.columns {
		if f.columns[i].Ask != sheet.Told {
			return &f.columns[i]
		}
	}
	return nil
}

// number is a column's, from 1.
func (f *file) number(column *Column) int {
	for i := range f.columns {
		if &f.columns[i] == column {
			return i + 1
		}
	}
	return 0
}

// column finds the column that fills a field; nil when the file has none.
func (f *file) column(code string) *Column {
	for i := range f.columns {
		if f.columns[i].Field == code {
			return &f.columns[i]
		}
	}
	for i := range f.columns {
		if f.columns[i].kept() && slices.Contains(sheet.Parts(f.columns[i].Field), code) {
			return &f.columns[i]
		}
	}
	return nil
}

// holdsIdentity reports whether most filled cells of a column hold a national
// identity number.
func (f *file) holdsIdentity(at int, field *charter.Field) bool {
	filled, identities := 0, 0
	for _, row := range f.sample {
		if at >= len(row.Cells) || strings.TrimSpace(row.Cells[at]) == "" {
			continue
		}
		filled++
		if f.isIdentity(row.Cells[at], field) {
			identities++
		}
	}
	return identities*2 > filled
}

// isIdentity reports whether a cell holds a national identity number; a phone
// number in its own column is none.
func (f *file) isIdentity(cell string, field *charter.Field) bool {
	if !HoldsIdentityNumber(cell) {
		return false
	}
	if field != nil && field.Type == charter.TypePhone {
		_, phone := sheet.ParsePhones(cell, f.check.charter.Country)
		return !phone
	}
	return true
}

// isOwnColumn knows the columns that the file of refused rows adds, so that it
// can be corrected and imported again.
func isOwnColumn(heading string) bool {
	for _, lang := range locale.Languages() {
		p := locale.For(lang)
		for _, key := range [...]string{"line", "reason", "candidate"} {
			if heading != "" && heading == p.T("member.import.column."+key) {
				return true
			}
		}
	}
	return false
}

// isMatchColumn knows the column in which the file of refused rows is told who a
// row is about.
func isMatchColumn(heading string) bool {
	for _, lang := range locale.Languages() {
		if heading != "" && heading == locale.For(lang).T("member.import.column.match") {
			return true
		}
	}
	return false
}
