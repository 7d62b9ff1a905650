package consent

// NewCode is newCode.
func NewCode() string { return newCode() }

// MonthAfter is monthAfter.
var MonthAfter = monthAfter
