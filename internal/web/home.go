package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/duty"
	"kartotek/internal/extract"
	"kartotek/internal/unit"
	"kartotek/internal/web/look"
)

// shownDuties is how many duties the home page shows; the rest are on the pages
// they are about.
const shownDuties = 12

type homeView struct {
	Greeting, Lead string
	Standing       standing
	Cover          string // where one's own post is covered
	Grounds        string // of the documented access one works by
	Search, Pull   bool
	Meetings       string          // general meetings of one's body
	Mailings       bool            // whether the visitor writes to members
	Declaration    look.LinkButton // of one's body, or of all; none where one writes none
	Access         bool            // the hat opens anything at all
	Agreements     string          // agreements that one signs or follows
	Duties         look.Duties
	Open           int  // all of them, those beyond Duties too
	Requisition    bool // of a list of one's own body, which has no access (D13)
	Overdue        *look.Table[overdueList]
	Figures        look.Figures
	News           *newsView // nil for a hat that is told none
	Year           look.Wheel
	Passing        bool // the visitor passes members on to bodies outside
	Upkeep         int  // members whose mail comes back, or whose protection has run out
}

// homePage is what waits for whoever wears the hat, and the year around it.
func homePage(v *visit) error {
	if v.hat == nil {
		return v.to(mePath) // who holds nothing has their own page
	}
	open, err := v.house.Duties.Open(v.ctx(), v.responsible())
	if err != nil {
		return err
	}
	greeting, err := v.greeting()
	if err != nil {
		return err
	}
	told, err := v.standingOf()
	if err != nil {
		return err
	}
	today := v.house.Access.Today()
	view := homeView{
		Standing: told,
		Greeting: greeting, Lead: v.standing(open, today), Open: len(open),
		Search: v.may(charter.Search), Pull: v.may(charter.Pull), Access: v.may(charter.AllActs),
	}
	view.Upkeep = v.upkeepCount()
	view.Requisition = len(v.house.Handouts.Bodies(v.actor.Person)) > 0
	view.Upkeep, view.Mailings = v.upkeepCount(), v.seesMailings()
	if v.hat.Basis.Right == access.ByPost && (v.hat.May != 0 || !v.hat.Rests.IsZero()) {
		view.Cover = coverPath(v.hat.Basis.ID)
	}
	if v.hat.Basis.OfPost() && v.house.Meetings.MayCall(v.actor, v.hat.Basis.Unit) {
		view.Meetings = meetingsPath
	}
	view.Declaration = v.declarationLink()
	view.Passing = v.house.Passing.May(v.actor)
	if v.hat.Basis.OfPost() || v.hat.Basis.Right == access.ByPosition {
		view.Agreements = v.agreementsLink()
	}
	if v.hat.Grant != nil {
		view.Grounds = grantPath(v.hat.Grant.Case)
	}
	if view.Duties, err = v.duties(open[:min(len(open), shownDuties)], today); err != nil {
		return err
	}
	if view.Overdue, err = v.overdue(today); err != nil {
		return err
	}
	if view.Year, err = v.year(today); err != nil {
		return err
	}
	if view.Figures, err = v.figures(); err != nil {
		return err
	}
	if view.News, err = v.newsCard(); err != nil {
		return err
	}
	return v.show(page{title: v.T("web.home.title"), tab: tabHome, body: homeBody(view)})
}

// responsible is what the wearer of the hat answers for.
func (v *visit) responsible() duty.Responsible {
	r := duty.Responsible{Person: v.session.Person, Acts: map[unit.ID]charter.Acts{}}
	if v.hat != nil {
		r.Acts[v.hat.Basis.Unit] = v.hat.May // a position has no body: 0, the secretariat
		if root, ok := v.house.Units.Tree().Root(); ok && v.hat.Basis.Unit == root.ID {
			r.Acts[0] = v.hat.May // N12: a register manager holds a post, and answers as the secretariat does
		}
	}
	return r
}

// greeting wishes a good part of the day, by the first given name.
func (v *visit) greeting() (string, error) {
	scope, err := v.self()
	if err != nil {
		return "", err
	}
	own, err := v.house.Members.Own(v.ctx(), scope)
	if err != nil {
		return "", err
	}
	given, _, _ := strings.Cut(own.Given, " ")
	part := "evening"
	switch hour := v.house.Now().In(v.house.Charter.Location()).Hour(); {
	case hour < 5:
		part = "night"
	case hour < 10:
		part = "morning"
	case hour < 18:
		part = "day"
	}
	return v.T("web.home.greeting."+part, "name", given), nil
}

// standing says in a sentence how many duties are late and how many come soon.
func (v *visit) standing(open []duty.Duty, today civil.Date) string {
	late, soon := 0, 0
	for i := range open {
		switch open[i].StateOn(today) {
		case duty.Late:
			late++
		case duty.Soon:
			soon++
		}
	}
	said := []string{v.p.WeekdayDate(today) + "."}
	if late > 0 {
		said = append(said, v.T("web.home.late", "count", late))
	}
	if soon > 0 {
		said = append(said, v.T("web.home.soon", "count", soon))
	}
	if late+soon == 0 {
		said = append(said, v.T("web.home.calm"))
	}
	return capitalised(strings.Join(said, " "))
}

