package web

import (
	"cmp"
	"context"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/extract"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// listView is a pulled list as pages show it.
type listView struct {
	extract.List
	Purpose, Body   string
	Recipient, Post string // who has it, and as what it was pulled
	Pulled          civil.Date
	Mine            bool
	Tone            look.Tone
	State           string         // how its deadline stands; the day of its destruction
	Half            string         // what is attested of a list still out
	Exceptions      []exceptionRow // what was asked about it; exceptions.go
}

// open reports whether the visitor has the list and must attest something yet.
func (l listView) open() bool { return l.Mine && l.List.Mine != nil && !l.List.Mine.Done() }

// listsView is one's own lists, and those one follows up.
type listsView struct {
	Mine         []listView
	Others       []listView // overdue, of others
	Follows      bool       // whether others' lists are one's business
	Pull         bool
	Trace        bool   // a list that was found may be traced
	Requisitions bool   // those without access ask, and one decides
	Several      bool   // several of one's own are open: they can be attested in one step
	Late         string // the lists that keep one from a new one
	Write        bool   // the visitor may have members written to, which needs no list
}

// listsPage shows what one has taken out, what is over its day first (D12), and
// to whoever sees to it what others have not destroyed in time (D14).
func listsPage(v *visit) error {
	mine, err := v.house.Extracts.Mine(v.ctx(), v.actor)
	if err != nil {
		return err
	}
	view := listsView{Pull: v.may(charter.Pull), Trace: v.may(charter.Journal), Follows: v.may(charter.Access), Requisitions: v.house.Charter.Requisitions() && v.house.Handouts.Asks(v.actor)}
	view.Write = v.seesMailings()
	if view.Mine, err = v.ownLists(mine); err != nil {
		return err
	}
	open := 0
	for _, l := range view.Mine {
		open += truth(l.open())
	}
	view.Several = open > 1
	if view.Late, err = v.lateLists(); err != nil {
		return err
	}
	if view.Follows {
		if view.Others, err = v.othersLists(); err != nil {
			return err
		}
	}
	return v.show(page{title: v.T("lists.title"), tab: tabLists, body: listsBody(view)})
}

// ownLists puts one's lists in the order they press: over the day, out, destroyed.
func (v *visit) ownLists(lists []extract.List) ([]listView, error) {
	if len(lists) == 0 {
		return nil, nil
	}
	name, err := v.ownName()
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(lists, func(a, b extract.List) int {
		if a.Destroyed() || b.Destroyed() {
			return cmp.Or(truth(a.Destroyed())-truth(b.Destroyed()), cmp.Compare(b.Number, a.Number))
		}
		return a.DestroyBy.DaysSince(b.DestroyBy)
	})
	recipients, err := v.recipientsOf(lists)
	if err != nil {
		return nil, err
	}
	views := make([]listView, len(lists))
	for i := range lists {
		to := name
		if lists[i].Recipient != v.actor.Person {
			to = v.nameOf(recipients, lists[i].Recipient)
		}
		views[i] = v.list(&lists[i], to)
	}
	return views, nil
}

// othersLists are the overdue lists within the right to see who has access,
// those of others, each with whose hands it is in.
func (v *visit) othersLists() ([]listView, error) {
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Access})
	if err != nil {
		return nil, err
	}
	late, err := v.house.Extracts.Overdue(v.ctx(), scope)
	if err != nil {
		return nil, err
	}
	late = slices.DeleteFunc(late, func(l extract.List) bool { return l.Recipient == v.actor.Person })
	recipients := make([]vault.PersonID, len(late))
	for i := range late {
		recipients[i] = late[i].Recipient
	}
	names, err := v.holderNames(scope, recipients)
	if err != nil {
		return nil, err
	}
	views := make([]listView, len(late))
	for i := range late {
		views[i] = v.list(&late[i], v.nameOf(names, late[i].Recipient))
	}
	return views, nil
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// nameOf is a person's name among those that were asked for; somebody who has
// left has none.
func (v *visit) nameOf(names map[vault.PersonID]string, person vault.PersonID) string {
	if name, known := names[person]; known {
		return name
	}
	return v.T("lists.gone")
}

