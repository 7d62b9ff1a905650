package app

import (
	"context"
	"errors"
	"time"

	"kartotek/internal/charter"
	"kartotek/internal/duty"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
)

// sweepEvery is how often work that has come due is looked for.
const sweepEvery = 30 * time.Second

// Run does the scheduled work until the context ends: mails are sent, moves and
// applications go on, duties are reminded of once a day, and what has ended is swept
// (retention.go). What fails is logged without personal data and tried again.
func (h *House) Run(ctx context.Context) {
	h.Mail.Start()
	defer func() {
		stop, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		h.Mail.Stop(stop)
	}()
	defer h.runCopies(ctx)()
	defer h.runMailings(ctx)()
	defer h.runPassing(ctx)()
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		h.Turn(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Turn does once what Run does all the time, the day's work if it is a new day; one
// at a time.
func (h *House) Turn(ctx context.Context) {
	h.attempt("clock", func() error { return h.Retention.Tick(ctx) })
	h.attempt("copies of the keyring", func() error { return h.sweepCopies(ctx) })
	h.attempt("master key of before", func() error {
		_, err := h.destroyRetired(ctx)
		return err
	})
	h.attempt("access", func() error { return h.prepare(ctx) })
	h.attempt("notices", func() error {
		_, err := h.Notices.Send(ctx)
		return err
	})
	h.attempt("applications", func() error { return h.Joining.Work(ctx) })
	h.attempt("moves", func() error { return h.Transfers.Work(ctx) })
	h.attempt("closings of many", func() error { return h.Departures.RunBatches(ctx) })
	h.attempt("backups", func() error { return h.Backup.Sweep(ctx) })
	now := h.Now()
	if h.newly(now, h.told) {
		h.told = now
		h.attempt("reports", func() error { return h.count(ctx) }) // before the new day changes anything
		h.attempt("reasons", func() error { return h.countReasons(ctx) })
		h.attempt("members", func() error { return h.newDay(ctx) })
		h.attempt("general meetings", func() error { return h.Meetings.Daily(ctx) })
		h.attempt("documented access", func() error { return h.Grants.Daily(ctx) })
		h.attempt("agreements", func() error { return h.Agreements.Daily(ctx) })
		h.attempt("procedure", func() error { return h.Procedures.Daily(ctx) })
		h.attempt("declarations", func() error { return h.Declarations.Daily(ctx) })
		h.attempt("requisitions", func() error { return h.Handouts.Daily(ctx) })
		h.attempt("consents", func() error { return h.Consents.Daily(ctx) })
		h.attempt("reviews", func() error { return h.Reviews.Daily(ctx) })
		h.attempt("duties", func() error { return h.TellDuties(ctx) })
		h.attempt("heads", func() error { return h.Dues.CountHeads(ctx) })
		h.attempt("audits", func() error { return h.Audits.Daily(ctx) }) // after heads: it asks about them
		h.attempt("non-payment", func() error { return h.Dues.ProposeClosing(ctx) })
		h.attempt("corrections", func() error { return h.sweepCorrections(ctx) })
		h.attempt("backups", func() error { return h.Backup.Daily(ctx) })
		h.attempt("master key", func() error { return h.seeToShares(ctx) })
		h.attempt("check", func() error { return h.checkDaily(ctx) })
		h.attempt("certificates", func() error { h.Asking.Tidy(); return nil })
		h.attempt("news", func() error { return h.News.Ready(ctx) })
		h.attempt("closed pages", func() error { return h.Directory.EndLooks(ctx) })
		h.attempt("sign-in", func() error { return h.SignIn.Tidy(ctx) })
	}
	whole := h.newly(now, h.swept) && !h.steady.Doubtful()
	if whole {
		h.swept = now
	}
	h.attempt("retention", func() error { return h.sweep(ctx, whole) })
}

// newly reports whether a day has begun since something was done last.
func (h *House) newly(now, last time.Time) bool {
	return now.Sub(last) > 24*time.Hour || h.Charter.Today(now) != h.Charter.Today(last)
}

// attempt runs a piece of work and logs what went wrong. What the program's end
// interrupts is no fault: it is tried when the program starts again.
func (h *House) attempt(what string, work func() error) {
	if err := work(); err != nil && !errors.Is(err, context.Canceled) {
		h.Log.Error("scheduled work failed; it will be tried again", "work", what, "error", err)
	}
}

// messenger tells the responsible of their duties by mail.
type messenger struct{ h *House }

func (m messenger) Remind(ctx context.Context, d duty.Duty) error {
	return m.tell(ctx, d, "duty.mail.near", m.responsible(d))
}

// Escalate tells whoever is responsible and, since the day has passed, the
// secretariat.
func (m messenger) Escalate(ctx context.Context, d duty.Duty) error {
	return m.tell(ctx, d, "duty.mail.late", append(m.responsible(d), m.h.Access.Employed(charter.Close)...))
}

func (m messenger) responsible(d duty.Duty) []vault.PersonID {
	if d.Person != 0 {
		return []vault.PersonID{d.Person}
	}
	act, known := charter.ParseAct(d.Act)
	if !known {
		return nil
	}
	if d.Unit != 0 {
		return m.h.Access.Officers(d.Unit, act)
	}
	return m.h.Access.Employed(act)
}

func (m messenger) tell(ctx context.Context, d duty.Duty, key string, to []vault.PersonID) error {
	return m.write(ctx, d, to, func(p *locale.Printer) string {
		what := p.T("duty.kind."+string(d.Kind), "number", d.Subject)
		return p.T(key, "duty", what, "date", p.Date(d.DueOn)) + "\n\n" + m.h.URL + "/"
	})
}

// write sends a mail about a duty to each of some persons, once.
func (m messenger) write(ctx context.Context, d duty.Duty, to []vault.PersonID, text func(*locale.Printer) string) error {
	told := map[vault.PersonID]bool{}
	for _, person := range to {
		if told[person] || m.h.Members.Leaving(person) { // nothing is asked of whoever leaves, or has died
			continue
		}
		told[person] = true
		if handed, err := m.h.remindHanded(ctx, d, person); err != nil || handed {
			if err != nil {
				return err
			}
			continue
		}
		subject := ""
		message, err := letters(m).compose(ctx, person, "duty.mail", func(p *locale.Printer) string {
			subject = p.T("duty.mail.subject", "date", p.Date(d.DueOn))
			body := text(p)
			if d.Kind == duty.DestroyList { // how it is done, published for everybody (D12)
				body += "\n\n" + p.T("procedure.mail") + "\n" + m.h.URL + guidelineAddress
			}
			return body
		})
		if err != nil {
			return err
		}
		if message == nil {
			continue
		}
		message.Subject = subject
		if err := m.h.send(ctx, *message); err != nil {
			return err
		}
	}
	return nil
}

// TellDuties tells whoever is responsible what is due soon or late, each once.
func (h *House) TellDuties(ctx context.Context) error {
	return h.Duties.Run(ctx, h.Now(), messenger{h})
}
