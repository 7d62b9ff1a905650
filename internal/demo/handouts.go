package demo

import (
	"context"
	"io"

	"kartotek/internal/handout"
)

// handOut lets the chair of a storkreds, which has no access, be handed its list; it is
// with them now (D13).
func (b *builder) handOut(ctx context.Context) error {
	chair, _ := b.loginOf("regional-chair")
	office, _ := b.loginOf("secretariat")
	bodies := b.Handouts.Bodies(chair.Person)
	if len(bodies) == 0 || office.Person == 0 {
		return nil
	}
	c, err := b.requisition(ctx, bodies[0], "invitation", "Storkredsen indbyder alle sine medlemmer til sommermøde den 14. juni.")
	if err != nil {
		return err
	}
	if _, err = b.Handouts.Approve(ctx, console(office.Person), c.ID, ""); err != nil {
		return err
	}
	code, err := b.Handouts.ReadCode(ctx, console(office.Person), c.ID)
	if err != nil {
		return err
	}
	key, err := b.Handouts.Key(ctx, console(chair.Person), c.ID)
	if err != nil {
		return err
	}
	d, err := b.Handouts.Fetch(ctx, key, code, "192.0.2.1")
	if err != nil {
		return err
	}
	return d.Write(ctx, io.Discard)
}

// handingOut is what goes on now: the chair waits for an answer, and an employee's list
// can be fetched (D5, D13).
func (b *builder) handingOut(ctx context.Context) error {
	chair, _ := b.loginOf("regional-chair")
	for _, body := range b.Handouts.Bodies(chair.Person) {
		if _, err := b.requisition(ctx, body, "newsletter", "Nyt fra storkredsen om kandidaterne til valget."); err != nil {
			return err
		}
		break
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

func (b *builder) requisition(ctx context.Context, body handout.Body, purpose, need string) (handout.Case, error) {
	chair, _ := b.loginOf("regional-chair")
	return b.Handouts.Ask(ctx, console(chair.Person), handout.Wish{
		As: body.Post, For: chair.Person, Unit: body.Unit, Purpose: purpose, Format: "xlsx", Channel: handout.ByPage, Need: need,
	})
}
