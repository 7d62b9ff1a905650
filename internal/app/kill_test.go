package app_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/database/faulttest"
	"kartotek/internal/duty"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

// killRounds, in the environment, asks for more rounds than the usual ones.
const killRounds = "KARTOTEK_KILL_ROUNDS"

// usualRounds are how often the house is killed by default.
var usualRounds = map[string]int{"sqlite": 20, "postgresql": 8}

// kill -9 at random moments of a mixed load, again and again in one house:
// everything acknowledged is there, every answered reading is in the journal,
// nobody erased is readable, no key returns, the start rolls forward.
func TestKilledAtRandomMoments(t *testing.T) {
	for engine, rounds := range usualRounds {
		if n, err := strconv.Atoi(os.Getenv(killRounds)); err == nil {
			rounds = n
		} else if testing.Short() {
			rounds = 3
		}
		t.Run(engine, func(t *testing.T) {
			var options []housetest.Option
			if engine == "postgresql" {
				options = append(options, housetest.PostgreSQL(t))
			}
			k := &killing{
				Fixture: housetest.New(t, append(options, housetest.At(time.Now()))...), t: t,
				rng: rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0)), lives: lives{},
				opened: map[vault.PersonID]int{}, gone: map[vault.PersonID]bool{},
			}
			for round := 0; round < rounds || !testing.Short() && k.idle() && round < 4*rounds; round++ {
				k.round = round
				k.kill()
				k.Clock.Set(time.Now())
				k.Must(k.Open())
				k.check()
			}
			faulttest.Tell(t, "%d rounds: %d members, %d erased, %d cards, %d searches, %d lists", k.round+1, len(k.lives), len(k.gone), len(k.opened), len(k.searches), len(k.lists))
			if !testing.Short() && k.idle() {
				t.Error("the load was none")
			}
		})
	}
}

type killing struct {
	*housetest.Fixture
	t        *testing.T
	rng      *rand.Rand
	round    int
	lives    lives
	opened   map[vault.PersonID]int // acknowledged openings of a card
	searches []said
	lists    []said
	gone     map[vault.PersonID]bool // erased, acknowledged or seen to be
	outside  []byte                  // the checkpoint of the round before
}

// idle reports whether some kind of act was never acknowledged: where the machine is
// slow, few are before the kill, and more rounds follow.
func (k *killing) idle() bool {
	return len(k.gone) == 0 || len(k.searches) == 0 || len(k.lists) == 0 || len(k.opened) == 0
}

// kill lets a process work on the house and kills it.
func (k *killing) kill() {
	k.Must(k.House.Close())
	text, err := json.Marshal(load{
		Data: k.Fixture.Config.Data, Keys: k.Fixture.Config.Keys, DSN: k.Fixture.Config.DSN, Seed: k.rng.Uint64(),
		First: k.Person("anna"), Second: k.Person("bo"), Body: k.Bodies["odense"], Round: k.round,
	})
	k.Must(err)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), laden+"="+string(text))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	k.Must(err)
	k.Must(cmd.Start())
	said := make(chan error, 1)
	ready := make(chan struct{})
	go func() {
		said <- listen(out, ready, k.hear)
	}()
	select {
	case <-ready:
	case <-time.After(20 * time.Second):
		k.t.Error("the process does not begin")
	}
	time.Sleep(time.Duration(k.rng.IntN(400)) * time.Millisecond)
	k.Must(cmd.Process.Signal(syscall.SIGKILL))
	k.Must(<-said)
	if err := cmd.Wait(); cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		k.t.Fatalf("round %d: the process ended by itself: %v", k.round, err)
	}
}

func (k *killing) hear(s said) {
	k.lives.hear(s)
	if !s.Done {
		return
	}
	switch s.Act {
	case "open":
		k.opened[s.Persons[0]]++
	case "search":
		if len(s.Persons) > 0 {
			k.searches = append(k.searches, s)
		}
	case "pull":
		k.lists = append(k.lists, s)
	case "erase":
		k.gone[s.Persons[0]] = true
	}
}

