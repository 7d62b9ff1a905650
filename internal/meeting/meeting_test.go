package meeting_test

import (
	"bytes"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/duty"
	"kartotek/internal/extract"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/mailing"
	"kartotek/internal/meeting"
	"kartotek/internal/vault"
)

// members are who comes to the meeting, most of them members for long.
func members(f *housetest.Fixture) {
	long := func(name, family, joined string, more ...string) {
		values := map[string]string{"given": name, "family": family, "joined": joined, "email": strings.ToLower(name) + "@example.dk"}
		for i := 0; i+1 < len(more); i += 2 {
			values[more[i]] = more[i+1]
		}
		f.Join(name, "gentofte", values, false)
	}
	long("Asta", "Aaboe", "01-02-2010")
	long("Bent", "Bruun", "01-02-2011")
	long("Clara", "Chors", "01-02-2012")
	long("Dan", "Dyhr", "23-10-2026")                          // thirty days before
	long("Eva", "Eeg", "24-10-2026")                           // one too few
	long("Finn", "Friis", "01-02-2015", "birth", "22-11-2011") // fifteen that day
	long("Gro", "Gad", "01-02-2015", "category", "passive")
}

func wish(f *housetest.Fixture, days int) meeting.Wish {
	return meeting.Wish{
		Unit: f.Bodies["gentofte"], Kind: meeting.Ordinary, Day: f.Access.Today().AddDays(days), Clock: "19", Place: "Forsamlingshuset, Bakkevej 2",
		Agenda: []string{"Beretning", "Valg"}, Posts: map[string]int{"chair": 1, "treasurer": 1},
	}
}

func duties(t *testing.T, f *housetest.Fixture, kind duty.Kind) []duty.Duty {
	t.Helper()
	open, err := f.Duties.OpenOf(f.Context(), kind)
	f.Must(err)
	return open
}

