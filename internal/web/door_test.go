package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"kartotek/internal/app/housetest"
	"kartotek/internal/journal"
	"kartotek/internal/signin"
	"kartotek/internal/vault"
)

const olgaMail = "olga@example.dk"

// officerAt makes a membership officer with an e-mail address.
func officerAt(f *housetest.Fixture, name, email string) {
	f.Join(name, "lyngby", map[string]string{"given": "Olga", "family": "Officersen", "email": email, "birth": "03.09.1954"}, false)
	f.Appoint(name, "membership-officer", "lyngby")
}

// byMail signs in with a code, and gives the answer to it.
func (b *browser) byMail(f *housetest.Fixture, email string, more ...string) *answer {
	b.t.Helper()
	began := b.post("/signin", "/signin", "email", email).want(http.StatusSeeOther)
	_, request, _ := strings.Cut(began.header.Get("Location"), "request=")
	return b.post("/signin/code", "/signin/code", append([]string{"request", request, "code", f.Code(email)}, more...)...)
}

var secretText = regexp.MustCompile(`[A-Z2-7]{4}( [A-Z2-7]{4}){7}`)

func appCode(f *housetest.Fixture, secret string) string {
	code, err := totp.GenerateCode(secret, f.Clock.Now())
	f.Must(err)
	return code
}

// setUpApp goes through the guide with an app and gives its secret and the printed
// codes.
func (b *browser) setUpApp(f *housetest.Fixture) (secret string, codes []string) {
	b.t.Helper()
	b.ask("/members").goes("/account/setup")
	b.get("/account/setup").want(http.StatusOK).says("h1", "Før du ser andres oplysninger")
	b.post("/account/app", "/account/setup").goes("/account/app")
	page := b.get("/account/app").want(http.StatusOK)
	if page.first("svg.qr path") == nil {
		b.t.Fatal("no square code")
	}
	secret = strings.ReplaceAll(secretText.FindString(page.text("main")), " ", "")
	b.post("/account/app/confirm", "/account/app", "code", other(appCode(f, secret))).want(http.StatusUnprocessableEntity).says(".error", "Det var ikke koden")
	printed := b.post("/account/app/confirm", "/account/app", "code", appCode(f, secret)).want(http.StatusOK)
	for _, li := range printed.all("ol.codes li") {
		codes = append(codes, squeeze(textOf(li)))
	}
	if len(codes) != 10 {
		b.t.Fatalf("%d recovery codes: %s", len(codes), printed.text("main"))
	}
	b.post("/account/codes/kept", "/account/app").goes("/")
	return secret, codes
}

// other is a code that is not this one.
func other(code string) string {
	last := code[5]
	return code[:5] + string('0'+(last-'0'+5)%10)
}

// Issue 3, the door: an officer makes a second factor before anything else, shows
// it at each sign-in, and a code is good once.
func TestOfficersShowASecondFactor(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		officerAt(f, "olga", olgaMail)
		b := newBrowser(t, f)
		b.byMail(f, olgaMail).goes("/")
		b.ask("/").goes("/account/setup")
		b.get("/me").want(http.StatusOK) // one's own data are every member's
		if nav := b.get("/me").text("nav"); strings.Contains(nav, "Medlemmer") {
			t.Errorf("without a second factor there is a way to members: %s", nav)
		}
		secret, codes := b.setUpApp(f)
		b.get("/members").want(http.StatusOK)

		// At the next sign-in it is asked for. A code that was used is no good.
		f.Clock.Add(time.Minute)
		b = newBrowser(t, f)
		b.byMail(f, olgaMail).goes("/")
		b.ask("/members").goes("/signin/second")
		b.post("/members", "/members", "q", "a").goes("/signin/second")
		used := appCode(f, secret)
		b.post("/signin/second", "/signin/second", "code", used).want(http.StatusSeeOther)
		b.get("/members").want(http.StatusOK)
		again := newBrowser(t, f)
		again.byMail(f, olgaMail)
		again.post("/signin/second", "/signin/second", "code", used).want(http.StatusUnprocessableEntity).says(".error", "brugt")
		again.ask("/members").goes("/signin/second")

		// A printed code lets in once, without strokes and in small letters too.
		typed := strings.ToLower(strings.ReplaceAll(codes[3], "-", " "))
		again.post("/signin/second", "/signin/second", "printed", "yes", "code", typed).goes("/account")
		again.get("/members").want(http.StatusOK)
		third := newBrowser(t, f)
		third.byMail(f, olgaMail)
		third.post("/signin/second", "/signin/second", "printed", "yes", "code", typed).want(http.StatusUnprocessableEntity)

		// The last factor stays while the post is held.
		account := again.get("/account").want(http.StatusOK)
		account.says("p", "9 koder tilbage")
		if account.first(`form[action="/account/factors/1/remove"]`) != nil {
			t.Error("the last factor can be removed")
		}
		again.post("/account/factors/1/remove", "/account").want(http.StatusConflict)
	})
}

