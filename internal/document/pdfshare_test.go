package document

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// A share's page goes through a real renderer, and its square through a real
// reader: what it says is what is printed beside it, letter for letter.
func TestSharesAreReadBack(t *testing.T) {
	var out bytes.Buffer
	w := NewShares(&out, PDFOptions{Title: "Nøgledel", Language: "da", Time: time.Unix(1_800_000_000, 0)})
	rows := []string{"04N8 X6PW 1YT3 K", "9GQ2 C7VB M4RD Z", "0000 0000 0000 2", "ZZZZ ZZZZ ZZZZ 7", "1111 2222 3333 4", "ABCD EFGH JKMN P"}
	codes := []string{"KARTOTEK-1:" + strings.ReplaceAll(strings.Join(rows, ""), " ", ""), "KARTOTEK-1:" + strings.Repeat("7Q", 39)}
	long := strings.Repeat("Gem denne side, hvor kun du kan nå den, og hvor ild og vand ikke kan. ", 2)
	for _, code := range codes {
		err := w.Write(ShareSheet{
			Owner: "Et parti med et navn, der er så langt, at det næppe kan stå på én linje af et ark papir", Title: "Nøgledel til hovednøglen", Lead: long,
			Facts: [][2]string{{"Nøgledel", "2 af 5"}, {"Der skal bruges", "3"}, {"Sæt", "4f2a91c0"}, {"Udskrevet", "22. november 2026"}}, Holder: "Tilhører",
			Rows: rows, Typed: long, Code: code, Scanned: "Det samme, til et kamera.", Advice: []string{long, long, long, long}, Footer: "Sæt 4f2a91c0, nøgledel 2",
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "shares.pdf")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command("pdftoppm", "-r", "110", "-png", path, filepath.Join(dir, "page")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	pages, err := filepath.Glob(filepath.Join(dir, "page*.png"))
	if err != nil || len(pages) != len(codes) {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	for i, page := range pages {
		if got := scanned(t, page); got != codes[i] {
			t.Errorf("page %d says %q, want %q", i+1, got, codes[i])
		}
	}
	text, err := exec.Command("pdftotext", "-layout", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if !strings.Contains(squeezed(string(text)), squeezed(row)) {
			t.Errorf("row %q cannot be read as text", row)
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\f") {
		if n := strings.Count(line, "Sæt 4f2a91c0, nøgledel 2"); n != 1 {
			t.Errorf("a page has %d footers", n)
		}
	}
}

func squeezed(s string) string { return strings.ReplaceAll(s, " ", "") }

func scanned(t *testing.T, path string) string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var picture image.Image
	if picture, err = png.Decode(file); err != nil {
		t.Fatal(err)
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		t.Fatal(err)
	}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]interface{}{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		t.Fatalf("%s cannot be scanned: %v", path, err)
	}
	return result.GetText()
}
