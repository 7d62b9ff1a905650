package web_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kartotek/internal/vault"
	"kartotek/internal/web/browsertest"
)

// TestEveryPage follows every link a person is offered, as each role, and holds
// each page against what the house promises of all of them: it is there, it says
// everything in one language, fits the window, names nobody in its address, it
// prints, and axe finds nothing serious or critical on it (WCAG 2.2 AA) and the Tab
// key comes by all of it, both once for pages that are made alike. The journeys press
// the buttons, at the other widths and languages too; this finds the pages they do not
// come by. The short run leaves the walk out: under the race detector it would take
// the better part of an hour.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	chromium := browsertest.Start(t)
	for _, trip := range []trip{
		{charter: "party-dk", lang: "da", width: 1280, height: 900},
		{charter: "party-dk", lang: "en", width: 1280, height: 900, noScripts: true},
		{charter: "club-no", lang: "sv", width: 390, height: 844, phone: true},
	} {
		if testing.Short() {
			continue
		}
		t.Run(fmt.Sprint(trip.charter, trip.lang, trip.width, trip.noScripts), func(t *testing.T) {
			t.Parallel()
			j := set(t, chromium, trip)
			c := crawl{journey: j, met: map[string]bool{}}
			c.everybody(t)
			if len(c.met) < 25 {
				t.Errorf("only %d kinds of page were found", len(c.met))
			}
			for _, k := range administered {
				if !c.met[k] {
					t.Errorf("no role was offered %s", k)
				}
			}
			t.Log(len(c.met), "kinds of page:", slices.Sorted(maps.Keys(c.met)))
		})
	}
}

// administered are the pages under administration, which few roles open: between
// them they must come by all.
var administered = []string{
	"/administration?", "/backups?", "/keys?", "/access/master-key?", "/retention?", "/retention/guideline?", "/holds?", "/accounts?",
	"/holders?", "/notices?", "/letters?", "/log?", "/bodies?", "/bodies/·?",
}

// crawl is a walk along the links of the house.
type crawl struct {
	*journey
	met map[string]bool // kinds of page, all roles together
}

// everybody walks as each role of the demo, and as somebody not signed in.
func (c *crawl) everybody(t *testing.T) {
	tab := c.open(t)
	tab.Arrived = nil // the door speaks the browser's language until it is chosen
	tab.Visit("/signin")
	c.speak(tab)
	c.judge(tab)
	for _, path := range []string{"/join", "/joining/sent", "/certificate"} { // open to all
		tab.Visit(path)
		c.judge(tab)
	}
	walked, roles := map[vault.PersonID]bool{}, map[string]bool{}
	for _, login := range c.logins {
		if walked[login.Person] || roles[login.Role] { // two of one role are offered the same
			continue
		}
		walked[login.Person], roles[login.Role] = true, true
		if !t.Run(login.Role, func(t *testing.T) { c.everywhere(c.as(t, login.Person)) }) && t.Failed() {
			continue // the next role has pages of its own
		}
	}
}

// variable are the parts of an address that differ between pages of one kind.
var variable = regexp.MustCompile(`/([a-z2-7]{26}|[0-9]+)(/|$)`)

// ofBody is where an address has a body's code.
var ofBody = regexp.MustCompile(`(/(?:bodies|body|privacy|open|accounts|agreements)/)[^/]+`)

// kind is the kind of page an address leads to.
func kind(address string) string {
	path, query, _ := strings.Cut(address, "?")
	for variable.MatchString(path) {
		path = variable.ReplaceAllString(path, "/·$2")
	}
	path = ofBody.ReplaceAllString(path, "$1·")
	var names []string
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return path + "?" + strings.Join(names, "&")
}

// links are the addresses a page offers within the house, downloads aside.
const links = `[...document.querySelectorAll('a[href]')].filter((a) => a.origin === location.origin && !a.hasAttribute('download'))
	.map((a) => a.pathname + a.search)`

