package directory

import (
	"errors"
	"strconv"

	"kartotek/internal/database"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

var (
	// Choices are records of whoever chose, id 1.
	Choices = record.Declare(record.Kind[Choice]{
		Number: 114, Name: "directory-choice", Class: vault.Membership, Retention: "membership",
		Encode: func(dst []byte, c *Choice) []byte {
			w := record.Writer{Bytes: dst}
			for _, code := range c.Fields {
				w.String(1, code)
			}
			return w.Date(2, c.On).Bytes
		},
		Decode: func(src []byte, c *Choice) error {
			*c = Choice{Made: true}
			r := record.NewReader(src)
			for r.Next() {
				switch r.Field() {
				case 1:
					c.Fields = append(c.Fields, r.String())
				case 2:
					c.On = r.Date()
				}
			}
			return r.Err()
		},
		Words: func(c *Choice) []record.Line {
			lines := []record.Line{{Key: "directory.record.on", Value: c.On.String()}}
			for _, code := range c.Fields {
				lines = append(lines, record.Line{Key: "directory.record.shows", Value: code})
			}
			return lines
		},
	})

	// looked are records of whoever looks, id 1: the day's count, of nobody else.
	looked = record.Declare(record.Kind[Looks]{
		Number: 115, Name: "directory-looks", Class: vault.Membership, Retention: "sign-in",
		Encode: func(dst []byte, l *Looks) []byte {
			w := record.Writer{Bytes: dst}
			return w.Date(1, l.Day).Uint(2, uint64(l.Contacts)).Uint(3, uint64(l.Names)).Bytes
		},
		Decode: func(src []byte, l *Looks) error {
			*l = Looks{}
			r := record.NewReader(src)
			for r.Next() {
				switch r.Field() {
				case 1:
					l.Day = r.Date()
				case 2:
					l.Contacts = int(r.Uint())
				case 3:
					l.Names = int(r.Uint())
				}
			}
			return r.Err()
		},
		Words: func(l *Looks) []record.Line {
			return []record.Line{
				{Key: "directory.record.day", Value: l.Day.String()},
				{Key: "directory.record.contacts", Value: strconv.Itoa(l.Contacts)},
				{Key: "directory.record.names", Value: strconv.Itoa(l.Names)},
			}
		},
	})
)

const onlyID = 1

// choice reads what somebody chose; not made where they have not.
func (s *Service) choice(q database.Querier, person vault.PersonID) (c Choice, err error) {
	err = record.Get(s.Records, q, Choices, person, onlyID, &c)
	if errors.Is(err, database.ErrNotFound) || errors.Is(err, vault.ErrErased) {
		return Choice{}, nil
	}
	return c, err
}

// looks reads how much somebody has looked at today.
func (s *Service) looks(q database.Querier, person vault.PersonID) (l Looks, err error) {
	today := s.Access.Today()
	err = record.Get(s.Records, q, looked, person, onlyID, &l)
	switch {
	case errors.Is(err, database.ErrNotFound):
		return Looks{Day: today}, nil
	case err != nil:
		return l, err
	case l.Day != today:
		return Looks{Day: today}, nil
	}
	return l, nil
}

func (s *Service) putLooks(tx *database.Tx, person vault.PersonID, l *Looks) error {
	return record.Put(s.Records, tx, looked, person, onlyID, l)
}
