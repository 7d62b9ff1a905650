package transfer

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kartotek/internal/charter"
	"kartotek/internal/locale"
)

// The diagrams in the package comment and the transition table say the same.
func TestTheDiagramIsTheTransitionTable(t *testing.T) {
	source, err := os.ReadFile("transfer.go")
	if err != nil {
		t.Fatal(err)
	}
	comment, _, _ := strings.Cut(string(source), "\npackage transfer")
	var drawn []transition
	for _, m := range regexp.MustCompile(`(?m)^//\t(\w+) ──(\w+)──▶ (\w+)$`).FindAllStringSubmatch(comment, -1) {
		drawn = append(drawn, transition{State(m[1]), Event(m[2]), State(m[3])})
	}
	for _, one := range drawn {
		if !slices.Contains(transitions, one) {
			t.Errorf("%v is drawn and not in the table", one)
		}
	}
	for _, one := range transitions {
		if !slices.Contains(drawn, one) {
			t.Errorf("%v is in the table and not drawn", one)
		}
	}
}

// Whatever happens in whatever order: a case goes along the table, ends once, and
// nothing happens to it afterwards.
func TestEveryLifeFollowsTheTable(t *testing.T) {
	events := []Event{Look, Accept, Refuse, Cancel, Arrive, Lapse}
	over := []State{Moved, Refused, Cancelled, Expired, Joined, Ended}
	rapid.Check(t, func(t *rapid.T) {
		c := Case{State: rapid.SampledFrom([]State{Asked, Received}).Draw(t, "start")}
		said := false // somebody has said yes, and nobody no after that
		for range 12 {
			before, by := c.State, rapid.SampledFrom(events).Draw(t, "event")
			err := c.step(by)
			to, ok := before.next(by)
			if ok != (err == nil) || ok && c.State != to || !ok && c.State != before {
				t.Fatalf("%s %s: %s, %v", before, by, c.State, err)
			}
			if ok {
				said = by == Accept || said && by != Refuse && by != Cancel
			}
			if (c.State == Moved || c.State == Joined) && !said {
				t.Fatalf("%s without a yes", c.State)
			}
			if slices.Contains(over, c.State) == c.State.Open() {
				t.Fatalf("%s open: %v", c.State, c.State.Open())
			}
		}
	})
}

// D11: whatever becomes of an addition, the body that made it sees one word until
// its day, and nothing of whom the house has asked.
func TestD11ABodySeesOneWordUntilTheDay(t *testing.T) {
	rules := &charter.Transfers{Confirm: []string{"member", "body", "secretariat"}}
	body := Stance{In: true}
	for _, state := range []State{Received, Waiting, Confirmed, Declined} {
		for _, move := range []int64{0, 12345678} {
			c := Case{Kind: Addition, State: state, Adding: Adding{Move: move}}
			if c.Shown(body) != Waiting || !c.Sees(body) || c.May(Accept, body, rules) || c.May(Refuse, body, rules) || !c.May(Cancel, body, rules) {
				t.Errorf("%s, asked %v: %s", state, move != 0, c.Shown(body))
			}
		}
	}
	asked := Case{Kind: Move, State: Asked, Moving: Moving{Side: ByReceiver, Addition: 1}}
	if asked.Sees(body) || asked.May(Accept, body, rules) || asked.May(Cancel, body, rules) {
		t.Error("the body that added sees the question to the other")
	}
	for who, st := range map[string]Stance{"member": {Self: true}, "body": {Out: true}, "secretariat": {Office: true}} {
		if !asked.May(Accept, st, rules) || !asked.May(Refuse, st, rules) {
			t.Errorf("%s cannot answer", who)
		}
		if asked.May(Accept, st, &charter.Transfers{}) {
			t.Errorf("%s answers though the charter does not say so", who)
		}
	}
}

// Who proposed does not answer, and the member can always say no.
func TestTheOtherSideAnswers(t *testing.T) {
	rules := &charter.Transfers{Confirm: []string{"member", "body"}}
	c := Case{Kind: Move, State: Asked, Moving: Moving{Side: BySender}}
	for who, want := range map[string]struct {
		st                     Stance
		accept, refuse, cancel bool
	}{
		"sender":   {Stance{Out: true}, false, false, true},
		"receiver": {Stance{In: true}, true, true, false},
		"member":   {Stance{Self: true}, false, true, true},
		"office":   {Stance{Office: true}, true, true, true},
		"stranger": {Stance{}, false, false, false},
	} {
		if c.May(Accept, want.st, rules) != want.accept || c.May(Refuse, want.st, rules) != want.refuse || c.May(Cancel, want.st, rules) != want.cancel {
			t.Errorf("%s: accept %v, refuse %v, cancel %v", who, c.May(Accept, want.st, rules), c.May(Refuse, want.st, rules), c.May(Cancel, want.st, rules))
		}
	}
}

func TestEveryStateSideAndReasonHasWords(t *testing.T) {
	var keys []string
	for _, one := range transitions {
		keys = append(keys, "transfer.state."+string(one.from), "transfer.state."+string(one.to))
	}
	for _, reason := range Reasons {
		keys = append(keys, "transfer.reason."+reason)
	}
	for _, side := range []Side{BySender, ByReceiver, ByMember, BySecretariat} {
		keys = append(keys, "transfer.side."+string(side))
	}
	for _, kind := range []Kind{Move, Addition} {
		keys = append(keys, "transfer.kind."+string(kind))
	}
	for _, lang := range locale.Languages() {
		for _, key := range keys {
			if !locale.For(lang).Has(key) {
				t.Errorf("%s: no words for %s", lang, key)
			}
		}
	}
}
