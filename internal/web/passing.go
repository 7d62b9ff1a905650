package web

import (
	"slices"
	"strconv"

	"kartotek/internal/extract"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// recipientsOf names those who pulled the lists one has taken over.
func (v *visit) recipientsOf(lists []extract.List) (map[vault.PersonID]string, error) {
	var persons []vault.PersonID
	for i := range lists {
		if r := lists[i].Recipient; r != v.actor.Person && !slices.Contains(persons, r) {
			persons = append(persons, r)
		}
	}
	if len(persons) == 0 {
		return nil, nil
	}
	scope, err := v.self()
	if err != nil {
		return nil, err
	}
	return v.house.Members.Names(v.ctx(), scope, persons)
}

// passChoices are the officers a list may be passed on to; none where there is
// nothing to pass, or nobody.
func (v *visit) passChoices(l *listView, problems look.Problems) (look.Choices, error) {
	c := look.Choices{Name: "to", Legend: v.T("lists.pass.to"), Error: problems.For("to")}
	if !l.open() {
		return c, nil
	}
	scope, err := v.self()
	if err != nil {
		return c, err
	}
	heirs := v.house.Extracts.Successors(&l.List, v.actor.Person)
	names, err := v.house.Members.Names(v.ctx(), scope, heirs)
	if err != nil {
		return c, err
	}
	for _, person := range heirs {
		c.Options = append(c.Options, look.Choice{Value: v.public(person), Text: v.nameOf(names, person)})
	}
	return c, nil
}

// passList passes a list on to an officer of its body (D12).
func passList(v *visit) error {
	number, _ := strconv.ParseInt(v.r.PathValue("number"), 10, 64)
	f, err := v.form()
	if err != nil {
		return err
	}
	to, _ := v.house.Keyring.PersonOf(f.text("to"))
	err = v.house.Extracts.Pass(v.ctx(), v.actor, number, to)
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		view, err := v.findList(number)
		if err != nil {
			return err
		}
		pass, err := v.passChoices(&view, problems)
		if err != nil {
			return err
		}
		title := v.T("web.list", "number", number)
		return v.show(page{title: title, tab: tabLists, body: listBody(title, view, v.fieldNames(view.Fields), pass, handed{}), failed: true})
	}
	return v.toWith(listPath(number), "lists.notice.passed", number)
}
