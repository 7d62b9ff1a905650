package audit

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Answers are records of the member; their number is that of the audit and the body, for
// whoever belongs to two.
var Answers = record.Declare(record.Kind[Answer]{
	Number: 120, Name: "audit-answer", Class: vault.Membership, Retention: "audit",
	Encode: encodeAnswer, Decode: decodeAnswer, Words: answerWords,
})

// Tellings are records of the member; their number is the case's.
var Tellings = record.Declare(record.Kind[Told]{
	Number: 121, Name: "audit-change", Class: vault.Membership, Retention: "audit",
	Encode: encodeTold, Decode: decodeTold, Words: toldWords,
})

// Remarks are records of the officer who wrote; their number is a running one.
var Remarks = record.Declare(record.Kind[Remark]{
	Number: 122, Name: "audit-remark", Class: vault.Membership, Retention: "audit",
	Encode: encodeRemark, Decode: decodeRemark, Words: remarkWords,
})

func answerID(audit int64, body unit.ID) uint64 { return uint64(audit)<<32 | uint64(body) }

func encodeAnswer(dst []byte, a *Answer) []byte {
	w := record.Writer{Bytes: dst}
	return w.Uint(1, uint64(a.Audit)).Uint(2, uint64(a.Unit)).Uint(3, uint64(a.To)).Uint(4, uint64(a.By)).
		Uint(5, uint64(a.At.UnixMicro())).Uint(6, uint64(a.Case)).Bytes
}

func decodeAnswer(src []byte, a *Answer) error {
	*a = Answer{}
	r := record.NewReader(src)
	for r.Next() {
		switch r.Field() {
		case 1:
			a.Audit = int64(r.Uint())
		case 2:
			a.Unit = unit.ID(r.Uint())
		case 3:
			a.To = State(r.Uint())
		case 4:
			a.By = vault.PersonID(r.Uint())
		case 5:
			a.At = time.UnixMicro(int64(r.Uint())).UTC()
		case 6:
			a.Case = int64(r.Uint())
		}
	}
	return r.Err()
}

// answerWords are what the member is told (GDPR Art. 15).
func answerWords(a *Answer) []record.Line {
	return []record.Line{
		{Key: "audit.record.number", Value: strconv.FormatInt(a.Audit, 10)},
		{Key: "audit.record.answer", ValueKey: "audit.state." + a.To.Code()},
		{Key: "audit.record.at", Value: a.At.Format(time.DateOnly)},
	}
}

func encodeTold(dst []byte, t *Told) []byte {
	w := record.Writer{Bytes: dst}
	return w.Uint(1, uint64(t.Case)).Uint(2, uint64(t.Audit)).Uint(3, uint64(t.Unit)).String(4, t.What).Texts(5, t.Values).
		String(6, t.Post).Date(7, t.On).String(8, t.Note).Uint(9, uint64(t.By)).Uint(10, uint64(t.At.UnixMicro())).
		String(11, t.Heard).String(12, t.Passed).Bytes
}

func decodeTold(src []byte, t *Told) error {
	*t = Told{Values: map[string]string{}}
	r := record.NewReader(src)
	for r.Next() {
		switch r.Field() {
		case 1:
			t.Case = int64(r.Uint())
		case 2:
			t.Audit = int64(r.Uint())
		case 3:
			t.Unit = unit.ID(r.Uint())
		case 4:
			t.What = r.String()
		case 5:
			r.TextInto(t.Values)
		case 6:
			t.Post = r.String()
		case 7:
			t.On = r.Date()
		case 8:
			t.Note = r.String()
		case 9:
			t.By = vault.PersonID(r.Uint())
		case 10:
			t.At = time.UnixMicro(int64(r.Uint())).UTC()
		case 11:
			t.Heard = r.String()
		case 12:
			t.Passed = r.String()
		}
	}
	return r.Err()
}

func toldWords(t *Told) []record.Line {
	lines := []record.Line{
		{Key: "audit.record.case", Value: strconv.FormatInt(t.Case, 10)},
		{Key: "audit.record.what", ValueKey: "audit.what." + t.What},
		{Key: "audit.record.at", Value: t.At.Format(time.DateOnly)},
	}
	for _, code := range slices.Sorted(maps.Keys(t.Values)) {
		lines = append(lines, record.Line{Key: "audit.record.value", Value: code + ": " + t.Values[code]})
	}
	if t.Post != "" {
		lines = append(lines, record.Line{Key: "audit.record.post", Value: t.Post})
	}
	if !t.On.IsZero() {
		lines = append(lines, record.Line{Key: "audit.record.on", Value: t.On.String()})
	}
	if t.Note != "" {
		lines = append(lines, record.Line{Key: "audit.record.note", Value: t.Note})
	}
	if t.Heard != "" {
		lines = append(lines, record.Line{Key: "audit.record.heard", ValueKey: "departure.how." + t.Heard})
	}
	return lines
}

func encodeRemark(dst []byte, m *Remark) []byte {
	w := record.Writer{Bytes: dst}
	return w.Uint(1, uint64(m.Audit)).Uint(2, uint64(m.Unit)).Uint(3, uint64(m.Case)).String(4, m.About).String(5, m.Text).
		Uint(6, uint64(m.At.UnixMicro())).Bytes
}

func decodeRemark(src []byte, m *Remark) error {
	*m = Remark{}
	r := record.NewReader(src)
	for r.Next() {
		switch r.Field() {
		case 1:
			m.Audit = int64(r.Uint())
		case 2:
			m.Unit = unit.ID(r.Uint())
		case 3:
			m.Case = int64(r.Uint())
		case 4:
			m.About = r.String()
		case 5:
			m.Text = r.String()
		case 6:
			m.At = time.UnixMicro(int64(r.Uint())).UTC()
		}
	}
	return r.Err()
}

func remarkWords(m *Remark) []record.Line {
	lines := []record.Line{{Key: "audit.record.note", Value: m.Text}, {Key: "audit.record.at", Value: m.At.Format(time.DateOnly)}}
	if m.Case != 0 {
		lines = append(lines, record.Line{Key: "audit.record.case", Value: strconv.FormatInt(m.Case, 10)})
	}
	return lines
}
