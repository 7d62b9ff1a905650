package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/meeting"
	"kartotek/internal/member"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

const handoverAt = accessPath + "/handover"

func handoverPath(body string) string { return handoverAt + "?" + url.Values{"unit": {body}}.Encode() }

// handoverView is a whole board on one page.
type handoverView struct {
	Problems   look.Problems
	Body       unit.Unit
	Bodies     []look.Option
	Met, Moves string
	Ground     string
	Lines      []seatLine
	Reading    int64
	Meeting    string // that elected the board
	Back       string
	Preview    *handoverPreview
}

// seatLine is one seat, and what the meeting decided about it.
type seatLine struct {
	I             int
	Code, Post    string
	Holding       string
	Holder        string // "" where the seat is free
	Term          string
	Do            look.Choices
	Query         string
	Persons       look.Choices
	Asked         bool
	Until         string
	Lists         int
	Pass          bool
	PersonProblem string
	UntilProblem  string
}

// handoverPreview is everything that will happen.
type handoverPreview struct {
	Moments look.Then
	Stays   []string
	Values  []look.Value
}

func seatField(name string, i int) string { return name + "-" + strconv.Itoa(i) }

// handoverPage shows the board as it is, ready for what the meeting decided.
func handoverPage(v *visit) error {
	if number := v.query().number("meeting"); number != 0 {
		return v.elected(number)
	}
	body, err := v.bodyAsked(v.query().text("unit"))
	if err != nil {
		return err
	}
	today := v.p.ShortDate(v.house.Access.Today())
	return v.handoverForm(body, form{url.Values{"met": {today}, "moves": {today}}}, nil)
}

// seatsOf are the seats of a body, those filled first in each post.
func (v *visit) seatsOf(scope access.Scope, body unit.Unit) ([]access.Line, []access.Holding, error) {
	return meeting.Seats(v.house.Charter, v.house.Access, scope, body, v.house.Members.Count(body.ID))
}

// elected fills the form with what a meeting has decided: the persons by member number,
// since nothing of anybody stands in an address.
func (v *visit) elected(number int64) error {
	m, _, err := v.house.Meetings.Get(v.ctx(), v.actor, number)
	if err != nil {
		return err
	}
	body, _ := v.house.Units.Tree().ByID(m.Unit)
	board, err := v.house.Meetings.Board(v.ctx(), v.actor, number, v.house.Access.Today())
	if err != nil {
		return err
	}
	f := form{url.Values{
		"met": {v.p.ShortDate(board.Met)}, "moves": {v.p.ShortDate(board.Moves)}, "meeting": {strconv.FormatInt(number, 10)}, "line-0": {""},
		"ground": {v.T("rights.handover.elected", "date", board.Met)},
	}}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Search, Unit: body.ID})
	if err != nil {
		return err
	}
	for i := range board.Lines {
		l := &board.Lines[i]
		f.values.Set(seatField("do", i), string(l.Do))
		if l.Pass {
			f.values.Set(seatField("pass", i), "yes")
		}
		if !l.Until.IsZero() {
			f.values.Set(seatField("until", i), v.p.ShortDate(l.Until))
		}
		if l.Do == access.Fresh {
			number, err := v.house.Members.NumberOf(scope, l.Person)
			if err != nil {
				return err
			}
			f.values.Set(seatField("q", i), number)
			f.values.Set(seatField("person", i), v.public(l.Person))
		}
	}
	return v.handoverForm(body, f, nil)
}

// handoverForm shows the form, filled as it came.
func (v *visit) handoverForm(body unit.Unit, f form, problems look.Problems) error {
	view, err := v.handoverView(body, f, problems)
	if err != nil {
		return err
	}
	return v.show(page{title: v.T("rights.handover.title"), tab: tabAccess, body: handoverBody(*view), failed: problems != nil})
}

