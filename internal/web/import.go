package web

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/member"
	"kartotek/internal/web/look"
)

// The pages of an import are one address: what shows is how far it has come.

const (
	importPart   = "import" // the region that follows the progress
	dropColumn   = "-"
	shownRows    = 3  // of the preview
	refusalsPage = 25 // of the table of what was refused
)

// importView is the page; one of Plan, Progress and Done, or none before a file
// is chosen.
type importView struct {
	At       int // of the trail
	Poll     bool
	Problems look.Problems
	Size     int    // MiB a file may have
	Name     string // typed for a mapping that could not be saved
	Plan     *planView
	Progress *progressView
	Done     *doneView
}

type progressView struct {
	Dry         bool
	Done, Total int
}

// doneView is what an import has done, or would do.
type doneView struct {
	Dry      bool
	Tone     look.Tone
	Title    string
	Text     string
	Figures  look.Figures
	Refused  int
	Reasons  []string
	Passed   []string // rows that are no members', and why
	Likely   *likelyView
	Rows     look.Table[refusedRow]
	Pages    look.Pages
	Download bool
	Again    bool // the file is still there
	Dropped  []string
}

// refusedRow is one reason why a row of the file was not taken.
type refusedRow struct {
	line                   int
	column, reason, remedy string
}

// upload is the visitor's file, nil where there is none.
func (v *visit) upload() *upload {
	return v.imports.of(v.session.Person, v.sessions.Token(v.ctx()), v.actor.As)
}

// importer is the right to import, asked for at every step.
func (v *visit) importer() (access.Scope, error) {
	return v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Import})
}

// importPage shows how far the visitor's import has come.
func importPage(v *visit) error {
	scope, err := v.importer()
	if err != nil {
		return err
	}
	u := v.upload()
	view := importView{Size: importSize >> 20}
	switch run := u.latest(); {
	case run.running():
		view.At, view.Poll = 2, true
		view.Progress = &progressView{Dry: run.dry, Done: int(run.rows.Load()), Total: u.total()}
		if !run.dry {
			view.At = 3
		}
	case run != nil:
		view.At = 2
		if !run.dry {
			view.At = 3
		}
		view.Done = v.done(u, run)
	case u != nil && u.content() != nil:
		view.At = 1
		plan, err := v.plan(u, scope)
		if view.Problems, err = v.problems(err); err != nil {
			return err
		}
		view.Plan = plan
		if plan == nil { // it cannot be read at all
			v.imports.drop(u)
			view.At = 0
		}
	}
	return v.showImport(view)
}

func (v *visit) showImport(view importView) error {
	if v.asked(importPart) {
		return v.part(importRegion(view))
	}
	return v.show(page{title: v.T("import.title"), tab: tabMembers, body: importBody(view), failed: len(view.Problems) > 0})
}

// latest is the newest run of a file, nil before the first.
func (u *upload) latest() *importRun {
	if u == nil {
		return nil
	}
	return u.current()
}

// total is about how many rows there are to read.
func (u *upload) total() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.lines
}

// importUpload takes a file. It is read from the request into memory part by
// part: the standard library's forms would spill it on the disk.
func importUpload(v *visit) error {
	scope, err := v.importer()
	if err != nil {
		return err
	}
	err = v.receive()
	if err == nil {
		_, err = v.plan(v.upload(), scope)
	}
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		if u := v.upload(); u != nil {
			v.imports.drop(u)
		}
		for i := range problems {
			problems[i].Field = "file"
		}
		return v.showImport(importView{Size: importSize >> 20, Problems: problems})
	}
	return v.to(importPath)
}

// receive puts the posted file into its place in memory.
func (v *visit) receive() error {
	parts, err := v.r.MultipartReader()
	if err != nil {
		return fault.New(fault.Invalid, "web.error.form").Because(err)
	}
	for {
		part, err := parts.NextPart()
		switch {
		case err == io.EOF:
			return fault.New(fault.Invalid, "import.error.file").With("file", "import.error.no_file")
		case err != nil:
			return tooLarge(err)
		case part.FormName() == "file":
			return v.fill(part)
		}
	}
}

