package journal

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
)

// seeded is a journal of 40 entries with checkpoints over 10, 25 and 37 of
// them, in the background of which nothing runs. It returns the checkpoints.
func seeded(t *testing.T, db *database.DB) (*Journal, [][]byte) {
	t.Helper()
	j := open(t, db)
	j.halt()
	var signed [][]byte
	for n := range uint32(40) {
		e := &Entry{Act: Opened, Actor: n%3 + 1, Right: "post", Persons: Set(n + 1)}
		switch n {
		case 5: // entry 6: a list of persons in three chunks
			e = &Entry{Act: List, Number: 1, Persons: Set(1, 2, 5000, 9000, 9001)}
		case 9:
			e = &Entry{Act: SignIn, Actor: 4}
		}
		add(t, j, e)
		if n == 9 || n == 24 || n == 36 {
			c, err := j.Checkpoint(ctx)
			must(t, err)
			signed = append(signed, c)
		}
	}
	return j, signed
}

// Whatever is done to the journal past the program shows. Below the newest
// checkpoint it shows to everyone who has the public key, above it to the register.
func TestEveryManipulationIsCaught(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		own, signed := seeded(t, db)
		outsider, err := View(db, nil, ownVerifier, origin)
		must(t, err)
		undone := errors.New("undone")
		for _, m := range manipulations {
			t.Run(m.name, func(t *testing.T) {
				err := db.Write(ctx, func(tx *database.Tx) error { // and undone again, so that one journal serves all
					assault(t, db, tx, m.do)
					for _, j := range []*Journal{own, outsider} {
						if m.seal && j == outsider {
							continue
						}
						r, err := j.verify(tx, nil)
						if err != nil {
							return err
						}
						if !has(r, m.want...) {
							t.Errorf("want %v, found %+v", m.want, r)
						}
						if len(r.Problems) > 12 && !m.wide {
							t.Errorf("one manipulation makes %d problems: %v", len(r.Problems), r.Problems)
						}
					}
					return undone
				})
				if !errors.Is(err, undone) {
					t.Error(err)
				}
				sound(t, own, signed[2], 40)
				sound(t, outsider, signed[2], 40)
			})
		}
	})
}

// The newest entries cut off, everything else fitted: a valid journal, and the
// report says that only a checkpoint from outside could tell.
func TestCutOffShowsAgainstAnOutsideCheckpointOnly(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		j, signed := seeded(t, db)
		if r := sound(t, j, nil, 40); !warned(r, warnNoOutside) || r.OutsideChecked || r.Checkpoints != 3 || r.Signed != 37 || !warned(r, warnUnsigned) {
			t.Errorf("%+v", r)
		}
		if r := sound(t, j, signed[2], 40); warned(r, warnNoOutside) || !warned(r, warnSince) || !r.OutsideChecked {
			t.Errorf("%+v", r)
		}
		attack(t, db, func(a attacker) {
			for id := int64(26); id <= 40; id++ {
				a.remove(id)
			}
			a.do(`DELETE FROM journal_checkpoint WHERE size > 25`)
			a.do(`UPDATE counter SET next = 26 WHERE name = 'journal'`)
			a.rehash()
		})
		if r := sound(t, j, nil, 25); !warned(r, warnNoOutside) {
			t.Errorf("%+v", r)
		}
		sound(t, j, signed[1], 25)
		r, err := j.Verify(ctx, signed[2])
		must(t, err)
		if !has(r, NewestMissing) || len(r.Problems) != 1 {
			t.Errorf("%+v", r)
		}
	})
}

func TestOutsideCheckpointIsJudged(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		j, signed := seeded(t, db)
		for _, c := range signed {
			sound(t, j, c, 40)
		}
		newest, err := j.Checkpoint(ctx)
		must(t, err)
		if r := sound(t, j, newest, 40); warned(r, warnSince) || warned(r, warnUnsigned) || r.Signed != 40 {
			t.Errorf("%+v", r)
		}
		strange := attacked(t, signed[1])
		for _, outside := range [][]byte{{}, []byte("text"), strange, bytes.Replace(signed[1], []byte("\n25\n"), []byte("\n24\n"), 1)} {
			if r, err := j.Verify(ctx, outside); err != nil || !has(r, OutsideUnsigned) || r.OutsideChecked || !warned(r, warnNoOutside) {
				t.Errorf("%q passes: %+v, %v", outside, r, err)
			}
		}
		// Everything rewritten and signed anew by the register's own key, as
		// whoever stole it could: the checkpoint from outside still tells.
		attack(t, db, func(a attacker) {
			a.rewrite(5, func(b *body) { b.Actor = 99 })
			a.recommit(5)
			a.rehash()
			a.resign(ownSigner)
		})
		if r, err := j.Verify(ctx, signed[1]); err != nil || !has(r, OutsideWrong) {
			t.Errorf("%+v, %v", r, err)
		}
		// Nor does the running register sign what does not continue what it signed.
		if _, err := j.Checkpoint(ctx); !errors.Is(err, ErrTampered) {
			t.Errorf("a checkpoint was signed over a forgery: %v", err)
		}
		if !j.Suspect() {
			t.Error("no alarm")
		}
	})
}

