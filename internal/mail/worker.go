package mail

import (
	"context"
	"errors"
	"sync"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

const (
	batch       = 32               // mails over one connection
	idle        = 30 * time.Second // the longest sleep: ends are kept to that
	keySweep    = 10 * time.Minute // how often keys whose mail was never enqueued are swept
	longestRest = time.Minute      // the longest rest of a mail server in trouble
)

// worker is the life of the sending goroutine.
type worker struct {
	mu    sync.Mutex
	stop  chan struct{}      // closed: finish the mail in hand, then end
	abort context.CancelFunc // cut the connection now
	done  chan struct{}
}

// trouble is what is known of a mail server that takes nothing, whichever mail.
type trouble struct {
	count int       // attempts in a row
	since time.Time // of the first; zero without trouble
	until time.Time // not tried again before
}

// Start begins to send. Starting what is started does nothing.
func (b *Outbox) Start() {
	w := &b.worker
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stop != nil {
		return
	}
	ctx, abort := context.WithCancel(context.Background())
	if b.o.Host == "" && !b.o.Mailbox {
		b.log.Warn("no mail server is set: mails wait until their end")
	}
	w.stop, w.abort, w.done = make(chan struct{}), abort, make(chan struct{})
	go func(stop, done chan struct{}) {
		defer close(done)
		b.run(ctx, stop)
	}(w.stop, w.done)
}

// Stop lets the mail in hand be handed over, then ends the sending. When ctx ends
// first the connection is cut; that mail may then arrive twice, under one
// Message-ID. Stopping what is stopped does nothing.
func (b *Outbox) Stop(ctx context.Context) {
	w := &b.worker
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stop == nil {
		return
	}
	close(w.stop)
	select {
	case <-w.done:
	case <-ctx.Done():
	}
	w.abort()
	<-w.done
	w.stop = nil
}

// run sends what is due until stopped.
func (b *Outbox) run(ctx context.Context, stop <-chan struct{}) {
	var swept time.Time
	for {
		wait, err := b.pass(ctx, stop)
		if err != nil {
			b.log.Error("the outbox could not be worked on", "error", err)
			wait = idle
		}
		// After the pass, which still opens mails whose end has come.
		if now := b.o.Clock(); err == nil && now.Sub(swept) >= keySweep && !b.held() {
			swept = now
			if _, err := b.keys.DropOneOffs(ctx, now); err != nil {
				b.log.Error("one-off keys were not swept", "error", err)
			}
		}
		timer := time.NewTimer(wait)
		select {
		case <-stop:
			timer.Stop()
			return
		case <-b.wake:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// pass ends what has ended, sends what is due, and returns how long to sleep.
func (b *Outbox) pass(ctx context.Context, stop <-chan struct{}) (time.Duration, error) {
	if !b.held() {
		if _, err := b.End(ctx, b.o.Clock()); err != nil {
			return 0, err
		}
	}
	for b.ready() {
		var mails []row
		err := b.db.Read(ctx, func(q database.Querier) (err error) {
			mails, err = due(q, b.o.Clock(), batch)
			return err
		})
		if err != nil {
			return 0, err
		}
		if len(mails) == 0 {
			break
		}
		if err := b.deliver(ctx, stop, mails); err != nil {
			return 0, err
		}
		if stopped(stop) {
			return 0, nil
		}
	}
	return b.sleep(ctx)
}

// ready reports whether there is a point in trying to send now.
func (b *Outbox) ready() bool {
	if b.o.Mailbox {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.o.Host != "" && !b.o.Clock().Before(b.trouble.until)
}

// sleep is the time until the next mail is due or the server is tried again.
func (b *Outbox) sleep(ctx context.Context) (time.Duration, error) {
	if b.o.Host == "" && !b.o.Mailbox {
		return idle, nil
	}
	var at time.Time
	err := b.db.Read(ctx, func(q database.Querier) (err error) {
		at, err = next(q)
		return err
	})
	if err != nil || at.IsZero() {
		return idle, err
	}
	b.mu.Lock()
	if at.Before(b.trouble.until) {
		at = b.trouble.until
	}
	b.mu.Unlock()
	return min(max(at.Sub(b.o.Clock()), time.Second), idle), nil
}

func (b *Outbox) held() bool { return b.o.Held != nil && b.o.Held() }

// Due counts the mails whose end has come by a moment, with old failures, and all
// there are.
func (b *Outbox) Due(ctx context.Context, by time.Time) (due, all int, err error) {
	var total int64
	err = b.db.Read(ctx, func(q database.Querier) error {
		mails, err := over(q, by, by.Add(-b.o.Kept))
		if err != nil {
			return err
		}
		due = len(mails)
		return q.QueryRow(`SELECT COUNT(*) FROM mail`).Scan(&total)
	})
	return due, int(total), err
}

// Of tells how many mails to a person lie here, and when the last of them ends.
func (b *Outbox) Of(ctx context.Context, person vault.PersonID) (count int, last time.Time, err error) {
	var n, ends int64
	err = b.db.Read(ctx, func(q database.Querier) error {
		return q.QueryRow(`SELECT COUNT(*), COALESCE(MAX(ends_at), 0) FROM mail WHERE person = $1`, int64(person)).Scan(&n, &ends)
	})
	return int(n), time.UnixMicro(ends).UTC(), err
}

// End gives up mails whose end had come by a moment, empties the demo's mailbox of
// them, forgets old failures, and says how many. The worker does so at every pass; it
// may be done beside it.
func (b *Outbox) End(ctx context.Context, by time.Time) (int, error) {
	b.ending.Lock()
	defer b.ending.Unlock()
	var mails []row
	err := b.db.Read(ctx, func(q database.Querier) (err error) {
		mails, err = over(q, by, by.Add(-b.o.Kept))
		return err
	})
	if err != nil || len(mails) == 0 {
		return 0, err
	}
	var keys []int64
	given := 0
	err = b.db.Write(ctx, func(tx *database.Tx) error {
		keys, given = nil, 0
		for i := range mails {
			r := &mails[i]
			if !r.failed {
				keys = append(keys, r.key)
			}
			if r.failed || r.shown || b.isDecoy(r) {
				if err := remove(tx, r.id); err != nil {
					return err
				}
				continue
			}
			given++
			if l, err := b.open(r); err == nil {
				if err := b.follow(tx, r, l, Expired); err != nil {
					return err
				}
			}
			if err := fail(tx, r.id, 0); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	if given > 0 {
		b.log.Warn("mails were given up at their end", "count", given)
	}
	return len(mails), b.dropKeys(ctx, keys)
}

// isDecoy reports whether a mail is known to be a decoy: it may end unsent without
// that being a failure.
func (b *Outbox) isDecoy(r *row) bool {
	l, err := b.open(r)
	return err == nil && l.Decoy
}

// deliver hands the mails over one by one, over one connection, and records what
// became of each before it takes the next. It returns at once when the server is
// in trouble or stop is closed.
func (b *Outbox) deliver(ctx context.Context, stop <-chan struct{}, mails []row) error {
	var server *connection
	defer func() { server.close() }()
	for i := range mails {
		if stopped(stop) {
			return nil
		}
		r := &mails[i]
		l, err := b.open(r)
		if err != nil {
			if err := b.unreadable(ctx, r, err); err != nil {
				return err
			}
			continue
		}
		if l.Decoy && !b.o.Mailbox {
			if err := b.done(ctx, r, remove); err != nil {
				return err
			}
			continue
		}
		if b.o.Mailbox {
			if err := b.db.Write(ctx, func(tx *database.Tx) error {
				if err := b.follow(tx, r, l, Taken); err != nil {
					return err
				}
				return keep(tx, r.id)
			}); err != nil {
				return err
			}
			continue
		}
		if server == nil {
			if server, err = dial(ctx, &b.o); err != nil {
				b.troubled("connecting", err)
				return nil
			}
		}
		result, code := server.send(l)
		switch result {
		case sent:
			b.recovered()
			err = b.done(ctx, r, func(tx *database.Tx, id int64) error {
				if err := b.follow(tx, r, l, Taken); err != nil {
					return err
				}
				return remove(tx, id)
			})
		case deferred:
			b.recovered()
			err = b.putOff(ctx, r, 0)
		case refused:
			b.recovered()
			b.log.Warn("a mail was refused for good", "mail", r.id, "code", code)
			if server.at == atRecipient && code >= 500 {
				if err := b.unknown(ctx, r, l); err != nil {
					return err
				}
			}
			err = b.done(ctx, r, func(tx *database.Tx, id int64) error {
				if err := b.follow(tx, r, l, Rejected); err != nil {
					return err
				}
				return fail(tx, id, 1)
			})
		case broken:
			// It may be this mail the server stumbles over: when it has rested, the
			// others go first.
			return b.putOff(ctx, r, b.troubled("sending", server.err))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// done removes a mail's row, or what is confidential in it, and then its key.
// That way round no row is ever without its key: a key without a row is swept.
func (b *Outbox) done(ctx context.Context, r *row, with func(*database.Tx, int64) error) error {
	if err := b.db.Write(ctx, func(tx *database.Tx) error { return with(tx, r.id) }); err != nil {
		return err
	}
	return b.keys.DropOneOff(ctx, r.key)
}

// putOff has a mail wait after one more failed attempt, and after the server's rest.
func (b *Outbox) putOff(ctx context.Context, r *row, rest time.Duration) error {
	attempts := r.attempts + 1
	until := b.o.Clock().Add(rest + pause(attempts))
	return b.db.Write(ctx, func(tx *database.Tx) error { return postpone(tx, r.id, attempts, until) })
}

// unreadable gives a mail up whose key is gone or whose bytes were altered. A
// person erased a moment ago leaves neither row nor key: then there is nothing to do.
func (b *Outbox) unreadable(ctx context.Context, r *row, cause error) error {
	if !errors.Is(cause, vault.ErrOneOffSpent) {
		b.log.Error("a mail could not be opened", "mail", r.id, "error", cause)
	}
	return b.done(ctx, r, func(tx *database.Tx, id int64) error { return fail(tx, id, 0) })
}

// troubled notes that the server takes nothing, and returns how long it rests.
func (b *Outbox) troubled(doing string, err error) time.Duration {
	now := b.o.Clock()
	b.mu.Lock()
	t := &b.trouble
	t.count++
	if t.since.IsZero() {
		t.since = now
	}
	rest := min(pause(t.count), longestRest)
	t.until = now.Add(rest)
	b.mu.Unlock()
	b.log.Warn("the mail server takes nothing", "while", doing, "reason", reason(err), "again_in", rest)
	return rest
}

func (b *Outbox) recovered() {
	b.mu.Lock()
	b.trouble = trouble{}
	b.mu.Unlock()
}

func stopped(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default:
		return false
	}
}
