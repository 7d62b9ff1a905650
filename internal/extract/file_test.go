package extract_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/document"
	"kartotek/internal/extract"
	"kartotek/internal/member"
)

// L8, the spreadsheet: the file is read back by the program's own reader, is
// safe to open, and imported again it changes nobody: +47… comes back intact.
func TestTheFileImportsAgain(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		formula := f.Join("formula", "gentofte", map[string]string{
			"given": "Ib", "family": "Minus", "address": "=HYPERLINK(\"x\"); 4", "mobile": "+47 912 34 567", "town": "-By", "postal": "2820",
		}, false)
		d, err := f.Extracts.Pull(ctx, f.As("anna"), wish("administration"))
		f.Must(err)
		var file bytes.Buffer
		f.Must(d.Write(ctx, &file))

		r, err := document.ReadCSV(bytes.NewReader(file.Bytes()), document.ReadOptions{})
		f.Must(err)
		mobile, _ := f.Charter.Field("mobile")
		at := slices.IndexFunc(r.Columns(), func(c document.Column) bool { return c.Name == mobile.Name.In("da") })
		phones := map[string]bool{}
		lines := 0
		for row, err := range r.Rows() {
			f.Must(err)
			phones[row.Cells[at]] = true
			lines++
		}
		if lines != d.List.Members || !phones["+4741234567"] || !phones["+4791234567"] || !phones["+32470123456"] {
			t.Errorf("%d rows, phones %v", lines, phones)
		}
		for _, row := range read(t, file.Bytes()).rows { // as any other program reads it
			for _, cell := range row {
				if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
					t.Errorf("a spreadsheet runs %q", cell)
				}
			}
		}

		// Everything on the file is changed, then the file is imported.
		edit := f.Scope("anna", access.Want{Act: charter.Edit})
		before := map[string][]string{}
		for _, name := range []string{"member", "formula", "abroad member"} {
			f.People["formula"] = formula
			before[name] = profile(t, f, name)
			_, err := f.Members.Update(ctx, edit, f.Person(name), member.Changes{Values: map[string]string{"mobile": "20 30 40 50", "given": "Anders"}})
			f.Must(err)
		}
		scope := f.Scope("anna", access.Want{Act: charter.Import})
		result, err := f.Members.Import(ctx, scope, bytes.NewReader(file.Bytes()), member.Options{Lang: "da"}, nil)
		f.Must(err)
		if result.Refused != 0 || result.Created != 0 || result.Updated != 3 || result.Rows != d.List.Members {
			t.Errorf("%+v", result)
		}
		for name, want := range before {
			if got := profile(t, f, name); !slices.Equal(got, want) {
				t.Errorf("%s\nwas %q\nis  %q", name, want, got)
			}
		}
		result, err = f.Members.Import(ctx, scope, bytes.NewReader(file.Bytes()), member.Options{Lang: "da"}, nil)
		f.Must(err)
		if result.Unchanged != d.List.Members {
			t.Errorf("imported once more: %+v", result)
		}
		dropped := 0
		for _, column := range result.Columns {
			if column.Dropped != "" {
				dropped++
			}
		}
		if dropped != 4 { // the list's number, its recipient, its last day, the line
			t.Errorf("%d columns dropped: %+v", dropped, result.Columns)
		}
	})
}

func profile(t *testing.T, f *housetest.Fixture, name string) (values []string) {
	t.Helper()
	card, err := f.Members.Card(f.Context(), f.Scope("anna", access.Want{Act: charter.View}), f.Person(name))
	f.Must(err)
	for i := range f.Charter.Fields {
		values = append(values, card.Profile.Value(f.Charter.Fields[i].Code))
	}
	return values
}

