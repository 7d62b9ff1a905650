package cli

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/member"
	"kartotek/internal/sheet"
)

type importCommand struct {
	asWho
	File        string `arg:"" name:"FILE"`
	Unit        string `placeholder:"CODE"`
	Sheet       string `placeholder:"NAME"`
	Encoding    string `placeholder:"NAME"`
	Dates       string `placeholder:"dmy|mdy|ymd"`
	Map         string `placeholder:"FILE"`
	SaveMap     string `placeholder:"FILE"`
	Mapping     string `placeholder:"NAME"`
	SaveMapping string `placeholder:"NAME"`
	NoMapping   bool
	Certain     bool
	DryRun      bool
	Refused     string `placeholder:"FILE"`
	Force       bool
}

func (c *importCommand) check() (key string, args []any) {
	if _, ok := sheet.ParseOrder(c.Dates); !ok {
		return "cli.usage.dates", []any{"value", c.Dates}
	}
	if _, ok := document.EncodingNamed(strings.ToLower(c.Encoding)); !ok {
		var known []string
		for _, e := range document.Encodings {
			known = append(known, e.String())
		}
		return "cli.usage.encoding", []any{"value", c.Encoding, "known", known}
	}
	return "", nil
}

func (c *importCommand) needs() []wish {
	return []wish{
		{part: "file", path: c.File},
		{part: "map", path: c.Map},
		{part: "save-map", path: c.SaveMap, write: true, force: c.Force},
		{part: "refused", path: c.Refused, write: true, force: c.Force, keep: true},
	}
}

func (c *importCommand) run(ctx context.Context, d *desk) error {
	body, err := d.body(c.Unit)
	if err != nil {
		return err
	}
	scope, err := d.decide(ctx, c.As, access.Want{Act: charter.Import, Unit: body})
	if err != nil {
		return err
	}
	o := member.Options{
		Unit: body, Lang: d.p.Lang(), DryRun: c.DryRun, Sheet: c.Sheet, Mapping: c.Mapping, Plain: c.NoMapping, Certain: c.Certain,
	}
	o.Encoding, _ = document.EncodingNamed(strings.ToLower(c.Encoding))
	if order, _ := sheet.ParseOrder(c.Dates); order != sheet.AnyOrder {
		o.Dates = map[string]sheet.Order{"": order}
	}
	if o.Map, err = d.columnMap(); err != nil {
		return err
	}
	if refused := d.files["refused"]; refused != nil {
		o.Refused = refused
	}
	if err := c.keepMapping(ctx, d, scope, o); err != nil {
		return err
	}
	line := d.progress()
	result, err := d.house.Members.Import(ctx, scope, d.files["file"], o, func(rows int) { line.tell("import", rows, 0) })
	line.clear()
	if result == nil {
		if key := fault.From(err).Key; err != nil && strings.HasPrefix(key, "member.import.dates_") {
			d.note("cli.import.dates")
		}
		return err
	}
	if told := d.tellImport(result, c.Refused != ""); err == nil {
		err = told
	}
	if err == nil && result.Refused > 0 && result.Refused == result.Rows {
		return exit(fails)
	}
	return err
}

// keepMapping keeps what the columns are: in a file of whoever imports, or in the
// register under a name. A file that can be read once only is not read for it.
func (c *importCommand) keepMapping(ctx context.Context, d *desk, scope access.Scope, o member.Options) error {
	if c.SaveMap == "" && c.SaveMapping == "" {
		return nil
	}
	file := d.files["file"]
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return fault.New(fault.Invalid, "cli.error.map_pipe")
	}
	if c.SaveMapping != "" {
		if err := d.house.Members.SaveMapping(ctx, scope, c.SaveMapping, file, o); err != nil {
			return err
		}
	}
	if c.SaveMap == "" {
		return nil
	}
	plan, err := d.house.Members.Plan(ctx, scope, file, o)
	if err != nil {
		return err
	}
	chosen := map[string]string{}
	for i, column := range plan.Columns {
		name := column.Heading
		if _, twice := chosen[name]; twice || name == "" {
			name = strconv.Itoa(i + 1)
		}
		switch {
		case column.Dropped == "member.import.dropped.own":
		case column.Field != "":
			chosen[name] = column.Field
		default:
			chosen[name] = "-"
		}
	}
	return toml.NewEncoder(d.files["save-map"]).Encode(chosen)
}

// columnMap reads what the columns are, from a file of lines like
//
//	"Medl. nr." = "number"
//	"Note" = "-"
func (d *desk) columnMap() (map[string]string, error) {
	file := d.files["map"]
	if file == nil {
		return nil, nil
	}
	text, err := io.ReadAll(io.LimitReader(file, 1<<20))
	if err != nil {
		return nil, err
	}
	chosen := map[string]string{}
	if _, err := toml.Decode(string(text), &chosen); err != nil {
		return nil, fault.New(fault.Invalid, "cli.error.map")
	}
	for _, code := range chosen {
		if code != "-" && !sheet.Declared(d.house.Charter, code) {
			fields := slices.Clone(sheet.Composites)
			for i := range d.house.Charter.Fields {
				fields = append(fields, d.house.Charter.Fields[i].Code)
			}
			return nil, fault.New(fault.Invalid, "cli.error.map_field", "code", code, "known", fields)
		}
	}
	return chosen, nil
}

// importAnswer is the outcome of an import.
type importAnswer struct {
	DryRun    bool            `json:"dry_run"`
	Rows      int             `json:"rows"`
	Created   int             `json:"created"`
	Waiting   int             `json:"waiting,omitempty"` // to be confirmed before they are members
	Updated   int             `json:"updated"`
	Unchanged int             `json:"unchanged"`
	Refused   int             `json:"refused"`
	Proposed  int             `json:"proposed"` // of the refused: they look like somebody known
	Passed    []importPassed  `json:"passed"`
	Mapping   string          `json:"mapping,omitempty"`
	Columns   []importColumn  `json:"columns"`
	Refusals  []importRefusal `json:"refusals"`
}

