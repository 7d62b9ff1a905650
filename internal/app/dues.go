package app

import (
	"context"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/dues"
	"kartotek/internal/locale"
	"kartotek/internal/mail"
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
