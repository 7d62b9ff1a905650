package app_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"kartotek/internal/app"
	"kartotek/internal/charter"
	"kartotek/internal/database/faulttest"
	"kartotek/internal/fault"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// One bit turns on the disk, anywhere in register, keyring, master key or charter:
// it is found or it changes nothing of anybody. No record opens as another's or as
// something else than was written, no number leads to somebody else, no destroyed
// key is back; and what the program says of it can be read.
func TestD7OneBitTurns(t *testing.T) {
	total, counts := runsOf(150), tally{}
	l := beginLife(t, 3)
	l.live(40)
	l.Must(l.House.Close())
	whole := l.contents(t, l.Config)
	base, scratch := filepath.Dir(l.Config.Data), faulttest.Scratch(t)
	files := []string{"data/register.db", "keys/keyring.db", "data/register.db", "keys/keyring.db", "keys/master.key", "data/charter.toml"}
	for run := range total {
		rng := rand.New(rand.NewPCG(uint64(run), 17))
		name := files[run%len(files)]
		dir := filepath.Join(scratch, fmt.Sprint(run))
		copyHouse(t, base, dir)
		at, bit := turn(t, filepath.Join(dir, name), rng)
		outcome, err := l.afterTurn(t, dir, whole)
		if err != nil {
			t.Errorf("run %d, %s, byte %d, bit %d: %v", run, name, at, bit, err)
		}
		counts[name+": "+outcome]++
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	for _, outcome := range slices.Sorted(maps.Keys(counts)) {
		faulttest.Tell(t, "%5d %s", counts[outcome], outcome)
	}
}

// turn turns one bit of a file, rather where something stands than in a row of zeros.
func turn(t *testing.T, path string, rng *rand.Rand) (at, bit int) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at, bit = rng.IntN(len(content)), rng.IntN(8)
	for range 6 {
		if content[at] != 0 {
			break
		}
		at = rng.IntN(len(content))
	}
	content[at] ^= 1 << bit
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return at, bit
}

// heldData is what a house holds of its persons.
type heldData struct {
	records map[string][]byte // by person, kind and number
	numbers map[string]vault.PersonID
	erased  []vault.PersonID
	truth   truth
}

func (l *chronicle) contents(t *testing.T, config app.Config) heldData {
	t.Helper()
	h, err := app.Open(l.Context(), config)
	l.Must(err)
	defer h.Close()
	d, err := l.read(h)
	l.Must(err)
	d.truth = truthOf(t, h.DB)
	if health, err := h.Check(l.Context()); err != nil || !health.Sound() || health.Records == 0 || health.Keyring.Keys == 0 {
		t.Fatalf("the house is not sound to begin with: %+v, %v", health, err)
	}
	return d
}

func (l *chronicle) read(h *app.House) (d heldData, err error) {
	d = heldData{records: map[string][]byte{}, numbers: map[string]vault.PersonID{}}
	err = h.Records.Everything(l.Context(), func(u *record.Unsealed) error {
		if u.Err == nil {
			d.records[fmt.Sprint(u.Person, " ", u.Kind.Number, " ", u.ID)] = bytes.Clone(u.Plain)
		}
		return nil
	})
	for _, number := range l.Number {
		persons, failed := h.Keyring.Find(vault.ClaimNumber, number)
		err = errors.Join(err, failed)
		for _, person := range persons {
			d.numbers[number] = person
		}
	}
	for person := range gone(h.Keyring) {
		d.erased = append(d.erased, person)
	}
	return d, err
}

// afterTurn opens a house in which a bit has turned and says how that went.
func (l *chronicle) afterTurn(t *testing.T, dir string, whole heldData) (string, error) {
	config := l.Config
	config.Data, config.Keys, config.MasterKey = filepath.Join(dir, "data"), filepath.Join(dir, "keys"), ""
	h, err := app.Open(l.Context(), config)
	if err != nil {
		return refusedAs(err)
	}
	defer h.Close()
	now, err := l.read(h)
	if err != nil {
		return refusedAs(err)
	}
	for name, plain := range now.records {
		if was, known := whole.records[name]; !known || !bytes.Equal(was, plain) {
			return "wrong data", fmt.Errorf("record %s is something else now", name)
		}
	}
	for number, person := range now.numbers {
		if whole.numbers[number] != person {
			return "wrong person", fmt.Errorf("a number leads to person %d instead of %d", person, whole.numbers[number])
		}
	}
	for _, person := range whole.erased {
		if h.Keyring.Holds(person, vault.Membership) {
			return "a key is back", fmt.Errorf("person %d has a key again", person)
		}
	}
	health, err := h.Check(l.Context())
	if err != nil {
		return refusedAs(err)
	}
	lost := len(whole.records) - len(now.records)
	switch {
	case !health.Sound():
		return "opens, and the check finds it", nil
	case lost > 0:
		return "records are missing unnoticed", fmt.Errorf("%d records are missing and nothing says so", lost)
	case len(now.numbers) < len(whole.numbers):
		return "a number finds nobody", nil
	}
	for table, rows := range truthOf(t, h.DB) {
		if difference(whole.truth[table], rows) != "" {
			return "a clear column of " + table + " is another", nil
		}
	}
	return "harmless", nil
}

// refusedAs holds an error against what people are told.
func refusedAs(err error) (string, error) {
	e := app.Plain(err)
	if e.Code == fault.Internal && !errors.Is(err, vault.ErrWrongMaster) && !errors.Is(err, vault.ErrMasterLength) && !errors.Is(err, vault.ErrNoKeyring) &&
		!rulesWrong(err) {
		return "refused without words", err
	}
	return "refused: " + e.Key, nil
}

// rulesWrong reports whether an error says that the charter does not read.
func rulesWrong(err error) bool {
	var rules charter.Errors
	return errors.As(err, &rules)
}
