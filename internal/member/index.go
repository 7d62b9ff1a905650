package member

import (
	"bytes"
	"slices"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// index is the register's card index in memory: what members are found by,
// which bodies they belong to, in which order they stand, who is left out of
// what. It holds names, addresses of e-mail, phone and member numbers, and
// nothing of it touches the disk. Many may read while one writes; a write takes
// microseconds.
//
// A person is in it as a slip, whose texts lie in arenas without pointers; as
// keys on one sorted shelf; and in sets of persons (roaring bitmaps). What
// nobody has any more after a removal is overwritten.
type index struct {
	mu     sync.RWMutex
	sorter *sorter // writers only

	slips    []slip // by person
	contacts arena
	names    *names
	shelf    shelf
	short    map[key]*roaring.Bitmap // persons by the first one or two letters of anything they are found by
	order    order

	visible    *roaring.Bitmap // found and listed
	hidden     *roaring.Bitmap // closed, not erased yet (D7)
	members    *roaring.Bitmap // belong to a body; others are known for another reason, as staff
	restricted *roaring.Bitmap // Art. 18
	secret     *roaring.Bitmap // secret address
	strict     *roaring.Bitmap // of these, those whose phone is covered too
	returned   *roaring.Bitmap // mail to them came back
	homes      homes
	protected  map[vault.PersonID]civil.Date // the last day of a protection that has one
	units      map[unit.ID]*roaring.Bitmap
	objections map[string]*roaring.Bitmap     // by purpose (Art. 21)
	tabs       [tabCount]*roaring.Bitmap      // by the letter they stand under
	more       map[vault.PersonID][]belonging // bodies beyond the first

	kinds  *kinds                        // what the charter says of kinds of membership; nil: nothing
	ofKind map[belonging]*roaring.Bitmap // who is of a special kind in a body
	dated  *roaring.Bitmap               // a day ahead changes what they are

	scratch sync.Pool // of *scratch
}

// slip is where a person's texts are.
type slip struct {
	given, family uint32 // numbers of names
	contact       span
	first         belonging // the first body; 0 for none
	known         bool
}

// belonging is a body somebody belongs to, and as what.
type belonging struct {
	unit     unit.ID
	category uint8 // place in the charter's categories
}

// subject is what the index takes in of a person.
type subject struct {
	person        vault.PersonID
	given, family string
	contact       contact
	belongs       []belonging
	secret        bool
	strict        bool
	protected     civil.Date
	returned      bool
	household     uint64
	restricted    bool
	objections    []string
	dated         bool // a day ahead changes what they are
}

// contact is what a person is found by besides the name.
type contact struct {
	number, email, phone, mobile string
	former                       string // numbers of entries that became one with this, with spaces between
}

func newIndex(lang string) *index {
	x := &index{
		sorter: newSorter(lang), names: newNames(), short: map[key]*roaring.Bitmap{},
		visible: roaring.New(), hidden: roaring.New(), members: roaring.New(), restricted: roaring.New(), secret: roaring.New(),
		strict: roaring.New(), returned: roaring.New(), protected: map[vault.PersonID]civil.Date{},
		units: map[unit.ID]*roaring.Bitmap{}, objections: map[string]*roaring.Bitmap{}, more: map[vault.PersonID][]belonging{},
		ofKind: map[belonging]*roaring.Bitmap{}, dated: roaring.New(),
	}
	for i := range x.tabs {
		x.tabs[i] = roaring.New()
	}
	x.scratch.New = func() any { return &scratch{} }
	return x
}

// put takes persons in, or in again as they are now. Whoever is hidden stays so.
// Readers get their turn between any few of them.
func (x *index) put(all ...subject) {
	const turn = 32
	for part := range slices.Chunk(all, turn) {
		x.mu.Lock()
		for i := range part {
			x.replace(&part[i])
		}
		x.mu.Unlock()
	}
}

func (x *index) replace(in *subject) {
	if x.known(in.person) {
		x.takeOut(in.person)
	}
	x.room(in.person)
	given, _ := x.names.acquire(in.given, x.sorter.key)
	family, _ := x.names.acquire(in.family, x.sorter.key)
	x.slips[in.person] = slip{given: given, family: family, contact: x.contacts.put(packContact(nil, in.contact)), known: true}
	x.file(in)
	keys := x.keysOf(in.person)
	for _, k := range keys {
		x.shelf.insert(entry{k, in.person})
	}
	for _, k := range shortsOf(keys) {
		set(x.short, k).Add(uint32(in.person))
	}
	x.order.insert(in.person, x.compare)
}

// file puts a person into the sets.
func (x *index) file(in *subject) {
	person, s := uint32(in.person), &x.slips[in.person]
	if !x.hidden.Contains(person) {
		x.visible.Add(person)
	}
	for i, b := range in.belongs {
		set(x.units, b.unit).Add(person)
		if x.kinds.special(b.category) {
			set(x.ofKind, b).Add(person)
		}
		if i == 0 {
			s.first = b
		}
	}
	if len(in.belongs) > 0 {
		x.members.Add(person)
	}
	if len(in.belongs) > 1 {
		x.more[in.person] = slices.Clone(in.belongs[1:])
	}
	if in.dated {
		x.dated.Add(person)
	}
	if in.secret {
		x.secret.Add(person)
	}
	if !in.protected.IsZero() {
		x.protected[in.person] = in.protected
	}
	if in.strict {
		x.strict.Add(person)
	}
	if in.returned {
		x.returned.Add(person)
	}
	x.homes.join(in.person, in.household)
	if in.restricted {
		x.restricted.Add(person)
	}
	for _, purpose := range in.objections {
		set(x.objections, purpose).Add(person)
	}
	x.tabs[x.tabOf(in.person)].Add(person)
}

// remove forgets a person: every set, key and text, the hidden ones too.
func (x *index) remove(persons ...vault.PersonID) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, person := range persons {
		if x.known(person) {
			x.takeOut(person)
		}
		x.hidden.Remove(uint32(person))
	}
}

