package access

import (
	"math"
	"slices"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/vault"
)

// span is a run of days, both included, as day numbers.
type span struct{ first, last int32 }

func (s span) holds(day int32) bool { return day >= s.first && day <= s.last }

// dateOf is the civil date of a day number; the zero date for a day that never comes.
func dateOf(day int32) civil.Date {
	if day == math.MaxInt32 {
		return civil.Date{}
	}
	return civil.DateOf(time.Unix(int64(day)*86400, 0).UTC())
}

// resting reports whether a holding rests on a day because somebody covers it.
// Exactly as many persons have access as the charter gives posts (D8), so of the
// two only the one who covers has it.
func (s *snapshot) resting(id uint64, day int32) bool {
	for _, rest := range s.rests[id] {
		if rest.holds(day) {
			return true
		}
	}
	return false
}

// settle works out which holdings rest, from the covers there are.
func (s *snapshot) settle() {
	s.rests = nil
	for _, held := range s.held {
		for i := range held {
			if h := &held[i]; h.basis.Right == ByCover && h.first <= h.last {
				if s.rests == nil {
					s.rests = map[uint64][]span{}
				}
				s.rests[h.basis.Of] = append(s.rests[h.basis.Of], span{h.first, h.last})
			}
		}
	}
}

// plan is when a holding opens anything from a day on: its term without the
// days on which it rests.
func (s *snapshot) plan(h *holding, today int32) []span {
	if h.may == 0 || h.last < today || h.last < h.first || s.halted(h.basis.ID) {
		return nil
	}
	rests := slices.Clone(s.rests[h.basis.ID])
	slices.SortFunc(rests, func(a, b span) int { return int(a.first) - int(b.first) })
	left := span{max(h.first, today), h.last}
	var all []span
	for _, rest := range rests {
		if rest.last < left.first || rest.first > left.last {
			continue
		}
		if rest.first > left.first {
			all = append(all, span{left.first, rest.first - 1})
		}
		if rest.last >= left.last {
			return all
		}
		left.first = rest.last + 1
	}
	return append(all, left)
}

// find gives a holding by its number, and whose it is.
func (s *snapshot) find(id uint64) (vault.PersonID, *holding) {
	for p, held := range s.held {
		for i := range held {
			if held[i].basis.ID == id {
				return p, &held[i]
			}
		}
	}
	return 0, nil
}
