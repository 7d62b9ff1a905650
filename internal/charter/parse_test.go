package charter

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"kartotek/internal/locale"
)

var update = flag.Bool("update", false, "write testdata/refusals.golden anew")

func small(t testing.TB) string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("testdata", "small.toml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

// refusals are slips of the pen: one text of small.toml is replaced by another.
// The first problem must be told for the line on which `at`, or else the new
// text, stands.
var refusals = []struct{ name, old, new, at string }{
	{"not TOML", `country = "DK"`, `country = DK`, ""},
	{"not closed", `languages = ["da", "en"]`, `languages = ["da", "en"`, "time-zone"},
	{"unknown key", `seats = 1`, `seats = 1` + "\n" + `furniture = 4`, "furniture"},
	{"misspelt key", `controller = "none"`, `contrller = "none"`, `contrller`},
	{"unknown key in a text", `grounds = { da = "g", en = "g" }`, `grounds = { da = "g", en = "g", dk = "g" }`, ""},
	{"missing key", `time-zone = "Europe/Copenhagen"`, ``, "# The smallest"},
	{"missing key in a table", `grounds = { da = "g", en = "g" }`, ``, "[[positions]]"},
	{"missing parameter", `breach-hours = { value = 72, source = { da = "k", en = "s" }, checked = "2026-11" }`, ``, "[parameters]"},
	{"parameter without a source", `list-days = { value = 30, source = { da = "k", en = "s" } }`, `list-days = { value = 30 }`, ""},
	{"missing translation", `hint = { da = "h", en = "h" }`, `hint = { da = "h" }`, ""},
	{"blank translation", `name = { da = "Kontor", en = "Office" }`, `name = { da = "Kontor", en = " " }`, ""},
	{"empty text", `code = "chair"`, `code = ""`, ""},
	{"unknown language", `languages = ["da", "en"]`, `languages = ["da", "en", "xx"]`, ""},
	{"language twice", `languages = ["da", "en"]`, `languages = ["da", "en", "da"]`, ""},
	{"no language of the catalogue", `languages = ["da", "en"]`, `languages = []`, ""},
	{"number for text", `country = "DK"`, `country = 45`, ""},
	{"text for number", `seats = 1`, `seats = "one"`, ""},
	{"fraction for number", `seats = 1`, `seats = 1.5`, ""},
	{"huge number", `seats = 1`, `seats = 99999999999`, ""},
	{"text for bool", `members = true`, `members = "yes"`, ""},
	{"text for table", `list-days = { value = 30, source = { da = "k", en = "s" } }`, `list-days = "30 days"`, ""},
	{"text for tables", "[[reasons]]\ncode = \"resignation\"\nname = { da = \"Udmeldelse\", en = \"Resignation\" }", "", "# The smallest"},
	{"texts for tables", `[[categories]]
code = "ordinary"
name = { da = "Ordinær", en = "Ordinary" }
`, `[categories]
a = 1
`, "[categories]"},
	{"text for texts", `levels = ["local"]`, `levels = "local"`, ""},
	{"text for words", `name = { da = "Formand", en = "Chair" }`, `name = "Formand"`, ""},
	{"number in words", `name = { da = "Formand", en = "Chair" }`, `name = { da = "Formand", en = 1 }`, ""},
	{"code form", `code = "chair"`, `code = "Chair Man"`, ""},
	{"code twice", `code = "extra"`, `code = "chair"`, "code = \"chair\"\nname = { da = \"Ekstra"},
	{"country", `country = "DK"`, `country = "Denmark"`, ""},
	{"time zone", `time-zone = "Europe/Copenhagen"`, `time-zone = "Europe/Kopenhagen"`, ""},
	{"time zone of the machine", `time-zone = "Europe/Copenhagen"`, `time-zone = "Local"`, ""},
	{"first number", `country = "DK"`, "number-first = 0\ncountry = \"DK\"", "number-first"},
	{"range", `list-days = { value = 30`, `list-days = { value = 0`, ""},
	{"month", `checked = "2026-11"`, `checked = "November"`, ""},
	{"root with a parent", "plural = { da = \"Toppe\", en = \"Tops\" }", "plural = { da = \"Toppe\", en = \"Tops\" }\nparent = \"local\"", "parent = \"local\""},
	{"second root", "parent = \"middle\"\n", "", "[[levels]]\ncode = \"local\""},
	{"unknown parent", `parent = "middle"`, `parent = "muddle"`, ""},
	{"parent below", `parent = "top"`, `parent = "local"`, ""},
	{"controller", `controller = "joint"`, `controller = "both"`, ""},
	{"L10 joint without anybody above", `controller = "controller"`, `controller = "joint"`, ""},
	{"L10 members and nobody answers", `controller = "joint"`, `controller = "none"`, "controller = \"none\"\nmembers"},
	{"no members anywhere", `members = true`, `members = false`, "[[levels]]"},
	{"D13 nothing to requisition", "requisition = true\ndays = 7", "days = 7", "requisition = true"},
	{"unknown level", `levels = ["local"]`, `levels = ["lokal"]`, ""},
	{"level twice", `levels = ["local"]`, `levels = ["local", "local"]`, ""},
	{"no level", `levels = ["local"]`, `levels = []`, ""},
	{"D13 access for a requisitioner", `levels = ["local"]`, `levels = ["local", "middle"]`, `may = ["search", "view"]`},
	{"D4 staff by a post", `may = ["search", "view"]`, `may = ["search", "view", "staff"]`, ""},
	{"nobody closes", `may = ["search", "view", "close", "appoint", "staff", "dues"]`, `may = ["search", "view", "appoint", "staff"]`, "[[positions]]"},
	{"D4 no such task", `may = ["search", "view", "close", "appoint", "staff", "dues"]`, "task = \"press\"\nmay = [\"search\", \"view\", \"close\", \"appoint\", \"staff\", \"dues\"]", `task = "press"`},
	{"D4 access without a task", `may = ["search", "view", "close", "appoint", "staff", "dues"]`, "task = \"it\"\nmay = [\"search\", \"view\", \"close\", \"appoint\", \"staff\", \"dues\"]\ngrounds = { da = \"g\", en = \"g\" }\n[[positions]]\ncode = \"press\"\nname = { da = \"p\", en = \"p\" }\nmay = [\"search\"]", `may = ["search"]`},
	{"D4 a position without an act", `may = ["search", "view", "close", "appoint", "staff", "dues"]`, `may = []`, "[[positions]]"},
	{"unknown act", `may = ["search", "view"]`, `may = ["search", "serch"]`, ""},
	{"act on its second line", `may = ["search", "view"]`, "may = [\n  \"search\",\n  \"serch\",\n]", `"serch"`},
	{"act twice", `may = ["search", "view"]`, `may = ["search", "search"]`, ""},
	{"act without its base", `may = ["search", "view"]`, `may = ["search", "edit"]`, ""},
	{"D10 threshold without a source", "may = [\"search\", \"view\"]\nsource = { da = \"k\", en = \"s\" }", `may = ["search", "view"]`, "[[posts]]\ncode = \"extra\""},
	{"no seats", `seats = 1`, `seats = 0`, ""},
	{"too many fields", "[[categories]]", extras(60) + "[[categories]]", "[[fields]]\ncode = \"x58\""},
	{"field type", `type = "choice"`, `type = "chioce"`, ""},
	{"extra called standard", `type = "choice"`, "type = \"choice\"\nstandard = true", "[[fields]]\ncode = \"shirt\""},
	{"standard with another type", `type = "unit"`, `type = "text"`, ""},
	{"choices of a text", `type = "choice"`, `type = "text"`, "[[fields]]\ncode = \"shirt\""},
	{"whole name on lists", "type = \"full-name\"", "type = \"full-name\"\nlist = true", "[[fields]]\ncode = \"name\""},
	{"heading of two fields", `headings = ["Nr."]`, `headings = ["Nr.", "fór-navn"]`, "headings = []\nstandard = true\nlist = true"},
	{"needed field missing", "[[fields]]\ncode = \"unit\"\nname = { da = \"Forening\", en = \"Body\" }\ntype = \"unit\"\nheadings = []\nstandard = true\n", "", "[[fields]]"},
	{"unknown field", `fields = ["given", "family"]`, `fields = ["given", "famly"]`, ""},
	{"L8 a field that lists may not have", `fields = ["given", "family"]`, `fields = ["given", "shirt"]`, ""},
	{"field twice", `fields = ["given", "family"]`, `fields = ["given", "given"]`, ""},
	{"no field", `fields = ["given", "family"]`, `fields = []`, ""},
	{"needed purpose missing", `code = "administration"`, `code = "work"`, "[[purposes]]"},
	{"L5 basis", `basis = "6(1)(f)"`, `basis = "because"`, ""},
	{"L1 basis of Article 9", `basis-9 = "9(2)(d)"`, `basis-9 = "9"`, ""},
	{"L1 basis of Article 9 missing", "basis-9 = \"9(2)(d)\"\n", "", "[[purposes]]"},
	{"L1 basis of Article 9 needless", `special-category = { value = true`, `special-category = { value = false`, "basis-9"},
	{"L8 objection to what is statutory", "objection = true", "objection = true\nstatutory = true", "objection = true"},
	{"L5 objection without a right to it", `basis = "6(1)(f)"`, `basis = "6(1)(c)"`, "objection = true"},
	{"L5 consent nobody can refuse", "basis = \"6(1)(f)\"\nbasis-9 = \"9(2)(d)\"\nbasis-text = { da = \"t\", en = \"t\" }\nfields = [\"given\", \"family\"]\nobjection = true",
		"basis = \"6(1)(a)\"\nbasis-9 = \"9(2)(a)\"\nbasis-text = { da = \"t\", en = \"t\" }\nfields = [\"given\", \"family\"]\nstatutory = true", "statutory = true"},
	{"D12 later than the charter", "days = 7", "days = 31", ""},
	{"choice twice", `code = "large"`, `code = "small"`, "code = \"small\"\n  name = { da = \"Stor"},
	{"D10 first category by age", categoryOrdinary, categoryOrdinary + "to-age = 30\n", "[[categories]]"},
	{"category's ages", categoryOrdinary, categoryOrdinary + categoryYouth + "from-age = 30\nto-age = 20\n", "to-age"},
	{"N9 category of children", categoryOrdinary, categoryOrdinary + categoryYouth + "from-age = 10\n", "from-age"},
	{"unknown category by age", categoryOrdinary, categoryOrdinary + categoryYouth + "to-age = 30\nthen = \"old\"\n", "then"},
	{"category followed by itself", categoryOrdinary, categoryOrdinary + categoryYouth + "to-age = 30\nthen = \"youth\"\n", "then"},
	{"longest time of no leave", categoryOrdinary, categoryOrdinary + categoryYouth + "longest-months = 3\n", "longest-months"},
	{"category left out of nothing", categoryOrdinary, categoryOrdinary + categoryYouth + "left-out = [\"rent\"]\n", "left-out"},
	{"L8 category with a vote that is not called", categoryOrdinary, categoryOrdinary + "left-out = [\"meeting\"]\n", "left-out"},
	{"a mailing for what has no e-mail", categoryOrdinary, categoryOrdinary + "\n[mailings]\npurposes = [\"administration\"]\n", "purposes = [\"administration\"]\n"},
	{"N2 an agreement signed by nobody known", categoryOrdinary, categoryOrdinary + "\n[agreements]\nsigns = [\"baker\"]\n", "signs = [\"baker\"]"},
	{"a mailing written by nobody known", categoryOrdinary, categoryOrdinary + mailingBody + "write = [\"baker\"]\napprove = [\"office\"]\n", "write = [\"baker\"]"},
	{"a mailing approved without the right", categoryOrdinary, categoryOrdinary + mailingBody + "write = [\"office\"]\napprove = [\"baker\"]\n", "approve = [\"baker\"]"},
	{"who confirms a move", categoryOrdinary, categoryOrdinary + "\n[transfers]\nconfirm = [\"chair\"]\n", "confirm"},
	{"no such door", categoryOrdinary, categoryOrdinary + "\n[joining]\ndoor = \"back\"\nbasis-9 = \"9(2)(d)\"\n", "door ="},
	{"L5 consent to an application", categoryOrdinary, categoryOrdinary + "\n[joining]\ndoor = \"body\"\nbasis = \"6(1)(a)\"\n", "basis = \"6(1)(a)"},
	{"L1 application without Article 9", categoryOrdinary, categoryOrdinary + "\n[joining]\ndoor = \"body\"\n", "[joining]"},
	{"L5 a question that asks for no consent", categoryOrdinary, categoryOrdinary + consentTable + "changed = \"rests\"\n", "basis = \"6(1)(f)\"\nbasis-9 = \"9(2)(a)\"\nchanged"},
	{"a consent that neither rests nor stands", categoryOrdinary, categoryOrdinary + strings.Replace(consentTable, "6(1)(f)", "6(1)(a)", 1) + "changed = \"stays\"\n", "changed"},
	{"nobody's dues", categoryOrdinary, categoryOrdinary + strings.Replace(duesTable, "root", "treasurer", 1), "collects"},
	{"dues by no known reference", categoryOrdinary, categoryOrdinary + strings.Replace(duesTable, "FI", "OCR", 1), "reference"},
	{"L7 creditor number too short", categoryOrdinary, categoryOrdinary + duesTable + "payee = \"1234567\"\n", "payee"},
	{"L7 account whose check digit is wrong", categoryOrdinary, categoryOrdinary + strings.Replace(duesTable, "FI", "KID10", 1) + "payee = \"12345678902\"\n", "payee"},
	{"dues that nobody may collect", "\"staff\", \"dues\"]\ngrounds = { da = \"g\", en = \"g\" }\n", "\"staff\"]\ngrounds = { da = \"g\", en = \"g\" }\n" + duesTable, "collects"},
	{"due on no day", categoryOrdinary, categoryOrdinary + duesTable + "due-day = \"02-30\"\n", "due-day"},
	{"closing proposed after the data are to be gone", categoryOrdinary, categoryOrdinary + duesTable + "propose-months = { value = 7, source = { da = \"k\", en = \"s\" } }\n", "propose-months"},
	{"settled with those who have members", categoryOrdinary, categoryOrdinary + duesTable + "[dues.per-capita]\nwith = \"local\"\ncut-off = [\"12-31\"]\namount = { value = 1, source = { da = \"k\", en = \"s\" } }\n", "with"},
	{"several at once", `country = "DK"`, "country = \"dk\"\nmotto = \"?\"\n", "country = "},
	{"N11 seen by what the purpose does not have", categoryOrdinary, categoryOrdinary + directoryTable("local", "local") + "fields = [\"phone\"]\n", "fields = [\"phone\"]"},
	{"N11 shown without being among the fields", categoryOrdinary, categoryOrdinary + directoryTable("local", "local") + "shown = [\"email\"]\n", "shown = [\"email\"]"},
	{"N11 printed by nobody known", categoryOrdinary, categoryOrdinary + directoryTable("local", "local") + "printed = [\"baker\"]\n", "printed = [\"baker\"]"},
	{"N11 members where there are none", categoryOrdinary, categoryOrdinary + directoryTable("top", "top"), "reach ="},
	{"N11 the members of a body below", categoryOrdinary, categoryOrdinary + directoryTable("local", "attic"), "reach ="},
	{"a meeting nobody votes at", "[[posts]]\ncode = \"chair\"", "[meetings]\nlevels = [\"top\"]\n\n[[posts]]\ncode = \"chair\"", `levels = ["top"]`},
	{"a season with a gap", "[[posts]]\ncode = \"chair\"", "[meetings]\nmonths = [2, 4]\n\n[[posts]]\ncode = \"chair\"", `months = [2, 4]`},
}

// What the slips of categories stand on.
const (
	categoryOrdinary = "[[categories]]\ncode = \"ordinary\"\nname = { da = \"Ordinær\", en = \"Ordinary\" }\n"
	categoryYouth    = "[[categories]]\ncode = \"youth\"\nname = { da = \"Ungdom\", en = \"Youth\" }\n"
)

// duesTable is what the slips of dues stand on.
const mailingBody = "\n[mailings]\npurposes = []\n[[mailings.bodies]]\nlevel = \"local\"\n"

// directoryTable lets members of a level see those of another.
func directoryTable(members, see string) string {
	return "\n[directory]\npurpose = \"newsletter\"\nreach = [{ members = \"" + members + "\", see = \"" + see + "\" }]\n"
}

const consentTable = "\n[[consents]]\ncode = \"photo\"\nname = { da = \"n\", en = \"n\" }\nasked = { da = \"a\", en = \"a\" }\nopens = { da = \"o\", en = \"o\" }\nsource = { da = \"s\", en = \"s\" }\nbasis = \"6(1)(f)\"\nbasis-9 = \"9(2)(a)\"\n"

const duesTable = "\n[dues]\ncollects = \"root\"\nreference = \"FI\"\n"

// extras are n declared fields x0, x1 …
func extras(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "[[fields]]\ncode = \"x%d\"\nname = { da = \"x%[1]d\", en = \"x%[1]d\" }\ntype = \"text\"\nheadings = []\n", i)
	}
	return text.String()
}

