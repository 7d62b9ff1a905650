package web

import (
	"slices"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/extract"
	"kartotek/internal/handout"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// consentRow is one kind of recipient outside the legal body and how a member has
// answered (GDPR Art. 7, Art. 9(2)(d)). Nothing is ticked beforehand.
type consentRow struct {
	Kind   string
	Name   string
	Asked  string // the whole question, as it is kept with the answer
	Given  bool
	Since  string
	Before string // of one that was withdrawn
}

// consentRows are the questions with what was answered.
func (v *visit) consentRows(person vault.PersonID) ([]consentRow, error) {
	kinds := v.house.Handouts.Kinds()
	if len(kinds) == 0 {
		return nil, nil
	}
	all, _, err := v.house.Handouts.ConsentsOf(v.ctx(), v.actor, person)
	if err != nil {
		return nil, err
	}
	rows := make([]consentRow, len(kinds))
	for i, k := range kinds {
		rows[i] = consentRow{Kind: k.Code, Name: k.Name.In(v.p.Lang()), Asked: v.house.Handouts.Question(k.Code, v.p.Lang())}
		for j := range all { // the newest first
			c := &all[j]
			if c.Kind != k.Code {
				continue
			}
			if c.Stands() {
				rows[i].Given = true
				rows[i].Since = joined(" · ", v.T("handout.consent.since", "date", v.day(c.GivenAt)), v.T("handout.how."+c.How), c.Paper)
			} else if !rows[i].Given && rows[i].Before == "" {
				rows[i].Before = v.T("handout.consent.before", "date", v.day(c.WithdrawnAt))
			}
		}
	}
	return rows, nil
}

// ownConsent says yes, or takes it back: one press either way.
func ownConsent(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	said, err := v.answerConsent(f, v.session.Person)
	if err != nil {
		return err
	}
	return v.toWith(mePath+"#consents", said)
}

func (v *visit) answerConsent(f form, person vault.PersonID) (said string, err error) {
	kind := f.text("kind")
	if f.text("do") == "withdraw" {
		return "handout.notice.consent_withdrawn", v.house.Handouts.WithdrawConsent(v.ctx(), v.actor, person, kind)
	}
	asked := v.house.Handouts.Question(kind, v.p.Lang())
	return "handout.notice.consent_given", v.house.Handouts.Consenting(v.ctx(), v.actor, person, kind, asked, f.text("paper"))
}

// consentsView is a member's answers, for the secretariat that has a paper.
type consentsView struct {
	Problems look.Problems
	Card     string
	Path     string
	Rows     []consentRow
	Kinds    look.Choices
	Paper    string
}

func consentsPage(v *visit) error { return v.consents(form{}, nil) }

func (v *visit) consents(f form, problems look.Problems) error {
	person, err := v.person("person")
	if err != nil {
		return err
	}
	rows, err := v.consentRows(person)
	if err != nil {
		return err
	}
	view := consentsView{Problems: problems, Card: v.cardPath(person), Path: v.cardPath(person) + "/consents", Rows: rows, Paper: f.text("paper")}
	view.Kinds = look.Choices{Name: "kind", Legend: v.T("handout.consent.kind"), Error: problems.For("kind")}
	for _, r := range rows {
		if !r.Given {
			view.Kinds.Options = append(view.Kinds.Options, look.Choice{Value: r.Kind, Text: r.Name, Hint: r.Asked, Checked: f.chosen("kind", r.Kind)})
		}
	}
	return v.show(page{title: v.T("handout.consent.title"), tab: tabMembers, body: consentsBody(view), failed: problems != nil})
}

// consentEnter enters what stands on a paper.
func consentEnter(v *visit) error {
	person, err := v.person("person")
	if err != nil {
		return err
	}
	f, err := v.form()
	if err != nil {
		return err
	}
	said, err := v.answerConsent(f, person)
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.consents(f, problems)
	}
	return v.toWith(v.cardPath(person)+"/consents", said)
}

// enters reports whether the visitor enters consents from paper.
func (v *visit) entersConsents() bool {
	return v.may(charter.Edit) && v.house.Handouts.Office(v.actor) && len(v.house.Handouts.Kinds()) > 0
}

// recipientOf names somebody without an account who has, or had, a list, to whoever's
// data stand on it (CJEU C-154/21).
func recipientOf(known map[vault.PersonID]handout.Known, person vault.PersonID) string {
	k, ok := known[person]
	if !ok {
		return ""
	}
	return joined(", ", k.Name, k.Function)
}

// handedTo names the recipients without an account of lists.
func (v *visit) handedTo(scope access.Scope, lists []extract.List) (map[vault.PersonID]handout.Known, error) {
	var persons []vault.PersonID
	for i := range lists {
		if _, kind := v.house.Charter.Handouts.Recipient(lists[i].Post); kind {
			persons = append(persons, lists[i].Recipient)
		}
	}
	return v.house.Handouts.Names(v.ctx(), scope, persons...)
}

// handedActors names those who fetched a list that was handed out to them: members
// among names, and those without an account.
func (v *visit) handedActors(scope access.Scope, entries []journal.Line, names map[vault.PersonID]string) (map[vault.PersonID]handout.Known, error) {
	var persons []vault.PersonID
	for i := range entries {
		if access.Right(entries[i].Right) == access.ByHandout {
			persons = append(persons, vault.PersonID(entries[i].Actor))
		}
	}
	more, err := v.house.Members.Names(v.ctx(), scope, persons)
	if err != nil {
		return nil, err
	}
	for person, name := range more {
		names[person] = name
	}
	return v.house.Handouts.Names(v.ctx(), scope, persons...)
}

// handedSeer says who fetched a list that was handed out, and as what.
func (v *visit) handedSeer(e *journal.Line, names map[vault.PersonID]string, handed map[vault.PersonID]handout.Known) (who, as string) {
	person := vault.PersonID(e.Actor)
	as = v.T("handout.page.handed_as", "as", v.anyPost(e.Post))
	switch {
	case v.isMe(e.Actor):
		return v.T("web.seen.you"), as
	case names[person] != "":
		return names[person], as
	case recipientOf(handed, person) != "":
		return recipientOf(handed, person), as
	}
	return v.T("lists.gone"), as
}

// holderNames are the names of those who hold lists, members or not.
func (v *visit) holderNames(scope access.Scope, persons []vault.PersonID) (map[vault.PersonID]string, error) {
	names, err := v.house.Members.Names(v.ctx(), scope, persons)
	if err != nil {
		return nil, err
	}
	unknown := slices.DeleteFunc(slices.Clone(persons), func(person vault.PersonID) bool { return names[person] != "" })
	known, err := v.house.Handouts.Names(v.ctx(), scope, unknown...)
	for person := range known {
		names[person] = recipientOf(known, person)
	}
	return names, err
}
