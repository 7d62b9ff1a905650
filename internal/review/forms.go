package review

import (
	"strconv"
	"time"

	"github.com/golang-sql/civil"
	"google.golang.org/protobuf/encoding/protowire"

	"kartotek/internal/charter"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Evidences are records of whoever holds the access; their number is the line's, or, of
// somebody who has no line, one of its own.
var Evidences = record.Declare(record.Kind[Evidence]{
	Number: 98, Name: "review-evidence", Class: vault.Membership, Retention: "review",
	Encode: encodeEvidence, Decode: decodeEvidence, Words: evidenceWords,
})

// Answers are records of whoever holds the access; their number is the line's.
var Answers = record.Declare(record.Kind[Answer]{
	Number: 99, Name: "review-answer", Class: vault.Membership, Retention: "review",
	Encode: encodeAnswer, Decode: decodeAnswer, Words: answerWords,
})

func encodeEvidence(dst []byte, e *Evidence) []byte {
	w := record.Writer{Bytes: dst}
	w.Uint(1, uint64(e.Review)).Uint(2, uint64(e.Line)).String(3, e.Name).Blob(4, e.Salt).Uint(5, e.Holding).
		Date(6, e.From).Date(7, e.Until).String(8, e.Ground).Uint(9, uint64(e.By)).Uint(10, uint64(e.Case)).
		Strings(11, e.May.Codes()).Bool(12, e.Rests).Date(13, e.SignedIn).Date(14, e.Used).Date(15, e.Known).Strings(16, e.Factors)
	for i, n := range e.numbers() {
		w.Uint(protowire.Number(17+i), uint64(*n))
	}
	for i := range e.Findings {
		f := &e.Findings[i]
		inner := record.Writer{}
		inner.String(1, string(f.Why)).Uint(2, uint64(f.Count)).Uint(3, uint64(f.Seats)).Uint(4, uint64(f.Taken)).
			Uint(5, uint64(f.Size)).Uint(6, uint64(f.Limit)).Uint(7, uint64(f.First))
		w.Blob(40, inner.Bytes)
	}
	return w.String(41, e.Note).Bytes
}

// numbers are the counts, in the order of their fields from 17 on.
func (e *Evidence) numbers() []*int {
	return []*int{
		&e.Lists.Pulled, &e.Lists.Destroyed, &e.Lists.Open, &e.Lists.Overdue, &e.Lists.Kept, &e.Seats, &e.Taken, &e.Members, &e.Others,
	}
}

func decodeEvidence(src []byte, e *Evidence) error {
	*e = Evidence{}
	r := record.NewReader(src)
	for r.Next() {
		switch n := r.Field(); {
		case n == 1:
			e.Review = int64(r.Uint())
		case n == 2:
			e.Line = int64(r.Uint())
		case n == 3:
			e.Name = r.String()
		case n == 4:
			e.Salt = append([]byte(nil), r.Blob()...)
		case n == 5:
			e.Holding = r.Uint()
		case n == 6:
			e.From = r.Date()
		case n == 7:
			e.Until = r.Date()
		case n == 8:
			e.Ground = r.String()
		case n == 9:
			e.By = vault.PersonID(r.Uint())
		case n == 10:
			e.Case = int64(r.Uint())
		case n == 11:
			act, _ := charter.ParseAct(r.String())
			e.May |= act
		case n == 12:
			e.Rests = r.Bool()
		case n == 13:
			e.SignedIn = r.Date()
		case n == 14:
			e.Used = r.Date()
		case n == 15:
			e.Known = r.Date()
		case n == 16:
			e.Factors = append(e.Factors, r.String())
		case n >= 17 && int(n-17) < len(e.numbers()):
			*e.numbers()[n-17] = int(r.Uint())
		case n == 40:
			f, err := decodeFinding(r.Blob())
			if err != nil {
				return err
			}
			e.Findings = append(e.Findings, f)
		case n == 41:
			e.Note = r.String()
		}
	}
	return r.Err()
}

func decodeFinding(src []byte) (f Finding, err error) {
	r := record.NewReader(src)
	for r.Next() {
		switch r.Field() {
		case 1:
			f.Why = Why(r.String())
		case 2:
			f.Count = int(r.Uint())
		case 3:
			f.Seats = int(r.Uint())
		case 4:
			f.Taken = int(r.Uint())
		case 5:
			f.Size = int(r.Uint())
		case 6:
			f.Limit = int(r.Uint())
		case 7:
			f.First = int64(r.Uint())
		}
	}
	return f, r.Err()
}

// evidenceWords are what the person is told (GDPR Art. 15).
func evidenceWords(e *Evidence) []record.Line {
	lines := []record.Line{{Key: "review.record.number", Value: strconv.FormatInt(e.Review, 10)}}
	add := func(key, value string) {
		if value != "" && value != "0" {
			lines = append(lines, record.Line{Key: "review.record." + key, Value: value})
		}
	}
	add("note", e.Note)
	if e.Line == 0 {
		return lines
	}
	add("name", e.Name)
	add("from", day(e.From))
	add("until", day(e.Until))
	add("ground", e.Ground)
	add("signed_in", day(e.SignedIn))
	add("used", day(e.Used))
	for _, kind := range e.Factors {
		lines = append(lines, record.Line{Key: "review.record.factor", ValueKey: "review.factor." + kind})
	}
	add("pulled", strconv.Itoa(e.Lists.Pulled))
	add("open", strconv.Itoa(e.Lists.Open))
	add("overdue", strconv.Itoa(e.Lists.Overdue))
	for i := range e.Findings {
		lines = append(lines, record.Line{Key: "review.record.finding", ValueKey: "review.short." + string(e.Findings[i].Why)})
	}
	return lines
}

func day(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func encodeAnswer(dst []byte, a *Answer) []byte {
	w := record.Writer{Bytes: dst}
	return w.Uint(1, uint64(a.Review)).Uint(2, uint64(a.Line)).String(3, string(a.To)).String(4, a.Reason).Uint(5, uint64(a.By)).
		String(6, a.ByCode).Uint(7, uint64(a.ByUnit)).Uint(8, uint64(a.At.UnixMicro())).Date(9, a.Until).Bytes
}

func decodeAnswer(src []byte, a *Answer) error {
	*a = Answer{}
	r := record.NewReader(src)
	for r.Next() {
		switch r.Field() {
		case 1:
			a.Review = int64(r.Uint())
		case 2:
			a.Line = int64(r.Uint())
		case 3:
			a.To = State(r.String())
		case 4:
			a.Reason = r.String()
		case 5:
			a.By = vault.PersonID(r.Uint())
		case 6:
			a.ByCode = r.String()
		case 7:
			a.ByUnit = unit.ID(r.Uint())
		case 8:
			a.At = time.UnixMicro(int64(r.Uint())).UTC()
		case 9:
			a.Until = r.Date()
		}
	}
	return r.Err()
}

func answerWords(a *Answer) []record.Line {
	lines := []record.Line{
		{Key: "review.record.number", Value: strconv.FormatInt(a.Review, 10)},
		{Key: "review.record.answer", ValueKey: "review.state." + string(a.To)},
		{Key: "review.record.at", Value: a.At.Format(time.DateOnly)},
	}
	if a.Reason != "" {
		lines = append(lines, record.Line{Key: "review.record.reason", Value: a.Reason})
	}
	return lines
}
