package web_test

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"kartotek/internal/app"
	"kartotek/internal/database/databasetest"
	"kartotek/internal/demo"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
	"kartotek/internal/web"
	"kartotek/internal/web/browsertest"
	"kartotek/internal/web/look"
)

// TestJourney goes through all acts in Chromium, as each role, in each language,
// at a desktop's and a phone's width, in a federation of its own each time. With
// KARTOTEK_SCREENSHOTS it also makes the pictures, twelve of which the README keeps:
//
//	KARTOTEK_SCREENSHOTS=/tmp/pictures go test -run TestJourney/da ./internal/web
func TestJourney(t *testing.T) {
	t.Parallel()
	chromium := browsertest.Start(t)
	for _, trip := range []trip{
		{lang: "da", width: 1280, height: 900}, // each language, width and engine once: TestEveryPage sees the rest
		{lang: "en", width: 390, height: 844, phone: true, postgresql: true},
	} {
		if testing.Short() && trip.phone {
			continue
		}
		t.Run(fmt.Sprint(trip.lang, trip.width), func(t *testing.T) {
			t.Parallel() // two at a time on two cores; each has a register of its own
			j := set(t, chromium, trip)
			for _, act := range []struct {
				name string
				does func(*testing.T, *journey)
			}{
				{"the membership officer", officer},
				{"the treasurer", treasurer},
				{"the chair", chair},
				{"the regional chair", regionalChair},
				{"the member", self},
				{"the secretariat", secretariat},
				{"a colleague in the secretariat", colleague},
				{"the founder", founder},
			} {
				if !t.Run(act.name, func(t *testing.T) { act.does(t, j) }) {
					t.FailNow() // the acts build on each other
				}
			}
		})
	}
	if testing.Short() {
		return
	}
	t.Run("without scripts", func(t *testing.T) {
		t.Parallel()
		withoutScripts(t, set(t, chromium, trip{lang: "da", width: 1280, height: 900, noScripts: true}))
	})
}

// trip is one way to travel.
type trip struct {
	charter       string // "" is the party's
	lang          string
	width, height int64
	phone         bool
	desk          bool // every page is looked at in a desktop's window too
	noScripts     bool
	postgresql    bool
	settle        func(*app.Config) // what else the register is started with
}

// journey is a federation and the browser that goes through it.
type journey struct {
	trip
	*locale.Printer
	house    *app.House
	logins   []demo.Login
	base     string
	chromium *browsertest.Browser
	pictures string // where pictures go; "" makes none

	mu      sync.Mutex
	secrets map[string]bool // what may stand in no address and no title
}

// The invented federation, and people in it as its seed makes them.
const (
	seed     = 3
	members  = 1500
	pictured = 50_000 // when pictures are made of it

	resigned  = "Kirstine Pia Iversen"        // an association has passed it on before the journey
	added     = "Åse Prøvesen"                // during the journey, and waits to be confirmed
	passedOn  = "Minh Jepsen"                 // by the officer
	toAppoint = "Sebastian Claus Christensen" // a member of the chair's own association
)

// set founds a federation and serves it.
func set(t *testing.T, chromium *browsertest.Browser, trip trip) *journey {
	t.Helper()
	j := &journey{trip: trip, Printer: locale.For(trip.lang), chromium: chromium, secrets: map[string]bool{}}
	count := members
	if dir := os.Getenv("KARTOTEK_SCREENSHOTS"); dir != "" && trip.lang == "da" && !trip.noScripts {
		j.pictures, count = dir, pictured
	}
	var handler http.Handler
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	j.base = "http://" + server.Listener.Addr().String()

	dir := t.TempDir()
	config := app.Config{
		Data: filepath.Join(dir, "data"), Keys: filepath.Join(dir, "keys"), URL: j.base,
		Log: slog.New(slog.NewTextHandler(failOnError{t}, &slog.HandlerOptions{Level: slog.LevelError})),
	}
	if trip.postgresql {
		config.DSN = databasetest.DSN(t)
	}
	if trip.settle != nil {
		trip.settle(&config)
	}
	house, logins, err := demo.Build(t.Context(), config, demo.Options{Members: count, Charter: cmp.Or(trip.charter, "party-dk"), Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := house.Close(); err != nil {
			t.Error(err)
		}
	})
	var work sync.WaitGroup
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(func() { stop(); work.Wait() })
	work.Go(func() { house.Run(ctx) })

	if handler, err = web.New(house); err != nil {
		t.Fatal(err)
	}
	server.Start()
	j.house, j.logins = house, logins
	for _, l := range logins {
		j.keep(l.Email)
	}
	return j
}

