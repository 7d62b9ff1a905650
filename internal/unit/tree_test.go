package unit

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/locale"
)

// grown makes a tree out of "id parent level code name" lines.
func grown(t testing.TB, lines string) *Tree {
	t.Helper()
	var units []Unit
	for line := range strings.Lines(strings.TrimSpace(lines)) {
		var u Unit
		var name string
		if _, err := fmt.Sscanf(line, "%d %d %s %s %s", &u.ID, &u.Parent, &u.Level, &u.Code, &name); err != nil {
			t.Fatal(line, err)
		}
		u.Name = strings.ReplaceAll(name, "_", " ")
		units = append(units, u)
	}
	tree, err := newTree(units, "da")
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

const denmark = `
1 0 national partiet Partiet
2 1 region omegn Københavns_Omegn
3 1 region kbh København
4 1 region aarhus Aarhus
5 2 local lyngby Lyngby
6 2 local gentofte Gentofte
7 3 local oesterbro Østerbro
8 3 local valby Valby
9 4 local aeroe Ærø
10 4 local aalborg Aalborg
11 4 local aabenraa Åbenrå
12 1 abroad bruxelles Bruxelles
`

func codes(units []Unit) string {
	var all []string
	for _, u := range units {
		all = append(all, u.Code)
	}
	return strings.Join(all, " ")
}

// Siblings stand as Danes sort them: æ, ø, å last, and Aa is Å.
func TestDanishOrder(t *testing.T) {
	tree := grown(t, denmark)
	want := "partiet bruxelles kbh valby oesterbro omegn gentofte lyngby aarhus aeroe aabenraa aalborg"
	if got := codes(tree.All()); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got := codes(tree.Children(1)); got != "bruxelles kbh omegn aarhus" {
		t.Errorf("children: %s", got)
	}
	if got := codes(tree.Children(4)); got != "aeroe aabenraa aalborg" {
		t.Errorf("children: %s", got)
	}
	if tree.Children(5) != nil || tree.Children(99) != nil {
		t.Error("a leaf has children")
	}
}

func TestLookups(t *testing.T) {
	tree := grown(t, denmark)
	if root, ok := tree.Root(); !ok || root.Code != "partiet" {
		t.Errorf("root %v", root)
	}
	if u, ok := tree.ByID(9); !ok || u.Name != "Ærø" {
		t.Errorf("%v", u)
	}
	if u, ok := tree.ByCode("valby"); !ok || u.ID != 8 {
		t.Errorf("%v", u)
	}
	for _, id := range []ID{0, 99} {
		if _, ok := tree.ByID(id); ok || !tree.Under(id).IsEmpty() || tree.Path(id) != nil || tree.Below(id) != nil || tree.Within(id, 1) || tree.Within(1, id) {
			t.Errorf("body %d exists", id)
		}
	}
	if got := codes(tree.Path(5)); got != "partiet omegn lyngby" {
		t.Errorf("path %s", got)
	}
	if tree.Depth(5) != 2 || tree.Depth(1) != 0 {
		t.Error("depth is wrong")
	}
	if got := codes(tree.AtLevel("region")); got != "kbh omegn aarhus" {
		t.Errorf("level %s", got)
	}
	empty, err := newTree(nil, "da")
	if err != nil || empty.Len() != 0 {
		t.Fatal(err)
	}
	if _, ok := empty.Root(); ok || len(empty.Search("a", 5)) != 0 {
		t.Error("an empty tree holds something")
	}
}

func TestUnder(t *testing.T) {
	tree := grown(t, denmark)
	for id, want := range map[ID][]uint32{1: {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 2: {2, 5, 6}, 5: {5}, 12: {12}} {
		if got := tree.Under(id); !got.Equals(roaring.BitmapOf(want...)) {
			t.Errorf("under %d: %v", id, got.ToArray())
		}
	}
}

func TestSearchBodies(t *testing.T) {
	tree := grown(t, denmark)
	for text, want := range map[string]string{
		"gentofte": "gentofte", "GENT": "gentofte", "koeb": "kbh omegn", "køb": "kbh omegn", "omegn": "omegn",
		"aa": "aarhus aabenraa aalborg", "å": "aarhus aabenraa aalborg", "oester": "oesterbro", "bro": "oesterbro", "kbh": "kbh",
		" by ": "valby lyngby", "": "", "zz": "",
	} {
		if got := codes(tree.Search(text, 10)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if got := codes(tree.Search("a", 2)); len(strings.Fields(got)) != 2 {
		t.Errorf("limit: %s", got)
	}
	if len(tree.Search("a", 0))+len(tree.Search("a", -1)) != 0 {
		t.Error("no limit at all")
	}
}

// What is no tree is told, never shown.
func TestBrokenTrees(t *testing.T) {
	for name, units := range map[string][]Unit{
		"two roots":  {{ID: 1, Code: "a"}, {ID: 2, Code: "b"}},
		"orphan":     {{ID: 1, Code: "a"}, {ID: 2, Parent: 9, Code: "b"}},
		"circle":     {{ID: 1, Code: "a"}, {ID: 2, Parent: 3, Code: "b"}, {ID: 3, Parent: 2, Code: "c"}},
		"twice":      {{ID: 1, Code: "a"}, {ID: 2, Parent: 1, Code: "b"}, {ID: 2, Parent: 1, Code: "c"}},
		"own parent": {{ID: 1, Parent: 1, Code: "a"}},
		"code twice": {{ID: 1, Code: "a"}, {ID: 2, Parent: 1, Code: "a"}},
		"body zero":  {{ID: 0, Code: "a"}},
		"no top":     {{ID: 2, Parent: 1, Code: "a"}},
	} {
		if _, err := newTree(units, "da"); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// In any tree, Under, Within, Below, Children and Path agree with the parents.
func TestTreeAgreesWithParents(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		units := []Unit{{ID: 1, Code: "c1", Name: "n"}}
		for id := ID(2); id < ID(2+rng.IntN(60)); id++ {
			units = append(units, Unit{ID: id, Parent: ID(1 + rng.IntN(int(id)-1)), Code: fmt.Sprint("c", id), Name: fmt.Sprint("n", rng.IntN(9))})
		}
		parents := map[ID]ID{}
		for _, u := range units {
			parents[u.ID] = u.Parent
		}
		shuffled := slices.Clone(units)
		rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		tree, err := newTree(shuffled, "da")
		if err != nil {
			t.Fatal(err)
		}
		below := func(id, above ID) bool {
			for ; id != 0; id = parents[id] {
				if id == above {
					return true
				}
			}
			return false
		}
		for _, a := range units {
			if got := len(tree.Below(a.ID)) + 1; got != int(tree.Under(a.ID).GetCardinality()) {
				t.Fatalf("below %d: %d", a.ID, got)
			}
			if path := tree.Path(a.ID); path[0].ID != 1 || path[len(path)-1].ID != a.ID {
				t.Fatalf("path of %d: %v", a.ID, path)
			}
			for _, b := range units {
				want := below(b.ID, a.ID)
				if tree.Under(a.ID).Contains(uint32(b.ID)) != want || tree.Within(b.ID, a.ID) != want {
					t.Fatalf("%d under %d: want %v", b.ID, a.ID, want)
				}
				if child := slices.ContainsFunc(tree.Children(a.ID), func(u Unit) bool { return u.ID == b.ID }); child != (b.Parent == a.ID) {
					t.Fatalf("%d child of %d: %v", b.ID, a.ID, child)
				}
			}
		}
	}
}

func TestCodeFrom(t *testing.T) {
	for name, want := range map[string]string{
		"Københavns Omegn": "koebenhavns-omegn", " Ærø ": "aeroe", "Aarhus-Nord (2. kreds)": "aarhus-nord-2-kreds", "…": "", "": "",
		strings.Repeat("lang ", 20): strings.Trim(strings.Repeat("lang-", 8), "-"),
	} {
		got := CodeFrom(name)
		if got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
		if got != "" && codeFault(got) != "" {
			t.Errorf("%q cannot be a code", got)
		}
	}
}

func TestChangesInWords(t *testing.T) {
	u, was := Unit{Name: "Fyn"}, Unit{Name: "Odense"}
	for want, c := range map[string]Change{
		"Oprettede Fyn": {Act: Added, Unit: u}, "Omdøbte Odense til Fyn": {Act: Renamed, Unit: u, Was: was}, "Lukkede Fyn": {Act: Closed, Unit: u},
		"Åbnede Fyn igen": {Act: Reopened, Unit: u}, "Fyn er ikke regnskabspligtig": {Act: Accounts, Unit: u},
		"Fyn er regnskabspligtig": {Act: Accounts, Unit: Unit{Name: "Fyn", Accounts: true}},
	} {
		if got := c.Text(locale.For("da")); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if Act(0).String() != "" || Act(99).String() != "" || Accounts.String() != "accounts" {
		t.Error("acts and their names are out of step")
	}
}

func BenchmarkNewTree(b *testing.B) {
	units := []Unit{{ID: 1, Code: "c1", Name: "top"}}
	for id := ID(2); id <= 2000; id++ {
		units = append(units, Unit{ID: id, Parent: 1 + (id-2)/20, Code: fmt.Sprint("c", id), Name: fmt.Sprint("Forening ", id)})
	}
	for b.Loop() {
		if _, err := newTree(units, "da"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnder(b *testing.B) {
	tree := grown(b, denmark)
	for b.Loop() {
		_ = tree.Under(7)
	}
}
