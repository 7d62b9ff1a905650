package web

import (
	"slices"
	"strconv"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/consent"
	"kartotek/internal/extract"
	"kartotek/internal/handout"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// consentsPath is where a member reads what they were told and says what they agree to.
const consentsPath = mePath + "/consents"

// consentRow is one question and how a member has answered (GDPR Art. 7). Nothing is
// ticked beforehand.
type consentRow struct {
	Code  string
	Name  string
	Asked string // the whole question, as it is kept with the answer
	Opens string
	Back  string
	Hash  string // of what is shown
	Given bool   // it can be withdrawn
	Again bool   // it is asked again
	Since string
	Reach []string // who gets what by it, and what becomes of whoever says no
}

// consentRows are the questions with what was answered.
func (v *visit) consentRows(person vault.PersonID) ([]consentRow, error) {
	questions, err := v.house.Consents.Questions(v.ctx(), person, v.p.Lang())
	if err != nil || len(questions) == 0 {
		return nil, err
	}
	all, err := v.house.Consents.Of(v.ctx(), v.actor, person)
	if err != nil {
		return nil, err
	}
	rows, now := make([]consentRow, len(questions)), v.house.Now()
	for i, q := range questions {
		rows[i] = consentRow{Code: q.Code, Name: q.Name, Asked: q.Asked, Opens: q.Opens, Back: q.Back, Hash: q.Hash, Reach: v.consentReach(q.Code)}
		for j := range all { // the newest first
			if c := &all[j]; c.Code == q.Code {
				rows[i].Given, rows[i].Again = c.Open(now), c.State(now) == consent.Again
				rows[i].Since = v.consentSince(c)
				break
			}
		}
	}
	return rows, nil
}

// consentSince says how a consent is, since when and how.
func (v *visit) consentSince(c *consent.Consent) string {
	when := c.GivenAt
	state := c.State(v.house.Now())
	switch state {
	case consent.Withdrawn:
		when = c.WithdrawnAt
	case consent.Again:
		when = c.AgainAt
	case consent.Over:
		when = c.EndsAt
	}
	return joined(" · ", v.T("consent.state."+string(state), "date", v.day(when)), v.T("consent.how."+c.How), c.Paper)
}

// ownConsentsView is a member's page of what they were told and what they agree to.
type ownConsentsView struct {
	Problems look.Problems
	Declared bool   // a declaration stands
	Standing string // which, and since when
	Told     string // when the member was told of it; "" when not
	Hash     string
	Rows     []consentRow
	Papers   []look.Link // lines of sheets one signed
	Proofs   bool        // there is something to have a receipt for
}

func ownConsentsPage(v *visit) error { return v.ownConsents(nil) }

func (v *visit) ownConsents(problems look.Problems) error {
	rows, err := v.consentRows(v.session.Person)
	if err != nil {
		return err
	}
	view := ownConsentsView{Problems: problems, Rows: rows}
	for i := range rows {
		view.Proofs = view.Proofs || rows[i].Since != ""
	}
	own, err := v.house.Consents.Own(v.ctx(), v.actor)
	if err != nil {
		return err
	}
	if d := own.Declared; d != nil {
		body, _ := v.house.Units.Tree().ByID(d.Unit)
		view.Declared, view.Hash = true, d.In(v.p.Lang()).Hash
		view.Standing = v.T("consent.own.standing", "body", body.Name, "number", d.Number, "date", v.day(d.At))
		if own.Informed != nil {
			view.Told = v.T("consent.own.told", "date", v.day(own.Informed.At), "how", v.T("consent.how."+own.Informed.How))
		}
	}
	papers, err := v.house.Consents.PapersOf(v.ctx(), v.actor)
	if err != nil {
		return err
	}
	for i := range papers {
		if p := &papers[i]; p.Pictured {
			view.Papers = append(view.Papers, look.Link{Text: v.T("consent.own.line", "date", v.day(p.ScannedAt)), URL: consentsPath + "/paper/" + strconv.FormatUint(p.ID, 10)})
		}
	}
	return v.show(page{title: v.T("consent.own.title"), tab: tabMe, body: ownConsentsBody(view), failed: problems != nil})
}

// ownConsent says yes, or takes it back: one press either way.
func ownConsent(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	said, err := v.answerConsent(f, v.session.Person)
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.ownConsents(problems)
	}
	return v.toWith(consentsPath, said)
}

// ownInformed says that the declaration was read.
func ownInformed(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	problems, err := v.problems(v.house.Consents.Read(v.ctx(), v.actor, v.p.Lang(), f.text("hash")))
	if err != nil {
		return err
	}
	if problems != nil {
		return v.ownConsents(problems)
	}
	if f.text("back") == "me" {
		return v.toWith(mePath, "consent.notice.read")
	}
	return v.toWith(consentsPath, "consent.notice.read")
}

func (v *visit) answerConsent(f form, person vault.PersonID) (said string, err error) {
	code := f.text("code")
	if f.text("do") == "withdraw" {
		return "consent.notice.withdrawn", v.house.Consents.Withdraw(v.ctx(), v.actor, person, code)
	}
	return "consent.notice.given", v.house.Consents.Give(v.ctx(), v.actor, person, consent.Giving{
		Code: code, Lang: v.p.Lang(), Hash: f.text("hash"), Known: v.known(), Paper: f.text("paper"),
	})
}

// known says how whoever is at the page was identified: a word of consent.known.
func (v *visit) known() string {
	switch {
	case v.session.Demo:
		return "demo"
	case !v.session.Second.IsZero():
		return "second"
	case !v.session.Proved.IsZero():
		return "proved"
	}
	return "device"
}

// consentsView is a member's answers, for whoever has a paper.
type consentsView struct {
	Problems look.Problems
	Card     string
	Path     string
	Rows     []consentRow
	Codes    look.Choices
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
	view.Codes = look.Choices{Name: "code", Legend: v.T("consent.paper.code"), Error: problems.For("code")}
	for _, r := range rows {
		if !r.Given || r.Again {
			view.Codes.Options = append(view.Codes.Options, look.Choice{Value: r.Code, Text: r.Name, Hint: r.Asked, Checked: f.chosen("code", r.Code)})
		}
	}
	return v.show(page{title: v.T("consent.title"), tab: tabMembers, body: consentsBody(view), failed: problems != nil})
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

// entersConsents reports whether the visitor enters consents from paper.
func (v *visit) entersConsents() bool {
	return v.may(charter.Edit) && len(v.house.Charter.AsksConsent()) > 0
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
