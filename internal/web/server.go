// Package web is the face in the browser: it parses a request, calls one act of
// one room and renders a page. Every route stands in the table of routes.go; the
// pages of a room stand in one thin file with their templ components beside it.
//
// It may know app, the rooms and look. It never reads the database, decides
// nothing and journals nothing that a room has an act for. Nothing personal
// enters a URL: persons go by their public id, searches are posted. Every page
// works without scripts.
package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/alexedwards/scs/v2"

	"kartotek/internal/app"
	"kartotek/internal/locale"
	"kartotek/internal/procedure"
	"kartotek/internal/signin"
	"kartotek/internal/web/look"
)

// site is what all visits share.
type site struct {
	house    *app.House
	sessions *scs.SessionManager
	mux      *http.ServeMux
	secure   bool // the browser reaches us by https
	log      *slog.Logger
	imports  imports // files that lie in memory: importing.go
	banks    bankFiles
}

// New gives the handler of all pages of a house. The house must be ready to
// serve. Cookies are Secure when the house's URL is https.
func New(h *app.House) (http.Handler, error) {
	if err := locale.Check(); err != nil {
		return nil, fmt.Errorf("web: messages: %w", err)
	}
	at, err := url.Parse(h.URL)
	if err != nil || at.Host == "" && h.URL != "" {
		return nil, errors.New("web: the URL of the house is none")
	}
	s := &site{house: h, secure: at.Scheme == "https", log: h.Log, mux: http.NewServeMux()}
	if s.log == nil {
		s.log = slog.Default()
	}
	s.sessions = s.newSessions()

	for _, r := range everyRoute() {
		if !r.demo || h.Demo {
			s.mux.Handle(r.pattern, s.serve(r))
		}
	}
	s.mux.Handle("GET "+look.AssetPrefix, look.Assets())
	s.mux.HandleFunc("GET /robots.txt", robots)

	guard := http.NewCrossOriginProtection()
	if at.Host != "" {
		if err := guard.AddTrustedOrigin(at.Scheme + "://" + at.Host); err != nil {
			return nil, fmt.Errorf("web: the URL of the house: %w", err)
		}
	}
	guard.SetDenyHandler(s.serve(open("", refuseForeign)))
	return s.watch(s.headers(guard.Handler(s.mux))), nil
}

// everyRoute is the table of routes.go and those that stand with their pages.
func everyRoute() []route {
	return slices.Concat(routes, privacyRoutes, passingRoutes, declarationRoutes, agreementRoutes, declarationReadRoutes, procedureRoutes(procedure.Procedure), procedureRoutes(procedure.Guideline))
}

// newSessions keeps sessions in the sign-in's store, which knows how to end them.
func (s *site) newSessions() *scs.SessionManager {
	m := scs.New()
	m.Store, m.Codec = s.house.SignIn.Sessions(), signin.Codec{}
	m.Lifetime = signin.Lifetime
	m.Cookie.Name, m.Cookie.Secure = s.cookieName("kartotek"), s.secure
	m.Cookie.SameSite, m.Cookie.HttpOnly = http.SameSiteLaxMode, true
	m.Cookie.Persist = false // gone with the browser
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		v := &visit{site: s, w: w, r: r, house: s.house, p: s.printer(r, "")}
		v.fail(err)
	}
	return m
}

// cookieName binds a cookie to this host where the browser can hold it to that.
func (s *site) cookieName(name string) string {
	if s.secure {
		return "__Host-" + name
	}
	return name
}

// cookie is a cookie that scripts cannot read; a negative age deletes it.
func (s *site) cookie(name, value string, age int) *http.Cookie {
	return &http.Cookie{
		Name: s.cookieName(name), Value: value, Path: "/", MaxAge: age,
		Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

// printer chooses the language: the session's, the cookie's, the browser's.
func (s *site) printer(r *http.Request, chosen string) *locale.Printer {
	if cookie, err := r.Cookie(s.cookieName(languageCookie)); chosen == "" && err == nil {
		chosen = cookie.Value
	}
	if known(chosen) {
		return s.speak(chosen)
	}
	return s.speak(locale.Match(r.Header.Get("Accept-Language")))
}

// speak is a language with the association's own words.
func (s *site) speak(lang string) *locale.Printer { return s.house.Charter.Printer(lang) }

const languageCookie = "lang"

// known reports whether a language has messages.
func known(lang string) bool {
	for _, code := range locale.Languages() {
		if code == lang {
			return true
		}
	}
	return false
}

// robots keeps search machines away from the doors of a register.
func robots(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprint(w, strings.Join([]string{"User-agent: *", "Disallow: /", ""}, "\n"))
}
