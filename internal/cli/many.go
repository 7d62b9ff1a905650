package cli

import (
	"context"
	"io"
	"strconv"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/departure"
)

// largestNumbers is how long a file of member numbers may be.
const largestNumbers = 4 << 20

// refusedLine is a row of a file that is not closed.
type refusedLine struct {
	Row    int    `json:"row"`
	Number string `json:"number"`
	Why    string `json:"why"`
}

// manyAnswer is what a closing of many would do, does or has done.
type manyAnswer struct {
	Batch   uint64        `json:"batch,omitempty"`
	State   string        `json:"state"` // preview, or that of the batch
	Going   int           `json:"going"`
	Posts   int           `json:"with_posts"`
	Holding int           `json:"with_lists"`
	Second  bool          `json:"second_asked"`
	Closed  int           `json:"closed"`
	Refused []refusedLine `json:"refused"`
}

// many closes all whose numbers stand in a file: with --dry-run nobody; where too many
// for one person they are proposed to a colleague.
func (c *closeCommand) many(ctx context.Context, d *desk, actor access.Actor) error {
	text, err := io.ReadAll(io.LimitReader(d.files["file"], largestNumbers))
	if err != nil {
		return err
	}
	numbers := departure.Numbers(string(text))
	p, err := d.house.Departures.PreviewMany(ctx, actor, numbers, c.Reason, c.PassLists)
	if err != nil {
		return c.withReasons(d, err)
	}
	a := manyAnswer{State: "preview", Going: p.Going, Posts: p.Posts, Holding: p.Holding, Second: p.Second, Refused: []refusedLine{}}
	t := d.newTable("line", "number", "outcome")
	for i := range p.Lines {
		if l := &p.Lines[i]; l.Refused != "" {
			why := d.p.T(l.Refused)
			a.Refused = append(a.Refused, refusedLine{Row: l.Row, Number: l.Number, Why: why})
			t.add(d.p.Number(l.Row), l.Number, why)
		}
	}
	if !c.DryRun && p.Going > 0 {
		b, err := d.house.Departures.CloseMany(ctx, actor, numbers, c.Reason, c.PassLists)
		if err != nil {
			return err
		}
		if b, err = d.runBatch(ctx, actor, b); err != nil {
			return err
		}
		a.Batch, a.State, a.Closed = b.ID, string(b.State), b.Closed
	}
	return d.answer(a, func() {
		if len(a.Refused) > 0 {
			d.print(t)
		}
		d.say("cli.many.preview", "count", a.Going, "posts", d.p.Number(a.Posts), "lists", d.p.Number(a.Holding), "refused", d.p.Number(len(a.Refused)))
		switch a.State {
		case "preview":
			if p.Second {
				d.say("cli.many.second")
			}
		case string(departure.BatchProposed):
			d.say("cli.many.proposed", "number", int64(a.Batch))
		default:
			d.say("cli.many.closed", "count", a.Closed, "number", int64(a.Batch))
		}
	})
}

// runBatch does the work of a batch that may run, and tells how far it is.
func (d *desk) runBatch(ctx context.Context, actor access.Actor, b departure.Batch) (departure.Batch, error) {
	if b.State != departure.BatchRunning {
		return b, nil
	}
	stop := d.sending()
	defer stop()
	watch := d.progress()
	if err := d.house.Departures.RunBatch(ctx, b.ID, func(done, total int) { watch.tell("closing_many", done, total) }); err != nil {
		return b, err
	}
	return d.house.Departures.Batch(ctx, actor, b.ID)
}

type closingsListCommand struct {
	inHouse
	asWho
}

type closingsDecideCommand struct {
	inHouse
	asWho
	Batch uint64 `arg:"" name:"BATCH"`
}

type closingsRefuseCommand closingsDecideCommand

type closingsUndoCommand closingsDecideCommand

// batchLine is a closing of many in an answer.
type batchLine struct {
	Batch   uint64 `json:"batch"`
	State   string `json:"state"`
	On      string `json:"on"`
	Reason  string `json:"reason"`
	Total   int    `json:"total"`
	Closed  int    `json:"closed"`
	Refused int    `json:"refused"`
	Undone  int    `json:"undone,omitempty"`
}

func batchLineOf(b *departure.Batch) batchLine {
	return batchLine{Batch: b.ID, State: string(b.State), On: isoDay(b.On), Reason: b.Reason, Total: b.Total, Closed: b.Closed, Refused: b.Refused}
}

