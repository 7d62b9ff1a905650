package web_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/app/housetest"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
	"kartotek/internal/web"
	"kartotek/internal/web/browsertest"
)

// TestHalfAYear drives the clock from a general meeting to the second review of the
// year (D2, D6–D9, D12–D15): an association with three busy volunteers on their phones,
// the chair of its storkreds, and the secretariat at a desk. Everything is done on pages;
// between them the house does its daily work. What leaves as a file is read by
// LibreOffice or poppler.
func TestHalfAYear(t *testing.T) {
	t.Parallel()
	y := spring(t, time.Date(2027, 2, 1, 9, 0, 0, 0, time.UTC))
	for _, scene := range []struct {
		name string
		play func(*testing.T, *half)
	}{
		{"the meeting is called", called},
		{"the evening of the meeting", evening},
		{"the review of the spring", springReview},
		{"a list, late", lateList},
		{"the storkreds gets a list and sends a message", storkreds},
		{"a grant for one task", task},
		{"somebody leaves", leaves},
		{"the review of the autumn", autumnReview},
		{"the year on paper", papers},
	} {
		if !t.Run(scene.name, func(t *testing.T) { scene.play(t, y) }) {
			t.FailNow() // the scenes build on each other
		}
	}
}

// half is half a year in a house.
type half struct {
	*housetest.Fixture
	*locale.Printer
	chromium *browsertest.Browser
	base     string
}

func spring(t *testing.T, begin time.Time) *half {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	y := &half{Printer: locale.For("da"), chromium: browsertest.Start(t), base: "http://" + listener.Addr().String()}
	y.Fixture = housetest.New(t, housetest.At(begin), func(c *app.Config) { c.URL, c.Demo = y.base, true })
	y.Join("without e-mail", "gentofte", map[string]string{
		"given": "Herluf", "family": "Brevgaard", "address": "Ellevej 9", "postal": "2820", "town": "Gentofte",
	}, false)
	pages, err := web.New(y.House)
	y.Must(err)
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: pages}}
	server.Start()
	t.Cleanup(server.Close)
	return y
}

// until lets the time go by, up to nine in the morning of a day: a turn of the scheduled
// work each week, as after a holiday, and each of the last three days.
func (y *half) until(month time.Month, day int) {
	end := time.Date(2027, month, day, 9, 0, 0, 0, time.UTC)
	for now := y.Clock.Now(); now.Before(end); now = y.Clock.Now() {
		y.Clock.Set(now.AddDate(0, 0, max(1, min(7, int(end.Sub(now).Hours()/24)-2))))
		if y.Clock.Now().After(end) {
			y.Clock.Set(end)
		}
		y.Turn(y.Context())
	}
	y.Post()
}

// phone opens a volunteer's phone, desk somebody's window in the secretariat.
func (y *half) phone(t *testing.T, name string) *browsertest.Tab { return y.open(t, name, 390, true) }
func (y *half) desk(t *testing.T, name string) *browsertest.Tab  { return y.open(t, name, 1280, false) }

func (y *half) open(t *testing.T, name string, width int64, phone bool) *browsertest.Tab {
	t.Helper()
	tab := y.anybody(t, width, phone)
	token, err := y.SignIn.DemoLink(y.Context(), y.Person(name))
	y.Must(err)
	tab.Visit("/demo/" + token)
	speakDanish(tab)
	tab.Go(y.T("web.signin.enter"))
	tab.Arrived = func(tab *browsertest.Tab) {
		if wide := tab.Eval("document.documentElement.scrollWidth > window.innerWidth"); wide != "false" {
			tab.Errorf("%s is wider than the window", tab.Path())
		}
	}
	return tab
}

func (y *half) anybody(t *testing.T, width int64, phone bool) *browsertest.Tab {
	t.Helper()
	return y.chromium.Open(t, browsertest.Options{Base: y.base, Width: width, Height: 844, Phone: phone, Forgive: forgiven})
}

