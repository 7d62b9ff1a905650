package web

import (
	"strconv"
	"strings"

	"github.com/boombuler/barcode/qr"

	"kartotek/internal/fault"
	"kartotek/internal/signin"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// setUpView is the page on which an officer makes their first second factor.
type setUpView struct {
	Passkey  passkeyView
	Problems look.Problems
}

// setUpPage guides an officer to a second factor: a passkey first, else an app.
func setUpPage(v *visit) error { return v.setUp(nil) }

func (v *visit) setUp(problems look.Problems) error {
	st, path, err := v.manage()
	switch {
	case err != nil:
		return err
	case path != "":
		return v.to(path)
	case st.Shared && v.session.Access:
		return v.to(addressPath)
	}
	view := setUpView{Passkey: v.newPasskey(), Problems: problems}
	return v.show(page{title: v.T("door.setup.title"), body: setUpBody(view), failed: problems != nil})
}

func (v *visit) newPasskey() passkeyView {
	return passkeyView{
		Make: true, Action: "/account/passkey", Ask: "/account/passkey/ask", Site: v.house.SignIn.PasskeySite(),
		Named: true, Name: v.deviceName(v.device()), Button: v.T("door.passkey.make"),
	}
}

// deviceName puts a device into words: "Firefox on Windows".
func (v *visit) deviceName(what string) string {
	browser, system, _ := strings.Cut(what, "/")
	switch {
	case browser == "" && system == "":
		return v.T("door.device.unknown")
	case browser == "" || system == "":
		return browser + system
	}
	return v.T("door.device.on", "browser", browser, "system", system)
}

func passkeyNew(v *visit) error {
	_, path, err := v.manage()
	if err != nil {
		return err
	}
	if path != "" {
		return fault.New(fault.Denied, "signin.error.again")
	}
	c, err := v.house.SignIn.NewPasskey(v.ctx(), v.session.Person)
	if err != nil {
		return err
	}
	return v.json(c)
}

func passkeyAdd(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	st, path, err := v.manage()
	if err != nil || path != "" {
		return orTo(v, path, err)
	}
	name := signin.FactorName(f.text("name"), v.deviceName(v.device()))
	err = v.house.SignIn.AddPasskey(v.ctx(), v.session.Person, f.text("ticket"), []byte(f.values.Get("response")), name)
	if err != nil {
		if problems, other := v.problems(err); other == nil {
			return v.setUp(problems)
		}
		return err
	}
	return v.made(&st)
}

func orTo(v *visit, path string, err error) error {
	if err != nil {
		return err
	}
	return v.to(path)
}

// appView is the page on which an app is told its secret.
type appView struct {
	URL, Secret string
	Code        square
	Problems    look.Problems
}

// square is a square code as an outline of its dark cells, with a white edge.
type square struct {
	Side int
	Path string
}

// squareOf draws a square code.
func squareOf(text string) (square, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return square{}, err
	}
	const edge = 4
	side := code.Bounds().Dx()
	var path strings.Builder
	for y := range side {
		for x := 0; x < side; x++ {
			run := 0
			for x+run < side {
				if dark, _, _, _ := code.At(x+run, y).RGBA(); dark != 0 {
					break
				}
				run++
			}
			if run > 0 {
				w := strconv.Itoa(run)
				path.WriteString("M" + strconv.Itoa(x+edge) + " " + strconv.Itoa(y+edge) + "h" + w + "v1h-" + w + "z")
				x += run
			}
		}
	}
	return square{Side: side + 2*edge, Path: path.String()}, nil
}

// appNew begins with an app; its secret is shown on the page it leads to.
func appNew(v *visit) error {
	_, path, err := v.manage()
	if err != nil || path != "" {
		return orTo(v, path, err)
	}
	if v.session.Setup, err = v.house.SignIn.NewApp(v.ctx(), v.session.Person); err != nil {
		return err
	}
	v.session.Keep(v.ctx(), v.sessions)
	return v.to(appPath)
}

func appPage(v *visit) error { return v.appForm(nil) }

func (v *visit) appForm(problems look.Problems) error {
	_, path, err := v.manage()
	if err != nil || path != "" {
		return orTo(v, path, err)
	}
	key, err := v.house.SignIn.App(v.ctx(), v.session.Person, v.session.Setup)
	if fault.Is(err, fault.Gone) {
		return v.to(accountPath)
	}
	if err != nil {
		return err
	}
	view := appView{URL: key.URL, Secret: spaced(key.Secret), Problems: problems}
	if view.Code, err = squareOf(key.URL); err != nil {
		return err
	}
	return v.show(page{title: v.T("door.app.title"), body: appBody(view), failed: problems != nil})
}

