package review

import (
	"context"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Daily does what is due in reviews: it opens the one the charter calls for, also where
// nobody ran the program on its day; settles lines whose access has ended by itself;
// warns; suspends what nobody answered; and ends what stayed suspended. Each is done
// once, whenever it is called and however often.
func (s *Service) Daily(ctx context.Context) error {
	if err := s.openDue(ctx); err != nil {
		return err
	}
	var running []Review
	if err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		running, err = reviews(q, `WHERE closed_at IS NULL ORDER BY id`)
		return err
	}); err != nil {
		return err
	}
	today := s.Access.Today()
	for i := range running {
		r := &running[i]
		if err := s.settle(ctx, r.ID); err != nil {
			return err
		}
		if r.warns(today) {
			if err := s.warn(ctx, r, today); err != nil {
				return err
			}
		}
		if r.suspends(today) {
			if err := s.suspend(ctx, r); err != nil {
				return err
			}
		}
		if err := s.expire(ctx, r, today); err != nil {
			return err
		}
	}
	return s.unfixed(ctx)
}

// openDue opens the review of the charter's newest day, once, and not for days before
// this register was. While another is open it waits for that one's end.
func (s *Service) openDue(ctx context.Context) error {
	on := s.Charter.ReviewDay(s.Access.Today())
	since, err := s.Access.HistorySince(ctx)
	if err != nil || on.IsZero() || !since.Before(on) {
		return err
	}
	var there []Review
	if err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		there, err = reviews(q, `WHERE scheduled >= $1 OR closed_at IS NULL`, on.String())
		return err
	}); err != nil || len(there) > 0 {
		return err
	}
	_, err = s.open(ctx, Review{Scheduled: on}, system(journal.ReviewOpen), "")
	if fault.Is(err, fault.Conflict) { // somebody opened one meanwhile
		return nil
	}
	return err
}

// unfixed notes the hash of reports whose review was closed just before a stop.
func (s *Service) unfixed(ctx context.Context) error {
	var all []Review
	if err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		all, err = reviews(q, `WHERE closed_at IS NOT NULL AND hash IS NULL`)
		return err
	}); err != nil {
		return err
	}
	for i := range all {
		if err := s.fix(ctx, &all[i]); err != nil {
			return err
		}
	}
	return nil
}

// settle brings lines up to what became of their access by itself: it ended, its holder
// is gone or is leaving; or a closing was undone and it is there again.
func (s *Service) settle(ctx context.Context, id int64) error {
	all, _, err := s.lines(ctx, id)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		changed := false
		for i := range all {
			l := &all[i]
			to := Lapsed
			lives := s.lives(l)
			switch {
			case !l.State.Settled() && !lives:
			case l.State == Lapsed && lives:
				to = Open
			default:
				continue
			}
			if err := s.again(tx, l, to); err != nil {
				if fault.Is(err, fault.Conflict) {
					continue
				}
				return err
			}
			if err := setState(tx, l.ID, to); err != nil {
				return err
			}
			if to == Lapsed && l.Evidence != nil && s.Keyring.Holds(l.Person, vault.Membership) {
				if err := s.Access.Resume(tx, l.Person, l.Evidence.Holding); err != nil { // nothing stays suspended that is over
					return err
				}
			}
			changed = true
		}
		if !changed {
			return nil
		}
		return s.discharge(tx, id, 0)
	})
}

// lives reports whether the access of a line is there, suspended or not.
func (s *Service) lives(l *Line) bool {
	if l.Evidence == nil || s.Directory.Leaving(l.Person) {
		return false
	}
	h, there := s.Access.Lookup(l.Evidence.Holding)
	return there && h.Person == l.Person
}

// unanswered are the open lines of a review.
func (s *Service) unanswered(ctx context.Context, id int64, state State) ([]Line, error) {
	all, _, err := s.lines(ctx, id)
	if err != nil {
		return nil, err
	}
	var open []Line
	for i := range all {
		if all[i].State == state && all[i].Evidence != nil {
			open = append(open, all[i])
		}
	}
	return open, nil
}

// warn tells holders, and those who can answer, what comes and when, with the letters
// and the day in one transaction.
func (s *Service) warn(ctx context.Context, r *Review, today civil.Date) error {
	open, err := s.unanswered(ctx, r.ID, Open)
	if err != nil {
		return err
	}
	on := r.SuspendOn
	if soonest := today.AddDays(warned); on.Before(soonest) {
		on = soonest
	}
	post := newPost(s)
	waiting := map[unit.ID]int{}
	for i := range open {
		l := &open[i]
		post.to(ctx, l.Person, "review.mail.warn", "as", l, "date", on)
		waiting[s.asked(l)]++
	}
	for body, n := range waiting {
		for _, person := range s.answerers(body) {
			post.to(ctx, person, "review.mail.answer", "count", n, "body", body, "date", on)
		}
	}
	return post.send(ctx, func(tx *database.Tx) error {
		r.WarnedOn = today
		_, err := tx.Exec(`UPDATE review SET warned_on = $2 WHERE id = $1`, r.ID, day(today))
		return err
	})
}

// answerers are those who are asked for a body; 0 is the secretariat.
func (s *Service) answerers(body unit.ID) []vault.PersonID {
	if body != 0 {
		return s.Access.Officers(body, lookThrough)
	}
	var all []vault.PersonID
	for _, k := range s.keepers() {
		if k.answers {
			all = append(all, k.person)
		}
	}
	return all
}

