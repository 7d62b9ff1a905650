package joining_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/departure"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/joining"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

func wish(f *housetest.Fixture, given, family, email, body string) joining.Wish {
	return joining.Wish{Unit: f.Bodies[body], Language: "da", Remote: "192.0.2.7:4711", Values: map[string]string{
		"given": given, "family": family, "email": email, "birth": "01-02-1980", "address": "Åbrinken 4", "postal": "2820", "town": "Gentofte", "mobile": "20 30 40 50",
	}}
}

var key = regexp.MustCompile(`key=([A-Z2-7]{26})`)

// letter is the newest mail of a kind to an address, and the secret in it.
func letter(f *housetest.Fixture, email, kind string) (body, token string) {
	f.Post()
	shown, err := f.Mail.Mailbox(f.Context())
	f.Must(err)
	for _, l := range shown {
		if l.To == email && l.Kind == kind {
			if m := key.FindStringSubmatch(l.Body); m != nil {
				token = m[1]
			}
			return l.Body, token
		}
	}
	return "", ""
}

// apply applies and confirms, and gives the application.
func apply(t *testing.T, f *housetest.Fixture, w joining.Wish) (joining.Application, string) {
	t.Helper()
	f.Must(f.Joining.Apply(f.Context(), w))
	_, token := letter(f, strings.ToLower(w.Values["email"]), "joining.confirm")
	if token == "" {
		t.Fatal("no mail with a link")
	}
	a, err := f.Joining.Confirm(f.Context(), token)
	f.Must(err)
	return a, token
}

func days(f *housetest.Fixture, n int) {
	for range n {
		f.Clock.Add(24 * time.Hour)
	}
	sweep(f)
}

func duties(f *housetest.Fixture, body string, act charter.Acts) []duty.Duty {
	open, err := f.Duties.Open(f.Context(), duty.Responsible{Acts: map[unit.ID]charter.Acts{f.Bodies[body]: act}})
	f.Must(err)
	return open
}

// left is what a person still has here: keys, records, rows.
func left(t *testing.T, f *housetest.Fixture, a joining.Application) {
	t.Helper()
	var records, rows int64
	f.Must(f.DB.Read(f.Context(), func(q database.Querier) (err error) {
		n, err := f.Records.Count(q, a.Person, vault.Membership)
		if err != nil {
			return err
		}
		records = int64(n)
		return q.QueryRow(`SELECT COUNT(*) FROM application WHERE id = $1`, a.ID).Scan(&rows)
	}))
	if f.Keyring.Holds(a.Person, vault.Membership) || records != 0 || rows != 0 {
		t.Errorf("left: key %v, %d records, %d rows", f.Keyring.Holds(a.Person, vault.Membership), records, rows)
	}
}

// charterWith opens a house whose charter says otherwise of joining.
func charterWith(t *testing.T, change func(j *charter.Joining), body func(t *testing.T, f *housetest.Fixture)) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		change(&f.Charter.Joining)
		body(t, f)
	})
}

