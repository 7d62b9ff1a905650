package journal

import (
	"testing"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
)

func TestEntriesAreSequencedAtOnceOrSoon(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		j := open(t, db)
		for range 5 {
			must(t, db.Write(ctx, func(tx *database.Tx) error {
				if _, err := j.Append(tx, &Entry{Act: Edit}); err != nil || db.Engine() == database.PostgreSQL {
					return err
				}
				var n int64
				err := tx.QueryRow(`SELECT COUNT(*) FROM journal_entry WHERE id NOT IN (SELECT entry FROM journal_position)`).Scan(&n)
				if n != 0 {
					t.Errorf("%d entries have no place within their act", n)
				}
				return err
			}))
			committed := time.Now()
			for count(t, db, `SELECT COUNT(*) FROM journal_entry WHERE id NOT IN (SELECT entry FROM journal_position)`) != 0 {
				if time.Since(committed) > 200*time.Millisecond {
					t.Fatal("an entry waits longer than 200 ms")
				}
				time.Sleep(5 * time.Millisecond)
			}
		}
		sound(t, j, nil, 5)
	})
}

// What a stopped process left without a place gets one at the next start, in
// whatever order it was committed.
func TestOpenPlacesWhatWaits(t *testing.T) {
	db := databasetest.PostgreSQL(t)
	j := open(t, db)
	j.start() // runs already
	add(t, j, &Entry{Act: Start}, &Entry{Act: Edit})
	j.halt()
	j.halt() // has ended already
	var late []int64
	for range 3 {
		id, err := j.Read(ctx, &Entry{Act: Opened, Persons: Set(9)})
		must(t, err)
		late = append(late, id)
	}
	if n := count(t, db, `SELECT COUNT(*) FROM journal_position`); n != 2 {
		t.Fatalf("%d entries are placed by nobody", n)
	}
	// A later id got its place first; the earlier ones are found all the same.
	must(t, db.Write(ctx, func(tx *database.Tx) error {
		found, err := readWaiting(tx, 0)
		if err != nil {
			return err
		}
		return j.place(tx, []leaf{found[2].leaf})
	}))
	if r, err := j.Verify(ctx, nil); err != nil || !r.Sound() || r.Unsequenced != 2 || !warned(r, warnWaiting) {
		t.Errorf("while two wait: %+v, %v", r, err)
	}
	again := open(t, db)
	sound(t, again, nil, 5) // Open has done it already
	if n := count(t, db, `SELECT position FROM journal_position WHERE entry = $1`, late[0]); n != 3 {
		t.Errorf("the first that waited stands at %d", n)
	}
	if again.settled != 5 {
		t.Errorf("settled is %d", again.settled)
	}
	add(t, again, &Entry{Act: Edit})
	sound(t, again, nil, 6)
}

// An entry put in past the program never gets a place, neither while the
// register runs nor at its next start, and does not hold up the others.
func TestForgedEntryGetsNoPlace(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		j := open(t, db)
		add(t, j, &Entry{Act: Start})
		for _, id := range []int64{1_000, 2_000} {
			must(t, db.Write(ctx, func(tx *database.Tx) error { return forge(tx, id) }))
			must(t, db.Write(ctx, j.sequence))
			j.halt()
			j = open(t, db)
			add(t, j, &Entry{Act: Edit}, &Entry{Act: Edit})
		}
		r, err := j.Verify(ctx, nil)
		must(t, err)
		if r.Entries != 5 || r.Unsequenced != 2 || !has(r, NotOurs) {
			t.Errorf("%+v", r)
		}
	})
}

// forge inserts an entry as somebody would who knows everything but the key.
func forge(tx *database.Tx, id int64) error {
	text := appendBody(nil, &body{Entry: Entry{Act: Opened, Actor: 66}, at: tx.Now().UnixMicro()})
	salt := make([]byte, saltLength)
	copy(salt[nonceLength:], seal([]byte("guessed"), id, forever, salt[:nonceLength], text))
	return exec(tx,
		statement{`INSERT INTO journal_entry (id, leaf, keep_until) VALUES ($1, $2, $3)`, []any{id, commitment(salt, text), int64(forever)}},
		statement{`INSERT INTO journal_body (entry, salt, body, keep_until) VALUES ($1, $2, $3, $4)`, []any{id, salt, text, int64(forever)}})
}

type statement struct {
	text string
	args []any
}

func exec(tx *database.Tx, statements ...statement) error {
	for _, s := range statements {
		if _, err := tx.Exec(s.text, s.args...); err != nil {
			return err
		}
	}
	return nil
}

func TestCheckpointsComeByThemselves(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		j := open(t, db)
		must(t, db.Write(ctx, func(tx *database.Tx) error {
			drafts := make([]*draft, checkpointSize)
			for i := range drafts {
				d, err := j.draft(&Entry{Act: Search})
				if err != nil {
					return err
				}
				drafts[i] = d
			}
			_, err := j.write(tx, drafts)
			return err
		}))
		for begun := time.Now(); count(t, db, `SELECT COUNT(*) FROM journal_checkpoint`) == 0; time.Sleep(5 * time.Millisecond) {
			if time.Since(begun) > 5*time.Second {
				t.Fatal("no checkpoint")
			}
		}
		add(t, j, &Entry{Act: Search})
		must(t, j.Close())
		must(t, j.Close())
		if n := count(t, db, `SELECT MAX(size) FROM journal_checkpoint`); n != checkpointSize+1 {
			t.Errorf("the last checkpoint stands over %d entries", n)
		}
		if r := sound(t, j, nil, checkpointSize+1); r.Checkpoints != 2 || r.Signed != checkpointSize+1 || warned(r, warnUnsigned) {
			t.Errorf("%+v", r)
		}
	})
}
