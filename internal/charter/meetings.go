package charter

import (
	"slices"
	"time"

	"github.com/golang-sql/civil"
)

// Meetings are the rules for the meetings at which members decide: when the ordinary
// one is held, when its notice must be out, who has a vote, how it counts.
type Meetings struct {
	Levels []string `toml:"levels"` // whose bodies hold them; absent: those with members
	Months []int    `toml:"months"` // in which the ordinary meeting is held; absent: the charter does not say
	Calls  string   `toml:"calls"`  // the right of a body's posts whose holders call a meeting
	Count  string   `toml:"count"`  // CountSimple or CountAbsolute
	Tie    string   `toml:"tie"`    // TieLot or TieAgain

	OrdinaryDays      Number `toml:"ordinary-days"`      // the notice is out so many days before
	ExtraordinaryDays Number `toml:"extraordinary-days"` // the same of an extraordinary meeting
	DemandPercent     Number `toml:"demand-percent"`     // so many of the members can demand one; 0: nobody but those who call
	VoteAge           Number `toml:"vote-age"`           // a vote from this birthday on
	MemberDays        Number `toml:"member-days"`        // and after so many days as a member of the body
	DuesPaid          Switch `toml:"dues-paid"`          // nobody in arrears has a vote
	QuorumPercent     Number `toml:"quorum-percent"`     // so many of those with a vote must have come; 0: as many as come
	Proxies           Number `toml:"proxies"`            // so many absent members' votes one may cast; 0: none
	BoardDays         Number `toml:"board-days"`         // minutes and the new board are entered within
	RollDays          Number `toml:"roll-days"`          // a printed roll lives so many days beyond the meeting (D12)
	KeepDays          Number `toml:"keep-days"`          // who came and who stood is kept so long beyond it (N14)

	Roll MeetingRoll `toml:"roll"` // what the electoral roll rests on

	purpose Purpose // the roll, for access: it is on no form where lists are pulled
}

// MeetingRoll is the purpose of the electoral roll (L5).
type MeetingRoll struct {
	Name      Words  `toml:"name"`
	Basis     string `toml:"basis"`   // Art. 6
	Basis9    string `toml:"basis-9"` // exactly where membership is special-category data
	BasisText Words  `toml:"basis-text"`
}

// ForRoll is the code of the roll's purpose. A charter may have one of its own that
// is called so; else it is made from its [meetings.roll].
const ForRoll = "electoral-roll"

// ForNotice is the purpose a meeting is called with; it reaches everybody (L8).
const ForNotice = "meeting-notice"

// How votes count.
const (
	CountSimple   = "simple"   // whoever has the most votes; of a question, more yes than no
	CountAbsolute = "absolute" // more than half of all valid ballots, blank ones among them

	TieLot   = "lot"   // equal votes are decided by lot
	TieAgain = "again" // by voting again among them
)

// rollFields are what stands on a roll: who somebody is, and nothing that reaches them.
var rollFields = []string{"number", "given", "family", "category"}

// usualMeetings hold where a charter says nothing about meetings.
func usualMeetings() Meetings {
	own := Words{
		"da": "Programmets udgangspunkt", "en": "The program's default", "nb": "Programmets utgangspunkt", "sv": "Programmets utgångspunkt",
	}
	number := func(n int) Number { return Number{Value: n, Source: own} }
	return Meetings{
		Calls: Access.String(), Count: CountSimple, Tie: TieLot,
		OrdinaryDays: number(14), ExtraordinaryDays: number(14), DemandPercent: number(25), VoteAge: number(0), MemberDays: number(0),
		DuesPaid: Switch{Source: own}, QuorumPercent: number(0), Proxies: number(0), BoardDays: number(7), RollDays: number(1), KeepDays: number(30),
		Roll: MeetingRoll{
			Name:  Words{"da": "Valgliste", "en": "Electoral roll", "nb": "Manntall", "sv": "Röstlängd"},
			Basis: "6(1)(b)",
			BasisText: Words{
				"da": "vedtægterne; aftalen om medlemskab", "en": "the bylaws; the agreement on membership",
				"nb": "vedtektene; avtalen om medlemskap", "sv": "stadgarna; avtalet om medlemskap",
			},
		},
	}
}

// Caller is the right whose holders in a body call its meetings.
func (m *Meetings) Caller() Acts { act, _ := ParseAct(m.Calls); return act }

// At reports whether bodies of a level hold meetings of their members.
func (m *Meetings) At(level string) bool { return slices.Contains(m.Levels, level) }

// NoticeDays is how many days before a meeting its notice must be out.
func (m *Meetings) NoticeDays(ordinary bool) int {
	if ordinary {
		return m.OrdinaryDays.Value
	}
	return m.ExtraordinaryDays.Value
}

// Season is the first and the last day between which the ordinary meeting is held
// that is not over on a day; false where the charter does not say. One that runs over
// the turn of a year belongs to the year it begins in.
func (m *Meetings) Season(today civil.Date) (first, last civil.Date, said bool) {
	if len(m.Months) == 0 {
		return civil.Date{}, civil.Date{}, false
	}
	for year := today.Year - 1; ; year++ {
		first = civil.Date{Year: year, Month: time.Month(m.Months[0]), Day: 1}
		last = civil.DateOf(time.Date(year, time.Month(m.Months[0]+len(m.Months)), 0, 0, 0, 0, 0, time.UTC))
		if !last.Before(today) {
			return first, last, true
		}
	}
}

// OldEnough reports whether somebody born on a day is of an age to vote on another;
// of whoever's birth date nobody knows it is taken to be so.
func (m *Meetings) OldEnough(birth, on civil.Date) bool {
	return m.VoteAge.Value == 0 || birth.IsZero() || !on.Before(birthday(birth, m.VoteAge.Value))
}

func (m *Meetings) numbers(each func(key string, n *Number, low, high int)) {
	each("ordinary-days", &m.OrdinaryDays, 1, 90)
	each("extraordinary-days", &m.ExtraordinaryDays, 1, 90)
	each("demand-percent", &m.DemandPercent, 0, 100)
	each("vote-age", &m.VoteAge, 0, 30)
	each("member-days", &m.MemberDays, 0, 730)
	each("quorum-percent", &m.QuorumPercent, 0, 100)
	each("proxies", &m.Proxies, 0, 10)
	each("board-days", &m.BoardDays, 0, 60)
	each("roll-days", &m.RollDays, 0, 14)
	each("keep-days", &m.KeepDays, 1, 365)
}

func (m *Meetings) rows() []Parameter {
	var rows []Parameter
	m.numbers(func(key string, n *Number, _, _ int) {
		rows = append(rows, n.row("meeting-"+key))
		if key == "member-days" {
			rows = append(rows, m.DuesPaid.row("meeting-dues-paid"))
		}
	})
	return rows
}

// compileMeetings makes the roll's purpose, and says at which levels there are
// meetings where the charter does not.
func (c *Charter) compileMeetings() {
	m := &c.Meetings
	if m.Levels == nil {
		for i := range c.Levels {
			if c.Levels[i].Members {
				m.Levels = append(m.Levels, c.Levels[i].Code)
			}
		}
	}
	r := &m.Roll
	if c.SpecialCategory && r.Basis9 == "" {
		r.Basis9 = "9(2)(d)" // members, within the association
	}
	m.purpose = Purpose{
		Code: ForRoll, Name: r.Name, Hint: r.BasisText, Basis: r.Basis, Basis9: r.Basis9, BasisText: r.BasisText, Statutory: true,
		Fields: slices.DeleteFunc(slices.Clone(rollFields), func(code string) bool { _, known := c.Field(code); return !known }),
	}
	m.purpose.Set = c.FieldSet(m.purpose.Fields...)
}

// meetings checks the rules of meetings: somebody must be able to call one, and a
// season must be months that follow each other.
func (r *reporter) meetings(c *Charter) {
	m := &c.Meetings
	for i, code := range m.Levels {
		if level, known := c.Level(code); !known {
			r.report(index("meetings.levels", i), "charter.error.unknown_level", "code", code)
		} else if !level.Members { // nobody would have a vote
			r.report(index("meetings.levels", i), "charter.error.meeting_level", "level", code)
		}
	}
	for i, month := range m.Months {
		r.between(index("meetings.months", i), month, 1, 12)
		if i > 0 && month != m.Months[i-1]%12+1 {
			r.report(index("meetings.months", i), "charter.error.meeting_months")
		}
	}
	if len(m.Months) > 11 {
		r.report("meetings.months", "charter.error.meeting_months")
	}
	if _, ok := ParseAct(m.Calls); !ok {
		r.report("meetings.calls", "charter.error.unknown_act", "code", m.Calls, "known", AllActs.String())
	}
	if known := []string{CountSimple, CountAbsolute}; !slices.Contains(known, m.Count) {
		r.report("meetings.count", "charter.error.confirm", "known", known)
	}
	if known := []string{TieLot, TieAgain}; !slices.Contains(known, m.Tie) {
		r.report("meetings.tie", "charter.error.confirm", "known", known)
	}
	m.numbers(func(key string, n *Number, low, high int) {
		r.between("meetings."+key+".value", n.Value, low, high)
		r.checked("meetings."+key, n.Checked)
	})
	r.checked("meetings.dues-paid", m.DuesPaid.Checked)
	switch basis := &m.Roll; {
	case !basisPattern.MatchString(basis.Basis), basis.Basis == "6(1)(a)": // L5: nobody is asked whether they may vote
		r.report("meetings.roll.basis", "charter.error.basis")
	case basis.Basis9 != "" && !c.SpecialCategory:
		r.report("meetings.roll.basis-9", "charter.error.basis9_needless")
	case basis.Basis9 != "" && !basis9Pattern.MatchString(basis.Basis9):
		r.report("meetings.roll.basis-9", "charter.error.basis9")
	}
}