// The whole way: sent, confirmed from the mail, accepted by the association's
// membership officer, a member with number, body, category and a mail.
func TestAnApplicantBecomesAMember(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		before := f.Members.Count(f.Bodies["gentofte"])
		f.Must(f.Joining.Apply(f.Context(), wish(f, "Nina", "Nytilkommen", "Nina@Example.dk", "gentofte")))
		if n := len(duties(f, "gentofte", charter.Create)); n != 0 {
			t.Errorf("%d duties before the address is confirmed", n)
		}
		if rows, _, err := f.Joining.List(f.Context(), f.As("officer"), 0, 50); err != nil || len(rows) != 0 {
			t.Errorf("seen before the address is confirmed: %+v, %v", rows, err)
		}
		body, token := letter(f, "nina@example.dk", "joining.confirm")
		for _, word := range []string{"Nina", "Nytilkommen", "Gentofte", "parti", "medlem"} {
			if strings.Contains(body, word) {
				t.Errorf("the mail says %q", word)
			}
		}
		for range 3 { // mail scanners open links
			if a, err := f.Joining.Status(f.Context(), token); err != nil || a.State != joining.Started {
				t.Fatalf("%+v, %v", a.State, err)
			}
		}
		a, err := f.Joining.Confirm(f.Context(), token)
		f.Must(err)
		sweep(f)
		open := duties(f, "gentofte", charter.Create)
		if len(open) != 1 || open[0].Kind != duty.Application || open[0].Subject != a.ID || open[0].DueOn != f.Access.Today().AddDays(14) {
			t.Fatalf("duties %+v", open)
		}
		if waits, _ := letter(f, "nina@example.dk", "joining.waits"); waits != "" {
			t.Error("the applicant got the officers' mail")
		}
		if _, err := f.Joining.One(f.Context(), f.As("treasurer"), a.ID); !fault.Is(err, fault.Denied) {
			t.Errorf("the treasurer sees it: %v", err)
		}
		f.Appoint("lyngby member", "membership-officer", "lyngby")
		if _, err := f.Joining.One(f.Context(), f.As("lyngby member"), a.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("another association sees it: %v", err)
		}
		one, err := f.Joining.One(f.Context(), f.As("officer"), a.ID)
		if err != nil || one.Name != "Nina Nytilkommen" || one.Form.Draft.Values["mobile"] != "+4520304050" || one.Form.Token != "" {
			t.Fatalf("%+v, %v", one, err)
		}
		day := f.Access.Today().AddDays(7)
		done, err := f.Joining.Accept(f.Context(), f.As("officer"), a.ID, 0)
		if err != nil || done.State != joining.Agreed || done.DueOn != day || one.Settles != day {
			t.Fatalf("%s on %s, shown %s, %v", done.State, done.DueOn, one.Settles, err)
		}
		if len(duties(f, "gentofte", charter.Create)) != 0 {
			t.Error("the duty is still there")
		}
		days(f, 6)
		if own, err := f.Joining.Status(f.Context(), token); err != nil || own.State != joining.Agreed || f.Members.Belongs(a.Person, f.Bodies["gentofte"]) {
			t.Fatalf("before the day: %s, %v", own.State, err)
		}
		days(f, 1)
		c, err := f.Members.Card(f.Context(), f.Scope("officer", access.Want{Act: charter.View}), a.Person)
		if err != nil || c.Profile.Number == "" || c.Memberships[0].Unit != f.Bodies["gentofte"] || c.Profile.Street != "Åbrinken 4" {
			t.Fatalf("%+v, %v", c, err)
		}
		if f.Members.Count(f.Bodies["gentofte"]) != before+1 || len(duties(f, "gentofte", charter.Create)) != 0 {
			t.Error("not counted, or there is a duty")
		}
		if found, err := f.Keyring.Find(vault.ClaimEmail, "nina@example.dk"); err != nil || len(found) != 1 {
			t.Errorf("signs in as %v, %v", found, err)
		}
		if welcome, _ := letter(f, "nina@example.dk", "joining.welcome"); welcome == "" {
			t.Error("no welcome")
		}
		if own, err := f.Joining.Status(f.Context(), token); err != nil || own.State != joining.Accepted || len(own.Form.Draft.Values) != 0 {
			t.Errorf("the applicant's page: %+v, %v", own, err)
		}
		about, err := f.Journal.About(f.Context(), uint32(a.Person), journal.Page{Limit: 50})
		f.Must(err)
		acts := map[journal.Act]int{}
		for _, l := range about.Lines {
			acts[l.Act]++
		}
		if acts[journal.Apply] != 1 || acts[journal.Create] != 1 || acts[journal.Opened] < 1 {
			t.Errorf("the journal has %v", acts)
		}
		f.Reopen()
		if !f.Members.Belongs(a.Person, f.Bodies["gentofte"]) {
			t.Error("gone after a start")
		}
		days(f, 32)
		if _, err := f.Joining.Status(f.Context(), token); !fault.Is(err, fault.Gone) {
			t.Errorf("a month later: %v", err)
		}
		if !f.Members.Belongs(a.Person, f.Bodies["gentofte"]) {
			t.Error("the member went with the application")
		}
	})
}

