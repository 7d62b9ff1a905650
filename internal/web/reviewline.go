package web

import (
	"strconv"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/review"
	"kartotek/internal/web/look"
)

// foundRow is one finding, with what to do about it.
type foundRow struct {
	Words, Remedy string
	New           string
}

// reviewLineView is one access with what was frozen about it.
type reviewLineView struct {
	Problems look.Problems
	Path     string
	Name     string
	Role     string
	Body     string
	Back     string
	BackName string
	Tone     look.Tone
	State    string
	Evidence look.Rows
	Now      look.Rows // where it stands otherwise today
	Found    []foundRow
	Answered look.Rows
	Answer   bool
	Own      bool
	Wants    bool // confirming wants a reason
	Loses    []string
	Keeps    string // what else the person holds
	Reason   string
	Why      string
	Undo     bool
	Grounds  string
	Opened   civil.Date
}

func (v *visit) reviewLineNumber() (int64, error) {
	id, err := strconv.ParseInt(v.r.PathValue("line"), 10, 64)
	if err != nil {
		return 0, errNotFound
	}
	return id, nil
}

func reviewLinePage(v *visit) error { return v.reviewLine("", "", nil) }

func (v *visit) reviewLine(reason, why string, problems look.Problems) error {
	id, err := v.reviewLineNumber()
	if err != nil {
		return err
	}
	sheet, l, err := v.house.Reviews.Line(v.ctx(), v.actor, id)
	if err != nil {
		return err
	}
	rooms := v.house.Reviews
	row := v.reviewRowOf(&sheet, &l)
	view := reviewLineView{
		Problems: problems, Path: lineOfReview(id), Name: row.Name, Role: row.Role, Body: rooms.BodyName(v.p, l.Unit), Back: v.reviewBodyPath(l.Review, l.Unit),
		Tone: row.Tone, State: row.State, Reason: reason, Why: why, Opened: v.day(sheet.Review.OpenedAt),
		Undo: rooms.Undoable(v.actor, &sheet.Review, &l), Own: l.Evidence != nil && l.Person == v.actor.Person,
	}
	view.BackName = v.T("review.page.number", "number", l.Review)
	view.Answer = !l.State.Settled() && rooms.Answers(v.actor, &sheet.Review, &l)
	for i := range l.Findings() {
		f := &l.Evidence.Findings[i]
		found := foundRow{Words: f.Words(v.p), Remedy: f.Remedy(v.p)}
		if f.First != l.Review {
			found.New = v.T("review.page.since", "number", f.First)
		}
		view.Found = append(view.Found, found)
	}
	view.Wants = len(view.Found) > 0
	if l.Evidence != nil {
		v.reviewEvidence(&view, &l)
	}
	if a := l.Answer; a != nil {
		by := v.T("review.page.itself")
		if a.By != 0 {
			by = v.nameOf(sheet.Names, a.By)
		}
		view.Answered = look.Rows{{Term: v.T("review.page.answer"), Value: look.Strong(row.State)}, {Term: v.T("review.page.who"), Value: look.Text(by), Note: v.p.Date(v.day(a.At))}}
		if a.Reason != "" {
			view.Answered = append(view.Answered, look.Row{Term: v.T("review.record.reason"), Value: look.Text(a.Reason)})
		}
	}
	return v.show(page{title: view.Name, tab: tabAccess, body: reviewLineBody(view), failed: problems != nil})
}

