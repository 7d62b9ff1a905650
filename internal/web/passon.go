package web

import (
	"bytes"
	"slices"
	"strings"

	"kartotek/internal/charter"
	"kartotek/internal/passing"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// Passing on to bodies outside (N12). An address carries the code of a recipient, and
// the numbers of runs and batches; no address, and none of these pages but one, names a
// person.
const (
	passingPath = "/passing"
	passingSize = 32 << 20 // bytes of a file to compare; larger ones go by the command line
	passingWho  = 50       // names on a page
)

// passingRoutes are passon.go, passbatch.go, passme.go.
var passingRoutes = []route{
	in("GET "+passingPath, passingPage),
	in("GET "+passingPath+"/{code}", passingOne),
	in("POST "+passingPath+"/{code}", passingSteer),
	in("GET "+passingPath+"/{code}/next", passingNext).taking(),
	in("POST "+passingPath+"/{code}/next", passingRun).taking(),
	in("GET "+passingPath+"/{code}/next/{why}", passingOut),
	in("GET "+passingPath+"/{code}/runs", passingRuns),
	in("POST "+passingPath+"/{code}/runs/{run}", passingDecide).taking(),
	in("GET "+passingPath+"/{code}/stop", passingStopPage),
	in("POST "+passingPath+"/{code}/stop", passingStop).taking(),
	in("POST "+passingPath+"/{code}/compare", passingCompare).with(passingSize + 1<<20).taking(),
	in("GET "+passingPath+"/{code}/compare.csv", passingCompareFile).taking(),
	in("GET "+passingPath+"/{code}/batches/{batch}", passingBatchPage),
	in("POST "+passingPath+"/{code}/batches/{batch}", passingBatchDo),
	in("POST "+passingPath+"/{code}/batches/{batch}/file", passingFile).taking(),
	in("GET "+mePassed, mePassedPage).own(),
	in("POST "+mePassed, mePassedObject).own(),
}

func passingOf(code string) string { return passingPath + "/" + code }

func passingBatch(code string, id int64) string { return passingOf(code) + "/batches/" + digits(id) }

// passingRow is one recipient in the list of them.
type passingRow struct {
	URL, Name, Country string
	Tone               look.Tone
	State, Note        string
}

// passingPage lists the recipients; where there is one only, it is shown.
func passingPage(v *visit) error {
	if len(v.house.Charter.Recipients) == 0 {
		return v.show(page{title: v.T("passing.page.title"), tab: tabAdministration, body: passingBody(nil)})
	}
	all, err := v.house.Passing.Glance(v.ctx(), v.actor)
	if err != nil {
		return err
	}
	if len(all) == 1 {
		return v.to(passingOf(all[0].Code))
	}
	var rows []passingRow
	for i := range all {
		c := &all[i]
		r, _ := v.house.Charter.Receiver(c.Code)
		row := passingRow{URL: passingOf(c.Code), Name: r.Name.In(v.p.Lang()), Country: v.p.Country(r.Country)}
		row.Tone, row.State = v.passingCourse(c)
		if c.Unsettled > 0 {
			row.Note = v.T("passing.page.unsettled", "count", c.Unsettled)
		}
		rows = append(rows, row)
	}
	return v.show(page{title: v.T("passing.page.title"), tab: tabAdministration, body: passingBody(rows)})
}

// passingCourse says how passing on to a recipient goes on.
func (v *visit) passingCourse(c *passing.Recipient) (look.Tone, string) {
	tone := map[passing.Course]look.Tone{passing.Running: look.OK, passing.Paused: look.Soon, passing.Fresh: look.Note}[c.State]
	if c.Gone {
		tone = look.Late
	}
	return tone, v.T("passing.course." + string(c.State))
}

// passingView is one recipient.
type passingView struct {
	Problems           look.Problems
	Code, Path         string
	Name, Hint         string
	Tone               look.Tone
	State              string
	Gone, Paused       bool
	Stops, Files       bool
	Braked             *passingBraked
	Standing, Declared look.Rows
	Batches            []passingBatchRow
	Pages              look.Pages
	Runs               []passingRunRow
	Open               string // references not confirmed; "" for none
	Lines              []passingLine
	Hooked             bool
	Begun              bool
	Compared           *passingCompared
}

// passingBraked is a run that waits for a second person.
type passingBraked struct {
	Path, Text string
	Counts     look.Figures
	Own        bool // whoever looks made it
}

type passingBatchRow struct {
	URL, Number, What, Made string
	Tone                    look.Tone
	State, Note             string
}

type passingRunRow struct {
	Number, When, Kind, What string
	Tone                     look.Tone
	State                    string
}

type passingLine struct{ Reference, Event, Why, Since string }

// passingCompared is what came of a comparison.
type passingCompared struct {
	Tone        look.Tone
	Title, Text string
	Rows        look.Rows
}

func passingOne(v *visit) error { return v.passing(nil, nil) }

func (v *visit) passing(problems look.Problems, compared *passingCompared) error {
	code, at := v.r.PathValue("code"), v.query().page()
	s, err := v.house.Passing.Show(v.ctx(), v.actor, code, at)
	if err != nil {
		return err
	}
	r, _ := v.house.Charter.Receiver(code)
	c := &s.Recipient
	view := passingView{
		Problems: problems, Code: code, Path: passingOf(code), Name: r.Name.In(v.p.Lang()), Hint: r.Hint.In(v.p.Lang()), Gone: c.Gone,
		Paused: c.State == passing.Paused, Stops: c.State == passing.Running || c.State == passing.Paused, Files: c.Webhook == "", Hooked: c.Webhook != "",
		Begun: c.ID != 0, Compared: compared, Declared: v.passingDeclared(r),
		Pages: look.Pages{Label: v.T("passing.page.batches"), Page: at, Last: at + truth(s.More), URL: pageURL(passingOf(code))},
	}
	view.Tone, view.State = v.passingCourse(c)
	view.Standing = v.passingStanding(c)
	if b := s.Braked; b != nil {
		view.Braked = &passingBraked{
			Path: view.Path + "/runs/" + digits(b.ID), Counts: v.passingFigures(&b.Counts), Own: b.By != 0 && b.By == v.actor.Person,
			Text: v.T("passing.brake.text", "share", v.house.Charter.Passing.SharePercent.Value, "minimum", v.house.Charter.Passing.ShareMinimum.Value),
		}
	}
	for i := range s.Batches {
		view.Batches = append(view.Batches, v.passingBatchRow(code, &s.Batches[i]))
	}
	for i := range s.Runs[:min(len(s.Runs), 5)] {
		view.Runs = append(view.Runs, v.passingRunRow(&s.Runs[i]))
	}
	if s.Open > 0 {
		view.Open = v.T("passing.page.open", "count", s.Open)
	}
	view.Lines = v.passingLines(s.Lines)
	return v.show(page{title: view.Name, tab: tabAdministration, body: passingOneBody(view), failed: problems != nil})
}

// passingStanding are the figures of a recipient.
func (v *visit) passingStanding(c *passing.Recipient) look.Rows {
	way := v.T("passing.way.csv")
	if c.Webhook != "" {
		way = v.T("passing.page.by_webhook", "host", c.Webhook)
	}
	rows := look.Rows{{Term: v.T("passing.page.way"), Value: look.Text(way)}}
	if c.ID == 0 {
		return append(look.Rows{{Term: v.T("passing.page.standing"), Value: look.Text(v.T("passing.page.nobody"))}}, rows...)
	}
	rows = append(look.Rows{
		{Term: v.T("passing.page.standing"), Value: look.Strong(v.p.Number(c.Standing))},
		{Term: v.T("passing.page.unsettled_term"), Value: look.Text(v.p.Number(c.Unsettled))},
	}, rows...)
	if !c.RanAt.IsZero() {
		rows = append(rows, look.Row{Term: v.T("passing.page.ran"), Value: look.Date(v.day(c.RanAt))})
	}
	if !c.NextAt.IsZero() {
		note := v.T("passing.page.next_self")
		if c.Webhook == "" {
			note = v.T("passing.page.next_hand")
		}
		rows = append(rows, look.Row{Term: v.T("passing.page.next"), Value: look.Date(v.day(c.NextAt)), Note: note})
	}
	return rows
}

// passingDeclared is what the charter says of a recipient.
func (v *visit) passingDeclared(r *charter.Receiver) look.Rows {
	lang := v.p.Lang()
	rows := look.Rows{
		{Term: v.T("passing.page.country"), Value: look.Text(v.p.Country(r.Country))},
		{Term: v.T("passing.page.basis"), Value: look.Text(capitalised(r.BasisText.In(lang))), Note: joined(", ", v.T("passing.page.article", "article", r.Basis), r.Basis9)},
		{Term: v.T("passing.page.fields"), Value: look.Text(v.p.List(v.fieldNames(r.Fields)))},
		{Term: v.T("passing.page.refusal"), Value: look.Text(v.T("passing.refusal." + r.Refusal))},
	}
	if r.Outside() {
		rows = append(rows, look.Row{Term: v.T("passing.page.transfer"), Value: look.Text(capitalised(r.TransferText.In(lang))), Note: v.T("passing.page.article", "article", r.Transfer)})
	}
	return append(rows, look.Row{Term: v.T("passing.page.cadence"), Value: look.Text(v.T("passing.page.every", "count", r.EveryDays)), Note: v.T("passing.page.answer", "count", r.AnswerDays)})
}

// passingBatchRow puts a batch into words.
func (v *visit) passingBatchRow(code string, b *passing.Batch) passingBatchRow {
	row := passingBatchRow{
		URL: passingBatch(code, b.ID), Number: v.T("passing.batch.numbered", "number", b.ID), Made: v.p.ShortDate(v.day(b.MadeAt)), What: v.passingWhat(b),
	}
	row.Tone, row.State, row.Note = v.passingState(b)
	return row
}

func (v *visit) passingWhat(b *passing.Batch) string {
	switch {
	case b.Removal:
		return v.T("passing.batch.removal", "count", b.Lines)
	case b.Numbers:
		return v.T("passing.batch.numbers", "count", b.Lines)
	}
	return v.T("passing.batch.entries", "count", b.Lines)
}

// passingState says how a batch stands, and what is wrong with it.
func (v *visit) passingState(b *passing.Batch) (tone look.Tone, state, note string) {
	switch b.State {
	case passing.Acknowledged:
		tone, note = look.OK, b.Receipt
	case passing.Failed:
		tone, note = look.Calm, v.T("passing.batch.again_later")
	case passing.Sent:
		tone, note = look.Soon, v.T("passing.batch.since", "date", v.day(b.SentAt))
	default:
		tone = look.Note
		if b.Problem != "" {
			tone, note = look.Late, v.T("passing.problem."+b.Problem)
		} else if b.Way == passing.ByFile {
			return look.Soon, v.T("passing.batch.download"), ""
		}
	}
	return tone, v.T("passing.batch.state." + string(b.State)), note
}

func (v *visit) passingRunRow(r *passing.Run) passingRunRow {
	row := passingRunRow{
		Number: v.T("passing.run.numbered", "number", r.ID), When: v.p.ShortDate(v.day(r.At)), Kind: v.T("passing.kind." + string(r.Kind)), What: v.passingCounted(&r.Counts),
		Tone: map[passing.RunState]look.Tone{passing.Out: look.OK, passing.Braked: look.Late, passing.Refused: look.Calm}[r.State], State: v.T("passing.run." + string(r.State)),
	}
	if r.By == 0 {
		row.Kind = joined(", ", row.Kind, v.T("passing.page.itself"))
	}
	return row
}

// passingCounted is what a run had, in a few words.
func (v *visit) passingCounted(c *passing.Counts) string {
	var parts []string
	for _, of := range []struct {
		key string
		n   int
	}{{"join", c.Joins}, {"change", c.Changes}, {"leave", c.Leaves}, {"restrict", c.Restricts}, {"withhold", c.Withholds}} {
		if of.n > 0 {
			parts = append(parts, v.T("passing.counted."+of.key, "count", of.n))
		}
	}
	if len(parts) == 0 {
		return v.T("passing.page.nothing")
	}
	return v.p.List(parts)
}

// passingFigures are the lines of a run, by what they ask of the recipient.
func (v *visit) passingFigures(c *passing.Counts) look.Figures {
	all := look.Figures{
		{Term: v.T("passing.event.join"), Value: v.p.Number(c.Joins)}, {Term: v.T("passing.event.change"), Value: v.p.Number(c.Changes)},
		{Term: v.T("passing.event.leave"), Value: v.p.Number(c.Leaves)},
	}
	if c.Restricts > 0 {
		all = append(all, look.Figure{Term: v.T("passing.event.restrict"), Value: v.p.Number(c.Restricts)})
	}
	if c.Withholds > 0 {
		all = append(all, look.Figure{Term: v.T("passing.event.withhold"), Value: v.p.Number(c.Withholds)})
	}
	return all
}

func (v *visit) passingLines(lines []passing.Line) (rows []passingLine) {
	for i := range lines {
		l := &lines[i]
		event := v.T("passing.event." + string(l.Event))
		if len(l.Fields) > 0 {
			event = event + ": " + v.p.List(v.fieldNames(l.Fields))
		}
		rows = append(rows, passingLine{Reference: l.Reference, Event: event, Why: v.T("passing.why." + string(l.Why)), Since: v.p.ShortDate(v.day(l.MadeAt))})
	}
	return rows
}

// passingSteer pauses, or goes on by the visitor's right.
func passingSteer(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	code, said := v.r.PathValue("code"), "passing.notice.paused"
	switch f.text("do") {
	case "pause":
		err = v.house.Passing.Pause(v.ctx(), v.actor, code)
	case "resume":
		said, err = "passing.notice.resumed", v.house.Passing.Resume(v.ctx(), v.actor, code)
	default:
		return errNotFound
	}
	return v.passingDone(passingOf(code), said, err)
}

// passingDone leads on, or shows what is wrong on the recipient's page.
func (v *visit) passingDone(path, said string, err error) error {
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.passing(problems, nil)
	}
	return v.toWith(path, said)
}

