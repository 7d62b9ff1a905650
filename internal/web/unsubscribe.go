package web

import (
	"net/http"

	"kartotek/internal/app"
	"kartotek/internal/fault"
	"kartotek/internal/mailing"
	"kartotek/internal/web/look"
)

// The page a mail's link leads to. To open it spends nothing, since mail scanners open
// links; a mail program that stops the mails itself posts here without a page (RFC 8058).

const stopField = "t"

// stopView is a kind of mail that can be stopped, or has been.
type stopView struct {
	Purpose string
	Token   string
	Undo    string
	Mine    bool // signed in: their own page has the same switch
}

func unsubscribePage(v *visit) error {
	token := v.query().text(stopField)
	u, err := v.house.Mailings.Look(token)
	if err != nil {
		return v.unsubscribeGone(err)
	}
	if u.Done {
		return v.unsubscribed(u, token)
	}
	view := stopView{Purpose: u.Purpose.Name.In(v.p.Lang()), Token: token}
	return v.show(page{title: v.T("mailing.stop.title"), body: stopBody(view)})
}

// unsubscribeNow stops the mails. The token stands in the address, so whatever else a
// mail program posts is not read.
func unsubscribeNow(v *visit) error {
	token := v.query().text(stopField)
	u, err := v.house.Mailings.Unsubscribe(v.ctx(), token)
	if err != nil {
		return v.unsubscribeGone(err)
	}
	return v.unsubscribed(u, token)
}

func (v *visit) unsubscribed(u *mailing.Unsubscription, token string) error {
	view := stopView{Purpose: u.Purpose.Name.In(v.p.Lang()), Token: token, Undo: u.Undo, Mine: v.session.Person != 0}
	return v.show(page{title: v.T("mailing.stop.done"), body: stoppedBody(view)})
}

// resubscribe takes back what was just done.
func resubscribe(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	u, err := v.house.Mailings.Resume(v.ctx(), f.text("undo"))
	if err != nil {
		return v.unsubscribeGone(err)
	}
	return v.show(page{title: v.T("mailing.stop.resumed"), body: goneBody(v.T("mailing.stop.resumed"), v.T("mailing.stop.resumed_text", "purpose", u.Purpose.Name.In(v.p.Lang())))})
}

func (v *visit) unsubscribeGone(err error) error {
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	return v.show(page{title: v.T("mailing.error.link"), status: http.StatusNotFound, body: goneBody(v.T("mailing.error.link"), v.T("mailing.stop.gone_text"))})
}

// stopAction is where a page posts to stop the mails.
func (view *stopView) stopAction() string {
	return app.UnsubscribePath + "?" + stopField + "=" + view.Token
}

func (view *stopView) undo() []look.Value { return []look.Value{{Name: "undo", Value: view.Undo}} }
