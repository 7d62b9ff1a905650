package charter

import "github.com/golang-sql/civil"

// Category is a kind of membership. What a charter does not say of one is as it
// is for ordinary members: it counts, votes, holds posts and stands on every list.
type Category struct {
	Code string `toml:"code" need:"yes"`
	Name Words  `toml:"name" need:"yes"`

	Uncounted bool     `toml:"uncounted"` // D10: not among the members a body is measured by
	NoVote    bool     `toml:"no-vote"`   // no vote at the general meeting
	NoPosts   bool     `toml:"no-posts"`  // holds no post; whoever becomes one gives theirs up
	LeftOut   []string `toml:"left-out"`  // purposes whose lists go out without them

	FromAge int    `toml:"from-age"` // from this birthday; 0 = any age
	ToAge   int    `toml:"to-age"`   // the last year of life in it; 0 = no end
	Then    string `toml:"then"`     // what follows by age; empty is the first category

	Leave         bool `toml:"leave"`          // on leave: it has an end, and what was before comes back
	LongestMonths int  `toml:"longest-months"` // a leave lasts at most; 0 = as agreed
	Central       bool `toml:"central"`        // belongs to the association itself and to none of its bodies
	Dual          bool `toml:"dual"`           // second membership of somebody whose first is in another body
}

// Category finds a kind of membership by code.
func (c *Charter) Category(code string) (*Category, bool) {
	return find(c.Categories, code, func(k *Category) string { return k.Code })
}

// CategoryOr finds a kind of membership by code; an empty or unknown one is the
// first, as it is for every membership that names none.
func (c *Charter) CategoryOr(code string) *Category {
	if k, known := c.Category(code); known {
		return k
	}
	return &c.Categories[0]
}

// FirstCategory is the category of a membership that names none: the first, or
// for whoever belongs to the association itself the first central one.
func (c *Charter) FirstCategory(central bool) string {
	if central {
		for i := range c.Categories {
			if c.Categories[i].Central {
				return c.Categories[i].Code
			}
		}
	}
	return c.Categories[0].Code
}

// Aged reports whether the category is for some ages only.
func (k *Category) Aged() bool { return k.FromAge > 0 || k.ToAge > 0 }

// EndsBy is the day from which somebody is too old for the category, the birthday
// itself; zero where the category has no end by age.
func (k *Category) EndsBy(birth civil.Date) civil.Date {
	if k.ToAge == 0 || birth.IsZero() {
		return civil.Date{}
	}
	return birthday(birth, k.ToAge+1)
}

// Fits reports whether somebody born on a day is of the category's age on another.
// Of somebody whose birth date nobody knows an aged category cannot be judged.
func (k *Category) Fits(birth, on civil.Date) bool {
	switch {
	case !k.Aged():
		return true
	case birth.IsZero():
		return false
	case k.FromAge > 0 && on.Before(birthday(birth, k.FromAge)):
		return false
	}
	end := k.EndsBy(birth)
	return end.IsZero() || on.Before(end)
}

// birthday is the day somebody becomes so many years old; born on 29 February,
// on 1 March of other years.
func birthday(birth civil.Date, years int) civil.Date {
	d := civil.Date{Year: birth.Year + years, Month: birth.Month, Day: birth.Day}
	if !d.IsValid() {
		return civil.Date{Year: d.Year, Month: 3, Day: 1}
	}
	return d
}

// OfDeath reports whether the reason is that the person has died. Charters older
// than the mark are known by the code.
func (r *Reason) OfDeath() bool { return r.Death || r.Code == "death" }

// categories checks the kinds of membership.
func (r *reporter) categories(c *Charter) {
	codes(r, "categories", c.Categories, func(k *Category) string { return k.Code })
	for i := range c.Categories {
		k, path := &c.Categories[i], index("categories", i)
		if i == 0 && (k.Aged() || k.Leave || k.Central || k.Dual) { // it is everybody's who has no other
			r.report(path, "charter.error.category_first")
		}
		r.between(path+".from-age", k.FromAge, 0, 120)
		r.between(path+".to-age", k.ToAge, 0, 120)
		r.between(path+".longest-months", k.LongestMonths, 0, 120)
		if k.ToAge > 0 && k.ToAge < max(k.FromAge, c.MinimumAge) {
			r.report(path+".to-age", "charter.error.category_ages")
		}
		if k.FromAge > 0 && k.FromAge < c.MinimumAge {
			r.report(path+".from-age", "charter.error.category_child", "age", c.MinimumAge)
		}
		if k.Then != "" {
			next, known := c.Category(k.Then)
			switch {
			case !known:
				r.report(path+".then", "charter.error.unknown_category", "code", k.Then)
			case k.ToAge == 0 || next.Leave || next.Central || next.Dual || next == k || next.FromAge > k.ToAge+1 || next.ToAge > 0 && next.ToAge <= k.ToAge:
				r.report(path+".then", "charter.error.category_then")
			}
		}
		if k.LongestMonths > 0 && !k.Leave {
			r.report(path+".longest-months", "charter.error.category_leave")
		}
		for j, code := range k.LeftOut {
			at := index(path+".left-out", j)
			purpose, known := c.Purpose(code)
			switch {
			case !known:
				r.report(at, "charter.error.unknown_purpose", "code", code)
			case purpose.Statutory && purpose.Posts && !k.NoVote: // L8: who votes is called
				r.report(at, "charter.error.category_notice", "code", code)
			}
		}
	}
}
