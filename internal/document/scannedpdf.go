package document

import (
	"bytes"
	"compress/zlib"
	"image"
	"image/jpeg"
	"io"
	"regexp"
	"strconv"

	"golang.org/x/image/ccitt"
)

// A scanner's PDF is a picture a page. This finds the picture objects where they lie
// in the file and reads nothing else: no fonts, no scripts, no links, no object
// streams, in which no picture can be. Three ways to pack a picture are known, which
// are what scanners use; of another the answer says what to do.

var (
	imageObject = regexp.MustCompile(`/Subtype\s*/Image\b`)
	filterName  = regexp.MustCompile(`/Filter\s*(?:/(\w+)|\[\s*/(\w+)((?:\s*/\w+)*)\s*\])`)
	deviceSpace = regexp.MustCompile(`/ColorSpace\s*\[?\s*/(\w+)`)
	ccittK      = regexp.MustCompile(`/K\s+(-?\d+)`)
	ccittBlack  = regexp.MustCompile(`/BlackIs1\s+true`)
	maskOnly    = regexp.MustCompile(`/ImageMask\s+true`)
	predictor   = regexp.MustCompile(`/Predictor\s+(\d+)`)
	components  = regexp.MustCompile(`/N\s+(\d)`)
	objectRef   = regexp.MustCompile(`/ColorSpace\s+(\d+)\s+\d+\s+R`)
)

// scannedPDF gives the pictures of a PDF in their order.
func scannedPDF(file []byte, each func(page int, picture *image.Gray) error) error {
	page, unknown := 0, false
	for rest, at := file, 0; ; {
		i := bytes.Index(rest[at:], []byte("stream"))
		if i < 0 {
			break
		}
		at += i
		if at >= 3 && string(rest[at-3:at]) == "end" {
			at += len("stream")
			continue
		}
		head := rest[max(0, at-4096):at]
		if begin := bytes.LastIndex(head, []byte(" obj")); begin >= 0 {
			head = head[begin:]
		}
		body := rest[at+len("stream"):]
		switch {
		case bytes.HasPrefix(body, []byte("\r\n")):
			body = body[2:]
		case bytes.HasPrefix(body, []byte("\n")):
			body = body[1:]
		}
		end := streamEnd(head, body)
		at = len(rest) - len(body) + end
		if !imageObject.Match(head) || bytes.Contains(head, []byte("/SMaskInData")) {
			continue
		}
		picture, known, err := pdfPicture(file, head, body[:end])
		switch {
		case err != nil:
			return err
		case !known:
			unknown = true
			continue
		case picture == nil: // an ornament
			continue
		}
		if page++; page > ScanPages {
			return errScan("document.scan.pages", "most", ScanPages)
		}
		if err := each(page, picture); err != nil {
			return err
		}
	}
	switch {
	case page > 0:
		return nil
	case unknown:
		return errScan("document.scan.packed")
	case bytes.Contains(file, []byte("/Encrypt")):
		return errScan("document.scan.locked")
	}
	return errScan("document.scan.no_picture")
}

// streamEnd is where a stream's bytes end: by its length, where that stands there and
// is true, else by the word that ends it.
func streamEnd(head, body []byte) int {
	if n, ok := entryOf(head, "Length"); ok && n <= len(body) {
		if tail := bytes.TrimLeft(body[n:min(len(body), n+20)], "\r\n "); bytes.HasPrefix(tail, []byte("endstream")) {
			return n
		}
	}
	if i := bytes.Index(body, []byte("endstream")); i >= 0 {
		return i
	}
	return len(body)
}

var numbers = map[string]*regexp.Regexp{}

func init() {
	for _, name := range []string{"Length", "Width", "Height", "BitsPerComponent", "Columns", "Rows"} {
		numbers[name] = regexp.MustCompile(`/` + name + `\s+(\d{1,9})(\s+\d+\s+R)?`)
	}
}

// entryOf is an entry that stands in the object itself.
func entryOf(head []byte, name string) (int, bool) {
	m := numbers[name].FindSubmatch(head)
	if m == nil || m[2] != nil {
		return 0, false
	}
	n, err := strconv.Atoi(string(m[1]))
	return n, err == nil
}

// smallestPage is how many points a side must have to be paper: less is a logo.
const smallestPage = 300

// pdfPicture unpacks one picture; nil where it is too small to be a page.
func pdfPicture(file, head, body []byte) (picture *image.Gray, known bool, err error) {
	width, _ := entryOf(head, "Width")
	height, _ := entryOf(head, "Height")
	if width < smallestPage && height < smallestPage {
		return nil, true, nil
	}
	if !fits(width, height) {
		return nil, true, errScan("document.scan.points", "most", scanPoints>>20)
	}
	filter := ""
	if m := filterName.FindSubmatch(head); m != nil {
		if filter = string(m[1]) + string(m[2]); len(m[3]) > 0 {
			if inner := string(bytes.TrimSpace(m[3])); filter == "FlateDecode" && inner == "/DCTDecode" { // packed twice, as some do
				if body, err = inflated(body, ScanSize); err != nil {
					return nil, true, errScan("document.scan.broken")
				}
				filter = "DCTDecode"
			} else {
				return nil, false, nil
			}
		}
	}
	switch filter {
	case "DCTDecode":
		found, err := decodePicture(body, jpeg.DecodeConfig, jpeg.Decode)
		if err != nil {
			return nil, true, err
		}
		return grey(found), true, nil
	case "CCITTFaxDecode":
		return faxed(head, body, width, height)
	case "FlateDecode", "":
		return plainPicture(file, head, body, width, height, filter != "")
	}
	return nil, false, nil
}

