package gallery

import (
	"github.com/a-h/templ"

	"kartotek/internal/web/look"
)

// person is a row of the member table.
type person struct {
	name, number, street, town, phone, mail, joined string
	mark                                            templ.Component
	covered                                         bool
}

var (
	withoutMail  = look.Badge(look.Calm, "Uden e-mail")
	noNewsletter = look.Badge(look.Calm, "Nej til nyhedsbrev")
)

var persons = []person{
	{"Abildgaard, Grethe", "104 117", "Lærkehegnet 14", "2820 Gentofte", "10 24 31 77", "grethe.abildgaard@post.example", "2009", nil, false},
	{"Agerskov, Niels", "118 042", "Møllegærdet 3", "2900 Hellerup", "10 41 58 20", "niels@agerskov.example", "2017", nil, false},
	{"Andersen, Birthe", "101 896", "Kildevangen 22", "2820 Gentofte", "10 39 66 14", "", "1998", withoutMail, false},
	{"Andersen, Jørgen", "101 897", "Kildevangen 22", "2820 Gentofte", "10 39 66 14", "j.andersen@post.example", "1998", nil, false},
	{"Andreasen, Mia Louise", "141 203", "", "", "", "mia.andreasen@post.example", "2024", look.Badge(look.Soon, "Adressebeskyttelse"), true},
	{"Bach, Thomas", "133 410", "Fasanhaven 8, 2. th.", "2900 Hellerup", "10 72 09 45", "thomas.bach@post.example", "2021", nil, false},
	{"Balle, Inger", "103 265", "Strandgærdet 41", "2930 Klampenborg", "10 63 12 08", "inger.balle@post.example", "2004", noNewsletter, false},
	{"Bang, Frederik", "140 877", "Skolehegnet 5", "2920 Charlottenlund", "10 88 24 61", "frederik.bang@post.example", "2024", nil, false},
	{"Bech, Ulla", "106 721", "Bøgevænget 17", "2820 Gentofte", "10 27 90 33", "ulla.bech@post.example", "2011", nil, false},
	{"Berg, Sanne", "129 554", "Fasanhaven 12, 1. tv.", "2900 Hellerup", "10 52 47 19", "sanne.berg@post.example", "2019", nil, false},
	{"Bertelsen, Erik", "102 338", "Sognehøjen 9", "2820 Gentofte", "10 31 75 82", "", "2001", withoutMail, false},
	{"Boesen, Ruth", "100 914", "Kildevangen 4", "2820 Gentofte", "10 22 58 46", "ruth.boesen@post.example", "1994", look.Badge(look.Soon, "Begrænset"), false},
	{"Brandt, Anna Sofie", "143 291", "Lærkehegnet 2", "2820 Gentofte", "10 81 49 25", "annasofie.brandt@post.example", "2026", look.Badge(look.OK, "Nyt medlem"), false},
	{"Bøgh, Hanne", "105 446", "Havelågen 11", "2900 Hellerup", "10 43 96 51", "hanne.boegh@post.example", "2010", nil, false},
	{"Christiansen, Poul Erik", "102 781", "Møllegærdet 19", "2900 Hellerup", "10 37 41 90", "", "2002", withoutMail, false},
}

var memberTable = look.Table[person]{
	Caption: "Medlemmer i Gentofte efter efternavn", Quiet: true, Compact: true,
	Columns: []look.Column[person]{
		{Title: "Navn", Kind: look.Leading, Cell: func(p person) templ.Component { return look.Link{Text: p.name, URL: "member.html"} }},
		{Title: "Nummer", Kind: look.Digits, Cell: func(p person) templ.Component { return look.Text(p.number) }},
		{Title: "Adresse", Cell: address},
		{Title: "Kontakt", Cell: contact},
		{Title: "Indmeldt", Cell: func(p person) templ.Component { return look.Text(p.joined) }},
		{Title: "Mærke", Cell: func(p person) templ.Component { return p.mark }},
	},
	Rows: persons,
}

func address(p person) templ.Component {
	if p.covered {
		return look.Covered("Adressen er dækket")
	}
	return look.Two(p.street, p.town)
}

func contact(p person) templ.Component {
	first := look.Covered("Telefon er dækket")
	if !p.covered {
		first = look.Tel("+45"+p.phone, p.phone)
	}
	if p.mail == "" {
		return first
	}
	return look.TwoOf(first, look.Address(p.mail))
}

// filter is one of the filters of the member page.
func filter(name, label string, options ...string) look.Select {
	s := look.Select{Name: name, Label: label}
	for _, text := range options {
		s.Options = append(s.Options, look.Option{Value: text, Text: text})
	}
	return s
}
