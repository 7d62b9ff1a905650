package app

import (
	"context"
	"slices"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/agreement"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/departure"
	"kartotek/internal/locale"
	"kartotek/internal/notice"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// connectAgreements makes the room of agreements and processors (N2, N12, L10).
func (h *House) connectAgreements() {
	h.Agreements = agreement.New(agreement.Parts{
		Charter: h.Charter, DB: h.DB, Keyring: h.Keyring, Records: h.Records, Journal: h.Journal, Units: h.Units, Access: h.Access, Duties: h.Duties,
		Members: h.Members, Seal: h.Seal, Eraser: applicants{h}, Holders: processing{h}, Now: h.Now,
		Tell: messenger{h}.Remind,
		URL:  func(body string) string { return h.URL + "/agreements/" + body },
		Retention: func(p *locale.Printer) (all [][2]string) {
			for _, rule := range h.retentionRules(p) {
				if rule.Period != "" {
					all = append(all, [2]string{rule.Name, rule.Period})
				}
			}
			return all
		},
	})
	h.Departures.Evidence = signing{h}
}

// signing tells the erasure where a name stays under an agreement.
type signing struct{ h *House }

func (s signing) Kept(ctx context.Context, person vault.PersonID) ([]departure.Kept, error) {
	all, err := s.h.Agreements.Kept(ctx, person)
	var kept []departure.Kept
	for _, k := range all {
		law := charter.Words{}
		for _, lang := range s.h.Charter.Languages {
			law[lang] = s.h.Charter.Printer(lang).T("agreement.kept_law")
		}
		what := s.h.Charter.Printer(s.h.Charter.Languages[0]).T("agreement.kept", "number", k.Number, "body", s.h.unitName(k.Unit))
		kept = append(kept, departure.Kept{Law: law, Body: what, Until: k.Until, Count: 1})
	}
	return kept, err
}

func (s signing) Leaving(tx *database.Tx, person vault.PersonID) error {
	return s.h.Agreements.Leaving(tx, person)
}

func (h *House) unitName(id unit.ID) string {
	body, _ := h.Units.Tree().ByID(id)
	return body.Name
}

// processing keeps a processor among those outside who are told of changes (L3): one
// that is there already by its name and country stays the same.
type processing struct{ h *House }

func (p processing) Add(ctx context.Context, by access.Actor, x *agreement.Processor) (int64, error) {
	known, err := p.h.Notices.Named(ctx)
	if err != nil {
		return 0, err
	}
	var bodies []unit.ID // all
	if u, there := p.h.Units.Tree().ByID(x.Unit); there && u.Parent != 0 {
		bodies = []unit.ID{x.Unit}
	}
	if i := slices.IndexFunc(known, func(h notice.Holder) bool {
		return h.Name == x.Name && h.Country == x.Country && (len(h.Bodies) == 0 || slices.Equal(h.Bodies, bodies))
	}); i >= 0 {
		return known[i].ID, nil
	}
	email := ""
	for _, word := range strings.Fields(x.Contact) {
		if address, ok := locale.ParseEmail(word); ok {
			email = address
		}
	}
	made, err := p.h.Notices.Declare(ctx, by, notice.Holder{
		Name: x.Name, Country: x.Country, Role: "processor", Tells: notice.ByEntry, Purposes: x.Purposes, Fields: x.Fields, Bodies: bodies,
		Contact: notice.Contact{Email: email, Basis: "GDPR Art. 28"},
	})
	return made.ID, err
}
