// Package app wires the house: it opens the rooms in the right order, lets them
// know each other through the small interfaces they declare, runs the scheduled
// work and closes everything again. It holds no rule of its own.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/sumdb/note"

	"kartotek/internal/access"
	"kartotek/internal/agreement"
	"kartotek/internal/audit"
	"kartotek/internal/backup"
	"kartotek/internal/charter"
	"kartotek/internal/consent"
	"kartotek/internal/copies"
	"kartotek/internal/database"
	"kartotek/internal/declaration"
	"kartotek/internal/departure"
	"kartotek/internal/directory"
	"kartotek/internal/dues"
	"kartotek/internal/duty"
	"kartotek/internal/extract"
	"kartotek/internal/grant"
	"kartotek/internal/handout"
	"kartotek/internal/hook"
	"kartotek/internal/joining"
	"kartotek/internal/journal"
	"kartotek/internal/letter"
	"kartotek/internal/mail"
	"kartotek/internal/mailing"
	"kartotek/internal/meeting"
	"kartotek/internal/member"
	"kartotek/internal/news"
	"kartotek/internal/notice"
	"kartotek/internal/passing"
	"kartotek/internal/procedure"
	"kartotek/internal/record"
	"kartotek/internal/report"
	"kartotek/internal/retention"
	"kartotek/internal/review"
	"kartotek/internal/round"
	"kartotek/internal/seal"
	"kartotek/internal/signin"
	"kartotek/internal/trace"
	"kartotek/internal/transfer"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Config says where a register lives and how it is reached.
type Config struct {
	Data      string        // directory of the register, its charter and the socket
	Keys      string        // directory of the keyring
	MasterKey string        // where it is, as vault.ParseSource reads it; "" is where the keyring remembers
	Recovered *vault.Master // put together from shares, instead of the one at a place
	// Ask asks whoever opens the register for a passphrase; nil: nobody is there.
	Ask func(ctx context.Context, a vault.Asking) (string, error)

	KeyCopies []string // addresses of places that hold a copy of the keyring, as place.Open reads them
	DSN       string   // PostgreSQL; "" keeps the register in SQLite in Data
	URL       string   // what mails name; without a slash at the end
	Mail      mail.Options
	Proxies   []netip.Prefix     // whose word on where a visitor comes from is believed
	Demo      bool               // mails stay in a mailbox page, sign-in links work
	Now       func() time.Time   // nil is time.Now
	Machine   *retention.Machine // what else the machine knows of time; nil asks it where Now is nil too, and else nothing doubts Now
	Log       *slog.Logger       // nil is slog.Default
	Progress  func(stage string, done, total int)

	Webhooks map[string]hook.Target // by the code of the recipient that members are passed on to (N12); who has none gets files
	Hook     hook.Options           // how they are reached

	Backups []string       // places for archives of the register
	Backup  backup.Options // how they are written; its places are Backups

	schema   string    // on PostgreSQL, while Restore makes a register beside the one that stands
	restored *restored // what Restore tells the start that follows
}

func (c *Config) settle() {
	if c.Now == nil {
		c.Now = time.Now
		if c.Machine == nil {
			c.Machine = machine()
		}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Progress == nil {
		c.Progress = func(string, int, int) {}
	}
}

// Paths of the house's files.
func (c *Config) register() string    { return filepath.Join(c.Data, "register.db") }
func (c *Config) keyring() string     { return filepath.Join(c.Keys, "keyring.db") }
func (c *Config) charterFile() string { return filepath.Join(c.Data, "charter.toml") }

// House is an open register with all its rooms.
type House struct {
	Config
	Charter    *charter.Charter
	DB         *database.DB
	Keyring    *vault.Keyring
	Records    *record.Store
	Journal    *journal.Journal
	Units      *unit.Service
	Members    *member.Directory
	Access     *access.Register
	Duties     *duty.Engine
	Extracts   *extract.Service
	Traces     *trace.Service // of lists found
	Departures *departure.Service
	Copies     *copies.Service // of the keyring
	Dues       *dues.Service
	Transfers  *transfer.Service
	Joining    *joining.Service
	News       *news.Service
	Rounds     *round.Service
	Mail       *mail.Outbox
	Letters    *letter.Service
	SignIn     *signin.Service
	Backup     *backup.Service
	Notices    *notice.Service
	Asking     *signin.Throttle // of certificates, by anybody
	Retention  *retention.Service
	Reports    *report.Service
	Grants     *grant.Service
	Reviews    *review.Service
	Audits     *audit.Service // N13: the yearly audit, and what bodies tell of changes
	Procedures *procedure.Service
	Mailings   *mailing.Service
	Handouts   *handout.Service // requisitions (D5, D13)
	Consents   *consent.Service // informing and consent (N10, L5, L9)
	Meetings   *meeting.Service
	Directory  *directory.Service // privacy pages, closed and open pages (N1, N11, N12)
	Passing    *passing.Service   // to bodies outside (N12)

	Declarations *declaration.Service

	Seal       *seal.Service // on papers of two sides
	Agreements *agreement.Service

	opened bool
	steady *retention.Steady

	told, swept time.Time // when the day's work was last done, and the whole sweep
	closers     []func() error
}

// ErrNoRegister is returned by Open where nothing was founded yet.
var ErrNoRegister = errors.New("app: no register here")

// Open opens an existing register: the keyring replays its ledger, what a stop
// left half done is rolled forward, the index is built. It returns ready to
// serve. Progress is told by stage: "members", done and total.
func Open(ctx context.Context, c Config) (*House, error) {
	c.settle()
	if err := finishRestore(ctx, &c); err != nil {
		return nil, err
	}
	if _, err := os.Stat(c.charterFile()); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrNoRegister, c.Data)
	}
	source, err := os.ReadFile(c.charterFile())
	if err != nil {
		return nil, err
	}
	rules, err := charter.Parse(source, c.charterFile())
	if err != nil {
		return nil, err
	}
	h := &House{Config: c, Charter: rules}
	if err := h.open(ctx); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

