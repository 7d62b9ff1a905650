package directory

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// N11: what may embed a page ends up in a policy of the browser, so nothing that could
// end or widen one comes through, whatever is typed.
func TestN11OriginsAreSitesAndNothingElse(t *testing.T) {
	for given, want := range map[string]string{
		"https://Klubb.Example/": "https://klubb.example", "https://klubb.example:8443": "https://klubb.example:8443", "http://localhost:3000": "http://localhost:3000",
		"http://klubb.example": "", "https://klubb.example/side": "", "*": "", "https://*": "", "'self'": "", "https://a.example; script-src *": "", "https://u:p@a.example": "", "javascript:1": "", "https://": "",
	} {
		got, ok := origins([]string{given})
		if ok != (want != "") || ok && got[0] != want {
			t.Errorf("%q gives %q, %v", given, got, ok)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		got, _ := origins([]string{rapid.String().Draw(t, "typed"), "https://" + rapid.String().Draw(t, "host")})
		for _, origin := range got {
			if strings.ContainsAny(origin, " ;,'\"*\n\r\t<>") || !strings.HasPrefix(origin, "http") {
				t.Fatalf("%q comes through", origin)
			}
		}
	})
}

// N12: a few letters, however they are spread.
func TestN12LettersOfASearch(t *testing.T) {
	for text, want := range map[string]bool{"": false, "bo": false, " b o ": false, "bol": true, "b o l": true, "åse": true} {
		if enough(text) != want {
			t.Errorf("%q is enough: %v", text, !want)
		}
	}
}
