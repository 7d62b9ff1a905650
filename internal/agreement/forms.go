package agreement

import (
	"time"

	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// file is bytes of a document: the sealed PDF, a scan, a processor's agreement.
type file struct{ content []byte }

func fileKind(number uint16, name, words string) *record.Kind[file] {
	return record.Declare(record.Kind[file]{
		Number: number, Name: name, Class: vault.Membership, Retention: "agreement",
		Encode: func(dst []byte, f *file) []byte { return append(dst, f.content...) },
		Decode: func(src []byte, f *file) error { f.content = append([]byte(nil), src...); return nil },
		Words: func(f *file) []record.Line {
			return []record.Line{{Key: words, Value: "PDF"}}
		},
	})
}

// saying is what was said of a processor. It lies under the key of the body's agreement
// and ends with it.
type saying struct{ reason, answer string }

// Records 110 to 113, and 127.
var (
	papers = fileKind(110, "agreement-paper", "agreement.record.paper")

	dossiers = record.Declare(record.Kind[Dossier]{
		Number: 111, Name: "agreement-dossier", Class: vault.Membership, Retention: "agreement",
		Encode: func(dst []byte, d *Dossier) []byte {
			w := record.Writer{Bytes: dst}
			return w.Blob(1, d.Body.encode()).Blob(2, d.Looked.encode()).Blob(3, d.Other.encode()).String(4, d.Returned).Bytes
		},
		Decode: func(src []byte, d *Dossier) error {
			*d = Dossier{}
			r := record.NewReader(src)
			for r.Next() {
				var err error
				switch r.Field() {
				case 1:
					err = d.Body.decode(r.Blob())
				case 2:
					err = d.Looked.decode(r.Blob())
				case 3:
					err = d.Other.decode(r.Blob())
				case 4:
					d.Returned = r.String()
				}
				if err != nil {
					return err
				}
			}
			return r.Err()
		},
		Words: func(d *Dossier) []record.Line {
			var lines []record.Line
			for _, s := range []*Signature{&d.Body, &d.Looked, &d.Other} {
				if s.Name != "" {
					lines = append(lines, record.Line{Key: "agreement.record.name", Value: s.Name}, record.Line{Key: "agreement.record.function", Value: s.Function})
				}
			}
			if d.Returned != "" {
				lines = append(lines, record.Line{Key: "agreement.record.returned", Value: d.Returned})
			}
			return lines
		},
	})

	scans = fileKind(112, "agreement-file", "agreement.record.file")

	// words are what a body says against a processor, and the answer.
	words = record.Declare(record.Kind[saying]{
		Number: 127, Name: "agreement-objection", Class: vault.Membership, Retention: "agreement",
		Encode: func(dst []byte, s *saying) []byte {
			w := record.Writer{Bytes: dst}
			return w.String(1, s.reason).String(2, s.answer).Bytes
		},
		Decode: func(src []byte, s *saying) error {
			*s = saying{}
			r := record.NewReader(src)
			for r.Next() {
				switch r.Field() {
				case 1:
					s.reason = r.String()
				case 2:
					s.answer = r.String()
				}
			}
			return r.Err()
		},
		Words: func(s *saying) []record.Line {
			return []record.Line{{Key: "agreement.record.reason", Value: s.reason}, {Key: "agreement.record.answer", Value: s.answer}}
		},
	})

	// signatures are what somebody signed, as their own record.
	signatures = record.Declare(record.Kind[Signature]{
		Number: 113, Name: "agreement-signature", Class: vault.Membership, Retention: "membership",
		Encode: func(dst []byte, s *Signature) []byte { return append(dst, s.encode()...) },
		Decode: func(src []byte, s *Signature) error { *s = Signature{}; return s.decode(src) },
		Words: func(s *Signature) []record.Line {
			return []record.Line{
				{Key: "agreement.record.function", Value: s.Function},
				{Key: "agreement.record.name", Value: s.Name},
				{Key: "agreement.record.item", Value: s.Mandate.Item},
			}
		},
	})
)

func (s *Signature) encode() []byte {
	if s.Name == "" {
		return nil
	}
	w := record.Writer{}
	w.String(1, s.Name).String(2, s.Function).Date(3, s.From).Date(4, s.Until).Uint(5, uint64(s.At.UnixMicro()))
	w.String(6, s.Mandate.Meeting).Date(7, s.Mandate.On).String(8, s.Mandate.Item).String(9, s.ScanHash)
	return w.Bytes
}

func (s *Signature) decode(src []byte) error {
	r := record.NewReader(src)
	for r.Next() {
		switch r.Field() {
		case 1:
			s.Name = r.String()
		case 2:
			s.Function = r.String()
		case 3:
			s.From = r.Date()
		case 4:
			s.Until = r.Date()
		case 5:
			s.At = time.UnixMicro(int64(r.Uint())).UTC()
		case 6:
			s.Mandate.Meeting = r.String()
		case 7:
			s.Mandate.On = r.Date()
		case 8:
			s.Mandate.Item = r.String()
		case 9:
			s.ScanHash = r.String()
		}
	}
	return r.Err()
}
