package notice_test

import (
	"bytes"
	"encoding/csv"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/departure"
	"kartotek/internal/duty"
	"kartotek/internal/extract"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/notice"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

func printer() notice.Holder {
	return notice.Holder{
		Name: "Trykkeriet ApS", Country: "dk", Role: "processor", Tells: notice.ByList, Purposes: []string{"newsletter"},
		Contact: notice.Contact{Who: "Tove Trykker", Email: "tove@trykkeriet.example", Language: "da", Basis: "databehandleraftale 2026"},
	}
}

// pulled takes a list out and gives its number and on which line each e-mail
// address stands, as the file says it.
func pulled(t *testing.T, f *housetest.Fixture, who string, w extract.Wish) (number int64, at map[string]int) {
	t.Helper()
	d, err := f.Extracts.Pull(f.Context(), f.As(who), w)
	f.Must(err)
	var file bytes.Buffer
	f.Must(d.Write(f.Context(), &file))
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file.Bytes(), []byte("\ufeff"))))
	r.Comma = ';'
	rows, err := r.ReadAll()
	f.Must(err)
	line, email := slices.Index(rows[0], "Linjenr."), slices.Index(rows[0], "E-mail")
	at = map[string]int{}
	for i, row := range rows[1:] {
		n, err := strconv.Atoi(row[line])
		f.Must(err)
		if n != i+1 {
			t.Fatalf("line %d says it is %d", i+1, n)
		}
		if row[email] != "" {
			at[row[email]] = n
		}
	}
	return d.List.Number, at
}

var key = regexp.MustCompile(`/notice\?key=(\S+)`)

func email(f *housetest.Fixture, name string) string {
	for i := range housetest.Cast {
		if housetest.Cast[i].Name == name {
			return housetest.Cast[i].More["email"]
		}
	}
	return ""
}

// open are the open duties to get an answer.
func open(f *housetest.Fixture) (found []duty.Duty) {
	all, err := f.Duties.Open(f.Context(), duty.Responsible{Person: f.Person("anna"), Acts: map[unit.ID]charter.Acts{0: charter.Edit}})
	f.Must(err)
	for _, d := range all {
		if d.Kind == duty.TellRecipient {
			found = append(found, d)
		}
	}
	return found
}

