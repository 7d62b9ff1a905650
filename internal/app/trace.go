package app

import (
	"context"

	"kartotek/internal/access"
	"kartotek/internal/extract"
	"kartotek/internal/trace"
)

// connectTrace gives the room that traces found lists the lists on record.
func (h *House) connectTrace() {
	h.Traces = trace.New(trace.Parts{
		Charter: h.Charter, Access: h.Access, Directory: h.Members, Journal: h.Journal, Lists: recorded{h}, Prints: h.Keyring,
	})
}

type recorded struct{ h *House }

func (r recorded) Recorded(ctx context.Context, scope access.Scope) ([]trace.List, error) {
	known, err := r.h.Extracts.Recorded(ctx, scope)
	if err != nil {
		return nil, err
	}
	today := r.h.Access.Today()
	all := make([]trace.List, len(known))
	for i := range known {
		l := &known[i]
		all[i] = trace.List{
			Number: l.Number, Entry: l.Entry, Unit: l.Unit, Purpose: l.Purpose, Format: string(l.Format), Recipient: l.Recipient,
			Members: l.Members, Fields: l.Fields, PulledAt: l.PulledAt, DestroyBy: l.DestroyBy,
			Destroyed: l.Destroyed(), Overdue: l.StateOn(today) == extract.Overdue,
		}
	}
	return all, nil
}
