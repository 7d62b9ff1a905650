package member

import (
	"cmp"
	"context"
	"hash/maphash"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Pair is two entries that could be of one person.
type Pair struct {
	One, Other Hit // the one who came first
	Score      int
	Why        []Alike
}

// Pairs is a page of them, the likeliest first.
type Pairs struct {
	Total int
	Page  int // from 0
	Pages int
	Rows  []Pair
}

// largestGroup: so many who share a name and a birthday, or a mailbox, are no
// duplicates but a custom, such as 1 January for whoever did not say.
const largestGroup = 20

// Likely finds entries within the Scope that could be of one person, but for those
// somebody has told apart. It is a search: whoever stands on the page is journaled
// before it returns.
func (d *Directory) Likely(ctx context.Context, s access.Scope, page, size int) (*Pairs, error) {
	x, err := d.enter(s, charter.Search)
	if err != nil {
		return nil, err
	}
	x.mu.RLock()
	within := x.reached(membersOf(s))
	x.mu.RUnlock()
	all, err := d.likely(ctx, within)
	if err != nil {
		return nil, err
	}
	if size <= 0 {
		size = usualPage
	}
	pairs := &Pairs{Total: len(all), Pages: (len(all) + size - 1) / size}
	pairs.Page = max(0, min(page, pairs.Pages-1))
	all = all[min(pairs.Page*size, len(all)):min((pairs.Page+1)*size, len(all))]
	shown := roaring.New()
	for _, found := range all {
		rows := x.hits(s, found.persons[:])
		if len(rows) != 2 {
			continue // one has left since
		}
		pairs.Rows = append(pairs.Rows, Pair{One: rows[0], Other: rows[1], Score: found.score, Why: found.why})
		shown.AddMany([]uint32{uint32(found.persons[0]), uint32(found.persons[1])})
	}
	if shown.IsEmpty() {
		return pairs, nil
	}
	e := s.Entry(journal.Search)
	e.Persons = shown
	for _, code := range hitFields {
		if shows(s, code) {
			e.Fields = append(e.Fields, code)
		}
	}
	if _, err := d.journal.Read(ctx, &e); err != nil {
		return nil, err
	}
	return pairs, nil
}

type likelyPair struct {
	persons [2]vault.PersonID
	score   int
	why     []Alike
}

// trace is a hash of something two entries may share.
type trace struct {
	hash   uint64
	person vault.PersonID
}

// likely compares those who share a trace: a name with a birthday or an address, a
// mailbox, a phone. Two readings, both in order: the first leaves hashes only, so
// that a country fits in memory; the second opens who is left.
func (d *Directory) likely(ctx context.Context, within *roaring.Bitmap) ([]likelyPair, error) {
	told, err := d.distinct(ctx)
	if err != nil {
		return nil, err
	}
	seed := maphash.MakeSeed()
	var traces []trace
	err = record.Fetch(d.records, ctx, Profiles, personsOf(within), func(person vault.PersonID, _ uint64, p *Profile) error {
		t := signsOf(p)
		mark := func(kind, text, more string) {
			if text != "" && more != "" {
				traces = append(traces, trace{maphash.String(seed, kind+"\x00"+text+"\x00"+more), person})
			}
		}
		given := firstWord(t.given)
		mark("birth", dateValue(t.birth), given)
		mark("birth", dateValue(t.birth), t.name)
		mark("address", t.address, t.name)
		for _, way := range [...]string{t.email, t.phone, t.mobile} {
			mark("way", way, given)
			mark("way", way, t.name)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	groups, suspects := together(traces)
	known := map[vault.PersonID]*signs{}
	err = record.Fetch(d.records, ctx, Profiles, personsOf(suspects), func(person vault.PersonID, _ uint64, p *Profile) error {
		t := signsOf(p)
		known[person] = &t
		return nil
	})
	if err != nil {
		return nil, err
	}
	var found []likelyPair
	for _, group := range groups {
		for i, a := range group {
			for _, b := range group[i+1:] {
				pair := pairOf(a, b)
				if told[pair] || known[a] == nil || known[b] == nil {
					continue
				}
				told[pair] = true // once is enough
				if score, why := judge(known[a], known[b]); score > 0 {
					found = append(found, likelyPair{pair, score, why})
				}
			}
		}
	}
	slices.SortFunc(found, func(a, b likelyPair) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.persons[0], b.persons[0]), cmp.Compare(a.persons[1], b.persons[1]))
	})
	return found, nil
}

// together gathers who shares a trace.
func together(traces []trace) (groups [][]vault.PersonID, all *roaring.Bitmap) {
	all = roaring.New()
	slices.SortFunc(traces, func(a, b trace) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.person, b.person))
	})
	traces = slices.Compact(traces)
	for i := 0; i < len(traces); {
		j := i + 1
		for j < len(traces) && traces[j].hash == traces[i].hash {
			j++
		}
		if n := j - i; n > 1 && n <= largestGroup {
			group := make([]vault.PersonID, 0, n)
			for _, t := range traces[i:j] {
				group = append(group, t.person)
				all.Add(uint32(t.person))
			}
			groups = append(groups, group)
		}
		i = j
	}
	return groups, all
}

func personsOf(set *roaring.Bitmap) []vault.PersonID {
	persons := make([]vault.PersonID, 0, set.GetCardinality())
	for it := set.Iterator(); it.HasNext(); {
		persons = append(persons, vault.PersonID(it.Next()))
	}
	return persons
}
