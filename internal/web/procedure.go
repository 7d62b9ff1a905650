package web

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/fault"
	"kartotek/internal/procedure"
	"kartotek/internal/web/look"
)

// The published texts (D12, D15) have lasting addresses, open to everybody; an older
// version has its number below.
const procedurePath = "/procedure"

var procedurePaths = map[procedure.Code]string{procedure.Procedure: procedurePath, procedure.Guideline: guidelinePath}

func versionPath(code procedure.Code, number int) string {
	if number == 0 {
		return procedurePaths[code]
	}
	return procedurePaths[code] + "/" + strconv.Itoa(number)
}

func procedureFile(code procedure.Code, number int) string {
	path := procedurePaths[code] + ".pdf"
	if number > 0 {
		path += "?version=" + strconv.Itoa(number)
	}
	return path
}

func differencesPath(code procedure.Code, from, to int) string {
	return procedurePaths[code] + "/differences?" + url.Values{"from": {strconv.Itoa(from)}, "to": {strconv.Itoa(to)}}.Encode()
}

// procedureRoutes are the pages of one of the two texts.
func procedureRoutes(code procedure.Code) []route {
	path := procedurePaths[code]
	of := func(act func(*visit, procedure.Code) error) func(*visit) error {
		return func(v *visit) error { return act(v, code) }
	}
	return []route{
		open("GET "+path, of(procedurePage)).own(),
		open("GET "+path+"/{number}", of(procedurePage)).own(),
		open("GET "+path+".pdf", of(procedurePDF)).own(),
		open("GET "+path+"/versions", of(procedureVersions)).own(),
		open("GET "+path+"/differences", of(procedureDifferences)).own(),
		in("GET "+path+"/edit", of(procedureEdit)),
		in("POST "+path+"/edit", of(procedureNote)),
		in("POST "+path+"/publish", of(procedurePublish)).recent(),
	}
}

// procedureView is a text as it is read.
type procedureView struct {
	Code     procedure.Code
	Text     procedure.Text
	Lang     string // of the text, where it is another than the page's
	Standing string
	Changed  string
	Draft    bool   // nothing is published yet
	Old      bool   // a newer version is out
	Differs  string // where the difference to today's rules stands; "" where the text holds
	File     string
	Edit     string // for whoever publishes
	Printed  string
}

// versionAsked is the version of a text that an address names, the newest without a
// number; where nothing is published yet, the draft.
func (v *visit) versionAsked(code procedure.Code, asked string) (procedure.Version, error) {
	number := 0
	if asked != "" {
		n, err := strconv.Atoi(asked)
		if err != nil || n < 1 {
			return procedure.Version{}, errNotFound
		}
		number = n
	}
	version, err := v.house.Procedures.Version(v.ctx(), code, number)
	if number == 0 && fault.Is(err, fault.NotFound) {
		texts, err := v.house.Procedures.Draft(v.ctx(), code)
		return procedure.Version{Document: code, Texts: texts}, err
	}
	return version, err
}

func procedurePage(v *visit, code procedure.Code) error {
	version, err := v.versionAsked(code, v.r.PathValue("number"))
	if err != nil {
		return err
	}
	text, lang := version.Texts.In(v.p.Lang(), v.house.Charter.Languages...)
	view := procedureView{
		Code: code, Text: text, Standing: v.house.Procedures.Standing(&version, v.p), Draft: version.Number == 0, File: procedureFile(code, version.Number),
		Printed: v.r.Host + versionPath(code, version.Number),
	}
	if lang != v.p.Lang() {
		view.Lang = lang
	}
	if version.Reason != "" {
		view.Changed = v.T("procedure.changed", "reason", version.Reason)
	}
	if version.Number > 0 {
		newest, err := v.house.Procedures.Version(v.ctx(), code, 0)
		if err != nil {
			return err
		}
		view.Old = newest.Number > version.Number
		if !view.Old {
			agrees, err := v.house.Procedures.Agrees(v.ctx(), &version)
			if err != nil {
				return err
			}
			if !agrees {
				view.Differs = differencesPath(code, version.Number, 0)
			}
		}
	}
	if v.house.Procedures.MayPublish(v.actor) {
		view.Edit = procedurePaths[code] + "/edit"
	}
	return v.show(page{title: text.Title, body: procedureBody(view)})
}

// procedurePDF is a version as a file, in the visitor's language.
func procedurePDF(v *visit, code procedure.Code) error {
	version, err := v.versionAsked(code, v.query().text("version"))
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := v.house.Procedures.Print(&b, &version, v.p.Lang()); err != nil {
		return err
	}
	return v.download(version.FileName(v.p)+".pdf", "application/pdf", b.Bytes())
}