// passingRuns are all runs.
func passingRuns(v *visit) error {
	code, at := v.r.PathValue("code"), v.query().page()
	all, total, err := v.house.Passing.Runs(v.ctx(), v.actor, code, at)
	if err != nil {
		return err
	}
	var rows []passingRunRow
	for i := range all {
		rows = append(rows, v.passingRunRow(&all[i]))
	}
	path := passingOf(code)
	return v.show(page{title: v.T("passing.page.runs"), tab: tabAdministration, body: passingRunsBody(v.receiverName(code), path, rows, look.Pages{
		Label: v.T("passing.page.runs"), Page: at, Last: max(1, pages(total, passing.PerPage)), URL: pageURL(path + "/runs"),
	})})
}

func (v *visit) receiverName(code string) string {
	r, known := v.house.Charter.Receiver(code)
	if !known {
		return code
	}
	return r.Name.In(v.p.Lang())
}

// passingOutView names those a run leaves out for one reason.
type passingOutView struct {
	Name, Back, Title, Lead string
	Rows                    []look.Link
	Pages                   look.Pages
}

func passingOut(v *visit) error {
	code, why, at := v.r.PathValue("code"), passing.Why(v.r.PathValue("why")), v.query().page()
	if !slices.Contains(passing.Groups, why) {
		return errNotFound
	}
	total, named, err := v.house.Passing.Who(v.ctx(), v.actor, code, why, at, passingWho)
	if err != nil {
		return err
	}
	view := passingOutView{
		Name: v.receiverName(code), Back: passingOf(code), Title: v.T("passing.why." + string(why)), Lead: v.T("passing.next.who", "count", total),
		Pages: look.Pages{Label: v.T("passing.next.out"), Page: at, Last: max(1, pages(total, passingWho)), URL: pageURL(passingOf(code) + "/next/" + string(why))},
	}
	names := map[vault.PersonID]string{}
	for _, n := range named {
		names[n.Person] = n.Name
		view.Rows = append(view.Rows, look.Link{Text: v.nameOf(names, n.Person), URL: v.cardPath(n.Person)})
	}
	return v.show(page{title: view.Title, tab: tabAdministration, body: passingOutBody(view)})
}

