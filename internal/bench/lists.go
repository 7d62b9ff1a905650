package bench

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"kartotek/internal/extract"
)

// pull writes the national list in a format and gives how long it took, from the
// wish to the last byte.
func (r *run) pull(ctx context.Context, format extract.Format, w io.Writer) (ms float64, err error) {
	return timed(func() error {
		d, err := r.house.Extracts.Pull(ctx, r.people.office, extract.Wish{Purpose: "administration", Format: format, Lang: "en"})
		if err != nil {
			return err
		}
		return d.Write(ctx, w)
	})
}

// imported holds the import of all members against the plain table being filled
// from the list they come back on.
func (r *run) imported(ctx context.Context) error {
	file, err := os.OpenFile(r.csvFile(), os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := r.pull(ctx, extract.CSV, file); err != nil {
		file.Close()
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	floor, err := timed(func() error { return r.fill(ctx) })
	if err != nil {
		return err
	}
	r.against("import", "ms", r.importMS, floor, 3)
	return r.books(ctx)
}

// lists holds the national list against a dump of the plain table, and the same
// list as a workbook against it as text. All are done three times in turns, the
// quickest counts.
func (r *run) lists(ctx context.Context) error {
	var ours, book, floor float64
	for range 3 {
		dump, err := timed(func() error { return r.dump(ctx, io.Discard) })
		if err != nil {
			return err
		}
		list, err := r.pull(ctx, extract.CSV, io.Discard)
		if err != nil {
			return err
		}
		workbook, err := r.pull(ctx, extract.XLSX, io.Discard)
		if err != nil {
			return err
		}
		ours, book, floor = least(ours, list), least(book, workbook), least(floor, dump)
	}
	r.against("list_csv", "ms", ours, floor, 1)
	r.against("list_xlsx", "ms", book, ours, 3)
	return nil
}

func least(before, now float64) float64 {
	if before == 0 {
		return now
	}
	return min(before, now)
}

// disk holds the register and its keyring against the plain file.
func (r *run) disk() error {
	var sizes [3]float64
	for i, path := range [...]string{filepath.Join(r.config.Data, "register.db"), filepath.Join(r.config.Keys, "keyring.db"), r.plain()} {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		sizes[i] = float64(info.Size()) / (1 << 20)
	}
	r.against("disk", "MB", sizes[0]+sizes[1], sizes[2], 1.8)
	return nil
}
