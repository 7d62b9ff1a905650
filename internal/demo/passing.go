package demo

import (
	"context"
	"io"
	"slices"

	"kartotek/internal/consent"
	"kartotek/internal/extract"
	"kartotek/internal/passing"
	"kartotek/internal/vault"
)

// worldwide is whom the district passes members on to, and what they are asked about it.
const worldwide = "international"

// passOn has some members of the shown club agree to be passed on, and the register
// manager pass them on; more agree and one takes it back, and what follows waits to be
// carried there (N12).
func (b *builder) passOn(ctx context.Context) error {
	manager, runs := b.loginOf("register-manager")
	if _, declared := b.Charter.Receiver(worldwide); !declared || !runs {
		return nil
	}
	by, at := console(manager.Person), b.at(shownClub)
	var members []vault.PersonID
	if shown, there := b.loginOf("member"); there { // who sees on their own page what was passed on
		members = append(members, shown.Person)
	}
	for round := 0; len(members) < 9 && round < b.rounds; round++ {
		person, dealt := b.dealt(at, round)
		officer := slices.ContainsFunc(b.logins, func(l Login) bool { return l.Person == person }) // they have not answered yet
		if dealt && !officer && !slices.Contains(members, person) {
			members = append(members, person)
		}
	}
	most := len(members) * 2 / 3
	if most == 0 {
		return nil
	}
	if err := b.agree(ctx, members[:most]...); err != nil {
		return err
	}
	look, err := b.Passing.Preview(ctx, by, worldwide)
	if err != nil {
		return err
	}
	if _, err := b.Passing.Run(ctx, by, worldwide, look.Counts.Lines()); err != nil {
		return err
	}
	shown, err := b.Passing.Show(ctx, by, worldwide, 1)
	if err != nil {
		return err
	}
	for i := range shown.Batches {
		if batch := &shown.Batches[i]; batch.Way == passing.ByFile {
			if err := b.carry(ctx, manager.Person, batch.ID); err != nil {
				return err
			}
		}
	}
	if err := b.agree(ctx, members[most:]...); err != nil {
		return err
	}
	if err := b.Consents.Withdraw(ctx, console(members[most-1]), members[most-1], worldwide); err != nil {
		return err
	}
	_, err = b.Passing.Run(ctx, by, worldwide, 0)
	return err
}

// agree has members say yes to being passed on, each to the words they are shown.
func (b *builder) agree(ctx context.Context, members ...vault.PersonID) error {
	for _, person := range members {
		q, err := b.Consents.Ask(ctx, person, worldwide, b.language)
		if err != nil {
			return err
		}
		if err := b.Consents.Give(ctx, console(person), person, consent.Giving{Code: worldwide, Lang: b.language, Hash: q.Hash}); err != nil {
			return err
		}
	}
	return nil
}

// carry takes a batch to its recipient as a file, which is destroyed there and then.
func (b *builder) carry(ctx context.Context, who vault.PersonID, batch int64) error {
	file, err := b.Passing.Export(ctx, console(who), batch, b.language)
	if err != nil {
		return err
	}
	if err := file.Write(ctx, io.Discard); err != nil {
		return err
	}
	if err := b.Passing.Acknowledge(ctx, console(who), batch, "KI-2026/114"); err != nil {
		return err
	}
	for _, medium := range []extract.Medium{extract.Digital, extract.Physical} {
		if _, err := b.Extracts.Attest(ctx, console(who), file.Number(), medium); err != nil {
			return err
		}
	}
	return nil
}
