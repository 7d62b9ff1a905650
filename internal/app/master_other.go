//go:build !unix

package app

import "io/fs"

// sameFileSystem cannot be told here.
func sameFileSystem(_, _ fs.FileInfo) bool { return false }
