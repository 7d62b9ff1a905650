package look_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"kartotek/internal/locale"
	"kartotek/internal/web/look"
	"kartotek/internal/web/look/gallery"
)

// site serves the gallery under the real policy, answers searches and polls, and
// remembers what was asked.
type site struct {
	mu    sync.Mutex
	asked []url.Values
	polls int
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", look.Policy)
	if strings.HasPrefix(r.URL.Path, look.AssetPrefix) {
		look.Assets().ServeHTTP(w, r)
		return
	}
	page := gallery.Pages()[strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/"), ".html")]
	switch {
	case r.Method == http.MethodPost && r.URL.Path == "/members.html":
		page = s.search(r)
	case r.Header.Get("X-Region") == "progress":
		page = s.progress()
	}
	if page == nil {
		w.WriteHeader(http.StatusNotFound) // the icon that browsers ask for by themselves
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := page.Render(look.In(r.Context(), locale.For("da")), w); err != nil {
		panic(err)
	}
}

// search answers with the region, in a page where no script asked.
func (s *site) search(r *http.Request) templ.Component {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		panic(err)
	}
	s.asked = append(s.asked, r.PostForm)
	if r.PostFormValue("q") == "for mange" {
		if r.Header.Get("X-Region") != "" {
			return nil
		}
		return look.Page{Title: "Nej"}.With().Of(look.Head{Title: "Vent lidt"})
	}
	found := look.Region{Name: "found", Says: "2 passer på " + r.PostFormValue("q")}.With().Of(
		look.Card{Title: "Fandt " + r.PostFormValue("q") + r.PostFormValue("page")}.With().Of(
			look.Pages{Page: 1, Last: 2, Form: "search"},
		),
	)
	if r.Header.Get("X-Region") == "" {
		return look.Page{Title: "Fundet"}.With().Of(found)
	}
	return found
}

// progress is done at the third time of asking.
func (s *site) progress() templ.Component {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.polls++
	region := look.Region{Name: "progress", Poll: "import.html"}
	if s.polls >= 2 {
		region.Poll, region.Says = "", "Alle er indlæst"
	}
	return region.With().Of(look.Text(fmt.Sprint("spurgt ", s.polls)))
}

func (s *site) questions() []url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// browser is one tab of Chromium on a site.
type browser struct {
	*testing.T
	ctx  context.Context
	base string
	*site
}

// TestInABrowser proves in Chromium what the scripts and the style promise, each in a
// tab of its own.
func TestInABrowser(t *testing.T) {
	if !slices.ContainsFunc([]string{"chromium", "chromium-browser", "google-chrome"}, installed) {
		t.Fatal("no browser to test the scripts with: apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.Flag("disable-quic", true))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocated, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	defer cancel()
	chromium, cancel := chromedp.NewContext(allocated)
	defer cancel()
	if err := chromedp.Do(chromium); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]func(browser){
		"search follows the typing":            searchFollowsTheTyping,
		"search works without scripts":         searchWithoutScripts,
		"a refused search shows why":           refusedSearch,
		"polling ends":                         pollingEnds,
		"a dialog saves a page":                dialogSavesAPage,
		"what belongs to a purpose follows it": purposeDecides,
		"the label's menu closes":              menuCloses,
		"printing needs scripts":               printingNeedsScripts,
		"pages fit a phone":                    pagesFitAPhone,
		"a problem takes the focus":            problemTakesFocus,
	} {
		t.Run(name, func(t *testing.T) { test(open(t, chromium)) })
	}
}

// open opens a tab on a new site. What the browser complains about fails the test: a
// blocked style, an exception, a script that is not there.
func open(t *testing.T, chromium context.Context) browser {
	t.Helper()
	s := &site{}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	done := make(chan struct{})
	t.Cleanup(func() { <-done }) // after the tab is closed
	ctx, cancel := chromedp.NewContext(chromium)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	b := browser{t, ctx, server.URL, s}
	b.do(chromedp.Navigate("about:blank"))
	go func() {
		defer close(done)
		for message, err := range chromedp.Console(ctx) {
			if err != nil {
				return
			}
			if message.Type != "debug" && message.Type != "info" && !strings.Contains(message.Text, "404") {
				t.Errorf("the browser says: %s", message.Text)
			}
		}
	}()
	return b
}

func installed(name string) bool {
	_, err := exec.LookPath(name)
	return err == nil
}

func (b browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.Fatal(err)
	}
}

func (b browser) visit(page string) {
	b.Helper()
	b.do(chromedp.Navigate(b.base + "/" + page + ".html"))
}

// eval returns what an expression is in the page.
func (b browser) eval(expression string) string {
	b.Helper()
	value, err := b.try(expression)
	if err != nil {
		b.Fatalf("%s: %v", expression, err)
	}
	return value
}

func (b browser) try(expression string) (string, error) {
	return chromedp.Run(b.ctx, chromedp.Evaluate[string]("String("+expression+")"))
}

// until waits for an expression to have a value; the page may be another meanwhile.
func (b browser) until(expression, want string) {
	b.Helper()
	var got string
	var err error
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if got, err = b.try(expression); err == nil && got == want {
			return
		}
	}
	b.Fatalf("%s is %q, not %q (%v)", expression, got, want, err)
}

