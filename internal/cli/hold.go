package cli

import (
	"context"
	"io"
	"strconv"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/departure"
	"kartotek/internal/fault"
	"kartotek/internal/guard"
	"kartotek/internal/vault"
)

type holdPlaceCommand struct {
	inHouse
	asWho
	Member string `arg:"" name:"MEMBER-NO"`
	Kind   string `required:"" enum:"claim,investigation,request,breach" placeholder:"KIND"`
	Until  day    `required:"" placeholder:"DATE"`
	Silent bool
}

type holdRenewCommand struct {
	inHouse
	asWho
	Member string `arg:"" name:"MEMBER-NO"`
	Hold   uint64 `arg:"" name:"HOLD"`
	Until  day    `required:"" placeholder:"DATE"`
}

type holdEndCommand struct {
	inHouse
	asWho
	Member string `arg:"" name:"MEMBER-NO"`
	Hold   uint64 `arg:"" name:"HOLD"`
}

type holdListCommand struct {
	inHouse
	asWho
}

// holdLine is a hold in an answer, without its grounds.
type holdLine struct {
	Hold  uint64 `json:"hold"`
	ID    string `json:"id"` // of the person, the public one
	Name  string `json:"name,omitempty"`
	Kind  string `json:"kind"`
	From  string `json:"from"`
	Until string `json:"until"`
}

// grounds come on standard input: the arguments everybody on the machine can read. Text
// that seems to hold special data is stopped as on the pages (L5, N9; GDPR Art. 9, 10,
// 87); that it is not that can be said there alone.
func (d *desk) grounds() (string, error) {
	text, err := io.ReadAll(io.LimitReader(d.in, longestTexts))
	if err == nil && len(guard.Look(string(text))) > 0 {
		err = fault.New(fault.Invalid, "guard.held")
	}
	return strings.TrimSpace(string(text)), err
}

// heldBack finds somebody by member number, or by the id that the list of holds
// shows; whether they are within reach the room decides.
func (d *desk) heldBack(ctx context.Context, actor access.Actor, who string) (vault.PersonID, error) {
	if person, ok := d.house.Keyring.PersonOf(strings.TrimSpace(who)); ok {
		return person, nil
	}
	return d.member(ctx, actor, charter.Hold, 0, who)
}

// onHold reads the grounds, and finds out who acts and about whom.
func (d *desk) onHold(ctx context.Context, as, who string) (actor access.Actor, person vault.PersonID, grounds string, err error) {
	if grounds, err = d.grounds(); err != nil {
		return actor, 0, "", err
	}
	if actor, err = d.actor(ctx, as); err != nil {
		return actor, 0, "", err
	}
	person, err = d.heldBack(ctx, actor, who)
	return actor, person, grounds, err
}

func (c *holdPlaceCommand) run(ctx context.Context, d *desk) error {
	actor, person, grounds, err := d.onHold(ctx, c.As, c.Member)
	if err != nil {
		return err
	}
	id, err := d.house.Departures.PlaceHold(ctx, actor, person, departure.Hold{
		Kind: departure.HoldKind(c.Kind), Grounds: grounds, Until: c.Until.Date, Silent: c.Silent,
	})
	if err != nil {
		return err
	}
	return d.answer(holdLine{Hold: id, ID: d.house.Keyring.PublicID(person), Kind: c.Kind, From: isoDay(d.house.Access.Today()), Until: isoDay(c.Until.Date)}, func() {
		d.say("cli.hold.placed", "number", int64(id), "date", d.p.Date(c.Until.Date))
	})
}

func (c *holdRenewCommand) run(ctx context.Context, d *desk) error {
	actor, person, grounds, err := d.onHold(ctx, c.As, c.Member)
	if err != nil {
		return err
	}
	if err := d.house.Departures.RenewHold(ctx, actor, person, c.Hold, grounds, c.Until.Date); err != nil {
		return err
	}
	return d.answer(map[string]any{"hold": c.Hold, "until": isoDay(c.Until.Date)}, func() {
		d.say("cli.hold.renewed", "number", int64(c.Hold), "date", d.p.Date(c.Until.Date))
	})
}

func (c *holdEndCommand) run(ctx context.Context, d *desk) error {
	actor, person, grounds, err := d.onHold(ctx, c.As, c.Member)
	if err != nil {
		return err
	}
	stop := d.sending()
	defer stop()
	if err := d.house.Departures.EndHold(ctx, actor, person, c.Hold, grounds); err != nil {
		return err
	}
	return d.answer(map[string]any{"hold": c.Hold, "ended": true}, func() { d.say("cli.hold.ended", "number", int64(c.Hold)) })
}

func (c *holdListCommand) run(ctx context.Context, d *desk) error {
	scope, err := d.decide(ctx, c.As, access.Want{Act: charter.Hold})
	if err != nil {
		return err
	}
	all, err := d.house.Departures.AllHolds(ctx, scope)
	if err != nil {
		return err
	}
	lines := make([]holdLine, 0, len(all))
	t := d.newTable("holding", "public_id", "kind", "from", "until")
	t.right[0] = true
	for i := range all {
		h := &all[i]
		lines = append(lines, holdLine{
			Hold: h.ID, ID: d.house.Keyring.PublicID(h.Person), Kind: string(h.Kind), From: isoDay(h.From), Until: isoDay(h.Until),
		})
		t.add(d.p.Number(int(h.ID)), d.house.Keyring.PublicID(h.Person), d.p.T("departure.hold."+string(h.Kind)), d.p.Date(h.From), d.p.Date(h.Until))
	}
	return d.answer(lines, func() {
		d.print(t)
		d.say("cli.hold.count", "count", len(lines))
	})
}

type keptListCommand struct {
	inHouse
	asWho
	Unit string `required:"" placeholder:"CODE"`
}

// keptLine is one line of what law keeps, in an answer.
type keptLine struct {
	Year      int    `json:"year"`
	Voucher   string `json:"voucher"`
	On        string `json:"on"`
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	Amount    int64  `json:"amount"` // in hundredths
	Currency  string `json:"currency"`
	Reference string `json:"reference"`
	Until     string `json:"until"`
}

func (c *keptListCommand) run(ctx context.Context, d *desk) error {
	actor, body, err := d.actorIn(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	scope, err := d.house.Departures.Accounts(ctx, actor, body)
	if err != nil {
		return err
	}
	all, err := d.house.Departures.KeptLines(ctx, scope, body)
	if err != nil {
		return err
	}
	lines := make([]keptLine, 0, len(all))
	t := d.newTable("year", "voucher", "name", "amount", "until")
	t.right[3] = true
	for i := range all {
		l := &all[i]
		lines = append(lines, keptLine{
			Year: l.Year, Voucher: l.Voucher, On: isoDay(l.On), Kind: string(l.Kind), Name: l.Name, Amount: l.Amount, Currency: l.Currency,
			Reference: l.Reference, Until: isoDay(l.Until),
		})
		t.add(strconv.Itoa(l.Year), l.Voucher, l.Name, l.Money(), d.p.Date(l.Until))
	}
	return d.answer(lines, func() {
		d.print(t)
		d.say("cli.kept.count", "count", len(lines))
	})
}

type keptEndCommand struct {
	inHouse
}

// With it the program does what the daily work does: what is over is on record.
func (c *keptEndCommand) run(ctx context.Context, d *desk) error {
	n, err := d.house.Departures.EndKept(ctx)
	if err != nil {
		return err
	}
	return d.answer(map[string]int{"ended": n}, func() { d.say("cli.kept.ended", "count", n) })
}
