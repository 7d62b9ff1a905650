package web_test

import (
	"testing"

	"kartotek/internal/web/browsertest"
)

// TestClubJourney goes through a district of clubs in Norwegian, on a phone,
// its pages looked at in a desktop's width too: a club closes its own memberships (N14), its secretary and
// president being each other's second pair of eyes, and nobody meets the words of
// a party.
func TestClubJourney(t *testing.T) {
	t.Parallel()
	j := set(t, browsertest.Start(t), trip{charter: "club-no", lang: "nb", width: 390, height: 844, phone: true, desk: true})

	treasurer := j.as(t, j.login(t, "treasurer", 0).Person)
	treasurer.Says("h1", "God ")
	treasurer.Silent("Utmeldinger") // passes on, and closes nothing

	secretary := j.as(t, j.login(t, "secretary", 0).Person)
	secretary.Says("main", "Behandle en utmelding")
	secretary.Visit("/leaving")
	secretary.Says("main", "Bare presidenten, sekretæren eller distriktskontoret avslutter et medlemskap.")
	secretary.Silent("sekretariatet")
	secretary.Go(j.T("leaving.treat"))
	secretary.Choose("Egen utmelding")
	secretary.Choose("I dag")
	secretary.Press(j.T("leaving.close.act"))
	secretary.Says("main", "En kollega må nå godkjenne")

	president := j.as(t, j.login(t, "president", 0).Person)
	president.Says("main", "Godkjenn en sletting")
	president.Visit("/leaving")
	president.Says("main", j.T("leaving.seconds"))
	president.Go(j.T("leaving.look"))
	president.Press(j.T("leaving.undo.act"))
	president.Says("main", j.T("leaving.notice.undone"))

	other := j.as(t, j.login(t, "law-committee", 0).Person)
	other.Says("main", "Vervet ditt gir ikke tilgang til medlemmenes opplysninger")

	manager := j.as(t, j.login(t, "register-manager", 0).Person)
	manager.Visit("/access")
	manager.Says("main", "På distriktskontoret")
	manager.Visit("/members?q=%C3%85s")
	manager.Says("main", "medlemmer")
}