// N9: who is too young is refused kindly, and nothing is kept.
func TestN9AChildIsRefusedAndNothingIsKept(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		last := f.Keyring.LastPerson()
		w := wish(f, "Bodil", "Barn", "bodil@example.dk", "gentofte")
		w.Values["birth"] = "01-06-2015"
		err := f.Joining.Apply(f.Context(), w)
		if e := fault.From(err); e == nil || e.Key != "joining.error.child" || len(e.Fields) != 1 || e.Fields[0].Name != "birth" {
			t.Fatalf("%v", err)
		}
		if body, _ := letter(f, "bodil@example.dk", "joining.confirm"); body != "" || f.Keyring.LastPerson() != last {
			t.Error("something was kept or sent")
		}
	})
}

// Whether somebody is a member shows in the mail only: the answer is the same, and
// so is what is kept.
func TestTheFormDoesNotTellWhoIsAMember(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		f.Must(f.Joining.Apply(f.Context(), wish(f, "Fie", "Fynbo", "frode@example.dk", "gentofte"))) // a shared mailbox
		f.Must(f.Joining.Apply(f.Context(), wish(f, "Nina", "Ny", "nina@example.dk", "gentofte")))
		known, token := letter(f, "frode@example.dk", "joining.known")
		if plain, _ := letter(f, "frode@example.dk", "joining.confirm"); plain != "" || known == "" || !strings.Contains(known, "/signin") {
			t.Fatalf("the mail does not say it: %q", known)
		}
		a, err := f.Joining.Confirm(f.Context(), token)
		if err != nil || a.State != joining.Waiting {
			t.Fatalf("the other of the mailbox cannot apply: %v", err)
		}
		var shapes []string
		f.Must(f.DB.Read(f.Context(), func(q database.Querier) error {
			rows, err := q.Query(`SELECT state FROM application ORDER BY made_at, id`)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var state string
				if err := rows.Scan(&state); err != nil {
					return err
				}
				shapes = append(shapes, state)
			}
			return rows.Err()
		}))
		if len(shapes) != 2 {
			t.Errorf("kept %v", shapes)
		}
	})
}

// Retention: whatever is not finished, not answered or declined is erased with its
// key on the charter's day, and not a day sooner.
func TestWhatIsNotFinishedIsErased(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		for _, c := range []struct {
			name string
			act  func(a *joining.Application, token string)
			days int
			told string
		}{
			{"Ubekræft", nil, 7, ""},
			{"Ubesvaret", func(a *joining.Application, token string) {
				var err error
				*a, err = f.Joining.Confirm(f.Context(), token)
				f.Must(err)
			}, 60, "joining.expired"},
			{"Afvist", func(a *joining.Application, token string) {
				_, err := f.Joining.Confirm(f.Context(), token)
				f.Must(err)
				*a, err = f.Joining.Decline(f.Context(), f.As("officer"), a.ID, "bylaws")
				f.Must(err)
				if len(a.Form.Draft.Values) != 2 {
					t.Errorf("kept of what was declined: %v", a.Form.Draft.Values)
				}
			}, 30, ""},
		} {
			email := strings.ToLower(strings.ReplaceAll(c.name, "æ", "ae")) + "@example.dk"
			f.Must(f.Joining.Apply(f.Context(), wish(f, "Xenia", c.name+"-Quistorff", email, "gentofte")))
			_, token := letter(f, email, "joining.confirm")
			a, err := f.Joining.Status(f.Context(), token)
			f.Must(err)
			if c.act != nil {
				c.act(&a, token)
			}
			days(f, c.days)
			if !f.Keyring.Holds(a.Person, vault.Membership) {
				t.Fatalf("%s: gone on its last day", c.name)
			}
			days(f, 1)
			left(t, f, a)
			if _, err := f.Joining.Status(f.Context(), token); !fault.Is(err, fault.Gone) {
				t.Errorf("%s: %v", c.name, err)
			}
			if c.told != "" {
				if body, _ := letter(f, email, c.told); body == "" {
					t.Errorf("%s: nobody was told", c.name)
				}
			}
		}
		if len(duties(f, "gentofte", charter.Create)) != 0 {
			t.Error("duties are left")
		}
		f.Reopen()
	})
}

