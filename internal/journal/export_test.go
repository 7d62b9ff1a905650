package journal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
)

// Whoever has the export and the public key can compute the whole tree again.
func TestExportVerifiesByItself(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		j, _ := seeded(t, db)
		add(t, j, &Entry{Act: Opened, Actor: 3, Post: "chair", OSUser: "<u&v>", Fields: []string{"email"}, Persons: Set(4, 9000), Keep: time.Hour},
			&Entry{Act: Erase, Persons: Set(4), Keep: Forever})
		_, err := j.Prune(ctx, time.Now().AddDate(-3, 0, 0)) // 2020 and an hour is before that
		must(t, err)
		var out bytes.Buffer
		must(t, j.Export(ctx, &out))

		var tree frontier
		var last map[string]string
		lines := bufio.NewScanner(&out)
		for lines.Scan() {
			var x exported
			if must(t, json.Unmarshal(lines.Bytes(), &x)); x.Leaf == nil {
				must(t, json.Unmarshal(lines.Bytes(), &last))
				break
			}
			if x.Position != tree.size {
				t.Fatalf("position %d at %d", x.Position, tree.size)
			}
			if !x.Pruned {
				b, err := decodeBody(x.Body)
				must(t, err)
				if !slices.Equal(commitment(x.Salt, x.Body), x.Leaf) || !slices.Equal(digest(split(Set(x.Persons...))), b.persons) {
					t.Errorf("entry %d cannot be computed again", x.ID)
				}
				if x.Act != b.Act.String() || x.Actor != b.Actor || x.At.UnixMicro() != b.at || x.OSUser != b.OSUser {
					t.Errorf("entry %d is told as %+v", x.ID, x)
				}
			}
			if x.Pruned != (x.ID == 41) || (x.KeepUntil == nil) != (x.ID == 42) {
				t.Errorf("entry %d is told as %+v", x.ID, x)
			}
			_, err := tree.addHash(tlog.RecordHash(leaf{x.ID, x.KeepMicro, x.Leaf}.record()))
			must(t, err)
		}
		if lines.Scan() {
			t.Error("more lines after the checkpoint")
		}
		c, err := j.openCheckpoint([]byte(last["checkpoint"]))
		must(t, err)
		if root, err := tree.root(); err != nil || root != c.hash || c.size != 43 || tree.size != 43 {
			t.Errorf("the export has %d entries, its checkpoint is %+v, %v", tree.size, c, err)
		}

		// A view exports what the newest checkpoint stands over.
		add(t, j, &Entry{Act: Start})
		v, err := View(db, nil, ownVerifier, origin)
		must(t, err)
		out.Reset()
		must(t, v.Export(ctx, &out))
		if n := bytes.Count(out.Bytes(), []byte("\n")); n != 44 {
			t.Errorf("a view exports %d lines", n)
		}
		if err := j.Export(ctx, full{}); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("a writer that is full: %v", err)
		}
	}, longAgo)
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// problemKinds are all there are.
var problemKinds = []ProblemKind{
	EntryMissing, EntryAltered, BodyMissing, BodyAltered,
	BodyUnreadable, PersonsAltered, RetentionAltered, NotOurs,
	Stray, PositionWrong, HashWrong, CheckpointUnsigned,
	CheckpointWrong, CheckpointTooNew, EpochWrong, OutsideUnsigned,
	OutsideWrong, NewestMissing, SequenceUnfinished,
}
