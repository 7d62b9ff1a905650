// Package report counts members and keeps what it counted: how many belong to a
// body, by age, sex and year of joining, and how many came and went (D2). A fact is
// a number about a body on a day. It is stored when it is counted and is about
// nobody, so the erasure of a member neither changes it nor needs to (N14).
//
// What is promised, and tested: a number of persons above nothing and below the
// charter's report-minimum is never stored, and cannot be had by adding and
// subtracting what is stored, for one day and all that is counted of it together.
// Who is too few to be told is counted with the body above, or in a broader band;
// where one part alone would be left out, another goes with it. The rule is in
// rules.go. Between two days: a body is counted anew only when at least as many
// persons as the minimum came or went, so no two head-counts differ by one known
// person.
//
// What is not promised: two counts of one body tell by how many a band grew or
// shrank on balance. A body that comes to be told by itself, or no longer, can be
// put beside the day before by whoever knows from elsewhere that nobody else came or
// went. Whoever knows the members of one body, its officers above all, knows more of
// the body above than others do. A nought is told: it is about nobody. And that a
// row is missing tells that some number in it is small.
//
// Whoever belongs to two bodies is counted in both, and once in each above them for
// either; kinds of membership that the charter does not count for its thresholds
// (D10) are members here. Of whoever is restricted nothing counts but that they are
// there.
//
// Running numbers, of the months that are not over, are sealed under a key that
// ends (running.go); nobody is shown them.
package report

import (
	"github.com/golang-sql/civil"

	"kartotek/internal/unit"
)

// Kind is what happened to a membership. Numbers are stored, sealed, and never used
// again for another.
type Kind uint8

const (
	Joined  Kind = 1 // new in the association
	Arrived Kind = 2 // was a member elsewhere in it
	Left    Kind = 3 // the membership was closed, or ran out
	Moved   Kind = 4 // belongs elsewhere in it now
	Stayed  Kind = 5 // a closing was taken back
	Other   Kind = 6 // taken over from another register, or put right: neither came nor went
)

// Event is one thing that happened in a body. It has no person.
type Event struct {
	Unit unit.ID
	Kind Kind
}

// What is a subject of counting; numbers are stored.
type What uint8

const (
	Heads What = 1 // how many belong to a body, at the end of a day
	Parts What = 2 // by age, sex, year of joining, at the end of a month
	Month What = 3 // who came and went in a month
	Year  What = 4 // in a year, of bodies none of whose months could be told
)

// Count is one counting: which day it is about, and whether it was done.
type Count struct {
	Number  int64
	What    What
	Day     civil.Date // the last day it is about
	Minimum int        // the charter's, when it was counted
	Missed  bool       // it was not counted, and cannot be made good
}

// Fact is one number of a body.
type Fact struct {
	Unit   unit.ID
	Cut    Cut
	Level  int // how fine the band is; 0 is all together
	Band   int // of the level, from 0
	Number int
}

// Row is what a body's facts of one cut say: Numbers stand by the bands of Level.
type Row struct {
	Unit    unit.ID
	Day     civil.Date
	Cut     Cut
	Level   int
	Numbers []int
}
