package mailing_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/extract"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/mailing"
)

// house is a house with mailings and the mails that came out of it.
type house struct {
	*housetest.Fixture
	t *testing.T
}

func (h *house) draft(by, body, purpose string) mailing.Mailing {
	h.t.Helper()
	m, err := h.Mailings.Draft(h.Context(), h.As(by), mailing.Draft{
		Unit: h.Bodies[body], Purpose: purpose, Subject: "Kom på fredag", Text: "Kære medlem\n\nVi mødes på fredag kl. 19.\n", Letters: true,
	})
	h.Must(err)
	return m
}

// approved is a mailing that begins when it is worked on.
func (h *house) approved(by, body, purpose, second string) mailing.Mailing {
	h.t.Helper()
	m := h.draft(by, body, purpose)
	_, err := h.Mailings.Submit(h.Context(), h.As(by), m.ID)
	h.Must(err)
	m, err = h.Mailings.Approve(h.Context(), h.As(second), m.ID)
	h.Must(err)
	return m
}

func (h *house) progress(id int64) mailing.Mailing {
	h.t.Helper()
	m, err := h.Mailings.Progress(h.Context(), id)
	h.Must(err)
	return m
}

func each(t *testing.T, body func(h *house), options ...housetest.Option) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) { body(&house{f, t}) }, options...)
}

func denied(t *testing.T, what string, err error) {
	t.Helper()
	if !fault.Is(err, fault.Denied) && !fault.Is(err, fault.NotFound) {
		t.Errorf("%s: %v", what, err)
	}
}

// A storkreds has no access: it writes, somebody who has approves, the house sends, and
// the storkreds sees numbers (D13).
func TestD13AConstituencyWritesAndSeesNumbersOnly(t *testing.T) {
	each(t, func(h *house) {
		ctx, t := h.Context(), h.t
		by := h.As("regional chair")
		if _, err := h.Extracts.Prepare(ctx, by, extract.Wish{Unit: h.Bodies["north"], Purpose: "invitation"}); !fault.Is(err, fault.Denied) {
			t.Fatalf("a list: %v", err)
		}
		if all := h.Mailings.Bodies(by); len(all) != 1 || all[0].Unit != h.Bodies["north"] || all[0].Alone {
			t.Errorf("writes for %+v", all)
		}
		_, err := h.Mailings.Draft(ctx, by, mailing.Draft{Unit: h.Bodies["south"], Purpose: "invitation", Subject: "x", Text: "x"})
		denied(t, "another storkreds", err)
		_, err = h.Mailings.Draft(ctx, by, mailing.Draft{Unit: h.Bodies["gentofte"], Purpose: "invitation", Subject: "x", Text: "x"})
		denied(t, "an association", err)

		m := h.draft("regional chair", "north", "invitation")
		slip, err := h.Mailings.Slip(ctx, by, m.Draft)
		h.Must(err)
		if slip.Members != 9 || slip.ByMail != 4 || slip.Left.Nowhere != 5 {
			t.Errorf("the slip is %+v", slip)
		}
		_, err = h.Mailings.Submit(ctx, by, m.ID)
		h.Must(err)
		_, err = h.Mailings.Approve(ctx, by, m.ID)
		denied(t, "their own", err)
		_, err = h.Mailings.Approve(ctx, h.As("chair"), m.ID)
		denied(t, "an officer below", err)
		_, err = h.Mailings.Approve(ctx, h.As("anna"), m.ID)
		h.Must(err)
		h.Must(h.Mailings.Work(ctx))
		sight, err := h.Mailings.State(ctx, by, m.ID)
		h.Must(err)
		if sight.State != mailing.Sent || sight.Counts.ByMail != 4 || sight.Least != 5 {
			t.Errorf("it is %s, %+v", sight.State, sight)
		}
		// Everybody it was for stands in one entry, by the right of who approved.
		entry := h.entry(journal.MailingSend)
		if entry.Post != "member-service" || entry.Purpose != "invitation" || entry.Number != m.ID || !slices.Contains(entry.Fields, "email") {
			t.Errorf("the entry is %+v", entry)
		}
	})
}

func (h *house) entry(act journal.Act) journal.Line {
	h.t.Helper()
	_, err := h.Journal.Checkpoint(h.Context()) // gives every entry its place
	h.Must(err)
	got, err := h.Journal.Recent(h.Context(), journal.Filter{Act: act}, journal.Page{})
	h.Must(err)
	if len(got.Lines) == 0 {
		h.t.Fatalf("no entry of %s", act)
	}
	return got.Lines[0]
}

// Nobody approves their own; a statutory notice of somebody who could approve needs
// nobody else where the charter says so, and reaches whoever objects to newsletters.
func TestL8StatutoryNoticesReachEverybody(t *testing.T) {
	each(t, func(h *house) {
		ctx, t := h.Context(), h.t
		person := h.Person("member")
		h.Must(h.Members.SetObjection(ctx, h.Scope("member", access.Want{Self: true}), person, "newsletter", true))
		h.Must(h.Members.Restrict(ctx, h.Scope("anna", access.Want{Act: charter.Edit}), h.Person("neighbour"), true))

		news := h.approved("chair", "gentofte", "newsletter", "officer")
		h.Must(h.Mailings.Work(ctx))
		notice := h.draft("chair", "gentofte", "meeting-notice")
		if !h.Mailings.Alone(h.As("chair"), h.Bodies["gentofte"], "meeting-notice") || h.Mailings.Alone(h.As("chair"), h.Bodies["gentofte"], "newsletter") {
			t.Error("who needs nobody else")
		}
		notice, err := h.Mailings.Submit(ctx, h.As("chair"), notice.ID)
		h.Must(err)
		if notice.State != mailing.Approved {
			t.Fatalf("the notice is %s", notice.State)
		}
		h.Clock.Add(10 * time.Minute)
		h.Must(h.Mailings.Work(ctx))
		if got := h.mailed("soeren.quistorff@example.dk"); len(got) != 1 || strings.Contains(got[0], "/unsubscribe") {
			t.Errorf("who objects to newsletters got %q", got)
		}
		if got := h.mailed("karla@example.dk"); len(got) != 2 {
			t.Errorf("who does not got %d", len(got))
		}
		if got := h.mailed("inger@example.dk"); len(got) != 0 {
			t.Errorf("who is restricted got %q", got) // Art. 18: kept, not used
		}
		if c := h.progress(news.ID).Counts; c.Objected != 1 || c.Restricted != 1 {
			t.Errorf("the newsletter was left out for %+v", c)
		}
		if c := h.progress(notice.ID).Counts; c.Objected != 0 || c.Restricted != 1 || c.Mails != 2 {
			t.Errorf("the notice: %+v", c)
		}
	})
}

// mailed gives what the demo's mailbox holds for an address.
func (h *house) mailed(to string) (texts []string) {
	h.t.Helper()
	h.Post()
	all, err := h.Mail.Mailbox(h.Context())
	h.Must(err)
	for i := range all {
		if all[i].To == to && all[i].Kind == mailing.Kind {
			texts = append(texts, all[i].Body)
		}
	}
	return texts
}
