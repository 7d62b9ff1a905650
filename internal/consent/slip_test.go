package consent_test

import (
	"bytes"
	"testing"

	"kartotek/internal/app/housetest"
	"kartotek/internal/consent"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/letter"
)

// N10, L5: whoever has no e-mail gets a slip with the letter, and takes back on it what
// others take back on their page; printed again it is the same slip. L9: the month runs
// from when each was first seen.
func TestL5L9SlipsGoWithLettersAndTheMonthRuns(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, gentofte := f.Context(), f.Bodies["gentofte"]
		d := consent.Declared{Version: consent.Version{Unit: f.Bodies["party"], Number: 3}, At: f.Now(), Hashes: map[string]string{"da": "d3"}}
		f.Consents.Declarations = one{d}
		due := func() string {
			found, err := f.Duties.OpenOf(ctx, duty.InformMembers)
			f.Must(err)
			for _, d := range found {
				if d.Unit == gentofte {
					return d.DueOn.String()
				}
			}
			return ""
		}
		f.Must(f.Consents.Daily(ctx))
		first := due()
		if want := consent.MonthAfter(f.Charter.Today(f.Now()).AddDays(-1)).String(); first != want {
			t.Errorf("owed by %s, want %s", first, want)
		}
		f.Join("paper only", "gentofte", map[string]string{"given": "Gudrun", "family": "Papirsen", "address": "Zirkonvej 4", "postal": "2820", "town": "Gentofte"}, false)
		f.Must(f.Consents.Daily(ctx))
		if due() != first {
			t.Errorf("somebody new puts off what is owed to the others: %s", due())
		}
		_, err := f.Consents.Inform(ctx, f.As("anna"), gentofte)
		f.Must(err)
		print, err := f.Letters.Print(ctx, f.As("anna"), letter.Wish{Paper: letter.Letters, Lang: "da"})
		f.Must(err)
		pages, _ := printed(t, func(w *bytes.Buffer) error { return print.Write(w) })
		came := consent.Came{}
		for _, page := range pages {
			if one, err := f.Consents.Scan(ctx, f.As("anna"), page); err == nil {
				came.Lines += one.Lines
			}
		}
		w, err := f.Consents.Paperwork(ctx, f.As("anna"), gentofte)
		f.Must(err)
		if came.Lines == 0 || w.Slips.Waiting != came.Lines {
			t.Fatalf("%d slips of %d letters came back: %+v", came.Lines, print.Letters, w.Slips)
		}
		person := f.Person("paper only")
		f.Must(f.Consents.Give(ctx, f.As("anna"), person, consent.Giving{Code: "open-page", Lang: "da", Paper: "mappe 1"}))
		for _, l := range w.Waiting {
			if l.Person != person {
				continue
			}
			f.Must(f.Consents.Settle(ctx, f.As("anna"), person, l.Paper.ID, consent.Said{Signed: true, Back: []string{"open-page"}, Wishes: []string{consent.WishCorrect}}))
			var yes bool
			f.Must(f.DB.Read(ctx, func(q database.Querier) (err error) {
				yes, err = f.Consents.Stands(q, person, "open-page")
				return err
			}))
			if again, err := f.Consents.Paper(ctx, f.As("anna"), person, l.Paper.ID); err != nil || yes || len(again.Paper.Wishes) != 1 {
				t.Errorf("taken back on a slip, it stands: %v %+v %v", yes, again, err)
			}
			return
		}
		t.Error("the slip of whoever has no e-mail did not come back")
	})
}
