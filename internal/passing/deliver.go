package passing

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/hook"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Message is what a webhook carries, in the form the Standard Webhooks specification
// proposes.
type Message struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      Data      `json:"data"`
}

// The types of messages.
const (
	TypePassed  = "members.passed"  // entries as they are
	TypeRemoved = "members.removed" // references to delete, hold or blank
	TypeCompare = "members.compare" // how many there are, and the hash of all
)

// Data is what a message is about.
type Data struct {
	Recipient string      `json:"recipient"`
	Batch     int64       `json:"batch,omitempty"`
	Lines     []EntryLine `json:"lines,omitempty"`
	Count     *int        `json:"count,omitempty"`
	Digest    string      `json:"digest,omitempty"`
}

// EntryLine is one person in a message.
type EntryLine struct {
	Reference string            `json:"reference"`
	Event     Event             `json:"event"`
	Fields    map[string]string `json:"fields,omitempty"`   // the whole entry
	Withhold  []string          `json:"withhold,omitempty"` // fields to delete
}

// answer is what a receiver says when it has taken a batch whole.
type answer struct {
	Acknowledged string     `json:"acknowledged"`
	Receipt      string     `json:"receipt"`
	Count        *int       `json:"count"`
	Digest       string     `json:"digest"`
	Lines        []Compared `json:"lines"`
}

// longestAnswer bounds what is read of an answer.
const longestAnswer = 64 << 10

// MessageID is the webhook-id of a batch: the same at every attempt.
func MessageID(recipient string, batch int64) string {
	return "kartotek_" + recipient + "_" + strconv.FormatInt(batch, 10)
}

// packed is a batch as it leaves now.
type packed struct {
	lines  []EntryLine
	sent   map[vault.PersonID]Prints
	fields []string
}

// gather reads the lines of a batch of entries as they are now, of those only whose
// ground still stands.
func (s *Service) gather(ctx context.Context, scope access.Scope, r *charter.Receiver, b *Batch) (packed, map[vault.PersonID]*Passed, error) {
	out := packed{sent: map[vault.PersonID]Prints{}, fields: scope.Purpose().Fields}
	st, err := s.standings(ctx, scope, r)
	if err != nil {
		return out, nil, err
	}
	of, by := st.whole, scope
	if b.Numbers {
		of = st.numbers
		if by, err = s.numbered(scope, r); err != nil {
			return out, nil, err
		}
		out.fields = by.Purpose().Fields
	}
	passed, err := s.passes(ctx, b.Recipient, b.persons)
	if err != nil {
		return out, nil, err
	}
	err = s.rows(ctx, by, r.Code, roaring.And(b.persons, of), func(person vault.PersonID, values map[string]string, prints Prints) error {
		p := passed[person]
		if p == nil || p.Batch != b.ID {
			return nil // taken back meanwhile
		}
		event := Change
		if len(p.Known) == 0 && p.State != Restricted {
			event = Join
		}
		out.lines = append(out.lines, EntryLine{Reference: p.Reference, Event: event, Fields: values})
		out.sent[person] = prints
		return nil
	})
	slices.SortFunc(out.lines, func(a, b EntryLine) int { return cmp.Compare(a.Reference, b.Reference) })
	return out, passed, err
}

// leave notes, before a byte leaves, what does: the prints of every entry, and in the
// journal who is passed on to whom. Whoever is not in it any more is on no way.
func (s *Service) leave(ctx context.Context, e journal.Entry, b *Batch, out *packed, passed map[vault.PersonID]*Passed) error {
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		now, err := batchOf(tx, b.ID)
		if err != nil {
			return err
		}
		if now.State != Ready && now.State != Sent {
			return fault.New(fault.Conflict, "passing.error.state")
		}
		again := now.Tries > 0
		persons := roaring.New()
		for person, p := range passed {
			if p.Batch != b.ID {
				continue
			}
			prints, leaves := out.sent[person]
			switch {
			case leaves:
				p.sending(b.ID, prints, again)
				if p.Numbers, p.Last = b.Numbers, tx.Now(); p.Since.IsZero() {
					p.Since = p.Last
				}
				persons.Add(uint32(person))
			case again && p.Sent != nil:
				continue // an attempt before may have brought it; what is to be taken back follows
			case p.Since.IsZero():
				if err := record.Remove(tx, Passes, person, uint64(b.Recipient)); err != nil {
					return err
				}
				continue
			default:
				p.Batch, p.Sent = 0, nil
			}
			if err := record.Put(s.Records, tx, Passes, person, uint64(b.Recipient), p); err != nil {
				return err
			}
		}
		s.attempt(&now, tx.Now())
		now.Lines = len(out.lines)
		*b = now
		if err := putBatch(tx, &now); err != nil || persons.IsEmpty() {
			return err
		}
		e.Fields = out.fields
		return s.note(tx, e, journal.PassOut, b.ID, "", persons)
	})
}