// passingCompare holds what the recipient has against what it should have: by asking
// its webhook, or from a file it gave.
func passingCompare(v *visit) error {
	code := v.r.PathValue("code")
	c, err := v.house.Passing.Glance(v.ctx(), v.actor)
	if err != nil {
		return err
	}
	var came passing.Comparison
	if slices.ContainsFunc(c, func(r passing.Recipient) bool { return r.Code == code && r.Webhook != "" }) && strings.HasPrefix(v.r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		came, err = v.house.Passing.Reconcile(v.ctx(), v.actor, code)
	} else {
		var content []byte
		if content, err = v.tracePosted(); err == nil {
			came, err = v.house.Passing.Against(v.ctx(), v.actor, code, bytes.NewReader(content))
		}
	}
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		for i := range problems {
			problems[i].Field = "file"
		}
		return v.passing(problems, nil)
	}
	return v.passing(nil, v.passingCompared(&came))
}

func (v *visit) passingCompared(c *passing.Comparison) *passingCompared {
	out := &passingCompared{Tone: look.OK, Title: v.T("passing.compare.same"), Text: v.T("passing.compare.same_text", "count", c.Ours)}
	if !c.Same {
		out.Tone, out.Title, out.Text = look.Soon, v.T("passing.compare.different"), v.T("passing.compare.different_text")
	}
	for _, of := range []struct {
		key string
		n   int
	}{{"ours", c.Ours}, {"theirs", c.Theirs}, {"missing", c.Missing}, {"changed", c.Different}, {"unknown", c.Unknown}, {"unsettled", c.Unsettled}} {
		if of.n > 0 || of.key == "ours" || of.key == "theirs" {
			out.Rows = append(out.Rows, look.Row{Term: v.T("passing.compare." + of.key), Value: look.Text(v.p.Number(of.n))})
		}
	}
	return out
}

// passingCompareFile is what the recipient should have, for one that compares by
// itself: references and hashes.
func passingCompareFile(v *visit) error {
	var file bytes.Buffer
	if _, err := v.house.Passing.CompareFile(v.ctx(), v.actor, v.r.PathValue("code"), &file); err != nil {
		return err
	}
	return v.download(v.T("passing.compare.file")+".csv", "text/csv; charset=utf-8", file.Bytes())
}

// adminPassing are the recipients, with how each stands.
func (v *visit) adminPassing() (lines []adminLine, err error) {
	all, err := v.house.Passing.Glance(v.ctx(), v.actor)
	for i := range all {
		c := &all[i]
		line := adminLine{Title: v.receiverName(c.Code), Text: v.T("passing.page.lead"), URL: passingOf(c.Code)}
		line.Tone, line.State = v.passingCourse(c)
		if c.Unsettled > 0 {
			line.More = v.T("passing.page.unsettled", "count", c.Unsettled)
		}
		lines = append(lines, line)
	}
	return lines, err
}
