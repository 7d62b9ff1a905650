package document

import (
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Contact is somebody as an address book has them.
type Contact struct {
	UID           string // the same whenever the contact is exported, so that it is not there twice
	Given, Family string
	Name          string // as it is shown; of the two above when empty
	Organisation  string
	Unit          string // the body within it
	Role          string
	Phones        []ContactPhone
	Emails        []string
	Street        string // may have several lines
	Code, Town    string // postal code and town
	Country       string
	Categories    []string
	Note          string
}

// ContactPhone is a telephone number and whether it is carried about.
type ContactPhone struct {
	Number string
	Mobile bool
}

// VCardWriter writes contacts one after another.
//
// It is vCard 3.0 (RFC 2426) in UTF-8: iPhones, Android and Outlook all read it,
// while 4.0 is refused or read in part by Outlook and by older phones.
type VCardWriter struct {
	out    io.Writer
	buffer []byte
	err    error
	time   string
}

// NewVCard begins a file of contacts made at a time.
func NewVCard(w io.Writer, made time.Time) *VCardWriter {
	return &VCardWriter{out: w, time: made.UTC().Format("20060102T150405Z")}
}

// Write adds a contact.
func (v *VCardWriter) Write(c Contact) error {
	name := c.Name
	if name == "" {
		name = strings.TrimSpace(c.Given + " " + c.Family)
	}
	v.line("BEGIN", "VCARD")
	v.line("VERSION", "3.0")
	v.line("N", vcardText(c.Family), vcardText(c.Given), "", "", "")
	v.line("FN", vcardText(name))
	switch {
	case c.Unit != "":
		v.line("ORG", vcardText(c.Organisation), vcardText(c.Unit))
	default:
		v.optional("ORG", c.Organisation)
	}
	v.optional("TITLE", c.Role)
	for _, phone := range c.Phones {
		kind := "VOICE"
		if phone.Mobile {
			kind = "CELL"
		}
		v.optional("TEL;TYPE="+kind, phone.Number)
	}
	for _, address := range c.Emails {
		v.optional("EMAIL;TYPE=INTERNET", address)
	}
	if c.Street != "" || c.Code != "" || c.Town != "" {
		v.line("ADR;TYPE=HOME", "", "", vcardText(c.Street), vcardText(c.Town), "", vcardText(c.Code), vcardText(c.Country))
	}
	if len(c.Categories) > 0 {
		var all []string
		for _, category := range c.Categories {
			all = append(all, vcardText(category))
		}
		v.line("CATEGORIES", strings.Join(all, ","))
	}
	v.optional("NOTE", c.Note)
	v.optional("UID", c.UID)
	v.line("REV", v.time)
	v.line("END", "VCARD")
	if len(v.buffer) >= flushAt {
		v.flush()
	}
	return v.err
}

// Close writes what is still gathered.
func (v *VCardWriter) Close() error {
	v.flush()
	return v.err
}

func (v *VCardWriter) flush() {
	if v.err == nil && len(v.buffer) > 0 {
		_, v.err = v.out.Write(v.buffer)
	}
	v.buffer = v.buffer[:0]
}

// optional writes a text that may be none.
func (v *VCardWriter) optional(name, text string) {
	if text = vcardText(text); text != "" {
		v.line(name, text)
	}
}

// line writes a property, folded so that no line is longer than 75 bytes and no
// letter is cut.
func (v *VCardWriter) line(name string, parts ...string) {
	text := name + ":" + strings.Join(parts, ";")
	most := 75
	for len(text) > most {
		cut := most
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		v.buffer = append(append(v.buffer, text[:cut]...), "\r\n "...)
		text, most = text[cut:], 74
	}
	v.buffer = append(append(v.buffer, text...), '\r', '\n')
}

// vcardText is a text as a vCard has it. What could end a line, and so begin
// another property, is a break within the text or gone.
func vcardText(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(strings.ToValidUTF8(s, "\ufffd"))
	s = strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(strings.TrimSpace(s))
}