// mailed waits until a mail with some words has come to an address, and gives its text.
func (y *half) mailed(t *testing.T, to, words string) string {
	t.Helper()
	y.Post()
	all, err := y.House.Mail.Mailbox(y.Context())
	y.Must(err)
	for i := range all {
		if all[i].To == to && strings.Contains(all[i].Subject+"\n"+all[i].Body, words) {
			return all[i].Body
		}
	}
	t.Fatalf("no mail to %s says %q", to, words)
	return ""
}

func called(t *testing.T, y *half) {
	chair := y.phone(t, "chair")
	chair.Visit("/meetings")
	chair.Go(y.T("meeting.page.plan"))
	chair.Type(y.T("meeting.plan.day"), "10.03.2027")
	chair.Type(y.T("meeting.plan.clock"), "19.00")
	chair.Type(y.T("meeting.plan.place"), "Forsamlingshuset, Ellevej 3")
	chair.Go(y.T("meeting.plan.act"))
	chair.Says("main", "24. februar 2027") // two weeks before, at the latest
	chair.Go(y.T("meeting.write.link"))
	chair.Go(y.T("meeting.write.act"))
	chair.Go(y.T("mailing.page.send_own"))
	y.Must(y.Mailings.Work(y.Context()))
	y.mailed(t, "soeren.quistorff@example.dk", "Forsamlingshuset")
	y.until(2, 2)
	chair = y.phone(t, "chair")
	chair.Visit("/meetings")
	chair.Says("main", y.T("meeting.state.noticed"))
	letters := y.desk(t, "anna")
	letters.Visit("/letters") // to those without e-mail
	letters.Says("main", "Herluf Brevgaard")
}

// evening elects a new chair; the officer and the treasurer go on.
func evening(t *testing.T, y *half) {
	y.until(3, 10)
	chair := y.phone(t, "chair")
	chair.Visit("/meetings")
	chair.GoIn("main", y.T("meeting.kind.ordinary"))
	meeting := chair.Path()
	_, sheet := chair.Download(func() { chair.Press(y.T("meeting.sheet.act")) })
	if text := paperText(t, sheet); !strings.Contains(text, "Østergård-Quistorff") || !strings.Contains(text, "Destrueres senest") {
		t.Errorf("the sheet says: %s", text)
	}
	chair.Visit(meeting + "/votes/1")
	chair.Type(y.T("rights.find.label"), "inger nabogaard")
	chair.Go(y.T("rights.find.act"))
	chair.Go(y.T("meeting.vote.stand_act"))
	chair.Visit(meeting)
	chair.Go(y.T("meeting.open.act"))
	chair.Go(y.T("meeting.page.roll"))
	for _, name := range []string{"carl", "herluf", "søren"} {
		chair.Type(y.T("meeting.roll.name"), name)
		chair.Go(y.T("rights.find.act"))
		chair.Go(y.T("meeting.roll.tick.came_ballot"))
	}
	chair.Visit(meeting + "/votes/1")
	chair.Choose(y.T("meeting.count.unopposed"))
	chair.Go(y.T("meeting.count.act"))
	for _, vote := range []string{"2", "3"} {
		chair.Visit(meeting + "/votes/" + vote)
		chair.Go(y.T("meeting.vote.drop_act"))
	}
	chair.Go(y.T("meeting.board.act"))
	chair.Says("main", "Inger Nabogaard")
	chair.Go(y.T("rights.handover.show"))
	chair.Go(y.T("rights.handover.act"))
	chair.Says("[role=status]", y.T("rights.notice.handed_over"))
	chair.Says("main", "Én medlemsliste er stadig hos dig") // the sheet; the access has gone over
	chair.Visit("/lists/destroyed")
	chair.Choose(y.T("lists.all.promise"))
	chair.Go(y.T("lists.all.act"))
	chair = y.phone(t, "neighbour")
	chair.Visit(meeting)
	_, record := chair.Download(func() { chair.Press(y.T("meeting.page.protocol")) })
	if text := paperText(t, record); !strings.Contains(text, "Inger Nabogaard, valgt") {
		t.Errorf("the record of votes says: %s", text)
	}
	chair.Type(y.T("meeting.page.minutes"), "Protokollen, side 12")
	chair.Go(y.T("meeting.close.act"))
	chair.Says("[role=status]", y.T("meeting.notice.closed"))
	y.until(3, 12)
	if slices.Contains(y.Access.WithAccess(), y.Person("chair")) {
		t.Error("the old chair still has access")
	}
}

// springReview opens by itself. The association answers for its own from two phones,
// since nobody answers for themselves; what Lyngby leaves is suspended.
func springReview(t *testing.T, y *half) {
	y.until(4, 2)
	chair := y.phone(t, "neighbour")
	chair.Says("main", y.T("duty.kind.answer-review", "number", 1))
	y.answer(t, chair, "1")
	y.answer(t, y.phone(t, "officer"), "1")
	y.answer(t, y.desk(t, "anna"), "1", "lyngby")
	y.answer(t, y.desk(t, "bo"), "1", "lyngby")
	y.until(5, 17)
	lyngby := y.phone(t, "other chair")
	lyngby.Visit("/members")
	lyngby.Says("main", y.T("access.denied.halted"))
	y.closeReview(t, "1")
	lyngby.Visit("/members")
	lyngby.Says("h1", y.T("search.title"))
}

// answer confirms what somebody may answer for, with a reason where something was
// found, but leaves some bodies.
func (y *half) answer(t *testing.T, tab *browsertest.Tab, review string, but ...string) {
	t.Helper()
	tab.Visit("/reviews/" + review)
	for _, body := range y.links(t, tab, "/body/") {
		if slices.ContainsFunc(but, func(code string) bool { return strings.HasSuffix(body, "/"+code) }) {
			continue
		}
		tab.Visit(body)
		for _, line := range y.links(t, tab, "/review-lines/") {
			tab.Visit(line)
			if !tab.Offers(y.T("review.page.confirm")) {
				continue
			}
			if tab.Count("textarea[name=reason]") > 0 {
				tab.Type(y.T("review.record.reason"), "Vi har talt om det på bestyrelsesmødet")
			}
			tab.Go(y.T("review.page.confirm"))
		}
	}
}

func (y *half) links(t *testing.T, tab *browsertest.Tab, part string) []string {
	t.Helper()
	found, err := browsertest.Read[[]string](tab, `[...new Set([...document.querySelectorAll('main tbody a[href*="`+part+`"]')].map((a) => a.pathname + a.search))]`)
	y.Must(err)
	return found
}

// closeReview answers for what is left, with two in the secretariat, and closes.
func (y *half) closeReview(t *testing.T, number string) string {
	t.Helper()
	office := y.desk(t, "anna")
	y.answer(t, office, number)
	y.answer(t, y.desk(t, "bo"), number)
	office.Visit("/reviews/" + number)
	office.Go(y.T("review.page.close"))
	office.Says("[role=status]", y.T("review.notice.closed"))
	_, report := office.Download(func() { office.Press(y.T("review.page.report", "language", "Dansk")) })
	text := paperText(t, report)
	if !strings.Contains(text, "Inger Nabogaard") {
		t.Errorf("the report says: %s", text)
	}
	return text
}

// lateList is pulled as a workbook, forgotten, and in the way of the next.
func lateList(t *testing.T, y *half) {
	y.until(5, 18)
	officer := y.phone(t, "officer")
	officer.Visit("/lists/pull")
	officer.Choose("Nyhedsbrev")
	officer.Choose(y.T("extract.format.xlsx"))
	officer.Choose(y.T("lists.pull.promise"))
	_, workbook := officer.Download(func() { officer.Press(y.T("lists.pull.act")) })
	if cells := calcText(t, workbook); !strings.Contains(cells, "Østergård-Quistorff") || !strings.Contains(cells, "inger@example.dk") {
		t.Errorf("the workbook says: %s", cells)
	}
	y.until(5, 27)
	officer = y.phone(t, "officer")
	officer.Says("main", y.T("duty.kind.destroy-list", "number", 2))
	officer.Visit("/lists/pull")
	officer.Says("main", y.T("lists.late.text"))
	officer.Visit("/lists/destroyed")
	officer.Choose(y.T("lists.all.promise"))
	officer.Go(y.T("lists.all.act"))
	officer.Says("[role=status]", y.T("lists.notice.all", "number", 1))
	officer.Visit("/lists/pull")
	officer.Silent(y.T("lists.late.text"))
}

