package certificate

import (
	"bytes"
	"crypto/ed25519"
	"slices"

	"kartotek/internal/document"
	"kartotek/internal/vault"
)

// Report is what a check of a certificate found. Its words stand in the catalogue
// under certificate.verify.
type Report struct {
	Certificate *Certificate // nil for a file that cannot be read
	PDF         bool
	Checked     []string // what was held against something, and holds
	Failed      []string // what does not hold; any of them makes the certificate worthless
	Unchecked   []string // what a file alone cannot show
}

// Sound reports whether all that can be checked holds.
func (r *Report) Sound() bool { return len(r.Failed) == 0 }

// Verify checks a certificate without a register (D7). With a key from outside it
// says whose it is; without one it says only that nothing was changed since
// whoever has the key inside signed.
func Verify(file []byte, key ed25519.PublicKey) Report {
	var r Report
	var objects []document.PDFObject
	text := file
	if bytes.HasPrefix(file, []byte("%PDF-")) {
		r.PDF = true
		var err error
		if objects, err = document.TakeApart(file); err != nil {
			return r.fail("pdf")
		}
		inside := slices.IndexFunc(objects, func(o document.PDFObject) bool { _, is := o.Attached(); return is })
		if inside < 0 {
			return r.fail("inside")
		}
		text = objects[inside].Stream
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
	r.test("form", true)
	signed, err := c.signed()
	r.test("signature", err == nil && vault.Attested(c.Key, signed, c.Signature))
	if key != nil {
		r.test("key", c.Key.Equal(key))
	} else {
		r.Unchecked = append(r.Unchecked, "key")
	}
	r.test("commitment", c.Hash == c.Commitment())
	if len(c.Entries) > 0 {
		r.test("entries", c.entriesHold())
	} else {
		r.Unchecked = append(r.Unchecked, "entries")
	}
	if r.PDF {
		again, err := c.PDF()
		if err == nil {
			var same []document.PDFObject
			same, err = document.TakeApart(again)
			r.test("pages", err == nil && document.SamePDF(objects, same))
		} else {
			r.test("pages", false)
		}
	}
	if !c.Complete() {
		r.Unchecked = append(r.Unchecked, "open")
	}
	r.Unchecked = append(r.Unchecked, "person", "places")
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

func (r *Report) test(what string, holds bool) {
	if holds {
		r.Checked = append(r.Checked, what)
	} else {
		r.Failed = append(r.Failed, what)
	}
}
