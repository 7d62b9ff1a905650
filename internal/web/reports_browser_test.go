package web_test

import (
	"bytes"
	"strings"
	"testing"

	"kartotek/internal/access"
	"kartotek/internal/document"
	"kartotek/internal/unit"
	"kartotek/internal/web/browsertest"
)

// TestD2Reports goes through the counted facts on a phone: the secretariat from the
// whole country to one association, and takes a report home in every form; an
// officer sees their own and nobody else's. axe, the Tab key and paper see each page.
func TestD2Reports(t *testing.T) {
	t.Parallel()
	chromium := browsertest.Start(t)
	j := set(t, chromium, trip{charter: "party-dk", lang: "da", width: 390, height: 844, phone: true})
	office := j.as(t, j.login(t, "secretariat", 0).Person)
	office.Visit("/lists")
	office.Go(j.T("report.name"))
	office.Says("h1", j.T("report.title.heads", "body", "Partiet"))
	if lines := office.Count("main tbody tr"); lines < 24 || office.Count("main svg.chart .trend") != 1 {
		t.Errorf("%d months and no course", lines)
	}
	if text := office.Eval(`document.querySelector("main svg.chart desc").textContent`); !strings.Contains(text, "medlemmer") {
		t.Errorf("the picture says %q", text)
	}
	if name, content := office.Download(func() { office.Press(j.T("report.csv")) }); !strings.HasSuffix(name, ".csv") || bytes.Count(content, []byte("\n")) < 24 {
		t.Errorf("%s holds %q", name, content)
	}
	office.Pick(j.T("report.what"), j.T("report.subject.age"))
	office.Go(j.T("report.show"))
	bands := office.Count("main tbody tr")
	if bars := office.Count("main svg.chart .bar"); bars != bands || bands < 2 {
		t.Errorf("%d bars for %d bands", bars, bands)
	}
	if _, picture := office.Download(func() { office.Press(j.T("report.svg")) }); !bytes.HasPrefix(picture, []byte("<svg xmlns=")) || !bytes.Contains(picture, []byte("</style>")) {
		t.Errorf("the picture is %.80q", picture)
	}
	_, book := office.Download(func() { office.Press(j.T("report.xlsx")) })
	read, err := document.Open(bytes.NewReader(book), int64(len(book)), document.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for range read.Rows() {
		rows++
	}
	if rows != bands || read.Columns()[1].Name != j.T("report.column.members") {
		t.Errorf("%d rows in the workbook, %+v", rows, read.Columns())
	}
	if _, paper := office.Download(func() { office.Press(j.T("report.pdf")) }); !bytes.HasPrefix(paper, []byte("%PDF")) {
		t.Error("the paper is none")
	}
	for _, subject := range []string{"month", "year", "body"} {
		office.Pick(j.T("report.what"), j.T("report.subject."+subject))
		office.Go(j.T("report.show"))
		if office.Count("main tbody tr") < 2 {
			t.Errorf("nothing by %s", subject)
		}
	}
	office.Type(j.T("report.at"), "31-12-2099")
	office.Go(j.T("report.show"))
	office.Says(".error-summary", j.T("report.error.at"))
	office.Visit("/reports?show=heads&at=2001-01-01")
	office.Says("main", j.T("report.none.before"))

	chair := j.as(t, j.login(t, "chair", 0).Person)
	chair.Visit("/reports")
	body := j.house.Reports.Choose(access.Actor{Person: j.login(t, "chair", 0).Person, Via: access.Web})
	if len(body) != 1 {
		t.Fatalf("the chair chooses among %d", len(body))
	}
	chair.Says("h1", body[0].Name)
	for _, u := range j.house.Units.Tree().All() {
		if u.ID != body[0].ID && u.Parent != unit.ID(0) {
			chair.Visit("/reports?unit=" + u.Code)
			chair.Says("main", j.T("access.denied.body"))
			break
		}
	}
}