const (
	heading = `document.querySelector('[data-region=found] h2')?.textContent`
	status  = `document.querySelector('[data-status]')?.textContent`
)

func searchFollowsTheTyping(b browser) {
	b.visit("members")
	b.do(chromedp.SendKeys("#search-q", "bra"))
	b.until(heading, "Fandt bra")
	b.until(status, "2 passer på bra")
	if address := b.eval("location.href"); strings.Contains(address, "bra") {
		b.Errorf("the search stands in the address: %s", address)
	}
	if n := len(b.questions()); n > 3 {
		b.Errorf("%d questions for three keys", n)
	}
	b.do(chromedp.Click("[data-region=found] button[value='2']"))
	b.until(heading, "Fandt bra2")
	if focused := b.eval("document.activeElement.dataset.region"); focused != "found" {
		b.Errorf("the focus was lost with the button: %s", focused)
	}
	asked := b.questions()
	if last := asked[len(asked)-1]; last.Get("q") != "bra" || last.Get("category") != "Alle" {
		b.Errorf("the page was asked for with %v", last)
	}
}

func searchWithoutScripts(b browser) {
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		b.Fatal(err)
	}
	b.visit("members")
	b.do(chromedp.SendKeys("#search-q", "brandt\r"))
	b.until(heading, "Fandt brandt")
	if len(b.questions()) != 1 {
		b.Errorf("asked %v", b.questions())
	}
}

// refusedSearch: what the region cannot show is a page, when a button asked.
func refusedSearch(b browser) {
	b.visit("members")
	b.do(chromedp.SendKeys("#search-q", "for mange\r"))
	b.until("document.querySelector('h1').textContent", "Vent lidt")
}

func pollingEnds(b browser) {
	b.visit("import")
	b.until(`document.querySelector('[data-region=progress]').textContent`, "spurgt 2")
	b.until(status, "Alle er indlæst")
	time.Sleep(1200 * time.Millisecond)
	if text := b.eval(`document.querySelector('[data-region=progress]').textContent`); text != "spurgt 2" {
		b.Errorf("it goes on asking: %s", text)
	}
}

func dialogSavesAPage(b browser) {
	b.visit("parts")
	b.do(chromedp.Click("a[data-open=gone]"))
	b.until("document.querySelector('#gone').open", "true")
	b.do(chromedp.Click("#gone button[formmethod=dialog]"))
	b.until("document.querySelector('#gone').open", "false")
	b.until("location.pathname", "/parts.html")
	b.until("document.activeElement.dataset.open", "gone")
}

func purposeDecides(b browser) {
	b.visit("pull")
	const shown = `[...document.querySelectorAll('.slip dd')].map((dd) => dd.innerText.split('\n')[0]).join('|')`
	b.until(shown, "Karen Vestergaard|Mødeindkaldelse|310 af 312|23. december 2026")
	b.do(chromedp.Click("label[for=purpose-3]"))
	b.until(shown, "Karen Vestergaard|Nyhedsbrev|296 af 312|30. november 2026")
	b.until(`[...document.querySelectorAll('.fieldset-list')].filter((list) => list.checkVisibility()).length`, "1")
}

func menuCloses(b browser) {
	b.visit("home")
	for _, closing := range []chromedp.Action[chromedp.Void]{chromedp.KeyEvent(kb.Escape), chromedp.Click(".foot p")} {
		b.do(chromedp.Click(".label summary"))
		b.until("document.querySelector('.label').open", "true")
		b.do(closing)
		b.until("document.querySelector('.label').open", "false")
	}
}

func problemTakesFocus(b browser) {
	b.visit("parts")
	b.until("document.activeElement.className", "error-summary")
	b.do(chromedp.Click("a[href='#phone']"))
	b.until("document.activeElement.id", "phone")
}

func printingNeedsScripts(b browser) {
	b.visit("sheet")
	b.until("document.querySelector('[data-print]').hidden", "false")
}

// pagesFitAPhone: nothing scrolls sideways, and targets are large enough for a
// thumb (WCAG 2.5.8).
func pagesFitAPhone(b browser) {
	b.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile))
	for name := range gallery.Pages() {
		b.visit(name)
		if wide := b.eval("document.documentElement.scrollWidth"); wide != "390" {
			b.Errorf("%s is %s wide", name, wide)
		}
		const small = `[...document.querySelectorAll('a, button, select, summary, input:not([type=hidden])')]
			.filter((e) => e.checkVisibility() && !e.closest('p, .card-body li, .skip'))
			.filter((e) => { const r = e.getBoundingClientRect(); return r.width < 24 || r.height < 24; })
			.map((e) => e.outerHTML.slice(0, 80)).join(' ')`
		if targets := b.eval(small); targets != "" {
			b.Errorf("%s has small targets: %s", name, targets)
		}
	}
}
