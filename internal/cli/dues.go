package cli

import (
	"context"
	"io"
	"strconv"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/dues"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// duesOf is what commands about dues have in common: body and accounting year.
type duesOf struct {
	asWho
	Unit string `placeholder:"CODE"`
	Year int    `placeholder:"YEAR"`
}

// asked settles who acts, on which body and year.
func (c *duesOf) asked(ctx context.Context, d *desk) (actor access.Actor, body unit.ID, year int, err error) {
	if body, err = d.body(c.Unit); err != nil {
		return actor, 0, 0, err
	}
	if year = c.Year; year == 0 {
		year = d.house.Dues.ThisYear()
	}
	actor, err = d.actor(ctx, c.As)
	return actor, body, year, err
}

type duesRatesCommand struct {
	inHouse
	duesOf
	Rate     map[string]string `placeholder:"CATEGORY=AMOUNT"`
	Due      day               `placeholder:"DATE"`
	Payee    string            `placeholder:"DIGITS"`
	PartYear bool
}

// rateLine is one rate in an answer.
type rateLine struct {
	Unit     string `json:"unit"`
	Year     int    `json:"year"`
	Category string `json:"category"`
	Amount   string `json:"amount"`
	Due      string `json:"due"`
}

func (c *duesRatesCommand) run(ctx context.Context, d *desk) error {
	actor, body, year, err := c.asked(ctx, d)
	if err != nil {
		return err
	}
	body = d.house.Dues.Collector(body)
	if len(c.Rate) > 0 {
		sheet := dues.Sheet{Unit: body, Year: year, DueOn: c.Due.Date, Payee: dues.TidyReference(c.Payee), PartYear: c.PartYear, Rates: map[string]int64{}}
		for category, text := range c.Rate {
			amount, ok := locale.ParseAmount(text)
			if !ok {
				return fault.New(fault.Invalid, "dues.error.rates").With("rate", "dues.error.amount")
			}
			sheet.Rates[category] = amount
		}
		if _, err := d.house.Dues.SetRates(ctx, actor, sheet); err != nil {
			return err
		}
	}
	all, err := d.house.Dues.Rates(ctx, actor, body, year)
	if err != nil {
		return err
	}
	lines := []rateLine{}
	t := d.newTable("category", "amount", "due")
	t.right[1] = true
	for i := range d.house.Charter.Categories {
		if len(all) == 0 {
			break
		}
		k := &d.house.Charter.Categories[i]
		if amount, set := all[0].Rates[k.Code]; set {
			lines = append(lines, rateLine{d.unitCode(body), year, k.Code, locale.PlainAmount(amount), all[0].DueOn.String()})
			t.add(k.Code, d.p.Sum(amount), d.p.ShortDate(all[0].DueOn))
		}
	}
	return d.answer(lines, func() {
		d.print(t)
		if len(lines) == 0 {
			d.say("dues.rates.none")
		}
	})
}

type duesChargeCommand struct {
	inHouse
	duesOf
	DryRun bool
	Undo   int64 `placeholder:"RUN"`
}

// tallyAnswer is what a charging did, or would do.
type tallyAnswer struct {
	Run     int64  `json:"run,omitempty"`
	Members int    `json:"members"`
	Amount  string `json:"amount"`
	Already int    `json:"already"`
	Exempt  int    `json:"exempt"`
	NoRate  int    `json:"no_rate"`
}

func (c *duesChargeCommand) run(ctx context.Context, d *desk) error {
	actor, body, year, err := c.asked(ctx, d)
	if err != nil {
		return err
	}
	if c.Undo != 0 {
		run, err := d.house.Dues.Undo(ctx, actor, c.Undo)
		if err != nil {
			return err
		}
		return d.answer(tallyAnswer{Run: run.Number, Members: run.Members, Amount: locale.PlainAmount(run.Amount)}, func() { d.say("dues.notice.undone", "number", run.Members) })
	}
	act := d.house.Dues.Charge
	if c.DryRun {
		act = d.house.Dues.Preview
	}
	t, err := act(ctx, actor, body, year)
	if err != nil {
		return err
	}
	return d.answer(tallyAnswer{t.Run, t.Members, locale.PlainAmount(t.Amount), t.Already, t.Exempt, t.NoRate}, func() {
		table := d.newTable("category", "members", "amount")
		table.right[1], table.right[2] = true, true
		for _, k := range t.Categories {
			table.add(k.Category, d.p.Number(k.Members), d.p.Sum(k.Amount))
		}
		d.print(table)
		if c.DryRun {
			d.say("cli.dues.would", "count", t.Members, "amount", d.p.Amount(t.Amount))
			return
		}
		d.say("cli.dues.charged", "count", t.Members, "amount", d.p.Amount(t.Amount), "number", t.Run)
	})
}

type duesPayCommand struct {
	inHouse
	asWho
	Reference string `arg:"" optional:"" name:"REFERENCE"`
	Member    string `placeholder:"NUMBER"`
	Year      int    `placeholder:"YEAR"`
	Amount    string `placeholder:"AMOUNT"`
	Date      day    `placeholder:"DATE"`
	Refund    bool   `xor:"entry"`
	WriteOff  bool   `xor:"entry"`
	Counter   int64  `xor:"entry" placeholder:"VOUCHER"`
}

// entryAnswer is an entry that was made.
type entryAnswer struct {
	Voucher int64  `json:"voucher"`
	Kind    string `json:"kind"`
	Amount  string `json:"amount"`
	Date    string `json:"date"`
}

func (c *duesPayCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	w := dues.Wish{Date: c.Date.Date}
	if w.Person, w.Charge, err = c.charge(ctx, d, actor); err != nil {
		return err
	}
	if c.Amount != "" {
		var ok bool
		if w.Amount, ok = locale.ParseAmount(c.Amount); !ok {
			return fault.New(fault.Invalid, "dues.error.entry").With("amount", "dues.error.amount")
		}
	}
	var e dues.Entry
	switch {
	case c.Counter != 0:
		e, err = d.house.Dues.Counter(ctx, actor, w.Person, w.Charge, c.Counter)
	case c.Refund:
		e, err = d.house.Dues.Refund(ctx, actor, w)
	case c.WriteOff:
		e, err = d.house.Dues.WriteOff(ctx, actor, w)
	default:
		e, err = d.house.Dues.Pay(ctx, actor, w)
	}
	if err != nil {
		return err
	}
	return d.answer(entryAnswer{e.Number, e.Kind.Code(), locale.PlainAmount(e.Amount), e.Date.String()}, func() {
		d.say("cli.dues.entered", "number", e.Number, "amount", d.p.Amount(e.Amount))
	})
}

// charge finds the charge an entry is on: by its reference, or a member's of a year.
func (c *duesPayCommand) charge(ctx context.Context, d *desk, actor access.Actor) (vault.PersonID, uint64, error) {
	if c.Reference != "" {
		return d.house.Dues.ByReference(ctx, actor, c.Reference)
	}
	person, err := d.member(ctx, actor, charter.Collect, 0, c.Member)
	if err != nil {
		return 0, 0, err
	}
	a, err := d.house.Dues.Account(ctx, actor, person)
	if err != nil {
		return 0, 0, err
	}
	year := c.Year
	if year == 0 {
		year = d.house.Dues.ThisYear()
	}
	for i := range a.Lines {
		if a.Lines[i].Year == year {
			return person, a.Lines[i].ID, nil
		}
	}
	return 0, 0, fault.New(fault.NotFound, "dues.error.no_charge")
}

type duesImportCommand struct {
	asWho
	File   string `arg:"" name:"FILE"`
	Unit   string `placeholder:"CODE"`
	DryRun bool
}

func (c *duesImportCommand) needs() []wish { return []wish{{part: "file", path: c.File}} }

// importedAnswer is what became of a bank's file.
type importedAnswer struct {
	Entered int            `json:"entered"`
	Amount  string         `json:"amount"`
	Counts  map[string]int `json:"counts"`
	Rows    []importedRow  `json:"rows"`
}

type importedRow struct {
	Line      int    `json:"line"`
	Date      string `json:"date"`
	Reference string `json:"reference"`
	Amount    string `json:"amount"`
	Outcome   string `json:"outcome"`
}

func (c *duesImportCommand) run(ctx context.Context, d *desk) error {
	actor, body, err := d.actorIn(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	file := d.files["file"]
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	r, err := d.house.Dues.Import(ctx, actor, body, file, size, c.DryRun)
	if err != nil {
		return err
	}
	a := importedAnswer{Entered: r.Entered, Amount: locale.PlainAmount(r.Amount), Counts: map[string]int{}, Rows: []importedRow{}}
	t := d.newTable("line", "date", "reference", "amount", "outcome")
	t.right[0], t.right[3] = true, true
	for _, o := range dues.Outcomes {
		if n := r.Counts[o]; n > 0 {
			a.Counts[string(o)] = n
		}
	}
	for i := range r.Rows {
		row := &r.Rows[i]
		date := ""
		if row.Date.IsValid() {
			date = row.Date.String()
		}
		a.Rows = append(a.Rows, importedRow{row.Line, date, row.Reference, locale.PlainAmount(row.Amount), string(row.Outcome)})
		if row.Outcome != dues.Matched {
			t.add(strconv.Itoa(row.Line), date, row.Reference, d.p.Sum(row.Amount), d.p.T("dues.outcome."+string(row.Outcome)))
		}
	}
	return d.answer(a, func() {
		d.print(t)
		if c.DryRun {
			d.say("cli.dues.would_enter", "count", r.Entered, "amount", d.p.Amount(r.Amount))
			return
		}
		d.say("cli.dues.imported", "count", r.Entered, "amount", d.p.Amount(r.Amount))
	})
}

type duesArrearsCommand struct {
	inHouse
	duesOf
	Which string `enum:"late,open,propose,over,all" default:"late" placeholder:"late|open|propose|over|all"`
	Limit int    `default:"200" placeholder:"N"`
}

// debtorLine is who owes what, in an answer.
type debtorLine struct {
	ID      string `json:"id"` // the public one
	Number  string `json:"number"`
	Name    string `json:"name"`
	Open    string `json:"open"`
	Since   string `json:"since,omitempty"`
	Notices int    `json:"reminders"`
}

func (c *duesArrearsCommand) run(ctx context.Context, d *desk) error {
	actor, body, _, err := c.asked(ctx, d)
	if err != nil {
		return err
	}
	list, err := d.house.Dues.Arrears(ctx, actor, body, c.Year, dues.Which(c.Which), 1, max(c.Limit, 1))
	if err != nil {
		return err
	}
	lines := []debtorLine{}
	t := d.newTable("number", "name", "amount", "due")
	t.right[2] = true
	for i := range list.Rows {
		r := &list.Rows[i]
		lines = append(lines, debtorLine{d.house.Keyring.PublicID(r.Person), r.Number, r.Name(), locale.PlainAmount(r.Open), isoDay(r.Since), max(r.Level, 0)})
		t.add(r.Number, r.Name(), d.p.Sum(r.Open), d.shortDay(r.Since))
	}
	return d.answer(lines, func() {
		d.print(t)
		d.say("dues.arrears.note", "count", list.Total, "amount", d.p.Amount(list.Open))
	})
}

type duesStatementCommand struct {
	duesOf
	Format string `enum:"csv,pdf" default:"csv" placeholder:"csv|pdf"`
	Output string `short:"o" placeholder:"FILE"`
	Force  bool
}

func (c *duesStatementCommand) needs() []wish {
	return []wish{{part: "output", path: c.Output, write: true, force: c.Force}}
}

// statementLine is what a body settles.
type statementLine struct {
	Unit   string `json:"unit"`
	With   string `json:"with"`
	Amount string `json:"amount"`
	Share  bool   `json:"share"` // the body gets it; otherwise it owes
}

func (c *duesStatementCommand) run(ctx context.Context, d *desk) error {
	actor, body, year, err := c.asked(ctx, d)
	if err != nil {
		return err
	}
	all, err := d.house.Dues.Statements(ctx, actor, body, year)
	if err != nil {
		return err
	}
	if c.Output != "" {
		if err := d.house.WriteStatements(d.files["output"], d.p, all, c.Format); err != nil || c.Output == "-" {
			return err
		}
	}
	lines := []statementLine{}
	t := d.newTable("unit", "amount")
	t.right[1] = true
	for i := range all {
		s := &all[i]
		lines = append(lines, statementLine{d.unitCode(s.Unit), d.unitCode(s.With), locale.PlainAmount(s.Amount), s.Share})
		t.add(d.unitName(s.Unit), d.p.Sum(s.Amount))
	}
	return d.answer(lines, func() {
		d.print(t)
		if len(lines) == 0 {
			d.say("dues.statement.none")
		}
	})
}

type duesRemindCommand struct {
	inHouse
	duesOf
	DryRun bool
}

// sentAnswer is what was sent.
type sentAnswer struct {
	Bills     int   `json:"bills"`
	Reminders []int `json:"reminders"`
}

func (c *duesRemindCommand) run(ctx context.Context, d *desk) error {
	actor, body, _, err := c.asked(ctx, d)
	if err != nil {
		return err
	}
	sent, err := d.house.Dues.Remind(ctx, actor, body, c.Year, c.DryRun)
	if err != nil {
		return err
	}
	return d.answer(sentAnswer{sent.Bills, sent.Reminders}, func() {
		if c.DryRun {
			d.say("cli.dues.would_send", "count", sent.Total())
			return
		}
		d.say("cli.dues.sent", "count", sent.Total())
	})
}
