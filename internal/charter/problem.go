package charter

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"kartotek/internal/locale"
)

// Error is one problem in a charter's text, for whoever writes the charter.
type Error struct {
	File    string         // as it was named
	Line    int            // 1-based; 0 when the file as a whole is meant
	Key     string         // where in the text: "posts[2].may"
	Problem string         // message key, charter.error.*
	Args    map[string]any // its arguments
}

// Error says the problem in English, with its place: "club.toml:12: …".
func (e *Error) Error() string { return e.In("en") }

// In says the problem in a language of the catalogue, with its place.
func (e *Error) In(lang string) string {
	args := make([]any, 0, 2*len(e.Args))
	for name, value := range e.Args {
		args = append(args, name, value)
	}
	text := locale.For(lang).T(e.Problem, args...)
	if e.Key != "" {
		text = e.Key + ": " + text
	}
	if e.Line == 0 {
		return e.File + ": " + text
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, text)
}

// Errors are all problems of a charter's text, by line.
type Errors []*Error

// Error gives one problem a line, in English.
func (es Errors) Error() string { return es.In("en") }

// In gives one problem a line in a language of the catalogue.
func (es Errors) In(lang string) string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.In(lang)
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As find an *Error.
func (es Errors) Unwrap() []error {
	all := make([]error, len(es))
	for i, e := range es {
		all[i] = e
	}
	return all
}

// reporter collects problems while a charter is read and checked.
type reporter struct {
	file      string
	lines     map[string]int // path → line
	languages []string       // every text must exist in these
	broken    bool           // something could not be read, so rules would judge half a charter
	problems  Errors
}

// report adds a problem at a path such as "posts[2].may".
func (r *reporter) report(path, problem string, pairs ...any) {
	r.at(r.line(path), path, problem, pairs...)
}

func (r *reporter) at(line int, path, problem string, pairs ...any) {
	e := &Error{File: r.file, Line: line, Key: path, Problem: problem}
	if len(pairs) > 0 {
		e.Args = make(map[string]any, len(pairs)/2)
		for i := 0; i+1 < len(pairs); i += 2 {
			e.Args[pairs[i].(string)] = pairs[i+1]
		}
	}
	r.problems = append(r.problems, e)
}

// line finds where a path stands: its own line, or that of the nearest thing around it.
func (r *reporter) line(path string) int {
	for {
		if line, ok := r.lines[path]; ok {
			return line
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			return 1
		}
		path = path[:cut]
	}
}

func (r *reporter) sorted() Errors {
	slices.SortStableFunc(r.problems, func(a, b *Error) int { return cmp.Compare(a.Line, b.Line) })
	return r.problems
}
