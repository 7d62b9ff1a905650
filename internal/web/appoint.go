package web

import (
	"errors"
	"net/url"
	"strconv"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/member"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// Where rights are given and ended. The bodies and posts in an address are not
// personal; a person stands there by public id.
const (
	appointAt = accessPath + "/appoint"
	staffPath = accessPath + "/staff"
	heldAt    = accessPath + "/held"
)

func appointPath(body, post string) string {
	q := url.Values{"unit": {body}}
	if post != "" {
		q.Set("post", post)
	}
	return appointAt + "?" + q.Encode()
}

func (v *visit) heldPath(h *access.Holding) string {
	return heldAt + "/" + v.public(h.Person) + "/" + strconv.FormatUint(h.Basis.ID, 10)
}

func bodyAccessPath(code string) string {
	if code == "" {
		return accessPath
	}
	return accessPath + "?unit=" + url.QueryEscape(code)
}

// finding is how a form finds whom it is about: a name or a member number is
// posted, and one of those found is chosen.
type finding struct {
	Query   string
	Reading int64
	Asked   bool // somebody was looked for
	Persons look.Choices
	More    bool // there are more than are shown
}

// findShown is how many of those found can be chosen.
const findShown = 10

// lookFor finds members by what was typed, within a Scope for searching.
func (v *visit) lookFor(scope access.Scope, f form, problems look.Problems) (finding, error) {
	found := finding{Query: f.text("q"), Reading: f.number("reading")}
	found.Persons = look.Choices{Name: "person", Legend: v.T("rights.find.found"), Error: problems.For("person")}
	if found.Query == "" {
		return found, nil
	}
	found.Asked = true
	hits, err := v.house.Members.Search(v.ctx(), scope, member.Query{Text: found.Query, Size: findShown, Reading: found.Reading})
	if err != nil {
		return found, err
	}
	found.Reading, found.More = hits.Reading, hits.Total > findShown
	for i := range hits.Rows {
		h := &hits.Rows[i]
		id := v.public(h.Person)
		hint := v.T("rights.find.number", "number", h.Number)
		shared, err := v.house.SignIn.Shared(v.ctx(), h.Person)
		if err != nil {
			return found, err
		}
		if shared { // an officer signs in by an address nobody else reads
			hint += " " + v.T("door.recover.shared")
		}
		found.Persons.Options = append(found.Persons.Options, look.Choice{
			Value: id, Text: h.Name(), Hint: hint,
			Checked: id == f.text("person") || len(hits.Rows) == 1,
		})
	}
	return found, nil
}

// chosen is the person a form names.
func (v *visit) chosen(f form) (vault.PersonID, look.Problems) {
	if person, ok := v.house.Keyring.PersonOf(f.text("person")); ok {
		return person, nil
	}
	return 0, look.Problems{{Field: "person", Text: v.T("rights.find.missing")}}
}

// findField is the id of the field one looks for somebody in.
const findField = "q"

// termOf reads the days a right begins and ends.
func (v *visit) termOf(f form) (from, until civil.Date, problems look.Problems) {
	for _, day := range []struct {
		name string
		to   *civil.Date
	}{{"from", &from}, {"until", &until}} {
		read, ok := f.date(day.name)
		if *day.to = read; !ok {
			problems = append(problems, look.Problem{Field: day.name, Text: v.T("fault.field.date")})
		}
	}
	return from, until, problems
}

// appointView is the form by which a post is filled.
type appointView struct {
	Problems    look.Problems
	Body        unit.Unit
	Bodies      []look.Option
	Posts       look.Choices
	Find        finding
	From, Until string
	Ground      string
	Back        string
}

func appointPage(v *visit) error {
	q := v.query()
	body, err := v.bodyAsked(q.text("unit"))
	if err != nil {
		return err
	}
	today := v.house.Access.Today()
	f := form{url.Values{"post": {q.text("post")}, "from": {v.p.ShortDate(today)}}}
	if post, ok := v.house.Charter.Post(q.text("post")); ok && post.TermMonths > 0 {
		last := time.Date(today.Year, today.Month+time.Month(post.TermMonths), today.Day-1, 0, 0, 0, 0, time.UTC)
		f.values.Set("until", v.p.ShortDate(civil.DateOf(last)))
	}
	return v.appointForm(body, f, nil)
}

// appointForm shows the form for a body, filled as it came.
func (v *visit) appointForm(body unit.Unit, f form, problems look.Problems) error {
	if _, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Appoint, Unit: body.ID}); err != nil {
		return err
	}
	search, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Search, Unit: body.ID})
	if err != nil {
		return err
	}
	view := appointView{
		Body: body, Bodies: v.bodyOptions(charter.Appoint), Posts: v.postChoices(body, f.text("post"), problems),
		From: f.text("from"), Until: f.text("until"), Ground: f.text("ground"), Back: bodyAccessPath(body.Code),
	}
	if view.Find, err = v.lookFor(search, f, problems); err != nil {
		return err
	}
	view.Problems = findable(problems, view.Find)
	return v.show(page{title: v.T("rights.appoint.title"), tab: tabAccess, body: appointBody(view), failed: problems != nil})
}

