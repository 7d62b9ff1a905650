package web

import (
	"bytes"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"kartotek/internal/charter"
	"kartotek/internal/declaration"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
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
	in("POST "+declarationPath+"/announce", declarationAnnounce),
	in("GET "+declarationPath+"/draft", declarationDraftFile),
	open("GET "+declarationPath+"/file", declarationFile),
	in("GET "+declarationsPath, declarationsPage),
}

// declarationView is everything whoever writes a declaration sees.
type declarationView struct {
	declaration.Desk
	Problems   look.Problems
	Crumbs     look.Crumbs
	Part       string // the point that was being written
	Shown      declaration.Rendered
	Notes      []string
	Keeps      []string
	Forms      [][]templ.Component // the fields of each point
	Lang       string
	State      string
	Announcing bool
	Writes     bool                     // the visitor writes messages to members
	Informs    string                   // where whoever was not told is told
	Mine       bool                     // the draft waits, and is one's own
	Look       string                   // the day it is looked through by
	Differs    []declaration.Difference // what would change for members
	typed      form
	items      map[string]string // of GDPR Art. 13 and 14, in words
	missing    string
	charter    *charter.Charter
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
	view := declarationView{Desk: desk, charter: v.house.Charter, Problems: problems, typed: f, Part: f.text("part"), Shown: v.house.Declarations.Preview(&desk, v.p.Lang())}
	view.Lang, view.Look, view.missing, view.items = view.Shown.Lang, v.p.Date(v.day(desk.LookBy)), v.T("declaration.page.missing"), map[string]string{}
	view.Crumbs = look.Crumbs{{Text: v.T("web.tab.home"), URL: homePath}}
	if v.house.Declarations.Oversees(v.actor) {
		view.Crumbs = append(view.Crumbs, look.Link{Text: v.T("declaration.list.title"), URL: declarationsPath})
	}
	view.Crumbs = append(view.Crumbs, look.Link{Text: v.T("declaration.page.title")})
	for _, item := range declaration.Items() {
		view.items[item] = v.T("declaration.item." + item)
	}
	for i := range view.Shown.Points {
		point := &view.Shown.Points[i]
		view.Notes, view.Keeps = append(view.Notes, point.Note), append(view.Keeps, point.Keeps)
		view.Forms = append(view.Forms, v.declarationFields(&view, point.Code, f))
	}
	if desk.Newest != nil {
		was := v.house.Declarations.Render(desk.Newest, view.Lang)
		view.Differs = declaration.Compare(&was.Text, &view.Shown.Text)
	}
	view.State = v.T("declaration.page.state." + string(desk.Draft.State))
	view.Mine = desk.Draft.Submitter == v.actor.Person || desk.Draft.Writer == v.actor.Person
	for _, e := range desk.Edits {
		view.At = append(view.At, v.moment(e.At))
		view.By = append(view.By, joined(" · ", v.house.Declarations.Function(e.Function, v.p), v.T("declaration.act."+e.Act), partTitle(v.p, e.Part)))
	}
	if view.Announcing, err = v.house.Declarations.Announcing(v.ctx(), body.ID); err != nil {
		return err
	}
	if view.Announcing {
		view.Writes = len(v.house.Mailings.Sendable(v.actor, body.ID)) > 0
		if v.may(charter.Edit) {
			view.Informs = consentBodyOf(body.Code)
		}
	}
	return v.show(page{title: v.T("declaration.page.title"), tab: tabHome, body: declarationDesk(view), failed: problems != nil})
}

// partTitle names a point that was changed; nothing for the whole.
func partTitle(p *locale.Printer, part string) string {
	if part == "" {
		return ""
	}
	return p.T("declaration." + part + ".title")
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
	return v.declarationDownload(r, format)
}

// declarationDraftFile is a draft as it would be published, for whoever writes it: the
// one for Word can be edited further, with its notes (N4).
func declarationDraftFile(v *visit) error {
	q := v.query()
	body, err := v.declarationBody(q)
	if err != nil {
		return err
	}
	desk, err := v.house.Declarations.Desk(v.ctx(), v.actor, body.ID)
	if err != nil {
		return err
	}
	return v.declarationDownload(v.house.Declarations.Preview(&desk, v.p.Lang()), q.text("format"))
}

func (v *visit) declarationDownload(r declaration.Rendered, format string) error {
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
