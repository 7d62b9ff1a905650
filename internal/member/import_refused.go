package member

import (
	"strconv"
	"strings"

	"kartotek/internal/document"
	"kartotek/internal/locale"
	"kartotek/internal/sheet"
)

// refuse counts the refused rows of a batch and writes them to the file of
// refused rows.
func (r *run) refuse(batch []row) error {
	for i := range batch {
		row := &batch[i]
		if len(row.problems) == 0 {
			continue
		}
		r.result.Refused++
		for _, reason := range row.reasons() {
			r.result.Reasons[reason]++
		}
		for _, refusal := range row.problems {
			if len(r.result.Refusals) < shownRefusals {
				r.result.Refusals = append(r.result.Refusals, refusal)
			}
		}
		if r.options.Refused == nil {
			continue
		}
		if err := r.writeRefused(row); err != nil {
			return err
		}
	}
	return nil
}

// writeRefused writes one row with its reasons. Columns that were dropped are
// left out, cells that may be stored nowhere are empty.
func (r *run) writeRefused(row *row) error {
	p := locale.For(r.options.Lang)
	if r.refused == nil {
		var columns []document.Column
		for _, column := range r.file.columns {
			if column.kept() {
				columns = append(columns, document.Column{Name: column.Heading})
			}
		}
		own := []string{"line", "reason", "candidate", "match"}
		if r.file.column(sheet.Match) != nil { // it is there already, to be filled in
			own = own[:3]
		}
		for _, key := range own {
			columns = append(columns, document.Column{Name: p.T("member.import.column." + key)})
		}
		r.refused = document.NewCSV(r.options.Refused, columns, document.CSVOptions{Separator: r.file.table.About().Separator, BOM: true})
	}
	cells, blanked := r.cells[:0], false
	for i := range r.file.columns {
		column := &r.file.columns[i]
		if !column.kept() {
			continue
		}
		cell := ""
		if i < len(row.cells) {
			cell = row.cells[i]
		}
		if cell != "" && r.forbidden(row, column, cell) {
			cell, blanked = "", true
		}
		cells = append(cells, cell)
	}
	var numbers []string
	for _, c := range row.likely {
		numbers = append(numbers, c.Number)
	}
	cells = append(cells, strconv.Itoa(row.line), r.reason(p, row, blanked), strings.Join(numbers, ", "))
	if r.file.column(sheet.Match) == nil {
		cells = append(cells, "")
	}
	r.cells = cells
	return r.refused.Write(cells)
}

// forbidden reports whether a cell may be stored nowhere: an identity number,
// or the date of a child (N9).
func (r *run) forbidden(row *row, column *Column, cell string) bool {
	for _, problem := range row.problems {
		if problem.Column == column.Heading && problem.Reason == "member.error.child" {
			return true
		}
	}
	return r.file.isIdentity(cell, column.field)
}

// reason says in words what is wrong with a row and what to do.
func (r *run) reason(p *locale.Printer, row *row, blanked bool) string {
	var said []string
	for _, problem := range row.problems {
		where := problem.Column
		if where == "" && problem.Field != "" {
			if f, known := r.d.charter.Field(problem.Field); known {
				where = f.Name.In(p.Lang())
			}
		}
		text := p.TArgs(problem.Reason, problem.Args)
		if p.Has(problem.Remedy) {
			text += " " + p.TArgs(problem.Remedy, problem.Args)
		}
		if where != "" {
			text = where + ": " + text
		}
		said = append(said, text)
	}
	for _, c := range row.likely {
		said = append(said, p.T("member.likely.candidate", "number", c.Number, "reasons", joinReasons(p, c.Reasons)))
	}
	if blanked {
		said = append(said, p.T("member.import.blanked"))
	}
	return strings.Join(said, " ")
}

// joinReasons says what makes somebody likely.
func joinReasons(p *locale.Printer, keys []string) string {
	said := make([]string, len(keys))
	for i, key := range keys {
		said[i] = p.T(key)
	}
	return strings.Join(said, ", ")
}

// finish ends the file of refused rows, if one was begun.
func (r *run) finish() error {
	if r.refused == nil {
		return nil
	}
	return r.refused.Close()
}

// placeName is how a body's or category's name is compared.
func placeName(s string) string { return locale.Fold(locale.Tidy(s)) }
