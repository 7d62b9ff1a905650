package database

import "testing"

// Writer gives the writer's connection, for tests that ask whether it is still
// the same; nil after it was discarded.
func Writer(db *DB) any {
	if db.writer == nil {
		return nil
	}
	return db.writer
}

// RunOnWriter runs a statement on the writer's connection outside any act.
func RunOnWriter(t *testing.T, db *DB, text string) {
	t.Helper()
	s, err := db.writingSession()
	if err == nil {
		err = s.run(text)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// BreakGuard closes the connection that holds the register, as a network would.
func BreakGuard(db *DB) { db.hold.guard.discard() }

// PagesWithResidue is what Forget looks for.
var PagesWithResidue = pagesWithResidue

// ChangedPages tells whether the next Forget knows which pages to look through.
func ChangedPages(db *DB) ([]int64, bool, error) { return db.changedPages() }
