package web

import (
	"strconv"

	"kartotek/internal/passing"
	"kartotek/internal/web/look"
)

// passingNextView is what the next run would pass on, and whom it leaves out.
type passingNextView struct {
	Problems          look.Problems
	Name, Path, Title string
	Lead              string
	Counts            look.Figures
	Out               []passingLeft
	More              look.Rows
	Then              look.Then
	Brakes            string
	Looked            int
	Empty, First      bool
	Waits             bool // a run waits for a second person, or all is paused
}

// passingLeft are those left out for one reason.
type passingLeft struct{ Why, What, Count, URL string }

func passingNext(v *visit) error { return v.passingNext(nil) }

func (v *visit) passingNext(problems look.Problems) error {
	code := v.r.PathValue("code")
	p, err := v.house.Passing.Preview(v.ctx(), v.actor, code)
	if err != nil {
		return err
	}
	s, err := v.house.Passing.Show(v.ctx(), v.actor, code, 1)
	if err != nil {
		return err
	}
	r, _ := v.house.Charter.Receiver(code)
	c := &p.Counts
	view := passingNextView{
		Problems: problems, Name: r.Name.In(v.p.Lang()), Path: passingOf(code), Title: v.T("passing.next.title"), Counts: v.passingFigures(c),
		Lead: v.T("passing.next.lead", "count", c.Lines()), Looked: c.Lines(), Empty: c.Lines() == 0, First: p.Kind == passing.First,
		Waits: s.Braked != nil || p.Recipient.State == passing.Paused,
	}
	if view.First {
		view.Lead = v.T("passing.next.first", "count", c.Lines())
	}
	for _, of := range []struct {
		why passing.Why
		n   int
	}{{passing.NoConsent, c.NoConsent}, {passing.Objects, c.Objecting}, {passing.IsStopped, c.Stopped}, {passing.LeftOut, c.LeftOut}} {
		if of.n > 0 {
			view.Out = append(view.Out, passingLeft{v.T("passing.why." + string(of.why)), v.T("passing.out." + string(of.why)), v.p.Number(of.n), view.Path + "/next/" + string(of.why)})
		}
	}
	for _, of := range []struct {
		key string
		n   int
	}{{"unchanged", c.Unchanged}, {"on_way", c.OnWay}, {"covered", c.Covered}, {"numbers", c.Numbers}} {
		if of.n > 0 {
			view.More = append(view.More, look.Row{Term: v.T("passing.next." + of.key), Value: look.Text(v.p.Number(of.n))})
		}
	}
	if p.Brakes {
		view.Brakes = v.T("passing.brake.text", "share", v.house.Charter.Passing.SharePercent.Value, "minimum", v.house.Charter.Passing.ShareMinimum.Value)
	}
	leave := "passing.next.by_file"
	if p.Recipient.Webhook != "" {
		leave = "passing.next.by_webhook"
	}
	view.Then = look.Then{
		{When: look.Text(v.T("passing.next.now")), Lead: v.T("passing.next.made"), Text: v.T(leave, "name", view.Name)},
		{When: look.Text(v.p.Date(v.house.Access.Today().AddDays(r.AnswerDays))), Lead: v.T("passing.next.answered"), Text: v.T("passing.next.answered_text")},
		{When: look.Text(v.T("passing.next.always")), Lead: v.T("passing.next.follows"), Text: v.T("passing.next.follows_text")},
	}
	return v.show(page{title: view.Title, tab: tabAdministration, body: passingNextBody(view), failed: problems != nil})
}

// passingRun makes the run that was looked at.
func passingRun(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	code := v.r.PathValue("code")
	made, err := v.house.Passing.Run(v.ctx(), v.actor, code, int(f.number("looked")))
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.passingNext(problems)
	}
	said := "passing.notice.ran"
	switch {
	case made.State == passing.Braked:
		said = "passing.notice.braked"
	case made.Counts.Lines() == 0:
		said = "passing.notice.nothing"
	}
	return v.toWith(passingOf(code), said)
}

// passingDecide lets a braked run go, or refuses it.
func passingDecide(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(v.r.PathValue("run"), 10, 64)
	if err != nil {
		return errNotFound
	}
	said := "passing.notice.released"
	switch f.text("do") {
	case "release":
		_, err = v.house.Passing.Release(v.ctx(), v.actor, id)
	case "refuse":
		said = "passing.notice.refused"
		_, err = v.house.Passing.Refuse(v.ctx(), v.actor, id)
	default:
		return errNotFound
	}
	return v.passingDone(passingOf(v.r.PathValue("code")), said, err)
}

func passingStopPage(v *visit) error {
	code := v.r.PathValue("code")
	s, err := v.house.Passing.Show(v.ctx(), v.actor, code, 1)
	if err != nil {
		return err
	}
	if s.Recipient.State != passing.Running && s.Recipient.State != passing.Paused {
		return errNotFound
	}
	return v.show(page{title: v.T("passing.stop.title"), tab: tabAdministration, body: passingStopBody(v.receiverName(code), passingOf(code), s.Recipient.Standing)})
}

