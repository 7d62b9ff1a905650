package handout_test

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/consent"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/handout"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

var (
	linkKey  = regexp.MustCompile(`/handout\?key=(\S+)`)
	sixDigit = regexp.MustCompile(`\b\d{6}\b`)
)

// own is the requisition of the chair of a storkreds, as the page writes it.
func own(f *housetest.Fixture) handout.Wish {
	return handout.Wish{
		As: "regional-chair", For: f.Person("regional chair"), Unit: f.Bodies["north"], Purpose: "invitation", Format: "csv",
		Need: "Indbydelse til årsmødet", Channel: handout.ByPage,
	}
}

// other is what the secretariat takes down for somebody without an account.
func other(f *housetest.Fixture, outside bool) handout.Wish {
	return handout.Wish{
		As: "minister", To: handout.Recipient{Name: "Mona Ministersen", Email: "mona@ministeriet.example", Function: "minister", Lang: "da", Outside: outside},
		Unit: f.Bodies["party"], Purpose: "invitation", Format: "csv", Need: "Indbydelse til en høring", Channel: handout.ByPhone,
	}
}

func ask(f *housetest.Fixture, who string, w handout.Wish) handout.Case {
	if w.For != 0 { // where the mails go
		f.Must(f.Members.SetOwnEmail(f.Context(), f.Scope("regional chair", access.Want{Self: true}), "rolf@example.dk"))
	}
	c, err := f.Handouts.Ask(f.Context(), f.As(who), w)
	f.Must(err)
	return c
}

func approve(f *housetest.Fixture, c handout.Case) handout.Case {
	c, err := f.Handouts.Approve(f.Context(), f.As("anna"), c.ID, "")
	f.Must(err)
	return c
}

// letter is the newest mail of a kind.
func letter(t *testing.T, f *housetest.Fixture, kind string) (body, subject, to string) {
	t.Helper()
	f.Post()
	shown, err := f.House.Mail.Mailbox(f.Context())
	f.Must(err)
	for _, m := range shown {
		if m.Kind == kind {
			return m.Body, m.Subject, m.To
		}
	}
	t.Fatalf("no mail of kind %s", kind)
	return "", "", ""
}

func linkOf(t *testing.T, f *housetest.Fixture) string {
	t.Helper()
	body, _, _ := letter(t, f, "handout.link")
	return linkKey.FindStringSubmatch(body)[1]
}

func key(err error) string {
	if err == nil {
		return ""
	}
	return fault.From(err).Key
}

// fetch asks for the code and fetches the file.
func fetch(t *testing.T, f *housetest.Fixture, link string) string {
	t.Helper()
	f.Must(f.Handouts.SendCode(f.Context(), link, "192.0.2.7"))
	body, _, _ := letter(t, f, "handout.code")
	d, err := f.Handouts.Fetch(f.Context(), link, sixDigit.FindString(body), "192.0.2.7")
	f.Must(err)
	var file bytes.Buffer
	f.Must(d.Write(f.Context(), &file))
	return file.String()
}

