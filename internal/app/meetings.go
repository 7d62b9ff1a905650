package app

import (
	"context"
	"io"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/document"
	"kartotek/internal/extract"
	"kartotek/internal/fault"
	"kartotek/internal/mailing"
	"kartotek/internal/meeting"
	"kartotek/internal/unit"
)

// connectMeetings makes the general meetings.
func (h *House) connectMeetings() {
	h.Meetings = meeting.New(meeting.Parts{
		Charter: h.Charter, DB: h.DB, Records: h.Records, Journal: h.Journal, Units: h.Units, Access: h.Access,
		Directory: h.Members, Duties: h.Duties, Dues: h.Dues, Mailer: notices{h}, Now: h.Now,
	})
}

// notices has room mailing call the meetings.
type notices struct{ h *House }

// Draft begins a mailing that reaches everybody, by letter where there is no e-mail (L8).
func (n notices) Draft(ctx context.Context, by access.Actor, body unit.ID, subject, text string) (int64, error) {
	m, err := n.h.Mailings.Draft(ctx, by, mailing.Draft{
		Unit: body, Purpose: charter.ForNotice, Subject: subject, Text: text, Letters: true, Households: true,
	})
	return m.ID, err
}

// Out says when a mailing had gone to everybody.
func (n notices) Out(ctx context.Context, number int64) (on civil.Date, under bool, err error) {
	m, err := n.h.Mailings.Progress(ctx, number)
	switch {
	case fault.Is(err, fault.NotFound): // dropped
		return civil.Date{}, false, nil
	case err != nil:
		return civil.Date{}, true, err
	case m.State == mailing.Sent:
		return n.h.Charter.Today(m.EndedAt), false, nil
	}
	return civil.Date{}, m.State != mailing.Stopped && m.State != mailing.Refused, nil
}

// PullRoll takes the attendance sheet of a meeting out as a list: numbered, on record with
// everybody on it, and destroyed right after the meeting (D12).
func (h *House) PullRoll(ctx context.Context, by access.Actor, number int64, lang string) (*extract.Delivery, error) {
	sheet, err := h.Meetings.Sheet(ctx, by, number, h.Charter.Printer(lang))
	if err != nil {
		return nil, err
	}
	return h.Extracts.Pull(ctx, by, extract.Wish{
		Unit: sheet.Meeting.Unit, Purpose: charter.ForRoll, Format: extract.PDF, Lang: lang, DestroyBy: sheet.DestroyBy,
		Beside: &extract.Beside{
			Among: sheet.Among, Columns: sheet.Columns, Cells: sheet.Cells,
			Printed: func(w io.Writer, l *extract.List, recipient string) document.Writer {
				return sheet.Print(w, meeting.About{Number: l.Number, Recipient: recipient, DestroyBy: l.DestroyBy, Fields: l.Fields})
			},
		},
	})
}
