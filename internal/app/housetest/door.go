package housetest

import (
	"regexp"
	"time"
)

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// Code is the sign-in code mailed last to an address; "" when none came, as for
// an address nobody has. It needs the demo's mailbox.
func (f *Fixture) Code(email string) string {
	f.t.Helper()
	f.Post()
	shown, err := f.House.Mail.Mailbox(f.Context())
	f.Must(err)
	for _, letter := range shown {
		if letter.To == email && letter.Kind == "signin.code" {
			return sixDigits.FindString(letter.Body)
		}
	}
	return ""
}

// Post lets the outbox work until nothing waits that could leave.
func (f *Fixture) Post() {
	f.t.Helper()
	f.House.Mail.Start()
	defer f.House.Mail.Stop(f.Context())
	for range 2000 {
		status, err := f.House.Mail.Status(f.Context())
		f.Must(err)
		if status.Waiting == 0 || !status.Trouble.IsZero() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	f.t.Fatal("housetest: the outbox does not empty")
}
