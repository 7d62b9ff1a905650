package charter

import "slices"

// Transfers are the rules by which members move between bodies, and by which an
// officer's addition waits so that it tells nothing of other bodies (D11).
type Transfers struct {
	Confirm       []string `toml:"confirm"`        // who may say yes for the side that lets go
	AnswerDays    Number   `toml:"answer-days"`    // then an unanswered proposal ends
	AdditionsWait Switch   `toml:"additions-wait"` // an officer's addition is confirmed before it is a member
	AdditionDays  Number   `toml:"addition-days"`  // the answer to an addition comes on that day, yes or no
	Dual          Switch   `toml:"dual"`           // one may belong to two bodies
}

// Those who may say yes for the side that lets a member go.
const (
	ConfirmMember      = "member"
	ConfirmBody        = "body"
	ConfirmSecretariat = "secretariat"
)

var confirmers = []string{ConfirmMember, ConfirmBody, ConfirmSecretariat}

// MayConfirm reports whether somebody may say yes for the side that lets go.
func (t *Transfers) MayConfirm(who string) bool { return slices.Contains(t.Confirm, who) }

// usualTransfers hold where a charter says nothing about moving.
func usualTransfers() Transfers {
	own := Words{
		"da": "Programmets udgangspunkt", "en": "The program's default", "nb": "Programmets utgangspunkt", "sv": "Programmets utgångspunkt",
	}
	return Transfers{
		Confirm:    slices.Clone(confirmers),
		AnswerDays: Number{Value: 14, Source: own}, AdditionDays: Number{Value: 7, Source: own},
		AdditionsWait: Switch{Value: true, Source: own}, Dual: Switch{Source: own},
	}
}

func (t *Transfers) rows() []Parameter {
	return []Parameter{
		t.AnswerDays.row("transfer-answer-days"), t.AdditionsWait.row("transfer-additions-wait"),
		t.AdditionDays.row("transfer-addition-days"), t.Dual.row("transfer-dual"),
	}
}

// transfers checks the rules of moving: somebody must be able to say yes, and
// nobody can answer in no time.
func (r *reporter) transfers(t *Transfers) {
	if len(t.Confirm) == 0 {
		r.report("transfers.confirm", "charter.error.empty")
	}
	for i, who := range t.Confirm {
		if !slices.Contains(confirmers, who) {
			r.report(index("transfers.confirm", i), "charter.error.confirm", "known", confirmers)
		}
	}
	for _, rule := range []struct {
		path   string
		number *Number
	}{{"transfers.answer-days", &t.AnswerDays}, {"transfers.addition-days", &t.AdditionDays}} {
		if rule.number.Value < 1 || rule.number.Value > 90 {
			r.report(rule.path+".value", "charter.error.range", "low", 1, "high", 90)
		}
		r.checked(rule.path, rule.number.Checked)
	}
	r.checked("transfers.additions-wait", t.AdditionsWait.Checked)
	r.checked("transfers.dual", t.Dual.Checked)
}
