package document

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"kartotek/internal/fault"
)

// poppler runs one of the programs by which the PDFs are read back.
func poppler(t *testing.T, file []byte, program string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Fatalf(`%s was not found in PATH. The tests read PDFs with it; on Debian or Ubuntu:
    apt-get update && apt-get install -y --no-install-recommends poppler-utils`, program)
	}
	in := filepath.Join(t.TempDir(), "fil.pdf")
	if err := os.WriteFile(in, file, 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "IN", in)
	}
	var complaints bytes.Buffer
	command := exec.Command(path, args...)
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("%s: %v\n%s", program, err, complaints.String())
	}
	return string(out)
}

// pagesOf are the texts of a PDF's pages, as they lie on the paper.
func pagesOf(t *testing.T, file []byte) []string {
	t.Helper()
	pages := strings.Split(poppler(t, file, "pdftotext", "-layout", "-enc", "UTF-8", "IN", "-"), "\f")
	return pages[:len(pages)-1]
}

var printed = ListTexts{
	Heading: "Mødeindkaldelse, Gentofte", Lead: "Medlemsmøde 8. december 2026. 80 af 310 medlemmer.",
	List: "Liste 331 · Gentofte · Mødeindkaldelse", Recipient: "Til Karen Vestergaard, medlemsansvarlig", DestroyBy: "Destrueres senest 9. december 2026",
	Footer: "Fortroligt. Må ikke kopieres eller gives videre.", Page: "Side {page} af {pages}",
}

var about = PDFOptions{Title: "Liste 331", Language: "da", Time: clock}

