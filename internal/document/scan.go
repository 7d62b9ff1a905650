package document

import (
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"kartotek/internal/fault"
)

// scanner takes CSV apart into rows of cells.
//
// encoding/csv was measured first and does not fit: it turns \r\n inside a cell
// into \n, so a text does not come back as it was written; it knows no lines
// that end in \r alone; one quote left open makes it read the rest of the file
// into memory. It remains the yardstick in the tests: where it reads a file, both
// read the same.
type scanner struct {
	in        io.Reader
	buffer    []byte
	pos, end  int   // what of the buffer is still to be read
	read      int64 // bytes taken from in
	eof       bool
	limits    Limits
	separator byte
	stop      [256]bool // ends a run of plain bytes outside quotes

	line  int    // the line that pos is on, from 1
	start int    // the line on which the row began
	row   []byte // the row's cells end to end
	ends  []int  // where each cell ends in row
	fault error  // what is wrong with the row alone
}

func newScanner(in io.Reader, buffer []byte, limits Limits) *scanner {
	return &scanner{in: in, buffer: buffer, line: 1, limits: limits}
}

func (s *scanner) separateBy(b byte) {
	s.separator = b
	s.stop = [256]bool{'\r': true, '\n': true, 0: true}
	s.stop[b] = true
}

// next reads one row. io.EOF comes after the last one; every other error is
// about the file and final.
func (s *scanner) next() error {
	s.row, s.ends, s.fault = s.row[:0], s.ends[:0], nil
	s.start = s.line
	if _, err := s.peek(); err != nil {
		return err
	}
	for {
		last, err := s.cell()
		if err != nil {
			return err
		}
		s.ends = append(s.ends, len(s.row))
		if len(s.ends) > s.limits.Columns {
			return fault.New(fault.Invalid, "document.error.too_many_columns", "line", s.start, "limit", s.limits.Columns)
		}
		if last {
			break
		}
	}
	if !utf8.Valid(s.row) {
		return fault.New(fault.Invalid, "document.error.not_utf8", "line", s.start)
	}
	return nil
}

// cell reads one cell with the separator or line break behind it, and tells
// whether it was the row's last.
func (s *scanner) cell() (last bool, err error) {
	switch c, err := s.peek(); {
	case err == io.EOF:
		return true, nil // behind a separator at the very end
	case err != nil:
		return false, err
	case c == '"':
		if err := s.quoted(); err != nil {
			return false, err
		}
	}
	if err := s.plain(); err != nil {
		return false, err
	}
	c, err := s.peek()
	switch {
	case err == io.EOF:
		return true, nil
	case err != nil:
		return false, err
	}
	s.pos++
	switch c {
	case s.separator:
		return false, nil
	case '\n':
		s.line++
		return true, nil
	case '\r':
		s.line++
		if c, err := s.peek(); err == nil && c == '\n' {
			s.pos++
		} else if err != nil && err != io.EOF {
			return false, err
		}
		return true, nil
	}
	return false, s.binary() // a NUL
}

// plain takes everything up to the next separator or line break. Quotes in the
// middle of a cell are part of it: 5" skærm.
func (s *scanner) plain() error {
	for {
		from := s.pos
		for s.pos < s.end && !s.stop[s.buffer[s.pos]] {
			s.pos++
		}
		if err := s.take(s.buffer[from:s.pos]); err != nil {
			return err
		}
		if s.pos < s.end {
			return nil
		}
		if err := s.fill(); err != nil {
			if err == io.EOF {
				return nil
			}
			return err
		}
	}
}

// quoted takes a cell in quotes up to its end, and notes a fault when something
// else than a separator, a line break or spaces follows: such a cell is seldom
// what somebody meant.
func (s *scanner) quoted() error {
	opened := s.line
	s.pos++
	for {
		from := s.pos
		for s.pos < s.end && !inQuotes[s.buffer[s.pos]] {
			s.pos++
		}
		if err := s.take(s.buffer[from:s.pos]); err != nil {
			return err
		}
		c, err := s.peek()
		if err == io.EOF {
			return fault.New(fault.Invalid, "document.error.quote_open", "line", opened)
		}
		if err != nil {
			return err
		}
		switch c {
		case 0:
			return s.binary()
		case '\n':
			s.line++
		case '\r':
			s.pos++
			if err := s.take([]byte{'\r'}); err != nil {
				return err
			}
			if c, err := s.peek(); err == nil && c == '\n' {
				continue // counted there
			} else if err != nil && err != io.EOF {
				return err
			}
			s.line++
			continue
		case '"':
			s.pos++
			after, err := s.peek()
			if err == nil && after == '"' {
				break // a doubled quote is one
			}
			if err != nil && err != io.EOF {
				return err
			}
			return s.behindQuote()
		default:
			continue // the buffer was filled anew
		}
		if err := s.take(s.buffer[s.pos : s.pos+1]); err != nil {
			return err
		}
		s.pos++
	}
}

// inQuotes marks what ends a run of plain bytes inside quotes.
var inQuotes = [256]bool{'"': true, '\r': true, '\n': true, 0: true}

// behindQuote passes the spaces that some programs leave after a closing quote.
func (s *scanner) behindQuote() error {
	for {
		c, err := s.peek()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if c != ' ' {
			if !s.stop[c] && s.fault == nil {
				s.fault = fault.New(fault.Invalid, "document.error.quote_text", "line", s.line)
			}
			return nil
		}
		s.pos++
	}
}

// take adds bytes to the row.
func (s *scanner) take(b []byte) error {
	if len(s.row)+len(b) > s.limits.Row {
		return tooLong(s.start, s.limits.Row)
	}
	s.row = append(s.row, b...)
	return nil
}

func (s *scanner) binary() error {
	return fault.New(fault.Invalid, "document.error.binary", "line", s.line)
}

// peek returns the next byte without taking it.
func (s *scanner) peek() (byte, error) {
	if s.pos == s.end {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	return s.buffer[s.pos], nil
}

// fill reads more into the buffer, all of which has been taken.
func (s *scanner) fill() error {
	if s.eof {
		return io.EOF
	}
	for range 100 {
		n, err := s.in.Read(s.buffer[:cap(s.buffer)])
		s.buffer, s.pos, s.end = s.buffer[:n], 0, n
		s.read += int64(n)
		if s.read > s.limits.File {
			return tooLarge(s.limits.File)
		}
		if errors.Is(err, io.EOF) {
			s.eof = true
		} else if err != nil {
			return fmt.Errorf("reading a CSV file: %w", err)
		}
		if n > 0 {
			return nil
		}
		if s.eof {
			return io.EOF
		}
	}
	return io.ErrNoProgress
}

func tooLong(line, limit int) error {
	return fault.New(fault.Invalid, "document.error.row_too_long", "line", line, "limit", limit>>10)
}

func tooLarge(limit int64) error {
	return fault.New(fault.Invalid, "document.error.too_large", "limit", limit>>20)
}
