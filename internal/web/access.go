package web

import (
	"bytes"
	"slices"
	"strings"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// holder is a line of an access table: somebody who holds a right, or a seat
// that nobody holds.
type holder struct {
	Name        string // "" for a free seat
	Body, Post  string
	Why, More   string // the ground, in the words of whoever recorded it
	From, Until civil.Date
	Tone        look.Tone
	State       string
	Act         look.LinkButton // what can be done about it; none without a URL
}

// holders is who has access in one body, or in the secretariat.
type holders struct {
	ID, Code, Title string
	Note            string
	Rows            []holder
	None            string          // why nobody of the body has access (D13)
	Fill            look.LinkButton // where a post is filled or a position given; none without a URL
	Access, Vacant  int
	Members         int
}

// postRow is how far a post is filled, over all bodies that the page is about.
type postRow struct {
	Name        string
	Held, Seats int
	Reach       string
}

// accessView is the list of everybody with access (D3).
type accessView struct {
	Title, Lead string
	Figures     look.Figures
	Filters     *look.Filters
	Show        string // one of shows
	Posts       []postRow
	Staff       *holders
	Bodies      []holders
	Persons     []holder
	Levels      string   // what the bodies are called
	Recover     bool     // the hat may help somebody back in
	Past        string   // where the list of a past day is
	Paper       string   // the body's year paper; "" where there is none
	Handover    string   // where a whole board is entered; none for who may not
	Substitutes string   // where substitutes are elected and step in
	Meetings    string   // where general meetings are planned; none for who may not
	Grants      string   // where documented access is proposed and decided (D9)
	Audits      bool     // the hat answers in the yearly audit (N13)
	Reviews     bool     // the hat answers in reviews of access (D14)
	Findings    []holder // accesses that have lost their ground
	Because     look.Because
	Today       civil.Date
	About       string // what the list is of
}

// The ways to show the list. Many bodies are shown as an overview unless one
// asks for them all.
const (
	showOverview = "overview"
	showBodies   = "bodies"
	showPersons  = "persons"
)

var shows = []string{showOverview, showBodies, showPersons}

// fewBodies is how many bodies a page shows one by one without being asked.
const fewBodies = 12

// soonEnding is how many days before a right ends the page says so.
const soonEnding = 31

// accessPage lists who has access now, and why, by body and by person (D3).
func accessPage(v *visit) error {
	q := v.query()
	if on := q.text("on"); on != "" || q.has("on") {
		return pastPage(v, on)
	}
	body, err := v.bodyAsked(q.text("unit"))
	if err != nil {
		return err
	}
	r, err := v.rights(body)
	if err != nil {
		return err
	}
	view := accessView{
		Title: v.T("rights.title"), Lead: v.T("rights.lead"), About: v.reachName(body.ID), Today: v.house.Access.Today(),
		Because: v.becauseOf("rights", r.scope), Show: q.text("show"),
	}
	view.Recover = v.may(charter.Appoint | charter.Staff)
	view.Past = historyPath(view.Today, body.Code)
	view.Grants = grantsOf(grantsPath, body.Code)
	view.Reviews = v.answersReviews()
	view.Audits = v.house.Audits.Whole(v.actor) || v.house.Audits.Body(v.actor) != 0
	if v.may(v.house.Charter.Meetings.Caller()) && v.may(charter.Search) {
		view.Meetings = meetingsOf(meetingsPath, body.Code)
	}
	if level, known := v.house.Charter.Level(body.Level); known && level.Members {
		view.Paper = grantsOf(yearPaperPath, body.Code)
	}
	if view.Findings, err = r.findings(); err != nil {
		return err
	}
	if v.may(charter.Appoint) && body.Code != "" {
		view.Handover, view.Substitutes = handoverPath(body.Code), substitutesPath(body.Code)
	}
	view.Bodies, view.Posts = r.bodies(), r.posts()
	if !slices.Contains(shows, view.Show) {
		view.Show = showBodies
		if len(view.Bodies) > fewBodies {
			view.Show = showOverview
		}
	}
	if r.scope.All() {
		view.Staff = r.staff()
	}
	if view.Show == showPersons {
		view.Persons = r.persons()
	}
	view.Figures, view.Levels = r.figures(view.Bodies), r.levels()
	if options := v.bodyOptions(charter.Access); options != nil {
		view.Filters = v.accessFilters(options, body, view.Show)
	}
	return v.show(page{title: view.Title, tab: tabAccess, body: accessBody(view)})
}

func (v *visit) accessFilters(bodies []look.Option, body unit.Unit, show string) *look.Filters {
	ways := look.Select{Name: "show", Label: v.T("rights.show.label"), Value: show, Submit: true}
	for _, way := range shows {
		ways.Options = append(ways.Options, look.Option{Value: way, Text: v.T("rights.show." + way)})
	}
	return &look.Filters{
		Action: accessPath, Label: v.T("rights.show.filters"), Button: v.T("rights.show.act"),
		Fields: fieldsOf(look.Select{Name: "unit", Label: v.T("rights.show.body"), Value: body.Code, Options: bodies, Submit: true}, ways),
	}
}

// rights is what one reading of the register of rights gives: all posts and
// positions within a Scope, now and to come, with the names.
type rights struct {
	*visit
	scope     access.Scope
	today     civil.Date
	held      map[unit.ID][]access.Holding // posts, by body
	grants    map[unit.ID][]access.Holding // documented access
	positions []access.Holding
	names     map[vault.PersonID]string
}

// rights reads who holds what in a body and below it; with no body, everywhere.
func (v *visit) rights(body unit.Unit) (*rights, error) {
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Access, Unit: body.ID})
	if err != nil {
		return nil, err
	}
	r := &rights{visit: v, scope: scope, today: v.house.Access.Today(), held: map[unit.ID][]access.Holding{}, grants: map[unit.ID][]access.Holding{}}
	all, err := v.house.Access.Posts(scope, 0)
	if err != nil {
		return nil, err
	}
	for _, h := range all {
		r.held[h.Basis.Unit] = append(r.held[h.Basis.Unit], h)
	}
	granted, err := v.house.Access.Grants(scope, 0)
	if err != nil {
		return nil, err
	}
	for _, h := range granted {
		r.grants[h.Basis.Unit] = append(r.grants[h.Basis.Unit], h)
	}
	all = append(all, granted...)
	if scope.All() {
		if r.positions, err = v.house.Access.Positions(scope); err != nil {
			return nil, err
		}
		all = append(all, r.positions...)
	}
	persons := make([]vault.PersonID, len(all))
	for i := range all {
		persons[i] = all[i].Person
	}
	r.names, err = v.house.Members.Names(v.ctx(), scope, persons)
	return r, err
}

