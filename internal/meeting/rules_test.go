package meeting

import (
	"slices"
	"testing"

	"github.com/golang-sql/civil"
	"pgregory.net/rapid"

	"kartotek/internal/charter"
	"kartotek/internal/member"
	"kartotek/internal/vault"
)

func shipped(t testing.TB, name string) *charter.Charter {
	t.Helper()
	c, err := charter.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Who has a vote follows the charter at every border: the birthday, the day a membership
// is old enough, dues, and kinds of membership without a vote; and every no says why.
func TestWhoHasAVote(t *testing.T) {
	for _, name := range charter.Shipped() {
		c := shipped(t, name)
		rules := &c.Meetings
		rapid.Check(t, func(t *rapid.T) {
			on := civil.Date{Year: 2027, Month: 3, Day: 14}
			v := member.Voter{
				Category: rapid.SampledFrom(c.Categories).Draw(t, "category").Code, Passive: rapid.Bool().Draw(t, "passive"),
				Since: on.AddDays(-rapid.IntRange(-3, 60).Draw(t, "days")),
				Birth: civil.Date{Year: 2027 - rapid.IntRange(13, 20).Draw(t, "age"), Month: 3, Day: rapid.IntRange(12, 16).Draw(t, "birthday")},
			}
			behind := rapid.Bool().Draw(t, "behind")
			got := judge(c, &v, on, behind)

			age := on.Year - v.Birth.Year
			if v.Birth.Day > on.Day {
				age--
			}
			want := age >= rules.VoteAge.Value && on.DaysSince(v.Since) >= rules.MemberDays.Value && !c.CategoryOr(v.Category).NoVote
			if rules.MemberDays.Value == 0 {
				want = age >= rules.VoteAge.Value && !c.CategoryOr(v.Category).NoVote
			}
			want = want && !(rules.DuesPaid.Value && (behind || v.Passive))
			if got.Vote != want {
				t.Fatalf("%s: %+v behind %v: %+v, want %v", name, v, behind, got, want)
			}
			if !got.Vote && len(got.Reasons) == 0 {
				t.Fatalf("no vote and no reason: %+v", v)
			}
			if got.Vote && slices.ContainsFunc(got.Reasons, func(r Reason) bool { return r.Code != "days_ok" && r.Code != "unknown" }) {
				t.Fatalf("a vote with a hindrance: %+v", got)
			}
		})
	}
	c := shipped(t, "party-dk")
	if got := judge(c, &member.Voter{}, civil.Date{Year: 2027, Month: 3, Day: 14}, false); !got.Vote || len(got.Reasons) != 1 || got.Reasons[0].Code != "unknown" {
		t.Errorf("whose days nobody knows: %+v", got)
	}
}

// A count that passes adds up, and what it means does not depend on the order of the
// candidates: nobody is elected with fewer votes than somebody who is not, no more are
// elected than there are seats, and equal votes at the border are never decided silently.
func TestTheCountDecides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &charter.Meetings{Count: rapid.SampledFrom([]string{charter.CountSimple, charter.CountAbsolute}).Draw(t, "count")}
		seats := rapid.IntRange(1, 3).Draw(t, "seats")
		votes := rapid.SliceOfN(rapid.IntRange(0, 6), 1, 6).Draw(t, "votes")
		var stand []Candidate
		tally := Tally{Votes: map[vault.PersonID]int{}, Blank: rapid.IntRange(0, 3).Draw(t, "blank"), Invalid: rapid.IntRange(0, 2).Draw(t, "invalid")}
		sum, most := 0, 0
		for i, n := range votes {
			stand = append(stand, Candidate{Person: vault.PersonID(i + 1), Votes: n})
			tally.Votes[vault.PersonID(i+1)] = n
			sum, most = sum+n, max(most, n)
		}
		valid := max(most, (sum+seats-1)/seats)
		tally.Cast = valid + tally.Blank + tally.Invalid
		if seats == 1 {
			tally.Cast = sum + tally.Blank + tally.Invalid
		}
		tally.Handed = tally.Cast + rapid.IntRange(0, 2).Draw(t, "kept")
		p := &Poll{Seats: seats, State: Waiting}
		if err := checkTally(p, &tally, stand, tally.Handed); err != nil {
			t.Fatalf("%+v: %v", tally, err)
		}
		if checkTally(p, &tally, stand, tally.Handed-1) == nil {
			t.Fatal("more ballots than votes in the room")
		}
		over := tally
		if over.Cast = over.Handed + 1; checkTally(p, &over, stand, tally.Handed) == nil {
			t.Fatal("more ballots in the box than were handed out")
		}
		p.Cast, p.Blank, p.Invalid = tally.Cast, tally.Blank, tally.Invalid
		state := decide(m, p, stand)
		won, least, best, tied := 0, 1<<30, -1, 0
		for _, c := range stand {
			switch {
			case c.Elected:
				won, least = won+1, min(least, c.Votes)
			case c.Tied:
				tied++
				fallthrough
			default:
				best = max(best, c.Votes)
			}
		}
		switch {
		case won > seats:
			t.Fatalf("%d for %d seats", won, seats)
		case won > 0 && best > least, won > 0 && best == least && tied == 0 && m.Count == charter.CountSimple:
			t.Fatalf("elected with fewer or as many votes: %+v", stand)
		case (state == Tied) != (tied > 0), state == Elected && won != seats, state == Short && won >= seats:
			t.Fatalf("%s: %d of %d, %d tied", state, won, seats, tied)
		case state == Tied && tied <= seats-won:
			t.Fatalf("%d tied for %d seats", tied, seats-won)
		}
		turned := slices.Clone(stand)
		slices.Reverse(turned)
		if again := decide(m, p, turned); again != state {
			t.Fatalf("%s, and turned round %s", state, again)
		}
		slices.Reverse(turned)
		if !slices.Equal(turned, stand) {
			t.Fatalf("%+v, and turned round %+v", stand, turned)
		}
	})
	simple := &charter.Meetings{Count: charter.CountSimple}
	for _, q := range []struct {
		yes, no int
		want    PollState
	}{{3, 2, Carried}, {2, 2, Rejected}, {0, 0, Rejected}, {1, 3, Rejected}} {
		if got := decide(simple, &Poll{Yes: q.yes, No: q.no, Cast: q.yes + q.no}, nil); got != q.want {
			t.Errorf("%d yes, %d no: %s", q.yes, q.no, got)
		}
	}
	if got := decide(&charter.Meetings{Count: charter.CountAbsolute}, &Poll{Yes: 3, No: 1, Cast: 6, Blank: 2}, nil); got != Rejected {
		t.Errorf("half of the ballots is not more than half: %s", got)
	}
}

