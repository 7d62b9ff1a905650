package member

import (
	"github.com/golang-sql/civil"

	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Course is what somebody has been and will be in one body: the kind of their
// membership from day to day. A membership that never changed has none; it ends
// with the membership, and what lies back further than the charter keeps documents
// is forgotten (N14).
type Course struct {
	Unit  unit.ID
	Steps []Step // by day; the first has none and holds since ever
}

// Step is a day from which a category holds.
type Step struct {
	From     civil.Date
	Category string         // a code of the charter; empty is the first
	By       vault.PersonID // who decided it; 0 for what came by itself
}

// Courses are records of the person, by the body's id as memberships are.
var Courses = record.Declare(record.Kind[Course]{
	Number: 7, Name: "category_course", Class: vault.Membership, Retention: "correspondence",
	Encode: func(dst []byte, c *Course) []byte {
		w := record.Writer{Bytes: dst}
		w.Uint(1, uint64(c.Unit))
		for i := range c.Steps {
			s := &c.Steps[i]
			var step record.Writer
			w.Blob(2, step.Date(1, s.From).String(2, s.Category).Uint(3, uint64(s.By)).Bytes)
		}
		return w.Bytes
	},
	Decode: func(src []byte, c *Course) error {
		*c = Course{}
		r := record.NewReader(src)
		for r.Next() {
			switch r.Field() {
			case 1:
				c.Unit = unit.ID(r.Uint())
			case 2:
				var s Step
				in := record.NewReader(r.Blob())
				for in.Next() {
					switch in.Field() {
					case 1:
						s.From = in.Date()
					case 2:
						s.Category = in.String()
					case 3:
						s.By = vault.PersonID(in.Uint())
					}
				}
				if err := in.Err(); err != nil {
					return err
				}
				c.Steps = append(c.Steps, s)
			}
		}
		return r.Err()
	},
	Words: func(c *Course) []record.Line {
		var lines []record.Line
		for _, s := range c.Steps {
			if !s.From.IsZero() {
				lines = append(lines, record.Line{Key: "member.field.from", Value: s.From.String()})
			}
			lines = append(lines, record.Line{Key: "member.field.category", Value: s.Category})
		}
		return lines
	},
})
