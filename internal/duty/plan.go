package duty

import (
	"context"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
)

// A kind whose deadline weighs more than others is told of by a plan of its own:
// before the day, on it, after it, and to more people the later it gets (D12).

// Circle is who is told beside whoever is responsible.
type Circle int

const (
	Nobody     Circle = iota // whoever is responsible alone
	Colleagues               // the others who answer for the same body
	Office                   // whoever keeps the register
)

// Step is one telling, so many days after the duty's last day; before it where
// negative.
type Step struct {
	After  int
	Circle Circle
}

// Plan is when a kind of duty is told of. After the last step whoever is responsible
// is told again every so many days; with 0 never.
type Plan struct {
	Steps []Step // by day
	Every int
}

// due says what is to be told of a duty today, that many days after its last day,
// when it was told last on the day told: the latest step, to the widest circle of
// all that have come since. A day on which nothing ran loses nobody.
func (p *Plan) due(today, told int) (step Step, any bool) {
	for _, s := range p.Steps {
		if s.After > today || s.After <= told {
			continue
		}
		if !any || s.Circle > step.Circle {
			step.Circle = s.Circle
		}
		step.After, any = s.After, true
	}
	if n := len(p.Steps); n > 0 && p.Every > 0 {
		last := p.Steps[n-1].After
		if times := (today - last) / p.Every; today > last && times > 0 && last+times*p.Every > told {
			step.After, any = last+times*p.Every, true
		}
	}
	return step, any
}

// never is when nothing has been told yet.
const never = -1 << 30

// Plans sets how kinds are told of that have a plan of their own. It is called while
// the house is put together.
func (e *Engine) Plans(plans map[Kind]Plan) { e.plans = plans }

// Move gives the open duties of a kind about a subject another last day, from which
// they are told of anew.
func (e *Engine) Move(tx *database.Tx, kind Kind, subject int64, due civil.Date) error {
	_, err := tx.Exec(`UPDATE duty SET due_on = $3, reminded_at = NULL, escalated_at = NULL, told = NULL
		WHERE kind = $1 AND subject = $2 AND done_at IS NULL`, string(kind), subject, due.String())
	return err
}

// runPlans tells of the duties that have a plan.
func (e *Engine) runPlans(ctx context.Context, now time.Time, m Messenger) error {
	today := e.charter.Today(now)
	for kind, plan := range e.plans {
		var open []Duty
		told := map[int64]int{}
		err := e.db.Read(ctx, func(q database.Querier) (err error) {
			if open, err = query(q, `done_at IS NULL AND kind = $1`, string(kind)); err != nil {
				return err
			}
			told, err = toldOf(q, kind)
			return err
		})
		if err != nil {
			return err
		}
		for _, d := range open {
			last, known := told[d.ID]
			if !known {
				last = never
			}
			step, any := plan.due(today.DaysSince(d.DueOn), last)
			if !any {
				continue
			}
			if err := m.Step(ctx, d, step); err != nil {
				return err
			}
			err := e.db.Write(ctx, func(tx *database.Tx) error {
				_, err := tx.Exec(`UPDATE duty SET told = $2 WHERE id = $1`, d.ID, int64(step.After))
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// toldOf reads when the open duties of a kind were told of last.
func toldOf(q database.Querier, kind Kind) (map[int64]int, error) {
	rows, err := q.Query(`SELECT id, told FROM duty WHERE done_at IS NULL AND kind = $1 AND told IS NOT NULL`, string(kind))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	told := map[int64]int{}
	for rows.Next() {
		var id, day int64
		if err := rows.Scan(&id, &day); err != nil {
			return nil, err
		}
		told[id] = int(day)
	}
	return told, rows.Err()
}
