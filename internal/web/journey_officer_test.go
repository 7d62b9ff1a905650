package web_test

import (
	"encoding/csv"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"kartotek/internal/web/browsertest"
)

// officer is the membership officer's day: sign in by code, look up, correct, add,
// import, pull a list and destroy it, pass a resignation on.
func officer(t *testing.T, j *journey) {
	tab := j.open(t)
	signInByCode(t, j, tab)

	tab.Says("#duties, main", j.T("duty.kind.destroy-list", "number", 3))
	j.picture(tab, "home")
	j.to(tab, "web.tab.members")
	j.picture(tab, "members")
	searchAsOneTypes(t, j, tab)
	correctCard(t, j, tab)
	addMember(t, j, tab)
	importFile(t, j, tab)
	pullNewsletter(t, j, tab)
	passOn(t, j, tab, passedOn)

	tab.Go(j.T("look.page.sign_out"))
	tab.Visit("/members")
	tab.Says("h1", j.T("web.signin.title"))
}

// signInByCode: an unknown address is answered as the known one; a wrong code
// costs a try and the right one opens.
func signInByCode(t *testing.T, j *journey, tab *browsertest.Tab) {
	t.Helper()
	me := j.login(t, "membership-officer", 0)
	tab.Visit("/")
	j.speak(tab)
	j.picture(tab, "signin")

	tab.Type(j.T("web.signin.email"), "ingen@nowhere.example")
	tab.Go(j.T("web.signin.send"))
	tab.Says("h1", j.T("web.signin.code.title"))
	unknown := tab.Words("body")
	tab.Go(j.T("web.signin.code.change"))
	tab.Type(j.T("web.signin.email"), me.Email)
	tab.Go(j.T("web.signin.send"))
	if words := tab.Words("body"); words != unknown {
		t.Errorf("an unknown address is told apart:\n%s\n%s", unknown, words)
	}

	code := mailedCode(t, j)
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	tab.Type(j.T("web.signin.code.label"), wrong)
	tab.Go(j.T("web.signin.enter"))
	tab.Says(".error-summary", j.T("signin.error.code", "count", 4))
	tab.Type(j.T("web.signin.code.label"), code)
	tab.Go(j.T("web.signin.enter"))
	makeSecondFactor(t, j, tab)
	tab.Says("nav.tabs", j.T("web.tab.members"))
}

// makeSecondFactor: before anything else whoever opens member data connects an app
// and puts printed codes away.
func makeSecondFactor(t *testing.T, j *journey, tab *browsertest.Tab) {
	t.Helper()
	tab.Says("h1", j.T("door.setup.title"))
	j.picture(tab, "setup")
	tab.Go(j.T("door.setup.app_button"))
	secret := strings.ReplaceAll(secretText.FindString(tab.Words("main")), " ", "")
	code, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	tab.Type(j.T("door.app.three"), code)
	tab.Go(j.T("door.app.act"))
	tab.Says("h1", j.T("door.codes.title"))
	tab.Go(j.T("door.codes.done"))
}

