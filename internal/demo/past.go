package demo

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/member"
	"kartotek/internal/report"
	"kartotek/internal/unit"
)

// monthsCounted is how many months the demo's register was counted before it began:
// enough for a course of time to be one.
const monthsCounted = 40

// leaveIn is in how many months a member leaves, about: one in a hundred a month.
const leaveIn = 100

// counted takes over numbers of the years before, as they may well have been: from
// who is there now one goes back month by month, takes out who joined, and puts
// back some who left.
func (b *builder) counted(ctx context.Context) error {
	b.clock.behind.Store(0)
	end := b.Charter.Today(b.Now())
	end = civil.Date{Year: end.Year, Month: end.Month, Day: 1}.AddDays(-1)
	census, err := b.Members.Census(ctx, end)
	if err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(uint64(b.count), 0x7061)) // the federation itself does not change by it
	bodies := map[unit.ID][]member.Head{}
	for h, n := range census {
		for range n {
			bodies[h.Unit] = append(bodies[h.Unit], h)
		}
	}
	for _, heads := range bodies {
		slices.SortFunc(heads, compareHeads)
	}
	var months []report.Earlier
	for range monthsCounted {
		m := report.Earlier{End: end, Members: map[member.Head]int{}, Events: map[report.Event]int{}}
		for _, u := range b.Units.Tree().All() {
			for _, h := range bodies[u.ID] {
				m.Members[h]++
			}
			before := earlier(rng, bodies[u.ID], end, m.Events)
			bodies[u.ID] = before
		}
		months = append(months, m)
		end = civil.Date{Year: end.Year, Month: end.Month, Day: 1}.AddDays(-1)
	}
	return b.Reports.TakeOver(ctx, months)
}

// earlier gives the members of a body a month before, and notes who came and went.
func earlier(rng *rand.Rand, now []member.Head, end civil.Date, events map[report.Event]int) (before []member.Head) {
	add := func(of unit.ID, kind report.Kind) { events[report.Event{Unit: of, Kind: kind}]++ }
	for _, h := range now {
		switch {
		case h.Joined > end.Year, h.Joined == end.Year && rng.IntN(int(end.Month)) == 0:
			kind := report.Joined
			if rng.IntN(12) == 0 {
				kind = report.Arrived
			}
			add(h.Unit, kind)
			continue
		case rng.IntN(leaveIn) == 0: // somebody like them has left since
			kind := report.Left
			if rng.IntN(10) == 0 {
				kind = report.Moved
			}
			add(h.Unit, kind)
			before = append(before, h)
		}
		if end.Month == time.January && h.Age > 15 { // younger by a year in December
			h.Age--
		}
		before = append(before, h)
	}
	return before
}

func compareHeads(a, b member.Head) int {
	switch {
	case a.Age != b.Age:
		return a.Age - b.Age
	case a.Joined != b.Joined:
		return a.Joined - b.Joined
	case a.Sex < b.Sex:
		return -1
	case a.Sex > b.Sex:
		return 1
	}
	return 0
}
