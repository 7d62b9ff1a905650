package web

import (
	"mime"
	"net/http"
	"strconv"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/letter"
	"kartotek/internal/locale"
	"kartotek/internal/web/look"
)

// lettersShown is how many letters a page of the queue has.
const lettersShown = 50

// letterView is a letter as pages show it.
type letterView struct {
	letter.Line
	Written, Printed, Since civil.Date
	Tone                    look.Tone
	Due                     string // how its day stands
	Path                    string
}

// printable reports whether a letter can be printed as it is.
func (l letterView) printable() bool {
	return l.State == letter.Waiting && l.Trouble == "" && l.Name != "" && l.Body != ""
}

// lettersView is the print queue.
type lettersView struct {
	Problems look.Problems
	Queue    letter.Queue
	Waiting  []letterView
	Recent   []letterView
	Page     look.Pages
	Sheet    string
	Start    string
	Keep     int // days
	Because  look.Because
}

// printsLetters reports whether the hat is one that prints the house's letters.
func (v *visit) printsLetters() bool {
	return v.may(charter.Edit) && v.whole(charter.Edit)
}

func lettersPage(v *visit) error { return v.letters(v.query(), nil) }

func (v *visit) letters(f form, problems look.Problems) error {
	at := v.query().page()
	queue, err := v.house.Letters.List(v.ctx(), v.actor, true, at, lettersShown)
	if err != nil {
		return err
	}
	recent, err := v.house.Letters.List(v.ctx(), v.actor, false, 1, lettersShown)
	if err != nil {
		return err
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Edit})
	if err != nil {
		return err
	}
	view := lettersView{
		Problems: problems, Queue: queue, Waiting: v.letterViews(queue.Lines), Recent: v.letterViews(recent.Lines),
		Sheet: f.text("sheet"), Start: f.text("start"), Keep: v.house.Charter.LetterKeepDays, Because: v.becauseOf("letter", scope),
	}
	last := (queue.Waiting + lettersShown - 1) / lettersShown
	view.Page = look.Pages{Label: v.T("letter.pages"), Page: at, Last: last, URL: func(page int) string {
		return lettersPath + "?page=" + strconv.Itoa(page)
	}}
	return v.show(page{title: v.T("letter.title"), tab: tabLeaving, body: lettersBody(view), failed: problems != nil})
}

func (v *visit) letterViews(lines []letter.Line) []letterView {
	views := make([]letterView, len(lines))
	for i := range lines {
		views[i] = v.letterView(&lines[i])
	}
	return views
}

func (v *visit) letterView(l *letter.Line) letterView {
	today := v.house.Access.Today()
	view := letterView{
		Line: *l, Written: v.day(l.Letter.Written), Since: v.day(l.Letter.Since), Due: capitalised(v.p.Due(l.DueOn, today)), Path: letterPath(l.ID),
	}
	if !l.Letter.Printed.IsZero() {
		view.Printed = v.day(l.Letter.Printed)
	}
	if view.Subject == "" {
		view.Subject = v.T("letter.forgotten")
	}
	if view.Name == "" {
		view.Name = v.T("lists.gone")
	}
	switch left := l.DueOn.DaysSince(today); {
	case left < 0:
		view.Tone = look.Late
	case left <= 1:
		view.Tone = look.Soon
	default:
		view.Tone = look.Note
	}
	return view
}

// letterPath is the page of a letter. Its number says nothing of whom it is to.
func letterPath(id int64) string { return lettersPath + "/" + strconv.FormatInt(id, 10) }

// letters are the letters that were ticked.
func (f form) letters() (ids []int64) {
	for _, text := range f.values["id"] {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil && id > 0 {
			ids = append(ids, id)
		}
	}
	return ids
}

// lettersPrint answers with the letters that were ticked, or their labels, as one
// file.
func lettersPrint(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	wish := letter.Wish{IDs: f.letters(), Paper: letter.Paper(f.text("paper")), Sheet: f.text("sheet"), Lang: v.p.Lang()}
	if start := f.text("start"); start != "" {
		if wish.Start, err = strconv.Atoi(start); err != nil {
			wish.Start = -1
		}
	}
	if len(wish.IDs) == 0 { // nothing ticked is not everything
		return v.letters(f, look.Problems{{Field: "queue", Text: v.T("letter.error.nothing")}})
	}
	print, err := v.house.Letters.Print(v.ctx(), v.actor, wish)
	if err != nil {
		if fault.Is(err, fault.NotFound) {
			return v.letters(f, look.Explain(v.p, err))
		}
		problems, err := v.problems(err)
		if err != nil {
			return err
		}
		return v.letters(f, problems)
	}
	h := v.w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": print.FileName()}))
	out := &sent{Writer: v.w}
	switch err := print.Write(out); {
	case err == nil:
		return nil
	case !out.begun:
		h.Del("Content-Disposition")
		return err
	default:
		v.log.WarnContext(v.ctx(), "letters were not delivered whole", "error", err)
		panic(http.ErrAbortHandler)
	}
}

// lettersPosted notes that the letters that were ticked are on their way.
func lettersPosted(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	ids := f.letters()
	if len(ids) == 0 {
		return v.letters(f, look.Problems{{Field: "queue", Text: v.T("letter.error.nothing")}})
	}
	if err := v.house.Letters.Post(v.ctx(), v.actor, ids...); err != nil {
		return err
	}
	return v.toWith(lettersPath, "letter.notice.posted")
}

// letterPage is one letter, as it will be printed.
func letterPage(v *visit) error {
	line, err := v.house.Letters.Read(v.ctx(), v.actor, v.letterAsked())
	if err != nil {
		return err
	}
	view := v.letterView(&line)
	title := v.T("letter.numbered", "number", line.ID)
	return v.show(page{title: title, tab: tabLeaving, body: letterBody(title, view)})
}

func (v *visit) letterAsked() int64 {
	id, _ := strconv.ParseInt(v.r.PathValue("letter"), 10, 64)
	return id
}

func letterReturned(v *visit) error {
	id := v.letterAsked()
	if err := v.house.Letters.Return(v.ctx(), v.actor, id); err != nil {
		return err
	}
	return v.toWith(lettersPath, "letter.notice.returned", id)
}

func letterAgain(v *visit) error {
	id := v.letterAsked()
	if err := v.house.Letters.Again(v.ctx(), v.actor, id); err != nil {
		return err
	}
	return v.toWith(lettersPath, "letter.notice.again", id)
}

func letterDrop(v *visit) error {
	id := v.letterAsked()
	if err := v.house.Letters.Drop(v.ctx(), v.actor, id); err != nil {
		return err
	}
	return v.toWith(lettersPath, "letter.notice.dropped", id)
}

// state is how a letter that left the queue stands.
func (l letterView) state(p *locale.Printer) string {
	return p.T("letter.state." + string(l.State))
}
