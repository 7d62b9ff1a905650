package dues_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/dues"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/mail"
	"kartotek/internal/vault"
)

// year is the accounting year of the house's clock, November 2026.
const year = 2026

var rates = map[string]int64{"ordinary": 300_00, "pensioner": 150_00, "youth": 100_00, "central": 300_00, "honorary": 0}

// set gives the association rates, by the position that keeps the dues.
func set(f *housetest.Fixture, of int) {
	_, err := f.Dues.SetRates(f.Context(), f.As("dorte"), dues.Sheet{Year: of, Payee: "12345678", Rates: rates})
	f.Must(err)
}

func charge(f *housetest.Fixture, of int) dues.Tally {
	set(f, of)
	t, err := f.Dues.Charge(f.Context(), f.As("dorte"), 0, of)
	f.Must(err)
	return t
}

func line(t *testing.T, f *housetest.Fixture, who string, of int) *dues.Line {
	t.Helper()
	a, err := f.Dues.Own(f.Context(), access.Actor{Person: f.Person(who), Via: access.Web})
	f.Must(err)
	for i := range a.Lines {
		if a.Lines[i].Year == of {
			return &a.Lines[i]
		}
	}
	t.Fatalf("%s is not charged for %d: %+v", who, of, a)
	return nil
}

func wish(t *testing.T, f *housetest.Fixture, who string, amount int64) dues.Wish {
	return dues.Wish{Person: f.Person(who), Charge: line(t, f, who, year).ID, Amount: amount}
}

// L7: one act charges everybody once; who joins later is charged by the next; a
// charging is taken back until something was paid.
func TestL7EverybodyIsChargedOnce(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		set(f, year)
		preview, err := f.Dues.Preview(f.Context(), f.As("dorte"), 0, year)
		f.Must(err)
		first, err := f.Dues.Charge(f.Context(), f.As("dorte"), 0, year)
		f.Must(err)
		if preview.Members != first.Members || preview.Amount != first.Amount || first.Members != 12 || first.Amount != 11*300_00+150_00 {
			t.Errorf("charged %+v, previewed %+v", first, preview)
		}
		if l := line(t, f, "member", year); l.Amount != 150_00 || !dues.Verify("FI", l.Reference) || l.Due.String() != "2026-12-06" {
			t.Errorf("a pensioner owes %+v", l)
		}
		if _, err := f.Dues.Charge(f.Context(), f.As("dorte"), 0, year); !fault.Is(err, fault.Conflict) {
			t.Errorf("charged again: %v", err)
		}
		f.Join("late", "odense", map[string]string{"given": "Late", "family": "Comer"}, false)
		second, err := f.Dues.Charge(f.Context(), f.As("dorte"), 0, year)
		f.Must(err)
		if second.Members != 1 || second.Already != 12 {
			t.Errorf("the second charging: %+v", second)
		}
		_, err = f.Dues.Undo(f.Context(), f.As("dorte"), second.Run)
		f.Must(err)
		_, err = f.Dues.Pay(f.Context(), f.As("dorte"), wish(t, f, "member", 10_00))
		f.Must(err)
		if _, err := f.Dues.Undo(f.Context(), f.As("dorte"), first.Run); !fault.Is(err, fault.Conflict) {
			t.Errorf("taken back although somebody paid: %v", err)
		}
		sum, err := f.Dues.Sum(f.Context(), f.As("dorte"), 0, year)
		f.Must(err)
		if sum.Members != 12 || sum.Charged != first.Amount || sum.Open != first.Amount-10_00 || len(sum.Runs) != 2 || sum.Due != 12 {
			t.Errorf("the sums: %+v", sum)
		}
	})
}