// Wrong codes lock the second step for a while, whatever network they come from and
// through a restart; the person is told by mail.
func TestWrongSecondFactorsLock(t *testing.T) {
	f := housetest.New(t)
	officerAt(f, "olga", olgaMail)
	b := newBrowser(t, f)
	b.byMail(f, olgaMail)
	secret, _ := b.setUpApp(f)
	f.Clock.Add(time.Minute)
	b = newBrowser(t, f)
	b.byMail(f, olgaMail)
	for range 4 {
		b.post("/signin/second", "/signin/second", "code", other(appCode(f, secret))).want(http.StatusUnprocessableEntity)
	}
	b.post("/signin/second", "/signin/second", "code", other(appCode(f, secret))).says("main", "for mange gange")
	f.Reopen()
	b = &browser{t: t, handler: newBrowser(t, f).handler, cookies: b.cookies, header: b.header}
	b.post("/signin/second", "/signin/second", "code", appCode(f, secret)).says("main", "for mange gange")
	b.ask("/members").goes("/signin/second")
	if !mailed(f, olgaMail, "forkert kode") {
		t.Error("the person was not told")
	}
	f.Clock.Add(16 * time.Minute)
	b.post("/signin/second", "/signin/second", "code", appCode(f, secret)).want(http.StatusSeeOther)
	b.get("/members").want(http.StatusOK)
}

// mailed reports whether a mail to an address holds some words.
func mailed(f *housetest.Fixture, to, words string) bool {
	f.Post()
	letters, err := f.House.Mail.Mailbox(f.Context())
	f.Must(err)
	for _, l := range letters {
		if l.To == to && strings.Contains(squeeze(l.Body), words) {
			return true
		}
	}
	return false
}

// Somebody who becomes an officer while signed in is asked at the next page.
func TestAMemberWhoBecomesAnOfficerIsAsked(t *testing.T) {
	f := housetest.New(t)
	f.Join("olga", "lyngby", map[string]string{"given": "Olga", "family": "Officersen", "email": olgaMail}, false)
	b := newBrowser(t, f)
	b.byMail(f, olgaMail).goes("/")
	b.get("/me").want(http.StatusOK)
	f.Appoint("olga", "membership-officer", "lyngby")
	b.ask("/members").goes("/account/setup")
	// A session from long ago makes no factor: the mailbox is asked first.
	f.Clock.Add(29 * time.Minute)
	b.get("/me").want(http.StatusOK)
	f.Clock.Add(29 * time.Minute)
	b.get("/me")
	f.Clock.Add(3 * time.Minute)
	b.ask("/account/setup").goes("/account/again")
	b.post("/account/app", "/account/setup").goes("/account/again")
	b.post("/signout/again", "/account/again").goes("/signin?by=code")
	b.byMail(f, olgaMail)
	b.setUpApp(f)
	b.get("/members").want(http.StatusOK)
}

