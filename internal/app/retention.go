package app

import (
	"context"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/retention"
	"kartotek/internal/vault"
)

// connectRetention makes the daily sweep and hands every room's ending work in as a
// rule of it.
func (h *House) connectRetention() {
	h.Retention = retention.New(retention.Parts{
		Charter: h.Charter, DB: h.DB, Records: h.Records, Journal: h.Journal, Access: h.Access, Duties: h.Duties,
		Directory: h.Members, Steady: h.steady, Now: h.Now,
	})
	h.Retention.Add(h.rules()...)
}

// rules are everything that ends, in the order in which it is swept: persons first.
// A table with a time in it stands in one of them, a test sees to it.
func (h *House) rules() []retention.Rule {
	return []retention.Rule{
		{Code: "membership", Parameter: "window-days", Tables: []string{"record", "departure"}, Persons: true, Often: true, Work: departing{h}},
		{Code: "application", Parameter: "joining-undecided-days", Tables: []string{"application"}, Work: job{h.Joining.Due, h.Joining.End, nil}},
		{Code: "move", Parameter: "case-days", Tables: []string{"transfer"}, Work: job{h.Transfers.Due, h.Transfers.End, h.movesOf}},
		{Code: "officer-contact", Parameter: "officer-contact-days", Work: officers{h}},
		{Code: "former-name", Parameter: "former-name-months", Work: job{h.Members.FormersDue, h.Members.EndFormers, h.formersOf}},
		{Code: "past-value", Parameter: "trace-months", Work: job{h.Members.PastDue, h.Members.EndPast, h.pastOf}},
		{Code: "correspondence", Parameter: "document-months", Work: job{h.Members.CoursesDue, h.Members.EndCourses, nil}},
		{Code: "letter", Parameter: "letter-keep-days", Tables: []string{"letter"}, Work: job{h.Letters.Due, h.Letters.End, h.lettersOf}},
		{Code: "mailing", Parameter: "mailing-keep-months", Tables: []string{"mailing"}, Work: job{h.Mailings.Due, h.Mailings.End, h.mailingsOf}},
		{Code: "mail", Parameter: "letter-keep-days", Tables: []string{"mail"}, Passing: true, Work: job{h.Mail.Due, h.Mail.End, h.mailsOf}},
		{Code: "text-message", Parameter: "text-message-days"},
		{Code: "list", Parameter: "list-record-years", Tables: []string{"extract", "extract_pass", "extract_exception"}, Work: job{h.Extracts.Due, h.Extracts.End, h.listsOf}},
		{Code: "handout", Parameter: "list-record-years", Work: job{h.Handouts.Due, h.Handouts.End, nil}},
		{Code: "consent", Parameter: "evidence-years", Work: job{h.Consents.Due, h.Consents.End, h.consentsOf}},
		{Code: "consent-paper", Parameter: "sheet-days", Work: job{h.Consents.PapersDue, h.Consents.EndPapers, h.consentPapersOf}},
		{Code: "list-line", Parameter: "list-line-days", Tables: []string{"extract_order"}, Passing: true, Work: job{h.Extracts.OrdersDue, h.Extracts.EndOrders, nil}},
		{Code: "notice", Parameter: "list-record-years", Tables: []string{"holder", "holder_list", "notice", "notice_line", "notice_change"}, Work: job{h.Notices.Due, h.Notices.End, h.noticesOf}},
		{Code: "passing", Parameter: "list-record-years", Tables: []string{"passing_recipient", "passing_run", "passing_batch", "passing_line"}, Work: job{h.Passing.Due, h.Passing.End, nil}},
		{Code: "journal", Parameter: "journal-years", Tables: []string{"journal_entry", "journal_body", "journal_person"}, Work: job{h.Journal.Due, h.Journal.Prune, h.journalOf}},
		{Code: "access-history", Parameter: "access-history-years", Tables: []string{"access_history"}, Work: job{h.Access.HistoryDue, h.Access.Prune, h.historyOf}},
		{Code: "grant", Parameter: "access-history-years", Work: job{h.Grants.Due, h.Grants.End, nil}},
		{Code: "meeting-attendance", Parameter: "meeting-keep-days", Work: job{h.Meetings.Due, h.Meetings.End, nil}},
		{Code: "meeting", Parameter: "document-months", Tables: []string{"meeting", "meeting_poll"}, Work: job{h.Meetings.WordsDue, h.Meetings.EndWords, nil}},
		{Code: "review", Parameter: "review-years", Tables: []string{"review", "review_line"}, Work: job{h.Reviews.Due, h.Reviews.End, nil}},
		{Code: "audit", Parameter: "audit-years", Tables: []string{"audit", "audit_part", "audit_change"}, Work: job{h.Audits.Due, h.Audits.End, nil}},
		{Code: "sign-in", Parameter: "signin-days", Tables: []string{"session", "signin_code", "signin_limit"}, Passing: true, Work: job{h.SignIn.Due, h.SignIn.End, h.devicesOf}},
		{Code: "news", Parameter: "news-days", Tables: []string{"news"}, Work: job{h.News.Due, h.News.Sweep, nil}},
		{Code: "round", Parameter: "case-days", Tables: []string{"round"}, Work: job{h.Rounds.Due, h.Rounds.EndDue, nil}},
		{Code: "duty", Parameter: "document-months", Tables: []string{"duty"}, Work: job{h.Duties.Due, h.Duties.End, nil}},
		{Code: "mapping", Parameter: "mapping-months", Tables: []string{"import_mapping"}, Work: job{h.Members.MappingsDue, h.Members.EndMappings, nil}},
		{Code: "evidence", Parameter: "evidence-years"},
		{Code: "bookkeeping", Parameter: "bookkeeping-years", Tables: []string{"dues_sheet", "dues_run", "dues_count"}, Work: job{h.Departures.KeptTally, h.Departures.EndKeptBy, nil}},
		{Code: "closing-batch", Parameter: "case-days", Work: job{h.Departures.BatchesDue, h.Departures.EndBatches, nil}},
		{Code: "certificate", Parameter: "certificate-years", Tables: []string{"certificate"}, Work: job{h.Departures.CertificatesDue, h.Departures.EndCertificatesBy, nil}},
		{Code: "non-payment", Parameter: "non-payment-months"},
		{Code: "sweep", Parameter: "document-months", Tables: []string{"retention_plan", "retention_run", "retention_brake", "retention_clock", "backup_run"}, Work: job{h.Retention.Due, h.Retention.End, nil}},
		{Code: "procedure", Tables: []string{"procedure_version"}, Forever: true},
		{Code: "declaration", Tables: []string{"declaration_version", "declaration_draft", "declaration_edit"}, Forever: true},
		{Code: "agreement", Parameter: "agreement-keep-years", Tables: []string{"agreement", "processor", "processor_objection"}, Work: job{h.Agreements.Due, h.Agreements.End, nil}},
		{Code: "running-count", Parameter: "document-months", Tables: []string{"report_running", "departure_running"}, Work: job{h.Reports.Due, h.Reports.End, nil}},
		{Code: "statistics", Tables: []string{"report_count", "departure_count"}, Forever: true},
		{Code: "proof", Tables: []string{"departure", "journal_checkpoint", "unit", "key_copy"}, Forever: true},
	}
}

