package member

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/golang-sql/civil"
	"pgregory.net/rapid"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

var someCategories = []string{"ordinary", "student", "passive", "leave", "honorary"}

func drawCourse(t *rapid.T) Course {
	c := begun(&Membership{Unit: 3, Category: rapid.SampledFrom(someCategories).Draw(t, "first")})
	for range rapid.IntRange(0, 6).Draw(t, "changes") {
		from := day.AddDays(rapid.IntRange(0, 200).Draw(t, "from"))
		var until civil.Date
		if rapid.Bool().Draw(t, "ends") {
			until = from.AddDays(rapid.IntRange(0, 60).Draw(t, "days"))
		}
		c.set(from, until, rapid.SampledFrom(someCategories).Draw(t, "category"), 7)
	}
	return c
}

// A change holds for its days and no others: before it, and after its last day,
// everything is as it was.
func TestACategoryHoldsForItsDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCourse(t)
		was := c.clone()
		from := day.AddDays(rapid.IntRange(-10, 220).Draw(t, "at"))
		until := from.AddDays(rapid.IntRange(0, 90).Draw(t, "length"))
		forGood := rapid.Bool().Draw(t, "for good")
		if forGood {
			until = civil.Date{}
		}
		category := rapid.SampledFrom(someCategories).Draw(t, "new")
		c.set(from, until, category, 9)
		for n := range 420 {
			on := day.AddDays(n - 60)
			want := category
			if on.Before(from) || !forGood && on.After(until) {
				want = was.at(on)
			}
			if got := c.at(on); got != want {
				t.Fatalf("on %s: %s, want %s\nwas %+v\nis %+v", on, got, want, was, c)
			}
		}
		if !c.Steps[0].From.IsZero() || !slices.IsSortedFunc(c.Steps[1:], func(a, b Step) int { return a.From.DaysSince(b.From) }) {
			t.Fatalf("out of order: %+v", c)
		}
		var back Course
		if err := Courses.Decode(Courses.Encode(nil, &c), &back); err != nil || !reflect.DeepEqual(c, back) {
			t.Fatalf("%+v comes back as %+v: %v", c, back, err)
		}
	})
}

// What is forgotten changes nothing from that day on, and nothing older is told.
func TestForgettingChangesNoDayAhead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCourse(t)
		was := c.clone()
		before := day.AddDays(rapid.IntRange(-10, 260).Draw(t, "before"))
		c.forget(before)
		for n := range 300 {
			if on := before.AddDays(n); c.at(on) != was.at(on) {
				t.Fatalf("on %s: %s, was %s", on, c.at(on), was.at(on))
			}
		}
		for _, s := range c.Steps {
			if !s.From.IsZero() && !s.From.After(before) {
				t.Fatalf("%s is still told: %+v", s.From, c)
			}
		}
	})
}

// Nobody is in a category after the birthday that ends it, whatever was planned.
func TestOutgrownIsOutgrown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCourse(t)
		was := c.clone()
		birthday := day.AddDays(rapid.IntRange(-10, 260).Draw(t, "birthday"))
		c.outgrow("student", birthday, "ordinary")
		for n := range 400 {
			on := day.AddDays(n - 60)
			want := was.at(on)
			if !on.Before(birthday) && want == "student" {
				want = "ordinary"
			}
			if got := c.at(on); got != want {
				t.Fatalf("on %s (birthday %s): %s, want %s\nwas %+v\nis %+v", on, birthday, got, want, was, c)
			}
		}
	})
}

// Categories come and go with the days, in the index, the count (D10) and the
// lists, also after a start.
func TestD10CategoriesFollowTheDays(t *testing.T) {
	onBoth(t, func(h *house) {
		t, ctx := h.t, h.t.Context()
		at := now
		h.directory.now = func() time.Time { return at }
		person := h.add(h.north, "given", "Anna", "family", "Berg", "birth", "22-11-2000")
		h.add(h.north, "given", "Bo", "family", "Dal")
		edit := h.may(charter.Edit)
		count := func(when string, want int) {
			t.Helper()
			if n := h.directory.Count(h.north); n != want {
				t.Errorf("%s: %d count, want %d", when, n, want)
			}
		}
		count("at first", 2)
		today := day
		must(t, h.directory.SetCategory(ctx, edit, person, Recategorised{Category: "passive", From: today.AddDays(10)}))
		count("planned", 2)
		at = at.AddDate(0, 0, 10)
		got(h.directory.Daily(ctx))(t)
		count("passive", 1)
		notice := h.scope(h.staff, access.Want{Act: charter.Pull, Purpose: "meeting-notice"})
		if reach := h.directory.Reach(notice); reach.LeftOut != 1 || h.directory.Select(notice).Contains(uint32(person)) {
			t.Errorf("a passive member is called: %+v", reach)
		}
		if h.directory.MayHold(person, h.north) {
			t.Error("a passive member may hold a post")
		}
		h.directory.mu.Lock()
		h.directory.index = nil
		h.directory.mu.Unlock()
		must(t, h.directory.Load(ctx, nil, nil))
		count("after a start", 1)

		// On leave for a time; then what was before comes back.
		must(t, h.directory.SetCategory(ctx, edit, person, Recategorised{Category: "ordinary"}))
		last := today.AddDays(40)
		must(t, h.directory.SetCategory(ctx, edit, person, Recategorised{Category: "leave", From: today.AddDays(20), Until: last}))
		for days, want := range map[int]string{20: "leave", 40: "leave", 41: "ordinary"} {
			at = now.AddDate(0, 0, days)
			got(h.directory.Daily(ctx))(t)
			if c := got(h.directory.Card(ctx, h.may(charter.View), person))(t); c.Memberships[0].Category != want {
				t.Errorf("day %d: %s, want %s", days, c.Memberships[0].Category, want)
			}
		}
		if h.entries(person, journal.Category) < 5 {
			t.Error("the changes are not journaled")
		}
	})
}

