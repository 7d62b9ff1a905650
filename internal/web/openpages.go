package web

import (
	_ "embed"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"kartotek/internal/directory"
	"kartotek/internal/unit"
	"kartotek/internal/web/look"
)

// Open pages (N11): a body's functions, with the names of those whose consent stands.
// Page, frame, feed and list are worked out at every request, and no answer may be kept
// anywhere, so that a consent taken back is gone from the next one.
const openPath = "/open"

func openOf(code string) string { return openPath + "/" + code }

//go:embed openlist.js
var openList []byte

// openModule is the list for other sites: it asks for the feed each time it is shown.
func openModule(v *visit) error {
	h := v.w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	v.w.WriteHeader(http.StatusOK)
	v.w.Write(openList) // the visitor may be gone
	return nil
}

func (v *visit) openPage(code string) (directory.OpenPage, error) {
	return v.house.Directory.Show(v.ctx(), code, v.p)
}

// openShow is the page, or with .json after the body's code its feed.
func openShow(v *visit) error {
	code, feed := strings.CutSuffix(v.r.PathValue("code"), ".json")
	shown, err := v.openPage(code)
	if err != nil {
		return err
	}
	if feed {
		return v.openFeed(&shown)
	}
	title := v.T("directory.open.title", "body", shown.Body.Name)
	return v.show(page{title: title, body: openBody(title, shown, privacyOf(shown.Body.Code))})
}

// feedLine is a function in the feed.
type feedLine struct {
	Post     string `json:"post"`
	Function string `json:"function"`
	Name     string `json:"name,omitempty"`
	Email    string `json:"email,omitempty"`
}

// openFeed answers a program. Scripts of other sites may read it where the body has
// entered those.
func (v *visit) openFeed(shown *directory.OpenPage) error {
	feed := struct {
		Body      string     `json:"body"`
		Code      string     `json:"code"`
		Privacy   string     `json:"privacy"`
		Functions []feedLine `json:"functions"`
	}{shown.Body.Name, shown.Body.Code, v.address() + privacyOf(shown.Body.Code), []feedLine{}}
	for _, f := range shown.Functions {
		feed.Functions = append(feed.Functions, feedLine{f.Post, f.Title, f.Name, f.Email})
	}
	h := v.w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Language", v.p.Lang())
	h.Add("Vary", "Origin, Accept-Language")
	if origin := v.r.Header.Get("Origin"); slices.Contains(shown.Origins, origin) {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	v.w.WriteHeader(http.StatusOK)
	return json.NewEncoder(v.w).Encode(feed)
}

func openFrame(v *visit) error {
	shown, err := v.openPage(v.r.PathValue("code"))
	if err != nil {
		return err
	}
	v.framed(shown.Origins)
	title := v.T("directory.open.title", "body", shown.Body.Name)
	return v.write(http.StatusOK, framePage(title, openText(title, shown, privacyOf(shown.Body.Code))))
}

// openSnippets are what a body copies to its own site.
func (v *visit) openSnippets(body unit.Unit) []snippet {
	path := openOf(body.Code)
	all := v.snippets(path, v.T("directory.open.title", "body", body.Name), path+"/frame")
	at := v.address()
	return append(all, snippet{v.T("privacy.embed.module"), `<div data-kartotek="` + at + path + `.json"></div>` + "\n" +
		`<script type="module" src="` + at + openPath + `/list.js"></script>`})
}

func functionColumns(v func(string, ...any) string) []look.Column[directory.Function] {
	return []look.Column[directory.Function]{
		{Title: v("directory.open.post"), Kind: look.Leading, Cell: functionTitle},
		{Title: v("directory.open.name"), Cell: functionName},
		{Title: v("directory.open.email"), Cell: functionEmail},
	}
}
