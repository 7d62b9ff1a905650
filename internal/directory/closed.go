package directory

import (
	"context"
	"errors"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Bodies are the bodies whose closed pages somebody's memberships open.
func (s *Service) Bodies(person vault.PersonID) []unit.Unit { return s.Access.FellowBodies(person) }

// Wide reports whether a body's closed page reaches beyond one's own body: then it is
// searched and not leafed through (N12).
func (s *Service) Wide(body unit.Unit) bool {
	level, known := s.Charter.Level(body.Level)
	return known && level.SubBodies
}

// Found is a page of members as members see them, and what is left of the day.
type Found struct {
	member.Fellows
	Page, Last int
	Asking     bool // a few letters first
}

// Find lists the members of a body for one of its members, by name: of their own body
// from A to Z, of a wider one as far as they type. Names and searches count against the
// day (N11, N12).
func (s *Service) Find(ctx context.Context, by access.Actor, body unit.ID, text string, page int, reading int64) (Found, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Fellow: true, Unit: body})
	if err != nil {
		return Found{}, err
	}
	found := Found{Page: max(page, 1), Last: 1}
	if u, _ := s.Units.Tree().ByID(body); s.Wide(u) && !enough(text) {
		found.Asking = true
		return found, nil
	}
	s.looking.Lock()
	defer s.looking.Unlock()
	var looks Looks
	if err := s.DB.Read(ctx, func(q database.Querier) error {
		looks, err = s.looks(q, by.Person)
		return err
	}); err != nil {
		return Found{}, err
	}
	if _, err := looks.spend(&s.Charter.Directory, 0, 1); err != nil {
		return Found{}, err
	}
	all, err := s.Members.Fellows(ctx, scope, member.Query{Text: text, Page: found.Page - 1, Size: PageSize, Reading: reading})
	if err != nil {
		return Found{}, err
	}
	found.Fellows, found.Last = *all, max(1, (all.Total+PageSize-1)/PageSize)
	// What a page shows is counted, also where it goes over the day's measure: the page
	// after it is the one refused.
	looks.Names += len(all.Rows)
	return found, s.DB.Write(ctx, func(tx *database.Tx) error { return s.putLooks(tx, by.Person, &looks) })
}

// Look shows what a member lets others see of how they are reached. Each look counts
// against the day and is journaled as a card opened; the member reads of it under who
// has seen them.
func (s *Service) Look(ctx context.Context, by access.Actor, body unit.ID, person vault.PersonID) (*member.OpenFellow, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Fellow: true, Unit: body})
	if err != nil {
		return nil, err
	}
	var shown []string
	if err := s.DB.Read(ctx, func(q database.Querier) error {
		chosen, err := s.choice(q, person)
		shown = chosen.fields(&s.Charter.Directory)
		return err
	}); err != nil {
		return nil, err
	}
	return s.Members.OpenFellow(ctx, scope, person, shown, func(tx *database.Tx) error {
		if person == by.Person {
			return nil
		}
		looks, err := s.looks(tx, by.Person)
		if err != nil {
			return err
		}
		if looks, err = looks.spend(&s.Charter.Directory, 1, 0); err != nil {
			return err
		}
		return s.putLooks(tx, by.Person, &looks)
	})
}

// Own is how one stands on closed pages.
type Own struct {
	Choice
	Shown    []string    // the fields others see
	Objected bool        // one said no to the purpose, and is not there
	Bodies   []unit.Unit // where one is seen
}

// Own tells somebody what others see of them.
func (s *Service) Own(ctx context.Context, by access.Actor) (Own, error) {
	if _, err := s.Access.Require(ctx, by, access.Want{Self: true}); err != nil {
		return Own{}, err
	}
	own := Own{Bodies: s.Bodies(by.Person), Objected: s.Members.Objects(by.Person, s.Charter.Directory.Purpose)}
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		own.Choice, err = s.choice(q, by.Person)
		return err
	})
	own.Shown = own.Choice.fields(&s.Charter.Directory)
	return own, err
}

