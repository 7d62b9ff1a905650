package joining

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The diagram in the package comment and the transition table say the same.
func TestTheDiagramIsTheTransitionTable(t *testing.T) {
	source, err := os.ReadFile("joining.go")
	if err != nil {
		t.Fatal(err)
	}
	comment, _, _ := strings.Cut(string(source), "\npackage joining")
	var drawn []transition
	for _, m := range regexp.MustCompile(`(?m)^//\t(\w+) ──(\w+)──▶ (\w+)$`).FindAllStringSubmatch(comment, -1) {
		drawn = append(drawn, transition{State(m[1]), Event(m[2]), State(m[3])})
	}
	if !slices.Equal(drawn, transitions) {
		t.Errorf("drawn\n%v\nin the table\n%v", drawn, transitions)
	}
}

// Whatever happens in whatever order: an application goes along the table, nobody
// is accepted whose address was not confirmed, nor without a recommendation where
// one is wanted, and what is over stays over.
func TestEveryLifeFollowsTheTable(t *testing.T) {
	events := []Event{Prove, Seek, Recommend, Ask, Answer, Accept, Arrive, Refuse, Decline, Lapse, Withdraw}
	rapid.Check(t, func(t *rapid.T) {
		a := Application{State: Started}
		proved, sponsored, wanted := false, false, false
		for range 14 {
			before, by := a.State, rapid.SampledFrom(events).Draw(t, "event")
			err := a.step(by)
			to, ok := before.next(by)
			if ok != (err == nil) || ok && a.State != to || !ok && a.State != before {
				t.Fatalf("%s %s: %s, %v", before, by, a.State, err)
			}
			if ok {
				proved, wanted = proved || by == Prove || by == Seek, wanted || by == Seek
				sponsored = sponsored || by == Recommend
			}
			if (a.State == Agreed || a.State == Accepted) && (!proved || wanted && !sponsored) {
				t.Fatal("accepted too soon")
			}
			if (a.State == Accepted || a.State == Ended) == a.State.Open() {
				t.Fatalf("%s open: %v", a.State, a.State.Open())
			}
		}
	})
}

// D11: what is not finished, and what was taken back, is nobody's business; and of
// another body's nothing is.
func TestD11WhoSeesAnApplication(t *testing.T) {
	for _, state := range []State{Started, Unsponsored, Ended} {
		a := Application{State: state}
		if a.Sees(Stance{In: true, Office: true}) {
			t.Errorf("%s is seen", state)
		}
	}
	a := Application{State: Waiting}
	if a.Sees(Stance{}) || a.May(Accept, Stance{}) || !a.May(Accept, Stance{In: true}) || a.May(Withdraw, Stance{Office: true}) {
		t.Error("the wrong one decides")
	}
}

func TestN9NoIdentityNumberInAnAnswer(t *testing.T) {
	for text, ok := range map[string]bool{"Gardener for 20 years": true, "": false, "010190-1234": false, strings.Repeat("ø", 501): false} {
		if err := checkText(text, "question", longestQuestion); (err == nil) != ok {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}
