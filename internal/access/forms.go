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

// Cover is somebody else's post, held for a while in their place.
type Cover struct {
	Of     uint64         // the holding that is covered
	For    vault.PersonID // whose it is
	Unit   unit.ID
	Post   string
	From   civil.Date
	Until  civil.Date
	Ground string // why: "on holiday"
	By     vault.PersonID
}

// Substitute is elected in advance, without access, to step in for the rest of
// the term when a post falls vacant.
type Substitute struct {
	Unit   unit.ID
	Post   string // "" for any post of the board
	From   civil.Date
	Until  civil.Date
	Ground string
	By     vault.PersonID
	Rank   uint64 // first, second … substitute
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

// Appointments, Positions, Covers and Substitutes are records of the person who holds them, so they
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

func coverAppointment(c *Cover) *Appointment {
	return &Appointment{Unit: c.Unit, Post: c.Post, From: c.From, Until: c.Until, Ground: c.Ground, By: c.By}
}

// Covers and Substitutes have the form of an appointment and add their own.
var (
	Covers = record.Declare(record.Kind[Cover]{
		Number: 12, Name: "cover", Class: vault.Membership, Retention: "membership",
		Encode: func(dst []byte, c *Cover) []byte {
			w := record.Writer{Bytes: Appointments.Encode(dst, coverAppointment(c))}
			return w.Uint(7, c.Of).Uint(8, uint64(c.For)).Bytes
		},
		Decode: func(src []byte, c *Cover) error {
			var a Appointment
			if err := Appointments.Decode(src, &a); err != nil {
				return err
			}
			*c = Cover{Unit: a.Unit, Post: a.Post, From: a.From, Until: a.Until, Ground: a.Ground, By: a.By}
			r := record.NewReader(src)
			for r.Next() {
				switch r.Field() {
				case 7:
					c.Of = r.Uint()
				case 8:
					c.For = vault.PersonID(r.Uint())
				}
			}
			return r.Err()
		},
		Words: func(c *Cover) []record.Line {
			return append([]record.Line{{Key: "access.record.cover", Value: c.Post}}, termWords(c.From, c.Until, c.Ground)...)
		},
	})

	Substitutes = record.Declare(record.Kind[Substitute]{
		Number: 13, Name: "substitute", Class: vault.Membership, Retention: "membership",
		Encode: func(dst []byte, s *Substitute) []byte {
			a := Appointment{Unit: s.Unit, Post: s.Post, From: s.From, Until: s.Until, Ground: s.Ground, By: s.By}
			w := record.Writer{Bytes: Appointments.Encode(dst, &a)}
			return w.Uint(7, s.Rank).Bytes
		},
		Decode: func(src []byte, s *Substitute) error {
			var a Appointment
			if err := Appointments.Decode(src, &a); err != nil {
				return err
			}
			*s = Substitute{Unit: a.Unit, Post: a.Post, From: a.From, Until: a.Until, Ground: a.Ground, By: a.By}
			r := record.NewReader(src)
			for r.Next() {
				if r.Field() == 7 {
					s.Rank = r.Uint()
				}
			}
			return r.Err()
		},
		Words: func(s *Substitute) []record.Line {
			return append([]record.Line{{Key: "access.record.substitute", Value: s.Post}}, termWords(s.From, s.Until, s.Ground)...)
		},
	})
)

// Granted are documented accesses (D9), records of whoever has them.
var Granted = record.Declare(record.Kind[Grant]{
	Number: 83, Name: "documented-access", Class: vault.Membership, Retention: "grant",
	Encode: func(dst []byte, g *Grant) []byte {
		w := record.Writer{Bytes: dst}
		return w.Uint(1, uint64(g.Unit)).Uint(2, uint64(g.Case)).String(3, g.Task).String(4, g.Ground).
			Strings(5, g.Purposes).Strings(6, g.Fields).Date(7, g.From).Date(8, g.Until).Uint(9, uint64(g.By)).Bytes
	},
	Decode: func(src []byte, g *Grant) error {
		*g = Grant{}
		r := record.NewReader(src)
		for r.Next() {
			switch r.Field() {
			case 1:
				g.Unit = unit.ID(r.Uint())
			case 2:
				g.Case = int64(r.Uint())
			case 3:
				g.Task = r.String()
			case 4:
				g.Ground = r.String()
			case 5:
				g.Purposes = append(g.Purposes, r.String())
			case 6:
				g.Fields = append(g.Fields, r.String())
			case 7:
				g.From = r.Date()
			case 8:
				g.Until = r.Date()
			case 9:
				g.By = vault.PersonID(r.Uint())
			}
		}
		return r.Err()
	},
	Words: func(g *Grant) []record.Line {
		return append([]record.Line{{Key: "access.record.grant", Value: g.Task}}, termWords(g.From, g.Until, g.Ground)...)
	},
})

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