func (v *visit) fill(part *multipart.Part) error {
	if part.FileName() == "" {
		return fault.New(fault.Invalid, "import.error.file").With("file", "import.error.no_file")
	}
	u, err := v.imports.keep(v.session.Person, v.sessions.Token(v.ctx()), v.actor.As)
	if err != nil {
		return err
	}
	if err := u.fill(part, v.r.ContentLength); err != nil {
		v.imports.drop(u)
		return tooLarge(err)
	}
	return nil
}

// tooLarge tells a request over the limit from a connection that broke.
func tooLarge(err error) error {
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		return errTooLarge()
	}
	if _, said := errors.AsType[*fault.Error](err); said {
		return err
	}
	return fault.New(fault.Invalid, "web.error.form").Because(err)
}

// importColumns takes what was chosen and shows the preview anew.
func importColumns(v *visit) error {
	if _, err := v.importer(); err != nil {
		return err
	}
	if _, err := v.settle(); err != nil {
		return err
	}
	return v.to(importPath)
}

// importTry reads the file without keeping anything; importRunNow reads it for good.
func importTry(v *visit) error    { return v.runImport(true) }
func importRunNow(v *visit) error { return v.runImport(false) }

func (v *visit) runImport(dry bool) error {
	scope, err := v.importer()
	if err != nil {
		return err
	}
	u, err := v.settle()
	if err != nil {
		return err
	}
	plan, err := v.house.Members.Plan(v.ctx(), scope, bytes.NewReader(u.content()), u.options(v.house.Units.Tree(), v.p.Lang()))
	if err == nil && plan.Ask || err != nil && fault.From(err).Key == "member.import.no_columns" {
		return v.to(importPath) // the page asks
	}
	run, err := u.start(v, scope, dry)
	if err != nil {
		return err
	}
	select { // most files are read before anybody wonders
	case <-run.done:
	case <-time.After(importWait):
	}
	return v.to(importPath)
}

