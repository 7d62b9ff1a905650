package cli

import "context"

type checkCommand struct{ inHouse }

// checkAnswer is what a check has found, in numbers and in the engine's words.
type checkAnswer struct {
	Sound      bool     `json:"sound"`
	Register   []string `json:"register"`
	Keyring    []string `json:"keyring"`
	Keys       int      `json:"keys"`
	BadKeys    int      `json:"bad_keys"`
	Records    int      `json:"records"`
	Unreadable int      `json:"unreadable"`
	Journal    int      `json:"journal_problems"`
}

// The check tells nothing of anybody, so it needs nobody's right: whoever may run
// the program on this machine may know whether its disk is sound.
func (c *checkCommand) run(ctx context.Context, d *desk) error {
	h, err := d.house.Check(ctx)
	if err != nil {
		return err
	}
	a := checkAnswer{
		Sound: h.Sound(), Register: append([]string{}, h.Register...), Keyring: append([]string{}, h.Keyring.Problems...),
		Keys: h.Keyring.Keys, BadKeys: h.Keyring.Bad, Records: h.Records, Unreadable: h.Unreadable, Journal: h.Journal,
	}
	if err := d.answer(a, func() { d.printChecked(&a) }); err != nil {
		return err
	}
	if !a.Sound {
		d.refuse(d.p.T("cli.check.damaged"), d.p.T("cli.next.check"))
		return exit(fails)
	}
	return nil
}

func (d *desk) printChecked(a *checkAnswer) {
	d.say("cli.check.records", "count", a.Records)
	d.say("cli.check.keys", "count", a.Keys)
	for _, part := range []struct {
		key   string
		count int
	}{
		{"cli.check.register", len(a.Register)}, {"cli.check.keyring", len(a.Keyring)}, {"cli.check.bad_keys", a.BadKeys},
		{"cli.check.unreadable", a.Unreadable}, {"cli.check.journal", a.Journal},
	} {
		if part.count > 0 {
			d.say(part.key, "count", part.count)
		}
	}
	if a.Sound {
		d.say("cli.check.sound")
	}
}
