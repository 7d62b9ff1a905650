package dues

import (
	"context"

	"kartotek/internal/access"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// past is what a person's account says before they are charged: which charges
// there are, the last reference's number, and what was paid too much.
type past struct {
	ids  []uint64
	last uint32
	over []Line // too much was paid
}

func (p *past) has(id uint64) bool {
	if p == nil {
		return false
	}
	for _, known := range p.ids {
		if known == id {
			return true
		}
	}
	return false
}

func (p *past) slot() uint32 {
	if p == nil {
		return 0
	}
	return p.last
}

// took notes a reference's number, for somebody who is charged by two bodies in
// one act.
func (p *past) took(person vault.PersonID, all map[vault.PersonID]*past, slot uint32) {
	if p == nil {
		p = &past{}
		all[person] = p
	}
	p.last = slot
}

// carried uses what was paid too much for a charge about to be made.
func (p *past) carried(b *bill) []carry {
	if p == nil || len(p.over) == 0 {
		return nil
	}
	return carries(append(append([]Line(nil), p.over...), Line{ID: b.id, Charge: b.charge}))
}

// standing reads what charging must know of the accounts within a Scope. Whoever
// was never charged is not in it.
func (s *Service) standing(ctx context.Context, scope access.Scope) (map[vault.PersonID]*past, error) {
	before := map[vault.PersonID]*past{}
	lines := map[vault.PersonID][]Line{}
	err := s.all(ctx, scope, func(person vault.PersonID, id uint64, c *Charge) error {
		p := before[person]
		if p == nil {
			p = &past{}
			before[person] = p
		}
		p.ids, p.last = append(p.ids, id), max(p.last, c.Slot)
		lines[person] = append(lines[person], Line{ID: id, Charge: *c})
		return nil
	})
	if err != nil || len(before) == 0 {
		return before, err
	}
	err = record.Scan(s.Records, ctx, Entries, func(person vault.PersonID, _ uint64, e *Entry) error {
		for i := range lines[person] {
			if l := &lines[person][i]; l.ID == e.Charge {
				l.Entries = append(l.Entries, *e)
			}
		}
		return nil
	})
	for person, all := range lines {
		for i := range all {
			if all[i].Open() < 0 {
				before[person].over = append(before[person].over, all[i])
			}
		}
	}
	return before, err
}

// all calls fn with every charge of those within a Scope, whoever made it: a
// reference is nobody's twice.
func (s *Service) all(ctx context.Context, scope access.Scope, fn func(vault.PersonID, uint64, *Charge) error) error {
	if scope.All() {
		return record.Scan(s.Records, ctx, Charges, fn)
	}
	persons, err := s.charged(ctx, scope)
	if err != nil || len(persons) == 0 {
		return err
	}
	return record.Fetch(s.Records, ctx, Charges, persons, fn)
}
