package web

import (
	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/member"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"

	"github.com/a-h/templ"
)

// Paths of what is seen to among the members.
const (
	upkeepPath    = "/members/upkeep"
	proposalsPath = "/members/households"
)

// accessEdit is the right to change cards.
var accessEdit = access.Want{Act: charter.Edit}

// peopleView is what stands beside a card about whom a member lives with and
// whether mail reaches them.
type peopleView struct {
	Path                 string
	Mates                []look.Link
	Covered              bool
	Edit, Former         bool
	LetterBack, MailBack bool
	HasEmail             bool
}

func (v *visit) peopleView(c *member.Card, scope access.Scope) peopleView {
	return peopleView{
		Path: v.cardPath(c.Person), Mates: v.mates(c.Home), Covered: c.HomeCovered, Edit: v.may(charter.Edit), Former: scope.All(),
		LetterBack: !c.Profile.Letter.Since.IsZero(), MailBack: !c.Profile.Mailed.Since.IsZero(), HasEmail: c.Profile.Email != "",
	}
}

// reachRows say how mail reaches a member where it is not by e-mail as usual, and
// until when an address is protected.
func (v *visit) reachRows(p *member.Profile) []look.Row {
	var rows []look.Row
	if p.Email == "" {
		rows = append(rows, look.Row{Term: v.fieldName("email"), Value: look.Badge(look.Note, v.T("people.by_letter"))})
	}
	for _, back := range [...]struct {
		key string
		r   member.Return
	}{{"people.returned.letters", p.Letter}, {"people.returned.emails", p.Mailed}} {
		if back.r.Since.IsZero() {
			continue
		}
		row := look.Row{Term: v.T(back.key), Value: look.Run(look.Badge(look.Late, v.T("people.returned.since", "date", v.p.ShortDate(back.r.Since))))}
		if back.r.As != "" {
			row.Note = v.T("people.returned.by", "post", v.anyPost(back.r.As), "body", v.unitName(back.r.Unit))
		}
		rows = append(rows, row)
	}
	if s := p.Secrecy(); s.Secret {
		row := look.Row{Term: v.T("people.secret.title"), Value: look.Text(v.secretLevel(s.Level))}
		if !s.Until.IsZero() {
			row.Note = v.T("people.secret.to", "date", v.p.Date(s.Until))
			if s.Until.Before(v.house.Access.Today()) {
				row.Note = v.T("people.secret.over", "date", v.p.Date(s.Until))
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// secretLevel is a kind of protection in the visitor's language.
func (v *visit) secretLevel(code string) string {
	level, ok := v.house.Charter.Protection(code)
	if !ok {
		return code
	}
	return level.Name.In(v.p.Lang())
}

// badgesBack are the badges of mail that came back.
func (v *visit) badgesBack(p *member.Profile) []templ.Component {
	if !p.Returned() {
		return nil
	}
	return []templ.Component{look.Badge(look.Late, v.T("people.returned.badge"))}
}

// othersToo asks whether a new address is that of the others of the household.
func (v *visit) othersToo(home []member.Housemate, e editing) look.Choices {
	c := look.Choices{Name: "too", Legend: v.T("people.too.legend"), Hint: v.T("people.too.hint"), Many: true}
	for _, m := range home {
		id := v.public(m.Person)
		c.Options = append(c.Options, look.Choice{Value: id, Text: m.Name, Checked: e.back() && e.form.chosen("too", id)})
	}
	return c
}

// chosenToo reads othersToo.
func (v *visit) chosenToo(f form) ([]vault.PersonID, error) {
	var others []vault.PersonID
	for _, id := range f.values["too"] {
		person, ok := v.house.Keyring.PersonOf(id)
		if !ok || len(others) > mostParts {
			return nil, errNotFound
		}
		others = append(others, person)
	}
	return others, nil
}

// updateWith is the edit of a card, of the others of the household too where that
// was ticked.
func (v *visit) updateWith(scope access.Scope, person vault.PersonID, changes member.Changes, f form) ([]string, error) {
	others, err := v.chosenToo(f)
	if err != nil {
		return nil, err
	}
	if len(others) > 0 {
		return []string{"address"}, v.house.Members.UpdateTogether(v.ctx(), scope, person, changes, others)
	}
	return v.house.Members.Update(v.ctx(), scope, person, changes)
}

// shownBefore opens a card as the form that came back had it: an address that was
// shown may not be lost by an error elsewhere.
func (v *visit) shownBefore(f form) opener {
	if f.has("address") {
		return v.house.Members.Reveal
	}
	return v.house.Members.Card
}

// homeRow says whom one shares a household with, on one's own card.
func (v *visit) homeRow(home []member.Housemate) look.Row {
	names := make([]string, len(home))
	for i, m := range home {
		names[i] = m.Name
	}
	return look.Row{Term: v.T("people.home.title"), Value: look.Text(v.p.List(names)), Wide: true}
}
