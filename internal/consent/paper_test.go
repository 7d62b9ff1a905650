package consent_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/consent"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// printed are the pages of a PDF as a camera would see them, from the second on.
func printed(t *testing.T, write func(w *bytes.Buffer) error) (pages [][]byte, text string) {
	t.Helper()
	var file bytes.Buffer
	if err := write(&file); err != nil {
		t.Fatal(err)
	}
	read := exec.Command("pdftotext", "-layout", "-", "-")
	read.Stdin = bytes.NewReader(file.Bytes())
	said, err := read.Output()
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(t.TempDir(), "p")
	render := exec.Command("pdftoppm", "-r", "130", "-f", "2", "-jpeg", "-", root)
	render.Stdin = &file
	if out, err := render.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	names, _ := filepath.Glob(root + "*")
	for _, name := range names {
		page, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page)
	}
	return pages, string(said)
}

// N10, L5: a sheet is printed with nothing ticked, found again by its codes, cut into
// the lines of the persons on it, and counts as somebody has read it off it.
func TestN10SignedOnPaper(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, gentofte := f.Context(), f.Bodies["gentofte"]
		d := consent.Declared{Version: consent.Version{Unit: f.Bodies["party"], Number: 3}, At: f.Now(), Hashes: map[string]string{"da": "d3"}}
		f.Consents.Declarations = one{d}
		if _, err := f.Consents.PrintSheet(ctx, f.As("member"), gentofte, "da", true); err == nil {
			t.Error("a member prints a sheet of others")
		}
		sheet, err := f.Consents.PrintSheet(ctx, f.As("anna"), gentofte, "da", false)
		f.Must(err)
		pages, text := printed(t, func(w *bytes.Buffer) error { return sheet.Write(w) })
		if !strings.Contains(text, "version 3") || !strings.Contains(text, "d3") || strings.ContainsAny(text, "☑☒✓") {
			t.Errorf("the sheet says\n%s", text)
		}
		w, err := f.Consents.Paperwork(ctx, f.As("anna"), gentofte)
		f.Must(err)
		if len(w.Sheets) != 1 || w.Sheets[0].Out != sheet.Lines || len(w.Waiting) != 0 {
			t.Fatalf("printed %+v", w)
		}
		if came, err := f.Consents.Scan(ctx, f.As("other chair"), pages[0]); err == nil && came.Lines != 0 {
			t.Errorf("an officer of another body takes in %+v", came)
		}
		if _, err := f.Consents.Scan(ctx, f.As("anna"), []byte("%PDF-1.4")); key(err) != "document.scan.refused" {
			t.Errorf("no scan: %v", err)
		}
		lines := 0
		for _, page := range pages {
			came, err := f.Consents.Scan(ctx, f.As("anna"), page)
			f.Must(err)
			lines += came.Lines
		}
		owed := func() bool {
			found, err := f.Duties.OpenOf(ctx, duty.SettlePapers)
			f.Must(err)
			return len(found) == 1 && found[0].Unit == gentofte && found[0].Act == charter.Edit.String() && found[0].DueOn == f.Charter.Today(f.Now()).AddDays(7)
		}
		if lines != sheet.Lines || !owed() {
			t.Fatalf("%d of %d lines came in; owed: %v", lines, sheet.Lines, owed())
		}
		stands := func(person vault.PersonID, code string) (yes bool) {
			f.Must(f.DB.Read(ctx, func(q database.Querier) (err error) {
				yes, err = f.Consents.Stands(q, person, code)
				return err
			}))
			return yes
		}
		w, err = f.Consents.Paperwork(ctx, f.As("anna"), gentofte)
		f.Must(err)
		signed, unsigned := w.Waiting[0], w.Waiting[1]
		if stands(signed.Person, "open-page") {
			t.Error("a tick was guessed")
		}
		settle := func(l consent.Line, said consent.Said) error {
			return f.Consents.Settle(ctx, f.As("anna"), l.Person, l.Paper.ID, said)
		}
		if err := settle(signed, consent.Said{Gave: []string{"open-page"}}); key(err) != "consent.error.settle" {
			t.Errorf("a tick without a signature counts: %v", err)
		}
		f.Must(settle(signed, consent.Said{Signed: true, Gave: []string{"open-page"}}))
		if !stands(signed.Person, "open-page") || stands(signed.Person, "open-email") {
			t.Error("what was ticked does not stand, or what was not does")
		}
		if err := settle(signed, consent.Said{Signed: true}); key(err) != "consent.error.settled" {
			t.Errorf("entered twice: %v", err)
		}
		all, err := f.Consents.Of(ctx, f.As("anna"), signed.Person)
		f.Must(err)
		if c := all[0]; c.How != consent.BySheet || c.Line != signed.Paper.ID || c.Version.Number != 3 || c.Hash == "" {
			t.Errorf("the evidence: %+v", c)
		}
		if jpeg, err := f.Consents.Picture(ctx, f.As("anna"), signed.Person, signed.Paper.ID); err != nil || !bytes.HasPrefix(jpeg, []byte("\xFF\xD8")) {
			t.Errorf("the line as scanned: %v", err)
		}
		own := access.Actor{Person: signed.Person, Via: access.Web}
		if papers, err := f.Consents.PapersOf(ctx, own); err != nil || len(papers) != 1 || papers[0].ID != signed.Paper.ID || !papers[0].Pictured {
			t.Errorf("who signed sees %+v, %v", papers, err)
		}
		if _, err := f.Consents.Picture(ctx, own, signed.Person, signed.Paper.ID); err != nil {
			t.Errorf("who signed does not see their line: %v", err)
		}
		if _, err := f.Consents.Picture(ctx, f.As("other chair"), signed.Person, signed.Paper.ID); err == nil {
			t.Error("an officer of another body sees a line")
		}
		f.Must(settle(unsigned, consent.Said{}))
		if _, err := f.Consents.Picture(ctx, f.As("anna"), unsigned.Person, unsigned.Paper.ID); key(err) != "consent.error.no_paper" {
			t.Errorf("a line without a signature is kept: %v", err)
		}
		o, err := f.Consents.Overview(ctx, f.As("anna"), gentofte)
		f.Must(err)
		if !o.Current.Contains(uint32(signed.Person)) || o.Current.Contains(uint32(unsigned.Person)) {
			t.Error("L9: a signature does not prove informing, or its lack does")
		}

		// Withdrawal on behalf, and by code; a material change lets the rest count as asked again.
		f.Must(f.Consents.Withdraw(ctx, f.As("anna"), signed.Person, "open-page"))
		if stands(signed.Person, "open-page") {
			t.Error("taken back on behalf, it still stands")
		}
		rest := w.Waiting[2:]
		f.Must(f.DB.Write(ctx, func(tx *database.Tx) error { return f.Consents.Published(ctx, tx, f.Bodies["party"], 4, true) }))
		f.Must(settle(rest[0], consent.Said{Signed: true, Gave: []string{"open-page"}}))
		if stands(rest[0].Person, "open-page") {
			t.Error("an older text is agreed to and stands")
		}
		for _, l := range rest[1:] {
			f.Must(settle(l, consent.Said{Signed: true}))
		}
		if owed() {
			t.Error("all is entered and somebody owes it")
		}

		// N14: what did not come back goes after its days, what proves goes with what it proves.
		again, err := f.Consents.PrintSheet(ctx, f.As("anna"), gentofte, "da", true)
		f.Must(err)
		if ended, err := f.Consents.EndSheet(ctx, f.As("anna"), gentofte, again.Number); err != nil || ended != again.Lines {
			t.Errorf("ended %d, %v", ended, err)
		}
		_, err = f.Consents.PrintSheet(ctx, f.As("anna"), gentofte, "da", true)
		f.Must(err)
		gone, err := f.Consents.EndPapers(ctx, f.Now().AddDate(0, 0, 181))
		f.Must(err)
		if gone != again.Lines {
			t.Errorf("%d of %d go that never came back", gone, again.Lines)
		}
		gone, err = f.Consents.EndPapers(ctx, f.Now().AddDate(5, 0, 1))
		f.Must(err)
		if _, all, err := f.Consents.PapersDue(ctx, f.Now()); err != nil || gone != sheet.Lines-2 || all != 2 {
			t.Errorf("%d go, %d stay with their consents, %v", gone, all, err)
		}
	})
}

