package letter

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTheFormComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Draft{Subject: rapid.String().Draw(t, "subject"), Body: rapid.String().Draw(t, "body"), Lang: "da", Kind: rapid.String().Draw(t, "kind")}
		form := d.encode()
		if len(form)%sealedStep > 1 { // the padding's own length takes one byte or two
			t.Fatalf("%d bytes tell which letter it is", len(form))
		}
		var l Letter
		if err := l.decode(form); err != nil || l.Subject != d.Subject || l.Body != d.Body || l.Lang != d.Lang || l.Kind != d.Kind {
			t.Fatalf("%+v became %+v, %v", d, l, err)
		}
	})
	if err := new(Letter).decode([]byte{0x0a, 0xff}); err == nil {
		t.Error("a damaged form is read")
	}
}

// The diagram of the package and the table agree.
func TestStates(t *testing.T) {
	all := []State{Waiting, Posted, Returned, Dropped, Ended}
	want := map[State]string{Waiting: "posted dropped ended", Posted: "waiting returned", Returned: "waiting"}
	for _, from := range all {
		var to []string
		for _, next := range all {
			if from.canBecome(next) {
				to = append(to, string(next))
			}
		}
		if strings.Join(to, " ") != want[from] {
			t.Errorf("%s becomes %v, want %s", from, to, want[from])
		}
	}
}

func TestParagraphs(t *testing.T) {
	got := paragraphs("Kære\r\n\r\nførste\nlinje to\n\n\n\nsidste\n")
	if !slices.Equal(got, []string{"Kære", "første\nlinje to", "sidste"}) {
		t.Errorf("%q", got)
	}
}
