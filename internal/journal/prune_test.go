package journal

import (
	"errors"
	"testing"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
)

// longAgo sets the clock of the acts back, so that retentions have ended by the
// machine's clock, which the guards go by.
func longAgo(o *database.Options) {
	now := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	o.Clock = func() time.Time {
		now = now.Add(time.Millisecond)
		return now
	}
}

func TestPrunedJournalStillVerifies(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		j, outside := seeded(t, db) // kept until 2025
		short := add(t, j,
			&Entry{Act: Opened, Persons: Set(1, 5000), Keep: 24 * time.Hour},
			&Entry{Act: Opened, Persons: Set(1), Keep: Forever},
			&Entry{Act: List, Persons: Set(1), Number: 8, Keep: 48 * time.Hour},
			&Entry{Act: Opened, Persons: Set(1), Keep: 20 * 365 * 24 * time.Hour})
		if log, err := j.Recent(ctx, Filter{}, Page{}); err != nil || log.Total != 44 {
			t.Errorf("%d entries, %v", log.Total, err)
		}
		start := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
		for _, step := range []struct {
			now  time.Time
			want int
		}{{start.Add(24 * time.Hour), 0}, {start.Add(25 * time.Hour), 1}, {start.Add(25 * time.Hour), 0}, {start.Add(50 * time.Hour), 1}} {
			if n, err := j.Prune(ctx, step.now); err != nil || n != step.want {
				t.Errorf("at %v %d were pruned, want %d; %v", step.now, n, step.want, err)
			}
		}
		must(t, db.Write(ctx, j.sequence))
		if r := sound(t, j, outside[2], 46); r.Pruned != 2 {
			t.Errorf("%+v", r)
		}
		if n := count(t, db, `SELECT COUNT(*) FROM journal_person WHERE entry IN ($1, $2)`, short[0], short[2]); n != 0 {
			t.Errorf("%d rows of persons are left", n)
		}
		if n := count(t, db, `SELECT COUNT(*) FROM journal_body WHERE entry IN ($1, $2)`, short[0], short[2]); n != 0 {
			t.Errorf("%d bodies are left", n)
		}
		if _, err := j.Entry(ctx, short[0]); !errors.Is(err, ErrGone) {
			t.Errorf("a pruned entry: %v", err)
		}
		if lists, err := j.Lists(ctx, 1); err != nil || len(lists) != 1 {
			t.Errorf("lists %v, %v", lists, err)
		}
		log, err := j.Recent(ctx, Filter{}, Page{})
		must(t, err)
		if log.Total != 44 || log.Lines[0].Act != Prune || log.Lines[0].Number != 1 || log.Lines[0].Right != "system" {
			t.Errorf("%d entries, the newest %+v", log.Total, log.Lines[0])
		}
		// Not what the machine's clock still keeps, whatever the caller says.
		if _, err := j.Prune(ctx, time.Now().AddDate(30, 0, 0)); !errors.Is(err, database.ErrRefused) {
			t.Errorf("pruned before its time: %v", err)
		}
		if n, err := j.Prune(ctx, time.Now()); err != nil || n != 42 { // 40 and what told of the prunings
			t.Errorf("%d were pruned, %v", n, err)
		}
		must(t, db.Write(ctx, j.sequence))
		if r := sound(t, j, outside[0], 47); r.Pruned != 44 {
			t.Errorf("%+v", r)
		}
		must(t, j.Close())
	}, longAgo)
}

func TestPruneOfMany(t *testing.T) {
	j := open(t, databasetest.SQLite(t, longAgo))
	must(t, j.db.Write(ctx, func(tx *database.Tx) error {
		for range 2*pruneAtOnce + 1 {
			if _, err := j.Append(tx, &Entry{Act: Search, Persons: Set(3), Keep: time.Hour}); err != nil {
				return err
			}
		}
		return nil
	}))
	if n, err := j.Prune(ctx, time.Now()); err != nil || n != 2*pruneAtOnce+1 {
		t.Errorf("%d were pruned, %v", n, err)
	}
	for n, want := range []int64{pruneAtOnce, pruneAtOnce, 1} {
		l, err := j.Entry(ctx, int64(2*pruneAtOnce+2+n))
		if err != nil || l.Act != Prune || l.Number != want {
			t.Errorf("%+v, %v", l, err)
		}
	}
	sound(t, j, nil, 2*pruneAtOnce+4)
}
