package web_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
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

// A day's work with what ends, on a phone: the plan, why something is kept of
// somebody, a sweep that would take too much and two persons who agree to it; then an
// erasure that is held, renewed by another and ended by a third decision (N14, D7,
// GDPR Art. 17(3)).
func TestN14WhatEndsAndWhatWaitsOnAPhone(t *testing.T) {
	t.Parallel()
	chromium := browsertest.Start(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + listener.Addr().String()
	f := housetest.New(t, housetest.At(time.Now()), func(c *app.Config) { c.URL, c.Demo = base, true })
	pages, err := web.New(f.House)
	f.Must(err)
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: pages}}
	server.Start()
	t.Cleanup(server.Close)
	p := locale.For("da")
	as := func(who string) *browsertest.Tab {
		tab := chromium.Open(t, browsertest.Options{Base: base, Width: 390, Height: 844, Phone: true, Forgive: forgiven})
		token, err := f.SignIn.DemoLink(f.Context(), f.Person(who))
		f.Must(err)
		tab.Visit("/demo/" + token)
		speakDanish(tab)
		tab.Go("Log ind")
		return tab
	}
	for i := range 26 { // somebody has closed a whole file
		person := f.Join(fmt.Sprint("crowd ", i), "odense", map[string]string{"given": "Nr", "family": fmt.Sprint("Nummer", i)}, false)
		_, err := f.Departures.Close(f.Context(), f.As("anna"), person, "resignation", false)
		f.Must(err)
	}
	f.Must(f.Retention.Sweep(f.Context(), true))

	anna := as("anna")
	administration := func(tab *browsertest.Tab) {
		tab.Helper()
		tab.PressIn("nav.tabs", p.T("look.page.all"))
		tab.GoIn(".menu-list", p.T("admin.title"))
	}
	administration(anna)
	anna.Says("p.lead", "Én ting bør ses efter")
	audit(anna)
	anna.GoIn("main", p.T("retention.title"))
	anna.Press(p.T("retention.count_now"))
	anna.Says("[role=status]", p.T("retention.notice.planned"))
	anna.Says("tbody", "26")
	audit(anna)
	anna.Visit(card(f, "neighbour") + "/why")
	anna.Says("tbody tr", "Medlemskab")
	audit(anna)

	anna.Visit("/retention")
	anna.GoIn("main tbody", p.T("retention.rule.membership.name"))
	anna.Says("main", "Nummer7")
	audit(anna)
	anna.Go(p.T("retention.brake.approve"))
	anna.Says("[role=status]", p.T("retention.notice.first"))
	taken := func() (count int) {
		status, err := f.Retention.Look(f.Context(), f.As("anna"))
		f.Must(err)
		for _, run := range status.Runs {
			count += run.Taken
		}
		return count
	}
	f.Must(f.Retention.Sweep(f.Context(), true))
	if taken() != 0 {
		t.Error("one of two was enough")
	}
	bo := as("bo")
	bo.GoIn("main", p.T("duty.act.sweep-brake"))
	bo.Says("main", p.T("retention.brake.state_first"))
	bo.Go(p.T("retention.brake.approve"))
	bo.Says("[role=status]", p.T("retention.notice.approved"))
	f.Clock.Add(73 * time.Hour)
	f.Must(f.Retention.Sweep(f.Context(), true))
	if taken() != 26 {
		t.Errorf("%d are gone after two agreed", taken())
	}

	// One erasure waits for a claim.
	_, err = f.Departures.Close(f.Context(), f.As("anna"), f.Person("member"), "resignation", false)
	f.Must(err)
	held := "/holds/" + f.Keyring.PublicID(f.Person("member"))
	anna = as("anna") // the days that passed have signed her out
	anna.Visit(held)
	anna.Type(p.T("leaving.hold.grounds"), "Et krav om erstatning er rejst ved retten")
	anna.Type(p.T("leaving.hold.until"), "1.2.2020")
	anna.Choose(p.T("departure.hold.claim"))
	anna.Go(p.T("leaving.hold.act"))
	anna.Says(".error-summary", "")
	audit(anna)
	anna.Type(p.T("leaving.hold.until"), p.ShortDate(f.Access.Today().AddDays(60)))
	anna.Go(p.T("leaving.hold.act"))
	anna.Says("[role=status]", p.T("leaving.notice.held"))
	anna.Says("tbody tr", "Østergård-Quistorff")
	audit(anna)
	bo = as("bo")
	administration(bo)
	bo.GoIn("main", p.T("leaving.hold.list"))
	bo.GoIn("main tbody", "Søren Åge")
	bo.Type(p.T("leaving.hold.renew_grounds"), "Sagen er udsat til efteråret, siger retten")
	bo.Type(p.T("leaving.hold.until"), p.ShortDate(f.Access.Today().AddDays(120)))
	bo.GoIn("form[action$=renew]", p.T("leaving.hold.renew"))
	bo.Says("[role=status]", p.T("leaving.notice.renewed"))
	anna.Visit(held)
	anna.Type(p.T("leaving.hold.end_grounds"), "Kravet er opgivet i et brev til os")
	anna.Go(p.T("leaving.hold.end"))
	anna.Says("[role=status]", p.T("leaving.notice.lifted"))
	anna.Silent("Quistorff")
}

