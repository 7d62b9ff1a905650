package app_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/departure"
	"kartotek/internal/dues"
	"kartotek/internal/extract"
	"kartotek/internal/joining"
	"kartotek/internal/journal"
	"kartotek/internal/letter"
	"kartotek/internal/member"
	"kartotek/internal/notice"
	"kartotek/internal/report"
	"kartotek/internal/round"
	"kartotek/internal/signin"
	"kartotek/internal/trace"
	"kartotek/internal/transfer"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// goers are those of the cast who live through everything and are erased; the
// others stay. Every name they are given stands nowhere else.
var goers = []string{
	"member", "neighbour", "secret", "treasurer", "chair", "lyngby member", "wanda", "wilfred", "again", "imported", "added", "paper", "odd",
}

func (p *proof) may(who string, act charter.Acts) access.Scope {
	return p.Scope(who, access.Want{Act: act})
}

func (p *proof) self(who string) access.Scope { return p.Scope(who, access.Want{Self: true}) }

func (p *proof) join(name, body, given, family string, more ...string) {
	values := map[string]string{"given": given, "family": family}
	for i := 0; i < len(more); i += 2 {
		values[more[i]] = more[i+1]
	}
	p.Join(name, body, values, false)
}

// members lets them be registered, changed, looked at, listed and moved.
func (p *proof) members() {
	ctx, must := p.Context(), p.Must
	p.join("wanda", "gentofte", "Wandalinde", "Wildenradt", "email", "par.wildenradt@example.dk", "address", "Zirkonvej 71", "birth", "17-07-1977", "mobile", "20 77 17 71")
	p.join("wilfred", "gentofte", "Wilfredius", "Wildenradt", "email", "par.wildenradt@example.dk", "address", "Zirkonvej 71")
	p.join("again", "lyngby", "Søren Åge", "Østergård-Quistorff", "birth", "23-09-1961", "address", "Nyquistvej 3", "email", "ny.quistorff@example.dk")
	p.join("paper", "odense", "Pallesander", "Papyrussen", "address", "Papyrusgade 88", "postal", "5000", "town", "Odense C")
	p.join("odd", "odense", "Oddvarius", "Xylofonsen", "email", "oddvar.xylofon@example.dk", "mobile", "+47 412 99 811")
	file := "Medlemsnr;Fornavn;Efternavn;E-mail\n990071;Ingolfius;Importquist;ingolf.importquist@example.dk\n"
	_, err := p.Members.Import(ctx, p.may("anna", charter.Import), strings.NewReader(file), member.Options{Unit: p.Bodies["lyngby"]}, nil)
	must(err)
	p.Number["imported"] = "990071"
	p.People["imported"], err = p.Members.ByNumber(ctx, p.may("anna", charter.View), "990071")
	must(err)

	_, err = p.Members.Search(ctx, p.may("anna", charter.Search), member.Query{Text: "quist"})
	must(err)
	_, err = p.Members.Card(ctx, p.may("chair", charter.View), p.Person("member"))
	must(err)
	_, err = p.Members.Reveal(ctx, p.may("anna", charter.View), p.Person("secret"))
	must(err)
	_, err = p.Members.Names(ctx, p.may("anna", charter.Journal), []vault.PersonID{p.Person("member")})
	must(err)
	_, err = p.Members.Held(ctx, p.self("member"))
	must(err)
	_, err = p.Members.Update(ctx, p.may("officer", charter.Edit), p.Person("member"), member.Changes{Values: map[string]string{"address": "Bregnebjerglundvej 118, 4. th."}})
	must(err)
	edit := p.may("anna", charter.Edit)
	must(p.Members.Restrict(ctx, edit, p.Person("neighbour"), true))
	must(p.Members.Restrict(ctx, edit, p.Person("neighbour"), false))
	_, err = p.Reports.Members(ctx, p.As("chair"), 0, report.ByAge, p.Access.Today())
	must(err)
	must(p.Members.SetObjection(ctx, p.self("member"), p.Person("member"), "newsletter", true))
	must(p.Members.SetCategory(ctx, edit, p.Person("odd"), member.Recategorised{Category: "honorary"}))
	must(p.Members.MakeHousehold(ctx, edit, []vault.PersonID{p.Person("wanda"), p.Person("wilfred")}))
	must(p.Members.Split(ctx, edit, []member.Part{
		{Person: p.Person("wanda"), Moves: true, Values: map[string]string{"address": "Skjulquistvej 9", "email": "wanda.alene@example.dk"}, Keep: &member.Keep{Reason: "kendt under navnet Zirkonia"}, Secret: &member.Secrecy{Secret: true}},
		{Person: p.Person("wilfred")},
	}))
	must(p.Members.Move(ctx, edit, p.Person("imported"), p.Bodies["lyngby"], p.Bodies["odense"]))
	_, err = p.Departures.ProposeMerge(ctx, p.As("anna"), p.Person("member"), p.Person("again"), []string{"mobile"})
	must(err)
	must(p.Departures.DropMerge(ctx, p.As("bo"), p.Person("again")))
	_, err = p.Departures.ProposeMerge(ctx, p.As("anna"), p.Person("member"), p.Person("again"), []string{"email"})
	must(err)
	_, err = p.Departures.ConfirmMerge(ctx, p.As("bo"), p.Person("again"))
	must(err)

	for _, who := range []string{"chair", "officer"} {
		d, err := p.Extracts.Pull(ctx, p.As(who), extract.Wish{Purpose: "administration", Format: extract.CSV, Lang: "da"})
		must(err)
		must(d.Write(ctx, new(bytes.Buffer)))
		if who == "officer" {
			continue
		}
		must(p.Extracts.Pass(ctx, p.As("chair"), d.List.Number, p.Person("officer")))
		for _, medium := range []extract.Medium{extract.Digital, extract.Physical} {
			_, err = p.Extracts.Attest(ctx, p.As("chair"), d.List.Number, medium)
			must(err)
		}
	}
	stray := "Navn;E-mail;Tlf.\nWandalinde Wildenradt;par.wildenradt@example.dk;20 77 17 71\nIngolfius Importquist;ingolf.importquist@example.dk;\n"
	_, err = p.Traces.Trace(ctx, p.As("anna"), trace.File{Content: strings.NewReader(stray), Size: int64(len(stray))})
	must(err)
	r, err := p.Rounds.Begin(ctx, p.As("chair"), round.Wish{Purpose: "administration", Group: round.Everybody})
	must(err)
	r, shown, err := p.Rounds.Show(ctx, p.As("chair"), r.Number)
	must(err)
	_, err = p.Rounds.Mark(ctx, p.As("chair"), r.Number, shown.Person, round.Reached)
	must(err)
}

