package app_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-sql/civil"
	"pgregory.net/rapid"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// The whole house against an independent model: bodies, members, posts, terms,
// objections, closings and starts at random, and after each of them whoever is
// asked finds exactly whom the clauses allow. The model knows lists and loops,
// no Scope, no index, no bitmap.
func TestD2D7D8D11L8TheHouseAgreesWithTheModel(t *testing.T) {
	// A check is a house with dozens of acts and comparisons.
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue {
		if err := checks.Value.Set("20"); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = checks.Value.Set(checks.DefValue) }()
	}
	var asked, through int
	rapid.Check(t, func(rt *rapid.T) {
		f := housetest.New(t)
		w := &world{Fixture: f, ctx: context.Background()}
		defer func() { w.ok(rt, f.House.Close()) }()
		w.begin(rt)
		rt.Repeat(map[string]func(*rapid.T){
			"body": w.addBody, "join": w.join, "join again": w.join, "rename": w.rename, "address": w.readdress,
			"belong": w.belong, "unbelong": w.unbelong, "move": w.move, "object": w.object, "restrict": w.restrict,
			"appoint": w.appoint, "appoint again": w.appoint, "dismiss": w.dismiss,
			"close": w.close, "undo": w.undo, "confirm": w.confirm, "wait": w.wait, "start": w.start,
			"": w.compare,
		})
		report, err := f.Journal.Verify(w.ctx, nil)
		if w.ok(rt, err); !report.Sound() {
			rt.Fatalf("the journal: %+v", report.Problems)
		}
		asked, through = asked+w.asked, through+w.through
	})
	t.Logf("%d questions, %d of officers were answered with somebody", asked, through)
	if through < 50 && !testing.Short() {
		t.Error("the test asks too little")
	}
}

type world struct {
	*housetest.Fixture
	ctx     context.Context
	people  []*human
	held    []*post
	staff   map[vault.PersonID]string // position
	asked   int
	through int
}

type human struct {
	person        vault.PersonID
	given, family string
	number, email string
	bodies        []unit.ID
	objects       []string
	restricted    bool
	state         string // "", hidden, erased
	due           time.Time
	by            string
}

type post struct {
	id          uint64
	person      vault.PersonID
	body        unit.ID
	code        string
	from, until civil.Date
}

func (w *world) ok(t *rapid.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) may(who string, want access.Want) access.Scope {
	scope, _ := w.Access.Decide(w.As(who), want)
	return scope
}

// begin takes the cast into the model.
func (w *world) begin(t *rapid.T) {
	ida := w.Employ("ida", "it", member.Draft{Values: map[string]string{"given": "Ida", "family": "Itsgaard"}})
	w.staff = map[vault.PersonID]string{w.Person("founder"): "member-service", ida: "it"} // the founder is both
	today := w.today()
	for i := range housetest.Cast {
		role := &housetest.Cast[i]
		person := w.Person(role.Name)
		if role.Position != "" {
			w.staff[person] = role.Position
			continue
		}
		w.people = append(w.people, &human{
			person: person, given: role.Given, family: role.Family, number: w.Number[role.Name], email: role.More["email"], bodies: []unit.ID{w.Bodies[role.Body]},
		})
		if role.Post != "" {
			body := w.Bodies[role.Body]
			if role.At != "" {
				body = w.Bodies[role.At]
			}
			held := w.Access.Held(person)
			w.held = append(w.held, &post{held[0].Basis.ID, person, body, role.Post, today.AddDays(-30), civil.Date{Year: today.Year + 2, Month: today.Month, Day: 1}})
		}
	}
}

// today is the day in Copenhagen.
func (w *world) today() civil.Date {
	zone, err := time.LoadLocation("Europe/Copenhagen")
	if err != nil {
		panic(err)
	}
	return civil.DateOf(w.Clock.Now().In(zone))
}

func (w *world) human(t *rapid.T, states ...string) *human {
	var fit []*human
	for _, h := range w.people {
		if slices.Contains(states, h.state) {
			fit = append(fit, h)
		}
	}
	if len(fit) == 0 {
		t.Skip("nobody")
	}
	return rapid.SampledFrom(fit).Draw(t, "who")
}