// Holders outside on a phone, from the demo as it is: the secretariat declares one
// and tells all of an erasure; the printer answers its link without an account; a
// member sees who was told of a correction; and whoever keeps the dues sees what the law
// keeps of whoever has gone, and nobody else does (L3, L7, GDPR Art. 19).
func TestL3HoldersAndAccountsOnAPhone(t *testing.T) {
	t.Parallel()
	chromium := browsertest.Start(t)
	j := set(t, chromium, trip{lang: "da", width: 390, height: 844, phone: true})
	office := j.as(t, j.login(t, "secretariat", 0).Person)
	j.to(office, "admin.title")
	office.GoIn("main", j.T("notice.holders.title"))
	office.Says("tbody", "Trykkeriet Vesterport")
	office.Type(j.T("notice.form.name"), "Etikettryk")
	office.Type(j.T("notice.form.country"), "DK")
	office.Choose(j.T("notice.role.processor"))
	office.Choose(j.T("notice.tells.lists"))
	office.Type(j.T("notice.form.basis"), "Databehandleraftale af 1. marts 2026")
	office.Type(j.T("notice.form.email"), "ordre@etikettryk.example")
	office.Go(j.T("notice.holders.add"))
	office.Says("[role=status]", j.T("notice.done.added"))
	office.Says("h1", "Etikettryk")

	// The member who is shown was corrected, and sees on their own page who was told.
	member := j.login(t, "member", 0).Person
	own := j.as(t, member)
	own.Says("main", j.T("notice.me.title"))
	own.Says("main", "Trykkeriet Vesterport")
	j.erase(t, member, j.house.Charter.Reasons[0].Code)
	j.to(office, "admin.title")
	office.GoIn("main", j.T("notice.list.title"))
	office.Go(j.T("notice.list.send"))
	office.Says("[role=status]", strings.Split(j.T("notice.done.sent", "number", 2), "2")[0])
	list, err := j.house.Notices.List(t.Context(), access.Actor{Person: j.login(t, "secretariat", 0).Person, Via: access.Web}, "told", 1, 4)
	if err != nil || len(list.Notices) == 0 {
		t.Fatalf("%+v %v", list, err)
	}

	// The printer opens the link in its mail, which names nobody.
	outside := j.open(t)
	outside.Arrived = nil
	outside.Visit("/mailbox")
	link := outside.Eval(`[...document.body.innerText.matchAll(/\/notice\?key=[^\s]+/g)].map((m) => m[0])[0] ?? ''`)
	if link == "" {
		t.Fatal("no mail to a holder")
	}
	outside.Visit(link)
	j.speak(outside)
	outside.Says("h1", j.T("notice.own.title"))
	audit(outside)
	outside.Go(j.T("notice.own.act"))
	outside.Says(".stamp", j.T("notice.state.acknowledged"))

	// What was paid this year is kept for the accounts, as long as the law says.
	found, err := j.house.Keyring.Find(vault.ClaimEmail, "ulrik.damm@sekretariat.example")
	if err != nil || len(found) != 1 {
		t.Fatalf("%d keep the dues, %v", len(found), err)
	}
	keeper := j.as(t, found[0])
	j.to(keeper, "admin.title")
	keeper.Says("td .badge", j.T("admin.kept.count", "count", 1))
	keeper.GoIn("main", j.T("departure.kept.title"))
	keeper.GoIn("main tbody", j.organisation())
	keeper.Says("main", strconv.Itoa(j.house.Access.Today().Year))
	keeper.Says("main", "bogføringsloven")
	office.Visit("/accounts")
	office.Says("h1", j.T("web.error.title.denied"))
}

// organisation is the body above all.
func (j *journey) organisation() string {
	root, _ := j.house.Units.Tree().Root()
	return root.Name
}