// D11, D6: the books of the association are the secretariat's; a treasurer sees
// what their own members owe and nobody else's; others see nothing.
func TestD11BooksAndWhoSeesThem(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		charge(f, year)
		ctx := f.Context()
		for _, who := range []string{"chair", "other chair", "regional chair", "member"} {
			if _, err := f.Dues.Sum(ctx, f.As(who), 0, year); !fault.Is(err, fault.Denied) {
				t.Errorf("%s sees sums: %v", who, err)
			}
			if _, err := f.Dues.Arrears(ctx, f.As(who), 0, year, dues.Unpaid, 1, 50); !fault.Is(err, fault.Denied) {
				t.Errorf("%s sees arrears: %v", who, err)
			}
		}
		treasurer := f.As("treasurer")
		list, err := f.Dues.Arrears(ctx, treasurer, 0, year, dues.Unpaid, 1, 50)
		f.Must(err)
		var names []string
		for _, r := range list.Rows {
			names = append(names, r.Name())
		}
		if list.Total != 6 || slices.Contains(names, "Yrsa Yding") || !slices.Contains(names, "Inger Nabogaard") {
			t.Errorf("the treasurer sees %v", names)
		}
		if _, err := f.Dues.Account(ctx, treasurer, f.Person("lyngby member")); !fault.Is(err, fault.NotFound) {
			t.Errorf("the account of another body's member: %v", err)
		}
		_, err = f.Dues.Account(ctx, treasurer, f.Person("neighbour"))
		f.Must(err)
		if !looked(t, f, "neighbour", journal.Arrears) {
			t.Error("looking at an account is not in the journal")
		}
		if _, err := f.Dues.Pay(ctx, treasurer, wish(t, f, "neighbour", 1_00)); !fault.Is(err, fault.Denied) {
			t.Errorf("a treasurer writes in the association's books: %v", err)
		}
		if _, err := f.Dues.Charge(ctx, treasurer, 0, year); !fault.Is(err, fault.Denied) {
			t.Errorf("a treasurer charges what the association collects: %v", err)
		}
		if _, err := f.Dues.Charge(ctx, f.As("treasurer"), f.Bodies["lyngby"], year); !fault.Is(err, fault.Denied) {
			t.Errorf("a treasurer charges another body: %v", err)
		}
	})
}

func looked(t *testing.T, f *housetest.Fixture, who string, act journal.Act) bool {
	t.Helper()
	account, err := f.Journal.About(f.Context(), uint32(f.Person(who)), journal.Page{})
	f.Must(err)
	return slices.ContainsFunc(account.Lines, func(l journal.Line) bool { return l.Act == act })
}

// Where bodies collect, each sets its rates and keeps its own books, also on
// somebody who belongs to two.
func TestD11EachBodyCollects(t *testing.T) {
	edit := func(source string) string {
		return strings.Replace(source, `collects = "root"`, `collects = "body"`, 1)
	}
	housetest.EachUnder(t, edit, func(t *testing.T, f *housetest.Fixture) {
		ctx, treasurer := f.Context(), f.As("treasurer")
		here := f.Bodies["gentofte"]
		if _, err := f.Dues.SetRates(ctx, treasurer, dues.Sheet{Unit: here, Year: year, Rates: rates}); !fault.Is(err, fault.Invalid) {
			t.Errorf("rates without an account to pay to: %v", err)
		}
		if _, err := f.Dues.SetRates(ctx, treasurer, dues.Sheet{Unit: f.Bodies["lyngby"], Year: year, Payee: "12345678", Rates: rates}); !fault.Is(err, fault.Denied) {
			t.Errorf("the rates of another body: %v", err)
		}
		_, err := f.Dues.SetRates(ctx, treasurer, dues.Sheet{Unit: here, Year: year, Payee: "12345678", Rates: rates})
		f.Must(err)
		all, err := f.Dues.Charge(ctx, treasurer, 0, year)
		f.Must(err)
		if all.Members != 6 {
			t.Errorf("charged %+v", all)
		}
		e, err := f.Dues.Pay(ctx, treasurer, wish(t, f, "member", 150_00))
		f.Must(err)
		if l := line(t, f, "member", year); l.Open() != 0 || e.Number == 0 {
			t.Errorf("%d open", l.Open())
		}
		_, err = f.Dues.SetRates(ctx, f.As("dorte"), dues.Sheet{Unit: f.Bodies["lyngby"], Year: year, Payee: "12345679", Rates: rates})
		f.Must(err)
		rest, err := f.Dues.Charge(ctx, f.As("dorte"), 0, year)
		f.Must(err)
		if rest.Members != 3 || rest.NoRate != 3 || rest.Already != 6 {
			t.Errorf("the secretariat charges %+v", rest)
		}
		if list, err := f.Dues.Arrears(ctx, treasurer, 0, year, dues.EveryState, 1, 50); err != nil || list.Total != 6 {
			t.Errorf("the treasurer sees %d (%v)", list.Total, err)
		}
	})
}

