package extract

import (
	"context"
	"slices"
	"strconv"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Whoever has a list past its day gets no new one until it is attested, prolonged or
// attested lost. It is the person who is asked, whatever they pull under: a post of
// their own, one they cover, a documented access, a position. Whoever covers somebody
// else's post is asked about the lists of the one who is away as well, or the rule
// would end with every holiday. What the bylaws call for reaches everybody all the
// same (D12, L8).

// late are the lists that keep somebody from a new one, and whether they are of the one
// whose post they cover.
func (s *Service) late(ctx context.Context, scope access.Scope, p *charter.Purpose) (numbers []int64, covered bool, err error) {
	if !blocks(s.charter, p) {
		return nil, false, nil
	}
	if numbers, err = s.lateOf(ctx, scope.Actor().Person); err != nil || len(numbers) > 0 {
		return numbers, false, err
	}
	if of := scope.Basis().Of; of != 0 {
		if away, known := s.access.HolderOf(of); known {
			numbers, err = s.lateOf(ctx, away)
		}
	}
	return numbers, len(numbers) > 0, err
}

// lateOf are the lists past their day that somebody still has to attest.
func (s *Service) lateOf(ctx context.Context, person vault.PersonID) (numbers []int64, err error) {
	lists, err := s.list(ctx, `WHERE destroy_by < $2 AND (recipient = $1 OR number IN (SELECT number FROM extract_pass WHERE person = $1))
		ORDER BY number`, int64(person), s.access.Today().String())
	for i := range lists {
		if slices.ContainsFunc(lists[i].parts(), func(p Part) bool { return p.Person == person && !p.Done() }) {
			numbers = append(numbers, lists[i].Number)
		}
	}
	return numbers, err
}

// upToDate refuses a new list to whoever has a late one, and journals the denial.
func (s *Service) upToDate(ctx context.Context, scope access.Scope, p *charter.Purpose) error {
	numbers, covered, err := s.late(ctx, scope, p)
	if err != nil || len(numbers) == 0 {
		return err
	}
	key := "extract.error.overdue"
	if covered {
		key = "extract.error.overdue_covered"
	}
	return s.refuse(ctx, scope, key, numbers[0], "count", len(numbers), "lists", texts(numbers))
}

// Late are the lists past their day that keep somebody from a new one, whatever it is
// for: what a page says before anything is filled in.
func (s *Service) Late(ctx context.Context, by access.Actor) ([]int64, error) {
	if !s.charter.Destruction.NoNewList.Value {
		return nil, nil
	}
	return s.lateOf(ctx, by.Person)
}

// Both is the attestation of file and paper in one word.
const Both Medium = "both"

// AttestAll attests in one step that several of one's open lists are destroyed, on both
// media: all of those named, or none (D12).
func (s *Service) AttestAll(ctx context.Context, by access.Actor, numbers []int64) ([]List, error) {
	scope, err := s.access.Require(ctx, by, access.Want{Self: true})
	if err != nil {
		return nil, err
	}
	numbers = slices.Compact(slices.Sorted(slices.Values(numbers)))
	if len(numbers) == 0 {
		return nil, fault.New(fault.Invalid, "extract.error.all").With("lists", "extract.error.choose")
	}
	var done []List
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		done = nil
		for _, number := range numbers {
			l, err := s.held(tx, by.Person, number)
			if err != nil {
				return fault.New(fault.From(err).Code, "extract.error.not_open", "number", number).Because(err)
			}
			for _, p := range s.mine(&l, by.Person) {
				for _, medium := range []Medium{Digital, Physical} {
					if err := attest(tx, number, p.ID, medium, by.Person); err != nil {
						return err
					}
				}
			}
			now, err := query(tx, `WHERE number = $1`, number)
			if err != nil {
				return err
			}
			after := s.own(now, by.Person)
			if err := s.finished(tx, &after[0], by.Person); err != nil {
				return err
			}
			e := scope.Entry(journal.Attest)
			e.Number, e.Reason = number, "extract.medium."+string(Both)
			if _, err := s.journal.Append(tx, &e); err != nil {
				return err
			}
			done = append(done, after[0])
		}
		return nil
	})
	return done, err
}

// finished ends what somebody had to do about a list they have attested, and what they
// asked about it.
func (s *Service) finished(tx *database.Tx, l *List, by vault.PersonID) error {
	for _, p := range s.mine(l, by) {
		if !p.Done() {
			continue
		}
		if _, err := s.duties.FinishOf(tx, duty.DestroyList, l.Number, p.Person, by, "destroyed"); err != nil {
			return err
		}
	}
	if l.Settled() {
		return s.drop(tx, l.Number, by)
	}
	return nil
}

// OpenOf are the lists a person still has to attest: what is asked before they leave
// (D6). It is told to the room that closes memberships, and to nobody else.
func (s *Service) OpenOf(q database.Querier, person vault.PersonID) ([]List, error) {
	lists, err := query(q, `WHERE recipient = $1 OR number IN (SELECT number FROM extract_pass WHERE person = $1) ORDER BY number`, int64(person))
	return slices.DeleteFunc(lists, func(l List) bool {
		return !slices.ContainsFunc(l.parts(), func(p Part) bool { return p.Person == person && !p.Done() })
	}), err
}

// Plan is when whoever has a list is told of its day, and who else once it is past, as
// the charter says (D12).
func Plan(c *charter.Charter) duty.Plan {
	d := &c.Destruction
	steps := []duty.Step{
		{After: -d.RemindDays.Value}, {After: 0}, {After: 1},
		{After: d.ColleagueDays.Value, Circle: duty.Colleagues}, {After: d.OfficeDays.Value, Circle: duty.Office},
	}
	slices.SortStableFunc(steps, func(a, b duty.Step) int { return a.After - b.After })
	return duty.Plan{Steps: steps, Every: d.AgainDays.Value}
}

// forgetExceptions deletes what was asked about a list whose record ends.
func (s *Service) forgetExceptions(tx *database.Tx, number int64) error {
	all, err := exceptions(tx, `WHERE number = $1`, number)
	if err != nil {
		return err
	}
	for i := range all {
		if err := record.Remove(tx, Exceptions, all[i].By, uint64(all[i].ID)); err != nil && !goneWith(err) {
			return err
		}
	}
	_, err = tx.Exec(`DELETE FROM extract_exception WHERE number = $1`, number)
	return err
}

// texts are numbers of lists as a sentence names them.
func texts(numbers []int64) []string {
	all := make([]string, len(numbers))
	for i, n := range numbers {
		all[i] = strconv.FormatInt(n, 10)
	}
	return all
}
