package duty

import (
	"context"
	"time"

	"kartotek/internal/database"
)

// before is before when a duty must have been done to be forgotten at a moment: what
// was done is kept as long as other papers about the work (N14).
func (e *Engine) before(by time.Time) int64 {
	months := e.charter.Parameters.DocumentMonths.Value
	day := e.charter.Today(by)
	return e.charter.Midnight(day).AddDate(0, -months, 0).UnixMicro()
}

// Due counts the duties that were done so long before a moment that they go, and
// all there are.
func (e *Engine) Due(ctx context.Context, by time.Time) (due, all int, err error) {
	var n, total int64
	err = e.db.Read(ctx, func(q database.Querier) error {
		if err := q.QueryRow(`SELECT COUNT(*) FROM duty WHERE done_at < $1`, e.before(by)).Scan(&n); err != nil {
			return err
		}
		return q.QueryRow(`SELECT COUNT(*) FROM duty`).Scan(&total)
	})
	return int(n), int(total), err
}

// End forgets the duties that had been done so long before a moment, and says how
// many.
func (e *Engine) End(ctx context.Context, by time.Time) (gone int, err error) {
	err = e.db.Write(ctx, func(tx *database.Tx) error {
		n, err := tx.Exec(`DELETE FROM duty WHERE done_at < $1`, e.before(by))
		gone = int(n)
		return err
	})
	return gone, err
}
