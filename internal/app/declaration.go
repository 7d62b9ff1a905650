package app

import (
	"context"
	"slices"
	"strconv"

	"kartotek/internal/charter"
	"kartotek/internal/declaration"
	"kartotek/internal/notice"
	"kartotek/internal/unit"
)

// connectDeclaration makes the room of privacy declarations, which are written from
// charter and register (N4–N9, N13–N16).
func (h *House) connectDeclaration() {
	h.Declarations = declaration.New(declaration.Parts{
		Charter: h.Charter, DB: h.DB, Journal: h.Journal, Units: h.Units, Access: h.Access, Duties: h.Duties,
		OwnName: h.Members.OwnName, Processors: declaredProcessors{h}, Recipients: declaredRecipients{h}, Outside: h.outsideOf, Now: h.Now,
	})
}

// outsideOf are the organisations outside that hold data of a body's members. Who
// answers there is not asked for: a declaration names nobody.
func (h *House) outsideOf(ctx context.Context, body unit.ID) ([]declaration.Recipient, error) {
	holders, err := h.Notices.Named(ctx)
	var all []declaration.Recipient
	for i := range holders {
		holder := &holders[i]
		if !h.holdsOf(holder, body) {
			continue
		}
		task := charter.Words{}
		for _, lang := range h.Charter.Languages {
			task[lang] = h.tasksOf(holder, lang)
		}
		all = append(all, declaration.Recipient{
			Code: "holder-" + strconv.FormatInt(holder.ID, 10), Name: holder.Name, Role: string(holder.Role), Country: holder.Country, Task: task,
		})
	}
	return all, err
}

// declaredProcessors are those whom agreements name, the whole chain (N12).
type declaredProcessors struct{ h *House }

func (d declaredProcessors) Processors(ctx context.Context, body unit.ID) ([]declaration.Recipient, error) {
	all, err := d.h.Agreements.Processors(ctx, body)
	var told []declaration.Recipient
	for i := range all {
		p := &all[i]
		r := declaration.Recipient{
			Code: "processor-" + strconv.FormatInt(p.ID, 10), Name: p.Name, Role: "processor", Country: p.Country,
			Task: charter.Words{d.h.Charter.Lang(): p.Task}, Transfer: p.Transfer, Fields: p.Fields,
		}
		if p.Depth > 0 {
			r.Role = "subprocessor"
		}
		if declaration.ThirdCountry(p.Country) && p.Transfer != "" {
			r.Ground = charter.Words{}
			for _, lang := range d.h.Charter.Languages {
				r.Ground[lang] = d.h.Charter.Printer(lang).T("agreement.transfer." + p.Transfer)
			}
		}
		told = append(told, r)
	}
	return told, err
}

// declaredRecipients are those the charter has data passed on to (N12).
type declaredRecipients struct{ h *House }

func (d declaredRecipients) Recipients(ctx context.Context, body unit.ID) ([]declaration.Recipient, error) {
	var told []declaration.Recipient
	for _, r := range d.h.Passing.Recipients(ctx, body, d.h.Charter.Lang()) {
		to, known := d.h.Charter.Receiver(r.Code)
		if !known {
			continue
		}
		told = append(told, declaration.Recipient{
			Code: "passing-" + r.Code, Name: r.Name.In(d.h.Charter.Lang()), Names: r.Name, Role: "recipient", Country: r.Country, Task: r.Hint,
			Transfer: r.Transfer, Ground: to.TransferText, Fields: r.Fields, Consent: r.Consent,
		})
	}
	return told, nil
}

// holdsOf reports whether a holder has data of a body's members.
func (h *House) holdsOf(holder *notice.Holder, body unit.ID) bool {
	return len(holder.Bodies) == 0 || slices.ContainsFunc(holder.Bodies, func(b unit.ID) bool { return h.Units.Tree().Within(body, b) })
}

// tasksOf is what a holder gets data for, in words.
func (h *House) tasksOf(holder *notice.Holder, lang string) string {
	p := h.Charter.Printer(lang)
	var names []string
	for _, code := range holder.Purposes {
		if purpose, known := h.Charter.Purpose(code); known {
			names = append(names, purpose.Name.In(lang))
		}
	}
	return p.List(names)
}
