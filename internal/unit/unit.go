// Package unit is the tree of bodies: the association, its regions, its local
// associations. Bodies are not persons, so they stand in the clear. It knows
// the charter, whose levels say what fits where, and the database. Who may
// change the tree, who belongs to a body and who holds its posts others know.
package unit

import (
	"time"

	"kartotek/internal/database"
	"kartotek/internal/locale"
)

// ID is a body's number: 1, 2, 3 …, never used twice. 0 is no body.
type ID uint32

// Unit is one body.
type Unit struct {
	ID       ID
	Parent   ID     // 0 for the root
	Level    string // code of the charter's level
	Code     string // short name for files and commands: unique, a-z, 0-9 and single hyphens
	Name     string
	Accounts bool       // L7: a legal body that keeps accounts by law
	Seat     string     // the country whose law that is; empty for the charter's own
	YearEnds time.Month // the month its accounting year ends with; 0 for the charter's
	Created  time.Time  // UTC
	Closed   bool       // takes no members any more; stays for what refers to it
	ClosedAt time.Time  // zero while open
}

// Accounting is how a body keeps its accounts (L7): a setting of each legal body,
// never a global one.
type Accounting struct {
	Keeps    bool
	Seat     string     // empty for the charter's own country
	YearEnds time.Month // 0 for the charter's
}

// Accounting is how the body keeps its accounts now.
func (u Unit) Accounting() Accounting {
	return Accounting{Keeps: u.Accounts, Seat: u.Seat, YearEnds: u.YearEnds}
}

// Draft is what a new body is made from.
type Draft struct {
	Parent ID     // 0: for the root, and where the charter's level above has one open body only
	Level  string // code of the charter's level
	Code   string // empty: made from the name
	Name   string
}

// Act says what happened to a body.
type Act uint8

// What can happen to a body.
const (
	Added    Act = iota + 1
	Renamed      // its name changed; the code never does
	Closed       // takes no members any more
	Reopened     // a closing was wrong
	Accounts     // whether it keeps accounts changed (L7)
)

var actNames = [...]string{Added: "added", Renamed: "renamed", Closed: "closed", Reopened: "reopened", Accounts: "accounts"}

// String gives the act's name in exports and messages.
func (a Act) String() string {
	if int(a) < len(actNames) {
		return actNames[a]
	}
	return ""
}

// Change is one act on one body, as it is journaled.
type Change struct {
	Act  Act
	Unit Unit // as it is afterwards
	Was  Unit // as it was before; zero for Added
}

// Text says the change in words.
func (c Change) Text(words *locale.Printer) string {
	switch {
	case c.Act == Renamed:
		return words.T("unit.change.renamed", "was", c.Was.Name, "name", c.Unit.Name)
	case c.Act == Accounts && c.Unit.Accounts && c.Was.Accounts:
		return words.T("unit.change.accounting", "name", c.Unit.Name)
	case c.Act == Accounts && c.Unit.Accounts:
		return words.T("unit.change.accounts_on", "name", c.Unit.Name)
	case c.Act == Accounts:
		return words.T("unit.change.accounts_off", "name", c.Unit.Name)
	}
	return words.T("unit.change."+c.Act.String(), "name", c.Unit.Name)
}

// Recorder journals changes within the transaction that makes them, under the
// name of whoever acts. The caller makes one for each act.
type Recorder interface {
	RecordUnit(tx *database.Tx, changes []Change) error
}
