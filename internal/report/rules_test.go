package report

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kartotek/internal/unit"
)

// forest is a tree of bodies for the rules.
type forest []unit.Unit

func (f forest) All() []unit.Unit { return f }

func (f forest) Path(id unit.ID) (path []unit.Unit) {
	for id != 0 {
		path = append(path, f[id-1])
		id = f[id-1].Parent
	}
	slices.Reverse(path)
	return path
}

func (f forest) within(id, above unit.ID) bool {
	return slices.ContainsFunc(f.Path(id), func(u unit.Unit) bool { return u.ID == above })
}

// grown draws a tree in reading order: every body's number is its place.
func grown(t *rapid.T) forest {
	f := forest{{ID: 1}}
	for len(f) < rapid.IntRange(1, 9).Draw(t, "bodies") {
		path := f.Path(unit.ID(len(f)))
		above := path[rapid.IntRange(0, len(path)-1).Draw(t, "above")]
		f = append(f, unit.Unit{ID: unit.ID(len(f) + 1), Parent: above.ID})
	}
	return f
}

// small is a cut with a broad level and a fine one, to be crossed with BySex.
var small = cutting{3, []level{{[]string{"a", "b"}, []int{0, 0, 1}}, {[]string{"a", "b", "c"}, []int{0, 1, 2}}}}

// fixed is one order; any other does as well.
func fixed(_ int, id unit.ID) uint64 { return uint64(id)*0x9e3779b97f4a7c15 | 1 }

// modulus is a prime; sums of noughts and ones are solved by it.
const modulus = 1<<31 - 1

// span is what can be had by adding and subtracting.
type span struct{ basis map[int][]int64 }

func (s *span) reduce(v []int64) (lead int) {
	for i := range v {
		if v[i] == 0 {
			continue
		}
		b := s.basis[i]
		if b == nil {
			return i
		}
		factor := v[i]
		for j := i; j < len(v); j++ {
			v[j] = ((v[j]-factor*b[j])%modulus + modulus) % modulus
		}
	}
	return -1
}

func (s *span) add(v []int64) {
	lead := s.reduce(v)
	if lead < 0 {
		return
	}
	inverse, base := int64(1), v[lead]
	for e := modulus - 2; e > 0; e >>= 1 {
		if e&1 == 1 {
			inverse = inverse * base % modulus
		}
		base = base * base % modulus
	}
	for j := range v {
		v[j] = v[j] * inverse % modulus
	}
	s.basis[lead] = v
}

func (s *span) holds(v []int64) bool { return s.reduce(v) < 0 }

