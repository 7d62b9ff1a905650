package duty

import (
	"context"
	"slices"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Messenger tells whoever is responsible. app satisfies it with mail.
type Messenger interface {
	// Remind tells of a deadline that comes near.
	Remind(ctx context.Context, d Duty) error
	// Escalate tells the secretariat, and the responsible person again, of a
	// deadline that has passed.
	Escalate(ctx context.Context, d Duty) error
	// Step tells of a duty whose kind has a plan.
	Step(ctx context.Context, d Duty, s Step) error
}

// Engine is the one engine of duties.
type Engine struct {
	forecasters []Forecaster
	charter     *charter.Charter
	db          *database.DB
	plans       map[Kind]Plan
}

// New makes an Engine over a register.
func New(c *charter.Charter, db *database.DB) *Engine { return &Engine{charter: c, db: db} }

// Add opens a duty in the act's own transaction and gives its id.
func (e *Engine) Add(tx *database.Tx, d Duty) (int64, error) {
	id, err := tx.Next("duty")
	if err != nil {
		return 0, err
	}
	d.ID, d.CreatedAt = id, tx.Now()
	return id, insert(tx, &d)
}

// Finish closes every open duty of a kind about a subject, in the act's own
// transaction, and says how many there were.
func (e *Engine) Finish(tx *database.Tx, kind Kind, subject int64, by vault.PersonID, outcome string) (int64, error) {
	return finish(tx, kind, subject, by, outcome)
}

// FinishOf closes the open duties of a kind about a subject that one person
// answers for, or, with person 0, whoever holds a right; of several who each have
// a part, the others keep theirs.
func (e *Engine) FinishOf(tx *database.Tx, kind Kind, subject int64, person, by vault.PersonID, outcome string) (int64, error) {
	return finishOf(tx, kind, subject, person, by, outcome)
}

// FinishIn closes the open duties of a kind about a subject in one body; the others
// keep theirs.
func (e *Engine) FinishIn(tx *database.Tx, kind Kind, subject int64, body unit.ID, by vault.PersonID, outcome string) (int64, error) {
	return finishIn(tx, kind, subject, body, by, outcome)
}

// Responsible is what somebody answers for: themselves, and per body the acts
// they hold a right to. Body 0 stands for the secretariat.
type Responsible struct {
	Person vault.PersonID
	Acts   map[unit.ID]charter.Acts
}

// answers reports whether the duty is among what r answers for.
func (r *Responsible) answers(d *Duty) bool {
	if d.Person != 0 {
		return d.Person == r.Person
	}
	act, known := charter.ParseAct(d.Act)
	return known && r.Acts[d.Unit].Has(act)
}

// Open lists the open duties somebody answers for, the nearest deadline first.
func (e *Engine) Open(ctx context.Context, r Responsible) ([]Duty, error) {
	return e.list(ctx, r, `done_at IS NULL`)
}

// Year lists the duties somebody answers for whose deadline is in a civil
// year, open and done, by deadline: the compliance year.
func (e *Engine) Year(ctx context.Context, r Responsible, year int) ([]Duty, error) {
	first, last := civil.Date{Year: year, Month: 1, Day: 1}, civil.Date{Year: year, Month: 12, Day: 31}
	return e.list(ctx, r, `due_on BETWEEN $1 AND $2`, first.String(), last.String())
}

func (e *Engine) list(ctx context.Context, r Responsible, where string, args ...any) ([]Duty, error) {
	var mine []Duty
	err := e.db.Read(ctx, func(q database.Querier) error {
		all, err := query(q, where, args...)
		for i := range all {
			if r.answers(&all[i]) {
				mine = append(mine, all[i])
			}
		}
		return err
	})
	return mine, err
}

// Late lists every duty of a kind that is past its day: what the secretariat
// follows up.
func (e *Engine) Late(ctx context.Context, kind Kind, today civil.Date) ([]Duty, error) {
	var all []Duty
	err := e.db.Read(ctx, func(q database.Querier) (err error) {
		all, err = query(q, `done_at IS NULL AND kind = $1 AND due_on < $2`, string(kind), today.String())
		return err
	})
	return all, err
}

// OpenOf lists the open duties of a kind.
func (e *Engine) OpenOf(ctx context.Context, kind Kind) (all []Duty, err error) {
	err = e.db.Read(ctx, func(q database.Querier) error {
		all, err = query(q, `done_at IS NULL AND kind = $1`, string(kind))
		return err
	})
	return all, err
}

// OpenIn lists the open duties of a kind about a subject, one for each body.
func (e *Engine) OpenIn(q database.Querier, kind Kind, subject int64) ([]Duty, error) {
	return query(q, `kind = $1 AND subject = $2 AND done_at IS NULL`, string(kind), subject)
}

// About finds the newest duty of a kind about a subject; database.ErrNotFound
// if there never was one.
func (e *Engine) About(q database.Querier, kind Kind, subject int64) (Duty, error) {
	all, err := query(q, `kind = $1 AND subject = $2`, string(kind), subject)
	if err != nil {
		return Duty{}, err
	}
	if len(all) == 0 {
		return Duty{}, database.ErrNotFound
	}
	return all[len(all)-1], nil
}

// OpenAbout finds the open duty of a kind about a subject; false for none.
func (e *Engine) OpenAbout(q database.Querier, kind Kind, subject int64) (Duty, bool, error) {
	all, err := query(q, `kind = $1 AND subject = $2 AND done_at IS NULL`, string(kind), subject)
	if err != nil || len(all) == 0 {
		return Duty{}, false, err
	}
	return all[0], true, nil
}

// Run reminds of deadlines within a week and escalates those that have passed,
// each once. It is called daily; what failed to be told is tried again then.
func (e *Engine) Run(ctx context.Context, now time.Time, m Messenger) error {
	today := e.charter.Today(now)
	var near, late []Duty
	err := e.db.Read(ctx, func(q database.Querier) (err error) {
		if near, err = query(q, `done_at IS NULL AND reminded_at IS NULL AND due_on >= $1 AND due_on <= $2`,
			today.String(), today.AddDays(soonDays).String()); err != nil {
			return err
		}
		late, err = query(q, `done_at IS NULL AND escalated_at IS NULL AND due_on < $1`, today.String())
		return err
	})
	if err != nil {
		return err
	}
	planned := func(d Duty) bool { _, has := e.plans[d.Kind]; return has }
	near, late = slices.DeleteFunc(near, planned), slices.DeleteFunc(late, planned)
	for _, d := range near {
		if err := e.tell(ctx, d, m.Remind, `UPDATE duty SET reminded_at = $2 WHERE id = $1`); err != nil {
			return err
		}
	}
	for _, d := range late {
		if err := e.tell(ctx, d, m.Escalate, `UPDATE duty SET escalated_at = $2 WHERE id = $1`); err != nil {
			return err
		}
	}
	return e.runPlans(ctx, now, m)
}

// tell sends first and records after: a stop in between tells twice, never
// not at all.
func (e *Engine) tell(ctx context.Context, d Duty, send func(context.Context, Duty) error, mark string) error {
	if err := send(ctx, d); err != nil {
		return err
	}
	return e.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(mark, d.ID, tx.Now().UnixMicro())
		return err
	})
}
