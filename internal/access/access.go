// Package access decides who may do what with whose data, and is the only
// maker of the Scope through which member data are reached. What a person may
// do follows from what they hold right now: a post in a body, a position in the
// secretariat, their own membership (D3, D4, D8, D10, D11). It knows bodies,
// posts, positions and person ids; it knows no member's data.
package access

import (
	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Via says through which face an act came; it stands in the journal.
type Via string

const (
	Web     Via = "web"
	Console Via = "console"
	System  Via = "system" // scheduled work of the program itself
)

// Right is the kind of ground an access stands on.
type Right string

const (
	ByPost     Right = "post"     // elected or appointed in a body (D8, D10)
	ByPosition Right = "position" // employed in the secretariat (D4)
	ByCover    Right = "cover"    // covers somebody else's post for a while (cover.go)
	ByGrant    Right = "grant"    // documented access: a named person with a delimited task (D9, grant.go)
	BySelf     Right = "self"     // one's own data (GDPR Art. 15)

	// BySubstitute is elected in advance and gives nothing before they step in.
	BySubstitute Right = "substitute"
)

// Actor is who acts, and as what.
type Actor struct {
	Person vault.PersonID
	Via    Via
	OSUser string // the operating system's user, for acts from the console
	As     uint64 // the holding chosen as one's hat; 0 leaves the choice to Decide
}

// Want is what an actor asks for.
type Want struct {
	Act     charter.Acts // exactly one act; 0 together with Self
	Unit    unit.ID      // 0: the body of the actor's own post, or everything for staff
	Purpose string       // a purpose's code; "" is administration
	Self    bool         // one's own data
	Fellow  bool         // the closed pages of Unit, as one of its members (fellow.go); Act is 0 with it
}

// Basis is the ground of a decision: what the actor holds.
type Basis struct {
	Right Right
	Code  string  // the post's or position's code; "" for self
	Unit  unit.ID // the post's body; 0 for a position and for self
	ID    uint64  // the holding
	From  civil.Date
	Until civil.Date // zero while it has no end
	Of    uint64     // of a cover: the holding that is covered
}

// OfPost reports whether the ground is a post in a body, one's own or one that
// is covered.
func (b Basis) OfPost() bool { return b.Right == ByPost || b.Right == ByCover }

// InBody reports whether the ground reaches a body's members: a post there, one that
// is covered, or documented access.
func (b Basis) InBody() bool { return b.OfPost() || b.Right == ByGrant }

// Scope is the permission to reach member data: which bodies, for which
// purpose, on which ground. Only Decide makes one; the zero Scope denies.
type Scope struct {
	granted bool
	all     bool
	self    bool
	actor   Actor
	act     charter.Acts
	unit    unit.ID
	units   *roaring.Bitmap
	purpose *charter.Purpose
	basis   Basis
	only    *roaring.Bitmap // of an open page: whom it reaches
}

// Allowed reports whether the Scope grants anything.
func (s Scope) Allowed() bool { return s.granted }

// All reports whether the Scope reaches every body and those who have none.
func (s Scope) All() bool { return s.granted && s.all }

// Units is the set of bodies the Scope reaches; nil where All holds, where only
// oneself is reached and where nothing is granted. It must not be changed.
func (s Scope) Units() *roaring.Bitmap { return s.units }

// Covers reports whether members of the body are within the Scope.
func (s Scope) Covers(id unit.ID) bool {
	return s.granted && !s.self && (s.all || s.units != nil && s.units.Contains(uint32(id)))
}

// Self is the person a Scope of one's own data belongs to.
func (s Scope) Self() (vault.PersonID, bool) { return s.actor.Person, s.granted && s.self }

// Act is the one act the Scope was decided for; 0 for one's own data.
func (s Scope) Act() charter.Acts { return s.act }

// Unit is the body the Scope was asked for; 0 for everything.
func (s Scope) Unit() unit.ID { return s.unit }

// Purpose is what the data may be used for; it carries the fields. Nil denies.
func (s Scope) Purpose() *charter.Purpose { return s.purpose }

// Narrow reports whether the Scope shows no more than its purpose's fields, in a
// search too: what somebody is found by must be among them (D9).
func (s Scope) Narrow() bool { return s.basis.Right == ByGrant }

// Basis is what the actor holds that gave the Scope.
func (s Scope) Basis() Basis { return s.basis }

// Actor is who acts.
func (s Scope) Actor() Actor { return s.actor }

// Entry is a journal entry with who, as what, by which right, through which
// face, where and for which purpose filled in, and the persons it concerns.
func (s Scope) Entry(act journal.Act, persons ...vault.PersonID) journal.Entry {
	e := journal.Entry{
		Act: act, Actor: uint32(s.actor.Person),
		Right: string(s.basis.Right), Post: s.basis.Code, Unit: uint32(s.basis.Unit),
		Via: string(s.actor.Via), OSUser: s.actor.OSUser, Target: uint32(s.unit),
	}
	if s.purpose != nil {
		e.Purpose = s.purpose.Code
	}
	if len(persons) > 0 {
		e.Persons = roaring.New()
		for _, person := range persons {
			e.Persons.Add(uint32(person))
		}
	}
	return e
}

// Holding is a right somebody holds, with its reason (D3).
type Holding struct {
	Person vault.PersonID
	Basis  Basis
	May    charter.Acts
	Ground string // why: free words of whoever recorded it
	By     vault.PersonID
	Grant  *Grant     // of documented access; it must not be changed
	Rests  civil.Date // while somebody covers the post today: their last day; May is empty then
	Halted civil.Date // since when a review has suspended it; May is empty then (D14)
}
