package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/extract"
	"kartotek/internal/handout"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// Requisitions (D5, D13). An address carries the number of a case.
const (
	requisitionsPath   = "/requisitions"
	requisitionNewPath = requisitionsPath + "/new"
)

func requisitionPath(id int64) string { return requisitionsPath + "/" + strconv.FormatInt(id, 10) }

// requisitionRow is a line of the list of requisitions.
type requisitionRow struct {
	URL, Number   string
	Who, As       string
	Body, Purpose string
	Asked         civil.Date
	Tone          look.Tone
	State, Note   string
}

type requisitionsView struct {
	New    string
	Office bool
	None   bool // the charter hands nobody a list
	Rows   []requisitionRow
	Pages  look.Pages
}

// requisitionsShown is how many requisitions a page has.
const requisitionsShown = 50

func requisitionsPage(v *visit) error {
	if !v.house.Charter.Requisitions() {
		return v.show(page{title: v.T("handout.page.title"), tab: tabLists, body: requisitionsBody(requisitionsView{None: true})})
	}
	all, scope, err := v.house.Handouts.List(v.ctx(), v.actor)
	if err != nil {
		return err
	}
	at := v.query().page()
	view := requisitionsView{
		New: requisitionNewPath, Office: v.house.Handouts.Office(v.actor),
		Pages: look.Pages{Label: v.T("handout.page.title"), Page: at, Last: pages(len(all), requisitionsShown), URL: pageURL(requisitionsPath)},
	}
	slices.SortStableFunc(all, func(a, b handout.Case) int { return truth(b.State.Open()) - truth(a.State.Open()) })
	first := min((at-1)*requisitionsShown, len(all))
	all = all[first:min(first+requisitionsShown, len(all))]
	names, err := v.handoutNames(scope, all...)
	if err != nil {
		return err
	}
	for i := range all {
		c := &all[i]
		tone, state, note, err := v.requisitionState(c)
		if err != nil {
			return err
		}
		view.Rows = append(view.Rows, requisitionRow{
			URL: requisitionPath(c.ID), Number: v.T("handout.page.numbered", "number", c.ID), Who: v.recipientName(c, names), As: v.recipientAs(c),
			Body: v.unitName(c.Wish.Unit), Purpose: v.purposeName(c.Wish.Purpose), Asked: v.day(c.AskedAt), Tone: tone, State: state, Note: note,
		})
	}
	return v.show(page{title: v.T("handout.page.title"), tab: tabLists, body: requisitionsBody(view)})
}

// handoutNames are the names of the members among recipients, and of those who decided.
func (v *visit) handoutNames(scope access.Scope, all ...handout.Case) (map[vault.PersonID]string, error) {
	var persons []vault.PersonID
	for i := range all {
		c := &all[i]
		if c.Member() {
			persons = append(persons, c.Person)
		}
		for _, person := range []vault.PersonID{c.AskedBy, c.DecidedBy, c.EndedBy} {
			if person != 0 && !slices.Contains(persons, person) {
				persons = append(persons, person)
			}
		}
	}
	names, err := v.house.Members.Names(v.ctx(), scope, persons)
	if err != nil {
		return nil, err
	}
	known, err := v.house.Handouts.Names(v.ctx(), scope, recipientsIn(all)...)
	for person, k := range known {
		names[person] = k.Name
	}
	return names, err
}

func recipientsIn(all []handout.Case) (persons []vault.PersonID) {
	for i := range all {
		if !all[i].Member() {
			persons = append(persons, all[i].Person)
		}
	}
	return persons
}

func (v *visit) recipientName(c *handout.Case, names map[vault.PersonID]string) string {
	if c.Person == v.actor.Person {
		return v.T("web.seen.you")
	}
	return v.nameOf(names, c.Person)
}

