package member

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/golang-sql/civil"

	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Invented people for tests and benchmarks, the same for the same seed: names
// as unevenly spread as Danish names are, a long tail of rare ones, e-mail
// addresses made from names, phones from the range of Danish numbers.

var (
	commonFamilies = strings.Fields(`Nielsen Jensen Hansen Andersen Pedersen Christensen Larsen Sørensen Rasmussen Jørgensen
		Petersen Madsen Kristensen Olsen Thomsen Christiansen Poulsen Johansen Møller Mortensen Knudsen Jakobsen Jacobsen
		Mikkelsen Olesen Frederiksen Laursen Henriksen Lund Schmidt Eriksen Holm Kristiansen Clausen Simonsen Svendsen
		Andreasen Iversen Jeppesen Østergaard Nissen Vestergaard Lauritsen Jespersen Mogensen Dahl Bech Kjær Bertelsen
		Friis Søndergaard Bruun Carlsen Bach Nygaard Winther Steffensen Aagaard Ravn Krogh Ali Nguyen Åkesson Öberg Müller`)
	givenNames = strings.Fields(`Peter Anne Jens Mette Michael Kirsten Lars Hanne Henrik Anna Thomas Helle Søren Maria Jan Susanne
		Christian Lene Martin Marianne Niels Camilla Anders Inge Morten Louise Jesper Pia Hans Lone Jørgen Gitte Mads Emma Per
		Charlotte Ole Tina Rasmus Karen Erik Ida Kim Birthe Bent Sofie Mikkel Julie Frederik Bente Poul Sara Magnus Åse Øjvind
		Ældrid Jonas Laura Emil Freja William Alberte Noah Clara Oscar Agnes Lucas Karla Zoé Aksel Ellen Valdemar Vera Viggo Signe
		Bodil Kaj Gudrun Yasmin Mohammad Fatima Oliwia Xenia Quentin Walther Conrad Dorthe Ulla Torben Flemming Finn Grethe`)
	tailStarts = strings.Fields(`Bjerre Dam Eg Fugl Gam Has Høj Kir Ler Mose Nør Over Ros Skov Sten Søn Tofte Under Ves Øs Ager Bak Birk Brod
		Dal Elle Fjel Gran Hav Hede Kjel Kors Lang Lille Lyng Mark Nord Pil Rav Sand Sol Svane Thor Ulv Vang Vinter Åg Æbel`)
	tailMiddles = []string{"", "e", "ers", "ing", "ke", "le", "man", "ne", "re", "stru", "sle", "ve", "holt", "und"}
	tailEnds    = strings.Fields(`gaard berg holm lund dal by bæk skov toft mark sted høj borg bo rup strup løse lev feldt sen kær vig sø næs ø å`)
	mailDomains = strings.Fields(`gmail.com gmail.com gmail.com gmail.com hotmail.com hotmail.com outlook.dk live.dk mail.dk icloud.com jubii.dk privat.example stofanet.example`)
)

// invented gives person number n of a seed.
func invented(seed uint64, n int) Profile {
	r := rand.New(rand.NewPCG(seed, uint64(n)))
	p := Profile{
		Number: fmt.Sprint(500000 + n), Given: givenNames[skewed(r, len(givenNames))], Family: commonFamilies[skewed(r, len(commonFamilies))],
		Sex: [...]string{"female", "male"}[r.IntN(2)], Birth: civil.Date{Year: 1930 + r.IntN(78), Month: 1 + 5, Day: 1 + r.IntN(28)},
		Street: fmt.Sprintf("%s %d", rare(r), 1+r.IntN(200)), Postal: fmt.Sprint(1000 + r.IntN(8990)), Town: rare(r),
		Phone: fmt.Sprintf("+45%d", 20000000+r.IntN(79999999)), Joined: civil.Date{Year: 1990 + r.IntN(36), Month: 3, Day: 1 + r.IntN(28)},
	}
	if r.IntN(3) == 0 {
		p.Given += " " + givenNames[r.IntN(len(givenNames))]
	}
	switch r.IntN(10) {
	case 0, 1, 2:
		p.Family = rare(r)
	case 3, 4:
		p.Family = rare(r) + " " + p.Family
	}
	if r.IntN(5) > 0 {
		given, _, _ := strings.Cut(p.Given, " ")
		p.Email = strings.ReplaceAll(locale.Fold(given+"."+p.Family), " ", ".")
		if r.IntN(2) == 0 {
			p.Email += fmt.Sprint(r.IntN(1000))
		}
		p.Email += "@" + mailDomains[r.IntN(len(mailDomains))]
	}
	if r.IntN(4) == 0 {
		p.Mobile = fmt.Sprintf("+45%d", 20000000+r.IntN(79999999))
	}
	return p
}

// skewed prefers small numbers, as the spread of common names does.
func skewed(r *rand.Rand, n int) int { return r.IntN(1 + r.IntN(n)) }

func rare(r *rand.Rand) string {
	return tailStarts[r.IntN(len(tailStarts))] + tailMiddles[r.IntN(len(tailMiddles))] + tailEnds[r.IntN(len(tailEnds))]
}

// inventedUnit spreads people over 92 bodies, numbered from 12.
func inventedUnit(n int) unit.ID { return unit.ID(12 + n*7919%92) }

func inventedSubject(seed uint64, n int) subject {
	p := invented(seed, n)
	return subject{
		person: vault.PersonID(n + 1), given: p.Given, family: p.Family,
		contact: contact{number: p.Number, email: p.Email, phone: p.Phone, mobile: p.Mobile},
		belongs: in(inventedUnit(n)),
	}
}

// in is belonging to bodies.
func in(units ...unit.ID) []belonging {
	var all []belonging
	for _, u := range units {
		all = append(all, belonging{unit: u})
	}
	return all
}
