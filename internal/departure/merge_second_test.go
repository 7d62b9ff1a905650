package departure_test

import (
	"testing"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/departure"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
)

// D7: a merging destroys a card, so one person proposes and another confirms;
// until then both cards are as they were.
func TestD7AMergingHasASecondPairOfEyes(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		kept, other := twice(f)
		was := card(f, other)
		d, err := f.Departures.ProposeMerge(ctx, f.As("anna"), kept, other, []string{"email", "email"})
		if err != nil || d.State != "" {
			t.Fatalf("%+v, %v", d, err)
		}
		if now := card(f, other); !same(&now.Profile, &was.Profile) || len(open(f, duty.ConfirmMerge)) == 0 {
			t.Error("something has happened, or nobody is asked")
		}
		_, err = f.Departures.ProposeMerge(ctx, f.As("bo"), kept, other, nil)
		refused(t, "proposed twice", err, fault.Conflict, "departure.error.merge_open")
		_, err = f.Departures.ConfirmMerge(ctx, f.As("anna"), other)
		refused(t, "by whoever proposed", err, fault.Denied, "departure.error.merge_second")
		for _, who := range []string{"chair", "officer", "dorte", "again"} {
			if _, err := f.Departures.ConfirmMerge(ctx, f.As(who), other); !fault.Is(err, fault.Denied) {
				t.Errorf("%s confirms: %v", who, err)
			}
		}
		f.Must(f.Departures.DropMerge(ctx, f.As("bo"), other))
		_, err = f.Departures.ConfirmMerge(ctx, f.As("bo"), other)
		refused(t, "dropped", err, fault.Gone, "departure.error.merge_gone")
		if len(open(f, duty.ConfirmMerge)) != 0 {
			t.Error("the duty stands")
		}
		_, err = f.Departures.ProposeMerge(ctx, f.As("bo"), kept, other, []string{"email"})
		f.Must(err)
		f.Reopen()
		d, err = f.Departures.ConfirmMerge(ctx, f.As("anna"), other)
		if err != nil || d.State != departure.Hidden || d.ClosedBy != f.Person("bo") || card(f, kept).Profile.Email != "ny.quistorff@example.dk" {
			t.Fatalf("%+v, %v", d, err)
		}
		for act, want := range map[journal.Act]int{journal.MergeAsk: 2, journal.MergeDrop: 1, journal.Merge: 1, journal.Approve: 1} {
			if n := entries(t, f, other, act); n != want {
				t.Errorf("%s is journaled %d times", act, n)
			}
		}
	})
}

// A proposal ends with either card; where the charter has no second pair of eyes,
// one person is enough and the window remains.
func TestAProposalEndsWithEitherCard(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		kept, other := twice(f)
		for _, leaves := range []string{"again", "member"} {
			_, err := f.Departures.ProposeMerge(ctx, f.As("anna"), kept, other, nil)
			f.Must(err)
			_, err = f.Departures.Close(ctx, f.As("anna"), f.Person(leaves), "resignation", false)
			f.Must(err)
			if _, err := f.Departures.MergeProposal(ctx, f.Scope("bo", access.Want{Act: charter.Close}), other); !fault.Is(err, fault.Gone) {
				t.Errorf("%s has left: %v", leaves, err)
			}
			if len(open(f, duty.ConfirmMerge)) != 0 {
				t.Errorf("%s has left: the duty stands", leaves)
			}
			f.Must(f.Departures.Undo(ctx, f.As("anna"), f.Person(leaves)))
		}
		f.Charter.SecondPairEndsWindow = false
		if d, err := f.Departures.ProposeMerge(ctx, f.As("anna"), kept, other, nil); err != nil || d.State != departure.Hidden {
			t.Errorf("%+v, %v", d, err)
		}
	})
}
