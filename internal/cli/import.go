package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/member"
)

type importCommand struct {
	asWho
	File    string `arg:"" name:"FILE"`
	Unit    string `placeholder:"CODE"`
	Map     string `placeholder:"FILE"`
	DryRun  bool
	Refused string `placeholder:"FILE"`
	Force   bool
}

func (c *importCommand) needs() []wish {
	return []wish{
		{part: "file", path: c.File},
		{part: "map", path: c.Map},
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
	o := member.Options{Unit: body, Lang: d.p.Lang(), DryRun: c.DryRun}
	if o.Map, err = d.columnMap(); err != nil {
		return err
	}
	if refused := d.files["refused"]; refused != nil {
		o.Refused = refused
	}
	line := d.progress()
	result, err := d.house.Members.Import(ctx, scope, d.files["file"], o, func(rows int) { line.tell("import", rows, 0) })
	line.clear()
	if result == nil {
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
		if _, known := d.house.Charter.Field(code); !known && code != "-" {
			var fields []string
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
	Columns   []importColumn  `json:"columns"`
	Refusals  []importRefusal `json:"refusals"`
}

type importColumn struct {
	Heading string `json:"heading"`
	Field   string `json:"field,omitempty"`
	Dropped string `json:"dropped,omitempty"` // why, in words
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
		Columns: []importColumn{}, Refusals: []importRefusal{},
	}
	for _, column := range r.Columns {
		out := importColumn{Heading: column.Heading, Field: column.Field}
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

func (d *desk) printImport(a *importAnswer, kept bool) {
	for _, column := range a.Columns {
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
	if a.Refused > 0 && !kept {
		d.note("cli.import.keep")
	}
}
