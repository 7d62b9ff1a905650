package duty

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/golang-sql/civil"
	"pgregory.net/rapid"

	"kartotek/internal/charter"
	"kartotek/internal/unit"
)

// A calendar as a program reads it: lines of at most 75 bytes that end in CR LF, no
// character cut in two, and the title back as it was.
func TestCalendarFollowsRFC5545(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		title := rapid.StringOfN(rapid.RuneFrom([]rune("aæøå,;\\\nÅ ×€")), 0, 200, -1).Draw(r, "title")
		var b bytes.Buffer
		on := civil.Date{Year: 2026, Month: 12, Day: 31}
		if err := Calendar(&b, "Årshjul", "da", time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), []Event{{UID: "7@kartotek", On: on, Title: title, Done: true}}); err != nil {
			r.Fatal(err)
		}
		text := b.String()
		if strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\n") || !strings.HasSuffix(text, "END:VCALENDAR\r\n") {
			r.Fatalf("line ends: %q", text)
		}
		for _, line := range strings.Split(text, "\r\n") {
			if len(line) > 75 || !utf8.ValidString(line) {
				r.Fatalf("line %q", line)
			}
		}
		unfolded := strings.ReplaceAll(text, "\r\n ", "")
		for _, want := range []string{"DTSTART;VALUE=DATE:20261231\r\n", "DTEND;VALUE=DATE:20270101\r\n", "DTSTAMP:20261122T120000Z\r\n", "VERSION:2.0\r\n"} {
			if !strings.Contains(unfolded, want) {
				r.Fatalf("no %q in %q", want, unfolded)
			}
		}
		_, summary, _ := strings.Cut(unfolded, "SUMMARY;LANGUAGE=da:")
		summary, _, _ = strings.Cut(summary, "\r\n")
		back := strings.NewReplacer(`\\`, `\`, `\;`, ";", `\,`, ",", `\n`, "\n").Replace(summary)
		if back != title {
			r.Fatalf("%q came back as %q", title, back)
		}
	})
}

// What is foreseen goes to whoever will answer for it, within the days asked for.
func TestWhatComesGoesToWhoeverAnswers(t *testing.T) {
	e := &Engine{}
	e.Foresee(func(_ context.Context, first, last civil.Date) ([]Ahead, error) {
		return []Ahead{
			{On: last, Code: "b", Unit: 5, Act: "access"}, {On: first, Code: "a", Each: true, Act: "access"},
			{On: first, Code: "office", Act: "close"}, {On: last.AddDays(1), Code: "later", Unit: 5, Act: "access"},
		}, nil
	})
	first, last := day(1), day(30)
	for _, who := range []struct {
		name string
		acts map[unit.ID]charter.Acts
		want string
	}{
		{"an officer", map[unit.ID]charter.Acts{5: charter.Access}, "a b"},
		{"an officer elsewhere", map[unit.ID]charter.Acts{6: charter.Access}, "a"},
		{"the secretariat", map[unit.ID]charter.Acts{0: charter.Close | charter.Access}, "office"},
		{"somebody without that right", map[unit.ID]charter.Acts{5: charter.Pull}, ""},
		{"two hats", Together(1, map[unit.ID]charter.Acts{5: charter.Access}, map[unit.ID]charter.Acts{0: charter.Close}).Acts, "a office b"},
	} {
		all, err := e.Ahead(t.Context(), Responsible{Acts: who.acts}, first, last)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range all {
			got = append(got, a.Code)
		}
		if strings.Join(got, " ") != who.want {
			t.Errorf("%s: %q, want %q", who.name, got, who.want)
		}
	}
	in, err := e.AheadIn(t.Context(), 5, first, last)
	if err != nil || len(in) != 2 {
		t.Errorf("in the body: %+v, %v", in, err)
	}
}
