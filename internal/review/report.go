package review

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/certificate"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// The report. It is not kept: it is made from the sealed records each time it is asked
// for, so whoever was erased is in none that is made after. What is kept of it is the
// hash of its contents at the closing. While nobody was erased, the report made today
// has the same contents, and the same hash, to the byte. Once somebody was, it says how
// many lines have lost their name, its contents have another hash, and the signature
// says what it always says: this register, which has this key, says so today. The hash
// of the closing stays in every report, and each person's part of the contents carries
// a random salt that went with their key: the hash tells nobody whether a name was in.

const reportForm = "kartotek access review 1"

// Report is a signed report.
type Report struct {
	Form         string            `json:"form"`
	Language     string            `json:"language"`
	Organisation string            `json:"organisation"`
	Zone         string            `json:"zone"`
	Closing      string            `json:"closing"` // the hash of the contents when the review was closed
	Contents     Contents          `json:"contents"`
	Words        map[string]string `json:"words"` // names of bodies and roles, in the report's language
}

// Contents are what a report says, in no language.
type Contents struct {
	Review   int64          `json:"review"`
	OpenedAt string         `json:"opened_at"`
	ByHand   bool           `json:"by_hand"`
	Since    string         `json:"since"`
	AnswerBy string         `json:"answer_by"`
	ClosedAt string         `json:"closed_at"`
	Closer   string         `json:"closer"`
	Last     int64          `json:"last"` // the review it is compared with; 0 for none
	Notes    []reportNote   `json:"notes"`
	Lines    []reportLine   `json:"lines"`
	Numbers  []reportNumber `json:"numbers"`
}

type reportNote struct {
	Name string `json:"name"`
	Salt []byte `json:"salt"`
	Text string `json:"text"`
}

type reportLine struct {
	Unit     int64           `json:"unit"`
	Right    string          `json:"right"`
	Role     string          `json:"role"`
	State    string          `json:"state"`
	Name     string          `json:"name"` // "" of whoever is erased, as everything below
	Salt     []byte          `json:"salt"`
	From     string          `json:"from"`
	Until    string          `json:"until"`
	Ground   string          `json:"ground"`
	SignedIn string          `json:"signed_in"`
	Used     string          `json:"used"`
	Factors  []string        `json:"factors"`
	Pulled   int             `json:"pulled"`
	Open     int             `json:"open"`
	Overdue  int             `json:"overdue"`
	Findings []reportFinding `json:"findings"`
	Reason   string          `json:"reason"`
	Answered string          `json:"answered"`
	By       string          `json:"by"`
	ByRole   string          `json:"by_role"`
}

type reportFinding struct {
	Why   string `json:"why"`
	Count int    `json:"count"`
	Seats int    `json:"seats"`
	Taken int    `json:"taken"`
	Size  int    `json:"size"`
	Limit int    `json:"limit"`
	New   bool   `json:"new"`
}

func (f *reportFinding) finding() Finding {
	return Finding{Why: Why(f.Why), Count: f.Count, Seats: f.Seats, Taken: f.Taken, Size: f.Size, Limit: f.Limit}
}

type reportNumber struct {
	Unit   int64  `json:"unit"`
	What   string `json:"what"`
	Count  int    `json:"count"`
	Before int    `json:"before"`
	Known  bool   `json:"known"` // whether there is one from the review before
}

// hash is what is kept of the contents.
func (c *Contents) hash() ([]byte, error) {
	text, err := certificate.Canonical(c)
	sum := sha256.Sum256(text)
	return sum[:], err
}

// Erased is how many lines have no name any more.
func (c *Contents) Erased() (n int) {
	for i := range c.Lines {
		if len(c.Lines[i].Salt) == 0 {
			n++
		}
	}
	return n
}

// Signed is a report with its signature.
type Signed struct {
	Report    Report `json:"report"`
	Key       []byte `json:"key"`
	Signature []byte `json:"signature"`
}

// Report makes the report of a closed review, for whoever answers for the whole
// register, in one of the charter's languages. Who stands in it is journaled before.
func (s *Service) Report(ctx context.Context, by access.Actor, id int64, lang string) (*Signed, error) {
	scope, err := s.whole(ctx, by)
	if err != nil {
		return nil, err
	}
	r, err := s.get(ctx, id)
	if err != nil {
		return nil, err
	}
	if !r.Closed() {
		return nil, fault.New(fault.Conflict, "review.error.report")
	}
	if !slices.Contains(s.Charter.Languages, lang) {
		lang = s.Charter.Languages[0]
	}
	report, err := s.compose(ctx, &r, lang)
	if err != nil {
		return nil, err
	}
	all, _, err := s.lines(ctx, id)
	if err != nil {
		return nil, err
	}
	e := scope.Entry(journal.ReviewSeen)
	e.Number, e.Persons, e.Reason = id, persons(all), "report"
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return nil, err
	}
	text, err := certificate.Canonical(report)
	if err != nil {
		return nil, err
	}
	signature := s.Keyring.Attest(text)
	return &Signed{Report: *report, Key: s.Keyring.LedgerKey(), Signature: signature[:]}, nil
}

