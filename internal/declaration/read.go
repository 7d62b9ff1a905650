package declaration

import (
	"context"
	"slices"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
)

// Published is the declaration that stands for a body: its own newest version, else
// that of the nearest controller above it; false where there is none. Unit says whose.
func (s *Service) Published(ctx context.Context, body unit.ID) (v Version, there bool, err error) {
	path := s.Units.Tree().Path(body)
	err = s.DB.Read(ctx, func(q database.Querier) error {
		for i := len(path) - 1; i >= 0 && !there; i-- {
			if !s.May(path[i]) {
				continue
			}
			last, err := versions(q, newest, int64(path[i].ID))
			if err != nil {
				return err
			}
			if there = len(last) > 0; there {
				v = last[0]
			}
		}
		return nil
	})
	v.Languages = s.Charter.Languages
	return v, there, err
}

// Version is one version of a body's own, the newest with number 0; none is
// fault.NotFound. Versions are public (N3, N16).
func (s *Service) Version(ctx context.Context, body unit.ID, number int) (v Version, err error) {
	where, args := newest, []any{int64(body)}
	if number != 0 {
		where, args = `unit = $1 AND number = $2`, append(args, int64(number))
	}
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err := versions(q, where, args...)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return fault.New(fault.NotFound, "declaration.error.none")
		}
		v = all[0]
		return nil
	})
	v.Languages = s.Charter.Languages
	return v, err
}

// Versions lists a body's own versions, the newest first.
func (s *Service) Versions(ctx context.Context, body unit.ID) (all []Version, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err = versions(q, `unit = $1`, int64(body))
		return err
	})
	return all, err
}

// Text is a version of a body as it is shown, in a language or the nearest the version
// has; number 0 is the newest that stands for the body. Nothing there is fault.NotFound.
func (s *Service) Text(ctx context.Context, body unit.ID, number int, lang string) (Rendered, error) {
	var v Version
	var err error
	if number == 0 {
		there := false
		if v, there, err = s.Published(ctx, body); err == nil && !there {
			err = fault.New(fault.NotFound, "declaration.error.none")
		}
	} else {
		v, err = s.Version(ctx, body, number)
	}
	if err != nil {
		return Rendered{}, err
	}
	return s.Render(&v, lang), nil
}

// Render shows a version in a language, with the notes of today's template.
func (s *Service) Render(v *Version, lang string) Rendered {
	text, code := v.texts.In(lang, s.Charter.Languages...)
	p := s.Charter.Printer(code)
	at, _ := s.Units.Tree().ByID(v.Unit)
	r := Rendered{Text: text, Version: *v, Body: at.Name, Lang: code, Standing: s.Standing(v, p)}
	r.Points = slices.Clone(r.Points)
	for i := range r.Points {
		r.Points[i].Note = p.T("declaration." + r.Points[i].Code + ".note")
	}
	return r
}

// Preview shows what a body's draft would be published as.
func (s *Service) Preview(d *Desk, lang string) Rendered {
	text, code := d.Texts.In(lang, s.Charter.Languages...)
	p := s.Charter.Printer(code)
	return Rendered{
		Text: text, Version: Version{Unit: d.Body.ID}, Body: d.Body.Name, Lang: code,
		Standing: p.T("declaration.standing.draft", "date", p.Date(s.Charter.Today(s.Now()))),
	}
}

// Template is the blank template of the fourteen points with its notes, in a language
// the program speaks (N4).
func (s *Service) Template(lang string) Rendered {
	return Template(s.Charter, lang, s.Charter.Printer(lang).T("declaration.standing.template", "date", locale.For(lang).Date(s.Charter.Today(s.Now()))))
}

// Template is the blank template that a charter gives.
func Template(c *charter.Charter, lang, standing string) Rendered {
	k := &known{c: c, blank: true, role: charter.ControllerAlone, country: c.Country}
	for i := range c.Levels {
		l := &c.Levels[i]
		if l.Controller != charter.ControllerAlone && !(l.Members && l.Controller == charter.ControllerJoint) {
			continue
		}
		if k.role = l.Controller; l.Members {
			k.above = true
		}
		k.answers, _ = c.Answering(l.Code)
		if k.daily, _ = c.Working(l.Code); k.daily == k.answers {
			k.daily = nil
		}
	}
	if root := c.Root(); root != nil && root.Controller != charter.ControllerNone && k.above {
		k.with = c.Name.In(lang)
	}
	if post, there := c.Post(c.Declaration.Register); there {
		k.register = post
	}
	p := c.Printer(lang)
	text := compose(k, &Content{}, p)
	return Rendered{Text: text, Body: p.T("declaration.blank.body"), Lang: p.Lang(), Standing: standing}
}

// Standing says what a version is: its number, time, and who published and looked it
// through, by function.
func (s *Service) Standing(v *Version, p *locale.Printer) string {
	return p.T("declaration.standing.version", "number", v.Number, "time", p.DateTime(v.At, s.Charter.Location()), "editor", s.Function(v.Function, p), "reviewer", s.Function(v.Reviewer, p))
}

// Function names a post or position by its code; the office for none.
func (s *Service) Function(code string, p *locale.Printer) string {
	if post, known := s.Charter.Post(code); known {
		return post.Name.In(p.Lang())
	}
	if position, known := s.Charter.Position(code); known {
		return position.Name.In(p.Lang())
	}
	return p.T("declaration.office")
}

// Daily looks whether every declaration that must be there is, and still agrees with
// what the register does; what is not is a duty, and what is again is none any more.
func (s *Service) Daily(ctx context.Context) error {
	all, err := s.statuses(ctx)
	if err != nil {
		return err
	}
	open := map[duty.Kind]map[int64]bool{}
	for _, kind := range []duty.Kind{duty.Declare, duty.DeclarationDrift, duty.LookDeclaration} {
		open[kind] = map[int64]bool{}
		standing, err := s.Duties.OpenOf(ctx, kind)
		if err != nil {
			return err
		}
		for _, d := range standing {
			open[kind][d.Subject] = true
		}
	}
	type turn struct {
		kind duty.Kind
		at   unit.Unit
		on   bool
		days int
	}
	var turns []turn
	for i := range all {
		st := &all[i]
		publish := s.Charter.Declaration.PublishDays.Value
		for _, t := range []turn{
			{duty.Declare, st.Unit, st.Needed && st.Version == 0, publish},
			{duty.DeclarationDrift, st.Unit, st.Version > 0 && st.Drifts > 0, publish},
			{duty.LookDeclaration, st.Unit, st.Version > 0 && !st.LookBy.After(s.Now().AddDate(0, 0, publish)), publish},
		} {
			if t.on != open[t.kind][int64(st.Unit.ID)] {
				turns = append(turns, t)
			}
		}
	}
	if len(turns) == 0 {
		return nil
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		for _, t := range turns {
			if !t.on {
				if _, err := s.Duties.Finish(tx, t.kind, int64(t.at.ID), 0, "withdrawn"); err != nil {
					return err
				}
				continue
			}
			if err := s.ask(tx, t.kind, t.at, t.days); err != nil {
				return err
			}
		}
		return nil
	})
}
