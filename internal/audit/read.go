package audit

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// List gives the audits, the newest first, to whoever answers for the register or a body.
func (s *Service) List(ctx context.Context, by access.Actor) (all []Audit, err error) {
	if _, err := s.sides(ctx, by); err != nil {
		return nil, err
	}
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err = audits(q, `ORDER BY id DESC`)
		return err
	})
	return all, err
}

// sides requires one side, whichever; the body is 0 for the register's.
func (s *Service) sides(ctx context.Context, by access.Actor) (unit.ID, error) {
	if s.Whole(by) {
		return 0, nil
	}
	if body := s.Body(by); body != 0 {
		return body, nil
	}
	_, err := s.whole(ctx, by)
	return 0, err
}

// Standings are what a status can be filtered by, in order; Late is an open part whose
// days are over.
var Standings = []string{string(Open), string(Said), string(Done), late}

const late = "late"

// Wanted is which parts of an audit somebody wants to see.
type Wanted struct {
	Standing string // one of Standings; "" all
	Text     string // in a body's name or code
	Sort     string // "", "name", "waiting", "wrong", "left", "silent"
	Page     int    // from 0
	Size     int
}

// Sorts are the orders a status can be told in, beside the tree's.
var Sorts = []string{"name", "waiting", "wrong", "left"}

// Status is an audit at a glance. It names nobody.
type Status struct {
	Audit     Audit
	Parts     []Part // of the page
	Found     int    // of all that are wanted
	Counts    Counts // of the whole audit
	Before    Counts // of the audit before; the zero value for none
	Standings map[string]int
	Cases     map[unit.ID]int // open, of this audit
}

// Status tells how far an audit has come, body by body, to whoever answers for the
// register.
func (s *Service) Status(ctx context.Context, by access.Actor, id int64, w Wanted) (Status, error) {
	if _, err := s.whole(ctx, by); err != nil {
		return Status{}, err
	}
	st := Status{Standings: map[string]int{}, Cases: map[unit.ID]int{}}
	var all []Part
	if err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		if st.Audit, err = get(q, id); err != nil {
			return err
		}
		if all, err = parts(q, `WHERE audit = $1`, id); err != nil {
			return err
		}
		before, err := parts(q, `WHERE audit = $1`, st.Audit.Last)
		if err != nil {
			return err
		}
		for i := range before {
			st.Before.add(&before[i].Counts)
		}
		open, err := bare(q, `WHERE audit = $1 AND outcome = ''`, id)
		for i := range open {
			st.Cases[open[i].Unit]++
		}
		return err
	}); err != nil {
		return st, err
	}
	tree, today := s.Units.Tree(), s.Access.Today()
	place := map[unit.ID]int{}
	for i, u := range tree.All() {
		place[u.ID] = i
	}
	var found []Part
	for i := range all {
		p := &all[i]
		st.Counts.add(&p.Counts)
		isLate := p.Standing == Open && today.After(st.Audit.AnswerBy)
		st.Standings[string(p.Standing)]++
		if isLate {
			st.Standings[late]++
		}
		at, _ := tree.ByID(p.Unit)
		if w.Standing != "" && string(p.Standing) != w.Standing && !(w.Standing == late && isLate) {
			continue
		}
		if text := strings.ToLower(strings.TrimSpace(w.Text)); text != "" && !strings.Contains(strings.ToLower(at.Name+" "+at.Code), text) {
			continue
		}
		found = append(found, *p)
	}
	slices.SortStableFunc(found, func(a, b Part) int {
		byPlace := cmp.Compare(place[a.Unit], place[b.Unit])
		switch w.Sort {
		case "name":
			x, _ := tree.ByID(a.Unit)
			y, _ := tree.ByID(b.Unit)
			return cmp.Or(strings.Compare(x.Name, y.Name), byPlace)
		case "waiting":
			return cmp.Or(cmp.Compare(b.Counts[Waiting]+b.Counts[Silent], a.Counts[Waiting]+a.Counts[Silent]), byPlace)
		case "wrong":
			return cmp.Or(cmp.Compare(b.Counts[Wrong], a.Counts[Wrong]), byPlace)
		case "left":
			return cmp.Or(cmp.Compare(b.Counts[Left], a.Counts[Left]), byPlace)
		}
		return byPlace
	})
	st.Found = len(found)
	if w.Size > 0 {
		from := min(max(0, w.Page)*w.Size, len(found))
		found = found[from:min(from+w.Size, len(found))]
	}
	st.Parts = found
	return st, nil
}

func (c *Counts) add(other *Counts) {
	for i := range c {
		c[i] += other[i]
	}
}

// View is a body's part with all that is asked of it. It names no member.
type View struct {
	Audit   Audit
	Part    Part
	Heads   []Head
	Checks  []Check
	Cases   []Case // bare
	Before  *Counts
	Remarks []Remark
	Own     bool // the body's side
	Whole   bool // the register's
	Missing *fault.Error
}

// View gives a body's part to either side.
func (s *Service) View(ctx context.Context, by access.Actor, audit int64, body unit.ID) (View, error) {
	if _, err := s.either(ctx, by, body); err != nil {
		return View{}, err
	}
	v := View{Own: s.Own(by, body), Whole: s.Whole(by)}
	var all roll
	if err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		if v.Audit, err = get(q, audit); err != nil {
			return err
		}
		if v.Part, err = part(q, audit, body); err != nil {
			return err
		}
		if v.Part.Standing != Done {
			if all, err = s.openRoll(&v.Audit, &v.Part); err != nil {
				return err
			}
		}
		before, err := parts(q, `WHERE audit = $1 AND unit = $2`, v.Audit.Last, int64(body))
		if err != nil {
			return err
		}
		if len(before) > 0 {
			v.Before = &before[0].Counts
		}
		v.Cases, err = bare(q, `WHERE audit = $1 AND unit = $2 ORDER BY id`, audit, int64(body))
		return err
	}); err != nil {
		return v, err
	}
	if v.Part.Standing != Done {
		all.leave(s.belongs(body))
		v.Part.Counts = all.counts()
	}
	var err error
	if v.Heads, v.Checks, err = s.questions(ctx, &v.Audit, body); err != nil {
		return v, err
	}
	v.Missing = missing(&v.Part.Counts, v.Heads, v.Checks)
	v.Remarks, err = s.remarks(ctx, func(m *Remark) bool { return m.Audit == audit && m.Unit == body })
	return v, err
}

