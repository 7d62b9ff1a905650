package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"kartotek/internal/app"
	"kartotek/internal/fault"
	"kartotek/internal/vault"
)

// keysRotateCommand wraps every key anew under another master key, beside a running
// server too.
type keysRotateCommand struct {
	To              string `placeholder:"file:PATH|credential:NAME|passphrase"`
	NewPassphraseFD int    `name:"new-passphrase-fd" default:"-1" placeholder:"N"`
	DespiteDamage   bool

	passphrase *os.File
}

func (c *keysRotateCommand) check() (key string, args []any) { return wholePath(c.To) }

// wholePath refuses a path that would mean something else to a server.
func wholePath(source string) (key string, args []any) {
	from, err := vault.ParseSource(source)
	if err != nil {
		return "master.error.source", []any{"value", source}
	}
	if from.Kind == vault.FromFile && !filepath.IsAbs(strings.TrimPrefix(source, "file:")) {
		return "master.error.whole_path", []any{"value", source}
	}
	return "", nil
}

// prepare asks for the new passphrase where the command was typed.
func (c *keysRotateCommand) prepare(ctx context.Context, d *desk) error {
	if c.To != string(vault.FromPassphrase) {
		return nil
	}
	text, err := d.asker(c.NewPassphraseFD)(ctx, vault.Asking{New: true, Attempt: 1})
	if err != nil {
		return err
	}
	c.passphrase, err = handOver(text)
	return err
}

func (c *keysRotateCommand) needs() []wish {
	return []wish{{part: "passphrase", file: c.passphrase}}
}

func (c *keysRotateCommand) run(ctx context.Context, d *desk) error {
	source, err := vault.ParseSource(c.To)
	if err != nil {
		return err
	}
	to := vault.Unlock{Source: source}
	given := d.files["passphrase"]
	if given == nil && source.Kind == "" && d.house.Keyring.Standing().Source.Kind == vault.FromPassphrase {
		return fault.New(fault.Invalid, "master.error.say_passphrase")
	}
	if given != nil {
		to.Ask = func(context.Context, vault.Asking) (string, error) { return firstLine(given) }
	}
	before := d.house.Keyring.Standing()
	begun := time.Now()
	done, left, err := d.house.RotateMaster(ctx, to, c.DespiteDamage, d.osUser)
	if err != nil {
		return err
	}
	return d.answer(map[string]any{
		"rotation": done.Number, "keys": done.Keys, "one_offs": done.OneOffs, "damaged": done.Damaged,
		"source": d.house.Keyring.Standing().Source.String(), "shares_ended": len(before.Sets), "old_files": pathsOf(left),
	}, func() {
		d.say("master.rotated", "count", done.Keys, "seconds", d.p.Decimal(time.Since(begun).Seconds(), 1))
		d.say("master.comes_from."+string(d.house.Keyring.Standing().Source.Kind), "name", d.sourceName())
		if done.Damaged > 0 {
			d.say("master.damaged", "count", done.Damaged)
		}
		if before.Source.Kind == vault.FromCredential {
			d.say("master.old_credential", "name", before.Source.Name)
		}
		for _, path := range pathsOf(left) {
			d.say("master.old_file", "path", path)
		}
		if len(before.Sets) > 0 {
			d.say("master.shares_ended")
		}
		d.say("master.print_shares")
	})
}

func pathsOf(left []vault.Retired) []string {
	paths := []string{}
	for _, r := range left {
		paths = append(paths, r.Path)
	}
	return paths
}

// sourceName is the file or credential that the master key lies in.
func (d *desk) sourceName() string {
	s := d.house.Keyring.Standing().Source
	if s.Kind == vault.FromCredential {
		return s.Name
	}
	path, err := s.Path(d.house.Keyring.Path())
	if err != nil {
		return s.Name
	}
	return path
}

// keysShareCommand prints shares of the master key.
type keysShareCommand struct {
	Shares    int    `default:"5" placeholder:"N"`
	Threshold int    `default:"3" placeholder:"N"`
	Output    string `short:"o" required:"" placeholder:"FILE"`
}

func (c *keysShareCommand) needs() []wish {
	return []wish{{part: "output", path: c.Output, write: true}}
}

func (c *keysShareCommand) run(ctx context.Context, d *desk) error {
	before := d.house.Keyring.Standing()
	out := d.files["output"]
	set, err := d.house.PrintShares(ctx, out, c.Shares, c.Threshold, d.osUser)
	if err != nil {
		return err
	}
	if c.Output == "-" { // what is printed went there
		for _, key := range d.alsoValid(before.Sets) {
			fmt.Fprintln(d.errs, key)
		}
		return nil
	}
	if err := out.Sync(); err != nil {
		return err
	}
	return d.answer(map[string]any{"set": set.ID, "shares": set.Shares, "threshold": set.Threshold, "file": c.Output, "also_valid": append([]vault.ShareSet{}, before.Sets...)}, func() {
		d.say("master.shared", "shares", set.Shares, "threshold", set.Threshold, "path", c.Output, "set", set.ID)
		d.say("master.discard", "path", c.Output)
		for _, line := range d.alsoValid(before.Sets) {
			fmt.Fprintln(d.out, line)
		}
	})
}

// alsoValid tells which sets of shares give the key beside the one just printed,
// and what alone ends them: printing anew does not.
func (d *desk) alsoValid(sets []vault.ShareSet) (lines []string) {
	if len(sets) == 0 {
		return nil
	}
	lines = append(lines, d.p.T("master.other_sets", "count", len(sets)))
	for _, set := range sets {
		lines = append(lines, d.setLine(set))
	}
	return append(lines, d.p.T("master.only_rotation"))
}

