package member

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-sql/civil"
	"pgregory.net/rapid"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
)

// L8: whatever is asked, by whom, for which purpose, in whichever household: what
// is secret of an address comes out only where the purpose posts, and of a strict
// one only to the secretariat. The answers are searched as text, so that no field
// is forgotten.
func TestL8NoPurposeWithoutPostsYieldsASecretAddress(t *testing.T) {
	h := build(t, sqlite(t))
	levels := []charter.Protection{{Code: "plain", Months: 12}, {Code: "hard", Strict: true}}
	h.directory.charter.Protections = levels
	officer := h.add(h.north, "given", "Otto", "family", "Officer")
	h.officer(officer, h.north)
	type human struct {
		person vault.PersonID
		mark   string
		level  string // "" is open
	}
	count := 0
	rapid.Check(t, func(r *rapid.T) {
		count++
		var people []human
		for i := range rapid.IntRange(2, 4).Draw(r, "people") {
			mark := fmt.Sprintf("Mærkevej%dx%d", count, i)
			p := human{mark: mark, level: rapid.SampledFrom([]string{"", "plain", "hard"}).Draw(r, "level")}
			p.person = h.add(h.north, "given", fmt.Sprintf("G%d", i), "family", fmt.Sprintf("F%d", count), "address", mark, "postal", "2100", "town", "By"+mark,
				"phone", fmt.Sprintf("33%06d", count*10+i), "email", fmt.Sprintf("m%dx%d@example.dk", count, i))
			if p.level != "" {
				must(t, h.directory.Protect(t.Context(), h.may(charter.Edit), p.person, Secrecy{Secret: true, Level: p.level}))
			}
			people = append(people, p)
		}
		ids := make([]vault.PersonID, len(people))
		for i, p := range people {
			ids[i] = p.person
		}
		must(t, h.directory.MakeHousehold(t.Context(), h.may(charter.Edit), ids))
		if rapid.Bool().Draw(r, "one address") { // whoever lives there too tells it by standing beside
			for _, p := range people[1:] {
				got(h.directory.Update(t.Context(), h.may(charter.Edit), p.person, Changes{Values: map[string]string{"address": people[0].mark}}))(t)
			}
		}
		actor := rapid.SampledFrom([]vault.PersonID{h.staff, officer}).Draw(r, "actor")
		purpose := &h.directory.charter.Purposes[rapid.IntRange(0, len(h.directory.charter.Purposes)-1).Draw(r, "purpose")]
		scope := func(act charter.Acts, purpose string) access.Scope {
			return h.scope(actor, access.Want{Act: act, Purpose: purpose})
		}
		for _, p := range people {
			if p.level == "" {
				continue
			}
			may := purpose.Posts && (p.level == "plain" || actor == h.staff)
			for what, said := range h.told(t, scope, purpose.Code, p.person) {
				posted := strings.HasPrefix(what, "list") && may
				if !posted && strings.Contains(said, "By"+p.mark) {
					r.Fatalf("%s of %q tells the %s address %s: %s", what, purpose.Code, p.level, p.mark, said)
				}
				if !posted && p.level == "hard" && strings.Contains(said, fmt.Sprintf("33%06d", count*10)) && p.mark == people[0].mark {
					r.Fatalf("%s of %q tells the landline: %s", what, purpose.Code, said)
				}
			}
		}
		for _, p := range people {
			h.directory.Forget(p.person) // the next round begins anew
		}
	})
}

// told is everything that answers about a person say, as text.
func (h *house) told(t testing.TB, scope func(charter.Acts, string) access.Scope, purpose string, person vault.PersonID) map[string]string {
	t.Helper()
	said := map[string]string{}
	text := func(v any) string { b, _ := json.Marshal(v); return string(b) }
	said["card"] = text(got(h.directory.Card(t.Context(), scope(charter.View, ""), person))(t))
	said["search"] = text(got(h.directory.Search(t.Context(), scope(charter.Search, ""), Query{Size: 500}))(t))
	proposed, err := h.directory.ProposeHouseholds(t.Context(), scope(charter.Edit, ""), 100)
	must(t, err)
	said["proposals"] = text(proposed)
	s := scope(charter.Pull, purpose)
	var list strings.Builder
	must(t, h.directory.Export(context.Background(), s, h.directory.Select(s), func(row *Row) error {
		if row.Person != person && row.Household() == 0 {
			return nil
		}
		for i := range h.directory.charter.Fields {
			fmt.Fprintf(&list, "%s|", row.Cell(&h.directory.charter.Fields[i]))
		}
		if row.Covered && row.Household() != 0 {
			t.Error("somebody whose address is covered is in a household on a list")
		}
		return nil
	}))
	said["list"] = list.String()
	var labels strings.Builder
	_, err = h.directory.Envelopes(context.Background(), s, h.directory.Select(s), OneAddress, func(e *Envelope) error {
		fmt.Fprintf(&labels, "%s %q %v\n", e.Name(locale.For("da")), e.Lines, e.Persons)
		return nil
	})
	must(t, err)
	said["list of labels"] = labels.String()
	return said
}

