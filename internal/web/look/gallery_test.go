package look_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"kartotek/internal/locale"
	"kartotek/internal/web/look"
	"kartotek/internal/web/look/gallery"
)

// TestGallery renders every sample page and holds it to what a page must be for
// everyone. With KARTOTEK_GALLERY=dir the pages stay there, to be opened in a browser.
func TestGallery(t *testing.T) {
	dir := os.Getenv("KARTOTEK_GALLERY")
	if dir == "" {
		dir = t.TempDir()
	}
	for _, lang := range locale.Languages() {
		for name, page := range gallery.Pages() {
			t.Run(lang+"/"+name, func(t *testing.T) {
				var out bytes.Buffer
				if err := page.Render(look.In(t.Context(), locale.For(lang)), &out); err != nil {
					t.Fatal(err)
				}
				checkPage(t, out.String())
				if lang == "da" {
					keep(t, dir, name, out.String())
				}
			})
		}
	}
}

// keep writes a page so that it finds its assets beside it.
func keep(t *testing.T, dir, name, page string) {
	t.Helper()
	page = strings.ReplaceAll(page, look.Asset(""), "assets/")
	if err := os.WriteFile(filepath.Join(dir, name+".html"), []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "assets"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, asset := range []string{"kartotek.css", "kartotek.js", "region.js", "search.js", "poll.js", "icon.svg"} {
		if err := os.WriteFile(filepath.Join(dir, "assets", asset), served(t, asset), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// document is a parsed page with what the checks look up.
type document struct {
	*testing.T
	elements []*html.Node
	ids      map[string]*html.Node
	labelled map[string]bool // ids that a label is for
}

func checkPage(t *testing.T, page string) {
	if strings.Contains(page, "⟦") {
		t.Errorf("a message or an argument is missing: %s", around(page, "⟦"))
	}
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	d := document{T: t, ids: map[string]*html.Node{}, labelled: map[string]bool{}}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		d.elements = append(d.elements, n)
		if id := attr(n, "id"); id != "" {
			if d.ids[id] != nil {
				t.Errorf("id %q stands twice", id)
			}
			d.ids[id] = n
		}
		if n.Data == "label" {
			d.labelled[attr(n, "for")] = true
		}
	}
	d.headings()
	for _, n := range d.elements {
		d.strict(n)
		d.references(n)
		d.named(n)
		d.placed(n)
	}
}

// headings: one h1, and no level is skipped on the way down.
func (d document) headings() {
	last, ones := 0, 0
	for _, n := range d.elements {
		if len(n.Data) != 2 || n.Data[0] != 'h' || n.Data[1] < '1' || n.Data[1] > '6' {
			continue
		}
		level := int(n.Data[1] - '0')
		if level == 1 {
			ones++
		}
		if level > last+1 {
			d.Errorf("<h%d> %q follows a heading of level %d", level, text(n), last)
		}
		if text(n) == "" {
			d.Errorf("<h%d> is empty", level)
		}
		last = level
	}
	if ones != 1 {
		d.Errorf("%d headings of level 1", ones)
	}
}

// strict: nothing that the policy forbids, nothing from elsewhere.
func (d document) strict(n *html.Node) {
	for _, a := range n.Attr {
		if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
			d.Errorf("<%s> has an inline %s", n.Data, a.Key)
		}
		if (a.Key == "href" || a.Key == "src" || a.Key == "action") && (strings.Contains(a.Val, "//") || strings.HasPrefix(a.Val, "javascript:")) {
			d.Errorf("<%s %s=%q> leads elsewhere", n.Data, a.Key, a.Val)
		}
	}
	if n.Data == "style" || n.Data == "script" && n.FirstChild != nil {
		d.Errorf("inline <%s>", n.Data)
	}
}

// references: what points at an id points at something, and a local link too when it
// is an error's.
func (d document) references(n *html.Node) {
	for _, key := range []string{"aria-describedby", "aria-labelledby", "for", "form", "data-open"} {
		for id := range strings.FieldsSeq(attr(n, key)) {
			if d.ids[id] == nil {
				d.Errorf("<%s %s=%q>: there is no such id", n.Data, key, id)
			}
		}
	}
	if region := attr(n, "data-search"); region != "" {
		if !slices.ContainsFunc(d.elements, func(e *html.Node) bool { return attr(e, "data-region") == region }) {
			d.Errorf("the search's region %q is not on the page", region)
		}
	}
	if href := attr(n, "href"); n.Parent != nil && n.Parent.Parent != nil && n.Parent.Parent.Parent != nil &&
		attr(n.Parent.Parent.Parent, "class") == "error-summary" && d.ids[strings.TrimPrefix(href, "#")] == nil {
		d.Errorf("the problem %q leads to no field", text(n))
	}
}

// named: every control and every landmark says what it is.
func (d document) named(n *html.Node) {
	switch n.Data {
	case "input", "select", "textarea", "progress":
		if attr(n, "type") != "hidden" && !d.labelled[attr(n, "id")] {
			d.Errorf("<%s name=%q> has no label", n.Data, attr(n, "name"))
		}
		if n.Data != "progress" && attr(n, "name") == "" {
			d.Errorf("<%s id=%q> would not be sent", n.Data, attr(n, "id"))
		}
	case "button", "a", "summary", "legend", "th", "option", "title", "caption", "label":
		if text(n) == "" && attr(n, "aria-label") == "" {
			d.Errorf("<%s class=%q> says nothing", n.Data, attr(n, "class"))
		}
		if n.Data == "button" && attr(n, "type") == "" {
			d.Errorf("button %q has no type", text(n))
		}
	case "nav", "section", "article", "dialog":
		if attr(n, "aria-label") == "" && attr(n, "aria-labelledby") == "" {
			d.Errorf("<%s class=%q> has no name", n.Data, attr(n, "class"))
		}
	case "svg":
		if attr(n, "aria-hidden") != "true" && (attr(n, "role") != "img" || attr(n, "aria-labelledby") == "") {
			d.Errorf("a drawing is neither hidden nor named")
		}
	case "fieldset":
		if first := firstElement(n); first == nil || first.Data != "legend" {
			d.Errorf("fieldset %q does not begin with a legend", attr(n, "id"))
		}
	case "html":
		if attr(n, "lang") == "" {
			d.Errorf("the page has no language")
		}
	case "table":
		if first := firstElement(n); first == nil || first.Data != "caption" {
			d.Errorf("a table has no caption")
		}
	}
}

// placed: buttons stand in a form or name one, controls are sent, forms post what is
// written, and no form stands in another.
func (d document) placed(n *html.Node) {
	inside := func(name string) bool {
		for p := n.Parent; p != nil; p = p.Parent {
			if p.Data == name {
				return true
			}
		}
		return false
	}
	switch n.Data {
	case "button":
		if attr(n, "type") == "submit" && !inside("form") && attr(n, "form") == "" {
			d.Errorf("button %q sends no form", text(n))
		}
	case "input", "select", "textarea":
		if !inside("form") {
			d.Errorf("<%s name=%q> stands outside of a form", n.Data, attr(n, "name"))
		}
	case "form":
		if inside("form") {
			d.Errorf("a form stands in a form")
		}
		if attr(n, "method") == "" {
			d.Errorf("a form has no method, so its values would be in the address")
		}
	case "li":
		if p := n.Parent.Data; p != "ul" && p != "ol" {
			d.Errorf("<li> in <%s>", p)
		}
	case "p", "span", "a", "strong", "b", "small":
		for c := range n.Descendants() {
			if slices.Contains([]string{"p", "div", "ul", "ol", "dl", "table", "h1", "h2", "h3", "form"}, c.Data) && c.Type == html.ElementNode {
				d.Errorf("<%s> in <%s>", c.Data, n.Data)
			}
		}
	}
}

func attr(n *html.Node, key string) string {
	if n.Type != html.ElementNode {
		return ""
	}
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func firstElement(n *html.Node) *html.Node {
	for c := range n.ChildNodes() {
		if c.Type == html.ElementNode {
			return c
		}
	}
	return nil
}

func around(s, what string) string {
	i := strings.Index(s, what)
	return strconv.Quote(s[max(0, i-60):min(len(s), i+60)])
}

// TestEveryClassIsShown: the gallery leaves no class of the style unused, so that
// what it checks is everything there is.
func TestEveryClassIsShown(t *testing.T) {
	shown := map[string]bool{}
	for _, page := range gallery.Pages() {
		var out bytes.Buffer
		if err := page.Render(look.In(t.Context(), locale.For("da")), &out); err != nil {
			t.Fatal(err)
		}
		root, err := html.Parse(&out)
		if err != nil {
			t.Fatal(err)
		}
		for n := range root.Descendants() {
			for class := range strings.FieldsSeq(attr(n, "class")) {
				shown[class] = true
			}
		}
	}
	styled := classesOf(string(served(t, "kartotek.css")))
	for _, class := range slices.Sorted(maps.Keys(styled)) {
		position := strings.HasPrefix(class, "for-") || strings.HasPrefix(class, "pick-")
		if !shown[class] && !position {
			t.Errorf("class %q is styled but not in the gallery", class)
		}
	}
	for _, class := range slices.Sorted(maps.Keys(shown)) {
		if !styled[class] {
			t.Errorf("class %q is in the gallery but has no style", class)
		}
	}
}