// TestRefusals writes every refusal as a developer reads it and compares with
// testdata/refusals.golden; go test ./internal/charter -update writes that anew.
func TestRefusals(t *testing.T) {
	var told bytes.Buffer
	seen := make(map[string]bool)
	for _, slip := range refusals {
		valid := small(t)
		if !strings.Contains(valid, slip.old) {
			t.Fatalf("%s: %q is not in small.toml", slip.name, slip.old)
		}
		src := strings.Replace(valid, slip.old, slip.new, 1)
		_, err := Parse([]byte(src), "small.toml")
		var problems Errors
		if !errors.As(err, &problems) {
			t.Errorf("%s: not refused (%v)", slip.name, err)
			continue
		}
		at := slip.at
		if at == "" {
			at = slip.new
		}
		if want := 1 + strings.Count(src[:strings.Index(src, at)], "\n"); problems[0].Line != want {
			t.Errorf("%s: told for line %d, stands on line %d: %v", slip.name, problems[0].Line, want, problems[0])
		}
		told.WriteString("# " + slip.name + "\n" + err.Error() + "\n\n")
		for _, p := range problems {
			seen[p.Problem] = true
			for _, lang := range locale.Languages() {
				if text := p.In(lang); strings.Contains(text, "⟦") || strings.Contains(text, "{{") || strings.Contains(text, "no value") {
					t.Errorf("%s: %q in %s", slip.name, text, lang)
				}
			}
		}
	}
	if _, err := Load("charterless"); err != nil {
		told.WriteString("# unknown charter\n" + err.Error() + "\n")
		seen["charter.error.unknown_charter"] = true
	}
	for _, key := range errorKeys(t) {
		if !seen[key] {
			t.Errorf("no slip of the pen is told as %s", key)
		}
	}
	compareGolden(t, filepath.Join("testdata", "refusals.golden"), told.Bytes())
}

func compareGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("differs from %s; with -update the file shows how in git diff", name)
	}
}

// errorKeys lists every refusal the catalogue has words for.
func errorKeys(t *testing.T) []string {
	t.Helper()
	var catalogue struct {
		Charter struct{ Error map[string]string }
	}
	if _, err := toml.DecodeFile(filepath.Join("..", "locale", "messages", "en", "charter.toml"), &catalogue); err != nil {
		t.Fatal(err)
	}
	keys := make([]string, 0, len(catalogue.Charter.Error))
	for key := range catalogue.Charter.Error {
		keys = append(keys, "charter.error."+key)
	}
	slices.Sort(keys)
	return keys
}

// All problems are told, by line, not only the first.
func TestEveryProblemIsTold(t *testing.T) {
	src := strings.NewReplacer(
		`country = "DK"`, `country = "Danmark"`,
		`seats = 1`, "seats = 0",
		`fields = ["given", "family"]`, `fields = ["given", "famly", "shirt"]`,
		`name = { da = "Udmeldelse", en = "Resignation" }`, `name = { en = "Resignation" }`,
	).Replace(small(t))
	_, problems := parse([]byte(src), "x.toml")
	if len(problems) != 6 {
		t.Errorf("%d problems told, 6 made: %v", len(problems), Errors(problems))
	}
	if !slices.IsSortedFunc(problems, func(a, b *Error) int { return a.Line - b.Line }) {
		t.Errorf("not by line: %v", Errors(problems))
	}
	var one *Error
	if _, err := Parse([]byte(src), "x.toml"); !errors.As(err, &one) || one.File != "x.toml" {
		t.Errorf("an *Error cannot be had from %v", err)
	}
}

