package web_test

import (
	"net/http"
	"strings"
	"testing"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/consent"
)

// D5 on pages: the secretariat writes down who asks, sees what the list would be,
// approves, and reads a code out; the member who is on the list is told by name who has
// it, and consents are given and withdrawn by one press, with nothing said beforehand.
func TestD5HandedOutOnPages(t *testing.T) {
	f := housetest.New(t)
	ctx := f.Context()
	member := as(t, f, "member")
	page := member.get("/me/consents")
	if !strings.Contains(page.body, "Giv samtykke") || strings.Contains(page.body, "Træk samtykke tilbage") {
		t.Error("something is said before the member says it")
	}
	if a := member.post("/me/consents", "", "code", "disclosure-minister", "hash", questionHash(f, "member", "disclosure-minister"), "do", "give"); a.status != http.StatusSeeOther {
		t.Fatalf("consenting: %d", a.status)
	}
	if page = member.get("/me/consents"); !strings.Contains(page.body, "Træk samtykke tilbage") {
		t.Error("the consent is not shown")
	}

	anna := as(t, f, "anna")
	typed := func(more ...string) []string {
		return append([]string{
			"who", "other", "as", "minister", "name", "Mona Ministersen", "email", "mona@ministeriet.example", "function", "kirkeminister",
			"unit", "gentofte", "channel", "phone", "purpose", "invitation", "format", "csv",
		}, more...)
	}
	if a := anna.post("/requisitions/new", "", typed("need", "En høring")...); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "står uden for") {
		t.Errorf("inside or outside was not said: %d", a.status)
	}
	if a := anna.post("/requisitions/new", "", typed("outside", "yes")...); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "hvorfor listen er nødvendig") {
		t.Errorf("without a need: %d", a.status)
	}
	if a := anna.post("/requisitions/new", "", typed("outside", "yes", "need", "En høring")...); a.status != http.StatusSeeOther || a.header.Get("Location") != "/requisitions/1" {
		t.Fatalf("asking: %d", a.status)
	}
	page = anna.get("/requisitions/1")
	if !strings.Contains(page.body, "medlemmer er udeladt, fordi der mangler samtykke") || !strings.Contains(page.body, "Mona Ministersen") {
		t.Error("the slip does not say who is left out")
	}
	if !strings.Contains(anna.get("/requisitions").body, "Venter på svar") || !strings.Contains(anna.get("/").body, "/requisitions/1") {
		t.Error("the requisition is no duty, or is not listed")
	}
	if a := anna.post("/requisitions/1/decide", "", "do", "refuse"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("refused without grounds: %d", a.status)
	}
	if a := anna.post("/requisitions/1/decide", "", "do", "approve"); a.status != http.StatusSeeOther {
		t.Fatalf("approving: %d", a.status)
	}
	page = anna.post("/requisitions/1/code", "")
	code := sixDigits.FindString(page.text("main p.typed"))
	if code == "" {
		t.Fatalf("no code is shown: %d %q", page.status, page.text("main"))
	}
	if strings.Contains(anna.get("/requisitions/1").body, code) {
		t.Error("the code is shown twice")
	}
	f.Post()
	shown, err := f.House.Mail.Mailbox(ctx)
	f.Must(err)
	link := ""
	for _, m := range shown {
		if m.Kind == "handout.link" {
			_, link, _ = strings.Cut(m.Body, "/handout?key=")
			link = strings.Fields(link)[0]
		}
	}
	stranger := newBrowser(t, f)
	if a := stranger.ask("/handout?key=1.1-aaaa"); a.status != http.StatusNotFound {
		t.Errorf("a made-up link: %d", a.status)
	}
	file := stranger.post("/handout/fetch", "", "key", link, "code", code)
	if file.status != http.StatusOK || !strings.Contains(file.header.Get("Content-Disposition"), "attachment") || !strings.Contains(file.body, "Søren Åge") {
		t.Errorf("the file: %d %q", file.status, file.body)
	}
	if page = member.get("/me"); !strings.Contains(page.body, "Mona Ministersen, kirkeminister") {
		t.Error("the member is not told by name who has the list")
	}
	if page = member.get("/me/seen"); !strings.Contains(page.body, "Mona Ministersen") {
		t.Error("the log of the member does not name the recipient")
	}
	if a := stranger.post("/handout/attest", "", "key", link, "medium", "digital", "medium", "physical"); a.status != http.StatusSeeOther {
		t.Errorf("attesting: %d", a.status)
	}
	if !strings.Contains(anna.get("/requisitions/1").body, "Destrueret") {
		t.Error("the secretariat does not see that it is destroyed")
	}
	if a := member.post("/me/consents", "", "code", "disclosure-minister", "do", "withdraw"); a.status != http.StatusSeeOther {
		t.Errorf("withdrawing: %d", a.status)
	}
	consents, err := f.Consents.Of(ctx, f.As("member"), f.Person("member"))
	f.Must(err)
	if len(consents) != 1 || consents[0].State(f.Now()) != consent.Withdrawn || consents[0].How != consent.ByWeb || !strings.Contains(consents[0].Asked, "Minister") {
		t.Errorf("the proof is %+v", consents)
	}
	if a := as(t, f, "chair").ask("/requisitions"); a.status != http.StatusForbidden {
		t.Errorf("a chair who pulls lists sees requisitions: %d", a.status)
	}
	all, _, err := f.Handouts.List(ctx, f.As("anna"))
	f.Must(err)
	if _, err := f.Access.Decide(access.Actor{Person: all[0].Person}, access.Want{Self: true}); err != nil {
		t.Error(err)
	}
}

// questionHash is what the page of somebody shows of one question.
func questionHash(f *housetest.Fixture, who, code string) string {
	q, err := f.Consents.Ask(f.Context(), f.Person(who), code, "da")
	f.Must(err)
	return q.Hash
}
