package consent

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Published is what the room of declarations calls in the transaction in which a
// body's new version becomes the one that stands. Where the change is material, every
// consent given under an older one is asked again (Art. 4(11): informed): until it is
// answered it rests, or stands, as the charter has it. Whoever gave one is told by the
// day's work.
func (s *Service) Published(ctx context.Context, tx *database.Tx, body unit.ID, version int64, material bool) error {
	if !material {
		return nil
	}
	type place struct {
		person vault.PersonID
		c      Consent
	}
	var asked []place
	under, now := map[unit.ID]bool{}, tx.Now()
	err := s.each(ctx, func(person vault.PersonID, c *Consent) error {
		if c.State(now) != Given || s.Members.Leaving(person) {
			return nil
		}
		for _, own := range s.Members.Units(person) {
			shows, known := under[own]
			if !known {
				var err error
				if shows, err = s.shows(ctx, own, body); err != nil {
					return err
				}
				under[own] = shows
			}
			if shows {
				asked = append(asked, place{person, *c})
				return nil
			}
		}
		return nil
	})
	if err == nil {
		err = s.olden(ctx, tx, body)
	}
	if err != nil || len(asked) == 0 {
		return err
	}
	e := journal.Entry{Act: journal.ConsentAgain, Right: string(access.System), Via: string(access.System), Target: uint32(body), Number: version, Persons: roaring.New()}
	for i := range asked {
		p := &asked[i]
		p.c.AgainAt = now
		if err := s.put(tx, p.person, &p.c); err != nil {
			return err
		}
		e.Persons.Add(uint32(p.person))
	}
	_, err = s.Journal.Append(tx, &e)
	return err
}

// olden marks the papers that are out under the older text: what is signed on one counts
// as asked again.
func (s *Service) olden(ctx context.Context, tx *database.Tx, body unit.ID) error {
	out, err := s.papers(ctx, func(p *Paper) bool { return p.SettledAt.IsZero() && p.AgainAt.IsZero() && p.Version.Unit == body })
	for i := range out {
		out[i].paper.AgainAt = tx.Now()
		if err := record.Put(s.Records, tx, Papers, out[i].person, out[i].paper.ID, &out[i].paper); err != nil {
			return err
		}
	}
	return err
}

// tellAgain writes to everybody who is asked again and was not told of it, once.
func (s *Service) tellAgain(ctx context.Context) error {
	waiting, now := map[vault.PersonID][]Consent{}, s.Now()
	err := s.each(ctx, func(person vault.PersonID, c *Consent) error {
		if c.State(now) == Again && c.ToldAt.IsZero() && !s.Members.Leaving(person) {
			waiting[person] = append(waiting[person], *c)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for person, all := range waiting {
		l, err := s.Letters.Asked(ctx, person)
		if err != nil {
			return err
		}
		err = s.DB.Write(ctx, func(tx *database.Tx) error {
			for i := range all {
				all[i].ToldAt = tx.Now()
				if err := s.put(tx, person, &all[i]); err != nil {
					return err
				}
			}
			if l == nil {
				return nil
			}
			return l.Enqueue(tx)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// shows reports whether the members of a body are shown the declaration of another: it
// is their own or one above them, and none nearer stands.
func (s *Service) shows(ctx context.Context, own, declaring unit.ID) (bool, error) {
	tree := s.Units.Tree()
	if !tree.Within(own, declaring) {
		return false, nil
	}
	d, known, err := s.Declarations.Standing(ctx, own)
	if err != nil || !known {
		return err == nil, err
	}
	return d.Unit == declaring || tree.Within(declaring, d.Unit), nil
}