// compose makes the report of a closed review from what is sealed.
func (s *Service) compose(ctx context.Context, r *Review, lang string) (*Report, error) {
	all, others, err := s.lines(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	p := s.Charter.Printer(lang)
	named := names(all, others)
	report := &Report{
		Form: reportForm, Language: lang, Organisation: s.Charter.Name.In(lang), Zone: s.Charter.TimeZone, Closing: hex.EncodeToString(r.Hash), Words: map[string]string{},
		Contents: Contents{
			Review: r.ID, OpenedAt: moment(r.OpenedAt), ByHand: r.Scheduled.IsZero(), Since: day(r.Since), AnswerBy: day(r.AnswerBy),
			ClosedAt: moment(r.ClosedAt), Closer: named[r.ClosedBy], Notes: []reportNote{}, Lines: []reportLine{}, Numbers: []reportNumber{},
		},
	}
	c := &report.Contents
	slices.SortFunc(others, func(a, b Evidence) int { return bytes.Compare(a.Salt, b.Salt) })
	for i := range others {
		c.Notes = append(c.Notes, reportNote{Name: others[i].Name, Salt: others[i].Salt, Text: others[i].Note})
	}
	for i := range all {
		l := &all[i]
		c.Lines = append(c.Lines, s.reportLine(l, named))
		report.Words[unitKey(int64(l.Unit))] = s.BodyName(p, l.Unit)
		report.Words[roleKey(string(l.Right), l.Code)] = s.RoleName(p, l.Basis())
		if a := l.Answer; a != nil && a.ByCode != "" {
			report.Words[byKey(a.ByCode)] = s.roleOf(a.ByCode, lang)
		}
	}
	return report, s.figures(ctx, r, report, func(body unit.ID) string { return s.BodyName(p, body) })
}

func unitKey(body int64) string         { return "unit " + strconv.FormatInt(body, 10) }
func roleKey(right, code string) string { return "role " + right + " " + code }
func byKey(code string) string          { return "by " + code }

// roleOf names the post or position somebody answered under.
func (s *Service) roleOf(code, lang string) string {
	if post, known := s.Charter.Post(code); known {
		return post.Name.In(lang)
	}
	if position, known := s.Charter.Position(code); known {
		return position.Name.In(lang)
	}
	return code
}

func (s *Service) reportLine(l *Line, named map[vault.PersonID]string) reportLine {
	out := reportLine{
		Unit: int64(l.Unit), Right: string(l.Right), Role: l.Code, State: string(l.State), Salt: []byte{}, Factors: []string{}, Findings: []reportFinding{},
	}
	e := l.Evidence
	if e == nil {
		return out
	}
	out.Name, out.Salt, out.From, out.Until, out.Ground = e.Name, e.Salt, day(e.From), day(e.Until), e.Ground
	out.SignedIn, out.Used = day(e.SignedIn), day(e.Used)
	out.Factors = append(out.Factors, e.Factors...)
	out.Pulled, out.Open, out.Overdue = e.Lists.Pulled, e.Lists.Open, e.Lists.Overdue
	for _, f := range e.Findings {
		out.Findings = append(out.Findings, reportFinding{
			Why: string(f.Why), Count: f.Count, Seats: f.Seats, Taken: f.Taken, Size: f.Size, Limit: f.Limit, New: f.First == l.Review,
		})
	}
	if a := l.Answer; a != nil {
		out.Reason, out.Answered, out.By, out.ByRole = a.Reason, moment(a.At), named[a.By], a.ByCode
	}
	return out
}

// figures adds the numbers, beside those of the review before.
func (s *Service) figures(ctx context.Context, r *Review, report *Report, name func(unit.ID) string) error {
	return s.DB.Read(ctx, func(q database.Querier) error {
		now, err := numbers(q, r.ID)
		if err != nil {
			return err
		}
		report.Contents.Last = int64(now[0][countLast])
		for body, counted := range now {
			for what, n := range counted {
				if what == countLast || strings.HasPrefix(what, countWas) {
					continue
				}
				report.Contents.Numbers = append(report.Contents.Numbers, reportNumber{
					Unit: int64(body), What: what, Count: n, Before: counted[countWas+what], Known: body == 0 && report.Contents.Last != 0,
				})
			}
			report.Words[unitKey(int64(body))] = name(body)
		}
		slices.SortFunc(report.Contents.Numbers, func(a, b reportNumber) int {
			if a.Unit != b.Unit {
				return int(a.Unit - b.Unit)
			}
			return strings.Compare(a.What, b.What)
		})
		return nil
	})
}

// moment is a time as it stands in a report: UTC, to the microsecond.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000Z")
}

// JSON is the report as a file: canonical, with a line end.
func (s *Signed) JSON() ([]byte, error) {
	text, err := certificate.Canonical(s)
	return append(text, '\n'), err
}

// LongestReport is how many bytes a report may have.
const LongestReport = 16 << 20

// parse reads a report in JSON. Only the exact bytes that JSON makes are one.
func parse(file []byte) (*Signed, bool) {
	var s Signed
	return &s, certificate.Exact(file, LongestReport, &s) && s.Report.Form == reportForm
}

// Check is what a check of a report found; words under review.verify.
type Check struct {
	Report   *Signed // nil for a file that cannot be read
	Hash     string  // of its contents
	AsClosed bool    // the contents are those of the closing
	certificate.Findings
}

// Verify checks a report, PDF or JSON, without a register (D14). With a key from
// outside it says whose it is.
func Verify(file []byte, key ed25519.PublicKey) Check {
	var c Check
	file, pages, err := certificate.Unpack(file)
	if err != nil {
		c.Test("pdf", false)
		return c
	}
	s, ok := parse(file)
	if c.Test("form", ok); !ok {
		return c
	}
	c.Report = s
	c.TestReport(&s.Report, s.Key, s.Signature, key)
	hash, err := s.Report.Contents.hash()
	c.Hash = hex.EncodeToString(hash)
	if c.AsClosed = err == nil && c.Hash == s.Report.Closing; c.AsClosed {
		c.Test("closing", true)
	} else if s.Report.Contents.Erased() > 0 || s.Report.Closing == "" {
		c.Leave("closing")
	} else {
		c.Test("closing", false)
	}
	c.TestPages(pages, s.PDF)
	return c
}
