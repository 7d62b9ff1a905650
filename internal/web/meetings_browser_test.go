package web_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"kartotek/internal/locale"
	"kartotek/internal/web/browsertest"
)

// The whole evening on a phone: planned too late and told so, the sheet printed, the
// meeting opened, members ticked off at the door, a count that does not add up refused and
// one that does entered, the new board handed over, the meeting closed.
func TestGeneralMeetingOnAPhone(t *testing.T) {
	t.Parallel()
	j := set(t, browsertest.Start(t), trip{lang: "da", width: 390, height: 844, phone: true})
	chair := j.as(t, j.login(t, "chair", 0).Person)
	chair.Go(j.T("meeting.title"))
	chair.Go(j.T("meeting.page.plan"))
	chair.Choose(j.T("meeting.kind.extraordinary"))
	chair.Type(j.T("meeting.plan.day"), locale.For("da").ShortDate(j.house.Access.Today()))
	chair.Type(j.T("meeting.plan.clock"), "19.30")
	chair.Type(j.T("meeting.plan.place"), "Forsamlingshuset")
	chair.Go(j.T("meeting.plan.act"))
	chair.Says("main", j.T("meeting.late.title"))
	meeting := chair.Path()

	_, file := chair.Download(func() { chair.Press(j.T("meeting.sheet.act")) })
	sheet := paperText(t, file)
	for _, want := range []string{"Fremmøde ved den ekstraordinære generalforsamling", "Destrueres senest", "Stemmeret", "Underskrift", "Side 1 af"} {
		if !strings.Contains(sheet, want) {
			t.Errorf("the sheet lacks %q:\n%s", want, sheet)
		}
	}

	chair.Visit(meeting)
	chair.Go(j.T("meeting.write.otherwise"))
	chair.Visit(meeting + "/votes/3") // the treasurer
	chair.Type(j.T("rights.find.label"), "bo frederiksen")
	chair.Go(j.T("rights.find.act"))
	chair.Go(j.T("meeting.vote.stand_act"))
	chair.Says("[role=status]", j.T("meeting.notice.stands"))
	chair.Visit(meeting)
	chair.Go(j.T("meeting.open.act"))
	chair.Says("[role=status]", j.T("meeting.notice.opened"))

	chair.Go(j.T("meeting.page.roll"))
	for _, name := range []string{"lars bisgaard", "minh jepsen", "thi lykke"} {
		chair.Type(j.T("meeting.roll.name"), name)
		chair.Go(j.T("rights.find.act"))
		chair.Go(j.T("meeting.roll.tick.came_ballot"))
		chair.Says("[role=status]", j.T("meeting.notice.tick_came"))
	}
	if got := chair.Words(".figures"); !strings.Contains(got, "3") {
		t.Errorf("after three have come: %s", got)
	}

	chair.Visit(meeting + "/votes/3")
	chair.Type(j.T("meeting.count.cast"), "4")
	chair.Go(j.T("meeting.count.act"))
	chair.Says(".error-summary", j.T("meeting.error.cast", "count", 4, "handed", 3))
	chair.Choose(j.T("meeting.count.unopposed"))
	chair.Go(j.T("meeting.count.act"))
	chair.Says("[role=status]", j.T("meeting.notice.counted"))
	for _, line := range []string{"1", "2"} { // nobody stands, and nothing is decided
		chair.Visit(meeting + "/votes/" + line)
		chair.Go(j.T("meeting.vote.drop_act"))
	}
	chair.Go(j.T("meeting.board.act"))
	chair.Says("main", "Bo Frederiksen")
	chair.Go(j.T("rights.handover.show"))
	chair.Says("main", j.T("rights.handover.preview"))
	chair.Go(j.T("rights.handover.act"))
	chair.Says("[role=status]", j.T("rights.notice.handed_over"))
	chair.Says("main", "Skrevet ind")

	_, file = chair.Download(func() { chair.Press(j.T("meeting.page.protocol")) })
	if paper := paperText(t, file); !strings.Contains(paper, "Bo Frederiksen, valgt") || !strings.Contains(paper, "Dirigent") {
		t.Errorf("the record of votes:\n%s", paper)
	}
	chair.Type(j.T("meeting.page.minutes"), "Protokollen, side 12")
	chair.Go(j.T("meeting.close.act"))
	chair.Says("[role=status]", j.T("meeting.notice.closed"))
}

// paperText is a PDF as poppler reads it.
func paperText(t *testing.T, file []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "paper.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command("pdftotext", "-layout", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