// attacked is the checkpoint with another register's signature.
func attacked(t *testing.T, signed []byte) []byte {
	t.Helper()
	_, verifier := keys("elsewhere")
	other, err := view(nil, nil, verifier, origin)
	must(t, err)
	if _, err := other.openCheckpoint(signed); err == nil {
		t.Fatal("another register accepts the checkpoint")
	}
	return bytes.Replace(signed, []byte("register "), []byte("elsewhere "), 1)
}

// A register started over a forged journal signs nothing, so that the forgery
// does not become its own.
func TestNothingIsSignedOverAForgery(t *testing.T) {
	for name, forgery := range map[string]func(a attacker){
		"entry":     func(a attacker) { a.rewrite(5, func(b *body) { b.Actor = 99 }); a.recommit(5); a.rehash() },
		"signature": func(a attacker) { a.resign(otherSigner) },
		"cut": func(a attacker) {
			for id := int64(37); id <= 40; id++ {
				a.remove(id)
			}
			a.rehash()
			a.do(`UPDATE counter SET next = 37 WHERE name = 'journal'`)
		},
		"checkpoint": func(a attacker) { a.sign(otherSigner, 39, a.root(39)) },
	} {
		t.Run(name, func(t *testing.T) {
			databasetest.Each(t, func(t *testing.T, db *database.DB) {
				seeded(t, db)
				attack(t, db, forgery)
				j := open(t, db)
				if !j.Suspect() {
					t.Error("no alarm at the start")
				}
				add(t, j, &Entry{Act: Opened, Persons: Set(1)}) // a trace is left all the same
				if _, err := j.Checkpoint(ctx); !errors.Is(err, ErrTampered) {
					t.Errorf("signed: %v", err)
				}
				if err := j.Close(); !errors.Is(err, ErrTampered) {
					t.Errorf("closed: %v", err)
				}
			})
		})
	}
}

// More than a page, with sets of every form, gaps in the background: the sizes
// at which pages and subtrees end.
func TestVerifyOverManyPages(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		j := open(t, db)
		j.halt()
		for n := range 2*verifyAtOnce + 7 {
			e := &Entry{Act: Search, Persons: Set(uint32(n))}
			if n%300 == 0 {
				e.Persons = roaring.New()
				e.Persons.AddRange(uint64(n), uint64(n+30_000))
			}
			must(t, db.Write(ctx, func(tx *database.Tx) error { _, err := j.Append(tx, e); return err }))
			if n == verifyAtOnce-1 || n == 700 {
				_, err := j.Checkpoint(ctx)
				must(t, err)
			}
		}
		must(t, db.Write(ctx, j.sequence))
		if r := sound(t, j, nil, 2*verifyAtOnce+7); r.Checkpoints != 2 {
			t.Errorf("%+v", r)
		}
		attack(t, db, func(a attacker) { a.remove(verifyAtOnce + 1); a.remove(2 * verifyAtOnce) })
		r, err := j.Verify(ctx, nil)
		must(t, err)
		want := []Problem{{PositionWrong, 0, verifyAtOnce}, {PositionWrong, 0, 2*verifyAtOnce - 1}}
		if got := r.Problems[:min(2, len(r.Problems))]; !slices.Equal(got, want) {
			t.Errorf("%+v", r.Problems)
		}
	})
}

func TestGuardsHold(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		seeded(t, db)
		for _, text := range []string{
			`UPDATE journal_entry SET leaf = leaf`, `UPDATE journal_entry SET keep_until = 1`, `UPDATE journal_body SET body = body`,
			`UPDATE journal_person SET bits = bits`, `UPDATE journal_position SET entry = entry`, `UPDATE journal_hash SET hash = hash`,
			`UPDATE journal_checkpoint SET note = note`, `DELETE FROM journal_entry`, `DELETE FROM journal_body`, `DELETE FROM journal_person`,
			`DELETE FROM journal_position`, `DELETE FROM journal_hash`, `DELETE FROM journal_checkpoint`,
		} {
			err := db.Write(ctx, func(tx *database.Tx) error { _, err := tx.Exec(text); return err })
			if !errors.Is(err, database.ErrRefused) {
				t.Errorf("%s: %v", text, err)
			}
		}
	})
}

