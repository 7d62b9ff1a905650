package member

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/sheet"
)

// card reads a member's card by number.
func (h *house) card(number string) *Card {
	h.t.Helper()
	return got(h.directory.Card(h.t.Context(), h.may(charter.View), h.byNumber(number)))(h.t)
}

// A report as secretariats print them: titles above, headings again on every
// page, a footer and totals below, numbers kept from a spreadsheet's hands.
const report = "Medlemsliste;;;;;\r\nUdskrevet 3.9.2026;;;;;\r\n;;;;;\r\n" +
	"Medl. nr.;Navn;Postnr. og by;Tlf.;Født;Kategori\r\n" +
	"=\"00101\";\"Berg, Anna\";2900 Hellerup;10264795 / 20304050;3.9.1989;Ordinært medlem\r\n" +
	";;;;;\r\n" +
	"Side 1 af 2;;;;;\r\n" +
	"Medl. nr.;Navn;Postnr. og by;Tlf.;Født;Kategori\r\n" +
	"=\"00102\";\"Bang, Bo\";\"SE-114 55 Stockholm\";+46 8 123 456 78;25.12.70;Pensjonist\r\n" +
	"I alt;2;;;;\r\n"

// Issue 3: title rows above the headings, totals below, empty rows and headings
// once more are passed over and told; composite columns are taken apart.
func TestImportOfAReport(t *testing.T) {
	onBoth(t, func(h *house) {
		r := importAll(h, report, Options{})
		if r.Created != 2 || r.Refused != 0 || r.Rows != 2 {
			t.Fatalf("%+v", r)
		}
		for reason, want := range map[string]int{"above": 2, "headings": 1, "footer": 1, "total": 1} {
			if got := r.Skips["member.import.passed."+reason]; got != want {
				t.Errorf("%s: %d passed, want %d", reason, got, want)
			}
		}
		if r.Skips["member.import.passed.empty"] < 1 || r.Passed < 6 {
			t.Errorf("%v", r.Skips)
		}
		a, b := h.card("00101").Profile, h.card("00102").Profile
		if a.Given != "Anna" || a.Family != "Berg" || a.Postal != "2900" || a.Town != "Hellerup" || a.Phone != "+4510264795" || a.Mobile != "+4520304050" || dateValue(a.Birth) != "1989-09-03" {
			t.Errorf("%+v", a)
		}
		if b.Country != "SE" || b.Postal != "114 55" || b.Town != "Stockholm" || dateValue(b.Birth) != "1970-12-25" || b.Phone != "+46812345678" {
			t.Errorf("%+v", b)
		}
		if h.card("00102").Memberships[0].Category != "pensioner" {
			t.Error("the category is not recognised in Norwegian")
		}
	})
}

// The same list in every encoding and with every separator people have.
func TestImportInEveryEncoding(t *testing.T) {
	text := "Medlemsnr;Förnamn;Efternamn;Kön;Födelsedatum;Ort\r\n301;Åke;Öst;Kvinna;1970-05-04;Malmö\r\n302;Søren;Æbelø;Mann;1971-06-05;\"Århus\nC\"\r\n"
	wide := func(order binary.AppendByteOrder, mark bool) []byte {
		var out []byte
		if mark {
			out = order.AppendUint16(out, 0xFEFF)
		}
		for _, unit := range utf16.Encode([]rune(text)) {
			out = order.AppendUint16(out, unit)
		}
		return out
	}
	for name, content := range map[string][]byte{
		"utf-8": []byte(text), "utf-8 with a mark": []byte("\ufeff" + text), "windows-1252": got(charmap.Windows1252.NewEncoder().Bytes([]byte(text)))(t),
		"utf-16le": wide(binary.LittleEndian, true), "utf-16be": wide(binary.BigEndian, true), "utf-16le without a mark": wide(binary.LittleEndian, false),
		"commas": []byte(strings.ReplaceAll(text, ";", ",")), "tabs": []byte(strings.ReplaceAll(text, ";", "\t")),
		"line ends of old": []byte(strings.ReplaceAll(text, "\r\n", "\r")),
	} {
		t.Run(name, func(t *testing.T) {
			h := build(t, sqlite(t))
			r := got(h.directory.Import(t.Context(), h.may(charter.Import), bytes.NewReader(content), Options{}, nil))(t)
			if r.Created != 2 || r.Refused != 0 {
				t.Fatalf("%+v", r)
			}
			p := h.card("302").Profile
			if p.Name() != "Søren Æbelø" || p.Sex != "male" || p.Town != "Århus C" || h.card("301").Profile.Sex != "female" {
				t.Errorf("%+v", p)
			}
		})
	}
}

