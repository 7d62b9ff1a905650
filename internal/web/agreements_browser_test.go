package web_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"kartotek/internal/seal"
	"kartotek/internal/web/browsertest"
)

// N2 on a phone: a club's president reads and signs by a mandate, the law committee
// accepts, the register manager countersigns, and both hold a PDF whose signature
// poppler calls valid.
func TestN2APresidentSignsOnAPhone(t *testing.T) {
	t.Parallel()
	j := set(t, browsertest.Start(t), trip{charter: "club-no", lang: "nb", width: 390, height: 844, phone: true})
	body, _ := j.house.Units.Tree().ByCode("baerum")
	president := j.as(t, j.login(t, "president", 0).Person)
	president.Visit("/agreements")
	president.Says("h1", j.T("agreement.processing.title"))
	president.Go(j.T("agreement.page.sign", "body", body.Name))
	president.Choose("Styret")
	president.Type(j.T("agreement.page.on"), j.ShortDate(j.house.Access.Today().AddDays(-3)))
	president.Type(j.T("agreement.page.item"), "sak 4")
	president.Go(j.T("agreement.page.sign_act"))
	president.Says("[role=status]", j.T("agreement.notice.signed"))

	lawyer := j.as(t, j.login(t, "law-committee", 0).Person)
	lawyer.Visit("/agreements?state=signed")
	lawyer.Go(body.Name)
	lawyer.Says("main", "sak 4")
	lawyer.Go(j.T("agreement.page.accept"))
	lawyer.Says("[role=status]", j.T("agreement.notice.accepted"))

	manager := j.as(t, j.login(t, "register-manager", 0).Person)
	manager.Visit("/agreements/baerum")
	manager.Go(j.T("agreement.page.countersign"))
	manager.Says("[role=status]", j.T("agreement.notice.concluded"))
	manager.Visit("/processors")
	manager.Says("main", "USA")

	president.Visit("/agreements/baerum")
	_, file := president.Download(func() { president.Press(j.T("agreement.page.download")) })
	if r, err := seal.Verify(file); err != nil || !r.Sound {
		t.Errorf("the seal: %+v, %v", r, err)
	}
	path := filepath.Join(t.TempDir(), "avtale.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command("pdfsig", path).CombinedOutput(); err != nil || !strings.Contains(string(said), "Signature is Valid.") {
		t.Errorf("pdfsig: %v\n%s", err, said)
	}
}
