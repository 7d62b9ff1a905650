package member

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"kartotek/internal/locale"
)

// key is the beginning of something a person is found by, packed so that all
// texts with a common beginning are neighbours: the kind in the top four bits,
// then twelve letters of five bits, or fifteen digits of four. A prefix is a
// range of keys.
type key uint64

// Kinds of keys.
const (
	nameKey     key = (iota + 1) << 60 // a part of the name, folded
	emailKey                           // the whole e-mail address
	domainKey                          // what stands after the @
	numberKey                          // member number
	phoneKey                           // phone number with its country code
	nationalKey                        // phone number without it
	shortWord                          // the first one or two letters of a name or e-mail address
	shortDigits                        // the first one or two digits of a number
	kindMask    key = 15 << 60
)

const (
	wordLetters = 12
	wordBits    = 5
	digitCount  = 15
	digitBits   = 4
	vagueLetter = 29 // from here on several characters share a code
)

// letterCode gives a character of folded text its code, 1 to 31.
func letterCode(c byte) key {
	switch {
	case 'a' <= c && c <= 'z':
		return key(c-'a') + 1
	case c == '.':
		return 27
	case c == '@':
		return 28
	case '0' <= c && c <= '9':
		return vagueLetter
	case c < utf8.RuneSelf:
		return vagueLetter + 1
	}
	return vagueLetter + 2
}

// wordKey packs the beginning of s. It is sharp if the key says all about s as
// a prefix; otherwise what its range holds must be compared with s.
func wordKey[T string | []byte](kind key, s T) (k key, letters int, sharp bool) {
	sharp = len(s) <= wordLetters
	shift := 60
	for i := 0; i < len(s) && i < wordLetters; i++ {
		code := letterCode(s[i])
		sharp = sharp && code < vagueLetter
		shift -= wordBits
		k |= code << shift
	}
	return kind | k, min(len(s), wordLetters), sharp
}

// digitKey packs the beginning of a number; letters in member numbers share
// codes. Sharp is as for wordKey.
func digitKey[T string | []byte](kind key, s T) (k key, digits int, sharp bool) {
	sharp = len(s) <= digitCount
	shift := 60
	for i := 0; i < len(s) && i < digitCount; i++ {
		code := key(11) + key(s[i]%5)
		if d := s[i] - '0'; d < 10 {
			code = key(d) + 1
		} else {
			sharp = false
		}
		shift -= digitBits
		k |= code << shift
	}
	return kind | k, min(len(s), digitCount), sharp
}

// keyRange is all keys that begin as a prefix does.
type keyRange struct{ first, last key }

func wordRange(k key, letters int) keyRange {
	return keyRange{k, k | (1<<(60-wordBits*letters) - 1)}
}

func digitRange(k key, digits int) keyRange {
	return keyRange{k, k | (1<<(60-digitBits*digits) - 1)}
}

// shortOf gives the short keys that a key counts under: its first one and two
// letters or digits; none of those that are vague.
func shortOf(k key) (one, two key) {
	switch k & kindMask {
	case nameKey, emailKey:
		a, b := k>>55&31, k>>50&31
		if a == 0 || a >= vagueLetter {
			return 0, 0
		}
		one = shortWord | a<<55
		if b != 0 && b < vagueLetter {
			two = one | b<<50
		}
	case numberKey, phoneKey, nationalKey:
		a, b := k>>56&15, k>>52&15
		if a == 0 || a > 10 {
			return 0, 0
		}
		one = shortDigits | a<<56
		if b != 0 && b <= 10 {
			two = one | b<<52
		}
	}
	return one, two
}

// wordsOf calls fn for every part of a folded name: runs of letters and digits;
// apostrophes are dropped (O'Brien is "obrien"). The part is valid until fn
// returns.
func wordsOf(folded []byte, fn func(word []byte)) {
	start, kept := -1, 0
	for i := 0; i <= len(folded); i++ {
		switch {
		case i < len(folded) && wordByte(folded[i]):
			if start < 0 {
				start, kept = i, i
			}
			folded[kept] = folded[i]
			kept++
		case i < len(folded) && folded[i] == '\'' && start >= 0:
		case start >= 0:
			fn(folded[start:kept])
			start = -1
		}
	}
}

func wordByte(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c >= utf8.RuneSelf
}

// foldWords folds a name for wordsOf; typographic apostrophes count as plain.
func foldWords(dst []byte, s string) []byte {
	dst = locale.AppendFold(dst, s)
	if bytes.IndexByte(dst, 0xe2) >= 0 {
		dst = bytes.ReplaceAll(dst, []byte("’"), []byte("'"))
	}
	return dst
}

// nameKeys appends the keys of a name's parts.
func nameKeys(dst []key, s string) []key {
	var space [128]byte
	wordsOf(foldWords(space[:0], s), func(word []byte) {
		k, _, _ := wordKey(nameKey, word)
		dst = append(dst, k)
	})
	return dst
}

// contactKeys appends the keys of everything but the name.
func contactKeys(dst []key, c contact) []key {
	if c.number != "" {
		k, _, _ := digitKey(numberKey, strings.ToLower(c.number))
		dst = append(dst, k)
	}
	for _, former := range strings.Fields(c.former) {
		k, _, _ := digitKey(numberKey, strings.ToLower(former))
		dst = append(dst, k)
	}
	if c.email != "" {
		k, _, _ := wordKey(emailKey, c.email)
		d, _, _ := wordKey(domainKey, c.email[strings.LastIndexByte(c.email, '@')+1:])
		dst = append(dst, k, d)
	}
	for _, phone := range [...]string{c.phone, c.mobile} {
		if phone != "" {
			k, _, _ := digitKey(phoneKey, phone[1:])
			n, _, _ := digitKey(nationalKey, national(phone))
			dst = append(dst, k, n)
		}
	}
	return dst
}

// national is a number in E.164 without "+" and country code.
func national(e164 string) string {
	digits := strings.TrimPrefix(e164, "+")
	return digits[min(callingCodeLength(digits), len(digits)):]
}

// callingCodeLength tells where a country code ends: the codes are prefix-free,
// and of two digits except for zones 1 and 7 and the lists of three.
func callingCodeLength(digits string) int {
	if len(digits) < 2 {
		return len(digits)
	}
	if digits[0] == '1' || digits[0] == '7' {
		return 1
	}
	switch digits[:2] {
	case "21", "22", "23", "24", "25", "26", "29", "35", "37", "38", "42", "50", "59",
		"67", "68", "69", "80", "83", "85", "87", "88", "89", "96", "97", "99":
		return 3
	}
	return 2
}