// Issue 3: day-first and American dates are told apart by the whole column, or
// asked; until they are told nothing is imported.
func TestImportAsksForTheOrderOfDates(t *testing.T) {
	h := build(t, sqlite(t))
	open := "Nr.;Navn;Født;Indmeldt\n1;Anna Berg;03/09/1989;01/02/2003\n2;Bo Bang;04/05/1970;\n"
	_, err := h.directory.Import(t.Context(), h.may(charter.Import), strings.NewReader(open), Options{Lang: "da"}, nil)
	if e := fault.From(err); e.Key != "member.import.dates_open" || e.Args["column"] != 3 || e.Args["field"] != "Fødselsdato" {
		t.Fatalf("%+v", e)
	}
	plan := got(h.directory.Plan(t.Context(), h.may(charter.Import), strings.NewReader(open), Options{}))(t)
	if !plan.Ask || plan.Columns[2].Ask != sheet.Open || len(plan.Columns[2].Orders) != 2 || plan.Rows[0].Cells[2].Problem != "member.error.date" {
		t.Errorf("%+v", plan.Columns)
	}
	r := importAll(h, open, Options{Dates: map[string]sheet.Order{"": sheet.MonthFirst, "Indmeldt": sheet.DayFirst}})
	if p := h.card("1").Profile; r.Created != 2 || dateValue(p.Birth) != "1989-03-09" || dateValue(p.Joined) != "2003-02-01" {
		t.Errorf("%+v %+v", r, p)
	}
	// One day above twelve, thousands of rows down, decides for all.
	var long strings.Builder
	long.WriteString("Nr.;Navn;Født\n")
	for i := range 1500 {
		long.WriteString(strings.Repeat("9", 1+i%3) + "x;Test;01/02/1980\n")
	}
	far := long.String() + "77;Carl Holm;12/25/1980\n78;Dorte Dahl;03/04/1980\n"
	r = importAll(h, far, Options{})
	if dateValue(h.card("78").Profile.Birth) != "1980-03-04" {
		t.Errorf("%+v", r)
	}
	// The heading tells, where it says so.
	importAll(h, "Nr.;Navn;Fødselsdato (dd-mm-åååå)\n91;Eva Eg;03-04-1980\n", Options{})
	if dateValue(h.card("91").Profile.Birth) != "1980-04-03" {
		t.Error("the heading's order is not taken")
	}
	// A column that does not tell is read like one of the file that does, and said to be worth a look.
	r = importAll(h, "Nr.;Navn;Født;Indmeldt\n94;Hans Holm;12/25/1980;03/04/2001\n", Options{})
	if dateValue(h.card("94").Profile.Joined) != "2001-03-04" || !r.Columns[3].Likely {
		t.Errorf("%+v", r.Columns)
	}
	// Torn columns are asked about too, and what does not fit is refused.
	torn := "Nr.;Navn;Født\n92;Finn Fog;25/12/1980\n93;Gry Grøn;12/25/1980\n"
	if _, err := h.directory.Import(t.Context(), h.may(charter.Import), strings.NewReader(torn), Options{}, nil); fault.From(err).Key != "member.import.dates_torn" {
		t.Error(err)
	}
	if r := importAll(h, torn, Options{Dates: map[string]sheet.Order{"": sheet.DayFirst}}); r.Created != 1 || r.Reasons["member.error.date"] != 1 {
		t.Errorf("%+v", r)
	}
}