// To take it back erases at once: no byte, no key, no letter.
func TestWithdrawnIsErasedAtOnce(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		a, token := apply(t, f, wish(f, "Xenia", "Wildenradt-Quistorff", "xenia@example.dk", "gentofte"))
		f.Must(f.Joining.Withdraw(f.Context(), token))
		left(t, f, a)
		if body, _ := letter(f, "xenia@example.dk", "joining.confirm"); body != "" {
			t.Error("the letter is left")
		}
		if err := f.Joining.Withdraw(f.Context(), token); !fault.Is(err, fault.Gone) {
			t.Errorf("again: %v", err)
		}
		found, err := f.Departures.Find(f.Context(), f.Scope("anna", access.Want{Act: charter.Close}), departure.Search{
			Texts: []string{"Wildenradt-Quistorff", "xenia@example.dk"}, Dirs: []string{f.Config.Data, f.Config.Keys}, Mails: f.Mail,
		})
		if err != nil || len(found.Places) != 0 {
			t.Errorf("found at %v, %v", found.Places, err)
		}
	})
}

// The sponsor's yes opens the way; their no, their silence and a sponsor who does
// not exist look the same.
func TestASponsorRecommends(t *testing.T) {
	charterWith(t, func(j *charter.Joining) { j.Sponsor.Value, j.Door = true, charter.DoorBody }, func(t *testing.T, f *housetest.Fixture) {
		w := wish(f, "Nina", "Nytilkommen", "nina@example.dk", "gentofte")
		if err := f.Joining.Apply(f.Context(), w); !fault.Is(err, fault.Invalid) {
			t.Fatalf("without a sponsor: %v", err)
		}
		w.Sponsor = "nobody@example.dk"
		a, token := apply(t, f, w)
		sweep(f)
		nobody, err := f.Joining.Status(f.Context(), token)
		if err != nil || nobody.State != joining.Unsponsored || nobody.Form.Sponsor != 0 {
			t.Fatalf("%+v, %v", nobody, err)
		}
		// A member of another body is no sponsor here.
		f.Must(f.Joining.Seek(f.Context(), token, "frode@example.dk"))
		sweep(f)
		if own, err := f.Joining.Requests(f.Context(), f.As("odense member")); err != nil || len(own) != 0 {
			t.Fatalf("%+v, %v", own, err)
		}
		f.Must(f.Joining.Seek(f.Context(), token, f.Number["neighbour"]))
		sweep(f)
		if body, _ := letter(f, "inger@example.dk", "joining.wanted"); body == "" || strings.Contains(body, "Nina") {
			t.Fatalf("the sponsor's mail: %q", body)
		}
		own, err := f.Joining.Requests(f.Context(), f.As("neighbour"))
		if err != nil || len(own) != 1 || own[0].Name != "Nina Nytilkommen" || own[0].Town != "Gentofte" {
			t.Fatalf("%+v, %v", own, err)
		}
		if err := f.Joining.Recommend(f.Context(), f.As("member"), a.ID, true); !fault.Is(err, fault.Gone) {
			t.Fatalf("somebody else recommends: %v", err)
		}
		f.Must(f.Joining.Recommend(f.Context(), f.As("neighbour"), a.ID, false))
		if still, err := f.Joining.Status(f.Context(), token); err != nil || still.State != nobody.State || still.DueOn != nobody.DueOn {
			t.Errorf("a no shows: %+v, %v", still, err)
		}
		f.Must(f.Joining.Seek(f.Context(), token, f.Number["neighbour"]))
		sweep(f)
		f.Must(f.Joining.Recommend(f.Context(), f.As("neighbour"), a.ID, true))
		one, err := f.Joining.One(f.Context(), f.As("officer"), a.ID)
		if err != nil || one.State != joining.Waiting || one.Sponsor != "Inger Nabogaard" {
			t.Fatalf("%+v, %v", one, err)
		}
	})
}

