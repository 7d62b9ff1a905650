package web_test

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/grant"
	"kartotek/internal/vault"
)

// proposal is what the form of a proposal holds.
func proposal(f *housetest.Fixture) []string {
	today := f.Access.Today()
	return []string{
		"unit", "gentofte", "do", "propose", "person", f.Keyring.PublicID(f.Person("neighbour")), "task", "Sender nyhedsbrevet",
		"ground", "Nyhedsbrevet sendes til medlemmerne ved navn", "purposes", "newsletter", "fields", "email",
		"from", today.String(), "until", today.AddDays(90).String(),
	}
}

var decided = []string{"approve", "yes", "meeting", "board", "minutes", "referat, punkt 4", "reason", "ingen af posterne har tid", "apart", "yes"}

// D9 on the pages: the board proposes, somebody else enters what the association
// decided, the person works with it, and everybody it concerns sees why.
func TestD9DocumentedAccessOnThePages(t *testing.T) {
	f := housetest.New(t)
	chair, officer, neighbour := as(t, f, "chair"), as(t, f, "officer"), as(t, f, "neighbour")
	chair.get("/access/grants").want(http.StatusOK).says(".empty", "Ingen begrundede adgange")
	page := chair.post("/access/grants/new", "", "unit", "gentofte", "do", "find", "q", "nabogaard").want(http.StatusOK)
	page.says("label", "Inger Nabogaard")

	if wrong := chair.post("/access/grants/new", "", "unit", "gentofte", "do", "propose"); wrong.status != http.StatusUnprocessableEntity {
		t.Errorf("nothing filled in: %d", wrong.status)
	}
	made := chair.post("/access/grants/new", "", proposal(f)...)
	path := made.header.Get("Location")
	path, _, _ = strings.Cut(path, "?")
	if !regexp.MustCompile(`^/access/grants/\d+$`).MatchString(path) {
		t.Fatalf("%d, to %q: %s", made.status, path, squeeze(textOf(made.page)))
	}
	own := chair.get(path).want(http.StatusOK)
	own.says("main p", "Du har selv skrevet indstillingen")
	if own.first(`form[action="`+path+`/decide"]`) != nil {
		t.Error("whoever proposed is offered to decide")
	}
	officer.get("/").says(".duty", "Tag stilling til adgang")
	neighbour.get("/lists/pull").want(http.StatusForbidden)

	if a := officer.post(path+"/decide", path, "approve", "yes", "meeting", "board"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("half a decision: %d", a.status)
	}
	today := f.Access.Today().String()
	officer.post(path+"/decide", path, append([]string{"met", today}, decided...)...).want(http.StatusSeeOther)
	officer.get(path).says("dd", "Godkendt")

	// Whoever has it works by it: the one purpose, no card, and no search of members.
	home := neighbour.get("/").want(http.StatusOK)
	home.silent("Medlemskaber i hele")
	if home.first(`a[href="`+path+`"]`) == nil {
		t.Error("whoever has it is not led to the grounds")
	}
	pull := neighbour.get("/lists/pull").want(http.StatusOK)
	pull.says("label", "Nyhedsbrev")
	pull.silent("Kontingent")
	neighbour.get("/members").want(http.StatusForbidden)
	neighbour.get("/me").says("tr", "Du selv Begrundet adgang, Gentofte, kun til Nyhedsbrev")
	neighbour.get(path).want(http.StatusOK).says("dd", "Sender nyhedsbrevet")

	// Everybody it concerns sees it.
	as(t, f, "member").get("/me").says("tr", "Begrundet adgang")
	chair.get("/access").says("tr", "Inger Nabogaard Begrundet adgang til Nyhedsbrev")
	chair.get("/access?on="+f.Access.Today().AddDays(0).String()).says("tr", "Begrundet adgang")
	as(t, f, "anna").get("/access/grants").says("tr", "Inger Nabogaard")
	as(t, f, "other chair").get(path).want(http.StatusNotFound).silent("Nabogaard")
	if a := chair.get(path + "/document.pdf").want(http.StatusOK); !strings.HasPrefix(a.body, "%PDF-") || a.header.Get("Content-Type") != "application/pdf" {
		t.Errorf("the document is %q", a.header.Get("Content-Type"))
	}

	// It is asked about before it ends, renewed on new grounds, and withdrawn.
	f.Clock.Add(70 * 24 * time.Hour)
	f.Must(f.Grants.Daily(f.Context()))
	as(t, f, "treasurer").get("/").says(".duty", "der udløber")
	renew := as(t, f, "treasurer").get(path + "/renew").want(http.StatusOK)
	renew.says("h1", "Forny adgangen for Inger Nabogaard")
	if renew.text(`textarea[name="ground"]`) != "" {
		t.Error("the grounds are filled in already")
	}
	as(t, f, "chair").post(path+"/withdraw", path, "why", "").want(http.StatusUnprocessableEntity)
	as(t, f, "chair").post(path+"/withdraw", path, "why", "opgaven er løst").want(http.StatusSeeOther)
	id, err := strconv.ParseInt(path[strings.LastIndexByte(path, '/')+1:], 10, 64)
	f.Must(err)
	if c, _, err := f.Grants.Get(f.Context(), f.As("chair"), id); err != nil || c.State != grant.Withdrawn {
		t.Errorf("%s, %v", c.State, err)
	}
}

