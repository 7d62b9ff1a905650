package joining

import (
	"errors"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// lookedOpen stands in the column looked while it is to be settled who the
// applicant is, so that those few are found without opening the others.
const lookedOpen = 2

func insert(tx *database.Tx, a *Application) error {
	_, err := tx.Exec(`INSERT INTO application (id, state, person, unit, token, looked, made_at, due_on) VALUES ($1, $2, $3, $4, $5, 0, $6, $7)`,
		a.ID, string(a.State), int64(a.Person), int64(a.Unit), a.hash, a.MadeAt.UnixMicro(), a.DueOn.String())
	return err
}

// update writes where an application is now; one that is accepted gets its end.
func update(tx *database.Tx, a *Application) error {
	var ended any
	if a.State == Accepted {
		a.EndedAt = tx.Now()
		ended = a.EndedAt.UnixMicro()
	}
	looked := 0
	switch {
	case a.Looked && a.Form.open():
		looked = lookedOpen
	case a.Looked:
		looked = 1
	}
	_, err := tx.Exec(`UPDATE application SET state = $2, person = $3, unit = $4, looked = $5, due_on = $6, ended_at = $7 WHERE id = $1`,
		a.ID, string(a.State), int64(a.Person), int64(a.Unit), looked, a.DueOn.String(), ended)
	return err
}

func remove(tx *database.Tx, id int64) error {
	_, err := tx.Exec(`DELETE FROM application WHERE id = $1`, id)
	return err
}

// query reads rows, without what is sealed.
func query(q database.Querier, rest string, args ...any) ([]Application, error) {
	rows, err := q.Query(`SELECT id, state, person, unit, token, looked, made_at, due_on, ended_at FROM application `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Application
	for rows.Next() {
		var a Application
		var state, due string
		var person, body, looked, made int64
		var ended *int64
		if err := rows.Scan(&a.ID, &state, &person, &body, &a.hash, &looked, &made, &due, &ended); err != nil {
			return nil, err
		}
		a.State, a.Person, a.Unit, a.Looked = State(state), vault.PersonID(person), unit.ID(body), looked != 0
		a.MadeAt = time.UnixMicro(made).UTC()
		if a.DueOn, err = civil.ParseDate(due); err != nil {
			return nil, err
		}
		if ended != nil {
			a.EndedAt = time.UnixMicro(*ended).UTC()
		}
		all = append(all, a)
	}
	return all, rows.Err()
}

// applications reads rows with what is sealed. Of whoever was erased meanwhile
// there is none left, and of one accepted and looked at neither.
func (s *Service) applications(q database.Querier, rest string, args ...any) ([]Application, error) {
	found, err := query(q, rest, args...)
	if err != nil {
		return nil, err
	}
	all := found[:0]
	for i := range found {
		a := &found[i]
		err := record.Get(s.Records, q, Forms, a.Person, uint64(a.ID), &a.Form)
		switch {
		case a.State == Accepted && errors.Is(err, database.ErrNotFound):
		case a.State == Ended, errors.Is(err, database.ErrNotFound), errors.Is(err, vault.ErrErased):
			continue
		case err != nil:
			return nil, err
		}
		all = append(all, *a)
	}
	return all, nil
}

// get reads one application; database.ErrNotFound if there is none.
func (s *Service) get(q database.Querier, id int64) (Application, error) {
	return one(s.applications(q, `WHERE id = $1`, id))
}

// byToken reads the application a secret belongs to; database.ErrNotFound if there
// is none.
func (s *Service) byToken(q database.Querier, token string) (Application, error) {
	return one(s.applications(q, `WHERE token = $1`, s.hash(token)))
}

func one(all []Application, err error) (Application, error) {
	if err == nil && len(all) == 0 {
		err = database.ErrNotFound
	}
	if err != nil {
		return Application{}, err
	}
	return all[0], nil
}

// keep writes what is sealed of an application again.
func (s *Service) keep(tx *database.Tx, a *Application) error {
	return record.Put(s.Records, tx, Forms, a.Person, uint64(a.ID), &a.Form)
}