// mailedCode reads the newest code in the demo's mailbox, where it comes a moment after
// the answer: an address nobody has is answered as soon.
func mailedCode(t *testing.T, j *journey) string {
	t.Helper()
	mails := j.open(t)
	for range 100 {
		mails.Visit("/mailbox")
		if code := regexp.MustCompile(`\b\d{6}\b`).FindString(mails.Words("main")); code != "" {
			return code
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("no code in the mailbox: %s", mails.Words("main"))
	return ""
}

// searchAsOneTypes: parts of a name in any order, other spellings, a phone number
// and a member number find; nothing typed enters the address.
func searchAsOneTypes(t *testing.T, j *journey, tab *browsertest.Tab) {
	t.Helper()
	for _, search := range []struct{ typed, finds string }{
		{"nie san", "Nielsen, Sanne"},
		{"kjaergaard mik", "Kjærgaard, Mikkel Mohammed"},
		{"KJÆRGÅRD", "Kjærgaard, Mikkel Mohammed"},
		{"åge", "Haddad, Åge"},
		{"aage", "Haddad, Åge"},
		{"10 48 88 96", "Kjærgaard, Mikkel Mohammed"},
		{"100424", "Jepsen, Minh"},
		{"thi.lykke", "Lykke, Thi"},
	} {
		j.keep(search.finds)
		tab.Keys(j.T("search.question"), search.typed)
		tab.Says("[data-region=found] tbody", search.finds)
	}
	tab.Keys(j.T("search.question"), "xyzzy")
	tab.Says("[data-region=found]", j.T("search.nobody_in", "body", "Gentofte"))
	tab.Says("[data-region=found]", j.T("search.nobody_in_text", "body", "Gentofte"))
	j.check(tab)
}

// find searches and opens a card.
func (j *journey) find(tab *browsertest.Tab, name string) {
	tab.Helper()
	j.keep(name)
	words := strings.Fields(name)
	family, given := words[len(words)-1], strings.Join(words[:len(words)-1], " ")
	j.to(tab, "web.tab.members")
	tab.Keys(j.T("search.question"), name)
	if j.noScripts {
		tab.Enter()
	}
	tab.Says("[data-region=found] tbody", family+", "+given)
	tab.Go(family + ", " + given)
	tab.Says("h1", name)
}

// correctCard opens a member's card; what is wrong comes back at its field.
func correctCard(t *testing.T, j *journey, tab *browsertest.Tab) {
	t.Helper()
	j.find(tab, "Thi Lykke")
	tab.Says("main", j.T("card.because.lead"))
	j.picture(tab, "card")
	tab.Go(j.T("card.edit"))
	tab.Type(j.field(t, "mobile"), "12")
	tab.Go(j.T("card.save"))
	tab.Says(".error-summary", j.T("look.problems", "count", 1))
	tab.Until("document.activeElement.className", "error-summary")
	if value := tab.Eval("document.querySelector('#mobile').value"); value != "12" {
		t.Errorf("what was typed came back as %q", value)
	}
	tab.Says(".field.bad", j.field(t, "mobile"))
	tab.Type(j.field(t, "mobile"), "10 11 12 13")
	tab.Go(j.T("card.save"))
	tab.Says("[role=status]", j.T("card.notice.saved"))
	tab.Says("main", "10 11 12 13")
}

func addMember(t *testing.T, j *journey, tab *browsertest.Tab) {
	t.Helper()
	j.keep(added)
	j.to(tab, "web.tab.members")
	tab.Go(j.T("search.new"))
	tab.Type(j.field(t, "given"), "Åse")
	tab.Type(j.field(t, "family"), "Prøvesen")
	tab.Type(j.field(t, "birth"), "3.9.2020") // a child's
	tab.Go(j.T("card.new.create"))
	tab.Says(".error-summary", j.T("member.error.child", "age", 15))
	tab.Type(j.field(t, "birth"), "3.9.1989")
	tab.Go(j.T("card.new.create"))
	tab.Says("[role=status]", j.T("transfer.notice.received", "number", 7))
	tab.Says("tbody", added)
	tab.Says("tbody", j.T("transfer.state.waiting"))
	j.picture(tab, "moving")
	tab.Go(added)
	tab.Says("main", "1989")
	tab.Says("main", j.T("transfer.case.wait_text"))
	j.picture(tab, "moving-case")
}

// imported is a file as a spreadsheet saves it: a column that holds personal
// numbers, and a row with a child's date.
const imported = "Fornavn;Efternavn;Fødselsdato;Mobil;CPR-nr.;Adresse;Postnr.;By\r\n" +
	"Asger;Æblegaard;04-05-1971;+47 40 61 23 45;040571-1237;Ahornvej 3;2820;Gentofte\r\n" +
	"Bente;Æblegaard;17-11-1988;10 22 33 44;171188-1238;Birkevej 4, 2. th.;2820;Gentofte\r\n" +
	"Lille;Æblegaard;01-02-2022;;010222-4321;Cedervej 5;2820;Gentofte\r\n"

// importFile: the column is left out with a notice, the row refused with its
// reason; the refused rows come as a file without the value, are corrected and
// imported again.
func importFile(t *testing.T, j *journey, tab *browsertest.Tab) {
	t.Helper()
	j.keep("Æblegaard", "040571-1237", "01-02-2022")
	j.to(tab, "web.tab.members")
	tab.Go(j.T("search.import"))
	tab.Upload("medlemmer.csv", []byte(imported))
	tab.Go(j.T("import.choose.button"))
	tab.Says(".notice", j.T("import.dropped", "count", 1))
	tab.Says(".notice", j.T("member.import.dropped.identity"))
	tab.Silent("040571")
	j.picture(tab, "import")

	tab.Go(j.T("import.try"))
	tab.Says(".notice", j.T("import.tried.some", "count", 1))
	tab.Go(j.T("import.run"))
	tab.Says(".notice", j.T("import.done.some", "count", 1))
	tab.Says("tbody", j.T("import.refused.line_number", "number", 4))
	tab.Says("tbody", j.T("member.error.child", "age", 15))
	tab.Says("tbody", j.T("member.remedy.child"))

	name, refused := tab.Download(func() { tab.Press(j.T("import.refused.download")) })
	if want := j.T("import.refused.file") + ".csv"; name != want {
		t.Errorf("the refused rows are called %s, want %s", name, want)
	}
	text := string(refused)
	if !strings.Contains(text, "Lille") || strings.Contains(text, "Bente") {
		t.Errorf("the refused rows are not those that were refused: %q", text)
	}
	if strings.Contains(text, "01-02-2022") || strings.Contains(text, "010222") || strings.Contains(text, "2022-02-01") {
		t.Errorf("a refused value stands in the file: %q", text)
	}
	tab.Go(j.T("import.another"))
	tab.Upload("rettet.csv", correct(t, refused))
	tab.Go(j.T("import.choose.button"))
	tab.Says(".notice", j.T("import.dates.title")) // one row does not tell
	tab.Choose(j.T("import.dates.dmy"))
	tab.Go(j.T("import.columns.update"))
	tab.Go(j.T("import.run"))
	tab.Says(".notice", j.T("import.done.all"))
	tab.Says("main", j.T("import.figure.waiting"))
	tab.Go(j.T("import.members"))
	tab.Go(j.T("transfer.link"))
	for _, name := range []string{"Asger", "Bente", "Lille"} {
		tab.Says("tbody", name+" Æblegaard")
	}
}

// correct gives the refused rows an adult's date of birth.
func correct(t *testing.T, refused []byte) []byte {
	t.Helper()
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(refused), "\ufeff")))
	r.Comma, r.FieldsPerRecord = ';', -1
	if !strings.Contains(string(refused), ";") {
		r.Comma = ','
	}
	rows, err := r.ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v: %q", len(rows), err, refused)
	}
	at := slices.Index(rows[0], "Fødselsdato")
	if at < 0 {
		t.Fatalf("the refused rows lost a heading: %q", rows[0])
	}
	rows[1][at] = "01-02-1972"
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Comma = r.Comma
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return []byte(b.String())
}

