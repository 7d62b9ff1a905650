package app

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/document"
	"kartotek/internal/durable"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

// unlock is where the master key comes from, and who is asked.
func (c *Config) unlock() (vault.Unlock, error) {
	from, err := vault.ParseSource(c.MasterKey)
	return vault.Unlock{Source: from, Ask: c.Ask}, err
}

// openKeyring opens the keyring with the master key that was put together from
// shares, or with the one at its place.
func (c *Config) openKeyring(ctx context.Context) (*vault.Keyring, error) {
	if c.Recovered != nil {
		return vault.Open(ctx, c.keyring(), *c.Recovered)
	}
	unlock, err := c.unlock()
	if err != nil {
		return nil, err
	}
	return vault.OpenFrom(ctx, c.keyring(), unlock)
}

// MasterFile is the file the master key came from, "" where it is a passphrase.
func (h *House) MasterFile() string {
	path, err := h.Keyring.From().Path(h.Keyring.Path())
	if err != nil {
		return ""
	}
	return path
}

// RotateMaster wraps every key anew under another master key. The old one's file is
// destroyed once no copy of the keyring needs it; what is left of that is returned.
func (h *House) RotateMaster(ctx context.Context, to vault.Unlock, despite bool, osUser string) (done vault.Rotated, left []vault.Retired, err error) {
	done, err = h.Keyring.Rotate(ctx, to, despite)
	if done.Number == 0 {
		return done, nil, err
	}
	// From here on it has happened, whatever else fails.
	err = errors.Join(err, h.recordRotation(ctx, osUser))
	h.copiesFollow(ctx)
	left, failed := h.destroyRetired(ctx)
	return done, left, errors.Join(err, failed, h.seeToShares(ctx))
}

// recordRotation puts the last rotation on record, also one that a stop came after.
func (h *House) recordRotation(ctx context.Context, osUser string) error {
	s := h.Keyring.Standing()
	if s.Told >= s.Rotation {
		return nil
	}
	e := journal.Entry{Act: journal.Rotate, Right: string(access.System), Via: string(access.Console), OSUser: osUser,
		Number: s.Rotation, Reason: "master.source." + string(s.Source.Kind)}
	if osUser == "" {
		e.Via = string(access.System)
	}
	if _, err := h.Journal.Read(ctx, &e); err != nil {
		return err
	}
	return h.Keyring.RotationTold(ctx, s.Rotation)
}

// destroyRetired destroys the files of master keys of before, unless a copy of the
// keyring may still be under one.
func (h *House) destroyRetired(ctx context.Context) ([]vault.Retired, error) {
	s := h.Keyring.Standing()
	if len(s.Retired) == 0 {
		return nil, nil
	}
	if !h.copiesCurrent() {
		return s.Retired, nil
	}
	return h.Keyring.DestroyRetired(ctx)
}

// copiesCurrent reports whether every copy of the keyring is under the master key
// of now: each has confirmed the rotation, and that nothing of before lies beside.
func (h *House) copiesCurrent() bool {
	rotated := h.Keyring.Standing().Revision
	for _, s := range h.Copies.Copies.States() {
		if s.ConfirmedAt.IsZero() || s.Revision < rotated {
			return false
		}
	}
	return true
}

// copiesFollow gives the copies a moment to go over to another master key.
func (h *House) copiesFollow(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, awaitWithin)
	defer cancel()
	if err := h.Copies.Copies.CatchUp(ctx); err != nil {
		h.Log.Warn("a copy of the keyring is still under the master key of before", "error", err)
	}
}

// The duty to print shares is about the one keyring there is.
const (
	theKeyring = 1
	sharesDays = 14 // within which a new master key gets its shares
)

// seeToShares opens the duty to secure the master key, or closes it.
func (h *House) seeToShares(ctx context.Context) error {
	s := h.Keyring.Standing()
	return h.DB.Write(ctx, func(tx *database.Tx) error {
		_, open, err := h.Duties.OpenAbout(tx, duty.KeyShares, theKeyring)
		if err != nil || open != s.Secured() {
			return err
		}
		if open {
			_, err = h.Duties.Finish(tx, duty.KeyShares, theKeyring, 0, "done")
			return err
		}
		if h.Demo { // a demo is thrown away
			return nil
		}
		_, err = h.Duties.Add(tx, duty.Duty{Kind: duty.KeyShares, Subject: theKeyring, Act: charter.Staff.String(),
			DueOn: h.Charter.Today(tx.Now()).AddDays(sharesDays)})
		return err
	})
}

