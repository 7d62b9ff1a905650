package departure

import (
	"testing"

	"github.com/golang-sql/civil"
	"pgregory.net/rapid"

	"kartotek/internal/unit"
)

// What is kept of one body is found among its records and no other's, whatever
// number the body has and whenever keeping ends.
func TestL7WhatABodyKeepsIsFoundUnderIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := unit.ID(rapid.Uint32Range(1, 1<<20).Draw(t, "body"))
		a := Account{Unit: body, Until: civil.Date{Year: rapid.IntRange(2026, 2060).Draw(t, "year"), Month: 12, Day: 31}}
		if first, last := ofUnit(body); a.id() < first || a.id() > last {
			t.Errorf("%d is not between %d and %d", a.id(), first, last)
		}
		for _, other := range []unit.ID{body - 1, body + 1} {
			if first, last := ofUnit(other); a.id() >= first && a.id() <= last {
				t.Errorf("%d of body %d is found under %d", a.id(), body, other)
			}
		}
	})
}
