package access

import (
	"maps"
	"strconv"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Handover: what a general meeting has decided about a whole board, entered the
// same evening as one act, all of it or nothing. Access moves on a day, by
// itself.
//
// Nobody gives themselves access, so whoever enters the board cannot enter
// themselves as somebody new (D8, D9). One thing they may write down about
// themselves: that the meeting has chosen them again for the very post they
// hold, in the same body, without a day between and for no longer than the
// usual term. That gives them nothing they do not have, it is the meeting's
// decision and not theirs, and it ends. A post without a usual term, or a longer
// one, somebody else enters.

// Choice is what the meeting decided about one seat.
type Choice string

const (
	Keep   Choice = "keep"   // the term runs on
	Again  Choice = "again"  // the holder was chosen again, for a new term
	Fresh  Choice = "new"    // somebody else was chosen
	Vacant Choice = "vacant" // nobody was
)

// Choices are what can be decided about a seat.
var Choices = []Choice{Keep, Again, Fresh, Vacant}

// Line is one seat of a board.
type Line struct {
	Post    string
	Holding uint64 // of whoever has the seat; 0 where it is free
	Do      Choice
	Person  vault.PersonID // of Fresh
	From    civil.Date     // first day of the new term; zero is Board.Moves
	Until   civil.Date     // last day of the new term; zero is none
	Pass    bool           // whoever leaves passes open lists on to whoever follows (D12)
}

// Board is what a meeting decided about a body.
type Board struct {
	Unit   unit.ID
	Met    civil.Date // the day of the meeting
	Moves  civil.Date // the day access moves
	Ground string     // in the words of whoever enters it
	Lines  []Line
}

// Leaves is a post that ends with a handover, or a cover of it.
type Leaves struct {
	Line    int
	Person  vault.PersonID
	Basis   Basis
	Last    civil.Date // last day with the post
	Access  bool       // it gave access
	Cover   bool       // it is a cover of the post
	follows vault.PersonID
}

// Begins is a post that begins with a handover.
type Begins struct {
	Line   int
	Person vault.PersonID
	Post   string
	From   civil.Date
	Until  civil.Date
	Access bool
	Again  bool // chosen again
}

// Plan is everything a handover will do.
type Plan struct {
	Board  Board
	Leaves []Leaves
	Begins []Begins
	Stays  []Line
	after  *snapshot // how it leaves the rights
}

// own reports that a plan gives somebody something they may not give themselves.
type own struct{ error }

// plan works out a handover on a state of the rights: pure, so that the preview
// is what happens.
func (r *Register) plan(state *snapshot, by vault.PersonID, b Board, today civil.Date) (*Plan, error) {
	invalid := fault.New(fault.Invalid, "access.error.handover")
	body, known := r.units.Tree().ByID(b.Unit)
	if !known {
		return nil, invalid.With("unit", "access.error.unit_unknown")
	}
	switch {
	case b.Met.IsZero() || !b.Met.IsValid():
		invalid = invalid.With("met", "access.error.met_missing")
	case b.Met.After(today):
		invalid = invalid.With("met", "access.error.met_future")
	}
	switch {
	case b.Moves.IsZero() || !b.Moves.IsValid():
		invalid = invalid.With("moves", "access.error.moves_missing")
	case b.Moves.Before(b.Met):
		invalid = invalid.With("moves", "access.error.moves_early")
	}
	if len(invalid.Fields) > 0 {
		return nil, invalid
	}
	p := &Plan{Board: b, after: &snapshot{held: maps.Clone(state.held), tree: state.tree, root: state.root}}
	seen := map[uint64]bool{}
	var denied error
	for i := range b.Lines {
		l := &b.Lines[i]
		holder, held, wrong := r.seatOf(state, body, l, seen)
		if wrong != "" {
			invalid = invalid.With(field("post", i), wrong)
			continue
		}
		if l.Do == Fresh && l.Person != 0 && l.Person == holder {
			l.Do = Again
		}
		if l.Do == Keep || l.Do == Vacant && held == nil {
			p.Stays = append(p.Stays, *l)
			continue
		}
		from := l.From
		if from.IsZero() {
			from = b.Moves
		}
		if held != nil {
			p.leave(i, holder, held, from)
		}
		if l.Do == Vacant {
			continue
		}
		person := l.Person
		if l.Do == Again {
			person = holder
		}
		if person == 0 {
			invalid = invalid.With(field("person", i), "access.error.person_missing")
			continue
		}
		if person == by && !r.renews(l, held, from) {
			denied = own{fault.New(fault.Denied, "access.denied.own")}
		}
		if checkTerm(fault.New(fault.Invalid, ""), from, l.Until).Fields != nil {
			invalid = invalid.With(field("until", i), "access.error.until_before_from")
			continue
		}
		post, _ := r.charter.Post(l.Post)
		p.Begins = append(p.Begins, Begins{i, person, l.Post, from, l.Until, post.Acts != 0, l.Do == Again})
	}
	if len(invalid.Fields) > 0 {
		return nil, invalid
	}
	if denied != nil {
		return nil, denied
	}
	return p, r.seatAll(p, invalid)
}

// seatOf finds the seat of a line; wrong is what is wrong with it.
func (r *Register) seatOf(state *snapshot, body unit.Unit, l *Line, seen map[uint64]bool) (holder vault.PersonID, held *holding, wrong string) {
	post, known := r.charter.Post(l.Post)
	if !known || !post.At(body.Level) {
		return 0, nil, "access.error.post_unknown"
	}
	switch l.Do {
	case Keep, Again, Fresh, Vacant:
	default:
		return 0, nil, "access.error.choice"
	}
	if l.Holding == 0 {
		if l.Do == Again {
			return 0, nil, "access.error.choice"
		}
		return 0, nil, ""
	}
	holder, held = state.find(l.Holding)
	if held == nil || held.basis.Right != ByPost || held.basis.Unit != body.ID || held.basis.Code != l.Post || seen[l.Holding] {
		return 0, nil, "access.error.no_holding"
	}
	seen[l.Holding] = true
	return holder, held, ""
}

// renews reports whether a line is what one may enter about oneself: the same
// post, without a day between, for no longer than the usual term.
func (r *Register) renews(l *Line, held *holding, from civil.Date) bool {
	post, known := r.charter.Post(l.Post)
	if !known || l.Do != Again || held == nil || post.TermMonths == 0 || l.Until.IsZero() {
		return false
	}
	return held.first < day(from) && held.last >= day(from)-1 && !l.Until.After(EndOfTerm(post, from))
}

// EndOfTerm is the last day of a post's usual term; zero where it has none.
func EndOfTerm(post *charter.Post, from civil.Date) civil.Date {
	if post.TermMonths == 0 {
		return civil.Date{}
	}
	return civil.DateOf(time.Date(from.Year, from.Month+time.Month(post.TermMonths), from.Day-1, 0, 0, 0, 0, time.UTC))
}

// leave ends a post and its covers before a day, in the plan.
func (p *Plan) leave(line int, person vault.PersonID, h *holding, from civil.Date) {
	last := lastDay(h.basis.From, from.AddDays(-1))
	if h.last < day(last) {
		return // it ends before by itself
	}
	p.Leaves = append(p.Leaves, Leaves{Line: line, Person: person, Basis: h.basis, Last: last, Access: h.may != 0})
	p.after.cut(person, h.basis.ID, last)
	for by, held := range p.after.held {
		for i := range held {
			c := &held[i]
			if c.basis.Right == ByCover && c.basis.Of == h.basis.ID && c.last > day(last) && c.first <= c.last {
				p.Leaves = append(p.Leaves, Leaves{Line: line, Person: by, Basis: c.basis, Last: lastDay(c.basis.From, last), Access: c.may != 0, Cover: true})
			}
		}
	}
}

// cut gives a holding another last day.
func (s *snapshot) cut(person vault.PersonID, id uint64, last civil.Date) {
	held := s.held[person]
	for i := range held {
		if held[i].basis.ID == id {
			h := held[i]
			h.basis.Until, h.last = last, day(last)
			s.replace(person, h)
			return
		}
	}
}

// seatAll puts those who begin on their seats, one after the other.
func (r *Register) seatAll(p *Plan, invalid *fault.Error) error {
	for i := range p.Begins {
		n := &p.Begins[i]
		a := Appointment{Unit: p.Board.Unit, Post: n.Post, From: n.From, Until: n.Until}
		if err := r.checkAppointmentIn(p.after, n.Person, a); err != nil {
			wrong := fault.From(err)
			key, args := wrong.Key, wrong.Args
			if len(wrong.Fields) > 0 {
				key, args = wrong.Fields[0].Key, wrong.Fields[0].Args
			}
			invalid = invalid.With(field("person", n.Line), key)
			invalid.Fields[len(invalid.Fields)-1].Args = args
			continue
		}
		p.after.replace(n.Person, r.fromAppointment(p.after.tree, ^uint64(0)-uint64(i), &a))
		for j := range p.Leaves {
			if l := &p.Leaves[j]; l.Line == n.Line && !l.Cover && p.Board.Lines[l.Line].Pass && l.Person != n.Person {
				l.follows = n.Person
			}
		}
	}
	if len(invalid.Fields) > 0 {
		return invalid
	}
	return nil
}

// field names a field of a line, as the page and the errors do.
func field(name string, line int) string { return name + "-" + strconv.Itoa(line) }