// PrintShares splits the master key into shares, one a page. It is on record before
// the first byte leaves.
func (h *House) PrintShares(ctx context.Context, w io.Writer, shares, threshold int, osUser string) (set vault.ShareSet, err error) {
	rotation := h.Keyring.Standing().Rotation
	set, all, err := h.Keyring.Split(shares, threshold)
	if errors.Is(err, vault.ErrShareNumbers) {
		return set, fault.New(fault.Invalid, "master.error.numbers", "most", vault.MostShares)
	}
	if err != nil {
		return set, err
	}
	e := journal.Entry{Act: journal.Shares, Right: string(access.System), Via: string(access.Console), OSUser: osUser,
		Number: int64(shares), Reason: "master.shares"}
	if _, err := h.Journal.Read(ctx, &e); err != nil {
		return set, err
	}
	p := h.Charter.Printer(h.Charter.Languages[0])
	now := h.Now()
	out := document.NewShares(w, document.PDFOptions{Title: p.T("master.sheet.title"), Language: p.Lang(), Time: now})
	for i := range all {
		s := &all[i]
		rows := s.Rows()
		err := out.Write(document.ShareSheet{
			Owner: h.Charter.Name.In(p.Lang()), Title: p.T("master.sheet.title"),
			Lead:    p.T("master.sheet.lead", "threshold", threshold, "shares", shares),
			Facts:   [][2]string{{p.T("master.sheet.number"), p.T("master.sheet.of", "number", s.Number(), "shares", shares)}, {p.T("master.sheet.threshold"), p.Number(threshold)}, {p.T("master.sheet.set"), s.Set()}, {p.T("master.sheet.date"), p.Date(h.Charter.Today(now))}},
			Holder:  p.T("master.sheet.holder"),
			Rows:    rows[:],
			Typed:   p.T("master.sheet.typed"),
			Code:    s.Text(),
			Scanned: p.T("master.sheet.scanned"),
			Advice: []string{p.T("master.sheet.keep"), p.T("master.sheet.never"),
				p.T("master.sheet.use", "threshold", threshold), p.T("master.sheet.end")},
			Footer: p.T("master.sheet.footer", "set", s.Set(), "number", s.Number()),
		})
		if err != nil {
			return set, err
		}
	}
	if err := out.Close(); err != nil {
		return set, err
	}
	if err := h.Keyring.Shared(ctx, set, rotation); err != nil {
		return set, err
	}
	return set, h.seeToShares(ctx)
}

// Arrange notes that the master key is kept safe in another way than by shares, on
// these grounds; without grounds that this is no longer so.
func (h *House) Arrange(ctx context.Context, by access.Actor, grounds string) error {
	scope, err := h.Access.Require(ctx, by, access.Want{Act: charter.Staff})
	if err != nil {
		return err
	}
	if n := len([]rune(grounds)); grounds != "" && (n < leastGrounds || n > mostGrounds) {
		return fault.New(fault.Invalid, "fault.invalid").With("grounds", "master.error.grounds", "least", leastGrounds, "most", mostGrounds)
	}
	e := scope.Entry(journal.Shares)
	e.Reason = "master.arranged"
	if grounds == "" {
		e.Reason = "master.disarranged"
	}
	if _, err := h.Journal.Read(ctx, &e); err != nil {
		return err
	}
	if err := h.Keyring.Arrange(ctx, grounds); err != nil {
		return err
	}
	return h.seeToShares(ctx)
}

const leastGrounds, mostGrounds = 10, 1000

// AdoptMaster notes that the master key lies in another place: where shares were
// put together, or whoever runs the machine has moved it.
func (h *House) AdoptMaster(ctx context.Context, from vault.Source, recovered bool, osUser string) error {
	if err := h.Keyring.Adopt(ctx, from); err != nil {
		return err
	}
	e := journal.Entry{Act: journal.MasterKey, Right: string(access.System), Via: string(access.Console), OSUser: osUser,
		Reason: "master.moved", Number: h.Keyring.Standing().Rotation}
	if recovered {
		e.Reason = "master.recovered"
	}
	_, err := h.Journal.Read(ctx, &e)
	return err
}

// MasterFits reports, by ErrWrongMaster, whether a master key opens the keyring. It
// only looks, beside a running server too.
func MasterFits(ctx context.Context, c Config, m vault.Master) error {
	c.settle()
	return vault.Fits(ctx, c.keyring(), m)
}

// Standing reports whether a register stands where c says.
func Standing(c Config) bool {
	_, err := os.Stat(c.charterFile())
	return err == nil
}

// DiscardPrinted overwrites and removes a PDF that shares were written to.
func DiscardPrinted(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	head := make([]byte, 5)
	_, err = io.ReadFull(file, head)
	if err := errors.Join(err, file.Close()); (err != nil || string(head) != "%PDF-") && !durable.IsBlank(path) { // a stop may have come between
		return fault.New(fault.Invalid, "master.error.no_pdf")
	}
	return durable.Destroy(path)
}

// Nearness says how near to one another register, keyring and master key lie: who
// gets two of them by one accident or one theft.
type Nearness struct {
	RegisterAndKeys, RegisterAndMaster, KeysAndMaster Near
}

// Near is how near two files lie.
type Near string

const (
	Apart      Near = "apart"
	FileSystem Near = "file_system"
	Directory  Near = "directory"
)

// Nearness looks where the files lie. A passphrase lies nowhere; a credential lies
// where systemd keeps it, which is memory.
func (h *House) Nearness() Nearness {
	n := Nearness{Apart, Apart, Apart}
	data, keys := h.Data, h.Keys
	if h.DSN == "" {
		n.RegisterAndKeys = near(data, keys)
	}
	if from := h.Keyring.From(); from.Kind == vault.FromFile {
		master := filepath.Dir(h.MasterFile())
		n.KeysAndMaster = near(keys, master)
		if h.DSN == "" {
			n.RegisterAndMaster = near(data, master)
		}
	}
	return n
}

func near(a, b string) Near {
	one, err1 := os.Stat(a)
	other, err2 := os.Stat(b)
	switch {
	case err1 != nil || err2 != nil:
		return Apart
	case os.SameFile(one, other):
		return Directory
	case sameFileSystem(one, other):
		return FileSystem
	}
	return Apart
}
