// Package demo invents a federation to try Kartotek with, one for each shipped
// charter: a Danish party with its secretariat, greater constituencies and local
// associations, or a Norwegian-led district of clubs, with members and boards. Everything is made from a seed, so two runs with one seed are alike.
// It puts them into a register through the same acts everybody else uses.
package demo

import (
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/golang-sql/civil"
)

// body is one body to be made below the root.
type body struct {
	code, name, level, parent string // parent is a code; "" is the root
	weight                    int    // its share of the members; 0 for none
	country                   string // where its members live, if abroad
}

var inCode = strings.NewReplacer(" ", "-", "æ", "ae", "ä", "a", "ø", "oe", "ö", "o", "å", "aa", "é", "e", "ü", "u", ".", "")

// slug makes a body's code of its name.
func slug(name string) string { return inCode.Replace(strings.ToLower(name)) }

// file streams the invented members as CSV, so that the demo goes the way of
// every import. The reader ends after count members.
func file(f *federation, rng *rand.Rand, all []body, count int, today civil.Date) io.Reader {
	r, w := io.Pipe()
	go func() {
		out := csv.NewWriter(w)
		out.Comma = ';'
		out.Write(f.headings)
		g := &generator{federation: f, rng: rng, all: all, today: today}
		for i := range count {
			out.Write(f.member(g, f.first+i))
		}
		out.Flush()
		w.CloseWithError(out.Error())
	}()
	return r
}

// generator invents members one after the other. The last one is remembered,
// since couples share an address and some a mailbox.
type generator struct {
	*federation
	rng   *rand.Rand
	all   []body
	total int
	today civil.Date
	last  []string
}

// dealtTo reports whether a member is one of the first few, dealt to a body in
// its turn.
func (g *generator) dealtTo(i int) bool {
	return i < g.rounds*len(g.all) && g.all[i%len(g.all)].weight > 0
}

// body deals the members out by weight; the first few of each association
// come first, so that every board can be filled however few members there are.
func (g *generator) body(i int) body {
	if g.total == 0 {
		for _, b := range g.all {
			g.total += b.weight
		}
	}
	if g.dealtTo(i) {
		return g.all[i%len(g.all)]
	}
	at := g.rng.IntN(g.total)
	for _, b := range g.all {
		if at -= b.weight; at < 0 {
			return b
		}
	}
	return body{}
}

// birth gives ages from a little above the least up; associations are older
// than their country.
func (g *generator) birth(least int) string {
	years := least + 1 + int(float64(93-least)*g.bell())
	d := g.today.AddDays(-years*365 - years/4 - g.rng.IntN(360))
	return fmt.Sprintf("%02d-%02d-%04d", d.Day, int(d.Month), d.Year)
}

// bell is around a half, seldom near 0 or 1.
func (g *generator) bell() float64 {
	return (g.rng.Float64() + g.rng.Float64() + g.rng.Float64()) / 3
}

// joined is after the birthday one can join at and before today; many joined lately.
func (g *generator) joined(birth string, least int) string {
	born, _ := time.Parse("02-01-2006", birth)
	first := civil.DateOf(born.AddDate(least, 1, 0))
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