// sweep plans a day before anything runs on it and works the rules: all of them once
// a day, those that cannot wait at every pass.
func (h *House) sweep(ctx context.Context, whole bool) error {
	if h.steady.Doubtful() {
		return nil
	}
	if whole {
		if _, err := h.Retention.Plan(ctx, false); err != nil {
			return err
		}
	}
	return h.Retention.Sweep(ctx, !whole)
}

// held reports whether no key of a letter, a mail or a piece of news may end now: the
// time is in doubt, or two persons are being asked.
func (h *House) held() bool {
	if h.steady.Doubtful() {
		return true
	}
	braked, err := h.Retention.Braked(context.Background(), "letter", "mail", "mailing", "news", "round")
	return braked || err != nil
}

// EraseDue works what cannot wait for the day: windows that have ended. It says how
// many persons it took.
func (h *House) EraseDue(ctx context.Context) (int, error) {
	before, err := h.Departures.ErasedCount(ctx)
	if err != nil {
		return 0, err
	}
	if err := h.sweep(ctx, false); err != nil {
		return 0, err
	}
	after, err := h.Departures.ErasedCount(ctx)
	return after - before, err
}

// job is the work of a room that counts and ends by a moment.
type job struct {
	due func(ctx context.Context, by time.Time) (due, all int, err error)
	end func(ctx context.Context, by time.Time) (int, error)
	of  func(ctx context.Context, person vault.PersonID) ([]retention.Held, error)
}