// moves lets them be proposed, taken, refused and taken back.
func (p *proof) moves() {
	ctx, must := p.Context(), p.Must
	propose := func(who, to string) int64 {
		c, err := p.Transfers.Propose(ctx, p.As("anna"), transfer.Wish{Person: p.Person(who), To: p.Bodies[to]})
		must(err)
		return c.ID
	}
	p.Appoint("lyngby member", "membership-officer", "lyngby")
	id := propose("odd", "lyngby")
	_, err := p.Transfers.Refuse(ctx, p.As("lyngby member"), id, "unknown")
	must(err)
	_, err = p.Transfers.Cancel(ctx, p.As("anna"), propose("odd", "lyngby"))
	must(err)
	_, err = p.Transfers.Accept(ctx, p.As("lyngby member"), propose("odd", "lyngby"), false)
	must(err)
	p.Clock.Add(24 * time.Hour)
	must(p.Transfers.Work(ctx))

	_, _, err = p.Members.Create(ctx, p.may("officer", charter.Create), member.Draft{
		Values: map[string]string{"given": "Addalinde", "family": "Addquistensen", "email": "adda.addquist@example.dk"},
	})
	must(err)
	must(p.Transfers.Work(ctx))
	rows, _, err := p.Transfers.List(ctx, p.As("anna"), 0, 50)
	must(err)
	for _, row := range rows {
		if row.Kind == transfer.Addition {
			_, err = p.Transfers.Accept(ctx, p.As("anna"), row.ID, false)
			must(err)
		}
	}
	p.Clock.Add(8 * 24 * time.Hour)
	must(p.Transfers.Work(ctx))
	found, err := p.Keyring.Find(vault.ClaimEmail, "adda.addquist@example.dk")
	must(err)
	if len(found) != 1 {
		p.t.Fatalf("the addition became %v", found)
	}
	p.People["added"] = found[0]
}

