package charter

import "slices"

// Directory are the rules of the closed pages: which members see which others, and
// what of each (N11, N12). Where nobody sees anybody there is none, which is how it
// is where the charter says nothing.
type Directory struct {
	Purpose  string        `toml:"purpose"`  // under which members see each other; whoever objects to it is not there
	Fields   []string      `toml:"fields"`   // what members can let others see of themselves
	Shown    []string      `toml:"shown"`    // and what is seen until they say otherwise (GDPR Art. 25: as little as can be)
	Printed  []string      `toml:"printed"`  // the posts that may print it for their body; nobody when absent
	Contacts Number        `toml:"contacts"` // whose contact data one member may look at in a day
	Names    Number        `toml:"names"`    // and how many names
	Reach    []Acquainting `toml:"reach"`    // who sees whom

	page Purpose // of the open pages
	set  FieldSet
}

// Acquainting lets members of bodies of one level see the members of the body they
// belong to at another: the club's those of the club, the club's those of the district.
type Acquainting struct {
	Members string `toml:"members" need:"yes"` // level of the body one is a member of
	See     string `toml:"see" need:"yes"`     // level of the body whose members one sees: the same, or one above it
}

// ForOpenPage is the purpose of showing somebody on an open page, which rests on
// their consent alone (N11).
const ForOpenPage = "open-page"

// What a person consents to on open pages (N11): the name beside the function, and,
// asked by itself, an e-mail address of their own.
const (
	ConsentOpenPage  = "open-page"
	ConsentOpenEmail = "open-email"
)

// On reports whether members see each other at all.
func (d *Directory) On() bool { return len(d.Reach) > 0 }

// Sees reports whether members of bodies of a level see those of a body of another.
func (d *Directory) Sees(members, body string) bool {
	return slices.Contains(d.Reach, Acquainting{Members: members, See: body})
}

// At reports whether bodies of a level have closed pages.
func (d *Directory) At(body string) bool {
	return slices.ContainsFunc(d.Reach, func(a Acquainting) bool { return a.See == body })
}

// MayPrint reports whether holders of a post print the directory of their body.
func (d *Directory) MayPrint(post string) bool { return slices.Contains(d.Printed, post) }

// Shows gives the fields others see of somebody who lets these be seen: an address
// is seen whole or not at all.
func (d *Directory) Shows(chosen []string) []string {
	var all []string
	for _, code := range d.Fields {
		if slices.Contains(chosen, code) {
			all = append(all, code)
			if code == "address" {
				all = append(all, "postal", "town", "country")
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Set are the fields anybody can be seen by, and the name.
func (d *Directory) Set() FieldSet { return d.set }

// usualDirectory holds where a charter says nothing of closed pages: there are none.
func usualDirectory() Directory {
	own := Words{
		"da": "Programmets udgangspunkt", "en": "The program's default", "nb": "Programmets utgangspunkt", "sv": "Programmets utgångspunkt",
	}
	return Directory{
		Purpose: "member-list", Contacts: Number{Value: 30, Source: own}, Names: Number{Value: 500, Source: own},
	}
}

func (d *Directory) rows() []Parameter {
	if !d.On() {
		return nil
	}
	return []Parameter{d.Contacts.row("directory-contacts"), d.Names.row("directory-names")}
}

// compileDirectory makes the purpose of the open pages and the fields of the closed ones.
func (c *Charter) compileDirectory() {
	d := &c.Directory
	d.page = Purpose{
		Code: ForOpenPage, Basis: "6(1)(a)",
		Name: Words{"da": "Åben side", "en": "Open page", "nb": "Åpen side", "sv": "Öppen sida"},
		Hint: Words{
			"da": "Foreningens funktioner på nettet. Kun med samtykke.", "en": "The body's functions on the web. Only with consent.",
			"nb": "Foreningens funksjoner på nettet. Bare med samtykke.", "sv": "Föreningens funktioner på webben. Bara med samtycke.",
		},
		BasisText: Words{"da": "dit samtykke", "en": "your consent", "nb": "ditt samtykke", "sv": "ditt samtycke"},
		Fields:    []string{"given", "family", "email"},
	}
	if c.SpecialCategory {
		d.page.Basis9 = "9(2)(a)"
	}
	d.page.Set = c.FieldSet(d.page.Fields...)
	d.set = c.FieldSet(append([]string{"given", "family", "unit"}, d.Shows(d.Fields)...)...)
}

// directory checks the rules of the closed pages.
func (r *reporter) directory(c *Charter) {
	d := &c.Directory
	for _, n := range []struct {
		key string
		*Number
		high int
	}{{"contacts", &d.Contacts, 1000}, {"names", &d.Names, 100_000}} {
		r.between("directory."+n.key+".value", n.Value, 1, n.high)
		r.checked("directory."+n.key, n.Checked)
	}
	if !d.On() {
		return
	}
	purpose, known := c.Purpose(d.Purpose)
	if !known {
		r.report("directory.purpose", "charter.error.unknown_purpose", "code", d.Purpose)
		return
	}
	for i, code := range d.Fields {
		if !slices.Contains(purpose.Fields, code) { // what is seen is what the purpose is for (L8)
			r.report(index("directory.fields", i), "charter.error.directory_field", "code", code, "purpose", d.Purpose)
		}
	}
	for i, code := range d.Shown {
		if !slices.Contains(d.Fields, code) {
			r.report(index("directory.shown", i), "charter.error.directory_shown", "code", code)
		}
	}
	for i, code := range d.Printed {
		if _, known := c.Post(code); !known {
			r.report(index("directory.printed", i), "charter.error.unknown_post", "code", code)
		}
	}
	for i, a := range d.Reach {
		from, known := c.Level(a.Members)
		switch {
		case !known:
			r.report(index("directory.reach", i)+".members", "charter.error.unknown_level", "code", a.Members)
		case !from.Members: // nobody would see anybody
			r.report(index("directory.reach", i)+".members", "charter.error.directory_level", "level", a.Members)
		case !c.above(a.See, from):
			r.report(index("directory.reach", i)+".see", "charter.error.directory_see", "level", a.See)
		}
	}
}

// above reports whether a level is another, or stands above it.
func (c *Charter) above(code string, from *Level) bool {
	for at := from; at != nil; at, _ = c.Level(at.Parent) {
		if at.Code == code {
			return true
		}
	}
	return false
}
