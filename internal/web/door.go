package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"kartotek/internal/fault"
	"kartotek/internal/signin"
	"kartotek/internal/web/look"
)

// Where the second factor is asked for and made.
const (
	secondPath  = "/signin/second"
	accountPath = "/account"
	setUpPath   = "/account/setup"
	appPath     = "/account/app"
	addressPath = "/account/address"
)

// own is a route about oneself: somebody with access reaches it before they have
// shown a second factor, as every member does.
func (r route) own() route { r.self = true; return r }

// recent is a route for what is grave: the second factor must have been shown just
// before. A form may take its time once it is open.
func (r route) recent() route { r.fresh = true; return r }

// gate says where somebody with access must go before a page; "" is in. Who has
// shown what access asks for wears their hats from then on.
func (v *visit) gate(at route) (path string, err error) {
	s := &v.session
	if s.Demo || !s.Access || at.self {
		return "", nil
	}
	if !s.Ready {
		st, err := v.house.SignIn.Standing(v.ctx(), s.Person)
		if err != nil {
			return "", err
		}
		switch {
		case st.Shared:
			return addressPath, nil
		case s.Second.IsZero() && len(st.Factors) == 0:
			return setUpPath, nil
		case s.Second.IsZero():
			v.comeBack()
			return secondPath, nil
		}
		s.Ready = true
		session := *s
		v.become(session)
		v.session.Keep(v.ctx(), v.sessions)
	}
	if at.fresh && !v.shownWithin(signin.Recent) && (v.r.Method == http.MethodGet || !v.shownWithin(signin.RecentDone)) {
		v.comeBack()
		return secondPath, nil
	}
	return "", nil
}

// shownWithin reports whether the second factor was shown so recently.
func (v *visit) shownWithin(d time.Duration) bool {
	return v.session.Demo || v.house.Now().Sub(v.session.Second) < d
}

// comeBack keeps where the visitor was going: the page itself, or the one a form
// was on. What was typed there is not kept.
func (v *visit) comeBack() {
	v.session.Then = v.back()
	if v.r.Method == http.MethodGet {
		v.session.Then = v.r.URL.RequestURI()
	}
	v.session.Keep(v.ctx(), v.sessions)
}

// mayManage lets somebody change how they sign in: who has a factor shows it again,
// who has none must have signed in by a code just before. It gives where to go
// instead; "" is yes.
func (v *visit) mayManage(st *signin.Standing) string {
	switch {
	case v.session.Demo:
		return ""
	case len(st.Factors) > 0 && !v.shownWithin(signin.RecentDone):
		v.session.Then = accountPath
		v.session.Keep(v.ctx(), v.sessions)
		return secondPath
	case len(st.Factors) == 0 && v.house.Now().Sub(v.session.Proved) >= signin.SetUp:
		return "/account/again"
	}
	return ""
}

// manage reads how the visitor stands and whether they may change it; path is
// where to go instead.
func (v *visit) manage() (st signin.Standing, path string, err error) {
	if st, err = v.house.SignIn.Standing(v.ctx(), v.session.Person); err != nil {
		return st, "", err
	}
	return st, v.mayManage(&st), nil
}

// proved notes that a second factor was shown. The session gets a new token, as
// each time it becomes worth more.
func (v *visit) proved() error {
	ends := v.sessions.Deadline(v.ctx()) // a new token is no new session
	if err := v.sessions.RenewToken(v.ctx()); err != nil {
		return err
	}
	v.sessions.SetDeadline(v.ctx(), ends)
	v.session.Second, v.session.Proved = v.house.Now(), v.house.Now()
	v.session.Keep(v.ctx(), v.sessions)
	return nil
}

// onward goes where the visitor wanted before they were asked for something.
func (v *visit) onward() error {
	then := v.session.Then
	if then == "" || !strings.HasPrefix(then, "/") || strings.HasPrefix(then, "//") {
		then = homePath
	}
	v.session.Then = ""
	v.session.Keep(v.ctx(), v.sessions)
	return v.to(then)
}

// passkeyView is what the page's script needs to ask a passkey.
type passkeyView struct {
	Make   bool   // make one; else use one
	Action string // where the answer goes
	Ask    string // where the question comes from
	Site   string // the host passkeys are bound to; "" where there are none
	Named  bool   // the maker gives it a name
	Name   string
	Button string
	Quiet  bool
}

func (p passkeyView) kind() string {
	if p.Make {
		return "create"
	}
	return "get"
}

func (p passkeyView) weight() look.Kind {
	if p.Quiet {
		return look.Quiet
	}
	return look.Primary
}

// json answers a script.
func (v *visit) json(value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/json")
	v.w.Write(b) // the visitor may be gone; nobody is left to tell
	return nil
}

// secondView is the page that asks for the second factor.
type secondView struct {
	Passkey  *passkeyView
	App      bool
	Printed  bool // a printed code is asked for
	Codes    int
	Again    bool // it was shown before in this session
	Officer  bool
	Problems look.Problems
}

