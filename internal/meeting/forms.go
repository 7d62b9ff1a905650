package meeting

import (
	"strconv"
	"time"

	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Arrivals are records of whoever came, or had somebody cast their vote, by the
// meeting's number.
var Arrivals = record.Declare(record.Kind[Arrival]{
	Number: 95, Name: "meeting-attendance", Class: vault.Membership, Retention: "meeting-attendance",
	Encode: func(dst []byte, a *Arrival) []byte {
		w := record.Writer{Bytes: dst}
		return w.Uint(1, uint64(a.Meeting)).Time(2, a.At).Bool(3, a.Vote).Uint(4, uint64(a.Ballots)).
			Time(5, a.LeftAt).Uint(6, uint64(a.For)).Bytes
	},
	Decode: func(src []byte, a *Arrival) error {
		*a = Arrival{}
		r := record.NewReader(src)
		for r.Next() {
			switch r.Field() {
			case 1:
				a.Meeting = int64(r.Uint())
			case 2:
				a.At = r.Time()
			case 3:
				a.Vote = r.Bool()
			case 4:
				a.Ballots = int(r.Uint())
			case 5:
				a.LeftAt = r.Time()
			case 6:
				a.For = vault.PersonID(r.Uint())
			}
		}
		return r.Err()
	},
	Words: func(a *Arrival) []record.Line {
		lines := []record.Line{{Key: "meeting.record.meeting", Value: strconv.FormatInt(a.Meeting, 10)}}
		if a.For != 0 {
			return append(lines, record.Line{Key: "meeting.record.how", ValueKey: "meeting.record.proxy"})
		}
		lines = append(lines, record.Line{Key: "meeting.record.came", Value: a.At.Format(time.RFC3339)})
		if a.Ballots > 0 {
			lines = append(lines, record.Line{Key: "meeting.record.ballots", Value: strconv.Itoa(a.Ballots)})
		}
		if !a.LeftAt.IsZero() {
			lines = append(lines, record.Line{Key: "meeting.record.left", Value: a.LeftAt.Format(time.RFC3339)})
		}
		return lines
	},
})

// Candidacies are records of whoever stands, by meeting and vote.
var Candidacies = record.Declare(record.Kind[Candidate]{
	Number: 96, Name: "candidacy", Class: vault.Membership, Retention: "meeting-attendance",
	Encode: func(dst []byte, c *Candidate) []byte {
		w := record.Writer{Bytes: dst}
		return w.Uint(1, uint64(c.Line)).Uint(2, uint64(c.Votes)).Bool(3, c.Elected).Bool(4, c.Tied).Bytes
	},
	Decode: func(src []byte, c *Candidate) error {
		*c = Candidate{}
		r := record.NewReader(src)
		for r.Next() {
			switch r.Field() {
			case 1:
				c.Line = int(r.Uint())
			case 2:
				c.Votes = int(r.Uint())
			case 3:
				c.Elected = r.Bool()
			case 4:
				c.Tied = r.Bool()
			}
		}
		return r.Err()
	},
	Words: func(c *Candidate) []record.Line {
		lines := []record.Line{
			{Key: "meeting.record.how", ValueKey: "meeting.record.stood"}, {Key: "meeting.record.votes", Value: strconv.Itoa(c.Votes)},
		}
		if c.Elected {
			lines = append(lines, record.Line{Key: "meeting.record.outcome", ValueKey: "meeting.record.elected"})
		}
		return lines
	},
})

// Counter is that somebody counted a vote.
type Counter struct{ Line int }

// Counters are records of whoever counted a vote, by meeting and vote.
var Counters = record.Declare(record.Kind[Counter]{
	Number: 97, Name: "vote-counter", Class: vault.Membership, Retention: "meeting-attendance",
	Encode: func(dst []byte, c *Counter) []byte {
		w := record.Writer{Bytes: dst}
		return w.Uint(1, uint64(c.Line)).Bytes
	},
	Decode: func(src []byte, c *Counter) error {
		*c = Counter{}
		r := record.NewReader(src)
		for r.Next() {
			if r.Field() == 1 {
				c.Line = int(r.Uint())
			}
		}
		return r.Err()
	},
	Words: func(*Counter) []record.Line {
		return []record.Line{{Key: "meeting.record.how", ValueKey: "meeting.record.counted"}}
	},
})

// lines is how many votes a meeting has room for: a vote's place in the ids of records.
const lines = 1 << 8

// pollID is the id of a record about a vote.
func pollID(meeting int64, line int) uint64 { return uint64(meeting)*lines + uint64(line) }

// span is where the records of a meeting's votes stand.
func span(meeting int64) (first, last uint64) { return pollID(meeting, 0), pollID(meeting, lines-1) }
