package demo

import (
	"fmt"
	"math/rand/v2"
)

// people are the names, streets and telephone numbers of a country.
type people struct {
	women, men, families, middles []string
	heads, tails                  []string // of streets
	separate                      []string // streets of one word
	phone                         func(rng *rand.Rand, mobile bool) string
}

// street is a street and a number; every fourth house has entrances.
func (p *people) street(rng *rand.Rand) string {
	name := pick(rng, p.heads) + pick(rng, p.tails)
	if rng.IntN(9) == 0 {
		name = pick(rng, p.separate)
	}
	if number := 1 + rng.IntN(120); rng.IntN(4) == 0 {
		return name + " " + fmt.Sprintf("%d %c", number, 'A'+rune(rng.IntN(4)))
	} else {
		return fmt.Sprintf("%s %d", name, number)
	}
}

// peoples are the peoples of the district by country; "" is Norway.
var peoples = map[string]*people{
	"": {
		women: words(`Kari Anne Inger Ingrid Marit Liv Randi Astrid Berit Solveig Bjørg Turid Gerd Sissel Wenche Unni Åse
Hilde Anita Heidi Tone Elin Monica Nina Lene Camilla Silje Ragnhild Guro Ingeborg Sigrid Åshild Gunn Torill Eva Synnøve
Målfrid Oddny Bodil Hege Trine Siri Maren Thea Sunniva Eirin Vigdis Jorunn Aud Grete Fatima Amina Nadia Thuy Agnieszka`),
		men: words(`Bjørn Jan Odd Knut Svein Arne Tor Per Ola Geir Terje Morten Rune Trond Øyvind Kjell Leif Åge Ståle Håkon
Harald Sverre Magnus Olav Eirik Sindre Vegard Jostein Asbjørn Trygve Einar Sigurd Torbjørn Kåre Roald Frode Stig Pål Espen
Gunnar Halvor Øystein Ivar Steinar Torstein Børre Jørgen Henrik Anders Lars Aksel Hassan Yusuf Piotr Minh`),
		families: words(`Hansen Johansen Olsen Larsen Andersen Pedersen Nilsen Kristiansen Jensen Karlsen Johnsen Pettersen
Eriksen Berg Haugen Hagen Johannessen Andreassen Jacobsen Dahl Jørgensen Halvorsen Henriksen Lund Sørensen Jakobsen Moen
Gundersen Iversen Strand Solberg Svendsen Eide Knutsen Martinsen Bakken Kristoffersen Mathisen Lie Amundsen Nguyen Rasmussen
Lunde Solheim Kristensen Moe Nygård Bakke Fredriksen Holm Lien Hauge Nguyen Andresen Haugland Aas Sæther Ødegård Aune Ås
Bråten Åsen Øverland Sørli Aasen Tveit Vik Hovland Myhre Ruud Ness Ellingsen Skår Sætre Brekke Øien Åmodt Tangen Fossum
Kvamme Rønning Ræder Østby Ågotnes Khan Hussain Abdi Kowalski`),
		middles: words(`Moen Berg Hagen Lund Vik Strand Dahl Solberg Bakke Nygård Lie Aas Holm Eide`),
		heads: words(`Bjørke Furu Gran Rogne Lerke Trost Svale Fjell Fjord Elve Bekke Myr Eng Kirke Skole Mølle Strand Sjø
Havne Stasjons Solbakk Li Haug Ås Nord Sør Øst Vest Prest Kvern`),
		tails:    words(`veien veien veien gata gata bakken stien tunet kroken lia svingen`),
		separate: []string{"Storgata", "Kongens gate", "Dronningens gate", "Strandgata", "Kirkegata", "Olav Tryggvasons gate", "Torget"},
		phone:    norwegianPhone,
	},
	"DK": {
		women: women, men: men, families: families, middles: middles, heads: streetHeads, tails: streetTails,
		separate: []string{"Algade", "Nørregade", "Vestergade", "Torvet"},
		phone:    danishPhone,
	},
	"SE": {
		women: words(`Anna Eva Maria Karin Kristina Lena Sara Emma Elsa Britt Åsa Märta Gunilla Birgitta Ulla Annika Malin
Linnéa Ebba Hanna Kerstin Inger Siv Göta`),
		men: words(`Lars Erik Karl Anders Johan Per Nils Sven Åke Göran Björn Mats Håkan Jörgen Gösta Östen Lennart Kjell
Stefan Mikael Olle Arvid Axel Sture`),
		families: words(`Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson Lindberg Lindström
Lundqvist Sjöberg Åkesson Öberg Ängquist Åström Öhman Söderberg Bäckström Hällgren Ekström Nyström Sandberg Wallin Forsberg`),
		middles: words(`Lind Berg`),
		heads:   words(`Björk Kyrko Skol Ekbacks Sjö Ängs Äppel Ros Kungs Älv Hamn Tall Gran Åker Östra Solros`),
		tails:   words(`vägen gatan gatan stigen backen gränd`), separate: []string{"Storgatan", "Drottninggatan", "Kungsgatan", "Järnvägsgatan"},
		phone: swedishPhone,
	},
}

// norwegianPhone gives eight digits in the series that begins with 1, which has
// short service numbers only.
func norwegianPhone(rng *rand.Rand, _ bool) string {
	n := 12_000_000 + rng.IntN(6_000_000)
	return fmt.Sprintf("%02d %02d %02d %02d", n/1_000_000, n/10_000%100, n/100%100, n%100)
}

