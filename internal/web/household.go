package web

import (
	"context"
	"strconv"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/member"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// householdView is who shares a member's household, and what can be done about it.
type householdView struct {
	Path, Name string
	Mates      []look.Link
	Covered    bool // somebody's address is secret: the secretariat sees them by a press
	In         bool // the member is in one
	Number     look.Field
	Same       look.Check
	Problems   look.Problems
	Because    look.Because
}

// householdPage is the household of a member.
func householdPage(v *visit) error { return v.householdForm(v.house.Members.Card, editing{}) }

// householdReveal is the same with those whose address is secret; the log says so.
func householdReveal(v *visit) error { return v.householdForm(v.house.Members.Reveal, editing{}) }

func (v *visit) householdForm(by opener, e editing) error {
	card, scope, err := v.openCard(by, charter.Edit)
	if err != nil {
		return err
	}
	view := householdView{
		Path: v.cardPath(card.Person), Name: card.Profile.Name(), Mates: v.mates(card.Home), Covered: card.HomeCovered,
		In: len(card.Home) > 0 || card.HomeCovered, Problems: e.problems,
		Number:  look.Field{Name: "with", Label: v.T("people.home.with"), Hint: v.T("people.home.with_hint"), Width: look.Short, MaxLength: 20, Autocomplete: "off", Error: e.problems.For("with")},
		Same:    look.Check{Name: "same", Text: v.T("people.home.same"), Hint: v.T("people.home.same_hint")},
		Because: v.becauseOf("card", scope, "time", v.p.Time(v.house.Now(), v.house.Charter.Location())),
	}
	if e.back() {
		view.Number.Value, view.Same.Checked = e.form.text("with"), e.form.has("same")
	}
	return v.show(page{title: v.T("people.home.title"), tab: tabMembers, body: householdBody(view), failed: len(e.problems) > 0})
}

// mates are links to the cards of those who share a household.
func (v *visit) mates(home []member.Housemate) []look.Link {
	links := make([]look.Link, len(home))
	for i, m := range home {
		links[i] = look.Link{Text: m.Name, URL: v.cardPath(m.Person)}
	}
	return links
}

// householdJoin puts a member into the household of another, by their number.
func householdJoin(v *visit) error {
	person, f, err := v.personForm()
	if err != nil {
		return err
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Edit})
	if err != nil {
		return err
	}
	with, err := v.house.Members.ByNumber(v.ctx(), scope, f.text("with"))
	if fault.Is(err, fault.NotFound) {
		return v.householdForm(v.house.Members.Card, editing{f, look.Problems{{Field: "with", Text: v.T("people.home.nobody")}}})
	}
	if err != nil {
		return err
	}
	problems, err := v.problems(v.house.Members.JoinHousehold(v.ctx(), scope, person, with, f.has("same")))
	if err != nil {
		return err
	}
	if problems != nil {
		return v.householdForm(v.house.Members.Card, editing{f, problems})
	}
	return v.toWith(v.cardPath(person)+"/household", "people.notice.joined")
}

// householdLeave takes a member out of their household.
func householdLeave(v *visit) error {
	return v.change(func(_ form, scope access.Scope, person vault.PersonID) error {
		return v.house.Members.LeaveHousehold(v.ctx(), scope, person)
	})
}

// partView is the form that parts a household in one step.
type partView struct {
	Path, Name string
	Persons    []partPerson
	Covered    bool
	Problems   look.Problems
	Sides      string // what is wrong with who moves
	Because    look.Because
}

// partPerson is one of them, with the fields that may change.
type partPerson struct {
	ID     string // public
	Name   string
	N      int
	Moves  look.Check
	Where  []look.Field
	Reach  []look.Field
	Names  []look.Field
	Keep   look.Check
	Why    look.Field
	Secret look.Check
	Hidden []look.Value
}

