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

	"kartotek/internal/app"
	"kartotek/internal/app/housetest"
	"kartotek/internal/web"
	"kartotek/internal/web/browsertest"
)

// TestOneCardOfTwo goes in a real browser through categories over time, the cards
// that look alike and their merging, as the secretariat on a phone, each page looked
// at in a desktop's width too.
// axe sees every page. With KARTOTEK_SCREENSHOTS it saves what they look like.
func TestOneCardOfTwo(t *testing.T) {
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
	f.Join("again", "lyngby", map[string]string{
		"given": "Søren Åge", "family": "Østergård-Quistorff", "birth": "23-09-1961", "email": "ny@example.dk", "address": "Nyvej 3", "postal": "2800", "town": "Kongens Lyngby",
	}, false)

	anna := chromium.Open(t, browsertest.Options{Base: base, Width: 390, Height: 844, Phone: true, Forgive: forgiven})
	token, err := f.SignIn.DemoLink(f.Context(), f.Person("anna"))
	f.Must(err)
	anna.Visit("/demo/" + token)
	speakDanish(anna)
	anna.Go("Log ind")
	look := func(name string) {
		t.Helper()
		for _, fault := range anna.Faults() {
			t.Errorf("%s: %+v", name, fault)
		}
		if scroll := anna.Eval("String(document.documentElement.scrollWidth <= window.innerWidth)"); scroll != "true" {
			t.Errorf("%s is wider than the window", name)
		}
		if dir := os.Getenv("KARTOTEK_SCREENSHOTS"); dir != "" {
			anna.Picture(filepath.Join(dir, fmt.Sprintf("%s-%d.png", name, anna.Width)), anna.Height)
		}
	}
	seen := func(name string) {
		t.Helper()
		look(name)
		atDesk(anna, func() { look(name) })
	}

	anna.Visit(card(f, "neighbour"))
	anna.Press("Flere handlinger")
	anna.GoIn("main", "Kategorier")
	seen("categories")
	anna.Pick("Kategori", "Orlov")
	anna.GoIn("main", "Gem")
	anna.Says("main", "Orlov skal have en sidste dag")
	seen("categories-refused")
	anna.Type("Til og med", time.Now().AddDate(0, 3, 0).Format("2.1.2006"))
	anna.GoIn("main", "Gem")
	anna.Says("[role=status]", "Kategorien er gemt")
	seen("categories-planned")

	anna.Visit("/members/alike")
	anna.Says("tbody", "Østergård-Quistorff")
	seen("alike")
	anna.GoIn("tbody", "Se dem ved siden af hinanden")
	seen("same")
	anna.Choose("ny@example.dk")
	anna.Choose("Jeg har set, at de to er samme person")
	anna.GoIn("main", "Foreslå det for en kollega")
	anna.Says("[role=status]", "En kollega er bedt om at se på det")
	seen("same-asked")

	bo := chromium.Open(t, browsertest.Options{Base: base, Width: 390, Height: 844, Phone: true, Forgive: forgiven})
	token, err = f.SignIn.DemoLink(f.Context(), f.Person("bo"))
	f.Must(err)
	bo.Visit("/demo/" + token)
	speakDanish(bo)
	bo.Go("Log ind")
	bo.Go("Se de to kort")
	bo.Says("main", "Anna Ankerstjerne foreslog det")
	anna = bo // whom seen looks at from here
	seen("same-confirm")
	anna.Choose("Jeg har set, at de to er samme person")
	anna.GoIn("main", "Læg kortene sammen")
	anna.Says("[role=status]", "De to kort er nu ét")
	anna.Says("main", "ny@example.dk")
	seen("merged")
	anna.Visit("/leaving/" + f.Keyring.PublicID(f.Person("again")))
	seen("merged-away")
}
