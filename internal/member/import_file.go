package member

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"strings"

	"kartotek/internal/charter"
	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
)

// file is a file being imported: its columns, the rows read ahead to settle
// them, and the rest.
type file struct {
	reader  *document.CSVReader
	check   *checker
	width   int
	columns []Column
	sample  []document.Row
	next    func() (document.Row, error, bool)
	stop    func()
}

// row is a row of the file after the checks that need only the file.
type row struct {
	line     int
	cells    []string // as read; for the file of refused rows
	profile  Profile  // what the row gives, in normal form
	codes    []string // codes of the profile's fields that the row gives
	unit     string   // the cell; "" when none
	category string
	problems []Refusal
}

func (r *row) refuse(column *Column, reason string, args map[string]any) {
	refusal := Refusal{Line: r.line, Reason: reason, Remedy: Remedy(reason), Args: args}
	if column != nil {
		refusal.Column, refusal.Field = column.Heading, column.Field
	}
	r.problems = append(r.problems, refusal)
}

// readSample reads the first rows and keeps them.
func (f *file) readSample() error {
	f.next, f.stop = iter.Pull2(f.reader.Rows())
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
func (f *file) settle(c *charter.Charter, chosen map[string]string) error {
	taken := map[string]bool{}
	kept := 0
	for i, column := range f.reader.Columns() {
		out := Column{Heading: column.Name}
		field, known := c.FieldFor(column.Name)
		if code, ok := choice(chosen, column.Name, i); ok {
			field, known = c.Field(code)
		}
		switch {
		case isOwnColumn(column.Name):
			out.Dropped = "member.import.dropped.own"
		case column.Name == "" && !known:
			out.Dropped = "member.import.dropped.unnamed"
		case f.holdsIdentity(i, field):
			out.Dropped = "member.import.dropped.identity"
		case !known:
			out.Dropped = "member.import.dropped.undeclared"
		case taken[field.Code]:
			out.Dropped = "member.import.dropped.twice"
		default:
			taken[field.Code] = true
			out.Field, out.field = field.Code, field
			kept++
		}
		f.columns = append(f.columns, out)
	}
	if kept == 0 {
		f.stop()
		return errColumns()
	}
	return nil
}

// choice is the field chosen for a column, by heading or number.
func choice(chosen map[string]string, heading string, at int) (code string, ok bool) {
	if code, ok = chosen[heading]; !ok || heading == "" {
		code, ok = chosen[strconv.Itoa(at+1)]
	}
	return code, ok
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
		_, phone := locale.ParsePhone(cell, f.check.charter.Country)
		return !phone
	}
	return true
}

// isOwnColumn knows the columns that the file of refused rows adds, so that it
// can be corrected and imported again.
func isOwnColumn(heading string) bool {
	for _, lang := range locale.Languages() {
		p := locale.For(lang)
		if heading == p.T("member.import.column.line") || heading == p.T("member.import.column.reason") {
			return heading != ""
		}
	}
	return false
}

// batches checks the rows in a goroutine of its own, some ahead of whoever
// takes them. When the channel is closed failed tells what ended the file.
func (f *file) batches(ctx context.Context) (batches <-chan []row, failed func() error) {
	out := make(chan []row, 2)
	var ended error
	go func() {
		defer close(out)
		defer f.stop()
		batch := make([]row, 0, batchRows)
		send := func() bool {
			select {
			case out <- batch:
				batch = make([]row, 0, batchRows)
				return true
			case <-ctx.Done():
				ended = ctx.Err()
				return false
			}
		}
		for _, r := range f.sample {
			batch = append(batch, f.prepare(r))
		}
		for {
			r, err, ok := f.next()
			if err != nil {
				ended = err
			}
			if !ok || err != nil {
				break
			}
			batch = append(batch, f.prepare(r))
			if len(batch) >= batchRows && !send() {
				return
			}
		}
		if len(batch) > 0 {
			send()
		}
	}()
	return out, func() error { return ended }
}

// prepare brings a row's cells into normal form and notes what is wrong.
func (f *file) prepare(in document.Row) row {
	r := row{line: in.Line, cells: slices.Clone(in.Cells)}
	if in.Fault != nil {
		e := fault.From(in.Fault)
		r.refuse(nil, e.Key, e.Args)
		return r
	}
	for i := range f.columns {
		column := &f.columns[i]
		if column.field == nil || strings.TrimSpace(r.cells[i]) == "" {
			continue
		}
		f.cell(&r, column, r.cells[i])
	}
	return r
}

func (f *file) cell(r *row, column *Column, cell string) {
	problem := ""
	switch column.field.Type {
	case charter.TypeUnit:
		r.unit, problem = place(cell)
	case charter.TypeCategory:
		r.category, problem = place(cell)
	case charter.TypeFullName:
		if problem = f.check.setFullName(&r.profile, cell); problem == "" {
			r.codes = append(r.codes, "given")
			if r.profile.Family != "" {
				r.codes = append(r.codes, "family")
			}
		}
	default:
		if problem = f.check.set(&r.profile, column.field, cell); problem == "" {
			r.codes = append(r.codes, column.Field)
		}
	}
	if problem != "" {
		r.refuse(column, problem, problemArgs(f.check, problem))
	}
}

// place is the name of a body or a category, to be looked up later.
func place(cell string) (name, problem string) {
	if HoldsIdentityNumber(cell) {
		return "", "member.error.identity"
	}
	return cell, ""
}

func problemArgs(c *checker, problem string) map[string]any {
	if args := c.arguments(problem); args != nil {
		return fault.New(fault.Invalid, problem, args...).Args
	}
	return nil
}

// column finds the column of a field; nil when the file has none.
func (f *file) column(code string) *Column {
	for i := range f.columns {
		if f.columns[i].Field == code {
			return &f.columns[i]
		}
	}
	return nil
}
