package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/member"
	"kartotek/internal/vault"
)

type householdShowCommand struct {
	inHouse
	asWho
	Member string `arg:"" name:"MEMBER-NO"`
}

type householdJoinCommand struct {
	inHouse
	asWho
	Member      string `arg:"" name:"MEMBER-NO"`
	With        string `required:"" placeholder:"MEMBER-NO"`
	SameAddress bool
}

type householdLeaveCommand struct {
	inHouse
	asWho
	Member string `arg:"" name:"MEMBER-NO"`
}

type householdApartCommand struct {
	inHouse
	asWho
	Members []string `arg:"" name:"MEMBER-NO"`
}

type householdProposeCommand struct {
	inHouse
	asWho
	Unit  string `placeholder:"CODE"`
	Limit int    `default:"50" placeholder:"N"`
}

// householdSplitCommand reads what is new from standard input: names and
// addresses never stand among the arguments, which others can read.
type householdSplitCommand struct {
	inHouse
	asWho
	Text string `arg:"" name:"-" enum:"-"`
}

// proposedLine is a proposal in an answer.
type proposedLine struct {
	Persons []mateLine `json:"persons"`
	Street  string     `json:"street"`
	Place   string     `json:"place"`
	Family  bool       `json:"same_family"`
	Mailbox bool       `json:"same_email"`
}

// mateLine is one person of a household in an answer.
type mateLine struct {
	ID   string `json:"id"` // the public one
	Name string `json:"name"`
}

// within finds a member by number within a right to an act.
func (d *desk) within(ctx context.Context, who, number string, act charter.Acts) (access.Scope, vault.PersonID, error) {
	scope, err := d.decide(ctx, who, access.Want{Act: act})
	if err != nil {
		return scope, 0, err
	}
	person, err := d.house.Members.ByNumber(ctx, scope, number)
	return scope, person, err
}

func (d *desk) mateLines(home []member.Housemate) []mateLine {
	lines := make([]mateLine, len(home))
	for i, m := range home {
		lines[i] = mateLine{ID: d.house.Keyring.PublicID(m.Person), Name: m.Name}
	}
	return lines
}

func (c *householdShowCommand) run(ctx context.Context, d *desk) error {
	scope, person, err := d.within(ctx, c.As, c.Member, charter.View)
	if err != nil {
		return err
	}
	card, err := d.house.Members.Card(ctx, scope, person)
	if err != nil {
		return err
	}
	lines := d.mateLines(card.Home)
	return d.answer(lines, func() {
		for _, l := range lines {
			fmt.Fprintln(d.out, l.Name)
		}
		if card.HomeCovered {
			d.say("people.home.covered")
		} else if len(lines) == 0 {
			d.say("people.home.none")
		}
	})
}

func (c *householdJoinCommand) run(ctx context.Context, d *desk) error {
	scope, person, err := d.within(ctx, c.As, c.Member, charter.Edit)
	if err != nil {
		return err
	}
	with, err := d.house.Members.ByNumber(ctx, scope, c.With)
	if err != nil {
		return err
	}
	if err := d.house.Members.JoinHousehold(ctx, scope, person, with, c.SameAddress); err != nil {
		return err
	}
	return d.done("people.notice.joined")
}

func (c *householdLeaveCommand) run(ctx context.Context, d *desk) error {
	scope, person, err := d.within(ctx, c.As, c.Member, charter.Edit)
	if err != nil {
		return err
	}
	if err := d.house.Members.LeaveHousehold(ctx, scope, person); err != nil {
		return err
	}
	return d.done("people.notice.left")
}

func (c *householdApartCommand) run(ctx context.Context, d *desk) error {
	scope, err := d.decide(ctx, c.As, access.Want{Act: charter.Edit})
	if err != nil {
		return err
	}
	persons := make([]vault.PersonID, len(c.Members))
	for i, number := range c.Members {
		if persons[i], err = d.house.Members.ByNumber(ctx, scope, number); err != nil {
			return err
		}
	}
	if err := d.house.Members.KeepApart(ctx, scope, persons); err != nil {
		return err
	}
	return d.done("people.notice.apart")
}

// done answers an act that has nothing to tell but that it was done.
func (d *desk) done(key string) error {
	return d.answer(struct {
		Done bool `json:"done"`
	}{true}, func() { d.say(key) })
}

func (c *householdProposeCommand) run(ctx context.Context, d *desk) error {
	body, err := d.body(c.Unit)
	if err != nil {
		return err
	}
	scope, err := d.decide(ctx, c.As, access.Want{Act: charter.Edit, Unit: body})
	if err != nil {
		return err
	}
	proposed, err := d.house.Members.ProposeHouseholds(ctx, scope, c.Limit)
	if err != nil {
		return err
	}
	groups := make([]proposedLine, len(proposed))
	for i, p := range proposed {
		groups[i] = proposedLine{Persons: d.mateLines(p.Persons), Street: p.Street, Place: p.Place, Family: p.Family, Mailbox: p.Mailbox}
	}
	return d.answer(groups, func() {
		for _, group := range groups {
			names := make([]string, len(group.Persons))
			for i, m := range group.Persons {
				names[i] = m.Name
			}
			fmt.Fprintf(d.out, "%s: %s, %s\n", d.p.List(names), group.Street, group.Place)
		}
		if len(groups) == 0 {
			d.say("people.propose.none")
		}
	})
}

