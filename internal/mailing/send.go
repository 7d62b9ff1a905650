package mailing

import (
	"context"
	"errors"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/mail"
	"kartotek/internal/member"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Kind is what the outbox calls the mails and letters of a mailing.
const Kind = "mailing.mail"

// usualPart is how many members are sent to in one transaction at the most, and backlog
// how many mails may wait in the outbox before more are given to it: what is stopped,
// and who objects meanwhile, then still counts.
const (
	usualPart = 100
	backlog   = 500
)

// runKey draws the key of what is left to do.
func (s *Service) runKey(ctx context.Context) (int64, error) {
	return s.Keyring.OneOff(ctx, s.Now().AddDate(0, s.Charter.Mailings.KeepMonths.Value, 0))
}

func (s *Service) drop(ctx context.Context, key int64) error {
	if key == 0 {
		return nil
	}
	return s.Keyring.DropOneOff(context.WithoutCancel(ctx), key)
}

// left opens who is still to be written to. Its key is new after every part, so one
// that is spent belongs to an older register, which was put back.
func (s *Service) left(m *Mailing) (*roaring.Bitmap, error) {
	if m.keys.run == 0 {
		return roaring.New(), nil
	}
	plain, err := s.Keyring.OpenOnce(m.keys.run, m.keys.left)
	if err != nil {
		return nil, err
	}
	return decodeSet(plain)
}

func (s *Service) sealLeft(m *Mailing, key int64, left *roaring.Bitmap) error {
	plain, err := encodeSet(left)
	if err != nil {
		return err
	}
	m.keys.run = key
	m.keys.left, err = s.Keyring.SealOnce(key, plain)
	return err
}

// endRun forgets who was left, as a step of an act that ends the sending.
func (s *Service) endRun(tx *database.Tx, m *Mailing) {
	m.keys.run, m.keys.left = 0, nil
	m.EndedAt = tx.Now()
}

// Work begins what is to begin and sends a part of what is being sent, as fast as the
// charter lets it. It is scheduled work; calling it again is safe at any time.
func (s *Service) Work(ctx context.Context) error {
	s.working.Lock()
	defer s.working.Unlock()
	if !s.Directory.Ready() {
		return nil
	}
	var open []Mailing
	var last time.Time
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		if open, err = query(q, `WHERE state = $1 OR state = $2 AND begins_at <= $3 ORDER BY begins_at, id`,
			string(Sending), string(Approved), s.Now().UnixMicro()); err != nil {
			return err
		}
		var at *int64
		if err = q.QueryRow(`SELECT MAX(worked_at) FROM mailing`).Scan(&at); err == nil && at != nil {
			last = time.UnixMicro(*at)
		}
		return err
	})
	if err != nil || len(open) == 0 {
		return err
	}
	budget := allowance(s.Charter.Mailings.PerHour.Value, s.Now().Sub(last))
	var failed []error
	for i := range open {
		used, err := s.workOn(ctx, open[i].ID, budget)
		if budget -= used; err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// workOn sends of one mailing what the budget has room for.
func (s *Service) workOn(ctx context.Context, id int64, budget int) (used int, err error) {
	m, err := s.find(ctx, id)
	if err != nil {
		return 0, err
	}
	if _, err := s.left(&m); errors.Is(err, vault.ErrOneOffSpent) {
		return 0, s.end(ctx, id, "mailing.grounds.put_back")
	} else if err != nil {
		return 0, err
	}
	scope, err := s.Access.Decide(access.Actor{Person: m.ApprovedBy, Via: access.System}, access.Want{Act: charter.Pull, Unit: m.Unit, Purpose: m.Purpose})
	if fault.Is(err, fault.Denied) {
		return 0, s.halt(ctx, id) // the right that it was approved by is over
	}
	if err != nil {
		return 0, err
	}
	if m.State == Approved {
		if m, err = s.begin(ctx, &m, scope); err != nil {
			return 0, err
		}
	}
	for m.State == Sending && used < budget {
		if status, err := s.Mail.Status(ctx); err != nil || status.Waiting >= backlog {
			return used, err
		}
		n, err := s.send(ctx, &m, scope, min(s.part, budget-used))
		if used += n; err != nil {
			return used, err
		}
	}
	return used, nil
}

// begin settles who is written to, and journals them: all before the first leaves.
func (s *Service) begin(ctx context.Context, m *Mailing, scope access.Scope) (Mailing, error) {
	count, err := s.Directory.CountPost(ctx, scope, m.manner())
	if err != nil {
		return *m, err
	}
	key, err := s.runKey(ctx)
	if err != nil {
		return *m, err
	}
	var before int64
	after, err := s.step(ctx, m.ID, Sending, func(tx *database.Tx, m *Mailing) error {
		left, err := s.left(m)
		if err != nil {
			return err
		}
		if m.BegunAt.IsZero() { // else it goes on where it stopped
			left = s.Directory.Select(scope)
			m.BegunAt = tx.Now()
			c := &m.Counts
			c.Members, c.Objected, c.Restricted, c.LeftOut = int(left.GetCardinality()), count.Objected, count.Restricted, count.Reach.LeftOut
		}
		e := scope.Entry(journal.MailingSend)
		e.Persons, e.Fields, e.Number = left, s.fields(m), m.ID
		if m.entry, err = s.Journal.Append(tx, &e); err != nil {
			return err
		}
		before = m.keys.run
		return s.sealLeft(m, key, left)
	})
	if err != nil {
		return after, errors.Join(err, s.drop(ctx, key))
	}
	return after, s.drop(ctx, before)
}

// fields are what of a member's data is used: the purpose's, as far as sending needs.
func (s *Service) fields(m *Mailing) (used []string) {
	p, known := s.Charter.Purpose(m.Purpose)
	if !known {
		return nil
	}
	for _, code := range p.Fields {
		switch code {
		case "email":
			used = append(used, code)
		case "given", "family", "address", "postal", "town", "country":
			if m.Letters {
				used = append(used, code)
			}
		}
	}
	return used
}

// send gives one part to the outbox and the print queue. Mails, letters, receipts and
// who is left are one transaction; the keys of the mails are durable before it.
func (s *Service) send(ctx context.Context, m *Mailing, scope access.Scope, most int) (sent int, err error) {
	left, err := s.left(m)
	if errors.Is(err, vault.ErrOneOffSpent) { // stopped since the last part
		*m, err = s.find(ctx, m.ID)
		if err == nil && m.State == Sending {
			err = vault.ErrOneOffSpent
		}
		return 0, err
	}
	if err != nil {
		return 0, err
	}
	some := s.Directory.Together(left, most)
	var messages []mail.Message
	var to []*member.Envelope
	reached := uint64(0)
	unreached, err := s.Directory.Deliver(ctx, scope, some, m.manner(), func(e *member.Envelope) error {
		message, err := s.message(m, e)
		if err != nil {
			return err
		}
		messages, to, reached = append(messages, message), append(to, e), reached+uint64(len(e.Persons))
		return nil
	})
	if err != nil {
		return 0, err
	}
	prepared, err := s.Mail.PrepareAll(ctx, messages...)
	if err != nil {
		return 0, err
	}
	key, err := s.runKey(ctx)
	if err != nil {
		return 0, errors.Join(err, s.Mail.Discard(ctx, prepared...))
	}
	s.at("prepared")
	var before int64
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		now, err := s.get(tx, m.ID)
		if err != nil {
			return err
		}
		if now.State != Sending || now.keys.run != m.keys.run {
			return errMeanwhile
		}
		if err := s.receipts(tx, &now, to); err != nil {
			return err
		}
		for _, p := range prepared {
			if err := p.Enqueue(tx); err != nil {
				return err
			}
		}
		rest := roaring.AndNot(left, some)
		c := &now.Counts
		for _, e := range to {
			if e.Email != "" {
				c.Mails, c.ByMail = c.Mails+1, c.ByMail+len(e.Persons)
			} else {
				c.Letters, c.ByLetter = c.Letters+1, c.ByLetter+len(e.Persons)
			}
		}
		c.Covered, c.Returned, c.Nowhere = c.Covered+unreached.Covered, c.Returned+unreached.Returned, c.Nowhere+unreached.Nowhere
		c.Passed += int(some.GetCardinality()-reached) - unreached.Covered - unreached.Returned - unreached.Nowhere
		now.worked, before = tx.Now(), now.keys.run
		if rest.IsEmpty() {
			now.State, now.Since = Sent, tx.Now()
			s.endRun(tx, &now)
		} else if err := s.sealLeft(&now, key, rest); err != nil {
			return err
		}
		*m = now
		return update(tx, &now)
	})
	if err != nil {
		err = errors.Join(err, s.drop(ctx, key), s.Mail.Discard(context.WithoutCancel(ctx), prepared...))
		if errors.Is(err, errMeanwhile) { // stopped: nothing of the part leaves
			m.State = Stopped
			return 0, nil
		}
		return 0, err
	}
	s.at("enqueued")
	if m.State == Sent {
		err = s.drop(ctx, key)
	}
	return len(messages), errors.Join(err, s.drop(ctx, before))
}

