package web_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/vault"
	"kartotek/internal/web"
	"kartotek/internal/web/browsertest"
)

// TestPeopleAsTheyAre goes in a real browser through a household, a divorce, mail
// that came back and a new e-mail address: as the secretariat on a phone, each page
// looked at in a desktop's width too, and as the member, without
// scripts. axe sees every page. With KARTOTEK_SCREENSHOTS it
// saves what they look like.
func TestPeopleAsTheyAre(t *testing.T) {
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
	at := map[string]string{"address": "Parvej 1", "postal": "2820", "town": "Gentofte", "email": "par@example.dk", "family": "Brandt", "given": "Lone"}
	lone := f.Join("lone", "gentofte", at, false)
	at["given"] = "Jens"
	jens := f.Join("jens", "gentofte", at, false)
	f.Must(f.Members.MakeHousehold(f.Context(), f.Scope("anna", access.Want{Act: charter.Edit}), []vault.PersonID{lone, jens}))

	as := func(name string, scripts bool) *browsertest.Tab {
		tab := chromium.Open(t, browsertest.Options{Base: base, Width: 390, Height: 844, Phone: true, NoScripts: !scripts, Forgive: forgiven})
		token, err := f.SignIn.DemoLink(f.Context(), f.Person(name))
		f.Must(err)
		tab.Visit("/demo/" + token)
		speakDanish(tab)
		tab.Go("Log ind")
		return tab
	}
	look := func(tab *browsertest.Tab, name string) {
		t.Helper()
		if scroll := tab.Eval("String(document.documentElement.scrollWidth <= window.innerWidth)"); scroll != "true" {
			t.Errorf("%s is wider than the window", name)
		}
		if dir := os.Getenv("KARTOTEK_SCREENSHOTS"); dir != "" {
			tab.Picture(filepath.Join(dir, fmt.Sprintf("%s-%d.png", name, tab.Width)), tab.Height)
		}
	}
	picture := func(tab *browsertest.Tab, name string) {
		t.Helper()
		look(tab, name)
		atDesk(tab, func() { look(tab, name) })
	}
	audited := func(tab *browsertest.Tab, name string) {
		t.Helper()
		for _, fault := range tab.Faults() {
			t.Errorf("%s: %+v", name, fault)
		}
		look(tab, name)
	}
	seen := func(tab *browsertest.Tab, name string) {
		t.Helper()
		audited(tab, name)
		atDesk(tab, func() { audited(tab, name) })
	}

	anna := as("anna", true)
	anna.Visit(card(f, "lone"))
	anna.Says("main li", "Jens Brandt")
	seen(anna, "card")
	anna.Press("Flere handlinger")
	seen(anna, "card-more")
	anna.GoIn("main", "Brev kom retur")
	anna.Says(".badge", "Post retur")
	anna.GoIn("main", "Husstand og skilsmisse")
	seen(anna, "household")
	anna.GoIn("main", "Del husstanden")
	seen(anna, "part")
	anna.Choose("Lone flytter")
	anna.GoIn("main", "Del husstanden nu")
	anna.Says("main", "fælles e-mail")
	seen(anna, "part-refused")
	anna.Type("Adresse", "Skjulvej 9")
	anna.Type("E-mail", "lone@example.dk")
	anna.Choose("Adressen er beskyttet fra nu af")
	anna.GoIn("main", "Del husstanden nu")
	anna.Says("[role=status]", "Husstanden er delt")
	anna.Silent("Skjulvej")
	seen(anna, "parted")
	anna.Visit("/members/upkeep")
	seen(anna, "upkeep")
	anna.Visit("/members/households")
	seen(anna, "proposals")
	anna.Visit(card(f, "lone") + "/edit")
	seen(anna, "edit")

	member := as("lone", false) // without scripts
	member.Visit("/me/contact")
	picture(member, "contact")
	member.Visit("/me/email")
	member.Visit("/me/correct")
	picture(member, "correct")
}
