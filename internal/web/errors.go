package web

import (
	"context"
	"errors"
	"maps"
	"net/http"

	"kartotek/internal/app"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/web/look"
)

var (
	errPanic    = errors.New("web: a handler panicked") // told in the log where it happened
	errNotFound = fault.New(fault.NotFound, "web.error.not_found")
)

// statuses are the statuses of the refusals.
var statuses = map[fault.Code]int{
	fault.Internal:    http.StatusInternalServerError,
	fault.Invalid:     http.StatusUnprocessableEntity,
	fault.Denied:      http.StatusForbidden,
	fault.NotFound:    http.StatusNotFound,
	fault.Conflict:    http.StatusConflict,
	fault.TooMany:     http.StatusTooManyRequests,
	fault.Gone:        http.StatusGone,
	fault.Unavailable: http.StatusServiceUnavailable,
}

// fail renders an error as a page; nil is no error. Nothing of the cause shows:
// it goes to the log, and only where it is a defect.
func (v *visit) fail(err error) {
	if err == nil {
		return
	}
	if errors.Is(err, context.Canceled) && errors.Is(v.ctx().Err(), context.Canceled) {
		return // the visitor has gone, or typed on: nobody reads an answer
	}
	var held special
	if errors.As(err, &held) && v.stopped(held) == nil {
		return
	}
	e := spoken(v.p, err)
	switch {
	case v.ctx().Err() != nil: // the visitor is gone, or the page took too long
		e = fault.New(fault.Unavailable, "fault.unavailable")
	case e.Code == fault.Internal && !errors.Is(err, errPanic), app.Troubled(err):
		v.log.ErrorContext(v.ctx(), "failed", "error", err)
	}
	if traceOf(v.ctx()).status != 0 {
		panic(http.ErrAbortHandler) // half an answer is out: the browser must not take it for a whole one
	}
	code := "internal"
	switch e.Code {
	case fault.Denied:
		code = "denied"
	case fault.NotFound, fault.Gone:
		code = "missing"
	case fault.Unavailable, fault.TooMany:
		code = "later"
	case fault.Invalid, fault.Conflict:
		code = "refused"
	}
	text := locale.Error(v.p, e)
	for _, field := range locale.FieldTexts(v.p, e) {
		text += " " + field.Text
	}
	title, status := v.T("web.error.title."+code), statuses[e.Code]
	body := errorPage(title, text, v.session.Person != 0)
	if v.show(page{title: title, status: status, body: body}) == nil {
		return
	}
	// What broke the page may break its frame too: say it in an empty one.
	bare := look.Page{Title: title, Organisation: v.organisation()}
	if err := v.write(status, bare.With().Of(body)); err != nil {
		v.log.ErrorContext(v.ctx(), "failed", "error", err)
		http.Error(v.w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}
}

// problems puts an error of a room into words for the form it came from; only
// what the person can put right is a problem, everything else stays an error:
//
//	if problems, err := v.problems(err); err != nil { return err } else if problems != nil { … show the form again … }
func (v *visit) problems(err error) (look.Problems, error) {
	if err == nil {
		return nil, nil
	}
	var held special
	if errors.As(err, &held) {
		return nil, err // it has a page of its own
	}
	switch e := spoken(v.p, err); e.Code {
	case fault.Invalid, fault.Conflict, fault.TooMany:
		return look.Explain(v.p, e), nil
	}
	return nil, err
}

// spoken is the fault of an error, with codes in its arguments put into words:
// a denial names the act that is missing.
func spoken(p *locale.Printer, err error) *fault.Error {
	e := app.Plain(err)
	code, ok := e.Args["act"].(string)
	if !ok {
		return e
	}
	said := *e
	said.Args = maps.Clone(e.Args)
	said.Args["act"] = actName(p, code)
	return &said
}

// actName says what an act of the charter is: "hente medlemslister".
func actName(p *locale.Printer, code string) string {
	if p.Has("access.act." + code) {
		return p.T("access.act." + code)
	}
	return code
}

// notFound is the page for whatever has no route.
func notFound(*visit) error { return errNotFound }

// refuseForeign answers a form that was sent from another site.
func refuseForeign(*visit) error { return fault.New(fault.Denied, "web.error.foreign") }