// setLine is a set of shares that gives the key, with when it was printed.
func (d *desk) setLine(set vault.ShareSet) string {
	return d.p.T("master.set", "set", set.ID, "shares", set.Shares, "threshold", set.Threshold, "at", d.p.DateTime(set.At, d.house.Charter.Location()))
}

// keysDiscardCommand overwrites and removes the file that shares were written to.
type keysDiscardCommand struct {
	File string `arg:"" name:"FILE" type:"path"`
}

func (c *keysDiscardCommand) run(_ context.Context, d *desk) error {
	if err := app.DiscardPrinted(c.File); err != nil {
		return err
	}
	return d.answer(map[string]string{"discarded": c.File}, func() { d.say("master.discarded", "path", c.File) })
}

// keysCheckCommand tells how the master key stands.
type keysCheckCommand struct{ inHouse }

type keysCheckAnswer struct {
	Source    string           `json:"source"`
	Path      string           `json:"path,omitempty"`
	Opens     bool             `json:"opens"`
	Rotation  int64            `json:"rotation"`
	Since     time.Time        `json:"since"`
	Sets      []vault.ShareSet `json:"sets"`
	Arranged  *time.Time       `json:"arranged,omitempty"`
	Secured   bool             `json:"secured"`
	OldFiles  []string         `json:"old_files"`
	Derived   *derivedAnswer   `json:"derivation,omitempty"`
	Near      app.Nearness     `json:"near"`
	Remembers string           `json:"remembers"`
}

type derivedAnswer struct {
	Time    uint32 `json:"time"`
	Memory  uint32 `json:"memory_kib"`
	Threads uint8  `json:"threads"`
}

func (c *keysCheckCommand) run(_ context.Context, d *desk) error {
	k := d.house.Keyring
	s := k.Standing()
	a := keysCheckAnswer{
		Source: k.From().String(), Path: d.house.MasterFile(), Opens: true, Rotation: s.Rotation, Since: s.Since,
		Sets: append([]vault.ShareSet{}, s.Sets...), Secured: s.Secured(), OldFiles: pathsOf(s.Retired), Near: d.house.Nearness(), Remembers: s.Source.String(),
	}
	if !s.Arranged.IsZero() {
		a.Arranged = &s.Arranged
	}
	if v := s.Derivation; v != nil {
		a.Derived = &derivedAnswer{v.Time, v.Memory, v.Threads}
	}
	return d.answer(a, func() { d.printMaster(&a) })
}

func (d *desk) printMaster(a *keysCheckAnswer) {
	zone := d.house.Charter.Location()
	from := d.house.Keyring.From()
	name := a.Path
	if from.Kind == vault.FromCredential {
		name = from.Name
	}
	d.say("master.from."+string(from.Kind), "name", name)
	d.say("master.opens")
	if a.Derived != nil && from.Kind == vault.FromPassphrase {
		d.say("master.derived", "time", a.Derived.Time, "memory", a.Derived.Memory>>10, "threads", a.Derived.Threads)
	}
	if a.Rotation > 0 {
		d.say("master.rotation", "number", a.Rotation, "at", d.p.DateTime(a.Since, zone))
	}
	for _, set := range a.Sets {
		fmt.Fprintln(d.out, d.setLine(set))
	}
	if len(a.Sets) > 1 {
		d.say("master.several_sets", "count", len(a.Sets))
		d.say("master.only_rotation")
	}
	if a.Arranged != nil {
		d.say("master.arranged_at", "at", d.p.DateTime(*a.Arranged, zone))
	}
	if !a.Secured {
		d.say("master.unsecured")
	}
	for _, path := range a.OldFiles {
		d.say("master.old_file", "path", path)
	}
	for _, key := range nearKeys(a.Near) {
		d.say(key)
	}
}

// nearKeys are the warnings about what lies together, the worst of each pair.
func nearKeys(n app.Nearness) (keys []string) {
	switch {
	case n.RegisterAndKeys == app.Directory || n.RegisterAndMaster == app.Directory:
		return []string{"cli.serve.keys_with_data"}
	case n.KeysAndMaster == app.Directory:
		return []string{"cli.serve.master_with_keys"}
	case n.KeysAndMaster == app.FileSystem || n.RegisterAndMaster == app.FileSystem:
		return []string{"master.same_file_system"}
	}
	return nil
}

// keysArrangeCommand declares how the master key is kept safe if not by shares.
type keysArrangeCommand struct {
	inHouse
	asWho
	Grounds string `placeholder:"TEXT"`
	Undo    bool
}

func (c *keysArrangeCommand) check() (key string, args []any) {
	if (c.Grounds == "") != c.Undo {
		return "master.error.arrange", nil
	}
	return "", nil
}

func (c *keysArrangeCommand) run(ctx context.Context, d *desk) error {
	by, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	if err := d.house.Arrange(ctx, by, strings.TrimSpace(c.Grounds)); err != nil {
		return err
	}
	return d.answer(map[string]bool{"secured": d.house.Keyring.Standing().Secured()}, func() {
		if c.Undo {
			d.say("master.arrange_undone")
			return
		}
		d.say("master.arranged_now")
	})
}

// keysMovedCommand tells the keyring where its master key lies now.
type keysMovedCommand struct {
	inHouse
	To        string `arg:"" name:"SOURCE"`
	Recovered bool   `hidden:""`
}

func (c *keysMovedCommand) check() (key string, args []any) { return wholePath(c.To) }

func (c *keysMovedCommand) run(ctx context.Context, d *desk) error {
	to, err := vault.ParseSource(c.To)
	if err != nil {
		return err
	}
	if err := d.house.AdoptMaster(ctx, to, c.Recovered, d.osUser); err != nil {
		return err
	}
	return d.answer(map[string]string{"source": to.String()}, func() { d.say("master.comes_from."+string(to.Kind), "name", d.sourceName()) })
}
