package cli

import (
	"context"

	"kartotek/internal/access"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

// findingLine is an access that has lost its ground, in an answer (D8, D10, D14).
type findingLine struct {
	holderLine
	Why     string `json:"why"`
	Seats   int    `json:"seats"`
	Taken   int    `json:"taken"`
	Members int    `json:"members"`
	Limit   int    `json:"limit"`
}

// findings prints the accesses of today that have lost their ground.
func (d *desk) findings(ctx context.Context, scope access.Scope) error {
	found, err := d.house.Access.Findings(scope)
	if err != nil {
		return err
	}
	entry := scope.Entry(journal.Access)
	if _, err := d.house.Journal.Read(ctx, &entry); err != nil {
		return err
	}
	persons := make([]vault.PersonID, len(found))
	for i := range found {
		persons[i] = found[i].Holding.Person
	}
	names, err := d.house.Members.Names(ctx, scope, persons)
	if err != nil {
		return err
	}
	lines := make([]findingLine, 0, len(found))
	t := d.newTable("unit", "right", "name", "holding", "finding")
	for i := range found {
		f := &found[i]
		l := findingLine{
			holderLine: d.holderLine(&f.Holding, names[f.Holding.Person]), Why: string(f.Why), Seats: f.Seats, Taken: f.Taken, Members: f.Members, Limit: f.Limit,
		}
		lines = append(lines, l)
		t.add(d.unitName(f.Holding.Basis.Unit), l.Title, l.Name, d.p.T("cli.list.number", "number", l.Holding), f.Words(d.p))
	}
	return d.answer(lines, func() {
		d.print(t)
		d.say("cli.findings.count", "count", len(found))
	})
}
