package document

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kartotek/internal/fault"
)

func stripsFor(n int) []Strip {
	all := make([]Strip, n)
	for i := range all {
		code := fmt.Sprintf("%014d", 70000000000000+i*7919)
		all[i] = Strip{
			Code: code, Typed: code[:5] + " " + code[5:10] + " " + code[10:], Name: fmt.Sprintf("Ærøskøbing Ødegård %d", i+1),
			Note:  []string{"Jeg er orienteret om erklæringen, version 3."},
			Boxes: []Box{{Group: "Ja til", Text: "A. På klubbens åbne sider"}, {Text: "B. E-mailadressen på åbne sider"}, {Text: "C. Til den internationale organisation"}},
			Lines: []string{"Dato", "Underskrift"},
		}
	}
	return all
}

// onPaper is a sheet of strips through a real renderer.
func onPaper(t *testing.T, strips []Strip, dots string) (heights []float64, pages []*image.Gray) {
	t.Helper()
	var out bytes.Buffer
	w := NewPaper(&out, PaperTexts{Title: "Ark", Footer: "f", Page: "{page}/{pages}"}, nil, PDFOptions{Title: "Ark", Language: "da", Time: time.Unix(1_800_000_000, 0)})
	heights, err := w.Strips(strips)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("pdftoppm", "-r", dots, "-png", "-gray", "-f", "2", "-", filepath.Join(t.TempDir(), "p"))
	cmd.Stdin = &out
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, said)
	}
	names, _ := filepath.Glob(cmd.Args[len(cmd.Args)-1] + "*.png")
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := Scanned(data, func(_ int, p *image.Gray) error { pages = append(pages, p); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	return heights, pages
}

// askew is the picture as a hand holds a phone: turned, further away at one end, on a
// dark table, with a shadow across it and some noise.
func askew(p *image.Gray, degrees float64) *image.Gray {
	w, h := float64(p.Rect.Dx()), float64(p.Rect.Dy())
	out := image.NewGray(image.Rect(0, 0, int(w*1.25), int(h*1.25)))
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	seed := uint32(1)
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			dx, dy := float64(x)-w*.625, float64(y)-h*.625
			u, v := dx*cos+dy*sin, -dx*sin+dy*cos
			far := 1 + v*0.00006 + u*0.00004
			at := point{u*far + w/2, v*far + h/2}
			c := 60.0
			if at.x >= 0 && at.y >= 0 && at.x < w && at.y < h {
				c = 40 + float64(shade(p, at))*(0.5+0.3*float64(x)/float64(out.Rect.Dx()))
			}
			seed = seed*1664525 + 1013904223
			out.Pix[y*out.Stride+x] = uint8(max(0, min(255, c+float64(seed>>24&15)-8)))
		}
	}
	return out
}

// N10: whoever signs stands between two codes, which are found in a scan and in a
// photograph, and the line cut out holds that line and nothing of its neighbours.
func TestN10StripsAreFoundInAPhotograph(t *testing.T) {
	strips := stripsFor(9)
	heights, pages := onPaper(t, strips, "170")
	if len(pages) != 2 {
		t.Fatalf("%d pages", len(pages))
	}
	total := 0
	for _, look := range []struct {
		name string
		turn func(*image.Gray) *image.Gray
	}{{"scan", func(p *image.Gray) *image.Gray { return p }}, {"photo", func(p *image.Gray) *image.Gray { return askew(p, 4) }}} {
		total = 0
		for i, page := range pages {
			picture := look.turn(page)
			begun := time.Now()
			found, err := Strips(picture)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s page %d: %d strips, %v, %v", look.name, i+1, len(found), picture.Rect.Size(), time.Since(begun).Round(time.Millisecond))
			for j := range found {
				if found[j].Code != strips[total].Code {
					t.Errorf("%s: strip %d is %q", look.name, total, found[j].Code)
				}
				if found[j].left == nil || found[j].right == nil {
					t.Errorf("%s: strip %d has one mark", look.name, total)
				}
				if look.name == "photo" && i == 0 && j == 2 {
					cut, err := found[j].Cut(picture, heights[total])
					if err != nil {
						t.Fatal(err)
					}
					again, err := jpeg.Decode(bytes.NewReader(cut))
					if err != nil {
						t.Fatal(err)
					}
					alone, err := Strips(grey(again))
					if err != nil || len(alone) != 1 || alone[0].Code != strips[total].Code {
						t.Errorf("the line that was cut out holds %v %v", alone, err)
					}
					if dir := os.Getenv("SHOTS"); dir != "" {
						os.WriteFile(filepath.Join(dir, "cut.jpg"), cut, 0o600)
						file, _ := os.Create(filepath.Join(dir, "photo.png"))
						png.Encode(file, picture)
						file.Close()
					}
					t.Logf("cut: %d bytes", len(cut))
				}
				total++
			}
		}
		if total != len(strips) {
			t.Errorf("%s: %d of %d strips were found", look.name, total, len(strips))
		}
	}
}

