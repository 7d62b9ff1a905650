package passing

import (
	"context"
	"errors"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// standingScope is the Scope in which passing on to a recipient goes by itself: that of
// whoever set it going. When their right has ended, nothing more is passed on until
// somebody else goes on; what is to be deleted is told all the same.
func (s *Service) standingScope(ctx context.Context, r *charter.Receiver) (access.Scope, error) {
	c, err := s.courseOf(ctx, r)
	if err != nil {
		return access.Scope{}, err
	}
	_, scope, err := s.runner(ctx, access.Actor{Person: c.By, Via: access.System}, r)
	return scope, err
}

// Work does what is due by itself: what a stop left half made, who must be taken back,
// what is on its way, and the next run when its day has come. One recipient that cannot
// be reached keeps no other waiting.
func (s *Service) Work(ctx context.Context) error {
	s.working.Lock()
	defer s.working.Unlock()
	stirred := s.stirred.Swap(false)
	var failed error
	for i := range s.Charter.Recipients {
		r := &s.Charter.Recipients[i]
		c, err := s.courseOf(ctx, r)
		if err == nil && c.ID != 0 {
			err = s.work(ctx, r, &c, stirred || r.Asks()) // a consent withdrawn tells nobody: it is looked for
		}
		if err != nil && stirred {
			s.stirred.Store(true)
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

func (s *Service) work(ctx context.Context, r *charter.Receiver, c *Recipient, stirred bool) error {
	scope, missing := s.scopeOr(ctx, r, c)
	if missing == nil {
		if err := s.goOn(ctx, scope, r, c, stirred); err != nil {
			return err
		}
	} else if !fault.Is(missing, fault.Denied) {
		return missing
	} else if err := s.orphaned(ctx, r, c); err != nil {
		return err
	}
	if err := s.pack(ctx, r, c.ID, 0); err != nil {
		return err
	}
	if s.way(r.Code) != ByWebhook {
		return nil
	}
	return s.send(ctx, r, c, missing == nil)
}

// scopeOr is standingScope without a denial on record at every look.
func (s *Service) scopeOr(ctx context.Context, r *charter.Receiver, c *Recipient) (access.Scope, error) {
	for _, h := range s.Access.Held(c.By) {
		if r.MayRun(h.Basis.Code) && h.May.Has(charter.Pull) {
			return s.standingScope(ctx, r)
		}
	}
	return access.Scope{}, fault.New(fault.Denied, "passing.denied")
}

// orphaned asks somebody to go on, since whoever set it going has no right any more.
func (s *Service) orphaned(ctx context.Context, r *charter.Receiver, c *Recipient) error {
	if c.State != Running {
		return nil
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error { return s.duty(tx, r, duty.PassOnward, c.ID, 7) })
}

// goOn finishes what was begun, takes back who must not wait, and runs when due.
func (s *Service) goOn(ctx context.Context, scope access.Scope, r *charter.Receiver, c *Recipient, stirred bool) error {
	var begun []Run
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		begun, err = runs(q, `WHERE recipient = $1 AND state = $2 ORDER BY id`, c.ID, string(Making))
		return err
	})
	if err != nil {
		return err
	}
	for i := range begun {
		if err := s.make(ctx, scope, r, &begun[i]); err != nil {
			return err
		}
	}
	if stirred && (c.State == Running || c.State == Paused) {
		if _, err := s.run(ctx, scope, 0, r, removals, 0); err != nil {
			return err
		}
	}
	today := s.Charter.Today(s.Now())
	if c.State != Running || today.Before(due(s.Charter.Today(c.RanAt), r.EveryDays)) {
		return nil
	}
	if s.way(r.Code) == ByFile { // somebody must carry it
		return s.DB.Write(ctx, func(tx *database.Tx) error { return s.duty(tx, r, duty.PassOnward, c.ID, 7) })
	}
	if braked, err := s.brakedRun(ctx, c.ID); err != nil || braked != 0 {
		return err
	}
	_, err = s.run(ctx, scope, scope.Actor().Person, r, all, 0)
	return err
}

// send brings what is due to a webhook, in order: a batch that waits to be tried again
// holds up those behind it, so that nobody is deleted before they came.
func (s *Service) send(ctx context.Context, r *charter.Receiver, c *Recipient, scoped bool) error {
	for {
		var next []Batch
		err := s.DB.Read(ctx, func(q database.Querier) (err error) {
			next, err = batches(q, `WHERE state = $1 AND recipient = $2 AND way = $3 ORDER BY id LIMIT 50`, string(Ready), c.ID, string(ByWebhook))
			return err
		})
		if err != nil || len(next) == 0 {
			return err
		}
		b := &next[0]
		for i := range next {
			if !next[i].Removal && (!scoped || c.State != Running) {
				continue // waits for somebody to go on; what is to be deleted does not
			}
			b = &next[i]
			break
		}
		if !b.Removal && (!scoped || c.State != Running) || b.NextAt.After(s.Now()) {
			return nil
		}
		if err := s.deliver(ctx, r, *b); err != nil {
			return err
		}
		var after Batch
		if err := s.DB.Read(ctx, func(q database.Querier) (err error) { after, err = batchOf(q, b.ID); return err }); err != nil {
			return err
		}
		if after.State == Ready {
			return nil
		}
	}
}

// Leaving notes, in the transaction that begins somebody's erasure, that every
// recipient is told to delete what it has of them (L3, GDPR Art. 17(2), 19): by
// reference, since nothing else will be known.
func (s *Service) Leaving(tx *database.Tx, person vault.PersonID) error {
	all, err := record.All(s.Records, tx, Passes, person)
	if err != nil {
		return err
	}
	for i := range all {
		p := &all[i].Value
		if p.Since.IsZero() || p.State != Standing && p.State != Restricted {
			continue
		}
		l := Line{Recipient: int64(all[i].ID), Reference: p.Reference, Event: Leave, Why: Erased, person: person}
		if err := insertLine(tx, &l); err != nil {
			return err
		}
		p.took(Step{Event: Leave})
		if err := record.Put(s.Records, tx, Passes, person, all[i].ID, p); err != nil {
			return err
		}
	}
	return nil
}