// recipientAs is what a recipient is: their post in a body, or the charter's kind.
func (v *visit) recipientAs(c *handout.Case) string {
	if c.Member() {
		return v.T("web.post_in", "post", v.anyPost(c.Wish.As), "body", v.unitName(c.Wish.Unit))
	}
	as := joined(", ", v.anyPost(c.Wish.As), c.Wish.To.Function)
	if c.Wish.To.Outside {
		as = joined(" · ", as, v.T("handout.page.outside"))
	}
	return as
}

// requisitionState says how a case stands; one that became a list stands as the list
// does.
func (v *visit) requisitionState(c *handout.Case) (tone look.Tone, state, note string, err error) {
	today := v.house.Access.Today()
	state = v.T("handout.state." + string(c.State))
	switch c.State {
	case handout.Asked:
		return look.Soon, state, v.T("handout.page.answer_by", "date", c.AnswerBy), nil
	case handout.Approved:
		return look.Note, state, v.T("handout.page.open_until", "date", c.OpenUntil), nil
	case handout.Fetched:
		lists, err := v.house.Handouts.Out(v.ctx(), c)
		if err != nil || len(lists) == 0 {
			return look.Calm, state, "", err
		}
		open := slices.IndexFunc(lists, func(l handout.List) bool { return !l.Destroyed })
		if open < 0 {
			return look.OK, v.T("handout.page.destroyed"), v.T("web.list", "number", lists[0].Number), nil
		}
		tone, note = look.Note, v.T("handout.own.by", "date", lists[open].DestroyBy)
		if lists[open].DestroyBy.Before(today) {
			tone = look.Late
		}
		return tone, state, note, nil
	}
	return look.Calm, state, "", nil
}

// requisitionForm is the form by which a list is asked for.
type requisitionForm struct {
	Problems look.Problems
	Office   bool
	Other    bool         // for somebody who is no member
	Holders  look.Choices // the officers it can be for; of an own one, the bodies
	Kinds    look.Choices // of recipients (D5)
	Outside  look.Choices // inside or outside the legal body
	Kinded   bool         // the charter knows recipients
	Posted   bool         // there are officers it can be for
	Bodies   look.Select  // the area
	Purposes look.Choices //
	Fields   []look.FieldList
	Formats  look.Choices
	Channel  look.Choices
	Texts    map[string]string
	Days     int
	Answer   int
	Send     string // where a message is written instead; "" for who may not
}

func requisitionNewForm(v *visit) error {
	q := v.query()
	return v.requisitionForm(form{url.Values{"who": {q.text("who")}, "channel": {handout.ByPhone}, "format": {string(extract.HandedFormats[0])}}}, nil)
}

// requisitionBodies are the bodies whose officers requisition their list (D13).
func (v *visit) requisitionBodies() (all []unit.Unit) {
	for _, u := range v.house.Units.Tree().All() {
		if level, known := v.house.Charter.Level(u.Level); known && level.Requisition && !u.Closed {
			all = append(all, u)
		}
	}
	return all
}

func (v *visit) requisitionForm(f form, problems look.Problems) error {
	h := v.house.Handouts
	if !h.Asks(v.actor) {
		_, _, err := h.List(v.ctx(), v.actor) // which refuses, and writes that down
		return err
	}
	view := requisitionForm{
		Problems: problems, Office: h.Office(v.actor), Kinded: len(v.house.Charter.Handouts.Recipients) > 0, Posted: len(v.requisitionBodies()) > 0,
		Texts: map[string]string{}, Days: v.house.Charter.ListDays, Answer: v.house.Charter.Handouts.AnswerDays.Value,
	}
	if !view.Office && v.seesMailings() {
		view.Send = writePath("", "")
	}
	view.Other = view.Office && (f.text("who") == "other" || !view.Posted)
	for _, name := range []string{"name", "email", "function", "need", "until"} {
		view.Texts[name] = f.text(name)
	}
	var err error
	if view.Other {
		view.kinds(v, f)
	} else if view.Holders, err = v.requisitionHolders(f, view.Office); err != nil {
		return err
	}
	view.purposes(v, f)
	view.Formats = look.Choices{Name: "format", Legend: v.T("handout.form.format"), Error: problems.For("format")}
	for _, code := range extract.HandedFormats {
		view.Formats.Options = append(view.Formats.Options, look.Choice{Value: string(code), Text: v.T("extract.format." + string(code)), Checked: f.chosen("format", string(code))})
	}
	view.Channel = look.Choices{Name: "channel", Legend: v.T("handout.form.channel"), Across: true, Error: problems.For("channel")}
	for _, way := range []string{handout.ByPhone, handout.ByMail} {
		view.Channel.Options = append(view.Channel.Options, look.Choice{Value: way, Text: v.T("handout.channel." + way), Checked: f.chosen("channel", way)})
	}
	return v.show(page{title: v.T("handout.form.title"), tab: tabLists, body: requisitionFormBody(view), failed: problems != nil})
}

