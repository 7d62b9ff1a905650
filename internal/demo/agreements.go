package demo

import (
	"context"

	"kartotek/internal/agreement"
)

// agreeing has the clubs asked to sign their processing agreement some days ago (N2): two
// have it back sealed, one waits for the law committee, and the others, the shown one
// among them, have not begun. Who processes for the district is known before: a host, and
// under it one in the USA (N12).
func (b *builder) agreeing(ctx context.Context, daysAgo int) error {
	manager, keeps := b.loginOf("register-manager")
	lawyer, looks := b.loginOf("law-committee")
	root, _ := b.Units.Tree().Root()
	if !keeps || !looks {
		return nil // so small a federation has nobody to see to it
	}
	if err := b.daysAgo(ctx, daysAgo); err != nil {
		return err
	}
	host, err := b.Agreements.AddProcessor(ctx, console(manager.Person), agreement.Processor{
		Unit: root.ID, Name: "Fjordvert AS", Address: "Havnegata 12, 7010 Trondheim", Contact: "personvern@fjordvert.example", Country: "NO", Transfer: "eea",
		Task:     spoken{{"nb", "Drifter maskinene som registeret går på"}, {"da", "Driver de maskiner, registret kører på"}, {"en", "Runs the machines of the register"}, {"sv", "Driver maskinerna som registret går på"}}.in(b.lang),
		Purposes: []string{"administration"}, Fields: []string{"given", "family", "address", "email", "mobile"},
	}, nil)
	if err != nil {
		return err
	}
	if _, err := b.Agreements.AddProcessor(ctx, console(manager.Person), agreement.Processor{
		Unit: root.ID, Parent: host.ID, Name: "Northlight Relay Inc.", Address: "400 Harbor Way, Portland", Contact: "privacy@northlight.example", Country: "US", Transfer: "dpf",
		Task:     spoken{{"nb", "Sender registerets e-post videre"}, {"da", "Sender registrets e-mail videre"}, {"en", "Relays the register's e-mail"}, {"sv", "Vidarebefordrar registrets e-post"}}.in(b.lang),
		Purposes: []string{"newsletter"}, Fields: []string{"given", "email"},
	}, nil); err != nil {
		return err
	}
	if _, err := b.Agreements.Ask(ctx, console(manager.Person)); err != nil {
		return err
	}
	mandate := agreement.Mandate{Meeting: "board", On: b.Access.Today().AddDays(-4), Item: spoken{{"nb", "sak 4"}, {"da", "punkt 4"}, {"en", "item 4"}, {"sv", "punkt 4"}}.in(b.lang)}
	signed := 0
	for i, body := range b.all {
		president, ok := b.dealt(i, presidentRound)
		at, known := b.Units.Tree().ByCode(body.code)
		if signed == 3 || !known || !ok || body.weight == 0 || body.code == shownClub || !b.Agreements.PartIn(president, at.ID).Signs {
			continue
		}
		a, err := b.Agreements.Sign(ctx, console(president), at.ID, agreement.Signing{Mandate: mandate})
		if err != nil {
			return err
		}
		if signed++; signed == 3 {
			break
		}
		if _, err := b.Agreements.Accept(ctx, console(lawyer.Person), a.Number); err != nil {
			return err
		}
		if _, err := b.Agreements.Countersign(ctx, console(manager.Person), a.Number); err != nil {
			return err
		}
	}
	return nil
}
