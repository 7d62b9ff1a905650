package member_test

import (
	"testing"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/vault"
)

// Killed at any step of a divorce, the next start finds both as they were or both
// as they shall be: never a new address with the old household, never a mailbox
// that is nobody's or on both sides.
func TestKilledAtEveryStepOfADivorce(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		for _, point := range member.Points {
			stands := point != "claimed"
			shared := "par" + point[:3] + "@example.dk"
			her := f.Join("her "+point, "gentofte", map[string]string{"given": "Lone", "family": "Brandt", "address": "Parvej 1", "email": shared}, false)
			him := f.Join("him "+point, "gentofte", map[string]string{"given": "Jens", "family": "Brandt", "address": "Parvej 1", "email": shared}, false)
			f.Must(f.Members.MakeHousehold(ctx, f.Scope("anna", access.Want{Act: charter.Edit}), []vault.PersonID{her, him}))
			own := "ny" + point[:3] + "@example.dk"
			f.Must(f.House.Close())
			killed(t, doom{
				Data: f.Config.Data, Keys: f.Config.Keys, DSN: f.Config.DSN, Now: f.Clock.Now(), By: f.Person("anna"), Point: point, Act: "split",
				Person: her, Other: him, Values: map[string]string{"address": "Skjulvej 9", "family": "Ravn", "email": own},
			})
			f.Must(f.Open())
			whole(t, f, "split at "+point)
			view := f.Scope("anna", access.Want{Act: charter.View})
			hers, err := f.Members.Reveal(ctx, view, her)
			f.Must(err)
			his, err := f.Members.Card(ctx, view, him)
			f.Must(err)
			names, err := f.Members.FormerNames(ctx, view, her)
			f.Must(err)
			p := hers.Profile
			for what, done := range map[string]bool{
				"address": p.Street == "Skjulvej 9", "name": p.Family == "Ravn", "secret": p.SecretAddress, "mailbox": p.Email == own,
				"former name": len(names) == 1, "her household": len(hers.Home) == 0, "his household": len(his.Home) == 0,
				"her log": splits(t, f, her) == 1, "his log": splits(t, f, him) == 1,
			} {
				if done != stands {
					t.Errorf("killed at %q: %s is done: %v, want %v", point, what, done, stands)
				}
			}
			for email, want := range map[string]int{shared: map[bool]int{true: 1, false: 2}[stands], own: map[bool]int{true: 1, false: 0}[stands]} {
				claimed, err := f.Keyring.Find(vault.ClaimEmail, email)
				if err != nil || len(claimed) != want {
					t.Errorf("killed at %q: %s belongs to %v, %v", point, email, claimed, err)
				}
			}
		}
	})
}

func splits(t *testing.T, f *housetest.Fixture, person vault.PersonID) (n int) {
	t.Helper()
	account, err := f.Journal.About(f.Context(), uint32(person), journal.Page{Limit: 100})
	f.Must(err)
	for _, line := range account.Lines {
		if line.Act == journal.Split {
			n++
		}
	}
	return n
}
