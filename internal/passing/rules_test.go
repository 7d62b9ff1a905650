package passing

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// there is a recipient as a model: entries by person, what it was told to hold, and
// which batches it has taken, since it takes each once.
type there struct {
	entries map[int]Prints
	held    map[int]bool
	taken   map[int64]bool
}

func (o *there) take(batch int64, lines map[int]Prints) {
	if o.taken[batch] {
		return
	}
	o.taken[batch] = true
	for person, prints := range lines {
		o.entries[person], o.held[person] = maps.Clone(prints), false
	}
}

// N12: whatever happens on the way — changes, refusals, lost answers, batches given up,
// batches sent twice, everything in any order —, when all is acknowledged and a last run
// is too, the recipient has exactly those whose ground stands, each as they are, and
// knows whom to hold.
func TestN12TheDeltaEndsWhereItShould(t *testing.T) {
	codes := []string{"number", "unit", "given", "address", "phone"}
	rapid.Check(t, func(t *rapid.T) {
		outside := &there{map[int]Prints{}, map[int]bool{}, map[int64]bool{}}
		const persons = 3
		var passed [persons]*Passed
		var now [persons]Now
		value := func(person int, label string) Prints {
			p := Prints{}
			for i, code := range codes {
				numbers := now[person].Numbers && i > 1
				covered := now[person].Covered && (IsAddress(code) || code == "phone")
				if n := rapid.IntRange(0, 2).Draw(t, label+code); !numbers && !covered && (n > 0 || i < 2) {
					p[code] = Print{byte(n + 1)}
				}
			}
			return p
		}
		change := func(person int) {
			n := &now[person]
			n.On, n.Stopped = rapid.Bool().Draw(t, "on"), rapid.Bool().Draw(t, "stopped")
			n.Numbers, n.Covered, n.Why = rapid.Bool().Draw(t, "numbers"), rapid.Bool().Draw(t, "covered"), NoConsent
			if n.On = n.On && !n.Stopped; n.On {
				n.Prints = value(person, "value ")
			} else {
				n.Prints, n.Numbers, n.Covered = nil, false, false
			}
		}
		type flight struct {
			id    int64
			who   []int
			tries int
		}
		var flying []flight
		var last int64
		run := func() {
			f := flight{id: last + 1}
			for person := range persons {
				for again := true; again; { // a withheld field and a change of the rest are two steps
					again = false
					s := next(passed[person], now[person])
					switch p := passed[person]; s.Event {
					case Join, Change:
						if p == nil {
							p = &Passed{}
							passed[person] = p
						}
						p.Batch, p.Sent = f.id, nil
						f.who = append(f.who, person)
					case Leave:
						delete(outside.entries, person) // references are told in order, until confirmed
						delete(outside.held, person)
						p.took(s)
						p.confirmed(Leave)
					case Restrict:
						outside.held[person] = true
						p.took(s)
					case Withhold:
						for _, code := range s.Fields {
							delete(outside.entries[person], code)
						}
						p.took(s)
						again = true
					}
				}
			}
			if len(f.who) > 0 {
				last++
				flying = append(flying, f)
			}
		}
		// attempt sends the first batch on its way; arrives and answered say how it went.
		attempt := func(arrives, answered bool) {
			f := &flying[0]
			lines := map[int]Prints{}
			for _, person := range f.who {
				p := passed[person]
				if p == nil || p.Batch != f.id {
					continue
				}
				if !now[person].On {
					if f.tries == 0 || p.Sent == nil {
						p.Batch, p.Sent = 0, nil
						if p.State == "" {
							passed[person] = nil
						}
					}
					continue
				}
				p.sending(f.id, now[person].Prints, f.tries > 0)
				p.Numbers = now[person].Numbers
				lines[person] = now[person].Prints
			}
			f.tries++
			if arrives {
				outside.take(f.id, lines)
			}
			if !arrives || !answered {
				return
			}
			for _, person := range f.who {
				if passed[person] != nil {
					passed[person].acknowledged(f.id)
				}
			}
			flying = flying[1:]
		}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0, 1:
				change(rapid.IntRange(0, persons-1).Draw(t, "person"))
			case 2:
				run()
			case 3:
				if len(flying) > 0 {
					attempt(rapid.Bool().Draw(t, "arrives"), rapid.Bool().Draw(t, "answered"))
				}
			case 4:
				if len(flying) > 0 && flying[0].tries > 0 && rapid.Bool().Draw(t, "given up") {
					for _, person := range flying[0].who {
						if passed[person] != nil {
							passed[person].failed(flying[0].id)
						}
					}
					flying = flying[1:]
				}
			}
		}
		for range 3 {
			run()
			for len(flying) > 0 {
				attempt(true, true)
			}
		}
		for person := range persons {
			entry, has := outside.entries[person]
			switch n := now[person]; {
			case n.On && (!has || !maps.Equal(entry, n.Prints)):
				t.Fatalf("%d should be %v, is %v; %+v", person, n.Prints, entry, passed[person])
			case n.On && outside.held[person]:
				t.Fatalf("%d is still held", person)
			case !n.On && !n.Stopped && has:
				t.Fatalf("%d should be gone, is %v; %+v", person, entry, passed[person])
			case n.Stopped && has && !outside.held[person]:
				t.Fatalf("%d should be held; %+v", person, passed[person])
			}
			if p := passed[person]; p != nil && has {
				for code := range entry {
					if !slices.Contains(p.Fields, code) {
						t.Fatalf("%d: the recipient has %s, and nobody here knows: %v", person, code, p.Fields)
					}
				}
			}
		}
	})
}

// What is written of prints is read again, and what is damaged is no more than short.
func FuzzPrints(f *testing.F) {
	f.Add(Prints{"number": {1, 2}, "given": {}}.pack())
	f.Add([]byte("x\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p := unpack(b)
		if again := unpack(p.pack()); !maps.Equal(p, again) {
			t.Fatalf("%v is read as %v", p, again)
		}
	})
}
