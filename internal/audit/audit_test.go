package audit_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/audit"
	"kartotek/internal/charter"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/guard"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

// year is an audit in a house, from its opening to its reports.
type year struct {
	*housetest.Fixture
	t  *testing.T
	id int64
}

// N13: an audit from its opening to the reports of both sides.
func TestN13TheYearlyAudit(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		f.Clock.Add(41 * 24 * time.Hour) // just after the party's cut-off date
		f.Must(f.Dues.CountHeads(f.Context()))
		a, err := f.Audits.OpenByHand(f.Context(), f.As("anna"))
		f.Must(err)
		y := &year{f, t, a.ID}
		y.opened()
		y.shared()
		y.wrong()
		y.left()
		y.missing()
		y.confirmed()
		y.takenBack()
		y.reported()
		y.phoned()
		y.silent()
	})
}

func (y *year) part(who, body string) audit.View {
	y.t.Helper()
	v, err := y.Audits.View(y.Context(), y.As(who), y.id, y.Bodies[body])
	y.Must(err)
	return v
}

// opened: the roll is who is a member now, the head-count is that of dues, nobody else
// sees it, and each body has a duty.
func (y *year) opened() {
	v := y.part("chair", "gentofte")
	if n := v.Part.Counts.Members(); n != y.Members.Count(y.Bodies["gentofte"]) || v.Part.Counts[audit.Waiting] != n {
		y.t.Errorf("%d on the roll of %d", n, y.Members.Count(y.Bodies["gentofte"]))
	}
	counted, err := y.Dues.Counted(y.Context(), y.Bodies["gentofte"], v.Heads[0].CutOff, v.Heads[0].CutOff)
	y.Must(err)
	sum := 0
	for _, c := range counted {
		sum += c.Members
	}
	if len(v.Heads) != 1 || sum == 0 || v.Heads[0].Members != sum {
		y.t.Errorf("heads are %+v, dues counted %d", v.Heads, sum)
	}
	if _, err := y.Audits.OpenByHand(y.Context(), y.As("bo")); !fault.Is(err, fault.Conflict) {
		y.t.Errorf("a second at once: %v", err)
	}
	for _, who := range []string{"other chair", "regional chair", "member"} {
		if _, err := y.Audits.View(y.Context(), y.As(who), y.id, y.Bodies["gentofte"]); !fault.Is(err, fault.Denied) {
			y.t.Errorf("%s sees it: %v", who, err)
		}
	}
	if _, err := y.Audits.Show(y.Context(), y.As("anna"), y.id, y.Bodies["gentofte"]); !fault.Is(err, fault.Denied) {
		y.t.Errorf("the office answers in the body's place: %v", err)
	}
	open, err := y.Duties.OpenOf(y.Context(), duty.AnswerAudit)
	y.Must(err)
	if len(open) != 4 {
		y.t.Errorf("%d bodies are asked", len(open))
	}
}

func (y *year) show(who string) audit.Shown {
	y.t.Helper()
	s, err := y.Audits.Show(y.Context(), y.As(who), y.id, y.Bodies["gentofte"])
	y.Must(err)
	return s
}

func (y *year) mark(who string, person vault.PersonID, to audit.State) {
	y.t.Helper()
	_, err := y.Audits.Mark(y.Context(), y.As(who), y.id, y.Bodies["gentofte"], person, to)
	y.Must(err)
}

// shared: two officers are shown two members, each showing in the log; an answer is taken
// back, and nobody answers over another.
func (y *year) shared() {
	first, second := y.show("chair"), y.show("officer")
	if first.Person == second.Person || first.Card == nil {
		y.t.Fatalf("both are shown %d", first.Person)
	}
	account, err := y.Journal.About(y.Context(), uint32(first.Person), journal.Page{})
	y.Must(err)
	if !slices.ContainsFunc(account.Lines, func(l journal.Line) bool { return l.Act == journal.Opened }) {
		y.t.Error("a showing is not in the log")
	}
	y.mark("chair", first.Person, audit.Here)
	if _, err := y.Audits.Mark(y.Context(), y.As("officer"), y.id, y.Bodies["gentofte"], first.Person, audit.Left); !fault.Is(err, fault.Conflict) {
		y.t.Errorf("answered twice: %v", err)
	}
	if s := y.show("chair"); s.Last == nil || s.Last.Person != first.Person || s.Last.Name == "" {
		y.t.Errorf("what was answered last is %+v", s.Last)
	}
	_, err = y.Audits.Undo(y.Context(), y.As("chair"), y.id, y.Bodies["gentofte"], first.Person)
	y.Must(err)
	if c := y.part("chair", "gentofte").Part.Counts; c[audit.Here] != 0 {
		y.t.Errorf("undone and yet %v", c)
	}
	for _, who := range []string{"chair", "officer", "treasurer", "secret"} {
		y.mark("officer", y.Person(who), audit.Here)
	}
}