// After a restore the journal goes on in a new epoch, whose first entry commits
// to what was known outside: what was lost is told, what it stood over cannot be unsaid.
func TestRestoreOpensAnEpoch(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		j, signed := seeded(t, db)
		lost, err := j.Checkpoint(ctx) // over 40
		must(t, err)
		add(t, j, &Entry{Act: Edit})
		later, err := j.Checkpoint(ctx) // over 41: nobody will know of it
		must(t, err)
		j.halt()
		attack(t, db, func(a attacker) { // the backup knew 30 entries
			for id := int64(31); id <= 41; id++ {
				a.remove(id)
			}
			a.do(`DELETE FROM journal_checkpoint WHERE size > 30`)
			a.do(`UPDATE counter SET next = 31 WHERE name = 'journal'`)
			a.rehash()
		})
		j = open(t, db)
		for _, known := range [][]byte{nil, []byte("text"), attacked(t, lost)} {
			if _, err := j.NewEpoch(ctx, known); err == nil {
				t.Errorf("an epoch began with %q", known)
			}
		}
		id, err := j.NewEpoch(ctx, lost)
		must(t, err)
		l, err := j.Entry(ctx, id)
		must(t, err)
		if id != 31 || l.Act != Epoch || l.Number != 2 || !bytes.Equal(l.Proof, lost) || !l.KeepUntil.IsZero() {
			t.Errorf("%+v", l)
		}
		for range 15 {
			add(t, j, &Entry{Act: Edit})
		}
		second, err := j.Checkpoint(ctx)
		must(t, err)
		if !bytes.Contains(second, []byte("\n46\n")) || !bytes.Contains(second, []byte("\nepoch 2\n")) {
			t.Errorf("checkpoint:\n%s", second)
		}
		if r := sound(t, j, second, 46); r.Epoch != 2 || !slices.Contains(r.Warnings, Warning{warnRestored, 10}) {
			t.Errorf("%+v", r)
		}
		for _, c := range [][]byte{signed[0], signed[1]} {
			if r := sound(t, j, c, 46); !r.OutsideChecked || warned(r, warnOutsideOld) {
				t.Errorf("%+v", r)
			}
		}
		for _, c := range [][]byte{signed[2], lost} {
			if r := sound(t, j, c, 46); !r.OutsideChecked || !warned(r, warnOutsideOld) {
				t.Errorf("%+v", r)
			}
		}
		if r, err := j.Verify(ctx, later); err != nil || !has(r, NewestMissing) {
			t.Errorf("entries lost that the epoch does not own up to: %+v, %v", r, err)
		}
		// A restart goes on in the same epoch.
		must(t, j.Close())
		j = open(t, db)
		add(t, j, &Entry{Act: Edit})
		third, err := j.Checkpoint(ctx)
		must(t, err)
		if !bytes.Contains(third, []byte("\nepoch 2\n")) {
			t.Errorf("checkpoint:\n%s", third)
		}
		sound(t, j, second, 47)
	})
}

func TestCheckpointIsReadAsWritten(t *testing.T) {
	c := checkpoint{size: 7, epoch: 3}
	c.hash[5] = 9
	if got, err := parseCheckpoint(origin, c.text(origin)); err != nil || got != c {
		t.Errorf("%+v, %v", got, err)
	}
	good := c.text(origin)
	for _, text := range []string{"", good + "\n", good + "x\n", "x" + good, good[1:], c.text("other"),
		checkpoint{size: -1, epoch: 1}.text(origin), checkpoint{size: 1}.text(origin), origin + "\n07\n" + c.hash.String() + "\nepoch 3\n"} {
		if _, err := parseCheckpoint(origin, text); !errors.Is(err, errCheckpoint) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// An empty journal can be signed too, and its checkpoint is as good as any.
func TestEmptyJournal(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		j := open(t, db)
		signed, err := j.Checkpoint(ctx)
		must(t, err)
		sound(t, j, signed, 0)
		again, err := j.Checkpoint(ctx)
		must(t, err)
		if !bytes.Equal(signed, again) {
			t.Error("the same journal was signed twice")
		}
		add(t, j, &Entry{Act: Start})
		sound(t, j, signed, 1)
		must(t, j.Close())
	})
}

// The clock of the acts goes on from the newest entry, whatever the machine's says.
func TestTimeGoesOnFromTheNewestEntry(t *testing.T) {
	ahead := time.Now().Add(30 * time.Minute).UTC().Truncate(time.Microsecond)
	path := ""
	db := databasetest.SQLite(t, func(o *database.Options) { o.Clock = func() time.Time { return ahead }; path = o.Path })
	j := open(t, db)
	add(t, j, &Entry{Act: Start})
	j.halt()
	must(t, db.Close())
	again, err := database.Open(ctx, database.Options{Path: path})
	must(t, err)
	defer again.Close()
	j = open(t, again)
	add(t, j, &Entry{Act: Edit})
	l, err := j.Entry(ctx, 2)
	must(t, err)
	if l.At.Before(ahead) {
		t.Errorf("the second entry is of %v, the first of %v", l.At, ahead)
	}
	j.halt()
}