type importColumn struct {
	Heading string `json:"heading"`
	Field   string `json:"field,omitempty"`
	Dropped string `json:"dropped,omitempty"` // why, in words
	Likely  bool   `json:"likely,omitempty"`  // guessed from a slip or a shortened word
	Dates   string `json:"dates,omitempty"`   // how its dates are read: dmy, mdy or ymd
}

// importPassed are rows that are no members', by why.
type importPassed struct {
	Reason string `json:"reason"` // in words
	Rows   int    `json:"rows"`
	Lines  []int  `json:"lines"` // the first of them
}

type importRefusal struct {
	Line   int    `json:"line"`
	Column string `json:"column,omitempty"`
	Field  string `json:"field,omitempty"`
	Reason string `json:"reason"`
	Remedy string `json:"remedy,omitempty"`
}

// shownRefusals is how many refused rows are told on the console.
const shownRefusals = 10

func (d *desk) tellImport(r *member.Result, kept bool) error {
	a := importAnswer{
		DryRun: r.DryRun, Rows: r.Rows, Created: r.Created, Waiting: r.Waiting, Updated: r.Updated, Unchanged: r.Unchanged, Refused: r.Refused,
		Proposed: r.Proposed, Passed: passedOf(d.p, r), Columns: []importColumn{}, Refusals: []importRefusal{},
	}
	if r.Mapping != nil {
		a.Mapping = r.Mapping.Name
	}
	for _, column := range r.Columns {
		out := importColumn{Heading: column.Heading, Field: column.Field, Likely: column.Likely, Dates: column.Order.String()}
		if column.Dropped != "" {
			out.Dropped = d.p.T(column.Dropped)
		}
		a.Columns = append(a.Columns, out)
	}
	for _, refusal := range r.Refusals {
		out := importRefusal{Line: refusal.Line, Column: refusal.Column, Field: refusal.Field, Reason: d.p.TArgs(refusal.Reason, refusal.Args)}
		if d.p.Has(refusal.Remedy) {
			out.Remedy = d.p.TArgs(refusal.Remedy, refusal.Args)
		}
		a.Refusals = append(a.Refusals, out)
	}
	return d.answer(a, func() { d.printImport(&a, kept) })
}

// passedOf gathers the rows that are no members' by why.
func passedOf(p *locale.Printer, r *member.Result) []importPassed {
	all := []importPassed{}
	for _, reason := range slices.Sorted(maps.Keys(r.Skips)) {
		passed := importPassed{Reason: p.T(reason), Rows: r.Skips[reason], Lines: []int{}}
		for _, row := range r.Passes {
			if row.Reason == reason {
				passed.Lines = append(passed.Lines, row.Line)
			}
		}
		all = append(all, passed)
	}
	return all
}

func (d *desk) printImport(a *importAnswer, kept bool) {
	if a.Mapping != "" {
		d.say("cli.import.mapping", "name", a.Mapping)
	}
	for _, passed := range a.Passed {
		d.say("cli.import.passed", "count", passed.Rows, "reason", passed.Reason, "lines", firstLines(passed.Lines, passed.Rows))
	}
	for _, column := range a.Columns {
		if column.Likely && column.Field != "" {
			d.say("cli.import.likely", "heading", printable(column.Heading), "field", d.meaning(column.Field))
		}
		if column.Dropped != "" {
			heading := column.Heading
			if heading == "" {
				heading = "–"
			}
			d.say("cli.import.dropped", "heading", printable(heading), "reason", column.Dropped)
		}
	}
	shown := slices.Clone(a.Refusals)
	if len(shown) > shownRefusals {
		shown = shown[:shownRefusals]
	}
	for _, r := range shown {
		where := d.p.T("cli.import.line", "line", r.Line)
		if r.Column != "" {
			where += ", " + printable(r.Column)
		}
		fmt.Fprintln(d.out, strings.TrimSpace(where+": "+r.Reason+" "+r.Remedy))
	}
	if more := len(a.Refusals) - len(shown); more > 0 {
		d.say("cli.import.more", "count", more)
	}
	key := "cli.import.done"
	if a.DryRun {
		key = "cli.import.dry"
	}
	d.say(key, "count", a.Rows, "created", d.p.Number(a.Created), "updated", d.p.Number(a.Updated),
		"unchanged", d.p.Number(a.Unchanged), "refused", d.p.Number(a.Refused))
	if a.Waiting > 0 {
		d.say("cli.import.waiting", "waiting", d.p.Number(a.Waiting), "number", d.house.Charter.Transfers.AdditionDays.Value)
	}
	if a.Proposed > 0 {
		d.say("cli.import.proposed", "count", a.Proposed)
	}
	if a.Refused > 0 && !kept {
		d.note("cli.import.keep")
	}
}

// firstLines names a few lines of a file.
func firstLines(lines []int, all int) string {
	var said []string
	for _, line := range lines[:min(len(lines), 5)] {
		said = append(said, strconv.Itoa(line))
	}
	if all > len(said) {
		said = append(said, "…")
	}
	return strings.Join(said, ", ")
}

// meaning is what a column holds, in words.
func (d *desk) meaning(code string) string {
	if f, known := d.house.Charter.Field(code); known {
		return f.Name.In(d.p.Lang())
	}
	return d.p.T("import.meaning." + strings.ReplaceAll(code, "-", "_"))
}
