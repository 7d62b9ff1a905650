package locale

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// use is a message key in the source: whole, or the beginning of a key that is
// put together from parts.
type use struct {
	key    string
	prefix bool
	place  string
}

// Every key that the house asks for stands in the catalogue. What nobody asks
// for is told, not refused: a room's texts may come before its pages.
func TestKeysInUseExist(t *testing.T) {
	keys := all(For("da"))
	asked, literals := sources(t, "../..")
	for _, u := range asked {
		switch {
		case u.prefix:
			if !anyKey(keys, u.key) {
				t.Errorf("%s: no message begins with %q", u.place, u.key)
			}
		case keys[u.key] == nil:
			t.Errorf("%s: no message %q", u.place, u.key)
		}
	}
	var unused []string
	for key := range keys {
		if !literals.mention(key) {
			unused = append(unused, key)
		}
	}
	slices.Sort(unused)
	if len(unused) > 0 {
		t.Logf("%d messages nobody asks for:\n%s", len(unused), strings.Join(unused, "\n"))
	}
}

// The scan sees what it is meant to see.
func TestScanFindsKeys(t *testing.T) {
	const src = `package x
func f(p P, e E) {
	p.T("a.b", "count", 1)
	p.T("a.c." + kind)
	p.T(key)
	e.With("name", "a.d").With(field, "a.e")
	slog.With("key", "value")
	_ = fault.New(fault.Invalid, "a.f", "n", 1)
	_ = Line{Key: "a.g"}
	_ = Other{Key: "plain"}
	_ = fmt.Sprintf("a.h.%s.i", x)
}`
	file, err := parser.ParseFile(token.NewFileSet(), "x.go", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	literals := mentions{}
	inGo(file, func(token.Pos) string { return "" }, literals, func(u use) { got = append(got, fmt.Sprint(u.key, u.prefix)) })
	slices.Sort(got)
	want := []string{"a.b false", "a.c. true", "a.d false", "a.e false", "a.f false", "a.g false"}
	for i := range want {
		want[i] = strings.ReplaceAll(want[i], " ", "")
	}
	if !slices.Equal(got, want) {
		t.Errorf("in Go: got %q, want %q", got, want)
	}
	if !literals.mention("a.c.anything") || !literals.mention("a.h.x.i") || literals.mention("a.z") {
		t.Error("mentions are wrong")
	}
	got = nil
	inTempl(`<p>{ v.T("a.b") } { p.T("a.c." + v.State, "x", 1) } @input("a.d") </p>`, "x.templ", literals,
		func(u use) { got = append(got, fmt.Sprint(u.key, u.prefix)) })
	if !slices.Equal(got, []string{"a.bfalse", "a.c.true"}) {
		t.Errorf("in templ: %q", got)
	}
}

// mentions are all string literals of the sources that could name messages;
// those ending in a full stop stand for everything that begins so.
type mentions map[string]bool

func (m mentions) add(literal string) {
	if before, _, formatted := strings.Cut(literal, "%"); formatted {
		literal = before
	}
	m[literal] = true
}

func (m mentions) mention(key string) bool {
	if m[key] {
		return true
	}
	for i, c := range key {
		if c == '.' && m[key[:i+1]] {
			return true
		}
	}
	return false
}

func anyKey(keys map[string]*message, prefix string) bool {
	for key := range keys {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

// sources reads the module's Go and templ files, tests and generated pages aside.
func sources(t *testing.T, root string) (asked []use, literals mentions) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatal(err)
	}
	literals = mentions{}
	found := func(u use) { asked = append(asked, u) }
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() {
			if name != root && (strings.HasPrefix(base, ".") || base == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		switch {
		case strings.HasSuffix(base, "_test.go") || strings.HasSuffix(base, "_templ.go"):
		case strings.HasSuffix(base, ".go"):
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
			if file == nil {
				return err
			}
			inGo(file, func(p token.Pos) string { return set.Position(p).String() }, literals, found)
		case strings.HasSuffix(base, ".templ"):
			src, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			inTempl(string(src), name, literals, found)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return asked, literals
}

// shaped tells a message key from the other words that stand in such places.
var shaped = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_-]+)+\.?$|^[a-z][a-z0-9_]*\.$`)

func inGo(file *ast.File, place func(token.Pos) string, literals mentions, found func(use)) {
	report := func(e ast.Expr) {
		text, whole := literal(e)
		if shaped.MatchString(text) {
			found(use{text, !whole, place(e.Pos())})
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			if text, ok := literal(n); ok {
				literals.add(text)
			}
		case *ast.KeyValueExpr:
			if name, ok := n.Key.(*ast.Ident); ok && name.Name == "Key" {
				report(n.Value)
			}
		case *ast.CallExpr:
			selector, ok := n.Fun.(*ast.SelectorExpr)
			if !ok {
				break
			}
			of, _ := selector.X.(*ast.Ident)
			switch {
			case selector.Sel.Name == "T" && len(n.Args) > 0:
				report(n.Args[0])
			case selector.Sel.Name == "New" && of != nil && of.Name == "fault" && len(n.Args) > 1,
				selector.Sel.Name == "With" && len(n.Args) > 1:
				report(n.Args[1])
			}
		}
		return true
	})
}

// literal returns a string literal, or the one that a concatenation begins with.
func literal(e ast.Expr) (text string, whole bool) {
	whole = true
	for {
		sum, ok := e.(*ast.BinaryExpr)
		if !ok {
			break
		}
		e, whole = sum.X, false
	}
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, whole && err == nil
}

var (
	templCall = regexp.MustCompile(`\.T\(\s*"([^"]+)"\s*(\+)?|fault\.New\([^,()]+,\s*"([^"]+)"\s*(\+)?|\.With\([^,()]+,\s*"([^"]+)"\s*(\+)?|\bKey:\s*"([^"]+)"\s*(\+)?`)
	quoted    = regexp.MustCompile(`"([^"\n]*)"`)
)

// inTempl reads a page's source as text: templ is no Go, and its parser is not
// worth a dependency here.
func inTempl(src, name string, literals mentions, found func(use)) {
	for _, m := range quoted.FindAllStringSubmatch(src, -1) {
		literals.add(m[1])
	}
	for _, at := range templCall.FindAllStringSubmatchIndex(src, -1) {
		for group := 2; group < len(at); group += 4 {
			if at[group] < 0 {
				continue
			}
			key := src[at[group]:at[group+1]]
			if shaped.MatchString(key) {
				line := 1 + strings.Count(src[:at[0]], "\n")
				found(use{key, at[group+2] >= 0, fmt.Sprintf("%s:%d", name, line)})
			}
		}
	}
}
