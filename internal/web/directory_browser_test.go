package web_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/consent"
	"kartotek/internal/directory"
	"kartotek/internal/web/browsertest"
)

// N1, N3, N11, N15: the pages that anybody reads, without an account and without
// scripts: the privacy page, its frame, its paper, the open page and its feed. None is
// kept anywhere, and who takes their consent back is gone from the next answer.
func TestN1N3N11N15WhatAnybodyReads(t *testing.T) {
	f := housetest.New(t)
	asked, err := f.Consents.Ask(f.Context(), f.Person("chair"), charter.ConsentOpenPage, "da")
	f.Must(err)
	f.Must(f.Consents.Give(f.Context(), f.As("chair"), f.Person("chair"), consent.Giving{Code: charter.ConsentOpenPage, Lang: "da", Hash: asked.Hash}))
	_, err = f.Directory.SetPage(f.Context(), f.As("chair"), directory.Page{
		Unit: f.Bodies["gentofte"], Open: true, Contact: "chair", Mailbox: "post@gentofte.example", Origins: []string{"https://gentofte.example"},
	})
	f.Must(err)
	anybody := newBrowser(t, f)
	for _, path := range []string{"/signin", "/join"} {
		anybody.get(path).says("footer", "Persondata")
	}
	anybody.get("/privacy?q=gentof").says("main", "Gentofte")
	page := anybody.get("/privacy/gentofte")
	page.says("h1", "Persondata i Gentofte")
	page.says("#law", "Loven kort fortalt")
	page.says("main", "har endnu ikke offentliggjort en privatlivspolitik")
	page.says("main", "At klage (artikel 77)")
	page.says("main", "post@gentofte.example")
	page.says("main", "<iframe src=")
	if boxes := page.all("main details.box"); len(boxes) < 13 {
		t.Errorf("%d boxes that open on a click", len(boxes))
	}
	anybody.get("/privacy/nowhere").want(http.StatusNotFound)
	anybody.ask("/directory").goes("/signin")

	answer := func(path, origin string) (http.Header, string) {
		t.Helper()
		r := httptest.NewRequest(http.MethodGet, "https://kartotek.example"+path, nil)
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		a := anybody.do(r).want(http.StatusOK)
		return a.header, a.body
	}
	for _, path := range []string{"/privacy/gentofte/frame", "/open/gentofte/frame"} {
		r, _ := answer(path, "")
		if policy := r.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors https://gentofte.example") || r.Get("X-Frame-Options") != "" {
			t.Errorf("%s may be shown by %q", path, policy)
		}
	}
	if r, _ := answer("/privacy/lyngby/frame", ""); !strings.Contains(r.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Error("a body that entered no site is shown by any")
	}
	if r, body := answer("/privacy/gentofte/page.pdf", ""); r.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(body, "%PDF") {
		t.Error("the paper is no PDF")
	}
	if r, body := answer("/open/list.js", ""); r.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(body, "no-store") {
		t.Error("the list for other sites")
	}
	feed := func() (names int) {
		t.Helper()
		r, body := answer("/open/gentofte.json", "https://gentofte.example")
		if r.Get("Cache-Control") != "no-store" || r.Get("Access-Control-Allow-Origin") != "https://gentofte.example" {
			t.Errorf("the feed's headers: %v", r)
		}
		var said struct {
			Functions []struct{ Name, Email string }
		}
		if err := json.Unmarshal([]byte(body), &said); err != nil {
			t.Fatal(err)
		}
		for _, line := range said.Functions {
			if line.Name != "" {
				names++
			}
		}
		return names
	}
	if feed() != 1 {
		t.Error("who agreed is not in the feed")
	}
	for _, path := range []string{"/open/gentofte", "/open/gentofte/frame"} {
		anybody.get(path).says("main", "Carl Formandsen")
	}
	f.Must(f.Consents.Withdraw(f.Context(), f.As("chair"), f.Person("chair"), charter.ConsentOpenPage))
	if feed() != 0 {
		t.Error("who took it back is in the next feed")
	}
	for _, path := range []string{"/open/gentofte", "/open/gentofte/frame"} {
		anybody.get(path).says("main", "Ingen vil vises her nu")
	}
	if r, _ := answer("/open/gentofte.json", "https://else.example"); r.Get("Access-Control-Allow-Origin") != "" {
		t.Error("a site that was not entered reads the feed")
	}
}

// N1, N11, N12, N15: a member of a Norwegian club on a phone: the privacy page, the
// club's list, what somebody shows, the district's register, and what one shows oneself.
func TestN11N12AMemberOfAClubOnAPhone(t *testing.T) {
	t.Parallel()
	j := set(t, browsertest.Start(t), trip{charter: "club-no", lang: "nb", width: 390, height: 844, phone: true})
	c := crawl{journey: j, met: map[string]bool{}}
	anybody := c.open(t)
	anybody.Arrived = nil
	anybody.Visit("/signin")
	c.speak(anybody)
	for _, path := range []string{"/privacy", "/privacy/baerum", "/privacy/baerum/frame", "/open/baerum"} {
		anybody.Visit(path)
		c.judge(anybody)
	}
	tab := c.as(t, j.login(t, "member", 0).Person)
	tab.Go(j.T("directory.own.link"))
	c.judge(tab)
	tab.Choose(j.T("directory.own.there")) // no, and yes again: each holds at once
	tab.Go(j.T("directory.own.save"))
	if tab.Eval("document.querySelector('[name=there]').checked") != "false" {
		t.Error("whoever said no is still on the list")
	}
	tab.Choose(j.T("directory.own.there"))
	tab.Go(j.T("directory.own.save"))
	tab.Visit("/directory")
	tab.Leads(func() { tab.Eval("document.querySelector('main form[action^=\"/directory/look/\"] button').click()") })
	tab.Says("main", j.T("directory.use"))
	c.judge(tab)
	root, _ := j.house.Units.Tree().Root()
	tab.Visit("/directory?unit=" + root.Code)
	tab.Says("main", j.T("directory.asking", "count", directory.SearchLetters))
	c.judge(tab)
	tab.Type(j.T("directory.search"), "hansen")
	tab.Go(j.T("directory.button"))
	tab.Says("main", "Hansen")
	c.judge(tab)
}
