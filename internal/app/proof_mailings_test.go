package app_test

import (
	"time"

	"kartotek/internal/access"
	"kartotek/internal/mailing"
)

// mailings has them written to: refused and approved, sent, stopped, and waiting again
// for somebody's yes because the right of whoever approved has ended.
func (p *proof) mailings() {
	ctx, must := p.Context(), p.Must
	draft := mailing.Draft{
		Unit: p.Bodies["gentofte"], Purpose: "invitation", Subject: "Kom til sommerfest", Text: "Vi ses i haven.", Letters: true, Households: true,
	}
	m, err := p.Mailings.Draft(ctx, p.As("officer"), draft)
	must(err)
	_, err = p.Mailings.Submit(ctx, p.As("officer"), m.ID)
	must(err)
	_, err = p.Mailings.Refuse(ctx, p.As("chair"), m.ID, "Skriv hvornår")
	must(err)
	draft.Text = "Vi ses i haven den 6. juni."
	_, err = p.Mailings.Write(ctx, p.As("officer"), m.ID, draft)
	must(err)
	_, err = p.Mailings.Submit(ctx, p.As("officer"), m.ID)
	must(err)
	_, err = p.Mailings.Approve(ctx, p.As("chair"), m.ID)
	must(err)
	must(p.Mailings.Work(ctx))
	if m, err = p.Mailings.Progress(ctx, m.ID); err != nil || m.State != mailing.Sent || m.Counts.Mails == 0 {
		p.t.Fatalf("the invitation is %+v, %v", m, err)
	}

	today := p.Access.Today()
	position, err := p.Access.Employ(ctx, p.As("founder"), p.Person("paper"), access.Position{Code: "member-service", From: today, Ground: "en dag"})
	must(err)
	draft.Unit, draft.SendAt = p.Bodies["north"], p.Clock.Now().Add(time.Hour)
	m, err = p.Mailings.Draft(ctx, p.As("regional chair"), draft)
	must(err)
	_, err = p.Mailings.Submit(ctx, p.As("regional chair"), m.ID)
	must(err)
	_, err = p.Mailings.Approve(ctx, p.As("paper"), m.ID)
	must(err)
	must(p.Access.EndPosition(ctx, p.As("founder"), p.Person("paper"), position, today.AddDays(-1)))
	p.Clock.Add(2 * time.Hour)
	must(p.Mailings.Work(ctx))
	_, err = p.Mailings.Approve(ctx, p.As("anna"), m.ID)
	must(err)
	_, err = p.Mailings.Stop(ctx, p.As("regional chair"), m.ID)
	must(err)

	draft.Unit, draft.SendAt = p.Bodies["gentofte"], p.Clock.Now().Add(time.Hour)
	m, err = p.Mailings.Draft(ctx, p.As("chair"), draft)
	must(err)
	_, err = p.Mailings.Submit(ctx, p.As("chair"), m.ID)
	must(err)
	_, err = p.Mailings.Approve(ctx, p.As("officer"), m.ID)
	must(err)
	_, err = p.Mailings.Stop(ctx, p.As("chair"), m.ID)
	must(err)
}
