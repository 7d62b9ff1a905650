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
	all := []Stated{{1, "body", "name", k.body.Name, nil, one(own, k.body.Name)}, {4, "role", "role", k.role + " " + k.with, nil, nil}}
	if k.authority != nil {
		all = append(all, Stated{2, "law", "act", k.authority.Country, nil, k.authority.Act},
			Stated{12, "authority", "authority", k.authority.Country + " " + k.authority.Address + " " + k.authority.URL, nil, k.authority.Name})
	}
	for _, post := range []struct {
		key string
		p   *charter.Post
	}{{"answers", k.answers}, {"daily", k.daily}, {"register", k.register}} {
		if post.p != nil {
			all = append(all, Stated{4, "function", post.key, post.p.Code, nil, post.p.Name})
		}
	}
	for i := range k.c.Purposes {
		p := &k.c.Purposes[i]
		value := strings.Join([]string{p.Basis, p.Basis9, strconv.FormatBool(p.Objection), strings.Join(p.Fields, ",")}, " ")
		all = append(all, Stated{3, "purpose", p.Code, value, p.Name, p.BasisText})
	}
	for i := range k.c.Fields {
		f := &k.c.Fields[i]
		if f.Type == charter.TypeFullName {
			continue // recognised in files only
		}
		all = append(all, Stated{7, "field", f.Code, strconv.FormatBool(f.Required) + " " + strconv.FormatBool(f.Standard), f.Name, nil})
	}
	for _, r := range k.outside {
		all = append(all, Stated{9, "recipient", r.Code, strings.Join([]string{r.Role, r.Name, r.Country}, " "), one(own, r.Name), r.Ground})
	}
	for _, l := range limits {
		if p, there := k.c.Limit(l.code); there {
			all = append(all, Stated{l.point, "limit", l.code, strconv.Itoa(p.Value), nil, nil})
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

// Words say concretely what changed.
func (d *Drift) Words(p *locale.Printer) string {
	switch {
	case d.Was == nil:
		return p.T("declaration.drift.come", "what", d.Now.name(p), "now", d.Now.says(p))
	case d.Now == nil:
		return p.T("declaration.drift.gone", "what", d.Was.name(p), "was", d.Was.says(p))
	}
	was, now := d.Was.says(p), d.Now.says(p)
	if was == now {
		return p.T("declaration.drift.altered", "what", d.Now.name(p))
	}
	return p.T("declaration.drift.changed", "what", d.Now.name(p), "was", was, "now", now)
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
	case s.Kind == "recipient":
		return s.Name.In(p.Lang())
	case len(s.Says) > 0:
		return s.Says.In(p.Lang())
	}
	return s.Value
}