// L3, Art. 19, C-154/21: a holder outside is told of an erasure by pointer, through a
// real mail server; it answers by link without an account; certificate and
// secretariat see it.
func TestL3AHolderIsToldOfAnErasureByPointer(t *testing.T) {
	post := housetest.NewPost(t)
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, person := f.Context(), f.Person("member")
		to := printer()
		had := len(post.Letters(to.Email))
		h, err := f.Notices.AddHolder(ctx, f.As("anna"), to)
		f.Must(err)
		list, at := pulled(t, f, "chair", extract.Wish{Purpose: "newsletter", Format: extract.CSV, Lang: "da"})
		f.Must(f.Notices.Hand(ctx, f.As("chair"), list, h.ID))
		line := at[email(f, "member")]
		if line == 0 {
			t.Fatal("the member is not on the list")
		}
		f.House.Mail.Start()
		defer f.House.Mail.Stop(ctx)
		_, err = f.Departures.Close(ctx, f.As("anna"), person, "resignation", true)
		f.Must(err)
		e, err := f.Departures.Confirm(ctx, f.As("bo"), person)
		f.Must(err)
		if e.State != departure.Erased {
			t.Fatalf("%+v", e)
		}
		c, err := f.Departures.Fetch(ctx, e.Certificate.Number, e.Certificate.Salt)
		f.Must(err)
		if len(c.Told) != 1 || c.Told[0].State != "waiting" || c.Complete() {
			t.Errorf("before it is told: %+v", c.Told)
		}

		if n, err := f.Notices.Send(ctx); err != nil || n != 1 {
			t.Fatalf("%d mails, %v", n, err)
		}
		letter := post.Await(to.Email, had+1)[had]
		pointer := "liste " + strconv.FormatInt(list, 10) + ", linje " + strconv.Itoa(line)
		if !strings.Contains(letter.Text, pointer) || !strings.Contains(letter.Text, "slet den") {
			t.Errorf("%q is missing in\n%s", pointer, letter.Text)
		}
		for _, needle := range []string{"Søren", "Quistorff", "soeren", f.Number["member"]} {
			if strings.Contains(letter.Subject+letter.Text, needle) {
				t.Errorf("the notice names %q:\n%s", needle, letter.Text)
			}
		}
		if n, err := f.Notices.Send(ctx); err != nil || n != 0 {
			t.Errorf("told twice: %d, %v", n, err)
		}
		found := key.FindStringSubmatch(letter.Text)
		if found == nil || len(open(f)) != 1 {
			t.Fatalf("link %v, %d duties", found, len(open(f)))
		}
		n, err := f.Notices.ByKey(ctx, found[1])
		f.Must(err)
		if n.State != notice.Told || len(n.Lines) != 1 || n.Lines[0].Line != line || n.Lines[0].List != list {
			t.Errorf("%+v", n)
		}
		for _, wrong := range []string{"", "1", found[1] + "a", found[1][:len(found[1])-1], "999-" + found[1][strings.Index(found[1], "-")+1:]} {
			if _, err := f.Notices.ByKey(ctx, wrong); !fault.Is(err, fault.NotFound) {
				t.Errorf("key %q: %v", wrong, err)
			}
		}
		n, err = f.Notices.Acknowledge(ctx, found[1])
		f.Must(err)
		if n.State != notice.Acknowledged || n.DoneAt.IsZero() || n.SaidBy != 0 || len(open(f)) != 0 {
			t.Errorf("%+v, %d duties", n, len(open(f)))
		}
		f.Must(second(f.Notices.Acknowledge(ctx, found[1]))) // once more changes nothing
		c, err = f.Departures.Fetch(ctx, e.Certificate.Number, e.Certificate.Salt)
		f.Must(err)
		if len(c.Told) != 1 || c.Told[0].Holder != "Trykkeriet ApS" || c.Told[0].Line != line || c.Told[0].State != "acknowledged" || !c.Complete() {
			t.Errorf("%+v", c.Told)
		}
		// Its own holder finds the line to strike.
		strike, err := f.Notices.Strike(ctx, list)
		f.Must(err)
		if len(strike) != 1 || strike[0].Line != line || strike[0].Why != notice.Erased {
			t.Errorf("%+v", strike)
		}
		if told(f, person) == 0 {
			t.Error("the journal does not say that a holder was told")
		}
	}, housetest.Mail(post.Options()))
}

func told(f *housetest.Fixture, person vault.PersonID) (n int) {
	account, err := f.Journal.About(f.Context(), uint32(person), journal.Page{Limit: 1000})
	f.Must(err)
	for _, line := range account.Lines {
		if line.Act == journal.Tell {
			n++
		}
	}
	return n
}

func second(_ notice.Notice, err error) error { return err }

