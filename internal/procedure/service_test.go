package procedure_test

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
	"time"

	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/procedure"
	"kartotek/internal/unit"
)

func key(err error) string {
	if err == nil {
		return ""
	}
	return fault.From(err).Key
}

var wish = procedure.Wish{Document: procedure.Procedure, Function: "Medlemsservice", Reason: "Første udgave"}

// duties are the open duties to publish anew, as member service has them.
func duties(f *housetest.Fixture) (open []duty.Duty) {
	all, err := f.Duties.Open(f.Context(), duty.Responsible{Acts: map[unit.ID]charter.Acts{0: procedure.Editor}})
	f.Must(err)
	for _, d := range all {
		if d.Kind == duty.PublishProcedure || d.Kind == duty.PublishGuideline {
			open = append(open, d)
		}
	}
	return open
}

// From nothing published to two versions: who edited them, what changed, what differs,
// and the duty that comes and goes with whether the text still holds.
func TestD15VersionsAreKeptWhole(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, s := f.Context(), f.Procedures
		_, err := s.Version(ctx, procedure.Procedure, 0)
		if key(err) != "procedure.error.none" {
			t.Fatalf("nothing was published, and there is %v", err)
		}
		f.Must(s.Daily(ctx))
		f.Must(s.Daily(ctx))
		if open := duties(f); len(open) != 2 || open[0].DueOn != f.Access.Today().AddDays(14) {
			t.Fatalf("two documents wait to be published, and the duties are %+v", open)
		}
		first, err := s.Publish(ctx, f.As("anna"), procedure.Wish{Document: procedure.Procedure, Function: "Medlemsservice", Named: true, Reason: "Første udgave"})
		f.Must(err)
		if first.Number != 1 || len(duties(f)) != 1 {
			t.Errorf("version %d, and %d duties", first.Number, len(duties(f)))
		}
		if _, err := s.Publish(ctx, f.As("bo"), wish); key(err) != "procedure.error.same" {
			t.Errorf("the same again: %v", err)
		}
		f.Must(s.SetNotes(ctx, f.As("bo"), procedure.Procedure, []procedure.Note{
			{Language: "da", Text: "Vores egen indledning.\r\n"}, {Section: "d8", Language: "da", Text: "Skriv til os\x00, hvis en post er tom."},
		}))
		if agrees, err := s.Agrees(ctx, &first); err != nil || agrees {
			t.Errorf("agrees with a note more: %v, %v", agrees, err)
		}
		f.Must(s.Daily(ctx))
		if len(duties(f)) != 2 {
			t.Error("a text that no longer holds is nobody's duty")
		}
		second, err := s.Publish(ctx, f.As("bo"), procedure.Wish{Document: procedure.Procedure, Function: "Medlemsservice", Reason: "Egen indledning"})
		f.Must(err)

		kept, err := s.Version(ctx, procedure.Procedure, 1)
		f.Must(err)
		newest, err := s.Version(ctx, procedure.Procedure, 0)
		f.Must(err)
		if kept.Name != "Anna Ankerstjerne" || kept.Texts["da"].Intro != "" || newest.Number != 2 || newest.Name != "" || !newest.At.Equal(second.At) {
			t.Errorf("kept %q, %q; newest %d, %q", kept.Name, kept.Texts["da"].Intro, newest.Number, newest.Name)
		}
		was, now := kept.Texts["da"], newest.Texts["da"]
		all := procedure.Compare(&was, &now)
		if len(all) != 2 || all[0].Changes[0].Now[0].Text != "Vores egen indledning." || all[1].Code != "d8" || all[1].Changes[0].Now[0].Text != "Skriv til os, hvis en post er tom." {
			t.Errorf("the difference is %+v", all)
		}
		if was, now := kept.Texts["en"], newest.Texts["en"]; len(procedure.Compare(&was, &now)) != 0 {
			t.Error("the English text has changed too")
		}
		list, err := s.Versions(ctx, procedure.Procedure)
		f.Must(err)
		if len(list) != 2 || list[0].Number != 2 || list[1].Reason != "Første udgave" {
			t.Errorf("the versions are %+v", list)
		}
		_, err = f.Journal.Checkpoint(ctx) // on PostgreSQL entries take their places a moment later
		f.Must(err)
		published, err := f.Journal.Recent(ctx, journal.Filter{Act: journal.ProcedurePublish}, journal.Page{Limit: 10})
		f.Must(err)
		if len(published.Lines) != 2 || published.Lines[0].Number != 2 {
			t.Errorf("the journal says %+v", published.Lines)
		}
	})
}

