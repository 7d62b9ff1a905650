package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/departure"
	"kartotek/internal/fault"
	"kartotek/internal/vault"
)

type closeCommand struct {
	asWho
	Member string `arg:"" optional:"" name:"MEMBER-NO"`
	Reason string `placeholder:"REASON"`
	Now    bool
	Second string `placeholder:"WHO"`
	Undo   bool
	Died   day `placeholder:"DATE"`

	File      string `placeholder:"FILE"`
	DryRun    bool
	PassLists bool
	Override  bool
}

func (c *closeCommand) needs() []wish {
	if c.File == "" {
		return nil
	}
	return []wish{{part: "file", path: c.File}}
}

// departureAnswer is how somebody's leaving stands.
type departureAnswer struct {
	Number      string             `json:"number"`
	State       string             `json:"state"` // hidden, erasing, erased, or member after an undo
	ClosedAt    string             `json:"closed_at,omitempty"`
	DueAt       string             `json:"due_at,omitempty"`
	Second      bool               `json:"second_asked,omitempty"` // a colleague must approve
	Certificate *certificateAnswer `json:"certificate,omitempty"`
	Address     []string           `json:"address,omitempty"` // of somebody without e-mail, to whom it is posted
}

type certificateAnswer struct {
	Number string `json:"number"`
	Text   string `json:"text"`
}

func (c *closeCommand) check() (key string, args []any) {
	switch {
	case (c.File != "") == (c.Member != ""):
		return "cli.usage.close", nil
	case c.File != "" && (c.Now || c.Undo || c.Override || !c.Died.IsZero()):
		return "cli.usage.close_many", nil
	case c.DryRun && c.File == "":
		return "cli.usage.missing", []any{"what", "--file FILE"}
	case !c.Undo && c.Reason == "":
		return "cli.usage.missing", []any{"what", "--reason REASON"}
	case c.Second != "" && !c.Now:
		return "cli.usage.missing", []any{"what", "--now"}
	case c.Undo && (c.Now || c.Reason != ""):
		return "cli.usage.undo", nil
	}
	return "", nil
}

func (c *closeCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	if c.File != "" {
		return c.many(ctx, d, actor)
	}
	person, err := d.member(ctx, actor, charter.Close, 0, c.Member)
	if err != nil {
		return err
	}
	if c.Undo {
		lost, err := d.house.Departures.Reopen(ctx, actor, person)
		if err != nil {
			return err
		}
		return d.reopened(c.Member, lost)
	}
	var second access.Actor
	if c.Second != "" {
		// Asked before anything happens: a closing that cannot be ended at once
		// is not begun as if it could.
		if second, err = d.second(ctx, actor, person, c.Second); err != nil {
			return err
		}
	}
	stop := d.sending()
	defer stop()
	closing := departure.Closing{Reason: c.Reason, Died: c.Died.Date, PassLists: c.PassLists}
	if c.Override {
		if closing.Override, err = d.grounds(); err != nil {
			return err
		}
	}
	left, err := d.house.Departures.CloseFor(ctx, actor, person, closing, c.Now)
	if err != nil {
		return c.withReasons(d, err)
	}
	if c.Second == "" {
		return d.answer(c.closed(left), func() { d.tellClosed(c.Member, left, c.Now) })
	}
	return d.confirm(ctx, second, person, c.Member)
}

// second is the colleague who ends the window at once.
func (d *desk) second(ctx context.Context, first access.Actor, person vault.PersonID, who string) (access.Actor, error) {
	second, err := d.actor(ctx, who)
	if err != nil {
		return second, err
	}
	if _, err := d.house.Access.Require(ctx, second, access.Want{Act: charter.Close}); err != nil {
		return second, err
	}
	switch {
	case second.Person == first.Person || second.Person == person:
		return second, fault.New(fault.Denied, "departure.error.second")
	case !d.house.Charter.SecondPairEndsWindow:
		return second, fault.New(fault.Denied, "departure.error.window")
	}
	return second, nil
}

