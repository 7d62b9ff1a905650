package web_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/app/housetest"
	"kartotek/internal/web"
	"kartotek/internal/web/browsertest"
)

// D13 on a phone, in Danish, with a real mail server: the chair of a storkreds signs in
// by mail and requisitions, the secretariat approves, the mail's link spends nothing, the
// code that is mailed has the list made, and its destruction is attested without an
// account.
func TestD13AListIsHandedOverOnAPhone(t *testing.T) {
	t.Parallel()
	chromium := browsertest.Start(t)
	post := housetest.NewPost(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + listener.Addr().String()
	f := housetest.New(t, housetest.At(time.Now()), housetest.Mail(post.Options()), func(c *app.Config) { c.URL = base })
	ctx := f.Context()
	f.Must(f.Members.SetOwnEmail(ctx, f.Scope("regional chair", access.Want{Self: true}), "rolf@example.dk"))
	pages, err := web.New(f.House)
	f.Must(err)
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: pages}}
	server.Start()
	t.Cleanup(server.Close)
	open := func() *browsertest.Tab {
		return chromium.Open(t, browsertest.Options{Base: base, Width: 390, Height: 844, Phone: true, Forgive: forgiven})
	}
	faultless := func(tab *browsertest.Tab) {
		t.Helper()
		for _, fault := range tab.Faults() {
			t.Errorf("%s: %+v", tab.Path(), fault)
		}
	}

	chair := open()
	chair.Visit("/signin")
	speakDanish(chair)
	chair.Type("Din e-mail", "rolf@example.dk")
	chair.Go("Send mig en kode")
	f.Post()
	chair.Type("Seks tal fra mailen", sixDigits.FindString(newest(t, post, "rolf@example.dk").Text))
	chair.GoIn("main", "Log ind")
	chair.Visit("/")
	chair.Go("Rekvirér liste")
	chair.Go("Rekvirér liste")
	chair.Choose("Invitation")
	chair.Choose("Tekstfil")
	chair.Go("Send rekvisitionen")
	chair.Says(".error-summary", "Skriv, hvorfor listen er nødvendig")
	chair.Type("Begrundelse", "Indbydelse til årsmødet")
	chair.Go("Send rekvisitionen")
	chair.Says("[role=status]", "venter på svar")
	faultless(chair)

	_, err = f.Handouts.Approve(ctx, f.As("anna"), 1, "")
	f.Must(err)
	f.Post()
	link := newest(t, post, "rolf@example.dk")
	if link.Subject != "Du kan hente en fil" || !strings.Contains(link.Text, "destruere filen og denne mail") {
		t.Errorf("the mail is %q: %q", link.Subject, link.Text)
	}
	url := regexp.MustCompile(`/handout\?key=\S+`).FindString(link.Text)
	before := len(post.All())

	tab := open() // without any account
	for range 2 { // a scanner opens it first
		tab.Visit(url)
	}
	speakDanish(tab)
	tab.Visit(url)
	tab.Says("h1", "Din liste")
	faultless(tab)
	f.Post()
	if len(post.All()) != before {
		t.Error("opening the link sent something")
	}
	tab.Go("Send mig en kode")
	f.Post()
	code := sixDigits.FindString(newest(t, post, "rolf@example.dk").Text)
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	tab.Type("Kode", wrong)
	tab.Go("Hent listen")
	tab.Says(".error-summary", "4 forsøg")
	faultless(tab)
	tab.Type("Kode", code)
	name, file := tab.Download(func() { tab.Press("Hent listen") })
	if !strings.Contains(name, "destrueres") || !strings.Contains(string(file), "Rolf Storgaard") || !strings.Contains(string(file), "Yrsa") || strings.Contains(string(file), "Frode") {
		t.Errorf("%s: %q", name, file)
	}
	tab.Go("se, hvornår den skal destrueres")
	tab.Says("main", "Destrueres senest")
	if tab.Offers("Send mig en kode") {
		t.Error("it can be fetched again")
	}
	tab.Go("Bekræft destruktion")
	tab.Says(".error-summary", "Sæt hak")
	tab.Choose("Filen og mailen")
	tab.Go("Bekræft destruktion")
	tab.Choose("Alt på papir")
	faultless(tab)
	tab.Go("Bekræft destruktion")
	tab.Says("main", "Du skal ikke gøre mere")
	lists, err := f.Extracts.With(ctx, f.Scope("member", access.Want{Self: true}))
	f.Must(err)
	if len(lists) != 1 || !lists[0].Destroyed() || lists[0].Recipient != f.Person("regional chair") {
		t.Errorf("the member sees %+v", lists)
	}
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// newest is the mail that came last to an address.
func newest(t *testing.T, post *housetest.Post, to string) housetest.Letter {
	t.Helper()
	all := post.Letters(to)
	if len(all) == 0 {
		t.Fatal("no mail came to ", to)
	}
	return all[len(all)-1]
}
