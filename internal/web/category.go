package web

import (
	"slices"

	"github.com/a-h/templ"
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/locale"
	"kartotek/internal/member"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// categoryView is what a member is, was and will be, and the form to change it.
type categoryView struct {
	Path, Name  string
	Steps       []categoryStep
	Units       look.Select // where there is more than one
	Several     bool
	Category    look.Select
	From, Until look.Field
	Kinds       look.Rows // what the categories mean
	Problems    look.Problems
	Because     look.Because
}

// categoryStep is a row of the course.
type categoryStep struct {
	unit           string // the body's code
	body, category string
	from           civil.Date // zero: since the beginning
	state          templ.Component
	planned        bool
}

// categoryPage is a member's categories from day to day.
func categoryPage(v *visit) error { return v.categoryForm(editing{}) }

func (v *visit) categoryForm(e editing) error {
	person, err := v.person("person")
	if err != nil {
		return err
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Edit})
	if err != nil {
		return err
	}
	courses, err := v.house.Members.Course(v.ctx(), scope, person)
	if err != nil {
		return err
	}
	names, err := v.house.Members.Names(v.ctx(), scope, []vault.PersonID{person})
	if err != nil {
		return err
	}
	view := categoryView{
		Path: v.cardPath(person), Name: names[person], Problems: e.problems, Several: len(courses) > 1,
		Units:    look.Select{Name: "unit", Label: v.T("card.unit"), Error: e.problems.For("unit"), Value: e.form.values.Get("unit")},
		Category: v.categorySelect("category", e),
		From:     v.dayField("from", v.T("category.from"), e), Until: v.dayField("until", v.T("category.until"), e),
		Because: v.becauseOf("card", scope, "time", v.p.Time(v.house.Now(), v.house.Charter.Location())),
	}
	view.From.Hint, view.Until.Hint = v.T("category.from_hint"), v.T("category.until_hint")
	today := v.house.Access.Today()
	for i := range courses {
		c := &courses[i]
		view.Units.Options = append(view.Units.Options, look.Option{Value: v.unitCode(c.Unit), Text: v.memberOf(c.Unit)})
		if !e.back() && i == 0 {
			view.Category.Value = v.house.Charter.CategoryOr(c.Steps[len(c.Steps)-1].Category).Code
		}
		view.Steps = append(view.Steps, v.categorySteps(c, today)...)
	}
	for i := range v.house.Charter.Categories {
		k := &v.house.Charter.Categories[i]
		view.Kinds = append(view.Kinds, look.Row{Term: k.Name.In(v.p.Lang()), Value: look.Text(v.kindWords(k))})
	}
	return v.show(page{title: v.T("category.title"), tab: tabMembers, body: categoryBody(view), failed: len(e.problems) > 0})
}

// categorySteps puts a course into words, the newest first.
func (v *visit) categorySteps(c *member.Course, today civil.Date) []categoryStep {
	var rows []categoryStep
	holds := 0
	for i, s := range c.Steps {
		if !s.From.After(today) {
			holds = i
		}
	}
	for i, s := range c.Steps {
		row := categoryStep{unit: v.unitCode(c.Unit), body: v.memberOf(c.Unit), category: v.categoryName(s.Category), from: s.From, planned: i > holds}
		switch {
		case i == holds:
			row.state = look.Badge(look.OK, v.T("category.state.now"))
		case i > holds:
			row.state = look.Badge(look.Soon, v.T("category.state.planned"))
		default:
			row.state = look.Badge(look.Calm, v.T("category.state.was"))
		}
		rows = append(rows, row)
	}
	slices.Reverse(rows)
	return rows
}

