// Package copies answers for the copies of the keyring that lie in places
// outside: it keeps on record what each has confirmed and since when it fails,
// makes a duty of one that is behind, and says what to do (D7). The copying
// itself is vault's; this room knows addresses, numbers and times, and no person.
//
// A place that is no longer kept current still has a copy, with the keys of
// whoever is erased from then on. So a place is remembered until its copy is
// deleted, or somebody answers for its destruction, and no erasure is complete
// before.
package copies

import (
	"time"

	"kartotek/internal/vault"
)

// Standing is how the copy in one place stands.
type Standing struct {
	Number      int64 // of the place; never given again
	Address     string
	Kept        bool // the program was told to keep a copy there
	Ledger      int64
	Behind      bool      // it has not confirmed what the keyring is now
	ConfirmedAt time.Time // when it confirmed the entries of the ledger it has; zero for never
	VerifiedAt  time.Time // when every byte of it was last read back
	FailingAt   time.Time // since when it fails; zero while it does not
	Problem     Problem   // why; "" while it does not
	Repaired    int64     // parts found damaged and written anew, ever
	Waiting     int       // erasures that wait for it
}

// Problem says why a copy is behind; its words are copies.problem.<problem> in
// the catalogue, and what to do copies.remedy.<problem>.
type Problem string

const (
	Unreachable Problem = "unreachable" // the place does not answer, or refuses
	Remembers   Problem = "remembers"   // the place keeps what is deleted
	Foreign     Problem = "foreign"     // a copy of another keyring lies there
	Newer       Problem = "newer"       // the copy is newer than the keyring
	Gone        Problem = "gone"        // there was a copy, and there is none now
	Full        Problem = "full"        // no space is left there
	Unkept      Problem = "unkept"      // nobody keeps the copy current any more
)

// row is what the register keeps of a place.
type row struct {
	Standing
	base int64 // repairs of runs before this one
}

// current reports whether a copy's state of this run says more than the record.
func current(s *vault.CopyState) bool { return !s.ConfirmedAt.IsZero() }

// Key is the message that says in few words how the copy stands.
func (s *Standing) Key() string {
	switch {
	case s.Problem != "":
		return "copies.problem." + string(s.Problem)
	case s.Behind:
		return "copies.state.behind"
	}
	return "copies.state.current"
}