// danishPhone is what the party's members have, called from abroad.
func danishPhone(rng *rand.Rand, _ bool) string {
	n := 10_000_000 + rng.IntN(900_000)
	return fmt.Sprintf("+45 %02d %02d %02d %02d", n/1_000_000, n/10_000%100, n/100%100, n%100)
}

// swedishPhone gives a number that the Swedish authority keeps free for books
// and films: 070-174 06 05 to 99, and at home 08-465 004 00 to 99.
func swedishPhone(rng *rand.Rand, mobile bool) string {
	if mobile {
		return fmt.Sprintf("+46 70 174 06 %02d", 5+rng.IntN(95))
	}
	return fmt.Sprintf("+46 8 465 004 %02d", rng.IntN(100))
}

// town is a place with a club, its postal code and its division; public facts,
// but for the divisions.
type town struct{ name, postal, town, division, country string }

// towns are in the order in which clubs are founded: every division has one
// among the first.
var towns = []town{
	{"Bærum", "1337", "Sandvika", "Viken", ""}, {"Bergen", "5003", "Bergen", "Vestlandet", ""}, {"Trondheim", "7010", "Trondheim", "Trøndelag", ""},
	{"Tromsø", "9008", "Tromsø", "Hålogaland", ""}, {"Kristiansand", "4612", "Kristiansand S", "Sørlandet", ""}, {"Hamar", "2317", "Hamar", "Innlandet", ""},
	{"Aarhus", "8000", "Aarhus C", "Danmark", "DK"}, {"Göteborg", "411 05", "Göteborg", "Sverige", "SE"}, {"Oslo", "0150", "Oslo", "Viken", ""},
	{"Stavanger", "4006", "Stavanger", "Vestlandet", ""}, {"Ålesund", "6002", "Ålesund", "Vestlandet", ""}, {"Drammen", "3015", "Drammen", "Viken", ""},
	{"Bodø", "8006", "Bodø", "Hålogaland", ""}, {"Lillehammer", "2609", "Lillehammer", "Innlandet", ""}, {"Arendal", "4836", "Arendal", "Sørlandet", ""},
	{"København", "2100", "København Ø", "Danmark", "DK"}, {"Moss", "1530", "Moss", "Viken", ""}, {"Haugesund", "5527", "Haugesund", "Vestlandet", ""},
	{"Steinkjer", "7713", "Steinkjer", "Trøndelag", ""}, {"Tønsberg", "3117", "Tønsberg", "Sørlandet", ""}, {"Stockholm", "114 55", "Stockholm", "Sverige", "SE"},
	{"Fredrikstad", "1606", "Fredrikstad", "Viken", ""}, {"Harstad", "9405", "Harstad", "Hålogaland", ""}, {"Gjøvik", "2815", "Gjøvik", "Innlandet", ""},
	{"Sandnes", "4306", "Sandnes", "Vestlandet", ""}, {"Larvik", "3256", "Larvik", "Sørlandet", ""}, {"Lillestrøm", "2000", "Lillestrøm", "Viken", ""},
	{"Molde", "6413", "Molde", "Vestlandet", ""}, {"Levanger", "7600", "Levanger", "Trøndelag", ""}, {"Odense", "5000", "Odense C", "Danmark", "DK"},
	{"Mo i Rana", "8622", "Mo i Rana", "Hålogaland", ""}, {"Skien", "3717", "Skien", "Sørlandet", ""}, {"Elverum", "2406", "Elverum", "Innlandet", ""},
	{"Asker", "1383", "Asker", "Viken", ""}, {"Voss", "5700", "Voss", "Vestlandet", ""}, {"Malmö", "211 20", "Malmö", "Sverige", "SE"},
	{"Sandefjord", "3210", "Sandefjord", "Sørlandet", ""}, {"Halden", "1767", "Halden", "Viken", ""}, {"Namsos", "7800", "Namsos", "Trøndelag", ""},
	{"Narvik", "8514", "Narvik", "Hålogaland", ""}, {"Kongsvinger", "2208", "Kongsvinger", "Innlandet", ""}, {"Førde", "6800", "Førde", "Vestlandet", ""},
	{"Aalborg", "9000", "Aalborg", "Danmark", "DK"}, {"Porsgrunn", "3915", "Porsgrunn", "Sørlandet", ""}, {"Sarpsborg", "1706", "Sarpsborg", "Viken", ""},
	{"Røros", "7374", "Røros", "Trøndelag", ""}, {"Alta", "9510", "Alta", "Hålogaland", ""}, {"Kongsberg", "3611", "Kongsberg", "Viken", ""},
	{"Mandal", "4515", "Mandal", "Sørlandet", ""}, {"Örebro", "702 10", "Örebro", "Sverige", "SE"}, {"Kristiansund", "6509", "Kristiansund N", "Vestlandet", ""},
	{"Hønefoss", "3510", "Hønefoss", "Viken", ""}, {"Svolvær", "8300", "Svolvær", "Hålogaland", ""}, {"Stjørdal", "7500", "Stjørdal", "Trøndelag", ""},
	{"Esbjerg", "6700", "Esbjerg", "Danmark", "DK"}, {"Egersund", "4370", "Egersund", "Vestlandet", ""}, {"Horten", "3187", "Horten", "Sørlandet", ""},
	{"Ski", "1400", "Ski", "Viken", ""}, {"Hammerfest", "9600", "Hammerfest", "Hålogaland", ""}, {"Umeå", "903 26", "Umeå", "Sverige", "SE"},
}

// secondNames tell a town's later clubs from its first.
var secondNames = []string{"Fønix", "Viking", "Havn"}
