package web

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"kartotek/internal/agreement"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/web/look"
)

// agreementView is a body's agreement.
type agreementView struct {
	Problems                      look.Problems
	Path, Title, Lead             string
	Trail                         look.Trail
	Tone                          look.Tone
	State, Waits, Why, Due        string
	Returned                      string
	Part                          agreement.Part
	Post                          string
	Sign, Decide, Countersign     bool
	Remind, Renew, TakeBack       bool
	Sealed, Scan                  string // of the agreement in force; of the paper that waits
	SealedSize                    string
	Certificate                   look.Rows
	Signatures                    look.Rows
	Draft                         string // what stands above the text
	Text                          agreement.Document
	Lang                          string // of the text, when it is another than the page's
	History                       []agreementVersion
	Body, Processors, Print, Page string
}

type agreementVersion struct {
	Name, Why, When string
	Tone            look.Tone
	State           string
	URL             string
}

// agreementSteps are the steps to an agreement in force, by the state that follows each.
var agreementSteps = []agreement.State{agreement.Signed, agreement.Accepted, agreement.Countersigned, agreement.Concluded}

func (v *visit) agreementBody() (unit.Unit, error) {
	u, known := v.house.Units.Tree().ByCode(v.r.PathValue("unit"))
	if !known {
		return u, errNotFound
	}
	return u, nil
}

func agreementPage(v *visit) error { return v.agreement(nil) }

func (v *visit) agreement(problems look.Problems) error {
	body, err := v.agreementBody()
	if err != nil {
		return err
	}
	s := v.house.Agreements
	b, bound := s.Bound(body.ID)
	if !bound {
		return v.to(v.processorsPath(body.ID)) // nothing is agreed here; who processes is told all the same
	}
	now, force, err := s.Current(v.ctx(), body.ID)
	if err != nil {
		return err
	}
	path := agreementOf(body.Code)
	view := agreementView{
		Problems: problems, Path: path, Title: v.T("agreement." + b.Kind + ".title"), Body: body.Name, Part: s.PartIn(v.actor.Person, body.ID),
		Processors: v.processorsPath(body.ID), Print: path + "/print.pdf", Page: privacyOf(body.Code),
	}
	view.Lead = v.T("agreement."+b.Kind+".lead", "body", body.Name, "other", v.unitName(b.With))
	view.Tone, view.State = v.agreementState(&now)
	view.Trail = look.Trail{Label: v.T("agreement.page.steps")}
	for i, step := range agreementSteps {
		view.Trail.Steps = append(view.Trail.Steps, v.T("agreement.step."+string(step)))
		if slices.Index(agreementSteps, now.State) >= i {
			view.Trail.At = i + 1
		}
	}
	v.agreementActs(&view, &now)
	if err := v.agreementHeld(&view, &now, &force); err != nil {
		return err
	}
	if err := v.agreementText(&view, &now, &force, body.ID); err != nil {
		return err
	}
	if view.History, err = v.agreementHistory(&view, body.ID); err != nil {
		return err
	}
	return v.show(page{title: view.Title + " · " + body.Name, tab: tabHome, body: agreementBody(view), failed: problems != nil})
}

// agreementActs says what the visitor can do here, and who is waited for.
func (v *visit) agreementActs(view *agreementView, now *agreement.Agreement) {
	part, rules := view.Part, &v.house.Charter.Agreements
	if part.Post != "" {
		view.Post = lowered(v.anyPost(part.Post))
	}
	view.Sign = part.Signs && (now.Number == 0 || now.State.Waits())
	view.Decide = part.Receives && now.State == agreement.Signed
	view.Countersign = part.Countersigns && now.State == agreement.Accepted
	view.TakeBack = part.Receives && now.State == agreement.Accepted
	follows := part.Receives || part.Countersigns
	view.Renew = follows && (now.Number == 0 || now.State == agreement.Concluded)
	var who []string
	switch now.State {
	case agreement.Open, agreement.Returned:
		who = rules.Signs
	case agreement.Signed:
		who = rules.Receives
	case agreement.Accepted:
		who = rules.Countersigns
	}
	if now.Number == 0 || now.State == agreement.Concluded {
		return
	}
	view.Why, view.Due = v.T("agreement.why."+now.Why), v.T("agreement.page.due_by", "date", now.DueOn)
	names := make([]string, 0, len(who))
	for _, code := range who {
		names = append(names, lowered(v.anyPost(code)))
	}
	if len(names) > 0 {
		view.Waits = v.T("agreement.page.waits", "who", v.p.List(names))
		view.Remind = follows && !(now.State == agreement.Signed && part.Receives) && !view.Countersign
	}
}

