package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// wish is a file a housed command needs. The process whose user typed the
// command opens it, with that user's rights and in that user's directory.
type wish struct {
	part  string   // its part in the command: desk.files[part]
	path  string   // "-" is the standard stream; "" is no file
	file  *os.File // open already, instead of a path
	write bool
	force bool // an existing file may be replaced, once the command has succeeded
	keep  bool // what was written stays although the command failed, if it is anything
}

// opening is the files of one command.
type opening struct {
	files  map[string]*os.File
	parts  []string // in the order of the wishes
	made   []made
	opened []*os.File // to be closed, those made among them
}

// made is a file that did not exist before.
type made struct {
	file   *os.File
	rename string // what it becomes when the command succeeds; "" stays
	keep   bool
}

// openFiles opens what a command wishes for. A file to be written is made with
// mode 0600 and never replaces one that is there, unless that is asked for.
func openFiles(wishes []wish, in, out *os.File) (*opening, error) {
	o := &opening{files: map[string]*os.File{}}
	for _, w := range wishes {
		if w.path == "" && w.file == nil {
			continue
		}
		file, err := o.open(w, in, out)
		if err != nil {
			o.finish(false)
			return nil, err
		}
		o.files[w.part] = file
		o.parts = append(o.parts, w.part)
	}
	return o, nil
}

func (o *opening) open(w wish, in, out *os.File) (*os.File, error) {
	switch {
	case w.file != nil:
		o.opened = append(o.opened, w.file)
		return w.file, nil
	case w.path == "-" && w.write:
		return out, nil
	case w.path == "-":
		return in, nil
	}
	file, err := o.openFile(w)
	if err == nil {
		o.opened = append(o.opened, file)
	}
	return file, err
}

func (o *opening) openFile(w wish) (*os.File, error) {
	if !w.write {
		return os.Open(w.path)
	}
	file, err := os.OpenFile(w.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		o.made = append(o.made, made{file: file, keep: w.keep})
		return file, nil
	}
	if !errors.Is(err, fs.ErrExist) || !w.force {
		return nil, err
	}
	if info, err := os.Stat(w.path); err == nil && !info.Mode().IsRegular() {
		return os.OpenFile(w.path, os.O_WRONLY, 0) // a device or a pipe
	}
	// The old file stays until the new one is whole.
	file, err = os.CreateTemp(filepath.Dir(w.path), ".kartotek-*") // mode 0600
	if err == nil {
		o.made = append(o.made, made{file: file, rename: w.path, keep: w.keep})
	}
	return file, err
}

// finish puts the files where they belong, or takes back what a failed command
// has begun: a list cut off in the middle must not lie about. A new file that
// nothing was written to goes too.
func (o *opening) finish(succeeded bool) error {
	var failed []error
	for _, m := range o.made {
		name := m.file.Name()
		info, err := m.file.Stat()
		empty := err == nil && info.Size() == 0
		switch {
		case !succeeded && (empty || !m.keep), empty && m.rename == "":
			failed = append(failed, os.Remove(name))
		case m.rename != "":
			failed = append(failed, os.Rename(name, m.rename))
		}
	}
	for _, file := range o.opened {
		failed = append(failed, file.Close())
	}
	o.made, o.opened, o.files = nil, nil, nil
	return errors.Join(failed...)
}
