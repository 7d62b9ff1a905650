package web

import (
	"strconv"
	"time"

	"kartotek/internal/signin"
)

// accountView is how somebody signs in, and where they are signed in.
type accountView struct {
	Officer  bool
	Factors  []factorRow
	Passkey  passkeyView
	Codes    int
	Made     string
	Address  string // of the card
	Own      string
	Shared   bool
	Devices  []deviceRow
	Visits   []deviceRow
	Others   bool
	Recovery bool // a recovery of this person has begun
}

type factorRow struct {
	Name, Kind, Added, Used string
	Remove                  string // path; "" for the last one, which stays
}

type deviceRow struct {
	Name, Since, Until string
	Here               bool
	End                string // path
}

// accountPage shows how one signs in and where one is signed in.
func accountPage(v *visit) error {
	st, err := v.house.SignIn.Standing(v.ctx(), v.me())
	if err != nil {
		return err
	}
	view := accountView{
		Officer: v.session.Access, Passkey: v.newPasskey(), Codes: st.Codes, Address: st.Address, Own: st.Own, Shared: st.Shared,
	}
	view.Passkey.Quiet = true
	if !st.Made.IsZero() {
		view.Made = v.p.Date(v.day(st.Made))
	}
	for _, f := range st.Factors {
		row := factorRow{Name: f.Value.Name, Kind: v.T("door.kind.passkey"), Added: v.when(f.Value.Added), Used: v.when(f.Value.Used)}
		if f.Value.Kind == signin.App {
			row.Kind = v.T("door.kind.app")
		}
		if len(st.Factors) > 1 || !v.session.Access {
			row.Remove = accountPath + "/factors/" + strconv.FormatUint(f.ID, 10) + "/remove"
		}
		view.Factors = append(view.Factors, row)
	}
	devices, err := v.house.SignIn.Devices(v.ctx(), v.me())
	if err != nil {
		return err
	}
	for _, d := range devices {
		view.Devices = append(view.Devices, deviceRow{
			Name: v.deviceName(d.Value.What), Since: v.when(d.Value.Used), Until: v.p.Date(v.day(d.Value.Until)),
			End: accountPath + "/devices/" + strconv.FormatUint(d.ID, 10) + "/forget",
		})
	}
	visits, err := v.house.SignIn.Visits(v.ctx(), v.me(), v.sessions.Token(v.ctx()))
	if err != nil {
		return err
	}
	for _, s := range visits {
		row := deviceRow{Name: v.deviceName(s.What), Since: v.when(s.Begun), Here: s.Here}
		if !s.Here {
			row.End = accountPath + "/visits/" + strconv.FormatUint(s.ID, 10) + "/end"
			view.Others = true
		}
		view.Visits = append(view.Visits, row)
	}
	recovery, err := v.house.SignIn.Recovery(v.ctx(), v.me())
	if err != nil {
		return err
	}
	view.Recovery = recovery.First != 0
	return v.show(page{title: v.T("door.account.title"), tab: tabMe, body: accountBody(view)})
}

// when is a moment as a day and a time of day.
func (v *visit) when(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return v.p.DateTime(at, v.house.Charter.Location())
}

func factorRemove(v *visit) error {
	_, path, err := v.manage()
	if err != nil || path != "" {
		return orTo(v, path, err)
	}
	if err := v.house.SignIn.RemoveFactor(v.ctx(), v.me(), v.itemID()); err != nil {
		return err
	}
	return v.toWith(accountPath, "door.notice.removed")
}

// Ending what lets in is never held up by a question.

func deviceForget(v *visit) error {
	if err := v.house.SignIn.Forget(v.ctx(), v.me(), v.itemID()); err != nil {
		return err
	}
	return v.toWith(accountPath, "door.notice.forgotten")
}

func visitEnd(v *visit) error {
	if err := v.house.SignIn.EndVisit(v.ctx(), v.me(), v.itemID()); err != nil {
		return err
	}
	return v.toWith(accountPath, "door.notice.ended")
}

func visitsEnd(v *visit) error {
	if err := v.house.SignIn.EndOthers(v.ctx(), v.me(), v.sessions.Token(v.ctx())); err != nil {
		return err
	}
	if err := v.house.SignIn.Forget(v.ctx(), v.me(), 0); err != nil {
		return err
	}
	return v.toWith(accountPath, "door.notice.ended")
}

// recoveryStop ends a recovery of oneself that one has not asked for.
func recoveryStop(v *visit) error {
	if err := v.house.SignIn.StopRecovery(v.ctx(), v.voucher(), v.me()); err != nil {
		return err
	}
	return v.toWith(accountPath, "door.notice.stopped")
}
