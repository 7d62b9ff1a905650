package demo

import (
	"context"

	"kartotek/internal/charter"
	"kartotek/internal/consent"
	"kartotek/internal/directory"
	"kartotek/internal/vault"
)

// pages lets the shown club say whom to ask, and some of its members let others see
// how they are reached (N1, N11).
func (b *builder) pages(ctx context.Context) error {
	president, _ := b.loginOf("president")
	if president.Person == 0 {
		return nil
	}
	if _, err := b.Directory.SetPage(ctx, console(president.Person), directory.Page{
		Unit: b.bodyOf("president"), Open: true, Contact: "secretary", Mailbox: "post@klubben.example", Phone: "22 33 44 55",
		Mailboxes: map[string]string{"president": "president@klubben.example", "secretary": "sekretaer@klubben.example"},
	}); err != nil {
		return err
	}
	if err := b.shownOpenly(ctx, president.Person); err != nil {
		return err
	}
	for role, shows := range map[string][]string{"president": {"email", "mobile", "town"}, "secretary": {"email"}, "treasurer": {"mobile"}} {
		if who, _ := b.loginOf(role); who.Person != 0 {
			if err := b.Directory.Choose(ctx, console(who.Person), true, shows); err != nil {
				return err
			}
		}
	}
	return nil
}

// shownOpenly has somebody agree to stand on their body's open page (N11).
func (b *builder) shownOpenly(ctx context.Context, person vault.PersonID) error {
	lang := b.Charter.Languages[0]
	asked, err := b.Consents.Ask(ctx, person, charter.ConsentOpenPage, lang)
	if err != nil {
		return err
	}
	return b.Consents.Give(ctx, console(person), person, consent.Giving{Code: charter.ConsentOpenPage, Lang: lang, Hash: asked.Hash})
}