// current reports whether a right holds today, and opens anything.
func (r *rights) current(h *access.Holding) bool { return r.begun(h) && h.May != 0 }

func (r *rights) begun(h *access.Holding) bool { return !h.Basis.From.After(r.today) }

// line puts a right into words.
func (r *rights) line(h *access.Holding) holder {
	why, more, _ := strings.Cut(h.Ground, "\n")
	l := holder{
		Name: r.nameOf(r.names, h.Person), Body: r.bodyName(h.Basis), Post: r.postName(h.Basis),
		Why: why, More: more, From: h.Basis.From, Until: h.Basis.Until,
	}
	if h.Basis.Right == access.ByCover {
		l.More = r.T("rights.cover.covering")
	}
	ends := !h.Basis.Until.IsZero() && h.Basis.Until.DaysSince(r.today) <= soonEnding
	switch {
	case !r.begun(h):
		l.Tone, l.State = look.Note, r.T("rights.state.later")
	case !h.Halted.IsZero():
		l.Tone, l.State = look.Late, r.T("rights.state.halted", "date", h.Halted)
	case !h.Rests.IsZero():
		l.Tone, l.State = look.Note, r.T("rights.state.rests", "date", h.Rests)
	case h.May == 0:
		l.Tone, l.State = look.Calm, r.T("rights.state.without")
	case ends:
		l.Tone, l.State = look.Soon, r.T("rights.state.ends", "when", r.p.Days(h.Basis.Until, r.today))
	default:
		l.Tone, l.State = look.OK, r.T("rights.state.holds")
	}
	may := charter.Appoint
	if h.Basis.Right == access.ByPosition {
		may = charter.Staff
	}
	if h.Grant != nil {
		l.Post = r.T("grant.page.for", "purposes", r.house.Grants.PurposeNames(r.p, h.Grant.Purposes))
		l.Act = look.LinkButton{Text: r.T("grant.page.see"), About: l.Name, URL: grantPath(h.Grant.Case), Small: true, Kind: look.Quiet}
	} else if r.may(may) && h.Basis.Right == access.ByCover {
		l.Act = look.LinkButton{Text: r.T("rights.cover.see"), About: l.Name + ", " + l.Post, URL: coverPath(h.Basis.Of), Small: true, Kind: look.Quiet}
	} else if r.may(may) {
		l.Act = look.LinkButton{Text: r.T("rights.end"), About: l.Name + ", " + l.Post, URL: r.heldPath(h), Small: true, Kind: look.Quiet}
	}
	return l
}

