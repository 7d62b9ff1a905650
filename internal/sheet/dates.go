package sheet

// Dates gathers what the dates of one column allow. Every value that makes sense
// in some orders only speaks for them; one day above twelve decides.
type Dates struct {
	open   int       // values that could be read in several orders at all
	fits   [4]int    // of these, how many make a date in the order
	differ [4][4]int // values that two orders read differently
}

// Add takes a value of the column in. What is no date, or could be read in one
// way only, says nothing about the others.
func (d *Dates) Add(value string) {
	if value == "" {
		return
	}
	r, ok := read1(value)
	if !ok || r.fixed {
		return
	}
	var dates [4]Date
	var fits [4]bool
	count := 0
	for o := DayFirst; o <= YearFirst; o++ {
		if dates[o], fits[o] = r.in(o); fits[o] {
			count++
		}
	}
	if count == 0 {
		return
	}
	d.open++
	for o := DayFirst; o <= YearFirst; o++ {
		if !fits[o] {
			continue
		}
		d.fits[o]++
		for other := o + 1; other <= YearFirst; other++ {
			if fits[other] && dates[o] != dates[other] {
				d.differ[o][other]++
			}
		}
	}
}

// Verdict is what the values of a column tell together.
type Verdict uint8

const (
	Told Verdict = iota // the order is certain, or makes no difference
	Open                // every value could be read in several orders
	Torn                // some values allow only one order, some only another
)

// Verdict tells the order that all values agree on.
func (d *Dates) Verdict() (Order, Verdict) {
	var possible []Order
	for o := DayFirst; o <= YearFirst; o++ {
		if d.fits[o] == d.open {
			possible = append(possible, o)
		}
	}
	switch {
	case d.open == 0:
		return DayFirst, Told
	case len(possible) == 0:
		return AnyOrder, Torn
	}
	for i, a := range possible {
		for _, b := range possible[i+1:] {
			if d.differ[a][b] > 0 {
				return AnyOrder, Open
			}
		}
	}
	return possible[0], Told
}

// Decided reports whether the values themselves tell the order: some of them
// make a date in this order and in no other.
func (d *Dates) Decided() bool {
	fitting := 0
	for o := DayFirst; o <= YearFirst; o++ {
		if d.fits[o] == d.open {
			fitting++
		}
	}
	return d.open > 0 && fitting == 1
}

// Possible are the orders that an open or torn column can be read in, those
// that fit most values first.
func (d *Dates) Possible() []Order {
	var all []Order
	for o := DayFirst; o <= YearFirst; o++ {
		if d.fits[o] > 0 {
			all = append(all, o)
		}
	}
	for i := 1; i < len(all); i++ {
		for j := i; j > 0 && d.fits[all[j]] > d.fits[all[j-1]]; j-- {
			all[j], all[j-1] = all[j-1], all[j]
		}
	}
	return all
}
