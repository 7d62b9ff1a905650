package dues

import (
	"kartotek/internal/database"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// MoveAccount moves what somebody owes and has paid to the entry that stays when
// two entries become one, in the transaction of that act. Where both were charged
// for the same, only one of the charges was right: the other goes with its entry,
// and the payments on it are moved. References keep leading to what they paid.
func (s *Service) MoveAccount(tx *database.Tx, from, to vault.PersonID) error {
	defer s.written.Add(1)
	own, err := record.All(s.Records, tx, Charges, to)
	if err != nil {
		return err
	}
	taken := map[uint64]bool{}
	for _, c := range own {
		taken[c.ID] = true
	}
	charges, err := record.All(s.Records, tx, Charges, from)
	if err != nil {
		return err
	}
	moved := map[uint64]bool{}
	for _, c := range charges {
		if taken[c.ID] {
			continue
		}
		moved[c.ID], c.Value.Was = true, from
		if err := move(s, tx, Charges, c, from, to); err != nil {
			return err
		}
	}
	return s.moveEntries(tx, from, to, func(e *Entry) bool {
		e.Was = from
		return true
	}, moved)
}

// MoveAccountBack parts two accounts again: what came with an entry goes back
// with it, and what was entered on its charges since.
func (s *Service) MoveAccountBack(tx *database.Tx, kept, other vault.PersonID) error {
	defer s.written.Add(1)
	charges, err := record.All(s.Records, tx, Charges, kept)
	if err != nil {
		return err
	}
	moved := map[uint64]bool{}
	for _, c := range charges {
		if c.Value.Was != other {
			continue
		}
		moved[c.ID], c.Value.Was = true, 0
		if first, _, ok := s.references.read(c.Value.Reference); ok && first != other {
			c.Value.Was = first
		}
		if err := move(s, tx, Charges, c, kept, other); err != nil {
			return err
		}
	}
	return s.moveEntries(tx, kept, other, func(e *Entry) bool {
		back := e.Was == other || moved[e.Charge]
		e.Was = 0
		return back
	}, moved)
}

// moveEntries moves the entries that take says, and the notices of charges that
// were moved.
func (s *Service) moveEntries(tx *database.Tx, from, to vault.PersonID, take func(*Entry) bool, moved map[uint64]bool) error {
	entries, err := record.All(s.Records, tx, Entries, from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if take(&e.Value) {
			if err := move(s, tx, Entries, e, from, to); err != nil {
				return err
			}
		}
	}
	notices, err := record.All(s.Records, tx, Notices, from)
	if err != nil {
		return err
	}
	for _, n := range notices {
		if moved[n.Value.Charge] {
			if err := move(s, tx, Notices, n, from, to); err != nil {
				return err
			}
		}
	}
	return nil
}

func move[T any](s *Service, tx *database.Tx, k *record.Kind[T], item record.Item[T], from, to vault.PersonID) error {
	if err := record.Create(s.Records, tx, k, to, item.ID, &item.Value); err != nil {
		return err
	}
	return record.Remove(tx, k, from, item.ID)
}
