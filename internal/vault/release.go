package vault

// ReleaseAll ends every claim of a person. Who sweeps at start does not know
// which values a crash left claimed, and makes the claims again from the record.
func (tx *Tx) ReleaseAll(p PersonID) error {
	return tx.dropClaims(p, func(claimName) bool { return true })
}
