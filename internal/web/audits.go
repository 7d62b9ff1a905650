package web

import (
	"strconv"

	"github.com/golang-sql/civil"

	"kartotek/internal/audit"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// The yearly audit (N13). An address carries an audit's number and a body's code; on the
// roll nobody stands in it.
const (
	auditsPath = "/audits"
	auditsAt   = 30 // bodies on a page of the status
)

func auditPath(id int64) string { return auditsPath + "/" + strconv.FormatInt(id, 10) }

// auditBodyPath is a body's part.
func (v *visit) auditBodyPath(id int64, body unit.ID) string {
	u, _ := v.house.Units.Tree().ByID(body)
	return auditPath(id) + "/body/" + u.Code
}

// auditsView is the list of audits.
type auditsView struct {
	Rows []auditRow
	Open bool
	Lead string
}

type auditRow struct {
	URL, Name string
	Day       civil.Date
	Tone      look.Tone
	State     string
}

// auditsPage lists the audits to whoever answers for the register; an officer of a body is
// led to the part of theirs.
func auditsPage(v *visit) error {
	all, err := v.house.Audits.List(v.ctx(), v.actor)
	if err != nil {
		return err
	}
	whole := v.house.Audits.Whole(v.actor)
	if !whole && len(all) > 0 {
		return v.to(v.auditBodyPath(all[0].ID, v.house.Audits.Body(v.actor)))
	}
	view := auditsView{Open: whole, Lead: v.T("audit.page.lead")}
	if day := v.house.Charter.AuditDay(v.house.Access.Today()); !day.IsZero() {
		view.Lead = v.T("audit.page.lead_day", "date", day)
	}
	for i := range all {
		a := &all[i]
		row := auditRow{URL: auditPath(a.ID), Name: v.T("audit.page.number", "number", a.ID), Day: a.Day, Tone: look.OK, State: v.T("audit.page.closed")}
		if !a.Closed() {
			view.Open = false
			row.Tone, row.State = look.Note, v.T("audit.page.until", "date", a.AnswerBy)
			if a.AnswerBy.Before(v.house.Access.Today()) {
				row.Tone = look.Late
			}
		}
		view.Rows = append(view.Rows, row)
	}
	return v.show(page{title: v.T("audit.page.title"), tab: tabAccess, body: auditsBody(view)})
}

// auditOpen opens an audit besides the charter's day.
func auditOpen(v *visit) error {
	a, err := v.house.Audits.OpenByHand(v.ctx(), v.actor)
	if err != nil {
		return err
	}
	return v.toWith(auditPath(a.ID), "audit.notice.opened")
}

// auditStatusView is an audit at a glance.
type auditStatusView struct {
	Path, Title, Lead string
	Figures           look.Figures
	Filters           []standingLink
	Text, Standing    string
	Sort              look.Select
	Rows              []auditPartRow
	Pages             look.Pages
	Found             string
	Last              bool
}

// standingLink narrows a list to one standing.
type standingLink struct {
	Text, URL string
	Now       bool
}

type auditPartRow struct {
	URL, Name               string
	Members, Waiting, Wrong string
	Left, Cases             string
	Tone                    look.Tone
	State                   string
}

func (v *visit) auditNumber() (int64, error) {
	id, err := strconv.ParseInt(v.r.PathValue("audit"), 10, 64)
	if err != nil {
		return 0, errNotFound
	}
	return id, nil
}

// auditPage is how far an audit has come, body by body; a body's officers are led to
// theirs.
func auditPage(v *visit) error {
	id, err := v.auditNumber()
	if err != nil {
		return err
	}
	if body := v.house.Audits.Body(v.actor); body != 0 && !v.house.Audits.Whole(v.actor) {
		return v.to(v.auditBodyPath(id, body))
	}
	q := v.query()
	at := q.page()
	st, err := v.house.Audits.Status(v.ctx(), v.actor, id, audit.Wanted{
		Standing: q.text("standing"), Text: q.text("text"), Sort: q.text("sort"), Page: at - 1, Size: auditsAt,
	})
	if err != nil {
		return err
	}
	view := auditStatusView{
		Path: auditPath(id), Title: v.T("audit.page.number", "number", id), Text: q.text("text"), Standing: q.text("standing"),
		Lead:  v.T("audit.page.until", "date", st.Audit.AnswerBy),
		Found: v.T("audit.page.bodies", "count", st.Found),
		Sort:  look.Select{Name: "sort", Label: v.T("audit.page.sort"), Value: q.text("sort"), Options: []look.Option{{Text: v.T("audit.sort.tree")}}},
		Pages: look.Pages{Label: v.T("audit.page.title"), Page: at, Last: max(1, (st.Found+auditsAt-1)/auditsAt), URL: pageURL(auditPath(id), "standing", q.text("standing"), "text", q.text("text"), "sort", q.text("sort"))},
	}
	if st.Audit.Closed() {
		view.Lead = v.T("audit.page.closed")
	}
	for _, state := range audit.States {
		n := st.Counts[state]
		if n == 0 && st.Before[state] == 0 {
			continue
		}
		note := ""
		if st.Audit.Last != 0 {
			note = v.T("audit.page.before", "count", st.Before[state])
		}
		view.Figures = append(view.Figures, look.Figure{Term: v.T("audit.state." + state.Code()), Value: v.p.Number(n), Note: note})
	}
	for _, sort := range audit.Sorts {
		view.Sort.Options = append(view.Sort.Options, look.Option{Value: sort, Text: v.T("audit.sort." + sort)})
	}
	view.Filters = append(view.Filters, standingLink{v.T("audit.page.all"), view.Path, view.Standing == ""})
	for _, standing := range audit.Standings {
		if n := st.Standings[standing]; n > 0 {
			view.Filters = append(view.Filters, standingLink{v.T("audit.standing."+standing) + " (" + v.p.Number(n) + ")", view.Path + "?standing=" + standing, view.Standing == standing})
		}
	}
	for i := range st.Parts {
		p := &st.Parts[i]
		tone, state := v.auditStanding(&st.Audit, p)
		view.Rows = append(view.Rows, auditPartRow{
			URL: v.auditBodyPath(id, p.Unit), Name: v.unitName(p.Unit), Members: v.p.Number(p.Counts.Members()),
			Waiting: v.p.Number(p.Counts[audit.Waiting] + p.Counts[audit.Silent]), Wrong: v.p.Number(p.Counts[audit.Wrong]), Left: v.p.Number(p.Counts[audit.Left]),
			Cases: v.p.Number(st.Cases[p.Unit]), Tone: tone, State: state,
		})
	}
	return v.show(page{title: view.Title, tab: tabAccess, body: auditStatusBody(view)})
}

// auditStanding says how a part stands.
func (v *visit) auditStanding(a *audit.Audit, p *audit.Part) (look.Tone, string) {
	switch {
	case p.Standing == audit.Done && p.SaidAt.IsZero():
		return look.Soon, v.T("audit.page.alone")
	case p.Standing == audit.Done:
		return look.OK, v.T("audit.standing.done")
	case p.Standing == audit.Said:
		return look.Note, v.T("audit.standing.said")
	case v.house.Access.Today().After(a.AnswerBy):
		return look.Late, v.T("audit.standing.late")
	}
	return look.Note, v.T("audit.standing.open")
}

// auditBodyView is a body's part.
type auditBodyView struct {
	Problems           look.Problems
	Path, Title, Lead  string
	Tone               look.Tone
	State              string
	Roll               string // where the members are gone through; "" where that is over
	RollText           string
	Counts             look.Rows
	Heads              []auditHeadRow
	Checks             []auditCheckRow
	Cases              []changeRow
	Review, ReviewText string
	Own, Answering     bool
	Missing            string
	Confirm, Back      bool
	Finish, SendBack   bool
	Alone              bool // finishing is without the body's word
	Report             []look.LinkButton
	Notes              []string
	Join               string
}

type auditHeadRow struct {
	Day, Text, Said string
	Value           string
	Ask             bool
	Case            string
}

type auditCheckRow struct {
	Code, Ask, Answer string
	Known             bool
	More              string
	Link              look.Link
	Open              bool
}

func (v *visit) auditBody() (int64, unit.ID, error) {
	id, err := v.auditNumber()
	if err != nil {
		return 0, 0, err
	}
	u, known := v.house.Units.Tree().ByCode(v.r.PathValue("unit"))
	if !known {
		return 0, 0, errNotFound
	}
	return id, u.ID, nil
}

func auditBodyPage(v *visit) error { return v.auditPart(nil) }

func (v *visit) auditPart(problems look.Problems) error {
	id, body, err := v.auditBody()
	if err != nil {
		return err
	}
	part, err := v.house.Audits.View(v.ctx(), v.actor, id, body)
	if err != nil {
		return err
	}
	p := &part.Part
	view := auditBodyView{
		Problems: problems, Path: v.auditBodyPath(id, body), Title: v.unitName(body), Own: part.Own, Answering: part.Own && p.Standing == audit.Open,
		Lead: v.T("audit.page.number", "number", id) + ". " + v.T("audit.page.until", "date", part.Audit.AnswerBy),
	}
	view.Tone, view.State = v.auditStanding(&part.Audit, p)
	n, of := p.Counts.Answered(), p.Counts.Members()
	view.RollText = v.T("audit.roll.done_of", "count", n, "of", of)
	if view.Answering {
		view.Roll, view.Join = view.Path+"/roll", changesNew+"?what="+audit.Joining+"&audit="+strconv.FormatInt(id, 10)
	}
	for _, state := range audit.States {
		before := ""
		if part.Before != nil {
			before = v.T("audit.page.before", "count", part.Before[state])
		}
		if p.Counts[state] > 0 || part.Before != nil && part.Before[state] > 0 {
			view.Counts = append(view.Counts, look.Row{Term: v.T("audit.state." + state.Code()), Value: look.Strong(v.p.Number(p.Counts[state])), Note: before})
		}
	}
	for _, h := range part.Heads {
		row := auditHeadRow{Day: v.p.Date(h.CutOff), Value: h.CutOff.String(), Said: v.T("audit.verdict." + saidWord(string(h.Answer))), Ask: view.Answering && h.Counted}
		if row.Text = v.T("audit.page.heads_text", "members", h.Members, "paying", h.Paying); !h.Counted {
			row.Text, row.Said = v.T("audit.page.uncounted"), ""
		}
		if h.Case != 0 {
			row.Case = changePath(h.Case)
		}
		view.Heads = append(view.Heads, row)
	}
	for i := range part.Checks {
		view.Checks = append(view.Checks, v.auditCheck(&part.Checks[i], body, view.Answering))
	}
	for i := range part.Cases {
		view.Cases = append(view.Cases, v.changeRow(&part.Cases[i], ""))
	}
	for i := range part.Remarks {
		if m := &part.Remarks[i]; m.Case == 0 {
			view.Notes = append(view.Notes, m.Text)
		}
	}
	if part.Missing != nil {
		view.Missing = v.T(part.Missing.Key, pairs(part.Missing.Args)...)
	}
	view.Confirm, view.Back = view.Answering && part.Missing == nil, part.Own && p.Standing == audit.Said
	if part.Whole && !part.Own {
		view.Alone = p.Standing == audit.Open
		view.Finish = p.Standing == audit.Said || view.Alone && v.house.Access.Today().After(part.Audit.AnswerBy)
		view.SendBack = p.Standing == audit.Said
	}
	if p.Standing == audit.Done {
		for _, lang := range v.house.Charter.Languages {
			view.Report = append(view.Report, look.LinkButton{Text: v.T("audit.page.report", "language", locale.For(lang).T("locale.name")), URL: view.Path + "/report.pdf?lang=" + lang, Kind: look.Quiet, Download: true})
		}
	}
	return v.show(page{title: view.Title, tab: tabAccess, body: auditPartBody(view), failed: problems != nil})
}

func saidWord(word string) string {
	if word == "" {
		return "unsaid"
	}
	return word
}

func pairs(args map[string]any) (all []any) {
	for name, value := range args {
		all = append(all, name, value)
	}
	return all
}

func (v *visit) auditCheck(c *audit.Check, body unit.ID, answering bool) auditCheckRow {
	row := auditCheckRow{Code: c.Code, Known: c.Fact.Known, Answer: v.T("audit.answer." + saidWord(c.Holds())), Open: answering && !c.Fact.Known}
	for i := range v.house.Charter.Audit.Checks {
		if k := &v.house.Charter.Audit.Checks[i]; k.Code == c.Code {
			row.Ask = k.Ask.In(v.p.Lang())
			row.Link = v.auditFact(k.Fact, &c.Fact, body)
		}
	}
	switch {
	case c.Fact.Lacks != "":
		row.More = v.T("audit.lacks."+c.Fact.Lacks) + " " + v.T("audit.page.known")
	case c.Fact.Known:
		row.More = v.T("audit.page.known")
	case c.Fact.Count > 0:
		row.More = v.T("audit.page.on_record", "count", c.Fact.Count)
	}
	return row
}

// auditFact is where what the register knows of a question is done, for whoever does it.
func (v *visit) auditFact(fact string, of *audit.Fact, body unit.ID) look.Link {
	switch {
	case fact == charter.FactReview && of.Where != 0 && v.answersReviews():
		return look.Link{Text: v.T("audit.page.review"), URL: v.reviewBodyPath(of.Where, body)}
	case fact == charter.FactDeclaration && v.house.Declarations.Edits(v.actor, body):
		return look.Link{Text: v.T("audit.page.declaration"), URL: declarationAt(v.unitCode(body))}
	case fact == charter.FactAgreement && v.house.Agreements.PartIn(v.session.Person, body).Any():
		return look.Link{Text: v.T("audit.page.agreement"), URL: agreementOf(v.unitCode(body))}
	case fact == charter.FactProcessors && v.house.Agreements.Keeps(v.session.Person, body):
		return look.Link{Text: v.T("audit.page.processors"), URL: processorsPath}
	}
	return look.Link{}
}

// auditRollView is one member of the roll, on a phone's screen.
type auditRollView struct {
	Path, Back, Title string
	Person            string // public id; "" when everybody is answered for
	Name              string
	Rows              look.Rows
	Wrong             string
	Undo, UndoPerson  string
	Done, Of          int
	Confirm           bool
}

// auditRoll shows one member. Whoever is shown is in the log by then.
func auditRoll(v *visit) error {
	id, body, err := v.auditBody()
	if err != nil {
		return err
	}
	shown, err := v.house.Audits.Show(v.ctx(), v.actor, id, body)
	if err != nil {
		return err
	}
	view := auditRollView{
		Back: v.auditBodyPath(id, body), Title: v.T("audit.roll.title"), Done: shown.Part.Counts.Answered(), Of: shown.Part.Counts.Members(),
	}
	view.Path = view.Back + "/roll"
	if l := shown.Last; l != nil {
		view.UndoPerson, view.Undo = v.public(l.Person), v.T("audit.roll.last", "name", l.Name, "state", v.T("audit.state."+l.State.Code()))
	}
	if shown.Person != 0 {
		profile := &shown.Card.Profile
		view.Person, view.Name = v.public(shown.Person), profile.Name()
		view.Wrong = view.Back + "/wrong/" + view.Person
		for _, code := range []string{"number", "address", "postal", "town", "mobile", "phone", "email", "birth", "joined"} {
			if shown.Card.Covered && (code == "address" || code == "postal" || code == "town") {
				continue
			}
			f, known := v.house.Charter.Field(code)
			if value := profile.Value(code); known && value != "" {
				view.Rows = append(view.Rows, look.Row{Term: v.fieldName(code), Value: look.Text(v.written(f, value))})
			}
		}
	}
	return v.show(page{title: view.Title, tab: tabAccess, body: auditRollBody(view)})
}

// auditMark answers for a member, or takes the last answer back, and shows the next.
func auditMark(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	id, body, err := v.auditBody()
	if err != nil {
		return err
	}
	person, known := v.house.Keyring.PersonOf(f.text("person"))
	if !known {
		return errNotFound
	}
	roll := v.auditBodyPath(id, body) + "/roll"
	if f.text("answer") == "undo" {
		_, err = v.house.Audits.Undo(v.ctx(), v.actor, id, body, person)
	} else {
		state, said := audit.ParseState(f.text("answer"))
		if !said {
			return errNotFound
		}
		_, err = v.house.Audits.Mark(v.ctx(), v.actor, id, body, person, state)
	}
	if e := fault.From(err); e != nil && e.Key == "audit.error.answered" { // another officer was faster
		return v.toWith(roll, "audit.notice.faster")
	}
	if err != nil {
		return err
	}
	return v.to(roll)
}

// auditActs are what the forms of a body's page do.
func auditActs(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	id, body, err := v.auditBody()
	if err != nil {
		return err
	}
	ctx, rooms, said := v.ctx(), v.house.Audits, "audit.notice.answered"
	switch f.text("do") {
	case "agree", "dispute":
		day, _ := f.date("day")
		err = rooms.AnswerHead(ctx, v.actor, id, body, day, f.text("do") == "agree", f.text("grounds"))
	case "yes", "no":
		err = rooms.AnswerCheck(ctx, v.actor, id, body, f.text("code"), f.text("do") == "yes", f.text("note"))
	case "confirm":
		said = "audit.notice.confirmed"
		_, err = rooms.Confirm(ctx, v.actor, id, body)
	case "back":
		said = "audit.notice.back"
		_, err = rooms.TakeBack(ctx, v.actor, id, body, f.text("why"))
	case "finish":
		said = "audit.notice.finished"
		_, err = rooms.Finish(ctx, v.actor, id, body)
	default:
		return errNotFound
	}
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.auditPart(problems)
	}
	return v.toWith(v.auditBodyPath(id, body), said)
}

// auditReport gives the sealed report to either side.
func auditReport(v *visit) error {
	id, body, err := v.auditBody()
	if err != nil {
		return err
	}
	signed, err := v.house.Audits.Report(v.ctx(), v.actor, id, body, v.query().text("lang"))
	if err != nil {
		return err
	}
	file, err := v.house.Audits.Paper(v.ctx(), signed)
	if err != nil {
		return err
	}
	return v.download(signed.Report.FileName(v.p)+".pdf", "application/pdf", file)
}

// auditPerson is who an address names by public id.
func (v *visit) auditPerson(text string) (vault.PersonID, error) {
	person, known := v.house.Keyring.PersonOf(text)
	if !known {
		return 0, errNotFound
	}
	return person, nil
}
