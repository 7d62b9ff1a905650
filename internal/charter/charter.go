// Package charter holds the association's own rules as data: levels of bodies,
// posts and what each may do, purposes with their legal basis, fields, reasons
// for leaving, time limits with their sources. Enforcement and every published
// text are made from it, so that the two cannot drift apart. It knows no
// bodies, no persons and no database; a Charter never changes once parsed.
package charter

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/locale"
)

// Charter is one association's rules, parsed, checked and compiled. It is
// shared by everyone and must not be modified.
type Charter struct {
	Code      string   `toml:"code" need:"yes"`      // "party-dk"
	Name      Words    `toml:"name" need:"yes"`      // what the register calls the association until it is named
	Country   string   `toml:"country" need:"yes"`   // ISO 3166-1 alpha-2, upper case: the law that applies, the default of phone numbers
	Languages []string `toml:"languages" need:"yes"` // every name exists in each of these; the first is the association's own
	TimeZone  string   `toml:"time-zone" need:"yes"` // IANA name; deadlines are civil dates there

	Parameters  Parameters  `toml:"parameters" need:"yes"` // every limit with its source
	Transfers   Transfers   `toml:"transfers"`             // how members move; defaults where it is absent
	Joining     Joining     `toml:"joining"`               // how people apply; closed where it is absent
	Dues        Dues        `toml:"dues"`                  // what members pay; nothing where it is absent
	Bookkeeping Bookkeeping `toml:"bookkeeping"`           // L7: what is kept for the accounts
	Holds       Holds       `toml:"holds"`                 // what makes an erasure wait
	Grants      Grants      `toml:"grants"`                // D9: access for a named person with a task
	Handouts    Handouts    `toml:"handouts"`              // D5, D13: lists for those without access
	Meetings    Meetings    `toml:"meetings"`              // when members meet, who has a vote
	Review      Review      `toml:"review"`                // D14: when access is looked through
	Audit       Audit       `toml:"audit"`                 // N13: the yearly audit; none where no day is named
	Mailings    Mailings    `toml:"mailings"`              // L8, D13: writing to members without handing out a list
	Destruction Destruction `toml:"destruction"`           // D12: lists that are late
	Guard       Guard       `toml:"guard"`                 // L5: text about somebody that is stopped
	Closing     Closing     `toml:"closing"`               // D6: many memberships closed at once
	Passing     Passing     `toml:"passing"`               // N12: how members' data are passed on
	Recipients  []Receiver  `toml:"recipients"`            // N12: to whom; nobody when absent
	Directory   Directory   `toml:"directory"`             // N11, N12: members see each other on closed pages
	Declaration Declaration `toml:"declaration"`           // N4: how a body's privacy declaration comes about
	Agreements  Agreements  `toml:"agreements"`            // N2, L10: who signs what bodies must agree on
	NumberFirst int         `toml:"number-first"`          // the first member number given out; 1 when absent

	Office Office `toml:"office"` // what texts call those with positions; the secretariat when absent

	Levels     []Level    `toml:"levels" need:"yes"`     // root first
	Posts      []Post     `toml:"posts" need:"yes"`      // in the order they are shown
	Positions  []Position `toml:"positions" need:"yes"`  // D4
	Purposes   []Purpose  `toml:"purposes" need:"yes"`   // L5
	Consents   []Consent  `toml:"consents"`              // L5, N11: what members are asked to agree to; nothing when absent
	Fields     []Field    `toml:"fields" need:"yes"`     // at most 64
	Categories []Category `toml:"categories" need:"yes"` // kinds of membership
	Reasons    []Reason   `toml:"reasons" need:"yes"`    // for leaving

	Authorities []Authority  `toml:"authorities"`  // N6: law and authority by country; what ships where it is absent
	FormerNames FormerNames  `toml:"former-names"` // kept only where somebody asks
	Letters     Letters      `toml:"letters"`      // to whoever has no e-mail
	Protections []Protection `toml:"protections"`  // levels of secret addresses; one plain level when absent

	// Compiled from Parameters; the names most rooms use.
	ListDays             int  `toml:"-"` // D12: a pulled list lives at most, days
	Window               int  `toml:"-"` // D7: from closing to erasure, days
	SecondPairEndsWindow bool `toml:"-"` // D7: a second person may end the window at once
	MinimumAge           int  `toml:"-"` // years
	SpecialCategory      bool `toml:"-"` // L1: membership itself is Art. 9 data
	FormerNameMonths     int  `toml:"-"` // how long a former name is kept, where somebody asks for it
	HistoryYears         int  `toml:"-"` // D3: who had access is told so many years back
	CoverDays            int  `toml:"-"` // the longest cover of a post; 0 allows none
	LetterDays           int  `toml:"-"` // a letter that waits to be printed is posted within so many days
	LetterKeepDays       int  `toml:"-"` // and forgotten after so many
	BackupDays           int  `toml:"-"` // archives of the register are kept so many days
	DrillMonths          int  `toml:"-"` // and one is brought back as a trial so often
	CertificateYears     int  `toml:"-"` // how long the completion of a certificate can be fetched

	disclosures []Consent // made from Handouts.Recipients

	source   []byte
	zone     *time.Location
	headings map[string]int // folded heading → index in Fields
}

