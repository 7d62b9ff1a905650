package grant

import (
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Cases are records of the person they are about.
var Cases = record.Declare(record.Kind[Case]{
	Number: 84, Name: "proposed-access", Class: vault.Membership, Retention: "grant",
	Encode: encode, Decode: decode, Words: words,
})

func encode(dst []byte, c *Case) []byte {
	w := record.Writer{Bytes: dst}
	w.Uint(1, uint64(c.Wish.Unit)).String(2, c.Wish.Task).String(3, c.Wish.Ground).Strings(4, c.Wish.Purposes).Strings(5, c.Wish.Fields).
		Date(6, c.Wish.From).Date(7, c.Wish.Until).Uint(8, uint64(c.Wish.Renews)).
		String(9, string(c.State)).Uint(10, uint64(c.ProposedBy)).Time(11, c.ProposedAt).Date(12, c.AnswerBy)
	d := &c.Decision
	w.Bool(13, d.Approve).String(14, d.Meeting).Date(15, d.Met).String(16, d.Minutes).String(17, d.Reason).Bool(18, d.Apart).
		Uint(19, uint64(c.DecidedBy)).Time(20, c.DecidedAt).Uint(21, c.Holding)
	return w.Uint(22, uint64(c.EndedBy)).Time(23, c.EndedAt).String(24, c.Why).Bytes
}

func decode(src []byte, c *Case) error {
	*c = Case{}
	d := &c.Decision
	r := record.NewReader(src)
	for r.Next() {
		switch r.Field() {
		case 1:
			c.Wish.Unit = unit.ID(r.Uint())
		case 2:
			c.Wish.Task = r.String()
		case 3:
			c.Wish.Ground = r.String()
		case 4:
			c.Wish.Purposes = append(c.Wish.Purposes, r.String())
		case 5:
			c.Wish.Fields = append(c.Wish.Fields, r.String())
		case 6:
			c.Wish.From = r.Date()
		case 7:
			c.Wish.Until = r.Date()
		case 8:
			c.Wish.Renews = int64(r.Uint())
		case 9:
			c.State = State(r.String())
		case 10:
			c.ProposedBy = vault.PersonID(r.Uint())
		case 11:
			c.ProposedAt = r.Time()
		case 12:
			c.AnswerBy = r.Date()
		case 13:
			d.Approve = r.Bool()
		case 14:
			d.Meeting = r.String()
		case 15:
			d.Met = r.Date()
		case 16:
			d.Minutes = r.String()
		case 17:
			d.Reason = r.String()
		case 18:
			d.Apart = r.Bool()
		case 19:
			c.DecidedBy = vault.PersonID(r.Uint())
		case 20:
			c.DecidedAt = r.Time()
		case 21:
			c.Holding = r.Uint()
		case 22:
			c.EndedBy = vault.PersonID(r.Uint())
		case 23:
			c.EndedAt = r.Time()
		case 24:
			c.Why = r.String()
		}
	}
	return r.Err()
}

// words are what the person is told (GDPR Art. 15).
func words(c *Case) []record.Line {
	lines := []record.Line{
		{Key: "grant.record.task", Value: c.Wish.Task}, {Key: "grant.record.ground", Value: c.Wish.Ground},
		{Key: "grant.record.from", Value: c.Wish.From.String()}, {Key: "grant.record.until", Value: c.Wish.Until.String()},
		{Key: "grant.record.state", ValueKey: "grant.standing." + string(c.State)},
	}
	if d := &c.Decision; d.Reason != "" {
		lines = append(lines, record.Line{Key: "grant.record.met", Value: d.Met.String()}, record.Line{Key: "grant.record.minutes", Value: d.Minutes},
			record.Line{Key: "grant.record.reason", Value: d.Reason})
	}
	if c.Why != "" {
		lines = append(lines, record.Line{Key: "grant.record.why", Value: c.Why})
	}
	return lines
}
