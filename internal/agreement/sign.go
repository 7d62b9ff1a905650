package agreement

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Sign signs for a body by a mandate of one of its meetings: on the web, or with the
// scan of the printed paper that was signed by hand (N2). Only whoever holds the post
// now signs.
func (s *Service) Sign(ctx context.Context, by access.Actor, body unit.ID, w Signing) (Agreement, error) {
	m, scan := w.Mandate, w.Scan
	b, err := s.bodyOf(body)
	if err != nil {
		return Agreement{}, err
	}
	scope, held, err := s.require(ctx, by, &b, signs)
	if err != nil {
		return Agreement{}, err
	}
	if err := m.check(s.Access.Today()); err != nil {
		return Agreement{}, err
	}
	if scan != nil {
		if err := checkFile(scan); err != nil {
			return Agreement{}, err
		}
	}
	signature, err := s.signature(ctx, scope, held)
	if err != nil {
		return Agreement{}, err
	}
	signature.Mandate = m
	if scan != nil {
		signature.ScanHash = hex.EncodeToString(hash(scan))
	}
	var a Agreement
	return a, s.withKey(ctx, func(key vault.PersonID) error {
		return s.DB.Write(ctx, func(tx *database.Tx) error {
			if a, err = find(tx, body); err != nil {
				return err
			}
			if a.Number == 0 || a.State == Concluded {
				if a, err = s.open(tx, &b, Own); err != nil {
					return err
				}
			}
			if !a.State.May(Signed) {
				return fault.New(fault.Conflict, "agreement.error.state")
			}
			old := a.holder // of a paper that was sent back: it goes with the next sweep
			if a.Content, err = s.compose(tx, &b, a.Lang); err != nil {
				return err
			}
			content, err := json.Marshal(a.Content)
			if err != nil {
				return err
			}
			a.Version, a.Hash = Version(b.Kind), hash(content)
			if w.Read != "" && w.Read != hex.EncodeToString(a.Hash) {
				return fault.New(fault.Conflict, "agreement.error.changed")
			}
			a.State, a.SignedAt, a.signer, a.holder, a.Paper = Signed, tx.Now(), by.Person, key, scan != nil
			a.DueOn = s.Charter.Today(tx.Now()).AddDays(s.Charter.Agreements.ReceiveDays.Value)
			signature.At = tx.Now()
			d := Dossier{Body: signature}
			if err := record.Create(s.Records, tx, dossiers, key, uint64(a.Number), &d); err != nil {
				return err
			}
			if scan != nil {
				if err := record.Create(s.Records, tx, scans, key, uint64(a.Number), &file{scan}); err != nil {
					return err
				}
			}
			if err := s.mine(tx, by.Person, a.Number, &signature); err != nil {
				return err
			}
			if old != 0 {
				if err := s.leave(tx, &b, old); err != nil {
					return err
				}
			}
			if a.entry, err = s.note(tx, scope, journal.AgreementSign, &a, m.Meeting); err != nil {
				return err
			}
			if err := update(tx, &a); err != nil {
				return err
			}
			return s.tend(tx, &b, &a)
		})
	})
}

// leave keeps a key that is of no use any more in a row of its own, for the sweep.
func (s *Service) leave(tx *database.Tx, b *Bound, key vault.PersonID) error {
	gone, err := s.open(tx, b, Renewed)
	if err != nil {
		return err
	}
	gone.State, gone.EndedAt, gone.holder, gone.KeepUntil = Replaced, tx.Now(), key, s.Charter.Today(tx.Now()).AddDays(-1)
	return update(tx, &gone)
}

// signature is who signs and by which post.
func (s *Service) signature(ctx context.Context, scope access.Scope, held access.Holding) (Signature, error) {
	name, err := s.Members.OwnName(ctx, scope)
	if err != nil {
		return Signature{}, err
	}
	return Signature{Name: name, Function: s.function(held.Basis.Code), From: held.Basis.From, Until: held.Basis.Until}, nil
}

// function is a post or position in the association's own language.
func (s *Service) function(code string) string {
	lang := s.Charter.Languages[0]
	if p, known := s.Charter.Post(code); known {
		return p.Name.In(lang)
	}
	if p, known := s.Charter.Position(code); known {
		return p.Name.In(lang)
	}
	return code
}

// mine keeps, as a record of whoever signed, what they signed.
func (s *Service) mine(tx *database.Tx, person vault.PersonID, number int64, signature *Signature) error {
	return record.Put(s.Records, tx, signatures, person, uint64(number), signature)
}

// withKey makes a key for an agreement, key first.
func (s *Service) withKey(ctx context.Context, act func(key vault.PersonID) error) error {
	var key vault.PersonID
	err := s.Keyring.Write(ctx, func(tx *vault.Tx) (err error) {
		if key, err = tx.NewPerson(); err != nil {
			return err
		}
		return tx.Pending(key)
	})
	if err != nil {
		return err
	}
	after := context.WithoutCancel(ctx)
	if err := act(key); err != nil {
		return errors.Join(err, s.Keyring.Write(after, func(tx *vault.Tx) error { return tx.Drop(key) }))
	}
	return s.Keyring.Settle(after, key)
}

