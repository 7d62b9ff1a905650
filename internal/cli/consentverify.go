package cli

import (
	"context"

	"kartotek/internal/certificate"
	"kartotek/internal/consent"
)

type consentVerifyCommand struct{ signedFile }

// verify checks receipts beside any server and without a register, as a certificate is.
func (c *consentVerifyCommand) run(_ context.Context, d *desk) error {
	contents, key, err := d.signed(c.File, c.Key, certificate.LongestFile)
	if err != nil {
		return err
	}
	checked, err := consent.VerifyReceipts(contents, key)
	if err != nil {
		return err
	}
	sound := true
	for i := range checked {
		sound = sound && checked[i].Sound()
	}
	err = d.answer(struct {
		Sound    bool              `json:"sound"`
		Receipts []consent.Checked `json:"receipts"`
	}{sound, checked}, func() {
		for i := range checked {
			said := "cli.consent.unsound"
			if checked[i].Sound() {
				said = "cli.consent.sound"
			}
			d.say(said, "record", checked[i].Record)
		}
	})
	if err != nil || sound {
		return err
	}
	return exit(fails)
}
