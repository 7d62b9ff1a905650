package member

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Pages of hits.
const (
	usualPage   = 50
	largestPage = 500
)

// hitFields are what a hit shows, in the charter's codes.
var hitFields = []string{"number", "given", "family", "email", "phone", "mobile", "unit"}

// Search finds the members within the Scope that match a text: parts of the
// name in any order, an e-mail address or its domain, a phone or member number,
// each as far as typed. The empty text lists everybody. Those on the page are
// journaled before it returns; keystrokes and pages that carry on a reading add
// only who is new to it.
func (d *Directory) Search(ctx context.Context, s access.Scope, q Query) (*Hits, error) {
	x, err := d.enter(s, charter.Search)
	if err != nil {
		return nil, err
	}
	if q.Size <= 0 {
		q.Size = usualPage
	}
	q.Size, q.Page = min(q.Size, largestPage), max(q.Page, 0)
	total, persons := x.find(membersOf(s), q.Text, max(q.Skip, 0)+q.Page*q.Size, q.Size)
	hits := &Hits{Total: total, Page: q.Page, Pages: (total + q.Size - 1) / q.Size, Reading: q.Reading}
	hits.Rows = x.hits(s, persons)
	if len(hits.Rows) == 0 {
		return hits, nil
	}
	e := s.Entry(journal.Search, persons...)
	for _, code := range hitFields {
		if shows(s, code) {
			e.Fields = append(e.Fields, code)
		}
	}
	hits.Reading, err = d.journal.Extend(ctx, q.Reading, &e)
	if err != nil {
		return nil, err
	}
	return hits, nil
}

// shows reports whether a purpose has a field; a hit always has a name.
func shows(s access.Scope, code string) bool {
	return code == "given" || code == "family" || slices.Contains(s.Purpose().Fields, code)
}

// hits reads what a page of hits shows out of the index.
func (x *index) hits(s access.Scope, persons []vault.PersonID) []Hit {
	x.mu.RLock()
	defer x.mu.RUnlock()
	rows := make([]Hit, 0, len(persons))
	for _, person := range persons {
		if !x.visible.Contains(uint32(person)) {
			continue // left since
		}
		slip, c := &x.slips[person], x.contactOf(person)
		h := Hit{
			Person: person, Given: string(x.names.text(slip.given)), Family: string(x.names.text(slip.family)),
			Restricted: x.restricted.Contains(uint32(person)),
			Returned:   shows(s, "address") && x.returned.Contains(uint32(person)),
		}
		for _, field := range [...]struct {
			code  string
			to    *string
			value string
		}{{"number", &h.Number, c.number}, {"email", &h.Email, c.email}, {"phone", &h.Phone, c.phone}, {"mobile", &h.Mobile, c.mobile}} {
			if shows(s, field.code) && !(field.code == "phone" && x.strict.Contains(uint32(person))) {
				*field.to = field.value
			}
		}
		for _, b := range x.belongsTo(person) {
			if s.Covers(b.unit) && shows(s, "unit") {
				h.Units = append(h.Units, b.unit)
			}
		}
		rows = append(rows, h)
	}
	return rows
}

// Tabs gives the guide tabs of the card index within a Scope for searching: at
// most so many, runs of letters with members under about as many names each.
func (d *Directory) Tabs(s access.Scope, most int) ([]Tab, error) {
	x, err := d.enter(s, charter.Search)
	if err != nil {
		return nil, err
	}
	return groupTabs(x.sorter.letters, x.letters(membersOf(s)), most), nil
}

func groupTabs(letters []string, counts [tabCount]int, most int) []Tab {
	total, filled := 0, 0
	for _, n := range counts {
		total += n
		if n > 0 {
			filled++
		}
	}
	share := (total + max(most, 1) - 1) / max(most, 1)
	var tabs []Tab
	offset := 0
	for i, n := range counts {
		letter := ""
		if i > 0 && i <= len(letters) { // most alphabets are shorter than the longest
			letter = letters[i-1]
		}
		last := len(tabs) - 1
		switch {
		case last >= 0 && (n == 0 || filled > most && tabs[last].Count+n <= share+share/4 || len(tabs) >= most):
			tabs[last].Count += n
			if n > 0 {
				tabs[last].To = letter
			}
		case n > 0:
			tabs = append(tabs, Tab{From: letter, To: letter, Count: n, Offset: offset})
		}
		offset += n
	}
	return tabs
}