// versionRow is a line of the list of versions.
type versionRow struct {
	Number                 int
	Name, URL              string
	At, Editor, Reason     string
	Differences, DiffTitle string // to the one before
}

type versionsView struct {
	Code  procedure.Code
	Title string
	Rows  []versionRow
	Now   string // the difference between the newest and today's rules
}

func procedureVersions(v *visit, code procedure.Code) error {
	all, err := v.house.Procedures.Versions(v.ctx(), code)
	if err != nil {
		return err
	}
	view := versionsView{Code: code, Title: v.T("procedure." + string(code) + ".title")}
	for i := range all {
		version := &all[i]
		row := versionRow{
			Number: version.Number, Name: v.T("procedure.page.version", "number", version.Number), URL: versionPath(code, version.Number),
			At: v.moment(version.At), Editor: version.Editor(v.p), Reason: version.Reason,
		}
		if version.Number > 1 {
			row.Differences = differencesPath(code, version.Number-1, version.Number)
			row.DiffTitle = v.T("procedure.page.before", "number", version.Number-1)
		}
		view.Rows = append(view.Rows, row)
	}
	if len(all) > 0 {
		view.Now = differencesPath(code, all[0].Number, 0)
	}
	return v.show(page{title: v.T("procedure.page.versions"), body: versionsBody(view)})
}

// differencesView is what differs between two versions, or a version and today's rules.
type differencesView struct {
	Code        procedure.Code
	Title, Lead string
	Lang        string
	All         []procedure.Difference
	Publish     string
}

func procedureDifferences(v *visit, code procedure.Code) error {
	q := v.query()
	was, err := v.house.Procedures.Version(v.ctx(), code, int(q.number("from")))
	if err != nil {
		return err
	}
	now, to := procedure.Version{Document: code}, int(q.number("to"))
	if to > 0 {
		now, err = v.house.Procedures.Version(v.ctx(), code, to)
	} else {
		now.Texts, err = v.house.Procedures.Draft(v.ctx(), code)
	}
	if err != nil {
		return err
	}
	before, lang := was.Texts.In(v.p.Lang(), v.house.Charter.Languages...)
	after, _ := now.Texts.In(lang, v.house.Charter.Languages...)
	view := differencesView{
		Code: code, Title: v.T("procedure.page.differences"), All: procedure.Compare(&before, &after),
		Lead: v.T("procedure.page.between", "title", before.Title, "from", was.Number, "to", now.Number),
	}
	if to == 0 {
		view.Lead = v.T("procedure.page.between_now", "title", before.Title, "from", was.Number, "date", v.house.Access.Today())
		if len(view.All) > 0 && v.house.Procedures.MayPublish(v.actor) {
			view.Publish = procedurePaths[code] + "/edit#publish"
		}
	}
	if lang != v.p.Lang() {
		view.Lang = lang
	}
	return v.show(page{title: view.Title, body: differencesBody(view)})
}

// newText tells a member of a text that was published of late.
type newText struct {
	look.Notice
	Path string
}

// newTexts are the notices on a member's own page about them.
func (v *visit) newTexts() ([]newText, error) {
	var told []newText
	for _, code := range procedure.Codes() {
		version, err := v.house.Procedures.Version(v.ctx(), code, 0)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if v.house.Now().Sub(version.At) < newTextDays*24*time.Hour {
			told = append(told, newText{look.Notice{
				Tone: look.Note, Title: v.T("procedure.me."+string(code), "number", version.Number, "date", v.day(version.At)),
				Text: v.T("procedure.changed", "reason", version.Reason),
			}, procedurePaths[code]})
		}
	}
	return told, nil
}

// written are the paragraphs of what somebody wrote.
func written(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
}

// newTextDays is how long a member is told of a new version on their own page (N16).
const newTextDays = 30

// procedureLinks are the texts everybody finds at the foot of every page.
func (v *visit) procedureLinks() []look.Link {
	return []look.Link{
		{Text: v.T("procedure.page.foot_procedure"), URL: procedurePath},
		{Text: v.T("procedure.page.foot_guideline"), URL: guidelinePath},
	}
}

// retentionOpen is the sweep for whoever is signed in; anybody else is led to the
// published guideline.
func retentionOpen(v *visit) error {
	if v.session.Person == 0 {
		return v.to(guidelinePath)
	}
	if _, err := v.house.Access.Decide(v.actor, access.Want{Act: procedure.Editor}); err != nil {
		return v.to(guidelinePath)
	}
	return retentionPage(v)
}
