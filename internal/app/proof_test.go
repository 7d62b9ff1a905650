package app_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf16"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
	"kartotek/internal/departure"
	"kartotek/internal/place"
	"kartotek/internal/retention"
	"kartotek/internal/vault"
)

var sponsored = regexp.MustCompile(`(\[joining\.sponsor\]\s+value = )false`)

// The promise as a whole (D7, N14). Persons go through every act the journal has;
// archives, old copies of the register and copies of the keyring are taken in
// between; then they are erased, and
//
//  1. no byte of theirs is in any file: register, write-ahead log, keyring, copy
//     of it, archive opened and unpacked, temporary directory, log;
//  2. with all keys that exist nothing of theirs opens, wherever it lies;
//  3. every archive and every old register, brought back, has them gone;
//  4. everybody else is, record by record, as before.
//
// What there is to look for is taken from the register itself: the records of
// every declared kind, the columns of the schema, the list of acts.
func TestD7GoneMeansGone(t *testing.T) {
	databasetest.Fresh(t) // the server starts in the usual place
	temp, log := t.TempDir(), filepath.Join(t.TempDir(), "kartotek.log")
	t.Setenv("TMPDIR", temp)
	written, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	defer written.Close()
	up := new(atomic.Pointer[func() time.Duration]) // how long the machine has been up
	edit := func(source string) string {
		return closedPages(withWorldwide(unanswered.ReplaceAllString(soonReviewed.ReplaceAllString(sponsored.ReplaceAllString(source, "${1}true"), "${1}7"), "${1}7")))
	}
	housetest.EachUnder(t, edit, func(t *testing.T, f *housetest.Fixture) {
		p := &proof{Fixture: f, t: t, begun: time.Now().Add(-time.Minute), temp: temp, log: log, archives: filepath.Join(t.TempDir(), "archives")}
		begun := f.Clock.Now()
		since := func() time.Duration { return f.Clock.Now().Sub(begun) }
		up.Store(&since)
		p.copied, p.spare = f.Config.KeyCopies[0], f.Config.KeyCopies[1]
		p.members()
		p.keep("after the first acts")
		p.giveUpSpare()
		p.lists()
		p.manyAtOnce()
		p.grants()
		p.publishes()
		p.declares()
		p.discloses()
		p.agrees()
		p.mailings()
		p.consents()
		p.handouts()
		p.audits()
		p.passedOn()
		p.reviews()
		p.audited()
		p.moves()
		p.lapse()
		p.unfetched()
		p.meetings()
		p.applicants()
		p.outside()
		p.offices()
		p.keep("half way")
		p.door()
		p.pays()
		p.papers()
		p.stewards(up)
		p.Clock.Add(24 * time.Hour)
		p.keep("before the erasing")
		before := p.stays(p.House)
		texts, rows := p.texts(), p.sealed(p.DB)
		p.foundBefore(texts, rows)
		p.erase(rows)
		p.seeKept()
		p.rebuild()
		p.keep("afterwards")
		p.wentThrough()

		if now := p.stays(p.House); p.differ(before, now) != "" {
			t.Errorf("the others:\n%s", p.differ(before, now))
		}
		p.gone(p.House, "here")
		p.nothing(texts, rows, "open")
		p.opensNothing(rows, "the register before the erasing")
		f.Must(f.House.Close())
		p.nothingIn(texts, rows, "closed")
		for _, k := range p.kept {
			p.bringBack(k, texts)
		}
		f.Must(f.Open())
	}, func(c *app.Config) {
		c.Log = slog.New(slog.NewJSONHandler(written, nil))
		up.Store(nil)
		c.Machine = &retention.Machine{Boot: "test", Uptime: func() time.Duration {
			if since := up.Load(); since != nil {
				return (*since)()
			}
			return 0
		}}
		c.KeyCopies = []string{filepath.Join(filepath.Dir(c.Data), "copied"), filepath.Join(filepath.Dir(c.Data), "spare")}
	})
}

// proof is a house whose goers go through every act there is.
type proof struct {
	*housetest.Fixture
	t                           *testing.T
	begun                       time.Time
	temp, log, archives, copied string
	spare                       string
	going                       []vault.PersonID // and the applicants, once they are erased
	kept                        []kept
}

// kept is what somebody took away at some time: an archive and the register's
// files as they lay, and what the others had then.
type kept struct {
	when    string
	archive string
	old     app.Config
	stays   map[string][]byte
}

