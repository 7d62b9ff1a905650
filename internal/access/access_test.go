package access

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/golang-sql/civil"
	"golang.org/x/mod/sumdb/note"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// world is a register of rights over both databases, with the time and the
// members a test says.
type world struct {
	*Register
	t       *testing.T
	keyring *vault.Keyring
	clock   *watch
	count   map[unit.ID]int
	belongs map[vault.PersonID]unit.ID
	passive map[vault.PersonID]bool
	bodies  map[string]unit.ID
}

func (w *world) Count(id unit.ID) int { return w.count[id] }

func (w *world) Belongs(p vault.PersonID, id unit.ID) bool { return w.belongs[p] == id }

func (w *world) MayHold(p vault.PersonID, id unit.ID) bool { return !w.passive[p] }

type silent struct{}

func (silent) RecordUnit(*database.Tx, []unit.Change) error { return nil }

// each runs body on both engines in a party with two regions: north with
// gentofte (312 members) and lyngby (168), and south with tiny (12).
func each(t *testing.T, body func(t *testing.T, w *world)) {
	rules := must(charter.Load("party-dk"))(t)
	clock := &watch{}
	databasetest.Each(t, func(t *testing.T, db *database.DB) { build(t, rules, db, clock, body) }, clock.option)
}

// watch is the clock of a world and of its database; it stands until it is set.
// The journal signs in the background by it, so it may be read at any time.
type watch struct {
	mu  sync.Mutex
	now time.Time
}

func (c *watch) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *watch) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = at
}

func (c *watch) addDays(n int) { c.set(c.Now().AddDate(0, 0, n)) }

func (c *watch) option(o *database.Options) { c.set(begin); o.Clock = c.Now }

// begin is when a world begins.
var begin = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// eachOnSQLite is for what does not depend on the engine.
func eachOnSQLite(t *testing.T, body func(w *world)) {
	clock := &watch{}
	build(t, must(charter.Load("party-dk"))(t), databasetest.SQLite(t, clock.option), clock, func(_ *testing.T, w *world) { body(w) })
}

func build(t *testing.T, rules *charter.Charter, db *database.DB, clock *watch, body func(t *testing.T, w *world)) {
	keyring := must(vault.CreateFrom(t.Context(), filepath.Join(t.TempDir(), "keyring.db"), vault.Unlock{}))(t)
	t.Cleanup(func() { keyring.Close() })
	verifier := must(note.NewVerifier(keyring.VerifierKey("test")))(t)
	j := must(journal.Open(t.Context(), db, keyring.Signer("test"), verifier, "test"))(t)
	t.Cleanup(func() { j.Close() })
	units := must(unit.New(t.Context(), db, rules))(t)
	w := &world{
		t: t, keyring: keyring, clock: clock,
		count: map[unit.ID]int{}, belongs: map[vault.PersonID]unit.ID{}, bodies: map[string]unit.ID{},
	}
	for _, d := range []struct{ level, code, parent string }{
		{"national", "party", ""}, {"region", "north", "party"}, {"region", "south", "party"},
		{"local", "gentofte", "north"}, {"local", "lyngby", "north"}, {"local", "tiny", "south"},
	} {
		u := must(units.Add(t.Context(), silent{}, unit.Draft{Level: d.level, Code: d.code, Name: d.code, Parent: w.bodies[d.parent]}))(t)
		w.bodies[d.code] = u.ID
	}
	w.count[w.bodies["gentofte"]], w.count[w.bodies["lyngby"]], w.count[w.bodies["tiny"]] = 312, 168, 12
	w.Register = New(rules, db, record.New(db, keyring), j, units, w, clock.Now)
	if err := w.Load(t.Context(), nil); err != nil { // as every start does
		t.Fatal(err)
	}
	body(t, w)
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// person makes somebody who is a member of a body, or of none.
func (w *world) person(body string) vault.PersonID {
	w.t.Helper()
	var p vault.PersonID
	if err := w.keyring.Write(w.t.Context(), func(tx *vault.Tx) (err error) {
		p, err = tx.NewPerson()
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	w.belongs[p] = w.bodies[body]
	return p
}

func (w *world) staff(position string) vault.PersonID {
	w.t.Helper()
	p := w.person("")
	ground := Position{Code: position, From: date(2020, 1, 1), Ground: "keeps the register; trusted since 2020"}
	must(w.employ(w.t.Context(), journal.Entry{Act: journal.Staff, Right: string(System)}, p, ground))(w.t)
	return p
}

func (w *world) appoint(by, who vault.PersonID, post, body string, until civil.Date) error {
	_, err := w.Appoint(w.t.Context(), Actor{Person: by, Via: Web}, who,
		Appointment{Unit: w.bodies[body], Post: post, From: date(2026, 3, 1), Until: until, Ground: "elected"})
	return err
}

func (w *world) may(p vault.PersonID, act charter.Acts, body string) string {
	_, err := w.Decide(Actor{Person: p}, Want{Act: act, Unit: w.bodies[body]})
	if err == nil {
		return ""
	}
	return fault.From(err).Key
}

func date(y int, m time.Month, d int) civil.Date { return civil.Date{Year: y, Month: m, Day: d} }

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func TestD8D11ThreePostsGiveAccessToTheirOwnAssociation(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		boss := w.staff("member-service")
		for _, post := range []string{"chair", "membership-officer", "treasurer"} {
			p := w.person("gentofte")
			expect(t, post+" before", w.may(p, charter.View, "gentofte"), "access.denied.none")
			if err := w.appoint(boss, p, post, "gentofte", civil.Date{}); err != nil {
				t.Fatal(err)
			}
			expect(t, post, w.may(p, charter.View, "gentofte"), "")
			expect(t, post+" elsewhere", w.may(p, charter.View, "lyngby"), "access.denied.body")
			expect(t, post+" everywhere", w.may(p, charter.View, "party"), "access.denied.body")
			expect(t, post+" closing", w.may(p, charter.Close, "gentofte"), "access.denied.act")
			expect(t, "a second "+post, fault.From(w.appoint(boss, w.person("gentofte"), post, "gentofte", civil.Date{})).Key, "access.error.seat_taken")
		}
		expect(t, "a stranger", fault.From(w.appoint(boss, w.person("lyngby"), "chair", "tiny", civil.Date{})).Fields[0].Key, "access.error.not_a_member")
	})
}

func TestD10ExtraOfficerAboveTwoHundred(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		boss := w.staff("member-service")
		if err := w.appoint(boss, w.person("gentofte"), "extra-membership-officer", "gentofte", civil.Date{}); err != nil {
			t.Error(err)
		}
		err := fault.From(w.appoint(boss, w.person("lyngby"), "extra-membership-officer", "lyngby", civil.Date{}))
		expect(t, "168 members", err.Key, "access.error.too_few_members")
		w.count[w.bodies["lyngby"]] = 200
		err = fault.From(w.appoint(boss, w.person("lyngby"), "extra-membership-officer", "lyngby", civil.Date{}))
		expect(t, "200 members", err.Key, "access.error.too_few_members")
		w.count[w.bodies["lyngby"]] = 201
		if err := w.appoint(boss, w.person("lyngby"), "extra-membership-officer", "lyngby", civil.Date{}); err != nil {
			t.Errorf("201 members: %v", err)
		}
	})
}

