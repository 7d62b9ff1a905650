package report

import (
	"cmp"
	"slices"

	"kartotek/internal/unit"
)

// The rule of who is told (D2, N14). One count has rows: a body with all below it,
// one number for each cell. Levels are folded from the broadest to the finest, and
// on each:
//
//   - a row is clean when each of its bands is nought or at least the minimum;
//   - the association is told where its row is clean; a body where it was told on the
//     level before, its row is clean, and the body above is told;
//   - what the bodies told by themselves leave of the body above, its rest, must be
//     clean too: as long as it is not, one more of them is counted with it, by lot;
//   - now and then the lot keeps a body back that could be told, so that being left
//     out says nothing for sure;
//   - a body of which a count stands is told anew only when nobody or at least so many
//     came or went since, and the same holds of a rest.
//
// So a body is told with all bands of a level or with none, and every number that
// adding and subtracting can make is a sum of clean numbers: of one rest, of one
// body, of a band of either. A row that is left out is never left out alone in such a
// way that its neighbours give it away, since the rest it lies in is clean itself.

// rows is what is counted: the cells of each body's own members.
type rows map[unit.ID][]int

// folded is a body in the fold.
type folded struct {
	id       unit.ID
	children []int
	cells    []int // with all below
}

// bodies is the tree of bodies: in reading order, each before those below it.
type bodies interface {
	All() []unit.Unit
	Path(id unit.ID) []unit.Unit
}

// counting is one count of all bodies by one cut.
type counting struct {
	tree    bodies
	own     rows // cells of the members a body has itself, not below
	cut     cutting
	minimum int

	within  map[unit.ID]bool // bodies that may be told at all; nil: every one
	changed changed          // since each body was told last; nil: no count stands
	lot     lot              // drawn for this count, and nobody's to know
}

// changed is how many came or went.
type changed interface {
	since(id unit.ID) int // in a body with all below it, since it was told last
	own(id unit.ID) int   // in the body itself, since then
}

// fold says for each body told the finest level on which it is; the others are not
// in it.
func (c *counting) fold() map[unit.ID]int {
	all := gather(c.tree, c.own, c.cut.cells)
	told := map[unit.ID]int{}
	if len(all) == 0 {
		return told
	}
	for l := range c.cut.levels {
		f := folding{counting: c, all: all, at: l, level: &c.cut.levels[l], told: func(i int) { told[all[i].id] = l }}
		f.may = func(i int) bool {
			if l == 0 {
				return (c.within == nil || c.within[all[i].id]) && c.calm(c.since(all[i].id))
			}
			before, is := told[all[i].id]
			return is && before == l-1
		}
		if here := f.level.sums(all[0].cells); f.fit(0, here) {
			f.tell(0, here)
		}
	}
	return told
}

func (c *counting) since(id unit.ID) int {
	if c.changed == nil {
		return 0
	}
	return c.changed.since(id)
}

// lot draws for a body on a level, anew for every count and cut.
type lot func(level int, id unit.ID) uint64

// calm reports whether so many comings and goings may show in two counts.
func (c *counting) calm(n int) bool { return n == 0 || n >= c.minimum }

// folding is the fold on one level.
type folding struct {
	*counting
	all   []folded
	at    int // the level's number
	level *level
	may   func(i int) bool
	told  func(i int)
}

// gather sums every body with all below it, in reading order: the first is the root.
func gather(tree bodies, own rows, cells int) []folded {
	units := tree.All()
	all := make([]folded, len(units))
	place := make(map[unit.ID]int, len(units))
	for i := range units {
		place[units[i].ID] = i
		all[i] = folded{id: units[i].ID, cells: make([]int, cells)}
		copy(all[i].cells, own[units[i].ID])
	}
	for i := len(units) - 1; i > 0; i-- { // whoever is below comes later
		above := place[units[i].Parent]
		all[above].children = append(all[above].children, i)
		for cell, n := range all[i].cells {
			all[above].cells[cell] += n
		}
	}
	return all
}

// fit reports whether a body can be told by itself.
func (f *folding) fit(i int, sums []int) bool {
	return f.may(i) && !empty(sums) && clean(sums, f.minimum)
}

// tell tells a body and goes down from it as far as bodies are told. here is what
// the bodies below are parts of.
func (f *folding) tell(at int, here []int) {
	f.told(at)
	for _, child := range f.alone(at, here) {
		f.tell(child, f.level.sums(f.all[child].cells))
	}
}

// alone are the children that are told by themselves.
func (f *folding) alone(at int, here []int) []int {
	rest, moved := slices.Clone(here), 0
	if f.changed != nil {
		moved = f.changed.own(f.all[at].id)
	}
	var kept []int
	for _, child := range f.all[at].children {
		sums := f.level.sums(f.all[child].cells)
		if !f.fit(child, sums) || f.keptBack(f.all[child].id) {
			moved += f.since(f.all[child].id)
			continue
		}
		kept = append(kept, child)
		for band, n := range sums {
			rest[band] -= n
		}
	}
	slices.SortFunc(kept, func(a, b int) int { return cmp.Compare(f.lot(f.at, f.all[a].id), f.lot(f.at, f.all[b].id)) })
	for len(kept) > 0 && !(clean(rest, f.minimum) && f.calm(moved)) {
		child := kept[0]
		kept = kept[1:]
		for band, n := range f.level.sums(f.all[child].cells) {
			rest[band] += n
		}
		moved += f.since(f.all[child].id)
	}
	return kept
}

// oneIn is how seldom a body is kept back that could be told.
const oneIn = 16

// keptBack reports whether the lot keeps a body back. Somebody who knows the rule
// could else work out from who is left out what their numbers can be, and where few
// can, which they are; now whoever is left out may be anybody.
func (f *folding) keptBack(id unit.ID) bool { return f.lot(f.at, id)%oneIn == 0 }

// clean reports whether no number is about too few.
func clean(numbers []int, minimum int) bool {
	return !slices.ContainsFunc(numbers, func(n int) bool { return n != 0 && n < minimum })
}

func empty(numbers []int) bool {
	return !slices.ContainsFunc(numbers, func(n int) bool { return n != 0 })
}
