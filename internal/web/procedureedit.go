package web

import (
	"net/url"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/procedure"
	"kartotek/internal/web/look"
)

// publishView is where a text is given the association's own words, and published.
type publishView struct {
	Code     procedure.Code
	Problems look.Problems
	Title    string
	Path     string
	Agrees   bool
	Newest   int // 0: none yet
	Changes  int // sections that differ
	Notes    []noteRow
	Section  look.Select
	Language look.Select
	Note     string
	Function string
	Reason   string
	Named    bool
	Name     string // the editor's own
}

// noteRow is one of the association's own words.
type noteRow struct{ Where, Language, Text, URL string }

func procedureEdit(v *visit, code procedure.Code) error { return v.publishForm(code, v.query(), nil) }

// publishing requires the right to publish, and journals whoever lacks it.
func (v *visit) publishing() error {
	if v.house.Procedures.MayPublish(v.actor) {
		return nil
	}
	if _, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: procedure.Editor}); err != nil {
		return err
	}
	return fault.New(fault.Denied, "procedure.denied.editor")
}

func (v *visit) publishForm(code procedure.Code, f form, problems look.Problems) error {
	if err := v.publishing(); err != nil {
		return err
	}
	draft, err := v.house.Procedures.Draft(v.ctx(), code)
	if err != nil {
		return err
	}
	text, _ := draft.In(v.p.Lang(), v.house.Charter.Languages...)
	view := publishView{
		Code: code, Problems: problems, Title: text.Title, Path: procedurePaths[code], Note: f.text("text"),
		Function: f.text("function"), Reason: f.text("reason"), Named: f.text("named") != "",
	}
	if view.Name, err = v.ownName(); err != nil {
		return err
	}
	newest, err := v.house.Procedures.Version(v.ctx(), code, 0)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if err == nil {
		view.Newest = newest.Number
		if view.Agrees, err = v.house.Procedures.Agrees(v.ctx(), &newest); err != nil {
			return err
		}
		was, _ := newest.Texts.In(v.p.Lang(), v.house.Charter.Languages...)
		view.Changes = len(procedure.Compare(&was, &text))
		if view.Function == "" {
			view.Function = newest.Function
		}
	}
	own, err := v.house.Procedures.Notes(v.ctx(), code)
	if err != nil {
		return err
	}
	view.Section = look.Select{Name: "section", Label: v.T("procedure.edit.section"), Value: f.text("section"),
		Options: []look.Option{{Value: "", Text: v.T("procedure.edit.intro")}}}
	where := map[string]string{"": v.T("procedure.edit.intro")}
	for i := range text.Sections {
		s := &text.Sections[i]
		where[s.Code] = s.Heading
		view.Section.Options = append(view.Section.Options, look.Option{Value: s.Code, Text: s.Heading})
	}
	view.Language = look.Select{Name: "language", Label: v.T("procedure.edit.language"), Value: f.text("language"), Width: look.Middle}
	for _, lang := range v.house.Charter.Languages {
		view.Language.Options = append(view.Language.Options, look.Option{Value: lang, Text: locale.For(lang).Name()})
	}
	for _, n := range own {
		if !f.has("text") && n.Section == f.text("section") && n.Language == view.Language.Value {
			view.Note = n.Text
		}
		view.Notes = append(view.Notes, noteRow{
			Where: where[n.Section], Language: locale.For(n.Language).Name(), Text: n.Text,
			URL: view.Path + "/edit?" + url.Values{"section": {n.Section}, "language": {n.Language}}.Encode() + "#own",
		})
	}
	return v.show(page{title: v.T("procedure.edit.title"), tab: tabAdministration, body: publishBody(view), failed: problems != nil})
}

// procedureNote saves the association's own words in one place and language.
func procedureNote(v *visit, code procedure.Code) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	note := procedure.Note{Section: f.text("section"), Language: f.text("language"), Text: f.text("text")}
	err = v.house.Procedures.SetNotes(v.ctx(), v.actor, code, []procedure.Note{note})
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		for i := range problems {
			if strings.Contains(problems[i].Field, "_") { // a note's field is its place and language
				problems[i].Field = "text"
			}
		}
		return v.publishForm(code, f, problems)
	}
	return v.toWith(procedurePaths[code]+"/edit", "procedure.notice.saved")
}

// procedurePublish publishes what the rules say today.
func procedurePublish(v *visit, code procedure.Code) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	version, err := v.house.Procedures.Publish(v.ctx(), v.actor, procedure.Wish{
		Document: code, Function: f.text("function"), Named: f.text("named") != "", Reason: f.text("reason"),
	})
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.publishForm(code, f, problems)
	}
	return v.toWith(procedurePaths[code], "procedure.notice.published", int64(version.Number))
}

// adminTexts are the published texts, and whether they still hold.
func (v *visit) adminTexts() (lines []adminLine, err error) {
	for _, code := range procedure.Codes() {
		line := v.adminOf("procedure.page.foot_"+string(code), "procedure.admin."+string(code), procedurePaths[code])
		version, err := v.house.Procedures.Version(v.ctx(), code, 0)
		if fault.Is(err, fault.NotFound) {
			lines = append(lines, line.says(look.Soon, v.T("procedure.page.unpublished")))
			continue
		}
		if err != nil {
			return nil, err
		}
		agrees, err := v.house.Procedures.Agrees(v.ctx(), &version)
		if err != nil {
			return nil, err
		}
		line.More = v.T("procedure.admin.version", "number", version.Number, "date", v.day(version.At))
		if agrees {
			line = line.says(look.OK, v.T("procedure.admin.holds"))
		} else {
			line = line.says(look.Soon, v.T("procedure.admin.differs"))
		}
		lines = append(lines, line)
	}
	return lines, nil
}
