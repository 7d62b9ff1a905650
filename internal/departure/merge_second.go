package departure

import (
	"context"
	"errors"
	"slices"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// A merging destroys a card, so it has the second pair of eyes that the end of a
// window has (D7): one person looks at both cards and proposes, another looks and
// confirms, and nothing happens before. A charter without a second pair of eyes
// has the window alone.

// Proposal is that two cards are of one person, as one person says.
type Proposal struct {
	Kept vault.PersonID // the card that stays
	Take []string       // codes of the fields taken from the one that goes
	By   vault.PersonID
	On   civil.Date
}

// Proposals are records of whose card would go, so they go with it.
var Proposals = record.Declare(record.Kind[Proposal]{
	Number: 87, Name: "merge-proposal", Class: vault.Membership, Retention: "membership",
	Encode: func(dst []byte, p *Proposal) []byte {
		w := record.Writer{Bytes: dst}
		return w.Uint(1, uint64(p.Kept)).Strings(2, p.Take).Uint(3, uint64(p.By)).Date(4, p.On).Bytes
	},
	Decode: func(src []byte, p *Proposal) error {
		*p = Proposal{}
		r := record.NewReader(src)
		for r.Next() {
			switch r.Field() {
			case 1:
				p.Kept = vault.PersonID(r.Uint())
			case 2:
				p.Take = append(p.Take, r.String())
			case 3:
				p.By = vault.PersonID(r.Uint())
			case 4:
				p.On = r.Date()
			}
		}
		return r.Err()
	},
	Words: func(p *Proposal) []record.Line {
		return []record.Line{{Key: "departure.record.merge_on", Value: p.On.String()}}
	},
})

// mergeDays is how long a colleague has to look at a proposal.
const mergeDays = 14

// ProposeMerge puts it before a colleague that two entries become one; the
// Departure is empty while that waits. Where the charter asks no second pair of
// eyes it happens at once.
func (s *Service) ProposeMerge(ctx context.Context, by access.Actor, kept, other vault.PersonID, take []string) (Departure, error) {
	scope, err := s.mergeable(ctx, by, kept, other, take)
	if err != nil {
		return Departure{}, err
	}
	if !s.Charter.SecondPairEndsWindow {
		return s.merge(ctx, scope, by.Person, kept, other, take, nil)
	}
	take = slices.Compact(slices.Sorted(slices.Values(take)))
	today := s.Charter.Today(s.Now())
	return Departure{}, s.DB.Write(ctx, func(tx *database.Tx) error {
		for _, person := range []vault.PersonID{kept, other} {
			if err := s.staying(tx, person); err != nil {
				return err
			}
		}
		if _, err := s.proposal(tx, other); !errors.Is(err, database.ErrNotFound) {
			return fault.New(fault.Conflict, "departure.error.merge_open").Because(err)
		}
		p := Proposal{Kept: kept, Take: take, By: by.Person, On: today}
		if err := record.Create(s.Records, tx, Proposals, other, 0, &p); err != nil {
			return err
		}
		if err := s.ask(tx, duty.ConfirmMerge, other, today.AddDays(mergeDays)); err != nil {
			return err
		}
		e := scope.Entry(journal.MergeAsk, kept, other)
		e.Fields = take
		_, err := s.Journal.Append(tx, &e)
		return err
	})
}

// ConfirmMerge is the second pair of eyes: the two entries become one as they were
// proposed. It is never the person who proposed it.
func (s *Service) ConfirmMerge(ctx context.Context, by access.Actor, other vault.PersonID) (Departure, error) {
	scope, err := s.within(ctx, by, charter.Close, other)
	if err != nil {
		return Departure{}, err
	}
	p, err := s.MergeProposal(ctx, scope, other)
	if err != nil {
		return Departure{}, err
	}
	if p.By == by.Person {
		return Departure{}, s.refuse(ctx, scope, "departure.error.merge_second")
	}
	if scope, err = s.mergeable(ctx, by, p.Kept, other, p.Take); err != nil {
		return Departure{}, err
	}
	// Whoever proposed is who closed: the colleague who has looked may end the window too.
	return s.merge(ctx, scope, p.By, p.Kept, other, p.Take, func(tx *database.Tx) error {
		now, err := s.proposal(tx, other)
		if errors.Is(err, database.ErrNotFound) || err == nil && (now.Kept != p.Kept || now.By != p.By || !slices.Equal(now.Take, p.Take)) {
			return fault.New(fault.Gone, "departure.error.merge_gone").Because(err)
		}
		if err != nil {
			return err
		}
		if err := s.endProposal(tx, other, by.Person, "done"); err != nil {
			return err
		}
		return s.append(tx, scope.Entry(journal.Approve, p.Kept, other), "merge")
	})
}

// DropMerge takes a proposal back, or says no to it.
func (s *Service) DropMerge(ctx context.Context, by access.Actor, other vault.PersonID) error {
	scope, err := s.within(ctx, by, charter.Close, other)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		p, err := s.proposal(tx, other)
		if errors.Is(err, database.ErrNotFound) {
			return fault.New(fault.Gone, "departure.error.merge_gone")
		}
		if err != nil {
			return err
		}
		if err := s.endProposal(tx, other, by.Person, "withdrawn"); err != nil {
			return err
		}
		return s.append(tx, scope.Entry(journal.MergeDrop, p.Kept, other), "")
	})
}

// MergeProposal gives what is proposed of somebody's entry. One whose other card
// has left meanwhile is over, and ends here.
func (s *Service) MergeProposal(ctx context.Context, scope access.Scope, other vault.PersonID) (Proposal, error) {
	over := fault.New(fault.Gone, "departure.error.merge_gone")
	if !s.Directory.Within(scope, other) {
		return Proposal{}, over
	}
	var p Proposal
	left := false
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		if p, err = s.proposal(q, other); err != nil {
			return err
		}
		_, err = get(q, p.Kept)
		left = err == nil
		if errors.Is(err, database.ErrNotFound) {
			err = nil
		}
		return err
	})
	switch {
	case errors.Is(err, database.ErrNotFound):
		return Proposal{}, over
	case err != nil:
		return Proposal{}, err
	case !left:
		return p, nil
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error { return s.endProposal(tx, other, 0, "withdrawn") })
	return Proposal{}, errors.Join(err, over)
}

// endProposal drops a proposal with its duty; of whom none is proposed, nothing.
func (s *Service) endProposal(tx *database.Tx, other, by vault.PersonID, outcome string) error {
	if err := record.Remove(tx, Proposals, other, 0); err != nil {
		return err
	}
	_, err := s.Duties.Finish(tx, duty.ConfirmMerge, int64(other), by, outcome)
	return err
}

func (s *Service) proposal(q database.Querier, other vault.PersonID) (p Proposal, err error) {
	return p, record.Get(s.Records, q, Proposals, other, 0, &p)
}
