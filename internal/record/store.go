package record

import (
	"context"
	"errors"
	"fmt"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

// Store reads and writes sealed records. It is safe for concurrent use.
type Store struct {
	db      *database.DB
	keyring *vault.Keyring
}

// New makes a Store over a register and the keyring that seals its records.
func New(db *database.DB, keyring *vault.Keyring) *Store {
	return &Store{db: db, keyring: keyring}
}

// Item is one record of a person together with its place.
type Item[T any] struct {
	ID      uint64
	Version uint32
	Value   T
}

// Create writes version 1 of a record that does not exist yet; where it does,
// the error is database.ErrConflict and the act must end.
func Create[T any](s *Store, tx *database.Tx, k *Kind[T], person vault.PersonID, id uint64, v *T) error {
	return write(s, tx, k, vault.Label{Person: person, Class: k.Class, Kind: k.Number, ID: id, Version: 1}, v)
}

// Put writes a record: version 1, or the one after the version that stands.
func Put[T any](s *Store, tx *database.Tx, k *Kind[T], person vault.PersonID, id uint64, v *T) error {
	label := vault.Label{Person: person, Class: k.Class, Kind: k.Number, ID: id}
	err := tx.QueryRow(`SELECT version FROM record WHERE kind = $1 AND person = $2 AND id = $3`,
		int64(k.Number), int64(person), int64(id)).Scan(&label.Version)
	if err != nil && !errors.Is(err, database.ErrNotFound) {
		return err
	}
	label.Version++
	return write(s, tx, k, label, v)
}

// PutAs is Put for a kind whose records end at different times: the class, and
// with it the key, is given by the caller. A record that stands keeps its class.
func PutAs[T any](s *Store, tx *database.Tx, k *Kind[T], class vault.Class, person vault.PersonID, id uint64, v *T) error {
	of := *k
	of.Class = class
	return Put(s, tx, &of, person, id, v)
}

func write[T any](s *Store, tx *database.Tx, k *Kind[T], label vault.Label, v *T) error {
	sealed, err := s.keyring.Seal(nil, label, k.Encode(nil, v))
	if err != nil {
		return fmt.Errorf("record: sealing %s: %w", k.Name, err)
	}
	if label.Version == 1 {
		_, err = tx.Exec(`INSERT INTO record (kind, person, id, class, version, sealed) VALUES ($1, $2, $3, $4, $5, $6)`,
			int64(label.Kind), int64(label.Person), int64(label.ID), int64(label.Class), int64(label.Version), sealed)
		return err
	}
	_, err = tx.Exec(`UPDATE record SET class = $4, version = $5, sealed = $6 WHERE kind = $1 AND person = $2 AND id = $3`,
		int64(label.Kind), int64(label.Person), int64(label.ID), int64(label.Class), int64(label.Version), sealed)
	return err
}

// Get reads one record into v; database.ErrNotFound if there is none,
// vault.ErrErased if its person's key is destroyed.
func Get[T any](s *Store, q database.Querier, k *Kind[T], person vault.PersonID, id uint64, v *T) error {
	label := vault.Label{Person: person, Kind: k.Number, ID: id}
	var sealed []byte
	err := q.QueryRow(`SELECT class, version, sealed FROM record WHERE kind = $1 AND person = $2 AND id = $3`,
		int64(k.Number), int64(person), int64(id)).Scan(&label.Class, &label.Version, &sealed)
	if err != nil {
		return err
	}
	return open(s, k, label, sealed, v)
}

func open[T any](s *Store, k *Kind[T], label vault.Label, sealed []byte, v *T) error {
	plain, err := s.keyring.Open(nil, label, sealed)
	if err != nil {
		return fmt.Errorf("record: opening %s: %w", k.Name, err)
	}
	return k.Decode(plain, v)
}

// All reads the records of one kind that a person has, by id. There are none
// of a person whose key is destroyed.
func All[T any](s *Store, q database.Querier, k *Kind[T], person vault.PersonID) ([]Item[T], error) {
	rows, err := s.sealedOf(q, k.Number, person)
	if err != nil {
		return nil, err
	}
	items := make([]Item[T], 0, len(rows))
	for _, row := range rows {
		item := Item[T]{ID: row.label.ID, Version: row.label.Version}
		if err := open(s, k, row.label, row.sealed, &item.Value); errors.Is(err, vault.ErrErased) {
			continue
		} else if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// Remove deletes one record; no error if there is none.
func Remove[T any](tx *database.Tx, k *Kind[T], person vault.PersonID, id uint64) error {
	_, err := tx.Exec(`DELETE FROM record WHERE kind = $1 AND person = $2 AND id = $3`,
		int64(k.Number), int64(person), int64(id))
	return err
}

// Walk gives every record of a person, kind by kind, with its words. It goes by
// what the program declares; a row of an undeclared kind is an error, since a
// person must be told everything.
func (s *Store) Walk(q database.Querier, person vault.PersonID, fn func(kind Named, id uint64, lines []Line) error) error {
	numbers, err := s.kindsOnRegister(q)
	if err != nil {
		return err
	}
	for _, number := range numbers {
		rows, err := s.sealedOf(q, number, person)
		if err != nil {
			return err
		}
		for _, row := range rows {
			kind, known := named(number)
			if !known {
				return fmt.Errorf("record: kind %d stands in the register and no room declares it", number)
			}
			plain, err := s.keyring.Open(nil, row.label, row.sealed)
			if err != nil {
				return fmt.Errorf("record: opening %s: %w", kind.Name, err)
			}
			lines, err := kind.words(plain)
			if err != nil {
				return fmt.Errorf("record: reading %s: %w", kind.Name, err)
			}
			if err := fn(kind, row.label.ID, lines); err != nil {
				return err
			}
		}
	}
	return nil
}

// Delete removes every row of a person that is sealed in one of the classes,
// of declared and undeclared kinds alike, and says how many there were.
// It is a step of erasure (D7, GDPR Art. 17): their keys are destroyed before.
func (s *Store) Delete(tx *database.Tx, person vault.PersonID, classes ...vault.Class) (int64, error) {
	numbers, err := s.kindsOnRegister(tx)
	if err != nil {
		return 0, err
	}
	var total int64
	for _, number := range numbers {
		for _, class := range classes {
			n, err := tx.Exec(`DELETE FROM record WHERE kind = $1 AND person = $2 AND class = $3`,
				int64(number), int64(person), int64(class))
			if err != nil {
				return total, err
			}
			total += n
		}
	}
	return total, nil
}

// DeleteMany is Delete for many persons and one class.
func (s *Store) DeleteMany(tx *database.Tx, class vault.Class, persons []vault.PersonID) (int64, error) {
	numbers, err := s.kindsOnRegister(tx)
	if err != nil {
		return 0, err
	}
	var total int64
	for _, number := range numbers {
		for _, person := range persons {
			n, err := tx.Exec(`DELETE FROM record WHERE kind = $1 AND person = $2 AND class = $3`, int64(number), int64(person), int64(class))
			if err != nil {
				return total, err
			}
			total += n
		}
	}
	return total, nil
}

// Count says how many records of the classes a person has.
func (s *Store) Count(q database.Querier, person vault.PersonID, classes ...vault.Class) (int64, error) {
	numbers, err := s.kindsOnRegister(q)
	if err != nil {
		return 0, err
	}
	var total int64
	for _, number := range numbers {
		for _, class := range classes {
			var n int64
			err := q.QueryRow(`SELECT count(*) FROM record WHERE kind = $1 AND person = $2 AND class = $3`,
				int64(number), int64(person), int64(class)).Scan(&n)
			if err != nil {
				return total, err
			}
			total += n
		}
	}
	return total, nil
}

// Tally is how many records of one kind a person has.
type Tally struct {
	Kind  Named // of an undeclared kind the number alone
	Count int
}

// Tally counts a person's records of the classes, kind by kind. It opens none,
// so what cannot be read is counted too.
func (s *Store) Tally(q database.Querier, person vault.PersonID, classes ...vault.Class) ([]Tally, error) {
	numbers, err := s.kindsOnRegister(q)
	if err != nil {
		return nil, err
	}
	var all []Tally
	for _, number := range numbers {
		kind, known := named(number)
		if !known {
			kind.Number = number
		}
		t := Tally{Kind: kind}
		for _, class := range classes {
			var n int
			err := q.QueryRow(`SELECT count(*) FROM record WHERE kind = $1 AND person = $2 AND class = $3`,
				int64(number), int64(person), int64(class)).Scan(&n)
			if err != nil {
				return nil, err
			}
			t.Count += n
		}
		if t.Count > 0 {
			all = append(all, t)
		}
	}
	return all, nil
}

// kindsOnRegister finds the kinds that have rows, by hopping through the key.
func (s *Store) kindsOnRegister(q database.Querier) ([]uint16, error) {
	rows, err := q.Query(`WITH RECURSIVE hop (kind) AS (
		SELECT min(kind) FROM record
		UNION ALL
		SELECT (SELECT min(kind) FROM record WHERE kind > hop.kind) FROM hop WHERE hop.kind IS NOT NULL
	) SELECT kind FROM hop WHERE kind IS NOT NULL`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var numbers []uint16
	for rows.Next() {
		var n uint16
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		numbers = append(numbers, n)
	}
	return numbers, rows.Err()
}

type sealedRow struct {
	label  vault.Label
	sealed []byte
}

// sealedOf reads a person's rows of one kind to the end, so that the caller may
// query again in the same transaction.
func (s *Store) sealedOf(q database.Querier, kind uint16, person vault.PersonID) ([]sealedRow, error) {
	rows, err := q.Query(`SELECT id, class, version, sealed FROM record WHERE kind = $1 AND person = $2 ORDER BY id`,
		int64(kind), int64(person))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []sealedRow
	for rows.Next() {
		row := sealedRow{label: vault.Label{Person: person, Kind: kind}}
		if err := rows.Scan(&row.label.ID, &row.label.Class, &row.label.Version, &row.sealed); err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, rows.Err()
}

func named(number uint16) (Named, bool) {
	kindsMu.RLock()
	defer kindsMu.RUnlock()
	k, ok := kinds[number]
	return k, ok
}

// Persons calls fn for every person that has a row of the kind, in order; it
// opens nothing.
func (s *Store) Persons(ctx context.Context, kind uint16, fn func(vault.PersonID) error) error {
	return s.db.Read(ctx, func(q database.Querier) error {
		rows, err := q.Query(`SELECT DISTINCT person FROM record WHERE kind = $1 ORDER BY person`, int64(kind))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var person vault.PersonID
			if err := rows.Scan(&person); err != nil {
				return err
			}
			if err := fn(person); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// LastPerson is the highest person id that has a record; 0 if there is none.
func (s *Store) LastPerson(q database.Querier) (last vault.PersonID, err error) {
	numbers, err := s.kindsOnRegister(q)
	if err != nil {
		return 0, err
	}
	for _, number := range numbers {
		var person int64
		if err := q.QueryRow(`SELECT max(person) FROM record WHERE kind = $1`, int64(number)).Scan(&person); err != nil {
			return 0, err
		}
		last = max(last, vault.PersonID(person))
	}
	return last, nil
}

// IDs calls fn for the person and id of every row of a kind, in order; it opens
// nothing.
func (s *Store) IDs(ctx context.Context, kind uint16, fn func(person vault.PersonID, id uint64) error) error {
	return s.db.Read(ctx, func(q database.Querier) error {
		rows, err := q.Query(`SELECT person, id FROM record WHERE kind = $1 ORDER BY person, id`, int64(kind))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var person vault.PersonID
			var id uint64
			if err := rows.Scan(&person, &id); err != nil {
				return err
			}
			if err := fn(person, id); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}