// A storkreds has no access of its own: its chair requisitions, the secretariat hands
// over, the file is made when the code comes, and the chair attests.
func TestD13AStorkredsRequisitionsItsOwnList(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		if _, err := f.Access.Decide(f.As("regional chair"), access.Want{Act: charter.Pull, Unit: f.Bodies["north"]}); err == nil {
			t.Fatal("a chair without access may pull")
		}
		for who, w := range map[string]func(*handout.Wish){
			"another storkreds": func(w *handout.Wish) { w.Unit = f.Bodies["south"] },
			"everything":        func(w *handout.Wish) { w.Unit = f.Bodies["party"] },
			"another's post":    func(w *handout.Wish) { w.As = "chair" },
		} {
			wish := own(f)
			w(&wish)
			if _, err := f.Handouts.Ask(ctx, f.As("regional chair"), wish); key(err) != "handout.denied.ask" {
				t.Errorf("%s: %v", who, err)
			}
		}
		dues := own(f)
		dues.Purpose = "dues"
		if _, err := f.Handouts.Ask(ctx, f.As("regional chair"), dues); key(err) != "handout.error.wish" {
			t.Errorf("for dues: %v", err)
		}
		w := own(f)
		w.For = f.Person("chair")
		if _, err := f.Handouts.Ask(ctx, f.As("chair"), w); key(err) != "handout.denied.ask" {
			t.Errorf("the chair of an association asks: %v", err)
		}

		c := ask(f, "regional chair", own(f))
		open, err := f.Duties.OpenOf(ctx, duty.DecideRequisition)
		f.Must(err)
		if len(open) != 1 || open[0].Subject != c.ID || open[0].Act != "edit" || open[0].DueOn != c.AnswerBy {
			t.Errorf("the secretariat's duty is %+v", open)
		}
		for who, want := range map[string]string{"regional chair": "access.denied.act", "chair": "handout.denied.office", "dorte": "access.denied.act"} {
			if _, err := f.Handouts.Approve(ctx, f.As(who), c.ID, ""); key(err) != want {
				t.Errorf("%s approves: %v", who, err)
			}
		}
		slip, err := f.Handouts.Foresee(ctx, f.As("anna"), c.ID)
		f.Must(err)
		if slip.Members == 0 || slip.Without != 0 || !slip.Purpose.Requisition {
			t.Errorf("the slip is %+v", slip)
		}
		approve(f, c)

		body, subject, _ := letter(t, f, "handout.link")
		for _, word := range []string{"parti", "medlem", "storkreds"} {
			if strings.Contains(strings.ToLower(subject), word) {
				t.Errorf("the subject says %q", word)
			}
		}
		if !strings.Contains(body, "destruere") {
			t.Error("the mail does not say that the list must be destroyed")
		}
		link := linkOf(t, f)
		for range 3 { // scanners open links
			if got, err := f.Handouts.ByKey(ctx, link); err != nil || got.State != handout.Approved {
				t.Fatalf("opened: %s, %v", got.State, err)
			}
		}
		file := fetch(t, f, link)
		if !strings.Contains(file, "Søren Åge") || strings.Contains(file, "Frode") || !strings.Contains(file, "Rolf Storgaard") || strings.Contains(file, "39 68 47 95") {
			t.Errorf("the list is %q", file)
		}
		lists, err := f.Extracts.With(ctx, f.Scope("member", access.Want{Self: true}))
		f.Must(err)
		if len(lists) != 1 || lists[0].Recipient != f.Person("regional chair") || lists[0].Post != "regional-chair" || lists[0].Members != slip.Members {
			t.Errorf("the member sees %+v", lists)
		}
		if _, err := f.Handouts.Fetch(ctx, link, "123456", "192.0.2.7"); key(err) != "handout.error.fetched" {
			t.Errorf("a second time: %v", err)
		}
		_, err = f.Handouts.Attest(ctx, link, "192.0.2.7", true, true)
		f.Must(err)
		lists, err = f.Extracts.Mine(ctx, f.As("regional chair"))
		f.Must(err)
		if len(lists) != 1 || !lists[0].Destroyed() {
			t.Errorf("after the attestation: %+v", lists)
		}
		todo, err := f.Duties.Open(ctx, duty.Responsible{Person: f.Person("regional chair")})
		f.Must(err)
		if len(todo) != 0 {
			t.Errorf("still to do: %+v", todo)
		}
	})
}

