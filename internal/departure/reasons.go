package departure

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Why somebody left goes with them. What stays is how many left for a reason in a year,
// in the whole register, never fewer than the charter's minimum: until the year is over
// each erasure's reason lies sealed under a key that ends, beside nobody's id (N14).

// reasonLife is how long one key seals reasons.
const reasonLife = 90 * 24 * time.Hour

var reasonPeriod = record.Period{Name: "departure reasons", Life: reasonLife}

// Ready sees to it that there is a key to seal reasons under. It is called at start and
// once a day.
func (s *Service) Ready(ctx context.Context) error {
	now := s.Now()
	return reasonPeriod.Ready(ctx, s.DB, s.Keyring, now, now.Add(reasonLife).AddDate(0, s.Charter.Parameters.DocumentMonths.Value, 0))
}

// countReason puts down why somebody left, in the transaction that begins the erasure.
func (s *Service) countReason(tx *database.Tx, reason string) error {
	if reason == "" {
		return nil
	}
	key, err := reasonPeriod.Key(tx)
	if errors.Is(err, database.ErrNotFound) {
		return nil // no erasure waits for a number
	}
	if err != nil {
		return err
	}
	sealed, err := s.Keyring.SealOnce(key, []byte(reason))
	if errors.Is(err, vault.ErrOneOffSpent) {
		return nil
	}
	if err != nil {
		return err
	}
	year := civil.Date{Year: s.Charter.Today(tx.Now()).Year, Month: 1, Day: 1} // no moment that an erasure could be told by
	id, err := tx.Next("departure_running")
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO departure_running (id, at, key_id, sealed) VALUES ($1, $2, $3, $4)`, id, s.Charter.Midnight(year).UnixMicro(), key, sealed)
	return err
}

// OtherReasons is what the reasons that are too few to be told are counted as.
const OtherReasons = "other"

// FoldReasons makes of counted reasons what may be told: nothing from one to below the
// minimum. Reasons that are too few are counted together; where they are too few even
// so, the smallest that could be told goes with them, and without one nobody is told.
func FoldReasons(counts map[string]int, minimum int) map[string]int {
	told, rest := map[string]int{}, 0
	codes := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[a], counts[b]), cmp.Compare(a, b))
	})
	for _, code := range codes { // the smallest first
		switch n := counts[code]; {
		case n == 0:
		case n < minimum || rest > 0 && rest < minimum:
			rest += n
		default:
			told[code] = n
		}
	}
	if rest >= minimum {
		told[OtherReasons] = rest
	}
	return told
}

// CountReasons counts the years that are over, and lets go of what they were counted
// from. It is done once a day.
func (s *Service) CountReasons(ctx context.Context) error {
	this := s.Charter.Today(s.Now()).Year
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		years, ids, err := s.reasonsBefore(tx, this)
		if err != nil || len(ids) == 0 {
			return err
		}
		for year, counts := range years {
			for reason, n := range FoldReasons(counts, s.Charter.Parameters.ReportMinimum.Value) {
				_, err := tx.Exec(`INSERT INTO departure_count (year, reason, persons) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, int64(year), reason, int64(n))
				if err != nil {
					return err
				}
			}
		}
		for _, id := range ids {
			if _, err := tx.Exec(`DELETE FROM departure_running WHERE id = $1`, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// reasonsBefore opens what was put down before a year. What nobody can open any more
// goes uncounted.
func (s *Service) reasonsBefore(q database.Querier, this int) (years map[int]map[string]int, ids []int64, err error) {
	rows, err := q.Query(`SELECT id, at, key_id, sealed FROM departure_running ORDER BY id`)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	years = map[int]map[string]int{}
	for rows.Next() {
		var id, at, key int64
		var sealed []byte
		if err := rows.Scan(&id, &at, &key, &sealed); err != nil {
			return nil, nil, err
		}
		year := s.Charter.Today(time.UnixMicro(at)).Year
		if year >= this {
			continue
		}
		ids = append(ids, id)
		reason, err := s.Keyring.OpenOnce(key, sealed)
		if errors.Is(err, vault.ErrOneOffSpent) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		if years[year] == nil {
			years[year] = map[string]int{}
		}
		years[year][string(reason)]++
	}
	return years, ids, rows.Err()
}

// ReasonCount is how many left for a reason in a year.
type ReasonCount struct {
	Year    int
	Reason  string // the charter's code, PostEnded, or OtherReasons
	Persons int
}

// Reasons tells why members left, year by year, the newest first, to whoever reaches the
// whole register and closes. Nobody is in it.
func (s *Service) Reasons(ctx context.Context, scope access.Scope) (all []ReasonCount, err error) {
	if scope.Act() != charter.Close {
		return nil, fault.New(fault.Denied, "access.denied.act", "act", charter.Close.String())
	}
	if !scope.All() {
		return nil, nil
	}
	err = s.DB.Read(ctx, func(q database.Querier) error {
		rows, err := q.Query(`SELECT year, reason, persons FROM departure_count ORDER BY year DESC, persons DESC, reason`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var c ReasonCount
			var year, persons int64
			if err := rows.Scan(&year, &c.Reason, &persons); err != nil {
				return err
			}
			c.Year, c.Persons = int(year), int(persons)
			all = append(all, c)
		}
		return rows.Err()
	})
	return all, err
}
