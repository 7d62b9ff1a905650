package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"kartotek/internal/app"
	"kartotek/internal/demo"
	"kartotek/internal/fault"
	"kartotek/internal/vault"
)

type demoCommand struct {
	Members int    `placeholder:"N"`
	Charter string `default:"party-dk" placeholder:"NAME"`
	Seed    uint64 `default:"1" placeholder:"N"`
	NoServe bool
	Fresh   bool
}

// demoMark is the file in the data directory that says a register is invented:
// its links work, its mails stay in a page, and it may be thrown away.
const demoMark = "demo"

func isDemo(data string) bool {
	_, err := os.Stat(filepath.Join(data, demoMark))
	return err == nil
}

func (c *demoCommand) run(ctx context.Context, d *desk) (err error) {
	config, err := d.grammar.config(d)
	if err != nil {
		return err
	}
	config.Demo, config.Mail.Host = true, ""
	if err := c.makeRoom(ctx, config); err != nil {
		return err
	}
	var s *server
	if !c.NoServe {
		if s, err = d.listen(d.grammar.Listen); err != nil {
			return err
		}
		defer s.stop()
		config.URL = d.grammar.address(s.listener.Addr().String())
	}
	house, logins, err := c.build(ctx, d, config)
	if err != nil {
		return err
	}
	if c.NoServe {
		return errors.Join(d.printLogins(ctx, house, logins), house.Close())
	}
	return s.serve(ctx, d, house, func() error { return d.printLogins(ctx, house, logins) })
}

// makeRoom refuses where a register stands, unless it is a demo and may go.
func (c *demoCommand) makeRoom(ctx context.Context, config app.Config) error {
	_, err := os.Stat(filepath.Join(config.Data, "charter.toml"))
	switch {
	case errors.Is(err, fs.ErrNotExist) && !isDemo(config.Data):
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	case !isDemo(config.Data):
		return fault.New(fault.Conflict, "cli.error.demo_real")
	case !c.Fresh:
		return fault.New(fault.Conflict, "cli.error.demo_there")
	case config.DSN != "":
		return fault.New(fault.Conflict, "cli.error.demo_database")
	}
	// Whoever has it open keeps it. What else is wrong with it does not matter.
	house, err := app.Open(ctx, config)
	if app.Held(err) {
		return err
	}
	if err == nil {
		if err := house.Close(); err != nil {
			return err
		}
	}
	return discard(config)
}

// build makes the demo; what a stop left half made goes again.
func (c *demoCommand) build(ctx context.Context, d *desk, config app.Config) (*app.House, []demo.Login, error) {
	if err := os.MkdirAll(config.Data, 0o700); err != nil {
		return nil, nil, err
	}
	if err := os.WriteFile(filepath.Join(config.Data, demoMark), []byte(d.p.T("cli.demo.mark")+"\n"), 0o600); err != nil {
		return nil, nil, err
	}
	line := d.progress()
	config.Progress = line.tell
	house, logins, err := demo.Build(ctx, config, demo.Options{Members: c.Members, Charter: c.Charter, Seed: c.Seed, Lang: d.p.Lang()})
	line.clear()
	if err != nil && !fault.Is(err, fault.Conflict) { // a conflict: keys of a register that is not ours stand there
		err = errors.Join(err, discard(config))
	} else if err != nil {
		err = errors.Join(err, os.Remove(filepath.Join(config.Data, demoMark)))
	}
	return house, logins, err
}

// discard removes the files of a demo, by name; nothing else that may lie there.
func discard(c app.Config) error {
	names := []string{filepath.Join(c.Data, "charter.toml"), filepath.Join(c.Data, socketName)}
	for _, database := range []string{filepath.Join(c.Data, "register.db"), filepath.Join(c.Keys, "keyring.db")} {
		names = append(names, database, database+"-wal", database+"-shm", database+".lock")
	}
	if from, err := vault.ParseSource(c.MasterKey); err == nil && (from.Kind == "" || from.Kind == vault.FromFile) {
		master, _ := vault.Source{Kind: vault.FromFile, Name: from.Name}.Path(filepath.Join(c.Keys, "keyring.db"))
		names = append(names, master)
	}
	names = append(names, filepath.Join(c.Data, demoMark)) // last: it says that the rest may go
	for _, name := range names {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// demoLogin is a line of the demo's answer.
type demoLogin struct {
	Role  string `json:"role"`
	Name  string `json:"name"` // of the role, in the language asked for
	Email string `json:"email"`
	Link  string `json:"link"`
}

// printLogins prints role, e-mail and link, a line each, separated by tabs.
func (d *desk) printLogins(ctx context.Context, house *app.House, logins []demo.Login) error {
	all := make([]demoLogin, 0, len(logins))
	for _, login := range logins {
		token, err := house.SignIn.DemoLink(ctx, login.Person)
		if err != nil {
			return err
		}
		all = append(all, demoLogin{
			Role: login.Role, Name: d.p.T("demo.role." + login.Role), Email: login.Email, Link: house.URL + "/demo/" + token,
		})
	}
	err := d.answer(all, func() {
		for _, login := range all {
			fmt.Fprintf(d.out, "%s\t%s\t%s\n", login.Role, login.Email, login.Link)
		}
	})
	return errors.Join(err, d.out.Flush())
}
