package departure

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Mails is what Find must know of the outbox: every mail that can be opened.
type Mails interface {
	Walk(ctx context.Context, fn func(id int64, person vault.PersonID, texts []string, err error) error) error
}

// Search is what is looked for and where.
type Search struct {
	Texts []string // each is looked for by itself
	Dirs  []string // every file in and below them; a file stands for itself
	Temp  string   // of this directory the files the program could have left; "" for none
	Mails Mails

	Letters Mails // the same of what waits to be printed

	Mailings Mails // the same of what was written to members
}

// Place is where one of the texts stands. It never tells the text. One of File,
// Kind, Mail, Letter and Table says what kind of place it is.
type Place struct {
	Text int // which one, from 0

	File   string
	Offset int64 // bytes

	Kind   string // of a record, or its number where nobody declares it
	Person vault.PersonID
	ID     uint64
	Until  civil.Date // of what a law orders kept: its last day (L7)

	Mail int64

	Letter int64 // one that waits to be printed

	Table, Column string
	Row           int64 // its number in the table; where rows have none, counted as they came
}

// Remains is the outcome of Find.
type Remains struct {
	Places     []Place
	Kept       []Place // what a law orders kept, each until its day: no remains
	More       int     // places beyond those listed
	Unreadable []Place // what could not be read, so that nobody can say
	Files      int     // searched
	Bytes      int64   // of files
	Records    int     // opened
	MailCount  int     // opened, letters too
}

// mostPlaces is how many places are listed.
const mostPlaces = 10_000

// Find searches everything Kartotek stores for texts: what can be unsealed is
// unsealed (records, mails), every row of the register is read through the
// database, every file byte by byte. It is how an erasure is proved (D7). The
// Scope must be decided for closing, for the whole register. Who was found is
// journaled before the places are told; the texts are kept nowhere.
func (s *Service) Find(ctx context.Context, scope access.Scope, what Search) (Remains, error) {
	if !scope.All() || scope.Act() != charter.Close {
		return Remains{}, fault.New(fault.Denied, "access.denied.act", "act", charter.Close.String())
	}
	f := &finder{persons: roaring.New()}
	for _, text := range what.Texts {
		n, err := newNeedle(text, s.Charter.Country)
		if err != nil {
			return Remains{}, err
		}
		f.needles = append(f.needles, n)
	}
	if len(f.needles) == 0 {
		return Remains{}, fault.New(fault.Invalid, "departure.find.empty")
	}
	for _, look := range []func() error{
		func() error { return s.Records.Everything(ctx, f.record) },
		func() error { return f.mails(ctx, what.Mails, func(id int64) Place { return Place{Mail: id} }) },
		func() error { return f.mails(ctx, what.Letters, func(id int64) Place { return Place{Letter: id} }) },
		func() error {
			return f.mails(ctx, what.Mailings, func(id int64) Place { return Place{Table: "mailing", Column: "sealed", Row: id} })
		},
		func() error { return f.rows(ctx, s.DB) },
		func() error { return f.files(ctx, what.Dirs, what.Temp) },
	} {
		if err := look(); err != nil {
			return Remains{}, err
		}
	}
	e := scope.Entry(journal.Find)
	e.Persons, e.Number = f.persons, int64(len(f.Places)+len(f.Kept)+f.More)
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return Remains{}, err
	}
	return f.Remains, nil
}

// finder gathers what one Find meets.
type finder struct {
	Remains
	needles []*needle
	persons *roaring.Bitmap
	buffer  []byte // of files
}

func (f *finder) found(p Place) {
	if p.Person != 0 {
		f.persons.Add(uint32(p.Person))
	}
	list := &f.Places
	if !p.Until.IsZero() {
		list = &f.Kept
	}
	if len(*list) == mostPlaces {
		f.More++
		return
	}
	*list = append(*list, p)
}

func (f *finder) unreadable(p Place) {
	if len(f.Unreadable) < mostPlaces {
		f.Unreadable = append(f.Unreadable, p)
	}
}

// record looks into one record: at its bytes, and at what a person would be told.
func (f *finder) record(u *record.Unsealed) error {
	place := Place{Kind: kindName(u.Kind), Person: u.Person, ID: u.ID}
	if u.Class.Ends() {
		place.Until = endOf(u.Class)
	}
	if u.Err != nil {
		f.unreadable(place)
		return nil
	}
	f.Records++
	texts := make([]string, len(u.Lines))
	for i, line := range u.Lines {
		texts[i] = line.Value
	}
	for i, n := range f.needles {
		if n.stands(u.Plain) || n.inTexts(texts) {
			place.Text = i
			f.found(place)
		}
	}
	return nil
}

func (f *finder) mails(ctx context.Context, mails Mails, at func(id int64) Place) error {
	if mails == nil {
		return nil
	}
	return mails.Walk(ctx, func(id int64, person vault.PersonID, texts []string, err error) error {
		place := at(id)
		place.Person = person
		if err != nil {
			f.unreadable(place)
			return nil
		}
		f.MailCount++
		for i, n := range f.needles {
			if n.inTexts(texts) {
				place.Text = i
				f.found(place)
			}
		}
		return nil
	})
}
