package notice

import (
	"context"
	"crypto/hmac"
	"encoding/base32"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// List is a list somebody stands on, as far as notices must know it.
type List struct {
	Number    int64
	Fields    []string
	Destroyed bool // by whoever pulled it
}

// Lists knows who stands on which list, and where.
type Lists interface {
	Holding(ctx context.Context, person vault.PersonID) ([]List, error)
	LinesOn(ctx context.Context, number int64, persons []vault.PersonID) (map[vault.PersonID]int, error)
	// Mine reports whether somebody holds a list themselves.
	Mine(ctx context.Context, by access.Actor, number int64) (bool, error)
}

// Eraser takes away who answered at a holder, key first, with the letters to them.
type Eraser interface {
	Discard(ctx context.Context, person vault.PersonID) error
}

// Letters write to a holder. The mail points and never names (L1, L3).
type Letters interface {
	Notice(ctx context.Context, h *Holder, n *Notice, key string, again bool) (Letter, error)
}

// Letter is sealed and puts itself into the outbox in the act's own transaction.
type Letter func(tx *database.Tx) error

// Parts are what notices are put together from.
type Parts struct {
	Charter *charter.Charter
	DB      *database.DB
	Keyring *vault.Keyring
	Records *record.Store
	Journal *journal.Journal
	Access  *access.Register
	Duties  *duty.Engine
	Units   func(person vault.PersonID) []unit.ID
	Lists   Lists
	Eraser  Eraser
	Letters Letters
	Now     func() time.Time
}

// Service does the acts of notices.
type Service struct {
	Parts
	resolving chan struct{} // capacity one
}

// New makes a Service.
func New(p Parts) *Service { return &Service{p, make(chan struct{}, 1)} }

// Change is what happened to somebody.
type Change struct {
	Person vault.PersonID
	Why    Why
	Fields []string // what was corrected, by code
}

// Changed has every holder told of what happened to somebody, in the transaction of
// the act that did it. Who holds a list is looked up afterwards; who gets every
// entry of some bodies is noted now, since nobody knows the bodies of somebody who
// is gone.
func (s *Service) Changed(tx *database.Tx, all ...Change) error {
	if len(all) == 0 {
		return nil
	}
	told, err := holders(tx, `WHERE ended_at IS NULL AND tells = $1 ORDER BY id`, string(ByEntry))
	if err != nil {
		return err
	}
	out, err := anyList(tx)
	if err != nil {
		return err
	}
	for i := range all {
		c := &all[i]
		var bodies []unit.ID
		if len(told) > 0 {
			bodies = s.Units(c.Person)
		}
		for j := range told {
			h := &told[j]
			if !h.within(bodies) || !concerns(h.Fields, c.Why, c.Fields) {
				continue
			}
			if err := insertLine(tx, h.ID, &Line{Why: c.Why, Fields: shown(h.Fields, c.Fields), At: tx.Now(), person: c.Person}); err != nil {
				return err
			}
		}
		if !out {
			continue
		}
		if err := insertChange(tx, c.Person, c.Why, c.Fields); err != nil {
			return err
		}
	}
	return nil
}

// atOnce is how many changes are resolved in one transaction.
const atOnce = 500

// Resolve finds the lists on which whoever changed stands, and the lines there.
func (s *Service) Resolve(ctx context.Context) error {
	s.resolving <- struct{}{}
	defer func() { <-s.resolving }()
	for {
		var all []change
		err := s.DB.Read(ctx, func(q database.Querier) (err error) {
			all, err = changes(q, atOnce)
			return err
		})
		if err != nil || len(all) == 0 {
			return err
		}
		if err := s.resolve(ctx, all); err != nil {
			return err
		}
	}
}

func (s *Service) resolve(ctx context.Context, all []change) error {
	lists := map[vault.PersonID][]List{}
	on := map[int64][]vault.PersonID{}
	for i := range all {
		person := all[i].person
		if _, known := lists[person]; known {
			continue
		}
		found, err := s.Lists.Holding(ctx, person)
		if err != nil {
			return err
		}
		lists[person] = found
		for _, l := range found {
			on[l.Number] = append(on[l.Number], person)
		}
	}
	at := map[int64]map[vault.PersonID]int{}
	for number, persons := range on {
		found, err := s.Lists.LinesOn(ctx, number, persons)
		if err != nil {
			return err
		}
		at[number] = found
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		held := map[int64][]Holder{}
		for i := range all {
			c := &all[i]
			for _, l := range lists[c.person] {
				if _, known := held[l.Number]; !known {
					found, err := holders(tx, `WHERE tells <> $2 AND ended_at IS NULL AND id IN (SELECT holder FROM holder_list WHERE list = $1 AND gone_at IS NULL) ORDER BY id`,
						l.Number, string(Never))
					if err != nil {
						return err
					}
					held[l.Number] = found
				}
				if !concerns(l.Fields, c.why, c.fields) {
					continue
				}
				line := Line{List: l.Number, Line: at[l.Number][c.person], Why: c.why, Fields: shown(l.Fields, c.fields), At: c.at, person: c.person}
				if !l.Destroyed { // one's own officers find it on the list's page
					if err := insertLine(tx, 0, &line); err != nil {
						return err
					}
				}
				for j := range held[l.Number] {
					if err := insertLine(tx, held[l.Number][j].ID, &line); err != nil {
						return err
					}
				}
			}
			if _, err := tx.Exec(`DELETE FROM notice_change WHERE id = $1`, c.id); err != nil {
				return err
			}
		}
		return nil
	})
}

