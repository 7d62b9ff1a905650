package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/departure"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/member"
	"kartotek/internal/record"
	"kartotek/internal/retention"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Every kind of record states the rule that ends it, and every table with a time in
// it stands in one: whoever adds either decides how long it is kept (N14).
func TestN14EveryKindAndEveryTableHasARule(t *testing.T) {
	f := housetest.Empty(t)
	rules := map[string]bool{}
	tables := map[string]bool{}
	for _, r := range f.Retention.Rules() {
		rules[r.Code] = true
		for _, table := range r.Tables {
			tables[table] = true
		}
		if _, known := f.Charter.Limit(r.Parameter); !known && !r.Forever {
			t.Errorf("%s: %q is no parameter of the charter", r.Code, r.Parameter)
		}
		for _, lang := range locale.Languages() {
			if l := f.Retention.Words(locale.For(lang), &r); strings.Contains(l.Name+l.What+l.Ends, "⟦") {
				t.Errorf("%s has no words in %s", r.Code, lang)
			}
		}
	}
	for _, k := range record.Kinds() {
		if !rules[k.Retention] {
			t.Errorf("kind %s: its retention %q is no rule of the sweep", k.Name, k.Retention)
		}
		for _, lang := range locale.Languages() {
			if !locale.For(lang).Has("record.kind." + k.Name) {
				t.Errorf("kind %s has no name in %s, for whoever is told everything about themselves (GDPR Art. 15)", k.Name, lang)
			}
		}
	}
	f.Must(f.DB.Read(t.Context(), func(q database.Querier) error {
		rows, err := q.Query(`SELECT DISTINCT t.name FROM pragma_table_list t, pragma_table_info(t.name) c
			WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> 'goose_db_version'
			AND (c.name LIKE '%\_at' ESCAPE '\' OR c.name LIKE '%\_on' ESCAPE '\' OR c.name LIKE '%\_day' ESCAPE '\' OR c.name LIKE '%until' OR c.name IN ('at', 'day', 'destroy_by'))`)
		if err != nil {
			return err
		}
		for rows.Next() {
			var table string
			if err := rows.Scan(&table); err != nil {
				return err
			}
			if !tables[table] {
				t.Errorf("table %s has a time and stands in no rule of the sweep", table)
			}
		}
		return rows.Err()
	}))
}

// crowd makes members and closes them, as somebody with a wrong file would.
func crowd(f *housetest.Fixture, n int) []vault.PersonID {
	var all []vault.PersonID
	for i := range n {
		name := fmt.Sprint("crowd ", i)
		person := f.Join(name, "odense", map[string]string{"given": "Nr", "family": fmt.Sprint("Nummer", i)}, false)
		_, err := f.Departures.Close(f.Context(), f.As("anna"), person, "resignation", false)
		f.Must(err)
		all = append(all, person)
	}
	return all
}

func sweep(f *housetest.Fixture, often bool) {
	f.Must(f.Retention.Sweep(f.Context(), often))
}

func status(t *testing.T, f *housetest.Fixture) retention.Status {
	t.Helper()
	s, err := f.Retention.Look(f.Context(), f.As("anna"))
	f.Must(err)
	return s
}

// erased counts those whose erasure has begun: from there on it only rolls forward.
func erased(f *housetest.Fixture) (n int) {
	f.Must(f.DB.Read(f.Context(), func(q database.Querier) error {
		return q.QueryRow(`SELECT COUNT(*) FROM departure WHERE state <> $1`, string(departure.Hidden)).Scan(&n)
	}))
	return n
}