// The whole evening: called in time by mail, the roll, the door, the count, a tie settled
// by lot, the new board handed over that evening, and what is left of it afterwards.
func TestTheWholeEvening(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		members(f)
		ctx, chair := f.Context(), f.As("chair")
		m, err := f.Meetings.Plan(ctx, chair, wish(f, 30))
		f.Must(err)
		if open := duties(t, f, duty.SendNotice); len(open) != 1 || open[0].DueOn != m.Day.AddDays(-14) || len(m.Polls) != 2 {
			t.Fatalf("%+v %+v", open, m)
		}
		m, err = f.Meetings.Notice(ctx, chair, m.Number, "Indkaldelse den 22. december", "Vi ses.")
		f.Must(err)
		_, err = f.Mailings.Submit(ctx, chair, m.Mailing)
		f.Must(err)
		f.Must(f.Mailings.Work(ctx))
		sent, err := f.Mailings.Progress(ctx, m.Mailing)
		f.Must(err)
		if sent.State != mailing.Sent || sent.Purpose != charter.ForNotice || sent.Counts.Objected != 0 {
			t.Fatalf("%+v", sent)
		}
		m, _, err = f.Meetings.Get(ctx, chair, m.Number)
		f.Must(err)
		if m.State != meeting.Noticed || m.NoticedOn != f.Access.Today() || m.Late(m.NoticedOn) || len(duties(t, f, duty.SendNotice)) != 0 {
			t.Fatalf("%+v", m)
		}
		if _, err := f.Meetings.Open(ctx, chair, m.Number); !fault.Is(err, fault.Conflict) {
			t.Errorf("opened a month before: %v", err)
		}
		for _, s := range []struct {
			line int
			who  string
		}{{1, "Asta"}, {1, "Bent"}, {2, "treasurer"}} {
			f.Must(f.Meetings.Stand(ctx, chair, m.Number, s.line, f.Person(s.who)))
		}
		if err := f.Meetings.Stand(ctx, chair, m.Number, 1, f.Person("lyngby member")); !fault.Is(err, fault.Invalid) {
			t.Errorf("a member of another body stands: %v", err)
		}

		f.Clock.Add(30 * 24 * time.Hour)
		m, err = f.Meetings.Open(ctx, chair, m.Number)
		f.Must(err)
		for _, who := range []string{"Asta", "Bent", "Clara", "Dan", "Gro", "officer"} {
			m, err = f.Meetings.Mark(ctx, chair, m.Number, f.Person(who), meeting.Came)
			f.Must(err)
		}
		if m.Present != 6 || m.Voting != 5 || m.Ballots != 5 {
			t.Fatalf("%+v", m.Numbers)
		}
		m, err = f.Meetings.Mark(ctx, chair, m.Number, f.Person("Dan"), meeting.Left)
		f.Must(err)
		m, err = f.Meetings.Mark(ctx, chair, m.Number, f.Person("Dan"), meeting.Came)
		f.Must(err)
		m, err = f.Meetings.Mark(ctx, chair, m.Number, f.Person("Eva"), meeting.Came)
		f.Must(err)
		m, err = f.Meetings.Mark(ctx, chair, m.Number, f.Person("Eva"), meeting.Undone)
		f.Must(err)
		if m.Present != 6 || m.Ballots != 5 {
			t.Fatalf("after some came and went: %+v", m.Numbers)
		}
		if _, err := f.Meetings.Proxy(ctx, chair, m.Number, f.Person("Eva"), f.Person("Dan")); !fault.Is(err, fault.Conflict) {
			t.Errorf("a proxy the charter does not have: %v", err)
		}
		counters := [2]vault.PersonID{f.Person("Clara"), f.Person("Dan")}
		count := meeting.Tally{Votes: map[vault.PersonID]int{f.Person("Asta"): 2, f.Person("Bent"): 2}, Handed: 5, Cast: 5, Blank: 1, Counters: counters}
		for _, wrong := range []func(*meeting.Tally){
			func(c *meeting.Tally) { c.Handed = 6 }, func(c *meeting.Tally) { c.Cast = 4 }, func(c *meeting.Tally) { c.Invalid = -1 },
			func(c *meeting.Tally) { c.Counters[1] = f.Person("Clara") }, func(c *meeting.Tally) { c.Counters[0] = f.Person("Asta") },
			func(c *meeting.Tally) { c.Counters[0] = f.Person("neighbour") },
		} {
			bad := count
			wrong(&bad)
			if _, err := f.Meetings.Count(ctx, chair, m.Number, 1, bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v is counted: %v", bad, err)
			}
		}
		m, err = f.Meetings.Count(ctx, chair, m.Number, 1, count)
		f.Must(err)
		if m.Polls[0].State != meeting.Tied {
			t.Fatalf("%+v", m.Polls[0])
		}
		if _, err := f.Meetings.Board(ctx, chair, m.Number, f.Access.Today()); !fault.Is(err, fault.Conflict) {
			t.Errorf("a board before everything is counted: %v", err)
		}
		m, err = f.Meetings.Settle(ctx, chair, m.Number, 1, []vault.PersonID{f.Person("Asta")})
		f.Must(err)
		m, err = f.Meetings.Count(ctx, chair, m.Number, 2, meeting.Tally{Unopposed: true})
		f.Must(err)

		board, err := f.Meetings.Board(ctx, chair, m.Number, f.Access.Today())
		f.Must(err)
		_, err = f.Access.HandOver(ctx, f.As("anna"), board)
		f.Must(err)
		m, err = f.Meetings.BoardEntered(ctx, f.As("anna"), m.Number)
		f.Must(err)
		if len(duties(t, f, duty.EnterBoard)) != 0 || m.BoardOn.IsZero() {
			t.Errorf("the board is entered: %+v", m)
		}
		if f.Access.Officers(f.Bodies["gentofte"], charter.Appoint)[0] != f.Person("Asta") {
			t.Error("the chair of that evening has no access")
		}
		if _, err := f.Access.Decide(chair, access.Want{Act: charter.Appoint}); err == nil {
			t.Error("the old chair still has access")
		}
		if !slices.ContainsFunc(f.Access.Held(f.Person("treasurer")), func(h access.Holding) bool { return h.Basis.From == f.Access.Today() }) {
			t.Error("who was elected again has no new term")
		}

		paper := protocol(t, f, f.As("officer"), m.Number)
		for _, want := range []string{"Valgprotokol", "Asta Aaboe: 2, valgt", "Bent Bruun: 2", "Clara Chors", "Valgt uden afstemning", "Dirigent"} {
			if !strings.Contains(paper, want) {
				t.Errorf("the record of votes does not say %q:\n%s", want, paper)
			}
		}
		m, err = f.Meetings.Close(ctx, f.As("officer"), m.Number, "Protokollen, side 12")
		f.Must(err)
		if len(duties(t, f, duty.CloseMeeting)) != 0 {
			t.Error("the minutes are noted, and still asked for")
		}
		remains(t, f, m)
	})
}

