package bench

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"kartotek/internal/vault"
)

// rotation measures every key of the federation wrapped anew under another master
// key, beside as many bytes written durably once.
func (r *run) rotation(ctx context.Context) error {
	ours, err := timed(func() error {
		_, _, err := r.house.RotateMaster(ctx, vault.Unlock{}, false, "bench")
		return err
	})
	if err != nil {
		return err
	}
	floor, err := timed(func() error { return r.written(r.Members * wrappedKey) })
	if err != nil {
		return err
	}
	r.within("rotation", "s", ours/1000, floor/1000, max(1, 10*float64(r.Members)/1e6))
	return nil
}

// wrappedKey is what one person's key has in the keyring, in bytes.
const wrappedKey = 60

func (r *run) written(size int) error {
	return os.WriteFile(filepath.Join(r.dir, "written"), make([]byte, size), 0o600)
}

const (
	longestLedger = 100_000 // entries
	perAct        = 2_000   // persons created, or erased, in one act
)

// ledger measures the opening of a keyring that has erased as many persons as it
// holds: the chain is verified from its first entry, the last signature checked,
// the entries replayed. The floor is the same keyring before anybody was erased.
func (r *run) ledger(ctx context.Context) error {
	dir := filepath.Join(r.dir, "ledger")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	path, entries := filepath.Join(dir, "keyring.db"), min(longestLedger, r.Members)
	k, err := vault.CreateFrom(ctx, path, vault.Unlock{})
	if err != nil {
		return err
	}
	persons, err := manyPersons(ctx, k, 2*entries)
	if err = errors.Join(err, k.Close()); err != nil {
		return err
	}
	floor, err := r.opened(ctx, path, func(*vault.Keyring) error { return nil })
	if err != nil {
		return err
	}
	_, err = r.opened(ctx, path, func(k *vault.Keyring) error {
		for at := 0; at < entries; at += perAct {
			if _, err := k.Erase(ctx, time.Now(), persons[at:min(entries, at+perAct)], vault.Membership); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	ours, err := r.opened(ctx, path, func(k *vault.Keyring) error {
		if size, _ := k.LedgerHead(); size != int64(entries) {
			return errors.New("bench: the ledger has another length")
		}
		return nil
	})
	r.within("ledger", "s", ours/1000, floor/1000, 2)
	r.of(entries)
	return err
}

// opened gives how long a keyring takes to open, and does something with it.
func (r *run) opened(ctx context.Context, path string, work func(k *vault.Keyring) error) (ms float64, err error) {
	var k *vault.Keyring
	ms, err = timed(func() (err error) {
		k, err = vault.OpenFrom(ctx, path, vault.Unlock{})
		return err
	})
	if err != nil {
		return 0, err
	}
	return ms, errors.Join(work(k), k.Close())
}

// manyPersons creates persons as an import does, with a number and an address each.
func manyPersons(ctx context.Context, k *vault.Keyring, n int) (persons []vault.PersonID, err error) {
	for len(persons) < n && err == nil {
		err = k.Write(ctx, func(tx *vault.Tx) error {
			for range min(perAct, n-len(persons)) {
				p, err := tx.NewPerson()
				if err != nil {
					return err
				}
				number := strconv.Itoa(int(p))
				if err := errors.Join(tx.Claim(vault.ClaimNumber, number, p), tx.Claim(vault.ClaimEmail, number+"@example.dk", p)); err != nil {
					return err
				}
				persons = append(persons, p)
			}
			return nil
		})
	}
	return persons, err
}
