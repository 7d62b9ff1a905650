package app

import (
	"context"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/certificate"
	"kartotek/internal/database"
	"kartotek/internal/directory"
	"kartotek/internal/extract"
	"kartotek/internal/hook"
	"kartotek/internal/locale"
	"kartotek/internal/passing"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// connectPassing makes the room that passes members' data on to declared bodies outside
// (N12).
func (h *House) connectPassing() {
	h.Passing = passing.New(passing.Parts{
		Charter: h.Charter, DB: h.DB, Keyring: h.Keyring, Records: h.Records, Journal: h.Journal, Access: h.Access, Units: h.Units, Members: h.Members,
		Duties: h.Duties, Consents: h.Consents, Lists: passedLists{h}, Hook: hook.New(h.Hook), Webhooks: h.Webhooks, Now: h.Now,
	})
}

// receivers shows the privacy page to whom members are passed on (N12).
type receivers struct{ h *House }

func (r receivers) Recipients(body unit.ID, p *locale.Printer) (all []directory.Processor) {
	for _, d := range r.h.Passing.Recipients(context.Background(), body, p.Lang()) {
		names := make([]string, 0, len(d.Fields))
		for _, code := range d.Fields {
			if f, known := r.h.Charter.Field(code); known {
				names = append(names, f.Name.In(p.Lang()))
			}
		}
		facts := []directory.Fact{
			{Term: p.T("passing.page.country"), Value: p.Country(d.Country)}, {Term: p.T("passing.page.what"), Value: d.Hint.In(p.Lang())},
			{Term: p.T("passing.page.basis"), Value: d.BasisText}, {Term: p.T("passing.page.fields"), Value: p.List(names)},
			{Term: p.T("passing.page.refusal"), Value: p.T("passing.refusal." + d.Refusal)},
		}
		if d.TransferText != "" {
			facts = append(facts, directory.Fact{Term: p.T("passing.page.transfer"), Value: d.TransferText})
		}
		all = append(all, directory.Processor{Name: d.Name.In(p.Lang()), Facts: facts})
	}
	return all
}

// passedLists makes the files that somebody carries to a recipient: lists, whose
// destruction they answer for (D12).
type passedLists struct{ h *House }

func (l passedLists) Pull(ctx context.Context, by access.Actor, p passing.Listing) (passing.Delivery, error) {
	d, err := l.h.Extracts.Pull(ctx, by, extract.Wish{
		Unit: p.Unit, Purpose: p.Purpose, Format: extract.CSV, Lang: p.Lang, Beside: &extract.Beside{Among: p.Among, Columns: p.Columns, Cells: p.Cells},
	})
	if err != nil {
		return nil, err
	}
	return passedFile{d}, nil
}

// passedFile is such a file on its way.
type passedFile struct{ *extract.Delivery }

// runPassing brings what is due to recipients until stopped, beside the other
// scheduled work: a recipient that answers slowly must not hold up a notice.
func (h *House) runPassing(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(sweepEvery)
		defer tick.Stop()
		for {
			if !h.steady.Doubtful() {
				h.attempt("passing on", func() error { return h.Passing.Work(ctx) })
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
	return func() { cancel(); <-done }
}

// passedOn has the recipients of what was passed on told of an erasure, beside the
// holders of lists.
func (h *House) passedOn(tx *database.Tx, person vault.PersonID) error {
	return h.Passing.Leaving(tx, person)
}

// passedTold is what they were told, for the certificate (GDPR Art. 19).
func (h *House) passedTold(ctx context.Context, person vault.PersonID) ([]certificate.Told, error) {
	all, err := h.Passing.Told(ctx, person)
	told := make([]certificate.Told, 0, len(all))
	for _, t := range all {
		state := "waiting"
		switch {
		case !t.DoneAt.IsZero():
			state = "acknowledged"
		case !t.ToldAt.IsZero():
			state = "told"
		}
		told = append(told, certificate.Told{Holder: t.Recipient, Country: t.Country, ToldAt: t.ToldAt, DoneAt: t.DoneAt, State: state})
	}
	return told, err
}
