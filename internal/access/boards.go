package access

import (
	"slices"
	"strings"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// A file of boards: a line for each seat that a meeting decided about, with post,
// member number, first and last day, and the body where it is of several. A
// line without a member number leaves the post vacant; a post that stands on no
// line stays as it is.

// boardColumns are what such a file can have, in the order of one without
// headings.
var boardColumns = []string{"post", "number", "from", "until", "unit", "ground"}

// boardColumn finds the column a heading means, in any language.
func boardColumn(heading string) (int, bool) {
	heading = locale.Fold(strings.TrimSpace(heading))
	for i, column := range boardColumns {
		if heading == column {
			return i, true
		}
		for _, lang := range locale.Languages() {
			for _, known := range strings.Split(locale.For(lang).T("access.boards.column."+column), "|") {
				if heading == locale.Fold(known) {
					return i, true
				}
			}
		}
	}
	return 0, false
}

// BoardOptions says how a file of boards is opened.
func BoardOptions() document.ReadOptions {
	return document.ReadOptions{Known: func(heading string) bool {
		_, known := boardColumn(heading)
		return known
	}}
}

// RowFault is what is wrong with a line of a file.
type RowFault struct {
	Line  int
	Field string
	Key   string
	Args  map[string]any
}

// Reading is what a file of boards says.
type Reading struct {
	Boards []Board
	Faults []RowFault
	rows   [][]int // of each board's lines: the line of the file
}

// LineOf is the line of the file a line of a board stands on.
func (r *Reading) LineOf(board, line int) int { return r.rows[board][line] }

// Fault says of an error about a board on which line of the file it is.
func (r *Reading) Fault(board int, e *fault.Error) []RowFault {
	var all []RowFault
	for _, f := range e.Fields {
		name, index, _ := strings.Cut(f.Name, "-")
		line := 0
		for _, c := range index {
			line = line*10 + int(c-'0')
		}
		if index == "" || line >= len(r.rows[board]) {
			line = 0
		}
		all = append(all, RowFault{r.LineOf(board, line), name, f.Key, f.Args})
	}
	if len(all) == 0 {
		all = []RowFault{{r.LineOf(board, 0), "", e.Key, e.Args}}
	}
	return all
}

// ReadBoards reads a file of boards. Members are found by their number, which
// the caller looks up with what they may see; body is the one meant where the
// file names none. Whatever is wrong is told line by line.
func (r *Register) ReadBoards(t document.Table, body unit.ID, ground string, find func(body unit.ID, number string) (vault.PersonID, error)) (*Reading, error) {
	place := make([]int, len(boardColumns))
	headed := false
	for i, column := range t.Columns() {
		if at, known := boardColumn(column.Name); known && place[at] == 0 {
			place[at], headed = i+1, true
		}
	}
	if !headed || place[0] == 0 || place[1] == 0 {
		return nil, fault.New(fault.Invalid, "access.error.boards_columns")
	}
	read, at := &Reading{}, map[unit.ID]int{}
	taken := map[uint64]bool{}
	for row, err := range t.Rows() {
		if err == nil {
			err = row.Fault
		}
		if err != nil {
			return nil, err
		}
		cell := func(column int) string {
			if place[column] == 0 || place[column] > len(row.Cells) {
				return ""
			}
			return strings.TrimSpace(row.Cells[place[column]-1])
		}
		if cell(0) == "" && cell(1) == "" {
			continue
		}
		l, b, wrong := r.boardLine(cell, body, find)
		if wrong != nil {
			wrong.Line = row.Line
			read.Faults = append(read.Faults, *wrong)
			continue
		}
		i, known := at[b]
		if !known {
			i = len(read.Boards)
			at[b] = i
			today := r.Today()
			read.Boards, read.rows = append(read.Boards, Board{Unit: b, Met: today, Moves: today, Ground: ground}), append(read.rows, nil)
		}
		if g := cell(5); g != "" {
			read.Boards[i].Ground = g
		}
		read.Boards[i].Lines = append(read.Boards[i].Lines, l)
		read.rows[i] = append(read.rows[i], row.Line)
	}
	for i := range read.Boards {
		r.matchSeats(&read.Boards[i], taken)
	}
	return read, nil
}

// boardLine reads one line.
func (r *Register) boardLine(cell func(int) string, body unit.ID, find func(unit.ID, string) (vault.PersonID, error)) (Line, unit.ID, *RowFault) {
	var l Line
	if code := cell(4); code != "" {
		u, known := r.units.Tree().ByCode(strings.ToLower(code))
		if !known {
			return l, 0, &RowFault{Field: "unit", Key: "access.error.unit_unknown"}
		}
		body = u.ID
	}
	at, known := r.units.Tree().ByID(body)
	if !known {
		return l, 0, &RowFault{Field: "unit", Key: "access.error.unit_unknown"}
	}
	post := r.postNamed(cell(0), at.Level)
	if post == nil {
		return l, 0, &RowFault{Field: "post", Key: "access.error.post_unknown"}
	}
	l = Line{Post: post.Code, Do: Vacant, Pass: true}
	for _, d := range []struct {
		column int
		to     *civil.Date
	}{{2, &l.From}, {3, &l.Until}} {
		if text := cell(d.column); text != "" {
			day, ok := locale.ParseDate(text, locale.DayFirst)
			if !ok {
				return l, 0, &RowFault{Field: boardColumns[d.column], Key: "fault.field.date"}
			}
			*d.to = day
		}
	}
	number := cell(1)
	if number == "" {
		return l, body, nil
	}
	person, err := find(body, number)
	if err != nil {
		e := fault.From(err)
		return l, 0, &RowFault{Field: "number", Key: e.Key, Args: e.Args}
	}
	l.Person, l.Do = person, Fresh
	if l.Until.IsZero() {
		from := l.From
		if from.IsZero() {
			from = r.Today()
		}
		l.Until = EndOfTerm(post, from)
	}
	return l, body, nil
}

// postNamed finds a post of a level by its code, or its name in any language.
func (r *Register) postNamed(text, level string) *charter.Post {
	text = locale.Fold(strings.TrimSpace(text))
	for _, post := range r.charter.PostsAt(level) {
		if locale.Fold(post.Code) == text {
			return post
		}
		for _, name := range post.Name {
			if locale.Fold(name) == text {
				return post
			}
		}
	}
	return nil
}

// matchSeats finds for each line the seat it is about: the person's own where
// they hold the post, otherwise that of somebody who stands on no line.
func (r *Register) matchSeats(b *Board, taken map[uint64]bool) {
	today := r.today().number
	seats := r.list(func(_ vault.PersonID, h *holding) bool {
		return h.basis.Right == ByPost && h.basis.Unit == b.Unit && today <= h.last && h.first <= h.last
	})
	for i := range b.Lines {
		l := &b.Lines[i]
		at := slices.IndexFunc(seats, func(h Holding) bool { return h.Basis.Code == l.Post && h.Person == l.Person && !taken[h.Basis.ID] })
		if at < 0 {
			continue
		}
		h := &seats[at]
		taken[h.Basis.ID], l.Holding, l.Do = true, h.Basis.ID, Again
		if h.Basis.Until == l.Until || l.From == h.Basis.From {
			l.Do = Keep // the line says what stands
		}
	}
	for i := range b.Lines {
		l := &b.Lines[i]
		if l.Holding != 0 {
			continue
		}
		if at := slices.IndexFunc(seats, func(h Holding) bool { return h.Basis.Code == l.Post && !taken[h.Basis.ID] }); at >= 0 {
			taken[seats[at].Basis.ID], l.Holding = true, seats[at].Basis.ID
		}
	}
}
