package extract_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/emersion/go-vcard"
	"github.com/xuri/excelize/v2"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/extract"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
)

// file pulls a list and gives the file and the list as it stands afterwards.
func file(t *testing.T, f *housetest.Fixture, who string, w extract.Wish) (extract.List, []byte) {
	t.Helper()
	d, err := f.Extracts.Pull(f.Context(), f.As(who), w)
	f.Must(err)
	var out bytes.Buffer
	f.Must(d.Write(f.Context(), &out))
	mine, err := f.Extracts.Mine(f.Context(), f.As(who))
	f.Must(err)
	at := slices.IndexFunc(mine, func(l extract.List) bool { return l.Number == d.List.Number })
	return mine[at], out.Bytes()
}

func as(format extract.Format, purpose string) extract.Wish {
	return extract.Wish{Purpose: purpose, Format: format, Lang: "da"}
}

// pages are the texts of a PDF's pages, as poppler reads them.
func pages(t *testing.T, pdf []byte) []string {
	t.Helper()
	path, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Fatal("pdftotext was not found in PATH. The tests read PDFs with it; on Debian or Ubuntu: apt-get install poppler-utils")
	}
	in := filepath.Join(t.TempDir(), "list.pdf")
	if err := os.WriteFile(in, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(path, "-layout", "-enc", "UTF-8", in, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Split(string(out), "\f")
	return all[:len(all)-1]
}

// The workbook is read by another's reader: days are days, numbers keep their
// noughts, and list, recipient and last day stand in every line (D12).
func TestD12Workbook(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		f.Must(f.Members.Restrict(f.Context(), f.Scope("officer", access.Want{Act: charter.Edit}), f.Person("neighbour"), true))
		list, raw := file(t, f, "officer", as(extract.XLSX, "administration"))
		book, err := excelize.OpenReader(bytes.NewReader(raw))
		f.Must(err)
		defer book.Close()
		sheet := "Liste " + strconv.FormatInt(list.Number, 10)
		if sheets := book.GetSheetList(); !slices.Equal(sheets, []string{sheet}) {
			t.Fatalf("sheets %v", sheets)
		}
		rows, err := book.GetRows(sheet, excelize.Options{RawCellValue: true})
		f.Must(err)
		if len(rows) != list.Members+1 || list.Outcome.Written != list.Members {
			t.Errorf("%d rows, %+v", len(rows), list)
		}
		at := func(heading string) int { return slices.Index(rows[0], heading) }
		for _, row := range rows[1:] {
			if row[at("Liste")] != strconv.FormatInt(list.Number, 10) || row[at("Modtager")] != "Mette Medlemsgaard" || row[at("Destrueres senest")] != "46362" {
				t.Errorf("a line ends in %q", row)
			}
			if row[at("Fornavn")] == "Inger" {
				t.Error("somebody restricted is on the list")
			}
			if row[at("Fornavn")] != "Søren Åge" {
				continue
			}
			if row[at("Mobil")] != "+4741234567" || row[at("Postnummer")] != "2820" || row[at("Indmeldt")] != "39873" {
				t.Errorf("%q", row)
			}
		}
		// The same file, imported, changes nobody.
		scope := f.Scope("anna", access.Want{Act: charter.Import})
		result, err := f.Members.Import(f.Context(), scope, bytes.NewReader(raw), member.Options{Lang: "da"}, nil)
		f.Must(err)
		if result.Refused != 0 || result.Created != 0 || result.Updated != 0 || result.Unchanged != list.Members {
			t.Errorf("imported: %+v", result)
		}
		dropped := 0
		for _, column := range result.Columns {
			if column.Dropped != "" {
				dropped++
			}
		}
		if dropped != 4 { // list, recipient, last day and line
			t.Errorf("%d columns dropped", dropped)
		}
	})
}

