package web

import (
	"context"
	"net/url"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
	"kartotek/internal/web/look"
)

// bodiesPath is the tree of bodies; each stands below it by its code.
const bodiesPath = "/bodies"

func bodyPath(code string) string { return bodiesPath + "/" + url.PathEscape(code) }

// bodyRow is a body as the tree shows it.
type bodyRow struct {
	unit.Unit
	Level   string // its name
	Depth   int
	Members int
	Counts  bool // members belong to bodies of its level
}

// bodiesPage is the tree of bodies, for whoever may change it.
func bodiesPage(v *visit) error {
	if _, err := v.unitsScope(0); err != nil {
		return err
	}
	tree := v.house.Units.Tree()
	rows := make([]bodyRow, 0, tree.Len())
	for _, u := range tree.All() {
		rows = append(rows, v.bodyRow(tree, u))
	}
	root, _ := tree.Root()
	return v.show(page{title: v.T("bodies.title"), tab: tabAdministration, body: bodiesBody(rows, root.Code)})
}

func (v *visit) bodyRow(tree *unit.Tree, u unit.Unit) bodyRow {
	row := bodyRow{Unit: u, Level: u.Level, Depth: tree.Depth(u.ID), Members: v.house.Members.Count(u.ID)}
	if level, ok := v.house.Charter.Level(u.Level); ok {
		row.Level, row.Counts = level.Name.In(v.p.Lang()), level.Members
	}
	return row
}

// unitsScope is the right to change bodies: all of them, or one and those below.
func (v *visit) unitsScope(id unit.ID) (access.Scope, error) {
	return v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Units, Unit: id})
}

// bodyView is one body and what can be changed about it.
type bodyView struct {
	bodyRow
	Problems  look.Problems
	Name      string // as it was typed
	Root      bool
	Path      []unit.Unit // from the top to the one above
	Below     []bodyRow
	Add       bool   // there is a level below it
	Agreement string // where it has an agreement on the members' data

	Accounting accountingForm
}

func bodyPage(v *visit) error {
	body, err := v.bodyNamed()
	if err != nil {
		return err
	}
	return v.bodyForm(body, body.Name, nil)
}

// bodyNamed is the body of the path, for whoever may change it.
func (v *visit) bodyNamed() (unit.Unit, error) {
	body, ok := v.house.Units.Tree().ByCode(v.r.PathValue("code"))
	if !ok {
		return body, fault.New(fault.NotFound, "unit.error.unknown")
	}
	_, err := v.unitsScope(body.ID)
	return body, err
}

func (v *visit) bodyForm(body unit.Unit, name string, problems look.Problems) error {
	return v.bodyFormOf(body, name, v.accountingForm(body.Accounting(), body, nil), problems)
}

func (v *visit) bodyFormOf(body unit.Unit, name string, accounting accountingForm, problems look.Problems) error {
	tree := v.house.Units.Tree()
	path := tree.Path(body.ID)
	view := bodyView{
		bodyRow: v.bodyRow(tree, body), Problems: problems, Name: name, Root: body.Parent == 0, Accounting: accounting,
		Path: path[:max(len(path)-1, 0)], Add: len(v.levelsBelow(body)) > 0 && !body.Closed,
	}
	if _, bound := v.house.Agreements.Bound(body.ID); bound {
		view.Agreement = agreementOf(body.Code)
	}
	for _, u := range tree.Children(body.ID) {
		view.Below = append(view.Below, v.bodyRow(tree, u))
	}
	return v.show(page{title: body.Name, tab: tabAdministration, body: bodyBody(view), failed: problems != nil})
}

// levelsBelow are the levels of bodies that can stand right below one.
func (v *visit) levelsBelow(body unit.Unit) []*charter.Level {
	var levels []*charter.Level
	for i := range v.house.Charter.Levels {
		if level := &v.house.Charter.Levels[i]; level.Parent == body.Level {
			levels = append(levels, level)
		}
	}
	return levels
}

// bodyAct is one act on a body, as the room of bodies does it.
type bodyAct func(ctx context.Context, by unit.Recorder, id unit.ID) (unit.Unit, error)

// changeBody does an act on the body of the path and says so.
func (v *visit) changeBody(name, said string, act bodyAct) error {
	body, ok := v.house.Units.Tree().ByCode(v.r.PathValue("code"))
	if !ok {
		return fault.New(fault.NotFound, "unit.error.unknown")
	}
	scope, err := v.unitsScope(body.ID)
	if err != nil {
		return err
	}
	_, err = act(v.ctx(), v.house.Recorder(scope.Entry(journal.Unit)), body.ID)
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		if name == "" {
			name = body.Name
		}
		return v.bodyForm(body, name, problems)
	}
	return v.toWith(bodyPath(body.Code), said)
}

func bodyRename(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	name := f.text("name")
	return v.changeBody(name, "bodies.notice.renamed", func(ctx context.Context, by unit.Recorder, id unit.ID) (unit.Unit, error) {
		return v.house.Units.Rename(ctx, by, id, name)
	})
}

func bodyClose(v *visit) error {
	return v.changeBody("", "bodies.notice.closed", v.house.Units.Close)
}

func bodyReopen(v *visit) error {
	return v.changeBody("", "bodies.notice.reopened", v.house.Units.Reopen)
}

// addView is the form of a new body below another.
type addView struct {
	Problems   look.Problems
	Above      unit.Unit
	Levels     look.Choices
	Name, Code string
}

func bodyAddPage(v *visit) error {
	above, err := v.bodyNamed()
	if err != nil {
		return err
	}
	return v.addForm(above, form{url.Values{}}, nil)
}

func (v *visit) addForm(above unit.Unit, f form, problems look.Problems) error {
	view := addView{Problems: problems, Above: above, Name: f.text("name"), Code: f.text("code")}
	view.Levels = look.Choices{Name: "level", Legend: v.T("bodies.add.level"), Error: problems.For("level")}
	levels := v.levelsBelow(above)
	for _, level := range levels {
		hint := v.T("bodies.add.without_members")
		if level.Members {
			hint = v.T("bodies.add.with_members")
		}
		view.Levels.Options = append(view.Levels.Options, look.Choice{
			Value: level.Code, Text: level.Name.In(v.p.Lang()), Hint: hint, Checked: level.Code == f.text("level") || len(levels) == 1,
		})
	}
	if len(levels) == 0 {
		return errNotFound
	}
	return v.show(page{title: v.T("bodies.add.title"), tab: tabAdministration, body: addBody(view), failed: problems != nil})
}

func bodyAdd(v *visit) error {
	above, err := v.bodyNamed()
	if err != nil {
		return err
	}
	f, err := v.form()
	if err != nil {
		return err
	}
	if f.text("level") == "" {
		return v.addForm(above, f, look.Problems{{Field: "level", Text: v.T("fault.field.choice")}})
	}
	scope, err := v.unitsScope(above.ID)
	if err != nil {
		return err
	}
	made, err := v.house.Units.Add(v.ctx(), v.house.Recorder(scope.Entry(journal.Unit)), unit.Draft{
		Parent: above.ID, Level: f.text("level"), Code: f.text("code"), Name: f.text("name"),
	})
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.addForm(above, f, problems)
	}
	return v.toWith(bodyPath(made.Code), "bodies.notice.added")
}
