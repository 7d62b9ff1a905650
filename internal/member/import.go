package member

import (
	"context"
	"errors"
	"io"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/unit"
)

// Reading members from a file (D1, N9). The file is streamed and never kept:
// columns are settled on a sample, rows are checked one by one while the batch
// before is written, and each batch of rows is one act. Members are matched by
// number; only the columns a file has, and the cells that hold something, change
// anything. A row lands whole or not at all. What is refused stands in the file
// of refused rows and nowhere else, identity numbers and children's dates not
// even there.

// Options are what whoever imports has chosen.
type Options struct {
	Map       map[string]string // column heading, or its number from 1, → field code; "-" drops the column
	Unit      unit.ID           // body of new members whose row names none; 0: the Scope's, for the secretariat the association itself
	Lang      string            // language of the file of refused rows
	Refused   io.Writer         // takes the refused rows as CSV; nothing is written when there are none; may be nil
	DryRun    bool              // check everything, change nothing
	Separator byte              // 0: guessed
}

// Column is what becomes of a column of the file.
type Column struct {
	Heading string
	Field   string // the charter's code; "" when dropped
	Dropped string // message key: why the column is dropped as a whole

	field *charter.Field
}

// Plan is what an import would do with a file, shown before anything happens.
type Plan struct {
	Columns   []Column
	Separator byte
	Rows      []PlanRow // the first rows as they would be stored
}

// PlanRow is one row of the preview; a cell for each column that is kept.
type PlanRow struct {
	Line  int
	Cells []PlanCell
}

// PlanCell is a cell in its normal form, or the message key of what is wrong
// with it.
type PlanCell struct{ Value, Problem string }

// Refusal is a row that was not taken, and why: one for each problem.
type Refusal struct {
	Line   int
	Column string // heading; "" where the row as a whole is refused
	Field  string // the charter's code
	Reason string // message key
	Remedy string // message key: what to do
	Args   map[string]any
}

// Result is what an import has done, or in a dry run would do.
type Result struct {
	DryRun    bool
	Rows      int // read
	Created   int
	Updated   int
	Unchanged int
	Refused   int
	Reasons   map[string]int // refused rows by message key; a row may count under several
	Refusals  []Refusal      // the first hundred
	Columns   []Column
}

const (
	sampleRows    = 1000 // what columns are settled on
	previewRows   = 20
	batchRows     = 2000 // rows of one act
	shownRefusals = 100
)

// Plan reads the beginning of a file and says what would become of its columns
// and first rows. Nothing is stored.
func (d *Directory) Plan(_ context.Context, s access.Scope, src io.Reader, o Options) (*Plan, error) {
	if _, err := d.enter(s, charter.Import); err != nil {
		return nil, err
	}
	f, err := d.openFile(src, o)
	if err != nil {
		return nil, err
	}
	defer f.stop()
	plan := &Plan{Columns: f.columns, Separator: f.reader.Separator()}
	for _, row := range f.sample[:min(len(f.sample), previewRows)] {
		preview := PlanRow{Line: row.Line}
		for i, column := range f.columns {
			if column.field == nil {
				continue
			}
			value, problem := f.preview(column.field, row.Cells[i])
			preview.Cells = append(preview.Cells, PlanCell{value, problem})
		}
		plan.Rows = append(plan.Rows, preview)
	}
	return plan, nil
}

// preview is a cell as it would be stored.
func (f *file) preview(field *charter.Field, cell string) (value, problem string) {
	switch field.Type {
	case charter.TypeFullName:
		var p Profile
		if cell == "" {
			return "", ""
		}
		problem = f.check.setFullName(&p, cell)
		return p.Name(), problem
	case charter.TypeUnit, charter.TypeCategory:
		return place(cell)
	case charter.TypePostal:
		value, problem = f.check.value(field, cell)
		p := Profile{Postal: value}
		_, _ = f.check.whole(&p) // a row with a country of its own is judged later
		return p.Postal, problem
	}
	return f.check.value(field, cell)
}

// Import reads members from a file, or in a dry run only says what it would do.
// Progress, if given, is told the rows done so far. On an error, or when the
// context ends, the result says what was done before; what was done stands.
func (d *Directory) Import(ctx context.Context, s access.Scope, src io.Reader, o Options, progress func(rows int)) (*Result, error) {
	x, err := d.enter(s, charter.Import)
	if err != nil {
		return nil, err
	}
	if _, problem := d.bodyFor(s, o.Unit); problem != "" {
		return nil, refused("unit", problem)
	}
	f, err := d.openFile(src, o)
	if err != nil {
		return nil, err
	}
	run := &run{
		d: d, x: x, scope: s, file: f, options: o, places: d.newPlaces(s),
		result: &Result{DryRun: o.DryRun, Reasons: map[string]int{}, Columns: f.columns},
	}
	ctx, cancel := context.WithCancel(ctx)
	batches, failed := f.batches(ctx)
	defer func() {
		cancel()
		for range batches { // nobody reads src once we are back
		}
		d.settled()
	}()
	for batch := range batches {
		if err := run.take(ctx, batch); err != nil {
			return run.result, errors.Join(err, run.finish())
		}
		if progress != nil {
			progress(run.result.Rows)
		}
	}
	return run.result, errors.Join(failed(), run.finish())
}

// openFile begins to read a file and settles its columns.
func (d *Directory) openFile(src io.Reader, o Options) (*file, error) {
	known := func(heading string) bool {
		_, ok := d.charter.FieldFor(heading)
		_, chosen := o.Map[heading]
		return ok || chosen
	}
	r, err := document.ReadCSV(src, document.ReadOptions{Separator: o.Separator, Known: known})
	if err != nil {
		return nil, err
	}
	f := &file{reader: r, check: newChecker(d.charter, d.charter.Today(d.now())), width: len(r.Columns())}
	if err := f.readSample(); err != nil {
		return nil, err
	}
	if err := f.settle(d.charter, o.Map); err != nil {
		return nil, err
	}
	return f, nil
}

// errColumns: nothing in the file is a field of the charter.
func errColumns() error { return fault.New(fault.Invalid, "member.import.no_columns") }