// Newest is the newest audit somebody can look at; NotFound where there is none.
func (s *Service) Newest(ctx context.Context, by access.Actor) (Audit, error) {
	all, err := s.List(ctx, by)
	if err == nil && len(all) == 0 {
		return Audit{}, fault.New(fault.NotFound, "audit.error.gone")
	}
	if err != nil {
		return Audit{}, err
	}
	return all[0], nil
}

// Running is the number of the audit that is open; 0 for none.
func (s *Service) Running(ctx context.Context) (int64, error) {
	var a Audit
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		a, err = newest(q)
		return err
	})
	if err != nil || a.Closed() {
		return 0, err
	}
	return a.ID, nil
}

// Asked is which changes somebody wants to see.
type Asked struct {
	Unit    unit.ID // 0: all one may see
	Settled bool
	What    string // "" all
	Page    int
	Size    int
}

// Changes are cases with what is sealed of them, and the names of whom they are about.
type Changes struct {
	Cases []Case
	Found int
	Names map[vault.PersonID]string
}

// Changes lists cases, the newest first, to a body's officers those of the body, to
// whoever answers for the register all. Who is named is journaled.
func (s *Service) Changes(ctx context.Context, by access.Actor, a Asked) (Changes, error) {
	if body := s.Body(by); !s.Whole(by) {
		a.Unit = body
	}
	scope, err := s.either(ctx, by, a.Unit)
	if err != nil {
		return Changes{}, err
	}
	var out Changes
	if err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		out.Cases, err = bare(q, `ORDER BY id DESC`)
		return err
	}); err != nil {
		return out, err
	}
	out.Cases = slices.DeleteFunc(out.Cases, func(c Case) bool {
		return a.Unit != 0 && c.Unit != a.Unit || c.Settled() != a.Settled || a.What != "" && c.What != a.What
	})
	out.Found = len(out.Cases)
	if a.Size > 0 {
		from := min(max(0, a.Page)*a.Size, out.Found)
		out.Cases = out.Cases[from:min(from+a.Size, out.Found)]
	}
	if err := s.unseal(ctx, out.Cases); err != nil {
		return out, err
	}
	out.Names, err = s.names(ctx, scope, out.Cases)
	return out, err
}

// CaseView is one case with what is sealed of it and what was said of it.
type CaseView struct {
	Case    Case
	Names   map[vault.PersonID]string
	Remarks []Remark
	Settles bool // the actor has the right that settles it
	Tells   bool // or is of the body that told
	Now     map[string]string
}

// Case gives one case to either side, or whoever settles it. Whom it is about is
// journaled as shown, or, where what stands now is told beside it, as opened.
func (s *Service) Case(ctx context.Context, by access.Actor, id int64) (CaseView, error) {
	c, scope, err := s.find(ctx, by, id)
	if err != nil {
		return CaseView{}, err
	}
	v := CaseView{Case: c, Settles: s.Settles(by, &c), Tells: s.Own(by, c.Unit), Now: map[string]string{}}
	if v.Remarks, err = s.remarks(ctx, func(m *Remark) bool { return m.Case == id }); err != nil {
		return v, err
	}
	if v.Names, err = s.names(ctx, scope, []Case{c}); err != nil {
		return v, err
	}
	if c.What != Field || c.Person == 0 || s.Members.Leaving(c.Person) {
		return v, nil
	}
	looking, err := s.Access.Decide(by, access.Want{Act: charter.View, Unit: c.Unit})
	if err != nil {
		return v, nil
	}
	card, err := s.Members.Card(ctx, looking, c.Person)
	if err != nil {
		return v, err
	}
	for code := range c.Told.Values {
		if !card.Covered || code != "address" && code != "postal" && code != "town" {
			v.Now[code] = card.Profile.Value(code)
		}
	}
	return v, nil
}

// Named is a member of a body, by name.
type Named struct {
	Person vault.PersonID
	Name   string
}

// rosterMost is how many members a body may have for its officer to choose from by name.
const rosterMost = 400

// Roster gives the members of a body by name, for either side to choose whom something is
// about. It is journaled as shown. Of a large body nobody is given.
func (s *Service) Roster(ctx context.Context, by access.Actor, body unit.ID) ([]Named, error) {
	if _, err := s.either(ctx, by, body); err != nil {
		return nil, err
	}
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.View, Unit: body})
	if err != nil {
		return nil, err
	}
	set, err := s.Members.Enrolled(body)
	if err != nil || set.GetCardinality() > rosterMost {
		return nil, err
	}
	var persons []vault.PersonID
	for _, person := range set.ToArray() {
		persons = append(persons, vault.PersonID(person))
	}
	names, err := s.Members.Names(ctx, scope, persons)
	if err != nil {
		return nil, err
	}
	var all []Named
	for _, person := range persons {
		if name := names[person]; name != "" {
			all = append(all, Named{person, name})
		}
	}
	slices.SortStableFunc(all, func(a, b Named) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}
