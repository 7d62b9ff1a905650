package cli

import (
	"bytes"
	"context"
	"io"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
)

type unitListCommand struct{ inHouse }

// unitLine is a body in an answer.
type unitLine struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Level  string `json:"level"`
	Parent string `json:"parent,omitempty"`
	Closed bool   `json:"closed,omitempty"`
}

func (d *desk) unitLine(u unit.Unit) unitLine {
	return unitLine{Code: u.Code, Name: u.Name, Level: u.Level, Parent: d.unitCode(u.Parent), Closed: u.Closed}
}

// Bodies are no persons: listing them asks nobody who they are.
func (c *unitListCommand) run(_ context.Context, d *desk) error {
	tree := d.house.Units.Tree()
	all := make([]unitLine, 0, tree.Len())
	t := d.newTable("code", "name", "level", "state")
	for _, u := range tree.All() {
		all = append(all, d.unitLine(u))
		level, state := u.Level, ""
		if l, ok := d.house.Charter.Level(u.Level); ok {
			level = l.Name.In(d.p.Lang())
		}
		if u.Closed {
			state = d.p.T("cli.unit.closed")
		}
		t.add(u.Code, strings.Repeat("  ", tree.Depth(u.ID))+u.Name, level, state)
	}
	return d.answer(all, func() {
		d.print(t)
		d.say("cli.unit.count", "count", len(all))
	})
}

// unitAs is who changes the tree: a person with the right, or, where nobody is
// named, whoever may write the register's files, and the journal says so.
type unitAs struct {
	As string `placeholder:"WHO"`
}

func (u unitAs) recorder(ctx context.Context, d *desk) (unit.Recorder, error) {
	if u.As == "" {
		return d.house.Recorder(journal.Entry{
			Right: string(access.System), Via: string(access.Console), OSUser: d.osUser,
		}), nil
	}
	scope, err := d.decide(ctx, u.As, access.Want{Act: charter.Units})
	if err != nil {
		return nil, err
	}
	return d.house.Recorder(scope.Entry(journal.Unit)), nil
}

type unitAddCommand struct {
	inHouse
	unitAs
	Name   string `arg:"" name:"NAME"`
	Level  string `required:"" placeholder:"LEVEL"`
	Code   string `placeholder:"CODE"`
	Parent string `placeholder:"CODE"`
}

func (c *unitAddCommand) run(ctx context.Context, d *desk) error {
	by, err := c.recorder(ctx, d)
	if err != nil {
		return err
	}
	draft := unit.Draft{Name: c.Name, Level: c.Level, Code: c.Code}
	for i := range d.house.Charter.Levels {
		if l := &d.house.Charter.Levels[i]; l.Named(c.Level) {
			draft.Level = l.Code
		}
	}
	if draft.Parent, err = d.body(c.Parent); err != nil {
		return err
	}
	made, err := d.house.Units.Add(ctx, by, draft)
	if err != nil {
		return err
	}
	return d.answer(d.unitLine(made), func() { d.say("cli.unit.added", "name", made.Name, "code", made.Code) })
}

type unitImportCommand struct {
	unitAs
	File string `arg:"" name:"FILE"`
}

func (c *unitImportCommand) needs() []wish { return []wish{{part: "file", path: c.File}} }

// unitColumns are what a file of bodies can have, in the order of one without
// headings.
var unitColumns = []string{"code", "name", "level", "parent"}

// unitColumn finds out which column a heading means, in any language.
func unitColumn(heading string) (int, bool) {
	heading = locale.Fold(strings.TrimSpace(heading))
	for i, column := range unitColumns {
		if heading == column {
			return i, true
		}
		for _, lang := range locale.Languages() {
			if heading == locale.Fold(locale.For(lang).T("cli.column."+column)) {
				return i, true
			}
		}
	}
	return 0, false
}

func (c *unitImportCommand) run(ctx context.Context, d *desk) error {
	by, err := c.recorder(ctx, d)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(io.LimitReader(d.files["file"], mostUnits))
	if err != nil {
		return err
	}
	rows, err := unitRows(text)
	if err != nil {
		return err
	}
	result, err := d.house.Units.Import(ctx, by, rows)
	if err != nil {
		return err
	}
	return d.answer(map[string]int{"added": result.Added, "renamed": result.Renamed, "unchanged": result.Unchanged}, func() {
		d.say("cli.unit.imported", "added", result.Added, "renamed", result.Renamed, "unchanged", result.Unchanged)
	})
}

// mostUnits is what a file of bodies may have, in bytes.
const mostUnits = 16 << 20

// unitRows reads a file of bodies. It has headings where one of them is known;
// without, the columns stand in their usual order.
func unitRows(text []byte) ([]unit.Row, error) {
	file, err := document.ReadCSV(bytes.NewReader(text), document.ReadOptions{Known: func(heading string) bool {
		_, known := unitColumn(heading)
		return known
	}})
	if err != nil {
		return nil, err
	}
	place := make([]int, len(unitColumns)) // of each column in the file, from 1; 0 has none
	headed := false
	for i, column := range file.Columns() {
		if at, known := unitColumn(column.Name); known && place[at] == 0 {
			place[at], headed = i+1, true
		}
	}
	if !headed {
		if file, err = document.ReadCSV(bytes.NewReader(text), document.ReadOptions{Headings: document.NoHeadings}); err != nil {
			return nil, err
		}
		for i := range min(len(place), len(file.Columns())) {
			place[i] = i + 1
		}
	}
	if place[1] == 0 {
		return nil, fault.New(fault.Invalid, "cli.error.unit_columns")
	}
	var rows []unit.Row
	for row, err := range file.Rows() {
		if err == nil {
			err = row.Fault
		}
		if err != nil {
			return nil, err
		}
		cell := func(column int) string {
			if place[column] == 0 {
				return ""
			}
			return row.Cells[place[column]-1]
		}
		rows = append(rows, unit.Row{Line: row.Line, Code: cell(0), Name: cell(1), Level: cell(2), Parent: cell(3)})
	}
	return rows, nil
}