func (v *visit) handoverView(body unit.Unit, f form, problems look.Problems) (*handoverView, error) {
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Appoint, Unit: body.ID})
	if err != nil {
		return nil, err
	}
	lines, held, err := v.seatsOf(scope, body)
	if err != nil {
		return nil, err
	}
	var persons []vault.PersonID
	for i := range held {
		if held[i].Person != 0 {
			persons = append(persons, held[i].Person)
		}
	}
	names, err := v.house.Members.Names(v.ctx(), scope, persons)
	if err != nil {
		return nil, err
	}
	open, err := v.house.Extracts.OpenWith(v.ctx(), scope, body.ID)
	if err != nil {
		return nil, err
	}
	view := &handoverView{
		Problems: problems, Body: body, Bodies: v.bodyOptions(charter.Appoint), Met: f.text("met"), Moves: f.text("moves"), Ground: f.text("ground"),
		Back: bodyAccessPath(body.Code), Reading: f.number("reading"), Meeting: f.text("meeting"),
	}
	moves, _ := f.date("moves")
	for i := range lines {
		l, h := &lines[i], &held[i]
		post, _ := v.house.Charter.Post(l.Post)
		s := seatLine{
			I: i, Code: l.Post, Post: post.Name.In(v.p.Lang()), Query: f.text(seatField("q", i)), Until: f.text(seatField("until", i)),
			Pass: f.has(seatField("pass", i)), PersonProblem: problems.For(seatField("person", i)), UntilProblem: problems.For(seatField("until", i)),
		}
		ways := []access.Choice{access.Fresh, access.Vacant}
		if h.Person != 0 {
			s.Holding, s.Holder, s.Lists = strconv.FormatUint(h.Basis.ID, 10), v.nameOf(names, h.Person), open[h.Person]
			s.Term = v.termText(h.Basis)
			ways = access.Choices
		}
		if !f.has("line-0") { // the first time
			s.Pass = true
			if end := access.EndOfTerm(post, moves); !end.IsZero() && !moves.IsZero() {
				s.Until = v.p.ShortDate(end)
			}
		}
		chosen := access.Choice(f.text(seatField("do", i)))
		if !slices.Contains(ways, chosen) {
			chosen = l.Do
		}
		s.Do = look.Choices{Name: seatField("do", i), Legend: v.T("rights.handover.what"), Across: true, Error: problems.For(seatField("post", i))}
		for _, way := range ways {
			key := "rights.handover.do." + string(way)
			if h.Person == 0 && way == access.Vacant {
				key = "rights.handover.do.free"
			}
			s.Do.Options = append(s.Do.Options, look.Choice{Value: string(way), Text: v.T(key), Checked: way == chosen})
		}
		if err := v.findFor(&s, body, f, view); err != nil {
			return nil, err
		}
		view.Lines = append(view.Lines, s)
	}
	return view, nil
}

// termText is the days of a right.
func (v *visit) termText(b access.Basis) string {
	if b.Until.IsZero() {
		return v.T("rights.handover.since", "from", b.From)
	}
	return v.T("rights.handover.term", "from", b.From, "until", b.Until)
}

// findFor looks for the new holder of a seat, by what was typed in its line.
func (v *visit) findFor(s *seatLine, body unit.Unit, f form, view *handoverView) error {
	s.Persons = look.Choices{Name: seatField("person", s.I), Legend: v.T("rights.find.found")}
	if s.Query == "" {
		return nil
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Search, Unit: body.ID})
	if err != nil {
		return err
	}
	s.Asked = true
	hits, err := v.house.Members.Search(v.ctx(), scope, member.Query{Text: s.Query, Size: findShown, Reading: view.Reading})
	if err != nil {
		return err
	}
	view.Reading = hits.Reading
	for i := range hits.Rows {
		h := &hits.Rows[i]
		id := v.public(h.Person)
		s.Persons.Options = append(s.Persons.Options, look.Choice{
			Value: id, Text: h.Name(), Hint: v.T("rights.find.number", "number", h.Number),
			Checked: id == f.text(seatField("person", s.I)) || len(hits.Rows) == 1,
		})
	}
	return nil
}

// boardOf reads what the form says the meeting decided.
func (v *visit) boardOf(body unit.Unit, f form) (access.Board, look.Problems) {
	b := access.Board{Unit: body.ID, Ground: f.text("ground")}
	var problems look.Problems
	read := func(name string) civil.Date {
		d, ok := f.date(name)
		if !ok {
			problems = append(problems, look.Problem{Field: name, Text: v.T("fault.field.date")})
		}
		return d
	}
	b.Met, b.Moves = read("met"), read("moves")
	if b.Ground == "" {
		b.Ground = v.T("rights.handover.elected", "date", b.Met)
	}
	for i := 0; f.has(seatField("line", i)) && i < 200; i++ {
		l := access.Line{Post: f.text(seatField("line", i)), Do: access.Choice(f.text(seatField("do", i))), Pass: f.has(seatField("pass", i))}
		l.Holding, _ = strconv.ParseUint(f.text(seatField("holding", i)), 10, 64)
		if l.Do == access.Fresh || l.Do == access.Again {
			l.Until = read(seatField("until", i))
		}
		if l.Do == access.Fresh {
			l.Person, _ = v.house.Keyring.PersonOf(f.text(seatField("person", i)))
		}
		b.Lines = append(b.Lines, l)
	}
	return b, problems
}

// handover finds people, shows what will happen, or hands the board over.
func handover(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	body, err := v.bodyAsked(f.text("unit"))
	if err != nil {
		return err
	}
	if do := f.text("do"); do == "find" || do == "edit" {
		return v.handoverForm(body, f, nil)
	}
	board, problems := v.boardOf(body, f)
	if problems == nil {
		var plans []access.Plan
		if f.text("do") == "act" {
			plans, err = v.house.Access.HandOver(v.ctx(), v.actor, board)
		} else {
			plans, err = v.house.Access.Preview(v.ctx(), v.actor, board)
		}
		if problems, err = v.problems(err); err != nil {
			return err
		}
		if problems == nil && f.text("do") == "act" {
			if number := f.number("meeting"); number != 0 {
				if _, err := v.house.Meetings.BoardEntered(v.ctx(), v.actor, number); err != nil && !fault.Is(err, fault.Conflict) { // it was noted already
					return err
				}
				return v.toWith(v.stillOpen(body.ID, meetingPath(number)), "rights.notice.handed_over")
			}
			return v.toWith(v.stillOpen(body.ID, bodyAccessPath(body.Code)), "rights.notice.handed_over")
		}
		if problems == nil {
			return v.handoverPreview(body, f, &plans[0])
		}
	}
	return v.handoverForm(body, f, problems)
}

