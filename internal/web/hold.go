package web

import (
	"strconv"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/departure"
	"kartotek/internal/fault"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// holdsPath is the list of every erasure that waits.
const holdsPath = "/holds"

// holdPath is what one person's erasure waits for.
func (v *visit) holdPath(person vault.PersonID) string { return holdsPath + "/" + v.public(person) }

// holdRow is a hold as pages show it.
type holdRow struct {
	departure.HeldBack
	Name, URL string
	What, Who string // the kind; who decided
	Path      string
	Mine      bool // the visitor decided it, so another ends or renews it
}

// holdsView is every erasure that waits in the hat's reach.
type holdsView struct {
	Rows    []holdRow
	Because look.Because
}

func holdsPage(v *visit) error {
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Hold})
	if err != nil {
		return err
	}
	all, err := v.house.Departures.AllHolds(v.ctx(), scope)
	if err != nil {
		return err
	}
	rows, err := v.holdRows(scope, all)
	if err != nil {
		return err
	}
	return v.show(page{title: v.T("leaving.hold.list"), tab: tabLeaving, body: holdsBody(holdsView{Rows: rows, Because: v.becauseOf("leaving.hold", scope)})})
}

func (v *visit) holdRows(scope access.Scope, all []departure.HeldBack) ([]holdRow, error) {
	var persons []vault.PersonID
	for _, h := range all {
		persons = append(persons, h.Person, h.By)
	}
	names, err := v.house.Members.Names(v.ctx(), scope, persons)
	if err != nil {
		return nil, err
	}
	rows := make([]holdRow, len(all))
	for i, h := range all {
		rows[i] = holdRow{
			HeldBack: h, Name: v.nameOf(names, h.Person), URL: v.holdPath(h.Person), What: v.T("departure.hold." + string(h.Kind)),
			Who: v.nameOf(names, h.By), Path: v.holdPath(h.Person) + "/" + strconv.FormatUint(h.ID, 10), Mine: h.By == v.actor.Person,
		}
	}
	return rows, nil
}

// holdView is what one erasure waits for, and the form by which it waits.
type holdView struct {
	Problems  look.Problems
	Path      string
	Name      string
	Departure string // the page of the closing
	Standing  []holdRow
	Over      []holdRow
	Kinds     look.Choices
	Grounds   string
	Until     string
	Silent    bool // may be chosen
	Latest    civil.Date
	Own       bool
	Because   look.Because
}

func holdPage(v *visit) error {
	person, err := v.person("person")
	if err != nil {
		return err
	}
	return v.hold(person, form{}, nil)
}

func (v *visit) hold(person vault.PersonID, f form, problems look.Problems) error {
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Hold})
	if err != nil {
		return err
	}
	all, err := v.house.Departures.HoldsOf(v.ctx(), v.actor, person)
	if err != nil {
		return err
	}
	rows, err := v.holdRows(scope, append(all, departure.HeldBack{Person: person})) // the last for the name alone
	if err != nil {
		return err
	}
	view := holdView{
		Problems: problems, Path: v.holdPath(person), Departure: v.departurePath(person), Name: rows[len(all)].Name,
		Grounds: f.text("grounds"), Until: f.text("until"), Latest: departure.LatestHold(v.house.Charter, v.house.Access.Today()),
		Silent: v.house.Charter.Holds.SilentInvestigation.Value, Own: person == v.actor.Person, Because: v.becauseOf("leaving.hold", scope),
	}
	if view.Until == "" {
		view.Until = v.p.ShortDate(view.Latest)
	}
	for _, row := range rows[:len(all)] {
		if row.Stands {
			view.Standing = append(view.Standing, row)
		} else {
			view.Over = append(view.Over, row)
		}
	}
	view.Kinds = look.Choices{Name: "kind", Legend: v.T("leaving.hold.kind"), Error: problems.For("kind")}
	for _, kind := range departure.HoldKinds {
		view.Kinds.Options = append(view.Kinds.Options, look.Choice{
			Value: string(kind), Text: v.T("departure.hold." + string(kind)), Hint: v.T("leaving.hold_hint." + string(kind)), Checked: f.text("kind") == string(kind),
		})
	}
	return v.show(page{title: v.T("leaving.hold.title"), tab: tabLeaving, body: holdBody(view), failed: problems != nil})
}

// holdPlace has an erasure wait.
func holdPlace(v *visit) error {
	return v.holdAct("leaving.notice.held", func(person vault.PersonID, f form) error {
		until, ok := f.date("until")
		if !ok {
			return fault.New(fault.Invalid, "departure.error.hold").With("until", "fault.field.date")
		}
		_, err := v.house.Departures.PlaceHold(v.ctx(), v.actor, person, departure.Hold{
			Kind: departure.HoldKind(f.text("kind")), Grounds: f.text("grounds"), Until: until, Silent: f.has("silent"),
		})
		return err
	})
}

// holdRenew lets a hold stand longer.
func holdRenew(v *visit) error {
	return v.holdAct("leaving.notice.renewed", func(person vault.PersonID, f form) error {
		until, ok := f.date("until")
		if !ok {
			return fault.New(fault.Invalid, "departure.error.hold").With("until", "fault.field.date")
		}
		id, err := v.holdNumber()
		if err != nil {
			return err
		}
		return v.house.Departures.RenewHold(v.ctx(), v.actor, person, id, f.text("grounds"), until)
	})
}

// holdEnd ends a hold before its day.
func holdEnd(v *visit) error {
	return v.holdAct("leaving.notice.lifted", func(person vault.PersonID, f form) error {
		id, err := v.holdNumber()
		if err != nil {
			return err
		}
		return v.house.Departures.EndHold(v.ctx(), v.actor, person, id, f.text("grounds"))
	})
}

func (v *visit) holdNumber() (uint64, error) {
	id, err := strconv.ParseUint(v.r.PathValue("hold"), 10, 64)
	if err != nil {
		return 0, errNotFound
	}
	return id, nil
}

func (v *visit) holdAct(said string, act func(person vault.PersonID, f form) error) error {
	person, f, err := v.personForm()
	if err != nil {
		return err
	}
	problems, err := v.problems(act(person, f))
	switch {
	case err != nil:
		return err
	case problems != nil:
		return v.hold(person, f, problems)
	}
	return v.toWith(holdsPath, said)
}
