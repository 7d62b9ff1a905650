package letter

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
)

// addressFields are what is read of a member to put on an envelope.
var addressFields = []string{"given", "family", "address", "postal", "town", "country"}

// Print is letters on their way to a printer. They are journaled and noted as
// printed, whether the file is ever written or not.
type Print struct {
	Letters int // in the file
	Left    int // asked for, but without an address that a letter reaches

	service *Service
	pieces  []piece
	wish    Wish
	sheet   document.LabelSheet
	at      time.Time
}

// piece is one letter with all that stands on it.
type piece struct {
	letter  Letter
	address []string
	slip    *Slip
}

// Print takes letters out to be printed: those named, or all that wait. Whoever
// has no address a letter reaches is left out and stays in the queue. What is
// printed is held in memory until it is written, since an address may be gone
// the next moment; no temporary file is made.
func (s *Service) Print(ctx context.Context, by access.Actor, w Wish) (*Print, error) {
	scope, err := s.require(ctx, by)
	if err != nil {
		return nil, err
	}
	p := &Print{service: s, wish: w, at: s.Now()}
	if err := p.check(); err != nil {
		return nil, err
	}
	var all []Letter
	err = s.DB.Read(ctx, func(q database.Querier) (err error) {
		all, err = s.wanted(q, &w)
		return err
	})
	if err != nil {
		return nil, err
	}
	to, err := s.addressees(ctx, scope, all)
	if err != nil {
		return nil, err
	}
	var printing []Letter
	for i := range all {
		l := &all[i]
		e := to[l.Person]
		if e == nil || troubleOf(e) != "" {
			p.Left++
			continue
		}
		if err := s.open(l); err != nil {
			return nil, err
		}
		if l.Body == "" { // its end came between the reading and here
			p.Left++
			continue
		}
		name, err := s.nameOn(ctx, scope, l, e)
		if err != nil {
			return nil, err
		}
		slip, err := s.slip(ctx, by.Person, w.Paper, l, name)
		if err != nil {
			return nil, err
		}
		p.pieces = append(p.pieces, piece{*l, append([]string{name}, e.Lines...), slip})
		printing = append(printing, *l)
	}
	p.Letters = len(p.pieces)
	if p.Letters == 0 {
		return nil, fault.New(fault.NotFound, "letter.error.nothing_prints")
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		for i := range printing {
			if w.Paper != Letters {
				continue // labels alone tell nobody anything
			}
			if err := printed(tx, printing[i].ID, by.Person); err != nil {
				return err
			}
			if slip := p.pieces[i].slip; slip != nil {
				if err := slip.Note(tx); err != nil {
					return err
				}
			}
		}
		e := scope.Entry(journal.Print)
		e.Persons, e.Fields = personsOf(printing), addressFields
		_, err := s.Journal.Append(tx, &e)
		return err
	})
	return p, err
}

// wanted are the letters a wish means, in the order of the queue.
func (s *Service) wanted(q database.Querier, w *Wish) ([]Letter, error) {
	all, err := query(q, `WHERE state = $1 ORDER BY due_on, id`, string(Waiting))
	if err != nil {
		return nil, err
	}
	if len(w.IDs) > 0 {
		all = slices.DeleteFunc(all, func(l Letter) bool { return !slices.Contains(w.IDs, l.ID) })
	}
	return all[:min(len(all), AtOnce)], nil
}

// check settles what is printed on.
func (p *Print) check() error {
	switch p.wish.Paper {
	case Letters:
		return nil
	case Labels:
	default:
		return fault.New(fault.Invalid, "letter.error.paper").With("paper", "letter.error.paper")
	}
	if p.wish.Sheet == "" {
		p.wish.Sheet = document.LabelSheets[0].Code()
	}
	var known bool
	if p.sheet, known = document.LabelSheetNamed(strings.ToUpper(p.wish.Sheet)); !known {
		var codes []string
		for _, s := range document.LabelSheets {
			codes = append(codes, s.Code())
		}
		return fault.New(fault.Invalid, "letter.error.paper").With("sheet", "extract.error.sheet", "known", strings.Join(codes, ", "))
	}
	if p.wish.Start == 0 {
		p.wish.Start = 1
	}
	if last := p.sheet.Columns * p.sheet.Rows; p.wish.Start < 1 || p.wish.Start > last {
		return fault.New(fault.Invalid, "letter.error.paper").With("start", "extract.error.start", "last", last)
	}
	return nil
}

// FileName is what the file should be called.
func (p *Print) FileName() string {
	return fmt.Sprintf("%s-%s.pdf", locale.For(p.wish.Lang).T("letter.file."+string(p.wish.Paper)), p.service.Charter.Today(p.at))
}

func (p *Print) about() document.PDFOptions {
	return document.PDFOptions{Title: locale.For(p.wish.Lang).T("letter.file." + string(p.wish.Paper)), Language: p.wish.Lang, Time: p.at}
}

// Write writes the PDF. What whoever posts must look at, an address that did not
// fit, stands on a page of its own at the end.
func (p *Print) Write(w io.Writer) error {
	out := bufio.NewWriterSize(w, 64<<10)
	if p.wish.Paper == Labels {
		if err := p.labels(out); err != nil {
			return err
		}
		return out.Flush()
	}
	letters := document.NewLetters(out, p.about())
	for i := range p.pieces {
		if err := letters.Write(p.letter(&p.pieces[i])); err != nil {
			return err
		}
		if slip := p.pieces[i].slip; slip != nil {
			if err := letters.Slip(slip.Lead, &slip.Strip); err != nil {
				return err
			}
		}
	}
	if cramped := letters.Cramped(); len(cramped) > 0 || letters.Missing() > 0 {
		if err := letters.Write(p.remarks(cramped, letters.Missing())); err != nil {
			return err
		}
	}
	if err := letters.Close(); err != nil {
		return err
	}
	return out.Flush()
}

func (p *Print) labels(w io.Writer) error {
	labels, err := document.NewLabels(w, p.sheet, p.wish.Start, p.about())
	if err != nil {
		return err
	}
	for i := range p.pieces {
		if err := labels.Write(p.pieces[i].address); err != nil {
			return err
		}
	}
	return labels.Close()
}

// letter is a letter as it lies in its envelope. Who writes stands inside, away
// from the window (L1).
func (p *Print) letter(one *piece) document.Letter {
	s := p.service
	words := s.Charter.Printer(one.letter.Lang)
	name := s.Sender(one.letter.Lang)
	return document.Letter{
		Sender:     append([]string{name}, s.Charter.Letters.Sender...),
		Address:    one.address,
		Date:       words.Date(s.Charter.Today(p.at)),
		Subject:    one.letter.Subject,
		Paragraphs: paragraphs(one.letter.Body),
		Closing:    []string{words.T("letter.closing"), name},
		Footer:     words.T("letter.footer", "number", one.letter.ID),
	}
}

// remarks are a last page for whoever posts.
func (p *Print) remarks(cramped []int, missing int) document.Letter {
	words := p.service.Charter.Printer(p.wish.Lang)
	l := document.Letter{Subject: words.T("letter.remarks.title"), Footer: words.T("letter.remarks.footer")}
	if len(cramped) > 0 {
		numbers := make([]string, len(cramped))
		for i, at := range cramped {
			numbers[i] = fmt.Sprint(p.pieces[at-1].letter.ID)
		}
		l.Paragraphs = append(l.Paragraphs, words.T("letter.remarks.cramped", "numbers", words.List(numbers)))
	}
	if missing > 0 {
		l.Paragraphs = append(l.Paragraphs, words.T("letter.remarks.missing", "count", missing))
	}
	return l
}
