package audit

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/certificate"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/seal"
	"kartotek/internal/unit"
)

// The report of a body's part. Its contents are fixed when both sides have confirmed and
// are kept as they are: they are counts, days, codes and case numbers, and name nobody,
// so whoever is erased after was never in it.

const reportForm = "kartotek audit 1"

// Report is a signed report.
type Report struct {
	Form         string            `json:"form"`
	Language     string            `json:"language"`
	Organisation string            `json:"organisation"`
	Zone         string            `json:"zone"`
	Contents     Contents          `json:"contents"`
	Words        map[string]string `json:"words"` // names of the body, functions and questions, in the report's language
}

// Contents are what a report says, in no language.
type Contents struct {
	Audit    int64          `json:"audit"`
	Unit     int64          `json:"unit"`
	Code     string         `json:"code"`
	Day      string         `json:"day"`
	AnswerBy string         `json:"answer_by"`
	Members  int            `json:"members"`
	States   map[string]int `json:"states"`
	Last     int64          `json:"last"`   // the audit before; 0 for none
	Before   map[string]int `json:"before"` // and its states
	Heads    []reportHead   `json:"heads"`
	Checks   []reportCheck  `json:"checks"`
	Cases    []reportCase   `json:"cases"`
	SaidAt   string         `json:"said_at"` // "" where the body never confirmed
	SaidAs   string         `json:"said_as"`
	DoneAt   string         `json:"done_at"`
	DoneAs   string         `json:"done_as"` // "" where it ended by itself
}

type reportHead struct {
	CutOff  string `json:"cut_off"`
	Members int    `json:"members"`
	Paying  int    `json:"paying"`
	Counted bool   `json:"counted"`
	Answer  string `json:"answer"`
	Case    int64  `json:"case"`
}

type reportCheck struct {
	Code   string `json:"code"`
	Known  bool   `json:"known"`
	Answer string `json:"answer"`
	Count  int    `json:"count"`
	Lacks  string `json:"lacks,omitempty"` // what stood in the way
}

type reportCase struct {
	Number  int64  `json:"number"`
	What    string `json:"what"`
	Outcome string `json:"outcome"` // "" where it was open then
}

// contents fixes what the report of a part says.
func (s *Service) contents(q database.Querier, a *Audit, p *Part, heads []Head, checks []Check) ([]byte, error) {
	at, _ := s.Units.Tree().ByID(p.Unit)
	c := Contents{
		Audit: a.ID, Unit: int64(p.Unit), Code: at.Code, Day: a.Day.String(), AnswerBy: a.AnswerBy.String(), Members: p.Counts.Members(),
		States: p.Counts.byCode(), Before: map[string]int{}, Heads: []reportHead{}, Checks: []reportCheck{}, Cases: []reportCase{},
		SaidAt: instant(p.SaidAt), SaidAs: p.SaidAs, DoneAt: instant(p.DoneAt), DoneAs: p.DoneAs,
	}
	before, err := parts(q, `WHERE audit = $1 AND unit = $2`, a.Last, int64(p.Unit))
	if err != nil {
		return nil, err
	}
	if len(before) > 0 {
		c.Last, c.Before = a.Last, before[0].Counts.byCode()
	}
	for _, h := range heads {
		c.Heads = append(c.Heads, reportHead{h.CutOff.String(), h.Members, h.Paying, h.Counted, string(h.Answer), h.Case})
	}
	for i := range checks {
		k := &checks[i]
		c.Checks = append(c.Checks, reportCheck{k.Code, k.Fact.Known, k.Holds(), k.Fact.Count, k.Fact.Lacks})
	}
	cases, err := bare(q, `WHERE audit = $1 AND unit = $2 ORDER BY id`, a.ID, int64(p.Unit))
	if err != nil {
		return nil, err
	}
	for i := range cases {
		c.Cases = append(c.Cases, reportCase{cases[i].ID, cases[i].What, cases[i].Outcome})
	}
	return certificate.Canonical(&c)
}

func (c *Counts) byCode() map[string]int {
	all := map[string]int{}
	for state, n := range c {
		if State(state) != Waiting {
			all[State(state).Code()] = n
		}
	}
	return all
}

