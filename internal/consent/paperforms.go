package consent

import (
	"strconv"
	"time"

	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

var (
	// Papers are records of whoever they are for.
	Papers = record.Declare(record.Kind[Paper]{
		Number: 107, Name: "consent-paper", Class: vault.Membership, Retention: "consent-paper",
		Encode: encodePaper, Decode: decodePaper, Words: paperWords,
	})

	// Pictures are a paper's own part of a scan.
	Pictures = record.Declare(record.Kind[picture]{
		Number: 108, Name: "consent-picture", Class: vault.Membership, Retention: "consent-paper",
		Encode: func(dst []byte, p *picture) []byte {
			w := record.Writer{Bytes: dst}
			return w.Blob(1, p.JPEG).Bytes
		},
		Decode: decodePicture,
		Words: func(p *picture) []record.Line {
			return []record.Line{{Key: "consent.record.picture", Value: strconv.Itoa((len(p.JPEG)+1023)/1024) + " kB"}}
		},
	})
)

type picture struct{ JPEG []byte }

func decodePicture(src []byte, p *picture) error {
	*p = picture{}
	r := record.NewReader(src)
	for r.Next() {
		if r.Field() == 1 {
			p.JPEG = append([]byte(nil), r.Blob()...)
		}
	}
	return r.Err()
}

func encodePaper(dst []byte, p *Paper) []byte {
	w := record.Writer{Bytes: dst}
	w.String(1, p.Code).Uint(2, p.Sheet).Uint(3, uint64(p.Letter)).Uint(4, uint64(p.Body)).Uint(5, uint64(p.Version.Unit)).
		Uint(6, uint64(p.Version.Number)).String(7, p.Version.Hash).String(8, p.Lang).Uint(9, uint64(p.Height*100+0.5))
	for i := range p.Asked {
		var one record.Writer
		a := &p.Asked[i]
		w.Blob(10, one.String(1, a.Code).String(2, a.Name).String(3, a.Text).String(4, a.Hash).Strings(5, a.Purposes).Bytes)
	}
	return w.Time(11, p.PrintedAt).Uint(12, uint64(p.PrintedBy)).Time(13, p.ScannedAt).Uint(14, uint64(p.ScannedBy)).Bool(15, p.Pictured).
		Time(16, p.SettledAt).Uint(17, uint64(p.SettledBy)).Bool(18, p.Signed).Strings(19, p.Gave).Strings(20, p.Back).Strings(21, p.Wishes).
		Time(22, p.AgainAt).Bytes
}

func decodePaper(src []byte, p *Paper) error {
	*p = Paper{}
	r := record.NewReader(src)
	for r.Next() {
		switch r.Field() {
		case 1:
			p.Code = r.String()
		case 2:
			p.Sheet = r.Uint()
		case 3:
			p.Letter = int64(r.Uint())
		case 4:
			p.Body = unit.ID(r.Uint())
		case 5:
			p.Version.Unit = unit.ID(r.Uint())
		case 6:
			p.Version.Number = int64(r.Uint())
		case 7:
			p.Version.Hash = r.String()
		case 8:
			p.Lang = r.String()
		case 9:
			p.Height = float64(r.Uint()) / 100
		case 10:
			a, err := decodeAsked(r.Blob())
			if err != nil {
				return err
			}
			p.Asked = append(p.Asked, a)
		case 11:
			p.PrintedAt = r.Time()
		case 12:
			p.PrintedBy = vault.PersonID(r.Uint())
		case 13:
			p.ScannedAt = r.Time()
		case 14:
			p.ScannedBy = vault.PersonID(r.Uint())
		case 15:
			p.Pictured = r.Bool()
		case 16:
			p.SettledAt = r.Time()
		case 17:
			p.SettledBy = vault.PersonID(r.Uint())
		case 18:
			p.Signed = r.Bool()
		case 19:
			p.Gave = append(p.Gave, r.String())
		case 20:
			p.Back = append(p.Back, r.String())
		case 21:
			p.Wishes = append(p.Wishes, r.String())
		case 22:
			p.AgainAt = r.Time()
		}
	}
	return r.Err()
}

func decodeAsked(src []byte) (a Asked, err error) {
	r := record.NewReader(src)
	for r.Next() {
		switch r.Field() {
		case 1:
			a.Code = r.String()
		case 2:
			a.Name = r.String()
		case 3:
			a.Text = r.String()
		case 4:
			a.Hash = r.String()
		case 5:
			a.Purposes = append(a.Purposes, r.String())
		}
	}
	return a, r.Err()
}

// paperWords are what the person is told (GDPR Art. 15).
func paperWords(p *Paper) []record.Line {
	lines := []record.Line{
		{Key: "consent.record.how", ValueKey: "consent.how." + p.how()},
		{Key: "consent.record.printed", Value: p.PrintedAt.Format(time.DateOnly)},
	}
	if !p.SettledAt.IsZero() {
		lines = append(lines, record.Line{Key: "consent.record.settled", Value: p.SettledAt.Format(time.DateOnly)})
	}
	for _, a := range p.Asked {
		lines = append(lines, record.Line{Key: "consent.record.asked", Value: a.Name})
	}
	return lines
}
