package app

import (
	"errors"
	"io/fs"
	"syscall"

	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

// troubles are errors of the ground that are nobody's defect and that people can
// be told of: what is wrong with a disk or a file, and that nothing was changed.
// The first that fits is it. What to do about each stands in its message.
var troubles = []struct {
	err error
	key string
}{
	{database.ErrFull, "app.trouble.full"},
	{syscall.ENOSPC, "app.trouble.full"},
	{database.ErrReadOnly, "app.trouble.read_only"},
	{syscall.EROFS, "app.trouble.read_only"},
	{database.ErrCorrupt, "app.trouble.damaged"},
	{database.ErrStatement, "app.trouble.damaged"}, // every text is tested: the tables are not what they were
	{vault.ErrKeyMissing, "app.trouble.keys"},
	{vault.ErrTampered, "app.trouble.altered"},
	{vault.ErrLedgerTampered, "app.trouble.ledger"},
	{vault.ErrLedgerForked, "app.trouble.ledger"},
	{vault.ErrLedgerOlder, "app.trouble.older"},
	{vault.ErrKeyringOlder, "app.trouble.older"},
	{journal.ErrTampered, "app.trouble.journal"},
	{database.ErrUnavailable, "app.trouble.disk"},
	{syscall.EIO, "app.trouble.disk"},
}

// Plain is an error as a person may be told it: a full, write-protected, failing
// or damaged disk by its name, everything else as fault.From has it. What the
// person can do nothing about comes as fault.Unavailable, with its cause for
// whoever runs the machine.
func Plain(err error) *fault.Error {
	e := fault.From(err)
	if e == nil || e.Code != fault.Internal {
		return e
	}
	for _, t := range troubles {
		if errors.Is(err, t.err) {
			return fault.New(fault.Unavailable, t.key).Because(err)
		}
	}
	if at := (*fs.PathError)(nil); errors.As(err, &at) && errors.Is(err, fs.ErrPermission) {
		return fault.New(fault.Unavailable, "app.trouble.read_only").Because(err)
	}
	return e
}

// Troubled reports whether an error is one of the disk or of a damaged file: it
// belongs into the log of whoever runs the machine.
func Troubled(err error) bool {
	return err != nil && fault.Is(err, fault.Internal) && Plain(err).Code == fault.Unavailable
}