// What is not for everybody asks for what it needs.
func TestWhatACategoryAsksFor(t *testing.T) {
	h := build(t, sqlite(t))
	old := h.add(h.north, "given", "Anna", "family", "Berg", "birth", "22-11-1961")
	unborn := h.add(h.north, "given", "Bo", "family", "Dal")
	for _, c := range []struct {
		person vault.PersonID
		r      Recategorised
		key    string
	}{
		{old, Recategorised{Category: "nonsense"}, "member.error.category"},
		{old, Recategorised{Category: "leave"}, "member.error.leave_end"},
		{old, Recategorised{Category: "leave", Until: day.AddDays(800)}, "member.error.leave_long"},
		{old, Recategorised{Category: "passive", Until: day.AddDays(-3)}, "member.error.until_before_from"},
		{old, Recategorised{Category: "youth"}, "member.error.category_age"},
		{unborn, Recategorised{Category: "youth"}, "member.error.category_birth"},
		{old, Recategorised{Category: "central"}, "member.error.category_central"},
		{old, Recategorised{Category: "dual"}, "member.error.category_dual"},
		{old, Recategorised{Category: "student", From: day.AddDays(4000)}, "member.error.category_far"},
	} {
		err := h.directory.SetCategory(t.Context(), h.may(charter.Edit), c.person, c.r)
		if e := fault.From(err); e == nil || len(e.Fields) != 1 || e.Fields[0].Key != c.key {
			t.Errorf("%+v: %v, want %s", c.r, err, c.key)
		}
	}
	must(t, h.directory.AddMembership(t.Context(), h.may(charter.Create), old, Membership{Unit: h.south, Category: "dual"}))
	if n := h.directory.Count(h.south); n != 0 {
		t.Errorf("a second membership counts: %d", n)
	}
	must(t, h.directory.EndMembership(t.Context(), h.may(charter.Close), old, h.north))
	if c := got(h.directory.Card(t.Context(), h.may(charter.View), old))(t); len(c.Memberships) != 1 || c.Memberships[0].Category != "ordinary" {
		t.Errorf("the second does not become the first: %+v", c.Memberships)
	}
}

// A last day is judged when it has passed, not when somebody writes.
func TestMembershipsEndByThemselves(t *testing.T) {
	onBoth(t, func(h *house) {
		t, ctx := h.t, h.t.Context()
		at := now
		h.directory.now = func() time.Time { return at }
		person := h.add(h.north, "given", "Anna", "family", "Berg")
		must(t, h.directory.AddMembership(ctx, h.may(charter.Create), person, Membership{Unit: h.south, Until: day.AddDays(30)}))
		at = now.AddDate(0, 0, 31)
		brought := got(h.directory.Daily(ctx))(t)
		if brought.Changed != 1 || len(brought.Left) != 0 || h.directory.Belongs(person, h.south) || !h.directory.Belongs(person, h.north) {
			t.Errorf("%+v", brought)
		}
		if again := got(h.directory.Daily(ctx))(t); again.Changed != 0 {
			t.Errorf("a second time: %+v", again)
		}
	})
}

// Youth ends by age; the body is told a number.
func TestYouthIsOutgrown(t *testing.T) {
	h := build(t, sqlite(t))
	at := now
	h.directory.now = func() time.Time { return at }
	person, _, err := h.directory.Create(t.Context(), h.may(charter.Create), Draft{
		Values: map[string]string{"given": "Anna", "family": "Berg", "birth": "01-12-1995"}, Unit: h.north, Category: "youth",
	})
	must(t, err)
	_, _, err = h.directory.Create(t.Context(), h.may(charter.Create), Draft{
		Values: map[string]string{"given": "Bo", "family": "Dal", "birth": "01-12-1961"}, Unit: h.north, Category: "youth",
	})
	if e := fault.From(err); e == nil || e.Fields[0].Key != "member.error.category_age" {
		t.Errorf("an old youth: %v", err)
	}
	at = now.AddDate(0, 0, 10) // 31 on 1 December
	brought := got(h.directory.Daily(t.Context()))(t)
	if brought.Aged[h.north] != 1 {
		t.Errorf("%+v", brought)
	}
	if c := got(h.directory.Card(t.Context(), h.may(charter.View), person))(t); c.Memberships[0].Category != "ordinary" {
		t.Errorf("%+v", c.Memberships)
	}
	// Somebody younger than the charter allows does not become so by an edit.
	_, err = h.directory.Update(t.Context(), h.may(charter.Edit), person, Changes{Values: map[string]string{"birth": "01-12-2020"}})
	if e := fault.From(err); e == nil || e.Fields[0].Key != "member.error.child" {
		t.Errorf("a child by an edit: %v", err)
	}
}
