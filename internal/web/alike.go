package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/departure"
	"kartotek/internal/fault"
	"kartotek/internal/member"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// alikePath lists cards that could be of one person.
const alikePath = "/members/alike"

// alikePage is how many pairs stand on a page.
const alikePage = 20

// alikeView is the list of likely pairs.
type alikeView struct {
	Rows    []alikeRow
	Total   int
	Pages   look.Pages
	Because look.Because
}

// alikeRow is one pair.
type alikeRow struct {
	One, Other             string
	OneNumber, OtherNumber string
	Bodies, Why            string
	URL                    string
}

// alikeList shows who could be registered twice, within the reach of the hat.
func alikeList(v *visit) error {
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Search})
	if err != nil {
		return err
	}
	at := v.query().page()
	found, err := v.house.Members.Likely(v.ctx(), scope, at-1, alikePage)
	if err != nil {
		return err
	}
	view := alikeView{
		Total: found.Total, Because: v.becauseOf("search", scope),
		Pages: look.Pages{Label: v.T("alike.title"), Page: found.Page + 1, Last: found.Pages, URL: pageURL(alikePath)},
	}
	for i := range found.Rows {
		p := &found.Rows[i]
		var why []string
		for _, a := range p.Why {
			why = append(why, v.T(a.Key()))
		}
		var bodies []string
		for _, id := range append(slices.Clone(p.One.Units), p.Other.Units...) {
			if name := v.memberOf(id); !slices.Contains(bodies, name) {
				bodies = append(bodies, name)
			}
		}
		view.Rows = append(view.Rows, alikeRow{
			One: p.One.Name(), Other: p.Other.Name(), OneNumber: p.One.Number, OtherNumber: p.Other.Number,
			Why: capitalised(v.p.List(why)), Bodies: v.p.List(bodies), URL: v.samePath(p.One.Person, p.Other.Person),
		})
	}
	return v.show(page{title: v.T("alike.title"), tab: tabMembers, body: alikeBody(view)})
}

// samePath is the page of two cards side by side, the one that stays first.
func (v *visit) samePath(kept, other vault.PersonID) string {
	return v.cardPath(kept) + "/same/" + v.public(other)
}

// sameView is two cards side by side, before they become one.
type sameView struct {
	Path, Swap string
	Kept       sameCard
	Other      sameCard
	Choices    []look.Choices // what both say differently
	Stays      look.Rows      // what needs no choice
	Then       look.Then
	May        bool // the visitor may make them one
	Tell       bool // the visitor may say that they are two
	Second     bool // a colleague confirms before anything happens
	Asked      look.Notice
	Confirm    bool // it is proposed, by somebody else than the visitor
	Open       bool // it is proposed
	Problems   look.Problems
	Because    look.Because
}

type sameCard struct {
	Name, Number, URL string
	Bodies            string
}

// samePage is the preview.
func samePage(v *visit) error { return v.same(form{}, nil) }

func (v *visit) two() (kept, other vault.PersonID, err error) {
	if kept, err = v.person("person"); err != nil {
		return 0, 0, err
	}
	other, err = v.person("other")
	return kept, other, err
}