// D2: whatever is stored of one day, of all cuts together, no number of persons
// below the minimum can be had from it by adding and subtracting: of no body, alone
// or with those below it, in no band of any level.
func TestD2NothingSmallCanBeComputed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, minimum := grown(t), rapid.IntRange(3, 6).Draw(t, "minimum")
		sex := cuts[BySex]
		most := rapid.SampledFrom([]int{1, 2, 4, 9}).Draw(t, "most")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		cell := func(body, s, x int) int { return (body*sex.cells+s)*small.cells + x }
		counts := make([]int, len(f)*sex.cells*small.cells)
		for i := range counts {
			if counts[i] = rng.IntN(most + 1); rng.IntN(3) == 0 {
				counts[i] = 0
			}
		}
		own := func(cells int, of func(s, x int) int) rows {
			r := rows{}
			for b := range f {
				r[unit.ID(b+1)] = make([]int, cells)
				for s := range sex.cells {
					for x := range small.cells {
						r[unit.ID(b+1)][of(s, x)] += counts[cell(b, s, x)]
					}
				}
			}
			return r
		}
		// set is the numbers of some bodies in some cells.
		set := func(in func(b int) bool, of func(s, x int) bool) (v []int64, sum int) {
			v = make([]int64, len(counts))
			for b := range f {
				for s := range sex.cells {
					for x := range small.cells {
						if in(b) && of(s, x) {
							v[cell(b, s, x)] = 1
							sum += counts[cell(b, s, x)]
						}
					}
				}
			}
			return v, sum
		}
		below := func(id unit.ID) func(int) bool {
			return func(b int) bool { return f.within(unit.ID(b+1), id) }
		}
		known := span{map[int][]int64{}}
		var within map[unit.ID]bool
		type asked struct {
			c  cutting
			of func(s, x int) int
		}
		questions := []asked{{cuts[Whole], func(int, int) int { return 0 }}, {sex, func(s, _ int) int { return s }}, {small, func(_, x int) int { return x }}}
		for i, a := range questions {
			c := counting{tree: f, own: own(a.c.cells, a.of), cut: a.c, minimum: minimum, within: within, lot: fixed}
			told := c.fold()
			for id, l := range told {
				for band := range a.c.levels[l].bands {
					v, sum := set(below(id), func(s, x int) bool { return a.c.levels[l].of[a.of(s, x)] == band })
					if sum != 0 && sum < minimum {
						t.Fatalf("%d are told of body %d", sum, id)
					}
					known.add(v)
				}
			}
			if i == 0 {
				within = map[unit.ID]bool{}
				for id := range told {
					within[id] = true
				}
			}
		}
		for _, a := range questions {
			for l := range a.c.levels {
				for band := range a.c.levels[l].bands {
					of := func(s, x int) bool { return a.c.levels[l].of[a.of(s, x)] == band }
					for b := range f {
						for _, in := range []func(int) bool{below(unit.ID(b + 1)), func(i int) bool { return i == b }} {
							v, sum := set(in, of)
							if sum > 0 && sum < minimum && known.holds(v) {
								t.Fatalf("body %d: %d can be computed, minimum %d; %v %v", b+1, sum, minimum, f, counts)
							}
						}
					}
				}
			}
		}
	})
}

// D2: nor from a year and its months, of who came and went.
func TestD2NothingSmallCanBeComputedFromMonthsAndYears(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, minimum := grown(t), rapid.IntRange(3, 5).Draw(t, "minimum")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		most := rapid.SampledFrom([]int{1, 2, 5, 9}).Draw(t, "most")
		const months = 3
		flow := cuts[ByFlow]
		counts := make([]int, len(f)*months*flow.cells)
		cell := func(b, m, k int) int { return (b*months+m)*flow.cells + k }
		y := yearly{counting: counting{tree: f, own: rows{}, cut: flow, minimum: minimum, lot: fixed}}
		for m := range months {
			own := rows{}
			for b := range f {
				id := unit.ID(b + 1)
				own[id] = make([]int, flow.cells)
				if y.own[id] == nil {
					y.own[id] = make([]int, flow.cells)
				}
				for k := range flow.cells {
					n := rng.IntN(most + 1)
					if rng.IntN(2) == 0 {
						n = 0
					}
					counts[cell(b, m, k)] = n
					own[id][k] += n
					y.own[id][k] += n
				}
			}
			month := counting{tree: f, own: own, cut: flow, minimum: minimum, lot: fixed}
			y.months, y.told = append(y.months, own), append(y.told, month.fold())
		}
		set := func(id unit.ID, alone bool, month int, l *level, band int) (v []int64, sum int) {
			v = make([]int64, len(counts))
			for b := range f {
				if in := f.within(unit.ID(b+1), id); !in || alone && unit.ID(b+1) != id {
					continue
				}
				for m := range months {
					for k := range flow.cells {
						if (month < 0 || m == month) && l.of[k] == band {
							v[cell(b, m, k)] = 1
							sum += counts[cell(b, m, k)]
						}
					}
				}
			}
			return v, sum
		}
		known := span{map[int][]int64{}}
		tell := func(told map[unit.ID]int, month int) {
			for id, at := range told {
				l := &flow.levels[at]
				for band := range l.bands {
					v, sum := set(id, false, month, l, band)
					if sum != 0 && sum < minimum {
						t.Fatalf("%d are told of body %d", sum, id)
					}
					known.add(v)
				}
			}
		}
		for m := range months {
			tell(y.told[m], m)
		}
		tell(y.fold(), -1)
		for b := range f {
			for m := -1; m < months; m++ {
				for at := range flow.levels {
					l := &flow.levels[at]
					for band := range l.bands {
						for _, alone := range []bool{false, true} {
							if v, sum := set(unit.ID(b+1), alone, m, l, band); sum > 0 && sum < minimum && known.holds(v) {
								t.Fatalf("body %d, month %d: %d can be computed, minimum %d; %v %v", b+1, m, sum, minimum, f, counts)
							}
						}
					}
				}
			}
		}
	})
}

