package record_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

func TestEverythingIsGivenOpened(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var persons []vault.PersonID
		must(t, h.keyring.Write(t.Context(), func(tx *vault.Tx) error {
			for range 3 {
				p, err := tx.NewPerson(vault.Membership, vault.Bookkeeping)
				if err != nil {
					return err
				}
				persons = append(persons, p)
			}
			return nil
		}))
		must(t, h.db.Write(t.Context(), func(tx *database.Tx) error {
			for i, p := range persons {
				if err := record.Create(h.Store, tx, notes, p, 1, &note{Text: fmt.Sprint("note ", i)}); err != nil {
					return err
				}
				if err := record.Create(h.Store, tx, bills, p, 7, &note{Text: fmt.Sprint("bill ", i)}); err != nil {
					return err
				}
			}
			// A row of a kind nobody declares, and one somebody has damaged.
			sealed, err := h.keyring.Seal(nil, vault.Label{Person: persons[0], Class: vault.Membership, Kind: 999, ID: 1, Version: 1}, []byte("unknown"))
			if err != nil {
				return err
			}
			_, err = tx.Exec(`INSERT INTO record (kind, person, id, class, version, sealed) VALUES (999, $1, 1, 1, 1, $2), (999, $3, 1, 1, 1, $2)`,
				int64(persons[0]), sealed, int64(persons[1]))
			return err
		}))
		_, err := h.keyring.Erase(t.Context(), time.Now(), persons[2:], vault.Membership)
		must(t, err)

		var got []string
		must(t, h.Everything(t.Context(), func(u *record.Unsealed) error {
			text := fmt.Sprintf("%d/%d/%s/%d:", u.Person, u.Kind.Number, u.Kind.Name, u.ID)
			switch {
			case u.Err != nil:
				text += u.Err.Error()
			case u.Lines != nil:
				text += u.Lines[0].Value
			default:
				text += string(u.Plain)
			}
			got = append(got, text)
			return nil
		}))
		want := []string{ // the erased note is passed over, the bill of the same person stands
			fmt.Sprintf("%d/900/note/1:note 0", persons[0]), fmt.Sprintf("%d/900/note/1:note 1", persons[1]),
			fmt.Sprintf("%d/901/bill/7:bill 0", persons[0]), fmt.Sprintf("%d/901/bill/7:bill 1", persons[1]),
			fmt.Sprintf("%d/901/bill/7:bill 2", persons[2]),
			fmt.Sprintf("%d/999//1:unknown", persons[0]), fmt.Sprintf("%d/999//1:%v", persons[1], vault.ErrTampered),
		}
		if !slices.Equal(got, want) {
			t.Errorf("got\n%v, want\n%v", got, want)
		}
		stop := errors.New("stop")
		if err := h.Everything(t.Context(), func(*record.Unsealed) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("an error of the caller: %v", err)
		}
	})
}
