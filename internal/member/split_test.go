package member

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

func TestDivorceInOneStep(t *testing.T) {
	onBoth(t, func(h *house) {
		lone, jens := h.couple(at("Nørrevej 1", "given", "Lone", "family", "Brandt", "email", "brandt@example.dk", "mobile", "20112233"),
			at("Nørrevej 1", "given", "Jens", "family", "Brandt", "email", "brandt@example.dk"))
		edit := h.may(charter.Edit)
		parts := func(email string) []Part {
			return []Part{
				{Person: lone, Moves: true, Secret: &Secrecy{Secret: true}, Keep: &Keep{Reason: "gammel betaling"},
					Values: map[string]string{"address": "Skjulvej 9", "postal": "8000", "town": "Aarhus C", "family": "Ravn", "email": email}},
				{Person: jens, Values: map[string]string{}},
			}
		}
		// A shared mailbox is one person's now: the form comes back and nothing has changed.
		err := h.directory.Split(t.Context(), edit, parts("brandt@example.dk"))
		if e := fault.From(err); err == nil || len(e.Fields) != 1 || e.Fields[0].Name != "0-email" || e.Fields[0].Key != "member.error.split_email" {
			t.Fatalf("a mailbox on both sides: %v", err)
		}
		broken := parts("lone@example.dk")
		broken[1].Values["postal"] = "12"
		if e := fault.From(h.directory.Split(t.Context(), edit, broken)); e == nil || len(e.Fields) != 1 || e.Fields[0].Name != "1-postal" {
			t.Fatalf("a wrong postal code: %v", e)
		}
		card := got(h.directory.Card(t.Context(), h.may(charter.View), lone))(t)
		if card.Profile.Family != "Brandt" || card.Profile.Street != "Nørrevej 1" || len(card.Home) != 1 {
			t.Fatalf("a refused parting changed %+v", card.Profile)
		}

		must(t, h.directory.Split(t.Context(), edit, parts("lone@example.dk")))
		open := got(h.directory.Reveal(t.Context(), h.may(charter.View), lone))(t)
		if p := open.Profile; p.Family != "Ravn" || p.Street != "Skjulvej 9" || !p.SecretAddress || p.SecretUntil.IsZero() || p.Email != "lone@example.dk" || p.Mobile == "" || len(open.Home) != 0 {
			t.Errorf("who moved: %+v", p)
		}
		his := got(h.directory.Card(t.Context(), h.self(jens), jens))(t)
		if his.Profile.Street != "Nørrevej 1" || his.Profile.Email != "brandt@example.dk" || len(his.Home) != 0 {
			t.Errorf("who stayed: %+v %v", his.Profile, his.Home)
		}
		// Nowhere does the former partner meet the new address, not even that there is one.
		var told strings.Builder
		for _, section := range got(h.directory.Held(t.Context(), h.self(jens)))(t) {
			for _, line := range section.Lines {
				told.WriteString(line.Value + "\n")
			}
		}
		if strings.Contains(told.String(), "Skjulvej") || strings.Contains(told.String(), "lone@") || strings.Contains(told.String(), "Ravn") {
			t.Errorf("he is told %s", told.String())
		}
		for _, line := range got(h.journal.About(t.Context(), uint32(jens), journal.Page{Limit: 100}))(t).Lines {
			if line.Act == journal.Split && (slices.Contains(line.Fields, "secret_address") || slices.Contains(line.Fields, "family")) {
				t.Errorf("his log tells of her: %v", line.Fields)
			}
		}
		if h.entries(lone, journal.Split) != 1 || h.entries(jens, journal.Split) != 1 {
			t.Error("the parting is not once in each log")
		}
		// The former name finds nobody and is uncovered by the secretariat only.
		hits := got(h.directory.Search(t.Context(), h.may(charter.Search), Query{Text: "lone brandt"}))(t)
		if hits.Total != 0 {
			t.Errorf("a former name finds %d", hits.Total)
		}
		names := got(h.directory.FormerNames(t.Context(), h.may(charter.View), lone))(t)
		if len(names) != 1 || names[0].Name() != "Lone Brandt" || names[0].Until.IsZero() || h.entries(lone, journal.Revealed) != 2 {
			t.Errorf("former names %+v", names)
		}
		officer := h.add(h.north, "given", "Otto", "family", "Officer")
		h.officer(officer, h.north)
		if _, err := h.directory.FormerNames(t.Context(), h.scope(officer, access.Want{Act: charter.View}), lone); !fault.Is(err, fault.NotFound) {
			t.Errorf("an officer uncovers a former name: %v", err)
		}
		// The mailbox is his alone at the door.
		if who := got(h.keyring.Find(vault.ClaimEmail, "brandt@example.dk"))(t); !slices.Equal(who, []vault.PersonID{jens}) {
			t.Errorf("the mailbox belongs to %v", who)
		}
		if err := h.directory.Split(t.Context(), edit, parts("lone@example.dk")); !fault.Is(err, fault.Conflict) {
			t.Errorf("parted twice: %v", err)
		}
	})
}

