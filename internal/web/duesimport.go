package web

import (
	"bytes"
	"strconv"
	"sync"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/dues"
	"kartotek/internal/fault"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// A bank's file lies in memory between its preview and its entry, and never on
// the disk: it names payers. It belongs to one session and hat and goes when it
// is entered, dropped, replaced, or after a while.

const (
	bankSize = 16 << 20 // bytes of a file; larger ones go by the command line
	bankKept = 30 * time.Minute
	bankMost = 4
)

type bankFiles struct {
	mu sync.Mutex
	by map[vault.PersonID]*bankFile
}

type bankFile struct {
	session string
	hat     uint64
	body    unit.ID
	year    int
	data    []byte
	expires *time.Timer
}

func (b *bankFiles) of(v *visit) *bankFile {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.by[v.session.Person]
	if f == nil || f.session != v.sessions.Token(v.ctx()) || f.hat != v.actor.As {
		return nil
	}
	return f
}

func (b *bankFiles) keep(v *visit, f *bankFile) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.by == nil {
		b.by = map[vault.PersonID]*bankFile{}
	}
	person := v.session.Person
	if old := b.by[person]; old != nil {
		old.expires.Stop()
	} else if len(b.by) >= bankMost {
		return fault.New(fault.TooMany, "import.error.busy")
	}
	f.session, f.hat = v.sessions.Token(v.ctx()), v.actor.As
	f.expires = time.AfterFunc(bankKept, func() { b.drop(person, f) })
	b.by[person] = f
	return nil
}

func (b *bankFiles) drop(person vault.PersonID, f *bankFile) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if f != nil && b.by[person] == f {
		f.expires.Stop()
		delete(b.by, person)
	}
}

// bankView is the import of a bank's file: the form, or what would be entered.
type bankView struct {
	Asked    *duesAsked
	Name     string
	Problems look.Problems
	File     look.Field
	Report   *dues.Report
	Counts   look.Rows
	Rows     []bankRow
	Pages    look.Pages
	Because  look.Because
}

type bankRow struct {
	Line                    string
	Day                     civil.Date
	Reference, Amount, Owed string
	Tone                    look.Tone
	Outcome, Hint, Account  string
}

var outcomeTones = map[dues.Outcome]look.Tone{
	dues.Matched: look.OK, dues.Less: look.Soon, dues.More: look.Soon, dues.Again: look.Soon, dues.Repeated: look.Note,
	dues.CheckDigit: look.Late, dues.Unknown: look.Late, dues.Outgoing: look.Note, dues.Unreadable: look.Late,
}

// bankShown is how many payments a page of the preview has.
const bankShown = 100

// duesImportPage shows the form, or what the file would enter.
func duesImportPage(v *visit) error { return v.duesImport(v.query(), nil) }

func (v *visit) duesImport(f form, problems look.Problems) error {
	a, err := v.dues(f)
	if err != nil {
		return err
	}
	view := bankView{
		Asked: a, Name: v.duesName(a), Problems: problems, Because: v.becauseOf("dues", a.Scope),
		File: look.Field{Name: "file", Label: v.T("dues.import.file"), Hint: v.T("dues.import.file_hint", "size", bankSize>>20), Input: look.FileInput, Accept: ".csv,.txt,.xlsx,.xml,.dat", Required: true, Error: problems.For("file")},
	}
	if file := v.banks.of(v); file != nil {
		r, err := v.house.Dues.Import(v.ctx(), v.actor, file.body, bytes.NewReader(file.data), int64(len(file.data)), true)
		more, err := v.problems(err)
		if err != nil {
			return err
		}
		if more != nil {
			v.banks.drop(v.session.Person, file)
			view.Problems, view.File.Error = append(view.Problems, more...), more.For("file")
		} else {
			v.bankReport(&view, &r)
		}
	}
	return v.show(page{title: v.T("dues.import.title"), tab: tabDues, body: bankBody(view), failed: view.Problems != nil})
}

func (v *visit) bankReport(view *bankView, r *dues.Report) {
	view.Report = r
	for _, o := range dues.Outcomes {
		if n := r.Counts[o]; n > 0 {
			view.Counts = append(view.Counts, look.Row{Term: v.T("dues.outcome." + string(o)), Value: look.Text(v.p.Number(n))})
		}
	}
	at, last := v.query().page(), (len(r.Rows)+bankShown-1)/bankShown
	at = min(at, max(last, 1))
	view.Pages = look.Pages{Label: v.T("dues.import.pages"), Page: at, Last: last, URL: pageURL(duesImport, "unit", view.Asked.Body.Code, "year", strconv.Itoa(view.Asked.Year))}
	for _, row := range r.Rows[(at-1)*bankShown : min(at*bankShown, len(r.Rows))] {
		line := bankRow{
			Line: strconv.Itoa(row.Line), Day: row.Date, Reference: row.Reference, Amount: v.p.Sum(row.Amount), Tone: outcomeTones[row.Outcome],
			Outcome: v.T("dues.outcome." + string(row.Outcome)), Hint: v.T("dues.outcome_hint." + string(row.Outcome)),
		}
		if !row.Date.IsValid() {
			line.Day = civil.Date{}
		}
		if row.Person != 0 {
			line.Owed, line.Account = v.p.Sum(row.Owed), duesAccount(v.public(row.Person))
		}
		view.Rows = append(view.Rows, line)
	}
}

// duesImportFile takes a file and shows what it would enter.
func duesImportFile(v *visit) error {
	f := v.query()
	a, err := v.dues(f)
	if err != nil {
		return err
	}
	data, err := v.posted(bankSize, "dues.error.import", "import.error.too_large")
	if err == nil {
		err = v.banks.keep(v, &bankFile{data: data, body: a.Body.ID, year: a.Year})
	}
	if problems, err := v.problems(err); err != nil {
		return err
	} else if problems != nil {
		return v.duesImport(f, problems)
	}
	return v.to(a.path(duesImport))
}

// duesImportEnter enters what the preview has shown.
func duesImportEnter(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	a, err := v.dues(f)
	if err != nil {
		return err
	}
	file := v.banks.of(v)
	if file == nil {
		return v.duesImport(f, look.Problems{{Field: "file", Text: v.T("dues.import.gone")}})
	}
	r, err := v.house.Dues.Import(v.ctx(), v.actor, file.body, bytes.NewReader(file.data), int64(len(file.data)), false)
	if problems, err := v.problems(err); err != nil {
		return err
	} else if problems != nil {
		return v.duesImport(f, problems)
	}
	v.banks.drop(v.session.Person, file)
	return v.toWith(a.path(duesPath), "dues.notice.imported", int64(r.Entered))
}

// duesImportDrop lets go of the file.
func duesImportDrop(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	a, err := v.dues(f)
	if err != nil {
		return err
	}
	v.banks.drop(v.session.Person, v.banks.of(v))
	return v.to(a.path(duesImport))
}
