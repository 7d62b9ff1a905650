package web

import (
	"net/url"
	"slices"
	"time"

	"github.com/a-h/templ"
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/departure"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// departurePage is one person's leaving: to be closed, or closed and in the
// window.
func departurePage(v *visit) error {
	person, err := v.person("person")
	if err != nil {
		return err
	}
	return v.departure(person, form{}, nil)
}

func (v *visit) departure(person vault.PersonID, f form, problems look.Problems) error {
	scope, err := v.closingScope()
	if err != nil {
		return err
	}
	d, closing, err := v.house.Departures.Of(v.ctx(), scope, person)
	if departure.None(err) {
		return v.closeForm(scope, person, f, problems)
	}
	if err != nil {
		return err
	}
	return v.hidden(scope, &d, closing, problems)
}

// closeView is what a closing does, before the button.
type closeView struct {
	Problems             look.Problems
	Path                 string
	Name, Number, Bodies string
	Joined               civil.Date
	Lead                 string
	Resigned             bool // there is a resignation that could have been a mistake
	Then                 look.Then
	Told                 look.Rows
	Reasons, When        look.Choices
	Died                 look.Field // the day, where the reason is death
	Because              look.Because

	Holds      string // the lists the member still holds themselves (D12)
	Pass       bool   // they pass on
	Override   bool   // the visitor may close all the same, with grounds
	Overridden string
}

// closeForm asks why and when a membership is closed.
func (v *visit) closeForm(scope access.Scope, person vault.PersonID, f form, problems look.Problems) error {
	seen, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.View})
	if err != nil {
		return err
	}
	card, err := v.house.Members.Card(v.ctx(), seen, person)
	if err != nil {
		return err
	}
	prospect, err := v.house.Departures.Foresee(v.ctx(), v.actor, person)
	if err != nil {
		return err
	}
	heard, err := v.house.Departures.Resigned(v.ctx(), scope, person)
	if err != nil && !departure.None(err) {
		return err
	}
	view := closeView{
		Problems: problems, Path: v.departurePath(person), Name: card.Profile.Name(), Number: card.Profile.Number,
		Bodies: v.bodiesOfCard(card), Joined: card.Profile.Joined, Resigned: err == nil, Lead: v.T("leaving.unheard"),
		Told: v.told(card.Profile.Name(), card.Profile.Email, prospect.Lists), Because: v.becauseOf("leaving", scope),
	}
	if view.Resigned {
		view.Lead = v.heardFrom(&heard) + " " + v.T("leaving.on", "date", heard.On)
	}
	view.Holds, view.Override = v.numbersOf(prospect.Holds), scope.All()
	view.Pass, view.Overridden = f.has("pass"), f.text("override")
	if view.Resigned && heard.Died && f.text("reason") == "" {
		f = form{url.Values{"reason": {v.deathReason()}}}
	}
	view.Then = v.consequences(view.Name, card.Profile.Email != "", prospect.DueAt, prospect.Kept)
	view.Reasons, view.When = v.reasons(f, view.Resigned, problems), v.whens(f)
	view.Died = v.dayField("died", v.T("leaving.close.died"), editing{form: f, problems: problems})
	view.Died.Hint = v.T("leaving.close.died_hint")
	return v.show(page{title: v.T("leaving.close.title"), tab: tabLeaving, body: closeBody(view), failed: problems != nil})
}

// consequences are the ledger of the future.
func (v *visit) consequences(name string, mail bool, due time.Time, kept []departure.Kept) look.Then {
	hidden := v.T("leaving.then.now_text", "name", name)
	if mail {
		hidden = v.T("leaving.then.now_text_mail", "name", name)
	}
	at := v.p.DateTime(due, v.house.Charter.Location())
	then := look.Then{{When: look.Text(v.T("leaving.then.now")), Note: v.p.Date(v.house.Access.Today()), Lead: v.T("leaving.then.now_lead"), Text: hidden}}
	if days := v.house.Charter.Window; days > 0 {
		then = append(then, look.Moment{
			When: look.Text(v.T("leaving.then.until", "when", at)), Note: v.T("leaving.then.days", "count", days),
			Lead: v.T("leaving.then.until_lead"), Text: v.T("leaving.then.until_text"),
		})
	}
	after := v.T("leaving.then.after_text")
	if len(kept) > 0 {
		lines := make([]string, len(kept))
		for i := range kept {
			lines[i] = kept[i].Text(v.p)
		}
		after = v.T("leaving.then.after_kept", "kept", v.p.List(lines))
	}
	return append(then,
		look.Moment{When: look.Text(capitalised(at)), Lead: v.T("leaving.then.gone_lead"), Text: v.T("leaving.then.gone_text")},
		look.Moment{When: look.Text(v.T("leaving.then.after")), Lead: v.T("leaving.then.after_lead"), Text: after},
	)
}