// memberBodies are those in which one can be a member: the local ones, those
// abroad, the association itself.
func (w *world) memberBodies() (all []unit.ID) {
	for _, u := range w.Units.Tree().All() {
		if u.Level != "region" {
			all = append(all, u.ID)
		}
	}
	return all
}

var (
	givens   = []string{"Åse", "Anna", "Søren", "Bo", "Bodil", "Birgit Anna", "Aase", "Ærø", "Bo-Anders"}
	families = []string{"Østergård", "Oestergaard", "Hansen", "Hansen Bo", "Åkjær", "Sørensen", "Ærbo"}
)

func (w *world) addBody(t *rapid.T) {
	name := fmt.Sprintf("Forening %d", w.Units.Tree().Len())
	u, err := w.Units.Add(w.ctx, w.Recorder(journal.Entry{Right: "system"}), unit.Draft{
		Parent: w.Bodies[rapid.SampledFrom([]string{"north", "south"}).Draw(t, "region")], Level: "local", Name: name,
	})
	w.ok(t, err)
	w.Bodies[u.Code] = u.ID
}

func (w *world) join(t *rapid.T) {
	h := &human{
		given: rapid.SampledFrom(givens).Draw(t, "given"), family: rapid.SampledFrom(families).Draw(t, "family"),
		bodies: []unit.ID{rapid.SampledFrom(w.memberBodies()).Draw(t, "body")},
	}
	values := map[string]string{"given": h.given, "family": h.family}
	if rapid.Bool().Draw(t, "address") {
		h.email = fmt.Sprintf("zz%d@post.example", len(w.people)%7) // some share one
		values["email"] = h.email
	}
	var err error
	h.person, h.number, err = w.Members.Create(w.ctx, w.may("anna", access.Want{Act: charter.Create}), member.Draft{Unit: h.bodies[0], Values: values})
	w.ok(t, err)
	w.people = append(w.people, h)
}

func (w *world) update(t *rapid.T, h *human, values map[string]string) {
	_, err := w.Members.Update(w.ctx, w.may("bo", access.Want{Act: charter.Edit}), h.person, member.Changes{Values: values})
	w.ok(t, err)
}

func (w *world) rename(t *rapid.T) {
	h := w.human(t, "")
	h.given, h.family = rapid.SampledFrom(givens).Draw(t, "given"), rapid.SampledFrom(families).Draw(t, "family")
	w.update(t, h, map[string]string{"given": h.given, "family": h.family})
}

func (w *world) readdress(t *rapid.T) {
	h := w.human(t, "")
	h.email = rapid.SampledFrom([]string{"", "zz1@post.example", "zz12@post.example", "zz77@sted.example"}).Draw(t, "email")
	w.update(t, h, map[string]string{"email": h.email})
}

func (w *world) belong(t *rapid.T) {
	h, body := w.human(t, ""), rapid.SampledFrom(w.memberBodies()).Draw(t, "body")
	err := w.Members.AddMembership(w.ctx, w.may("anna", access.Want{Act: charter.Create}), h.person, member.Membership{Unit: body})
	if slices.Contains(h.bodies, body) {
		if !fault.Is(err, fault.Conflict) {
			t.Fatalf("belongs twice: %v", err)
		}
		return
	}
	w.ok(t, err)
	h.bodies = append(h.bodies, body)
}

func (w *world) unbelong(t *rapid.T) {
	h := w.human(t, "")
	body := rapid.SampledFrom(h.bodies).Draw(t, "body")
	err := w.Members.EndMembership(w.ctx, w.may("anna", access.Want{Act: charter.Close}), h.person, body)
	if len(h.bodies) == 1 {
		if !fault.Is(err, fault.Conflict) {
			t.Fatalf("the last membership: %v", err)
		}
		return
	}
	w.ok(t, err)
	h.bodies = slices.DeleteFunc(h.bodies, func(b unit.ID) bool { return b == body })
}

func (w *world) move(t *rapid.T) {
	h := w.human(t, "")
	from, to := rapid.SampledFrom(h.bodies).Draw(t, "from"), rapid.SampledFrom(w.memberBodies()).Draw(t, "to")
	err := w.Members.Move(w.ctx, w.may("anna", access.Want{Act: charter.Edit}), h.person, from, to)
	if slices.Contains(h.bodies, to) {
		if err == nil {
			t.Fatal("moved to where they are")
		}
		return
	}
	w.ok(t, err)
	h.bodies[slices.Index(h.bodies, from)] = to
}

