package web_test

import (
	"testing"

	"kartotek/internal/vault"
	"kartotek/internal/web/browsertest"
)

// secretariat closes a membership, undoes it, and closes it anew with a request
// that a colleague ends the window (D6, D7).
func secretariat(t *testing.T, j *journey) {
	j.keep(resigned)
	tab := j.as(t, j.login(t, "secretariat", 0).Person)
	tab.Says("main", j.T("duty.kind.close-membership"))
	j.picture(tab, "home-office")
	j.to(tab, "web.tab.leaving")
	for _, name := range []string{resigned, passedOn, "Thi Lykke"} {
		tab.Says("tbody tr", name)
	}
	j.picture(tab, "leaving")
	tab.GoBeside(resigned, j.T("leaving.treat"))
	j.picture(tab, "closing", 1330)
	tab.Go(j.T("leaving.close.act"))
	tab.Says("[role=status]", j.T("leaving.notice.closed"))
	tab.Says("main", j.T("leaving.confirm.mine"))
	j.picture(tab, "closed")
	nobody(j, tab, resigned)

	j.to(tab, "web.tab.leaving")
	tab.GoBeside(resigned, j.T("leaving.look"))
	tab.Go(j.T("leaving.undo.act"))
	tab.Says("[role=status]", j.T("leaving.notice.undone"))
	tab.Says("h1", resigned)

	tab.Go(j.T("card.close"))
	reason, _ := j.house.Charter.Reason("resignation")
	tab.Choose(reason.Name.In(j.lang))
	tab.Choose(j.T("leaving.close.now"))
	tab.Go(j.T("leaving.close.act"))
	tab.Says("[role=status]", j.T("leaving.notice.asked"))
	nobody(j, tab, resigned)

	// The member's own wish was a mistake after all.
	j.to(tab, "web.tab.leaving")
	tab.GoBeside("Thi Lykke", j.T("leaving.treat"))
	tab.Go(j.T("leaving.withdraw.act"))
	tab.Says("[role=status]", j.T("leaving.notice.withdrawn"))
}

// nobody checks that no search finds a name.
func nobody(j *journey, tab *browsertest.Tab, name string) {
	tab.Helper()
	j.to(tab, "web.tab.members")
	tab.Keys(j.T("search.question"), name)
	tab.Says("[data-region=found]", j.T("search.nobody"))
}

// colleague is the second pair of eyes: the person is gone, and the certificate is
// all that is left. Then the whole country's accesses, the bodies and the log.
func colleague(t *testing.T, j *journey) {
	tab := j.as(t, j.login(t, "secretariat", 1).Person)
	tab.Says("main", j.T("duty.kind.confirm-erasure"))
	j.to(tab, "web.tab.leaving")
	tab.Says("main", j.T("leaving.seconds"))
	tab.GoBeside(resigned, j.T("leaving.look"))
	tab.Choose(j.T("leaving.confirm.seen"))
	tab.Go(j.T("leaving.confirm.act"))
	tab.Says("h1", j.T("leaving.erased.title"))
	tab.Says("main", j.T("departure.certificate.title"))
	tab.Says("main", j.T("departure.certificate.keys"))
	tab.Silent(resigned)
	j.picture(tab, "certificate", 1280)
	number := tab.Eval(`document.querySelector('#certificate').textContent.match(/[A-Z0-9]{4}(-[A-Z0-9]+)+/)?.[0]`)

	nobody(j, tab, resigned)
	if j.pictures == "" { // in a large federation phone numbers begin like that
		nobody(j, tab, "100733") // the member number
	}
	j.to(tab, "web.tab.leaving")
	tab.Says("main", number)
	tab.Silent(resigned)

	j.to(tab, "web.tab.access")
	tab.Says("main", j.T("rights.figure.access"))
	tab.Says("tbody tr", "Gentofte")
	j.picture(tab, "access")
	tab.Leads(func() { tab.Pick(j.T("rights.show.label"), j.T("rights.show.persons")) })
	tab.Says("tbody tr", "Sanne Nielsen")
	tab.Says("tbody tr", "Mette Lindqvist")

	j.to(tab, "admin.title")
	tab.Go(j.T("bodies.title"))
	tab.Go(j.T("bodies.add.title"))
	tab.Says("main", j.T("bodies.add.what"))
	tab.Go(j.T("rights.back"))
	tab.Type(j.T("bodies.column.name"), "Det Fælles Parti")
	tab.Go(j.T("bodies.rename.act"))
	tab.Says("[role=status]", j.T("bodies.notice.renamed"))
	tab.Says("h1", "Det Fælles Parti")

	j.to(tab, "admin.title")
	tab.GoIn("main", j.T("web.log.title"))
	j.picture(tab, "log")
	tab.Go(j.T("web.verify.button"))
	tab.Says(".notice", j.T("journal.verify.sound"))

	tab.Go(j.T("web.foot.mailbox"))
	tab.Says("h1", j.T("mail.mailbox.title"))
	j.picture(tab, "mailbox")
}

// founder wears the hat of IT, and gives somebody a position in the secretariat (D4).
func founder(t *testing.T, j *journey) {
	found, err := j.house.Keyring.Find(vault.ClaimEmail, "sofie.elkjaer@sekretariat.example")
	if err != nil || len(found) != 1 {
		t.Fatalf("%d founders, %v", len(found), err)
	}
	j.keep("Elkjær", "sofie.elkjaer@sekretariat.example", "Bartholin", "niels.bartholin@sekretariat.example")
	tab := j.as(t, found[0])
	it, _ := j.house.Charter.Position("it")
	tab.PressIn(".label", j.T("look.page.label"))
	tab.GoIn(".label-menu", j.T("web.frame.secretariat")+" "+it.Name.In(j.lang))
	tab.Says(".label-role", it.Name.In(j.lang))
	j.to(tab, "web.tab.access")
	tab.Go(j.T("rights.employ"))
	tab.Type(j.T("rights.staff.given"), "Niels")
	tab.Type(j.T("rights.staff.family"), "Bartholin")
	tab.Type(j.T("rights.staff.email"), "niels.bartholin@sekretariat.example")
	position, _ := j.house.Charter.Position("dues")
	tab.Choose(position.Name.In(j.lang))
	tab.Go(j.T("rights.staff.act"))
	tab.Says(".error-summary", j.T("rights.staff.missing.tasks"))
	tab.Type(j.T("rights.staff.tasks"), "Opkræver kontingent i efteråret.")
	tab.Type(j.T("rights.staff.trust"), "Ansat siden 2024, har underskrevet en tavshedserklæring.")
	tab.Go(j.T("rights.staff.act"))
	tab.Says("[role=status]", j.T("rights.notice.employed"))
	tab.Says("tbody tr", "Niels Bartholin")
}
