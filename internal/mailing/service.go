package mailing

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/mail"
	"kartotek/internal/member"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Parts are what a Service is put together from.
type Parts struct {
	Charter   *charter.Charter
	DB        *database.DB
	Keyring   *vault.Keyring
	Records   *record.Store
	Journal   *journal.Journal
	Units     *unit.Service
	Access    *access.Register
	Directory *member.Directory
	Duties    *duty.Engine
	Mail      *mail.Outbox
	Link      func(token string) string            // the address of the page that stops a kind of mail
	Sender    func(lang string, id unit.ID) string // what a body is called, inside a message
	Now       func() time.Time
}

// Service does the acts of mailings.
type Service struct {
	Parts
	working sync.Mutex        // one part is sent at a time
	part    int               // members in one of them
	at      func(step string) // told each step, for tests that stop there
}

// New makes a Service.
func New(p Parts) *Service { return &Service{Parts: p, part: usualPart, at: func(string) {}} }

// writer requires that somebody may write for a body; the denial is journaled.
func (s *Service) writer(ctx context.Context, by access.Actor, body unit.ID, purpose string) (wearer, error) {
	if w, ok := s.writes(by, body, purpose); ok {
		return w, nil
	}
	return wearer{}, s.deny(ctx, by, body, purpose, "mailing.denied.write")
}

func (s *Service) rules(body unit.ID) (*charter.Writes, bool) {
	u, known := s.Units.Tree().ByID(body)
	if !known || u.Closed {
		return nil, false
	}
	return s.Charter.Mailings.For(u.Level)
}

func (s *Service) writes(by access.Actor, body unit.ID, purpose string) (wearer, bool) {
	rules, known := s.rules(body)
	if !known {
		return wearer{}, false
	}
	held := s.Access.Held(by.Person)
	b, ok := wears(held, by.As, body, rules.Write, rules.Grants, purpose)
	_, approves := wears(held, by.As, body, rules.Approve, false, purpose)
	return wearer{Basis: b, alone: rules.NoticeAlone && approves}, ok
}

func (s *Service) approves(by access.Actor, body unit.ID) (wearer, bool) {
	rules, known := s.rules(body)
	if !known {
		return wearer{}, false
	}
	b, ok := wears(s.Access.Held(by.Person), by.As, body, rules.Approve, false, "")
	return wearer{Basis: b}, ok
}

func (s *Service) deny(ctx context.Context, by access.Actor, body unit.ID, purpose, reason string) error {
	e := journal.Entry{
		Act: journal.Denied, Actor: uint32(by.Person), Via: string(by.Via), OSUser: by.OSUser, Target: uint32(body), Purpose: purpose, Reason: reason,
	}
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return err
	}
	return fault.New(fault.Denied, reason)
}

// entry is a journal entry of an act on a mailing, by what somebody holds.
func (m *Mailing) entryOf(act journal.Act, by access.Actor, as access.Basis) journal.Entry {
	return journal.Entry{
		Act: act, Actor: uint32(by.Person), Right: string(as.Right), Post: as.Code, Unit: uint32(as.Unit), Via: string(by.Via), OSUser: by.OSUser,
		Purpose: m.Purpose, Target: uint32(m.Unit), Number: m.ID,
	}
}

// Draft begins a mailing. Whoever may write for the body has no access to its members
// by that: they see numbers and their own text.
func (s *Service) Draft(ctx context.Context, by access.Actor, d Draft) (Mailing, error) {
	if _, err := s.writer(ctx, by, d.Unit, d.Purpose); err != nil {
		return Mailing{}, err
	}
	if err := d.check(s.Charter, s.Mail.Check, s.Now()); err != nil {
		return Mailing{}, err
	}
	m := Mailing{Draft: d, State: Drafted, WrittenBy: by.Person}
	var err error
	// Twice as long as it is kept from its end: what was written never outlives its key.
	if m.keys.text, err = s.Keyring.OneOff(ctx, s.Now().AddDate(0, 2*s.Charter.Mailings.KeepMonths.Value, 0)); err != nil {
		return Mailing{}, err
	}
	if err := s.seal(&m); err != nil {
		return Mailing{}, err
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) (err error) {
		if m.ID, err = tx.Next("mailing"); err != nil {
			return err
		}
		m.Since, m.WrittenAt = tx.Now(), tx.Now()
		return insert(tx, &m)
	})
	if err != nil {
		return Mailing{}, errors.Join(err, s.Keyring.DropOneOff(context.WithoutCancel(ctx), m.keys.text))
	}
	return m, nil
}

// Write changes a draft, or one that was refused, which is a draft then. Only its
// author does: whoever had a hand in it could not approve it.
func (s *Service) Write(ctx context.Context, by access.Actor, id int64, d Draft) (Mailing, error) {
	return s.author(ctx, by, id, Drafted, 0, func(_ *database.Tx, m *Mailing, _ wearer) error {
		d.Unit = m.Unit
		if err := d.check(s.Charter, s.Mail.Check, s.Now()); err != nil {
			return err
		}
		if _, ok := s.writes(by, m.Unit, d.Purpose); !ok {
			return fault.New(fault.Denied, "mailing.denied.write")
		}
		m.Draft, m.Grounds = d, ""
		return nil
	})
}

