package charter

import (
	"strings"
	"time"

	"kartotek/internal/locale"
)

// Number is a limit with the source it is taken from. What the number counts
// stands in its key: days, months, years, hours, times a year.
type Number struct {
	Value   int    `toml:"value" need:"yes"`
	Source  Words  `toml:"source" need:"yes"`
	Checked string `toml:"checked"` // month the source was read, "2026-11"; empty = to be confirmed by whoever runs the register
}

// Switch is a yes or no with the source it is taken from.
type Switch struct {
	Value   bool   `toml:"value" need:"yes"`
	Source  Words  `toml:"source" need:"yes"`
	Checked string `toml:"checked"`
}

// Parameters are the values that law, guidelines or bylaws set and that
// therefore change (the table in the requirements).
type Parameters struct {
	ListDays             Number `toml:"list-days" need:"yes"`               // D12: a pulled list lives at most
	DocumentMonths       Number `toml:"document-months" need:"yes"`         // documents and e-mails about a member
	TextMessageDays      Number `toml:"text-message-days" need:"yes"`       // text messages
	WindowDays           Number `toml:"window-days" need:"yes"`             // D7: from closing to erasure
	SecondPairEndsWindow Switch `toml:"second-pair-ends-window" need:"yes"` // D7: a second person may end the window at once
	OfficerContactDays   Number `toml:"officer-contact-days" need:"yes"`    // officers' contact data after the post ends
	NonPaymentMonths     Number `toml:"non-payment-months" need:"yes"`      // member data after the original due date
	BookkeepingYears     Number `toml:"bookkeeping-years" need:"yes"`       // L7: from the end of the accounting year
	AccountingYearMonth  Number `toml:"accounting-year-month" need:"yes"`   // L7: the month the accounting year ends with, 1–12
	ReviewsPerYear       Number `toml:"reviews-per-year" need:"yes"`        // D14, N13: reviews of access
	AnswerMonths         Number `toml:"answer-months" need:"yes"`           // L2: answer to a request
	AnswerMoreMonths     Number `toml:"answer-more-months" need:"yes"`      // L2: extension, reasons told within the first
	BreachHours          Number `toml:"breach-hours" need:"yes"`            // L4: notice to the authority
	MinimumAge           Number `toml:"minimum-age" need:"yes"`             // data of younger persons are refused
	SpecialCategory      Switch `toml:"special-category" need:"yes"`        // L1: membership is Art. 9 data

	// Newer than some charters in use: absent, they have the program's default.
	AccessHistoryYears Number `toml:"access-history-years"` // D3: role and body of who had access are kept
	CoverDays          Number `toml:"cover-days"`           // a post is covered at most so many days at a time
	LetterDays         Number `toml:"letter-days"`          // letters to whoever has no e-mail are posted within
	LetterKeepDays     Number `toml:"letter-keep-days"`     // and forgotten after, posted or not
	CertificateYears   Number `toml:"certificate-years"`    // D7: a certificate's completion can be fetched

	// How long what no law speaks of is kept, and the brake of the daily sweep (retention.go).
	ListRecordYears   Number `toml:"list-record-years"`   // D12: what is known of a list after its destruction
	ListLineDays      Number `toml:"list-line-days"`      // L3: which line somebody stood on, from the list's last day
	JournalYears      Number `toml:"journal-years"`       // how long the journal says who did what to whose data
	SigninDays        Number `toml:"signin-days"`         // how long the journal says who signed in
	EvidenceYears     Number `toml:"evidence-years"`      // L5: proof of a consent after it is withdrawn
	SheetDays         Number `toml:"sheet-days"`          // N10: a printed sheet or slip can come back so long
	PaperDays         Number `toml:"paper-days"`          // and what came back is entered within so many
	CaseDays          Number `toml:"case-days"`           // what is over (moves, additions, applications, rounds of calls) is still shown
	NewsDays          Number `toml:"news-days"`           // what happened in a body is told
	TraceMonths       Number `toml:"trace-months"`        // a value that changed is still recognised in a list found (trace); 0 never
	MappingMonths     Number `toml:"mapping-months"`      // a saved mapping of a file's columns that nobody uses
	SweepSharePercent Number `toml:"sweep-share-percent"` // the brake: a sweep that would take more asks two persons
	SweepMinimum      Number `toml:"sweep-minimum"`       // below so many the brake never stops a sweep
	SweepPostponeDays Number `toml:"sweep-postpone-days"` // so long a refused sweep waits at most
	BackupDays        Number `toml:"backup-days"`         // D7: an archive of the register is kept so long
	DrillMonths       Number `toml:"drill-months"`        // bringing one back is tried so often
	ReportMinimum     Number `toml:"report-minimum"`      // D2: fewer persons than so many stand in no report

	PublishDays Number `toml:"publish-days"` // D15: a procedure that no longer fits is published anew within
}

