package member

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// house is a small party: two regions' worth of associations, a secretariat of
// one, whoever a test adds.
type house struct {
	t         testing.TB
	db        *database.DB
	keyring   *vault.Keyring
	master    vault.Master
	records   *record.Store
	journal   *journal.Journal
	units     *unit.Service
	rights    *access.Register
	directory *Directory

	party, north, south unit.ID
	staff               vault.PersonID
}

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

type noRecorder struct{}

func (noRecorder) RecordUnit(*database.Tx, []unit.Change) error { return nil }

// onBoth runs a test in a house on either engine.
func onBoth(t *testing.T, body func(h *house)) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) { body(build(t, db)) }, atNow)
}

func atNow(o *database.Options) { o.Clock = func() time.Time { return now } }

func build(t testing.TB, db *database.DB) *house {
	t.Helper()
	h := &house{t: t, db: db}
	dir := t.TempDir()
	h.keyring = got(vault.CreateFrom(t.Context(), filepath.Join(dir, "keyring.db"), vault.Unlock{}))(t)
	h.master = got(vault.LoadMaster(filepath.Join(dir, "master.key")))(t)
	t.Cleanup(func() { h.keyring.Close() })
	h.records = record.New(db, h.keyring)
	verifier := got(note.NewVerifier(h.keyring.VerifierKey("test")))(t)
	h.journal = got(journal.Open(t.Context(), db, h.keyring.Signer("test"), verifier, "test"))(t)
	t.Cleanup(func() { h.journal.Close() })
	rules := got(charter.Load("party-dk"))(t)
	h.units = got(unit.New(t.Context(), db, rules))(t)
	h.party = h.unit("national", "partiet", 0)
	region := h.unit("region", "omegn", h.party)
	h.north, h.south = h.unit("local", "nord", region), h.unit("local", "syd", region)
	h.open()
	h.staff = got(h.directory.Found(t.Context(), "root", Draft{Values: map[string]string{"given": "Sekre", "family": "Tær", "email": "s@example.dk"}}))(t)
	must(t, h.rights.Found(t.Context(), "root", h.staff, access.Position{Code: "member-service", From: day, Ground: "test"}))
	return h
}

// open makes directory and rights anew over what stands, as a start does.
func (h *house) open() {
	rules := got(charter.Load("party-dk"))(h.t)
	clock := func() time.Time { return now }
	h.directory = New(Parts{Charter: rules, DB: h.db, Keyring: h.keyring, Records: h.records, Journal: h.journal, Units: h.units, Now: clock})
	h.rights = access.New(rules, h.db, h.records, h.journal, h.units, h.directory, clock)
	must(h.t, h.directory.Load(context.Background(), nil, nil))
	must(h.t, h.rights.Load(context.Background(), nil))
}

func (h *house) unit(level, code string, parent unit.ID) unit.ID {
	return got(h.units.Add(context.Background(), noRecorder{}, unit.Draft{Parent: parent, Level: level, Code: code, Name: code}))(h.t).ID
}

// may is the Scope of the secretariat for an act.
func (h *house) may(act charter.Acts) access.Scope { return h.scope(h.staff, access.Want{Act: act}) }

func (h *house) scope(person vault.PersonID, w access.Want) access.Scope {
	h.t.Helper()
	return got(h.rights.Decide(access.Actor{Person: person, Via: access.Web}, w))(h.t)
}

func (h *house) self(person vault.PersonID) access.Scope {
	return h.scope(person, access.Want{Self: true})
}

// add makes a member of a body.
func (h *house) add(body unit.ID, pairs ...string) vault.PersonID {
	h.t.Helper()
	values := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	person, _, err := h.directory.Create(h.t.Context(), h.may(charter.Create), Draft{Values: values, Unit: body})
	must(h.t, err)
	return person
}

// officer makes a member of a body its membership officer.
func (h *house) officer(person vault.PersonID, body unit.ID) {
	h.t.Helper()
	got(h.rights.Appoint(h.t.Context(), access.Actor{Person: h.staff, Via: access.Web}, person,
		access.Appointment{Unit: body, Post: "membership-officer", From: day, Until: day.AddDays(700), Ground: "test"}))(h.t)
}

// entries counts the journal's entries about a person of an act.
func (h *house) entries(person vault.PersonID, act journal.Act) int {
	h.t.Helper()
	n := 0
	for _, line := range got(h.journal.About(h.t.Context(), uint32(person), journal.Page{Limit: 1000}))(h.t).Lines {
		if line.Act == act {
			n++
		}
	}
	return n
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// got is must for calls that give a value too: got(f())(t).
func got[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		must(t, err)
		return v
	}
}

func sqlite(t testing.TB) *database.DB { return databasetest.SQLite(t, atNow) }