// Choose sets what other members see of oneself, and whether one is there at all: no
// is an objection to the purpose, which holds for every list of it (L8, Art. 21).
func (s *Service) Choose(ctx context.Context, by access.Actor, there bool, fields []string) error {
	scope, err := s.Access.Require(ctx, by, access.Want{Self: true})
	if err != nil {
		return err
	}
	if !s.Charter.Directory.On() || len(s.Bodies(by.Person)) == 0 {
		return fault.New(fault.Denied, "access.denied.directory")
	}
	kept, err := settle(&s.Charter.Directory, fields)
	if err != nil {
		return err
	}
	if purpose, known := s.Charter.Purpose(s.Charter.Directory.Purpose); known && purpose.Objection {
		if err := s.Members.SetObjection(ctx, scope, by.Person, purpose.Code, !there); err != nil {
			return err
		}
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		before, err := s.choice(tx, by.Person)
		if err != nil || before.Made && slices.Equal(before.Fields, kept) {
			return err
		}
		after := Choice{Fields: kept, On: s.Charter.Today(tx.Now())}
		if err := record.Put(s.Records, tx, Choices, by.Person, onlyID, &after); err != nil {
			return err
		}
		e := scope.Entry(journal.DirectoryChoose, by.Person)
		e.Fields = kept
		_, err = s.Journal.Append(tx, &e)
		return err
	})
}

// Prints reports whether somebody may print the directory of a body: the charter
// names the posts, and their right to pull lists stands (N11).
func (s *Service) Prints(person vault.PersonID, body unit.ID) bool {
	d := &s.Charter.Directory
	u, known := s.Units.Tree().ByID(body)
	if !known || !d.At(u.Level) {
		return false
	}
	return slices.ContainsFunc(s.Access.Held(person), func(h access.Holding) bool {
		return h.Basis.OfPost() && h.Basis.Unit == body && d.MayPrint(h.Basis.Code) && h.May.Has(charter.Pull)
	})
}

// Sheet is what a printed directory holds: who can be on it, and which of their fields
// stay empty since they do not let others see them. It leaves as a list, with its number
// and the day it is destroyed by.
type Sheet struct {
	Among   *roaring.Bitmap
	Covered func(person vault.PersonID, field string) bool
}

// Printable prepares a printed directory.
func (s *Service) Printable(ctx context.Context, by access.Actor, body unit.ID) (Sheet, error) {
	if !s.Prints(by.Person, body) {
		return Sheet{}, s.refuse(ctx, by, body)
	}
	chosen := map[vault.PersonID][]string{}
	err := record.Scan(s.Records, ctx, Choices, func(person vault.PersonID, _ uint64, c *Choice) error {
		chosen[person] = c.fields(&s.Charter.Directory)
		return nil
	})
	if err != nil {
		return Sheet{}, err
	}
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Pull, Unit: body, Purpose: s.Charter.Directory.Purpose})
	if err != nil {
		return Sheet{}, err
	}
	usual := s.Charter.Directory.Shows(s.Charter.Directory.Shown)
	return Sheet{Among: s.Members.Select(scope), Covered: func(person vault.PersonID, field string) bool {
		if field == "given" || field == "family" || field == "unit" {
			return false
		}
		shown, made := chosen[person]
		if !made {
			shown = usual
		}
		return !slices.Contains(shown, field)
	}}, nil
}

func (s *Service) refuse(ctx context.Context, by access.Actor, body unit.ID) error {
	e := journal.Entry{
		Act: journal.Denied, Actor: uint32(by.Person), Via: string(by.Via), OSUser: by.OSUser, Target: uint32(body), Reason: "directory.denied.print",
	}
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return err
	}
	return fault.New(fault.Denied, "directory.denied.print")
}

// EndLooks forgets the counts of days that are over: they were for their day.
func (s *Service) EndLooks(ctx context.Context) error {
	today := s.Charter.Today(s.Now())
	var over []vault.PersonID
	err := record.Scan(s.Records, ctx, looked, func(person vault.PersonID, _ uint64, l *Looks) error {
		if l.Day.Before(today) {
			over = append(over, person)
		}
		return nil
	})
	for some := range slices.Chunk(over, 500) {
		if err != nil {
			break
		}
		err = s.DB.Write(ctx, func(tx *database.Tx) error {
			for _, person := range some {
				if err := record.Remove(tx, looked, person, onlyID); err != nil && !errors.Is(err, database.ErrNotFound) {
					return err
				}
			}
			return nil
		})
	}
	return err
}
