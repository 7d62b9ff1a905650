package unit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
)

// notes is a Recorder that keeps what it is told, or refuses.
type notes struct {
	changes []Change
	fail    error
}

func (n *notes) RecordUnit(_ *database.Tx, changes []Change) error {
	n.changes = append(n.changes, changes...)
	return n.fail
}

func party(t testing.TB) *charter.Charter {
	t.Helper()
	c, err := charter.Load("party-dk")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func open(t testing.TB, db *database.DB) *Service {
	t.Helper()
	s, err := New(t.Context(), db, party(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// add makes a body that must be accepted.
func add(t testing.TB, s *Service, level, parent, name string) Unit {
	t.Helper()
	above, _ := s.Tree().ByCode(parent)
	u, err := s.Add(t.Context(), &notes{}, Draft{Parent: above.ID, Level: level, Name: name})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return u
}

// keys lists what a refusal says, "field:key" where it names fields.
func keys(err error) string {
	var e *fault.Error
	if !errors.As(err, &e) {
		return fmt.Sprint(err)
	}
	if len(e.Fields) == 0 {
		return e.Key
	}
	var all []string
	for _, f := range e.Fields {
		all = append(all, f.Name+":"+strings.TrimPrefix(f.Key, "unit.error."))
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func TestAdd(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s, by := open(t, db), &notes{}
		root, err := s.Add(t.Context(), by, Draft{Level: "national", Name: "  Vores\tparti "})
		if err != nil || root.Name != "Vores parti" || root.Code != "vores-parti" || root.ID != 1 || !root.Accounts || root.Created.IsZero() {
			t.Fatalf("%+v %v", root, err)
		}
		region := add(t, s, "region", "", "Københavns Omegn") // one body above, so no need to say which
		local, err := s.Add(t.Context(), by, Draft{Parent: region.ID, Level: " LOCAL ", Code: " Gentofte ", Name: "Gentofte"})
		if err != nil || local.Parent != region.ID || local.Code != "gentofte" || local.Level != "local" {
			t.Fatalf("%+v %v", local, err)
		}
		if abroad := add(t, s, "abroad", "", "Bruxelles"); abroad.Parent != root.ID || abroad.Accounts {
			t.Errorf("%+v", abroad)
		}
		if len(by.changes) != 2 || by.changes[0] != (Change{Act: Added, Unit: root}) || by.changes[1] != (Change{Act: Added, Unit: local}) {
			t.Errorf("journaled %+v", by.changes)
		}
		again := open(t, db).Tree() // what is stored is what is shown
		if !slices.Equal(again.All(), s.Tree().All()) || again.Len() != 4 {
			t.Errorf("%v\n%v", again.All(), s.Tree().All())
		}
	})
}

func TestAddRefuses(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := open(t, db)
		if _, err := s.Add(t.Context(), &notes{}, Draft{Level: "local", Name: "For tidlig"}); keys(err) != "parent:parent_which" {
			t.Errorf("before the root: %v", keys(err))
		}
		root := add(t, s, "national", "", "Partiet")
		region := add(t, s, "region", "", "Fyn")
		odense := add(t, s, "local", "fyn", "Odense")
		before := s.Tree()
		for name, refused := range map[string]struct {
			draft Draft
			want  string
		}{
			"everything":        {Draft{}, "code:code_form level:level_unknown name:name_empty"},
			"second root":       {Draft{Level: "national", Name: "Andet"}, "parent:root_there"},
			"wrong level above": {Draft{Parent: root.ID, Level: "local", Name: "Assens"}, "parent:parent_level"},
			"under itself":      {Draft{Parent: odense.ID, Level: "local", Name: "Assens"}, "parent:parent_level"},
			"unknown parent":    {Draft{Parent: 99, Level: "local", Name: "Assens"}, "parent:parent_unknown"},
			"unknown level":     {Draft{Parent: root.ID, Level: "kreds", Name: "Assens"}, "level:level_unknown"},
			"code taken":        {Draft{Parent: region.ID, Level: "local", Name: "Odense"}, "code:code_taken"},
			"code form":         {Draft{Parent: region.ID, Level: "local", Name: "Assens", Code: "as_sens"}, "code:code_form"},
			"code of hyphens":   {Draft{Parent: region.ID, Level: "local", Name: "Assens", Code: "-a"}, "code:code_form"},
			"code long":         {Draft{Parent: region.ID, Level: "local", Name: "Assens", Code: strings.Repeat("a", 41)}, "code:code_long"},
			"name long":         {Draft{Parent: region.ID, Level: "local", Name: strings.Repeat("å", 101), Code: "x"}, "name:name_long"},
			"name of controls":  {Draft{Parent: region.ID, Level: "local", Name: "\x00\u200b", Code: "x"}, "name:name_empty"},
		} {
			by := &notes{}
			_, err := s.Add(t.Context(), by, refused.draft)
			if keys(err) != refused.want || !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %s, want %s", name, keys(err), refused.want)
			}
			if len(by.changes) != 0 || s.Tree() != before {
				t.Errorf("%s: refused and yet done", name)
			}
		}
	})
}

func TestRenameKeepsTheCode(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s, by := open(t, db), &notes{}
		root := add(t, s, "national", "", "Partiet")
		renamed, err := s.Rename(t.Context(), by, root.ID, " Det  nye parti ")
		if err != nil || renamed.Name != "Det nye parti" || renamed.Code != "partiet" {
			t.Fatalf("%+v %v", renamed, err)
		}
		if len(by.changes) != 1 || by.changes[0] != (Change{Act: Renamed, Unit: renamed, Was: root}) {
			t.Errorf("journaled %+v", by.changes)
		}
		if _, err := s.Rename(t.Context(), by, root.ID, "Det nye parti"); err != nil || len(by.changes) != 1 {
			t.Errorf("the same name again: %v %v", err, by.changes)
		}
		if _, err := s.Rename(t.Context(), by, root.ID, " "); keys(err) != "name:name_empty" {
			t.Error(keys(err))
		}
		if _, err := s.Rename(t.Context(), by, 99, "X"); !fault.Is(err, fault.NotFound) {
			t.Error(err)
		}
		if u, _ := open(t, db).Tree().ByID(root.ID); u != renamed {
			t.Errorf("stored %+v", u)
		}
	})
}