// failOnError takes the log of errors: a journey makes none.
type failOnError struct{ t *testing.T }

func (f failOnError) Write(line []byte) (int, error) {
	f.t.Errorf("the log says: %s", line)
	return len(line), nil
}

// keep notes what is personal, and so may stand in no address and no title.
func (j *journey) keep(secrets ...string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, s := range secrets {
		for _, part := range append(strings.Fields(s), s) {
			if len(part) > 3 { // shorter ones are parts of other words
				j.secrets[strings.ToLower(part)] = true
			}
		}
	}
}

// open opens the browser of somebody who is not signed in.
func (j *journey) open(t *testing.T) *browsertest.Tab {
	t.Helper()
	return j.chromium.Open(t, browsertest.Options{
		Base: j.base, Width: j.width, Height: j.height, Phone: j.phone, NoScripts: j.noScripts,
		Forgive: forgiven, Arrived: j.check,
	})
}

// forgiven are the browser's remarks on pages that say what is wrong with a 4xx:
// what they say is checked. An asset that is missing is not forgiven.
func forgiven(m chromedp.ConsoleMessage) bool {
	return strings.Contains(m.Text, "status of 4") && !strings.Contains(m.URL, look.AssetPrefix)
}

// login is who has a role in the demo; the secretariat has two.
func (j *journey) login(t *testing.T, role string, which int) demo.Login {
	t.Helper()
	for _, l := range j.logins {
		if l.Role == role {
			if which == 0 {
				return l
			}
			which--
		}
	}
	t.Fatalf("the demo has no %s", role)
	return demo.Login{}
}

// as opens the browser of somebody who has come in by a link of the demo. Whoever
// else opens the link spends nothing: scanners open links too.
func (j *journey) as(t *testing.T, person vault.PersonID) *browsertest.Tab {
	t.Helper()
	token, err := j.house.SignIn.DemoLink(t.Context(), person)
	if err != nil {
		t.Fatal(err)
	}
	tab := j.open(t)
	for range 2 {
		tab.Visit("/demo/" + token)
		tab.Says("h1", locale.For(tab.Eval("document.documentElement.lang")).T("web.demo.title"))
	}
	j.speak(tab)
	tab.Go(j.T("web.signin.enter"))
	return tab
}

// speak presses the language's button, where the page speaks another.
func (j *journey) speak(tab *browsertest.Tab) {
	tab.Helper()
	if tab.Eval("document.documentElement.lang") != j.lang {
		tab.GoIn(".lang", j.Name())
	}
}

// picture saves what the window shows, for the README. Some pages are worth a
// taller window than a desktop has.
func (j *journey) picture(tab *browsertest.Tab, name string, tall ...int64) {
	tab.Helper()
	if j.pictures == "" {
		return
	}
	if j.desk && tab.Phone {
		atDesk(tab, func() { j.picture(tab, name, tall...) })
	}
	height := tab.Height
	if tab.Phone {
		name += "-phone"
	} else if len(tall) > 0 {
		height = tall[0]
	}
	tab.Picture(filepath.Join(j.pictures, name+".png"), height)
}

// seen is what holds on every page.
type seen struct {
	Href, Title, Lang, Unknown string
	Heads, Wide                int
	Small                      []string
}

// random are the parts of an address that say nothing: a public id, a token.
var random = regexp.MustCompile(`[A-Za-z0-9_-]{22,}`)

