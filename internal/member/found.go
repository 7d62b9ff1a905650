package member

import (
	"context"
	"io"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/document"
	"kartotek/internal/vault"
)

// A list found where it should not be is held against the register to learn who is
// on it: row by row, by member number, e-mail, phone, by name with birth date,
// postal code or address, as they are now or were within the time that prints of
// former values are kept (past.go). Whoever was erased is nobody; of them nothing
// is known that a row could be compared with (D7).
//
// Nothing of the file is kept, and nothing of a member leaves: the answer is ids and
// times, for the room that names the lists.

// FoundOptions say what the one who found a file knows better than the program.
type FoundOptions struct {
	Sheet    string
	Encoding document.Encoding
}

// Found is what a file is, as far as the register knows.
type Found struct {
	Columns []FoundColumn
	Rows    []FoundRow
	Passed  int           // rows that are nobody's: totals, headings once more
	Claims  map[int64]int // numbers of lists that the rows themselves tell, and how many do
	Within  int           // persons within the Scope's reach

	// Once are the ids under which somebody of the rows stands on older lists, from
	// before two entries of theirs became one.
	Once map[vault.PersonID][]vault.PersonID
}

// FoundColumn is a column, and the fields of the charter it holds; none where it
// was not understood.
type FoundColumn struct {
	Heading string
	Fields  []string
	Guessed bool // by what stands in it, for want of a heading
}

// FoundRow is one row: who it may be. One person is certain enough; several cannot
// be told apart by what the row has; none is nobody the register knows.
type FoundRow struct {
	Line    int
	Persons []vault.PersonID
	Common  bool         // a name that very many bear: nobody can be told by it
	Values  []FoundValue // of a row that is one person
}

// FoundValue is when a value of the row was that person's: never, as far as is
// known, or once or several times.
type FoundValue struct {
	Field  string
	Theirs []Span
}

// Span is a time. From is zero where it lies further back than is known, Until where
// it goes on.
type Span struct{ From, Until time.Time }

// Holds reports whether a moment lies within.
func (s Span) Holds(at time.Time) bool {
	return !at.Before(s.From) && (s.Until.IsZero() || at.Before(s.Until))
}

// Bounded reports whether the span says anything about when.
func (s Span) Bounded() bool { return !s.From.IsZero() || !s.Until.IsZero() }

const (
	foundRows  = 200_000 // rows a found file may have
	foundMany  = 64      // persons a row may be; beyond, a name says nothing
	foundTried = 4096    // persons a name is tried on who are then told apart by more
)

// KnownSince is since when values that changed are still recognised, by today.
func (d *Directory) KnownSince() time.Time { return d.pastBefore(d.now()) }

// FoundLimits are the most a found file may be.
var FoundLimits = document.Limits{File: 64 << 20, Unpacked: 512 << 20, Columns: 256, Row: 1 << 20, Strings: 64 << 20}

// Recognise reads a found file and finds who its rows are among those the Scope
// reaches, whoever is leaving too: they stood on lists. The Scope must have been
// decided for reading the journal, whose sets the answer is held against; the caller
// journals who was recognised before anything is told.
func (d *Directory) Recognise(ctx context.Context, s access.Scope, src io.ReaderAt, size int64, o FoundOptions) (*Found, error) {
	x, err := d.enter(s, charter.Journal)
	if err != nil {
		return nil, err
	}
	f, err := d.readFound(x, src, size, o)
	if err != nil {
		return nil, err
	}
	m := newMatching(d, x, s)
	if err := m.match(ctx, f.clues); err != nil {
		return nil, err
	}
	found := &Found{Columns: f.told(), Rows: m.rows, Passed: f.passed, Claims: f.claims, Once: m.once}
	x.mu.RLock()
	defer x.mu.RUnlock()
	w := reachOf(s)
	found.Within = int(x.reached(w).GetCardinality())
	for it := x.hidden.Iterator(); it.HasNext(); {
		if x.reaches(w, vault.PersonID(it.Next())) {
			found.Within++
		}
	}
	return found, nil
}
