package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/journal"
)

type journalVerifyCommand struct {
	Checkpoint string `placeholder:"FILE"`
}

func (c *journalVerifyCommand) needs() []wish {
	return []wish{{part: "checkpoint", path: c.Checkpoint}}
}

// verifyAnswer is the outcome of a verification.
type verifyAnswer struct {
	Sound          bool          `json:"sound"`
	Entries        int64         `json:"entries"`
	Pruned         int64         `json:"pruned"`
	Waiting        int64         `json:"waiting"`
	Checkpoints    int64         `json:"checkpoints"`
	Signed         int64         `json:"signed"`
	Epoch          int64         `json:"epoch"`
	OutsideChecked bool          `json:"outside_checked"`
	Problems       []problemLine `json:"problems"`
	MoreProblems   int           `json:"more_problems,omitempty"`
	Warnings       []string      `json:"warnings"` // in words
}

type problemLine struct {
	Kind     string `json:"kind"`
	Text     string `json:"text"`
	Entry    int64  `json:"entry,omitempty"`
	Position int64  `json:"position"` // -1 where there is none
}

// longestCheckpoint is what a signed note may have, in bytes.
const longestCheckpoint = 64 << 10

func (c *journalVerifyCommand) run(ctx context.Context, d *desk) error {
	var outside []byte
	if file := d.files["checkpoint"]; file != nil {
		var err error
		if outside, err = io.ReadAll(io.LimitReader(file, longestCheckpoint)); err != nil {
			return err
		}
	}
	r, err := d.house.Journal.Verify(ctx, outside)
	if err != nil {
		return err
	}
	a := verifyAnswer{
		Sound: r.Sound(), Entries: r.Entries, Pruned: r.Pruned, Waiting: r.Unsequenced, Checkpoints: r.Checkpoints, Signed: r.Signed,
		Epoch: r.Epoch, OutsideChecked: r.OutsideChecked, Problems: []problemLine{}, MoreProblems: r.More, Warnings: []string{},
	}
	for _, p := range r.Problems {
		a.Problems = append(a.Problems, problemLine{Kind: string(p.Kind), Text: d.p.T(p.Kind.Key()), Entry: p.Entry, Position: p.Position})
	}
	for _, w := range r.Warnings {
		a.Warnings = append(a.Warnings, d.p.T(w.Key, "count", w.Count))
	}
	if err := d.answer(a, func() { d.printVerified(&a) }); err != nil {
		return err
	}
	if !a.Sound {
		d.refuse(d.p.T("journal.verify.broken"), d.p.T("cli.next.journal"))
		return exit(fails)
	}
	return nil
}

func (d *desk) printVerified(a *verifyAnswer) {
	for _, p := range a.Problems {
		where := ""
		if p.Entry != 0 {
			where = d.p.T("cli.journal.entry", "number", p.Entry)
		} else if p.Position >= 0 {
			where = d.p.T("cli.journal.position", "number", p.Position)
		}
		fmt.Fprintf(d.out, "%s  %s\n", p.Text, where)
	}
	if a.MoreProblems > 0 {
		d.say("journal.verify.more", "count", a.MoreProblems)
	}
	if a.Sound {
		d.say("journal.verify.sound")
	}
	d.say("journal.verify.entries", "count", a.Entries)
	if a.Pruned > 0 {
		d.say("journal.verify.pruned", "count", a.Pruned)
	}
	d.say("journal.verify.checkpoints", "count", a.Checkpoints)
	if a.Epoch > 1 {
		d.say("journal.verify.epoch", "number", a.Epoch)
	}
	for _, w := range a.Warnings {
		fmt.Fprintln(d.out, w)
	}
}

type journalCheckpointCommand struct {
	Output string `short:"o" default:"-" placeholder:"FILE"`
	Force  bool
}

func (c *journalCheckpointCommand) needs() []wish {
	return []wish{{part: "output", path: c.Output, write: true, force: c.Force}}
}

func (c *journalCheckpointCommand) run(ctx context.Context, d *desk) error {
	note, err := d.house.Journal.Checkpoint(ctx)
	if errors.Is(err, journal.ErrTampered) {
		d.refuse(d.p.T("journal.verify.broken"), d.p.T("cli.next.verify"))
		return exit(fails)
	}
	if err != nil {
		return err
	}
	if d.json && c.Output == "-" {
		return printJSON(d.out, map[string]string{"checkpoint": string(note)})
	}
	if _, err := d.files["output"].Write(note); err != nil {
		return err
	}
	if c.Output == "-" {
		return nil
	}
	return d.answer(map[string]string{"checkpoint": string(note)}, func() { d.say("cli.journal.checkpoint", "path", c.Output) })
}

type journalExportCommand struct {
	As     string `placeholder:"WHO"`
	Output string `short:"o" default:"-" placeholder:"FILE"`
	Force  bool
}

func (c *journalExportCommand) needs() []wish {
	return []wish{{part: "output", path: c.Output, write: true, force: c.Force}}
}

// The export holds numbers of persons and no word about any; whoever may read
// the register's files may have it. The journal says who did.
func (c *journalExportCommand) run(ctx context.Context, d *desk) error {
	entry := journal.Entry{Right: string(access.System), Via: string(access.Console), OSUser: d.osUser}
	if c.As != "" {
		scope, err := d.decide(ctx, c.As, access.Want{Act: charter.Journal})
		if err != nil {
			return err
		}
		entry = scope.Entry(journal.Export)
	}
	entry.Act, entry.Reason = journal.Export, "cli.journal.exported"
	if _, err := d.house.Journal.Read(ctx, &entry); err != nil {
		return err
	}
	out := bufio.NewWriterSize(d.files["output"], 64<<10)
	if err := errors.Join(d.house.Journal.Export(ctx, out), out.Flush()); err != nil {
		return err
	}
	if c.Output == "-" {
		return nil
	}
	return d.answer(map[string]string{"file": c.Output}, func() { d.say("cli.journal.exported", "path", c.Output) })
}