// Facts of the books are countered and never changed; what is too much is used
// for what is owed, later too.
func TestL7EntriesAreCountered(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		charge(f, year)
		ctx, by := f.Context(), f.As("dorte")
		e, err := f.Dues.Pay(ctx, by, wish(t, f, "neighbour", 350_00))
		f.Must(err)
		if l := line(t, f, "neighbour", year); l.Open() != -50_00 || l.StateOn(l.Due) != dues.Over {
			t.Errorf("open %d", l.Open())
		}
		if _, err := f.Dues.Refund(ctx, by, wish(t, f, "neighbour", 351_00)); !fault.Is(err, fault.Invalid) {
			t.Errorf("more goes back than came: %v", err)
		}
		charge(f, year+1) // the rest is used for the next year
		if was, next := line(t, f, "neighbour", year), line(t, f, "neighbour", year+1); was.Open() != 0 || next.Open() != 250_00 {
			t.Errorf("carried: %d and %d open", was.Open(), next.Open())
		}
		if _, err := f.Dues.Counter(ctx, by, f.Person("neighbour"), wish(t, f, "neighbour", 0).Charge, e.Number); !fault.Is(err, fault.Conflict) {
			t.Errorf("countered although the money was carried on: %v", err)
		}
		paid, err := f.Dues.Pay(ctx, by, wish(t, f, "member", 15_00))
		f.Must(err)
		back, err := f.Dues.Counter(ctx, by, f.Person("member"), paid.Charge, paid.Number)
		f.Must(err)
		if l := line(t, f, "member", year); l.Open() != 150_00 || len(l.Entries) != 2 || back.Of != paid.Number {
			t.Errorf("countered: %+v", l)
		}
		_, err = f.Dues.WriteOff(ctx, by, wish(t, f, "member", 0))
		f.Must(err)
		if l := line(t, f, "member", year); l.Open() != 0 || l.Cash() != 0 {
			t.Errorf("written off: %+v", l)
		}
	})
}

// The file of a bank: what fits is entered, what is misspelt is named, what is
// unknown and what is gone answer alike, and a file read twice enters nothing.
func TestL7PaymentsByReference(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		charge(f, year)
		ctx, by := f.Context(), f.As("dorte")
		gone := line(t, f, "odense member", year).Reference
		_, err := f.Departures.Close(ctx, f.As("anna"), f.Person("odense member"), "resignation", false)
		f.Must(err)
		ref := func(who string) string { return line(t, f, who, year).Reference }
		typo := []byte(ref("chair"))
		typo[7] = '0' + (typo[7]-'0'+1)%10
		table := "Dato;Tekst;Betalings-ID;Beløb;Saldo\r\n"
		for _, row := range [][3]string{
			{"20-11-2026", ref("neighbour"), "300,00"}, {"20-11-2026", ref("member"), "100,00"}, {"21-11-2026", "+71<" + ref("secret") + "+12345678<", "1.300,00"},
			{"21-11-2026", ref("neighbour"), "300,00"}, {"21-11-2026", string(typo), "300,00"}, {"21-11-2026", gone, "300,00"},
			{"21-11-2026", "", "-75,00"}, {"", ref("chair"), "300,00"},
		} {
			table += fmt.Sprintf("%s;Overførsel;%s;%s;0,00\r\n", row[0], row[1], row[2])
		}
		read := func(dry bool) dues.Report {
			t.Helper()
			r, err := f.Dues.Import(ctx, by, 0, bytes.NewReader([]byte(table)), int64(len(table)), dry)
			f.Must(err)
			return r
		}
		outcomes := func(r dues.Report) (all []dues.Outcome) {
			for _, row := range r.Rows {
				all = append(all, row.Outcome)
			}
			return all
		}
		want := []dues.Outcome{dues.Matched, dues.Less, dues.More, dues.Again, dues.CheckDigit, dues.Unknown, dues.Outgoing, dues.Unreadable}
		if got := outcomes(read(true)); !slices.Equal(got, want) {
			t.Errorf("previewed %v", got)
		}
		if l := line(t, f, "neighbour", year); l.Open() != 300_00 {
			t.Error("a preview enters")
		}
		if got := outcomes(read(false)); !slices.Equal(got, want) {
			t.Errorf("entered %v", got)
		}
		if a, b, c := line(t, f, "neighbour", year).Open(), line(t, f, "member", year).Open(), line(t, f, "secret", year).Open(); a != -300_00 || b != 50_00 || c != -1000_00 {
			t.Errorf("open: %d %d %d", a, b, c)
		}
		want[0], want[1], want[2], want[3] = dues.Repeated, dues.Repeated, dues.Repeated, dues.Repeated
		if got := outcomes(read(false)); !slices.Equal(got, want) {
			t.Errorf("read again: %v", got)
		}
		if _, _, err := f.Dues.ByReference(ctx, by, gone); !fault.Is(err, fault.NotFound) {
			t.Errorf("the reference of somebody gone: %v", err)
		}
		if person, _, err := f.Dues.ByReference(ctx, by, ref("member")); err != nil || person != f.Person("member") {
			t.Errorf("by reference: %d %v", person, err)
		}
		if _, _, err := f.Dues.ByReference(ctx, f.As("treasurer"), ref("lyngby member")); !fault.Is(err, fault.NotFound) {
			t.Errorf("another's reference: %v", err)
		}
	})
}

