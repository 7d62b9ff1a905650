package cli

import (
	"crypto/x509"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"kartotek/internal/app"
	"kartotek/internal/fault"
	"kartotek/internal/hook"
	"kartotek/internal/vault"
)

// webhookFlags are how recipients outside are reached without somebody carrying files
// (N12). An address can be a secret as much as the key is, so both lie in a file, or in
// a credential of systemd, and neither on the command line, which everybody on the
// machine can read.
type webhookFlags struct {
	Webhooks       []string `group:"serve" name:"webhook" placeholder:"RECIPIENT=FILE|credential:NAME" env:"KARTOTEK_WEBHOOKS"`
	WebhookPrivate bool     `group:"serve" name:"webhook-private" env:"KARTOTEK_WEBHOOK_PRIVATE"`
	WebhookCA      string   `group:"serve" name:"webhook-ca" placeholder:"FILE" env:"KARTOTEK_WEBHOOK_CA"`
}

// settle puts the flags into a configuration.
func (f *webhookFlags) settle(c *app.Config) error {
	c.Hook.Private = f.WebhookPrivate
	if f.WebhookCA != "" {
		text, err := os.ReadFile(f.WebhookCA)
		if c.Hook.Roots = x509.NewCertPool(); err != nil || !c.Hook.Roots.AppendCertsFromPEM(text) {
			return fault.New(fault.Invalid, "cli.error.webhook_ca", "file", f.WebhookCA)
		}
	}
	for _, typed := range f.Webhooks {
		code, where, split := strings.Cut(typed, "=")
		if !split || code == "" || where == "" {
			return fault.New(fault.Invalid, "cli.error.webhook_form")
		}
		target, err := webhookTarget(code, where)
		if err != nil {
			return err
		}
		if c.Webhooks == nil {
			c.Webhooks = map[string]hook.Target{}
		}
		c.Webhooks[code] = target
	}
	return nil
}

// longestWebhook bounds what is read of the file of a webhook.
const longestWebhook = 8 << 10

// webhookTarget reads the file of a webhook: the address on its first line, the key on
// its second. No error says what stands in it.
func webhookTarget(code, where string) (hook.Target, error) {
	wrong := func(key string, err error) (hook.Target, error) {
		return hook.Target{}, fault.New(fault.Invalid, key, "recipient", code).Because(err)
	}
	source, err := vault.ParseSource(where)
	if err != nil || source.Kind == vault.FromPassphrase {
		return wrong("cli.error.webhook_file", err)
	}
	path, err := source.Path("")
	if err != nil {
		return wrong("cli.error.webhook_file", err)
	}
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return wrong("cli.error.webhook_file", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return wrong("cli.error.webhook_file", err)
	}
	if source.Kind == vault.FromFile && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return wrong("cli.error.webhook_mode", nil)
	}
	text, err := io.ReadAll(io.LimitReader(file, longestWebhook))
	if err != nil {
		return wrong("cli.error.webhook_file", err)
	}
	lines := strings.Fields(string(text))
	if len(lines) != 2 {
		return wrong("cli.error.webhook_lines", nil)
	}
	if err := hook.CheckURL(lines[0]); err != nil {
		return wrong("cli.error.webhook_url", nil)
	}
	key, err := hook.ParseKey(lines[1])
	if err != nil {
		return wrong("cli.error.webhook_key", nil)
	}
	return hook.Target{URL: lines[0], Key: key}, nil
}

// webhooksKnown refuses a webhook of a recipient that the charter does not name.
func webhooksKnown(h *app.House) error {
	for code := range h.Webhooks {
		if _, known := h.Charter.Receiver(code); !known {
			return fault.New(fault.Invalid, "cli.error.webhook_recipient", "recipient", code)
		}
	}
	return nil
}
