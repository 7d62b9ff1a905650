package member

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Create adds a member to a body and gives their id and number. The refusal
// tells every wrong field; none of the values is in it. Where additions of the
// Scope wait to be confirmed there is no person yet: the id is 0.
func (d *Directory) Create(ctx context.Context, s access.Scope, draft Draft) (vault.PersonID, string, error) {
	if _, err := d.enter(s, charter.Create); err != nil {
		return 0, "", err
	}
	invalid := fault.New(fault.Invalid, "member.error.invalid")
	body, problem := d.bodyFor(s, draft.Unit)
	if problem != "" {
		invalid = invalid.With("unit", problem)
	}
	c, err := d.draft(&draft, body, invalid)
	if err != nil {
		return 0, "", err
	}
	if d.waits(s) {
		return 0, "", d.Newcomers.Receive(ctx, s, []Draft{c.draft(d.charter)})
	}
	return d.createOne(ctx, c, func(person vault.PersonID) journal.Entry {
		e := s.Entry(journal.Create, person)
		e.Target = uint32(body)
		return e
	})
}

// Found adds the first person of a new register, where nobody is there yet to
// do it, from the console. They belong to no body unless the draft names one.
// It refuses once there is anybody.
func (d *Directory) Found(ctx context.Context, osUser string, draft Draft) (vault.PersonID, error) {
	x, err := d.open()
	if err != nil {
		return 0, err
	}
	if x.people() > 0 {
		return 0, fault.New(fault.Conflict, "member.error.founded")
	}
	c, err := d.draft(&draft, draft.Unit, fault.New(fault.Invalid, "member.error.invalid"))
	if err != nil {
		return 0, err
	}
	person, _, err := d.createOne(ctx, c, func(person vault.PersonID) journal.Entry {
		e := access.Scope{}.Entry(journal.Create, person)
		e.Right, e.Via, e.OSUser = string(access.System), string(access.Console), osUser
		return e
	})
	return person, err
}

// people is how many persons the index knows, hidden ones too.
func (x *index) people() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.order.count
}

// draft checks what a new member is made from.
func (d *Directory) draft(draft *Draft, body unit.ID, invalid *fault.Error) (change, error) {
	check := newChecker(d.charter, d.charter.Today(d.now()))
	var c change
	invalid = check.setAll(&c.after.profile, draft.Values, invalid)
	if missing := check.required(&c.after.profile); missing != "" && !wrong(invalid, missing) {
		invalid = invalid.With(missing, "member.error.required")
	}
	if body != 0 {
		c.after.memberships = []Membership{{Unit: body, Category: d.firstCategory(body, draft.Category)}}
		m := &c.after.memberships[0]
		if field, problem := d.checkKind(&c.after, m, m.Category, check.today, civil.Date{}, check.today); problem != "" {
			if field == "until" { // a new member is not on leave
				field, problem = "category", "member.error.category_new"
			}
			invalid = invalid.With(field, problem)
		}
	} else if _, known := d.charter.Category(draft.Category); draft.Category != "" && !known {
		invalid = invalid.With("category", "member.error.category")
	}
	if len(invalid.Fields) > 0 {
		return c, invalid
	}
	c.after.profile.Language = draft.Language
	secrecy, _, _ := d.newSecrecy(draft.Secret)
	c.after.profile.protect(secrecy)
	if body != 0 {
		from := c.after.profile.Joined
		if from.IsZero() {
			from = check.today
		}
		c.after.memberships[0].From = from
	}
	return c, nil
}

// setAll stores typed values in a profile and adds what is wrong with them.
func (c *checker) setAll(p *Profile, values map[string]string, invalid *fault.Error) *fault.Error {
	for _, code := range slices.Sorted(maps.Keys(values)) {
		f, known := c.charter.Field(code)
		if !known || f.Type == charter.TypeUnit || f.Type == charter.TypeCategory {
			invalid = invalid.With(code, "member.error.no_field")
			continue
		}
		if problem := c.set(p, f, values[code]); problem != "" {
			invalid = invalid.With(code, problem, c.arguments(problem)...)
		}
	}
	if field, problem := c.whole(p); problem != "" && !wrong(invalid, field) {
		invalid = invalid.With(field, problem)
	}
	return invalid
}

