package charter

import (
	"slices"
	"strings"
)

// Tasks of a position that need member data (D4).
const (
	TaskIT            = "it"
	TaskMemberService = "member-service"
)

var tasks = []string{TaskIT, TaskMemberService}

// taskless are the acts of a position without such a task: the accounts of those who
// have left are no part of the register (L7).
const taskless = Accounts

// compilePositions works out what each position may. One without a task in IT or
// member service opens nothing of the register, whatever it lists (D4). A charter
// from before tasks names none at all: then what gives and ends access is IT, and
// the rest that reaches members is member service.
func (c *Charter) compilePositions() {
	told := slices.ContainsFunc(c.Positions, func(p Position) bool { return p.Task != "" })
	for i := range c.Positions {
		p := &c.Positions[i]
		p.Acts = actsOf(p.May)
		if !told && p.Acts&^taskless != 0 {
			p.Task = TaskMemberService
			if p.Acts.Has(Staff) && !p.Acts.Has(Close) {
				p.Task = TaskIT
			}
		}
		if p.Task == "" {
			p.Acts &= taskless
		}
	}
}

// position checks one position: its task is one of those that need member data, and
// without a task it lists nothing that opens them (D4).
func (r *reporter) position(c *Charter, i int) {
	p, path := &c.Positions[i], index("positions", i)
	r.acts(path+".may", p.May)
	switch {
	case p.Task != "" && !slices.Contains(tasks, p.Task):
		r.report(path+".task", "charter.error.task", "known", strings.Join(tasks, ", "))
	case p.Task != "" && len(p.May) == 0:
		r.report(path+".may", "charter.error.empty")
	case p.Task == "" && actsOf(p.May)&^taskless != 0:
		r.report(path+".may", "charter.error.no_task", "known", strings.Join(tasks, ", "))
	}
}
