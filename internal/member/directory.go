package member

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Parts are what a Directory is put together from.
type Parts struct {
	Charter *charter.Charter
	DB      *database.DB
	Keyring *vault.Keyring
	Records *record.Store
	Journal *journal.Journal
	Units   *unit.Service
	Now     func() time.Time // nil is time.Now
}

// Newcomers take in whoever an officer adds where additions wait to be
// confirmed: then nothing that the officer sees depends on who is a member
// elsewhere (D11). app satisfies it.
type Newcomers interface {
	// Waits reports whether additions made in this Scope wait.
	Waits(s access.Scope) bool
	// Receive takes drafts in whose values are checked and whose body is settled.
	Receive(ctx context.Context, s access.Scope, drafts []Draft) error
}

// Directory is the one way to members. Reading takes a Scope, and what is read
// is journaled before it is answered; whatever the error, nothing was given
// out. Until Load is done everything answers that the index is still made.
type Directory struct {
	charter     *charter.Charter
	db          *database.DB
	keyring     *vault.Keyring
	records     *record.Store
	journal     *journal.Journal
	units       *unit.Service
	now         func() time.Time
	corrections Corrections        // nil: nobody is told
	at          func(point string) // tests stop the program here

	// Posts, where app gives it, ends what somebody holds where they no longer may.
	Posts Posts

	Newcomers Newcomers // nil: nobody waits
	// News, where app gives it, is told what an act did to whom.
	News News

	// writing is held by acts that change members, from the first look at a
	// record to the last claim let go: keyring and register move together.
	writing sync.Mutex
	last    int64 // the highest member number given out

	mu      sync.RWMutex
	index   *index         // nil until Load is done
	delayed []func(*index) // what was hidden and forgotten meanwhile

	// changing is held by whoever changes the index, so that changes happen in
	// the order of the commits; an import's go on after it has let the writer go.
	changing sync.Mutex
}

// Posts is what an act that takes somebody out of a body, or makes them there
// what may hold no posts, must have done about the posts they have. It happens in
// the act's transaction, journaled by copies of its entry. access satisfies it.
type Posts interface {
	// EndIn ends the posts that rest on a body somebody leaves, and says how many.
	EndIn(tx *database.Tx, by journal.Entry, person vault.PersonID, left unit.ID, rest []unit.ID) (int, error)
	// EndPosts ends the posts somebody holds in a body they stay in.
	EndPosts(tx *database.Tx, by journal.Entry, person vault.PersonID, body unit.ID) (int, error)
}

// New makes a Directory; Load fills it.
func New(p Parts) *Directory {
	if p.Now == nil {
		p.Now = time.Now
	}
	return &Directory{
		charter: p.Charter, db: p.DB, keyring: p.Keyring, records: p.Records, journal: p.Journal, units: p.Units, now: p.Now,
		at: func(string) {},
	}
}

// Ready reports whether Load is done.
func (d *Directory) Ready() bool { return d.loaded() != nil }

func (d *Directory) loaded() *index {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.index
}

// enter is the first line of every act: the index, if the Scope allows one of
// the acts. The zero Scope allows nothing.
func (d *Directory) enter(s access.Scope, acts charter.Acts) (*index, error) {
	if !s.Allowed() || s.Act()&acts == 0 {
		return nil, fault.New(fault.Denied, "access.denied.act", "act", acts.String())
	}
	return d.open()
}

// enterSelf is enter for one's own data.
func (d *Directory) enterSelf(s access.Scope) (*index, vault.PersonID, error) {
	person, ok := s.Self()
	if !ok {
		return nil, 0, fault.New(fault.Denied, "access.denied.none", "act", charter.View.String())
	}
	x, err := d.open()
	return x, person, err
}

func (d *Directory) open() (*index, error) {
	x := d.loaded()
	if x == nil {
		return nil, fault.New(fault.Unavailable, "member.error.loading")
	}
	return x, nil
}

// change edits the index now, or as soon as there is one.
func (d *Directory) change(edit func(*index)) {
	d.changing.Lock()
	defer d.changing.Unlock()
	if x := d.orDelay(edit); x != nil {
		edit(x)
	}
}

// changeSoon is change for much at once: it happens in a goroutine of its own,
// before whatever is changed next. settled waits for it.
func (d *Directory) changeSoon(edit func(*index)) {
	d.changing.Lock()
	go func() {
		defer d.changing.Unlock()
		if x := d.orDelay(edit); x != nil {
			edit(x)
		}
	}()
}

func (d *Directory) settled() { d.change(func(*index) {}) }

func (d *Directory) orDelay(edit func(*index)) *index {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.index == nil {
		d.delayed = append(d.delayed, edit)
	}
	return d.index
}

// Hide takes persons whose membership is closed out of search, lists and cards
// at once (D7).
func (d *Directory) Hide(person vault.PersonID) { d.change(func(x *index) { x.hide(person) }) }

// Unhide undoes Hide.
func (d *Directory) Unhide(person vault.PersonID) { d.change(func(x *index) { x.show(person) }) }

// Forget drops everything the memory holds of an erased person.
func (d *Directory) Forget(person vault.PersonID) { d.change(func(x *index) { x.remove(person) }) }

