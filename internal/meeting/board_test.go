package meeting

import (
	"fmt"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/vault"
)

// aBoard is a post's seats, held by persons 1 to n, the terms ending in that order.
type aBoard struct {
	lines []access.Line
	held  []access.Holding
}

func newBoard(n int) (b aBoard) {
	for i := range n {
		b.lines = append(b.lines, access.Line{Post: "chair", Holding: uint64(i + 1), Do: access.Keep})
		b.held = append(b.held, access.Holding{
			Person: vault.PersonID(i + 1), Basis: access.Basis{ID: uint64(i + 1), Code: "chair", Until: civil.Date{Year: 2027, Month: 3, Day: i + 1}},
		})
	}
	return b
}

// wrong says what is wrong with the seats after an election; "" for nothing.
func (b *aBoard) wrong(won []vault.PersonID, up int) string {
	seated, changed := map[vault.PersonID]int{}, 0
	for i, l := range b.lines {
		if l.Do != access.Keep {
			changed++
		}
		switch l.Do {
		case access.Fresh:
			seated[l.Person]++
			if l.Holding != uint64(i+1) || !l.Pass {
				return "a seat was lost, or its lists"
			}
		case access.Again:
			seated[b.held[i].Person]++
		}
	}
	if changed > max(up, len(won)) || changed < len(won) {
		return fmt.Sprintf("%d seats changed", changed)
	}
	for _, person := range won {
		if seated[person] != 1 {
			return fmt.Sprintf("%d has %d seats", person, seated[person])
		}
		delete(seated, person)
	}
	if len(seated) > 0 {
		return "somebody has a seat who was not elected"
	}
	return ""
}
