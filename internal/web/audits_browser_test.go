package web_test

import (
	"testing"

	"kartotek/internal/access"
	auditing "kartotek/internal/audit"
	"kartotek/internal/web/browsertest"
)

// N13 on a phone, without scripts: a club's secretary of seventy goes on where she
// stopped, answers with one press each, takes one back, tells of a wrong address,
// confirms; the register manager confirms too, and the report is checked without a
// register.
func TestN13ASecretaryGoesThroughTheRollOnAPhone(t *testing.T) {
	t.Parallel()
	j := set(t, browsertest.Start(t), trip{charter: "club-no", lang: "nb", width: 390, height: 844, phone: true, noScripts: true})
	secretary := j.as(t, j.login(t, "secretary", 0).Person)
	body, _ := j.house.Units.Tree().ByCode("baerum")
	by := access.Actor{Person: j.login(t, "secretary", 0).Person, Via: access.Web}
	a, err := j.house.Audits.Newest(t.Context(), by)
	if err != nil {
		t.Fatal(err)
	}
	secretary.Visit("/audits")
	secretary.Says("h1", j.T("audit.page.of", "body", body.Name))
	secretary.Go("Gå gjennom listen")
	secretary.Says("main", "Har sluttet")
	secretary.Go("Har sluttet")
	secretary.Go("Angre")
	secretary.Go("Noe er feil")
	secretary.Pick(j.T("audit.change.field"), "Poststed")
	secretary.Type(j.T("audit.change.value"), "Sandvika")
	secretary.Go("Send")
	secretary.Says("[role=status]", "Takk. Det er sak")
	for range 60 {
		if !secretary.Offers("Ja, her og riktig") {
			break
		}
		secretary.Go("Ja, her og riktig")
	}
	secretary.Says("main", "Alle er besvart")
	secretary.Go("Gå videre")
	v, err := j.house.Audits.View(t.Context(), by, a.ID, body.ID)
	if err != nil {
		t.Fatal(err)
	}
	for i := range v.Checks {
		if c := &v.Checks[i]; !c.Fact.Known {
			if err := j.house.Audits.AnswerCheck(t.Context(), by, a.ID, body.ID, c.Code, true, ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, h := range v.Heads {
		if h.Counted {
			if err := j.house.Audits.AnswerHead(t.Context(), by, a.ID, body.ID, h.CutOff, true, ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	secretary.Visit("/audits")
	secretary.Go("Bekreft for klubben")
	secretary.Says("[role=status]", "Klubben har bekreftet")

	manager := j.as(t, j.login(t, "register-manager", 0).Person)
	manager.Visit("/audits/" + itoa(uint64(a.ID)) + "?standing=said")
	manager.Go(body.Name)
	manager.Go("Bekreft for registeret")
	_, file := manager.Download(func() { manager.Press(j.T("audit.page.report", "language", "Norsk")) })
	if check := auditing.Verify(file, j.house.Keyring.LedgerKey()); !check.Sound() || check.Report.Report.Contents.SaidAt == "" {
		t.Errorf("the report: %+v", check)
	}
	manager.Visit("/changes")
	manager.Says("h1", "Endringer")
}