// Parameter is one row of the table of parameters, for the published texts.
type Parameter struct {
	Code    string // key in the charter: "list-days"; a post's threshold is "over-members"
	Value   int    // of a switch: 1 yes, 0 no
	Switch  bool   // Value is a yes or no
	Source  Words
	Checked string // month the source was read; empty = to be confirmed
	Post    *Post  // whose threshold it is; else nil
}

// Label says in words what the parameter limits.
func (p *Parameter) Label(words *locale.Printer) string {
	key := "charter.parameter." + strings.ReplaceAll(p.Code, "-", "_")
	if p.Post != nil {
		return words.T(key, "post", p.Post.Name.In(words.Lang()))
	}
	return words.T(key)
}

// Text says the value in words: "30 days", "yes", "December".
func (p *Parameter) Text(words *locale.Printer) string {
	switch {
	case p.Switch && p.Value == 1:
		return words.T("charter.unit.yes")
	case p.Switch:
		return words.T("charter.unit.no")
	case p.Code == "accounting-year-month", p.Code == "review-month":
		return words.Month(time.Month(p.Value))
	case p.Code == "dues-per-capita":
		return words.Amount(int64(p.Value))
	}
	return words.T("charter.unit."+p.Unit(), "count", p.Value)
}

// Unit is what the value counts, as the parameter's key tells: "days", "months".
func (p *Parameter) Unit() string {
	switch p.Code {
	case "reviews-per-year", "dues-reminders", "review-renewals":
		return "times"
	case "minimum-age", "meeting-vote-age":
		return "years"
	case "sweep-minimum":
		return "items"
	case "report-minimum", "meeting-proxies", "close-many-minimum", "passing-share-minimum", "directory-contacts", "directory-names":
		return "persons"
	}
	return p.Code[strings.LastIndexByte(p.Code, '-')+1:]
}

