package retention

import (
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

func writePlan(tx *database.Tx, p *Plan) error {
	_, err := tx.Exec(`INSERT INTO retention_plan (day, rule, made_at, today, week, month, total) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (day, rule) DO UPDATE SET made_at = $3, today = $4, week = $5, month = $6, total = $7`,
		p.Day.String(), p.Rule, p.MadeAt.UnixMicro(), int64(p.Today), int64(p.Week), int64(p.Month), int64(p.Count))
	return err
}

func plans(q database.Querier, day civil.Date) ([]Plan, error) {
	rows, err := q.Query(`SELECT rule, made_at, today, week, month, total FROM retention_plan WHERE day = $1 ORDER BY rule`, day.String())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Plan
	for rows.Next() {
		p := Plan{Day: day}
		var made, today, week, month, total int64
		if err := rows.Scan(&p.Rule, &made, &today, &week, &month, &total); err != nil {
			return nil, err
		}
		p.MadeAt = time.UnixMicro(made).UTC()
		p.Today, p.Week, p.Month, p.Count = int(today), int(week), int(month), int(total)
		all = append(all, p)
	}
	return all, rows.Err()
}

func beginRun(tx *database.Tx, r *Run) error {
	number, err := tx.Next("retention run")
	if err != nil {
		return err
	}
	r.Number, r.BeganAt = number, tx.Now()
	_, err = tx.Exec(`INSERT INTO retention_run (number, rule, by_at, told, taken, brake, began_at) VALUES ($1, $2, $3, $4, 0, $5, $6)`,
		number, r.Rule, r.By.UnixMicro(), int64(r.Told), r.Brake, r.BeganAt.UnixMicro())
	return err
}

func endRun(tx *database.Tx, r *Run) error {
	_, err := tx.Exec(`UPDATE retention_run SET taken = $2, ended_at = $3 WHERE number = $1`, r.Number, int64(r.Taken), tx.Now().UnixMicro())
	return err
}

func dropRun(tx *database.Tx, number int64) error {
	_, err := tx.Exec(`DELETE FROM retention_run WHERE number = $1`, number)
	return err
}

// runs reads what a condition selects, the newest first.
func runs(q database.Querier, rest string, args ...any) ([]Run, error) {
	rows, err := q.Query(`SELECT number, rule, by_at, told, taken, brake, began_at, ended_at FROM retention_run `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Run
	for rows.Next() {
		var r Run
		var by, told, taken, began int64
		var ended *int64
		if err := rows.Scan(&r.Number, &r.Rule, &by, &told, &taken, &r.Brake, &began, &ended); err != nil {
			return nil, err
		}
		r.By, r.BeganAt, r.EndedAt = time.UnixMicro(by).UTC(), time.UnixMicro(began).UTC(), moment(ended)
		r.Told, r.Taken = int(told), int(taken)
		all = append(all, r)
	}
	return all, rows.Err()
}

// takenSince is how many a rule has taken since a moment without anybody being asked.
func takenSince(q database.Querier, rule string, since time.Time) (int, error) {
	var n int64
	err := q.QueryRow(`SELECT COALESCE(CAST(SUM(taken) AS BIGINT), 0) FROM retention_run WHERE rule = $1 AND brake = 0 AND began_at >= $2`, rule, since.UnixMicro()).Scan(&n)
	return int(n), err
}

func insertBrake(tx *database.Tx, b *Brake) error {
	number, err := tx.Next("retention brake")
	if err != nil {
		return err
	}
	b.Number, b.MadeAt, b.State = number, tx.Now(), Waiting
	_, err = tx.Exec(`INSERT INTO retention_brake (number, rule, state, by_at, made_at, told, total, allowed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		number, b.Rule, string(b.State), b.By.UnixMicro(), b.MadeAt.UnixMicro(), int64(b.Told), int64(b.Count), int64(b.Allowed))
	return err
}

func updateBrake(tx *database.Tx, b *Brake) error {
	_, err := tx.Exec(`UPDATE retention_brake SET state = $2, first_by = $3, first_at = $4, second_by = $5, decided_at = $6, until_at = $7 WHERE number = $1`,
		b.Number, string(b.State), person(b.First), instant(b.FirstAt), person(b.Second), instant(b.DecidedAt), instant(b.Until))
	return err
}

func brakes(q database.Querier, rest string, args ...any) ([]Brake, error) {
	rows, err := q.Query(`SELECT number, rule, state, by_at, made_at, told, total, allowed, first_by, first_at, second_by, decided_at, until_at
		FROM retention_brake `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Brake
	for rows.Next() {
		var b Brake
		var state string
		var by, made, told, total, allowed int64
		var first, firstAt, second, decided, until *int64
		if err := rows.Scan(&b.Number, &b.Rule, &state, &by, &made, &told, &total, &allowed, &first, &firstAt, &second, &decided, &until); err != nil {
			return nil, err
		}
		b.State, b.By, b.MadeAt = State(state), time.UnixMicro(by).UTC(), time.UnixMicro(made).UTC()
		b.Told, b.Count, b.Allowed = int(told), int(total), int(allowed)
		b.FirstAt, b.DecidedAt, b.Until = moment(firstAt), moment(decided), moment(until)
		if first != nil {
			b.First = vault.PersonID(*first)
		}
		if second != nil {
			b.Second = vault.PersonID(*second)
		}
		all = append(all, b)
	}
	return all, rows.Err()
}

// forget drops what the sweep knows of itself from before a moment; open brakes
// and unfinished runs stay.
func forget(tx *database.Tx, day civil.Date, before time.Time) (int, error) {
	all := 0
	for _, one := range []struct {
		text string
		arg  any
	}{
		{`DELETE FROM retention_plan WHERE day < $1`, day.String()},
		{`DELETE FROM retention_run WHERE ended_at < $1`, before.UnixMicro()},
		{`DELETE FROM retention_brake WHERE decided_at < $1 AND state <> 'approved'`, before.UnixMicro()},
	} {
		n, err := tx.Exec(one.text, one.arg)
		if err != nil {
			return 0, err
		}
		all += int(n)
	}
	return all, nil
}

// old counts what forget would drop, and all there is.
func old(q database.Querier, day civil.Date, before time.Time) (t Tally, err error) {
	var due, all int64
	err = q.QueryRow(`SELECT
		(SELECT COUNT(*) FROM retention_plan WHERE day < $1) + (SELECT COUNT(*) FROM retention_run WHERE ended_at < $2)
			+ (SELECT COUNT(*) FROM retention_brake WHERE decided_at < $2 AND state <> 'approved'),
		(SELECT COUNT(*) FROM retention_plan) + (SELECT COUNT(*) FROM retention_run) + (SELECT COUNT(*) FROM retention_brake)`,
		day.String(), before.UnixMicro()).Scan(&due, &all)
	return Tally{int(due), int(all)}, err
}

func moment(micros *int64) time.Time {
	if micros == nil {
		return time.Time{}
	}
	return time.UnixMicro(*micros).UTC()
}

func instant(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

func person(p vault.PersonID) any {
	if p == 0 {
		return nil
	}
	return int64(p)
}