func (v *visit) same(f form, problems look.Problems) error {
	kept, other, err := v.two()
	if err != nil {
		return err
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.View})
	if err != nil {
		return err
	}
	c, err := v.house.Members.Compare(v.ctx(), scope, kept, other)
	if err != nil {
		return err
	}
	view := sameView{
		Path: v.samePath(kept, other), Swap: v.samePath(other, kept), Kept: v.sameCard(c.Kept), Other: v.sameCard(c.Other),
		May: v.may(charter.Close) && scope.All(), Tell: v.may(charter.Edit), Problems: problems,
		Because: v.becauseOf("card", scope, "time", v.p.Time(v.house.Now(), v.house.Charter.Location())),
	}
	p, err := v.mergeAsked(&view, kept, other)
	if err != nil {
		return err
	}
	for i := range c.Sides {
		side := &c.Sides[i]
		field, _ := v.house.Charter.Field(side.Field)
		name := field.Name.In(v.p.Lang())
		if !side.Differ {
			value := v.sideValue(field, side.Kept, side.KeptC)
			if side.FromOther {
				value = v.sideValue(field, side.Other, side.OtherC)
			}
			view.Stays = append(view.Stays, look.Row{Term: name, Value: look.Text(value)})
			continue
		}
		if view.Open { // chosen by whoever proposed
			stays, goes := v.sideValue(field, side.Kept, side.KeptC), v.sideValue(field, side.Other, side.OtherC)
			if slices.Contains(p.Take, side.Field) {
				stays, goes = goes, stays
			}
			view.Stays = append(view.Stays, look.Row{Term: name, Value: look.Text(stays), Note: v.T("alike.instead", "value", goes)})
			continue
		}
		choice := look.Choices{Name: "take-" + side.Field, Legend: name, Options: []look.Choice{
			{Value: "kept", Text: v.sideValue(field, side.Kept, side.KeptC), Hint: v.T("alike.of_kept", "number", view.Kept.Number)},
			{Value: "other", Text: v.sideValue(field, side.Other, side.OtherC), Hint: v.T("alike.of_other", "number", view.Other.Number)},
		}}
		taken := f.text("take-"+side.Field) == "other"
		choice.Options[0].Checked, choice.Options[1].Checked = !taken, taken
		view.Choices = append(view.Choices, choice)
	}
	view.Stays = append(view.Stays, v.sameStays(c)...)
	view.Then = v.sameThen(c, &view)
	return v.show(page{title: v.T("alike.same.title"), tab: tabMembers, body: sameBody(view), failed: problems != nil})
}

func (v *visit) sameCard(c *member.Card) sameCard {
	return sameCard{Name: c.Profile.Name(), Number: c.Profile.Number, URL: v.cardPath(c.Person), Bodies: v.bodiesOfCard(c)}
}

// sideValue is a value as it is written; a covered address is told as one.
func (v *visit) sideValue(f *charter.Field, value string, covered bool) string {
	switch {
	case covered:
		return v.T("card.covered")
	case value == "":
		return v.T("card.unknown")
	case f.Type == charter.TypeChoice:
		if choice, ok := f.ChoiceFor(value); ok {
			return choice.Name.In(v.p.Lang())
		}
	}
	return v.written(f, value)
}

// sameStays is what the one card has of both without being asked.
func (v *visit) sameStays(c *member.Comparison) look.Rows {
	rows := look.Rows{{Term: v.fieldName("number"), Value: look.Typed(c.Kept.Profile.Number), Note: v.T("alike.number_note", "number", c.Other.Profile.Number)}}
	var protects []string
	if c.Secret {
		protects = append(protects, v.T("card.badge.secret"))
	}
	if c.Restricted {
		protects = append(protects, v.T("card.badge.restricted"))
	}
	for _, code := range c.Objections {
		protects = append(protects, v.T("card.badge.objects", "purpose", lowered(v.purposeName(code))))
	}
	if len(protects) > 0 {
		rows = append(rows, look.Row{Term: v.T("alike.protects"), Value: look.Text(v.p.List(protects)), Note: v.T("alike.protects_note")})
	}
	bodies := v.bodiesOfCard(c.Kept)
	if len(c.Joins) > 0 {
		joined := make([]string, 0, len(c.Joins)+1)
		if bodies != "" {
			joined = append(joined, bodies)
		}
		for _, m := range c.Joins {
			joined = append(joined, v.memberOf(m.Unit))
		}
		bodies = v.p.List(joined)
	}
	return append(rows, look.Row{Term: v.T("card.memberships"), Value: textOr(bodies)})
}

