package departure

import (
	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// StopAt has fn called at every point of an erasure, where a test may end the
// program.
func StopAt(s *Service, fn func(point string)) { s.at = fn }

// Points are the points of an erasure, in their order.
func Points() []string {
	points := []string{"intent"}
	for _, step := range []string{"2", "3", "4", "5"} {
		points = append(points, "done "+step, "noted "+step)
	}
	return points
}

// EndPoints are the points of ending what law kept of two months.
func EndPoints() []string {
	return []string{"end intent", "end keys", "end keys", "end rows", "end forgotten", "end noted"}
}

// FactKinds lists every kind there is.
var FactKinds = []FactKind{FactCharge, FactPayment, FactRefund, FactWriteOff}

// Hash is what the register keeps of a certificate.
func (c *Certificate) Hash() []byte { return c.hash() }

// SystemRight is the right under which the program itself acts.
const SystemRight = string(access.System)

// AccountsOf is the rule of what a law keeps.
var AccountsOf = accountsOf

// PutAccount writes what is kept of somebody, without an erasure.
func PutAccount(s *Service, tx *database.Tx, person vault.PersonID, a *Account) error {
	return record.PutAs(s.Records, tx, Accounts, a.class(), person, a.id(), a)
}
