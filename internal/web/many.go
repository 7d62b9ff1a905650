package web

import (
	"context"
	"io"
	"net/url"
	"strconv"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/departure"
	"kartotek/internal/dues"
	"kartotek/internal/fault"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// Closing many memberships at once (D6, D7). What is typed or read from a file is posted
// from page to page and never stands in an address.
const (
	manyPath    = "/closings"
	manyPreview = manyPath + "/preview"
)

func manyOf(id uint64) string { return manyPath + "/" + strconv.FormatUint(id, 10) }

const (
	manySize = 4 << 20 // bytes of a file of member numbers
	manyWait = 2 * time.Second
	manyRows = 200 // of a preview that are shown
)

// manyView is the form, and the closings of many there are.
type manyView struct {
	Problems look.Problems
	Numbers  string
	Reasons  look.Choices
	Pass     bool
	Unpaid   bool // whoever has not paid can be taken
	Batches  []batchRow
	Limit    int
	Share    int
	Because  look.Because
}

type batchRow struct {
	departure.Batch
	URL, Name, Reason, State string
	Tone                     look.Tone
	On                       civil.Date
}

func manyPage(v *visit) error { return v.many(v.query(), nil) }

func (v *visit) many(f form, problems look.Problems) error {
	scope, err := v.closingScope()
	if err != nil {
		return err
	}
	rules := &v.house.Charter.Closing
	view := manyView{
		Problems: problems, Numbers: f.text("numbers"), Pass: f.has("pass"), Limit: rules.ManyMinimum.Value, Share: rules.ManySharePercent.Value,
		Unpaid: v.house.Dues.Any(), Because: v.becauseOf("leaving", scope),
	}
	if f.text("from") == "unpaid" && view.Numbers == "" {
		if view.Numbers, err = v.unpaid(); err != nil {
			return err
		}
		f.values.Set("reason", "non-payment")
	}
	view.Reasons = look.Choices{Name: "reason", Legend: v.T("leaving.close.reason"), Error: problems.For("reason")}
	for i := range v.house.Charter.Reasons {
		r := &v.house.Charter.Reasons[i]
		view.Reasons.Options = append(view.Reasons.Options, look.Choice{Value: r.Code, Text: r.Name.In(v.p.Lang()), Checked: r.Code == f.text("reason")})
	}
	all, err := v.house.Departures.BatchesIn(v.ctx(), scope)
	if err != nil {
		return err
	}
	if view.Batches, err = v.batchRows(all); err != nil {
		return err
	}
	return v.show(page{title: v.T("leaving.many.title"), tab: tabLeaving, body: manyBody(view), failed: problems != nil})
}

// unpaid are the numbers of those who have not paid and whose patience has ended, as the
// page of arrears lists them.
func (v *visit) unpaid() (string, error) {
	numbers := ""
	for page := 1; ; page++ {
		list, err := v.house.Dues.Arrears(v.ctx(), v.actor, 0, 0, dues.Patience, page, arrearsShown)
		if err != nil {
			return "", err
		}
		for i := range list.Rows {
			numbers += list.Rows[i].Number + "\n"
		}
		if page >= list.Pages {
			return numbers, nil
		}
	}
}

// batchRows puts closings of many into words.
func (v *visit) batchRows(all []departure.Batch) ([]batchRow, error) {
	if len(all) == 0 {
		return nil, nil
	}
	scope, err := v.closingScope()
	if err != nil {
		return nil, err
	}
	persons := make([]vault.PersonID, len(all))
	for i := range all {
		persons[i] = all[i].By
	}
	names, err := v.house.Members.Names(v.ctx(), scope, persons)
	if err != nil {
		return nil, err
	}
	rows := make([]batchRow, len(all))
	for i := range all {
		b := &all[i]
		rows[i] = batchRow{
			Batch: *b, URL: manyOf(b.ID), Name: v.nameOf(names, b.By), Reason: v.reasonName(b.Reason), State: v.T("departure.batch." + string(b.State)), On: b.On, Tone: look.Calm,
		}
		switch b.State {
		case departure.BatchProposed, departure.BatchRunning:
			rows[i].Tone = look.Soon
		case departure.BatchDone:
			rows[i].Tone = look.OK
		}
	}
	return rows, nil
}

// reasonName is what the charter calls a reason.
func (v *visit) reasonName(code string) string {
	if r, known := v.house.Charter.Reason(code); known {
		return r.Name.In(v.p.Lang())
	}
	switch code {
	case departure.PostEnded:
		return v.ruleName("officer-contact")
	case departure.OtherReasons:
		return v.T("leaving.reasons.rest")
	}
	return code
}

// manyPreviewView shows what would happen, before anything does.
type manyPreviewView struct {
	departure.Preview
	Problems look.Problems
	Numbers  string
	Reason   string
	Name     string // of the reason
	Pass     bool
	Due      string
	Rows     []manyRow
	Refusals []manyRow
	More     int
	Because  look.Because
}

type manyRow struct {
	departure.Listed
	Name, Bodies, Posts, Lists, Why, URL string
}

// manyPreviewPage reads numbers and file and shows who they are.
func manyPreviewPage(v *visit) error {
	f, file, err := v.manyPosted()
	if err != nil {
		return err
	}
	return v.manyPreview(f, file+"\n"+f.text("numbers"), nil)
}

// manyPosted takes the fields and the file out of the request.
func (v *visit) manyPosted() (f form, file string, err error) {
	f.values = url.Values{}
	parts, err := v.r.MultipartReader()
	if err != nil {
		return f, "", fault.New(fault.Invalid, "web.error.form").Because(err)
	}
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			return f, file, nil
		}
		if err != nil {
			return f, "", tooLarge(err)
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return f, "", tooLarge(err)
		}
		if name := part.FormName(); name == "file" {
			file = string(text)
		} else {
			f.values.Set(name, string(text))
		}
	}
}