func TestCloseAndReopen(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s, by := open(t, db), &notes{}
		root := add(t, s, "national", "", "Partiet")
		region := add(t, s, "region", "", "Fyn")
		local := add(t, s, "local", "fyn", "Odense")
		occupied := true
		s.Occupied = func(id ID) bool { return id == local.ID && occupied }
		refused := func(id ID, want string) {
			t.Helper()
			if _, err := s.Close(t.Context(), by, id); keys(err) != want {
				t.Errorf("%s, want %s", keys(err), want)
			}
		}
		refused(root.ID, "unit.error.root_closes")
		refused(region.ID, "unit.error.open_below")
		refused(local.ID, "unit.error.occupied")
		refused(99, "unit.error.unknown")
		occupied = false
		closed, err := s.Close(t.Context(), by, local.ID)
		if err != nil || !closed.Closed || closed.ClosedAt.IsZero() {
			t.Fatalf("%+v %v", closed, err)
		}
		if again, err := s.Close(t.Context(), by, local.ID); err != nil || again != closed || len(by.changes) != 1 {
			t.Errorf("closed twice: %+v %v %v", again, err, by.changes)
		}
		if _, err := s.Close(t.Context(), by, region.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Add(t.Context(), by, Draft{Parent: region.ID, Level: "local", Name: "Assens"}); keys(err) != "parent:parent_closed" {
			t.Error(keys(err))
		}
		// A closed body stays for what refers to it.
		tree := open(t, db).Tree()
		if u, ok := tree.ByCode("odense"); !ok || u != closed || !tree.Under(region.ID).Contains(uint32(local.ID)) {
			t.Errorf("%+v", u)
		}
		if len(tree.AtLevel("local")) != 0 {
			t.Error("a closed body is offered")
		}
		if _, err := s.Reopen(t.Context(), by, local.ID); keys(err) != "unit.error.parent_closed" {
			t.Error(keys(err))
		}
		if _, err := s.Reopen(t.Context(), by, region.ID); err != nil {
			t.Error(err)
		}
		if u, err := s.Reopen(t.Context(), by, local.ID); err != nil || u != local {
			t.Errorf("%+v %v", u, err)
		}
		var acts []Act
		for _, c := range by.changes {
			acts = append(acts, c.Act)
		}
		if !slices.Equal(acts, []Act{Closed, Closed, Reopened, Reopened}) {
			t.Errorf("journaled %v", acts)
		}
	})
}

