package cli

import (
	"context"
	"strings"

	"kartotek/internal/passing"
)

type passingStatusCommand struct {
	inHouse
	asWho
}

type passingPreviewCommand struct {
	inHouse
	asWho
	Recipient string `arg:"" name:"RECIPIENT"`
}

type passingRunCommand struct {
	inHouse
	asWho
	Recipient string `arg:"" name:"RECIPIENT"`
	Lines     int    `required:"" placeholder:"N"`
}

type passingDecideCommand struct {
	inHouse
	asWho
	Run      int64  `arg:"" name:"RUN"`
	Decision string `arg:"" enum:"release,refuse" name:"DECISION"`
}

type passingExportCommand struct {
	asWho
	Batch  int64  `arg:"" name:"BATCH"`
	Output string `required:"" short:"o" placeholder:"FILE"`
	Force  bool
}

func (c *passingExportCommand) needs() []wish {
	return []wish{{part: "output", path: c.Output, write: true, force: c.Force}}
}

type passingAckCommand struct {
	inHouse
	asWho
	Batch   int64  `arg:"" name:"BATCH"`
	Receipt string `arg:"" name:"RECEIPT"`
}

type passingAgainCommand struct {
	inHouse
	asWho
	Batch  int64 `arg:"" name:"BATCH"`
	GiveUp bool
}

type passingCourseCommand struct {
	inHouse
	asWho
	Recipient string `arg:"" name:"RECIPIENT"`
	Course    string `arg:"" enum:"pause,resume,stop" name:"COURSE"`
}

type passingReconcileCommand struct {
	asWho
	Recipient string `arg:"" name:"RECIPIENT"`
	File      string `placeholder:"FILE"`
}

func (c *passingReconcileCommand) needs() []wish {
	if c.File == "" {
		return nil
	}
	return []wish{{part: "file", path: c.File}}
}

// passingCounts are what a run has and leaves out, in an answer.
type passingCounts struct {
	Lines     int `json:"lines"`
	Joins     int `json:"joins"`
	Changes   int `json:"changes"`
	Leaves    int `json:"leaves"`
	Restricts int `json:"restricts"`
	Withholds int `json:"withholds"`
	Unchanged int `json:"unchanged"`
	OnWay     int `json:"on_the_way"`
	NoConsent int `json:"without_consent"`
	Objecting int `json:"objecting"`
	Stopped   int `json:"restricted"`
	LeftOut   int `json:"of_another_category"`
	Covered   int `json:"without_address"`
	Numbers   int `json:"number_only"`
}

func passingCountsOf(c *passing.Counts) passingCounts {
	return passingCounts{
		Lines: c.Lines(), Joins: c.Joins, Changes: c.Changes, Leaves: c.Leaves, Restricts: c.Restricts, Withholds: c.Withholds, Unchanged: c.Unchanged, OnWay: c.OnWay,
		NoConsent: c.NoConsent, Objecting: c.Objecting, Stopped: c.Stopped, LeftOut: c.LeftOut, Covered: c.Covered, Numbers: c.Numbers,
	}
}

// tellPassing says what a run has, and whom it leaves out and why.
func (d *desk) tellPassing(c *passing.Counts) {
	for _, of := range []struct {
		key string
		n   int
	}{
		{"passing.event.join", c.Joins}, {"passing.event.change", c.Changes}, {"passing.event.leave", c.Leaves}, {"passing.event.restrict", c.Restricts},
		{"passing.event.withhold", c.Withholds}, {"passing.next.unchanged", c.Unchanged}, {"passing.next.on_way", c.OnWay}, {"passing.why.consent", c.NoConsent},
		{"passing.why.objects", c.Objecting}, {"passing.why.restricted", c.Stopped}, {"passing.why.category", c.LeftOut}, {"passing.next.covered", c.Covered},
		{"passing.next.numbers", c.Numbers},
	} {
		if of.n > 0 {
			d.say("cli.passing.count", "what", d.p.T(of.key), "count", of.n)
		}
	}
}

