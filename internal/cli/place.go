package cli

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"kartotek/internal/app"
	"kartotek/internal/fault"
	"kartotek/internal/mail"
)

// held is how long a command waits for another one, or for a server that is
// starting, to let go of the register or to listen.
const heldFor = 10 * time.Second

// socketName is the socket in the data directory.
const socketName = "kartotek.sock"

// atHouse carries out a housed command: in the server that has the register
// open, else here.
func (d *desk) atHouse(ctx context.Context, g *grammar, args []string, c housed) (err error) {
	if c, ok := c.(prepared); ok {
		if err := c.prepare(ctx, d); err != nil {
			return err
		}
	}
	opened, err := openFiles(c.needs(), d.in, d.raw)
	if err != nil {
		return err
	}
	defer func() {
		if failed := opened.finish(err == nil); err == nil {
			err = failed
		}
	}()
	d.files = opened.files
	for until := time.Now().Add(heldFor); ; {
		code, served, err := callServer(ctx, filepath.Join(g.Data, socketName), request{
			Args: args, Lang: d.p.Lang(), Parts: opened.parts,
		}, []*os.File{d.in, d.raw, d.errs}, opened.files)
		switch {
		case err != nil:
			return err
		case served && code != done:
			return exit(code)
		case served:
			return nil
		}
		err = d.here(ctx, g, c)
		if !app.Held(err) || time.Now().After(until) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(tick):
		}
	}
}

// here opens the register in this process for one command.
func (d *desk) here(ctx context.Context, g *grammar, c housed) error {
	house, err := d.open(ctx, g)
	if err != nil {
		return err
	}
	d.house = house
	d.p = house.Charter.Printer(d.p.Lang())
	defer func() { d.house = nil }()
	if err := c.run(ctx, d); err != nil {
		_ = house.Close() // what the command has done stands; its own error is the news
		return err
	}
	return house.Close()
}

// open opens the register that the command line names, with progress.
func (d *desk) open(ctx context.Context, g *grammar) (*app.House, error) {
	config, err := g.config(d)
	if err != nil {
		return nil, err
	}
	line := d.progress()
	config.Progress = line.tell
	defer line.clear()
	house, err := app.Open(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := webhooksKnown(house); err != nil {
		return nil, errors.Join(err, house.Close())
	}
	return house, nil
}

// config is what the command line says of a register.
func (g *grammar) config(d *desk) (app.Config, error) {
	options, err := g.mail()
	if err != nil {
		return app.Config{}, err
	}
	c := app.Config{
		Data: g.Data, Keys: g.keysDir(), MasterKey: g.MasterKey, DSN: g.Database, URL: g.address(""), Mail: options, KeyCopies: g.KeyCopy,
		Ask: d.asker(g.Descriptor),
		Log: slog.New(slog.NewTextHandler(d.errs, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	g.backupFlags.settle(&c)
	if err := g.webhookFlags.settle(&c); err != nil {
		return app.Config{}, err
	}
	if c.Proxies, err = proxies(g.TrustedProxy); err != nil {
		return app.Config{}, err
	}
	if c.Demo = isDemo(g.Data); c.Demo {
		c.Mail.Host = "" // a demo's mails stay in its mailbox page
	}
	return c, nil
}

// proxies are the networks of our own proxies, as --trusted-proxy names them.
func proxies(typed []string) (all []netip.Prefix, err error) {
	for _, text := range typed {
		p, err := netip.ParsePrefix(text)
		if at, single := netip.ParseAddr(text); err != nil && single == nil {
			p, err = at.Prefix(at.BitLen())
		}
		if err != nil {
			return nil, fault.New(fault.Invalid, "cli.error.proxy", "value", text)
		}
		all = append(all, p.Masked())
	}
	return all, nil
}

// unsent is the sender of mails that are never sent.
const unsent = "kartotek@localhost"

// mail is where mails go. The password comes from the environment alone: the
// arguments of a process can be read by everybody on the machine.
func (g *grammar) mail() (mail.Options, error) {
	o := mail.Options{
		Host: g.SMTPHost, Port: g.SMTPPort, Security: mail.Security(g.SMTPSecurity), User: g.SMTPUser,
		Password: os.Getenv("KARTOTEK_SMTP_PASSWORD"), From: g.MailFrom, Name: g.MailName, ReplyTo: g.MailReplyTo,
	}
	if o.From == "" {
		if o.Host != "" {
			return o, fault.New(fault.Invalid, "cli.error.mail_from")
		}
		o.From = unsent
	}
	return o, nil
}

// address is what mails and links name: --url, else where the server listens.
func (g *grammar) address(listening string) string {
	if g.URL != "" {
		return trimSlash(g.URL)
	}
	if listening == "" {
		listening = g.Listen
	}
	return "http://" + listening
}

func trimSlash(s string) string {
	for len(s) > 0 && s[len(s)-1] == '/' {
		s = s[:len(s)-1]
	}
	return s
}