// Contacts tell which list they came on and until when they may stay, in a group
// by which a phone deletes them again; exported twice they are the same ones.
func TestD12Contacts(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		list, raw := file(t, f, "officer", as(extract.VCard, "administration"))
		read := func(raw []byte) map[string]vcard.Card {
			cards := map[string]vcard.Card{}
			for decoder := vcard.NewDecoder(bytes.NewReader(raw)); ; {
				card, err := decoder.Decode()
				if err == io.EOF {
					return cards
				}
				f.Must(err)
				cards[card.PreferredValue(vcard.FieldFormattedName)] = card
			}
		}
		cards := read(raw)
		if len(cards) != list.Outcome.Written || list.Outcome.Written+list.Outcome.Nowhere != list.Members || list.Outcome.Nowhere == 0 {
			t.Errorf("%d contacts, %+v", len(cards), list)
		}
		one := cards["Søren Åge Østergård-Quistorff"]
		if one == nil {
			t.Fatalf("%v", cards)
		}
		number := strconv.FormatInt(list.Number, 10)
		for field, want := range map[string]string{
			vcard.FieldCategories: "Kartotek\\, liste " + number, vcard.FieldOrganization: "Gentofte", vcard.FieldEmail: "soeren.quistorff@example.dk",
		} {
			if got := one.PreferredValue(field); strings.ReplaceAll(got, "\\,", ",") != strings.ReplaceAll(want, "\\,", ",") {
				t.Errorf("%s is %q", field, got)
			}
		}
		if note := one.PreferredValue(vcard.FieldNote); !strings.Contains(note, "Liste "+number) || !strings.Contains(note, "Mette Medlemsgaard") || !strings.Contains(note, "6. december 2026") {
			t.Errorf("the note: %q", note)
		}
		if phones := one.Values(vcard.FieldTelephone); !slices.Contains(phones, "+4741234567") || !slices.Contains(phones, "+4539684795") {
			t.Errorf("%v", phones)
		}
		if a := cards["Karla Skjult"].Address(); a != nil && (a.StreetAddress != "" || a.PostalCode != "") {
			t.Errorf("the secret address is in a contact: %+v", a)
		}
		if strings.Contains(string(raw), "1961") || strings.Contains(string(raw), f.Charter.Name.In("da")) {
			t.Error("the file tells more than a contact needs")
		}
		_, again := file(t, f, "officer", as(extract.VCard, "administration"))
		if uid := one.Value(vcard.FieldUID); uid == "" || read(again)["Søren Åge Østergård-Quistorff"].Value(vcard.FieldUID) != uid {
			t.Errorf("another contact: %q", uid)
		}
	})
}

// On paper, recipient, list number and last day stand on every page, with the
// page's number and how many there are (D12).
func TestD12EveryPageTells(t *testing.T) {
	f := housetest.New(t)
	for i := range 70 {
		f.Join("", "gentofte", map[string]string{
			"given": "Ib", "family": "Nr" + strconv.Itoa(i), "address": "Vej " + strconv.Itoa(i), "postal": "2820", "town": "Gentofte", "mobile": "+4720112" + strconv.Itoa(100+i),
		}, false)
	}
	list, raw := file(t, f, "officer", as(extract.PDF, "administration"))
	all := pages(t, raw)
	if len(all) < 3 {
		t.Fatalf("%d pages", len(all))
	}
	for i, page := range all {
		for _, want := range []string{
			"Liste " + strconv.FormatInt(list.Number, 10), "Til Mette Medlemsgaard", "Destrueres senest 6. december 2026",
			"Side " + strconv.Itoa(i+1) + " af " + strconv.Itoa(len(all)), "Efternavn",
		} {
			if !strings.Contains(page, want) {
				t.Errorf("page %d does not say %q:\n%s", i+1, want, page)
			}
		}
	}
	text := strings.Join(all, "\n")
	for _, want := range []string{"Medlemsarbejde", "Gentofte. 76 medlemmer", "01.03.2009", "+47 412 34 567", "20 11 21 00"} {
		if !strings.Contains(text, want) {
			t.Errorf("the list does not say %q", want)
		}
	}
	if strings.Contains(text, "Hemmeligvej") || list.Outcome.Missing != 0 {
		t.Errorf("covered: %v, %+v", !strings.Contains(text, "Hemmeligvej"), list.Outcome)
	}
}

