package review

import (
	"context"
	"slices"
	"strings"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Progress is how far one body, or with 0 the secretariat, has come.
type Progress struct {
	Unit      unit.ID
	Lines     int
	Waiting   int // open or suspended
	Suspended int
	Confirmed int
	Ended     int // by an answer, or because nobody answered
	Left      int // of those that wait: nobody in the body can answer for them
}

// Overview is a review as a whole. It names nobody.
type Overview struct {
	Review  Review
	Bodies  []Progress // in the tree's order, the secretariat first
	States  map[State]int
	Numbers Numbers
	Before  map[string]int // the numbers of the whole in the review before it; nil for none
	Last    int64          // the number of that one
}

// List gives the reviews, the newest first, to whoever answers in any.
func (s *Service) List(ctx context.Context, by access.Actor) (all []Review, err error) {
	if _, err := s.Access.Require(ctx, by, access.Want{Act: charter.LookThrough}); err != nil {
		return nil, err
	}
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err = reviews(q, `ORDER BY id DESC`)
		return err
	})
	return all, err
}

// Overview tells how far a review has come, body by body, to whoever answers for the
// whole register; to somebody who answers for a body, that of theirs (D11).
func (s *Service) Overview(ctx context.Context, by access.Actor, id int64) (Overview, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.LookThrough})
	if err != nil {
		return Overview{}, err
	}
	o := Overview{States: map[State]int{}}
	if o.Review, err = s.get(ctx, id); err != nil {
		return o, err
	}
	all, _, err := s.lines(ctx, id)
	if err != nil {
		return o, err
	}
	at := map[unit.ID]int{}
	for i := range all {
		l := &all[i]
		if l.Unit == 0 && !scope.All() || l.Unit != 0 && !scope.Covers(l.Unit) {
			continue
		}
		n, known := at[l.Unit]
		if !known {
			n, at[l.Unit] = len(o.Bodies), len(o.Bodies)
			o.Bodies = append(o.Bodies, Progress{Unit: l.Unit})
		}
		o.Bodies[n].add(l, s)
		o.States[l.State]++
	}
	err = s.DB.Read(ctx, func(q database.Querier) error {
		if o.Numbers, err = numbers(q, id); err != nil {
			return err
		}
		if o.Last = int64(o.Numbers[0][countLast]); o.Last != 0 {
			o.Before = map[string]int{}
			for what, n := range o.Numbers[0] {
				if name, was := strings.CutPrefix(what, countWas); was {
					o.Before[name] = n
				}
			}
		}
		return nil
	})
	if !scope.All() {
		own := Numbers{}
		for _, p := range o.Bodies {
			own[p.Unit] = o.Numbers[p.Unit]
		}
		o.Numbers, o.Before = own, nil
	}
	return o, err
}

func (p *Progress) add(l *Line, s *Service) {
	p.Lines++
	switch l.State {
	case Open, Suspended:
		p.Waiting++
		if l.State == Suspended {
			p.Suspended++
		}
		if l.Unit != 0 && s.asked(l) == 0 {
			p.Left++
		}
	case Confirmed:
		p.Confirmed++
	case Ended, Expired:
		p.Ended++
	}
}

// Sheet is what one body answers for, or with 0 the secretariat.
type Sheet struct {
	Review  Review
	Unit    unit.ID
	Lines   []Line
	Numbers map[string]int
	Names   map[vault.PersonID]string // of whoever answered, where it is known
}

// Sheet gives a body's lines with their evidence, to whoever answers for it. Who was
// seen is journaled before.
func (s *Service) Sheet(ctx context.Context, by access.Actor, id int64, body unit.ID) (Sheet, error) {
	scope, err := s.over(ctx, by, body)
	if err != nil {
		return Sheet{}, err
	}
	sheet := Sheet{Unit: body}
	if sheet.Review, err = s.get(ctx, id); err != nil {
		return sheet, err
	}
	all, others, err := s.lines(ctx, id)
	if err != nil {
		return sheet, err
	}
	sheet.Names = names(all, others)
	for i := range all {
		if all[i].Unit == body {
			sheet.Lines = append(sheet.Lines, all[i])
		}
	}
	if err := s.DB.Read(ctx, func(q database.Querier) error {
		n, err := numbers(q, id)
		sheet.Numbers = n[body]
		return err
	}); err != nil {
		return sheet, err
	}
	return sheet, s.seen(ctx, scope, id, sheet.Lines)
}

