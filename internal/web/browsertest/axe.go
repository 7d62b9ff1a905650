package browsertest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Fault is something on a page that keeps somebody from using it.
type Fault struct {
	Rule   string   // axe's name of the rule
	Impact string   // "serious" or "critical"
	Help   string   // what the rule wants
	Where  []string // how the elements begin
}

// findFaults asks axe for what WCAG 2.2 A and AA forbid, and keeps what it calls
// serious or critical. Of a long table the rows repeat; the first of them are asked
// about. Where only a part of the page is to be looked at, window.fresh names it. A
// colour on its way to another is waited for.
const findFaults = `Promise.allSettled(
	document.getAnimations().filter((a) => a.effect.getComputedTiming().endTime !== Infinity).map((a) => a.finished),
).then(() => axe.run({include: window.fresh ?? [document], exclude: ['tbody tr:nth-child(n+9)']}, {
	runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'],
})).then((r) => r.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => ({
	Rule: v.id, Impact: v.impact, Help: v.help, Where: v.nodes.map((n) => n.html.slice(0, 160)),
})))`

// Faults gives the serious and critical faults axe finds on the page. What no
// machine can see, it cannot.
func (t *Tab) Faults() []Fault {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.ctx, 2*patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](axe(t)+"\n;true")); err != nil {
		t.Fatal("browsertest: axe does not load: ", err)
	}
	faults, err := chromedp.Run(ctx, chromedp.Evaluate[[]Fault](findFaults, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal("browsertest: axe does not run: ", err)
	}
	return faults
}

// axe-core is fetched once from where its makers publish it, has to be the bytes
// chosen here, and stays in the user's cache. The program has nothing of it.
const (
	axeVersion = "4.14.1"
	axeURL     = "https://registry.npmjs.org/axe-core/-/axe-core-" + axeVersion + ".tgz"
	axeHash    = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==" // SHA-512 of the package
	axeScript  = "package/axe.min.js"
	axeLimit   = 8 << 20 // bytes a package may have
)

var axeSource = sync.OnceValues(func() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	kept := filepath.Join(dir, "kartotek-test", "axe-core-"+axeVersion+".tgz")
	pack, err := os.ReadFile(kept)
	if err != nil || !chosen(pack) {
		if pack, err = fetchAxe(); err != nil {
			return "", err
		}
		if err := keepAxe(kept, pack); err != nil {
			return "", err
		}
	}
	return unpackAxe(pack)
})

// axe is the script's text. A machine that cannot fetch it fails: whether a page
// can be used by everybody is not proved otherwise.
func axe(t testing.TB) string {
	t.Helper()
	source, err := axeSource()
	if err != nil {
		t.Fatalf("browsertest: axe-core %s from %s: %v", axeVersion, axeURL, err)
	}
	return source
}

func chosen(pack []byte) bool {
	sum := sha512.Sum512(pack)
	return base64.StdEncoding.EncodeToString(sum[:]) == axeHash
}

func fetchAxe() ([]byte, error) {
	answer, err := (&http.Client{Timeout: time.Minute}).Get(axeURL)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("answers %s", answer.Status)
	}
	pack, err := io.ReadAll(io.LimitReader(answer.Body, axeLimit))
	if err == nil && !chosen(pack) {
		err = fmt.Errorf("is another package than the one chosen")
	}
	return pack, err
}

// keepAxe puts the package in place whole: several test binaries may do so at once.
func keepAxe(kept string, pack []byte) error {
	if err := os.MkdirAll(filepath.Dir(kept), 0o755); err != nil {
		return err
	}
	part, err := os.CreateTemp(filepath.Dir(kept), "axe-*")
	if err != nil {
		return err
	}
	defer os.Remove(part.Name())
	if _, err := part.Write(pack); err != nil {
		part.Close()
		return err
	}
	if err := part.Close(); err != nil {
		return err
	}
	return os.Rename(part.Name(), kept)
}

func unpackAxe(pack []byte) (string, error) {
	plain, err := gzip.NewReader(bytes.NewReader(pack))
	if err != nil {
		return "", err
	}
	for files := tar.NewReader(plain); ; {
		header, err := files.Next()
		if err != nil {
			return "", err
		}
		if header.Name == axeScript {
			source, err := io.ReadAll(files)
			return string(source), err
		}
	}
}
