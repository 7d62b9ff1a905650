package trace

import (
	"cmp"
	"math"
	"slices"
)

// What the weights of the package comment are made of.
const (
	strays    = 0.02 // of a file that came from a list: rows added since
	partly    = 0.1  // of all files: only in part from one list
	fieldSame = 0.34 // ln 0.7/0.5: a column is kept seven times in ten
	fieldLost = -0.51
	fieldMore = -2.3 // ln 0.05/0.5
	valueFits = 0.64 // ln 0.95/0.5
	valueNot  = -2.3
	mostByDay = 25.0 // what values together weigh at most: they change in groups
	ownNumber = 7.0  // ln 1,000: somebody may have typed it
	surer     = 7.0  // ln 1,000: beyond what the number of lists asks for, since somebody is suspected
	alone     = 0.9  // the share of all explanations that a list named clearly has
	mostOf    = 5    // lists that a file is explained by
	starters  = 8    // of which the best explanation begins
	fewest    = 3    // persons left over who are worth another list
)

// lnChoose is ln of n over k.
func lnChoose(n, k int) float64 {
	if k < 0 || k > n {
		return math.Inf(-1)
	}
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

// fromList is ln of how likely k of m persons are on the list the file came from.
func fromList(k, m int) float64 {
	all := lnChoose(m, k) + float64(m-k)*math.Log(strays) + float64(k)*math.Log(1-strays)
	return lnSum(math.Log(1-partly)+all, math.Log(partly/float64(m+1)))
}

func lnSum(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	return a + math.Log1p(math.Exp(b-a))
}

// persons weighs k of m persons on a list of n in a register of all: 0 where that is
// no more than chance gives.
func persons(k, m, n, all int) float64 {
	n = min(max(n, k), all)
	if m == 0 || float64(k)*float64(all) <= float64(m)*float64(n) {
		return min(0, fromList(k, max(m, 1)))
	}
	chance := lnChoose(n, k) + lnChoose(all-n, m-k) - lnChoose(all, m)
	return fromList(k, m) - chance
}

// several weighs k of m rows each of which is one of so many persons, for a share of
// the register on the list.
func several(k int, among []int, share float64) float64 {
	m, p := len(among), 0.0
	if m == 0 {
		return 0
	}
	for _, n := range among {
		p += 1 - math.Pow(1-share, float64(n))
	}
	if p = min(p/float64(m), 1-1e-9); float64(k) <= p*float64(m) {
		return min(0, fromList(k, m))
	}
	chance := lnChoose(m, k) + float64(k)*math.Log(p) + float64(m-k)*math.Log1p(-p)
	return fromList(k, m) - chance
}

// columns parts the fields of file and list, and weighs them.
func columns(file, list []string) (same, extra, dropped []string, weight float64) {
	for _, f := range file {
		if slices.Contains(list, f) {
			same, weight = append(same, f), weight+fieldSame
		} else {
			extra, weight = append(extra, f), weight+fieldMore
		}
	}
	for _, f := range list {
		if !slices.Contains(file, f) {
			dropped, weight = append(dropped, f), weight+fieldLost
		}
	}
	return same, extra, dropped, weight
}

// hits is a list held against the file: which of its persons and of its rows that fit
// several are on it, by their numbers in order, and what speaks for it besides.
type hits struct {
	list  *List
	on    []int32
	among []int32
	other float64 // columns, values, the list's own number
	total float64
}

// question is the file as the lists are weighed against it.
type question struct {
	all    int   // persons in the register
	known  int   // persons of the file
	among  []int // of the rows that fit several: how many
	lists  int
	answer []*hits
}

// weigh is what speaks for a list by itself.
func (q *question) weigh(h *hits) float64 {
	share := float64(min(h.list.Members, q.all)) / float64(max(q.all, 1))
	return persons(len(h.on), q.known, h.list.Members, q.all) + several(len(h.among), q.among, share) + h.other
}

// enough is what a list has to weigh before it is named with confidence.
func (q *question) enough() float64 { return surer + math.Log(float64(q.lists+1)) }

// rank orders the lists, best first.
func (q *question) rank() {
	for _, h := range q.answer {
		h.total = q.weigh(h)
	}
	slices.SortFunc(q.answer, func(a, b *hits) int {
		return cmp.Or(cmp.Compare(b.total, a.total), cmp.Compare(b.list.Number, a.list.Number))
	})
}

// explanation is a few lists that together explain the file.
type explanation struct {
	lists  []*hits
	clear  []bool // no other list explains the same part as well
	weight float64
	covers int
}

// explain finds the fewest lists that explain the file: it begins with each of the
// best and goes on with what is left over.
func (q *question) explain() (best explanation) {
	for _, first := range q.answer[:min(len(q.answer), starters)] {
		if first.total < q.enough() {
			break
		}
		if e := q.begin(first); len(best.lists) == 0 || e.weight > best.weight {
			best = e
		}
	}
	if len(best.lists) > 0 { // told apart only now: the others of the same part
		best.clear[0] = q.stands(best.lists[0], nil, q.known)
	}
	return best
}

func (q *question) begin(first *hits) explanation {
	e := explanation{lists: []*hits{first}, clear: []bool{false}, weight: first.total}
	covered := map[int32]bool{}
	for _, p := range first.on {
		covered[p] = true
	}
	for len(e.lists) < mostOf {
		left := q.known - len(covered)
		if left < fewest {
			break
		}
		next, most := (*hits)(nil), 0.0
		for _, h := range q.answer {
			if w := q.rest(h, covered, left); w > most {
				next, most = h, w
			}
		}
		if next == nil || most < q.enough() {
			break
		}
		e.clear = append(e.clear, q.stands(next, covered, left))
		e.lists, e.weight = append(e.lists, next), e.weight+most
		for _, p := range next.on {
			covered[p] = true
		}
	}
	e.covers = len(covered)
	return e
}

// rest weighs a list for the persons that others do not cover.
func (q *question) rest(h *hits, covered map[int32]bool, left int) float64 {
	k := 0
	for _, p := range h.on {
		if !covered[p] {
			k++
		}
	}
	return persons(k, left, h.list.Members, q.all) + h.other
}

// stands reports whether a list explains its part alone: all others together have no
// more than a tenth.
func (q *question) stands(h *hits, covered map[int32]bool, left int) bool {
	own, others := 0.0, math.Inf(-1)
	for _, other := range q.answer {
		w := other.total
		if covered != nil {
			w = q.rest(other, covered, left)
		}
		if other == h {
			own = w
		} else {
			others = lnSum(others, w)
		}
	}
	return own-others > math.Log(alone/(1-alone))
}