// D7: what ends by itself is planned, told, taken, and nothing else.
func TestD7TheSweepErasesWhatItPlanned(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		crowd(f, 3)
		plans, err := f.Retention.Plan(f.Context(), false)
		f.Must(err)
		i := slices.IndexFunc(plans, func(p retention.Plan) bool { return p.Rule == "membership" })
		if p := plans[i]; p.Today != 0 || p.Week != 3 || p.Month != 3 || p.Count != f.Members.Total() {
			t.Errorf("planned %+v of %d", p, f.Members.Total())
		}
		sweep(f, false)
		if erased(f) != 0 {
			t.Fatal("erased before the window ended")
		}
		f.Clock.Add(73 * time.Hour)
		sweep(f, true)
		if got := erased(f); got != 3 {
			t.Fatalf("%d erased", got)
		}
		run := status(t, f).Runs[0]
		if run.Rule != "membership" || run.Told != 3 || run.Taken != 3 || run.EndedAt.IsZero() {
			t.Errorf("%+v", run)
		}
		found, err := f.Journal.Recent(f.Context(), journal.Filter{Act: journal.Sweep}, journal.Page{})
		for end := time.Now().Add(5 * time.Second); err == nil && found.Total == 0 && time.Now().Before(end); { // PostgreSQL gives places a little later
			time.Sleep(50 * time.Millisecond)
			found, err = f.Journal.Recent(f.Context(), journal.Filter{Act: journal.Sweep}, journal.Page{})
		}
		if err != nil || found.Total != 1 || found.Lines[0].Number != 3 {
			t.Errorf("journaled: %+v, %v", found, err)
		}
	})
}

// N14: more than the charter's share at once stops before anything is taken, holds
// up nothing else, and goes only when two different persons have approved.
func TestN14TheBrakeAsksTwo(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		persons := crowd(f, 26)
		sweep(f, true)
		st := status(t, f)
		if len(st.Brakes) != 1 || st.Brakes[0].Told != 26 || st.Brakes[0].Allowed != 25 {
			t.Fatalf("many closed on one day are asked about that day: %+v", st.Brakes)
		}
		number := st.Brakes[0].Number
		f.Clock.Add(73 * time.Hour)
		before := f.Clock.Now().Add(-90 * 24 * time.Hour)
		f.Must(f.DB.Write(f.Context(), func(tx *database.Tx) error { // another rule's work, beside
			_, err := tx.Exec(`INSERT INTO signin_limit (subject, used, ends_at) VALUES ($1, 1, $2)`, []byte("x"), before.UnixMicro())
			return err
		}))
		sweep(f, false)
		if erased(f) != 0 {
			t.Fatal("erased without being asked")
		}
		if due, _, err := f.SignIn.Due(f.Context(), f.Clock.Now()); err != nil || due != 0 {
			t.Errorf("the brake held up another rule: %d due, %v", due, err)
		}
		open, err := f.Duties.Open(f.Context(), duty.Responsible{Acts: map[unit.ID]charter.Acts{0: charter.Journal}})
		f.Must(err)
		if !slices.ContainsFunc(open, func(d duty.Duty) bool { return d.Kind == duty.SweepBrake && d.Subject == number }) {
			t.Error("nobody is asked")
		}
		shown, err := f.Retention.Stopped(f.Context(), f.As("anna"), number)
		f.Must(err)
		slices.Sort(shown.Persons)
		if shown.Now != 26 || !slices.Equal(shown.Persons, persons) {
			t.Errorf("shown %d, %v", shown.Now, shown.Persons)
		}
		if _, err := f.Retention.Stopped(f.Context(), f.As("officer"), number); !fault.Is(err, fault.Denied) {
			t.Errorf("an officer sees it: %v", err)
		}
		if _, err := f.Retention.Approve(f.Context(), f.As("dorte"), number); !fault.Is(err, fault.Denied) {
			t.Errorf("somebody who collects dues approves: %v", err)
		}
		if done, err := f.Retention.Approve(f.Context(), f.As("anna"), number); err != nil || done {
			t.Fatalf("one is enough: %v, %v", done, err)
		}
		if _, err := f.Retention.Approve(f.Context(), f.As("anna"), number); !fault.Is(err, fault.Denied) {
			t.Errorf("the same person twice: %v", err)
		}
		sweep(f, true)
		if erased(f) != 0 {
			t.Fatal("erased after one approval")
		}
		if done, err := f.Retention.Approve(f.Context(), f.As("bo"), number); err != nil || !done {
			t.Fatalf("two are not enough: %v, %v", done, err)
		}
		sweep(f, true)
		if got := erased(f); got != 26 {
			t.Fatalf("%d erased after two", got)
		}
		if b := status(t, f).Brakes; len(b) != 0 {
			t.Errorf("still open: %+v", b)
		}
		sweep(f, true) // the day's many are not asked about again
		if b := status(t, f).Brakes; len(b) != 0 {
			t.Errorf("asked again: %+v", b)
		}
	})
}

