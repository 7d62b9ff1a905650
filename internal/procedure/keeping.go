package procedure

import (
	"kartotek/internal/charter"
)

// keeping writes the guideline on retention and destruction (D12).
func (w *writer) keeping(rules []Rule) []Section {
	return []Section{
		w.principle(), w.lifetimes(), w.destroying(), w.leaving(), w.kinds(rules), w.orders(), w.archives(), w.sweep(), w.requests(),
	}
}

// principle: nothing without an end (N14).
func (w *writer) principle() Section {
	return w.section("principle", w.p.T("procedure.principle.text"), w.p.T("procedure.principle.who"))
}

// lifetimes: how long a list lives, by purpose.
func (w *writer) lifetimes() Section {
	s := w.section("lists", w.p.T("procedure.lists.text", "days", w.limit("list-days")), w.p.T("procedure.lists.line"))
	s.Facts = w.purposes()
	s.After = []string{
		w.p.T("procedure.lists.record", "years", w.limit("list-record-years"), "days", w.limit("list-line-days")),
	}
	return s
}

// destroying: what to do with a list, digital and on paper, and how it is attested.
func (w *writer) destroying() Section {
	s := w.section("destroying", w.p.T("procedure.destroying.text"))
	s.Facts = []Fact{
		{Term: w.p.T("procedure.destroying.digital"), Value: w.p.T("procedure.destroying.digital_text")},
		{Term: w.p.T("procedure.destroying.paper"), Value: w.p.T("procedure.destroying.paper_text")},
	}
	s.After = []string{w.p.T("procedure.destroying.attest"), w.p.T("procedure.destroying.late")}
	return s
}

// leaving: a membership that ends, and everything with it (D7, N14).
func (w *writer) leaving() Section {
	s := w.section("leaving",
		w.p.T("procedure.leaving.text"),
		w.p.T("procedure.leaving.window", "days", w.limit("window-days")),
		w.p.T("procedure.leaving.outside"),
		w.p.T("procedure.leaving.unpaid", "months", w.limit("non-payment-months")),
	)
	for i := range w.c.Reasons {
		r := &w.c.Reasons[i]
		value := w.p.T("procedure.leaving.told")
		if r.Silent {
			value = w.p.T("procedure.leaving.silent")
		}
		kept := w.p.T("procedure.leaving.nothing_kept")
		if r.Bookkeeping {
			kept = w.p.T("procedure.leaving.law_kept")
		}
		s.Facts = append(s.Facts, Fact{Term: r.Name.In(w.p.Lang()), Value: value, Note: kept})
	}
	return s
}

// kinds: every rule the sweep works by, in its own words.
func (w *writer) kinds(rules []Rule) Section {
	s := w.section("kinds", w.p.T("procedure.kinds.text"))
	for _, r := range rules {
		w.said[r.Parameter] = true
		period := r.Period
		if period == "" {
			period = w.p.T("procedure.kinds.no_period")
		}
		source := r.Source
		if r.Checked != "" {
			source = w.p.T("procedure.kinds.checked", "source", source, "month", r.Checked)
		}
		value := w.p.T("procedure.kinds.value", "period", period, "what", r.What)
		note := r.Ends
		if source != "" {
			note = w.p.T("procedure.kinds.note", "ends", r.Ends, "source", source)
		}
		s.Facts = append(s.Facts, Fact{Term: r.Name, Value: value, Note: note})
	}
	return s
}

// orders: what the law has kept, where, how long, and who sees it (L7).
func (w *writer) orders() Section {
	b := &w.c.Bookkeeping
	var levels []string
	for i := range w.c.Levels {
		if level := &w.c.Levels[i]; level.Accounts {
			levels = append(levels, w.words(level.Name))
		}
	}
	s := w.section("law",
		w.p.T("procedure.law.text", "basis", b.BasisText, "article", b.Basis, "levels", w.p.List(levels)),
		w.p.T("procedure.law.year", "month", w.limit("accounting-year-month")),
	)
	for _, country := range w.c.Seats() {
		law := w.c.Law(country)
		years := law.Years
		if years == 0 {
			years = w.c.Parameters.BookkeepingYears.Value
		}
		from := w.p.T("procedure.law.accounting_year")
		if law.CalendarYear {
			from = w.p.T("procedure.law.calendar_year")
		}
		source := law.Source
		if source == nil {
			source = w.c.Parameters.BookkeepingYears.Source
		}
		s.Facts = append(s.Facts, Fact{
			Term: sentence(law.Cite.In(w.p.Lang())), Value: w.p.T("procedure.law.years", "years", w.p.T("charter.unit.years", "count", years), "from", from),
			Note: source.In(w.p.Lang()),
		})
	}
	w.said["bookkeeping-years"] = true
	s.After = []string{w.p.T("procedure.law.who", "who", w.p.List(w.holders(charter.Accounts)))}
	return s
}

// archives: copies of the register end too, and open nobody who has gone (D7).
func (w *writer) archives() Section {
	return w.section("archives",
		w.p.T("procedure.archives.text", "days", w.limit("backup-days")),
		w.p.T("procedure.archives.drill", "months", w.limit("drill-months")),
		w.p.T("procedure.archives.keys"),
	)
}

// sweep: how the program itself ends things, and its brake.
func (w *writer) sweep() Section {
	return w.section("sweep",
		w.p.T("procedure.sweep.text"),
		w.p.T("procedure.sweep.brake", "share", w.limit("sweep-share-percent"), "least", w.limit("sweep-minimum"), "days", w.limit("sweep-postpone-days")),
		w.p.T("procedure.sweep.hold", "months", w.limit("hold-months")),
	)
}

// requests: what a member can ask (L2).
func (w *writer) requests() Section {
	return w.section("requests",
		w.p.T("procedure.requests.text"),
		w.p.T("procedure.requests.answer", "months", w.limit("answer-months"), "more", w.limit("answer-more-months")),
		w.p.T("procedure.requests.breach", "hours", w.limit("breach-hours")),
	)
}