func (v *visit) manyPreview(f form, text string, problems look.Problems) error {
	scope, err := v.closingScope()
	if err != nil {
		return err
	}
	numbers := departure.Numbers(text)
	p, err := v.house.Departures.PreviewMany(v.ctx(), v.actor, numbers, f.text("reason"), f.has("pass"))
	wrong, err := v.problems(err)
	if err != nil {
		return err
	}
	if wrong != nil {
		return v.many(f, wrong)
	}
	view := manyPreviewView{
		Preview: p, Problems: problems, Reason: f.text("reason"), Name: v.reasonName(f.text("reason")), Pass: f.has("pass"), Because: v.becauseOf("leaving", scope),
		Due: v.p.DateTime(v.house.Charter.EraseAtFor(f.text("reason"), v.house.Now()), v.house.Charter.Location()),
	}
	var persons []vault.PersonID
	for i := range p.Lines {
		if l := &p.Lines[i]; l.Person != 0 && len(persons) < manyRows {
			persons = append(persons, l.Person)
		}
		view.Numbers += p.Lines[i].Number + "\n"
	}
	names, err := v.house.Members.Names(v.ctx(), scope, persons)
	if err != nil {
		return err
	}
	for i := range p.Lines {
		l := &p.Lines[i]
		row := manyRow{Listed: *l}
		if l.Person != 0 {
			row.Name, row.Bodies, row.URL = v.nameOf(names, l.Person), v.bodiesOf(l.Person), v.departurePath(l.Person)
			row.Posts, row.Lists = v.heldPosts(l.Person), v.numbersOf(l.Lists)
		}
		switch {
		case l.Refused != "":
			row.Why = v.T(l.Refused)
			view.Refusals = append(view.Refusals, row)
		case len(view.Rows) < manyRows:
			view.Rows = append(view.Rows, row)
		default:
			view.More++
		}
	}
	return v.show(page{title: v.T("leaving.many.preview"), tab: tabLeaving, body: manyPreviewBody(view), failed: problems != nil})
}

// manyClose begins, or proposes to a colleague.
func manyClose(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	if !f.has("seen") {
		return v.manyPreview(f, f.text("numbers"), look.Problems{{Field: "seen", Text: v.T("leaving.many.seen_missing")}})
	}
	b, err := v.house.Departures.CloseMany(v.ctx(), v.actor, departure.Numbers(f.text("numbers")), f.text("reason"), f.has("pass"))
	problems, err := v.problems(err)
	switch {
	case err != nil:
		return err
	case problems != nil:
		return v.many(f, problems)
	case b.State == departure.BatchProposed:
		return v.toWith(manyOf(b.ID), "leaving.notice.many_asked")
	}
	return v.runMany(b.ID)
}

// runMany does the work beside the page: a few are done when it is shown, of many it
// shows how far they are.
func (v *visit) runMany(id uint64) error {
	done := make(chan struct{})
	ctx := context.WithoutCancel(v.ctx())
	go func() {
		defer close(done)
		if err := v.house.Departures.RunBatch(ctx, id, nil); err != nil {
			v.log.ErrorContext(ctx, "a closing of many stopped; it goes on by itself", "batch", id, "error", err)
		}
	}()
	select {
	case <-done:
		return v.toWith(manyOf(id), "leaving.notice.many_done")
	case <-time.After(manyWait):
		return v.to(manyOf(id))
	}
}

// batchView is one closing of many.
type batchView struct {
	batchRow
	Problems look.Problems
	Second   string
	Decide   bool
	Mine     bool
	Undo     bool
	Waiting  []manyRow
	Done     int
	Because  look.Because
}

func batchPage(v *visit) error { return v.batch(nil) }

