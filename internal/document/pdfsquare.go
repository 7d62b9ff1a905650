package document

import (
	"fmt"
	"image"
)

// letters draws a text letter by letter at even distances, so that it reads like a
// typewriter's and none is lost in a group.
func (p *pdf) letters(f *face, size, x, y, distance float64, s string) {
	for _, r := range s {
		if r != ' ' {
			p.text(f, size, x+(distance-f.width(size, string(r)))/2, y, ink, string(r))
		}
		x += distance
	}
}

// square draws a square code whose image has one point a module. The runs of dark
// modules of a row are one bar each, and bars overlap a hair: no light seam shows
// between rows.
func (p *pdf) square(code image.Image, x, y, side float64) {
	b := code.Bounds()
	module := side / float64(b.Dx())
	fmt.Fprintf(&p.page, "0 0 0 rg\n")
	dark := func(column, row int) bool {
		r, _, _, _ := code.At(b.Min.X+column, b.Min.Y+row).RGBA()
		return r < 0x8000
	}
	for row := range b.Dy() {
		for column := 0; column < b.Dx(); column++ {
			from := column
			for column < b.Dx() && dark(column, row) {
				column++
			}
			if column > from {
				fmt.Fprintf(&p.page, "%s %s %s %s re\n", points(x+float64(from)*module), points(p.height-y-float64(row+1)*module-0.01),
					points(float64(column-from)*module), points(module+0.02))
			}
		}
	}
	p.page.WriteString("f\n")
}
