package locale

import "testing"

// A country is named as the reader calls it, never by its code.
func TestACountryIsNamed(t *testing.T) {
	for _, c := range []struct{ lang, code, want string }{
		{"da", "US", "USA"}, {"nb", "US", "USA"}, {"sv", "US", "USA"}, {"en", "US", "United States"},
		{"da", "DE", "Tyskland"}, {"nb", "DE", "Tyskland"}, {"sv", "NO", "Norge"}, {"en", "NO", "Norway"}, {"nb", "CH", "Sveits"}, {"da", "??", "??"}, {"nb", "", ""},
	} {
		if got := For(c.lang).Country(c.code); got != c.want {
			t.Errorf("%s in %s is %q, want %q", c.code, c.lang, got, c.want)
		}
	}
	for _, c := range []struct{ lang, code, want string }{
		{"nb", "sv", "svensk"}, {"nb", "nb", "norsk"}, {"da", "nb", "norsk"}, {"sv", "da", "danska"}, {"en", "nb", "Norwegian"}, {"da", "en", "engelsk"}, {"da", "!", "!"},
	} {
		if got := For(c.lang).Language(c.code); got != c.want {
			t.Errorf("%s in %s is %q, want %q", c.code, c.lang, got, c.want)
		}
	}
	all := For("da").Countries()
	if len(all) < 240 || all[0] != "AF" || all[len(all)-1] != "AX" { // Afghanistan … Åland
		t.Errorf("%d countries from %s to %s", len(all), all[0], all[len(all)-1])
	}
}
