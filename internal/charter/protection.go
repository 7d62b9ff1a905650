package charter

// Protection is a way in which a member's address is secret: the Danish
// adressebeskyttelse, the two levels of the Norwegian sperret adresse.
type Protection struct {
	Code   string `toml:"code" need:"yes"`
	Name   Words  `toml:"name" need:"yes"`
	Strict bool   `toml:"strict"` // only the secretariat posts, and the landline is covered too
	Months int    `toml:"months"` // how long one lasts unless it is renewed; 0 = no end
	Source Words  `toml:"source"` // where Months is taken from
}

// plainProtections are what a charter has that names none.
var plainProtections = []Protection{{
	Code: "secret", Name: Words{"da": "Adressebeskyttelse", "en": "Secret address", "nb": "Sperret adresse", "sv": "Skyddade personuppgifter"},
}}

// SecretLevels are the levels of protection; a charter that names none has the plain one.
func (c *Charter) SecretLevels() []Protection {
	if len(c.Protections) == 0 {
		return plainProtections
	}
	return c.Protections
}

// Protection finds a level of protection by code; "" is the first.
func (c *Charter) Protection(code string) (*Protection, bool) {
	levels := c.SecretLevels()
	if code == "" {
		return &levels[0], true
	}
	return find(levels, code, func(p *Protection) string { return p.Code })
}

// protections checks the levels: each code once, no odd lengths.
func (r *reporter) protections(c *Charter) {
	if len(c.Protections) == 0 {
		return
	}
	codes(r, "protections", c.Protections, func(p *Protection) string { return p.Code })
	for i := range c.Protections {
		if p := &c.Protections[i]; p.Months < 0 || p.Months > 1200 {
			r.report(join(index("protections", i), "months"), "charter.error.range", "low", 0, "high", 1200)
		}
	}
}

// FormerNames is how long a former name is kept where somebody asks for it; it is
// out of search and lists at once.
type FormerNames struct {
	Months int   `toml:"months"`
	Source Words `toml:"source"`
}

// formerNameMonths is how long a former name is kept where the charter does not say.
const formerNameMonths = 12
