package declaration

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"kartotek/internal/charter"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
)

// known is what charter and register know of a body, from which its text is written.
type known struct {
	c         *charter.Charter
	body      unit.Unit
	blank     bool // a template: no body in particular
	role      string
	with      string // the body it is joint controller with, or whose processor keeps the register
	country   string
	authority *charter.Authority
	answers   *charter.Post
	daily     *charter.Post
	register  *charter.Post // nil: the office
	above     bool          // a level above it sees the members
	outside   []Recipient
}

// Stated is one thing a declaration was written from: what it is about, how it stood,
// and its words at that time.
type Stated struct {
	Point int           `json:"point"`
	Kind  string        `json:"kind"`
	Key   string        `json:"key"`
	Value string        `json:"value"`
	Land  string        `json:"land,omitempty"` // the country of a recipient
	Gets  []string      `json:"gets,omitempty"` // the fields it is about, by code
	Name  charter.Words `json:"name,omitempty"`
	Says  charter.Words `json:"says,omitempty"`
}

// limits are the charter's limits that a declaration names, with the point they stand in.
var limits = []struct {
	code  string
	point int
}{
	{"minimum-age", 7}, {"special-category", 7}, {"breach-hours", 10}, {"reviews-per-year", 10}, {"window-days", 11}, {"list-days", 11},
	{"bookkeeping-years", 11}, {"document-months", 11}, {"journal-years", 11}, {"backup-days", 11}, {"evidence-years", 11},
	{"answer-months", 12}, {"answer-more-months", 12},
}

// facts are everything a text is written from, in a fixed order.
func (k *known) facts() []Stated {
	one := func(lang, text string) charter.Words { return charter.Words{lang: text} }
	own := k.c.Lang()
	all := []Stated{
		{Point: 1, Kind: "body", Key: "name", Value: k.body.Name, Says: one(own, k.body.Name)}, {Point: 4, Kind: "role", Key: "role", Value: k.role + " " + k.with},
	}
	if a := k.authority; a != nil {
		all = append(all, Stated{Point: 2, Kind: "law", Key: "act", Value: a.Country, Says: a.Act},
			Stated{Point: 12, Kind: "authority", Key: "authority", Value: a.Country + " " + a.Address + " " + a.URL, Says: a.Name})
	}
	for _, post := range []struct {
		key string
		p   *charter.Post
	}{{"answers", k.answers}, {"daily", k.daily}, {"register", k.register}} {
		if post.p != nil {
			all = append(all, Stated{Point: 4, Kind: "function", Key: post.key, Value: post.p.Code, Says: post.p.Name})
		}
	}
	for i := range k.c.Purposes {
		p := &k.c.Purposes[i]
		value := strings.Join([]string{p.Basis, p.Basis9, strconv.FormatBool(p.Objection), strings.Join(p.Fields, ",")}, " ")
		all = append(all, Stated{Point: 3, Kind: "purpose", Key: p.Code, Value: value, Gets: p.Fields, Name: p.Name, Says: p.BasisText})
	}
	for _, q := range k.c.AsksConsent() {
		value := strings.Join([]string{q.Basis, q.Basis9, strconv.Itoa(q.Months), strings.Join(q.Fields, ",")}, " ")
		all = append(all, Stated{Point: 2, Kind: "consent", Key: q.Code, Value: value, Gets: q.Fields, Name: q.Name, Says: q.Asked})
	}
	for i := range k.c.Fields {
		f := &k.c.Fields[i]
		if f.Type == charter.TypeFullName {
			continue // recognised in files only
		}
		all = append(all, Stated{Point: 7, Kind: "field", Key: f.Code, Value: strconv.FormatBool(f.Required) + " " + strconv.FormatBool(f.Standard), Name: f.Name})
	}
	for i := range k.outside {
		r := &k.outside[i]
		value := []string{r.Role, r.Name, r.Country}
		if r.Transfer+r.Consent != "" || len(r.Fields) > 0 {
			value = append(value, r.Transfer, r.Consent, strings.Join(r.Fields, ","))
		}
		name := one(own, r.Name)
		if len(r.Names) > 0 {
			name = r.Names
		}
		all = append(all, Stated{Point: 9, Kind: "recipient", Key: r.Code, Value: strings.Join(value, " "), Land: r.Country, Gets: r.Fields, Name: name, Says: r.Ground})
	}
	for _, l := range limits {
		if p, there := k.c.Limit(l.code); there {
			all = append(all, Stated{Point: l.point, Kind: "limit", Key: l.code, Value: strconv.Itoa(p.Value)})
		}
	}
	slices.SortStableFunc(all, func(a, b Stated) int { return cmp.Compare(a.Point, b.Point) })
	return all
}