func (j job) Due(ctx context.Context, by time.Time) (retention.Tally, error) {
	due, all, err := j.due(ctx, by)
	return retention.Tally{Due: due, All: all}, err
}

func (j job) End(ctx context.Context, by time.Time) (int, error) { return j.end(ctx, by) }

func (j job) Of(ctx context.Context, person vault.PersonID) ([]retention.Held, error) {
	if j.of == nil {
		return nil, nil
	}
	return j.of(ctx, person)
}

// departing is the end of memberships: closings whose window is over.
type departing struct{ h *House }

func (d departing) Due(ctx context.Context, by time.Time) (retention.Tally, error) {
	ending, err := d.h.Departures.Ending(ctx, by)
	return retention.Tally{Due: len(ending), All: d.h.Members.Total()}, err
}

func (d departing) End(ctx context.Context, by time.Time) (int, error) {
	return d.h.Departures.EraseEnding(ctx, by)
}

func (d departing) Whom(ctx context.Context, by time.Time) ([]vault.PersonID, error) {
	return d.h.Departures.Ending(ctx, by)
}

func (d departing) Crowd(ctx context.Context, after time.Time) (int, time.Time, error) {
	return d.h.Departures.Crowd(ctx, after)
}

func (d departing) Continue(ctx context.Context) error { return d.h.Departures.Continue(ctx) }

func (d departing) Postpone(tx *database.Tx, by, until time.Time) error {
	return d.h.Departures.Postpone(tx, by, until)
}

func (d departing) Of(ctx context.Context, person vault.PersonID) ([]retention.Held, error) {
	due, leaving, err := d.h.Departures.DueOf(ctx, person)
	if err != nil || !leaving {
		return nil, err
	}
	return []retention.Held{{What: "retention.held.closed", Until: due}}, nil
}

// held makes what a room tells of a person one line.
func held(what string, count int, until time.Time, err error) ([]retention.Held, error) {
	if err != nil || count == 0 {
		return nil, err
	}
	return []retention.Held{{What: what, Count: count, Until: until}}, nil
}

func (h *House) movesOf(ctx context.Context, person vault.PersonID) ([]retention.Held, error) {
	count, until, err := h.Transfers.Of(ctx, person)
	return held("retention.held.moves", count, until, err)
}

func (h *House) formersOf(ctx context.Context, person vault.PersonID) ([]retention.Held, error) {
	count, last, err := h.Members.FormersOf(ctx, person)
	if err != nil || count == 0 {
		return nil, err
	}
	return held("retention.held.formers", count, h.Charter.Midnight(last.AddDays(1)), nil)
}

func (h *House) pastOf(ctx context.Context, person vault.PersonID) ([]retention.Held, error) {
	count, until, err := h.Members.PastOf(ctx, person)
	return held("retention.held.past", count, until, err)
}

func (h *House) lettersOf(ctx context.Context, person vault.PersonID) ([]retention.Held, error) {
	count, until, err := h.Letters.Of(ctx, person)
	return held("retention.held.letters", count, until, err)
}

func (h *House) mailsOf(ctx context.Context, person vault.PersonID) ([]retention.Held, error) {
	count, until, err := h.Mail.Of(ctx, person)
	return held("retention.held.mails", count, until, err)
}

func (h *House) listsOf(ctx context.Context, person vault.PersonID) ([]retention.Held, error) {
	count, until, err := h.Extracts.Of(ctx, person)
	return held("retention.held.lists", count, until, err)
}

func (h *House) noticesOf(ctx context.Context, person vault.PersonID) ([]retention.Held, error) {
	count, until, err := h.Notices.Of(ctx, person)
	return held("retention.held.notices", count, until, err)
}

func (h *House) historyOf(ctx context.Context, person vault.PersonID) ([]retention.Held, error) {
	count, err := h.Access.HistoryOf(ctx, person)
	return held("retention.held.history", count, time.Time{}, err)
}

func (h *House) devicesOf(ctx context.Context, person vault.PersonID) ([]retention.Held, error) {
	count, until, err := h.SignIn.Of(ctx, person)
	return held("retention.held.devices", count, until, err)
}

func (h *House) journalOf(ctx context.Context, person vault.PersonID) ([]retention.Held, error) {
	count, until, err := h.Journal.Of(ctx, uint32(person))
	return held("retention.held.journal", count, until, err)
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

func years(n int) time.Duration { return days(365 * n) }
