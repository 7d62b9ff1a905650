package member

import (
	"cmp"
	"context"
	"errors"
	"hash/maphash"
	"slices"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// A row without a member number may be somebody who is here already. Who that is
// likely to be, among those the Scope reaches and no others (D11), is proposed
// with the reasons; the row waits until somebody has decided.

// Resemblance is a row that is likely somebody known.
type Resemblance struct {
	Line       int
	Name       string // as the row gives it
	Birth      civil.Date
	Candidates []Candidate
	Certain    bool // one of them, the first, has the same name and birth date
	Twin       int  // the line higher up that it repeats; there are no candidates then
}

// Candidate is a member a row may be about.
type Candidate struct {
	Person  vault.PersonID
	Number  string
	Name    string
	Points  int
	Reasons []string // message keys
	Certain bool
}

const mostCandidates = 5

// register is the part of the card index a run compares rows with: who the Scope
// reaches, by how pairs of their names sound.
type register struct {
	seed    maphash.Seed
	entries []soundEntry // sorted by key
	known   map[vault.PersonID]traits
	rows    map[uint64]int // rows of this file that made somebody new, by what repeats
}

type soundEntry struct {
	key    uint64
	person vault.PersonID
}

// mostKnown bounds how many members' traits are kept at a time.
const mostKnown = 200_000

// registerOf takes the names within the Scope out of the index.
func (r *run) registerOf() *register {
	g := &register{seed: maphash.MakeSeed(), known: map[vault.PersonID]traits{}, rows: map[uint64]int{}}
	reached := r.x.reachedNow(reachOf(r.scope))
	r.x.mu.RLock()
	defer r.x.mu.RUnlock()
	words := map[uint32][]string{} // of each name: many bear the same
	of := func(number uint32) []string {
		heard, ok := words[number]
		if !ok {
			heard = sounds(nameWords(string(r.x.names.text(number))))
			words[number] = heard
		}
		return heard
	}
	for it := reached.Iterator(); it.HasNext(); {
		person := vault.PersonID(it.Next())
		if !r.x.known(person) {
			continue
		}
		slip := &r.x.slips[person]
		g.pairs(of(slip.given), of(slip.family), func(key uint64) {
			g.entries = append(g.entries, soundEntry{key, person})
		})
	}
	slices.SortFunc(g.entries, func(a, b soundEntry) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.person, b.person))
	})
	return g
}

// pairs gives the keys a name is looked up by: the first given name with every
// other word, in either order.
func (g *register) pairs(given, family []string, yield func(key uint64)) {
	all := append(slices.Clone(given), family...)
	if len(all) == 0 {
		return
	}
	if len(all) == 1 {
		yield(maphash.String(g.seed, all[0]))
		return
	}
	for _, other := range all[1:] {
		first, second := all[0], other
		if first > second {
			first, second = second, first
		}
		yield(maphash.String(g.seed, first+" "+second))
	}
}