// partPage is the form; partReveal the same with those whose address is secret.
func partPage(v *visit) error { return v.partForm(v.house.Members.Card, editing{}) }

func partReveal(v *visit) error { return v.partForm(v.house.Members.Reveal, editing{}) }

func (v *visit) partForm(by opener, e editing) error {
	card, scope, err := v.openCard(by, charter.Edit)
	if err != nil {
		return err
	}
	if len(card.Home) == 0 && !card.HomeCovered {
		return v.to(v.cardPath(card.Person) + "/household")
	}
	view := partView{
		Path: v.cardPath(card.Person), Name: card.Profile.Name(), Covered: card.HomeCovered, Problems: e.problems, Sides: e.problems.For("moves"),
		Because: v.becauseOf("card", scope, "time", v.p.Time(v.house.Now(), v.house.Charter.Location())),
	}
	cards := []*member.Card{card}
	for _, m := range card.Home {
		other, err := v.house.Members.Card(v.ctx(), scope, m.Person)
		if err != nil {
			return err
		}
		cards = append(cards, other)
	}
	for n, c := range cards {
		view.Persons = append(view.Persons, v.partPerson(n, c, e))
	}
	return v.show(page{title: v.T("people.part.title"), tab: tabMembers, body: partBody(view), failed: len(e.problems) > 0})
}

// fields of a part, by what they stand together with.
var partGroups = [3][]string{{"address", "postal", "town", "country"}, {"email", "mobile", "phone"}, {"given", "family"}}

func (v *visit) partPerson(n int, c *member.Card, e editing) partPerson {
	name := func(code string) string { return member.PartField(n, code) }
	check := func(code, text, hint string) look.Check {
		return look.Check{Name: name(code), Text: text, Hint: hint, Checked: e.back() && e.form.has(name(code)), Error: e.problems.For(name(code))}
	}
	p := partPerson{
		ID: v.public(c.Person), N: n, Name: c.Profile.Name(),
		Moves:  check("moves", v.T("people.part.moves", "given", c.Profile.Given), ""),
		Keep:   check("keep", v.T("people.part.keep"), v.T("people.part.keep_hint", "months", v.house.Charter.FormerNameMonths)),
		Secret: check("secret", v.T("people.part.secret"), v.T("people.part.secret_hint")),
		Why:    look.Field{Name: name("former_reason"), Label: v.T("people.part.why"), MaxLength: 500, Autocomplete: "off", Error: e.problems.For(name("former_reason"))},
		Hidden: []look.Value{{Name: name("person"), Value: v.public(c.Person)}},
	}
	if c.Profile.SecretAddress {
		p.Secret = look.Check{}
	}
	if e.back() {
		p.Why.Value = e.form.text(p.Why.Name)
	}
	for i, group := range [...]*[]look.Field{&p.Where, &p.Reach, &p.Names} {
		for _, code := range partGroups[i] {
			f, ok := v.house.Charter.Field(code)
			if !ok {
				continue
			}
			view := v.fieldView(f, &c.Profile, editing{}, fieldsFor{present: true})
			field := look.Field{
				Name: name(code), Label: view.Name, Value: view.Value, MaxLength: 500, Autocomplete: "off", Error: e.problems.For(name(code)),
			}
			switch f.Type {
			case charter.TypeEmail:
				field.Input = look.EmailInput
			case charter.TypePhone:
				field.Input, field.Width = look.TelInput, look.Middle
			case charter.TypePostal:
				field.Width = look.Short
			}
			if e.back() && e.form.has(field.Name) {
				field.Value = e.form.text(field.Name)
			}
			*group = append(*group, field)
			p.Hidden = append(p.Hidden, look.Value{Name: wasPrefix + field.Name, Value: view.Was})
		}
	}
	return p
}

// mostParts is how many persons a form parts.
const mostParts = 64

