package extract

import (
	"slices"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
)

// StateOn says where the list is in its life on a day.
func (l *List) StateOn(today civil.Date) State {
	switch {
	case l.Destroyed():
		return Destroyed
	case l.Settled():
		return Strayed
	case l.DestroyBy.Before(today):
		return Overdue
	}
	return Out
}

// Destroyed reports whether the destruction is attested for file and paper, by
// everybody who holds the list.
func (l *List) Destroyed() bool {
	return !slices.ContainsFunc(l.parts(), func(p Part) bool { return !p.destroyed() })
}

// Settled reports whether nobody has anything left to attest: it is destroyed, or
// lost.
func (l *List) Settled() bool {
	return !slices.ContainsFunc(l.parts(), func(p Part) bool { return !p.Done() })
}

// check settles a wish against the charter: the file its purpose offers and the day
// the list is destroyed by, which can be sooner than the latest, never later
// (D12).
func (w *Wish) check(c *charter.Charter, p *charter.Purpose, today, latest civil.Date) error {
	invalid := w.checkFormat(c, p, fault.New(fault.Invalid, "extract.error.wish"))
	switch {
	case w.DestroyBy.IsZero():
		w.DestroyBy = latest
	case !w.DestroyBy.IsValid(), w.DestroyBy.Before(today):
		invalid = invalid.With("by", "extract.error.by_past")
	case w.DestroyBy.After(latest):
		invalid = invalid.With("by", "extract.error.by_late", "latest", latest)
	}
	if len(invalid.Fields) > 0 {
		return invalid
	}
	return nil
}

// fields parts the charter's fields into those on a list for the purpose and
// those that stay in the register (L8).
func fields(c *charter.Charter, p *charter.Purpose) (on, left []*charter.Field) {
	for i := range c.Fields {
		f := &c.Fields[i]
		switch {
		case !f.List:
		case p.Set.Has(f.Bit):
			on = append(on, f)
		default:
			left = append(left, f)
		}
	}
	return on, left
}
