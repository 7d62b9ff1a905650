package trace_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/extract"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/trace"
)

// pull takes a list out and gives its number and lines.
func pull(f *housetest.Fixture, who, purpose string) (int64, []string) {
	d, err := f.Extracts.Pull(f.Context(), f.As(who), extract.Wish{Purpose: purpose, Format: extract.CSV, Lang: "da"})
	f.Must(err)
	var file bytes.Buffer
	f.Must(d.Write(f.Context(), &file))
	return d.List.Number, strings.Split(strings.TrimSpace(strings.TrimPrefix(file.String(), "\xef\xbb\xbf")), "\n")
}

func find(f *housetest.Fixture, who, text string) (*trace.Report, error) {
	return f.Traces.Trace(f.Context(), f.As(who), trace.File{Content: strings.NewReader(text), Size: int64(len(text))})
}

func found(f *housetest.Fixture, text string) *trace.Report {
	r, err := find(f, "anna", text)
	f.Must(err)
	return r
}

// crowd fills the bodies, so that what fits by chance is known from what does not.
func crowd(f *housetest.Fixture) {
	given := strings.Fields("Astrid Bjarne Cilla Ditlev Esther Folmer Gerda Holger Irma Jannik Kirstine Ludvig")
	family := strings.Fields("Aabenraa Birkerød Charlottenlund Dragør Esbjerg Frederiksværk")
	for i, body := range []string{"gentofte", "lyngby", "odense"} {
		for n := range 24 {
			f.Join(fmt.Sprint(body, n), body, map[string]string{
				"given": given[n%len(given)], "family": family[(n/len(given)+2*i)%len(family)],
				"email": fmt.Sprintf("%s%d@example.dk", body, n), "mobile": fmt.Sprintf("2%d5577%02d", i+1, n),
				"address": fmt.Sprintf("Prøvevej %d", n+1), "postal": []string{"2820", "2800", "5000"}[i], "town": "By", "birth": fmt.Sprintf("%02d-03-19%d", n+1, 50+i),
			}, false)
		}
	}
}

func numbers(r *trace.Report) (all []int64) {
	for i := range r.Best {
		all = append(all, r.Best[i].List.Number)
	}
	return all
}

// A list found elsewhere names the list it comes from, however it was changed, and
// why; nothing of the file stays, and everybody recognised can see that it happened.
func TestTraceNamesTheListAFoundFileComesFrom(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		crowd(f)
		home, lines := pull(f, "chair", "administration")
		away, other := pull(f, "other chair", "administration")
		if home == away || len(lines) < 25 || len(other) < 25 {
			t.Fatalf("lists %d and %d, of %d and %d lines", home, away, len(lines), len(other))
		}

		r := found(f, strings.Join(lines, "\n"))
		if len(r.Best) == 0 || r.Best[0].List.Number != home || r.Best[0].Level != trace.Clear || r.Best[0].Claimed != len(lines)-1 || len(r.Nobody) > 0 {
			t.Errorf("the file itself: %+v", r)
		}
		if n := len(lines) - 1; r.Rows != n || r.Persons != n || r.Best[0].On != n || !slices.Equal(r.Together, []int64{home}) || r.Explains != n {
			t.Errorf("of %d persons %d of %d are on %v", n, r.Best[0].On, r.Persons, r.Together)
		}

		// Part of it, backwards, in capitals, under other headings, names turned, one
		// person added, a total below.
		var part strings.Builder
		part.WriteString("Navn (efternavn først);Kontakt\n")
		for n := 20; n >= 4; n-- {
			who := member.Profile{}
			card, err := f.Members.Card(f.Context(), f.Scope("anna", access.Want{Act: charter.View}), f.Person(fmt.Sprint("gentofte", n)))
			f.Must(err)
			who = card.Profile
			fmt.Fprintf(&part, "%s, %s;%s\n", strings.ToUpper(who.Family), strings.ToUpper(who.Given), strings.ToUpper(who.Email))
		}
		part.WriteString("UKENDT, PERSON;person.ukendt@example.org\nI alt;18\n")
		r = found(f, part.String())
		if len(r.Best) == 0 || r.Best[0].List.Number != home || r.Best[0].Level != trace.Clear || r.Best[0].On != 17 || r.Persons != 17 {
			t.Errorf("a part of it, turned: %v of %d, lists %v, %+v", r.Persons, r.Rows, numbers(r), r.Best)
		}
		if !slices.Equal(r.Nobody, []int{19}) || r.Passed != 1 || r.Best[0].Claimed != 0 {
			t.Errorf("nobody on lines %v, %d passed over", r.Nobody, r.Passed)
		}

		// A line of a message, without headings.
		r = found(f, "Astrid <ODENSE0@example.dk>; odense1@example.dk, Cilla Dragør <odense2@example.dk>; hvem@example.org")
		if r.Rows != 4 || r.Persons != 3 || len(r.Nobody) != 1 || len(r.Together) != 0 {
			t.Errorf("a line of addresses: %d rows, %d persons, nobody %v, named %v", r.Rows, r.Persons, r.Nobody, r.Together)
		}

		// Phones of a phone's format, and nothing else.
		var phones strings.Builder
		for n := range 15 {
			fmt.Fprintf(&phones, "+45 22 55 77 %02d\n", n)
		}
		if r = found(f, phones.String()); r.Persons != 15 || len(r.Best) == 0 || r.Best[0].List.Number != away || r.Best[0].Level != trace.Clear {
			t.Errorf("phones only: %d of %d, lists %v", r.Persons, r.Rows, numbers(r))
		}

		// Both lists in one.
		r = found(f, strings.Join(append(slices.Clone(lines), other[1:]...), "\n"))
		if got := slices.Sorted(slices.Values(r.Together)); !slices.Equal(got, []int64{home, away}) || r.Explains != r.Persons {
			t.Errorf("two lists in one: %v explain %d of %d", got, r.Explains, r.Persons)
		}

		_, err := f.Journal.Checkpoint(f.Context()) // PostgreSQL sequences what waits
		f.Must(err)
		line, err := f.Journal.Recent(f.Context(), journal.Filter{Act: journal.Trace}, journal.Page{Limit: 1})
		f.Must(err)
		if l := line.Lines; len(l) != 1 || l[0].Number != int64(r.Rows) || l[0].Count != r.Persons || fmt.Sprintf("%x", l[0].Proof) != r.Print {
			t.Errorf("journaled as %+v, of a file known by %s", l, r.Print)
		}
		if again := found(f, strings.Join(append(slices.Clone(lines), other[1:]...), "\n")); again.Print != r.Print {
			t.Error("the same file is known by another print")
		}
	})
}