// partNow parts the household as the form says: everything, or nothing.
func partNow(v *visit) error {
	person, f, err := v.personForm()
	if err != nil {
		return err
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Edit})
	if err != nil {
		return err
	}
	var parts []member.Part
	for n := 0; n < mostParts && f.has(member.PartField(n, "person")); n++ {
		who, ok := v.house.Keyring.PersonOf(f.text(member.PartField(n, "person")))
		if !ok {
			return errNotFound
		}
		parts = append(parts, v.readPart(f, n, who))
	}
	problems, err := v.problems(v.house.Members.Split(v.ctx(), scope, parts))
	if err != nil {
		return err
	}
	if problems != nil {
		by := v.house.Members.Card
		if f.text("shown") == "yes" { // those covered were shown before
			by = v.house.Members.Reveal
		}
		return v.partForm(by, editing{f, problems})
	}
	return v.toWith(v.cardPath(person), "people.notice.parted")
}

func (v *visit) readPart(f form, n int, who vault.PersonID) member.Part {
	name := func(code string) string { return member.PartField(n, code) }
	p := member.Part{Person: who, Moves: f.has(name("moves")), Values: map[string]string{}}
	for _, group := range partGroups {
		for _, code := range group {
			if text := f.text(name(code)); f.has(name(code)) && text != f.text(wasPrefix+name(code)) {
				p.Values[code] = text
			}
		}
	}
	if f.has(name("keep")) {
		p.Keep = &member.Keep{Reason: f.text(name("former_reason"))}
	}
	if f.has(name("secret")) {
		p.Secret = &member.Secrecy{Secret: true}
	}
	return p
}

// proposalsView is who may be a household.
type proposalsView struct {
	Groups  []proposedView
	Because look.Because
}

type proposedView struct {
	Names         string
	Street, Place string
	Alike         string
	Values        []look.Value
}

// mostProposed is how many proposals a page shows.
const mostProposed = 50

// proposalsPage lists those who have an address and a family name, or a mailbox,
// in common. Nothing is made until somebody says so.
func proposalsPage(v *visit) error {
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Edit})
	if err != nil {
		return err
	}
	proposed, err := v.house.Members.ProposeHouseholds(v.ctx(), scope, mostProposed)
	if err != nil {
		return err
	}
	view := proposalsView{Because: v.becauseOf("card", scope, "time", v.p.Time(v.house.Now(), v.house.Charter.Location()))}
	for _, p := range proposed {
		var names []string
		group := proposedView{Street: p.Street, Place: p.Place}
		var alike []string
		if p.Family {
			alike = append(alike, v.T("people.propose.family"))
		}
		if p.Mailbox {
			alike = append(alike, v.T("people.propose.mailbox"))
		}
		group.Alike = v.p.List(alike)
		for _, m := range p.Persons {
			names = append(names, m.Name)
			group.Values = append(group.Values, look.Value{Name: "person", Value: v.public(m.Person)})
		}
		group.Names = v.p.List(names)
		view.Groups = append(view.Groups, group)
	}
	return v.show(page{title: v.T("people.propose.title"), tab: tabMembers, body: proposalsBody(view)})
}

// proposalMake makes a household of those of one proposal.
func proposalMake(v *visit) error {
	return v.proposed(v.house.Members.MakeHousehold, "people.notice.joined")
}

// proposalApart says that those of one proposal are no household.
func proposalApart(v *visit) error {
	return v.proposed(v.house.Members.KeepApart, "people.notice.apart")
}

// proposed does an act on the persons of one proposal.
func (v *visit) proposed(act func(context.Context, access.Scope, []vault.PersonID) error, notice string) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Edit})
	if err != nil {
		return err
	}
	var persons []vault.PersonID
	for _, id := range f.values["person"] {
		person, ok := v.house.Keyring.PersonOf(id)
		if !ok || len(persons) > mostParts {
			return errNotFound
		}
		persons = append(persons, person)
	}
	if err := act(v.ctx(), scope, persons); err != nil {
		return err
	}
	return v.toWith(proposalsPath, notice)
}

