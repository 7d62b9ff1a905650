package app_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// keyDuties are the open duties of administrators about the master key.
func keyDuties(f *housetest.Fixture) (n int) {
	open, err := f.Duties.Open(f.Context(), duty.Responsible{Acts: map[unit.ID]charter.Acts{0: charter.Staff}})
	f.Must(err)
	for _, d := range open {
		if d.Kind == duty.KeyShares {
			n++
		}
	}
	return n
}

func exported(f *housetest.Fixture) string {
	var out bytes.Buffer
	f.Must(f.Journal.Export(f.Context(), &out))
	return out.String()
}

// The life of a master key in one house: turned, shared, turned again, kept safe
// otherwise; each on record, and a duty whenever nothing secures it.
func TestTheMasterKeysLife(t *testing.T) {
	post := housetest.NewPost(t)
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		path := filepath.Join(f.Config.Keys, "master.key")
		before, err := os.ReadFile(path)
		f.Must(err)
		done, left, err := f.RotateMaster(ctx, vault.Unlock{}, false, "root")
		f.Must(err)
		after, err := os.ReadFile(path)
		f.Must(err)
		if done.Number != 1 || len(left) != 0 || bytes.Equal(before, after) {
			t.Errorf("%+v, left %v", done, left)
		}
		if n := keyDuties(f); n != 1 {
			t.Errorf("%d duties after the rotation", n)
		}
		// Whoever was in the register is still read, now and after a start.
		look := func() {
			t.Helper()
			if _, err := f.Members.Own(ctx, f.Scope("member", access.Want{Self: true})); err != nil {
				t.Error(err)
			}
		}
		look()
		f.Reopen()
		look()

		var pdf bytes.Buffer
		set, err := f.PrintShares(ctx, &pdf, 5, 3, "root")
		f.Must(err)
		if !bytes.HasPrefix(pdf.Bytes(), []byte("%PDF-")) || set.Shares != 5 || keyDuties(f) != 0 {
			t.Errorf("%d bytes, set %+v, %d duties", pdf.Len(), set, keyDuties(f))
		}
		_, err = f.PrintShares(ctx, io.Discard, 2, 3, "root")
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("two shares of which three are needed: %v", err)
		}

		// A stop between the rotation and its entry: the next start writes it.
		if strings.Count(exported(f), `"rotate"`) != 1 {
			t.Errorf("the journal has %d rotations", strings.Count(exported(f), `"rotate"`))
		}
		_, err = f.Keyring.Rotate(ctx, vault.Unlock{}, false)
		f.Must(err)
		f.Reopen()
		f.Reopen()
		if n := strings.Count(exported(f), `"rotate"`); n != 2 {
			t.Errorf("the journal has %d rotations", n)
		}
		look()

		// Another way to keep it safe: by who gives positions, on grounds.
		if err := f.Arrange(ctx, f.As("member"), "In the bank box of the party"); !fault.Is(err, fault.Denied) {
			t.Errorf("a member declares: %v", err)
		}
		founder := access.Actor{Person: f.Founder(), Via: access.Console}
		if err := f.Arrange(ctx, founder, "short"); !fault.Is(err, fault.Invalid) {
			t.Errorf("hardly grounds: %v", err)
		}
		f.Must(f.Arrange(ctx, founder, "In the bank box of the party"))
		if keyDuties(f) != 0 || !f.Keyring.Standing().Secured() {
			t.Error("the arrangement does not count")
		}
		f.Must(f.Arrange(ctx, founder, ""))
		if keyDuties(f) != 1 {
			t.Error("taken back, and no duty")
		}

		// The key moved by hand: only where it really is.
		elsewhere := filepath.Join(t.TempDir(), "key")
		f.Must(os.WriteFile(elsewhere, before, 0o600))
		err = f.AdoptMaster(ctx, vault.Source{Kind: vault.FromFile, Name: elsewhere}, false, "root")
		if !errors.Is(err, vault.ErrWrongMaster) {
			t.Errorf("a key of before: %v", err)
		}
		f.Must(os.Remove(elsewhere))
		f.Must(f.House.Close())
		f.Must(os.Rename(path, elsewhere))
		config := f.Config
		config.MasterKey = elsewhere
		house, err := app.Open(ctx, config)
		f.Must(err)
		f.Must(house.AdoptMaster(ctx, vault.Source{Kind: vault.FromFile, Name: elsewhere}, false, "root"))
		f.Must(house.Close())
		f.Must(f.Open())
		look()
		if f.MasterFile() != elsewhere {
			t.Errorf("the key came from %s", f.MasterFile())
		}
		if n := f.Nearness(); n.KeysAndMaster == app.Directory {
			t.Errorf("near: %+v", n)
		}
	}, housetest.Mail(post.Options()))
}

// Copies of the keyring go over to another master key with it. The old key's file
// stays while a copy may still need it, and is destroyed once none does.
func TestD7CopiesFollowARotation(t *testing.T) {
	copies := filepath.Join(t.TempDir(), "copies")
	f := housetest.New(t, func(c *app.Config) { c.KeyCopies = []string{copies} })
	ctx := f.Context()
	f.Must(f.Copies.Copies.CatchUp(ctx))
	_, left, err := f.RotateMaster(ctx, vault.Unlock{}, false, "root")
	f.Must(err)
	if len(left) != 0 {
		t.Errorf("left %v", left)
	}
	f.Must(os.Rename(copies, copies+".away"))
	_, left, err = f.RotateMaster(ctx, vault.Unlock{}, false, "root")
	f.Must(err)
	if len(left) != 1 {
		t.Fatalf("left %v", left)
	}
	if _, err := os.Stat(left[0].Path); err != nil {
		t.Errorf("the key that the copy needs: %v", err)
	}
	f.Reopen()
	f.Must(os.RemoveAll(copies))
	f.Must(os.Rename(copies+".away", copies))
	f.Must(f.Copies.Copies.CatchUp(ctx))
	running, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { f.Run(running); close(done) }()
	for until := time.Now().Add(50 * time.Second); len(f.Keyring.Standing().Retired) > 0 && time.Now().Before(until); {
		time.Sleep(100 * time.Millisecond)
	}
	stop()
	<-done
	if _, err := os.Stat(left[0].Path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old key: %v", err)
	}
	// The copy is under the key of now.
	f.Must(f.House.Close())
	path := filepath.Join(f.Config.Keys, "keyring.db")
	f.Must(os.Rename(path, filepath.Join(t.TempDir(), "lost.db")))
	_, err = app.RebuildKeys(ctx, f.Config, nil, false, "root")
	f.Must(err)
	f.Must(f.Open())
	if _, err := f.Members.Own(ctx, f.Scope("member", access.Want{Self: true})); err != nil {
		t.Error(err)
	}
	if f.Keyring.Standing().Rotation != 2 {
		t.Errorf("rebuilt as %+v", f.Keyring.Standing())
	}
}