// pull takes a list out for a purpose and returns its rows, heading first.
func (j *journey) pull(t *testing.T, tab *browsertest.Tab, purpose, number string) [][]string {
	t.Helper()
	j.to(tab, "web.tab.lists")
	tab.Go(j.T("lists.pull.title"))
	tab.Choose(j.purpose(t, purpose))
	tab.Says(".slip", j.purpose(t, purpose))
	tab.Choose(j.T("lists.pull.promise"))
	if purpose == "newsletter" {
		j.picture(tab, "pull", 1330)
	}
	name, file := tab.Download(func() { tab.Press(j.T("lists.pull.act")) })
	if want := j.T("extract.file.list") + "-" + number + "-" + j.T("extract.file.destroy") + "-"; !strings.HasPrefix(name, want) || !strings.HasSuffix(name, ".csv") {
		t.Errorf("the file is called %s, want %s….csv", name, want)
	}
	text, marked := strings.CutPrefix(string(file), "\ufeff")
	if !marked {
		t.Error("a spreadsheet would take the file for another alphabet: no byte order mark")
	}
	r := csv.NewReader(strings.NewReader(text))
	if j.lang == "da" {
		r.Comma = ';'
	}
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// pullNewsletter: the purpose decides what is on the list; then file and paper are
// attested apart.
func pullNewsletter(t *testing.T, j *journey, tab *browsertest.Tab) {
	t.Helper()
	rows := j.pull(t, tab, "newsletter", "4")
	want := []string{
		j.field(t, "given"), j.field(t, "family"), j.field(t, "email"), j.field(t, "unit"),
		j.T("extract.column.list"), j.T("extract.column.recipient"), j.T("extract.column.destroy_by"), j.T("extract.column.line"),
	}
	if !slices.Equal(rows[0], want) {
		t.Errorf("the columns are %q, want %q", rows[0], want)
	}
	if len(rows) < 10 {
		t.Errorf("%d rows", len(rows))
	}
	for _, row := range rows[1:] {
		if row[4] != "4" || row[5] != "Sanne Nielsen" || row[3] != "Gentofte" {
			t.Errorf("a row does not tell what it belongs to: %q", row)
		}
	}
	if !slices.ContainsFunc(rows, func(row []string) bool { return row[0] == "Thi" && row[1] == "Lykke" }) {
		t.Error("a member is missing")
	}

	tab.Go(j.T("lists.pull.mine"))
	j.picture(tab, "lists")
	tab.Go(j.T("web.list", "number", 4))
	tab.Go(j.T("lists.digital.act"))
	tab.Says("[role=status]", j.T("lists.notice.digital", "number", 4))
	tab.Go(j.T("lists.physical.act"))
	tab.Says("[role=status]", j.T("lists.notice.destroyed", "number", 4))
	j.to(tab, "web.tab.lists")
	tab.Says("tbody tr", j.T("web.list", "number", 4))
	tab.Says(".stamp", j.T("lists.destroyed", "date", j.ShortDate(j.house.Access.Today())))
}

func passOn(t *testing.T, j *journey, tab *browsertest.Tab, name string) {
	t.Helper()
	j.find(tab, name)
	tab.Go(j.T("card.pass_on"))
	tab.Choose(j.T("departure.how.phone"))
	tab.Go(j.T("leaving.resign.act"))
	tab.Says("[role=status]", j.T("leaving.notice.passed_on"))
}

// withoutScripts is the officer's main path in a browser that runs no script.
func withoutScripts(t *testing.T, j *journey) {
	tab := j.as(t, j.login(t, "membership-officer", 0).Person)
	j.find(tab, "Minh Jepsen")
	tab.Go(j.T("card.edit"))
	tab.Type(j.field(t, "mobile"), "10 11 12 14")
	tab.Enter()
	tab.Says("[role=status]", j.T("card.notice.saved"))
	j.check(tab)

	if rows := j.pull(t, tab, "newsletter", "4"); len(rows) < 10 {
		t.Errorf("%d rows", len(rows))
	}
	j.to(tab, "web.tab.lists")
	tab.Go(j.T("web.list", "number", 4))
	tab.Go(j.T("lists.physical.act"))
	tab.Says("[role=status]", j.T("lists.notice.physical", "number", 4))

	importFile(t, j, tab)
	passOn(t, j, tab, "Minh Jepsen")
}