// check holds the house against everything that was said.
func (k *killing) check() {
	t, ctx := k.t, k.Context()
	view, closing := k.Scope("anna", access.Want{Act: charter.View}), k.Scope("anna", access.Want{Act: charter.Close})
	for number, l := range k.lives {
		state, person, family, err := stateOf(k.House, ctx, number, view, closing)
		if err != nil {
			t.Fatalf("round %d: member %s: %v", k.round, number, err)
		}
		switch {
		case state == "none" && l.erased != 0 && oneOf("erased", l.states):
			k.gone[l.erased] = true
			l.states = []string{"erased"}
		case state == "none" && !l.made:
			delete(k.lives, number)
		case !oneOf(state, l.states):
			t.Errorf("round %d: member %s is %s, may be %v", k.round, number, state, l.states)
		case !oneOf(family, l.values):
			t.Errorf("round %d: member %s is called %q, may be %q", k.round, number, family, l.values)
		default: // as it is found so it stays
			l.made, l.states, l.values = true, []string{state}, []string{family}
		}
		if k.gone[person] {
			t.Errorf("round %d: person %d is erased and found", k.round, person)
		}
	}
	k.checkGone()
	k.checkJournal()
	k.Must(k.Keyring.VerifyLedger(ctx))
	k.Must(k.Keyring.Healthy())
	if pending := k.Keyring.PendingPersons(); len(pending) > 0 {
		t.Errorf("round %d: %v wait to be settled", k.round, pending)
	}
	waiting, _, err := k.Departures.Waiting(ctx, closing)
	k.Must(err)
	for _, d := range waiting {
		if d.State != "hidden" {
			t.Errorf("round %d: the start has left person %d %s", k.round, d.Person, d.State)
		}
	}
}

// checkGone holds every person with keys against those with rows, and those
// erased against both.
func (k *killing) checkGone() {
	rows := map[vault.PersonID]int{}
	k.Must(k.DB.Read(k.Context(), func(q database.Querier) error {
		found, err := q.Query(`SELECT person, count(*) FROM record GROUP BY person`)
		if err != nil {
			return err
		}
		defer found.Close()
		for found.Next() {
			var person vault.PersonID
			var n int
			if err := found.Scan(&person, &n); err != nil {
				return err
			}
			rows[person] = n
		}
		return found.Err()
	}))
	for person := vault.PersonID(1); person <= k.Keyring.LastPerson(); person++ {
		key := k.Keyring.Holds(person, vault.Membership)
		switch {
		case k.gone[person] && (key || rows[person] > 0):
			k.t.Errorf("round %d: person %d is erased: key %v, %d rows", k.round, person, key, rows[person])
		case key != (rows[person] > 0):
			k.t.Errorf("round %d: person %d: key %v, %d rows", k.round, person, key, rows[person])
		}
	}
	erased := map[vault.PersonID]bool{}
	for person := range gone(k.Keyring) {
		erased[person] = true
	}
	for person := range k.gone {
		if !erased[person] {
			k.t.Errorf("round %d: the ledger does not know of person %d", k.round, person)
		}
	}
}

// checkJournal looks for every answered reading, and verifies the whole.
func (k *killing) checkJournal() {
	t, ctx := k.t, k.Context()
	for _, s := range k.searches {
		persons, err := k.Journal.Persons(ctx, s.Entry)
		if err != nil {
			t.Fatalf("round %d: the entry of a search: %v", k.round, err)
		}
		for _, person := range s.Persons {
			if !persons.Contains(uint32(person)) {
				t.Errorf("round %d: person %d was shown and is not in the journal", k.round, person)
			}
		}
	}
	for person, n := range k.opened {
		account, err := k.Journal.About(ctx, uint32(person), journal.Page{Limit: 1})
		k.Must(err)
		if account.Opened < n {
			t.Errorf("round %d: the card of person %d was opened %d times, the journal has %d", k.round, person, n, account.Opened)
		}
	}
	mine, err := k.Extracts.Mine(ctx, k.As("anna"))
	k.Must(err)
	open, err := k.Duties.Open(ctx, duty.Responsible{Person: k.Person("anna")})
	k.Must(err)
	lists, duties := map[int64]int64{}, map[int64]bool{}
	for _, l := range mine {
		lists[l.Number] = l.Entry
	}
	for _, d := range open {
		duties[d.Subject] = duties[d.Subject] || d.Kind == duty.DestroyList
	}
	for _, s := range k.lists {
		if lists[s.List] != s.Entry || !duties[s.List] {
			t.Errorf("round %d: list %d left and is not known, or not to be destroyed", k.round, s.List)
		}
	}
	if len(mine) != len(lists) {
		t.Errorf("round %d: a list's number twice", k.round)
	}
	report, err := k.Journal.Verify(ctx, k.outside)
	if err != nil || !report.Sound() {
		t.Errorf("round %d: the journal: %+v, %v", k.round, report.Problems, err)
	}
	if k.outside, err = k.Journal.Checkpoint(ctx); err != nil {
		t.Fatal(err)
	}
}
