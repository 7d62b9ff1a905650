package unit

import (
	"encoding/csv"
	"fmt"
	"os"
	"strings"
	"testing"

	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
)

// rowsOf reads "code;name;level;parent" lines.
func rowsOf(text string) []Row {
	var rows []Row
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		cells := strings.Split(line, ";")
		rows = append(rows, Row{Line: i + 1, Code: cells[0], Name: cells[1], Level: cells[2], Parent: cells[3]})
	}
	return rows
}

func TestImport(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s, by := open(t, db), &notes{}
		// Children before parents, levels by name, codes made from names, parents left out where only one is possible.
		rows := rowsOf(`
gentofte;Gentofte;Vælgerforening;omegn
;Lyngby;local;OMEGN
omegn; Københavns  Omegn ;storkreds;
;Bruxelles;Association abroad;
partiet;Partiet;national;`)
		result, err := s.Import(t.Context(), by, rows)
		if err != nil || result != (Result{Added: 5}) || len(by.changes) != 5 {
			t.Fatalf("%+v %v %v", result, keys(err), by.changes)
		}
		if got := codes(s.Tree().All()); got != "partiet bruxelles omegn gentofte lyngby" {
			t.Error(got)
		}
		if u, _ := s.Tree().ByCode("omegn"); u.Name != "Københavns Omegn" {
			t.Errorf("%+v", u)
		}
		if result, err := s.Import(t.Context(), by, rows); err != nil || result != (Result{Unchanged: 5}) || len(by.changes) != 5 {
			t.Errorf("again: %+v %v", result, err)
		}
		result, err = s.Import(t.Context(), by, rowsOf("gentofte;Gentofte og Vangede;;\nodense;Odense;local;fyn\nfyn;Fyn;region;partiet"))
		if err != nil || result != (Result{Added: 2, Renamed: 1}) {
			t.Fatalf("%+v %v", result, keys(err))
		}
		if last := by.changes[len(by.changes)-1]; last.Act != Renamed || last.Was.Name != "Gentofte" || last.Unit.Name != "Gentofte og Vangede" {
			t.Errorf("%+v", last)
		}
		if got := codes(open(t, db).Tree().All()); got != "partiet bruxelles fyn odense omegn gentofte lyngby" {
			t.Error(got)
		}
	})
}

func TestImportRefusesAllOrNothing(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := open(t, db)
		add(t, s, "national", "", "Partiet")
		fyn := add(t, s, "region", "", "Fyn")
		add(t, s, "region", "", "Sjælland")
		closed := add(t, s, "local", "fyn", "Ærø")
		if _, err := s.Close(t.Context(), &notes{}, closed.ID); err != nil {
			t.Fatal(err)
		}
		for text, want := range map[string]string{
			"a;A;local;fyn\n;…;local;fyn":                "2:code:code_form",
			"a;A;local;fyn\na;B;local;fyn":               "2:code:twice",
			"a;;local;fyn":                               "1:name:name_empty",
			"a;A;lokal;fyn":                              "1:level:level_unknown",
			"a;A;local;":                                 "1:parent:parent_which",
			"a;A;local;nowhere":                          "1:parent:parent_unknown_code",
			"a;A;local;partiet":                          "1:parent:parent_level",
			"a;A;local;b\nb;B;local;a":                   "1:parent:parent_level 2:parent:parent_level",
			"a;A;national;":                              "1:level:root_there",
			"a;A;national;fyn":                           "1:parent:root_parent",
			"fyn;Fyn;local;":                             "1:code:moved",
			"fyn;Fyn;region;fyn":                         "1:code:moved",
			"fyn;;region;":                               "1:name:name_empty",
			"aeroe;Ærø;local;fyn":                        "1:code:closed",
			"a;A;local;fyn\nb;;x;\nc;C;local;nowhere;;x": "2:level:level_unknown 2:name:name_empty 3:parent:parent_unknown_code",
		} {
			by, before := &notes{}, s.Tree()
			if _, err := s.Import(t.Context(), by, rowsOf(text)); keys(err) != want {
				t.Errorf("%q: %s, want %s", text, keys(err), want)
			}
			if s.Tree() != before || len(by.changes) != 0 {
				t.Errorf("%q: refused and yet done", text)
			}
		}
		if _, err := s.Close(t.Context(), &notes{}, fyn.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Import(t.Context(), &notes{}, rowsOf("a;A;local;fyn")); keys(err) != "1:parent:parent_closed" {
			t.Error(keys(err))
		}
	})
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		if _, err := open(t, db).Import(t.Context(), &notes{}, rowsOf("a;A;national;\nb;B;national;")); keys(err) != "2:level:root_there" {
			t.Errorf("two roots in one file: %s", keys(err))
		}
	})
}

// Denmark's greater constituencies and their districts, as a real tree.
func TestImportDenmark(t *testing.T) {
	file, err := os.Open("testdata/denmark.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := []Row{{Line: 0, Name: "Partiet", Level: "national"}}
	regions := map[string]bool{}
	for i, line := range lines[1:] {
		if !regions[line[0]] {
			regions[line[0]] = true
			rows = append(rows, Row{Line: i, Code: CodeFrom(line[0]) + "-storkreds", Name: line[0], Level: "region"})
		}
		rows = append(rows, Row{Line: i, Name: line[1], Level: "local", Parent: CodeFrom(line[0]) + "-storkreds"})
	}
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := open(t, db)
		result, err := s.Import(t.Context(), &notes{}, rows)
		if err != nil || result.Added != 103 {
			t.Fatalf("%+v %v", result, keys(err))
		}
		tree := s.Tree()
		if len(tree.AtLevel("region")) != 10 || len(tree.AtLevel("local")) != 92 {
			t.Errorf("%d regions, %d associations", len(tree.AtLevel("region")), len(tree.AtLevel("local")))
		}
		fyn, ok := tree.ByCode("fyn-storkreds")
		if !ok || tree.Under(fyn.ID).GetCardinality() != uint64(len(tree.Children(fyn.ID))+1) {
			t.Errorf("%+v", fyn)
		}
	})
}

func BenchmarkImport(b *testing.B) {
	rows := []Row{{Name: "Partiet", Level: "national"}, {Code: "r", Name: "Fyn", Level: "region"}}
	for i := range 1000 {
		rows = append(rows, Row{Name: fmt.Sprint("Forening ", i), Level: "local"})
	}
	c := party(b)
	tree, _ := newTree(nil, "da")
	for b.Loop() {
		if p := planFor(tree, c, rows); len(p.refusal.Fields) > 0 {
			b.Fatal(p.refusal)
		}
	}
}
