package web

import (
	"context"

	"github.com/a-h/templ"
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/locale"
	"kartotek/internal/member"
	"kartotek/internal/transfer"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// memberView is a member's card as an officer or the secretariat sees it.
type memberView struct {
	Path        string // of the card
	Leave       string // where a membership is closed, or a resignation is passed on
	Given       string
	Card        look.IndexCard
	Memberships look.Table[belongs]
	Because     look.Because
	Cover       bool   // the address can be shown by a press, which is logged
	Account     string // of dues
	Acts        memberActs
	People      peopleView
}

// memberActs are what the hat offers; whether it may is decided when it is done.
type memberActs struct{ Dues, Edit, Move, Belong, PassOn, Close, Merge, Consents bool }

// more reports whether there is anything that is seldom done.
func (v *memberView) more() bool {
	return v.Acts.Edit || v.Acts.Belong || v.Acts.Move || v.Acts.Merge || v.People.Former
}

// belongs is a row of the memberships.
type belongs struct {
	unit           string // the body's code
	body, category string
	from, until    civil.Date
	state          templ.Component
}

// memberPage is one member's index card. Opening it stands in the log.
func memberPage(v *visit) error { return v.cardWith(v.house.Members.Card) }

// memberReveal is the card with its secret address, for the secretariat; the log
// says that it was shown.
func memberReveal(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	if f.text("for") == "edit" {
		return v.editWith(v.house.Members.Reveal, editing{})
	}
	return v.cardWith(v.house.Members.Reveal)
}

// opener is one of the ways in which the directory opens a card.
type opener func(ctx context.Context, s access.Scope, person vault.PersonID) (*member.Card, error)

// openCard reads the card that the path names, by a right to do the act.
func (v *visit) openCard(by opener, act charter.Acts) (*member.Card, access.Scope, error) {
	person, err := v.person("person")
	if err != nil {
		return nil, access.Scope{}, err
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: act})
	if err != nil {
		return nil, scope, err
	}
	card, err := by(v.ctx(), scope, person)
	return card, scope, err
}

func (v *visit) cardWith(by opener) error {
	card, scope, err := v.openCard(by, charter.View)
	if err != nil {
		return err
	}
	view := memberView{
		Path: v.cardPath(card.Person), Given: card.Profile.Given, Card: v.indexCard(card),
		Memberships: membershipTable(v.p, v.memberships(card), nil),
		Because:     v.becauseOf("card", scope, "time", v.p.Time(v.house.Now(), v.house.Charter.Location())),
		Cover:       card.Covered && scope.All(),
		People:      v.peopleView(card, scope),
		Acts: memberActs{
			Dues: v.house.Dues.Any() && v.may(charter.Collect),
			Edit: v.may(charter.Edit), Move: v.may(transfer.LetsGo()) && len(v.house.Transfers.Bodies()) > 1, Belong: v.may(charter.Create) && v.may(charter.Edit) && scope.All(),
			PassOn: v.may(charter.PassOn) && !v.may(charter.Close), Close: v.may(charter.Close),
			Merge: v.may(charter.Close) && scope.All(), Consents: v.entersConsents(),
		},
	}
	view.Leave, view.Account = view.Path+"/resign", duesAccount(v.public(card.Person))
	if view.Acts.Close {
		view.Leave = leavingPath + "/" + v.public(card.Person)
	}
	// The name would stay in the browser's history, so the document has none.
	return v.show(page{title: v.T("card.title"), tab: tabMembers, body: memberBody(view)})
}

// indexCard is the card itself.
func (v *visit) indexCard(c *member.Card) look.IndexCard {
	p := &c.Profile
	card := look.IndexCard{
		ID: "member", Level: 1, Tab: filedUnder(p.Given, p.Family), Number: p.Number, Title: p.Name(),
		Badges: []templ.Component{look.Badge(look.OK, v.T("card.badge.member"))},
	}
	if p.SecretAddress {
		card.Badges = append(card.Badges, look.Badge(look.Soon, v.T("card.badge.secret")))
	}
	if p.Restricted {
		card.Badges = append(card.Badges, look.Badge(look.Soon, v.T("card.badge.restricted")))
	}
	card.Badges = append(card.Badges, v.badgesBack(p)...)
	for _, purpose := range p.Objections {
		card.Badges = append(card.Badges, look.Badge(look.Calm, v.T("card.badge.objects", "purpose", lowered(v.purposeName(purpose)))))
	}
	if c.Covered {
		card.Rows = append(card.Rows, look.Row{Term: v.fieldName("address"), Value: look.Covered(v.T("card.covered"))})
	}
	card.Rows = append(append(card.Rows, v.profileRows(p)...), v.reachRows(p)...)
	if p.Language != "" {
		card.Rows = append(card.Rows, look.Row{Term: v.T("card.language"), Value: look.Text(locale.For(p.Language).Name())})
	}
	return card
}

// memberships are where a member belongs, as far as one may see.
func (v *visit) memberships(c *member.Card) []belongs {
	rows := make([]belongs, len(c.Memberships))
	for i, m := range c.Memberships {
		rows[i] = belongs{
			unit: v.unitCode(m.Unit), body: v.memberOf(m.Unit), category: v.categoryName(m.Category), from: m.From, until: m.Until,
			state: look.Badge(look.OK, v.T("card.state.active")),
		}
		if m.State == member.Passive {
			rows[i].state = look.Badge(look.Note, v.T("card.state.passive"))
		}
	}
	return rows
}

// unitCode is a body's code, "" for no body.
func (v *visit) unitCode(id unit.ID) string {
	body, _ := v.house.Units.Tree().ByID(id)
	return body.Code
}
