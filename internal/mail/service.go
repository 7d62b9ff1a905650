package mail

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

// Outbox holds what is to be sent and, once started, sends it. Its methods are
// safe for concurrent use.
type Outbox struct {
	db   *database.DB
	keys *vault.Keyring
	o    Options
	log  *slog.Logger

	wake   chan struct{} // capacity one: something was enqueued
	worker worker
	ending sync.Mutex // mails end once

	mu      sync.Mutex // guards what follows
	trouble trouble
}

// New checks the options and returns an outbox that is not started: mails can be
// prepared and enqueued, and wait.
func New(db *database.DB, keys *vault.Keyring, o Options) (*Outbox, error) {
	o = o.withDefaults()
	if err := o.check(); err != nil {
		return nil, err
	}
	log := o.Log
	if log == nil {
		log = slog.Default()
	}
	return &Outbox{db: db, keys: keys, o: o, log: log.With("room", "mail"), wake: make(chan struct{}, 1)}, nil
}

// Check refuses a subject that Prepare would refuse, so that a room can have its
// texts looked at when the program starts.
func (b *Outbox) Check(subject string) error {
	if subject == "" {
		return errors.New("mail: no subject")
	}
	return neutral(subject, b.o.Unsaid)
}

// Prepared is a sealed mail whose key is durable. It is sent once Enqueue's act is
// committed; otherwise its key goes at the mail's end and nothing ever opens it.
type Prepared struct {
	outbox *Outbox
	person vault.PersonID
	key    int64
	sealed []byte
	ends   time.Time
	sheet  Sheet // of a letter; the rest is then empty
}

