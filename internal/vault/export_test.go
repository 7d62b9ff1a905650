package vault

import (
	"context"
	"iter"
)

// Create is CreateFrom with a master key at hand.
func Create(ctx context.Context, path string, m Master) (*Keyring, error) {
	return create(ctx, path, newKey{master: m, source: Source{Kind: FromFile}})
}

// ErasedPersons goes through the persons whose Membership keys were destroyed, in
// the order of their ids, as of the call.
func (k *Keyring) ErasedPersons() iter.Seq[PersonID] {
	k.keys.mu.RLock()
	erased := k.keys.erased[Membership].Clone()
	k.keys.mu.RUnlock()
	return func(yield func(PersonID) bool) {
		erased.Iterate(func(p uint32) bool { return yield(PersonID(p)) })
	}
}