// Labels: covered unless letters go out for the purpose (L8), mail that came
// back is not sent again, and the list says who got none and what did not fit.
func TestL8Labels(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		f.Must(f.Members.SetReturned(ctx, f.Scope("officer", access.Want{Act: charter.Edit}), f.Person("neighbour"), member.ByLetter, f.Access.Today()))
		f.Join("long", "gentofte", map[string]string{
			"given": strings.Repeat("Lang ", 18), "family": strings.Repeat("Adresse ", 11), "address": strings.Repeat("Meget lang vej med mange ord i navnet ", 5) + "117", "postal": "2820", "town": "Gentofte",
		}, false)
		w := as(extract.Labels, "meeting-notice")
		list, raw := file(t, f, "officer", w)
		text := strings.Join(pages(t, raw), "\n")
		// Without an address: the chair, the officer and the treasurer.
		if o := list.Outcome; o.Written != 3 || o.Covered != 0 || o.Returned != 1 || o.Nowhere != 3 || len(o.Cramped) != 1 || o.Unposted()+o.Written != list.Members {
			t.Errorf("%+v of %d", o, list.Members)
		}
		if !strings.Contains(text, "Hemmeligvej 7") || strings.Contains(text, "Nabogaard") || !strings.Contains(text, "2820 Gentofte") {
			t.Errorf("%s", text)
		}
		if strings.Contains(text, "Liste") || strings.Contains(string(raw), f.Charter.Name.In("da")) {
			t.Error("an envelope in the hall tells what it is of (L1)")
		}
		w.Purpose = "invitation"
		list, raw = file(t, f, "officer", w)
		if list.Outcome.Covered != 1 || strings.Contains(strings.Join(pages(t, raw), ""), "Hemmeligvej") {
			t.Errorf("an invitation shows a secret address: %+v", list.Outcome)
		}
		if fields := strings.Join(list.Fields, " "); strings.Contains(fields, "email") || strings.Contains(fields, "unit") {
			t.Errorf("the journal says more left than did: %s", fields)
		}
		line, err := f.Journal.Entry(ctx, list.Entry)
		f.Must(err)
		if line.Act != journal.List || !slices.Equal(line.Fields, list.Fields) {
			t.Errorf("%+v", line)
		}
		if open := duties(f, "officer"); len(open) != 2 {
			t.Errorf("%d duties to destroy two lists", len(open))
		}
		w.Format, w.Sheet = extract.Envelopes, "dl"
		list, raw = file(t, f, "officer", w)
		if n := len(pages(t, raw)); n != list.Outcome.Written || list.Sheet != "DL" {
			t.Errorf("%d envelopes of %+v", n, list)
		}
	})
}