// findable moves a problem with a person to the field where one is looked for,
// while there is nobody to choose.
func findable(problems look.Problems, found finding) look.Problems {
	for i := range problems {
		if problems[i].Field == "person" && len(found.Persons.Options) == 0 {
			problems[i].Field = findField
		}
	}
	return problems
}

// postChoices are the posts of a body's level, each with what it gives.
func (v *visit) postChoices(body unit.Unit, chosen string, problems look.Problems) look.Choices {
	c := look.Choices{Name: "post", Legend: v.T("rights.appoint.post"), Error: problems.For("post")}
	for _, post := range v.house.Charter.PostsAt(body.Level) {
		seats, taken := v.house.Access.Seats(post, body.ID)
		if seats == 0 && post.Code != chosen {
			continue
		}
		hint := v.T("rights.appoint.seats", "count", seats, "taken", taken) + " " + v.gives(post.Acts)
		c.Options = append(c.Options, look.Choice{Value: post.Code, Text: post.Name.In(v.p.Lang()), Hint: hint, Checked: post.Code == chosen})
	}
	return c
}

// gives says what a post or position lets its holder do.
func (v *visit) gives(acts charter.Acts) string {
	if acts == 0 {
		return v.T("rights.gives_none")
	}
	var said []string
	for _, code := range acts.Codes() {
		said = append(said, actName(v.p, code))
	}
	return v.T("rights.gives", "acts", said)
}

// appoint looks for somebody, or fills the post with whoever was chosen (D8, D10).
func appoint(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	body, err := v.bodyAsked(f.text("unit"))
	if err != nil {
		return err
	}
	if f.text("do") == "find" {
		return v.appointForm(body, f, v.nothingTyped(f))
	}
	person, problems := v.chosen(f)
	from, until, wrong := v.termOf(f)
	if problems = append(problems, wrong...); problems == nil {
		_, err = v.house.Access.Appoint(v.ctx(), v.actor, person, access.Appointment{
			Unit: body.ID, Post: f.text("post"), From: from, Until: until, Ground: f.text("ground"),
		})
		if problems, err = v.problems(err); err != nil {
			return err
		}
	}
	if problems != nil {
		return v.appointForm(body, f, problems)
	}
	return v.toWith(bodyAccessPath(body.Code), "rights.notice.appointed")
}

func (v *visit) nothingTyped(f form) look.Problems {
	if f.text("q") == "" {
		return look.Problems{{Field: findField, Text: v.T("rights.find.empty")}}
	}
	return nil
}

// staffView is the form by which a position is given (D4: the person and the
// position both count).
type staffView struct {
	Problems      look.Problems
	New           bool // somebody the register does not know yet
	Given, Family string
	Email         string
	Find          finding
	Known         []look.Choice // who is in the secretariat already
	Positions     look.Choices
	From, Until   string
	Tasks, Trust  string
}

func staffNewPage(v *visit) error {
	return v.staffForm(form{url.Values{"from": {v.p.ShortDate(v.house.Access.Today())}, "who": {"new"}}}, nil)
}

