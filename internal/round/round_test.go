package round_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/round"
)

// phones gives everybody in Gentofte a number to call.
func phones(f *housetest.Fixture) {
	f.Join("caller", "gentofte", map[string]string{"given": "Rita", "family": "Ringe", "phone": "20 44 55 66"}, false)
}

// A round shows one person at a time, each showing in the journal, is ticked off
// and ends; nothing is downloaded.
func TestTelephoneRound(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		phones(f)
		officer := f.As("officer")
		r, err := f.Rounds.Begin(f.Context(), officer, round.Wish{Purpose: "administration", Group: round.Newcomers})
		f.Must(err)
		if r.Members != 3 || r.Left != 3 {
			t.Fatalf("%d to call, not the three with a number", r.Members)
		}
		if got := f.Access.Today().AddDays(14); r.EndsOn != got {
			t.Errorf("ends on %s, not the purpose's last day %s", r.EndsOn, got)
		}
		var names []string
		for _, answer := range []round.State{round.NoAnswer, round.Reached, round.Declined, round.Reached} {
			_, p, err := f.Rounds.Show(f.Context(), officer, r.Number)
			f.Must(err)
			if p == nil || p.Phone+p.Mobile == "" {
				t.Fatalf("nobody, or no number: %+v", p)
			}
			names = append(names, p.Name)
			if !shown(t, f, uint32(p.Person), r.Number) {
				t.Errorf("showing %s is not in the journal", p.Name)
			}
			f.Clock.Add(time.Minute)
			if r, err = f.Rounds.Mark(f.Context(), officer, r.Number, p.Person, answer); err != nil {
				t.Fatal(err)
			}
		}
		if names[0] != names[3] {
			t.Errorf("who did not answer is called again last: %v", names)
		}
		if _, p, err := f.Rounds.Show(f.Context(), officer, r.Number); err != nil || p != nil || r.Left != 0 {
			t.Errorf("%d left, %v %v", r.Left, p, err)
		}
		f.Must(f.Rounds.End(f.Context(), officer, r.Number))
		if _, _, err := f.Rounds.Show(f.Context(), officer, r.Number); !fault.Is(err, fault.Gone) {
			t.Errorf("over, and yet %v", err)
		}
		if open, err := f.Rounds.Open(f.Context(), officer); err != nil || len(open) != 0 {
			t.Errorf("%v %v", open, err)
		}
	})
}

func shown(t *testing.T, f *housetest.Fixture, person uint32, number int64) bool {
	t.Helper()
	account, err := f.Journal.About(f.Context(), person, journal.Page{})
	f.Must(err)
	return slices.ContainsFunc(account.Lines, func(l journal.Line) bool {
		return l.Act == journal.Opened && l.Number == number && l.Purpose == "administration"
	})
}

// L8, D7, D11: who objects, is restricted or leaves meanwhile is passed over, and
// nobody of another body learns that there is a round.
func TestL8RoundFollowsTheRules(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		phones(f)
		officer := f.As("officer")
		r, err := f.Rounds.Begin(f.Context(), officer, round.Wish{Purpose: "administration", Group: round.Everybody})
		f.Must(err)
		edit := f.Scope("anna", access.Want{Act: charter.Edit})
		f.Must(f.Members.Restrict(f.Context(), edit, f.Person("neighbour"), true))
		_, err = f.Departures.Close(f.Context(), f.As("anna"), f.Person("member"), "resignation", false)
		f.Must(err)
		_, p, err := f.Rounds.Show(f.Context(), officer, r.Number)
		f.Must(err)
		if p == nil || p.Person != f.Person("caller") {
			t.Errorf("shows %+v", p)
		}
		for _, who := range []string{"other chair", "regional chair", "member", "abroad member"} {
			if _, _, err := f.Rounds.Show(f.Context(), f.As(who), r.Number); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v", who, err)
			}
			if open, err := f.Rounds.Open(f.Context(), f.As(who)); err != nil || len(open) != 0 {
				t.Errorf("%s sees %v (%v)", who, open, err)
			}
		}
		if _, err := f.Rounds.Mark(f.Context(), f.As("other chair"), r.Number, f.Person("caller"), round.Reached); !fault.Is(err, fault.NotFound) {
			t.Errorf("the other chair ticks off: %v", err)
		}
		if _, err := f.Rounds.Begin(f.Context(), officer, round.Wish{Purpose: "newsletter", Group: round.Everybody}); !fault.Is(err, fault.Invalid) {
			t.Errorf("calls for a purpose without numbers: %v", err)
		}
		f.Clock.Add(15 * 24 * time.Hour)
		_, err = f.Rounds.EndDue(f.Context(), f.Clock.Now())
		f.Must(err)
		if _, _, err := f.Rounds.Show(f.Context(), officer, r.Number); !fault.Is(err, fault.Gone) {
			t.Errorf("after its last day: %v", err)
		}
	})
}

// Answers are words of the catalogue, and nothing else is one.
func TestStates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"reached", "no_answer", "declined", "waiting"})).Draw(t, "code")
		s, ok := round.ParseState(code)
		if ok != slices.Contains([]string{"reached", "no_answer", "declined"}, code) || ok && s.Code() != code {
			t.Fatalf("%q: %v %v", code, s, ok)
		}
	})
}