// Words is one text in several languages, by language tag.
type Words map[string]string

// In gives the text in lang, or in the nearest language it has: a Nordic
// neighbour first, then English, then the first by tag. Empty only when w is.
func (w Words) In(lang string) string {
	if text, ok := w[lang]; ok {
		return text
	}
	for _, near := range neighbours[lang] {
		if text, ok := w[near]; ok {
			return text
		}
	}
	if text, ok := w["en"]; ok {
		return text
	}
	first := ""
	for tag := range w {
		if first == "" || tag < first {
			first = tag
		}
	}
	return w[first]
}

// neighbours are the languages a reader of the key understands.
var neighbours = map[string][]string{
	"da": {"nb", "nn", "sv"},
	"nb": {"nn", "da", "sv"},
	"nn": {"nb", "da", "sv"},
	"sv": {"nb", "da", "nn"},
}

// Controller says what the bodies of a level are for the data of their members (L10).
const (
	ControllerAlone     = "controller" // Art. 4(7)
	ControllerJoint     = "joint"      // Art. 26: with the level above
	ControllerProcessor = "processor"  // Art. 28: for the bodies below (N2)
	ControllerNone      = "none"       // handles no member data of its own
)

// Office names, for the product's texts, who keeps the whole register and who
// closes memberships. Each is a phrase as it stands inside a sentence.
type Office struct {
	Name   Words `toml:"name"`    // "the district office"
	In     Words `toml:"in"`      // "at the district office"
	Closer Words `toml:"closers"` // D6, N14: "the secretary or the district office"; Name when absent
}

// Printer speaks a language with the association's own words for its office.
func (c *Charter) Printer(lang string) *locale.Printer {
	p, own := locale.For(lang), map[string]string{}
	for word, names := range map[string]Words{"office": c.Office.Name, "in_office": c.Office.In, "closer": c.Office.Closer} {
		if len(names) > 0 {
			own[word] = names.In(p.Lang())
		}
	}
	if own["closer"] == "" && own["office"] != "" {
		own["closer"] = own["office"]
	}
	return p.With(own)
}

// Level is one storey of the association: the root, a region, a local body.
type Level struct {
	Code        string `toml:"code" need:"yes"`
	Name        Words  `toml:"name" need:"yes"`
	Plural      Words  `toml:"plural" need:"yes"`
	Parent      string `toml:"parent"`                // level above; empty for the root
	Controller  string `toml:"controller" need:"yes"` // controller, joint, processor or none (L10)
	Members     bool   `toml:"members"`               // members belong to bodies of this level
	SubBodies   bool   `toml:"sub-bodies"`            // naming such a body includes all below it
	Requisition bool   `toml:"requisition"`           // D13: no access of its own; may requisition a list
	Accounts    bool   `toml:"accounts"`              // L7: a new body of this level keeps accounts by law, unless it says otherwise
}

// Named reports whether a text is the level's code, or its name in any language.
func (l *Level) Named(text string) bool {
	text = foldHeading(text)
	return text != "" && slices.ContainsFunc(withNames(l.Code, l.Name, nil), func(known string) bool { return foldHeading(known) == text })
}

// Post is an elected or appointed post in a body. What May lists is allowed in
// that body only (D11); below it too where the level has SubBodies.
type Post struct {
	Code        string   `toml:"code" need:"yes"`
	Levels      []string `toml:"levels" need:"yes"` // where the post exists
	Name        Words    `toml:"name" need:"yes"`
	Seats       int      `toml:"seats" need:"yes"`
	OverMembers int      `toml:"over-members"` // D10: the seats exist only above so many members
	May         []string `toml:"may" need:"yes"`
	TermMonths  int      `toml:"term-months"` // usual term; 0 = none. Access ends with the term
	Source      Words    `toml:"source"`      // of OverMembers

	Acts Acts `toml:"-"` // May, compiled
}