// storkreds is handed a list, and says the next thing without one (D13).
func storkreds(t *testing.T, y *half) {
	y.Must(y.Members.SetOwnEmail(y.Context(), y.Scope("regional chair", access.Want{Self: true}), "rolf@example.dk"))
	y.until(6, 1)
	chair := y.phone(t, "regional chair")
	chair.Visit("/requisitions/new")
	chair.Choose("Invitation")
	chair.Choose(y.T("extract.format.xlsx"))
	chair.Type(y.T("handout.record.need"), "Indbydelse til storkredsens grundlovsfest")
	chair.Go(y.T("handout.form.act"))
	office := y.desk(t, "anna")
	office.Visit("/requisitions/1")
	office.Go(y.T("handout.page.approve"))
	office.Says("[role=status]", y.T("handout.notice.approved"))
	mail := y.mailed(t, "rolf@example.dk", "/handout?key=")
	_, key, _ := strings.Cut(mail, "/handout?key=")
	anywhere := y.anybody(t, 390, true)
	anywhere.Visit("/signin")
	speakDanish(anywhere)
	anywhere.Visit("/handout?key=" + strings.Fields(key)[0])
	anywhere.Go(y.T("handout.own.send"))
	y.Post()
	anywhere.Type(y.T("handout.own.code"), sixDigits.FindString(y.mailed(t, "rolf@example.dk", "15 minutter")))
	_, workbook := anywhere.Download(func() { anywhere.Press(y.T("handout.own.fetch")) })
	if cells := calcText(t, workbook); !strings.Contains(cells, "Yding") || strings.Contains(cells, "Fynbo") {
		t.Errorf("the storkreds got: %s", cells)
	}
	anywhere.Go(y.T("handout.own.reload"))
	anywhere.Choose(y.T("handout.own.digital"))
	anywhere.Choose(y.T("handout.own.physical"))
	anywhere.Go(y.T("handout.own.attest_act"))
	anywhere.Says("main", y.T("handout.own.thanks"))

	chair.Visit("/mailings")
	chair.Go(y.T("mailing.page.new"))
	chair.Choose("Invitation")
	chair.Type(y.T("mailing.page.subject"), "Kom til sommermøde")
	chair.Type(y.T("mailing.page.text"), "Vi mødes i haven den 12. juni.")
	chair.Go(y.T("mailing.page.save"))
	chair.Go(y.T("mailing.page.submit"))
	office.Visit(chair.Path())
	office.Go(y.T("mailing.page.approve"))
	y.Must(y.Mailings.Work(y.Context()))
	y.mailed(t, "yrsa@example.dk", "Vi mødes i haven")
}

