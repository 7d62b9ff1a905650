package dues

import (
	"strconv"

	"kartotek/internal/locale"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Charges are records of the person, by who collects and the year.
var Charges = record.Declare(record.Kind[Charge]{
	Number: 73, Name: "dues-charge", Class: vault.Membership, Retention: "membership",
	Encode: func(dst []byte, c *Charge) []byte {
		w := record.Writer{Bytes: dst}
		return w.Uint(1, uint64(c.Unit)).Uint(2, uint64(c.Body)).Uint(3, uint64(c.Year)).String(4, c.Category).Uint(5, zigzag(c.Amount)).
			Date(6, c.Due).Date(7, c.Booked).String(8, c.Reference).Uint(9, uint64(c.Slot)).String(10, c.Payee).Uint(11, uint64(c.Run)).
			Uint(12, uint64(c.Was)).Bytes
	},
	Decode: func(src []byte, c *Charge) error {
		*c = Charge{}
		r := record.NewReader(src)
		for r.Next() {
			switch r.Field() {
			case 1:
				c.Unit = unit.ID(r.Uint())
			case 2:
				c.Body = unit.ID(r.Uint())
			case 3:
				c.Year = int(r.Uint())
			case 4:
				c.Category = r.String()
			case 5:
				c.Amount = unzigzag(r.Uint())
			case 6:
				c.Due = r.Date()
			case 7:
				c.Booked = r.Date()
			case 8:
				c.Reference = r.String()
			case 9:
				c.Slot = uint32(r.Uint())
			case 10:
				c.Payee = r.String()
			case 11:
				c.Run = int64(r.Uint())
			case 12:
				c.Was = vault.PersonID(r.Uint())
			}
		}
		return r.Err()
	},
	Words: func(c *Charge) []record.Line {
		return []record.Line{
			{Key: "dues.record.year", Value: strconv.Itoa(c.Year)},
			{Key: "dues.record.unit", Value: strconv.FormatUint(uint64(c.Unit), 10)},
			{Key: "dues.record.category", Value: c.Category},
			{Key: "dues.record.amount", Value: locale.PlainAmount(c.Amount)},
			{Key: "dues.record.due", Value: c.Due.String()},
			{Key: "dues.record.reference", Value: c.Reference},
		}
	},
})

// Entries are records of the person, by the voucher's number.
var Entries = record.Declare(record.Kind[Entry]{
	Number: 74, Name: "dues-entry", Class: vault.Membership, Retention: "membership",
	Encode: func(dst []byte, e *Entry) []byte {
		w := record.Writer{Bytes: dst}
		return w.Uint(1, uint64(e.Number)).Uint(2, e.Charge).Uint(3, uint64(e.Kind)).Uint(4, zigzag(e.Amount)).
			Date(5, e.Date).Date(6, e.Booked).Uint(7, uint64(e.Of)).Uint(8, uint64(e.Source)).Uint(9, uint64(e.Was)).Bytes
	},
	Decode: func(src []byte, e *Entry) error {
		*e = Entry{}
		r := record.NewReader(src)
		for r.Next() {
			switch r.Field() {
			case 1:
				e.Number = int64(r.Uint())
			case 2:
				e.Charge = r.Uint()
			case 3:
				e.Kind = Kind(r.Uint())
			case 4:
				e.Amount = unzigzag(r.Uint())
			case 5:
				e.Date = r.Date()
			case 6:
				e.Booked = r.Date()
			case 7:
				e.Of = int64(r.Uint())
			case 8:
				e.Source = Source(r.Uint())
			case 9:
				e.Was = vault.PersonID(r.Uint())
			}
		}
		return r.Err()
	},
	Words: func(e *Entry) []record.Line {
		lines := []record.Line{
			{Key: "dues.record.kind", ValueKey: "dues.entry." + e.Kind.Code()},
			{Key: "dues.record.amount", Value: locale.PlainAmount(e.Amount)},
			{Key: "dues.record.date", Value: e.Date.String()},
			{Key: "dues.record.voucher", Value: strconv.FormatInt(e.Number, 10)},
		}
		if e.Of != 0 {
			lines = append(lines, record.Line{Key: "dues.record.counters", Value: strconv.FormatInt(e.Of, 10)})
		}
		return lines
	},
})

// Notices are records of the person, by their number.
var Notices = record.Declare(record.Kind[Notice]{
	Number: 75, Name: "dues-notice", Class: vault.Membership, Retention: "membership",
	Encode: func(dst []byte, n *Notice) []byte {
		w := record.Writer{Bytes: dst}
		return w.Uint(1, uint64(n.Number)).Uint(2, n.Charge).Uint(3, uint64(n.Level)).Date(4, n.On).Bytes
	},
	Decode: func(src []byte, n *Notice) error {
		*n = Notice{}
		r := record.NewReader(src)
		for r.Next() {
			switch r.Field() {
			case 1:
				n.Number = int64(r.Uint())
			case 2:
				n.Charge = r.Uint()
			case 3:
				n.Level = int(r.Uint())
			case 4:
				n.On = r.Date()
			}
		}
		return r.Err()
	},
	Words: func(n *Notice) []record.Line {
		if n.Level == 0 {
			return []record.Line{{Key: "dues.record.billed", Value: n.On.String()}}
		}
		return []record.Line{{Key: "dues.record.reminded", Value: n.On.String()}}
	},
})

// zigzag makes small numbers of either sign short.
func zigzag(n int64) uint64   { return uint64(n<<1) ^ uint64(n>>63) }
func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }
