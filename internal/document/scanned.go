package document

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"io"
)

// What a scan may be. A photograph of today's phones has 12 to 50 million points; one
// that says that it has more is not looked at, whatever its size in bytes.
const (
	ScanSize   = 24 << 20
	scanPoints = 64 << 20
	ScanPages  = 60
)

// Scanned gives the pages of a scan one after the other, each in grey: a photograph,
// or the pictures in a PDF as scanners make them. One page is in memory at a time.
func Scanned(file []byte, each func(page int, picture *image.Gray) error) error {
	if len(file) > ScanSize {
		return errScan("document.scan.large", "size", ScanSize>>20)
	}
	switch {
	case bytes.HasPrefix(file, []byte("\xFF\xD8\xFF")):
		picture, err := decodePicture(file, jpeg.DecodeConfig, jpeg.Decode)
		if err != nil {
			return err
		}
		return each(1, grey(picture))
	case bytes.HasPrefix(file, []byte("\x89PNG")):
		picture, err := decodePicture(file, png.DecodeConfig, png.Decode)
		if err != nil {
			return err
		}
		return each(1, grey(picture))
	case bytes.HasPrefix(file, []byte("%PDF-")):
		return scannedPDF(file, each)
	case len(file) > 12 && string(file[4:8]) == "ftyp": // HEIC, from a phone
		return errScan("document.scan.heic")
	}
	return errScan("document.scan.unknown")
}

// decodePicture decodes a picture that says beforehand that it is not too large.
func decodePicture(file []byte, config func(io.Reader) (image.Config, error), decode func(io.Reader) (image.Image, error)) (image.Image, error) {
	c, err := config(bytes.NewReader(file))
	if err != nil {
		return nil, errScan("document.scan.broken")
	}
	if !fits(c.Width, c.Height) {
		return nil, errScan("document.scan.points", "most", scanPoints>>20)
	}
	picture, err := decode(bytes.NewReader(file))
	if err != nil {
		return nil, errScan("document.scan.broken")
	}
	return picture, nil
}

func fits(width, height int) bool {
	return width > 0 && height > 0 && width <= scanPoints && height <= scanPoints/width
}