// task is a grant that ends by itself (D9).
func task(t *testing.T, y *half) {
	y.until(6, 2)
	chair := y.phone(t, "neighbour")
	chair.Visit("/access/grants")
	chair.Go(y.T("grant.page.propose"))
	chair.Type(y.T("rights.find.label"), "søren")
	chair.Go(y.T("rights.find.act"))
	chair.Choose("Søren Åge")
	chair.Type(y.T("grant.record.task"), "Ringer rundt før valget")
	chair.Type(y.T("grant.record.ground"), "Bestyrelsen kan ikke nå alle opkald selv")
	chair.Choose("Medlemsarbejde")
	chair.Choose("Fornavn")
	chair.Type(y.T("rights.term.until"), "31.08.2027")
	chair.Go(y.T("grant.page.act"))
	officer := y.phone(t, "officer")
	officer.Visit("/access/grants/1")
	officer.Choose(y.T("grant.page.yes"))
	officer.Choose(y.T("grant.meeting.board"))
	officer.Type(y.T("grant.record.minutes"), "Referat, punkt 4")
	officer.Type(y.T("grant.record.reason"), "Kun navnene")
	officer.Choose(y.T("grant.page.apart", "name", strings.TrimSuffix(officer.Words("h1"), ", Gentofte")))
	officer.Go(y.T("grant.page.enter"))
	officer.Says("[role=status]", y.T("grant.notice.decided"))
	if !slices.Contains(y.Access.WithAccess(), y.Person("member")) {
		t.Error("the grant gives nothing")
	}
}

// leaves is a member who resigns, is closed and erased.
func leaves(t *testing.T, y *half) {
	y.until(7, 1)
	if _, err := y.Keyring.Find(vault.ClaimEmail, "karla@example.dk"); err != nil {
		t.Fatal(err)
	}
	member := y.phone(t, "secret")
	member.Visit("/me/leave")
	member.Go(y.T("web.leave.button"))
	office := y.desk(t, "anna")
	office.Visit("/leaving")
	office.GoBeside("Karla Skjult", y.T("leaving.treat"))
	reason, _ := y.Charter.Reason("resignation")
	office.Choose(reason.Name.In("da"))
	office.Go(y.T("leaving.close.act"))
	office.Says("[role=status]", y.T("leaving.notice.closed"))
	y.until(7, 8)
	if persons, err := y.Keyring.Find(vault.ClaimEmail, "karla@example.dk"); err != nil || len(persons) > 0 {
		t.Errorf("a week later the keyring finds %d, %v", len(persons), err)
	}
	office = y.desk(t, "anna")
	office.Visit("/leaving")
	office.Silent("Karla")
}

// autumnReview is the second of the year, and compared with the first.
func autumnReview(t *testing.T, y *half) {
	y.until(10, 2)
	if slices.Contains(y.Access.WithAccess(), y.Person("member")) {
		t.Error("the grant has not ended by itself")
	}
	y.answer(t, y.phone(t, "neighbour"), "2")
	y.answer(t, y.phone(t, "officer"), "2")
	report := y.closeReview(t, "2")
	if !strings.Contains(report, "Ved siden af står tallene fra kontrol 1") {
		t.Errorf("the report does not compare: %s", report)
	}
}

// papers are what the year leaves behind: the procedure, the year and the figures.
func papers(t *testing.T, y *half) {
	anybody := y.anybody(t, 390, true)
	anybody.Visit("/procedure")
	speakDanish(anybody)
	_, procedure := anybody.Download(func() { anybody.Press(y.T("procedure.page.file")) })
	if text := paperText(t, procedure); !strings.Contains(text, y.T("procedure.d14.title")) {
		t.Errorf("the procedure says: %s", text)
	}
	office := y.desk(t, "anna")
	office.Visit("/reports")
	_, figures := office.Download(func() { office.Press("Regneark") })
	if cells := calcText(t, figures); !strings.Contains(cells, "Medlemmer") || !strings.Contains(cells, "2027") {
		t.Errorf("the figures say: %s", cells)
	}
	office.Visit("/year")
	office.Says("main", y.T("duty.kind.answer-review", "number", 2))
}

// calcText is a workbook's first sheet as LibreOffice reads it.
func calcText(t *testing.T, file []byte) string {
	t.Helper()
	program, err := exec.LookPath("soffice")
	if err != nil {
		program, err = exec.LookPath("libreoffice")
	}
	if err != nil {
		t.Fatal("LibreOffice was not found in PATH")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "list.xlsx")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, "-env:UserInstallation=file://"+filepath.Join(dir, "user"), "--headless",
		"--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76", "--outdir", dir, path)
	command.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "list.csv"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
