package agreement

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
)

// next are the steps there are.
var next = map[State][]State{
	Open: {Signed, Replaced}, Returned: {Signed, Replaced}, Signed: {Accepted, Returned, Replaced},
	Accepted: {Countersigned, Returned, Replaced}, Countersigned: {Concluded, Replaced}, Concluded: {Replaced},
}

// May reports whether a state follows another.
func (s State) May(to State) bool { return slices.Contains(next[s], to) }

const (
	longestItem   = 200
	longestReason = 1500
	LargestFile   = 4 << 20 // of a scan, or of the agreement with a processor
	longestAge    = 400     // days a decision is old at most
)

// check says what is wrong with a mandate.
func (m *Mandate) check(today civil.Date) error {
	m.Item = strings.TrimSpace(m.Item)
	wrong := fault.New(fault.Invalid, "agreement.error.mandate")
	if !slices.Contains(Meetings, m.Meeting) {
		wrong = wrong.With("meeting", "agreement.error.meeting")
	}
	switch {
	case m.On.IsZero() || m.On.After(today):
		wrong = wrong.With("on", "agreement.error.on")
	case today.DaysSince(m.On) > longestAge:
		wrong = wrong.With("on", "agreement.error.old")
	}
	if m.Item == "" || utf8.RuneCountInString(m.Item) > longestItem {
		wrong = wrong.With("item", "agreement.error.item")
	}
	if len(wrong.Fields) > 0 {
		return wrong
	}
	return nil
}

// checkFile refuses what is no PDF and no picture, and what is too large.
func checkFile(content []byte) error {
	known := slices.ContainsFunc([]string{"%PDF-", "\xff\xd8\xff", "\x89PNG"}, func(mark string) bool { return strings.HasPrefix(string(content[:min(len(content), 8)]), mark) })
	if !known || len(content) > LargestFile {
		return fault.New(fault.Invalid, "agreement.error.scan").With("file", "agreement.error.file", "limit", LargestFile>>20)
	}
	return nil
}

func reason(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" || utf8.RuneCountInString(text) > longestReason {
		return "", fault.New(fault.Invalid, "agreement.error.reason").With("reason", "agreement.error.reason_text")
	}
	return text, nil
}

// eea are the countries in which the GDPR itself applies.
const eea = " AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO "

// InEEA reports whether the GDPR applies in a country.
func InEEA(country string) bool { return len(country) == 2 && strings.Contains(eea, " "+country+" ") }

// check says what is wrong with a processor.
func (p *Processor) check(c *charter.Charter) error {
	for _, text := range []*string{&p.Name, &p.Address, &p.Contact, &p.Country, &p.Task} {
		*text = strings.TrimSpace(*text)
	}
	p.Country = strings.ToUpper(p.Country)
	wrong := fault.New(fault.Invalid, "agreement.error.processor")
	for _, f := range []struct{ name, value string }{{"name", p.Name}, {"address", p.Address}, {"task", p.Task}} {
		if f.value == "" || utf8.RuneCountInString(f.value) > longestItem {
			wrong = wrong.With(f.name, "agreement.error.text")
		}
	}
	if !slices.ContainsFunc(strings.Fields(p.Contact), func(word string) bool { _, ok := locale.ParseEmail(word); return ok }) {
		wrong = wrong.With("contact", "agreement.error.contact")
	}
	if len(p.Country) != 2 || strings.Trim(p.Country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		wrong = wrong.With("country", "agreement.error.country")
	}
	switch inside := InEEA(p.Country); {
	case !slices.Contains(Transfers, p.Transfer), inside != (p.Transfer == "eea"):
		wrong = wrong.With("transfer", "agreement.error.transfer")
	case p.Transfer == "dpf" && p.Country != "US":
		wrong = wrong.With("transfer", "agreement.error.dpf")
	}
	if len(p.Purposes) == 0 {
		wrong = wrong.With("purposes", "agreement.error.purposes")
	}
	for _, code := range p.Purposes {
		if _, known := c.Purpose(code); !known {
			wrong = wrong.With("purposes", "agreement.error.purposes")
		}
	}
	if len(p.Fields) == 0 || slices.ContainsFunc(p.Fields, func(code string) bool { _, known := c.Field(code); return !known }) {
		wrong = wrong.With("fields", "agreement.error.fields")
	}
	if len(wrong.Fields) > 0 {
		return wrong
	}
	return nil
}

