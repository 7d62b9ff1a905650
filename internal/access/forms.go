package access

import (
	"github.com/golang-sql/civil"

	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Appointment is a post held in a body for a term.
type Appointment struct {
	Unit   unit.ID
	Post   string // code of the charter
	From   civil.Date
	Until  civil.Date // last day; zero while the post has no end
	Ground string     // how they came to it: "elected at the general meeting"
	By     vault.PersonID
}

// Position is a position held in the secretariat. Both count, the person and
// the position (D4), so both grounds are recorded.
type Position struct {
	Code   string // code of the charter
	From   civil.Date
	Until  civil.Date
	Ground string // the position's tasks and why this person is trusted with them
	By     vault.PersonID
}

// Appointments and Positions are records of the person who holds them, so they
// go with the person.
var (
	Appointments = record.Declare(record.Kind[Appointment]{
		Number: 10, Name: "appointment", Class: vault.Membership, Retention: "membership",
		Encode: func(dst []byte, a *Appointment) []byte {
			w := record.Writer{Bytes: dst}
			return w.Uint(1, uint64(a.Unit)).String(2, a.Post).Date(3, a.From).Date(4, a.Until).
				String(5, a.Ground).Uint(6, uint64(a.By)).Bytes
		},
		Decode: func(src []byte, a *Appointment) error {
			r := record.NewReader(src)
			for r.Next() {
				switch r.Field() {
				case 1:
					a.Unit = unit.ID(r.Uint())
				case 2:
					a.Post = r.String()
				case 3:
					a.From = r.Date()
				case 4:
					a.Until = r.Date()
				case 5:
					a.Ground = r.String()
				case 6:
					a.By = vault.PersonID(r.Uint())
				}
			}
			return r.Err()
		},
		Words: func(a *Appointment) []record.Line {
			return append([]record.Line{{Key: "access.record.post", Value: a.Post}}, termWords(a.From, a.Until, a.Ground)...)
		},
	})

	Positions = record.Declare(record.Kind[Position]{
		Number: 11, Name: "position", Class: vault.Membership, Retention: "membership",
		Encode: func(dst []byte, p *Position) []byte {
			w := record.Writer{Bytes: dst}
			return w.String(1, p.Code).Date(2, p.From).Date(3, p.Until).String(4, p.Ground).Uint(5, uint64(p.By)).Bytes
		},
		Decode: func(src []byte, p *Position) error {
			r := record.NewReader(src)
			for r.Next() {
				switch r.Field() {
				case 1:
					p.Code = r.String()
				case 2:
					p.From = r.Date()
				case 3:
					p.Until = r.Date()
				case 4:
					p.Ground = r.String()
				case 5:
					p.By = vault.PersonID(r.Uint())
				}
			}
			return r.Err()
		},
		Words: func(p *Position) []record.Line {
			return append([]record.Line{{Key: "access.record.position", Value: p.Code}}, termWords(p.From, p.Until, p.Ground)...)
		},
	})
)

func termWords(from, until civil.Date, ground string) []record.Line {
	lines := []record.Line{{Key: "access.record.from", Value: from.String()}}
	if !until.IsZero() {
		lines = append(lines, record.Line{Key: "access.record.until", Value: until.String()})
	}
	if ground != "" {
		lines = append(lines, record.Line{Key: "access.record.ground", Value: ground})
	}
	return lines
}
