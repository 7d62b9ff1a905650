package app_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"kartotek/internal/app/housetest"
)

// Whoever is given access, by whatever way, is told once what the door will ask.
func TestOfficersAreToldToPrepare(t *testing.T) {
	const mail = "olga@example.dk"
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		post := housetest.NewPost(t)
		f.Must(f.House.Close())
		f.Config.Mail, f.Config.Demo = post.Options(), false
		f.Must(f.Open())
		f.Join("olga", "lyngby", map[string]string{"given": "Olga", "family": "Officersen", "email": mail}, false)
		work := func(until func()) {
			ctx, cancel := context.WithCancel(f.Context())
			done := make(chan struct{})
			go func() {
				defer close(done)
				f.House.Run(ctx)
			}()
			until()
			cancel()
			<-done
		}
		work(func() { post.Await("grete@parti.example", 1) }) // the founder
		if len(post.Letters(mail)) != 0 {
			t.Error("a member without a post is told")
		}
		f.Appoint("olga", "membership-officer", "lyngby")
		work(func() {
			letter := post.Await(mail, 1)[0]
			if !strings.Contains(letter.Text, "et skridt mere") || !strings.Contains(letter.Text, "https://kartotek.example/") {
				t.Errorf("the letter: %s", letter.Text)
			}
			if strings.Contains(letter.Subject+letter.Text, "Parti") {
				t.Error("the letter says whose it is") // L1
			}
		})
		f.Reopen()
		work(func() { time.Sleep(300 * time.Millisecond) })
		if n := len(post.Letters(mail)); n != 1 {
			t.Errorf("%d letters", n)
		}
	})
}
