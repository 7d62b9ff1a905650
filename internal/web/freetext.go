package web

import (
	"net/http"
	"slices"

	"kartotek/internal/fault"
	"kartotek/internal/guard"
	"kartotek/internal/web/look"
)

// freeTexts are the fields in which people write about others: grounds, reasons, needs,
// notes. They are looked through before any room sees them (L5; GDPR Art. 9, 10, 87).
var freeTexts = []string{"why", "grounds", "ground", "need", "note", "reason", "question", "answer", "task"}

// special is a form whose text seems to hold what does not belong there.
type special struct {
	kinds []string
	form  form
}

func (special) Error() string { return "web: a text seems to hold special data" }

// Unwrap lets whoever asks treat it as bad input.
func (s special) Unwrap() error { return fault.New(fault.Invalid, "guard.title") }

// keptSpecial is the box by which whoever writes says that it is not that.
const keptSpecial = "not-that"

// lookedThrough stops a form whose text seems to hold special data, unless whoever
// writes has said that it is not that, where the charter allows it; that is journaled.
func (v *visit) lookedThrough(f form) error {
	var kinds []string
	for _, name := range freeTexts {
		for _, found := range guard.Look(f.text(name)) {
			if kind := string(found.Kind); !slices.Contains(kinds, kind) {
				kinds = append(kinds, kind)
			}
		}
	}
	if len(kinds) == 0 || v.actor.Person == 0 {
		return nil
	}
	if f.has(keptSpecial) && v.house.Charter.Guard.Override.Value {
		err := v.house.Consents.Kept(v.ctx(), v.actor, kinds)
		v.r = v.r.WithContext(guard.Override(v.r.Context()))
		return err
	}
	return special{kinds, f}
}

// specialView is the page that explains why a text was stopped.
type specialView struct {
	Kinds  string
	Action string
	Values []look.Value
	May    bool
}

func (v *visit) stopped(s special) error {
	names := make([]string, len(s.kinds))
	for i, kind := range s.kinds {
		names[i] = v.T("guard.kind." + kind)
	}
	view := specialView{Kinds: v.p.List(names), Action: v.r.URL.RequestURI(), May: v.house.Charter.Guard.Override.Value}
	for name, all := range s.form.values {
		for _, value := range all {
			if name != keptSpecial {
				view.Values = append(view.Values, look.Value{Name: name, Value: value})
			}
		}
	}
	slices.SortStableFunc(view.Values, func(a, b look.Value) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return v.show(page{title: v.T("guard.title"), status: http.StatusUnprocessableEntity, body: specialBody(view)})
}