// Whoever may not read the journal does not trace, and that stands in it; an erased
// person is nobody, and no row says more of them than that nobody is known.
func TestTraceWhoMayAndWhoIsNobody(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		for _, who := range []string{"chair", "dorte", "member"} {
			_, err := find(f, who, "E-mail\ninger@example.dk\n")
			if e := fault.From(err); e == nil || e.Code != fault.Denied {
				t.Errorf("%s traces: %v", who, err)
			}
		}
		for text, key := range map[string]string{"": "document.error.empty", "Fornavn;Efternavn\n": "member.found.nothing"} {
			if _, err := find(f, "anna", text); fault.From(err) == nil || fault.From(err).Key != key {
				t.Errorf("%q: %v", text, err)
			}
		}
		home, lines := pull(f, "chair", "administration")
		before := found(f, strings.Join(lines, "\n"))
		_, err := f.Departures.Close(f.Context(), f.As("anna"), f.Person("neighbour"), "resignation", true)
		f.Must(err)
		_, err = f.Departures.Confirm(f.Context(), f.As("bo"), f.Person("neighbour"))
		f.Must(err)
		after := found(f, strings.Join(lines, "\n"))
		if after.Persons != before.Persons-1 || len(after.Nobody) != 1 || after.Rows != before.Rows {
			t.Errorf("of %d persons %d are left, nobody on %v", before.Persons, after.Persons, after.Nobody)
		}
		if after.Best[0].List.Number != home || after.Best[0].On != after.Persons {
			t.Errorf("the list is not named any more: %+v", after.Best)
		}
	})
}

// A value that has changed is recognised for as long as the charter says, and tells
// lists pulled before from those pulled after. It is the person's, ends with its time
// and goes with them.
func TestTraceValuesValidThen(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		crowd(f)
		first, old := pull(f, "chair", "administration")
		f.Clock.Add(30 * 24 * time.Hour)
		edit := f.Scope("anna", access.Want{Act: charter.Edit})
		for n := range 6 {
			_, err := f.Members.Update(ctx, edit, f.Person(fmt.Sprint("gentofte", n)), member.Changes{Values: map[string]string{
				"email": fmt.Sprintf("nyt%d@example.dk", n), "mobile": fmt.Sprintf("3155770%d", n)}})
			f.Must(err)
		}
		f.Clock.Add(30 * 24 * time.Hour)
		second, now := pull(f, "officer", "administration")
		unmarked := func(lines []string) string { // without the columns that tell the list
			for i := range lines {
				cells := strings.Split(lines[i], ";")
				lines[i] = strings.Join(cells[:len(cells)-4], ";")
			}
			return strings.Join(lines, "\n")
		}
		before, after := unmarked(old), unmarked(now)
		for text, want := range map[string]int64{before: first, after: second} {
			r := found(f, text)
			if len(r.Best) != 2 || r.Best[0].List.Number != want || r.Best[0].Level != trace.Clear {
				t.Fatalf("lists %v, not %d first: %+v", numbers(r), want, r.Best)
			}
			if best, other := &r.Best[0], &r.Best[1]; len(best.Agree) == 0 || len(best.Differ) > 0 || len(other.Differ) == 0 || len(other.Agree) > 0 {
				t.Errorf("values that agree with %d: %+v, that differ: %+v", want, best.Agree, best.Differ)
			}
		}
		person := f.Person("gentofte3")
		count, until, err := f.Members.PastOf(ctx, person)
		f.Must(err)
		if count != 2 || until.Before(f.Clock.Now().AddDate(0, 10, 0)) {
			t.Errorf("%d prints until %v", count, until)
		}
		told, err := f.Members.Held(ctx, f.Scope("gentofte3", access.Want{Self: true}))
		f.Must(err)
		if !slices.ContainsFunc(told, func(s member.Section) bool { return s.Kind == "past-values" && len(s.Lines) == 2 }) {
			t.Errorf("the person is not told: %+v", told)
		}
		due, all, err := f.Members.PastDue(ctx, f.Clock.Now())
		f.Must(err)
		if due != 0 || all != 6 {
			t.Errorf("%d of %d are due", due, all)
		}
		later := f.Clock.Now().AddDate(1, 0, 2)
		gone, err := f.Members.EndPast(ctx, later)
		f.Must(err)
		if count, _, _ := f.Members.PastOf(ctx, person); gone != 6 || count != 0 {
			t.Errorf("%d ended, %d are left", gone, count)
		}
		if r := found(f, before); len(r.Best) > 0 && len(r.Best[0].Agree)+len(r.Best[0].Differ) > 0 {
			t.Errorf("forgotten values still tell: %+v", r.Best[0])
		}
	})
}