// wrong: whoever may change the card does so with the answer; the case says so and names
// nobody in clear. The member is told of it.
func (y *year) wrong() {
	wish := audit.Wish{Audit: y.id, Unit: y.Bodies["gentofte"], What: audit.Field, Person: y.Person("neighbour"), Values: map[string]string{"address": "Xylofonvej 4"}}
	c, err := y.Audits.Tell(y.Context(), y.As("chair"), wish)
	y.Must(err)
	if c.Outcome != audit.Applied {
		y.t.Errorf("outcome %q", c.Outcome)
	}
	card, err := y.Members.Card(y.Context(), y.Scope("chair", access.Want{Act: charter.View}), y.Person("neighbour"))
	y.Must(err)
	if card.Profile.Value("address") != "Xylofonvej 4" {
		y.t.Errorf("the card says %q", card.Profile.Value("address"))
	}
	wish.Audit, wish.Values = 0, map[string]string{"number": "7"}
	if _, err := y.Audits.Tell(y.Context(), y.As("chair"), wish); !fault.Is(err, fault.Invalid) {
		y.t.Errorf("told a number: %v", err)
	}
	c, err = y.Audits.Reopen(y.Context(), y.As("chair"), c.ID, "Husnummeret er et andet")
	y.Must(err)
	if c.Settled() {
		y.t.Error("taken up again and yet settled")
	}
	c, err = y.Audits.Settle(y.Context(), y.As("officer"), c.ID, audit.Refused, "Det er rigtigt nu")
	y.Must(err)
	if c.Outcome != audit.Refused {
		y.t.Errorf("outcome %q", c.Outcome)
	}
}

// left: nobody is written to before the roll is confirmed, and undoing ends the case.
func (y *year) left() {
	y.mark("chair", y.Person("member"), audit.Left)
	_, err := y.Audits.Undo(y.Context(), y.As("chair"), y.id, y.Bodies["gentofte"], y.Person("member"))
	y.Must(err)
	y.mark("chair", y.Person("member"), audit.Left)
	v := y.part("chair", "gentofte")
	var outcomes []string
	for _, c := range v.Cases {
		outcomes = append(outcomes, c.What+":"+c.Outcome)
	}
	if want := []string{"field:refused", "left:withdrawn", "left:"}; !slices.Equal(outcomes, want) {
		y.t.Errorf("cases are %v", outcomes)
	}
	if open, err := y.Duties.OpenOf(y.Context(), duty.CloseMembership); err != nil || len(open) != 0 {
		y.t.Errorf("passed on already: %v %v", open, err)
	}
}

// missing: whoever is not on the roll comes in by the door for additions.
func (y *year) missing() {
	c, err := y.Audits.Join(y.Context(), y.As("officer"), y.id, y.Bodies["gentofte"], map[string]string{"given": "Nynne", "family": "Nykvist", "email": "nynne@example.dk"})
	y.Must(err)
	if c.Outcome != audit.AtDoor {
		y.t.Errorf("outcome %q", c.Outcome)
	}
	v := y.part("chair", "gentofte")
	if n := v.Part.Counts.Members(); n != 6 {
		y.t.Errorf("the roll has grown to %d", n)
	}
}

// confirmed: not before everything is answered; then whoever has left is passed on.
func (y *year) confirmed() {
	ctx, gentofte := y.Context(), y.Bodies["gentofte"]
	if _, err := y.Audits.Confirm(ctx, y.As("chair"), y.id, gentofte); !fault.Is(err, fault.Conflict) {
		y.t.Errorf("confirmed unanswered: %v", err)
	}
	v := y.part("chair", "gentofte")
	if err := y.Audits.AnswerHead(ctx, y.As("chair"), y.id, gentofte, v.Heads[0].CutOff, false, ""); !fault.Is(err, fault.Invalid) {
		y.t.Errorf("disputed without grounds: %v", err)
	}
	y.Must(y.Audits.AnswerHead(ctx, y.As("chair"), y.id, gentofte, v.Heads[0].CutOff, false, "Vi var en mindre"))
	if err := y.Audits.AnswerCheck(ctx, y.As("chair"), y.id, gentofte, "lists", false, ""); !fault.Is(err, fault.Conflict) {
		y.t.Errorf("a fact answered otherwise: %v", err)
	}
	for _, check := range v.Checks {
		if !check.Fact.Known {
			y.Must(y.Audits.AnswerCheck(ctx, y.As("treasurer"), y.id, gentofte, check.Code, true, ""))
		}
	}
	if _, err := y.Audits.Finish(ctx, y.As("anna"), y.id, gentofte); !fault.Is(err, fault.Conflict) {
		y.t.Errorf("the register's word comes first: %v", err)
	}
	p, err := y.Audits.Confirm(ctx, y.As("chair"), y.id, gentofte)
	y.Must(err)
	if p.Standing != audit.Said {
		y.t.Errorf("stands %s", p.Standing)
	}
	if open, err := y.Duties.OpenOf(ctx, duty.CloseMembership); err != nil || len(open) != 1 {
		y.t.Errorf("passed on: %v %v", open, err)
	}
	if _, err := y.Audits.Report(ctx, y.As("chair"), y.id, gentofte, "da"); !fault.Is(err, fault.Conflict) {
		y.t.Errorf("a report of one side: %v", err)
	}
}

