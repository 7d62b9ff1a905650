package passing

import (
	"context"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
)

// PerPage is how many runs or batches a page has.
const PerPage = newest

// Runs are the runs to one recipient, the newest first, page by page, and how many
// there are.
func (s *Service) Runs(ctx context.Context, by access.Actor, code string, page int) (all []Run, total int, err error) {
	r, err := s.receiver(code)
	if err != nil {
		return nil, 0, err
	}
	if _, _, err = s.runner(ctx, by, r); err != nil {
		return nil, 0, err
	}
	err = s.DB.Read(ctx, func(q database.Querier) error {
		c, err := s.course(q, r)
		if err != nil || c.ID == 0 {
			return err
		}
		if total, err = count(q, `SELECT COUNT(*) FROM passing_run WHERE recipient = $1`, c.ID); err != nil {
			return err
		}
		all, err = runs(q, `WHERE recipient = $1 ORDER BY id DESC LIMIT $2 OFFSET $3`, c.ID, int64(PerPage), int64(max(page-1, 0)*PerPage))
		return err
	})
	return all, total, err
}

// BatchShown is one batch with what can be done with it.
type BatchShown struct {
	Batch
	Receiver   *charter.Receiver
	Course     Course
	References []Line // of a removal

	MayExport, MayAcknowledge, MayAgain, MayGiveUp bool
}

// Batch gives one batch to whoever runs the passing on. It names nobody.
func (s *Service) Batch(ctx context.Context, by access.Actor, id int64) (v BatchShown, err error) {
	b, r, _, _, err := s.batchFor(ctx, by, id)
	if err != nil {
		return v, err
	}
	open := b.State == Ready || b.State == Sent
	v = BatchShown{
		Batch: b, Receiver: r, MayExport: b.Way == ByFile && open, MayAcknowledge: open && (b.State == Sent || b.Tries > 0),
		MayAgain: b.Way == ByWebhook && open && b.Tries > 0, MayGiveUp: !b.Removal && open,
	}
	err = s.DB.Read(ctx, func(q database.Querier) error {
		c, err := s.course(q, r)
		if err != nil {
			return err
		}
		v.Course = c.State
		if b.Removal {
			v.References, err = lines(q, `WHERE batch = $1 ORDER BY id LIMIT $2`, id, int64(perBatch))
		}
		return err
	})
	return v, err
}
