package vault

import (
	"context"
	"crypto/ed25519"

	"kartotek/internal/database"
)

// attested is the text a signature on a certificate is of. Its first line keeps
// it apart from every other text the same key signs.
func attested(text []byte) []byte { return append([]byte("kartotek certificate 1\n"), text...) }

// Attest signs what a certificate says with the key that signs the ledger's
// entries, so that both are checked with one key (D7).
func (k *Keyring) Attest(text []byte) (signature [ed25519.SignatureSize]byte) {
	copy(signature[:], ed25519.Sign(k.ledgerKey, attested(text)))
	return signature
}

// Attested reports whether a keyring's ledger key signed what a certificate says.
func Attested(key ed25519.PublicKey, text, signature []byte) bool {
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, attested(text), signature)
}

// Erasures are the ledger's entries about one person, in order: one for each class
// of keys that was destroyed.
func (k *Keyring) Erasures(ctx context.Context, p PersonID) (entries []LedgerEntry, err error) {
	err = k.db.Read(ctx, func(q database.Querier) error {
		entries = nil
		rows, err := q.Query(ledgerColumns+`WHERE person = $1 ORDER BY seq`, int64(p))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var e LedgerEntry
			if err := scanEntry(rows, &e); err != nil {
				return err
			}
			entries = append(entries, e)
		}
		return rows.Err()
	})
	return entries, err
}
