package web_test

import (
	"strings"
	"testing"

	"kartotek/internal/web/browsertest"
)

// N5, N13, N16 on a phone: the secretary adapts a point and is told what it must keep
// meeting, the president looks it through, it is published, and a member sees on their
// own page that it changed and what, and says so; the register's side sees how all stand.
func TestN16AChangeReachesTheMember(t *testing.T) {
	t.Parallel()
	j := set(t, browsertest.Start(t), trip{charter: "club-no", lang: "nb", width: 390, height: 844, phone: true})
	secretary := j.as(t, j.login(t, "secretary", 0).Person)
	secretary.Visit("/")
	secretary.Go(j.T("declaration.page.title"))
	secretary.Press(j.T("declaration.collected.title"))
	secretary.Says("main", j.T("declaration.page.keeps_title"))
	secretary.Says("main", "14(1)(d): "+j.T("declaration.item.14(1)(d)"))
	secretary.Type(j.T("declaration.page.extra_name", "number", 1), "Klesstørrelse")
	secretary.Type(j.T("declaration.page.reason"), "Vi bestiller vester")
	secretary.Go(j.T("declaration.page.save"))
	secretary.Says("main", j.T("declaration.error.extra"))
	secretary.Type(j.T("declaration.page.extra_use", "number", 1), "Til vester, i en liste hos sekretæren")
	secretary.Type(j.T("declaration.page.extra_ends", "number", 1), "Vestene er bestilt")
	secretary.Go(j.T("declaration.page.save"))
	secretary.Says("[role=status]", j.T("declaration.notice.saved"))
	secretary.Type(j.T("declaration.page.changes"), "Vi spør om klesstørrelse")
	secretary.Choose(j.T("declaration.page.material"))
	secretary.Go(j.T("declaration.page.submit"))
	secretary.Says("main", j.T("declaration.denied.own"))

	president := j.as(t, j.login(t, "president", 0).Person)
	president.Visit("/declaration?unit=baerum")
	president.Says("main", "Vi spør om klesstørrelse")
	president.Go(j.T("declaration.page.approve"))
	president.Go(j.T("declaration.page.publish"))
	president.Says("main", j.T("declaration.page.announce"))
	secretary.Visit("/declaration?unit=baerum")
	secretary.Go(j.T("declaration.page.announce_act"))
	secretary.Says("[role=status]", j.T("declaration.notice.drafted"))
	if text := secretary.Eval("document.querySelector('textarea[name=text]').value"); !strings.Contains(text, "Vi spør om klesstørrelse") || !strings.Contains(text, "– 7. Hvilke opplysninger vi har") || !strings.Contains(text, "/privacy/baerum/differences?from=2") {
		t.Errorf("members are written %q", text)
	}

	member := j.as(t, j.login(t, "member", 0).Person)
	member.Visit("/me")
	member.Says("main", "Vi spør om klesstørrelse")
	member.Go(j.T("declaration.page.see_changes"))
	member.Says("main", "Klesstørrelse: Til vester")
	member.Visit("/me")
	member.Go(j.T("declaration.me.seen"))
	member.Silent("Vi spør om klesstørrelse")

	manager := j.as(t, j.login(t, "register-manager", 0).Person)
	manager.Visit("/")
	manager.Go(j.T("declaration.list.title"))
	manager.Go(j.T("declaration.state.material"))
	manager.Says("tbody", "Bærum")
	if n := manager.Count("tbody tr"); n != 1 {
		t.Errorf("%d bodies have a material change that was not announced", n)
	}
}