var linkKey = regexp.MustCompile(`key=([A-Z2-7]{26})`)

// applies applies with a sponsor and confirms the address.
func (p *proof) applies(given, family, email string) (joining.Application, string) {
	p.Must(p.Joining.Apply(p.Context(), joining.Wish{
		Unit: p.Bodies["gentofte"], Language: "da", Remote: "192.0.2.7:4711", Sponsor: p.Number["neighbour"], Read: true,
		Values: map[string]string{"given": given, "family": family, "email": email, "birth": "01-02-1980", "address": "Zebravej 4", "postal": "2820", "town": "Gentofte", "mobile": "20 30 40 50"},
	}))
	p.Post()
	shown, err := p.House.Mail.Mailbox(p.Context())
	p.Must(err)
	for _, l := range shown {
		if m := linkKey.FindStringSubmatch(l.Body); l.To == email && l.Kind == "joining.confirm" && m != nil {
			a, err := p.Joining.Confirm(p.Context(), m[1])
			p.Must(err)
			p.Must(p.Joining.Work(p.Context()))
			return a, m[1]
		}
	}
	p.t.Fatal("no mail with a link")
	return joining.Application{}, ""
}

// applicants are erased by the end of their applications; one has been recommended.
func (p *proof) applicants() {
	ctx, must := p.Context(), p.Must
	a, key := p.applies("Asger", "Ansøgquist", "asger.ansoeg@example.dk")
	must(p.Joining.Recommend(ctx, p.As("neighbour"), a.ID, true))
	_, err := p.Joining.Ask(ctx, p.As("officer"), a.ID, "Hvornår flyttede du?")
	must(err)
	_, err = p.Joining.Answer(ctx, key, "Sidste fredag, fra Zanzibarvej")
	must(err)
	_, err = p.Joining.Decline(ctx, p.As("officer"), a.ID, "bylaws")
	must(err)
	_, key = p.applies("Bente", "Ansøgquist", "bente.ansoeg@example.dk")
	must(p.Joining.Withdraw(ctx, key))
}

// outside lets one of them be corrected on a list that a holder outside has.
func (p *proof) outside() {
	ctx, must, odd := p.Context(), p.Must, p.As("odd")
	today := p.Access.Today()
	id, err := p.Access.Employ(ctx, p.As("founder"), p.Person("odd"), access.Position{Code: "member-service", From: today, Ground: "vikar"})
	must(err)
	h, err := p.Notices.AddHolder(ctx, odd, notice.Holder{
		Name: "Trykkeriet ApS", Country: "dk", Role: "processor", Tells: notice.ByList, Purposes: []string{"meeting-notice"},
		Contact: notice.Contact{Who: "Tove Trykker", Email: "tove@trykkeriet.example", Language: "da", Basis: "databehandleraftale 2026"},
	})
	must(err)
	d, err := p.Extracts.Pull(ctx, p.As("chair"), extract.Wish{Purpose: "meeting-notice", Format: extract.CSV, Lang: "da"})
	must(err)
	must(d.Write(ctx, new(bytes.Buffer)))
	must(p.Notices.Hand(ctx, p.As("chair"), d.List.Number, h.ID))
	_, err = p.Members.Update(ctx, p.may("officer", charter.Edit), p.Person("member"), member.Changes{Values: map[string]string{"address": "Bregnebjerglundvej 120"}})
	must(err)
	must(p.Notices.Resolve(ctx))
	_, err = p.Notices.Send(ctx)
	must(err)
	told, err := p.Notices.List(ctx, odd, "", 1, 10)
	must(err)
	if all := len(told.Notices); all != 3 { // the two processors that agrees has declared are told too (L3)
		p.t.Fatalf("%d notices to those who hold a corrected line", all)
	}
	for i := range told.Notices {
		must(p.Notices.Settle(ctx, odd, told.Notices[i].ID, notice.Acknowledged, ""))
	}
	must(p.Access.EndPosition(ctx, p.As("founder"), p.Person("odd"), id, today))
}

