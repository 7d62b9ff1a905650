package demo

import (
	"context"

	"kartotek/internal/meeting"
)

// gathering is a general meeting to come in the shown body.
type gathering struct {
	caller     string // the role that plans it
	kind       meeting.Kind
	days       int // from the last day of the story
	place      string
	agenda     []string
	posts      map[string]int
	candidates int // of the members nobody was dealt as
	question   string
}

// meet plans it, with who stands for the first post.
func (b *builder) meet(ctx context.Context, body string, g gathering) error {
	at, known := b.Units.Tree().ByCode(body)
	caller, _ := b.loginOf(g.caller)
	if !known || caller.Person == 0 {
		return nil
	}
	by := console(caller.Person)
	m, err := b.Meetings.Plan(ctx, by, meeting.Wish{
		Unit: at.ID, Kind: g.kind, Day: b.Access.Today().AddDays(g.days), Clock: "19:00", Place: g.place, Agenda: g.agenda, Posts: g.posts,
	})
	if err != nil {
		return err
	}
	for nth := range g.candidates {
		if person, ok := b.ordinary(at.ID, nth+2); ok {
			if err := b.Meetings.Stand(ctx, by, m.Number, 1, person); err != nil {
				return err
			}
		}
	}
	_, err = b.Meetings.Ask(ctx, by, m.Number, g.question, 0)
	return err
}
