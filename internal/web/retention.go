package web

import (
	"strconv"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/retention"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

const (
	retentionPath = "/retention"
	guidelinePath = "/retention/guideline"
	whyOwnPath    = "/me/why"
)

// retentionView is how the daily sweep stands. It names nobody.
type retentionView struct {
	Clock    *clockView // nil while the time is not in doubt
	Right    string     // what the clock shows
	Stopped  []stoppedLine
	Planned  string // when the plan was made; "" where there is none
	Plan     []planLine
	Runs     []runLine
	BrakeFor string // what stops a sweep, in a sentence
}

// clockView is a clock that has jumped.
type clockView struct {
	Text, Synced string
	Shown        string
}

// stoppedLine is a sweep that waits for two persons, or is put off.
type stoppedLine struct {
	Path, Title, Rule, Of, State string
	Tone                         look.Tone
}

// planLine is a rule of today's plan.
type planLine struct {
	Name, What, Last        string
	Today, Week, Month, All string
}

// runLine is one time that something was deleted.
type runLine struct{ When, Rule, Told, Taken, Note string }

func retentionPage(v *visit) error {
	status, err := v.house.Retention.Look(v.ctx(), v.actor)
	if err != nil {
		return err
	}
	clock, err := v.house.Retention.Time(v.ctx(), v.actor)
	if err != nil {
		return err
	}
	view := retentionView{BrakeFor: v.brakeWords(), Right: v.moment(clock.Now)}
	if d := clock.Doubt; d != nil {
		view.Clock = &clockView{Text: v.T("retention.clock.text", "expected", v.moment(d.Expected), "shown", v.moment(d.Shown)), Shown: v.moment(clock.Wall)}
		if view.Clock.Synced = v.T("retention.clock.unsynced"); clock.Synced {
			view.Clock.Synced = v.T("retention.clock.synced")
		}
	}
	for i := range status.Brakes {
		view.Stopped = append(view.Stopped, v.stoppedLine(&status.Brakes[i]))
	}
	last := map[string]*retention.Run{}
	for i := range status.Runs {
		r := &status.Runs[i]
		if last[r.Rule] == nil && r.Taken > 0 {
			last[r.Rule] = r
		}
		view.Runs = append(view.Runs, v.runLine(r))
	}
	for i := range status.Plans {
		p := &status.Plans[i]
		view.Planned = v.p.Time(p.MadeAt, v.house.Charter.Location())
		words, known := v.house.Retention.RuleWords(v.p, p.Rule)
		if !known {
			continue
		}
		line := planLine{Name: words.Name, What: words.Period,
			Today: v.p.Number(p.Today), Week: v.p.Number(p.Week), Month: v.p.Number(p.Month), All: v.p.Number(p.Count)}
		if r := last[p.Rule]; r != nil {
			line.Last = v.p.ShortDate(v.day(r.BeganAt)) + " · " + v.p.Number(r.Taken)
		}
		view.Plan = append(view.Plan, line)
	}
	return v.show(page{title: v.T("retention.title"), tab: tabAdministration, body: retentionBody(view)})
}

func (v *visit) runLine(r *retention.Run) runLine {
	line := runLine{When: v.moment(r.BeganAt), Rule: v.ruleName(r.Rule), Told: v.p.Number(r.Told), Taken: v.p.Number(r.Taken)}
	switch {
	case r.EndedAt.IsZero():
		line.Note = v.T("retention.going_on")
	case r.Brake != 0:
		line.Note = v.T("retention.asked")
	}
	return line
}

func (v *visit) ruleName(code string) string {
	words, _ := v.house.Retention.RuleWords(v.p, code)
	return words.Name
}

func (v *visit) moment(t time.Time) string { return v.p.DateTime(t, v.house.Charter.Location()) }

// brakeWords says what stops a sweep, with the charter's numbers.
func (v *visit) brakeWords() string {
	share, _ := v.house.Charter.Limit("sweep-share-percent")
	minimum, _ := v.house.Charter.Limit("sweep-minimum")
	return v.T("retention.guideline.brake", "share", share.Text(v.p), "minimum", minimum.Value)
}

func brakePath(number int64) string {
	return retentionPath + "/stopped/" + strconv.FormatInt(number, 10)
}

func (v *visit) stoppedLine(b *retention.Brake) stoppedLine {
	line := stoppedLine{
		Path: brakePath(b.Number), Title: v.T("retention.brake.title", "number", b.Number), Rule: v.ruleName(b.Rule),
		Of: v.T("retention.brake.of", "told", b.Told, "total", b.Count), State: v.brakeState(b), Tone: look.Note,
	}
	if b.State == retention.Waiting {
		line.Tone = look.Late
	}
	return line
}

func (v *visit) brakeState(b *retention.Brake) string {
	switch {
	case b.State == retention.Waiting && b.First != 0:
		return v.T("retention.brake.state_first")
	case b.State == retention.Refused:
		return v.T("retention.brake.state_refused", "time", v.moment(b.Until))
	}
	return v.T("retention.brake.state_" + string(b.State))
}

// retentionPlan counts anew.
func retentionPlan(v *visit) error {
	if _, err := v.house.Retention.Replan(v.ctx(), v.actor); err != nil {
		return err
	}
	return v.toWith(retentionPath, "retention.notice.planned")
}

// retentionRun does the day's work at once.
func retentionRun(v *visit) error {
	if err := v.house.Retention.SweepNow(v.ctx(), v.actor); err != nil {
		return err
	}
	return v.toWith(retentionPath, "retention.notice.swept")
}

// clockConfirm says that the time the machine shows is right.
func clockConfirm(v *visit) error {
	if err := v.house.Retention.ConfirmTime(v.ctx(), v.actor); err != nil {
		return err
	}
	return v.toWith(retentionPath, "retention.notice.clock")
}

// shownStopped is how many persons a stopped sweep shows.
const shownStopped = 500

// brakeView is a sweep that was stopped.
type brakeView struct {
	Problems  look.Problems
	Path      string
	Title     string
	Lead      string
	Rows      look.Rows
	Persons   []stoppedPerson
	More      string
	Open      bool // it can still be decided
	Said      bool // the visitor has approved already
	OfPersons bool
	Until     string
	Latest    civil.Date
}

type stoppedPerson struct{ Name, Path string }

func brakePage(v *visit) error { return v.brake(form{}, nil) }

func (v *visit) brake(f form, problems look.Problems) error {
	s, err := v.house.Retention.Stopped(v.ctx(), v.actor, v.brakeAsked())
	if err != nil {
		return err
	}
	view := brakeView{
		Problems: problems, Path: brakePath(s.Number), Title: v.T("retention.brake.title", "number", s.Number),
		Lead: v.T("retention.brake.lead", "told", s.Told, "allowed", s.Allowed), Open: s.State == retention.Waiting,
		Said: s.First != 0 && s.First == v.actor.Person, OfPersons: s.Rule == "membership",
		Until: f.text("until"), Latest: v.day(s.Latest),
	}
	words, _ := v.house.Retention.RuleWords(v.p, s.Rule)
	view.Rows = look.Rows{
		{Term: v.T("retention.brake.rule"), Value: look.Text(words.Name), Note: words.What},
		{Term: v.T("retention.brake.told"), Value: look.Text(v.T("retention.brake.of", "told", s.Told, "total", s.Count))},
		{Term: v.T("retention.brake.now"), Value: look.Text(v.p.Number(s.Now))},
		{Term: v.T("retention.brake.by"), Value: look.Text(v.moment(s.By))},
		{Term: v.T("retention.brake.made"), Value: look.Text(v.moment(s.MadeAt))},
		{Term: v.T("retention.brake.state"), Value: look.Text(v.brakeState(&s.Brake))},
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Journal})
	if err != nil {
		return err
	}
	names, err := v.house.Members.Names(v.ctx(), scope, []vault.PersonID{s.First, s.Second})
	if err != nil {
		return err
	}
	for _, by := range []struct {
		key    string
		person vault.PersonID
		at     time.Time
	}{{"retention.brake.first", s.First, s.FirstAt}, {"retention.brake.second", s.Second, s.DecidedAt}} {
		if by.person != 0 {
			view.Rows = append(view.Rows, look.Row{Term: v.T(by.key), Value: look.Text(v.nameOf(names, by.person)), Note: v.moment(by.at)})
		}
	}
	if err := v.stoppedPersons(&view, s.Persons); err != nil {
		return err
	}
	return v.show(page{title: view.Title, tab: tabAdministration, body: brakeBody(view), failed: problems != nil})
}