// agreementHeld is what those with a part hold: who signed, the sealed PDF, the scan.
func (v *visit) agreementHeld(view *agreementView, now, force *agreement.Agreement) error {
	if !view.Part.Any() {
		return nil
	}
	shown := now
	if shown.SignedAt.IsZero() && force.Number != 0 {
		shown = force
	}
	if shown.Number == 0 {
		return nil // nobody was asked yet
	}
	d, err := v.house.Agreements.Dossier(v.ctx(), v.actor, shown)
	if err != nil {
		return err
	}
	if now.State == agreement.Returned {
		view.Returned = d.Returned
	}
	for _, one := range []struct {
		term string
		sig  *agreement.Signature
	}{
		{v.T("agreement.paper.for", "body", view.Body), &d.Body}, {v.T("agreement.paper.looked"), &d.Looked},
		{v.T("agreement.paper.for", "body", v.unitName(shown.With)), &d.Other},
	} {
		if one.sig.Name == "" {
			continue
		}
		note := one.sig.Function + ", " + v.moment(one.sig.At)
		if m := &one.sig.Mandate; m.Item != "" {
			note += ". " + v.T("agreement.paper.mandate", "meeting", v.T("agreement.meeting."+m.Meeting), "date", v.p.Date(m.On), "item", m.Item)
		}
		view.Signatures = append(view.Signatures, look.Row{Term: one.term, Value: look.Strong(one.sig.Name), Note: note})
	}
	if shown.Paper && len(view.Signatures) > 0 {
		view.Scan = view.Path + "/" + strconv.FormatInt(shown.Number, 10) + "/scan"
	}
	if force.Number != 0 && len(force.SealedHash) > 0 {
		view.Sealed = agreementFile(view.Path, force.Number)
	}
	all, err := v.house.Seal.Certificates(v.ctx())
	if err != nil || len(all) == 0 || view.Sealed == "" {
		return err
	}
	c := &all[0]
	view.Certificate = look.Rows{
		{Term: v.T("agreement.page.mark"), Value: look.Text(spaced(hex.EncodeToString(c.Mark[:])))},
		{Term: v.T("agreement.page.stands"), Value: look.Text(v.p.Date(v.day(c.From)) + " – " + v.p.Date(v.day(c.Ends)))},
	}
	return nil
}

// agreementFile is where a sealed agreement is fetched.
func agreementFile(path string, number int64) string {
	return path + "/" + strconv.FormatInt(number, 10) + "/signed.pdf"
}

// agreementText is the text that stands, or that would be signed.
func (v *visit) agreementText(view *agreementView, now, force *agreement.Agreement, body unit.ID) (err error) {
	under := now.Number != 0 && now.State != agreement.Concluded && !now.State.Waits()
	switch {
	case under && now.Lang == v.p.Lang():
		view.Text, view.Draft = now.Content, v.T("agreement.page.signed_text")
		return nil
	case under:
		view.Text, view.Lang, view.Draft = now.Content, now.Lang, v.T("agreement.page.signed_text")
		return nil
	}
	var inForce bool
	if view.Text, inForce, err = v.house.Agreements.Text(v.ctx(), body, v.p.Lang()); err != nil {
		return err
	}
	switch {
	case inForce && force.Lang != v.p.Lang():
		view.Draft = v.T("agreement.page.translated")
	case inForce:
		view.Draft = v.T("agreement.page.in_force", "date", v.day(force.ConcludedAt))
	default:
		view.Draft = v.T("agreement.page.draft")
	}
	return nil
}

// agreementHistory are the rounds there were, the newest first.
func (v *visit) agreementHistory(view *agreementView, body unit.ID) (rows []agreementVersion, err error) {
	all, err := v.house.Agreements.History(v.ctx(), body)
	for i := range all {
		a := &all[i]
		row := agreementVersion{Name: v.T("agreement.page.number", "number", a.Number, "version", a.Version), Why: v.T("agreement.why." + a.Why)}
		row.Tone, row.State = v.agreementState(a)
		if !a.ConcludedAt.IsZero() {
			row.When = v.p.Date(v.day(a.ConcludedAt))
			if !a.EndedAt.IsZero() {
				row.When += " – " + v.p.Date(v.day(a.EndedAt))
			}
			if len(a.SealedHash) > 0 && view.Part.Any() {
				row.URL = agreementFile(view.Path, a.Number)
			}
		}
		rows = append(rows, row)
	}
	return rows, err
}

