package web

import (
	"slices"
	"strconv"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/transfer"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// movingPath is the list of moves and additions. A case stands in addresses by
// its drawn number, which tells nothing.
const movingPath = "/moving"

// movingRows is how many cases a page shows.
const movingRows = 50

// movingView is the list.
type movingView struct {
	Lead  string
	Table look.Table[movingRow]
	Pages look.Pages
}

type movingRow struct {
	url, name, number    string
	kind, from, to, said string
	due                  civil.Date
	tone                 look.Tone
	waits, over          bool
}

// movingPage lists whoever is on their way to or from the body one works in.
func movingPage(v *visit) error {
	at := v.query().page()
	seen, total, err := v.house.Transfers.List(v.ctx(), v.actor, at-1, movingRows)
	if err != nil {
		return err
	}
	view := movingView{Lead: v.T("transfer.lead"), Table: movingTable(v.p), Pages: look.Pages{
		Label: v.T("transfer.pages"), Page: at, Last: (total + movingRows - 1) / movingRows, URL: pageURL(movingPath),
	}}
	if v.hat != nil && v.hat.Basis.Right == access.ByPosition {
		view.Lead = v.T("transfer.lead_office")
	}
	for i := range seen {
		view.Table.Rows = append(view.Table.Rows, v.movingRow(&seen[i]))
	}
	return v.show(page{title: v.T("transfer.title"), tab: tabMembers, body: movingBody(view)})
}

func casePath(id int64) string { return movingPath + "/" + strconv.FormatInt(id, 10) }

// movingRow puts a case into words.
func (v *visit) movingRow(s *transfer.Seen) movingRow {
	row := movingRow{
		url: casePath(s.ID), name: s.Name, number: v.T("transfer.number", "id", strconv.FormatInt(s.ID, 10)),
		kind: v.T("transfer.kind." + string(s.Kind)), to: v.memberOf(s.To()), said: v.T("transfer.state." + string(s.State)),
		waits: s.Waits, over: !s.State.Open(), due: s.DueOn,
	}
	if row.name == "" {
		row.name = v.T("transfer.nameless")
	}
	if s.Kind == transfer.Move {
		row.from = v.memberOf(s.Moving.From)
		if s.State == transfer.Agreed {
			row.due = s.Moving.On
		}
	}
	switch {
	case s.State == transfer.Moved || s.State == transfer.Joined:
		row.tone = look.OK
	case s.Waits:
		row.tone = look.Soon
	case s.State == transfer.Agreed:
		row.tone = look.Note
	default:
		row.tone = look.Calm
	}
	return row
}

// caseView is one case with what can be done about it.
type caseView struct {
	Path, Title, Crumb string
	Problems           look.Problems
	Rows, Typed        look.Rows
	Alike              look.Rows
	Asked              bool // the member whom the addition seems to be about has been asked
	State              movingRow
	Said               string // what happens, where nothing can be done
	Accept             string // the button's text; "" where it does not wait
	Both               string // keeps the old membership too; "" where the charter does not
	Refuse, Cancel     bool
	Distinct           bool
	Reasons            look.Select
	Card               string
}

func casePage(v *visit) error { return v.caseWith(form{}, nil) }

func (v *visit) caseID() int64 {
	id, _ := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	return id
}

func (v *visit) caseWith(f form, problems look.Problems) error {
	s, err := v.house.Transfers.One(v.ctx(), v.actor, v.caseID())
	if err != nil {
		return err
	}
	view := caseView{
		Path: casePath(s.ID), Problems: problems, State: v.movingRow(&s), Cancel: s.Cancel, Refuse: s.Refuse && s.Waits,
		Reasons: look.Select{Name: "reason", Label: v.T("transfer.case.refuse_why"), Value: f.text("reason"), Error: problems.For("reason")},
	}
	view.Reasons.Options = []look.Option{{Text: v.T("transfer.new.choose")}}
	for _, reason := range transfer.Reasons {
		view.Reasons.Options = append(view.Reasons.Options, look.Option{Value: reason, Text: v.T("transfer.reason." + reason)})
	}
	if s.Kind == transfer.Addition {
		v.additionView(&view, &s)
	} else {
		v.moveView(&view, &s)
	}
	if !s.State.Open() {
		view.Said = v.T("transfer.case.over_text")
	}
	return v.show(page{title: view.Crumb, tab: tabMembers, body: caseBody(view), failed: len(problems) > 0})
}

func (v *visit) moveView(view *caseView, s *transfer.Seen) {
	m := &s.Moving
	view.Crumb, view.Title = v.T("transfer.case.title"), v.T("transfer.case.of", "name", view.State.name)
	view.Rows = look.Rows{
		{Term: v.T("transfer.column.from"), Value: look.Text(view.State.from)},
		{Term: v.T("transfer.column.to"), Value: look.Text(view.State.to)},
		{Term: v.T("transfer.case.on"), Value: look.Date(m.On), Note: v.T("transfer.case.on_note")},
		{Term: v.T("transfer.case.due"), Value: look.Date(s.DueOn)},
		{Term: v.T("transfer.case.proposed"), Value: look.Text(capitalised(v.T("transfer.side." + string(m.Side))))},
	}
	if m.Keep {
		view.Rows = append(view.Rows, look.Row{Term: v.T("transfer.case.keep"), Value: look.Text(v.T("member.yes"))})
	}
	if m.Reason != "" {
		view.Rows = append(view.Rows, look.Row{Term: v.T("transfer.case.reason"), Value: look.Text(v.T("transfer.reason." + m.Reason))})
	}
	switch {
	case s.Waits && m.Side != transfer.ByReceiver:
		view.Accept = v.T("transfer.case.accept_in")
	case s.Waits && s.As.Self && !s.As.Out:
		view.Accept = v.T("transfer.case.accept_self")
	case s.Waits:
		view.Accept = v.T("transfer.case.accept_out")
	case s.State == transfer.Agreed:
		view.Said = v.T("transfer.case.agreed_text")
	default:
		view.Said = v.T("transfer.case.wait_move")
	}
	if s.Dual {
		view.Both = v.T("transfer.case.both", "body", view.State.from)
	}
	if s.State == transfer.Moved && s.As.In && v.may(charter.View) {
		view.Card = v.cardPath(s.Person)
	}
}

func (v *visit) additionView(view *caseView, s *transfer.Seen) {
	view.Crumb, view.Title = v.T("transfer.case.title_addition"), v.T("transfer.case.of_addition", "name", view.State.name)
	view.Rows = look.Rows{
		{Term: v.T("transfer.column.to"), Value: look.Text(view.State.to)},
		{Term: v.T("transfer.case.due_addition"), Value: look.Date(s.DueOn)},
	}
	draft := s.Draft()
	for i := range v.house.Charter.Fields {
		field := &v.house.Charter.Fields[i]
		if value := draft.Values[field.Code]; value != "" {
			view.Typed = append(view.Typed, look.Row{Term: field.Name.In(v.p.Lang()), Value: look.Text(v.written(field, v.choiceName(field, value)))})
		}
	}
	view.Said = v.T("transfer.case.wait_text")
	if s.As.Office && s.State.Open() {
		view.Said = ""
		for _, like := range s.Alike {
			names := make([]string, len(like.Units))
			for i, id := range like.Units {
				names[i] = v.memberOf(id)
			}
			view.Alike = append(view.Alike, look.Row{
				Term: like.Name, Value: look.Link{Text: v.T("transfer.case.card"), URL: v.cardPath(like.Person)}, Note: v.p.List(names),
			})
		}
		view.Asked = s.Adding.Move != 0
		view.Distinct = view.Asked && s.State == transfer.Waiting
		if s.Waits {
			view.Accept = v.T("transfer.case.accept_addition")
		}
	}
	if s.State == transfer.Joined && v.may(charter.View) {
		view.Card = v.cardPath(s.Person)
	}
}

// caseAccept says yes.
func caseAccept(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	c, err := v.house.Transfers.Accept(v.ctx(), v.actor, v.caseID(), f.has("keep"))
	return v.answeredCase(c, f, err)
}

// caseRefuse says no, for a reason of the list.
func caseRefuse(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	c, err := v.house.Transfers.Refuse(v.ctx(), v.actor, v.caseID(), f.text("reason"))
	return v.answeredCase(c, f, err)
}

// caseCancel takes a proposal or an addition back.
func caseCancel(v *visit) error {
	c, err := v.house.Transfers.Cancel(v.ctx(), v.actor, v.caseID())
	return v.answeredCase(c, form{}, err)
}

// caseDistinct says that somebody added is not the member they look like.
func caseDistinct(v *visit) error {
	if _, err := v.house.Transfers.Distinguish(v.ctx(), v.actor, v.caseID()); err != nil {
		return err
	}
	return v.toWith(casePath(v.caseID()), "transfer.notice.distinct")
}

// answeredCase leads on after an answer: the member to their own page.
func (v *visit) answeredCase(c transfer.Case, f form, err error) error {
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	own := c.Kind == transfer.Move && c.Person == v.session.Person
	if problems != nil {
		if own || v.hat == nil {
			return v.toWith(mePath, "transfer.notice.over")
		}
		return v.caseWith(f, problems)
	}
	key := "transfer.notice.accepted"
	switch c.State {
	case transfer.Moved:
		key = "transfer.notice.moved"
	case transfer.Confirmed:
		key = "transfer.notice.confirmed"
	case transfer.Refused, transfer.Declined:
		key = "transfer.notice.refused"
	case transfer.Cancelled, transfer.Ended:
		key = "transfer.notice.cancelled"
	}
	if own {
		return v.toWith(mePath, key)
	}
	return v.toWith(movingPath, key)
}

// moveForm is the form by which a move is proposed.
type moveForm struct {
	Problems look.Problems
	Action   string
	Back     string
	Crumbs   look.Crumbs
	Title    string
	Lead     string
	From, To look.Select
	Several  bool // there is more than one membership to move
	On       look.Field
	Keep     look.Check // without a name where the charter has no dual membership
	Then     look.Then
	Act      string
}

// memberMovePage proposes that a member moves.
func memberMovePage(v *visit) error { return v.memberMove(form{}, nil) }

func (v *visit) memberMove(f form, problems look.Problems) error {
	card, _, err := v.openCard(v.house.Members.Card, charter.View)
	if err != nil {
		return err
	}
	if _, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: transfer.LetsGo()}); err != nil {
		return err
	}
	var from []unit.ID
	for _, m := range card.Memberships {
		from = append(from, m.Unit)
	}
	name := card.Profile.Name()
	view := v.moveForm(f, problems, from)
	view.Back = v.cardPath(card.Person)
	view.Action, view.Title = view.Back+"/move", v.T("transfer.new.of", "name", name)
	view.Lead, view.Act = v.T("transfer.new.lead"), v.T("transfer.new.act")
	view.Crumbs = look.Crumbs{
		{Text: v.T("web.tab.home"), URL: homePath}, {Text: v.T("search.title"), URL: membersPath},
		{Text: name, URL: view.Back}, {Text: v.T("transfer.new.crumb")},
	}
	view.Then = v.moveThen(v.T("transfer.new.now_text"), v.T("transfer.new.yes_text"))
	return v.show(page{title: v.T("transfer.new.title"), tab: tabMembers, body: moveBody(view), failed: len(problems) > 0})
}

