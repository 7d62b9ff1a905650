package charter

import (
	"slices"
	"strings"
	"testing"
)

// A position without a task in IT or member service carries no access, whatever
// somebody wrote on its list; a charter from before tasks keeps what it gave.
func TestD4APositionWithoutATaskCarriesNoAccess(t *testing.T) {
	shipped := load(t, "party-dk")
	for code, task := range map[string]string{"member-service": TaskMemberService, "dues": TaskMemberService, "it": TaskIT, "auditor": ""} {
		if p, _ := shipped.Position(code); p == nil || p.Task != task {
			t.Errorf("%s: %+v", code, p)
		}
	}
	if p, _ := shipped.Position("auditor"); p.Acts != Accounts {
		t.Errorf("the auditor may %s", p.Acts)
	}
	src := string(shipped.Source())
	before := strings.NewReplacer("\ntask = \"member-service\"", "", "\ntask = \"it\"", "").Replace(src)
	old, err := Parse([]byte(before), "before.toml")
	if err != nil {
		t.Fatal(err)
	}
	for i := range shipped.Positions {
		if p, q := &shipped.Positions[i], &old.Positions[i]; p.Acts != q.Acts || p.Task != q.Task {
			t.Errorf("%s: %s for %q, before tasks %s for %q", p.Code, p.Acts, p.Task, q.Acts, q.Task)
		}
	}
	press := `
[[positions]]
code = "press"
name = { da = "Presse", en = "Press" }
may = []
grounds = { da = "Taler med pressen", en = "Talks to the press" }
`
	with, err := Parse([]byte(src+press), "with.toml")
	if err != nil {
		t.Fatal(err)
	}
	if p, _ := with.Position("press"); p == nil || p.Acts != 0 {
		t.Errorf("press: %+v", p)
	}
	for _, wrong := range []string{`may = ["search", "view"]`, "task = \"press\"\nmay = [\"search\"]", "task = \"it\"\nmay = []"} {
		if _, err := Parse([]byte(src+strings.Replace(press, "may = []", wrong, 1)), "wrong.toml"); err == nil {
			t.Errorf("accepted: %s", wrong)
		}
	}
}

// Documented access has its rules in the charter, and the program's where an older
// one has none.
func TestD9TheRulesOfDocumentedAccess(t *testing.T) {
	c := load(t, "party-dk")
	if g := &c.Grants; g.Acts != Search|Pull || g.Proposer() != Access || g.Decider() != Access || !g.MayDecide(ByBoard) || g.MayDecide(ByMembersMeeting) || g.Months.Value != 12 {
		t.Errorf("party-dk: %+v", g)
	}
	src := string(c.Source())
	head, rest, _ := strings.Cut(src, "[grants]\n")
	_, tail, _ := strings.Cut(rest, "# ----------------------------------------------------------------- positions\n")
	old, err := Parse([]byte(head+tail), "before.toml")
	if err != nil {
		t.Fatal(err)
	}
	if g := &old.Grants; g.Acts != Search|Pull || !g.SecondPair.Value || g.AnswerDays.Value != 60 {
		t.Errorf("before: %+v", g)
	}
	for before, after := range map[string]string{
		"may = [\"search\", \"pull\"]\nproposes":    "may = [\"search\", \"edit\"]\nproposes", // an edited card is not limited to fields
		`proposes = "access"`:                       `proposes = "nothing"`,
		`decided-by = ["board", "general-meeting"]`: `decided-by = ["whoever"]`,
		"[grants.months]\nvalue = 12":               "[grants.months]\nvalue = 0",
	} {
		if !strings.Contains(src, before) {
			t.Fatalf("not there: %s", before)
		}
		if _, err := Parse([]byte(strings.Replace(src, before, after, 1)), "wrong.toml"); err == nil {
			t.Errorf("accepted: %s", after)
		}
	}
}

// Who writes to members and who approves stands in the charter; in one without rules
// it follows from who may pull a list.
func TestD13TheRulesOfMailings(t *testing.T) {
	c := load(t, "party-dk")
	if w, known := c.Mailings.For("region"); !known || !slices.Contains(w.Write, "regional-chair") || slices.Contains(w.Approve, "regional-chair") || w.NoticeAlone {
		t.Errorf("party-dk: %+v", w)
	}
	src := string(c.Source())
	head, rest, _ := strings.Cut(src, "[mailings]\n")
	_, tail, _ := strings.Cut(rest, "# ----------------------------------------------------------------- positions\n")
	old, err := Parse([]byte(head+tail), "before.toml")
	if err != nil {
		t.Fatal(err)
	}
	for level, want := range map[string]string{"region": "regional-chair", "local": "treasurer", "national": "member-service"} {
		if w, known := old.Mailings.For(level); !known || !slices.Contains(w.Write, want) || !slices.Contains(w.Approve, "member-service") {
			t.Errorf("before: %s %+v", level, w)
		}
	}
	if !old.Mailings.MayMail("newsletter") || old.Mailings.MayMail("audit") || old.Mailings.PerHour.Value != 3000 {
		t.Errorf("before: %+v", old.Mailings)
	}
}
