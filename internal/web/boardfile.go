package web

import (
	"bytes"
	"io"
	"net/url"
	"strconv"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// boardSize is how many bytes a file with a board may have.
const boardSize = 1 << 20

// boardFile fills the form of a handover from a file. Nothing happens by it: the
// form is looked over and shown before anything is done.
func boardFile(v *visit) error {
	name, content, err := v.boardPosted()
	if err != nil {
		return err
	}
	body, err := v.bodyAsked(name)
	if err != nil {
		return err
	}
	f, problems, err := v.boardRead(body, content)
	if err != nil {
		if problems, err = v.problems(err); err != nil {
			return err
		}
		for i := range problems {
			problems[i].Field = "file"
		}
	}
	return v.handoverForm(body, f, problems)
}

// boardPosted takes the body's code and the file out of the request.
func (v *visit) boardPosted() (body string, content []byte, err error) {
	parts, err := v.r.MultipartReader()
	if err != nil {
		return "", nil, fault.New(fault.Invalid, "web.error.form").Because(err)
	}
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			return body, content, nil
		}
		if err != nil {
			return "", nil, tooLarge(err)
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return "", nil, tooLarge(err)
		}
		switch part.FormName() {
		case "unit":
			body = string(text)
		case "file":
			content = text
		}
	}
}

// boardRead makes of a file what somebody would have typed. What is wrong with it
// is told line by line.
func (v *visit) boardRead(body unit.Unit, content []byte) (form, look.Problems, error) {
	today := v.p.ShortDate(v.house.Access.Today())
	f := form{url.Values{"met": {today}, "moves": {today}}}
	if len(content) == 0 {
		return f, nil, fault.New(fault.Invalid, "import.error.file").With("file", "import.error.no_file")
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Appoint, Unit: body.ID})
	if err != nil {
		return f, nil, err
	}
	table, err := document.Open(bytes.NewReader(content), int64(len(content)), access.BoardOptions())
	if err != nil {
		return f, nil, err
	}
	numbers := map[vault.PersonID]string{}
	read, err := v.house.Access.ReadBoards(table, body.ID, "", func(_ unit.ID, number string) (vault.PersonID, error) {
		person, err := v.house.Members.ByNumber(v.ctx(), scope, number)
		numbers[person] = number
		return person, err
	})
	if err != nil {
		return f, nil, err
	}
	var problems look.Problems
	at := func(line int, text string) {
		problems = append(problems, look.Problem{Field: "file", Text: v.T("rights.handover.file.line", "line", line, "text", text)})
	}
	for _, wrong := range read.Faults {
		var args []any
		for name, value := range wrong.Args {
			args = append(args, name, value)
		}
		at(wrong.Line, v.T(wrong.Key, args...))
	}
	seats, _, err := v.seatsOf(scope, body)
	if err != nil {
		return f, nil, err
	}
	found := false
	for b := range read.Boards {
		board := &read.Boards[b]
		if board.Unit != body.ID {
			at(read.LineOf(b, 0), v.T("rights.handover.file.elsewhere", "body", v.unitName(board.Unit)))
			continue
		}
		found = true
		f.values.Set("ground", board.Ground)
		for i, line := range v.seated(&f, seats, board, numbers) {
			if line < 0 {
				at(read.LineOf(b, i), v.T("rights.handover.file.seats"))
			}
		}
	}
	if !found && len(problems) == 0 {
		return f, nil, fault.New(fault.Invalid, "access.error.boards_empty")
	}
	return f, problems, nil
}

// seated fills in the seats a board's lines are about and gives, line by line,
// which seat that is; -1 for a line beyond the seats there are.
func (v *visit) seated(f *form, seats []access.Line, board *access.Board, numbers map[vault.PersonID]string) []int {
	for i := range seats {
		f.values.Set(seatField("line", i), seats[i].Post)
		f.values.Set(seatField("holding", i), strconv.FormatUint(seats[i].Holding, 10))
		f.values.Set(seatField("do", i), string(seats[i].Do))
		f.values.Set(seatField("pass", i), "yes")
	}
	taken, at := map[int]bool{}, make([]int, len(board.Lines))
	for n := range board.Lines {
		l := &board.Lines[n]
		at[n] = -1
		for i := range seats {
			if taken[i] || seats[i].Post != l.Post || seats[i].Holding != l.Holding {
				continue
			}
			taken[i], at[n] = true, i
			f.values.Set(seatField("do", i), string(l.Do))
			if l.Do == access.Fresh {
				f.values.Set(seatField("q", i), numbers[l.Person])
				f.values.Set(seatField("person", i), v.public(l.Person))
			}
			if !l.Until.IsZero() {
				f.values.Set(seatField("until", i), v.p.ShortDate(l.Until))
			}
			break
		}
	}
	return at
}
