package web

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"

	"kartotek/internal/charter"
	"kartotek/internal/consent"
	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// consentPaperPath is where an officer prints signature sheets, takes in what came back
// and enters what it says.
const consentPaperPath = consentBodyPath + "/paper"

func consentPaperOf(body string) string {
	if body == "" {
		return consentPaperPath
	}
	return consentPaperPath + "?" + url.Values{"unit": {body}}.Encode()
}

// paperSize is what a posted scan may have with its form around it.
const paperSize = document.ScanSize + 1<<20

// consentPaperView is a body's papers.
type consentPaperView struct {
	Problems look.Problems
	Body     string
	Code     string
	Version  string // the declaration that stands; "" for none
	Waiting  []consentLineView
	More     string
	Who      look.Choices
	File     look.Field
	Typed    look.Field
	Sheets   []consentSheetView
	Slips    string
	Filters  *look.Filters
	Because  look.Because
}

// consentSheetView is a sheet in numbers.
type consentSheetView struct {
	Number, Title, State string
	Out                  int
}

// consentLineView is one paper and what can be entered of it.
type consentLineView struct {
	Name     string
	Path     string
	Picture  string // its address; "" where only the code was typed
	Alt      string
	Printed  string
	Unit     string
	Waits    bool
	Settled  string // what was entered, and when
	Correct  string // where what is written on it is corrected
	Resign   string // where the membership ends
	Signed   look.Choices
	Gave     look.Choices
	Back     look.Choices
	Wishes   look.Choices
	Problems look.Problems
}

func consentPaperPage(v *visit) error { return v.consentPaper(v.query(), nil) }

func (v *visit) consentPaper(f form, problems look.Problems) error {
	body, err := v.bodyAsked(f.text("unit"))
	if err != nil {
		return err
	}
	if body.ID == 0 {
		body, _ = v.house.Units.Tree().Root()
	}
	w, err := v.house.Consents.Paperwork(v.ctx(), v.actor, body.ID)
	if err != nil {
		return err
	}
	view := consentPaperView{
		Problems: problems, Body: body.Name, Code: body.Code, Because: v.becauseOf("consent", w.Scope),
		Who: look.Choices{Name: "who", Legend: v.T("consent.page.who"), Options: []look.Choice{
			{Value: "rest", Text: v.T("consent.page.who_rest"), Checked: f.text("who") != "all"},
			{Value: "all", Text: v.T("consent.page.who_all"), Checked: f.text("who") == "all"},
		}},
		File: look.Field{
			Name: "file", Label: v.T("consent.page.file"), Hint: v.T("consent.page.file_hint", "size", document.ScanSize>>20), Input: look.FileInput,
			Accept: "application/pdf,image/jpeg,image/png", Required: true, Error: problems.For("file"),
		},
		Typed: look.Field{
			Name: "typed", Label: v.T("consent.page.typed"), Hint: v.T("consent.page.typed_hint"), Width: look.Middle, Autocomplete: "off", MaxLength: 24,
			Error: problems.For("typed"),
		},
	}
	v0, err := v.house.Consents.VersionOf(v.ctx(), body.ID, v.p.Lang())
	if err != nil {
		return err
	}
	if v0.Number > 0 {
		view.Version = v.T("consent.page.version", "number", v0.Number)
	}
	for i := range w.Waiting {
		view.Waiting = append(view.Waiting, v.consentLine(&w.Waiting[i], i+1))
	}
	if w.More > 0 {
		view.More = v.T("consent.body.more", "count", w.More)
	}
	for _, x := range w.Sheets {
		view.Sheets = append(view.Sheets, consentSheetView{
			Number: strconv.FormatUint(x.Number, 10), Out: x.Out,
			Title: v.T("consent.page.sheet", "number", x.Number, "date", v.day(x.At), "version", x.Version),
			State: v.T("consent.page.sheet_state", "out", x.Out, "waiting", x.Waiting, "settled", x.Settled),
		})
	}
	if x := w.Slips; x.Out+x.Waiting+x.Settled > 0 {
		view.Slips = v.T("consent.page.sheet_state", "out", x.Out, "waiting", x.Waiting, "settled", x.Settled)
	}
	if options := v.bodyOptions(charter.Edit); len(options) > 1 {
		view.Filters = &look.Filters{
			Action: consentPaperPath, Label: v.T("rights.show.filters"), Button: v.T("rights.show.act"),
			Fields: fieldsOf(look.Select{Name: "unit", Label: v.T("rights.show.body"), Value: body.Code, Options: options, Submit: true}),
		}
	}
	return v.show(page{title: v.T("consent.page.title"), tab: tabMembers, body: consentPaperBody(view), failed: problems != nil})
}

