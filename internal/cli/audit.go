package cli

import (
	"context"
	"strings"

	"kartotek/internal/audit"
	"kartotek/internal/certificate"
	"kartotek/internal/charter"
)

type auditOpenCommand struct {
	inHouse
	asWho
}

type auditListCommand struct {
	inHouse
	asWho
}

type auditShowCommand struct {
	inHouse
	asWho
	Audit    int64  `arg:"" name:"AUDIT"`
	Unit     string `placeholder:"CODE"`
	Standing string `placeholder:"STANDING"`
}

type auditAnswerCommand struct {
	inHouse
	asWho
	Audit  int64  `arg:"" name:"AUDIT"`
	Unit   string `required:"" placeholder:"CODE"`
	Answer string `required:"" enum:"here,left,undo,agree,dispute,yes,no" placeholder:"here|left|undo|agree|dispute|yes|no"`
	Member string `placeholder:"MEMBER-NO"`
	Day    day    `placeholder:"DATE"`
	Check  string `placeholder:"CODE"`
}

type auditConfirmCommand struct {
	inHouse
	asWho
	Audit int64  `arg:"" name:"AUDIT"`
	Unit  string `required:"" placeholder:"CODE"`
	Back  bool
}

type auditReportCommand struct {
	asWho
	Audit  int64  `arg:"" name:"AUDIT"`
	Unit   string `required:"" placeholder:"CODE"`
	Output string `required:"" short:"o" placeholder:"FILE"`
	Force  bool
}

func (c *auditReportCommand) needs() []wish {
	return []wish{{part: "output", path: c.Output, write: true, force: c.Force}}
}

type auditVerifyCommand struct{ signedFile }

// auditLine is an audit in an answer.
type auditLine struct {
	Audit    int64  `json:"audit"`
	Day      string `json:"day"`
	AnswerBy string `json:"answer_by"`
	Closed   string `json:"closed,omitempty"`
}

func auditLineOf(a *audit.Audit) auditLine {
	l := auditLine{Audit: a.ID, Day: a.Day.String(), AnswerBy: a.AnswerBy.String()}
	if a.Closed() {
		l.Closed = isoTime(a.ClosedAt)
	}
	return l
}

func (c *auditOpenCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	a, err := d.house.Audits.OpenByHand(ctx, actor)
	if err != nil {
		return err
	}
	return d.answer(auditLineOf(&a), func() { d.say("cli.audit.opened", "number", a.ID, "date", d.p.Date(a.AnswerBy)) })
}

func (c *auditListCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	all, err := d.house.Audits.List(ctx, actor)
	if err != nil {
		return err
	}
	lines := make([]auditLine, 0, len(all))
	t := d.newTable("number", "from", "until", "state")
	t.right[0] = true
	for i := range all {
		a := &all[i]
		lines = append(lines, auditLineOf(a))
		state := d.p.T("audit.page.until", "date", a.AnswerBy)
		if a.Closed() {
			state = d.p.T("audit.page.closed")
		}
		t.add(d.p.T("cli.list.number", "number", a.ID), d.shortDay(a.Day), d.shortDay(a.AnswerBy), state)
	}
	return d.answer(lines, func() { d.print(t) })
}

// auditPartLine is a body's part in an answer. It names nobody.
type auditPartLine struct {
	Audit    int64          `json:"audit"`
	Unit     string         `json:"unit"`
	Standing string         `json:"standing"`
	Members  int            `json:"members"`
	States   map[string]int `json:"states"`
	Heads    []auditHead    `json:"heads,omitempty"`
	Checks   []auditCheck   `json:"checks,omitempty"`
	Cases    []int64        `json:"cases,omitempty"`
	Missing  string         `json:"missing,omitempty"`
}

type auditHead struct {
	Day     string `json:"day"`
	Members int    `json:"members"`
	Paying  int    `json:"paying"`
	Counted bool   `json:"counted"`
	Answer  string `json:"answer"`
}

