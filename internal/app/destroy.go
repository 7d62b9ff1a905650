package app

import (
	"context"
	"slices"
	"strconv"

	"kartotek/internal/agreement"
	"kartotek/internal/audit"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/extract"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
)

// connectDestruction gives lists what they need to be followed to their end: the plan
// by which they are told of, a place for grounds, and letters with what was decided
// (D12).
func (h *House) connectDestruction() {
	h.Extracts.Records, h.Extracts.Answers = h.Records, answers{h}
	h.Duties.Plans(map[duty.Kind]duty.Plan{duty.DestroyList: extract.Plan(h.Charter), duty.AnswerAudit: audit.Plan(h.Charter), duty.SignAgreement: agreement.Plan(h.Charter)})
}

// answers writes to whoever asked to keep a list longer.
type answers struct{ h *House }

func (a answers) Decided(ctx context.Context, to vault.PersonID, e *extract.Exception) (func(tx *database.Tx) error, error) {
	letter, err := letters(a).write(ctx, to, "extract.answer", func(p *locale.Printer) string {
		return p.T("extract.mail."+string(e.Standing), "number", e.Number, "until", p.Date(e.Until), "from", p.Date(e.From), "answer", e.Answer) +
			"\n\n" + a.h.URL + "/lists/" + strconv.FormatInt(e.Number, 10)
	})
	if err != nil || letter == nil {
		return nil, err
	}
	return letter, nil
}

// Step tells of a list whose day comes, is here or has passed: whoever has it, later
// the others of the body as well, and in the end whoever keeps the register (D12).
// Where nobody else is there to tell, the next circle is.
func (m messenger) Step(ctx context.Context, d duty.Duty, s duty.Step) error {
	if d.Kind == duty.AnswerAudit {
		return m.stepOfAudit(ctx, d, s)
	}
	if d.Kind == duty.SignAgreement {
		if err := m.h.Agreements.Reminded(ctx, d.Subject); err != nil {
			return err
		}
	}
	if d.Kind != duty.DestroyList {
		if s.After > 0 {
			return m.Escalate(ctx, d)
		}
		return m.Remind(ctx, d)
	}
	key := "extract.mail.near"
	switch {
	case s.After == 0:
		key = "extract.mail.day"
	case s.After > 0:
		key = "extract.mail.late"
	}
	own := m.responsible(d)
	if err := m.tellOfList(ctx, d, key, own); err != nil || s.Circle == duty.Nobody {
		return err
	}
	colleagues := m.h.Access.Officers(d.Unit, charter.Access)
	if d.Unit == 0 {
		colleagues = m.h.Access.Employed(charter.Access)
	}
	colleagues = m.others(colleagues, own)
	if len(colleagues) > 0 {
		if err := m.tellOfList(ctx, d, "extract.mail.colleagues", colleagues); err != nil || s.Circle == duty.Colleagues {
			return err
		}
	}
	return m.tellOfList(ctx, d, "extract.mail.office", m.others(m.h.Access.Employed(charter.Access), append(own, colleagues...)))
}

// others are those who are not told yet, nor on their way out.
func (m messenger) others(all, told []vault.PersonID) []vault.PersonID {
	return slices.DeleteFunc(slices.Clone(all), func(person vault.PersonID) bool {
		return slices.Contains(told, person) || m.h.Members.Leaving(person)
	})
}

// tellOfList writes about a list, by its number; nobody is named, and the subject says
// nothing.
func (m messenger) tellOfList(ctx context.Context, d duty.Duty, key string, to []vault.PersonID) error {
	return m.write(ctx, d, to, func(p *locale.Printer) string {
		today := m.h.Access.Today()
		text := p.T(key, "number", d.Subject, "date", p.Date(d.DueOn), "count", max(0, today.DaysSince(d.DueOn)), "body", m.h.placeName(p, d))
		if m.h.Charter.Destruction.NoNewList.Value && today.After(d.DueOn) {
			text += " " + p.T("extract.mail.blocked")
		}
		return text + "\n\n" + m.h.URL + "/lists/" + strconv.FormatInt(d.Subject, 10)
	})
}

// placeName is where a list's holder works.
func (h *House) placeName(p *locale.Printer, d duty.Duty) string {
	if body, known := h.Units.Tree().ByID(d.Unit); known && d.Unit != 0 {
		return body.Name
	}
	return p.T("extract.mail.staff")
}
