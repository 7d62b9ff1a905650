package charter

import "slices"

// Grants are the rules for access beyond the posts: a named person with a delimited
// task that needs member data, decided by the body itself (D9).
type Grants struct {
	May        []string `toml:"may"`        // what such an access can open at most
	Proposes   string   `toml:"proposes"`   // the right of a body's posts that write a proposal
	Decides    string   `toml:"decides"`    // the right of a body's posts that record what the body decided
	DecidedBy  []string `toml:"decided-by"` // which meetings of the body can decide
	Months     Number   `toml:"months"`     // the longest period; a renewal needs its grounds anew
	AnswerDays Number   `toml:"answer-days"`
	SecondPair Switch   `toml:"second-person"` // whoever wrote the proposal does not record the decision too

	Acts Acts `toml:"-"` // May, compiled
}

// The meetings that can decide for a body.
const (
	ByBoard          = "board"
	ByGeneralMeeting = "general-meeting"
	ByMembersMeeting = "members-meeting"
)

var deciders = []string{ByBoard, ByGeneralMeeting, ByMembersMeeting}

// grantable are the acts whose every answer is limited to the fields of a Scope's
// purpose. An opened card or a change is not, so no grant reaches that far.
const grantable = Search | Pull

// usualGrants hold where a charter says nothing about documented access.
func usualGrants() Grants {
	own := Words{
		"da": "Programmets udgangspunkt", "en": "The program's default", "nb": "Programmets utgangspunkt", "sv": "Programmets utgångspunkt",
	}
	return Grants{
		May: []string{"search", "pull"}, Proposes: Access.String(), Decides: Access.String(), DecidedBy: []string{ByBoard, ByGeneralMeeting},
		Months: Number{Value: 12, Source: own}, AnswerDays: Number{Value: 60, Source: own}, SecondPair: Switch{Value: true, Source: own},
	}
}

// MayDecide reports whether a meeting can decide for a body.
func (g *Grants) MayDecide(meeting string) bool { return slices.Contains(g.DecidedBy, meeting) }

// Proposer is the right whose holders write proposals.
func (g *Grants) Proposer() Acts { act, _ := ParseAct(g.Proposes); return act }

// Decider is the right whose holders record decisions.
func (g *Grants) Decider() Acts { act, _ := ParseAct(g.Decides); return act }

func (g *Grants) rows() []Parameter {
	return []Parameter{g.Months.row("grant-months"), g.AnswerDays.row("grant-answer-days"), g.SecondPair.row("grant-second-person")}
}

// grants checks the rules of documented access.
func (r *reporter) grants(g *Grants) {
	for i, code := range g.May {
		if act, ok := ParseAct(code); !ok || !grantable.Has(act) {
			r.report(index("grants.may", i), "charter.error.confirm", "known", grantable.Codes())
		}
	}
	for _, right := range []struct{ path, code string }{{"grants.proposes", g.Proposes}, {"grants.decides", g.Decides}} {
		if _, ok := ParseAct(right.code); !ok {
			r.report(right.path, "charter.error.unknown_act", "code", right.code, "known", AllActs.String())
		}
	}
	if len(g.DecidedBy) == 0 {
		r.report("grants.decided-by", "charter.error.empty")
	}
	for i, meeting := range g.DecidedBy {
		if !slices.Contains(deciders, meeting) {
			r.report(index("grants.decided-by", i), "charter.error.confirm", "known", deciders)
		}
	}
	r.between("grants.months.value", g.Months.Value, 1, 36)
	r.between("grants.answer-days.value", g.AnswerDays.Value, 7, 365)
	r.checked("grants.months", g.Months.Checked)
	r.checked("grants.answer-days", g.AnswerDays.Checked)
	r.checked("grants.second-person", g.SecondPair.Checked)
}
