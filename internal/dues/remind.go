package dues

import (
	"context"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Message is what a member is written about a charge.
type Message struct {
	Person  vault.PersonID
	Level   int // 0 is the bill
	Charge  Charge
	Open    int64
	Payment Payment
}

// Sending is what goes out, or would, in numbers.
type Sending struct {
	Bills     int
	Reminders []int // by level, from the first
	Amount    int64
	Dry       bool
	Gone      int // could not be written to any more
}

// Total is how many are written to.
func (s *Sending) Total() (n int) {
	for _, r := range s.Reminders {
		n += r
	}
	return n + s.Bills
}

// together is how many are written to in one act: enough that a register is
// through soon, few enough that nobody waits for the writer.
const together = 500

// Remind sends bills to whoever has had none, and reminders to whoever has not
// paid by the days the charter gives. It goes in acts of some hundred, each of
// which is whole: broken off, it is simply asked for again.
func (s *Service) Remind(ctx context.Context, by access.Actor, body unit.ID, year int, dry bool) (Sending, error) {
	scope, err := s.collects(ctx, by, s.Collector(s.ownBody(by, body)))
	if err != nil {
		return Sending{}, err
	}
	if body != 0 && s.Collector(body) != body { // the association writes to the members of one body
		if scope, err = s.scope(ctx, by, body); err != nil {
			return Sending{}, err
		}
	}
	if !dry {
		s.booking.Lock()
		defer s.booking.Unlock()
	}
	due, err := s.noticesDue(ctx, scope, by, year)
	if err != nil {
		return Sending{}, err
	}
	sent := Sending{Dry: dry, Reminders: make([]int, s.Charter.Dues.Reminders.Value)}
	for part := range slices.Chunk(due, together) {
		written := make([]bool, len(part))
		if dry {
			for i := range written {
				written[i] = true
			}
		} else if written, err = s.send(ctx, scope, part); err != nil {
			return sent, err
		}
		for i := range part {
			switch m := &part[i]; {
			case !written[i]:
				sent.Gone++
				continue
			case m.Level == 0:
				sent.Bills++
			default:
				sent.Reminders[m.Level-1]++
			}
			sent.Amount += part[i].Open
		}
	}
	if !dry && sent.Total() == 0 {
		return sent, fault.New(fault.Conflict, "dues.error.nothing_due")
	}
	return sent, nil
}

// noticesDue are the messages that could go out today, of the books one keeps.
func (s *Service) noticesDue(ctx context.Context, scope access.Scope, by access.Actor, year int) (due []Message, err error) {
	persons, err := s.charged(ctx, scope)
	if err != nil {
		return nil, err
	}
	today, everywhere := s.today(), s.everywhere(by)
	may := func(c *Charge) bool {
		return (year == 0 || c.Year == year) && s.sees(scope, c) && (everywhere || s.covers(scope, c.Unit))
	}
	err = s.accounts(ctx, persons, may, func(a *Account) error {
		for i := range a.Lines {
			l := &a.Lines[i]
			if level, ok := l.nextNotice(&s.Charter.Dues, today); ok {
				due = append(due, Message{Person: a.Person, Level: level, Charge: l.Charge, Open: l.Open(), Payment: s.Payment(&l.Charge)})
			}
		}
		return nil
	})
	return due, err
}

// send writes to some, as one act.
func (s *Service) send(ctx context.Context, scope access.Scope, part []Message) ([]bool, error) {
	enqueue, written, err := s.Post.Write(ctx, part)
	if err != nil {
		return nil, err
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		first, err := tx.Take("dues_notice", len(part))
		if err != nil {
			return err
		}
		persons := roaring.New()
		err = record.CreateEach(s.Records, tx, Notices, func(yield func(vault.PersonID, uint64, *Notice) bool) {
			for i := range part {
				m := &part[i]
				if !written[i] {
					continue
				}
				persons.Add(uint32(m.Person))
				n := Notice{Number: first + int64(i), Charge: chargeID(m.Charge.Unit, m.Charge.Year), Level: m.Level, On: s.today()}
				if !yield(m.Person, uint64(n.Number), &n) {
					return
				}
			}
		})
		if err != nil {
			return err
		}
		if err := enqueue(tx); err != nil {
			return err
		}
		e := scope.Entry(journal.Remind)
		e.Persons = persons
		_, err = s.Journal.Append(tx, &e)
		return err
	})
	s.written.Add(1)
	return written, err
}
