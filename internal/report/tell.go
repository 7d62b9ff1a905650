package report

import (
	"context"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/unit"
)

// Table is what was counted, as it is told: of one body, by something.
type Table struct {
	Subject Subject
	By      Cut // of OfParts
	Body    unit.Unit
	Minimum int        // the charter's now
	From    civil.Date // of a course of time; else zero
	At      civil.Date // the day asked for
	Began   civil.Date // the first count there is; zero where nobody has counted yet
	Missed  int        // counts of that time that were not done
	Lines   []Line
}

// Told is how many lines tell a number.
func (t *Table) Told() int {
	n := 0
	for i := range t.Lines {
		if t.Lines[i].Numbers != nil {
			n++
		}
	}
	return n
}

// Line is one row of a table. Without Numbers it tells that there is none: too few,
// kept back, or not counted.
type Line struct {
	Unit    unit.Unit  // of a table of bodies
	Band    string     // of a table of bands: message key report.band.<Band>
	Year    int        // of the band "year"
	Day     civil.Date // the day that was counted, or the last of the month or year
	Numbers []int
	Missed  bool // nobody counted
}

// Numbers of a line of comings and goings; -1 where only their sum is told.
const (
	Came = iota
	Went
	OfJoined
	OfArrived
	OfLeft
	OfMoved
)

// Bodies tells how many belong to a body and to each below it, by what was counted
// last by a day.
func (s *Service) Bodies(ctx context.Context, by access.Actor, id unit.ID, at civil.Date) (*Table, error) {
	scope, body, err := s.enter(ctx, by, id, "members.body")
	if err != nil {
		return nil, err
	}
	t := s.table(OfBodies, body, civil.Date{}, at)
	all := []unit.Unit{body}
	for _, child := range s.Units.Tree().Children(body.ID) {
		if scope.Covers(child.ID) {
			all = append(all, child)
		}
	}
	return t, s.DB.Read(ctx, func(q database.Querier) error {
		for _, u := range all {
			l, err := s.latestOf(q, u.ID, Whole, at)
			if err != nil {
				return err
			}
			if l == nil && u.Closed {
				continue
			}
			line := Line{Unit: u}
			if l != nil {
				line.Day, line.Numbers = l.Day, l.Numbers
			}
			t.Lines = append(t.Lines, line)
		}
		return s.when(q, t, Parts)
	})
}

// Members tells the members of a body by a cut, as they were counted last by a day.
func (s *Service) Members(ctx context.Context, by access.Actor, id unit.ID, cut Cut, at civil.Date) (*Table, error) {
	_, body, err := s.enter(ctx, by, id, "members."+cut.String())
	if err != nil {
		return nil, err
	}
	t := s.table(OfParts, body, civil.Date{}, at)
	t.By = cut
	return t, s.DB.Read(ctx, func(q database.Querier) error {
		row, err := s.latestOf(q, body.ID, cut, at)
		if err != nil {
			return err
		}
		if row != nil {
			for band, name := range cut.Bands(row.Level) {
				l := Line{Band: name, Day: row.Day, Numbers: []int{row.Numbers[band]}}
				if name == "year" {
					l.Year = row.Day.Year - band
				}
				t.Lines = append(t.Lines, l)
			}
		}
		return s.when(q, t, Parts)
	})
}

// Headcount tells how many belonged to a body from a day to a day, each time it was
// counted; the first line is what stood already on the first day.
func (s *Service) Headcount(ctx context.Context, by access.Actor, id unit.ID, from, to civil.Date) (*Table, error) {
	_, body, err := s.enter(ctx, by, id, "headcount")
	if err != nil {
		return nil, err
	}
	t := s.table(OfHeads, body, from, to)
	return t, s.DB.Read(ctx, func(q database.Querier) error {
		first, err := s.latestOf(q, body.ID, Whole, from)
		if err != nil {
			return err
		}
		if first != nil {
			t.Lines = append(t.Lines, Line{Day: first.Day, Numbers: first.Numbers})
		}
		rows, err := rowsOf(q, body.ID, Whole, Heads, Parts, from.AddDays(1), to)
		if err != nil {
			return err
		}
		for _, r := range rows {
			t.Lines = append(t.Lines, Line{Day: r.Day, Numbers: r.Numbers})
		}
		return s.when(q, t, Parts)
	})
}