// takenBack: what confirming did is undone with it, and what another did is for them or
// the office. A case that was carried out is taken up again before its answer is taken
// back, and one whose effect went further is not taken up at all.
func (y *year) takenBack() {
	ctx, gentofte, member := y.Context(), y.Bodies["gentofte"], y.Person("member")
	passedOn := func(want int) {
		y.t.Helper()
		if open, err := y.Duties.OpenOf(ctx, duty.CloseMembership); err != nil || len(open) != want {
			y.t.Errorf("passed on: %v %v", open, err)
		}
	}
	if _, err := y.Audits.TakeBack(ctx, y.As("treasurer"), y.id, gentofte, ""); !fault.Is(err, fault.Denied) {
		y.t.Errorf("another officer's resignations are taken back: %v", err)
	}
	passedOn(1)
	p, err := y.Audits.TakeBack(ctx, y.As("chair"), y.id, gentofte, "")
	y.Must(err)
	if passedOn(0); p.Standing != audit.Open {
		y.t.Errorf("stands %s", p.Standing)
	}
	var left audit.Case
	for _, c := range y.part("chair", "gentofte").Cases {
		if c.What == audit.Leaving && !c.Settled() {
			left = c
		}
	}
	left, err = y.Audits.Settle(ctx, y.As("chair"), left.ID, audit.PassedOn, "")
	y.Must(err)
	passedOn(1)
	if _, err := y.Audits.Undo(ctx, y.As("chair"), y.id, gentofte, member); !fault.Is(err, fault.Conflict) {
		y.t.Errorf("an answer is undone whose case was carried out: %v", err)
	}
	_, err = y.Audits.Reopen(ctx, y.As("chair"), left.ID, "Medlemmet bliver")
	y.Must(err)
	passedOn(0)
	_, err = y.Audits.Undo(ctx, y.As("chair"), y.id, gentofte, member)
	y.Must(err)
	if _, err := y.Audits.Reopen(ctx, y.As("chair"), left.ID, "Alligevel"); !fault.Is(err, fault.Conflict) {
		y.t.Errorf("what was taken back is taken up again: %v", err)
	}
	y.mark("chair", member, audit.Left)
	p, err = y.Audits.Confirm(ctx, y.As("chair"), y.id, gentofte)
	y.Must(err)
	if passedOn(1); p.Counts[audit.Left] != 1 || p.Counts[audit.Here] != 4 {
		y.t.Errorf("counts %v", p.Counts)
	}
	day := y.part("chair", "gentofte").Heads[0].CutOff
	if err := y.Audits.AnswerHead(ctx, y.As("chair"), y.id, gentofte, day, false, "Hun har kræft"); !fault.Is(err, fault.Invalid) {
		y.t.Errorf("health is written down: %v", err)
	}
	if err := y.Audits.AnswerHead(guard.Override(ctx), y.As("chair"), y.id, gentofte, day, false, "Kræft er en flod"); !fault.Is(err, fault.Conflict) {
		y.t.Errorf("who says that it is not that: %v", err)
	}
}

// phoned: whoever keeps the register enters what a body has told of, and how; it is for
// them to settle. A part that is done is not opened again.
func (y *year) phoned() {
	ctx, gentofte := y.Context(), y.Bodies["gentofte"]
	if _, err := y.Audits.TakeBack(ctx, y.As("chair"), y.id, gentofte, ""); !fault.Is(err, fault.Conflict) {
		y.t.Errorf("a signed report is taken back: %v", err)
	}
	wish := audit.Wish{Unit: gentofte, What: audit.Leaving, Person: y.Person("neighbour")}
	if _, err := y.Audits.Tell(ctx, y.As("anna"), wish); !fault.Is(err, fault.Invalid) {
		y.t.Errorf("heard by nothing: %v", err)
	}
	wish.Heard = "phone"
	c, err := y.Audits.Tell(ctx, y.As("anna"), wish)
	y.Must(err)
	open, err := y.Duties.OpenOf(ctx, duty.SettleChange)
	y.Must(err)
	if at := slices.IndexFunc(open, func(d duty.Duty) bool { return d.Subject == c.ID }); at < 0 || open[at].Unit != 0 {
		y.t.Errorf("whose duty it is: %+v", open)
	}
	c, err = y.Audits.Settle(ctx, y.As("anna"), c.ID, audit.PassedOn, "")
	y.Must(err)
	if c.Told.Passed == "" || c.Told.Heard != "phone" {
		y.t.Errorf("%+v", c.Told)
	}
	_, err = y.Audits.Reopen(ctx, y.As("anna"), c.ID, "Foreningen tog fejl")
	y.Must(err)
	_, err = y.Audits.Settle(ctx, y.As("anna"), c.ID, audit.Refused, "Medlemmet bliver")
	y.Must(err)
	if _, err := y.Audits.Roster(ctx, y.As("anna"), gentofte); err != nil {
		y.t.Errorf("whom to choose from: %v", err)
	}
}

