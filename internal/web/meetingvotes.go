package web

import (
	"net/url"
	"strconv"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/meeting"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

func pollPath(number int64, line int) string {
	return meetingPath(number) + "/votes/" + strconv.Itoa(line)
}

// pollView is one vote: who stands, the count, and what comes of it.
type pollView struct {
	Problems  look.Problems
	Path      string
	Meeting   string
	Back      string
	Title     string
	Lead      string
	Rule      string
	Tone      look.Tone
	State     string
	Question  bool
	Stand     []standRow
	Find      finding
	Adds      bool
	Counts    bool
	Recount   bool
	Fields    []look.Field
	Counters  [2]look.Select
	Most      int
	Alone     *look.Check // elected without a vote
	Result    look.Rows
	Lot       *look.Choices // of those with equal votes
	Again     string        // what voting again would be about
	Drops     bool
	NotOpen   bool
	Present   bool // somebody could count
	CountedBy []string
}

type standRow struct {
	Name, Votes string
	Tone        look.Tone
	State       string
	Withdraw    *look.PostButton
}

// meetingPoll is one vote.
func meetingPoll(v *visit) error { return v.poll(v.query(), nil) }

// pollAsked is the vote an address names.
func (v *visit) pollAsked() (meeting.Meeting, *meeting.Poll, access.Scope, error) {
	m, scope, err := v.meetingAsked()
	if err != nil {
		return m, nil, scope, err
	}
	line, err := strconv.Atoi(v.r.PathValue("line"))
	for i := range m.Polls {
		if err == nil && m.Polls[i].Line == line {
			return m, &m.Polls[i], scope, nil
		}
	}
	return m, nil, scope, errNotFound
}

func (v *visit) poll(f form, problems look.Problems) error {
	m, p, scope, err := v.pollAsked()
	if err != nil {
		return err
	}
	all, counted, names, err := v.candidates(scope, &m)
	if err != nil {
		return err
	}
	var stand []meeting.Candidate
	for _, c := range all {
		if c.Line == p.Line {
			stand = append(stand, c)
		}
	}
	call := v.house.Meetings.MayCall(v.actor, m.Unit)
	waiting := p.State == meeting.Waiting
	view := pollView{
		Problems: problems, Path: pollPath(m.Number, p.Line), Meeting: v.T("meeting.kind." + string(m.Kind)), Back: meetingPath(m.Number), Title: v.pollName(p),
		Lead: v.unitName(m.Unit) + " · " + v.p.Date(m.Day), Rule: v.house.Meetings.CountRule(v.p), Tone: pollTone(p.State), State: v.T("meeting.poll." + string(p.State)),
		Question: p.Question(), Adds: call && waiting && !m.State.Over() && !p.Question(), Most: m.Most(),
		Drops: call && waiting && !m.State.Over(), NotOpen: call && waiting && m.State != meeting.Held && !m.State.Over(),
	}
	again := false
	for i := range m.Polls {
		again = again || m.Polls[i].Again == p.Line
	}
	view.Counts = call && m.State == meeting.Held && !again && p.State != meeting.Dropped
	view.Recount = view.Counts && !waiting
	unopposed := !p.Question() && !waiting && p.Cast == 0
	for i := range stand {
		c := &stand[i]
		row := standRow{Name: v.nameOf(names, c.Person), Tone: look.Calm}
		if !waiting && !unopposed {
			row.Votes = v.p.Number(c.Votes)
		}
		switch {
		case c.Elected:
			row.Tone, row.State = look.OK, v.T("meeting.count.elected")
		case c.Tied:
			row.Tone, row.State = look.Soon, v.T("meeting.count.tied")
		}
		if view.Adds {
			row.Withdraw = &look.PostButton{
				Button: look.Button{Text: v.T("meeting.vote.withdraw"), About: row.Name, Kind: look.Quiet, Small: true}, Action: view.Path + "/withdraw",
				Values: []look.Value{{Name: "person", Value: v.public(c.Person)}},
			}
		}
		view.Stand = append(view.Stand, row)
	}
	if view.Adds {
		search, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Search, Unit: m.Unit})
		if err != nil {
			return err
		}
		if view.Find, err = v.lookFor(search, f, problems); err != nil {
			return err
		}
		view.Problems = findable(problems, view.Find)
	}
	if !waiting && p.State != meeting.Dropped {
		view.Result = v.pollResult(p, unopposed)
		for _, person := range counted[p.Line] {
			view.CountedBy = append(view.CountedBy, v.nameOf(names, person))
		}
	}
	if view.Counts {
		if err := v.countForm(&view, &m, p, stand, names, f, problems); err != nil {
			return err
		}
		if again := p.State == meeting.Tied || p.State == meeting.Short; again {
			v.settling(&view, p, stand, names)
		}
	}
	return v.show(page{title: view.Title, tab: tabHome, body: pollBody(view), failed: problems != nil})
}

