package web

import (
	"net/http"
	"slices"
	"strconv"

	"kartotek/internal/access"
	"kartotek/internal/fault"
	"kartotek/internal/handout"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// requisitionView is one requisition: who asks for what and why, what the list would
// be, what was decided, and what can be done about it.
type requisitionView struct {
	Problems  look.Problems
	Path      string
	Title     string
	Who       string
	Tone      look.Tone
	State     string
	Note      string
	Wish      look.Rows
	Slip      *slipView // for whoever decides
	Decision  look.Rows
	Lists     []look.Row
	Waits     bool
	Office    bool
	Decide    bool
	Undecided string // why the visitor does not decide
	Grounds   string
	Withdraw  bool
	TakesBack bool // before it was decided
	Why       string
	Again     bool
	Read      bool // a code can be read out
	Code      string
	Attests   bool   // the link serves to attest now
	Own       string // the recipient's page, for a recipient who is signed in
}

// slipView is what the list would be.
type slipView struct {
	Members, Without string
	Consented        bool
	Nobody           bool
	Fields           look.FieldList
	Limit            string
}

func requisitionPage(v *visit) error { return v.requisition(form{}, nil, "") }

// requisitionAsked is the case an address names, for who may see it.
func (v *visit) requisitionAsked() (handout.Case, access.Scope, error) {
	id, err := strconv.ParseInt(v.r.PathValue("case"), 10, 64)
	if err != nil {
		return handout.Case{}, access.Scope{}, errNotFound
	}
	return v.house.Handouts.Get(v.ctx(), v.actor, id)
}

func (v *visit) requisition(f form, problems look.Problems, code string) error {
	c, scope, err := v.requisitionAsked()
	if err != nil {
		return err
	}
	names, err := v.handoutNames(scope, c)
	if err != nil {
		return err
	}
	view := requisitionView{
		Problems: problems, Path: requisitionPath(c.ID), Title: v.T("handout.page.numbered", "number", c.ID), Who: v.recipientName(&c, names),
		Waits: c.State.Open(), Office: v.house.Handouts.Office(v.actor), Grounds: f.text("grounds"), Why: f.text("why"), Code: code,
	}
	if view.Tone, view.State, view.Note, err = v.requisitionState(&c); err != nil {
		return err
	}
	view.Wish, view.Decision = v.requisitionWish(&c, names), v.requisitionDecision(&c, names)
	if err := v.requisitionLists(&view, &c); err != nil {
		return err
	}
	own := c.Person == v.actor.Person
	if own && (view.Attests || c.State == handout.Approved && v.house.Handouts.Fetchable(v.ctx(), &c) == nil) {
		key, err := v.house.Handouts.Key(v.ctx(), v.actor, c.ID)
		if err != nil {
			return err
		}
		view.Own = handoutOf(key, "")
	}
	view.TakesBack = view.Waits
	view.Withdraw = view.Waits && (own || c.AskedBy == v.actor.Person) || c.State == handout.Approved && view.Office
	if view.Office {
		if err := v.requisitionOffice(&view, &c, own); err != nil {
			return err
		}
	}
	return v.show(page{title: view.Title, tab: tabLists, body: requisitionBody(view), failed: problems != nil})
}

// requisitionOffice is what the secretariat sees and can do besides.
func (v *visit) requisitionOffice(view *requisitionView, c *handout.Case, own bool) error {
	reason, err := v.house.Handouts.MayDecide(v.ctx(), v.actor, c)
	if err != nil {
		return err
	}
	fetchable := v.house.Handouts.Fetchable(v.ctx(), c) == nil
	view.Read = fetchable && !own && reason != "handout.denied.own"
	view.Again = c.State == handout.Approved && fetchable || view.Attests
	if !view.Waits {
		return nil
	}
	if view.Decide = reason == ""; !view.Decide {
		view.Undecided = v.T(reason)
		return nil
	}
	slip, err := v.house.Handouts.Foresee(v.ctx(), v.actor, c.ID)
	if err != nil {
		return err
	}
	shown := slipView{
		Members: v.p.Number(slip.Members), Without: v.p.Number(slip.Without), Consented: c.Consented(), Nobody: slip.Members == 0,
		Limit: v.T("handout.page.limit", "days", v.house.Charter.ListDaysFor(slip.Purpose)),
	}
	for i := range v.house.Charter.Fields {
		field := &v.house.Charter.Fields[i]
		switch {
		case !field.List:
		case slip.Purpose.Set.Has(field.Bit):
			shown.Fields.In = append(shown.Fields.In, v.fieldName(field.Code))
		default:
			shown.Fields.Out = append(shown.Fields.Out, v.fieldName(field.Code))
		}
	}
	view.Slip = &shown
	return nil
}

// requisitionWish is who asks, for what and why.
func (v *visit) requisitionWish(c *handout.Case, names map[vault.PersonID]string) look.Rows {
	w := &c.Wish
	rows := look.Rows{
		{Term: v.T("handout.page.recipient"), Value: look.Strong(v.recipientName(c, names)), Note: v.recipientAs(c)},
		{Term: v.T("handout.form.unit"), Value: look.Text(v.reachName(w.Unit))},
		{Term: v.T("handout.form.purpose"), Value: look.Text(v.purposeName(w.Purpose))},
		{Term: v.T("handout.record.need"), Value: look.Text(w.Need)},
		{Term: v.T("handout.form.format"), Value: look.Text(v.T("extract.format." + w.Format))},
	}
	if !c.Member() {
		rows = append(rows, look.Row{Term: v.T("handout.record.email"), Value: look.Text(w.To.Email)})
	}
	if !w.Until.IsZero() {
		rows = append(rows, look.Row{Term: v.T("handout.form.until"), Value: look.Date(w.Until)})
	}
	asked := v.T("handout.channel." + w.Channel)
	if c.AskedBy != c.Person {
		asked = joined(" · ", asked, v.T("handout.page.entered", "name", v.nameOf(names, c.AskedBy)))
	}
	return append(rows, look.Row{Term: v.T("handout.record.asked"), Value: look.Date(v.day(c.AskedAt)), Note: asked})
}

// requisitionDecision is what was decided, and how the case ended.
func (v *visit) requisitionDecision(c *handout.Case, names map[vault.PersonID]string) (rows look.Rows) {
	if c.DecidedBy != 0 {
		answer := v.T("handout.page.approved")
		if c.State == handout.Refused {
			answer = v.T("handout.state.refused")
		}
		rows = append(rows, look.Row{Term: v.T("handout.page.answer"), Value: look.Strong(answer), Note: v.nameOf(names, c.DecidedBy) + ", " + v.p.Date(v.day(c.DecidedAt))})
		if c.Grounds != "" {
			rows = append(rows, look.Row{Term: v.T("handout.record.grounds"), Value: look.Text(c.Grounds)})
		}
	}
	if c.Why != "" {
		rows = append(rows, look.Row{Term: v.T("handout.record.why"), Value: look.Text(c.Why), Note: v.nameOf(names, c.EndedBy) + ", " + v.p.Date(v.day(c.EndedAt))})
	}
	return rows
}

// requisitionLists are the lists a case has become.
func (v *visit) requisitionLists(view *requisitionView, c *handout.Case) error {
	lists, err := v.house.Handouts.Out(v.ctx(), c)
	if err != nil {
		return err
	}
	for i := range lists {
		l := &lists[i]
		note := v.T("handout.page.list", "count", l.Members, "date", l.DestroyBy)
		switch {
		case l.Destroyed:
			note = joined(" · ", note, v.T("handout.page.destroyed"))
		case !l.Whole:
			note = joined(" · ", note, v.T("handout.page.broke"))
		}
		view.Attests = view.Attests || !l.Destroyed
		view.Lists = append(view.Lists, look.Row{Term: v.T("web.list", "number", l.Number), Value: look.Text(v.p.DateTime(l.PulledAt, v.house.Charter.Location())), Note: note})
	}
	return nil
}

// requisitionAct does something about the case an address names.
func (v *visit) requisitionAct(said string, act func(c *handout.Case, f form) error) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	c, _, err := v.requisitionAsked()
	if err != nil {
		return err
	}
	problems, err := v.problems(act(&c, f))
	if err != nil {
		return err
	}
	if problems != nil {
		return v.requisition(f, problems, "")
	}
	return v.toWith(requisitionPath(c.ID), said)
}

