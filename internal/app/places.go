package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"kartotek/internal/backup"
	"kartotek/internal/database"
	"kartotek/internal/durable"
	"kartotek/internal/fault"
)

// lastSigned reads the newest checkpoints of the register that is to be
// replaced, as far as it can still be read.
func lastSigned(ctx context.Context, c *Config) (notes [][]byte) {
	if _, err := os.Stat(c.register()); err != nil && c.DSN == "" {
		return nil
	}
	db, err := database.Open(ctx, database.Options{Path: c.register(), DSN: c.DSN, ReadOnly: true})
	if err != nil {
		return nil // that is why it is replaced
	}
	defer db.Close()
	_ = db.Read(ctx, func(q database.Querier) error {
		var text string
		if err := q.QueryRow(`SELECT note FROM journal_checkpoint ORDER BY size DESC LIMIT 1`).Scan(&text); err != nil {
			return err
		}
		notes = append(notes, []byte(text))
		return nil
	})
	return notes
}

// places are where the two registers go once the new one is whole. They are noted
// before anything is moved, and a start goes on from any step.
type places struct {
	Aside  string // directory in the data directory for what stands; "" where nothing is replaced
	Schema string `json:",omitempty"` // on PostgreSQL the schema for its tables; "" where nothing is replaced
	Fresh  string `json:",omitempty"` // on PostgreSQL the schema in which the new register was made

	server *database.Server
}

// finishRestore goes on where a stop came while a new register, already whole,
// was given its place. Whatever else lies there is of a restore that did not get
// so far, and the register that stands is the one that counts.
func finishRestore(ctx context.Context, c *Config) (err error) {
	text, err := os.ReadFile(filepath.Join(c.Data, scratchName, wholeName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var p places
	if !bytes.HasPrefix(text, []byte("{")) { // noted by an older version: the directory alone
		p.Aside = strings.TrimSpace(string(text))
	} else if err := json.Unmarshal(text, &p); err != nil {
		return err
	}
	release, err := database.HoldFile(c.register())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	if p.Fresh != "" {
		if c.DSN == "" {
			return fault.New(fault.Conflict, "backup.error.unfinished")
		}
		if p.server, err = database.HoldServer(ctx, c.DSN); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, p.server.Release()) }()
	}
	return p.change(c.Data)
}

// change moves the old register aside and gives the new one its place. Every step
// may have been done already. The charter goes first and comes last: where it
// stands a register stands.
func (p *places) change(data string) error {
	scratch := filepath.Join(data, scratchName)
	if !exists(filepath.Join(scratch, charterTOML)) { // only the scratch directory is left
		return backup.Shred(scratch)
	}
	begin, err := p.begin(data)
	if err != nil || begin == lost {
		return err
	}
	if begin == both && p.Aside != "" {
		if err := os.Mkdir(filepath.Join(data, p.Aside), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		for _, name := range []string{charterTOML, registerDB, registerDB + "-wal", registerDB + "-shm"} {
			if err := rename(data, name, filepath.Join(p.Aside, name)); err != nil {
				return err
			}
		}
	}
	if begin == both && p.server != nil {
		if err := p.server.Replace(p.Fresh, p.Schema); err != nil {
			return err
		}
	}
	for _, name := range []string{registerDB, charterTOML} {
		if err := rename(data, filepath.Join(scratchName, name), name); err != nil {
			return err
		}
	}
	return backup.Shred(scratch)
}

// What is still to be done.
const (
	both  = iota // the old register may still be in its place
	fresh        // the new one has taken it
	lost         // somebody dropped the new one: what stood stands
)

// begin finds out how far the moving was.
func (p *places) begin(data string) (int, error) {
	if p.server == nil {
		if exists(filepath.Join(data, scratchName, registerDB)) {
			return both, nil
		}
		return fresh, nil
	}
	stands, err := p.server.Stands(p.Fresh)
	if err != nil || stands {
		return both, err
	}
	placed, err := p.server.Placed(p.Fresh)
	if err != nil || placed {
		return fresh, err
	}
	if old := filepath.Join(p.Aside, charterTOML); p.Aside != "" && exists(filepath.Join(data, old)) && !exists(filepath.Join(data, charterTOML)) {
		if err := rename(data, old, charterTOML); err != nil {
			return lost, err
		}
	}
	return lost, backup.Shred(filepath.Join(data, scratchName))
}

// rename moves a file within the data directory, durably; one that is not there
// has been moved already, or never was.
func rename(data, from, to string) error {
	err := os.Rename(filepath.Join(data, from), filepath.Join(data, to))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return durable.SyncDir(data)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
