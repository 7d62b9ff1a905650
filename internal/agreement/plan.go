package agreement

import (
	"kartotek/internal/charter"
	"kartotek/internal/duty"
)

// Plan is how whoever has not signed is reminded: every so many days from the opening
// on, and after the last day again, with whoever keeps the register told too.
func Plan(c *charter.Charter) duty.Plan {
	a := &c.Agreements
	every := max(1, a.RemindDays.Value)
	p := duty.Plan{Every: every}
	for days := a.AnswerDays.Value / every; days >= 0; days-- {
		p.Steps = append(p.Steps, duty.Step{After: -days * every})
	}
	return p
}
