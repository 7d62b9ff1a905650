package document

import (
	"bytes"
	"image"
	greys "image/color"
	"image/jpeg"
	"math"
	"slices"

	"github.com/makiuchi-d/gozxing"
	reader "github.com/makiuchi-d/gozxing/multi/qrcode"
	"golang.org/x/image/draw"

	"kartotek/internal/fault"
)

// Found is a strip in a picture: by its code, with the places of its marks.
type Found struct {
	Code        string
	left, right *mark
}

// mark is where the three corners of a square code lie, in points of the picture.
type mark struct{ corner, along, down point } // upper left, upper right, lower left

type point struct{ x, y float64 }

func (a point) plus(b point) point          { return point{a.x + b.x, a.y + b.y} }
func (a point) minus(b point) point         { return point{a.x - b.x, a.y - b.y} }
func (a point) times(f float64) point       { return point{a.x * f, a.y * f} }
func (a point) to(b point, t float64) point { return a.plus(b.minus(a).times(t)) }

// The longest side of the picture that codes are looked for in: at 2,600 points on A4
// a dot of a strip's code is six points wide, and reading takes half a second.
const marksLook = 2600

// Strips finds the strips in a picture of paper, as they lie, straight or not. What
// else is in the picture is nobody's business and is not read.
func Strips(picture *image.Gray) ([]Found, error) {
	scale := 1.0
	small := picture
	if longest := max(picture.Rect.Dx(), picture.Rect.Dy()); longest > marksLook {
		scale = float64(longest) / marksLook
		small = image.NewGray(image.Rect(0, 0, int(float64(picture.Rect.Dx())/scale), int(float64(picture.Rect.Dy())/scale)))
		draw.ApproxBiLinear.Scale(small, small.Rect, picture, picture.Rect, draw.Src, nil)
	}
	seen := map[string]mark{}
	// The reader takes three corners for a code by their distances, and among many codes
	// it misses some: halves and bands, which overlap, have few each.
	w, h := small.Rect.Dx(), small.Rect.Dy()
	looks := []image.Rectangle{small.Rect}
	for _, half := range [][2]int{{0, w * 2 / 5}, {w * 3 / 5, w}} {
		for band := range 7 {
			looks = append(looks, image.Rect(half[0], h*band/8, half[1], h*(band+2)/8))
		}
	}
	for band := range 2 { // paper that lies across
		looks = append(looks, image.Rect(0, h*band*3/5, w, h*(band*3+2)/5))
	}
	for _, look := range looks {
		if err := readMarks(small, look, seen); err != nil {
			return nil, err
		}
	}
	byCode := map[string]*Found{}
	var codes []string
	for text, m := range seen {
		if len(text) != len(MarkLeft)+StripCode {
			continue
		}
		side, code := text[:len(MarkLeft)], text[len(MarkLeft):]
		if side != MarkLeft && side != MarkRight {
			continue
		}
		m = mark{m.corner.times(scale), m.along.times(scale), m.down.times(scale)}
		f := byCode[code]
		if f == nil {
			f = &Found{Code: code}
			byCode[code] = f
			codes = append(codes, code)
		}
		if side == MarkLeft {
			f.left = &m
		} else {
			f.right = &m
		}
	}
	slices.SortFunc(codes, func(a, b string) int { // in the order of the paper
		x, y := byCode[a].at(), byCode[b].at()
		return int(math.Copysign(math.Ceil(math.Abs(x.y-y.y)), x.y-y.y))
	})
	all := make([]Found, len(codes))
	for i, code := range codes {
		all[i] = *byCode[code]
	}
	return all, nil
}

func (f *Found) at() point {
	if f.left != nil {
		return f.left.corner
	}
	return f.right.corner
}

// readMarks reads the codes of a part of a picture.
func readMarks(picture *image.Gray, part image.Rectangle, seen map[string]mark) error {
	if part.Dx() < 40 || part.Dy() < 40 { // the reader's smallest block
		return nil
	}
	bitmap, err := gozxing.NewBinaryBitmap(gozxing.NewHybridBinarizer(gozxing.NewLuminanceSourceFromImage(picture.SubImage(part))))
	if err != nil {
		return err
	}
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true}
	results, err := reader.NewQRCodeMultiReader().DecodeMultiple(bitmap, hints)
	if err != nil {
		return nil // nothing there
	}
	offset := point{float64(part.Min.X), float64(part.Min.Y)}
	for _, r := range results {
		if at := r.GetResultPoints(); len(at) >= 3 {
			place := func(i int) point { return point{at[i].GetX(), at[i].GetY()}.plus(offset) }
			if _, known := seen[r.GetText()]; !known {
				seen[r.GetText()] = mark{corner: place(1), along: place(2), down: place(0)}
			}
		}
	}
	return nil
}

