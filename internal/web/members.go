package web

import (
	"slices"
	"strconv"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/locale"
	"kartotek/internal/member"
	"kartotek/internal/transfer"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// A page of hits, and the guide cards above it.
const (
	hitsPage  = 25
	guideTabs = 8
	hitsPart  = "found" // the region that follows the typing
)

// searching is what is asked for: a text, or the letters of a guide card.
type searching struct {
	text    string
	letters string // the first letter of the guide card; "" is none
	page    int    // from 1
	reading int64  // what the keystroke before returned
	unit    unit.ID
}

// searchView is the members page.
type searchView struct {
	Title                              string
	Text, Unit                         string
	Units                              []look.Option // bodies to choose among; nil where there is one
	Create, Import, Pull, Moving, Edit bool
	Joining                            bool // those who want to join are one's business
	Found                              foundView
	Because                            look.Because
}

// foundView is the part of the page that follows the typing.
type foundView struct {
	Says    string // how many, in a word
	Aside   string // which of them show
	Reading int64
	Letters string
	Guide   look.Guide
	Table   look.Table[hitRow]
	Pages   look.Pages
	Asking  bool   // the whole register is not leafed through: a name or a letter first
	Where   string // the body, for what is said where nothing is
	Text    string
}

// hitRow is a member in the table.
type hitRow struct {
	url, name, number string
	bodies            []string
	phone, shown      string // E.164 and as people write it
	email             string
	restricted        bool
	returned          bool // mail comes back
}

// membersPage shows the card index of the body one works in. Nothing that
// anybody typed is in its address; a body's code may be.
func membersPage(v *visit) error { return v.members(v.query(), searching{page: 1}) }

// membersSearch is a keystroke of a search, a guide card or a page of hits.
func membersSearch(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	q := searching{text: f.text("q"), letters: f.text("tab"), page: f.page(), reading: f.number("reading")}
	if f.has("letters") {
		q.letters, q.page = f.text("letters"), 1
	}
	return v.members(f, q)
}

func (v *visit) members(f form, q searching) error {
	code := f.text("unit")
	if code != "" {
		body, known := v.house.Units.Tree().ByCode(code)
		if !known {
			return errNotFound
		}
		q.unit = body.ID
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Search, Unit: q.unit})
	if err != nil {
		return err
	}
	found, err := v.find(scope, q)
	if err != nil {
		return err
	}
	if v.asked(hitsPart) {
		return v.part(foundRegion(found))
	}
	view := searchView{
		Title: v.T("search.title"), Text: q.text, Unit: code, Units: v.searchable(),
		Create: v.may(charter.Create), Import: v.may(charter.Import), Pull: v.may(charter.Pull), Moving: v.may(charter.Create | transfer.LetsGo()), Edit: v.may(charter.Edit), Joining: v.house.Charter.Joining.Open() && v.may(v.house.Charter.Joining.Act),
		Found: found, Because: v.becauseOf("search", scope),
	}
	if found.Where != "" {
		view.Title = v.T("search.title_in", "body", found.Where)
	}
	return v.show(page{title: v.T("search.title"), tab: tabMembers, body: membersBody(view)})
}

// find runs a search and puts what it found into words.
func (v *visit) find(scope access.Scope, q searching) (foundView, error) {
	found := foundView{Reading: q.reading, Text: q.text}
	if scope.Unit() != 0 {
		found.Where = v.unitName(scope.Unit())
	}
	ask := member.Query{Text: q.text, Page: q.page - 1, Size: hitsPage, Reading: q.reading}
	total := -1
	if q.text == "" {
		tabs, err := v.house.Members.Tabs(scope, guideTabs)
		if err != nil {
			return found, err
		}
		chosen := slices.IndexFunc(tabs, func(t member.Tab) bool {
			return q.letters != "" && t.From == q.letters || q.letters == otherLetters && t.From == ""
		})
		found.Guide = v.guide(tabs, chosen)
		if chosen >= 0 {
			t := tabs[chosen]
			total, found.Letters = t.Count, q.letters
			ask.Page = min(ask.Page, (total-1)/hitsPage)
			ask.Skip, ask.Page, ask.Size = t.Offset+ask.Page*hitsPage, 0, min(hitsPage, total-ask.Page*hitsPage)
			q.page = min(q.page, (total-1)/hitsPage+1)
		} else if scope.All() {
			// Least data: nobody needs the first page of a whole country.
			found.Asking = true
			for _, t := range tabs {
				total = max(total, 0) + t.Count
			}
			found.Says = v.T("search.count", "count", max(total, 0))
			return found, nil
		}
	}
	hits, err := v.house.Members.Search(v.ctx(), scope, ask)
	if err == nil && len(hits.Rows) == 0 && hits.Total > 0 && q.page > 1 { // fewer than before: back to the first
		q.page, ask.Page = 1, 0
		hits, err = v.house.Members.Search(v.ctx(), scope, ask)
	}
	if err != nil {
		return found, err
	}
	if total < 0 {
		total = hits.Total
	}
	found.Reading = hits.Reading
	found.Says = v.T("search.count", "count", total)
	if first := (q.page-1)*hitsPage + 1; len(hits.Rows) > 0 {
		found.Aside = v.T("search.shown", "from", v.p.Number(first), "to", v.p.Number(first+len(hits.Rows)-1))
	}
	found.Pages = look.Pages{Page: q.page, Last: (total + hitsPage - 1) / hitsPage, Form: searchForm}
	found.Table = v.hitTable(scope, hits.Rows)
	return found, nil
}

