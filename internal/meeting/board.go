package meeting

import (
	"context"
	"slices"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Seats are the seats of a body as room access has them: posts in the charter's order,
// within each those that are held first, then those that are free.
func Seats(c *charter.Charter, rights *access.Register, scope access.Scope, body unit.Unit, members int) ([]access.Line, []access.Holding, error) {
	held, err := rights.Posts(scope, body.ID)
	if err != nil {
		return nil, nil, err
	}
	var lines []access.Line
	var by []access.Holding
	for _, post := range c.PostsAt(body.Level) {
		taken := 0
		for _, h := range held {
			if h.Basis.Right == access.ByPost && h.Basis.Code == post.Code {
				lines, by = append(lines, access.Line{Post: post.Code, Holding: h.Basis.ID, Do: access.Keep}), append(by, h)
				taken++
			}
		}
		for range post.SeatsFor(members) - taken {
			lines, by = append(lines, access.Line{Post: post.Code, Do: access.Vacant}), append(by, access.Holding{})
		}
	}
	return lines, by, nil
}

// Board is what the meeting decided about its body's board, ready to be handed over:
// whoever was elected to a post gets a seat of it from the day access moves, for the
// charter's term; a holder who was elected again goes on; posts that were not to be
// filled stay as they are. Nothing happens by it: room access hands over (D8).
func (s *Service) Board(ctx context.Context, by access.Actor, number int64, moves civil.Date) (access.Board, error) {
	m, _, err := s.Get(ctx, by, number)
	if err != nil {
		return access.Board{}, err
	}
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Appoint, Unit: m.Unit})
	if err != nil {
		return access.Board{}, err
	}
	switch {
	case m.State != Held && m.State != Closed:
		return access.Board{}, fault.New(fault.Conflict, "meeting.error.not_open")
	case !m.BoardOn.IsZero():
		return access.Board{}, fault.New(fault.Conflict, "meeting.error.board_entered")
	case slices.ContainsFunc(m.Polls, func(p Poll) bool { return p.Post != "" && p.State == Waiting }):
		return access.Board{}, fault.New(fault.Conflict, "meeting.error.uncounted")
	}
	all, err := s.candidates(ctx, number)
	if err != nil {
		return access.Board{}, err
	}
	u, _ := s.Units.Tree().ByID(m.Unit)
	lines, held, err := Seats(s.Charter, s.Access, scope, u, s.Directory.Count(m.Unit))
	if err != nil {
		return access.Board{}, err
	}
	b := access.Board{Unit: m.Unit, Met: m.Day, Moves: moves}
	if b.Moves.IsZero() {
		b.Moves = s.Access.Today()
	}
	for i := range m.Polls {
		if p := &m.Polls[i]; p.Post != "" && p.Again == 0 && p.State != Dropped {
			post, known := s.Charter.Post(p.Post)
			if !known {
				continue
			}
			seat(lines, held, p.Post, p.Seats, elected(m.Polls, all, p.Post), access.EndOfTerm(post, b.Moves))
		}
	}
	b.Lines = lines
	return b, nil
}

// seat shares the seats of a post out among whoever was elected. Of a post with more
// seats than were to be filled, those whose term ends first give way.
func seat(lines []access.Line, held []access.Holding, post string, seats int, won []vault.PersonID, until civil.Date) {
	var own []int
	for i := range lines {
		if lines[i].Post == post {
			own = append(own, i)
		}
	}
	slices.SortStableFunc(own, func(a, b int) int { return order(&held[a]) - order(&held[b]) })
	var rest []vault.PersonID
	for _, person := range won {
		at := slices.IndexFunc(own, func(i int) bool { return held[i].Person == person })
		if at < 0 {
			rest = append(rest, person)
			continue
		}
		lines[own[at]].Do, lines[own[at]].Until = access.Again, until
		own, seats = slices.Delete(own, at, at+1), seats-1
	}
	for _, i := range own {
		switch {
		case seats <= 0:
			return // the others were not up for election
		case len(rest) > 0:
			lines[i] = access.Line{Post: post, Holding: lines[i].Holding, Do: access.Fresh, Person: rest[0], Until: until, Pass: true}
			rest = rest[1:]
		case held[i].Person != 0:
			lines[i].Do = access.Vacant
		}
		seats--
	}
}

// order puts free seats first, then those whose term ends first; a term without an end last.
func order(h *access.Holding) int {
	switch {
	case h.Person == 0:
		return -1 << 30
	case h.Basis.Until.IsZero():
		return 1 << 30
	}
	return h.Basis.Until.DaysSince(civil.Date{Year: 2000, Month: 1, Day: 1})
}

// BoardEntered notes that the new board was handed over, on which the duty ends. It is
// called after room access has done it, by whoever did.
func (s *Service) BoardEntered(ctx context.Context, by access.Actor, number int64) (Meeting, error) {
	m, err := s.read(ctx, number)
	if err != nil {
		return m, err
	}
	scope, err := s.Access.Decide(by, access.Want{Act: charter.Appoint, Unit: m.Unit})
	if err != nil { // who hands over on the day access moves has none any more
		if scope, err = s.Access.Require(ctx, by, access.Want{Self: true}); err != nil {
			return m, err
		}
	}
	return s.write(ctx, number, func(tx *database.Tx, m *Meeting) error {
		if m.State != Held && m.State != Closed || !m.BoardOn.IsZero() {
			return fault.New(fault.Conflict, "meeting.error.board_entered")
		}
		m.BoardOn = s.Charter.Today(tx.Now())
		if err := s.finishBoard(tx, m, by.Person, "done"); err != nil {
			return err
		}
		return s.note(tx, scope.Entry(journal.MeetingClose), m, "board")
	})
}

func (s *Service) finishBoard(tx *database.Tx, m *Meeting, by vault.PersonID, outcome string) error {
	_, err := s.Duties.Finish(tx, duty.EnterBoard, m.Number, by, outcome)
	return err
}
