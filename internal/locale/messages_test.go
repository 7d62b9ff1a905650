package locale

import (
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestMessagesAreWhole(t *testing.T) {
	if err := Check(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"da", "en", "nb", "sv"} {
		if !slices.Contains(Languages(), want) {
			t.Errorf("no language %s", want)
		}
	}
}

// Every language says the same things, with the same arguments and the same
// plural forms, in the same files.
func TestLanguagesAgree(t *testing.T) {
	c := loaded()
	reference := c.printers["da"]
	for _, code := range c.codes {
		p := c.printers[code]
		for key, m := range all(reference) {
			other := p.own(key)
			if other == nil {
				t.Errorf("%s: %s is missing", code, key)
				continue
			}
			if strings.HasPrefix(key, "locale.format.") {
				continue // patterns differ; that is what they are for
			}
			if got, want := arguments(other), arguments(m); !slices.Equal(got, want) {
				t.Errorf("%s: %s takes %v, in da %v", code, key, got, want)
			}
			if other.plural() != m.plural() {
				t.Errorf("%s: %s has plural forms in one language only", code, key)
			}
		}
		for key := range all(p) {
			if reference.own(key) == nil {
				t.Errorf("%s: %s stands in no other language", code, key)
			}
		}
		if got, want := files(t, code), files(t, "da"); !slices.Equal(got, want) {
			t.Errorf("%s has the files %v, da %v", code, got, want)
		}
	}
}

// A plural needs both forms in the languages that have two, and a number to
// choose by.
func TestPluralsAreComplete(t *testing.T) {
	c := loaded()
	for _, code := range c.codes {
		for key, m := range all(c.printers[code]) {
			if !m.plural() {
				continue
			}
			if m.forms[2] == nil { // plural.One
				t.Errorf("%s: %s has no form for one", code, key)
			}
			if !slices.Contains(arguments(m), "count") {
				t.Errorf("%s: %s has plural forms without {{.count}}", code, key)
			}
		}
	}
}

// A key's first word is the file it stands in, so that every room finds its own.
// The kinds of records alone are named by the rooms that declare them.
func TestKeysBelongToTheirFile(t *testing.T) {
	for _, code := range Languages() {
		for _, name := range files(t, code) {
			room := strings.TrimSuffix(name, ".toml")
			c := load(one(t, code, name))
			for key := range all(c.printers[code]) {
				if first, _, _ := strings.Cut(key, "."); first != room && !strings.HasPrefix(key, "record.kind.") {
					t.Errorf("%s/%s: %s should begin with %q", code, name, key, room+".")
				}
			}
		}
	}
}

// Texts are for people: no double spaces, no white space at the ends, no
// American quotes in Danish, nothing shouted.
func TestTextsAreTidy(t *testing.T) {
	c := loaded()
	for _, code := range c.codes {
		for key, m := range all(c.printers[code]) {
			if strings.HasPrefix(key, "locale.") {
				continue
			}
			for _, pieces := range m.forms {
				text := plainText(pieces)
				if strings.TrimSpace(text) != text || strings.Contains(text, "  ") || strings.Contains(text, "!!") {
					t.Errorf("%s: %s is untidy: %q", code, key, text)
				}
			}
		}
	}
}

// Who the secretariat is, the association's rules say: no text names it by itself.
func TestOfficeIsAStandingWord(t *testing.T) {
	c := loaded()
	for _, code := range c.codes {
		for key, m := range all(c.printers[code]) {
			room, _, _ := strings.Cut(key, ".")
			for _, pieces := range m.forms {
				text := strings.ToLower(plainText(pieces))
				named := strings.Contains(text, "sekretariatet") || strings.Contains(text, "kansliet") || strings.Contains(text, "the secretariat")
				if named && room != "demo" && room != "bench" && !strings.HasPrefix(key, "locale.standing.") {
					t.Errorf("%s: %s: write {{.office}} for the secretariat and {{.in_office}} for in it (club-no calls it the district office)", code, key)
				}
			}
		}
	}
	club := For("nb").With(map[string]string{"office": "distriktskontoret", "in_office": "på distriktskontoret"})
	district := For("sv").With(map[string]string{"office": "distriktskansliet", "in_office": "på distriktskansliet"})
	for got, want := range map[string]string{
		club.T("web.signin.no_email"):              "Har du ikke e-post? Ring til distriktskontoret, så hjelper de deg.",
		club.T("web.frame.secretariat"):            "Distriktskontoret",
		club.T("access.act.staff"):                 "gi stillinger på distriktskontoret",
		For("nb").T("web.signin.no_email"):         "Har du ikke e-post? Ring til sekretariatet, så hjelper de deg.",
		district.T("web.frame.secretariat"):        "Distriktskansliet",
		district.T("access.act.staff"):             "ge tjänster på distriktskansliet",
		For("sv").T("departure.error.passed_on"):   "Utträdet är redan skickat vidare. Kansliet har det.",
		For("da").T("departure.error.passed_on"):   "Udmeldelsen er allerede sendt videre. Sekretariatet har den.",
		For("en").T("leaving.resign.act"):          "Pass on to the secretariat",
		club.T("leaving.heard.office", "how", "x"): "Distriktskontoret har hørt det (x).",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"a condition":       `x.y = "{{if .a}}b{{end}}"`,
		"an open brace":     `x.y = "{{.a"`,
		"capital arguments": `x.y = "{{.Name}}"`,
		"no general form":   "[x.y]\none = \"en\"",
		"a broken file":     `x = `,
		"reserved words":    "[x.y]\none = \"en\"\nname = \"b\"",
	} {
		c := load(fstest.MapFS{"da/x.toml": {Data: []byte(text)}})
		if c.check() == nil || !strings.Contains(c.check().Error(), "messages/da/x.toml") {
			t.Errorf("%s: not refused with its file: %v", name, c.check())
		}
	}
	twice := load(fstest.MapFS{
		"da/x.toml": {Data: []byte(`x.y = "a"`)}, "da/z.toml": {Data: []byte("[x]\ny = \"b\"")},
	})
	if twice.check() == nil || !strings.Contains(twice.check().Error(), "x.y is given twice") {
		t.Errorf("a key given twice: %v", twice.check())
	}
}

// A language needs a folder and nothing else; what it lacks falls back to Danish.
func TestAnotherLanguageIsAFolder(t *testing.T) {
	files := fstest.MapFS{"nb/x.toml": {Data: []byte(`x.hello = "Hei {{.name}}"`)}}
	for _, name := range []string{"da/locale.toml", "en/locale.toml", "da/fault.toml"} {
		src, err := fs.ReadFile(embedded, "messages/"+name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: src}
	}
	c := load(files)
	if err := c.check(); err != nil {
		t.Fatal(err)
	}
	nb := c.printers["nb"]
	if got := nb.T("x.hello", "name", "Kari"); got != "Hei Kari" {
		t.Error(got)
	}
	if got := nb.Date(Date{Year: 2009, Month: 9, Day: 3}); got != "3. september 2009" {
		t.Error(got)
	}
	if got := nb.T("fault.denied"); got != "Det har du ikke adgang til." {
		t.Error(got)
	}
	if nb.Has("fault.denied") {
		t.Error("Has counts fallbacks")
	}
}

func files(t *testing.T, code string) []string {
	t.Helper()
	list, err := fs.ReadDir(embedded, "messages/"+code)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range list {
		names = append(names, f.Name())
	}
	return names
}

// all are a language's messages by key.
func all(p *Printer) map[string]*message {
	every := map[string]*message{}
	for _, r := range p.rooms {
		messages, _ := r.read()
		maps.Copy(every, messages)
	}
	return every
}

func one(t *testing.T, code, name string) fs.FS {
	t.Helper()
	src, err := fs.ReadFile(embedded, "messages/"+code+"/"+name)
	if err != nil {
		t.Fatal(err)
	}
	return fstest.MapFS{code + "/" + name: {Data: src}}
}

func arguments(m *message) []string {
	set := map[string]bool{}
	for _, pieces := range m.forms {
		for _, p := range pieces {
			if p.arg != "" && !For("da").Has("locale.standing."+p.arg) { // a standing word is free to use
				set[p.arg] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(set))
}

func plainText(pieces []piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.text)
		if p.arg != "" {
			b.WriteString("x")
		}
	}
	return b.String()
}
