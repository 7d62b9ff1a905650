// Package housetest founds a real house for the tests of whatever stands on
// app: a small party with its secretariat, four associations, their boards and
// members, made through the acts everybody uses, under a clock that stands until
// it is set. It replaces nothing of the house by anything that only looks so.
package housetest

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/charter"
	"kartotek/internal/database/databasetest"
	"kartotek/internal/mail"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Noon is when the clock of a new house stands: a Sunday in November, far from
// midnight in the charter's zone.
var Noon = time.Date(2026, time.November, 22, 11, 0, 0, 0, time.UTC)

// Fixture is an open house and what a test must know of it.
type Fixture struct {
	*app.House
	Config app.Config
	Clock  *Clock
	Bodies map[string]unit.ID        // by code: party, north, south, gentofte, lyngby, odense, abroad
	People map[string]vault.PersonID // by the names of Cast
	Number map[string]string         // their member numbers

	t testing.TB
}

// Option changes how a house is opened.
type Option func(*app.Config)

// At starts the clock at another time.
func At(now time.Time) Option {
	return func(c *app.Config) { c.Now = func() time.Time { return now } }
}

// Mail hands mails to a real server.
func Mail(o mail.Options) Option { return func(c *app.Config) { c.Mail, c.Demo = o, false } }

// Each runs the body as the subtests "sqlite" and "postgresql", each in a house
// of its own.
func Each(t *testing.T, body func(t *testing.T, f *Fixture), options ...Option) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { body(t, New(t, options...)) })
	t.Run("postgresql", func(t *testing.T) { body(t, New(t, append([]Option{PostgreSQL(t)}, options...)...)) })
}

// EachUnder is Each in houses whose charter is the shipped one, edited.
func EachUnder(t *testing.T, edit func(source string) string, body func(t *testing.T, f *Fixture), options ...Option) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { body(t, Under(t, edit, options...)) })
	t.Run("postgresql", func(t *testing.T) { body(t, Under(t, edit, append([]Option{PostgreSQL(t)}, options...)...)) })
}

// Under founds a house with the cast whose charter is the shipped one, edited.
func Under(t testing.TB, edit func(source string) string, options ...Option) *Fixture {
	t.Helper()
	shipped, err := charter.Load("party-dk")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := charter.Parse([]byte(edit(string(shipped.Source()))), "edited")
	if err != nil {
		t.Fatal(err)
	}
	f := found(t, rules, options...)
	f.cast()
	return f
}

// PostgreSQL keeps the register of a new house on a database of the test.
func PostgreSQL(t testing.TB) Option {
	dsn := databasetest.Fresh(t)
	return func(c *app.Config) { c.DSN = dsn }
}

// PostgreSQLAt keeps the register of a new house in a database of a server that
// the test runs itself.
func PostgreSQLAt(dsn string) Option { return func(c *app.Config) { c.DSN = dsn } }

// New founds a house with the cast. It is closed when the test ends.
func New(t testing.TB, options ...Option) *Fixture {
	t.Helper()
	f := Empty(t, options...)
	f.cast()
	return f
}

// Empty founds a house in which there is only its founder.
func Empty(t testing.TB, options ...Option) *Fixture {
	t.Helper()
	rules, err := charter.Load("party-dk")
	if err != nil {
		t.Fatal(err)
	}
	return found(t, rules, options...)
}

func found(t testing.TB, rules *charter.Charter, options ...Option) *Fixture {
	t.Helper()
	dir := t.TempDir()
	f := &Fixture{t: t, Clock: &Clock{now: Noon}, Bodies: map[string]unit.ID{}, People: map[string]vault.PersonID{}, Number: map[string]string{}}
	f.Config = app.Config{
		Data: filepath.Join(dir, "data"), Keys: filepath.Join(dir, "keys"), URL: "https://kartotek.example",
		Mail: mail.Options{From: "post@kartotek.example"}, Demo: true, Log: slog.New(slog.DiscardHandler),
	}
	for _, option := range options {
		option(&f.Config)
	}
	if f.Config.Now != nil {
		f.Clock.Set(f.Config.Now())
	}
	f.Config.Now = f.Clock.Now
	var err error
	f.House, err = app.Found(f.Context(), f.Config, rules, app.Founder{
		Given: "Grete", Family: "Grundlægger", Email: "grete@parti.example", OSUser: "root",
	})
	f.Must(err)
	t.Cleanup(func() {
		if err := f.House.Close(); err != nil {
			t.Errorf("housetest: closing: %v", err)
		}
	})
	f.People["founder"] = f.Founder()
	return f
}

// Founder is who was there first and may do everything.
func (f *Fixture) Founder() vault.PersonID { return f.Access.Employed(charter.Staff)[0] }

// Context is the test's.
func (f *Fixture) Context() context.Context { return context.WithoutCancel(f.t.Context()) }

// Must ends the test on an error.
func (f *Fixture) Must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// As is somebody of the cast, acting through the web.
func (f *Fixture) As(name string) access.Actor {
	f.t.Helper()
	return access.Actor{Person: f.Person(name), Via: access.Web}
}

// Person is somebody of the cast.
func (f *Fixture) Person(name string) vault.PersonID {
	f.t.Helper()
	person := f.People[name]
	if person == 0 {
		f.t.Fatalf("housetest: there is no %s", name)
	}
	return person
}

// Scope decides for somebody of the cast, and ends the test if it is denied.
func (f *Fixture) Scope(name string, w access.Want) access.Scope {
	f.t.Helper()
	scope, err := f.Access.Decide(f.As(name), w)
	f.Must(err)
	return scope
}

// Path is a file in the directory of the house.
func (f *Fixture) Path(elements ...string) string {
	return filepath.Join(append([]string{filepath.Dir(f.Config.Data)}, elements...)...)
}

// Reopen closes the house and opens it again, as a start of the program does.
func (f *Fixture) Reopen() {
	f.t.Helper()
	f.Must(f.House.Close())
	f.Must(f.Open())
}

// Open opens a house that was closed; the error is app's.
func (f *Fixture) Open() error {
	house, err := app.Open(f.Context(), f.Config)
	if err == nil {
		f.House = house
	}
	return err
}

// Clock stands until it is set.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is what the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Add sets the clock forward.
func (c *Clock) Add(d time.Duration) { c.Set(c.Now().Add(d)) }

// Set sets the clock.
func (c *Clock) Set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}
