package web

import (
	"bytes"
	"html"
	"net/http"
	"slices"
	"strings"

	"kartotek/internal/directory"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/web/look"
)

// The privacy page of each body has a lasting address, open to everybody (N1).
const privacyPath = "/privacy"

func privacyOf(code string) string { return directory.Address(code) }

// privacyRoutes are the public pages of bodies: privacy.go, openpages.go.
var privacyRoutes = []route{
	open("GET "+privacyPath, privacyFind),
	open("GET "+privacyPath+"/{code}", privacyPage),
	open("GET "+privacyPath+"/{code}/page.pdf", privacyPDF),
	open("GET "+privacyPath+"/{code}/frame", privacyFrame),
	in("GET "+privacyPath+"/{code}/edit", pagesEdit),
	in("POST "+privacyPath+"/{code}/edit", pagesSet),
	open("GET "+openPath+"/{code}", openShow),
	open("GET "+openPath+"/{code}/frame", openFrame),
	open("GET "+openPath+"/list.js", openModule),

	// Closed pages: closedpages.go
	in("GET "+fellowsPath, fellowsPage),
	in("POST "+fellowsPath, fellowsSearch),
	in("POST "+fellowsPath+"/look/{person}", fellowLook),
	in("POST "+fellowsPath+"/print", fellowsPrint).taking(),
	in("GET "+meDirectoryPath, meDirectoryPage),
	in("POST "+meDirectoryPath, meDirectoryChoose),
}

// mostBodies is how many bodies the page that finds them shows.
const mostBodies = 30

// bodiesFound are the bodies whose name a text is part of.
type bodiesFound struct {
	Asked string
	Rows  []look.Link
	More  bool
}

func privacyFind(v *visit) error {
	found := bodiesFound{Asked: v.query().text("q")}
	for _, u := range v.house.Units.Tree().All() {
		if u.Closed || found.Asked != "" && !strings.Contains(locale.Fold(u.Name), locale.Fold(found.Asked)) {
			continue
		}
		if found.More = len(found.Rows) == mostBodies; found.More {
			break
		}
		found.Rows = append(found.Rows, look.Link{Text: u.Name, URL: privacyOf(u.Code)})
	}
	return v.show(page{title: v.T("privacy.find.title"), body: privacyFindBody(found)})
}

// privacyView is a privacy page as it is read.
type privacyView struct {
	directory.Privacy
	PDF, Edit string
	Adapt     string // where the body's declaration is written
	Printed   string
	Snippets  []snippet
}

// snippet is what somebody copies to their own site.
type snippet struct{ Label, Text string }

func (v *visit) privacy() (directory.Privacy, error) {
	return v.house.Directory.Privacy(v.ctx(), v.r.PathValue("code"), v.p)
}

func privacyPage(v *visit) error {
	all, err := v.privacy()
	if err != nil {
		return err
	}
	path := privacyOf(all.Body.Code)
	view := privacyView{Privacy: all, PDF: path + "/page.pdf", Printed: v.address() + path, Snippets: v.snippets(path, all.Title, path+"/frame")}
	if v.session.Person != 0 && v.house.Directory.MayEdit(v.actor, all.Body.ID) {
		view.Edit = path + "/edit"
	}
	if v.session.Person != 0 && v.house.Declarations.May(all.Body) && v.house.Declarations.Edits(v.actor, all.Body.ID) {
		view.Adapt = declarationOf(declarationPath, all.Body.Code)
	}
	return v.show(page{title: all.Title, body: privacyBody(view)})
}

// snippets are a link and a frame of a page.
func (v *visit) snippets(path, title, frame string) []snippet {
	at := v.address()
	return []snippet{
		{v.T("privacy.embed.link"), `<a href="` + at + path + `">` + html.EscapeString(title) + `</a>`},
		{v.T("privacy.embed.frame"), `<iframe src="` + at + frame + `" title="` + html.EscapeString(title) + `" width="100%" height="900"></iframe>`},
	}
}

// address is how this site is reached from outside.
func (v *visit) address() string {
	if v.house.URL != "" {
		return v.house.URL
	}
	scheme := "http://"
	if v.secure {
		scheme = "https://"
	}
	return scheme + v.r.Host
}

func privacyPDF(v *visit) error {
	all, err := v.privacy()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := v.house.Directory.Print(&b, &all, v.address(), v.p); err != nil {
		return err
	}
	return v.download(v.T("privacy.file")+"-"+all.Body.Code+".pdf", "application/pdf", b.Bytes())
}

// privacyFrame is the page alone, for the sites that the body lets show it.
func privacyFrame(v *visit) error {
	all, err := v.privacy()
	if err != nil {
		return err
	}
	said, err := v.house.Directory.Page(v.ctx(), all.Body.ID)
	if err != nil {
		return err
	}
	v.framed(said.Origins)
	return v.write(http.StatusOK, framePage(all.Title, privacyText(all)))
}

