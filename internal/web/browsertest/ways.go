package browsertest

import (
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// stops numbers what the Tab key has to come by: everything that can be pressed or
// filled in, a group of radio buttons as one; of a part of the page (window.fresh)
// only what is in it. It gives how many there are from the first to the last.
const stops = `(() => {
	const radios = new Set();
	const all = [...document.querySelectorAll('a[href], button, summary, select, textarea, input:not([type=hidden])')]
		.filter((e) => e.checkVisibility({visibilityProperty: true}) && !e.disabled && e.tabIndex >= 0)
		.filter((e) => {
			if (e.type !== 'radio') return true;
			const group = [e.form?.id, e.form?.action, e.name].join(' ');
			return !radios.has(group) && radios.add(group);
		});
	const part = (e) => !window.fresh || window.fresh.some((one) => one.contains(e));
	const [first, last] = [all.findIndex(part), all.findLastIndex(part)];
	if (first < 0) return 0;
	const left = new Map(all.filter(part).map((e) => [e.type === 'radio' ? e.name : e, e.outerHTML.slice(0, 120)]));
	const begin = () => { document.activeElement?.blur(); if (first > 0) all[first - 1].focus(); };
	window.stops = {left, unseen: [], begin};
	const stopped = () => { // takes note of where the Tab key has come, and of what is wrong there
		const e = document.activeElement;
		if (!e || e === document.body) return;
		left.delete(e.type === 'radio' ? e.name : e);
		const shows = [e, e.closest('label'), e.nextElementSibling].filter(Boolean).some((one) => {
			const s = getComputedStyle(one);
			return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== 'none';
		});
		if (!shows) window.stops.unseen.push('the focus does not show: ' + e.outerHTML.slice(0, 120));
	};
	document.addEventListener('keyup', stopped, true);
	return last - first + 1;
})()`

// mostStops is how far a long page is followed: what repeats is followed once.
const mostStops = 60

// ByKeyboard presses the Tab key through the page and gives what a person without a
// mouse would not reach, or not see that they are at (WCAG 2.1.1, 2.4.7).
func (t *Tab) ByKeyboard() (faults []string) {
	t.Helper()
	count, err := Read[int](t, stops)
	if err != nil {
		t.Fatal(err)
	}
	if count == 0 {
		return nil
	}
	var missed []string
	for range 2 { // a page that adds to itself meanwhile takes a second way round
		t.Eval(`window.stops.begin()`)
		t.Do(chromedp.KeyEvent(strings.Repeat(kb.Tab, min(count+3, mostStops))))
		if missed, err = Read[[]string](t, `[...window.stops.left.values()]`); err != nil {
			t.Fatal(err)
		}
		if len(missed) == 0 || count+3 > mostStops {
			break
		}
	}
	if faults, err = Read[[]string](t, `window.stops.unseen`); err != nil {
		t.Fatal(err)
	}
	if count+3 > mostStops {
		return faults
	}
	for _, stop := range missed {
		faults = append(faults, "the Tab key does not come to "+stop)
	}
	return faults
}

// paper is an A4 page's width between its margins, in pixels of the style sheet.
const paper = 688

// OnPaper gives what is wrong with the page when it is printed: it is too wide, or
// has lost its heading, or shows what only a screen has use for.
func (t *Tab) OnPaper() (faults []string) {
	t.Helper()
	media := func(name string) {
		if _, err := chromedp.Call(t.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: name}); err != nil {
			t.Fatal(err)
		}
	}
	screen := t.Options
	page := t.Options
	page.Width, page.Phone = paper, false
	media("print")
	t.Do(page.window(1000))
	defer func() { media(""); t.Do(screen.window(screen.Height)) }()
	if wide, err := Read[int](t, `document.documentElement.scrollWidth`); err != nil || wide > paper {
		faults = append(faults, fmt.Sprintf("is %d wide on paper, which has %d (%v)", wide, paper, err))
	}
	if heads := t.Eval(`[...document.querySelectorAll('h1')].filter((e) => e.checkVisibility()).length`); heads != "1" {
		faults = append(faults, "has "+heads+" headings on paper")
	}
	if shown := t.Eval(`[...document.querySelectorAll('nav, button')].filter((e) => e.checkVisibility()).map((e) => e.outerHTML.slice(0, 80)).join(' ')`); shown != "" {
		faults = append(faults, "prints "+shown)
	}
	return faults
}
