package document

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Seal is what a seal says of itself in a PDF, in clear. It names the house that
// seals and never a person.
type Seal struct {
	Name   string // whose seal it is
	Reason string // what it is put under
	Time   time.Time
}

// sealRoom is the room for a signature, in bytes: three times what one takes.
const sealRoom = 4096

// Unsealed is a PDF with room for a seal. A seal is an addition to the file (ISO
// 32000-1, 7.5.6): no byte of what was there before changes.
type Unsealed struct {
	file       []byte
	begin, end int // of the room, brackets included
}

// MakeRoom adds the room for a seal to a PDF that this package wrote; ErrNotOurs for
// any other.
func MakeRoom(file []byte, s Seal) (*Unsealed, error) {
	objects, numbers, err := takeNumbered(file)
	if err != nil {
		return nil, err
	}
	catalog := slices.Index(numbers, catalogObject)
	page := slices.IndexFunc(objects, func(o PDFObject) bool { return strings.HasPrefix(o.Entries, "<</Type/Page/") })
	if catalog < 0 || page < 0 {
		return nil, ErrNotOurs
	}
	signature, field := len(objects)+1, len(objects)+2
	var out bytes.Buffer
	out.Grow(len(file) + 2*sealRoom + 4096)
	out.Write(file)
	u := &Unsealed{}
	at := func(number int, body func()) string {
		begins := out.Len()
		fmt.Fprintf(&out, "%d 0 obj\n", number)
		body()
		out.WriteString("\nendobj\n")
		return fmt.Sprintf("%010d 00000 n \n", begins)
	}
	var reach int // where the covered reaches are written, once they are known
	signed := at(signature, func() {
		out.WriteString("<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/ByteRange[0 ")
		reach = out.Len()
		fmt.Fprintf(&out, "%010d %010d %010d]/Contents", 0, 0, 0)
		u.begin = out.Len()
		out.WriteString("<" + strings.Repeat("0", 2*sealRoom) + ">")
		u.end = out.Len()
		fmt.Fprintf(&out, "/M(D:%sZ)/Name%s/Reason%s>>", s.Time.UTC().Format(sealTime), pdfText(s.Name), pdfText(s.Reason))
	})
	widget := at(field, func() {
		fmt.Fprintf(&out, "<</Type/Annot/Subtype/Widget/FT/Sig/T(Seal)/F 132/Rect[0 0 0 0]/P %d 0 R/V %d 0 R>>", numbers[page], signature)
	})
	root := at(catalogObject, func() {
		fmt.Fprintf(&out, "%s/AcroForm<</SigFlags 3/Fields[%d 0 R]>>>>", strings.TrimSuffix(objects[catalog].Entries, ">>"), field)
	})
	first := at(numbers[page], func() {
		fmt.Fprintf(&out, "%s/Annots[%d 0 R]>>", strings.TrimSuffix(objects[page].Entries, ">>"), field)
	})
	table := out.Len()
	fmt.Fprintf(&out, "xref\n%d 1\n%s%d 1\n%s%d 2\n%s%s", catalogObject, root, numbers[page], first, signature, signed, widget)
	fmt.Fprintf(&out, "trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", field+1, catalogObject, infoObject, tableOf(file), table)
	u.file = out.Bytes()
	copy(u.file[reach:], fmt.Sprintf("%010d %010d %010d", u.begin, u.end, len(u.file)-u.end))
	return u, nil
}

const sealTime = "20060102150405"

// tableOf is where the table of a PDF of this package begins.
func tableOf(file []byte) int {
	at, _, _ := strings.Cut(string(file[bytes.LastIndex(file, []byte("startxref\n"))+len("startxref\n"):]), "\n")
	n, _ := strconv.Atoi(at)
	return n
}

// Covered is what the signature is made over: the whole file but its own room.
func (u *Unsealed) Covered() []byte {
	return slices.Concat(u.file[:u.begin], u.file[u.end:])
}

// Put writes a signature into its room.
func (u *Unsealed) Put(signature []byte) ([]byte, error) {
	if len(signature) > sealRoom {
		return nil, fmt.Errorf("document: a signature of %d bytes has no room", len(signature))
	}
	sealed := slices.Clone(u.file)
	hex.Encode(sealed[u.begin+1:], signature)
	return sealed, nil
}

// Sealed is a sealed PDF taken apart.
type Sealed struct {
	Seal
	Base      []byte // the file as it was before
	Covered   []byte // what the signature is made over
	Signature []byte // in its room, which zeros fill up
}

// TakeSealed finds the seal of a PDF that MakeRoom made room in. It makes the same room
// again and compares byte by byte, so nothing can hide in a file that it accepts.
func TakeSealed(file []byte) (s Sealed, err error) {
	mark := []byte("%%EOF\n")
	for at := 0; ; {
		next := bytes.Index(file[at:], mark)
		if next < 0 {
			return s, ErrNotOurs
		}
		at += next + len(mark)
		if _, err := TakeApart(file[:at]); err == nil {
			s.Base = file[:at]
			break
		}
	}
	added := file[len(s.Base):]
	room := bytes.Index(added, []byte("]/Contents<"))
	if room < 0 || len(added) < room+11+2*sealRoom {
		return s, ErrNotOurs
	}
	text := added[room+11:]
	s.Signature = make([]byte, sealRoom)
	if _, err := hex.Decode(s.Signature, text[:2*sealRoom]); err != nil {
		return s, ErrNotOurs
	}
	said, _, _ := bytes.Cut(text[2*sealRoom:], []byte(">>\nendobj\n"))
	rest, ok := strings.CutPrefix(string(said), ">/M(D:")
	when, rest, ok2 := strings.Cut(rest, "Z)/Name<FEFF")
	name, reason, ok3 := strings.Cut(rest, ">/Reason<FEFF")
	reason, ok4 := strings.CutSuffix(reason, ">")
	if s.Time, err = time.Parse(sealTime, when); err != nil || !ok || !ok2 || !ok3 || !ok4 {
		return s, ErrNotOurs
	}
	if s.Name, ok = fromPDFText(name); !ok {
		return s, ErrNotOurs
	}
	if s.Reason, ok = fromPDFText(reason); !ok {
		return s, ErrNotOurs
	}
	again, err := MakeRoom(s.Base, s.Seal)
	if err != nil {
		return s, err
	}
	same, err := again.Put(s.Signature)
	if err != nil || !bytes.Equal(same, file) {
		return s, ErrNotOurs
	}
	s.Covered = again.Covered()
	return s, nil
}
