package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/durable"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/member"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Founder is the first person of a new register, who then lets the others in.
type Founder struct {
	Given, Family string
	Email         string
	Ground        string
	OSUser        string // who typed the command, for the journal
}

// Found lays a new register: directories, master key, keyring, charter, root
// body, and the first person with a position. It refuses where anything of a
// register stands already, so that nothing is ever overwritten.
func Found(ctx context.Context, c Config, rules *charter.Charter, who Founder) (*House, error) {
	c.settle()
	unlock, err := c.unlock()
	if err != nil {
		return nil, err
	}
	dirs := []string{c.Data, c.Keys}
	if unlock.Source.Kind == vault.FromFile && unlock.Source.Name != "" {
		dirs = append(dirs, filepath.Dir(unlock.Source.Name))
	}
	for _, dir := range dirs {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	for _, path := range []string{c.charterFile(), c.keyring()} {
		if _, err := os.Stat(path); err == nil {
			return nil, fault.New(fault.Conflict, "app.error.exists").Because(fmt.Errorf("%s exists", path))
		}
	}
	asked, chosen := c.Ask, "" // the new passphrase opens the register once, without being asked for again
	if asked != nil {
		unlock.Ask = func(ctx context.Context, a vault.Asking) (string, error) {
			var err error
			chosen, err = asked(ctx, a)
			return chosen, err
		}
		c.Ask = func(ctx context.Context, a vault.Asking) (string, error) {
			if a.New || a.Attempt > 1 || chosen == "" {
				return asked(ctx, a)
			}
			return chosen, nil
		}
	}
	keyring, err := vault.CreateFrom(ctx, c.keyring(), unlock)
	if err != nil {
		return nil, err
	}
	if err := keyring.Close(); err != nil {
		return nil, err
	}
	// The charter comes last: where it stands, a register stands.
	if err := durable.Replace(c.charterFile(), rules.Source()); err != nil {
		return nil, err
	}
	h, err := Open(ctx, c)
	if err != nil {
		return nil, err
	}
	h.Ask, chosen = asked, ""
	if err := h.found(ctx, who); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

func (h *House) found(ctx context.Context, who Founder) error {
	by := journal.Entry{Right: string(access.System), Via: string(access.Console), OSUser: who.OSUser}
	_, err := h.Units.Add(ctx, h.Recorder(by), unit.Draft{
		Level: h.Charter.Levels[0].Code, Name: h.Charter.Name.In(h.Charter.Languages[0]),
	})
	if err != nil {
		return err
	}
	h.Access.Refresh()
	person, err := h.Members.Found(ctx, who.OSUser, member.Draft{
		Values:   map[string]string{"given": who.Given, "family": who.Family, "email": who.Email},
		Language: h.Charter.Languages[0],
	})
	if err != nil {
		return err
	}
	ground := who.Ground
	if ground == "" {
		ground = locale.For(h.Charter.Languages[0]).T("app.founder")
	}
	var positions []access.Position
	for _, code := range founderPositions(h.Charter) {
		positions = append(positions, access.Position{Code: code, From: h.Access.Today(), Ground: ground})
	}
	return h.Access.Found(ctx, who.OSUser, person, positions...)
}

// founderPositions are the fewest positions, in the charter's order, that
// together allow whatever any position allows: until there are others, the
// founder does everything, and gives it away by employing them. What is kept for
// the accounts of those who have left is no business of theirs.
func founderPositions(c *charter.Charter) []string {
	var codes []string
	held := charter.Accounts
	for {
		var best *charter.Position
		for i := range c.Positions {
			p := &c.Positions[i]
			if fresh := p.Acts &^ held; fresh != 0 && (best == nil || len(fresh.Codes()) > len((best.Acts&^held).Codes())) {
				best = p
			}
		}
		if best == nil {
			return codes
		}
		codes, held = append(codes, best.Code), held|best.Acts
	}
}

// Recorder journals changes of bodies in the name of an entry's actor.
func (h *House) Recorder(by journal.Entry) unit.Recorder { return recorder{h.Journal, by} }

type recorder struct {
	journal *journal.Journal
	by      journal.Entry
}

func (r recorder) RecordUnit(tx *database.Tx, changes []unit.Change) error {
	for _, c := range changes {
		e := r.by
		e.Act, e.Target, e.Number = journal.Unit, uint32(c.Unit.ID), int64(c.Act)
		if _, err := r.journal.Append(tx, &e); err != nil {
			return err
		}
	}
	return nil
}