// A large list streams: no temporary file anywhere, and the memory in use does
// not grow with the file.
func TestALargeListStreams(t *testing.T) {
	const members = 60_000
	f := housetest.New(t)
	ctx := f.Context()
	file, w := io.Pipe()
	go func() {
		fmt.Fprintln(w, "Medlemsnr;Fornavn;Efternavn;Adresse;Postnr;By;E-mail;Mobil;Forening")
		for i := range members {
			fmt.Fprintf(w, "%d;Ib %d;Mange;Lang Vej med et meget langt navn %d, %d. sal;2800;Kongens Lyngby;ib%d@et-langt-domaene.example;+47%08d;Odense\n",
				500_000+i, i, i, i%9, i, 40_000_000+i)
		}
		w.Close()
	}()
	result, err := f.Members.Import(ctx, f.Scope("anna", access.Want{Act: charter.Import}), file, member.Options{}, nil)
	f.Must(err)
	if result.Created != members {
		t.Fatalf("%+v", result)
	}

	temp, work := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Chdir(work)
	house := func() []string {
		return slices.Concat(housetest.Files(t, f.Config.Data), housetest.Files(t, f.Config.Keys))
	}
	for _, c := range []struct {
		format extract.Format
		per    extract.Per
	}{
		{extract.CSV, extract.PerMember}, {extract.CSV, extract.PerHousehold}, {extract.XLSX, extract.PerMember}, {extract.PDF, extract.PerMember},
		{extract.VCard, extract.PerMember}, {extract.Envelopes, extract.PerHousehold},
	} {
		t.Run(string(c.format)+string(c.per), func(t *testing.T) {
			w := as(c.format, "administration")
			w.Per = c.per
			d, err := f.Extracts.Pull(ctx, f.As("anna"), w)
			f.Must(err)
			files := house()
			every := 16
			if c.format != extract.CSV && c.format != extract.XLSX {
				every = 40
			}
			out := &watcher{every: every, look: func() {
				for _, dir := range []string{temp, work} {
					if found := housetest.Files(t, dir); len(found) > 0 {
						t.Errorf("files while a list is written: %v", found)
					}
				}
				if now := house(); !slices.Equal(now, files) {
					t.Errorf("the house's files while a list is written: %v", now)
				}
				if open := deleted(t); len(open) > 0 {
					t.Errorf("files without a name: %v", open)
				}
			}}
			f.Must(d.Write(ctx, out))
			if c.format == extract.CSV && c.per == extract.PerMember && (out.bytes < 10<<20 || out.lines != d.List.Members+1) {
				t.Errorf("%d bytes, %d lines of %d", out.bytes, out.lines, d.List.Members)
			}
			if d.List.Outcome.Written < members {
				t.Errorf("%+v", d.List.Outcome)
			}
			// Up to three pages of 4,096 sealed records are under way, fewer or more as the
			// machine has it at a moment, but no more at the end than at the beginning: what
			// was kept of a file would show in the middle value. A PDF counts its pages.
			early, late := middle(out.used[:len(out.used)/2]), middle(out.used[len(out.used)/2:])
			if late > early+3<<20 {
				t.Errorf("%d KB more memory in the second half of a file of %d KB", (late-early)>>10, out.bytes>>10)
			}
		})
	}
}

// middle is the median.
func middle(used []uint64) uint64 {
	sorted := slices.Sorted(slices.Values(used))
	return sorted[len(sorted)/2]
}

// live is the memory in use.
func live() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// deleted lists the files this process has open that have no name any more,
// where the system tells.
func deleted(t *testing.T) (paths []string) {
	t.Helper()
	links, _ := filepath.Glob("/proc/self/fd/*")
	for _, link := range links {
		if path, err := os.Readlink(link); err == nil && strings.HasPrefix(path, "/") && strings.HasSuffix(path, " (deleted)") {
			paths = append(paths, path)
		}
	}
	return paths
}

// watcher is a receiver that looks around now and then.
type watcher struct {
	look         func()
	every        int // it looks around at one piece of so many
	writes       int
	bytes, lines int
	used         []uint64 // memory, now and then
}

func (w *watcher) Write(b []byte) (int, error) {
	w.bytes, w.lines = w.bytes+len(b), w.lines+bytes.Count(b, []byte("\n"))
	if w.writes++; w.writes%w.every == 1 {
		w.look()
		w.used = append(w.used, live())
	}
	return len(b), nil
}