// What is grave asks again, ten minutes after the second factor was shown.
func TestGraveActsAskAgain(t *testing.T) {
	f := housetest.New(t)
	b := newBrowser(t, f)
	b.byMail(f, "grete@parti.example").goes("/")
	secret, _ := b.setUpApp(f)
	b.get("/access/staff").want(http.StatusOK)
	f.Clock.Add(11 * time.Minute)
	b.get("/members").want(http.StatusOK)
	for _, grave := range []string{"/access/handover?unit=gentofte", "/access/staff"} { // a whole board, a position
		b.ask(grave).goes("/signin/second")
	}
	b.get("/signin/second").says("h1", "Vis, at det stadig er dig")
	b.post("/signin/second", "/signin/second", "code", appCode(f, secret)).goes("/access/staff")
	b.get("/access/staff").want(http.StatusOK)
	f.Clock.Add(29 * time.Minute)
	b.post("/access/staff", "/access/staff", "do", "employ").want(http.StatusUnprocessableEntity) // a form takes its time
	f.Clock.Add(2 * time.Minute)
	b.post("/access/staff", "/access/staff", "do", "employ").goes("/signin/second")
	b.post("/access/handover", "/access/handover?unit=gentofte", "unit", "gentofte", "do", "yes").goes("/signin/second")
}

// A remembered device replaces the mail, never the second factor, and is ended from
// the account's page.
func TestARememberedDevice(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		b := newBrowser(t, f)
		b.header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0")
		b.byMail(f, "inger@example.dk", "remember", "yes").goes("/")
		b.get("/account").says("th", "Firefox på Windows")
		b.post("/signout", "/me")
		b.get("/signin").says("button", "Fortsæt uden kode")
		b.post("/signin/device", "/signin").goes("/")
		b.get("/me").says(".who span", "Inger Nabogaard")

		// Another kind of browser with the same cookie is not it.
		stolen := newBrowser(t, f)
		stolen.header.Set("User-Agent", "Mozilla/5.0 (X11; Linux) Chrome/140.0 Safari/537.36")
		stolen.cookies["__Host-device"] = b.cookies["__Host-device"]
		stolen.post("/signin/device", "/signin").want(http.StatusGone)

		// Ended from another session.
		kept := b.cookies["__Host-device"]
		b.post("/account/visits/end", "/account").goes("/account")
		b.post("/signout", "/me")
		b.cookies["__Host-device"] = kept
		b.post("/signin/device", "/signin").want(http.StatusGone)

		// And it ends by itself.
		b.byMail(f, "inger@example.dk", "remember", "yes").goes("/")
		b.post("/signout", "/me")
		f.Clock.Add(31 * 24 * time.Hour)
		b.post("/signin/device", "/signin").want(http.StatusGone)

		officerAt(f, "olga", olgaMail)
		o := newBrowser(t, f)
		o.byMail(f, olgaMail, "remember", "yes").goes("/")
		secret, _ := o.setUpApp(f)
		o.post("/signout", "/me")
		f.Clock.Add(time.Minute)
		o.post("/signin/device", "/signin").goes("/")
		o.ask("/members").goes("/signin/second")
		o.post("/signin/second", "/signin/second", "code", appCode(f, secret)).goes("/members")
	})
}

// Sessions are listed without what would tell the device from others, and ended one
// by one.
func TestSessionsAreListedAndEnded(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		phone, computer := newBrowser(t, f), newBrowser(t, f)
		phone.header.Set("User-Agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1) AppleWebKit Version/18.1 Mobile Safari/604.1")
		phone.byMail(f, "inger@example.dk")
		computer.byMail(f, "inger@example.dk")
		page := computer.get("/account").want(http.StatusOK)
		page.says("th", "Safari på iPhone")
		page.says("th small", "denne enhed")
		page.silent("18_1")
		page.silent("192.0.2.")
		held := computer.get("/me/everything").want(http.StatusOK)
		held.says("h2", "Logget ind")
		held.says("dd", "Safari · iPhone")
		var end string
		for _, form := range page.all("form") {
			if action := attr(form, "action"); regexp.MustCompile(`/account/visits/\d+/end`).MatchString(action) {
				end = action
			}
		}
		computer.post(end, "/account").goes("/account")
		phone.ask("/me").goes("/signin")
		computer.get("/me").want(http.StatusOK)
		// Nobody ends another's.
		stranger := newBrowser(t, f)
		stranger.byMail(f, "karla@example.dk")
		stranger.post(end, "/account").want(http.StatusNotFound)
	})
}

