package certificate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"
)

// The signed bytes are canonical JSON: RFC 8785 (JCS) restricted to what a
// certificate holds, so that anybody can make them again in any language:
//
//   - UTF-8, no white space anywhere;
//   - members of an object sorted by name, none twice; all names are ASCII;
//   - numbers are integers from -(2^53-1) to 2^53-1, in decimal, without sign of
//     zero, leading zeros, fraction or exponent;
//   - in strings only `"`, `\` and the controls below U+0020 are escaped, as
//     \" \\ \b \t \n \f \r and otherwise \u00xx in small letters; every other
//     letter stands as it is;
//   - no null.

const largestInteger = 1<<53 - 1

var errForm = errors.New("certificate: not in the form of a certificate")

// Canonical gives a value as canonical JSON: what other signed papers of the house are
// signatures of too.
func Canonical(v any) ([]byte, error) { return encode(v) }

// canonical turns JSON into canonical JSON.
func canonical(src []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, errForm
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errForm
	}
	return appendValue(nil, v)
}

func appendValue(dst []byte, v any) ([]byte, error) {
	var err error
	switch v := v.(type) {
	case bool:
		return strconv.AppendBool(dst, v), nil
	case string:
		return appendString(dst, v)
	case json.Number:
		n, err := strconv.ParseInt(string(v), 10, 64)
		if err != nil || n > largestInteger || n < -largestInteger {
			return nil, errForm
		}
		return strconv.AppendInt(dst, n, 10), nil
	case []any:
		dst = append(dst, '[')
		for i, element := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = appendValue(dst, element); err != nil {
				return nil, err
			}
		}
		return append(dst, ']'), nil
	case map[string]any:
		dst = append(dst, '{')
		for i, name := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = appendString(dst, name); err != nil {
				return nil, err
			}
			if dst, err = appendValue(append(dst, ':'), v[name]); err != nil {
				return nil, err
			}
		}
		return append(dst, '}'), nil
	}
	return nil, errForm
}

var short = map[rune]byte{'"': '"', '\\': '\\', '\b': 'b', '\t': 't', '\n': 'n', '\f': 'f', '\r': 'r'}

func appendString(dst []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return nil, errForm
	}
	dst = append(dst, '"')
	for _, r := range s {
		if letter, ok := short[r]; ok {
			dst = append(dst, '\\', letter)
		} else if r < 0x20 {
			dst = fmt.Appendf(dst, `\u%04x`, r)
		} else {
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"'), nil
}