// passingBatch is a batch in an answer. It names nobody.
type passingBatch struct {
	Batch   int64  `json:"batch"`
	Run     int64  `json:"run,omitempty"`
	Removal bool   `json:"references_only"`
	State   string `json:"state"`
	Way     string `json:"way"`
	Lines   int    `json:"lines"`
	Tries   int    `json:"tries"`
	Problem string `json:"problem,omitempty"`
	Receipt string `json:"receipt,omitempty"`
	List    int64  `json:"list,omitempty"`
}

// passingState says how a batch stands.
func (d *desk) passingState(b *passing.Batch) string {
	if b.State == passing.Ready && b.Way == passing.ByFile {
		return d.p.T("passing.batch.download")
	}
	return d.p.T("passing.batch.state." + string(b.State))
}

type passingLine struct {
	Recipient string         `json:"recipient"`
	State     string         `json:"state"`
	Standing  int            `json:"standing"`
	Unsettled int            `json:"unsettled"`
	Open      int            `json:"references_not_confirmed"`
	RanAt     string         `json:"ran_at,omitempty"`
	NextAt    string         `json:"next_at,omitempty"`
	Webhook   string         `json:"webhook,omitempty"`
	Gone      bool           `json:"gone,omitempty"`
	Braked    int64          `json:"braked,omitempty"`
	Batches   []passingBatch `json:"batches"`
}

// status tells how passing on to every recipient stands, with the newest batches.
func (c *passingStatusCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	all, err := d.house.Passing.Glance(ctx, actor)
	if err != nil {
		return err
	}
	lines := make([]passingLine, 0, len(all))
	t := d.newTable("recipient", "number", "state", "members", "reason")
	t.right[3] = true
	for i := range all {
		s, err := d.house.Passing.Show(ctx, actor, all[i].Code, 1)
		if err != nil {
			return err
		}
		r := &s.Recipient
		l := passingLine{
			Recipient: r.Code, State: string(r.State), Standing: r.Standing, Unsettled: r.Unsettled, Open: s.Open, RanAt: isoTime(r.RanAt), NextAt: isoTime(r.NextAt),
			Webhook: r.Webhook, Gone: r.Gone, Batches: []passingBatch{},
		}
		t.add(r.Code, "", d.p.T("passing.course."+l.State), d.p.Number(r.Standing), "")
		if s.Braked != nil {
			l.Braked = s.Braked.ID
			t.add("", d.p.T("passing.run.numbered", "number", l.Braked), d.p.T("passing.run.braked"), d.p.Number(s.Braked.Counts.Lines()), "")
		}
		for j := range s.Batches {
			b := &s.Batches[j]
			l.Batches = append(l.Batches, passingBatch{b.ID, b.Run, b.Removal, string(b.State), string(b.Way), b.Lines, b.Tries, b.Problem, b.Receipt, b.List})
			problem := b.Receipt
			if b.Problem != "" {
				problem = d.p.T("passing.problem." + b.Problem)
			}
			t.add("", d.p.T("passing.batch.numbered", "number", b.ID), d.passingState(b), d.p.Number(b.Lines), problem)
		}
		lines = append(lines, l)
	}
	return d.answer(lines, func() { d.print(t) })
}

// preview tells what a run would be, in numbers.
func (c *passingPreviewCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	p, err := d.house.Passing.Preview(ctx, actor, c.Recipient)
	if err != nil {
		return err
	}
	return d.answer(map[string]any{"recipient": c.Recipient, "kind": p.Kind, "brakes": p.Brakes, "counts": passingCountsOf(&p.Counts)}, func() {
		d.tellPassing(&p.Counts)
		if p.Brakes {
			d.say("passing.brake.would")
		}
		d.say("cli.passing.then", "recipient", c.Recipient, "count", p.Counts.Lines())
	})
}

// answerPassed answers with a run.
func (d *desk) answerPassed(v *passing.Run) error {
	return d.answer(map[string]any{"run": v.ID, "state": v.State, "kind": v.Kind, "counts": passingCountsOf(&v.Counts)}, func() {
		d.say("cli.passing.ran", "number", v.ID, "state", d.p.T("passing.run."+string(v.State)))
		d.tellPassing(&v.Counts)
	})
}

func (c *passingRunCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	v, err := d.house.Passing.Run(ctx, actor, c.Recipient, c.Lines)
	if err != nil {
		return err
	}
	return d.answerPassed(&v)
}

