package access

import (
	"math"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// holding is what Decide reads: a right with its term as day numbers and its
// reach worked out beforehand.
type holding struct {
	basis       Basis
	may         charter.Acts
	first, last int32           // days since 1970 in the charter's zone, both included
	reach       *roaring.Bitmap // nil: the whole register
	ground      string
	by          vault.PersonID
	grant       *Grant             // of documented access
	purposes    []*charter.Purpose // and what it opens, with no more than its fields
}

// snapshot is the state of all rights at one moment; it never changes.
type snapshot struct {
	held  map[vault.PersonID][]holding
	rests map[uint64][]span     // holdings that rest while they are covered; nil where none does
	halts map[uint64]civil.Date // holdings that a review has suspended, since when; never changed in place (halt.go)
	tree  *unit.Tree
	root  unit.ID
}

// decide is the rule itself: pure, and without allocation when it grants.
func (s *snapshot) decide(c *charter.Charter, a Actor, w Want, today int32, purpose *charter.Purpose) (Scope, string) {
	if purpose == nil {
		return Scope{}, "access.denied.purpose"
	}
	if w.Self {
		if a.Person == 0 {
			return Scope{}, "access.denied.nobody"
		}
		return Scope{granted: true, self: true, actor: a, purpose: purpose, basis: Basis{Right: BySelf}}, ""
	}
	reason := "access.denied.none"
	held := s.held[a.Person]
	staff := wearsPosition(held, a.As)
	var best *holding
	for i := range held {
		h := &held[i]
		switch {
		case a.As != 0 && h.basis.ID != a.As && !(staff && h.basis.Right == ByPosition), h.basis.Right == BySubstitute:
			continue
		case today < h.first || today > h.last:
			reason = worse(reason, "access.denied.term")
			continue
		case s.rests != nil && s.resting(h.basis.ID, today):
			reason = worse(reason, "access.denied.covered")
			continue
		case s.halts != nil && !s.halts[h.basis.ID].IsZero():
			reason = worse(reason, "access.denied.halted")
			continue
		case h.may&w.Act == 0:
			reason = worse(reason, "access.denied.act")
			continue
		case w.Unit != 0 && h.reach != nil && !h.reach.Contains(uint32(w.Unit)):
			reason = worse(reason, "access.denied.body")
			continue
		case h.grant != nil && h.purpose(purpose.Code) == nil:
			reason = worse(reason, "access.denied.grant_purpose")
			continue
		}
		// The narrowest body that suffices is what is used and recorded; but whoever holds a
		// post there acts by it, and not by the few fields of a documented access.
		if best == nil || best.reach == nil && h.reach != nil || best.grant != nil && h.grant == nil && h.reach != nil {
			best = h
		}
	}
	if best == nil {
		return Scope{}, reason
	}
	if best.grant != nil {
		purpose = best.purpose(purpose.Code)
	}
	scope := Scope{granted: true, actor: a, act: w.Act, unit: w.Unit, purpose: purpose, basis: best.basis, units: best.reach}
	switch {
	case w.Unit == 0 && best.reach == nil:
		scope.all = true
	case w.Unit == 0:
		scope.unit = best.basis.Unit
	case w.Unit == s.root && best.reach == nil:
		scope.all = true
	case best.reach == nil || w.Unit != best.basis.Unit:
		scope.units = s.tree.Under(w.Unit)
	}
	return scope, ""
}

// wearsPosition reports whether a hat is a position. Positions all reach the
// whole register, so whoever holds two wears them together; the one that allows
// an act is the one recorded.
func wearsPosition(held []holding, as uint64) bool {
	for i := range held {
		if held[i].basis.ID == as {
			return held[i].basis.Right == ByPosition
		}
	}
	return false
}

// worse keeps the denial that tells most: somebody who holds the right for
// another body learns that, not that they hold nothing.
func worse(a, b string) string {
	if rank(b) > rank(a) {
		return b
	}
	return a
}

func rank(reason string) int {
	switch reason {
	case "access.denied.term":
		return 1
	case "access.denied.act":
		return 2
	case "access.denied.body":
		return 3
	case "access.denied.grant_purpose":
		return 4
	case "access.denied.covered":
		return 5
	case "access.denied.halted":
		return 6
	}
	return 0
}

// day numbers a civil date; days sort and compare as the dates do.
func day(d civil.Date) int32 {
	return int32(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// term turns a from and an until date into day numbers.
func term(from, until civil.Date) (first, last int32) {
	first, last = math.MinInt32, math.MaxInt32
	if !from.IsZero() {
		first = day(from)
	}
	if !until.IsZero() {
		last = day(until)
	}
	return first, last
}

// checkTerm validates the dates of a post or position.
func checkTerm(e *fault.Error, from, until civil.Date) *fault.Error {
	if from.IsZero() || !from.IsValid() {
		e = e.With("from", "access.error.from_missing")
	}
	if !until.IsZero() && (!until.IsValid() || day(until) < day(from)) {
		e = e.With("until", "access.error.until_before_from")
	}
	return e
}

// overlaps reports whether two terms share a day.
func overlaps(aFrom, aUntil, bFrom, bUntil civil.Date) bool {
	a1, a2 := term(aFrom, aUntil)
	b1, b2 := term(bFrom, bUntil)
	return a1 <= b2 && b1 <= a2
}