func (v *visit) staffForm(f form, problems look.Problems) error {
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Staff})
	if err != nil {
		return err
	}
	view := staffView{
		New: f.text("who") != "known", Given: f.text("given"), Family: f.text("family"), Email: f.text("email"),
		From: f.text("from"), Until: f.text("until"), Tasks: f.text("tasks"), Trust: f.text("trust"),
		Positions: look.Choices{Name: "position", Legend: v.T("rights.staff.position"), Error: problems.For("position")},
	}
	for i := range v.house.Charter.Positions {
		position := &v.house.Charter.Positions[i]
		view.Positions.Options = append(view.Positions.Options, look.Choice{
			Value: position.Code, Text: position.Name.In(v.p.Lang()), Hint: position.Grounds.In(v.p.Lang()) + ". " + v.taskOf(position),
			Checked: position.Code == f.text("position"),
		})
	}
	if view.Find, err = v.lookForStaff(scope, f, problems); err != nil {
		return err
	}
	view.Problems = findable(problems, view.Find)
	return v.show(page{title: v.T("rights.staff.title"), tab: tabAccess, body: staffBody(view), failed: problems != nil})
}

// taskOf says which task of a position needs member data; one without such a task
// carries no access to the register (D4).
func (v *visit) taskOf(position *charter.Position) string {
	switch {
	case position.Task != "":
		return v.T("rights.staff.task." + position.Task)
	case position.Acts != 0:
		return v.T("rights.staff.task.accounts")
	}
	return v.T("rights.staff.task.none")
}

// lookForStaff finds members, where one may search; without a search it offers
// those who are in the secretariat, whom no search finds.
func (v *visit) lookForStaff(scope access.Scope, f form, problems look.Problems) (finding, error) {
	search, err := v.house.Access.Decide(v.actor, access.Want{Act: charter.Search})
	if err == nil && f.text("q") != "" {
		return v.lookFor(search, f, problems)
	}
	found := finding{Query: f.text("q"), Persons: look.Choices{Name: "person", Legend: v.T("rights.staff.already"), Error: problems.For("person")}}
	held, err := v.house.Access.Positions(scope)
	if err != nil {
		return found, err
	}
	positions := map[vault.PersonID][]string{}
	var persons []vault.PersonID
	for i := range held {
		h := &held[i]
		if positions[h.Person] == nil && h.Person != v.actor.Person {
			persons = append(persons, h.Person)
		}
		positions[h.Person] = append(positions[h.Person], v.postName(h.Basis))
	}
	names, err := v.house.Members.Names(v.ctx(), scope, persons)
	if err != nil {
		return found, err
	}
	for _, person := range persons {
		id := v.public(person)
		found.Persons.Options = append(found.Persons.Options, look.Choice{
			Value: id, Text: v.nameOf(names, person), Hint: v.p.List(positions[person]), Checked: id == f.text("person"),
		})
	}
	return found, nil
}

// employ gives a position to somebody known, or makes somebody known first. What
// is wrong with either is told before anything is written.
func employ(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	// The return key presses the first button, also in a field about somebody new.
	if f.text("do") == "find" && (f.text("q") != "" || f.text("who") == "known") {
		f.values.Set("who", "known")
		return v.staffForm(f, v.nothingTyped(f))
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Staff})
	if err != nil {
		return err
	}
	position, problems, err := v.positionOf(f)
	if err != nil {
		return err
	}
	var person vault.PersonID
	if f.text("who") == "known" {
		var missing look.Problems
		person, missing = v.chosen(f)
		problems = append(missing, problems...)
	}
	if problems != nil {
		return v.staffForm(f, problems)
	}
	if person == 0 {
		person, err = v.house.Members.Enrol(v.ctx(), scope, member.Draft{
			Values: map[string]string{"given": f.text("given"), "family": f.text("family"), "email": f.text("email")},
		})
		if problems, err = v.problems(err); err != nil {
			return err
		}
		if problems != nil {
			return v.staffForm(f, problems)
		}
	}
	_, err = v.house.Access.Employ(v.ctx(), v.actor, person, position)
	if problems, err = v.problems(err); err != nil {
		return err
	}
	if problems != nil {
		return v.staffForm(f, problems)
	}
	return v.toWith(accessPath, "rights.notice.employed")
}

