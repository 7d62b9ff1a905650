package departure

import (
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/vault"

	"github.com/golang-sql/civil"
)

// ask puts a duty about somebody who leaves before all who may close the
// membership: the secretariat (D6), and the officers of a body whose own posts
// close, as a club's do (N14). It is done when one of them has done it.
func (s *Service) ask(tx *database.Tx, kind duty.Kind, person vault.PersonID, due civil.Date) error {
	return s.askWho(tx, kind, charter.Close, person, due)
}

// askWho is ask for those with another right.
func (s *Service) askWho(tx *database.Tx, kind duty.Kind, act charter.Acts, person vault.PersonID, due civil.Date) error {
	d := duty.Duty{Kind: kind, Subject: int64(person), Act: act.String(), DueOn: due}
	if _, err := s.Duties.Add(tx, d); err != nil {
		return err
	}
	for _, body := range s.Directory.Units(person) {
		if !s.Access.PostsMay(body, act) {
			continue
		}
		d.Unit = body
		if _, err := s.Duties.Add(tx, d); err != nil {
			return err
		}
	}
	return nil
}
