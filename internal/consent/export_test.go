package consent

// NewCode is newCode.
func NewCode() string { return newCode() }
