package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/departure"
	"kartotek/internal/dues"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/mail"
	"kartotek/internal/vault"
)

// connectDues makes the ledger of what members owe and pay.
func (h *House) connectDues() (err error) {
	h.Dues, err = dues.New(dues.Parts{
		Charter: h.Charter, DB: h.DB, Keyring: h.Keyring, Records: h.Records, Journal: h.Journal, Access: h.Access, Directory: h.Members,
		Units: h.Units, Duties: h.Duties, Post: bills{h}, Now: h.Now,
	})
	return err
}

// billLife is how long a bill or a reminder is tried to be sent.
const billLife = 7 * 24 * time.Hour

// bills writes to members what they owe.
type bills struct{ h *House }

// Write seals every message, by mail or for the print queue, with one durable
// write of the keyring.
func (b bills) Write(ctx context.Context, all []dues.Message) (func(tx *database.Tx) error, []bool, error) {
	written := make([]bool, len(all))
	var messages []mail.Message
	for i := range all {
		m := &all[i]
		kind := "dues.bill"
		if m.Level > 0 {
			kind = "dues.reminder"
		}
		message, err := letters(b).compose(ctx, m.Person, kind, func(p *locale.Printer) string { return b.text(p, m) })
		if err != nil {
			return nil, nil, err
		}
		if message == nil {
			continue
		}
		written[i], message.Ends = true, b.h.Now().Add(billLife)
		messages = append(messages, *message)
	}
	prepared, err := b.h.Mail.PrepareAll(ctx, messages...)
	if err != nil {
		return nil, nil, err
	}
	return func(tx *database.Tx) error {
		for _, p := range prepared {
			if err := p.Enqueue(tx); err != nil {
				return err
			}
		}
		return nil
	}, written, nil
}

// text is what stands in a bill or a reminder: for which year, how much, until
// when, and how it is paid.
func (b bills) text(p *locale.Printer, m *dues.Message) string {
	key := "dues.mail.bill"
	switch {
	case m.Level >= b.h.Charter.Dues.Reminders.Value && m.Level > 0:
		key = "dues.mail.last"
	case m.Level > 0:
		key = "dues.mail.reminder"
	}
	text := p.T(key, "year", m.Charge.Year, "amount", p.Amount(m.Open), "date", p.Date(m.Charge.Due)) + "\n\n"
	if m.Payment.FI != "" {
		text += p.T("dues.mail.fi", "line", m.Payment.FI)
	} else {
		text += p.T("dues.mail.kid", "account", m.Payment.Account, "kid", m.Payment.KID)
	}
	return text + "\n\n" + p.T("dues.mail.question") + "\n\n" + b.h.URL + "/me/dues"
}

// keeper hands over what bookkeeping law keeps of somebody who leaves (L7, N14).
type keeper struct{ h *House }

// Bookkeeping gives the facts of one person: what was charged and what was
// entered. Carrying moves money between two charges and comes out at nothing; a
// counter-entry is what it counters, with the other sign.
func (k keeper) Bookkeeping(ctx context.Context, person vault.PersonID) (facts []departure.Fact, err error) {
	account, err := k.h.Dues.Everything(ctx, person)
	if err != nil || len(account.Lines) == 0 {
		return nil, err
	}
	name := ""
	if scope, err := k.h.self(person); err == nil {
		own, err := k.h.Members.Own(ctx, scope)
		switch {
		case err == nil:
			name = own.Name()
		case !fault.Is(err, fault.NotFound) && !errors.Is(err, vault.ErrTampered):
			return nil, err
		}
	}
	currency := "NOK"
	if k.h.Charter.Dues.Reference == charter.ReferenceFI {
		currency = "DKK"
	}
	for i := range account.Lines {
		l := &account.Lines[i]
		fact := departure.Fact{Unit: l.Unit, Currency: currency, Reference: l.Reference, Name: name}
		charged := fact
		charged.Kind, charged.Amount, charged.On, charged.Voucher = departure.FactCharge, l.Amount, l.Booked, fmt.Sprintf("%d/%d", l.Year, l.Run)
		facts = append(facts, charged)
		for _, e := range l.Entries {
			entered := fact
			entered.Kind, entered.Amount, entered.On, entered.Voucher = factKind(l, &e), e.Amount, e.Booked, fmt.Sprint(e.Number)
			if entered.Kind == departure.FactRefund {
				entered.Amount = -e.Amount // money that went back, as a sum
			}
			facts = append(facts, entered)
		}
	}
	slices.SortStableFunc(facts, func(a, b departure.Fact) int { return a.On.DaysSince(b.On) })
	return facts, nil
}

func factKind(l *dues.Line, e *dues.Entry) departure.FactKind {
	kind := e.Kind
	if kind == dues.Countered {
		for _, of := range l.Entries {
			if of.Number == e.Of {
				kind = of.Kind
			}
		}
	}
	switch kind {
	case dues.Refunded:
		return departure.FactRefund
	case dues.WrittenOff:
		return departure.FactWriteOff
	}
	return departure.FactPayment
}
