package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/database/faulttest"
	"kartotek/internal/fault"
	"kartotek/internal/vault"
)

// faultRuns, in the environment, asks for more runs than the usual ones.
const faultRuns = "KARTOTEK_FAULT_RUNS"

func runsOf(usual int) int {
	if n, err := strconv.Atoi(os.Getenv(faultRuns)); err == nil {
		return n
	}
	return usual
}

// tally counts what runs came to.
type tally map[string]int

// The power is cut, or the process killed, at any write of register and keyring,
// in the one order they have between them. The house opens on what the disk has:
// every acknowledged act is there, of the one under way all or nothing, an erasure
// whose intent stands is finished and its person unreadable meanwhile, no key and
// no byte of a key that was destroyed is back, the journal verifies.
func TestD7TheHouseAfterAPowerCut(t *testing.T) {
	total, counts := runsOf(180), tally{}
	scratch := faulttest.Scratch(t)
	post := housetest.Mail(housetest.NewPost(t).Options()) // an erasure waits for its certificate to leave
	var l *chronicle
	for run := range total {
		if run%60 == 0 {
			l = beginLife(t, uint64(run), post)
			l.live(24)
		}
		rng := rand.New(rand.NewPCG(uint64(run), 11))
		loss, n := faulttest.Losses[run%len(faulttest.Losses)], rng.IntN(l.disk.Len()+1)
		if at := l.erasureAt(rng); run%4 == 0 && at > 0 {
			n = at // within an erasure, or just after
		}
		if err := l.cut(scratch, n, loss, uint64(run), counts); err != nil {
			t.Errorf("run %d, %v after %d of %d operations, in %q: %v", run, loss, n, l.disk.Len(), l.during(n), err)
		}
		counts[loss.String()]++
	}
	faulttest.Tell(t, "%d disks: %v", total, counts)
	if counts["rolled forward"] == 0 || counts["erased persons looked for"] == 0 || counts["acts held"] == 0 {
		t.Error("too little happened")
	}
	if total >= 1000 && counts["met while being erased"] == 0 { // one in two hundred disks
		t.Error("too little happened")
	}
	// It would be seen if nothing were synced.
	seen := 0
	for i := range 10 {
		if l.cut(scratch, l.acts[len(l.acts)-1].acked-i, faulttest.Unsynced, 1, tally{}) != nil {
			seen++
		}
	}
	if seen < 10 {
		t.Errorf("on a disk that syncs nothing only %d of 10 cuts are noticed", seen)
	}
}

// erasureAt is an operation within an erasure; 0 where there was none.
func (l *chronicle) erasureAt(rng *rand.Rand) int {
	var all []*lived
	for i := range l.acts {
		if l.acts[i].name == "erase" {
			all = append(all, &l.acts[i])
		}
	}
	if len(all) == 0 {
		return 0
	}
	a := all[rng.IntN(len(all))]
	return a.begun + 1 + rng.IntN(a.acked-a.begun)
}

// during is the act that was under way.
func (l *chronicle) during(n int) string {
	for i := range l.acts {
		if l.acts[i].acked > n {
			return l.acts[i].name
		}
	}
	return "the end"
}

// cut opens the house on a disk and says what is wrong with it.
func (l *chronicle) cut(scratch string, n int, loss faulttest.Loss, seed uint64, counts tally) error {
	dir, err := os.MkdirTemp(scratch, "")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := l.disk.Image(n, loss, seed, dir); err != nil {
		return err
	}
	config := l.Config
	config.Data, config.Keys, config.MasterKey = filepath.Join(dir, "data"), filepath.Join(dir, "keys"), ""
	last := -1
	for i := range l.acts {
		if l.acts[i].acked <= n {
			last = i
		}
	}
	if last >= 0 {
		if err := l.keysGone(dir, l.acts[last].erased, counts); err != nil {
			return fmt.Errorf("before the start: %w", err)
		}
	}
	h, err := app.Open(l.Context(), config)
	if err != nil {
		return fmt.Errorf("it does not open: %w", err)
	}
	defer h.Close()
	if err := l.rolls(h, counts); err != nil {
		return err
	}
	if last < 0 {
		return nil
	}
	counts["acts held"] += last
	if err := l.holds(h, last, n); err != nil {
		return err
	}
	erased := l.acts[last].erased
	for person := range gone(h.Keyring) {
		if !slices.Contains(erased, person) {
			erased = append(slices.Clone(erased), person)
			counts["rolled forward"]++
		}
	}
	for _, person := range erased {
		if h.Keyring.Holds(person, vault.Membership) {
			return fmt.Errorf("the key of person %d is back", person)
		}
	}
	if err := l.keysGone(dir, erased, counts); err != nil {
		return err
	}
	report, err := h.Journal.Verify(l.Context(), l.acts[last].known)
	if err != nil || !report.Sound() {
		return fmt.Errorf("the journal: %+v, %w", report.Problems, err)
	}
	return errors.Join(h.Keyring.VerifyLedger(l.Context()), h.Keyring.Healthy())
}

