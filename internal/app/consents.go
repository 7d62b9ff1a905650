package app

import (
	"context"

	"kartotek/internal/consent"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/letter"
	"kartotek/internal/locale"
	"kartotek/internal/retention"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// connectConsents makes the room of informing and consent (N10, L5, L9).
func (h *House) connectConsents() {
	h.Consents = consent.New(consent.Parts{
		Charter: h.Charter, DB: h.DB, Records: h.Records, Journal: h.Journal, Units: h.Units, Access: h.Access, Duties: h.Duties,
		Members: h.Members, Declarations: declared{h}, Letters: informing{h}, Signer: h.Keyring, Now: h.Now,
	})
	h.Letters.Slips = slips{h}
}

// declared tells the room of consents which declaration stands for a body.
type declared struct{ h *House }

func (d declared) Standing(ctx context.Context, body unit.ID) (consent.Declared, bool, error) {
	v, there, err := d.h.Declarations.Published(ctx, body)
	if err != nil || !there {
		return consent.Declared{}, false, err
	}
	return consent.Declared{Version: consent.Version{Unit: v.Unit, Number: int64(v.Number)}, At: v.At, Hashes: v.Hashes}, true, nil
}

// followDeclarations has consents asked again where a declaration changes materially.
func (h *House) followDeclarations() {
	h.Declarations.OnPublish(func(tx *database.Tx, body unit.ID, number int, material bool) error {
		return h.Consents.Published(context.Background(), tx, body, int64(number), material)
	})
}

// applied notes of an applicant which declaration they were shown (N10).
type applied struct{ h *House }

func (a applied) Shown(ctx context.Context, body unit.ID, lang string) (func(*database.Tx, vault.PersonID) error, error) {
	v, err := a.h.Consents.VersionOf(ctx, body, lang)
	if err != nil || v.Number == 0 {
		return func(*database.Tx, vault.PersonID) error { return nil }, err
	}
	return func(tx *database.Tx, person vault.PersonID) error { return a.h.Consents.Applied(tx, person, v, lang) }, nil
}

// informing writes to members of the declaration and of what they are asked. Neither
// sender nor subject says what it is about (L1).
type informing struct{ h *House }

// mePath is a member's own page, consentsPath what they are asked.
const consentsPath = "/me/consents"

func (i informing) Declared(ctx context.Context, person vault.PersonID, d *consent.Declared) (*consent.Letter, error) {
	body, _ := i.h.Units.Tree().ByID(d.Unit)
	v, err := i.h.Declarations.Version(ctx, d.Unit, int(d.Number))
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	return i.letter(ctx, person, "consent.inform", func(p *locale.Printer) string {
		text := p.T("consent.inform.body", "body", body.Name, "url", i.h.URL+consentsPath, "number", d.Number, "day", p.Date(i.h.Charter.Today(d.At)),
			"authority", i.h.Directory.Authority(d.Unit, p).Text)
		if v.Number > 1 { // N16: with what changed
			text += "\n\n" + p.T("declaration.announce.reason", "reason", v.Reason) + "\n\n" + p.T("declaration.announce.differences", "url", i.h.changesURL(body.Code, v.Number))
		}
		return text
	})
}

func (i informing) Asked(ctx context.Context, person vault.PersonID) (*consent.Letter, error) {
	return i.letter(ctx, person, "consent.again", func(p *locale.Printer) string {
		return p.T("consent.again.body", "url", i.h.URL+consentsPath)
	})
}

func (i informing) letter(ctx context.Context, person vault.PersonID, kind string, text func(*locale.Printer) string) (*consent.Letter, error) {
	lang := ""
	message, err := letters(i).compose(ctx, person, kind, func(p *locale.Printer) string {
		lang = p.Lang()
		return text(p)
	})
	if err != nil || message == nil {
		return nil, err
	}
	prepared, err := i.h.Mail.Prepare(ctx, *message)
	if err != nil {
		return nil, err
	}
	how := consent.ByMail
	if message.To == "" {
		how = consent.ByLetter
	}
	return &consent.Letter{How: how, Lang: lang, Enqueue: prepared.Enqueue}, nil
}

// slips goes with the letters that ask something of somebody without e-mail.
type slips struct{ h *House }

func (s slips) Slip(ctx context.Context, by vault.PersonID, l *letter.Letter, name string) (*letter.Slip, error) {
	if l.Kind != "consent.inform" && l.Kind != "consent.again" {
		return nil, nil
	}
	slip, err := s.h.Consents.Slip(ctx, by, l.Person, l.ID, l.Lang, name)
	if err != nil {
		return nil, err
	}
	return &letter.Slip{Lead: slip.Lead, Strip: slip.Strip, Note: slip.Note}, nil
}

func (h *House) consentPapersOf(ctx context.Context, person vault.PersonID) ([]retention.Held, error) {
	count, until, err := h.Consents.PapersHeld(ctx, person)
	return held("retention.held.papers", count, until, err)
}

func (h *House) consentsOf(ctx context.Context, person vault.PersonID) ([]retention.Held, error) {
	count, until, err := h.Consents.Held(ctx, person)
	return held("retention.held.consents", count, until, err)
}
