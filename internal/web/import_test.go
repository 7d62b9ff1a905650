package web_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kartotek/internal/app/housetest"
)

// send posts a file to the import page.
func (b *browser) send(content string) *answer {
	b.t.Helper()
	return b.upload("/import", "medlemmer.csv", content)
}

// upload posts a file and what stands beside it in the form.
func (b *browser) upload(path, name, content string, pairs ...string) *answer {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := form.WriteField(pairs[i], pairs[i+1]); err != nil {
			b.t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		b.t.Fatal(err)
	}
	part.Write([]byte(content))
	form.Close()
	r := httptest.NewRequest(http.MethodPost, "https://kartotek.example"+path, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

// settled waits until a run is over.
func (b *browser) settled() *answer {
	b.t.Helper()
	for range 600 {
		page := b.get("/import").want(http.StatusOK)
		if len(page.all("progress")) == 0 {
			return page
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.t.Fatal("the import never ends")
	return nil
}

// figure is a number of the result, by its place.
func (a *answer) figure(at int) string {
	a.t.Helper()
	all := a.all(".figures dd")
	if at >= len(all) {
		a.t.Fatalf("no figures: %s", squeeze(textOf(a.first("main"))))
	}
	return squeeze(textOf(all[at]))
}

const (
	read = iota
	created
	updated
	unchanged
	refused
	waiting // of an officer: new, and to be confirmed
)

// D1, N9: a file is looked at, tried, read and its refused rows corrected.
func TestD1ImportByPages(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "officer")
	start := b.get("/import").want(http.StatusOK)
	if enctype := attr(start.first(`form[action="/import"]`), "enctype"); enctype != "multipart/form-data" {
		t.Fatalf("the form sends %q", enctype)
	}
	start.says("main", "kommandolinjen")

	b.send("Medlemsnr;Navn;Mobil;Født;CPR;Skostørrelse;E-mail\r\n" +
		f.Number["neighbour"] + ";Inger Nabogaard;20 11 22 44;;230961-1234;38;inger@example.dk\r\n" +
		";BENT BJØRN;26 27 28 29;3/9 1970;230961-1235;44;bent@example.dk\r\n" +
		";Lille Peter;;1.5.2020;230961-1236;30;peter@example.dk\r\n" +
		";Else Elm;12;;230961-1237;39;else@\r\n").goes("/import")

	plan := b.get("/import").want(http.StatusOK)
	plan.says(".notice h2", "2 kolonner er udeladt")
	plan.says(".notice li", "CPR: Kolonnen indeholder personnumre")
	plan.says(".notice li", "Skostørrelse: Kartoteket har ikke det felt")
	plan.says("td", "Bent Bjørn")
	plan.says("td", "3. september 1970")
	plan.says("td .sub", "et barn under 15 år")
	plan.silent("230961")
	if len(plan.all(`select[name="column-5"]`)) != 0 {
		t.Error("a column of identity numbers is offered")
	}
	if got := attr(plan.first(`select[name="column-3"] option[selected]`), "value"); got != "mobile" {
		t.Errorf("mobile is guessed to be %q", got)
	}
	b.post("/import/columns", "", "column-3", "phone").goes("/import")
	if got := attr(b.get("/import").first(`select[name="column-3"] option[selected]`), "value"); got != "phone" {
		t.Errorf("the choice is %q", got)
	}

	b.post("/import/try", "", "column-3", "mobile").goes("/import")
	tried := b.settled()
	tried.says(".notice h2", "2 rækker vil blive afvist")
	for at, want := range map[int]string{read: "4", waiting: "1", updated: "1", unchanged: "0", refused: "2"} {
		if got := tried.figure(at); got != want {
			t.Errorf("figure %d is %s, want %s", at, got, want)
		}
	}
	b.get(card(f, "neighbour")).says(".index-rows dd", "20 11 22 33")
	b.post("/import/again", "").goes("/import")
	b.get("/import").want(http.StatusOK).says("button", "Prøv uden at gemme")

	b.post("/import/run", "").goes("/import")
	done := b.settled()
	done.says(".notice h2", "2 rækker blev afvist")
	done.says("tbody th", "Linje 4")
	done.says("tbody td", "Født")
	done.says("tbody td", "hører til et barn")
	done.says("tbody td", "Skriv den som navn@eksempel.dk")
	b.get(card(f, "neighbour")).says(".index-rows dd", "20 11 22 44")
	b.get("/moving").says("tbody th", "Bent Bjørn")

	file := b.get("/import/refused").want(http.StatusOK)
	if got := file.header.Get("Content-Disposition"); !strings.Contains(got, `filename="afviste-raekker.csv"`) {
		t.Errorf("the file is called %s", got)
	}
	file.silent("2020") // a child's date is kept nowhere
	file.silent("230961")
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.body, "\ufeff")))
	r.Comma = ';'
	rows, err := r.ReadAll()
	f.Must(err)
	if len(rows) != 3 {
		t.Fatalf("%d rows in the file", len(rows))
	}
	corrected := strings.NewReplacer("else@;", "else@example.dk;", ";12;", ";30 40 50 60;").Replace(file.body)
	b.send(corrected).goes("/import")
	b.post("/import/run", "").goes("/import")
	again := b.settled()
	if again.figure(waiting) != "2" || again.figure(refused) != "0" { // Peter without the date he has not
		t.Errorf("corrected: %s new, %s refused", again.figure(waiting), again.figure(refused))
	}
	b.post("/import/drop", "").goes("/import")
	b.get("/import").says("h2", "Vælg en fil")
	b.get("/import/refused").want(http.StatusGone)
}

