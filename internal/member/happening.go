package member

import (
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// News is told, inside an act, what the act did to whom: it keeps what an officer
// who comes back wants to know.
type News interface {
	Happened(tx *database.Tx, all []Happening) error
}

// Happening is what an act did to one person. It holds ids and codes, no data.
type Happening struct {
	Person  vault.PersonID
	New     bool      // was nobody's member before
	Entered []unit.ID // bodies they belong to since
	Gone    []unit.ID // bodies they belong to no more
	In      []unit.ID // bodies they belonged to and still do
	Fields  []string  // codes of what was changed, where they were known before

	Restricted bool // their data are kept but not used from now on (Art. 18)

	Backlog bool // New here, and a member since long before: taken over from another register
	Lapsed  bool // their last day has passed; nothing else happened
}

// tell gives the changes of an act to whoever keeps news.
func (d *Directory) tell(tx *database.Tx, changes []change) error {
	if d.News == nil {
		return nil
	}
	all := make([]Happening, 0, len(changes))
	for i := range changes {
		if h := d.happening(&changes[i]); len(h.Entered)+len(h.Gone)+len(h.Fields) > 0 || h.Restricted {
			h.Backlog = h.New && d.longSince(changes[i].after.profile.Joined, len(changes))
			all = append(all, h)
		}
	}
	return d.News.Happened(tx, all)
}

// longSince reports whether somebody new in the register is no new member: who
// joined before last month, or came with a file that does not say when.
func (d *Directory) longSince(joined civil.Date, together int) bool {
	if joined.IsZero() {
		return together > 1
	}
	today := d.charter.Today(d.now())
	return joined.Before(monthsOn(civil.Date{Year: today.Year, Month: today.Month, Day: 1}, -1))
}

func (d *Directory) happening(c *change) Happening {
	h := Happening{Person: c.person, New: c.before == nil}
	for i := range c.after.memberships {
		id := c.after.memberships[i].Unit
		if c.before != nil && c.before.in(id) != nil {
			h.In = append(h.In, id)
		} else {
			h.Entered = append(h.Entered, id)
		}
	}
	if c.before == nil {
		return h
	}
	for i := range c.before.memberships {
		if id := c.before.memberships[i].Unit; c.after.in(id) == nil {
			h.Gone = append(h.Gone, id)
		}
	}
	h.Restricted = c.after.profile.Restricted && !c.before.profile.Restricted
	h.Fields = slices.DeleteFunc(c.fields(d.charter), func(code string) bool { return code == "unit" })
	return h
}

// Present gives those of a set who are members within a Scope for searching now.
func (d *Directory) Present(s access.Scope, persons *roaring.Bitmap) *roaring.Bitmap {
	x, err := d.enter(s, charter.Search)
	if err != nil {
		return roaring.New()
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	present := x.reached(reachOf(s))
	present.And(persons)
	present.And(x.members)
	return present
}
