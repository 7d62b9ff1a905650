package declaration

import "slices"

// Items are what GDPR Art. 13 and 14 require a person to be told; each point says which
// of them it answers, and an item that none answers keeps a declaration from being
// published.
var items = []string{
	"13(1)(a)", "13(1)(b)", "13(1)(c)", "13(1)(d)", "13(1)(e)", "13(1)(f)",
	"13(2)(a)", "13(2)(b)", "13(2)(c)", "13(2)(d)", "13(2)(e)", "13(2)(f)", "13(3)",
	"14(1)(d)", "14(2)(f)",
}

// Items are the items of GDPR Art. 13 and 14 in their order. Those of Art. 14 that are
// the same as one of Art. 13 stand under that one.
func Items() []string { return items }

// Covered is an item and the points that answer it.
type Covered struct {
	Item   string
	Points []int // none: it is unanswered
}

// Coverage tells which points answer which item (GDPR Art. 13, 14).
func (t *Text) Coverage() []Covered {
	all := make([]Covered, len(items))
	for i, item := range items {
		all[i].Item = item
		for n := range t.Points {
			if slices.Contains(t.Points[n].Answers(), item) {
				all[i].Points = append(all[i].Points, t.Points[n].Number)
			}
		}
	}
	return all
}

// Answers are the items a point answers, in their order.
func (p *Point) Answers() []string {
	var all []string
	for _, item := range items {
		if slices.ContainsFunc(p.Blocks, func(b Block) bool { return slices.Contains(b.Answers, item) }) {
			all = append(all, item)
		}
	}
	return all
}

// Unanswered are the items that no point answers.
func (t *Text) Unanswered() []string {
	var none []string
	for _, c := range t.Coverage() {
		if len(c.Points) == 0 {
			none = append(none, c.Item)
		}
	}
	return none
}

// eea are the countries within which data may go as at home: the Union, with Iceland,
// Liechtenstein and Norway.
var eea = []string{
	"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV",
	"MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
}

// ThirdCountry reports whether a transfer to a country needs a ground of its own (GDPR
// Art. 44).
func ThirdCountry(country string) bool { return !slices.Contains(eea, country) }
