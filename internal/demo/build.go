package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/charter"
	"kartotek/internal/extract"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Options say what federation to invent.
type Options struct {
	Members int    // 0: as many as such a federation may well have
	Charter string // one that is shipped
	Seed    uint64
	Lang    string // of what is written as the grounds of rights; "" is the federation's own
	Written bool   // the members are invented before the first is read, for whoever measures the reading
}

// federation is what the demos of the shipped charters differ in.
type federation struct {
	founder  app.Founder
	staff    []employee
	outside  holders
	language string // of the staff and the lists pulled
	members  int    // where no number is asked for
	first    int    // member number
	shown    string // code of the body whose officers one signs in as
	rounds   int    // how many members each body is dealt before chance decides
	headings []string
	bodies   func(rng *rand.Rand, members int) ([]body, error)
	member   func(g *generator, number int) []string // a row below the headings
	boards   func(b *builder, ctx context.Context) error
	life     func(b *builder, ctx context.Context) error
}

// employee is somebody in the secretariat; one with a role is shown.
type employee struct {
	given, family, position, role string
	ground                        spoken
}

// spoken is a text in several languages; the first is the federation's own.
type spoken []struct{ lang, text string }

// in gives the text in a language, else in the federation's own.
func (s spoken) in(lang string) string {
	for _, said := range s {
		if said.lang == lang {
			return said.text
		}
	}
	return s[0].text
}

// federations are the demos there are, by charter.
var federations = map[string]func(lang string) *federation{"party-dk": party, "club-no": district}

// Login is somebody to try the register as.
type Login struct {
	Role   string // message key demo.role.<Role>
	Email  string
	Person vault.PersonID
}

// clock runs behind while the past of the federation is lived through.
type clock struct{ behind atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(-time.Duration(c.behind.Load())) }

func (c *clock) daysAgo(days int) { c.behind.Store(int64(days) * int64(24*time.Hour)) }

// Build founds a register and fills it: bodies, secretariat, members, boards
// and a few weeks of life, each by the act that everybody uses. It returns the
// open house and whom to sign in as.
func Build(ctx context.Context, c app.Config, o Options) (*app.House, []Login, error) {
	invented, known := federations[o.Charter]
	if !known {
		return nil, nil, fault.New(fault.Invalid, "demo.error.charter", "known", charter.Shipped())
	}
	f := invented(o.Lang)
	if o.Members == 0 {
		o.Members = f.members
	}
	rules, err := charter.Load(o.Charter)
	if err != nil {
		return nil, nil, err
	}
	past := &clock{}
	past.daysAgo(historyDays)
	c.Demo, c.Now = true, past.now
	h, err := app.Found(ctx, c, rules, f.founder)
	if err != nil {
		return nil, nil, err
	}
	b := &builder{House: h, federation: f, clock: past, rng: rand.New(rand.NewPCG(o.Seed, 0x6b617274)), count: o.Members, written: o.Written, lang: o.Lang}
	logins, err := b.build(ctx)
	if err != nil {
		return nil, nil, errors.Join(err, h.Close())
	}
	return h, logins, nil
}

// historyDays is how far back the invented federation begins to act.
const historyDays = 45

type builder struct {
	*app.House
	*federation
	clock *clock
	rng   *rand.Rand
	count int
	all   []body

	written bool   // see Options
	lang    string // likewise
	logins  []Login

	outsideDone int // of outsideDays

	service access.Actor // who acts for the secretariat
}

func (b *builder) build(ctx context.Context) ([]Login, error) {
	for _, step := range []func(context.Context) error{b.secretariat, b.publish, b.tree, b.people, b.offices, b.charge, b.events, b.households, b.pay, b.newcomers, b.counted} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	b.clock.behind.Store(0)
	return b.logins, nil
}

