package web

import (
	"time"

	"github.com/a-h/templ"

	"kartotek/internal/access"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// seenPage is how many lines a page of who has seen me has.
const seenPageSize = 50

type seenView struct {
	Counts look.Figures
	Lines  []look.Line
	Pages  look.Pages
}

// meSeenPage is everything the journal holds about whoever is signed in: passed
// in a search, opened and left on a list told apart, when, as what and why (L2).
func meSeenPage(v *visit) error {
	scope, err := v.self()
	if err != nil {
		return err
	}
	at := v.query().page()
	account, err := v.aboutMe(journal.Page{Offset: (at - 1) * seenPageSize, Limit: seenPageSize})
	if err != nil {
		return err
	}
	view := seenView{
		Counts: look.Figures{
			{Term: v.T("journal.kind.opened"), Value: v.p.Number(account.Opened)},
			{Term: v.T("journal.kind.listed"), Value: v.p.Number(account.Listed)},
			{Term: v.T("journal.kind.searched"), Value: v.p.Number(account.Searched)},
			{Term: v.T("journal.kind.rest"), Value: v.p.Number(account.Other)},
		},
		Pages: look.Pages{Page: at, Last: pages(account.Total, seenPageSize), URL: pageURL("/me/seen")},
	}
	if view.Lines, err = v.seenLines(scope, account.Lines); err != nil {
		return err
	}
	return v.show(page{title: v.T("web.seen.title"), tab: tabMe, body: seenBody(view)})
}

// seenLines puts entries into words for the person they concern. Officers go by
// name, since they are recipients; staff go by position (C-579/21).
func (v *visit) seenLines(scope access.Scope, entries []journal.Line) ([]look.Line, error) {
	var officers []vault.PersonID
	for i := range entries {
		if r := access.Right(entries[i].Right); r == access.ByPost || r == access.ByCover || r == access.ByGrant || r == access.ByMembership {
			officers = append(officers, vault.PersonID(entries[i].Actor))
		}
	}
	names, err := v.house.Members.Names(v.ctx(), scope, officers)
	if err != nil {
		return nil, err
	}
	handed, err := v.handedActors(scope, entries, names)
	if err != nil {
		return nil, err
	}
	lines := make([]look.Line, len(entries))
	for i := range entries {
		e := &entries[i]
		who, as := v.seer(e, names)
		if access.Right(e.Right) == access.ByHandout {
			who, as = v.handedSeer(e, names, handed)
		}
		lines[i] = look.Line{
			Day: v.day(e.At), At: e.At.Format(time.RFC3339),
			What: look.Said(who, v.did(e), joined(" · ", v.clock(e.At), as, v.fields(e))),
			Rest: []templ.Component{look.Text(v.why(e))},
		}
	}
	return lines, nil
}

// seer says who an entry's actor is, and as what they acted.
func (v *visit) seer(e *journal.Line, names map[vault.PersonID]string) (who, as string) {
	switch access.Right(e.Right) {
	case access.ByPost, access.ByCover, access.ByGrant:
		as = v.T("web.post_in", "post", v.codeName(e.Right, e.Post), "body", v.unitName(unitID(e.Unit)))
		if v.isMe(e.Actor) {
			return v.T("web.seen.you"), as
		}
		if name := names[vault.PersonID(e.Actor)]; name != "" {
			return name, as
		}
		return v.T("web.seen.officer"), as // has left the register since
	case access.ByPosition:
		if v.isMe(e.Actor) {
			return v.T("web.seen.you"), v.codeName(e.Right, e.Post)
		}
		return v.T("web.seen.staff"), v.codeName(e.Right, e.Post)
	case access.ByMembership: // a member beside one, as one knows them
		if v.isMe(e.Actor) {
			return v.T("web.seen.you"), ""
		}
		if name := names[vault.PersonID(e.Actor)]; name != "" {
			return name, v.T("web.seen.fellow")
		}
		return v.T("web.seen.fellow"), ""
	case access.ByConsent:
		return v.T("web.seen.public"), v.unitName(unitID(e.Target))
	case access.BySelf:
		if v.isMe(e.Actor) {
			return v.T("web.seen.you"), ""
		}
		return v.T("web.seen.member"), "" // somebody looked at who has access, and met an officer's name
	}
	return v.T("web.seen.system"), ""
}

// did is the verb of an entry. What no sentence was written for is told by the
// act's own name.
func (v *visit) did(e *journal.Line) string {
	key := "web.did." + e.Act.String()
	if !v.p.Has(key) {
		return lowered(v.T(e.Act.Key()))
	}
	return v.T(key, "count", max(e.Count, 1), "number", e.Number)
}

// fields are what was changed, or what stood on a list; other acts see all.
func (v *visit) fields(e *journal.Line) string {
	if e.Act != journal.Edit && e.Act != journal.List {
		return ""
	}
	names := make([]string, len(e.Fields))
	for i, code := range e.Fields {
		names[i] = v.fieldName(code)
	}
	return v.p.List(names)
}

// why is what an entry's data were used for.
func (v *visit) why(e *journal.Line) string {
	if access.Right(e.Right) == access.BySelf {
		return v.T("web.seen.own")
	}
	return v.purposeName(e.Purpose)
}

// pages is how many pages so many lines fill.
func pages(total, size int) int { return (total + size - 1) / size }
