package consent

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Sheet is a signature sheet on its way to a printer (N10). It is journaled as a list
// of whoever stands on it, whether the file is ever written or not.
type Sheet struct {
	Number uint64
	Lines  int

	service   *Service
	body      unit.Unit
	questions []Question
	declared  Declared
	strips    []document.Strip
	p         *locale.Printer
}

// letters of codes: none is taken for another.
const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newCode draws a code: thirteen letters at random and one by which a slip of the
// finger is noticed.
func newCode() string {
	var b [document.StripCode - 1]byte
	rand.Read(b[:])
	for i := range b {
		b[i] = letters[b[i]%32]
	}
	return string(b[:]) + string(check(string(b[:])))
}

func check(code string) byte {
	sum := 0
	for i := range len(code) {
		sum = (sum*31 + strings.IndexByte(letters, code[i]) + 1) % 32
	}
	return letters[sum]
}

// ReadCode reads a code as somebody types it: small letters, spaces, O for 0. "" for
// what is none.
func ReadCode(typed string) string {
	code := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '\t', '\u00a0':
			return -1
		case 'O', 'o':
			return '0'
		case 'I', 'i', 'L', 'l':
			return '1'
		}
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, typed)
	if len(code) != document.StripCode || strings.Trim(code, letters) != "" || check(code[:len(code)-1]) != code[len(code)-1] {
		return ""
	}
	return code
}

// ShowCode writes a code in groups.
func ShowCode(code string) string {
	if len(code) != document.StripCode {
		return code
	}
	return code[:5] + " " + code[5:10] + " " + code[10:]
}

// enters decides that somebody enters papers of a body: whoever may change its
// members' cards.
func (s *Service) enters(ctx context.Context, by access.Actor, body unit.ID) (access.Scope, error) {
	return s.Access.Require(ctx, by, access.Want{Act: charter.Edit, Unit: body})
}

// onPaper are the questions that whoever has a Scope enters from paper: what goes to
// recipients outside the legal body is for those who reach the whole register.
func (s *Service) onPaper(whole bool, lang string, v Version) []Question {
	var all []Question
	for _, k := range s.Charter.AsksConsent() {
		if k.Recipient == nil || whole {
			all = append(all, askOnPaper(s.Charter, k, lang, v))
		}
	}
	return all
}

// PrintSheet makes a signature sheet of a body: for those who were not told of the
// declaration that stands, or for all. Nothing is ticked; the version is named.
func (s *Service) PrintSheet(ctx context.Context, by access.Actor, body unit.ID, lang string, all bool) (*Sheet, error) {
	scope, err := s.enters(ctx, by, body)
	if err != nil {
		return nil, err
	}
	members := s.Members.Present(s.searching(by, body), s.Members.MembersOf(body))
	st, err := s.standing(ctx, body, members)
	switch {
	case err != nil:
		return nil, err
	case st.Declared == nil:
		return nil, fault.New(fault.Conflict, "consent.error.nothing_declared")
	case !all:
		members = roaring.Or(st.Not, st.Earlier)
	}
	for it := members.Clone().Iterator(); it.HasNext(); {
		if person := it.Next(); s.Members.Leaving(vault.PersonID(person)) || !s.Members.Within(scope, vault.PersonID(person)) {
			members.Remove(person)
		}
	}
	switch n := members.GetCardinality(); {
	case n == 0:
		return nil, fault.New(fault.Conflict, "consent.error.sheet_empty")
	case n > sheetLines:
		return nil, fault.New(fault.Conflict, "consent.error.sheet_long", "most", sheetLines)
	}
	persons := ids(members)
	names, err := s.Members.Names(ctx, scope, persons)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(persons, func(a, b vault.PersonID) int { return strings.Compare(names[a], names[b]) })
	return s.sheet(ctx, scope, body, lang, *st.Declared, persons, names)
}