// L3: a correction is told where the field was on the list, a restriction in any
// case; whoever it is about sees who was told. Refusal needs grounds.
func TestL3CorrectionsAndRestrictionsAreTold(t *testing.T) {
	post := housetest.NewPost(t)
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, person := f.Context(), f.Person("member")
		h, err := f.Notices.AddHolder(ctx, f.As("anna"), printer())
		f.Must(err)
		world := printer()
		world.Name, world.Country, world.Tells, world.Email, world.Fields = "World Clubs", "US", notice.ByEntry, "desk@world.example", []string{"given", "family"}
		_, err = f.Notices.AddHolder(ctx, f.As("anna"), world)
		f.Must(err)
		list, at := pulled(t, f, "chair", extract.Wish{Purpose: "newsletter", Format: extract.CSV, Lang: "da"})
		line := at[email(f, "member")]
		f.Must(f.Notices.Hand(ctx, f.As("chair"), list, h.ID))
		edit := f.Scope("anna", access.Want{Act: charter.Edit})
		self := f.Scope("member", access.Want{Self: true})
		change := func(code, value string) {
			_, err := f.Members.Update(ctx, edit, person, member.Changes{Values: map[string]string{code: value}})
			f.Must(err)
		}
		mine := func() []notice.Telling {
			all, err := f.Notices.Mine(ctx, self)
			f.Must(err)
			return all
		}
		change("mobile", "20304050") // not on a newsletter's list, and not what the world gets
		if all := mine(); len(all) != 0 {
			t.Errorf("a field they do not have: %+v", all)
		}
		change("family", "Quist")
		all := mine()
		if len(all) != 2 {
			t.Fatalf("%+v", all)
		}
		for _, told := range all {
			if told.Why != notice.Corrected || !slices.Equal(told.Fields, []string{"family"}) {
				t.Errorf("%+v", told)
			}
			if told.Holder == "Trykkeriet ApS" && (told.List != list || told.Line.Line != line) {
				t.Errorf("%+v, want line %d", told, line)
			}
		}
		f.Must(f.Members.Restrict(ctx, edit, person, true))
		f.Must(f.Members.Restrict(ctx, edit, person, true)) // already is
		if n, err := f.Notices.Send(ctx); err != nil || n != 2 {
			t.Fatalf("%d mails, %v", n, err)
		}
		if all = mine(); len(all) != 4 || all[0].State != notice.Told {
			t.Errorf("%+v", all)
		}

		page, err := f.Notices.List(ctx, f.As("anna"), "holder", 1, 10)
		f.Must(err)
		if page.All != 2 || page.Open != 2 || page.Notices[0].Name != "Trykkeriet ApS" || page.Notices[0].Count != 2 {
			t.Fatalf("%+v", page)
		}
		id := page.Notices[0].ID
		if err := f.Notices.Settle(ctx, f.As("anna"), id, notice.Refused, "no"); !fault.Is(err, fault.Invalid) {
			t.Errorf("without grounds: %v", err)
		}
		f.Must(f.Notices.Settle(ctx, f.As("anna"), id, notice.Refused, "De skriver, at de ikke har listen mere."))
		n, err := f.Notices.Read(ctx, f.As("anna"), id)
		f.Must(err)
		if n.State != notice.Refused || n.SaidBy != f.Person("anna") || !strings.Contains(n.Ground, "ikke har listen") {
			t.Errorf("%+v", n)
		}
		if err := f.Notices.Settle(ctx, f.As("anna"), id, notice.Effort, "Det er for meget arbejde."); !fault.Is(err, fault.Conflict) {
			t.Errorf("answered already: %v", err)
		}
		// A week later the other is reminded, once.
		f.Clock.Add(7 * 24 * time.Hour)
		for _, want := range []int{1, 0} {
			if n, err := f.Notices.Send(ctx); err != nil || n != want {
				t.Errorf("%d reminders, %v; want %d", n, err, want)
			}
		}
		// Officers do not keep the register of holders.
		if _, err := f.Notices.List(ctx, f.As("chair"), "", 1, 10); !fault.Is(err, fault.Denied) {
			t.Errorf("a chair: %v", err)
		}
	}, housetest.Mail(post.Options()))
}