// searchForm is the id of the form that pages and guide cards are buttons of.
const searchForm = "search"

// otherLetters stands for what sorts before A.
const otherLetters = "#"

// guide are the guide cards of the alphabet, buttons of the search form.
func (v *visit) guide(tabs []member.Tab, chosen int) look.Guide {
	guide := look.Guide{Label: v.T("search.alphabet"), Form: searchForm}
	for i, t := range tabs {
		text, value := t.From, t.From
		if t.From == "" {
			text, value = otherLetters, otherLetters
		}
		if t.To != t.From {
			text += "–" + t.To
		}
		guide.Ranges = append(guide.Ranges, look.Range{Text: text, Count: t.Count, Says: v.T("search.count", "count", t.Count), Value: value, Current: i == chosen})
	}
	return guide
}

// searchable are the bodies whose members can be searched by themselves, in the
// tree's order; nil where there is only one.
func (v *visit) searchable() []look.Option {
	if v.hat == nil {
		return nil
	}
	tree := v.house.Units.Tree()
	bodies, all := tree.All(), v.T("search.everywhere")
	if v.hat.Basis.InBody() {
		bodies, all = tree.Below(v.hat.Basis.Unit), v.bodyName(v.hat.Basis)
		if level, ok := v.house.Charter.Level(v.unitLevel(v.hat.Basis.Unit)); !ok || !level.SubBodies {
			return nil
		}
	}
	options := []look.Option{{Text: all}}
	for _, u := range bodies {
		if u.Parent != 0 && !u.Closed {
			options = append(options, look.Option{Value: u.Code, Text: indented(tree, u)})
		}
	}
	if len(options) < 3 {
		return nil
	}
	return options
}

// indented is a body's name, further in the deeper it stands.
func indented(tree *unit.Tree, u unit.Unit) string {
	return strings.Repeat("\u2003", max(tree.Depth(u.ID)-1, 0)) + u.Name
}

// hitTable shows the hits. Columns that say nothing here are left out: the body
// where there is one, the mark where nobody has any.
func (v *visit) hitTable(scope access.Scope, hits []member.Hit) look.Table[hitRow] {
	rows := make([]hitRow, len(hits))
	several := scope.All() || scope.Units().GetCardinality() > 1
	marked := false
	for i := range hits {
		h := &hits[i]
		row := hitRow{
			name: filed(h.Given, h.Family), number: h.Number, email: h.Email, restricted: h.Restricted, returned: h.Returned,
		}
		if !scope.Narrow() { // documented access opens no card
			row.url = v.cardPath(h.Person)
		}
		if row.phone = h.Mobile; row.phone == "" {
			row.phone = h.Phone
		}
		row.shown = locale.Phone(row.phone, v.house.Charter.Country)
		for _, id := range h.Units {
			row.bodies = append(row.bodies, v.memberOf(id))
		}
		marked = marked || h.Restricted || h.Returned
		rows[i] = row
	}
	return hitColumns(v.p, rows, several, marked)
}

// memberOf names the body of a membership; one of the association itself is
// somebody without a body.
func (v *visit) memberOf(id unit.ID) string {
	if root, ok := v.house.Units.Tree().Root(); ok && root.ID == id {
		return v.T("search.no_body")
	}
	return v.unitName(id)
}

// filed is a name as it is filed: "Holm, Birgitte".
func filed(given, family string) string {
	if given == "" || family == "" {
		return given + family
	}
	return family + ", " + given
}

// cardPath is the page of a member's card.
func (v *visit) cardPath(person vault.PersonID) string { return membersPath + "/" + v.public(person) }

// becauseOf says by which right one sees what a page shows, and that it stands in
// the log. The page is the first part of the messages' keys.
func (v *visit) becauseOf(page string, scope access.Scope, pairs ...any) look.Because {
	basis := scope.Basis()
	pairs = append(pairs, "post", v.postName(basis), "body", v.bodyName(basis))
	key := page + ".because.position"
	if basis.InBody() {
		key = page + ".because.post"
		pairs = append(pairs, "as", lowered(v.postName(basis)))
	}
	return look.Because{Lead: v.T(page + ".because.lead"), Text: v.T(key, pairs...)}
}

// readingValue carries a reading through the form.
func readingValue(reading int64) string { return strconv.FormatInt(reading, 10) }
