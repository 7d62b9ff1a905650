package web

import (
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/copies"
	"kartotek/internal/duty"
	"kartotek/internal/retention"
	"kartotek/internal/web/look"
)

// administrationPath is the one page from which everything is reached that keeps the
// register in order and is no daily work with members.
const administrationPath = "/administration"

// administers reports whether the hat opens any page that stands there.
func (v *visit) administers() bool {
	return v.may(charter.Staff|charter.Journal|charter.Units|charter.Hold|charter.Accounts) || v.keepsHolders() || v.printsLetters() || v.house.Passing.May(v.actor)
}

// whole reports whether the hat allows an act on the whole register.
func (v *visit) whole(act charter.Acts) bool {
	scope, err := v.house.Access.Decide(v.actor, access.Want{Act: act})
	return err == nil && scope.All()
}

// adminLine is one page, with how what it is about stands.
type adminLine struct {
	Title, Text, URL string
	Tone             look.Tone
	State, More      string
}

// adminGroup are the pages about one thing.
type adminGroup struct {
	ID, Title string
	Lines     []adminLine
}

// adminView is the page: numbers and days only, nobody is named on it.
type adminView struct {
	Left, Right []adminGroup
	Lead        string
}

// administrationPage shows what the hat may open, and what stands badly.
func administrationPage(v *visit) error {
	if !v.administers() {
		_, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Journal})
		if err == nil {
			err = errNotFound
		}
		return err
	}
	open, err := v.house.Duties.Open(v.ctx(), v.responsible())
	if err != nil {
		return err
	}
	var view adminView
	late := 0
	for _, part := range []struct {
		column *[]adminGroup
		id     string
		lines  func([]duty.Duty) ([]adminLine, error)
	}{
		{&view.Left, "kept", v.adminKept},
		{&view.Left, "outside", v.adminOutside},
		{&view.Right, "keys", v.adminKeys},
		{&view.Right, "rules", v.adminRules},
	} {
		lines, err := part.lines(open)
		if err != nil {
			return err
		}
		for _, line := range lines {
			if line.Tone == look.Late {
				late++
			}
		}
		if len(lines) > 0 {
			*part.column = append(*part.column, adminGroup{ID: part.id, Title: v.T("admin.group." + part.id), Lines: lines})
		}
	}
	view.Lead = v.counted(late, "admin.calm", "admin.lead")
	return v.show(page{title: v.T("admin.title"), tab: tabAdministration, body: adminBody(view)})
}

// adminOf is the line of a page: its title, and what it is for.
func (v *visit) adminOf(title, text, path string) adminLine {
	return adminLine{Title: v.T(title), Text: v.T(text), URL: path}
}

// counted is a number in words, or the words for none.
func (v *visit) counted(count int, none, some string) string {
	if count == 0 {
		return v.T(none)
	}
	return v.T(some, "count", count)
}

// says puts the state into a line.
func (l adminLine) says(tone look.Tone, state string) adminLine {
	l.Tone, l.State = tone, state
	return l
}