func (w *world) object(t *rapid.T) {
	h, purpose := w.human(t, ""), rapid.SampledFrom([]string{"newsletter", "invitation"}).Draw(t, "purpose")
	self, err := w.Access.Decide(access.Actor{Person: h.person, Via: access.Web}, access.Want{Self: true})
	w.ok(t, err)
	objects := !slices.Contains(h.objects, purpose)
	w.ok(t, w.Members.SetObjection(w.ctx, self, h.person, purpose, objects))
	if h.objects = slices.DeleteFunc(h.objects, func(p string) bool { return p == purpose }); objects {
		h.objects = append(h.objects, purpose)
	}
}

func (w *world) restrict(t *rapid.T) {
	h := w.human(t, "")
	h.restricted = !h.restricted
	w.ok(t, w.Members.Restrict(w.ctx, w.may("anna", access.Want{Act: charter.Edit}), h.person, h.restricted))
}

func (w *world) appoint(t *rapid.T) {
	h := w.human(t, "")
	p := &post{
		person: h.person, body: rapid.SampledFrom(h.bodies).Draw(t, "body"),
		code: rapid.SampledFrom([]string{"chair", "membership-officer", "treasurer", "regional-chair"}).Draw(t, "post"),
		from: w.today().AddDays(rapid.IntRange(-20, 10).Draw(t, "from")),
	}
	if p.code == "regional-chair" {
		u, _ := w.Units.Tree().ByID(p.body)
		p.body = u.Parent
	}
	if rapid.Bool().Draw(t, "ends") {
		p.until = p.from.AddDays(rapid.IntRange(0, 30).Draw(t, "days"))
	}
	id, err := w.Access.Appoint(w.ctx, w.As("anna"), h.person, access.Appointment{Unit: p.body, Post: p.code, From: p.from, Until: p.until, Ground: "elected"})
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		return // no such post there, or the seat is taken: access has its own tests
	}
	w.ok(t, err)
	p.id = id
	w.held = append(w.held, p)
}

func (w *world) dismiss(t *rapid.T) {
	var fit []*post
	for _, p := range w.held {
		if h := w.of(p.person); h.state == "" {
			fit = append(fit, p)
		}
	}
	if len(fit) == 0 {
		t.Skip("nobody holds a post")
	}
	p := rapid.SampledFrom(fit).Draw(t, "post")
	last := w.today().AddDays(rapid.IntRange(-1, 3).Draw(t, "last"))
	w.ok(t, w.Access.EndAppointment(w.ctx, w.As("bo"), p.person, p.id, last))
	p.until = last
	if last.Before(p.from) {
		p.until = p.from.AddDays(-1)
	}
}

func (w *world) of(person vault.PersonID) *human {
	for _, h := range w.people {
		if h.person == person {
			return h
		}
	}
	return nil
}

func (w *world) close(t *rapid.T) {
	h := w.human(t, "")
	h.by = rapid.SampledFrom([]string{"anna", "bo"}).Draw(t, "by")
	d, err := w.Departures.Close(w.ctx, w.As(h.by), h.person, "resignation", rapid.Bool().Draw(t, "now"))
	w.ok(t, err)
	h.state, h.due = "hidden", d.DueAt
}

func (w *world) undo(t *rapid.T) {
	h := w.human(t, "hidden")
	err := w.Departures.Undo(w.ctx, w.As("anna"), h.person)
	if !w.Clock.Now().Before(h.due) {
		if !fault.Is(err, fault.Gone) {
			t.Fatalf("undone after the window: %v", err)
		}
		return
	}
	w.ok(t, err)
	h.state = ""
}

func (w *world) confirm(t *rapid.T) {
	h, second := w.human(t, "hidden"), rapid.SampledFrom([]string{"anna", "bo"}).Draw(t, "second")
	_, err := w.Departures.Confirm(w.ctx, w.As(second), h.person)
	if second == h.by {
		if !fault.Is(err, fault.Denied) {
			t.Fatalf("confirmed by who closed: %v", err)
		}
		return
	}
	w.ok(t, err)
	h.state = "erased"
}

