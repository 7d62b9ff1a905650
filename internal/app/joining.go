package app

import (
	"context"

	"kartotek/internal/charter"
	"kartotek/internal/joining"
	"kartotek/internal/locale"
	"kartotek/internal/mail"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// How often strangers may knock at the open form: applications of one address in
// a day, visits from one network in ten minutes, applications of all in an hour.
const (
	knocksPerAddress = 5
	knocksPerNetwork = 30
	knocksInAll      = 500
)

// connectJoining gives the room of the application form what it asked for.
func (h *House) connectJoining() {
	h.Joining = joining.New(joining.Parts{
		Charter: h.Charter, DB: h.DB, Keyring: h.Keyring, Records: h.Records, Journal: h.Journal, Units: h.Units, Members: h.Members,
		Access: h.Access, Duties: h.Duties, Eraser: applicants{h}, Letters: doorstep{h}, Moves: h.Transfers, Declared: applied{h},
		Limits: h.SignIn.Throttle("joining", knocksPerAddress, knocksPerNetwork, knocksInAll), Now: h.Now,
	})
}

// applicants erases somebody who did not become a member, and the letters to them
// that still lie here.
type applicants struct{ h *House }

func (a applicants) Discard(ctx context.Context, person vault.PersonID) error {
	if _, err := a.h.Mail.Forget(ctx, person); err != nil {
		return err
	}
	return a.h.Departures.Discard(ctx, person)
}

// doorstep writes to applicants and to those they wait for. The letters name
// nobody, and neither sender nor subject says what it is about (L1).
type doorstep struct{ h *House }

// Applicant writes to the address on the form, in the language of the form.
func (d doorstep) Applicant(ctx context.Context, a *joining.Application, kind string) ([]joining.Letter, error) {
	lang := a.Form.Draft.Language
	if lang == "" {
		lang = d.h.Charter.Languages[0]
	}
	p := d.h.Charter.Printer(lang)
	page := d.h.URL + "/joining/application?key=" + a.Form.Token
	m := mail.Message{
		Person: a.Person, To: a.Form.Draft.Values["email"], Kind: kind, Subject: p.T(kind + ".subject"), Ends: d.h.Now().Add(letterLife),
		Body: p.T(kind+".body", "url", page, "signin", d.h.URL+"/signin", "days", d.h.Charter.Joining.UnfinishedDays.Value),
	}
	if kind == "joining.expired" {
		m.Person = 0 // it tells of the erasure, and must outlive it until it is sent
	}
	return d.seal(ctx, m)
}

// Officers tells whoever decides that an application waits.
func (d doorstep) Officers(ctx context.Context, body unit.ID, act charter.Acts) ([]joining.Letter, error) {
	persons := d.h.Access.Officers(body, act)
	if body == 0 {
		persons = d.h.Access.Employed(act)
	}
	var all []joining.Letter
	for _, person := range persons {
		letters, err := d.write(ctx, person, "joining.waits", d.h.URL+"/applications")
		if err != nil {
			return nil, err
		}
		all = append(all, letters...)
	}
	return all, nil
}

// Sponsor tells a member that somebody asks them for a recommendation.
func (d doorstep) Sponsor(ctx context.Context, person vault.PersonID) ([]joining.Letter, error) {
	return d.write(ctx, person, "joining.wanted", d.h.URL+"/me")
}

// Member asks a member whether somebody who wants to join is them.
func (d doorstep) Member(ctx context.Context, person vault.PersonID) ([]joining.Letter, error) {
	return d.write(ctx, person, "joining.yours", d.h.URL+"/me")
}

func (d doorstep) write(ctx context.Context, person vault.PersonID, kind, where string) ([]joining.Letter, error) {
	message, err := letters(d).compose(ctx, person, kind, func(p *locale.Printer) string { return p.T(kind+".body", "url", where) })
	if err != nil || message == nil {
		return nil, err
	}
	return d.seal(ctx, *message)
}

func (d doorstep) seal(ctx context.Context, m mail.Message) ([]joining.Letter, error) {
	prepared, err := d.h.Mail.Prepare(ctx, m)
	if err != nil {
		return nil, err
	}
	return []joining.Letter{prepared.Enqueue}, nil
}