// moveForm is what both forms ask: where to, from when.
func (v *visit) moveForm(f form, problems look.Problems, from []unit.ID) moveForm {
	view := moveForm{
		Problems: problems, Several: len(from) > 1,
		From: look.Select{Name: "from", Label: v.T("transfer.new.from"), Error: problems.For("from"), Value: f.text("from")},
		To:   look.Select{Name: "to", Label: v.T("transfer.new.to"), Error: problems.For("to"), Value: f.text("to")},
		On: look.Field{
			Name: "on", Label: v.T("transfer.new.on"), Hint: v.T("transfer.new.on_hint"), Error: problems.For("on"), Value: f.text("on"),
			Input: look.DateInput, Width: look.Short,
		},
	}
	view.From.Options = []look.Option{{Text: v.T("transfer.new.choose")}}
	for _, id := range from {
		view.From.Options = append(view.From.Options, look.Option{Value: v.unitCode(id), Text: v.memberOf(id)})
	}
	view.To.Options = []look.Option{{Text: v.T("transfer.new.choose")}}
	for _, u := range v.house.Transfers.Bodies() {
		if !slices.Contains(from, u.ID) {
			view.To.Options = append(view.To.Options, look.Option{Value: u.Code, Text: u.Name})
		}
	}
	if v.house.Charter.Transfers.Dual.Value {
		view.Keep = look.Check{Name: "keep", Text: v.T("transfer.new.keep"), Error: problems.For("keep"), Checked: f.has("keep")}
	}
	return view
}