// list puts a list into words.
func (v *visit) list(l *extract.List, recipient string) listView {
	today := v.house.Access.Today()
	view := listView{
		List: *l, Purpose: v.purposeName(l.Purpose), Body: v.reachName(l.Unit), Recipient: recipient, Post: v.anyPost(l.Post),
		Pulled: v.day(l.PulledAt), Mine: l.Mine != nil, State: capitalised(v.p.Due(l.DestroyBy, today)),
	}
	switch {
	case l.Destroyed():
		last := l.DigitalAt
		if l.PhysicalAt.After(last) {
			last = l.PhysicalAt
		}
		view.Tone, view.State = look.OK, v.T("lists.destroyed", "date", v.p.ShortDate(v.day(last)))
		return view
	case l.Settled():
		view.Tone, view.State = look.Late, v.T("extract.state.lost")
		return view
	case l.StateOn(today) == extract.Overdue:
		view.Tone = look.Late
	case l.DestroyBy.DaysSince(today) <= soonDays:
		view.Tone = look.Soon
	default:
		view.Tone = look.Note
	}
	switch {
	case !l.DigitalAt.IsZero():
		view.Half = v.T("lists.half.digital", "date", v.p.ShortDate(v.day(l.DigitalAt)))
	case !l.PhysicalAt.IsZero():
		view.Half = v.T("lists.half.physical", "date", v.p.ShortDate(v.day(l.PhysicalAt)))
	}
	if l.Mine != nil && l.Mine.ID != 0 {
		view.Half = v.T("lists.passed.to_you", "date", v.p.ShortDate(v.day(l.Mine.PassedAt)))
	} else if len(l.Passes) > 0 {
		view.Half = v.T("lists.passed.on", "date", v.p.ShortDate(v.day(l.Passes[len(l.Passes)-1].PassedAt)))
	}
	return view
}

// soonDays is how near a day is when it counts as soon.
const soonDays = 7

// reachName is what a list or a right reaches: a body, or everything.
func (v *visit) reachName(id unit.ID) string {
	if root, ok := v.house.Units.Tree().Root(); id == 0 || ok && id == root.ID {
		return v.T("lists.everywhere")
	}
	return v.unitName(id)
}

// listPage is one list: what it is, and the two attestations (D12).
func listPage(v *visit) error {
	number, _ := strconv.ParseInt(v.r.PathValue("number"), 10, 64)
	view, err := v.findList(number)
	if err != nil {
		return err
	}
	title := v.T("web.list", "number", number)
	pass, err := v.passChoices(&view, nil)
	if err != nil {
		return err
	}
	if view.Exceptions, err = v.exceptionsOf(number); err != nil {
		return err
	}
	outside, err := v.handedOf(&view)
	if err != nil {
		return err
	}
	return v.show(page{title: title, tab: tabLists, body: listBody(title, view, v.fieldNames(view.Fields), pass, outside)})
}

// findList finds a list among one's own and those one follows up.
func (v *visit) findList(number int64) (listView, error) {
	is := func(l extract.List) bool { return l.Number == number }
	mine, err := v.house.Extracts.Mine(v.ctx(), v.actor)
	if err != nil {
		return listView{}, err
	}
	if i := slices.IndexFunc(mine, is); i >= 0 {
		own, err := v.ownLists(mine[i : i+1])
		if err != nil {
			return listView{}, err
		}
		return own[0], nil
	}
	if v.may(charter.Access) {
		others, err := v.othersLists()
		if err != nil {
			return listView{}, err
		}
		if i := slices.IndexFunc(others, func(l listView) bool { return is(l.List) }); i >= 0 {
			return others[i], nil
		}
	}
	return listView{}, errNotFound
}

func (v *visit) fieldNames(codes []string) []string {
	names := make([]string, len(codes))
	for i, code := range codes {
		names[i] = v.fieldName(code)
	}
	return names
}

// attestList takes the word of whoever holds a list that file or paper is gone.
func attestList(v *visit) error {
	number, _ := strconv.ParseInt(v.r.PathValue("number"), 10, 64)
	f, err := v.form()
	if err != nil {
		return err
	}
	medium := extract.Medium(f.text("medium"))
	list, err := v.house.Extracts.Attest(v.ctx(), v.actor, number, medium)
	switch {
	case err != nil:
		return err
	case list.Mine.Done():
		return v.toWith(listPath(number), "lists.notice.destroyed", number)
	case medium == extract.Digital:
		return v.toWith(listPath(number), "lists.notice.digital", number)
	}
	return v.toWith(listPath(number), "lists.notice.physical", number)
}