// The code that is typed is read however it is written, and a slip of the finger shows.
func TestN10CodesAsTyped(t *testing.T) {
	for range 200 {
		code := consent.NewCode()
		if got := consent.ReadCode(" " + strings.ToLower(consent.ShowCode(code)) + "-"); got != code {
			t.Fatalf("%q is read as %q", code, got)
		}
		wrong := []byte(code)
		if wrong[4] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[(strings.IndexByte("0123456789ABCDEFGHJKMNPQRSTVWXYZ", wrong[4])+1)%32]; consent.ReadCode(string(wrong)) != "" {
			t.Fatalf("%q passes for a code", wrong)
		}
	}
}

// The consents that hand-outs kept (kind 89) stay readable: the binary form as it was
// written before there was this room.
func TestL5OldConsentsStayReadable(t *testing.T) {
	at := time.Date(2026, 9, 1, 10, 0, 0, 0, time.UTC)
	w := record.Writer{}
	old := w.String(1, "minister").Strings(2, []string{"meeting"}).Time(3, at).Uint(4, 7).String(5, "page").String(6, "mappe 4").
		Time(7, at.AddDate(0, 1, 0)).Uint(8, 7).String(9, "page").String(10, "Må …").Bytes
	var c consent.Consent
	if err := consent.Disclosures.Decode(old, &c); err != nil {
		t.Fatal(err)
	}
	if c.Code != charter.DisclosureCode("minister") || c.How != consent.ByWeb || c.Paper != "mappe 4" || !c.GivenAt.Equal(at) || c.State(at) != consent.Withdrawn || c.Asked != "Må …" {
		t.Errorf("read as %+v", c)
	}
	if again := consent.Disclosures.Encode(nil, &c); !bytes.Equal(again, old) {
		t.Error("written again, it is another")
	}
}
