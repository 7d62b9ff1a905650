// Package retention is the daily sweep: what the register lets go of by itself,
// why and under which rule of the charter (N14, D12, GDPR Art. 5(1)(e)). Every room
// that ends something hands it in as a Rule; the room itself knows no member beyond
// ids, and deletes nothing of its own but its records of what it did.
//
// Before anything goes it is counted. What is told is frozen by a moment: a run
// takes what had ended by then and nothing else. A run that would take more than
// the charter's share stops before it takes anything and asks two persons:
//
//	          Approve, and by somebody else again
//	waiting ──────────────────────────────────────▶ approved ──▶ done
//	   │ Refuse
//	   ▼
//	refused    until its day; then it is counted anew
//
// While the clock is in doubt (clock.go) nothing is swept at all.
package retention

import (
	"context"
	"strings"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/vault"
)

// Rule is one kind of thing that ends by itself. Its words are
// retention.rule.<code>.* in the catalogue; the period and its source are the
// charter's.
type Rule struct {
	Code      string
	Parameter string   // the key in the charter that sets the period
	Tables    []string // tables whose rows it ends, or keeps
	Persons   bool     // it takes persons whole: the share is of everybody in the register
	Often     bool     // looked at at every pass, since a day is too long to wait
	Passing   bool     // lives for hours or days by its nature: however many end at once is no sign of anything
	Forever   bool     // kept for as long as there is a register: it is proof, and names nobody

	Work Work // nil: there is nothing of the kind to end, which its words explain
}

// key is the rule's code as message keys have it.
func (r *Rule) key() string { return strings.ReplaceAll(r.Code, "-", "_") }

// Work counts and ends what a rule is about. End takes nothing that Due, asked for
// the same moment before, did not count.
type Work interface {
	// Due counts what has ended by a moment, and all there is.
	Due(ctx context.Context, by time.Time) (Tally, error)
	// End takes what has ended by the moment, in acts of a bounded size, and says
	// how many.
	End(ctx context.Context, by time.Time) (int, error)
}

// Tally is how many of a kind have ended, of all there are.
type Tally struct{ Due, All int }

// Of is a Work that knows what it keeps about a person, and until when.
type Of interface {
	Of(ctx context.Context, person vault.PersonID) ([]Held, error)
}

// Held is something kept about a person.
type Held struct {
	What  string    // a message key
	Count int       // how many; 0 where they are not counted
	Until time.Time // when the last of them ends; zero where no day is known yet
}

// Departing is the Work of a rule that takes persons.
type Departing interface {
	Work
	// Whom lists those who have ended by a moment.
	Whom(ctx context.Context, by time.Time) ([]vault.PersonID, error)
	// Crowd is the greatest number that began to end on one civil day among those
	// that end after a moment, and when the last of all these ends.
	Crowd(ctx context.Context, after time.Time) (int, time.Time, error)
	// Continue goes on with what has begun, and with what two persons have agreed
	// on one by one. No brake stops it.
	Continue(ctx context.Context) error
	// Postpone puts off the end of those who have ended by a moment, so that a
	// mistake can be undone.
	Postpone(tx *database.Tx, by, until time.Time) error
}

// Plan is what a rule ends in the days to come, as it was counted before anything
// ran. It holds numbers only.
type Plan struct {
	Day                       civil.Date
	Rule                      string
	MadeAt                    time.Time
	Today, Week, Month, Count int // what ends today, in 7 and in 30 days; all there is
}

// Run is one time that a rule took something.
type Run struct {
	Number  int64
	Rule    string
	By      time.Time // what had ended by then went
	Told    int       // what was counted before
	Taken   int
	Brake   int64 // two persons approved it; 0 where nobody was asked
	BeganAt time.Time
	EndedAt time.Time // zero: a stop came between, and the next pass goes on
}

// State is where a brake is.
type State string

const (
	Waiting  State = "waiting"
	Approved State = "approved" // by two; what was told goes
	Refused  State = "refused"
	Done     State = "done"
)

// Brake is a run that was stopped before it took anything.
type Brake struct {
	Number    int64
	Rule      string
	State     State
	By        time.Time // what has ended by then is what it is about
	MadeAt    time.Time
	Told      int // how many would go
	Count     int // of how many
	Allowed   int // how many may go without asking
	First     vault.PersonID
	FirstAt   time.Time
	Second    vault.PersonID // who decided: approved as the second, or refused
	DecidedAt time.Time
	Until     time.Time // refused: not before
}

// percent is what a share is of.
const percent = 100

// flow is how many times an average day's end may go at once: what lives for thirty
// days ends by a thirtieth a day without anything being wrong.
const flow = 3

// allowed is how many of a kind may go at once without anybody being asked: the
// charter's share, never fewer than its minimum, nor than three days' ordinary end.
func allowed(c *charter.Charter, r *Rule, all int) int {
	p := &c.Parameters
	n := max(p.SweepMinimum.Value, all*p.SweepSharePercent.Value/percent)
	if days := lifeDays(c, r); !r.Persons && days > 0 {
		n = max(n, flow*all/days)
	}
	return n
}

// lifeDays is how many days the rule's parameter lets a thing live; 0 where it says
// nothing of the kind.
func lifeDays(c *charter.Charter, r *Rule) int {
	p, known := c.Limit(r.Parameter)
	if !known || p.Switch {
		return 0
	}
	switch p.Unit() {
	case "days":
		return p.Value
	case "months":
		return p.Value * 30
	case "years":
		return p.Value * 365
	}
	return 0
}

// stops reports whether so many at once must be asked about.
func (r *Rule) stops(c *charter.Charter, count, all int) bool {
	return !r.Passing && count > allowed(c, r, all)
}
