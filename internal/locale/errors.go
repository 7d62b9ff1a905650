package locale

import "kartotek/internal/fault"

// FieldText is what a person is told about one wrong field.
type FieldText struct{ Name, Text string }

// Error puts an error into words. Internal errors, and keys the catalogue does
// not hold, say only that something went wrong: causes are for the log.
func Error(p *Printer, e *fault.Error) string {
	if e == nil {
		return ""
	}
	if e.Code == fault.Internal && e.Key != "fault.internal" || p.find(e.Key) == nil {
		return p.T("fault.internal")
	}
	return p.TArgs(e.Key, e.Args)
}

// FieldTexts puts an error's wrong fields into words, in their order.
func FieldTexts(p *Printer, e *fault.Error) []FieldText {
	if e == nil {
		return nil
	}
	texts := make([]FieldText, len(e.Fields))
	for i, f := range e.Fields {
		texts[i] = FieldText{f.Name, p.TArgs(f.Key, f.Args)}
	}
	return texts
}