// Card opens a member's card, for viewing or editing, or one's own. The opening
// is journaled first. A member outside the Scope and one that never was answer
// alike (D11).
func (d *Directory) Card(ctx context.Context, s access.Scope, person vault.PersonID) (*Card, error) {
	return d.card(ctx, s, person, journal.Opened)
}

// Reveal is Card with a secret address shown. Only the secretariat may, and the
// journal says that it did.
func (d *Directory) Reveal(ctx context.Context, s access.Scope, person vault.PersonID) (*Card, error) {
	if !s.All() {
		return d.Card(ctx, s, person)
	}
	return d.card(ctx, s, person, journal.Revealed)
}

func (d *Directory) card(ctx context.Context, s access.Scope, person vault.PersonID, act journal.Act) (*Card, error) {
	own, self := s.Self()
	var x *index
	var err error
	if self {
		x, err = d.open()
	} else {
		x, err = d.enter(s, charter.View|charter.Edit)
	}
	if err != nil {
		return nil, err
	}
	hidden := x.isHidden(person)
	if !x.holds(reachOf(s), person) || hidden && !self {
		return nil, d.denyCard(ctx, x, s, person)
	}
	var found *stored
	err = d.db.Read(ctx, func(q database.Querier) (err error) {
		found, err = d.read(q, person)
		return err
	})
	if errors.Is(err, errNobody) {
		return nil, d.denyCard(ctx, x, s, person)
	}
	if err != nil {
		return nil, err
	}
	c := &Card{Person: person, Profile: found.profile, Hidden: hidden}
	for _, m := range found.memberships {
		if self || s.Covers(m.Unit) {
			c.Memberships = append(c.Memberships, m)
		}
	}
	if !(self && own == person) && act != journal.Revealed {
		c.Covered = d.coverCard(&c.Profile)
	}
	c.Home = x.housemates(s, person, act == journal.Revealed)
	c.HomeCovered = s.All() && len(c.Home) < len(x.housemates(s, person, true))
	e := s.Entry(act, person)
	e.Fields = c.fields(d.charter)
	if _, err := d.journal.Read(ctx, &e); err != nil {
		return nil, err
	}
	if err := d.journalHome(ctx, s, c.Home); err != nil {
		return nil, err
	}
	return c, nil
}

// fields are the codes of what stands on the card.
func (c *Card) fields(of *charter.Charter) []string {
	var codes []string
	for i := range of.Fields {
		f := &of.Fields[i]
		if c.Profile.Value(f.Code) != "" || f.Type == charter.TypeUnit || f.Type == charter.TypeCategory {
			codes = append(codes, f.Code)
		}
	}
	return codes
}

func (x *index) isHidden(person vault.PersonID) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.hidden.Contains(uint32(person))
}

// ByNumber finds a member within the Scope by the whole member number. One
// outside, one who is leaving (D7; not so for whoever closes or holds) and
// one that never was answer alike, and the asking is journaled.
func (d *Directory) ByNumber(ctx context.Context, s access.Scope, number string) (vault.PersonID, error) {
	x, err := d.open()
	if err != nil {
		return 0, err
	}
	persons, err := d.keyring.Find(vault.ClaimNumber, claimedNumber(number))
	if err != nil {
		return 0, err
	}
	if len(persons) == 1 && s.Allowed() && x.holds(reachOf(s), persons[0]) && (!x.isHidden(persons[0]) || seesLeaving(s)) {
		return persons[0], nil
	}
	if len(persons) == 1 {
		return 0, d.denyCard(ctx, x, s, persons[0])
	}
	return 0, d.denyCard(ctx, x, s, 0)
}

// seesLeaving reports whether a Scope reaches those whose membership is closed:
// the one for closing, which must tell them apart to undo or confirm, and the one for
// holds, which are placed on them.
func seesLeaving(s access.Scope) bool { return s.Act() == charter.Close || s.Act() == charter.Hold }

// claimedNumber is a member number as the keyring claims it.
func claimedNumber(number string) string { return strings.ToLower(strings.TrimSpace(number)) }

