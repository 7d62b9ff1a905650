// Package browsertest drives Chromium for tests of the pages: one process for a
// whole test binary, a tab with cookies of its own for each person, and hands
// that press, type and choose by what a person can read on the page. It knows
// nothing of the pages themselves.
package browsertest

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// names under which distributions install the browser.
var names = []string{"chromium", "chromium-browser", "google-chrome"}

// Browser is a running Chromium.
type Browser struct{ ctx context.Context }

// shared is the Chromium that runs, for as long as a test uses it.
var shared struct {
	mu      sync.Mutex
	browser *Browser
	stop    func()
	users   int
}

// Start gives a Chromium that runs until the last of the tests that use it at the
// same time ends: tabs know nothing of each other. A machine without one fails: what
// a browser promises cannot be proved elsewhere.
func Start(t testing.TB) *Browser {
	t.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.users == 0 {
		shared.browser, shared.stop = launch(t)
	}
	shared.users++
	t.Cleanup(func() {
		shared.mu.Lock()
		defer shared.mu.Unlock()
		if shared.users--; shared.users == 0 {
			shared.stop()
		}
	})
	return shared.browser
}

// launch starts a Chromium that runs until it is stopped.
func launch(t testing.TB) (_ *Browser, stop func()) {
	t.Helper()
	path := ""
	for _, name := range names {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("browsertest: no browser here: apt-get install --no-install-recommends chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.Flag("disable-quic", true),
		// Nobody goes back, or anywhere that could be guessed: pages kept or begun for it
		// would cost a process each.
		chromedp.Flag("disable-features", "Translate,BlinkGenPropertyTrees,BackForwardCache,RenderDocument,"+
			"SpareRendererForSitePerProcess,Prerender2,PaintHolding,OptimizationHints,MediaRouter,HttpsUpgrades"))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses to be root inside one
	}
	allocated, end := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, leave := chromedp.NewContext(allocated)
	stop = func() { leave(); end() }
	if err := chromedp.Do(ctx); err != nil {
		stop()
		t.Fatal("browsertest: ", err)
	}
	return &Browser{ctx}, stop
}

// Options are how a tab is.
type Options struct {
	Base          string // address of the site, without a slash at the end
	Width, Height int64  // of the window; 0 is the browser's own
	Phone         bool   // the window is a phone's
	NoScripts     bool   // the pages' scripts do not run
	// Forgive says which of the browser's complaints are no failure; nil forgives none.
	Forgive func(chromedp.ConsoleMessage) bool
	// Arrived is called on every page that a tab has come to.
	Arrived func(*Tab)
}

// Tab is one tab in a session of its own.
type Tab struct {
	testing.TB
	Options
	ctx   context.Context
	files string // where downloads go; "" before the first
}

// patience is how long anything on a page may take to happen.
const patience = 15 * time.Second

// Open opens a tab that knows no other's cookies. What the browser complains of
// fails the test: a blocked style, an exception, a script that is not there.
func (b *Browser) Open(t testing.TB, o Options) *Tab {
	t.Helper()
	var watching sync.WaitGroup
	t.Cleanup(watching.Wait) // after the tab is closed
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	tab := &Tab{TB: t, Options: o, ctx: ctx}
	if err := chromedp.Do(ctx); err != nil { // without a deadline: the tab lives as long as its first step's context
		t.Fatal("browsertest: ", err)
	}
	messages := chromedp.Console(ctx)
	watching.Go(func() {
		for message, err := range messages {
			if err != nil {
				return
			}
			quiet := message.Type == chromedp.ConsoleDebug || message.Type == chromedp.ConsoleInfo
			if !quiet && (o.Forgive == nil || !o.Forgive(message)) {
				t.Errorf("the browser says: %s (%s)", message.Text, message.URL)
			}
		}
	})
	if o.Width > 0 {
		tab.Do(o.window(o.Height))
	}
	if o.NoScripts {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		if err != nil {
			t.Fatal(err)
		}
	}
	return tab
}

// window is the step that makes the window as it should be, with a height of its own.
func (o *Options) window(height int64) chromedp.Action[chromedp.Void] {
	kind := []chromedp.EmulateViewportOption{chromedp.EmulateScale(1)}
	if o.Phone {
		kind = append(kind, chromedp.EmulateMobile)
	}
	return chromedp.EmulateViewport(o.Width, height, kind...)
}

// As lets something look at the page in a window of another size; then the window
// is as before.
func (t *Tab) As(width, height int64, phone bool, look func()) {
	t.Helper()
	was := t.Options
	t.Width, t.Height, t.Phone = width, height, phone
	t.Do(t.window(height))
	defer func() {
		t.Options = was
		t.Do(was.window(was.Height))
	}()
	look()
}

// Do runs steps of the driver.
func (t *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.ctx, 2*patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatalf("%s: %v", t.Path(), err)
	}
}

// Visit goes to a path of the site.
func (t *Tab) Visit(path string) {
	t.Helper()
	t.Do(chromedp.Navigate(t.Base + path))
	t.arrived()
}

func (t *Tab) arrived() {
	t.Helper()
	if t.Arrived != nil {
		t.Arrived(t)
	}
}

// Path is where the tab is, as the site's address goes on.
func (t *Tab) Path() string {
	href, _ := t.Try("location.href")
	return strings.TrimPrefix(href, t.Base)
}

// Eval returns what an expression is in the page.
func (t *Tab) Eval(expression string) string {
	t.Helper()
	value, err := t.Try(expression)
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// Try is Eval where the page may be on its way to another.
func (t *Tab) Try(expression string) (string, error) {
	return Read[string](t, "String("+expression+")")
}

// Read gives an expression's value as JSON makes it a T.
func Read[T any](t *Tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression))
}

// Until waits for an expression to have a value; the page may become another
// meanwhile.
func (t *Tab) Until(expression, want string) {
	t.Helper()
	var got string
	var err error
	if !soon(func() bool {
		got, err = t.Try(expression)
		return err == nil && got == want
	}) {
		t.Fatalf("%s: %s is %q, not %q (%v)", t.Path(), expression, got, want, err)
	}
}

// soon reports whether something comes true before patience ends.
func soon(come func() bool) bool {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if come() {
			return true
		}
	}
	return come()
}
