package app_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"

	"kartotek/internal/consent"
)

// signedPapers prints a signature sheet, takes it in as a camera sees it, enters what it says
// and ends the rest of another.
func (p *proof) signedPapers() {
	ctx, must, odense := p.Context(), p.Must, p.Bodies["odense"]
	sheet, err := p.Consents.PrintSheet(ctx, p.As("anna"), odense, "da", true)
	must(err)
	var file bytes.Buffer
	must(sheet.Write(&file))
	dir, err := os.MkdirTemp("", "sheet")
	must(err)
	defer os.RemoveAll(dir)
	render := exec.Command("pdftoppm", "-r", "120", "-f", "2", "-jpeg", "-", filepath.Join(dir, "p"))
	render.Stdin = &file
	must(render.Run())
	names, err := filepath.Glob(filepath.Join(dir, "p*"))
	must(err)
	for _, name := range names {
		page, err := os.ReadFile(name)
		must(err)
		_, err = p.Consents.Scan(ctx, p.As("anna"), page)
		must(err)
	}
	w, err := p.Consents.Paperwork(ctx, p.As("anna"), odense)
	must(err)
	for _, l := range w.Waiting {
		must(p.Consents.Settle(ctx, p.As("anna"), l.Person, l.Paper.ID, consent.Said{Signed: true, Gave: []string{"open-page"}}))
	}
	_, err = p.Consents.PrintSheet(ctx, p.As("anna"), odense, "da", true)
	must(err)
	_, err = p.Consents.EndSheet(ctx, p.As("anna"), odense, sheet.Number+1)
	must(err)
}
