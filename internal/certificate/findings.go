package certificate

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"slices"

	"kartotek/internal/document"
	"kartotek/internal/vault"
)

// What every check of a signed paper has in common: certificates, and the reports of
// other rooms, which are signed, attached to their PDF and checked alike.

// Findings are what a check found, by codes.
type Findings struct {
	Checked   []string // what was held against something, and holds
	Failed    []string // what does not hold; any of them makes the paper worthless
	Unchecked []string // what a file alone cannot show
}

// Sound reports whether all that can be checked holds.
func (f *Findings) Sound() bool { return len(f.Failed) == 0 }

// Test notes whether something holds.
func (f *Findings) Test(what string, holds bool) {
	if holds {
		f.Checked = append(f.Checked, what)
	} else {
		f.Failed = append(f.Failed, what)
	}
}

// Leave notes what cannot be checked.
func (f *Findings) Leave(what ...string) { f.Unchecked = append(f.Unchecked, what...) }

// TestKey notes whether a paper is of the key that somebody knows from elsewhere, nil
// where they know none.
func (f *Findings) TestKey(of, known ed25519.PublicKey) {
	if known == nil {
		f.Leave("key")
		return
	}
	f.Test("key", bytes.Equal(of, known))
}

// TestReport notes whether a report is signed by its own key, and whose that is.
func (f *Findings) TestReport(report any, of ed25519.PublicKey, signature []byte, known ed25519.PublicKey) {
	text, err := Canonical(report)
	f.Test("signature", err == nil && vault.Attested(of, text, signature))
	f.TestKey(of, known)
}

// Pages are those of a PDF that came with what is attached to it; nil of a file that is no
// PDF.
type Pages []document.PDFObject

var errBare = errors.New("certificate: nothing is attached to the PDF")

// Unpack gives what is attached to a PDF, and its pages. A file that is no PDF is its own.
func Unpack(file []byte) (inside []byte, pages Pages, err error) {
	if !bytes.HasPrefix(file, []byte("%PDF-")) {
		return file, nil, nil
	}
	objects, err := document.TakeApart(file)
	if err != nil {
		return nil, nil, err
	}
	at := slices.IndexFunc(objects, func(o document.PDFObject) bool { _, is := o.Attached(); return is })
	if at < 0 {
		return nil, nil, errBare
	}
	return objects[at].Stream, objects, nil
}

// TestPages notes whether pages are those that what is attached makes again.
func (f *Findings) TestPages(pages Pages, again func() ([]byte, error)) {
	if pages == nil {
		return
	}
	pdf, err := again()
	var same []document.PDFObject
	if err == nil {
		same, err = document.TakeApart(pdf)
	}
	f.Test("pages", err == nil && document.SamePDF(pages, same))
}

// Exact reads a file in JSON into v. Only the exact bytes that v makes again are one:
// nothing can stand in it twice, unknown or unsigned.
func Exact(file []byte, longest int, v any) bool {
	file = bytes.TrimSpace(file)
	d := json.NewDecoder(bytes.NewReader(file))
	d.DisallowUnknownFields()
	if len(file) > longest || d.Decode(v) != nil {
		return false
	}
	again, err := Canonical(v)
	return err == nil && bytes.Equal(again, file)
}