// At reports whether the post exists in bodies of the level.
func (p *Post) At(level string) bool { return slices.Contains(p.Levels, level) }

// SeatsFor gives the seats in a body with so many members (D10: "more than").
func (p *Post) SeatsFor(members int) int {
	if members <= p.OverMembers && p.OverMembers > 0 {
		return 0
	}
	return p.Seats
}

// Position is an employee's position in the secretariat. One whose task is IT or
// member service reaches the whole register (D2); any other carries no access (D4).
type Position struct {
	Code    string   `toml:"code" need:"yes"`
	Name    Words    `toml:"name" need:"yes"`
	Task    string   `toml:"task"` // "it" or "member-service"; none for a position without access
	May     []string `toml:"may" need:"yes"`
	Grounds Words    `toml:"grounds" need:"yes"` // the clear and objective purpose

	Acts Acts `toml:"-"` // May, compiled
}

// Purpose is what member data may be used for. A list gets the purpose's
// fields and no others (L8).
type Purpose struct {
	Code        string   `toml:"code" need:"yes"`
	Name        Words    `toml:"name" need:"yes"`
	Hint        Words    `toml:"hint" need:"yes"`       // one sentence for whoever chooses it
	Basis       string   `toml:"basis" need:"yes"`      // "6(1)(b)"
	Basis9      string   `toml:"basis-9"`               // "9(2)(d)"; exactly where membership is special-category data
	BasisText   Words    `toml:"basis-text" need:"yes"` // the basis said for people (L5)
	Fields      []string `toml:"fields" need:"yes"`
	Objection   bool     `toml:"objection"`   // whoever objects is left out (Art. 21)
	Statutory   bool     `toml:"statutory"`   // reaches everybody; no objection counts (L8)
	Posts       bool     `toml:"posts"`       // L8: letters go out for it, so a secret address is on the list too
	Requisition bool     `toml:"requisition"` // D13: may be requisitioned by a body without access
	Days        int      `toml:"days"`        // a list of this purpose lives so many days; 0 = the charter's

	Set FieldSet `toml:"-"` // Fields, compiled
}

// Consent reports whether the purpose rests on the person's consent (L5).
func (p *Purpose) Consent() bool { return p.Basis == "6(1)(a)" }

// Types of fields.
const (
	TypeText     = "text"
	TypeName     = "name"
	TypeFullName = "full-name" // recognised at import only, split into given and family
	TypeNumber   = "number"    // the member number
	TypeDate     = "date"
	TypeEmail    = "email"
	TypePhone    = "phone"
	TypeAddress  = "address"
	TypePostal   = "postal"
	TypeCountry  = "country"
	TypeChoice   = "choice"
	TypeUnit     = "unit"
	TypeCategory = "category"
)

// Field is one thing the register may know about a member.
type Field struct {
	Code     string   `toml:"code" need:"yes"`
	Name     Words    `toml:"name" need:"yes"`
	Type     string   `toml:"type" need:"yes"`
	Headings []string `toml:"headings" need:"yes"` // column headings recognised at import; case, accents and spaces do not count
	Required bool     `toml:"required"`            // no member without it
	Standard bool     `toml:"standard"`            // one of the codes the program knows; others are declared extras (N9)
	List     bool     `toml:"list"`                // may stand on a list
	Choices  []Choice `toml:"choices"`             // of a choice

	Bit FieldSet `toml:"-"` // the field's bit
}

// Choice is one answer of a choice field.
type Choice struct {
	Code     string   `toml:"code" need:"yes"`
	Name     Words    `toml:"name" need:"yes"`
	Headings []string `toml:"headings" need:"yes"` // how it is written in files
}

// Reason is why a membership ends.
type Reason struct {
	Code        string `toml:"code" need:"yes"`
	Name        Words  `toml:"name" need:"yes"`
	Silent      bool   `toml:"silent"`      // no letter to the person
	Death       bool   `toml:"death"`       // the person has died: the day is noted, and whatever waits for them is not sent
	Bookkeeping bool   `toml:"bookkeeping"` // bookkeeping facts stay as long as the law orders (L7)
	WindowDays  int    `toml:"window-days"` // from closing to erasure; 0 = the charter's
}

// Level finds a level by code; nil and false when there is none.
func (c *Charter) Level(code string) (*Level, bool) {
	return find(c.Levels, code, func(l *Level) string { return l.Code })
}