// A link alone opens nothing, a code lives shortly and stands few tries, and what is
// sent again or withdrawn opens nothing any more.
func TestD13OnlyTheCodeHasTheListMade(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		c := approve(f, ask(f, "regional chair", own(f)))
		link := linkOf(t, f)
		try := func(code string) string {
			_, err := f.Handouts.Fetch(ctx, link, code, "192.0.2.7")
			return key(err)
		}
		if got := try("123456"); got != "handout.error.code_over" {
			t.Errorf("before there was a code: %q", got)
		}
		code, err := f.Handouts.ReadCode(ctx, f.As("anna"), c.ID)
		f.Must(err)
		wrong := "000000"
		if code == wrong {
			wrong = "000001"
		}
		for i := range 5 {
			want := "signin.error.code"
			if i == 4 {
				want = "handout.error.code_over"
			}
			if got := try(wrong); got != want {
				t.Errorf("wrong code %d: %q", i, got)
			}
		}
		if got := try(code); got != "handout.error.code_over" {
			t.Errorf("the right one after five wrong ones: %q", got)
		}
		code, err = f.Handouts.ReadCode(ctx, f.As("anna"), c.ID)
		f.Must(err)
		f.Clock.Add(handout.CodeLife + time.Second)
		if got := try(code); got != "handout.error.code_over" {
			t.Errorf("after its time: %q", got)
		}
		tampered := link[:len(link)-1] + string("ab"[strings.IndexByte("ba", link[len(link)-1])&1])
		for _, bad := range []string{"", "1", "1.1-", "7.1" + link[3:], tampered} {
			if _, err := f.Handouts.ByKey(ctx, bad); bad != link && key(err) != "handout.error.key" {
				t.Errorf("%q: %v", bad, err)
			}
		}
		_, err = f.Handouts.Again(ctx, f.As("anna"), c.ID)
		f.Must(err)
		if _, err := f.Handouts.ByKey(ctx, link); key(err) != "handout.error.key" {
			t.Errorf("the link before: %v", err)
		}
		link = linkOf(t, f)
		if _, err := f.Handouts.Withdraw(ctx, f.As("regional chair"), c.ID, "fortrudt"); key(err) != "access.denied.act" {
			t.Errorf("the recipient withdraws an approval: %v", err)
		}
		if _, err := f.Handouts.Withdraw(ctx, f.As("bo"), c.ID, "årsmødet er aflyst"); err != nil {
			t.Fatal(err)
		}
		if err := f.Handouts.SendCode(ctx, link, "192.0.2.7"); key(err) != "handout.error.over" {
			t.Errorf("after the withdrawal: %v", err)
		}
		late := approve(f, ask(f, "regional chair", own(f)))
		link = linkOf(t, f)
		f.Clock.Add(8 * 24 * time.Hour)
		if err := f.Handouts.SendCode(ctx, link, "192.0.2.7"); key(err) != "handout.error.over" {
			t.Errorf("after a week: %v", err)
		}
		f.Must(f.Handouts.Daily(ctx))
		late, _, err = f.Handouts.Get(ctx, f.As("anna"), late.ID)
		if err != nil || late.State != handout.Expired {
			t.Errorf("nobody fetched it: %s, %v", late.State, err)
		}
		if lists, err := f.Extracts.Mine(ctx, f.As("regional chair")); err != nil || len(lists) != 0 {
			t.Errorf("lists were made: %+v, %v", lists, err)
		}
	})
}

// What nobody decides lapses, and what is refused is told with its grounds.
func TestD13NobodyApprovesByDefault(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		c := ask(f, "regional chair", own(f))
		if _, err := f.Handouts.Refuse(ctx, f.As("anna"), c.ID, " "); key(err) != "handout.error.decision" {
			t.Errorf("without grounds: %v", err)
		}
		_, err := f.Handouts.Refuse(ctx, f.As("anna"), c.ID, "Årsmødet er allerede indkaldt af os")
		f.Must(err)
		if body, _, _ := letter(t, f, "handout.refusal"); !strings.Contains(body, "allerede indkaldt") {
			t.Errorf("told %q", body)
		}
		c = ask(f, "regional chair", own(f))
		f.Clock.Add(15 * 24 * time.Hour)
		f.Must(f.Handouts.Daily(ctx))
		c, _, err = f.Handouts.Get(ctx, f.As("regional chair"), c.ID)
		f.Must(err)
		open, err := f.Duties.OpenOf(ctx, duty.DecideRequisition)
		f.Must(err)
		if c.State != handout.Lapsed || len(open) != 0 {
			t.Errorf("after its days: %s, %+v", c.State, open)
		}
		letter(t, f, "handout.lapsed")
		if _, err := f.Handouts.Approve(ctx, f.As("anna"), c.ID, ""); key(err) != "handout.error.state" {
			t.Errorf("approved after it lapsed: %v", err)
		}
		if _, _, err := f.Handouts.Get(ctx, f.As("chair"), c.ID); key(err) != "handout.error.gone" {
			t.Errorf("another sees it: %v", err)
		}
	})
}

