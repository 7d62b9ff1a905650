package member

import (
	"context"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Distinct says that somebody looked at two persons who could be one, and that
// they are two. It stands with both; of one who is erased the other keeps an id
// that leads nowhere.
type Distinct struct {
	Other vault.PersonID
	By    vault.PersonID
	On    civil.Date
}

// Distincts are records of the person, by the other's id.
var Distincts = record.Declare(record.Kind[Distinct]{
	Number: 8, Name: "not_the_same", Class: vault.Membership, Retention: "membership",
	Encode: func(dst []byte, v *Distinct) []byte {
		w := record.Writer{Bytes: dst}
		return w.Uint(1, uint64(v.Other)).Uint(2, uint64(v.By)).Date(3, v.On).Bytes
	},
	Decode: func(src []byte, v *Distinct) error {
		*v = Distinct{}
		r := record.NewReader(src)
		for r.Next() {
			switch r.Field() {
			case 1:
				v.Other = vault.PersonID(r.Uint())
			case 2:
				v.By = vault.PersonID(r.Uint())
			case 3:
				v.On = r.Date()
			}
		}
		return r.Err()
	},
	Words: func(v *Distinct) []record.Line {
		return []record.Line{{Key: "member.record.distinct", Value: v.On.String()}}
	},
})

// SetDistinct remembers that two members are not the same person. Both must be
// within the Scope.
func (d *Directory) SetDistinct(ctx context.Context, s access.Scope, a, b vault.PersonID) error {
	x, err := d.enter(s, charter.Edit)
	if err != nil {
		return err
	}
	if a == b {
		return refused("with", "member.error.merge_self")
	}
	for _, person := range []vault.PersonID{a, b} {
		if !x.holds(reachOf(s), person) || x.isHidden(person) {
			return d.denyCard(ctx, x, s, person)
		}
	}
	return d.db.Write(ctx, func(tx *database.Tx) error {
		for _, pair := range [][2]vault.PersonID{{a, b}, {b, a}} {
			v := Distinct{Other: pair[1], By: s.Actor().Person, On: d.charter.Today(tx.Now())}
			if err := record.Put(d.records, tx, Distincts, pair[0], uint64(pair[1]), &v); err != nil {
				return err
			}
			e := s.Entry(journal.Edit, pair[0])
			e.Fields = []string{"not_the_same"}
			if _, err := d.journal.Append(tx, &e); err != nil {
				return err
			}
		}
		return nil
	})
}

// distinct are the pairs somebody has looked at, the lower id first.
func (d *Directory) distinct(ctx context.Context) (map[[2]vault.PersonID]bool, error) {
	pairs := map[[2]vault.PersonID]bool{}
	err := record.Scan(d.records, ctx, Distincts, func(person vault.PersonID, _ uint64, v *Distinct) error {
		pairs[pairOf(person, v.Other)] = true
		return nil
	})
	return pairs, err
}

func pairOf(a, b vault.PersonID) [2]vault.PersonID { return [2]vault.PersonID{min(a, b), max(a, b)} }
