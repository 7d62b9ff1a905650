package app

import (
	"context"

	"kartotek/internal/access"
	"kartotek/internal/locale"
	"kartotek/internal/procedure"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// guidelineAddress is where the guideline on destroying is published, below the URL.
const guidelineAddress = "/retention/guideline"

// connectProcedure makes the room of the published procedure and guideline, which are
// written from the charter and from the rules the sweep works by (D12, D15).
func (h *House) connectProcedure() {
	h.Procedures = procedure.New(procedure.Parts{
		Charter: h.Charter, DB: h.DB, Records: h.Records, Journal: h.Journal, Units: h.Units, Access: h.Access, Duties: h.Duties,
		Members: h.Members, Now: h.Now, Rules: h.retentionRules, Paper: yearSources{h},
	})
}

// retentionRules are the rules of the sweep in words.
func (h *House) retentionRules(p *locale.Printer) []procedure.Rule {
	rules := h.Retention.Rules()
	all := make([]procedure.Rule, 0, len(rules))
	for i := range rules {
		l := h.Retention.Words(p, &rules[i])
		all = append(all, procedure.Rule{
			Parameter: rules[i].Parameter, Name: l.Name, What: l.What, Period: l.Period, Ends: l.Ends, Source: l.Source, Checked: l.Checked,
		})
	}
	return all
}

// yearSources is what the year paper takes from members and lists.
type yearSources struct{ h *House }

func (y yearSources) Names(ctx context.Context, s access.Scope, persons []vault.PersonID) (map[vault.PersonID]string, error) {
	return y.h.Members.Names(ctx, s, persons)
}

func (y yearSources) OpenLists(ctx context.Context, s access.Scope, body unit.ID) ([]procedure.OpenList, error) {
	lists, err := y.h.Extracts.OpenIn(ctx, s, body)
	var open []procedure.OpenList
	for _, l := range lists {
		open = append(open, procedure.OpenList{Number: l.Number, Purpose: l.Purpose, Post: l.Post, DestroyBy: l.DestroyBy})
	}
	return open, err
}