// secretariat employs more; the founder works with IT and cannot do it
// for herself (D4).
func (b *builder) secretariat(ctx context.Context) error {
	founder, err := b.Keyring.Find(vault.ClaimEmail, b.federation.founder.Email)
	if err != nil || len(founder) != 1 {
		return fmt.Errorf("demo: the founder is missing: %w", err)
	}
	_, at, _ := strings.Cut(b.federation.founder.Email, "@")
	for _, who := range b.staff {
		scope, err := b.Access.Require(ctx, console(founder[0]), access.Want{Act: charter.Staff})
		if err != nil {
			return err
		}
		email := slug(who.given) + "." + slug(who.family) + "@" + at
		person, err := b.Members.Enrol(ctx, scope, member.Draft{
			Values: map[string]string{"given": who.given, "family": who.family, "email": email}, Language: b.language,
		})
		if err != nil {
			return err
		}
		_, err = b.Access.Employ(ctx, console(founder[0]), person, access.Position{
			Code: who.position, From: b.Access.Today().AddDays(-1), Ground: who.ground.in(b.lang),
		})
		if err != nil {
			return err
		}
		if who.role != "" {
			b.logins = append(b.logins, Login{Role: who.role, Email: email, Person: person})
		}
	}
	b.service = console(b.logins[0].Person)
	b.logins = append(b.logins, Login{Role: "administrator", Email: b.federation.founder.Email, Person: founder[0]})
	return nil
}

func console(person vault.PersonID) access.Actor {
	return access.Actor{Person: person, Via: access.Console, OSUser: "demo"}
}

func (b *builder) tree(ctx context.Context) (err error) {
	if b.all, err = b.bodies(b.rng, b.count); err != nil {
		return err
	}
	scope, err := b.Access.Require(ctx, b.service, access.Want{Act: charter.Units})
	if err != nil {
		return err
	}
	rows := make([]unit.Row, len(b.all))
	for i, body := range b.all {
		rows[i] = unit.Row{Line: i + 1, Code: body.code, Name: body.name, Level: body.level, Parent: body.parent}
	}
	_, err = b.Units.Import(ctx, b.Recorder(scope.Entry(journal.Unit)), rows)
	return err
}

// people imports the invented file like any other.
func (b *builder) people(ctx context.Context) error {
	scope, err := b.Access.Require(ctx, b.service, access.Want{Act: charter.Import})
	if err != nil {
		return err
	}
	in := file(b.federation, b.rng, b.all, b.imported(), b.Access.Today())
	if b.written {
		whole, err := io.ReadAll(in)
		if err != nil {
			return err
		}
		in = bytes.NewReader(whole)
	}
	b.Progress("members", 0, b.imported())
	result, err := b.Members.Import(ctx, scope, in, member.Options{},
		func(rows int) { b.Progress("members", rows, b.imported()) })
	if err != nil {
		return err
	}
	if result.Created != b.imported() {
		return fmt.Errorf("demo: %d of %d members came through the import", result.Created, b.imported())
	}
	return nil
}

// offices fills the posts, events lets a few weeks pass.
func (b *builder) offices(ctx context.Context) error { return b.boards(b, ctx) }

func (b *builder) events(ctx context.Context) error { return b.life(b, ctx) }

// fresh is how many of the members join after the import.
const fresh = 3

// imported is how many members come with the file.
func (b *builder) imported() int {
	if b.count < 100*fresh {
		return b.count
	}
	return b.count - fresh
}

// newcomers join the shown body the day before, so that its officers have somebody
// to welcome.
func (b *builder) newcomers(ctx context.Context) error {
	b.clock.daysAgo(1)
	scope, err := b.Access.Require(ctx, b.service, access.Want{Act: charter.Create})
	if err != nil {
		return err
	}
	at := b.at(b.shown)
	u, known := b.Units.Tree().ByCode(b.shown)
	if at < 0 || !known {
		return nil // so small a federation has no such body
	}
	g := &generator{federation: b.federation, rng: b.rng, all: b.all[at : at+1], today: b.Access.Today()}
	for i := range b.count - b.imported() {
		draft := member.Draft{Values: map[string]string{}, Unit: u.ID}
		for column, cell := range b.member(g, b.first+i) {
			f, known := b.Charter.FieldFor(b.headings[column])
			if known && f.Type != charter.TypeNumber && f.Type != charter.TypeUnit && f.Type != charter.TypeCategory {
				draft.Values[f.Code] = cell
			}
		}
		draft.Values["joined"] = b.Access.Today().String()
		if _, _, err := b.Members.Create(ctx, scope, draft); err != nil {
			return err
		}
	}
	return nil
}

