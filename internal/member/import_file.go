package member

import (
	"context"
	"slices"
	"strings"

	"kartotek/internal/charter"
	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/sheet"
)

// row is a row of the file after the checks that need only the file.
type row struct {
	line     int
	cells    []string // as read; for the file of refused rows
	profile  Profile  // what the row gives, in normal form
	codes    []string // codes of the profile's fields that the row gives
	whole    bool     // the name comes from one cell
	unit     string   // the cell; "" when none
	category string
	secret   *Secrecy          // of the address, where the row tells
	spare    map[string]string // column of phone numbers → the field its second number went to; nil mostly
	decided  *Decision
	passed   string // message key: why the row is no member's; "" when it is
	hidden   bool   // in the workbook
	problems []Refusal
	likely   []Candidate // who the row may be about; somebody must decide
	twin     int         // the line that the row repeats
}

func (r *row) refuse(column *Column, reason string, args map[string]any) {
	refusal := Refusal{Line: r.line, Reason: reason, Remedy: Remedy(reason), Args: args}
	if column != nil {
		refusal.Column, refusal.Field = column.Heading, column.Field
	}
	r.problems = append(r.problems, refusal)
}

// gives notes that the row gives a field.
func (r *row) gives(code string) {
	if !slices.Contains(r.codes, code) {
		r.codes = append(r.codes, code)
	}
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

// widthOfReports is how many columns a table has, at least, where a row that is
// half filled is no total for certain.
const widthOfReports = 8

// passes gives the message key of why a row is no member's: a total, the
// headings once more, a footer. "" for a member's.
func (f *file) passes(in document.Row) string {
	if in.Fault != nil {
		return ""
	}
	if !in.Sparse && len(f.headings) >= widthOfReports && !strings.EqualFold(strings.TrimSpace(in.Cells[0]), f.headings[0]) {
		return ""
	}
	switch sheet.KindOf(in.Cells, f.headings) {
	case sheet.Total:
		return "member.import.passed.total"
	case sheet.Headings:
		return "member.import.passed.headings"
	case sheet.Footer:
		return "member.import.passed.footer"
	}
	return ""
}

// prepare brings a row's cells into normal form and notes what is wrong.
func (f *file) prepare(in document.Row) row {
	r := row{line: in.Line, cells: slices.Clone(in.Cells), hidden: in.Hidden}
	if in.Fault != nil {
		e := fault.From(in.Fault)
		r.refuse(nil, e.Key, e.Args)
		return r
	}
	if r.passed = f.passes(in); r.passed != "" {
		return r
	}
	r.codes = make([]string, 0, len(f.columns)+2)
	var rest leftovers
	for i := range f.columns {
		column := &f.columns[i]
		if !column.kept() || strings.TrimSpace(r.cells[i]) == "" {
			continue
		}
		if problem := f.cell(&r, column, r.cells[i], &rest); problem != "" {
			r.refuse(column, problem, problemArgs(f.check, problem))
		}
	}
	for _, at := range in.Errors {
		if at < len(f.columns) && f.columns[at].kept() {
			r.refuse(&f.columns[at], "member.error.formula", nil)
		}
	}
	f.settleRest(&r, &rest)
	return r
}

// preview is a row as it would be stored.
func (f *file) preview(in document.Row) PlanRow {
	r := f.prepare(in)
	p := r.profile
	_, _ = f.check.whole(&p) // a row with a country of its own is judged later
	out := PlanRow{Line: in.Line}
	for i := range f.columns {
		column := &f.columns[i]
		if !column.kept() {
			continue
		}
		var cell PlanCell
		for _, problem := range r.problems {
			if problem.Column == column.Heading && problem.Field == column.Field {
				cell.Problem = problem.Reason
			}
		}
		if cell.Problem == "" && i < len(in.Cells) && strings.TrimSpace(in.Cells[i]) != "" {
			cell.Value = f.shown(&r, &p, column, in.Cells[i])
			if code := r.spare[column.Field]; code != "" {
				cell.More = p.Value(code)
			}
		}
		out.Cells = append(out.Cells, cell)
	}
	return out
}

// shown is what a cell becomes, in words where the column fills several fields.
func (f *file) shown(r *row, p *Profile, column *Column, cell string) string {
	join := func(parts ...string) string {
		return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
	}
	switch column.Field {
	case sheet.FullName, sheet.FamilyFirst:
		return p.Name()
	case sheet.Place:
		return join(p.Postal, p.Town, p.Country)
	case sheet.Whole:
		return join(p.Street+",", p.Postal, p.Town, p.Country)
	case sheet.Secret:
		if r.secret != nil && r.secret.Secret {
			level, _ := f.check.charter.Protection(r.secret.Level)
			return level.Name.In(f.check.charter.Lang())
		}
		return "–"
	}
	if column.field == nil {
		return locale.Tidy(cell)
	}
	switch column.field.Type {
	case charter.TypeUnit:
		return r.unit
	case charter.TypeCategory:
		return r.category
	}
	return p.Value(column.Field)
}

func problemArgs(c *checker, problem string) map[string]any {
	if args := c.arguments(problem); args != nil {
		return fault.New(fault.Invalid, problem, args...).Args
	}
	return nil
}