// Two officers who each have met the person let them in again: not one twice, not
// the person, and everything old ends.
func TestRecoveryByTwoOfficers(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		officerAt(f, "olga", olgaMail)
		b := newBrowser(t, f)
		b.byMail(f, olgaMail, "remember", "yes")
		_, codes := b.setUpApp(f)
		olga := f.Keyring.PublicID(f.Person("olga"))
		vouch := func(by *browser, more ...string) *answer {
			return by.post("/access/recover", "/access/recover", append([]string{"person", olga, "do", "vouch"}, more...)...)
		}
		chair := as(t, f, "other chair")
		chair.post("/access/recover", "/access/recover", "do", "find", "q", "olga").want(http.StatusOK).says("label", "Olga Officersen")
		vouch(chair).want(http.StatusUnprocessableEntity).says(".error", "Sæt kryds")
		vouch(chair, "seen", "yes").goes("/access")
		vouch(chair, "seen", "yes").want(http.StatusUnprocessableEntity).says("main", "allerede bekræftet")
		vouch(as(t, f, "chair"), "seen", "yes").want(http.StatusForbidden) // of another body
		vouch(as(t, f, "olga"), "seen", "yes").want(http.StatusForbidden)
		if !mailed(f, olgaMail, "En tillidsperson har bekræftet") {
			t.Error("the person was not told of the first")
		}
		b.get("/members").want(http.StatusOK) // nothing has changed yet
		b.get("/account").says("h2", "Nogen er ved at give dig")
		vouch(as(t, f, "anna"), "seen", "yes").goes("/access")

		way := wayMailed(f, olgaMail)
		lost := newBrowser(t, f)
		lost.post("/signin/way", "/signin/way", "code", "ABCD-EFGH-JKLM-NPQR").want(http.StatusUnprocessableEntity).says(".error", "forkert")
		lost.post("/signin/way", "/signin/way", "code", strings.ToLower(way)).goes("/")
		b.ask("/me").goes("/signin") // the old session
		b.post("/signin/device", "/signin").want(http.StatusGone)
		lost.setUpApp(f)
		lost.get("/members").want(http.StatusOK)
		newBrowser(t, f).post("/signin/way", "/signin/way", "code", way).want(http.StatusUnprocessableEntity)
		f.Clock.Add(time.Minute)
		old := newBrowser(t, f)
		old.byMail(f, olgaMail)
		old.post("/signin/second", "/signin/second", "printed", "yes", "code", codes[0]).want(http.StatusUnprocessableEntity)

		if _, err := f.Journal.Verify(f.Context(), nil); err != nil { // places what waits
			t.Fatal(err)
		}
		for _, act := range []journal.Act{journal.Vouch, journal.Recover, journal.Recovered} {
			found, err := f.Journal.Recent(f.Context(), journal.Filter{Act: act}, journal.Page{})
			f.Must(err)
			if len(found.Lines) == 0 {
				t.Errorf("%s is not in the journal", act)
			}
		}
	})
}

var wayText = regexp.MustCompile(`[A-Z2-9]{4}(-[A-Z2-9]{4}){3}`)

func wayMailed(f *housetest.Fixture, to string) string {
	f.Post()
	letters, err := f.House.Mail.Mailbox(f.Context())
	f.Must(err)
	for _, l := range letters {
		if way := wayText.FindString(l.Body); l.To == to && way != "" {
			return way
		}
	}
	return ""
}

// voucher is somebody of the cast as whoever has met the person.
func voucher(f *housetest.Fixture, name string) signin.Voucher {
	return signin.Voucher{Person: f.Person(name), Via: "web"}
}

