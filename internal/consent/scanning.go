package consent

import (
	"context"
	"image"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Came is what a scan brought, in numbers.
type Came struct {
	Pages   int `json:"pages"`
	Lines   int `json:"lines"`   // taken in: they wait for somebody to enter what they say
	Again   int `json:"again"`   // entered already
	Unknown int `json:"unknown"` // of nobody whoever scans reaches, or over
}

// owned is a paper with whose it is.
type owned struct {
	person vault.PersonID
	paper  Paper
}

// papers are all of them that a test takes.
func (s *Service) papers(ctx context.Context, takes func(*Paper) bool) ([]owned, error) {
	var all []owned
	err := record.Scan(s.Records, ctx, Papers, func(person vault.PersonID, id uint64, p *Paper) error {
		if takes(p) {
			one := owned{person, *p}
			one.paper.ID = id
			all = append(all, one)
		}
		return nil
	})
	return all, err
}

// Scan takes in what was scanned or photographed: each line is found by its code, cut
// out and kept with the person it is about; the pages are not. Nothing is guessed of
// what was ticked. All of a file is taken in, or nothing.
func (s *Service) Scan(ctx context.Context, by access.Actor, file []byte) (came Came, err error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Edit})
	if err != nil {
		return came, err
	}
	s.reading.Lock() // a page is large in memory: one file at a time
	defer s.reading.Unlock()
	known, seen := map[string]owned{}, map[string]bool{}
	all, err := s.papers(ctx, func(*Paper) bool { return true })
	if err != nil {
		return came, err
	}
	for _, o := range all {
		known[o.paper.Code] = o
	}
	cut := map[vault.PersonID]map[uint64][]byte{}
	err = document.Scanned(file, func(page int, picture *image.Gray) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		came.Pages = page
		found, err := document.Strips(picture)
		for i := range found {
			f := &found[i]
			o, there := known[f.Code]
			switch {
			case seen[f.Code]: // twice in one file
			case !there || s.Members.Leaving(o.person) || !s.Members.Within(scope, o.person):
				came.Unknown++
			case !o.paper.SettledAt.IsZero():
				came.Again++
			default:
				jpeg, err := f.Cut(picture, o.paper.Height)
				if err != nil {
					return err
				}
				if cut[o.person] == nil {
					cut[o.person] = map[uint64][]byte{}
				}
				cut[o.person][o.paper.ID] = jpeg
				came.Lines++
			}
			seen[f.Code] = true
		}
		return err
	})
	if err != nil {
		return Came{}, err
	}
	if len(seen) == 0 {
		return Came{}, fault.New(fault.Invalid, "document.scan.refused").With("file", "consent.error.no_lines")
	}
	if came.Lines == 0 {
		return came, nil
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		e := scope.Entry(journal.ConsentScan)
		e.Persons = roaring.New()
		for person, papers := range cut {
			for id, jpeg := range papers {
				if err := s.came(tx, scope, person, id, jpeg); err != nil {
					return err
				}
			}
			e.Persons.Add(uint32(person))
		}
		_, err := s.Journal.Append(tx, &e)
		return err
	})
	if err != nil {
		return Came{}, err
	}
	return came, s.settlePapers(ctx, by.Person)
}

// came notes that a paper is back, with its picture or by its code alone.
func (s *Service) came(tx *database.Tx, scope access.Scope, person vault.PersonID, id uint64, jpeg []byte) error {
	var p Paper
	if err := record.Get(s.Records, tx, Papers, person, id, &p); err != nil {
		return err
	}
	if p.ScannedAt.IsZero() {
		p.ScannedAt, p.ScannedBy = tx.Now(), scope.Actor().Person
	}
	if jpeg != nil {
		p.Pictured = true
		if err := record.Put(s.Records, tx, Pictures, person, id, &picture{jpeg}); err != nil {
			return err
		}
	}
	return record.Put(s.Records, tx, Papers, person, id, &p)
}

// Typed takes in a paper by the code printed on it, without a picture.
func (s *Service) Typed(ctx context.Context, by access.Actor, typed string) (person vault.PersonID, id uint64, err error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Edit})
	if err != nil {
		return 0, 0, err
	}
	none := fault.New(fault.Invalid, "consent.error.code_typed").With("typed", "consent.error.code_typed")
	code := ReadCode(typed)
	if code == "" {
		return 0, 0, none
	}
	all, err := s.papers(ctx, func(p *Paper) bool { return p.Code == code })
	if err != nil {
		return 0, 0, err
	}
	if len(all) == 0 || s.Members.Leaving(all[0].person) || !s.Members.Within(scope, all[0].person) {
		return 0, 0, none
	}
	o := all[0]
	if !o.paper.SettledAt.IsZero() || o.paper.Waits() {
		return o.person, o.paper.ID, nil // it is shown as it was entered
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		if err := s.came(tx, scope, o.person, o.paper.ID, nil); err != nil {
			return err
		}
		return s.note(tx, scope, journal.ConsentScan, o.person, "")
	})
	if err != nil {
		return 0, 0, err
	}
	return o.person, o.paper.ID, s.settlePapers(ctx, by.Person)
}

// Picture is a paper's own part of a scan: for the person it is about, and for whoever
// enters papers, which is journaled first.
func (s *Service) Picture(ctx context.Context, by access.Actor, person vault.PersonID, id uint64) ([]byte, error) {
	scope, err := s.consenter(ctx, by, person, "")
	if err != nil {
		return nil, err
	}
	if by.Person != person {
		e := scope.Entry(journal.Opened, person)
		e.Fields = []string{"consent"}
		if _, err := s.Journal.Read(ctx, &e); err != nil {
			return nil, err
		}
	}
	var kept picture
	err = s.DB.Read(ctx, func(q database.Querier) error { return record.Get(s.Records, q, Pictures, person, id, &kept) })
	if err != nil {
		return nil, fault.New(fault.NotFound, "consent.error.no_paper").Because(err)
	}
	return kept.JPEG, nil
}

// PapersOf are somebody's own papers that came back, the newest first.
func (s *Service) PapersOf(ctx context.Context, by access.Actor) ([]Paper, error) {
	if _, err := s.Access.Require(ctx, by, access.Want{Self: true}); err != nil {
		return nil, err
	}
	var own []Paper
	err := s.DB.Read(ctx, func(q database.Querier) error {
		items, err := record.All(s.Records, q, Papers, by.Person)
		for i := range items {
			if p := items[i].Value; !p.Out() {
				p.ID = items[i].ID
				own = append(own, p)
			}
		}
		return err
	})
	slices.Reverse(own)
	return own, err
}
