package declaration_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/declaration"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/unit"
)

func key(err error) string {
	if err == nil {
		return ""
	}
	e := fault.From(err)
	if len(e.Fields) > 0 {
		return e.Fields[0].Key
	}
	return e.Key
}

// open are the kinds of open duties about a body's declaration.
func open(f *housetest.Fixture, body unit.ID) (kinds []duty.Kind) {
	for _, kind := range []duty.Kind{duty.Declare, duty.DeclarationDrift, duty.LookDeclaration, duty.ReviewDeclaration, duty.AnnounceDeclaration} {
		all, err := f.Duties.OpenOf(f.Context(), kind)
		f.Must(err)
		for _, d := range all {
			if d.Subject == int64(body) {
				kinds = append(kinds, kind)
			}
		}
	}
	return kinds
}

// The whole life of a declaration, on both engines: missing, written by two at once
// without losing anything, looked through by somebody else, published, announced,
// drifting, looked at for the year (N4, N8, N13, N16).
func TestN13FromNothingToTheYearlyLook(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, s, body := f.Context(), f.Declarations, f.Bodies["gentofte"]
		root, _ := f.Units.Tree().Root()
		f.Must(s.Daily(ctx))
		f.Must(s.Daily(ctx))
		if kinds := open(f, root.ID); !slices.Equal(kinds, []duty.Kind{duty.Declare}) || len(open(f, body)) > 0 {
			t.Fatalf("of the party is asked %v, of an association %v", kinds, open(f, body))
		}
		if _, there, err := s.Published(ctx, body); there || err != nil {
			t.Fatalf("nothing is published: %v, %v", there, err)
		}
		chair, officer := f.As("chair"), f.As("officer")
		if err := s.Submit(ctx, chair, body, "Første udgave", false); key(err) != "declaration.error.lacking" {
			t.Errorf("without anybody to ask: %v", err)
		}
		write := func(by access.Actor, part, text string, seen int) (declaration.Draft, error) {
			return s.Write(ctx, by, body, declaration.Change{Part: part, Language: "da", Words: &text, Seen: seen, Reason: "Vores praksis"})
		}
		first, err := write(chair, "purpose", "Vi skriver hver måned.", 0)
		f.Must(err)
		if _, err := write(officer, "purpose", "Vi ringer.", 0); key(err) != "declaration.error.meanwhile" {
			t.Errorf("an update is lost: %v", err)
		}
		_, err = write(officer, "use", "Vores egne ord.", 0) // another point, at the same time
		f.Must(err)
		_, err = write(officer, "purpose", "Vi skriver hver måned og ringer.", first.Own.Seen["purpose"])
		f.Must(err)
		for want, change := range map[string]declaration.Change{
			"declaration.error.reason":   {Part: "contact", Language: "da"},
			"declaration.error.language": {Part: "contact", Language: "fi", Reason: "x"},
			"declaration.error.part":     {Part: "15", Language: "da", Reason: "x"},
			"declaration.error.email":    {Part: "contact", Language: "da", Reason: "x", Contact: &declaration.Contact{Email: "x"}},
			"declaration.error.name":     {Part: "contact", Language: "da", Reason: "Carl Formandsen ville det"},
		} {
			if _, err := s.Write(ctx, chair, body, change); key(err) != want {
				t.Errorf("%s: %v", want, err)
			}
		}
		_, err = s.Write(ctx, chair, body, declaration.Change{Part: "contact", Language: "da", Reason: "Hvem man spørger",
			Contact: &declaration.Contact{Function: charter.Words{"da": "den medlemsansvarlige"}, Phone: "10 20 30 40", Email: "post@gentofte.example"}})
		f.Must(err)
		if _, err := s.Publish(ctx, chair, body); key(err) != "declaration.error.unreviewed" {
			t.Errorf("published without anybody else: %v", err)
		}
		f.Must(s.Submit(ctx, chair, body, "Første udgave", true))
		if kinds := open(f, body); !slices.Equal(kinds, []duty.Kind{duty.ReviewDeclaration}) {
			t.Errorf("what waits is %v", kinds)
		}
		for who, want := range map[string]string{"chair": "declaration.denied.own", "member": "access.denied.none", "other chair": "access.denied.body"} {
			if err := s.Review(ctx, f.As(who), body, true, ""); key(err) != want {
				t.Errorf("%s looks it through: %v", who, err)
			}
		}
		if err := s.Review(ctx, officer, body, false, ""); key(err) != "declaration.error.refusal" {
			t.Errorf("refused without a word: %v", err)
		}
		f.Must(s.Review(ctx, officer, body, true, ""))
		var told []int
		s.OnPublish(func(_ *database.Tx, of unit.ID, number int, material bool) error {
			if of == body && material {
				told = append(told, number)
			}
			return nil
		})
		v, err := s.Publish(ctx, chair, body)
		f.Must(err)
		if v.Number != 1 || !v.Material || len(v.Hashes) != len(f.Charter.Languages) || !slices.Equal(told, []int{1}) {
			t.Errorf("version %+v, told %v", v.Number, told)
		}
		if kinds := open(f, body); !slices.Equal(kinds, []duty.Kind{duty.AnnounceDeclaration}) {
			t.Errorf("after publishing there is %v to do", kinds)
		}
		r, err := s.Text(ctx, body, 0, "en")
		f.Must(err)
		if own := r.Points[2].Blocks[len(r.Points[2].Blocks)-1]; own.Kind != declaration.Own || own.Lang != "da" || own.Text != "Vi skriver hver måned og ringer." {
			t.Errorf("the body's own words are %+v", own)
		}
		if all := strings.Join(r.Points[13].Passages(), " "); !strings.Contains(all, "post@gentofte.example") || !strings.Contains(r.Standing, "Chair") || strings.Contains(r.Standing, "Formandsen") {
			t.Errorf("contact is %q, standing %q", all, r.Standing)
		}
		if r.Points[3].Blocks[0].Text == "" || !strings.Contains(r.Points[3].Blocks[0].Text, root.Name) {
			t.Errorf("the joint controller is not named: %q", r.Points[3].Blocks[0].Text)
		}
		f.Must(s.Announced(ctx, officer, body, "På mødet den 3."))
		if err := s.Announced(ctx, officer, body, "Igen"); key(err) != "declaration.error.announced" {
			t.Errorf("announced twice: %v", err)
		}
		if err := s.Submit(ctx, chair, body, "Det samme", false); key(err) != "declaration.error.same" {
			t.Errorf("the same again: %v", err)
		}
		scope, err := f.Access.Require(ctx, f.As("founder"), access.Want{Act: charter.Units, Unit: body})
		f.Must(err)
		_, err = f.Units.Rename(ctx, f.Recorder(scope.Entry(0)), body, "Gentofte Vest")
		f.Must(err)
		f.Must(s.Daily(ctx))
		d, err := s.Desk(ctx, chair, body)
		f.Must(err)
		if kinds := open(f, body); !slices.Equal(kinds, []duty.Kind{duty.DeclarationDrift}) || len(d.Drifts) != 1 || !strings.Contains(d.Drifts[0].Words(f.Charter.Printer("da"), f.Charter), "Gentofte Vest") {
			t.Errorf("drift: %v, %+v", kinds, d.Drifts)
		}
		if err := s.Looked(ctx, chair, body); key(err) != "declaration.error.untrue" {
			t.Errorf("untrue, and looked at: %v", err)
		}
		f.Must(s.Submit(ctx, officer, body, "Nyt navn", false))
		f.Must(s.Review(ctx, f.As("anna"), body, true, "")) // the office may, too
		_, err = s.Publish(ctx, officer, body)
		f.Must(err)
		was, err := s.Text(ctx, body, 1, "da")
		f.Must(err)
		now, err := s.Text(ctx, body, 2, "da")
		f.Must(err)
		if all := declaration.Compare(&was.Text, &now.Text); len(all) < 2 || all[0].Heading != now.Title {
			t.Errorf("the difference is %+v", all)
		}
		f.Clock.Add(345 * 24 * time.Hour)
		f.Must(s.Daily(ctx))
		if kinds := open(f, body); !slices.Contains(kinds, duty.LookDeclaration) {
			t.Errorf("a year later there is %v to do", kinds)
		}
		f.Must(s.Looked(ctx, f.As("founder"), body))
		f.Must(s.Daily(ctx))
		if kinds := open(f, body); slices.Contains(kinds, duty.LookDeclaration) {
			t.Error("looked at, and still to be looked at")
		}
		o, err := s.Statuses(ctx, f.As("founder"), declaration.Wanted{})
		all := o.Some
		f.Must(err)
		if len(all) != 2 || !all[0].Needed || all[0].Version != 0 || all[1].Version != 2 || all[1].Missing != 0 {
			t.Errorf("the statuses are %+v", all)
		}
		if _, err := s.Statuses(ctx, officer, declaration.Wanted{}); !fault.Is(err, fault.Denied) {
			t.Errorf("an association sees all: %v", err)
		}
	})
}