// chain puts processors under those they work for, and says how deep each stands. One
// whose parent is not among them stands at the top.
func chain(all []Processor) []Processor {
	under := map[int64][]Processor{}
	known := map[int64]bool{}
	for _, p := range all {
		known[p.ID] = true
	}
	for _, p := range all {
		parent := p.Parent
		if !known[parent] {
			parent = 0
		}
		under[parent] = append(under[parent], p)
	}
	var out []Processor
	var walk func(parent int64, depth int)
	walk = func(parent int64, depth int) {
		for _, p := range under[parent] {
			p.Depth = depth
			out = append(out, p)
			walk(p.ID, depth+1)
		}
	}
	walk(0, 0)
	return out
}

// marks are the fingerprints of processors, by which a text knows whom it names.
func marks(all []Processor) []string {
	out := make([]string, 0, len(all))
	for i := range all {
		out = append(out, all[i].mark())
	}
	return out
}

func (p *Processor) mark() string {
	sum := hash([]byte(strings.Join([]string{
		strconv.FormatInt(p.ID, 10), strconv.FormatInt(p.Parent, 10), p.Name, p.Address, p.Country, p.Transfer, p.Task, strings.Join(p.Purposes, " "), strings.Join(p.Fields, " "),
	}, "\x00")))
	return strconv.FormatInt(p.ID, 10) + ":" + hex.EncodeToString(sum[:8])
}

// rules is the fingerprint of what the charter says of the processing: purposes, grounds,
// fields and times. It is of codes and the charter's own words, so that new words of the
// program ask nobody to sign anew.
func rules(c *charter.Charter, kind string) string {
	var text strings.Builder
	fmt.Fprintln(&text, kind, c.ListDays, c.Window, c.Agreements.NoticeDays.Value, c.Agreements.KeepYears.Value, c.Parameters.BreachHours.Value)
	for i := range c.Purposes {
		p := &c.Purposes[i]
		fmt.Fprintf(&text, "%s\x00%s\x00%s\x00%s\x00%s\n", p.Code, p.Basis, p.Basis9, p.BasisText.In(c.Languages[0]), strings.Join(p.Fields, " "))
	}
	sum := hash([]byte(text.String()))
	return hex.EncodeToString(sum[:8])
}

// changed says why a text that rests on old terms no longer tells what holds, "" where it
// does. A processor counts from the day on which it gets anything, and only once no
// objection to it waits for an answer; one that has ended counts at once.
func changed(old *Terms, rules string, chain []Processor, today civil.Date) string {
	if old == nil {
		return ""
	}
	if old.Rules != rules {
		return NewRules
	}
	there := marks(chain)
	for i := range chain {
		if p := &chain[i]; !p.From.After(today) && p.Objections == 0 && !slices.Contains(old.Chain, there[i]) {
			return NewChain
		}
	}
	for _, mark := range old.Chain {
		if !slices.Contains(there, mark) {
			return NewChain
		}
	}
	return ""
}

// Bound is a body that must agree on something, and with which body above it (L10).
type Bound struct {
	Unit unit.Unit
	Kind string
	With unit.ID
}

// bound lists what follows from the charter's roles for the bodies there are. It is
// decided by the roles alone; where no body of the level above is on the way up, the
// root is the other side.
func bound(c *charter.Charter, tree *unit.Tree) (all []Bound) {
	for _, u := range tree.All() {
		kind, with := c.Binding(u.Level)
		if kind == "" || u.Closed {
			continue
		}
		b := Bound{Unit: u, Kind: kind}
		for up, ok := tree.ByID(u.Parent); ok; up, ok = tree.ByID(up.Parent) {
			if up.Level == with.Code {
				b.With = up.ID
				break
			}
		}
		if root, ok := tree.Root(); ok && b.With == 0 {
			b.With = root.ID
		}
		all = append(all, b)
	}
	return all
}

// hash is the fingerprint of a text.
func hash(content []byte) []byte {
	sum := sha256.Sum256(content)
	return sum[:]
}
