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
		OwnName: h.Members.OwnName, Outside: h.outsideOf, Now: h.Now,
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
