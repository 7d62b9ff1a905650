package charter

// Destruction are the rules for lists that are out: when whoever has one is reminded,
// who else is told when it is late, and how long it may live beyond its day (D12).
// Whoever has a late list gets no new one, but for what the bylaws call for.
type Destruction struct {
	RemindDays    Number `toml:"remind-days"`    // before the last day; on it, everybody is told once more
	AgainDays     Number `toml:"again-days"`     // after the day it is told again, every so many days
	ColleagueDays Number `toml:"colleague-days"` // after the day: the body's other officers are told
	OfficeDays    Number `toml:"office-days"`    // after the day: whoever keeps the register is told
	ExtraDays     Number `toml:"extra-days"`     // an exception lets a list live at most so long beyond its day; 0 never
	NoNewList     Switch `toml:"no-new-list"`    // whoever has a late list gets no new one
}

// Closing are the rules for closing many memberships at once (D6, D7).
type Closing struct {
	ManyMinimum      Number `toml:"many-minimum"`       // so many one person may close at once
	ManySharePercent Number `toml:"many-share-percent"` // of those within reach; more than either asks a second person
	BatchDays        Number `toml:"batch-days"`         // a proposal that nobody answers lapses
}

// ownChoice is the source of what a charter says nothing about.
func ownChoice() Words {
	return Words{"da": "Programmets udgangspunkt", "en": "The program's default", "nb": "Programmets utgangspunkt", "sv": "Programmets utgångspunkt"}
}

// usualDestruction holds where a charter says nothing about late lists.
func usualDestruction() Destruction {
	n := func(value int) Number { return Number{Value: value, Source: ownChoice()} }
	return Destruction{
		RemindDays: n(7), AgainDays: n(3), ColleagueDays: n(2), OfficeDays: n(5), ExtraDays: n(60),
		NoNewList: Switch{Value: true, Source: ownChoice()},
	}
}

// usualClosing holds where a charter says nothing about closing many at once.
func usualClosing() Closing {
	n := func(value int) Number { return Number{Value: value, Source: ownChoice()} }
	return Closing{ManyMinimum: n(10), ManySharePercent: n(1), BatchDays: n(14)}
}

// AsksSecond reports whether so many closings at once, of so many members within
// reach, are asked of a second person.
func (c *Closing) AsksSecond(count, members int) bool {
	return count > c.ManyMinimum.Value || count*100 > members*c.ManySharePercent.Value && count > 1
}

func (d *Destruction) rows() []Parameter {
	return []Parameter{
		d.RemindDays.row("destroy-remind-days"), d.AgainDays.row("destroy-again-days"), d.ColleagueDays.row("destroy-colleague-days"),
		d.OfficeDays.row("destroy-office-days"), d.ExtraDays.row("destroy-extra-days"), d.NoNewList.row("destroy-no-new-list"),
	}
}

func (c *Closing) rows() []Parameter {
	return []Parameter{c.ManyMinimum.row("close-many-minimum"), c.ManySharePercent.row("close-many-percent"), c.BatchDays.row("close-batch-days")}
}

// destruction checks the rules for lists that are late.
func (r *reporter) destruction(d *Destruction) {
	for _, rule := range []struct {
		key       string
		number    *Number
		low, high int
	}{
		{"remind-days", &d.RemindDays, 1, 30},
		{"again-days", &d.AgainDays, 1, 30},
		{"colleague-days", &d.ColleagueDays, 1, 60},
		{"office-days", &d.OfficeDays, 1, 90},
		{"extra-days", &d.ExtraDays, 0, 365},
	} {
		r.between("destruction."+rule.key+".value", rule.number.Value, rule.low, rule.high)
		r.checked("destruction."+rule.key, rule.number.Checked)
	}
	r.checked("destruction.no-new-list", d.NoNewList.Checked)
}

// closing checks the rules for closing many at once.
func (r *reporter) closing(c *Closing) {
	r.between("closing.many-minimum.value", c.ManyMinimum.Value, 1, 10000)
	r.between("closing.many-share-percent.value", c.ManySharePercent.Value, 1, 100)
	r.between("closing.batch-days.value", c.BatchDays.Value, 1, 90)
	r.checked("closing.many-minimum", c.ManyMinimum.Checked)
	r.checked("closing.many-share-percent", c.ManySharePercent.Checked)
	r.checked("closing.batch-days", c.BatchDays.Checked)
}