// stoppedPersons names those whom it is about, to whoever could close them.
func (v *visit) stoppedPersons(view *brakeView, persons []vault.PersonID) error {
	if len(persons) == 0 {
		return nil
	}
	if len(persons) > shownStopped {
		persons, view.More = persons[:shownStopped], v.T("retention.brake.persons_more", "count", shownStopped)
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Close})
	if err != nil {
		return err
	}
	names, err := v.house.Members.Names(v.ctx(), scope, persons)
	if err != nil {
		return err
	}
	for _, person := range persons {
		view.Persons = append(view.Persons, stoppedPerson{Name: v.nameOf(names, person), Path: leavingPath + "/" + v.public(person)})
	}
	return nil
}

func (v *visit) brakeAsked() int64 {
	number, _ := strconv.ParseInt(v.r.PathValue("number"), 10, 64)
	return number
}

func brakeApprove(v *visit) error {
	number := v.brakeAsked()
	done, err := v.house.Retention.Approve(v.ctx(), v.actor, number)
	if err != nil {
		return err
	}
	if !done {
		return v.toWith(brakePath(number), "retention.notice.first")
	}
	return v.toWith(retentionPath, "retention.notice.approved")
}

func brakeRefuse(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	var until time.Time
	if f.text("until") != "" {
		day, ok := f.date("until")
		if !ok {
			return v.brake(f, look.Problems{{Field: "until", Text: v.T("retention.error.until")}})
		}
		until = v.house.Charter.Midnight(day.AddDays(1)).Add(-time.Microsecond)
	}
	if err := v.house.Retention.Refuse(v.ctx(), v.actor, v.brakeAsked(), until); err != nil {
		problems, err := v.problems(err)
		if err != nil {
			return err
		}
		return v.brake(f, problems)
	}
	return v.toWith(retentionPath, "retention.notice.refused")
}