// Leaving reports whether a person's membership is closed and they are hidden.
func (d *Directory) Leaving(person vault.PersonID) bool {
	x := d.loaded()
	return x != nil && x.isHidden(person)
}

// reachOf is the part of the index a Scope reaches.
func reachOf(s access.Scope) within {
	if person, self := s.Self(); self {
		return within{self: person}
	}
	return within{all: s.All(), units: s.Units()}
}

// membersOf is reachOf for search, where staff, who belong to no body, do not
// stand.
func membersOf(s access.Scope) within {
	w := reachOf(s)
	w.members = true
	if s.Narrow() {
		w.shown = func(kind key) bool { return findable(s, kind) }
	}
	return w
}

// findable reports whether a Scope's fields show what somebody is found by.
func findable(s access.Scope, kind key) bool {
	switch kind {
	case nameKey:
		return true
	case emailKey, domainKey:
		return shows(s, "email")
	case numberKey:
		return shows(s, "number")
	}
	return shows(s, "phone") && shows(s, "mobile")
}

// Within reports whether the person is a member the Scope reaches, hidden or not.
func (d *Directory) Within(s access.Scope, person vault.PersonID) bool {
	x := d.loaded()
	return x != nil && s.Allowed() && x.holds(reachOf(s), person)
}

// holds reports whether a person, hidden or not, is within a reach.
func (x *index) holds(w within, person vault.PersonID) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.reaches(w, person)
}

// reaches is holds for whoever has the lock.
func (x *index) reaches(w within, person vault.PersonID) bool {
	switch {
	case !x.known(person):
		return false
	case w.all:
		return true
	case w.self != 0:
		return w.self == person
	}
	return w.units != nil && slices.ContainsFunc(x.belongsTo(person), func(b belonging) bool { return w.units.Contains(uint32(b.unit)) })
}

// Belongs reports whether a person is a member of a body and not leaving.
func (d *Directory) Belongs(person vault.PersonID, id unit.ID) bool {
	x := d.loaded()
	if x == nil {
		return false
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.visible.Contains(uint32(person)) &&
		slices.ContainsFunc(x.belongsTo(person), func(b belonging) bool { return b.unit == id })
}

// Units gives the bodies a person belongs to, for deciding who sees them.
func (d *Directory) Units(person vault.PersonID) []unit.ID {
	x := d.loaded()
	if x == nil {
		return nil
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	if !x.known(person) {
		return nil
	}
	var all []unit.ID
	for _, b := range x.belongsTo(person) {
		all = append(all, b.unit)
	}
	return all
}

// Count is how many members a body is measured by (D10): those who are leaving,
// and those of a kind that does not count, are not among them. Of a body above
// others it counts its own.
func (d *Directory) Count(id unit.ID) int {
	x := d.loaded()
	if x == nil {
		return 0
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.counted(id)
}

// Occupied reports whether anybody, leaving or not, still belongs to a body;
// before the index is made it cannot tell and says yes.
func (d *Directory) Occupied(id unit.ID) bool {
	x := d.loaded()
	if x == nil {
		return true
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.units[id] != nil
}

// selected is who may stand on a list of a Scope (L8): its members, without
// those restricted and, unless the purpose is statutory, those who object.
func (x *index) selected(s access.Scope) (selected *roaring.Bitmap, reach Reach) {
	selected = x.reached(reachOf(s))
	selected.And(x.members)
	reach.Within = int(selected.GetCardinality())
	reach.Restricted = int(selected.AndCardinality(x.restricted))
	selected.AndNot(x.restricted)
	if left := x.leftOut(s); left != nil {
		reach.LeftOut = int(selected.AndCardinality(left))
		selected.AndNot(left)
	}
	if purpose := s.Purpose(); !purpose.Statutory {
		if objected := x.objections[purpose.Code]; objected != nil {
			reach.Objected = int(selected.AndCardinality(objected))
			selected.AndNot(objected)
		}
	}
	reach.Members = int(selected.GetCardinality())
	if slices.ContainsFunc(s.Purpose().Fields, isAddress) {
		reach.Covered = int(selected.AndCardinality(x.coveredFor(s)))
	}
	return selected, reach
}

// isAddress reports whether a secret address covers a field.
func isAddress(code string) bool {
	return code == "address" || code == "postal" || code == "town" || code == "country"
}

// denyCard journals that a card was not opened, and answers as if there were
// none: whoever asks cannot tell unknown from elsewhere (D11).
func (d *Directory) denyCard(ctx context.Context, x *index, s access.Scope, person vault.PersonID) error {
	e := s.Entry(journal.Denied)
	e.Reason = "member.denied.card"
	x.mu.RLock()
	if x.known(person) {
		e.Persons = roaring.BitmapOf(uint32(person))
	}
	x.mu.RUnlock()
	if _, err := d.journal.Read(ctx, &e); err != nil {
		return err
	}
	return notFound()
}

func notFound() *fault.Error { return fault.New(fault.NotFound, "member.error.not_found") }

// Total is how many persons the register knows, those who are leaving too.
func (d *Directory) Total() int {
	x := d.loaded()
	if x == nil {
		return 0
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	return int(x.visible.OrCardinality(x.hidden))
}