// requisitionDecide approves or refuses.
func requisitionDecide(v *visit) error {
	said := "handout.notice.approved"
	if v.r.FormValue("do") == "refuse" {
		said = "handout.notice.refused"
	}
	return v.requisitionAct(said, func(c *handout.Case, f form) (err error) {
		if f.text("do") == "refuse" {
			_, err = v.house.Handouts.Refuse(v.ctx(), v.actor, c.ID, f.text("grounds"))
			return err
		}
		_, err = v.house.Handouts.Approve(v.ctx(), v.actor, c.ID, f.text("grounds"))
		return err
	})
}

func requisitionWithdraw(v *visit) error {
	return v.requisitionAct("handout.notice.withdrawn", func(c *handout.Case, f form) error {
		_, err := v.house.Handouts.Withdraw(v.ctx(), v.actor, c.ID, f.text("why"))
		return err
	})
}

func requisitionAgain(v *visit) error {
	return v.requisitionAct("handout.notice.again", func(c *handout.Case, _ form) error {
		_, err := v.house.Handouts.Again(v.ctx(), v.actor, c.ID)
		return err
	})
}

// requisitionCode shows a code to read out on the phone, once.
func requisitionCode(v *visit) error {
	c, _, err := v.requisitionAsked()
	if err != nil {
		return err
	}
	code, err := v.house.Handouts.ReadCode(v.ctx(), v.actor, c.ID)
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	v.w.Header().Set("Cache-Control", "no-store")
	return v.requisition(form{}, problems, code)
}

// handoutPath is the page of whoever was handed a list, without an account.
const handoutPath = "/handout"

func handoutOf(key, more string) string { return handoutPath + "?" + keyField + "=" + key + more }