// settle notes the columns and the body that a form chose; a form without them
// leaves what was chosen before.
func (v *visit) settle() (*upload, error) {
	f, err := v.form()
	if err != nil {
		return nil, err
	}
	u := v.upload()
	if u == nil {
		return nil, fault.New(fault.Gone, "import.error.gone")
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.run.running() {
		return nil, fault.New(fault.Conflict, "import.error.running")
	}
	chosen := maps.Clone(u.columns)
	if chosen == nil {
		chosen = map[string]string{}
	}
	for name := range f.values {
		if number, ok := columnNumber(name); ok {
			chosen[strconv.Itoa(number)] = f.text(name)
		}
	}
	u.columns = chosen
	u.settleFile(f)
	return u, nil
}

// importAgain goes back to the columns after a dry run.
func importAgain(v *visit) error {
	if u := v.upload(); u != nil {
		u.mu.Lock()
		if !u.run.running() && u.data != nil {
			u.run = nil
		}
		u.mu.Unlock()
	}
	return v.to(importPath)
}

// importStop ends a run; what is done stands.
func importStop(v *visit) error {
	if run := v.upload().latest(); run.running() {
		run.stop()
		select {
		case <-run.done:
		case <-time.After(importWait):
		}
	}
	return v.to(importPath)
}

// importDrop lets go of the file.
func importDrop(v *visit) error {
	if u := v.upload(); u != nil {
		v.imports.drop(u)
	}
	return v.to(importPath)
}

// importRefused gives the refused rows as a file, to correct and import again.
func importRefused(v *visit) error {
	run := v.upload().latest()
	if run == nil || run.running() || run.result == nil || run.result.Refused == 0 {
		return fault.New(fault.Gone, "import.error.gone")
	}
	in, err := gzip.NewReader(bytes.NewReader(run.refused))
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	v.w.Header().Set("Content-Disposition", `attachment; filename="`+v.T("import.refused.file")+`.csv"`)
	_, _ = io.Copy(v.w, in) // the visitor may be gone; nobody is left to tell
	return nil
}

// done puts the result of a run into words.
func (v *visit) done(u *upload, run *importRun) *doneView {
	view := &doneView{Dry: run.dry, Again: u.content() != nil}
	r := run.result
	if r == nil {
		r = &member.Result{}
	}
	kind := "done"
	if run.dry {
		kind = "tried"
	}
	view.Tone, view.Title = look.OK, v.T("import."+kind+".all")
	switch {
	case run.stopped:
		view.Tone, view.Title, view.Text = look.Soon, v.T("import.stopped"), v.T("import.stopped_text")
	case run.err != nil:
		view.Tone, view.Title = look.Late, v.T("import.failed")
		view.Text = locale.Error(v.p, app.Plain(run.err)) + " " + v.T("import.failed_text")
	case r.Rows == 0:
		view.Tone, view.Title = look.Soon, v.T("import.no_rows")
	case r.Refused > 0:
		view.Tone, view.Title, view.Text = look.Soon, v.T("import."+kind+".some", "count", r.Refused), v.T("import.some_text")
	}
	view.Figures = look.Figures{
		{Term: v.T("import.figure.rows"), Value: v.p.Number(r.Rows)},
		{Term: v.T("import.figure.created"), Value: v.p.Number(r.Created)},
		{Term: v.T("import.figure.updated"), Value: v.p.Number(r.Updated)},
		{Term: v.T("import.figure.unchanged"), Value: v.p.Number(r.Unchanged)},
		{Term: v.T("import.figure.refused"), Value: v.p.Number(r.Refused)},
	}
	if r.Waiting > 0 {
		view.Figures = append(view.Figures, look.Figure{Term: v.T("import.figure.waiting"), Value: v.p.Number(r.Waiting)})
	}
	if r.Proposed > 0 {
		view.Figures = append(view.Figures, look.Figure{Term: v.T("import.figure.proposed"), Value: v.p.Number(r.Proposed)})
	}
	view.Dropped, view.Refused = v.dropped(r.Columns), r.Refused
	view.Passed = v.passed(r)
	if run.dry && view.Again {
		view.Likely = v.likely(u, r)
	}
	view.Download = r.Refused > 0
	keys := slices.SortedFunc(maps.Keys(r.Reasons), func(a, b string) int { return r.Reasons[b] - r.Reasons[a] })
	for _, key := range keys {
		view.Reasons = append(view.Reasons, v.T("import.refused.rows", "count", r.Reasons[key])+" "+v.problemText(key, nil))
	}
	last := (len(r.Refusals) + refusalsPage - 1) / refusalsPage
	at := min(v.query().page(), max(last, 1))
	view.Pages = look.Pages{Page: at, Last: last, URL: func(n int) string { return importPath + "?page=" + strconv.Itoa(n) }}
	var rows []refusedRow
	for _, refusal := range r.Refusals[(at-1)*refusalsPage : min(at*refusalsPage, len(r.Refusals))] {
		rows = append(rows, v.refusedRow(refusal))
	}
	first := 0 // where there are more than those
	if r.Refused > len(r.Refusals) {
		first = len(r.Refusals)
	}
	view.Rows = refusedTable(v.p, rows, first)
	return view
}

func (v *visit) refusedRow(r member.Refusal) refusedRow {
	row := refusedRow{line: r.Line, column: r.Column, reason: v.problemText(r.Reason, r.Args)}
	if row.column == "" && r.Field != "" {
		row.column = v.fieldName(r.Field)
	}
	if v.p.Has(r.Remedy) {
		row.remedy = v.problemText(r.Remedy, r.Args)
	}
	return row
}
