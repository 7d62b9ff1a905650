// Package transfer is how members move: from one body to another when both sides
// say yes, and into a body from outside. It knows ids, bodies, states and dates;
// who somebody is stands in sealed records.
//
// A move is proposed by the body that has the member, by the body that wants
// them, by the secretariat, or by the member ("I have moved"), and is answered
// by the other side. Number, joining date and category go along; the old body's
// access ends with the membership, since a Scope follows memberships (D11).
//
//	asked ──accept──▶ agreed
//	asked ──refuse──▶ refused
//	asked ──cancel──▶ cancelled
//	asked ──lapse──▶ expired
//	agreed ──arrive──▶ moved
//	agreed ──cancel──▶ cancelled
//	agreed ──lapse──▶ expired
//
// An addition by an officer never tells whether somebody is a member elsewhere.
// Nothing is looked up while the officer waits: what was typed is sealed under a
// new person's key, and the scheduled work looks later. Somebody unknown is then
// put before the secretariat, somebody known before their own body and
// themselves. Whatever they answer, and when, the officer sees "waits" until the
// day that was told at the start, and on that day one of two words: a member, or
// not. What did not become a member is erased with its key.
//
//	received ──look──▶ waiting
//	waiting ──accept──▶ confirmed
//	waiting ──refuse──▶ declined
//	confirmed ──refuse──▶ declined
//	confirmed ──arrive──▶ joined
//	received ──lapse──▶ ended
//	waiting ──lapse──▶ ended
//	declined ──lapse──▶ ended
//	confirmed ──lapse──▶ ended
//	received ──cancel──▶ ended
//	waiting ──cancel──▶ ended
//	confirmed ──cancel──▶ ended
//	declined ──cancel──▶ ended
//
// What no design can hide: somebody who is nowhere nearly always becomes a
// member, and somebody who has said no does not. An officer who is answered "no"
// learns that the person, their body or the secretariat did not agree, not which;
// the journal keeps whom an officer has tried to add, for whoever reviews it.
package transfer

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/member"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Kind tells the two apart.
type Kind string

const (
	Move     Kind = "move"
	Addition Kind = "addition"
)

// State is where a case is.
type State string

const (
	Asked     State = "asked"     // waits for the other side
	Agreed    State = "agreed"    // both have said yes; waits for its day
	Moved     State = "moved"     //
	Refused   State = "refused"   // the other side said no
	Cancelled State = "cancelled" // whoever proposed it took it back
	Expired   State = "expired"   // nobody answered in time, or it could not be done

	Received  State = "received"  // nobody has looked yet
	Waiting   State = "waiting"   // somebody has been asked
	Confirmed State = "confirmed" // they have said yes
	Declined  State = "declined"  // they have said no
	Joined    State = "joined"    //
	Ended     State = "ended"     // did not become a member
)

// Side is who proposed a move.
type Side string

const (
	BySender      Side = "sender"      // the body that has the member
	ByReceiver    Side = "receiver"    // the body that wants them
	ByMember      Side = "member"      // the member on their own page
	BySecretariat Side = "secretariat" //
)

// Reasons a proposal is refused or taken back for: a catalogue, so that nobody
// writes about a person.
var Reasons = []string{"stays", "unknown", "wrong-body", "mistake", "bylaws"}

// Case is one move or one addition. Its columns are clear and hold ids, states
// and dates; what it is about is sealed.
type Case struct {
	ID      int64 // eight digits, drawn: a running number would tell how many came between
	Kind    Kind
	State   State
	Person  vault.PersonID
	Unit    unit.ID // of an addition: the body that added; 0 for a move
	MadeAt  time.Time
	DueOn   civil.Date // a move's last day for the answer; the day an addition is answered
	EndedAt time.Time  // zero while open

	Moving Moving // of a move
	Adding Adding // of an addition that is open
}

// Moving is what a move is about: a record of the person who moves.
type Moving struct {
	From, To unit.ID
	Side     Side
	By       vault.PersonID
	On       civil.Date // the day it takes effect, at the earliest
	Keep     bool       // the old membership stays too
	Reason   string     // why it was refused or taken back
	Addition int64      // the addition that asks for it; 0 for none
}

