package web

import (
	"bytes"
	"net/url"
	"strconv"

	"kartotek/internal/charter"
	"kartotek/internal/declaration"
	"kartotek/internal/fault"
	"kartotek/internal/unit"
	"kartotek/internal/web/look"
)

// declarationPath is where a body's privacy declaration is written (N4–N9, N13–N16).
const declarationPath = "/declaration"

func declarationOf(path, code string) string { return path + "?" + url.Values{"unit": {code}}.Encode() }

// declarationRoutes are its pages.
var declarationRoutes = []route{
	in("GET "+declarationPath, declarationPage),
	in("POST "+declarationPath, declarationWrite),
	in("POST "+declarationPath+"/submit", declarationStep(func(v *visit, body unit.ID, f form) error {
		return v.house.Declarations.Submit(v.ctx(), v.actor, body, f.text("reason"), f.text("material") != "")
	})),
	in("POST "+declarationPath+"/approve", declarationStep(func(v *visit, body unit.ID, f form) error {
		return v.house.Declarations.Review(v.ctx(), v.actor, body, true, f.text("answer"))
	})),
	in("POST "+declarationPath+"/refuse", declarationStep(func(v *visit, body unit.ID, f form) error {
		return v.house.Declarations.Review(v.ctx(), v.actor, body, false, f.text("answer"))
	})),
	in("POST "+declarationPath+"/publish", declarationStep(func(v *visit, body unit.ID, _ form) error {
		_, err := v.house.Declarations.Publish(v.ctx(), v.actor, body)
		return err
	})),
	in("POST "+declarationPath+"/announced", declarationStep(func(v *visit, body unit.ID, f form) error {
		return v.house.Declarations.Announced(v.ctx(), v.actor, body, f.text("how"))
	})),
	in("POST "+declarationPath+"/looked", declarationStep(func(v *visit, body unit.ID, _ form) error {
		return v.house.Declarations.Looked(v.ctx(), v.actor, body)
	})),
	open("GET "+declarationPath+"/file", declarationFile),
}

// declarationView is everything whoever writes a declaration sees.
type declarationView struct {
	declaration.Desk
	Problems   look.Problems
	Part       string // the point that was being written
	Shown      declaration.Rendered
	Notes      []string
	Keeps      []string
	Lang       string
	State      string
	Announcing bool
	Mine       bool   // the draft waits, and is one's own
	Look       string // the day it is looked through by
	charter    *charter.Charter
	items      map[string]string // of GDPR Art. 13 and 14, in words
	missing    string
	At         []string // of edits, in words
	By         []string
}

// declarationBody is the body an address or a form names, else one's own.
func (v *visit) declarationBody(f form) (unit.Unit, error) {
	tree := v.house.Units.Tree()
	if code := f.text("unit"); code != "" {
		if body, known := tree.ByCode(code); known {
			return body, nil
		}
		return unit.Unit{}, fault.New(fault.NotFound, "unit.error.unknown")
	}
	if body, known := tree.ByID(v.hat.Basis.Unit); known {
		return body, nil
	}
	root, _ := tree.Root()
	return root, nil
}

func declarationPage(v *visit) error { return v.declarationForm(v.query(), nil) }

func (v *visit) declarationForm(f form, problems look.Problems) error {
	body, err := v.declarationBody(f)
	if err != nil {
		return err
	}
	desk, err := v.house.Declarations.Desk(v.ctx(), v.actor, body.ID)
	if err != nil {
		return err
	}
	view := declarationView{Desk: desk, charter: v.house.Charter, Problems: problems, Part: f.text("part"), Shown: v.house.Declarations.Preview(&desk, v.p.Lang())}
	view.Lang, view.Look, view.missing, view.items = view.Shown.Lang, v.p.Date(v.day(desk.LookBy)), v.T("declaration.page.missing"), map[string]string{}
	for _, item := range declaration.Items() {
		view.items[item] = v.T("declaration.item." + item)
	}
	for i := range view.Shown.Points {
		point := &view.Shown.Points[i]
		view.Notes, view.Keeps = append(view.Notes, point.Note), append(view.Keeps, point.Keeps)
	}
	view.State = v.T("declaration.page.state." + string(desk.Draft.State))
	view.Mine = desk.Draft.Submitter == v.actor.Person || desk.Draft.Writer == v.actor.Person
	for _, e := range desk.Edits {
		view.At, view.By = append(view.At, v.moment(e.At)), append(view.By, v.house.Declarations.Function(e.Function, v.p))
	}
	if view.Announcing, err = v.house.Declarations.Announcing(v.ctx(), body.ID); err != nil {
		return err
	}
	return v.show(page{title: v.T("declaration.page.title"), tab: tabHome, body: declarationDesk(view), failed: problems != nil})
}

// declarationWrite saves one point.
func declarationWrite(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	body, err := v.declarationBody(f)
	if err != nil {
		return err
	}
	words, lang, seen := f.text("text"), f.text("language"), f.number("seen")
	change := declaration.Change{Part: f.text("part"), Language: lang, Words: &words, Seen: int(seen), Reason: f.text("reason")}
	if f.has("email") {
		change.Contact = &declaration.Contact{Function: charter.Words{lang: f.text("function")}, Phone: f.text("phone"), Email: f.text("email")}
	}
	if f.has("pages") {
		pages := f.text("pages")
		change.Pages = &pages
	}
	desk, err := v.house.Declarations.Desk(v.ctx(), v.actor, body.ID)
	if err != nil {
		return err
	}
	change.Grounds = map[string]string{}
	for _, r := range desk.Abroad {
		if f.has("ground-" + r.Code) {
			change.Grounds[r.Code] = f.text("ground-" + r.Code)
		}
	}
	_, err = v.house.Declarations.Write(v.ctx(), v.actor, body.ID, change)
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.declarationForm(f, problems)
	}
	return v.toWith(declarationOf(declarationPath, body.Code), "declaration.notice.saved")
}

// declarationStep leads a draft on and comes back to its page.
func declarationStep(act func(*visit, unit.ID, form) error) func(*visit) error {
	return func(v *visit) error {
		f, err := v.form()
		if err != nil {
			return err
		}
		body, err := v.declarationBody(f)
		if err != nil {
			return err
		}
		problems, err := v.problems(act(v, body.ID, f))
		if err != nil {
			return err
		}
		if problems != nil {
			return v.declarationForm(f, problems)
		}
		return v.toWith(declarationOf(declarationPath, body.Code), "declaration.notice.done")
	}
}

// declarationFile is a published version, or the blank template, in a format; both are
// public (N3, N4).
func declarationFile(v *visit) error {
	q := v.query()
	format, r := q.text("format"), v.house.Declarations.Template(v.p.Lang())
	if code := q.text("unit"); code != "" {
		body, known := v.house.Units.Tree().ByCode(code)
		if !known {
			return errNotFound
		}
		var err error
		if r, err = v.house.Declarations.Text(v.ctx(), body.ID, int(q.number("version")), v.p.Lang()); err != nil {
			return err
		}
	}
	kinds := map[string]string{
		"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "pdf": "application/pdf",
		"html": "text/html; charset=utf-8", "md": "text/markdown; charset=utf-8",
	}
	var b bytes.Buffer
	made := r.Version.At
	if made.IsZero() {
		made = v.house.Now()
	}
	if err := r.Write(&b, format, made); err != nil {
		return err
	}
	name := v.T("declaration.page.file")
	if r.Version.Number > 0 {
		name += "-" + strconv.Itoa(r.Version.Number)
	}
	return v.download(name+"."+format, kinds[format], b.Bytes())
}