// Send tells every holder of what it has not been told yet, in one mail each, and
// reminds those who have not answered. It says how many mails were written.
func (s *Service) Send(ctx context.Context) (count int, err error) {
	if err := s.Resolve(ctx); err != nil {
		return 0, err
	}
	waiting, err := s.holders(ctx, `WHERE id IN (SELECT holder FROM notice_line WHERE notice IS NULL AND holder <> 0) ORDER BY id`)
	if err != nil {
		return 0, err
	}
	var failed error
	for i := range waiting {
		if err := s.tell(ctx, &waiting[i]); err != nil {
			failed = errors.Join(failed, err) // one that cannot be told keeps nobody waiting
			continue
		}
		count++
	}
	reminded, err := s.remind(ctx)
	return count + reminded, errors.Join(failed, err)
}

func (s *Service) tell(ctx context.Context, h *Holder) error {
	n := Notice{Holder: h.ID, Name: h.Name, Country: h.Country, State: Told}
	var last int64 // lines that come meanwhile wait for the next
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		if err = q.QueryRow(`SELECT MAX(id) FROM notice_line WHERE holder = $1 AND notice IS NULL`, h.ID).Scan(&last); err != nil {
			return err
		}
		n.Lines, err = s.linesOf(q, `WHERE holder = $1 AND notice IS NULL AND id <= $2 ORDER BY list, line, id`, h.ID, last)
		return err
	})
	if err != nil {
		return err
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) (err error) {
		n.ID, err = tx.Next("notice") // the mail names it
		return err
	})
	if err != nil {
		return err
	}
	letter, err := s.Letters.Notice(ctx, h, &n, s.key(n.ID), false)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(`INSERT INTO notice (id, holder, state, told_at) VALUES ($1, $2, $3, $4)`, n.ID, h.ID, string(Told), tx.Now().UnixMicro()); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE notice_line SET notice = $3 WHERE holder = $1 AND notice IS NULL AND id <= $2`, h.ID, last, n.ID); err != nil {
			return err
		}
		d := duty.Duty{Kind: duty.TellRecipient, Subject: n.ID, Act: charter.Edit.String(), DueOn: s.Charter.Today(tx.Now()).AddDays(answerDays)}
		if _, err := s.Duties.Add(tx, d); err != nil {
			return err
		}
		e := journal.Entry{Act: journal.Tell, Right: string(access.System), Via: string(access.System), Number: n.ID, Persons: personsOf(n.Lines)}
		if _, err := s.Journal.Append(tx, &e); err != nil {
			return err
		}
		return letter(tx)
	})
}

func personsOf(lines []Line) *roaring.Bitmap {
	all := roaring.New()
	for i := range lines {
		all.Add(uint32(lines[i].person))
	}
	return all
}

// remind writes once more to those who have not answered for a week.
func (s *Service) remind(ctx context.Context) (count int, err error) {
	var late []Notice
	err = s.DB.Read(ctx, func(q database.Querier) (err error) {
		late, err = notices(q, `WHERE notice.state = $1 AND notice.reminded_at IS NULL AND notice.told_at <= $2 ORDER BY notice.id`,
			string(Told), s.Now().AddDate(0, 0, -remindDays).UnixMicro())
		return err
	})
	if err != nil {
		return 0, err
	}
	var failed error
	for i := range late {
		if err := s.again(ctx, &late[i]); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		count++
	}
	return count, failed
}

// again sends a notice once more.
func (s *Service) again(ctx context.Context, n *Notice) error {
	to, err := s.holders(ctx, `WHERE id = $1`, n.Holder)
	if err != nil || len(to) == 0 {
		return err
	}
	if n.Lines == nil {
		if err := s.DB.Read(ctx, func(q database.Querier) (err error) {
			n.Lines, err = s.linesOf(q, `WHERE notice = $1 ORDER BY list, line, id`, n.ID)
			return err
		}); err != nil {
			return err
		}
	}
	letter, err := s.Letters.Notice(ctx, &to[0], n, s.key(n.ID), true)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(`UPDATE notice SET reminded_at = $2 WHERE id = $1`, n.ID, tx.Now().UnixMicro()); err != nil {
			return err
		}
		return letter(tx)
	})
}

// linesOf reads lines, with an entry's own number where a holder knows it by that.
func (s *Service) linesOf(q database.Querier, rest string, args ...any) ([]Line, error) {
	all, _, err := lines(q, rest, args...)
	for i := range all {
		if all[i].List == 0 {
			all[i].Entry = s.Keyring.PublicID(all[i].person)
		}
	}
	return all, err
}

var code = base32.StdEncoding.WithPadding(base32.NoPadding)

// key is the secret of a notice's page: made from its number and a secret of the
// keyring, and kept nowhere.
func (s *Service) key(id int64) string {
	sum := s.Keyring.MAC("notice.key", strconv.AppendInt(nil, id, 10))
	return strconv.FormatInt(id, 10) + "-" + strings.ToLower(code.EncodeToString(sum[:15]))
}

// ByKey gives a notice to whoever has the link in its mail. It spends nothing.
func (s *Service) ByKey(ctx context.Context, key string) (Notice, error) {
	number, _, _ := strings.Cut(key, "-")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || !hmac.Equal([]byte(key), []byte(s.key(id))) {
		return Notice{}, fault.New(fault.NotFound, "notice.error.key")
	}
	return s.get(ctx, id)
}

func (s *Service) get(ctx context.Context, id int64) (n Notice, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		found, err := notices(q, `WHERE notice.id = $1`, id)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fault.New(fault.NotFound, "notice.error.key")
		}
		if err := s.name(q, found); err != nil {
			return err
		}
		n = found[0]
		n.Lines, err = s.linesOf(q, `WHERE notice = $1 ORDER BY list, line, id`, id)
		return err
	})
	return n, err
}

// Acknowledge takes the word of a holder that it did what a notice asks, by the
// link in its mail. To press twice changes nothing.
func (s *Service) Acknowledge(ctx context.Context, key string) (Notice, error) {
	n, err := s.ByKey(ctx, key)
	if err != nil || n.State == Acknowledged {
		return n, err
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		e := journal.Entry{Act: journal.Acknowledge, Right: string(access.System), Via: string(access.Web)}
		return s.settleIn(tx, &e, n.ID, Acknowledged, 0)
	})
	if err != nil {
		return n, err
	}
	return s.get(ctx, n.ID)
}

// settleIn moves a notice on, in a transaction of its own act.
func (s *Service) settleIn(tx *database.Tx, e *journal.Entry, id int64, next State, by vault.PersonID) error {
	found, err := notices(tx, `WHERE notice.id = $1`, id)
	if err != nil {
		return err
	}
	switch {
	case len(found) == 0:
		return fault.New(fault.NotFound, "notice.error.key")
	case found[0].State == next:
		return nil
	case !found[0].State.canBecome(next):
		return fault.New(fault.Conflict, "notice.error.state")
	}
	if err := settle(tx, id, next, by); err != nil {
		return err
	}
	if _, err := s.Duties.Finish(tx, duty.TellRecipient, id, by, string(next)); err != nil {
		return err
	}
	e.Number, e.Reason = id, "notice.state."+string(next)
	_, err = s.Journal.Append(tx, e)
	return err
}
