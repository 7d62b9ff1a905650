package passing

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
)

// Now is how somebody is to stand with a recipient at this moment.
type Now struct {
	On      bool   // their data may be passed on
	Numbers bool   // with number and body only
	Stopped bool   // kept but not used (Art. 18): told to the recipient as it is
	Covered bool   // their address is secret
	Why     Why    // where they are not on
	Prints  Prints // of what would be passed on; nil where they are not
}

// Step is what follows for one person.
type Step struct {
	Event  Event // "" for nothing
	Why    Why
	Fields []string // of Withhold
}

// next compares what a recipient has of somebody with what it should have. A nil
// Passed is somebody it never heard of. What is taken back does not wait for an answer
// to what is on its way; what is added does.
func next(p *Passed, now Now) Step {
	has := p != nil && (p.State == Standing || p.State == Restricted)
	switch {
	case has && now.Stopped:
		if p.State == Restricted {
			return Step{}
		}
		return Step{Event: Restrict, Why: IsStopped}
	case !now.On && has:
		return Step{Event: Leave, Why: now.Why}
	case !now.On:
		return Step{}
	}
	if has {
		if gone := held(p, now); len(gone) > 0 {
			why := NoConsent
			switch {
			case now.Numbers && !p.Numbers:
			case now.Covered:
				why = IsCovered
			default:
				why = Undeclared
			}
			return Step{Event: Withhold, Why: why, Fields: gone}
		}
	}
	switch {
	case p != nil && p.Batch != 0:
		return Step{} // its answer comes first
	case p == nil || p.State == Removed || p.State == Removing:
		return Step{Event: Join}
	case p.State == Restricted || p.Numbers != now.Numbers || !maps.Equal(p.Known, now.Prints):
		return Step{Event: Change}
	}
	return Step{}
}

// IsAddress reports whether a secret address covers a field.
func IsAddress(code string) bool {
	return code == "address" || code == "postal" || code == "town" || code == "country"
}

// held are the fields the recipient has, or may have, that must go from it and not
// only change: those the person's level does not allow any more, and a secret address.
func held(p *Passed, now Now) []string {
	var gone []string
	for _, code := range p.Fields {
		_, still := now.Prints[code]
		if !still && (now.Numbers && code != "number" && code != "unit" || now.Covered && (IsAddress(code) || code == "phone")) { // a strict one covers the phone too
			gone = append(gone, code)
		}
	}
	slices.Sort(gone)
	return gone
}

// sending puts a person on the way in a batch with the prints of what leaves. In a
// repeated attempt, what differs from the attempt before is known to nobody: either may
// be what the recipient kept.
func (p *Passed) sending(batch int64, prints Prints, again bool) {
	if !again || p.Batch != batch {
		p.Batch, p.Sent = batch, maps.Clone(prints)
	} else {
		p.Sent = doubtful(p.Sent, prints)
	}
	p.State = Standing
	for code := range prints {
		if !slices.Contains(p.Fields, code) {
			p.Fields = append(p.Fields, code)
		}
	}
	slices.Sort(p.Fields)
}

// doubtful are the prints of two versions of which the recipient has one: where they
// differ, nobody knows.
func doubtful(a, b Prints) Prints {
	out := Prints{}
	for _, of := range []Prints{a, b} {
		for code := range of {
			one, in := a[code]
			other, too := b[code]
			if in && too && one == other {
				out[code] = one
			} else {
				out[code] = Print{}
			}
		}
	}
	return out
}

// acknowledged notes that the recipient has a batch.
func (p *Passed) acknowledged(batch int64) bool {
	if p.Batch != batch || batch == 0 {
		return false // taken back meanwhile
	}
	p.Known, p.Sent, p.Batch = p.Sent, nil, 0
	p.Fields = slices.Sorted(maps.Keys(p.Known))
	return true
}

// failed notes that nobody knows whether the recipient has a batch: what it brought
// goes again.
func (p *Passed) failed(batch int64) bool {
	if p.Batch != batch || batch == 0 {
		return false
	}
	p.Known, p.Sent, p.Batch = doubtful(p.Known, p.Sent), nil, 0
	return true
}

// doubt makes everything known unknown, so that the next run brings all of it.
func (p *Passed) doubt() {
	for code := range p.Known {
		p.Known[code] = Print{}
	}
}

// took notes that the recipient is told to delete or hold.
func (p *Passed) took(s Step) {
	switch s.Event {
	case Leave:
		p.State, p.Known, p.Sent, p.Batch = Removing, nil, nil, 0
	case Restrict:
		p.State, p.Sent, p.Batch = Restricted, nil, 0
		p.doubt()
	case Withhold:
		for _, code := range s.Fields {
			delete(p.Known, code)
			delete(p.Sent, code)
		}
		p.Numbers = p.Numbers || s.Why == NoConsent
		p.Fields = slices.DeleteFunc(p.Fields, func(code string) bool { return slices.Contains(s.Fields, code) })
	}
}

// confirmed notes that the recipient has done what a line told it.
func (p *Passed) confirmed(e Event) {
	if e == Leave && p.State == Removing {
		p.State, p.Fields = Removed, nil
	}
}

// brakes reports whether a run must be let go by a second person: more join, or more
// are taken back, than the charter's share of those who stand (L3, N12). A first run is
// looked at before it begins, and has nobody to be a share of.
func brakes(c *charter.Passing, kind Kind, counts *Counts, standing int) bool {
	most := max(c.ShareMinimum.Value, standing*c.SharePercent.Value/100)
	return kind != First && kind != Closing && (counts.Joins > most || counts.Removed() > most)
}

// transition is one arrow of a batch's life.
type transition struct{ from, to BatchState }

var transitions = []transition{
	{Ready, Sent}, {Ready, Acknowledged}, {Ready, Failed}, {Sent, Acknowledged}, {Sent, Failed}, {Failed, Ready},
}

func (s BatchState) canBecome(next BatchState) bool {
	return slices.Contains(transitions, transition{s, next})
}

// due is the day on which the next run is due.
func due(ran civil.Date, every int) civil.Date { return ran.AddDays(every) }

func joined(codes []string) string { return strings.Join(codes, " ") }

func split(text string) []string { return strings.Fields(text) }

// pack writes prints into a record: code, a zero byte, eight bytes.
func (p Prints) pack() []byte {
	var b []byte
	for _, code := range slices.Sorted(maps.Keys(p)) {
		print := p[code]
		b = append(append(append(b, code...), 0), print[:]...)
	}
	return b
}

// unpack reads them; what it did not write ends it.
func unpack(b []byte) Prints {
	var p Prints
	for len(b) > 0 {
		code, rest, found := bytes.Cut(b, []byte{0})
		if !found || len(rest) < len(Print{}) {
			return p
		}
		if p == nil {
			p = Prints{}
		}
		p[string(code)] = Print(rest[:len(Print{})])
		b = rest[len(Print{}):]
	}
	return p
}

func micros(t time.Time) uint64 {
	if t.IsZero() {
		return 0
	}
	return uint64(t.UnixMicro())
}

func moment(micros uint64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(micros)).UTC()
}