// households joins some of the couples of the body that is shown; the others are
// left to be proposed.
func (b *builder) households(ctx context.Context) error {
	u, ok := b.Units.Tree().ByCode(b.shown)
	if !ok {
		return nil
	}
	scope, err := b.Access.Require(ctx, b.service, access.Want{Act: charter.Edit, Unit: u.ID})
	if err != nil {
		return err
	}
	proposed, err := b.Members.ProposeHouseholds(ctx, scope, b.count)
	if err != nil {
		return err
	}
	for _, p := range proposed[:min(shownHouseholds, len(proposed)/2)] {
		persons := make([]vault.PersonID, len(p.Persons))
		for i, m := range p.Persons {
			persons[i] = m.Person
		}
		if err := b.Members.MakeHousehold(ctx, scope, persons); err != nil {
			return err
		}
	}
	return nil
}

// shownHouseholds is how many households the demo makes.
const shownHouseholds = 6

// at finds the invented body of a code.
func (b *builder) at(code string) int {
	return slices.IndexFunc(b.all, func(body body) bool { return body.code == code })
}

// appoint gives a post to the member dealt to a body in a round, if the
// federation is large enough to have one.
func (b *builder) appoint(ctx context.Context, at, round int, where unit.ID, post string, a access.Appointment) error {
	person, ok := b.dealt(at, round)
	if !ok {
		return nil
	}
	a.Unit, a.Post = where, post
	_, err := b.Access.Appoint(ctx, b.service, person, a)
	return err
}

// dealt finds the member dealt to a body in a round.
func (b *builder) dealt(at, round int) (vault.PersonID, bool) {
	i := round*len(b.all) + at
	if at < 0 || round >= b.rounds || i >= b.count {
		return 0, false
	}
	found, err := b.Keyring.Find(vault.ClaimNumber, fmt.Sprint(b.first+i))
	return first(found), err == nil && len(found) == 1
}

func first(persons []vault.PersonID) vault.PersonID {
	if len(persons) == 0 {
		return 0
	}
	return persons[0]
}

// login makes the member dealt to a body in a round one to sign in as. Who has
// no address of their own is given none: the demo's links need none.
func (b *builder) login(ctx context.Context, role string, at, round int) error {
	person, ok := b.dealt(at, round)
	if !ok {
		return nil
	}
	scope, err := b.Access.Decide(console(person), access.Want{Self: true})
	if err != nil {
		return err
	}
	own, err := b.Members.Own(ctx, scope)
	if err != nil {
		return err
	}
	b.logins = append(b.logins, Login{Role: role, Email: own.Email, Person: person})
	return nil
}

func (b *builder) loginOf(role string) (Login, bool) {
	for _, l := range b.logins {
		if l.Role == role {
			return l, true
		}
	}
	return Login{}, false
}

func (b *builder) pull(ctx context.Context, role, purpose string, attest bool) error {
	who, ok := b.loginOf(role)
	if !ok {
		return nil
	}
	delivery, err := b.Extracts.Pull(ctx, console(who.Person), extract.Wish{Purpose: purpose, Format: extract.CSV, Lang: b.language})
	if err != nil {
		return err
	}
	if err := delivery.Write(ctx, io.Discard); err != nil || !attest {
		return err
	}
	for _, medium := range []extract.Medium{extract.Digital, extract.Physical} {
		if _, err := b.Extracts.Attest(ctx, console(who.Person), delivery.List.Number, medium); err != nil {
			return err
		}
	}
	return nil
}