// told is who is told, and which lists the name still stands on.
func (v *visit) told(name, email string, lists []departure.Held) look.Rows {
	certificate := v.T("leaving.told.mail")
	if email == "" {
		certificate = v.T("leaving.told.paper")
	}
	rows := look.Rows{{Term: name, Value: look.Text(certificate)}}
	if len(lists) == 0 {
		return append(rows, look.Row{Term: v.T("leaving.told.lists"), Value: look.Text(v.T("leaving.told.no_lists"))})
	}
	slices.SortFunc(lists, func(a, b departure.Held) int { return a.DestroyBy.DaysSince(b.DestroyBy) })
	out := make([]string, len(lists))
	for i, l := range lists {
		out[i] = v.T("leaving.told.list", "number", l.Number, "date", v.p.ShortDate(l.DestroyBy))
	}
	return append(rows, look.Row{Term: v.T("leaving.told.lists"), Value: look.Lines(out...), Note: v.T("leaving.told.lists_note")})
}

// reasons are the charter's reasons for leaving.
func (v *visit) reasons(f form, resigned bool, problems look.Problems) look.Choices {
	c := look.Choices{Name: "reason", Legend: v.T("leaving.close.reason"), Error: problems.For("reason")}
	chosen := f.text("reason")
	if chosen == "" && resigned {
		chosen = ownResignation
	}
	for i := range v.house.Charter.Reasons {
		r := &v.house.Charter.Reasons[i]
		option := look.Choice{Value: r.Code, Text: r.Name.In(v.p.Lang()), Checked: r.Code == chosen}
		switch {
		case r.OfDeath():
			option.Hint = v.T("leaving.close.death")
		case r.Silent:
			option.Hint = v.T("leaving.close.silent")
		case r.WindowDays > 0:
			option.Hint = v.T("leaving.close.window", "count", r.WindowDays)
		}
		c.Options = append(c.Options, option)
	}
	return c
}

// ownResignation is what the shipped charters call the reason of somebody who
// asked to leave.
const ownResignation = "resignation"

// whens are the window, and today with a second pair of eyes, where the charter
// lets that end the window (D7).
func (v *visit) whens(f form) look.Choices {
	now := f.text("when") == "now"
	c := look.Choices{Name: "when", Legend: v.T("leaving.close.when"), Options: []look.Choice{{
		Value: "later", Text: v.T("leaving.close.later", "count", v.house.Charter.Window), Hint: v.T("leaving.close.later_hint"), Checked: !now,
	}}}
	if v.house.Charter.SecondPairEndsWindow {
		c.Options = append(c.Options, look.Choice{Value: "now", Text: v.T("leaving.close.now"), Hint: v.T("leaving.close.now_hint"), Checked: now})
	}
	return c
}

// departureClose closes the membership.
func departureClose(v *visit) error {
	person, f, err := v.personForm()
	if err != nil {
		return err
	}
	now := f.text("when") == "now"
	died, ok := f.date("died")
	if !ok {
		return v.departure(person, f, look.Problems{{Field: "died", Text: v.T("fault.field.date")}})
	}
	_, err = v.house.Departures.CloseFor(v.ctx(), v.actor, person, departure.Closing{
		Reason: f.text("reason"), Died: died, PassLists: f.has("pass"), Override: f.text("override"),
	}, now)
	problems, err := v.closeProblems(err)
	switch {
	case err != nil:
		return err
	case problems != nil:
		return v.departure(person, f, problems)
	case now:
		return v.toWith(v.departurePath(person), "leaving.notice.asked")
	}
	return v.toWith(v.departurePath(person), "leaving.notice.closed")
}

// personForm reads the person of the path and the form.
func (v *visit) personForm() (vault.PersonID, form, error) {
	person, err := v.person("person")
	if err != nil {
		return 0, form{}, err
	}
	f, err := v.form()
	return person, f, err
}

// hiddenView is a membership that is closed, while it can still be undone.
type hiddenView struct {
	Problems look.Problems
	Path     string
	Name     string
	Rows     look.Rows
	Due      string
	Undo     bool   // the window is open
	Second   bool   // a second pair of eyes may end it
	Mine     bool   // it was the visitor who closed, so they are not that pair
	Asked    bool   // a colleague asks for it
	Hold     string // where the erasure is made to wait; none for who may not
	Waits    string // what it waits for, and until when
	Then     look.Then
	Because  look.Because
}