func key(err error) string {
	if err == nil {
		return ""
	}
	f := fault.From(err)
	for _, x := range f.Fields {
		return x.Key
	}
	return f.Key
}

// A scanner's PDF is read in the three ways they pack a page; hostile files are refused
// with what to do.
func TestN10ScansAreReadAndHostileOnesRefused(t *testing.T) {
	picture := image.NewGray(image.Rect(0, 0, 400, 600))
	for i := range picture.Pix {
		picture.Pix[i] = uint8(i % 251)
	}
	var photo, flat bytes.Buffer
	if err := jpeg.Encode(&photo, picture, nil); err != nil {
		t.Fatal(err)
	}
	z := zlib.NewWriter(&flat)
	z.Write(picture.Pix)
	z.Close()
	object := func(entries string, body []byte) string {
		return fmt.Sprintf("%%PDF-1.4\n1 0 obj\n<</Type/XObject/Subtype/Image/Width 400/Height 600/BitsPerComponent 8 %s/Length %d>>\nstream\n%s\nendstream\nendobj\n", entries, len(body), body)
	}
	for name, file := range map[string]string{
		"jpeg": photo.String(), "dct": object("/ColorSpace/DeviceGray/Filter/DCTDecode", photo.Bytes()),
		"flate":   object("/ColorSpace/DeviceGray/Filter[/FlateDecode]", flat.Bytes()),
		"plain":   object("/ColorSpace 7 0 R", picture.Pix) + "7 0 obj [/CalGray <</Gamma 1>>]",
		"profile": object("/ColorSpace[/ICCBased 9 0 R]/Filter/FlateDecode", flat.Bytes()) + "9 0 obj\n<</N 1>>",
	} {
		pages := 0
		err := Scanned([]byte(file), func(_ int, p *image.Gray) error {
			pages++
			if p.Rect != picture.Rect {
				t.Errorf("%s: %v", name, p.Rect)
			}
			return nil
		})
		if err != nil || pages != 1 {
			t.Errorf("%s: %d pages, %v", name, pages, err)
		}
	}
	bomb := bytes.Clone(flat.Bytes())
	for name, c := range map[string]struct{ file, key string }{
		"nothing": {"", "document.scan.unknown"}, "text": {"hello", "document.scan.unknown"}, "heic": {"\x00\x00\x00\x18ftypheic\x00\x00", "document.scan.heic"},
		"cut off": {photo.String()[:200], "document.scan.broken"}, "huge": {string(make([]byte, ScanSize+1)), "document.scan.large"},
		"a page of text": {"%PDF-1.4\n1 0 obj\n<<>>\nendobj", "document.scan.no_picture"}, "locked": {"%PDF-1.4 /Encrypt 1 0 R", "document.scan.locked"},
		"jbig2":  {object("/ColorSpace/DeviceGray/Filter/JBIG2Decode", flat.Bytes()), "document.scan.packed"},
		"points": {strings.Replace(object("/ColorSpace/DeviceGray/Filter/FlateDecode", bomb), "/Width 400", "/Width 99999999", 1), "document.scan.points"},
		"short":  {strings.Replace(object("/ColorSpace/DeviceGray/Filter/FlateDecode", bomb), "/Height 600", "/Height 9000", 1), "document.scan.broken"},
	} {
		if err := Scanned([]byte(c.file), func(int, *image.Gray) error { return nil }); key(err) != c.key {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzScanned(f *testing.F) {
	f.Add([]byte("%PDF-1.4\n1 0 obj\n<</Subtype/Image/Width 400/Height 600/BitsPerComponent 1/ColorSpace/DeviceGray/Filter/CCITTFaxDecode/K -1/Length 3>>\nstream\nabc\nendstream"))
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		_ = Scanned(file, func(_ int, p *image.Gray) error {
			if !fits(p.Rect.Dx(), p.Rect.Dy()) {
				t.Fatal("too large")
			}
			return io.EOF
		})
	})
}
