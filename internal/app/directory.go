package app

import (
	"context"
	"io"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/directory"
	"kartotek/internal/extract"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// connectDirectory makes the room of privacy pages, closed pages and open pages, and
// hands it what other rooms publish (N1, N11, N12).
func (h *House) connectDirectory() {
	h.Directory = directory.New(directory.Parts{
		Charter: h.Charter, DB: h.DB, Records: h.Records, Journal: h.Journal, Units: h.Units, Access: h.Access, Members: h.Members, Now: h.Now,
		Declarations: published{h}, Agreements: agreed{h}, Processors: agreed{h}, Templates: published{h},
	})
	h.Directory.Recipients = receivers{h}
	h.AskConsents(func(q database.Querier, person vault.PersonID, code string) (bool, error) {
		return h.Consents.Stands(q, person, code)
	})
}

// AuthorityFor is whom a member can complain to (GDPR Art. 77): that of their own body's
// country.
func (h *House) AuthorityFor(person vault.PersonID, p *locale.Printer) directory.Link {
	var body unit.ID
	if own := h.Members.Units(person); len(own) > 0 {
		body = own[0]
	}
	return h.Directory.Authority(body, p)
}

// PullDirectory takes a printed directory of a body out as a list: numbered, on record
// with everybody on it, and destroyed by its day (N11, D12). What somebody does not let
// others see stays empty.
func (h *House) PullDirectory(ctx context.Context, by access.Actor, body unit.ID, lang string) (*extract.Delivery, error) {
	sheet, err := h.Directory.Printable(ctx, by, body)
	if err != nil {
		return nil, err
	}
	return h.Extracts.Pull(ctx, by, extract.Wish{
		Unit: body, Purpose: h.Charter.Directory.Purpose, Format: extract.PDF, Lang: lang,
		Beside: &extract.Beside{Among: sheet.Among, Covered: sheet.Covered},
	})
}

// PrintPrivacy writes a body's privacy page as PDF (N1).
func (h *House) PrintPrivacy(ctx context.Context, w io.Writer, code, lang string) error {
	p := h.Charter.Printer(lang)
	page, err := h.Directory.Privacy(ctx, code, p)
	if err != nil {
		return err
	}
	return h.Directory.Print(w, &page, h.URL, p)
}

// stands asks whether a person's consent stands at this moment.
type stands func(q database.Querier, person vault.PersonID, code string) (bool, error)

// consents says of those who hold a body's functions who may be shown (N11).
type consents struct {
	h      *House
	stands stands
}

func (c consents) Agreed(ctx context.Context, persons []vault.PersonID) (access.Consented, error) {
	all := access.Consented{Page: roaring.New(), Email: roaring.New()}
	err := c.h.DB.Read(ctx, func(q database.Querier) error {
		for _, person := range persons {
			page, err := c.stands(q, person, charter.ConsentOpenPage)
			if err != nil || !page {
				if err != nil {
					return err
				}
				continue
			}
			all.Page.Add(uint32(person))
			email, err := c.stands(q, person, charter.ConsentOpenEmail)
			if err != nil {
				return err
			}
			if email {
				all.Email.Add(uint32(person))
			}
		}
		return nil
	})
	return all, err
}

// AskConsents has the open pages ask for consents as told.
func (h *House) AskConsents(ask func(q database.Querier, person vault.PersonID, code string) (bool, error)) {
	h.Access.Consents = consents{h, ask}
}