// sameThen is the ledger of what happens.
func (v *visit) sameThen(c *member.Comparison, view *sameView) look.Then {
	due := v.p.DateTime(v.house.Charter.EraseAt(v.house.Now(), false), v.house.Charter.Location())
	gone := v.T("alike.then.gone_text")
	if len(c.Gone) > 0 {
		var kinds []string
		for _, t := range c.Gone {
			kinds = append(kinds, lowered(v.T("record.kind."+t.Kind.Name)))
		}
		gone += " " + v.T("alike.then.gone_kinds", "kinds", v.p.List(kinds))
	}
	then := look.Then{{When: look.Text(v.T("leaving.then.now")), Lead: v.T("alike.then.now_lead"), Text: v.T("alike.then.now_text", "number", view.Other.Number)}}
	if v.house.Charter.Window > 0 {
		then = append(then, look.Moment{When: look.Text(v.T("leaving.then.until", "when", due)), Lead: v.T("alike.then.until_lead"), Text: v.T("alike.then.until_text")})
	}
	return append(then, look.Moment{When: look.Text(capitalised(due)), Lead: v.T("alike.then.gone_lead"), Text: gone})
}

// mergeAsked says of a preview whether a colleague has proposed it already.
func (v *visit) mergeAsked(view *sameView, kept, other vault.PersonID) (departure.Proposal, error) {
	view.Second = v.house.Charter.SecondPairEndsWindow
	if !view.May {
		return departure.Proposal{}, nil
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Close})
	if err != nil {
		return departure.Proposal{}, err
	}
	p, err := v.house.Departures.MergeProposal(v.ctx(), scope, other)
	if fault.Is(err, fault.Gone) || err == nil && p.Kept != kept {
		return departure.Proposal{}, nil
	}
	if err != nil {
		return p, err
	}
	names, err := v.house.Members.Names(v.ctx(), scope, []vault.PersonID{p.By})
	if err != nil {
		return p, err
	}
	view.Open, view.Confirm = true, p.By != v.session.Person
	view.Asked = look.Notice{Tone: look.Note, Title: v.T("alike.asked.title"), Text: v.T("alike.asked.mine", "date", p.On)}
	if view.Confirm {
		view.Asked.Text = v.T("alike.asked.text", "name", names[p.By], "date", p.On)
	}
	return p, nil
}

// mergingPage leads from the duty to the two cards it is about.
func mergingPage(v *visit) error {
	other, err := v.person("person")
	if err != nil {
		return err
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Close})
	if err != nil {
		return err
	}
	p, err := v.house.Departures.MergeProposal(v.ctx(), scope, other)
	if fault.Is(err, fault.Gone) {
		return v.toWith(alikePath, "alike.notice.gone")
	}
	if err != nil {
		return err
	}
	return v.to(v.samePath(p.Kept, other))
}

// sameConfirm is the second pair of eyes; sameDrop takes a proposal back, or says
// no to it.
func sameConfirm(v *visit) error {
	kept, other, err := v.two()
	if err != nil {
		return err
	}
	f, err := v.form()
	if err != nil {
		return err
	}
	if !f.has("seen") {
		return v.same(f, look.Problems{{Field: "seen", Text: v.T("alike.seen_missing")}})
	}
	_, err = v.house.Departures.ConfirmMerge(v.ctx(), v.actor, other)
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.same(f, problems)
	}
	return v.toWith(v.cardPath(kept), "alike.notice.merged")
}

func sameDrop(v *visit) error {
	_, other, err := v.two()
	if err != nil {
		return err
	}
	if err := v.house.Departures.DropMerge(v.ctx(), v.actor, other); err != nil {
		return err
	}
	return v.toWith(alikePath, "alike.notice.dropped")
}

// sameMerge makes the two cards one, or proposes it to a colleague.
func sameMerge(v *visit) error {
	kept, other, err := v.two()
	if err != nil {
		return err
	}
	f, err := v.form()
	if err != nil {
		return err
	}
	if !f.has("seen") {
		return v.same(f, look.Problems{{Field: "seen", Text: v.T("alike.seen_missing")}})
	}
	var take []string
	for name := range f.values {
		if code, ok := strings.CutPrefix(name, "take-"); ok && f.text(name) == "other" {
			take = append(take, code)
		}
	}
	slices.Sort(take)
	d, err := v.house.Departures.ProposeMerge(v.ctx(), v.actor, kept, other, take)
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.same(f, problems)
	}
	if d.State == "" {
		return v.toWith(v.samePath(kept, other), "alike.notice.asked")
	}
	return v.toWith(v.cardPath(kept), "alike.notice.merged")
}

