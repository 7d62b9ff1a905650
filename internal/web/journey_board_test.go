package web_test

import (
	"slices"
	"testing"
)

// treasurer pulls a list for the dues: other fields than a newsletter's.
func treasurer(t *testing.T, j *journey) {
	tab := j.as(t, j.login(t, "treasurer", 0).Person)
	tab.Says("main", j.T("web.home.overdue")) // the chair's, which the whole board sees
	tab.Says("tbody tr", j.T("web.list", "number", 1))
	rows := j.pull(t, tab, "dues", "5")
	for _, code := range []string{"number", "address", "category"} {
		if !slices.Contains(rows[0], j.field(t, code)) {
			t.Errorf("the dues list lacks %s: %q", code, rows[0])
		}
	}
	for _, code := range []string{"mobile", "birth"} {
		if slices.Contains(rows[0], j.field(t, code)) {
			t.Errorf("the dues list holds %s: %q", code, rows[0])
		}
	}
	j.to(tab, "web.tab.lists")
	tab.Says("tbody tr", j.T("web.list", "number", 5))
	j.lacks(tab, "web.tab.leaving")
}

// chair has an overdue list, sees who has access, ends a post and fills it.
func chair(t *testing.T, j *journey) {
	tab := j.as(t, j.login(t, "chair", 0).Person)
	tab.Says("main", j.T("web.home.late", "count", 1))
	tab.Says("#duties, main", j.T("duty.kind.destroy-list", "number", 1))
	j.picture(tab, "home-chair")
	tab.Go(j.T("web.home.sheet"))
	tab.Go(j.T("web.tab.home"))

	j.to(tab, "web.tab.access")
	for _, name := range []string{"Sanne Nielsen", "Åge Haddad", "Mikkel Mohammed Kjærgaard"} {
		tab.Says("tbody tr", name)
	}
	j.picture(tab, "access-own")
	tab.GoBeside("Åge Haddad", j.T("rights.end"))
	tab.Go(j.T("rights.ending.act"))
	tab.Says("[role=status]", j.T("rights.notice.ended"))
	tab.Silent("Åge Haddad")

	post, _ := j.house.Charter.Post("treasurer")
	j.keep(toAppoint)
	tab.GoBeside(post.Name.In(j.lang), j.T("rights.fill"))
	tab.Go(j.T("rights.appoint.act"))
	tab.Says(".error-summary", j.T("rights.find.missing"))
	tab.Type(j.T("rights.find.label"), "christensen seb")
	tab.Go(j.T("rights.find.act"))
	tab.Choose(toAppoint)
	tab.Type(j.T("rights.appoint.ground"), "Valgt på generalforsamlingen")
	tab.Type(j.T("rights.term.until"), j.ShortDate(j.house.Access.Today().AddDays(300)))
	tab.Go(j.T("rights.appoint.act"))
	tab.Says("[role=status]", j.T("rights.notice.appointed"))
	tab.Says("tbody tr", toAppoint)
}

// regionalChair has no access, and is told why (D13).
func regionalChair(t *testing.T, j *journey) {
	tab := j.as(t, j.login(t, "regional-chair", 0).Person)
	tab.Says(".notice", j.T("web.home.no_access"))
	j.lacks(tab, "web.tab.members", "web.tab.lists", "web.tab.access", "admin.title", "web.tab.leaving")
	for path, act := range map[string]string{
		"/members": "search", "/lists/pull": "pull", "/access": "access", "/log": "journal", "/leaving": "close", "/import": "import",
	} {
		tab.Visit(path)
		tab.Says("h1", j.T("web.error.title.denied"))
		tab.Says("main", j.T("access.denied.act", "act", j.T("access.act."+act)))
	}
}

// self is a member on their own page: who can see it, who has, what may be sent;
// asks to leave, stays, and asks again.
func self(t *testing.T, j *journey) {
	tab := j.as(t, j.login(t, "member", 0).Person)
	tab.Says("h1", j.T("web.me.title"))
	officer, _ := j.house.Charter.Post("membership-officer")
	as := j.T("web.post_in", "post", officer.Name.In(j.lang), "body", "Gentofte")
	tab.Says("main .table-wrap", "Sanne Nielsen")
	tab.Says("main", as)
	tab.Says("main", j.T("web.did.open"))
	tab.Says("main", j.T("web.list", "number", 4))
	j.picture(tab, "me", 1780)

	tab.Choose(j.purpose(t, "newsletter"))
	tab.Go(j.T("web.me.save"))
	tab.Says("[role=status]", j.T("web.notice.saved"))
	if ticked := tab.Eval("document.querySelector('input[value=newsletter]').checked"); ticked != "false" {
		t.Error("the objection did not stay")
	}

	tab.Go(j.T("web.me.right.seen"))
	tab.Says("main", "Sanne Nielsen")
	tab.Says("main", j.T("web.did.edit"))
	j.to(tab, "web.tab.me")
	tab.Go(j.T("web.me.everything"))
	tab.Says("main", "10 11 12 13")

	j.to(tab, "web.tab.me")
	for range 2 {
		if tab.Offers(j.T("web.me.stay")) {
			tab.Go(j.T("web.me.stay"))
			tab.Says("[role=status]", j.T("web.notice.stays"))
		}
		tab.Go(j.T("web.leave.button"))
		tab.Go(j.T("web.leave.button"))
		tab.Says("[role=status]", j.T("web.notice.asked"))
	}
}
