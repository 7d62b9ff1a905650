package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/database/faulttest"
	"kartotek/internal/durable"
)

// fromFile is where these tests keep their master key.
func fromFile(path string) Unlock { return Unlock{Source: Source{FromFile, path}} }

// filled is a keyring in a directory of its own, its master key beside it, with
// persons of every kind.
type filled struct {
	dir     string
	ring    *Keyring
	persons []PersonID
	sealed  map[PersonID][]byte
	oneOff  int64
	mail    []byte
}

func fill(t testing.TB, dir string, n int) *filled {
	t.Helper()
	f := &filled{dir: dir, sealed: map[PersonID][]byte{}}
	k, err := CreateFrom(ctx, filepath.Join(dir, "keyring.db"), Unlock{})
	must(t, err)
	t.Cleanup(func() { must(t, f.ring.Close()) })
	f.ring = k
	f.persons = newPersons(t, k, n, Bookkeeping)
	for _, p := range f.persons {
		f.sealed[p], err = k.Seal(nil, label(p, Bookkeeping), []byte(text(p, Bookkeeping)))
		must(t, err)
		more, err := k.Seal(nil, label(p, Membership), []byte(text(p, Membership)))
		must(t, err)
		f.sealed[p] = append(f.sealed[p], more...)
	}
	f.oneOff, err = k.OneOff(ctx, noon)
	must(t, err)
	f.mail, err = k.SealOnce(f.oneOff, []byte("a letter"))
	must(t, err)
	_, err = k.Erase(ctx, noon, f.persons[:3], Membership, Bookkeeping)
	must(t, err)
	return f
}

// check opens everything that was sealed before.
func (f *filled) check(t testing.TB) {
	t.Helper()
	for i, p := range f.persons {
		half := Overhead + len(text(p, Bookkeeping))
		for c, sealed := range map[Class][]byte{Bookkeeping: f.sealed[p][:half], Membership: f.sealed[p][half:]} {
			plain, err := f.ring.Open(nil, label(p, c), sealed)
			switch {
			case i < 3:
				wants(t, err, ErrErased)
			case err != nil || string(plain) != text(p, c):
				t.Fatalf("person %d class %d: %q, %v", p, c, plain, err)
			}
		}
		found, err := f.ring.Find(ClaimEmail, email(p))
		must(t, err)
		if (len(found) == 1) == (i < 3) {
			t.Fatalf("person %d is found %d times", p, len(found))
		}
	}
	plain, err := f.ring.OpenOnce(f.oneOff, f.mail)
	if err != nil || string(plain) != "a letter" {
		t.Fatalf("the letter: %q, %v", plain, err)
	}
	must(t, f.ring.VerifyLedger(ctx))
	must(t, f.ring.Healthy())
}

func (f *filled) reopen(t testing.TB, u Unlock) {
	t.Helper()
	must(t, f.ring.Close())
	k, err := OpenFrom(ctx, f.ring.Path(), u)
	must(t, err)
	f.ring = k
}

// files reads every file of the directory.
func (f *filled) files(t testing.TB) (all []byte) {
	t.Helper()
	entries, err := os.ReadDir(f.dir)
	must(t, err)
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(f.dir, e.Name()))
		must(t, err)
		all = append(all, b...)
	}
	return all
}

func TestD7RotationLeavesNothingUnderTheOldKey(t *testing.T) {
	f := fill(t, t.TempDir(), 300)
	path := filepath.Join(f.dir, masterFile)
	old, err := LoadMaster(path)
	must(t, err)
	written, err := os.ReadFile(path)
	must(t, err)
	var wrapped []wrappedKey
	for _, p := range f.persons[3:] {
		for _, c := range []Class{Membership, Bookkeeping} {
			var w wrappedKey
			f.ring.keys.get(&w, keyName{p, c})
			wrapped = append(wrapped, w)
		}
	}
	drawers := func() string {
		out := ""
		must(t, f.ring.db.Read(ctx, func(q database.Querier) error {
			return eachDrawer(q, keyDrawers, func(id int64, _ *drawer) error { out += fmt.Sprint(id, " "); return nil })
		}))
		return out
	}
	before := drawers()

	done, err := f.ring.Rotate(ctx, Unlock{}, false)
	must(t, err)
	if done != (Rotated{Number: 1, Keys: 2 * 297, OneOffs: 1}) {
		t.Errorf("rotated %+v", done)
	}
	f.check(t) // in memory
	if drawers() != before {
		t.Error("drawers moved")
	}
	newPersons(t, f.ring, 5)
	files := f.files(t)
	for _, w := range wrapped {
		if bytes.Contains(files, w[:]) {
			t.Fatal("an old wrapping is left")
		}
	}
	if !bytes.Contains(files, written) {
		t.Error("the old master key is gone before anybody said that no copy needs it")
	}
	left, err := f.ring.DestroyRetired(ctx)
	if err != nil || len(left) != 0 || len(f.ring.Standing().Retired) != 0 {
		t.Errorf("left %v, %v", left, err)
	}
	if bytes.Contains(f.files(t), written) {
		t.Error("the old master key is left")
	}
	f.reopen(t, Unlock{})
	f.check(t)
	must(t, f.ring.Close())
	_, err = Open(ctx, f.ring.Path(), old)
	wants(t, err, ErrWrongMaster)
	f.reopen(t, Unlock{})
}