// moveThen is what happens, before the button.
func (v *visit) moveThen(asked, moved string) look.Then {
	last := v.house.Access.Today().AddDays(v.house.Charter.Transfers.AnswerDays.Value)
	return look.Then{
		{When: look.Text(v.T("transfer.new.now")), Lead: v.T("transfer.new.now_lead"), Text: asked},
		{When: look.Text(v.T("transfer.new.yes")), Lead: v.T("transfer.new.yes_lead"), Text: moved},
		{When: look.Text(v.T("transfer.new.no")), Lead: v.T("transfer.new.no_lead"), Text: v.T("transfer.new.no_text", "date", last)},
	}
}

// wish reads the form.
func (v *visit) wish(f form, person vault.PersonID) (transfer.Wish, look.Problems) {
	w := transfer.Wish{Person: person, Keep: f.has("keep")}
	if body, known := v.house.Units.Tree().ByCode(f.text("to")); known {
		w.To = body.ID
	}
	if body, known := v.house.Units.Tree().ByCode(f.text("from")); known {
		w.From = body.ID
	}
	var ok bool
	if w.On, ok = f.date("on"); !ok {
		return w, look.Problems{{Field: "on", Text: v.T("fault.field.date")}}
	}
	return w, nil
}

// memberMove proposes the move.
func memberMove(v *visit) error {
	person, f, err := v.personForm()
	if err != nil {
		return err
	}
	w, problems := v.wish(f, person)
	if problems == nil {
		_, err := v.house.Transfers.Propose(v.ctx(), v.actor, w)
		if problems, err = v.problems(err); err != nil {
			return err
		}
	}
	if problems != nil {
		return v.memberMove(f, problems)
	}
	return v.toWith(movingPath, "transfer.notice.proposed")
}