func printedList(t testing.TB, rows int) []byte {
	t.Helper()
	var file bytes.Buffer
	columns := []Column{{"Nr.", Number}, {"Navn", Text}, {"Adresse", Text}, {"E-mail", Text}, {"Telefon", Phone}, {"Bemærkning", Text}}
	w := NewPDF(&file, columns, printed, about)
	for i := range rows {
		row := []string{fmt.Sprint(i + 1), fmt.Sprintf("Ægidius Sørensen Ås, nr. %d", i+1), "Fasanhaven 8, 2. th., 2900 Hellerup", "thomas.et.ret.langt.navn@foreningens-egen-post.example", "+4510264795", ""}
		if i%7 == 3 {
			row[5] = "Kan kun på tirsdage, og vil gerne ringes op inden, da postkassen ofte er fuld."
		}
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if w.Missing() != 0 {
		t.Errorf("%d letters missing", w.Missing())
	}
	return file.Bytes()
}

// Whose paper it is and when it must go stands on every page (issue 3).
func TestPrintedListOnEveryPage(t *testing.T) {
	file := printedList(t, 150)
	pages := pagesOf(t, file)
	if len(pages) < 5 {
		t.Fatalf("%d pages", len(pages))
	}
	whole := strings.Join(pages, "")
	for i := range 150 {
		if !strings.Contains(whole, fmt.Sprintf("nr. %d ", i+1)) {
			t.Errorf("row %d is gone", i+1)
		}
	}
	for i, page := range pages {
		for _, want := range []string{printed.List, printed.Recipient, printed.DestroyBy, printed.Footer, "Adresse", "Telefon"} {
			if !strings.Contains(page, want) {
				t.Errorf("page %d lacks %q", i+1, want)
			}
		}
		if want := fmt.Sprintf(`Side %d af\s+%d\b`, i+1, len(pages)); !regexp.MustCompile(want).MatchString(page) {
			t.Errorf("page %d is not numbered", i+1)
		}
		if strings.Contains(page, printed.Heading) != (i == 0) {
			t.Errorf("page %d: the heading stands on the first page alone", i+1)
		}
	}
	info := poppler(t, file, "pdfinfo", "IN")
	for _, want := range []string{"Title:           Liste 331", "Page size:       841.89 x 595.276 pts (A4)", "JavaScript:      no", "Encrypted:       no"} {
		if !strings.Contains(info, want) {
			t.Errorf("no %q in\n%s", want, info)
		}
	}
	if fonts := poppler(t, file, "pdffonts", "IN"); strings.Count(fonts, "yes no  yes") != 2 {
		t.Errorf("the fonts are not in the file:\n%s", fonts)
	}
	if !bytes.Equal(file, printedList(t, 150)) {
		t.Error("two files of the same rows differ")
	}
}

// An e-mail address stays on one line where a long remark can give way.
func TestPrintedListKeepsWordsWhole(t *testing.T) {
	if text := strings.Join(pagesOf(t, printedList(t, 8)), ""); strings.Count(text, "thomas.et.ret.langt.navn@foreningens-egen-post.example") != 8 {
		t.Error(text)
	}
	need, least := []float64{10, 60, 300, 50}, []float64{10, 55, 20, 50}
	got := share(slices.Clone(need), least, 200)
	sum := 0.0
	for i, w := range got {
		sum += w
		if w < min(need[i], least[i])-0.01 {
			t.Errorf("column %d is %.1f mm wide", i, w)
		}
	}
	if sum > 200.01 || sum < 199 {
		t.Errorf("%.1f of 200 mm", sum)
	}
}

func TestPrintedListOddities(t *testing.T) {
	write := func(columns []Column, rows ...[]string) (*ListWriter, []string) {
		t.Helper()
		var file bytes.Buffer
		w := NewPDF(&file, columns, printed, about)
		if _, err := Copy(w, Of(columns, rows...)); err != nil {
			t.Fatal(err)
		}
		return w, pagesOf(t, file.Bytes())
	}
	one := []Column{{"Note", Text}}
	if _, pages := write(one); len(pages) != 1 || !strings.Contains(pages[0], "Note") {
		t.Error("a list without rows is not one page with its headings")
	}
	long := strings.Repeat("en lang bemærkning ", 1500) + "slut"
	if _, pages := write(one, []string{long}, []string{"efter"}); len(pages) < 3 || !strings.Contains(pages[len(pages)-1], "slut") || !strings.Contains(pages[len(pages)-1], "efter") {
		t.Errorf("a row taller than a page: %d pages", len(pages))
	}
	if w, pages := write(one, []string{"李 Ærø Łódź Ελλάδα A\u030Age"}); w.Missing() != 1 || !strings.Contains(pages[0], "Ærø Łódź Ελλάδα Åge") {
		t.Error(w.Missing(), pages[0])
	}
	var many []Column
	var row []string
	for i := range 40 {
		many = append(many, Column{Name: fmt.Sprintf("Kolonne%d", i)})
		row = append(row, fmt.Sprintf("celle%d", i))
	}
	if _, pages := write(many, row); len(pages) != 1 {
		t.Error("forty columns")
	}
}

// A long list costs no more memory than a short one.
func TestPrintedListHoldsOnePage(t *testing.T) {
	w := NewPDF(io.Discard, benchColumns, printed, about)
	var before, after runtime.MemStats
	for i := range 5000 {
		if err := w.Write(benchRow); err != nil {
			t.Fatal(err)
		}
		if i == 500 {
			runtime.GC()
			runtime.ReadMemStats(&before)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 1<<20 {
		t.Errorf("%d bytes more after 5,000 rows than after 500", grown)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := NewPDF(brokenWriter{}, benchColumns, printed, about).Close(); err != io.ErrClosedPipe {
		t.Error(err)
	}
}

var addresses = [][]string{
	{"Karen Vestergaard", "Lærkehegnet 14", "2820 Gentofte"},
	{"Åse Østergård-Kjærsgaard og Christian Ægidius Sørensen", "c/o Boligforeningen Sjællandsgades Minde", "Fasanhaven 8, 2. th.", "2900 Hellerup"},
	{"Ola Nordmann", "", "Storgata 1", "0155 Oslo", "NORGE"},
}

func labels(t *testing.T, sheet LabelSheet, start int, lines ...[]string) (*AddressWriter, []byte) {
	t.Helper()
	var file bytes.Buffer
	w, err := NewLabels(&file, sheet, start, about)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		if err := w.Write(l); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w, file.Bytes()
}

type word struct{ x, y float64 }

// wordsOf says where each word of a PDF begins, in millimetres on its page.
func wordsOf(t *testing.T, file []byte) map[string]word {
	t.Helper()
	found := map[string]word{}
	for _, m := range regexp.MustCompile(`<word xMin="([\d.]+)" yMin="([\d.]+)"[^>]*>([^<]*)</word>`).FindAllStringSubmatch(poppler(t, file, "pdftotext", "-bbox", "IN", "-"), -1) {
		var x, y float64
		if _, err := fmt.Sscan(m[1], &x); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Sscan(m[2], &y); err != nil {
			t.Fatal(err)
		}
		found[m[3]] = word{x * 25.4 / 72, y * 25.4 / 72}
	}
	return found
}

// Every address lies within its label, on every sheet, from any first label.
func TestLabelsLieOnTheirLabels(t *testing.T) {
	for _, sheet := range LabelSheets {
		per := sheet.Columns * sheet.Rows
		if right := sheet.Left + float64(sheet.Columns-1)*sheet.Across + sheet.Width; right > a4Short+0.01 {
			t.Errorf("%s ends at %v mm", sheet.Name, right)
		}
		if bottom := sheet.Top + float64(sheet.Rows-1)*sheet.Down + sheet.Height; bottom > a4Long+0.01 {
			t.Errorf("%s ends at %v mm", sheet.Name, bottom)
		}
		start := per/2 + 1
		var all [][]string
		for i := range per {
			all = append(all, []string{fmt.Sprintf("Navn%d", i), "Fasanhaven 8, 2. th.", fmt.Sprintf("By%d", i)})
		}
		w, file := labels(t, sheet, start, all...)
		if pages := pagesOf(t, file); len(pages) != 2 || len(w.Cramped()) > 0 {
			t.Errorf("%s: %d pages, %v cramped", sheet.Name, len(pages), w.Cramped())
		}
		words := wordsOf(t, file)
		for i := range per {
			at := (start - 1 + i) % per
			left, top := sheet.Left+float64(at%sheet.Columns)*sheet.Across, sheet.Top+float64(at/sheet.Columns)*sheet.Down
			for _, name := range []string{"Navn", "By"} {
				p := words[fmt.Sprint(name, i)]
				if p.x < left+4 || p.x > left+8 || p.y < top+2 || p.y > top+sheet.Height-4 {
					t.Fatalf("%s: %s%d at %.1f, %.1f, its label at %.1f, %.1f", sheet.Name, name, i, p.x, p.y, left, top)
				}
			}
		}
		if s, ok := LabelSheetNamed(sheet.Code()); !ok || s != sheet {
			t.Error(sheet.Code())
		}
	}
	if _, err := NewLabels(io.Discard, LabelSheets[0], 22, about); fault.From(err).Key != "document.file.label_start" {
		t.Error(err)
	}
}

// Long addresses shrink, then wrap; what does not fit at all is told.
func TestLabelsTellWhatDoesNotFit(t *testing.T) {
	flood := slices.Repeat([]string{"Endnu en linje i en meget lang adresse uden ende"}, 12)
	w, file := labels(t, LabelSheets[0], 1, append(slices.Clone(addresses), append(flood, "9999 Byen"), []string{strings.Repeat("Langtnavn", 9), "8000 Aarhus"})...)
	text := strings.Join(pagesOf(t, file), "")
	for _, want := range []string{"Christian", "Sørensen", "Boligforeningen Sjællandsgades", "NORGE", "9999 Byen", "8000 Aarhus"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	if !slices.Equal(w.Cramped(), []int{4}) || !strings.Contains(text, "…") {
		t.Errorf("%v\n%s", w.Cramped(), text)
	}
	if _, file := labels(t, LabelSheets[0], 1); len(pagesOf(t, file)) != 1 {
		t.Error("no labels are one empty page")
	}
}

func TestEnvelopes(t *testing.T) {
	for _, e := range Envelopes {
		var file bytes.Buffer
		w := NewEnvelopes(&file, e, []string{"Eksempelpartiet", "Postboks 1, 1000 København K"}, about)
		for _, address := range addresses {
			if err := w.Write(address); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil || len(w.Cramped()) > 0 {
			t.Fatal(err, w.Cramped())
		}
		pages := pagesOf(t, file.Bytes())
		if len(pages) != 3 || !strings.Contains(pages[2], "Ola Nordmann") || !strings.Contains(pages[2], "Postboks 1") {
			t.Errorf("%s: %q", e.Name, pages)
		}
		words := wordsOf(t, file.Bytes())
		if p := words["NORGE"]; p.x < e.Width*0.45 || p.y < 40 || p.y > e.Height-23 {
			t.Errorf("%s: the address ends at %+v", e.Name, p)
		}
		if got, ok := EnvelopeNamed(e.Name); !ok || got != e {
			t.Error(e.Name)
		}
	}
}

func sampleLetter(paragraphs int) Letter {
	return Letter{
		Sender: []string{"Eksempelpartiet", "Gentofte", "Postboks 1, 1000 København K", "gentofte@eksempel.example"}, Address: addresses[1], Date: "Gentofte, 23. november 2026",
		Subject: "Indkaldelse til generalforsamling", Paragraphs: slices.Repeat([]string{"Kære medlem\n\nBestyrelsen indkalder hermed til ordinær generalforsamling tirsdag den 8. december 2026 kl. 19 i Kulturhuset. " +
			"Forslag skal være formanden i hænde senest en uge før, og alle medlemmer, der har betalt kontingent, har stemmeret."}, paragraphs),
		Closing: []string{"Med venlig hilsen", "", "Karen Vestergaard", "medlemsansvarlig"}, Footer: "Du får dette brev, fordi du er medlem. Vi har ingen e-mailadresse til dig.",
	}
}

// The address shows in every window, and each letter begins on its own page.
func TestLetters(t *testing.T) {
	var file bytes.Buffer
	w := NewLetters(&file, about)
	for _, paragraphs := range []int{2, 14, 1} {
		if err := w.Write(sampleLetter(paragraphs)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil || len(w.Cramped()) > 0 || w.Missing() > 0 {
		t.Fatal(err, w.Cramped(), w.Missing())
	}
	pages := pagesOf(t, file.Bytes())
	var firsts, names int
	for _, page := range pages {
		if strings.Contains(page, "Indkaldelse til generalforsamling\n") {
			firsts++
		}
		names += strings.Count(page, "Karen Vestergaard")
		if !strings.Contains(page, "Vi har ingen e-mailadresse til dig.") {
			t.Error("a page without its footer")
		}
	}
	if firsts != 3 || names != 3 || len(pages) < 4 {
		t.Errorf("%d letters, %d names on %d pages", firsts, names, len(pages))
	}
	words := wordsOf(t, file.Bytes())
	for _, s := range []string{"Østergård-Kjærsgaard", "Hellerup"} {
		if p := words[s]; p.x < 15 || p.x > 110 || p.y < 44 || p.y > 70 {
			t.Errorf("%s stands at %+v", s, p)
		}
	}
}