// What is read is written and read again as the same.
func TestRoundTrip(t *testing.T) {
	for _, name := range Shipped() {
		c, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		first := encode(t, c)
		again, err := Parse(first, name)
		if err != nil {
			t.Fatalf("%s written and read again: %v", name, err)
		}
		if !bytes.Equal(first, encode(t, again)) {
			t.Errorf("%s is another charter after writing and reading", name)
		}
		src, _, _ := Resolve(name)
		if !bytes.Equal(c.Source(), src) {
			t.Errorf("%s: Source is not what was read", name)
		}
	}
}

func encode(t testing.TB, c *Charter) []byte {
	t.Helper()
	var text bytes.Buffer
	if err := toml.NewEncoder(&text).Encode(c); err != nil {
		t.Fatalf("a charter that parsed cannot be written: %v", err)
	}
	return text.Bytes()
}

// Lines are found in every form of TOML.
func TestLineIndex(t *testing.T) {
	src := "\ufeff# a\r\n" +
		"top = 1\r\n" +
		"'quoted key' = \"a ] # b\" # c\n" +
		"\"with \\\" quote\".sub = 2\n" +
		"long = \"\"\"\nx = 1\n\\\"\"\" y = 2\"\"\"\"\n" +
		"raw = '''\nz = 1\n'''\n" +
		"list = [ # c ]\n  1,\n  { a = 1,\n b = [\n 2 ] },\n]\n" +
		"[table.deep]\nkey.dotted = 1979-05-27 07:32:00\n" +
		"[[many]]\nk = 1\n[[many]]\nk = 2\n[many.sub]\nx = 1\n[[many.inner]]\ny = 1\n"
	if err := toml.Unmarshal([]byte(src), new(map[string]any)); err != nil {
		t.Fatal(err)
	}
	lines := lineIndex([]byte(src))
	for path, want := range map[string]int{
		"top": 2, "quoted key": 3, "long": 5, "raw": 8, "list": 11, "list[0]": 12, "list[1]": 13, "list[1].a": 13,
		"list[1].b": 14, "list[1].b[0]": 15, "table": 17, "table.deep": 17, "table.deep.key.dotted": 18,
		"many": 19, "many[0]": 19, "many[0].k": 20, "many[1]": 21, "many[1].k": 22, "many[1].sub": 23,
		"many[1].sub.x": 24, "many[1].inner[0]": 25, "many[1].inner[0].y": 26,
	} {
		if got := lines[path]; got != want {
			t.Errorf("%s: line %d, want %d", path, got, want)
		}
	}
}