// spaced puts a secret into groups of four, to be typed.
func spaced(secret string) string {
	var groups []string
	for len(secret) > 4 {
		groups, secret = append(groups, secret[:4]), secret[4:]
	}
	return strings.Join(append(groups, secret), " ")
}

func appConfirm(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	st, path, err := v.manage()
	if err != nil || path != "" {
		return orTo(v, path, err)
	}
	err = v.house.SignIn.AddApp(v.ctx(), v.session.Person, v.session.Setup, f.text("code"), v.T("door.app.name"))
	problems, err := v.problems(err)
	if err != nil {
		if fault.Is(err, fault.Gone) {
			return v.to(accountPath)
		}
		return err
	}
	if problems != nil {
		return v.appForm(problems)
	}
	v.session.Setup = ""
	return v.made(&st)
}

// made goes on after a factor was made: whoever has no printed codes yet gets them
// now, since nobody looks for them before the phone is lost.
func (v *visit) made(before *signin.Standing) error {
	if err := v.proved(); err != nil {
		return err
	}
	if before.Codes == 0 && v.session.Access {
		return v.showCodes()
	}
	return v.toWith(accountPath, "door.notice.made")
}

func (v *visit) showCodes() error {
	codes, err := v.house.SignIn.MakeCodes(v.ctx(), v.session.Person)
	if err != nil {
		return err
	}
	return v.show(page{title: v.T("door.codes.title"), body: codesBody(codes, v.p.Date(v.house.Access.Today()))})
}

// codesNew makes new printed codes; they are shown in this answer and never again.
func codesNew(v *visit) error {
	st, path, err := v.manage()
	if err != nil || path != "" {
		return orTo(v, path, err)
	}
	if len(st.Factors) == 0 {
		return v.to(accountPath)
	}
	return v.showCodes()
}

// codesKept goes on once the codes are put away.
func codesKept(v *visit) error { return v.onward() }

func againPage(v *visit) error {
	return v.show(page{title: v.T("door.again.title"), body: againBody()})
}

// signOutAgain ends the session to begin a new one by a code; this device is not
// asked, since it is the code that is wanted.
func signOutAgain(v *visit) error {
	if err := v.sessions.Destroy(v.ctx()); err != nil {
		return err
	}
	return v.to("/signin?by=code")
}

// addressView is the page on which somebody gives an address of their own.
type addressView struct {
	Needed   bool
	Sent     bool
	Email    string
	Problems look.Problems
}

func addressPage(v *visit) error { return v.addressForm("", nil) }

func (v *visit) addressForm(email string, problems look.Problems) error {
	st, path, err := v.manage()
	if err != nil || path != "" {
		return orTo(v, path, err)
	}
	view := addressView{Needed: st.Shared, Email: email, Problems: problems}
	return v.show(page{title: v.T("door.address.title"), body: addressForm(view), failed: problems != nil})
}

func addressNew(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	_, path, err := v.manage()
	if err != nil || path != "" {
		return orTo(v, path, err)
	}
	secret, err := v.house.SignIn.NewAddress(v.ctx(), v.session.Person, f.text("email"), v.p.Lang())
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.addressForm(f.text("email"), problems)
	}
	v.session.Setup = secret
	v.session.Keep(v.ctx(), v.sessions)
	return v.to(addressPath + "/code")
}

func addressCodePage(v *visit) error { return v.addressCode(nil) }

func (v *visit) addressCode(problems look.Problems) error {
	if v.session.Setup == "" {
		return v.to(addressPath)
	}
	return v.show(page{title: v.T("door.address.title"), body: addressForm(addressView{Sent: true, Problems: problems}), failed: problems != nil})
}

func addressConfirm(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	_, path, err := v.manage()
	if err != nil || path != "" {
		return orTo(v, path, err)
	}
	err = v.house.SignIn.ConfirmAddress(v.ctx(), v.session.Person, v.session.Setup, f.text("code"))
	if fault.Is(err, fault.Gone) || fault.Is(err, fault.Conflict) {
		return v.addressForm("", look.Explain(v.p, fault.From(err)))
	}
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.addressCode(problems)
	}
	v.session.Setup = ""
	v.session.Keep(v.ctx(), v.sessions)
	if !v.session.Ready && v.session.Access {
		return v.to(homePath)
	}
	return v.toWith(accountPath, "door.notice.address")
}

// voucher is the visitor as whoever confirms having seen somebody.
func (v *visit) voucher() signin.Voucher {
	return signin.Voucher{Person: v.session.Person, As: v.actor.As, Via: string(v.actor.Via)}
}

// itemID reads the number of a factor, a device or a session from the path.
func (v *visit) itemID() uint64 {
	id, _ := strconv.ParseUint(v.r.PathValue("id"), 10, 64)
	return id
}

func (v *visit) me() vault.PersonID { return v.session.Person }
