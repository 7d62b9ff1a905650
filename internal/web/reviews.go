package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/review"
	"kartotek/internal/unit"
	"kartotek/internal/web/look"
)

// The review of access (D14). An address carries the number of a review or of a line,
// and a body's code.
const (
	reviewsPath    = "/reviews"
	reviewLinePath = "/review-lines"
	secretariatAt  = "-" // stands where a body's code does
)

func reviewPath(id int64) string { return reviewsPath + "/" + strconv.FormatInt(id, 10) }

func lineOfReview(id int64) string { return reviewLinePath + "/" + strconv.FormatInt(id, 10) }

// reviewBodyPath is where a body answers for its own.
func (v *visit) reviewBodyPath(id int64, body unit.ID) string {
	code := secretariatAt
	if u, known := v.house.Units.Tree().ByID(body); known && body != 0 {
		code = u.Code
	}
	return reviewPath(id) + "/body/" + code
}

// reviewRow is one review in the list of them.
type reviewRow struct {
	URL, Name string
	Opened    civil.Date
	Closed    civil.Date
	Tone      look.Tone
	State     string
}

// reviewsView is the list of reviews.
type reviewsView struct {
	Rows     []reviewRow
	Open     bool // the visitor can open one by hand
	Grounds  string
	Problems look.Problems
	Lead     string
}

func reviewsPage(v *visit) error { return v.reviews("", nil) }

func (v *visit) reviews(grounds string, problems look.Problems) error {
	all, err := v.house.Reviews.List(v.ctx(), v.actor)
	if err != nil {
		return err
	}
	view := reviewsView{Grounds: grounds, Problems: problems, Lead: v.T("review.page.lead", "count", v.house.Charter.Parameters.ReviewsPerYear.Value)}
	view.Open = v.whole(charter.LookThrough)
	for i := range all {
		r := &all[i]
		row := reviewRow{URL: reviewPath(r.ID), Name: v.T("review.page.number", "number", r.ID), Opened: v.day(r.OpenedAt)}
		if row.Tone, row.State = look.OK, v.T("review.page.closed"); r.Closed() {
			row.Closed = v.day(r.ClosedAt)
		} else {
			view.Open = false
			row.Tone, row.State = look.Note, v.T("review.page.open_until", "date", r.AnswerBy)
			if r.AnswerBy.Before(v.house.Access.Today()) {
				row.Tone, row.State = look.Late, v.T("review.page.late", "date", r.AnswerBy)
			}
		}
		view.Rows = append(view.Rows, row)
	}
	return v.show(page{title: v.T("review.page.title"), tab: tabAccess, body: reviewsBody(view), failed: problems != nil})
}

// reviewOpen opens a review by hand.
func reviewOpen(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	r, err := v.house.Reviews.OpenByHand(v.ctx(), v.actor, f.text("grounds"))
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.reviews(f.text("grounds"), problems)
	}
	return v.toWith(reviewPath(r.ID), "review.notice.opened")
}

// reviewBodyRow is how far one body has come.
type reviewBodyRow struct {
	URL, Name string
	Lines     int
	Waiting   int
	Tone      look.Tone
	State     string
}

// reviewNumberRow is one number beside that of the review before.
type reviewNumberRow struct {
	What        string
	Now, Before string
	Remedy      string
}

// reviewView is one review.
type reviewView struct {
	Review   review.Review
	Path     string
	Lead     string
	Figures  look.Figures
	Bodies   []reviewBodyRow
	All      string // where every body is shown; "" where they are
	Found    []reviewNumberRow
	Gone     []reviewNumberRow
	Numbers  []reviewNumberRow
	Last     int64
	Whole    bool
	Waiting  int
	Note     string
	Reports  []look.LinkButton
	Hash     string
	Problems look.Problems
	Today    civil.Date
}

func (v *visit) reviewNumber() (int64, error) {
	id, err := strconv.ParseInt(v.r.PathValue("review"), 10, 64)
	if err != nil {
		return 0, errNotFound
	}
	return id, nil
}

func reviewPage(v *visit) error { return v.review("", nil) }

