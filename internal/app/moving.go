package app

import (
	"context"

	"kartotek/internal/charter"
	"kartotek/internal/locale"
	"kartotek/internal/mail"
	"kartotek/internal/transfer"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// connectTransfers gives the room of moving what it asked for, and lets it take
// in whom officers add.
func (h *House) connectTransfers() {
	h.Transfers = transfer.New(transfer.Parts{
		Charter: h.Charter, DB: h.DB, Keyring: h.Keyring, Records: h.Records, Journal: h.Journal, Units: h.Units, Members: h.Members,
		Access: h.Access, Duties: h.Duties, Posts: h.Access, Eraser: h.Departures, Letters: notes{h}, Now: h.Now,
	})
	h.Members.Newcomers = h.Transfers
}

// notes tell that there is something to look at after signing in. They name
// nobody, and say nothing of what it is.
type notes struct{ h *House }

// Officers writes to whoever may do an act in a body.
func (n notes) Officers(ctx context.Context, body unit.ID, act charter.Acts) ([]transfer.Letter, error) {
	var all []transfer.Letter
	for _, person := range n.h.Access.Officers(body, act) {
		letters, err := n.write(ctx, person, "transfer.waits", n.h.URL+"/moving")
		if err != nil {
			return nil, err
		}
		all = append(all, letters...)
	}
	return all, nil
}

// Member writes to whoever moves.
func (n notes) Member(ctx context.Context, person vault.PersonID, kind string) ([]transfer.Letter, error) {
	return n.write(ctx, person, kind, n.h.URL+"/me")
}

func (n notes) write(ctx context.Context, person vault.PersonID, kind, where string) ([]transfer.Letter, error) {
	message, err := letters(n).compose(ctx, person, kind, func(p *locale.Printer) string { return p.T(kind+".body", "url", where) })
	if err != nil || message == nil {
		return nil, err
	}
	return n.seal(ctx, *message)
}

func (n notes) seal(ctx context.Context, m mail.Message) ([]transfer.Letter, error) {
	prepared, err := n.h.Mail.Prepare(ctx, m)
	if err != nil {
		return nil, err
	}
	return []transfer.Letter{prepared.Enqueue}, nil
}