// Years of two digits: a birth that would make somebody a child or very old is
// not guessed.
func TestImportYearsOfTwoDigits(t *testing.T) {
	h := build(t, sqlite(t))
	r := importAll(h, "Nr.;Navn;Født;Indmeldt\n1;Anna Berg;25.12.70;1.2.99\n2;Bo Bang;3.9.05;1.2.03\n3;Carl Holm;3.9.15;\n4;Dorte Dahl;3.9.1915;\n", Options{})
	if r.Created != 3 || r.Reasons["member.error.century"] != 1 {
		t.Fatalf("%+v", r)
	}
	for number, want := range map[string]string{"1": "1970-12-25 1999-02-01", "2": "2005-09-03 2003-02-01", "4": "1915-09-03 "} {
		p := h.card(number).Profile
		if got := dateValue(p.Birth) + " " + dateValue(p.Joined); got != want {
			t.Errorf("%s: %s, want %s", number, got, want)
		}
	}
}

// Cells that cannot be read rightly are refused with what to do, not bent.
func TestImportRefusesWhatItCannotTell(t *testing.T) {
	h := build(t, sqlite(t))
	r := importAll(h, "Nr.;Navn;Adresse;Postnr./by;E-mail;Telefon;Adressebeskyttelse\n"+
		"1;Anna Berg;Vej 1;2900 Hellerup 12;a@example.dk;;\n"+
		"2;Bo Bang;;;a@example.dk; b@example.dk;\n"+
		"3;Carl Holm;;;;10264795/20304050/30405060;\n"+
		"4;Dorte Dahl;;;;;måske\n"+
		"5;Eg, Eva;;;;;\n"+
		"6;Finn Fog;;;Finn Fog <finn@example.dk>;;ja\n", Options{Separator: ';'})
	for reason, want := range map[string]int{"postal_town": 1, "phone_several": 1, "yes_no": 1, "name_order": 1} {
		if r.Reasons["member.error."+reason] != want {
			t.Errorf("%s: %v", reason, r.Reasons)
		}
	}
	p := h.card("6").Profile
	if p.Email != "finn@example.dk" || !p.SecretAddress {
		t.Errorf("%+v", p)
	}
	// A file uncovers no address (L8).
	r = importAll(h, "Nr.;Adressebeskyttelse\n6;nej\n", Options{})
	if r.Reasons["member.error.secret"] != 1 || !h.card("6").Profile.SecretAddress {
		t.Errorf("%+v", r)
	}
	for _, refusal := range r.Refusals {
		if refusal.Remedy == "" {
			t.Errorf("no remedy for %s", refusal.Reason)
		}
	}
}

// A whole address and its parts in columns of their own.
func TestImportOfAddresses(t *testing.T) {
	h := build(t, sqlite(t))
	r := importAll(h, "Nr.;Navn;Full adresse\n1;Anna Berg;\"Strandvejen 12, 2. tv., 2900 Hellerup\"\n2;Bo Bang;\"Storgatan 3\n114 55 Stockholm\nSverige\"\n", Options{})
	a, b := h.card("1").Profile, h.card("2").Profile
	if r.Created != 2 || a.Street != "Strandvejen 12, 2. tv." || a.Postal != "2900" || a.Town != "Hellerup" || b.Street != "Storgatan 3" || b.Country != "SE" {
		t.Errorf("%+v %+v %+v", r, a, b)
	}
	importAll(h, "Nr.;Navn;c/o;Vejnavn;Husnr.;Postnr;By\n3;Carl Holm;c/o Dahl;Strandvejen;12 B;2900;Hellerup\n", Options{})
	if p := h.card("3").Profile; p.Street != "Strandvejen 12 B, c/o Dahl" {
		t.Errorf("%+v", p)
	}
}