func (v *visit) review(note string, problems look.Problems) error {
	id, err := v.reviewNumber()
	if err != nil {
		return err
	}
	o, err := v.house.Reviews.Overview(v.ctx(), v.actor, id)
	if err != nil {
		return err
	}
	r := &o.Review
	view := reviewView{
		Review: *r, Path: reviewPath(id), Whole: v.whole(charter.LookThrough), Note: note, Problems: problems, Last: o.Last, Today: v.house.Access.Today(),
	}
	lines, settled := 0, 0
	for state, n := range o.States {
		lines += n
		if state.Settled() {
			settled += n
		}
	}
	view.Waiting = lines - settled
	view.Lead = v.T("review.page.open_lead", "answer", r.AnswerBy, "suspend", r.SuspendOn)
	if r.Closed() {
		view.Lead = v.T("review.page.closed_lead", "date", v.day(r.ClosedAt))
	}
	view.Figures = look.Figures{
		{Term: v.T("review.page.lines"), Value: v.p.Number(lines)},
		{Term: v.T("review.page.waiting"), Value: v.p.Number(view.Waiting)},
		{Term: v.T("review.state.confirmed"), Value: v.p.Number(o.States[review.Confirmed])},
		{Term: v.T("review.state.ended"), Value: v.p.Number(o.States[review.Ended] + o.States[review.Expired])},
		{Term: v.T("review.state.suspended"), Value: v.p.Number(o.States[review.Suspended])},
	}
	v.reviewBodies(&view, &o)
	v.reviewNumbers(&view, &o)
	if r.Closed() && view.Whole {
		for _, lang := range v.house.Charter.Languages {
			view.Reports = append(view.Reports, look.LinkButton{
				Text: v.T("review.page.report", "language", locale.For(lang).T("locale.name")), URL: view.Path + "/report.pdf?lang=" + lang, Kind: look.Quiet, Download: true,
			})
		}
	}
	return v.show(page{title: v.T("review.page.number", "number", id), tab: tabAccess, body: reviewBody(view), failed: problems != nil})
}

// shownBodies are so many that all of them are shown, whether they wait or not.
const shownBodies = 12

// reviewBodies fills in how far each body has come: those that wait first asked for, the
// others on demand.
func (v *visit) reviewBodies(view *reviewView, o *review.Overview) {
	all := len(o.Bodies) <= shownBodies || v.query().text("show") == "all"
	for i := range o.Bodies {
		p := &o.Bodies[i]
		if p.Waiting == 0 && !all {
			continue
		}
		row := reviewBodyRow{
			URL: v.reviewBodyPath(o.Review.ID, p.Unit), Name: v.house.Reviews.BodyName(v.p, p.Unit), Lines: p.Lines, Waiting: p.Waiting,
			Tone: look.OK, State: v.T("review.page.done"),
		}
		switch {
		case p.Suspended > 0:
			row.Tone, row.State = look.Late, v.T("review.page.suspended", "count", p.Suspended)
		case p.Waiting > 0 && p.Left == p.Waiting:
			row.Tone, row.State = look.Soon, v.T("review.page.left", "count", p.Left)
		case p.Waiting > 0:
			row.Tone, row.State = look.Note, v.T("review.page.waits", "count", p.Waiting)
		}
		view.Bodies = append(view.Bodies, row)
	}
	if !all {
		view.All = view.Path + "?show=all"
	}
}

// reviewNumbers fills in what was found and counted, beside the review before.
func (v *visit) reviewNumbers(view *reviewView, o *review.Overview) {
	now := o.Numbers[0]
	row := func(what, code string) reviewNumberRow {
		r := reviewNumberRow{What: what, Now: v.p.Number(now[code])}
		if o.Before != nil {
			r.Before = v.p.Number(o.Before[code])
		}
		return r
	}
	for _, code := range sortedKeys(now) {
		if why, is := strings.CutPrefix(code, review.FoundPrefix); is {
			found := row(review.Short(v.p, review.Why(why)), code)
			f := review.Finding{Why: review.Why(why)}
			found.Remedy = f.Remedy(v.p)
			view.Found = append(view.Found, found)
		} else if why, is := strings.CutPrefix(code, review.GonePrefix); is {
			view.Gone = append(view.Gone, row(review.Short(v.p, review.Why(why)), code))
		}
	}
	for _, code := range review.Counts {
		if _, counted := now[code]; counted {
			view.Numbers = append(view.Numbers, row(v.T("review.number."+code), code))
		}
	}
}

