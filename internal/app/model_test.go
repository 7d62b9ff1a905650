package app_test

import (
	"context"
	"flag"
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