// instant is a time as it stands in a report: UTC, to the microsecond.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000Z")
}

// Signed is a report with its signature.
type Signed struct {
	Report    Report `json:"report"`
	Key       []byte `json:"key"`
	Signature []byte `json:"signature"`
}

// Report gives the report of a part that is done to either side, in one of the charter's
// languages. It names nobody.
func (s *Service) Report(ctx context.Context, by access.Actor, audit int64, body unit.ID, lang string) (*Signed, error) {
	if _, err := s.either(ctx, by, body); err != nil {
		return nil, err
	}
	var p Part
	if err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		p, err = part(q, audit, body)
		return err
	}); err != nil {
		return nil, err
	}
	if p.Standing != Done {
		return nil, fault.New(fault.Conflict, "audit.error.report")
	}
	if !slices.Contains(s.Charter.Languages, lang) {
		lang = s.Charter.Languages[0]
	}
	at, _ := s.Units.Tree().ByID(body)
	report := Report{
		Form: reportForm, Language: lang, Organisation: s.Charter.Name.In(lang), Zone: s.Charter.TimeZone,
		Words: map[string]string{"unit": at.Name},
	}
	if err := json.Unmarshal(p.Contents, &report.Contents); err != nil {
		return nil, err
	}
	for _, code := range []string{p.SaidAs, p.DoneAs} {
		if code != "" {
			report.Words["as "+code] = s.role(code, lang)
		}
	}
	for i := range s.Charter.Audit.Checks {
		k := &s.Charter.Audit.Checks[i]
		report.Words["check "+k.Code] = k.Ask.In(lang)
	}
	text, err := certificate.Canonical(&report)
	if err != nil {
		return nil, err
	}
	signature := s.Keyring.Attest(text)
	return &Signed{Report: report, Key: s.Keyring.LedgerKey(), Signature: signature[:]}, nil
}

// Paper is the report on paper under the digital seal that any reader of PDFs checks.
func (s *Service) Paper(ctx context.Context, signed *Signed) ([]byte, error) {
	pdf, err := signed.PDF()
	if err != nil {
		return nil, err
	}
	return s.Sealer.Seal(ctx, pdf, locale.For(signed.Report.Language).T("audit.paper.reason"))
}

// role names the post or position somebody confirmed under.
func (s *Service) role(code, lang string) string {
	if post, known := s.Charter.Post(code); known {
		return post.Name.In(lang)
	}
	if position, known := s.Charter.Position(code); known {
		return position.Name.In(lang)
	}
	return code
}

// JSON is the report as a file: canonical, with a line end.
func (s *Signed) JSON() ([]byte, error) {
	text, err := certificate.Canonical(s)
	return append(text, '\n'), err
}

// Hash is of the contents.
func (c *Contents) Hash() string {
	text, err := certificate.Canonical(c)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// LongestReport is how many bytes a report may have.
const LongestReport = 8 << 20

// parse reads a report in JSON. Only the exact bytes that JSON makes are one.
func parse(file []byte) (*Signed, bool) {
	var s Signed
	return &s, certificate.Exact(file, LongestReport, &s) && s.Report.Form == reportForm
}

// Verification is what a check of a report found; words under audit.verify.
type Verification struct {
	Report *Signed // nil for a file that cannot be read
	certificate.Findings
}

// Verify checks a report, PDF or JSON, without a register. With a key from outside it
// says whose it is.
func Verify(file []byte, key ed25519.PublicKey) Verification {
	var v Verification
	if bytes.HasPrefix(file, []byte("%PDF-")) {
		if sealed, err := seal.Verify(file); err == nil {
			v.Test("seal", sealed.Sound)
			file = sealed.Base
		} else {
			v.Leave("seal")
		}
	}
	file, pages, err := certificate.Unpack(file)
	if err != nil {
		v.Test("pdf", false)
		return v
	}
	s, ok := parse(file)
	if v.Test("form", ok); !ok {
		return v
	}
	v.Report = s
	v.TestReport(&s.Report, s.Key, s.Signature, key)
	v.TestPages(pages, s.PDF)
	return v
}