// D2: nor by whoever also knows that nobody is fewer than none: for every small
// number there is another that what is told allows just as well. Since the lot may
// keep back anybody, knowing the rule adds nothing to this.
func TestD2NothingSmallIsForced(t *testing.T) {
	f := forest{{ID: 1}, {ID: 2, Parent: 1}, {ID: 3, Parent: 1}, {ID: 4, Parent: 1}}
	two := cutting{2, []level{{[]string{"a", "b"}, []int{0, 1}}}}
	rapid.Check(t, func(t *rapid.T) {
		minimum := rapid.IntRange(3, 4).Draw(t, "minimum")
		counts := rapid.SliceOfN(rapid.IntRange(0, 6), 6, 6).Draw(t, "counts")
		kept := rapid.SliceOfN(rapid.Bool(), 8, 8).Draw(t, "kept back")
		by := func(at int) lot {
			return func(_ int, id unit.ID) uint64 {
				if id > 1 && kept[at+int(id)-2] {
					return 0
				}
				return uint64(id)
			}
		}
		whole, own := rows{}, rows{}
		for b := range 3 {
			own[unit.ID(b+2)] = counts[2*b : 2*b+2]
			whole[unit.ID(b+2)] = []int{counts[2*b] + counts[2*b+1]}
		}
		heads := counting{tree: f, own: whole, cut: cuts[Whole], minimum: minimum, lot: by(0)}
		told := heads.fold()
		within := map[unit.ID]bool{}
		for id := range told {
			within[id] = true
		}
		cut := counting{tree: f, own: own, cut: two, minimum: minimum, within: within, lot: by(4)}
		parts := cut.fold()
		total := gather(f, own, 2)[0].cells
		var seen [6]map[int]bool
		var sums [3]map[int]bool
		for i := range seen {
			seen[i] = map[int]bool{}
		}
		for i := range sums {
			sums[i] = map[int]bool{}
		}
		_, all := told[1]
		_, bands := parts[1]
		var guess [6]int
		var try func(b int, rest [2]int)
		try = func(b int, rest [2]int) {
			if b == 3 {
				if all && rest[0]+rest[1] != 0 || bands && (rest[0] != 0 || rest[1] != 0) {
					return
				}
				for i, n := range guess {
					seen[i][n] = true
				}
				for i := range sums {
					sums[i][guess[2*i]+guess[2*i+1]] = true
				}
				return
			}
			id := unit.ID(b + 2)
			_, head := told[id]
			_, part := parts[id]
			for x := range rest[0] + rest[1] + 1 {
				for y := range rest[0] + rest[1] - x + 1 {
					if part && (x != counts[2*b] || y != counts[2*b+1]) || head && x+y != counts[2*b]+counts[2*b+1] ||
						bands && (x > rest[0] || y > rest[1]) {
						continue
					}
					guess[2*b], guess[2*b+1] = x, y
					next := [2]int{rest[0] - x, rest[1] - y}
					if !bands {
						next = [2]int{rest[0] + rest[1] - x - y, 0}
					}
					try(b+1, next)
				}
			}
		}
		try(0, [2]int{total[0], total[1]})
		for i, n := range counts {
			if n > 0 && n < minimum && len(seen[i]) < 2 && all {
				t.Fatalf("number %d can only be %d; minimum %d, %v, told %v %v", i, n, minimum, counts, told, parts)
			}
		}
		for i := range sums {
			if n := counts[2*i] + counts[2*i+1]; n > 0 && n < minimum && len(sums[i]) < 2 && all {
				t.Fatalf("body %d can only have %d; minimum %d, %v, told %v %v", i+2, n, minimum, counts, told, parts)
			}
		}
	})
}