// adminKept is what is kept and what ends: the sweep, holds, the accounts.
func (v *visit) adminKept(open []duty.Duty) (lines []adminLine, err error) {
	if v.whole(charter.Journal) {
		line, err := v.adminSweep()
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	if v.may(charter.Hold) {
		lines = append(lines, v.adminHolds(open))
	}
	if v.seesKept() {
		scope, err := v.house.Departures.Accounts(v.ctx(), v.actor, 0)
		if err != nil {
			return nil, err
		}
		bodies, err := v.house.Departures.KeptBodies(v.ctx(), scope)
		if err != nil {
			return nil, err
		}
		persons := 0
		for _, body := range bodies {
			persons += body.Persons
		}
		lines = append(lines, v.adminOf("departure.kept.title", "admin.kept.text", keptPath).says(look.Calm, v.counted(persons, "admin.kept.none", "admin.kept.count")))
	}
	return lines, nil
}

// adminSweep is how the daily sweep stands.
func (v *visit) adminSweep() (adminLine, error) {
	line := v.adminOf("retention.title", "admin.retention.text", retentionPath)
	status, err := v.house.Retention.Look(v.ctx(), v.actor)
	if err != nil {
		return line, err
	}
	clock, err := v.house.Retention.Time(v.ctx(), v.actor)
	if err != nil {
		return line, err
	}
	if len(status.Runs) > 0 {
		line.More = v.T("admin.retention.last", "at", v.moment(status.Runs[0].BeganAt))
	}
	waiting, today := 0, 0
	for i := range status.Brakes {
		if status.Brakes[i].State == retention.Waiting {
			waiting++
		}
	}
	for i := range status.Plans {
		today += status.Plans[i].Today
	}
	switch {
	case clock.Doubt != nil:
		return line.says(look.Late, v.T("admin.retention.clock")), nil
	case waiting > 0:
		return line.says(look.Late, v.T("admin.retention.waiting", "count", waiting)), nil
	case len(status.Plans) == 0:
		return line.says(look.Note, v.T("admin.retention.unplanned")), nil
	}
	return line.says(look.OK, v.counted(today, "admin.retention.nothing", "admin.retention.today")), nil
}

// adminHolds is how many erasures wait, by the duties to review them.
func (v *visit) adminHolds(open []duty.Duty) adminLine {
	line, today := v.adminOf("leaving.hold.list", "admin.hold.text", holdsPath), v.house.Access.Today()
	count, tone := 0, look.Calm
	var nearest civil.Date
	for i := range open {
		if d := &open[i]; d.Kind == duty.ReviewHold {
			count++
			if nearest.IsZero() || d.DueOn.Before(nearest) {
				nearest, tone = d.DueOn, dutyTone(d.StateOn(today))
			}
		}
	}
	if count > 0 {
		line.More = v.T("admin.hold.nearest", "date", nearest)
	}
	return line.says(tone, v.counted(count, "admin.hold.none", "admin.hold.count"))
}

// adminOutside is what leaves the house: holders outside, what they are told, letters.
func (v *visit) adminOutside([]duty.Duty) (lines []adminLine, err error) {
	if v.keepsHolders() {
		tally, err := v.house.Notices.Count(v.ctx())
		if err != nil {
			return nil, err
		}
		lines = append(lines, v.adminOf("notice.holders.title", "admin.holders.text", holdersPath).says(look.Calm, v.counted(tally.Holders, "admin.holders.none", "admin.holders.count")))
		told := v.adminOf("notice.list.title", "admin.notices.text", noticesPath)
		switch {
		case tally.Late > 0:
			told = told.says(look.Late, v.T("admin.notices.late", "count", tally.Late))
		case tally.Open > 0:
			told = told.says(look.Note, v.T("admin.notices.open", "count", tally.Open))
		case tally.Notices > 0:
			told = told.says(look.OK, v.T("admin.notices.done"))
		default:
			told = told.says(look.Calm, v.T("admin.notices.none"))
		}
		lines = append(lines, told)
	}
	if v.house.Passing.May(v.actor) {
		more, err := v.adminPassing()
		if err != nil {
			return nil, err
		}
		lines = append(lines, more...)
	}
	agreed, err := v.adminAgreements()
	if err != nil {
		return nil, err
	}
	lines = append(lines, agreed...)
	if v.printsLetters() {
		queue, err := v.house.Letters.Count(v.ctx())
		if err != nil {
			return nil, err
		}
		tone := look.Calm
		switch {
		case queue.Late > 0:
			tone = look.Late
		case queue.Waiting > 0:
			tone = look.Note
		}
		lines = append(lines, v.adminOf("letter.title", "admin.letters.text", lettersPath).says(tone, v.counted(queue.Waiting, "admin.letters.none", "admin.letters.count")))
	}
	return lines, nil
}

// adminKeys is what brings the register back when a machine is lost.
func (v *visit) adminKeys([]duty.Duty) (lines []adminLine, err error) {
	staff := v.may(charter.Staff)
	if staff {
		line, err := v.adminBackups()
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	if staff || v.whole(charter.Journal) {
		told, err := v.house.Copies.Told(v.ctx())
		if err != nil {
			return nil, err
		}
		lines = append(lines, v.adminCopies(told))
	}
	if staff {
		master, standing := v.adminOf("master.page.title", "admin.master.text", masterPath), v.house.Keyring.Standing()
		if len(standing.Sets) > 0 {
			master.More = v.T("admin.master.sets", "count", len(standing.Sets))
		}
		if standing.Secured() {
			master = master.says(look.OK, v.T("admin.master.secured"))
		} else {
			master = master.says(look.Late, v.T("admin.master.unsecured"))
		}
		lines = append(lines, master)
	}
	return lines, nil
}

// adminBackups is how the archives stand, by what is on record: no place is asked.
func (v *visit) adminBackups() (adminLine, error) {
	line := v.adminOf("backup.title", "admin.backup.text", backupsPath)
	latest, err := v.house.Backup.Latest(v.ctx())
	if err != nil {
		return line, err
	}
	if d := latest.Drill; d != nil {
		line.More = v.T("admin.backup.drill_failed", "date", v.day(d.Began))
		if d.Good() {
			line.More = v.T("admin.backup.drill", "date", v.day(d.Began))
		}
	}
	switch {
	case latest.Places == 0:
		return line.says(look.Soon, v.T("admin.backup.none")), nil
	case latest.Late:
		return line.says(look.Late, v.T("admin.backup.late")), nil
	case latest.Verified.IsZero():
		return line.says(look.Soon, v.T("admin.backup.first")), nil
	}
	return line.says(look.OK, v.T("admin.backup.verified", "at", v.moment(latest.Verified))), nil
}

// adminCopies is how the copies of the keys stand.
func (v *visit) adminCopies(told []copies.Standing) adminLine {
	line := v.adminOf("copies.title", "admin.copies.text", keysPath)
	troubled, behind := 0, 0
	var confirmed time.Time // where it is longest ago
	for i := range told {
		if told[i].Problem != "" {
			troubled++
		} else if told[i].Behind {
			behind++
		}
		if i == 0 || told[i].ConfirmedAt.Before(confirmed) {
			confirmed = told[i].ConfirmedAt
		}
	}
	if !confirmed.IsZero() {
		line.More = v.T("admin.copies.confirmed", "at", v.moment(confirmed))
	}
	switch {
	case len(told) == 0:
		return line.says(look.Soon, v.T("admin.copies.none"))
	case troubled > 0:
		return line.says(look.Late, v.T("admin.copies.troubled", "count", troubled))
	case behind > 0:
		return line.says(look.Soon, v.T("admin.copies.behind", "count", behind))
	}
	return line.says(look.OK, v.T("admin.copies.current", "count", len(told)))
}

// adminRules are the bodies, and the trace of what was done.
func (v *visit) adminRules([]duty.Duty) (lines []adminLine, err error) {
	if v.may(charter.Journal) {
		line := v.adminOf("web.log.title", "admin.log.text", logPath).says(look.OK, v.T("admin.log.sound"))
		if v.house.Journal.Suspect() {
			line = line.says(look.Late, v.T("admin.log.suspect"))
		}
		lines = append(lines, line, v.adminOf("trace.title", "trace.admin.text", tracePath))
	}
	if v.house.Procedures.MayPublish(v.actor) {
		texts, err := v.adminTexts()
		if err != nil {
			return nil, err
		}
		lines = append(lines, texts...)
	}
	if v.may(charter.Units) {
		count := 0
		for _, body := range v.house.Units.Tree().All() {
			if !body.Closed {
				count++
			}
		}
		lines = append(lines, v.adminOf("bodies.title", "admin.bodies.text", bodiesPath).says(look.Calm, v.T("admin.bodies.count", "count", count)))
	}
	return lines, nil
}
