package web

import (
	"net/url"
	"slices"
	"strconv"

	"kartotek/internal/declaration"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/web/look"
)

// A body's published declarations are public, each under its number, and so is what
// differs between two of them (N3, N4, N16).
func declarationVersionsOf(code string) string { return privacyOf(code) + "/versions" }

func declarationVersionOf(code string, number int) string {
	return declarationVersionsOf(code) + "/" + strconv.Itoa(number)
}

func declarationChangesOf(code string, from, to int) string {
	return privacyOf(code) + "/differences?" + url.Values{"from": {strconv.Itoa(from)}, "to": {strconv.Itoa(to)}}.Encode()
}

// declarationFileOf is a version, or with number 0 the one that stands, as a file.
func declarationFileOf(code string, number int, format string) string {
	q := url.Values{"unit": {code}, "format": {format}}
	if number > 0 {
		q.Set("version", strconv.Itoa(number))
	}
	return declarationPath + "/file?" + q.Encode()
}

// declarationReadRoutes are the public pages.
var declarationReadRoutes = []route{
	open("GET "+privacyPath+"/{code}/versions", declarationVersions).own(),
	open("GET "+privacyPath+"/{code}/versions/{number}", declarationVersion).own(),
	open("GET "+privacyPath+"/{code}/differences", declarationChanges).own(),
	open("GET "+declarationPath+"/template", declarationTemplate).own(),
}

// publicBody is the body an address names.
func (v *visit) publicBody() (unit.Unit, error) {
	body, known := v.house.Units.Tree().ByCode(v.r.PathValue("code"))
	if !known {
		return body, errNotFound
	}
	return body, nil
}

// declarationVersionRow is a line of the list of versions.
type declarationVersionRow struct {
	Name, URL          string
	At, Editor, Says   string
	Changes, ChangesOn string // to the one before
	Material           bool
}

type declarationVersionsView struct {
	Body, Privacy string
	Rows          []declarationVersionRow
	Choose        bool // there are two to compare
	From, To      look.Select
	Action        string
}

// declarationVersions lists what a body has published, the newest first.
func declarationVersions(v *visit) error {
	body, err := v.publicBody()
	if err != nil {
		return err
	}
	all, err := v.house.Declarations.Versions(v.ctx(), body.ID)
	if err != nil {
		return err
	}
	view := declarationVersionsView{Body: body.Name, Privacy: privacyOf(body.Code), Action: privacyOf(body.Code) + "/differences"}
	var options []look.Option
	for i := range all {
		version := &all[i]
		row := declarationVersionRow{
			Name: v.T("declaration.page.version", "number", version.Number), URL: declarationVersionOf(body.Code, version.Number), At: v.moment(version.At),
			Editor: v.house.Declarations.Function(version.Function, v.p), Says: version.Reason, Material: version.Material,
		}
		if version.Number > 1 {
			row.Changes, row.ChangesOn = declarationChangesOf(body.Code, version.Number-1, version.Number), v.T("declaration.page.since", "number", version.Number-1)
		}
		view.Rows = append(view.Rows, row)
		options = append(options, look.Option{Value: strconv.Itoa(version.Number), Text: row.Name})
	}
	if view.Choose = len(all) > 2; view.Choose {
		view.From = look.Select{Name: "from", Label: v.T("declaration.page.from"), Value: options[len(options)-1].Value, Options: options, Width: look.Middle}
		view.To = look.Select{Name: "to", Label: v.T("declaration.page.to"), Value: options[0].Value, Options: options, Width: look.Middle}
	}
	return v.show(page{title: v.T("declaration.page.versions"), body: declarationVersionsBody(view)})
}

// declarationReading is a declaration, or the template, as it is read.
type declarationReading struct {
	declaration.Rendered
	Crumbs  look.Crumbs
	Notes   []string // beside the points of the template
	Lang    string   // where it is another than the page's
	Changed string
	Old     string // where the newest stands
	Changes string // to the one before
	Files   []look.LinkButton
	Printed string
}

func (v *visit) reading(r declaration.Rendered) declarationReading {
	view := declarationReading{Rendered: r}
	if r.Lang != v.p.Lang() {
		view.Lang = r.Lang
	}
	return view
}

// otherLanguage tells that a text is in another language than the page.
func otherLanguage(p *locale.Printer, lang string) string {
	return p.T("procedure.page.language", "language", locale.For(lang).Name())
}

// files are a declaration's formats, to fetch.
func (v *visit) declarationFiles(address func(format string) string) (all []look.LinkButton) {
	for _, format := range declaration.Formats() {
		all = append(all, look.LinkButton{Text: v.T("declaration.format." + format), URL: address(format), Kind: look.Quiet, Download: true})
	}
	return all
}