// Line gives one line with its evidence, and the body it is about.
func (s *Service) Line(ctx context.Context, by access.Actor, id int64) (Sheet, Line, error) {
	r, l, scope, err := s.line(ctx, by, id)
	if err != nil {
		return Sheet{}, l, err
	}
	all, others, err := s.lines(ctx, r.ID)
	if err != nil {
		return Sheet{}, l, err
	}
	return Sheet{Review: r, Unit: l.Unit, Names: names(all, others)}, l, s.seen(ctx, scope, r.ID, []Line{l})
}

// seen journals who was seen.
func (s *Service) seen(ctx context.Context, scope access.Scope, review int64, lines []Line) error {
	e := scope.Entry(journal.ReviewSeen)
	e.Number, e.Persons = review, persons(lines)
	if e.Persons.IsEmpty() {
		e.Persons = nil
	}
	_, err := s.Journal.Read(ctx, &e)
	return err
}

// names are those who can be named in a review: everybody with a line in it and
// whoever opened or closed it, while their keys are there.
func names(lines []Line, others []Evidence) map[vault.PersonID]string {
	all := map[vault.PersonID]string{}
	for i := range others {
		all[others[i].By] = others[i].Name
	}
	for i := range lines {
		if e := lines[i].Evidence; e != nil {
			all[lines[i].Person] = e.Name
		}
	}
	return all
}

// Live is how an access stands today, beside what was frozen.
type Live struct {
	There   bool       // it stands
	Halted  civil.Date // suspended since
	Until   civil.Date // its last day now
	Changed bool       // the last day is another than when it was frozen
	Others  []access.Holding
}

// Live looks at an access as it is now, and at what else the person holds.
func (s *Service) Live(l *Line) Live {
	if l.Evidence == nil {
		return Live{}
	}
	var live Live
	h, there := s.Access.Lookup(l.Evidence.Holding)
	if live.There = there && h.Person == l.Person && !s.Directory.Leaving(l.Person); live.There {
		live.Halted, live.Until, live.Changed = h.Halted, h.Basis.Until, h.Basis.Until != l.Evidence.Until
	}
	live.Others = slices.DeleteFunc(s.Access.Held(l.Person), func(h access.Holding) bool { return h.Basis.ID == l.Evidence.Holding || h.May == 0 })
	return live
}

// Answers reports whether somebody can answer a line; for offering it only.
func (s *Service) Answers(by access.Actor, r *Review, l *Line) bool {
	return !r.Closed() && l.Evidence != nil && l.Person != by.Person && s.MayOver(by, l.Unit)
}

// Undoable reports whether an answer can be taken back; for offering it only.
func (s *Service) Undoable(by access.Actor, r *Review, l *Line) bool {
	if !s.Answers(by, r, l) || l.Answer == nil || !l.State.may(Open) || l.State == Lapsed {
		return false
	}
	return l.State != Ended || l.Right == access.ByPost || l.Right == access.ByPosition
}

// Waits finds the open review that waits for a body's answer; 0 for none.
func (s *Service) Waits(ctx context.Context, body unit.ID) (review int64, err error) {
	open, err := s.Duties.OpenOf(ctx, duty.AnswerReview)
	for i := range open {
		if open[i].Unit == body {
			review = open[i].Subject
		}
	}
	return review, err
}

// Last tells of the review opened last, and whether a body still has to answer in it; 0
// where there was none. It names nobody.
func (s *Service) Last(ctx context.Context, body unit.ID) (id int64, waits bool, err error) {
	r, err := s.newest(ctx)
	if err != nil || r.ID == 0 {
		return 0, false, err
	}
	err = s.DB.Read(ctx, func(q database.Querier) error {
		open, err := bare(q, `WHERE review = $1 AND unit = $2 AND state IN ('open', 'suspended')`, r.ID, int64(body))
		waits = len(open) > 0
		return err
	})
	return r.ID, waits, err
}

// Newest is the newest review an actor can look at; NotFound where there is none.
func (s *Service) Newest(ctx context.Context, by access.Actor) (Review, error) {
	all, err := s.List(ctx, by)
	if err == nil && len(all) == 0 {
		return Review{}, fault.New(fault.NotFound, "review.error.gone")
	}
	if err != nil {
		return Review{}, err
	}
	return all[0], nil
}
