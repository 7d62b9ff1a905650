package app

import (
	"context"
	"slices"
	"strconv"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/audit"
	"kartotek/internal/charter"
	"kartotek/internal/departure"
	"kartotek/internal/duty"
	"kartotek/internal/guard"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// connectAudits makes the yearly audit and the case-book of changes (N13).
func (h *House) connectAudits() {
	h.Audits = audit.New(audit.Parts{
		Charter: h.Charter, DB: h.DB, Keyring: h.Keyring, Records: h.Records, Journal: h.Journal, Units: h.Units, Access: h.Access, Duties: h.Duties,
		Members: h.Members, Departures: auditDoor{h}, Heads: auditHeads{h}, Facts: auditFacts{h}, Sealer: h.Seal, Guard: lookedAt, Now: h.Now,
	})
}

// lookedAt says what a text seems to hold that nobody may write down of a member, unless
// whoever writes has said that it is not that.
func lookedAt(ctx context.Context, text string) string {
	if !guard.Overridden(ctx) && len(guard.Look(text)) > 0 {
		return "guard.held"
	}
	return ""
}

// auditDoor is the door by which whoever has left goes out.
type auditDoor struct{ h *House }

func (d auditDoor) PassOn(ctx context.Context, by access.Actor, person vault.PersonID, how string, on civil.Date) (string, error) {
	receipt, err := d.h.Departures.Enter(ctx, by, person, departure.Resignation{How: how, On: on})
	return receipt.Number, err
}

func (d auditDoor) Passed(ctx context.Context, by access.Actor, person vault.PersonID, receipt string) (waits, may bool, err error) {
	return d.h.Departures.Passed(ctx, by, person, receipt)
}

func (d auditDoor) TakeBack(ctx context.Context, by access.Actor, person vault.PersonID) error {
	return d.h.Departures.Withdraw(ctx, by, person)
}

// counted is what was counted on cut-off dates, by dues.
type auditHeads struct{ h *House }

func (c auditHeads) Heads(ctx context.Context, body unit.ID, from, until civil.Date) (map[civil.Date]audit.Head, error) {
	all, err := c.h.Dues.Counted(ctx, body, from, until)
	heads := map[civil.Date]audit.Head{}
	for i := range all {
		head := heads[all[i].CutOff]
		head.Counted, head.Members, head.Paying = true, head.Members+all[i].Members, head.Paying+all[i].Paying
		heads[all[i].CutOff] = head
	}
	return heads, err
}

// facts are what other rooms know of a body's security.
type auditFacts struct{ h *House }

func (f auditFacts) Fact(ctx context.Context, body unit.ID, fact string) (audit.Fact, error) {
	switch fact {
	case charter.FactReview:
		id, waits, err := f.h.Reviews.Last(ctx, body)
		return audit.Fact{Known: id != 0, Holds: !waits, Where: id}, err
	case charter.FactLists:
		late, err := f.h.Duties.Late(ctx, duty.DestroyList, f.h.Access.Today())
		n := 0
		for i := range late {
			if late[i].Unit == body {
				n++
			}
		}
		return audit.Fact{Known: true, Holds: n == 0, Count: n}, err
	case charter.FactDeclaration:
		return f.declaration(ctx, body)
	case charter.FactAgreement:
		return f.agreement(ctx, body)
	case charter.FactProcessors:
		return f.processors(ctx, body)
	}
	return audit.Fact{}, nil
}

// declaration: one stands for the body, its own where it answers for its members alone; it
// says what the register does; and its members were told of the newest.
func (f auditFacts) declaration(ctx context.Context, body unit.ID) (audit.Fact, error) {
	v, there, err := f.h.Declarations.Published(ctx, body)
	if err != nil {
		return audit.Fact{}, err
	}
	at, _ := f.h.Units.Tree().ByID(body)
	if !there || v.Unit != body && f.h.Declarations.Needs(at) {
		return audit.Fact{Known: true, Lacks: "declaration"}, nil
	}
	fact := audit.Fact{Known: true, Count: v.Number}
	drifts, err := f.h.Duties.OpenOf(ctx, duty.DeclarationDrift)
	if err != nil {
		return fact, err
	}
	if slices.ContainsFunc(drifts, func(d duty.Duty) bool { return d.Subject == int64(v.Unit) }) {
		fact.Lacks = "drift"
		return fact, nil
	}
	announcing, err := f.h.Declarations.Announcing(ctx, v.Unit)
	if fact.Holds = !announcing; announcing {
		fact.Lacks = "announced"
	}
	return fact, err
}

// agreement: the one that the charter's roles demand of the body is in force. Where none is
// demanded nothing is known.
func (f auditFacts) agreement(ctx context.Context, body unit.ID) (audit.Fact, error) {
	if _, bound := f.h.Agreements.Bound(body); !bound {
		return audit.Fact{}, nil
	}
	now, inForce, err := f.h.Agreements.Current(ctx, body)
	fact := audit.Fact{Known: true, Holds: inForce.Number != 0, Count: int(inForce.Number)}
	switch {
	case fact.Holds:
	case now.Number == 0 || now.State.Waits():
		fact.Lacks = "signed"
	default:
		fact.Lacks = "countersigned"
	}
	return fact, err
}

// processors: of one that is on record without its agreement the register knows that it
// does not hold. Whether there are others only the body can say.
func (f auditFacts) processors(ctx context.Context, body unit.ID) (audit.Fact, error) {
	all, err := f.h.Agreements.Processors(ctx, body)
	fact := audit.Fact{Count: len(all)}
	bare := 0
	for i := range all {
		if all[i].Unit == body && !all[i].HasFile {
			bare++
		}
	}
	if bare > 0 {
		fact = audit.Fact{Known: true, Lacks: "file", Count: bare}
	}
	return fact, err
}

// stepOfAudit tells a body of its part, and, when it is late, whoever answers for the
// register as well.
func (m messenger) stepOfAudit(ctx context.Context, d duty.Duty, s duty.Step) error {
	key := "audit.mail.near"
	if s.After > 0 {
		key = "audit.mail.late"
	}
	body := m.h.bodyName(d.Unit)
	text := func(key string) func(*locale.Printer) string {
		return func(p *locale.Printer) string {
			return p.T(key, "number", d.Subject, "date", p.Date(d.DueOn), "body", body) + "\n\n" + m.h.URL + "/audits/" + strconv.FormatInt(d.Subject, 10)
		}
	}
	own := m.responsible(d)
	if err := m.write(ctx, d, own, text(key)); err != nil || s.Circle == duty.Nobody {
		return err
	}
	return m.write(ctx, d, m.others(m.h.auditKeepers(), own), text("audit.mail.register"))
}

// auditKeepers are those who answer for the register in an audit: by a post of the whole, or
// by a position.
func (h *House) auditKeepers() []vault.PersonID {
	act := h.Charter.Audit.Keeps()
	var all []vault.PersonID
	if root, ok := h.Units.Tree().Root(); ok {
		all = h.Access.Officers(root.ID, act)
	}
	return append(all, h.Access.Employed(act)...)
}

// auditsAhead are the days on which an audit opens, and by which bodies have answered
// (N13).
func (h *House) auditsAhead(_ context.Context, first, last civil.Date) (all []duty.Ahead, err error) {
	if !h.Charter.Audit.Any() {
		return nil, nil
	}
	for year := first.Year - 1; year <= last.Year; year++ {
		d := h.Charter.AuditDay(civil.Date{Year: year, Month: 12, Day: 31})
		all = append(all,
			duty.Ahead{On: d, Code: "audit", Act: h.Charter.Audit.Register},
			duty.Ahead{On: d.AddDays(h.Charter.Audit.AnswerDays.Value), Code: "audit-answer", Each: true, Act: h.Charter.Audit.Club})
	}
	return all, nil
}