// secondPage asks for the second factor.
func secondPage(v *visit) error { return v.askSecond(v.query().text("use") == "printed", nil) }

func (v *visit) askSecond(printed bool, problems look.Problems) error {
	st, err := v.house.SignIn.Standing(v.ctx(), v.session.Person)
	if err != nil {
		return err
	}
	switch {
	case len(st.Factors) == 0 && v.session.Access:
		return v.to(setUpPath)
	case len(st.Factors) == 0:
		return v.onward()
	}
	view := secondView{
		App: st.Has(signin.App), Printed: printed, Codes: st.Codes, Again: !v.session.Second.IsZero(), Officer: v.session.Access, Problems: problems,
	}
	if st.Has(signin.Passkey) {
		view.Passkey = &passkeyView{
			Action: secondPath + "/passkey", Ask: secondPath + "/ask", Site: v.house.SignIn.PasskeySite(), Button: v.T("door.second.passkey"), Quiet: view.App && !view.Printed,
		}
	}
	return v.show(page{title: v.T("door.second.title"), body: secondForm(view), failed: problems != nil})
}

func second(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	problems, err := v.problems(v.house.SignIn.Prove(v.ctx(), v.session.Person, f.text("code")))
	if err != nil {
		return err
	}
	if problems != nil {
		return v.askSecond(f.has("printed"), problems)
	}
	if err := v.proved(); err != nil {
		return err
	}
	if f.has("printed") { // whoever used paper has lost something
		v.session.Then = ""
		v.session.Keep(v.ctx(), v.sessions)
		return v.toWith(accountPath, "door.notice.printed")
	}
	return v.onward()
}

func secondAsk(v *visit) error {
	c, err := v.house.SignIn.AskPasskey(v.ctx(), v.session.Person, v.remote())
	if err != nil {
		return err
	}
	return v.json(c)
}

func secondPasskey(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	_, err = v.house.SignIn.ProvePasskey(v.ctx(), v.session.Person, f.text("ticket"), []byte(f.values.Get("response")))
	if err != nil && (fault.Is(err, fault.Invalid) || fault.Is(err, fault.Gone)) {
		return v.askSecond(false, look.Explain(v.p, fault.From(err)))
	}
	if err != nil {
		return err
	}
	if err := v.proved(); err != nil {
		return err
	}
	return v.onward()
}

// passkeyAsk and passkeySignIn let in whoever holds a passkey, without a mail.
func passkeyAsk(v *visit) error {
	c, err := v.house.SignIn.AskPasskey(v.ctx(), 0, v.remote())
	if err != nil {
		return err
	}
	return v.json(c)
}

func passkeySignIn(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	result, err := v.house.SignIn.ProvePasskey(v.ctx(), 0, f.text("ticket"), []byte(f.values.Get("response")))
	if err != nil && (fault.Is(err, fault.Invalid) || fault.Is(err, fault.Gone)) {
		return v.show(page{title: v.T("web.signin.title"), body: signInForm(v.signInView("", look.Explain(v.p, fault.From(err)))), failed: true})
	}
	if err != nil {
		return err
	}
	return v.welcome(result, byPasskey)
}

// wayPage takes the one-time code of a recovery.
func wayPage(v *visit) error {
	return v.show(page{title: v.T("door.way.title"), body: wayForm(nil)})
}

func way(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	result, err := v.house.SignIn.Redeem(v.ctx(), f.text("code"), v.remote())
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.show(page{title: v.T("door.way.title"), body: wayForm(problems), failed: true})
	}
	http.SetCookie(v.w, v.cookie(deviceCookie, "", -1))
	return v.welcome(result, byCode)
}

// deviceCookie is what a remembered device shows.
const deviceCookie = "device"

// device is the browser's and the system's names.
func (v *visit) device() string { return signin.DeviceWords(v.r.UserAgent()) }

func (v *visit) deviceShown() string {
	cookie, err := v.r.Cookie(v.cookieName(deviceCookie))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// remember makes this browser one that needs no code by mail, where it was wanted.
func (v *visit) remember(f form, result signin.Result) error {
	if result.Person == 0 || !f.chosen("remember", "yes") {
		return nil
	}
	cookie, err := v.house.SignIn.Remember(v.ctx(), result.Person, v.device())
	if err != nil {
		return err
	}
	http.SetCookie(v.w, v.cookie(deviceCookie, cookie, int(signin.DeviceLife/time.Second)))
	return nil
}

// deviceReturn lets in whoever comes back on a remembered device.
func deviceReturn(v *visit) error {
	result, err := v.house.SignIn.Return(v.ctx(), v.deviceShown(), v.device())
	if err != nil {
		http.SetCookie(v.w, v.cookie(deviceCookie, "", -1))
		return v.startAgain(err)
	}
	return v.welcome(result, byDevice)
}