// stewards look after keys, clock and holds: one of them is held back and let go,
// and helps to tell whether the time is right.
func (p *proof) stewards(up *atomic.Pointer[func() time.Duration]) {
	ctx, must := p.Context(), p.Must
	today := p.Access.Today()
	held, err := p.Departures.PlaceHold(ctx, p.As("anna"), p.Person("neighbour"), departure.Hold{Kind: departure.HoldClaim, Grounds: "Stævning fra Xylofonien", Until: today.AddDays(20)})
	must(err)
	must(p.Departures.EndHold(ctx, p.As("bo"), p.Person("neighbour"), held, "forlig om xylofonen"))

	_, _, err = p.RotateMaster(ctx, vault.Unlock{}, false, "root")
	must(err)
	_, err = p.PrintShares(ctx, new(bytes.Buffer), 3, 2, "root")
	must(err)
	must(p.AdoptMaster(ctx, vault.Source{Kind: vault.FromFile, Name: p.MasterFile()}, false, "root"))
	p.catchUp()

	id, err := p.Access.Employ(ctx, p.As("founder"), p.Person("odd"), access.Position{Code: "member-service", From: today, Ground: "vikar"})
	must(err)
	before := up.Load()
	behind := func() time.Duration { return (*before)() - 3*time.Hour }
	up.Store(&behind)
	must(p.Retention.Tick(ctx))
	must(p.Retention.ConfirmTime(ctx, p.As("odd")))
	must(p.Access.EndPosition(ctx, p.As("founder"), p.Person("odd"), id, today))
}

// offices lets them hold, cover and hand over posts and work in the secretariat.
func (p *proof) offices() {
	ctx, must := p.Context(), p.Must
	today := p.Access.Today()
	held := p.Access.Held(p.Person("treasurer"))[0]
	_, err := p.Access.NameCover(ctx, p.As("anna"), p.Person("neighbour"), held.Basis.ID, access.Cover{From: today.AddDays(1), Until: today.AddDays(9), Ground: "ferie på Zanzibar"})
	must(err)
	_, err = p.Access.ElectSubstitute(ctx, p.As("anna"), p.Person("neighbour"), access.Substitute{
		Unit: p.Bodies["gentofte"], From: today, Until: today.AddDays(300), Ground: "first substitute",
	})
	must(err)
	must(p.Access.EndAppointment(ctx, p.As("anna"), p.Person("lyngby member"), p.Access.Held(p.Person("lyngby member"))[0].Basis.ID, today))
	chair := p.Access.Held(p.Person("chair"))[0]
	_, err = p.Access.HandOver(ctx, p.As("anna"), access.Board{Unit: p.Bodies["gentofte"], Met: today, Moves: today, Ground: "elected", Lines: []access.Line{
		{Post: "chair", Holding: chair.Basis.ID, Do: access.Fresh, Person: p.Person("member"), Until: today.AddDays(600), Pass: true},
	}})
	must(err)
	id, err := p.Access.Employ(ctx, p.As("founder"), p.Person("odd"), access.Position{Code: "member-service", From: today, Ground: "vikar fra Xylofonien"})
	must(err)

	// What the secretariat does is also what a person was through: odd works there.
	odd := p.may("odd", charter.Journal)
	for _, act := range []journal.Act{journal.Log, journal.Access, journal.Export} {
		e := odd.Entry(act)
		_, err = p.Journal.Read(ctx, &e)
		must(err)
	}
	_, err = p.Departures.Find(ctx, p.may("odd", charter.Close), departure.Search{Texts: []string{"Quistorff"}, Dirs: []string{p.Config.Keys}})
	must(err)
	_, err = p.Units.Add(ctx, p.Recorder(odd.Entry(journal.Unit)), unit.Draft{Parent: p.Bodies["north"], Level: "local", Code: "hellerup", Name: "Hellerup"})
	must(err)
	must(p.Access.EndPosition(ctx, p.As("founder"), p.Person("odd"), id, today))
	_, err = p.Access.Require(ctx, p.As("member"), access.Want{Act: charter.Staff})
	if err == nil {
		p.t.Fatal("a member may employ")
	}
}

