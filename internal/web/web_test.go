package web_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"kartotek/internal/app/housetest"
	"kartotek/internal/web"
)

// browser is somebody with a cookie jar in front of the handler.
type browser struct {
	t       *testing.T
	handler http.Handler
	cookies map[string]string
	header  http.Header // sent with every request
}

func newBrowser(t *testing.T, f *housetest.Fixture) *browser {
	t.Helper()
	handler, err := web.New(f.House)
	f.Must(err)
	return &browser{t: t, handler: handler, cookies: map[string]string{}, header: http.Header{"Accept-Language": {"da"}}}
}

// as is a browser in which somebody of the cast is signed in.
func as(t *testing.T, f *housetest.Fixture, name string) *browser {
	t.Helper()
	b := newBrowser(t, f)
	b.signIn(f, name)
	return b
}

func (b *browser) signIn(f *housetest.Fixture, name string) {
	b.t.Helper()
	token, err := f.SignIn.DemoLink(f.Context(), f.Person(name))
	f.Must(err)
	if a := b.post("/demo/"+token, ""); a.status != http.StatusSeeOther {
		b.t.Fatalf("signing in: %d", a.status)
	}
}

// answer is a response with its page parsed.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   string
	page   *html.Node
}

func (b *browser) do(r *http.Request) *answer {
	b.t.Helper()
	for name, values := range b.header {
		if len(r.Header[name]) == 0 {
			r.Header[name] = values
		}
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	response := w.Result()
	for _, c := range response.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	page, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	return &answer{t: b.t, status: response.StatusCode, header: response.Header, body: string(body), page: page}
}

// ask asks for a page once.
func (b *browser) ask(path string) *answer {
	b.t.Helper()
	return b.do(httptest.NewRequest(http.MethodGet, "https://kartotek.example"+path, nil))
}

// get asks for a page, and follows where it leads.
func (b *browser) get(path string) *answer {
	b.t.Helper()
	a := b.ask(path)
	for hops := 0; a.status == http.StatusSeeOther; hops++ {
		if hops == 5 {
			b.t.Fatalf("%s leads round and round", path)
		}
		a = b.ask(a.header.Get("Location"))
	}
	return a
}

// post sends a form of our own page, given as name, value pairs, and stays where
// the answer is.
func (b *browser) post(path, from string, pairs ...string) *answer {
	b.t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, "https://kartotek.example"+path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if from != "" {
		r.Header.Set("Referer", "https://kartotek.example"+from)
	}
	return b.do(r)
}

// want ends the test unless the answer has the status.
func (a *answer) want(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d: %s", a.status, status, squeeze(textOf(a.first("main"))))
	}
	return a
}

// goes checks where the answer sends the browser.
func (a *answer) goes(to string) {
	a.t.Helper()
	a.want(http.StatusSeeOther)
	if got := a.header.Get("Location"); got != to {
		a.t.Errorf("goes to %s, want %s", got, to)
	}
}

// text is what the first element a selector matches says.
func (a *answer) text(selector string) string { return squeeze(textOf(a.first(selector))) }

// says checks that an element says something.
func (a *answer) says(selector, want string) {
	a.t.Helper()
	for _, n := range a.all(selector) {
		if strings.Contains(squeeze(textOf(n)), want) {
			return
		}
	}
	a.t.Errorf("no %s says %q; the page: %s", selector, want, squeeze(textOf(a.first("main"))))
}

// silent checks that the page does not hold a text.
func (a *answer) silent(secret string) {
	a.t.Helper()
	if strings.Contains(a.body, secret) {
		a.t.Errorf("the page holds %q", secret)
	}
}

func (a *answer) first(selector string) *html.Node {
	if all := a.all(selector); len(all) > 0 {
		return all[0]
	}
	return nil
}

// all matches selectors of the form `main form[action="/x"] .error`.
func (a *answer) all(selector string) []*html.Node {
	found := []*html.Node{a.page}
	for _, part := range strings.Fields(selector) {
		m := compound(part)
		var next []*html.Node
		seen := map[*html.Node]bool{}
		for _, root := range found {
			for n := range root.Descendants() {
				if n.Type == html.ElementNode && m(n) && !seen[n] {
					seen[n] = true
					next = append(next, n)
				}
			}
		}
		found = next
	}
	return found
}

var selectorParts = regexp.MustCompile(`^([a-z0-9]+)?((?:[.#][\w-]+)*)(?:\[([\w-]+)(?:="([^"]*)")?\])?$`)

func compound(part string) func(*html.Node) bool {
	m := selectorParts.FindStringSubmatch(part)
	if m == nil {
		panic("web_test: no selector: " + part)
	}
	return func(n *html.Node) bool {
		if m[1] != "" && n.Data != m[1] {
			return false
		}
		for _, name := range regexp.MustCompile(`[.#][\w-]+`).FindAllString(m[2], -1) {
			if name[0] == '#' && attr(n, "id") != name[1:] ||
				name[0] == '.' && !strings.Contains(" "+attr(n, "class")+" ", " "+name[1:]+" ") {
				return false
			}
		}
		if m[3] == "" {
			return true
		}
		for _, own := range n.Attr {
			if own.Key == m[3] {
				return !strings.Contains(part, "=") || own.Val == m[4]
			}
		}
		return false
	}
}

func attr(n *html.Node, name string) string {
	if n == nil {
		return ""
	}
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }
