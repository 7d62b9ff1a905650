package app

import (
	"context"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/mail"
	"kartotek/internal/mailing"
	"kartotek/internal/retention"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// UnsubscribePath is the page on which a mail's link stops that kind of mail.
const UnsubscribePath = "/unsubscribe"

// connectMailings makes the room that writes to members without handing out a list.
func (h *House) connectMailings() {
	h.Mailings = mailing.New(mailing.Parts{
		Charter: h.Charter, DB: h.DB, Keyring: h.Keyring, Records: h.Records, Journal: h.Journal, Units: h.Units, Access: h.Access,
		Directory: h.Members, Duties: h.Duties, Mail: h.Mail, Now: h.Now,
		Link: func(token string) string { return h.URL + UnsubscribePath + "?t=" + token },
		Sender: func(lang string, id unit.ID) string {
			if name := h.bodyName(id); name != "" {
				return name
			}
			return h.organisation(lang)
		},
	})
}

// mailed tells the mailings what became of their mails. The outbox is made first.
type mailed struct{ h *House }

func (m mailed) Unknown(ctx context.Context, r mail.Report) error {
	return m.h.Mailings.Unknown(ctx, r)
}

func (m mailed) Settled(tx *database.Tx, r mail.Report) error { return m.h.Mailings.Settled(tx, r) }

// sendEvery is how often a mailing goes on that is being sent.
const sendEvery = 10 * time.Second

// runMailings sends mailings until stopped, beside the other scheduled work: a sweep
// that takes long must not hold up a notice.
func (h *House) runMailings(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(sendEvery)
		defer tick.Stop()
		for {
			h.attempt("mailings", func() error {
				if h.held() {
					return nil
				}
				return h.Mailings.Work(ctx)
			})
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
	return func() { cancel(); <-done }
}

func (h *House) mailingsOf(ctx context.Context, person vault.PersonID) ([]retention.Held, error) {
	count, until, err := h.Mailings.Of(ctx, person)
	return held("retention.held.mailings", count, until, err)
}

// letterLang is the language of a letter: its text's, else the person's, else the charter's.
func (h *House) letterLang(ctx context.Context, m *mail.Message) (string, error) {
	if m.Lang != "" {
		return m.Lang, nil
	}
	scope, err := h.self(m.Person)
	if err != nil {
		return "", err
	}
	if own, err := h.Members.Own(ctx, scope); err == nil && own.Language != "" {
		return own.Language, nil
	}
	return h.Charter.Lang(), nil
}
