package document

import (
	"archive/zip"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"

	"kartotek/internal/fault"
)

// workbook is an XLSX file opened: a zip of XML parts, read where they lie.
// Everything that is kept of it is bounded: the list of sheets, the formats of
// cells, and the texts that cells share.
type workbook struct {
	parts     map[string]*zip.File // by path in small letters
	limits    Limits
	sheets    []sheetPart
	since1904 bool
	styles    []style // by the number a cell names
	strings   sharedStrings
}

type sheetPart struct {
	Sheet
	part string
}

// sharedStrings are the texts that cells name by number, end to end.
type sharedStrings struct {
	all  string
	ends []uint32
}

func (s *sharedStrings) at(i int) (string, bool) {
	if i < 0 || i >= len(s.ends) {
		return "", false
	}
	from := uint32(0)
	if i > 0 {
		from = s.ends[i-1]
	}
	return s.all[from:s.ends[i]], true
}

// What a workbook may have of anything that is kept.
const (
	mostParts  = 10_000
	mostSheets = 1_000
	mostStyles = 1 << 17
	mostTexts  = 16 << 20
)

// unpackRatio is how many times its size a part may grow once it is over
// unpackFree; real sheets stay below a hundred.
const (
	unpackRatio = 500
	unpackFree  = 64 << 20
)

func newWorkbook(r io.ReaderAt, size int64, limits Limits) (*workbook, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, damaged(err)
	}
	if len(archive.File) > mostParts {
		return nil, hostile()
	}
	w := &workbook{parts: map[string]*zip.File{}, limits: limits}
	for _, f := range archive.File {
		name := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"))
		if _, twice := w.parts[name]; !twice {
			w.parts[name] = f
		}
	}
	if err := w.kind(); err != nil {
		return nil, err
	}
	main, err := w.related("", "/officeDocument")
	if err != nil {
		return nil, err
	}
	if len(main) == 0 {
		return nil, damaged(nil)
	}
	return w, w.open(main[0].target)
}

// kind refuses archives that are something else, by the parts they have.
func (w *workbook) kind() error {
	key := ""
	has := func(name string) bool { return w.parts[name] != nil }
	switch {
	case has("xl/workbook.bin"):
		key = "document.file.old_workbook"
	case has("word/document.xml"), has("ppt/presentation.xml"):
		key = "document.file.text_document"
	case has("index/document.iwa"), has("index.zip"), has("index/document.iwa.zip"):
		key = "document.file.numbers"
	case has("mimetype") && has("content.xml"):
		key = "document.file.open_document"
	case !has("[content_types].xml") && !has("_rels/.rels"):
		key = "document.file.zip"
	}
	if key == "" {
		return nil
	}
	return fault.New(fault.Invalid, key)
}

