package document

import (
	"bytes"
	"encoding/binary"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"

	"kartotek/internal/fault"
)

// recognise refuses what is neither CSV nor a workbook by how it begins, each
// kind with the remedy that fits.
func recognise(start []byte) error {
	for _, kind := range [...]struct{ magic, key string }{
		{"PK\x03\x04", "document.error.spreadsheet"}, // for readers that cannot leap about in a file
		{"PK\x05\x06", "document.file.zip"},          // one with nothing in it
		{"\xD0\xCF\x11\xE0", "document.file.old_workbook"},
		{"\x09\x08\x10\x00", "document.file.old_workbook"}, // Excel before 97
		{"\x09\x04\x06\x00", "document.file.old_workbook"},
		{"%PDF-", "document.error.pdf"},
		{"\x89PNG", "document.file.image"},
		{"\xFF\xD8\xFF", "document.file.image"},
		{"GIF8", "document.file.image"},
		{"II*\x00", "document.file.image"},
		{"MM\x00*", "document.file.image"},
		{"\x1F\x8B", "document.file.zip"},
		{"7z\xBC\xAF\x27\x1C", "document.file.zip"},
		{"Rar!", "document.file.zip"},
		{"{\\rtf", "document.file.text_document"},
		{"BEGIN:VCARD", "document.file.contacts"},
	} {
		if bytes.HasPrefix(start, []byte(kind.magic)) {
			return fault.New(fault.Invalid, kind.key)
		}
	}
	if len(start) > 12 && string(start[4:8]) == "ftyp" { // HEIC, from a phone
		return fault.New(fault.Invalid, "document.file.image")
	}
	if page(start) {
		return fault.New(fault.Invalid, "document.file.web_page")
	}
	return nil
}

// page reports whether a file is a web page or an XML workbook, which many
// systems export under the name of .xls.
func page(start []byte) bool {
	start = start[:min(len(start), 4096)]
	for _, mark := range [...]string{"\xFF\xFE", "\xFE\xFF"} {
		if bytes.HasPrefix(start, []byte(mark)) {
			start, _ = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(start)
		}
	}
	start = bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(start, []byte(bom))))
	for _, tag := range [...]string{"<html", "<!doctype", "<table", "<meta", "<head", "<?xml", "<workbook", "<style", "<body", "mime-version:"} {
		if bytes.HasPrefix(start, []byte(tag)) {
			return true
		}
	}
	return false
}

// textual refuses a text that is not in the encoding it is read in.
func textual(start []byte, whole bool) error {
	if nuls := bytes.Count(start, []byte{0}); nuls > 0 && nuls >= len(start)/4 {
		return fault.New(fault.Invalid, "document.error.utf16") // though something else was chosen
	}
	if at := bytes.IndexByte(start, 0); at >= 0 {
		return fault.New(fault.Invalid, "document.error.binary", "line", 1+lineBreaks(start[:at]))
	}
	if at := firstInvalid(start); at < len(start)-utf8.UTFMax || whole && at < len(start) {
		return fault.New(fault.Invalid, "document.error.not_utf8", "line", 1+lineBreaks(start[:at]))
	}
	return nil
}

// firstInvalid returns where a text ceases to be UTF-8, its length when it never does.
func firstInvalid(text []byte) int {
	if utf8.Valid(text) {
		return len(text)
	}
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return len(text)
}

// lineBreaks counts \n, \r\n and \r.
func lineBreaks(text []byte) int {
	return bytes.Count(text, []byte{'\n'}) + bytes.Count(text, []byte{'\r'}) - bytes.Count(text, []byte("\r\n"))
}

// compound says what a file of Microsoft's old kind is: a workbook behind a
// password, which Excel wraps in one, a text document, or an .xls.
func compound(r io.ReaderAt, size int64) error {
	header := make([]byte, 512)
	if _, err := r.ReadAt(header, 0); err != nil {
		return damaged(err)
	}
	shift := binary.LittleEndian.Uint16(header[30:])
	if shift != 9 && shift != 12 {
		return damaged(nil)
	}
	at := (int64(binary.LittleEndian.Uint32(header[48:])) + 1) << shift
	if at > size {
		return damaged(nil)
	}
	// The directory's first sectors name the streams, a workbook's among the first.
	directory := make([]byte, 4096)
	n, err := r.ReadAt(directory, at)
	if err != nil && err != io.EOF {
		return damaged(err)
	}
	for _, kind := range [...]struct{ stream, key string }{
		{"EncryptedPackage", "document.file.encrypted"},
		{"EncryptionInfo", "document.file.encrypted"},
		{"WordDocument", "document.file.text_document"},
	} {
		if bytes.Contains(directory[:n], wide(kind.stream)) {
			return fault.New(fault.Invalid, kind.key)
		}
	}
	return fault.New(fault.Invalid, "document.file.old_workbook")
}

// wide is a plain text in UTF-16.
func wide(s string) []byte {
	out := make([]byte, 0, 2*len(s))
	for i := range len(s) {
		out = append(out, s[i], 0)
	}
	return out
}

// damaged says that a file is not whole.
func damaged(cause error) error {
	return fault.New(fault.Invalid, "document.file.damaged").Because(cause)
}
