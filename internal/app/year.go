package app

import (
	"fmt"

	"kartotek/internal/duty"
	"kartotek/internal/locale"
)

// YearEvents are the days of a year for a calendar: what is to be done, of nobody and
// without the association's name. A duty keeps its event from one making to the next.
func (h *House) YearEvents(p *locale.Printer, duties []duty.Duty, ahead []duty.Ahead) []duty.Event {
	var events []duty.Event
	for i := range duties {
		d := &duties[i]
		events = append(events, duty.Event{
			UID: fmt.Sprintf("duty-%d@kartotek", d.ID), On: d.DueOn, Title: p.T("duty.kind."+string(d.Kind), "number", d.Subject), Done: !d.DoneAt.IsZero(),
		})
	}
	for i := range ahead {
		a := &ahead[i]
		events = append(events, duty.Event{
			UID: fmt.Sprintf("%s-%s-%d@kartotek", a.Code, a.On, a.Unit), On: a.On, Title: p.T("duty.ahead."+a.Code, a.Args...),
		})
	}
	return events
}
