package demo

import (
	"context"

	"kartotek/internal/handout"
)

// handingOut is what goes on now: the chair waits for an answer, and an employee's list
// can be fetched (D5, D13).
func (b *builder) handingOut(ctx context.Context) error {
	chair, _ := b.loginOf("regional-chair")
	if bodies := b.Handouts.Bodies(chair.Person); len(bodies) > 0 {
		if _, err := b.Handouts.Ask(ctx, console(chair.Person), handout.Wish{
			As: bodies[0].Post, For: chair.Person, Unit: bodies[0].Unit, Purpose: "invitation", Format: "xlsx", Channel: handout.ByPage,
			Need: "Storkredsen indbyder alle sine medlemmer til sommermøde den 14. juni.",
		}); err != nil {
			return err
		}
	}
	at, known := b.Units.Tree().ByCode(shown)
	office, _ := b.loginOf("secretariat")
	if !known || office.Person == 0 {
		return nil
	}
	c, err := b.Handouts.Ask(ctx, console(office.Person), handout.Wish{
		As: "employee", To: handout.Recipient{Name: "Pernille Pressesen", Email: "pernille.pressesen@example.dk", Function: "pressemedarbejder", Lang: "da"},
		Unit: at.ID, Purpose: "invitation", Format: "xlsx", Need: "Indbydelser til et debatmøde, som presseafdelingen holder med foreningen.", Channel: handout.ByMail,
	})
	if err != nil {
		return err
	}
	_, err = b.Handouts.Approve(ctx, console(office.Person), c.ID, "")
	return err
}
