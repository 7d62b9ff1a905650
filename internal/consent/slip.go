package consent

import (
	"context"
	"slices"

	"kartotek/internal/database"
	"kartotek/internal/document"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Slip is what goes with a letter to somebody who has no e-mail and no page of their
// own: on it they correct, agree, take back and resign as easily as others do on the
// web (GDPR Art. 7(3)).
type Slip struct {
	Lead  string
	Strip document.Strip
	Note  func(*database.Tx) error // writes down that it was printed
}

// Slip makes the slip of a letter; the same letter printed again has the same slip.
// Whoever prints letters reaches the whole register, so every question stands on it.
func (s *Service) Slip(ctx context.Context, by, person vault.PersonID, letter int64, lang, name string) (*Slip, error) {
	d, _, err := s.declared(ctx, person)
	if err != nil {
		return nil, err
	}
	p := s.Charter.Printer(lang)
	paper, known := Paper{}, false
	err = s.DB.Read(ctx, func(q database.Querier) error {
		items, err := record.All(s.Records, q, Papers, person)
		for i := range items {
			if x := &items[i].Value; x.Letter == letter && x.Slip() && x.Out() {
				paper, known = *x, true
				paper.ID = items[i].ID
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if !known {
		v := d.In(p.Lang())
		paper = Paper{Code: newCode(), Letter: letter, Version: v, Lang: p.Lang(), PrintedBy: by, Asked: askedOf(s.onPaper(true, p.Lang(), v))}
		if units := s.Members.Units(person); len(units) > 0 {
			paper.Body = units[0]
		}
	}
	slip := &Slip{Lead: p.T("consent.slip.lead", "days", s.Charter.Parameters.SheetDays.Value), Strip: s.slip(&paper, name, lang)}
	paper.Height = document.StripHeight(&slip.Strip)
	slip.Note = func(tx *database.Tx) error {
		if known {
			return nil
		}
		return s.print(tx, person, &paper)
	}
	return slip, nil
}

func (s *Service) slip(paper *Paper, name, lang string) document.Strip {
	p := s.Charter.Printer(lang)
	strip := document.Strip{Code: paper.Code, Typed: ShowCode(paper.Code), Name: name, Note: []string{p.T("consent.sheet.back")}, Lines: []string{p.T("consent.sheet.date"), p.T("consent.sheet.signature")}}
	if paper.Version.Number > 0 {
		strip.Note = slices.Insert(strip.Note, 0, p.T("consent.sheet.told", "number", paper.Version.Number))
	}
	group := func(title string, boxes ...document.Box) {
		if len(boxes) > 0 {
			boxes[0].Group = title
			strip.Boxes = append(strip.Boxes, boxes...)
		}
	}
	var yes, back []document.Box
	for i, a := range paper.Asked {
		yes = append(yes, document.Box{Text: lettered(i, a.Text)})
		back = append(back, document.Box{Text: lettered(i, a.Name)})
	}
	group(p.T("consent.sheet.yes"), yes...)
	group(p.T("consent.slip.back"), back...)
	group(p.T("consent.slip.more"), document.Box{Text: p.T("consent.slip.correct"), Lines: 2}, document.Box{Text: p.T("consent.slip.resign"), Lines: 1})
	return strip
}
