package web_test

import (
	"net/http"
	"strings"
	"testing"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/member"
)

// look at a member the way the pages do.
func touch(f *housetest.Fixture, name, whom string) {
	search := f.Scope(name, access.Want{Act: charter.Search})
	_, err := f.Members.Search(f.Context(), search, member.Query{Text: "Quistorff"})
	f.Must(err)
	_, err = f.Members.Card(f.Context(), f.Scope(name, access.Want{Act: charter.View}), f.Person(whom))
	f.Must(err)
}

// L2: who can see me, who has, and on which lists I stood, officers by name and
// staff by position.
func TestL2MyPage(t *testing.T) {
	f := housetest.New(t)
	touch(f, "officer", "member")
	touch(f, "anna", "member")
	pull(f, "treasurer", "dues")
	a := as(t, f, "member").get("/me").want(http.StatusOK)

	a.says(".index h2", "Søren Åge Østergård-Quistorff")
	a.says(".index-tab", "Østergård-Quistorff, S.")
	a.says(".index dd", "Bregnebjerglundvej 117, 3. tv. 2820 Gentofte")
	a.says(".index dd", "23. september 1961")
	a.says(".index dd", "39 68 47 95")
	a.says(".index dd", "Gentofte")

	a.says("caption", "Hvem kan se mig")
	a.says("tr", "Carl Formandsen Formand, Gentofte")
	a.says("tr", "Mette Medlemsgaard Medlemsansvarlig, Gentofte")
	a.says("tr", "3 ansatte Medlemsservice, Sekretariatet")
	a.silent("Lyngholm")  // D11: the chair of another association
	a.silent("Storgaard") // D13
	a.silent("Bregnerød") // staff go by position

	a.says(".ledger td", "Mette Medlemsgaard åbnede dit kort")
	a.says(".ledger td", "Mette Medlemsgaard søgte og fandt dit navn")
	a.says(".ledger td", "En ansat i sekretariatet åbnede dit kort kl. 12.00 · Medlemsservice")
	a.silent("Ankerstjerne")
	a.says(".ledger td", "Tom Kassemand hentede liste 1 med dig på")
	a.says(".ledger tr", "Liste 1 Tom Kassemand · Økonomiansvarlig, Gentofte Kontingent Senest 22.12.2026")

	seen := as(t, f, "member").get("/me/seen").want(http.StatusOK)
	seen.says(".figures", "Åbnet")
	seen.says(".ledger td", "Du selv åbnede dit kort")
}

// A neighbour's page holds nothing of the member.
func TestMyPageIsMine(t *testing.T) {
	f := housetest.New(t)
	touch(f, "officer", "member")
	for _, path := range []string{"/me", "/me/seen", "/me/everything"} {
		a := as(t, f, "neighbour").get(path).want(http.StatusOK)
		a.silent("Quistorff")
		a.silent("Bregnebjerglundvej 117")
	}
}

// Art. 15: everything is there, in words.
func TestEverything(t *testing.T) {
	f := housetest.New(t)
	a := as(t, f, "officer").get("/me/everything").want(http.StatusOK)
	a.says("h2", "Medlemskaber")
	a.says("h2", "Poster")
	a.says("dd", "Medlemsansvarlig")
	a.says("dd", "Gentofte")
	a.says("dd", "elected at the general meeting")
	member := as(t, f, "member").get("/me/everything")
	member.says("dd", "23. september 1961")
	member.says("dd", "soeren.quistorff@example.dk")
	if strings.Contains(member.body, "⟦") {
		t.Error("a message is missing")
	}
}

// Art. 21, L8: what one says no to, and what comes all the same.
func TestObjections(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "member")
	a := b.get("/me")
	if len(a.all(`input[name="send"]`)) == 0 || len(a.all(`input[value="meeting-notice"]`)) > 0 {
		t.Error("the purposes offered are wrong")
	}
	for _, box := range a.all(`input[name="send"]`) {
		if attr(box, "checked") != "" || !strings.Contains(a.body, "checked") {
			t.Error("somebody who never said no is shown as if")
		}
	}
	b.post("/me/objections", "/me", "send", "invitation").goes("/me")
	again := b.get("/me")
	again.says(".notice", "Gemt")
	b.get("/me").silent("Gemt. Det gælder") // said once
	scope := f.Scope("officer", access.Want{Act: charter.Pull, Purpose: "newsletter"})
	if f.Members.Select(scope).Contains(uint32(f.Person("member"))) {
		t.Error("the objection does not count")
	}
	scope = f.Scope("officer", access.Want{Act: charter.Pull, Purpose: "invitation"})
	if !f.Members.Select(scope).Contains(uint32(f.Person("member"))) {
		t.Error("what was not objected to is gone too")
	}
}

// D6: a member asks to leave and takes it back; consequences stand before the button.
func TestD6AskToLeave(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "member")
	page := b.get("/me/leave").want(http.StatusOK)
	page.says(".then", "3 dage efter")
	page.says(".then", "slettebevis")
	b.post("/me/leave", "/me/leave").goes("/me")
	b.get("/me").says(".notice", "Du har bedt om at blive meldt ud")
	b.ask("/me/leave").goes("/me")
	as(t, f, "anna").get("/").says(".duty h3", "Behandl en udmeldelse")
	as(t, f, "anna").get("/").says(".tabs .n", "1")
	b.post("/me/stay", "/me").goes("/me")
	b.get("/me").says(".notice", "Du er stadig medlem")
	as(t, f, "anna").get("/").says(".empty", "Ingen opgaver")
}