// partLine is one person's part in the JSON on standard input.
type partLine struct {
	Number string            `json:"number"`
	Moves  bool              `json:"moves"`
	Values map[string]string `json:"values"` // by the charter's field codes
	Secret bool              `json:"secret"`
	Keep   string            `json:"keep"` // why the former name is kept; "" forgets it
}

func (c *householdSplitCommand) run(ctx context.Context, d *desk) error {
	scope, err := d.decide(ctx, c.As, access.Want{Act: charter.Edit})
	if err != nil {
		return err
	}
	var lines []partLine
	decoder := json.NewDecoder(io.LimitReader(d.in, longestTexts))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&lines); err != nil || len(lines) == 0 {
		return fault.New(fault.Invalid, "cli.household.form")
	}
	parts := make([]member.Part, len(lines))
	for i, l := range lines {
		person, err := d.house.Members.ByNumber(ctx, scope, l.Number)
		if err != nil {
			return err
		}
		parts[i] = member.Part{Person: person, Moves: l.Moves, Values: l.Values}
		if l.Secret {
			parts[i].Secret = &member.Secrecy{Secret: true}
		}
		if l.Keep != "" {
			parts[i].Keep = &member.Keep{Reason: l.Keep}
		}
	}
	if err := d.house.Members.Split(ctx, scope, parts); err != nil {
		return numbered(err, lines)
	}
	return d.done("people.notice.parted")
}

// numbered names the fields of a refusal by member number instead of place.
func numbered(err error, lines []partLine) error {
	var e *fault.Error
	if !errors.As(err, &e) {
		return err
	}
	said := *e
	said.Fields = nil
	for _, f := range e.Fields {
		for i := range lines {
			if code, ok := strings.CutPrefix(f.Name, member.PartField(i, "")); ok {
				f.Name = lines[i].Number + " " + code
				break
			}
		}
		said.Fields = append(said.Fields, f)
	}
	return &said
}

type memberReturnedCommand struct {
	inHouse
	asWho
	Member  string `arg:"" name:"MEMBER-NO"`
	Channel string `enum:"letter,email" default:"letter" placeholder:"letter|email"`
	Since   day    `placeholder:"DATE"`
	Clear   bool
}

func (c *memberReturnedCommand) run(ctx context.Context, d *desk) error {
	scope, person, err := d.within(ctx, c.As, c.Member, charter.Edit)
	if err != nil {
		return err
	}
	since := d.fromToday(c.Since.Date)
	if c.Clear {
		since = day{}.Date
	}
	if err := d.house.Members.SetReturned(ctx, scope, person, member.Channel(c.Channel), since); err != nil {
		return err
	}
	return d.done("cli.household.saved")
}

type memberProtectCommand struct {
	inHouse
	asWho
	Member string `arg:"" name:"MEMBER-NO"`
	Level  string `placeholder:"CODE"`
	Until  day    `placeholder:"DATE"`
	Off    bool
}

func (c *memberProtectCommand) check() (key string, args []any) {
	if c.Off && (c.Level != "" || !c.Until.IsZero()) {
		return "cli.usage.value", []any{"flag", "--off"}
	}
	return "", nil
}

func (c *memberProtectCommand) run(ctx context.Context, d *desk) error {
	scope, person, err := d.within(ctx, c.As, c.Member, charter.Edit)
	if err != nil {
		return err
	}
	how := member.Secrecy{Secret: !c.Off, Level: c.Level, Until: c.Until.Date}
	if err := d.house.Members.Protect(ctx, scope, person, how); err != nil {
		return err
	}
	return d.done("cli.household.saved")
}

type memberUpkeepCommand struct {
	inHouse
	asWho
	Unit string `placeholder:"CODE"`
}

// upkeepAnswer is whom mail does not reach, and whose protection has run out.
type upkeepAnswer struct {
	Returned []mateLine `json:"returned"`
	Expired  []mateLine `json:"expired"`
}

func (c *memberUpkeepCommand) run(ctx context.Context, d *desk) error {
	body, err := d.body(c.Unit)
	if err != nil {
		return err
	}
	scope, err := d.decide(ctx, c.As, access.Want{Act: charter.View, Unit: body})
	if err != nil {
		return err
	}
	todo, err := d.house.Members.Upkeep(scope)
	if err != nil {
		return err
	}
	names, err := d.house.Members.Names(ctx, scope, append(append([]vault.PersonID(nil), todo.Returned...), todo.Expired...))
	if err != nil {
		return err
	}
	lines := func(persons []vault.PersonID) []mateLine {
		all := []mateLine{}
		for _, person := range persons {
			all = append(all, mateLine{ID: d.house.Keyring.PublicID(person), Name: names[person]})
		}
		return all
	}
	a := upkeepAnswer{Returned: lines(todo.Returned), Expired: lines(todo.Expired)}
	return d.answer(a, func() {
		for _, part := range [...]struct {
			key   string
			lines []mateLine
		}{{"people.upkeep.returned", a.Returned}, {"people.upkeep.expired", a.Expired}} {
			d.say("cli.household.of", "what", d.p.T(part.key), "count", len(part.lines))
			for _, l := range part.lines {
				fmt.Fprintln(d.out, "  "+l.Name)
			}
		}
	})
}
