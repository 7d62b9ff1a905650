package web

import (
	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

const masterPath = accessPath + "/master-key"

// masterView is how the master key stands: where it comes from, whether it could be
// had again, and the declaration of how it is kept safe without shares. The key
// itself is turned, split and put together at the machine alone.
type masterView struct {
	Problems look.Problems
	Rows     look.Rows
	Sets     []vault.ShareSet
	Secured  bool
	Arranged bool
	Grounds  look.Textarea
	Said     string // the grounds that stand
	Zone     func(vault.ShareSet) string
}

func masterPage(v *visit) error { return v.masterForm("", nil) }

func (v *visit) masterForm(typed string, problems look.Problems) error {
	if _, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Staff}); err != nil {
		return err
	}
	said, err := v.house.Keyring.Grounds()
	if err != nil {
		return err
	}
	s := v.house.Keyring.Standing()
	zone := v.house.Charter.Location()
	view := masterView{
		Problems: problems, Sets: s.Sets, Secured: s.Secured(), Arranged: !s.Arranged.IsZero(), Said: said,
		Rows: look.Rows{
			{Term: v.T("master.page.comes"), Value: look.Text(v.T("master.page.from." + string(s.Source.Kind)))},
			{Term: v.T("master.page.since"), Value: look.Text(v.p.DateTime(s.Since, zone))},
		},
		Grounds: look.Textarea{Name: "grounds", Label: v.T("master.page.grounds"), Hint: v.T("master.page.grounds_hint"),
			Value: typed, Error: problems.For("grounds"), MaxLength: 1000, Required: true},
		Zone: func(set vault.ShareSet) string { return v.p.DateTime(set.At, zone) },
	}
	if s.Since.IsZero() { // founded by a Kartotek that did not note it
		view.Rows = view.Rows[:1]
	}
	return v.show(page{title: v.T("master.page.title"), tab: tabAdministration, body: masterBody(view), failed: problems != nil})
}

// masterArrange notes how the master key is kept safe without shares.
func masterArrange(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	grounds := f.text("grounds")
	if grounds == "" {
		grounds = " " // nothing said is no grounds, and not the end of them
	}
	problems, err := v.problems(v.house.Arrange(v.ctx(), v.actor, grounds))
	if err != nil {
		return err
	}
	if problems != nil {
		return v.masterForm(f.text("grounds"), problems)
	}
	return v.toWith(masterPath, "master.notice.arranged")
}

// masterUndo takes that back.
func masterUndo(v *visit) error {
	if err := v.house.Arrange(v.ctx(), v.actor, ""); err != nil {
		return err
	}
	return v.toWith(masterPath, "master.notice.undone")
}
