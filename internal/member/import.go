package member

import (
	"context"
	"errors"
	"io"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/sheet"
	"kartotek/internal/unit"
)

// Reading members from a file (D1, N9). The file is streamed and never kept:
// columns are settled on a sample, rows are checked one by one while the batch
// before is written, and each batch of rows is one act. Members are matched by
// number; a row without one that is likely somebody who is here already is
// proposed and not made (import_likely.go). Only the columns a file has, and the
// cells that hold something, change anything. A row lands whole or not at all.
// What is refused stands in the file of refused rows and nowhere else, identity
// numbers and children's dates not even there.

// Options are what whoever imports has chosen.
type Options struct {
	Map       map[string]string      // column heading, or its number from 1, → field code or one of sheet's; "-" drops the column
	Dates     map[string]sheet.Order // column heading, or its number, → the order of its dates; "" is every column
	Unit      unit.ID                // body of new members whose row names none; 0: the Scope's, for the secretariat the association itself
	Lang      string                 // language of the file of refused rows
	Refused   io.Writer              // takes the refused rows as CSV; nothing is written when there are none; may be nil
	DryRun    bool                   // check everything, change nothing
	Separator byte                   // 0: guessed
	Encoding  document.Encoding      // of a CSV file; guessed by default
	Sheet     string                 // of a workbook; "": the first that holds anything

	Mapping string // name or number of a saved mapping; "": the one saved for the same headings
	Plain   bool   // no saved mapping

	Decided map[int]Decision // what was decided about rows that are likely somebody, by line
	Certain bool             // whoever has the same name and birth date is the same
}

// Decision is what becomes of a row that is likely somebody known.
type Decision struct {
	Number string // the member's whose card it corrects
	New    bool   // somebody else, who is new
	Skip   bool   // passed over
}

// Column is what becomes of a column of the file.
type Column struct {
	Heading string
	Field   string // the charter's code, or one of sheet's; "" when dropped
	Dropped string // message key: why the column is dropped as a whole
	Likely  bool   // recognised by a slip or a shortened word: worth a look
	Dates   bool   // it holds dates
	Order   sheet.Order
	Ask     sheet.Verdict // Open or Torn: the order of its dates must be told
	Orders  []sheet.Order // … and these are possible

	field  *charter.Field // nil of a column of several fields
	names  sheet.NameOrder
	answer bool // the order was told by somebody
}

// kept reports whether the column is read.
func (c *Column) kept() bool { return c.Field != "" }

// Plan is what an import would do with a file, shown before anything happens.
type Plan struct {
	Columns []Column
	Mapping *Mapping // the saved one that was used
	About   document.About
	Heading int       // the line of the headings; 0 without
	Above   int       // rows above the headings
	Rows    []PlanRow // the first rows as they would be stored
	Ask     bool      // the order of some dates must be told first
	Total   int       // rows of the file, as far as they have been counted
	More    bool      // there are more
}

// PlanRow is one row of the preview; a cell for each column that is kept.
type PlanRow struct {
	Line  int
	Cells []PlanCell
}

// PlanCell is a cell in its normal form, or the message key of what is wrong
// with it. More is what else the cell holds: a second phone number.
type PlanCell struct{ Value, Problem, More string }

// Refusal is a row that was not taken, and why: one for each problem.
type Refusal struct {
	Line   int
	Column string // heading; "" where the row as a whole is refused
	Field  string // the charter's code
	Reason string // message key
	Remedy string // message key: what to do
	Args   map[string]any
}

// Passed is a row that is no member's, and why it was passed over.
type Passed struct {
	Line   int
	Reason string // message key
}

// Result is what an import has done, or in a dry run would do.
type Result struct {
	DryRun    bool
	Rows      int // read
	Created   int
	Waiting   int // new, and to be confirmed before they are members
	Updated   int
	Unchanged int
	Refused   int            // those proposed among them
	Proposed  int            // refused because they are likely somebody who is here already
	Passed    int            // no members: titles, totals, empty rows; and those somebody chose to pass over
	Hidden    int            // rows that the workbook hides; they are read like the others
	Reasons   map[string]int // refused rows by message key; a row may count under several
	Skips     map[string]int // passed rows by message key
	Refusals  []Refusal      // the first hundred
	Passes    []Passed       // the first hundred
	Proposals []Resemblance  // the first thousand
	Columns   []Column
	Mapping   *Mapping // the saved one that was used
}

const (
	sampleRows     = 1000 // what columns are settled on
	previewRows    = 20
	batchRows      = 2000 // rows of one act
	shownRefusals  = 100
	shownProposals = 1000
)

// Plan reads the beginning of a file and says what would become of its columns
// and first rows. Nothing is stored.
func (d *Directory) Plan(ctx context.Context, s access.Scope, src io.Reader, o Options) (*Plan, error) {
	if _, err := d.enter(s, charter.Import); err != nil {
		return nil, err
	}
	f, err := d.openFile(ctx, s, src, o)
	if err != nil {
		return nil, err
	}
	defer f.stop()
	plan := &Plan{
		Columns: f.columns, Mapping: f.mapping, About: f.table.About(), Heading: f.table.HeadingLine(), Above: len(f.table.Above()),
		Ask: f.asks() != nil, Total: len(f.sample), More: len(f.sample) == sampleRows,
	}
	for _, in := range f.sample {
		if len(plan.Rows) == previewRows {
			break
		}
		if f.passes(in) == "" {
			plan.Rows = append(plan.Rows, f.preview(in))
		}
	}
	return plan, nil
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
	f, err := d.openFile(ctx, s, src, o)
	if err != nil {
		return nil, err
	}
	if column := f.asks(); column != nil {
		f.stop()
		return nil, fault.New(fault.Invalid, "member.import.dates_"+askName(column.Ask),
			"column", f.number(column), "field", d.fieldName(column.Field, o.Lang))
	}
	run := &run{
		d: d, x: x, scope: s, file: f, options: o, places: d.newPlaces(s),
		result: &Result{DryRun: o.DryRun, Reasons: map[string]int{}, Skips: map[string]int{}, Columns: f.columns, Mapping: f.mapping},
	}
	ctx, cancel := context.WithCancel(ctx)
	batches, failed := f.batches(ctx)
	defer func() {
		cancel()
		for range batches { // nobody reads src once we are back
		}
		d.settled()
	}()
	run.passAbove()
	for batch := range batches {
		if err := run.take(ctx, batch); err != nil {
			return run.result, errors.Join(err, run.finish())
		}
		if progress != nil {
			progress(run.result.Rows)
		}
	}
	run.passEmpty()
	if f.mapping != nil && !o.DryRun {
		if err := d.usedMapping(ctx, f.mapping.ID); err != nil {
			return run.result, errors.Join(err, run.finish())
		}
	}
	return run.result, errors.Join(failed(), run.finish())
}

func askName(v sheet.Verdict) string {
	if v == sheet.Torn {
		return "torn"
	}
	return "open"
}

// fieldName is what the charter calls a field; a column's heading may be
// anything, so errors do not repeat it.
func (d *Directory) fieldName(code, lang string) string {
	if f, known := d.charter.Field(code); known {
		return f.Name.In(lang)
	}
	return code
}

// errColumns: nothing in the file is a field of the charter.
func errColumns() error { return fault.New(fault.Invalid, "member.import.no_columns") }