func (s *Service) sheet(ctx context.Context, scope access.Scope, body unit.ID, lang string, d Declared, persons []vault.PersonID, names map[vault.PersonID]string) (*Sheet, error) {
	p := s.Charter.Printer(lang)
	own, _ := s.Units.Tree().ByID(body)
	v := d.In(p.Lang())
	x := &Sheet{Lines: len(persons), service: s, body: own, declared: d, p: p, questions: s.onPaper(scope.All(), lang, v)}
	papers := make([]Paper, len(persons))
	for i, person := range persons {
		paper := Paper{Code: newCode(), Body: body, Version: v, Lang: p.Lang(), PrintedBy: scope.Actor().Person, Asked: askedOf(x.questions)}
		strip := x.strip(names[person], paper.Code)
		paper.Height = document.StripHeight(&strip)
		papers[i], x.strips = paper, append(x.strips, strip)
	}
	return x, s.DB.Write(ctx, func(tx *database.Tx) error {
		number, err := tx.Next("consent_sheet")
		if err != nil {
			return err
		}
		x.Number = uint64(number)
		for i := range papers {
			papers[i].Sheet = x.Number
			if err := s.print(tx, persons[i], &papers[i]); err != nil {
				return err
			}
		}
		e := scope.Entry(journal.ConsentSheet, persons...)
		e.Fields, e.Number, e.Target = []string{"given", "family"}, number, uint32(body)
		_, err = s.Journal.Append(tx, &e)
		return err
	})
}

// print writes a paper down as it leaves.
func (s *Service) print(tx *database.Tx, person vault.PersonID, p *Paper) error {
	id, err := tx.Next("consent_paper")
	if err != nil {
		return err
	}
	p.ID, p.PrintedAt = uint64(id), tx.Now()
	return record.Create(s.Records, tx, Papers, person, p.ID, p)
}

func askedOf(questions []Question) []Asked {
	all := make([]Asked, len(questions))
	for i := range questions {
		q := &questions[i]
		all[i] = Asked{Code: q.Code, Name: q.Name, Text: q.Asked, Hash: q.Hash, Purposes: q.Purposes}
	}
	return all
}

// strip is one person's line.
func (x *Sheet) strip(name, code string) document.Strip {
	strip := document.Strip{
		Code: code, Typed: ShowCode(code), Name: name, Note: []string{x.p.T("consent.sheet.told", "number", x.declared.Number)},
		Lines: []string{x.p.T("consent.sheet.date"), x.p.T("consent.sheet.signature")},
	}
	for i := range x.questions {
		box := document.Box{Text: lettered(i, x.questions[i].Name)}
		if i == 0 {
			box.Group = x.p.T("consent.sheet.yes")
		}
		strip.Boxes = append(strip.Boxes, box)
	}
	return strip
}

func lettered(i int, text string) string { return fmt.Sprintf("%c. %s", rune('A'+i%26), text) }

// FileName is what the file should be called; it names no person.
func (x *Sheet) FileName() string {
	return fmt.Sprintf("%s-%d.pdf", x.p.T("consent.sheet.file"), x.Number)
}

// Write writes the PDF: first what one says yes to, in full; then the lines.
func (x *Sheet) Write(w io.Writer) error {
	p, s := x.p, x.service
	title := p.T("consent.sheet.title")
	declaring, _ := s.Units.Tree().ByID(x.declared.Unit)
	paper := document.NewPaper(w, document.PaperTexts{
		Sender: x.body.Name, Title: title, Page: p.T("extract.print.page"), Footer: p.T("consent.sheet.footer", "number", x.Number, "version", x.declared.Number),
	}, nil, document.PDFOptions{Title: fmt.Sprintf("%s %d", title, x.Number), Language: p.Lang(), Time: s.Now()})
	first := document.Section{Paragraphs: []string{
		p.T("consent.sheet.lead"),
		p.T("consent.sheet.version", "body", declaring.Name, "number", x.declared.Number, "date", p.Date(s.Charter.Today(x.declared.At))),
	}}
	if v := x.declared.In(p.Lang()); v.Hash != "" {
		first.Codes = []string{p.T("consent.sheet.sum", "sum", v.Hash)}
	}
	all := []document.Section{first}
	for i := range x.questions {
		q := &x.questions[i]
		all = append(all, document.Section{Heading: lettered(i, q.Name), Paragraphs: []string{q.Asked, q.Opens}})
	}
	if len(x.questions) > 0 {
		all = append(all, document.Section{Heading: p.T("consent.sheet.free"), Paragraphs: []string{p.T("consent.sheet.back")}})
	}
	all = append(all, document.Section{Heading: p.T("consent.sheet.kept"), Paragraphs: []string{
		p.T("consent.sheet.kept_text", "years", s.Charter.Parameters.EvidenceYears.Value, "days", s.Charter.Parameters.SheetDays.Value),
	}})
	for _, section := range all {
		if err := paper.Write(section); err != nil {
			return err
		}
	}
	if _, err := paper.Strips(x.strips); err != nil {
		return err
	}
	return paper.Close()
}
