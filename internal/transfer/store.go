package transfer

import (
	"errors"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

func insert(tx *database.Tx, c *Case) error {
	_, err := tx.Exec(`INSERT INTO transfer (id, kind, state, person, unit, made_at, due_on) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		c.ID, string(c.Kind), string(c.State), int64(c.Person), int64(c.Unit), c.MadeAt.UnixMicro(), c.DueOn.String())
	return err
}

// update writes where a case is now; one that is over gets its end.
func update(tx *database.Tx, c *Case) error {
	var ended any
	if !c.State.Open() {
		c.EndedAt = tx.Now()
		ended = c.EndedAt.UnixMicro()
	}
	_, err := tx.Exec(`UPDATE transfer SET state = $2, person = $3, due_on = $4, ended_at = $5 WHERE id = $1`,
		c.ID, string(c.State), int64(c.Person), c.DueOn.String(), ended)
	return err
}

func remove(tx *database.Tx, id int64) error {
	_, err := tx.Exec(`DELETE FROM transfer WHERE id = $1`, id)
	return err
}

func query(q database.Querier, rest string, args ...any) ([]Case, error) {
	rows, err := q.Query(`SELECT id, kind, state, person, unit, made_at, due_on, ended_at FROM transfer `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Case
	for rows.Next() {
		var c Case
		var kind, state, due string
		var person, body, made int64
		var ended *int64
		if err := rows.Scan(&c.ID, &kind, &state, &person, &body, &made, &due, &ended); err != nil {
			return nil, err
		}
		c.Kind, c.State, c.Person, c.Unit = Kind(kind), State(state), vault.PersonID(person), unit.ID(body)
		c.MadeAt = time.UnixMicro(made).UTC()
		if c.DueOn, err = civil.ParseDate(due); err != nil {
			return nil, err
		}
		if ended != nil {
			c.EndedAt = time.UnixMicro(*ended).UTC()
		}
		all = append(all, c)
	}
	return all, rows.Err()
}

// cases reads cases with what is sealed. Whoever was erased meanwhile has none
// left, and is left out.
func (s *Service) cases(q database.Querier, rest string, args ...any) ([]Case, error) {
	found, err := query(q, rest, args...)
	if err != nil {
		return nil, err
	}
	all := found[:0]
	for i := range found {
		c := &found[i]
		err := s.unseal(q, c)
		if errors.Is(err, database.ErrNotFound) || errors.Is(err, vault.ErrErased) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, *c)
	}
	return all, nil
}

func (s *Service) unseal(q database.Querier, c *Case) error {
	switch {
	case c.Kind == Move:
		return record.Get(s.Records, q, Moves, c.Person, uint64(c.ID), &c.Moving)
	case c.State.Open():
		return record.Get(s.Records, q, Additions, c.Person, uint64(c.ID), &c.Adding)
	}
	return nil // what an addition said is gone with its end
}

// get reads one case; database.ErrNotFound if there is none.
func (s *Service) get(q database.Querier, id int64) (Case, error) {
	all, err := s.cases(q, `WHERE id = $1`, id)
	if err != nil {
		return Case{}, err
	}
	if len(all) == 0 {
		return Case{}, database.ErrNotFound
	}
	return all[0], nil
}

// keep writes what is sealed of a case again.
func (s *Service) keep(tx *database.Tx, c *Case) error {
	if c.Kind == Move {
		return record.Put(s.Records, tx, Moves, c.Person, uint64(c.ID), &c.Moving)
	}
	return record.Put(s.Records, tx, Additions, c.Person, uint64(c.ID), &c.Adding)
}