// upkeepView is what there is to see to among the members.
type upkeepView struct {
	Returned, Expired []look.Link
	More              int
	Edit              bool
	Because           look.Because
}

// mostUpkeep is how many names a page of upkeep shows of each kind.
const mostUpkeep = 100

// upkeepPage lists whose mail comes back, and whose protection has run out.
func upkeepPage(v *visit) error {
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.View})
	if err != nil {
		return err
	}
	todo, err := v.house.Members.Upkeep(scope)
	if err != nil {
		return err
	}
	view := upkeepView{Edit: v.may(charter.Edit), Because: v.becauseOf("card", scope, "time", v.p.Time(v.house.Now(), v.house.Charter.Location()))}
	for _, part := range [...]struct {
		persons []vault.PersonID
		to      *[]look.Link
	}{{todo.Returned, &view.Returned}, {todo.Expired, &view.Expired}} {
		shown := part.persons[:min(len(part.persons), mostUpkeep)]
		view.More += len(part.persons) - len(shown)
		names, err := v.house.Members.Names(v.ctx(), scope, shown)
		if err != nil {
			return err
		}
		for _, person := range shown {
			*part.to = append(*part.to, look.Link{Text: names[person], URL: v.cardPath(person)})
		}
	}
	return v.show(page{title: v.T("people.upkeep.title"), tab: tabMembers, body: upkeepBody(view)})
}

// upkeepCount is how much there is to see to, for the home page.
func (v *visit) upkeepCount() int {
	if !v.may(charter.View) || !v.may(charter.Edit) {
		return 0
	}
	scope, err := v.house.Access.Decide(v.actor, access.Want{Act: charter.View})
	if err != nil {
		return 0
	}
	todo, err := v.house.Members.Upkeep(scope)
	if err != nil {
		return 0
	}
	return len(todo.Returned) + len(todo.Expired)
}

// memberReturned marks that letters or e-mails come back, or that they do not.
func memberReturned(v *visit) error {
	person, f, err := v.personForm()
	if err != nil {
		return err
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Edit})
	if err != nil {
		return err
	}
	since, ok := f.date("since")
	if !ok {
		return fault.New(fault.Invalid, "member.error.since").With("since", "member.error.date")
	}
	if since.IsZero() {
		since = v.house.Access.Today()
	}
	if f.text("returned") == "no" {
		since = civil.Date{}
	}
	if err := v.house.Members.SetReturned(v.ctx(), scope, person, member.Channel(f.text("channel")), since); err != nil {
		return err
	}
	return v.toWith(v.cardPath(person), "card.notice.saved")
}

// memberFormer shows the former names that are kept; the log says so.
func memberFormer(v *visit) error {
	person, err := v.person("person")
	if err != nil {
		return err
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.View})
	if err != nil {
		return err
	}
	names, err := v.house.Members.FormerNames(v.ctx(), scope, person)
	if err != nil {
		return err
	}
	view := formerView{Path: v.cardPath(person), Edit: v.may(charter.Edit)}
	for _, n := range names {
		view.Rows = append(view.Rows, formerRow{
			ID: strconv.FormatUint(n.ID, 10), Name: n.Name(), Reason: n.Reason, Since: v.p.Date(n.Since), Until: v.p.Date(n.Until),
		})
	}
	return v.show(page{title: v.T("people.former.title"), tab: tabMembers, body: formerBody(view)})
}

type formerView struct {
	Path string
	Rows []formerRow
	Edit bool
}

type formerRow struct{ ID, Name, Reason, Since, Until string }

// memberFormerForget forgets a former name before its day.
func memberFormerForget(v *visit) error {
	return v.change(func(f form, scope access.Scope, person vault.PersonID) error {
		return v.house.Members.ForgetFormer(v.ctx(), scope, person, uint64(f.number("id")))
	})
}
