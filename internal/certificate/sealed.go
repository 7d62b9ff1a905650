package certificate

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Draft is the statement as it is kept, sealed, until the rest is known.
func (s *Statement) Draft() ([]byte, error) { return encode(s.wire()) }

// FromDraft reads what Draft made.
func FromDraft(text []byte) (Statement, error) {
	var w wireStatement
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if d.Decode(&w) != nil {
		return Statement{}, ErrForm
	}
	return w.statement()
}

// Typed brings a number, or a salt, that somebody typed off into its form: letters
// large, in groups of four. What is none comes back without a meaning.
func Typed(text string) string {
	letters := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
			return r
		}
		return -1
	}, text)
	prefix := ""
	if len(letters) == 13 && letters[0] == 'K' {
		prefix, letters = "K-", letters[1:]
	}
	if len(letters) != 12 {
		return prefix + letters
	}
	return prefix + letters[:4] + "-" + letters[4:8] + "-" + letters[8:]
}
