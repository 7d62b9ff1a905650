package app

import (
	"context"
	"strconv"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/declaration"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/mailing"
	"kartotek/internal/unit"
)

// DraftAnnouncement begins a message that tells a body's members what is new in its
// declaration (N16). It is a draft: whoever began it reads it through, and it goes out
// as any message of the body does. It goes to everybody where the charter has a purpose
// that no objection stops (L8).
func (h *House) DraftAnnouncement(ctx context.Context, by access.Actor, body unit.ID) (mailing.Mailing, error) {
	desk, err := h.Declarations.Desk(ctx, by, body)
	if err != nil {
		return mailing.Mailing{}, err
	}
	if desk.Newest == nil {
		return mailing.Mailing{}, fault.New(fault.NotFound, "declaration.error.none")
	}
	purposes := h.Mailings.Sendable(by, body)
	if len(purposes) == 0 {
		return mailing.Mailing{}, fault.New(fault.Denied, "mailing.denied.write")
	}
	purpose := purposes[0]
	for _, p := range purposes {
		if p.Statutory {
			purpose = p
			break
		}
	}
	p := h.Charter.Printer(h.Charter.Lang())
	text, err := h.announcement(ctx, &desk, p)
	if err != nil {
		return mailing.Mailing{}, err
	}
	return h.Mailings.Draft(ctx, by, mailing.Draft{
		Unit: body, Purpose: purpose.Code, Subject: p.T("declaration.announce.subject"), Text: text, Lang: p.Lang(), Letters: true, Households: true,
	})
}

// announcement is what members are told: what the body says has changed, which points
// differ, where everything stands, and that they are asked again where they are.
func (h *House) announcement(ctx context.Context, desk *declaration.Desk, p *locale.Printer) (string, error) {
	v, code := desk.Newest, desk.Body.Code
	parts := []string{
		p.T("declaration.announce.new", "body", desk.Body.Name, "number", v.Number, "date", h.Charter.Today(v.At)),
		p.T("declaration.announce.reason", "reason", v.Reason),
	}
	if v.Number > 1 {
		was, err := h.Declarations.Text(ctx, v.Unit, v.Number-1, p.Lang())
		if err != nil {
			return "", err
		}
		now := h.Declarations.Render(v, p.Lang())
		var points []string
		for _, d := range declaration.Compare(&was.Text, &now.Text) {
			if d.Number > 0 {
				points = append(points, "– "+strconv.Itoa(d.Number)+". "+d.Heading)
			}
		}
		if len(points) > 0 {
			parts = append(parts, p.T("declaration.announce.points")+"\n"+strings.Join(points, "\n"))
		}
		parts = append(parts, p.T("declaration.announce.differences", "url", h.changesURL(code, v.Number)))
	}
	parts = append(parts, p.T("declaration.announce.read", "url", h.URL+"/privacy/"+code))
	if v.Material {
		parts = append(parts, p.T("declaration.announce.material", "url", h.URL+consentsPath))
	}
	return strings.Join(parts, "\n\n"), nil
}

// changesURL is where stands what a version changed.
func (h *House) changesURL(code string, number int) string {
	return h.URL + "/privacy/" + code + "/differences?from=" + strconv.Itoa(number-1) + "&to=" + strconv.Itoa(number)
}

// Informed notes, when a body's members were each told of its declaration, that its
// newest version is announced (N16).
func (h *House) Informed(ctx context.Context, by access.Actor, body unit.ID, told int) error {
	open, err := h.Declarations.Announcing(ctx, body)
	if err != nil || !open || !h.Declarations.Edits(by, body) {
		return err
	}
	p := h.Charter.Printer(h.Charter.Lang())
	return h.Declarations.Announced(ctx, by, body, p.T("declaration.announce.each", "count", told))
}
