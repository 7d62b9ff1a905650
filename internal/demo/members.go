// Package demo invents a federation to try Kartotek with: a Danish party with
// its secretariat, greater constituencies and local associations, members and
// boards. Everything is made from a seed, so two runs with one seed are alike.
// It puts them into a register through the same acts everybody else uses.
package demo

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/golang-sql/civil"
)

//go:embed denmark-constituencies.csv
var constituencies string

// body is one body to be made below the root.
type body struct {
	code, name, level, parent string // parent is a code; "" is the root
	weight                    int    // its share of the members; 0 for none
}

// abroadCode is the association of members who live abroad.
const abroadCode = "udland"

// bodies are the ten greater constituencies and 92 districts of Denmark, an
// association in each district, and one abroad. Real parties divide otherwise.
func bodies(rng *rand.Rand) ([]body, error) {
	rows, err := csv.NewReader(strings.NewReader(constituencies)).ReadAll()
	if err != nil {
		return nil, err
	}
	var all []body
	seen := map[string]bool{}
	for _, row := range rows[1:] {
		region, district := row[0], row[1]
		code := slug(region) + "-storkreds"
		if !seen[code] {
			seen[code] = true
			all = append(all, body{code: code, name: region + " Storkreds", level: "region"})
		}
		weight := 30 + rng.IntN(170)
		switch {
		case slug(district) == shown: // large enough for an extra membership officer (D10)
			weight = 65
		case rng.IntN(6) == 0: // some associations are small
			weight = 4 + rng.IntN(20)
		}
		all = append(all, body{code: slug(district), name: district, level: "local", parent: code, weight: weight})
	}
	return append(all, body{code: abroadCode, name: "Danske i udlandet", level: "abroad", weight: 22}), nil
}

// slug makes a body's code of its name.
func slug(name string) string {
	return strings.NewReplacer(" ", "-", "æ", "ae", "ø", "oe", "å", "aa", ".", "").Replace(strings.ToLower(name))
}

// headings are the columns of the invented file, as a secretariat would have
// them.
var headings = []string{
	"Medlemsnr", "Fornavn", "Efternavn", "Køn", "Fødselsdato", "Adresse", "Postnr", "By", "Land",
	"E-mail", "Telefon", "Mobil", "Indmeldt", "Forening",
}

// firstNumber is the first invented member number.
const firstNumber = 100101

// file streams the invented members as CSV, so that the demo goes the way of
// every import. The reader ends after count members.
func file(rng *rand.Rand, all []body, count int, today civil.Date) io.Reader {
	r, w := io.Pipe()
	go func() {
		out := csv.NewWriter(w)
		out.Comma = ';'
		out.Write(headings)
		g := &generator{rng: rng, bodies: all, today: today}
		for i := range count {
			out.Write(g.member(firstNumber + i))
		}
		out.Flush()
		w.CloseWithError(out.Error())
	}()
	return r
}

// generator invents members one after the other. The last one is remembered,
// since couples share an address and some a mailbox.
type generator struct {
	rng    *rand.Rand
	bodies []body
	total  int
	today  civil.Date
	last   []string
}

func (g *generator) member(number int) []string {
	woman := g.rng.IntN(100) < 47
	given := pick(g.rng, men)
	if woman {
		given = pick(g.rng, women)
	}
	if g.rng.IntN(4) == 0 {
		second := men
		if woman {
			second = women
		}
		given += " " + pick(g.rng, second)
	}
	family := skewed(g.rng, families)
	if g.rng.IntN(5) == 0 {
		family = pick(g.rng, middles) + " " + family
	}
	b := g.body(number - firstNumber)
	street, postal, town, country := g.address(b)
	row := []string{
		fmt.Sprint(number), given, family, map[bool]string{true: "kvinde", false: "mand"}[woman], g.birth(),
		street, postal, town, country, g.email(given, family), "", "", "", b.name,
	}
	if number-firstNumber >= dealtRounds*len(g.bodies) && g.rng.IntN(14) == 0 { // married to the one before
		family, row[2] = g.last[2], g.last[2]
		copy(row[5:9], g.last[5:9])
		row[13] = g.last[13]
		row[9] = g.email(given, family)
		if g.rng.IntN(3) == 0 {
			row[9] = g.last[9]
		}
	}
	if g.rng.IntN(3) == 0 {
		row[10] = g.phone()
	}
	if g.rng.IntN(10) != 0 {
		row[11] = g.phone()
	}
	row[12] = g.joined(row[4])
	g.last = row
	return row
}