// everywhere walks from the home page, and from what a search finds.
func (c *crawl) everywhere(tab *browsertest.Tab) {
	tab.Helper()
	mine := map[string]bool{}
	c.walk(tab, mine, "/")
	if mine["/members?"] {
		c.walk(tab, mine, c.search(tab)...)
	}
	if mine["/import?"] {
		c.importing(tab)
	}
}

// walk visits one page of each kind that a role is offered and no role has met,
// and comes back to those that look otherwise for others: the first steps.
func (c *crawl) walk(tab *browsertest.Tab, mine map[string]bool, queue ...string) {
	tab.Helper()
	for len(queue) > 0 {
		address := queue[0]
		queue = queue[1:]
		k := kind(address)
		if mine[k] || c.met[k] && strings.Count(address, "/") > 1 {
			continue
		}
		mine[k], c.met[k] = true, true
		tab.Visit(address)
		c.judge(tab)
		queue = append(queue, offered(tab)...)
	}
}

// offered are the links of a page that has come.
func offered(tab *browsertest.Tab) []string {
	tab.Helper()
	found, err := browsertest.Read[[]string](tab, links)
	if err != nil {
		tab.Fatal(err)
	}
	return found
}

// search finds somebody, and nobody, by the form of the members page, whose answer
// no link leads to; it gives the links of what was found.
func (c *crawl) search(tab *browsertest.Tab) []string {
	tab.Helper()
	tab.Visit("/members")
	for _, typed := range []string{"xyzzy", "s"} {
		tab.Keys(c.T("search.question"), typed)
		if c.noScripts {
			tab.Enter()
		}
		tab.Until(fmt.Sprintf(`(() => {
			const found = document.querySelector('[data-region=found]');
			return !found.innerText.includes(%q) && !!found.querySelector('tbody tr') === %t;
		})()`, c.T("search.asking"), typed == "s"), "true")
		c.judge(tab)
	}
	return offered(tab)
}

// importing reads a file in which there is something to ask, something to refuse
// and something to leave out, up to where nothing is kept yet.
func (c *crawl) importing(tab *browsertest.Tab) {
	tab.Helper()
	tab.Visit("/import")
	tab.Upload("liste.csv", []byte("Fornavn;Efternavn;Fødselsdato;CPR-nr.;Skostr.\r\nÅse;Prøvesen;03/04/1961;030461-1238;38\r\nLille;Prøvesen;03/04/2022;;\r\n"))
	for _, step := range []string{"import.choose.button", "import.columns.update", "import.try", "import.drop"} {
		if step == "import.columns.update" {
			tab.Choose(c.T("import.dates.dmy"))
		}
		tab.Go(c.T(step))
		c.judge(tab)
	}
}

// judge looks at a page that has come.
func (c *crawl) judge(tab *browsertest.Tab) {
	tab.Helper()
	path := tab.Path()
	if status := tab.Eval("performance.getEntriesByType('navigation')[0].responseStatus"); status != "200" {
		tab.Errorf("%s answers %s", path, status)
	}
	if c.noScripts {
		return // axe is a script itself
	}
	audit(tab)
	var faults []string
	if tab.Unfamiliar(&tabbed) {
		faults = tab.ByKeyboard()
	}
	if !c.phone {
		faults = append(faults, tab.OnPaper()...)
	}
	for _, fault := range faults {
		tab.Errorf("%s: %s", path, fault)
	}
}

// What axe, and the Tab key, have been through on any walk or journey.
var audited, tabbed browsertest.Familiar

// audit is what axe finds in those parts of a page that no page before it had.
func audit(tab *browsertest.Tab) {
	tab.Helper()
	if !tab.Unfamiliar(&audited) {
		return
	}
	for _, fault := range tab.Faults() {
		tab.Errorf("%s: %s (%s): %s\n\t%s", tab.Path(), fault.Rule, fault.Impact, fault.Help, strings.Join(fault.Where, "\n\t"))
	}
}
