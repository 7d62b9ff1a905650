package copies

import (
	"errors"
	"syscall"
	"time"

	"kartotek/internal/place"
	"kartotek/internal/vault"
)

// problemOf says in one word what stopped a copy; "" for nothing.
func problemOf(err error) Problem {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, place.ErrRemembers):
		return Remembers
	case errors.Is(err, vault.ErrCopyOther):
		return Foreign
	case errors.Is(err, vault.ErrCopyNewer):
		return Newer
	case errors.Is(err, vault.ErrCopyGone):
		return Gone
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return Full
	}
	return Unreachable
}

// follow brings the record of a place up to what this run knows of its copy.
func (r *row) follow(s *vault.CopyState) {
	if r.Kept = true; r.Problem == Unkept {
		r.Problem, r.FailingAt = "", time.Time{}
	}
	if current(s) {
		r.Ledger, r.ConfirmedAt = max(r.Ledger, s.Ledger), s.ConfirmedAt
	}
	if !s.VerifiedAt.IsZero() {
		r.VerifiedAt = s.VerifiedAt
	}
	r.Repaired = r.base + int64(s.Repaired)
	switch problem := problemOf(s.Problem); {
	case problem == "" && current(s):
		r.FailingAt, r.Problem = s.FailingAt, ""
	case problem != "":
		if r.Problem == "" || r.FailingAt.IsZero() {
			r.FailingAt = s.FailingAt // otherwise it fails since before this run
		}
		r.Problem = problem
	}
}

// leave notes a place the program was no longer told to keep a copy in.
func (r *row) leave() {
	r.Kept, r.Problem = false, Unkept
}