// open reads what stands beside the sheets.
func (w *workbook) open(main string) error {
	links, err := w.related(main, "")
	if err != nil {
		return err
	}
	targets := map[string]relation{}
	for _, l := range links {
		targets[l.id] = l
	}
	if err := w.list(main, targets); err != nil {
		return err
	}
	for _, l := range links {
		switch {
		case strings.HasSuffix(l.kind, "/styles"):
			err = w.readStyles(l.target)
		case strings.HasSuffix(l.kind, "/sharedStrings"):
			err = w.readStrings(l.target)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// list reads the names of the sheets. Diagrams that have a sheet to themselves
// are left out.
func (w *workbook) list(main string, targets map[string]relation) error {
	err := w.walk(main, func(m *markup, t token) error {
		switch {
		case t == opened && string(m.name) == "workbookPr":
			w.since1904 = m.yes("date1904")
		case t == opened && string(m.name) == "sheet":
			name, err := m.words("name")
			if err != nil {
				return err
			}
			target := targets[string(m.attr("id"))]
			if !strings.HasSuffix(target.kind, "/worksheet") {
				return nil
			}
			if len(w.sheets) == mostSheets {
				return hostile()
			}
			state := string(m.attr("state"))
			w.sheets = append(w.sheets, sheetPart{Sheet{name, state == "hidden" || state == "veryHidden"}, target.target})
		}
		return nil
	})
	if err == nil && len(w.sheets) == 0 {
		err = fault.New(fault.Invalid, "document.error.empty")
	}
	return err
}

type relation struct{ id, kind, target string }

// related lists what a part refers to, of one kind or of all.
func (w *workbook) related(part, kind string) (found []relation, err error) {
	dir, file := path.Split(part)
	err = w.walk(dir+"_rels/"+file+".rels", func(m *markup, t token) error {
		if t != opened || string(m.name) != "Relationship" || !strings.HasSuffix(string(m.attr("Type")), kind) {
			return nil
		}
		r := relation{id: string(m.attr("Id")), kind: string(m.attr("Type"))}
		target, err := m.words("Target")
		if err != nil {
			return err
		}
		if r.target = strings.ReplaceAll(target, `\`, "/"); strings.HasPrefix(r.target, "/") {
			r.target = strings.TrimPrefix(path.Clean(r.target), "/")
		} else {
			r.target = path.Join(dir, r.target)
		}
		if len(found) == mostParts {
			return hostile()
		}
		found = append(found, r)
		return nil
	})
	return found, err
}

// readStyles reads what the cells' formats make of numbers.
func (w *workbook) readStyles(part string) error {
	codes := map[int]style{}
	inCells := false
	return w.walk(part, func(m *markup, t token) error {
		switch name := string(m.name); {
		case name == "cellXfs":
			inCells = t == opened
		case t != opened:
		case name == "numFmt":
			id, err := strconv.Atoi(string(m.attr("numFmtId")))
			if err != nil {
				return errMarkup
			}
			code, err := m.words("formatCode")
			if err != nil {
				return err
			}
			if len(codes) == mostStyles {
				return hostile()
			}
			codes[id] = styleOf(code)
		case name == "xf" && inCells:
			if len(w.styles) == mostStyles {
				return hostile()
			}
			id, _ := strconv.Atoi(string(m.attr("numFmtId"))) // none is General
			s, custom := codes[id]
			if !custom {
				s = builtIn(id)
			}
			w.styles = append(w.styles, s)
		}
		return nil
	})
}

// readStrings reads the shared texts. Of rich text the words are kept; how a
// Japanese name is spoken is no part of it.
func (w *workbook) readStrings(part string) error {
	var all strings.Builder
	inText, phonetic := false, 0
	err := w.walk(part, func(m *markup, t token) error {
		if t == texted {
			if inText && phonetic == 0 {
				if all.Len()+len(m.text) > w.limits.Strings {
					return fault.New(fault.Invalid, "document.file.too_many_texts", "limit", w.limits.Strings>>20)
				}
				all.Write(m.text)
			}
			return nil
		}
		switch string(m.name) {
		case "t":
			inText = t == opened
		case "rPh":
			if phonetic++; t == closed {
				phonetic -= 2
			}
		case "si":
			if t == opened {
				break
			}
			if len(w.strings.ends) == mostTexts {
				return fault.New(fault.Invalid, "document.file.too_many_texts", "limit", w.limits.Strings>>20)
			}
			w.strings.ends = append(w.strings.ends, uint32(all.Len()))
		}
		return nil
	})
	w.strings.all = all.String()
	return err
}

// walk reads a part from its beginning to its end.
func (w *workbook) walk(part string, visit func(*markup, token) error) error {
	in, err := w.unpack(part)
	if err != nil {
		return err
	}
	defer in.Close()
	m := newMarkup(in, w.limits.Row)
	for {
		t, err := m.next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = visit(m, t)
		}
		if err != nil {
			return broken(err)
		}
	}
}

// unpack opens a part.
func (w *workbook) unpack(part string) (io.ReadCloser, error) {
	f := w.parts[strings.ToLower(part)]
	if f == nil {
		return nil, damaged(nil)
	}
	if f.Flags&1 != 0 {
		return nil, fault.New(fault.Invalid, "document.file.encrypted")
	}
	in, err := f.Open()
	if err != nil {
		return nil, damaged(err)
	}
	return &unpacking{in, 0, w.limits.Unpacked, int64(f.CompressedSize64)}, nil
}

// unpacking is a part being unpacked, which may turn out to be a bomb.
type unpacking struct {
	io.ReadCloser
	size, most, packed int64
}

func (u *unpacking) Read(p []byte) (int, error) {
	n, err := u.ReadCloser.Read(p)
	u.size += int64(n)
	if u.size > u.most || u.size > unpackFree && u.size/unpackRatio > u.packed {
		return 0, hostile()
	}
	return n, err
}

// hostile is the answer to a file that would cost more than any real one.
func hostile() error { return fault.New(fault.Invalid, "document.file.hostile") }

// broken turns what went wrong within a part into a fault.
func broken(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	return damaged(err)
}