// keep takes an archive, a copy of the register as it lies, and lets the copy of
// the keyring catch up.
func (p *proof) keep(when string) {
	p.t.Helper()
	done := archive(p.Fixture, p.archives)
	p.catchUp()
	k := kept{when: when, archive: done.ID, stays: p.stays(p.House)}
	k.old = p.OldRegister()
	p.kept = append(p.kept, k)
}

func (p *proof) catchUp() {
	p.t.Helper()
	p.Must(p.Copies.Verify(p.Context()))
}

// spare is a second place for copies, which is given up: nothing is left in it.
func (p *proof) giveUpSpare() {
	p.t.Helper()
	ctx := p.Context()
	number := standing(p.t, p.Fixture, p.spare).Number
	p.Must(p.House.Close())
	p.Config.KeyCopies = []string{p.copied}
	p.Must(p.Open())
	p.Must(p.Copies.Sweep(ctx))
	p.Must(p.Copies.GiveUp(ctx, console, number, false))
	if left := housetest.Files(p.t, p.spare); len(left) > 0 {
		p.t.Errorf("left of a copy that was given up: %v", left)
	}
}

// rebuild loses the keyring and makes it anew from its copy.
func (p *proof) rebuild() {
	p.t.Helper()
	p.catchUp()
	p.Must(p.House.Close())
	for _, end := range []string{"", "-wal", "-shm"} {
		p.Must(os.RemoveAll(filepath.Join(p.Config.Keys, "keyring.db"+end)))
	}
	done, err := app.RebuildKeys(p.Context(), p.Config, nil, false, "tester")
	p.Must(err)
	if done.Lost != 0 {
		p.t.Errorf("%d persons were lost with the keyring", done.Lost)
	}
	p.Must(p.Open())
}

// seeKept looks at what the law orders kept of those who have left.
func (p *proof) seeKept() {
	p.t.Helper()
	for _, u := range p.Units.Tree().All() {
		scope, err := p.Departures.Accounts(p.Context(), p.As("dorte"), u.ID)
		p.Must(err)
		_, err = p.Departures.KeptLines(p.Context(), scope, u.ID)
		p.Must(err)
	}
}

// erase takes the goers out, one in many ways after the other.
func (p *proof) erase(rows []row) {
	p.t.Helper()
	ctx, checked := p.Context(), 0
	p.Departures.Keeper = booked{p, p.Departures.Keeper}
	for i, name := range goers {
		person := p.Person(name)
		if name != "again" { // who was merged is leaving already
			_, err := p.Departures.Close(ctx, p.As("anna"), person, "resignation", true)
			p.Must(err)
		}
		if i%3 == 0 { // the window ends by itself
			continue
		}
		e, err := p.Departures.Confirm(ctx, p.As("bo"), person)
		p.Must(err)
		if e.State == departure.Erased && p.Config.DSN == "" { // at once, not when something else sweeps
			mine := slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return r.person != person })
			if held := p.holding(mine); len(held) > 0 {
				p.t.Errorf("%s is erased, and in the files are still %d of %d sealed values", name, len(held), len(mine))
			}
			checked++
		}
		if i == 1 {
			_, err := p.Departures.Fetch(ctx, e.Certificate.Number, e.Certificate.Salt)
			p.Must(err)
		}
	}
	if checked == 0 && p.Config.DSN == "" {
		p.t.Error("nobody was erased at once")
	}
	_, err := p.Backup.Drill(ctx, console, p.archives)
	p.Must(err)
	p.Post()
	// The window ends, a certificate nobody has posted no longer holds anybody back,
	// and the applications of those who were declined are over.
	for range 40 {
		p.Clock.Add(24 * time.Hour)
		_, err := p.Departures.EraseDue(ctx)
		p.Must(err)
		p.Must(p.Joining.Work(ctx))
		p.Must(p.Transfers.Work(ctx))
		p.Must(p.SignIn.Tidy(ctx))
		p.Must(p.News.Ready(ctx))
		p.Must(p.Reports.Ready(ctx))
		p.Must(p.Reports.Count(ctx))
		p.Must(p.Retention.Sweep(ctx, false))
	}
	for _, name := range goers {
		p.going = append(p.going, p.Person(name))
	}
	for person := range gone(p.Keyring) {
		if !slices.Contains(p.going, person) {
			p.going = append(p.going, person)
		}
	}
	open, _, err := p.Departures.Waiting(ctx, p.Scope("anna", access.Want{Act: charter.Close}))
	p.Must(err)
	if len(open) != 0 {
		p.t.Fatalf("not everybody is erased: %+v", open)
	}
	p.catchUp()
}

