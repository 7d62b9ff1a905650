package app

import (
	"context"
	"errors"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// corrections makes duties of what members ask to have corrected (Art. 16).
type corrections struct{ h *House }

// Asked opens the duty of member service, within the time the charter gives for
// answers; one that is open already stays.
func (c corrections) Asked(tx *database.Tx, person vault.PersonID) error {
	d, err := c.h.Duties.About(tx, duty.CorrectMember, int64(person))
	if err == nil && d.DoneAt.IsZero() {
		return nil
	}
	if err != nil && !errors.Is(err, database.ErrNotFound) {
		return err
	}
	months := c.h.Charter.Parameters.AnswerMonths.Value
	_, err = c.h.Duties.Add(tx, duty.Duty{
		Kind: duty.CorrectMember, Subject: int64(person), Act: charter.Edit.String(),
		DueOn: c.h.Charter.Today(tx.Now()).AddDays(28 * months),
	})
	return err
}

func (c corrections) Answered(tx *database.Tx, person, by vault.PersonID, outcome string) error {
	_, err := c.h.Duties.Finish(tx, duty.CorrectMember, int64(person), by, outcome)
	return err
}

// sweepCorrections drops the duties about whoever is not a member any more.
func (h *House) sweepCorrections(ctx context.Context) error {
	open, err := h.Duties.Open(ctx, duty.Responsible{Acts: map[unit.ID]charter.Acts{0: charter.Edit}})
	if err != nil {
		return err
	}
	for _, d := range open {
		person := vault.PersonID(d.Subject)
		if d.Kind != duty.CorrectMember || len(h.Members.Units(person)) > 0 && !h.Members.Leaving(person) {
			continue
		}
		err := h.DB.Write(ctx, func(tx *database.Tx) error {
			_, err := h.Duties.Finish(tx, duty.CorrectMember, d.Subject, 0, "withdrawn")
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// ProveEmail sends a code to an address that somebody wants as their own and
// returns the request the code answers.
func (h *House) ProveEmail(ctx context.Context, actor access.Actor, email, lang string) (request string, err error) {
	if h.Members.Leaving(actor.Person) {
		return "", fault.New(fault.Denied, "member.error.own_closed")
	}
	return h.SignIn.BeginProof(ctx, actor.Person, email, lang)
}

// ChangeOwnEmail makes an address somebody's own once its code is typed, and
// tells the one it replaces, so that nobody loses theirs unseen.
func (h *House) ChangeOwnEmail(ctx context.Context, actor access.Actor, request, code string) error {
	scope, err := h.Access.Require(ctx, actor, access.Want{Self: true})
	if err != nil {
		return err
	}
	email, err := h.SignIn.FinishProof(ctx, actor.Person, request, code)
	if err != nil {
		return err
	}
	notice, err := letters{h}.compose(ctx, actor.Person, "member.email", func(p *locale.Printer) string { return p.T("member.email.changed") })
	if err != nil {
		return err
	}
	if err := h.Members.SetOwnEmail(ctx, scope, email); err != nil {
		return err
	}
	if notice == nil || notice.To == "" || notice.To == email {
		return nil // none is replaced
	}
	return h.send(ctx, *notice)
}

// addressed begins a mail to a mailbox that several persons share with whom it is
// for.
func (h *House) addressed(p *locale.Printer, email, name, text string) (string, error) {
	persons, err := h.Keyring.Find(vault.ClaimEmail, email)
	if err != nil || len(persons) < 2 {
		return text, err
	}
	return p.T("member.email.for", "name", name) + "\n\n" + text, nil
}

// bodyName is what a body is called; "" for none and for the association itself.
func (h *House) bodyName(id unit.ID) string {
	if root, ok := h.Units.Tree().Root(); ok && id == root.ID {
		return ""
	}
	body, _ := h.Units.Tree().ByID(id)
	return body.Name
}
