package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"kartotek/internal/app"
	"kartotek/internal/vault"
)

// keysRecoverCommand puts the master key together from shares, typed or scanned.
type keysRecoverCommand struct {
	Files           []string `arg:"" optional:"" name:"FILE" type:"path"`
	Output          string   `short:"o" placeholder:"FILE" type:"path"`
	Passphrase      bool
	NewPassphraseFD int `name:"new-passphrase-fd" default:"-1" placeholder:"N"`
}

func (c *keysRecoverCommand) check() (key string, args []any) {
	if (c.Output == "") != c.Passphrase {
		return "master.error.recover_to", nil
	}
	return "", nil
}

// The shares are read, put together and held against the keyring before anything
// is written. It works beside a running server too, whose master key got lost.
func (c *keysRecoverCommand) run(ctx context.Context, d *desk) error {
	config, err := d.grammar.config(d)
	if err != nil {
		return err
	}
	var r vault.ShareReader
	if len(c.Files) == 0 {
		err = d.typeShares(&r)
	}
	for _, path := range c.Files {
		if err = errors.Join(err, readShares(&r, path)); err != nil {
			break
		}
	}
	if err != nil {
		return err
	}
	master, err := vault.Combine(r.Shares())
	if err != nil {
		return err
	}
	if err := app.MasterFits(ctx, config, master); errors.Is(err, vault.ErrWrongMaster) {
		return &vault.ShareError{Why: vault.ShareOld, Set: r.Shares()[0].Set()}
	} else if err != nil {
		return err
	}
	if c.Passphrase {
		return c.toPassphrase(ctx, d, config, master)
	}
	if err := master.WriteFile(c.Output); err != nil {
		return err
	}
	path, err := filepath.Abs(c.Output)
	if err != nil {
		return err
	}
	d.say("master.recovered", "path", path)
	if err := d.out.Flush(); err != nil {
		return err
	}
	if !app.Standing(config) { // only the keyring is here: a register is still to come
		d.say("master.name_it", "path", path)
		return nil
	}
	// On record, and remembered, by the register itself: here, or in its server.
	g := *d.grammar
	g.MasterKey = "file:" + path
	args := []string{"keys", "moved", "--recovered", "file:" + path}
	return d.atHouse(ctx, &g, args, &keysMovedCommand{To: "file:" + path, Recovered: true})
}

// toPassphrase opens the register with the key that was put together and turns the
// keyring to a passphrase.
func (c *keysRecoverCommand) toPassphrase(ctx context.Context, d *desk, config app.Config, master vault.Master) error {
	config.Recovered = &master
	house, err := app.Open(ctx, config)
	if err != nil {
		return err
	}
	d.house = house
	defer func() { d.house = nil }()
	to := vault.Unlock{Source: vault.Source{Kind: vault.FromPassphrase}, Ask: d.asker(c.NewPassphraseFD)}
	done, _, err := house.RotateMaster(ctx, to, false, d.osUser)
	if err == nil {
		d.say("master.rotated", "count", done.Keys, "seconds", "")
		d.say("master.comes_from.passphrase", "name", "")
		d.say("master.shares_ended")
		d.say("master.print_shares")
	}
	return errors.Join(err, house.Close())
}

// typeShares reads shares from the standard input. Somebody at a terminal is led
// from row to row, and types one again that does not fit.
func (d *desk) typeShares(r *vault.ShareReader) error {
	watched := terminal(d.in)
	lines := bufio.NewScanner(io.LimitReader(d.in, longestShares))
	for {
		if watched {
			share, row := r.At()
			d.note("master.type", "share", share, "row", row)
		}
		if !lines.Scan() {
			break
		}
		err := r.Line(lines.Text())
		var wrong *vault.ShareError
		if watched && errors.As(err, &wrong) {
			d.tell(err)
			continue
		}
		if err != nil {
			return err
		}
		if watched && r.Need() == 0 {
			break
		}
	}
	return errors.Join(lines.Err(), r.End())
}

// longestShares is what is read of shares, in bytes.
const longestShares = 1 << 20

func readShares(r *vault.ShareReader, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(io.LimitReader(file, longestShares))
	for lines.Scan() {
		if err := r.Line(lines.Text()); err != nil {
			return err
		}
	}
	return errors.Join(lines.Err(), r.End())
}

// tellShares says what is wrong with shares.
func (d *desk) tellShares(e *vault.ShareError) {
	d.refuse(d.p.T("master.share."+e.Why, "share", e.Share, "row", e.Row, "set", e.Set, "other", e.Other, "have", e.Have, "need", e.Need), "")
}
