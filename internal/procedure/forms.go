package procedure

import (
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// editor is the name under which somebody is shown as the editor of a version. It is
// theirs: when they are erased the version keeps the function alone.
type editor struct {
	Name     string
	Document Code
	Number   int
}

var editors = record.Declare(record.Kind[editor]{
	Number: 101, Name: "procedure-editor", Class: vault.Membership, Retention: "membership",
	Encode: func(dst []byte, e *editor) []byte {
		w := record.Writer{Bytes: dst}
		return w.String(1, e.Name).String(2, string(e.Document)).Uint(3, uint64(e.Number)).Bytes
	},
	Decode: func(src []byte, e *editor) error {
		*e = editor{}
		r := record.NewReader(src)
		for r.Next() {
			switch r.Field() {
			case 1:
				e.Name = r.String()
			case 2:
				e.Document = Code(r.String())
			case 3:
				e.Number = int(r.Uint())
			}
		}
		return r.Err()
	},
	Words: func(e *editor) []record.Line {
		return []record.Line{
			{Key: "procedure.record.name", Value: e.Name},
			{Key: "procedure.record.document", ValueKey: "procedure." + string(e.Document) + ".title"},
			{Key: "procedure.record.version", Value: number(e.Number - 1)},
		}
	},
})
