package procedure

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kartotek/internal/charter"
)

var update = flag.Bool("update", false, "write the golden files anew")

func load(t *testing.T, name string) *charter.Charter {
	t.Helper()
	c, err := charter.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// lines are a text as it is read, without the limits that no sentence speaks of: those
// a test of their own holds against the charter.
func lines(text *Text) string {
	var b strings.Builder
	b.WriteString(text.Title + "\n" + text.Lead + "\n")
	for i := range text.Sections {
		if text.Sections[i].Code == "limits" {
			continue
		}
		b.WriteString("\n" + number(i) + " ")
		for _, line := range text.Sections[i].passages() {
			if line != "" {
				b.WriteString(line + "\n")
			}
		}
	}
	return b.String()
}

// Each document in each language of each charter, as it is read.
func TestD15TheTextsReadAsTheyShould(t *testing.T) {
	for _, name := range charter.Shipped() {
		c := load(t, name)
		for _, code := range Codes() {
			for _, lang := range c.Languages {
				p := c.Printer(lang)
				text := compose(code, c, p, c.Name.In(lang), nil)
				got := lines(&text)
				if strings.Contains(got, "⟦") || strings.Contains(got, "{{") {
					t.Errorf("%s %s %s: a message is missing", name, code, lang)
				}
				file := filepath.Join("testdata", name+"."+string(code)+"."+lang+".txt")
				if *update {
					if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if got != string(want) {
					t.Errorf("%s is not what is written now; go test ./internal/procedure -update, and read it", file)
				}
			}
		}
	}
}

// governing are the limits that govern access and keeping: each has a sentence of its
// own, in one of the two documents.
var governing = []string{
	"list-days", "window-days", "second-pair-ends-window", "bookkeeping-years", "accounting-year-month", "reviews-per-year",
	"answer-months", "answer-more-months", "breach-hours", "minimum-age", "special-category", "access-history-years", "cover-days",
	"backup-days", "drill-months", "certificate-years", "report-minimum", "publish-days", "list-record-years", "list-line-days",
	"journal-years", "signin-days", "sweep-share-percent", "sweep-minimum", "sweep-postpone-days", "non-payment-months",
	"transfer-answer-days", "transfer-additions-wait", "transfer-addition-days", "transfer-dual", "hold-months",
	"silent-investigations", "grant-months", "grant-answer-days", "grant-second-person",
}

// Every key of the charter's table is said in one of the documents, those that govern
// access and keeping in a sentence, and the rest with their source.
func TestD15EveryLimitOfTheCharterIsSaid(t *testing.T) {
	for _, name := range charter.Shipped() {
		c := load(t, name)
		w := &writer{c: c, p: c.Printer("en"), said: map[string]bool{}}
		w.keeping(nil)
		sections := w.access()
		for _, limit := range c.Table() {
			if limit.Post == nil && !w.said[limit.Code] {
				t.Errorf("%s: nothing says %s", name, limit.Code)
			}
		}
		rest := sections[len(sections)-1]
		if rest.Code != "limits" || len(rest.Facts) == 0 {
			t.Fatalf("%s: the last section is %q", name, rest.Code)
		}
		for _, code := range governing {
			limit, known := c.Limit(code)
			if !known {
				t.Errorf("%s: no limit %s", name, code)
			}
			for _, f := range rest.Facts {
				if f.Term == limit.Label(w.p) {
					t.Errorf("%s: %s has no sentence of its own", name, code)
				}
			}
		}
	}
}

// What does not apply is not there: a charter without requisitions and without an extra
// post has no section about them (D10, D13).
func TestD15WhatDoesNotApplyIsNotThere(t *testing.T) {
	for name, want := range map[string]bool{"party-dk": true, "club-no": false} {
		c := load(t, name)
		text := compose(Procedure, c, c.Printer("en"), "x", nil)
		for _, code := range []string{"d10", "d13"} {
			if (find(text.Sections, code) != nil) != want {
				t.Errorf("%s: section %s is there: %v", name, code, !want)
			}
		}
		for _, code := range []string{"d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8", "d9", "d11", "d12", "d14", "d15"} {
			if find(text.Sections, code) == nil {
				t.Errorf("%s: no section %s", name, code)
			}
		}
	}
}

// Another value in the charter is another text, in every language.
func TestD15AnotherValueIsAnotherText(t *testing.T) {
	src, _, err := charter.Resolve("party-dk")
	if err != nil {
		t.Fatal(err)
	}
	before := load(t, "party-dk")
	for _, change := range []struct {
		code     Code
		was, now string
	}{
		{Guideline, "[parameters.list-days] # D12: the latest day, sooner when the purpose ends\nvalue = 30", "[parameters.list-days]\nvalue = 28"},
		{Procedure, "[parameters.window-days] # D7: hidden at once, erased when the window ends\nvalue = 3", "[parameters.window-days]\nvalue = 5"},
		{Procedure, "[parameters.second-pair-ends-window] # D7\nvalue = true", "[parameters.second-pair-ends-window]\nvalue = false"},
		{Procedure, "over-members = 200", "over-members = 250"},
		{Procedure, "[grants.months]\nvalue = 12", "[grants.months]\nvalue = 6"},
		{Procedure, "decided-by = [\"board\", \"general-meeting\"]", "decided-by = [\"board\"]"},
		{Procedure, `may = ["search", "view", "edit", `, `may = ["search", "view", `},
		{Guideline, "[parameters.backup-days] # D7: whoever was erased is in it as bytes that no key opens\nvalue = 90", "[parameters.backup-days]\nvalue = 60"},
		{Procedure, "[dues.reminder-days]\nvalue = 14", "[dues.reminder-days]\nvalue = 15"},
	} {
		if !bytes.Contains(src, []byte(change.was)) {
			t.Fatalf("the charter has no %q", change.was)
		}
		after, err := charter.Parse(bytes.Replace(src, []byte(change.was), []byte(change.now), 1), "changed.toml")
		if err != nil {
			t.Fatal(err)
		}
		for _, lang := range before.Languages {
			was := compose(change.code, before, before.Printer(lang), "x", nil)
			now := compose(change.code, after, after.Printer(lang), "x", nil)
			if len(Compare(&was, &now)) == 0 {
				t.Errorf("%s: %q changes nothing", lang, change.now)
			}
		}
	}
}

// A difference tells the words that changed, and nothing else.
func TestD15DifferencesTellWhatChanged(t *testing.T) {
	was := Text{Title: "t", Sections: []Section{
		{Code: "a", Heading: "A", Text: []string{"stays as it is", "destroyed after 30 days at the latest", "goes away entirely now"}},
		{Code: "b", Heading: "B", Text: []string{"gone"}},
	}}
	now := Text{Title: "t", Sections: []Section{
		{Code: "a", Heading: "A", Text: []string{"stays as it is", "destroyed after 28 days at the latest", "something quite different comes"}},
		{Code: "c", Heading: "C", Note: "new"},
	}}
	got, err := json.Marshal(Compare(&was, &now))
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"code":"a","heading":"A","changes":[` +
		`{"was":[{"text":"destroyed after"},{"text":"30","differs":true},{"text":"days at the latest"}],"now":[{"text":"destroyed after"},{"text":"28","differs":true},{"text":"days at the latest"}]},` +
		`{"was":[{"text":"goes away entirely now"}]},{"now":[{"text":"something quite different comes"}]}]},` +
		`{"code":"c","heading":"C","whole":"added","changes":[{"now":[{"text":"C"}]},{"now":[{"text":"new"}]}]},` +
		`{"code":"b","heading":"B","whole":"removed","changes":[{"was":[{"text":"B"}]},{"was":[{"text":"gone"}]}]}]`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