func TestD13RegionHasNoAccess(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.person("gentofte")
		if err := w.appoint(w.staff("member-service"), p, "regional-chair", "north", civil.Date{}); err != nil {
			t.Fatal(err)
		}
		for _, body := range []string{"north", "gentofte", "party", ""} {
			expect(t, "in "+body, w.may(p, charter.View, body), "access.denied.act")
		}
	})
}

// Access ends with the last day of the term, at midnight in the charter's zone.
func TestAccessEndsWithTheTerm(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.person("gentofte")
		if err := w.appoint(w.staff("member-service"), p, "chair", "gentofte", date(2026, 11, 22)); err != nil {
			t.Fatal(err)
		}
		zone := w.charter.Location()
		for _, at := range []struct {
			when time.Time
			want string
		}{
			{time.Date(2026, 2, 28, 23, 59, 59, 0, zone), "access.denied.term"},
			{time.Date(2026, 3, 1, 0, 0, 0, 0, zone), ""},
			{time.Date(2026, 11, 22, 23, 59, 59, 0, zone), ""},
			{time.Date(2026, 11, 23, 0, 0, 0, 0, zone), "access.denied.term"},
		} {
			w.clock.set(at.when)
			expect(t, at.when.String(), w.may(p, charter.View, "gentofte"), at.want)
		}
	})
}

func TestD4StaffNeedsPositionAndGround(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		it := w.staff("it")
		p := w.person("")
		actor := Actor{Person: it, Via: Web}
		_, err := w.Employ(t.Context(), actor, p, Position{Code: "member-service", From: date(2026, 1, 1)})
		expect(t, "no ground", fault.From(err).Fields[0].Key, "access.error.ground_missing")
		_, err = w.Employ(t.Context(), actor, it, Position{Code: "member-service", From: date(2026, 1, 1), Ground: "g"})
		expect(t, "to oneself", fault.From(err).Key, "access.denied.own")
		id := must(w.Employ(t.Context(), actor, p, Position{Code: "member-service", From: date(2026, 1, 1), Ground: "g"}))(t)
		expect(t, "employed", w.may(p, charter.Close, ""), "")
		if err := w.EndPosition(t.Context(), actor, p, id, date(2026, 11, 21)); err != nil {
			t.Fatal(err)
		}
		expect(t, "ended", w.may(p, charter.Close, ""), "access.denied.term")
	})
}

