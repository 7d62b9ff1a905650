package cli

import (
	"context"
	"time"

	"kartotek/internal/charter"
	"kartotek/internal/locale"
	"kartotek/internal/retention"
)

type retentionPlanCommand struct {
	inHouse
	asWho
}

type retentionRunCommand struct {
	inHouse
	asWho
}

type retentionRulesCommand struct{ inHouse }

type retentionWhyCommand struct {
	inHouse
	asWho
	Member string `arg:"" name:"MEMBER-NO"`
}

type retentionApproveCommand struct {
	inHouse
	asWho
	Number int64 `arg:"" name:"NUMBER"`
	Refuse bool
	Until  day `placeholder:"DATE"`
}

type retentionClockCommand struct {
	inHouse
	asWho
	Confirm bool
}

// planLine is what a rule ends in the days to come.
type planLine struct {
	Rule  string `json:"rule"`
	Name  string `json:"name"`
	Today int    `json:"today"`
	Week  int    `json:"within_7_days"`
	Month int    `json:"within_30_days"`
	All   int    `json:"all"`
}

// brakeLine is a sweep that was stopped.
type brakeLine struct {
	Number  int64  `json:"number"`
	Rule    string `json:"rule"`
	State   string `json:"state"`
	Told    int    `json:"would_take"`
	Of      int    `json:"of"`
	Allowed int    `json:"allowed"`
	Until   string `json:"until,omitempty"`
}

type planAnswer struct {
	Day     string      `json:"day"`
	Rules   []planLine  `json:"rules"`
	Stopped []brakeLine `json:"stopped"`
}

func (c *retentionPlanCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	if _, err := d.house.Retention.Replan(ctx, actor); err != nil {
		return err
	}
	status, err := d.house.Retention.Look(ctx, actor)
	if err != nil {
		return err
	}
	return d.answerPlan(&status)
}

func (d *desk) answerPlan(status *retention.Status) error {
	a := planAnswer{Day: status.Day.String(), Rules: []planLine{}, Stopped: d.brakeLines(status.Brakes)}
	t := d.newTable("rule", "today", "week", "month", "all")
	t.right[1], t.right[2], t.right[3], t.right[4] = true, true, true, true
	for i := range status.Plans {
		p := &status.Plans[i]
		line := planLine{Rule: p.Rule, Name: d.ruleName(p.Rule), Today: p.Today, Week: p.Week, Month: p.Month, All: p.Count}
		a.Rules = append(a.Rules, line)
		t.add(line.Name, d.p.Number(line.Today), d.p.Number(line.Week), d.p.Number(line.Month), d.p.Number(line.All))
	}
	return d.answer(a, func() {
		d.print(t)
		for _, b := range a.Stopped {
			d.say("cli.retention.stopped", "number", b.Number, "rule", d.ruleName(b.Rule), "told", b.Told, "of", b.Of)
		}
	})
}

func (d *desk) ruleName(code string) string {
	words, _ := d.house.Retention.RuleWords(d.p, code)
	return words.Name
}

func (d *desk) brakeLines(all []retention.Brake) []brakeLine {
	lines := make([]brakeLine, 0, len(all))
	for i := range all {
		b := &all[i]
		lines = append(lines, brakeLine{
			Number: b.Number, Rule: b.Rule, State: string(b.State), Told: b.Told, Of: b.Count, Allowed: b.Allowed, Until: isoTime(b.Until),
		})
	}
	return lines
}

type sweptLine struct {
	Rule  string `json:"rule"`
	Told  int    `json:"told"`
	Taken int    `json:"taken"`
}

type sweptAnswer struct {
	Taken   []sweptLine `json:"taken"`
	Stopped []brakeLine `json:"stopped"`
}

func (c *retentionRunCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	stop := d.sending() // a certificate leaves before its address goes
	defer stop()
	before, err := d.house.Retention.Look(ctx, actor)
	if err != nil {
		return err
	}
	if err := d.house.Retention.SweepNow(ctx, actor); err != nil {
		return err
	}
	after, err := d.house.Retention.Look(ctx, actor)
	if err != nil {
		return err
	}
	var newest int64
	if len(before.Runs) > 0 {
		newest = before.Runs[0].Number
	}
	a := sweptAnswer{Taken: []sweptLine{}, Stopped: d.brakeLines(after.Brakes)}
	t := d.newTable("rule", "told", "taken")
	t.right[1], t.right[2] = true, true
	for _, r := range after.Runs {
		if r.Number > newest {
			a.Taken = append(a.Taken, sweptLine{Rule: r.Rule, Told: r.Told, Taken: r.Taken})
			t.add(d.ruleName(r.Rule), d.p.Number(r.Told), d.p.Number(r.Taken))
		}
	}
	return d.answer(a, func() {
		d.print(t)
		if len(a.Taken) == 0 {
			d.say("cli.retention.nothing")
		}
		for _, b := range a.Stopped {
			d.say("cli.retention.stopped", "number", b.Number, "rule", d.ruleName(b.Rule), "told", b.Told, "of", b.Of)
		}
	})
}

