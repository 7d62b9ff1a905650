package app

import (
	"context"
	"errors"
	"fmt"
	"os"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/departure"
	"kartotek/internal/journal"
	"kartotek/internal/place"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Rebuilt is what came of rebuilding a keyring.
type Rebuilt struct {
	vault.Rebuilt
	Lost int // persons with rows in the register whose key is in no copy
}

// What stops a rebuilding before the keyring gets its name.
var (
	ErrKeyringStands = errors.New("app: a keyring stands there already")
	ErrLost          = errors.New("app: keys of persons in the register are in no copy")
)

// RebuildKeys makes a lost keyring anew from copies of it: from the newest in the
// places named and in those where copies are kept, with the newest ledger that any
// of them has (D7). A ledger older than the register has noted is refused, since
// it would bring back whoever was erased since. Where the register has persons
// whose key is in no copy, nothing is done and their number is told, unless they
// are given up: then the ledger has them as erased, and what is left of them in
// the register is deleted.
func RebuildKeys(ctx context.Context, c Config, from []string, giveUp bool, osUser string) (done Rebuilt, err error) {
	c.settle()
	if _, err := os.Stat(c.charterFile()); err != nil {
		return done, fmt.Errorf("%w: %s", ErrNoRegister, c.Data)
	}
	if _, err := os.Stat(c.keyring()); err == nil {
		return done, fmt.Errorf("%w: %s", ErrKeyringStands, c.keyring())
	}
	places, err := placesAt(append(append([]string{}, from...), c.KeyCopies...))
	if err != nil {
		return done, err
	}
	if done, err = rebuildBeside(ctx, &c, places, giveUp); err != nil {
		return done, err
	}
	h, err := Open(ctx, c)
	if err != nil {
		return done, err
	}
	_, err = h.Journal.Read(ctx, &journal.Entry{
		Act: journal.Rebuild, Right: string(access.System), Via: string(access.Console), OSUser: osUser,
		Number: int64(done.Lost), Reason: "copies.journal.rebuilt",
	})
	return done, errors.Join(err, h.Close())
}

// placesAt opens places, each once.
func placesAt(addresses []string) (places []place.Place, err error) {
	met := map[string]bool{}
	for _, address := range addresses {
		p, err := place.Later(address)
		if err != nil {
			return nil, &PlaceError{Address: address, Err: err}
		}
		if !met[p.Address()] {
			places = append(places, p)
		}
		met[p.Address()] = true
	}
	return places, nil
}

// rebuildBeside does it under the register's lock.
func rebuildBeside(ctx context.Context, c *Config, places []place.Place, giveUp bool) (done Rebuilt, err error) {
	db, err := database.Open(ctx, database.Options{Path: c.register(), DSN: c.DSN, Clock: c.Now})
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	unlock, err := c.unlock()
	if err != nil {
		return done, err
	}
	done.Rebuilt, err = vault.Rebuild(ctx, c.keyring(), unlock, places, func(k *vault.Keyring) (err error) {
		done.Lost, err = fit(ctx, db, k, giveUp, c)
		return err
	})
	return done, err
}

// fit holds a keyring just rebuilt against the register and says how many persons
// have rows that nothing opens.
func fit(ctx context.Context, db *database.DB, k *vault.Keyring, giveUp bool, c *Config) (persons int, err error) {
	if err := departure.CheckLedger(ctx, db, k); err != nil {
		return 0, err
	}
	records := record.New(db, k)
	var last vault.PersonID
	var lost []vault.Key
	err = db.Read(ctx, func(q database.Querier) (err error) {
		if last, err = records.LastPerson(q); err == nil {
			lost, err = records.Keyless(q)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	whose := map[vault.PersonID]bool{}
	for _, key := range lost {
		whose[key.Person] = true
	}
	if len(lost) > 0 && !giveUp {
		return len(whose), ErrLost
	}
	return len(whose), k.Lose(ctx, c.Now(), last, lost)
}
