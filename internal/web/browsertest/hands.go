package browsertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// What a person presses and fills in is found by its words. Of several with the
// same, the first that shows is meant; words that are equal come before words
// that only begin so.
const finding = `(() => {
	const squeeze = (text) => (text ?? '').replace(/\s+/g, ' ').trim();
	const root = document.querySelector(%q);
	const shown = [...(root?.querySelectorAll(%q) ?? [])].filter((e) => e.checkVisibility());
	const name = (e) => squeeze(e.getAttribute('aria-label') ?? e.innerText);
	const want = squeeze(%q);
	return shown.find((e) => name(e) === want) ?? shown.find((e) => name(e).startsWith(want));
})()`

const (
	pressable = "a[href], button, summary"
	anywhere  = "body"
)

// point is where a mouse would press, and what is in the way there.
type point struct {
	X, Y    float64
	Covered string
}

// pointing brings an element into sight and finds a point of it.
const pointing = `((e) => {
	if (!e) return null;
	e.scrollIntoView({block: 'center', behavior: 'instant'});
	const r = e.getClientRects()[0] ?? e.getBoundingClientRect();
	const [x, y] = [r.x + r.width / 2, r.y + r.height / 2];
	const top = document.elementFromPoint(x, y);
	const covered = top && (top === e || e.contains(top) || top.contains(e)) ? '' : (top?.outerHTML ?? 'the edge of the window').slice(0, 120);
	return {X: x, Y: y, Covered: covered};
})(%s)`

// Press presses a link or button that shows the words.
func (t *Tab) Press(words string) { t.Helper(); t.PressIn(anywhere, words) }

// PressIn is Press within the first element a selector matches.
func (t *Tab) PressIn(within, words string) {
	t.Helper()
	t.press(fmt.Sprintf(finding, within, pressable, words), words)
}

// Choose ticks a box or chooses among several by its words.
func (t *Tab) Choose(words string) {
	t.Helper()
	t.press(fmt.Sprintf(finding, anywhere, ".choice label", words), words)
}

// GoBeside presses a link or button in the row of a table that shows some words,
// and waits for the page it leads to.
func (t *Tab) GoBeside(row, words string) {
	t.Helper()
	t.Leads(func() { t.Helper(); t.press(fmt.Sprintf(beside, row, words), words) })
}

// beside finds what can be pressed in a row; a row shows as a card on a phone.
const beside = `(() => {
	const squeeze = (text) => (text ?? '').replace(/\s+/g, ' ').trim();
	const row = [...document.querySelectorAll('tbody tr')].find((e) => e.checkVisibility() && squeeze(e.innerText).includes(squeeze(%q)));
	return [...(row?.querySelectorAll('a[href], button') ?? [])].find((e) => squeeze(e.innerText).startsWith(squeeze(%q)));
})()`

func (t *Tab) press(element, words string) {
	t.Helper()
	var at *point
	var err error
	found := soon(func() bool {
		at, err = Read[*point](t, fmt.Sprintf(pointing, element))
		return err == nil && at != nil
	})
	if !found {
		t.Fatalf("%s has nothing to press that says %q (%v): %s", t.Path(), words, err, t.Words("main"))
	}
	if at.Covered != "" {
		t.Errorf("%s: %q is covered by %s", t.Path(), words, at.Covered)
	}
	t.Do(chromedp.MouseClickXY(at.X, at.Y))
}

// Go presses a link or button and waits for the page it leads to.
func (t *Tab) Go(words string) { t.Helper(); t.GoIn(anywhere, words) }

// GoIn is Go within the first element a selector matches.
func (t *Tab) GoIn(within, words string) {
	t.Helper()
	t.Leads(func() { t.Helper(); t.PressIn(within, words) })
}

// Leads waits for the page that an act leads to.
func (t *Tab) Leads(act func()) {
	t.Helper()
	t.Eval("window.left = 'not yet'")
	act()
	t.Until("window.left + document.readyState", "undefinedcomplete")
	t.arrived()
}

// Type puts a text into a field, known by the words of its label, in place of
// what is there.
func (t *Tab) Type(label, text string) {
	t.Helper()
	t.focus(label)
	t.Do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, input.InsertText, input.InsertTextParams{Text: text})
		return err
	}))
}

