package meeting

import (
	"context"
	"errors"
	"slices"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// mostPolls is how many votes a meeting can have.
const mostPolls = 60

// Ask adds a vote to a meeting: a question, or with seats an election to something that
// is no post of the charter.
func (s *Service) Ask(ctx context.Context, by access.Actor, number int64, about string, seats int) (Meeting, error) {
	about = strings.Join(strings.Fields(about), " ")
	return s.act(ctx, by, number, func(tx *database.Tx, scope access.Scope, m *Meeting) error {
		invalid := fault.New(fault.Invalid, "meeting.error.ask")
		if about == "" || len(about) > 200 {
			invalid = invalid.With("about", "meeting.error.about")
		}
		if seats < 0 || seats > 50 {
			invalid = invalid.With("seats", "meeting.error.seats", "most", 50)
		}
		switch {
		case len(invalid.Fields) > 0:
			return invalid
		case m.State.Over():
			return fault.New(fault.Conflict, "meeting.error.state")
		case len(m.Polls) >= mostPolls:
			return fault.New(fault.TooMany, "meeting.error.polls", "most", mostPolls)
		}
		if err := insertPoll(tx, m.Number, &Poll{Line: m.next(), About: about, Seats: seats, State: Waiting}); err != nil {
			return err
		}
		return s.note(tx, scope.Entry(journal.MeetingPlan), m, "asked")
	})
}

// next is the place of one more vote.
func (m *Meeting) next() int {
	next := 1
	for i := range m.Polls {
		next = max(next, m.Polls[i].Line+1)
	}
	return next
}

// poll finds a vote that waits to be counted.
func (m *Meeting) poll(line int, states ...PollState) (*Poll, error) {
	for i := range m.Polls {
		if p := &m.Polls[i]; p.Line == line {
			if !slices.Contains(states, p.State) || m.State.Over() {
				return nil, fault.New(fault.Conflict, "meeting.error.counted")
			}
			return p, nil
		}
	}
	return nil, fault.New(fault.NotFound, "meeting.error.poll")
}

// Drop strikes a vote that is not held: before the meeting it is gone, at the meeting it
// stands as dropped.
func (s *Service) Drop(ctx context.Context, by access.Actor, number int64, line int) (Meeting, error) {
	return s.act(ctx, by, number, func(tx *database.Tx, scope access.Scope, m *Meeting) error {
		p, err := m.poll(line, Waiting)
		if err != nil {
			return err
		}
		if m.State == Held {
			p.State, p.CountedAt = Dropped, tx.Now()
			err = updatePoll(tx, m.Number, p)
		} else {
			err = s.dropPoll(tx, m.Number, line)
		}
		if err != nil {
			return err
		}
		if m.State == Held && !m.Fills() {
			if err := s.finishBoard(tx, m, by.Person, "dropped"); err != nil {
				return err
			}
		}
		return s.note(tx, scope.Entry(journal.MeetingPlan), m, "dropped")
	})
}

// dropPoll removes a vote and who stands in it.
func (s *Service) dropPoll(tx *database.Tx, number int64, line int) error {
	if _, err := tx.Exec(`DELETE FROM record WHERE kind = $1 AND id = $2`, int64(Candidacies.Number), int64(pollID(number, line))); err != nil {
		return err
	}
	return removePoll(tx, number, line)
}

// Stand writes down that somebody stands in an election: a member of the body, and for a
// post one who may hold posts.
func (s *Service) Stand(ctx context.Context, by access.Actor, number int64, line int, person vault.PersonID) error {
	_, err := s.act(ctx, by, number, func(tx *database.Tx, scope access.Scope, m *Meeting) error {
		p, err := m.poll(line, Waiting)
		if err != nil {
			return err
		}
		invalid := fault.New(fault.Invalid, "meeting.error.stand")
		switch {
		case p.Question():
			return fault.New(fault.Conflict, "meeting.error.question")
		case !s.Directory.Belongs(person, m.Unit):
			return invalid.With("person", "meeting.error.not_a_member")
		case p.Post != "" && !s.Directory.MayHold(person, m.Unit):
			return invalid.With("person", "meeting.error.no_posts")
		}
		c := Candidate{Line: line}
		if err := record.Create(s.Records, tx, Candidacies, person, pollID(number, line), &c); errors.Is(err, database.ErrConflict) {
			return fault.New(fault.Conflict, "meeting.error.stands").Because(err)
		} else if err != nil {
			return err
		}
		return s.note(tx, scope.Entry(journal.VoteCount, person), m, "stands")
	})
	return err
}

// Withdraw takes back that somebody stands.
func (s *Service) Withdraw(ctx context.Context, by access.Actor, number int64, line int, person vault.PersonID) error {
	_, err := s.act(ctx, by, number, func(tx *database.Tx, scope access.Scope, m *Meeting) error {
		if _, err := m.poll(line, Waiting); err != nil {
			return err
		}
		if err := record.Remove(tx, Candidacies, person, pollID(number, line)); err != nil {
			return err
		}
		return s.note(tx, scope.Entry(journal.VoteCount, person), m, "withdrawn")
	})
	return err
}

// Candidates gives who stands at a meeting and who counted, by vote, for the Scope that
// Get gave. The names are asked of the directory, which journals them.
func (s *Service) Candidates(ctx context.Context, scope access.Scope, m *Meeting) ([]Candidate, map[int][]vault.PersonID, error) {
	if !scope.Covers(m.Unit) {
		return nil, nil, fault.New(fault.Denied, "access.denied.body", "act", charter.Search.String())
	}
	all, err := s.candidates(ctx, m.Number)
	if err != nil {
		return nil, nil, err
	}
	all = slices.DeleteFunc(all, func(c Candidate) bool { return s.Directory.Leaving(c.Person) })
	counted, err := s.counters(ctx, m.Number)
	return all, counted, err
}

// Count enters what two counters have counted of a vote: numbers, checked against the
// ballots handed out and those who have come with a vote. The result follows from the
// charter's rule. A count can be entered anew until the meeting is closed.
func (s *Service) Count(ctx context.Context, by access.Actor, number int64, line int, t Tally) (Meeting, error) {
	all, err := s.candidates(ctx, number)
	if err != nil {
		return Meeting{}, err
	}
	stand := of(all, line)
	come, err := s.arrivals(ctx, number)
	if err != nil {
		return Meeting{}, err
	}
	return s.act(ctx, by, number, func(tx *database.Tx, scope access.Scope, m *Meeting) error {
		if m.State != Held {
			return fault.New(fault.Conflict, "meeting.error.not_open")
		}
		p, err := m.poll(line, Waiting, Elected, Short, Tied, Carried, Rejected)
		if err != nil {
			return err
		}
		if m.again(line) {
			return fault.New(fault.Conflict, "meeting.error.counted")
		}
		if err := checkTally(p, &t, stand, m.Most()); err != nil {
			return err
		}
		if err := s.checkCounters(&t, stand, come); err != nil {
			return err
		}
		p.Handed, p.Cast, p.Blank, p.Invalid, p.Yes, p.No, p.CountedAt = t.Handed, t.Cast, t.Blank, t.Invalid, t.Yes, t.No, tx.Now()
		for i := range stand {
			stand[i].Votes = t.Votes[stand[i].Person]
		}
		if t.Unopposed {
			p.Handed, p.Cast, p.Blank, p.Invalid = 0, 0, 0, 0
			for i := range stand {
				stand[i].Votes, stand[i].Elected, stand[i].Tied = 0, true, false
			}
			if p.State = Elected; len(stand) < p.Seats {
				p.State = Short
			}
		} else {
			p.State = decide(&s.Charter.Meetings, p, stand)
		}
		if err := s.putCount(tx, m, p, stand, &t); err != nil {
			return err
		}
		return s.note(tx, scope.Entry(journal.VoteCount, persons(stand)...), m, "counted")
	})
}

func persons(stand []Candidate) (all []vault.PersonID) {
	for i := range stand {
		all = append(all, stand[i].Person)
	}
	return all
}

// checkCounters wants two different persons in the room, neither of whom stands.
func (s *Service) checkCounters(t *Tally, stand []Candidate, come map[vault.PersonID]*Arrival) error {
	if t.Unopposed {
		return nil
	}
	invalid := fault.New(fault.Invalid, "meeting.error.tally")
	for i, counter := range t.Counters {
		field := [2]string{"counter-1", "counter-2"}[i]
		a := come[counter]
		switch {
		case counter == 0 || a == nil || !a.Here():
			invalid = invalid.With(field, "meeting.error.counter")
		case i == 1 && counter == t.Counters[0]:
			invalid = invalid.With(field, "meeting.error.counter_twice")
		case slices.ContainsFunc(stand, func(c Candidate) bool { return c.Person == counter }):
			invalid = invalid.With(field, "meeting.error.counter_stands")
		}
	}
	if len(invalid.Fields) > 0 {
		return invalid
	}
	return nil
}

// putCount writes a count: the vote's numbers, each candidate's, and who counted.
func (s *Service) putCount(tx *database.Tx, m *Meeting, p *Poll, stand []Candidate, t *Tally) error {
	if err := updatePoll(tx, m.Number, p); err != nil {
		return err
	}
	id := pollID(m.Number, p.Line)
	for i := range stand {
		if err := record.Put(s.Records, tx, Candidacies, stand[i].Person, id, &stand[i]); err != nil {
			return err
		}
	}
	if t == nil {
		return nil
	}
	if _, err := tx.Exec(`DELETE FROM record WHERE kind = $1 AND id = $2`, int64(Counters.Number), int64(id)); err != nil {
		return err
	}
	if t.Unopposed {
		return nil
	}
	for _, counter := range t.Counters {
		if err := record.Put(s.Records, tx, Counters, counter, id, &Counter{Line: p.Line}); err != nil {
			return err
		}
	}
	return nil
}

// Settle enters how a tie was settled by lot, where the charter settles ties so: who of
// those with equal votes got the seats that were undecided.
func (s *Service) Settle(ctx context.Context, by access.Actor, number int64, line int, drawn []vault.PersonID) (Meeting, error) {
	if s.Charter.Meetings.Tie != charter.TieLot {
		return Meeting{}, fault.New(fault.Conflict, "meeting.error.no_lot")
	}
	all, err := s.candidates(ctx, number)
	if err != nil {
		return Meeting{}, err
	}
	stand := of(all, line)
	return s.act(ctx, by, number, func(tx *database.Tx, scope access.Scope, m *Meeting) error {
		p, err := m.poll(line, Tied)
		if err != nil {
			return err
		}
		seats, won := p.open(stand), 0
		for i := range stand {
			if slices.Contains(drawn, stand[i].Person) && stand[i].Tied {
				stand[i].Elected = true
				won++
			}
		}
		if won != seats || won != len(drawn) {
			return fault.New(fault.Invalid, "meeting.error.lot", "seats", seats).With("drawn", "meeting.error.lot_wants", "seats", seats)
		}
		for i := range stand {
			stand[i].Tied = false
		}
		p.State = Elected
		if err := s.putCount(tx, m, p, stand, nil); err != nil {
			return err
		}
		return s.note(tx, scope.Entry(journal.VoteCount, persons(stand)...), m, "lot")
	})
}

// Again has a vote held again about the seats it left unfilled: among those with equal
// votes, or among all who were not elected.
func (s *Service) Again(ctx context.Context, by access.Actor, number int64, line int) (Meeting, error) {
	all, err := s.candidates(ctx, number)
	if err != nil {
		return Meeting{}, err
	}
	stand := of(all, line)
	return s.act(ctx, by, number, func(tx *database.Tx, scope access.Scope, m *Meeting) error {
		p, err := m.poll(line, Tied, Short)
		switch {
		case err != nil:
			return err
		case m.again(line):
			return fault.New(fault.Conflict, "meeting.error.counted")
		case len(m.Polls) >= mostPolls:
			return fault.New(fault.TooMany, "meeting.error.polls", "most", mostPolls)
		}
		next := Poll{Line: m.next(), Post: p.Post, Seats: p.open(stand), About: p.About, State: Waiting, Again: line}
		if err := insertPoll(tx, number, &next); err != nil {
			return err
		}
		for i := range stand {
			if stand[i].Elected || p.State == Tied && !stand[i].Tied {
				continue
			}
			c := Candidate{Line: next.Line}
			if err := record.Create(s.Records, tx, Candidacies, stand[i].Person, pollID(number, next.Line), &c); err != nil {
				return err
			}
		}
		return s.note(tx, scope.Entry(journal.VoteCount, persons(stand)...), m, "again")
	})
}