// arguments of a problem's message: limits, never values.
func (c *checker) arguments(problem string) []any {
	if problem == "member.error.child" {
		return []any{"age", c.charter.MinimumAge}
	}
	return nil
}

func wrong(e *fault.Error, field string) bool {
	return slices.ContainsFunc(e.Fields, func(f fault.Field) bool { return f.Name == field })
}

// createOne gives a new person a number where none was typed, and commits.
func (d *Directory) createOne(ctx context.Context, c change, entry func(vault.PersonID) journal.Entry) (vault.PersonID, string, error) {
	d.writing.Lock()
	defer d.writing.Unlock()
	p := &c.after.profile
	if err := d.giveNumber(p); err != nil {
		return 0, "", err
	}
	changes := []change{c}
	err := d.commit(ctx, changes, func() *journal.Entry {
		e := entry(changes[0].person)
		e.Fields = filled(d.charter, &c.after)
		return &e
	})
	return changes[0].person, p.Number, err
}

// giveNumber gives the next member number, or checks the one that was typed.
func (d *Directory) giveNumber(p *Profile) error {
	given := p.Number != ""
	for {
		if !given {
			d.last++
			p.Number = strconv.FormatInt(d.last, 10)
		}
		taken, err := d.keyring.Find(vault.ClaimNumber, claimedNumber(p.Number))
		if err != nil || len(taken) == 0 {
			return err
		}
		if given {
			return fault.New(fault.Conflict, "member.error.invalid").With("number", "member.error.number_taken")
		}
	}
}

// filled are the codes of the fields that hold something.
func filled(of *charter.Charter, s *stored) []string {
	c := Card{Profile: s.profile}
	return c.fields(of)
}

// bodyFor settles which body a new member joins: the one named, else the one
// of the Scope, else the association itself. The problem is a message key.
func (d *Directory) bodyFor(s access.Scope, id unit.ID) (unit.ID, string) {
	tree := d.units.Tree()
	if id == 0 {
		id = s.Unit()
	}
	root, _ := tree.Root()
	if id == 0 {
		id = root.ID
	}
	u, known := tree.ByID(id)
	if !known || !s.Covers(id) {
		return 0, "member.error.unit_reach"
	}
	level, known := d.charter.Level(u.Level)
	switch {
	case u.Closed:
		return 0, "member.error.unit_closed"
	case u.ID != root.ID && (!known || !level.Members):
		return 0, "member.error.unit_level"
	}
	return u.ID, ""
}

// Update changes a member's fields and gives the codes of those that changed;
// they are journaled with it. Nothing changes if any value is wrong.
func (d *Directory) Update(ctx context.Context, s access.Scope, person vault.PersonID, ch Changes) ([]string, error) {
	return d.editChange(ctx, s, charter.Edit, person, journal.Edit, func(c *change) error { return d.update(s, c, &ch) })
}

// update applies an edit to what is stored of a person.
func (d *Directory) update(s access.Scope, c *change, ch *Changes) error {
	after := &c.after
	check := newChecker(d.charter, d.charter.Today(d.now()))
	invalid := fault.New(fault.Invalid, "member.error.invalid")
	values := maps.Clone(ch.Values)
	if category, ok := values["category"]; ok {
		delete(values, "category")
		if problem := d.setCategory(s, after, category); problem != "" {
			invalid = invalid.With("category", problem)
		}
	}
	number := after.profile.Number
	invalid = check.setAll(&after.profile, values, invalid)
	if after.profile.Number != number && !s.All() {
		invalid = invalid.With("number", "member.error.number_fixed")
	}
	if after.profile.Number == "" {
		after.profile.Number = number // a member is never without
	}
	if missing := check.required(&after.profile); missing != "" && !wrong(invalid, missing) {
		invalid = invalid.With(missing, "member.error.required")
	}
	secret := ch.secrecy(&after.profile)
	if secret != nil {
		checked, field, problem := d.newSecrecy(*secret)
		if problem != "" {
			invalid = invalid.With(field, problem)
		}
		if secret = &checked; d.lessens(&after.profile, checked) && !s.All() { // whoever may not reveal it may not uncover it
			invalid = invalid.With("address", "member.error.secret")
		}
	}
	former, field, problem := d.formerOf(&c.before.profile, &after.profile, ch.Keep)
	if c.former = former; problem != "" {
		invalid = invalid.With(field, problem)
	}
	if len(invalid.Fields) > 0 {
		return invalid
	}
	if ch.Language != nil {
		after.profile.Language = *ch.Language
	}
	if secret != nil {
		after.profile.protect(*secret)
	}
	if claimedNumber(after.profile.Number) != claimedNumber(number) {
		return d.giveNumber(&after.profile)
	}
	return nil
}

