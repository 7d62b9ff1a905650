package access

import (
	"context"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// A list handed out goes to somebody who has no access (D5, D13): a chair of a body
// that handles no member data, an employee, a member of parliament. What they hold is
// one approved requisition, and it gives exactly one Scope: for the one list, the body
// and the purpose that were approved. The room that keeps requisitions says what was
// approved; nothing here can be had without it.

// ByHandout is the right to fetch one approved list.
const ByHandout Right = "handout"

// Handed is what an approved requisition gives.
type Handed struct {
	Person  vault.PersonID // the recipient
	As      string         // their post, or the charter's kind of recipient
	Unit    unit.ID        // 0: the whole register
	Purpose string
}

// Approvals knows what was approved and can be fetched now. app satisfies it.
type Approvals interface {
	Approved(ctx context.Context, number int64) (Handed, error)
}

// Handout makes the Scope of an approved requisition, by its number.
func (r *Register) Handout(ctx context.Context, number int64) (Scope, error) {
	denied := fault.New(fault.Denied, "access.denied.none", "act", charter.Pull.String())
	if r.Handouts == nil {
		return Scope{}, denied
	}
	h, err := r.Handouts.Approved(ctx, number)
	if err != nil {
		return Scope{}, err
	}
	purpose, known := r.charter.Purpose(h.Purpose)
	if !known || h.Person == 0 {
		return Scope{}, denied
	}
	s := r.state.Load()
	scope := Scope{
		granted: true, actor: Actor{Person: h.Person, Via: Web}, act: charter.Pull, unit: h.Unit, purpose: purpose,
		basis: Basis{Right: ByHandout, Code: h.As, Unit: h.Unit, ID: uint64(number)},
	}
	if h.Unit == 0 || h.Unit == s.root {
		scope.all = true
	} else {
		scope.units = s.tree.Under(h.Unit)
	}
	return scope, nil
}
