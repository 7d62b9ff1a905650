package access

import (
	"context"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/charter"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// What membership opens beyond oneself: the closed pages of the bodies one belongs to,
// as far as the charter's directory goes and no further (N11, N12). Such a Scope
// allows no act, so no reading of the other rooms opens to it; it carries the
// purpose with the fields members can be seen by, never more (L8).

// ByMembership is the right to see those one is a member beside.
const ByMembership Right = "member"

// Fellow reports whether the Scope is of the closed pages: members seen by members.
func (s Scope) Fellow() bool { return s.granted && s.basis.Right == ByMembership }

// fellow decides what somebody's memberships open of a body's closed pages.
func (r *Register) fellow(a Actor, w Want) (Scope, string) {
	d := &r.charter.Directory
	tree := r.units.Tree()
	body, known := tree.ByID(w.Unit)
	switch {
	case a.Person == 0:
		return Scope{}, "access.denied.nobody"
	case !d.At(body.Level) || !known || body.Closed:
		return Scope{}, "access.denied.directory"
	case r.isSuspended(a.Person):
		return Scope{}, "access.denied.fellow"
	}
	below := tree.Under(body.ID)
	for it := below.Iterator(); it.HasNext(); {
		own, _ := tree.ByID(unit.ID(it.Next()))
		if !d.Sees(own.Level, body.Level) || !r.members.Belongs(a.Person, own.ID) {
			continue
		}
		purpose, known := r.charter.Purpose(d.Purpose)
		if !known {
			return Scope{}, "access.denied.purpose"
		}
		narrow := narrowed(purpose, d.Set(), append([]string{"given", "family", "unit"}, d.Shows(d.Fields)...))
		scope := Scope{
			granted: true, actor: Actor{Person: a.Person, Via: a.Via, OSUser: a.OSUser}, unit: body.ID, purpose: narrow,
			basis: Basis{Right: ByMembership, Unit: own.ID}, units: roaring.BitmapOf(uint32(body.ID)),
		}
		if level, known := r.charter.Level(body.Level); known && level.SubBodies {
			scope.units = below
		}
		return scope, ""
	}
	return Scope{}, "access.denied.fellow"
}

// FellowBodies are the bodies whose closed pages somebody's memberships open, their
// own first.
func (r *Register) FellowBodies(person vault.PersonID) []unit.Unit {
	if !r.charter.Directory.On() || person == 0 || r.isSuspended(person) {
		return nil
	}
	tree := r.units.Tree()
	var all []unit.Unit
	for _, own := range tree.All() {
		if level, known := r.charter.Level(own.Level); !known || !level.Members || own.Closed || !r.members.Belongs(person, own.ID) {
			continue
		}
		path := tree.Path(own.ID)
		slices.Reverse(path)
		for _, body := range path {
			if r.charter.Directory.Sees(own.Level, body.Level) && !slices.ContainsFunc(all, func(u unit.Unit) bool { return u.ID == body.ID }) {
				all = append(all, body)
			}
		}
	}
	return all
}

// Open pages (N11). Who asks is nobody the register knows, and what they see is what
// the persons shown agreed to: the Scope reaches these and nobody else. The room that
// keeps consents is asked each time; nothing here can be had without its yes.

// ByConsent is the right of anybody to see those who agreed to be seen.
const ByConsent Right = "consent"

// Consented is who of some persons may be shown on an open page at this moment.
type Consented struct {
	Page  *roaring.Bitmap // the name beside the function
	Email *roaring.Bitmap // and an e-mail address of their own
}

// Consents knows whose consent stands. app satisfies it.
type Consents interface {
	Agreed(ctx context.Context, persons []vault.PersonID) (Consented, error)
}

// Open is one showing of a body's open page: its functions today, and what may be
// shown of those who hold them.
type Open struct {
	Functions []Holding // in the charter's order, whether their holder is shown or not
	Page      Scope     // names
	Email     Scope     // and e-mail addresses, of those who agreed to that too
}

// Shown decides what an open page shows at this moment. It keeps nothing: who takes
// their consent back is gone from the next one.
func (r *Register) Shown(ctx context.Context, body unit.ID) (Open, error) {
	open := Open{Functions: r.functions(body)}
	purpose, known := r.charter.Purpose(charter.ForOpenPage)
	if !known || r.Consents == nil || len(open.Functions) == 0 {
		return open, nil
	}
	persons := make([]vault.PersonID, len(open.Functions))
	for i, h := range open.Functions {
		persons[i] = h.Person
	}
	agreed, err := r.Consents.Agreed(ctx, persons)
	if err != nil || agreed.Page == nil || agreed.Page.IsEmpty() {
		return open, err
	}
	scope := Scope{
		granted: true, actor: Actor{Via: Web}, unit: body, only: agreed.Page.Clone(),
		purpose: narrowed(purpose, r.charter.FieldSet("given", "family"), []string{"given", "family"}),
		basis:   Basis{Right: ByConsent, Unit: body},
	}
	open.Page = scope
	if agreed.Email != nil && agreed.Page.Intersects(agreed.Email) {
		scope.purpose, scope.only = purpose, roaring.And(agreed.Page, agreed.Email)
		open.Email = scope
	}
	return open, nil
}

// functions lists who holds which post of a body today, in the charter's order.
func (r *Register) functions(body unit.ID) []Holding {
	today := r.today().number
	held := r.list(func(_ vault.PersonID, h *holding) bool {
		return h.basis.Right == ByPost && h.basis.Unit == body && today >= h.first && today <= h.last
	})
	return slices.DeleteFunc(held, func(h Holding) bool { return r.isSuspended(h.Person) })
}

// Only are the persons a Scope of an open page reaches; nil for any other. It must
// not be changed.
func (s Scope) Only() *roaring.Bitmap {
	if !s.granted || s.basis.Right != ByConsent {
		return nil
	}
	return s.only
}

// Among is a Scope of an open page narrowed to some of those it reaches.
func (s Scope) Among(persons *roaring.Bitmap) Scope {
	if s.Only() == nil {
		return Scope{}
	}
	s.only = roaring.And(s.only, persons)
	return s
}