// Keys types a text into a field key by key.
func (t *Tab) Keys(label, text string) {
	t.Helper()
	t.focus(label)
	t.Do(chromedp.KeyEvent(text))
}

// Enter presses the return key and waits for the page it leads to.
func (t *Tab) Enter() {
	t.Helper()
	t.Leads(func() { t.Do(chromedp.KeyEvent(kb.Enter)) })
}

const field = "(" + finding + ")?.control"

// focus goes into a field and takes hold of all that is in it.
func (t *Tab) focus(label string) {
	t.Helper()
	control := fmt.Sprintf(field, anywhere, "label", label)
	t.Until("!!"+control, "true")
	t.Eval("(e => { e.focus(); e.select?.(); })(" + control + ")")
}

// Pick chooses an option of a menu, known by its label, by the option's words.
// The page it leads to is waited for where choosing sends the form.
func (t *Tab) Pick(label, option string) {
	t.Helper()
	control := fmt.Sprintf(field, anywhere, "label", label)
	t.Until("!!"+control, "true")
	choose := fmt.Sprintf(`((s) => {
		const option = [...s.options].find((o) => o.text.trim() === %q);
		if (!option) return 'no option';
		s.value = option.value;
		s.dispatchEvent(new Event('input', {bubbles: true}));
		s.dispatchEvent(new Event('change', {bubbles: true}));
		return '';
	})(%s)`, option, control)
	if trouble := t.Eval(choose); trouble != "" {
		t.Fatalf("%s: %s has %s %q", t.Path(), label, trouble, option)
	}
}

// Upload puts a file into the field of the page that takes one.
func (t *Tab) Upload(name string, content []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Do(chromedp.SetUploadFiles(chromedp.CSS("input[type=file]"), []string{path}))
}

// Download does an act that gives a file, and returns the file's name and content.
func (t *Tab) Download(act func()) (name string, content []byte) {
	t.Helper()
	if t.files == "" {
		t.files = t.TempDir()
		_, err := chromedp.CallBrowser(t.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
			Behavior:         browser.SetDownloadBehaviorBehaviorAllow,
			BrowserContextID: chromedp.FromContext(t.ctx).BrowserContextID, DownloadPath: t.files,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	act()
	arrived := soon(func() bool {
		files, err := os.ReadDir(t.files)
		if err != nil || len(files) != 1 || strings.HasSuffix(files[0].Name(), ".crdownload") {
			return false
		}
		name = files[0].Name()
		return true
	})
	if !arrived {
		t.Fatalf("%s gives no file: %s", t.Path(), t.Words("main"))
	}
	path := filepath.Join(t.files, name)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	return name, content
}

// Words are what an element shows, its white space squeezed.
func (t *Tab) Words(selector string) string {
	words, _ := t.Try(fmt.Sprintf("document.querySelector(%q)?.innerText ?? ''", selector))
	return strings.Join(strings.Fields(words), " ")
}

// Says waits until one of the elements that a selector matches shows a text, in
// whatever case the style sets it.
func (t *Tab) Says(selector, text string) {
	t.Helper()
	all := fmt.Sprintf(`JSON.stringify([...document.querySelectorAll(%q)].map((e) => e.innerText))`, selector)
	says := fmt.Sprintf(`[...document.querySelectorAll(%q)].some((e) => e.checkVisibility() && e.innerText.replace(/\s+/g, ' ').toLowerCase().includes(%q))`, selector, strings.ToLower(squeeze(text)))
	if !soon(func() bool { said, err := t.Try(says); return err == nil && said == "true" }) {
		got, _ := t.Try(all)
		t.Fatalf("%s: no %s says %q: %s\n%s", t.Path(), selector, text, got, t.Words("main"))
	}
}

// Silent checks that the page shows a text nowhere.
func (t *Tab) Silent(text string) {
	t.Helper()
	if strings.Contains(t.Words(anywhere), squeeze(text)) {
		t.Errorf("%s says %q", t.Path(), text)
	}
}

// Count is how many elements a selector matches.
func (t *Tab) Count(selector string) int {
	t.Helper()
	n, err := strconv.Atoi(t.Eval(fmt.Sprintf("document.querySelectorAll(%q).length", selector)))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Offers reports whether something that shows the words can be pressed.
func (t *Tab) Offers(words string) bool {
	found, _ := t.Try("!!" + fmt.Sprintf(finding, anywhere, pressable, words))
	return found == "true"
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }
