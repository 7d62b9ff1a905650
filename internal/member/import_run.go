package member

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/document"
	"kartotek/internal/journal"
	"kartotek/internal/sheet"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// run is one import under way.
type run struct {
	d       *Directory
	x       *index
	scope   access.Scope
	file    *file
	options Options
	places  *places
	seen    numbers
	result  *Result

	register *register           // nil until the first row without a number
	refused  *document.CSVWriter // nil until the first refused row
	cells    []string
}

// take checks a batch against the register and writes it as one act.
func (r *run) take(ctx context.Context, batch []row) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.d.writing.Lock()
	defer r.d.writing.Unlock()
	changes := make([]change, 0, len(batch))
	existing := make([]int, 0, len(batch)) // rows that may change somebody
	persons := make([]vault.PersonID, 0, len(batch))
	for i := range batch {
		row := &batch[i]
		if len(row.problems) > 0 || row.passed != "" {
			continue
		}
		person, err := r.match(ctx, row)
		if err != nil {
			return err
		}
		switch {
		case len(row.problems) > 0 || row.passed != "":
		case person != 0:
			existing, persons = append(existing, i), append(persons, person)
		default:
			if c, ok := r.newcomer(row); ok {
				changes = append(changes, c)
			}
		}
	}
	err := r.edits(ctx, batch, existing, persons, &changes)
	if err != nil {
		return err
	}
	if changes, err = r.setAside(ctx, changes); err != nil {
		return err
	}
	if err := r.giveNumbers(changes); err != nil {
		return err
	}
	if err := r.write(ctx, changes); err != nil {
		return err
	}
	for i := range changes {
		if changes[i].before == nil {
			r.result.Created++
		} else {
			r.result.Updated++
		}
	}
	r.pass(batch)
	if err := r.propose(ctx, batch); err != nil {
		return err
	}
	return r.refuse(batch)
}

// pass counts the rows of a batch, and apart those that are no members'.
func (r *run) pass(batch []row) {
	for i := range batch {
		if batch[i].passed != "" {
			r.passed(batch[i].line, batch[i].passed)
			continue
		}
		r.result.Rows++
		if batch[i].hidden {
			r.result.Hidden++
		}
	}
}

func (r *run) passed(line int, reason string) {
	r.result.Passed++
	r.result.Skips[reason]++
	if len(r.result.Passes) < shownRefusals {
		r.result.Passes = append(r.result.Passes, Passed{line, reason})
	}
}

// passAbove tells the rows above the headings, passEmpty the empty ones.
func (r *run) passAbove() {
	for _, row := range r.file.table.Above() {
		r.passed(row.Line, "member.import.passed.above")
	}
}

func (r *run) passEmpty() {
	for _, line := range r.file.table.Skipped() {
		r.passed(line, "member.import.passed.empty")
	}
}

// match finds who a row is about; 0 for somebody new. A row with a number is
// about whoever bears it. One without may be about somebody who is here already:
// then it waits until that is decided.
func (r *run) match(ctx context.Context, row *row) (vault.PersonID, error) {
	if row.profile.Number != "" {
		return r.bearer(row, row.profile.Number, r.file.column("number"))
	}
	decided, ok := r.options.Decided[row.line]
	if row.decided != nil {
		decided, ok = *row.decided, true
	}
	switch {
	case decided.Skip:
		row.passed = "member.import.passed.chosen"
		return 0, nil
	case decided.Number != "":
		person, err := r.bearer(row, decided.Number, r.file.column(sheet.Match))
		if person == 0 && err == nil && len(row.problems) == 0 { // the secretariat named nobody
			row.refuse(r.file.column(sheet.Match), "member.error.number_reach", nil)
		}
		return person, err
	case ok && decided.New:
		return 0, nil
	}
	likely, err := r.candidates(ctx, row)
	if err != nil {
		return 0, err
	}
	if same := certain(likely); same != nil && r.options.Certain {
		return r.bearer(row, same.Number, r.file.column("name"))
	}
	if len(likely) > 0 {
		row.likely = likely
		row.refuse(nil, "member.error.likely", nil)
		return 0, nil
	}
	if row.twin = r.twin(row); row.twin != 0 {
		row.refuse(nil, "member.error.row_twice", map[string]any{"line": row.twin})
	}
	return 0, nil
}

// bearer finds who bears a number; 0 for nobody. An officer's row names a member
// of their own body or nobody: a number elsewhere and one that was never given
// out are refused in the same words (D11).
func (r *run) bearer(row *row, number string, column *Column) (vault.PersonID, error) {
	if !r.seen.add(claimedNumber(number)) {
		row.refuse(column, "member.error.duplicate", nil)
		return 0, nil
	}
	found, err := r.d.keyring.Find(vault.ClaimNumber, claimedNumber(number))
	if err != nil {
		return 0, err
	}
	switch {
	case len(found) == 0 && r.scope.All():
		return 0, nil
	case len(found) == 0 || !r.x.holds(reachOf(r.scope), found[0]) || !r.scope.All() && r.x.isHidden(found[0]):
		row.refuse(column, "member.error.number_reach", nil)
		return 0, nil
	case r.x.isHidden(found[0]):
		row.refuse(column, "member.error.number_closed", nil)
		return 0, nil
	}
	return found[0], nil
}

// newcomer makes a new member of a row.
func (r *run) newcomer(row *row) (change, bool) {
	var c change
	c.after.profile = row.profile
	if field, problem := r.file.check.whole(&c.after.profile); problem != "" {
		row.refuse(r.file.column(field), problem, nil)
	}
	if missing := r.file.check.required(&c.after.profile); missing != "" {
		row.refuse(&Column{Field: missing}, "member.error.required", nil)
	}
	body, problem := r.places.body(row.unit, r.options.Unit)
	if problem != "" {
		row.refuse(r.file.column("unit"), problem, nil)
	}
	category, problem := r.places.category(row.category)
	if problem != "" {
		row.refuse(r.file.column("category"), problem, nil)
	}
	if problem := r.d.checkNewcomer(&c.after.profile, body, category, r.file.check.today); problem != "" && row.category != "" {
		row.refuse(r.file.column("category"), problem, nil)
	}
	if row.secret != nil {
		how, _, problem := r.d.newSecrecy(*row.secret)
		if problem != "" {
			row.refuse(r.file.column(sheet.Secret), problem, nil)
		}
		c.after.profile.protect(how)
	}
	if len(row.problems) > 0 {
		return c, false
	}
	from := c.after.profile.Joined
	if from.IsZero() {
		from = r.file.check.today
	}
	c.after.memberships = []Membership{{Unit: body, Category: r.d.firstCategory(body, category), From: from}}
	return c, true
}

// giveNumbers gives numbers to those without, beyond all that the batch brings.
func (r *run) giveNumbers(changes []change) error {
	if r.options.DryRun {
		return nil
	}
	for i := range changes {
		r.d.last = max(r.d.last, numberValue(changes[i].after.profile.Number))
	}
	for i := range changes {
		p := &changes[i].after.profile
		for p.Number == "" {
			if err := r.d.giveNumber(p); err != nil {
				return err
			}
			if !r.seen.add(p.Number) {
				p.Number = ""
			}
		}
	}
	return nil
}

// edits works out what the rows about known members change.
func (r *run) edits(ctx context.Context, batch []row, rows []int, persons []vault.PersonID, changes *[]change) error {
	if len(rows) == 0 {
		return nil
	}
	return r.d.db.Read(ctx, func(q database.Querier) error {
		for i, at := range rows {
			row := &batch[at]
			before, err := r.d.read(q, persons[i])
			if errors.Is(err, errNobody) {
				row.refuse(r.file.column("number"), "member.error.number_reach", nil)
				continue
			}
			if err != nil {
				return err
			}
			c := change{person: persons[i], before: before, after: before.clone()}
			r.merge(row, &c)
			switch {
			case len(row.problems) > 0:
			case len(c.fields(r.d.charter)) == 0:
				r.result.Unchanged++
			default:
				*changes = append(*changes, c)
			}
		}
		return nil
	})
}

// merge puts what a row gives into a member's records; what it does not give
// stays.
func (r *run) merge(row *row, c *change) {
	sameName := row.whole && row.profile.Name() == c.before.profile.Name() // it stays cut in two as it is
	for _, code := range row.codes {
		if sameName && (code == "given" || code == "family") {
			continue
		}
		c.after.profile.set(code, row.profile.Value(code))
	}
	c.after.profile.Number = c.before.profile.Number // as it was written the first time
	if field, problem := r.file.check.whole(&c.after.profile); problem != "" {
		row.refuse(r.file.column(field), problem, nil)
	}
	if problem := r.protect(row, &c.after.profile); problem != "" {
		row.refuse(r.file.column(sheet.Secret), problem, nil)
	}
	if row.category != "" {
		category, problem := r.places.category(row.category)
		if problem == "" {
			problem = r.d.setCategory(r.scope, &c.after, category)
		}
		if problem != "" {
			row.refuse(r.file.column("category"), problem, nil)
		}
	}
	if row.unit == "" {
		return
	}
	body, problem := r.places.body(row.unit, 0)
	switch {
	case problem != "":
	case c.after.in(body) != nil: // already there
	case len(c.after.memberships) == 1:
		problem = r.d.move(r.scope, &c.after, c.after.memberships[0].Unit, body)
	case len(c.after.memberships) == 0:
		c.after.memberships = []Membership{{Unit: body, Category: r.d.firstCategory(body, row.category), From: r.file.check.today}}
	default:
		problem = "member.error.several_bodies"
	}
	if problem != "" {
		row.refuse(r.file.column("unit"), problem, nil)
	}
}