// kindWords says what a category means where it is not as everybody's.
func (v *visit) kindWords(k *charter.Category) string {
	var said []string
	say := func(holds bool, key string, pairs ...any) {
		if holds {
			said = append(said, v.T("category.means."+key, pairs...))
		}
	}
	say(k.Uncounted, "uncounted")
	say(k.NoVote, "no_vote")
	say(k.NoPosts, "no_posts")
	for _, code := range k.LeftOut {
		say(true, "left_out", "purpose", lowered(v.purposeName(code)))
	}
	say(k.FromAge > 0, "from_age", "age", k.FromAge)
	say(k.ToAge > 0, "to_age", "age", k.ToAge)
	say(k.Leave && k.LongestMonths == 0, "leave")
	say(k.LongestMonths > 0, "leave_months", "count", k.LongestMonths)
	say(k.Central, "central")
	say(k.Dual, "dual")
	if len(said) == 0 {
		return v.T("category.means.usual")
	}
	return capitalised(v.p.List(said)) + "."
}

// categorySet changes what a member is from a day on.
func categorySet(v *visit) error {
	return v.recategorise(func(f form, scope access.Scope, person vault.PersonID, body unit.ID) (look.Problems, error) {
		r := member.Recategorised{Unit: body, Category: f.text("category")}
		var wrong look.Problems
		var ok bool
		if r.From, ok = f.date("from"); !ok {
			wrong = append(wrong, look.Problem{Field: "from", Text: v.T("fault.field.date")})
		}
		if r.Until, ok = f.date("until"); !ok {
			wrong = append(wrong, look.Problem{Field: "until", Text: v.T("fault.field.date")})
		}
		if wrong != nil {
			return wrong, nil
		}
		return v.problems(v.house.Members.SetCategory(v.ctx(), scope, person, r))
	})
}

// categoryDrop takes a planned change back.
func categoryDrop(v *visit) error {
	return v.recategorise(func(f form, scope access.Scope, person vault.PersonID, body unit.ID) (look.Problems, error) {
		from, err := civil.ParseDate(f.text("day"))
		if err != nil {
			return nil, errNotFound
		}
		return nil, v.house.Members.DropCategory(v.ctx(), scope, person, body, from)
	})
}

// recategorise does an act on one membership and goes back to the page.
func (v *visit) recategorise(do func(f form, scope access.Scope, person vault.PersonID, body unit.ID) (look.Problems, error)) error {
	person, f, err := v.personForm()
	if err != nil {
		return err
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Edit})
	if err != nil {
		return err
	}
	var body unit.ID
	if code := f.text("unit"); code != "" {
		u, known := v.house.Units.Tree().ByCode(code)
		if !known {
			return errNotFound
		}
		body = u.ID
	}
	problems, err := do(f, scope, person, body)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.categoryForm(editing{f, problems})
	}
	return v.toWith(v.cardPath(person)+"/categories", "category.notice.saved")
}

// stepTable shows a course; drop, where a change is planned, takes it back.
func stepTable(p *locale.Printer, view categoryView) look.Table[categoryStep] {
	table := look.Table[categoryStep]{Caption: p.T("category.course"), Rows: view.Steps, Columns: []look.Column[categoryStep]{
		{Title: p.T("card.column.category"), Kind: look.Leading, Cell: func(s categoryStep) templ.Component { return look.Text(s.category) }},
		{Title: p.T("category.from"), Cell: func(s categoryStep) templ.Component {
			if s.from.IsZero() {
				return look.Text(p.T("category.always"))
			}
			return look.Date(s.from)
		}},
		{Title: p.T("card.column.state"), Cell: func(s categoryStep) templ.Component { return s.state }},
	}}
	if view.Several {
		table.Columns = slices.Insert(table.Columns, 1, look.Column[categoryStep]{
			Title: p.T("card.column.body"), Cell: func(s categoryStep) templ.Component { return look.Text(s.body) },
		})
	}
	if slices.ContainsFunc(view.Steps, func(s categoryStep) bool { return s.planned }) {
		table.Columns = append(table.Columns, look.Column[categoryStep]{Title: p.T("card.column.act"), Cell: func(s categoryStep) templ.Component {
			if !s.planned {
				return nil
			}
			return look.PostButton{
				Action: view.Path + "/categories/drop",
				Values: []look.Value{{Name: "unit", Value: s.unit}, {Name: "day", Value: s.from.String()}},
				Button: look.Button{Text: p.T("category.drop"), About: " " + s.category, Kind: look.Quiet, Small: true},
			}
		}})
	}
	return table
}
