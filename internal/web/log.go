package web

import (
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/a-h/templ"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// logPageSize is how many lines a page of the log has.
const logPageSize = 50

type logView struct {
	Filters   look.Filters
	Lines     []look.Line
	Total     int
	Pages     look.Pages
	Verify    bool // the whole journal is the hat's to verify
	Number    string
	Concerned bool // what was done to the member, not by them
}

// logFilter is what the log page is narrowed to. None of it is personal, so it
// stands in the address.
type logFilter struct {
	act  string
	unit unit.ID
	page int
}

// logPage shows the journal to whoever holds the right. That it was read is in it.
func logPage(v *visit) error {
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Journal})
	if err != nil {
		return err
	}
	f := logFilter{act: v.query().text("act"), unit: unit.ID(v.query().number("unit")), page: v.query().page()}
	filter := journal.Filter{Unit: uint32(v.logUnit(scope, f.unit))}
	filter.Act, _ = journal.ActNamed(f.act)
	if err := v.logRead(scope, filter.Unit, 0); err != nil {
		return err
	}
	found, err := v.house.Journal.Recent(v.ctx(), filter, journal.Page{Offset: (f.page - 1) * logPageSize, Limit: logPageSize})
	if err != nil {
		return err
	}
	view := logView{
		Total: found.Total, Filters: v.logFilters(f), Verify: scope.All(),
		Pages: look.Pages{Page: f.page, Last: pages(found.Total, logPageSize), URL: pageURL(logPath, "act", f.act, "unit", digits(int64(f.unit)))},
	}
	if view.Lines, err = v.logLines(scope, found.Lines); err != nil {
		return err
	}
	return v.show(page{title: v.T("web.log.title"), tab: tabAdministration, body: logBody(view)})
}

// logSearch shows what one member did, or what was done with their data. The
// member number is posted: it is personal.
func logSearch(v *visit) error {
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Journal})
	if err != nil {
		return err
	}
	f, err := v.form()
	if err != nil {
		return err
	}
	person, err := v.house.Members.ByNumber(v.ctx(), scope, f.text("number"))
	problems, err := v.logProblems(err)
	if err != nil {
		return err
	}
	at := f.page()
	view := logView{
		Filters: v.logFilters(logFilter{}), Verify: scope.All(), Number: f.text("number"), Concerned: f.text("who") == "concerned",
		Pages: look.Pages{Page: at, Form: "log-person"},
	}
	if problems != nil {
		return v.show(page{title: v.T("web.log.title"), tab: tabAdministration, body: logPersonBody(view, problems), failed: true})
	}
	if err := v.logRead(scope, 0, person); err != nil {
		return err
	}
	part := journal.Page{Offset: (at - 1) * logPageSize, Limit: logPageSize}
	var lines []journal.Line
	if view.Concerned {
		account, err := v.house.Journal.About(v.ctx(), uint32(person), part)
		if err != nil {
			return err
		}
		lines, view.Total = account.Lines, account.Total
	} else {
		found, err := v.house.Journal.Recent(v.ctx(), journal.Filter{Actor: uint32(person)}, part)
		if err != nil {
			return err
		}
		lines, view.Total = found.Lines, found.Total
	}
	view.Pages.Last = pages(view.Total, logPageSize)
	if view.Lines, err = v.logLines(scope, lines); err != nil {
		return err
	}
	return v.show(page{title: v.T("web.log.title"), tab: tabAdministration, body: logPersonBody(view, nil)})
}

// logProblems makes a number nobody within reach has the form's problem.
func (v *visit) logProblems(err error) (look.Problems, error) {
	if fault.Is(err, fault.NotFound) {
		return look.Problems{{Field: "number", Text: v.T("web.log.no_number")}}, nil
	}
	return v.problems(err)
}

// logUnit narrows an officer who may read the journal to their own body.
func (v *visit) logUnit(scope access.Scope, asked unit.ID) unit.ID {
	if scope.All() || scope.Covers(asked) {
		return asked
	}
	return scope.Unit()
}

