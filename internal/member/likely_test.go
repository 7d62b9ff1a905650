package member

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Who is told to be one person, and who is not: families, twins, father and son.
func TestWhoLooksAlike(t *testing.T) {
	onBoth(t, func(h *house) {
		t := h.t
		anna := h.add(h.north, "given", "Anna", "family", "Østergård", "birth", "22-11-1961", "email", "anna@example.dk")
		again := h.add(h.south, "given", "anna", "family", "Oestergaard", "birth", "22-11-1961")
		married := h.add(h.north, "given", "Anna Marie", "family", "Dal", "birth", "22-11-1961", "email", "anna@example.dk")
		h.add(h.north, "given", "Bo", "family", "Østergård", "birth", "01-02-1960", "email", "anna@example.dk", "mobile", "20304050")
		h.add(h.north, "given", "Ida", "family", "Lund", "birth", "03-03-2001", "address", "Vej 1", "postal", "2800", "email", "lund@example.dk")
		h.add(h.north, "given", "Liv", "family", "Lund", "birth", "03-03-2001", "address", "Vej 1", "postal", "2800", "email", "lund@example.dk")
		h.add(h.north, "given", "Carl", "family", "Juul", "birth", "03-03-1950", "address", "Vej 9", "postal", "2800")
		h.add(h.north, "given", "Carl", "family", "Juul", "birth", "03-03-1980", "address", "Vej 9", "postal", "2800")
		pairs := func(s access.Scope) (all [][2]vault.PersonID) {
			found := got(h.directory.Likely(t.Context(), s, 0, 0))(t)
			for _, p := range found.Rows {
				all = append(all, [2]vault.PersonID{p.One.Person, p.Other.Person})
			}
			if len(all) != found.Total {
				t.Errorf("%d of %d", len(all), found.Total)
			}
			return all
		}
		all := pairs(h.may(charter.Search))
		for _, want := range [][2]vault.PersonID{{anna, again}, {anna, married}} {
			if !slices.Contains(all, want) {
				t.Errorf("%v is missing among %v", want, all)
			}
		}
		if len(all) != 2 {
			t.Errorf("%v", all)
		}
		if h.entries(again, journal.Search) == 0 {
			t.Error("who is shown is not journaled")
		}
		// D11: an officer is told of their own body's only.
		officer := h.add(h.north, "given", "Olga", "family", "Officer")
		h.officer(officer, h.north)
		if own := pairs(h.scope(officer, access.Want{Act: charter.Search})); !slices.Equal(own, [][2]vault.PersonID{{anna, married}}) {
			t.Errorf("the officer sees %v", own)
		}
		must(t, h.directory.SetDistinct(t.Context(), h.may(charter.Edit), married, anna))
		h.open()
		if left := pairs(h.may(charter.Search)); !slices.Equal(left, [][2]vault.PersonID{{anna, again}}) {
			t.Errorf("told apart, and told again: %v", left)
		}
	})
}

// A merging loses nothing that protects, no body and no number, whatever is taken
// from which entry, and what nobody changed since comes back when it is undone.
func TestMergingLosesNothingThatProtects(t *testing.T) {
	rules := got(charter.Load("party-dk"))(t)
	strict := func(p *Profile) bool { return p.SecretLevel == "strict" }
	entry := func(t *rapid.T, number string) stored {
		pick := func(name string, from ...string) string { return rapid.SampledFrom(from).Draw(t, number+name) }
		s := stored{profile: Profile{
			Number: number, Given: pick("given", "Anna", "Ane"), Family: pick("family", "Berg", "Dal"), Street: pick("street", "", "Vej 1", "Vej 2"),
			Town: pick("town", "", "By"), Email: pick("email", "", "a@example.dk", "b@example.dk"), Mobile: pick("mobile", "", "+4520304050"),
			SecretAddress: rapid.Bool().Draw(t, number+"secret"), Restricted: rapid.Bool().Draw(t, number+"restricted"),
		}}
		if s.profile.SecretAddress {
			s.profile.SecretLevel = pick("level", "", "strict")
		}
		for _, code := range []string{"invitation", "newsletter"} {
			if rapid.Bool().Draw(t, number+code) {
				s.profile.Objections = append(s.profile.Objections, code)
			}
		}
		for id := range unit.ID(4) {
			if rapid.Bool().Draw(t, number+"body") {
				s.memberships = append(s.memberships, Membership{Unit: id + 1, Category: "ordinary"})
			}
		}
		if len(s.memberships) == 0 {
			s.memberships = []Membership{{Unit: 1}}
		}
		return s
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := entry(t, "1"), entry(t, "2")
		take := map[string]bool{}
		for _, code := range []string{"given", "family", "address", "email", "mobile"} {
			take[code] = rapid.Bool().Draw(t, "take "+code)
		}
		m := merged(rules, &a, &b, 9, take, strict)
		p := &m.profile
		if p.Restricted != (a.profile.Restricted || b.profile.Restricted) || p.SecretAddress != (a.profile.SecretAddress || b.profile.SecretAddress) ||
			strict(p) != (strict(&a.profile) || strict(&b.profile)) {
			t.Fatalf("protection is lost: %+v", p)
		}
		for _, code := range append(slices.Clone(a.profile.Objections), b.profile.Objections...) {
			if !slices.Contains(p.Objections, code) {
				t.Fatalf("%s is lost", code)
			}
		}
		for _, from := range [...]*stored{&a, &b} {
			for _, own := range from.memberships {
				if m.in(own.Unit) == nil {
					t.Fatalf("body %d is lost", own.Unit)
				}
			}
		}
		if !slices.Equal(p.claimedNumbers(), []string{"1", "2"}) || p.Number != "1" || !slices.Equal(p.Merged, []vault.PersonID{9}) {
			t.Fatalf("%v %v", p.claimedNumbers(), p.Merged)
		}
		whole := addressOf(p)
		if whole != addressOf(&a.profile) && whole != addressOf(&b.profile) {
			t.Fatalf("an address of two halves: %s", whole)
		}
		var back stored
		if err := decodeStored(encodeStored(&m), &back); err != nil {
			t.Fatal(err)
		}
		again := parted(rules, &a, &back, &m, 9, []string{"2"})
		if got, want := encodeStored(&again), encodeStored(&a); string(got) != string(want) {
			t.Fatalf("%+v, was %+v", again, a)
		}
	})
}
