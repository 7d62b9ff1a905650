package departure

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// chunkSize is how much of a file is in memory at a time.
const chunkSize = 1 << 20

// temporary are the beginnings of the names of files that the program, or a
// library in it, would leave in the temporary directory if it ever made one.
var temporary = []string{"kartotek-", "etilqs_", "multipart-"}

// files searches files and whole directories, and in the temporary directory
// the files that could be ours.
func (f *finder) files(ctx context.Context, paths []string, temp string) error {
	seen := map[string]bool{}
	for _, path := range paths {
		if err := f.path(ctx, path, seen); err != nil {
			return err
		}
	}
	if temp == "" {
		return nil
	}
	entries, err := os.ReadDir(temp)
	if err != nil {
		f.unreadable(Place{File: temp})
		return nil
	}
	for _, entry := range entries {
		for _, prefix := range temporary {
			if strings.HasPrefix(entry.Name(), prefix) && entry.Type().IsRegular() {
				if err := f.file(ctx, filepath.Join(temp, entry.Name()), seen); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// path searches a file, or a directory with all below it.
func (f *finder) path(ctx context.Context, path string, seen map[string]bool) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		f.missing(Place{File: path}, err)
	case info.IsDir():
		return f.walk(ctx, path, seen)
	case info.Mode().IsRegular():
		return f.file(ctx, path, seen)
	}
	return nil // a socket or a pipe holds nothing
}

// walk searches a directory with all below; links are followed, nothing twice.
func (f *finder) walk(ctx context.Context, dir string, seen map[string]bool) error {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		f.missing(Place{File: dir}, err)
		return nil
	}
	if seen[real] {
		return nil
	}
	seen[real] = true
	entries, err := os.ReadDir(real)
	if err != nil {
		f.missing(Place{File: dir}, err)
		return nil
	}
	for _, entry := range entries {
		if err := f.path(ctx, filepath.Join(dir, entry.Name()), seen); err != nil {
			return err
		}
	}
	return nil
}

// missing notes what could not be read; a file that has just gone is no remains.
func (f *finder) missing(p Place, err error) {
	if !errors.Is(err, fs.ErrNotExist) {
		f.unreadable(p)
	}
}

// file searches one file; only the context ends the search.
func (f *finder) file(ctx context.Context, path string, seen map[string]bool) error {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		f.missing(Place{File: path}, err)
		return nil
	}
	if seen[real] {
		return nil
	}
	seen[real] = true
	in, err := os.Open(real)
	if err != nil {
		f.missing(Place{File: path}, err)
		return nil
	}
	defer in.Close()
	f.Files++
	if err := f.stream(ctx, path, in); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		f.unreadable(Place{File: path})
	}
	return nil
}

// stream searches what a reader gives, in constant memory. A place is judged
// once as many bytes follow it as the longest needle has, or the end; until
// then it is kept in front of the next chunk.
func (f *finder) stream(ctx context.Context, path string, in io.Reader) error {
	keep := 0
	for _, n := range f.needles {
		keep = max(keep, n.longest-1)
	}
	if len(f.buffer) < chunkSize+keep {
		f.buffer = make([]byte, chunkSize+keep)
	}
	next := make([]int64, len(f.needles)) // where in the file each needle is looked for next
	start, held := int64(0), 0            // the buffer's place in the file, and what of it was kept
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := io.ReadFull(in, f.buffer[held:held+chunkSize])
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return err
		}
		f.Bytes += int64(n)
		window := f.buffer[:held+n]
		judged := max(0, len(window)-keep)
		if last {
			judged = len(window)
		}
		for i, needle := range f.needles {
			from := int(max(0, next[i]-start))
			for {
				at, end := needle.in(window, from, judged)
				if at < 0 {
					break
				}
				f.found(Place{Text: i, File: path, Offset: start + int64(at)})
				from = end
				next[i] = start + int64(end)
			}
		}
		if last {
			return nil
		}
		held = copy(f.buffer, window[judged:])
		start += int64(judged)
	}
}