// attempt counts an attempt and says when the next would be.
func (s *Service) attempt(b *Batch, now time.Time) {
	wait := backoff[min(b.Tries, len(backoff)-1)]
	b.Tries++
	b.NextAt = now.Add(wait)
	if b.SentAt.IsZero() {
		b.SentAt = now
	}
}

func batchOf(q database.Querier, id int64) (Batch, error) {
	found, err := batches(q, `WHERE id = $1`, id)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "passing.error.batch")
	}
	if err != nil {
		return Batch{}, err
	}
	return found[0], nil
}

// deliver makes one attempt to bring a batch to a webhook. The caller holds the lock.
func (s *Service) deliver(ctx context.Context, r *charter.Receiver, b Batch) error {
	defer s.hold()()
	var body []EntryLine
	if b.Removal {
		of, err := s.tell(ctx, system(r), &b)
		if err != nil {
			return err
		}
		body = of
	} else {
		scope, err := s.standingScope(ctx, r)
		if err != nil {
			return err
		}
		out, passed, err := s.gather(ctx, scope, r, &b)
		if err != nil {
			return err
		}
		if err := s.leave(ctx, scope.Entry(journal.PassOut), &b, &out, passed); err != nil {
			return err
		}
		body = out.lines
	}
	s.at("noted")
	if len(body) == 0 {
		return s.settle(ctx, r, b.ID, Acknowledged, journal.Entry{}, 0, "", "")
	}
	message, err := json.Marshal(Message{
		Type: typeOf(&b), Timestamp: s.Now().UTC().Truncate(time.Second), Data: Data{Recipient: r.Code, Batch: b.ID, Lines: body},
	})
	if err != nil {
		return err
	}
	id := MessageID(r.Code, b.ID)
	said, err := s.Hook.Deliver(ctx, s.Webhooks[r.Code], id, s.Now(), message, longestAnswer)
	s.at("sent")
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return s.answered(context.WithoutCancel(ctx), r, b.ID, said, err)
}

func typeOf(b *Batch) string {
	if b.Removal {
		return TypeRemoved
	}
	return TypePassed
}

// tell notes that a batch of references is told, and gives them.
func (s *Service) tell(ctx context.Context, e journal.Entry, b *Batch) (body []EntryLine, err error) {
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		body = nil
		now, err := batchOf(tx, b.ID)
		if err != nil {
			return err
		}
		of, err := lines(tx, `WHERE batch = $1 ORDER BY id`, b.ID)
		if err != nil {
			return err
		}
		persons := roaring.New()
		for i := range of {
			body = append(body, EntryLine{Reference: of[i].Reference, Event: of[i].Event, Withhold: of[i].Fields})
			if of[i].person != 0 {
				persons.Add(uint32(of[i].person))
			}
		}
		first := now.Tries == 0
		s.attempt(&now, tx.Now())
		*b = now
		if err := putBatch(tx, &now); err != nil || !first {
			return err
		}
		return s.note(tx, e, journal.PassTell, b.ID, "", persons)
	})
	return body, err
}

// answered notes what came of an attempt: acknowledged when the receiver says so by the
// message's id, taken and waiting for its receipt when it only took it, else tried again.
func (s *Service) answered(ctx context.Context, r *charter.Receiver, id int64, said hook.Answer, failed error) error {
	if failed == nil && said.Taken() {
		var a answer
		if json.Unmarshal(said.Body, &a) == nil && a.Acknowledged == MessageID(r.Code, id) {
			return s.settle(ctx, r, id, Acknowledged, system(r), 0, cleanReceipt(a.Receipt), "passing.answer.webhook")
		}
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		b, err := batchOf(tx, id)
		if err != nil || b.State != Ready {
			return err
		}
		switch {
		case failed == nil && said.Taken():
			b.State, b.Problem, b.NextAt = Sent, "", time.Time{}
		case errors.Is(failed, hook.ErrPrivate), errors.Is(failed, hook.ErrAddress), errors.Is(failed, hook.ErrRedirect):
			b.Problem = "address"
		case failed != nil:
			b.Problem = "network"
		case said.Gone():
			b.Problem = ProblemGone
			if err := s.gone(tx, r); err != nil {
				return err
			}
		default:
			b.Problem = "status"
			if wait := tx.Now().Add(said.RetryAfter); wait.After(b.NextAt) {
				b.NextAt = wait
			}
		}
		if b.State == Ready && b.Tries > len(backoff) {
			if !b.Removal {
				return s.fail(tx, r, &b, system(r))
			}
			b.NextAt = tx.Now().Add(backoff[len(backoff)-1]) // what is to be deleted is told until it is confirmed
		}
		return putBatch(tx, &b)
	})
}

