// Package round is a round of telephone calls to members: who is to be called is
// fixed when it begins, one person at a time is shown, each answer is ticked off,
// and nothing is downloaded. It ends with its purpose's last day at the latest,
// and with it the key its calls are sealed under. It reaches members only through
// the directory, with a Scope, and every showing is journaled.
//
//	        Begin               Mark, until nobody waits; End; the last day
//	(wish) ───────▶ under way ──────────────────────────────────────────────▶ over
package round

import (
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Whom a round is to.
type Group string

const (
	Newcomers Group = "new" // who joined or came from another body of late
	Everybody Group = "all" // everybody within the body
)

// Groups are those one can choose among.
var Groups = []Group{Newcomers, Everybody}

// Wish is what somebody begins a round for.
type Wish struct {
	Unit    unit.ID // 0: the body of one's own post
	Purpose string  // the charter's code: it decides the fields and who is left out (L8)
	Group   Group
	Since   civil.Date // of newcomers: from that day; zero is the last thirty days
}

// State is how a call stands.
type State uint8

const (
	Waiting  State = 0 // not called yet
	Reached  State = 1
	NoAnswer State = 2 // to be tried again, after the others
	Declined State = 3 // wants no such calls
)

// Codes of the states, in forms and messages.
var codes = [...]string{Waiting: "waiting", Reached: "reached", NoAnswer: "no_answer", Declined: "declined"}

// Code is the state's word in forms and message keys.
func (s State) Code() string {
	if int(s) < len(codes) {
		return codes[s]
	}
	return "unknown"
}

// ParseState gives the state an answer means; a call is not made to wait again.
func ParseState(code string) (State, bool) {
	for s := Reached; int(s) < len(codes); s++ {
		if codes[s] == code {
			return s, true
		}
	}
	return 0, false
}

// Round is a round as its officers know it.
type Round struct {
	Number  int64
	Unit    unit.ID // 0: of the whole register
	Purpose string
	By      vault.PersonID
	BegunAt time.Time
	EndsOn  civil.Date // its last day
	Members int
	Left    int       // still to be called
	EndedAt time.Time // zero while under way
}

// Call is one person in a round.
type Call struct {
	Person vault.PersonID
	State  State
	At     time.Time // of the last answer
}

// Person is who is to be called now, with the purpose's fields.
type Person struct {
	Call
	Number, Name  string
	Phone, Mobile string // E.164
	Town          string
	Joined        string // YYYY-MM-DD
	Place, Of     int    // how far the round is: the 7th of 23
}

// calls is a round's sealed part.
type calls []Call

// Fields of the binary form.
const formCall = 1

const (
	formPerson = iota + 1
	formState
	formAt
)

func (all calls) encode() []byte {
	var w record.Writer
	for _, c := range all {
		var one record.Writer
		one.Uint(formPerson, uint64(c.Person)).Uint(formState, uint64(c.State))
		if !c.At.IsZero() {
			one.Uint(formAt, uint64(c.At.UnixMicro()))
		}
		w.Blob(formCall, one.Bytes)
	}
	return w.Bytes
}

func decode(plain []byte) (all calls, err error) {
	r := record.NewReader(plain)
	for r.Next() {
		if r.Field() != formCall {
			continue
		}
		var c Call
		one := record.NewReader(r.Blob())
		for one.Next() {
			switch one.Field() {
			case formPerson:
				c.Person = vault.PersonID(one.Uint())
			case formState:
				c.State = State(one.Uint())
			case formAt:
				c.At = time.UnixMicro(int64(one.Uint())).UTC()
			}
		}
		if err := one.Err(); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, r.Err()
}

// left is how many are still to be called.
func (all calls) left() (n int) {
	for _, c := range all {
		if c.State == Waiting || c.State == NoAnswer {
			n++
		}
	}
	return n
}

// persons is the set of everybody in the round.
func (all calls) persons() *roaring.Bitmap {
	set := roaring.New()
	for _, c := range all {
		set.Add(uint32(c.Person))
	}
	return set
}

// next gives whom to call: first whoever was not called yet, then whoever did not
// answer, the longest ago first. -1: nobody.
func (all calls) next(may func(vault.PersonID) bool) int {
	best := -1
	for i, c := range all {
		switch {
		case c.State != Waiting && c.State != NoAnswer || !may(c.Person):
		case c.State == Waiting:
			return i
		case best < 0 || c.At.Before(all[best].At):
			best = i
		}
	}
	return best
}

// find gives a person's place; -1 for somebody who is not in the round.
func (all calls) find(person vault.PersonID) int {
	for i, c := range all {
		if c.Person == person {
			return i
		}
	}
	return -1
}