// Post finds a post by code.
func (c *Charter) Post(code string) (*Post, bool) {
	return find(c.Posts, code, func(p *Post) string { return p.Code })
}

// Position finds a staff position by code.
func (c *Charter) Position(code string) (*Position, bool) {
	return find(c.Positions, code, func(p *Position) string { return p.Code })
}

// Purpose finds a purpose by code.
func (c *Charter) Purpose(code string) (*Purpose, bool) {
	p, known := find(c.Purposes, code, func(p *Purpose) string { return p.Code })
	if !known && code == ForBookkeeping {
		return &c.Bookkeeping.purpose, true
	}
	if !known && code == ForOpenPage {
		return &c.Directory.page, true
	}
	if !known && code == ForRoll {
		return &c.Meetings.purpose, true
	}
	if !known {
		return c.passingPurpose(code)
	}
	return p, known
}

// Field finds a field by code.
func (c *Charter) Field(code string) (*Field, bool) {
	return find(c.Fields, code, func(f *Field) string { return f.Code })
}

// Reason finds a reason for leaving by code.
func (c *Charter) Reason(code string) (*Reason, bool) {
	return find(c.Reasons, code, func(r *Reason) string { return r.Code })
}

// find is a linear search: no table here is long enough for a map to win.
func find[T any](table []T, code string, codeOf func(*T) string) (*T, bool) {
	for i := range table {
		if codeOf(&table[i]) == code {
			return &table[i], true
		}
	}
	return nil, false
}

// Root gives the level without a parent.
func (c *Charter) Root() *Level {
	for i := range c.Levels {
		if c.Levels[i].Parent == "" {
			return &c.Levels[i]
		}
	}
	return nil // unreachable: Parse refuses a charter without a root
}

// PostsAt gives the posts of bodies of a level, in the charter's order.
func (c *Charter) PostsAt(level string) []*Post {
	var posts []*Post
	for i := range c.Posts {
		if c.Posts[i].At(level) {
			posts = append(posts, &c.Posts[i])
		}
	}
	return posts
}

// SeatsFor gives the seats of a post, by code, in a body with so many members
// (D10); 0 for an unknown post.
func (c *Charter) SeatsFor(post string, members int) int {
	p, ok := c.Post(post)
	if !ok {
		return 0
	}
	return p.SeatsFor(members)
}

// Source gives the text the charter was parsed from, comments included.
func (c *Charter) Source() []byte { return slices.Clone(c.source) }

// Location gives the charter's time zone.
func (c *Charter) Location() *time.Location { return c.zone }

// Today gives the civil date at now in the charter's time zone.
func (c *Charter) Today(now time.Time) civil.Date { return civil.DateOf(now.In(c.zone)) }

// Lang gives the association's own language: the first the charter lists.
func (c *Charter) Lang() string { return c.Languages[0] }

// FieldFor finds the field a column heading means: case, accents, spaces and
// marks do not count. It also knows each field's own names and its code.
func (c *Charter) FieldFor(heading string) (*Field, bool) {
	i, ok := c.headings[foldHeading(heading)]
	if !ok {
		return nil, false
	}
	return &c.Fields[i], true
}

// ChoiceFor finds the choice a cell means, by heading, name or code.
func (f *Field) ChoiceFor(cell string) (*Choice, bool) {
	for i := range f.Choices { // an import asks twice a row, the second time by code
		if f.Choices[i].Code == cell {
			return &f.Choices[i], true
		}
	}
	cell = foldHeading(cell)
	for i := range f.Choices {
		if f.Choices[i].means(cell) {
			return &f.Choices[i], true
		}
	}
	return nil, false
}

// means reports whether one of the choice's headings is, folded, this.
func (k *Choice) means(folded string) bool {
	same := func(heading string) bool { return foldHeading(heading) == folded }
	if same(k.Code) || slices.ContainsFunc(k.Headings, same) {
		return true
	}
	for _, name := range k.Name {
		if same(name) {
			return true
		}
	}
	return false
}

func (f *Field) headings() []string { return withNames(f.Code, f.Name, f.Headings) }

func withNames(code string, name Words, headings []string) []string {
	known := append([]string{code}, headings...)
	for _, tag := range slices.Sorted(maps.Keys(name)) {
		known = append(known, name[tag])
	}
	return known
}

// foldHeading leaves letters and digits only, folded for search.
func foldHeading(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 127 {
			return r
		}
		return -1
	}, locale.Fold(s))
}
