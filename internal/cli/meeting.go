package cli

import (
	"context"
	"encoding/json"
	"io"
	"strconv"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/meeting"
	"kartotek/internal/vault"
)

type meetingPlanCommand struct {
	inHouse
	asWho
	Unit string         `required:"" placeholder:"CODE"`
	Kind string         `enum:"ordinary,extraordinary" default:"ordinary" placeholder:"KIND"`
	On   day            `required:"" placeholder:"DATE"`
	At   string         `default:"19:00" placeholder:"TIME"`
	Seat map[string]int `placeholder:"POST=SEATS"`
}

type meetingListCommand struct {
	inHouse
	asWho
	Unit string `placeholder:"CODE"`
}

// ofMeeting is the meeting a command is about.
type ofMeeting struct {
	asWho
	Meeting int64 `arg:"" name:"MEETING"`
}

type meetingShowCommand struct {
	inHouse
	ofMeeting
}

type meetingNoticeCommand struct {
	inHouse
	ofMeeting
	Sent day `placeholder:"DATE"`
}

type meetingOpenCommand struct {
	inHouse
	ofMeeting
}

type meetingCancelCommand struct {
	inHouse
	ofMeeting
}

type meetingRollCommand struct {
	ofMeeting
	Output string `short:"o" placeholder:"FILE"`
	Force  bool
}

func (c *meetingRollCommand) needs() []wish {
	if c.Output == "" {
		return nil
	}
	return []wish{{part: "output", path: c.Output, write: true, force: c.Force}}
}

type meetingMarkCommand struct {
	inHouse
	ofMeeting
	Member string `arg:"" name:"MEMBER-NO"`
	Tick   string `enum:"came,without,left,undone" default:"came" placeholder:"TICK"`
}

type meetingStandCommand struct {
	inHouse
	ofMeeting
	Member string `arg:"" name:"MEMBER-NO"`
	Vote   int    `required:"" placeholder:"VOTE"`
}

type meetingCountCommand struct {
	inHouse
	ofMeeting
	Vote int `required:"" placeholder:"VOTE"`
}

type meetingBoardCommand struct {
	inHouse
	ofMeeting
	DryRun bool
}

type meetingCloseCommand struct {
	inHouse
	ofMeeting
}

// meetingTexts are what is written about a meeting or counted at it. They come on
// standard input: the arguments everybody on the machine can read.
type meetingTexts struct {
	Place   string   `json:"place"`
	Agenda  []string `json:"agenda"`
	Minutes string   `json:"minutes"`

	Handed    int            `json:"handed"`
	Cast      int            `json:"cast"`
	Blank     int            `json:"blank"`
	Invalid   int            `json:"invalid"`
	Yes       int            `json:"yes"`
	No        int            `json:"no"`
	Votes     map[string]int `json:"votes"`    // by member number
	Counters  []string       `json:"counters"` // two member numbers
	Unopposed bool           `json:"unopposed"`
}

func (d *desk) meetingTexts() (texts meetingTexts, err error) {
	in := json.NewDecoder(io.LimitReader(d.in, longestTexts))
	in.DisallowUnknownFields()
	if err = in.Decode(&texts); err != nil {
		return texts, fault.New(fault.Invalid, "cli.meeting.form").Because(err)
	}
	return texts, nil
}

// meetingLine is a meeting in an answer.
type meetingLine struct {
	Meeting  int64      `json:"meeting"`
	Unit     string     `json:"unit"`
	Kind     string     `json:"kind"`
	State    string     `json:"state"`
	On       string     `json:"on"`
	At       string     `json:"at"`
	NoticeBy string     `json:"notice_by"`
	Noticed  string     `json:"noticed_on,omitempty"`
	Late     bool       `json:"late"`
	Mailing  int64      `json:"mailing,omitempty"`
	Entitled int        `json:"entitled"`
	Present  int        `json:"present"`
	Voting   int        `json:"voting"`
	Ballots  int        `json:"ballots"`
	Board    string     `json:"board_on,omitempty"`
	Votes    []voteLine `json:"votes"`
}