// signView is the form by which a body's president signs.
type signView struct {
	Problems          look.Problems
	Path, Title, Back string
	Body, Post, Print string
	Meeting           look.Choices
	On, Item, Read    string
	Text              agreement.Document
	Lang, Counts      string // of the text that is signed, where it is not the page\'s
}

func signPage(v *visit) error { return v.signForm(form{url.Values{}}, nil) }

func (v *visit) signForm(f form, problems look.Problems) error {
	body, err := v.agreementBody()
	if err != nil {
		return err
	}
	part := v.house.Agreements.PartIn(v.actor.Person, body.ID)
	if !part.Signs {
		return fault.New(fault.Denied, "agreement.denied")
	}
	text, lang, read, err := v.house.Agreements.Reading(v.ctx(), body.ID)
	if err != nil {
		return err
	}
	path := agreementOf(body.Code)
	view := signView{
		Problems: problems, Path: path + "/sign", Back: path, Print: path + "/print.pdf", Title: v.T("agreement.page.sign", "body", body.Name), Body: body.Name,
		Post: lowered(v.anyPost(part.Post)), On: f.text("on"), Item: f.text("item"), Read: read, Text: text,
		Meeting: look.Choices{Name: "meeting", Legend: v.T("agreement.page.meeting"), Error: problems.For("meeting")},
	}
	if lang != v.p.Lang() {
		view.Lang, view.Counts = lang, v.T("agreement.page.counts", "language", locale.For(lang).Name())
	}
	for _, meeting := range agreement.Meetings {
		view.Meeting.Options = append(view.Meeting.Options, look.Choice{Value: meeting, Text: capitalised(v.T("agreement.meeting." + meeting)), Checked: f.chosen("meeting", meeting)})
	}
	return v.show(page{title: view.Title, tab: tabHome, body: signBody(view), failed: problems != nil})
}

func signAgreement(v *visit) error {
	body, err := v.agreementBody()
	if err != nil {
		return err
	}
	f, scan, err := v.withFile()
	if err != nil {
		return err
	}
	on, ok := f.date("on")
	if !ok {
		return v.signForm(f, look.Problems{{Field: "on", Text: v.T("agreement.error.on")}})
	}
	_, err = v.house.Agreements.Sign(v.ctx(), v.actor, body.ID, agreement.Signing{
		Mandate: agreement.Mandate{Meeting: f.text("meeting"), On: on, Item: f.text("item")}, Scan: scan, Read: f.text("read"),
	})
	problems, err := v.problems(err)
	switch {
	case err != nil:
		return err
	case problems != nil:
		return v.signForm(f, problems)
	}
	return v.toWith(agreementOf(body.Code), "agreement.notice.signed")
}

// withFile reads a posted form that may bring a file with it; no file is nil.
func (v *visit) withFile() (f form, file []byte, err error) {
	f = form{url.Values{}}
	parts, err := v.r.MultipartReader()
	if err != nil {
		return f, nil, fault.New(fault.Invalid, "web.error.form").Because(err)
	}
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			return f, file, v.lookedThrough(f)
		}
		if err != nil {
			return f, nil, tooLargeScan(err)
		}
		content, err := io.ReadAll(part)
		switch {
		case err != nil:
			return f, nil, tooLargeScan(err)
		case part.FormName() != "file":
			f.values.Add(part.FormName(), string(content))
		case part.FileName() != "" && len(content) > 0:
			file = content
		}
	}
}

func tooLargeScan(err error) error {
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		return fault.New(fault.Invalid, "agreement.error.scan").With("file", "agreement.error.file", "limit", agreement.LargestFile>>20)
	}
	return fault.New(fault.Invalid, "web.error.form").Because(err)
}