// Moves are records of whoever moves, by the case's id.
var Moves = record.Declare(record.Kind[Moving]{
	Number: 60, Name: "transfer", Class: vault.Membership, Retention: "move",
	Encode: func(dst []byte, m *Moving) []byte {
		w := record.Writer{Bytes: dst}
		return w.Uint(1, uint64(m.From)).Uint(2, uint64(m.To)).String(3, string(m.Side)).Uint(4, uint64(m.By)).
			Date(5, m.On).Bool(6, m.Keep).String(7, m.Reason).Uint(8, uint64(m.Addition)).Bytes
	},
	Decode: func(src []byte, m *Moving) error {
		*m = Moving{}
		r := record.NewReader(src)
		for r.Next() {
			switch r.Field() {
			case 1:
				m.From = unit.ID(r.Uint())
			case 2:
				m.To = unit.ID(r.Uint())
			case 3:
				m.Side = Side(r.String())
			case 4:
				m.By = vault.PersonID(r.Uint())
			case 5:
				m.On = r.Date()
			case 6:
				m.Keep = r.Bool()
			case 7:
				m.Reason = r.String()
			case 8:
				m.Addition = int64(r.Uint())
			}
		}
		return r.Err()
	},
	Words: func(m *Moving) []record.Line {
		lines := []record.Line{
			{Key: "transfer.record.from", Value: strconv.FormatUint(uint64(m.From), 10)},
			{Key: "transfer.record.to", Value: strconv.FormatUint(uint64(m.To), 10)},
			{Key: "transfer.record.side", ValueKey: "transfer.side." + string(m.Side)},
			{Key: "transfer.record.on", Value: m.On.String()},
		}
		if m.Reason != "" {
			lines = append(lines, record.Line{Key: "transfer.record.reason", ValueKey: "transfer.reason." + m.Reason})
		}
		return lines
	},
})

// Adding is what an officer has typed about somebody, and what was found out: a
// record of that somebody, who is no member yet.
type Adding struct {
	Draft    member.Draft
	By       vault.PersonID
	Alike    []vault.PersonID // members who seem to be the same person
	Move     int64            // the move that was asked for; 0 for none
	Distinct bool             // the secretariat says that it is somebody else
}

// Name is what the officer has called the person.
func (a *Adding) Name() string { return a.Draft.Name() }

// Additions are records of whoever may become a member, by the case's id.
var Additions = record.Declare(record.Kind[Adding]{
	Number: 61, Name: "addition", Class: vault.Membership, Retention: "move",
	Encode: func(dst []byte, a *Adding) []byte {
		w := record.Writer{Bytes: dst}
		w.Uint(1, uint64(a.Draft.Unit)).String(2, a.Draft.Category).String(3, a.Draft.Language).Bool(4, a.Draft.Secret.Secret).
			Texts(5, a.Draft.Values).Uint(6, uint64(a.By)).Uint(7, uint64(a.Move)).Bool(8, a.Distinct)
		for _, person := range a.Alike {
			w.Uint(9, uint64(person))
		}
		w.String(10, a.Draft.Secret.Level).Date(11, a.Draft.Secret.Until)
		return w.Bytes
	},
	Decode: func(src []byte, a *Adding) error {
		*a = Adding{Draft: member.Draft{Values: map[string]string{}}}
		r := record.NewReader(src)
		for r.Next() {
			switch r.Field() {
			case 1:
				a.Draft.Unit = unit.ID(r.Uint())
			case 2:
				a.Draft.Category = r.String()
			case 3:
				a.Draft.Language = r.String()
			case 4:
				a.Draft.Secret.Secret = r.Bool()
			case 5:
				r.TextInto(a.Draft.Values)
			case 6:
				a.By = vault.PersonID(r.Uint())
			case 7:
				a.Move = int64(r.Uint())
			case 8:
				a.Distinct = r.Bool()
			case 9:
				a.Alike = append(a.Alike, vault.PersonID(r.Uint()))
			case 10:
				a.Draft.Secret.Level = r.String()
			case 11:
				a.Draft.Secret.Until = r.Date()
			}
		}
		return r.Err()
	},
	Words: func(a *Adding) []record.Line {
		lines := []record.Line{{Key: "transfer.record.to", Value: strconv.FormatUint(uint64(a.Draft.Unit), 10)}}
		for _, code := range slices.Sorted(maps.Keys(a.Draft.Values)) {
			lines = append(lines, record.Line{Key: "member.field." + code, Value: a.Draft.Values[code]})
		}
		return lines
	},
})
