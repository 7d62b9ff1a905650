package web_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"kartotek/internal/web/browsertest"
)

// N10, L5 on a phone: a club's secretary prints a sheet, photographs what came back,
// reads off it what was signed, and takes one yes back for a member who asks.
func TestN10ASecretaryTakesInASheetOnAPhone(t *testing.T) {
	t.Parallel()
	j := set(t, browsertest.Start(t), trip{charter: "club-no", lang: "nb", width: 390, height: 844, phone: true})
	c := crawl{journey: j, met: map[string]bool{}}
	tab := j.as(t, j.login(t, "secretary", 0).Person)
	tab.Visit("/consents/paper")
	c.judge(tab)
	tab.Choose(j.T("consent.page.who_all"))
	name, sheet := tab.Download(func() { tab.Press(j.T("consent.page.print_act")) })
	if name == "" || !bytes.HasPrefix(sheet, []byte("%PDF-")) {
		t.Fatalf("printed %q", name)
	}
	root := filepath.Join(t.TempDir(), "p")
	render := exec.Command("pdftoppm", "-r", "130", "-f", "2", "-l", "2", "-jpeg", "-", root)
	render.Stdin = bytes.NewReader(sheet)
	if out, err := render.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	pages, _ := filepath.Glob(root + "*")
	photo, err := os.ReadFile(pages[0])
	if err != nil {
		t.Fatal(err)
	}
	tab.Upload("bilde.jpg", photo)
	tab.Go(j.T("consent.page.take_act"))
	tab.Says("[role=status]", j.T("consent.notice.scanned")[:20])
	tab.Says("main", j.T("consent.page.waiting_lead")[:20])
	c.judge(tab)
	before := tab.Count("main img")
	if before == 0 {
		t.Fatal("no line is shown as it was scanned")
	}
	tab.Eval("document.getElementById('signed-1-1').click(), document.getElementById('gave-1-1').click(), ''")
	tab.Leads(func() { tab.Eval("document.getElementById('signed-1-1').form.requestSubmit(), ''") })
	tab.Says("[role=status]", j.T("consent.notice.settled"))
	if after := tab.Count("main img"); after != before-1 {
		t.Errorf("%d lines wait, %d before", after, before)
	}
	tab.Visit("/consents")
	tab.Says("main", j.T("consent.page.title"))
}