// The measures of a strip that is cut out: eight points a millimetre are enough to
// read handwriting.
const (
	cutPoints  = 8
	cutQuality = 62
)

// Cut cuts a strip out of a picture, straightened, as a JPEG in grey: this strip alone,
// and nothing of the one above it or below it. height is what it was printed with.
func (f *Found) Cut(picture *image.Gray, height float64) ([]byte, error) {
	const edge = 0.6 // within the lines between strips
	width := stripRight - stripLeft
	out := image.NewGray(image.Rect(0, 0, int(width*cutPoints), int((height-2*edge)*cutPoints)))
	for row := range out.Rect.Dy() {
		for column := range out.Rect.Dx() {
			at := f.place(float64(column)/cutPoints, edge+float64(row)/cutPoints)
			out.Pix[row*out.Stride+column] = shade(picture, at)
		}
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, out, &jpeg.Options{Quality: cutQuality}); err != nil {
		return nil, err
	}
	return file.Bytes(), nil
}

// place is where a point of the strip, in millimetres, lies in the picture. Between two
// marks it leans from the one's slant to the other's, so that a paper seen askew comes
// out straight; with one it goes by that alone.
func (f *Found) place(x, y float64) point {
	const apart = markSide * 14 / 21 // between corners of a mark
	top := y - markTop - markCorner
	down := func(m *mark) point { return m.down.minus(m.corner).times(1 / apart) }
	if f.left == nil || f.right == nil {
		m, from := f.left, markCorner
		if m == nil {
			m, from = f.right, stripRight-stripLeft-markSide+markCorner
		}
		return m.corner.plus(m.along.minus(m.corner).times((x - from) / apart)).plus(down(m).times(top))
	}
	span := stripRight - stripLeft - markSide // between the upper left corners of both
	t := (x - markCorner) / span
	return f.left.corner.to(f.right.corner, t).plus(down(f.left).to(down(f.right), t).times(top))
}

// shade is how light a picture is at a place, between its points.
func shade(picture *image.Gray, at point) uint8 {
	x, y := math.Floor(at.x), math.Floor(at.y)
	fx, fy := at.x-x, at.y-y
	get := func(dx, dy int) float64 {
		p := image.Pt(int(x)+dx, int(y)+dy)
		if !p.In(picture.Rect) {
			return 255
		}
		return float64(picture.Pix[picture.PixOffset(p.X, p.Y)])
	}
	return uint8((get(0, 0)*(1-fx)+get(1, 0)*fx)*(1-fy) + (get(0, 1)*(1-fx)+get(1, 1)*fx)*fy)
}

// grey is a picture in shades of grey, its corner at zero.
func grey(picture image.Image) *image.Gray {
	b := picture.Bounds()
	out := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	switch p := picture.(type) {
	case *image.YCbCr: // a photograph: its lightness is there already
		for y := range b.Dy() {
			copy(out.Pix[y*out.Stride:y*out.Stride+b.Dx()], p.Y[p.YOffset(b.Min.X, b.Min.Y+y):])
		}
	case *image.Gray:
		for y := range b.Dy() {
			copy(out.Pix[y*out.Stride:y*out.Stride+b.Dx()], p.Pix[p.PixOffset(b.Min.X, b.Min.Y+y):])
		}
	default:
		for y := range b.Dy() {
			for x := range b.Dx() {
				r, g, bl, a := picture.At(b.Min.X+x, b.Min.Y+y).RGBA()
				white := 0xffff - a // what is seen through lies on white paper
				out.Pix[y*out.Stride+x] = greys.GrayModel.Convert(greys.RGBA64{uint16(r + white), uint16(g + white), uint16(bl + white), 0xffff}).(greys.Gray).Y
			}
		}
	}
	return out
}

// errScan is a refused scan, with what to do instead.
func errScan(key string, args ...any) error {
	return fault.New(fault.Invalid, "document.scan.refused").With("file", key, args...)
}