func (w *world) wait(t *rapid.T) {
	w.Clock.Add(time.Duration(rapid.IntRange(1, 120).Draw(t, "hours")) * time.Hour)
	if rapid.Bool().Draw(t, "sweep") {
		return
	}
	_, err := w.Departures.EraseDue(w.ctx)
	w.ok(t, err)
	for _, h := range w.people {
		if h.state == "hidden" && !w.Clock.Now().Before(h.due) {
			h.state = "erased"
		}
	}
}

func (w *world) start(t *rapid.T) {
	w.ok(t, w.House.Close())
	w.ok(t, w.Open())
}

// gives says which posts and positions give a right (D2, D4, D8, D13).
func (w *world) gives(code string, act charter.Acts) bool {
	acts := map[string][]charter.Acts{
		"chair":              {charter.Search, charter.View, charter.Edit, charter.Pull},
		"membership-officer": {charter.Search, charter.View, charter.Edit, charter.Pull},
		"treasurer":          {charter.Search, charter.View, charter.Edit, charter.Pull},
		"member-service":     {charter.Search, charter.View, charter.Edit, charter.Pull},
		"dues":               {charter.Search, charter.View, charter.Pull},
		"it":                 {charter.Search, charter.View},
	}
	return slices.Contains(acts[code], act)
}

// reaches lists, for somebody who asks for an act in a body (0: whatever they
// have), the sets of members the clauses allow; nil where they allow nothing.
func (w *world) reaches(actor vault.PersonID, act charter.Acts, body unit.ID) (sets [][]*human) {
	if h := w.of(actor); h != nil && h.state != "" {
		return nil // D7: whoever leaves holds nothing
	}
	today := w.today()
	for _, p := range w.held {
		if p.person == actor && w.gives(p.code, act) && (body == 0 || body == p.body) && !today.Before(p.from) && (p.until.IsZero() || !today.After(p.until)) {
			sets = append(sets, w.in(p.body)) // D11
		}
	}
	if position := w.staff[actor]; position != "" && w.gives(position, act) && len(sets) == 0 {
		sets = append(sets, w.in(body)) // D2
	}
	return sets
}

// in gives who belongs to a body or to one below it; 0 is everybody.
func (w *world) in(body unit.ID) (all []*human) {
	all = []*human{}
	tree := w.Units.Tree()
	for _, h := range w.people {
		if h.state == "" && (body == 0 || slices.ContainsFunc(h.bodies, func(b unit.ID) bool {
			for b != 0 && b != body {
				u, _ := tree.ByID(b)
				b = u.Parent
			}
			return b == body
		})) {
			all = append(all, h)
		}
	}
	return all
}

// fold is how a name is compared.
func fold(s string) string {
	return strings.NewReplacer("å", "aa", "ø", "oe", "æ", "ae", "é", "e").Replace(strings.ToLower(s))
}

// matches says whether a search finds somebody.
func (h *human) matches(text string) bool {
	for _, word := range strings.Fields(fold(text)) {
		names := strings.FieldsFunc(fold(h.given+" "+h.family), func(r rune) bool { return r == ' ' || r == '-' })
		if !slices.ContainsFunc(append(names, h.email, h.number), func(s string) bool { return strings.HasPrefix(s, word) }) {
			return false
		}
	}
	return true
}

// text draws what somebody types: parts of names, an address or a number.
func (w *world) text(t *rapid.T) string {
	h := rapid.SampledFrom(w.people).Draw(t, "typed")
	cut := func(s string) string {
		runes := []rune(s)
		return string(runes[:rapid.IntRange(1, len(runes)).Draw(t, "as far as")])
	}
	names := strings.Fields(strings.ReplaceAll(h.given+" "+h.family, "-", " "))
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 0:
		return ""
	case 1:
		return h.number
	case 2:
		return h.email
	case 3:
		return strings.ToUpper(cut(rapid.SampledFrom(names).Draw(t, "name")))
	case 4:
		return fold(cut(rapid.SampledFrom(names).Draw(t, "name")))
	}
	return cut(rapid.SampledFrom(names).Draw(t, "name")) + " " + cut(rapid.SampledFrom(names).Draw(t, "other name"))
}

