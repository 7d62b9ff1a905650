package charter

import (
	"bytes"
	"strconv"
	"strings"
)

// lineIndex maps every key of a TOML text, as a path such as "posts[2].name.da",
// to its line. The TOML library knows the lines but keeps them to itself. The
// text has passed its parser, so this scanner only finds its way, it judges
// nothing; on a text it does not understand it stops with what it has.
func lineIndex(src []byte) map[string]int {
	s := &scanner{src: src, line: 1, lines: make(map[string]int), tables: make(map[string]int)}
	if bytes.HasPrefix(src, []byte("\ufeff")) { // a byte order mark is no part of the first key
		s.pos = len("\ufeff")
	}
	prefix := ""
	for {
		s.blank()
		if s.end() {
			return s.lines
		}
		start := s.pos
		if s.peek() == '[' {
			prefix = s.header()
		} else {
			s.pair(prefix)
		}
		if s.pos == start {
			return s.lines
		}
	}
}

type scanner struct {
	src    []byte
	pos    int
	line   int
	lines  map[string]int
	tables map[string]int // path of an array of tables → how many so far
}

func (s *scanner) end() bool { return s.pos >= len(s.src) }

func (s *scanner) peek() byte {
	if s.end() {
		return 0
	}
	return s.src[s.pos]
}

// next takes a byte and counts lines.
func (s *scanner) next() byte {
	b := s.peek()
	if b == '\n' {
		s.line++
	}
	if !s.end() {
		s.pos++
	}
	return b
}

func (s *scanner) take(b byte) bool {
	if s.peek() != b || s.end() {
		return false
	}
	s.next()
	return true
}

// blank skips white space, line ends and comments.
func (s *scanner) blank() {
	for !s.end() {
		switch s.peek() {
		case ' ', '\t', '\r', '\n':
			s.next()
		case '#':
			for !s.end() && s.peek() != '\n' {
				s.next()
			}
		default:
			return
		}
	}
}

func (s *scanner) space() {
	for s.peek() == ' ' || s.peek() == '\t' {
		s.next()
	}
}

// header reads [a.b] or [[a.b]] and gives the path of the keys below it.
func (s *scanner) header() string {
	line := s.line
	s.take('[')
	many := s.take('[')
	parts := s.key()
	s.space()
	s.take(']')
	if many {
		s.take(']')
	}
	path := ""
	for i, part := range parts {
		path = join(path, part)
		last := i == len(parts)-1
		if many && last {
			s.mark(path, line)
			s.tables[path]++
		}
		if n := s.tables[path]; n > 0 {
			path = index(path, n-1)
		}
		s.mark(path, line)
	}
	return path
}

// pair reads key = value.
func (s *scanner) pair(prefix string) {
	line := s.line
	path := prefix
	for _, part := range s.key() {
		path = join(path, part)
		s.mark(path, line)
	}
	s.space()
	if s.take('=') {
		s.value(path)
	}
}

// mark notes a path's line; a table's first line stands.
func (s *scanner) mark(path string, line int) {
	if _, known := s.lines[path]; !known {
		s.lines[path] = line
	}
}

// key reads a dotted key.
func (s *scanner) key() []string {
	var parts []string
	for {
		s.space()
		start := s.pos
		switch s.peek() {
		case '"', '\'':
			s.quoted()
			raw := string(s.src[start:s.pos])
			if text, err := strconv.Unquote(raw); err == nil {
				raw = text
			}
			parts = append(parts, strings.Trim(raw, `'"`))
		default:
			for !s.end() && !bytes.ContainsRune([]byte(" \t\r\n=.]#,}"), rune(s.peek())) {
				s.next()
			}
			parts = append(parts, string(s.src[start:s.pos]))
		}
		s.space()
		if !s.take('.') {
			return parts
		}
	}
}

func (s *scanner) value(path string) {
	s.space()
	switch s.peek() {
	case '"', '\'':
		s.quoted()
	case '[':
		s.next()
		for i := 0; ; i++ {
			s.blank()
			start := s.pos
			if s.end() || s.take(']') {
				return
			}
			element := index(path, i)
			s.mark(element, s.line)
			s.value(element)
			s.blank()
			s.take(',')
			if s.pos == start {
				return
			}
		}
	case '{':
		s.next()
		for {
			s.blank()
			start := s.pos
			if s.end() || s.take('}') {
				return
			}
			s.pair(path)
			s.blank()
			s.take(',')
			if s.pos == start {
				return
			}
		}
	default:
		for !s.end() && !bytes.ContainsRune([]byte(",]}\n#"), rune(s.peek())) {
			s.next()
		}
	}
}

// quoted skips a string of any of the four kinds.
func (s *scanner) quoted() {
	quote := s.peek()
	long := []byte{quote, quote, quote}
	if bytes.HasPrefix(s.src[s.pos:], long) {
		s.pos += 3
		for !s.end() && !bytes.HasPrefix(s.src[s.pos:], long) {
			s.escaped(quote)
		}
		// Up to two quotes may stand right before the closing three.
		for s.peek() == quote && !s.end() {
			s.next()
		}
		return
	}
	s.next()
	for !s.end() && s.peek() != quote && s.peek() != '\n' {
		s.escaped(quote)
	}
	s.take(quote)
}

// escaped takes one character, with its backslash where the string knows escapes.
func (s *scanner) escaped(quote byte) {
	if s.next() == '\\' && quote == '"' {
		s.next()
	}
}

func join(prefix, key string) string {
	if prefix == "" {
		return key
	}
	return prefix + "." + key
}
