package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/member"
	"kartotek/internal/trace"
)

type traceCommand struct {
	asWho
	File     string `arg:"" name:"FILE"`
	Sheet    string `placeholder:"NAME"`
	Encoding string `placeholder:"NAME"`
}

func (c *traceCommand) check() (key string, args []any) {
	if _, ok := document.EncodingNamed(strings.ToLower(c.Encoding)); !ok {
		return "cli.usage.encoding", []any{"value", c.Encoding, "known", document.Encodings}
	}
	return "", nil
}

func (c *traceCommand) needs() []wish { return []wish{{part: "file", path: c.File}} }

// traceAnswer is what became of a trace.
type traceAnswer struct {
	Print       string        `json:"print"` // what the journal knows the file by
	Rows        int           `json:"rows"`
	Persons     int           `json:"persons"`
	Several     int           `json:"several"` // rows that fit several persons
	Common      int           `json:"common"`  // rows with a name that very many bear
	Nobody      int           `json:"nobody"`
	NobodyLines []int         `json:"nobody_lines"`
	Columns     []traceColumn `json:"columns"`
	Lists       int           `json:"lists"` // looked through
	Since       string        `json:"since,omitempty"`
	ValuesSince string        `json:"values_since,omitempty"`
	Together    []int64       `json:"together"` // the fewest lists that explain the file
	Explains    int           `json:"explains"`
	Best        []traceLine   `json:"best"`
}

type traceColumn struct {
	Heading string   `json:"heading"`
	Fields  []string `json:"fields"` // none: not understood
	Guessed bool     `json:"guessed,omitempty"`
}

type traceLine struct {
	List    int64        `json:"list"`
	Level   string       `json:"level"`
	Score   float64      `json:"score"`
	Persons int          `json:"persons"` // of the file, on it
	Further int          `json:"further,omitempty"`
	Claimed int          `json:"claimed,omitempty"`
	Members int          `json:"members"` // on the list
	Unit    string       `json:"unit"`
	Purpose string       `json:"purpose"`
	Format  string       `json:"format"`
	Pulled  string       `json:"pulled_at"`
	Destroy string       `json:"destroy_by"`
	Done    bool         `json:"destroyed"`
	Same    []string     `json:"same_columns"`
	Extra   []string     `json:"extra_columns"`
	Dropped []string     `json:"dropped_columns"`
	Agree   []traceValue `json:"values_valid_then"`
	Differ  []traceValue `json:"values_not_valid_then"`
	Why     []string     `json:"why"`
}

type traceValue struct {
	Line  int        `json:"line"`
	Field string     `json:"field"`
	Valid [][]string `json:"valid"` // pairs of days, "" where it is not known, or still so
}

func (c *traceCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	f := trace.File{Options: member.FoundOptions{Sheet: c.Sheet}}
	f.Options.Encoding, _ = document.EncodingNamed(strings.ToLower(c.Encoding))
	file := d.files["file"]
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
		f.Content, f.Size = file, info.Size()
	} else { // from a pipe: a workbook is read from anywhere in it
		content, err := io.ReadAll(io.LimitReader(file, member.FoundLimits.File+1))
		if err != nil {
			return fault.New(fault.Invalid, "trace.error.read").Because(err)
		}
		f.Content, f.Size = bytes.NewReader(content), int64(len(content))
	}
	r, err := d.house.Traces.Trace(ctx, actor, f)
	if err != nil {
		return err
	}
	return d.answer(d.traceAnswer(r), func() { d.tellTrace(r) })
}

func (d *desk) traceAnswer(r *trace.Report) traceAnswer {
	a := traceAnswer{
		Print: r.Print, Rows: r.Rows, Persons: r.Persons, Several: r.Several, Common: r.Common, Nobody: len(r.Nobody), NobodyLines: full(r.Nobody),
		Columns: []traceColumn{}, Lists: r.Lists, Since: isoTime(r.Since), ValuesSince: isoTime(r.Values), Together: full(r.Together), Explains: r.Explains, Best: []traceLine{},
	}
	for _, c := range r.Columns {
		a.Columns = append(a.Columns, traceColumn{Heading: c.Heading, Fields: full(c.Fields), Guessed: c.Guessed})
	}
	for i := range r.Best {
		c := &r.Best[i]
		a.Best = append(a.Best, traceLine{
			List: c.List.Number, Level: string(c.Level), Score: c.Score, Persons: c.On, Further: c.Further, Claimed: c.Claimed,
			Members: c.List.Members, Unit: d.unitCode(c.List.Unit), Purpose: c.List.Purpose, Format: c.List.Format,
			Pulled: isoTime(c.List.PulledAt), Destroy: c.List.DestroyBy.String(), Done: c.List.Destroyed,
			Same: full(c.Same), Extra: full(c.Extra), Dropped: full(c.Dropped), Agree: d.traceValues(c.Agree), Differ: d.traceValues(c.Differ),
			Why: d.house.Traces.Why(d.p, r, c),
		})
	}
	return a
}

// full is a list that is never null in an answer.
func full[T any](all []T) []T { return slices.Concat([]T{}, all) }

func (d *desk) traceValues(all []trace.Value) []traceValue {
	out := []traceValue{}
	for _, v := range all {
		told := traceValue{Line: v.Line, Field: v.Field}
		for _, span := range v.Theirs {
			told.Valid = append(told.Valid, []string{isoTime(span.From), isoTime(span.Until)})
		}
		out = append(out, told)
	}
	return out
}

// tellTrace says what a file comes from and why.
func (d *desk) tellTrace(r *trace.Report) {
	title, text := d.house.Traces.Verdict(d.p, r)
	fmt.Fprintf(d.out, "%s\n%s\n\n", title, text)
	t := d.newTable("list", "unit", "purpose", "pulled", "trace_on", "trace_level")
	t.right[0] = true
	for i := range r.Best {
		c := &r.Best[i]
		t.add(strconv.FormatInt(c.List.Number, 10), d.unitCode(c.List.Unit), c.List.Purpose, d.house.Charter.Today(c.List.PulledAt).String(),
			fmt.Sprintf("%d/%d", c.On, r.Persons), d.p.T(c.Level.Key()))
	}
	d.print(t)
	for i := range r.Best[:min(len(r.Best), 3)] {
		c := &r.Best[i]
		fmt.Fprintf(d.out, "\n%s\n", d.p.T("trace.list", "number", c.List.Number))
		for _, why := range d.house.Traces.Why(d.p, r, c) {
			fmt.Fprintf(d.out, "  %s\n", why)
		}
	}
	fmt.Fprintln(d.out)
	for _, line := range d.house.Traces.Counted(d.p, r) {
		fmt.Fprintln(d.out, line)
	}
}