// pullView is the form that asks for a list. What each purpose would give is on
// the page already, and shows when the purpose is chosen: purpose first (L8).
type pullView struct {
	Problems        look.Problems
	Body            unit.Unit // zero: everything
	BodyName        string
	Bodies          []look.Option // to choose from; none where there is only one
	Slips           []extract.Slip
	Chosen          int // place of the purpose; len(Slips) while none is chosen
	Format          string
	Paper           paperView
	By              string
	Recipient, Post string
	Late            string // the lists that keep one from a new one
	Send            string // where a message is written instead of pulling a list; "" for who may not
}

func pullPage(v *visit) error {
	q := v.query()
	view, err := v.pull(q.text("unit"), q.text("purpose"))
	if err != nil {
		return err
	}
	view.Paper = q.paper()
	if format := extract.Format(q.text("format")); slices.Contains(extract.Formats, format) {
		view.Format = string(format)
	}
	return v.show(page{title: v.T("lists.pull.title"), tab: tabLists, body: pullBody(view)})
}

// pull prepares the form for a body, by its code, and perhaps a purpose.
func (v *visit) pull(code, purpose string) (view pullView, err error) {
	body, err := v.bodyAsked(code)
	if err != nil {
		return view, err
	}
	view = pullView{Body: body, BodyName: v.reachName(body.ID), Format: string(extract.Formats[0])}
	for i := range v.house.Charter.Purposes {
		p := &v.house.Charter.Purposes[i]
		if v.hat != nil && v.hat.Grant != nil && !slices.Contains(v.hat.Grant.Purposes, p.Code) {
			continue
		}
		slip, err := v.house.Extracts.Prepare(v.ctx(), v.actor, extract.Wish{Unit: body.ID, Purpose: p.Code})
		if err != nil {
			return view, err
		}
		view.Slips = append(view.Slips, slip)
	}
	view.Chosen = len(view.Slips)
	if i := slices.IndexFunc(view.Slips, func(s extract.Slip) bool { return s.Purpose.Code == purpose }); i >= 0 {
		view.Chosen = i
	}
	view.Bodies = v.bodyOptions(charter.Pull)
	if view.Late, err = v.lateLists(); err != nil {
		return view, err
	}
	if v.house.Mailings.Offered(v.actor, body.ID, cmp.Or(purpose, v.firstMailed())) {
		view.Send = writePath(body.Code, purpose)
	}
	if view.Recipient, err = v.ownName(); err != nil {
		return view, err
	}
	view.Post = v.T("lists.as", "post", v.postName(v.hat.Basis), "body", v.bodyName(v.hat.Basis))
	return view, nil
}

// bodyAsked is the body of a code in an address or a form. Without one it is the
// body of the hat's post; zero, which is everything, for the secretariat.
func (v *visit) bodyAsked(code string) (unit.Unit, error) {
	tree := v.house.Units.Tree()
	if code == "" {
		if v.hat == nil {
			return unit.Unit{}, nil
		}
		body, _ := tree.ByID(v.hat.Basis.Unit)
		return body, nil
	}
	if body, ok := tree.ByCode(code); ok {
		return body, nil
	}
	return unit.Unit{}, fault.New(fault.NotFound, "unit.error.unknown")
}

// bodyOptions are the open bodies the hat may do an act in, in the tree's order
// and indented as it is; none where there is no choice.
func (v *visit) bodyOptions(act charter.Acts) []look.Option {
	scope, err := v.house.Access.Decide(v.actor, access.Want{Act: act})
	if err != nil {
		return nil
	}
	tree := v.house.Units.Tree()
	var options []look.Option
	top := -1
	for _, u := range tree.All() {
		if u.Closed || !scope.Covers(u.ID) {
			continue
		}
		depth := tree.Depth(u.ID)
		if top < 0 {
			top = depth
		}
		name := u.Name
		if u.Parent == 0 {
			name = v.T("lists.everywhere")
		}
		options = append(options, look.Option{Value: u.Code, Text: strings.Repeat("\u2003", max(0, depth-top)) + name})
	}
	if len(options) < 2 {
		return nil
	}
	return options
}

