package web

import (
	"net/url"
	"strconv"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

const coverAt = accessPath + "/cover"

func coverPath(id uint64) string { return coverAt + "/" + strconv.FormatUint(id, 10) }

// coverView has somebody cover a post for some days.
type coverView struct {
	Problems     look.Problems
	Path, Back   string
	Holder, Post string
	Body         unit.Unit
	Find         finding
	Others       look.Choices // the body's officers: they have access already
	From, Until  string
	Ground       string
	Days         int
	Covers       []coverLine
	Own          bool
}

// coverLine is a cover that stands, and how it is ended.
type coverLine struct {
	Name, Ground string
	From, Until  civil.Date
	End          string // where it is ended
}

// coverAsked finds the post an address names: one's own, or one in a body where
// one fills posts.
func (v *visit) coverAsked() (h access.Holding, own bool, err error) {
	id, _ := strconv.ParseUint(v.r.PathValue("id"), 10, 64)
	for _, mine := range v.held {
		if mine.Basis.ID == id && mine.Basis.Right == access.ByPost {
			mine.Person = v.actor.Person
			return mine, true, nil
		}
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Appoint})
	if err != nil {
		return h, false, err
	}
	all, err := v.house.Access.Posts(scope, 0)
	for _, one := range all {
		if one.Basis.ID == id && one.Basis.Right == access.ByPost {
			return one, false, err
		}
	}
	if err == nil {
		err = fault.New(fault.NotFound, "access.error.no_holding")
	}
	return h, false, err
}

func coverPage(v *visit) error {
	return v.coverForm(form{url.Values{"from": {v.p.ShortDate(v.house.Access.Today())}}}, nil)
}

func (v *visit) coverForm(f form, problems look.Problems) error {
	h, own, err := v.coverAsked()
	if err != nil {
		return err
	}
	body, _ := v.house.Units.Tree().ByID(h.Basis.Unit)
	view := coverView{
		Path: coverPath(h.Basis.ID), Back: homePath, Post: v.postName(h.Basis), Body: body, From: f.text("from"), Until: f.text("until"),
		Ground: f.text("ground"), Days: v.house.Charter.CoverDays, Own: own,
	}
	if v.may(charter.Access) {
		view.Back = bodyAccessPath(body.Code)
	}
	scope, err := v.self()
	if err != nil {
		return err
	}
	if !own {
		if scope, err = v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Appoint, Unit: body.ID}); err != nil {
			return err
		}
	}
	officers := v.house.Access.Officers(body.ID, charter.View)
	covers := v.house.Access.CoverOf(h.Basis.ID)
	persons := append([]vault.PersonID{h.Person}, officers...)
	for i := range covers {
		persons = append(persons, covers[i].Person)
	}
	names, err := v.house.Members.Names(v.ctx(), scope, persons)
	if err != nil {
		return err
	}
	view.Holder = v.nameOf(names, h.Person)
	for i := range covers {
		c := &covers[i]
		view.Covers = append(view.Covers, coverLine{
			Name: v.nameOf(names, c.Person), Ground: c.Ground, From: c.Basis.From, Until: c.Basis.Until,
			End: coverPath(h.Basis.ID) + "/end/" + v.public(c.Person) + "/" + strconv.FormatUint(c.Basis.ID, 10),
		})
	}
	if view.Find, err = v.lookForCover(body, f, problems); err != nil {
		return err
	}
	if len(view.Find.Persons.Options) == 0 {
		for _, person := range officers {
			if person == h.Person || person == v.actor.Person {
				continue
			}
			id := v.public(person)
			view.Find.Persons.Options = append(view.Find.Persons.Options, look.Choice{Value: id, Text: v.nameOf(names, person), Hint: v.T("rights.cover.officer"), Checked: id == f.text("person")})
		}
		view.Find.Persons.Legend = v.T("rights.cover.board")
		view.Find.Asked = view.Find.Asked && len(view.Find.Persons.Options) == 0
	}
	view.Problems = findable(problems, view.Find)
	return v.show(page{title: v.T("rights.cover.title"), tab: tabAccess, body: coverBody(view), failed: problems != nil})
}

