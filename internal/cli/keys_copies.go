package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/copies"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
)

// copyAnswer is how the copy of the keyring in one place stands.
type copyAnswer struct {
	Number      int64  `json:"number,omitempty"`
	Place       string `json:"place"`
	Kept        bool   `json:"kept"`
	Current     bool   `json:"current"`
	Ledger      int64  `json:"ledger"`
	ConfirmedAt string `json:"confirmed_at,omitempty"`
	VerifiedAt  string `json:"verified_at,omitempty"`
	FailingAt   string `json:"failing_at,omitempty"`
	Problem     string `json:"problem,omitempty"`
	Repaired    int64  `json:"repaired"`
	Waiting     int    `json:"erasures_waiting"`
}

// keysStatusCommand tells how every copy stands.
type keysStatusCommand struct{ inHouse }

func (c *keysStatusCommand) run(ctx context.Context, d *desk) error {
	if !d.served { // no server keeps them, so nobody has asked yet
		_ = d.house.Copies.Copies.CatchUp(ctx) // one that cannot be reached is told of below
	}
	return d.copies(ctx)
}

// keysVerifyCommand reads every byte of every copy back.
type keysVerifyCommand struct{ inHouse }

func (c *keysVerifyCommand) run(ctx context.Context, d *desk) error {
	if err := d.house.Copies.Verify(ctx); err != nil {
		return err
	}
	return d.copies(ctx)
}

// copies prints how the copies stand; one with a problem makes the answer no.
func (d *desk) copies(ctx context.Context) error {
	all, err := d.house.Copies.Told(ctx)
	if err != nil {
		return err
	}
	answers, sound := []copyAnswer{}, true
	for i := range all {
		s := &all[i]
		answers = append(answers, copyAnswer{
			Number: s.Number, Place: s.Address, Kept: s.Kept, Current: !s.Behind, Ledger: s.Ledger, ConfirmedAt: isoTime(s.ConfirmedAt),
			VerifiedAt: isoTime(s.VerifiedAt), FailingAt: isoTime(s.FailingAt), Problem: string(s.Problem), Repaired: s.Repaired, Waiting: s.Waiting,
		})
		sound = sound && s.Problem == ""
	}
	err = d.answer(map[string]any{"copies": answers}, func() { d.printCopies(all) })
	if err == nil && !sound {
		return exit(fails)
	}
	return err
}

func (d *desk) printCopies(all []copies.Standing) {
	if len(all) == 0 {
		d.say("copies.none")
		d.say("copies.none_text")
		return
	}
	zone := d.house.Charter.Location()
	for i := range all {
		s := &all[i]
		fmt.Fprintf(d.out, "%d  %s\n", s.Number, printable(s.Address))
		state := d.p.T(s.Key())
		if !s.FailingAt.IsZero() && s.Problem != "" {
			state += ", " + d.p.T("copies.since", "at", d.p.DateTime(s.FailingAt, zone))
		}
		fmt.Fprintf(d.out, "   %s\n", state)
		if !s.ConfirmedAt.IsZero() && s.Ledger > 0 {
			fmt.Fprintf(d.out, "   %s\n", d.p.T("copies.confirmed", "number", s.Ledger, "at", d.p.DateTime(s.ConfirmedAt, zone)))
		}
		if s.Waiting > 0 {
			fmt.Fprintf(d.out, "   %s\n", d.p.T("copies.waiting", "count", s.Waiting))
		}
		if s.Repaired > 0 {
			fmt.Fprintf(d.out, "   %s\n", d.p.T("copies.repaired", "count", s.Repaired))
		}
		if s.Problem != "" {
			fmt.Fprintf(d.out, "   %s\n", d.p.T("copies.remedy."+string(s.Problem)))
		}
	}
}

// keysRetireCommand forgets a place: its copy is deleted, or was destroyed.
type keysRetireCommand struct {
	inHouse
	Number    int64 `arg:"" name:"NUMBER"`
	Destroyed bool
}

func (c *keysRetireCommand) run(ctx context.Context, d *desk) error {
	by := journal.Entry{Right: string(access.System), Via: string(access.Console), OSUser: d.osUser}
	if err := d.house.Copies.GiveUp(ctx, by, c.Number, c.Destroyed); err != nil {
		return err
	}
	return d.answer(map[string]int64{"number": c.Number}, func() { d.say("copies.notice.given_up") })
}

// keysRebuildCommand makes a lost keyring anew from its copies.
type keysRebuildCommand struct {
	From   []string `placeholder:"ADDRESS"`
	GiveUp bool
}

// rebuildAnswer is what came of it.
type rebuildAnswer struct {
	From    string        `json:"from"`
	At      string        `json:"copied_at"`
	Ledger  int64         `json:"ledger"`
	Newer   int64         `json:"ledger_from_other_copies"`
	Lost    int           `json:"persons_lost"`
	Passed  []passedPlace `json:"unusable"`
	Rebuilt bool          `json:"rebuilt"`
}

type passedPlace struct {
	Place  string `json:"place"`
	Detail string `json:"detail"`
}

func (c *keysRebuildCommand) run(ctx context.Context, d *desk) error {
	config, err := d.grammar.config(d)
	if err != nil {
		return err
	}
	if len(c.From)+len(config.KeyCopies) == 0 {
		return fault.New(fault.Invalid, "cli.error.no_places")
	}
	done, err := app.RebuildKeys(ctx, config, c.From, c.GiveUp, d.osUser)
	for _, p := range done.Passed {
		d.note("cli.keys.passed", "place", p.Place, "detail", p.Because)
	}
	if errors.Is(err, app.ErrLost) {
		return fault.New(fault.Conflict, "cli.error.lost_keys", "count", done.Lost)
	}
	if err != nil {
		return err
	}
	a := rebuildAnswer{
		From: done.From, At: isoTime(done.At), Ledger: done.Ledger, Newer: done.Newer, Lost: done.Lost, Passed: []passedPlace{}, Rebuilt: true,
	}
	for _, p := range done.Passed {
		a.Passed = append(a.Passed, passedPlace{p.Place, fmt.Sprint(p.Because)})
	}
	return d.answer(a, func() {
		d.say("cli.keys.rebuilt", "place", a.From, "at", a.At)
		d.say("cli.keys.ledger", "count", a.Ledger)
		if a.Newer > 0 {
			d.say("cli.keys.newer", "count", a.Newer)
		}
		if a.Lost > 0 {
			d.say("cli.keys.given_up", "count", a.Lost)
		}
		d.say("cli.keys.next")
	})
}

// warnOfCopies says what whoever runs the register should know of where copies of
// the keyring lie: one that goes with the disk of what it is a copy of is none.
func (d *desk) warnOfCopies(c app.Config, data, keys string) {
	if len(c.KeyCopies) == 0 {
		d.note("cli.serve.no_copies")
	}
	for _, address := range c.KeyCopies {
		path, _ := strings.CutPrefix(address, "file://")
		if strings.Contains(path, "://") {
			continue // a bucket
		}
		at := realPath(path)
		switch {
		case at == data || at == keys:
			d.note("cli.serve.copy_beside", "place", at)
		case sameDisk(at, keys):
			d.note("cli.serve.copy_same_disk", "place", at)
		case sameDisk(at, data):
			d.note("cli.serve.copy_with_data", "place", at)
		}
	}
}
