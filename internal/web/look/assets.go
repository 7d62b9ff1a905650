package look

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// Policy is the Content-Security-Policy under which every page works.
const Policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// AssetPrefix is where Assets belongs in a mux: mux.Handle("GET "+AssetPrefix, Assets()).
const AssetPrefix = "/look/"

//go:embed style/*.css script/*.js icon.svg
var files embed.FS

// styles are the parts of kartotek.css in their order. Between layers the order is
// free; within one the later part wins.
var styles = []string{
	"tokens", "base", "frame",
	"tone", "card", "form", "table", "duty", "step", "page",
	"door", "chart",
	"flow", "views", "print",
}

// scripts are ES modules; kartotek.js is what pages load.
var scripts = []string{"kartotek.js", "region.js", "search.js", "poll.js", "passkey.js", "certificate.js"}

// asset is one file as it is served.
type asset struct {
	kind           string
	plain, zipped  []byte
	length, zipLen string
}

// packed are the assets by name, under the folder they are served from:
// "/look/3f9a…/", so that modules import each other beside them.
type packed struct {
	base   string
	assets map[string]asset
}

// pack joins, hashes and packs the files once, which are small and fixed: at the
// first page, since a command that shows none has no use for it.
var pack = sync.OnceValue(func() packed {
	all := packed{assets: map[string]asset{}}
	var css bytes.Buffer
	for _, name := range styles {
		css.Write(embedded("style/" + name + ".css"))
	}
	sum := sha256.New()
	keep := func(name string, content []byte) {
		sum.Write([]byte(name))
		sum.Write(content)
		all.assets[name] = newAsset(name, content)
	}
	keep("kartotek.css", css.Bytes())
	for _, name := range scripts {
		keep(name, embedded("script/"+name))
	}
	keep("icon.svg", embedded("icon.svg"))
	all.base = AssetPrefix + hex.EncodeToString(sum.Sum(nil)[:8]) + "/"
	return all
})

func embedded(name string) []byte {
	content, err := files.ReadFile(name)
	if err != nil {
		panic(err) // the names are constants, and the files are in the program
	}
	return content
}

func newAsset(name string, content []byte) asset {
	var zipped bytes.Buffer
	w, _ := gzip.NewWriterLevel(&zipped, gzip.BestCompression) // the level is valid
	w.Write(content)                                           // memory does not fail
	w.Close()
	return asset{
		kind:  kindOf(name),
		plain: content, length: strconv.Itoa(len(content)),
		zipped: zipped.Bytes(), zipLen: strconv.Itoa(zipped.Len()),
	}
}

// kindOf is the content type; the machine's own table may not know them.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return mime.TypeByExtension(path.Ext(name))
}

// Asset returns the address of an asset, "kartotek.css" or "icon.svg". It changes
// with the content, so that browsers may keep what they have for good.
func Asset(name string) string { return pack().base + name }

// Assets serves the style, the scripts and the icon. What is not of this version
// is not found, rather than kept for a year under a wrong name.
func Assets() http.Handler {
	all := pack()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, current := strings.CutPrefix(r.URL.Path, all.base)
		a, found := all.assets[name]
		if !current || !found {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.kind)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Vary", "Accept-Encoding")
		body, length := a.plain, a.length
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			body, length = a.zipped, a.zipLen
		}
		h.Set("Content-Length", length)
		if r.Method != http.MethodHead {
			w.Write(body)
		}
	})
}
