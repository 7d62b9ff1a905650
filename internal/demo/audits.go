package demo

import (
	"context"

	"kartotek/internal/access"
	"kartotek/internal/audit"
)

// auditHalf opens the yearly audit some days ago and answers half of the shown club's roll
// (N13): one card had a wrong town, and one member is said to have left.
func (b *builder) auditHalf(ctx context.Context, code string, daysAgo int) error {
	body, known := b.Units.Tree().ByCode(code)
	manager, keeps := b.loginOf("register-manager")
	secretary, answers := b.loginOf("secretary")
	if !known || !keeps || !answers {
		return nil
	}
	if err := b.daysAgo(ctx, daysAgo); err != nil {
		return err
	}
	a, err := b.Audits.OpenByHand(ctx, console(manager.Person))
	if err != nil {
		return err
	}
	by := access.Actor{Person: secretary.Person, Via: access.Web}
	for n := 0; ; n++ {
		shown, err := b.Audits.Show(ctx, by, a.ID, body.ID)
		if err != nil || shown.Person == 0 || shown.Part.Counts.Answered()*2 >= shown.Part.Counts.Members() {
			return err
		}
		switch n {
		case 2:
			_, err = b.Audits.Tell(ctx, by, audit.Wish{Audit: a.ID, Unit: body.ID, What: audit.Field, Person: shown.Person, Values: map[string]string{"town": "Bekkestua"}})
		case 5:
			_, err = b.Audits.Mark(ctx, by, a.ID, body.ID, shown.Person, audit.Left)
		default:
			_, err = b.Audits.Mark(ctx, by, a.ID, body.ID, shown.Person, audit.Here)
		}
		if err != nil {
			return err
		}
	}
}