func (h *House) open(ctx context.Context) (err error) {
	h.steady = retention.NewSteady(h.Now, h.Machine)
	h.Now = h.steady.Now
	// The register's lock comes first: whoever holds it may touch the keyring.
	if h.DB, err = database.Open(ctx, database.Options{Path: h.register(), DSN: h.DSN, Schema: h.schema, Clock: h.Now}); err != nil {
		return err
	}
	h.closers = append(h.closers, h.DB.Close)
	if err := h.steady.Judge(ctx, h.DB); err != nil {
		return err
	}
	if h.Keyring, err = h.openKeyring(ctx); err != nil {
		return err
	}
	h.Recovered = nil
	h.closers = append(h.closers, h.Keyring.Close)
	h.Records = record.New(h.DB, h.Keyring)
	if err := h.match(ctx); err != nil {
		return err
	}
	verifier, err := note.NewVerifier(h.Keyring.VerifierKey(origin))
	if err != nil {
		return err
	}
	if h.Journal, err = journal.Open(ctx, h.DB, h.Keyring.Signer(origin), verifier, origin); err != nil {
		return err
	}
	h.Journal.Standing = years(h.Charter.Parameters.JournalYears.Value)
	h.closers = append(h.closers, h.Journal.Close)
	if err := h.recordRotation(ctx, ""); err != nil { // one that a stop came after
		return err
	}
	if h.Units, err = unit.New(ctx, h.DB, h.Charter); err != nil {
		return err
	}
	h.Duties = duty.New(h.Charter, h.DB)
	if err := h.takeUp(ctx); err != nil {
		return err
	}
	if err := h.connect(); err != nil {
		return err
	}
	if err := h.openCopies(ctx); err != nil {
		return err
	}
	if err := h.connectBackup(ctx); err != nil {
		return err
	}
	if err := h.load(ctx); err != nil {
		return err
	}
	h.opened = true
	return nil
}

// origin names the register's journal in its checkpoints.
const origin = "kartotek/journal"

// load fills the rooms that keep memory, after what a stop left is done.
func (h *House) load(ctx context.Context) error {
	if err := h.News.Ready(ctx); err != nil { // before any act that makes news
		return err
	}
	if err := h.Departures.Ready(ctx); err != nil { // before any erasure, whose reason is counted
		return err
	}
	if err := h.Reports.Ready(ctx); err != nil { // before any act that is counted
		return err
	}
	if err := h.Departures.Resume(ctx); err != nil {
		return err
	}
	hidden, err := h.Departures.HiddenPersons(ctx)
	if err != nil {
		return err
	}
	if err := h.Members.Load(ctx, hidden, func(done, total int) { h.Progress("members", done, total) }); err != nil {
		return err
	}
	if err := h.Access.Load(ctx, hidden); err != nil {
		return err
	}
	if err := h.Retention.Settle(ctx); err != nil {
		return err
	}
	_, err = h.Journal.Read(ctx, &journal.Entry{Act: journal.Start, Right: string(access.System), Via: string(access.System)})
	return err
}

// Close stops what runs and closes every room, the last opened first.
func (h *House) Close() error {
	var failed []error
	for i := len(h.closers) - 1; i >= 0; i-- {
		failed = append(failed, h.closers[i]())
	}
	h.closers = nil
	return errors.Join(failed...)
}
