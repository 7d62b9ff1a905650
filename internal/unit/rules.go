package unit

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
)

// Limits of what a body may be called, in characters.
const (
	maxName = 100
	maxCode = 40
)

var codePattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// normalised tidies a draft: spaces, letter forms, case of the code. An empty
// code is made from the name.
func (d Draft) normalised() Draft {
	d.Name = locale.Tidy(d.Name)
	d.Level = strings.ToLower(locale.Tidy(d.Level))
	d.Code = strings.ToLower(locale.Tidy(d.Code))
	if d.Code == "" {
		d.Code = CodeFrom(d.Name)
	}
	return d
}

// CodeFrom makes a code from a name: "Københavns Omegn" is "koebenhavns-omegn".
// It may be empty, or taken already.
func CodeFrom(name string) string {
	var code strings.Builder
	gap := false
	for _, r := range locale.Fold(name) {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			gap = true
			continue
		}
		if gap && code.Len() > 0 {
			code.WriteByte('-')
		}
		gap = false
		code.WriteRune(r)
		if code.Len() >= maxCode {
			break
		}
	}
	return strings.Trim(code.String()[:min(code.Len(), maxCode)], "-")
}

// nameFault says what is wrong with a name; empty when nothing is.
func nameFault(name string) string {
	switch {
	case name == "":
		return "unit.error.name_empty"
	case utf8.RuneCountInString(name) > maxName:
		return "unit.error.name_long"
	}
	return ""
}

// codeFault says what is wrong with a code; empty when nothing is.
func codeFault(code string) string {
	switch {
	case len(code) > maxCode:
		return "unit.error.code_long"
	case !codePattern.MatchString(code):
		return "unit.error.code_form"
	}
	return ""
}

// placed checks a normalised draft against the charter and the tree and gives
// it its parent. The refusal tells every wrong field.
func (t *Tree) placed(c *charter.Charter, d Draft) (Draft, error) {
	refusal := fault.New(fault.Invalid, "unit.error.invalid")
	if key := nameFault(d.Name); key != "" {
		refusal.With("name", key, "limit", maxName)
	}
	if key := codeFault(d.Code); key != "" {
		refusal.With("code", key, "limit", maxCode)
	} else if _, taken := t.ByCode(d.Code); taken {
		refusal.With("code", "unit.error.code_taken", "code", d.Code)
	}
	level, ok := c.Level(d.Level)
	if !ok {
		refusal.With("level", "unit.error.level_unknown", "level", d.Level)
		return d, refusal
	}
	parent, field := t.parentFor(level, d.Parent)
	if field != nil {
		refusal.Fields = append(refusal.Fields, *field)
	}
	if len(refusal.Fields) > 0 {
		return d, refusal
	}
	d.Parent = parent
	return d, nil
}

// parentFor gives the body a new one of the level hangs under. Without a wish
// it is the only open body of the level above.
func (t *Tree) parentFor(level *charter.Level, wish ID) (ID, *fault.Field) {
	wrong := func(key string, args map[string]any) (ID, *fault.Field) {
		return 0, &fault.Field{Name: "parent", Key: key, Args: args}
	}
	if level.Parent == "" {
		_, there := t.Root()
		switch {
		case there:
			return wrong("unit.error.root_there", nil)
		case wish != 0:
			return wrong("unit.error.root_parent", nil)
		}
		return 0, nil
	}
	if wish == 0 {
		above := t.AtLevel(level.Parent)
		if len(above) != 1 {
			return wrong("unit.error.parent_which", map[string]any{"level": level.Parent})
		}
		return above[0].ID, nil
	}
	parent, ok := t.ByID(wish)
	switch {
	case !ok:
		return wrong("unit.error.parent_unknown", nil)
	case parent.Closed:
		return wrong("unit.error.parent_closed", map[string]any{"name": parent.Name})
	case parent.Level != level.Parent:
		return wrong("unit.error.parent_level", map[string]any{"level": level.Code, "above": level.Parent})
	}
	return wish, nil
}

// closable checks that a body may close: not the root, nothing open below.
func (t *Tree) closable(u Unit) error {
	if u.Parent == 0 {
		return fault.New(fault.Conflict, "unit.error.root_closes")
	}
	for _, below := range t.Below(u.ID) {
		if !below.Closed {
			return fault.New(fault.Conflict, "unit.error.open_below", "name", below.Name)
		}
	}
	return nil
}

// check refuses a law nobody has described and a month there is not.
func (a Accounting) check(c *charter.Charter) error {
	invalid := fault.New(fault.Invalid, "unit.error.invalid")
	if a.Seat != "" && !slices.Contains(c.Seats(), a.Seat) {
		invalid = invalid.With("seat", "unit.error.seat", "known", strings.Join(c.Seats(), ", "))
	}
	if a.YearEnds < 0 || a.YearEnds > time.December {
		invalid = invalid.With("year_ends", "unit.error.year_ends")
	}
	if len(invalid.Fields) > 0 {
		return invalid
	}
	return nil
}