// remains looks at what is left after the charter's days: numbers about nobody (N14).
func remains(t *testing.T, f *housetest.Fixture, m meeting.Meeting) {
	t.Helper()
	if due, all, err := f.Meetings.Due(f.Context(), f.Clock.Now()); err != nil || due != 0 || all == 0 {
		t.Errorf("that evening: %d of %d, %v", due, all, err)
	}
	f.Clock.Add(31 * 24 * time.Hour)
	gone, err := f.Meetings.End(f.Context(), f.Clock.Now())
	f.Must(err)
	if due, all, err := f.Meetings.Due(f.Context(), f.Clock.Now()); err != nil || due != 0 || all != 0 || gone < 10 {
		t.Errorf("after the days: %d of %d, %d gone, %v", due, all, gone, err)
	}
	after, _, err := f.Meetings.Get(f.Context(), f.As("officer"), m.Number)
	f.Must(err)
	if after.Numbers != m.Numbers || after.Polls[0].Cast != 5 {
		t.Errorf("the numbers were %+v and are %+v", m.Numbers, after.Numbers)
	}
}

func protocol(t *testing.T, f *housetest.Fixture, by access.Actor, number int64) string {
	t.Helper()
	m, scope, err := f.Meetings.Get(f.Context(), by, number)
	f.Must(err)
	all, counted, err := f.Meetings.Candidates(f.Context(), scope, &m)
	f.Must(err)
	persons := []vault.PersonID{f.Person("Asta"), f.Person("Bent"), f.Person("Clara"), f.Person("Dan"), f.Person("treasurer")}
	names, err := f.Members.Names(f.Context(), scope, persons)
	f.Must(err)
	var file bytes.Buffer
	f.Must(f.Meetings.Protocol(&file, &m, all, counted, names, f.Charter.Printer("da")))
	return poppler(t, file.Bytes())
}

// poppler reads a PDF as anybody's reader does.
func poppler(t *testing.T, file []byte) string {
	t.Helper()
	c := exec.Command("pdftotext", "-layout", "-", "-")
	c.Stdin = bytes.NewReader(file)
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// D12: the attendance sheet is a list: numbered, in somebody's name, on record with
// everybody on it, destroyed right after the meeting; and it says why somebody has no vote.
func TestD12AttendanceSheet(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		members(f)
		ctx, chair := f.Context(), f.As("chair")
		w := wish(f, 0)
		w.Kind = meeting.Extraordinary
		m, err := f.Meetings.Plan(ctx, chair, w)
		f.Must(err)
		if !m.Late(f.Access.Today()) {
			t.Error("a meeting today was called in time")
		}
		d, err := f.PullRoll(ctx, chair, m.Number, "da")
		f.Must(err)
		var file bytes.Buffer
		f.Must(d.Write(ctx, &file))
		text := poppler(t, file.Bytes())
		for _, want := range []string{
			"Liste 1", "Carl Formandsen", "Destrueres senest", "23. november 2026", "Asta Aaboe", "Stemmeret",
			"Har på mødedagen været medlem i 29 dage; reglerne kræver 30.", "Medlem i 30 dage; reglerne kræver 30.", "giver ingen stemme", "Underskrift",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("the sheet does not say %q:\n%s", want, text)
			}
		}
		for _, never := range []string{"@example", "Bregnebjerg", "22-11-2011", "2011"} {
			if strings.Contains(text, never) {
				t.Errorf("the sheet says %q", never)
			}
		}
		lists, err := f.Extracts.Mine(ctx, chair)
		f.Must(err)
		if len(lists) != 1 || lists[0].Purpose != charter.ForRoll || lists[0].DestroyBy != m.Day.AddDays(1) || lists[0].Members != d.List.Members {
			t.Errorf("%+v", lists)
		}
		account, err := f.Journal.About(ctx, uint32(f.Person("Asta")), journal.Page{})
		f.Must(err)
		if !slices.ContainsFunc(account.Lines, func(l journal.Line) bool { return l.Act == journal.List && l.Number == 1 }) {
			t.Error("who stands on it is not on record")
		}
		if _, err := f.Extracts.Pull(ctx, chair, extract.Wish{Purpose: charter.ForRoll, Format: extract.CSV, Lang: "da"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a roll as a file for a spreadsheet: %v", err)
		}
	})
}