// reviewEvidence fills in what was frozen, and where it stands otherwise today.
func (v *visit) reviewEvidence(view *reviewLineView, l *review.Line) {
	e := l.Evidence
	none := v.T("review.page.none")
	date := func(d civil.Date) string {
		if d.IsZero() {
			return v.T("review.page.not_since", "date", e.Known)
		}
		return v.p.Date(d)
	}
	until := v.T("review.page.no_end")
	if !e.Until.IsZero() {
		until = v.p.Date(e.Until)
	}
	ground := e.Ground
	if ground == "" {
		ground = none
	}
	factor := v.T("review.page.no_factor")
	var kinds []string
	for _, kind := range e.Factors {
		kinds = append(kinds, v.T("review.factor."+kind))
	}
	if len(kinds) > 0 {
		factor = v.p.List(kinds)
	}
	view.Evidence = look.Rows{
		{Term: v.T("review.record.from"), Value: look.Text(v.p.Date(e.From))},
		{Term: v.T("review.record.until"), Value: look.Text(until)},
		{Term: v.T("review.record.ground"), Value: look.Text(ground)},
		{Term: v.T("review.record.signed_in"), Value: look.Text(date(e.SignedIn))},
		{Term: v.T("review.record.used"), Value: look.Text(date(e.Used))},
		{Term: v.T("review.record.factor"), Value: look.Text(factor)},
		{Term: v.T("review.page.lists"), Value: look.Text(v.T("review.page.lists_text", "pulled", e.Lists.Pulled, "destroyed", e.Lists.Destroyed, "open", e.Lists.Open, "overdue", e.Lists.Overdue))},
	}
	if e.Seats > 0 || e.Taken > 0 {
		view.Evidence = append(view.Evidence, look.Row{Term: v.T("review.page.seats"), Value: look.Text(v.T("review.page.seats_text", "taken", e.Taken, "seats", e.Seats, "members", e.Members))})
	}
	if e.Case != 0 {
		view.Grounds = grantPath(e.Case)
	}
	live := v.house.Reviews.Live(l)
	switch {
	case !live.There:
		view.Now = look.Rows{{Term: v.T("review.page.now"), Value: look.Strong(v.T("review.page.gone"))}}
	case !live.Halted.IsZero():
		view.Now = look.Rows{{Term: v.T("review.page.now"), Value: look.Strong(v.T("rights.state.halted", "date", live.Halted))}}
	}
	if live.There && live.Changed {
		now := v.T("review.page.no_end")
		if !live.Until.IsZero() {
			now = v.p.Date(live.Until)
		}
		view.Now = append(view.Now, look.Row{Term: v.T("review.page.until_now"), Value: look.Strong(now)})
	}
	for _, code := range e.May.Codes() {
		view.Loses = append(view.Loses, v.T("access.act."+code))
	}
	var held []string
	for i := range live.Others {
		held = append(held, v.house.Reviews.Role(v.p, live.Others[i].Basis))
	}
	if len(held) > 0 {
		view.Keeps = v.p.List(held)
	}
}

// reviewAnswer confirms or ends one access.
func reviewAnswer(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	id, err := v.reviewLineNumber()
	if err != nil {
		return err
	}
	to, reason, said := review.Confirmed, f.text("reason"), "review.notice.answered"
	if f.text("do") == "end" {
		to, reason, said = review.Ended, f.text("why"), "review.notice.ended"
	}
	l, err := v.house.Reviews.Answer(v.ctx(), v.actor, id, to, reason)
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		if to == review.Ended {
			for i := range problems {
				if problems[i].Field == "reason" {
					problems[i].Field = "why"
				}
			}
		}
		return v.reviewLine(f.text("reason"), f.text("why"), problems)
	}
	return v.toWith(v.reviewBodyPath(l.Review, l.Unit), said)
}

// reviewUndo takes an answer back.
func reviewUndo(v *visit) error {
	id, err := v.reviewLineNumber()
	if err != nil {
		return err
	}
	if _, err := v.house.Reviews.Undo(v.ctx(), v.actor, id); err != nil {
		return err
	}
	return v.toWith(lineOfReview(id), "review.notice.undone")
}

// answersReviews reports whether the hat answers in reviews anywhere.
func (v *visit) answersReviews() bool {
	_, err := v.house.Access.Decide(v.actor, access.Want{Act: charter.LookThrough})
	return err == nil
}
