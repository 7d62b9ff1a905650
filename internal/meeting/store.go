package meeting

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

const columns = `number, unit, kind, state, day, clock, place, agenda, notice_by, noticed_on, mailing, minutes,
	entitled, present, voting, ballots, unlisted, board_on, planned_at, held_at, ended_at`

func insert(tx *database.Tx, m *Meeting) error {
	_, err := tx.Exec(`INSERT INTO meeting (`+columns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`, m.row()...)
	return err
}

func update(tx *database.Tx, m *Meeting) error {
	_, err := tx.Exec(`UPDATE meeting SET unit = $2, kind = $3, state = $4, day = $5, clock = $6, place = $7, agenda = $8, notice_by = $9,
		noticed_on = $10, mailing = $11, minutes = $12, entitled = $13, present = $14, voting = $15, ballots = $16, unlisted = $17,
		board_on = $18, planned_at = $19, held_at = $20, ended_at = $21 WHERE number = $1`, m.row()...)
	return err
}

// row is a meeting as its columns hold it.
func (m *Meeting) row() []any {
	return []any{
		m.Number, int64(m.Unit), string(m.Kind), string(m.State), m.Day.String(), m.Clock, m.Place, strings.Join(m.Agenda, "\n"), m.NoticeBy.String(),
		dayOr(m.NoticedOn), m.Mailing, m.Minutes, int64(m.Entitled), int64(m.Present), int64(m.Voting), int64(m.Ballots), int64(m.Unlisted),
		dayOr(m.BoardOn), m.PlannedAt.UnixMicro(), timeOr(m.HeldAt), timeOr(m.EndedAt),
	}
}

func dayOr(d civil.Date) any {
	if d.IsZero() {
		return nil
	}
	return d.String()
}

func timeOr(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

func scan(row interface{ Scan(...any) error }) (m Meeting, err error) {
	var id, entitled, present, voting, ballots, unlisted, planned int64
	var kind, state, day, agenda, noticeBy string
	var noticed, board *string
	var held, ended *int64
	if err := row.Scan(&m.Number, &id, &kind, &state, &day, &m.Clock, &m.Place, &agenda, &noticeBy, &noticed, &m.Mailing, &m.Minutes,
		&entitled, &present, &voting, &ballots, &unlisted, &board, &planned, &held, &ended); err != nil {
		return m, err
	}
	m.Unit, m.Kind, m.State, m.PlannedAt = unit.ID(id), Kind(kind), State(state), time.UnixMicro(planned).UTC()
	m.Numbers = Numbers{Entitled: int(entitled), Present: int(present), Voting: int(voting), Ballots: int(ballots), Unlisted: int(unlisted)}
	if agenda != "" {
		m.Agenda = strings.Split(agenda, "\n")
	}
	for _, d := range []struct {
		text *string
		into *civil.Date
	}{{&day, &m.Day}, {&noticeBy, &m.NoticeBy}, {noticed, &m.NoticedOn}, {board, &m.BoardOn}} {
		if d.text == nil {
			continue
		}
		if *d.into, err = civil.ParseDate(*d.text); err != nil {
			return m, err
		}
	}
	for _, t := range []struct {
		micros *int64
		into   *time.Time
	}{{held, &m.HeldAt}, {ended, &m.EndedAt}} {
		if t.micros != nil {
			*t.into = time.UnixMicro(*t.micros).UTC()
		}
	}
	return m, nil
}

// query reads meetings, without their votes.
func query(q database.Querier, where string, args ...any) (all []Meeting, err error) {
	rows, err := q.Query(`SELECT `+columns+` FROM meeting `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		m, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, rows.Err()
}

// get reads a meeting with its votes.
func get(q database.Querier, number int64) (m Meeting, err error) {
	if m, err = scan(q.QueryRow(`SELECT `+columns+` FROM meeting WHERE number = $1`, number)); err != nil {
		if errors.Is(err, database.ErrNotFound) {
			err = fault.New(fault.NotFound, "meeting.error.gone")
		}
		return m, err
	}
	m.Polls, err = polls(q, number)
	return m, err
}

func polls(q database.Querier, number int64) (all []Poll, err error) {
	rows, err := q.Query(`SELECT line, post, seats, about, state, handed, cast_votes, blank, invalid, ayes, noes, again_of, counted_at
		FROM meeting_poll WHERE meeting = $1 ORDER BY line`, number)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p Poll
		var state string
		var line, seats, handed, cast, blank, invalid, yes, no, again int64
		var counted *int64
		if err := rows.Scan(&line, &p.Post, &seats, &p.About, &state, &handed, &cast, &blank, &invalid, &yes, &no, &again, &counted); err != nil {
			return nil, err
		}
		p.Line, p.Seats, p.State, p.Again = int(line), int(seats), PollState(state), int(again)
		p.Handed, p.Cast, p.Blank, p.Invalid, p.Yes, p.No = int(handed), int(cast), int(blank), int(invalid), int(yes), int(no)
		if counted != nil {
			p.CountedAt = time.UnixMicro(*counted).UTC()
		}
		all = append(all, p)
	}
	return all, rows.Err()
}

func insertPoll(tx *database.Tx, number int64, p *Poll) error {
	_, err := tx.Exec(`INSERT INTO meeting_poll (meeting, line, post, seats, about, state, handed, cast_votes, blank, invalid, ayes, noes, again_of)
		VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, 0, 0, 0, $7)`,
		number, int64(p.Line), p.Post, int64(p.Seats), p.About, string(p.State), int64(p.Again))
	return err
}

func updatePoll(tx *database.Tx, number int64, p *Poll) error {
	_, err := tx.Exec(`UPDATE meeting_poll SET seats = $3, state = $4, handed = $5, cast_votes = $6, blank = $7, invalid = $8, ayes = $9, noes = $10,
		counted_at = $11 WHERE meeting = $1 AND line = $2`, number, int64(p.Line), int64(p.Seats), string(p.State), int64(p.Handed), int64(p.Cast),
		int64(p.Blank), int64(p.Invalid), int64(p.Yes), int64(p.No), timeOr(p.CountedAt))
	return err
}

func removePoll(tx *database.Tx, number int64, line int) error {
	_, err := tx.Exec(`DELETE FROM meeting_poll WHERE meeting = $1 AND line = $2`, number, int64(line))
	return err
}

// forget takes the words of meetings that ended before a moment; their numbers stay.
func forget(tx *database.Tx, before time.Time) (int, error) {
	if _, err := tx.Exec(`UPDATE meeting_poll SET about = '' WHERE about <> '' AND meeting IN (SELECT number FROM meeting WHERE ended_at < $1)`,
		before.UnixMicro()); err != nil {
		return 0, err
	}
	n, err := tx.Exec(`UPDATE meeting SET place = '', agenda = '', minutes = '' WHERE ended_at < $1 AND agenda <> ''`, before.UnixMicro())
	return int(n), err
}

// worded counts the meetings that have words still, and of these those that ended
// before a moment.
func worded(q database.Querier, before time.Time) (due, all int, err error) {
	var n, total int64
	if err := q.QueryRow(`SELECT COUNT(*) FROM meeting WHERE ended_at < $1 AND agenda <> ''`, before.UnixMicro()).Scan(&n); err != nil {
		return 0, 0, err
	}
	err = q.QueryRow(`SELECT COUNT(*) FROM meeting WHERE agenda <> ''`).Scan(&total)
	return int(n), int(total), err
}

// arrivals reads who has come to a meeting, by person.
func (s *Service) arrivals(ctx context.Context, number int64) (map[vault.PersonID]*Arrival, error) {
	found := map[vault.PersonID]*Arrival{}
	err := record.ScanBetween(s.Records, ctx, Arrivals, uint64(number), uint64(number), func(person vault.PersonID, _ uint64, a *Arrival) error {
		one := *a
		one.Person = person
		found[person] = &one
		return nil
	})
	return found, err
}

// candidates reads who stands at a meeting.
func (s *Service) candidates(ctx context.Context, number int64) (all []Candidate, err error) {
	first, last := span(number)
	err = record.ScanBetween(s.Records, ctx, Candidacies, first, last, func(person vault.PersonID, _ uint64, c *Candidate) error {
		one := *c
		one.Person = person
		all = append(all, one)
		return nil
	})
	return all, err
}

// counters reads who counted, by vote.
func (s *Service) counters(ctx context.Context, number int64) (map[int][]vault.PersonID, error) {
	first, last := span(number)
	found := map[int][]vault.PersonID{}
	err := record.ScanBetween(s.Records, ctx, Counters, first, last, func(person vault.PersonID, _ uint64, c *Counter) error {
		found[c.Line] = append(found[c.Line], person)
		return nil
	})
	return found, err
}