// A recovery that nobody asked for is stopped by the person, and runs out by itself.
func TestARecoveryIsStoppedOrRunsOut(t *testing.T) {
	f := housetest.New(t)
	officerAt(f, "olga", olgaMail)
	b := newBrowser(t, f)
	b.byMail(f, olgaMail)
	secret, _ := b.setUpApp(f)
	vouch := func(name string) (bool, error) {
		return f.SignIn.Vouch(f.Context(), voucher(f, name), f.Person("olga"))
	}
	if _, err := vouch("other chair"); err != nil {
		t.Fatal(err)
	}
	b.post("/account/recovery/stop", "/account").goes("/account")
	if sent, err := vouch("anna"); err != nil || sent {
		t.Fatalf("the first after a stop: sent %v, %v", sent, err)
	}
	f.Clock.Add(25 * time.Hour)
	if sent, err := vouch("other chair"); err != nil || sent {
		t.Fatalf("the first had run out: sent %v, %v", sent, err)
	}
	if sent, err := vouch("anna"); err != nil || !sent {
		t.Fatalf("sent %v, %v", sent, err)
	}
	way := wayMailed(f, olgaMail)
	f.Clock.Add(25 * time.Hour)
	newBrowser(t, f).post("/signin/way", "/signin/way", "code", way).want(http.StatusUnprocessableEntity)
	b = newBrowser(t, f)
	b.byMail(f, olgaMail)
	b.post("/signin/second", "/signin/second", "code", appCode(f, secret)).want(http.StatusSeeOther)
}

// Whoever shares a mailbox gives an address of their own before they are an
// officer at the door, and comes in by it alone from then on.
func TestOfficersHaveAnAddressOfTheirOwn(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		f.Join("olga", "lyngby", map[string]string{"given": "Olga", "family": "Officersen", "email": "inger@example.dk", "birth": "03.09.1954"}, false)
		chair := as(t, f, "other chair")
		chair.post("/access/appoint", "/access/appoint", "unit", "lyngby", "do", "find", "q", "olga").says("label span", "Deler e-mailadresse")
		f.Appoint("olga", "membership-officer", "lyngby")
		b := newBrowser(t, f)
		b.byMail(f, "inger@example.dk").goes("/signin/choose")
		olga := f.Keyring.PublicID(f.Person("olga"))
		b.post("/signin/choose", "", "person", olga, "birth", "3.9.1954").goes("/")
		b.ask("/members").goes("/account/address")
		b.ask("/account/setup").goes("/account/address")
		b.post("/account/address", "/account/address", "email", "inger@example.dk").want(http.StatusUnprocessableEntity).says(".error", "du deler")
		b.post("/account/address", "/account/address", "email", olgaMail).goes("/account/address/code")
		b.post("/account/address/confirm", "/account/address/code", "code", "000000").want(http.StatusUnprocessableEntity)
		b.post("/account/address/confirm", "/account/address/code", "code", addressCode(f, olgaMail)).goes("/")
		b.setUpApp(f)
		b.get("/members").want(http.StatusOK)

		// The household's mailbox opens the other's door, and not hers.
		inger := newBrowser(t, f)
		inger.byMail(f, "inger@example.dk").goes("/")
		inger.get("/me").says(".who span", "Inger")
		own := newBrowser(t, f)
		own.byMail(f, olgaMail).goes("/")
		own.ask("/members").goes("/signin/second")

		// Nobody takes another's address.
		karla := newBrowser(t, f)
		karla.byMail(f, "karla@example.dk")
		karla.post("/account/address", "/account/address", "email", olgaMail).goes("/account/address/code")
		karla.post("/account/address/confirm", "/account/address/code", "code", addressCode(f, olgaMail)).want(http.StatusUnprocessableEntity).says("main", "anden i kartoteket")
		if holders, err := f.Keyring.Find(vault.ClaimEmail, olgaMail); err != nil || len(holders) != 1 {
			t.Errorf("the address is held by %v, %v", holders, err)
		}
	})
}

func addressCode(f *housetest.Fixture, to string) string {
	f.Post()
	letters, err := f.House.Mail.Mailbox(f.Context())
	f.Must(err)
	for _, l := range letters {
		if l.To == to && l.Kind == "signin.address" {
			return regexp.MustCompile(`\b\d{6}\b`).FindString(l.Body)
		}
	}
	return ""
}
