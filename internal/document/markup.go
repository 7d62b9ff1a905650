package document

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
)

// markup takes XML apart as the parts of a workbook use it. encoding/xml was
// measured first and is ten times slower, most of it for what workbooks do not
// have. Here there are no document types and so no entities to explode, every
// name is known by its last part, and a tag or a text must fit into the buffer.
type markup struct {
	in       io.Reader
	buffer   []byte
	pos, end int
	most     int // bytes of one tag or text
	eof      bool
	depth    int
	empty    bool // the tag just opened closes itself

	name  []byte // of the tag, without its prefix
	attrs []attribute
	text  []byte // decoded
	plain []byte // what text is decoded into when it needs it
}

type attribute struct{ name, value []byte }

type token uint8

const (
	opened token = iota
	closed
	texted
)

// errMarkup is every way in which XML can be wrong; the file is then damaged, or
// made to do harm.
var errMarkup = errors.New("document: no XML as workbooks have it")

// deepest is how far elements may stand within each other, and manyAttributes
// how many attributes one may have.
const (
	deepest        = 64
	manyAttributes = 256
)

// newMarkup begins to read XML in UTF-8 or, by its mark, UTF-16.
func newMarkup(in io.Reader, most int) *markup {
	m := &markup{in: in, buffer: make([]byte, 32<<10), most: most}
	m.read()
	switch {
	case bytes.HasPrefix(m.buffer[:m.end], []byte("\xFF\xFE")), bytes.HasPrefix(m.buffer[:m.end], []byte("\xFE\xFF")):
		start := bytes.Clone(m.buffer[:m.end])
		m.in = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(io.MultiReader(bytes.NewReader(start), in))
		m.end, m.eof = 0, false
	case bytes.HasPrefix(m.buffer[:m.end], []byte(bom)):
		m.pos = len(bom)
	}
	return m
}

// read adds to the buffer what the reader gives next.
func (m *markup) read() error {
	if m.eof {
		return io.EOF
	}
	if m.end == len(m.buffer) {
		switch {
		case m.pos > 0:
			m.end = copy(m.buffer, m.buffer[m.pos:m.end])
			m.pos = 0
		case len(m.buffer) >= m.most:
			return errMarkup
		default:
			m.buffer = append(m.buffer, make([]byte, len(m.buffer))...)
		}
	}
	for range 100 {
		n, err := m.in.Read(m.buffer[m.end:])
		m.end += n
		if err == io.EOF {
			m.eof = true
			err = nil
		}
		if err != nil || n > 0 {
			return err
		}
		if m.eof {
			return io.EOF
		}
	}
	return io.ErrNoProgress
}

// find returns how far from pos a mark stands, reading on until it comes.
func (m *markup) find(mark string, from int) (int, error) {
	for {
		var at int
		if len(mark) == 1 {
			at = bytes.IndexByte(m.buffer[m.pos+from:m.end], mark[0])
		} else {
			at = bytes.Index(m.buffer[m.pos+from:m.end], []byte(mark))
		}
		if at >= 0 {
			return from + at, nil
		}
		from = max(from, m.end-m.pos-len(mark)+1)
		if err := m.read(); err != nil {
			return 0, err
		}
	}
}

// next reads a token. io.EOF comes when the outermost element has been closed
// and nothing follows.
func (m *markup) next() (token, error) {
	if m.empty {
		m.empty = false
		m.depth--
		return closed, nil
	}
	for {
		if m.pos == m.end {
			if err := m.read(); err == io.EOF && m.depth > 0 {
				return 0, io.ErrUnexpectedEOF
			} else if err != nil {
				return 0, err
			}
		}
		if m.buffer[m.pos] != '<' {
			at, err := m.find("<", 0)
			if err == io.EOF && m.depth == 0 {
				m.pos = m.end
				return 0, io.EOF
			}
			if err != nil {
				return 0, unexpected(err)
			}
			raw := m.buffer[m.pos : m.pos+at]
			m.pos += at
			if m.depth == 0 {
				continue
			}
			return texted, m.decode(raw)
		}
		t, ok, err := m.tag()
		if err != nil || ok {
			return t, unexpected(err)
		}
	}
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// tag reads what begins with <; ok is false for what is passed over.
func (m *markup) tag() (t token, ok bool, err error) {
	for m.end-m.pos < 2 {
		if err := m.read(); err != nil {
			return 0, false, err
		}
	}
	switch m.buffer[m.pos+1] {
	case '?':
		at, err := m.find("?>", 2)
		m.pos += at + 2
		return 0, false, err
	case '!':
		return m.exclaimed()
	case '/':
		at, err := m.find(">", 2)
		if err != nil {
			return 0, false, err
		}
		m.name = local(bytes.TrimSpace(m.buffer[m.pos+2 : m.pos+at]))
		m.pos += at + 1
		if m.depth--; m.depth < 0 {
			return 0, false, errMarkup
		}
		return closed, true, nil
	}
	size, err := m.tagEnd()
	if err != nil {
		return 0, false, err
	}
	raw := m.buffer[m.pos+1 : m.pos+size]
	m.pos += size + 1
	if n := len(raw); n > 0 && raw[n-1] == '/' {
		m.empty = true
		raw = raw[:n-1]
	}
	if m.depth++; m.depth > deepest {
		return 0, false, errMarkup
	}
	return opened, true, m.parse(raw)
}

// tagEnd finds the > of a tag; one within quotes is part of a value.
func (m *markup) tagEnd() (int, error) {
	// Most tags have no attributes, and lie in the buffer.
	rest := m.buffer[m.pos:m.end]
	if at := bytes.IndexByte(rest, '>'); at > 0 && bytes.IndexByte(rest[:at], '"') < 0 && bytes.IndexByte(rest[:at], '\'') < 0 {
		return at, nil
	}
	quote := byte(0)
	for at := 1; ; at++ {
		for m.pos+at == m.end {
			if err := m.read(); err != nil {
				return 0, err
			}
		}
		switch c := m.buffer[m.pos+at]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '>':
			return at, nil
		case c == '"' || c == '\'':
			quote = c
		}
	}
}