// framed lets some sites, and no others, show an answer inside theirs.
func (v *visit) framed(origins []string) {
	ancestors := "'none'"
	if len(origins) > 0 {
		ancestors = strings.Join(origins, " ")
		v.w.Header().Del("X-Frame-Options")
		v.w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	v.w.Header().Set("Content-Security-Policy", strings.Replace(look.Policy, "frame-ancestors 'none'", "frame-ancestors "+ancestors, 1))
}

// pagesView is what a body says of itself, to be changed.
type pagesView struct {
	Body      unit.Unit
	Problems  look.Problems
	Contact   look.Select
	Fields    []look.Field
	Mailboxes []look.Field
	Open      look.Check
	Origins   look.Textarea
	OpenPath  string
	Snippets  []snippet
}

func pagesEdit(v *visit) error {
	body, ok := v.house.Units.Tree().ByCode(v.r.PathValue("code"))
	if !ok {
		return errNotFound
	}
	said, err := v.house.Directory.Page(v.ctx(), body.ID)
	if err != nil {
		return err
	}
	return v.pages(body, said, nil)
}

func (v *visit) pages(body unit.Unit, said directory.Page, problems look.Problems) error {
	if _, err := v.house.Access.Require(v.ctx(), v.actor, directory.Want(body.ID)); err != nil {
		return err
	}
	view := pagesView{
		Body: body, Problems: problems, OpenPath: openOf(body.Code),
		Contact: look.Select{Name: "contact", Label: v.T("directory.edit.contact"), Value: said.Contact, Error: problems.For("contact"), Options: []look.Option{{Text: v.T("directory.edit.nobody")}}},
		Fields: []look.Field{
			{Name: "mailbox", Label: v.T("directory.edit.mailbox"), Value: said.Mailbox, Input: look.EmailInput, MaxLength: 200, Autocomplete: "off", Error: problems.For("mailbox")},
			{Name: "phone", Label: v.T("directory.edit.phone"), Value: said.Phone, MaxLength: 30, Autocomplete: "off", Error: problems.For("phone")},
		},
		Open:    look.Check{Name: "open", Text: v.T("directory.edit.open"), Hint: v.T("directory.edit.open_hint"), Checked: said.Open},
		Origins: look.Textarea{Name: "origins", Label: v.T("directory.edit.origins"), Hint: v.T("directory.edit.origins_hint"), Value: strings.Join(said.Origins, "\n"), Error: problems.For("origins"), MaxLength: 1000, Rows: 3},
	}
	for _, post := range v.house.Directory.Posts(body) {
		name := post.Name.In(v.p.Lang())
		view.Contact.Options = append(view.Contact.Options, look.Option{Value: post.Code, Text: name})
		view.Mailboxes = append(view.Mailboxes, look.Field{
			Name: "mailbox-" + post.Code, Label: name, Value: said.Mailboxes[post.Code], Input: look.EmailInput, MaxLength: 200, Autocomplete: "off", Error: problems.For("mailbox-" + post.Code),
		})
	}
	if said.Open {
		view.Snippets = v.openSnippets(body)
	}
	return v.show(page{title: v.T("directory.edit.title"), body: pagesBody(view), failed: problems != nil})
}

func pagesSet(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	body, ok := v.house.Units.Tree().ByCode(v.r.PathValue("code"))
	if !ok {
		return errNotFound
	}
	said := directory.Page{
		Unit: body.ID, Open: f.has("open"), Contact: f.text("contact"), Mailbox: f.text("mailbox"), Phone: f.text("phone"),
		Origins: strings.Fields(f.text("origins")), Mailboxes: map[string]string{},
	}
	for _, post := range v.house.Directory.Posts(body) {
		said.Mailboxes[post.Code] = f.text("mailbox-" + post.Code)
	}
	typed := said
	typed.Origins = slices.Clone(said.Origins)
	_, err = v.house.Directory.SetPage(v.ctx(), v.actor, said)
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.pages(body, typed, problems)
	}
	return v.toWith(privacyOf(body.Code), "directory.notice.page")
}

// privacyLink is found at the foot of every page.
func (v *visit) privacyLink() look.Link {
	link := look.Link{Text: v.T("privacy.foot"), URL: privacyPath}
	if v.session.Person == 0 {
		return link
	}
	if own := v.house.Members.Units(v.session.Person); len(own) > 0 { // one's own body's
		if u, known := v.house.Units.Tree().ByID(own[0]); known {
			link.URL = privacyOf(u.Code)
		}
	}
	return link
}
