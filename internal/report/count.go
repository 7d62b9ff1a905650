package report

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/member"
	"kartotek/internal/unit"
)

// busyFrom is how many times the minimum a body must have for its head-count to be
// taken at the end of any day; of the smaller ones it is at the end of a month.
const busyFrom = 100

// Count counts what is over: heads at the end of yesterday, heads and parts at the
// ends of months, comings and goings of months and years. It is done by the scheduled
// work before anything else of a new day, and may be run at any time. A month's end
// that nobody counted on is made good as long as nothing has happened since, for then
// everything stands as it stood; else the day is marked as not counted. Comings and
// goings are put down as they happen and are never missed.
func (s *Service) Count(ctx context.Context) error {
	s.counting.Lock()
	defer s.counting.Unlock()
	today := s.Charter.Today(s.Now())
	var all []happened
	var before map[What][]Count
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		if all, err = s.running(q); err != nil {
			return err
		}
		before = map[What][]Count{}
		for what := Heads; what <= Year; what++ {
			if before[what], err = counts(q, what); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	last := latest(before[Heads], before[Parts])
	if last.IsZero() {
		return s.begin(ctx, today, all)
	}
	for day := monthEnd(last); day.Before(today); day = monthEnd(day.AddDays(1)) {
		if err := s.countMonth(ctx, day, before, all); err != nil {
			return err
		}
		if day.Month == 12 {
			if err := s.countYear(ctx, day, all); err != nil {
				return err
			}
		}
		last = day
	}
	if yesterday := today.AddDays(-1); yesterday.After(last) && !after(all, yesterday) && after(all, last) {
		return s.countHeads(ctx, yesterday, all)
	}
	return nil
}

// begin takes the first count there is, of yesterday if nothing has happened today.
// The month it falls in is not counted: nobody was there when it began.
func (s *Service) begin(ctx context.Context, today civil.Date, all []happened) error {
	day := today.AddDays(-1)
	if after(all, day) {
		return nil // tomorrow
	}
	if err := s.countParts(ctx, day, all); err != nil {
		return err
	}
	if end := monthEnd(day); end != day {
		return s.store(ctx, Count{What: Month, Day: end, Missed: true}, nil)
	}
	return nil
}

func latest(of ...[]Count) (day civil.Date) {
	for _, counts := range of {
		if n := len(counts); n > 0 && counts[n-1].Day.After(day) {
			day = counts[n-1].Day
		}
	}
	return day
}

// after reports whether anything happened later than a day.
func after(all []happened, day civil.Date) bool {
	for i := range all {
		if all[i].day.After(day) {
			return true
		}
	}
	return false
}

// countMonth counts a month that is over: who came and went, and what stands at its
// end.
func (s *Service) countMonth(ctx context.Context, day civil.Date, before map[What][]Count, all []happened) error {
	if !has(before[Month], day) {
		if err := s.tellMonth(ctx, day, all); err != nil {
			return err
		}
	}
	if has(before[Parts], day) {
		return nil
	}
	if after(all, day) {
		return s.store(ctx, Count{What: Parts, Day: day, Missed: true}, nil)
	}
	return s.countParts(ctx, day, all)
}

// tellMonth tells who came and went in a month.
func (s *Service) tellMonth(ctx context.Context, day civil.Date, all []happened) error {
	own := flows(all, day)
	c := s.one(ByFlow, own, Month, day)
	return s.store(ctx, Count{What: Month, Day: day}, facts(ByFlow, s.Units.Tree(), own, c.fold()))
}

func has(counts []Count, day civil.Date) bool {
	for i := range counts {
		if counts[i].Day == day {
			return true
		}
	}
	return false
}

// flows are the comings and goings of the month that ends on a day.
func flows(all []happened, day civil.Date) rows {
	own := rows{}
	first := civil.Date{Year: day.Year, Month: day.Month, Day: 1}
	for i := range all {
		h := &all[i]
		if h.day.Before(first) || h.day.After(day) {
			continue
		}
		cell, adds := cellOfKind(h.event.Kind)
		if adds == 0 {
			continue
		}
		if own[h.event.Unit] == nil {
			own[h.event.Unit] = make([]int, cuts[ByFlow].cells)
		}
		own[h.event.Unit][cell] += adds * h.n
	}
	for _, cells := range own { // a closing of another month was taken back
		for i := range cells {
			cells[i] = max(0, cells[i])
		}
	}
	return own
}

// countYear counts a year all of whose months were.
func (s *Service) countYear(ctx context.Context, day civil.Date, all []happened) error {
	y := yearly{counting: s.one(ByFlow, rows{}, Year, day)}
	var done bool
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		if done, err = counted(q, Year, day); err != nil || done {
			return err
		}
		for month := 1; month <= monthsOfYear; month++ {
			end := monthEnd(civil.Date{Year: day.Year, Month: time.Month(month), Day: 1})
			told, err := toldIn(q, Month, end)
			if err != nil {
				return err
			}
			if told == nil { // was not counted
				done = true
				return nil
			}
			y.told, y.months = append(y.told, told), append(y.months, flows(all, end))
		}
		return nil
	})
	if err != nil || done {
		return err
	}
	for _, own := range y.months { // summed, so that year and months agree
		for id, cells := range own {
			if y.own[id] == nil {
				y.own[id] = make([]int, len(cells))
			}
			for i, n := range cells {
				y.own[id][i] += n
			}
		}
	}
	return s.store(ctx, Count{What: Year, Day: day}, facts(ByFlow, y.tree, y.own, y.fold()))
}