// Bills, reminders by the charter's days, by mail and by letter; then a duty for
// whoever closes (D6), which names nobody.
func TestD6PatienceEnds(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		charge(f, year)
		ctx, by := f.Context(), f.As("dorte")
		sent, err := f.Dues.Remind(ctx, by, 0, 0, false)
		f.Must(err)
		if sent.Bills != 12 || sent.Total() != 12 {
			t.Errorf("sent %+v", sent)
		}
		f.Mail.Start()
		defer f.Mail.Stop(ctx)
		var mails []mail.Shown
		for range 100 {
			if mails, err = f.Mail.Mailbox(ctx); err != nil || len(mails) >= 5 {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		f.Must(err)
		bills := 0
		for _, m := range mails {
			if m.Kind == "dues.bill" {
				bills++
				if !strings.Contains(m.Body, "+71<") || strings.Contains(m.Subject, "Kontingent") {
					t.Errorf("a bill: %s\n%s", m.Subject, m.Body)
				}
			}
		}
		queue, err := f.Letters.List(ctx, f.As("anna"), true, 1, 50)
		f.Must(err)
		if bills == 0 || bills+queue.Waiting != 12 {
			t.Errorf("%d mails and %d letters", bills, queue.Waiting)
		}
		if _, err := f.Dues.Remind(ctx, by, 0, 0, false); !fault.Is(err, fault.Conflict) {
			t.Errorf("reminded at once: %v", err)
		}
		_, err = f.Dues.Pay(ctx, by, wish(t, f, "member", 150_00))
		f.Must(err)
		for round, days := range []int{30, 25, 80} {
			f.Clock.Add(time.Duration(days) * 24 * time.Hour)
			sent, err := f.Dues.Remind(ctx, by, 0, 0, true)
			f.Must(err)
			if want := []int{11, 11, 0}[round]; sent.Total() != want {
				t.Errorf("after %d days: %+v", days, sent)
			}
			if sent.Total() > 0 {
				_, err = f.Dues.Remind(ctx, by, 0, 0, false)
				f.Must(err)
			}
		}
		f.Must(f.Dues.ProposeClosing(ctx))
		f.Must(f.Dues.ProposeClosing(ctx))
		open, err := f.Duties.Late(ctx, "non-payment", civil.Date{Year: 2100, Month: 1, Day: 1})
		f.Must(err)
		if len(open) != 1 || open[0].Unit != 0 || open[0].Act != "close" || open[0].DueOn.String() != "2027-06-06" {
			t.Errorf("duties: %+v", open)
		}
		list, err := f.Dues.Arrears(ctx, f.As("anna"), 0, 0, dues.Patience, 1, 50)
		f.Must(err)
		if list.Total != 11 {
			t.Errorf("%d to decide about", list.Total)
		}
		for _, r := range list.Rows {
			_, err := f.Dues.WriteOff(ctx, by, dues.Wish{Person: r.Person, Charge: mustLine(t, f, r.Person)})
			f.Must(err)
		}
		f.Must(f.Dues.ProposeClosing(ctx))
		if open, _ := f.Duties.Late(ctx, "non-payment", civil.Date{Year: 2100, Month: 1, Day: 1}); len(open) != 0 {
			t.Error("the duty does not end")
		}
	})
}

