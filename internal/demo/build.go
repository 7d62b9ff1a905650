package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/golang-sql/civil"

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

// Options say how large a federation to invent.
type Options struct {
	Members int
	Charter string // "party-dk" is the one there is a demo for
	Seed    uint64
}

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
	if o.Charter != "party-dk" {
		return nil, nil, fault.New(fault.Invalid, "demo.error.charter")
	}
	rules, err := charter.Load(o.Charter)
	if err != nil {
		return nil, nil, err
	}
	past := &clock{}
	past.daysAgo(historyDays)
	c.Demo, c.Now = true, past.now
	h, err := app.Found(ctx, c, rules, app.Founder{
		Given: "Sofie", Family: "Elkjær", Email: "sofie.elkjaer@sekretariat.example", OSUser: "demo",
	})
	if err != nil {
		return nil, nil, err
	}
	b := &builder{House: h, clock: past, rng: rand.New(rand.NewPCG(o.Seed, 0x6b617274)), members: o.Members}
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
	clock   *clock
	rng     *rand.Rand
	members int
	bodies  []body
	logins  []Login

	founder, service access.Actor
}

func (b *builder) build(ctx context.Context) ([]Login, error) {
	for _, step := range []func(context.Context) error{b.secretariat, b.tree, b.people, b.boards, b.life} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	b.clock.behind.Store(0)
	return b.logins, nil
}

// secretariat employs three more; the founder works with IT and cannot do it
// for herself (D4).
func (b *builder) secretariat(ctx context.Context) error {
	founder, err := b.Keyring.Find(vault.ClaimEmail, "sofie.elkjaer@sekretariat.example")
	if err != nil || len(founder) != 1 {
		return fmt.Errorf("demo: the founder is missing: %w", err)
	}
	b.founder = console(founder[0])
	for _, who := range []struct{ given, family, position, ground string }{
		{"Mette", "Lindqvist", "member-service", "Betjener medlemmer og foreninger; ansat og betroet siden 2021."},
		{"Jakob", "Ravn", "member-service", "Betjener medlemmer og foreninger; ansat og betroet siden 2023."},
		{"Ulrik", "Damm", "dues", "Opkræver kontingent; ansat og betroet siden 2019."},
	} {
		scope, err := b.Access.Require(ctx, b.founder, access.Want{Act: charter.Staff})
		if err != nil {
			return err
		}
		email := slug(who.given) + "." + slug(who.family) + "@sekretariat.example"
		person, err := b.Members.Enrol(ctx, scope, member.Draft{
			Values: map[string]string{"given": who.given, "family": who.family, "email": email}, Language: "da",
		})
		if err != nil {
			return err
		}
		_, err = b.Access.Employ(ctx, b.founder, person, access.Position{
			Code: who.position, From: b.Access.Today().AddDays(-1), Ground: who.ground,
		})
		if err != nil {
			return err
		}
		if who.position == "member-service" {
			b.logins = append(b.logins, Login{Role: "secretariat", Email: email, Person: person})
		}
	}
	b.service = console(b.logins[0].Person)
	return nil
}

func console(person vault.PersonID) access.Actor {
	return access.Actor{Person: person, Via: access.Console, OSUser: "demo"}
}

func (b *builder) tree(ctx context.Context) (err error) {
	if b.bodies, err = bodies(b.rng); err != nil {
		return err
	}
	scope, err := b.Access.Require(ctx, b.service, access.Want{Act: charter.Units})
	if err != nil {
		return err
	}
	rows := make([]unit.Row, len(b.bodies))
	for i, body := range b.bodies {
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
	result, err := b.Members.Import(ctx, scope, file(b.rng, b.bodies, b.members, b.Access.Today()), member.Options{},
		func(rows int) { b.Progress("members", rows, b.members) })
	if err != nil {
		return err
	}
	if result.Created != b.members {
		return fmt.Errorf("demo: %d of %d members came through the import", result.Created, b.members)
	}
	return nil
}

// boards fills the posts of every association from its first members, and
// gives every region a chair, who has no access (D13).
func (b *builder) boards(ctx context.Context) error {
	posts := []string{"chair", "membership-officer", "treasurer"}
	term := access.Appointment{From: b.Access.Today().AddDays(-200), Ground: "Valgt på generalforsamlingen"}
	regional := map[string]bool{}
	for i, body := range b.bodies {
		if body.weight == 0 {
			continue
		}
		at, ok := b.Units.Tree().ByCode(body.code)
		if !ok {
			return fmt.Errorf("demo: body %s is missing", body.code)
		}
		here := posts
		if post, known := b.Charter.Post("extra-membership-officer"); known && post.SeatsFor(b.Members.Count(at.ID)) > 0 && (body.code == shown || b.rng.IntN(3) == 0) {
			here = append(posts[:3:3], "extra-membership-officer")
		}
		for round, post := range here {
			term.Until = b.Access.Today().AddDays(160 + 365*b.rng.IntN(2))
			if err := b.appoint(ctx, i, round, at.ID, post, term); err != nil {
				return err
			}
		}
		if body.parent != "" && !regional[body.parent] {
			regional[body.parent] = true
			above, _ := b.Units.Tree().ByCode(body.parent)
			if err := b.appoint(ctx, i, 4, above.ID, "regional-chair", term); err != nil {
				return err
			}
		}
		b.Progress("boards", i+1, len(b.bodies))
	}
	return nil
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
	i := round*len(b.bodies) + at
	if i >= b.members {
		return 0, false
	}
	found, err := b.Keyring.Find(vault.ClaimNumber, fmt.Sprint(firstNumber+i))
	return first(found), err == nil && len(found) == 1
}

func first(persons []vault.PersonID) vault.PersonID {
	if len(persons) == 0 {
		return 0
	}
	return persons[0]
}

// shown is the association whose officers one signs in as.
const shown = "gentofte"

// life lets the shown association pull lists, destroy one and forget one, and
// two members leave.
func (b *builder) life(ctx context.Context) error {
	at := -1
	for i, body := range b.bodies {
		if body.code == shown {
			at = i
		}
	}
	for round, role := range []string{"chair", "membership-officer", "treasurer"} {
		if err := b.login(ctx, role, at, round); err != nil {
			return err
		}
	}
	for i, body := range b.bodies {
		if above, ok := b.Units.Tree().ByCode(b.bodies[at].parent); ok && body.parent == above.Code && body.weight > 0 {
			if err := b.login(ctx, "regional-chair", i, 4); err != nil {
				return err
			}
			break
		}
	}
	if err := b.login(ctx, "member", at, 5); err != nil {
		return err
	}
	for _, pull := range []struct {
		role    string
		daysAgo int
		purpose string
		attest  bool
	}{
		{"chair", 33, "meeting-notice", false},
		{"treasurer", 24, "dues", true},
		{"membership-officer", 6, "newsletter", false},
	} {
		b.clock.daysAgo(pull.daysAgo)
		if err := b.pull(ctx, pull.role, pull.purpose, pull.attest); err != nil {
			return err
		}
	}
	b.clock.daysAgo(2)
	officer, _ := b.loginOf("membership-officer")
	leaving, ok := b.dealt(at, 6)
	if officer.Person != 0 && ok {
		today := civil.DateOf(b.clock.now())
		if err := b.Departures.PassOn(ctx, console(officer.Person), leaving, "email", today); err != nil {
			return err
		}
	}
	return nil
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
	delivery, err := b.Extracts.Pull(ctx, console(who.Person), extract.Wish{Purpose: purpose, Format: extract.CSV, Lang: "da"})
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
