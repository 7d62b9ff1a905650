package mailing_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/mail"
	"kartotek/internal/mailing"
	"kartotek/internal/vault"
)

// sending, in the environment, makes the test's binary a process that sends until it is
// killed.
const sending = "KARTOTEK_TEST_SENDING"

// sender is what such a process works on.
type sender struct {
	Data, Keys, DSN string
	Port            int
}

func TestMain(m *testing.M) {
	if text := os.Getenv(sending); text != "" {
		if err := send(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func send(text string) error {
	var s sender
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return err
	}
	h, err := app.Open(context.Background(), app.Config{
		Data: s.Data, Keys: s.Keys, DSN: s.DSN, URL: "https://kartotek.example", Log: slog.New(slog.DiscardHandler),
		Mail: mail.Options{Host: "127.0.0.1", Port: s.Port, Security: mail.Plain, From: "post@kartotek.example"},
	})
	if err != nil {
		return err
	}
	h.Mailings.InPartsOf(7)
	h.Mail.Start()
	for range time.Tick(20 * time.Millisecond) { // the outbox has its turn
		if err := h.Mailings.Work(context.Background()); err != nil {
			return err
		}
	}
	return nil
}

// crowd lets many more join, each with a mailbox of their own.
func (h *house) crowd(n int) (addresses []string) {
	for i := range n {
		address := fmt.Sprintf("medlem%d@example.dk", i)
		addresses = append(addresses, address)
		h.Join(fmt.Sprint("crowd ", i), "odense", map[string]string{"given": "Medlem", "family": fmt.Sprintf("Nummer%d", i), "email": address}, false)
	}
	return addresses
}

// Sending goes on where a kill -9 stopped it: everybody gets the message, and nobody
// another one.
func TestL8AKillSendsNothingTwice(t *testing.T) {
	for engine, kills := range map[string][]int{"sqlite": {1, 11}, "postgresql": {11}} { // after so many letters
		t.Run(engine, func(t *testing.T) {
			post := housetest.NewPost(t) // its own: the addresses are the same, and are waited for
			options := []housetest.Option{housetest.Mail(post.Options()), housetest.At(time.Now())}
			if engine == "postgresql" {
				options = append(options, housetest.PostgreSQL(t))
			}
			h := &house{housetest.New(t, options...), t}
			addresses := h.crowd(24)
			before := len(post.All())
			m := h.approved("anna", "odense", "newsletter", "bo")
			h.Must(h.House.Close())
			text, err := json.Marshal(sender{h.Fixture.Config.Data, h.Fixture.Config.Keys, h.Fixture.Config.DSN, post.Options().Port})
			h.Must(err)
			for _, after := range kills {
				cmd := exec.Command(os.Args[0])
				cmd.Env, cmd.Stderr = append(os.Environ(), sending+"="+string(text)), os.Stderr
				var once sync.Once
				dead := make(chan struct{})
				post.OnLetter = func(housetest.Letter) {
					if len(post.All())-before >= after {
						once.Do(func() { _ = cmd.Process.Kill(); close(dead) })
					}
				}
				h.Must(cmd.Start())
				<-dead
				_ = cmd.Wait()
				post.OnLetter = nil
			}
			h.Clock.Set(time.Now())
			h.Must(h.Open())
			h.Mail.Start()
			defer h.Mail.Stop(h.Context())
			for range 20 {
				h.Clock.Add(6 * time.Minute)
				h.Must(h.Mailings.Work(h.Context()))
			}
			for _, to := range addresses {
				post.Await(to, 1)
			}
			got := map[string]map[string]bool{}
			for _, letter := range post.All()[before:] {
				if got[letter.To] == nil {
					got[letter.To] = map[string]bool{}
				}
				got[letter.To][letter.ID] = true // one mail under one id may come twice when the server had it and we died
			}
			for _, to := range append(addresses, "frode@example.dk") {
				if len(got[to]) != 1 {
					t.Errorf("%s got %d", to, len(got[to]))
				}
			}
			if m = h.progress(m.ID); m.State != mailing.Sent || m.Counts.Mails != 25 || m.Counts.Passed != 0 {
				t.Errorf("it is %s, %+v", m.State, m.Counts)
			}
		})
	}
}

// A stop between the steps of a part leaves it unsent or sent, and its keys nowhere.
func TestL8APartIsSentOrNot(t *testing.T) {
	each(t, func(h *house) {
		t := h.t
		h.crowd(10)
		m := h.approved("anna", "odense", "newsletter", "bo")
		h.Mailings.InPartsOf(4)
		for _, step := range []string{"prepared", "enqueued"} {
			func() {
				defer func() { _ = recover() }()
				h.Mailings.At(func(at string) {
					if at == step {
						panic(at)
					}
				})
				h.Must(h.Mailings.Work(h.Context()))
				t.Errorf("went past %s", step)
			}()
			h.Reopen()
			h.Clock.Add(6 * time.Minute)
			h.Mailings.InPartsOf(4)
		}
		h.Must(h.Mailings.Work(h.Context()))
		m = h.progress(m.ID)
		if m.State != mailing.Sent || m.Counts.Mails != 11 {
			t.Errorf("it is %s, %+v", m.State, m.Counts)
		}
		for i := range 10 {
			if got := h.mailed(fmt.Sprintf("medlem%d@example.dk", i)); len(got) != 1 {
				t.Errorf("member %d got %d", i, len(got))
			}
		}
	})
}

// Whoever leaves, objects or is restricted after sending began is passed over, and
// stopping takes back what waits.
func TestL8WhatHappensMeanwhileCounts(t *testing.T) {
	each(t, func(h *house) {
		ctx, t := h.Context(), h.t
		h.crowd(12)
		m := h.approved("anna", "odense", "newsletter", "bo")
		h.Mailings.InPartsOf(3)
		parts := 0
		h.Mailings.At(func(at string) {
			if at != "enqueued" {
				return
			}
			switch parts++; parts {
			case 1:
				h.Must(h.Members.SetObjection(ctx, h.Scope("crowd 9", access.Want{Self: true}), h.Person("crowd 9"), "newsletter", true))
				h.Must(h.Members.Restrict(ctx, h.Scope("anna", access.Want{Act: charter.Edit}), h.Person("crowd 10"), true))
			case 4:
				_, err := h.Mailings.Stop(ctx, h.As("anna"), m.ID)
				h.Must(err)
			}
		})
		h.Must(h.Mailings.Work(ctx))
		m = h.progress(m.ID)
		if m.State != mailing.Stopped || m.Counts.Mails != 0 || m.Counts.Passed == 0 {
			t.Errorf("it is %s, %+v", m.State, m.Counts)
		}
		for i := range 12 {
			if got := h.mailed(fmt.Sprintf("medlem%d@example.dk", i)); len(got) != 0 {
				t.Errorf("member %d got %d", i, len(got))
			}
			all, err := h.Mailings.Got(ctx, h.Scope(fmt.Sprint("crowd ", i), access.Want{Self: true}))
			if h.Must(err); len(all) != 0 {
				t.Errorf("member %d is told of %+v", i, all)
			}
		}
	})
}

// A mailbox that does not exist is marked, and the member's page says that it came back.
func TestL8WhatComesBackIsMarked(t *testing.T) {
	post := housetest.NewPost(t)
	post.Unknown("karla@example.dk")
	each(t, func(h *house) {
		ctx, t := h.Context(), h.t
		m := h.approved("chair", "gentofte", "invitation", "officer")
		h.Must(h.Mailings.Work(ctx))
		h.Post()
		m = h.progress(m.ID)
		if m.Counts.Bounced != 1 || m.Counts.Accepted != 2 || m.Counts.Mails != 3 {
			t.Errorf("the numbers are %+v", m.Counts)
		}
		own, err := h.Members.Own(ctx, h.Scope("secret", access.Want{Self: true}))
		h.Must(err)
		got, err := h.Mailings.Got(ctx, h.Scope("secret", access.Want{Self: true}))
		h.Must(err)
		if !own.EmailBack || len(got) != 1 || got[0].How != mailing.CameBack {
			t.Errorf("marked %v, told %+v", own.EmailBack, got)
		}
		slip, err := h.Mailings.Slip(ctx, h.As("chair"), m.Draft)
		if h.Must(err); slip.Left.Returned+slip.Left.Covered != 1 {
			t.Errorf("the next one: %+v", slip)
		}
	}, housetest.Mail(post.Options()))
}

// Those of a household who share the mailbox get one, who has none gets a letter, and
// the link of a mail stops that kind of mail for all who got it, without an account
// (RFC 8058).
func TestL8HouseholdsLettersAndTheLink(t *testing.T) {
	post := housetest.NewPost(t)
	each(t, func(h *house) {
		ctx, t := h.Context(), h.t
		begun := len(post.All())
		h.Join("wanda", "odense", map[string]string{"given": "Wanda", "family": "Par", "email": "par@example.dk", "address": "Vej 1", "postal": "5000", "town": "Odense C"}, false)
		h.Join("wilfred", "odense", map[string]string{"given": "Wilfred", "family": "Par", "email": "par@example.dk", "address": "Vej 1", "postal": "5000", "town": "Odense C"}, false)
		h.Join("paper", "odense", map[string]string{"given": "Palle", "family": "Papir", "address": "Gade 2", "postal": "5000", "town": "Odense C"}, false)
		h.Must(h.Members.MakeHousehold(ctx, h.Scope("anna", access.Want{Act: charter.Edit}), []vault.PersonID{h.Person("wanda"), h.Person("wilfred")}))
		m, err := h.Mailings.Draft(ctx, h.As("anna"), mailing.Draft{
			Unit: h.Bodies["odense"], Purpose: "invitation", Subject: "Sommerfest", Text: "Kom!", ReplyTo: "odense@parti.example", Letters: true, Households: true,
		})
		h.Must(err)
		_, err = h.Mailings.Submit(ctx, h.As("anna"), m.ID)
		h.Must(err)
		_, err = h.Mailings.Approve(ctx, h.As("bo"), m.ID)
		h.Must(err)
		h.Must(h.Mailings.Work(ctx))
		h.Post()
		if c := h.progress(m.ID).Counts; c.Mails != 2 || c.ByMail != 3 || c.Letters != 1 || c.Members != 4 {
			t.Errorf("the numbers are %+v", c)
		}
		queue, err := h.Letters.List(ctx, h.As("anna"), true, 1, 10)
		h.Must(err)
		if len(queue.Lines) != 1 || queue.Lines[0].Name != "Palle Papir" || strings.Contains(queue.Lines[0].Body, "http") {
			t.Errorf("the letters are %+v", queue.Lines)
		}
		var letter housetest.Letter
		for _, l := range post.All()[begun:] {
			if l.To == "par@example.dk" {
				letter = l
			}
		}
		link := strings.Trim(letter.Stop, "<>")
		if letter.OneClick != "List-Unsubscribe=One-Click" || letter.ReplyTo != "<odense@parti.example>" || !strings.HasPrefix(link, "https://kartotek.example/unsubscribe?t=") || !strings.Contains(letter.Text, link) {
			t.Fatalf("the mail is %+v", letter)
		}
		_, token, _ := strings.Cut(link, "?t=")
		if u, err := h.Mailings.Look(token); err != nil || u.Done { // opening spends nothing
			t.Errorf("looked: %+v, %v", u, err)
		}
		if _, err := h.Mailings.Look(token[:len(token)-2] + "AA"); !fault.Is(err, fault.NotFound) {
			t.Errorf("a forged link: %v", err)
		}
		u, err := h.Mailings.Unsubscribe(ctx, token)
		h.Must(err)
		for _, who := range []string{"wanda", "wilfred"} {
			if !h.Members.Objects(h.Person(who), "invitation") || h.Members.Objects(h.Person(who), "newsletter") {
				t.Errorf("%s gets invitations", who)
			}
		}
		if c := h.progress(m.ID).Counts; c.Unsubscribed != 2 {
			t.Errorf("the numbers are %+v", c)
		}
		again, err := h.Mailings.Unsubscribe(ctx, token)
		if h.Must(err); again.Undo != "" || !again.Done {
			t.Errorf("twice: %+v", again)
		}
		_, err = h.Mailings.Resume(ctx, u.Undo)
		h.Must(err)
		if h.Members.Objects(h.Person("wanda"), "invitation") || h.progress(m.ID).Counts.Unsubscribed != 0 {
			t.Error("it cannot be taken back")
		}
	}, housetest.Mail(post.Options()))
}

// Never more leave in an hour than the charter says, however often it is worked on.
func TestL8TheThrottleHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		perHour := rapid.IntRange(10, 100_000).Draw(t, "per hour")
		now, last, sent := time.Duration(0), -time.Hour, 0
		for now < time.Hour {
			n := mailing.Allowance(perHour, now-last)
			if n > 0 {
				sent, last = sent+n, now
			}
			now += time.Duration(rapid.IntRange(1, 600).Draw(t, "seconds")) * time.Second
		}
		if most := perHour + max(1, perHour/12) + 1; sent > most {
			t.Fatalf("%d left in an hour, %d may", sent, perHour)
		}
	})
}