// Two positions are worn together; a post is not worn with them.
func TestD4PositionsAreWornTogether(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		boss, it := w.staff("member-service"), w.staff("it")
		second := must(w.Employ(t.Context(), Actor{Person: it}, boss, Position{Code: "it", From: date(2020, 1, 1), Ground: "g"}))(t)
		first := w.Held(boss)[0].Basis.ID
		for _, as := range []uint64{first, second} {
			for act, want := range map[charter.Acts]string{charter.Close: "member-service", charter.Staff: "it"} {
				scope, err := w.Decide(Actor{Person: boss, As: as}, Want{Act: act})
				if err != nil || scope.Basis().Code != want || !scope.All() {
					t.Errorf("wearing %d, %s: by %q, %v", as, act, scope.Basis().Code, err)
				}
			}
		}
		w.belongs[boss] = w.bodies["gentofte"]
		if err := w.appoint(it, boss, "chair", "gentofte", civil.Date{}); err != nil {
			t.Fatal(err)
		}
		var post uint64
		for _, h := range w.Held(boss) {
			if h.Basis.Right == ByPost {
				post = h.Basis.ID
			}
		}
		if _, err := w.Decide(Actor{Person: boss, As: post}, Want{Act: charter.Close}); !fault.Is(err, fault.Denied) {
			t.Errorf("closing as a chair: %v", err)
		}
	})
}

func TestD3HoldersAndWhoSees(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		boss := w.staff("member-service")
		chair, officer := w.person("gentofte"), w.person("lyngby")
		for _, err := range []error{
			w.appoint(boss, chair, "chair", "gentofte", date(2027, 3, 31)),
			w.appoint(boss, officer, "membership-officer", "lyngby", date(2027, 3, 31)),
			w.appoint(boss, chair, "regional-chair", "north", date(2027, 3, 31)),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		all, err := w.Decide(Actor{Person: boss}, Want{Act: charter.Access})
		if err != nil {
			t.Fatal(err)
		}
		if got := must(w.Holders(all))(t); len(got) != 3 || got[0].Person != boss || got[0].Ground == "" {
			t.Errorf("the secretariat sees %+v", got)
		}
		own, err := w.Decide(Actor{Person: chair}, Want{Act: charter.Access})
		if err != nil {
			t.Fatal(err)
		}
		if got := must(w.Holders(own))(t); len(got) != 1 || got[0].Person != chair {
			t.Errorf("the chair sees %+v", got)
		}
		if _, err := w.Holders(Scope{}); !fault.Is(err, fault.Denied) {
			t.Errorf("the zero Scope: %v", err)
		}
		member := w.person("lyngby")
		self, err := w.Decide(Actor{Person: member}, Want{Self: true})
		if err != nil {
			t.Fatal(err)
		}
		got := must(w.WhoSees(self, []unit.ID{w.bodies["lyngby"]}))(t)
		if len(got) != 2 || got[0].Person != boss || got[1].Person != officer {
			t.Errorf("a member of lyngby is seen by %+v", got)
		}
		if got := must(w.WhoSees(self, nil))(t); len(got) != 1 || got[0].Person != boss {
			t.Errorf("a member without association is seen by %+v", got)
		}
	})
}

func TestLoadAndSuspend(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.person("gentofte")
		if err := w.appoint(w.staff("member-service"), p, "chair", "gentofte", date(2027, 3, 31)); err != nil {
			t.Fatal(err)
		}
		again := New(w.charter, w.db, w.records, w.journal, w.units, w, w.now)
		may := func() string {
			_, err := again.Decide(Actor{Person: p}, Want{Act: charter.View})
			if err == nil {
				return ""
			}
			return fault.From(err).Key
		}
		expect(t, "before loading", may(), "access.denied.none")
		if err := again.Load(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		expect(t, "loaded", may(), "")
		suspend := func() {
			t.Helper()
			if err := again.db.Write(t.Context(), func(tx *database.Tx) error { return again.Suspend(tx, p) }); err != nil {
				t.Fatal(err)
			}
		}
		suspend()
		expect(t, "suspended", may(), "access.denied.none")
		again.Refresh()
		expect(t, "suspended and refreshed", may(), "access.denied.none")
		if err := again.db.Write(t.Context(), func(tx *database.Tx) error { return again.Restore(tx, p) }); err != nil {
			t.Fatal(err)
		}
		expect(t, "restored", may(), "")
	})
}

// A denial is on record before it is told.
func TestDenialsAreJournaled(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.person("gentofte")
		if _, err := w.Require(t.Context(), Actor{Person: p, Via: Web}, Want{Act: charter.Pull}); !fault.Is(err, fault.Denied) {
			t.Fatal(err)
		}
		lines := 0
		for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) { // sequenced within 200 ms on PostgreSQL
			log, err := w.journal.Recent(t.Context(), journal.Filter{}, journal.Page{})
			if err != nil {
				t.Fatal(err)
			}
			if lines = len(log.Lines); lines == 1 || time.Now().After(deadline) {
				break
			}
		}
		log, err := w.journal.Recent(t.Context(), journal.Filter{}, journal.Page{})
		if err != nil || lines != 1 {
			t.Fatalf("%d lines, %v", lines, err)
		}
		if l := log.Lines[0]; l.Act != journal.Denied || l.Actor != uint32(p) || l.Reason != "access.denied.none" {
			t.Errorf("journaled %+v", l)
		}
	})
}
