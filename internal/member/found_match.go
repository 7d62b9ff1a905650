package member

import (
	"context"
	"hash/maphash"
	"slices"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Who a row may be is a sum of points, as everywhere somebody is recognised. What
// the row does not have says nothing; what it has and the person never had speaks
// against them only where a person has one of the kind.
//
//	member number      60
//	e-mail             50
//	phone              40
//	whole name         40      first and last word of it   32
//	birth date         35      another                    −40
//	address            20
//	postal code        10
//	no word of the name in common                         −40
//
// From 40 on it is somebody; the highest counts, and where several have it the row
// is any of them.
const (
	pointsNumber  = 60
	pointsMail    = 50
	pointsPhone   = 40
	pointsName    = 40
	pointsPart    = 32
	pointsBirth   = 35
	pointsAddress = 20
	pointsPostal  = 10
	pointsAgainst = -40
	foundFrom     = 40
	foundPart     = 32 // enough of a name that its row has nothing else of
)

// matching is one file held against the register.
type matching struct {
	d       *Directory
	x       *index
	scope   access.Scope
	within  within
	seed    maphash.Seed
	rows    []FoundRow
	clues   []clue
	tried   [][]vault.PersonID // of each row: who it is tried on
	past    map[Print][]pastAt
	changed map[vault.PersonID]*Past
	known   map[vault.PersonID]*known1
	once    map[vault.PersonID][]vault.PersonID
}

// pastAt is where a print was left.
type pastAt struct {
	person vault.PersonID
	at     int // in the person's Past
}

// known1 is what is kept of somebody while rows are held against them: hashes,
// so that a file of a country fits in memory.
type known1 struct {
	full, short             uint64 // of the name, see nameHashes
	words                   []uint64
	birth                   string
	email                   uint64
	phone, mobile           uint64
	address, street, postal uint64
}

func newMatching(d *Directory, x *index, s access.Scope) *matching {
	return &matching{
		d: d, x: x, scope: s, within: reachOf(s), seed: maphash.MakeSeed(),
		past: map[Print][]pastAt{}, changed: map[vault.PersonID]*Past{}, known: map[vault.PersonID]*known1{}, once: map[vault.PersonID][]vault.PersonID{},
	}
}

// match finds who the rows are.
func (m *matching) match(ctx context.Context, clues []clue) error {
	m.clues, m.rows, m.tried = clues, make([]FoundRow, len(clues)), make([][]vault.PersonID, len(clues))
	err := record.Scan(m.d.records, ctx, Pasts, func(person vault.PersonID, _ uint64, p *Past) error {
		own := *p
		m.changed[person] = &own
		for i := range own.Was {
			m.past[own.Was[i].Print] = append(m.past[own.Was[i].Print], pastAt{person, i})
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range clues {
		m.rows[i].Line = clues[i].line
		if err := m.byKeys(i); err != nil {
			return err
		}
	}
	m.byNames()
	if err := m.fetch(ctx); err != nil {
		return err
	}
	for i := range clues {
		m.judge(i)
	}
	return nil
}

// try has a row tried on persons the Scope reaches.
func (m *matching) try(row int, persons ...vault.PersonID) {
	for _, person := range persons {
		if !slices.Contains(m.tried[row], person) && m.x.holds(m.within, person) {
			m.tried[row] = append(m.tried[row], person)
		}
	}
}

// byKeys looks up what is keyed: number, e-mail, phone, and what somebody had once.
func (m *matching) byKeys(i int) error {
	c := &m.clues[i]
	if c.number != "" {
		found, err := m.d.keyring.Find(vault.ClaimNumber, c.number)
		if err != nil {
			return err
		}
		m.try(i, found...)
		m.byPrint(i, "number", c.number)
	}
	for _, mail := range c.emails {
		found, err := m.d.keyring.Find(vault.ClaimEmail, mail)
		if err != nil {
			return err
		}
		m.try(i, found...)
		m.byPrint(i, "email", strings.ToLower(mail))
	}
	for _, phone := range c.phones {
		m.try(i, m.x.ringing(phone)...)
		m.byPrint(i, "phone", phone)
	}
	m.byPrint(i, "name", nameMark(c.name()))
	return nil
}

func (m *matching) byPrint(row int, field, value string) {
	if value == "" || len(m.past) == 0 {
		return
	}
	for _, at := range m.past[m.d.print(field, value)] {
		m.try(row, at.person)
	}
}

// name is the words of the row's name, whatever they are.
func (c *clue) name() []string {
	return slices.Concat(c.given, c.family, c.whole)
}

// ringing are the persons of a phone number.
func (x *index) ringing(phone string) (persons []vault.PersonID) {
	k, _, sharp := digitKey(phoneKey, strings.TrimPrefix(phone, "+"))
	if !sharp {
		return nil
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	x.shelf.runs(keyRange{k, k}, func(some []vault.PersonID) { persons = append(persons, some...) })
	return persons
}

func (m *matching) hash(kind, text string) uint64 {
	if text == "" {
		return 0
	}
	return maphash.String(m.seed, kind+"\x00"+text)
}

// nameHashes are a name as sums of its words' hashes, so that their order does not
// count: all of them, and the first with the last.
func (m *matching) nameHashes(given, family []string) (full, short uint64) {
	all := append(slices.Clone(given), family...)
	for _, word := range all {
		full += m.hash("name", word)
	}
	if len(all) < 2 {
		return full, full
	}
	return full, m.hash("name", all[0]) + m.hash("name", all[len(all)-1])
}

// wanted are the sums a row's name can be found by. Of a whole name nobody says
// where it is cut, so the first word is paired with the second too.
func (m *matching) wanted(c *clue) (full uint64, sums []uint64) {
	words := c.name()
	if len(words) < 2 {
		return 0, nil
	}
	full, short := m.nameHashes(words, nil)
	sums = []uint64{full, short}
	if len(c.whole) > 2 {
		sums = append(sums, m.hash("name", words[0])+m.hash("name", words[1]))
	}
	return full, sums
}

// byNames finds by the name whom no key has found: all names of the register are
// gone through once, whatever number of rows waits.
func (m *matching) byNames() {
	rows := map[uint64][]int32{}
	for i := range m.clues {
		if len(m.tried[i]) > 0 {
			continue
		}
		_, sums := m.wanted(&m.clues[i])
		slices.Sort(sums)
		for _, sum := range slices.Compact(sums) {
			rows[sum] = append(rows[sum], int32(i))
		}
	}
	if len(rows) == 0 {
		return
	}
	type part struct{ sum, first, last uint64 }
	x := m.x
	x.mu.RLock()
	defer x.mu.RUnlock()
	parts := make([]part, len(x.names.all))
	for n := range parts {
		words := nameWords(string(x.names.text(uint32(n))))
		for _, word := range words {
			parts[n].sum += m.hash("name", word)
		}
		if len(words) > 0 {
			parts[n].first, parts[n].last = m.hash("name", words[0]), m.hash("name", words[len(words)-1])
		}
	}
	for at := range x.slips {
		slip := &x.slips[at]
		if !slip.known {
			continue
		}
		person := vault.PersonID(at)
		given, family := &parts[slip.given], &parts[slip.family]
		full, short := given.sum+family.sum, given.first+family.last
		for _, sum := range [...]uint64{full, short} {
			for _, row := range rows[sum] {
				if tried := m.tried[row]; len(tried) < foundTried && (len(tried) == 0 || tried[len(tried)-1] != person) && x.reaches(m.within, person) {
					m.tried[row] = append(tried, person)
				}
			}
			if full == short {
				break
			}
		}
	}
}

// fetch reads what the rows are held against of everybody they are tried on.
func (m *matching) fetch(ctx context.Context) error {
	var all []vault.PersonID
	for _, tried := range m.tried {
		all = append(all, tried...)
	}
	slices.Sort(all)
	return record.Fetch(m.d.records, ctx, Profiles, slices.Compact(all), func(person vault.PersonID, _ uint64, p *Profile) error {
		l := &known1{birth: dateValue(p.Birth)}
		given, family := nameWords(p.Given), nameWords(p.Family)
		l.full, l.short = m.nameHashes(given, family)
		for _, word := range append(given, family...) {
			l.words = append(l.words, m.hash("name", word))
		}
		values := marked(p)
		l.email = m.hash("email", values["email"])
		l.phone, l.mobile = m.hash("phone", p.Phone), m.hash("phone", p.Mobile)
		l.address, l.postal = m.hash("address", values["address"]), m.hash("postal", values["postal"])
		if !p.SecretAddress {
			l.street = m.hash("street", streetKey(p.Street))
		}
		if len(p.Merged) > 0 {
			m.once[person] = slices.Clone(p.Merged)
		}
		m.known[person] = l
		return nil
	})
}

// seen is what came of one value of a row.
type seen struct {
	field string
	now   bool
	was   []*Once // the times it was theirs before
}

// held compares one value of a row with what somebody has, and had.
func (m *matching) held(person vault.PersonID, field, value string, now bool) seen {
	s := seen{field: field, now: now}
	past := m.changed[person]
	if past == nil || value == "" {
		return s
	}
	kind := field
	if kind == "mobile" {
		kind = "phone"
	}
	print := m.d.print(kind, value)
	for i := range past.Was {
		o := &past.Was[i]
		if at := o.Field; o.Print == print && (at == kind || kind == "phone" && at == "mobile") {
			s.was = append(s.was, o)
		}
	}
	return s
}

func (s *seen) theirs() bool { return s.now || len(s.was) > 0 }

// compare gives the points a row has with somebody, and what became of its values.
func (m *matching) compare(c *clue, person vault.PersonID) (points int, values []seen) {
	l := m.known[person]
	if l == nil {
		return 0, nil // erased meanwhile
	}
	add := func(s seen, gain, loss int) {
		if values = append(values, s); s.theirs() {
			points += gain
		} else {
			points += loss
		}
	}
	if c.number != "" {
		found, err := m.d.keyring.Find(vault.ClaimNumber, c.number) // one of another entry that became theirs too
		add(m.held(person, "number", c.number, err == nil && slices.Contains(found, person)), pointsNumber, 0)
	}
	best := func(gain int, all []seen) {
		if len(all) == 0 {
			return
		}
		at := max(0, slices.IndexFunc(all, func(s seen) bool { return s.theirs() }))
		add(all[at], gain, 0)
	}
	var mails, phones []seen
	for _, mail := range c.emails {
		mail = strings.ToLower(mail)
		mails = append(mails, m.held(person, "email", mail, m.hash("email", mail) == l.email))
	}
	best(pointsMail, mails)
	for _, phone := range c.phones {
		h := m.hash("phone", phone)
		field := "phone"
		if h == l.mobile {
			field = "mobile"
		}
		phones = append(phones, m.held(person, field, phone, h == l.phone || h == l.mobile))
	}
	best(pointsPhone, phones)
	m.compareName(c, l, person, add)
	if len(c.births) > 0 && l.birth != "" {
		var all []seen
		for _, day := range c.births {
			all = append(all, m.held(person, "birth", day.String(), day.String() == l.birth))
		}
		at := max(0, slices.IndexFunc(all, func(s seen) bool { return s.theirs() }))
		add(all[at], pointsBirth, pointsAgainst)
	}
	if c.street != "" && l.address != 0 {
		if c.postal != "" {
			mark := addressMark(c.street, c.postal)
			add(m.held(person, "address", mark, m.hash("address", mark) == l.address), pointsAddress, 0)
		} else if m.hash("street", streetKey(c.street)) == l.street {
			points += pointsAddress
		}
	}
	if c.postal != "" && l.postal != 0 {
		add(m.held(person, "postal", c.postal, m.hash("postal", c.postal) == l.postal), pointsPostal, 0)
	}
	return points, values
}

// compareName holds the name of a row against somebody's.
func (m *matching) compareName(c *clue, l *known1, person vault.PersonID, add func(s seen, gain, loss int)) {
	words := c.name()
	full, sums := m.wanted(c)
	switch {
	case len(words) == 0:
	case full != 0 && full == l.full:
		add(m.held(person, "name", nameMark(words), true), pointsName, 0)
	case slices.Contains(sums, l.full) || slices.Contains(sums, l.short):
		add(seen{field: "name", now: true}, pointsPart, 0)
	default:
		s := m.held(person, "name", nameMark(words), false)
		if !s.theirs() && slices.ContainsFunc(words, func(w string) bool { return slices.Contains(l.words, m.hash("name", w)) }) {
			return // the given name alone, or somebody who married
		}
		add(s, pointsName, pointsAgainst)
	}
}

// judge settles who a row is.
func (m *matching) judge(i int) {
	row, c, most := &m.rows[i], &m.clues[i], 0
	enough := foundFrom
	if len(c.emails)+len(c.phones)+len(c.births) == 0 && c.number == "" {
		enough = foundPart // a name without its middle words
	}
	var values []seen
	for _, person := range m.tried[i] {
		points, seen := m.compare(c, person)
		switch {
		case points < enough || points < most:
		case points > most:
			most, values, row.Persons = points, seen, append(row.Persons[:0], person)
		default:
			row.Persons = append(row.Persons, person)
		}
	}
	switch {
	case len(row.Persons) > foundMany:
		row.Persons, row.Common = nil, true
	case len(row.Persons) == 1:
		row.Values = m.told(row.Persons[0], values)
	}
	if len(row.Persons) == 0 && !row.Common && len(m.tried[i]) >= foundTried {
		row.Common = true
	}
}

// told says when the values of a row were somebody's.
func (m *matching) told(person vault.PersonID, values []seen) []FoundValue {
	out := make([]FoundValue, 0, len(values))
	past := m.changed[person]
	for i := range values {
		s := &values[i]
		v := FoundValue{Field: s.field}
		for _, o := range s.was {
			v.Theirs = append(v.Theirs, Span{From: o.From, Until: o.Until})
		}
		if s.now {
			now := Span{}
			if past != nil {
				now.From = past.since(s.field)
			}
			v.Theirs = append(v.Theirs, now)
		}
		out = append(out, v)
	}
	return out
}
