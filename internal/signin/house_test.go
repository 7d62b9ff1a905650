package signin

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/mail"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

var ctx = context.Background()

// remote is where the visitor of a test comes from.
const remote = "192.0.2.7:50123"

// watch is a clock that stands until it is set.
type watch struct {
	mu  sync.Mutex
	now time.Time
}

func (w *watch) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *watch) add(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// house is a service with what it stands on.
type house struct {
	*Service
	t      *testing.T
	clock  *watch
	demo   bool
	people people
}

// people are the members of a test: they satisfy Persons as app does.
type people map[vault.PersonID]*member

type member struct {
	given string
	birth locale.Date
	shown int // how often the given name was shown
}

func (p people) Candidates(_ context.Context, persons []vault.PersonID) ([]Candidate, error) {
	var list []Candidate
	for _, id := range persons {
		if m := p[id]; m != nil {
			m.shown++
			list = append(list, Candidate{Person: id, Given: m.given, Birth: m.birth.IsValid()})
		}
	}
	return list, nil
}

func (p people) Leaving(vault.PersonID) bool { return false }

// Address is nobody's here, so that the mailbox holds sign-in codes alone.
func (p people) Address(context.Context, vault.PersonID) (email, lang string, err error) {
	return "", "da", nil
}

// Officer and Vouch satisfy Rights: nobody holds anything in this house. What the
// rights do is tried in a whole one (door_test.go).
func (p people) Officer(vault.PersonID) bool { return false }

func (p people) Vouch(context.Context, Voucher, vault.PersonID) (journal.Entry, error) {
	return journal.Entry{}, fault.New(fault.Denied, "signin.error.no_need")
}

func (p people) CheckBirth(_ context.Context, person vault.PersonID, date locale.Date) (bool, error) {
	m := p[person]
	return m != nil && m.birth.IsValid() && m.birth == date, nil
}

// each runs body on both engines.
func each(t *testing.T, body func(h *house)) {
	t.Helper()
	clock := &watch{now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := &house{t: t, clock: clock, people: people{}}
		h.Service = &Service{db: db, keys: ring(t)}
		verifier, err := note.NewVerifier(h.keys.VerifierKey("test"))
		h.must(err)
		h.journal, err = journal.Open(ctx, db, h.keys.Signer("test"), verifier, "test")
		h.must(err)
		t.Cleanup(func() { h.must(h.journal.Close()) })
		h.mail, err = mail.New(db, h.keys, mail.Options{
			From: "post@kartotek.example", Mailbox: true, Unsaid: []string{"Eksempelpartiet"}, Clock: clock.Now,
		})
		h.must(err)
		h.restart()
		body(h)
	}, func(o *database.Options) { o.Clock = clock.Now })
}

func ring(t *testing.T) *vault.Keyring {
	t.Helper()
	keys, err := vault.CreateFrom(ctx, filepath.Join(t.TempDir(), "keyring.db"), vault.Unlock{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = keys.Close() })
	return keys
}

// restart makes the service anew, as a start of the program does: what it held in
// memory is gone.
func (h *house) restart() {
	h.t.Helper()
	var err error
	h.Service, err = New(h.db, h.keys, h.journal, h.mail, Options{
		Link:    func(request string) string { return "https://kartotek.example/signin/" + request },
		Persons: h.people, Demo: h.demo, Clock: h.clock.Now,
		Records: record.New(h.db, h.keys), Rights: h.people, URL: "https://kartotek.example",
	})
	h.must(err)
}

// end is the rule of retention.
func (h *house) end() {
	h.t.Helper()
	_, err := h.End(ctx, h.clock.Now())
	h.must(err)
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// join makes a person with an e-mail address and a member number.
func (h *house) join(email, given string, birth locale.Date) (id vault.PersonID) {
	h.t.Helper()
	h.must(h.keys.Write(ctx, func(tx *vault.Tx) (err error) {
		if id, err = tx.NewPerson(); err != nil {
			return err
		}
		return errors.Join(tx.Claim(vault.ClaimEmail, email, id), tx.Claim(vault.ClaimNumber, number(id), id))
	}))
	h.people[id] = &member{given: given, birth: birth}
	return id
}

func number(id vault.PersonID) string { return strconv.Itoa(10000 + int(id)) }

func (h *house) begin(email string) string {
	h.t.Helper()
	request, err := h.Begin(ctx, email, remote, "da")
	h.must(err)
	return request
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// letter gives the newest mail in the mailbox.
func (h *house) letter() mail.Shown {
	h.t.Helper()
	h.mail.Start()
	defer h.mail.Stop(ctx)
	for range 500 {
		status, err := h.mail.Status(ctx)
		h.must(err)
		if status.Waiting == 0 {
			break
		}
		time.Sleep(2 * time.Millisecond)
	}
	shown, err := h.mail.Mailbox(ctx)
	h.must(err)
	if len(shown) == 0 {
		h.t.Fatal("the mailbox is empty")
	}
	return shown[0]
}

// code gives the code that was sent last.
func (h *house) code() string { return sixDigits.FindString(h.letter().Body) }

// other is a code that is not this one.
func other(code string) string {
	n, _ := strconv.Atoi(code)
	return fmt.Sprintf("%06d", (n+1)%1_000_000)
}

// refused checks code and message key of a refusal.
func (h *house) refused(err error, code fault.Code, key string) {
	h.t.Helper()
	if f := fault.From(err); f == nil || f.Code != code || f.Key != key {
		h.t.Fatalf("got %v, want %s", err, key)
	}
}

// entries gives the journal's newest entries of an act, once it has placed all.
func (h *house) entries(act journal.Act) []journal.Line {
	h.t.Helper()
	for range 500 {
		if h.count("journal_entry") == h.count("journal_position") {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	found, err := h.journal.Recent(ctx, journal.Filter{Act: act}, journal.Page{})
	h.must(err)
	return found.Lines
}

func (h *house) about(person vault.PersonID) int {
	h.t.Helper()
	account, err := h.journal.About(ctx, uint32(person), journal.Page{})
	h.must(err)
	return account.Total
}

func (h *house) count(table string) (n int) {
	h.t.Helper()
	h.must(h.db.Read(ctx, func(q database.Querier) error { return q.QueryRow(`SELECT COUNT(*) FROM ` + table).Scan(&n) }))
	return n
}

func date(year int, month time.Month, day int) locale.Date {
	return locale.Date{Year: year, Month: month, Day: day}
}
