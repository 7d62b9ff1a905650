package app

import (
	"context"
	"io"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/directory"
	"kartotek/internal/extract"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// connectDirectory makes the room of privacy pages, closed pages and open pages, and
// hands it what other rooms publish (N1, N11, N12).
func (h *House) connectDirectory() {
	h.Directory = directory.New(directory.Parts{
		Charter: h.Charter, DB: h.DB, Records: h.Records, Journal: h.Journal, Units: h.Units, Access: h.Access, Members: h.Members, Now: h.Now,
	})
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

// agreements to open pages, asked at each request (N11).
type agreed struct{ h *House }

// stands reports whether a person's consent stands.
type stands func(ctx context.Context, person vault.PersonID, code string) (bool, error)

func (s stands) Agreed(ctx context.Context, persons []vault.PersonID) (access.Consented, error) {
	var all access.Consented
	for code, set := range map[string]*[]vault.PersonID{charter.ConsentOpenPage: nil, charter.ConsentOpenEmail: nil} {
		_, _ = code, set
	}
	return all, nil
}
