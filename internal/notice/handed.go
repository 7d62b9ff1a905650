package notice

import (
	"errors"

	"kartotek/internal/database"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Somebody without an account who was handed a list (D5) holds members' data like an
// organisation outside, and is told of its lines like one (L3). They are no
// organisation: nothing in clear says who they are, they stand in no register of
// holders, and they end with what is known of their lists.

// handedOut is the role of such a recipient.
const handedOut Role = "handout"

// Handed is a recipient in person and the list they were handed.
type Handed struct {
	Contact
	Person   vault.PersonID
	List     int64
	Purposes []string
	Fields   []string
}

// HandedTo records that somebody was handed a list, in the transaction in which it was
// made.
func (s *Service) HandedTo(tx *database.Tx, h Handed) error {
	known, err := holders(tx, `WHERE person = $1 AND role = $2`, int64(h.Person), string(handedOut))
	if err != nil {
		return err
	}
	if len(known) == 0 {
		id, err := tx.Next("holder")
		if err != nil {
			return err
		}
		known = []Holder{{ID: id, Country: s.Charter.Country, Role: handedOut, Tells: ByList, Purposes: h.Purposes, Fields: h.Fields, Person: h.Person}}
		if err := insertHolder(tx, &known[0]); err != nil {
			return err
		}
	}
	if err := record.Put(s.Records, tx, Contacts, h.Person, 0, &h.Contact); err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO holder_list (holder, list, handed_at, handed_by) VALUES ($1, $2, $3, $4)`, known[0].ID, h.List, tx.Now().UnixMicro(), int64(0))
	return err
}

// HandedGone records that somebody has destroyed lists they were handed.
func (s *Service) HandedGone(tx *database.Tx, person vault.PersonID, lists ...int64) error {
	known, err := holders(tx, `WHERE person = $1 AND role = $2`, int64(person), string(handedOut))
	if err != nil || len(known) == 0 {
		return err
	}
	for _, list := range lists {
		if _, err := tx.Exec(`UPDATE holder_list SET gone_at = $3 WHERE holder = $1 AND list = $2 AND gone_at IS NULL`, known[0].ID, list, tx.Now().UnixMicro()); err != nil {
			return err
		}
	}
	return nil
}

// HandedEnded takes a recipient out of the holders, before who they were is erased.
func (s *Service) HandedEnded(tx *database.Tx, person vault.PersonID) error {
	_, err := tx.Exec(`UPDATE holder SET ended_at = $3 WHERE person = $1 AND role = $2 AND ended_at IS NULL`, int64(person), string(handedOut), tx.Now().UnixMicro())
	return err
}

// called is what a holder is called: an organisation in clear, a recipient in person as
// their sealed record says; "" once they are gone.
func (s *Service) called(q database.Querier, h *Holder) (string, error) {
	if h.Role != handedOut {
		return h.Name, nil
	}
	var c Contact
	err := record.Get(s.Records, q, Contacts, h.Person, 0, &c)
	if errors.Is(err, database.ErrNotFound) || errors.Is(err, vault.ErrErased) {
		err = nil
	}
	return c.Who, err
}

// name fills in what the holders of notices are called.
func (s *Service) name(q database.Querier, all []Notice) error {
	for i := range all {
		if all[i].Name != "" {
			continue
		}
		found, err := holders(q, `WHERE id = $1`, all[i].Holder)
		if err != nil || len(found) == 0 {
			return err
		}
		all[i].InPerson = found[0].Role == handedOut
		if all[i].Name, err = s.called(q, &found[0]); err != nil {
			return err
		}
	}
	return nil
}
