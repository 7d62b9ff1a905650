package faulttest

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
)

// Loss is what becomes of what was written and not yet synced.
type Loss uint8

const (
	// Killed: the process ended and the system lives. Everything is there.
	Killed Loss = iota
	// Lost: the power was cut. What was not synced is gone.
	Lost
	// Torn: the power was cut. Of what was not synced any write may be there, gone,
	// or there in some of its sectors, whatever came after it.
	Torn
	// Unsynced is a disk that lies: it syncs nothing, and then the power is cut. No
	// program stands that; a test uses it to see that it would notice.
	Unsynced
)

// Losses are those a program must stand.
var Losses = []Loss{Killed, Lost, Torn}

// String names the loss.
func (l Loss) String() string {
	return [...]string{"killed", "power cut, unsynced lost", "power cut, unsynced torn", "a disk that lies"}[l]
}

// sector is what a disk writes whole or not at all.
const sector = 512

// inode is a file as a disk has it.
type inode struct {
	firm    []byte // synced
	pending []Op   // not synced
}

// link is a change of a directory that is not synced.
type link struct {
	name string
	to   *inode // nil: deleted
}

// Image writes into a directory the files as a disk has them after the first n
// operations and a loss. The same seed makes the same disk. Shared memory is not
// among them: it ends with the processes.
func (d *Disk) Image(n int, loss Loss, seed uint64, into string) error {
	content := d.contents(n, loss, rand.New(rand.NewPCG(seed, uint64(n))))
	for _, name := range slices.Sorted(maps.Keys(content)) {
		path := filepath.Join(into, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, content[name], 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (d *Disk) contents(n int, loss Loss, rng *rand.Rand) map[string][]byte {
	live, firm := map[string]*inode{}, map[string]*inode{}
	for name, content := range d.base {
		if filepath.Ext(name) != ".db-shm" {
			live[name] = &inode{firm: slices.Clone(content)}
			firm[name] = live[name]
		}
	}
	var links []link
	settle := func(upTo int) {
		for _, l := range links[:upTo] {
			if l.to == nil {
				delete(firm, l.name)
			} else {
				firm[l.name] = l.to
			}
		}
		links = slices.Clone(links[upTo:])
	}
	for _, op := range d.Ops()[:n] {
		switch op.Kind {
		case Create:
			live[op.File] = &inode{}
			links = append(links, link{op.File, live[op.File]})
		case Delete:
			delete(live, op.File)
			links = append(links, link{name: op.File})
			if op.Firm && loss != Unsynced {
				settle(len(links))
			}
		case Sync:
			i := live[op.File]
			if i == nil || loss == Unsynced {
				continue
			}
			for _, p := range i.pending {
				i.apply(&p)
			}
			i.pending = nil
			// The name of a new file is synced with it (SQLite syncs the directory of
			// a new log, and journaling file systems write both at once).
			if at := slices.IndexFunc(links, func(l link) bool { return l.to == i }); at >= 0 {
				settle(at + 1)
			}
		default:
			if i := live[op.File]; i != nil {
				i.pending = append(i.pending, op)
			}
		}
	}
	switch loss {
	case Killed:
		settle(len(links))
	case Torn:
		settle(rng.IntN(len(links) + 1))
	}
	found := map[string][]byte{}
	for _, name := range slices.Sorted(maps.Keys(firm)) {
		i := firm[name]
		for _, p := range i.pending {
			i.survive(&p, loss, rng)
		}
		found[name] = i.firm
	}
	return found
}

// survive applies what a loss leaves of an operation.
func (i *inode) survive(op *Op, loss Loss, rng *rand.Rand) {
	switch loss {
	case Killed:
		i.apply(op)
	case Torn:
		switch rng.IntN(3) {
		case 0:
			i.apply(op)
		case 1:
			if op.Kind != Write {
				return
			}
			for from := 0; from < len(op.Data); {
				to := min(len(op.Data), from+sector-int((op.At+int64(from))%sector))
				if rng.IntN(2) == 0 {
					i.apply(&Op{Kind: Write, At: op.At + int64(from), Data: op.Data[from:to]})
				}
				from = to
			}
		}
	}
}

func (i *inode) apply(op *Op) {
	end := op.At
	if op.Kind == Write {
		end += int64(len(op.Data))
	}
	if int64(len(i.firm)) < end {
		i.firm = append(i.firm, make([]byte, end-int64(len(i.firm)))...)
	}
	if op.Kind == Truncate {
		i.firm = i.firm[:op.At]
		return
	}
	copy(i.firm[op.At:], op.Data)
}
