package locale

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold brings a text into the form in which it is searched: small letters, æ
// and ä as "ae", ø and ö as "oe", å as "aa", ü as "ue", ß as "ss", every other
// accent stripped. So whoever types "Soeren", "SØREN" or "Sören" finds Søren.
// Spaces and punctuation stay. A text already folded is returned as it is.
func Fold(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			return string(AppendFold(make([]byte, 0, len(s)+4), s))
		}
	}
	return s
}

// AppendFold appends Fold(s) to dst.
func AppendFold(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if 0x300 <= r && r < 0x370 {
			// A combining accent: compose the letter first (å written as a and ring).
			// Composing what is composed already changes nothing, so this ends.
			if composed := norm.NFC.String(s); composed != s {
				return AppendFold(dst[:len(dst)-len(AppendFold(nil, s[:i]))], composed)
			}
			i += size
			continue
		}
		dst = appendFoldRune(dst, r)
		i += size
	}
	return dst
}

func appendFoldRune(dst []byte, r rune) []byte {
	if int(r) < len(folded) {
		return append(dst, folded[r]...)
	}
	return append(dst, foldRune(r)...)
}

// folded holds what the letters of Latin-1, Extended-A and -B become.
var folded = func() (table [0x250]string) {
	for r := range table {
		table[r] = foldRune(rune(r))
	}
	return table
}()

// foldRune folds one letter: by name where stripping its accent would lose the
// letter, else by leaving its accents out.
func foldRune(r rune) string {
	r = unicode.ToLower(r)
	switch r {
	case 'æ', 'ä', 'ǽ':
		return "ae"
	case 'ø', 'ö', 'œ', 'ǿ', 'ő':
		return "oe"
	case 'å', 'ǻ':
		return "aa"
	case 'ü', 'ű':
		return "ue"
	case 'ß':
		return "ss"
	case 'þ':
		return "th"
	case 'ð', 'đ':
		return "d"
	case 'ł':
		return "l"
	case 'ı':
		return "i"
	case '\u00a0', '\u202f':
		return " "
	}
	var out []rune
	for _, part := range norm.NFKD.String(string(r)) {
		switch {
		case unicode.Is(unicode.Mn, part):
		case part == r:
			out = append(out, part)
		default: // a superscript or ligature is taken apart into letters to fold
			out = append(out, []rune(foldRune(part))...)
		}
	}
	return string(out)
}