// D7: who answered at a holder is forgotten with their key when another takes over,
// and a holder with lists in hand does not end.
func TestD7WhoAnsweredAtAHolderIsForgotten(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, anna := f.Context(), f.As("anna")
		h, err := f.Notices.AddHolder(ctx, anna, printer())
		f.Must(err)
		f.Must(f.Notices.Answers(ctx, anna, h.ID, notice.Contact{Who: "Per Presser", Email: "per@trykkeriet.example", Basis: "databehandleraftale 2027"}))
		now, err := f.Notices.Holder(ctx, anna, h.ID)
		f.Must(err)
		if now.Who != "Per Presser" || now.Person == h.Person || f.Keyring.Holds(h.Person, vault.Membership) || !f.Keyring.Holds(now.Person, vault.Membership) {
			t.Errorf("%+v", now)
		}
		f.Reopen() // the start sweeps no key that has its row
		now, err = f.Notices.Holder(ctx, anna, h.ID)
		f.Must(err)
		if now.Who != "Per Presser" {
			t.Errorf("%+v", now)
		}
		list, _ := pulled(t, f, "chair", extract.Wish{Purpose: "newsletter", Format: extract.CSV, Lang: "da"})
		f.Must(f.Notices.Hand(ctx, f.As("chair"), list, h.ID))
		if err := f.Notices.EndHolder(ctx, anna, h.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("with a list in hand: %v", err)
		}
		f.Must(f.Notices.Destroyed(ctx, anna, list, h.ID))
		f.Must(f.Notices.EndHolder(ctx, anna, h.ID))
		if f.Keyring.Holds(now.Person, vault.Membership) {
			t.Error("who answered is still known")
		}
		all, err := f.Notices.Holders(ctx, anna)
		f.Must(err)
		if len(all) != 0 {
			t.Errorf("%+v", all)
		}
		for _, wrong := range []func(*notice.Holder){
			func(h *notice.Holder) { h.Name = " " }, func(h *notice.Holder) { h.Country = "DEN" }, func(h *notice.Holder) { h.Role = "friend" },
			func(h *notice.Holder) { h.Email = "nobody" }, func(h *notice.Holder) { h.Basis = "" }, func(h *notice.Holder) { h.Purposes = []string{"fun"} },
		} {
			bad := printer()
			wrong(&bad)
			if _, err := f.Notices.AddHolder(ctx, anna, bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
	})
}

// The lines stand whatever the file is: households, contacts and labels too; the
// order is forgotten when the list is destroyed.
func TestL3LinesAreFoundInEveryFormat(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, person := f.Context(), f.Person("member")
		for _, w := range []extract.Wish{
			{Purpose: "newsletter", Format: extract.CSV, Lang: "da", Per: extract.PerHousehold},
			{Purpose: "administration", Format: extract.VCard, Lang: "da"},
			{Purpose: "administration", Format: extract.PDF, Lang: "nb"},
			{Purpose: "meeting-notice", Format: extract.Labels, Lang: "en"},
		} {
			d, err := f.Extracts.Pull(ctx, f.As("chair"), w)
			f.Must(err)
			var file bytes.Buffer
			f.Must(d.Write(ctx, &file))
			lines, err := f.Extracts.LinesOn(ctx, d.List.Number, []vault.PersonID{person, 9999})
			f.Must(err)
			if lines[person] < 1 || lines[person] > d.List.Outcome.Written || lines[9999] != 0 {
				t.Errorf("%s: %v of %d", w.Format, lines, d.List.Outcome.Written)
			}
			if w.Format == extract.VCard && !strings.Contains(strings.ReplaceAll(file.String(), "\r\n ", ""), "Linje "+strconv.Itoa(lines[person])+".") {
				t.Errorf("no contact tells its line")
			}
			for _, medium := range []extract.Medium{extract.Digital, extract.Physical} {
				_, err := f.Extracts.Attest(ctx, f.As("chair"), d.List.Number, medium)
				f.Must(err)
			}
		}
		if due, all, err := f.Extracts.OrdersDue(ctx, f.Clock.Now()); due != 4 || all != 4 || err != nil {
			t.Errorf("%d of %d orders are over, %v", due, all, err)
		}
		f.Must(f.Retention.Sweep(ctx, false))
		f.Must(f.DB.Read(ctx, func(q database.Querier) error {
			var left int64
			if err := q.QueryRow(`SELECT COUNT(*) FROM extract_order`).Scan(&left); err != nil || left != 0 {
				t.Errorf("%d orders are kept, %v", left, err)
			}
			return nil
		}))
	})
}