// sending has the mail server take what an erasure hands over before the address
// goes, where no server of ours does it already.
func (d *desk) sending() (stop func()) {
	if d.served || d.house.Config.Mail.Host == "" {
		return func() {}
	}
	d.house.Mail.Start()
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), grace)
		defer cancel()
		d.house.Mail.Stop(ctx)
	}
}

func (c *closeCommand) closed(left departure.Departure) departureAnswer {
	return departureAnswer{
		Number: c.Member, State: string(left.State), ClosedAt: isoTime(left.ClosedAt), DueAt: isoTime(left.DueAt), Second: c.Now,
	}
}

func (d *desk) tellClosed(number string, left departure.Departure, now bool) {
	d.say("cli.close.hidden", "number", number)
	d.say("cli.close.due", "at", d.p.DateTime(left.DueAt, d.house.Charter.Location()))
	if now {
		d.say("cli.close.second", "number", number)
	}
}

// confirm ends the window as the second pair of eyes and tells how far the
// erasure came, with the certificate to hand over.
func (d *desk) confirm(ctx context.Context, second access.Actor, person vault.PersonID, number string) error {
	// Without e-mail the certificate is posted, and afterwards there is no address.
	address, err := d.house.Letters.Address(ctx, second, person)
	if err != nil {
		return err
	}
	outcome, err := d.house.Departures.Confirm(ctx, second, person)
	if err != nil {
		return err
	}
	a := departureAnswer{Number: number, State: string(outcome.State), Address: address}
	if c := &outcome.Certificate; c.Number != "" {
		a.Certificate = &certificateAnswer{
			Number: c.Number, Text: c.Text(d.p, d.house.Charter.Name.In(d.p.Lang()), d.house.Charter.Location()),
		}
	}
	return d.answer(a, func() {
		if outcome.State == departure.Erased {
			d.say("cli.close.erased", "number", number)
		} else {
			d.say("cli.close.erasing", "number", number)
		}
		if len(address) > 0 {
			fmt.Fprintf(d.out, "\n%s\n%s\n", d.p.T("cli.close.post"), strings.Join(address, "\n"))
		}
		if a.Certificate != nil {
			fmt.Fprintf(d.out, "\n%s\n", strings.TrimSpace(a.Certificate.Text))
		}
	})
}

// withReasons names the reasons there are, where one was mistyped.
func (c *closeCommand) withReasons(d *desk, err error) error {
	e := fault.From(err)
	if e.Code != fault.Invalid {
		return err
	}
	var known []string
	for i := range d.house.Charter.Reasons {
		known = append(known, d.house.Charter.Reasons[i].Code)
	}
	for i := range e.Fields {
		if f := &e.Fields[i]; f.Name == "reason" {
			f.Key, f.Args = "cli.error.reason", map[string]any{"known": known}
		}
	}
	return e
}

type eraseCommand struct {
	inHouse
	Member string `arg:"" optional:"" name:"MEMBER-NO"`
	Due    bool
	As     string `placeholder:"WHO"`
}

func (c *eraseCommand) check() (key string, args []any) {
	if c.Due == (c.Member != "") || (c.Member != "") != (c.As != "") {
		return "cli.usage.erase", nil
	}
	return "", nil
}

// With --due the program itself does what is due: who closed is on record. One
// member by number is erased by the second pair of eyes.
func (c *eraseCommand) run(ctx context.Context, d *desk) error {
	stop := d.sending()
	defer stop()
	if c.Due {
		begun := time.Now()
		n, err := d.house.EraseDue(ctx)
		if err != nil {
			return err
		}
		return d.answer(map[string]int{"erased": n}, func() {
			d.say("cli.erase.done", "count", n, "seconds", int(time.Since(begun).Seconds()+0.5))
		})
	}
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	person, err := d.member(ctx, actor, charter.Close, 0, c.Member)
	if err != nil {
		return err
	}
	return d.confirm(ctx, actor, person, c.Member)
}
