package signin

import (
	"testing"

	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
)

// family is three persons at one address: two with a birth date, one without.
func (h *house) family() (kari, ola, liv vault.PersonID, choice string) {
	h.t.Helper()
	kari = h.join("hjem@x.example", "Kari", date(1980, 5, 1))
	ola = h.join("hjem@x.example", "Ola", date(1978, 2, 3))
	liv = h.join("hjem@x.example", "Liv", locale.Date{})
	return kari, ola, liv, h.half()
}

// half signs in at the shared address up to the choice.
func (h *house) half() string {
	h.t.Helper()
	request := h.begin("hjem@x.example")
	result, err := h.Finish(ctx, request, h.code(), remote)
	h.must(err)
	if result.Person != 0 || result.Choice == "" || len(result.Choose) != 3 || result.Choose[0].Given != "Kari" || !result.Choose[0].Birth || result.Choose[2].Birth {
		h.t.Fatalf("%+v", result)
	}
	// Whoever began the request must not take over the choice: it has a secret of its own.
	if _, err := h.Candidates(ctx, request); !fault.Is(err, fault.Gone) {
		h.t.Fatalf("the request opens the choice: %v", err)
	}
	return result.Choice
}

func TestSharedAddress(t *testing.T) {
	each(t, func(h *house) {
		kari, ola, liv, choice := h.family()
		if len(h.entries(journal.SignIn)) != 0 {
			h.t.Error("half a sign-in was journaled as a whole one")
		}
		again, err := h.Candidates(ctx, choice)
		h.must(err)
		if len(again) != 3 {
			h.t.Errorf("%+v", again)
		}
		_, err = h.Choose(ctx, choice, ola, Proof{Birth: date(1980, 5, 1)}, remote) // Kari's
		h.refused(err, fault.Invalid, "signin.error.answer")
		if h.about(ola) != 1 {
			h.t.Error("a wrong answer in Ola's name is not in the journal")
		}
		result, err := h.Choose(ctx, choice, ola, Proof{Birth: date(1978, 2, 3)}, remote)
		h.must(err)
		if result.Person != ola || result.Lang != "da" {
			h.t.Errorf("%+v", result)
		}
		if lines := h.entries(journal.SignIn); len(lines) != 1 || lines[0].Actor != uint32(ola) {
			h.t.Errorf("%+v", lines)
		}
		_, err = h.Choose(ctx, choice, ola, Proof{Birth: date(1978, 2, 3)}, remote)
		h.refused(err, fault.Gone, "signin.error.over")

		// Without a birth date it is the member number, and only then.
		result, err = h.Choose(ctx, h.half(), liv, Proof{Number: " " + number(liv) + " "}, remote)
		h.must(err)
		if result.Person != liv {
			h.t.Errorf("%+v", result)
		}
		_, err = h.Choose(ctx, h.half(), kari, Proof{Number: number(kari)}, remote)
		h.refused(err, fault.Invalid, "signin.error.answer")
		_, err = h.Choose(ctx, h.half(), liv, Proof{Number: number(kari)}, remote)
		h.refused(err, fault.Invalid, "signin.error.answer")
	})
}

func TestChoiceIsLimited(t *testing.T) {
	each(t, func(h *house) {
		kari, ola, _, choice := h.family()
		stranger := h.join("fremmed@x.example", "Per", date(1990, 1, 1))
		_, err := h.Choose(ctx, choice, stranger, Proof{Birth: date(1990, 1, 1)}, remote)
		h.refused(err, fault.Invalid, "signin.error.person")
		_, err = h.Choose(ctx, choice, kari, Proof{}, remote)
		h.refused(err, fault.Invalid, "signin.error.proof")
		for range attempts - 1 {
			h.restart()
			_, err := h.Choose(ctx, choice, kari, Proof{Birth: date(1950, 1, 1)}, remote)
			h.refused(err, fault.Invalid, "signin.error.answer")
		}
		_, err = h.Choose(ctx, choice, ola, Proof{Birth: date(1950, 1, 1)}, remote)
		h.refused(err, fault.Gone, "signin.error.used_up")
		_, err = h.Choose(ctx, choice, kari, Proof{Birth: date(1980, 5, 1)}, remote)
		h.refused(err, fault.Gone, "signin.error.over")

		// Right answers do not count towards the day's limit, wrong ones do.
		for range wrongPerPerson.most - attempts + 1 {
			choice = h.half()
			_, err = h.Choose(ctx, choice, kari, Proof{Birth: date(1950, 1, 1)}, remote)
			h.refused(err, fault.Invalid, "signin.error.answer")
			_, err = h.Choose(ctx, choice, ola, Proof{Birth: date(1978, 2, 3)}, remote)
			h.must(err)
			h.clock.add(codesPerAddress.window)
		}
		_, err = h.Choose(ctx, h.half(), kari, Proof{Birth: date(1980, 5, 1)}, remote)
		h.refused(err, fault.TooMany, "signin.error.many_wrong")
	})
}

// D7: of a family at one address one was erased; the choice is among the others.
func TestD7ChoiceLeavesOutTheErased(t *testing.T) {
	each(t, func(h *house) {
		kari, ola, _, choice := h.family()
		_, err := h.keys.Erase(ctx, h.clock.Now(), []vault.PersonID{kari}, vault.Membership)
		h.must(err)
		list, err := h.Candidates(ctx, choice)
		h.must(err)
		if len(list) != 2 || list[0].Person != ola {
			h.t.Errorf("%+v", list)
		}
		_, err = h.Choose(ctx, choice, kari, Proof{Birth: date(1980, 5, 1)}, remote)
		h.refused(err, fault.Invalid, "signin.error.person")
	})
}

func TestDemoLink(t *testing.T) {
	each(t, func(h *house) {
		kari := h.join("kari@x.example", "Kari", date(1980, 5, 1))
		_, err := h.DemoLink(ctx, kari)
		h.refused(err, fault.Denied, "signin.error.demo")
		h.demo = true
		h.restart()
		token, err := h.DemoLink(ctx, kari)
		h.must(err)
		for range 2 { // looking spends nothing
			if waits, err := h.DemoWaits(ctx, token); !waits || err != nil {
				h.t.Fatal(waits, err)
			}
		}
		h.demo = false
		h.restart() // a register left by a demo opens nothing elsewhere
		if waits, err := h.DemoWaits(ctx, token); waits || err != nil {
			h.t.Error(waits, err)
		}
		_, err = h.DemoSpend(ctx, token)
		h.refused(err, fault.Denied, "signin.error.demo")
		h.demo = true
		h.restart()
		result, err := h.DemoSpend(ctx, token)
		h.must(err)
		if result.Person != kari || len(h.entries(journal.SignIn)) != 1 {
			h.t.Errorf("%+v", result)
		}
		_, err = h.DemoSpend(ctx, token)
		h.refused(err, fault.Gone, "signin.error.over")
		if waits, err := h.DemoWaits(ctx, token); waits || err != nil {
			h.t.Error(waits, err)
		}
		token, err = h.DemoLink(ctx, kari)
		h.must(err)
		h.clock.add(demoLife)
		_, err = h.DemoSpend(ctx, token)
		h.refused(err, fault.Gone, "signin.error.over")
	})
}
