package access

import "github.com/golang-sql/civil"

// Terms lists the posts, covers, positions and documented accesses that end between two
// days, both included, without who holds them: what a year's calendar tells of (D8, D9).
func (r *Register) Terms(first, last civil.Date) []Basis {
	state, low, high := r.state.Load(), day(first), day(last)
	var all []Basis
	for _, held := range state.held {
		for i := range held {
			if h := &held[i]; h.last >= low && h.last <= high && h.first <= h.last && !h.basis.Until.IsZero() && h.basis.Right != BySubstitute {
				all = append(all, h.basis)
			}
		}
	}
	return all
}