// meMovePage is "I have moved: my new association".
func meMovePage(v *visit) error { return v.meMove(form{}, nil) }

func (v *visit) meMove(f form, problems look.Problems) error {
	from := v.house.Members.Units(v.session.Person)
	if len(from) == 0 {
		return v.to(mePath)
	}
	view := v.moveForm(f, problems, from)
	view.Action, view.Back, view.Title = mePath+"/move", mePath, v.T("transfer.me.title")
	view.Lead, view.Act = v.T("transfer.me.lead"), v.T("transfer.new.act")
	view.Crumbs = look.Crumbs{{Text: v.T("web.me.title"), URL: mePath}, {Text: v.T("transfer.me.title")}}
	view.Then = v.moveThen(v.T("transfer.me.then_text"), v.T("transfer.me.then_yes"))
	return v.show(page{title: v.T("transfer.me.title"), tab: tabMe, body: moveBody(view), failed: len(problems) > 0})
}

func meMove(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	w, problems := v.wish(f, v.session.Person)
	if problems == nil {
		_, err := v.house.Transfers.Propose(v.ctx(), access.Actor{Person: v.session.Person, Via: access.Web}, w)
		if problems, err = v.problems(err); err != nil {
			return err
		}
	}
	if problems != nil {
		return v.meMove(f, problems)
	}
	return v.toWith(mePath, "transfer.notice.proposed")
}

// ownMove is what one's own page says of one's move.
type ownMove struct {
	Offer          bool // one can ask for a move
	Title, Text    string
	Path           string
	Accept, Both   string
	Refuse, Cancel bool
	Reason         string
}

// ownMove reads how one's own move stands.
func (v *visit) ownMove(closed bool) (o ownMove, err error) {
	if closed {
		return o, nil
	}
	o.Offer = len(v.house.Members.Units(v.session.Person)) > 0 && len(v.house.Transfers.Bodies()) > 1
	mine, err := v.house.Transfers.Own(v.ctx(), access.Actor{Person: v.session.Person, Via: access.Web})
	if fault.Is(err, fault.Denied) || err == nil && (len(mine) == 0 || !mine[0].State.Open()) {
		return o, nil
	}
	if err != nil {
		return o, err
	}
	s := &mine[0]
	to, from := v.memberOf(s.Moving.To), v.memberOf(s.Moving.From)
	o.Offer, o.Path, o.Refuse, o.Cancel, o.Reason = false, casePath(s.ID), s.Refuse && s.Waits, s.Cancel && !s.Waits, transfer.Reasons[0]
	switch {
	case s.State == transfer.Agreed:
		o.Title, o.Text = v.T("transfer.me.agreed", "body", to, "date", s.Moving.On), v.T("transfer.me.agreed_text")
	case s.Moving.Side == transfer.ByReceiver:
		o.Title = v.T("transfer.me.wanted", "body", to)
		o.Text = v.T("transfer.me.wanted_text", "from", from, "date", s.Moving.On, "due", s.DueOn)
	case s.Moving.Side == transfer.ByMember:
		o.Title, o.Text = v.T("transfer.me.asked", "body", to), v.T("transfer.me.asked_text", "due", s.DueOn)
	default:
		o.Title, o.Text = v.T("transfer.me.asked_other", "body", to), v.T("transfer.me.asked_text", "due", s.DueOn)
	}
	if s.Waits {
		o.Accept = v.T("transfer.case.accept_self")
	}
	if s.Dual {
		o.Both = v.T("transfer.case.both", "body", from)
	}
	return o, nil
}
