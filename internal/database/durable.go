package database

import (
	"fmt"
	"sync/atomic"

	"kartotek/internal/durable"
)

var onSync atomic.Pointer[func(path string)]

// OnSync has fn told of every file that this package makes durable itself, beside
// SQLite. It is for tests of power cuts, which must know; nil ends it.
func OnSync(fn func(path string)) { onSync.Store(&fn) }

// syncFile makes durable what was done to a file.
func syncFile(path string) error {
	if err := durable.Sync(path); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	if fn := onSync.Load(); fn != nil && *fn != nil {
		(*fn)(path)
	}
	return nil
}
