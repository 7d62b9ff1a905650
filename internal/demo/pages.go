package demo

import (
	"context"

	"kartotek/internal/directory"
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
	for role, shows := range map[string][]string{"president": {"email", "mobile", "town"}, "secretary": {"email"}, "treasurer": {"mobile"}} {
		if who, _ := b.loginOf(role); who.Person != 0 {
			if err := b.Directory.Choose(ctx, console(who.Person), true, shows); err != nil {
				return err
			}
		}
	}
	return nil
}