// consentLine is a paper as it is entered. Nothing is ticked beforehand: what stands on
// it is read by a person.
func (v *visit) consentLine(l *consent.Line, number int) consentLineView {
	p := &l.Paper
	body, _ := v.house.Units.Tree().ByID(p.Body)
	id := func(name string) string { return name + "-" + strconv.Itoa(number) }
	view := consentLineView{
		Name: l.Name, Path: v.paperPath(l.Person, p.ID), Waits: p.Waits(), Alt: v.T("consent.page.alt"), Unit: body.Code,
		Printed: v.T("consent.page.printed", "date", v.day(p.PrintedAt), "version", p.Version.Number),
		Signed: look.Choices{Name: "signed", ID: id("signed"), Legend: v.T("consent.page.signed"), Across: true, Options: []look.Choice{
			{Value: "yes", Text: v.T("consent.page.signed_yes")}, {Value: "no", Text: v.T("consent.page.signed_no")},
		}},
		Gave: look.Choices{Name: "gave", ID: id("gave"), Legend: v.T("consent.page.gave"), Hint: v.T("consent.page.gave_hint"), Many: true},
	}
	if p.Pictured {
		view.Picture = view.Path + "/picture"
	}
	for _, a := range p.Asked {
		view.Gave.Options = append(view.Gave.Options, look.Choice{Value: a.Code, Text: a.Name})
	}
	if p.Slip() {
		view.Back = look.Choices{Name: "back", ID: id("back"), Legend: v.T("consent.page.back"), Many: true, Options: view.Gave.Options}
		view.Wishes = look.Choices{Name: "wish", ID: id("wish"), Legend: v.T("consent.page.wishes"), Many: true, Options: []look.Choice{
			{Value: consent.WishCorrect, Text: v.T("consent.page.correct")}, {Value: consent.WishResign, Text: v.T("consent.page.resign")},
		}}
	}
	if p.SettledAt.IsZero() {
		return view
	}
	said := v.T("consent.page.said_none")
	if p.Signed {
		said = v.T("consent.page.said_plain")
	}
	if len(p.Gave) > 0 {
		said = v.T("consent.page.said", "gave", v.p.List(v.consentNamed(p, p.Gave)))
	}
	if len(p.Back) > 0 {
		said += " " + v.T("consent.page.said_back", "back", v.p.List(v.consentNamed(p, p.Back)))
	}
	view.Settled = v.T("consent.page.settled", "date", v.day(p.SettledAt)) + " " + said
	for _, wish := range p.Wishes {
		switch wish {
		case consent.WishCorrect:
			view.Correct = v.cardPath(l.Person) + "/edit"
		case consent.WishResign:
			view.Resign = v.cardPath(l.Person) + "/resign"
		}
	}
	return view
}

func (v *visit) consentNamed(p *consent.Paper, codes []string) []string {
	var names []string
	for _, a := range p.Asked {
		for _, code := range codes {
			if a.Code == code {
				names = append(names, a.Name)
			}
		}
	}
	return names
}

// paperPath is one paper's own page: its person by the public id, as everywhere.
func (v *visit) paperPath(person vault.PersonID, id uint64) string {
	return consentPaperPath + "/" + v.public(person) + "/" + strconv.FormatUint(id, 10)
}

func (v *visit) paperAsked() (person vault.PersonID, id uint64, err error) {
	if person, err = v.person("person"); err != nil {
		return 0, 0, err
	}
	if id, err = strconv.ParseUint(v.r.PathValue("paper"), 10, 64); err != nil {
		return 0, 0, errNotFound
	}
	return person, id, nil
}

// consentSheetPrint answers with a signature sheet.
func consentSheetPrint(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	body, err := v.bodyAsked(f.text("unit"))
	if err != nil {
		return err
	}
	sheet, err := v.house.Consents.PrintSheet(v.ctx(), v.actor, body.ID, v.p.Lang(), f.text("who") == "all")
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.consentPaper(f, problems)
	}
	var out bytes.Buffer
	if err := sheet.Write(&out); err != nil {
		return err
	}
	return v.download(sheet.FileName(), "application/pdf", out.Bytes())
}

// consentScan takes in what was scanned or photographed.
func consentScan(v *visit) error {
	data, err := v.posted(document.ScanSize, "document.scan.refused", "document.scan.large")
	var came consent.Came
	if err == nil {
		came, err = v.house.Consents.Scan(v.ctx(), v.actor, data)
	}
	if err == nil && came.Lines == 0 {
		key := "consent.error.no_lines_known"
		if came.Again > 0 && came.Unknown == 0 {
			key = "consent.error.lines_again"
		}
		err = fault.New(fault.Invalid, "document.scan.refused").With("file", key)
	}
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.consentPaper(v.query(), problems)
	}
	if left := came.Again + came.Unknown; left > 0 {
		return v.toWith(consentPaperOf(v.query().text("unit")), "consent.notice.scanned_some", int64(left))
	}
	return v.toWith(consentPaperOf(v.query().text("unit")), "consent.notice.scanned", int64(came.Lines))
}