// Submit hands a draft to whoever approves. A statutory notice by somebody who could
// approve, where the charter lets a body send its own, needs nobody else (L8).
func (s *Service) Submit(ctx context.Context, by access.Actor, id int64) (Mailing, error) {
	m, err := s.find(ctx, id)
	if err != nil {
		return m, err
	}
	w, err := s.writer(ctx, by, m.Unit, m.Purpose)
	if err != nil {
		return m, err
	}
	if s.alone(w, m.Purpose) {
		return s.approve(ctx, by, m, w.Basis)
	}
	return s.author(ctx, by, id, Submitted, journal.MailingSubmit, func(tx *database.Tx, m *Mailing, _ wearer) error {
		return s.ask(tx, m)
	})
}

// Alone reports whether somebody's own mailing for a purpose needs nobody else's yes.
func (s *Service) Alone(by access.Actor, body unit.ID, purpose string) bool {
	w, ok := s.writes(by, body, purpose)
	return ok && s.alone(w, purpose)
}

func (s *Service) alone(w wearer, purpose string) bool {
	p, known := s.Charter.Purpose(purpose)
	return known && p.Statutory && w.alone
}

// ask makes it a duty to answer a mailing that waits.
func (s *Service) ask(tx *database.Tx, m *Mailing) error {
	d := duty.Duty{
		Kind: duty.ApproveMailing, Subject: m.ID, Act: charter.Pull.String(),
		DueOn: s.Charter.Today(tx.Now()).AddDays(s.Charter.Mailings.AnswerDays.Value),
	}
	rules, known := s.rules(m.Unit)
	if known {
		for _, code := range rules.Approve {
			if _, post := s.Charter.Post(code); post {
				d.Unit = m.Unit // its own officers; else the office
			}
		}
	}
	_, err := s.Duties.Add(tx, d)
	return err
}

// TakeBack takes a mailing back from whoever was to approve it.
func (s *Service) TakeBack(ctx context.Context, by access.Actor, id int64) (Mailing, error) {
	return s.author(ctx, by, id, Drafted, 0, func(tx *database.Tx, m *Mailing, _ wearer) error {
		if !m.BegunAt.IsZero() {
			return fault.New(fault.Conflict, "mailing.error.state")
		}
		_, err := s.Duties.Finish(tx, duty.ApproveMailing, m.ID, by.Person, "withdrawn")
		return err
	})
}

// Drop throws a draft away, with its key.
func (s *Service) Drop(ctx context.Context, by access.Actor, id int64) error {
	m, err := s.find(ctx, id)
	if err != nil {
		return err
	}
	w, err := s.writer(ctx, by, m.Unit, m.Purpose)
	if err != nil {
		return err
	}
	if !m.may(by.Person, w.Right != "", false).Drop {
		return fault.New(fault.Conflict, "mailing.error.state")
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`DELETE FROM mailing WHERE id = $1 AND state = $2`, id, string(m.State))
		return err
	})
	if err != nil {
		return err
	}
	return s.Keyring.DropOneOff(ctx, m.keys.text)
}

// author does an act of a mailing's author, in one transaction.
func (s *Service) author(ctx context.Context, by access.Actor, id int64, to State, act journal.Act, do func(*database.Tx, *Mailing, wearer) error) (Mailing, error) {
	m, err := s.find(ctx, id)
	if err != nil {
		return m, err
	}
	w, err := s.writer(ctx, by, m.Unit, m.Purpose)
	if err != nil {
		return m, err
	}
	if m.WrittenBy != by.Person {
		return m, s.deny(ctx, by, m.Unit, m.Purpose, "mailing.denied.author")
	}
	return s.step(ctx, id, to, func(tx *database.Tx, m *Mailing) error {
		if err := do(tx, m, w); err != nil || act == 0 {
			return err
		}
		e := m.entryOf(act, by, w.Basis)
		_, err := s.Journal.Append(tx, &e)
		return err
	})
}

// step brings a mailing to a state in one transaction, from what it is by then.
func (s *Service) step(ctx context.Context, id int64, to State, act func(*database.Tx, *Mailing) error) (m Mailing, err error) {
	err = s.DB.Write(ctx, func(tx *database.Tx) (err error) {
		if m, err = s.get(tx, id); err != nil {
			return err
		}
		if !m.State.canBecome(to) {
			return fault.New(fault.Conflict, "mailing.error.state")
		}
		m.State, m.Since = to, tx.Now()
		if err := act(tx, &m); err != nil {
			return err
		}
		if err := s.seal(&m); err != nil {
			return err
		}
		return update(tx, &m)
	})
	if err == nil {
		err = s.open(&m)
	}
	return m, err
}

// approver requires that somebody may approve for a body, and could have pulled the
// list: the Scope in which the house then sends.
func (s *Service) approver(ctx context.Context, by access.Actor, m *Mailing) (wearer, error) {
	w, ok := s.approves(by, m.Unit)
	switch {
	case !ok:
		return w, s.deny(ctx, by, m.Unit, m.Purpose, "mailing.denied.approve")
	case m.WrittenBy == by.Person:
		return w, s.deny(ctx, by, m.Unit, m.Purpose, "mailing.denied.own")
	}
	return w, nil
}

