package web

import (
	"bytes"
	"maps"
	"slices"
	"strconv"
	"strings"

	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/member"
	"kartotek/internal/sheet"
	"kartotek/internal/web/look"
)

// What a page asks about a file beyond its columns: which sheet, which encoding,
// how its dates are written, and who the rows without a number are.

const (
	datesPrefix   = "dates-"
	rowPrefix     = "row-"
	samePrefix    = "same:"
	shownLikely   = 20
	importSaved   = importPath + "/mappings"
	guessEncoding = "guess"
)

// likelyView is the rows that look like somebody who is a member already.
type likelyView struct {
	Rows    []look.Choices
	Certain int // rows with one candidate of the same name and birth date
	Checked bool
	More    int // beyond those shown
}

// settleFile notes what a form says about the file as a whole. The caller holds
// the upload's lock.
func (u *upload) settleFile(f form) {
	if f.has("unit") {
		u.unit = f.text("unit")
	}
	if f.has("sheet") && f.text("sheet") != u.sheet {
		u.sheet, u.columns, u.dates, u.decided = f.text("sheet"), nil, nil, nil // another table altogether
	}
	if f.has("encoding") {
		u.decode, _ = document.EncodingNamed(strings.TrimPrefix(f.text("encoding"), guessEncoding))
	}
	if f.has("plain") {
		u.plain, u.columns, u.dates = true, nil, nil
	}
	dates := maps.Clone(u.dates)
	for name := range f.values {
		number, ok := strings.CutPrefix(name, datesPrefix)
		if order, known := sheet.ParseOrder(f.text(name)); ok && known {
			if dates == nil {
				dates = map[string]sheet.Order{}
			}
			dates[number] = order
		}
	}
	u.dates = dates
}

// askDates asks for the order of the dates of every column that does not tell it.
func (v *visit) askDates(plan *member.Plan) []look.Choices {
	var asked []look.Choices
	for i, c := range plan.Columns {
		if c.Ask == sheet.Told {
			continue
		}
		ask := look.Choices{
			Name: datesPrefix + strconv.Itoa(i+1), Legend: v.T("import.dates.legend", "column", v.columnName(c.Heading, i)),
			Hint: v.T("import.dates.open"),
		}
		if c.Ask == sheet.Torn {
			ask.Hint = v.T("import.dates.torn")
		}
		for _, order := range c.Orders {
			ask.Options = append(ask.Options, look.Choice{Value: order.String(), Text: v.T("import.dates." + order.String())})
		}
		asked = append(asked, ask)
	}
	return asked
}

// fileSelects choose the sheet of a workbook, or the encoding of a text file.
func (v *visit) fileSelects(about document.About, u *upload) []look.Select {
	if about.Format == document.XLSX {
		if len(about.Sheets) < 2 {
			return nil
		}
		choose := look.Select{Name: "sheet", Label: v.T("import.sheet"), Value: about.Sheet}
		for _, s := range about.Sheets {
			text := s.Name
			if s.Hidden {
				text = v.T("import.sheet_hidden", "name", s.Name)
			}
			choose.Options = append(choose.Options, look.Option{Value: s.Name, Text: text})
		}
		return []look.Select{choose}
	}
	choose := look.Select{Name: "encoding", Label: v.T("import.encoding"), Hint: v.T("import.encoding_hint"), Value: u.decode.String()}
	if u.decode == document.GuessEncoding {
		choose.Value = guessEncoding
	}
	choose.Options = []look.Option{{Value: guessEncoding, Text: v.T("import.encoding_guess", "name", about.Encoding.String())}}
	for _, e := range document.Encodings {
		choose.Options = append(choose.Options, look.Option{Value: e.String(), Text: e.String()})
	}
	return []look.Select{choose}
}

// meaning is what a column holds that is no single field.
func (v *visit) meaning(code string) string {
	return v.T("import.meaning." + strings.ReplaceAll(code, "-", "_"))
}

// passed says which rows are no members', and why.
func (v *visit) passed(r *member.Result) []string {
	var said []string
	for _, reason := range slices.Sorted(maps.Keys(r.Skips)) {
		var lines []string
		for _, row := range r.Passes {
			if row.Reason == reason && len(lines) < 5 {
				lines = append(lines, strconv.Itoa(row.Line))
			}
		}
		if len(lines) < r.Skips[reason] {
			lines = append(lines, "…")
		}
		said = append(said, v.T("import.passed_rows", "count", r.Skips[reason], "lines", strings.Join(lines, ", "), "reason", v.T(reason)))
	}
	if r.Hidden > 0 {
		said = append(said, v.T("import.hidden_rows", "count", r.Hidden))
	}
	return said
}

