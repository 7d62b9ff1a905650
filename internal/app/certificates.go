package app

import (
	"context"
	"errors"

	"kartotek/internal/departure"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/signin"
	"kartotek/internal/vault"
)

// voice is in which language, and in whose name, a certificate speaks.
type voice struct{ h *House }

// Speaks gives the person's language, or the association's where none is known.
func (v voice) Speaks(ctx context.Context, person vault.PersonID) (lang, organisation string, err error) {
	lang = v.h.Charter.Languages[0]
	scope, err := v.h.self(person)
	if err != nil {
		return "", "", err
	}
	own, err := v.h.Members.Own(ctx, scope)
	switch {
	case errors.Is(err, vault.ErrErased), errors.Is(err, vault.ErrTampered), fault.Is(err, fault.NotFound):
	case err != nil:
		return "", "", err
	case own.Language != "":
		lang = own.Language
	}
	return lang, v.h.Charter.Name.In(lang), nil
}

// certificatePath is the page where a certificate is fetched.
const certificatePath = "/certificate"

// fetching tells where the whole certificate is fetched once all is done. In a mail
// the link carries number and salt behind #, where no server sees them; on paper
// they are typed.
func (h *House) fetching(p *locale.Printer, c *departure.Certificate, onPaper bool) string {
	page := h.URL + certificatePath
	if !onPaper {
		page += "#" + c.Number + "." + c.Salt
	}
	return p.T("departure.certificate.fetch", "url", page, "count", h.Charter.CertificateYears)
}

// How often strangers may ask for certificates: visits from one network in ten
// minutes. Numbers and salts of sixty bits are not found by asking.
const asksPerNetwork = 30

// connectCertificates holds back whoever asks too often.
func (h *House) connectCertificates() *signin.Throttle {
	return h.SignIn.Throttle("certificate", asksPerNetwork, asksPerNetwork, 10*asksPerNetwork)
}