// posted reads the one file of a form into memory, at most so many bytes of it; what is
// wrong with it is said of the field; refused and tooLarge are the keys.
func (v *visit) posted(most int, refused, tooLarge string) ([]byte, error) {
	none := fault.New(fault.Invalid, refused).With("file", "import.error.no_file")
	large := func() error {
		return fault.New(fault.Invalid, refused).With("file", tooLarge, "size", most>>20)
	}
	parts, err := v.r.MultipartReader()
	if err != nil {
		return nil, fault.New(fault.Invalid, "web.error.form").Because(err)
	}
	for {
		var part *multipart.Part
		switch part, err = parts.NextPart(); {
		case err == io.EOF:
			return nil, none
		case err != nil:
			return nil, overSize(err, large)
		case part.FormName() != "file":
			continue
		case part.FileName() == "":
			return nil, none
		}
		data, err := io.ReadAll(io.LimitReader(part, int64(most)+1))
		if err != nil {
			return nil, overSize(err, large)
		}
		if len(data) > most {
			return nil, large()
		}
		return data, nil
	}
}

func overSize(err error, large func() error) error {
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		return large()
	}
	return fault.New(fault.Invalid, "web.error.form").Because(err)
}

// consentTyped finds a paper by the code on it.
func consentTyped(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	person, id, err := v.house.Consents.Typed(v.ctx(), v.actor, f.text("typed"))
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.consentPaper(f, problems)
	}
	return v.to(v.paperPath(person, id))
}

// consentOnePaper is one paper alone.
func consentOnePaper(v *visit) error { return v.onePaper(nil) }

func (v *visit) onePaper(problems look.Problems) error {
	person, id, err := v.paperAsked()
	if err != nil {
		return err
	}
	l, err := v.house.Consents.Paper(v.ctx(), v.actor, person, id)
	if err != nil {
		return err
	}
	view := v.consentLine(&l, 1)
	view.Problems = problems
	view.Signed.Error, view.Gave.Error = problems.For("signed"), problems.For("gave")
	return v.show(page{title: v.T("consent.page.single"), tab: tabMembers, body: consentOneBody(view), failed: problems != nil})
}

// consentSettle enters what a paper says.
func consentSettle(v *visit) error {
	person, id, err := v.paperAsked()
	if err != nil {
		return err
	}
	f, err := v.form()
	if err != nil {
		return err
	}
	said := consent.Said{Signed: f.text("signed") == "yes", Gave: f.values["gave"], Back: f.values["back"], Wishes: f.values["wish"]}
	if signed := f.text("signed"); signed != "yes" && signed != "no" {
		err = fault.New(fault.Invalid, "consent.error.settle").With("signed", "consent.error.signed_not")
	} else {
		err = v.house.Consents.Settle(v.ctx(), v.actor, person, id, said)
	}
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.onePaper(problems)
	}
	if len(said.Wishes) > 0 {
		return v.toWith(v.paperPath(person, id), "consent.notice.settled")
	}
	return v.toWith(consentPaperOf(f.text("unit")), "consent.notice.settled")
}

// consentPicture shows a paper's own part of a scan.
func consentPicture(v *visit) error {
	person, id, err := v.paperAsked()
	if err != nil {
		return err
	}
	return v.picture(person, id)
}

// ownPicture shows a member the paper they signed.
func ownPicture(v *visit) error {
	id, err := strconv.ParseUint(v.r.PathValue("paper"), 10, 64)
	if err != nil {
		return errNotFound
	}
	return v.picture(v.session.Person, id)
}

func (v *visit) picture(person vault.PersonID, id uint64) error {
	jpeg, err := v.house.Consents.Picture(v.ctx(), v.actor, person, id)
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "image/jpeg")
	v.w.Header().Set("Content-Length", strconv.Itoa(len(jpeg)))
	v.w.WriteHeader(http.StatusOK)
	v.w.Write(jpeg) // the visitor may be gone
	return nil
}

// consentSheetEnd ends what is still out of a sheet.
func consentSheetEnd(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	body, err := v.bodyAsked(f.text("unit"))
	if err != nil {
		return err
	}
	sheet, _ := strconv.ParseUint(f.text("sheet"), 10, 64)
	ended, err := v.house.Consents.EndSheet(v.ctx(), v.actor, body.ID, sheet)
	if err != nil {
		return err
	}
	return v.toWith(consentPaperOf(body.Code), "consent.notice.sheet_ended", int64(ended))
}
