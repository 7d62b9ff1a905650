package charter

import (
	"slices"
	"strings"

	"github.com/golang-sql/civil"
)

// Audit is the yearly audit between each body with members and whoever keeps the
// register (N13). A charter that names no day has none; what a body tells of changes is
// settled by the same rules all year.
type Audit struct {
	Opens    string `toml:"opens"`    // "10-01": the day it opens by itself each year; empty: it never does
	Club     string `toml:"club"`     // the right of a body's posts whose holders answer for the body
	Register string `toml:"register"` // the right of those who answer for the register, over all of it
	Source   Words  `toml:"source"`   // of the day and of who answers

	AnswerDays Number `toml:"answer-days"` // bodies answer within
	RemindDays Number `toml:"remind-days"` // and are reminded so many days before
	ChangeDays Number `toml:"change-days"` // a difference is settled within
	Years      Number `toml:"years"`       // the audit and its report are kept for

	Checks []AuditCheck `toml:"checks"` // the security side
}

// AuditCheck is one question of the security side.
type AuditCheck struct {
	Code string `toml:"code" need:"yes"`
	Ask  Words  `toml:"ask" need:"yes"` // put to the body
	Fact string `toml:"fact"`           // what the register knows of it and fills in; empty: the body answers
}

// What the register may know of a body's security.
const (
	FactReview      = "access-review" // every access of the body was answered for in the last review (D14)
	FactLists       = "lists"         // no list is late in being destroyed (D12)
	FactDeclaration = "declaration"   // the body's declaration is published (N4)
	FactAgreement   = "agreement"     // the processing agreement is signed by both (N2)
	FactProcessors  = "processors"    // the processors are known (N12)
)

// AuditFacts are those a check can name.
var AuditFacts = []string{FactReview, FactLists, FactDeclaration, FactAgreement, FactProcessors}

// usualAudit holds where a charter says nothing of audits.
func usualAudit() Audit {
	n := func(value int) Number { return Number{Value: value, Source: ownChoice()} }
	return Audit{
		Club: PassOn.String(), Register: Edit.String(), Source: ownChoice(),
		AnswerDays: n(45), RemindDays: n(14), ChangeDays: n(14), Years: n(5),
	}
}

// Any reports whether there is a yearly audit.
func (a *Audit) Any() bool { return a.Opens != "" }

// Answers is the right whose holders answer for a body.
func (a *Audit) Answers() Acts { act, _ := ParseAct(a.Club); return act }

// Keeps is the right whose holders answer for the register.
func (a *Audit) Keeps() Acts { act, _ := ParseAct(a.Register); return act }

// AuditDay is the newest day, today or before, on which an audit opens by itself; zero
// where there is none.
func (c *Charter) AuditDay(today civil.Date) civil.Date {
	month, day, ok := dayOfYear(c.Audit.Opens)
	if !c.Audit.Any() || !ok {
		return civil.Date{}
	}
	on := civil.Date{Year: today.Year, Month: month, Day: day}
	if on.After(today) {
		on.Year--
	}
	return on
}

// CutOffsBetween are the days on which heads are counted after one day and not after
// another, in order: those an audit looks at.
func (c *Charter) CutOffsBetween(after, until civil.Date) (days []civil.Date) {
	for year := c.AccountingYear(after); year <= c.AccountingYear(until); year++ {
		for _, day := range c.CutOffs(year) {
			if day.After(after) && !day.After(until) {
				days = append(days, day)
			}
		}
	}
	return days
}

func (a *Audit) rows() []Parameter {
	return []Parameter{
		a.AnswerDays.row("audit-answer-days"), a.RemindDays.row("audit-remind-days"), a.ChangeDays.row("audit-change-days"), a.Years.row("audit-years"),
	}
}

// audit checks that somebody can answer for each side, and that what is asked is known.
func (r *reporter) audit(c *Charter) {
	a := &c.Audit
	if a.Any() {
		r.dayOfYear("audit.opens", a.Opens)
	}
	for path, code := range map[string]string{"audit.club": a.Club, "audit.register": a.Register} {
		if _, ok := ParseAct(code); !ok {
			r.report(path, "charter.error.unknown_act", "code", code, "known", AllActs.String())
		}
	}
	for _, rule := range []struct {
		key       string
		number    *Number
		low, high int
	}{
		{"answer-days", &a.AnswerDays, 7, 120}, {"remind-days", &a.RemindDays, 1, 60}, {"change-days", &a.ChangeDays, 1, 90}, {"years", &a.Years, 1, 20},
	} {
		r.between("audit."+rule.key+".value", rule.number.Value, rule.low, rule.high)
		r.checked("audit."+rule.key, rule.number.Checked)
	}
	if len(a.Checks) > 0 {
		codes(r, "audit.checks", a.Checks, func(k *AuditCheck) string { return k.Code })
	}
	for i := range a.Checks {
		if fact := a.Checks[i].Fact; fact != "" && !slices.Contains(AuditFacts, fact) {
			r.report(index("audit.checks", i)+".fact", "charter.error.confirm", "known", strings.Join(AuditFacts, ", "))
		}
	}
}