// likely asks about the rows that look like somebody who is a member.
func (v *visit) likely(u *upload, r *member.Result) *likelyView {
	if r.Proposed == 0 && !u.certain {
		return nil
	}
	view := &likelyView{Checked: u.certain, More: r.Proposed - min(len(r.Proposals), shownLikely)}
	for i, p := range r.Proposals {
		if p.Certain {
			view.Certain++
		}
		if i >= shownLikely {
			continue
		}
		name := p.Name
		if !p.Birth.IsZero() {
			name += ", " + v.p.Date(p.Birth)
		}
		ask := look.Choices{Name: rowPrefix + strconv.Itoa(p.Line), Legend: v.T("import.likely.row", "number", p.Line, "name", name)}
		if p.Twin > 0 {
			ask.Hint = v.T("import.likely.twin", "number", p.Twin)
		}
		for _, c := range p.Candidates {
			ask.Options = append(ask.Options, look.Choice{
				Value: samePrefix + c.Number, Text: v.T("import.likely.same", "name", c.Name, "number", c.Number), Hint: sentence(v.likelyReasons(c.Reasons)),
			})
		}
		ask.Options = append(ask.Options, look.Choice{Value: "new", Text: v.T("import.likely.new")}, look.Choice{Value: "skip", Text: v.T("import.likely.skip")})
		view.Rows = append(view.Rows, ask)
	}
	return view
}

func (v *visit) likelyReasons(keys []string) string {
	said := make([]string, len(keys))
	for i, key := range keys {
		said[i] = v.T(key)
	}
	return strings.Join(said, ", ")
}

// sentence begins with a capital.
func sentence(text string) string {
	for i, r := range text {
		return strings.ToUpper(string(r)) + text[i+len(string(r)):]
	}
	return text
}

// importDecide takes what was decided about rows that look like somebody, and
// tries the file anew with it.
func importDecide(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	u := v.upload()
	if u == nil {
		return fault.New(fault.Gone, "import.error.gone")
	}
	u.decide(f)
	return v.runImport(true)
}

func (u *upload) decide(f form) {
	u.mu.Lock()
	defer u.mu.Unlock()
	decided := maps.Clone(u.decided)
	if decided == nil {
		decided = map[int]member.Decision{}
	}
	for name := range f.values {
		digits, ok := strings.CutPrefix(name, rowPrefix)
		line, err := strconv.Atoi(digits)
		if !ok || err != nil {
			continue
		}
		switch value := f.text(name); {
		case value == "new":
			decided[line] = member.Decision{New: true}
		case value == "skip":
			decided[line] = member.Decision{Skip: true}
		case strings.HasPrefix(value, samePrefix):
			decided[line] = member.Decision{Number: value[len(samePrefix):]}
		}
	}
	u.decided, u.certain = decided, f.has("certain")
}

// importKeep saves what the columns are under a name.
func importKeep(v *visit) error {
	scope, err := v.importer()
	if err != nil {
		return err
	}
	u, err := v.settle()
	if err != nil {
		return err
	}
	f, err := v.form()
	if err != nil {
		return err
	}
	err = v.house.Members.SaveMapping(v.ctx(), scope, f.text("name"), bytes.NewReader(u.content()), u.options(v.house.Units.Tree(), v.p.Lang()))
	if err == nil {
		u.mu.Lock()
		u.plain = false // it is offered from now on
		u.mu.Unlock()
		return v.to(importPath)
	}
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	plan, err := v.plan(u, scope)
	if err != nil {
		return err
	}
	return v.showImport(importView{At: 1, Size: importSize >> 20, Plan: plan, Problems: problems, Name: f.text("name")})
}

// mappingsView is the page of saved mappings.
type mappingsView struct {
	Problems look.Problems
	Own      []mappingRow
	Shared   []mappingRow
}

type mappingRow struct {
	id                 int64
	name, fields, used string
}

func mappingsPage(v *visit) error { return v.showMappings(nil) }

func (v *visit) showMappings(problems look.Problems) error {
	scope, err := v.importer()
	if err != nil {
		return err
	}
	all, err := v.house.Members.Mappings(v.ctx(), scope)
	if err != nil {
		return err
	}
	view := mappingsView{Problems: problems}
	for _, m := range all {
		names := make([]string, len(m.Fields))
		for i, code := range m.Fields {
			if _, known := v.house.Charter.Field(code); known {
				names[i] = v.fieldName(code)
			} else {
				names[i] = v.meaning(code)
			}
		}
		slices.SortFunc(names, func(a, b string) int {
			return bytes.Compare(locale.SortKey(v.p.Lang(), a), locale.SortKey(v.p.Lang(), b))
		})
		row := mappingRow{id: m.ID, name: m.Name, fields: strings.Join(names, ", "), used: v.p.Date(v.house.Charter.Today(m.Used))}
		if m.Own {
			view.Own = append(view.Own, row)
		} else {
			view.Shared = append(view.Shared, row)
		}
	}
	return v.show(page{title: v.T("import.saved.title"), tab: tabMembers, body: mappingsBody(view), failed: len(problems) > 0})
}

func mappingRename(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	scope, err := v.importer()
	if err != nil {
		return err
	}
	id, _ := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	problems, err := v.problems(v.house.Members.RenameMapping(v.ctx(), scope, id, f.text("name")))
	if err != nil {
		return err
	}
	if problems != nil {
		for i := range problems {
			problems[i].Field = "name-" + strconv.FormatInt(id, 10)
		}
		return v.showMappings(problems)
	}
	return v.to(importSaved)
}

func mappingDelete(v *visit) error {
	scope, err := v.importer()
	if err != nil {
		return err
	}
	id, _ := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err := v.house.Members.DeleteMapping(v.ctx(), scope, id); err != nil {
		return err
	}
	return v.to(importSaved)
}