// FuzzParse: no text makes Parse panic or loop; a text it takes can be written
// and is taken again; every problem has a line of the text and words.
func FuzzParse(f *testing.F) {
	f.Add(small(f))
	for _, slip := range refusals {
		f.Add(strings.Replace(small(f), slip.old, slip.new, 1))
	}
	for _, name := range Shipped() {
		src, _, _ := Resolve(name)
		f.Add(string(src))
	}
	f.Add("[[a]]\n[a.b]\n[[a.b.c]]\nd = [[{e=1}]]")
	f.Fuzz(func(t *testing.T, src string) {
		c, err := Parse([]byte(src), "fuzz.toml")
		if err != nil {
			var problems Errors
			if !errors.As(err, &problems) || len(problems) == 0 {
				t.Fatalf("refused without a problem: %v", err)
			}
			for _, p := range problems {
				if p.Line < 1 || p.Line > strings.Count(src, "\n")+1 {
					t.Fatalf("line %d of %d: %v", p.Line, strings.Count(src, "\n")+1, p)
				}
				if strings.Contains(p.In("da"), "⟦") {
					t.Fatalf("no words for %s", p.Problem)
				}
			}
			return
		}
		text := encode(t, c)
		again, err := Parse(text, "again.toml")
		if err != nil {
			t.Fatalf("taken, written, refused: %v\n%s", err, text)
		}
		if !bytes.Equal(text, encode(t, again)) {
			t.Fatalf("another charter after writing and reading:\n%s", text)
		}
	})
}
