package trace

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// register is some lists of some members, for properties of the ranking.
type register struct {
	*rand.Rand
	all   int
	lists [][]int32 // who is on each
}

// registers draws a seed: what is chance must be it, and not what a shrinking test
// would like best.
func registers(t *rapid.T) register {
	r := register{Rand: rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)), all: rapid.IntRange(2_000, 50_000).Draw(t, "members")}
	for range rapid.IntRange(4, 30).Draw(t, "lists") {
		r.lists = append(r.lists, r.members(30+r.IntN(270)))
	}
	r.lists = append(r.lists, r.members(r.all))
	return r
}

func (r register) members(n int) []int32 {
	some := make([]int32, n)
	for i, p := range r.Perm(r.all)[:n] {
		some[i] = int32(p)
	}
	return some
}

// ask holds a file against the lists; fields of a list i are those of fieldsOf.
func (r register) ask(file []int32, fields []string, of func(i int) []string) *question {
	q := &question{all: r.all, known: len(file), lists: len(r.lists)}
	for i, list := range r.lists {
		h := &hits{list: &List{Number: int64(i + 1), Members: len(list), Fields: of(i)}}
		on := map[int32]bool{}
		for _, p := range list {
			on[p] = true
		}
		for n, p := range file {
			if on[p] {
				h.on = append(h.on, int32(n))
			}
		}
		_, _, _, h.other = columns(fields, h.list.Fields)
		if len(h.on) > 0 {
			q.answer = append(q.answer, h)
		}
	}
	q.rank()
	return q
}

func alike(int) []string { return []string{"given", "family", "email", "phone"} }

// A part of a list, in any order and with columns dropped, names its own list first.
func TestTracePartOfAListNamesIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := registers(t)
		own := r.IntN(len(r.lists) - 1)
		file := slices.Clone(r.lists[own])
		r.Shuffle(len(file), func(i, j int) { file[i], file[j] = file[j], file[i] })
		file = file[:12+r.IntN(len(file)-12)]
		fields := []string{"given", "family"}
		q := r.ask(file, fields, alike)
		if got := q.answer[0].list.Number; got != int64(own+1) {
			t.Fatalf("list %d comes before %d, with %.1f", got, own+1, q.answer[0].total)
		}
		e := q.explain()
		if len(e.lists) != 1 || e.lists[0].list.Number != int64(own+1) || !e.clear[0] || e.covers != len(file) {
			t.Fatalf("explained by %d lists, %d of %d persons, clear %v", len(e.lists), e.covers, len(file), e.clear)
		}
	})
}

// A list put together from two names both.
func TestTraceTwoListsTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := registers(t)
		one := r.IntN(len(r.lists) - 2)
		other := one + 1
		part := func(i int) []int32 { return r.lists[i][:15+r.IntN(len(r.lists[i])-15)] }
		file := append(slices.Clone(part(one)), part(other)...)
		slices.Sort(file)
		file = slices.Compact(file)
		e := r.ask(file, []string{"given", "family", "email"}, alike).explain()
		var got []int64
		for _, h := range e.lists {
			got = append(got, h.list.Number)
		}
		if slices.Sort(got); !slices.Equal(got, []int64{int64(one + 1), int64(other + 1)}) {
			t.Fatalf("lists %v, not %d and %d", got, one+1, other+1)
		}
	})
}

// Members by chance name no list with confidence.
func TestTraceMembersByChanceNameNone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := registers(t)
		file := r.members(5 + r.IntN(145))
		if e := r.ask(file, []string{"given", "family", "email", "phone"}, alike).explain(); len(e.lists) > 0 {
			t.Fatalf("list %d of %d members is named, with %d of %d and %.1f", e.lists[0].list.Number, e.lists[0].list.Members, len(e.lists[0].on), len(file), e.weight)
		}
	})
}

// Two lists of the same members are told apart by their columns.
func TestTraceColumnsTellListsApart(t *testing.T) {
	r := register{all: 5_000, lists: [][]int32{{}, {}}}
	for p := range int32(84) {
		r.lists[0], r.lists[1] = append(r.lists[0], p), append(r.lists[1], p)
	}
	of := func(i int) []string { return [][]string{{"given", "family", "email"}, {"given", "family", "phone"}}[i] }
	q := r.ask(r.lists[0][:83], []string{"given", "family", "phone"}, of)
	if q.answer[0].list.Number != 2 {
		t.Errorf("list %d comes first", q.answer[0].list.Number)
	}
	if got := persons(83, 84, 84, 5_000); got < 200 {
		t.Errorf("83 of 84 persons weigh %.1f", got)
	}
	if got := persons(84, 84, 5_000, 5_000); got > 0 {
		t.Errorf("a list of everybody weighs %.1f", got)
	}
	if few, many := several(20, slices.Repeat([]int{3}, 20), 0.01), several(20, slices.Repeat([]int{60}, 20), 0.01); few < many || many <= 0 {
		t.Errorf("rows that fit three weigh %.1f, that fit sixty %.1f", few, many)
	}
}
