package cli

import (
	"context"
	"encoding/hex"
	"strings"

	"kartotek/internal/certificate"
	"kartotek/internal/fault"
	"kartotek/internal/review"
	"kartotek/internal/unit"
)

type reviewOpenCommand struct {
	inHouse
	asWho
}

type reviewListCommand struct {
	inHouse
	asWho
}

type reviewShowCommand struct {
	inHouse
	asWho
	Review int64  `arg:"" name:"REVIEW"`
	Unit   string `placeholder:"CODE"`
}

type reviewAnswerCommand struct {
	inHouse
	asWho
	Line   int64  `arg:"" name:"LINE"`
	Answer string `required:"" enum:"confirm,end,undo" placeholder:"confirm|end|undo"`
}

type reviewCloseCommand struct {
	inHouse
	asWho
	Review int64 `arg:"" name:"REVIEW"`
}

type reviewReportCommand struct {
	asWho
	Review int64  `arg:"" name:"REVIEW"`
	Output string `required:"" short:"o" placeholder:"FILE"`
	Force  bool
}

func (c *reviewReportCommand) needs() []wish {
	return []wish{{part: "output", path: c.Output, write: true, force: c.Force}}
}

type reviewVerifyCommand struct{ signedFile }

// reviewLine is a review in an answer.
type reviewAnswerLine struct {
	Review    int64  `json:"review"`
	Opened    string `json:"opened"`
	AnswerBy  string `json:"answer_by"`
	SuspendOn string `json:"suspend_on"`
	Closed    string `json:"closed,omitempty"`
	Hash      string `json:"hash,omitempty"`
}

func (d *desk) reviewLine(r *review.Review) reviewAnswerLine {
	l := reviewAnswerLine{
		Review: r.ID, Opened: isoTime(r.OpenedAt), AnswerBy: isoDay(r.AnswerBy), SuspendOn: isoDay(r.SuspendOn), Hash: hex.EncodeToString(r.Hash),
	}
	if r.Closed() {
		l.Closed = isoTime(r.ClosedAt)
	}
	return l
}

func (c *reviewOpenCommand) run(ctx context.Context, d *desk) error {
	why, err := d.grounds()
	if err != nil {
		return err
	}
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	r, err := d.house.Reviews.OpenByHand(ctx, actor, why)
	if err != nil {
		return err
	}
	return d.answer(d.reviewLine(&r), func() { d.say("cli.review.opened", "number", r.ID, "date", d.p.Date(r.AnswerBy)) })
}

func (c *reviewListCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	all, err := d.house.Reviews.List(ctx, actor)
	if err != nil {
		return err
	}
	lines := make([]reviewAnswerLine, 0, len(all))
	t := d.newTable("number", "from", "until", "state")
	t.right[0] = true
	for i := range all {
		r := &all[i]
		lines = append(lines, d.reviewLine(r))
		state := d.p.T("review.page.open_until", "date", r.AnswerBy)
		if r.Closed() {
			state = d.p.T("review.page.closed")
		}
		t.add(d.p.T("cli.list.number", "number", r.ID), d.shortDay(d.house.Charter.Today(r.OpenedAt)), d.shortDay(r.AnswerBy), state)
	}
	return d.answer(lines, func() { d.print(t) })
}

// reviewedLine is one access in an answer.
type reviewedLine struct {
	Line     int64    `json:"line"`
	Unit     string   `json:"unit"`
	Role     string   `json:"role"`
	Name     string   `json:"name,omitempty"`
	State    string   `json:"state"`
	Findings []string `json:"findings"`
	SignedIn string   `json:"signed_in,omitempty"`
	Used     string   `json:"used,omitempty"`
	Factors  []string `json:"factors"`
	Pulled   int      `json:"lists_pulled"`
	Open     int      `json:"lists_open"`
	Overdue  int      `json:"lists_overdue"`
	Reason   string   `json:"reason,omitempty"`
}

func (d *desk) reviewedLine(l *review.Line) reviewedLine {
	out := reviewedLine{
		Line: l.ID, Unit: d.unitCode(l.Unit), Role: l.Code, State: string(l.State), Findings: []string{}, Factors: []string{},
	}
	if e := l.Evidence; e != nil {
		out.Name, out.SignedIn, out.Used = e.Name, isoDay(e.SignedIn), isoDay(e.Used)
		out.Factors = append(out.Factors, e.Factors...)
		out.Pulled, out.Open, out.Overdue = e.Lists.Pulled, e.Lists.Open, e.Lists.Overdue
		for i := range e.Findings {
			out.Findings = append(out.Findings, string(e.Findings[i].Why))
		}
	}
	if l.Answer != nil {
		out.Reason = l.Answer.Reason
	}
	return out
}

