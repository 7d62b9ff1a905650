package member

import (
	"slices"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/vault"
)

// begun is the course of a membership that has been one thing until now.
func begun(m *Membership) Course { return Course{Unit: m.Unit, Steps: []Step{{Category: m.Category}}} }

// at is what holds on a day.
func (c *Course) at(day civil.Date) string { return c.Steps[c.place(day)].Category }

// place is the step that holds on a day.
func (c *Course) place(day civil.Date) int {
	for i := len(c.Steps) - 1; i > 0; i-- {
		if !day.Before(c.Steps[i].From) {
			return i
		}
	}
	return 0
}

// set lets a category hold from a day on. With a last day, what would have held
// after it does; without, whatever was planned from the first day on is dropped.
func (c *Course) set(from, until civil.Date, category string, by vault.PersonID) {
	var after []Step
	if !until.IsZero() {
		next := until.AddDays(1)
		back := c.Steps[c.place(next)]
		after = []Step{{From: next, Category: back.Category, By: back.By}}
		for _, s := range c.Steps {
			if s.From.After(next) {
				after = append(after, s)
			}
		}
	}
	c.Steps = slices.DeleteFunc(c.Steps, func(s Step) bool { return !s.From.IsZero() && !s.From.Before(from) })
	c.Steps = append(append(c.Steps, Step{From: from, Category: category, By: by}), after...)
	c.tidy()
}

// drop takes back what is planned to begin on a day.
func (c *Course) drop(from civil.Date) bool {
	n := len(c.Steps)
	c.Steps = slices.DeleteFunc(c.Steps, func(s Step) bool { return !from.IsZero() && s.From == from })
	c.tidy()
	return len(c.Steps) < n
}

// outgrow ends a category on the birthday after which nobody is in it, with what
// follows; whatever was planned otherwise stays.
func (c *Course) outgrow(category string, birthday civil.Date, then string) {
	at := c.place(birthday)
	for i := at + 1; i < len(c.Steps); i++ {
		if c.Steps[i].Category == category {
			c.Steps[i].Category, c.Steps[i].By = then, 0
		}
	}
	if c.Steps[at].Category != category {
		c.tidy()
		return
	}
	if c.Steps[at].From == birthday {
		c.Steps[at].Category, c.Steps[at].By = then, 0
	} else {
		c.Steps = slices.Insert(c.Steps, at+1, Step{From: birthday, Category: then})
	}
	c.tidy()
}

// tidy leaves no step that changes nothing.
func (c *Course) tidy() {
	kept := c.Steps[:1]
	for _, s := range c.Steps[1:] {
		if s.Category != kept[len(kept)-1].Category {
			kept = append(kept, s)
		}
	}
	c.Steps = kept
}

// forget drops what ended before a day.
func (c *Course) forget(before civil.Date) {
	if at := c.place(before); at > 0 {
		c.Steps = slices.Clone(c.Steps[at:])
		c.Steps[0].From, c.Steps[0].By = civil.Date{}, 0
	}
}

func (c *Course) clone() Course { return Course{Unit: c.Unit, Steps: slices.Clone(c.Steps)} }

func (c *Course) same(other *Course) bool {
	return c.Unit == other.Unit && slices.Equal(c.Steps, other.Steps)
}

// live brings a person's memberships to a day: categories that begin or end, ages
// that pass, memberships that have ended, a second membership without a first.
// It reports whose category ended by age, by body. Pure but for its receiver.
func (s *stored) live(of *charter.Charter, today civil.Date) (aged []Membership) {
	for i := range s.memberships {
		m := &s.memberships[i]
		c := s.course(m)
		for range of.Categories { // what follows by age may be outgrown as well
			k := of.CategoryOr(c.at(today))
			birthday := k.EndsBy(s.profile.Birth)
			if birthday.IsZero() || today.Before(birthday) {
				break
			}
			then := k.Then
			if then == "" {
				then = of.FirstCategory(false)
			}
			aged = append(aged, *m)
			c.outgrow(c.at(today), birthday, then)
		}
		m.Category = c.at(today)
		c.forget(monthsOn(today, -of.Parameters.DocumentMonths.Value))
		s.keep(c)
	}
	// One that has ended has no record, but for the last: whether somebody has left
	// is the secretariat's to say (D6).
	if open := slices.ContainsFunc(s.memberships, func(m Membership) bool { return m.activeOn(today) }); open {
		s.memberships = slices.DeleteFunc(s.memberships, func(m Membership) bool { return !m.activeOn(today) })
	}
	s.primary(of, today)
	return aged
}

// primary makes the second membership of somebody without a first the first.
func (s *stored) primary(of *charter.Charter, today civil.Date) {
	for i := range s.memberships {
		if !of.CategoryOr(s.memberships[i].Category).Dual {
			return
		}
	}
	if len(s.memberships) > 0 {
		s.become(&s.memberships[0], today, civil.Date{}, of.FirstCategory(false), 0, today)
	}
}

// become lets a membership be of another category from a day on.
func (s *stored) become(m *Membership, from, until civil.Date, category string, by vault.PersonID, today civil.Date) {
	c := s.course(m)
	c.set(from, until, category, by)
	m.Category = c.at(today)
	s.keep(c)
}

// course is the course of a membership, a new one where it has none.
func (s *stored) course(m *Membership) Course {
	for i := range s.courses {
		if s.courses[i].Unit == m.Unit {
			return s.courses[i].clone()
		}
	}
	return begun(m)
}

// keep puts a course back; one that tells nothing is none.
func (s *stored) keep(c Course) {
	s.courses = slices.DeleteFunc(s.courses, func(other Course) bool { return other.Unit == c.Unit })
	if len(c.Steps) > 1 {
		s.courses = append(s.courses, c)
	}
}

// dated reports whether a day ahead changes what is known of the person.
func (s *stored) dated() bool {
	return len(s.courses) > 0 || slices.ContainsFunc(s.memberships, func(m Membership) bool { return !m.Until.IsZero() })
}
