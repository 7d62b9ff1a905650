package browsertest

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"

	"github.com/chromedp/chromedp"
)

// Picture saves what the window shows as a PNG file.
func (t *Tab) Picture(path string) {
	t.Helper()
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
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, picture); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, small.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
