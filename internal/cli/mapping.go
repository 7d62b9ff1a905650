package cli

import (
	"context"
	"fmt"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/member"
)

// Saved mappings: what the columns of a kind of file are, under a name.

type mappingListCommand struct {
	asWho
	inHouse
	Unit string `placeholder:"CODE"`
}

type mappingRenameCommand struct {
	asWho
	inHouse
	Name string `arg:"" name:"NAME"`
	To   string `arg:"" name:"NEW-NAME"`
	Unit string `placeholder:"CODE"`
}

type mappingDeleteCommand struct {
	asWho
	inHouse
	Name string `arg:"" name:"NAME"`
	Unit string `placeholder:"CODE"`
}

// mappingAnswer is one saved mapping.
type mappingAnswer struct {
	Name   string    `json:"name"`
	Unit   string    `json:"unit"`
	Fields []string  `json:"fields"`
	Used   time.Time `json:"used_at"`
	Own    bool      `json:"own"`
}

func (c *mappingListCommand) run(ctx context.Context, d *desk) error {
	_, all, err := d.mappings(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	answers := []mappingAnswer{}
	for _, m := range all {
		a := mappingAnswer{Name: m.Name, Fields: m.Fields, Used: m.Used, Own: m.Own}
		if u, known := d.house.Units.Tree().ByID(m.Unit); known {
			a.Unit = u.Code
		}
		answers = append(answers, a)
	}
	return d.answer(answers, func() {
		for _, a := range answers {
			fmt.Fprintf(d.out, "%s  %s  %s\n", printable(a.Name), a.Unit, d.p.T("cli.mapping.columns", "count", len(a.Fields)))
		}
		d.say("cli.mapping.count", "count", len(answers))
	})
}

func (c *mappingRenameCommand) run(ctx context.Context, d *desk) error {
	return d.changeMapping(ctx, c.As, c.Unit, c.Name, func(scope access.Scope, id int64) error {
		return d.house.Members.RenameMapping(ctx, scope, id, c.To)
	})
}

func (c *mappingDeleteCommand) run(ctx context.Context, d *desk) error {
	return d.changeMapping(ctx, c.As, c.Unit, c.Name, func(scope access.Scope, id int64) error {
		return d.house.Members.DeleteMapping(ctx, scope, id)
	})
}

// mappings are those that whoever acts may use.
func (d *desk) mappings(ctx context.Context, as, code string) (access.Scope, []member.Mapping, error) {
	body, err := d.body(code)
	if err != nil {
		return access.Scope{}, nil, err
	}
	scope, err := d.decide(ctx, as, access.Want{Act: charter.Import, Unit: body})
	if err != nil {
		return scope, nil, err
	}
	all, err := d.house.Members.Mappings(ctx, scope)
	return scope, all, err
}

// changeMapping changes a mapping of one's own body, by its name.
func (d *desk) changeMapping(ctx context.Context, as, code, name string, change func(access.Scope, int64) error) error {
	scope, all, err := d.mappings(ctx, as, code)
	if err != nil {
		return err
	}
	for _, m := range all {
		if m.Own && m.Name == name {
			if err := change(scope, m.ID); err != nil {
				return err
			}
			return d.answer(struct {
				Done bool `json:"done"`
			}{true}, func() { d.say("cli.mapping.done") })
		}
	}
	return fault.New(fault.NotFound, "member.import.no_mapping")
}
