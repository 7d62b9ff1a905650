package web

import (
	"net/url"
	"slices"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/departure"
	"kartotek/internal/duty"
	"kartotek/internal/member"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// departurePath is the page of somebody's leaving, for the secretariat.
func (v *visit) departurePath(person vault.PersonID) string {
	return leavingPath + "/" + v.public(person)
}

// queueView is everybody who is leaving, by what must be done (D6, D7).
type queueView struct {
	Waiting []resigned
	Seconds []going // a colleague asks to have them erased today
	Window  []going
	Erased  []going
	Because look.Because
	Holds   bool // the hat may have an erasure wait
	Letters bool // the hat prints the letters of the house
	Reasons []reasonRow
}

// resigned is somebody whose membership waits to be closed.
type resigned struct {
	Name, Bodies, Heard string
	URL                 string
	On, Due             civil.Date
	Tone                look.Tone
	State               string
}

// going is somebody whose membership is closed. The name is known until the
// erasure begins, and only to whoever may undo the closing.
type going struct {
	Name, URL   string
	By          string // who closed
	Closed, Due string
	Certificate string
	Kept        string // what law keeps of somebody erased, and what has ended since
	Tone        look.Tone
	State       string
}

// leavingQueue is the secretariat's queue.
func leavingQueue(v *visit) error {
	scope, err := v.closingScope()
	if err != nil {
		return err
	}
	open, erased, err := v.house.Departures.Waiting(v.ctx(), scope)
	if err != nil {
		return err
	}
	duties, err := v.house.Duties.Open(v.ctx(), v.responsible())
	if err != nil {
		return err
	}
	var waiting []duty.Duty
	asked := map[vault.PersonID]bool{}
	var persons []vault.PersonID
	for _, d := range duties {
		switch person := vault.PersonID(d.Subject); d.Kind {
		case duty.CloseMembership:
			waiting, persons = append(waiting, d), append(persons, person)
		case duty.ConfirmErasure:
			asked[person] = true
		}
	}
	for _, d := range slices.Concat(open, erased) {
		persons = append(persons, d.ClosedBy)
		if d.State == departure.Hidden {
			persons = append(persons, d.Person)
		}
	}
	names, err := v.house.Members.Names(v.ctx(), scope, persons)
	if err != nil {
		return err
	}
	view := queueView{Because: v.becauseOf("leaving", scope), Holds: v.may(charter.Hold), Letters: v.printsLetters()}
	if view.Reasons, err = v.reasonRows(); err != nil {
		return err
	}
	for i := range waiting {
		row, err := v.resigned(scope, &waiting[i], names)
		if err != nil {
			return err
		}
		view.Waiting = append(view.Waiting, row)
	}
	for i := range open {
		if d := &open[i]; asked[d.Person] {
			view.Seconds = append(view.Seconds, v.going(d, names))
		} else {
			view.Window = append(view.Window, v.going(d, names))
		}
	}
	for i := range erased {
		view.Erased = append(view.Erased, v.going(&erased[i], names))
	}
	return v.show(page{title: v.T("leaving.title"), tab: tabLeaving, body: queueBody(view)})
}

func (v *visit) closingScope() (access.Scope, error) {
	return v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Close})
}

// resigned puts a resignation that waits into words.
func (v *visit) resigned(scope access.Scope, d *duty.Duty, names map[vault.PersonID]string) (resigned, error) {
	person, today := vault.PersonID(d.Subject), v.house.Access.Today()
	row := resigned{
		Name: v.nameOf(names, person), Bodies: v.bodiesOf(person), URL: v.departurePath(person),
		Due: d.DueOn, Tone: dutyTone(d.StateOn(today)), State: capitalised(v.p.Due(d.DueOn, today)),
	}
	heard, err := v.house.Departures.Resigned(v.ctx(), scope, person)
	if departure.None(err) {
		return row, nil
	}
	row.On, row.Heard = heard.On, v.heardFrom(&heard)
	return row, err
}

// bodiesOf are the bodies somebody belongs to.
func (v *visit) bodiesOf(person vault.PersonID) string {
	var names []string
	for _, id := range v.house.Members.Units(person) {
		names = append(names, v.memberOf(id))
	}
	return v.p.List(names)
}

// heardFrom says who told of a resignation, and how it was heard.
func (v *visit) heardFrom(r *departure.Resignation) string {
	how := v.T("departure.how." + r.How)
	switch {
	case r.Unit != 0:
		return v.T("leaving.heard.body", "body", v.unitName(r.Unit), "how", lowered(how))
	case r.By != 0 && r.How == "self":
		return v.T("leaving.heard.self")
	}
	return v.T("leaving.heard.office", "how", lowered(how))
}

// undoable reports whether a closing can still be undone; then, and only then,
// the name is shown.
func (v *visit) undoable(d *departure.Departure) bool {
	return d.State == departure.Hidden && v.house.Now().Before(d.DueAt)
}

// delayed reports whether a hold makes an erasure wait.
func (v *visit) delayed(person vault.PersonID) bool {
	scope, err := v.house.Access.Decide(v.actor, access.Want{Act: charter.Close})
	if err != nil {
		return false
	}
	holds, err := v.house.Departures.Waits(v.ctx(), scope, person)
	return err == nil && len(holds) > 0
}