// Flow tells who came to a body and went, month by month, of the months that end
// from a day to a day.
func (s *Service) Flow(ctx context.Context, by access.Actor, id unit.ID, from, to civil.Date) (*Table, error) {
	_, body, err := s.enter(ctx, by, id, "flow.month")
	if err != nil {
		return nil, err
	}
	t := s.table(OfMonths, body, from, to)
	return t, s.DB.Read(ctx, func(q database.Querier) error {
		rows, err := rowsOf(q, body.ID, ByFlow, Month, Month, from, to)
		if err != nil {
			return err
		}
		done, err := counts(q, Month)
		if err != nil {
			return err
		}
		for _, c := range done {
			if c.Day.Before(from) || c.Day.After(to) {
				continue
			}
			t.Lines = append(t.Lines, Line{Day: c.Day, Missed: c.Missed, Numbers: flowOn(rows, c.Day)})
		}
		return s.when(q, t, Month)
	})
}

// Years tells who came to a body and went, year by year: the sum of its months where
// every one is told, else the year where that is.
func (s *Service) Years(ctx context.Context, by access.Actor, id unit.ID, from, to int) (*Table, error) {
	_, body, err := s.enter(ctx, by, id, "flow.year")
	if err != nil {
		return nil, err
	}
	first, last := civil.Date{Year: from, Month: 1, Day: 1}, civil.Date{Year: to, Month: 12, Day: 31}
	t := s.table(OfYears, body, first, last)
	return t, s.DB.Read(ctx, func(q database.Querier) error {
		months, err := rowsOf(q, body.ID, ByFlow, Month, Month, first, last)
		if err != nil {
			return err
		}
		years, err := rowsOf(q, body.ID, ByFlow, Year, Year, first, last)
		if err != nil {
			return err
		}
		if err := s.when(q, t, Month); err != nil || t.Began.IsZero() {
			return err
		}
		whole := t.Began.Year // the first year that was counted from its beginning
		if t.Began.After(civil.Date{Year: whole, Month: 1, Day: 31}) {
			whole++
		}
		for year := max(from, whole); year <= to; year++ {
			end := civil.Date{Year: year, Month: 12, Day: 31}
			if !end.Before(s.Charter.Today(s.Now())) {
				break // it is not over
			}
			l := Line{Day: end, Numbers: flowOn(years, end)}
			if l.Numbers == nil {
				l.Numbers = sumOf(months, year)
			}
			t.Lines = append(t.Lines, l)
		}
		return nil
	})
}

// sumOf is a year of which every month is told; nil for another.
func sumOf(months []Row, year int) (sum []int) {
	for month := time.January; month <= time.December; month++ {
		one := flowOn(months, monthEnd(civil.Date{Year: year, Month: month, Day: 1}))
		switch {
		case one == nil:
			return nil
		case sum == nil:
			sum = one
			continue
		}
		for i, n := range one {
			if n < 0 || sum[i] < 0 {
				sum[i] = -1
			} else {
				sum[i] += n
			}
		}
	}
	return sum
}

// flowOn puts the row of a day into the numbers of a line; nil without one.
func flowOn(rows []Row, day civil.Date) []int {
	for i := range rows {
		r := &rows[i]
		switch {
		case r.Day != day:
		case r.Level == 0:
			return []int{r.Numbers[0], r.Numbers[1], -1, -1, -1, -1}
		default:
			n := r.Numbers
			return []int{n[flowJoined] + n[flowArrived], n[flowLeft] + n[flowMoved], n[flowJoined], n[flowArrived], n[flowLeft], n[flowMoved]}
		}
	}
	return nil
}

func (s *Service) table(subject Subject, body unit.Unit, from, at civil.Date) *Table {
	return &Table{Subject: subject, Body: body, Minimum: s.minimum(), From: from, At: at}
}

// longAgo is before any register.
var longAgo = civil.Date{Year: 1900, Month: 1, Day: 1}

// latestOf is what was told of a body last by a day; nil for nothing.
func (s *Service) latestOf(q database.Querier, id unit.ID, cut Cut, at civil.Date) (*Row, error) {
	rows, err := rowsOf(q, id, cut, Heads, Parts, longAgo, at)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[len(rows)-1], nil
}

// when says when counting began, and how many counts of a table's time were missed.
func (s *Service) when(q database.Querier, t *Table, what What) error {
	for w := Heads; w <= Month; w++ {
		all, err := counts(q, w)
		if err != nil {
			return err
		}
		for _, c := range all {
			if w != Month && (t.Began.IsZero() || c.Day.Before(t.Began)) {
				t.Began = c.Day
			}
			if w == what && c.Missed && !c.Day.Before(t.From) && !c.Day.After(t.At) {
				t.Missed++
			}
		}
	}
	return nil
}

// Choose gives the bodies an actor may see reports of, in reading order: what a page offers to choose
// from.
func (s *Service) Choose(by access.Actor) []unit.Unit {
	scope, err := s.Access.Decide(by, access.Want{Act: charter.Pull})
	if err != nil {
		return nil
	}
	var all []unit.Unit
	for _, u := range s.Units.Tree().All() {
		if scope.Covers(u.ID) && !u.Closed {
			all = append(all, u)
		}
	}
	return all
}
