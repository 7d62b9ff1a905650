package declaration

import (
	"slices"
	"testing"
	"time"

	"kartotek/internal/unit"
)

// The list of all declarations finds each by how it stands, and counts each standing,
// whatever is asked for (N3, N16).
func TestN16TheListFindsEachByHowItStands(t *testing.T) {
	at := func(name string, st Status) Status { st.Unit = unit.Unit{Name: name}; return st }
	all := []Status{
		at("Ås", Status{Needed: true}),
		at("Bergen", Status{Needed: true, Version: 2, At: time.Unix(20, 0), Material: true, Announcing: true}),
		at("Arendal", Status{Needed: true, Version: 1, At: time.Unix(30, 0), Drifts: 2, Draft: Waiting}),
		at("Bodø", Status{Needed: true, Draft: Drafted}),
		at("Drammen", Status{Needed: true, Version: 1, At: time.Unix(10, 0), Announcing: true}),
		at("Region", Status{}),
	}
	names := func(w Wanted) (found []string) {
		o := w.of(slices.Clone(all))
		for i := range o.Some {
			found = append(found, o.Some[i].Unit.Name)
		}
		if o.Counts[Absent] != 2 || o.Counts[Drifting] != 1 || o.Counts[Unannounced] != 1 || o.Counts[Out] != 3 || o.Total != 6 {
			t.Errorf("%+v counts %v of %d", w, o.Counts, o.Total)
		}
		return found
	}
	for _, c := range []struct {
		w    Wanted
		want []string
	}{
		{Wanted{Standing: Absent}, []string{"Ås", "Bodø"}}, {Wanted{Standing: Drifting}, []string{"Arendal"}}, {Wanted{Standing: InReview}, []string{"Arendal"}},
		{Wanted{Standing: Unannounced}, []string{"Bergen"}}, {Wanted{Standing: InDraft}, []string{"Bodø"}}, {Wanted{Standing: Agreed}, nil},
		{Wanted{Standing: Out, Sort: "published"}, []string{"Arendal", "Bergen", "Drammen"}}, {Wanted{Text: "BO"}, []string{"Bodø"}},
		{Wanted{Sort: "pressing", Size: 2, Page: 1}, []string{"Arendal", "Bergen"}}, {Wanted{Size: 4, Page: 9}, nil},
		{Wanted{Sort: "pressing", Size: 5, Page: 1}, []string{"Region"}},
	} {
		if got := names(c.w); !slices.Equal(got, c.want) {
			t.Errorf("%+v finds %v, not %v", c.w, got, c.want)
		}
	}
}
