package charter

import (
	"slices"
	"sync"

	"github.com/BurntSushi/toml"
)

// Declaration says how a body's privacy declaration comes about and who stands behind it
// (N4–N9, N13–N16).
type Declaration struct {
	Edits    string `toml:"edits"`    // the right of a body's posts that write, look through and publish its own
	Oversees string `toml:"oversees"` // the right over the whole register that sees to all of them
	Answers  string `toml:"answers"`  // the post that answers for a body formally (N8); the first of its level when absent
	Daily    string `toml:"daily"`    // the post that does the daily work (N8); the first that changes cards when absent
	Register string `toml:"register"` // the post that keeps the whole register (N12); the office when absent

	PublishDays  Number `toml:"publish-days"`  // a declaration that is missing, or no longer true, is published within
	LookMonths   Number `toml:"look-months"`   // and looked at again so often
	SecondPerson Switch `toml:"second-person"` // whoever wrote it does not also say that it may go out
}

// Authority is the law and the data protection authority of one country.
type Authority struct {
	Country string `toml:"country" need:"yes"` // ISO 3166-1 alpha-2
	Act     Words  `toml:"act" need:"yes"`     // the national act, as it stands today
	Name    Words  `toml:"name" need:"yes"`    // who can be complained to (GDPR Art. 77)
	Address string `toml:"address" need:"yes"`
	URL     string `toml:"url" need:"yes"`
	ActURL  string `toml:"act-url"` // where the act is read
	Source  Words  `toml:"source" need:"yes"`
	Checked string `toml:"checked"`
}

// usualDeclaration holds where a charter says nothing of declarations.
func usualDeclaration() Declaration {
	own := Words{
		"da": "Programmets udgangspunkt", "en": "The program's default", "nb": "Programmets utgangspunkt", "sv": "Programmets utgångspunkt",
	}
	return Declaration{
		Edits: Access.String(), Oversees: Journal.String(),
		PublishDays: Number{Value: 30, Source: own}, LookMonths: Number{Value: 12, Source: own}, SecondPerson: Switch{Value: true, Source: own},
	}
}

// Editor is the right whose holders in a body write its declaration.
func (d *Declaration) Editor() Acts { act, _ := ParseAct(d.Edits); return act }

// Overseer is the right whose holders, over the whole register, see to all of them.
func (d *Declaration) Overseer() Acts { act, _ := ParseAct(d.Oversees); return act }

func (d *Declaration) rows() []Parameter {
	return []Parameter{
		d.PublishDays.row("declaration-publish-days"), d.LookMonths.row("declaration-look-months"), d.SecondPerson.row("declaration-second-person"),
	}
}

// Authority finds the law and the authority of a country: the charter's own words, else
// what ships with the program. Empty is the charter's country.
func (c *Charter) Authority(country string) (*Authority, bool) {
	if country == "" {
		country = c.Country
	}
	for _, known := range [][]Authority{c.Authorities, shippedAuthorities()} {
		if a, ok := find(known, country, func(a *Authority) string { return a.Country }); ok {
			return a, true
		}
	}
	return nil, false
}

// shippedAuthorities are those of the charter for several countries that ships: one
// table, not two that drift apart.
var shippedAuthorities = sync.OnceValue(func() []Authority {
	var table struct {
		Authorities []Authority `toml:"authorities"`
	}
	src, err := shipped.ReadFile("club-no.toml")
	if err == nil {
		_, err = toml.Decode(string(src), &table)
	}
	if err != nil {
		panic(err) // embedded, and read by a test
	}
	return table.Authorities
})

// Answering is the post that answers for bodies of a level (N8).
func (c *Charter) Answering(level string) (*Post, bool) {
	return c.postFor(level, c.Declaration.Answers, func(*Post) bool { return true })
}

// Working is the post that does the daily work in bodies of a level (N8).
func (c *Charter) Working(level string) (*Post, bool) {
	return c.postFor(level, c.Declaration.Daily, func(p *Post) bool { return p.Acts.Has(Create) })
}

// postFor is the post a charter names where the level has it, else the first of the
// level that fits.
func (c *Charter) postFor(level, code string, fits func(*Post) bool) (*Post, bool) {
	if p, known := c.Post(code); known && p.At(level) {
		return p, true
	}
	for _, p := range c.PostsAt(level) {
		if p.Acts != 0 && fits(p) {
			return p, true
		}
	}
	return nil, false
}

// declaration checks what is said of declarations: rights and posts exist, and every
// country stands once.
func (r *reporter) declaration(c *Charter) {
	d := &c.Declaration
	for _, right := range []struct{ path, code string }{{"declaration.edits", d.Edits}, {"declaration.oversees", d.Oversees}} {
		if _, ok := ParseAct(right.code); !ok {
			r.report(right.path, "charter.error.unknown_act", "code", right.code, "known", AllActs.String())
		}
	}
	for _, post := range []struct{ path, code string }{
		{"declaration.answers", d.Answers}, {"declaration.daily", d.Daily}, {"declaration.register", d.Register},
	} {
		if _, known := c.Post(post.code); post.code != "" && !known {
			r.report(post.path, "charter.error.unknown_post", "code", post.code)
		}
	}
	r.between("declaration.publish-days.value", d.PublishDays.Value, 1, 120)
	r.between("declaration.look-months.value", d.LookMonths.Value, 1, 36)
	r.checked("declaration.publish-days", d.PublishDays.Checked)
	r.checked("declaration.look-months", d.LookMonths.Checked)
	r.checked("declaration.second-person", d.SecondPerson.Checked)
	for i := range c.Authorities {
		a, path := &c.Authorities[i], index("authorities", i)
		switch {
		case !countryCode.MatchString(a.Country):
			r.report(path+".country", "charter.error.country")
		case slices.ContainsFunc(c.Authorities[:i], func(other Authority) bool { return other.Country == a.Country }):
			r.report(path+".country", "charter.error.twice", "code", a.Country)
		}
		r.checked(path, a.Checked)
	}
}
