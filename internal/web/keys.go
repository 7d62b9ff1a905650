package web

import (
	"strconv"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/copies"
	"kartotek/internal/journal"
	"kartotek/internal/web/look"
)

// copyView is the copy of the keyring in one place, as the page shows it.
type copyView struct {
	copies.Standing
	Confirmed, Verified, Since string
	Tone                       look.Tone
	Path                       string
}

// keysView is the page of keys and copies.
type keysView struct {
	Copies []copyView
	Acts   bool // the hat answers for the machines
}

// keysPage shows how the copies of the keyring stand, to whoever answers for the
// machines and to whoever reads the journal. That it was read is in it.
func keysPage(v *visit) error {
	acts := v.may(charter.Staff)
	want := access.Want{Act: charter.Journal}
	if acts {
		want.Act = charter.Staff
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, want)
	if err != nil {
		return err
	}
	all, err := v.house.Copies.List(v.ctx(), scope)
	if err != nil {
		return err
	}
	view := keysView{Acts: acts}
	for i := range all {
		view.Copies = append(view.Copies, v.copyView(&all[i]))
	}
	return v.show(page{title: v.T("copies.title"), tab: tabAdministration, body: keysBody(view)})
}

func (v *visit) copyView(s *copies.Standing) copyView {
	zone := v.house.Charter.Location()
	view := copyView{Standing: *s, Tone: look.OK, Path: keysPath + "/" + strconv.FormatInt(s.Number, 10)}
	switch {
	case s.Problem != "":
		view.Tone = look.Late
	case s.Behind:
		view.Tone = look.Soon
	}
	if !s.ConfirmedAt.IsZero() {
		view.Confirmed = v.p.DateTime(s.ConfirmedAt, zone)
	}
	if !s.VerifiedAt.IsZero() {
		view.Verified = v.p.DateTime(s.VerifiedAt, zone)
	}
	if !s.FailingAt.IsZero() {
		view.Since = v.p.DateTime(s.FailingAt, zone)
	}
	return view
}

// keysVerify reads every copy back.
func keysVerify(v *visit) error {
	if _, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Staff}); err != nil {
		return err
	}
	if err := v.house.Copies.Verify(v.ctx()); err != nil {
		return err
	}
	return v.toWith(keysPath, "copies.notice.verified")
}

// keysGiveUp forgets a place whose copy is deleted, or was destroyed.
func keysGiveUp(v *visit) error {
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Staff})
	if err != nil {
		return err
	}
	f, err := v.form()
	if err != nil {
		return err
	}
	number, err := strconv.ParseInt(v.r.PathValue("number"), 10, 64)
	if err != nil {
		number = 0
	}
	if err := v.house.Copies.GiveUp(v.ctx(), scope.Entry(journal.KeyCopy), number, f.text("destroyed") == "yes"); err != nil {
		return err
	}
	return v.toWith(keysPath, "copies.notice.given_up")
}
