package unit

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
)

// Row is one body as a file names it.
type Row struct {
	Line   int    // where it stands in the file, for refusals
	Code   string // empty: made from the name
	Name   string
	Level  string // code of the level, or its name in any language of the charter
	Parent string // code of the body above; empty for the root and where the level above has one open body only
}

// Result counts what an import did.
type Result struct{ Added, Renamed, Unchanged int }

// Import reads bodies in, all or none. Rows may stand in any order. A code that
// is there already takes the row's name; it neither moves nor changes level.
// The refusal has a field for each fault, named "LINE:column".
func (s *Service) Import(ctx context.Context, by Recorder, rows []Row) (Result, error) {
	var result Result
	_, err := s.one(ctx, func(tx *database.Tx) (u Unit, err error) {
		result, err = s.ImportTx(tx, by, rows)
		return u, err
	})
	if err != nil {
		return Result{}, err
	}
	return result, nil
}

// ImportTx is Import within the caller's transaction.
func (s *Service) ImportTx(tx *database.Tx, by Recorder, rows []Row) (Result, error) {
	var result Result
	err := s.act(tx, by, func(t *Tree) ([]Change, error) {
		p := planFor(t, s.charter, rows)
		if len(p.refusal.Fields) > 0 {
			return nil, p.refusal
		}
		result = Result{Added: len(p.added), Renamed: len(p.renamed), Unchanged: p.unchanged}
		return s.carryOut(tx, t, p)
	})
	return result, err
}

// carryOut writes a plan without faults.
func (s *Service) carryOut(tx *database.Tx, t *Tree, p *plan) ([]Change, error) {
	changes := make([]Change, 0, len(p.added)+len(p.renamed))
	made := make(map[string]ID, len(p.added))
	for _, row := range p.added {
		d := Draft{Level: row.Level, Code: row.Code, Name: row.Name}
		if above, ok := t.ByCode(row.Parent); ok {
			d.Parent = above.ID
		} else {
			d.Parent = made[row.Parent] // 0 for the root
		}
		u, err := s.insert(tx, d)
		if err != nil {
			return nil, err
		}
		made[u.Code] = u.ID
		changes = append(changes, Change{Act: Added, Unit: u})
	}
	for _, change := range p.renamed {
		if err := update(tx, change.Unit); err != nil {
			return nil, err
		}
		changes = append(changes, change)
	}
	return changes, nil
}

// plan is what an import would do, or why it may not.
type plan struct {
	tree      *Tree
	charter   *charter.Charter
	rows      map[string]Row    // by code: every row of the file
	only      map[string]string // by level: the code of its only open body, in tree and file; "" when there is a choice
	added     []Row             // parents first
	renamed   []Change
	unchanged int
	refusal   *fault.Error
}

// planFor compares the rows of a file with the tree.
func planFor(t *Tree, c *charter.Charter, rows []Row) *plan {
	p := &plan{tree: t, charter: c, rows: make(map[string]Row, len(rows)), refusal: fault.New(fault.Invalid, "unit.error.import")}
	ordered := make([]Row, 0, len(rows))
	for _, row := range rows {
		row = row.normalised(c)
		if key := codeFault(row.Code); key != "" {
			p.refuse(row, "code", key, "limit", maxCode)
			continue
		}
		if _, twice := p.rows[row.Code]; twice {
			p.refuse(row, "code", "unit.error.twice", "code", row.Code)
			continue
		}
		p.rows[row.Code] = row
		ordered = append(ordered, row)
	}
	p.only = p.onlyOnes()
	for _, row := range ordered {
		if u, there := t.ByCode(row.Code); there {
			p.again(u, row)
		} else {
			p.add(row)
		}
	}
	// A level stands below its parent in the charter, so this puts parents first.
	slices.SortStableFunc(p.added, func(a, b Row) int { return cmp.Compare(rank(c, a.Level), rank(c, b.Level)) })
	return p
}