// lookForCover finds members of the body, for who may search there.
func (v *visit) lookForCover(body unit.Unit, f form, problems look.Problems) (finding, error) {
	found := finding{Query: f.text("q"), Persons: look.Choices{Name: "person", Error: problems.For("person")}}
	search, err := v.house.Access.Decide(v.actor, access.Want{Act: charter.Search, Unit: body.ID})
	if err != nil || found.Query == "" {
		return found, nil // a post that gives no search names somebody of the board
	}
	return v.lookFor(search, f, problems)
}

// cover looks for somebody, or names the cover.
func cover(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	h, _, err := v.coverAsked()
	if err != nil {
		return err
	}
	if f.text("do") == "find" {
		return v.coverForm(f, v.nothingTyped(f))
	}
	person, problems := v.chosen(f)
	from, until, wrong := v.termOf(f)
	if problems = append(problems, wrong...); problems == nil {
		_, err = v.house.Access.NameCover(v.ctx(), v.actor, person, h.Basis.ID, access.Cover{From: from, Until: until, Ground: f.text("ground")})
		if problems, err = v.problems(err); err != nil {
			return err
		}
	}
	if problems != nil {
		return v.coverForm(f, problems)
	}
	return v.toWith(coverPath(h.Basis.ID), "rights.notice.covered")
}

// uncover ends a cover at once: the holder has the post back.
func uncover(v *visit) error {
	person, err := v.person("person")
	if err != nil {
		return err
	}
	id, _ := strconv.ParseUint(v.r.PathValue("cover"), 10, 64)
	if err := v.house.Access.EndCover(v.ctx(), v.actor, person, id, v.house.Access.Today().AddDays(-1)); err != nil {
		return err
	}
	return v.toWith(homePath, "rights.notice.uncovered")
}

// standing is what somebody is told about their own access, beside what they
// do with it: that it has ended, and what is still with them; that it rests.
type standing struct {
	Ended []endedLine
	Lists int // still with them, unattested
	Rests []restLine
}

type endedLine struct {
	Post, Body string
	Until      civil.Date
}

type restLine struct {
	Post, Body, Cover string
	Until             civil.Date
	End               string
}

// toldDays is how long after its end somebody is told that their access ended.
const toldDays = 90

// standingOf works out what is to be told.
func (v *visit) standingOf() (standing, error) {
	var s standing
	scope, err := v.self()
	if err != nil {
		return s, err
	}
	today := v.house.Access.Today()
	current := map[access.Basis]bool{}
	for i := range v.held {
		current[access.Basis{Code: v.held[i].Basis.Code, Unit: v.held[i].Basis.Unit}] = true
	}
	for _, h := range v.house.Access.Ended(scope) {
		key := access.Basis{Code: h.Basis.Code, Unit: h.Basis.Unit}
		if today.DaysSince(h.Basis.Until) <= toldDays && !current[key] {
			current[key] = true
			s.Ended = append(s.Ended, endedLine{v.postName(h.Basis), v.bodyName(h.Basis), h.Basis.Until})
		}
	}
	var covering []vault.PersonID
	var resting []access.Holding
	for _, h := range v.held {
		if h.Rests.IsZero() {
			continue
		}
		for _, c := range v.house.Access.CoverOf(h.Basis.ID)[:1] {
			covering, resting = append(covering, c.Person), append(resting, h)
		}
	}
	if len(resting) > 0 {
		names, err := v.house.Members.Names(v.ctx(), scope, covering)
		if err != nil {
			return s, err
		}
		for i, h := range resting {
			c := v.house.Access.CoverOf(h.Basis.ID)[0]
			s.Rests = append(s.Rests, restLine{
				Post: v.postName(h.Basis), Body: v.bodyName(h.Basis), Cover: v.nameOf(names, covering[i]), Until: h.Rests,
				End: coverPath(h.Basis.ID) + "/end/" + v.public(c.Person) + "/" + strconv.FormatUint(c.Basis.ID, 10),
			})
		}
	}
	if len(s.Ended) == 0 {
		return s, nil
	}
	mine, err := v.house.Extracts.Mine(v.ctx(), v.actor)
	for i := range mine {
		s.Lists += truth(!mine[i].Mine.Done())
	}
	return s, err
}