// suspend suspends what nobody answered (D14), but the last who can answer for the
// whole register and the last who can give positions.
func (s *Service) suspend(ctx context.Context, r *Review) error {
	open, err := s.unanswered(ctx, r.ID, Open)
	if err != nil || len(open) == 0 {
		return err
	}
	var candidates []uint64
	used := map[uint64]civil.Date{}
	for i := range open {
		e := open[i].Evidence
		candidates = append(candidates, e.Holding)
		if used[e.Holding] = e.Used; e.SignedIn.After(e.Used) {
			used[e.Holding] = e.SignedIn
		}
	}
	kept := spared(s.keepers(), candidates, used)
	post := newPost(s)
	var lines []*Line
	bodies := map[unit.ID]int{}
	for i := range open {
		if l := &open[i]; !kept[l.Evidence.Holding] {
			lines = append(lines, l)
			bodies[l.Unit]++
			post.to(ctx, l.Person, "review.mail.suspended", "as", l, "date", s.Access.Today().AddDays(s.Charter.Review.EndDays.Value))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return s.inForce(ctx, post, bodies, "review.mail.suspended_body", func(tx *database.Tx) error {
		for _, l := range lines {
			if err := s.again(tx, l, Suspended); err != nil {
				return err
			}
			if err := s.Access.Halt(tx, l.Person, l.Evidence.Holding, r.ID); err != nil {
				return err
			}
			if err := s.told(tx, l, Suspended); err != nil {
				return err
			}
		}
		return nil
	})
}

// inForce tells a body's remaining officers, or the secretariat, and does the act.
func (s *Service) inForce(ctx context.Context, post *letters, bodies map[unit.ID]int, key string, act func(tx *database.Tx) error) error {
	told := map[vault.PersonID]bool{}
	for body, n := range bodies {
		for _, person := range append(s.answerers(body), s.answerers(0)...) {
			if body != 0 && told[person] {
				continue
			}
			told[person] = true
			post.to(ctx, person, key, "count", n, "body", body)
		}
	}
	return post.send(ctx, act)
}

// told journals what happened to a line by itself and sets its state.
func (s *Service) told(tx *database.Tx, l *Line, to State) error {
	e := system(journal.ReviewSuspend, l.Person)
	e.Target, e.Number, e.Reason = uint32(l.Unit), l.Review, string(to)
	if _, err := s.Journal.Append(tx, &e); err != nil {
		return err
	}
	l.State = to
	return setState(tx, l.ID, to)
}

// expire ends what stayed suspended without an answer.
func (s *Service) expire(ctx context.Context, r *Review, today civil.Date) error {
	open, err := s.unanswered(ctx, r.ID, Suspended)
	if err != nil {
		return err
	}
	post := newPost(s)
	var lines []*Line
	bodies := map[unit.ID]int{}
	for i := range open {
		l := &open[i]
		if h, there := s.Access.Lookup(l.Evidence.Holding); there && expires(s.Charter, h.Halted, today) {
			lines = append(lines, l)
			bodies[l.Unit]++
			post.to(ctx, l.Person, "review.mail.expired", "as", l)
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return s.inForce(ctx, post, bodies, "review.mail.expired_body", func(tx *database.Tx) error {
		for _, l := range lines {
			if err := s.again(tx, l, Expired); err != nil {
				return err
			}
			if err := s.end(tx, system(journal.Dismiss, l.Person), l, ""); err != nil {
				return err
			}
			if err := s.told(tx, l, Expired); err != nil {
				return err
			}
			if err := s.put(tx, l, &Answer{Review: l.Review, Line: l.ID, To: Expired, At: tx.Now(), Until: l.Evidence.Until}, 0); err != nil {
				return err
			}
		}
		return nil
	})
}

// letters are gathered before an act and sent with it.
type letters struct {
	s   *Service
	all []Letter
	err error
}

func newPost(s *Service) *letters { return &letters{s: s} }

// to writes to somebody. Of the pairs a line is told as its role and body, a body by
// its name, and a day as people write it.
func (p *letters) to(ctx context.Context, person vault.PersonID, key string, pairs ...any) {
	if p.err != nil || p.s.Directory.Leaving(person) {
		return
	}
	letter, err := p.s.Letters.Write(ctx, person, func(words *locale.Printer) string {
		said := make([]any, len(pairs))
		for i, v := range pairs {
			switch v := v.(type) {
			case *Line:
				said[i] = p.s.Role(words, v.Basis())
			case unit.ID:
				said[i] = p.s.BodyName(words, v)
			case civil.Date:
				said[i] = words.Date(v)
			default:
				said[i] = v
			}
		}
		return words.T(key, said...)
	})
	if p.err = err; err == nil && letter != nil {
		p.all = append(p.all, letter)
	}
}

// send does an act and enqueues what was written, or neither.
func (p *letters) send(ctx context.Context, act func(tx *database.Tx) error) error {
	if p.err != nil {
		return p.err
	}
	return p.s.DB.Write(ctx, func(tx *database.Tx) error {
		if err := act(tx); err != nil {
			return err
		}
		for _, letter := range p.all {
			if err := letter(tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// Role names a right with its body: "chair, Aalborg".
func (s *Service) Role(p *locale.Printer, b access.Basis) string {
	name := s.RoleName(p, b)
	if b.Unit == 0 {
		return name
	}
	return p.T("review.role", "role", name, "body", s.BodyName(p, b.Unit))
}

// RoleName names a right without its body.
func (s *Service) RoleName(p *locale.Printer, b access.Basis) string {
	return s.Access.Title(p, b)
}

// BodyName names a body; 0 is the secretariat.
func (s *Service) BodyName(p *locale.Printer, body unit.ID) string {
	if u, known := s.Units.Tree().ByID(body); known {
		return u.Name
	}
	return p.T("review.secretariat")
}

// due is the moment before which a review must have been closed to be forgotten at one.
func (s *Service) due(r *Review, by time.Time) bool {
	return r.Closed() && r.ClosedAt.AddDate(s.Charter.Review.Years.Value, 0, 0).Before(by)
}
