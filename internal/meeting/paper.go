package meeting

import (
	"io"
	"strconv"
	"strings"

	"kartotek/internal/document"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
)

// signed is a line to sign on.
func signed(p *locale.Printer, who string) string {
	return who + ": " + strings.Repeat("_", 34) + "   " + p.T("meeting.paper.dated") + ": " + strings.Repeat("_", 12)
}

// FileName is what the protocol's file is called, without its ending; it names nobody.
func (m *Meeting) FileName(p *locale.Printer) string {
	return p.T("meeting.paper.file") + "-" + strconv.FormatInt(m.Number, 10)
}

// Protocol writes what was counted as the paper that is signed and stays with the body:
// how many had come, each vote with its numbers and result, lines for the counters, the
// chair of the meeting and whoever wrote the minutes. The names are those a directory
// gave for the Scope the meeting was read with.
func (s *Service) Protocol(w io.Writer, m *Meeting, all []Candidate, counted map[int][]vault.PersonID, names map[vault.PersonID]string, p *locale.Printer) error {
	u, _ := s.Units.Tree().ByID(m.Unit)
	title := p.T("meeting.paper.title."+string(m.Kind), "date", p.Date(m.Day))
	out := document.NewPaper(w, document.PaperTexts{
		Sender: u.Name + " · " + s.Charter.Name.In(p.Lang()), Title: title,
		Footer: p.T("meeting.paper.footer", "number", m.Number), Page: p.T("extract.print.page"),
	}, nil, document.PDFOptions{Title: title, Language: p.Lang(), Time: s.Now()})
	sections := []document.Section{s.opening(m, p)}
	for i := range m.Polls {
		sections = append(sections, s.counted(m, &m.Polls[i], of(all, m.Polls[i].Line), counted[m.Polls[i].Line], names, p))
	}
	sections = append(sections, document.Section{
		Heading: p.T("meeting.paper.signatures"), Paragraphs: []string{p.T("meeting.paper.signed_text")},
		After: []string{signed(p, p.T("meeting.paper.chair")), "", signed(p, p.T("meeting.paper.secretary"))},
	})
	for _, section := range sections {
		if err := out.Write(section); err != nil {
			return err
		}
	}
	return out.Close()
}

func (s *Service) opening(m *Meeting, p *locale.Printer) document.Section {
	noticed := p.T("meeting.paper.not_noticed")
	if !m.NoticedOn.IsZero() {
		noticed = p.T("meeting.paper.noticed", "date", p.Date(m.NoticedOn), "by", p.Date(m.NoticeBy))
		if m.Late(m.NoticedOn) {
			noticed += " " + p.T("meeting.paper.late")
		}
	}
	quorum := s.QuorumRule(p, &m.Numbers)
	if !m.Numbers.Quorate(&s.Charter.Meetings) {
		quorum += " " + p.T("meeting.paper.not_quorate")
	}
	return document.Section{
		Paragraphs: []string{p.T("meeting.paper.when", "date", p.WeekdayDate(m.Day), "clock", m.Clock, "place", m.Place), noticed},
		Items: []string{
			p.T("meeting.paper.entitled", "count", m.Entitled), p.T("meeting.paper.present", "count", m.Present),
			p.T("meeting.paper.voting", "count", m.Voting+m.Unlisted), p.T("meeting.paper.ballots", "count", m.Most()),
		},
		After: []string{s.VoteRule(p), quorum, s.CountRule(p)},
	}
}

// counted is the part about one vote.
func (s *Service) counted(m *Meeting, poll *Poll, stand []Candidate, counters []vault.PersonID, names map[vault.PersonID]string, p *locale.Printer) document.Section {
	who := func(person vault.PersonID) string {
		if name := names[person]; name != "" {
			return name
		}
		return p.T("meeting.paper.nobody")
	}
	heading := s.PostSeats(poll, p)
	if poll.Again != 0 {
		heading = p.T("meeting.poll.again_of", "what", heading)
	}
	section := document.Section{Heading: heading}
	if poll.State == Dropped || poll.State == Waiting {
		section.Paragraphs = []string{p.T("meeting.poll." + string(poll.State))}
		return section
	}
	unopposed := !poll.Question() && poll.Cast == 0
	if unopposed {
		section.Paragraphs = []string{p.T("meeting.paper.unopposed")}
	} else {
		section.Paragraphs = []string{p.T("meeting.paper.count", "handed", poll.Handed, "cast", poll.Cast, "blank", poll.Blank, "invalid", poll.Invalid)}
	}
	if poll.Question() {
		section.Items = []string{p.T("meeting.paper.yes", "count", poll.Yes), p.T("meeting.paper.no", "count", poll.No)}
	}
	for i := range stand {
		c := &stand[i]
		key := "meeting.paper.votes"
		switch {
		case unopposed:
			key = "meeting.paper.elected_plain"
		case c.Elected:
			key = "meeting.paper.elected"
		case c.Tied:
			key = "meeting.paper.tied"
		}
		section.Items = append(section.Items, p.T(key, "name", who(c.Person), "count", c.Votes))
	}
	section.After = []string{p.T("meeting.paper.result", "result", p.T("meeting.poll."+string(poll.State)))}
	if unopposed {
		return section
	}
	for i, counter := range counters {
		section.After = append(section.After, signed(p, p.T("meeting.paper.counter", "number", i+1, "name", who(counter))))
	}
	return section
}
