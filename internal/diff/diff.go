// Package diff tells what differs between two texts: passage by passage, and inside a
// passage word by word. It knows no text in particular and nothing of languages, so
// every room that publishes versions compares them alike.
package diff

import (
	"slices"
	"strings"
)

// Change is one passage that differs: with Was alone it was removed, with Now alone
// added, with both it was changed.
type Change struct {
	Was []Piece `json:"was,omitempty"`
	Now []Piece `json:"now,omitempty"`
}

// Piece is a run of words; Differs marks those the other side does not have.
type Piece struct {
	Text    string `json:"text"`
	Differs bool   `json:"differs,omitempty"`
}

// Changes are the passages that differ. A removed passage next to an added one that
// is like it is one that was changed.
func Changes(was, now []string) []Change {
	empty := func(s string) bool { return s == "" }
	was, now = slices.DeleteFunc(slices.Clone(was), empty), slices.DeleteFunc(slices.Clone(now), empty)
	var all []Change
	var gone, come []string
	flush := func() {
		all = append(all, paired(gone, come)...)
		gone, come = nil, nil
	}
	for _, step := range steps(was, now) {
		switch {
		case step.was && step.now:
			flush()
		case step.was:
			gone = append(gone, step.text)
		default:
			come = append(come, step.text)
		}
	}
	flush()
	return all
}

// paired puts each passage that is gone beside the one that came in its place.
func paired(gone, come []string) []Change {
	var all []Change
	used := make([]bool, len(come))
	for _, old := range gone {
		best, most := -1, likeness
		for i, text := range come {
			if !used[i] {
				if alike := alike(old, text); alike >= most {
					best, most = i, alike+1e-9
				}
			}
		}
		if best < 0 {
			all = append(all, Change{Was: []Piece{{Text: old}}})
			continue
		}
		used[best] = true
		was, now := pieces(old, come[best])
		all = append(all, Change{Was: was, Now: now})
	}
	for i, text := range come {
		if !used[i] {
			all = append(all, Change{Now: []Piece{{Text: text}}})
		}
	}
	return all
}

// likeness is the share of words that two passages must have in common to be one that
// was changed.
const likeness = .4

func alike(a, b string) float64 {
	words, others := strings.Fields(a), strings.Fields(b)
	same := 0
	for _, s := range steps(words, others) {
		if s.was && s.now {
			same++
		}
	}
	return 2 * float64(same) / float64(len(words)+len(others))
}

// pieces are two passages with the words marked that the other does not have.
func pieces(old, text string) (was, now []Piece) {
	put := func(into *[]Piece, word string, differs bool) {
		if last := len(*into) - 1; last >= 0 && (*into)[last].Differs == differs {
			(*into)[last].Text += " " + word
			return
		}
		*into = append(*into, Piece{word, differs})
	}
	for _, s := range steps(strings.Fields(old), strings.Fields(text)) {
		if s.was {
			put(&was, s.text, !s.now)
		}
		if s.now {
			put(&now, s.text, !s.was)
		}
	}
	return was, now
}

// step is one item of two sequences on the shortest way from one to the other.
type step struct {
	text     string
	was, now bool
}

// steps is that way, by the longest sequence the two have in common. What is gone
// comes before what came in its place.
func steps(was, now []string) []step {
	longest := make([][]int, len(was)+1)
	for i := range longest {
		longest[i] = make([]int, len(now)+1)
	}
	for i := len(was) - 1; i >= 0; i-- {
		for j := len(now) - 1; j >= 0; j-- {
			if was[i] == now[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	var all []step
	i, j := 0, 0
	for i < len(was) || j < len(now) {
		switch {
		case i < len(was) && j < len(now) && was[i] == now[j]:
			all = append(all, step{was[i], true, true})
			i, j = i+1, j+1
		case j == len(now) || i < len(was) && longest[i+1][j] >= longest[i][j+1]:
			all = append(all, step{was[i], true, false})
			i++
		default:
			all = append(all, step{now[j], false, true})
			j++
		}
	}
	return all
}