// takeOut undoes replace.
func (x *index) takeOut(person vault.PersonID) {
	keys := x.keysOf(person)
	for _, k := range keys {
		x.shelf.remove(entry{k, person})
	}
	for _, k := range shortsOf(keys) {
		unset(x.short, k, person)
	}
	x.order.remove(person)
	id := uint32(person)
	for _, b := range x.belongsTo(person) {
		unset(x.units, b.unit, person)
		unset(x.ofKind, b, person)
	}
	for purpose := range x.objections {
		unset(x.objections, purpose, person)
	}
	x.tabs[x.tabOf(person)].Remove(id)
	for _, bitmap := range [...]*roaring.Bitmap{x.visible, x.members, x.restricted, x.secret, x.strict, x.returned, x.dated} {
		bitmap.Remove(id)
	}
	x.homes.leave(person)
	delete(x.protected, person)
	s := &x.slips[person]
	x.names.release(s.given)
	x.names.release(s.family)
	x.contacts.wipe(s.contact)
	delete(x.more, person)
	*s = slip{}
}

// hide takes persons out of every search and list at once (D7); they need not
// be known yet. show undoes it.
func (x *index) hide(persons ...vault.PersonID) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, person := range persons {
		x.hidden.Add(uint32(person))
		x.visible.Remove(uint32(person))
	}
}

func (x *index) show(persons ...vault.PersonID) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, person := range persons {
		x.hidden.Remove(uint32(person))
		if x.known(person) {
			x.visible.Add(uint32(person))
		}
	}
}

func (x *index) known(person vault.PersonID) bool {
	return int(person) < len(x.slips) && x.slips[person].known
}

// room makes the table of slips reach a person.
func (x *index) room(person vault.PersonID) {
	if need := int(person) + 1; need > len(x.slips) {
		x.slips = append(x.slips, make([]slip, need-len(x.slips))...)
	}
}

// keysOf gives the keys a person is found by, each once.
func (x *index) keysOf(person vault.PersonID) []key {
	s := &x.slips[person]
	keys := make([]key, 0, 16)
	keys = nameKeys(keys, string(x.names.text(s.given)))
	keys = nameKeys(keys, string(x.names.text(s.family)))
	keys = contactKeys(keys, x.contactOf(person))
	slices.Sort(keys)
	return slices.Compact(keys)
}

