package web

import (
	"kartotek/internal/charter"
	"kartotek/internal/passing"
	"kartotek/internal/web/look"
)

// mePassed is where a member sees what was passed on of them, to whom, and how to stop
// it (L2, N12, GDPR Art. 15(1)(c)).
const mePassed = mePath + "/passed"

// passedOn is one recipient, as a member sees it.
type passedOn struct {
	Code, Name, Hint string
	Tone             look.Tone
	State            string
	Rows             look.Rows
	Has              string // the fields it has, or may have
	Stop             string // how it is stopped
	Consent          string // where the consent is given and withdrawn
	Object, Back     bool   // an objection can be made, or taken back
}

func mePassedPage(v *visit) error {
	scope, err := v.self()
	if err != nil {
		return err
	}
	all, err := v.house.Passing.Mine(v.ctx(), scope, v.p.Lang())
	if err != nil {
		return err
	}
	rows := make([]passedOn, len(all))
	for i := range all {
		rows[i] = v.passedOn(&all[i])
	}
	return v.show(page{title: v.T("passing.me.title"), tab: tabMe, body: mePassedBody(rows)})
}

func (v *visit) passedOn(o *passing.Own) passedOn {
	row := passedOn{Code: o.Code, Name: o.Name.In(v.p.Lang()), Hint: o.Hint.In(v.p.Lang()), Tone: look.Calm, State: v.T("passing.me.never")}
	row.Rows = look.Rows{{Term: v.T("passing.page.country"), Value: look.Text(v.p.Country(o.Country))}}
	if o.TransferText != "" {
		row.Rows = append(row.Rows, look.Row{Term: v.T("passing.page.transfer"), Value: look.Text(capitalised(o.TransferText))})
	}
	row.Rows = append(row.Rows, look.Row{Term: v.T("passing.page.basis"), Value: look.Text(capitalised(o.BasisText))})
	if o.State == "" {
		row.Rows = append(row.Rows, look.Row{Term: v.T("passing.me.would"), Value: look.Text(v.p.List(v.fieldNames(o.Fields)))})
	} else {
		row.State = capitalised(v.T("passing.state." + string(o.State)))
		row.Tone = map[passing.State]look.Tone{passing.Standing: look.Note, passing.Restricted: look.Soon, passing.Removing: look.Soon, passing.Removed: look.OK}[o.State]
		row.Rows = append(row.Rows,
			look.Row{Term: v.T("passing.record.since"), Value: look.Date(v.day(o.Since))},
			look.Row{Term: v.T("passing.record.last"), Value: look.Date(v.day(o.Last))},
		)
		if !o.Answered.IsZero() {
			row.Rows = append(row.Rows, look.Row{Term: v.T("passing.me.answered"), Value: look.Date(v.day(o.Answered))})
		}
		if len(o.Has) > 0 {
			row.Rows = append(row.Rows, look.Row{Term: v.T("passing.record.fields"), Value: look.Text(v.p.List(v.fieldNames(o.Has)))})
		}
	}
	switch {
	case o.Consent != "":
		row.Consent, row.Stop = consentsPath+"#consent-"+o.Consent, v.T("passing.me.by_consent")
	case o.MayObject && o.Objecting:
		row.Back, row.Stop = true, v.T("passing.me.objecting")
	case o.MayObject:
		row.Object, row.Stop = true, v.T("passing.me.may_object")
	default:
		row.Stop = v.T("passing.me.must")
	}
	return row
}

// mePassedObject objects to being passed on, or takes that back (Art. 21).
func mePassedObject(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	scope, err := v.self()
	if err != nil {
		return err
	}
	r, known := v.house.Charter.Receiver(f.text("code"))
	if !known {
		return errNotFound
	}
	objects := f.text("do") == "object"
	if err := v.house.Members.SetObjection(v.ctx(), scope, v.session.Person, r.Purpose().Code, objects); err != nil {
		return err
	}
	v.house.Passing.Stir()
	said := "passing.notice.objected"
	if !objects {
		said = "passing.notice.taken_back"
	}
	return v.toWith(mePassed, said)
}

// consentReach says of a consent, before it is answered, who gets what by it, where
// they are, and what becomes of whoever says no (N12, GDPR Art. 13(1)(e) and (f)).
func (v *visit) consentReach(code string) (said []string) {
	for i := range v.house.Charter.Recipients {
		r := &v.house.Charter.Recipients[i]
		if r.Consent != code {
			continue
		}
		to := v.T("passing.ask.to", "name", r.Name.In(v.p.Lang()), "country", v.p.Country(r.Country))
		if r.Outside() {
			to += " " + v.T("passing.ask.transfer", "ground", r.TransferText.In(v.p.Lang()))
		}
		said = append(said, to, v.T("passing.ask.refusal", "what", v.refusalText(r)), v.T("passing.ask.withdrawn"))
	}
	return said
}

func (v *visit) refusalText(r *charter.Receiver) string {
	if r.Refusal == charter.RefusalNumberOnly {
		return v.T("passing.refused.number-only", "basis", r.RefusalText.In(v.p.Lang()))
	}
	return v.T("passing.refused." + r.Refusal)
}