// N9, Art. 87: columns of identity numbers of any of the three countries are
// dropped whole, substitute numbers too.
func TestN9ColumnsOfIdentityNumbers(t *testing.T) {
	for _, numbers := range [][]string{
		{"010190-1234", "251270-4321"}, {"610190-1234", "851270-4321"}, {"0101901234", "6101901234"}, {"01019000083", "41019000077"}, {"19900101-0017", "900161-0006"},
	} {
		h := build(t, sqlite(t))
		text := "Nr.;Navn;Ref\n1;Anna Berg;" + numbers[0] + "\n2;Bo Bang;" + numbers[1] + "\n"
		plan := got(h.directory.Plan(t.Context(), h.may(charter.Import), strings.NewReader(text), Options{}))(t)
		if plan.Columns[2].Dropped != "member.import.dropped.identity" {
			t.Errorf("%q: %+v", numbers, plan.Columns[2])
		}
	}
}

// What can be no list of members says so in words, and nothing is half done.
func TestImportOfWhatIsNoList(t *testing.T) {
	h := build(t, sqlite(t))
	for content, key := range map[string]string{
		"": "document.error.empty", "%PDF-1.7": "document.error.pdf", "<html><table><tr><td>Navn</td></tr></table></html>": "document.file.web_page",
		"a;b\n1;2\n": "member.import.no_columns", "\n\n\n": "document.error.empty", "PK\x05\x06" + strings.Repeat("\x00", 18): "document.file.zip",
		"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1": "document.file.damaged",
	} {
		_, err := h.directory.Import(t.Context(), h.may(charter.Import), strings.NewReader(content), Options{}, nil)
		if e := fault.From(err); e.Code != fault.Invalid || e.Key != key {
			t.Errorf("%.20q: %v", content, err)
		}
	}
	if hits := got(h.directory.Search(t.Context(), h.may(charter.Search), Query{}))(t); hits.Total != 0 {
		t.Errorf("%d members", hits.Total)
	}
	if _, ok := document.EncodingNamed("windows-1252"); !ok {
		t.Error("an encoding's name is unknown")
	}
}

// Issue 3: without a member number, likely matches are proposed with the reasons
// and not made; what is decided is done.
func TestImportProposesLikelyMatches(t *testing.T) {
	onBoth(t, func(h *house) {
		anna := h.add(h.north, "given", "Anna", "family", "Friis Jensen", "birth", "1989-09-03", "email", "anna@example.dk")
		h.add(h.north, "given", "Kristian", "family", "Pedersen", "birth", "1970-12-25", "mobile", "10264795")
		h.add(h.south, "given", "Berit", "family", "Bech")
		text := "Navn;Født;Mobil;E-mail\n" +
			"Anna Friis Jensen;3.9.1989;;anna@example.dk\n" + // certain
			"Christian Petersen;25.12.1970;;\n" + // sounds the same, same day
			"Berit Bech;;;\n" + // nothing but the name
			"Anna Jensen;1.1.1960;20304050;\n" + // somebody else
			"Dorte Dahl;2.2.1960;;\nDorte Dahl;2.2.1960;;\n" // twice in the file
		var out bytes.Buffer
		r := importAll(h, text, Options{Refused: &out, Lang: "da", Unit: h.north})
		if r.Created != 2 || r.Proposed != 4 || r.Refused != 4 || r.Updated != 0 {
			t.Fatalf("%+v", r)
		}
		if p := r.Proposals[0]; !p.Certain || p.Line != 2 || len(p.Candidates) != 1 || p.Candidates[0].Person != anna {
			t.Errorf("%+v", p)
		}
		if p := r.Proposals[1]; p.Certain || strings.Join(p.Candidates[0].Reasons, " ") != "member.likely.name_sounds member.likely.birth" {
			t.Errorf("%+v", p)
		}
		if p := r.Proposals[3]; p.Twin != 6 || len(p.Candidates) != 0 {
			t.Errorf("%+v", p)
		}
		if h.entries(anna, journal.Shown) != 1 {
			t.Error("who is shown as a candidate is not journaled")
		}
		number := r.Proposals[0].Candidates[0].Number
		for _, part := range []string{"Ligner medlem nr.", "Er den samme som", ";" + number + ";", "samme fødselsdato", "Rækken gentager linje 6"} {
			if !strings.Contains(out.String(), part) {
				t.Errorf("%q is missing in\n%s", part, out.String())
			}
		}
		// The corrected file is imported again.
		lines := strings.Split(strings.TrimSpace(out.String()), "\r\n")
		for i, answer := range []string{number, "ny", "spring over", "ny"} {
			lines[i+1] += answer
		}
		again := importAll(h, strings.Join(lines, "\r\n"), Options{Lang: "da", Unit: h.north})
		if again.Created != 2 || again.Unchanged != 1 || again.Passed != 1 || again.Refused != 0 {
			t.Errorf("%+v", again)
		}
		// On the page: decided by line, and the certain ones at once.
		r = importAll(h, text, Options{DryRun: true, Certain: true, Decided: map[int]Decision{3: {Skip: true}, 4: {New: true}}})
		if r.Proposed != 2 || r.Unchanged != 2 || r.Created != 1 { // two are called Dorte Dahl by now
			t.Errorf("%+v", r)
		}
	})
}