// door lets them sign in, prove a second factor, lose it and come back.
func (p *proof) door() {
	ctx, must := p.Context(), p.Must
	remote, who := "192.0.2.7:50123", p.Person("member")
	email := "ny.quistorff@example.dk"
	request, err := p.SignIn.Begin(ctx, email, remote, "da")
	must(err)
	result, err := p.SignIn.Finish(ctx, request, p.Code(email), remote)
	must(err)
	if result.Person != who {
		p.t.Fatalf("signed in as %d", result.Person)
	}
	ticket, err := p.SignIn.NewApp(ctx, who)
	must(err)
	key, err := p.SignIn.App(ctx, who, ticket)
	must(err)
	code, err := totp.GenerateCode(key.Secret, p.Clock.Now())
	must(err)
	must(p.SignIn.AddApp(ctx, who, ticket, code, "Quistofon"))
	_, err = p.SignIn.Vouch(ctx, signin.Voucher{Person: p.Person("anna"), Via: "web"}, who)
	must(err)
	way, err := p.SignIn.Rescue(ctx, "root", who)
	must(err)
	_, err = p.SignIn.Redeem(ctx, way, remote)
	must(err)
	must(p.SignIn.SignOut(ctx, who))

	shared := p.Person("wilfred")
	secret, err := p.SignIn.NewAddress(ctx, shared, "wilfred.egen@example.dk", "da")
	must(err)
	p.Post()
	shown, err := p.House.Mail.Mailbox(ctx)
	must(err)
	for _, l := range shown {
		if l.To == "wilfred.egen@example.dk" {
			must(p.SignIn.ConfirmAddress(ctx, shared, secret, regexp.MustCompile(`\b\d{6}\b`).FindString(l.Body)))
			return
		}
	}
	p.t.Fatal("no code came to the new address")
}

// pays lets them be charged, pay and be reminded.
func (p *proof) pays() {
	ctx, must, by := p.Context(), p.Must, p.As("dorte")
	year := p.Dues.ThisYear()
	id, err := p.Access.Employ(ctx, p.As("founder"), p.Person("odd"), access.Position{Code: "dues", From: p.Access.Today(), Ground: "vikar"})
	must(err)
	_, err = p.Dues.SetRates(ctx, p.As("odd"), dues.Sheet{Year: year, Payee: "12345678", Rates: map[string]int64{"ordinary": 300_00, "pensioner": 150_00, "youth": 100_00, "central": 300_00, "honorary": 0}})
	must(err)
	_, err = p.Dues.Charge(ctx, by, 0, year)
	must(err)
	must(p.Access.EndPosition(ctx, p.As("founder"), p.Person("odd"), id, p.Access.Today()))
	account, err := p.Dues.Own(ctx, p.As("member"))
	must(err)
	_, err = p.Dues.Pay(ctx, by, dues.Wish{Person: p.Person("member"), Charge: account.Lines[0].ID, Amount: 10_00})
	must(err)
	_, err = p.Dues.Remind(ctx, by, 0, 0, false)
	must(err)
	_, err = p.Dues.Arrears(ctx, by, 0, year, dues.Unpaid, 1, 50)
	must(err)
}