func (v *visit) batch(problems look.Problems) error {
	scope, err := v.closingScope()
	if err != nil {
		return err
	}
	id, err := strconv.ParseUint(v.r.PathValue("batch"), 10, 64)
	if err != nil {
		return errNotFound
	}
	b, err := v.house.Departures.Batch(v.ctx(), v.actor, id)
	if err != nil {
		return err
	}
	rows, err := v.batchRows([]departure.Batch{b})
	if err != nil {
		return err
	}
	view := batchView{
		batchRow: rows[0], Problems: problems, Mine: b.By == v.actor.Person, Done: b.Closed + b.Refused, Because: v.becauseOf("leaving", scope),
		Decide: b.State == departure.BatchProposed, Undo: b.State == departure.BatchDone && b.Closed > 0,
	}
	shown := b.Persons[:min(manyRows, len(b.Persons))]
	names, err := v.house.Members.Names(v.ctx(), scope, append([]vault.PersonID{b.Second}, shown...))
	if err != nil {
		return err
	}
	if b.Second != 0 {
		view.Second = v.nameOf(names, b.Second)
	}
	if view.Decide {
		for _, person := range shown {
			view.Waiting = append(view.Waiting, manyRow{
				Listed: departure.Listed{Person: person}, Name: v.nameOf(names, person), Bodies: v.bodiesOf(person), URL: v.departurePath(person),
			})
		}
	}
	return v.show(page{title: v.T("leaving.many.numbered", "number", int64(b.ID)), tab: tabLeaving, body: batchBody(view), failed: problems != nil})
}

// batchDecide is the second person.
func batchDecide(v *visit) error {
	id, err := strconv.ParseUint(v.r.PathValue("batch"), 10, 64)
	if err != nil {
		return errNotFound
	}
	f, err := v.form()
	if err != nil {
		return err
	}
	yes := f.text("answer") == "yes"
	if yes && !f.has("seen") {
		return v.batch(look.Problems{{Field: "seen", Text: v.T("leaving.many.seen_missing")}})
	}
	if _, err = v.house.Departures.DecideBatch(v.ctx(), v.actor, id, yes); err != nil {
		return err
	}
	if !yes {
		return v.toWith(manyOf(id), "leaving.notice.many_refused")
	}
	return v.runMany(id)
}

// batchUndo brings back everybody whose window is open.
func batchUndo(v *visit) error {
	id, err := strconv.ParseUint(v.r.PathValue("batch"), 10, 64)
	if err != nil {
		return errNotFound
	}
	back, _, _, err := v.house.Departures.UndoBatch(v.ctx(), v.actor, id)
	if err != nil {
		return err
	}
	return v.toWith(manyOf(id), "leaving.notice.many_undone", int64(back))
}

// enterResignation finds whom a letter or a call was about, by member number, and leads
// to the form (D6).
func enterResignation(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	scope, err := v.closingScope()
	if err != nil {
		return err
	}
	person, err := v.house.Members.ByNumber(v.ctx(), scope, f.text("number"))
	if err != nil || v.house.Members.Leaving(person) {
		return v.toWith(leavingPath, "leaving.notice.nobody")
	}
	if !v.may(charter.PassOn) {
		return v.to(v.departurePath(person))
	}
	return v.to(v.cardPath(person) + "/resign")
}

// resignWithdraw is for whoever entered a resignation: an association that was wrong.
func resignWithdraw(v *visit) error {
	person, err := v.person("person")
	if err != nil {
		return err
	}
	if err := v.house.Departures.Withdraw(v.ctx(), v.actor, person); err != nil {
		return err
	}
	return v.toWith(v.cardPath(person), "leaving.notice.withdrawn")
}

// heldPosts are the posts and positions somebody holds.
func (v *visit) heldPosts(person vault.PersonID) string {
	var names []string
	for _, h := range v.house.Access.Held(person) {
		names = append(names, v.postName(h.Basis))
	}
	return v.p.List(names)
}

// numbersOf names lists by their numbers.
func (v *visit) numbersOf(lists []departure.Held) string {
	names := make([]string, len(lists))
	for i := range lists {
		names[i] = strconv.FormatInt(lists[i].Number, 10)
	}
	return v.p.List(names)
}

// reasonRow is how many left for a reason in a year.
type reasonRow struct {
	Year, Reason string
	Persons      int
}

// reasonRows is why members left, for whoever reaches the whole register.
func (v *visit) reasonRows() ([]reasonRow, error) {
	scope, err := v.closingScope()
	if err != nil {
		return nil, err
	}
	all, err := v.house.Departures.Reasons(v.ctx(), scope)
	rows := make([]reasonRow, len(all))
	for i, c := range all {
		rows[i] = reasonRow{Year: strconv.Itoa(c.Year), Reason: v.reasonName(c.Reason), Persons: c.Persons}
	}
	return rows, err
}

// deathReason is the charter's reason for somebody who has died.
func (v *visit) deathReason() string {
	for i := range v.house.Charter.Reasons {
		if r := &v.house.Charter.Reasons[i]; r.OfDeath() {
			return r.Code
		}
	}
	return ""
}

// closeProblems are what is wrong with a closing; lists that are still held stand beside
// the box that passes them on.
func (v *visit) closeProblems(err error) (look.Problems, error) {
	if err != nil && fault.From(err).Key == "departure.error.holds" {
		return look.Problems{{Field: "pass", Text: v.T("departure.error.holds", "count", fault.From(err).Args["count"], "lists", fault.From(err).Args["lists"])}}, nil
	}
	return v.problems(err)
}