// positionOf reads the position a form gives, and what is wrong with it.
func (v *visit) positionOf(f form) (access.Position, look.Problems, error) {
	from, until, problems := v.termOf(f)
	p := access.Position{Code: f.text("position"), From: from, Until: until}
	for _, name := range []string{"tasks", "trust"} {
		if f.text(name) == "" {
			problems = append(problems, look.Problem{Field: name, Text: v.T("rights.staff.missing." + name)})
		}
	}
	p.Ground = f.text("tasks") + "\n" + f.text("trust")
	wrong, err := v.problems(v.house.Access.CheckPosition(p))
	for _, one := range wrong {
		if problems.For(one.Field) == "" {
			problems = append(problems, one)
		}
	}
	return p, problems, err
}

// endView asks when a right ends.
type endView struct {
	Problems         look.Problems
	Path, Back       string
	Name, Post, Body string
	Ground           string
	From, Until      civil.Date
	Cover            string // where somebody covers the post instead
	Later            bool   // on a day, not at once
	Last             string
}

// heldAsked finds the right an address names, among those one may see.
func (v *visit) heldAsked() (access.Holding, access.Scope, error) {
	person, err := v.person("person")
	if err != nil {
		return access.Holding{}, access.Scope{}, err
	}
	id, _ := strconv.ParseUint(v.r.PathValue("id"), 10, 64)
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Access})
	if err != nil {
		return access.Holding{}, scope, err
	}
	all, err := v.house.Access.Posts(scope, 0)
	if err == nil && scope.All() {
		var positions []access.Holding
		positions, err = v.house.Access.Positions(scope)
		all = append(all, positions...)
	}
	for _, h := range all {
		if h.Person == person && h.Basis.ID == id {
			return h, scope, err
		}
	}
	return access.Holding{}, scope, errors.Join(err, fault.New(fault.NotFound, "access.error.no_holding"))
}

func endPage(v *visit) error { return v.endForm(form{url.Values{}}, nil) }

func (v *visit) endForm(f form, problems look.Problems) error {
	h, scope, err := v.heldAsked()
	if err != nil {
		return err
	}
	may := access.Want{Act: charter.Appoint, Unit: h.Basis.Unit}
	if h.Basis.Right == access.ByPosition {
		may = access.Want{Act: charter.Staff}
	}
	if _, err := v.house.Access.Require(v.ctx(), v.actor, may); err != nil {
		return err
	}
	names, err := v.house.Members.Names(v.ctx(), scope, []vault.PersonID{h.Person})
	if err != nil {
		return err
	}
	view := endView{
		Problems: problems, Path: v.heldPath(&h), Back: bodyAccessPath(v.unitCodeOf(h.Basis)),
		Name: v.nameOf(names, h.Person), Post: v.postName(h.Basis), Body: v.bodyName(h.Basis), Ground: h.Ground,
		From: h.Basis.From, Until: h.Basis.Until, Later: f.text("when") == "later", Last: f.text("last"),
	}
	if h.Basis.Right == access.ByPost && h.May != 0 {
		view.Cover = coverPath(h.Basis.ID)
	}
	return v.show(page{title: v.T("rights.ending.title"), tab: tabAccess, body: endBody(view), failed: problems != nil})
}

// unitCodeOf is the code of the body a right is of; "" for a position.
func (v *visit) unitCodeOf(b access.Basis) string {
	body, _ := v.house.Units.Tree().ByID(b.Unit)
	return body.Code
}

// endHeld ends a post or a position, at once or with a last day.
func endHeld(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	h, _, err := v.heldAsked()
	if err != nil {
		return err
	}
	last := v.house.Access.Today().AddDays(-1) // at once: yesterday was the last day
	if f.text("when") == "later" {
		day, ok := f.date("last")
		if !ok || day.IsZero() {
			return v.endForm(f, look.Problems{{Field: "last", Text: v.T("fault.field.date")}})
		}
		last = day
	}
	end := v.house.Access.EndAppointment
	if h.Basis.Right == access.ByPosition {
		end = v.house.Access.EndPosition
	}
	if err := end(v.ctx(), v.actor, h.Person, h.Basis.ID, last); err != nil {
		return err
	}
	return v.toWith(bodyAccessPath(v.unitCodeOf(h.Basis)), "rights.notice.ended")
}
