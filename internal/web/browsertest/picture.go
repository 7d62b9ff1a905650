package browsertest

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"

	"github.com/chromedp/chromedp"
)

// Picture saves what a window of a height shows from the top of the page, as a PNG
// file of 256 colours.
func (t *Tab) Picture(path string, height int64) {
	t.Helper()
	t.Do(t.window(height))
	defer t.Do(t.window(t.Height))
	t.Eval("document.activeElement?.blur()") // a blinking caret would make each picture another
	t.Eval("window.scrollTo({top: 0, behavior: 'instant'})")
	shot, err := chromedp.Run(t.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	var small bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, paletted(picture)); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, small.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// paletted paints a picture with its 256 most used colours. Pages have few; what is
// replaced are shades at the edges of letters.
func paletted(in image.Image) image.Image {
	box := in.Bounds()
	uses := map[color.RGBA]int{}
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(in.At(x, y)).(color.RGBA) }
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			uses[at(x, y)]++
		}
	}
	var shades []color.RGBA
	for c := range uses {
		shades = append(shades, c)
	}
	number := func(c color.RGBA) int { return int(c.R)<<16 | int(c.G)<<8 | int(c.B) }
	slices.SortFunc(shades, func(a, b color.RGBA) int {
		if d := uses[b] - uses[a]; d != 0 {
			return d
		}
		return number(a) - number(b) // the same file each time
	})
	var palette color.Palette
	for _, c := range shades[:min(len(shades), 256)] {
		palette = append(palette, c)
	}
	nearest := map[color.RGBA]uint8{}
	for _, c := range shades {
		nearest[c] = uint8(palette.Index(c))
	}
	out := image.NewPaletted(box, palette)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			out.SetColorIndex(x, y, nearest[at(x, y)])
		}
	}
	return out
}
