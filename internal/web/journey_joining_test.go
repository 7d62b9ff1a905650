package web_test

import (
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/member"
	"kartotek/internal/vault"
	"kartotek/internal/web/browsertest"
)

// TestJourneyJoining: somebody new and somebody who is a member elsewhere apply on
// a phone; the association decides on both without a difference to see, and the
// member says who they are (D11). The menu of a phone folds without scripts.
func TestJourneyJoining(t *testing.T) {
	t.Parallel()
	j := set(t, browsertest.Start(t), trip{lang: "da", width: 390, height: 844, phone: true})
	officer := j.login(t, "membership-officer", 0).Person
	home := j.house.Members.Units(officer)[0]
	body, _ := j.house.Units.Tree().ByID(home)

	// A stranger: the form, what is wrong with it, the mail, the page of their own.
	stranger := j.open(t)
	stranger.Visit("/signin")
	j.speak(stranger)
	stranger.Go(j.T("joining.link"))
	stranger.Says("main", "art. 6(1)(b), 9(2)(d)")
	fill := func(tab *browsertest.Tab, given, family, birth, email string) {
		tab.Type(j.field(t, "given"), given)
		tab.Type(j.field(t, "family"), family)
		tab.Type(j.field(t, "birth"), birth)
		tab.Type(j.field(t, "email"), email)
		tab.Pick(j.T("joining.body"), body.Name)
	}
	fill(stranger, "Nina", "Nytilkommen", "1.2.2020", "nina@example.dk")
	stranger.Until("Date.now() / 1000 - Number(document.querySelector('[name=begun]').value) > 3", "true")
	stranger.Go(j.T("joining.send"))
	stranger.Says(".error-summary", "Intet af det, du skrev, er gemt")
	fill(stranger, "Nina", "Nytilkommen", "1.2.1980", "nina@example.dk")
	stranger.Until("Date.now() / 1000 - Number(document.querySelector('[name=begun]').value) > 3", "true")
	stranger.Go(j.T("joining.send"))
	stranger.Says("h1", j.T("joining.sent.title"))
	own := j.mailed(t, "nina@example.dk")
	stranger.Visit(own)
	stranger.Go(j.T("joining.own.confirm"))
	stranger.Says("h1", j.T("joining.own.waiting"))

	// A member of another association fills in the form, not knowing better.
	other := j.memberElsewhere(t, body.Code)
	applicant := j.open(t)
	applicant.Visit("/signin")
	j.speak(applicant)
	applicant.Visit("/join")
	fill(applicant, other.Given, other.Family, other.Birth.String(), other.Email)
	applicant.Until("Date.now() / 1000 - Number(document.querySelector('[name=begun]').value) > 3", "true")
	applicant.Go(j.T("joining.send"))
	ownOfMember := j.mailed(t, other.Email)
	applicant.Visit(ownOfMember)
	applicant.Go(j.T("joining.own.confirm"))
	if err := j.house.Joining.Work(t.Context()); err != nil {
		t.Fatal(err)
	}

	// The officer: the menu, the list, a question, and a yes to both.
	tab := j.as(t, officer)
	j.to(tab, "web.tab.members")
	tab.Go(j.T("joining.list.link"))
	tab.Says("tbody", "Nina Nytilkommen")
	tab.Says("tbody", other.Name())
	tab.Go("Nina Nytilkommen")
	tab.Says("main", "Dagen er den samme for alle")
	tab.Silent(j.T("joining.case.alike"))
	tab.Type(j.T("joining.case.ask_label"), "Hvem kender du hos os?")
	tab.GoIn("main", j.T("joining.case.ask"))
	stranger.Visit(own)
	stranger.Says("main", "Hvem kender du hos os?")
	stranger.Type(j.T("joining.own.answer"), "Ingen endnu")
	stranger.Go(j.T("joining.own.answer_act"))
	tab.Visit("/applications")
	for _, name := range []string{"Nina Nytilkommen", other.Name()} {
		tab.Go(name)
		tab.Silent(j.T("joining.case.alike"))
		tab.GoIn("main", j.T("joining.case.accept"))
		tab.Says("[role=status]", j.T("joining.notice.agreed"))
		tab.Says("main", "Bliver medlem")
		tab.Go(j.T("joining.case.back"))
	}
	stranger.Visit(own)
	stranger.Says("h1", j.T("joining.own.agreed"))

	// The member finds the question on their own page, and says that it is them.
	me := j.as(t, other.person)
	me.Visit("/me")
	me.Says("main", j.T("joining.yours.title"))
	me.Go(j.T("joining.yours.yes"))
	me.Says("[role=status]", j.T("joining.notice.mine"))
	me.Silent(j.T("joining.yours.title"))

	// The secretariat sees who it is.
	office := j.as(t, j.login(t, "secretariat", 0).Person)
	office.Visit("/applications")
	office.Go(other.Name())
	office.Says("main", j.T("joining.case.same"))

	// Without scripts the menu folds and unfolds too.
	j.noScripts = true
	bare := j.as(t, j.login(t, "secretariat", 1).Person)
	if bare.Offers(j.T("web.tab.access")) {
		t.Error("the menu stands open")
	}
	bare.PressIn("nav.tabs", j.T("look.page.all"))
	bare.GoIn(".menu-list", j.T("web.tab.lists"))
	bare.Says("h1", j.T("lists.title"))
}

// elsewhere is a member of another body.
type elsewhere struct {
	member.Profile
	person vault.PersonID
}

// memberElsewhere finds a member of another body who can be written to.
func (j *journey) memberElsewhere(t *testing.T, here string) elsewhere {
	t.Helper()
	scope, err := j.house.Access.Decide(access.Actor{Person: j.login(t, "secretariat", 0).Person, Via: access.Web}, access.Want{Act: charter.View})
	if err != nil {
		t.Fatal(err)
	}
	seeker, err := j.house.Access.Decide(access.Actor{Person: j.login(t, "secretariat", 0).Person, Via: access.Web}, access.Want{Act: charter.Search})
	if err != nil {
		t.Fatal(err)
	}
	hits, err := j.house.Members.Search(t.Context(), seeker, member.Query{Text: "an", Size: 200})
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range hits.Rows {
		c, err := j.house.Members.Card(t.Context(), scope, h.Person)
		if err != nil || len(c.Memberships) != 1 || c.Profile.Email == "" || c.Profile.Birth.IsZero() || c.Covered || len(j.house.Access.Held(h.Person)) > 0 {
			continue
		}
		if body, _ := j.house.Units.Tree().ByID(c.Memberships[0].Unit); body.Code != here {
			return elsewhere{Profile: c.Profile, person: h.Person}
		}
	}
	t.Fatal("no such member")
	return elsewhere{}
}

// mailed waits for the mail with the link to an applicant's own page.
func (j *journey) mailed(t *testing.T, email string) string {
	t.Helper()
	for range 200 {
		letters, err := j.house.Mail.Mailbox(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range letters {
			if m := secretOfMail.FindString(l.Body); l.To == email && m != "" {
				return m
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("no mail to " + email)
	return ""
}
