package agreement

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"kartotek/internal/charter"
	"kartotek/internal/locale"
)

// The fixed clauses stand in the catalogue under agreement.<kind>.<code>, in our own
// words. They are locked: whoever changes a word makes a new version here, and every
// body is asked anew (a test sees to it).

// fixed is a version of the fixed clauses of a kind.
type fixed struct {
	codes []string
	locks []string // by version, from 1: the hash of all clauses in all languages
}

var clauses = map[string]fixed{
	charter.BindingProcessing: {
		codes: []string{"parties", "instructions", "confidence", "security", "subs", "rights", "assist", "breach", "transfers", "end", "audit", "unlawful", "duration"},
		locks: []string{"2fa83505e1d37982"},
	},
	charter.BindingJoint: {
		codes: []string{"parties", "share", "inform", "rights", "contact", "security", "recipients", "end", "essence", "duration"},
		locks: []string{"942799558937429b"},
	},
}

// Languages are those the fixed clauses exist in.
var Languages = []string{"da", "en", "nb", "sv"}

// Version is the version of the fixed clauses of a kind that stands.
func Version(kind string) int { return len(clauses[kind].locks) }

// Lock is the hash by which the version that stands is known.
func Lock(kind string) string { return clauses[kind].locks[Version(kind)-1] }

// lockOf is the hash of the clauses as the catalogue has them now.
func lockOf(kind string) string {
	var text strings.Builder
	for _, lang := range Languages {
		p := locale.For(lang)
		for _, code := range clauses[kind].codes {
			key := "agreement." + kind + "." + code
			fmt.Fprintf(&text, "%s\x00%s\x00%s\x00%s\x00", lang, code, p.T(key+"_title"), p.T(key+"_text"))
		}
	}
	sum := sha256.Sum256([]byte(text.String()))
	return hex.EncodeToString(sum[:8])
}