// reported: the report names nobody, is signed so that others can check it, and outlives
// an erasure, while the answers of whoever is erased go.
func (y *year) reported() {
	ctx, gentofte := y.Context(), y.Bodies["gentofte"]
	if _, err := y.Audits.Finish(ctx, y.As("chair"), y.id, gentofte); !fault.Is(err, fault.Denied) {
		y.t.Errorf("the body for both: %v", err)
	}
	_, err := y.Departures.Close(ctx, y.As("anna"), y.Person("member"), "resignation", false)
	y.Must(err)
	y.Clock.Add(4 * 24 * time.Hour)
	_, err = y.EraseDue(ctx)
	y.Must(err)
	_, err = y.Audits.Finish(ctx, y.As("anna"), y.id, gentofte)
	y.Must(err)
	signed, err := y.Audits.Report(ctx, y.As("chair"), y.id, gentofte, "da")
	y.Must(err)
	if c := signed.Report.Contents; c.States["left"] != 1 || c.States["wrong"] != 1 || c.States["here"] != 4 || c.Members != 6 || len(c.Cases) != 6 {
		y.t.Errorf("the report says %+v", c)
	}
	file, err := y.Audits.Paper(ctx, signed)
	y.Must(err)
	text, err := signed.JSON()
	y.Must(err)
	for _, name := range []string{"Quistorff", "Nabogaard", "Formandsen", "Nykvist", "Xylofonvej", "mindre"} {
		if bytes.Contains(text, []byte(name)) || bytes.Contains(file, []byte(name)) {
			y.t.Errorf("the report says %q", name)
		}
	}
	for _, f := range [][]byte{file, text} {
		if v := audit.Verify(f, y.Keyring.LedgerKey()); !v.Sound() {
			y.t.Errorf("a sound report fails: %+v", v.Failed)
		}
	}
	if v := audit.Verify(bytes.Replace(text, []byte(`"wrong":1`), []byte(`"wrong":0`), 1), nil); v.Sound() {
		y.t.Error("a changed report is sound")
	}
	path := filepath.Join(y.t.TempDir(), "report.pdf")
	y.Must(os.WriteFile(path, file, 0o600))
	if out, err := exec.Command("pdfsig", "-nocert", path).CombinedOutput(); !strings.Contains(string(out), "Signature is Valid") {
		y.t.Errorf("pdfsig: %v %s", err, out)
	}
}

// silent: once the days are over the register's side can end a part without the body's
// word; whoever nobody confirmed is a finding, and is still a member.
func (y *year) silent() {
	ctx, lyngby := y.Context(), y.Bodies["lyngby"]
	before := y.Members.Count(lyngby)
	if _, err := y.Audits.Finish(ctx, y.As("anna"), y.id, lyngby); !fault.Is(err, fault.Conflict) {
		y.t.Errorf("ended before its day: %v", err)
	}
	y.Clock.Add(46 * 24 * time.Hour)
	for _, body := range []string{"lyngby", "odense", "abroad"} {
		_, err := y.Audits.Finish(ctx, y.As("anna"), y.id, y.Bodies[body])
		y.Must(err)
	}
	signed, err := y.Audits.Report(ctx, y.As("anna"), y.id, lyngby, "da")
	y.Must(err)
	if c := signed.Report.Contents; c.States["silent"] != before || c.SaidAt != "" || y.Members.Count(lyngby) != before {
		y.t.Errorf("%+v; %d members of %d", c, y.Members.Count(lyngby), before)
	}
	st, err := y.Audits.Status(ctx, y.As("anna"), y.id, audit.Wanted{Sort: "left", Size: 2})
	y.Must(err)
	if !st.Audit.Closed() || st.Found != 4 || len(st.Parts) != 2 || st.Parts[0].Unit != y.Bodies["gentofte"] {
		y.t.Errorf("status %+v", st)
	}
	if _, err := y.Audits.Show(ctx, y.As("other chair"), y.id, lyngby); !fault.Is(err, fault.Gone) {
		y.t.Errorf("a roll of an audit that is over: %v", err)
	}
}
