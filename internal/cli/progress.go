package cli

import (
	"fmt"
	"os"
	"sync"
	"time"

	"kartotek/internal/locale"
)

// progress is one line on standard error, for work that takes a while, and only
// where somebody watches. It is safe for concurrent use.
type progress struct {
	p     *locale.Printer
	out   *os.File // nil: nobody watches
	mu    sync.Mutex
	last  time.Time
	shown bool
}

func (d *desk) progress() *progress {
	w := &progress{p: d.p}
	if terminal(d.errs) {
		w.out = d.errs
	}
	return w
}

// tick is how often the line changes.
const tick = 100 * time.Millisecond

// tell shows how far something is; a total of 0 is unknown. The words are
// cli.progress.<stage>.
func (w *progress) tell(stage string, done, total int) {
	if w.out == nil || done == 0 && total == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if now.Sub(w.last) < tick {
		return
	}
	w.last, w.shown = now, true
	text := w.p.T("cli.progress."+stage, "count", done)
	if total > 0 {
		text = w.p.T("cli.progress."+stage+"_of", "count", done, "total", total)
	}
	fmt.Fprintf(w.out, "\r\x1b[K%s", text)
}

// say shows at once what is being done, until something else is told.
func (w *progress) say(stage string, args ...any) {
	if w.out == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last, w.shown = time.Time{}, true
	fmt.Fprintf(w.out, "\r\x1b[K%s", w.p.T("cli.progress."+stage, args...))
}

// clear takes the line away.
func (w *progress) clear() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.shown {
		fmt.Fprint(w.out, "\r\x1b[K")
		w.shown = false
	}
}
