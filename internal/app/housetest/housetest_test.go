package housetest

import "testing"

func TestTheHouseStandsAndOpensAgain(t *testing.T) {
	Each(t, func(t *testing.T, f *Fixture) {
		for range 2 {
			for _, role := range Cast {
				if role.Position == "" && !f.Members.Belongs(f.Person(role.Name), f.Bodies[role.Body]) {
					t.Errorf("%s does not belong to %s", role.Name, role.Body)
				}
			}
			report, err := f.Journal.Verify(f.Context(), nil)
			f.Must(err)
			if !report.Sound() {
				t.Errorf("the journal: %+v", report.Problems)
			}
			f.Reopen()
		}
	})
}