// A family parts into two households, and the old name is forgotten unless
// somebody asked for it.
func TestFamilyParts(t *testing.T) {
	onBoth(t, func(h *house) {
		a, b := h.couple(at("Vej 1", "given", "A", "family", "Holm"), at("Vej 1", "given", "B", "family", "Holm"))
		c, d := h.add(h.north, at("Vej 1", "given", "C", "family", "Holm")...), h.add(h.north, at("Vej 1", "given", "D", "family", "Holm")...)
		edit := h.may(charter.Edit)
		must(t, h.directory.MakeHousehold(t.Context(), edit, []vault.PersonID{a, c, d}))
		for _, wrong := range [][]Part{
			{{Person: a}, {Person: b}, {Person: c}, {Person: d}},
			{{Person: a, Moves: true}, {Person: b, Moves: true}, {Person: c, Moves: true}, {Person: d, Moves: true}},
		} {
			if err := h.directory.Split(t.Context(), edit, wrong); !fault.Is(err, fault.Invalid) {
				t.Errorf("one side only: %v", err)
			}
		}
		if err := h.directory.Split(t.Context(), edit, []Part{{Person: a, Moves: true}, {Person: b}}); !fault.Is(err, fault.Conflict) {
			t.Errorf("half the household: %v", err)
		}
		must(t, h.directory.Split(t.Context(), edit, []Part{
			{Person: a, Moves: true, Values: map[string]string{"address": "Ny 2", "family": "Lund"}}, {Person: b}, {Person: c}, {Person: d, Moves: true, Values: map[string]string{"address": "Ny 2"}},
		}))
		names, _, _ := h.envelopes(h.pull("meeting-notice"), OneAddress)
		if !slices.Equal(names, []string{"B og C Holm", "D Holm og A Lund"}) {
			t.Errorf("letters to %q", names)
		}
		if kept := got(h.directory.FormerNames(t.Context(), h.may(charter.View), a))(t); len(kept) != 0 {
			t.Errorf("a name nobody asked for is kept: %+v", kept)
		}
	})
}

// The day of a former name comes: it is forgotten.
func TestFormerNameEnds(t *testing.T) {
	onBoth(t, func(h *house) {
		a := h.add(h.north, "given", "A", "family", "Holm")
		edit, ch := h.may(charter.Edit), Changes{Values: map[string]string{"family": "Lund"}, Keep: &Keep{Reason: "sag", Until: day.AddDays(400)}}
		if _, err := h.directory.Update(t.Context(), edit, a, ch); !fault.Is(err, fault.Invalid) {
			t.Errorf("kept longer than the charter allows: %v", err)
		}
		ch.Keep.Until = day.AddDays(30)
		got(h.directory.Update(t.Context(), edit, a, ch))(t)
		if _, err := h.directory.EndFormers(t.Context(), h.directory.now()); err != nil {
			t.Fatal(err)
		}
		if kept := got(h.directory.FormerNames(t.Context(), h.may(charter.View), a))(t); len(kept) != 1 {
			t.Fatalf("kept: %+v", kept)
		}
		later := now.AddDate(0, 0, 31)
		h.directory.now = func() time.Time { return later }
		if _, err := h.directory.EndFormers(t.Context(), h.directory.now()); err != nil {
			t.Fatal(err)
		}
		if kept := got(h.directory.FormerNames(t.Context(), h.may(charter.View), a))(t); len(kept) != 0 {
			t.Errorf("still kept: %+v", kept)
		}
	})
}
