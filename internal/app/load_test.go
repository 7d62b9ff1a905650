package app_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/charter"
	"kartotek/internal/departure"
	"kartotek/internal/extract"
	"kartotek/internal/fault"
	"kartotek/internal/mail"
	"kartotek/internal/member"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// laden makes a run of this test binary a process that works on a house until it
// is killed, and tells on standard output what it begins and what is
// acknowledged to it, one line each, written at once.
const laden = "KARTOTEK_TEST_LADEN"

// load is what the process is told.
type load struct {
	Data, Keys, DSN string
	Seed            uint64
	First, Second   vault.PersonID // of the member service
	Body            unit.ID
	Round           int
}

// said is one line: an act that begins, or that was acknowledged.
type said struct {
	Act     string
	Done    bool
	Number  string           `json:",omitempty"` // the member's
	Value   string           `json:",omitempty"` // what was written
	Entry   int64            `json:",omitempty"` // the journal's entry of a reading
	List    int64            `json:",omitempty"`
	Persons []vault.PersonID `json:",omitempty"` // whom was read
}

func TestMain(m *testing.M) {
	if text := os.Getenv(laden); text != "" {
		fmt.Fprintln(os.Stderr, work(text))
		os.Exit(1) // it works until it is killed
	}
	if text := os.Getenv(struck); text != "" {
		if err := strikes(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func work(text string) error {
	var l load
	if err := json.Unmarshal([]byte(text), &l); err != nil {
		return err
	}
	h, err := app.Open(context.Background(), app.Config{
		Data: l.Data, Keys: l.Keys, DSN: l.DSN, URL: "https://kartotek.example", Demo: true, Mail: mail.Options{From: "post@kartotek.example"},
	})
	if err != nil {
		return err
	}
	h.Mail.Start()
	w := &worker{House: h, load: l, failed: make(chan error, 8)}
	w.say(said{Act: "ready", Done: true})
	// Each goroutine has members of its own, so that what is said about a member
	// comes in the order in which it happened.
	for lane := range 4 {
		go w.run(lane)
	}
	return <-w.failed
}

type worker struct {
	*app.House
	load
	out    sync.Mutex
	failed chan error
}

func (w *worker) say(s said) {
	line, err := json.Marshal(s)
	if err != nil {
		w.failed <- err
		return
	}
	w.out.Lock()
	defer w.out.Unlock()
	_, _ = os.Stdout.Write(append(line, '\n'))
}

// act says that something begins, does it and says that it is acknowledged.
func (w *worker) act(s said, do func(s *said) error) bool {
	w.say(s)
	if err := do(&s); err != nil {
		w.failed <- fmt.Errorf("%s: %w", s.Act, err)
		return false
	}
	s.Done = true
	w.say(s)
	return true
}

func (w *worker) scope(act charter.Acts) access.Scope {
	s, err := w.Access.Decide(w.as(w.First), access.Want{Act: act})
	if err != nil {
		w.failed <- err
	}
	return s
}

func (w *worker) as(person vault.PersonID) access.Actor {
	return access.Actor{Person: person, Via: access.Console}
}

// run creates members, one after the other, and lets each live a random life.
func (w *worker) run(lane int) {
	rng := rand.New(rand.NewPCG(w.Seed, uint64(lane)))
	for i := 0; ; i++ {
		number := strconv.Itoa(1_000_000 + w.Round*10_000 + lane*1000 + i)
		var person vault.PersonID
		if !w.act(said{Act: "create", Number: number, Value: "Ladesen"}, func(s *said) (err error) {
			person, _, err = w.Members.Create(context.Background(), w.scope(charter.Create), member.Draft{Unit: w.Body, Values: map[string]string{
				"number": number, "given": "Ib", "family": s.Value, "email": "ib" + number + "@example.dk",
			}})
			return err
		}) {
			return
		}
		for range 1 + rng.IntN(4) {
			if !w.step(rng, number, person) {
				return
			}
		}
		if rng.IntN(3) > 0 && !w.leave(rng, number, person) {
			return
		}
	}
}

// step is one act of everyday life.
func (w *worker) step(rng *rand.Rand, number string, person vault.PersonID) bool {
	ctx := context.Background()
	switch rng.IntN(5) {
	case 0:
		return w.act(said{Act: "edit", Number: number, Value: "Ladesen" + string(rune('a'+rng.IntN(26)))}, func(s *said) error {
			_, err := w.Members.Update(ctx, w.scope(charter.Edit), person, member.Changes{Values: map[string]string{"family": s.Value}})
			return err
		})
	case 1:
		return w.act(said{Act: "open", Number: number}, func(s *said) error {
			s.Persons = []vault.PersonID{person}
			_, err := w.Members.Card(ctx, w.scope(charter.View), person)
			return err
		})
	case 2:
		return w.act(said{Act: "pull"}, func(s *said) error {
			d, err := w.Extracts.Pull(ctx, w.as(w.First), extract.Wish{Unit: w.Body, Purpose: "administration", Format: extract.CSV, Lang: "da"})
			if err != nil {
				return err
			}
			var file bytes.Buffer
			if err := d.Write(ctx, &file); err != nil {
				return err
			}
			s.List, s.Entry = d.List.Number, d.List.Entry
			return nil
		})
	}
	return w.act(said{Act: "search"}, func(s *said) error {
		hits, err := w.Members.Search(ctx, w.scope(charter.Search), member.Query{Text: "lade", Size: 20, Page: rng.IntN(2)})
		if err != nil {
			return err
		}
		for i := range hits.Rows {
			s.Persons = append(s.Persons, hits.Rows[i].Person)
		}
		s.Entry = hits.Reading
		return nil
	})
}

// leave takes a member through a departure, which may be undone.
func (w *worker) leave(rng *rand.Rand, number string, person vault.PersonID) bool {
	ctx := context.Background()
	if rng.IntN(2) == 0 && !w.act(said{Act: "pass on", Number: number}, func(*said) error {
		return w.Departures.PassOn(ctx, w.as(w.First), person, "phone", w.Access.Today())
	}) {
		return false
	}
	if !w.act(said{Act: "close", Number: number}, func(*said) error {
		_, err := w.Departures.Close(ctx, w.as(w.First), person, "resignation", true)
		return err
	}) {
		return false
	}
	switch rng.IntN(4) {
	case 0:
		return w.act(said{Act: "undo", Number: number}, func(*said) error {
			return w.Departures.Undo(ctx, w.as(w.Second), person)
		})
	case 1:
		return true
	}
	return w.act(said{Act: "erase", Number: number, Persons: []vault.PersonID{person}}, func(*said) error {
		e, err := w.Departures.Confirm(ctx, w.as(w.Second), person)
		if err == nil && e.State != departure.Erased {
			err = errors.New("not erased")
		}
		return err
	})
}

// lives is what must be true of members, by what was said.
type lives map[string]*life

type life struct {
	made     bool // the creation was acknowledged
	values   []string
	states   []string // the last one acknowledged and whatever began since: visible, hidden, erased
	erased   vault.PersonID
	resigned bool
}

// hear learns from a line.
func (all lives) hear(s said) {
	if s.Number == "" || s.Act == "open" {
		return
	}
	l := all[s.Number]
	if l == nil {
		l = &life{states: []string{"visible"}}
		all[s.Number] = l
	}
	next := map[string]string{"close": "hidden", "undo": "visible", "erase": "erased"}[s.Act]
	switch s.Act {
	case "create", "edit":
		l.made = l.made || s.Done
		if s.Done {
			l.values = nil
		}
		l.values = append(l.values, s.Value)
	case "pass on":
		l.resigned = l.resigned || s.Done
	default:
		if s.Done {
			l.states = nil
		}
		l.states = append(l.states, next)
		if s.Act == "erase" {
			l.erased = s.Persons[0]
		}
	}
}

// listen reads lines until the process is gone; half a line was not said. ready
// is closed at the first.
func listen(r io.Reader, ready chan<- struct{}, hear func(said)) error {
	in := bufio.NewReader(r)
	for first := true; ; first = false {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if first {
			close(ready)
		}
		var s said
		if err := json.Unmarshal(line, &s); err != nil {
			return fmt.Errorf("%w: %s", err, line)
		}
		hear(s)
	}
}

// stateOf is what has become of a member.
func stateOf(h *app.House, ctx context.Context, number string, view, closing access.Scope) (state string, person vault.PersonID, family string, err error) {
	person, err = h.Members.ByNumber(ctx, closing, number)
	if fault.Is(err, fault.NotFound) {
		return "none", 0, "", nil
	}
	if err != nil {
		return "", 0, "", err
	}
	card, err := h.Members.Card(ctx, view, person)
	if err == nil {
		return "visible", person, card.Profile.Family, nil
	}
	if !fault.Is(err, fault.NotFound) {
		return "", person, "", err
	}
	own, err := h.Access.Decide(access.Actor{Person: person, Via: access.System}, access.Want{Self: true})
	if err != nil {
		return "", person, "", err
	}
	self, err := h.Members.Own(ctx, own)
	if err != nil {
		return "", person, "", err
	}
	d, _, err := h.Departures.Of(ctx, closing, person)
	if err != nil || d.State != departure.Hidden {
		return string(d.State), person, "", err
	}
	return "hidden", person, self.Family, nil
}

// oneOf reports whether a value is among those that may be.
func oneOf(value string, may []string) bool { return slices.Contains(may, value) }