// The states of a meeting are those of the drawing, and what is over stays over.
func TestStatesOfAMeeting(t *testing.T) {
	for _, s := range []State{Planned, Noticed, Held, Closed, Cancelled} {
		if s.Over() != (len(moves[s]) == 0) {
			t.Errorf("%s: over %v, with %v to go", s, s.Over(), moves[s])
		}
	}
	for text, want := range map[string]string{"19": "19:00", "19.30": "19:30", "7:05": "07:05", "19:00": "19:00"} {
		if got, ok := clock(text); !ok || got != want {
			t.Errorf("%s: %s %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "25", "19:61", "kl. 7", "190"} {
		if got, ok := clock(text); ok {
			t.Errorf("%q is %s", text, got)
		}
	}
}

// Seats: whoever was elected gets one, a holder elected again goes on, the others stay.
func TestTheNewBoardTakesItsSeats(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "n")
		board := newBoard(n)
		up := rapid.IntRange(1, n).Draw(t, "up")
		won := rapid.SliceOfNDistinct(rapid.IntRange(1, 9), 0, up, rapid.ID[int]).Draw(t, "won")
		var persons []vault.PersonID
		for _, p := range won {
			persons = append(persons, vault.PersonID(p))
		}
		seat(board.lines, board.held, "chair", up, persons, civil.Date{Year: 2029, Month: 3, Day: 1})
		if problem := board.wrong(persons, up); problem != "" {
			t.Fatalf("%d seats, %d up, %v elected: %s: %+v", n, up, won, problem, board.lines)
		}
	})
}
