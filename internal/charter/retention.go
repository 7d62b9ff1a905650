package charter

// retention calls fn with every limit of how long the register keeps what no law
// speaks of, and of when the daily sweep asks before it takes anything (N14, GDPR
// Art. 5(1)(e)): its key, its default and its bounds. They are newer than some
// charters in use: absent, they have the program's default.
func (p *Parameters) retention(fn func(key string, n *Number, standing, low, high int)) {
	fn("list-record-years", &p.ListRecordYears, 5, 1, 15)
	fn("list-line-days", &p.ListLineDays, 180, 0, 730)
	fn("journal-years", &p.JournalYears, 5, 1, 30)
	fn("signin-days", &p.SigninDays, 365, 30, 1825)
	fn("evidence-years", &p.EvidenceYears, 5, 0, 15)
	fn("sheet-days", &p.SheetDays, 180, 14, 730)
	fn("paper-days", &p.PaperDays, 7, 1, 60)
	fn("case-days", &p.CaseDays, 30, 1, 365)
	fn("news-days", &p.NewsDays, 120, 7, 365)
	fn("mapping-months", &p.MappingMonths, 24, 1, 120)
	fn("trace-months", &p.TraceMonths, 12, 0, 60)
	fn("sweep-share-percent", &p.SweepSharePercent, 2, 1, 100)
	fn("sweep-minimum", &p.SweepMinimum, 25, 0, 10000)
	fn("sweep-postpone-days", &p.SweepPostponeDays, 14, 1, 60)
}

// Limit is one row of the table of parameters by its key; false where the charter
// has none of that name.
func (c *Charter) Limit(code string) (Parameter, bool) {
	for _, p := range c.Table() {
		if p.Code == code && p.Post == nil {
			return p, true
		}
	}
	return Parameter{}, false
}