// gone pauses passing on to a recipient that says its address is no more, and has
// somebody find out: to go on asking there would be to knock at a stranger's door. What
// is to be deleted is still told, until it is confirmed by some other way (L3).
func (s *Service) gone(tx *database.Tx, r *charter.Receiver) error {
	c, err := s.course(tx, r)
	if err != nil || c.State != Running {
		return err
	}
	c.State, c.Changed = Paused, tx.Now()
	if err := putRecipient(tx, &c); err != nil {
		return err
	}
	if err := s.duty(tx, r, duty.PassingGone, c.ID, 3); err != nil {
		return err
	}
	return s.note(tx, system(r), journal.PassCourse, c.ID, "passing.course.gone", nil)
}

// fail gives a batch of entries up: nobody knows whether the recipient has it, so what
// it brought goes again with the next run, which somebody is asked to make.
func (s *Service) fail(tx *database.Tx, r *charter.Receiver, b *Batch, e journal.Entry) error {
	for it := b.persons.Iterator(); it.HasNext(); {
		if err := s.change(tx, vault.PersonID(it.Next()), b.Recipient, func(p *Passed) bool { return p.failed(b.ID) }); err != nil {
			return err
		}
	}
	b.State, b.DoneAt, b.persons, b.NextAt = Failed, tx.Now(), roaring.New(), time.Time{}
	if _, err := s.Duties.Finish(tx, duty.PassingAnswer, b.ID, 0, string(Failed)); err != nil {
		return err
	}
	if err := s.duty(tx, r, duty.PassOnward, b.Recipient, 1); err != nil {
		return err
	}
	if err := putBatch(tx, b); err != nil {
		return err
	}
	return s.note(tx, e, journal.PassAnswer, b.ID, "passing.answer.failed", nil)
}

// change rewrites what a recipient has of somebody; of whoever is erased there is
// nothing to rewrite.
func (s *Service) change(tx *database.Tx, person vault.PersonID, recipient int64, fn func(p *Passed) bool) error {
	var p Passed
	err := record.Get(s.Records, tx, Passes, person, uint64(recipient), &p)
	if errors.Is(err, database.ErrNotFound) || errors.Is(err, vault.ErrErased) {
		return nil
	}
	if err != nil || !fn(&p) {
		return err
	}
	return record.Put(s.Records, tx, Passes, person, uint64(recipient), &p)
}

// settle ends a batch as acknowledged: what it brought is what the recipient has, and
// what it told to delete is deleted there.
func (s *Service) settle(ctx context.Context, r *charter.Receiver, id int64, next BatchState, e journal.Entry, by vault.PersonID, receipt, reason string) error {
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		b, err := batchOf(tx, id)
		switch {
		case err != nil:
			return err
		case b.State == next:
			return nil
		case !b.State.canBecome(next):
			return fault.New(fault.Conflict, "passing.error.state")
		}
		for it := b.persons.Iterator(); it.HasNext(); {
			err := s.change(tx, vault.PersonID(it.Next()), b.Recipient, func(p *Passed) bool {
				p.Answered = tx.Now()
				return p.acknowledged(b.ID)
			})
			if err != nil {
				return err
			}
		}
		var of []Line
		if b.Removal {
			if of, err = lines(tx, `WHERE batch = $1 ORDER BY id`, id); err != nil {
				return err
			}
		}
		for i := range of {
			l := &of[i]
			if _, err := tx.Exec(`UPDATE passing_line SET done_at = $2 WHERE id = $1`, l.ID, tx.Now().UnixMicro()); err != nil {
				return err
			}
			if l.person == 0 {
				continue
			}
			if err := s.change(tx, l.person, b.Recipient, func(p *Passed) bool { p.confirmed(l.Event); p.Answered = tx.Now(); return true }); err != nil {
				return err
			}
		}
		b.State, b.DoneAt, b.DoneBy, b.Receipt, b.persons, b.NextAt, b.Problem = next, tx.Now(), by, receipt, roaring.New(), time.Time{}, ""
		if _, err := s.Duties.Finish(tx, duty.PassingAnswer, id, by, string(next)); err != nil {
			return err
		}
		if err := putBatch(tx, &b); err != nil || reason == "" {
			return err
		}
		return s.note(tx, e, journal.PassAnswer, id, reason, nil)
	})
}