// The person protects themselves; nobody but the secretariat makes it less; the
// day that passes uncovers nothing and becomes work.
func TestProtectionStaysUntilSomebodyLooks(t *testing.T) {
	onBoth(t, func(h *house) {
		a := h.add(h.north, at("Vej 1", "given", "A", "family", "Holm")...)
		must(t, h.directory.Protect(t.Context(), h.self(a), a, Secrecy{Secret: true}))
		until := got(h.directory.Card(t.Context(), h.self(a), a))(t).Profile.SecretUntil
		if until != (civil.Date{Year: day.Year + 1, Month: day.Month, Day: day.Day}) {
			t.Errorf("protected until %v", until)
		}
		officer := h.add(h.north, "given", "Otto", "family", "Officer")
		h.officer(officer, h.north)
		edit := h.scope(officer, access.Want{Act: charter.Edit})
		if err := h.directory.Protect(t.Context(), edit, a, Secrecy{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("an officer uncovers: %v", err)
		}
		if todo := got(h.directory.Upkeep(h.may(charter.View)))(t); len(todo.Expired) != 0 {
			t.Errorf("run out already: %+v", todo)
		}
		h.directory.now = func() time.Time { return now.AddDate(1, 0, 1) }
		if todo := got(h.directory.Upkeep(h.may(charter.View)))(t); len(todo.Expired) != 1 || todo.Expired[0] != a {
			t.Errorf("run out unseen: %+v", todo)
		}
		if card := got(h.directory.Card(t.Context(), h.may(charter.View), a))(t); !card.Covered || card.Profile.Street != "" {
			t.Error("a day that passed uncovered an address")
		}
	})
}

func TestReturnedMailGoesWithTheAddress(t *testing.T) {
	onBoth(t, func(h *house) {
		a := h.add(h.north, at("Vej 1", "given", "A", "family", "Holm", "email", "a@example.dk")...)
		edit := h.may(charter.Edit)
		must(t, h.directory.SetReturned(t.Context(), edit, a, ByLetter, day.AddDays(-3)))
		must(t, h.directory.SetReturned(t.Context(), edit, a, ByEmail, day))
		if err := h.directory.SetReturned(t.Context(), edit, a, ByLetter, day.AddDays(1)); !fault.Is(err, fault.Invalid) {
			t.Errorf("tomorrow: %v", err)
		}
		p := got(h.directory.Card(t.Context(), h.may(charter.View), a))(t).Profile
		if p.Letter != (Return{Since: day.AddDays(-3), As: "member-service"}) {
			t.Errorf("noticed as %+v", p.Letter)
		}
		if names, _, left := h.envelopes(h.pull("meeting-notice"), OneAddress); len(names) != 0 || left.Returned != 1 {
			t.Errorf("a letter to %q, %+v", names, left)
		}
		got(h.directory.Update(t.Context(), edit, a, Changes{Values: map[string]string{"address": "Vej 2"}}))(t)
		p = got(h.directory.Card(t.Context(), h.may(charter.View), a))(t).Profile
		if !p.Letter.Since.IsZero() || p.Mailed.Since.IsZero() {
			t.Errorf("after the new address: %+v, %+v", p.Letter, p.Mailed)
		}
		must(t, h.directory.SetOwnEmail(t.Context(), h.self(a), "b@example.dk"))
		if todo := got(h.directory.Upkeep(h.may(charter.View)))(t); len(todo.Returned) != 0 {
			t.Errorf("still to be seen to: %+v", todo)
		}
	})
}
