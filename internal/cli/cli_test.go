package cli

import (
	"bufio"
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"kartotek/internal/access"
	"kartotek/internal/locale"
)

var self = access.Want{Self: true}

// Every command, flag and argument has its words in every language, and no help
// is wider than a screen.
func TestEverythingHasItsWords(t *testing.T) {
	for _, lang := range locale.Languages() {
		p := locale.For(lang)
		var g grammar
		k, err := kong.New(&g, kong.Name("kartotek"), kong.NoDefaultHelp())
		if err != nil {
			t.Fatal(err)
		}
		texts(p, k.Model.Node)
		var out bytes.Buffer
		d := &desk{p: p, out: bufio.NewWriter(&out)}
		var visit func(*kong.Node)
		visit = func(n *kong.Node) {
			if err := d.help(&helpRequest{node: n}); err != nil {
				t.Fatal(err)
			}
			for _, child := range n.Children {
				visit(child)
			}
		}
		visit(k.Model.Node)
		if err := d.out.Flush(); err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(out.String(), "\n") {
			if strings.Contains(line, "⟦") {
				t.Errorf("%s: %s", lang, line)
			}
			if utf8.RuneCountInString(line) > helpWidth+8 {
				t.Errorf("%s: %d characters: %s", lang, utf8.RuneCountInString(line), line)
			}
		}
		for _, group := range groups {
			if !strings.Contains(out.String(), p.T("cli.help.group_"+group)) {
				t.Errorf("%s: nothing in group %s", lang, group)
			}
		}
	}
}

// Every command can be carried out, here or in the house.
func TestEveryCommandRuns(t *testing.T) {
	var g grammar
	k, err := kong.New(&g, kong.Name("kartotek"), kong.NoDefaultHelp())
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range leaves(k.Model.Node) {
		if _, ok := leaf.Target.Addr().Interface().(command); !ok && len(leaf.Children) == 0 {
			t.Errorf("%s cannot be run", leaf.Path())
		}
	}
}

func TestTheConsolesLanguage(t *testing.T) {
	for _, c := range []struct {
		args string
		env  map[string]string
		want string
	}{
		{"", nil, "en"},
		{"", map[string]string{"LANG": "da_DK.UTF-8"}, "da"},
		{"", map[string]string{"LANG": "da_DK.UTF-8", "LC_ALL": "C"}, "en"},
		{"", map[string]string{"LANG": "sv_SE.UTF-8"}, "sv"},
		{"", map[string]string{"LANG": "nn_NO"}, "nb"},
		{"", map[string]string{"LANG": "fi_FI.UTF-8"}, "en"},
		{"search --lang da", map[string]string{"LANG": "en_GB"}, "da"},
		{"--lang=da search", nil, "da"},
		{"--lang xx search", map[string]string{"LANG": "da"}, "da"},
		{"search -- --lang da", nil, "en"},
		{"search --lang", nil, "en"},
	} {
		got := chooseLanguage(strings.Fields(c.args), func(name string) string { return c.env[name] })
		if got != c.want {
			t.Errorf("%q %v: %s, want %s", c.args, c.env, got, c.want)
		}
	}
}

// A file is made for its owner alone, never replaces another unless asked, and
// goes again when the command fails.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	there := func(name string) string {
		text, err := os.ReadFile(path(name))
		if err != nil {
			return "none"
		}
		return string(text)
	}
	for _, c := range []struct {
		name      string
		wish      wish
		before    string
		write     string
		succeeded bool
		after     string
		refused   bool
	}{
		{name: "new", write: "a", succeeded: true, after: "a"},
		{name: "failed", write: "a", after: "none"},
		{name: "failed, kept", wish: wish{keep: true}, write: "a", after: "a"},
		{name: "nothing written", succeeded: true, after: "none"},
		{name: "there already", before: "b", write: "a", refused: true, after: "b"},
		{name: "there already, forced", wish: wish{force: true}, before: "b", write: "a", succeeded: true, after: "a"},
		{name: "forced, failed", wish: wish{force: true}, before: "b", write: "a", after: "b"},
		{name: "forced, nothing written", wish: wish{force: true}, before: "b", succeeded: true, after: ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.before != "" {
				if err := os.WriteFile(path(c.name), []byte(c.before), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			c.wish.part, c.wish.path, c.wish.write = "out", path(c.name), true
			o, err := openFiles([]wish{c.wish, {part: "none"}}, os.Stdin, os.Stdout)
			if c.refused != (err != nil) {
				t.Fatal(err)
			}
			if err == nil {
				if _, err := o.files["out"].WriteString(c.write); err != nil {
					t.Fatal(err)
				}
				if info, err := o.files["out"].Stat(); err != nil || info.Mode().Perm() != 0o600 {
					t.Errorf("mode %v %v", info.Mode(), err)
				}
				if err := o.finish(c.succeeded); err != nil {
					t.Fatal(err)
				}
			}
			if got := there(c.name); got != c.after {
				t.Errorf("%q, want %q", got, c.after)
			}
		})
	}
	left, err := filepath.Glob(filepath.Join(dir, ".kartotek-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left lying: %v %v", left, err)
	}
	// A second wish that cannot be met takes the first one back.
	if _, err := openFiles([]wish{{part: "out", path: path("first"), write: true}, {part: "in", path: path("missing")}}, nil, nil); err == nil || there("first") != "none" {
		t.Errorf("%v, %s", err, there("first"))
	}
	if o, err := openFiles([]wish{{part: "out", path: os.DevNull, write: true, force: true}}, nil, nil); err != nil || o.finish(false) != nil {
		t.Errorf("a device: %v", err)
	}
}

func TestTablesAreAlignedAndHarmless(t *testing.T) {
	var out bytes.Buffer
	d := &desk{p: locale.For("en"), out: bufio.NewWriter(&out)}
	table := d.newTable("number", "name", "email", "state")
	table.right[0] = true
	table.add("7", "Åse\x1b[31m", "a@b.dk", "")
	table.add("1024", "Bo", "", "")
	d.print(table)
	d.print(d.newTable("name"))
	if err := d.out.Flush(); err != nil {
		t.Fatal(err)
	}
	want := "Number  Name      E-mail\n     7  Åse [31m  a@b.dk\n  1024  Bo\n"
	if out.String() != want {
		t.Errorf("got\n%s, want\n%s", out.String(), want)
	}
}

// Until the house is open every request learns how far that is; then the pages
// answer.
func TestTheFrontAnswersAtOnce(t *testing.T) {
	f := &front{}
	ask := func(lang string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/members", nil)
		r.Header.Set("Accept-Language", lang)
		f.ServeHTTP(w, r)
		return w
	}
	if w := ask("da"); w.Code != http.StatusServiceUnavailable || w.Body.String() != "Kartotek starter.\n" || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	f.tell(250, 1000)
	if w := ask("en"); !strings.Contains(w.Body.String(), "25 %") {
		t.Errorf("%s", w.Body)
	}
	f.open(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	if w := ask("en"); w.Code != http.StatusTeapot {
		t.Errorf("%d", w.Code)
	}
}

func TestNamesFromAnAddress(t *testing.T) {
	for email, want := range map[string]string{
		"ada.lovelace@example.org": "Ada|Lovelace", "ada@example.org": "Ada|", "jens_peter.berg-hansen2@x.dk": "Jens Peter Berg|Hansen", "123@example.org": "Admin|",
	} {
		if given, family := namesFrom(email); given+"|"+family != want {
			t.Errorf("%s: %s|%s", email, given, family)
		}
	}
}
