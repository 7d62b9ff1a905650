package look_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kartotek/internal/web/look"
)

// served is an asset as a browser gets it.
func served(t *testing.T, name string) []byte {
	t.Helper()
	response := get(look.Asset(name), "")
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", look.Asset(name), response.Status)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func get(url, encoding string) *http.Response {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, url, nil)
	r.Header.Set("Accept-Encoding", encoding)
	look.Assets().ServeHTTP(w, r)
	return w.Result()
}

func TestAssetsAreKeptForGood(t *testing.T) {
	for name, kind := range map[string]string{
		"kartotek.css": "text/css; charset=utf-8", "kartotek.js": "text/javascript; charset=utf-8",
		"search.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml",
	} {
		plain := served(t, name)
		response := get(look.Asset(name), "br, gzip")
		h := response.Header
		if h.Get("Content-Type") != kind || !strings.Contains(h.Get("Cache-Control"), "immutable") || h.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: headers %v", name, h)
		}
		zipped, err := gzip.NewReader(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		if unpacked, err := io.ReadAll(zipped); err != nil || string(unpacked) != string(plain) {
			t.Errorf("%s: packed and plain differ (%v)", name, err)
		}
	}
	for _, url := range []string{"/look/kartotek.css", "/look/0000000000000000/kartotek.css", look.Asset("style/base.css"), look.Asset("")} {
		if response := get(url, ""); response.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", url, response.Status)
		}
	}
}

// TestEveryFileIsServed: a style or script that nobody listed would be missed on the page.
func TestEveryFileIsServed(t *testing.T) {
	css := string(served(t, "kartotek.css"))
	styles, _ := filepath.Glob("style/*.css")
	scripts, _ := filepath.Glob("script/*.js")
	if len(styles) == 0 || len(scripts) == 0 {
		t.Fatal("no files")
	}
	for _, name := range styles {
		content, err := os.ReadFile(name)
		if err != nil || !strings.Contains(css, string(content)) {
			t.Errorf("%s is not part of kartotek.css (%v)", name, err)
		}
	}
	for _, name := range scripts {
		served(t, filepath.Base(name))
	}
}

// TestNothingFromElsewhere: no third party, neither in the style nor in the scripts.
func TestNothingFromElsewhere(t *testing.T) {
	for _, name := range []string{"kartotek.css", "kartotek.js", "region.js", "search.js", "poll.js", "icon.svg"} {
		content := strings.ReplaceAll(string(served(t, name)), "http://www.w3.org/2000/svg", "")
		for _, bad := range []string{"http:", "https:", "url(", "@import", "eval(", "innerHTML", ".style"} {
			if strings.Contains(content, bad) {
				t.Errorf("%s contains %s", name, bad)
			}
		}
	}
}

var (
	comments    = regexp.MustCompile(`(?s)/\*.*?\*/`)
	declaration = regexp.MustCompile(`\{[^{}]*\}`)
	className   = regexp.MustCompile(`\.([a-z][a-z0-9-]*)`)
)

// classesOf are the classes that a style sheet speaks of.
func classesOf(css string) map[string]bool {
	selectors := declaration.ReplaceAllString(comments.ReplaceAllString(css, ""), ";")
	found := map[string]bool{}
	for _, match := range className.FindAllStringSubmatch(selectors, -1) {
		found[match[1]] = true
	}
	return found
}
