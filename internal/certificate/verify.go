package certificate

import (
	"crypto/ed25519"

	"kartotek/internal/vault"
)

// Report is what a check of a certificate found. Its words stand in the catalogue
// under certificate.verify.
type Report struct {
	Certificate *Certificate // nil for a file that cannot be read
	PDF         bool
	Findings
}

// Verify checks a certificate without a register (D7). With a key from outside it
// says whose it is; without one it says only that nothing was changed since
// whoever has the key inside signed.
func Verify(file []byte, key ed25519.PublicKey) Report {
	var r Report
	text, pages, err := Unpack(file)
	switch r.PDF = pages != nil; {
	case err == errBare:
		return r.fail("inside")
	case err != nil:
		return r.fail("pdf")
	}
	c, err := Parse(text)
	switch err {
	case nil:
	case ErrNewer:
		return r.fail("newer")
	default:
		return r.fail("form")
	}
	r.Certificate = c
	r.Test("form", true)
	signed, err := c.signed()
	r.Test("signature", err == nil && vault.Attested(c.Key, signed, c.Signature))
	r.TestKey(c.Key, key)
	r.Test("commitment", c.Hash == c.Commitment())
	if len(c.Entries) > 0 {
		r.Test("entries", c.entriesHold())
	} else {
		r.Leave("entries")
	}
	r.TestPages(pages, c.PDF)
	if !c.Complete() {
		r.Leave("open")
	}
	r.Leave("person", "places")
	return r
}

// entriesHold reports whether the ledger's entries are signed with the key, are of
// one person, in order, and not from before the closing.
func (c *Certificate) entriesHold() bool {
	for i := range c.Entries {
		e := &c.Entries[i]
		if !e.SignedBy(c.Key) || !e.Class.Valid() || e.Person != c.Entries[0].Person || e.At.Before(c.ClosedAt) || i > 0 && e.Seq <= c.Entries[i-1].Seq {
			return false
		}
	}
	return true
}

func (r Report) fail(what string) Report {
	r.Failed = append(r.Failed, what)
	return r
}
