package charter

import (
	"slices"
	"strings"

	"github.com/golang-sql/civil"
)

// Joining is how somebody becomes a member by the application form. A charter
// that says nothing of it has no form.
type Joining struct {
	Door        string `toml:"door"`         // national or body; empty: the form is closed
	Right       string `toml:"right"`        // the act whose holders in a body, and in the secretariat, decide
	Basis       string `toml:"basis"`        // Art. 6, of keeping an application
	Basis9      string `toml:"basis-9"`      // exactly where membership is special-category data
	BasisText   Words  `toml:"basis-text"`   // the basis said for people (L5)
	ConfirmRead bool   `toml:"confirm-read"` // N10: the applicant confirms having read what is told; no consent is asked

	Sponsor        Switch `toml:"sponsor"`         // a member of the body recommends
	Decision       Switch `toml:"decision"`        // somebody decides; else the confirmed address is enough
	UnfinishedDays Number `toml:"unfinished-days"` // an application not confirmed, or not recommended, ends
	DecisionDays   Number `toml:"decision-days"`   // whoever decides has so long
	UndecidedDays  Number `toml:"undecided-days"`  // an application nobody decides ends
	DeclinedDays   Number `toml:"declined-days"`   // what is kept of one that was declined goes

	Act Acts `toml:"-"` // Right, compiled
}

// The doors there are.
const (
	DoorNational = "national" // one for all: the body is chosen on the form, or by the secretariat
	DoorBody     = "body"     // each body has its own
)

// Open reports whether people can apply at all.
func (j *Joining) Open() bool { return j.Door != "" }

// usualJoining holds where a charter opens a door and says no more.
func usualJoining() Joining {
	own := Words{
		"da": "Programmets udgangspunkt", "en": "The program's default", "nb": "Programmets utgangspunkt", "sv": "Programmets utgångspunkt",
	}
	days := func(n int) Number { return Number{Value: n, Source: own} }
	return Joining{
		Right: "create", Basis: "6(1)(b)",
		BasisText: Words{
			"da": "din egen anmodning om at blive medlem", "en": "your own request to become a member",
			"nb": "din egen søknad om å bli medlem", "sv": "din egen begäran om att bli medlem",
		},
		Sponsor: Switch{Source: own}, Decision: Switch{Value: true, Source: own},
		UnfinishedDays: days(7), DecisionDays: days(14), UndecidedDays: days(60), DeclinedDays: days(30),
	}
}

func (j *Joining) rows() []Parameter {
	if !j.Open() {
		return nil
	}
	return []Parameter{
		j.Sponsor.row("joining-sponsor"), j.Decision.row("joining-decision"), j.UnfinishedDays.row("joining-unfinished-days"),
		j.DecisionDays.row("joining-decision-days"), j.UndecidedDays.row("joining-undecided-days"), j.DeclinedDays.row("joining-declined-days"),
	}
}

// CategoryAt is the kind of membership that somebody born on a day begins with on
// another: the first that is for their age, else the first of all.
func (c *Charter) CategoryAt(birth, on civil.Date) string {
	for i := range c.Categories {
		if k := &c.Categories[i]; k.Aged() && k.ToAge > 0 && !k.Leave && !k.Central && !k.Dual && k.Fits(birth, on) {
			return k.Code
		}
	}
	return c.Categories[0].Code
}

// joining checks the rules of the form: somebody must be able to decide, the
// basis must be stated, and every application must end.
func (r *reporter) joining(c *Charter) {
	j := &c.Joining
	if !j.Open() {
		return
	}
	if doors := []string{DoorNational, DoorBody}; !slices.Contains(doors, j.Door) {
		r.report("joining.door", "charter.error.door", "known", doors)
	}
	var known bool
	if j.Act, known = ParseAct(j.Right); !known {
		r.report("joining.right", "charter.error.unknown_act", "code", j.Right, "known", strings.Join(actCodes[:], ", "))
	}
	switch {
	case !basisPattern.MatchString(j.Basis):
		r.report("joining.basis", "charter.error.basis")
	case j.Basis == "6(1)(a)": // L5: membership is the basis, and a box to tick would be fiction
		r.report("joining.basis", "charter.error.joining_consent")
	case (j.Basis9 != "") != c.Parameters.SpecialCategory.Value:
		r.report("joining", "charter.error.joining_basis9")
	case j.Basis9 != "" && !basis9Pattern.MatchString(j.Basis9):
		r.report("joining.basis-9", "charter.error.basis9")
	}
	for _, rule := range []struct {
		key    string
		number *Number
		high   int
	}{
		{"unfinished-days", &j.UnfinishedDays, 60}, {"decision-days", &j.DecisionDays, 180},
		{"undecided-days", &j.UndecidedDays, 365}, {"declined-days", &j.DeclinedDays, 365},
	} {
		if rule.number.Value < 1 || rule.number.Value > rule.high {
			r.report("joining."+rule.key+".value", "charter.error.range", "low", 1, "high", rule.high)
		}
		r.checked("joining."+rule.key, rule.number.Checked)
	}
	if j.UndecidedDays.Value < j.DecisionDays.Value { // or the duty would outlive what it is about
		r.report("joining.undecided-days.value", "charter.error.range", "low", j.DecisionDays.Value, "high", 365)
	}
}
