package notice

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Orders are the ways notices can be sorted.
var Orders = []string{"open", "told", "holder"}

var orders = map[string]string{
	"open":   `ORDER BY CASE WHEN notice.state = 'told' THEN 0 ELSE 1 END, notice.told_at, notice.id`,
	"told":   `ORDER BY notice.told_at DESC, notice.id DESC`,
	"holder": `ORDER BY holder.name, notice.id DESC`,
}

// List gives a page of notices to the secretariat.
func (s *Service) List(ctx context.Context, by access.Actor, order string, page, size int) (Page, error) {
	if _, err := s.require(ctx, by); err != nil {
		return Page{}, err
	}
	if err := s.Resolve(ctx); err != nil {
		return Page{}, err
	}
	if orders[order] == "" {
		order = Orders[0]
	}
	var p Page
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		if p.All, p.Open, err = countNotices(q); err != nil {
			return err
		}
		if p.Notices, err = notices(q, orders[order]+` LIMIT $1 OFFSET $2`, int64(size), int64(max(page-1, 0)*size)); err != nil {
			return err
		}
		return s.name(q, p.Notices)
	})
	return p, err
}

// Tally is how many holders there are, and how many of what they were told they
// have not answered.
type Tally struct {
	Holders, Notices, Open int
	Late                   int // of those that are open, told longer ago than a holder is given
}

// Count tells it, without saying who or about whom; it is not journaled.
func (s *Service) Count(ctx context.Context) (t Tally, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		var held, late int64
		if err := q.QueryRow(`SELECT COUNT(*) FROM holder WHERE ended_at IS NULL AND role <> 'handout'`).Scan(&held); err != nil {
			return err
		}
		given := s.Now().AddDate(0, 0, -answerDays).UnixMicro()
		if err := q.QueryRow(`SELECT COUNT(*) FROM notice WHERE state = 'told' AND told_at < $1`, given).Scan(&late); err != nil {
			return err
		}
		t.Holders, t.Late = int(held), int(late)
		t.Notices, t.Open, err = countNotices(q)
		return err
	})
	return t, err
}

// Read gives one notice with its lines and, where the holder would not, why.
func (s *Service) Read(ctx context.Context, by access.Actor, id int64) (Notice, error) {
	if _, err := s.require(ctx, by); err != nil {
		return Notice{}, err
	}
	n, err := s.get(ctx, id)
	if err != nil || n.State != Refused && n.State != Effort {
		return n, err
	}
	var g Ground
	err = s.DB.Read(ctx, func(q database.Querier) error {
		found, err := holders(q, `WHERE id = $1`, n.Holder)
		if err != nil || len(found) == 0 {
			return err
		}
		err = record.Get(s.Records, q, Grounds, found[0].Person, uint64(id), &g)
		if errors.Is(err, database.ErrNotFound) || errors.Is(err, vault.ErrErased) {
			return nil // who answered there is gone, and what they said
		}
		return err
	})
	n.Ground = g.Text
	return n, err
}

// Settle takes down what a holder said by other ways than its link, or why it is
// not told any further: refusal and disproportionate effort have grounds (GDPR Art.
// 19).
func (s *Service) Settle(ctx context.Context, by access.Actor, id int64, next State, ground string) error {
	scope, err := s.require(ctx, by)
	if err != nil {
		return err
	}
	ground = strings.TrimSpace(ground)
	switch {
	case !slices.Contains(States[1:], next):
		return fault.New(fault.Invalid, "notice.error.settle").With("state", "notice.error.settle")
	case next != Acknowledged && len(ground) < 10:
		return fault.New(fault.Invalid, "notice.error.ground").With("ground", "notice.error.ground")
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		e := scope.Entry(journal.Acknowledge)
		if err := s.settleIn(tx, &e, id, next, by.Person); err != nil || next == Acknowledged {
			return err
		}
		found, err := holders(tx, `WHERE id = (SELECT holder FROM notice WHERE id = $1)`, id)
		if err != nil || len(found) == 0 {
			return err
		}
		return record.Put(s.Records, tx, Grounds, found[0].Person, uint64(id), &Ground{ground})
	})
}

// Again sends an open notice once more.
func (s *Service) Again(ctx context.Context, by access.Actor, id int64) error {
	if _, err := s.require(ctx, by); err != nil {
		return err
	}
	n, err := s.get(ctx, id)
	if err != nil {
		return err
	}
	if !n.Open() {
		return fault.New(fault.Conflict, "notice.error.state")
	}
	return s.again(ctx, &n)
}

// SendNow is Send, by the secretariat.
func (s *Service) SendNow(ctx context.Context, by access.Actor) (int, error) {
	if _, err := s.require(ctx, by); err != nil {
		return 0, err
	}
	return s.Send(ctx)
}

// Telling is what one holder was told about somebody.
type Telling struct {
	Line
	Holder  string
	Country string
	State   State // "" while it was not told yet
	ToldAt  time.Time
	DoneAt  time.Time
}

// About is who was told about somebody, the newest first: for the certificate of
// their erasure.
func (s *Service) About(ctx context.Context, person vault.PersonID) ([]Telling, error) {
	if err := s.Resolve(ctx); err != nil {
		return nil, err
	}
	var all []Telling
	err := s.DB.Read(ctx, func(q database.Querier) error {
		found, by, err := lines(q, `WHERE person = $1 AND holder <> 0 ORDER BY id DESC`, int64(person))
		if err != nil {
			return err
		}
		for i := range found {
			t := Telling{Line: found[i]}
			h, err := holders(q, `WHERE id = $1`, by[i])
			if err != nil || len(h) == 0 {
				return err
			}
			t.Country = h[0].Country
			if t.Holder, err = s.called(q, &h[0]); err != nil {
				return err
			}
			if found[i].notice != 0 {
				n, err := notices(q, `WHERE notice.id = $1`, found[i].notice)
				if err != nil {
					return err
				}
				if len(n) > 0 {
					t.State, t.ToldAt, t.DoneAt = n[0].State, n[0].ToldAt, n[0].DoneAt
				}
			}
			all = append(all, t)
		}
		return nil
	})
	return all, err
}

// Mine is who was told about whoever asks (CJEU C-154/21: recipients are named).
func (s *Service) Mine(ctx context.Context, scope access.Scope) ([]Telling, error) {
	person, self := scope.Self()
	if !self {
		return nil, fault.New(fault.Denied, "access.denied.none", "act", charter.View.String())
	}
	return s.About(ctx, person)
}

// Strike are the lines of a list that its own holders strike out or correct. It
// tells line numbers, to whoever was shown the list already.
func (s *Service) Strike(ctx context.Context, list int64) (all []Line, err error) {
	if err := s.Resolve(ctx); err != nil {
		return nil, err
	}
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, _, err = lines(q, `WHERE holder = 0 AND list = $1 ORDER BY line, id`, list)
		return err
	})
	return all, err
}
