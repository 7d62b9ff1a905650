package access

import (
	"slices"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Documented access (D9): a named person with a delimited task gets the fields and
// purposes it needs, in one body, from day to day. How the body comes to its decision
// is the procedure of room grant; here it is what such an access opens, and for how
// long. Nothing but its dates keeps it going, so it ends by itself.

// GrantCode stands where a post's code stands for a post.
const GrantCode = "grant"

// Grant is a documented access as the body decided it.
type Grant struct {
	Unit     unit.ID
	Case     int64 // the document of room grant
	Task     string
	Ground   string
	Purposes []string // codes of the charter
	Fields   []string
	From     civil.Date
	Until    civil.Date
	By       vault.PersonID // who entered the decision
}

// nameFields are what a person is told apart by: no fields make sense without them.
var nameFields = []string{"given", "family"}

// fromGrant works out what a documented access opens today's charter allows.
func (r *Register) fromGrant(id uint64, g *Grant) holding {
	own := *g
	h := holding{
		basis:  Basis{Right: ByGrant, Code: GrantCode, Unit: g.Unit, ID: id, From: g.From, Until: g.Until},
		ground: g.Task + "\n" + g.Ground, by: g.By, grant: &own, reach: roaring.BitmapOf(uint32(g.Unit)),
	}
	h.first, h.last = term(g.From, g.Until)
	for _, code := range g.Purposes {
		if p, known := r.charter.Purpose(code); known {
			if narrow := narrowed(p, r.charter.FieldSet(g.Fields...), g.Fields); len(narrow.Fields) > 0 {
				h.purposes = append(h.purposes, narrow)
			}
		}
	}
	if len(h.purposes) > 0 {
		h.may = r.charter.Grants.Acts
	}
	return h
}

// narrowed is a purpose with no more than some fields.
func narrowed(p *charter.Purpose, set charter.FieldSet, fields []string) *charter.Purpose {
	narrow := *p
	narrow.Set &= set
	narrow.Fields = nil
	for _, code := range p.Fields {
		if slices.Contains(fields, code) {
			narrow.Fields = append(narrow.Fields, code)
		}
	}
	return &narrow
}

// purpose is what a documented access opens for a purpose; nil where it has none.
func (h *holding) purpose(code string) *charter.Purpose {
	for _, p := range h.purposes {
		if p.Code == code {
			return p
		}
	}
	return nil
}

// CheckGrant tells what is wrong with a documented access, field by field, and puts
// what is right into order: the charter's order of purposes and fields, with the name.
func (r *Register) CheckGrant(person vault.PersonID, g *Grant) error {
	return r.checkGrant(person, g, r.Today())
}

func (r *Register) checkGrant(person vault.PersonID, g *Grant, today civil.Date) error {
	invalid := fault.New(fault.Invalid, "access.error.grant")
	body, known := r.units.Tree().ByID(g.Unit)
	if level, ok := r.charter.Level(body.Level); !known || body.Closed || !ok || !level.Members {
		return invalid.With("unit", "access.error.grant_unit")
	}
	g.Task, g.Ground = strings.TrimSpace(g.Task), strings.TrimSpace(g.Ground)
	if g.Task == "" {
		invalid = invalid.With("task", "access.error.grant_task")
	}
	if g.Ground == "" {
		invalid = invalid.With("ground", "access.error.grant_ground")
	}
	invalid = r.checkReach(invalid, g)
	if g.Until.IsZero() {
		invalid = invalid.With("until", "access.error.grant_until")
	}
	before := len(invalid.Fields)
	if invalid = checkTerm(invalid, g.From, g.Until); len(invalid.Fields) == before {
		switch most := r.LongestGrant(g.From); {
		case g.From.Before(today):
			invalid = invalid.With("from", "access.error.grant_past")
		case g.Until.After(most):
			invalid = invalid.With("until", "access.error.grant_long", "limit", r.charter.Grants.Months.Value, "date", most)
		}
	}
	if r.isSuspended(person) || !r.members.Belongs(person, g.Unit) {
		invalid = invalid.With("person", "access.error.not_a_member")
	}
	if len(invalid.Fields) > 0 {
		return invalid
	}
	return nil
}

// checkReach checks purposes and fields: each known, each field needed for some of
// the purposes.
func (r *Register) checkReach(invalid *fault.Error, g *Grant) *fault.Error {
	var purposes, fields []string
	var offered charter.FieldSet
	for i := range r.charter.Purposes {
		if p := &r.charter.Purposes[i]; slices.Contains(g.Purposes, p.Code) {
			purposes = append(purposes, p.Code)
			offered |= p.Set
		}
	}
	needless := false
	for i := range r.charter.Fields {
		if f := &r.charter.Fields[i]; slices.Contains(g.Fields, f.Code) || slices.Contains(nameFields, f.Code) && offered&f.Bit != 0 {
			fields = append(fields, f.Code)
			needless = needless || offered != 0 && offered&f.Bit == 0
		}
	}
	if unknown := slices.ContainsFunc(g.Purposes, func(code string) bool { return !slices.Contains(purposes, code) }); unknown || len(purposes) == 0 {
		invalid = invalid.With("purposes", "access.error.grant_purposes")
	}
	if unknown := slices.ContainsFunc(g.Fields, func(code string) bool { return !slices.Contains(fields, code) }); unknown || len(g.Fields) == 0 {
		invalid = invalid.With("fields", "access.error.grant_fields")
	} else if needless {
		invalid = invalid.With("fields", "access.error.grant_field")
	}
	g.Purposes, g.Fields = purposes, fields
	return invalid
}

// LongestGrant is the last day a documented access from a day on can have.
func (r *Register) LongestGrant(from civil.Date) civil.Date {
	month := time.Month(int(from.Month) + r.charter.Grants.Months.Value)
	first := civil.DateOf(time.Date(from.Year, month, 1, 0, 0, 0, 0, time.UTC))
	last := time.Date(first.Year, first.Month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return civil.Date{Year: first.Year, Month: first.Month, Day: min(from.Day, last)}.AddDays(-1)
}

// Give gives a documented access, in the transaction of the body's decision. Whoever
// enters the decision is not whom it is about; a first day that has passed meanwhile
// is today, since nothing opens before it was decided.
func (r *Register) Give(tx *database.Tx, scope Scope, person vault.PersonID, g Grant) (uint64, error) {
	if scope.Actor().Person == person || !scope.Covers(g.Unit) || !scope.basis.OfPost() || scope.basis.Unit != g.Unit {
		return 0, fault.New(fault.Denied, "access.denied.own") // the body decides, and nobody on their own access (D9)
	}
	today := r.charter.Today(tx.Now())
	if g.From.Before(today) {
		g.From = today
	}
	if err := r.checkGrant(person, &g, today); err != nil {
		return 0, err
	}
	g.By = scope.Actor().Person
	n, err := tx.Next("holding")
	if err != nil {
		return 0, err
	}
	id := uint64(n)
	if err := record.Create(r.records, tx, Granted, person, id, &g); err != nil {
		return 0, err
	}
	d := r.draft(tx)
	d.put(person, r.fromGrant(id, &g), wordGranted)
	return id, d.settle(tx)
}

// TakeBack ends a documented access with a last day, in the transaction of the
// withdrawal; a day that has passed ends it at once.
func (r *Register) TakeBack(tx *database.Tx, person vault.PersonID, id uint64, last civil.Date) error {
	d := r.draft(tx)
	if err := r.endGrant(tx, d, person, id, last); err != nil {
		return err
	}
	return d.settle(tx)
}

func (r *Register) endGrant(tx *database.Tx, d *draft, person vault.PersonID, id uint64, last civil.Date) error {
	var g Grant
	if err := record.Get(r.records, tx, Granted, person, id, &g); err != nil {
		return err
	}
	if last.Before(g.Until) {
		g.Until = lastDay(g.From, last)
	}
	if err := record.Put(r.records, tx, Granted, person, id, &g); err != nil {
		return err
	}
	d.put(person, r.fromGrant(id, &g), wordEnded)
	return nil
}

// endGrants ends the documented accesses that rest on belonging to a body, each
// journaled by a copy of the entry, as part of an act that takes somebody out of it.
func (r *Register) endGrants(tx *database.Tx, d *draft, by journal.Entry, person vault.PersonID, left unit.ID, today civil.Date) (ended int, err error) {
	held := slices.Clone(d.next.held[person])
	for i := range held {
		h := &held[i]
		if h.basis.Right != ByGrant || h.basis.Unit != left || h.last < day(today) {
			continue
		}
		if err := r.endGrant(tx, d, person, h.basis.ID, today.AddDays(-1)); err != nil {
			return ended, err
		}
		if err := r.journalPost(tx, by, journal.Dismiss, person, h.basis.ID, left); err != nil {
			return ended, err
		}
		ended++
	}
	return ended, nil
}

// DropGrant forgets a documented access that was over long ago, with its document.
func (r *Register) DropGrant(tx *database.Tx, person vault.PersonID, id uint64) error {
	if err := record.Remove(tx, Granted, person, id); err != nil {
		return err
	}
	tx.AfterCommit(func() { r.change(func(s *snapshot) { s.drop(person, id) }) })
	return nil
}

// Grants lists the documented accesses of a body, or with body 0 of every body the
// Scope reaches, those of today and of days to come. The Scope must have been decided
// for charter.Access.
func (r *Register) Grants(s Scope, body unit.ID) ([]Holding, error) {
	if s.Act() != charter.Access || body != 0 && !s.Covers(body) {
		return nil, fault.New(fault.Denied, "access.denied.body", "act", charter.Access.String())
	}
	today := r.today().number
	return r.list(func(_ vault.PersonID, h *holding) bool {
		return h.basis.Right == ByGrant && (h.basis.Unit == body || body == 0 && s.Covers(h.basis.Unit)) && today <= h.last && h.first <= h.last
	}), nil
}
