//go:build !unix

package cli

import "path/filepath"

// sameDisk reports whether two directories lie on one volume.
func sameDisk(a, b string) bool { return filepath.VolumeName(a) == filepath.VolumeName(b) }