// shortsOf gives the short keys of keys, each once.
func shortsOf(keys []key) []key {
	short := make([]key, 0, 24)
	for _, k := range keys {
		one, two := shortOf(k)
		if one != 0 {
			short = append(short, one)
		}
		if two != 0 {
			short = append(short, two)
		}
	}
	slices.Sort(short)
	return slices.Compact(short)
}

// belongsTo gives the bodies a person belongs to.
func (x *index) belongsTo(person vault.PersonID) []belonging {
	s := &x.slips[person]
	if s.first.unit == 0 {
		return nil
	}
	return append([]belonging{s.first}, x.more[person]...)
}

// compare orders two persons as the card index does: family name, given names,
// then who came first. Who has one name only stands under that.
func (x *index) compare(a, b vault.PersonID) int {
	a1, a2 := x.sortNames(a)
	b1, b2 := x.sortNames(b)
	if a1 != b1 {
		if c := bytes.Compare(x.names.key(a1), x.names.key(b1)); c != 0 {
			return c
		}
	}
	if a2 != b2 {
		if c := bytes.Compare(x.names.key(a2), x.names.key(b2)); c != 0 {
			return c
		}
	}
	return int(int64(a) - int64(b))
}

func (x *index) sortNames(person vault.PersonID) (first, second uint32) {
	s := &x.slips[person]
	if s.family == 0 {
		return s.given, 0
	}
	return s.family, s.given
}

// tabOf is the letter a person stands under.
func (x *index) tabOf(person vault.PersonID) int {
	first, _ := x.sortNames(person)
	return int(x.names.all[first].tab)
}

// contactOf reads a person's contact; its strings are copies.
func (x *index) contactOf(person vault.PersonID) contact {
	return unpackContact(string(x.contacts.get(x.slips[person].contact)))
}

// packContact puts the texts in a row, each behind its length.
func packContact(dst []byte, c contact) []byte {
	for _, s := range [...]string{c.number, c.email, c.phone, c.mobile} {
		dst = packText(dst, s)
	}
	if c.former != "" { // hardly anybody has
		dst = packText(dst, c.former)
	}
	return dst
}

func packText(dst []byte, s string) []byte {
	s = s[:min(len(s), 255)]
	return append(append(dst, byte(len(s))), s...)
}

func unpackContact(s string) contact {
	var c contact
	for _, field := range [...]*string{&c.number, &c.email, &c.phone, &c.mobile, &c.former} {
		if s == "" {
			break
		}
		n := int(s[0])
		*field, s = s[1:1+n], s[1+n:]
	}
	return c
}

func set[K comparable](sets map[K]*roaring.Bitmap, k K) *roaring.Bitmap {
	bitmap := sets[k]
	if bitmap == nil {
		bitmap = roaring.New()
		sets[k] = bitmap
	}
	return bitmap
}

func unset[K comparable](sets map[K]*roaring.Bitmap, k K, person vault.PersonID) {
	if bitmap := sets[k]; bitmap != nil {
		if bitmap.Remove(uint32(person)); bitmap.IsEmpty() {
			delete(sets, k)
		}
	}
}

// tabCount is a guide tab for every letter of the register's language, and the
// tab 0 for whatever sorts before the first.
const tabCount = locale.MostLetters + 1

// sorter makes sort keys and finds the letter a key stands under.
type sorter struct {
	locale  *locale.Sorter
	letters []string // of the guide tabs, in the order of the register's language
	tabs    [][]byte // where each begins
}

func newSorter(lang string) *sorter {
	s := &sorter{locale: locale.NewSorter(lang), letters: locale.Letters(lang)}
	for _, letter := range s.letters {
		s.tabs = append(s.tabs, primary(s.locale.Append(nil, letter)))
	}
	return s
}

// key gives a name's sort key and its tab. The key tells letters apart and no
// more: Möller stands among the Møllers, by given name.
func (s *sorter) key(name string) ([]byte, uint8) {
	key := primary(s.locale.Append(make([]byte, 0, 256), name))
	tab := 0
	for i, first := range s.tabs {
		if bytes.Compare(key, first) >= 0 {
			tab = i + 1
		}
	}
	return key, uint8(tab)
}

// primary cuts a sort key down to its letters, without what tells capitals and
// accents apart.
func primary(key []byte) []byte {
	if end := bytes.Index(key, []byte{0, 0}); end > 0 {
		return key[:end]
	}
	return key
}