// sameNot remembers that the two are not the same person.
func sameNot(v *visit) error {
	kept, other, err := v.two()
	if err != nil {
		return err
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Edit})
	if err != nil {
		return err
	}
	if err := v.house.Members.SetDistinct(v.ctx(), scope, kept, other); err != nil {
		return err
	}
	return v.toWith(alikePath, "alike.notice.distinct")
}

// sameWith goes from a card to the preview with the card of a number.
func sameWith(v *visit) error {
	person, f, err := v.personForm()
	if err != nil {
		return err
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.View})
	if err != nil {
		return err
	}
	other, err := v.house.Members.ByNumber(v.ctx(), scope, f.text("number"))
	if fault.Is(err, fault.NotFound) || err == nil && other == person {
		return v.toWith(v.cardPath(person), "alike.notice.no_other")
	}
	if err != nil {
		return err
	}
	return v.to(v.samePath(person, other))
}

// comebackView is whoever left within the window and could be who is added now.
type comebackView struct {
	Rows   []comebackRow
	Again  []look.Value // what was typed, to go on with
	Action string
}

type comebackRow struct{ Name, URL, Closed, Due string }

// comeback asks the secretariat before it adds somebody who has just left. It
// reports false where there is nobody, or nobody may be told.
func (v *visit) comeback(f form, values map[string]string) (shown bool, err error) {
	if f.has("anew") || !v.may(charter.Close) {
		return false, nil
	}
	scope, err := v.house.Access.Decide(v.actor, access.Want{Act: charter.Close})
	if err != nil || !scope.All() {
		return false, nil
	}
	persons, err := v.house.Members.Returning(v.ctx(), scope, values)
	if err != nil || len(persons) == 0 {
		return false, err
	}
	names, err := v.house.Members.Names(v.ctx(), scope, persons)
	if err != nil {
		return false, err
	}
	view := comebackView{Action: membersPath + "/new", Again: []look.Value{{Name: "anew", Value: "yes"}}}
	for _, person := range persons {
		d, _, err := v.house.Departures.Of(v.ctx(), scope, person)
		if departure.None(err) || err == nil && !v.undoable(&d) {
			continue
		}
		if err != nil {
			return false, err
		}
		row := v.going(&d, names)
		view.Rows = append(view.Rows, comebackRow{Name: names[person], URL: v.departurePath(person), Closed: row.Closed, Due: row.Due})
	}
	if len(view.Rows) == 0 {
		return false, nil
	}
	for name, all := range f.values {
		for _, value := range all {
			view.Again = append(view.Again, look.Value{Name: name, Value: value})
		}
	}
	slices.SortFunc(view.Again, func(a, b look.Value) int { return strings.Compare(a.Name, b.Name) })
	return true, v.show(page{title: v.T("alike.back.title"), tab: tabMembers, body: comebackBody(view), status: http.StatusConflict})
}

// comebackTable lists them.
func comebackTable(v comebackView, said func(key string) string) look.Table[comebackRow] {
	return look.Table[comebackRow]{Caption: said("alike.back.who"), Rows: v.Rows, Columns: []look.Column[comebackRow]{
		{Title: said("leaving.column.member"), Kind: look.Leading, Cell: func(r comebackRow) templ.Component { return look.Link{Text: r.Name, URL: r.URL} }},
		{Title: said("leaving.hidden.closed"), Cell: func(r comebackRow) templ.Component { return look.Text(r.Closed) }},
		{Title: said("leaving.column.erased"), Cell: func(r comebackRow) templ.Component { return look.Text(r.Due) }},
	}}
}
