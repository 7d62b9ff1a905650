package gallery

import (
	"strconv"

	"github.com/a-h/templ"

	"kartotek/internal/web/look"
)

// purpose is what the pull page says of one purpose.
type purpose struct {
	name, hint, basis, count, left, until string
	in, out                               []string
}

var purposes = []purpose{
	{"Mødeindkaldelse", "Generalforsamling og medlemsmøder. Når alle.", "vedtægterne; aftalen om medlemskab", "310",
		"2 er begrænset og udelades. En indsigelse mod nyhedsbrev standser ikke en indkaldelse.", "23. december 2026",
		[]string{"Navn", "Adresse", "E-mail"}, []string{"Telefon", "Fødselsdato", "Kontingent"}},
	{"Invitation", "Arrangementer, der ikke står i vedtægterne.", "berettiget interesse; medlemmet kan sige nej", "304",
		"2 er begrænset, og 6 har sagt nej til invitationer.", "23. december 2026",
		[]string{"Navn", "Adresse", "E-mail"}, []string{"Telefon", "Fødselsdato", "Kontingent"}},
	{"Nyhedsbrev", "Ikke til dem, der har sagt nej.", "berettiget interesse; medlemmet kan sige nej", "296",
		"2 er begrænset, 11 har sagt nej til nyhedsbrev, og 3 har ingen e-mail.", "30. november 2026",
		[]string{"Navn", "E-mail"}, []string{"Adresse", "Telefon", "Fødselsdato", "Kontingent"}},
	{"Kontingent", "Opkrævning og rykkere.", "aftalen om medlemskab", "310", "2 er begrænset.", "23. december 2026",
		[]string{"Navn", "Adresse", "E-mail", "Kontingent"}, []string{"Telefon", "Fødselsdato"}},
	{"Medlemsarbejde", "Velkomst, telefonrunde, fejl på kort.", "aftalen om medlemskab", "310",
		"2 er begrænset. 1 beskyttet adresse er dækket.", "7. december 2026",
		[]string{"Navn", "Adresse", "E-mail", "Telefon", "Indmeldt"}, []string{"Fødselsdato", "Kontingent"}},
	{"Revision", "Kun tal og numre, ingen adresser.", "bogføringsreglerne", "312",
		"Ingen udelades. Listen nævner ingen navne.", "23. december 2026",
		[]string{"Nummer", "Indmeldt", "Kontingent"}, []string{"Navn", "Adresse", "E-mail", "Telefon", "Fødselsdato"}},
}

// each shows one text of every purpose, of which the chosen one's is seen.
func each(text func(purpose) string) look.Variants {
	v := look.Variants{}
	for _, p := range purposes {
		v.Of = append(v.Of, look.Text(text(p)))
	}
	return v
}

func fieldLists() look.Variants {
	v := look.Variants{Block: true}
	for _, p := range purposes {
		v.Of = append(v.Of, look.FieldList{In: p.in, Out: p.out})
	}
	return v
}

func purposeChoices() look.Choices {
	c := look.Choices{
		Name: "purpose", Legend: "Hvad skal listen bruges til?", Heading: true, Decides: true,
		Hint: "Formålet bestemmer, hvad der står på listen, og hvor længe du må have den.",
	}
	for i, p := range purposes {
		c.Options = append(c.Options, look.Choice{Value: strconv.Itoa(i), Text: p.name, Hint: p.hint, Checked: i == 0})
	}
	return c
}

// entry is a line of a printed list.
type entry struct {
	number int
	person
}

var sheet = look.Sheet[entry]{
	Label: "Listen", Caption: "Mødeindkaldelse, Gentofte", Note: "Medlemsmøde 8. december 2026. 60 af 310 medlemmer vist i denne prøve.",
	Head: [3]look.Frame{
		{Strong: "Liste 331", After: " · Gentofte · Mødeindkaldelse"},
		{Text: "Til ", Strong: "Karen Vestergaard", After: ", medlemsansvarlig"},
		{Text: "Destrueres senest ", Strong: "9. december 2026"},
	},
	Foot: [2]look.Frame{
		{Text: "Fortroligt. Må ikke kopieres eller gives videre."}, {Text: "Hentet 23. november 2026 kl. 10.04"},
	},
	Columns: []look.Column[entry]{
		{Title: "Nr.", Kind: look.Number, Cell: func(e entry) templ.Component { return look.Text(strconv.Itoa(e.number)) }},
		{Title: "Navn", Kind: look.Leading, Cell: func(e entry) templ.Component { return look.Text(e.name) }},
		{Title: "Adresse", Cell: func(e entry) templ.Component {
			if e.covered {
				return look.Text("Sendes gennem sekretariatet")
			}
			return look.Text(e.street + ", " + e.town)
		}},
		{Title: "E-mail", Cell: func(e entry) templ.Component {
			if e.mail == "" || e.covered {
				return look.Soft("brev")
			}
			return look.Address(e.mail)
		}},
	},
	Ticks: "Mødt",
	Rows:  entries(60),
}

func entries(n int) []entry {
	list := make([]entry, n)
	for i := range list {
		list[i] = entry{i + 1, persons[i%len(persons)]}
	}
	return list
}
