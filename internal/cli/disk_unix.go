//go:build unix

package cli

import (
	"os"
	"path/filepath"
	"syscall"
)

// sameDisk reports whether two directories lie in one file system. The first need
// not exist yet; then it is its parent that counts.
func sameDisk(a, b string) bool {
	device := func(path string) (uint64, bool) {
		for {
			info, err := os.Stat(path)
			if err == nil {
				stat, ok := info.Sys().(*syscall.Stat_t)
				if !ok {
					return 0, false
				}
				return uint64(stat.Dev), true
			}
			if path == filepath.Dir(path) {
				return 0, false
			}
			path = filepath.Dir(path)
		}
	}
	one, known := device(a)
	other, too := device(b)
	return known && too && one == other
}
