package procedure_test

import (
	"bytes"
	"io"
	"os/exec"
	"strings"
	"testing"

	"kartotek/internal/app/housetest"
	"kartotek/internal/duty"
	"kartotek/internal/extract"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/procedure"
)

// read is a PDF as poppler reads it, and how many pages it has.
func read(t *testing.T, file []byte) (text string, pages string) {
	t.Helper()
	for _, args := range [][]string{{"pdftotext", "-layout", "-", "-"}, {"pdfinfo", "-"}} {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Stdin = bytes.NewReader(file)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		if args[0] == "pdfinfo" {
			_, pages, _ = strings.Cut(string(out), "Pages:")
			pages, _, _ = strings.Cut(pages, "\n")
			return text, strings.TrimSpace(pages)
		}
		text = strings.Join(strings.Fields(string(out)), " ")
	}
	return text, pages
}

// A body's paper is one page: who has access with posts and terms, which lists are out,
// what comes, whom to call, two signatures, and no member. It is journaled.
func TestD8TheYearPaperIsOnePage(t *testing.T) {
	f := housetest.New(t)
	ctx := f.Context()
	d, err := f.Extracts.Pull(ctx, f.As("officer"), extract.Wish{Purpose: "newsletter", Format: extract.CSV, Lang: "da"})
	f.Must(err)
	f.Must(d.Write(ctx, io.Discard))
	f.Must(f.DB.Write(ctx, addDuty(f, duty.Duty{Kind: duty.Transfer, Subject: 9, Unit: f.Bodies["gentofte"], Act: "access", DueOn: f.Access.Today().AddDays(20)})))
	paper, err := f.Procedures.YearPaper(ctx, f.As("chair"), f.Bodies["gentofte"])
	f.Must(err)
	other, err := f.Procedures.YearPaper(ctx, f.As("anna"), f.Bodies["lyngby"])
	f.Must(err)
	var one, both bytes.Buffer
	p := f.Charter.Printer("da")
	f.Must(f.Procedures.PrintPapers(&one, []procedure.YearPaper{paper}, p, f.Now()))
	f.Must(f.Procedures.PrintPapers(&both, []procedure.YearPaper{paper, other}, p, f.Now()))
	text, pages := read(t, one.Bytes())
	if pages != "1" {
		t.Errorf("%s pages", pages)
	}
	for _, want := range []string{"Årsark: Gentofte", "Carl Formandsen, Formand", "Mette Medlemsgaard", "Liste 1", "Svar på sag 9", "Afgående formand", "Ny formand", "Spørg i sekretariatet"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not on the paper: %s", want, text)
		}
	}
	for _, never := range []string{"Quistorff", "Nabogaard", "Lyngholm"} {
		if strings.Contains(text, never) {
			t.Errorf("%q is on the paper", never)
		}
	}
	if text, pages := read(t, both.Bytes()); pages != "2" || !strings.Contains(text, "Årsark: Lyngby") {
		t.Errorf("both on %s pages", pages)
	}
	found, err := f.Journal.Recent(ctx, journal.Filter{Act: journal.YearPaper}, journal.Page{Limit: 5})
	f.Must(err)
	if len(found.Lines) != 2 || found.Lines[1].Count != 3 {
		t.Errorf("the journal says %+v", found.Lines)
	}
	for who, body := range map[string]string{"other chair": "gentofte", "member": "gentofte"} {
		if _, err := f.Procedures.YearPaper(ctx, f.As(who), f.Bodies[body]); !fault.Is(err, fault.Denied) {
			t.Errorf("%s makes the paper of %s: %v", who, body, err)
		}
	}
}

// What is known to come is told before there is a duty, to whoever will answer for it,
// and moves with the charter's values.
func TestD14TheYearKnowsWhatComes(t *testing.T) {
	f := housetest.New(t)
	today := f.Access.Today()
	all, err := f.Duties.AheadIn(f.Context(), f.Bodies["gentofte"], today.AddDays(1), today.AddDays(3*365))
	f.Must(err)
	count := map[string]int{}
	for _, a := range all {
		count[a.Code]++
		if a.Unit == 0 && !a.Each {
			t.Errorf("%+v is not the body's", a)
		}
	}
	if count["term"] != 3 || count["review-answer"] != 6 || count["notice"] < 3 || count["meeting"] != 3 {
		t.Errorf("in three years there come %v", count)
	}
	office, err := f.Duties.Ahead(f.Context(), duty.Responsible{Acts: everything}, today.AddDays(1), today.AddDays(365))
	f.Must(err)
	count = map[string]int{}
	for _, a := range office {
		count[a.Code]++
	}
	if count["review"] != 2 || count["dues"] != 1 || count["unpaid"] != 1 || count["term"] != 0 {
		t.Errorf("for the secretariat there come %v", count)
	}
}