func mustLine(t *testing.T, f *housetest.Fixture, person vault.PersonID) uint64 {
	t.Helper()
	a, err := f.Dues.Own(f.Context(), access.Actor{Person: person, Via: access.Web})
	f.Must(err)
	return a.Lines[0].ID
}

// N14: what somebody owed and paid goes with the membership, and their reference
// leads nowhere; what it was is told them while they are a member (Art. 15).
func TestN14DuesGoWithTheMembership(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		charge(f, year)
		ctx, by := f.Context(), f.As("dorte")
		_, err := f.Dues.Pay(ctx, by, wish(t, f, "neighbour", 120_00))
		f.Must(err)
		reference := line(t, f, "neighbour", year).Reference
		self, err := f.Access.Decide(access.Actor{Person: f.Person("neighbour"), Via: access.Web}, access.Want{Self: true})
		f.Must(err)
		held, err := f.Members.Held(ctx, self)
		f.Must(err)
		told := 0
		for _, s := range held {
			if strings.HasPrefix(s.Kind, "dues-") {
				told++
			}
		}
		if told != 2 {
			t.Errorf("%d of charge and payment are told", told)
		}
		_, err = f.Departures.Close(ctx, f.As("anna"), f.Person("neighbour"), "resignation", false)
		f.Must(err)
		f.Clock.Add(4 * 24 * time.Hour)
		_, err = f.Departures.EraseDue(ctx)
		f.Must(err)
		if a, err := f.Dues.Own(ctx, access.Actor{Person: f.Person("neighbour"), Via: access.Web}); err == nil && len(a.Lines) > 0 {
			t.Errorf("still there: %+v", a)
		}
		if _, _, err := f.Dues.ByReference(ctx, by, reference); !fault.Is(err, fault.NotFound) {
			t.Errorf("the reference leads somewhere: %v", err)
		}
		sum, err := f.Dues.Sum(ctx, by, 0, year)
		f.Must(err)
		if sum.Members != 11 {
			t.Errorf("%d accounts", sum.Members)
		}
	})
}

// Heads are counted on the cut-off date, once, and stay as they were.
func TestHeadsAreCounted(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		charge(f, year)
		ctx := f.Context()
		f.Must(f.Dues.CountHeads(ctx))
		if all, err := f.Dues.Statements(ctx, f.As("dorte"), 0, year); err != nil || len(all) != 0 {
			t.Errorf("counted before the day: %v %v", all, err)
		}
		f.Clock.Set(time.Date(2026, 12, 31, 12, 0, 0, 0, time.UTC))
		f.Must(f.Dues.CountHeads(ctx))
		f.Join("late", "odense", map[string]string{"given": "Late", "family": "Comer"}, false)
		f.Must(f.Dues.CountHeads(ctx))
		all, err := f.Dues.Statements(ctx, f.As("treasurer"), 0, year)
		f.Must(err)
		if len(all) != 1 || all[0].Unit != f.Bodies["gentofte"] || all[0].Amount != 6*75_00 || !all[0].Share || all[0].With != f.Bodies["party"] {
			t.Errorf("the treasurer's statement: %+v", all)
		}
		every, err := f.Dues.Statements(ctx, f.As("dorte"), 0, year)
		f.Must(err)
		heads := 0
		for _, s := range every {
			for _, c := range s.Counts {
				heads += c.Members
			}
		}
		if heads != 11 { // the one without an association is nobody's head
			t.Errorf("%d heads", heads)
		}
	})
}

