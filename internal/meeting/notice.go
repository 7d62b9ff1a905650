package meeting

import (
	"context"
	"slices"
	"strings"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// NoticeText is the notice as it is proposed: what, when, where, the agenda, what is to
// be filled and who has a vote, in a language. Whoever sends it changes it as they like.
func (s *Service) NoticeText(m *Meeting, p *locale.Printer) (subject, text string) {
	u, _ := s.Units.Tree().ByID(m.Unit)
	rules := &s.Charter.Meetings
	subject = p.T("meeting.notice.subject."+string(m.Kind), "body", u.Name, "date", p.Date(m.Day))
	lines := []string{
		p.T("meeting.notice.text."+string(m.Kind), "body", u.Name), "",
		p.T("meeting.notice.when", "date", p.WeekdayDate(m.Day), "clock", m.Clock), p.T("meeting.notice.where", "place", m.Place), "",
		p.T("meeting.notice.agenda"),
	}
	for i, line := range m.Agenda {
		lines = append(lines, p.Number(i+1)+". "+line)
	}
	var posts []string
	for i := range m.Polls {
		if poll := &m.Polls[i]; poll.Post != "" {
			posts = append(posts, s.PostSeats(poll, p))
		}
	}
	if len(posts) > 0 {
		lines = append(lines, "", p.T("meeting.notice.posts", "list", p.List(posts)))
	}
	lines = append(lines, "", s.VoteRule(p))
	if rules.Proxies.Value == 0 {
		lines = append(lines, p.T("meeting.rule.no_proxies"))
	}
	return subject, strings.Join(lines, "\n")
}

// PostSeats says what a vote fills: "formand", "kasserer (2)".
func (s *Service) PostSeats(poll *Poll, p *locale.Printer) string {
	name := poll.About
	if post, known := s.Charter.Post(poll.Post); known {
		name = post.Name.In(p.Lang())
	}
	if poll.Seats > 1 {
		name += " (" + p.Number(poll.Seats) + ")"
	}
	return name
}

// VoteRule says in a sentence who has a vote, as the charter does.
func (s *Service) VoteRule(p *locale.Printer) string {
	rules := &s.Charter.Meetings
	var wants []string
	if n := rules.VoteAge.Value; n > 0 {
		wants = append(wants, p.T("meeting.rule.age", "age", n))
	}
	if n := rules.MemberDays.Value; n > 0 {
		wants = append(wants, p.T("meeting.rule.days", "count", n))
	}
	if rules.DuesPaid.Value {
		wants = append(wants, p.T("meeting.rule.dues"))
	}
	text := p.T("meeting.rule.everybody")
	if len(wants) > 0 {
		text = p.T("meeting.rule.who", "list", p.List(wants))
	}
	var kinds []string
	for i := range s.Charter.Categories {
		if k := &s.Charter.Categories[i]; k.NoVote {
			kinds = append(kinds, k.Name.In(p.Lang()))
		}
	}
	if len(kinds) > 0 {
		text += " " + p.T("meeting.rule.without", "list", p.List(kinds))
	}
	return text
}

// Notice makes the mailing that calls the meeting, for everybody in the body, whoever has
// said no to newsletters too (L8). It is sent as every mailing is; the meeting follows it
// and counts as called on the day it had gone to everybody.
func (s *Service) Notice(ctx context.Context, by access.Actor, number int64, subject, text string) (Meeting, error) {
	m, _, err := s.Get(ctx, by, number)
	if err != nil {
		return m, err
	}
	if _, err := s.callerOf(ctx, by, &m); err != nil {
		return Meeting{}, err
	}
	switch {
	case m.State != Planned:
		return Meeting{}, fault.New(fault.Conflict, "meeting.error.state")
	case s.Mailer == nil:
		return Meeting{}, fault.New(fault.Unavailable, "meeting.error.no_mailer")
	case m.Mailing != 0: // and it is on its way, or Get had let go of it
		return Meeting{}, fault.New(fault.Conflict, "meeting.error.mailing")
	}
	mailing, err := s.Mailer.Draft(ctx, by, m.Unit, subject, text)
	if err != nil {
		return Meeting{}, err
	}
	return s.act(ctx, by, number, func(tx *database.Tx, scope access.Scope, m *Meeting) error {
		m.Mailing = mailing
		return s.note(tx, scope.Entry(journal.MeetingNotice), m, "drafted")
	})
}

// Noticed records that the notice is out in another way than through here, by paper or a
// members' magazine, and since when.
func (s *Service) Noticed(ctx context.Context, by access.Actor, number int64, on civil.Date) (Meeting, error) {
	return s.act(ctx, by, number, func(tx *database.Tx, scope access.Scope, m *Meeting) error {
		invalid := fault.New(fault.Invalid, "meeting.error.noticed")
		switch {
		case on.IsZero() || !on.IsValid():
			return invalid.With("on", "meeting.error.day")
		case on.After(s.Access.Today()) || on.Before(s.Charter.Today(m.PlannedAt).AddDays(-180)):
			return invalid.With("on", "meeting.error.noticed_on")
		}
		return s.out(tx, scope.Entry(journal.MeetingNotice), m, on, by.Person, "out")
	})
}

// out brings a meeting to being called.
func (s *Service) out(tx *database.Tx, e journal.Entry, m *Meeting, on civil.Date, by vault.PersonID, reason string) error {
	if err := m.step(Noticed); err != nil {
		return err
	}
	m.NoticedOn = on
	if err := s.finish(tx, m, by, "done", duty.SendNotice); err != nil {
		return err
	}
	return s.note(tx, e, m, reason)
}

// follow looks whether the mailing of a planned meeting has gone to everybody.
func (s *Service) follow(ctx context.Context, m *Meeting) error {
	if s.Mailer == nil || m.Mailing == 0 || m.State != Planned {
		return nil
	}
	on, under, err := s.Mailer.Out(ctx, m.Mailing)
	if err != nil || on.IsZero() && under {
		return err
	}
	*m, err = s.write(ctx, m.Number, func(tx *database.Tx, m *Meeting) error {
		switch {
		case m.State != Planned:
			return nil
		case on.IsZero(): // it will never be sent: another is written
			m.Mailing = 0
			return nil
		}
		e := journal.Entry{Act: journal.MeetingNotice, Right: string(access.System), Via: string(access.System)}
		return s.out(tx, e, m, on, 0, "sent")
	})
	return err
}

// Daily follows the notices on their way, asks for the ordinary meeting of the season
// where none is planned, and for the minutes of a meeting whose day has passed.
func (s *Service) Daily(ctx context.Context) error {
	var all []Meeting
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		all, err = query(q, `WHERE state <> 'cancelled' ORDER BY number`)
		return err
	})
	if err != nil {
		return err
	}
	today := s.Access.Today()
	for i := range all {
		m := &all[i]
		if err := s.follow(ctx, m); err != nil {
			return err
		}
		if m.State == Planned || m.State == Noticed {
			if m.Day.Before(today) {
				if err := s.passed(ctx, m.Number); err != nil {
					return err
				}
			}
		}
	}
	return s.season(ctx, all, today)
}