// booked hands over a payment of the member, for the accounts (L7), beside what
// the dues hand over.
type booked struct {
	p    *proof
	dues departure.Keeper
}

func (b booked) Bookkeeping(_ context.Context, person vault.PersonID) (facts []departure.Fact, err error) {
	if b.dues != nil {
		if facts, err = b.dues.Bookkeeping(b.p.Context(), person); err != nil {
			return nil, err
		}
	}
	if person == b.p.Person("member") {
		facts = append(facts, departure.Fact{
			Unit: b.p.Bodies["gentofte"], Kind: departure.FactPayment, Amount: 10_00, Currency: "DKK", On: b.p.Access.Today(), Voucher: "A-1", Name: "Søren Åge Østergård-Quistorff",
		})
	}
	return facts, nil
}

// gone makes sure that a house knows nothing of the goers.
func (p *proof) gone(h *app.House, where string) {
	p.t.Helper()
	for _, person := range p.going {
		if h.Keyring.Holds(person, vault.Membership) || h.Keyring.Holds(person, vault.Evidence) {
			p.t.Errorf("%s: person %d has a key", where, person)
		}
	}
	for _, table := range p.tables(h.DB) {
		for _, row := range table.rows {
			if slices.Contains(p.going, row.person) && table.name == "record" && row.label.Class != vault.Bookkeeping && !row.label.Class.Ends() {
				p.t.Errorf("%s: a record of kind %d of person %d", where, row.label.Kind, row.person)
			}
		}
	}
	p.Must(errors.Join(h.Keyring.Healthy(), h.Keyring.VerifyLedger(p.Context())))
}

// files is everything that lies anywhere.
func (p *proof) files() []string {
	paths := slices.Concat(housetest.Files(p.t, p.Config.Data), housetest.Files(p.t, p.Config.Keys), housetest.Files(p.t, p.archives),
		housetest.Files(p.t, p.copied), housetest.Files(p.t, p.temp), []string{p.log})
	if p.Config.DSN != "" {
		for _, path := range databasetest.Files(p.t, p.Config.DSN) {
			if info, err := os.Stat(path); err == nil && !info.ModTime().Before(p.begun) {
				paths = append(paths, path) // old log files are others'
			}
		}
	}
	return paths
}

// nothing lets the program itself look for every text, in every way of writing it.
func (p *proof) nothing(texts []string, rows []row, when string) {
	p.t.Helper()
	remains, err := p.Departures.Find(p.Context(), p.Scope("anna", access.Want{Act: charter.Close}), departure.Search{
		Texts: texts, Dirs: p.files(), Mails: p.House.Mail, Letters: p.House.Letters, Mailings: p.House.Mailings,
	})
	p.Must(err)
	for _, place := range remains.Places {
		if place.Kind == departure.Accounts.Name || underAgreement(place.Kind) { // what a law orders kept, until its end (L7, N2)
			continue
		}
		p.t.Errorf("%s: %q stands in %+v", when, texts[place.Text], place)
	}
	if len(remains.Unreadable) > 0 {
		p.t.Errorf("%s: unreadable %+v", when, remains.Unreadable)
	}
	p.nothingIn(texts, rows, when)
}

// nothingIn looks for texts as they were typed, and on SQLite for the sealed bytes.
func (p *proof) nothingIn(texts []string, rows []row, when string) {
	p.t.Helper()
	for _, path := range p.files() {
		content, err := os.ReadFile(path)
		if err != nil {
			continue // PostgreSQL's log moves on
		}
		for _, text := range texts {
			if len(text) > 6 && bytes.Contains(content, []byte(text)) {
				p.t.Errorf("%s: %s holds %q", when, filepath.Base(path), text)
			}
		}
	}
	for at, r := range p.holding(rows) {
		p.t.Errorf("%s: sealed bytes of person %d, column %s: %s", when, r.person, r.column, at)
	}
}

// holding looks for sealed bytes in the files of register, keyring and its copy: on
// SQLite and in the keyring deleted is overwritten. PostgreSQL's heap and log may
// hold bytes that nothing opens.
func (p *proof) holding(rows []row) map[string]row {
	found := map[string]row{}
	for _, path := range slices.Concat(housetest.Files(p.t, p.Config.Data), housetest.Files(p.t, p.Config.Keys), housetest.Files(p.t, p.copied)) {
		content, err := os.ReadFile(path)
		p.Must(err)
		for i, r := range rows {
			head := r.sealed[:min(len(r.sealed), 200)] // a long value lies in pieces
			if bytes.Contains(content, head) {
				found[fmt.Sprint(filepath.Base(path), " value ", i)] = r
			}
		}
	}
	return found
}

