package look

import (
	"os"
	"strings"
	"testing"
)

// D2: the pictures of counted numbers, letter by letter. After a change that is meant,
// write testdata/chart.svg anew from what the test prints.
func TestD2Chart(t *testing.T) {
	var out strings.Builder
	for _, c := range []Chart{
		{ID: "a", Title: "Antal medlemmer", Text: "Fra 980 til 1 020.", Items: []Item{
			{Name: "2025", Mark: true, At: 0, Values: []float64{980}}, {At: 100, Values: []float64{1000}}, {At: 200},
			{At: 300, Values: []float64{1010}}, {Name: "2026", Mark: true, At: 365, Values: []float64{1020}},
		}},
		{ID: "b", Kind: Pairs, Title: "Kommet & gået", Text: "<ingen>", Items: []Item{
			{Name: "jan.", Mark: true, Values: []float64{12, 7}}, {Name: "feb."}, {Name: "mar.", Mark: true, Values: []float64{25, 5}},
		}},
		{ID: "c", Kind: Parts, Title: "Efter alder", Text: "To grupper.", Items: []Item{
			{Name: "Under 45 år", Values: []float64{41}, Texts: []string{"41"}}, {Name: "Ældre", Values: []float64{101}, Texts: []string{"101"}},
		}},
		{ID: "d", Title: "Intet", Text: "Intet er talt."},
	} {
		out.WriteString(strings.ReplaceAll(render(t, c), "><", ">\n<") + "\n")
	}
	want, err := os.ReadFile("testdata/chart.svg")
	if err != nil || out.String() != string(want) {
		t.Errorf("%v\n%s", err, out.String())
	}
}