// The guideline tells of nobody; whoever may run a command here may read it.
func (c *retentionRulesCommand) run(_ context.Context, d *desk) error {
	lines := d.house.Retention.Guideline(d.p)
	t := d.newTable("rule", "period", "ends")
	for _, l := range lines {
		t.add(l.Name, l.Period, l.Ends)
	}
	return d.answer(lines, func() { d.print(t) })
}

// fateLine is something kept about a person.
type fateLine struct {
	What    string `json:"what"`
	Count   int    `json:"count,omitempty"`
	Until   string `json:"until,omitempty"`
	Rule    string `json:"rule"`
	Because string `json:"because"`
	Source  string `json:"source,omitempty"`
}

func (c *retentionWhyCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	person, err := d.member(ctx, actor, charter.View, 0, c.Member)
	if err != nil {
		return err
	}
	fates, err := d.house.Retention.Why(ctx, actor, person)
	if err != nil {
		return err
	}
	lines := make([]fateLine, 0, len(fates))
	t := d.newTable("kept", "count", "until", "rule")
	t.right[1] = true
	for i := range fates {
		f := &fates[i]
		line := d.fateLine(d.p, f)
		lines = append(lines, line)
		until, count := "", ""
		if !f.Until.IsZero() {
			until = d.shortDay(d.house.Charter.Today(f.Until))
		}
		if f.Count > 0 {
			count = d.p.Number(f.Count)
		}
		t.add(line.What, count, until, line.Because)
	}
	return d.answer(lines, func() { d.print(t) })
}

func (d *desk) fateLine(p *locale.Printer, f *retention.Fate) fateLine {
	words := d.house.Retention.Words(p, f.Rule)
	line := fateLine{What: p.T(f.What), Count: f.Count, Until: isoTime(f.Until), Rule: f.Rule.Code, Because: words.Name, Source: words.Source}
	if words.Period != "" {
		line.Because += ": " + words.Period
	}
	return line
}

func (c *retentionApproveCommand) check() (key string, args []any) {
	if !c.Until.IsZero() && !c.Refuse {
		return "cli.usage.missing", []any{"what", "--refuse"}
	}
	return "", nil
}

func (c *retentionApproveCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	answer := struct {
		Number int64  `json:"number"`
		State  string `json:"state"`
	}{c.Number, string(retention.Waiting)}
	said := "retention.notice.first"
	if c.Refuse {
		var until time.Time
		if !c.Until.IsZero() {
			until = d.house.Charter.Midnight(c.Until.AddDays(1)).Add(-time.Microsecond)
		}
		if err := d.house.Retention.Refuse(ctx, actor, c.Number, until); err != nil {
			return err
		}
		answer.State, said = string(retention.Refused), "retention.notice.refused"
		return d.answer(answer, func() { d.say(said) })
	}
	done, err := d.house.Retention.Approve(ctx, actor, c.Number)
	if err != nil {
		return err
	}
	if done {
		answer.State, said = string(retention.Approved), "retention.notice.approved"
	}
	return d.answer(answer, func() { d.say(said) })
}

// clockAnswer is how the clock stands.
type clockAnswer struct {
	Doubt    bool   `json:"doubt"`
	Now      string `json:"now"`   // the register's
	Machine  string `json:"clock"` // the machine's
	Expected string `json:"expected,omitempty"`
	Shown    string `json:"shown,omitempty"`
	Synced   bool   `json:"synced"`
}

func (c *retentionClockCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	if c.Confirm {
		if err := d.house.Retention.ConfirmTime(ctx, actor); err != nil {
			return err
		}
	}
	t, err := d.house.Retention.Time(ctx, actor)
	if err != nil {
		return err
	}
	zone := d.house.Charter.Location()
	a := clockAnswer{Now: isoTime(t.Now), Machine: isoTime(t.Wall), Synced: t.Synced}
	if t.Doubt != nil {
		a.Doubt, a.Expected, a.Shown = true, isoTime(t.Doubt.Expected), isoTime(t.Doubt.Shown)
	}
	return d.answer(a, func() {
		switch {
		case t.Doubt == nil && c.Confirm:
			d.say("retention.notice.clock")
		case t.Doubt == nil:
			d.say("retention.clock.right", "time", d.p.DateTime(t.Now, zone))
		default:
			d.say("retention.clock.text", "expected", d.p.DateTime(t.Doubt.Expected, zone), "shown", d.p.DateTime(t.Doubt.Shown, zone))
		}
	})
}
