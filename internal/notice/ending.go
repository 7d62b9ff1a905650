package notice

import (
	"context"
	"errors"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// What was told, and which lines are to be struck, is kept as long as what is known of
// lists: as long a member can be told who was told (L3, D12). A notice that nobody has
// answered never ends by itself, nor does what a list that lies somewhere is about.

// ended are the conditions under which something is over, by table. A line that
// belongs to a notice ends with it; one for our own officers, of its own.
var ended = []struct{ table, key, where string }{
	{"notice", "id", `state <> 'told' AND told_at <= $1`},
	{"notice_line", "id", `notice IS NULL AND holder = 0 AND made_at <= $1 AND list NOT IN (SELECT number FROM extract WHERE digital_at IS NULL OR physical_at IS NULL)`},
	{"holder_list", "list", `gone_at IS NOT NULL AND handed_at <= $1`},
}

// before is the moment from which something is kept, looked at from another.
func (s *Service) before(by time.Time) int64 {
	return by.AddDate(-s.Charter.Parameters.ListRecordYears.Value, 0, 0).UnixMicro()
}

// Due counts what is over by a moment, and all there is: notices, lines to be struck by
// our own, and lists that were handed over.
func (s *Service) Due(ctx context.Context, by time.Time) (due, all int, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		due, all = 0, 0
		for _, e := range ended {
			var over, there int64
			own := ""
			if e.table == "notice_line" {
				own = ` WHERE notice IS NULL AND holder = 0`
			}
			if err := q.QueryRow(`SELECT COUNT(*), COUNT(CASE WHEN `+e.where+` THEN 1 END) FROM `+e.table+own, s.before(by)).Scan(&there, &over); err != nil {
				return err
			}
			due, all = due+int(over), all+int(there)
		}
		return nil
	})
	return due, all, err
}

// End forgets what was over by a moment, and says how much.
func (s *Service) End(ctx context.Context, by time.Time) (done int, err error) {
	before := s.before(by)
	for _, e := range ended {
		for more := true; more; {
			var gone int64
			err := s.DB.Write(ctx, func(tx *database.Tx) (err error) {
				some := `(SELECT ` + e.key + ` FROM ` + e.table + ` WHERE ` + e.where + ` ORDER BY ` + e.key + ` LIMIT $2)`
				if e.table == "notice" {
					if err := s.endAnswers(tx, some, before); err != nil {
						return err
					}
				}
				gone, err = tx.Exec(`DELETE FROM `+e.table+` WHERE `+e.where+` AND `+e.key+` IN `+some, before, int64(atOnce))
				return err
			})
			if err != nil {
				return done, err
			}
			done, more = done+int(gone), gone > 0
		}
	}
	return done, nil
}

// endAnswers takes the lines of notices with them, and the grounds of those that were
// refused.
func (s *Service) endAnswers(tx *database.Tx, some string, before int64) error {
	over, err := notices(tx, `WHERE notice.id IN `+some, before, int64(atOnce))
	if err != nil {
		return err
	}
	for i := range over {
		of, err := holders(tx, `WHERE id = $1`, over[i].Holder)
		if err != nil {
			return err
		}
		if len(of) > 0 {
			if err := record.Remove(tx, Grounds, of[0].Person, uint64(over[i].ID)); err != nil && !errors.Is(err, database.ErrNotFound) {
				return err
			}
		}
		if _, err := tx.Exec(`DELETE FROM notice_line WHERE notice = $1`, over[i].ID); err != nil {
			return err
		}
	}
	return nil
}

// Of tells in how many lines somebody is to be struck or corrected, and when the last
// of them is forgotten; zero while one is not answered.
func (s *Service) Of(ctx context.Context, person vault.PersonID) (count int, last time.Time, err error) {
	var all, open int64
	var latest *int64
	err = s.DB.Read(ctx, func(q database.Querier) error {
		return q.QueryRow(`SELECT COUNT(*), COUNT(CASE WHEN notice.state = 'told' OR notice_line.notice IS NULL AND notice_line.holder <> 0 THEN 1 END),
			MAX(COALESCE(notice.told_at, notice_line.made_at))
			FROM notice_line LEFT JOIN notice ON notice.id = notice_line.notice WHERE notice_line.person = $1`, int64(person)).Scan(&all, &open, &latest)
	})
	if err != nil || open > 0 || latest == nil {
		return int(all), time.Time{}, err
	}
	return int(all), moment(latest).AddDate(s.Charter.Parameters.ListRecordYears.Value, 0, 0), nil
}
