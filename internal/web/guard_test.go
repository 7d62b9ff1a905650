package web_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"kartotek/internal/app/housetest"
	"kartotek/internal/web/look"
)

// Every page, found or not, promises the same to the browser.
func TestHeaders(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "anna")
	for _, path := range []string{"/", "/me", "/signin", "/nowhere", "/log", "/mailbox"} {
		a := b.ask(path)
		for name, want := range map[string]string{
			"Content-Security-Policy": look.Policy, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
			"Referrer-Policy": "same-origin", "X-Frame-Options": "DENY", "X-Robots-Tag": "noindex, nofollow",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if !strings.HasPrefix(a.header.Get("Strict-Transport-Security"), "max-age=") {
			t.Errorf("%s: no HSTS", path)
		}
	}
	style := b.ask(look.Asset("kartotek.css")).want(http.StatusOK)
	if !strings.Contains(style.header.Get("Cache-Control"), "immutable") || len(style.header["Set-Cookie"]) > 0 {
		t.Errorf("the style is not kept: %v", style.header)
	}
}

func TestCookiesAreBoundToTheHost(t *testing.T) {
	f := housetest.New(t)
	token, err := f.SignIn.DemoLink(f.Context(), f.Person("member"))
	f.Must(err)
	a := newBrowser(t, f).post("/demo/"+token, "")
	cookie := a.header.Get("Set-Cookie")
	for _, flag := range []string{"__Host-kartotek=", "Path=/", "HttpOnly", "Secure", "SameSite=Lax"} {
		if !strings.Contains(cookie, flag) {
			t.Errorf("no %s in %s", flag, cookie)
		}
	}
	if strings.Contains(cookie, "Max-Age") || strings.Contains(cookie, "Expires") {
		t.Errorf("the session outlives the browser: %s", cookie)
	}
}

// A form of another site does nothing, whoever is signed in.
func TestForeignFormsAreRefused(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "member")
	r := httptest.NewRequest(http.MethodPost, "https://kartotek.example/me/leave", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Origin", "https://elsewhere.example")
	b.do(r).want(http.StatusForbidden).says("main", "en anden hjemmeside")
	if b.get("/me").first(`form[action="/me/stay"]`) != nil {
		t.Error("somebody else's page made the member leave")
	}
}

func TestUnknownPages(t *testing.T) {
	f := housetest.New(t)
	for _, path := range []string{"/nowhere", "/members/aaaaaaaaaaaaaaaaaaaaaaaaaa", "/me/nothing", "/demo", "/hat/1"} {
		as(t, f, "anna").ask(path).want(http.StatusNotFound).says("h1", "Her er ikke noget")
	}
}

func TestFormsHaveALimit(t *testing.T) {
	f := housetest.New(t)
	newBrowser(t, f).post("/signin", "", "email", strings.Repeat("x", 100_000)).want(http.StatusUnprocessableEntity)
}

// The log of requests knows methods, routes and times, and nothing of persons.
func TestRequestLogHoldsNobody(t *testing.T) {
	var log bytes.Buffer
	f := housetest.New(t)
	f.House.Log = slog.New(slog.NewTextHandler(&log, nil))
	b := as(t, f, "anna")
	b.post("/signin", "", "email", "inger@example.dk")
	b.get("/nowhere?navn=inger")
	b.post("/log", "/log", "number", f.Number["member"], "who", "actor")
	b.get("/me")
	for _, secret := range []string{"inger", f.Number["member"], "192.0.2.1", f.Keyring.PublicID(f.Person("anna")), "navn"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %q:\n%s", secret, log.String())
		}
	}
	for _, want := range []string{`route="GET /me"`, `route="POST /signin"`, "status=303", "took="} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, log.String())
		}
	}
}

// The session's language counts before the cookie's, and that before the browser's.
func TestLanguage(t *testing.T) {
	f := housetest.New(t)
	b := newBrowser(t, f)
	b.header = http.Header{"Accept-Language": {"en-GB, da;q=0.5"}}
	b.get("/signin").says("h1", "Sign in")
	b.header = http.Header{"Accept-Language": {"fi-FI, sv;q=0.8, en;q=0.5"}}
	b.get("/signin").says("h1", "Logga in")
	b.header = http.Header{"Accept-Language": {"fi"}}
	b.get("/signin").says("h1", "Log ind")
	b.post("/language/en", "/signin").goes("/signin")
	a := b.get("/signin")
	a.says("h1", "Sign in")
	if got := attr(a.first("html"), "lang"); got != "en" {
		t.Errorf("lang is %q", got)
	}
	b.signIn(f, "member")
	b.get("/me").says("h1", "My page")
	b.post("/language/da", "/me?page=2").goes("/me?page=2")
	b.get("/me").says("h1", "Min side")
	b.post("/language/tlh", "/me").want(http.StatusNotFound)
	b.post("/language/en", "https://elsewhere.example/").goes("/")
	b.post("/language/en", "/me/objections").goes("/") // a page that cannot be asked for
}
