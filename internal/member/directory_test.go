package member

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

func anna(h *house, body unit.ID) vault.PersonID {
	return h.add(body, "given", "Anna", "family", "Østergård", "email", "Anna@Example.dk", "phone", "10 26 47 95",
		"birth", "3.9.1989", "address", "Nygade 3", "postal", "2100", "town", "KØBENHAVN Ø", "joined", "1.2.2010")
}

func TestCreateAndCard(t *testing.T) {
	onBoth(t, func(h *house) {
		person := anna(h, h.north)
		card := got(h.directory.Card(t.Context(), h.may(charter.View), person))(t)
		p := card.Profile
		if p.Name() != "Anna Østergård" || p.Email != "anna@example.dk" || p.Phone != "+4510264795" || p.Town != "København Ø" ||
			p.Birth != (civil.Date{Year: 1989, Month: 9, Day: 3}) || p.Number == "" {
			t.Errorf("%+v", p)
		}
		if len(card.Memberships) != 1 || card.Memberships[0].Unit != h.north || card.Memberships[0].Category != "ordinary" {
			t.Errorf("%+v", card.Memberships)
		}
		if h.entries(person, journal.Create) != 1 || h.entries(person, journal.Opened) != 1 {
			t.Error("creating or opening is not journaled")
		}
		if len(h.keyring.PendingPersons()) != 0 {
			t.Error("marks left")
		}
		if found := got(h.keyring.Find(vault.ClaimEmail, "anna@example.dk"))(t); !slices.Equal(found, []vault.PersonID{person}) {
			t.Errorf("claims %v", found)
		}
		// Everything is there after a start.
		before, page := h.directory.index.find(within{all: true}, "", 0, 50)
		h.open()
		if after, again := h.directory.index.find(within{all: true}, "", 0, 50); before != 2 || after != 2 || !slices.Equal(page, again) {
			t.Errorf("%d %v, after a start %d %v", before, page, after, again)
		}
		next := h.add(h.north, "given", "Bo", "family", "Bang")
		if a, b := p.Number, got(h.directory.Card(t.Context(), h.may(charter.View), next))(t).Profile.Number; a == b {
			t.Errorf("number %s twice", a)
		}
	})
}

func TestCreateRefuses(t *testing.T) {
	h := build(t, sqlite(t))
	h.add(h.north, "given", "Bo", "family", "Bang", "number", "77")
	_, _, err := h.directory.Create(t.Context(), h.may(charter.Create), Draft{Unit: h.north, Values: map[string]string{
		"given": "010190-1234", "birth": "1.1.2020", "email": "x", "shoe": "42", "postal": "9",
	}})
	var e *fault.Error
	if !errors.As(err, &e) || e.Code != fault.Invalid {
		t.Fatal(err)
	}
	want := map[string]string{
		"given": "member.error.identity", "family": "member.error.required", "birth": "member.error.child",
		"email": "member.error.email", "shoe": "member.error.no_field", "postal": "member.error.postal",
	}
	for _, f := range e.Fields {
		if want[f.Name] != f.Key {
			t.Errorf("%s: %s, want %s", f.Name, f.Key, want[f.Name])
		}
		delete(want, f.Name)
	}
	if delete(want, "family"); len(want) != 0 { // given is wrong, so nothing more is asked
		t.Errorf("missing %v", want)
	}
	for _, c := range []struct {
		draft Draft
		code  fault.Code
	}{
		{Draft{Unit: h.north, Values: map[string]string{"given": "B", "number": "77"}}, fault.Conflict},
		{Draft{Unit: 999, Values: map[string]string{"given": "B"}}, fault.Invalid},
		{Draft{Unit: h.north, Category: "guest", Values: map[string]string{"given": "B"}}, fault.Invalid},
		{Draft{Unit: unit.ID(h.units.Tree().Under(h.party).ToArray()[1]), Values: map[string]string{"given": "B"}}, fault.Invalid},
	} {
		if _, _, err := h.directory.Create(t.Context(), h.may(charter.Create), c.draft); !fault.Is(err, c.code) {
			t.Errorf("%+v: %v", c.draft, err)
		}
	}
	if _, _, err := h.directory.Create(t.Context(), access.Scope{}, Draft{}); !fault.Is(err, fault.Denied) {
		t.Error(err)
	}
}