// Prepare seals one mail; call it before the act's transaction begins. It refuses
// an address, subject or end that cannot be, with an error that quotes nothing.
func (b *Outbox) Prepare(ctx context.Context, m Message) (*Prepared, error) {
	all, err := b.PrepareAll(ctx, m)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// PrepareAll seals several mails, with one durable write of the keyring for all,
// and one for all that go on paper.
func (b *Outbox) PrepareAll(ctx context.Context, messages ...Message) ([]*Prepared, error) {
	prepared := make([]*Prepared, len(messages))
	var mails, onPaper []Message
	var mailed, printed []int // their places
	for i := range messages {
		if b.onPaper(&messages[i]) {
			onPaper, printed = append(onPaper, messages[i]), append(printed, i)
		} else {
			mails, mailed = append(mails, messages[i]), append(mailed, i)
		}
	}
	if len(onPaper) > 0 {
		sheets, err := b.o.Paper.Prepare(ctx, onPaper)
		if err != nil {
			return nil, err
		}
		for i, place := range printed {
			prepared[place] = &Prepared{outbox: b, person: messages[place].Person, sheet: sheets[i]}
		}
	}
	if len(mails) > 0 {
		sealed, err := b.seal(ctx, mails)
		if err != nil {
			return nil, err
		}
		for i, place := range mailed {
			prepared[place] = sealed[i]
		}
	}
	return prepared, nil
}

func (b *Outbox) seal(ctx context.Context, messages []Message) ([]*Prepared, error) {
	letters := make([]letter, len(messages))
	for i := range messages {
		var err error
		if letters[i], err = b.letter(&messages[i]); err != nil {
			return nil, err
		}
	}
	prepared := make([]*Prepared, len(messages))
	err := b.keys.Write(ctx, func(tx *vault.Tx) error {
		for i, m := range messages {
			key, err := tx.OneOff(m.Ends)
			if err != nil {
				return err
			}
			prepared[i] = &Prepared{outbox: b, person: m.Person, key: key, ends: m.Ends}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i, p := range prepared {
		if p.sealed, err = b.keys.SealOnce(p.key, letters[i].encode()); err != nil {
			return nil, err
		}
	}
	return prepared, nil
}

// letter checks a message and gives it the form in which it is sealed.
func (b *Outbox) letter(m *Message) (letter, error) {
	to, err := bare(m.To)
	if err != nil {
		return letter{}, fmt.Errorf("mail: recipient: %w", err)
	}
	if err := b.Check(m.Subject); err != nil {
		return letter{}, fmt.Errorf("mail: subject of %s: %w", m.Kind, err)
	}
	if !m.Ends.After(b.o.Clock()) {
		return letter{}, fmt.Errorf("mail: %s has ended before it began", m.Kind)
	}
	if m.ReplyTo != "" {
		if _, err := bare(m.ReplyTo); err != nil {
			return letter{}, fmt.Errorf("mail: reply address of %s: %w", m.Kind, err)
		}
	}
	if m.Unsubscribe != "" && strings.ContainsFunc(m.Unsubscribe, func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' }) {
		return letter{}, fmt.Errorf("mail: unsubscribe address of %s cannot stand in a header", m.Kind)
	}
	_, domain, _ := strings.Cut(b.o.From, "@")
	return letter{
		To: to, Subject: m.Subject, Body: wrap(m.Body), Kind: m.Kind, Ends: m.Ends, Decoy: m.Decoy,
		MessageID: rand.Text() + "@" + domain,
		With:      m.With, Ref: m.Ref, Unsubscribe: m.Unsubscribe, ReplyTo: m.ReplyTo,
	}, nil
}

// Enqueue writes the mail in the act's transaction. The worker is woken when the
// act is committed. A mail enqueued twice is sent twice: each act prepares its own.
func (p *Prepared) Enqueue(tx *database.Tx) error {
	if p.sheet != nil {
		return p.sheet.Enqueue(tx)
	}
	id, err := tx.Next("mail")
	if err != nil {
		return err
	}
	tx.AfterCommit(p.outbox.poke)
	return insert(tx, id, p)
}

// Discard drops the keys of mails whose act did not happen, ahead of their end.
func (b *Outbox) Discard(ctx context.Context, prepared ...*Prepared) error {
	var ids []int64
	for _, p := range prepared {
		if p.sheet != nil {
			if err := p.sheet.Discard(ctx); err != nil {
				return err
			}
			continue
		}
		ids = append(ids, p.key)
	}
	return b.keys.DropOneOff(ctx, ids...)
}

// Forget removes every mail to some persons, sent or not, and then their keys: a
// step of an erasure (D7). It returns how many could still be read.
func (b *Outbox) Forget(ctx context.Context, persons ...vault.PersonID) (int, error) {
	var gone []int64
	err := b.db.Write(ctx, func(tx *database.Tx) error {
		gone = gone[:0]
		for _, person := range persons {
			if err := b.passOn(tx, person, persons); err != nil {
				return err
			}
			keys, err := deletePerson(tx, person)
			if err != nil {
				return err
			}
			gone = append(gone, keys...)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return len(gone), b.dropKeys(ctx, gone)
}

// ForgetTo removes the mails to some addresses that belong to nobody by their row,
// as sign-in codes do, and then their keys: a step of an erasure too (D7). It opens
// every mail there is once, however many the addresses are.
func (b *Outbox) ForgetTo(ctx context.Context, addresses ...string) error {
	if len(addresses) == 0 {
		return nil
	}
	wanted := map[string]bool{}
	for _, address := range addresses {
		wanted[strings.ToLower(address)] = true
	}
	var ids, keys []int64
	for after := int64(0); ; {
		var rows []row
		err := b.db.Read(ctx, func(q database.Querier) (err error) {
			rows, err = sealedAfter(q, after, walkAtOnce)
			return err
		})
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		for i := range rows {
			r := &rows[i]
			after = r.id
			if r.person != 0 {
				continue
			}
			if l, err := b.open(r); err == nil && wanted[strings.ToLower(l.To)] {
				ids, keys = append(ids, r.id), append(keys, r.key)
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	err := b.db.Write(ctx, func(tx *database.Tx) error {
		for _, id := range ids {
			if err := remove(tx, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return b.dropKeys(ctx, keys)
}

// Waiting says how many mails to a person are neither sent nor given up.
func (b *Outbox) Waiting(ctx context.Context, person vault.PersonID) (int, error) {
	var n int
	err := b.db.Read(ctx, func(q database.Querier) error {
		return q.QueryRow(`SELECT COUNT(*) FROM mail WHERE person = $1 AND sent_at IS NULL AND failed_at IS NULL`, int64(person)).Scan(&n)
	})
	return n, err
}

// Mailbox lists what would have been sent, newest first. It is for the demo: in
// an outbox that sends it is always empty.
func (b *Outbox) Mailbox(ctx context.Context) ([]Shown, error) {
	if !b.o.Mailbox {
		return nil, nil
	}
	var rows []row
	err := b.db.Read(ctx, func(q database.Querier) (err error) {
		rows, err = kept(q)
		return err
	})
	if err != nil {
		return nil, err
	}
	var shown []Shown
	for _, r := range rows {
		l, err := b.open(&r)
		if errors.Is(err, vault.ErrOneOffSpent) {
			continue // its end came between the reading and here
		}
		if err != nil {
			return nil, err
		}
		if !l.Decoy {
			shown = append(shown, Shown{
				ID: r.id, Person: r.person, To: l.To, Subject: l.Subject, Body: l.Body, Kind: l.Kind,
				At: r.sent, Ends: l.Ends,
			})
		}
	}
	return shown, nil
}

// Status counts what waits and what was given up.
func (b *Outbox) Status(ctx context.Context) (Status, error) {
	var s Status
	err := b.db.Read(ctx, func(q database.Querier) (err error) {
		s, err = count(q)
		return err
	})
	b.mu.Lock()
	s.Trouble = b.trouble.since
	b.mu.Unlock()
	return s, err
}

// Undelivered lists the mails given up in the last FailureKept, newest first, so
// that somebody can reach the person another way.
func (b *Outbox) Undelivered(ctx context.Context) ([]Undelivered, error) {
	var list []Undelivered
	err := b.db.Read(ctx, func(q database.Querier) (err error) {
		list, err = undelivered(q)
		return err
	})
	return list, err
}

// open unseals a row.
func (b *Outbox) open(r *row) (*letter, error) {
	plain, err := b.keys.OpenOnce(r.key, r.sealed)
	if err != nil {
		return nil, err
	}
	l := new(letter)
	return l, l.decode(plain)
}

// dropKeys drops one-off keys; none is no write.
func (b *Outbox) dropKeys(ctx context.Context, keys []int64) error {
	if len(keys) == 0 {
		return nil
	}
	return b.keys.DropOneOff(ctx, keys...)
}

func (b *Outbox) poke() {
	select {
	case b.wake <- struct{}{}:
	default: // it is awake already
	}
}
