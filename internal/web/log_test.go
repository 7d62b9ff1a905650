package web_test

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/journal"
)

func TestLogShowsWhoDidWhat(t *testing.T) {
	f := housetest.New(t)
	touch(f, "officer", "member")
	b := as(t, f, "anna")
	a := b.get("/log?act=open").want(http.StatusOK)
	a.says(".ledger td", "Åbnet · Mette Medlemsgaard")
	a.silent("Quistorff") // whom it concerns is a number
	if n := len(a.all(".ledger tbody tr")); n != 1 {
		t.Errorf("%d lines, want the one opening", n)
	}
	lyngby := b.get("/log?act=open&unit=" + attr(option(a, "Lyngby"), "value"))
	lyngby.says(".empty", "Ingen linjer passer")
	if strings.Contains(b.get("/log").body, "⟦") {
		t.Error("a message is missing")
	}
	// That the log was read is in the log.
	found, err := f.Journal.Recent(f.Context(), journal.Filter{Act: journal.Log, Actor: uint32(f.Person("anna"))}, journal.Page{})
	f.Must(err)
	if found.Total != 3 {
		t.Errorf("%d readings of the log are journaled, want 3", found.Total)
	}
}

func TestLogPages(t *testing.T) {
	f := housetest.New(t)
	for range 60 {
		_, err := f.Access.Require(f.Context(), f.As("neighbour"), access.Want{Act: 1})
		if err == nil {
			t.Fatal("granted")
		}
	}
	b := as(t, f, "anna")
	a := b.get("/log?act=denied")
	a.says(".pages", "Side 1 af 2")
	if got := attr(a.first(".pages a"), "href"); got != "/log?act=denied&page=2" {
		t.Errorf("page 2 is %q", got)
	}
	if n := len(b.get("/log?act=denied&page=2").all(".ledger tbody tr")); n != 10 {
		t.Errorf("%d lines on the last page", n)
	}
}

// The member number is posted; the lines are about that member.
func TestLogOfOneMember(t *testing.T) {
	f := housetest.New(t)
	touch(f, "officer", "member")
	b := as(t, f, "anna")
	a := b.post("/log", "/log", "number", f.Number["member"], "who", "concerned").want(http.StatusOK)
	a.says(".ledger td", "Åbnet · Mette Medlemsgaard")
	mine := b.post("/log", "/log", "number", f.Number["officer"], "who", "actor").want(http.StatusOK)
	mine.says(".ledger td", "Åbnet · Mette Medlemsgaard")
	b.post("/log", "/log", "number", "999999", "who", "actor").want(http.StatusUnprocessableEntity).says(".error", "Ingen har")
}

func TestVerifyAndCheckpoint(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "anna")
	kept := b.post("/log/checkpoint", "/log").want(http.StatusOK)
	if !strings.HasPrefix(kept.body, "kartotek/journal\n") || !strings.Contains(kept.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the checkpoint: %v %s", kept.header, kept.body)
	}
	b.post("/log/verify", "/log").want(http.StatusOK).says(".notice.ok", "Loggen er uændret")
	b.get("/me") // a line more
	with := b.post("/log/verify", "/log", "checkpoint", strings.ReplaceAll(kept.body, "\n", "\r\n")).want(http.StatusOK)
	with.says(".notice.ok", "Loggen er uændret")
	with.says("main", "nyere end det gemte kontrolpunkt")
	b.post("/log/verify", "/log", "checkpoint", "noget andet").want(http.StatusOK).says(".notice.late", "ikke underskrevet")
	as(t, f, "chair").post("/log/verify", "/log").want(http.StatusForbidden)
	as(t, f, "chair").post("/log/checkpoint", "/log").want(http.StatusForbidden)
}

// option is a choice of a select by its text.
func option(a *answer, text string) *html.Node {
	for _, o := range a.all("option") {
		if squeeze(textOf(o)) == text {
			return o
		}
	}
	return nil
}
