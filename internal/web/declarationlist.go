package web

import (
	"slices"

	"kartotek/internal/declaration"
	"kartotek/internal/web/look"
)

// declarationsPath is how every body's declaration stands, for whoever sees to all of
// them (N3, N4, N16).
const (
	declarationsPath = "/declarations"
	declarationsAt   = 30 // on a page
)

// declarationsView is that list.
type declarationsView struct {
	Filters  []standingLink
	Standing string
	Text     string
	Sort     look.Select
	Found    string
	Rows     []declarationRow
	Pages    look.Pages
}

type declarationRow struct {
	URL, Name string
	Version   string
	At        string
	Tone      look.Tone
	State     string
	Note      string
	LookBy    string
}

// declarationTones are how pressing a standing is.
var declarationTones = map[declaration.Standing]look.Tone{
	declaration.Absent: look.Late, declaration.Drifting: look.Late, declaration.Unannounced: look.Late, declaration.InReview: look.Soon,
	declaration.Agreed: look.Soon, declaration.InDraft: look.Note, declaration.Out: look.OK,
}

func declarationsPage(v *visit) error {
	q := v.query()
	at, standing := q.page(), declaration.Standing(q.text("standing"))
	if !slices.Contains(declaration.Standings, standing) {
		standing = ""
	}
	sorted := q.text("sort")
	if !slices.Contains(declaration.Sorts, sorted) {
		sorted = "pressing"
	}
	o, err := v.house.Declarations.Statuses(v.ctx(), v.actor, declaration.Wanted{Standing: standing, Text: q.text("text"), Sort: sorted, Page: at - 1, Size: declarationsAt})
	if err != nil {
		return err
	}
	view := declarationsView{
		Standing: string(standing), Text: q.text("text"), Found: v.T("audit.page.bodies", "count", o.Found),
		Sort:    look.Select{Name: "sort", Label: v.T("audit.page.sort"), Value: sorted},
		Pages:   look.Pages{Label: v.T("declaration.list.title"), Page: at, Last: max(1, pages(o.Found, declarationsAt)), URL: pageURL(declarationsPath, "standing", string(standing), "text", q.text("text"), "sort", sorted)},
		Filters: []standingLink{{v.T("declaration.list.all", "count", o.Total), declarationsPath, standing == ""}},
	}
	for _, code := range declaration.Sorts {
		view.Sort.Options = append(view.Sort.Options, look.Option{Value: code, Text: v.T("declaration.sort." + code)})
	}
	for _, code := range declaration.Standings {
		if n := o.Counts[code]; n > 0 || code == standing {
			view.Filters = append(view.Filters, standingLink{v.T("declaration.state."+string(code)) + " (" + v.p.Number(n) + ")", declarationsPath + "?standing=" + string(code), code == standing})
		}
	}
	for i := range o.Some {
		view.Rows = append(view.Rows, v.declarationRow(&o.Some[i]))
	}
	return v.show(page{title: v.T("declaration.list.title"), tab: tabAccess, body: declarationsBody(view)})
}

func (v *visit) declarationRow(st *declaration.Status) declarationRow {
	row := declarationRow{URL: declarationOf(declarationPath, st.Unit.Code), Name: st.Unit.Name, Tone: look.Calm, State: v.T("declaration.state.none")}
	if standing := st.Standing(); standing != "" {
		row.Tone, row.State = declarationTones[standing], v.T("declaration.state."+string(standing))
	}
	if !v.house.Declarations.Edits(v.actor, st.Unit.ID) {
		row.URL = privacyOf(st.Unit.Code) + "#declaration"
	}
	if st.Version > 0 {
		row.Version, row.At, row.LookBy = v.T("declaration.page.version", "number", st.Version), v.p.ShortDate(v.day(st.At)), v.p.ShortDate(v.day(st.LookBy))
	}
	var notes []string
	if st.Drifts > 0 {
		notes = append(notes, v.T("declaration.list.drifts", "count", st.Drifts))
	}
	if st.Missing > 0 {
		notes = append(notes, v.T("declaration.list.missing", "count", st.Missing))
	}
	if st.Announcing {
		notes = append(notes, v.T("declaration.list.announcing"))
	}
	row.Note = joined(" · ", notes...)
	return row
}

// declarationLink leads whoever sees to all declarations to their list, and whoever writes
// their own body's to it.
func (v *visit) declarationLink() look.LinkButton {
	if v.house.Declarations.Oversees(v.actor) {
		return look.LinkButton{Text: v.T("declaration.list.title"), URL: declarationsPath, Kind: look.Quiet}
	}
	body, known := v.house.Units.Tree().ByID(v.hat.Basis.Unit)
	if !known || !v.house.Declarations.May(body) || !v.house.Declarations.Edits(v.actor, body.ID) {
		return look.LinkButton{}
	}
	return look.LinkButton{Text: v.T("declaration.page.title"), URL: declarationOf(declarationPath, body.Code), Kind: look.Quiet}
}
