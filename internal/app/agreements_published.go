package app

import (
	"context"

	"kartotek/internal/agreement"
	"kartotek/internal/directory"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
)

// agreed gives the privacy pages what bodies have agreed on, without who signed, and who
// processes data, the whole chain (N1, N2, N12; GDPR Art. 26(2)).
type agreed struct{ h *House }

func (a agreed) Agreements(ctx context.Context, body unit.ID, p *locale.Printer) ([]directory.Agreement, error) {
	if _, bound := a.h.Agreements.Bound(body); !bound {
		return nil, nil
	}
	text, inForce, err := a.h.Agreements.Text(ctx, body, p.Lang())
	if err != nil {
		return nil, err
	}
	told := directory.Agreement{Title: text.Title, Essence: []string{text.Lead}}
	if inForce {
		_, force, err := a.h.Agreements.Current(ctx, body)
		if err != nil {
			return nil, err
		}
		told.Essence = append(told.Essence, p.T("agreement.page.in_force", "date", a.h.Charter.Today(force.ConcludedAt)))
	} else {
		told.Essence = append(told.Essence, p.T("agreement.page.draft"))
	}
	for _, section := range text.Sections {
		told.Points = append(told.Points, directory.Point{Title: section.Heading, Text: append(append([]string(nil), section.Text...), section.Items...)})
	}
	return []directory.Agreement{told}, nil
}

func (a agreed) Processors(ctx context.Context, body unit.ID, p *locale.Printer) ([]directory.Processor, error) {
	all, err := a.h.Agreements.Processors(ctx, body)
	var told []directory.Processor
	for i := range all {
		told = append(told, directory.Processor{Name: all[i].Name, Depth: all[i].Depth, Facts: a.facts(&all[i], p)})
	}
	return told, err
}

// facts are what everybody may know of a processor (EDPB 22/2024).
func (a agreed) facts(x *agreement.Processor, p *locale.Printer) []directory.Fact {
	var purposes, fields []string
	for _, code := range x.Purposes {
		if purpose, known := a.h.Charter.Purpose(code); known {
			purposes = append(purposes, purpose.Name.In(p.Lang()))
		}
	}
	for _, code := range x.Fields {
		if field, known := a.h.Charter.Field(code); known {
			fields = append(fields, field.Name.In(p.Lang()))
		}
	}
	facts := []directory.Fact{
		{Term: p.T("agreement.processor.task"), Value: x.Task},
		{Term: p.T("agreement.processor.fields"), Value: p.List(fields)},
		{Term: p.T("agreement.processor.purposes"), Value: p.List(purposes)},
		{Term: p.T("agreement.processor.country"), Value: p.Country(x.Country) + ", " + p.T("agreement.transfer."+x.Transfer)},
		{Term: p.T("agreement.processor.address"), Value: x.Address},
		{Term: p.T("agreement.processor.contact"), Value: x.Contact},
		{Term: p.T("agreement.processor.for"), Value: a.h.unitName(x.Unit)},
	}
	if x.From.After(a.h.Access.Today()) {
		facts = append(facts, directory.Fact{Term: p.T("agreement.processor.from"), Value: p.Date(x.From)})
	}
	return facts
}
