package unit

import (
	"cmp"
	"slices"
	"strings"

	"kartotek/internal/locale"
)

// How well a body fits a search, best first; closed bodies come after all open ones.
const (
	fitsWhole  = iota // code or name is the text
	fitsStart         // code or name begins with it
	fitsWord          // a later word of the name does
	fitsInside        // it stands somewhere inside
	fitsNot
)

// Search finds bodies by code or name, folded, best fit first and then in
// reading order; at most limit. An empty text finds nothing.
func (t *Tree) Search(text string, limit int) []Unit {
	text = locale.Fold(locale.Tidy(text))
	if text == "" || limit <= 0 {
		return nil
	}
	type hit struct{ place, fit int }
	var hits []hit
	for i := range t.units {
		fit := fits(t.folded[i], t.units[i].Code, text)
		if fit == fitsNot {
			continue
		}
		if t.units[i].Closed {
			fit += fitsNot
		}
		hits = append(hits, hit{i, fit})
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.fit, b.fit) })
	found := make([]Unit, 0, min(limit, len(hits)))
	for _, h := range hits[:min(limit, len(hits))] {
		found = append(found, t.units[h.place])
	}
	return found
}

// fits says how well a text matches a folded name and a code.
func fits(name, code, text string) int {
	switch {
	case name == text || code == text:
		return fitsWhole
	case strings.HasPrefix(name, text) || strings.HasPrefix(code, text):
		return fitsStart
	case strings.Contains(name, " "+text) || strings.Contains(code, "-"+text):
		return fitsWord
	case strings.Contains(name, text) || strings.Contains(code, text):
		return fitsInside
	}
	return fitsNot
}
