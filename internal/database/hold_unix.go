//go:build !windows

package database

import (
	"errors"
	"os"
	"syscall"
)

// lockFile takes the file's lock, without waiting. It belongs to the open file,
// so a second Open in the same process is refused as well.
func lockFile(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrLocked
	}
	return err
}
