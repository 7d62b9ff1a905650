package app

import (
	"context"

	"kartotek/internal/letter"
	"kartotek/internal/mail"
	"kartotek/internal/vault"
)

// connectLetters makes the print queue, into which every mail to somebody without
// an address falls.
func (h *House) connectLetters() {
	h.Letters = letter.New(letter.Parts{
		Charter: h.Charter, DB: h.DB, Keyring: h.Keyring, Journal: h.Journal, Access: h.Access, Directory: h.Members, Duties: h.Duties,
		Sender: h.organisation, Now: h.Now,
	})
}

// organisation is what the association is called, inside an envelope.
func (h *House) organisation(lang string) string {
	if root, ok := h.Units.Tree().Root(); ok {
		return root.Name
	}
	return h.Charter.Name.In(lang)
}

// paper is where the outbox takes what is to somebody without an address.
type paper struct{ h *House }

func (p paper) Prepare(ctx context.Context, messages []mail.Message) ([]mail.Sheet, error) {
	drafts := make([]letter.Draft, len(messages))
	for i, m := range messages {
		lang, err := p.h.letterLang(ctx, &m)
		if err != nil {
			return nil, err
		}
		drafts[i] = letter.Draft{
			Person: m.Person, With: m.With, Subject: m.Subject, Body: m.Body, Lang: lang, Kind: m.Kind, Holds: m.Kind == certificateKind,
			Soon: m.Kind == closedKind,
		}
	}
	prepared, err := p.h.Letters.Prepare(ctx, drafts...)
	sheets := make([]mail.Sheet, len(prepared))
	for i := range prepared {
		sheets[i] = prepared[i]
	}
	return sheets, err
}

// certificateKind is the letter that an erasure waits for.
const certificateKind = "departure.certificate"

// closedKind is the letter that says until when a closing can be undone.
const closedKind = "departure.closed"

// onPaper reports whether a person is written to on paper.
func (l letters) onPaper(ctx context.Context, person vault.PersonID) bool {
	scope, err := l.h.self(person)
	if err != nil {
		return false
	}
	own, err := l.h.Members.Own(ctx, scope)
	return err == nil && (own.Email == "" || own.EmailBack)
}