// handoverPreview says everything that will happen, and asks once more.
func (v *visit) handoverPreview(body unit.Unit, f form, plan *access.Plan) error {
	view, err := v.handoverView(body, f, nil)
	if err != nil {
		return err
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Appoint, Unit: body.ID})
	if err != nil {
		return err
	}
	var persons []vault.PersonID
	for i := range plan.Leaves {
		persons = append(persons, plan.Leaves[i].Person)
	}
	for i := range plan.Begins {
		persons = append(persons, plan.Begins[i].Person)
	}
	names, err := v.house.Members.Names(v.ctx(), scope, persons)
	if err != nil {
		return err
	}
	p := &handoverPreview{Moments: v.moments(view, plan, names)}
	for _, s := range view.Lines {
		if chosen := access.Choice(f.text(seatField("do", s.I))); chosen == access.Keep {
			p.Stays = append(p.Stays, s.Holder+", "+lowered(s.Post))
		}
	}
	for name := range f.values {
		if name != "do" {
			p.Values = append(p.Values, look.Value{Name: name, Value: f.text(name)})
		}
	}
	slices.SortFunc(p.Values, func(a, b look.Value) int { return strings.Compare(a.Name, b.Name) })
	view.Preview = p
	return v.show(page{title: v.T("rights.handover.preview"), tab: tabAccess, body: handoverBody(*view)})
}

// moments are the plan in the order it happens.
func (v *visit) moments(view *handoverView, plan *access.Plan, names map[vault.PersonID]string) look.Then {
	type dated struct {
		on civil.Date
		m  look.Moment
	}
	var all []dated
	today := v.house.Access.Today()
	again := map[int]bool{}
	for i := range plan.Begins {
		again[plan.Begins[i].Line] = plan.Begins[i].Again
	}
	for i := range plan.Leaves {
		l := &plan.Leaves[i]
		if again[l.Line] && !l.Cover {
			continue // goes on in the new term
		}
		what := v.nameOf(names, l.Person) + ", " + lowered(v.postName(l.Basis)) + "."
		lead := v.T("rights.handover.then.ends")
		switch {
		case l.Cover:
			lead = v.T("rights.handover.then.cover_ends")
		case !l.Access:
			lead = v.T("rights.handover.then.post_ends")
		case l.Last.Before(today):
			lead = v.T("rights.handover.then.ends_now")
		}
		s := &view.Lines[l.Line]
		if s.Lists > 0 && !l.Cover {
			key := "rights.handover.then.lists_stay"
			if plan.Board.Lines[l.Line].Pass && plan.Board.Lines[l.Line].Do == access.Fresh {
				key = "rights.handover.then.lists_pass"
			}
			what += " " + v.T(key, "count", s.Lists)
		}
		m := look.Moment{When: look.ShortDate(l.Last), Note: v.T("rights.handover.then.last"), Lead: lead, Text: what}
		if l.Last.Before(today) {
			m.When, m.Note = look.Text(v.T("rights.handover.then.now")), ""
		}
		all = append(all, dated{l.Last, m})
	}
	for i := range plan.Begins {
		n := &plan.Begins[i]
		post, _ := v.house.Charter.Post(n.Post)
		lead := v.T("rights.handover.then.begins")
		switch {
		case n.Again:
			lead = v.T("rights.handover.then.again")
		case !n.Access:
			lead = v.T("rights.handover.then.post_begins")
		}
		what := v.nameOf(names, n.Person) + ", " + lowered(post.Name.In(v.p.Lang())) + ". "
		if n.Until.IsZero() {
			what += v.T("rights.handover.then.no_end")
		} else {
			what += v.T("rights.handover.then.until", "date", n.Until)
		}
		all = append(all, dated{n.From, look.Moment{When: look.ShortDate(n.From), Lead: lead, Text: what}})
	}
	slices.SortStableFunc(all, func(a, b dated) int { return a.on.DaysSince(b.on) })
	var then look.Then
	for _, d := range all {
		then = append(then, d.m)
	}
	return then
}

// stillOpen is a page of a body, or the front page for whoever has just handed over
// what opened it.
func (v *visit) stillOpen(body unit.ID, page string) string {
	if _, err := v.house.Access.Decide(v.actor, access.Want{Act: charter.Access, Unit: body}); err != nil {
		return homePath
	}
	return page
}
