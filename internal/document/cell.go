package document

import "strings"

// Spreadsheets run a cell that begins with = + - @ as a formula, and so may the
// sender of a list run code at its reader's (OWASP, CSV injection; ASVS 1.2.10).
// A cell that could be taken for one is written with an apostrophe in front, and
// reading takes it off again, so that +4510264795 and every other text come back
// as they left. An apostrophe that stood there already gets another, which makes
// the two steps exact opposites for every text.

// dangerous reports whether a spreadsheet might run a text: whether, apostrophes
// and spaces aside, it begins with a sign that opens a formula, or with a tab or
// line break, which some programs skip before they look. An apostrophe in front
// never changes the answer; the inverse rests on that.
func dangerous(s string) bool {
	if s == "" || opener[s[0]] == 0 {
		return false // nearly always
	}
	s = strings.TrimLeft(s, "' \u00a0")
	if s == "" {
		return false
	}
	switch s[0] {
	case '=', '+', '-', '@', '\t', '\r', '\n':
		return true
	}
	// The full-width signs, which Japanese and Chinese spreadsheets read as the plain ones.
	for _, sign := range [...]string{"＝", "＋", "－", "＠"} {
		if strings.HasPrefix(s, sign) {
			return true
		}
	}
	return false
}

// opener marks the bytes with which a dangerous text can begin.
var opener = [256]uint8{
	'=': 1, '+': 1, '-': 1, '@': 1, '\t': 1, '\r': 1, '\n': 1, '\'': 1, ' ': 1,
	0xC2: 1, // the no-break space
	0xEF: 1, // the full-width signs
}

// restore undoes what the writer, or Excel's trick against eaten noughts, did to
// a cell: '+45… becomes +45…, and ="00101" 00101.
func restore(s string) string {
	if len(s) < 2 {
		return s
	}
	switch s[0] {
	case '\'':
		if dangerous(s) {
			return s[1:]
		}
	case '=':
		if inner, ok := strings.CutPrefix(s, `="`); ok {
			if inner, ok = strings.CutSuffix(inner, `"`); ok && !strings.Contains(strings.ReplaceAll(inner, `""`, ""), `"`) {
				return strings.ReplaceAll(inner, `""`, `"`)
			}
		}
	}
	return s
}
