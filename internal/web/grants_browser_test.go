package web_test

import (
	"strings"
	"testing"

	"kartotek/internal/web/browsertest"
)

// D9 on a phone: the treasurer decides what the chair has proposed, the paper reads with
// poppler, and the access is withdrawn where it was given.
func TestD9DocumentedAccessOnAPhone(t *testing.T) {
	t.Parallel()
	j := set(t, browsertest.Start(t), trip{lang: "da", width: 390, height: 844, phone: true})
	chair := j.as(t, j.login(t, "chair", 0).Person)
	j.to(chair, "web.tab.access")
	chair.Go(j.T("grant.page.title"))
	chair.Says("main", j.T("grant.standing.waiting"))
	chair.Go(j.T("grant.page.propose"))
	chair.Type(j.T("rights.find.label"), "christensen")
	chair.Go(j.T("rights.find.act"))
	chair.Says("main", j.T("rights.find.found"))

	// What waits in the demo was proposed by the treasurer; the chair enters the decision.
	chair.Visit("/access/grants/2")
	chair.Choose(j.T("grant.page.yes"))
	chair.Choose(j.T("grant.meeting.board"))
	chair.Type(j.T("grant.record.minutes"), "Referat, punkt 4")
	chair.Type(j.T("grant.record.reason"), "Kun navnene, og kun i tre måneder")
	chair.Go(j.T("grant.page.enter"))
	chair.Says(".error-summary", j.T("grant.error.apart"))
	name := strings.TrimSuffix(chair.Words("h1"), ", Gentofte")
	chair.Choose(j.T("grant.page.apart", "name", name))
	chair.Go(j.T("grant.page.enter"))
	chair.Says("[role=status]", j.T("grant.notice.decided"))

	_, file := chair.Download(func() { chair.Press(j.T("grant.page.document")) })
	text := paperText(t, file)
	for _, want := range []string{"Begrundet adgang nr. 2", "Gentofte", "Referat, punkt 4", "Bestyrelsen", "Kun navnene"} {
		if !strings.Contains(text, want) {
			t.Errorf("the paper lacks %q:\n%s", want, text)
		}
	}

	chair.Type(j.T("grant.record.why"), "Opgaven er løst")
	chair.Go(j.T("grant.page.withdraw"))
	chair.Says("[role=status]", j.T("grant.notice.withdrawn"))
	chair.Visit("/access/grants/1/renew")
	chair.Says("main", j.T("grant.page.before"))
}