// One for each household whom one letter or e-mail reaches; objections stay each
// person's own.
func TestOneForEachHousehold(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		home := map[string]string{"family": "Brandt", "address": "Ny Vej 3", "postal": "2820", "town": "Gentofte", "email": "brandt@example.dk"}
		add := func(name, given string) {
			values := map[string]string{"given": given}
			for k, v := range home {
				values[k] = v
			}
			f.Join(name, "gentofte", values, false)
		}
		add("sofie", "Sofie")
		add("jens", "Jens")
		add("ole", "Ole")
		edit := f.Scope("anna", access.Want{Act: charter.Edit})
		f.Must(f.Members.JoinHousehold(ctx, edit, f.Person("jens"), f.Person("sofie"), false))
		f.Must(f.Members.JoinHousehold(ctx, edit, f.Person("ole"), f.Person("sofie"), false))
		self := f.Scope("ole", access.Want{Self: true})
		f.Must(f.Members.SetObjection(ctx, self, f.Person("ole"), "newsletter", true))

		w := as(extract.CSV, "newsletter")
		w.Per = extract.PerHousehold
		list, raw := file(t, f, "officer", w)
		got := read(t, raw)
		if want := []string{"Navn", "E-mail", "Liste", "Modtager", "Destrueres senest", "Linjenr."}; !slices.Equal(got.headings, want) {
			t.Errorf("headings %v", got.headings)
		}
		if row := got.row("brandt@example.dk"); row["Navn"] != "Jens og Sofie Brandt" {
			t.Errorf("%v", row)
		}
		if len(got.rows) != list.Members-1 || list.Outcome.Written != len(got.rows) || list.Per != extract.PerHousehold {
			t.Errorf("%d lines, %+v", len(got.rows), list)
		}
		if slices.Contains(list.Fields, "unit") {
			t.Errorf("fields %v", list.Fields)
		}
		w = as(extract.Labels, "meeting-notice")
		w.Per = extract.PerHousehold
		_, raw = file(t, f, "officer", w)
		if text := strings.Join(pages(t, raw), "\n"); !strings.Contains(text, "Familien Brandt") {
			t.Errorf("%s", text)
		}
		w.Per = extract.PerMember
		_, raw = file(t, f, "officer", w)
		if text := strings.Join(pages(t, raw), "\n"); strings.Contains(text, "Familien") || strings.Count(text, "Brandt") != 3 {
			t.Errorf("%s", text)
		}
		// Two letters of one household: whoever has a way of their own has a line of their own.
		_, err := f.Members.Update(ctx, edit, f.Person("jens"), member.Changes{Values: map[string]string{"email": ""}})
		f.Must(err)
		w = as(extract.XLSX, "invitation")
		w.Per = extract.PerHousehold
		list, _ = file(t, f, "officer", w)
		if list.Outcome.Written != list.Members-1 { // Ole and Sofie together, Jens by letter
			t.Errorf("%+v of %d", list.Outcome, list.Members)
		}
	})
}

// L8: a purpose offers what its fields are good for; anything else is refused
// before it is journaled.
func TestL8APurposeOffersWhatItsFieldsAreFor(t *testing.T) {
	f := housetest.New(t)
	ctx := f.Context()
	for purpose, want := range map[string]string{
		"administration": "csv xlsx pdf vcf labels envelopes", "meeting-notice": "csv xlsx pdf vcf labels envelopes",
		"newsletter": "csv xlsx pdf vcf", "audit": "csv xlsx pdf",
	} {
		slip, err := f.Extracts.Prepare(ctx, f.As("officer"), wish(purpose))
		f.Must(err)
		var got []string
		for _, format := range slip.Formats {
			got = append(got, string(format))
		}
		if strings.Join(got, " ") != want || slip.Households == (purpose == "audit") {
			t.Errorf("%s: %v, households %v", purpose, got, slip.Households)
		}
	}
	for _, c := range []struct {
		wish       extract.Wish
		field, key string
	}{
		{as(extract.Labels, "newsletter"), "format", "extract.error.format_fields"},
		{as(extract.VCard, "audit"), "format", "extract.error.format_fields"},
		{extract.Wish{Purpose: "audit", Format: extract.CSV, Per: extract.PerHousehold}, "per", "extract.error.per_household"},
		{extract.Wish{Purpose: "administration", Format: extract.VCard, Per: extract.PerHousehold}, "per", "extract.error.per_household"},
		{extract.Wish{Purpose: "administration", Format: extract.CSV, Per: "street"}, "per", "extract.error.per"},
		{extract.Wish{Purpose: "administration", Format: extract.Labels, Sheet: "L1"}, "sheet", "extract.error.sheet"},
		{extract.Wish{Purpose: "administration", Format: extract.Labels, Sheet: "L7160", Start: 22}, "start", "extract.error.start"},
		{extract.Wish{Purpose: "administration", Format: extract.Labels, Start: -1}, "start", "extract.error.start"},
	} {
		_, err := f.Extracts.Pull(ctx, f.As("officer"), c.wish)
		refusedField(t, string(c.wish.Format)+" "+c.wish.Purpose, err, c.field, c.key)
	}
	if n := count(f, journal.List); n != 0 {
		t.Errorf("%d lists are journaled", n)
	}
	w := as(extract.Labels, "dues")
	w.Start = 5
	if _, err := f.Extracts.Pull(ctx, f.As("member"), w); !fault.Is(err, fault.Denied) {
		t.Error(err)
	}
}