// setCategory changes the category of the membership within the Scope.
func (d *Directory) setCategory(s access.Scope, after *stored, code string) (problem string) {
	within := -1
	for i, m := range after.memberships {
		if !s.Covers(m.Unit) {
			continue
		}
		if within >= 0 {
			return "member.error.several_bodies"
		}
		within = i
	}
	if within < 0 {
		return "member.error.unit_reach"
	}
	m, today := &after.memberships[within], d.charter.Today(d.now())
	if d.charter.CategoryOr(m.Category).Code == code {
		return ""
	}
	if _, problem := d.checkKind(after, m, code, today, civil.Date{}, today); problem != "" {
		return problem
	}
	after.become(m, today, civil.Date{}, code, s.Actor().Person, today)
	return ""
}

// edit changes one person's records in one act. Whoever the Scope does not
// reach answers as if there were nobody, and that is journaled (D11).
func (d *Directory) edit(ctx context.Context, s access.Scope, acts charter.Acts, person vault.PersonID, act journal.Act, fn func(after *stored) error) ([]string, error) {
	return d.editChange(ctx, s, acts, person, act, func(c *change) error { return fn(&c.after) })
}

func (d *Directory) editChange(ctx context.Context, s access.Scope, acts charter.Acts, person vault.PersonID, act journal.Act, fn func(c *change) error) ([]string, error) {
	x, err := d.enter(s, acts)
	if err != nil {
		return nil, err
	}
	if !x.holds(reachOf(s), person) || x.isHidden(person) {
		return nil, d.denyCard(ctx, x, s, person)
	}
	return d.editKnownChange(ctx, s, person, act, fn)
}

func (d *Directory) editKnown(ctx context.Context, s access.Scope, person vault.PersonID, act journal.Act, fn func(after *stored) error) ([]string, error) {
	return d.editKnownChange(ctx, s, person, act, func(c *change) error { return fn(&c.after) })
}

func (d *Directory) editKnownChange(ctx context.Context, s access.Scope, person vault.PersonID, act journal.Act, fn func(c *change) error) ([]string, error) {
	d.writing.Lock()
	defer d.writing.Unlock()
	c := change{person: person}
	err := d.db.Read(ctx, func(q database.Querier) (err error) {
		c.before, err = d.read(q, person)
		return err
	})
	if errors.Is(err, errNobody) {
		return nil, notFound()
	}
	if err != nil {
		return nil, err
	}
	c.after = c.before.clone()
	if err := fn(&c); err != nil {
		return nil, err
	}
	c.settleMail()
	changed := c.fields(d.charter)
	if len(changed) == 0 {
		return nil, nil
	}
	err = d.commit(ctx, []change{c}, func() *journal.Entry {
		e := s.Entry(act, person)
		e.Fields = changed
		return &e
	})
	return changed, err
}

// fields are the codes of what the change changes.
func (c *change) fields(of *charter.Charter) []string {
	before, after := &c.before.profile, &c.after.profile
	var changed []string
	for i := range of.Fields {
		if code := of.Fields[i].Code; before.Value(code) != after.Value(code) {
			changed = append(changed, code)
		}
	}
	for _, other := range [...]struct {
		code string
		same bool
	}{
		{"language", before.Language == after.Language},
		{"secret_address", before.SecretAddress == after.SecretAddress && before.SecretLevel == after.SecretLevel && before.SecretUntil == after.SecretUntil},
		{"returned", before.Letter == after.Letter && before.Mailed == after.Mailed},
		{"household", c.before.tie == c.after.tie},
		{"restricted", before.Restricted == after.Restricted},
		{"objections", slices.Equal(before.Objections, after.Objections)},
		{"unit", slices.Equal(c.before.memberships, c.after.memberships)},
		{"category", slices.EqualFunc(c.before.courses, c.after.courses, func(a, b Course) bool { return a.same(&b) })},
	} {
		if !other.same {
			changed = append(changed, other.code)
		}
	}
	return changed
}
