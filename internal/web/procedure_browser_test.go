package web_test

import (
	"strings"
	"testing"

	"kartotek/internal/web/browsertest"
)

// D15 on a phone: anybody reads the procedure without signing in; the secretariat adds a
// note, sees the difference, publishes, and everybody reads the new version, older ones
// and what differs; the PDF reads with poppler.
func TestD15TheProcedureIsPublished(t *testing.T) {
	t.Parallel()
	j := set(t, browsertest.Start(t), trip{lang: "da", width: 390, height: 844, phone: true})
	office := j.as(t, j.login(t, "secretariat", 0).Person)
	office.Visit("/procedure")
	office.Says("h1", j.T("procedure.procedure.title"))
	office.Says("main", "Version 1")
	office.Go(j.T("procedure.edit.title"))
	office.Says("main", j.T("procedure.edit.agrees", "number", 1))
	office.Pick(j.T("procedure.edit.section"), j.T("procedure.d12.title"))
	office.Type(j.T("procedure.edit.words"), "Ring, hvis makulatoren er i stykker.")
	office.Go(j.T("procedure.edit.save"))
	office.Says("[role=status]", j.T("procedure.notice.saved"))
	office.Visit("/procedure")
	office.Says("main", j.T("procedure.page.differs"))
	office.Go(j.T("procedure.page.differences"))
	office.Says("main", "Tilføjet")
	office.Says("main ins, main dd", "Ring, hvis makulatoren er i stykker.")
	office.Go(j.T("procedure.edit.publish"))
	office.Type(j.T("procedure.edit.function"), "Medlemsservice")
	office.Type(j.T("procedure.edit.reason"), "Egen bemærkning om makulatoren")
	office.Go(j.T("procedure.edit.act"))
	office.Says("[role=status]", j.T("procedure.notice.published", "number", 2))
	office.Visit("/me")
	office.Says("main", "version 2")

	anybody := j.open(t)
	audit := anybody.Arrived
	anybody.Arrived = nil // the page speaks the browser's language until another is chosen
	anybody.Visit("/procedure")
	j.speak(anybody)
	anybody.Arrived = audit
	anybody.Says("main", "Version 2")
	anybody.Says("main", "Ring, hvis makulatoren er i stykker.")
	anybody.Go(j.T("procedure.page.versions"))
	anybody.Go(j.T("procedure.page.before", "number", 1))
	anybody.Says("main", j.T("procedure.page.added"))
	anybody.Visit("/procedure/1")
	anybody.Says("main", j.T("procedure.page.old"))
	anybody.Visit("/retention")
	anybody.Says("h1", j.T("procedure.guideline.title"))
	_, file := anybody.Download(func() { anybody.Press(j.T("procedure.page.file")) })
	text := paperText(t, file)
	for _, want := range []string{"Retningslinje for opbevaring", "Version 1", "Medlemslister", "Makulér", "bogføringsloven"} {
		if !strings.Contains(text, want) {
			t.Errorf("the paper lacks %q", want)
		}
	}
}
