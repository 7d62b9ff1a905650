package web_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/duty"
	"kartotek/internal/member"
	"kartotek/internal/transfer"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// newcomer is somebody an officer adds. In every pair the texts are of one length,
// so that what is left after they are named alike must be the same, byte for byte.
type newcomer struct{ given, family, email, birth string }

// theKnown are members of other bodies; theNew are nobody.
var (
	theKnown = newcomer{"Frode", "Fynbo", "frode@example.dk", "1.2.1970"}
	theNew   = newcomer{"Frida", "Fynsk", "frida@example.dk", "3.4.1971"}
)

// drawn are the numbers and ids that are drawn anew each time, all of one length.
var drawn = regexp.MustCompile(`\b[1-9]\d{7}\b|/members/[a-z2-7]{26}|nonce-[A-Za-z0-9+/=_-]+`)

// plain is everything an answer says, with the person named alike.
func (p newcomer) plain(a *answer) string {
	var lines []string
	for name, values := range a.header {
		lines = append(lines, name+": "+strings.Join(values, "|"))
	}
	slices.Sort(lines)
	text := strings.Join(lines, "\n") + "\n" + a.body
	if len(p.given) != len("Frode") || len(p.family) != len("Fynbo") || len(p.email) != len("frode@example.dk") {
		panic("a pair of unlike lengths would hide a difference")
	}
	text = strings.NewReplacer(p.given, "GIVEN", p.family, "FAMIL", p.email, "NOBODY@EXAMPLE", p.birth, "BIRTHDAY").Replace(text)
	return drawn.ReplaceAllStringFunc(text, func(s string) string { return strings.Repeat("#", len(s)) })
}

// seen walks through everything the officer can look at, from the form on, for
// one answer of those who were asked, and gives what was seen.
func (p newcomer) seen(t *testing.T, f *housetest.Fixture, said transfer.Event, importing bool) (stages []string) {
	t.Helper()
	b := as(t, f, "officer")
	look := func(a *answer) { stages = append(stages, p.plain(a)) }
	around := func() {
		for _, path := range []string{"/moving", "/", "/members", "/import"} {
			look(b.get(path))
		}
		if link := b.get("/moving").first("tbody a"); link != nil {
			look(b.get(attr(link, "href")))
		}
		rows, total, err := f.Transfers.List(f.Context(), f.As("officer"), 0, 50)
		f.Must(err)
		for i := range rows { // what a program is told
			rows[i].ID, rows[i].Person, rows[i].MadeAt, rows[i].EndedAt = 0, 0, time.Time{}, time.Time{}
			rows[i].Adding.Draft.Values = nil
		}
		text, err := json.Marshal([]any{rows, total})
		f.Must(err)
		stages = append(stages, strings.NewReplacer(p.given, "GIVEN", p.family, "FAMIL").Replace(string(text)))
	}
	if importing {
		look(b.send("Fornavn;Efternavn;E-mail;Født\n" + p.given + ";" + p.family + ";" + p.email + ";" + p.birth + "\n"))
		look(b.post("/import/try", ""))
		look(b.settled())
		look(b.post("/import/run", ""))
		look(b.settled())
		b.post("/import/drop", "")
	} else {
		look(b.post("/members/new", "/members/new", "given", p.given, "family", p.family, "email", p.email, "birth", p.birth))
		if a := b.post("/members/new", "", "given", p.given, "family", p.family, "email", p.email, "birth", "1.1.2024"); a.status != http.StatusUnprocessableEntity {
			t.Errorf("a child: %d", a.status)
		} else {
			look(a)
		}
	}
	around()
	f.Must(f.Transfers.Work(f.Context()))
	around()
	p.answer(t, f, said)
	around()
	for _, days := range []int{6, 1, 31} {
		f.Clock.Add(time.Duration(days) * 24 * time.Hour)
		f.Must(f.Transfers.Work(f.Context()))
		_, err := f.Transfers.End(f.Context(), f.Clock.Now())
		f.Must(err)
		b.signIn(f, "officer")
		around()
	}
	return stages
}

// answer lets those who were asked say something: the member for themselves, or
// the secretariat for somebody new.
func (p newcomer) answer(t *testing.T, f *housetest.Fixture, event transfer.Event) {
	t.Helper()
	who, id := "anna", int64(0)
	if own, err := f.Transfers.Own(f.Context(), f.As("odense member")); err == nil && len(own) == 1 {
		who, id = "odense member", own[0].ID
	} else {
		// By the duty, which is no reading: the journal's running number, which stands
		// in the search form, must not tell the two apart either.
		open, err := f.Duties.Open(f.Context(), duty.Responsible{Acts: map[unit.ID]charter.Acts{0: charter.Create}})
		f.Must(err)
		id = open[0].Subject
	}
	if (who == "odense member") != (p == theKnown) {
		t.Fatalf("%s was asked about %s", who, p.given)
	}
	var err error
	switch event {
	case transfer.Accept:
		_, err = f.Transfers.Accept(f.Context(), f.As(who), id, false)
	case transfer.Refuse:
		_, err = f.Transfers.Refuse(f.Context(), f.As(who), id, "stays")
	}
	f.Must(err)
}

// D11: an officer who adds somebody sees the same bytes, on every page and in
// every answer, from the form to a month after the day, whether the person is a
// member of another body or nobody anywhere.
func TestD11TheFormNeverTells(t *testing.T) {
	for _, c := range []struct {
		name      string
		answer    transfer.Event
		importing bool
	}{
		{"silence", transfer.Lapse, false},
		{"no", transfer.Refuse, false},
		{"no, by import", transfer.Refuse, true},
		{"yes", transfer.Accept, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var both [2][]string
			for i, p := range []newcomer{theKnown, theNew} {
				housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
					_, err := f.Members.Update(f.Context(), f.Scope("anna", access.Want{Act: charter.Edit}), f.Person("odense member"), member.Changes{Values: map[string]string{"birth": theKnown.birth}})
					f.Must(err)
					stages := p.seen(t, f, c.answer, c.importing)
					if both[i] == nil {
						both[i] = stages
					}
					if c.answer != transfer.Accept && f.Keyring.Holds(vault.PersonID(f.Keyring.LastPerson()), vault.Membership) {
						t.Error("what was typed is left")
					}
					compare(t, both[i], stages) // the engines agree
				})
			}
			if c.answer == transfer.Accept { // from the day on the officer sees the member's card, which is theirs to see
				both[0], both[1] = untilTheDay(both[0]), untilTheDay(both[1])
			}
			compare(t, both[0], both[1])
		})
	}
}

// untilTheDay leaves out what is seen from the day on.
func untilTheDay(stages []string) []string { return stages[:len(stages)-12] }

func compare(t *testing.T, one, other []string) {
	t.Helper()
	if len(one) != len(other) {
		t.Fatalf("%d and %d answers", len(one), len(other))
	}
	for i := range one {
		if one[i] == other[i] {
			continue
		}
		at := 0
		for at < min(len(one[i]), len(other[i])) && one[i][at] == other[i][at] {
			at++
		}
		t.Errorf("answer %d differs at byte %d:\n%s\n---\n%s", i, at, around(one[i], at), around(other[i], at))
		return
	}
}

func around(s string, at int) string { return s[max(0, at-120):min(len(s), at+120)] }