type voteLine struct {
	Vote    int    `json:"vote"`
	Post    string `json:"post,omitempty"`
	Seats   int    `json:"seats"`
	About   string `json:"about,omitempty"`
	State   string `json:"state"`
	Handed  int    `json:"handed"`
	Cast    int    `json:"cast"`
	Blank   int    `json:"blank"`
	Invalid int    `json:"invalid"`
	Yes     int    `json:"yes"`
	No      int    `json:"no"`
}

func (d *desk) meetingLine(m *meeting.Meeting) meetingLine {
	l := meetingLine{
		Meeting: m.Number, Unit: d.unitCode(m.Unit), Kind: string(m.Kind), State: string(m.State), On: isoDay(m.Day), At: m.Clock, NoticeBy: isoDay(m.NoticeBy),
		Noticed: isoDay(m.NoticedOn), Late: m.Late(d.house.Access.Today()), Mailing: m.Mailing, Entitled: m.Entitled, Present: m.Present, Voting: m.Voting,
		Ballots: m.Most(), Board: isoDay(m.BoardOn), Votes: []voteLine{},
	}
	for i := range m.Polls {
		p := &m.Polls[i]
		l.Votes = append(l.Votes, voteLine{p.Line, p.Post, p.Seats, p.About, string(p.State), p.Handed, p.Cast, p.Blank, p.Invalid, p.Yes, p.No})
	}
	return l
}

// answerMeeting tells of a meeting after an act.
func (d *desk) answerMeeting(m *meeting.Meeting, key string) error {
	return d.answer(d.meetingLine(m), func() {
		d.say(key, "number", m.Number, "date", d.p.Date(m.Day), "by", d.p.Date(m.NoticeBy), "mailing", m.Mailing)
		if (m.State == meeting.Planned || m.State == meeting.Noticed) && m.Late(d.house.Access.Today()) {
			d.say("meeting.page.notice_late")
		}
	})
}