// logRead puts on record that the journal is read: for which body, about whom.
func (v *visit) logRead(scope access.Scope, target uint32, person vault.PersonID) error {
	e := scope.Entry(journal.Log)
	if target != 0 {
		e.Target = target
	}
	if person != 0 {
		e.Persons = roaring.BitmapOf(uint32(person))
	}
	_, err := v.house.Journal.Read(v.ctx(), &e)
	return err
}

// logFilters are the act and the body to choose from.
func (v *visit) logFilters(f logFilter) look.Filters {
	acts := []look.Option{{Text: v.T("web.log.all_acts")}}
	for _, act := range journal.Acts() {
		acts = append(acts, look.Option{Value: act.String(), Text: v.T(act.Key())})
	}
	bodies := []look.Option{{Text: v.T("web.log.all_bodies")}}
	for _, u := range v.house.Units.Tree().All() {
		bodies = append(bodies, look.Option{Value: digits(int64(u.ID)), Text: u.Name})
	}
	return look.Filters{
		Action: logPath, Label: v.T("web.log.filter"), Button: v.T("web.log.show"), Region: "log",
		Fields: []templ.Component{
			look.Select{Name: "act", Label: v.T("web.log.act"), Value: f.act, Options: acts, Submit: true},
			look.Select{Name: "unit", Label: v.T("web.log.body"), Value: digits(int64(f.unit)), Options: bodies, Submit: true},
		},
	}
}

// logLines puts entries into words for whoever reads the journal.
func (v *visit) logLines(scope access.Scope, entries []journal.Line) ([]look.Line, error) {
	var actors []vault.PersonID
	for i := range entries {
		if entries[i].Actor != 0 {
			actors = append(actors, vault.PersonID(entries[i].Actor))
		}
	}
	names, err := v.holderNames(scope, actors)
	if err != nil {
		return nil, err
	}
	lines := make([]look.Line, len(entries))
	for i := range entries {
		e := &entries[i]
		lines[i] = look.Line{
			Day: v.day(e.At), At: e.At.Format(time.RFC3339),
			What: look.Said(v.T(e.Act.Key()), "· "+v.logActor(e, names),
				joined(" · ", v.clock(e.At), v.logRight(e), v.logVia(e), v.logReason(e))),
			Rest: []templ.Component{v.logConcerns(e), v.logWhere(e)},
		}
	}
	return lines, nil
}

func (v *visit) logActor(e *journal.Line, names map[vault.PersonID]string) string {
	switch name := names[vault.PersonID(e.Actor)]; {
	case name != "":
		return name
	case e.Actor != 0:
		return v.T("web.log.gone")
	case e.OSUser != "":
		return e.OSUser
	}
	return v.T("web.seen.system")
}

// logRight is by which right: a post in a body, a position, one's own membership.
func (v *visit) logRight(e *journal.Line) string {
	switch {
	case e.Right == "":
		return ""
	case access.Right(e.Right) == access.ByPost, access.Right(e.Right) == access.ByCover, access.Right(e.Right) == access.ByGrant:
		return v.T("web.post_in", "post", v.codeName(e.Right, e.Post), "body", v.unitName(unitID(e.Unit)))
	}
	return v.codeName(e.Right, e.Post)
}

// logVia says when it was not a page: the console, with the system's user.
func (v *visit) logVia(e *journal.Line) string {
	if e.Via == "" || e.Via == string(access.Web) || !v.p.Has("journal.via."+e.Via) {
		return ""
	}
	if e.OSUser != "" && e.Actor != 0 {
		return v.T("web.log.console", "via", v.T("journal.via."+e.Via), "user", e.OSUser)
	}
	return v.T("journal.via." + e.Via)
}

