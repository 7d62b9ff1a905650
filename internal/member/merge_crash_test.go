package member_test

import (
	"testing"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/departure"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/vault"
)

// D7: killed at any step of making two cards one, the next start finds two cards
// and the proposal that still waits, or one card and the other leaving with its
// post, number, address and account moved: never half of it. It can be taken back.
func TestD7KilledAtEveryStepOfMerging(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		view, shut := access.Want{Act: charter.View}, access.Want{Act: charter.Close}
		for _, point := range member.Points {
			stands := point != "claimed"
			email := "en" + point[:3] + "@example.dk"
			stays, goes := "stays "+point, "goes "+point
			kept := f.Join(stays, "gentofte", map[string]string{"given": "Lone", "family": "Brandt"}, false)
			other := f.Join(goes, "lyngby", map[string]string{"given": "Lone", "family": "Brandt", "email": email, "mobile": "20 30 40 50"}, false)
			f.Appoint(goes, "membership-officer", "lyngby")
			_, err := f.Departures.ProposeMerge(ctx, f.As("anna"), kept, other, []string{"email"})
			f.Must(err)
			f.Must(f.House.Close())
			killed(t, doom{
				Data: f.Config.Data, Keys: f.Config.Keys, DSN: f.Config.DSN, Now: f.Clock.Now(), By: f.Person("bo"), Point: point, Act: "merge", Person: kept, Other: other,
			})
			f.Must(f.Open())
			whole(t, f, "merge at "+point)
			_, err = f.Departures.MergeProposal(ctx, f.Scope("anna", shut), other)
			if err != nil && !fault.Is(err, fault.Gone) {
				t.Fatal(err)
			}
			waits := err == nil
			d, _, err := f.Departures.Of(ctx, f.Scope("anna", shut), other)
			if err != nil && !departure.None(err) {
				t.Fatal(err)
			}
			c, err := f.Members.Card(ctx, f.Scope("anna", view), kept)
			f.Must(err)
			owner, err := f.Members.ByNumber(ctx, f.Scope("anna", view), f.Number[goes])
			f.Must(err)
			claimed, err := f.Keyring.Find(vault.ClaimEmail, email)
			f.Must(err)
			var duties int64
			f.Must(f.DB.Read(ctx, func(q database.Querier) error {
				return q.QueryRow(`SELECT COUNT(*) FROM duty WHERE kind = 'confirm-merge' AND subject = $1 AND done_at IS NULL`, int64(other)).Scan(&duties)
			}))
			about, err := f.Journal.About(ctx, uint32(kept), journal.Page{Limit: 100})
			f.Must(err)
			merged := 0
			for _, line := range about.Lines {
				if line.Act == journal.Merge {
					merged++
				}
			}
			for what, done := range map[string]bool{
				"the proposal": !waits, "the duty": duties == 0, "the closing": d.State == departure.Hidden, "the address": c.Profile.Email == email,
				"the number": owner == kept, "the claim": len(claimed) == 1 && claimed[0] == kept, "the body": len(c.Memberships) == 2,
				"the post": len(f.Access.Held(kept)) == 1 && len(f.Access.Held(other)) == 0, "the log": merged == 1,
			} {
				if done != stands {
					t.Errorf("killed at %q: %s is done: %v, want %v", point, what, done, stands)
				}
			}
			if !stands { // what still waits can be confirmed now
				_, err = f.Departures.ConfirmMerge(ctx, f.As("bo"), other)
				f.Must(err)
			}
			_, err = f.Departures.Reopen(ctx, f.As("anna"), other)
			f.Must(err)
			if back, err := f.Members.ByNumber(ctx, f.Scope("anna", view), f.Number[goes]); err != nil || back != other || len(f.Access.Held(other)) != 1 {
				t.Errorf("killed at %q: not taken back: %d, %v", point, back, err)
			}
			_, err = f.Departures.Close(ctx, f.As("anna"), other, "resignation", false) // its seat is free for the next
			f.Must(err)
		}
	})
}
