package review

import (
	"context"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Due counts the reviews whose years are over by a moment, and all there are (N14).
func (s *Service) Due(ctx context.Context, by time.Time) (due, all int, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		every, err := reviews(q, ``)
		for i := range every {
			all++
			if s.due(&every[i], by) {
				due++
			}
		}
		return err
	})
	return due, all, err
}

// End forgets the reviews whose years were over by a moment, with evidence and answers,
// and says how many.
func (s *Service) End(ctx context.Context, by time.Time) (gone int, err error) {
	var every []Review
	if err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		every, err = reviews(q, `ORDER BY id`)
		return err
	}); err != nil {
		return 0, err
	}
	for i := range every {
		if !s.due(&every[i], by) {
			continue
		}
		if err := s.forget(ctx, every[i].ID); err != nil {
			return gone, err
		}
		gone++
	}
	return gone, nil
}

// forget takes a review and all that is sealed of it.
func (s *Service) forget(ctx context.Context, id int64) error {
	type place struct {
		person vault.PersonID
		id     uint64
	}
	var evidence, answers []place
	if err := record.Scan(s.Records, ctx, Evidences, func(person vault.PersonID, n uint64, e *Evidence) error {
		if e.Review == id {
			evidence = append(evidence, place{person, n})
		}
		return nil
	}); err != nil {
		return err
	}
	if err := record.Scan(s.Records, ctx, Answers, func(person vault.PersonID, n uint64, a *Answer) error {
		if a.Review == id {
			answers = append(answers, place{person, n})
		}
		return nil
	}); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		for _, p := range evidence {
			if err := record.Remove(tx, Evidences, p.person, p.id); err != nil {
				return err
			}
		}
		for _, p := range answers {
			if err := record.Remove(tx, Answers, p.person, p.id); err != nil {
				return err
			}
		}
		for _, text := range []string{
			`DELETE FROM review_number WHERE review = $1`, `DELETE FROM review_line WHERE review = $1`, `DELETE FROM review WHERE id = $1`,
		} {
			if _, err := tx.Exec(text, id); err != nil {
				return err
			}
		}
		return nil
	})
}