// dealtRounds is how many members each association is dealt before chance
// decides.
const dealtRounds = 7

// body deals the members out by weight; the first few of each association
// come first, so that every board can be filled however few members there are.
func (g *generator) body(i int) body {
	if g.total == 0 {
		for _, b := range g.bodies {
			g.total += b.weight
		}
	}
	if round := i / len(g.bodies); round < dealtRounds {
		if b := g.bodies[i%len(g.bodies)]; b.weight > 0 {
			return b
		}
	}
	if g.rng.IntN(80) == 0 {
		return body{} // a member of the party without any association
	}
	at := g.rng.IntN(g.total)
	for _, b := range g.bodies {
		if at -= b.weight; at < 0 {
			return b
		}
	}
	return body{}
}

func (g *generator) address(b body) (street, postal, town, country string) {
	street = fmt.Sprintf("%s%s %d", pick(g.rng, streetHeads), pick(g.rng, streetTails), 1+g.rng.IntN(140))
	if b.code == abroadCode {
		there := abroad[g.rng.IntN(len(abroad))]
		cut := strings.LastIndexByte(there.place, ' ')
		return street, there.place[:cut], there.place[cut+1:], there.country
	}
	if g.rng.IntN(3) == 0 {
		street += fmt.Sprintf(", %d. %s", 1+g.rng.IntN(5), pick(g.rng, []string{"tv.", "th.", "mf."}))
	}
	at, known := places[b.name]
	for !known {
		other := g.bodies[g.rng.IntN(len(g.bodies))]
		at, known = places[other.name]
	}
	return street, at.postal, at.town, ""
}

// birth gives ages from 15 up; parties are older than their country.
func (g *generator) birth() string {
	years := 16 + int(float64(78)*g.bell())
	d := g.today.AddDays(-years*365 - years/4 - g.rng.IntN(360))
	return fmt.Sprintf("%02d-%02d-%04d", d.Day, int(d.Month), d.Year)
}

// bell is around a half, seldom near 0 or 1.
func (g *generator) bell() float64 {
	return (g.rng.Float64() + g.rng.Float64() + g.rng.Float64()) / 3
}

// joined is after the fifteenth birthday and before today; many joined lately.
func (g *generator) joined(birth string) string {
	born, _ := time.Parse("02-01-2006", birth)
	first := civil.DateOf(born.AddDate(15, 1, 0))
	span := g.today.DaysSince(first) - 1
	ago := int(float64(span) * g.rng.Float64() * g.rng.Float64())
	return g.today.AddDays(-1 - ago).String()
}

// phone gives a number of the Danish form in a range nobody has been given.
func (g *generator) phone() string {
	n := 10_000_000 + g.rng.IntN(900_000)
	return fmt.Sprintf("%02d %02d %02d %02d", n/1_000_000, n/10_000%100, n/100%100, n%100)
}

// email is missing now and then, and always of a domain that does not exist.
func (g *generator) email(given, family string) string {
	if g.rng.IntN(9) == 0 {
		return ""
	}
	name := slug(strings.Fields(given)[0]) + "." + strings.ReplaceAll(slug(family), " ", "-")
	return fmt.Sprintf("%s%d@%s.example", name, 10+g.rng.IntN(9990), pick(g.rng, []string{"post", "brev", "mail", "kuvert"}))
}

func pick(rng *rand.Rand, all []string) string { return all[rng.IntN(len(all))] }

// skewed takes the front of a list more often than its end, as with family
// names.
func skewed(rng *rand.Rand, all []string) string {
	f := rng.Float64()
	return all[int(f*f*float64(len(all)))]
}
