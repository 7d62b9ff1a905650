package cli

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"strings"

	"kartotek/internal/bench"
	"kartotek/internal/locale"
)

type benchCommand struct {
	Members  []int  `default:"10000,100000,1000000" placeholder:"N,…"`
	Out      string `type:"path" placeholder:"FILE"`
	Postgres string `placeholder:"DSN" env:"KARTOTEK_BENCH_POSTGRES"`
}

func (c *benchCommand) check() (key string, args []any) {
	for _, members := range c.Members {
		if members < bench.Fewest {
			return "cli.usage.bench_members", []any{"count", bench.Fewest}
		}
	}
	return "", nil
}

// run measures each size in turn and prints its table as soon as it is there. A
// goal that is missed is an answer, not a failure.
func (c *benchCommand) run(ctx context.Context, d *desk) error {
	reports := make([]*bench.Report, 0, len(c.Members))
	for _, members := range c.Members {
		line := d.progress()
		report, err := bench.Run(ctx, bench.Options{Members: members, Postgres: c.Postgres, Progress: func(stage string, done, total int) {
			if step, ok := strings.CutPrefix(stage, bench.StepPrefix); ok {
				line.say("bench_step", "count", done, "total", total, "what", d.p.T("bench.step."+step))
				return
			}
			line.tell(stage, done, total)
		}})
		line.clear()
		if err != nil {
			return err
		}
		reports = append(reports, report)
		if !d.json {
			d.printReport(report)
			if err := d.out.Flush(); err != nil {
				return err
			}
		}
	}
	if d.json {
		if err := printJSON(d.out, reports); err != nil {
			return err
		}
	}
	return c.keep(reports)
}

// keep writes the reports into the file that was asked for.
func (c *benchCommand) keep(reports []*bench.Report) error {
	if c.Out == "" {
		return nil
	}
	file, err := os.Create(c.Out)
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(file)
	encoder.SetIndent("", "  ")
	return errors.Join(encoder.Encode(reports), file.Close())
}

func (d *desk) printReport(r *bench.Report) {
	d.say("cli.bench.head", "members", d.p.Number(r.Members), "cores", r.Cores, "system", r.System, "go", r.Go, "seconds", d.p.Number(int(math.Round(r.Seconds))))
	t := d.newTable("operation", "ours", "floor", "ratio", "goal", "met")
	for i := 1; i <= 4; i++ {
		t.right[i] = true
	}
	for _, m := range r.Measures {
		floor, ratio, goal, met := "", "", figure(d.p, m.Goal, m.Unit), "cli.bench.met"
		if m.Floor > 0 {
			floor, ratio = figure(d.p, m.Floor, m.Unit), figure(d.p, m.Ratio, "×")
		}
		if !m.Absolute {
			goal = figure(d.p, m.Goal, "×")
		}
		if !m.Met {
			met = "cli.bench.missed"
		}
		t.add(d.p.T("bench.operation."+m.Operation, "many", d.p.Number(m.Count)), figure(d.p, m.Ours, m.Unit), floor, ratio, "≤ "+goal, d.p.T(met))
	}
	d.print(t)
	if r.SQLite == "" {
		d.say("cli.bench.no_sqlite3")
	} else {
		d.say("cli.bench.sqlite3", "version", r.SQLite)
	}
	if r.Postgres != "" {
		d.say("cli.bench.postgresql", "version", r.Postgres)
	}
	for _, s := range r.Skipped {
		d.say("cli.bench.skipped", "what", d.p.T("bench.operation."+s.Operation), "why", d.p.T("bench.skipped."+s.Reason))
	}
}

// figure writes a measured number with as many decimals as tell something.
func figure(p *locale.Printer, value float64, unit string) string {
	decimals := 0
	switch {
	case value == math.Trunc(value):
	case value < 1:
		decimals = 3
	case value < 10:
		decimals = 2
	case value < 100:
		decimals = 1
	}
	return strings.TrimRight(p.Decimal(value, decimals)+" "+unit, " ")
}