// hash is what facts add up to: their values, and not how they are said.
func hash(all []Stated) string {
	h := sha256.New()
	for _, s := range all {
		line, _ := json.Marshal([]string{s.Kind, s.Key, s.Value}) // strings always marshal
		h.Write(append(line, '\n'))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// sum is what a text adds up to.
func (t *Text) sum() (string, error) {
	content, err := json.Marshal(t)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:]), nil
}

// Drift is something that is no longer as a published declaration says.
type Drift struct {
	Point    int
	Was, Now *Stated // one of them nil: it has come, or is gone
}

// drifts are what became of facts since.
func drifts(was, now []Stated) []Drift {
	same := func(a *Stated) func(Stated) bool {
		return func(b Stated) bool { return a.Kind == b.Kind && a.Key == b.Key }
	}
	var all []Drift
	for i := range was {
		old := &was[i]
		at := slices.IndexFunc(now, same(old))
		switch {
		case at < 0:
			all = append(all, Drift{old.Point, old, nil})
		case now[at].Value != old.Value:
			all = append(all, Drift{old.Point, old, &now[at]})
		}
	}
	for i := range now {
		if !slices.ContainsFunc(was, same(&now[i])) {
			all = append(all, Drift{now[i].Point, nil, &now[i]})
		}
	}
	slices.SortStableFunc(all, func(a, b Drift) int { return cmp.Compare(a.Point, b.Point) })
	return all
}

// Words say concretely what changed, under a charter, which names the fields.
func (d *Drift) Words(p *locale.Printer, c *charter.Charter) string {
	switch {
	case d.Was == nil:
		return p.T("declaration.drift.come", "what", d.Now.name(p), "now", d.Now.says(p))
	case d.Now == nil:
		return p.T("declaration.drift.gone", "what", d.Was.name(p), "was", d.Was.says(p))
	}
	was, now := d.Was.says(p), d.Now.says(p)
	if was == now {
		return p.T("declaration.drift.altered", "what", d.Now.name(p)) + d.fields(p, c)
	}
	return p.T("declaration.drift.changed", "what", d.Now.name(p), "was", was, "now", now)
}

// fields say which fields a fact is about now and was not, and the other way round.
func (d *Drift) fields(p *locale.Printer, c *charter.Charter) (said string) {
	names := func(some, others []string) []string {
		var all []string
		for _, code := range some {
			if f, known := c.Field(code); known && !slices.Contains(others, code) {
				all = append(all, (&writer{lang: p.Lang()}).in(f.Name))
			}
		}
		return all
	}
	if came := names(d.Now.Gets, d.Was.Gets); len(came) > 0 {
		said += ". " + p.T("declaration.drift.new", "fields", p.List(came))
	}
	if went := names(d.Was.Gets, d.Now.Gets); len(went) > 0 {
		said += ". " + p.T("declaration.drift.no_more", "fields", p.List(went))
	}
	return said
}

// name is what a fact is about, in words.
func (s *Stated) name(p *locale.Printer) string {
	switch {
	case s.Kind == "limit":
		l := charter.Parameter{Code: s.Key}
		return l.Label(p)
	case s.Kind == "function":
		return p.T("declaration.function." + s.Key)
	case len(s.Name) > 0:
		return p.T("declaration.fact."+s.Kind, "name", s.Name.In(p.Lang()))
	}
	return p.T("declaration.fact." + s.Kind)
}

// says is how a fact stands, in words.
func (s *Stated) says(p *locale.Printer) string {
	switch s.Kind {
	case "limit":
		value, _ := strconv.Atoi(s.Value)
		l := charter.Parameter{Code: s.Key, Value: value, Switch: s.Key == "special-category"}
		return l.Text(p)
	case "role":
		role, _, _ := strings.Cut(s.Value, " ")
		return p.T("declaration.role." + role)
	case "field":
		if required, _, _ := strings.Cut(s.Value, " "); required == "true" {
			return p.T("declaration.field.required")
		}
		return p.T("declaration.field.voluntary")
	}
	switch {
	case s.Kind == "recipient" && s.Land == "":
		return s.Name.In(p.Lang())
	case s.Kind == "recipient" && len(s.Says) > 0 && ThirdCountry(s.Land):
		return p.Country(s.Land) + ", " + s.Says.In(p.Lang())
	case s.Kind == "recipient":
		return p.Country(s.Land)
	case len(s.Says) > 0:
		return s.Says.In(p.Lang())
	}
	return s.Value
}