// protect makes an address secret where a row says so. A file uncovers none: that
// is done on the card, by whoever may (L8).
func (r *run) protect(row *row, p *Profile) (problem string) {
	switch {
	case row.secret == nil:
		return ""
	case !row.secret.Secret && p.SecretAddress:
		return "member.error.secret"
	case !row.secret.Secret || p.SecretAddress && row.secret.Level == "":
		return ""
	case p.SecretAddress && p.SecretLevel == row.secret.Level:
		return ""
	case p.SecretAddress && !r.scope.All():
		return "member.error.secret"
	}
	how, _, problem := r.d.newSecrecy(*row.secret)
	if problem == "" {
		p.protect(how)
	}
	return problem
}

// write commits a batch's changes as one act with one journal entry.
func (r *run) write(ctx context.Context, changes []change) error {
	if r.options.DryRun || len(changes) == 0 {
		return nil
	}
	return r.d.commit(ctx, changes, func() *journal.Entry {
		e := r.scope.Entry(journal.Import)
		e.Persons = roaring.New()
		for i := range changes {
			e.Persons.Add(uint32(changes[i].person))
		}
		for _, column := range r.file.columns {
			for _, code := range sheet.Parts(column.Field) {
				if column.kept() && !slices.Contains(e.Fields, code) {
					e.Fields = append(e.Fields, code)
				}
			}
		}
		return &e
	})
}

// numbers is a set of member numbers: nearly all of them are plain numbers, and
// a million of those fit into a few hundred kilobytes.
type numbers struct {
	plain  roaring.Bitmap
	others map[string]bool
}

// add reports whether the number is new to the set.
func (s *numbers) add(number string) bool {
	if n, err := strconv.ParseUint(number, 10, 32); err == nil && number[0] != '0' && number[0] != '+' {
		return s.plain.CheckedAdd(uint32(n))
	}
	if s.others[number] {
		return false
	}
	if s.others == nil {
		s.others = map[string]bool{}
	}
	s.others[number] = true
	return true
}

// places finds bodies and categories by what a file calls them.
type places struct {
	d          *Directory
	scope      access.Scope
	bodies     map[string]unit.ID // 0: the name means several
	categories map[string]string
	last       string // the cell answered last, since neighbours are often alike
	lastBody   unit.ID
}

func (d *Directory) newPlaces(s access.Scope) *places {
	p := &places{d: d, scope: s, bodies: map[string]unit.ID{}, categories: map[string]string{}}
	for _, u := range d.units.Tree().All() {
		if _, ambiguous := p.bodies[placeName(u.Name)]; ambiguous {
			p.bodies[placeName(u.Name)] = 0
		} else {
			p.bodies[placeName(u.Name)] = u.ID
		}
	}
	for _, u := range d.units.Tree().All() { // a code wins over another body's name
		p.bodies[placeName(u.Code)] = u.ID
	}
	for _, c := range d.charter.Categories {
		p.categories[placeName(c.Code)] = c.Code
		for _, name := range c.Name {
			p.categories[placeName(name)] = c.Code
		}
	}
	return p
}

// body finds the body a cell names; an empty cell is the body chosen for the
// import, or the Scope's own.
func (p *places) body(cell string, chosen unit.ID) (unit.ID, string) {
	if cell == "" {
		return p.d.bodyFor(p.scope, chosen)
	}
	if cell == p.last {
		return p.lastBody, ""
	}
	id, known := p.bodies[placeName(cell)]
	switch {
	case known && id == 0 && p.scope.All():
		return 0, "member.error.unit_ambiguous"
	case id == 0 && p.scope.All():
		return 0, "member.error.unit_unknown"
	case id == 0:
		return 0, "member.error.unit_reach"
	}
	body, problem := p.d.bodyFor(p.scope, id)
	if problem == "" {
		p.last, p.lastBody = cell, body
	}
	return body, problem
}

func (p *places) category(cell string) (code, problem string) {
	if cell == "" {
		return "", ""
	}
	if code, known := p.categories[placeName(cell)]; known {
		return code, ""
	}
	if code, known := sheet.Category(p.d.charter, cell); known {
		return code, ""
	}
	return "", "member.error.category"
}

// reasons are the distinct reasons of a row's problems.
func (r *row) reasons() []string {
	var keys []string
	for _, p := range r.problems {
		if !slices.Contains(keys, p.Reason) {
			keys = append(keys, p.Reason)
		}
	}
	return keys
}