// Two entries of one person have one account: what was charged and paid on either
// is there, their references still find it, and undoing parts them again.
func TestMergedEntriesShareOneAccount(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, by := f.Context(), f.As("dorte")
		charge(f, year)
		f.Join("again", "gentofte", map[string]string{"given": "Inger", "family": "Nabogaard"}, false)
		charge(f, year+1)
		old, both := line(t, f, "neighbour", year).Reference, line(t, f, "neighbour", year+1)
		_, err := f.Dues.Pay(ctx, by, dues.Wish{Person: f.Person("neighbour"), Charge: both.ID, Amount: 100_00})
		f.Must(err)
		_, err = f.Departures.ProposeMerge(ctx, f.As("anna"), f.Person("again"), f.Person("neighbour"), nil)
		f.Must(err)
		_, err = f.Departures.ConfirmMerge(ctx, f.As("bo"), f.Person("neighbour"))
		f.Must(err)
		if l := line(t, f, "again", year); l.Amount != 300_00 || l.Reference != old || l.Was != f.Person("neighbour") {
			t.Errorf("moved: %+v", l)
		}
		if l := line(t, f, "again", year+1); l.Open() != 200_00 {
			t.Errorf("charged twice: %+v", l)
		}
		f.Clock.Add(4 * 24 * time.Hour)
		_, err = f.Departures.EraseDue(ctx)
		f.Must(err)
		if person, _, err := f.Dues.ByReference(ctx, by, old); err != nil || person != f.Person("again") {
			t.Errorf("the old reference finds %d: %v", person, err)
		}
		f.Join("third", "gentofte", map[string]string{"given": "Inger", "family": "Nabogaard"}, false)
		charge(f, year+1) // the third alone: the others are
		paid := line(t, f, "third", year+1)
		_, err = f.Dues.Pay(ctx, by, dues.Wish{Person: f.Person("third"), Charge: paid.ID, Amount: 40_00})
		f.Must(err)
		_, err = f.Departures.ProposeMerge(ctx, f.As("anna"), f.Person("again"), f.Person("third"), nil)
		f.Must(err)
		_, err = f.Departures.ConfirmMerge(ctx, f.As("bo"), f.Person("third"))
		f.Must(err)
		if l := line(t, f, "again", year+1); l.Open() != 160_00 {
			t.Errorf("the payment did not move: %+v", l)
		}
		err = f.Departures.Undo(ctx, f.As("anna"), f.Person("third"))
		f.Must(err)
		if a, b := line(t, f, "again", year+1), line(t, f, "third", year+1); a.Open() != 200_00 || b.Open() != 260_00 {
			t.Errorf("parted: %d and %d open", a.Open(), b.Open())
		}
	})
}

// L7, N14: what is handed over when somebody leaves is what the books say of them:
// charge and entries, with their name, and the sums that were entered.
func TestL7FactsForTheBooks(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		charge(f, year)
		ctx, by := f.Context(), f.As("dorte")
		paid, err := f.Dues.Pay(ctx, by, wish(t, f, "neighbour", 350_00))
		f.Must(err)
		_, err = f.Dues.Refund(ctx, by, wish(t, f, "neighbour", 50_00))
		f.Must(err)
		facts, err := f.Departures.Keeper.Bookkeeping(ctx, f.Person("neighbour"))
		f.Must(err)
		var kinds []string
		for _, fact := range facts {
			kinds = append(kinds, fmt.Sprint(fact.Kind, fact.Amount))
			if fact.Name != "Inger Nabogaard" || fact.Currency != "DKK" || fact.Unit != f.Bodies["party"] || !dues.Verify("FI", fact.Reference) || fact.Voucher == "" {
				t.Errorf("%+v", fact)
			}
		}
		if want := []string{"charge30000", "payment35000", "refund5000"}; !slices.Equal(kinds, want) || facts[1].Voucher != fmt.Sprint(paid.Number) {
			t.Errorf("%v", kinds)
		}
		if facts, err := f.Departures.Keeper.Bookkeeping(ctx, f.Person("anna")); err != nil || len(facts) != 0 {
			t.Errorf("of somebody never charged: %v %v", facts, err)
		}
	})
}