// duties puts duties into words, each with what to do about it.
func (v *visit) duties(open []duty.Duty, today civil.Date) (look.Duties, error) {
	lists, err := v.myLists(open)
	if err != nil {
		return nil, err
	}
	var said look.Duties
	for i := range open {
		d := &open[i]
		title := v.dutyTitle(d)
		text := v.T("duty.hint." + string(d.Kind))
		if list, ok := lists[d.Subject]; ok && d.Kind == duty.DestroyList {
			text = v.T("web.home.list", "purpose", v.purposeName(list.Purpose), "count", list.Members, "date", v.day(list.PulledAt)) + " " + text
		}
		kind := look.Quiet
		if i == 0 {
			kind = look.Primary
		}
		said = append(said, look.Duty{
			Tone: dutyTone(d.StateOn(today)), Due: d.DueOn, Title: title, Text: text, State: capitalised(v.p.Due(d.DueOn, today)),
			Action: look.LinkButton{Text: v.T("duty.act." + string(d.Kind)), About: title, URL: v.dutyPath(d), Small: true, Kind: kind},
		})
	}
	return said, nil
}

// myLists are the person's lists by number, read only where a duty is about one.
func (v *visit) myLists(open []duty.Duty) (map[int64]extract.List, error) {
	if !slices.ContainsFunc(open, func(d duty.Duty) bool { return d.Kind == duty.DestroyList }) {
		return nil, nil
	}
	mine, err := v.house.Extracts.Mine(v.ctx(), v.actor)
	lists := make(map[int64]extract.List, len(mine))
	for _, l := range mine {
		lists[l.Number] = l
	}
	return lists, err
}

// dutyTitle names a duty, never the person it is about.
func (v *visit) dutyTitle(d *duty.Duty) string {
	return v.T("duty.kind."+string(d.Kind), "number", d.Subject)
}

// listPath is the page of a list.
func listPath(number int64) string { return listsPath + "/" + strconv.FormatInt(number, 10) }

func dutyTone(s duty.State) look.Tone {
	switch s {
	case duty.Done:
		return look.OK
	case duty.Late:
		return look.Late
	case duty.Soon:
		return look.Soon
	default:
		return look.Note
	}
}

// overdueList is a list past its day, as the secretariat follows it up: by post,
// since whose hands it is in is on the list's own page.
type overdueList struct {
	number     int64
	body, post string
	due        civil.Date
	state      string
}

// overdue lists what is past its day within the hat's reach; nil where there is
// nothing, or nothing to follow up.
func (v *visit) overdue(today civil.Date) (*look.Table[overdueList], error) {
	if !v.may(charter.Access) {
		return nil, nil
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Access})
	if err != nil {
		return nil, err
	}
	late, err := v.house.Extracts.Overdue(v.ctx(), scope)
	late = slices.DeleteFunc(late, func(l extract.List) bool { return l.Recipient == v.session.Person }) // a duty of one's own
	if err != nil || len(late) == 0 {
		return nil, err
	}
	table := overdueTable(v.p)
	for i := range late {
		l := &late[i]
		table.Rows = append(table.Rows, overdueList{
			number: l.Number, body: v.unitName(l.Unit), post: v.anyPost(l.Post), due: l.DestroyBy, state: capitalised(v.p.Due(l.DestroyBy, today)),
		})
	}
	return &table, nil
}

// figures are the few numbers of the body one works in.
func (v *visit) figures() (look.Figures, error) {
	b := v.hat.Basis
	if b.InBody() {
		level, _ := v.house.Charter.Level(v.unitLevel(b.Unit))
		if level == nil || !level.Members || !v.may(charter.AllActs) {
			return nil, nil
		}
		return look.Figures{{Term: v.T("web.home.members"), Value: v.p.Number(v.house.Members.Count(b.Unit)), Note: v.bodyName(b)}}, nil
	}
	tree := v.house.Units.Tree()
	members, bodies := 0, 0
	for _, u := range tree.All() {
		members += v.house.Members.Count(u.ID)
		if level, ok := v.house.Charter.Level(u.Level); ok && level.Members && !u.Closed {
			bodies++
		}
	}
	return look.Figures{
		{Term: v.T("web.home.memberships"), Value: v.p.Number(members)},
		{Term: v.T("web.home.bodies"), Value: v.p.Number(bodies)},
	}, nil
}

// year is the compliance year of the hat: every duty whose day is in it.
func (v *visit) year(today civil.Date) (look.Wheel, error) {
	all, err := v.house.Duties.Year(v.ctx(), v.responsible(), today.Year)
	return look.Wheel{
		Title: v.T("web.home.wheel", "year", today.Year, "body", v.bodyName(v.hat.Basis)),
		Year:  today.Year, Today: today, Marks: v.marks(all, today),
	}, err
}

// marks draws duties on the wheel. Those of one kind and state in one month share
// a mark, on the first of their days: a wheel of hundreds could not be read.
func (v *visit) marks(all []duty.Duty, today civil.Date) []look.Mark {
	type group struct {
		kind  duty.Kind
		state duty.State
		month int
	}
	count := map[group]int{}
	of := func(d *duty.Duty) group { return group{d.Kind, d.StateOn(today), int(d.DueOn.Month)} }
	for i := range all {
		count[of(&all[i])]++
	}
	var marks []look.Mark
	for i := range all {
		d := &all[i]
		g := of(d)
		n := count[g]
		if n == 0 {
			continue // its group is drawn
		}
		mark := look.Mark{Date: d.DueOn, Tone: dutyTone(g.state), Text: v.dutyTitle(d)}
		if g.state != duty.Done {
			mark.State = v.p.Due(d.DueOn, today)
		}
		if n > 1 {
			mark.Text = v.T("web.home.mark."+string(d.Kind), "count", n)
		}
		delete(count, g)
		marks = append(marks, mark)
	}
	return marks
}
