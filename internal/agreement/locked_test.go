package agreement

import (
	"slices"
	"strings"
	"testing"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/locale"
)

// N2: the fixed clauses are locked. Whoever changes a word of them adds a version, and
// every body is asked anew.
func TestN2FixedClausesAreLocked(t *testing.T) {
	for kind := range clauses {
		if got := lockOf(kind); got != Lock(kind) {
			t.Errorf("%s: the clauses have changed without a new version; their hash is %q", kind, got)
		}
	}
}

// Every item of Art. 28(3) a–h, 28(2) and 28(4), and of Art. 26, has its clause in every
// language.
func TestN2EveryItemHasItsClause(t *testing.T) {
	items := map[string][]string{
		charter.BindingProcessing: {"instructions", "confidence", "security", "subs", "rights", "assist", "end", "audit", "unlawful", "breach", "transfers"},
		charter.BindingJoint:      {"share", "inform", "rights", "contact", "essence"},
	}
	for kind, codes := range items {
		for _, code := range codes {
			if !slices.Contains(clauses[kind].codes, code) {
				t.Errorf("%s: no clause %s", kind, code)
			}
			for _, lang := range Languages {
				if text := locale.For(lang).T("agreement." + kind + "." + code + "_text"); len(text) < 30 || strings.Contains(text, "⟦") {
					t.Errorf("%s: %s in %s reads %q", kind, code, lang, text)
				}
			}
		}
	}
}

// L10: what must be agreed follows from the roles of the levels, and from nothing else.
func TestL10AgreementFollowsFromTheRoles(t *testing.T) {
	for _, c := range []struct{ name, level, kind, with string }{
		{"club-no", "club", charter.BindingProcessing, "district"}, {"club-no", "division", "", ""}, {"club-no", "district", "", ""},
		{"party-dk", "local", charter.BindingJoint, "national"}, {"party-dk", "abroad", charter.BindingJoint, "national"}, {"party-dk", "region", "", ""}, {"party-dk", "national", "", ""},
	} {
		rules, err := charter.Load(c.name)
		if err != nil {
			t.Fatal(err)
		}
		kind, with := rules.Binding(c.level)
		if kind != c.kind || with == nil != (c.with == "") || with != nil && with.Code != c.with {
			t.Errorf("%s, %s: %q with %v", c.name, c.level, kind, with)
		}
	}
}

// N12: the chain shows each processor under the one it works for, and loses none.
func TestN12ChainIsWhole(t *testing.T) {
	all := chain([]Processor{{ID: 3, Parent: 2}, {ID: 1}, {ID: 2, Parent: 1}, {ID: 9, Parent: 77}})
	var ids, depths []int
	for _, p := range all {
		ids, depths = append(ids, int(p.ID)), append(depths, p.Depth)
	}
	if !slices.Equal(ids, []int{1, 2, 3, 9}) || !slices.Equal(depths, []int{0, 1, 2, 0}) {
		t.Error(ids, depths)
	}
	if !InEEA("NO") || !InEEA("DK") || InEEA("US") || InEEA("GB") || InEEA(" ") || InEEA("") {
		t.Error("the EEA is drawn wrongly")
	}
}

// N2, N12: what has changed since somebody signed is told apart: the charter's rules, or
// who processes. An announced processor, and one that is objected to, wait.
func TestN12WhatHasChangedIsKnown(t *testing.T) {
	today := civil.Date{Year: 2026, Month: 11, Day: 23}
	one := Processor{ID: 1, Name: "Host", From: today}
	coming, against := Processor{ID: 2, Name: "New", From: today.AddDays(1)}, Processor{ID: 3, Name: "No", From: today, Objections: 1}
	moved := one
	moved.Country = "US"
	old := &Terms{Rules: "a", Chain: marks([]Processor{one})}
	for i, c := range []struct {
		rules string
		chain []Processor
		want  string
	}{
		{"a", []Processor{one}, ""}, {"b", []Processor{one}, NewRules}, {"a", nil, NewChain}, {"a", []Processor{moved}, NewChain},
		{"a", []Processor{one, coming, against}, ""}, {"a", []Processor{one, {ID: 4, Name: "Here", From: today}}, NewChain},
	} {
		if got := changed(old, c.rules, c.chain, today); got != c.want {
			t.Errorf("%d: %q, want %q", i, got, c.want)
		}
	}
	if changed(nil, "b", nil, today) != "" {
		t.Error("what rests on no terms is asked anew")
	}
	for _, name := range charter.Shipped() {
		c, err := charter.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		before := rules(c, charter.BindingProcessing)
		c.ListDays++
		if rules(c, charter.BindingProcessing) == before {
			t.Errorf("%s: another time for lists leaves the rules as they were", name)
		}
	}
}