// whyView is what is kept about a person, and why.
type whyView struct {
	Back look.Crumbs
	Lead string
	Rows []whyLine
}

type whyLine struct{ What, Count, Until, Why, Source string }

// whyOwn tells whoever is signed in how long what is kept about them.
func whyOwn(v *visit) error {
	return v.whyKept(v.session.Person, whyView{
		Back: look.Crumbs{{Text: v.T("web.me.title"), URL: mePath}, {Text: v.T("retention.why.title")}}, Lead: v.T("retention.why.own"),
	}, tabMe)
}

// whyPage tells it of a member.
func whyPage(v *visit) error {
	person, err := v.person("person")
	if err != nil {
		return err
	}
	return v.whyKept(person, whyView{
		Back: look.Crumbs{{Text: v.T("search.title"), URL: membersPath}, {Text: v.T("card.title"), URL: v.cardPath(person)}, {Text: v.T("retention.why.title")}},
		Lead: v.T("retention.why.theirs"),
	}, tabMembers)
}

func (v *visit) whyKept(person vault.PersonID, view whyView, at tab) error {
	fates, err := v.house.Retention.Why(v.ctx(), v.actor, person)
	if err != nil {
		return err
	}
	for i := range fates {
		view.Rows = append(view.Rows, v.whyLine(&fates[i]))
	}
	return v.show(page{title: v.T("retention.why.title"), tab: at, body: whyBody(view)})
}

func (v *visit) whyLine(f *retention.Fate) whyLine {
	words := v.house.Retention.Words(v.p, f.Rule)
	line := whyLine{What: v.T(f.What), Until: v.T("retention.why.depends"), Why: words.Name, Source: words.Source}
	if words.Period != "" {
		line.Why += ": " + words.Period
	}
	if f.Count > 0 {
		line.Count = v.p.Number(f.Count)
	}
	switch {
	case !f.Until.IsZero():
		line.Until = v.p.Date(v.day(f.Until))
	case f.Rule.Persons:
		line.Until = v.T("retention.why.open")
	}
	return line
}
