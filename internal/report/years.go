package report

import "kartotek/internal/unit"

// A year is told of bodies none of whose months could be: the small ones. Their
// year is part of what the months left with the body above, so that rest, less the
// years told from it, must be clean as well. A body of which some months are told
// and others are not gets no year, and none below it: its year would give the others
// away.

// monthsOfYear is how many months make one.
const monthsOfYear = 12

// yearly is the counting of a year whose months are told.
type yearly struct {
	counting                   // of the whole year
	months   []rows            // what happened, by month
	told     []map[unit.ID]int // who was told, by month: the finest level
}

// fold says for each body whose year is told the finest level on which it is.
func (y *yearly) fold() map[unit.ID]int {
	all := gather(y.tree, y.own, y.cut.cells)
	told := map[unit.ID]int{}
	if len(all) == 0 {
		return told
	}
	busy := make([]map[unit.ID]bool, len(y.months))
	for m, own := range y.months {
		busy[m] = map[unit.ID]bool{}
		for _, f := range gather(y.tree, own, y.cut.cells) {
			busy[m][f.id] = !empty(f.cells)
		}
	}
	for l := range y.cut.levels {
		f := folding{counting: &y.counting, all: all, at: l, level: &y.cut.levels[l], told: func(i int) { told[all[i].id] = l }}
		f.may = func(i int) bool {
			for m := range y.told {
				if _, is := y.told[m][all[i].id]; is {
					return false
				}
			}
			before, is := told[all[i].id]
			return l == 0 || is && before == l-1
		}
		whole := func(i int) bool { // every month of the body is told
			for m := range y.told {
				if at, is := y.told[m][all[i].id]; (!is || at < l) && busy[m][all[i].id] {
					return false
				}
			}
			return true
		}
		if here := f.level.sums(all[0].cells); f.fit(0, here) {
			f.tell(0, here)
			continue
		}
		rests := y.rests(l)
		var down func(at int)
		down = func(at int) {
			if !whole(at) {
				return
			}
			here := f.level.sums(rests[all[at].id])
			for _, child := range f.alone(at, here) {
				f.tell(child, f.level.sums(all[child].cells))
			}
			for _, child := range all[at].children {
				if !f.may(child) {
					down(child)
				}
			}
		}
		down(0)
	}
	return told
}

// rests is what the months of a level left with each body: what happened in it, or
// below where nobody was told.
func (y *yearly) rests(l int) rows {
	rests := rows{}
	for _, u := range y.tree.All() {
		rests[u.ID] = make([]int, y.cut.cells)
	}
	for m, own := range y.months {
		for id, cells := range own {
			path := y.tree.Path(id)
			for i := len(path) - 1; i >= 0; i-- {
				if at, is := y.told[m][path[i].ID]; is && at >= l {
					for cell, n := range cells {
						rests[path[i].ID][cell] += n
					}
					break
				}
			}
		}
	}
	return rests
}