// atDesk lets something look at a phone's page in a desktop's window.
func atDesk(tab *browsertest.Tab, look func()) {
	tab.Helper()
	tab.As(1280, 900, false, look)
}

// check looks at a page as it has come.
func (j *journey) check(tab *browsertest.Tab) {
	tab.Helper()
	if j.desk && tab.Phone {
		atDesk(tab, func() { j.check(tab) })
	}
	s, err := browsertest.Read[seen](tab, `({
		Href: decodeURIComponent(location.href), Title: document.title, Lang: document.documentElement.lang,
		Unknown: /⟦.*?⟧/.exec(document.documentElement.outerHTML)?.[0] ?? '',
		Heads: document.querySelectorAll('h1').length, Wide: document.documentElement.scrollWidth,
		Small: [...document.querySelectorAll('a, button, select, summary, input:not([type=hidden])')]
			.filter((e) => e.checkVisibility() && !e.closest('p, li, td, th, .skip') && !e.matches('.choice input'))
			.filter((e) => { const r = e.getBoundingClientRect(); return r.width < 24 || r.height < 24; })
			.map((e) => e.outerHTML.slice(0, 100)),
	})`)
	if err != nil {
		tab.Fatal(err)
	}
	path := tab.Path()
	if s.Lang != j.lang && path != "/signin" && !strings.HasPrefix(path, "/demo/") && path != "/mailbox" {
		tab.Errorf("%s is in %q", path, s.Lang)
	}
	if s.Unknown != "" {
		tab.Errorf("%s holds %s", path, s.Unknown)
	}
	if s.Heads != 1 {
		tab.Errorf("%s has %d main headings", path, s.Heads)
	}
	if s.Wide > int(tab.Width) {
		tab.Errorf("%s scrolls sideways: %d wide", path, s.Wide)
	}
	if tab.Phone && len(s.Small) > 0 {
		tab.Errorf("%s has small targets: %s", path, s.Small)
	}
	if s.Title == "" {
		tab.Errorf("%s has no title", path)
	}
	if !j.noScripts { // axe is a script itself
		audit(tab)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for secret := range j.secrets {
		if strings.Contains(strings.ToLower(random.ReplaceAllString(s.Href, "·")), secret) {
			tab.Errorf("the address %s names %q", path, secret)
		}
		if strings.Contains(strings.ToLower(s.Title), secret) {
			tab.Errorf("the title of %s names %q", path, secret)
		}
	}
}

// field is a declared field's name.
func (j *journey) field(t *testing.T, code string) string {
	t.Helper()
	f, ok := j.house.Charter.Field(code)
	if !ok {
		t.Fatalf("the charter has no field %s", code)
	}
	return f.Name.In(j.lang)
}

// purpose is a purpose's name.
func (j *journey) purpose(t *testing.T, code string) string {
	t.Helper()
	p, ok := j.house.Charter.Purpose(code)
	if !ok {
		t.Fatalf("the charter has no purpose %s", code)
	}
	return p.Name.In(j.lang)
}

// to opens a tab of the main menu.
func (j *journey) to(tab *browsertest.Tab, key string) {
	tab.Helper()
	if tab.Eval(`String(document.querySelector(".menu > summary")?.checkVisibility() ?? false)`) == "true" {
		tab.PressIn("nav.tabs", j.T("look.page.all"))
		tab.GoIn(".menu-list", j.T(key))
		return
	}
	tab.GoIn("nav.tabs", j.T(key))
}

// lacks checks that the main menu offers none of the pages.
func (j *journey) lacks(tab *browsertest.Tab, keys ...string) {
	tab.Helper()
	menu := strings.Fields(tab.Eval(`document.querySelector("nav.tabs")?.textContent ?? ""`))
	for _, key := range keys {
		if slices.Contains(menu, j.T(key)) {
			tab.Errorf("%s is offered to somebody without access", j.T(key))
		}
	}
}