// declarationVersion is one version as it was published.
func declarationVersion(v *visit) error {
	body, err := v.publicBody()
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(v.r.PathValue("number"))
	if err != nil || number < 1 {
		return errNotFound
	}
	version, err := v.house.Declarations.Version(v.ctx(), body.ID, number)
	if err != nil {
		return err
	}
	newest, err := v.house.Declarations.Version(v.ctx(), body.ID, 0)
	if err != nil {
		return err
	}
	view := v.reading(v.house.Declarations.Render(&version, v.p.Lang()))
	view.Crumbs = look.Crumbs{
		{Text: v.T("privacy.title", "body", body.Name), URL: privacyOf(body.Code)},
		{Text: v.T("declaration.page.versions"), URL: declarationVersionsOf(body.Code)}, {Text: v.T("declaration.page.version", "number", number)},
	}
	view.Changed, view.Printed = v.T("procedure.changed", "reason", version.Reason), v.address()+declarationVersionOf(body.Code, number)
	view.Files = v.declarationFiles(func(format string) string { return declarationFileOf(body.Code, number, format) })
	if newest.Number > number {
		view.Old = declarationVersionOf(body.Code, newest.Number)
	}
	if number > 1 {
		view.Changes = declarationChangesOf(body.Code, number-1, number)
	}
	return v.show(page{title: view.Title, body: declarationReadingBody(view)})
}

// declarationTemplate is the blank template, each point in a box with the note for
// whoever adapts it (N4, N5).
func declarationTemplate(v *visit) error {
	view := v.reading(v.house.Declarations.Template(v.p.Lang()))
	view.Crumbs = look.Crumbs{{Text: v.T("privacy.find.title"), URL: privacyPath}, {Text: v.T("declaration.page.blank")}}
	view.Printed = v.address() + declarationPath + "/template"
	view.Files = v.declarationFiles(func(format string) string {
		return declarationPath + "/file?" + url.Values{"format": {format}}.Encode()
	})
	for i := range view.Points {
		view.Notes = append(view.Notes, view.Points[i].Note)
	}
	return v.show(page{title: view.Title, body: declarationReadingBody(view)})
}

// declarationChangesView is what differs between two versions.
type declarationChangesView struct {
	Crumbs  look.Crumbs
	Lead    string
	Lang    string
	Reasons look.Rows // what the body says of each version in between
	All     []declaration.Difference
	Printed string
}

// declarationChanges tells word by word what differs between two versions (N13, N16).
func declarationChanges(v *visit) error {
	body, err := v.publicBody()
	if err != nil {
		return err
	}
	q := v.query()
	from, to := int(q.number("from")), int(q.number("to"))
	was, err := v.house.Declarations.Text(v.ctx(), body.ID, max(from, 1), v.p.Lang())
	if err != nil {
		return err
	}
	newest, err := v.house.Declarations.Version(v.ctx(), body.ID, to)
	if err != nil {
		return err
	}
	now := v.house.Declarations.Render(&newest, v.p.Lang())
	view := declarationChangesView{
		Lead: v.T("declaration.page.between", "body", body.Name, "from", was.Version.Number, "to", newest.Number),
		All:  declaration.Compare(&was.Text, &now.Text), Printed: v.address() + declarationChangesOf(body.Code, was.Version.Number, newest.Number),
		Crumbs: look.Crumbs{
			{Text: v.T("privacy.title", "body", body.Name), URL: privacyOf(body.Code)},
			{Text: v.T("declaration.page.versions"), URL: declarationVersionsOf(body.Code)}, {Text: v.T("procedure.page.differences")},
		},
	}
	if now.Lang != v.p.Lang() {
		view.Lang = now.Lang
	}
	all, err := v.house.Declarations.Versions(v.ctx(), body.ID)
	if err != nil {
		return err
	}
	low, high := min(was.Version.Number, newest.Number), max(was.Version.Number, newest.Number)
	for i := range all {
		if version := &all[i]; version.Number > low && version.Number <= high {
			view.Reasons = append(view.Reasons, look.Row{
				Term: v.T("declaration.page.version", "number", version.Number), Value: look.Text(version.Reason), Note: v.moment(version.At), Wide: true,
			})
		}
	}
	return v.show(page{title: v.T("procedure.page.differences"), body: declarationChangesBody(view)})
}

// newDeclaration tells a member of a declaration that stands and that they have not been
// told of: what changed, where it is read, and that they have seen it (N16, L9).
type newDeclaration struct {
	look.Notice
	Read    string // the declaration
	Changes string // what differs from the version before; "" of the first
	Hash    string
	Again   bool // something they agreed to is asked again
}

func (v *visit) newDeclaration() (*newDeclaration, error) {
	own, err := v.house.Consents.Own(v.ctx(), v.actor)
	if err != nil || own.Declared == nil || own.Informed != nil {
		return nil, err
	}
	d := own.Declared
	version, err := v.house.Declarations.Version(v.ctx(), d.Unit, int(d.Number))
	if err != nil {
		return nil, err
	}
	body, _ := v.house.Units.Tree().ByID(d.Unit)
	told := &newDeclaration{Read: privacyOf(body.Code) + "#declaration", Hash: d.In(v.p.Lang()).Hash}
	told.Notice = look.Notice{Tone: look.Note, Title: v.T("declaration.me.first", "body", body.Name, "date", v.day(d.At)), Text: v.T("declaration.me.first_text")}
	if version.Number > 1 {
		told.Title, told.Text = v.T("declaration.me.changed", "body", body.Name, "date", v.day(d.At)), v.T("declaration.announce.reason", "reason", version.Reason)
		told.Changes = declarationChangesOf(body.Code, version.Number-1, version.Number)
	}
	if rows, err := v.consentRows(v.session.Person); err != nil {
		return nil, err
	} else if told.Again = slices.ContainsFunc(rows, func(r consentRow) bool { return r.Again }); told.Again {
		told.Tone = look.Soon
	}
	return told, nil
}
