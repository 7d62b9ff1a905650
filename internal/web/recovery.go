package web

import (
	"net/url"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

const recoverPath = accessPath + "/recover"

// recoverView is the page on which an officer confirms having seen somebody who
// lost what they sign in with.
type recoverView struct {
	Find     finding
	Problems look.Problems
}

func recoverPage(v *visit) error { return v.recoverForm(form{url.Values{}}, nil) }

// recoverScope is the right by which one looks for whom to vouch for.
func (v *visit) recoverScope() (access.Scope, error) {
	scope, err := v.house.Access.Decide(v.actor, access.Want{Act: charter.Staff})
	if err == nil {
		return scope, nil
	}
	return v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Appoint})
}

func (v *visit) recoverForm(f form, problems look.Problems) error {
	scope, err := v.recoverScope()
	if err != nil {
		return err
	}
	view := recoverView{Problems: problems}
	if scope.Act() == charter.Staff {
		view.Find, err = v.lookForStaff(scope, f, problems)
	} else {
		var search access.Scope
		if search, err = v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Search}); err == nil {
			view.Find, err = v.lookFor(search, f, problems)
		}
	}
	if err != nil {
		return err
	}
	view.Problems = findable(problems, view.Find)
	return v.show(page{title: v.T("door.recover.title"), tab: tabAccess, body: recoverBody(view), failed: problems != nil})
}

// vouch looks for somebody, or confirms that the visitor has seen them.
func vouch(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	if f.text("do") == "find" {
		return v.recoverForm(f, v.nothingTyped(f))
	}
	person, problems := v.chosen(f)
	if problems == nil && f.text("do") != "stop" && !f.chosen("seen", "yes") {
		problems = look.Problems{{Field: "seen", Text: v.T("door.recover.seen_missing")}}
	}
	if problems != nil {
		return v.recoverForm(f, problems)
	}
	if f.text("do") == "stop" {
		return v.recovered(f, "door.notice.stopped", v.house.SignIn.StopRecovery(v.ctx(), v.voucher(), person))
	}
	return v.vouchFor(f, person)
}

func (v *visit) vouchFor(f form, person vault.PersonID) error {
	sent, err := v.house.SignIn.Vouch(v.ctx(), v.voucher(), person)
	notice := "door.notice.vouched"
	if sent {
		notice = "door.notice.way_sent"
	}
	return v.recovered(f, notice, err)
}

// recovered says how it went; what the visitor can put right stands on the page.
func (v *visit) recovered(f form, notice string, err error) error {
	if fault.Is(err, fault.Gone) {
		return v.recoverForm(f, look.Explain(v.p, fault.From(err)))
	}
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.recoverForm(f, problems)
	}
	return v.toWith(accessPath, notice)
}