// D11: a meeting of another body, its roll and its votes are as if there were none.
func TestD11MeetingsStayInTheirBody(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		m, err := f.Meetings.Plan(ctx, f.As("chair"), wish(f, 20))
		f.Must(err)
		other := f.As("other chair")
		if _, _, err := f.Meetings.Get(ctx, other, m.Number); !fault.Is(err, fault.NotFound) {
			t.Errorf("seen: %v", err)
		}
		if _, err := f.Meetings.Roll(ctx, other, m.Number, meeting.Look{Size: 10}); !fault.Is(err, fault.NotFound) {
			t.Errorf("the roll: %v", err)
		}
		if _, err := f.Meetings.Cancel(ctx, other, m.Number); !fault.Is(err, fault.NotFound) {
			t.Errorf("called off: %v", err)
		}
		if _, err := f.Meetings.Plan(ctx, f.As("regional chair"), wish(f, 20)); !fault.Is(err, fault.Denied) {
			t.Errorf("planned by the level above: %v", err)
		}
		w := wish(f, 20)
		w.Unit = f.Bodies["party"]
		if _, err := f.Meetings.Plan(ctx, f.As("anna"), w); !fault.Is(err, fault.Invalid) {
			t.Errorf("a meeting of the whole party: %v", err)
		}
		if all, _, err := f.Meetings.List(ctx, other, 0); err != nil || len(all) != 0 {
			t.Errorf("%v %v", all, err)
		}
	})
}

// The year asks for the meeting: a body without one planned in its season gets a duty,
// which planning ends; a notice that goes out too late is late and told so.
func TestTheYearAsksForTheMeeting(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		f.Must(f.Meetings.Daily(ctx))
		if open := duties(t, f, duty.PlanMeeting); len(open) != 0 {
			t.Fatalf("asked in November: %+v", open)
		}
		f.Clock.Add(20 * 24 * time.Hour)
		f.Must(f.Meetings.Daily(ctx))
		f.Must(f.Meetings.Daily(ctx))
		open := duties(t, f, duty.PlanMeeting)
		if len(open) != 2 || open[0].DueOn.String() != "2027-03-17" { // gentofte and lyngby have a board
			t.Fatalf("%+v", open)
		}
		m, err := f.Meetings.Plan(ctx, f.As("chair"), wish(f, 90))
		f.Must(err)
		f.Must(f.Meetings.Daily(ctx))
		if open := duties(t, f, duty.PlanMeeting); len(open) != 1 || open[0].Unit != f.Bodies["lyngby"] {
			t.Errorf("%+v", open)
		}
		_, err = f.Meetings.Noticed(ctx, f.As("officer"), m.Number, f.Access.Today())
		f.Must(err)
		w := wish(f, 91)
		if m, err = f.Meetings.Change(ctx, f.As("chair"), m.Number, w); err != nil || m.State != meeting.Planned || len(duties(t, f, duty.SendNotice)) != 1 {
			t.Errorf("another day needs another notice: %+v %v", m, err)
		}
		f.Clock.Add(80 * 24 * time.Hour)
		m, err = f.Meetings.Noticed(ctx, f.As("officer"), m.Number, f.Access.Today())
		f.Must(err)
		if !m.Late(m.NoticedOn) {
			t.Errorf("eleven days before: %+v", m)
		}
		f.Clock.Add(13 * 24 * time.Hour)
		f.Must(f.Meetings.Daily(ctx))
		if len(duties(t, f, duty.CloseMeeting)) != 1 || len(duties(t, f, duty.EnterBoard)) != 1 {
			t.Error("a meeting nobody opened is forgotten")
		}
		if _, text := f.Meetings.NoticeText(&m, locale.For("da")); !strings.Contains(text, "Formand") || !strings.Contains(text, "er fyldt 15 år") {
			t.Errorf("the notice:\n%s", text)
		}
	})
}