// requisitionHolders are the officers a list can be for: those of every such body for
// the secretariat, and otherwise one's own posts.
func (v *visit) requisitionHolders(f form, office bool) (look.Choices, error) {
	c := look.Choices{Name: "for", Legend: v.T("handout.form.for")}
	if !office {
		for i, b := range v.house.Handouts.Bodies(v.actor.Person) {
			value := v.unitCode(b.Unit)
			c.Options = append(c.Options, look.Choice{
				Value: value, Text: v.unitName(b.Unit), Hint: v.anyPost(b.Post), Checked: f.chosen("for", value) || i == 0 && f.text("for") == "",
			})
		}
		return c, nil
	}
	var persons []vault.PersonID
	var bodies []handout.Body
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Access})
	if err != nil {
		return c, err
	}
	for _, u := range v.requisitionBodies() {
		posts, err := v.house.Access.Posts(scope, u.ID)
		if err != nil {
			return c, err
		}
		for _, held := range posts {
			for _, b := range v.house.Handouts.Bodies(held.Person) {
				if b.Unit == u.ID && b.Post == held.Basis.Code {
					persons, bodies = append(persons, held.Person), append(bodies, b)
				}
			}
		}
	}
	names, err := v.house.Members.Names(v.ctx(), scope, persons)
	for i, b := range bodies {
		value := v.unitCode(b.Unit) + " " + v.public(persons[i])
		c.Options = append(c.Options, look.Choice{
			Value: value, Text: v.unitName(b.Unit), Hint: v.nameOf(names, persons[i]) + ", " + v.anyPost(b.Post), Checked: f.chosen("for", value),
		})
	}
	return c, err
}

// kinds fills what is asked about somebody who is no member (D5).
func (view *requisitionForm) kinds(v *visit, f form) {
	lang := v.p.Lang()
	view.Kinds = look.Choices{Name: "as", Legend: v.T("handout.form.as"), Error: view.Problems.For("as")}
	asked := false
	for i := range v.house.Charter.Handouts.Recipients {
		k := &v.house.Charter.Handouts.Recipients[i]
		names := make([]string, len(k.Purposes))
		for j, code := range k.Purposes {
			names[j] = v.purposeName(code)
		}
		asked = asked || k.Outside == charter.OutsideCase
		view.Kinds.Options = append(view.Kinds.Options, look.Choice{
			Value: k.Code, Text: k.Name.In(lang), Hint: joined(" · ", v.T("handout.outside."+k.Outside), v.p.List(names)), Checked: f.chosen("as", k.Code),
		})
	}
	if asked {
		view.Outside = look.Choices{Name: "outside", Legend: v.T("handout.form.outside"), Hint: v.T("handout.form.outside_hint"), Error: view.Problems.For("outside"), Options: []look.Choice{
			{Value: "yes", Text: v.T("handout.form.outside_yes"), Hint: v.T("handout.form.outside_yes_hint"), Checked: f.chosen("outside", "yes")},
			{Value: "no", Text: v.T("handout.form.outside_no"), Checked: f.chosen("outside", "no")},
		}}
	}
	view.Bodies = look.Select{Name: "unit", Label: v.T("handout.form.unit"), Error: view.Problems.For("unit"), Value: f.text("unit")}
	view.Bodies.Options = append([]look.Option{{Text: v.T("handout.form.choose")}}, v.bodyOptions(charter.Pull)...)
}

