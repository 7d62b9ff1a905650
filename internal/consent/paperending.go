package consent

import (
	"context"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// paperEnds is when a paper goes: one that did not come back after the charter's days;
// one that did, when what it proves need not be proved any more. A consent that still
// stands, or whose proof is kept, keeps its paper.
func (s *Service) paperEnds(p *Paper) time.Time {
	switch years := s.Charter.Parameters.EvidenceYears.Value; {
	case p.Out():
		return p.PrintedAt.AddDate(0, 0, s.Charter.Parameters.SheetDays.Value)
	case p.SettledAt.IsZero():
		return p.ScannedAt.AddDate(years, 0, 0)
	default:
		return p.SettledAt.AddDate(years, 0, 0)
	}
}

// place is where a record lies.
type place struct {
	person vault.PersonID
	id     uint64
}

func (s *Service) papersOver(ctx context.Context, by time.Time) (over []owned, all int, err error) {
	needed := map[place]bool{}
	err = s.each(ctx, func(person vault.PersonID, c *Consent) error {
		if c.Line != 0 {
			needed[place{person, c.Line}] = true
		}
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	every, err := s.papers(ctx, func(*Paper) bool { return true })
	for _, o := range every {
		if s.paperEnds(&o.paper).Before(by) && !needed[place{o.person, o.paper.ID}] {
			over = append(over, o)
		}
	}
	return over, len(every), err
}

// PapersDue counts the papers that end by a moment, and all there are (N14).
func (s *Service) PapersDue(ctx context.Context, by time.Time) (due, all int, err error) {
	over, all, err := s.papersOver(ctx, by)
	return len(over), all, err
}

// EndPapers forgets them with their pictures, and says how many.
func (s *Service) EndPapers(ctx context.Context, by time.Time) (gone int, err error) {
	over, _, err := s.papersOver(ctx, by)
	if err != nil {
		return 0, err
	}
	for _, o := range over {
		err := s.DB.Write(ctx, func(tx *database.Tx) error {
			if o.paper.Pictured {
				if err := record.Remove(tx, Pictures, o.person, o.paper.ID); err != nil {
					return err
				}
			}
			return record.Remove(tx, Papers, o.person, o.paper.ID)
		})
		if err != nil {
			return gone, err
		}
		gone++
	}
	return gone, nil
}

// PapersHeld tells a member how many papers of theirs are kept, and until when the last.
func (s *Service) PapersHeld(ctx context.Context, person vault.PersonID) (count int, last time.Time, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		items, err := record.All(s.Records, q, Papers, person)
		for i := range items {
			count++
			if ends := s.paperEnds(&items[i].Value); ends.After(last) {
				last = ends
			}
		}
		return err
	})
	return count, last, err
}
