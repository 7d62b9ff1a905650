package cli

import (
	"context"
	"errors"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/signin"
)

// signinRecoverCommand gives a one-time code to somebody who lost everything they
// sign in with: the way back for the only administrator. It opens the register in
// this process, so that it works only where the files, the keys and the lock are,
// and never through a server's socket.
type signinRecoverCommand struct {
	Who string `arg:"" name:"WHO"`
}

func (c *signinRecoverCommand) run(ctx context.Context, d *desk) (err error) {
	house, err := d.open(ctx, d.grammar)
	if err != nil {
		return err
	}
	d.house = house
	defer func() {
		d.house = nil
		err = errors.Join(err, house.Close())
	}()
	actor, err := d.actor(ctx, c.Who)
	if err != nil {
		return err
	}
	way, err := house.SignIn.Rescue(ctx, d.osUser, actor.Person)
	if err != nil {
		return err
	}
	page := house.URL + "/signin/way"
	return d.answer(map[string]any{"code": way, "page": page, "hours": int(signin.WayLife.Hours())}, func() {
		d.say("cli.signin.recovered", "code", way, "page", page, "count", int(signin.WayLife.Hours()))
	})
}

// signinVouchCommand confirms that an officer has seen somebody who lost their
// second factor; two of them have a one-time code sent.
type signinVouchCommand struct {
	inHouse
	asWho
	Member string `arg:"" name:"MEMBER-NO"`
	Seen   bool   `required:""`
}

func (c *signinVouchCommand) run(ctx context.Context, d *desk) error {
	by, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	scope, err := d.house.Access.Decide(by, access.Want{Act: charter.Staff})
	if err != nil {
		if scope, err = d.house.Access.Require(ctx, by, access.Want{Act: charter.Appoint}); err != nil {
			return err
		}
	}
	person, err := d.house.Members.ByNumber(ctx, scope, c.Member)
	if err != nil {
		return err
	}
	sent, err := d.house.SignIn.Vouch(ctx, signin.Voucher{Person: by.Person, As: by.As, Via: string(by.Via), OSUser: by.OSUser}, person)
	if err != nil {
		return err
	}
	return d.answer(map[string]bool{"sent": sent}, func() {
		if sent {
			d.say("cli.signin.sent", "count", int(signin.WayLife.Hours()))
			return
		}
		d.say("cli.signin.vouched", "count", int(signin.WayLife.Hours()))
	})
}
