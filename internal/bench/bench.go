// Package bench measures the house against its floors: what the same machine, in
// the same run, needs for the same rows without seals, scopes and journal. It
// invents a federation in a directory of its own, uses the acts that everybody
// uses, and throws all of it away. It knows nobody.
package bench

import (
	"context"
	"errors"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"kartotek/internal/app"
)

// Measure is one line of the table.
type Measure struct {
	Operation string  `json:"operation"`       // message key bench.operation.<Operation>
	Count     int     `json:"count,omitempty"` // of how many at once, where that depends on the federation
	Unit      string  `json:"unit"`            // what Ours and Floor are counted in: "ms", "s", "ns", "bytes", "MB"
	Ours      float64 `json:"ours"`            // the house's
	Floor     float64 `json:"floor,omitempty"` // the yardstick's; 0: there is none
	Ratio     float64 `json:"ratio,omitempty"` // Ours by Floor
	Goal      float64 `json:"goal"`            // what the ratio should stay under, or Ours where Absolute
	Absolute  bool    `json:"absolute"`
	Met       bool    `json:"met"`
}

// Report is what a run found.
type Report struct {
	Members  int       `json:"members"`
	Cores    int       `json:"cores"`
	Go       string    `json:"go"`
	System   string    `json:"system"`
	At       time.Time `json:"at"`
	Seconds  float64   `json:"seconds"` // the whole run
	SQLite   string    `json:"sqlite3"` // the version of the program that is the yardstick; "" where the driver stands in for it
	Postgres string    `json:"postgresql,omitempty"`
	Measures []Measure `json:"measures"`
	Skipped  []Skipped `json:"skipped,omitempty"`
}

// Skipped is a line that the table lacks, and why.
type Skipped struct {
	Operation string `json:"operation"`
	Reason    string `json:"reason"` // message key bench.skipped.<Reason>
}

// Options say what to measure.
type Options struct {
	Members  int    // at least Fewest
	Dir      string // where the invented register is made; "" is the system's temporary directory
	Postgres string // the DSN of a PostgreSQL database in which a schema may be made; "" is none
	Progress func(stage string, done, total int)
}

// StepPrefix begins the stages that Progress is told as steps of the measurement;
// the rest of the name is the message key bench.step.<rest>. The others are stages
// of the program's own.
const StepPrefix = "bench."

// Fewest is the smallest federation worth measuring.
const Fewest = 1000

// run is one measurement under way.
type run struct {
	Options
	*rig
	report *Report
	tell   func(name string) // what the step under way does now
	before uint64            // bytes resident before the house was there
	ahead  atomic.Int64      // nanoseconds, of the system's clock
}

// Run measures everything the table names, one after the other, for a
// federation of so many members. What it makes on the disk is gone afterwards.
func Run(ctx context.Context, o Options) (report *Report, err error) {
	dir, err := os.MkdirTemp(o.Dir, "kartotek-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	began := time.Now()
	r := &run{Options: o, before: resident(), report: &Report{
		Members: o.Members, Cores: runtime.GOMAXPROCS(0), Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH, At: began.UTC(),
		SQLite: programVersion(ctx, "sqlite3", "--version"),
	}}
	if r.rig, err = build(ctx, dir, o); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	steps := []struct {
		name string
		work func(context.Context) error
	}{
		{"imported", r.imported}, {"lists", r.lists}, {"backups", r.backups}, {"start", r.start}, {"search", r.search},
		{"decision", r.decision}, {"act", r.act}, {"erasure", r.erasure}, {"erasures", r.erasures}, {"recipients", r.recipients},
		{"rotation", r.rotation}, {"ledger", r.ledger},
	}
	for i, step := range steps {
		r.tell = func(name string) { o.Progress(StepPrefix+name, i+1, len(steps)) }
		r.tell(step.name)
		if err := step.work(ctx); err != nil {
			return nil, err
		}
	}
	r.report.Seconds = time.Since(began).Seconds()
	return r.report, nil
}

// against records a measure held against its floor.
func (r *run) against(operation, unit string, ours, floor, goal float64) {
	ratio := ours / floor
	r.report.Measures = append(r.report.Measures, Measure{
		Operation: operation, Unit: unit, Ours: ours, Floor: floor, Ratio: ratio, Goal: goal, Met: ratio <= goal,
	})
}

// within records a measure that has a goal of its own, and its floor if there is one.
func (r *run) within(operation, unit string, ours, floor, goal float64) {
	m := Measure{Operation: operation, Unit: unit, Ours: ours, Floor: floor, Goal: goal, Absolute: true, Met: ours <= goal}
	if floor > 0 {
		m.Ratio = ours / floor
	}
	r.report.Measures = append(r.report.Measures, m)
}

// of notes how many the measure that was just recorded did at once.
func (r *run) of(count int) { r.report.Measures[len(r.report.Measures)-1].Count = count }

// skip records which lines the table lacks, and why.
func (r *run) skip(reason string, operations ...string) {
	for _, operation := range operations {
		r.report.Skipped = append(r.report.Skipped, Skipped{operation, reason})
	}
}

// timed is how many milliseconds something takes.
func timed(work func() error) (ms float64, err error) {
	start := time.Now()
	err = work()
	return millis(time.Since(start)), err
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// rig is the federation that is measured and the plain files beside it.
type rig struct {
	dir      string
	config   app.Config
	house    *app.House
	people   people
	importMS float64 // what the import of the members took
}

func (g *rig) close() error {
	if g.house == nil {
		return nil
	}
	return g.house.Close()
}
