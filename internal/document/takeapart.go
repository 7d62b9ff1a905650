package document

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// ErrNotOurs says that a PDF is not, byte for byte, in the form this package
// writes: foreign, cut off, or changed.
var ErrNotOurs = errors.New("document: not a PDF as written here")

// PDFObject is one object of a PDF.
type PDFObject struct {
	Entries string // what it says of itself, without the length of its bytes
	Stream  []byte // unpacked; nil without
}

// Attached is the file inside the object, if it is one.
func (o *PDFObject) Attached() ([]byte, bool) {
	return o.Stream, strings.Contains(o.Entries, "/Type/EmbeddedFile")
}

// largestObject is how much an object may unpack to.
const largestObject = 16 << 20

const pdfHeader = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"

// TakeApart gives the objects of a PDF that this package wrote, in their order.
// It follows the file from the first byte to the last and knows no other way a PDF
// can be made, so nothing can hide in one that it accepts: a changed table, an
// appended part, an object that no table names.
func TakeApart(file []byte) ([]PDFObject, error) {
	objects, _, err := takeNumbered(file)
	return objects, err
}

// takeNumbered is TakeApart with the number of each object.
func takeNumbered(file []byte) (objects []PDFObject, numbers []int, err error) {
	rest, ok := bytes.CutPrefix(file, []byte(pdfHeader))
	if !ok {
		return nil, nil, ErrNotOurs
	}
	offsets := map[int]int{}
	for !bytes.HasPrefix(rest, []byte("xref\n")) {
		at := len(file) - len(rest)
		head, after, ok := bytes.Cut(rest, []byte(" 0 obj\n"))
		number, err := strconv.Atoi(string(head[:min(len(head), 9)]))
		if !ok || err != nil || strconv.Itoa(number) != string(head) || number < 1 {
			return nil, nil, ErrNotOurs
		}
		if _, twice := offsets[number]; twice {
			return nil, nil, ErrNotOurs
		}
		offsets[number] = at
		var o PDFObject
		if o, rest, err = takeObject(after); err != nil {
			return nil, nil, err
		}
		objects, numbers = append(objects, o), append(numbers, number)
	}
	var table strings.Builder
	fmt.Fprintf(&table, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for number := 1; number <= len(objects); number++ {
		at, there := offsets[number]
		if !there {
			return nil, nil, ErrNotOurs
		}
		fmt.Fprintf(&table, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&table, "trailer\n<</Size %d/Root %d 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, catalogObject, infoObject, len(file)-len(rest))
	if string(rest) != table.String() {
		return nil, nil, ErrNotOurs
	}
	return objects, numbers, nil
}

func takeObject(rest []byte) (o PDFObject, after []byte, err error) {
	end := bytes.Index(rest, []byte("\nendobj\n"))
	begin := bytes.Index(rest, []byte(">>\nstream\n"))
	if end < 0 {
		return o, nil, ErrNotOurs
	}
	if begin < 0 || begin > end {
		return PDFObject{Entries: string(rest[:end])}, rest[end+len("\nendobj\n"):], nil
	}
	entries, length, ok := strings.Cut(string(rest[:begin]), "/Filter/FlateDecode/Length ")
	n, err := strconv.Atoi(length)
	body := rest[begin+len(">>\nstream\n"):]
	if !ok || err != nil || strconv.Itoa(n) != length || n < 0 || n > len(body) {
		return o, nil, ErrNotOurs
	}
	after, ok = bytes.CutPrefix(body[n:], []byte("\nendstream\nendobj\n"))
	if !ok {
		return o, nil, ErrNotOurs
	}
	packed := bytes.NewReader(body[:n])
	z, err := zlib.NewReader(packed)
	if err != nil {
		return o, nil, ErrNotOurs
	}
	plain, err := io.ReadAll(io.LimitReader(z, largestObject+1))
	if err != nil || len(plain) > largestObject || packed.Len() > 0 {
		return o, nil, ErrNotOurs
	}
	return PDFObject{Entries: entries, Stream: plain}, after, nil
}

// SamePDF reports whether two PDFs of this package show and hold the same, however
// their bytes are packed.
func SamePDF(a, b []PDFObject) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Entries != b[i].Entries || !bytes.Equal(a[i].Stream, b[i].Stream) {
			return false
		}
	}
	return true
}
