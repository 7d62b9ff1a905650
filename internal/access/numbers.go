package access

import (
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/unit"
)

// Numbers is the Scope of somebody who may have a body's members written to, and may
// not see them (D13): it allows no act, so it opens, finds and lists nobody, and only
// what counts accepts it. Whoever asks for it has judged by the charter who may write.
func (r *Register) Numbers(a Actor, body unit.ID, purpose string) (Scope, error) {
	of, known := r.charter.Purpose(purpose)
	state := r.state.Load()
	if _, there := state.tree.ByID(body); !known || !there {
		return Scope{}, fault.New(fault.Denied, "access.denied.purpose", "act", charter.Pull.String())
	}
	scope := Scope{granted: true, actor: a, unit: body, purpose: of}
	if body == state.root {
		scope.all = true
	} else {
		scope.units = state.tree.Under(body)
	}
	return scope, nil
}

// Counts reports whether the Scope is of Numbers.
func (s Scope) Counts() bool { return s.granted && s.act == 0 && !s.self && s.basis.Right == "" }
