package member

import (
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// couple makes two members of one household.
func (h *house) couple(first, second []string) (a, b vault.PersonID) {
	h.t.Helper()
	a, b = h.add(h.north, first...), h.add(h.north, second...)
	must(h.t, h.directory.JoinHousehold(h.t.Context(), h.may(charter.Edit), b, a, false))
	return a, b
}

func at(street string, pairs ...string) []string {
	return append([]string{"address", street, "postal", "2100", "town", "København Ø"}, pairs...)
}

// envelopes are the letters of a purpose by whom they are to, in Danish.
func (h *house) envelopes(s access.Scope, by Bond) (names []string, lines [][]string, left Left) {
	h.t.Helper()
	left, err := h.directory.Envelopes(h.t.Context(), s, h.directory.Select(s), by, func(e *Envelope) error {
		names, lines = append(names, e.Name(locale.For("da"))), append(lines, e.Lines)
		return nil
	})
	must(h.t, err)
	return names, lines, left
}

func (h *house) pull(purpose string) access.Scope {
	return h.scope(h.staff, access.Want{Act: charter.Pull, Purpose: purpose})
}

func TestOneLetterForAHousehold(t *testing.T) {
	onBoth(t, func(h *house) {
		sofie, jens := h.couple(at("Nørrevej 1", "given", "Sofie", "family", "Brandt", "email", "de@example.dk"),
			at("Nørrevej 1", "given", "Jens", "family", "Brandt", "email", "de@example.dk"))
		ida := h.add(h.north, at("Sydvej 9", "given", "Ida", "family", "Brandt")...)
		must(t, h.directory.JoinHousehold(t.Context(), h.may(charter.Edit), ida, sofie, true)) // the address only
		lone := h.add(h.north, at("Nørrevej 1", "given", "Nabo", "family", "Brandt")...)
		s := h.pull("meeting-notice")
		names, lines, _ := h.envelopes(s, OneAddress)
		if !slices.Equal(names, []string{"Familien Brandt", "Nabo Brandt"}) {
			t.Fatalf("letters to %q", names)
		}
		if !slices.Equal(lines[0], []string{"Nørrevej 1", "2100 København Ø"}) {
			t.Errorf("address %q", lines[0])
		}
		// One of them objects: only those on the list are named.
		must(t, h.directory.SetObjection(t.Context(), h.self(ida), ida, "invitation", true))
		if names, _, _ = h.envelopes(h.pull("invitation"), OneAddress); !slices.Equal(names, []string{"Jens og Sofie Brandt", "Nabo Brandt"}) {
			t.Errorf("invitations to %q", names)
		}
		// A mailbox of two is one newsletter; Ida has none.
		if names, _, left := h.envelopes(h.pull("newsletter"), OneMailbox); !slices.Equal(names, []string{"Jens og Sofie Brandt"}) || left.Nowhere != 2 {
			t.Errorf("newsletters to %q, %+v", names, left)
		}
		// Rows of a list carry what groups them, and nobody alone does.
		group := map[vault.PersonID]uint64{}
		must(t, h.directory.Export(t.Context(), s, h.directory.Select(s), func(r *Row) error { group[r.Person] = r.Household(); return nil }))
		if group[sofie] == 0 || group[sofie] != group[jens] || group[jens] != group[ida] || group[lone] != 0 {
			t.Errorf("households %v", group)
		}
		one := roaring.BitmapOf(uint32(sofie), uint32(lone))
		must(t, h.directory.Export(t.Context(), s, one, func(r *Row) error {
			if r.Household() != 0 {
				t.Error("a household with somebody who is not on the list")
			}
			return nil
		}))
		// After a restart the same stands.
		h.open()
		if names, _, _ = h.envelopes(h.pull("meeting-notice"), OneAddress); !slices.Equal(names, []string{"Familien Brandt", "Nabo Brandt"}) {
			t.Errorf("after a start: letters to %q", names)
		}
		// Two who leave each other are two letters; nobody is in a household of one.
		must(t, h.directory.LeaveHousehold(t.Context(), h.may(charter.Edit), ida))
		must(t, h.directory.LeaveHousehold(t.Context(), h.may(charter.Edit), jens))
		if names, _, _ = h.envelopes(h.pull("meeting-notice"), OneAddress); len(names) != 4 {
			t.Errorf("apart: letters to %q", names)
		}
		if err := h.directory.LeaveHousehold(t.Context(), h.may(charter.Edit), sofie); !fault.Is(err, fault.Conflict) {
			t.Errorf("left a household of one: %v", err)
		}
		if h.entries(sofie, journal.Household) < 2 {
			t.Error("making and leaving a household is not in the log")
		}
	})
}

// Whose address is secret is in no household that a list, a card or a label
// tells of: whoever stands beside them would tell it.
func TestSecretAddressIsNotDeducedFromAHousehold(t *testing.T) {
	onBoth(t, func(h *house) {
		eva, adam := h.couple(at("Skjulvej 3", "given", "Eva", "family", "Have"), at("Skjulvej 3", "given", "Adam", "family", "Have"))
		must(t, h.directory.Protect(t.Context(), h.may(charter.Edit), eva, Secrecy{Secret: true}))
		h.officer(h.add(h.north, "given", "Otto", "family", "Officer"), h.north)
		for _, person := range []vault.PersonID{eva, adam} {
			card := got(h.directory.Card(t.Context(), h.may(charter.View), person))(t)
			if len(card.Home) != 0 {
				t.Errorf("the card of %d tells of %v", person, card.Home)
			}
			if own := got(h.directory.Card(t.Context(), h.self(adam), adam))(t); len(own.Home) != 0 {
				t.Error("who lives with a secret address is told of it on their own page")
			}
			if open := got(h.directory.Reveal(t.Context(), h.may(charter.View), person))(t); len(open.Home) != 1 {
				t.Errorf("uncovered, the card of %d tells of %v", person, open.Home)
			}
		}
		for _, purpose := range []string{"invitation", "dues", "administration", "newsletter"} {
			s := h.pull(purpose)
			must(t, h.directory.Export(t.Context(), s, h.directory.Select(s), func(r *Row) error {
				if r.Household() != 0 {
					t.Errorf("%s: a household", purpose)
				}
				return nil
			}))
		}
		names, _, left := h.envelopes(h.pull("invitation"), OneAddress)
		if left.Covered != 1 || slices.ContainsFunc(names, func(n string) bool { return n != "Adam Have" }) {
			t.Errorf("invitations to %q, %+v", names, left)
		}
		if names, _, _ = h.envelopes(h.pull("meeting-notice"), OneAddress); !slices.Contains(names, "Adam og Eva Have") {
			t.Errorf("notices to %q", names)
		}
	})
}

// What stays with the others when one is erased names nobody.
func TestHouseholdNamesNobody(t *testing.T) {
	onBoth(t, func(h *house) {
		a, b := h.couple([]string{"given", "A", "family", "B"}, []string{"given", "C", "family", "D"})
		var tie Tie
		must(t, h.db.Read(t.Context(), func(q database.Querier) error { return record.Get(h.records, q, Ties, b, tieID, &tie) }))
		if tie.Household == uint64(a) || tie.Household < 1<<20 {
			t.Errorf("the number %d may be somebody's", tie.Household)
		}
		h.directory.Forget(a)
		s := h.pull("meeting-notice")
		must(t, h.directory.Export(t.Context(), s, h.directory.Select(s), func(r *Row) error {
			if r.Household() != 0 {
				t.Error("a household with somebody erased")
			}
			return nil
		}))
	})
}

func TestJointName(t *testing.T) {
	for _, c := range []struct {
		to         []Addressee
		da, en, nb string
	}{
		{nil, "", "", ""},
		{[]Addressee{{"Sofie", "Brandt"}}, "Sofie Brandt", "Sofie Brandt", "Sofie Brandt"},
		{[]Addressee{{"Sofie", "Brandt"}, {"Jens", "Brandt"}}, "Sofie og Jens Brandt", "Sofie and Jens Brandt", "Sofie og Jens Brandt"},
		{[]Addressee{{"Sofie", "Brandt"}, {"Jens", "Holm"}}, "Sofie Brandt og Jens Holm", "Sofie Brandt and Jens Holm", "Sofie Brandt og Jens Holm"},
		{[]Addressee{{"A", "Brandt"}, {"B", "Brandt"}, {"C", "Brandt"}}, "Familien Brandt", "The Brandt family", "Familien Brandt"},
		{[]Addressee{{"A", "Brandt"}, {"B", "Holm"}, {"C", "Brandt"}}, "A Brandt, B Holm og C Brandt", "A Brandt, B Holm and C Brandt", "A Brandt, B Holm og C Brandt"},
	} {
		for lang, want := range map[string]string{"da": c.da, "en": c.en, "nb": c.nb} {
			if !slices.Contains(locale.Languages(), lang) {
				continue
			}
			if got := JointName(locale.For(lang), c.to); got != want {
				t.Errorf("%s: %q, want %q", lang, got, want)
			}
		}
	}
}

func TestAddressLines(t *testing.T) {
	for _, c := range []struct {
		from string
		p    Profile
		want []string
	}{
		{"DK", Profile{Street: "Nørregade 12, 2. tv.", Postal: "1165", Town: "København K"}, []string{"Nørregade 12, 2. tv.", "1165 København K"}},
		{"DK", Profile{Street: "c/o Holm, Nørregade 12, 2. tv.", Postal: "1165", Town: "København K"}, []string{"c/o Holm", "Nørregade 12, 2. tv.", "1165 København K"}},
		{"DK", Profile{Street: "Storgata 1", Postal: "0155", Town: "Oslo", Country: "NO"}, []string{"Storgata 1", "0155 Oslo", "NORGE"}},
		{"NO", Profile{Street: "Storgata 1", Postal: "0155", Town: "Oslo"}, []string{"Storgata 1", "0155 Oslo"}},
		{"NO", Profile{Street: "Nørregade 12", Postal: "1165", Town: "København K", Country: "DK"}, []string{"Nørregade 12", "1165 København K", "DANMARK"}},
		{"NO", Profile{Street: "10 Downing Street", Postal: "sw1a 2aa", Town: "London", Country: "GB"}, []string{"10 Downing Street", "LONDON", "SW1A 2AA", "STORBRITANNIA"}},
		{"DK", Profile{Street: "Apt 4, 350 Fifth Avenue", Postal: "10118", Town: "New York, NY", Country: "US"}, []string{"Apt 4", "350 Fifth Avenue", "NEW YORK, NY 10118", "USA"}},
		{"DK", Profile{Street: "Hauptstraße 5", Postal: "10827", Town: "Berlin", Country: "DE"}, []string{"Hauptstraße 5", "10827 Berlin", "TYSKLAND"}},
		{"DK", Profile{Country: "BE"}, []string{"BELGIEN"}},
		{"DK", Profile{}, nil},
	} {
		if got := AddressLines(&c.p, c.from); !slices.Equal(got, c.want) {
			t.Errorf("from %s: %q, want %q", c.from, got, c.want)
		}
	}
}

// A new address is that of the others of the household too where somebody says
// so; nobody else gets it, and nobody who is covered.
func TestOthersMoveTooWhenAsked(t *testing.T) {
	onBoth(t, func(h *house) {
		a, b := h.couple(at("Vej 1", "given", "A", "family", "Holm"), at("Vej 1", "given", "B", "family", "Holm"))
		c := h.add(h.north, at("Vej 1", "given", "C", "family", "Holm")...)
		stranger := h.add(h.north, at("Vej 1", "given", "D", "family", "Lund")...)
		edit := h.may(charter.Edit)
		must(t, h.directory.JoinHousehold(t.Context(), edit, c, a, false))
		ch := Changes{Values: map[string]string{"address": "Vej 2", "mobile": "20112233"}}
		if err := h.directory.UpdateTogether(t.Context(), edit, a, ch, []vault.PersonID{b, stranger}); !fault.Is(err, fault.NotFound) {
			t.Fatalf("a stranger moves too: %v", err)
		}
		must(t, h.directory.UpdateTogether(t.Context(), edit, a, ch, []vault.PersonID{b}))
		for person, want := range map[vault.PersonID][2]string{a: {"Vej 2", "+4520112233"}, b: {"Vej 2", ""}, c: {"Vej 1", ""}, stranger: {"Vej 1", ""}} {
			p := got(h.directory.Card(t.Context(), h.may(charter.View), person))(t).Profile
			if p.Street != want[0] || p.Mobile != want[1] {
				t.Errorf("%d lives at %q, mobile %q", person, p.Street, p.Mobile)
			}
		}
		// An officer who may not see a secret address does not move its owner either.
		must(t, h.directory.Protect(t.Context(), edit, b, Secrecy{Secret: true}))
		officer := h.add(h.north, "given", "Otto", "family", "Officer")
		h.officer(officer, h.north)
		ch.Values = map[string]string{"address": "Vej 3"}
		if err := h.directory.UpdateTogether(t.Context(), h.scope(officer, access.Want{Act: charter.Edit}), a, ch, []vault.PersonID{b}); !fault.Is(err, fault.NotFound) {
			t.Errorf("an officer moves whoever is covered: %v", err)
		}
	})
}

// What looks like a household is proposed with its address and the reason; said to
// be none, it is not proposed again, and neither is a couple that has parted.
func TestHouseholdsAreProposedOnce(t *testing.T) {
	onBoth(t, func(h *house) {
		a := h.add(h.north, at("Nørrevej 1", "given", "Sofie", "family", "Brandt", "email", "de@example.dk")...)
		b := h.add(h.north, at("Nørrevej 1", "given", "Jens", "family", "Brandt", "email", "de@example.dk")...)
		h.add(h.north, at("Nørrevej 1", "given", "Nabo", "family", "Holm")...)
		edit := h.may(charter.Edit)
		proposed := got(h.directory.ProposeHouseholds(t.Context(), edit, 50))(t)
		if len(proposed) != 1 || proposed[0].Street != "Nørrevej 1" || proposed[0].Place != "2100 København Ø" || !proposed[0].Family || !proposed[0].Mailbox {
			t.Fatalf("proposed %+v", proposed)
		}
		must(t, h.directory.KeepApart(t.Context(), edit, []vault.PersonID{a, b}))
		if proposed = got(h.directory.ProposeHouseholds(t.Context(), edit, 50))(t); len(proposed) != 0 {
			t.Errorf("proposed again: %+v", proposed)
		}
		c := h.add(h.north, at("Nørrevej 1", "given", "Ida", "family", "Brandt")...)
		if proposed = got(h.directory.ProposeHouseholds(t.Context(), edit, 50))(t); len(proposed) != 1 || len(proposed[0].Persons) != 3 || proposed[0].Mailbox {
			t.Fatalf("with a third: %+v", proposed)
		}
		must(t, h.directory.JoinHousehold(t.Context(), edit, a, c, false))
		must(t, h.directory.LeaveHousehold(t.Context(), edit, a))
		for _, p := range got(h.directory.ProposeHouseholds(t.Context(), edit, 50))(t) {
			if len(p.Persons) == 2 && slices.ContainsFunc(p.Persons, func(m Housemate) bool { return m.Person == a }) && slices.ContainsFunc(p.Persons, func(m Housemate) bool { return m.Person == c }) {
				t.Errorf("parted, and proposed: %+v", p)
			}
		}
	})
}