func (c *closingsListCommand) run(ctx context.Context, d *desk) error {
	scope, err := d.decide(ctx, c.As, access.Want{Act: charter.Close})
	if err != nil {
		return err
	}
	all, err := d.house.Departures.BatchesIn(ctx, scope)
	if err != nil {
		return err
	}
	lines := make([]batchLine, len(all))
	t := d.newTable("holding", "from", "why_closed", "members", "state")
	t.right[0], t.right[3] = true, true
	for i := range all {
		lines[i] = batchLineOf(&all[i])
		reason := all[i].Reason
		if r, known := d.house.Charter.Reason(reason); known {
			reason = r.Name.In(d.p.Lang())
		}
		t.add(d.p.Number(int(all[i].ID)), d.shortDay(all[i].On), reason, d.p.Number(all[i].Total), d.p.T("departure.batch."+string(all[i].State)))
	}
	return d.answer(lines, func() {
		d.print(t)
		d.say("cli.many.count", "count", len(all))
	})
}

func (c *closingsDecideCommand) run(ctx context.Context, d *desk) error {
	return d.decideBatch(ctx, c.As, c.Batch, true)
}

func (c *closingsRefuseCommand) run(ctx context.Context, d *desk) error {
	return d.decideBatch(ctx, c.As, c.Batch, false)
}

func (d *desk) decideBatch(ctx context.Context, as string, id uint64, yes bool) error {
	actor, err := d.actor(ctx, as)
	if err != nil {
		return err
	}
	b, err := d.house.Departures.DecideBatch(ctx, actor, id, yes)
	if err != nil {
		return err
	}
	if b, err = d.runBatch(ctx, actor, b); err != nil {
		return err
	}
	return d.answer(batchLineOf(&b), func() {
		if yes {
			d.say("cli.many.closed", "count", b.Closed, "number", int64(b.ID))
		} else {
			d.say("cli.many.refused", "number", int64(b.ID))
		}
	})
}

func (c *closingsUndoCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	back, late, lost, err := d.house.Departures.UndoBatch(ctx, actor, c.Batch)
	if err != nil {
		return err
	}
	return d.answer(map[string]any{"batch": c.Batch, "undone": back, "too_late": late, "seats_lost": lost}, func() {
		d.say("cli.many.undone", "count", back, "late", d.p.Number(late), "lost", d.p.Number(lost))
	})
}

type resignCommand struct {
	inHouse
	asWho
	Member   string `arg:"" name:"MEMBER-NO"`
	How      string `placeholder:"letter|phone|email|meeting"`
	On       day    `placeholder:"DATE"`
	Died     bool
	Withdraw bool
}

func (c *resignCommand) check() (key string, args []any) {
	if c.Withdraw == (c.How != "") || c.Withdraw && c.Died {
		return "cli.usage.resign", nil
	}
	return "", nil
}

// The second and the third door: an association passes on what it heard, the
// secretariat enters a letter or a call.
func (c *resignCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	person, err := d.member(ctx, actor, charter.PassOn, 0, c.Member)
	if err != nil {
		return err
	}
	if c.Withdraw {
		if err := d.house.Departures.Withdraw(ctx, actor, person); err != nil {
			return err
		}
		return d.answer(map[string]any{"number": c.Member, "withdrawn": true}, func() { d.say("cli.resign.withdrawn", "number", c.Member) })
	}
	on := c.On.Date
	if on.IsZero() {
		on = d.house.Access.Today()
	}
	r, err := d.house.Departures.Enter(ctx, actor, person, departure.Resignation{How: c.How, On: on, Died: c.Died})
	if err != nil {
		return err
	}
	return d.answer(map[string]any{"number": c.Member, "receipt": r.Number, "by": isoDay(r.By), "lists_held": len(r.Lists)}, func() {
		d.say("cli.resign.entered", "number", c.Member, "receipt", r.Number, "by", d.p.Date(r.By))
		if len(r.Lists) > 0 {
			d.say("cli.resign.lists", "count", len(r.Lists))
		}
	})
}

type reasonsCommand struct {
	inHouse
	asWho
}

// Why members left, counted without them.
func (c *reasonsCommand) run(ctx context.Context, d *desk) error {
	scope, err := d.decide(ctx, c.As, access.Want{Act: charter.Close})
	if err != nil {
		return err
	}
	all, err := d.house.Departures.Reasons(ctx, scope)
	if err != nil {
		return err
	}
	type line struct {
		Year    int    `json:"year"`
		Reason  string `json:"reason"`
		Persons int    `json:"persons"`
	}
	lines := make([]line, len(all))
	t := d.newTable("year", "why_closed", "members")
	t.right[2] = true
	for i, r := range all {
		lines[i] = line{r.Year, r.Reason, r.Persons}
		name := d.p.T("leaving.reasons.rest")
		if reason, known := d.house.Charter.Reason(r.Reason); known {
			name = reason.Name.In(d.p.Lang())
		}
		t.add(strconv.Itoa(r.Year), name, d.p.Number(r.Persons))
	}
	return d.answer(lines, func() {
		d.print(t)
		d.say("cli.reasons.note")
	})
}