// staff is the secretariat (D4).
func (r *rights) staff() *holders {
	s := &holders{ID: "secretariat", Title: r.T("web.frame.secretariat")}
	for i := range r.positions {
		s.Rows = append(s.Rows, r.line(&r.positions[i]))
		s.Access += truth(r.current(&r.positions[i]))
	}
	s.Note = r.T("rights.staff_note", "count", s.Access)
	if r.may(charter.Staff) {
		s.Fill = look.LinkButton{Text: r.T("rights.employ"), URL: staffPath, Small: true, Kind: look.Quiet}
	}
	return s
}

// bodies are the bodies that have posts, in the tree's order.
func (r *rights) bodies() []holders {
	var all []holders
	for _, u := range r.house.Units.Tree().All() {
		posts := r.house.Charter.PostsAt(u.Level)
		if len(posts) == 0 || !r.scope.Covers(u.ID) || u.Closed && len(r.held[u.ID]) == 0 {
			continue
		}
		all = append(all, r.body(u, posts))
	}
	return all
}

// body is who holds the posts of a body, in the charter's order, and which seats
// are free.
func (r *rights) body(u unit.Unit, posts []*charter.Post) holders {
	b := holders{ID: "unit-" + u.Code, Code: u.Code, Title: u.Name, Members: r.house.Members.Count(u.ID)}
	opens := false
	var room []string
	for _, post := range posts {
		opens = opens || post.Acts != 0
		taken := 0
		for i := range r.held[u.ID] {
			if h := &r.held[u.ID][i]; h.Basis.Code == post.Code {
				b.Rows = append(b.Rows, r.line(h))
				taken += truth(r.begun(h) && h.Basis.Right == access.ByPost)
				b.Access += truth(r.current(h))
			}
		}
		seats := post.SeatsFor(b.Members)
		if seats > 0 && post.OverMembers > 0 {
			room = append(room, r.T("rights.note.room", "post", lowered(post.Name.In(r.p.Lang()))))
		}
		if u.Closed {
			continue
		}
		for range seats - taken {
			b.Vacant++
			b.Rows = append(b.Rows, r.free(u, post))
		}
	}
	for i := range r.grants[u.ID] {
		h := &r.grants[u.ID][i]
		b.Rows = append(b.Rows, r.line(h))
		b.Access += truth(r.current(h))
	}
	level, _ := r.house.Charter.Level(u.Level)
	said := []string{r.T("rights.note.access", "count", b.Access)}
	if level != nil && level.Members {
		said = append(said, joined(", ", append([]string{r.T("rights.note.members", "count", b.Members)}, room...)...))
	}
	b.Note = strings.Join(said, " · ")
	if !opens && level != nil {
		b.None = r.T("rights.none", "level", level.Name)
		if level.Requisition {
			b.None = r.T("rights.none_requisition", "level", level.Name)
		}
	}
	if r.may(charter.Appoint) && !u.Closed && b.Vacant == 0 {
		b.Fill = look.LinkButton{Text: r.T("rights.fill_other"), About: u.Name, URL: appointPath(u.Code, ""), Small: true, Kind: look.Quiet}
	}
	return b
}

// free is a seat nobody holds.
func (r *rights) free(u unit.Unit, post *charter.Post) holder {
	l := holder{
		Body: u.Name, Post: post.Name.In(r.p.Lang()), Why: r.T("rights.free"), Tone: look.Calm, State: r.T("rights.state.free"),
	}
	if r.may(charter.Appoint) {
		l.Act = look.LinkButton{Text: r.T("rights.fill"), About: l.Post + ", " + u.Name, URL: appointPath(u.Code, post.Code), Small: true}
	}
	return l
}

