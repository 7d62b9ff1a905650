package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"kartotek/internal/app/housetest"
)

// tickets are what differs from answer to answer: the secret of the browser.
var tickets = regexp.MustCompile(`[A-Z2-7]{26}`)

// L1: whether an address is in the register shows in no byte of an answer.
func TestUnknownAndKnownAddressesAnswerAlike(t *testing.T) {
	f := housetest.New(t)
	seen := map[string]string{}
	for _, email := range []string{"inger@example.dk", "ingen@example.dk"} {
		b := newBrowser(t, f)
		began := b.post("/signin", "/signin", "email", email).want(http.StatusSeeOther)
		page := b.get(began.header.Get("Location")).want(http.StatusOK)
		request := attr(page.first(`input[name="request"]`), "value")
		wrong := b.post("/signin/code", "/signin/code", "request", request, "code", "000000").want(http.StatusUnprocessableEntity)
		var all strings.Builder
		for _, a := range []*answer{began, page, wrong} {
			a.header.Write(&all)
			all.WriteString(a.body)
		}
		seen[email] = tickets.ReplaceAllString(all.String(), "TICKET")
		if strings.Contains(all.String(), email) {
			t.Errorf("an answer repeats %s", email)
		}
	}
	if seen["inger@example.dk"] != seen["ingen@example.dk"] {
		t.Errorf("the answers differ:\n%s\n%s", seen["inger@example.dk"], seen["ingen@example.dk"])
	}
}

func TestSignInByCode(t *testing.T) {
	f := housetest.New(t)
	b := newBrowser(t, f)
	b.post("/signin", "/signin", "email", "ikke en adresse").want(http.StatusUnprocessableEntity).says(".error", "e-mail")

	began := b.post("/signin", "/signin", "email", "inger@example.dk").want(http.StatusSeeOther)
	code, link := lastCode(f)
	// Mail scanners open links: that spends nothing.
	for range 3 {
		scanner := newBrowser(t, f)
		scanner.get(link).want(http.StatusOK)
	}
	request, err := url.Parse(began.header.Get("Location"))
	f.Must(err)
	b.post("/signin/code", "", "request", request.Query().Get("request"), "code", code[:3]+" "+code[3:]).goes("/")
	me := b.get("/").want(http.StatusOK)
	if got := me.text("main h1"); got != "Min side" { // who holds nothing lands there
		t.Errorf("landed on %q", got)
	}
	if got := me.text(".who span"); !strings.Contains(got, "Inger Nabogaard") {
		t.Errorf("signed in as %q", got)
	}
	b.post("/signin/code", "", "request", request.Query().Get("request"), "code", code).want(http.StatusGone).says("h1", "Log ind")

	b.post("/signout", "/me").goes("/signin")
	b.ask("/me").goes("/signin")
}

// lastCode waits for the newest mail of the demo and reads the code and the
// link's path.
func lastCode(f *housetest.Fixture) (code, link string) {
	f.Mail.Start()
	defer f.Mail.Stop(f.Context())
	for range 200 {
		letters, err := f.Mail.Mailbox(f.Context())
		f.Must(err)
		for _, l := range letters {
			if l.Kind == "signin.code" {
				at, _ := url.Parse(regexp.MustCompile(`https://\S+`).FindString(l.Body))
				return regexp.MustCompile(`\b\d{6}\b`).FindString(l.Body), at.RequestURI()
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	return "", ""
}

// Several persons share an address: who it is needs what only that person knows.
func TestSharedAddressNeedsASecondCheck(t *testing.T) {
	f := housetest.New(t)
	shared := map[string]string{"given": "Ida", "family": "Sammen", "email": "inger@example.dk", "birth": "03.09.1974"}
	f.Join("ida", "gentofte", shared, false)
	b := newBrowser(t, f)
	began := b.post("/signin", "/signin", "email", "inger@example.dk")
	code, _ := lastCode(f)
	at, err := url.Parse(began.header.Get("Location"))
	f.Must(err)
	before := b.cookies["__Host-kartotek"]
	b.post("/signin/code", "", "request", at.Query().Get("request"), "code", code).goes("/signin/choose")
	if b.cookies["__Host-kartotek"] == before {
		t.Error("the session kept its token")
	}
	choose := b.get("/signin/choose").want(http.StatusOK)
	choose.says("label", "Ida")
	choose.says("label", "Inger")
	choose.silent("Sammen")      // given names only
	b.ask("/me").goes("/signin") // half a sign-in opens nothing
	ida := f.Keyring.PublicID(f.Person("ida"))
	b.post("/signin/choose", "", "birth", "3.9.1974").want(http.StatusUnprocessableEntity).says(".error", "Vælg, hvem du er")
	b.post("/signin/choose", "", "person", ida, "birth", "igår").want(http.StatusUnprocessableEntity).says(".error", "datoen")
	b.post("/signin/choose", "", "person", ida, "birth", "4.9.1974").want(http.StatusUnprocessableEntity).says(".error", "forsøg")
	half := b.cookies["__Host-kartotek"]
	b.post("/signin/choose", "", "person", ida, "birth", "3.9.1974").goes("/")
	if b.cookies["__Host-kartotek"] == half {
		t.Error("the session kept its token")
	}
	b.get("/me").says(".who span", "Ida Sammen")
}

// A demo link shows a button; only the button spends it.
func TestDemoLinksSpendOnPostOnly(t *testing.T) {
	f := housetest.New(t)
	token, err := f.SignIn.DemoLink(f.Context(), f.Person("member"))
	f.Must(err)
	for range 3 {
		newBrowser(t, f).get("/demo/"+token).want(http.StatusOK).says("button", "Log ind")
	}
	newBrowser(t, f).post("/demo/"+token, "").goes("/")
	newBrowser(t, f).get("/demo/" + token).want(http.StatusGone)
	newBrowser(t, f).post("/demo/"+token, "").want(http.StatusGone)
}
