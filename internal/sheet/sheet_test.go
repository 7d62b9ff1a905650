package sheet

import (
	"strings"
	"testing"

	"kartotek/internal/charter"
)

func load(t testing.TB, code string) *charter.Charter {
	t.Helper()
	c, err := charter.Load(code)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Issue 3: headings in Danish, Norwegian, Swedish and English, shortened,
// with units in brackets, misspelt; and what is none stays none.
func TestRecognise(t *testing.T) {
	for _, code := range []string{"party-dk", "club-no"} {
		c := load(t, code)
		for heading, want := range map[string]string{
			"Medl. nr.": "number", "MEDLEMSNUMMER": "number", "Medlems-ID": "number", "Medlemsnr": "number", "Member No": "number", "Medlemsnummer (5 cifre)": "number",
			"Medlemsnumer": "number?", "Fornavn": "given", "Förnamn": "given", "Tilltalsnamn": "given", "For- og mellomnavn": "given", "Fornavn(e)": "given", "First Name": "given",
			"Forename": "given", "Etternavn": "family", "Efternamn": "family", "Last name": "family", "Efternavm": "family?", "Familienavn": "family",
			"Navn": "name", "Fullt navn": "name", "Namn": "name", "Medlemmets navn": "name", "Fornavn og efternavn": "name", "Fulde navn": "name",
			"Efternavn, fornavn": FamilyFirst, "Etternavn, fornavn": FamilyFirst, "Surname, First name": FamilyFirst,
			"Kön": "sex", "Kjønn": "sex", "Gender": "sex", "Født": "birth", "Fødselsdato (dd-mm-åååå)": "birth", "Födelsedatum": "birth", "Födelsedag": "birth",
			"Date of Birth": "birth", "F.dato": "", "Birthdate": "birth", "Födelsedatum (ÅÅÅÅ-MM-DD)": "birth",
			"Adress": "address", "Gateadresse": "address", "Gatuadress": "address", "Postadresse": "address", "Vej og nr.": "address", "Adresse 1": "address", "Hjemmeadresse": "address",
			"Adresse 2": MoreAddress, "c/o": MoreAddress, "Husnr.": House, "Full adresse": Whole, "Adresse, postnr. og by": Whole, "Hele adressen": Whole,
			"Postnr. og by": Place, "Postnr./by": Place, "Postnummer og poststed": Place, "Postnummer och ort": Place, "Zip/City": Place, "Postnr + By": Place,
			"Postnummer": "postal", "Postkode": "postal", "Zip Code": "postal", "Postcode": "postal", "Ort": "town", "Postort": "town", "Poststed": "town", "By": "town",
			"Landkode": "country", "E-postadress": "email", "Epost": "email", "E-mail adresse": "email", "Mejl": "email", "Mailadresse (privat)": "email",
			"Tlf": "phone", "Tlf.nr.": "phone", "Hemtelefon": "phone", "Telefon privat": "phone", "Telefonnummer": "phone", "Phone": "phone", "Telefon 1": "phone",
			"Mobil": "mobile", "Mob. tlf.": "mobile", "Mobiltelefonnummer": "mobile", "Cell phone": "mobile", "Mobil nr": "mobile", "Mobiltlefon": "mobile?",
			"Innmeldt": "joined", "Indmeldt dato": "joined", "Medlem sedan": "joined", "Member since": "joined", "Inträdesdatum": "joined", "Innmeldingsdato": "joined",
			"Medlemskategori": "category", "Medlemstyp": "category", "Adressebeskyttelse": Secret, "Hemmelig adresse": Secret, "Skyddad adress": Secret, "Sperret adresse": Secret,
			"Match":        Match,
			"Skostørrelse": "", "Telefon arbejde": "", "CPR": "", "Fødselsnummer": "", "Personnummer": "", "Arbejdssted": "", "Kontingent": "", "Bemærkninger": "",
			"Anna": "", "Hellerup": "", "2900": "", "Dato": "", "Post": "", "": "", "Navn på kontaktperson": "", "Navn og adresse": "", "Betalt": "", "Beløb": "", "Status": "",
			"Fødselsår": "", "Løbenr": "", "Sist endret": "", "Ægtefælles navn": "",
		} {
			m, ok := Recognise(c, heading)
			got := m.Code
			if m.Likely {
				got += "?"
			}
			if !ok {
				got = ""
			}
			if got != want {
				t.Errorf("%s: %q is %q, want %q", code, heading, got, want)
			}
		}
	}
}

// N9: headings that promise identity numbers, in the words of three countries.
func TestN9IdentityHeadings(t *testing.T) {
	for heading, want := range map[string]bool{
		"CPR": true, "CPR-nr.": true, "Cpr nummer": true, "Personnummer": true, "Fødselsnummer": true, "Fødselsnr. (11 siffer)": true, "Fnr": true, "Födelsenummer": true,
		"Medlemsnummer": false, "Fødselsdato": false, "Nr.": false, "Skostørrelse": false, "": false,
	} {
		if Identity(heading) != want {
			t.Errorf("%q is %v", heading, !want)
		}
	}
}

// Issue 3: day-first and American dates are told apart by the whole column, and
// asked about where the column does not tell.
func TestDatesOfAColumn(t *testing.T) {
	for _, c := range []struct {
		values  []string
		order   Order
		verdict Verdict
	}{
		{[]string{"03-09-2009", "04-05-1980", "25-12-1970"}, DayFirst, Told},
		{[]string{"03/09/2009", "04/05/1980", "12/25/1970"}, MonthFirst, Told},
		{[]string{"03/09/2009", "04/05/1980"}, AnyOrder, Open},
		{[]string{"03/03/2009", "04/04/1980"}, DayFirst, Told}, // the same either way
		{[]string{"3.9.2009", "4.5.1980"}, DayFirst, Told},     // dots: nobody puts the month first
		{[]string{"3/9 2009"}, DayFirst, Told},                 // nor so
		{[]string{"2009-09-03", "1980-05-04"}, DayFirst, Told}, // year first needs no order
		{[]string{"20090903", "32874", "3. september 2009"}, DayFirst, Told},
		{[]string{"25/12/1970", "12/25/1970"}, AnyOrder, Torn},
		{[]string{"89-09-03", "70-12-25"}, YearFirst, Told},
		{[]string{"03-09-89", "25-12-70"}, DayFirst, Told},
		{[]string{"01-02-03"}, AnyOrder, Open},
		{[]string{"030989", "251270"}, DayFirst, Told},
		{[]string{"890903", "701225"}, YearFirst, Told},
		{[]string{"03092009", "12251970"}, MonthFirst, Told},
		{[]string{"31/02/1980", "05/04/1980"}, AnyOrder, Open}, // what is no date says nothing
		{nil, DayFirst, Told},
	} {
		var d Dates
		for _, value := range c.values {
			d.Add(value)
		}
		if order, verdict := d.Verdict(); order != c.order || verdict != c.verdict {
			t.Errorf("%q: %v %v, want %v %v", c.values, order, verdict, c.order, c.verdict)
		}
	}
}

func TestParseDate(t *testing.T) {
	for _, c := range []struct {
		text  string
		order Order
		want  Date
	}{
		{"3.9.2009", AnyOrder, Date{2009, 9, 3, false}}, {"03-09-2009", DayFirst, Date{2009, 9, 3, false}}, {"03-09-2009", MonthFirst, Date{2009, 3, 9, false}},
		{"3/9 2009", AnyOrder, Date{2009, 9, 3, false}}, {"3. september 2009", AnyOrder, Date{2009, 9, 3, false}}, {"3 sep 09", AnyOrder, Date{9, 9, 3, true}},
		{"Sep 3, 2009", AnyOrder, Date{2009, 9, 3, false}}, {"September 3rd, 2009", AnyOrder, Date{2009, 9, 3, false}}, {"den 3. augusti 2009", AnyOrder, Date{2009, 8, 3, false}},
		{"fredag d. 3. mai 2024", AnyOrder, Date{2024, 5, 3, false}}, {"3 desember 1980", AnyOrder, Date{1980, 12, 3, false}}, {"03-okt-1980", AnyOrder, Date{1980, 10, 3, false}},
		{"2009-09-03", AnyOrder, Date{2009, 9, 3, false}}, {"2009/9/3", MonthFirst, Date{2009, 9, 3, false}}, {"20090903", AnyOrder, Date{2009, 9, 3, false}},
		{"03092009", DayFirst, Date{2009, 9, 3, false}}, {"030989", DayFirst, Date{89, 9, 3, true}}, {"890903", YearFirst, Date{89, 9, 3, true}}, {"40059", AnyOrder, Date{2009, 9, 3, false}},
		{"2009-09-03 00:00:00", AnyOrder, Date{2009, 9, 3, false}}, {"9/3/2009 12:00:00 AM", MonthFirst, Date{2009, 9, 3, false}}, {"25/12/1980", AnyOrder, Date{1980, 12, 25, false}},
		{"3.9.'89", AnyOrder, Date{89, 9, 3, true}}, {"2009-09-03T00:00:00", AnyOrder, Date{2009, 9, 3, false}},
	} {
		if got, ok := ParseDate(c.text, c.order); !ok || got != c.want {
			t.Errorf("%q %v: %+v %v, want %+v", c.text, c.order, got, ok, c.want)
		}
	}
	for _, text := range []string{
		"", "x", "31.2.1980", "03/09/2009", "01-02-03", "1989", "12345678901", "3..9.2009", "1900-01-00", "1899-12-30", "30-09", "3/-9 2009", "0", "2009-13-01",
		"25/25/1980", "3 sep", "sep", "3.9.1", "2009-09-03 14:30", "1-2-3-4", "٣.٩.٢٠٠٩", "010190-1234",
	} {
		if got, ok := ParseDate(text, AnyOrder); ok {
			t.Errorf("%q is taken for %+v", text, got)
		}
	}
}

func TestParseTown(t *testing.T) {
	for _, c := range []struct {
		cell, home string
		want       Town
	}{
		{"2900 Hellerup", "DK", Town{"2900", "Hellerup", ""}}, {"DK-2900 Hellerup", "DK", Town{"2900", "Hellerup", ""}}, {"DK-2900 Hellerup", "NO", Town{"2900", "Hellerup", "DK"}},
		{"NO-0150 Oslo", "DK", Town{"0150", "Oslo", "NO"}}, {"N-0150 Oslo", "NO", Town{"0150", "Oslo", ""}}, {"SE-114 55 Stockholm", "DK", Town{"114 55", "Stockholm", "SE"}},
		{"114 55 Stockholm", "DK", Town{"114 55", "Stockholm", "SE"}}, {"114 55 Stockholm", "SE", Town{"114 55", "Stockholm", ""}}, {"11455 Stockholm", "SE", Town{"11455", "Stockholm", ""}},
		{"2900", "DK", Town{"2900", "", ""}}, {"Hellerup", "DK", Town{"", "Hellerup", ""}}, {"2100 København Ø", "DK", Town{"2100", "København Ø", ""}},
		{"2900, Hellerup", "DK", Town{"2900", "Hellerup", ""}}, {"Hellerup 2900", "DK", Town{"2900", "Hellerup", ""}}, {"150 Oslo", "NO", Town{"150", "Oslo", ""}},
		{"  2900   Hellerup ", "DK", Town{"2900", "Hellerup", ""}}, {"D-24937 Flensburg", "DK", Town{"24937", "Flensburg", "DE"}}, {"8000 Aarhus C", "DK", Town{"8000", "Aarhus C", ""}},
	} {
		if got, ok := ParseTown(c.cell, c.home); !ok || got != c.want {
			t.Errorf("%q: %+v %v, want %+v", c.cell, got, ok, c.want)
		}
	}
	for _, cell := range []string{"", "Strandvejen 12, 2900 Hellerup", "2900 Hellerup 12", "XX-2900 Hellerup", "12", "29001234 By", "-"} {
		if got, ok := ParseTown(cell, "DK"); ok {
			t.Errorf("%q is taken for %+v", cell, got)
		}
	}
}

func TestParseAddress(t *testing.T) {
	country := func(s string) (string, bool) {
		code, ok := map[string]string{"Sverige": "SE", "Danmark": "DK", "Norge": "NO"}[s]
		return code, ok
	}
	for cell, want := range map[string]Address{
		"Strandvejen 12, 2. tv., 2900 Hellerup":      {"Strandvejen 12, 2. tv.", Town{"2900", "Hellerup", ""}},
		"Strandvejen 12\n2900 Hellerup\nDanmark":     {"Strandvejen 12", Town{"2900", "Hellerup", ""}},
		"Strandvejen 12 2900 Hellerup":               {"Strandvejen 12", Town{"2900", "Hellerup", ""}},
		"Strandvejen 12 B, st. th. 2100 København Ø": {"Strandvejen 12 B, st. th.", Town{"2100", "København Ø", ""}},
		"Storgatan 3, 114 55 Stockholm, Sverige":     {"Storgatan 3", Town{"114 55", "Stockholm", "SE"}},
		"Storgatan 3, SE-114 55 Stockholm":           {"Storgatan 3", Town{"114 55", "Stockholm", "SE"}},
		"Karl Johans gate 1, 0150 Oslo, Norge":       {"Karl Johans gate 1", Town{"0150", "Oslo", "NO"}},
		"Gården, Nørregade 4, 4000, Roskilde":        {"Gården, Nørregade 4", Town{"4000", "Roskilde", ""}},
		"Nørregade 1234 4000 Roskilde":               {"Nørregade 1234", Town{"4000", "Roskilde", ""}},
	} {
		if got, ok := ParseAddress(cell, "DK", country); !ok || got != want {
			t.Errorf("%q: %+v %v, want %+v", cell, got, ok, want)
		}
	}
	for _, cell := range []string{"", "Strandvejen 12", "Hellerup", "Strandvejen 12, Hellerup", ",,,", "2900"} {
		if got, ok := ParseAddress(cell, "DK", country); ok {
			t.Errorf("%q is taken for %+v", cell, got)
		}
	}
}

func TestParsePhonesAndMails(t *testing.T) {
	for cell, want := range map[string]string{
		"10 26 47 95": "+4510264795", "10264795 / 20304050": "+4510264795 +4520304050", "10 26 47 95, mobil: 20 30 40 50": "+4510264795 +4520304050",
		"10264795 20304050": "+4510264795 +4520304050", "+47 40 61 23 45 og 10264795": "+4740612345 +4510264795", "Tlf. 10264795": "+4510264795",
		"10264795 (arb.)": "+4510264795", "10 26 47 95 20 30 40 50": "+4510264795 +4520304050", "10264795\n20304050": "+4510264795 +4520304050",
		"": "-", "12": "-", "10264795 / 12": "-", "ring ikke": "-", "102647952030": "-",
	} {
		all, ok := ParsePhones(cell, "DK")
		if got := joined(all, ok); got != want {
			t.Errorf("phones of %q: %s, want %s", cell, got, want)
		}
	}
	for cell, want := range map[string]string{
		"anna@example.dk": "anna@example.dk", "Anna Berg <Anna@Example.dk>": "anna@example.dk", "Berg, Anna <anna@example.dk>": "anna@example.dk", "mailto:anna@example.dk": "anna@example.dk",
		"anna@example.dk (privat)": "anna@example.dk", "a@example.dk; b@example.dk": "a@example.dk b@example.dk", "a@example.dk eller b@example.dk": "a@example.dk b@example.dk",
		"": "-", "anna@": "-", "a@example.dk; b@": "-", "Anna": "-",
	} {
		all, ok := ParseMails(cell)
		if got := joined(all, ok); got != want {
			t.Errorf("mails of %q: %s, want %s", cell, got, want)
		}
	}
}

func joined(all []string, ok bool) string {
	if !ok {
		return "-"
	}
	return strings.Join(all, " ")
}

// One column with whole names: the whole column tells which part leads.
func TestNamesOfAColumn(t *testing.T) {
	for _, c := range []struct {
		cells       []string
		familyFirst bool
		want        string // of each: given|family
	}{
		{[]string{"Anna Berg", "Bo van der Bang", "Cher"}, false, "Anna|Berg Bo|van der Bang Cher|"},
		{[]string{"Berg, Anna Marie", "Bang, Bo", "Cher"}, false, "Anna Marie|Berg Bo|Bang Cher|"},
		{[]string{"Berg, Anna", "Bang, Bo"}, true, "Anna|Berg Bo|Bang"},
		{[]string{"Berg Anna Marie", "van der Bang Bo"}, true, "Anna Marie|Berg Bo|van der Bang"},
		{[]string{"Anna Berg", "Bo Bang", "Carl Holm, formand"}, false, "Anna|Berg Bo|Bang ?"},
		{[]string{"Berg, Anna", "Bang, Bo", "Carl Holm"}, false, "Anna|Berg Bo|Bang ?"},
		{[]string{"Berg, Anna, cand.jur.", ", Bo", "Carl,"}, false, "? ? ?"},
	} {
		var n Names
		for _, cell := range c.cells {
			n.Add(cell)
		}
		var got []string
		for _, cell := range c.cells {
			given, family, ok := n.Order(c.familyFirst).Split(cell)
			if !ok {
				got = append(got, "?")
				continue
			}
			got = append(got, given+"|"+family)
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%q: %s, want %s", c.cells, text, c.want)
		}
	}
}

// Totals, headings of the next page and footers are no members; nobody is passed
// over because of a name.
func TestKindOf(t *testing.T) {
	headings := []string{"Nr.", "Navn", "By", "Mobil"}
	for _, c := range []struct {
		cells []string
		want  Kind
	}{
		{[]string{"I alt", "214", "", ""}, Total}, {[]string{"", "I alt 214", "", ""}, Total}, {[]string{"Total", "", "", "214"}, Total}, {[]string{"Sum:", "", "", ""}, Total},
		{[]string{"Antal medlemmer", "214", "", ""}, Total}, {[]string{"", "Summa", "1.024,50", ""}, Total},
		{[]string{"Nr.", "Navn", "By", "Mobil"}, Headings}, {[]string{"nr.", "NAVN", "By", ""}, Headings},
		{[]string{"Side 2 af 5", "", "", ""}, Footer}, {[]string{"", "", "Udskrevet 3.9.2026", ""}, Footer},
		{[]string{"501", "Sum Wong", "", ""}, Person}, {[]string{"", "Total Recall", "Hellerup", "10264795"}, Person}, {[]string{"", "Ialt", "", ""}, Person},
		{[]string{"501", "Anna Berg", "Hellerup", "10264795"}, Person}, {[]string{"", "Anna Berg", "", ""}, Person}, {[]string{"", "", "", ""}, Person},
		{[]string{"", "Navn", "", ""}, Person},
	} {
		if got := KindOf(c.cells, headings); got != c.want {
			t.Errorf("%q is %v, want %v", c.cells, got, c.want)
		}
	}
}

func TestHeadingScore(t *testing.T) {
	c := load(t, "party-dk")
	titles, heads, somebody := []string{"Medlemsliste Hellerup", "", "", ""}, []string{"Nr.", "Navn", "By", "Skostørrelse"}, []string{"501", "Ejby", "By", "44"}
	if HeadingScore(c, titles) != 0 || HeadingScore(c, heads) <= 0 || HeadingScore(c, somebody) != 0 || HeadingScore(c, nil) != 0 {
		t.Error(HeadingScore(c, titles), HeadingScore(c, heads), HeadingScore(c, somebody))
	}
}

// Values in four languages.
func TestChoiceAndCategory(t *testing.T) {
	party, club := load(t, "party-dk"), load(t, "club-no")
	sex, _ := party.Field("sex")
	for cell, want := range map[string]string{
		"Kvinna": "female", "kvinne": "female", "K": "female", "Female": "female", "Mann": "male", "herr": "male", "Man": "male", "M": "male", "Ej angivet": "other", "Ikke oplyst": "other", "?": "", "både og": "",
	} {
		if got, _ := Choice(sex, cell); got != want {
			t.Errorf("%q is %q, want %q", cell, got, want)
		}
	}
	for cell, want := range map[string]string{"Ordinært medlem": "ordinary", "Pensjonist": "pensioner", "Junior": "youth", "Familie": "household", "Student": "student", "Gæst": ""} {
		if got, _ := Category(party, cell); got != want {
			t.Errorf("%q is %q, want %q", cell, got, want)
		}
	}
	for cell, want := range map[string]string{"Aktivt medlem": "active", "Hedersmedlem": "honorary", "Æresmedlem": "honorary", "Senior": "senior"} {
		if got, _ := Category(club, cell); got != want {
			t.Errorf("%q is %q, want %q", cell, got, want)
		}
	}
	for cell, want := range map[string]bool{"ja": true, "X": true, "Nej": false, "nei": false, "": false, "-": false, "Fortrolig": true, "1": true, "0": false} {
		if got, ok := ParseYes(cell); !ok || got != want {
			t.Errorf("%q is %v %v", cell, got, ok)
		}
	}
	if _, ok := ParseYes("måske"); ok {
		t.Error("maybe is no answer")
	}
}
