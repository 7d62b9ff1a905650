package agreement

import (
	"slices"
	"strings"
	"testing"

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
