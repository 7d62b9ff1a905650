package agreement_test

import (
	"bytes"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"kartotek/internal/agreement"
	"kartotek/internal/app/housetest"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/seal"
)

// asClubs makes the party's charter one of a processor and controllers below it.
func asClubs(source string) string {
	source = strings.Replace(source, `controller = "controller" # L10`, `controller = "processor"`, 1)
	return strings.ReplaceAll(source, `controller = "joint"`, `controller = "controller"`)
}

// tool runs one of poppler's programs on a file.
func tool(t *testing.T, file []byte, name string, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "avtale.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(name, append(args, path)...).Output()
	if name == "pdftotext" {
		out, err = exec.Command(name, "-layout", path, "-").Output()
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return string(out)
}

// N2, N12, L10, D7: from the round to the sealed PDF on both sides, what a new
// sub-processor starts, and what stays when whoever signed leaves.
func TestN2FromTheRoundToTheSealedPDF(t *testing.T) {
	housetest.EachUnder(t, asClubs, func(t *testing.T, f *housetest.Fixture) {
		ctx, s, body := f.Context(), f.Agreements, f.Bodies["gentofte"]
		open := func(kind duty.Kind, who string) int {
			t.Helper()
			all, err := f.Duties.OpenOf(ctx, kind)
			f.Must(err)
			n := 0
			for _, d := range all {
				if d.Person == f.Person(who) {
					n++
				}
			}
			return n
		}
		refused := func(err error, code fault.Code) {
			t.Helper()
			if !fault.Is(err, code) {
				t.Fatalf("refused as %v, want %v", err, code)
			}
		}
		today := f.Access.Today()
		mandate := agreement.Mandate{Meeting: "board", On: today.AddDays(-3), Item: "punkt 4"}

		_, err := s.Ask(ctx, f.As("chair"))
		refused(err, fault.Denied)
		asked, err := s.Ask(ctx, f.As("anna"))
		f.Must(err)
		if asked != 4 || open(duty.SignAgreement, "chair") != 1 || open(duty.SignAgreement, "other chair") != 1 {
			t.Fatalf("%d asked", asked)
		}
		if again, err := s.Ask(ctx, f.As("bo")); err != nil || again != 0 {
			t.Error("who was asked is asked again:", again, err)
		}
		_, err = s.Sign(ctx, f.As("treasurer"), body, agreement.Signing{Mandate: mandate})
		refused(err, fault.Denied)
		_, err = s.Sign(ctx, f.As("other chair"), body, agreement.Signing{Mandate: mandate})
		refused(err, fault.Denied)
		_, err = s.Sign(ctx, f.As("chair"), body, agreement.Signing{Mandate: agreement.Mandate{Meeting: "board", On: today.AddDays(1)}})
		refused(err, fault.Invalid)
		_, err = s.Sign(ctx, f.As("chair"), body, agreement.Signing{Mandate: mandate, Scan: []byte("MZ no paper")})
		refused(err, fault.Invalid)

		a, err := s.Sign(ctx, f.As("chair"), body, agreement.Signing{Mandate: mandate})
		f.Must(err)
		if open(duty.SignAgreement, "chair") != 0 || open(duty.ReceiveAgreement, "anna") != 1 {
			t.Error("the duty has not moved on")
		}
		_, err = s.Countersign(ctx, f.As("anna"), a.Number)
		refused(err, fault.Conflict)
		_, err = s.Return(ctx, f.As("bo"), a.Number, " ")
		refused(err, fault.Invalid)
		_, err = s.Return(ctx, f.As("bo"), a.Number, "Referatet mangler")
		f.Must(err)
		d, err := s.Dossier(ctx, f.As("chair"), mustNow(f, a.Number))
		f.Must(err)
		if d.Returned != "Referatet mangler" || open(duty.SignAgreement, "chair") != 1 {
			t.Error("whoever signed is not told why")
		}
		scan := []byte("%PDF-1.4 signed by hand")
		_, err = s.Sign(ctx, f.As("chair"), body, agreement.Signing{Mandate: mandate, Scan: scan})
		f.Must(err)
		_, err = s.Accept(ctx, f.As("bo"), a.Number)
		f.Must(err)
		_, err = s.Countersign(ctx, f.As("chair"), a.Number)
		refused(err, fault.Denied)
		done, err := s.Countersign(ctx, f.As("anna"), a.Number)
		f.Must(err)
		if done.State != agreement.Concluded {
			t.Fatal(done.State)
		}
		_, err = s.Sealed(ctx, f.As("treasurer"), a.Number)
		refused(err, fault.Denied)
		paper, err := s.Sealed(ctx, f.As("chair"), a.Number)
		f.Must(err)
		again, err := s.Sealed(ctx, f.As("anna"), a.Number)
		f.Must(err)
		if !bytes.Equal(paper, again) {
			t.Error("the two sides hold different papers")
		}
		if said := tool(t, paper, "pdfsig"); !strings.Contains(said, "Signature is Valid.") || !strings.Contains(said, "Total document signed") {
			t.Error(said)
		}
		r, err := seal.Verify(paper)
		f.Must(err)
		if !r.Sound {
			t.Error("the seal does not hold")
		}
		text := tool(t, paper, "pdftotext")
		pages := strings.Split(strings.TrimRight(text, "\f"), "\f")
		last := pages[len(pages)-1]
		for _, want := range []string{"Carl Formandsen", "Anna Ankerstjerne", "Bo Bregnerød", "punkt 4", "Formand"} {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in the agreement", want)
			}
		}
		whole := strings.Join(strings.Fields(last), "")
		if !strings.Contains(whole, hex.EncodeToString(done.Hash)) || !strings.Contains(last, "kartotek/journal") || !regexp.MustCompile(`blad \d+ af \d+`).MatchString(last) {
			t.Errorf("the last page proves nothing:\n%s", last)
		}
		m := regexp.MustCompile(`blad (\d+) af (\d+)`).FindStringSubmatch(last)
		if m != nil {
			index, _ := strconv.Atoi(m[1])
			size, _ := strconv.Atoi(m[2])
			if index >= size {
				t.Error(m)
			}
		}

		// N12: a new sub-processor is told of in time, and a body may say no.
		x := agreement.Processor{Unit: done.With, Name: "Mailhuset ApS", Address: "Havnegade 1, Aarhus", Contact: "dpo@mailhuset.example", Country: "DK", Transfer: "eea",
			Task: "sender e-mail", Purposes: []string{"newsletter"}, Fields: []string{"given", "email"}}
		_, err = s.AddProcessor(ctx, f.As("chair"), x, nil)
		refused(err, fault.Denied)
		bad := x
		bad.Country = "US"
		_, err = s.AddProcessor(ctx, f.As("anna"), bad, nil)
		refused(err, fault.Invalid)
		x, err = s.AddProcessor(ctx, f.As("anna"), x, []byte("%PDF-1.4 the agreement with them"))
		f.Must(err)
		if x.From != today.AddDays(f.Charter.Agreements.NoticeDays.Value) || x.Holder == 0 || open(duty.ProcessorChange, "chair") != 1 || open(duty.ProcessorChange, "other chair") != 0 {
			t.Errorf("%+v", x)
		}
		under := x
		under.Parent, under.Name, under.Contact, under.Country, under.Transfer = x.ID, "Cloud Inc.", "privacy@cloud.example", "US", "dpf"
		under, err = s.AddProcessor(ctx, f.As("anna"), under, nil)
		f.Must(err)
		own := x
		own.Unit, own.Parent, own.Name = body, 0, "Trykkeriet"
		_, err = s.AddProcessor(ctx, f.As("chair"), own, nil)
		f.Must(err)
		chain, err := s.Processors(ctx, body)
		f.Must(err)
		elsewhere, err := s.Processors(ctx, f.Bodies["lyngby"])
		f.Must(err)
		if len(chain) != 3 || chain[1].Name != "Cloud Inc." || chain[1].Depth != 1 || len(elsewhere) != 2 {
			t.Errorf("%+v", chain)
		}
		if file, err := s.ProcessorFile(ctx, f.As("chair"), x.ID); err != nil || len(file) == 0 {
			t.Error("the agreement with a sub-processor is not shown on request:", err)
		}
		_, err = s.ProcessorFile(ctx, f.As("treasurer"), x.ID)
		refused(err, fault.Denied)
		f.Must(s.Answer(ctx, f.As("chair"), under.ID, body, false, ""))
		f.Must(s.Answer(ctx, f.As("chair"), x.ID, body, true, "Vi vil ikke have flere led"))
		refused(s.Answer(ctx, f.As("chair"), x.ID, body, true, "igen"), fault.Conflict)
		against, err := s.Objections(ctx, f.As("anna"), x.ID)
		f.Must(err)
		if len(against) != 1 || open(duty.AnswerObjection, "anna") != 1 {
			t.Fatalf("%+v", against)
		}
		f.Must(s.Settle(ctx, f.As("anna"), against[0].ID, true, "Vi bruger dem ikke"))
		if chain, _ = s.Processors(ctx, body); len(chain) != 1 || open(duty.AnswerObjection, "anna") != 0 {
			t.Errorf("%+v", chain)
		}

		// N2: who is waited for is reminded once a day, and it is counted.
		reminded, err := s.Remind(ctx, f.As("bo"), 0)
		f.Must(err)
		if reminded != 1 { // the others have nobody who signs
			t.Errorf("%d reminded", reminded)
		}
		_, err = s.Remind(ctx, f.As("bo"), f.Bodies["lyngby"])
		refused(err, fault.Conflict)
		_, err = s.Sign(ctx, f.As("other chair"), f.Bodies["lyngby"], agreement.Signing{Mandate: mandate, Read: "of another text"})
		refused(err, fault.Conflict)

		// N2, N12: a sub-processor that gets data has the agreement signed anew, one that is
		// only announced, or that has ended, does not.
		y := x
		y.ID, y.Name, y.Contact = 0, "Postvognen", "dpo@postvognen.example"
		y, err = s.AddProcessor(ctx, f.As("anna"), y, nil)
		f.Must(err)
		stands := func(stale string) {
			t.Helper()
			st, err := s.State(ctx, body)
			if err != nil || st.Number != done.Number || st.Stale != stale {
				t.Errorf("%+v, %v; want %q", st, err, stale)
			}
		}
		stands("")
		f.Clock.Add(time.Duration(f.Charter.Agreements.NoticeDays.Value+1) * 24 * time.Hour)
		stands(agreement.NewChain)
		f.Must(s.EndProcessor(ctx, f.As("anna"), y.ID))
		stands("")

		st, err := s.Status(ctx, f.As("anna"), agreement.Open, "lyng")
		f.Must(err)
		if st.Counts[agreement.Concluded] != 1 || st.Counts[agreement.Open] != 3 || len(st.Lines) != 1 || st.Lines[0].Name != "Lyngby" {
			t.Errorf("%+v", st)
		}

		// D7: whoever signed leaves. The agreement keeps the name until a day that the
		// certificate tells, and then it goes; the body is asked to sign anew.
		kept, err := s.Kept(ctx, f.Person("chair"))
		f.Must(err)
		if len(kept) != 1 || kept[0].Until.Year != today.Year+f.Charter.Agreements.KeepYears.Value {
			t.Errorf("%+v", kept)
		}
		_, err = f.Departures.Close(ctx, f.As("anna"), f.Person("chair"), "resignation", true)
		f.Must(err)
		e, err := f.Departures.Confirm(ctx, f.As("bo"), f.Person("chair"))
		f.Must(err)
		if len(e.Certificate.Kept) != 1 || !strings.Contains(e.Certificate.Kept[0].Text(f.Charter.Printer("da")), "Gentofte") {
			t.Errorf("the certificate tells %+v", e.Certificate.Kept)
		}
		f.Must(s.Daily(ctx))
		now, force, err := s.Current(ctx, body)
		f.Must(err)
		if now.State != agreement.Open || now.Why != agreement.NewSign || force.Number != a.Number {
			t.Errorf("%s %s", now.State, now.Why)
		}
		f.Clock.Add(time.Duration(f.Charter.Agreements.KeepYears.Value*366+2) * 24 * time.Hour)
		ended, err := s.End(ctx, f.Clock.Now())
		f.Must(err)
		if ended == 0 {
			t.Error("nothing ended")
		}
		_, err = s.Sealed(ctx, f.As("anna"), a.Number)
		refused(err, fault.NotFound)
		if d, err := s.Dossier(ctx, f.As("anna"), mustNow(f, a.Number)); err != nil || d.Body.Name != "" {
			t.Error("a name outlasts its day:", err)
		}
	})
}

func mustNow(f *housetest.Fixture, number int64) *agreement.Agreement {
	a, err := f.Agreements.ByNumber(f.Context(), number)
	f.Must(err)
	return &a
}
