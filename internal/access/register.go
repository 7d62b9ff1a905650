package access

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Members is what the register of rights must know about members: how many a
// body has (D10) and whether somebody is one of them. app satisfies it.
type Members interface {
	Count(unit.ID) int
	Belongs(vault.PersonID, unit.ID) bool
	// MayHold reports whether what somebody is in a body lets them hold a post there.
	MayHold(vault.PersonID, unit.ID) bool
}

// Register holds everybody's rights in memory and keeps them on the register.
// Decisions read an immutable snapshot and wait for nobody.
type Register struct {
	charter  *charter.Charter
	db       *database.DB
	records  *record.Store
	journal  *journal.Journal
	units    *unit.Service
	members  Members
	Lists    Lists     // set by app; lists pass on with a post
	Handouts Approvals // set by app; what may be fetched by those without access
	Consents Consents  // set by app; who agreed to be on an open page
	now      func() time.Time

	changing  sync.Mutex // one change of the snapshot at a time
	state     atomic.Pointer[snapshot]
	suspended map[vault.PersonID]bool // hidden persons hold nothing (D7)
	pending   pending                 // of the writer
	day       atomic.Pointer[today]
}

// today is a civil day of the charter's zone, as a number and as its bounds.
type today struct {
	from, to int64 // Unix seconds, to excluded
	number   int32
	date     civil.Date
}

// New makes a Register that grants nothing until Load.
func New(c *charter.Charter, db *database.DB, records *record.Store, j *journal.Journal, units *unit.Service, members Members, now func() time.Time) *Register {
	r := &Register{
		charter: c, db: db, records: records, journal: j, units: units, members: members, now: now,
		suspended: map[vault.PersonID]bool{},
	}
	r.state.Store(blank(units.Tree()))
	return r
}

// blank is a snapshot in which nobody holds anything.
func blank(tree *unit.Tree) *snapshot {
	s := &snapshot{held: map[vault.PersonID][]holding{}, tree: tree}
	if root, ok := tree.Root(); ok {
		s.root = root.ID
	}
	return s
}

func (r *Register) fromAppointment(tree *unit.Tree, id uint64, a *Appointment) holding {
	h := holding{
		basis:  Basis{Right: ByPost, Code: a.Post, Unit: a.Unit, ID: id, From: a.From, Until: a.Until},
		ground: a.Ground, by: a.By,
	}
	h.first, h.last = term(a.From, a.Until)
	r.reachOf(tree, &h)
	return h
}

// reachOf works out what a post lets its holder do and where.
func (r *Register) reachOf(tree *unit.Tree, h *holding) {
	h.may, h.reach = 0, roaring.BitmapOf(uint32(h.basis.Unit))
	at, _ := tree.ByID(h.basis.Unit)
	if post, known := r.charter.Post(h.basis.Code); known && post.At(at.Level) { // a post the charter does not have there gives nothing
		h.may = post.Acts
	}
	if level, known := r.charter.Level(at.Level); known && level.SubBodies {
		h.reach = tree.Under(h.basis.Unit)
		if at.Parent == 0 && at.ID != 0 { // N12: the whole register, who belongs to no body too
			h.reach = nil
		}
	}
}

func (r *Register) fromPosition(id uint64, p *Position) holding {
	h := holding{
		basis:  Basis{Right: ByPosition, Code: p.Code, ID: id, From: p.From, Until: p.Until},
		ground: p.Ground, by: p.By,
	}
	h.first, h.last = term(p.From, p.Until)
	if position, known := r.charter.Position(p.Code); known {
		h.may = position.Acts
	}
	return h
}

// PostsMay reports whether the charter gives some post of a body a right.
func (r *Register) PostsMay(body unit.ID, act charter.Acts) bool {
	at, _ := r.units.Tree().ByID(body)
	for i := range r.charter.Posts {
		if post := &r.charter.Posts[i]; post.At(at.Level) && post.Acts.Has(act) {
			return true
		}
	}
	return false
}

// today is the civil date in the charter's zone, and its number.
func (r *Register) today() *today {
	now := r.now()
	seconds := now.Unix()
	if d := r.day.Load(); d != nil && seconds >= d.from && seconds < d.to {
		return d
	}
	date := r.charter.Today(now)
	d := &today{
		from: r.charter.Midnight(date).Unix(), to: r.charter.Midnight(date.AddDays(1)).Unix(),
		number: day(date), date: date,
	}
	r.day.Store(d)
	return d
}

// Decide answers from what the actor holds right now. It returns a Scope, or a
// Denied fault whose key names the right that is missing. It writes nothing;
// Require is Decide with the denial journaled.
func (r *Register) Decide(a Actor, w Want) (Scope, error) {
	scope, reason := r.decide(a, w)
	if reason != "" {
		return Scope{}, fault.New(fault.Denied, reason, "act", w.Act.String())
	}
	return scope, nil
}

func (r *Register) decide(a Actor, w Want) (Scope, string) {
	if w.Fellow {
		return r.fellow(a, w)
	}
	code := w.Purpose
	if code == "" {
		code = "administration"
	}
	purpose, _ := r.charter.Purpose(code)
	return r.state.Load().decide(r.charter, a, w, r.today().number, purpose)
}

// Require is Decide for the acts of the other rooms: a denial is journaled
// before it is told.
func (r *Register) Require(ctx context.Context, a Actor, w Want) (Scope, error) {
	scope, reason := r.decide(a, w)
	if reason == "" {
		return scope, nil
	}
	entry := journal.Entry{
		Act: journal.Denied, Actor: uint32(a.Person), Via: string(a.Via), OSUser: a.OSUser,
		Target: uint32(w.Unit), Purpose: w.Purpose, Reason: reason, Fields: w.Act.Codes(),
	}
	if _, err := r.journal.Read(ctx, &entry); err != nil {
		return Scope{}, err
	}
	return Scope{}, fault.New(fault.Denied, reason, "act", w.Act.String())
}

// Refresh works out every reach again after the tree of bodies has changed.
func (r *Register) Refresh() {
	r.change(func(next *snapshot) {
		for person, held := range next.held {
			held = slices.Clone(held)
			for i := range held {
				if held[i].basis.OfPost() {
					r.reachOf(next.tree, &held[i])
				}
			}
			next.held[person] = held
		}
	})
}

// change swaps in a changed copy of the snapshot.
func (r *Register) change(edit func(next *snapshot)) {
	r.changing.Lock()
	defer r.changing.Unlock()
	next := blank(r.units.Tree())
	before := r.state.Load()
	next.held, next.halts = maps.Clone(before.held), before.halts
	edit(next)
	next.settle()
	r.state.Store(next)
}