// D11: an association sees only its members; a card elsewhere answers as one
// that never was, and the asking is journaled.
func TestD11Scopes(t *testing.T) {
	onBoth(t, func(h *house) {
		ours, theirs := anna(h, h.north), anna(h, h.south)
		officer := h.add(h.north, "given", "Olga", "family", "Officer")
		h.officer(officer, h.north)
		search := h.scope(officer, access.Want{Act: charter.Search})
		hits := got(h.directory.Search(t.Context(), search, Query{Text: "anna"}))(t)
		if hits.Total != 1 || hits.Rows[0].Person != ours || !slices.Equal(hits.Rows[0].Units, []unit.ID{h.north}) {
			t.Errorf("%+v", hits)
		}
		view := h.scope(officer, access.Want{Act: charter.View})
		_, elsewhere := h.directory.Card(t.Context(), view, theirs)
		_, nobody := h.directory.Card(t.Context(), view, 4000)
		if !fault.Is(elsewhere, fault.NotFound) || elsewhere.Error() != nobody.Error() {
			t.Errorf("elsewhere %v, nobody %v", elsewhere, nobody)
		}
		if h.entries(theirs, journal.Denied) != 1 {
			t.Error("the denial is not journaled")
		}
		edit := h.scope(officer, access.Want{Act: charter.Edit})
		if _, err := h.directory.Update(t.Context(), edit, theirs, Changes{Values: map[string]string{"given": "X"}}); !fault.Is(err, fault.NotFound) {
			t.Error(err)
		}
		if h.directory.Within(view, theirs) || !h.directory.Within(view, ours) {
			t.Error("Within")
		}
		number := got(h.directory.Card(t.Context(), h.may(charter.View), theirs))(t).Profile.Number
		if _, err := h.directory.ByNumber(t.Context(), view, number); !fault.Is(err, fault.NotFound) {
			t.Error(err)
		}
		if person, err := h.directory.ByNumber(t.Context(), h.may(charter.Close), number); err != nil || person != theirs {
			t.Error(person, err)
		}
		// A Scope for one act opens no other.
		if _, err := h.directory.Search(t.Context(), view, Query{}); !fault.Is(err, fault.Denied) {
			t.Error(err)
		}
		if set := h.directory.Select(view); !set.IsEmpty() {
			t.Error("a Scope for viewing selects a list")
		}
	})
}

