package database

import "os"

// hold keeps other processes or nodes from writing.
type hold struct {
	file  *os.File // SQLite: the locked file beside the database
	guard *session // PostgreSQL: the connection that has the advisory lock
	locks locks    // and which
}

// release lets others in. The lock file stays: removing it would let two
// processes lock two files of the same name.
func (h *hold) release() error {
	if h.guard != nil {
		return h.guard.close()
	}
	return h.file.Close()
}

// holdFile locks a file, which is made if need be; ErrLocked if somebody has it.
// The system lets go of it when the process ends, however that happens.
func holdFile(path string) (*hold, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lockFile(f); err != nil {
		_ = f.Close()
		return nil, err
	}
	return &hold{file: f}, nil
}
