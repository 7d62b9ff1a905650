package mailing

// At has a test told every step of sending a part; it may panic there.
func (s *Service) At(fn func(step string)) { s.at = fn }

// InPartsOf sends to so few members at a time.
func (s *Service) InPartsOf(members int) { s.part = members }

// Allowance is the throttle's rule.
var Allowance = allowance