func sortedKeys(all map[string]int) []string {
	var keys []string
	for key := range all {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// reviewClose brings a review to its end.
func reviewClose(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	id, err := v.reviewNumber()
	if err != nil {
		return err
	}
	_, err = v.house.Reviews.Close(v.ctx(), v.actor, id, f.text("note"))
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.review(f.text("note"), problems)
	}
	return v.toWith(reviewPath(id), "review.notice.closed")
}

// reviewReport is the signed report.
func reviewReport(v *visit) error {
	id, err := v.reviewNumber()
	if err != nil {
		return err
	}
	lang := v.query().text("lang")
	signed, err := v.house.Reviews.Report(v.ctx(), v.actor, id, lang)
	if err != nil {
		return err
	}
	file, err := signed.PDF()
	if err != nil {
		return err
	}
	return v.download(signed.Report.FileName(v.p)+".pdf", "application/pdf", file)
}

// reviewLineRow is one access on a body's page.
type reviewLineRow struct {
	URL, Name, Role string
	Found           []string
	Tone            look.Tone
	State, More     string
}

// reviewSheetView is what one body answers for.
type reviewSheetView struct {
	Body    string
	Review  review.Review
	Back    string
	Lead    string
	Action  string
	Code    string
	Clean   []string // names and roles that can be confirmed in one step
	Values  []look.Value
	Rows    []reviewLineRow
	Numbers look.Figures
	Own     bool   // one of the lines is the visitor's own
	Audit   string // the audit it is one occasion with (N13)
	Because look.Because
	Today   civil.Date
}

func (v *visit) reviewBodyAsked(code string) (unit.ID, error) {
	if code == secretariatAt {
		return 0, nil
	}
	u, known := v.house.Units.Tree().ByCode(code)
	if !known {
		return 0, errNotFound
	}
	return u.ID, nil
}

// reviewSheet is a body's page.
func reviewSheet(v *visit) error {
	id, err := v.reviewNumber()
	if err != nil {
		return err
	}
	body, err := v.reviewBodyAsked(v.r.PathValue("unit"))
	if err != nil {
		return err
	}
	sheet, err := v.house.Reviews.Sheet(v.ctx(), v.actor, id, body)
	if err != nil {
		return err
	}
	scope, err := v.house.Access.Decide(v.actor, access.Want{Act: charter.LookThrough, Unit: body})
	if err != nil {
		return err
	}
	view := reviewSheetView{
		Body: v.house.Reviews.BodyName(v.p, body), Review: sheet.Review, Back: reviewPath(id), Action: reviewPath(id) + "/confirm", Code: v.r.PathValue("unit"),
		Because: v.becauseOf("review", scope), Today: v.house.Access.Today(),
	}
	if running, err := v.house.Audits.Running(v.ctx()); err == nil && running != 0 && v.house.Audits.Own(v.actor, body) {
		view.Audit = v.auditBodyPath(running, body)
	}
	waiting := 0
	for i := range sheet.Lines {
		l := &sheet.Lines[i]
		row := v.reviewRowOf(&sheet, l)
		view.Rows = append(view.Rows, row)
		waiting += truth(!l.State.Settled())
		view.Own = view.Own || l.Person == v.actor.Person && !l.State.Settled()
		if !l.State.Settled() && len(l.Findings()) == 0 && v.house.Reviews.Answers(v.actor, &sheet.Review, l) {
			view.Clean = append(view.Clean, v.T("review.page.named", "name", row.Name, "role", lowered(row.Role)))
			view.Values = append(view.Values, look.Value{Name: "line", Value: strconv.FormatInt(l.ID, 10)})
		}
	}
	switch {
	case sheet.Review.Closed():
		view.Lead = v.T("review.page.closed_lead", "date", v.day(sheet.Review.ClosedAt))
	case waiting == 0:
		view.Lead = v.T("review.page.done_lead")
	default:
		view.Lead = v.T("review.page.sheet_lead", "count", waiting, "answer", sheet.Review.AnswerBy, "suspend", sheet.Review.SuspendOn)
	}
	if body != 0 {
		for _, code := range []string{review.CountPulled, review.CountDestroyed, review.CountOverdue, review.CountHandouts} {
			view.Numbers = append(view.Numbers, look.Figure{Term: v.T("review.number." + code), Value: v.p.Number(sheet.Numbers[code])})
		}
	}
	return v.show(page{title: view.Body, tab: tabAccess, body: reviewSheetBody(view)})
}

// reviewRowOf puts a line into words; an erased holder is a role and nothing else.
func (v *visit) reviewRowOf(sheet *review.Sheet, l *review.Line) reviewLineRow {
	row := reviewLineRow{Name: v.T("review.erased"), Role: v.house.Reviews.RoleName(v.p, l.Basis())}
	row.Tone, row.State = v.reviewState(l)
	if l.Evidence == nil {
		return row
	}
	row.URL, row.Name = lineOfReview(l.ID), l.Evidence.Name
	if row.Name == "" {
		row.Name = v.T("review.nameless")
	}
	for i := range l.Evidence.Findings {
		row.Found = append(row.Found, review.Short(v.p, l.Evidence.Findings[i].Why))
	}
	switch a := l.Answer; {
	case l.Person == v.actor.Person && !l.State.Settled():
		row.More = v.T("review.page.own")
	case a != nil && a.By != 0:
		row.More = v.T("review.page.by", "name", v.nameOf(sheet.Names, a.By), "date", v.day(a.At))
	}
	return row
}

// reviewState says how a line stands.
func (v *visit) reviewState(l *review.Line) (look.Tone, string) {
	tone := look.Calm
	switch l.State {
	case review.Open:
		tone = look.Note
	case review.Suspended, review.Expired:
		tone = look.Late
	case review.Confirmed:
		tone = look.OK
	}
	return tone, v.T("review.state." + string(l.State))
}

// reviewConfirm confirms the lines that were shown without findings.
func reviewConfirm(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	id, err := v.reviewNumber()
	if err != nil {
		return err
	}
	body, err := v.reviewBodyAsked(f.text("unit"))
	if err != nil {
		return err
	}
	var shown []int64
	for _, text := range f.values["line"] {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			shown = append(shown, n)
		}
	}
	done, err := v.house.Reviews.ConfirmAll(v.ctx(), v.actor, id, body, shown)
	if err != nil {
		return err
	}
	if len(done) == 0 {
		return fault.New(fault.Conflict, "review.error.state")
	}
	return v.toWith(v.reviewBodyPath(id, body), "review.notice.confirmed", int64(len(done)))
}
