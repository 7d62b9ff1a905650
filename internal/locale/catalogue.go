package locale

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed messages
var embedded embed.FS

// catalogue is every language's messages. A room's are parsed and compiled when the
// first of them is asked for: a command that speaks of one thing in one language need
// not read everything the house can say.
type catalogue struct {
	codes    []string // alphabetical
	printers map[string]*Printer
	empty    *Printer // serves when there is no message at all
	order    []string // codes in the matcher's order: the fallback first
	matcher  language.Matcher
	months   map[string]int // folded names of months in all languages
	err      error
}

// loaded opens the embedded messages at the first use.
var loaded = sync.OnceValue(func() *catalogue {
	messages, err := fs.Sub(embedded, "messages")
	if err != nil {
		panic(err) // the path is a constant
	}
	return load(messages)
})

// load takes <language>/<room>.toml from files. What is wrong with one file does not
// take the others away.
func load(files fs.FS) *catalogue {
	c := &catalogue{printers: map[string]*Printer{}}
	names, err := fs.Glob(files, "*/*.toml")
	c.err = err
	for _, name := range names {
		code := path.Dir(name)
		p := c.printers[code]
		if p == nil {
			p = &Printer{lang: code, tag: language.Make(code), rooms: map[string]*room{}}
			c.printers[code] = p
			c.codes = append(c.codes, code)
		}
		p.rooms[strings.TrimSuffix(path.Base(name), ".toml")] = &room{files: files, name: name}
	}
	slices.Sort(c.codes)
	c.empty = &Printer{lang: fallback[0]}
	for _, code := range c.codes {
		p := c.printers[code]
		for _, other := range fallback {
			if q := c.printers[other]; q != nil && q != p {
				p.next = append(p.next, q)
			}
		}
	}
	for _, code := range c.codes {
		p := c.printers[code]
		c.err = errors.Join(c.err, p.words.fill(p))
	}
	c.match()
	c.months = monthNames(c)
	return c
}

func (c *catalogue) match() {
	c.order = slices.Clone(c.codes)
	slices.SortStableFunc(c.order, func(a, b string) int { return rank(a) - rank(b) })
	var tags []language.Tag
	for _, code := range c.order {
		tags = append(tags, c.printers[code].tag)
	}
	c.matcher = language.NewMatcher(tags)
}

func rank(code string) int {
	if i := slices.Index(fallback, code); i >= 0 {
		return i
	}
	return len(fallback)
}

// check reads everything and tells what is wrong with any of it.
func (c *catalogue) check() error {
	err := c.err
	for _, code := range c.codes {
		given := map[string]bool{}
		p := c.printers[code]
		for _, name := range slices.Sorted(maps.Keys(p.rooms)) {
			messages, wrong := p.rooms[name].read()
			err = errors.Join(err, wrong)
			for key := range messages {
				if given[key] {
					err = errors.Join(err, fmt.Errorf("messages/%s/%s.toml: %s is given twice", code, name, key))
				}
				given[key] = true
			}
		}
	}
	return err
}

// room is one file of messages.
type room struct {
	files fs.FS
	name  string

	once     sync.Once
	messages map[string]*message
	err      error
}

// read gives the file's messages, which it parses the first time, and what is wrong
// with the file.
func (r *room) read() (map[string]*message, error) {
	r.once.Do(func() { r.messages, r.err = parse(r.files, r.name) })
	return r.messages, r.err
}

func parse(files fs.FS, name string) (map[string]*message, error) {
	src, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	list, err := i18n.ParseMessageBytes(src, toml.Unmarshal)
	if err != nil {
		return nil, fmt.Errorf("messages/%s: %w", name, err)
	}
	var errs []error
	messages := make(map[string]*message, len(list))
	for _, m := range list {
		compiled, err := compile(m)
		if err != nil {
			errs = append(errs, fmt.Errorf("messages/%s: %s: %w", name, m.ID, err))
			continue
		}
		messages[m.ID] = compiled
	}
	return messages, errors.Join(errs...)
}

// message is one message ready to print.
type message struct {
	plain string // the text when it has neither arguments nor plural forms
	fixed bool   // plain is all there is
	forms [plural.Many + 1][]piece
}

// piece is literal text followed by an argument; the last one of a text may
// have no argument.
type piece struct{ text, arg string }

// compile turns a parsed message into pieces. Only {{.name}} is known: what
// needs conditions is two messages.
func compile(m *i18n.Message) (*message, error) {
	out := &message{}
	for form, text := range map[plural.Form]string{
		plural.Zero: m.Zero, plural.One: m.One, plural.Two: m.Two,
		plural.Few: m.Few, plural.Many: m.Many, plural.Other: m.Other,
	} {
		if text == "" {
			continue
		}
		pieces, err := split(text)
		if err != nil {
			return nil, err
		}
		out.forms[form] = pieces
	}
	if out.forms[plural.Other] == nil {
		return nil, errors.New(`has no text ("other" is the form every message needs)`)
	}
	if p := out.forms[plural.Other]; !out.plural() && len(p) == 1 && p[0].arg == "" {
		out.plain, out.fixed = p[0].text, true
	}
	return out, nil
}

func (m *message) plural() bool {
	for form, pieces := range m.forms {
		if pieces != nil && plural.Form(form) != plural.Other {
			return true
		}
	}
	return false
}

var placeholder = regexp.MustCompile(`\{\{\s*\.([a-z][a-z0-9_]*)\s*\}\}`)

func split(text string) ([]piece, error) {
	var pieces []piece
	rest := text
	for {
		at := placeholder.FindStringSubmatchIndex(rest)
		if at == nil {
			break
		}
		pieces = append(pieces, piece{rest[:at[0]], rest[at[2]:at[3]]})
		rest = rest[at[1]:]
	}
	if rest != "" || pieces == nil {
		pieces = append(pieces, piece{text: rest})
	}
	for _, p := range pieces {
		if strings.Contains(p.text, "{{") || strings.Contains(p.text, "}}") {
			return nil, fmt.Errorf("%q: only {{.name}} may stand in a message, in small letters", text)
		}
	}
	return pieces, nil
}