// purposes fills the purposes with what each brings along.
func (view *requisitionForm) purposes(v *visit, f form) {
	view.Purposes = look.Choices{Name: "purpose", Legend: v.T("handout.form.purpose"), Error: view.Problems.For("purpose")}
	for i := range v.house.Charter.Purposes {
		p := &v.house.Charter.Purposes[i]
		offered := !view.Other && p.Requisition
		for j := range v.house.Charter.Handouts.Recipients {
			offered = offered || view.Other && v.house.Charter.Handouts.Recipients[j].May(p.Code)
		}
		if !offered {
			continue
		}
		names := make([]string, 0, len(p.Fields))
		for _, code := range p.Fields {
			names = append(names, v.fieldName(code))
		}
		view.Purposes.Options = append(view.Purposes.Options, look.Choice{
			Value: p.Code, Text: p.Name.In(v.p.Lang()), Checked: f.chosen("purpose", p.Code),
			Hint: v.T("handout.form.fields", "fields", v.p.List(names), "days", v.house.Charter.ListDaysFor(p)),
		})
	}
}

// requisitionAsk writes a requisition.
func requisitionAsk(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	until, ok := f.date("until")
	if !ok {
		return v.requisitionForm(f, look.Problems{{Field: "until", Text: v.T("fault.field.date")}})
	}
	w := handout.Wish{Purpose: f.text("purpose"), Format: f.text("format"), Need: f.text("need"), Until: until, Channel: f.text("channel")}
	office := v.house.Handouts.Office(v.actor)
	switch {
	case office && f.text("who") == "other":
		if f.text("outside") == "" && v.asksOutside(f.text("as")) {
			return v.requisitionForm(f, look.Problems{{Field: "outside", Text: v.T("handout.error.outside")}})
		}
		w.As, w.To = f.text("as"), handout.Recipient{
			Name: f.text("name"), Email: f.text("email"), Function: f.text("function"), Outside: f.text("outside") == "yes", Lang: v.house.Charter.Lang(),
		}
		body, known := v.house.Units.Tree().ByCode(f.text("unit"))
		if !known {
			return v.requisitionForm(f, look.Problems{{Field: "unit", Text: v.T("handout.error.unit")}})
		}
		w.Unit = body.ID
	default:
		v.requisitionFor(&w, f.text("for"), office)
		if w.For == 0 {
			return v.requisitionForm(f, look.Problems{{Field: "for", Text: v.T("handout.error.post")}})
		}
	}
	made, err := v.house.Handouts.Ask(v.ctx(), v.actor, w)
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.requisitionForm(f, problems)
	}
	return v.toWith(requisitionPath(made.ID), "handout.notice.asked", made.ID)
}

func (v *visit) asksOutside(kind string) bool {
	k, known := v.house.Charter.Handouts.Recipient(kind)
	return known && k.Outside == charter.OutsideCase
}

// requisitionFor finds for whom a list is asked: a body of one's own, or a body and
// its officer as the form of the secretariat names them.
func (v *visit) requisitionFor(w *handout.Wish, value string, office bool) {
	code, public, _ := strings.Cut(value, " ")
	person := v.actor.Person
	if office {
		person, _ = v.house.Keyring.PersonOf(public)
	}
	body, known := v.house.Units.Tree().ByCode(code)
	for _, b := range v.house.Handouts.Bodies(person) {
		if known && b.Unit == body.ID {
			w.For, w.Unit, w.As = person, b.Unit, b.Post
		}
	}
}