// exclaimed reads a comment, or a text that stands as it is. A document type is
// refused: that is where entities come from.
func (m *markup) exclaimed() (t token, ok bool, err error) {
	for m.end-m.pos < len("<![CDATA[") {
		if err := m.read(); err == io.EOF {
			break
		} else if err != nil {
			return 0, false, err
		}
	}
	switch start := m.buffer[m.pos:m.end]; {
	case bytes.HasPrefix(start, []byte("<!--")):
		at, err := m.find("-->", 4)
		m.pos += at + 3
		return 0, false, err
	case bytes.HasPrefix(start, []byte("<![CDATA[")) && m.depth > 0:
		at, err := m.find("]]>", 9)
		if err != nil {
			return 0, false, err
		}
		m.text = m.buffer[m.pos+9 : m.pos+at]
		m.pos += at + 3
		return texted, true, nil
	}
	return 0, false, errMarkup
}

// parse reads name and attributes of a tag.
func (m *markup) parse(raw []byte) error {
	n := 0
	for n < len(raw) && !space(raw[n]) {
		n++
	}
	m.name, m.attrs = local(raw[:n]), m.attrs[:0]
	if n == 0 {
		return errMarkup
	}
	for {
		for n < len(raw) && space(raw[n]) {
			n++
		}
		if n == len(raw) {
			return nil
		}
		equals := bytes.IndexByte(raw[n:], '=')
		if equals <= 0 || len(m.attrs) == manyAttributes {
			return errMarkup
		}
		name := bytes.TrimSpace(raw[n : n+equals])
		n += equals + 1
		for n < len(raw) && space(raw[n]) {
			n++
		}
		if n == len(raw) || raw[n] != '"' && raw[n] != '\'' {
			return errMarkup
		}
		size := bytes.IndexByte(raw[n+1:], raw[n])
		if size < 0 {
			return errMarkup
		}
		m.attrs = append(m.attrs, attribute{local(name), raw[n+1 : n+1+size]})
		n += size + 2
	}
}

// attr is the value of an attribute as it stands, nil when there is none.
func (m *markup) attr(name string) []byte {
	for _, a := range m.attrs {
		if string(a.name) == name {
			return a.value
		}
	}
	return nil
}

// words is the value of an attribute as a text.
func (m *markup) words(name string) (string, error) {
	value := m.attr(name)
	if value == nil {
		return "", nil
	}
	err := m.decode(value)
	return string(m.text), err
}

// yes reports whether an attribute says so.
func (m *markup) yes(name string) bool {
	switch string(m.attr(name)) {
	case "1", "true", "on":
		return true
	}
	return false
}

// decode puts a text into m.text, with its characters' names replaced.
func (m *markup) decode(raw []byte) error {
	at := bytes.IndexByte(raw, '&')
	if at < 0 {
		m.text = raw
		return nil
	}
	out := m.plain[:0]
	for at >= 0 {
		out = append(out, raw[:at]...)
		raw = raw[at+1:]
		end := bytes.IndexByte(raw[:min(len(raw), 12)], ';')
		if end < 0 {
			return errMarkup
		}
		r, ok := entity(string(raw[:end]))
		if !ok {
			return errMarkup
		}
		out = utf8.AppendRune(out, r)
		raw = raw[end+1:]
		at = bytes.IndexByte(raw, '&')
	}
	m.plain = append(out, raw...)
	m.text = m.plain
	return nil
}

// entity is the character of a name that XML itself has, or of a number.
func entity(name string) (rune, bool) {
	switch name {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	base, digits := 10, name
	if len(digits) < 2 || digits[0] != '#' {
		return 0, false
	}
	if digits = digits[1:]; digits[0] == 'x' {
		base, digits = 16, digits[1:]
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n == 0 || !utf8.ValidRune(rune(n)) {
		return 0, false
	}
	return rune(n), true
}

// local is a name without its prefix.
func local(name []byte) []byte {
	return name[bytes.LastIndexByte(name, ':')+1:]
}

func space(b byte) bool { return b == ' ' || b == '\n' || b == '\t' || b == '\r' }