// The keystrokes of one search are one reading: an entry is added only for
// persons it does not hold yet.
func TestSearchIsJournaled(t *testing.T) {
	onBoth(t, func(h *house) {
		a := anna(h, h.north)
		b := h.add(h.north, "given", "Anton", "family", "Bech")
		s := h.may(charter.Search)
		var reading int64
		for _, text := range []string{"ann", "anna", "an"} {
			hits := got(h.directory.Search(t.Context(), s, Query{Text: text, Reading: reading}))(t)
			if reading != 0 && hits.Reading != reading {
				t.Error("another reading")
			}
			reading = hits.Reading
		}
		if h.entries(a, journal.Search) != 1 || h.entries(b, journal.Search) != 1 {
			t.Errorf("%d and %d entries", h.entries(a, journal.Search), h.entries(b, journal.Search))
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if hits, err := h.directory.Search(ended, s, Query{Text: "anna"}); err == nil || hits != nil {
			t.Error("answered without a trace")
		}
	})
}

func TestUpdate(t *testing.T) {
	onBoth(t, func(h *house) {
		person := anna(h, h.north)
		s := h.may(charter.Edit)
		secret := true
		changed := got(h.directory.Update(t.Context(), s, person, Changes{
			Values: map[string]string{"email": "ny@example.dk", "given": "Anna", "number": "4711", "phone": "", "category": "student"}, SecretAddress: &secret,
		}))(t)
		slices.Sort(changed)
		if want := []string{"category", "email", "number", "phone", "secret_address", "unit"}; !slices.Equal(changed, want) {
			t.Errorf("%v, want %v", changed, want)
		}
		line := got(h.journal.About(t.Context(), uint32(person), journal.Page{}))(t).Lines[0]
		if slices.Sort(line.Fields); line.Act != journal.Edit || !slices.Equal(line.Fields, changed) {
			t.Errorf("%+v", line)
		}
		for value, want := range map[string]int{"anna@example.dk": 0, "ny@example.dk": 1} {
			if found := got(h.keyring.Find(vault.ClaimEmail, value))(t); len(found) != want {
				t.Errorf("%s is claimed by %v", value, found)
			}
		}
		if found := got(h.keyring.Find(vault.ClaimNumber, "4711"))(t); !slices.Equal(found, []vault.PersonID{person}) {
			t.Errorf("number %v", found)
		}
		card := got(h.directory.Card(t.Context(), h.may(charter.View), person))(t)
		if !card.Covered || card.Profile.Street != "" || card.Profile.Email != "ny@example.dk" || card.Memberships[0].Category != "student" {
			t.Errorf("%+v", card)
		}
		if card := got(h.directory.Reveal(t.Context(), h.may(charter.View), person))(t); card.Covered || card.Profile.Street == "" {
			t.Errorf("%+v", card)
		}
		if h.entries(person, journal.Revealed) != 1 {
			t.Error("uncovering is not journaled")
		}
		if card := got(h.directory.Card(t.Context(), h.self(person), person))(t); card.Covered || card.Profile.Street == "" {
			t.Error("one's own address is covered")
		}
		if changed, err := h.directory.Update(t.Context(), s, person, Changes{Values: map[string]string{"given": "ANNA"}}); err != nil || changed != nil {
			t.Errorf("nothing changed, yet %v %v", changed, err)
		}
		if _, err := h.directory.Update(t.Context(), s, person, Changes{Values: map[string]string{"given": ""}}); !fault.Is(err, fault.Invalid) {
			t.Error(err)
		}
		other := h.add(h.north, "given", "Bo")
		if _, err := h.directory.Update(t.Context(), s, other, Changes{Values: map[string]string{"number": "4711"}}); !fault.Is(err, fault.Conflict) {
			t.Error(err)
		}
		officer := h.add(h.north, "given", "Olga")
		h.officer(officer, h.north)
		if _, err := h.directory.Update(t.Context(), h.scope(officer, access.Want{Act: charter.Edit}), person, Changes{Values: map[string]string{"number": "5"}}); !fault.Is(err, fault.Invalid) {
			t.Error("an officer renumbered a member:", err)
		}
	})
}

func TestMemberships(t *testing.T) {
	onBoth(t, func(h *house) {
		person := anna(h, h.north)
		must(t, h.directory.AddMembership(t.Context(), h.may(charter.Create), person, Membership{Unit: h.south, Category: "student"}))
		if !h.directory.Belongs(person, h.south) || h.directory.Count(h.south) != 1 || h.directory.Count(h.north) != 1 {
			t.Error("not in both")
		}
		if err := h.directory.AddMembership(t.Context(), h.may(charter.Create), person, Membership{Unit: h.south}); !fault.Is(err, fault.Conflict) {
			t.Error(err)
		}
		must(t, h.directory.EndMembership(t.Context(), h.may(charter.Close), person, h.north))
		if err := h.directory.EndMembership(t.Context(), h.may(charter.Close), person, h.south); !fault.Is(err, fault.Conflict) {
			t.Error("the last membership is closed, not ended:", err)
		}
		must(t, h.directory.Move(t.Context(), h.may(charter.Edit), person, h.south, h.north))
		h.open()
		card := got(h.directory.Card(t.Context(), h.may(charter.View), person))(t)
		if len(card.Memberships) != 1 || card.Memberships[0].Unit != h.north || card.Memberships[0].Category != "student" {
			t.Errorf("%+v", card.Memberships)
		}
		if !slices.Equal(h.directory.Units(person), []unit.ID{h.north}) || h.directory.Occupied(h.south) || !h.directory.Occupied(h.north) {
			t.Error("units")
		}
	})
}

// L8: whoever objected, is restricted or has a secret address is left out or
// covered without anyone remembering to; statutory notices reach everybody.
// Whoever may not reveal a secret address may not uncover it either.
func TestL8OnlyTheSecretariatUncovers(t *testing.T) {
	onBoth(t, func(h *house) {
		officer, member := h.add(h.south, "given", "Olga"), h.add(h.south, "given", "Signe")
		h.officer(officer, h.south)
		own, yes, no := h.scope(officer, access.Want{Act: charter.Edit}), true, false
		got(h.directory.Update(t.Context(), own, member, Changes{SecretAddress: &yes}))(t)
		if _, err := h.directory.Update(t.Context(), own, member, Changes{SecretAddress: &no}); !fault.Is(err, fault.Invalid) {
			t.Error("an officer uncovered a secret address:", err)
		}
		got(h.directory.Update(t.Context(), h.may(charter.Edit), member, Changes{SecretAddress: &no}))(t)
	})
}

func TestL8Lists(t *testing.T) {
	onBoth(t, func(h *house) {
		plain, objects, restricted, secret := anna(h, h.north), anna(h, h.north), anna(h, h.north), anna(h, h.north)
		yes := true
		must(t, h.directory.SetObjection(t.Context(), h.self(objects), objects, "newsletter", true))
		must(t, h.directory.Restrict(t.Context(), h.may(charter.Edit), restricted, true))
		got(h.directory.Update(t.Context(), h.may(charter.Edit), secret, Changes{SecretAddress: &yes}))(t)
		if err := h.directory.SetObjection(t.Context(), h.self(objects), objects, "meeting-notice", true); !fault.Is(err, fault.Invalid) {
			t.Error("an objection to a statutory notice:", err)
		}
		if err := h.directory.SetObjection(t.Context(), h.self(objects), plain, "newsletter", true); !fault.Is(err, fault.NotFound) {
			t.Error("an objection for somebody else:", err)
		}
		for _, reload := range []bool{false, true} {
			if reload {
				h.open()
			}
			letter := h.scope(h.staff, access.Want{Act: charter.Pull, Purpose: "newsletter"})
			if ids := h.directory.Select(letter).ToArray(); !slices.Equal(ids, []uint32{uint32(plain), uint32(secret)}) {
				t.Errorf("newsletter %v", ids)
			}
			if r := h.directory.Reach(letter); r != (Reach{Within: 4, Members: 2, Objected: 1, Restricted: 1}) {
				t.Errorf("%+v", r)
			}
			meeting := h.scope(h.staff, access.Want{Act: charter.Pull, Purpose: "meeting-notice"})
			set := h.directory.Select(meeting)
			if r := h.directory.Reach(meeting); set.GetCardinality() != 3 || r.Covered != 0 { // it goes by post
				t.Errorf("meeting %v %+v", set, r)
			}
			dues := h.scope(h.staff, access.Want{Act: charter.Pull, Purpose: "dues"})
			if r := h.directory.Reach(dues); r.Covered != 1 {
				t.Errorf("dues %+v", r)
			}
			for _, list := range []struct {
				scope    access.Scope
				category string
				secret   string
			}{{meeting, "", "Nygade 3"}, {dues, "Ordinær", ""}} {
				cells := map[vault.PersonID][]string{}
				err := h.directory.Export(t.Context(), list.scope, set, func(row *Row) error {
					for _, code := range []string{"given", "address", "birth", "phone", "unit", "category"} {
						f, _ := h.directory.charter.Field(code)
						cells[row.Person] = append(cells[row.Person], row.Cell(f))
					}
					return nil
				})
				want := map[vault.PersonID][]string{
					plain: {"Anna", "Nygade 3", "", "", "nord", list.category}, objects: {"Anna", "Nygade 3", "", "", "nord", list.category},
					secret: {"Anna", list.secret, "", "", "nord", list.category},
				}
				if err != nil || !reflect.DeepEqual(cells, want) {
					t.Errorf("%v %v", cells, err)
				}
			}
			h.directory.Hide(plain)
			n := 0
			must(t, h.directory.Export(t.Context(), meeting, set, func(*Row) error { n++; return nil }))
			if n != 2 {
				t.Errorf("%d rows, one of the members has left meanwhile", n)
			}
			h.directory.Unhide(plain)
		}
	})
}

func TestExportOrder(t *testing.T) {
	h := build(t, sqlite(t))
	for _, who := range [][2]string{{"Bo", "Å"}, {"Bo", "Abel"}, {"Bo", "Zahle"}} {
		h.add(h.north, "given", who[0], "family", who[1])
	}
	s := h.scope(h.staff, access.Want{Act: charter.Pull})
	family, _ := h.directory.charter.Field("family")
	for by, want := range map[Sorting]string{ByName: "AbelZahleÅ", ByNumber: "ÅAbelZahle"} {
		order := ""
		must(t, h.directory.ExportSorted(t.Context(), s, h.directory.Select(s), by, func(row *Row) error {
			order += row.Cell(family)
			return nil
		}))
		if order != want {
			t.Errorf("%s, want %s", order, want)
		}
	}
	if compareNumbers("9", "10") >= 0 || compareNumbers("009", "10") >= 0 || compareNumbers("10", "A1") >= 0 {
		t.Error("numbers")
	}
}

// Art. 15: a person is told everything, in words.
func TestHeld(t *testing.T) {
	onBoth(t, func(h *house) {
		person := anna(h, h.north)
		sections := got(h.directory.Held(t.Context(), h.self(person)))(t)
		if len(sections) != 2 || sections[0].Kind != "profile" || sections[1].Kind != "membership" {
			t.Fatalf("%+v", sections)
		}
		if !slices.Contains(sections[0].Lines, record.Line{Key: "member.field.family", Value: "Østergård"}) {
			t.Errorf("%+v", sections[0])
		}
		if h.entries(person, journal.Answer) != 1 {
			t.Error("the answer is not journaled")
		}
		if _, err := h.directory.Held(t.Context(), h.may(charter.View)); err == nil {
			t.Error("held by somebody else")
		}
		own := got(h.directory.Own(t.Context(), h.self(person)))(t)
		if own.Name() != "Anna Østergård" || !own.Birth || own.Email != "anna@example.dk" {
			t.Errorf("%+v", own)
		}
		if ok := got(h.directory.CheckBirth(t.Context(), h.self(person), civil.Date{Year: 1989, Month: 9, Day: 3}))(t); !ok {
			t.Error("birth date")
		}
		names := got(h.directory.Names(t.Context(), h.self(person), []vault.PersonID{h.staff, person, 999}))(t)
		if len(names) != 2 || names[h.staff] != "Sekre Tær" || h.entries(h.staff, journal.Shown) != 1 || h.entries(person, journal.Shown) != 0 {
			t.Errorf("%v", names)
		}
		if name := got(h.directory.OwnName(t.Context(), h.self(person)))(t); name != "Anna Østergård" {
			t.Error(name)
		}
	})
}

// D7: closed is hidden at once, everywhere; only the person still sees the card.
func TestD7Hidden(t *testing.T) {
	h := build(t, sqlite(t))
	person := anna(h, h.north)
	h.directory.Hide(person)
	if hits := got(h.directory.Search(t.Context(), h.may(charter.Search), Query{Text: "anna"}))(t); hits.Total != 0 {
		t.Error("found")
	}
	if _, err := h.directory.Card(t.Context(), h.may(charter.View), person); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
	if _, err := h.directory.Update(t.Context(), h.may(charter.Edit), person, Changes{Values: map[string]string{"given": "B"}}); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
	if !h.directory.Select(h.may(charter.Pull)).IsEmpty() || h.directory.Count(h.north) != 0 || h.directory.Belongs(person, h.north) {
		t.Error("counted")
	}
	if !h.directory.Within(h.may(charter.Close), person) {
		t.Error("the secretariat must still reach who is leaving")
	}
	if card := got(h.directory.Card(t.Context(), h.self(person), person))(t); !card.Hidden {
		t.Error("own card")
	}
	h.directory.Unhide(person)
	if hits := got(h.directory.Search(t.Context(), h.may(charter.Search), Query{Text: "anna"}))(t); hits.Total != 1 {
		t.Error("not back")
	}
	h.directory.Forget(person)
	if h.directory.Within(h.may(charter.Close), person) {
		t.Error("not forgotten")
	}
}

// A crash between keyring and register is made good at the next start.
func TestSweep(t *testing.T) {
	onBoth(t, func(h *house) {
		person := anna(h, h.north)
		var lost vault.PersonID
		must(t, h.keyring.Write(t.Context(), func(tx *vault.Tx) (err error) {
			// Creating stopped before the rows; changing an address stopped before its own.
			if lost, err = tx.NewPerson(); err != nil {
				return err
			}
			return errors.Join(tx.Pending(lost), tx.Claim(vault.ClaimNumber, "9999", lost),
				tx.Pending(person), tx.Claim(vault.ClaimEmail, "new@example.dk", person))
		}))
		h.open()
		if h.keyring.Holds(lost, vault.Membership) || len(h.keyring.PendingPersons()) != 0 {
			t.Error("keys without a row are left")
		}
		for value, want := range map[string]int{"new@example.dk": 0, "anna@example.dk": 1} {
			if found := got(h.keyring.Find(vault.ClaimEmail, value))(t); len(found) != want {
				t.Errorf("%s is claimed by %v", value, found)
			}
		}
		if found := got(h.keyring.Find(vault.ClaimNumber, "9999"))(t); len(found) != 0 {
			t.Error("the number is still taken")
		}
	})
}

// A register that fails in the middle of an act leaves neither half.
func TestFailedCreateLeavesNothing(t *testing.T) {
	h := build(t, sqlite(t))
	last := h.keyring.LastPerson()
	c := change{after: stored{profile: Profile{Number: "1", Given: "A", Email: "a@example.dk"}}}
	h.directory.writing.Lock()
	err := h.directory.commit(t.Context(), []change{c}, func() *journal.Entry { return &journal.Entry{} }) // refused by the journal
	h.directory.writing.Unlock()
	if err == nil {
		t.Fatal("committed")
	}
	if h.keyring.Holds(last+1, vault.Membership) || len(h.keyring.PendingPersons()) != 0 {
		t.Error("keys are left")
	}
	if found := got(h.keyring.Find(vault.ClaimEmail, "a@example.dk"))(t); len(found) != 0 {
		t.Error("the address is still claimed")
	}
}

func TestTabs(t *testing.T) {
	var counts [tabCount]int
	counts[1], counts[2], counts[3], counts[27], counts[29] = 10, 1, 1, 5, 10
	tabs := groupTabs(locale.Letters("da"), counts, 3)
	want := []Tab{{"A", "B", 11, 0}, {"C", "Æ", 6, 11}, {"Å", "Å", 10, 17}}
	if !slices.Equal(tabs, want) {
		t.Errorf("%+v", tabs)
	}
	if tabs := groupTabs(locale.Letters("da"), counts, 30); len(tabs) != 5 {
		t.Errorf("%+v", tabs)
	}
	if tabs := groupTabs(locale.Letters("da"), [tabCount]int{}, 5); tabs != nil {
		t.Errorf("%+v", tabs)
	}
}