// N14: refused, nothing goes until a day, and each closing can be undone until then.
func TestN14ARefusedSweepWaitsAndCanBeUndone(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		persons := crowd(f, 26)
		f.Clock.Add(73 * time.Hour)
		sweep(f, true)
		b := status(t, f).Brakes[0]
		if err := f.Departures.Undo(f.Context(), f.As("anna"), persons[0]); !fault.Is(err, fault.Gone) {
			t.Fatalf("undone after the window: %v", err)
		}
		late := f.Clock.Now().AddDate(0, 0, 60)
		f.Must(f.Retention.Refuse(f.Context(), f.As("anna"), b.Number, late))
		if until := status(t, f).Brakes[0].Until; !until.Before(f.Clock.Now().AddDate(0, 0, 16)) {
			t.Errorf("put off until %v", until)
		}
		sweep(f, true)
		if erased(f) != 0 {
			t.Fatal("erased what was refused")
		}
		for _, person := range persons[1:] {
			f.Must(f.Departures.Undo(f.Context(), f.As("anna"), person))
		}
		f.Clock.Add(16 * 24 * time.Hour)
		sweep(f, true)
		if got := erased(f); got != 1 {
			t.Errorf("%d erased, want the one nobody undid: %+v", got, status(t, f))
		}
	})
}

// Minute by minute is the same day: what comes due one by one is measured together.
func TestN14ManyOneByOneAreStoppedToo(t *testing.T) {
	f := housetest.New(t)
	for range 6 {
		crowd2(f, 5)
		f.Clock.Add(24 * time.Hour)
		f.Must(f.DB.Write(f.Context(), func(tx *database.Tx) error { // all come due on one day, at different minutes
			_, err := tx.Exec(`UPDATE departure SET due_at = $1`, housetest.Noon.Add(240*time.Hour).UnixMicro())
			return err
		}))
	}
	f.Must(f.DB.Write(f.Context(), func(tx *database.Tx) error {
		_, err := tx.Exec(`UPDATE departure SET due_at = due_at + person * 60000000`)
		return err
	}))
	f.Clock.Set(housetest.Noon.Add(240 * time.Hour))
	for range 60 {
		sweep(f, true)
		f.Clock.Add(time.Minute)
	}
	if got := erased(f); got != 0 {
		t.Errorf("%d erased minute by minute", got)
	}
	if len(status(t, f).Brakes) != 1 {
		t.Error("not stopped")
	}
}

var crowds int

func crowd2(f *housetest.Fixture, n int) {
	for range n {
		crowds++
		person := f.Join(fmt.Sprint("one ", crowds), "odense", map[string]string{"given": "En", "family": fmt.Sprint("Ener", crowds)}, false)
		_, err := f.Departures.Close(f.Context(), f.As("anna"), person, "resignation", false)
		f.Must(err)
	}
}

// A second pair of eyes decides one by one: no brake holds that up.
func TestD7WhatTwoHaveAgreedOnIsNotStopped(t *testing.T) {
	f := housetest.New(t)
	persons := crowd(f, 26)
	sweep(f, true)
	if _, err := f.Departures.Confirm(f.Context(), f.As("bo"), persons[3]); err != nil {
		t.Fatal(err)
	}
	sweep(f, true)
	if got := erased(f); got != 1 {
		t.Errorf("%d erased", got)
	}
}