// Somebody without an account is handed a list for an objective need. Who stands
// outside the legal body gets only members who have consented, and a consent that is
// withdrawn counts at once.
func TestD5OutsideOnlyWhoConsented(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		c := ask(f, "anna", other(f, true))
		slip, err := f.Handouts.Foresee(ctx, f.As("anna"), c.ID)
		f.Must(err)
		if slip.Members != 0 || slip.Without == 0 {
			t.Errorf("nobody has consented, and the slip is %+v", slip)
		}
		if _, err := f.Handouts.Approve(ctx, f.As("anna"), c.ID, ""); key(err) != "handout.error.empty" {
			t.Errorf("approved for nobody: %v", err)
		}
		agree := func(who, whom, recipient, paper string) error {
			q, err := f.Consents.Ask(ctx, f.Person(whom), charter.DisclosureCode(recipient), "da")
			if err != nil {
				return err
			}
			return f.Consents.Give(ctx, f.As(who), f.Person(whom), consent.Giving{Code: q.Code, Lang: "da", Hash: q.Hash, Paper: paper})
		}
		for _, who := range []string{"member", "neighbour", "odense member"} {
			f.Must(agree(who, who, "minister", ""))
		}
		f.Must(agree("lyngby member", "lyngby member", "adviser", "")) // another kind
		if err := agree("anna", "secret", "minister", ""); key(err) != "consent.error.give" {
			t.Errorf("without a paper: %v", err)
		}
		if err := agree("chair", "secret", "minister", "mappe 4"); key(err) != "consent.denied.office" {
			t.Errorf("an officer consents for a member: %v", err)
		}
		f.Must(agree("anna", "secret", "minister", "mappe 4, nr. 12"))
		if err := agree("member", "member", "employee", ""); key(err) != "consent.error.give" {
			t.Errorf("for one who never stands outside: %v", err)
		}
		approve(f, c)
		link := linkOf(t, f)
		f.Must(f.Consents.Withdraw(ctx, f.As("neighbour"), f.Person("neighbour"), charter.DisclosureCode("minister"))) // after the approval
		file := fetch(t, f, link)
		if !strings.Contains(file, "Søren Åge") || !strings.Contains(file, "Frode") || !strings.Contains(file, "Karla") ||
			strings.Contains(file, "Inger") || strings.Contains(file, "Yrsa") || !strings.Contains(file, "Mona Ministersen") {
			t.Errorf("the list is %q", file)
		}
		if strings.Contains(file, "Hemmeligvej") {
			t.Error("a secret address is on it")
		}
		scope := f.Scope("member", access.Want{Self: true})
		names, err := f.Handouts.Names(ctx, scope, c.Person)
		f.Must(err)
		if k := names[c.Person]; k.Name != "Mona Ministersen" || k.Function != "minister" {
			t.Errorf("a member is told %+v", names)
		}
		consents, err := f.Consents.Of(ctx, f.As("neighbour"), f.Person("neighbour"))
		f.Must(err)
		if len(consents) != 1 || consents[0].State(f.Now()) != consent.Withdrawn || consents[0].WithdrawnHow != consent.ByWeb || consents[0].GivenBy != f.Person("neighbour") {
			t.Errorf("the proof is %+v", consents)
		}
	})
}

// Nobody decides about a list they get themselves: by their person or their address.
func TestD5NobodyDecidesTheirOwn(t *testing.T) {
	second := func(source string) string {
		return regexp.MustCompile(`(\[handouts\.second-person\]\s+value = )false`).ReplaceAllString(source, "${1}true")
	}
	housetest.EachUnder(t, second, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		mine := other(f, false)
		mine.As, mine.To.Email = "employee", "anna@example.dk"
		f.Must(f.Members.SetOwnEmail(ctx, f.Scope("anna", access.Want{Self: true}), "anna@example.dk"))
		c := ask(f, "bo", mine)
		if _, err := f.Handouts.Approve(ctx, f.As("anna"), c.ID, ""); key(err) != "handout.denied.own" {
			t.Errorf("her own: %v", err)
		}
		if _, err := f.Handouts.Approve(ctx, f.As("bo"), c.ID, ""); key(err) != "handout.denied.second" {
			t.Errorf("whoever entered it: %v", err)
		}
	})
}

// A download that breaks off may be repeated within the hour with a new code; both
// lists are on record and attested together.
func TestD13ABrokenDownloadIsRepeated(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		c := approve(f, ask(f, "regional chair", own(f)))
		link := linkOf(t, f)
		code, err := f.Handouts.ReadCode(ctx, f.As("anna"), c.ID)
		f.Must(err)
		d, err := f.Handouts.Fetch(ctx, link, code, "192.0.2.7")
		f.Must(err)
		if err := d.Write(ctx, broken{}); err == nil {
			t.Fatal("a pipe that is broken took the file")
		}
		if file := fetch(t, f, link); !strings.Contains(file, "Søren Åge") {
			t.Error("the second download is empty")
		}
		if err := f.Handouts.SendCode(ctx, link, "192.0.2.7"); key(err) != "handout.error.fetched" {
			t.Errorf("a third time: %v", err)
		}
		_, err = f.Handouts.Attest(ctx, link, "192.0.2.7", true, true)
		f.Must(err)
		lists, err := f.Extracts.Mine(ctx, f.As("regional chair"))
		f.Must(err)
		if len(lists) != 2 || !lists[0].Destroyed() || !lists[1].Destroyed() {
			t.Errorf("the lists are %+v", lists)
		}
	})
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, fault.New(fault.Unavailable, "fault.internal") }