// candidates finds who a row is likely to be.
func (r *run) candidates(ctx context.Context, row *row) ([]Candidate, error) {
	if r.register == nil {
		r.register = r.registerOf()
	}
	g, t := r.register, traitsOf(&row.profile)
	var persons []vault.PersonID
	g.pairs(sounds(t.given), sounds(t.family), func(key uint64) {
		at, _ := slices.BinarySearchFunc(g.entries, key, func(e soundEntry, key uint64) int { return cmp.Compare(e.key, key) })
		for ; at < len(g.entries) && g.entries[at].key == key; at++ {
			persons = append(persons, g.entries[at].person)
		}
	})
	if t.email != "" {
		found, err := r.d.keyring.Find(vault.ClaimEmail, t.email)
		if err != nil {
			return nil, err
		}
		persons = append(persons, found...)
	}
	for _, phone := range t.phones {
		_, found := r.x.find(reachOf(r.scope), phone, 0, 20)
		persons = append(persons, found...)
	}
	if len(persons) == 0 {
		return nil, nil
	}
	slices.Sort(persons)
	persons = slices.Compact(persons)
	persons = slices.DeleteFunc(persons, func(p vault.PersonID) bool { return !r.x.holds(reachOf(r.scope), p) || r.x.isHidden(p) })
	var likely []Candidate
	err := r.d.db.Read(ctx, func(q database.Querier) error {
		for _, person := range persons {
			other, err := r.traits(q, person)
			if err != nil {
				return err
			}
			points, reasons, certain := likeness(&t, &other)
			if points >= likelyFrom {
				likely = append(likely, Candidate{Person: person, Points: points, Reasons: reasons, Certain: certain})
			}
		}
		return nil
	})
	slices.SortStableFunc(likely, func(a, b Candidate) int { return b.Points - a.Points })
	likely = likely[:min(len(likely), mostCandidates)]
	r.x.mu.RLock()
	defer r.x.mu.RUnlock()
	for i := range likely {
		slip := &r.x.slips[likely[i].Person]
		likely[i].Number = r.x.contactOf(likely[i].Person).number
		likely[i].Name = fullName(string(r.x.names.text(slip.given)), string(r.x.names.text(slip.family)))
	}
	return likely, err
}

// traits reads what a member is compared by.
func (r *run) traits(q database.Querier, person vault.PersonID) (traits, error) {
	if t, ok := r.register.known[person]; ok {
		return t, nil
	}
	var p Profile
	err := record.Get(r.d.records, q, Profiles, person, profileID, &p)
	if errors.Is(err, database.ErrNotFound) || errors.Is(err, vault.ErrErased) {
		return traits{}, nil // left since
	}
	if err != nil {
		return traits{}, err
	}
	if len(r.register.known) >= mostKnown {
		clear(r.register.known)
	}
	t := traitsOf(&p)
	r.register.known[person] = t
	return t, nil
}

// certain is the only candidate with the same name and birth date, nil where
// there is none, or several.
func certain(likely []Candidate) *Candidate {
	var only *Candidate
	for i := range likely {
		if likely[i].Certain {
			if only != nil {
				return nil
			}
			only = &likely[i]
		}
	}
	return only
}

// twin is the line of a row higher up that has made the same person new; 0 for
// none. Either way the row is remembered.
func (r *run) twin(row *row) int {
	t := traitsOf(&row.profile)
	name := streetKey(row.profile.Name())
	var keys []string
	if !t.birth.IsZero() {
		keys = append(keys, t.birth.String())
	}
	if t.email != "" {
		keys = append(keys, t.email)
	}
	keys = append(keys, t.phones...)
	line := 0
	for _, key := range keys {
		hash := maphash.String(r.register.seed, name+"\x00"+key)
		if other, ok := r.register.rows[hash]; ok && line == 0 {
			line = other
		}
	}
	if line != 0 {
		return line
	}
	for _, key := range keys {
		r.register.rows[maphash.String(r.register.seed, name+"\x00"+key)] = row.line
	}
	return 0
}

// propose puts the rows of a batch that wait for a decision into the result. Who
// is shown as a candidate is journaled first (D11).
func (r *run) propose(ctx context.Context, batch []row) error {
	var shown []vault.PersonID
	for i := range batch {
		for _, c := range batch[i].likely {
			shown = append(shown, c.Person)
		}
	}
	if len(shown) > 0 {
		e := r.scope.Entry(journal.Shown, shown...)
		e.Fields = []string{"number", "given", "family", "birth", "email", "phone", "address"}
		if _, err := r.d.journal.Read(ctx, &e); err != nil {
			return err
		}
	}
	for i := range batch {
		row := &batch[i]
		if len(row.likely) == 0 && row.twin == 0 {
			continue
		}
		r.result.Proposed++
		if len(r.result.Proposals) < shownProposals {
			p := Resemblance{Line: row.line, Name: row.profile.Name(), Birth: row.profile.Birth, Candidates: row.likely, Twin: row.twin}
			p.Certain = certain(row.likely) != nil
			r.result.Proposals = append(r.result.Proposals, p)
		}
	}
	return nil
}