var errMeanwhile = errors.New("mailing: stopped meanwhile")

// message is what one household, or one member, gets.
func (s *Service) message(m *Mailing, e *member.Envelope) (mail.Message, error) {
	out := mail.Message{
		Person: e.Persons[0], With: e.Persons[1:], To: e.Email, Subject: m.Subject, Kind: Kind, Ref: m.ID, Lang: m.Lang, ReplyTo: m.ReplyTo,
		Ends: s.Now().AddDate(0, 0, s.Charter.Mailings.SendDays.Value),
	}
	if p, _ := s.Charter.Purpose(m.Purpose); p != nil && p.Objection && !p.Statutory && e.Email != "" {
		token, err := s.token(m.ID, m.Purpose, e.Persons)
		if err != nil {
			return out, err
		}
		out.Unsubscribe = s.Link(token)
	}
	out.Body = s.text(&m.Draft, out.Unsubscribe, e.Email != "")
	return out, nil
}

// receipts notes with each member that they were written to: told to them on their
// page, and gone with them.
func (s *Service) receipts(tx *database.Tx, m *Mailing, to []*member.Envelope) error {
	for _, e := range to {
		got := Received{Unit: m.Unit, Purpose: m.Purpose, At: tx.Now(), How: ByMail}
		if e.Email == "" {
			got.How = ByLetter
		}
		for _, person := range e.Persons {
			if err := record.Create(s.Records, tx, Receipts, person, uint64(m.ID), &got); err != nil {
				return err
			}
		}
	}
	return nil
}

// halt has a mailing wait for somebody's yes again, since the right it was approved by
// has ended. What has left has left; the rest goes on once somebody approves.
func (s *Service) halt(ctx context.Context, id int64) error {
	_, err := s.step(ctx, id, Submitted, func(tx *database.Tx, m *Mailing) error {
		e := m.entryOf(journal.MailingHalt, access.Actor{Via: access.System}, access.Basis{Right: access.Right(access.System)})
		if _, err := s.Journal.Append(tx, &e); err != nil {
			return err
		}
		m.ApprovedBy, m.ApprovedAt = 0, time.Time{}
		return s.ask(tx, m)
	})
	return err
}

// end stops a mailing by itself.
func (s *Service) end(ctx context.Context, id int64, why string) error {
	_, err := s.step(ctx, id, Stopped, func(tx *database.Tx, m *Mailing) error {
		m.Grounds = why
		s.endRun(tx, m)
		e := m.entryOf(journal.MailingStop, access.Actor{Via: access.System}, access.Basis{Right: access.Right(access.System)})
		e.Reason = why
		_, err := s.Journal.Append(tx, &e)
		return err
	})
	return err
}
