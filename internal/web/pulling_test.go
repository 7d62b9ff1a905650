package web_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/member"
	"kartotek/internal/web/browsertest"
)

// Files they want: every kind is chosen on the form, comes as what it is called,
// and the list says afterwards what only its writing could tell.
func TestFilesOfAllKinds(t *testing.T) {
	f := housetest.New(t)
	f.Must(f.Members.SetReturned(f.Context(), f.Scope("officer", access.Want{Act: charter.Edit}), f.Person("neighbour"), member.ByLetter, f.Access.Today()))
	b := as(t, f, "officer")
	for i, c := range []struct{ format, kind, name, begins string }{
		{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx", "PK"},
		{"pdf", "application/pdf", ".pdf", "%PDF-"},
		{"vcf", "text/vcard; charset=utf-8", ".vcf", "BEGIN:VCARD"},
		{"envelopes", "application/pdf", ".pdf", "%PDF-"},
		{"labels", "application/pdf", ".pdf", "%PDF-"},
	} {
		a := b.post("/lists/pull", "/lists/pull", "purpose", "meeting-notice", "format", c.format, "promise", "yes",
			"per", "member", "sheet", "L7163", "start", "3", "envelope", "C5").want(http.StatusOK)
		if got := a.header.Get("Content-Type"); got != c.kind {
			t.Errorf("%s: the type is %s", c.format, got)
		}
		if got := a.header.Get("Content-Disposition"); !strings.HasSuffix(got, c.name) || !strings.HasPrefix(a.body, c.begins) {
			t.Errorf("%s: %s begins %.12q", c.format, got, a.body)
		}
		if i == 0 {
			book, err := excelize.OpenReader(strings.NewReader(a.body))
			f.Must(err)
			rows, err := book.GetRows("Liste 1")
			if err != nil || len(rows) != 7 {
				t.Errorf("%v, %d rows", err, len(rows))
			}
		}
	}
	page := b.get("/lists").want(http.StatusOK)
	page.says("tbody th", "Regneark")
	page.says("tbody th", "Etiketter L7163")
	page = b.get("/lists/5").want(http.StatusOK)
	page.says(".notice", "Se på filen, før du bruger den")
	page.says(".notice", "Ét medlem har fået ingen: breve kommer retur.")
	page.says(".notice", "3 medlemmer har fået ingen: der er intet at nå dem på.")
	page.says(".notice", "2 i filen, for 6 medlemmer.")
	page.says("dd", "Etiketter L7163")
	if b.get("/lists/1").first(".notice") != nil {
		t.Error("a workbook that is whole asks for a look")
	}
}

// What cannot be had is refused on the form, at the field, with what was chosen.
func TestFilesRefusedOnTheForm(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "officer")
	for _, c := range []struct {
		name  string
		pairs []string
		field string
		says  string
	}{
		{"no address on it", []string{"purpose", "newsletter", "format", "labels"}, "#format", "Formålet Nyhedsbrev har ikke"},
		{"contacts of households", []string{"purpose", "dues", "format", "vcf", "per", "household"}, "#per", "pr. medlem"},
		{"no such sheet", []string{"purpose", "dues", "format", "labels", "sheet", "X"}, "#sheet", "L7160"},
		{"past the sheet", []string{"purpose", "dues", "format", "labels", "sheet", "L7163", "start", "15"}, "#start", "fra 1 til 14"},
		{"no number", []string{"purpose", "dues", "format", "labels", "start", "øverst"}, "#start", "fra 1 til 21"},
	} {
		a := b.post("/lists/pull", "", append(c.pairs, "promise", "yes")...).want(http.StatusUnprocessableEntity)
		a.says(".error-summary a", c.says)
		if got := attr(a.first(".error-summary a"), "href"); got != c.field || a.first(c.field) == nil {
			t.Errorf("%s: the problem leads to %q", c.name, got)
		}
	}
	a := b.post("/lists/pull", "", "purpose", "dues", "format", "labels", "sheet", "L7163", "start", "15", "per", "household", "promise", "yes")
	for _, chosen := range []string{`input[value="labels"]`, `input[value="household"]`} {
		if !has(a.first(chosen), "checked") {
			t.Errorf("%s is forgotten", chosen)
		}
	}
	if attr(a.first("#start"), "value") != "15" {
		t.Error("the label is forgotten")
	}
	b.get("/lists").says(".empty", "Du har ingen lister ude")
}

// The sheet is shown as it lies in the printer; pointing at a label goes back to
// the form with everything chosen, none of it personal.
func TestPointAtTheFirstLabel(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "anna")
	page := b.get("/lists/labels?unit=gentofte&purpose=dues&per=household&sheet=L7163&start=5").want(http.StatusOK)
	labels := page.all(".label-sheet a")
	if len(labels) != 14 || len(page.all(".label-sheet .used")) != 4 || attr(labels[4], "aria-current") != "true" {
		t.Fatalf("%d labels", len(labels))
	}
	form := b.get(attr(labels[7], "href")).want(http.StatusOK)
	for _, chosen := range []string{`input[value="labels"]`, `input[value="household"]`, `input[value="dues"]`} {
		if !has(form.first(chosen), "checked") {
			t.Errorf("%s is forgotten", chosen)
		}
	}
	if attr(form.first("#start"), "value") != "8" || attr(form.first(`#sheet option[selected]`), "value") != "L7163" {
		t.Error("the label is forgotten")
	}
	form.says(".slip dd", "Gentofte")
	b.get("/lists/labels?sheet=nonsense&start=99").want(http.StatusOK)
}

// A browser takes a workbook and a printed list, without scripts too.
func TestFilesInABrowser(t *testing.T) {
	t.Parallel()
	chromium := browsertest.Start(t)
	for _, trip := range []trip{{lang: "da", width: 390, height: 844, phone: true}, {lang: "da", width: 1280, height: 900, noScripts: true}} {
		j := set(t, chromium, trip)
		tab := j.as(t, j.login(t, "treasurer", 0).Person)
		for _, c := range []struct{ format, ending, begins string }{{"xlsx", ".xlsx", "PK"}, {"pdf", ".pdf", "%PDF"}} {
			j.to(tab, "web.tab.lists")
			tab.Go(j.T("lists.pull.title"))
			tab.Choose(j.purpose(t, "dues"))
			tab.Choose(j.T("extract.format." + c.format))
			tab.Choose(j.T("lists.pull.promise"))
			name, file := tab.Download(func() { tab.Press(j.T("lists.pull.act")) })
			if !strings.HasSuffix(name, c.ending) || !bytes.HasPrefix(file, []byte(c.begins)) || len(file) < 2000 {
				t.Errorf("%s of %d bytes", name, len(file))
			}
		}
		tab.Go(j.T("lists.pull.mine"))
		tab.Says("tbody", j.T("extract.format.xlsx"))
		tab.Visit("/lists/labels?sheet=3474")
		j.check(tab)
		tab.Visit("/lists/pull?purpose=dues&format=labels")
		j.check(tab)
	}
}
