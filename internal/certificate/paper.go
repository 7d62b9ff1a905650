package certificate

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"kartotek/internal/document"
	"kartotek/internal/locale"
)

// FileName is what the file should be called, without its ending. The number
// names nobody.
func (s *Statement) FileName(p *locale.Printer) string {
	return p.T("certificate.file") + "-" + s.Number
}

// attachedName is the signed statement inside the PDF.
const attachedName = "certificate.json"

// PDF is the certificate on paper, with the signed file inside. It is the same for
// the same certificate, whenever it is made.
func (c *Certificate) PDF() ([]byte, error) {
	file, err := c.JSON()
	if err != nil {
		return nil, err
	}
	p, made := c.printer(), c.CompleteAt
	if made.IsZero() {
		made = c.ErasedAt
	}
	var out bytes.Buffer
	w := document.NewPaper(&out, document.PaperTexts{
		Sender: c.Organisation, Title: p.T("certificate.title"), Page: p.T("extract.print.page"),
		Footer: p.T("certificate.footer", "number", c.Number),
	}, &document.Attachment{
		Name: attachedName, About: p.T("certificate.attached"), Type: "application/json", Time: made, Contents: file,
	}, document.PDFOptions{Title: p.T("certificate.title") + " " + c.Number, Language: p.Lang(), Time: made})
	for _, s := range append(c.Sections(p), c.signedBy(p)) {
		if err := w.Write(s); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// printer is of the statement's language.
func (s *Statement) printer() *locale.Printer { return locale.For(s.Language) }

func (s *Statement) location() *time.Location {
	if zone, err := time.LoadLocation(s.Zone); err == nil {
		return zone
	}
	return time.UTC
}

// Sections are what the certificate says, in words.
func (s *Statement) Sections(p *locale.Printer) []document.Section {
	at := func(t time.Time) string { return p.DateTime(t, s.location()) }
	first := document.Section{Paragraphs: []string{
		p.T("certificate.number", "number", s.Number),
		p.T("certificate.closed", "at", at(s.ClosedAt)) + " " + p.T("certificate.erased", "at", at(s.ErasedAt)),
	}}
	if s.Complete() {
		first.Paragraphs = append(first.Paragraphs, p.T("certificate.complete", "at", at(s.CompleteAt)))
	} else {
		first.Paragraphs = append(first.Paragraphs, p.T("certificate.incomplete"))
		for _, step := range s.Open {
			first.Items = append(first.Items, word(p, "certificate.open.", step))
		}
	}
	all := []document.Section{first}

	gone := document.Section{Heading: p.T("certificate.gone"), Paragraphs: []string{p.T("certificate.gone_text")}}
	for _, g := range s.Gone {
		gone.Items = append(gone.Items, p.T("certificate.count", "kind", word(p, "record.kind.", g.Kind), "number", p.Number(g.Count)))
	}
	all = append(all, gone)

	keys := document.Section{Heading: p.T("certificate.keys"), Paragraphs: []string{p.T("certificate.keys_text")}}
	if len(s.Entries) == 0 {
		keys.Paragraphs = []string{p.T("certificate.keys_none")}
	}
	for i := range s.Entries {
		e := &s.Entries[i]
		keys.Items = append(keys.Items, p.T("certificate.entry", "number", e.Seq, "class", p.T("certificate.class."+className(int(e.Class))), "at", at(e.At)))
		keys.Codes = append(keys.Codes, p.T("certificate.fingerprint", "number", e.Seq, "fingerprint", groups(hex.EncodeToString(e.Fingerprint[:]))))
	}
	all = append(all, keys)

	kept := document.Section{Heading: p.T("certificate.kept"), Paragraphs: []string{p.T("certificate.kept_none")}}
	if len(s.Kept) > 0 {
		kept.Paragraphs = []string{p.T("certificate.kept_text")}
	}
	for _, k := range s.Kept {
		if k.Unit == 0 { // evidence, in nobody's accounts
			kept.Items = append(kept.Items, p.T("certificate.kept_evidence", "what", k.What, "law", k.Law, "until", p.Date(k.Until)))
			continue
		}
		kept.Items = append(kept.Items, p.T("certificate.kept_item", "count", k.Count, "what", k.What, "law", k.Law, "until", p.Date(k.Until)))
	}
	all = append(all, kept)

	copies := document.Section{Heading: p.T("certificate.copies"), Paragraphs: []string{p.T("certificate.copies_none")}}
	if len(s.Copies) > 0 {
		copies.Paragraphs = []string{p.T("certificate.copies_text")}
	}
	for i, c := range s.Copies {
		text := p.T("certificate.copy_open", "number", i+1, "kind", word(p, "certificate.copy.", c.Kind))
		if !c.ConfirmedAt.IsZero() {
			text = p.T("certificate.copy_done", "number", i+1, "kind", word(p, "certificate.copy.", c.Kind), "at", at(c.ConfirmedAt))
		}
		copies.Items = append(copies.Items, text)
	}
	all = append(all, copies, s.told(p, at))

	beyond := document.Section{Heading: p.T("certificate.beyond"), Paragraphs: []string{p.T("certificate.beyond_text")}}
	for _, what := range s.Beyond {
		beyond.Items = append(beyond.Items, word(p, "certificate.beyond_item.", what))
	}
	return append(all, beyond)
}

// told is who else has had the data: lists that are still out, and holders outside.
func (s *Statement) told(p *locale.Printer, at func(time.Time) string) document.Section {
	told := document.Section{Heading: p.T("certificate.told"), Paragraphs: []string{p.T("certificate.told_none")}}
	if len(s.Lists)+len(s.Told) > 0 {
		told.Paragraphs = []string{p.T("certificate.told_text")}
	}
	for _, l := range s.Lists {
		told.Items = append(told.Items, p.T("certificate.list", "number", l.Number, "by", p.Date(l.DestroyBy)))
	}
	for _, t := range s.Told {
		holder, when := t.Holder, t.ToldAt
		if t.Country != "" {
			holder += " (" + t.Country + ")"
		}
		if !t.DoneAt.IsZero() {
			when = t.DoneAt
		}
		state := word(p, "certificate.told_state.", t.State)
		if !when.IsZero() {
			state += " " + at(when)
		}
		told.Items = append(told.Items, p.T("certificate.told_item", "holder", holder, "what", Pointer(p, t.List, t.Line), "state", state))
	}
	return told
}

// Pointer says where somebody stands, and never who: "list 317, line 214".
func Pointer(p *locale.Printer, list int64, line int) string {
	switch {
	case list == 0:
		return p.T("certificate.pointer.entry")
	case line == 0:
		return p.T("certificate.pointer.list", "number", list)
	}
	return p.T("certificate.pointer.line", "number", list, "line", line)
}

// signedBy tells how the paper is checked.
func (c *Certificate) signedBy(p *locale.Printer) document.Section {
	return document.Section{
		Heading: p.T("certificate.check"), Paragraphs: []string{p.T("certificate.check_text", "file", attachedName)},
		Codes: []string{
			p.T("certificate.key", "key", Key(c.Key)),
			p.T("certificate.mark", "hash", groups(hex.EncodeToString(c.Hash[:]))),
			p.T("certificate.salt", "salt", c.Salt),
		},
	}
}

// Key is a public key as people type and compare it.
func Key(key []byte) string { return base64.StdEncoding.EncodeToString(key) }

// ParseKey reads a key as Key writes it; nil for anything else.
func ParseKey(text string) []byte {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != 32 {
		return nil
	}
	return key
}

// word is a word of the catalogue; where another version made the certificate, the
// code itself.
func word(p *locale.Printer, prefix, code string) string {
	if p.Has(prefix + code) {
		return p.T(prefix + code)
	}
	return code
}

func className(class int) string {
	switch class {
	case 1:
		return "membership"
	case 2:
		return "bookkeeping"
	case 3:
		return "evidence"
	}
	return "unknown"
}

// groups parts a long code so that it can be read aloud.
func groups(code string) string {
	var b strings.Builder
	for i, r := range code {
		if i > 0 && i%8 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}