// going puts a departure into words.
func (v *visit) going(d *departure.Departure, names map[vault.PersonID]string) going {
	zone := v.house.Charter.Location()
	row := going{
		By: v.nameOf(names, d.ClosedBy), Closed: v.p.DateTime(d.ClosedAt, zone), Due: v.p.DateTime(d.DueAt, zone),
		Certificate: d.Certificate, State: v.T("departure.state." + string(d.State)),
	}
	switch {
	case d.State == departure.Erased:
		row.Tone, row.Kept = look.OK, v.afterlife(d.Person)
	case d.State == departure.Hidden && !v.undoable(d) && v.delayed(d.Person): // the window is over, and a hold makes it wait
		row.Name, row.URL, row.Tone = v.nameOf(names, d.Person), v.departurePath(d.Person), look.Soon
		row.State = v.T("leaving.waits")
	case !v.undoable(d):
		row.Tone, row.State = look.Late, v.T("departure.state.erasing")
	default:
		row.Name, row.URL, row.Tone = v.nameOf(names, d.Person), v.departurePath(d.Person), look.Soon
		row.State = v.T("leaving.undoable")
	}
	return row
}

// resignView is the form by which an association passes a resignation on (D6).
type resignView struct {
	Problems look.Problems
	Path     string
	Card     string
	Name     string
	Bodies   string
	Already  string // when it was passed on already
	How      look.Choices
	On       string
	Then     look.Then
	Because  look.Because

	Mine  bool // the visitor entered it and may take it back
	Died  bool
	Close string // where whoever closes goes on
}

func resignPage(v *visit) error {
	return v.resignForm(form{url.Values{"on": {v.p.ShortDate(v.house.Access.Today())}}}, nil)
}

func (v *visit) resignForm(f form, problems look.Problems) error {
	if _, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.PassOn}); err != nil {
		return err
	}
	card, scope, err := v.openCard(v.house.Members.Card, charter.View)
	if err != nil {
		return err
	}
	view := resignView{
		Problems: problems, Card: v.cardPath(card.Person), Path: v.cardPath(card.Person) + "/resign", Name: card.Profile.Name(),
		Bodies: v.bodiesOfCard(card), On: f.text("on"), Because: v.becauseOf("leaving", scope),
		How: look.Choices{Name: "how", Legend: v.T("leaving.resign.how"), Error: problems.For("how")},
	}
	for _, way := range departure.Ways {
		view.How.Options = append(view.How.Options, look.Choice{Value: way, Text: v.T("departure.how." + way), Checked: way == f.text("how")})
	}
	heard, err := v.house.Departures.Resigned(v.ctx(), scope, card.Person)
	switch {
	case err == nil:
		view.Already = v.heardFrom(&heard) + " " + v.T("leaving.on", "date", heard.On)
		view.Mine = heard.May(v.actor.Person)
	case !departure.None(err):
		return err
	}
	view.Died = f.has("died")
	if v.may(charter.Close) {
		view.Close = v.departurePath(card.Person)
	}
	view.Then = look.Then{
		{When: look.Text(v.T("leaving.then.now")), Lead: v.T("leaving.resign.now_lead"), Text: v.T("leaving.resign.now_text", "name", view.Name)},
		{When: look.Text(v.T("leaving.resign.soon", "count", departure.HandleDays)), Lead: v.T("leaving.resign.soon_lead"), Text: v.T("leaving.resign.soon_text")},
		{When: look.Text(v.T("leaving.resign.own")), Lead: v.T("leaving.resign.own_lead"), Text: v.T("leaving.resign.own_text")},
	}
	return v.show(page{title: v.T("leaving.resign.title"), tab: tabMembers, body: resignBody(view), failed: problems != nil})
}

// resign passes a resignation on to the secretariat.
func resign(v *visit) error {
	person, f, err := v.personForm()
	if err != nil {
		return err
	}
	on, ok := f.date("on")
	if !ok {
		return v.resignForm(f, look.Problems{{Field: "on", Text: v.T("fault.field.date")}})
	}
	_, err = v.house.Departures.Enter(v.ctx(), v.actor, person, departure.Resignation{How: f.text("how"), On: on, Died: f.has("died")})
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.resignForm(f, problems)
	}
	if v.may(charter.Close) { // it is before them already
		return v.toWith(v.departurePath(person), "leaving.notice.entered")
	}
	return v.toWith(v.cardPath(person), "leaving.notice.passed_on")
}

// bodiesOfCard are the bodies of a card, those within the reader's reach.
func (v *visit) bodiesOfCard(c *member.Card) string {
	names := make([]string, len(c.Memberships))
	for i, m := range c.Memberships {
		names[i] = v.memberOf(m.Unit)
	}
	return v.p.List(names)
}

// afterlife says until when law keeps something of somebody erased, and since
// when what it has kept is gone too.
func (v *visit) afterlife(person vault.PersonID) string {
	a := v.house.Departures.Afterlife(person)
	switch n := len(a.Until); {
	case n > 0:
		return v.T("leaving.kept_until", "date", v.p.ShortDate(a.Until[n-1]))
	case len(a.Ended) > 0:
		return v.T("leaving.kept_gone", "date", v.p.ShortDate(a.Ended[len(a.Ended)-1].AddDays(1)))
	}
	return ""
}