// holds compares the register with what was true after the last acknowledged act,
// or, table by table, after the one under way.
func (l *chronicle) holds(h *app.House, last, n int) error {
	now := truthOf(l.t, h.DB)
	then := &l.acts[last]
	var next *lived
	if last+1 < len(l.acts) && l.acts[last+1].begun <= n {
		next = &l.acts[last+1]
	}
	for _, table := range told {
		if slices.Equal(now[table], then.truth[table]) || next != nil && slices.Equal(now[table], next.truth[table]) {
			continue
		}
		after := then
		if next != nil {
			after = next
		}
		return fmt.Errorf("after %q the table %s is another:\n%s", then.name, table, difference(after.truth[table], now[table]))
	}
	return nil
}

// difference lists the rows that only one of two has.
func difference(want, have []string) string {
	var b bytes.Buffer
	for _, row := range want {
		if !slices.Contains(have, row) {
			fmt.Fprintf(&b, "- %s\n", row)
		}
	}
	for _, row := range have {
		if !slices.Contains(want, row) {
			fmt.Fprintf(&b, "+ %s\n", row)
		}
	}
	return b.String()
}

// keysGone looks for the bytes of destroyed keys in every file.
func (l *chronicle) keysGone(dir string, erased []vault.PersonID, counts tally) error {
	if len(erased) == 0 {
		return nil
	}
	for _, path := range housetest.Files(l.t, dir) {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, person := range erased {
			if key := l.keys[person]; len(key) > 0 && bytes.Contains(content, key) {
				return fmt.Errorf("%s holds the destroyed key of person %d again", filepath.Base(path), person)
			}
		}
	}
	counts["erased persons looked for"] += len(erased)
	return nil
}

// rolls looks after everybody whose erasure has begun: unreadable at once, and
// gone when the certificate has left.
func (l *chronicle) rolls(h *app.House, counts tally) error {
	begun, err := erasing(h)
	if err != nil {
		return err
	}
	for _, person := range begun {
		if err := l.unreadable(h, person); err != nil {
			return err
		}
	}
	counts["met while being erased"] += len(begun)
	h.Mail.Start()
	defer h.Mail.Stop(l.Context())
	for range 400 {
		if _, err := h.Departures.EraseDue(l.Context()); err != nil {
			return err
		}
		if begun, err := erasing(h); err != nil || len(begun) == 0 {
			return err
		}
		time.Sleep(5 * time.Millisecond)
	}
	return fmt.Errorf("the erasure of %v does not go on", begun)
}

// gone goes through everybody the ledger of a keyring calls erased.
func gone(k *vault.Keyring) iter.Seq[vault.PersonID] {
	entries, err := k.Ledger(context.Background(), 1)
	if err != nil {
		panic(err)
	}
	return func(yield func(vault.PersonID) bool) {
		for i := range entries {
			if entries[i].Class == vault.Membership && !yield(entries[i].Person) {
				return
			}
		}
	}
}

// erasing lists whose erasure has begun and is not over.
func erasing(h *app.House) (persons []vault.PersonID, err error) {
	err = h.DB.Read(context.Background(), func(q database.Querier) error {
		persons = nil
		rows, err := q.Query(`SELECT person FROM departure WHERE state = 'erasing'`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var person vault.PersonID
			if err := rows.Scan(&person); err != nil {
				return err
			}
			persons = append(persons, person)
		}
		return rows.Err()
	})
	return persons, err
}

// unreadable asks in every way there is for somebody whose erasure has begun.
func (l *chronicle) unreadable(h *app.House, person vault.PersonID) error {
	decide := func(want access.Want) access.Scope {
		s, err := h.Access.Decide(l.As("anna"), want)
		l.Must(err)
		return s
	}
	if h.Members.Select(decide(access.Want{Act: charter.Pull, Purpose: "meeting-notice"})).Contains(uint32(person)) {
		return fmt.Errorf("person %d is on a list", person)
	}
	for _, act := range []charter.Acts{charter.View, charter.Edit, charter.Search} {
		if _, err := h.Members.Card(l.Context(), decide(access.Want{Act: act}), person); !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Denied) {
			return fmt.Errorf("the card of person %d: %v", person, err)
		}
	}
	return nil
}