// step lets somebody with a part take an agreement from one state to the next.
func (s *Service) step(ctx context.Context, by access.Actor, number int64, p part, to State, act journal.Act, change func(a *Agreement, d *Dossier, own *Signature) error) (Agreement, error) {
	a, err := s.ByNumber(ctx, number)
	if err != nil {
		return a, err
	}
	b, err := s.bodyOf(a.Unit)
	if err != nil {
		return a, err
	}
	scope, held, err := s.require(ctx, by, &b, p)
	if err != nil {
		return a, err
	}
	signature, err := s.signature(ctx, scope, held)
	if err != nil {
		return a, err
	}
	return a, s.DB.Write(ctx, func(tx *database.Tx) error {
		all, err := agreements(tx, `number = $1`, number)
		if err != nil {
			return err
		}
		if a = all[0]; !a.State.May(to) {
			return fault.New(fault.Conflict, "agreement.error.state")
		}
		var d Dossier
		if err := record.Get(s.Records, tx, dossiers, a.holder, uint64(a.Number), &d); err != nil {
			return err
		}
		signature.At = tx.Now()
		if err := change(&a, &d, &signature); err != nil {
			return err
		}
		a.State = to
		if err := record.Put(s.Records, tx, dossiers, a.holder, uint64(a.Number), &d); err != nil {
			return err
		}
		if to != Returned {
			if err := s.mine(tx, by.Person, a.Number, &signature); err != nil {
				return err
			}
		}
		entry, err := s.note(tx, scope, act, &a, "")
		if err != nil {
			return err
		}
		if to == Countersigned {
			a.entry = entry
		}
		if err := update(tx, &a); err != nil {
			return err
		}
		return s.tend(tx, &b, &a)
	})
}

// Accept is the law committee's yes: on to the countersigning (N2). With a paper it says
// that the scan is the paper, signed.
func (s *Service) Accept(ctx context.Context, by access.Actor, number int64) (Agreement, error) {
	return s.step(ctx, by, number, receives, Accepted, journal.AgreementAccept, func(a *Agreement, d *Dossier, own *Signature) error {
		if by.Person == a.signer {
			return fault.New(fault.Denied, "agreement.error.own")
		}
		a.AcceptedAt, a.looked, d.Looked = own.At, by.Person, *own
		a.DueOn = s.Charter.Today(own.At).AddDays(s.Charter.Agreements.ReceiveDays.Value)
		return nil
	})
}

// Return sends an agreement back to its body with reasons (N2).
func (s *Service) Return(ctx context.Context, by access.Actor, number int64, why string) (Agreement, error) {
	why, err := reason(why)
	if err != nil {
		return Agreement{}, err
	}
	return s.step(ctx, by, number, receives, Returned, journal.AgreementReturn, func(a *Agreement, d *Dossier, own *Signature) error {
		d.Returned = why
		a.DueOn = s.Charter.Today(own.At).AddDays(s.Charter.Agreements.AnswerDays.Value)
		return nil
	})
}

// Countersign signs for the other side, and has the sealed PDF made that both hold (N2).
// Nobody countersigns what they signed for the body.
func (s *Service) Countersign(ctx context.Context, by access.Actor, number int64) (Agreement, error) {
	a, err := s.step(ctx, by, number, countersigns, Countersigned, journal.AgreementConclude, func(a *Agreement, d *Dossier, own *Signature) error {
		if by.Person == a.signer {
			return fault.New(fault.Denied, "agreement.error.own")
		}
		a.counter, d.Other, a.ConcludedAt = by.Person, *own, own.At
		return nil
	})
	if err != nil {
		return a, err
	}
	return s.conclude(context.WithoutCancel(ctx), a)
}

// Sealed gives the sealed PDF to those who have a part: both sides hold it (N2). That
// it was fetched is journaled.
func (s *Service) Sealed(ctx context.Context, by access.Actor, number int64) ([]byte, error) {
	return s.fetch(ctx, by, number, papers)
}

// Scan gives the paper as it was signed by hand.
func (s *Service) Scan(ctx context.Context, by access.Actor, number int64) ([]byte, error) {
	return s.fetch(ctx, by, number, scans)
}

func (s *Service) fetch(ctx context.Context, by access.Actor, number int64, kind *record.Kind[file]) ([]byte, error) {
	a, err := s.ByNumber(ctx, number)
	if err != nil {
		return nil, err
	}
	b, err := s.bodyOf(a.Unit)
	if err != nil {
		return nil, err
	}
	scope, _, err := s.require(ctx, by, &b, signs, receives, countersigns)
	if err != nil {
		return nil, err
	}
	var f file
	err = s.DB.Read(ctx, func(q database.Querier) error {
		return record.Get(s.Records, q, kind, a.holder, uint64(a.Number), &f)
	})
	if errors.Is(err, database.ErrNotFound) || errors.Is(err, vault.ErrErased) {
		return nil, fault.New(fault.NotFound, "agreement.error.no_file")
	}
	if err != nil {
		return nil, err
	}
	e := scope.Entry(journal.AgreementFetch)
	e.Persons, e.Number, e.Target = a.persons(), a.Number, uint32(a.Unit)
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return nil, err
	}
	return f.content, nil
}