// pullList takes the list out. The answer is the file itself, written straight
// to the browser; what is wrong with the wish comes back with the form.
func pullList(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	body, err := v.bodyAsked(f.text("unit"))
	if err != nil {
		return err
	}
	by, dated := f.date("by")
	wish := extract.Wish{
		Unit: body.ID, Purpose: f.text("purpose"), Format: extract.Format(f.text("format")), Lang: v.p.Lang(), DestroyBy: by,
	}
	f.paper().enter(&wish)
	var wrong look.Problems
	if wish.Purpose == "" {
		wrong = append(wrong, look.Problem{Field: "purpose", Text: v.T("extract.error.purpose")})
	}
	if !dated {
		wrong = append(wrong, look.Problem{Field: "by", Text: v.T("fault.field.date")})
	}
	if !f.has("promise") {
		wrong = append(wrong, look.Problem{Field: "promise", Text: v.T("lists.pull.promise_missing")})
	}
	if wrong == nil {
		delivery, err := v.house.Extracts.Pull(v.ctx(), v.actor, wish)
		if err == nil {
			return v.deliver(delivery)
		}
		if fault.Is(err, fault.NotFound) { // nobody would be on it: choose another purpose or body
			wrong = look.Explain(v.p, err)
		} else if wrong, err = v.problems(err); err != nil {
			return err
		}
	}
	view, err := v.pull(f.text("unit"), wish.Purpose)
	if err != nil {
		return err
	}
	view.Problems, view.Format, view.By, view.Paper = wrong, f.text("format"), f.text("by"), f.paper()
	return v.show(page{title: v.T("lists.pull.title"), tab: tabLists, body: pullBody(view), failed: true})
}

// delivery is a list on its way, whoever it is for.
type delivery interface {
	FileName() string
	ContentType() string
	Number() int64
	Write(ctx context.Context, w io.Writer) error
}

// deliver writes the file. Once a byte is out nothing but breaking off tells the
// browser that the file is not whole.
func (v *visit) deliver(d delivery) error {
	h := v.w.Header()
	h.Set("Content-Type", d.ContentType())
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": d.FileName()}))
	out := &sent{Writer: v.w}
	err := d.Write(v.ctx(), out)
	switch {
	case err == nil:
		return nil
	case !out.begun:
		h.Del("Content-Disposition")
		return err
	}
	v.log.WarnContext(v.ctx(), "a list was not delivered whole", "list", d.Number(), "error", err)
	panic(http.ErrAbortHandler)
}

// sent knows whether anything is on its way to the browser.
type sent struct {
	io.Writer
	begun bool
}

func (s *sent) Write(b []byte) (int, error) {
	s.begun = true
	return s.Writer.Write(b)
}

// namesOf are the names of fields.
func namesOf(p *locale.Printer, fields []*charter.Field) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name.In(p.Lang())
	}
	return names
}

// leftOut says in numbers who is left out of a list and why, and whose address
// is covered (L8).
func leftOut(p *locale.Printer, s extract.Slip) string {
	var said []string
	for _, group := range []struct {
		key   string
		count int
	}{{"lists.left.stopped", s.Stopped}, {"lists.left.objected", s.Objected}, {"lists.left.kind", s.LeftOut}, {"lists.left.covered", s.Covered}} {
		if group.count > 0 {
			said = append(said, p.T(group.key, "count", group.count))
		}
	}
	if s.Stopped+s.Objected+s.LeftOut == 0 {
		said = append(said, p.T("lists.left.none"))
	}
	if s.Purpose.Statutory {
		said = append(said, p.T("lists.left.statutory"))
	}
	return strings.Join(said, " ")
}

// articles are the articles a purpose rests on, as lawyers of the language cite
// them (L5).
func articles(p *locale.Printer, purpose *charter.Purpose) string {
	var cited []string
	for _, basis := range []string{purpose.Basis, purpose.Basis9} {
		if parts := strings.FieldsFunc(basis, func(r rune) bool { return r == '(' || r == ')' }); len(parts) == 3 {
			cited = append(cited, p.T("lists.pull.article", "article", parts[0], "part", parts[1], "letter", parts[2]))
		}
	}
	return p.List(cited)
}