// D11: only members of the own body are proposed; the answer never tells whether
// somebody is a member elsewhere.
func TestD11ProposalsStayWithinTheScope(t *testing.T) {
	onBoth(t, func(h *house) {
		h.add(h.south, "given", "Berit", "family", "Bech", "birth", "1960-02-02", "email", "berit@example.dk", "mobile", "10264795")
		officer := h.add(h.north, "given", "Olga")
		h.officer(officer, h.north)
		s := h.scope(officer, access.Want{Act: charter.Import})
		text := "Navn;Født;Mobil;E-mail;Er den samme som\nBerit Bech;2.2.1960;10264795;berit@example.dk;\nNina Ny;;;;%s\n"
		known := got(h.directory.Search(t.Context(), h.may(charter.Search), Query{Text: "berit"}))(t).Rows[0].Number
		var told []string
		for _, number := range []string{known, "999999"} {
			r := got(h.directory.Import(t.Context(), s, strings.NewReader(strings.ReplaceAll(text, "%s", number)), Options{DryRun: true}, nil))(t)
			if r.Created != 1 || r.Proposed != 0 || r.Refused != 1 {
				t.Errorf("%+v", r)
			}
			told = append(told, r.Refusals[0].Reason)
		}
		if told[0] != told[1] || told[0] != "member.error.number_reach" {
			t.Errorf("told apart: %v", told)
		}
	})
}

// Whoever is leaving is nobody's candidate (D7), and a secret address is compared
// with nothing (L8).
func TestProposalsKeepSecrets(t *testing.T) {
	h := build(t, sqlite(t))
	leaving := h.add(h.north, "given", "Anna", "family", "Berg", "birth", "1989-09-03")
	h.directory.Hide(leaving)
	secret := h.add(h.north, "given", "Bo", "family", "Bang", "address", "Strandvejen 12", "postal", "2900")
	must(t, h.directory.Protect(t.Context(), h.may(charter.Edit), secret, Secrecy{Secret: true}))
	r := importAll(h, "Navn;Født;Adresse;Postnr\nAnna Berg;3.9.1989;;\nBo Bang;1.1.1960;Strandvejen 12;2900\n", Options{DryRun: true})
	for _, p := range r.Proposals {
		for _, c := range p.Candidates {
			if c.Person == leaving || strings.Contains(strings.Join(c.Reasons, " "), "address") {
				t.Errorf("%+v", p)
			}
		}
	}
}
