package letter

import (
	"context"
	"slices"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/member"
	"kartotek/internal/vault"
)

// nameOn is what stands above the address of a letter: of one to a household, those of
// it who live there still.
func (s *Service) nameOn(ctx context.Context, scope access.Scope, l *Letter, e *member.Envelope) (string, error) {
	if len(l.With) == 0 {
		return e.To[0].Name(), nil
	}
	to := slices.Clone(e.To)
	err := s.Directory.Addressed(ctx, scope, l.With, func(other *member.Envelope) error {
		if strings.Join(other.Lines, "\n") == strings.Join(e.Lines, "\n") {
			to = append(to, other.To...)
		}
		return nil
	})
	return member.JointName(s.Charter.Printer(l.Lang), to), err
}

// passOn leaves a letter to a household to the others of it, when the one in whose
// name it lies is forgotten.
func (s *Service) passOn(tx *database.Tx, person vault.PersonID, gone []vault.PersonID) error {
	mine, err := query(tx, `WHERE person = $1 AND state = $2 AND key_id <> 0 ORDER BY id`, int64(person), string(Waiting))
	if err != nil {
		return err
	}
	for i := range mine {
		l := &mine[i]
		if err := s.open(l); err != nil {
			continue // what cannot be opened is nobody's
		}
		rest := slices.DeleteFunc(slices.Clone(l.With), func(p vault.PersonID) bool { return slices.Contains(gone, p) })
		if len(rest) == 0 {
			continue
		}
		d := Draft{Subject: l.Subject, Body: l.Body, Lang: l.Lang, Kind: l.Kind, With: rest[1:]}
		sealed, err := s.Keyring.SealOnce(l.key, d.encode())
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE letter SET person = $2, sealed = $3 WHERE id = $1`, l.ID, int64(rest[0]), sealed); err != nil {
			return err
		}
	}
	return nil
}
