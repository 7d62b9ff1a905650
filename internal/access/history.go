package access

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Access over time (D3). Beside the records, which go with the person, stands a
// history of who could open anything when: person id, role, body, days, and a
// word for how it began and ended; no name and no ground. It is written in the
// transaction of each act, so that it tells what Decide did and not what a
// record says later. When somebody is erased, role, body and days stay as long
// as the charter says, and the person becomes nobody: no id is left, and no
// sign by which two posts of the same erased person could be put together.
// Only the days of one post keep a common mark, which leads nowhere else.

// Words of the history: how an access began, and what ended it before its last
// day. They are told by the catalogue under access.history.
const (
	wordAppointed  = "appointed"
	wordHandover   = "handover"   // elected; entered on the evening of the meeting
	wordEmployed   = "employed"   //
	wordCover      = "cover"      // covers a post
	wordSubstitute = "substitute" // stepped in
	wordGranted    = "granted"    // documented access, by the body's decision
	wordResumed    = "resumed"    // a review's suspension was lifted
	wordReopened   = "reopened"   // what a review had ended was given back
	wordReturned   = "returned"   // took the post back from the cover
	wordRestored   = "restored"   // a closing was undone
	wordCharter    = "charter"    // the rules changed
	wordBefore     = "before"     // stood in the register when the history began

	wordEnded   = "ended"
	wordCovered = "covered" // rests
	wordClosed  = "closed"  // the membership was closed (D7)
	wordHalted  = "halted"  // suspended by a review (D14)
	wordErased  = "erased"
)

// Past is an access somebody had, with its reason (D3).
type Past struct {
	Holding        // Person 0 and no Ground where the person is erased; From and Until are the days with access
	Began   string // a word of the history
	Ended   string // a word; "" where the term's last day ended it or it runs on
	Erased  bool
	mark    int64
	first   time.Time
}

// HistorySince is the first day of which the history tells what was, and not
// what the records said when it was begun.
func (r *Register) HistorySince(ctx context.Context) (civil.Date, error) {
	var at int64
	err := r.db.Read(ctx, func(q database.Querier) (err error) {
		at, err = historyBegun(q)
		return err
	})
	return r.charter.Today(time.UnixMicro(at)), err
}

// HoldersOn lists everybody who had access at any moment of a day and why, in
// the order of Holders; of a day to come, as it is decided now (D3). The Scope
// must have been decided for charter.Access; it limits the bodies.
func (r *Register) HoldersOn(ctx context.Context, s Scope, on civil.Date) ([]Past, error) {
	if !s.Allowed() || s.Act() != charter.Access {
		return nil, fault.New(fault.Denied, "access.denied.act", "act", charter.Access.String())
	}
	if !on.IsValid() {
		return nil, fault.New(fault.Invalid, "access.error.on").With("on", "access.error.on")
	}
	var all []Past
	err := r.db.Read(ctx, func(q database.Querier) error {
		rows, err := historyOn(q, on, r.charter.Midnight(on), r.charter.Midnight(on.AddDays(1)))
		if err != nil {
			return err
		}
		for i := range rows {
			if b := rows[i].basis(); s.All() || b.InBody() && s.Covers(b.Unit) {
				all = append(all, r.past(&rows[i]))
			}
		}
		all = folded(all)
		return r.grounds(q, all)
	})
	r.order(all)
	return all, err
}

// past puts a row of the history into words.
func (r *Register) past(row *chapter) Past {
	p := Past{
		Holding: Holding{Person: row.person, Basis: row.basis(), May: row.may}, Began: row.began, Ended: row.ended,
		Erased: row.person == 0, mark: row.mark, first: row.begunAt,
	}
	if begun := r.charter.Today(row.begunAt); p.Basis.From.Before(begun) && row.begunAt.Unix() > 0 {
		p.Basis.From = begun
	}
	if !row.endedAt.IsZero() {
		if ended := r.charter.Today(row.endedAt); p.Basis.Until.IsZero() || ended.Before(p.Basis.Until) {
			p.Basis.Until = ended
		}
	}
	return p
}

// folded makes one line of the runs of one holding, which an undone closing or
// a cover has broken on a day.
func folded(all []Past) []Past {
	slices.SortStableFunc(all, func(a, b Past) int { return cmp.Or(cmp.Compare(a.mark, b.mark), a.first.Compare(b.first)) })
	kept := all[:0]
	for _, p := range all {
		if n := len(kept); n > 0 && kept[n-1].mark == p.mark {
			before := kept[n-1]
			p.Basis.From, p.Began, p.first = before.Basis.From, before.Began, before.first
			kept[n-1] = p
			continue
		}
		kept = append(kept, p)
	}
	return kept
}