// D14: a seat that has lost its ground stands on the access page until somebody
// decides; nothing was taken away meanwhile.
func TestD10FindingsStandOnTheAccessPage(t *testing.T) {
	edit := func(source string) string {
		return strings.Replace(source, "over-members = 200", "over-members = 5", 1)
	}
	housetest.EachUnder(t, edit, func(t *testing.T, f *housetest.Fixture) {
		f.Appoint("neighbour", "extra-membership-officer", "gentofte") // of six members
		as(t, f, "anna").get("/access").want(http.StatusOK).silent("uden grundlag")
		_, err := f.Departures.Close(f.Context(), f.As("anna"), f.Person("member"), "resignation", false)
		f.Must(err)
		for _, who := range []string{"anna", "chair"} {
			page := as(t, f, who).get("/access").want(http.StatusOK)
			page.says("caption", "Adgange uden grundlag")
			page.says("tr", "Foreningen har 5 medlemmer, og pladsen findes kun over 5. Charteret giver 0, 1 er besat.")
		}
		as(t, f, "neighbour").get("/members").want(http.StatusOK)
		as(t, f, "other chair").get("/access").want(http.StatusOK).silent("uden grundlag")
	})
}

// D4: a position says which task it has; one without a task in IT or member service can
// be given, and carries no access.
func TestD4APositionWithoutATaskOnThePages(t *testing.T) {
	edit := func(source string) string {
		return strings.Replace(source, "[[positions]]", "[[positions]]\ncode = \"press\"\nname = { da = \"Presse\", en = \"Press\" }\nmay = []\ngrounds = { da = \"Taler med pressen\", en = \"Talks to the press\" }\n\n[[positions]]", 1)
	}
	housetest.EachUnder(t, edit, func(t *testing.T, f *housetest.Fixture) {
		founder := as(t, f, "founder")
		form := founder.get("/access/staff").want(http.StatusOK)
		form.says("label", "Presse Taler med pressen. Ingen opgave inden for IT eller medlemsservice: giver ingen adgang.")
		form.says("label", "Opgaven er medlemsservice")
		today := f.Access.Today().String()
		founder.post("/access/staff", "/access/staff", "do", "employ", "who", "new", "given", "Pia", "family", "Pressen", "email", "pia@example.dk",
			"position", "press", "tasks", "taler med pressen", "trust", "betroet siden 2020", "from", today).want(http.StatusSeeOther)
		page := founder.get("/access").want(http.StatusOK)
		page.says("tr", "Pia Pressen Presse")
		page.says("tr", "Uden adgang")
		found, err := f.Keyring.Find(vault.ClaimEmail, "pia@example.dk")
		f.Must(err)
		if len(found) != 1 {
			t.Fatalf("%v", found)
		}
		for _, act := range []charter.Acts{charter.Search, charter.View, charter.Pull, charter.Access} {
			if _, err := f.Access.Decide(access.Actor{Person: found[0]}, access.Want{Act: act}); !fault.Is(err, fault.Denied) {
				t.Errorf("%s: %v", act, err)
			}
		}
	})
}
