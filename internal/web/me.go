package web

import (
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"kartotek/internal/access"
	"kartotek/internal/departure"
	"kartotek/internal/directory"
	"kartotek/internal/extract"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// shownSeen is how many lines of who has seen one the page itself shows.
const shownSeen = 8

type meView struct {
	Card    look.IndexCard
	Reach   string // how many see me, in a sentence
	Readers []reader
	Seen    []look.Line
	Counts  journal.Account
	Lists   []look.Line
	Sent    []look.Line   // messages one was sent
	Told    []look.Line   // who outside was told of a correction or restriction
	Asks    []look.Choice // purposes one may object to
	Leaving leaving
	Move    ownMove
	Wanted  []wanted // who asks one for a recommendation
	Claims  []claim  // who wants to join and seems to be the visitor
	Closed  bool     // the membership is closed; only the person still sees the card
	Dues    bool     // members pay dues here
	Passed  bool     // members are passed on to bodies outside

	Fellows   []look.Link // closed pages one sees other members on
	Texts     []newText   // published of late
	Declared  *newDeclaration
	Standing  standing
	Authority look.Link // whom one can complain to
}

// complaint links to whom one can complain to.
func (v *visit) complaint(to directory.Link) look.Link {
	return look.Link{Text: v.T("web.me.right.complain", "authority", to.Text), URL: to.URL}
}

// mePage is what is registered about whoever is signed in, who can see it and
// who has (L2).
func mePage(v *visit) error {
	scope, err := v.self()
	if err != nil {
		return err
	}
	told, err := v.standingOf()
	if err != nil {
		return err
	}
	// What was seen is read before the card is opened, which is a line of its own.
	view := meView{Standing: told, Authority: v.complaint(v.house.AuthorityFor(v.session.Person, v.p))}
	if view.Texts, err = v.newTexts(); err != nil {
		return err
	}
	if view.Declared, err = v.newDeclaration(); err != nil {
		return err
	}
	if view.Counts, err = v.aboutMe(journal.Page{Limit: 10 * shownSeen}); err != nil {
		return err
	}
	card, err := v.house.Members.Card(v.ctx(), scope, v.session.Person)
	if err != nil {
		return err
	}
	view.Card, view.Closed, view.Dues = v.ownCard(card), card.Hidden, v.house.Dues.Any()
	view.Passed = len(v.house.Charter.Recipients) > 0
	view.Asks = v.objections(&card.Profile)
	if view.Readers, view.Reach, err = v.readers(scope, card); err != nil {
		return err
	}
	others := slices.DeleteFunc(view.Counts.Lines, func(l journal.Line) bool { return v.isMe(l.Actor) && l.Act != journal.Edit })
	if view.Seen, err = v.seenLines(scope, others[:min(len(others), shownSeen)]); err != nil {
		return err
	}
	lists, err := v.house.Extracts.With(v.ctx(), scope)
	if err != nil {
		return err
	}
	if view.Lists, err = v.listLines(scope, lists); err != nil {
		return err
	}
	view.Fellows = v.fellowLists()
	if view.Sent, err = v.sentToMe(scope); err != nil {
		return err
	}
	if view.Told, err = v.tellings(); err != nil {
		return err
	}
	if view.Leaving, err = v.leaving(scope); err != nil {
		return err
	}
	if view.Claims, err = v.claims(); err != nil {
		return err
	}
	if view.Wanted, err = v.wanted(); err != nil {
		return err
	}
	if view.Move, err = v.ownMove(view.Closed); err != nil {
		return err
	}
	return v.show(page{title: v.T("web.me.title"), tab: tabMe, body: meBody(view)})
}

// aboutMe is what was done with one's data, under every number one stood under.
func (v *visit) aboutMe(p journal.Page) (journal.Account, error) {
	once, err := v.house.Members.OnceWas(v.ctx(), v.session.Person)
	if err != nil {
		return journal.Account{}, err
	}
	persons := []uint32{uint32(v.session.Person)}
	for _, other := range once {
		persons = append(persons, uint32(other))
	}
	return v.house.Journal.AboutAll(v.ctx(), persons, p)
}

func (v *visit) isMe(actor uint32) bool { return vault.PersonID(actor) == v.session.Person }

// ownCard is the index card with everything the register has on it.
func (v *visit) ownCard(c *member.Card) look.IndexCard {
	p := &c.Profile
	card := look.IndexCard{ID: "held", Tab: filedUnder(p.Given, p.Family), Number: p.Number, Title: p.Name(), Rows: append(v.profileRows(p), v.reachRows(p)...)}
	if len(c.Home) > 0 {
		card.Rows = append(card.Rows, v.homeRow(c.Home))
	}
	for _, m := range c.Memberships {
		row := look.Row{Term: v.T("web.me.member_of"), Value: look.Text(v.unitName(m.Unit)), Note: v.categoryName(m.Category), Wide: true}
		if !m.From.IsZero() {
			row.Note = v.T("web.me.since", "category", row.Note, "date", m.From)
		}
		card.Rows = append(card.Rows, row)
	}
	if p.SecretAddress {
		card.Badges = append(card.Badges, look.Badge(look.Soon, v.T("web.me.secret")))
	}
	if p.Restricted {
		card.Badges = append(card.Badges, look.Badge(look.Note, v.T("web.me.restricted")))
	}
	return card
}

// reader is a row of who can see me: an officer by name, or how many of the
// secretariat hold a position.
type reader struct{ who, as, until string }

// readers runs the real decision for everyone and says who passes it.
func (v *visit) readers(scope access.Scope, card *member.Card) (rows []reader, sentence string, err error) {
	holders, err := v.house.Access.WhoSees(scope, v.house.Members.Units(card.Person))
	if err != nil {
		return nil, "", err
	}
	var officers []vault.PersonID
	staff := map[string]map[vault.PersonID]bool{}
	everyone := map[vault.PersonID]bool{}
	for _, h := range holders {
		everyone[h.Person] = true
		if h.Basis.InBody() {
			officers = append(officers, h.Person)
			continue
		}
		if staff[h.Basis.Code] == nil {
			staff[h.Basis.Code] = map[vault.PersonID]bool{}
		}
		staff[h.Basis.Code][h.Person] = true
	}
	names, err := v.house.Members.Names(v.ctx(), scope, officers)
	if err != nil {
		return nil, "", err
	}
	for _, h := range holders {
		if !h.Basis.InBody() {
			continue
		}
		row := reader{who: names[h.Person], as: v.T("web.post_in", "post", v.postName(h.Basis), "body", v.bodyName(h.Basis)), until: v.T("web.me.no_end")}
		if h.Grant != nil { // what it is for; the task is told to the association
			row.as = v.T("grant.page.reader", "as", row.as, "purposes", v.house.Grants.PurposeNames(v.p, h.Grant.Purposes))
		}
		if !h.Basis.Until.IsZero() {
			row.until = v.p.Date(h.Basis.Until)
		}
		if v.isMe(uint32(h.Person)) {
			row.who = v.T("web.me.yourself")
		}
		rows = append(rows, row)
	}
	for i := range v.house.Charter.Positions {
		position := &v.house.Charter.Positions[i]
		if n := len(staff[position.Code]); n > 0 {
			rows = append(rows, reader{
				who: v.T("web.me.staff", "count", n), until: v.T("web.me.employed"),
				as: v.T("web.post_in", "post", position.Name.In(v.p.Lang()), "body", v.T("web.frame.secretariat")),
			})
		}
	}
	return rows, v.T("web.me.reach", "count", len(everyone)), nil
}

// listLines are the lists one has stood on, with who has them and how they stand.
func (v *visit) listLines(scope access.Scope, lists []extract.List) ([]look.Line, error) {
	var officers []vault.PersonID
	for i := range lists {
		if _, post := v.house.Charter.Post(lists[i].Post); post || lists[i].Post == access.GrantCode {
			officers = append(officers, lists[i].Recipient)
		}
	}
	names, err := v.house.Members.Names(v.ctx(), scope, officers)
	if err != nil {
		return nil, err
	}
	handed, err := v.handedTo(scope, lists)
	if err != nil {
		return nil, err
	}
	today := v.house.Access.Today()
	var lines []look.Line
	for i := range lists {
		l := &lists[i]
		with := v.T("web.post_in", "post", v.anyPost(l.Post), "body", v.unitName(l.Unit))
		if who := recipientOf(handed, l.Recipient); who != "" {
			with = who + " · " + with
		} else if _, position := v.house.Charter.Position(l.Post); position {
			with = v.T("web.post_in", "post", v.anyPost(l.Post), "body", v.T("web.frame.secretariat"))
		} else if name := names[l.Recipient]; name != "" {
			with = name + " · " + with
		}
		lines = append(lines, look.Line{
			Day: v.day(l.PulledAt), At: l.PulledAt.Format("2006-01-02T15:04:05Z07:00"),
			What: look.Said(v.T("web.list", "number", l.Number), "", with),
			Rest: []templ.Component{look.Text(v.purposeName(l.Purpose)), v.listState(l, today)},
		})
	}
	return lines, nil
}

// objections are the purposes one may say no to, ticked where one has not.
func (v *visit) objections(p *member.Profile) []look.Choice {
	var asks []look.Choice
	for i := range v.house.Charter.Purposes {
		purpose := &v.house.Charter.Purposes[i]
		if !purpose.Objection || purpose.Statutory {
			continue
		}
		asks = append(asks, look.Choice{
			Value: purpose.Code, Text: purpose.Name.In(v.p.Lang()), Checked: !slices.Contains(p.Objections, purpose.Code),
		})
	}
	return asks
}

// meObject takes the ticks of what one may be sent; what was ticked off is an
// objection (Art. 21).
func meObject(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	scope, err := v.self()
	if err != nil {
		return err
	}
	for _, ask := range v.objections(&member.Profile{}) {
		objects := !f.chosen("send", ask.Value)
		if err := v.house.Members.SetObjection(v.ctx(), scope, v.session.Person, ask.Value, objects); err != nil {
			return err
		}
	}
	return v.toWith(mePath, "web.notice.saved")
}

// meEverythingPage is all that the register holds, record by record (Art. 15).
func meEverythingPage(v *visit) error {
	scope, err := v.self()
	if err != nil {
		return err
	}
	sections, err := v.house.Members.Held(v.ctx(), scope)
	if err != nil {
		return err
	}
	var said []section
	for _, s := range sections {
		one := section{title: v.T("record.kind." + s.Kind)}
		for _, l := range s.Lines {
			if text := v.lineValue(l); text != "" {
				one.rows = append(one.rows, look.Row{Term: v.lineName(l), Value: look.Text(text)})
			}
		}
		said = append(said, one)
	}
	return v.show(page{title: v.T("web.everything.title"), tab: tabMe, body: everythingBody(said, v.house.Access.Today())})
}

// section is one record in words.
type section struct {
	title string
	rows  look.Rows
}

// leaving is how one's own leaving stands.
type leaving struct {
	Member bool // there is a membership to leave
	Days   int
	On     string // the day one asked, "" while one has not
	Lists  string // one still has, to be attested first (D12)
	Number string // on the receipt
}

func (v *visit) leaving(scope access.Scope) (l leaving, err error) {
	l.Days = v.house.Charter.Window
	l.Member = len(v.house.Members.Units(v.session.Person)) > 0
	resigned, err := v.house.Departures.Resigned(v.ctx(), scope, v.session.Person)
	if departure.None(err) {
		return l, nil
	}
	if err == nil {
		l.On, l.Number = v.p.Date(resigned.On), resigned.Number
	}
	return l, err
}

// meLeavePage says what leaving means, before the button.
func meLeavePage(v *visit) error {
	scope, err := v.self()
	if err != nil {
		return err
	}
	l, err := v.leaving(scope)
	if err != nil {
		return err
	}
	if l.On != "" || !l.Member {
		return v.to(mePath)
	}
	mine, err := v.house.Extracts.Mine(v.ctx(), v.actor)
	if err != nil {
		return err
	}
	var open []string
	for i := range mine {
		if !mine[i].Mine.Done() {
			open = append(open, strconv.FormatInt(mine[i].Number, 10))
		}
	}
	l.Lists = v.p.List(open)
	return v.show(page{title: v.T("web.leave.title"), tab: tabMe, body: leaveBody(l)})
}

func meLeave(v *visit) error {
	if err := v.house.Departures.Ask(v.ctx(), v.actor); err != nil {
		return err
	}
	return v.toWith(mePath, "web.notice.asked")
}

// meStay takes the wish to leave back, while nobody has closed the membership.
func meStay(v *visit) error {
	if err := v.house.Departures.Withdraw(v.ctx(), v.actor, v.session.Person); err != nil {
		return err
	}
	return v.toWith(mePath, "web.notice.stays")
}