func (c *passingDecideCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	act := d.house.Passing.Release
	if c.Decision == "refuse" {
		act = d.house.Passing.Refuse
	}
	v, err := act(ctx, actor, c.Run)
	if err != nil {
		return err
	}
	return d.answerPassed(&v)
}

// export writes the file of a batch. One with members' fields is a list (D12).
func (c *passingExportCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	delivery, err := d.house.Passing.Export(ctx, actor, c.Batch, d.p.Lang())
	if err != nil {
		return err
	}
	if err := delivery.Write(ctx, d.files["output"]); err != nil {
		return err
	}
	say := d.say
	if c.Output == "-" {
		say = d.note
	}
	tell := func() {
		say("cli.passing.written", "number", c.Batch)
		if n := delivery.Number(); n != 0 {
			say("cli.list.attest", "number", n)
		}
	}
	if c.Output == "-" { // the file was the answer
		tell()
		return nil
	}
	return d.answer(map[string]any{"batch": c.Batch, "list": delivery.Number()}, tell)
}

// answerBatch answers with how a batch stands.
func (d *desk) answerBatch(ctx context.Context, who string, id int64) error {
	actor, err := d.actor(ctx, who)
	if err != nil {
		return err
	}
	b, err := d.house.Passing.Batch(ctx, actor, id)
	if err != nil {
		return err
	}
	return d.answer(passingBatch{b.ID, b.Run, b.Removal, string(b.State), string(b.Way), b.Batch.Lines, b.Tries, b.Problem, b.Receipt, b.List}, func() {
		d.say("cli.passing.batch", "number", b.ID, "state", d.passingState(&b.Batch))
	})
}

func (c *passingAckCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	if err := d.house.Passing.Acknowledge(ctx, actor, c.Batch, c.Receipt); err != nil {
		return err
	}
	return d.answerBatch(ctx, c.As, c.Batch)
}

func (c *passingAgainCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	if c.GiveUp {
		err = d.house.Passing.GiveUp(ctx, actor, c.Batch)
	} else {
		err = d.house.Passing.Again(ctx, actor, c.Batch)
	}
	if err != nil {
		return err
	}
	return d.answerBatch(ctx, c.As, c.Batch)
}

func (c *passingCourseCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	state := passing.Running
	switch c.Course {
	case "pause":
		state, err = passing.Paused, d.house.Passing.Pause(ctx, actor, c.Recipient)
	case "resume":
		err = d.house.Passing.Resume(ctx, actor, c.Recipient)
	default:
		state = passing.Stopped
		_, err = d.house.Passing.Stop(ctx, actor, c.Recipient)
	}
	if err != nil {
		return err
	}
	return d.answer(map[string]any{"recipient": c.Recipient, "state": state}, func() {
		d.say("cli.passing.course", "recipient", c.Recipient, "state", strings.ToLower(d.p.T("passing.course."+string(state))))
	})
}

// reconcile asks the recipient, or reads what it gave, and tells what differs.
func (c *passingReconcileCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	var came passing.Comparison
	if c.File == "" {
		came, err = d.house.Passing.Reconcile(ctx, actor, c.Recipient)
	} else {
		came, err = d.house.Passing.Against(ctx, actor, c.Recipient, d.files["file"])
	}
	if err != nil {
		return err
	}
	return d.answer(map[string]any{
		"same": came.Same, "ours": came.Ours, "theirs": came.Theirs, "missing": came.Missing, "different": came.Different, "unknown": came.Unknown, "unsettled": came.Unsettled,
	}, func() {
		key := "passing.compare.same"
		if !came.Same {
			key = "passing.compare.different"
		}
		d.say(key)
		for _, of := range []struct {
			key string
			n   int
		}{
			{"passing.compare.ours", came.Ours}, {"passing.compare.theirs", came.Theirs}, {"passing.compare.missing", came.Missing},
			{"passing.compare.changed", came.Different}, {"passing.compare.unknown", came.Unknown}, {"passing.compare.unsettled", came.Unsettled},
		} {
			d.say("cli.passing.count", "what", d.p.T(of.key), "count", of.n)
		}
	})
}