// What is written wrong is refused with its field, and who may not publish is refused.
func TestD15WhoPublishesAndHow(t *testing.T) {
	f := housetest.New(t)
	ctx, s := f.Context(), f.Procedures
	for _, who := range []string{"chair", "member", "dorte"} {
		if _, err := s.Publish(ctx, f.As(who), wish); !fault.Is(err, fault.Denied) {
			t.Errorf("%s publishes: %v", who, err)
		}
		if err := s.SetNotes(ctx, f.As(who), procedure.Procedure, nil); !fault.Is(err, fault.Denied) {
			t.Errorf("%s writes notes: %v", who, err)
		}
	}
	for want, w := range map[string]procedure.Wish{
		"procedure.error.function": {Document: procedure.Procedure, Reason: "x"},
		"procedure.error.name":     {Document: procedure.Procedure, Function: "Anna ANKERSTJERNE, medlemsservice", Reason: "x"},
		"procedure.error.reason":   {Document: procedure.Procedure, Function: "Medlemsservice"},
		"procedure.error.long":     {Document: procedure.Procedure, Function: strings.Repeat("x", 121), Reason: "x"},
		"procedure.error.document": {Document: "no such", Function: "Medlemsservice", Reason: "x"},
	} {
		_, err := s.Publish(ctx, f.As("anna"), w)
		e := fault.From(err)
		if e.Key != want && (len(e.Fields) == 0 || e.Fields[0].Key != want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	for want, n := range map[string]procedure.Note{
		"procedure.error.language": {Language: "fi", Text: "x"},
		"procedure.error.section":  {Section: "d16", Language: "da", Text: "x"},
		"procedure.error.notes":    {Section: "d1", Language: "da", Text: strings.Repeat("x", 2001)},
	} {
		if err := s.SetNotes(ctx, f.As("anna"), procedure.Procedure, []procedure.Note{n}); key(err) != want {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// The name of an editor goes with them; the version and the function stay (D7).
func TestD7AnEditorsNameGoesWithThem(t *testing.T) {
	f := housetest.New(t)
	ctx := f.Context()
	_, err := f.Procedures.Publish(ctx, f.As("bo"), procedure.Wish{Document: procedure.Guideline, Function: "Medlemsservice", Named: true, Reason: "Første udgave"})
	f.Must(err)
	for _, h := range f.Access.Held(f.Person("bo")) {
		f.Must(f.Access.EndPosition(ctx, f.As("founder"), f.Person("bo"), h.Basis.ID, f.Access.Today()))
	}
	f.Clock.Add(24 * time.Hour)
	_, err = f.Departures.Close(ctx, f.As("anna"), f.Person("bo"), "resignation", false)
	f.Must(err)
	for range 2 {
		v, err := f.Procedures.Version(ctx, procedure.Guideline, 1)
		f.Must(err)
		if v.Name != "" || v.Function != "Medlemsservice" {
			t.Fatalf("the editor is %q, %q", v.Name, v.Function)
		}
		f.Clock.Add(4 * 24 * time.Hour)
		_, err = f.EraseDue(ctx)
		f.Must(err)
	}
	f.Must(f.DB.Read(ctx, func(q database.Querier) error {
		var n int64
		if err := q.QueryRow(`SELECT COUNT(*) FROM record WHERE kind = 101`).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d names of editors, %v", n, err)
		}
		return nil
	}))
}

// The PDF is the text, in each language, and says which version it is.
func TestD15ThePDFIsTheText(t *testing.T) {
	f := housetest.New(t)
	v, err := f.Procedures.Publish(f.Context(), f.As("anna"), wish)
	f.Must(err)
	for lang, want := range map[string][]string{
		"da": {"Procedure for adgang", "Version 1", "Redaktør: Medlemsservice", "En ekstra post i store foreninger", "mere end 200 medlemmer"},
		"en": {"Procedure for access", "Version 1", "Editor: Medlemsservice", "more than 200 members"},
	} {
		var b bytes.Buffer
		f.Must(f.Procedures.Print(&b, &v, lang))
		cmd := exec.Command("pdftotext", "-layout", "-", "-")
		cmd.Stdin = &b
		out, err := cmd.Output()
		f.Must(err)
		text := strings.Join(strings.Fields(string(out)), " ")
		for _, words := range want {
			if !strings.Contains(text, words) {
				t.Errorf("%s: %q is not in the PDF", lang, words)
			}
		}
	}
}

// The guideline has every rule the sweep works by, with its period (D12).
func TestD12TheGuidelineHasEveryRule(t *testing.T) {
	f := housetest.Empty(t)
	texts, err := f.Procedures.Draft(f.Context(), procedure.Guideline)
	f.Must(err)
	for lang, text := range texts {
		var kinds *procedure.Section
		for i := range text.Sections {
			if text.Sections[i].Code == "kinds" {
				kinds = &text.Sections[i]
			}
		}
		words := f.Retention.Guideline(f.Charter.Printer(lang))
		if kinds == nil || len(kinds.Facts) != len(words) {
			t.Fatalf("%s: the rules are %+v", lang, kinds)
		}
		for i, rule := range words {
			fact := kinds.Facts[i]
			if fact.Term != rule.Name || !strings.Contains(fact.Value, rule.Period) || !strings.Contains(fact.Note, rule.Ends) || !strings.Contains(fact.Note, rule.Source) {
				t.Errorf("%s: %s is told as %+v", lang, rule.Code, fact)
			}
		}
	}
}

// everything is every right in the secretariat.
var everything = map[unit.ID]charter.Acts{0: charter.AllActs}

// addDuty opens a duty as a room does.
func addDuty(f *housetest.Fixture, d duty.Duty) func(*database.Tx) error {
	return func(tx *database.Tx) error {
		_, err := f.Duties.Add(tx, d)
		return err
	}
}
