package handout

import (
	"time"

	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Cases are records of the recipient.
var Cases = record.Declare(record.Kind[Case]{
	Number: 88, Name: "requisition", Class: vault.Membership, Retention: "handout",
	Encode: encodeCase, Decode: decodeCase, Words: caseWords,
})

func encodeCase(dst []byte, c *Case) []byte {
	w, f := &c.Wish, record.Writer{Bytes: dst}
	f.String(1, w.As).Uint(2, uint64(w.For)).String(3, w.To.Name).String(4, w.To.Email).String(5, w.To.Function).String(6, w.To.Lang).
		Bool(7, w.To.Outside).Uint(8, uint64(w.Unit)).String(9, w.Purpose).String(10, w.Format).String(11, w.Need).Date(12, w.Until).String(13, w.Channel)
	f.String(14, string(c.State)).Uint(15, uint64(c.AskedBy)).Time(16, c.AskedAt).Date(17, c.AnswerBy).
		Uint(18, uint64(c.DecidedBy)).Time(19, c.DecidedAt).String(20, c.Grounds).Date(21, c.OpenUntil).
		Uint(22, c.Link).Blob(23, c.Code).Time(24, c.CodeEnds).Uint(25, c.Tries)
	for _, list := range c.Lists {
		f.Uint(26, uint64(list))
	}
	return f.Time(27, c.FetchedAt).Uint(28, uint64(c.EndedBy)).Time(29, c.EndedAt).String(30, c.Why).Bytes
}

func decodeCase(src []byte, c *Case) error {
	*c = Case{}
	w, r := &c.Wish, record.NewReader(src)
	for r.Next() {
		switch r.Field() {
		case 1:
			w.As = r.String()
		case 2:
			w.For = vault.PersonID(r.Uint())
		case 3:
			w.To.Name = r.String()
		case 4:
			w.To.Email = r.String()
		case 5:
			w.To.Function = r.String()
		case 6:
			w.To.Lang = r.String()
		case 7:
			w.To.Outside = r.Bool()
		case 8:
			w.Unit = unit.ID(r.Uint())
		case 9:
			w.Purpose = r.String()
		case 10:
			w.Format = r.String()
		case 11:
			w.Need = r.String()
		case 12:
			w.Until = r.Date()
		case 13:
			w.Channel = r.String()
		case 14:
			c.State = State(r.String())
		case 15:
			c.AskedBy = vault.PersonID(r.Uint())
		case 16:
			c.AskedAt = r.Time()
		case 17:
			c.AnswerBy = r.Date()
		case 18:
			c.DecidedBy = vault.PersonID(r.Uint())
		case 19:
			c.DecidedAt = r.Time()
		case 20:
			c.Grounds = r.String()
		case 21:
			c.OpenUntil = r.Date()
		default:
			decodeFetching(r, c)
		}
	}
	return r.Err()
}

// decodeFetching reads what is known of link, code and file.
func decodeFetching(r *record.Reader, c *Case) {
	switch r.Field() {
	case 22:
		c.Link = r.Uint()
	case 23:
		c.Code = append([]byte(nil), r.Blob()...)
	case 24:
		c.CodeEnds = r.Time()
	case 25:
		c.Tries = r.Uint()
	case 26:
		c.Lists = append(c.Lists, int64(r.Uint()))
	case 27:
		c.FetchedAt = r.Time()
	case 28:
		c.EndedBy = vault.PersonID(r.Uint())
	case 29:
		c.EndedAt = r.Time()
	case 30:
		c.Why = r.String()
	}
}

// caseWords are what a recipient is told (GDPR Art. 15).
func caseWords(c *Case) []record.Line {
	lines := []record.Line{
		{Key: "handout.record.need", Value: c.Wish.Need},
		{Key: "handout.record.asked", Value: c.AskedAt.Format(time.DateOnly)},
		{Key: "handout.record.state", ValueKey: "handout.state." + string(c.State)},
	}
	if !c.Member() {
		lines = append(lines, record.Line{Key: "handout.record.name", Value: c.Wish.To.Name}, record.Line{Key: "handout.record.email", Value: c.Wish.To.Email},
			record.Line{Key: "handout.record.function", Value: c.Wish.To.Function})
	}
	if c.Grounds != "" {
		lines = append(lines, record.Line{Key: "handout.record.grounds", Value: c.Grounds})
	}
	if c.Why != "" {
		lines = append(lines, record.Line{Key: "handout.record.why", Value: c.Why})
	}
	return lines
}