// levels names the kinds of bodies that have posts, from the top down.
func (r *rights) levels() string {
	var names []string
	for i := range r.house.Charter.Levels {
		if level := &r.house.Charter.Levels[i]; len(r.house.Charter.PostsAt(level.Code)) > 0 {
			names = append(names, lowered(level.Plural.In(r.p.Lang())))
		}
	}
	return capitalised(r.p.List(names))
}

// posts is how far each post is filled, over all bodies of the page.
func (r *rights) posts() []postRow {
	var rows []postRow
	for i := range r.house.Charter.Posts {
		post := &r.house.Charter.Posts[i]
		row := postRow{Name: post.Name.In(r.p.Lang()), Reach: r.reach(post)}
		found := false
		for _, u := range r.house.Units.Tree().All() {
			if u.Closed || !r.scope.Covers(u.ID) || !post.At(u.Level) {
				continue
			}
			found = true
			row.Seats += post.SeatsFor(r.house.Members.Count(u.ID))
			for j := range r.held[u.ID] {
				if h := &r.held[u.ID][j]; h.Basis.Code == post.Code && r.begun(h) && h.Basis.Right == access.ByPost {
					row.Held++
				}
			}
		}
		if found {
			rows = append(rows, row)
		}
	}
	return rows
}

// reach says what a post gives access to.
func (r *rights) reach(post *charter.Post) string {
	level, _ := r.house.Charter.Level(post.Levels[0])
	switch {
	case post.Acts == 0 && level != nil && level.Requisition:
		return r.T("rights.reach.requisition")
	case post.Acts == 0:
		return r.T("rights.reach.none")
	case post.OverMembers > 0:
		return r.T("rights.reach.over", "limit", post.OverMembers)
	case level != nil && level.SubBodies:
		return r.T("rights.reach.below")
	}
	return r.T("rights.reach.own")
}

// persons lists every right once, by the holder's name.
func (r *rights) persons() []holder {
	var all []holder
	for i := range r.positions {
		all = append(all, r.line(&r.positions[i]))
	}
	for _, u := range r.house.Units.Tree().All() {
		for i := range r.held[u.ID] {
			all = append(all, r.line(&r.held[u.ID][i]))
		}
		for i := range r.grants[u.ID] {
			all = append(all, r.line(&r.grants[u.ID][i]))
		}
	}
	sorter := locale.NewSorter(r.p.Lang())
	keys := map[string][]byte{}
	for _, l := range all {
		if keys[l.Name] == nil {
			keys[l.Name] = sorter.Append(nil, l.Name)
		}
	}
	slices.SortStableFunc(all, func(a, b holder) int { return bytes.Compare(keys[a.Name], keys[b.Name]) })
	return all
}

// figures counts persons, not rights, where it says who has access.
func (r *rights) figures(bodies []holders) look.Figures {
	persons, employed := map[vault.PersonID]bool{}, map[vault.PersonID]bool{}
	posts, seated, vacant := 0, 0, 0
	for i := range r.positions {
		if h := &r.positions[i]; r.current(h) {
			persons[h.Person], employed[h.Person] = true, true
		}
	}
	for _, held := range r.held {
		for i := range held {
			if h := &held[i]; r.current(h) {
				persons[h.Person] = true
				posts++
			}
		}
	}
	for _, b := range bodies {
		seated += truth(b.Access > 0)
		vacant += b.Vacant
	}
	granted := 0
	for _, held := range r.grants {
		for i := range held {
			if h := &held[i]; r.current(h) {
				persons[h.Person] = true
				granted++
			}
		}
	}
	figures := look.Figures{{Term: r.T("rights.figure.access"), Value: r.p.Number(len(persons))}}
	if r.scope.All() {
		figures = append(figures, look.Figure{Term: r.T("rights.figure.staff"), Value: r.p.Number(len(employed)), Note: r.T("rights.figure.everywhere")})
	}
	figures = append(figures,
		look.Figure{Term: r.T("rights.figure.posts"), Value: r.p.Number(posts), Note: r.T("rights.figure.bodies", "count", seated)},
		look.Figure{Term: r.T("rights.figure.vacant"), Value: r.p.Number(vacant)},
	)
	if granted > 0 {
		figures = append(figures, look.Figure{Term: r.T("grant.page.figure"), Value: r.p.Number(granted)})
	}
	return figures
}