// current is the round of the body in the address that is under way.
func (v *visit) currentAgreement() (unit.Unit, agreement.Agreement, error) {
	body, err := v.agreementBody()
	if err != nil {
		return body, agreement.Agreement{}, err
	}
	now, _, err := v.house.Agreements.Current(v.ctx(), body.ID)
	if err == nil && now.Number == 0 {
		err = fault.New(fault.NotFound, "agreement.error.none")
	}
	return body, now, err
}

// agreementStep does one step and leads back to the page.
func (v *visit) agreementStep(done string, act func(now *agreement.Agreement) error) error {
	body, now, err := v.currentAgreement()
	if err != nil {
		return err
	}
	problems, err := v.problems(act(&now))
	switch {
	case err != nil:
		return err
	case problems != nil:
		return v.agreement(problems)
	}
	return v.toWith(agreementOf(body.Code), done)
}

func agreementAccept(v *visit) error {
	return v.agreementStep("agreement.notice.accepted", func(now *agreement.Agreement) error {
		_, err := v.house.Agreements.Accept(v.ctx(), v.actor, now.Number)
		return err
	})
}

func agreementReturn(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	return v.agreementStep("agreement.notice.returned", func(now *agreement.Agreement) error {
		_, err := v.house.Agreements.Return(v.ctx(), v.actor, now.Number, f.text("reason"))
		return err
	})
}

func agreementCountersign(v *visit) error {
	return v.agreementStep("agreement.notice.concluded", func(now *agreement.Agreement) error {
		_, err := v.house.Agreements.Countersign(v.ctx(), v.actor, now.Number)
		return err
	})
}

func agreementRenew(v *visit) error {
	body, err := v.agreementBody()
	if err != nil {
		return err
	}
	if _, err := v.house.Agreements.Renew(v.ctx(), v.actor, body.ID); err != nil {
		return err
	}
	return v.toWith(agreementOf(body.Code), "agreement.notice.asked", 1)
}

func agreementRemind(v *visit) error {
	return v.agreementStep("agreement.notice.told", func(now *agreement.Agreement) error {
		_, err := v.house.Agreements.Remind(v.ctx(), v.actor, now.Unit)
		return err
	})
}

// agreementPrint is the text to be read, or signed by hand, with a square that leads back
// to where the scan is handed in.
func agreementPrint(v *visit) error {
	body, err := v.agreementBody()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := v.house.Agreements.Print(v.ctx(), &b, body.ID, v.p.Lang()); err != nil {
		return err
	}
	return v.download(v.T("agreement.page.file_name")+"-"+body.Code+".pdf", "application/pdf", b.Bytes())
}

// agreementOfBody is the agreement in the address, of the body in the address.
func (v *visit) agreementOfBody() (unit.Unit, agreement.Agreement, error) {
	body, err := v.agreementBody()
	if err != nil {
		return body, agreement.Agreement{}, err
	}
	number, err := strconv.ParseInt(v.r.PathValue("number"), 10, 64)
	if err != nil {
		return body, agreement.Agreement{}, errNotFound
	}
	a, err := v.house.Agreements.ByNumber(v.ctx(), number)
	if err == nil && a.Unit != body.ID {
		err = errNotFound
	}
	return body, a, err
}

func agreementSealed(v *visit) error {
	body, a, err := v.agreementOfBody()
	if err != nil {
		return err
	}
	file, err := v.house.Agreements.Sealed(v.ctx(), v.actor, a.Number)
	if err != nil {
		return err
	}
	return v.download(v.T("agreement.page.file_name")+"-"+body.Code+"-"+strconv.FormatInt(a.Number, 10)+".pdf", "application/pdf", file)
}

func agreementScan(v *visit) error {
	body, a, err := v.agreementOfBody()
	if err != nil {
		return err
	}
	file, err := v.house.Agreements.Scan(v.ctx(), v.actor, a.Number)
	if err != nil {
		return err
	}
	kind, ending := fileKind(file)
	return v.download(v.T("agreement.page.file_name")+"-"+body.Code+"-"+strconv.FormatInt(a.Number, 10)+ending, kind, file)
}

// fileKind tells what a kept file is by its first bytes: a PDF or a picture.
func fileKind(file []byte) (kind, ending string) {
	switch {
	case bytes.HasPrefix(file, []byte("%PDF-")):
		return "application/pdf", ".pdf"
	case bytes.HasPrefix(file, []byte("\x89PNG")):
		return "image/png", ".png"
	}
	return "image/jpeg", ".jpg"
}
