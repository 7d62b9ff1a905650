package web

import (
	"encoding/hex"
	"net/http"
	"strings"

	"kartotek/internal/certificate"
	"kartotek/internal/departure"
	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/web/look"
)

const certificatePath = "/certificate"

// fetchView is the form that asks for number and password.
type fetchView struct {
	Problems     look.Problems
	Number, Salt string
	Key          string
	Years        int
}

// certificatePage asks for number and password. A link carries them behind #, where
// only the browser sees them; a script fills them in, and without one they are
// typed (D7).
func certificatePage(v *visit) error { return v.fetchForm(form{}, nil, http.StatusOK) }

func (v *visit) fetchForm(f form, problems look.Problems, status int) error {
	view := fetchView{
		Problems: problems, Number: f.text("number"), Salt: f.text("salt"),
		Key: certificate.Key(v.house.Keyring.LedgerKey()), Years: v.house.Charter.CertificateYears,
	}
	return v.show(page{title: v.T("certificate.page.title"), body: fetchBody(view), failed: problems != nil, status: status})
}

// fetchedView is a certificate as it stands now.
type fetchedView struct {
	Number, Salt string
	Complete     bool
	Title        string
	Organisation string
	Sections     []document.Section
	Key, Hash    string
}

// certificateFetch shows the certificate, or answers with it as a file.
func certificateFetch(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	if err := v.house.Asking.Knock(v.remote()); err != nil {
		problems, err := v.problems(err)
		if err != nil {
			return err
		}
		return v.fetchForm(f, problems, http.StatusTooManyRequests)
	}
	c, err := v.house.Departures.Fetch(v.ctx(), f.text("number"), f.text("salt"))
	if fault.Is(err, fault.NotFound) {
		return v.fetchForm(f, look.Explain(v.p, fault.From(err)), http.StatusNotFound)
	}
	if err != nil {
		return err
	}
	p := locale.For(c.Language)
	switch f.text("as") {
	case "pdf":
		file, err := c.PDF()
		if err != nil {
			return err
		}
		return v.download(c.FileName(p)+".pdf", "application/pdf", file)
	case "json":
		file, err := c.JSON()
		if err != nil {
			return err
		}
		return v.download(c.FileName(p)+".json", "application/json", file)
	}
	view := fetchedView{
		Number: c.Number, Salt: c.Salt, Complete: c.Complete(), Title: v.T("certificate.title"), Organisation: c.Organisation,
		Sections: c.Sections(v.p), Key: certificate.Key(c.Key), Hash: hex.EncodeToString(c.Hash[:]),
	}
	return v.show(page{title: v.T("certificate.title"), body: fetchedBody(view)})
}

// standingView is how a certificate stands, for the secretariat: nothing of it says
// whose it is, or what it says.
type standingView struct {
	departure.Standing
	Title string
	Rows  look.Rows
	Told  []string
}

func certificateStanding(v *visit) error {
	st, err := v.house.Departures.Standing(v.ctx(), v.actor, v.r.PathValue("number"))
	if err != nil {
		return err
	}
	zone := v.house.Charter.Location()
	view := standingView{Standing: st, Title: v.T("certificate.title") + " " + st.Certificate}
	view.Rows = look.Rows{
		{Term: v.T("leaving.column.state"), Value: look.Text(v.T("departure.state." + string(st.State)))},
		{Term: v.T("leaving.column.closed"), Value: look.Text(v.p.DateTime(st.ClosedAt, zone))},
		{Term: v.T("certificate.page.mark"), Value: look.Text(hex.EncodeToString(st.Hash[:]))},
	}
	for i := range st.Entries {
		e := &st.Entries[i]
		view.Rows = append(view.Rows, look.Row{
			Term: v.T("certificate.page.entry", "number", e.Seq), Value: look.Text(hex.EncodeToString(e.Fingerprint[:])), Note: v.p.DateTime(e.At, zone),
		})
	}
	for _, c := range st.Copies {
		said := v.T("certificate.page.copy_open")
		if !c.At.IsZero() {
			said = v.T("certificate.page.copy_done", "at", v.p.DateTime(c.At, zone))
		}
		view.Rows = append(view.Rows, look.Row{Term: v.T("certificate.page.copy"), Value: look.Text(c.Place), Note: said})
	}
	switch {
	case st.MadeAt.IsZero():
		view.Rows = append(view.Rows, look.Row{Term: v.T("certificate.page.fetch"), Value: look.Text(v.T("certificate.page.fetch_none"))})
	default:
		if !st.CompleteAt.IsZero() {
			view.Rows = append(view.Rows, look.Row{Term: v.T("certificate.page.complete"), Value: look.Text(v.p.DateTime(st.CompleteAt, zone))})
		}
		view.Rows = append(view.Rows, look.Row{Term: v.T("certificate.page.fetch"), Value: look.Text(v.T("certificate.page.until", "date", v.day(st.EndsAt)))})
	}
	for _, t := range st.Told {
		view.Told = append(view.Told, strings.Join([]string{t.Holder, certificate.Pointer(v.p, t.List, t.Line), v.T("certificate.told_state." + t.State)}, ", "))
	}
	return v.show(page{title: view.Title, tab: tabLeaving, body: standingBody(view)})
}