func (c *meetingPlanCommand) run(ctx context.Context, d *desk) error {
	texts, err := d.meetingTexts()
	if err != nil {
		return err
	}
	actor, body, err := d.actorIn(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	m, err := d.house.Meetings.Plan(ctx, actor, meeting.Wish{
		Unit: body, Kind: meeting.Kind(c.Kind), Day: c.On.Date, Clock: c.At, Place: texts.Place, Agenda: texts.Agenda, Posts: c.Seat,
	})
	if err != nil {
		return err
	}
	return d.answerMeeting(&m, "cli.meeting.planned")
}

func (c *meetingListCommand) run(ctx context.Context, d *desk) error {
	actor, body, err := d.actorIn(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	all, _, err := d.house.Meetings.List(ctx, actor, body)
	if err != nil {
		return err
	}
	lines := make([]meetingLine, 0, len(all))
	t := d.newTable("number", "unit", "kind", "from", "state")
	t.right[0] = true
	for i := range all {
		l := d.meetingLine(&all[i])
		lines = append(lines, l)
		t.add(strconv.FormatInt(l.Meeting, 10), l.Unit, d.p.T("meeting.kind."+l.Kind), d.shortDay(all[i].Day), d.p.T("meeting.state."+l.State))
	}
	return d.answer(lines, func() {
		d.print(t)
		if len(lines) == 0 {
			d.say("meeting.page.none")
		}
	})
}

func (c *meetingShowCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	m, _, err := d.house.Meetings.Get(ctx, actor, c.Meeting)
	if err != nil {
		return err
	}
	return d.answer(d.meetingLine(&m), func() {
		d.say("cli.meeting.shown", "number", m.Number, "kind", d.p.T("meeting.kind."+string(m.Kind)), "date", d.p.Date(m.Day), "clock", m.Clock, "state", d.p.T("meeting.state."+string(m.State)))
		d.say("cli.meeting.numbers", "present", m.Present, "voting", m.Voting, "ballots", m.Most())
		for i := range m.Polls {
			p := &m.Polls[i]
			d.say("cli.meeting.vote", "vote", p.Line, "what", d.house.Meetings.PostSeats(p, d.p), "state", d.p.T("meeting.poll."+string(p.State)))
		}
	})
}

// notice makes the mailing that calls everybody, or records that it was sent otherwise.
func (c *meetingNoticeCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	if !c.Sent.IsZero() {
		m, err := d.house.Meetings.Noticed(ctx, actor, c.Meeting, c.Sent.Date)
		if err != nil {
			return err
		}
		return d.answerMeeting(&m, "cli.meeting.noticed")
	}
	m, _, err := d.house.Meetings.Get(ctx, actor, c.Meeting)
	if err != nil {
		return err
	}
	subject, text := d.house.Meetings.NoticeText(&m, d.house.Charter.Printer(d.house.Charter.Lang()))
	if m, err = d.house.Meetings.Notice(ctx, actor, c.Meeting, subject, text); err != nil {
		return err
	}
	return d.answerMeeting(&m, "cli.meeting.drafted")
}

func (c *meetingOpenCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	m, err := d.house.Meetings.Open(ctx, actor, c.Meeting)
	if err != nil {
		return err
	}
	return d.answerMeeting(&m, "meeting.notice.opened")
}

func (c *meetingCancelCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	m, err := d.house.Meetings.Cancel(ctx, actor, c.Meeting)
	if err != nil {
		return err
	}
	return d.answerMeeting(&m, "meeting.notice.cancelled")
}

// rollLine is a member on the roll.
type rollLine struct {
	Number string `json:"number"`
	Name   string `json:"name"`
	Vote   bool   `json:"vote"`
	Why    string `json:"why,omitempty"`
	Came   string `json:"came_at,omitempty"`
	Here   bool   `json:"here"`
}

// roll shows who has a vote, or writes the attendance sheet, which is a list (D12).
func (c *meetingRollCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	if c.Output != "" {
		delivery, err := d.house.PullRoll(ctx, actor, c.Meeting, d.p.Lang())
		if err != nil {
			return err
		}
		if err := delivery.Write(ctx, d.files["output"]); err != nil {
			return err
		}
		return d.answer(d.listLine(&delivery.List), func() { d.tellList(&delivery.List, c.Output) })
	}
	shown, err := d.house.Meetings.Roll(ctx, actor, c.Meeting, meeting.Look{Size: 100_000})
	if err != nil {
		return err
	}
	lines := make([]rollLine, 0, len(shown.Lines))
	t := d.newTable("number", "name", "state", "reason")
	for i := range shown.Lines {
		m := &shown.Lines[i]
		l := rollLine{Number: m.Number, Name: m.Name, Vote: m.Vote, Why: d.house.Meetings.Why(&m.Verdict, d.p)}
		if a := m.Arrival; a != nil {
			l.Came, l.Here = isoTime(a.At), a.Here()
		}
		lines = append(lines, l)
		state := "meeting.roll.no_vote"
		if l.Vote {
			state = "meeting.roll.vote"
		}
		t.add(l.Number, l.Name, d.p.T(state), l.Why)
	}
	return d.answer(lines, func() {
		d.print(t)
		d.say("meeting.sheet.numbers", "count", shown.Entitled, "without", shown.Without)
	})
}

// onRoll finds a member of the meeting's body by number.
func (d *desk) onRoll(ctx context.Context, as string, number int64, members ...string) (actor access.Actor, persons []vault.PersonID, err error) {
	if actor, err = d.actor(ctx, as); err != nil {
		return actor, nil, err
	}
	m, _, err := d.house.Meetings.Get(ctx, actor, number)
	if err != nil {
		return actor, nil, err
	}
	scope, err := d.house.Meetings.RollScope(ctx, actor, &m)
	if err != nil {
		return actor, nil, err
	}
	for _, no := range members {
		person, err := d.house.Members.ByNumber(ctx, scope, no)
		if err != nil {
			return actor, nil, err
		}
		persons = append(persons, person)
	}
	return actor, persons, nil
}

func (c *meetingMarkCommand) run(ctx context.Context, d *desk) error {
	actor, persons, err := d.onRoll(ctx, c.As, c.Meeting, c.Member)
	if err != nil {
		return err
	}
	m, err := d.house.Meetings.Mark(ctx, actor, c.Meeting, persons[0], meeting.Tick(c.Tick))
	if err != nil {
		return err
	}
	return d.answer(d.meetingLine(&m), func() {
		d.say("cli.meeting.numbers", "present", m.Present, "voting", m.Voting, "ballots", m.Most())
	})
}

func (c *meetingStandCommand) run(ctx context.Context, d *desk) error {
	actor, persons, err := d.onRoll(ctx, c.As, c.Meeting, c.Member)
	if err != nil {
		return err
	}
	if err := d.house.Meetings.Stand(ctx, actor, c.Meeting, c.Vote, persons[0]); err != nil {
		return err
	}
	return d.answer(map[string]int{"vote": c.Vote}, func() { d.say("meeting.notice.stands") })
}

// count enters what was counted; it is read from standard input.
func (c *meetingCountCommand) run(ctx context.Context, d *desk) error {
	texts, err := d.meetingTexts()
	if err != nil {
		return err
	}
	t := meeting.Tally{
		Handed: texts.Handed, Cast: texts.Cast, Blank: texts.Blank, Invalid: texts.Invalid, Yes: texts.Yes, No: texts.No, Unopposed: texts.Unopposed,
		Votes: map[vault.PersonID]int{},
	}
	var numbers []string
	for number := range texts.Votes {
		numbers = append(numbers, number)
	}
	actor, persons, err := d.onRoll(ctx, c.As, c.Meeting, append(numbers, texts.Counters...)...)
	if err != nil {
		return err
	}
	for i, number := range numbers {
		t.Votes[persons[i]] = texts.Votes[number]
	}
	copy(t.Counters[:], persons[len(numbers):])
	m, err := d.house.Meetings.Count(ctx, actor, c.Meeting, c.Vote, t)
	if err != nil {
		return err
	}
	return d.answer(d.meetingLine(&m), func() {
		for i := range m.Polls {
			if p := &m.Polls[i]; p.Line == c.Vote {
				d.say("cli.meeting.vote", "vote", p.Line, "what", d.house.Meetings.PostSeats(p, d.p), "state", d.p.T("meeting.poll."+string(p.State)))
			}
		}
	})
}

// board hands the new board over as the meeting elected it.
func (c *meetingBoardCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	b, err := d.house.Meetings.Board(ctx, actor, c.Meeting, d.house.Access.Today())
	if err != nil {
		return err
	}
	b.Ground = d.p.T("cli.handover.ground")
	act := d.house.Access.HandOver
	if c.DryRun {
		act = d.house.Access.Preview
	}
	scope, err := d.house.Access.Require(ctx, actor, access.Want{Act: charter.Appoint, Unit: b.Unit})
	if err != nil {
		return err
	}
	plans, err := act(ctx, actor, b)
	if err != nil {
		return err
	}
	if !c.DryRun {
		if _, err := d.house.Meetings.BoardEntered(ctx, actor, c.Meeting); err != nil {
			return err
		}
	}
	return d.answerPlans(ctx, scope, plans, c.DryRun)
}

// close notes where the minutes are; that is read from standard input.
func (c *meetingCloseCommand) run(ctx context.Context, d *desk) error {
	texts, err := d.meetingTexts()
	if err != nil {
		return err
	}
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	m, err := d.house.Meetings.Close(ctx, actor, c.Meeting, texts.Minutes)
	if err != nil {
		return err
	}
	return d.answerMeeting(&m, "meeting.notice.closed")
}
