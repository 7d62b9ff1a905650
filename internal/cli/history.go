package cli

import (
	"context"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/document"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

// pastLine is an access somebody had on a day, in an answer (D3).
type pastLine struct {
	Holding uint64   `json:"holding,omitempty"` // none of an erased person
	ID      string   `json:"id,omitempty"`
	Name    string   `json:"name"`
	Erased  bool     `json:"erased"`
	Right   string   `json:"right"` // post, position or cover
	Code    string   `json:"code"`
	Title   string   `json:"title"`
	Unit    string   `json:"unit"`
	From    string   `json:"from"`
	Until   string   `json:"until"`
	May     []string `json:"may"`
	Began   string   `json:"began"`
	Ended   string   `json:"ended,omitempty"`
	Ground  string   `json:"ground"`
}

// on answers who had access on a day: as a table, as JSON, or as a file.
func (c *accessCommand) on(ctx context.Context, d *desk, scope access.Scope, on civil.Date) error {
	past, err := d.house.Access.HoldersOn(ctx, scope, on)
	if err != nil {
		return err
	}
	entry := scope.Entry(journal.Access)
	entry.Reason = on.String()
	if _, err := d.house.Journal.Read(ctx, &entry); err != nil {
		return err
	}
	var persons []vault.PersonID
	erased := 0
	for i := range past {
		if past[i].Erased {
			erased++
			continue
		}
		persons = append(persons, past[i].Person)
	}
	names, err := d.house.Members.Names(ctx, scope, persons)
	if err != nil {
		return err
	}
	columns, rows := d.house.Access.Sheet(d.p, past, names)
	if c.Format != "" {
		if err := c.write(d, on, columns, rows); err != nil {
			return err
		}
		if c.Output == "-" {
			return nil // the file was the answer
		}
	}
	lines := make([]pastLine, 0, len(past))
	t := &table{right: map[int]bool{}}
	for _, column := range columns {
		t.heads = append(t.heads, column.Name)
	}
	for i := range past {
		h := &past[i]
		line := pastLine{
			Holding: h.Basis.ID, Name: h.Who(d.p, names), Erased: h.Erased, Right: string(h.Basis.Right), Code: h.Basis.Code,
			Title: d.house.Access.Title(d.p, h.Basis), Unit: d.unitCode(h.Basis.Unit), From: isoDay(h.Basis.From), Until: isoDay(h.Basis.Until),
			May: h.May.Codes(), Began: h.Began, Ended: h.Ended, Ground: d.house.Access.Reason(d.p, h),
		}
		if !h.Erased {
			line.ID = d.house.Keyring.PublicID(h.Person)
		}
		lines = append(lines, line)
		cells := append([]string(nil), rows[i]...)
		cells[3], cells[4] = d.shortDay(h.Basis.From), d.shortDay(h.Basis.Until)
		t.add(cells...)
	}
	return d.answer(lines, func() {
		if c.Format == "" {
			d.print(t)
		}
		d.say("cli.access.on", "count", len(past), "date", on)
		if erased > 0 {
			d.say("cli.access.erased", "count", erased)
		}
	})
}

// write makes the file.
func (c *accessCommand) write(d *desk, on civil.Date, columns []document.Column, rows [][]string) error {
	out := d.files["output"]
	var file document.Writer
	if c.Format == "csv" {
		o := document.CSVOptions{Separator: ';', BOM: true}
		if d.p.Lang() == "en" {
			o.Separator = ','
		}
		file = document.NewCSV(out, columns, o)
	} else {
		file = document.NewXLSX(out, columns, document.XLSXOptions{Sheet: on.String(), Title: d.p.T("rights.title"), Time: d.house.Now()})
	}
	for _, row := range rows {
		if err := file.Write(row); err != nil {
			return err
		}
	}
	return file.Close()
}