// pollResult is what was counted.
func (v *visit) pollResult(p *meeting.Poll, unopposed bool) look.Rows {
	rows := look.Rows{{Term: v.T("meeting.count.result"), Value: look.Strong(v.T("meeting.poll." + string(p.State)))}}
	if unopposed {
		return append(rows, look.Row{Term: v.T("meeting.count.how"), Value: look.Text(v.T("meeting.paper.unopposed"))})
	}
	number := func(key string, n int) {
		rows = append(rows, look.Row{Term: v.T("meeting.count." + key), Value: look.Text(v.p.Number(n))})
	}
	if p.Question() {
		number("yes", p.Yes)
		number("no", p.No)
	}
	number("handed", p.Handed)
	number("cast", p.Cast)
	number("blank", p.Blank)
	number("invalid", p.Invalid)
	return rows
}

// countForm is where the numbers are entered.
func (v *visit) countForm(view *pollView, m *meeting.Meeting, p *meeting.Poll, stand []meeting.Candidate, names map[vault.PersonID]string, f form, problems look.Problems) error {
	field := func(name, label, hint string, value int) {
		at := look.Field{Name: name, Label: label, Hint: hint, Value: f.text(name), Error: problems.For(name), Input: look.NumInput, Width: look.Short, Autocomplete: "off"}
		if !f.has(name) && value >= 0 {
			at.Value = strconv.Itoa(value)
		}
		view.Fields = append(view.Fields, at)
	}
	was := func(n int) int {
		if p.State == meeting.Waiting {
			return -1
		}
		return n
	}
	handed := p.Handed
	if p.State == meeting.Waiting {
		handed = m.Most()
	}
	field("handed", v.T("meeting.count.handed"), v.T("meeting.count.handed_hint", "most", m.Most()), handed)
	field("cast", v.T("meeting.count.cast"), "", was(p.Cast))
	if p.Question() {
		field("yes", v.T("meeting.count.yes"), "", was(p.Yes))
		field("no", v.T("meeting.count.no"), "", was(p.No))
	}
	for i := range stand {
		field("votes-"+strconv.Itoa(i), v.T("meeting.count.votes", "name", v.nameOf(names, stand[i].Person)), "", was(stand[i].Votes))
	}
	field("blank", v.T("meeting.count.blank"), "", max(was(p.Blank), 0))
	field("invalid", v.T("meeting.count.invalid"), "", max(was(p.Invalid), 0))
	if !p.Question() && len(stand) > 0 && len(stand) <= p.Seats {
		view.Alone = &look.Check{Name: "unopposed", Text: v.T("meeting.count.unopposed"), Hint: v.T("meeting.count.unopposed_hint"), Checked: f.has("unopposed"), Error: problems.For("unopposed")}
	}
	here, err := v.house.Meetings.Roll(v.ctx(), v.actor, m.Number, meeting.Look{Here: true, Size: 1000})
	if err != nil {
		return err
	}
	for i := range view.Counters {
		name := "counter-" + strconv.Itoa(i+1)
		s := look.Select{Name: name, Label: v.T("meeting.count.counter", "number", i+1), Value: f.text(name), Error: problems.For(name), Options: []look.Option{{Text: v.T("meeting.count.choose")}}}
		for _, l := range here.Lines {
			stands := false
			for _, c := range stand {
				stands = stands || c.Person == l.Person
			}
			if !stands {
				s.Options = append(s.Options, look.Option{Value: v.public(l.Person), Text: l.Name})
			}
		}
		view.Present = len(s.Options) > 2
		view.Counters[i] = s
	}
	return nil
}

// settling is what can be done about seats that a vote left unfilled.
func (v *visit) settling(view *pollView, p *meeting.Poll, stand []meeting.Candidate, names map[vault.PersonID]string) {
	open := p.Seats
	for i := range stand {
		if stand[i].Elected {
			open--
		}
	}
	if p.State == meeting.Tied && v.house.Charter.Meetings.Tie == charter.TieLot {
		c := look.Choices{Name: "drawn", Legend: v.T("meeting.count.lot", "count", open), Many: open > 1, Error: view.Problems.For("drawn")}
		for i := range stand {
			if stand[i].Tied {
				c.Options = append(c.Options, look.Choice{Value: v.public(stand[i].Person), Text: v.nameOf(names, stand[i].Person)})
			}
		}
		view.Lot = &c
		return
	}
	view.Again = v.T("meeting.count.again_text", "count", open)
}

