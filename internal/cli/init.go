package cli

import (
	"context"
	"path/filepath"
	"strings"
	"unicode"

	"kartotek/internal/app"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
)

type initCommand struct {
	Charter string `required:"" placeholder:"NAME|FILE"`
	Admin   string `required:"" placeholder:"E-MAIL"`
	Given   string `placeholder:"NAME"`
	Family  string `placeholder:"NAME"`
}

func (c *initCommand) run(ctx context.Context, d *desk) error {
	email, ok := locale.ParseEmail(c.Admin)
	if !ok {
		return fault.New(fault.Invalid, "cli.error.who_form")
	}
	rules, err := charter.Load(c.Charter)
	if err != nil {
		return err
	}
	config, err := d.grammar.config(d)
	if err != nil {
		return err
	}
	given, family := c.Given, c.Family
	if given == "" && family == "" {
		given, family = namesFrom(email)
	}
	house, err := app.Found(ctx, config, rules, app.Founder{Given: given, Family: family, Email: email, OSUser: d.osUser})
	if err != nil {
		return err
	}
	founded := map[string]string{
		"charter": rules.Code, "admin": email, "data": house.Data, "keys": house.Keys, "master_key": house.MasterFile(),
	}
	source := house.Keyring.From()
	switch {
	case source.Kind != vault.FromFile:
		founded["master_key"] = source.String()
	case source.Name == "": // as it was typed
		founded["master_key"] = filepath.Join(house.Keys, filepath.Base(house.MasterFile()))
	}
	if err := house.Close(); err != nil {
		return err
	}
	return d.answer(founded, func() {
		d.say("cli.init.done", "charter", rules.Name, "admin", email)
		d.columns([][2]string{
			{d.p.T("cli.init.data"), filepath.Clean(founded["data"])},
			{d.p.T("cli.init.keys"), filepath.Clean(founded["keys"])},
			{d.p.T("cli.init.master"), d.p.T("master.kind."+string(source.Kind), "name", filepath.Clean(source.Name), "path", filepath.Clean(founded["master_key"]))},
		})
		d.say("cli.init.next", "admin", email, "position", rules.Positions[0].Code)
	})
}

// namesFrom makes names from an address, for a founder who gave none: they can
// correct their own card.
func namesFrom(email string) (given, family string) {
	local, _, _ := strings.Cut(email, "@")
	words := strings.FieldsFunc(local, func(r rune) bool { return !unicode.IsLetter(r) })
	for i := range words {
		words[i] = locale.Name(words[i])
	}
	switch len(words) {
	case 0:
		return "Admin", ""
	case 1:
		return words[0], ""
	}
	return strings.Join(words[:len(words)-1], " "), words[len(words)-1]
}