// refuse notes a fault of a row's column.
func (p *plan) refuse(row Row, column, key string, pairs ...any) {
	p.refusal.With(strconv.Itoa(row.Line)+":"+column, key, pairs...)
}

// again compares a row with the body of its code.
func (p *plan) again(u Unit, row Row) {
	above, _ := p.tree.ByID(u.Parent)
	switch {
	case u.Closed:
		p.refuse(row, "code", "unit.error.closed", "code", row.Code)
	case row.Level != u.Level && row.Level != "" || row.Parent != above.Code && row.Parent != "":
		p.refuse(row, "code", "unit.error.moved", "code", row.Code)
	case nameFault(row.Name) != "":
		p.refuse(row, "name", nameFault(row.Name), "limit", maxName)
	case row.Name == u.Name:
		p.unchanged++
	default:
		now := u
		now.Name = row.Name
		p.renamed = append(p.renamed, Change{Act: Renamed, Unit: now, Was: u})
	}
}

// add plans a new body.
func (p *plan) add(row Row) {
	if key := nameFault(row.Name); key != "" {
		p.refuse(row, "name", key, "limit", maxName)
	}
	level, ok := p.charter.Level(row.Level)
	if !ok {
		p.refuse(row, "level", "unit.error.level_unknown", "level", row.Level)
		return
	}
	switch {
	case level.Parent == "" && row.Parent != "":
		p.refuse(row, "parent", "unit.error.root_parent")
	case level.Parent == "" && p.anotherRoot(row):
		p.refuse(row, "level", "unit.error.root_there")
	case level.Parent != "" && row.Parent == "":
		row.Parent = p.only[level.Parent]
		if row.Parent == "" {
			p.refuse(row, "parent", "unit.error.parent_which", "level", level.Parent)
		}
	case level.Parent != "":
		p.below(row, level)
	}
	p.added = append(p.added, row)
}

// below checks the body that a row wants to hang under, in the tree or in the file.
func (p *plan) below(row Row, level *charter.Level) {
	above, there := p.tree.ByCode(row.Parent)
	if !there {
		other, named := p.rows[row.Parent]
		if !named {
			p.refuse(row, "parent", "unit.error.parent_unknown_code", "code", row.Parent)
			return
		}
		above = Unit{Level: other.Level}
	}
	switch {
	case above.Closed:
		p.refuse(row, "parent", "unit.error.parent_closed", "name", above.Name)
	case above.Level != level.Parent:
		p.refuse(row, "parent", "unit.error.parent_level", "level", level.Code, "above", level.Parent)
	}
}

// anotherRoot reports whether a root stands already, or an earlier row makes one.
func (p *plan) anotherRoot(row Row) bool {
	if _, there := p.tree.Root(); there {
		return true
	}
	return slices.ContainsFunc(p.added, func(other Row) bool { return other.Level == row.Level })
}

// onlyOnes finds the levels that have one open body, in tree and file together.
func (p *plan) onlyOnes() map[string]string {
	only := make(map[string]string)
	count := func(level, code string) {
		if _, another := only[level]; another {
			code = ""
		}
		only[level] = code
	}
	for _, u := range p.tree.All() {
		if !u.Closed {
			count(u.Level, u.Code)
		}
	}
	for code, row := range p.rows {
		if _, there := p.tree.ByCode(code); !there {
			count(row.Level, code)
		}
	}
	return only
}

// normalised tidies a row as a draft is, and finds the level it names.
func (r Row) normalised(c *charter.Charter) Row {
	d := Draft{Level: r.Level, Code: r.Code, Name: r.Name}.normalised()
	level := d.Level
	for i := range c.Levels {
		if c.Levels[i].Named(level) {
			level = c.Levels[i].Code
			break
		}
	}
	return Row{Line: r.Line, Code: d.Code, Name: d.Name, Level: level, Parent: strings.ToLower(locale.Tidy(r.Parent))}
}

// rank gives a level's place in the charter.
func rank(c *charter.Charter, level string) int {
	return slices.IndexFunc(c.Levels, func(l charter.Level) bool { return l.Code == level })
}
