package mail

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"kartotek/internal/database"
)

// Neither address nor text of a waiting mail stands in clear in the register's
// files, its write-ahead log included.
func TestRegisterShowsNoMail(t *testing.T) {
	each(t, func(o *Options) { o.Mailbox = true }, func(h *house) {
		const mark = "a7q3zbpw19"
		h.post("kari-"+mark+"@x.example", func(m *Message) {
			m.Subject, m.Body, m.Kind = "Kode "+mark, "Hej "+mark+". Din kode er 482913.", "kind-"+mark
		})
		h.work()
		h.post("ola-"+mark+"@x.example", func(m *Message) { m.Ends = h.clock.Now().Add(time.Second) })
		h.clock.add(time.Second)
		h.work() // given up
		read, found := 0, 0
		for _, root := range files(h) {
			err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return nil // PostgreSQL removes files while we look
				}
				content, err := os.ReadFile(path)
				if err != nil {
					return nil
				}
				read++
				if bytes.Contains(content, []byte(mark)) {
					h.t.Errorf("in clear in %s", filepath.Base(path))
				}
				if bytes.Contains(content, []byte("control-"+strings.ToUpper(mark))) {
					found++
				}
				return nil
			})
			h.must(err)
		}
		if read == 0 || found == 0 {
			h.t.Fatalf("%d files read, %d of them with what stands in clear: the scan is blind", read, found)
		}
	})
}

// files gives where the register's bytes are, after it was made to hold a word in
// clear that the scan must find.
func files(h *house) []string {
	h.t.Helper()
	h.must(h.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`INSERT INTO register (name, value) VALUES ($1, $2)`, "control", []byte("control-A7Q3ZBPW19"))
		return err
	}))
	if h.db.Engine() == database.SQLite {
		return []string{filepath.Dir(h.db.Path())}
	}
	h.must(h.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`CHECKPOINT`)
		return err
	}))
	var data string
	var oid int64
	h.must(h.db.Read(ctx, func(q database.Querier) error {
		if err := q.QueryRow(`SHOW data_directory`).Scan(&data); err != nil {
			return err
		}
		return q.QueryRow(`SELECT oid::bigint FROM pg_database WHERE datname = current_database()`).Scan(&oid)
	}))
	return []string{filepath.Join(data, "pg_wal"), filepath.Join(data, "base", strconv.FormatInt(oid, 10))}
}

func contextWithTimeout(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d)
}