// needles are a text in UTF-8 and UTF-16.
func needles(text string) (all [2][]byte) {
	all[0] = []byte(text)
	for _, unit := range utf16.Encode([]rune(text)) {
		all[1] = binary.LittleEndian.AppendUint16(all[1], unit)
	}
	return all
}

// foundBefore makes sure that all of this would be found: the same looking, before.
func (p *proof) foundBefore(texts []string, rows []row) {
	p.t.Helper()
	remains, err := p.Departures.Find(p.Context(), p.Scope("anna", access.Want{Act: charter.Close}), departure.Search{Texts: texts, Mails: p.House.Mail})
	p.Must(err)
	met := map[int]bool{}
	for _, place := range remains.Places {
		met[place.Text] = true
	}
	if len(texts) < 40 || len(met) != len(texts) {
		p.t.Fatalf("of %d texts %d are found before the erasing: %q", len(texts), len(met), texts)
	}
	if opened := p.opens(rows); opened.records < 60 || opened.records != opened.of || opened.once == 0 {
		p.t.Fatalf("before the erasing %+v of %d rows open", opened, len(rows))
	}
	planted := filepath.Join(p.temp, "planted")
	p.Must(os.WriteFile(planted, needles(strings.ToUpper(texts[0]))[1], 0o600))
	remains, err = p.Departures.Find(p.Context(), p.Scope("anna", access.Want{Act: charter.Close}), departure.Search{Texts: texts[:1], Dirs: []string{p.temp}})
	p.Must(errors.Join(err, os.Remove(planted)))
	if !slices.ContainsFunc(remains.Places, func(place departure.Place) bool { return place.File == planted }) {
		p.t.Fatal("a text in a file is not found")
	}
	if p.Config.DSN == "" && len(p.holding(rows)) < len(rows) {
		p.t.Fatalf("of %d sealed values %d are found in the files", len(rows), len(p.holding(rows)))
	}
	p.t.Logf("%d texts, %d sealed values of theirs", len(texts), len(rows))
}

// opensNothing tries all keys there are.
func (p *proof) opensNothing(rows []row, where string) {
	p.t.Helper()
	if opened := p.opens(rows); opened.records+opened.once > 0 || opened.keys == 0 {
		p.t.Errorf("%s: %+v of %d sealed values open", where, opened, len(rows))
	}
}

// bringBack restores an archive and starts on an old register.
func (p *proof) bringBack(k kept, texts []string) {
	p.t.Helper()
	ctx := p.Context()
	// What an archive holds, before anything is deleted again.
	raw := filepath.Join(p.t.TempDir(), "raw.db")
	db, err := database.Open(ctx, database.Options{Path: raw})
	p.Must(err)
	from, err := place.Open(p.archives)
	p.Must(err)
	p.Must(p.Open())
	reader, err := p.Backup.Reader()
	p.Must(err)
	opened, err := reader.Open(ctx, from, k.archive)
	p.Must(err)
	p.Must(reader.Load(ctx, from, opened, db, func(int, int) {}))
	rows := p.sealed(db)
	if k.when != "afterwards" && len(rows) < 20 {
		p.t.Errorf("the archive %s has only %d rows of theirs: nothing is proved", k.when, len(rows))
	}
	p.opensNothing(rows, "the archive "+k.when)
	p.Must(errors.Join(db.Close(), p.House.Close()))
	if found := bytesOf(p.t, raw, texts); found != "" {
		p.t.Errorf("the archive %s, unpacked, holds %q", k.when, found)
	}

	c := elsewhere(p.t, p.Fixture)
	_, err = app.Restore(ctx, c, app.RestoreWish{Source: p.archives, Archive: k.archive, OSUser: "tester"})
	p.Must(err)
	p.back(c, k, "the archive "+k.when)
	old := p.oldRows(k.old)
	p.opensNothing(old, "the old register "+k.when)
	p.back(k.old, k, "the old register "+k.when)
}

// back starts on what was brought back.
func (p *proof) back(c app.Config, k kept, what string) {
	p.t.Helper()
	house, err := app.Open(p.Context(), c)
	if err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
	p.gone(house, what)
	if d := p.differ(k.stays, p.stays(house)); d != "" {
		p.t.Errorf("%s: the others:\n%s", what, d)
	}
	p.Must(house.Close())
}

// bytesOf finds a text in a file.
func bytesOf(t *testing.T, path string, texts []string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		if len(text) > 6 && strings.Contains(string(content), text) {
			return text
		}
	}
	return ""
}
