package demo

import (
	"context"
	"fmt"
	"slices"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/member"
	"kartotek/internal/notice"
	"kartotek/internal/vault"
)

// holders are who outside holds members' data of an invented federation: the
// printer, the international body, whoever keeps nothing (L3).
type holders struct {
	printer, international, keepsNothing notice.Holder
	ground                               spoken // why one of them could not do what it was told
	street                               string // where those whose addresses are corrected live
}

// outsideDay is what happens with the holders on a day, while the others live on.
type outsideDay struct {
	daysAgo int
	does    func(b *builder, ctx context.Context) error
}

// outsideDays are those days, the earliest first: what they were told is answered,
// declined, and not answered yet.
var outsideDays = []outsideDay{
	{historyDays - 1, (*builder).declareHolders},
	{42, func(b *builder, ctx context.Context) error { return b.moved(ctx, 1) }},
	{40, func(b *builder, ctx context.Context) error { return b.answered(ctx, notice.Acknowledged, "") }},
	{38, func(b *builder, ctx context.Context) error { return b.moved(ctx, 2) }},
	{35, func(b *builder, ctx context.Context) error {
		return b.answered(ctx, notice.Effort, b.outside.ground.in(b.lang))
	}},
	{32, (*builder).hand},
	{12, (*builder).shownMoves},
}

// daysAgo sets the clock forward, and lets happen outside what lies between.
func (b *builder) daysAgo(ctx context.Context, days int) error {
	for b.outsideDone < len(outsideDays) && outsideDays[b.outsideDone].daysAgo >= days {
		day := outsideDays[b.outsideDone]
		b.outsideDone++
		b.clock.daysAgo(day.daysAgo)
		if err := day.does(b, ctx); err != nil {
			return err
		}
	}
	b.clock.daysAgo(days)
	return nil
}

// declareHolders puts them into the register of holders.
func (b *builder) declareHolders(ctx context.Context) error {
	for _, h := range []*notice.Holder{&b.outside.printer, &b.outside.international, &b.outside.keepsNothing} {
		made, err := b.Notices.AddHolder(ctx, b.service, *h)
		if err != nil {
			return err
		}
		*h = made
	}
	return nil
}

// moved corrects the address of a member of another body than the one that is
// shown, and has the holders told.
func (b *builder) moved(ctx context.Context, n int) error {
	person, ok := b.dealt((b.at(b.shown)+n)%len(b.all), 4)
	if !ok {
		return nil
	}
	return b.correct(ctx, person, n)
}

// shownMoves is the same of the member whom one signs in as, who stands on the list
// that the printer has.
func (b *builder) shownMoves(ctx context.Context) error {
	shown, ok := b.loginOf("member")
	if !ok {
		return nil
	}
	return b.correct(ctx, shown.Person, 0)
}

// correct is the secretariat putting an address right.
func (b *builder) correct(ctx context.Context, person vault.PersonID, n int) error {
	scope, err := b.Access.Require(ctx, b.service, access.Want{Act: charter.Edit})
	if err != nil {
		return err
	}
	address := fmt.Sprintf("%s %d", b.outside.street, n+3)
	if _, err := b.Members.Update(ctx, scope, person, member.Changes{Values: map[string]string{"address": address}}); err != nil {
		return err
	}
	_, err = b.Notices.SendNow(ctx, b.service)
	return err
}

// answered takes down what was said to the newest notice.
func (b *builder) answered(ctx context.Context, state notice.State, ground string) error {
	newest, err := b.Notices.List(ctx, b.service, "told", 1, 1)
	if err != nil || len(newest.Notices) == 0 || !newest.Notices[0].Open() {
		return err
	}
	return b.Notices.Settle(ctx, b.service, newest.Notices[0].ID, state, ground)
}

// hand has an officer of the shown body hand a list to the printer.
func (b *builder) hand(ctx context.Context) error {
	for _, role := range []string{"chair", "secretary"} {
		who, ok := b.loginOf(role)
		if !ok {
			continue
		}
		mine, err := b.Extracts.Mine(ctx, console(who.Person))
		if err != nil {
			return err
		}
		for _, list := range mine {
			if slices.Contains(list.Fields, "address") {
				return b.Notices.Hand(ctx, console(who.Person), list.Number, b.outside.printer.ID)
			}
		}
	}
	return nil
}