type auditCheck struct {
	Code   string `json:"code"`
	Known  bool   `json:"known"`
	Answer string `json:"answer"`
}

func (d *desk) auditPart(p *audit.Part) auditPartLine {
	l := auditPartLine{Audit: p.Audit, Unit: d.unitCode(p.Unit), Standing: string(p.Standing), Members: p.Counts.Members(), States: map[string]int{}}
	for _, state := range audit.States {
		l.States[state.Code()] = p.Counts[state]
	}
	return l
}

func (d *desk) answerParts(all []auditPartLine) error {
	t := d.newTable("unit", "members", "answered", "left", "state")
	t.right[1], t.right[2], t.right[3] = true, true, true
	for i := range all {
		l := &all[i]
		answered := l.Members - l.States[audit.Waiting.Code()] - l.States[audit.Silent.Code()]
		t.add(l.Unit, d.p.Number(l.Members), d.p.Number(answered), d.p.Number(l.Members-answered), d.p.T("audit.standing."+l.Standing))
	}
	return d.answer(all, func() { d.print(t) })
}

// show tells how far all bodies are, or one body's part.
func (c *auditShowCommand) run(ctx context.Context, d *desk) error {
	actor, body, err := d.actorIn(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	lines := []auditPartLine{}
	if body == 0 {
		st, err := d.house.Audits.Status(ctx, actor, c.Audit, audit.Wanted{Standing: c.Standing})
		if err != nil {
			return err
		}
		for i := range st.Parts {
			lines = append(lines, d.auditPart(&st.Parts[i]))
		}
		return d.answerParts(lines)
	}
	v, err := d.house.Audits.View(ctx, actor, c.Audit, body)
	if err != nil {
		return err
	}
	l := d.auditPart(&v.Part)
	for _, h := range v.Heads {
		l.Heads = append(l.Heads, auditHead{h.CutOff.String(), h.Members, h.Paying, h.Counted, string(h.Answer)})
	}
	for i := range v.Checks {
		l.Checks = append(l.Checks, auditCheck{v.Checks[i].Code, v.Checks[i].Fact.Known, v.Checks[i].Holds()})
	}
	for i := range v.Cases {
		l.Cases = append(l.Cases, v.Cases[i].ID)
	}
	if v.Missing != nil {
		l.Missing = v.Missing.Key
	}
	return d.answerParts(append(lines, l))
}

// answer answers for a member, a head-count or a question; grounds and words come on
// standard input.
func (c *auditAnswerCommand) run(ctx context.Context, d *desk) error {
	actor, body, err := d.actorIn(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	switch c.Answer {
	case "agree", "dispute":
		why := ""
		if c.Answer == "dispute" {
			if why, err = d.grounds(); err != nil {
				return err
			}
		}
		err = d.house.Audits.AnswerHead(ctx, actor, c.Audit, body, c.Day.Date, c.Answer == "agree", why)
	case "yes", "no":
		err = d.house.Audits.AnswerCheck(ctx, actor, c.Audit, body, c.Check, c.Answer == "yes", "")
	default:
		person, found := d.member(ctx, actor, charter.View, body, c.Member)
		if found != nil {
			return found
		}
		if state, known := audit.ParseState(c.Answer); known {
			_, err = d.house.Audits.Mark(ctx, actor, c.Audit, body, person, state)
		} else {
			_, err = d.house.Audits.Undo(ctx, actor, c.Audit, body, person)
		}
	}
	if err != nil {
		return err
	}
	v, err := d.house.Audits.View(ctx, actor, c.Audit, body)
	if err != nil {
		return err
	}
	return d.answerParts([]auditPartLine{d.auditPart(&v.Part)})
}

// confirm is the body's word, or that of whoever answers for the register.
func (c *auditConfirmCommand) run(ctx context.Context, d *desk) error {
	actor, body, err := d.actorIn(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	var p audit.Part
	switch {
	case c.Back:
		why, said := d.grounds()
		if said != nil {
			return said
		}
		p, err = d.house.Audits.TakeBack(ctx, actor, c.Audit, body, why)
	case d.house.Audits.Own(actor, body):
		p, err = d.house.Audits.Confirm(ctx, actor, c.Audit, body)
	default:
		p, err = d.house.Audits.Finish(ctx, actor, c.Audit, body)
	}
	if err != nil {
		return err
	}
	return d.answerParts([]auditPartLine{d.auditPart(&p)})
}

// report writes the signed report, as a sealed PDF, or as JSON where the file is called
// so.
func (c *auditReportCommand) run(ctx context.Context, d *desk) error {
	actor, body, err := d.actorIn(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	signed, err := d.house.Audits.Report(ctx, actor, c.Audit, body, d.p.Lang())
	if err != nil {
		return err
	}
	file, err := signed.JSON()
	if !strings.HasSuffix(c.Output, ".json") && err == nil {
		file, err = d.house.Audits.Paper(ctx, signed)
	}
	if err != nil {
		return err
	}
	if _, err := d.files["output"].Write(file); err != nil {
		return err
	}
	return d.answer(map[string]any{"audit": c.Audit, "hash": signed.Report.Contents.Hash()}, func() { d.say("cli.audit.written", "number", c.Audit) })
}

// auditVerdict is what came of a check.
type auditVerdict struct {
	Sound bool   `json:"sound"`
	Audit int64  `json:"audit,omitempty"`
	Unit  string `json:"unit,omitempty"`
	Hash  string `json:"hash,omitempty"`
	Key   string `json:"key,omitempty"`
	checkLines
}

// A report is checked here, beside any server and without a register.
func (c *auditVerifyCommand) run(_ context.Context, d *desk) error {
	contents, key, err := d.signed(c.File, c.Key, audit.LongestReport)
	if err != nil {
		return err
	}
	r := audit.Verify(contents, key)
	v := auditVerdict{Sound: r.Sound(), checkLines: d.found("audit.verify.", &r.Findings)}
	if s := r.Report; s != nil {
		v.Audit, v.Unit, v.Hash, v.Key = s.Report.Contents.Audit, s.Report.Contents.Code, s.Report.Contents.Hash(), certificate.Key(s.Key)
	}
	if err := d.answer(v, func() { d.tellAudit(&v) }); err != nil || v.Sound {
		return err
	}
	return exit(fails)
}

func (d *desk) tellAudit(v *auditVerdict) {
	if v.Sound {
		d.say("cli.audit.sound", "number", v.Audit)
	} else {
		d.say("cli.review.unsound")
	}
	d.tellFound(&v.checkLines, "review.paper.key", v.Key)
}

type changeTellCommand struct {
	inHouse
	asWho
	What   string `arg:"" enum:"field,left,joined,post" name:"WHAT"`
	Unit   string `required:"" placeholder:"CODE"`
	Member string `placeholder:"MEMBER-NO"`
	Post   string `placeholder:"POST"`
	From   day    `placeholder:"DATE"`
	Heard  string `enum:",phone,email,letter,meeting" default:"" placeholder:"phone|email|letter|meeting"`
}

type changeListCommand struct {
	inHouse
	asWho
	Unit    string `placeholder:"CODE"`
	Settled bool
}

type changeSettleCommand struct {
	inHouse
	asWho
	Case    int64  `arg:"" name:"CASE"`
	Outcome string `required:"" enum:"applied,passed_on,appointed,added,upheld,corrected,refused,withdrawn,reopen" placeholder:"OUTCOME"`
}

// bodyChangeLine is a case in an answer.
type bodyChangeLine struct {
	Case    int64  `json:"case"`
	Audit   int64  `json:"audit,omitempty"`
	Unit    string `json:"unit"`
	What    string `json:"what"`
	Member  string `json:"name,omitempty"`
	DueOn   string `json:"due_on"`
	Outcome string `json:"outcome,omitempty"`
}

func (d *desk) bodyChangeLine(c *audit.Case, name string) bodyChangeLine {
	return bodyChangeLine{Case: c.ID, Audit: c.Audit, Unit: d.unitCode(c.Unit), What: c.What, Member: name, DueOn: c.DueOn.String(), Outcome: c.Outcome}
}

func (d *desk) answerBodyChange(c *audit.Case) error {
	outcome := c.Outcome
	if outcome == "" {
		outcome = "open"
	}
	return d.answer(d.bodyChangeLine(c, ""), func() { d.say("cli.audit.case", "number", c.ID, "state", d.p.T("audit.outcome."+outcome)) })
}

// valuesIn reads values of fields from lines "address = Havneveien 4"; what is no such line
// is a remark.
func (d *desk) valuesIn(text string) (map[string]string, string) {
	values, note := map[string]string{}, []string{}
	for line := range strings.Lines(text) {
		code, value, set := strings.Cut(strings.TrimSpace(line), "=")
		if _, known := d.house.Charter.Field(strings.TrimSpace(code)); set && known {
			values[strings.TrimSpace(code)] = strings.TrimSpace(value)
		} else {
			note = append(note, strings.TrimSpace(line))
		}
	}
	return values, strings.Join(note, "\n")
}

// tell takes values from standard input, a line each: "address = Havneveien 4"; what is no
// such line is a remark.
func (c *changeTellCommand) run(ctx context.Context, d *desk) error {
	text, err := d.grounds()
	if err != nil {
		return err
	}
	actor, body, err := d.actorIn(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	values, note := d.valuesIn(text)
	var told audit.Case
	if c.What == audit.Joining {
		told, err = d.house.Audits.Join(ctx, actor, 0, body, values)
	} else {
		person, found := d.member(ctx, actor, charter.View, body, c.Member)
		if found != nil {
			return found
		}
		told, err = d.house.Audits.Tell(ctx, actor, audit.Wish{
			Unit: body, What: c.What, Person: person, Values: values, Post: c.Post, On: c.From.Date, Note: note, Heard: c.Heard,
		})
	}
	if err != nil {
		return err
	}
	return d.answerBodyChange(&told)
}

func (c *changeListCommand) run(ctx context.Context, d *desk) error {
	actor, body, err := d.actorIn(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	all, err := d.house.Audits.Changes(ctx, actor, audit.Asked{Unit: body, Settled: c.Settled})
	if err != nil {
		return err
	}
	lines := make([]bodyChangeLine, 0, len(all.Cases))
	t := d.newTable("number", "unit", "name", "finding", "until", "state")
	t.right[0] = true
	for i := range all.Cases {
		k := &all.Cases[i]
		l := d.bodyChangeLine(k, all.Names[k.Person])
		lines = append(lines, l)
		outcome := k.Outcome
		if outcome == "" {
			outcome = "open"
		}
		t.add(d.p.T("cli.list.number", "number", k.ID), l.Unit, l.Member, d.p.T("audit.what."+k.What), d.shortDay(k.DueOn), d.p.T("audit.outcome."+outcome))
	}
	return d.answer(lines, func() { d.print(t) })
}

// settle ends a case or takes it up again; why comes on standard input, or the values of
// whoever is added.
func (c *changeSettleCommand) run(ctx context.Context, d *desk) error {
	why, err := d.grounds()
	if err != nil {
		return err
	}
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	var k audit.Case
	switch c.Outcome {
	case "reopen":
		k, err = d.house.Audits.Reopen(ctx, actor, c.Case, why)
	case audit.Added:
		values, _ := d.valuesIn(why)
		k, err = d.house.Audits.Add(ctx, actor, c.Case, values)
	default:
		k, err = d.house.Audits.Settle(ctx, actor, c.Case, c.Outcome, why)
	}
	if err != nil {
		return err
	}
	return d.answerBodyChange(&k)
}
