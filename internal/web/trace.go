package web

import (
	"bytes"
	"io"
	"slices"
	"strconv"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
	found "kartotek/internal/trace"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// tracePath is the page on which a list that was found names the list it comes from.
// The file is read from the request into memory, held against the lists and let go
// of; the answer is the page that the same request gets, and no address has it.
const (
	tracePath = "/trace"
	traceSize = 32 << 20 // bytes of a file; larger ones go by the command line
)

type traceView struct {
	Problems look.Problems
	Size     int // MiB a file may have
	Report   *traceReport
}

type traceReport struct {
	Title, Text string
	Tone        look.Tone
	Counted     []string
	Best        []tracedList
	Columns     []string
}

// tracedList is a list the file can come from.
type tracedList struct {
	ID, Title, Level string
	Tone             look.Tone
	Rows             look.Rows
	Why              []string
	URL              string // where the visitor follows the list up
}

func traceForm(v *visit) error {
	if _, err := v.house.Traces.Scope(v.ctx(), v.actor); err != nil {
		return err
	}
	return v.showTrace(traceView{})
}

func (v *visit) showTrace(view traceView) error {
	view.Size = traceSize >> 20
	return v.show(page{title: v.T("trace.title"), tab: tabAdministration, body: traceBody(view), failed: len(view.Problems) > 0})
}

// traceFound holds what was posted against the lists on record.
func traceFound(v *visit) error {
	if _, err := v.house.Traces.Scope(v.ctx(), v.actor); err != nil {
		return err
	}
	content, err := v.tracePosted()
	var r *found.Report
	if err == nil {
		r, err = v.house.Traces.Trace(v.ctx(), v.actor, found.File{Content: bytes.NewReader(content), Size: int64(len(content))})
	}
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		for i := range problems {
			problems[i].Field = "file"
		}
		return v.showTrace(traceView{Problems: problems})
	}
	report, err := v.traceReport(r)
	if err != nil {
		return err
	}
	return v.showTrace(traceView{Report: report})
}

// tracePosted takes the file, or the pasted lines, out of the request.
func (v *visit) tracePosted() (content []byte, err error) {
	parts, err := v.r.MultipartReader()
	if err != nil {
		return nil, fault.New(fault.Invalid, "web.error.form").Because(err)
	}
	for {
		part, err := parts.NextPart()
		switch {
		case err == io.EOF && len(bytes.TrimSpace(content)) == 0:
			return nil, fault.New(fault.Invalid, "trace.error.nothing")
		case err == io.EOF:
			return content, nil
		case err != nil:
			return nil, tooLarge(err)
		}
		name := part.FormName()
		if name != "file" && name != "lines" || len(content) > 0 {
			continue
		}
		if content, err = io.ReadAll(part); err != nil {
			return nil, tooLarge(err)
		}
	}
}

// traceReport puts a report into words. Who has the lists is journaled as shown.
func (v *visit) traceReport(r *found.Report) (*traceReport, error) {
	out := &traceReport{Counted: v.house.Traces.Counted(v.p, r), Tone: look.Note}
	out.Title, out.Text = v.house.Traces.Verdict(v.p, r)
	if len(r.Together) > 0 {
		out.Tone = look.Soon
	}
	for _, c := range r.Columns {
		switch {
		case len(c.Fields) == 0 && c.Heading != "":
			out.Columns = append(out.Columns, v.T("trace.column.not", "heading", c.Heading))
		case c.Guessed:
			out.Columns = append(out.Columns, v.T("trace.column.guessed", "fields", v.p.List(v.fieldNames(c.Fields))))
		case len(c.Fields) > 0:
			out.Columns = append(out.Columns, v.T("trace.column.read", "heading", c.Heading, "fields", v.p.List(v.fieldNames(c.Fields))))
		}
	}
	var holders []vault.PersonID
	for i := range r.Best {
		holders = append(holders, r.Best[i].List.Recipient)
	}
	scope, err := v.house.Traces.Scope(v.ctx(), v.actor)
	if err != nil {
		return nil, err
	}
	names, err := v.holderNames(scope, slices.Compact(holders))
	if err != nil {
		return nil, err
	}
	for i := range r.Best {
		out.Best = append(out.Best, v.traced(r, &r.Best[i], v.nameOf(names, r.Best[i].List.Recipient)))
	}
	return out, nil
}

func (v *visit) traced(r *found.Report, c *found.Candidate, holder string) tracedList {
	l := &c.List
	t := tracedList{
		ID: "list-" + strconv.FormatInt(l.Number, 10), Title: v.T("trace.list", "number", l.Number), Level: v.T(c.Level.Key()), Tone: look.Note,
		Why: v.house.Traces.Why(v.p, r, c),
	}
	switch c.Level {
	case found.Clear:
		t.Tone = look.Late
	case found.Fits:
		t.Tone = look.Soon
	}
	state := v.T("trace.state.out")
	switch {
	case l.Destroyed:
		state = v.T("trace.state.destroyed")
	case l.Overdue:
		state = v.T("trace.state.overdue")
	}
	t.Rows = look.Rows{
		{Term: v.T("lists.column.recipient"), Value: look.Text(holder)},
		{Term: v.T("lists.column.purpose"), Value: look.Text(v.purposeName(l.Purpose)), Note: v.reachName(l.Unit)},
		{Term: v.T("lists.one.pulled"), Value: look.Date(v.day(l.PulledAt))},
		{Term: v.T("lists.column.destroy_by"), Value: look.Date(l.DestroyBy), Note: state},
	}
	if l.Recipient == v.actor.Person || l.Overdue && !l.Destroyed && v.may(charter.Access) {
		t.URL = listPath(l.Number)
	}
	return t
}
