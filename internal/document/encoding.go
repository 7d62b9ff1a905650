package document

import (
	"bytes"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// Encoding is how the text of a file is written in bytes.
type Encoding uint8

const (
	GuessEncoding Encoding = iota
	UTF8
	UTF16LE
	UTF16BE
	Windows1252 // Excel's plain "CSV" in western Europe
	Macintosh   // Excel's "CSV (Macintosh)"
	DOS         // Excel's "CSV (MS-DOS)": code page 850
)

// Encodings are the ones that may be chosen where the guess is wrong.
var Encodings = []Encoding{UTF8, UTF16LE, UTF16BE, Windows1252, Macintosh, DOS}

var encodingNames = [...]string{"", "utf-8", "utf-16le", "utf-16be", "windows-1252", "macintosh", "ibm850"}

// String is the name the encoding is registered under, in small letters; empty
// for a guess.
func (e Encoding) String() string {
	if int(e) < len(encodingNames) {
		return encodingNames[e]
	}
	return ""
}

// EncodingNamed is the encoding of a registered name.
func EncodingNamed(name string) (Encoding, bool) {
	for e, n := range encodingNames {
		if n == name {
			return Encoding(e), true
		}
	}
	return GuessEncoding, false
}

// decoder turns bytes into UTF-8; nil for what is UTF-8 already.
func (e Encoding) decoder() *encoding.Decoder {
	switch e {
	case UTF16LE:
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()
	case UTF16BE:
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder()
	case Windows1252:
		return charmap.Windows1252.NewDecoder()
	case Macintosh:
		return charmap.Macintosh.NewDecoder()
	case DOS:
		return charmap.CodePage850.NewDecoder()
	}
	return nil
}

// census counts what tells encodings apart. It may be fed a file in pieces.
type census struct {
	start   []byte // the first bytes, for marks
	size    int64
	nul     [2]int64 // at even and odd places
	rune    int64    // characters of more than one byte in good UTF-8
	invalid int64    // bytes that are not UTF-8
	letter  [256]int64
	part    []byte // a character that the last piece cut
}

func (c *census) add(piece []byte) {
	if len(c.start) < 4 {
		c.start = append(c.start, piece[:min(len(piece), 4-len(c.start))]...)
	}
	if bytes.IndexByte(piece, 0) >= 0 {
		for i, b := range piece {
			if b == 0 {
				c.nul[(c.size+int64(i))&1]++
			}
		}
	}
	c.size += int64(len(piece))
	if len(c.part) > 0 {
		// At most three bytes wait; with three more the character is whole or none.
		n := min(len(piece), utf8.UTFMax-1)
		joined := append(c.part, piece[:n]...)
		c.part = nil
		if !utf8.FullRune(joined) {
			c.part = joined
			return
		}
		_, size := c.one(joined)
		rest := joined[size:]
		piece = append(rest[:len(rest):len(rest)], piece[n:]...)
	}
	for len(piece) > 0 {
		at := ascii(piece)
		if piece = piece[at:]; len(piece) == 0 {
			return
		}
		if !utf8.FullRune(piece) {
			c.part = bytes.Clone(piece)
			return
		}
		_, size := c.one(piece)
		piece = piece[size:]
	}
}

// one counts the character that a text begins with.
func (c *census) one(text []byte) (rune, int) {
	r, size := utf8.DecodeRune(text)
	switch {
	case r == utf8.RuneError && size == 1:
		c.invalid++
		c.letter[text[0]]++
	case size > 1:
		c.rune++
		for _, b := range text[:size] {
			c.letter[b]++
		}
	}
	return r, size
}

// ascii is the number of plain bytes that a text begins with.
func ascii(text []byte) int {
	for i, b := range text {
		if b >= utf8.RuneSelf {
			return i
		}
	}
	return len(text)
}

// letters are the bytes of æ ø å ä ö é ü and their capitals in the old encodings.
var letters = [...]struct {
	encoding Encoding
	bytes    string
}{
	{Windows1252, "\xE6\xF8\xE5\xC6\xD8\xC5\xE4\xF6\xC4\xD6\xE9\xC9\xFC\xDC"},
	{Macintosh, "\xBE\xBF\x8C\xAE\xAF\x81\x8A\x9A\x80\x85\x8E\x83\x9F\x86"},
	{DOS, "\x91\x9B\x86\x92\x9D\x8F\x84\x94\x8E\x99\x82\x90\x81\x9A"},
}

// guess names the encoding. A mark decides; then NULs, which only UTF-16 has in
// plain text; then whether the bytes are UTF-8, which hardly any other text is
// by chance. A text that is UTF-8 but for a few bytes stays UTF-8: reading it as
// anything else would spoil every name to save one. The rest is Windows-1252
// unless the letters of the Nordic languages are clearly another one's.
func (c *census) guess() Encoding {
	switch {
	case bytes.HasPrefix(c.start, []byte(bom)):
		return UTF8
	case bytes.HasPrefix(c.start, []byte("\xFF\xFE")):
		return UTF16LE
	case bytes.HasPrefix(c.start, []byte("\xFE\xFF")):
		return UTF16BE
	}
	if even, odd := c.nul[0], c.nul[1]; (even+odd)*4 >= c.size && even+odd > 0 {
		if even > odd {
			return UTF16BE
		}
		return UTF16LE
	}
	if invalid := c.invalid + int64(len(c.part)); invalid == 0 || c.rune > 4*invalid {
		return UTF8
	}
	best, most := Windows1252, int64(-1)
	for _, l := range letters {
		n := int64(0)
		for i := range len(l.bytes) {
			n += c.letter[l.bytes[i]]
		}
		if n > most {
			best, most = l.encoding, n
		}
	}
	return best
}

// survey reads a file once to name its encoding.
func survey(r io.Reader) (Encoding, error) {
	var c census
	buffer := make([]byte, sampleSize)
	for {
		n, err := r.Read(buffer)
		c.add(buffer[:n])
		if err == io.EOF {
			return c.guess(), nil
		}
		if err != nil {
			return 0, err
		}
	}
}
