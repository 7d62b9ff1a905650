package browsertest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What the checks look for is found where it is, and nowhere else.
func TestWaysFindFaults(t *testing.T) {
	const begin, end = `<!doctype html><html lang="en"><title>Page</title><link rel="icon" href="data:,"><main><h1>Page</h1>`, `</main></html>`
	browser := Start(t)
	for name, c := range map[string]struct{ page, keyboard, paper, axe string }{
		"a good page": {page: `<style>@media print { button { display: none } }</style><p><a href="#x">Link</a> <button>Press</button>
			<label><input type="radio" name="r" checked> A</label> <label><input type="radio" name="r"> B</label>`},
		"a trap":          {page: `<script>addEventListener('keydown', (e) => e.preventDefault())</script><p><a href="#x">Link</a>`, keyboard: "does not come to <a"},
		"a hidden focus":  {page: `<style>a:focus { outline: none }</style><p><a href="#x">Link</a>`, keyboard: "does not show: <a"},
		"a wide page":     {page: `<p style="width: 900px">Wide`, paper: "wide on paper"},
		"a printed menu":  {page: `<nav><p>Menu</nav>`, paper: "prints <nav"},
		"a silent field":  {page: `<p><input name="q">`, axe: "label"},
		"a pale sentence": {page: `<p style="color: #ccc; background: #fff">Pale`, axe: "color-contrast"},
	} {
		t.Run(name, func(t *testing.T) {
			site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				_, _ = w.Write([]byte(begin + c.page + end))
			}))
			defer site.Close()
			tab := browser.Open(t, Options{Base: site.URL, Width: 1000, Height: 800})
			tab.Visit("/")
			expect(t, "by keyboard", tab.ByKeyboard(), c.keyboard)
			expect(t, "on paper", tab.OnPaper(), c.paper)
			var rules []string
			for _, fault := range tab.Faults() {
				rules = append(rules, fault.Rule)
			}
			expect(t, "axe", rules, c.axe)
		})
	}
}

func expect(t *testing.T, what string, got []string, want string) {
	t.Helper()
	if text := strings.Join(got, "\n"); want == "" && text != "" || !strings.Contains(text, want) {
		t.Errorf("%s: %q, not %q", what, text, want)
	}
}
