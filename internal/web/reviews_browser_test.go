package web_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kartotek/internal/access"
	"kartotek/internal/review"
	"kartotek/internal/web/browsertest"
)

// D14 on a phone: three busy volunteers answer for their association, nobody for
// themselves; the secretariat answers for what is left and closes, and the signed report
// reads with poppler and is checked without a register.
func TestD14ThreeVolunteersAnswerOnAPhone(t *testing.T) {
	t.Parallel()
	j := set(t, browsertest.Start(t), trip{lang: "da", width: 390, height: 844, phone: true})
	shot := func(tab *browsertest.Tab, name string) {
		if dir := os.Getenv("KARTOTEK_PICTURES"); dir != "" {
			tab.Picture(filepath.Join(dir, name+".png"), 2400)
		}
	}
	ctx := t.Context()
	office := access.Actor{Person: j.login(t, "secretariat", 0).Person, Via: access.Web}
	second := access.Actor{Person: j.login(t, "secretariat", 1).Person, Via: access.Web}
	r, err := j.house.Reviews.OpenByHand(ctx, office, "Nye bestyrelser")
	if err != nil {
		t.Fatal(err)
	}

	chair := j.as(t, j.login(t, "chair", 0).Person)
	j.to(chair, "web.tab.access")
	chair.Go(j.T("review.page.title"))
	chair.Says("main", j.T("review.page.number", "number", r.ID))
	shot(chair, "reviews")
	chair.Visit("/reviews/1/body/gentofte")
	chair.Says("main", j.T("review.page.own_text"))
	shot(chair, "sheet")
	body, _ := j.house.Units.Tree().ByCode("gentofte")
	sheet, err := j.house.Reviews.Sheet(ctx, office, r.ID, body.ID)
	if err != nil {
		t.Fatal(err)
	}
	var line review.Line
	for _, l := range sheet.Lines {
		if l.Person != j.login(t, "chair", 0).Person && l.Right == access.ByPost {
			line = l
		}
	}
	chair.Visit("/review-lines/" + itoa(uint64(line.ID)))
	shot(chair, "line")
	chair.Go(j.T("review.page.end"))
	chair.Says(".error-summary", j.T("review.error.reason_end"))
	chair.Type(j.T("review.page.why"), "Er trådt ud af bestyrelsen")
	chair.Go(j.T("review.page.end"))
	chair.Says("[role=status]", j.T("review.notice.ended"))
	chair.Visit("/review-lines/" + itoa(uint64(line.ID)))
	chair.Says("main", j.T("review.page.gone"))
	shot(chair, "ended")
	chair.Go(j.T("review.page.undo"))
	chair.Says("[role=status]", j.T("review.notice.undone"))

	for _, by := range []access.Actor{office, second} {
		o, err := j.house.Reviews.Overview(ctx, by, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range o.Bodies {
			sheet, err := j.house.Reviews.Sheet(ctx, by, r.ID, p.Unit)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range sheet.Lines {
				if !l.State.Settled() && l.Person != by.Person {
					if _, err := j.house.Reviews.Answer(ctx, by, l.ID, review.Confirmed, "Set igennem"); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
	desk := j.as(t, office.Person)
	desk.Visit("/reviews/1")
	shot(desk, "overview")
	desk.Go(j.T("review.page.close"))
	desk.Says("[role=status]", j.T("review.notice.closed"))
	shot(desk, "closed")
	_, file := desk.Download(func() { desk.Press(j.T("review.page.report", "language", "Dansk")) })
	if check := review.Verify(file, j.house.Keyring.LedgerKey()); !check.Sound() || !check.AsClosed {
		t.Errorf("the report: %+v", check)
	}
	text := paperText(t, file)
	for _, want := range []string{"Kontrol af adgange nr. 1", "Gentofte", "Set igennem", "kartotek review verify"} {
		if !strings.Contains(text, want) {
			t.Errorf("the paper lacks %q", want)
		}
	}
}
