package access

import (
	"strings"

	"kartotek/internal/document"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
)

// Sheet is the list of who had access on a day as a table, for a file and for
// the command line (D3). The names are those a directory gave for the Scope the
// list was read with; who has been erased has none, whoever asks.
func (r *Register) Sheet(p *locale.Printer, past []Past, names map[vault.PersonID]string) ([]document.Column, [][]string) {
	columns := []document.Column{
		{Name: p.T("access.sheet.body")}, {Name: p.T("access.sheet.as")}, {Name: p.T("access.sheet.who")},
		{Name: p.T("access.sheet.from"), Type: document.Date}, {Name: p.T("access.sheet.until"), Type: document.Date},
		{Name: p.T("access.sheet.began")}, {Name: p.T("access.sheet.ended")}, {Name: p.T("access.sheet.ground")},
	}
	rows := make([][]string, len(past))
	for i := range past {
		h := &past[i]
		rows[i] = []string{
			r.where(p, h.Basis), r.Title(p, h.Basis), h.Who(p, names), h.Basis.From.String(), dayText(h.Basis.Until),
			h.BeganBy(p), h.EndedBy(p), strings.ReplaceAll(r.Reason(p, h), "\n", " "),
		}
	}
	return columns, rows
}

// where is the body of a right; a position reaches everything.
func (r *Register) where(p *locale.Printer, b Basis) string {
	if u, known := r.units.Tree().ByID(b.Unit); known {
		return u.Name
	}
	return p.T("access.sheet.all")
}

// Title is what a post or position is called; one that is covered says so.
func (r *Register) Title(p *locale.Printer, b Basis) string {
	name := b.Code
	if post, known := r.charter.Post(b.Code); known && b.Right != ByPosition {
		name = post.Name.In(p.Lang())
	}
	if position, known := r.charter.Position(b.Code); known && b.Right == ByPosition {
		name = position.Name.In(p.Lang())
	}
	if b.Right == ByGrant {
		return p.T("access.sheet.grant")
	}
	if b.Right == ByCover {
		return p.T("access.sheet.cover", "post", name)
	}
	return name
}

// Who names the holder: an erased person is nobody in particular.
func (h *Past) Who(p *locale.Printer, names map[vault.PersonID]string) string {
	switch name, known := names[h.Person]; {
	case h.Erased:
		return p.T("access.sheet.erased")
	case known:
		return name
	}
	return p.T("access.sheet.leaving")
}

// BeganBy says how an access began.
func (h *Past) BeganBy(p *locale.Printer) string { return p.T("access.history.began." + h.Began) }

// EndedBy says what cut an access short; nothing where its last day ended it.
func (h *Past) EndedBy(p *locale.Printer) string {
	if h.Ended == "" {
		return ""
	}
	return p.T("access.history.ended." + h.Ended)
}

// Reason is the ground of an access. What was written about a person has gone
// with them; then the rules tell why whoever held that post could see the data.
func (r *Register) Reason(p *locale.Printer, h *Past) string {
	if h.Ground != "" || !h.Erased {
		return h.Ground
	}
	if position, known := r.charter.Position(h.Basis.Code); known && h.Basis.Right == ByPosition {
		return position.Grounds.In(p.Lang())
	}
	if h.Basis.Right == ByGrant {
		return p.T("access.sheet.by_decision")
	}
	return p.T("access.sheet.by_rule", "post", r.Title(p, Basis{Right: ByPost, Code: h.Basis.Code}))
}