// meetingStand looks for a candidate, or writes down that they stand.
func meetingStand(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	if f.text("do") == "find" {
		return v.poll(f, v.nothingTyped(f))
	}
	person, problems := v.chosen(f)
	if problems != nil {
		return v.poll(f, problems)
	}
	return v.pollAct(f, "meeting.notice.stands", func(m *meeting.Meeting, p *meeting.Poll) error {
		return v.house.Meetings.Stand(v.ctx(), v.actor, m.Number, p.Line, person)
	})
}

// pollAct does something about a vote and shows it again.
func (v *visit) pollAct(f form, said string, act func(m *meeting.Meeting, p *meeting.Poll) error) error {
	m, p, _, err := v.pollAsked()
	if err != nil {
		return err
	}
	problems, err := v.problems(act(&m, p))
	if err != nil {
		return err
	}
	if problems != nil {
		return v.poll(f, problems)
	}
	return v.toWith(pollPath(m.Number, p.Line), said)
}

// meetingWithdraw takes back that somebody stands.
func meetingWithdraw(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	person, known := v.house.Keyring.PersonOf(f.text("person"))
	if !known {
		return errNotFound
	}
	return v.pollAct(f, "meeting.notice.withdrawn", func(m *meeting.Meeting, p *meeting.Poll) error {
		return v.house.Meetings.Withdraw(v.ctx(), v.actor, m.Number, p.Line, person)
	})
}

// meetingCount enters what was counted.
func meetingCount(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	return v.pollAct(f, "meeting.notice.counted", func(m *meeting.Meeting, p *meeting.Poll) error {
		_, _, scope, err := v.pollAsked()
		if err != nil {
			return err
		}
		all, _, err := v.house.Meetings.Candidates(v.ctx(), scope, m)
		if err != nil {
			return err
		}
		number := func(name string) int {
			n, err := strconv.Atoi(f.text(name))
			if err != nil && f.text(name) != "" {
				return -1
			}
			return n
		}
		t := meeting.Tally{
			Handed: number("handed"), Cast: number("cast"), Blank: number("blank"), Invalid: number("invalid"), Yes: number("yes"), No: number("no"),
			Unopposed: f.has("unopposed"), Votes: map[vault.PersonID]int{},
		}
		i := 0
		for _, c := range all {
			if c.Line == p.Line {
				t.Votes[c.Person] = number("votes-" + strconv.Itoa(i))
				i++
			}
		}
		for i := range t.Counters {
			t.Counters[i], _ = v.house.Keyring.PersonOf(f.text("counter-" + strconv.Itoa(i+1)))
		}
		_, err = v.house.Meetings.Count(v.ctx(), v.actor, m.Number, p.Line, t)
		return err
	})
}

// meetingLot enters how a tie was settled by lot.
func meetingLot(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	var drawn []vault.PersonID
	for _, id := range f.values["drawn"] {
		if person, known := v.house.Keyring.PersonOf(id); known {
			drawn = append(drawn, person)
		}
	}
	return v.pollAct(f, "meeting.notice.counted", func(m *meeting.Meeting, p *meeting.Poll) error {
		_, err := v.house.Meetings.Settle(v.ctx(), v.actor, m.Number, p.Line, drawn)
		return err
	})
}

// meetingAgain has a vote held again, and shows the new one.
func meetingAgain(v *visit) error {
	m, p, _, err := v.pollAsked()
	if err != nil {
		return err
	}
	m, err = v.house.Meetings.Again(v.ctx(), v.actor, m.Number, p.Line)
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.poll(form{url.Values{}}, problems)
	}
	return v.toWith(pollPath(m.Number, m.Polls[len(m.Polls)-1].Line), "meeting.notice.again")
}

// meetingDrop strikes a vote that is not held.
func meetingDrop(v *visit) error {
	m, p, _, err := v.pollAsked()
	if err != nil {
		return err
	}
	_, err = v.house.Meetings.Drop(v.ctx(), v.actor, m.Number, p.Line)
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.poll(form{url.Values{}}, problems)
	}
	return v.toWith(meetingPath(m.Number), "meeting.notice.dropped")
}
