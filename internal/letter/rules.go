package letter

import (
	"errors"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// transition is one arrow of the package's diagram.
type transition struct{ from, to State }

var transitions = []transition{
	{Waiting, Posted}, {Waiting, Dropped}, {Waiting, Ended},
	{Posted, Returned}, {Posted, Waiting}, {Returned, Waiting},
}

func (s State) canBecome(next State) bool { return slices.Contains(transitions, transition{s, next}) }

// CanBecome reports whether a letter may come into a state.
func (l *Letter) CanBecome(next State) bool { return l.State.canBecome(next) }

// The binary form; numbers are never reused.
const (
	fieldSubject = iota + 1
	fieldBody
	fieldLang
	fieldKind
	fieldPadding
	fieldWith
)

// sealedStep is what the form is padded to a multiple of, in bytes: the length of
// a sealed letter must not tell which letter it is.
const sealedStep = 2048

// encode gives the padded binary form of a draft.
func (d *Draft) encode() []byte {
	w := record.Writer{Bytes: make([]byte, 0, len(d.Body)+sealedStep)}
	w.String(fieldSubject, d.Subject).String(fieldBody, d.Body).String(fieldLang, d.Lang).String(fieldKind, d.Kind)
	for _, person := range d.With {
		w.Uint(fieldWith, uint64(person))
	}
	padding := 1
	for (len(w.Bytes)+1+protowire.SizeVarint(uint64(padding))+padding)%sealedStep > 1 { // a varint grows by one
		padding++
	}
	return w.Blob(fieldPadding, make([]byte, padding)).Bytes
}

var errForm = errors.New("letter: the sealed form cannot be read")

// decode reads the binary form.
func (l *Letter) decode(src []byte) error {
	r := record.NewReader(src)
	for r.Next() {
		switch r.Field() {
		case fieldSubject:
			l.Subject = r.String()
		case fieldBody:
			l.Body = r.String()
		case fieldLang:
			l.Lang = r.String()
		case fieldKind:
			l.Kind = r.String()
		case fieldWith:
			l.With = append(l.With, vault.PersonID(r.Uint()))
		}
	}
	if r.Err() != nil {
		return errForm
	}
	return nil
}

// paragraphs are the parts of a text that an empty line parts.
func paragraphs(text string) (all []string) {
	for part := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if part = strings.Trim(part, "\n"); part != "" {
			all = append(all, part)
		}
	}
	return all
}