// logReason is why something was denied, closed or done, where that is a word of
// the catalogue or the charter.
func (v *visit) logReason(e *journal.Line) string {
	if reason, ok := v.house.Charter.Reason(e.Reason); ok {
		return reason.Name.In(v.p.Lang())
	}
	if e.Reason == "" || !v.p.Has(e.Reason) {
		return ""
	}
	act := ""
	if len(e.Fields) > 0 {
		act = actName(v.p, e.Fields[0])
	}
	return v.T(e.Reason, "act", act)
}

// logConcerns is how many persons and which number, never who.
func (v *visit) logConcerns(e *journal.Line) templ.Component {
	number := ""
	if e.Act == journal.List || e.Act == journal.Attest {
		number = v.T("web.list", "number", e.Number)
	}
	count := ""
	if e.Count > 0 {
		count = v.T("web.log.persons", "count", e.Count)
	}
	if joined("", count, number) == "" {
		return nil
	}
	return look.Text(joined(" · ", number, count))
}

// logWhere is the body that was asked for, and the purpose.
func (v *visit) logWhere(e *journal.Line) templ.Component {
	purpose := ""
	if e.Purpose != "" {
		purpose = v.purposeName(e.Purpose)
	}
	where := ""
	if e.Target != 0 {
		where = v.unitName(unitID(e.Target))
	}
	if joined("", purpose, where) == "" {
		return nil
	}
	return look.Text(joined(" · ", where, purpose))
}

// verified is a report in words.
type verified struct {
	Sound    bool
	Facts    []string
	Problems []string
	Warnings []string
}

// logVerify goes through the whole journal, and against a checkpoint somebody
// kept outside if one is given.
func logVerify(v *visit) error {
	if err := v.wholeJournal(); err != nil {
		return err
	}
	f, err := v.form()
	if err != nil {
		return err
	}
	var outside []byte
	if kept := f.text("checkpoint"); kept != "" {
		outside = []byte(kept + "\n") // a note ends in a line; typing loses it
	}
	report, err := v.house.Journal.Verify(v.ctx(), outside)
	if err != nil {
		return err
	}
	return v.show(page{title: v.T("web.verify.title"), tab: tabAdministration, body: verifyBody(v.verified(&report))})
}

func (v *visit) verified(r *journal.Report) verified {
	said := verified{Sound: r.Sound(), Facts: []string{
		v.T("journal.verify.entries", "count", r.Entries), v.T("journal.verify.checkpoints", "count", r.Checkpoints),
	}}
	if r.Pruned > 0 {
		said.Facts = append(said.Facts, v.T("journal.verify.pruned", "count", r.Pruned))
	}
	if r.Epoch > 1 {
		said.Facts = append(said.Facts, v.T("journal.verify.epoch", "number", r.Epoch))
	}
	for _, p := range r.Problems[:min(len(r.Problems), logPageSize)] {
		text := v.T(p.Kind.Key())
		if p.Entry != 0 {
			text = v.T("web.verify.entry", "number", p.Entry, "problem", text)
		}
		said.Problems = append(said.Problems, text)
	}
	if more := r.More + len(r.Problems) - len(said.Problems); more > 0 {
		said.Problems = append(said.Problems, v.T("journal.verify.more", "count", more))
	}
	for _, w := range r.Warnings {
		said.Warnings = append(said.Warnings, v.T(w.Key, "count", w.Count))
	}
	return said
}

// logCheckpoint signs a checkpoint, to be kept by somebody outside.
func logCheckpoint(v *visit) error {
	if err := v.wholeJournal(); err != nil {
		return err
	}
	note, err := v.house.Journal.Checkpoint(v.ctx())
	if err != nil {
		return err
	}
	name := v.T("web.verify.file") + "-" + v.house.Access.Today().String() + ".txt"
	return v.download(name, "text/plain; charset=utf-8", note)
}

// wholeJournal demands the right to the journal of every body.
func (v *visit) wholeJournal() error {
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Journal})
	if err != nil {
		return err
	}
	if !scope.All() {
		return errNotFound
	}
	return nil
}