// grounds adds what the records of those who are still known say.
func (r *Register) grounds(q database.Querier, all []Past) error {
	for i := range all {
		p := &all[i]
		if p.Erased {
			continue
		}
		var err error
		switch p.Basis.Right {
		case ByPost:
			var a Appointment
			if err = record.Get(r.records, q, Appointments, p.Person, p.Basis.ID, &a); err == nil {
				p.Ground, p.By = a.Ground, a.By
			}
		case ByCover:
			var c Cover
			if err = record.Get(r.records, q, Covers, p.Person, p.Basis.ID, &c); err == nil {
				p.Ground, p.By, p.Basis.Of = c.Ground, c.By, c.Of
			}
		case ByGrant:
			var g Grant
			if err = record.Get(r.records, q, Granted, p.Person, p.Basis.ID, &g); err == nil {
				p.Ground, p.By, p.Grant = g.Task+"\n"+g.Ground, g.By, &g
			}
		default:
			var position Position
			if err = record.Get(r.records, q, Positions, p.Person, p.Basis.ID, &position); err == nil {
				p.Ground, p.By = position.Ground, position.By
			}
		}
		if gone(err) {
			err = nil // erased meanwhile: the row says so in a moment
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// order puts accesses in the order of list.
func (r *Register) order(all []Past) {
	tree := r.units.Tree()
	place := map[unit.ID]int{}
	for i, u := range tree.All() {
		place[u.ID] = i + 1
	}
	post := map[string]int{}
	for i := range r.charter.Posts {
		post[r.charter.Posts[i].Code] = i
	}
	slices.SortStableFunc(all, func(a, b Past) int {
		return cmp.Or(
			place[a.Basis.Unit]-place[b.Basis.Unit], post[a.Basis.Code]-post[b.Basis.Code], a.first.Compare(b.first),
			cmp.Compare(a.Basis.ID, b.Basis.ID), cmp.Compare(a.mark, b.mark),
		)
	})
}

// Forget leaves of an erased person's access role, body and days, in the
// transaction of whatever erases them, at the moment they were erased.
func (r *Register) Forget(tx *database.Tx, person vault.PersonID, at time.Time) error {
	return forget(tx, person, at, r.charter.Today(at))
}

// pruned is the day before which what the history tells is over, at a moment.
func (r *Register) pruned(by time.Time) civil.Date {
	today := r.charter.Today(by)
	return civil.Date{Year: today.Year - r.charter.HistoryYears, Month: today.Month, Day: min(today.Day, 28)}
}

// HistoryDue counts what the history tells longer than the charter's years by a
// moment, and all it tells.
func (r *Register) HistoryDue(ctx context.Context, by time.Time) (due, all int, err error) {
	before := r.pruned(by)
	err = r.db.Read(ctx, func(q database.Querier) error {
		due, all, err = countPruned(q, before, r.charter.Midnight(before))
		return err
	})
	return due, all, err
}

// Prune ends what the history tells when the charter's years were over by a moment,
// and says how much.
func (r *Register) Prune(ctx context.Context, by time.Time) (gone int, err error) {
	before := r.pruned(by)
	err = r.db.Write(ctx, func(tx *database.Tx) error {
		gone, err = prune(tx, before, r.charter.Midnight(before))
		return err
	})
	return gone, err
}

// HistoryOf tells how much the history tells of a person's posts, and when the last
// of what is over ends.
func (r *Register) HistoryOf(ctx context.Context, person vault.PersonID) (count int, err error) {
	err = r.db.Read(ctx, func(q database.Querier) error {
		var n int64
		err := q.QueryRow(`SELECT COUNT(*) FROM access_history WHERE person = $1`, int64(person)).Scan(&n)
		count = int(n)
		return err
	})
	return count, err
}

// chronicle brings the history of one holding up to what will be after the act:
// what runs now goes on or is cut, what was to come is said anew.
func (r *Register) chronicle(tx *database.Tx, person vault.PersonID, h *holding, next *snapshot, how string) error {
	now, today := tx.Now(), day(r.charter.Today(tx.Now()))
	open, err := openChapters(tx, h.basis.ID)
	if err != nil {
		return err
	}
	plan := next.plan(h, today)
	acts := h.may
	var running *chapter
	var mark int64
	for i := range open {
		c := &open[i]
		mark = c.mark
		first, last := term(c.from, c.until)
		switch {
		case last < today: // over; what it said stands
		case first > today:
			if err := removeChapter(tx, c.id); err != nil {
				return err
			}
		default:
			running = c
		}
	}
	if mark == 0 {
		if mark, err = lastMark(tx, h.basis.ID); err != nil {
			return err
		}
	}
	active := len(plan) > 0 && plan[0].first <= today
	if running != nil && (!active || running.may != acts) {
		ended := how
		if active {
			ended = wordCharter
		}
		if err := cutChapter(tx, running.id, now, ended); err != nil {
			return err
		}
		running = nil
	}
	for i, s := range plan {
		if i == 0 && active && running != nil {
			if err := extendChapter(tx, running.id, dateOf(s.last)); err != nil {
				return err
			}
			continue
		}
		c := chapter{
			holding: h.basis.ID, person: person, right: h.basis.Right, code: h.basis.Code, unit: h.basis.Unit, may: acts,
			from: dateOf(s.first), until: dateOf(s.last), begunAt: now, began: how, mark: mark, planned: h.basis.Until,
		}
		if how == wordCovered || i > 0 {
			c.began = wordReturned
		}
		if i == 0 && active {
			c.from = h.basis.From
		}
		if mark, err = insertChapter(tx, &c); err != nil {
			return err
		}
	}
	return nil
}