// handoutView is what a recipient sees by the link in their mail.
type handoutView struct {
	Problems  look.Problems
	Key       string
	Purpose   string
	Body      string
	Format    string
	OpenUntil string
	Typing    bool // a code was sent, or is read out
	Fetch     bool
	Closed    string // why nothing can be fetched
	Lists     []look.Row
	Attest    bool
	Digital   bool // attested before
	Physical  bool
	Destroyed bool
	Repeat    bool // the last download broke off
}

// handoutPage shows a recipient what they can do. It spends nothing: mail scanners
// open links too.
func handoutPage(v *visit) error {
	return v.handout(v.query().text(keyField), v.query().text("code") != "", nil)
}

func (v *visit) handout(key string, typing bool, problems look.Problems) error {
	c, err := v.house.Handouts.ByKey(v.ctx(), key)
	if fault.Is(err, fault.NotFound) {
		return v.handoutGone()
	}
	if err != nil {
		return err
	}
	view := handoutView{
		Problems: problems, Key: key, Purpose: v.purposeName(c.Wish.Purpose), Body: v.unitName(c.Wish.Unit), Format: v.T("extract.format." + c.Wish.Format),
		OpenUntil: v.p.Date(c.OpenUntil), Typing: typing,
	}
	switch err := v.house.Handouts.Fetchable(v.ctx(), &c); {
	case err == nil:
		view.Fetch, view.Repeat = true, c.State == handout.Fetched
	case fault.Is(err, fault.Gone):
		view.Closed = v.T(fault.From(err).Key)
	default:
		return err
	}
	lists, err := v.house.Handouts.Out(v.ctx(), &c)
	if err != nil {
		return err
	}
	view.Digital, view.Physical = len(lists) > 0, len(lists) > 0
	for i := range lists {
		l := &lists[i]
		view.Lists = append(view.Lists, look.Row{Term: v.T("web.list", "number", l.Number), Value: look.Strong(v.T("handout.own.by", "date", l.DestroyBy))})
		view.Digital, view.Physical = view.Digital && l.Digital, view.Physical && l.Physical
	}
	view.Destroyed = len(lists) > 0 && !slices.ContainsFunc(lists, func(l handout.List) bool { return !l.Destroyed })
	view.Attest = len(lists) > 0 && !view.Destroyed
	v.w.Header().Set("Cache-Control", "no-store")
	return v.show(page{title: v.T("handout.own.title"), body: handoutBody(view), failed: problems != nil})
}

// handoutGone answers whoever comes with a link that opens nothing.
func (v *visit) handoutGone() error {
	return v.show(page{title: v.T("handout.own.none"), status: http.StatusNotFound, body: goneBody(v.T("handout.own.none"), v.T("handout.own.none_text"))})
}

// handoutAct does something with the key of a form and answers problems on its page.
func (v *visit) handoutAct(typing bool, act func(key string, f form) error) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	key := f.text(keyField)
	err = act(key, f)
	if err == nil {
		return nil
	}
	if fault.Is(err, fault.NotFound) {
		return v.handoutGone()
	}
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	return v.handout(key, typing, problems)
}

// handoutCode mails a code to the recipient.
func handoutCode(v *visit) error {
	return v.handoutAct(false, func(key string, _ form) error {
		if err := v.house.Handouts.SendCode(v.ctx(), key, v.remote()); err != nil {
			return err
		}
		return v.to(handoutOf(key, "&code=sent"))
	})
}

// handoutFetch takes the code and answers with the file itself.
func handoutFetch(v *visit) error {
	return v.handoutAct(true, func(key string, f form) error {
		d, err := v.house.Handouts.Fetch(v.ctx(), key, f.text("code"), v.remote())
		if err != nil {
			return err
		}
		return v.deliver(d)
	})
}

// handoutAttest takes the recipient's word that what they were handed is destroyed.
func handoutAttest(v *visit) error {
	return v.handoutAct(false, func(key string, f form) error {
		_, err := v.house.Handouts.Attest(v.ctx(), key, v.remote(), f.chosen("medium", "digital"), f.chosen("medium", "physical"))
		if err != nil {
			return err
		}
		return v.to(handoutOf(key, ""))
	})
}

func handoutMedia(p *locale.Printer, view handoutView) []look.Choice {
	return []look.Choice{
		{Value: "digital", Text: p.T("handout.own.digital"), Hint: p.T("handout.own.digital_hint"), Checked: view.Digital},
		{Value: "physical", Text: p.T("handout.own.physical"), Hint: p.T("handout.own.physical_hint"), Checked: view.Physical},
	}
}

func requisitionLead(p *locale.Printer, view requisitionForm) string {
	switch {
	case view.Other:
		return p.T("handout.form.lead_other")
	case view.Office:
		return p.T("handout.form.lead_office")
	}
	return p.T("handout.form.lead")
}

func requisitionEnd(p *locale.Printer, view requisitionView) string {
	if view.TakesBack {
		return p.T("handout.page.take_back")
	}
	return p.T("handout.page.withdraw")
}