// show tells a review's lines, of one body or of all that the actor answers for.
func (c *reviewShowCommand) run(ctx context.Context, d *desk) error {
	body, err := d.body(c.Unit)
	if err != nil {
		return err
	}
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	o, err := d.house.Reviews.Overview(ctx, actor, c.Review)
	if err != nil {
		return err
	}
	var bodies []unit.ID
	for _, p := range o.Bodies {
		if c.Unit == "" || p.Unit == body {
			bodies = append(bodies, p.Unit)
		}
	}
	if c.Unit != "" && len(bodies) == 0 {
		return fault.New(fault.NotFound, "review.error.gone")
	}
	lines := []reviewedLine{}
	t := d.newTable("line", "unit", "right", "name", "finding", "state")
	t.right[0] = true
	for _, at := range bodies {
		sheet, err := d.house.Reviews.Sheet(ctx, actor, c.Review, at)
		if err != nil {
			return err
		}
		for i := range sheet.Lines {
			l := d.reviewedLine(&sheet.Lines[i])
			lines = append(lines, l)
			var found []string
			for _, why := range l.Findings {
				found = append(found, review.Short(d.p, review.Why(why)))
			}
			t.add(d.p.T("cli.list.number", "number", l.Line), l.Unit, d.house.Reviews.RoleName(d.p, sheet.Lines[i].Basis()), l.Name,
				strings.Join(found, "; "), d.p.T("review.state."+l.State))
		}
	}
	return d.answer(lines, func() { d.print(t) })
}

// answer confirms, ends or undoes; the reason comes on standard input.
func (c *reviewAnswerCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	var l review.Line
	switch c.Answer {
	case "undo":
		l, err = d.house.Reviews.Undo(ctx, actor, c.Line)
	default:
		why, said := d.grounds()
		if said != nil {
			return said
		}
		to := review.Confirmed
		if c.Answer == "end" {
			to = review.Ended
		}
		l, err = d.house.Reviews.Answer(ctx, actor, c.Line, to, why)
	}
	if err != nil {
		return err
	}
	return d.answer(d.reviewedLine(&l), func() { d.say("cli.review.answered", "number", l.ID, "state", d.p.T("review.state."+string(l.State))) })
}

func (c *reviewCloseCommand) run(ctx context.Context, d *desk) error {
	note, err := d.grounds()
	if err != nil {
		return err
	}
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	r, err := d.house.Reviews.Close(ctx, actor, c.Review, note)
	if err != nil {
		return err
	}
	return d.answer(d.reviewLine(&r), func() { d.say("cli.review.closed", "number", r.ID, "hash", hex.EncodeToString(r.Hash)) })
}

// report writes the signed report, as PDF, or as JSON where the file is called so.
func (c *reviewReportCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	signed, err := d.house.Reviews.Report(ctx, actor, c.Review, d.p.Lang())
	if err != nil {
		return err
	}
	file, err := signed.PDF()
	if strings.HasSuffix(c.Output, ".json") {
		file, err = signed.JSON()
	}
	if err != nil {
		return err
	}
	if _, err := d.files["output"].Write(file); err != nil {
		return err
	}
	return d.answer(map[string]any{"review": c.Review, "closing": signed.Report.Closing}, func() { d.say("cli.review.written", "number", c.Review) })
}

// reviewVerdict is what came of a check.
type reviewVerdict struct {
	Sound    bool   `json:"sound"`
	Review   int64  `json:"review,omitempty"`
	Hash     string `json:"hash,omitempty"`
	Closing  string `json:"closing,omitempty"`
	AsClosed bool   `json:"as_closed"`
	Key      string `json:"key,omitempty"`
	checkLines
}

// A report is checked here, beside any server and without a register.
func (c *reviewVerifyCommand) run(_ context.Context, d *desk) error {
	contents, key, err := d.signed(c.File, c.Key, review.LongestReport)
	if err != nil {
		return err
	}
	r := review.Verify(contents, key)
	v := reviewVerdict{Sound: r.Sound(), AsClosed: r.AsClosed, Hash: r.Hash, checkLines: d.found("review.verify.", &r.Findings)}
	if s := r.Report; s != nil {
		v.Review, v.Closing, v.Key = s.Report.Contents.Review, s.Report.Closing, certificate.Key(s.Key)
	}
	if err := d.answer(v, func() { d.tellReview(&v) }); err != nil || v.Sound {
		return err
	}
	return exit(fails)
}

func (d *desk) tellReview(v *reviewVerdict) {
	if v.Sound {
		d.say("cli.review.sound", "number", v.Review)
	} else {
		d.say("cli.review.unsound")
	}
	d.tellFound(&v.checkLines, "review.paper.key", v.Key)
}
