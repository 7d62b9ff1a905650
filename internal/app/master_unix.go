//go:build unix

package app

import (
	"io/fs"
	"syscall"
)

// sameFileSystem reports whether two files lie on one file system: one disk, one
// backup, one snapshot takes both.
func sameFileSystem(a, b fs.FileInfo) bool {
	one, ok1 := a.Sys().(*syscall.Stat_t)
	other, ok2 := b.Sys().(*syscall.Stat_t)
	return ok1 && ok2 && one.Dev == other.Dev
}