// Names gives the full names of persons who hold a right or have done
// something, for pages that say who has access or who did what. They are
// journaled as shown. Whoever is not known any more is missing from the answer,
// and whoever is leaving too, but for the Scope of whoever closes or holds (D7).
func (d *Directory) Names(ctx context.Context, s access.Scope, persons []vault.PersonID) (map[vault.PersonID]string, error) {
	if !s.Allowed() {
		return nil, notFound()
	}
	x, err := d.open()
	if err != nil {
		return nil, err
	}
	names := make(map[vault.PersonID]string, len(persons))
	shown := roaring.New()
	x.mu.RLock()
	for _, person := range persons {
		if x.known(person) && (!x.hidden.Contains(uint32(person)) || seesLeaving(s) && x.holds(reachOf(s), person)) {
			slip := &x.slips[person]
			names[person] = fullName(string(x.names.text(slip.given)), string(x.names.text(slip.family)))
			shown.Add(uint32(person))
		}
	}
	x.mu.RUnlock()
	shown.Remove(uint32(s.Actor().Person)) // nobody is told to themselves
	if shown.IsEmpty() {
		return names, nil
	}
	e := s.Entry(journal.Shown)
	e.Persons, e.Fields = shown, []string{"given", "family"}
	if _, err := d.journal.Read(ctx, &e); err != nil {
		return nil, err
	}
	return names, nil
}

// OwnName is the full name of whoever acts.
func (d *Directory) OwnName(_ context.Context, s access.Scope) (string, error) {
	if !s.Allowed() {
		return "", notFound()
	}
	x, err := d.open()
	if err != nil {
		return "", err
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	person := s.Actor().Person
	if !x.known(person) {
		return "", notFound()
	}
	slip := &x.slips[person]
	return fullName(string(x.names.text(slip.given)), string(x.names.text(slip.family))), nil
}

// Own gives what the house needs of a person who acts, or is written to, for
// themselves. It is not journaled: nobody else learns it. It answers before the
// index is made too, when only Hidden is not known yet.
func (d *Directory) Own(ctx context.Context, s access.Scope) (*Own, error) {
	person, self := s.Self()
	if !self {
		return nil, notFound()
	}
	p, err := d.ownProfile(ctx, person)
	if err != nil {
		return nil, err
	}
	x := d.loaded()
	return &Own{
		Number: p.Number, Given: p.Given, Family: p.Family, Email: p.Email, EmailBack: !p.Mailed.Since.IsZero(), Language: p.Language,
		Birth: !p.Birth.IsZero(), Hidden: x != nil && x.isHidden(person),
	}, nil
}

// CheckBirth reports whether a date is one's own birth date: the second look
// at whoever shares an e-mail address with others.
func (d *Directory) CheckBirth(ctx context.Context, s access.Scope, date locale.Date) (bool, error) {
	person, self := s.Self()
	if !self {
		return false, notFound()
	}
	p, err := d.ownProfile(ctx, person)
	if err != nil {
		return false, err
	}
	return !p.Birth.IsZero() && p.Birth == date, nil
}

func (d *Directory) ownProfile(ctx context.Context, person vault.PersonID) (*Profile, error) {
	var p Profile
	err := d.db.Read(ctx, func(q database.Querier) error { return record.Get(d.records, q, Profiles, person, profileID, &p) })
	if errors.Is(err, database.ErrNotFound) || errors.Is(err, vault.ErrErased) {
		return nil, notFound()
	}
	return &p, err
}

// Held is everything the register holds about oneself, record by record, in
// words (Art. 15). It is journaled as the answer it is.
func (d *Directory) Held(ctx context.Context, s access.Scope) ([]Section, error) {
	_, person, err := d.enterSelf(s)
	if err != nil {
		return nil, err
	}
	var sections []Section
	err = d.db.Read(ctx, func(q database.Querier) error {
		return d.records.Walk(q, person, func(kind record.Named, id uint64, lines []record.Line) error {
			sections = append(sections, Section{Kind: kind.Name, ID: id, Lines: lines})
			return nil
		})
	})
	if errors.Is(err, vault.ErrErased) {
		return nil, notFound()
	}
	if err != nil {
		return nil, err
	}
	e := s.Entry(journal.Answer, person)
	if _, err := d.journal.Read(ctx, &e); err != nil {
		return nil, err
	}
	return sections, nil
}
