package look_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"kartotek/internal/locale"
	"kartotek/internal/web/browsertest"
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

// browser is a tab of Chromium on a site.
type browser struct {
	*browsertest.Tab
	*site
}

// TestInABrowser proves in Chromium what the scripts and the style promise, each in a
// tab of its own.
func TestInABrowser(t *testing.T) {
	chromium := browsertest.Start(t)
	for name, test := range map[string]struct {
		does func(browser)
		in   browsertest.Options
	}{
		"search follows the typing":            {does: searchFollowsTheTyping},
		"search works without scripts":         {does: searchWithoutScripts, in: browsertest.Options{NoScripts: true}},
		"a refused search shows why":           {does: refusedSearch},
		"polling ends":                         {does: pollingEnds},
		"a dialog saves a page":                {does: dialogSavesAPage},
		"what belongs to a purpose follows it": {does: purposeDecides},
		"the label's menu closes":              {does: menuCloses},
		"printing needs scripts":               {does: printingNeedsScripts},
		"pages fit a phone":                    {does: pagesFitAPhone, in: browsertest.Options{Width: 390, Height: 844, Phone: true}},
		"a problem takes the focus":            {does: problemTakesFocus},
	} {
		t.Run(name, func(t *testing.T) {
			s := &site{}
			server := httptest.NewServer(s)
			t.Cleanup(server.Close)
			test.in.Base = server.URL
			// Pages that the gallery does not have answer with a status that the browser remarks on.
			test.in.Forgive = func(m chromedp.ConsoleMessage) bool { return strings.Contains(m.Text, "404") }
			test.does(browser{chromium.Open(t, test.in), s})
		})
	}
}

// visit goes to a page of the gallery.
func (b browser) visit(page string) {
	b.Helper()
	b.Visit("/" + page + ".html")
}

const (
	heading = `document.querySelector('[data-region=found] h2')?.textContent`
	status  = `document.querySelector('[data-status]')?.textContent`
)

func searchFollowsTheTyping(b browser) {
	b.visit("members")
	b.Do(chromedp.SendKeys("#search-q", "bra"))
	b.Until(heading, "Fandt bra")
	b.Until(status, "2 passer på bra")
	if address := b.Eval("location.href"); strings.Contains(address, "bra") {
		b.Errorf("the search stands in the address: %s", address)
	}
	if n := len(b.questions()); n > 3 {
		b.Errorf("%d questions for three keys", n)
	}
	b.Do(chromedp.Click("[data-region=found] button[value='2']"))
	b.Until(heading, "Fandt bra2")
	if focused := b.Eval("document.activeElement.dataset.region"); focused != "found" {
		b.Errorf("the focus was lost with the button: %s", focused)
	}
	asked := b.questions()
	if last := asked[len(asked)-1]; last.Get("q") != "bra" || last.Get("category") != "Alle" {
		b.Errorf("the page was asked for with %v", last)
	}
}

func searchWithoutScripts(b browser) {
	b.visit("members")
	b.Do(chromedp.SendKeys("#search-q", "brandt\r"))
	b.Until(heading, "Fandt brandt")
	if len(b.questions()) != 1 {
		b.Errorf("asked %v", b.questions())
	}
}

// refusedSearch: what the region cannot show is a page, when a button asked.
func refusedSearch(b browser) {
	b.visit("members")
	b.Do(chromedp.SendKeys("#search-q", "for mange\r"))
	b.Until("document.querySelector('h1').textContent", "Vent lidt")
}

func pollingEnds(b browser) {
	b.visit("import")
	b.Until(`document.querySelector('[data-region=progress]').textContent`, "spurgt 2")
	b.Until(status, "Alle er indlæst")
	time.Sleep(1200 * time.Millisecond)
	if text := b.Eval(`document.querySelector('[data-region=progress]').textContent`); text != "spurgt 2" {
		b.Errorf("it goes on asking: %s", text)
	}
}

func dialogSavesAPage(b browser) {
	b.visit("parts")
	b.Do(chromedp.Click("a[data-open=gone]"))
	b.Until("document.querySelector('#gone').open", "true")
	b.Do(chromedp.Click("#gone button[formmethod=dialog]"))
	b.Until("document.querySelector('#gone').open", "false")
	b.Until("location.pathname", "/parts.html")
	b.Until("document.activeElement.dataset.open", "gone")
}

func purposeDecides(b browser) {
	b.visit("pull")
	const shown = `[...document.querySelectorAll('.slip dd')].map((dd) => dd.innerText.split('\n')[0]).join('|')`
	b.Until(shown, "Karen Vestergaard|Mødeindkaldelse|310 af 312|23. december 2026")
	b.Do(chromedp.Click("label[for=purpose-3]"))
	b.Until(shown, "Karen Vestergaard|Nyhedsbrev|296 af 312|30. november 2026")
	b.Until(`[...document.querySelectorAll('.fieldset-list')].filter((list) => list.checkVisibility()).length`, "1")
}

func menuCloses(b browser) {
	b.visit("home")
	for _, closing := range []chromedp.Action[chromedp.Void]{chromedp.KeyEvent(kb.Escape), chromedp.Click(".foot p")} {
		b.Do(chromedp.Click(".label summary"))
		b.Until("document.querySelector('.label').open", "true")
		b.Do(closing)
		b.Until("document.querySelector('.label').open", "false")
	}
}

func problemTakesFocus(b browser) {
	b.visit("parts")
	b.Until("document.activeElement.className", "error-summary")
	b.Do(chromedp.Click("a[href='#phone']"))
	b.Until("document.activeElement.id", "phone")
}

func printingNeedsScripts(b browser) {
	b.visit("sheet")
	b.Until("document.querySelector('[data-print]').hidden", "false")
}

// pagesFitAPhone: nothing scrolls sideways, targets are large enough for a thumb
// (WCAG 2.5.8), and axe finds nothing serious.
func pagesFitAPhone(b browser) {
	for name := range gallery.Pages() {
		b.visit(name)
		if wide := b.Eval("document.documentElement.scrollWidth"); wide != "390" {
			b.Errorf("%s is %s wide", name, wide)
		}
		const small = `[...document.querySelectorAll('a, button, select, summary, input:not([type=hidden])')]
			.filter((e) => e.checkVisibility() && !e.closest('p, .card-body li, .skip'))
			.filter((e) => { const r = e.getBoundingClientRect(); return r.width < 24 || r.height < 24; })
			.map((e) => e.outerHTML.slice(0, 80)).join(' ')`
		if targets := b.Eval(small); targets != "" {
			b.Errorf("%s has small targets: %s", name, targets)
		}
		for _, fault := range b.Faults() {
			b.Errorf("%s: %s (%s): %s %s", name, fault.Rule, fault.Impact, fault.Help, fault.Where)
		}
	}
}