// Table gives every parameter in the order of the requirements, then the
// thresholds of posts (D10).
func (c *Charter) Table() []Parameter {
	p := &c.Parameters
	rows := []Parameter{
		p.ListDays.row("list-days"),
		p.DocumentMonths.row("document-months"),
		p.TextMessageDays.row("text-message-days"),
		p.WindowDays.row("window-days"),
		p.SecondPairEndsWindow.row("second-pair-ends-window"),
		p.OfficerContactDays.row("officer-contact-days"),
		p.NonPaymentMonths.row("non-payment-months"),
		p.BookkeepingYears.row("bookkeeping-years"),
		p.AccountingYearMonth.row("accounting-year-month"),
		p.ReviewsPerYear.row("reviews-per-year"),
		p.AnswerMonths.row("answer-months"),
		p.AnswerMoreMonths.row("answer-more-months"),
		p.BreachHours.row("breach-hours"),
		p.MinimumAge.row("minimum-age"),
		p.SpecialCategory.row("special-category"),
		p.AccessHistoryYears.row("access-history-years"),
		p.CoverDays.row("cover-days"),
		p.LetterDays.row("letter-days"),
		p.LetterKeepDays.row("letter-keep-days"),
		p.BackupDays.row("backup-days"),
		p.DrillMonths.row("drill-months"),
		p.CertificateYears.row("certificate-years"),
		p.ReportMinimum.row("report-minimum"),
		p.PublishDays.row("publish-days"),
	}
	p.retention(func(key string, n *Number, _, _, _ int) { rows = append(rows, n.row(key)) })
	if n := &c.FormerNames; len(n.Source) > 0 {
		rows = append(rows, Parameter{Code: "former-name-months", Value: n.Months, Source: n.Source})
	}
	rows = append(rows, c.Transfers.rows()...)
	rows = append(rows, c.Joining.rows()...)
	rows = append(rows, c.Dues.rows()...)
	rows = append(rows, c.Holds.rows()...)
	rows = append(rows, c.Grants.rows()...)
	if c.Requisitions() {
		rows = append(rows, c.Handouts.rows()...)
	}
	rows = append(rows, c.Meetings.rows()...)
	rows = append(rows, c.Review.rows()...)
	rows = append(rows, c.Audit.rows()...)
	rows = append(rows, c.Mailings.rows()...)
	rows = append(rows, c.Destruction.rows()...)
	rows = append(rows, c.Closing.rows()...)
	rows = append(rows, c.Guard.rows()...)
	if len(c.Recipients) > 0 {
		rows = append(rows, c.Passing.rows()...)
	}
	rows = append(rows, c.Directory.rows()...)
	rows = append(rows, c.Declaration.rows()...)
	rows = append(rows, c.Agreements.rows()...)
	for i := range c.Posts {
		if post := &c.Posts[i]; post.OverMembers > 0 {
			rows = append(rows, Parameter{Code: "over-members", Value: post.OverMembers, Source: post.Source, Post: post})
		}
	}
	return rows
}

func (n *Number) row(code string) Parameter {
	return Parameter{Code: code, Value: n.Value, Source: n.Source, Checked: n.Checked}
}

func (s *Switch) row(code string) Parameter {
	row := Parameter{Code: code, Switch: true, Source: s.Source, Checked: s.Checked}
	if s.Value {
		row.Value = 1
	}
	return row
}

// standing gives a parameter that an older charter does not have its default.
func (n *Number) standing(value int) {
	if n.Source == nil {
		n.Value, n.Source = value, Words{
			"da": "Programmets standard, indtil charteret siger andet",
			"en": "The program's default, until the charter says otherwise",
			"nb": "Programmets standard, til charteret sier noe annet",
			"sv": "Programmets standard, tills reglerna säger annat",
		}
	}
}

// compileParameters copies the values most rooms use into the charter itself.
func (c *Charter) compileParameters() {
	p := &c.Parameters
	c.ListDays = p.ListDays.Value
	c.Window = p.WindowDays.Value
	c.SecondPairEndsWindow = p.SecondPairEndsWindow.Value
	c.MinimumAge = p.MinimumAge.Value
	c.SpecialCategory = p.SpecialCategory.Value
	if c.FormerNameMonths = c.FormerNames.Months; c.FormerNameMonths <= 0 {
		c.FormerNameMonths = formerNameMonths
	}
	p.AccessHistoryYears.standing(5)
	p.CoverDays.standing(60)
	p.LetterDays.standing(5)
	p.LetterKeepDays.standing(30)
	p.CertificateYears.standing(5)
	p.retention(func(_ string, n *Number, value, _, _ int) { n.standing(value) })
	c.HistoryYears = p.AccessHistoryYears.Value
	c.CoverDays = p.CoverDays.Value
	c.LetterDays = p.LetterDays.Value
	c.LetterKeepDays = p.LetterKeepDays.Value
	p.BackupDays.standing(90)
	p.DrillMonths.standing(3)
	p.ReportMinimum.standing(5)
	p.PublishDays.standing(14)
	c.BackupDays, c.DrillMonths = p.BackupDays.Value, p.DrillMonths.Value
	c.CertificateYears = p.CertificateYears.Value
}