// A file that cannot be read says why, and nothing of it is kept.
func TestImportRefusesFiles(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "officer")
	for content, want := range map[string]string{
		"PK\x03\x04…": "CSV",
		"":            "",
	} {
		a := b.send(content).want(http.StatusUnprocessableEntity)
		a.says("#file-error", want)
		b.get("/import").says("h2", "Vælg en fil")
	}
	b.post("/import/run", "").want(http.StatusGone)
	b.send("Navn;Mobil\nIda Is;"+strings.Repeat("9", 64<<20)).want(http.StatusUnprocessableEntity).says("#file-error", "kommandolinjen")
	as(t, f, "treasurer").send("Navn\nIda Is\n").want(http.StatusForbidden)
}

// Where no column is known the columns are chosen by hand, unseen.
func TestImportByChosenColumns(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "anna")
	b.send("Hvem;Xyz;Qqq\nOda Olsen;oda@example.dk;230961-1234\n").goes("/import")
	page := b.get("/import").want(http.StatusOK)
	page.says(".notice h2", "Vi kender ikke kolonnerne")
	page.silent("Oda")
	b.post("/import/columns", "", "column-1", "name", "column-2", "email", "column-3", "-", "unit", "odense").goes("/import")
	page = b.get("/import").want(http.StatusOK)
	page.says("td", "Oda Olsen")
	page.silent("230961")
	if got := attr(page.first(`select[name="unit"] option[selected]`), "value"); got != "odense" {
		t.Errorf("the body is %q", got)
	}
	b.post("/import/run", "", "unit", "odense").goes("/import")
	b.settled().says(".notice h2", "Alle rækker er læst ind")
	b.post("/members", "", "q", "oda olsen").says("tbody td", "Odense")
}

// One import at a time a person; another session begins anew.
func TestOneImportAPerson(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "officer")
	b.send(many(400_000)).goes("/import")
	other := as(t, f, "officer")
	other.get("/import").want(http.StatusOK).says("h2", "Vælg en fil")
	b.get("/import").says("button", "Læs ind nu")
	b.post("/import/run", "").goes("/import")
	b.header.Set("X-Region", "import")
	running := b.get("/import").want(http.StatusOK)
	b.header.Del("X-Region")
	if len(running.all("progress")) != 1 {
		t.Fatalf("no progress shows: %s", squeeze(textOf(running.page)))
	}
	if got := attr(running.first(`[data-region="import"]`), "data-poll"); got != "/import" {
		t.Errorf("polls %q", got)
	}
	b.send("Navn\nIda Is\n").want(http.StatusUnprocessableEntity).says("#file-error", "allerede")
	b.post("/import/run", "").want(http.StatusConflict)
	b.post("/import/stop", "").goes("/import")
	done := b.settled()
	done.says(".notice h2", "Du stoppede")
	if got := done.figure(waiting); got == "0" || got == "400.000" {
		t.Errorf("stopped after %s", got)
	}
	page := b.get("/import")
	if got := attr(page.first(`[data-region="import"]`), "data-poll"); got != "" {
		t.Error("goes on asking after the end")
	}
}

func many(rows int) string {
	var file strings.Builder
	file.WriteString("Fornavn;Efternavn;E-mail\n")
	for i := range rows {
		fmt.Fprintf(&file, "Test;Nummer;t%d@example.dk\n", i)
	}
	return file.String()
}

// Nothing of a file touches the disk in clear: not the upload, not the refused rows.
func TestImportLeavesNoFile(t *testing.T) {
	f := housetest.New(t)
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	b := as(t, f, "officer")
	b.send("Fornavn;Efternavn;Mobil\n" + strings.Repeat("Zebulon;Quackenbush;12\n", 100_000)).goes("/import")
	b.post("/import/run", "").goes("/import")
	done := b.settled()
	if done.figure(refused) != "100.000" {
		t.Errorf("%s refused", done.figure(refused))
	}
	done.says("caption small", "De første 100 fejl")
	if len(done.all("tbody tr")) != 25 {
		t.Errorf("%d rows on a page", len(done.all("tbody tr")))
	}
	b.get("/import?page=2").says("tbody th", "Linje 27")
	if got := strings.Count(b.get("/import/refused").body, "Quackenbush"); got != 100_000 {
		t.Errorf("%d rows in the file", got)
	}
	for _, dir := range []string{tmp, f.Config.Data, f.Config.Keys} {
		f.Must(filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			if bytes.Contains(content, []byte("Quackenbush")) {
				t.Errorf("%s holds a row of the file", path)
			}
			return err
		}))
	}
}