// Approve lets a mailing be sent, at its time. Nobody approves their own.
func (s *Service) Approve(ctx context.Context, by access.Actor, id int64) (Mailing, error) {
	m, err := s.find(ctx, id)
	if err != nil {
		return m, err
	}
	w, err := s.approver(ctx, by, &m)
	if err != nil {
		return m, err
	}
	return s.approve(ctx, by, m, w.Basis)
}

func (s *Service) approve(ctx context.Context, by access.Actor, m Mailing, as access.Basis) (Mailing, error) {
	if _, err := s.Access.Require(ctx, by, access.Want{Act: charter.Pull, Unit: m.Unit, Purpose: m.Purpose}); err != nil {
		return m, err
	}
	run, err := s.runKey(ctx)
	if err != nil {
		return m, err
	}
	var before int64
	after, err := s.step(ctx, m.ID, Approved, func(tx *database.Tx, m *Mailing) error {
		left, err := s.left(m) // of one whose sending had begun
		if err != nil {
			return err
		}
		before = m.keys.run
		if err := s.sealLeft(m, run, left); err != nil {
			return err
		}
		m.ApprovedBy, m.ApprovedAt = by.Person, tx.Now()
		if m.SendAt.Before(tx.Now()) {
			m.SendAt = tx.Now()
		}
		if _, err := s.Duties.Finish(tx, duty.ApproveMailing, m.ID, by.Person, "done"); err != nil {
			return err
		}
		e := m.entryOf(journal.MailingApprove, by, as)
		_, err = s.Journal.Append(tx, &e)
		return err
	})
	if err != nil {
		return after, errors.Join(err, s.Keyring.DropOneOff(context.WithoutCancel(ctx), run))
	}
	return after, s.drop(ctx, before)
}

// Refuse sends a mailing back to its author, with grounds. One whose sending had begun
// is stopped by it.
func (s *Service) Refuse(ctx context.Context, by access.Actor, id int64, grounds string) (Mailing, error) {
	m, err := s.find(ctx, id)
	if err != nil {
		return m, err
	}
	w, err := s.approver(ctx, by, &m)
	if err != nil {
		return m, err
	}
	if grounds = strings.TrimSpace(grounds); grounds == "" {
		return m, fault.New(fault.Invalid, "mailing.error.refusal").With("grounds", "mailing.error.grounds")
	}
	to := Refused
	if !m.BegunAt.IsZero() {
		to = Stopped
	}
	return s.step(ctx, id, to, func(tx *database.Tx, m *Mailing) error {
		m.Grounds = grounds
		if to == Stopped {
			s.endRun(tx, m)
		}
		if _, err := s.Duties.Finish(tx, duty.ApproveMailing, m.ID, by.Person, "refused"); err != nil {
			return err
		}
		e := m.entryOf(journal.MailingRefuse, by, w.Basis)
		_, err := s.Journal.Append(tx, &e)
		return err
	})
}

// Send has an approved mailing sent now, ahead of its time.
func (s *Service) Send(ctx context.Context, by access.Actor, id int64) (Mailing, error) {
	m, err := s.sight(ctx, by, id)
	if err != nil {
		return m.Mailing, err
	}
	if !m.May.Send {
		return m.Mailing, fault.New(fault.Conflict, "mailing.error.state")
	}
	var after Mailing
	err = s.DB.Write(ctx, func(tx *database.Tx) (err error) {
		if after, err = s.get(tx, id); err != nil {
			return err
		}
		if after.State != Approved {
			return fault.New(fault.Conflict, "mailing.error.state")
		}
		after.SendAt = tx.Now()
		return update(tx, &after)
	})
	return after, err
}

// Stop ends a mailing: what is not with the outbox by then is not sent.
func (s *Service) Stop(ctx context.Context, by access.Actor, id int64) (Mailing, error) {
	m, err := s.sight(ctx, by, id)
	if err != nil {
		return m.Mailing, err
	}
	if !m.May.Stop {
		return m.Mailing, fault.New(fault.Conflict, "mailing.error.state")
	}
	w, ok := s.approves(by, m.Unit)
	if !ok {
		w, _ = s.writes(by, m.Unit, m.Purpose)
	}
	var run int64
	after, err := s.step(ctx, id, Stopped, func(tx *database.Tx, m *Mailing) error {
		run = m.keys.run
		s.endRun(tx, m)
		if _, err := s.Duties.Finish(tx, duty.ApproveMailing, m.ID, by.Person, "stopped"); err != nil {
			return err
		}
		e := m.entryOf(journal.MailingStop, by, w.Basis)
		_, err := s.Journal.Append(tx, &e)
		return err
	})
	if err != nil {
		return after, err
	}
	if err := s.drop(ctx, run); err != nil {
		return after, err
	}
	_, err = s.Mail.Withdraw(ctx, id)
	return after, err
}