func TestL7AccountsAreASettingOfEachBody(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s, by := open(t, db), &notes{}
		add(t, s, "national", "", "Partiet")
		fyn := add(t, s, "region", "", "Fyn")
		off, err := s.SetAccounting(t.Context(), by, fyn.ID, Accounting{})
		if err != nil || off.Accounts || !fyn.Accounts {
			t.Fatalf("%+v %v", off, err)
		}
		if u, _ := open(t, db).Tree().ByCode("fyn"); u.Accounts {
			t.Error("not stored")
		}
		if root, _ := s.Tree().Root(); !root.Accounts {
			t.Error("another body's setting changed")
		}
		if len(by.changes) != 1 || by.changes[0].Act != Accounts {
			t.Errorf("journaled %+v", by.changes)
		}
	})
}

// Several acts in one transaction see each other; the tree changes for
// everybody when they are committed, and not at all when they are not.
func TestActsInOneTransaction(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s, by := open(t, db), &notes{}
		seen := 0
		s.Watch(func() { seen++ })
		stop := errors.New("stop")
		both := func(end error) error {
			return db.Write(t.Context(), func(tx *database.Tx) error {
				if _, err := s.AddTx(tx, by, Draft{Level: "national", Name: "Partiet"}); err != nil {
					return err
				}
				if _, err := s.AddTx(tx, by, Draft{Level: "region", Name: "Fyn"}); err != nil {
					return err
				}
				if s.Tree().Len() != 0 {
					t.Error("seen before it is committed")
				}
				return end
			})
		}
		if err := both(stop); !errors.Is(err, stop) || s.Tree().Len() != 0 || seen != 0 {
			t.Errorf("%v %d %d", err, s.Tree().Len(), seen)
		}
		if err := both(nil); err != nil || s.Tree().Len() != 2 || seen == 0 {
			t.Errorf("%v %d %d", err, s.Tree().Len(), seen)
		}
	})
}

// What cannot be journaled does not happen.
func TestNoChangeWithoutATrace(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s, stop := open(t, db), errors.New("the journal is full")
		if _, err := s.Add(t.Context(), &notes{fail: stop}, Draft{Level: "national", Name: "Partiet"}); !errors.Is(err, stop) {
			t.Fatal(err)
		}
		if s.Tree().Len() != 0 || open(t, db).Tree().Len() != 0 {
			t.Error("done without a trace")
		}
	})
}

// A cancelled context begins nothing.
func TestCancelled(t *testing.T) {
	s := open(t, databasetest.SQLite(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Add(ctx, &notes{}, Draft{Level: "national", Name: "Partiet"}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// Every refusal has words, with its arguments, in every language.
func TestRefusalsHaveWords(t *testing.T) {
	s := open(t, databasetest.SQLite(t))
	add(t, s, "national", "", "Partiet")
	_, err := s.Add(t.Context(), &notes{}, Draft{Level: "local", Name: strings.Repeat("a", 200), Code: "partiet"})
	for _, lang := range locale.Languages() {
		for _, field := range fault.From(err).Fields {
			var pairs []any
			for name, value := range field.Args {
				pairs = append(pairs, name, value)
			}
			if text := locale.For(lang).T(field.Key, pairs...); strings.ContainsAny(text, "⟦{") {
				t.Errorf("%s in %s: %q", field.Key, lang, text)
			}
		}
	}
}
