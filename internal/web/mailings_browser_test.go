package web_test

import (
	"strings"
	"testing"
	"time"

	"kartotek/internal/mailing"
	"kartotek/internal/web/browsertest"
)

// D13 on a phone: a storkreds without access writes its invitation, sees numbers and
// never a member; the secretariat approves, the house sends, and the link of a
// mail stops that kind of mail.
func TestD13SendWithoutHandingOutOnAPhone(t *testing.T) {
	t.Parallel()
	j := set(t, browsertest.Start(t), trip{lang: "da", width: 390, height: 844, phone: true})
	chair := j.as(t, j.login(t, "regional-chair", 0).Person)
	chair.Go(j.T("mailing.page.title"))
	chair.Go(j.T("mailing.page.new"))
	chair.Go(j.T("mailing.page.save"))
	chair.Says(".error-summary", j.T("mailing.error.text_missing"))
	chair.Choose("Invitation")
	chair.Type(j.T("mailing.page.subject"), "Kom til efterårsmøde")
	chair.Type(j.T("mailing.page.text"), "Kære medlem. Vi mødes den 3. december.")
	chair.Go(j.T("mailing.page.save"))
	chair.Says("[role=status]", j.T("mailing.notice.saved"))
	chair.Says("main", j.T("mailing.count.by_mail"))
	chair.Go(j.T("mailing.page.submit"))
	chair.Says("main", j.T("mailing.state.submitted"))
	path := chair.Eval("location.pathname")

	office := j.as(t, j.login(t, "secretariat", 0).Person)
	office.Visit(path)
	office.Says("main", "Vi mødes den 3. december")
	office.Go(j.T("mailing.page.approve"))
	office.Says("[role=status]", j.T("mailing.notice.approved"))
	if err := j.house.Mailings.Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	chair.Visit(path)
	chair.Says("main", j.T("mailing.count.members"))

	j.house.Mail.Start()
	defer j.house.Mail.Stop(t.Context())
	link := ""
	for link == "" {
		time.Sleep(20 * time.Millisecond)
		all, err := j.house.Mail.Mailbox(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i := range all {
			if _, rest, found := strings.Cut(all[i].Body, "/unsubscribe?t="); found && all[i].Kind == mailing.Kind && all[i].Subject == "Kom til efterårsmøde" {
				link = "/unsubscribe?t=" + strings.Fields(rest)[0]
			}
		}
	}
	chair.Visit(link) // the page knows nobody by it; the link alone counts
	chair.Says("main", j.T("mailing.stop.title"))
	chair.Go(j.T("mailing.stop.act"))
	chair.Says("main", j.T("mailing.stop.done"))
	chair.Go(j.T("mailing.stop.undo"))
	chair.Says("main", j.T("mailing.stop.resumed"))
}
