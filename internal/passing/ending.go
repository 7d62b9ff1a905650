package passing

import (
	"context"
	"time"

	"kartotek/internal/database"
)

// What is known of runs and batches, and of references a recipient has confirmed as
// deleted, ends when it was long ago; what is not settled never ends by itself (N14).
var over = []struct{ table, where string }{
	{"passing_line", `done_at IS NOT NULL AND done_at <= $1`},
	{"passing_batch", `state IN ('acknowledged', 'failed') AND done_at <= $1 AND id NOT IN (SELECT batch FROM passing_line)`},
	{"passing_run", `state <> 'braked' AND made_at <= $1 AND id NOT IN (SELECT run FROM passing_batch)`},
}

func (s *Service) before(by time.Time) int64 {
	return by.AddDate(-s.Charter.Parameters.ListRecordYears.Value, 0, 0).UnixMicro()
}

// Due counts what is over by a moment, and all there is.
func (s *Service) Due(ctx context.Context, by time.Time) (due, all int, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		due, all = 0, 0
		for _, o := range over {
			there, err := count(q, `SELECT COUNT(*) FROM `+o.table)
			if err != nil {
				return err
			}
			gone, err := count(q, `SELECT COUNT(*) FROM `+o.table+` WHERE `+o.where, s.before(by))
			if err != nil {
				return err
			}
			due, all = due+gone, all+there
		}
		return nil
	})
	return due, all, err
}

// End forgets what was over by a moment, and says how much.
func (s *Service) End(ctx context.Context, by time.Time) (done int, err error) {
	for _, o := range over {
		err := s.DB.Write(ctx, func(tx *database.Tx) error {
			gone, err := tx.Exec(`DELETE FROM `+o.table+` WHERE `+o.where, s.before(by))
			done += int(gone)
			return err
		})
		if err != nil {
			return done, err
		}
	}
	return done, nil
}