// compare asks a few random questions of the house and of the model.
func (w *world) compare(t *rapid.T) {
	for range 3 {
		w.ask(t)
	}
}

func (w *world) ask(t *rapid.T) {
	w.asked++
	actor := w.actor(t)
	body := unit.ID(0)
	if rapid.Bool().Draw(t, "somewhere") {
		all := w.Units.Tree().All()
		body = all[rapid.IntRange(0, len(all)-1).Draw(t, "where")].ID
		if held := w.Access.Held(actor); len(held) > 0 && rapid.Bool().Draw(t, "at home") {
			body = held[0].Basis.Unit
		}
	}
	act := rapid.SampledFrom([]charter.Acts{charter.Search, charter.Pull, charter.View, charter.Edit}).Draw(t, "act")
	want := access.Want{Act: act, Unit: body}
	text := ""
	switch act {
	case charter.Search:
		text = w.text(t)
	case charter.Pull:
		want.Purpose = rapid.SampledFrom([]string{"newsletter", "invitation", "meeting-notice", "administration", "audit"}).Draw(t, "purpose")
	}
	scope, err := w.Access.Decide(access.Actor{Person: actor, Via: access.Web}, want)
	var allowed [][]vault.PersonID
	for _, set := range w.reaches(actor, act, body) {
		persons := []vault.PersonID{}
		for _, h := range set {
			statutory := want.Purpose == "meeting-notice" || want.Purpose == "audit"
			leftOut := act == charter.Pull && (h.restricted || !statutory && slices.Contains(h.objects, want.Purpose))
			if !leftOut && (act != charter.Search || h.matches(text)) {
				persons = append(persons, h.person)
			}
		}
		slices.Sort(persons)
		allowed = append(allowed, persons)
	}
	if len(allowed) == 0 {
		if !fault.Is(err, fault.Denied) {
			t.Fatalf("%d may not %s in %d: %v", actor, act, body, err)
		}
		return
	}
	w.ok(t, err)
	found := w.found(t, scope, text)
	if len(found) > 0 && w.staff[actor] == "" {
		w.through++
	}
	if !slices.ContainsFunc(allowed, func(set []vault.PersonID) bool { return slices.Equal(set, found) }) {
		t.Fatalf("%d asks to %s in body %d for %q, %q: finds %v, the model allows %v", actor, act, body, want.Purpose, text, found, allowed)
	}
}

// found is what the house answers under a Scope.
func (w *world) found(t *rapid.T, scope access.Scope, text string) []vault.PersonID {
	found := []vault.PersonID{}
	switch scope.Act() {
	case charter.Search:
		hits, err := w.Members.Search(w.ctx, scope, member.Query{Text: text, Size: 500})
		w.ok(t, err)
		for i := range hits.Rows {
			found = append(found, hits.Rows[i].Person)
		}
		if hits.Total != len(found) {
			t.Fatalf("%d of %d hits", len(found), hits.Total)
		}
	case charter.Pull:
		for _, id := range w.Members.Select(scope).ToArray() {
			found = append(found, vault.PersonID(id))
		}
		exported := 0
		w.ok(t, w.Members.Export(w.ctx, scope, w.Members.Select(scope), func(*member.Row) error { exported++; return nil }))
		if exported != len(found) {
			t.Fatalf("%d are selected, %d are on the list", len(found), exported)
		}
	default:
		for _, h := range w.people {
			card, err := w.Members.Card(w.ctx, scope, h.person)
			if fault.Is(err, fault.NotFound) {
				continue
			}
			w.ok(t, err)
			if card.Profile.Family != h.family || card.Profile.Number != h.number {
				t.Fatalf("the card of %d is another's", h.person)
			}
			found = append(found, h.person)
		}
	}
	slices.Sort(found)
	return found
}

// actor draws who asks: often somebody with a right, sometimes anybody.
func (w *world) actor(t *rapid.T) vault.PersonID {
	switch rapid.IntRange(0, 3).Draw(t, "asks") {
	case 0:
		return w.Person(rapid.SampledFrom([]string{"anna", "bo", "dorte", "ida", "founder"}).Draw(t, "staff"))
	case 1:
		return rapid.SampledFrom(w.people).Draw(t, "anybody").person
	}
	return rapid.SampledFrom(w.held).Draw(t, "officer").person
}