func passingStop(v *visit) error {
	_, err := v.house.Passing.Stop(v.ctx(), v.actor, v.r.PathValue("code"))
	return v.passingDone(passingOf(v.r.PathValue("code")), "passing.notice.stopped", err)
}

// passingBatchView is one batch.
type passingBatchView struct {
	Problems      look.Problems
	Name, Back    string
	Path, Title   string
	Tone          look.Tone
	State         string
	Rows          look.Rows
	Lines         []passingLine
	List          string // where the list is that it was downloaded as
	Waits         bool   // all is paused
	Removal       bool
	Export, Again bool
	Acknowledge   bool
	GiveUp        bool
	Receipt       string
}

func (v *visit) passingNumber() (int64, error) {
	id, err := strconv.ParseInt(v.r.PathValue("batch"), 10, 64)
	if err != nil {
		return 0, errNotFound
	}
	return id, nil
}

func passingBatchPage(v *visit) error { return v.passingBatch(nil, "") }

func (v *visit) passingBatch(problems look.Problems, receipt string) error {
	id, err := v.passingNumber()
	if err != nil {
		return err
	}
	b, err := v.house.Passing.Batch(v.ctx(), v.actor, id)
	if err != nil {
		return err
	}
	code := v.r.PathValue("code")
	if b.Receiver.Code != code {
		return errNotFound
	}
	view := passingBatchView{
		Problems: problems, Name: b.Receiver.Name.In(v.p.Lang()), Back: passingOf(code), Path: passingBatch(code, id), Title: v.T("passing.batch.numbered", "number", id),
		Lines: v.passingLines(b.References), Removal: b.Removal, Export: b.MayExport, Again: b.MayAgain, Acknowledge: b.MayAcknowledge, GiveUp: b.MayGiveUp,
		Receipt: receipt, Waits: b.Course == passing.Paused && !b.Removal,
	}
	note := ""
	view.Tone, view.State, note = v.passingState(&b.Batch)
	view.Rows = look.Rows{
		{Term: v.T("passing.batch.what"), Value: look.Text(v.passingWhat(&b.Batch)), Note: note},
		{Term: v.T("passing.page.way"), Value: look.Text(v.T("passing.way." + string(b.Way)))},
		{Term: v.T("passing.batch.made"), Value: look.Text(v.moment(b.MadeAt))},
	}
	if !b.SentAt.IsZero() {
		rows := look.Row{Term: v.T("passing.batch.sent"), Value: look.Text(v.moment(b.SentAt))}
		if b.Way == passing.ByWebhook {
			rows.Note = v.T("passing.batch.tries", "count", b.Tries)
		}
		view.Rows = append(view.Rows, rows)
	}
	if b.State == passing.Ready && b.Way == passing.ByWebhook && b.Tries > 0 {
		view.Rows = append(view.Rows, look.Row{Term: v.T("passing.batch.next"), Value: look.Text(v.moment(b.NextAt))})
	}
	if !b.DoneAt.IsZero() {
		row := look.Row{Term: v.T("passing.batch.done"), Value: look.Text(v.moment(b.DoneAt))}
		if b.State == passing.Acknowledged {
			row.Note = v.T("passing.answer.webhook")
			if b.DoneBy != 0 {
				row.Note = v.T("passing.answer.receipt")
			}
		}
		view.Rows = append(view.Rows, row)
	}
	if b.Receipt != "" {
		view.Rows = append(view.Rows, look.Row{Term: v.T("passing.batch.receipt"), Value: look.Typed(b.Receipt)})
	}
	if b.List != 0 {
		view.List = v.T("web.list", "number", b.List)
	}
	return v.show(page{title: view.Title, tab: tabAdministration, body: passingBatchBody(view), failed: problems != nil})
}

// passingBatchDo enters a receipt, tries again, or gives up.
func passingBatchDo(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	id, err := v.passingNumber()
	if err != nil {
		return err
	}
	said := "passing.notice.acknowledged"
	switch f.text("do") {
	case "acknowledge":
		err = v.house.Passing.Acknowledge(v.ctx(), v.actor, id, f.text("receipt"))
	case "again":
		said, err = "passing.notice.again", v.house.Passing.Again(v.ctx(), v.actor, id)
	case "give-up":
		said, err = "passing.notice.given_up", v.house.Passing.GiveUp(v.ctx(), v.actor, id)
	default:
		return errNotFound
	}
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.passingBatch(problems, f.text("receipt"))
	}
	return v.toWith(passingOf(v.r.PathValue("code")), said)
}

// passingFile is the file of a batch; one with members' fields is a list that whoever
// downloads it answers for (D12).
func passingFile(v *visit) error {
	id, err := v.passingNumber()
	if err != nil {
		return err
	}
	d, err := v.house.Passing.Export(v.ctx(), v.actor, id, v.p.Lang())
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.passingBatch(problems, "")
	}
	return v.deliver(d)
}
