// Package trace says which recorded lists a list can come from that was found where
// it should not be: part of one, sorted anew, with columns missing or headings of its
// own, or made of several (L2, L4, D12). The directory tells who its rows are, the
// journal who was on which list; this room weighs the two and says why.
//
// # How it weighs
//
// Of every list the question is how much likelier the file is if it came from that
// list than if it were any members by chance. The answer is a sum of logarithms:
//
//   - Persons. Of the file's m known persons k are on a list of n, in a register of N.
//     By chance k follows the hypergeometric distribution. From the list, all of them
//     are on it but for a few strays (one in fifty), or, one time in ten, the file is
//     only in part from it and any k is as good. What is gained is
//     ln P(k from the list) − ln P(k by chance), where k is more than chance gives.
//     One formula so holds what precision and recall would be used for: persons that
//     are not on the list cost, a small list that the file fills gains more than a
//     large one that holds everybody, and a list of the whole register gains nothing.
//   - Rows that fit several persons, as a common name does, count as on the list when
//     any of those is; chance makes that the likelier, the more they are.
//   - Columns. A field of the file that the list had speaks for it, one that it did not
//     have against it; one that somebody dropped counts little.
//   - Values. A value that was somebody's only for a time speaks for lists pulled then,
//     and against those pulled before or after. What never changed says nothing.
//   - The list's own number, which every line of it carries, where it is still there.
//
// A file made of several lists is explained by as few of them as do: the best, then
// the best for whoever is not on it. Before a list is named with confidence it has to
// outweigh how many lists there are, since among many something fits by chance, and
// every other list that explains the same.
//
// Nothing of the file is kept. What it was known by stands in the journal as a keyed
// print, so that the same file is known again here and a short one is not guessed
// elsewhere.
package trace

import (
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/member"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// List is a recorded list, as far as tracing needs it.
type List struct {
	Number    int64
	Entry     int64 // in the journal, with who was on it
	Unit      unit.ID
	Purpose   string
	Format    string
	Recipient vault.PersonID
	Members   int
	Fields    []string
	PulledAt  time.Time
	DestroyBy civil.Date
	Destroyed bool // attested
	Overdue   bool
}

// Level is how surely a list is named.
type Level string

const (
	Clear Level = "clear" // it, and no other that explains the same
	Fits  Level = "fits"  // more than chance, and others fit as well or better
	Weak  Level = "weak"  // no more than chance could give
)

// Value is when a value of a row was valid, beside the day a list was pulled.
type Value struct {
	Line   int
	Field  string
	Theirs []member.Span
}

// Candidate is a list the file can come from, and why.
type Candidate struct {
	List    List
	Level   Level
	Score   float64 // natural logarithm of how much likelier than chance
	On      int     // persons of the file who were on it
	Further int     // rows that fit several persons, one of whom was on it
	Claimed int     // rows that tell its number
	Same    []string
	Extra   []string // fields of the file that the list did not have
	Dropped []string // fields of the list that the file does not have
	Agree   []Value  // valid on the day it was pulled, and not always
	Differ  []Value  // not valid then
}

// Report is what became of a trace.
type Report struct {
	Print    string // what the file is known by in the journal
	Rows     int
	Passed   int // totals, headings once more
	Persons  int // somebody the register knows
	Several  int // rows that fit several persons
	Common   int // rows with a name that very many bear
	Nobody   []int
	Columns  []member.FoundColumn
	Lists    int       // looked through
	Since    time.Time // the first of them was pulled
	Values   time.Time // values that changed are known since; zero where none are kept
	Together []int64   // the fewest lists that explain the file; none where nothing does
	Explains int       // persons of the file on any of these
	Best     []Candidate
}

// mostTold is how many lists are told of, and how many values of each.
const (
	mostTold   = 20
	mostValues = 12
)
