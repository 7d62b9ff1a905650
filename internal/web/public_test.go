package web_test

import (
	"log/slog"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/demo"
	"kartotek/internal/vault"
	"kartotek/internal/web"
)

// The district with a club that has pages for all, as somebody without an account meets
// it, and as those who hold something in it do.
func TestN1N3N11N13TheDistrictsPages(t *testing.T) {
	dir := t.TempDir()
	house, logins, err := demo.Build(t.Context(), app.Config{
		Data: filepath.Join(dir, "data"), Keys: filepath.Join(dir, "keys"), URL: "https://kartotek.example", Log: slog.New(slog.DiscardHandler),
	}, demo.Options{Members: 300, Charter: "club-no", Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { house.Close() })
	handler, err := web.New(house)
	if err != nil {
		t.Fatal(err)
	}
	visitor := func(t *testing.T, lang string) *browser {
		return &browser{t: t, handler: handler, cookies: map[string]string{}, header: http.Header{"Accept-Language": {lang}}}
	}
	signedIn := func(t *testing.T, person vault.PersonID) *browser {
		t.Helper()
		token, err := house.SignIn.DemoLink(t.Context(), person)
		if err != nil {
			t.Fatal(err)
		}
		b := visitor(t, "nb")
		b.post("/demo/"+token, "")
		return b
	}
	name := func(person vault.PersonID) string {
		scope, err := house.Access.Require(t.Context(), access.Actor{Person: person, Via: access.Web}, access.Want{Self: true})
		if err != nil {
			t.Fatal(err)
		}
		own, err := house.Members.Own(t.Context(), scope)
		if err != nil {
			t.Fatal(err)
		}
		return own.Given + " " + own.Family
	}

	// N1, N3, N11: each shape of page once, in a language in turn; nobody is named but the
	// officer whose consent stands.
	t.Run("without an account", func(t *testing.T) {
		shown := ""
		hidden := map[string]bool{}
		for _, l := range logins {
			if l.Role == "president" && shown == "" {
				shown = name(l.Person)
			} else {
				hidden[name(l.Person)] = true
			}
		}
		delete(hidden, shown)
		queue := []string{"/privacy", "/privacy/baerum", "/privacy/baerum/frame", "/privacy/baerum/page.pdf", "/open/baerum", "/open/baerum/frame", "/open/baerum.json", "/open/list.js"}
		met, pages := map[string]bool{}, 0
		for len(queue) > 0 && pages < 60 {
			path := queue[0]
			queue = queue[1:]
			if k := kind(path); met[k] {
				continue
			} else {
				met[k] = true
			}
			lang := []string{"nb", "da", "sv", "en"}[pages%4]
			b := visitor(t, lang)
			a := b.ask(path)
			if to := a.header.Get("Location"); a.status == http.StatusSeeOther && strings.HasPrefix(to, "/signin") {
				continue // a right is used signed in
			}
			pages++
			if a.status != http.StatusOK {
				t.Errorf("%s answers %d to somebody without an account", path, a.status)
				continue
			}
			for who := range hidden {
				if strings.Contains(a.body, who) {
					t.Errorf("%s names somebody who agreed to nothing", path)
				}
			}
			if named := strings.Contains(a.body, shown); named != strings.HasPrefix(path, "/open/baerum") {
				t.Errorf("%s names the officer who agreed: %t", path, named)
			}
			if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
				continue
			}
			if got := attr(a.first("html"), "lang"); got != lang {
				t.Errorf("%s speaks %s to whoever reads %s", path, got, lang)
			}
			for _, link := range a.all("a") {
				if to, _, _ := strings.Cut(attr(link, "href"), "#"); strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") {
					queue = append(queue, to)
				}
			}
		}
		if pages < 12 {
			t.Errorf("only %d pages: %v", pages, met)
		}
	})

	// Every duty that waits has a page that answers whoever is to do it.
	t.Run("duties", func(t *testing.T) {
		asked := map[string]bool{}
		for _, l := range logins {
			b := signedIn(t, l.Person)
			for _, link := range b.get("/").all(".duty a.button") {
				path := attr(link, "href")
				if k := kind(path); asked[k] {
					continue
				} else {
					asked[k] = true
				}
				if a := b.get(path); a.status != http.StatusOK {
					t.Errorf("%s: %s answers %d", l.Role, path, a.status)
				}
			}
		}
		if len(asked) < 5 {
			t.Errorf("only %v", asked)
		}
	})

	// N12: whoever leafs through the district's register is stopped for the day, with a
	// page that says so, and what others show is not given beyond the measure either.
	t.Run("harvesting", func(t *testing.T) {
		var b *browser
		for _, l := range logins {
			if l.Role == "member" {
				b = signedIn(t, l.Person)
				break
			}
		}
		root, _ := house.Units.Tree().Root()
		most := house.Charter.Directory.Names.Value
		given, seen := 0, map[string]bool{}
		status := http.StatusOK
		for ask := 0; status == http.StatusOK && ask < most; ask++ {
			text := []string{"sen", "and", "han"}[ask%3]
			a := b.post("/directory", "/directory", "unit", root.Code, "q", text, "page", itoa(uint64(ask/3%5+1)))
			status = a.status
			for _, r := range regexp.MustCompile(`/directory/look/[a-z2-7]+`).FindAllString(a.body, -1) {
				given++
				seen[r] = true
			}
		}
		if status == http.StatusOK || given > most+25 {
			t.Errorf("%d of %d names a day were given, and the next is answered %d", given, most, status)
		}
		contacts, refused := house.Charter.Directory.Contacts.Value, 0
		for r := range seen {
			if a := b.post(r, "/directory", "unit", root.Code); a.status != http.StatusOK {
				refused++
			}
		}
		if opened := len(seen) - refused; opened > contacts || opened == 0 || refused == 0 {
			t.Errorf("%d cards of %d were opened, the day's measure is %d", opened, len(seen), contacts)
		}
	})
}