// Recipients are told of an erasure by pointer, reminded by mail of what they have,
// and gone when nothing of theirs is told any more (L3, N14).
func TestL3ARecipientIsToldAndGoes(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		c := approve(f, ask(f, "anna", other(f, false)))
		link := linkOf(t, f)
		if file := fetch(t, f, link); !strings.Contains(file, "Frode") {
			t.Fatal("the list is empty")
		}
		_, err := f.Departures.Close(ctx, f.As("anna"), f.Person("odense member"), "resignation", false)
		f.Must(err)
		f.Clock.Add(4 * 24 * time.Hour)
		_, err = f.EraseDue(ctx)
		f.Must(err)
		_, err = f.Notices.Send(ctx)
		f.Must(err)
		body, _, to := letter(t, f, "notice.mail")
		if to != "mona@ministeriet.example" || strings.Contains(body, "Frode") || !regexp.MustCompile(`[Ll]inje \d+`).MatchString(body) {
			t.Errorf("to %s: %q", to, body)
		}
		f.Clock.Add(20 * 24 * time.Hour)
		f.Must(f.TellDuties(ctx))
		if body, _, to := letter(t, f, "handout.reminder"); to != "mona@ministeriet.example" || !strings.Contains(body, link) {
			t.Errorf("reminded %s: %q", to, body)
		}
		again := other(f, false)
		f.Clock.Add(10 * 24 * time.Hour)
		next := ask(f, "anna", again)
		if next.Person != c.Person {
			t.Error("the same recipient is two persons")
		}
		if _, err := f.Handouts.Approve(ctx, f.As("anna"), next.ID, ""); key(err) != "handout.error.late" {
			t.Errorf("a new list for whoever has not destroyed the last: %v", err)
		}
		_, err = f.Handouts.Refuse(ctx, f.As("anna"), next.ID, "Den forrige liste er ikke destrueret")
		f.Must(err)
		_, err = f.Handouts.Attest(ctx, link, "192.0.2.7", true, false)
		f.Must(err)
		_, err = f.Handouts.Attest(ctx, link, "192.0.2.7", false, true)
		f.Must(err)
		if due, all, err := f.Handouts.Due(ctx, f.Clock.Now()); err != nil || due != 0 || all != 2 {
			t.Errorf("due %d of %d, %v", due, all, err)
		}
		later := f.Clock.Now().AddDate(6, 0, 0)
		_, err = f.Extracts.End(ctx, later)
		f.Must(err)
		if gone, err := f.Handouts.End(ctx, later); err != nil || gone != 2 {
			t.Errorf("ended %d, %v", gone, err)
		}
		if f.Keyring.Holds(c.Person, vault.Membership) {
			t.Error("the recipient's key is still there")
		}
	})
}

// The diagram of the package and its table of transitions agree, and no other step is
// taken.
func TestD13TheStatesAreThoseOfTheDiagram(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		e := ask(f, "regional chair", own(f))
		_, err := f.Handouts.Withdraw(ctx, f.As("regional chair"), e.ID, "alligevel ikke")
		f.Must(err)
		for name, act := range map[string]func() error{
			"approve": func() error { _, err := f.Handouts.Approve(ctx, f.As("anna"), e.ID, ""); return err },
			"refuse":  func() error { _, err := f.Handouts.Refuse(ctx, f.As("anna"), e.ID, "nej"); return err },
			"again":   func() error { _, err := f.Handouts.Again(ctx, f.As("anna"), e.ID); return err },
			"take":    func() error { _, err := f.Handouts.Withdraw(ctx, f.As("anna"), e.ID, "igen"); return err },
		} {
			if err := act(); key(err) != "handout.error.state" {
				t.Errorf("%s after it was taken back: %v", name, err)
			}
		}
		if _, err := f.Access.Handout(ctx, e.ID); key(err) != "handout.error.over" {
			t.Errorf("a Scope of what was taken back: %v", err)
		}
		entries := 0
		for _, act := range []journal.Act{journal.Requisition, journal.HandoutWithdraw} {
			page, err := f.Journal.About(ctx, uint32(f.Person("regional chair")), journal.Page{Limit: 100})
			f.Must(err)
			if slices.ContainsFunc(page.Lines, func(l journal.Line) bool { return l.Act == act }) {
				entries++
			}
		}
		if entries != 2 {
			t.Errorf("%d of 2 acts stand in the journal", entries)
		}
	})
}