// passed asks for the minutes of a meeting whose day has passed without being opened.
func (s *Service) passed(ctx context.Context, number int64) error {
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		m, err := get(tx, number)
		if err != nil || m.State != Planned && m.State != Noticed {
			return err
		}
		return s.after(tx, &m)
	})
}

// planAhead is how many days before its season a body is asked for its meeting.
const planAhead = 60

// season asks every body that holds meetings for the ordinary one of the season that
// comes or is on. Who has planned one is not asked; whoever has no officer who could,
// neither: the list of who has access tells of that.
func (s *Service) season(ctx context.Context, all []Meeting, today civil.Date) error {
	first, last, said := s.Charter.Meetings.Season(today)
	if !said {
		return nil
	}
	asked := map[int64]bool{}
	open, err := s.Duties.OpenOf(ctx, duty.PlanMeeting)
	if err != nil {
		return err
	}
	for i := range open {
		asked[open[i].Subject] = true
	}
	if today.Before(first.AddDays(-planAhead)) {
		return nil
	}
	planned := map[unit.ID]bool{}
	for i := range all {
		m := &all[i]
		// One held just before its season is the season's too.
		if m.Kind == Ordinary && !m.Day.Before(first.AddDays(-planAhead)) {
			planned[m.Unit] = true
		}
	}
	var missing []unit.Unit
	for _, u := range s.Units.Tree().All() {
		if s.Charter.Meetings.At(u.Level) && !planned[u.ID] && !asked[int64(u.ID)] && s.Directory.Count(u.ID) > 0 &&
			len(s.Access.Officers(u.ID, s.Charter.Meetings.Caller())) > 0 {
			missing = append(missing, u)
		}
	}
	due := last.AddDays(-s.Charter.Meetings.OrdinaryDays.Value)
	for some := range slices.Chunk(missing, 100) {
		if err := s.DB.Write(ctx, func(tx *database.Tx) error {
			for _, u := range some {
				if _, err := s.Duties.Add(tx, duty.Duty{Kind: duty.PlanMeeting, Subject: int64(u.ID), Unit: u.ID, Act: s.Charter.Meetings.Calls, DueOn: due}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// Purpose is the purpose of the roll, for pages that say by which right one sees it.
func (s *Service) Purpose() *charter.Purpose {
	p, _ := s.Charter.Purpose(charter.ForRoll)
	return p
}