// papers are printed, read, posted, and taken out of the queue.
func (p *proof) papers() {
	ctx, must, by := p.Context(), p.Must, p.As("anna")
	must(p.Departures.PassOn(ctx, p.As("anna"), p.Person("paper"), "phone", p.Access.Today()))
	_, err := p.Departures.Close(ctx, by, p.Person("paper"), "resignation", false)
	must(err)
	must(p.Departures.Undo(ctx, by, p.Person("paper")))
	p.Post()
	queue, err := p.Letters.List(ctx, by, true, 1, 50)
	must(err)
	var ids []int64
	for _, l := range queue.Lines {
		if l.Person == p.Person("paper") {
			ids = append(ids, l.ID)
		}
	}
	if len(ids) < 2 {
		p.t.Fatalf("%d letters to whoever has no e-mail", len(ids))
	}
	_, err = p.Letters.Read(ctx, by, ids[0])
	must(err)
	print, err := p.Letters.Print(ctx, by, letter.Wish{Paper: letter.Letters, IDs: ids, Lang: "da"})
	must(err)
	must(print.Write(new(bytes.Buffer)))
	must(p.Letters.Post(ctx, by, ids[0]))
	must(p.Letters.Drop(ctx, by, ids[1]))
}

// actsInUse are the acts that some room, or a face, writes: every name of the
// journal's list that stands in the program. One added later is among them.
func actsInUse(t *testing.T) map[journal.Act]string {
	t.Helper()
	fset := token.NewFileSet()
	list, err := parser.ParseFile(fset, "../journal/act.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	numbers := map[string]journal.Act{}
	ast.Inspect(list, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		kind, named := spec.Type.(*ast.Ident)
		value, literal := spec.Values[0].(*ast.BasicLit)
		if named && literal && kind.Name == "Act" {
			n, err := strconv.Atoi(value.Value)
			if err != nil {
				t.Fatal(err)
			}
			numbers[spec.Names[0].Name] = journal.Act(n)
		}
		return true
	})
	used := map[journal.Act]string{}
	for _, path := range housetest.Files(t, "..") {
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "/bench/") {
			continue
		}
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`journal\.([A-Z]\w+)`).FindAllSubmatch(source, -1) {
			if act, is := numbers[string(m[1])]; is {
				used[act] = string(m[1])
			}
		}
	}
	if len(used) < 50 {
		t.Fatalf("only %d acts in use", len(used))
	}
	return used
}

// wentThrough makes sure that the goers have been through every act: as whom it
// was about, or as who did it. What is about nobody and done by no person must at
// least have happened.
func (p *proof) wentThrough() {
	ctx := p.Context()
	_, err := p.Journal.Checkpoint(ctx)
	p.Must(err)
	var going []uint32
	for _, name := range goers {
		going = append(going, uint32(p.Person(name)))
	}
	for _, person := range p.going { // applicants too
		going = append(going, uint32(person))
	}
	used := actsInUse(p.t)
	for _, act := range slices.Sorted(keysOf(used)) {
		found, err := p.Journal.Recent(ctx, journal.Filter{Act: act}, journal.Page{Limit: 500})
		p.Must(err)
		met, anybody := false, false
		for _, line := range found.Lines {
			persons, err := p.Journal.Persons(ctx, line.ID)
			p.Must(err)
			anybody = anybody || !persons.IsEmpty() || line.Actor != 0
			met = met || slices.Contains(going, line.Actor) || slices.ContainsFunc(going, persons.Contains)
		}
		switch {
		case len(found.Lines) == 0:
			p.t.Errorf("no person has been through %s (journal.%s): add it to this test", act, used[act])
		case !met && anybody:
			p.t.Errorf("%s (journal.%s) is about persons, and none of those who are erased has been through it", act, used[act])
		}
	}
	p.t.Logf("%d acts in use", len(used))
}

func keysOf[K comparable, V any](m map[K]V) func(func(K) bool) {
	return func(yield func(K) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}
