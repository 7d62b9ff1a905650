package web

import (
	"net/http"

	"kartotek/internal/fault"
	"kartotek/internal/signin"
	"kartotek/internal/web/look"
)

// The request a code answers is a secret of the browser and of the mail. It
// stands in the address of the code's page, as in the mail's link: opening it
// spends nothing, and without the code it opens nothing.
const requestField = "request"

func signInPage(v *visit) error {
	if v.session.Person != 0 {
		return v.to(homePath)
	}
	view := v.signInView("", nil)
	if cookie := v.deviceShown(); cookie != "" && v.query().text("by") != "code" {
		view.Known = v.house.SignIn.Remembered(v.ctx(), cookie, v.device())
	}
	return v.show(page{title: v.T("web.signin.title"), body: signInForm(view)})
}

// signInView is the first page of the door.
type signInView struct {
	Email    string
	Known    bool // this device is remembered
	Passkey  passkeyView
	Problems look.Problems
	Join     bool // there is a form for those who are not members yet
}

func (v *visit) signInView(email string, problems look.Problems) signInView {
	return signInView{Email: email, Problems: problems, Join: v.house.Charter.Joining.Open(), Passkey: passkeyView{
		Action: "/signin/passkey", Ask: "/signin/passkey/ask", Site: v.house.SignIn.PasskeySite(), Button: v.T("door.passkey.use"), Quiet: true,
	}}
}

// signInBegin sends a code. Whether anybody has the address shows nowhere.
func signInBegin(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	email := f.text("email")
	request, err := v.house.SignIn.Begin(v.ctx(), email, v.remote(), v.p.Lang())
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.show(page{title: v.T("web.signin.title"), body: signInForm(v.signInView(email, problems)), failed: true})
	}
	return v.to(codePath(request))
}

func codePath(request string) string { return "/signin/code?" + requestField + "=" + request }

// signInCodePage shows where the code is typed and asks the register nothing.
func signInCodePage(v *visit) error {
	request := v.query().text(requestField)
	if request == "" {
		return v.to("/signin")
	}
	return v.show(page{title: v.T("web.signin.code.title"), body: codeForm(request, v.house.Demo, nil)})
}

func signInCode(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	request := f.text(requestField)
	result, err := v.house.SignIn.Finish(v.ctx(), request, f.text("code"), v.remote())
	problems, err := v.problems(err)
	if err != nil {
		return v.startAgain(err)
	}
	if problems != nil {
		return v.show(page{title: v.T("web.signin.code.title"), body: codeForm(request, v.house.Demo, problems), failed: true})
	}
	if err := v.remember(f, result); err != nil {
		return err
	}
	return v.welcome(result, byCode)
}

// startAgain answers a code or a choice that is over with the first page of the
// sign-in, which says so.
func (v *visit) startAgain(err error) error {
	if !fault.Is(err, fault.Gone) {
		return err
	}
	if v.session.Half != "" {
		v.session.Half = ""
		v.session.Keep(v.ctx(), v.sessions)
	}
	return v.show(page{
		title: v.T("web.signin.title"), status: http.StatusGone, failed: true,
		body: signInForm(v.signInView("", look.Explain(v.p, err))),
	})
}

// proof is by what somebody came in.
type proof uint8

const (
	byCode    proof = iota // by mail, or by a recovery
	byPasskey              // which is both factors
	byDevice               // which was remembered
	byDemo
)

// welcome lets in whoever came through, or asks which of several persons it is.
// The session gets a new token each time it becomes worth more.
func (v *visit) welcome(result signin.Result, by proof) error {
	if err := v.sessions.RenewToken(v.ctx()); err != nil {
		return err
	}
	v.sessions.SetDeadline(v.ctx(), v.house.Now().Add(signin.Lifetime)) // by the register's clock
	session := signin.Session{Person: result.Person, Lang: v.p.Lang(), Half: result.Choice, What: v.device(), Then: v.session.Then}
	if by != byDevice {
		session.Proved = v.house.Now()
	}
	if by == byPasskey || by == byDemo {
		session.Second = v.house.Now()
	}
	session.Demo = by == byDemo
	if result.Choice != "" {
		session.Keep(v.ctx(), v.sessions)
		return v.to("/signin/choose")
	}
	v.become(session) // notes whether the person has access, and keeps the session
	return v.to(homePath)
}

// signInChoosePage asks who of several persons with one address it is, and for
// what only that person knows.
func signInChoosePage(v *visit) error { return v.chooseAgain("", nil) }

func (v *visit) chooseAgain(chosen string, problems look.Problems) error {
	if v.session.Half == "" {
		return v.to("/signin")
	}
	candidates, err := v.house.SignIn.Candidates(v.ctx(), v.session.Half)
	if err != nil {
		return v.startAgain(err)
	}
	form := chooseView{}
	for _, c := range candidates {
		id := v.public(c.Person)
		form.Persons = append(form.Persons, look.Choice{Value: id, Text: c.Given, Checked: id == chosen})
		form.Birth, form.Number = form.Birth || c.Birth, form.Number || !c.Birth
	}
	// What the sign-in says of the proof stands at the field that was asked for.
	for _, problem := range problems {
		switch {
		case problem.Field == "proof" && form.Birth:
			problem.Field = "birth"
		case problem.Field == "proof":
			problem.Field = "number"
		}
		form.Problems = append(form.Problems, problem)
	}
	return v.show(page{title: v.T("web.signin.choose.title"), body: chooseForm(form), failed: problems != nil})
}

func signInChoose(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	if v.session.Half == "" {
		return v.to("/signin")
	}
	chosen := f.text("person")
	person, known := v.house.Keyring.PersonOf(chosen)
	if !known {
		return v.chooseAgain("", look.Problems{{Field: "person", Text: v.T("signin.error.person")}})
	}
	birth, ok := f.date("birth")
	if !ok {
		return v.chooseAgain(chosen, look.Problems{{Field: "birth", Text: v.T("fault.field.date")}})
	}
	proof := signin.Proof{Birth: birth, Number: f.text("number")}
	result, err := v.house.SignIn.Choose(v.ctx(), v.session.Half, person, proof, v.remote())
	problems, err := v.problems(err)
	if err != nil {
		return v.startAgain(err)
	}
	if problems != nil {
		return v.chooseAgain(chosen, problems)
	}
	if err := v.remember(f, result); err != nil {
		return err
	}
	return v.welcome(result, byCode)
}

// signOut ends the session; whoever is signed out already just sees the door.
func signOut(v *visit) error {
	if err := v.sessions.Destroy(v.ctx()); err != nil {
		return err
	}
	return v.to("/signin")
}

// demoPage stands behind a link of the demo. Opening it spends nothing.
func demoPage(v *visit) error {
	token := v.r.PathValue("token")
	waits, err := v.house.SignIn.DemoWaits(v.ctx(), token)
	if err != nil {
		return err
	}
	if !waits {
		return fault.New(fault.Gone, "web.demo.spent")
	}
	return v.show(page{title: v.T("web.demo.title"), body: demoForm(token)})
}

func demoSpend(v *visit) error {
	result, err := v.house.SignIn.DemoSpend(v.ctx(), v.r.PathValue("token"))
	if err != nil {
		return err
	}
	return v.welcome(result, byDemo)
}

// mailboxPage shows what the demo would have sent.
func mailboxPage(v *visit) error {
	letters, err := v.house.Mail.Mailbox(v.ctx())
	if err != nil {
		return err
	}
	return v.show(page{title: v.T("mail.mailbox.title"), body: mailboxList(letters, v.house.Charter.Location())})
}
