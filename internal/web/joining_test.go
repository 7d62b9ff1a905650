package web_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"kartotek/internal/app/housetest"
)

var secretOfMail = regexp.MustCompile(`/joining/application\?key=([A-Z2-7]{26})`)

// secret is the secret in the newest mail to an address.
func secret(t *testing.T, f *housetest.Fixture, email string) string {
	t.Helper()
	f.Post()
	shown, err := f.Mail.Mailbox(f.Context())
	f.Must(err)
	for _, l := range shown {
		if m := secretOfMail.FindStringSubmatch(l.Body); l.To == email && m != nil {
			return m[1]
		}
	}
	t.Fatal("no mail with a link to " + email)
	return ""
}

func typedBy(f *housetest.Fixture, email string, more ...string) []string {
	return append([]string{
		"given", "Nina", "family", "Nytilkommen", "birth", "1.2.1980", "email", email, "town", "Gentofte", "unit", "gentofte",
		"begun", strconv.FormatInt(f.Now().Add(-time.Minute).Unix(), 10),
	}, more...)
}

// From the open form over the mail to a member, without scripts and without an
// account; the answer to a member's address is byte for byte that to a stranger's.
func TestSomebodyJoins(t *testing.T) {
	f := housetest.New(t)
	stranger := newBrowser(t, f)
	stranger.get("/signin").says("main", "Er du ikke medlem endnu?")
	stranger.get("/join").says("main", "art. 6(1)(b), 9(2)(d)")
	for _, email := range []string{"nina@example.dk", "frode@example.dk"} {
		answer := stranger.post("/join", "/join", typedBy(f, email)...)
		answer.goes("/joining/sent")
	}
	token := secret(t, f, "nina@example.dk")
	own := "/joining/application?key=" + token
	stranger.get(own).says("h1", "Bekræft din adresse")
	stranger.post("/joining/application/confirm", own, "key", token).goes(own)
	stranger.get(own).says("h1", "Venter på svar")

	officer := as(t, f, "officer")
	officer.get("/").says("main", "Svar på ansøgning")
	page := officer.get("/applications")
	page.says("main", "Nina Nytilkommen")
	path := attr(page.first("main td a"), "href")
	officer.get(path).says("main", "Nina Nytilkommen søger om optagelse")
	officer.post(path+"/ask", path, "question", "Hvem kender du hos os?").goes("/applications")
	stranger.get(own).says("main", "Hvem kender du hos os?")
	stranger.post("/joining/application/answer", own, "key", token, "answer", "Ingen endnu").goes(own)
	officer.get(path).says("main", "Ingen endnu")
	officer.post(path+"/decline", path).want(422).says("main", "Vælg en begrundelse")
	officer.get(path).says("main", "Dagen er den samme for alle")
	officer.post(path+"/accept", path).goes(path)
	officer.get(path).says("main", "Ansøgeren bliver medlem")
	stranger.get(own).says("h1", "Svaret er ja")
	f.Clock.Add(7 * 24 * time.Hour)
	f.Must(f.Joining.Work(f.Context()))
	stranger.get(own).says("h1", "Du er medlem")
}

// D11: who may be a member already is asked on their own page, and the secretariat
// says which; to the association the application is like any other.
func TestD11WhoMayBeAMemberIsAskedOnTheirPage(t *testing.T) {
	f := housetest.New(t)
	stranger := newBrowser(t, f)
	typed := typedBy(f, "frode@example.dk")
	typed[1], typed[3] = "Frode", "Fynbo"
	stranger.post("/join", "/join", typed...).goes("/joining/sent")
	token := secret(t, f, "frode@example.dk")
	own := "/joining/application?key=" + token
	stranger.post("/joining/application/confirm", own, "key", token).goes(own)
	f.Must(f.Joining.Work(f.Context()))

	officer := as(t, f, "officer")
	path := attr(officer.get("/applications").first("main td a"), "href")
	officer.get(path).silent("Måske medlem i forvejen")
	member := as(t, f, "odense member")
	page := member.get("/me")
	page.says("main", "Er det dig?")
	page.says("main", "flytter dit medlemskab dertil")
	var claim string
	for _, form := range page.all("main form") {
		if action := attr(form, "action"); strings.HasPrefix(action, "/claim/") {
			claim = action
		}
	}
	member.post(claim, "/me", "answer", "no").goes("/me")
	member.get("/me").silent("Er det dig?")

	office := as(t, f, "anna")
	office.get(path).says("main", "Frode Fynbo")
	office.post(path+"/accept", path).want(422).says("main", "Sig først, om det er samme person")
	person := attr(office.get(path).first(`main input[name="person"]`), "value")
	office.post(path+"/same", path, "person", person).goes(path)
	office.get(path).says("main", "Er medlem i forvejen")
	office.get(path).says("main", "medlemskabet flytter hertil")
	office.post(path+"/accept", path).goes("/applications")
	if !f.Members.Belongs(f.Person("odense member"), f.Bodies["gentofte"]) {
		t.Error("not moved")
	}
}

// What people do not see is filled in by programs only, and kept nowhere; a child
// is refused kindly; what is missing is told at its field.
func TestTheOpenFormRefuses(t *testing.T) {
	f := housetest.New(t)
	stranger := newBrowser(t, f)
	last := f.Keyring.LastPerson()
	stranger.post("/join", "/join", typedBy(f, "nina@example.dk", "website", "http://spam.example")...).goes("/joining/sent")
	stranger.post("/join", "/join", typedBy(f, "nina@example.dk", "x", "y")[0:12]...).want(422)
	child := typedBy(f, "nina@example.dk")
	child[5] = "1.2.2020"
	refused := stranger.post("/join", "/join", child...).want(422)
	refused.says("main", "Intet af det, du skrev, er gemt")
	empty := stranger.post("/join", "/join", "unit", "-", "begun", "1").want(422)
	for _, field := range []string{"given", "birth", "email"} {
		empty.first("#" + field + "-error")
	}
	if f.Keyring.LastPerson() != last {
		t.Error("something was kept")
	}
	stranger.ask("/join/nowhere").want(404)
	stranger.get("/joining/withdrawn").says("h1", "slettet")
}

// To take an application back is one button, and leaves nothing to come back to.
func TestAnApplicantTakesItBack(t *testing.T) {
	f := housetest.New(t)
	stranger := newBrowser(t, f)
	stranger.post("/join/gentofte", "/join/gentofte", typedBy(f, "nina@example.dk")...).goes("/joining/sent")
	token := secret(t, f, "nina@example.dk")
	own := "/joining/application?key=" + token
	stranger.post("/joining/application/withdraw", own, "key", token).goes("/joining/withdrawn")
	stranger.ask(own).want(410)
}
