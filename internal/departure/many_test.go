package departure_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kartotek/internal/app/housetest"
	"kartotek/internal/departure"
	"kartotek/internal/duty"
	"kartotek/internal/extract"
	"kartotek/internal/fault"
)

// D6, D7: many are closed after a preview that names who cannot be; more than the
// charter lets one person close wait for a second; and all come back together.
func TestD6ManyAreClosedByTwo(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		_, err := f.Extracts.Pull(ctx, f.As("chair"), extract.Wish{Purpose: "dues", Format: extract.CSV, Lang: "da"})
		f.Must(err)
		numbers := []string{f.Number["member"], f.Number["neighbour"], f.Number["member"], "999999", f.Number["chair"]}
		p, err := f.Departures.PreviewMany(ctx, f.As("anna"), numbers, "non-payment", false)
		f.Must(err)
		var why []string
		for _, l := range p.Lines {
			why = append(why, strings.TrimPrefix(l.Refused, "departure.error."))
		}
		if p.Going != 2 || !p.Second || !slices.Equal(why, []string{"", "", "many_twice", "many_unknown", "many_holds"}) {
			t.Fatalf("%+v %v", p, why)
		}
		b, err := f.Departures.CloseMany(ctx, f.As("anna"), numbers, "non-payment", false)
		f.Must(err)
		if b.State != departure.BatchProposed || len(open(f, duty.CloseMany)) != 1 {
			t.Fatalf("%+v", b)
		}
		_, err = f.Departures.DecideBatch(ctx, f.As("anna"), b.ID, true)
		refused(t, "one's own", err, fault.Denied, "departure.error.many_second")
		if f.Members.Leaving(f.Person("member")) {
			t.Fatal("closed before anybody approved")
		}
		_, err = f.Departures.DecideBatch(ctx, f.As("bo"), b.ID, true)
		f.Must(err)
		f.Must(f.Departures.RunBatch(ctx, b.ID, nil))
		if b, err = f.Departures.Batch(ctx, f.As("anna"), b.ID); err != nil || b.State != departure.BatchDone || b.Closed != 2 || len(b.Persons) != 0 {
			t.Errorf("%+v, %v", b, err)
		}
		if !f.Members.Leaving(f.Person("member")) || f.Members.Leaving(f.Person("chair")) {
			t.Error("not those of the preview")
		}
		back, late, _, err := f.Departures.UndoBatch(ctx, f.As("anna"), b.ID)
		if err != nil || back != 2 || late != 0 || f.Members.Leaving(f.Person("member")) {
			t.Errorf("%d back, %d late, %v", back, late, err)
		}
		n, err := f.Departures.EndBatches(ctx, f.Now().Add(31*24*time.Hour))
		if err != nil || n != 1 {
			t.Errorf("%d batches end, %v", n, err)
		}
	})
}

// D6, D12: whoever holds lists is not closed before they are attested, pass on, or the
// secretariat says why it closes all the same.
func TestD6ListsAreAttestedBeforeAClosing(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, chair := f.Context(), f.Person("chair")
		_, err := f.Extracts.Pull(ctx, f.As("chair"), extract.Wish{Purpose: "dues", Format: extract.CSV, Lang: "da"})
		f.Must(err)
		r, err := f.Departures.Enter(ctx, f.As("anna"), chair, departure.Resignation{How: "letter", On: f.Access.Today()})
		f.Must(err)
		if len(r.Lists) != 1 || !strings.HasPrefix(r.Number, "U-") {
			t.Errorf("the receipt is %+v", r)
		}
		_, err = f.Departures.CloseFor(ctx, f.As("anna"), chair, departure.Closing{Reason: "resignation"}, false)
		refused(t, "with a list", err, fault.Conflict, "departure.error.holds")
		_, err = f.Departures.CloseFor(ctx, f.As("anna"), chair, departure.Closing{Reason: "resignation", PassLists: true}, false)
		f.Must(err)
		mine, err := f.Extracts.Mine(ctx, f.As("officer"))
		if err != nil || len(mine) != 1 || mine[0].Mine.Done() {
			t.Errorf("the board answers for %+v, %v", mine, err)
		}
	})
}

// N14: nothing from one to below the minimum is told, and nothing is lost that could be
// told together.
func TestD6ReasonsAreCountedWithoutPersons(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minimum := rapid.IntRange(2, 9).Draw(t, "minimum")
		counts, sum := map[string]int{}, 0
		for _, code := range []string{"resignation", "death", "non-payment", "exclusion"} {
			counts[code] = rapid.IntRange(0, 20).Draw(t, code)
			sum += counts[code]
		}
		told := 0
		for code, n := range departure.FoldReasons(counts, minimum) {
			if told += n; n < minimum {
				t.Fatalf("%s is told as %d", code, n)
			}
		}
		if sum >= minimum && told != sum || sum < minimum && told != 0 {
			t.Fatalf("%d of %d are told", told, sum)
		}
	})
}

// FuzzNumbers: whatever is pasted, no number is empty or has a line's end in it.
func FuzzNumbers(f *testing.F) {
	for _, text := range []string{"100001\n100002", "Medlemsnr;Navn\n100001;Ib\n", "1,2,3", "\ufeff100001\r\n", ";;\n", "a,b\n1,b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, n := range departure.Numbers(text) {
			if n == "" || strings.ContainsAny(n, "\n\r") {
				t.Fatalf("%q holds %q", text, n)
			}
		}
	})
}
