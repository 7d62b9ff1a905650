package demo

import (
	"context"
	"slices"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/declaration"
	"kartotek/internal/unit"
)

// declares lets some clubs have a privacy declaration: the shown one a second version
// that its members were not told of yet, one that something has drifted from, and one
// that is begun (N4, N13, N16).
func (b *builder) declares(ctx context.Context) error {
	president, _ := b.loginOf("president")
	secretary, _ := b.loginOf("secretary")
	shown := b.bodyOf("president")
	if president.Person == 0 || secretary.Person == 0 || shown == 0 {
		return nil
	}
	var others []unit.ID
	for _, u := range b.Units.Tree().All() {
		if b.Declarations.Needs(u) && u.ID != shown {
			others = append(others, u.ID)
		}
	}
	slices.Reverse(others) // the first ones have enough to do
	office, founder := b.service, console(b.logins[len(b.staff)].Person)
	if len(others) >= 3 {
		if err := b.declareFor(ctx, others[0], office, founder, "Første utgave", ""); err != nil {
			return err
		}
		if err := b.drifts(ctx, others[0], founder); err != nil {
			return err
		}
		if err := b.declareFor(ctx, others[1], office, founder, "Første utgave", ""); err != nil {
			return err
		}
		if err := b.says(ctx, others[2], office, "purpose", "Vi skriver til medlemmene før hvert møte."); err != nil {
			return err
		}
	}
	writes, looks := console(secretary.Person), console(president.Person)
	if err := b.declareFor(ctx, shown, writes, looks, "Første utgave", "Vi sender innkalling til hvert møte og et brev før jul."); err != nil {
		return err
	}
	if err := b.Declarations.Announced(ctx, writes, shown, "Delt ut på møtet"); err != nil {
		return err
	}
	return b.declareFor(ctx, shown, writes, looks, "Vi skriver oftere til dere, og bildene står på klubbens side",
		"Vi sender innkalling til hvert møte og et brev hver måned. Bilder fra møtene vises på klubbens side for medlemmer.")
}

// declareFor writes, looks through and publishes a club's declaration.
func (b *builder) declareFor(ctx context.Context, club unit.ID, writes, looks access.Actor, reason, purpose string) error {
	desk, err := b.Declarations.Desk(ctx, writes, club)
	if err != nil {
		return err
	}
	grounds := map[string]string{}
	for i := range desk.Abroad {
		grounds[desk.Abroad[i].Code] = "EUs standardkontrakt"
	}
	contact := declaration.Contact{Function: charter.Words{b.language: "sekretæren"}, Phone: "22 33 44 55", Email: "sekretaer@klubben.example"}
	for _, w := range []declaration.Change{
		{Part: "contact", Contact: &contact, Reason: "Hvem man spør"}, {Part: "sharing", Grounds: grounds, Reason: "Hva overføringen bygger på"},
	} {
		w.Language, w.Seen = b.language, desk.Draft.Own.Seen[w.Part]
		if _, err := b.Declarations.Write(ctx, writes, club, w); err != nil {
			return err
		}
	}
	if purpose != "" {
		if err := b.says(ctx, club, writes, "purpose", purpose); err != nil {
			return err
		}
	}
	if err := b.Declarations.Submit(ctx, writes, club, reason, false); err != nil {
		return err
	}
	if err := b.Declarations.Review(ctx, looks, club, true, ""); err != nil {
		return err
	}
	_, err = b.Declarations.Publish(ctx, writes, club)
	return err
}

// says writes a club's own words to a point.
func (b *builder) says(ctx context.Context, club unit.ID, by access.Actor, part, words string) error {
	desk, err := b.Declarations.Desk(ctx, by, club)
	if err != nil {
		return err
	}
	_, err = b.Declarations.Write(ctx, by, club, declaration.Change{Part: part, Language: b.language, Words: &words, Seen: desk.Draft.Own.Seen[part], Reason: "Slik gjør vi det"})
	return err
}

// drifts gives a club a new name, which its declaration does not say yet.
func (b *builder) drifts(ctx context.Context, club unit.ID, by access.Actor) error {
	scope, err := b.Access.Require(ctx, by, access.Want{Act: charter.Units, Unit: club})
	if err != nil {
		return err
	}
	at, _ := b.Units.Tree().ByID(club)
	_, err = b.Units.Rename(ctx, b.Recorder(scope.Entry(0)), club, at.Name+" Vest")
	return err
}