// A stop between what was told and what was taken: the next pass takes what was told
// then, and writes down both.
func TestN14AStopBetweenPlanAndRun(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		crowd(f, 2)
		f.Clock.Add(73 * time.Hour)
		by := f.Clock.Now()
		f.Must(f.DB.Write(f.Context(), func(tx *database.Tx) error { // what a stop right after the note leaves
			number, err := tx.Next("retention run")
			if err != nil {
				return err
			}
			_, err = tx.Exec(`INSERT INTO retention_run (number, rule, by_at, told, taken, brake, began_at) VALUES ($1, 'membership', $2, 2, 0, 0, $2)`, number, by.UnixMicro())
			return err
		}))
		f.Reopen()
		sweep(f, true)
		if got := erased(f); got != 2 {
			t.Fatalf("%d erased", got)
		}
		if run := status(t, f).Runs[0]; run.Told != 2 || run.Taken != 2 || run.EndedAt.IsZero() {
			t.Errorf("%+v", run)
		}
	})
}

// Somebody known for a position alone leaves with it: a closing with a window, then
// an erasure like any other (requirements: contact data of officers).
func TestN14WhoHeldAPositionOnlyGoesWithIt(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		temp := f.Employ("temp", "it", member.Draft{Values: map[string]string{"given": "Vik", "family": "Vikarius", "email": "vik@example.dk"}})
		sweep(f, false)
		held := f.Access.Held(temp)
		f.Must(f.Access.EndPosition(f.Context(), f.As("founder"), temp, held[0].Basis.ID, f.Access.Today()))
		sweep(f, false)
		if f.Members.Leaving(temp) {
			t.Fatal("closed on the last day")
		}
		f.Clock.Add(24 * time.Hour)
		sweep(f, false)
		if !f.Members.Leaving(temp) {
			t.Fatal("not closed after the last day")
		}
		f.Clock.Add(73 * time.Hour)
		sweep(f, true)
		f.Clock.Add(25 * time.Hour) // nothing is sent here, so the certificate is waited for
		sweep(f, true)
		if f.Keyring.Holds(temp, vault.Membership) {
			t.Error("not erased")
		}
		for _, name := range []string{"anna", "bo", "dorte", "founder"} {
			if f.Members.Leaving(f.Person(name)) {
				t.Errorf("%s is closed too", name)
			}
		}
	})
}

// L2: what is kept about a person, until when and why, is told to the person and to
// whoever may open the card, and to nobody else.
func TestL2WhyIsTold(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		who := f.Person("member")
		fates, err := f.Retention.Why(f.Context(), f.As("member"), who)
		f.Must(err)
		if len(fates) < 2 {
			t.Errorf("%+v", fates)
		}
		for _, fate := range fates {
			if fate.Rule == nil {
				t.Errorf("%s has no rule", fate.What)
			}
		}
		if _, err := f.Retention.Why(f.Context(), f.As("officer"), who); err != nil {
			t.Error(err)
		}
		if _, err := f.Retention.Why(f.Context(), f.As("other chair"), who); !fault.Is(err, fault.NotFound) {
			t.Errorf("another association's chair: %v", err)
		}
		if _, err := f.Retention.Why(f.Context(), f.As("neighbour"), who); !fault.Is(err, fault.Denied) {
			t.Errorf("a neighbour: %v", err)
		}
		_, err = f.Departures.Close(f.Context(), f.As("anna"), who, "resignation", false)
		f.Must(err)
		fates, err = f.Retention.Why(f.Context(), f.As("anna"), who)
		f.Must(err)
		i := slices.IndexFunc(fates, func(fate retention.Fate) bool { return fate.What == "retention.held.closed" })
		if i < 0 || !fates[i].Until.Equal(f.Charter.EraseAt(f.Clock.Now(), false)) {
			t.Errorf("the end of the window is not told: %+v", fates)
		}
	})
}
