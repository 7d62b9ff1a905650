package web

import (
	"bytes"

	"github.com/a-h/templ"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/member"
	"kartotek/internal/sheet"
	"kartotek/internal/web/look"
)

// planView is what would become of a file.
type planView struct {
	Dropped []string // what is left out as a whole, and why
	Unknown bool     // nothing was recognised: the columns are chosen first
	Units   look.Select
	Choose  bool // there is more than one body
	Columns look.Table[columnRow]
	Ask     []look.Choices // the order of dates of each column that does not tell it
	Mapping string         // the saved one that was used
	Saved   bool           // there are saved ones
	File    []look.Select  // sheet, encoding
	Above   int            // rows above the headings
}

// columnRow is a column of the file.
type columnRow struct {
	number   int
	heading  string
	field    string
	likely   string // why it is worth a look
	fixed    string // why it is not to choose
	examples []templ.Component
}

// plan says what would become of the file as it is settled now.
func (v *visit) plan(u *upload, scope access.Scope) (*planView, error) {
	if u == nil {
		return nil, fault.New(fault.Gone, "import.error.gone")
	}
	options := u.options(v.house.Units.Tree(), v.p.Lang())
	plan, err := v.house.Members.Plan(v.ctx(), scope, bytes.NewReader(u.content()), options)
	view := &planView{Units: v.unitSelect(scope, "unit", editing{})}
	view.Units.Label, view.Units.Hint = v.T("import.unit"), v.T("import.unit_hint")
	view.Choose, view.Units.Value = len(view.Units.Options) > 1, u.unit
	if view.Choose {
		view.Units.Options = view.Units.Options[1:] // whoever names none belongs to the association itself
	}
	var rows []columnRow
	switch e := fault.From(err); {
	case err == nil:
		rows, view.Dropped = v.planned(plan), v.dropped(plan.Columns)
		view.Ask, view.Above = v.askDates(plan), plan.Above
		view.File = v.fileSelects(plan.About, u)
		if plan.Mapping != nil {
			view.Mapping = plan.Mapping.Name
		}
	case e.Key == "member.import.no_columns":
		view.Unknown = true
		var about document.About
		if rows, about, err = v.unplanned(u); err != nil {
			return nil, err
		}
		view.File = v.fileSelects(about, u)
	default:
		return nil, err
	}
	saved, err := v.house.Members.Mappings(v.ctx(), scope)
	if err != nil {
		return nil, err
	}
	view.Saved = len(saved) > 0
	view.Columns = columnTable(v.p, rows, v.fieldOptions(), !view.Unknown)
	return view, nil
}

// planned are the columns of a plan, each with what its first rows would become.
func (v *visit) planned(plan *member.Plan) []columnRow {
	rows := make([]columnRow, len(plan.Columns))
	cell := 0
	for i, c := range plan.Columns {
		row := columnRow{number: i + 1, heading: v.columnName(c.Heading, i), field: c.Field}
		switch c.Dropped {
		case "member.import.dropped.identity", "member.import.dropped.own":
			row.fixed = v.T("import.left_out")
		case "":
			field, _ := v.house.Charter.Field(c.Field)
			for _, r := range plan.Rows[:min(len(plan.Rows), shownRows)] {
				shown := v.example(field, r.Cells[cell])
				if c.Ask != sheet.Told && r.Cells[cell].Problem == "member.error.date" {
					shown = look.Badge(look.Soon, v.T("import.dates.waits")) // nothing is wrong with it yet
				}
				row.examples = append(row.examples, shown)
			}
			cell++
			if c.Likely {
				row.likely = v.T("import.column.likely")
			}
		default:
			row.field = dropColumn
		}
		rows[i] = row
	}
	return rows
}

// unplanned are the columns of a file of which none was recognised. Nothing of
// what stands in them shows: who knows what it is.
func (v *visit) unplanned(u *upload) ([]columnRow, document.About, error) {
	o := u.options(v.house.Units.Tree(), v.p.Lang())
	content := bytes.NewReader(u.content())
	r, err := document.Open(content, content.Size(), document.ReadOptions{Encoding: o.Encoding, Sheet: o.Sheet})
	if err != nil {
		return nil, document.About{}, err
	}
	rows := make([]columnRow, len(r.Columns()))
	for i, c := range r.Columns() {
		rows[i] = columnRow{number: i + 1, heading: v.columnName(c.Name, i), field: dropColumn}
	}
	return rows, r.About(), nil
}

// columnName is a column's heading, or its number.
func (v *visit) columnName(heading string, at int) string {
	if heading == "" {
		return v.T("import.column.numbered", "number", at+1)
	}
	return heading
}

// example is a cell of the preview in its normal form, or what is wrong with it.
func (v *visit) example(f *charter.Field, c member.PlanCell) templ.Component {
	if c.Problem != "" {
		return look.TwoOf(look.Badge(look.Late, v.T("import.wrong")), look.Text(v.problemText(c.Problem, nil)))
	}
	switch {
	case c.Value == "":
		return nil
	case f == nil: // a column that fills several fields
		return look.Text(c.Value)
	}
	switch f.Type {
	case charter.TypeDate:
		return look.Text(v.dateText(c.Value))
	case charter.TypePhone:
		one := look.Text(locale.Phone(c.Value, v.house.Charter.Country))
		if c.More != "" {
			return look.TwoOf(one, look.Text(locale.Phone(c.More, v.house.Charter.Country)))
		}
		return one
	case charter.TypeEmail:
		return look.Address(c.Value)
	case charter.TypeChoice:
		if choice, ok := f.ChoiceFor(c.Value); ok {
			return look.Text(choice.Name.In(v.p.Lang()))
		}
	}
	return look.Text(c.Value)
}

// problemText puts a problem with a value into words; its arguments are limits.
func (v *visit) problemText(key string, args map[string]any) string {
	if args == nil {
		args = map[string]any{"age": v.house.Charter.MinimumAge}
	}
	return v.p.TArgs(key, args)
}

// dropped says, once a column, what is left out as a whole and why (N9).
func (v *visit) dropped(columns []member.Column) []string {
	var said []string
	for i, c := range columns {
		switch c.Dropped {
		case "", "member.import.dropped.own":
		default:
			said = append(said, v.columnName(c.Heading, i)+": "+v.T(c.Dropped))
		}
	}
	return said
}

// fieldOptions are what a column can be.
func (v *visit) fieldOptions() []look.Option {
	options := []look.Option{{Value: dropColumn, Text: v.T("import.column.drop")}}
	for i := range v.house.Charter.Fields {
		f := &v.house.Charter.Fields[i]
		options = append(options, look.Option{Value: f.Code, Text: f.Name.In(v.p.Lang())})
	}
	for _, code := range sheet.Composites {
		if sheet.Declared(v.house.Charter, code) {
			options = append(options, look.Option{Value: code, Text: v.meaning(code)})
		}
	}
	return options
}