func (v *visit) hidden(scope access.Scope, d *departure.Departure, closing departure.Closing, problems look.Problems) error {
	names, err := v.house.Members.Names(v.ctx(), scope, []vault.PersonID{d.Person, d.ClosedBy})
	if err != nil {
		return err
	}
	duties, err := v.house.Duties.Open(v.ctx(), v.responsible())
	if err != nil {
		return err
	}
	row := v.going(d, names)
	view := hiddenView{
		Problems: problems, Path: v.departurePath(d.Person), Name: v.nameOf(names, d.Person), Due: row.Due,
		Undo: v.undoable(d), Mine: d.ClosedBy == v.actor.Person,
		Because: v.becauseOf("leaving", scope),
	}
	view.Second = view.Undo && v.house.Charter.SecondPairEndsWindow
	if v.may(charter.Hold) {
		view.Hold = v.holdPath(d.Person)
	}
	holds, err := v.house.Departures.Waits(v.ctx(), scope, d.Person)
	if err != nil {
		return err
	}
	for i := range holds {
		view.Waits = v.T("leaving.hold.waits_text", "what", v.T("departure.hold."+string(holds[i].Kind)), "date", holds[i].Until)
	}
	for _, open := range duties {
		view.Asked = view.Asked || open.Kind == duty.ConfirmErasure && open.Subject == int64(d.Person)
	}
	because := closing.Reason
	if reason, ok := v.house.Charter.Reason(because); ok {
		because = reason.Name.In(v.p.Lang())
	} else if because == departure.PostEnded {
		because = v.ruleName("officer-contact")
	}
	heard, err := v.house.Departures.Resigned(v.ctx(), scope, d.Person)
	if err != nil && !departure.None(err) {
		return err
	}
	told := ""
	if err == nil {
		told = v.heardFrom(&heard) + " " + v.T("leaving.on", "date", heard.On)
	}
	view.Rows = look.Rows{
		{Term: v.T("leaving.column.body"), Value: textOr(v.bodiesOf(d.Person))},
		{Term: v.T("leaving.column.heard"), Value: textOr(told)},
		{Term: v.T("leaving.column.state"), Value: look.Badge(row.Tone, row.State)},
		{Term: v.T("leaving.column.erased"), Value: look.Text(row.Due)},
		{Term: v.T("leaving.hidden.closed"), Value: look.Text(row.Closed), Note: row.By},
		{Term: v.T("leaving.hidden.reason"), Value: textOr(because)},
		{Term: v.T("leaving.column.certificate"), Value: look.Typed(d.Certificate)},
	}
	if !closing.Died.IsZero() {
		view.Rows = append(view.Rows, look.Row{Term: v.T("leaving.hidden.died"), Value: look.Date(closing.Died)})
	}
	view.Then = look.Then{
		{When: look.Text(v.T("leaving.then.until", "when", row.Due)), Lead: v.T("leaving.then.until_lead"), Text: v.T("leaving.then.until_text")},
		{When: look.Text(capitalised(row.Due)), Lead: v.T("leaving.then.gone_lead"), Text: v.T("leaving.then.gone_text")},
	}
	if !view.Undo {
		view.Then = view.Then[1:]
	}
	return v.show(page{title: v.T("leaving.hidden.title"), tab: tabLeaving, body: hiddenBody(view), failed: problems != nil})
}

// textOr is a text, or nothing for an empty one.
func textOr(text string) templ.Component {
	if text == "" {
		return nil
	}
	return look.Text(text)
}

// departureUndo brings a member back while the window is open.
func departureUndo(v *visit) error {
	person, err := v.person("person")
	if err != nil {
		return err
	}
	lost, err := v.house.Departures.Reopen(v.ctx(), v.actor, person)
	if err != nil {
		return err
	}
	if len(lost) > 0 { // somebody else sits there now
		return v.toWith(v.cardPath(person), "leaving.notice.undone_lost", int64(len(lost)))
	}
	return v.toWith(v.cardPath(person), "leaving.notice.undone")
}

// departureWithdraw takes a resignation back that was a mistake.
func departureWithdraw(v *visit) error {
	person, err := v.person("person")
	if err != nil {
		return err
	}
	err = v.house.Departures.Withdraw(v.ctx(), v.actor, person)
	if departure.None(err) && !fault.Is(err, fault.Conflict) {
		return fault.New(fault.Gone, "leaving.error.no_resignation")
	}
	if err != nil {
		return err
	}
	return v.toWith(leavingPath, "leaving.notice.withdrawn")
}

// departureConfirm is the second pair of eyes: the erasure begins at once, and
// its certificate is shown this one time.
func departureConfirm(v *visit) error {
	person, f, err := v.personForm()
	if err != nil {
		return err
	}
	if !f.has("seen") {
		return v.departure(person, f, look.Problems{{Field: "seen", Text: v.T("leaving.confirm.seen_missing")}})
	}
	// Without e-mail the certificate is posted from here, and afterwards there is
	// no address any more.
	address, err := v.house.Letters.Address(v.ctx(), v.actor, person)
	if err != nil {
		return err
	}
	erasure, err := v.house.Departures.Confirm(v.ctx(), v.actor, person)
	if err != nil {
		return err
	}
	zone := v.house.Charter.Location()
	c := erasure.Certificate
	view := erasedView{
		Done: erasure.State == departure.Erased, Certificate: c, Organisation: v.organisation(), Address: address,
		Closed: v.p.DateTime(c.ClosedAt, zone), Erased: v.p.DateTime(c.ErasedAt, zone),
	}
	return v.show(page{title: view.title(v.p), tab: tabLeaving, body: erasedBody(view)})
}

// erasedView is the certificate, on its way into the hands of whoever left.
type erasedView struct {
	Done           bool // all of it is gone; otherwise the last letter is still on its way
	Certificate    departure.Certificate
	Organisation   string
	Address        []string // of somebody without e-mail
	Closed, Erased string
}

func (e erasedView) title(p *locale.Printer) string {
	if e.Done {
		return p.T("leaving.erased.title")
	}
	return p.T("leaving.erased.coming")
}
