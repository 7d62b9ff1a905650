package charter

import "slices"

// Handouts are the rules by which lists are handed to those without access of their
// own: officers of a body that may requisition one (D13), and whoever the charter
// names besides (D5).
type Handouts struct {
	Decides    string      `toml:"decides"`       // the right over the whole register that approves and refuses
	AnswerDays Number      `toml:"answer-days"`   // then a requisition that nobody has decided lapses
	OpenDays   Number      `toml:"open-days"`     // so long an approved list can be fetched
	SecondPair Switch      `toml:"second-person"` // whoever entered a requisition does not decide it too
	Recipients []Recipient `toml:"recipients"`    // D5: who else can be handed a list; nobody when absent
}

// Recipient is a kind of person who has no access and can be handed a list for an
// objective need (D5).
type Recipient struct {
	Code     string   `toml:"code" need:"yes"`
	Name     Words    `toml:"name" need:"yes"`
	Outside  string   `toml:"outside" need:"yes"`  // whether such a person stands outside the legal body
	Purposes []string `toml:"purposes" need:"yes"` // what a list can be for
}

// Whether a kind of recipient stands outside the association's legal body. One who
// does gets only members who consented to it (GDPR Art. 9(2)(d)).
const (
	OutsideNever  = "never"
	OutsideCase   = "case" // said for each requisition
	OutsideAlways = "always"
)

var outsides = []string{OutsideNever, OutsideCase, OutsideAlways}

// MayBeOutside reports whether such a recipient can stand outside the legal body:
// then members are asked for their consent.
func (r *Recipient) MayBeOutside() bool { return r.Outside != OutsideNever }

// May reports whether a list for a purpose can be handed to such a recipient.
func (r *Recipient) May(purpose string) bool { return slices.Contains(r.Purposes, purpose) }

// Recipient finds a kind of recipient by code.
func (h *Handouts) Recipient(code string) (*Recipient, bool) {
	return find(h.Recipients, code, func(r *Recipient) string { return r.Code })
}

// Decider is the right whose holders decide requisitions.
func (h *Handouts) Decider() Acts { act, _ := ParseAct(h.Decides); return act }

// Requisitions reports whether anybody can requisition a list at all.
func (c *Charter) Requisitions() bool {
	return len(c.Handouts.Recipients) > 0 || slices.ContainsFunc(c.Levels, func(l Level) bool { return l.Requisition })
}

// usualHandouts hold where a charter says nothing about handing lists out.
func usualHandouts() Handouts {
	own := Words{
		"da": "Programmets udgangspunkt", "en": "The program's default", "nb": "Programmets utgangspunkt", "sv": "Programmets utgångspunkt",
	}
	return Handouts{
		Decides: Edit.String(), AnswerDays: Number{Value: 14, Source: own}, OpenDays: Number{Value: 7, Source: own}, SecondPair: Switch{Source: own},
	}
}

func (h *Handouts) rows() []Parameter {
	return []Parameter{h.AnswerDays.row("handout-answer-days"), h.OpenDays.row("handout-open-days"), h.SecondPair.row("handout-second-person")}
}

// handouts checks the rules of handing lists out.
func (r *reporter) handouts(c *Charter) {
	h := &c.Handouts
	if _, ok := ParseAct(h.Decides); !ok {
		r.report("handouts.decides", "charter.error.unknown_act", "code", h.Decides, "known", AllActs.String())
	}
	if len(h.Recipients) > 0 {
		codes(r, "handouts.recipients", h.Recipients, func(k *Recipient) string { return k.Code })
	}
	for i := range h.Recipients {
		k, path := &h.Recipients[i], index("handouts.recipients", i)
		_, post := c.Post(k.Code)
		if _, position := c.Position(k.Code); post || position { // a list tells its recipient by it
			r.report(path+".code", "charter.error.twice", "code", k.Code)
		}
		if !slices.Contains(outsides, k.Outside) {
			r.report(path+".outside", "charter.error.confirm", "known", outsides)
		}
		if len(k.Purposes) == 0 {
			r.report(path+".purposes", "charter.error.empty")
		}
		for j, code := range k.Purposes {
			if _, known := find(c.Purposes, code, func(p *Purpose) string { return p.Code }); !known {
				r.report(index(path+".purposes", j), "charter.error.unknown_purpose", "code", code)
			}
		}
	}
	r.between("handouts.answer-days.value", h.AnswerDays.Value, 1, 90)
	r.between("handouts.open-days.value", h.OpenDays.Value, 1, 30)
	r.checked("handouts.answer-days", h.AnswerDays.Checked)
	r.checked("handouts.open-days", h.OpenDays.Checked)
	r.checked("handouts.second-person", h.SecondPair.Checked)
}
