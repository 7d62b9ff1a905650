package app_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The house's import rules. Arrows point down only; a room may import what its
// line names and every line above the ground rooms it names, nothing else. A
// new room needs a line here, so that it is placed on purpose.
var mayImport = map[string][]string{
	// the ground: knows no members
	"fault":       {},
	"locale":      {"fault"},
	"durable":     {},
	"database":    {"durable"},
	"vault":       {"database", "durable", "place"},
	"record":      {"database", "vault"},
	"journal":     {"database", "fault"},
	"place":       {"durable"},
	"seal":        {"database", "document", "vault"},
	"document":    {"fault"},
	"diff":        {},
	"certificate": {"document", "locale", "vault"},
	"mail":        {"database", "vault", "fault", "locale"},

	"hook": {},

	// the register
	"charter": {"locale", "fault"},
	"unit":    {"charter", "database", "fault", "locale"},
	"access":  {"charter", "database", "document", "fault", "journal", "locale", "record", "unit", "vault"},
	"signin":  {"database", "fault", "journal", "locale", "mail", "record", "vault"},
	"duty":    {"charter", "database", "unit", "vault"},
	"member":  {"access", "charter", "database", "document", "fault", "journal", "locale", "record", "sheet", "unit", "vault"},
	"sheet":   {"charter", "locale"},

	// the procedures: they never import each other
	"letter":    {"access", "charter", "database", "document", "duty", "fault", "journal", "locale", "member", "record", "vault"},
	"extract":   {"access", "charter", "database", "document", "duty", "fault", "journal", "locale", "member", "record", "unit", "vault"},
	"copies":    {"access", "charter", "database", "duty", "fault", "journal", "place", "vault"},
	"transfer":  {"access", "charter", "database", "duty", "fault", "journal", "member", "record", "unit", "vault"},
	"joining":   {"access", "charter", "database", "duty", "fault", "journal", "member", "record", "unit", "vault"},
	"departure": {"access", "certificate", "charter", "database", "document", "duty", "fault", "journal", "locale", "record", "unit", "vault"},

	"backup": {"charter", "database", "durable", "duty", "fault", "journal", "place", "record", "vault"},

	"notice": {"access", "charter", "database", "duty", "fault", "journal", "locale", "record", "unit", "vault"},

	"news":    {"access", "charter", "database", "fault", "record", "unit", "vault"},
	"dues":    {"access", "charter", "database", "document", "duty", "fault", "journal", "locale", "member", "record", "unit", "vault"},
	"mailing": {"access", "charter", "database", "duty", "fault", "journal", "locale", "mail", "member", "record", "unit", "vault"},

	"round": {"access", "charter", "database", "fault", "journal", "member", "news", "record", "unit", "vault"},

	"report":  {"access", "charter", "database", "document", "fault", "journal", "locale", "member", "record", "unit", "vault"},
	"handout": {"access", "charter", "database", "duty", "fault", "journal", "locale", "record", "unit", "vault"},

	"grant":  {"access", "charter", "database", "document", "duty", "fault", "journal", "locale", "record", "unit", "vault"},
	"trace":  {"access", "charter", "fault", "journal", "locale", "member", "unit", "vault"},
	"review": {"access", "certificate", "charter", "database", "document", "duty", "fault", "journal", "locale", "record", "unit", "vault"},

	"audit": {"seal", "access", "certificate", "charter", "database", "document", "duty", "fault", "journal", "locale", "member", "record", "unit", "vault"},

	"procedure": {"access", "charter", "database", "diff", "document", "duty", "fault", "journal", "locale", "record", "unit", "vault"},
	"meeting":   {"access", "charter", "database", "document", "duty", "fault", "journal", "locale", "member", "record", "unit", "vault"},

	"passing":   {"access", "certificate", "charter", "database", "document", "duty", "fault", "hook", "journal", "locale", "member", "record", "unit", "vault"},
	"directory": {"access", "charter", "database", "document", "fault", "journal", "locale", "member", "record", "unit", "vault"},
	"consent":   {"access", "charter", "database", "document", "duty", "fault", "journal", "locale", "record", "unit", "vault"},

	"declaration": {"access", "charter", "database", "diff", "document", "duty", "fault", "journal", "locale", "unit", "vault"},
	"agreement":   {"access", "charter", "database", "document", "duty", "fault", "journal", "locale", "record", "unit", "vault"},
	"guard":       {},

	"retention": {"access", "charter", "database", "duty", "fault", "journal", "locale", "record", "unit", "vault"},
}

// forbidden are imports that no room below the faces has.
var faceOnly = []string{"net/http", "github.com/alecthomas/kong", "github.com/a-h/templ"}

// caller is the ground room that speaks HTTP as a client, so that no other does.
const caller = "hook"

func TestImportRules(t *testing.T) {
	type listed struct {
		ImportPath, Doc string
		Imports         []string
	}
	out, err := exec.Command("go", "list", "-json=ImportPath,Doc,Imports", "kartotek/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		room, internal := strings.CutPrefix(p.ImportPath, "kartotek/internal/")
		if p.Doc == "" && internal {
			t.Errorf("%s: the package opens without a comment", p.ImportPath)
		}
		if !internal || strings.HasSuffix(room, "test") {
			continue
		}
		face := strings.HasPrefix(room, "web") || room == "cli"
		allowed, ruled := mayImport[room]
		switch {
		case ruled:
			seen++
		case face, room == "app", room == "demo", room == "bench":
		default:
			t.Errorf("%s: a room without a rule; give it a line in mayImport", room)
		}
		for _, imported := range p.Imports {
			own, mine := strings.CutPrefix(imported, "kartotek/internal/")
			switch {
			case mine && ruled && !slices.Contains(allowed, own):
				t.Errorf("%s imports %s, which its rule does not allow", room, own)
			case mine && face && own == "database":
				t.Errorf("%s imports the database; a face calls rooms", room)
			case !face && slices.Contains(faceOnly, imported) && !(room == caller && imported == "net/http"):
				t.Errorf("%s imports %s, which belongs to the faces", room, imported)
			}
		}
	}
	if seen != len(mayImport) {
		t.Errorf("%d of %d rooms with a rule exist", seen, len(mayImport))
	}
}
