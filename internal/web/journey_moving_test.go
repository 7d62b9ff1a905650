package web_test

import (
	"fmt"
	"testing"

	"kartotek/internal/charter"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
	"kartotek/internal/web/browsertest"
)

// mover is a member of the first officer's body in the invented federation.
const mover = "Minh Jepsen"

// TestJourneyMoving: two officers and a member move somebody from one
// association to another, looked at in both widths, and by a browser without scripts.
func TestJourneyMoving(t *testing.T) {
	t.Parallel()
	chromium := browsertest.Start(t)
	for _, trip := range []trip{
		{lang: "da", width: 390, height: 844, phone: true, desk: true},
		{lang: "nb", width: 1280, height: 900, noScripts: true},
	} {
		t.Run(fmt.Sprint(trip.lang, trip.width), func(t *testing.T) { moving(t, set(t, chromium, trip)) })
	}
}

func moving(t *testing.T, j *journey) {
	from := j.login(t, "membership-officer", 0).Person
	home := j.house.Members.Units(from)[0]
	to, taker := j.takesIn(t, home)

	// The body that has the member proposes.
	tab := j.as(t, from)
	j.speak(tab)
	j.to(tab, "web.tab.members")
	tab.Go(j.T("transfer.link"))
	tab.Says("h2", j.T("transfer.none"))
	j.check(tab)
	j.picture(tab, "moving-empty")
	j.find(tab, mover)
	tab.Press(j.T("card.more"))
	tab.Go(j.T("transfer.new.title"))
	tab.Says(".then", j.T("transfer.new.yes_text"))
	j.check(tab)
	tab.Go(j.T("transfer.new.act"))
	tab.Says(".error-summary", j.T("transfer.error.to"))
	tab.Pick(j.T("transfer.new.to"), to.Name)
	j.picture(tab, "moving-new")
	tab.Go(j.T("transfer.new.act"))
	tab.Says("[role=status]", j.T("transfer.notice.proposed"))
	tab.Says("tbody", mover)
	j.check(tab)
	j.picture(tab, "moving-out")

	// The other body's officer finds it among the duties and takes the member in.
	other := j.as(t, taker)
	j.speak(other)
	other.Says("#duties, main", j.T("duty.hint.transfer"))
	other.Go(j.T("duty.act.transfer"))
	other.Says("h1", j.T("transfer.case.of", "name", mover))
	j.check(other)
	j.picture(other, "moving-in")
	other.Go(j.T("transfer.case.refuse"))
	other.Says(".error-summary", j.T("transfer.error.reason"))
	other.Go(j.T("transfer.case.accept_in"))
	other.Says("[role=status]", j.T("transfer.notice.moved"))
	other.Go(mover)
	other.Go(j.T("transfer.case.card"))
	other.Says("h1", mover)

	// The first has lost the card.
	tab.Visit("/moving")
	tab.Says("tbody", j.T("transfer.state.moved"))
	tab.Go(mover)
	if tab.Offers(j.T("transfer.case.card")) {
		t.Error("the old body is offered the card")
	}

	// Whoever took the member in asks to move on their own page, and takes it back.
	other.Visit("/me")
	other.Go(j.T("transfer.me.button"))
	body, _ := j.house.Units.Tree().ByID(home)
	other.Pick(j.T("transfer.new.to"), body.Name)
	j.check(other)
	other.Go(j.T("transfer.new.act"))
	other.Says("main", j.T("transfer.me.asked", "body", body.Name))
	j.check(other)
	j.picture(other, "moving-me")
	other.Go(j.T("transfer.case.cancel"))
	other.Says("main", j.T("transfer.me.text"))
}

// takesIn finds another body and somebody there who takes members in.
func (j *journey) takesIn(t *testing.T, home unit.ID) (unit.Unit, vault.PersonID) {
	t.Helper()
	for _, body := range j.house.Transfers.Bodies() {
		if officers := j.house.Access.Officers(body.ID, charter.Create); body.ID != home && len(officers) > 0 {
			return body, officers[0]
		}
	}
	t.Fatal("nobody else takes members in")
	return unit.Unit{}, 0
}