// A stop between the zeros and the name leaves a file of zeros, which the next
// DestroyRetired takes away.
func TestD7ABlankedMasterKeyFileIsTakenAway(t *testing.T) {
	f := fill(t, t.TempDir(), 10)
	_, err := f.ring.Rotate(ctx, Unlock{}, false)
	must(t, err)
	retired := f.ring.Standing().Retired
	if len(retired) != 1 {
		t.Fatalf("retired: %v", retired)
	}
	must(t, durable.Blank(retired[0].Path))
	left, err := f.ring.DestroyRetired(ctx)
	if err != nil || len(left) != 0 {
		t.Errorf("left %v, %v", left, err)
	}
	if _, err := os.Stat(retired[0].Path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the blank file: %v", err)
	}
}

func TestRotationToAnotherPlace(t *testing.T) {
	usualWas := usual
	usual = Derivation{Time: 1, Memory: 64, Threads: 1}
	defer func() { usual = usualWas }()
	f := fill(t, t.TempDir(), 10)
	elsewhere, credentials := t.TempDir(), t.TempDir()
	asked := 0
	said := []string{"wrong horse battery staple hull", "wrong again, and once more so", "fire tilfældige ord: hejre spartel"}
	ask := func(_ context.Context, a Asking) (string, error) {
		asked++
		if a.New {
			return said[2], nil
		}
		return said[a.Attempt-1], nil
	}
	// A file elsewhere; the keyring remembers where.
	_, err := f.ring.Rotate(ctx, fromFile(filepath.Join(elsewhere, "key")), false)
	must(t, err)
	f.reopen(t, Unlock{})
	f.check(t)
	_, err = f.ring.DestroyRetired(ctx)
	must(t, err)
	if _, err := os.Stat(filepath.Join(f.dir, masterFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old file: %v", err)
	}
	// The same again, and a key of before, are refused.
	_, err = f.ring.Rotate(ctx, Unlock{Source: Source{FromCredential, "next"}}, false)
	wants(t, err, ErrNoCredentials)
	t.Setenv("CREDENTIALS_DIRECTORY", credentials)
	_, err = f.ring.Rotate(ctx, Unlock{Source: Source{FromCredential, "next"}}, false)
	wants(t, err, os.ErrNotExist)
	b, err := os.ReadFile(filepath.Join(elsewhere, "key"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(credentials, "next"), b, 0o440))
	_, err = f.ring.Rotate(ctx, Unlock{Source: Source{FromCredential, "next"}}, false)
	wants(t, err, ErrSameMaster)
	must(t, os.WriteFile(filepath.Join(credentials, "next"), bytes.Repeat([]byte("k"), keySize), 0o440))
	_, err = f.ring.Rotate(ctx, Unlock{Source: Source{FromCredential, "next"}}, false)
	must(t, err)
	f.reopen(t, Unlock{})
	f.check(t)
	// A passphrase: asked three times, then refused.
	_, err = f.ring.Rotate(ctx, Unlock{Source: Source{Kind: FromPassphrase}}, false)
	wants(t, err, ErrNobodyToAsk)
	weak := &WeakError{}
	_, err = f.ring.Rotate(ctx, Unlock{Source: Source{Kind: FromPassphrase}, Ask: func(context.Context, Asking) (string, error) { return "short", nil }}, false)
	if !errors.As(err, &weak) || weak.Why != WeakShort {
		t.Errorf("a weak one: %v", err)
	}
	_, err = f.ring.Rotate(ctx, Unlock{Source: Source{Kind: FromPassphrase}, Ask: ask}, false)
	must(t, err)
	asked = 0
	f.reopen(t, Unlock{Ask: ask})
	f.check(t)
	if asked != 3 {
		t.Errorf("asked %d times", asked)
	}
	said[2] = "and a third that is not it"
	must(t, f.ring.Close())
	_, err = OpenFrom(ctx, f.ring.Path(), Unlock{Ask: ask})
	wants(t, err, ErrWrongPassphrase)
	_, err = OpenFrom(ctx, f.ring.Path(), Unlock{})
	wants(t, err, ErrNobodyToAsk)
	said[2] = "fire tilfa\u0308ldige" // never the same
	said[0] = "fire tilf\u00e6ldige ord:\u00a0hejre spartel\n"
	f.ring, err = OpenFrom(ctx, f.ring.Path(), Unlock{Ask: ask})
	must(t, err)
	f.check(t)
	// Back to the usual file.
	_, err = f.ring.Rotate(ctx, fromFile(filepath.Join(f.dir, masterFile)), false)
	must(t, err)
	f.reopen(t, Unlock{})
	f.check(t)
	if s := f.ring.Standing(); s.Source != (Source{Kind: FromFile}) || s.Rotation != 4 || s.Derivation != nil {
		t.Errorf("standing %+v", s)
	}
}

// A key that no master opens stops the rotation, which then changes nothing; asked
// to go on, it leaves that key as it lies and loses no other.
func TestRotationStopsAtDamage(t *testing.T) {
	f := fill(t, t.TempDir(), 80)
	victim := f.persons[40]
	must(t, f.ring.Write(ctx, func(tx *Tx) error {
		w, err := tx.key(keyName{victim, Evidence})
		if err != nil {
			return err
		}
		bad := *w
		bad[20] = 1
		return tx.setKey(keyName{victim, Evidence}, &bad)
	}))
	_, err := f.ring.Rotate(ctx, Unlock{}, false)
	wants(t, err, ErrDamagedKeys)
	f.check(t)
	f.reopen(t, Unlock{})
	f.check(t)
	done, err := f.ring.Rotate(ctx, Unlock{}, true)
	must(t, err)
	if done.Damaged != 1 {
		t.Errorf("rotated %+v", done)
	}
	f.reopen(t, Unlock{})
	f.check(t)
}

// Whoever reads and writes beside a rotation goes on.
func TestReadingDuringRotation(t *testing.T) {
	f := fill(t, t.TempDir(), 200)
	stop := make(chan struct{})
	failed := make(chan error, 4)
	for range 3 {
		go func() {
			o := f.ring.Opener()
			for {
				select {
				case <-stop:
					failed <- nil
					return
				default:
				}
				p := f.persons[3+rand.IntN(len(f.persons)-3)]
				half := Overhead + len(text(p, Bookkeeping))
				_, err := o.Open(nil, label(p, Bookkeeping), f.sealed[p][:half])
				if err == nil {
					_, err = o.Open(nil, label(p, Membership), f.sealed[p][half:])
				}
				if err == nil {
					_, err = f.ring.OpenOnce(f.oneOff, f.mail)
				}
				if err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	for range 5 {
		_, err := f.ring.Rotate(ctx, Unlock{}, false)
		must(t, err)
		newPersons(t, f.ring, 1)
	}
	close(stop)
	for range 3 {
		must(t, <-failed)
	}
	f.reopen(t, Unlock{})
	f.check(t)
}

// spinning, in the environment, makes this test program rotate the keyring of a
// directory until it is killed.
const spinning = "KARTOTEK_TEST_SPINNING"

func spin(dir string) {
	k, err := OpenFrom(ctx, filepath.Join(dir, "keyring.db"), Unlock{})
	for err == nil {
		fmt.Println("rotated")
		to := Unlock{}
		if rand.IntN(3) == 0 { // sometimes to another file, which the next takes again in place
			to = fromFile(filepath.Join(dir, fmt.Sprint("key-", time.Now().UnixNano())))
		}
		if _, err = k.Rotate(ctx, to, false); err == nil && rand.IntN(2) == 0 {
			_, err = k.DestroyRetired(ctx)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// Killed at random moments of rotations, the keyring opens without being told
// anything, and everything in it too.
func TestRotationKilledAtRandomMoments(t *testing.T) {
	f := fill(t, t.TempDir(), 400)
	must(t, f.ring.Close())
	rounds, turned := 25, 0
	if testing.Short() {
		rounds = 4
	}
	for round := range rounds {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), spinning+"="+f.dir)
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		must(t, cmd.Start())
		time.Sleep(time.Duration(30+rand.IntN(150)) * time.Millisecond)
		must(t, cmd.Process.Signal(syscall.SIGKILL))
		_ = cmd.Wait()
		if cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("round %d: it ended by itself: %s", round, errs.String())
		}
		turned += strings.Count(out.String(), "rotated")
		k, err := OpenFrom(ctx, filepath.Join(f.dir, "keyring.db"), Unlock{})
		must(t, err)
		f.ring = k
		f.check(t)
		must(t, f.ring.Close())
	}
	k, err := OpenFrom(ctx, filepath.Join(f.dir, "keyring.db"), Unlock{})
	must(t, err)
	f.ring = k
	if turned < rounds {
		t.Errorf("only %d rotations in %d rounds", turned, rounds)
	}
	faulttest.Tell(t, "%d kills, %d rotations begun", rounds, turned)
	left, err := k.DestroyRetired(ctx)
	if err != nil || len(left) != 0 {
		t.Errorf("left %v, %v", left, err)
	}
	matches, err := filepath.Glob(filepath.Join(f.dir, "*.retired*"))
	must(t, err)
	if more, _ := filepath.Glob(filepath.Join(f.dir, "*"+rotating)); len(matches)+len(more) > 0 {
		t.Errorf("left lying: %v %v", matches, more)
	}
}

// BenchmarkRotate is a rotation over a hundred thousand persons.
func BenchmarkRotate(b *testing.B) {
	dir := b.TempDir()
	k, err := CreateFrom(ctx, filepath.Join(dir, "keyring.db"), Unlock{})
	must(b, err)
	defer k.Close()
	bulk(b, k, 100_000)
	for b.Loop() {
		_, err := k.Rotate(ctx, Unlock{}, false)
		must(b, err)
	}
}