// Where nobody has to decide, the confirmed address is enough; of a likely member
// somebody has to say who it is, and the association sees no difference.
func TestWithoutADecisionTheConfirmedAddressIsEnough(t *testing.T) {
	charterWith(t, func(j *charter.Joining) { j.Decision.Value = false }, func(t *testing.T, f *housetest.Fixture) {
		a, _ := apply(t, f, wish(f, "Nina", "Nytilkommen", "nina@example.dk", "gentofte"))
		b, _ := claims(t, f)
		if len(duties(f, "gentofte", charter.Create)) != 0 || len(duties(f, "", charter.Create)) != 1 {
			t.Error("the wrong ones are asked")
		}
		rows, _, err := f.Joining.List(f.Context(), f.As("officer"), 0, 50)
		if err != nil || len(rows) != 2 || rows[0].State != joining.Agreed || rows[1].State != joining.Agreed || rows[0].DueOn != rows[1].DueOn {
			t.Fatalf("the association sees %+v, %v", rows, err)
		}
		days(f, 7)
		if !f.Members.Belongs(a.Person, f.Bodies["gentofte"]) || f.Members.Belongs(b.Person, f.Bodies["gentofte"]) {
			t.Error("the wrong one joined by themselves")
		}
	})
}

// One who does not know where goes to the secretariat, which chooses.
func TestTheSecretariatChoosesTheBody(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		a, token := apply(t, f, wish(f, "Nina", "Nytilkommen", "nina@example.dk", ""))
		if len(duties(f, "", charter.Create)) != 1 {
			t.Fatal("no duty of the secretariat")
		}
		if _, err := f.Joining.One(f.Context(), f.As("officer"), a.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("an association sees it: %v", err)
		}
		if _, err := f.Joining.Accept(f.Context(), f.As("anna"), a.ID, 0); !fault.Is(err, fault.Invalid) {
			t.Fatalf("accepted nowhere: %v", err)
		}
		_, err := f.Joining.Ask(f.Context(), f.As("anna"), a.ID, "Hvor vil du helst være?")
		f.Must(err)
		if len(duties(f, "", charter.Create)) != 0 {
			t.Error("it is nobody's turn but the applicant's")
		}
		b, err := f.Joining.Answer(f.Context(), token, "I Odense")
		if err != nil || b.State != joining.Waiting || len(duties(f, "", charter.Create)) != 1 {
			t.Fatalf("%s, %v", b.State, err)
		}
		if one, err := f.Joining.One(f.Context(), f.As("anna"), a.ID); err != nil || one.Form.Answer != "I Odense" {
			t.Errorf("%+v, %v", one.Form, err)
		}
		_, err = f.Joining.Accept(f.Context(), f.As("anna"), a.ID, f.Bodies["odense"])
		f.Must(err)
		if !f.Members.Belongs(a.Person, f.Bodies["odense"]) {
			t.Error("not there")
		}
	})
}

// Too many from one address, or from one network, wait; whose the address is does
// not matter.
func TestAFloodWaits(t *testing.T) {
	f := housetest.New(t)
	for _, email := range []string{"frode@example.dk", "nobody@example.dk"} {
		for range 5 {
			f.Must(f.Joining.Apply(f.Context(), wish(f, "Nina", "Ny", email, "gentofte")))
		}
		if err := f.Joining.Apply(f.Context(), wish(f, "Nina", "Ny", email, "gentofte")); !fault.Is(err, fault.TooMany) {
			t.Errorf("%s: %v", email, err)
		}
	}
	last := f.Keyring.PendingPersons()
	if len(last) != 0 {
		t.Errorf("keys of refused applications are left: %v", last)
	}
	w := wish(f, "Nina", "Ny", "flood@example.dk", "nowhere")
	var err error
	for range 40 {
		err = f.Joining.Apply(f.Context(), w)
	}
	if !fault.Is(err, fault.TooMany) {
		t.Errorf("one network may do all it likes: %v", err)
	}
}

// A stop between the end and the erasure is made good by the next sweep.
func TestAStopWhileErasingIsMadeGood(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		a, _ := apply(t, f, wish(f, "Nina", "Nytilkommen", "nina@example.dk", "gentofte"))
		f.Must(f.DB.Write(f.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE application SET state = 'ended' WHERE id = $1`, a.ID)
			return err
		}))
		f.Reopen()
		sweep(f)
		left(t, f, a)
	})
}