// countHeads takes the head-counts of the large bodies.
func (s *Service) countHeads(ctx context.Context, day civil.Date, all []happened) error {
	heads, err := s.Directory.Heads()
	if err != nil {
		return err
	}
	own := rows{}
	for id, n := range heads {
		own[id] = []int{n}
	}
	tree := s.Units.Tree()
	large := map[unit.ID]bool{}
	for _, f := range gather(tree, own, 1) {
		large[f.id] = f.cells[0] >= busyFrom*s.minimum()
	}
	standing, err := s.standing(ctx, all)
	if err != nil {
		return err
	}
	c := s.one(Whole, own, Heads, day)
	c.within, c.changed = large, standing
	return s.store(ctx, Count{What: Heads, Day: day}, standing.fresh(facts(Whole, tree, own, c.fold())))
}

// countParts takes heads and parts of every body.
func (s *Service) countParts(ctx context.Context, day civil.Date, all []happened) error {
	census, err := s.Directory.Census(ctx, day)
	if err != nil {
		return err
	}
	return s.tellParts(ctx, day, census, all)
}

func (s *Service) tellParts(ctx context.Context, day civil.Date, census map[member.Head]int, all []happened) error {
	standing, err := s.standing(ctx, all)
	if err != nil {
		return err
	}
	tree := s.Units.Tree()
	c := s.one(Whole, cellsOf(Whole, census, day.Year), Parts, day)
	c.changed = standing
	told := c.fold()
	kept := standing.fresh(facts(Whole, tree, c.own, told))
	c.within = map[unit.ID]bool{}
	for id := range told {
		c.within[id] = true
	}
	for _, cut := range []Cut{BySex, ByAge, ByJoined} {
		if cut == BySex && !s.tellsSex() {
			continue
		}
		part := s.one(cut, cellsOf(cut, census, day.Year), Parts, day)
		part.within, part.changed = c.within, standing
		kept = append(kept, standing.fresh(facts(cut, tree, part.own, part.fold()))...)
	}
	return s.store(ctx, Count{What: Parts, Day: day}, kept)
}

// cellsOf puts a census into the cells of a cut.
func cellsOf(c Cut, census map[member.Head]int, year int) rows {
	own := rows{}
	for h, n := range census {
		if own[h.Unit] == nil {
			own[h.Unit] = make([]int, cuts[c].cells)
		}
		own[h.Unit][cellOf(c, &h, year)] += n
	}
	return own
}

// facts are the numbers of whoever is told.
func facts(c Cut, tree bodies, own rows, told map[unit.ID]int) (all []Fact) {
	for _, f := range gather(tree, own, cuts[c].cells) {
		l, is := told[f.id]
		if !is {
			continue
		}
		for band, n := range cuts[c].levels[l].sums(f.cells) {
			all = append(all, Fact{Unit: f.id, Cut: c, Level: l, Band: band, Number: n})
		}
	}
	return all
}

// one is one counting by one cut, with its lot: nobody outside the keyring can
// tell how it was drawn.
func (s *Service) one(c Cut, own rows, what What, day civil.Date) counting {
	return counting{
		tree: s.Units.Tree(), own: own, cut: cuts[c], minimum: s.minimum(),
		lot: func(level int, id unit.ID) uint64 {
			about := sha256.Sum256(fmt.Append(nil, what, day, c, level, id))
			return binary.BigEndian.Uint64(s.Keyring.MAC("report lot", about[:]))
		},
	}
}

// standing is what stands of earlier counts, and what has happened since.
type standing struct {
	told    map[unit.ID]map[Cut]civil.Date
	minimum int
	all     map[unit.ID]int // with all below
	alone   map[unit.ID]int
}

func (s *Service) standing(ctx context.Context, all []happened) (*standing, error) {
	st := &standing{minimum: s.minimum(), all: map[unit.ID]int{}, alone: map[unit.ID]int{}}
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		st.told, err = toldOn(q)
		return err
	})
	tree := s.Units.Tree()
	for i := range all {
		h := &all[i]
		for _, u := range tree.Path(h.event.Unit) {
			if h.day.After(st.last(u.ID)) {
				st.all[u.ID] += h.n
				if u.ID == h.event.Unit {
					st.alone[u.ID] += h.n
				}
			}
		}
	}
	return st, err
}

// last is the last day a body was told anything of.
func (st *standing) last(id unit.ID) (day civil.Date) {
	for _, on := range st.told[id] {
		if on.After(day) {
			day = on
		}
	}
	return day
}

func (st *standing) since(id unit.ID) int {
	if st.told[id] == nil {
		return st.minimum // nothing stands that it could be put beside
	}
	return st.all[id]
}

func (st *standing) own(id unit.ID) int {
	if st.told[id] == nil {
		return st.minimum
	}
	return st.alone[id]
}

// fresh leaves out what stands already: where nobody came or went, nothing is told
// twice, so that two counts do not tell whose birthday was between.
func (st *standing) fresh(all []Fact) (kept []Fact) {
	for _, f := range all {
		if _, stands := st.told[f.Unit][f.Cut]; !stands || st.since(f.Unit) > 0 {
			kept = append(kept, f)
		}
	}
	return kept
}