// faxed unpacks a page as fax machines send it.
func faxed(head, body []byte, width, height int) (*image.Gray, bool, error) {
	form := ccitt.Group3
	if m := ccittK.FindSubmatch(head); m != nil && m[1][0] == '-' {
		form = ccitt.Group4
	}
	if columns, ok := entryOf(head, "Columns"); ok && columns != width {
		return nil, false, nil
	}
	out := image.NewGray(image.Rect(0, 0, width, height))
	invert := !ccittBlack.Match(head)
	if err := ccitt.DecodeIntoGray(out, bytes.NewReader(body), ccitt.MSB, form, &ccitt.Options{Invert: !invert}); err != nil {
		return nil, true, errScan("document.scan.broken")
	}
	return out, true, nil
}

// plainPicture unpacks dots that lie there as they are: black and white, grey or
// coloured.
func plainPicture(file, head, body []byte, width, height int, packed bool) (*image.Gray, bool, error) {
	bits, ok := entryOf(head, "BitsPerComponent")
	if maskOnly.Match(head) {
		bits, ok = 1, true
	}
	parts := colours(file, head)
	if !ok || bits != 1 && bits != 8 || parts == 0 || bits == 1 && parts != 1 {
		return nil, false, nil
	}
	stride := (width*parts*bits + 7) / 8
	step := stride
	foretold := false
	if m := predictor.FindSubmatch(head); m != nil && string(m[1]) != "1" {
		if foretold = true; string(m[1]) == "2" {
			return nil, false, nil
		}
		step++
	}
	if packed {
		var err error
		if body, err = inflated(body, step*height); err != nil {
			return nil, true, errScan("document.scan.broken")
		}
	}
	if len(body) < step*height {
		return nil, true, errScan("document.scan.broken")
	}
	out := image.NewGray(image.Rect(0, 0, width, height))
	before := make([]byte, stride)
	for y := range height {
		row := body[y*step : (y+1)*step]
		if foretold {
			if !unforetell(row[0], row[1:], before, max(parts*bits/8, 1)) {
				return nil, true, errScan("document.scan.broken")
			}
			row = row[1:]
			before = row
		}
		line := out.Pix[y*out.Stride : y*out.Stride+width]
		for x := range line {
			switch {
			case bits == 1:
				line[x] = 255 * (row[x/8] >> (7 - x%8) & 1)
			case parts == 1:
				line[x] = row[x]
			case parts == 3:
				line[x] = uint8((int(row[3*x])*299 + int(row[3*x+1])*587 + int(row[3*x+2])*114) / 1000)
			default: // the inks of print: what is not covered is light
				k := 255 - int(row[4*x+3])
				line[x] = uint8(k * (765 - int(row[4*x]) - int(row[4*x+1]) - int(row[4*x+2])) / 765)
			}
		}
	}
	return out, true, nil
}

// colours is how many parts a dot has; 0 for what is not known.
func colours(file, head []byte) int {
	if maskOnly.Match(head) {
		return 1
	}
	if m := objectRef.FindSubmatch(head); m != nil { // it stands in an object of its own
		found := regexp.MustCompile(`(?:^|[\r\n])` + string(m[1]) + `\s+0\s+obj[^e]{0,200}`).Find(file)
		if found == nil {
			return 0
		}
		if bytes.Contains(found, []byte("/ICCBased")) {
			return profiled(file, found)
		}
		for name, n := range map[string]int{"/DeviceGray": 1, "/CalGray": 1, "/DeviceRGB": 3, "/CalRGB": 3, "/DeviceCMYK": 4} {
			if bytes.Contains(found, []byte(name)) && !bytes.Contains(found, []byte("/Indexed")) {
				return n
			}
		}
		return 0
	}
	m := deviceSpace.FindSubmatch(head)
	if m == nil {
		return 0
	}
	switch string(m[1]) {
	case "DeviceGray", "CalGray":
		return 1
	case "DeviceRGB", "CalRGB":
		return 3
	case "DeviceCMYK":
		return 4
	case "ICCBased":
		return profiled(file, head)
	}
	return 0
}

var profileRef = regexp.MustCompile(`/ICCBased\s+(\d+)\s+\d+\s+R`)

// profiled is how many parts a colour profile has.
func profiled(file, from []byte) int {
	m := profileRef.FindSubmatch(from)
	if m == nil {
		return 0
	}
	object := regexp.MustCompile(`(?:^|[\r\n])` + string(m[1]) + `\s+0\s+obj[^>]{0,300}`).Find(file)
	if n := components.FindSubmatch(object); n != nil {
		return int(n[1][0] - '0')
	}
	return 0
}

// inflated unpacks at most so many bytes.
func inflated(body []byte, most int) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(z, int64(most)))
	if len(out) == most {
		return out, nil // the rest is filling
	}
	return out, err
}

// unforetell undoes the five ways in which a row says only how it differs from its
// neighbours (PNG, 9).
func unforetell(way byte, row, before []byte, step int) bool {
	left := func(i int) int {
		if i < step {
			return 0
		}
		return int(row[i-step])
	}
	for i := range row {
		up, corner := int(before[i]), 0
		if i >= step {
			corner = int(before[i-step])
		}
		switch way {
		case 0:
			return true
		case 1:
			row[i] += byte(left(i))
		case 2:
			row[i] += byte(up)
		case 3:
			row[i] += byte((left(i) + up) / 2)
		case 4:
			row[i] += byte(paeth(left(i), up, corner))
		default:
			return false
		}
	}
	return true
}

func paeth(left, up, corner int) int {
	p := left + up - corner
	l, u, c := distance(p, left), distance(p, up), distance(p, corner)
	switch {
	case l <= u && l <= c:
		return left
	case u <= c:
		return up
	}
	return corner
}

func distance(a, b int) int {
	if a < b {
		return b - a
	}
	return a - b
}
